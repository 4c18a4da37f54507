"""Sentences that stand in both training and evaluation: they would make understanding look better than it is."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Callable, Dict, Iterable, List, Sequence, Tuple

import numpy as np

from bot.check.training import examples_by_intent, normalized
from bot.engine import UnusableFacts
from bot.evaluation.sentences import Answer, known_intents, read_labelled
from bot.knowledge import BrokenKnowledge, shared
from bot.knowledge.strict_yaml import read
from bot.nlu.intents import mask
from bot.nlu.linker import Linker

# From this cosine on, two sentences count as the same. Chosen by reading the closest pairs of the training data of
# November 2026 and sentences written without having seen it:
#   1.00  does the benefit cover Power BI                  does the benefit cover dynamics gp        another name
#   0.97  what's the link to support for business          what is the link for support for business
#   0.93  waar vul je de AID en CID in                     waar vul ik de AID en CID in              a function word
#   0.92  we don't have any membership offer at the moment we don't have a membership at the moment
#   0.91  do unused incidents carry over to next year      do unused incidents roll over to next year
#   ---- 0.90 ----
#   0.89  how to add a support contract in ...             how to add a support plan in ...          something else
#   0.89  Is MPN Partner Admin sufficient or must it be …  Is MPN Partner Admin sufficient to activate or do I need …
#   0.88  Wie is er bij ons global admin?                  hoe vind ik uit wie bij ons global admin is
#   0.86  which sql versions are supported                 is skype for business 2015 nog supported  the subject only
# Of 150 sentences in which one function word was changed by a program, often for a wrong one, the median is 0.96 and a
# tenth lies below 0.87. What it wrongly takes for the same are translations and sentences that say little beside the
# ids ("waar vind ik / waar moet ik ... de Access ID en Contract ID", 0.94): that costs a sentence, no truth.
SAME_FROM = 0.90
# Shorter sentences are alike too easily; names of products do not count as words ("windows 11 covered?" is one).
LEAST_WORDS = 4
NAMES = frozenset({"product", "version", "competency"})  # masked as for the intent model
ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class Leak:
    """A sentence to evaluate with that is trained on: `trained` is the example it repeats, `likeness` their cosine."""

    evaluated: str
    trained: str
    likeness: float


def leaks(trained: Sequence[str], evaluated: Sequence[str], encode: Callable[[Sequence[str]], np.ndarray]) -> List[Leak]:
    """Return the evaluated sentences that are trained on, in order, each with the example closest to it.

    Two sentences are the same when they are without case, diacritics and punctuation, or, from four words on, when
    their vectors are alike with the names of products masked. `encode` returns vectors of length one.
    """
    exact = {normalized(text): text for text in reversed(trained)}
    found = {text: Leak(text, exact[normalized(text)], 1.0) for text in evaluated if normalized(text) in exact}
    left = _comparable(text for text in evaluated if text not in found)
    known = _comparable(trained)
    if left and known:
        closest = _closest(encode(list(left)), encode(list(known)))
        examples = list(known.values())
        for texts, (place, likeness) in zip(left.values(), closest):
            if likeness >= SAME_FROM:
                found.update({text: Leak(text, examples[place][0], round(likeness, 3)) for text in texts})
    return [found[text] for text in dict.fromkeys(evaluated) if text in found]


def trained_sentences(folder: Path) -> List[str]:
    """Return every example of an intent in the YAML files below `folder`.

    Raises UnusableFacts when a file cannot be read.
    """
    found: List[str] = []
    for path in sorted(folder.rglob("*.yml")):
        try:
            document = read(path, path.name)
        except BrokenKnowledge as problem:
            raise UnusableFacts(str(problem)) from None
        if "nlu" in document:
            found += [example for _, examples in examples_by_intent(document, path.name, []) for example in examples]
    return found


def evaluated_sentences(path: str) -> List[str]:
    """Return the texts in a file or folder of labelled lines, without answers of less than four words.

    Such an answer ("gold", "2016") cannot be written otherwise. Raises UnusableFacts.
    """
    lines = read_labelled(path, known_intents())
    return [line.text for line in lines if not isinstance(line, Answer) or len(line.text.split()) >= LEAST_WORDS]


@lru_cache(maxsize=1)
def _linker() -> Linker:
    return Linker(shared())


def _comparable(texts: Iterable[str]) -> Dict[str, List[str]]:
    """Return the texts that are long enough for their vectors to say something, by their masked and normal form."""
    found: Dict[str, List[str]] = {}
    for text in dict.fromkeys(texts):
        kinds = {(e.start, e.end): e.entity for e in _linker().entities(text) if e.entity in NAMES}
        masked = normalized(mask(text, [(start, end, kind) for (start, end), kind in kinds.items()]))
        if len(masked.split()) - len(kinds) >= LEAST_WORDS:
            found.setdefault(masked, []).append(text)
    return found


def _closest(vectors: np.ndarray, known: np.ndarray) -> List[Tuple[int, float]]:
    """Return for each vector the place of the closest known one, and their cosine."""
    found: List[Tuple[int, float]] = []
    for first in range(0, len(vectors), ROWS_AT_ONCE):
        alike = vectors[first : first + ROWS_AT_ONCE] @ known.T
        places = alike.argmax(axis=1)
        found += [(int(place), float(row[place])) for place, row in zip(places, alike)]
    return found

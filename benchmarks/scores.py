"""How well labelled messages were read: from the parse results of a pipeline to numbers. Knows no Rasa."""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence

import numpy as np
from sklearn.metrics import roc_auc_score

FALLBACK = "nlu_fallback"
FOREIGN = "out_of_scope"
REFUSALS = (FALLBACK, FOREIGN)
BINS = 10


@dataclass(frozen=True)
class Reading:
    """How a pipeline read a message.

    `intent` is its last word, a refusal included; `best` and `confidence` what it held likeliest before a refusal;
    `foreign` how sure it is that the message is out of scope, on a scale of its own; `confirm` whether the refusal is in
    fact the question whether the likeliest reading is right, which only a pipeline of ours asks.
    """

    intent: str
    best: Optional[str]
    confidence: float
    foreign: float
    confirm: bool = False


def reading(parsed: Mapping[str, Any]) -> Reading:
    """Return the reading in a parse result of Rasa.

    How foreign a message is: 1 - `in_scope` where the pipeline says it, else 1 - the confidence of the likeliest intent
    but `out_of_scope`, for a message that is surely out of scope is surely foreign.
    """
    ranking = [entry for entry in parsed.get("intent_ranking") or [] if entry["name"] != FALLBACK]
    best = ranking[0] if ranking else {"name": None, "confidence": 0.0}
    genuine = max((entry["confidence"] for entry in ranking if entry["name"] != FOREIGN), default=0.0)
    in_scope = parsed.get("in_scope")
    scope = genuine if in_scope is None else in_scope
    intent = parsed["intent"].get("name") or FALLBACK
    confirm = intent == FALLBACK and parsed.get("decision") == "confirm"
    return Reading(intent, best["name"], float(best["confidence"]), 1.0 - float(scope), confirm)


def is_right(intent: str, label: str) -> bool:
    """Say whether a message is read rightly. A foreign one is when it is refused, by whatever way."""
    return intent in REFUSALS if label == FOREIGN else intent == label


def score(
    sentences: Sequence[Mapping[str, Any]], clean: Sequence[Reading], typed: Sequence[Reading]
) -> Dict[str, Optional[float]]:
    """Return the scores of readings of sentences as they are (`clean`) and with a typo each (`typed`)."""
    labels = [sentence["intent"] for sentence in sentences]
    foreign = np.array([label == FOREIGN for label in labels])
    refused = [read.intent in REFUSALS for read in clean]
    genuine = [(read, label) for read, label in zip(clean, labels) if label != FOREIGN]
    scores: Dict[str, Optional[float]] = {}
    for language in ("en", "nl"):
        places = [place for place, sentence in enumerate(sentences) if sentence["lang"] == language]
        for name, readings in (("accuracy", clean), ("typo", typed)):
            scores[f"{name}_{language}"] = _mean([is_right(readings[place].intent, labels[place]) for place in places])
        # Whatever the working point: of the genuine messages, those whose likeliest reading is right.
        own = [place for place in places if not foreign[place]]
        scores[f"likeliest_{language}"] = _mean([clean[place].best == labels[place] for place in own])
    both = 0 < foreign.sum() < len(foreign)
    scores["auroc"] = float(roc_auc_score(foreign, [read.foreign for read in clean])) if both else None
    for name, found in (("refused", refused), ("confirmed", [read.confirm for read in clean])):
        scores[f"foreign_{name}"] = _mean([value for value, is_foreign in zip(found, foreign) if is_foreign])
        scores[f"genuine_{name}"] = _mean([value for value, is_foreign in zip(found, foreign) if not is_foreign])
    scores["calibration_error"] = calibration_error(
        [read.confidence for read, _ in genuine], [read.best == label for read, label in genuine]
    )
    return {name: None if value is None else round(value, 4) for name, value in scores.items()}


def calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> Optional[float]:
    """Return the expected calibration error: how far confidence and accuracy are apart, in bins of equal width."""
    if not len(confidences):
        return None
    bins = np.minimum((np.asarray(confidences) * BINS).astype(int), BINS - 1)
    apart = np.asarray(right, dtype=float) - np.asarray(confidences)
    return float(sum(abs(apart[bins == number].sum()) for number in range(BINS)) / len(apart))


def _mean(values: List[bool]) -> Optional[float]:
    return float(np.mean(values)) if values else None

"""Putting labelled messages into the training data, with everything that must hold before. The file keeps its form."""

import os
import re
import tempfile
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Sequence, Tuple

import yaml

from bot.check.project import DOMAIN, names_in
from bot.check.training import examples_by_intent, normalized
from bot.engine import UnusableFacts
from bot.given import read_object
from bot.knowledge import BrokenKnowledge
from bot.knowledge.strict_yaml import read
from bot.redaction import redact
from bot.review.groups import Encode, tfidf

FILES = {"en": "data/nlu.yml", "nl": "data/nlu.nl.yml"}
SENTENCES = "tests/sentences"
LONGEST_EXAMPLE = 1000  # characters
# Rasa reads "[text](entity)", "[text]{...}" and "[text][...]" as annotations; a space between keeps them plain.
_ANNOTATION = re.compile(r"\](?=[(\[{])")


class Label(NamedTuple):
    """A message and what a person says it means."""

    text: str
    language: str
    intent: str


class Place(NamedTuple):
    """Where an example stands."""

    file: str
    intent: str


def plain(text: str) -> str:
    """Return a text that Rasa reads as it stands, without annotations."""
    return _ANNOTATION.sub("] ", text)


def intents(project: Path) -> List[str]:
    """Return the intents of the domain. Raises UnusableFacts."""
    return names_in(_read(project, DOMAIN).get("intents"))


def examples(project: Path) -> Dict[str, Place]:
    """Return where each example stands, by its normal form. Raises UnusableFacts."""
    found: Dict[str, Place] = {}
    problems: List[BrokenKnowledge] = []
    for file in FILES.values():
        for intent, texts in examples_by_intent(_read(project, file), file, problems):
            for text in texts:
                found.setdefault(normalized(text), Place(file, intent))
    if problems:
        raise UnusableFacts(str(problems[0]))
    return found


def sentences(project: Path) -> List[str]:
    """Return the sentences that the model is evaluated with. Raises UnusableFacts."""
    found = []
    for path in sorted((project / SENTENCES).rglob("*.jsonl")):
        name = path.relative_to(project)
        try:
            lines = path.read_text(encoding="utf-8-sig").split("\n")
        except UnicodeDecodeError:
            raise UnusableFacts(f"{name} is not UTF-8 text; save it as UTF-8") from None
        for number, line in enumerate(lines, start=1):
            if line.strip():
                text = read_object(line, f"{name} line {number}").get("text")
                if not isinstance(text, str):
                    raise UnusableFacts(f'{name} line {number}: "text" must be given, as a string')
                found.append(text)
    return found


def refusals(project: Path, labels: Sequence[Label], encode: Optional[Encode]) -> List[Optional[str]]:
    """Say of each label why it cannot become training data, None when it can (or is there already)."""
    known = examples(project)
    domain = intents(project)
    found: List[Optional[str]] = []
    chosen: Dict[str, Label] = {}
    for label in labels:
        why = _unfit(label, domain) or _meant_otherwise(label, known, chosen)
        chosen.setdefault(normalized(label.text), label)
        found.append(why)
    return _with_leaks(project, labels, found, encode)


def _unfit(label: Label, domain: Sequence[str]) -> Optional[str]:
    if label.intent not in domain:
        return f'"{label.intent}" is no intent of {DOMAIN}'
    if label.language not in FILES:
        return f'there is no training data in "{label.language}"; write {" or ".join(FILES)}'
    if len(label.text) > LONGEST_EXAMPLE:
        return f"it has {len(label.text)} characters, an example at most {LONGEST_EXAMPLE}; write a short one by hand"
    if redact(label.text).text != label.text or not label.text.isprintable() or not label.text.strip():
        return "it is not as the review writes it: redacted, on one line"
    return None


def _meant_otherwise(label: Label, known: Dict[str, Place], chosen: Dict[str, Label]) -> Optional[str]:
    place = known.get(normalized(label.text))
    if place and place.intent != label.intent:
        return f"it stands under {place.intent} in {place.file}; keep that label, or move it there first"
    other = chosen.get(normalized(label.text))
    if other and other.intent != label.intent:
        return f"the same sentence is labelled {other.intent} too; keep one"
    return None


def _with_leaks(
    project: Path, labels: Sequence[Label], found: List[Optional[str]], encode: Optional[Encode]
) -> List[Optional[str]]:
    """Add the labels that say what an evaluation sentence says: learning those would make the scores mean nothing."""
    evaluated = sentences(project)
    texts = list(dict.fromkeys(label.text for label, why in zip(labels, found) if why is None))
    if not evaluated or not texts:
        return found
    from bot.evaluation.leaks import Leak, leaks

    leaking: Dict[str, Leak] = {}
    while True:  # each sentence names the closest text only, so the others come to light when that one is out
        left = [text for text in texts if text not in leaking]
        new = leaks(left, evaluated, encode or tfidf([*texts, *evaluated])) if left else []
        if not new:
            break
        leaking.update((leak.trained, leak) for leak in new)
    return [
        why if why or label.text not in leaking else _as_refusal(leaking[label.text].evaluated)
        for label, why in zip(labels, found)
    ]


def _as_refusal(sentence: str) -> str:
    return f'it is in the evaluation set as "{sentence}"; skip it'


def add(project: Path, labels: Sequence[Label]) -> Dict[str, int]:
    """Append labels that nothing speaks against to the training data; return how many each file gained."""
    known = examples(project)
    new: Dict[str, List[Tuple[str, str]]] = {}
    for label in labels:
        key = normalized(label.text)
        if key not in known:
            known[key] = Place(FILES[label.language], label.intent)
            new.setdefault(FILES[label.language], []).append((label.intent, plain(label.text)))
    written = {file: inserted(_bytes(project, file), pairs, file) for file, pairs in new.items()}
    for file, text in written.items():
        _replace(project / file, text)
    return {file: len(pairs) for file, pairs in new.items()}


def inserted(text: str, pairs: Sequence[Tuple[str, str]], file: str) -> str:
    """Return a training file with (intent, example) pairs at the end of their blocks; all else stays as it is."""
    for intent, example in pairs:
        start, end = _block(text, intent, file)
        lines = list(re.finditer(r"^([ \t]*- ).*?(\r?\n|\Z)", text[start:end], re.M))
        if not lines:
            raise UnusableFacts(f"{file}: {intent}: has no example to write another one below; add one by hand")
        last, newline = lines[-1], "\r\n" if "\r\n" in text else "\n"
        at = start + last.end()
        line = f"{lines[0].group(1)}{example}"
        text = text[:at] + (line + newline if last.group(2) else newline + line) + text[at:]
    return text


def _block(text: str, intent: str, file: str) -> Tuple[int, int]:
    """Return where the examples of an intent begin and end in a training file."""
    for entry in _entries(yaml.compose(text, Loader=yaml.SafeLoader)):
        fields = {key.value: value for key, value in entry.value}
        found = fields.get("examples")
        if found is not None and fields.get("intent") is not None and fields["intent"].value == intent:
            if getattr(found, "style", None) != "|":
                raise UnusableFacts(f"{file}: {intent}: its examples are no list under `examples: |`; write them so")
            return text.index("\n", found.start_mark.index) + 1, found.end_mark.index
    raise UnusableFacts(f"{file}: {intent}: has no examples yet; add the intent with its first ones by hand")


def _entries(document: Optional[yaml.Node]) -> List[yaml.MappingNode]:
    top = {key.value: value for key, value in document.value} if isinstance(document, yaml.MappingNode) else {}
    entries = top["nlu"].value if isinstance(top.get("nlu"), yaml.SequenceNode) else []
    return [entry for entry in entries if isinstance(entry, yaml.MappingNode)]


def _read(project: Path, file: str) -> Dict[str, object]:
    try:
        return read(project / file, file)
    except BrokenKnowledge as problem:
        raise UnusableFacts(str(problem)) from None


def _bytes(project: Path, file: str) -> str:
    return (project / file).read_bytes().decode("utf-8")


def _replace(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(text.encode("utf-8"))
        os.chmod(name, path.stat().st_mode)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

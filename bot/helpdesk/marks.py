"""Where things stand in a partner's text."""

from dataclasses import dataclass
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from bot.engine import Family, Line
from bot.engine.message import DENIED, PLATFORM
from bot.knowledge import shared
from bot.nlu.opening import cut

Entity = Mapping[str, Any]


@dataclass(frozen=True)
class Stretch:
    """Characters `start` to `end` of a text, and what they are: "said", "log", "quoted" or "signature"."""

    start: int
    end: int
    kind: str


def parts_of(text: str) -> Tuple[Stretch, ...]:
    """Return the parts of a text that follow each other and together are the whole."""
    return tuple(Stretch(part.start, part.end, part.kind) for part in cut(text).parts)


def said_in(text: str, kind: str) -> str:
    """Return what a text holds of one kind."""
    return "".join(text[part.start : part.end] for part in cut(text).parts if part.kind == kind)


def shifted(text: str, read: str, entities: Iterable[Entity]) -> List[Dict[str, Any]]:
    """Return the entities of the text that was `read` with their places in `text`, or without one where they differ.

    They are one text as a rule. What cannot be found again is still a fact, but is not marked.
    """
    offset = 0 if read == text else text.find(read) if read else -1
    found = []
    for entity in entities:
        start, end = entity.get("start"), entity.get("end")
        moved = dict(entity, start=None, end=None)
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(read):
            words = read[start:end]
            if offset >= 0:
                start += offset
            elif text[start:end] != words:
                start = text.find(words)
            if start >= 0:
                moved.update(start=start, end=start + len(words))
        found.append(moved)
    return found


def places(fact: str, facts: Mapping[str, str], entities: Sequence[Entity]) -> Tuple[Optional[int], Optional[int]]:
    """Return where a text gives a fact, first where it does so more than once; (None, None) for what only follows."""
    for entity in entities:
        if entity.get("start") is not None and _gives(entity, fact, facts):
            return entity["start"], entity["end"]
    return None, None


def _gives(entity: Entity, fact: str, facts: Mapping[str, str]) -> bool:
    name, value, role = entity.get("entity"), entity.get("value"), entity.get("role")
    if name == "role":
        proves = shared().roles[value].proves if value in shared().roles else {}
        return fact in proves and (facts[fact] != "yes" if role == DENIED else proves[fact] == facts[fact])
    if name != fact or role in (PLATFORM, DENIED):
        return False
    return value == facts[fact] or (fact == "version" and _is_version(str(value), facts))


def _is_version(named: str, facts: Mapping[str, str]) -> bool:
    """Say whether a version as it was named is the one of the facts ("2012" of AX is "2012_r3" when there is no other)."""
    if "product" not in facts:
        return False
    kind = shared().catalogue.resolve(facts["product"], facts.get("deployment"))
    line = shared().catalogue.lines[kind.on_premises] if isinstance(kind, Family) else kind
    known = facts["version"]
    return isinstance(line, Line) and (line.version_named(named) == known or known.endswith(f"_{named}"))

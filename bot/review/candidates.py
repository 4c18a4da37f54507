"""Which messages a person should look at, and why, with what stood around them. All of it is redacted."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Dict, Iterable, Iterator, List, Optional, Sequence, Tuple

from bot.engine.message import UNCLEAR
from bot.nlu.opening import cut
from bot.nlu.text import words
from bot.redaction import redact
from bot.review.store import Turn
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES

REFUSED, CONFIRMED, CORRECTED = "refused", "confirmed", "corrected"
CHOSE_ANOTHER, UNHAPPY = "chose another reading", "not content with the answer"
COMPLAINTS = ("give_feedback", "deny")
ANSWERS = frozenset({"answer", "verdict"})  # kinds of messages of the assistant
WAYS_OUT = frozenset({"/request_human", "/start_over"})  # buttons that say nothing about what was meant
TURNS_TO_CORRECT = 2
SHOWN_READINGS = 3
SHORT = 160  # characters
_NAME = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PLACEHOLDER = re.compile(r"\[[a-z -]+\]")


@dataclass(frozen=True)
class Candidate:
    """A message to look at: redacted, on one line."""

    text: str
    language: str
    why: Tuple[str, ...]
    asked: Optional[str]
    before: str
    read: Tuple[Tuple[str, float], ...]
    after: Tuple[str, ...]
    suggestion: Optional[str]
    times: int = 1

    @property
    def key(self) -> str:
        """What tells it from every other message."""
        return key_of(self.text)

    @property
    def suggested(self) -> List[str]:
        """Return the intents to choose from: the person's own choice first, then the likeliest readings."""
        own = [self.suggestion] if self.suggestion else []
        return list(dict.fromkeys([*own, *(intent for intent, _ in self.read)]))


def key_of(text: str) -> str:
    """Return the key of a redacted text."""
    # Half of a character, which a file may hold, has a key like any other text.
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]


def shown(text: str) -> str:
    """Return a text as it may be shown or written: without secrets and invisible signs, on one line."""
    line = "".join(sign for sign in " ".join(text.split()) if sign == " " or not unicodedata.category(sign).startswith("C"))
    return redact(" ".join(line.split())).text


def candidates(sessions: Iterable[Sequence[Turn]]) -> List[Candidate]:
    """Return the messages to look at. The same text is one candidate, however often it was typed."""
    found: Dict[str, Candidate] = {}
    for turns in sessions:
        for one in _of_session(turns):
            known = found.get(one.text)
            found[one.text] = _joined(known, one) if known else one
    return list(found.values())


def _joined(first: Candidate, second: Candidate) -> Candidate:
    base = second if second.suggestion and not first.suggestion else first
    return replace(base, why=tuple(dict.fromkeys(first.why + second.why)), times=first.times + second.times)


def _of_session(turns: Sequence[Turn]) -> Iterator[Candidate]:
    for index, turn in enumerate(turns):
        following = turns[index + 1 : index + 1 + TURNS_TO_CORRECT]
        why = reasons(turn, following)
        text = "" if turn.pressed or not why else shown(cut(turn.text).said)
        if not words(_PLACEHOLDER.sub("", text)):
            continue
        ranked = [(name, confidence) for name, confidence in turn.ranking if _NAME.fullmatch(name) and name != UNCLEAR]
        said = [shown(reply) for reply in turn.replies[:1]]
        heard = [shown(other.text) for other in following[:1]]
        yield Candidate(
            text=text,
            language=turn.language if turn.language in LANGUAGES else DEFAULT_LANGUAGE,
            why=tuple(why),
            asked=turn.asked if turn.asked and _NAME.fullmatch(turn.asked) else None,
            before=short(shown(turn.before)),
            read=tuple((name, round(confidence, 2)) for name, confidence in ranked[:SHOWN_READINGS]),
            after=tuple(short(part) for part in (*(f"bot: {s}" for s in said), *(f"person: {h}" for h in heard))),
            suggestion=_choice(turn, following),
        )


def reasons(turn: Turn, following: Sequence[Turn]) -> List[str]:
    """Return why a message should be looked at, given what the person sent next; nothing when it need not."""
    found = []
    if _refused(turn):
        found.append(REFUSED)
    elif turn.decision == "confirm":
        found.append(CONFIRMED)
    if any(later.intent == "correct" for later in following):
        found.append(CORRECTED)
    if _choice(turn, following):
        found.append(CHOSE_ANOTHER)
    if following and following[0].intent in COMPLAINTS and following[0].asked is None and ANSWERS & set(turn.kinds):
        found.append(UNHAPPY)
    return found


def _choice(turn: Turn, following: Sequence[Turn]) -> Optional[str]:
    """Return the reading that the person chose from the buttons under a rephrase or "do you mean", None when there is no such choice."""
    if not following or not following[0].pressed or not (_refused(turn) or turn.intent == UNCLEAR):
        return None
    payload, intent = following[0].text, following[0].text[1:]
    ranked = {name for name, _ in turn.ranking}
    offered = payload in turn.offered and payload not in WAYS_OUT
    return intent if offered and intent in ranked and _NAME.fullmatch(intent) else None


def _refused(turn: Turn) -> bool:
    return turn.decision == "refuse" or (turn.intent == UNCLEAR and turn.decision != "confirm")


def short(text: str) -> str:
    """Return a text, cut off when it is long."""
    return text if len(text) <= SHORT else text[: SHORT - 3] + "..."

"""Conversations as `triage serve` stores them (Rasa's SQLTrackerStore), read without Rasa and without writing."""

import json
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Tuple
from urllib.parse import quote

from bot.engine import UnusableFacts

SECONDS_FOR_A_LOCK = 2
_QUERY = (
    "SELECT id, sender_id, data FROM events "
    "WHERE type_name IN ('user', 'bot', 'slot', 'reset_slots', 'session_started', 'restart') ORDER BY sender_id, id"
)


@dataclass
class Turn:
    """A message of a person, how it was read, the question that was open, and what the assistant said to it."""

    text: str
    intent: str
    decision: Optional[str]
    ranking: List[Tuple[str, float]]
    language: Optional[str]
    asked: Optional[str]
    before: str
    replies: List[str] = field(default_factory=list)
    kinds: List[str] = field(default_factory=list)
    offered: List[str] = field(default_factory=list)

    @property
    def pressed(self) -> bool:
        """Whether it is a button's payload and nothing a person typed."""
        return self.text.startswith("/")


def check(path: Path) -> None:
    """Raise UnusableFacts with the remedy when there is no file at `path`."""
    check_name(path)
    if not path.exists():
        raise UnusableFacts(f"{path} is missing; name a conversation store with --from, or talk to `triage serve` first")


def check_name(path: Path) -> None:
    """Raise UnusableFacts with the remedy when no file can be at `path`, nor beside it."""
    if any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in str(path)):
        raise UnusableFacts(f"{path} is no name of a file in UTF-8; name the file that `triage serve` writes")
    if path.is_dir() or not path.name:
        raise UnusableFacts(f"{path} is a folder; name the file that `triage serve` writes")


def conversations(path: Path) -> Iterator[List[Turn]]:
    """Yield the turns of each session in the store. Raises UnusableFacts with the remedy when it cannot be read."""
    check(path)
    try:
        connection = sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, timeout=SECONDS_FOR_A_LOCK)
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        try:
            yield from _sessions(path, connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise UnusableFacts(f"{path} {_cause(str(error))}") from None


def _cause(error: str) -> str:
    if "locked" in error:
        return "is locked by another program; try again when that is done"
    if "no such" in error or "not a database" in error:
        return f"is no conversation store ({error}); name the file that `triage serve` writes"
    if "unable to open" in error or "readonly" in error:
        return f"cannot be read ({error}); see who may read it"
    return f"is damaged or cut off ({error}); take a whole copy"


def _sessions(path: Path, connection: sqlite3.Connection) -> Iterator[List[Turn]]:
    connection.execute("SELECT data FROM events LIMIT 1").fetchall()  # a foreign file is told from a damaged one
    sound = connection.execute("PRAGMA quick_check(1)").fetchone()
    if sound != ("ok",):
        raise sqlite3.DatabaseError(str(sound[0]).splitlines()[-1] if sound else "no answer")
    sender: Optional[str] = None
    session = _Session()
    for number, person, data in connection.execute(_QUERY):
        event = _event(path, number, data)
        if person != sender or event.get("event") in ("session_started", "restart"):
            if session.turns:
                yield session.turns
            sender, session = person, _Session()
        session.add(event)
    if session.turns:
        yield session.turns


def _event(path: Path, number: int, data: Any) -> Dict[str, Any]:
    try:
        found = json.loads(data)
    except (TypeError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnusableFacts(f"{path} row {number} of events holds no JSON object; is it a store of `triage serve`?")
    return found


class _Session:
    """Turns events into turns, one after the other."""

    def __init__(self) -> None:
        self.turns: List[Turn] = []
        self._slots: Dict[str, Any] = {}
        self._before: List[str] = []

    def add(self, event: Dict[str, Any]) -> None:
        kind = event.get("event")
        if kind == "slot":
            self._slots[str(event.get("name"))] = event.get("value")
        elif kind == "reset_slots":
            self._slots.clear()
        elif kind == "bot":
            self._said(event)
        elif kind == "user":
            self._heard(event)

    def _said(self, event: Dict[str, Any]) -> None:
        text = _text(event.get("text"))
        self._before = [*self._before, text] if text else self._before
        if self.turns:
            turn = self.turns[-1]
            turn.replies += [text] if text else []
            turn.kinds.append(_text(_mapping(event.get("metadata")).get("kind")))
            buttons = _mapping(event.get("data")).get("buttons")
            turn.offered += [_text(_mapping(one).get("payload")) for one in _list(buttons)]

    def _heard(self, event: Dict[str, Any]) -> None:
        parsed = _mapping(event.get("parse_data"))
        language = _mapping(parsed.get("language"))
        self.turns.append(
            Turn(
                text=_text(event.get("text")),
                intent=_text(_mapping(parsed.get("intent")).get("name")),
                decision=_text(parsed.get("decision")) or None,
                ranking=[_ranked(entry) for entry in _list(parsed.get("intent_ranking"))],
                language=_text(language.get("code") if language.get("known") else self._slots.get("language")) or None,
                asked=_text(self._slots.get("requested_slot")) or None,
                before=self._before[-1] if self._before else "",
            )
        )
        self._before = []


def _ranked(entry: Any) -> Tuple[str, float]:
    found = _mapping(entry)
    confidence = found.get("confidence")
    return _text(found.get("name")), float(confidence) if isinstance(confidence, (int, float)) else 0.0


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> List[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: Any) -> Dict[str, Any]:
    return value if isinstance(value, dict) else {}

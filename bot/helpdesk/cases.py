"""The cases: what conversations became, who holds them, how they stand.

Functions take a connection and run in the caller's transaction; `Cases` runs them for the console. Times are seconds since 1970.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.channels.transcript import conversation_of, said
from bot.database import Database
from bot.helpdesk import search
from bot.helpdesk.tables import cases, notes, staff, tags

OPEN, CLAIMED, WAITING, SOLVED = STATES = ("open", "claimed", "waiting", "solved")
DECIDED, ASKED_FOR_PERSON, FAILED_TWICE, RATED_BADLY = REASONS = (
    "decided", "asked_for_person", "failed_twice", "rated_badly",
)  # fmt: skip
LONGEST_TAG, LONGEST_NOTE = 40, 4_000  # characters
MOST_TAGS = 12
MOST_INDEXED = 200  # messages of a conversation that are searched
Announce = Callable[[Connection, str, int], None]  # (in this transaction, event, case)


class Taken(Exception):
    """The case is somebody else's: `holder` is the name."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"{holder} has this case")
        self.holder = holder


class NotYours(Exception):
    """Only who holds the conversation may do this. The message says what to do."""


class NoCase(LookupError):
    """There is no such case."""


@dataclass(frozen=True)
class Case:
    """A case. `facts` and `decision` are as the engine knows them; `holder` is the id and the name of a member of staff."""

    id: int
    conversation: str
    channel: str
    language: str
    state: str
    reasons: Tuple[str, ...]
    facts: Mapping[str, str]
    decision: Optional[Mapping[str, Any]]
    route: Optional[str]
    problem: Optional[str]
    helped: Optional[bool]
    holder: Optional[int]
    holder_name: Optional[str]
    opened_at: float
    changed_at: float
    waiting_since: Optional[float]
    claimed_at: Optional[float]
    solved_at: Optional[float]
    revision: int
    tags: Tuple[str, ...] = ()

    @property
    def number(self) -> str:
        """What people call it."""
        return number_of(self.id)


@dataclass(frozen=True)
class Note:
    """What a member of staff wrote for colleagues."""

    author: str
    at: float
    text: str


@dataclass(frozen=True)
class Wanted:
    """Which cases are looked for; None or empty means any."""

    states: Sequence[str] = ()
    channel: Optional[str] = None
    language: Optional[str] = None
    route: Optional[str] = None
    reason: Optional[str] = None
    tag: Optional[str] = None
    holder: Optional[int] = None
    text: str = ""


def number_of(case_id: int) -> str:
    """Return what people call a case."""
    return f"T-{case_id:05d}"


_SELECTED = sa.select(cases, staff.c.name.label("holder_name")).select_from(cases.outerjoin(staff, staff.c.id == cases.c.holder))


def _case(row: Any, tagged: Sequence[str] = ()) -> Case:
    found = dict(row._mapping)
    found["reasons"] = tuple(json.loads(found["reasons"]))
    found["facts"] = json.loads(found["facts"])
    found["decision"] = json.loads(found["decision"]) if found["decision"] else None
    return Case(**found, tags=tuple(tagged))


def _tags(on: Connection, ids: Sequence[int]) -> Dict[int, List[str]]:
    found: Dict[int, List[str]] = {case_id: [] for case_id in ids}
    for row in on.execute(sa.select(tags).where(tags.c.case_id.in_(ids)).order_by(tags.c.tag)):
        found[row.case_id].append(row.tag)
    return found


def read(on: Connection, case_id: int, for_update: bool = False) -> Case:
    """Return a case. Raises NoCase. `for_update`: nobody else changes it until the transaction ends."""
    if for_update:  # alone, as PostgreSQL locks no outer join
        on.execute(sa.select(cases.c.id).where(cases.c.id == case_id).with_for_update())
    row = on.execute(_SELECTED.where(cases.c.id == case_id)).first()
    if row is None:
        raise NoCase(f"there is no case {number_of(case_id)}")
    return _case(row, _tags(on, [case_id])[case_id])


def of_conversation(on: Connection, conversation: str) -> Optional[Case]:
    """Return the case of a conversation, None when it is none."""
    case_id = on.execute(sa.select(cases.c.id).where(cases.c.conversation == conversation)).scalar()
    return read(on, case_id, for_update=True) if case_id is not None else None


def change(on: Connection, case: Case, is_searched: bool = False, **values: Any) -> Case:
    """Store changes of a case that was read for update; return it as it is then. `is_searched`: they are found by their words."""
    stored = {
        name: json.dumps(value, ensure_ascii=False, sort_keys=True) if name in ("facts", "decision", "reasons") else value
        for name, value in values.items()
    }
    if values.get("decision", "") is None:
        stored["decision"] = None
    stored.update(changed_at=time.time(), revision=case.revision + 1)
    on.execute(cases.update().where(cases.c.id == case.id).values(**stored))
    found = read(on, case.id)
    if is_searched:
        reindex(on, found)
    return found


def open_case(on: Connection, conversation: str, channel: str, language: str, **values: Any) -> Case:
    """Open the case of a conversation that has none; return it."""
    now = time.time()
    stored = {
        "conversation": conversation, "channel": channel, "language": language, "state": OPEN, "reasons": "[]",
        "facts": "{}", "opened_at": now, "changed_at": now, "revision": 0,
    }  # fmt: skip
    case_id = on.execute(cases.insert().values(**stored)).inserted_primary_key[0]
    return change(on, read(on, case_id), is_searched=True, **values)


def reindex(on: Connection, case: Case) -> None:
    """Make a case findable by what it holds now."""
    written = on.execute(sa.select(notes.c.text).where(notes.c.case_id == case.id)).scalars()
    spoken = [document["text"] for document in said(on, case.conversation, MOST_INDEXED)]
    words = [case.number, case.problem or "", *case.facts.values(), *case.tags, case.route or "", *written, *spoken]
    search.index(on, case.id, "\n".join(words))


def claim(on: Connection, case_id: int, by: int, by_force: bool = False) -> Case:
    """Make a case the member of staff's. Raises Taken when it is another's, unless `by_force`; NoCase."""
    case = read(on, case_id, for_update=True)
    if case.holder not in (None, by) and not by_force:
        raise Taken(case.holder_name or "")
    if case.holder == by and case.state == CLAIMED:
        return case
    return change(on, case, state=CLAIMED, holder=by, claimed_at=case.claimed_at or time.time(), solved_at=None)


def set_state(on: Connection, case_id: int, by: int, state: str) -> Case:
    """Put a case that one holds into another state: open again (nobody's), waiting for the partner, or solved.

    Raises Taken when another holds it, NoCase.
    """
    case = read(on, case_id, for_update=True)
    if case.holder not in (None, by):
        raise Taken(case.holder_name or "")
    values: Dict[str, Any] = {"state": state, "solved_at": None}
    if state == OPEN:
        values["holder"] = None
    else:
        values.update(holder=by, waiting_since=None)
    if state == SOLVED:
        values["solved_at"] = time.time()
    return change(on, case, **values)


def tag(on: Connection, case_id: int, by: int, given: Sequence[str]) -> Case:
    """Give a case these tags and no other. Raises ValueError on what is no tag, Taken when another holds the case."""
    wanted = sorted({" ".join(name.split()).lower() for name in given if name.strip()})
    if len(wanted) > MOST_TAGS or any(len(name) > LONGEST_TAG for name in wanted):
        raise ValueError(f"a case has at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters")
    case = read(on, case_id, for_update=True)
    if case.holder not in (None, by):
        raise Taken(case.holder_name or "")
    on.execute(tags.delete().where(tags.c.case_id == case_id))
    for name in wanted:
        on.execute(tags.insert().values(case_id=case_id, tag=name))
    return change(on, case, is_searched=True)


def add_note(on: Connection, case_id: int, by: int, text: str) -> Case:
    """Add a note for colleagues. Raises ValueError when it is empty or too long."""
    if not text.strip() or len(text) > LONGEST_NOTE:
        raise ValueError(f"a note has 1 to {LONGEST_NOTE} characters")
    case = read(on, case_id, for_update=True)
    on.execute(notes.insert().values(case_id=case_id, staff=by, at=time.time(), text=text.strip()))
    return change(on, case, is_searched=True)


def notes_of(on: Connection, case_id: int) -> List[Note]:
    """Return the notes of a case, the oldest first."""
    found = sa.select(notes, staff.c.name).join(staff, staff.c.id == notes.c.staff).where(notes.c.case_id == case_id)
    return [Note(row.name, row.at, row.text) for row in on.execute(found.order_by(notes.c.id))]


def holder_of(on: Connection, conversation: str) -> Optional[str]:
    """Return the name of the member of staff who talks in the assistant's place, None when the assistant does."""
    found = conversation_of(on, conversation)
    return found.held_by if found else None


def _conditions(on: Connection, wanted: Wanted) -> Optional[List[Any]]:
    """Return the conditions of a search, None when nothing can match."""
    found: List[Any] = []
    if wanted.states:
        found.append(cases.c.state.in_(list(wanted.states)))
    for name in ("channel", "language", "route", "holder"):
        if getattr(wanted, name) is not None:
            found.append(cases.c[name] == getattr(wanted, name))
    if wanted.reason:
        found.append(cases.c.reasons.like(f'%"{wanted.reason}"%'))
    if wanted.tag:
        found.append(cases.c.id.in_(sa.select(tags.c.case_id).where(tags.c.tag == wanted.tag)))
    if wanted.text.strip():
        matches = search.matching(on, wanted.text)
        if matches is None:
            return None
        found.append(cases.c.id.in_(sa.select(matches.subquery().c.case_id)))
    return found


def look_for(on: Connection, wanted: Wanted, limit: int, offset: int = 0) -> Tuple[List[Case], int]:
    """Return cases, those that wait longest for a person first, and how many there are in all."""
    conditions = _conditions(on, wanted)
    if conditions is None:
        return [], 0
    total = on.execute(sa.select(sa.func.count()).select_from(cases).where(*conditions)).scalar()
    waits = sa.case((cases.c.waiting_since.is_(None), 1), else_=0)
    order = (waits, cases.c.waiting_since, cases.c.changed_at.desc(), cases.c.id.desc())
    rows = on.execute(_SELECTED.where(*conditions).order_by(*order).limit(limit).offset(offset)).all()
    tagged = _tags(on, [row.id for row in rows])
    return [_case(row, tagged[row.id]) for row in rows], total


def mark(on: Connection) -> Tuple[int, float]:
    """Return what differs whenever a case was opened or changed."""
    row = on.execute(sa.select(sa.func.coalesce(sa.func.sum(cases.c.revision), 0), sa.func.coalesce(sa.func.max(cases.c.changed_at), 0.0)))
    return tuple(row.one())  # type: ignore[return-value]


class Cases:
    """The store of cases, for the console. Methods raise NoCase."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def one(self, case_id: int) -> Case:
        """Return a case."""
        return await self.database.read(lambda on: read(on, case_id))

    async def look_for(self, wanted: Wanted, limit: int = 50, offset: int = 0) -> Tuple[List[Case], int]:
        """Return cases, those that wait longest for a person first, and how many there are in all."""
        return await self.database.read(lambda on: look_for(on, wanted, limit, offset))

    async def mark(self) -> Tuple[int, float]:
        """Return what differs whenever a case was opened or changed."""
        return await self.database.read(mark)

"""What is removed: conversations that are over for longer than they are kept, and one that is to be erased.

A conversation goes in one transaction, whole: what was said, where it was delivered, its case, and Rasa's events. The
audit log stays for as long as conversations are kept; of a case that is gone it says who did what and when, no more.
"""

import time
from dataclasses import dataclass
from typing import Any, Callable, Iterator, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError

from bot.channels.transcript import WAITING, conversation_of
from bot.database import Database
from bot.engine import UnusableFacts
from bot.helpdesk import audit, notices, scrub, search
from bot.helpdesk.records import By, conversations, delivered, dialogue, has_dialogue, messages, undelivered
from bot.helpdesk.scrub import CLEAN, Scrubbed
from bot.helpdesk.tables import audit as log
from bot.helpdesk.tables import cases, notes, standings, tags

SECONDS_A_DAY = 86_400.0
ERASED = "data_erased"
AT_ONCE = 500  # ids that are looked up, and entries of the log that are removed, in one transaction
SECONDS_OF_ANSWERING = 120.0  # so long a message may be with the assistant
TRIES = 5  # of a transaction that PostgreSQL ended because it and another waited for each other
SHORTEST_PAUSE = 0.002  # seconds
REMOVED, AWAITED, ALIVE, GONE = "removed", "awaited", "alive", "gone"


@dataclass
class Purged:
    """What a purge did, or would do."""

    conversations: int = 0
    awaited: int = 0  # old, but somebody waits for a person in them: kept
    dialogues: int = 0  # Rasa's events of conversations that nothing else is stored of
    acts: int = 0  # entries of the audit log
    scrubbed: Scrubbed = CLEAN


@dataclass(frozen=True)
class Erased:
    """What an erasure did: how many messages and events it removed, and how far the file is clean of them."""

    messages: int
    events: int
    scrubbed: Scrubbed


class BeingAnswered(UnusableFacts):
    """The assistant has a message of the conversation; what it stores next would be left over."""


def purge(
    database: Database, days: int, dry_run: bool = False, now: Optional[float] = None, compact: bool = False
) -> Purged:
    """Remove conversations without a sign of life for more than `days`, and entries of the audit log that are older.

    Each conversation has a transaction of its own, with a pause after it in which others write. With `dry_run` nothing is
    removed, only counted. `now` is in seconds since 1970; `compact`: also a large SQLite file is written anew.
    """
    before = (time.time() if now is None else now) - days * SECONDS_A_DAY
    done = Purged()
    for conversation in _pages(database, _silent(before), conversations.c.id):
        became = _one(database, conversation, before, dry_run)
        done.conversations += became == REMOVED
        done.awaited += became == AWAITED
    if database.read_now(has_dialogue):
        for sender in _pages(database, _left_over(before), dialogue.c.sender_id):
            if not dry_run:
                _write(database, lambda on, sender=sender: _forget_dialogue(on, sender))
            done.dialogues += 1
    done.acts = _purge_acts(database, before, dry_run)
    if not dry_run:  # also when nothing was removed: an earlier run may have been ended before it came to this
        done.scrubbed = scrub.scrub(database, compact)
    return done


def erase(
    database: Database, conversation: str, by: By = By(), now: Optional[float] = None, compact: bool = False
) -> Erased:
    """Remove everything that is stored of a conversation, and see that it is not left in the database's file either.

    Raises UnusableFacts when nothing is stored of it, BeingAnswered when the assistant is answering in it right now.
    """
    at = time.time() if now is None else now
    held, events = _write(database, lambda on: _erase(on, conversation, by, at))
    return Erased(held, events, scrub.scrub(database, compact))


def _erase(on: Connection, conversation: str, by: By, now: float) -> Any:
    found = conversation_of(on, conversation, for_update=True)
    is_mine = messages.c.conversation == conversation
    recent = sa.select(messages.c.seq).where(
        is_mine, messages.c.state == WAITING, messages.c.stored_at > now - SECONDS_OF_ANSWERING
    )
    if on.execute(recent.limit(1)).first() is not None:
        raise BeingAnswered("a message of this conversation is being answered just now; try again in a few minutes")
    case_id = on.execute(sa.select(cases.c.id).where(cases.c.conversation == conversation)).scalar()
    held = on.execute(sa.select(sa.func.count()).where(is_mine)).scalar() or 0
    events = _forget(on, conversation)
    if found is None and not events:
        raise UnusableFacts("there is no such conversation (any more)")
    audit.record(on, ERASED, by.login, by.staff, case_id, {"messages": held, "events": events})
    return held, events


def _one(database: Database, conversation: str, before: float, dry_run: bool) -> str:
    """Remove a conversation if it still is old; say what became of it."""

    def work(on: Connection) -> str:
        if conversation_of(on, conversation, for_update=not dry_run) is None:
            return GONE
        if on.execute(_silent(before).where(conversations.c.id == conversation)).first() is None:
            return ALIVE
        awaits = sa.select(cases.c.id).where(cases.c.conversation == conversation, cases.c.waiting_since.is_not(None))
        if on.execute(awaits).first() is not None:
            return AWAITED
        if not dry_run:
            _forget(on, conversation)
        return REMOVED

    return database.read_now(work) if dry_run else _write(database, work)


def _forget(on: Connection, conversation: str) -> int:
    """Remove everything of a conversation in a transaction; return how many events Rasa had of it."""
    mine = sa.select(cases.c.id).where(cases.c.conversation == conversation)
    case_id = on.execute(mine.with_for_update()).scalar()
    if case_id is not None:
        search.forget(on, case_id)
        notices.forget(on, [case_id])
        for table in (tags, notes):
            on.execute(table.delete().where(table.c.case_id == case_id))
        on.execute(log.update().where(log.c.case_id == case_id).values(detail="{}"))
        on.execute(cases.delete().where(cases.c.id == case_id))
    for table in (standings, undelivered, delivered, messages):
        on.execute(table.delete().where(table.c.conversation == conversation))
    on.execute(conversations.delete().where(conversations.c.id == conversation))
    return _forget_dialogue(on, conversation) if has_dialogue(on) else 0


def _forget_dialogue(on: Connection, sender: str) -> int:
    return int(on.execute(sa.delete(dialogue).where(dialogue.c.sender_id == sender)).rowcount)


def _silent(before: float) -> Any:
    """Return a selection of the conversations without a sign of life since a time."""
    here, later = conversations.c.id, sa.or_(conversations.c.created_at >= before, conversations.c.renewed_at >= before)
    signs = ((messages, messages.c.stored_at), (standings, standings.c.changed_at), (cases, cases.c.changed_at))
    alive = [sa.exists().where(table.c.conversation == here, at >= before).correlate(conversations) for table, at in signs]
    return sa.select(here).where(~later, *(~sign for sign in alive))


def _left_over(before: float) -> Any:
    """Return a selection of the senders of whom Rasa has old events, and nobody else has anything."""
    known = sa.exists().where(conversations.c.id == dialogue.c.sender_id).correlate(dialogue)
    last = sa.func.max(sa.func.coalesce(dialogue.c.timestamp, 0.0))
    return sa.select(dialogue.c.sender_id).where(~known).group_by(dialogue.c.sender_id).having(last < before)


def _pages(database: Database, selection: Any, key: Any) -> Iterator[str]:
    """Yield the ids that a selection finds, some at a time: none is looked at twice, and no transaction is long."""
    last: Optional[str] = None
    while True:
        rest = selection if last is None else selection.where(key > last)
        ids: List[str] = database.read_now(lambda on: list(on.execute(rest.order_by(key).limit(AT_ONCE)).scalars()))
        yield from ids
        if len(ids) < AT_ONCE:
            return
        last = ids[-1]


def _purge_acts(database: Database, before: float, dry_run: bool) -> int:
    old = sa.select(log.c.id).where(log.c.at < before)
    if dry_run:
        return int(database.read_now(lambda on: on.execute(sa.select(sa.func.count()).select_from(old.subquery())).scalar()))
    removed = 0
    while True:
        some = old.order_by(log.c.id).limit(AT_ONCE)
        gone = _write(database, lambda on: on.execute(log.delete().where(log.c.id.in_(some))).rowcount)
        removed += gone
        if gone < AT_ONCE:
            return removed


def _write(database: Database, work: Callable[[Connection], Any]) -> Any:
    """Run a transaction that removes something, and leave the database to others for as long as it took."""

    def thoroughly(on: Connection) -> Any:
        if not database.is_postgresql:
            on.exec_driver_sql("PRAGMA secure_delete=ON")
        return work(on)

    for left in reversed(range(TRIES)):
        begun = time.monotonic()
        try:
            found = database.write_now(thoroughly)
        except OperationalError:  # a deadlock: the other transaction went on
            if not left or not database.is_postgresql:
                raise
            time.sleep(SHORTEST_PAUSE * 2 ** (TRIES - left))
            continue
        time.sleep(max(SHORTEST_PAUSE, time.monotonic() - begun))
        return found

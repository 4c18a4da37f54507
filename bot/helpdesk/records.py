"""Everything that is stored of one conversation: found by its id or the number of its case, and exported as one document.

What the document holds is described in docs/helpdesk.md.
"""

import json
import re
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.channels import deliveries  # noqa: F401  (its tables)
from bot.channels.transcript import LONGEST_ID
from bot.database import tables
from bot.engine import UnusableFacts
from bot.helpdesk import audit
from bot.helpdesk.audit import COMMAND_LINE
from bot.helpdesk.cases import number_of
from bot.helpdesk.tables import audit as log
from bot.helpdesk.tables import cases, counterparts, notes, notices, staff, standings, tags

VERSION = 1
EXPORTED = "data_exported"
NUMBER = re.compile(r"[Tt]-?([0-9]{1,9})")
conversations, messages, delivered, undelivered = (
    tables.tables[name] for name in ("chat_conversation", "chat_message", "chat_delivery", "chat_undelivered")
)
# Rasa's own table, which Rasa makes when a server first runs.
dialogue = sa.table(
    "events",
    *(sa.column(name) for name in ("id", "sender_id", "type_name", "timestamp", "intent_name", "action_name", "data")),
)


@dataclass(frozen=True)
class By:
    """Who acts, for the audit log: an account, or the command line."""

    login: str = COMMAND_LINE
    staff: Optional[int] = None


def case_id_of(text: str) -> Optional[int]:
    """Return the id in a case's number, as in "T-00012"; None when the text is none."""
    found = NUMBER.fullmatch(text.strip())
    return int(found[1]) if found else None


def has_dialogue(on: Connection) -> bool:
    """Say whether Rasa's table is there."""
    return sa.inspect(on).has_table(dialogue.name)


def find(on: Connection, name: str) -> str:
    """Return the id of the conversation that has this id, or whose case has this number. Raises UnusableFacts."""
    case_id = case_id_of(name)
    if case_id is not None:
        found = on.execute(sa.select(cases.c.conversation).where(cases.c.id == case_id)).scalar()
        if found is None:
            raise UnusableFacts(f"there is no case {number_of(case_id)}; look at its number, or name the conversation")
        return str(found)
    if name and len(name) <= LONGEST_ID and name.isprintable() and _is_stored(on, name):
        return name
    raise UnusableFacts("there is no such conversation; give its id, or the number of its case like T-00012")


def _is_stored(on: Connection, conversation: str) -> bool:
    if on.execute(sa.select(conversations.c.id).where(conversations.c.id == conversation)).first() is not None:
        return True
    mine = sa.select(dialogue.c.id).where(dialogue.c.sender_id == conversation).limit(1)
    return has_dialogue(on) and on.execute(mine).first() is not None


def export(on: Connection, conversation: str, by: By = By()) -> Dict[str, Any]:
    """Return everything that is stored of a conversation, and record that it was given out; in a transaction that writes.

    Raises UnusableFacts when nothing is stored of it.
    """
    if not _is_stored(on, conversation):
        raise UnusableFacts("there is no such conversation (any more)")
    case_id = on.execute(sa.select(cases.c.id).where(cases.c.conversation == conversation)).scalar()
    audit.record(on, EXPORTED, by.login, by.staff, case_id)
    of_it = _rows(on, conversations, conversations.c.id == conversation)
    return {
        "version": VERSION,
        "exported_at": _iso(time.time()),
        "conversation": {**(of_it[0] if of_it else {"id": conversation})},
        "messages": [
            _parsed(row, "document") for row in _rows(on, messages, messages.c.conversation == conversation, messages.c.seq)
        ],
        "standing": _one(_rows(on, standings, standings.c.conversation == conversation)),
        "delivery": _one(
            [_parsed(row, "reference") for row in _rows(on, delivered, delivered.c.conversation == conversation)]
        ),
        "undelivered": _rows(on, undelivered, undelivered.c.conversation == conversation, undelivered.c.seq),
        "case": _case(on, case_id) if case_id is not None else None,
        "dialogue": _dialogue(on, conversation),
    }


def _case(on: Connection, case_id: int) -> Dict[str, Any]:
    """Return a case with all that belongs to it."""
    is_it = cases.c.id == case_id
    found = _rows(on, cases, is_it)[0]
    names = {row.id: row.name for row in on.execute(sa.select(staff.c.id, staff.c.name))}
    written = _rows(on, notes, notes.c.case_id == case_id, notes.c.id)
    told = _rows(on, notices, notices.c.case_id == case_id, notices.c.id)
    acts = on.execute(sa.select(log.c.at, log.c.act).where(log.c.case_id == case_id).order_by(log.c.id))
    return {
        **_parsed(found, "facts", "decision", "reasons"),
        "number": number_of(case_id),
        "holder": names.get(found["holder"]),
        "tags": list(on.execute(sa.select(tags.c.tag).where(tags.c.case_id == case_id).order_by(tags.c.tag)).scalars()),
        "notes": [{"author": names.get(note["staff"]), "at": note["at"], "text": note["text"]} for note in written],
        "notices": [_parsed(notice, "document") for notice in told],
        "counterparts": _rows(on, counterparts, counterparts.c.case_id == case_id, counterparts.c.target),
        "acts": [{"at": _iso(row.at), "act": row.act} for row in acts],
    }


def _dialogue(on: Connection, conversation: str) -> List[Dict[str, Any]]:
    if not has_dialogue(on):
        return []
    mine = sa.select(dialogue).where(dialogue.c.sender_id == conversation).order_by(dialogue.c.id)
    return [_parsed(dict(row._mapping), "data") for row in on.execute(mine)]


def _rows(on: Connection, table: sa.Table, condition: Any, order: Any = None) -> List[Dict[str, Any]]:
    """Return rows as dictionaries; each column that holds a time as ISO text."""
    chosen = sa.select(table).where(condition)
    rows = on.execute(chosen if order is None else chosen.order_by(order))
    return [
        {name: _iso(value) if isinstance(table.c[name].type, sa.Float) else value for name, value in row._mapping.items()}
        for row in rows
    ]


def _one(rows: Sequence[Dict[str, Any]]) -> Optional[Dict[str, Any]]:
    return rows[0] if rows else None


def _parsed(row: Dict[str, Any], *names: str) -> Dict[str, Any]:
    """Return a row with the JSON in some columns read; what is no JSON stays as it is."""
    return {name: _read(value) if name in names and isinstance(value, str) else value for name, value in row.items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _iso(at: Optional[float]) -> Optional[str]:
    """Return a time as ISO text in UTC, to the millisecond."""
    return None if at is None else datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")

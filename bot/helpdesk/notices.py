"""What others are to be told of cases: written down with the change of the case, and told until it is taken.

A notice may be told twice (the server may be killed before it stores that it was told), but always by the same id.
"""

import json
import time
import uuid
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.database import Database
from bot.helpdesk import cases
from bot.helpdesk.cases import Announce, Case
from bot.helpdesk.events import Summary, canonical, document
from bot.helpdesk.settings import HelpdeskSettings
from bot.helpdesk.tables import counterparts, notices
from bot.helpdesk.targets import wanting

# `sending` belongs to a server until `next_at`; a server that was killed meanwhile leaves it to the next.
WAITING, SENDING, TOLD, GIVEN_UP = "waiting", "sending", "told", "given_up"
OPEN = (WAITING, SENDING)
LONGEST_REASON = 500  # characters
NO_SUMMARY: Summary = {}


@dataclass(frozen=True)
class Told:
    """How far a notice is, for staff. `next_at` is in seconds since 1970, and means something while it is waiting."""

    id: int
    target: str
    event: str
    state: str
    tries: int
    next_at: float
    error: Optional[str]


def announce(
    on: Connection,
    event: str,
    case: Mapping[str, Any],
    targets: Sequence[str],
    summary: Summary = NO_SUMMARY,
    address: str = "",
) -> None:
    """Write down that targets are to be told of a case, in the transaction that changes it and after the change.

    After it, because on PostgreSQL only the lock of the case's row keeps its notices in the order of its changes. `case`,
    `summary` and `address` are as for events.document.
    """
    now = time.time()
    for target in targets:
        text = canonical(document(event, case, summary, address, now, uuid.uuid4().hex))
        values = {"target": target, "event": event, "case_id": case["id"], "document": text}
        on.execute(notices.insert().values(**values, state=WAITING, tries=0, next_at=now))


def announcing(settings: HelpdeskSettings, summarize: Callable[[Case], Summary]) -> Announce:
    """Return what a change of a case calls: it reads the case as it is now and writes down who is to be told."""

    def tell(on: Connection, event: str, case_id: int) -> None:
        targets = wanting(settings.targets, event)
        if targets:
            case = cases.read(on, case_id)
            announce(on, event, vars(case), targets, summarize(case), settings.address)

    return tell


def forget(on: Connection, case_ids: Sequence[int]) -> None:
    """Remove what was told of cases, and what they are elsewhere; before the cases themselves are removed."""
    for table in (notices, counterparts):
        on.execute(table.delete().where(table.c.case_id.in_(list(case_ids))))


class Outbox:
    """The notices in the database, as whoever tells them needs them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, target: str, seconds: float) -> Optional[Row]:
        """Return the next notice for a target and keep others from it for so long; None when there is nothing to tell now.

        Of each case only the oldest that is open is looked at, so that they are told in order.
        """
        now = time.time()
        to_do = sa.and_(notices.c.target == target, notices.c.state.in_(OPEN))
        oldest = sa.select(sa.func.min(notices.c.id)).where(to_do).group_by(notices.c.case_id)
        due = sa.select(notices).where(notices.c.id.in_(oldest), to_do, notices.c.next_at <= now)
        first = due.order_by(notices.c.next_at, notices.c.id).limit(1)

        def take(on: Connection) -> Optional[Row]:
            while True:
                row = on.execute(first).first()
                if row is None:
                    return None
                mine = {"state": SENDING, "tries": row.tries + 1, "next_at": now + seconds}
                # Whoever changes it first has it: the other server's change finds nothing, and it looks again.
                if on.execute(notices.update().where(_is_still(row)).values(**mine)).rowcount:
                    return on.execute(sa.select(notices).where(notices.c.id == row.id)).one()

        # To look is to read: on SQLite writers wait for each other.
        if await self._database.read(lambda on: on.execute(first).first()) is None:
            return None
        return await self._database.write(take)

    async def settle(self, row: Row, state: str, error: Optional[str] = None, **values: Any) -> None:
        """Store what became of a notice that was claimed, unless the claim ran out and another server has it."""
        reason = error[:LONGEST_REASON] if error else None
        change = notices.update().where(_is_still(row)).values(state=state, error=reason, **values)
        await self._database.write(lambda on: on.execute(change))

    async def of(self, case_id: int) -> List[Told]:
        """Return who was to be told of a case, in order."""
        columns = [notices.c[name] for name in Told.__dataclass_fields__]
        found = sa.select(*columns).where(notices.c.case_id == case_id).order_by(notices.c.id)
        return await self._database.read(lambda on: [Told(*row) for row in on.execute(found)])

    async def again(self, case_id: int) -> int:
        """Tell again what was given up of a case; return how many notices that are."""
        is_given_up = sa.and_(notices.c.case_id == case_id, notices.c.state == GIVEN_UP)
        change = notices.update().where(is_given_up).values(state=WAITING, tries=0, next_at=time.time())
        return int(await self._database.write(lambda on: on.execute(change).rowcount))


def told_document(row: Row) -> Dict[str, Any]:
    """Return the document of a notice."""
    found: Dict[str, Any] = json.loads(row.document)
    return found


def _is_still(row: Row) -> Any:
    return sa.and_(notices.c.id == row.id, notices.c.state == row.state, notices.c.next_at == row.next_at)

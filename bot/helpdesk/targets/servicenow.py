"""An incident of ServiceNow for each case; and how the incident stands comes back.

An incident carries a `correlation_id` of ours, by which one that was opened just before the server was killed is found.
"""

import asyncio
import logging
import time
from datetime import datetime
from typing import Any, Awaitable, Callable, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.channels.message import DEFAULT_LANGUAGE
from bot.database import Database
from bot.helpdesk.cases import SOLVED
from bot.helpdesk.settings import ServiceNowSettings
from bot.helpdesk.tables import cases, counterparts
from bot.helpdesk.targets import SERVICENOW, Notice, Suspended, TryAgain, Undeliverable
from bot.helpdesk.targets.table_api import NoRecord, Record, TableApi
from bot.helpdesk.targets.words import line, title, what

logger = logging.getLogger(__name__)

FlowBack = Callable[[int, str, str, Optional[str]], Awaitable[None]]  # (case, state, number, address)
SOLVED_STATES = ("resolved", "closed", "canceled")
GONE = "gone"  # the incident is not there any more
RESOLVED = "6"  # as in table_api.STATES
CLOSING = "close_"  # fields of the settings that are for an incident that is solved
SOLUTION = "Solution provided"
LONGEST_SUMMARY = 160  # characters of short_description, as ServiceNow's own
LONGEST_DESCRIPTION = 4_000
MOST_ASKED = 50  # incidents in one request
FIRST_LOOK = 5.0  # seconds after the start
LONGEST_PAUSE = 24 * 3600.0  # seconds that ServiceNow may ask for


class ServiceNow:
    """Opens an incident for each case, notes on it who has the case, and resolves it."""

    def __init__(self, database: Database, api: TableApi, settings: ServiceNowSettings) -> None:
        self._database = database
        self._api = api
        self._opening = {name: value for name, value in settings.fields.items() if not name.startswith(CLOSING)}
        self._closing = {name: value for name, value in settings.fields.items() if name.startswith(CLOSING)}

    async def tell(self, notice: Notice) -> None:
        """Bring the incident to where the case is. Raises TryAgain, Undeliverable or Suspended."""
        case = notice.document["case"]
        incident = await self._incident(notice)
        if notice.event == "case_claimed":
            # Of a note only staff's names are not ours, and ServiceNow shows what stands in [code] as HTML.
            note = title(notice.event, case).translate(str.maketrans("[]", "()"))
            await self._api.change(incident.key, {"work_notes": f"{note}. {case['url'] or ''}".strip()})
        elif notice.event == "case_solved" and incident.state not in SOLVED_STATES:
            closing = {"close_code": SOLUTION, "close_notes": f"{title(notice.event, case)}.", **self._closing}
            solved = await self._api.change(incident.key, {"state": RESOLVED, **closing})
            await self._keep(notice.case_id, solved)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _incident(self, notice: Notice) -> Record:
        """Return the case's incident as it is now, and open one if there is none."""
        known = await self._database.read(lambda on: on.execute(_of(notice.case_id)).first())
        if known is not None:
            found = await self._api.find(f"sys_id={known.key}", 1)
            if not found:
                raise NoRecord(f"incident {known.number} is not there any more")
        else:
            correlation = correlation_id(notice)
            found = await self._api.find(f"correlation_id={correlation}", 1)
            if not found:
                found = [await self._api.create({**self._opening, **incident(notice, correlation)})]
            await self._keep(notice.case_id, found[0])
        return found[0]

    async def _keep(self, case_id: int, record: Record) -> None:
        """Store what a case is in ServiceNow, unless the case was removed meanwhile."""
        values = {"key": record.key, "number": record.number, "url": self._api.url(record.key), "state": record.state}

        def store(on: Connection) -> None:
            changed = on.execute(counterparts.update().where(_is_of(case_id)).values(**values))
            if not changed.rowcount and on.execute(sa.select(cases.c.id).where(cases.c.id == case_id)).first():
                on.execute(counterparts.insert().values(case_id=case_id, target=SERVICENOW, **values))

        await self._database.write(store)


class Watch:
    """Asks from time to time how the incidents of open cases stand. Several servers share the work."""

    def __init__(
        self, database: Database, api: TableApi, minutes: float, flow_back: FlowBack, first: float = FIRST_LOOK
    ) -> None:
        """`flow_back` is told of a state that has changed: one of table_api.STATES, a label of the instance's own, or GONE.

        It may be told twice of one change, when the server is killed. The first look comes after `first` seconds.
        """
        self._database = database
        self._api = api
        self._seconds = minutes * 60
        self._flow_back = flow_back
        self._first = first
        self._stopping: Optional[asyncio.Event] = None
        self._task: Optional["asyncio.Task[None]"] = None
        self._why = ""

    def start(self) -> None:
        """Begin, within the event loop."""
        self._stopping = asyncio.Event()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def close(self) -> None:
        """Ask nothing more: the server stops."""
        if self._stopping is not None:
            self._stopping.set()

    async def settle(self) -> None:
        """End what goes on. The connections are the target's to close."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def look(self) -> int:
        """Ask for the incidents whose time has come; return how many those are.

        Raises TryAgain, Suspended or Undeliverable.
        """
        rows: List[Row] = await self._database.write(self._claim)
        if not rows:
            return 0
        found = await self._api.find(f"sys_idIN{','.join(row.key for row in rows)}", len(rows))
        states = {record.key: record for record in found}
        for row in rows:
            record = states.get(row.key, Record(row.key, row.number, GONE))
            if record.state != row.state:
                await self._pass_on(row, record)
        return len(rows)

    async def _pass_on(self, row: Row, record: Record) -> None:
        """Say what changed, then store it. A case that cannot be told is told at the next look, and holds up no other."""
        try:
            await self._flow_back(row.case_id, record.state, record.number, row.url)
            change = counterparts.update().where(_is_of(row.case_id)).values(state=record.state, number=record.number)
            await self._database.write(lambda on: on.execute(change))
        except Exception:
            logger.exception("incident %s: its case could not be told how it stands", record.number)

    def _claim(self, on: Connection) -> List[Row]:
        """Take incidents of open cases that nobody asked for lately, so that another server does not."""
        now = time.time()
        is_due = sa.or_(counterparts.c.asked_at.is_(None), counterparts.c.asked_at <= now - self._seconds)
        joined = counterparts.join(cases, cases.c.id == counterparts.c.case_id)
        is_open = sa.and_(counterparts.c.target == SERVICENOW, cases.c.state != SOLVED)
        due = sa.select(counterparts).select_from(joined).where(is_open, is_due)
        rows = on.execute(due.order_by(counterparts.c.case_id).limit(MOST_ASKED)).all()
        taken = []
        for row in rows:
            is_still = sa.and_(_is_of(row.case_id), is_due)
            if on.execute(counterparts.update().where(is_still).values(asked_at=now)).rowcount:
                taken.append(row)
        return taken

    async def _run(self) -> None:
        assert self._stopping is not None
        wait = self._first
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._stopping.wait(), wait)
                return
            except asyncio.TimeoutError:
                pass
            wait = self._seconds
            try:
                while await self.look() == MOST_ASKED and not self._stopping.is_set():
                    pass
                self._why = ""
            except Suspended as error:
                self._failed(str(error))
            except TryAgain as error:
                self._failed("no answer that can be used")
                wait = max(wait, min(error.after or 0.0, LONGEST_PAUSE))
            except Undeliverable:
                self._failed("the request is refused")
            except Exception:
                logger.exception("incidents of ServiceNow could not be asked for")

    def _failed(self, why: str) -> None:
        if why != self._why:  # one line in the log, not one for each look
            logger.error("how incidents of ServiceNow stand is not known: %s", why)
        self._why = why


def correlation_id(notice: Notice) -> str:
    """Return what an incident is found again by. With the time, as another installation may count its cases from 1 too."""
    opened = datetime.fromisoformat(notice.document["case"]["opened_at"])
    return f"triage-{notice.case_id}-{opened:%Y%m%d%H%M%S}"


def incident(notice: Notice, correlation: str) -> Dict[str, str]:
    """Return the fields of an incident that are the case's."""
    case = notice.document["case"]
    summary = case["summary"].get(case["language"]) or case["summary"][DEFAULT_LANGUAGE]
    about = summary["plain"] or case["problem"] or ""
    described = f"{case['url']}\n\n{about}" if case["url"] else about
    return {
        "short_description": line(f"{case['number']}: {line(case['problem'] or '') or what(case)}", LONGEST_SUMMARY),
        "description": described[:LONGEST_DESCRIPTION],
        "correlation_id": correlation,
        "correlation_display": "support triage",
    }


def _is_of(case_id: int) -> Any:
    return sa.and_(counterparts.c.case_id == case_id, counterparts.c.target == SERVICENOW)


def _of(case_id: int) -> Any:
    return sa.select(counterparts).where(_is_of(case_id))

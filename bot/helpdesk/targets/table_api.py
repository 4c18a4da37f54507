"""ServiceNow's Table API: how a table is asked, and what its answers mean."""

import re
from dataclasses import dataclass
from typing import Any, List, Mapping

import aiohttp

from bot.engine import UnusableFacts
from bot.helpdesk.settings import ServiceNowSettings
from bot.helpdesk.targets import Suspended, TryAgain, Undeliverable
from bot.helpdesk.targets.http import SECONDS, Http, headers, is_later, waiting_time
from bot.helpdesk.targets.words import line

LONGEST_ERROR = 200  # characters
LONGEST_STATE = 40
# The states of an incident as ServiceNow delivers them. One that an instance made itself is called by its own label.
STATES = {"1": "new", "2": "in_progress", "3": "on_hold", "6": "resolved", "7": "closed", "8": "canceled"}
RETURNED = {
    "sysparm_fields": "sys_id,number,state",
    "sysparm_display_value": "all",
    "sysparm_exclude_reference_link": "true",
}
_KEY = re.compile(r"[0-9a-f]{32}")
_NUMBER = re.compile(r"[A-Za-z0-9_-]{1,40}")
_TABLE = re.compile(r"[a-z0-9_]{1,80}")


class NoRecord(Undeliverable):
    """There is no such record (any more)."""


@dataclass(frozen=True)
class Record:
    """A record: its sys_id, what people call it, and its state as in STATES."""

    key: str
    number: str
    state: str


class TableApi:
    """Speaks to one table of an instance."""

    def __init__(self, settings: ServiceNowSettings, user: str, password: str, seconds: float = SECONDS) -> None:
        """Nothing is asked of the network yet. Raises UnusableFacts without user and password."""
        if not (user and password):
            raise UnusableFacts(
                "helpdesk.yml: targets.servicenow needs TRIAGE_SERVICENOW_USER and TRIAGE_SERVICENOW_PASSWORD"
            )
        if not _TABLE.fullmatch(settings.table):
            raise UnusableFacts(f'helpdesk.yml: targets.servicenow.table: "{settings.table}" must be a name like incident')
        self._address = f"{settings.instance}/api/now/table/{settings.table}"
        self._page = f"{settings.instance}/{settings.table}.do?sys_id="
        self._auth = aiohttp.BasicAuth(user, password, "utf-8")
        self._http = Http("ServiceNow", seconds)

    def url(self, key: str) -> str:
        """Return the page of a record."""
        return f"{self._page}{key}"

    async def find(self, query: str, limit: int) -> List[Record]:
        """Return the records that an encoded query finds, and at most `limit`."""
        asked = {**RETURNED, "sysparm_query": query, "sysparm_limit": str(limit)}
        try:
            found = await self._ask("GET", self._address, params=asked)
        except NoRecord:  # what old versions answer when nothing is found
            return []
        return [record_of(one) for one in found] if isinstance(found, list) else []

    async def create(self, values: Mapping[str, str]) -> Record:
        """Make a record; return it. Raises TryAgain, Undeliverable or Suspended, as the others do."""
        return record_of(await self._ask("POST", self._address, json=dict(values), params=RETURNED))

    async def change(self, key: str, values: Mapping[str, str]) -> Record:
        """Change a record; return it."""
        return record_of(await self._ask("PATCH", f"{self._address}/{key}", json=dict(values), params=RETURNED))

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()

    async def _ask(self, method: str, url: str, **more: Any) -> Any:
        async with self._http.ask(method, url, auth=self._auth, headers=headers(), **more) as response:
            status, after = response.status, waiting_time(response.headers.get("Retry-After"))
            try:
                answer = await response.json(content_type=None)
            except (ValueError, UnicodeError):
                answer = None
        result = answer.get("result") if isinstance(answer, dict) else None
        if 200 <= status < 300 and result is not None:
            return result
        if status == 401:
            mended = "mend TRIAGE_SERVICENOW_USER or TRIAGE_SERVICENOW_PASSWORD"
            raise Suspended(f"ServiceNow refuses user and password (401); {mended}")
        why = f"ServiceNow answers {status}{said(answer)}"
        # 403: a right that an administrator may still give. A page instead of JSON: an instance that sleeps or is upgraded.
        if is_later(status) or status == 403 or not isinstance(answer, dict) or status < 400:
            raise TryAgain(why, after)
        raise (NoRecord if status == 404 else Undeliverable)(why)


def said(answer: Any) -> str:
    """Return what ServiceNow says of an error, in brackets; nothing when it says nothing."""
    error = answer.get("error") if isinstance(answer, dict) else None
    parts = [error.get("message"), error.get("detail")] if isinstance(error, dict) else []
    text = line(": ".join(str(part) for part in parts if part), LONGEST_ERROR)
    return f" ({text})" if text else ""


def record_of(found: Any) -> Record:
    """Return a record as the API gives it. Raises TryAgain for what is none."""
    fields = found if isinstance(found, dict) else {}
    key, number = value_of(fields.get("sys_id")), value_of(fields.get("number"))
    if not _KEY.fullmatch(key) or not _NUMBER.fullmatch(number):
        raise TryAgain("ServiceNow's answer is no record of a table")
    state = value_of(fields.get("state"))
    label = line(value_of(fields.get("state"), "display_value"), LONGEST_STATE)
    return Record(key, number, STATES.get(state, label.lower() or line(state, LONGEST_STATE)))


def value_of(field: Any, which: str = "value") -> str:
    """Return the value of a field, whether or not it comes with its label."""
    found = field.get(which) if isinstance(field, dict) else field
    return found if isinstance(found, str) else ""

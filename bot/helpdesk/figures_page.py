"""What leads look at: the figures with their pictures, the same as CSV, and the audit log."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Dict, Optional, Tuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sanic import Blueprint, Request
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, raw
from sqlalchemy.engine import Connection

from bot.database import Database
from bot.engine import UnusableFacts
from bot.given import number
from bot.helpdesk import audit, plots
from bot.helpdesk.access import Access
from bot.helpdesk.accounts import LEAD
from bot.helpdesk.figures import Figures, channels_and_languages, figures
from bot.helpdesk.figures_shown import Name, as_csv, overview, plain_name, sections
from bot.helpdesk.period import Period, asked, last_weeks
from bot.helpdesk.records import case_id_of
from bot.helpdesk.tables import staff

PER_PAGE = 100  # entries of the audit log
PARAMETERS = ("from", "to", "channel", "language")
UNUSABLE = 400
# The picture's own: it is looked at alone too, and carries its colours with it.
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
Show = Callable[..., HTTPResponse]  # (request, template, status=200, **values)
Choices = Tuple[Tuple[str, ...], Tuple[str, ...]]


def blueprint(
    database: Database,
    zone: ZoneInfo,
    access: Access,
    show: Show,
    name: Name = plain_name,
    now: Callable[[], float] = time.time,
) -> Blueprint:
    """Return the routes, for leads only. `name` says how ids are read; `now` is in seconds since 1970."""
    routes = Blueprint("helpdesk_figures", url_prefix="/helpdesk")
    access.protect(routes, LEAD)
    # A thread of its own: Matplotlib draws one picture at a time, and what waits must not keep the database's threads.
    drawing = ThreadPoolExecutor(1, thread_name_prefix="plots")

    async def found(request: Request) -> Tuple[Figures, Choices]:
        """Return the figures that a request asks for. Raises UnusableFacts."""
        at = now()

        def count(on: Connection) -> Tuple[Figures, Choices]:
            choices = channels_and_languages(on)
            return figures(on, asked(_given(request), at, zone, *choices), at), choices

        return await database.read(count)

    @routes.get("/figures")
    async def show_figures(request: Request) -> HTTPResponse:
        try:
            counted, choices = await found(request)
        except UnusableFacts as error:
            choices = await database.read(channels_and_languages)
            values = _form(last_weeks(now(), zone), choices, name)
            values["given"] = {**values["given"], **_given(request)}
            return show(request, "figures.html", UNUSABLE, **values, problem=_sentence(error), overview=None, sections=())
        values = _form(counted.period, choices, name)
        parts = sections(counted, name)
        return show(request, "figures.html", **values, problem=None, overview=overview(counted, name), sections=parts)

    @routes.get("/figures.csv")
    async def download(request: Request) -> HTTPResponse:
        try:
            counted, _ = await found(request)
        except UnusableFacts as error:
            return _refused(error)
        file = f"helpdesk-figures-{counted.period.first}-to-{counted.period.last}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{file}"'}
        return raw(
            await asyncio.to_thread(as_csv, counted), headers=headers, content_type="text/csv; charset=utf-8; header=present"
        )

    @routes.get(r"/figures/<file:[a-z]{1,40}\.svg>")
    async def picture(request: Request, file: str) -> HTTPResponse:
        try:
            counted, _ = await found(request)
        except UnusableFacts as error:
            return _refused(error)
        drawn = {f"{section.picture.name}.svg": section.picture for section in sections(counted, name)}
        if file not in drawn:
            raise NotFound("there is no such picture")
        document = await asyncio.get_running_loop().run_in_executor(drawing, plots.draw, drawn[file])
        return raw(document, headers={"Content-Security-Policy": PICTURE_POLICY}, content_type="image/svg+xml")

    @routes.get("/audit")
    async def show_audit(request: Request) -> HTTPResponse:
        typed = (request.args.get("case") or "").strip()
        try:
            case, before = _case(typed), _before(request.args.get("before"))
        except UnusableFacts as error:
            return show(
                request, "audit.html", UNUSABLE, problem=_sentence(error), case=typed, entries=(), names={}, older=None
            )
        entries, names = await database.read(lambda on: _log(on, case, before))
        older = entries[PER_PAGE - 1].id if len(entries) > PER_PAGE else None
        return show(request, "audit.html", problem=None, case=typed, entries=entries[:PER_PAGE], names=names, older=older)

    @routes.listener("after_server_stop")
    async def end(*arguments: object) -> None:
        drawing.shutdown(wait=False)

    return routes


def _given(request: Request) -> Dict[str, str]:
    return {name: request.args.get(name) or "" for name in PARAMETERS}


def _form(period: Period, choices: Choices, name: Name) -> Dict[str, Any]:
    """Return what the form above the figures shows."""
    channels, languages = choices
    return {
        "period": period,
        "given": {
            "from": period.first.isoformat(),
            "to": period.last.isoformat(),
            "channel": "",
            "language": "",
            **period.query,
        },
        "channels": [(channel, name("channel", channel)) for channel in channels],
        "languages": [(language, name("language", language)) for language in languages],
    }


def _log(on: Connection, case: Optional[int], before: Optional[int]) -> Tuple[Any, Dict[int, str]]:
    """Return a page of the log and an entry more, and the names of the staff."""
    entries = audit.entries(on, case=case, before=before, limit=PER_PAGE + 1)
    return entries, {row.id: row.name for row in on.execute(sa.select(staff.c.id, staff.c.name))}


def _case(typed: str) -> Optional[int]:
    if not typed:
        return None
    found = number(typed) if typed.isascii() else None
    found = case_id_of(typed) if found is None else found
    if found is None:
        raise UnusableFacts('the case must be a number like "T-00012"')
    return found


def _before(typed: Optional[str]) -> Optional[int]:
    if not typed:
        return None
    found = number(typed) if typed.isascii() else None
    if found is None:
        raise UnusableFacts('"before" must be the number of an entry; go back to the newest')
    return found


def _sentence(error: Exception) -> str:
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def _refused(error: Exception) -> HTTPResponse:
    return raw(_sentence(error).encode(), status=UNUSABLE, content_type="text/plain; charset=utf-8")

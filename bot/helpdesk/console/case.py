"""The page of a case, made of parts. Each part is renewed by itself while the page is open, and only when it changed."""

import asyncio
import hashlib
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

import sqlalchemy as sa
from sanic import Blueprint, Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.channels.deliveries import Deliveries
from bot.channels.gateway import LONGEST_FROM_STAFF
from bot.channels.guard import Refused
from bot.channels.transcript import conversation_of, said
from bot.helpdesk import acts, audit, cases
from bot.helpdesk.accounts import Staff
from bot.helpdesk.cases import LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, Case, NoCase, Note
from bot.helpdesk.console.parts import CASE, Console, fragment, missing, page, signed_in
from bot.helpdesk.console.worked_out import WorkedOut, work_out
from bot.helpdesk.tables import audit as audit_table
from bot.helpdesk.tables import counterparts, notices

MOST_SHOWN = 200  # messages; a link leads to earlier ones
MOST_ENTRIES = 60  # of the audit log
SECONDS_A_LOOK_COUNTS = 600.0  # a page that renews itself is one look
# The parts of the page that are renewed, with their templates.
PARTS = ("standing", "verdict", "facts", "suggestion", "summary", "tags", "notes", "history")
LIMITS = {"note": LONGEST_NOTE, "tag": LONGEST_TAG, "tags": MOST_TAGS, "message": LONGEST_FROM_STAFF}
WITHOUT_DELIVERY = ("widget",)  # channels from which the partner's browser takes messages itself


@dataclass(frozen=True)
class Room:
    """A case with all that its page shows. `is_mine`: who looks at it holds it; `is_talking`: and talks with the partner."""

    case: Case
    held_by: Optional[str]
    is_mine: bool
    is_talking: bool
    can_push: bool
    documents: List[Dict[str, Any]]
    undelivered: Mapping[int, str]
    notes: List[Note]
    entries: List[audit.Entry]
    notices: List[Any]
    counterparts: List[Any]
    suspended: Mapping[str, str]
    more: WorkedOut

    @property
    def seq(self) -> int:
        """The number of the last message."""
        return self.documents[-1]["seq"] if self.documents else 0

    @property
    def mark(self) -> str:
        """What differs whenever a part of the page may."""
        return mark(self.case.revision, self.held_by, self.undelivered)


def mark(revision: int, held_by: Optional[str], undelivered: Mapping[int, str]) -> str:
    """Return what differs whenever a case changed, changed hands, or a message could not be delivered."""
    text = json.dumps([revision, held_by, sorted(undelivered)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def add(routes: Blueprint, console: Console) -> None:
    """Add the page of a case to the routes."""

    @routes.get(CASE)
    async def show(request: Request, case_id: str) -> HTTPResponse:
        try:
            case = await console.acts.view(signed_in(request).staff, int(case_id))
        except NoCase as problem:
            return missing(console, request, problem)
        return await shown(console, request, case, inserted=request.args.get("insert") or "")

    @routes.get(f"{CASE}/now")
    async def renew(request: Request, case_id: str) -> HTTPResponse:
        try:
            case = await looked_at(console, signed_in(request).staff, int(case_id))
        except NoCase as problem:
            return missing(console, request, problem)
        return fragment(await parts_now(console, request, case))


async def looked_at(console: Console, who: Staff, case_id: int) -> Case:
    """Return a case, and see that the look is in the audit log: once for a page that renews itself. Raises NoCase."""
    is_it = (audit_table.c.case_id == case_id) & (audit_table.c.staff == who.id) & (audit_table.c.act == acts.VIEWED)
    recent = sa.select(audit_table.c.id).where(is_it, audit_table.c.at > time.time() - SECONDS_A_LOOK_COUNTS).limit(1)
    if await console.database.read(lambda on: on.execute(recent).first()) is None:
        return await console.acts.view(who, case_id)
    return await console.cases.one(case_id)


async def shown(
    console: Console,
    request: Request,
    case: Case,
    status: int = 200,
    inserted: str = "",
    errors: Mapping[str, str] = {},
    typed: Mapping[str, str] = {},
) -> HTTPResponse:
    """Return the page of a case.

    `inserted` is the id of a reply that stands in the message; `errors` are told beside the forms they are about, which hold
    what was `typed`.
    """
    room = await entered(console, signed_in(request).staff, case, _before(request))
    chosen = next((reply.text for reply in room.more.replies if reply.id == inserted), "")
    return page(
        console,
        request,
        "case.html",
        status,
        room=room,
        case=room.case,
        parts=_parts(console, request, room),
        errors=errors,
        earlier=room.documents[0]["seq"] if room.documents and room.documents[0]["seq"] > 1 else None,
        typed={"message": chosen, "note": "", **typed},
        limits=LIMITS,
        message_id=uuid.uuid4().hex,
    )


async def parts_now(
    console: Console, request: Request, case: Case, errors: Mapping[str, str] = {}, is_done: str = ""
) -> str:
    """Return the parts of a case's page, to be put in place of those that are there, with what is wrong with a form.

    `is_done` names the form that was taken.
    """
    room = await entered(console, signed_in(request).staff, case)
    return console.pages.render(
        "case_now.html",
        signed_in=signed_in(request),
        room=room,
        case=room.case,
        parts=_parts(console, request, room),
        errors=errors,
        is_done=is_done,
        message_id=uuid.uuid4().hex,
    )


def _parts(console: Console, request: Request, room: Room) -> List[Tuple[str, str, str]]:
    """Return the parts as (name, HTML, what differs when the HTML does)."""
    found = []
    for name in PARTS:
        content = console.pages.render(
            f"case/_{name}.html", room=room, case=room.case, signed_in=signed_in(request), limits=LIMITS
        )
        found.append((name, content, hashlib.sha256(content.encode()).hexdigest()[:16]))
    return found


def _before(request: Request) -> Optional[int]:
    """Return the number that the messages to show come before, None for the last ones."""
    given = request.args.get("before") or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else None


async def entered(console: Console, who: Staff, case: Case, before: Optional[int] = None) -> Room:
    """Return a case with all that its page shows: the last messages, of those before number `before` if that is given."""

    def look(on: Connection) -> Dict[str, Any]:
        found = cases.read(on, case.id)
        conversation = conversation_of(on, found.conversation)
        told = sa.select(notices).where(notices.c.case_id == case.id).order_by(notices.c.id)
        elsewhere = sa.select(counterparts).where(counterparts.c.case_id == case.id).order_by(counterparts.c.target)
        return {
            "case": found,
            "held_by": conversation.held_by if conversation else None,
            "documents": said(on, found.conversation, MOST_SHOWN, before),
            "notes": cases.notes_of(on, case.id),
            "entries": audit.entries(on, case=case.id, limit=MOST_ENTRIES),
            "notices": on.execute(told).all(),
            "counterparts": on.execute(elsewhere).all(),
        }

    found = await console.database.read(look)
    case = found["case"]
    return Room(
        **found,
        is_mine=case.holder == who.id,
        is_talking=case.holder == who.id and found["held_by"] == who.name,
        can_push=await _can_push(console, case),
        suspended=console.notices.suspended if console.notices is not None else {},
        undelivered=await undelivered(console.deliveries, case),
        more=await asyncio.to_thread(work_out, case, case.language, console.today()),
    )


async def _can_push(console: Console, case: Case) -> bool:
    try:
        await console.gateway.reachable(case.conversation)
    except Refused:
        return False
    return True


async def undelivered(deliveries: Deliveries, case: Case) -> Dict[int, str]:
    """Return the numbers of the messages that could not be delivered, with the reasons."""
    return {} if case.channel in WITHOUT_DELIVERY else await deliveries.undelivered(case.conversation)

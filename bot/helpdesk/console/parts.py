"""What the console's pages need, and what their requests share."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Awaitable, Callable, Mapping, Optional

from sanic import Request
from sanic.response import HTTPResponse, html, redirect

from bot.channels.deliveries import Deliveries
from bot.channels.gateway import LONGEST_FROM_STAFF, Gateway
from bot.channels.guard import Refused
from bot.clock import today
from bot.database import Database
from bot.engine import UnusableFacts
from bot.helpdesk.access import HOME, POLICY
from bot.helpdesk.acts import Acts
from bot.helpdesk.cases import Cases, NoCase, NotYours, Taken
from bot.helpdesk.console.pages import Pages
from bot.helpdesk.entrance import Entrance
from bot.helpdesk.hours import Hours
from bot.helpdesk.sessions import SignedIn
from bot.helpdesk.settings import HelpdeskSettings
from bot.helpdesk.telling import Notices

CASE = "/cases/<case_id:[0-9]{1,9}>"
Parse = Callable[[str], Awaitable[Mapping[str, Any]]]
REFUSED = {  # what the gateway refuses, in words for staff
    "empty": "There is nothing to send.",
    "too_long": f"A message has at most {LONGEST_FROM_STAFF:,} characters. Send it in parts.",
    "no_push": "Nothing can be sent to this conversation: its channel takes only answers. Reach the partner another way.",
    "already_said": "This message was sent already, with other words: they are in the conversation. Send what differs as a new one.",
    "no_session": "This conversation is not there any more.",
}
# What can be wrong with an act, and is told to who did it.
Trouble = (Taken, NotYours, Refused, UnusableFacts, ValueError)


@dataclass(frozen=True)
class Console:
    """What the console is made of.

    `parse` is how the model reads a text (`Assistant.parse`); `notices` tells others of cases.
    """

    database: Database
    acts: Acts
    cases: Cases
    gateway: Gateway
    entrance: Entrance
    parse: Parse
    hours: Hours
    settings: HelpdeskSettings
    pages: Pages
    today: Callable[[], date] = today
    notices: Optional[Notices] = None

    @property
    def deliveries(self) -> Deliveries:
        """The store of what was delivered."""
        return Deliveries(self.database)


def signed_in(request: Request) -> SignedIn:
    """Return the session of a request that was let in."""
    found: SignedIn = request.ctx.signed_in
    return found


def is_part(request: Request) -> bool:
    """Say whether htmx asks, which puts the answer into a page that is there."""
    return "hx-request" in request.headers


def page(console: Console, request: Request, template: str, status: int = 200, **values: Any) -> HTTPResponse:
    """Return a page."""
    return fragment(console.pages.render(template, signed_in=signed_in(request), path=request.path, **values), status)


def fragment(content: str, status: int = 200) -> HTTPResponse:
    """Return a page, or a part of one."""
    return html(content, status=status, headers={"Content-Security-Policy": POLICY, "Vary": "HX-Request"})


def missing(console: Console, request: Request, problem: NoCase) -> HTTPResponse:
    """Return that there is no such case."""
    return page(console, request, "missing.html", 404, problem=str(problem))


# Where on its page the form of a case stands.
PLACES = {
    "standing": "part-standing",
    "talk": "talk",
    "facts": "part-facts",
    "told": "part-history",
    "note": "part-notes",
    "tags": "part-tags",
}


def back(case_id: int, form: str) -> HTTPResponse:
    """Return the way back to a case after a form without scripts."""
    return redirect(f"{HOME}/cases/{case_id}#{PLACES[form]}", status=303)


def field(request: Request, name: str) -> str:
    """Return what a form holds, empty when it does not."""
    found: Optional[str] = request.form.get(name)
    return found or ""


def trouble(error: Exception) -> str:
    """Return what is told of one of `Trouble`."""
    if isinstance(error, Taken):
        return f"{error.holder} has this case, so nothing was changed. Ask them, or wait until they let it go."
    if isinstance(error, Refused):
        return REFUSED.get(error.code, "That was not taken. Try again.")
    found = str(error)
    return f"{found[:1].upper()}{found[1:]}{'' if found.endswith('.') else '.'}"


def trouble_status(error: Exception) -> int:
    """Return the status of one of `Trouble`."""
    if isinstance(error, Refused):
        return error.status
    return 409 if isinstance(error, (Taken, NotYours)) else 422

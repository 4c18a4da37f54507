"""The list of cases: who waits for a person first, filtered and searched by the address of the page."""

from dataclasses import replace
from typing import Any, Dict, List, Sequence, Tuple
from urllib.parse import urlencode

import sqlalchemy as sa
from sanic import Blueprint, Request
from sanic.response import HTTPResponse
from sqlalchemy.engine import Connection

from bot.helpdesk import cases
from bot.helpdesk.cases import LONGEST_TAG, Case, Wanted
from bot.helpdesk.console import names
from bot.helpdesk.console.parts import Console, fragment, page, signed_in
from bot.helpdesk.tables import tags
from bot.knowledge import shared

PER_PAGE = 50
MOST_PAGES = 2_000
MOST_TAGS = 100  # that are offered
LONGEST_SEARCH = 200  # characters
ACTIVE, ALL = "active", "all"
TABS: Dict[str, Sequence[str]] = {
    ACTIVE: (cases.OPEN, cases.CLAIMED, cases.WAITING),
    **{state: (state,) for state in cases.STATES},
    ALL: (),
}
TITLES = {ACTIVE: "To do", ALL: "All", **names.STATES}
KEPT = ("state", "channel", "language", "route", "reason", "tag", "mine", "q")  # in the address, in this order


def add(routes: Blueprint, console: Console) -> None:
    """Add the list to the routes."""

    @routes.get("/")
    async def show(request: Request) -> HTTPResponse:
        asked = _asked(request)
        found = await _found(console, request, asked)
        return page(console, request, "queue.html", asked=asked, choices=_choices(), **found)

    @routes.get("/queue")
    async def renew(request: Request) -> HTTPResponse:
        asked = _asked(request)
        found = await _found(console, request, asked)
        return fragment(console.pages.render("_queue.html", signed_in=signed_in(request), asked=asked, **found))


def _choices() -> Dict[str, List[Tuple[str, str]]]:
    return {
        "channel": list(names.CHANNELS.items()),
        "language": list(names.LANGUAGES.items()),
        "route": sorted(((key, names.route(key)) for key in shared().programme.route_portals), key=lambda pair: pair[1]),
        "reason": list(names.REASONS.items()),
    }


def _asked(request: Request) -> Dict[str, str]:
    """Return what is asked for; what cannot be is left out."""
    given = {name: (request.args.get(name) or "").strip() for name in KEPT}
    usable = {name: {key for key, _ in choices} for name, choices in _choices().items()}
    usable.update(state=set(TABS), mine={"1"})
    asked = {name: value for name, value in given.items() if name not in usable or value in usable[name]}
    asked["tag"] = asked["tag"].replace("\x00", "").lower()[:LONGEST_TAG]
    asked["q"] = asked["q"].replace("\x00", "")[:LONGEST_SEARCH]
    number = request.args.get("page") or ""
    is_number = number.isascii() and number.isdigit() and len(number) < 6
    asked["page"] = str(max(1, min(int(number), MOST_PAGES))) if is_number else "1"
    return {**dict.fromkeys(KEPT, ""), **asked, "state": asked.get("state") or ACTIVE}


def address(asked: Dict[str, str], **changed: str) -> str:
    """Return the query of the list with something changed; what says nothing is left out."""
    wanted = {**asked, **changed}
    kept = {name: wanted[name] for name in (*KEPT, "page") if wanted.get(name)}
    if kept.get("state") == ACTIVE:
        kept.pop("state")
    if kept.get("page") == "1":
        kept.pop("page")
    return f"?{urlencode(kept)}" if kept else "?"


def mark_text(mark: Tuple[int, float]) -> str:
    """Return the mark of the cases (cases.mark) as a page carries it."""
    return f"{mark[0]}-{mark[1]:.6f}"


async def _found(console: Console, request: Request, asked: Dict[str, str]) -> Dict[str, Any]:
    who = signed_in(request).staff
    wanted = Wanted(
        states=TABS[asked["state"]],
        channel=asked["channel"] or None,
        language=asked["language"] or None,
        route=asked["route"] or None,
        reason=asked["reason"] or None,
        tag=asked["tag"] or None,
        holder=who.id if asked["mine"] else None,
        text=asked["q"],
    )
    offset = (int(asked["page"]) - 1) * PER_PAGE

    def look(on: Connection) -> Tuple[str, List[Case], int, Dict[str, int], List[str]]:
        mark = mark_text(cases.mark(on))
        found, total = cases.look_for(on, wanted, PER_PAGE, offset)
        each = {state: cases.look_for(on, replace(wanted, states=(state,)), 1)[1] for state in cases.STATES}
        known = sa.select(tags.c.tag).distinct().order_by(tags.c.tag).limit(MOST_TAGS)
        return mark, found, total, each, list(on.execute(known).scalars())

    mark, found, total, each, known = await console.database.read(look)
    counts = {tab: sum(each[state] for state in states or cases.STATES) for tab, states in TABS.items()}
    narrowed = [name for name in KEPT if name != "state" and asked[name]]
    return {
        "mark": mark,
        "cases": found,
        "total": total,
        "first": offset + 1,
        "last": offset + len(found),
        "number": int(asked["page"]),
        "tabs": [(tab, TITLES[tab], counts[tab]) for tab in TABS],
        "tags": known,
        "narrowed": narrowed,
        "address": lambda **changed: address(asked, **changed),
    }

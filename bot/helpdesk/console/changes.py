"""What the forms of a case do. With scripts the answer is put into the page; without, it is the page again."""

from typing import Any, Awaitable, Callable, Dict, List, Mapping, Optional

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from bot.engine import UnusableFacts
from bot.engine.reading import OF_THE_PRODUCT
from bot.helpdesk import audit
from bot.helpdesk.accounts import Staff
from bot.helpdesk.acts import Acts
from bot.helpdesk.cases import LONGEST_NOTE, NoCase
from bot.helpdesk.console.case import looked_at, parts_now, shown
from bot.helpdesk.console.names import TOLD_AGAIN
from bot.helpdesk.console.parts import (
    CASE, Console, Trouble, back, field, fragment, is_part, missing, signed_in, trouble, trouble_status,
)  # fmt: skip
from bot.helpdesk.console.stream import Watch
from bot.knowledge import shared

NOT_KNOWN = "-"  # the value of a fact's field when it is not known
WAS = "was_"  # begins the name of a field with the value that the page showed
Act = Callable[[Acts, Staff, int], Awaitable[Any]]
# What a button does: the end of its address -> the act.
BUTTONS: Dict[str, Act] = {
    "claim": lambda acts, who, case_id: acts.claim(who, case_id),
    "release": lambda acts, who, case_id: acts.release(who, case_id),
    "wait": lambda acts, who, case_id: acts.wait(who, case_id),
    "solve": lambda acts, who, case_id: acts.solve(who, case_id),
    "reopen": lambda acts, who, case_id: acts.reopen(who, case_id),
    "take-over": lambda acts, who, case_id: acts.take_over(who, case_id),
    "hand-back": lambda acts, who, case_id: acts.hand_back(who, case_id),
}


def add(routes: Blueprint, console: Console, watch: Watch) -> None:
    """Add the forms to the routes, but those of the conversation."""

    @routes.post(f"{CASE}/<act:({'|'.join(BUTTONS)})>")
    async def press(request: Request, case_id: str, act: str) -> HTTPResponse:
        work = BUTTONS[act](console.acts, signed_in(request).staff, int(case_id))
        return await done(console, watch, request, int(case_id), "standing", work)

    @routes.post(f"{CASE}/notes")
    async def note(request: Request, case_id: str) -> HTTPResponse:
        text = field(request, "note")
        work = console.acts.note(signed_in(request).staff, int(case_id), text)
        return await done(console, watch, request, int(case_id), "note", work, {"note": text[: 4 * LONGEST_NOTE]})

    @routes.post(f"{CASE}/tags")
    async def tag(request: Request, case_id: str) -> HTTPResponse:
        given = field(request, "tags").split(",")
        return await done(
            console, watch, request, int(case_id), "tags", console.acts.tag(signed_in(request).staff, int(case_id), given)
        )

    @routes.post(f"{CASE}/facts")
    async def facts(request: Request, case_id: str) -> HTTPResponse:
        work = set_facts(console, signed_in(request).staff, int(case_id), request)
        return await done(console, watch, request, int(case_id), "facts", work)


    @routes.post(f"{CASE}/tell-again")
    async def tell_again(request: Request, case_id: str) -> HTTPResponse:
        work = _tell_again(console, signed_in(request).staff, int(case_id))
        return await done(console, watch, request, int(case_id), "told", work)


async def _tell_again(console: Console, who: Staff, case_id: int) -> None:
    """Tell others again what was given up. Raises NoCase."""
    case = await console.cases.one(case_id)
    if console.notices is not None and await console.notices.outbox.again(case.id):
        await console.database.write(lambda on: audit.record(on, TOLD_AGAIN, who.login, who.id, case.id))


async def set_facts(console: Console, who: Staff, case_id: int, request: Request) -> None:
    """Put those facts right that were changed in a form. What was found out meanwhile and not changed there stays.

    Raises what Acts.set_facts does.
    """
    changed = changed_facts(request)
    if not changed:
        return
    case = await console.cases.one(case_id)
    await console.acts.set_facts(who, case_id, fitting(case.facts, changed))


def changed_facts(request: Request) -> Dict[str, Optional[str]]:
    """Return the facts that a form gives other than the page showed them; None for one that is not known."""
    changed: Dict[str, Optional[str]] = {}
    for fact in shared().programme.facts:
        given, was = field(request, fact), field(request, f"{WAS}{fact}")
        if given and given != was:
            changed[fact] = None if given == NOT_KNOWN else given
    return changed


def fitting(facts: Mapping[str, str], changed: Mapping[str, Optional[str]]) -> Dict[str, Optional[str]]:
    """Return changes with those that follow from them: what belonged to another product is forgotten.

    Raises UnusableFacts.
    """
    programme = shared().programme
    wanted = {fact: value for fact, value in changed.items() if value is not None}
    kept = {fact: value for fact, value in facts.items() if fact not in changed}
    forgotten: List[str] = []
    if "product" in changed:
        for fact in OF_THE_PRODUCT:
            if fact in kept and not _fits(wanted, fact, kept[fact]):
                forgotten.append(fact)
    programme.check({**{fact: value for fact, value in kept.items() if fact not in forgotten}, **wanted})
    return {**changed, **dict.fromkeys(forgotten)}


def _fits(facts: Mapping[str, str], fact: str, value: str) -> bool:
    """Say whether a value belongs to a product that is named in facts."""
    programme = shared().programme
    try:
        programme.check({**facts, fact: value})
    except UnusableFacts:
        return False
    return "product" in facts and value in programme.values(fact, facts)


async def done(
    console: Console,
    watch: Watch,
    request: Request,
    case_id: int,
    form: str,
    work: Awaitable[Any],
    typed: Mapping[str, str] = {},
) -> HTTPResponse:
    """Do what a form asks for; return the page or its parts, with what is wrong told beside `form`.

    The page then still holds what was `typed`.
    """
    try:
        await work
    except NoCase as problem:
        return missing(console, request, problem)
    except Trouble as error:
        errors, status = {form: trouble(error)}, trouble_status(error)
        case = await looked_at(console, signed_in(request).staff, case_id)
        if is_part(request):
            return fragment(await parts_now(console, request, case, errors), status)
        return await shown(console, request, case, status, errors=errors, typed=typed)
    watch.look_now()
    if console.notices is not None:
        console.notices.wake()
    if is_part(request):
        return fragment(await parts_now(console, request, await looked_at(console, signed_in(request).staff, case_id), is_done=form))
    return back(case_id, form)

"""The conversation of a case, once it is taken over: what staff write, and that they are writing."""

import re

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty

from bot.channels.gateway import LONGEST_FROM_STAFF
from bot.helpdesk.cases import NoCase
from bot.helpdesk.console.changes import done
from bot.helpdesk.console.parts import CASE, Console, field, signed_in
from bot.helpdesk.console.stream import Watch

MESSAGE_ID = re.compile(r"[0-9a-f]{32}")


def add(routes: Blueprint, console: Console, watch: Watch) -> None:
    """Add the forms of the conversation to the routes."""

    @routes.post(f"{CASE}/messages")
    async def write(request: Request, case_id: str) -> HTTPResponse:
        text, message_id = field(request, "message").replace("\r\n", "\n"), field(request, "id")
        work = _write(console, request, int(case_id), text, message_id)
        return await done(console, watch, request, int(case_id), "talk", work, {"message": text[: 4 * LONGEST_FROM_STAFF]})

    @routes.post(f"{CASE}/typing")
    async def typing(request: Request, case_id: str) -> HTTPResponse:
        try:
            await console.acts.is_writing(signed_in(request).staff, int(case_id))
        except NoCase:
            pass  # nobody can be shown anything
        return empty()


async def _write(console: Console, request: Request, case_id: int, text: str, message_id: str) -> None:
    if not MESSAGE_ID.fullmatch(message_id):
        raise ValueError("the form was not whole, so nothing was sent; send it again")
    await console.acts.write(signed_in(request).staff, case_id, text.strip(), message_id)

"""Slack's requests. An event is acknowledged when it is stored, since Slack sends it again otherwise; what Slack does not send
again is acknowledged in time in any case, and the person is told when it could not be taken."""

import asyncio
import json
import logging
import time
from typing import Any, Awaitable, Dict, Optional
from urllib.parse import parse_qsl

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response
from slack_sdk.signature import SignatureVerifier

from bot.channels.guard import Refused
from bot.channels.slack.api import Api, SlackPlatform
from bot.channels.slack.pressing import Pressed, pressed
from bot.channels.slack.reading import Opened, Removed, Said, command, event, team_of
from bot.channels.slack.work import Work
from bot.channels.tasks import Tasks
from bot.channels.web import body, denied

logger = logging.getLogger(__name__)

SECONDS_TO_STORE = 0.8  # Slack is to have its answer within one
MOST_FIELDS = 100
LATEST = 2**40  # seconds since 1970, of an event
HELP = ("help", "hulp", "?")


def blueprint(secret: str, api: Api, platform: SlackPlatform, work: Work, tasks: Tasks) -> Blueprint:
    """Return the routes of the channel."""
    channel = Blueprint("slack_channel", url_prefix="/slack")
    verifier = SignatureVerifier(secret)

    @channel.exception(Refused)
    async def refuse(request: Request, refused: Refused) -> HTTPResponse:
        return denied(refused.status, refused.code)

    @channel.on_request
    async def verify(request: Request) -> Optional[HTTPResponse]:
        stamp, signature = request.headers.get("x-slack-request-timestamp"), request.headers.get("x-slack-signature")
        try:
            is_signed = verifier.is_valid(request.body, stamp, signature)
        except (ValueError, TypeError, OverflowError):  # no number, no ASCII, no UTF-8
            is_signed = False
        return None if is_signed else denied(401, "not_signed")

    @channel.post("/events")
    async def events(request: Request) -> HTTPResponse:
        outer = body(request)
        if outer.get("type") == "url_verification":
            if not isinstance(outer.get("challenge"), str):
                raise Refused("not_usable")
            return json_response({"challenge": outer["challenge"]})
        if outer.get("type") != "event_callback":
            return empty(200)
        happened, team = event(outer), team_of(outer)
        at = outer.get("event_time")
        at = float(at) if isinstance(at, int) and 0 < at < LATEST else time.time()
        if isinstance(happened, Removed):
            platform.suspend(team, at)
            return empty(200)
        seen(team, at)
        if isinstance(happened, Opened):
            tasks.start(work.quietly("opening the app", work.open(happened)))
        elif isinstance(happened, Said):
            taking = work.inbox.take(happened.message, happened.place.reference, work.language)
            if not await tasks.is_done(taking, SECONDS_TO_STORE):
                return denied(503, "busy")
        return empty(200)

    @channel.post("/interactions")
    async def interactions(request: Request) -> HTTPResponse:
        try:
            found = json.loads(_form(request).get("payload", ""))
        except (ValueError, RecursionError):
            raise Refused("not_usable") from None
        if not isinstance(found, dict):
            raise Refused("not_usable")
        used = pressed(found)
        for one in used:
            seen(one.place.team, time.time())
        if used:
            await asyncio.wait({tasks.start(take(one)) for one in used}, timeout=SECONDS_TO_STORE)
        return empty(200)

    @channel.post("/commands")
    async def commands(request: Request) -> HTTPResponse:
        form = _form(request)
        if form.get("ssl_check") == "1":
            return empty(200)
        given = command(form)
        seen(given.place.team, time.time())
        language = await work.spoken(given.place.team, given.user, given.place)
        if given.text.lower() in HELP:
            return _only_to_asker(work.words("utter_slack_help", language))
        tasks.start(or_say_so(work.command(given), given.response_url))
        return _only_to_asker(work.words("utter_slack_opened", language))

    def seen(team: str, at: float) -> None:
        if platform.lift(team, at):
            work.inbox.mended(team)

    async def take(one: Pressed) -> None:
        """Take what was pressed; what is left to do then is done after the answer."""
        rest = await or_say_so(work.press(one), one.response_url)
        if rest is not None:
            tasks.start(work.quietly("showing what was pressed", rest()))

    async def or_say_so(taking: Awaitable[Any], url: str) -> Any:
        try:
            return await taking
        except Exception:
            logger.exception("Slack: what a person did could not be taken; he is told")
            await api.respond(url, work.words("utter_slack_failed", work.language))

    return channel


def _form(request: Request) -> Dict[str, str]:
    """Return the fields of a form. Raises Refused when there is none."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Refused("not_usable")
    try:
        text = request.body.decode("utf-8")
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Refused("not_usable") from None


def _only_to_asker(text: str) -> HTTPResponse:
    return json_response({"response_type": "ephemeral", "text": text})

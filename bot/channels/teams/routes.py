"""The Bot Framework's requests. An activity is acknowledged when it is stored; it is sent again otherwise, and recognised."""

import asyncio
import logging
import time
from typing import Any, Awaitable, Dict, Set

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from bot.channels.guard import Refused
from bot.channels.teams import tokens
from bot.channels.teams.activities import Happened, Installed, Unknown, happened
from bot.channels.teams.fields import tenant_of
from bot.channels.teams.keys import NoKeys, SigningKeys
from bot.channels.teams.work import Work
from bot.channels.web import body, denied
from bot.settings import TeamsSettings

logger = logging.getLogger(__name__)

SECONDS_TO_STORE = 5.0  # the Bot Framework waits for 15
SECONDS_TO_FINISH = 5.0  # when the server stops
RETRY_AFTER = {"Retry-After": "5"}
BETWEEN_LINES = 60.0  # seconds between two lines in the log about requests of others, which anybody can send
SHOWN = "application/vnd.microsoft.activity.message"
FAILED = "application/vnd.microsoft.error"


class Tasks:
    """What goes on after a request was answered."""

    def __init__(self) -> None:
        self._running: Set["asyncio.Task[Any]"] = set()

    def start(self, work: Awaitable[Any]) -> "asyncio.Task[Any]":
        """Begin work and keep it until it is done."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("an activity of Teams could not be taken", exc_info=task.exception())

    async def finish(self) -> None:
        """Wait for what goes on, but not for ever."""
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=SECONDS_TO_FINISH)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


def blueprint(settings: TeamsSettings, keys: SigningKeys, work: Work, tasks: Tasks) -> Blueprint:
    """Return the route of the channel."""
    channel = Blueprint("teams_channel", url_prefix="/teams")
    quiet_until = 0.0

    def warn(error: Exception) -> None:
        nonlocal quiet_until
        if time.monotonic() >= quiet_until:
            quiet_until = time.monotonic() + BETWEEN_LINES
            logger.warning("a request was not from Teams: %s", error)

    @channel.exception(Refused)
    async def refuse(request: Request, refused: Refused) -> HTTPResponse:
        return denied(refused.status, refused.code)

    @channel.exception(tokens.NotSigned)
    async def not_signed(request: Request, error: tokens.NotSigned) -> HTTPResponse:
        warn(error)
        return denied(401, "not_signed", {"WWW-Authenticate": "Bearer"})

    @channel.exception(tokens.NotAllowed)
    async def not_allowed(request: Request, error: tokens.NotAllowed) -> HTTPResponse:
        warn(error)
        return denied(403, "not_allowed")

    @channel.exception(NoKeys)
    async def no_keys(request: Request, error: NoKeys) -> HTTPResponse:
        return denied(503, "no_keys", {"Retry-After": str(max(1, round(error.after + 0.5)))})

    @channel.post("/messages")
    async def messages(request: Request) -> HTTPResponse:
        authorization = request.headers.get("authorization", "")
        token = await tokens.verified(authorization, keys, settings.app_id, settings.issuer)
        activity = body(request)
        tokens.check(token, activity, settings.hosts)
        if settings.tenants and tenant_of(activity) not in settings.tenants:
            raise tokens.NotAllowed("the organization is not in the setting teams.tenants")
        what = happened(activity)
        if what is None:
            return json_response({})
        if isinstance(what, Unknown):
            return _unknown(what)
        if not await _is_taken(what):
            return denied(503, "busy", RETRY_AFTER)
        return json_response(_shown(what) if activity.get("type") == "invoke" else {})

    async def _is_taken(what: Happened) -> bool:
        """Say whether something is stored in time. It goes on when not; an introduction may take as long as it needs."""
        taking = tasks.start(work.take(what))
        done, _ = await asyncio.wait({taking}, timeout=SECONDS_TO_STORE)
        return taking.exception() is None if done else isinstance(what, Installed)

    def _shown(what: Any) -> Dict[str, Any]:
        text = work.words("utter_teams_taken", work.language(what.place))
        return {"statusCode": 200, "type": SHOWN, "value": text}

    return channel


def _unknown(what: Unknown) -> HTTPResponse:
    """Return the answer to an invoke activity that is none of ours."""
    if not what.is_card:
        return empty(501)
    error = {"code": "BadRequest", "message": "the card's button sent nothing that is known"}
    return json_response({"statusCode": 400, "type": FAILED, "value": error})

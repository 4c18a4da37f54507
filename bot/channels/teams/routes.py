"""The Bot Framework's requests. An activity is acknowledged when it is stored; it is sent again otherwise, and recognised."""

import logging
import time
from typing import Any, Dict

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from bot.channels.guard import Refused
from bot.channels.tasks import Tasks
from bot.channels.teams import tokens
from bot.channels.teams.activities import Installed, Unknown, happened
from bot.channels.teams.fields import tenant_of
from bot.channels.teams.keys import NoKeys, SigningKeys
from bot.channels.teams.work import Work
from bot.channels.web import body, denied
from bot.settings import TeamsSettings

logger = logging.getLogger(__name__)

SECONDS_TO_STORE = 5.0  # the Bot Framework waits for 15
RETRY_AFTER = {"Retry-After": "5"}
BETWEEN_LINES = 60.0  # seconds between two lines in the log about requests of others, which anybody can send
SHOWN = "application/vnd.microsoft.activity.message"
FAILED = "application/vnd.microsoft.error"


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
        # An introduction may take as long as it needs: nobody waits for it.
        if not await tasks.is_done(work.take(what), SECONDS_TO_STORE, late=isinstance(what, Installed)):
            return denied(503, "busy", RETRY_AFTER)
        return json_response(_shown(what) if activity.get("type") == "invoke" else {})

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

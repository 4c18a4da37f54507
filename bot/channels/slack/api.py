"""Slack's Web API: what is sent, and what a failure means for what waits."""

import asyncio
import logging
import time
from typing import Any, Dict, List, NoReturn, Optional

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.channels.deliveries import Reference
from bot.channels.gateway import Words
from bot.channels.platform import Post, Suspended, Undeliverable
from bot.channels.rendering import slack as rendering
from bot.channels.slack.fields import SLACK
from bot.channels.workers import TryAgain

logger = logging.getLogger(__name__)

SECONDS = 10  # for a call
MOST_TRIES = 4  # of what is not the outbox's
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 30.0  # seconds between them
LATER = {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
INSTALL_AGAIN = "install the app again (api.slack.com/apps, Install App) and give the server its Bot User OAuth Token"
MENDED_BY = {
    **dict.fromkeys(("account_inactive", "token_revoked", "app_uninstalled", "invalid_auth", "not_authed"), INSTALL_AGAIN),
    "token_expired": "turn token rotation off and " + INSTALL_AGAIN,
    "not_allowed_token_type": "take the Bot User OAuth Token; the one given is of another kind",
    "missing_scope": "take over the manifest (`triage slack-manifest`) and " + INSTALL_AGAIN,
    "org_login_required": "the workspace is being moved to an organization; wait, or " + INSTALL_AGAIN,
    "team_access_not_granted": "add the app to this workspace in the organization's settings",
    "ekm_access_denied": "the organization's administrators suspended posting; ask them",
}
UNUSABLE_BLOCKS = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}


class UnusableBlocks(Undeliverable):
    """Slack does not take the form of a message; its text may still be sent."""


class Api:
    """Calls methods of the Web API with the assistant's token."""

    def __init__(self, token: str, address: str) -> None:
        """`address` is that of the API. Nothing is asked of the network yet."""
        self._token = token
        self._address = address
        self._session: Optional[aiohttp.ClientSession] = None

    async def call(self, method: str, **arguments: Any) -> Dict[str, Any]:
        """Return what Slack answers. Raises TryAgain, Suspended, UnusableBlocks or Undeliverable."""
        given = {name: value for name, value in arguments.items() if value is not None}
        client = AsyncWebClient(self._token, self._address, SECONDS, session=self._opened(), retry_handlers=[])
        try:
            response = await client.api_call(method, json=given)
        except SlackApiError as error:
            _fail(method, error)
        except (asyncio.TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TryAgain(f"{method}: {type(error).__name__} {error}".strip()) from None
        except (ValueError, AttributeError, TypeError) as error:  # the client on an answer that is none of Slack's
            raise TryAgain(f"{method}: the answer is none of Slack's ({type(error).__name__})") from None
        return dict(response.data) if isinstance(response.data, dict) else {}

    async def patiently(self, method: str, **arguments: Any) -> Dict[str, Any]:
        """Call a method, and again when Slack asks to wait. Raises as `call` does, after some tries."""
        for number in range(1, MOST_TRIES):
            try:
                return await self.call(method, **arguments)
            except TryAgain as error:
                wait = SHORTEST_WAIT * number if error.after is None else error.after
                if wait > LONGEST_WAIT:
                    raise
                await asyncio.sleep(wait)
        return await self.call(method, **arguments)

    async def respond(self, url: str, text: str) -> None:
        """Say something to one person, at the address that came with what he did. Raises nothing: there is no other way."""
        own = self._address.split("/api", 1)[0]
        if not (url.startswith("https://") or url.startswith(f"{own}/")):
            return
        said = {"response_type": "ephemeral", "replace_original": False, "text": text}
        try:
            async with self._opened().post(url, json=said, allow_redirects=False) as answer:
                if answer.status >= 300:
                    logger.warning("a person could not be told what failed: Slack answers %s", answer.status)
        except (asyncio.TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            logger.warning("a person could not be told what failed: %s", type(error).__name__)

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Return the one session, made in the loop that runs."""
        if self._session is None:
            watch = aiohttp.TraceConfig()
            watch.on_request_redirect.append(_no_redirect)
            timeout = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(timeout=timeout, trace_configs=[watch])
        return self._session


async def _no_redirect(session: object, context: object, parameters: aiohttp.TraceRequestRedirectParams) -> None:
    """Stop where the token would be sent to another address."""
    raise aiohttp.ClientError("redirected, which is not followed")


def _fail(method: str, error: SlackApiError) -> NoReturn:
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or code in LATER or status >= 500:
        raise TryAgain(f"{method}: {code or status}", after=_seconds(response)) from None
    if code in MENDED_BY:
        raise Suspended(f"{code}; {MENDED_BY[code]}") from None
    if not code:
        raise TryAgain(f"{method}: status {status} without an answer of Slack's") from None
    raise (UnusableBlocks if code in UNUSABLE_BLOCKS else Undeliverable)(f"{method}: {code}") from None


def _seconds(response: Any) -> Optional[float]:
    """Return how long Slack asks to wait, None when it does not say."""
    headers = getattr(response, "headers", None) or {}
    given = next((str(value) for name, value in headers.items() if name.lower() == "retry-after"), "")
    return float(given) if given.isascii() and given.isdigit() and len(given) < 6 else None


class SlackPlatform:
    """Where the outbox sends what is said in conversations of Slack."""

    name = SLACK

    def __init__(self, api: Api, words: Words) -> None:
        self._api = api
        self._words = words
        self._started = int(time.time())  # as Slack counts, in whole seconds
        self._removed: Dict[str, float] = {}  # team -> when it removed the app, as Slack's clock says
        self._seen: Dict[str, float] = {}  # team -> when something happened there last

    def scope(self, reference: Reference) -> str:
        """Return the workspace."""
        return str(reference["team"])

    def posts(self, document: Dict[str, Any]) -> List[Post]:
        """Return a message as Slack shows it."""
        return rendering.posts(document, self._words)

    async def send(self, reference: Reference, post: Post) -> None:
        """Send a post. Raises TryAgain, Undeliverable or Suspended."""
        self.check(reference["team"])
        try:
            await self._send(reference, post)
        except Suspended as error:
            raise Suspended(f"workspace {reference['team']}: {error}") from None

    async def show_typing(self, reference: Reference) -> None:
        """Show nothing: Slack has no sign of typing for apps."""

    def check(self, team: str) -> None:
        """Raise Suspended for a workspace that removed the app."""
        if team in self._removed:
            raise Suspended(f"workspace {team} removed the app or revoked its token; {INSTALL_AGAIN}")

    async def _send(self, reference: Reference, post: Post) -> None:
        where = {"channel": reference["channel"], "thread_ts": reference.get("thread_ts")}
        quiet = {"unfurl_links": False, "unfurl_media": False}
        try:
            await self._api.call("chat.postMessage", **where, **quiet, text=post["text"], blocks=post.get("blocks"))
        except UnusableBlocks as error:
            logger.error("Slack does not take the form of a message, so its text is sent: %s", error)
            await self._api.call("chat.postMessage", **where, **quiet, text=post["text"])

    def suspend(self, team: str, at: float) -> None:
        """Send a workspace nothing: it removed the app, `at` in seconds since 1970.

        Slack tells it again for an hour, when the app may long be there again: what is older than the server's start, or
        than what happened there since, says nothing.
        """
        if at >= max(self._seen.get(team, 0.0), self._started):
            self._removed[team] = at

    def lift(self, team: str, at: float) -> bool:
        """Something happened in a workspace: it has the app. Say whether it is sent messages again."""
        self._seen[team] = max(at, self._seen.get(team, 0.0))
        if team not in self._removed or at <= self._removed[team]:
            return False
        del self._removed[team]
        return True

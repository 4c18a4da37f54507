"""Sends what is said to Teams, by way of the connector service of the Bot Framework."""

import asyncio
import email.utils
import time
from typing import Any, Dict, List, Optional, Sequence, Tuple
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.channels.deliveries import Reference
from bot.channels.gateway import Words
from bot.channels.platform import Post, Suspended, Undeliverable
from bot.channels.rendering import teams as rendering
from bot.channels.teams.access import Access
from bot.channels.teams.proxies import proxy_for
from bot.channels.teams.fields import PERSONAL
from bot.channels.teams.tokens import is_allowed
from bot.channels.workers import TryAgain

SECONDS = 10  # for a post
LATER = (408, 412, 425, 429)  # and everything from 500
NOT_LIKED = (400, 413)  # the form of a post, whose text may still be taken
REFUSED = "the connector refuses the bot's token; teams.app_id, teams.tenant and the Azure Bot must be of one app"


class TeamsPlatform:
    """What the outbox sends to."""

    name = "Teams"

    def __init__(self, access: Access, hosts: Sequence[str], words: Words) -> None:
        """`hosts` may be sent the bot's token. Nothing is asked of the network yet."""
        self._access = access
        self._hosts = tuple(hosts)
        self._words = words
        self._session: Optional[aiohttp.ClientSession] = None

    def scope(self, reference: Reference) -> str:
        """Return nothing: one token is for all of Teams."""
        return ""

    def posts(self, document: Dict[str, Any]) -> List[Post]:
        """Return a message of the transcript as activities."""
        return rendering.posts(document, self._words)

    async def send(self, reference: Reference, post: Post) -> None:
        """Send an activity. Raises TryAgain, Undeliverable or Suspended."""
        status, why = await self._send(reference, post)
        text = plain_text(post)
        if status in NOT_LIKED and text:
            status, why = await self._send(reference, {"type": "message", "textFormat": "plain", "text": text})
        if status >= 300:
            raise Undeliverable(why)

    async def show_typing(self, reference: Reference) -> None:
        """Show that an answer is being written, for as long as Teams does. Raises as `send` does."""
        await self._send(reference, {"type": "typing"})

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _send(self, reference: Reference, post: Post) -> Tuple[int, str]:
        """Return the status that is final, and what is said of it. Raises TryAgain or Suspended for one that is not."""
        if not is_allowed(reference["serviceUrl"], self._hosts):
            raise Undeliverable(f"{reference['serviceUrl']} is on no host of the setting teams.hosts (any more)")
        for _ in range(2):
            token = await self._access.token()
            status, why, wait = await self._post(reference, post, token)
            if status != 401:
                break
            self._access.forget(token)
        else:
            raise Suspended(REFUSED)
        if status in LATER or status >= 500:
            raise TryAgain(why, wait)
        return status, why

    async def _post(self, reference: Reference, post: Post, token: str) -> Tuple[int, str, Optional[float]]:
        """Return the status, what is said of it, and the seconds to wait when they are named. Raises TryAgain without one."""
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.post(
                URL(address(reference), encoded=True),
                json=activity(reference, post),
                headers={"Authorization": f"Bearer {token}"},
                allow_redirects=False,  # the token is for this host only
                proxy=proxy_for(reference["serviceUrl"]),
            ) as response:
                said = (await response.content.read(500)).decode("utf-8", "replace")
                why = f"the connector answers {response.status} {' '.join(said.split())}".strip()
                return response.status, why, waiting_time(response.headers.get("Retry-After"))
        except (asyncio.TimeoutError, aiohttp.ClientError, OSError) as error:
            raise TryAgain(f"the connector cannot be reached: {type(error).__name__} {error}".strip()) from None


def address(reference: Reference) -> str:
    """Return where activities of a conversation are posted."""
    conversation = quote(reference["conversation"]["id"], safe="")
    return f"{reference['serviceUrl'].rstrip('/')}/v3/conversations/{conversation}/activities"


def activity(reference: Reference, post: Post) -> Dict[str, Any]:
    """Return a post as the connector takes it."""
    conversation = reference["conversation"]
    made = {**post, "channelId": reference["channelId"], "from": reference["bot"], "conversation": conversation}
    if conversation["conversationType"] == PERSONAL:  # what is said in a group is for everybody in it
        made["recipient"] = {"id": reference["user"]["id"]}
    return made


def plain_text(post: Post) -> str:
    """Return what a post with cards says without them, an empty text for one that has none."""
    cards = [attachment["content"] for attachment in post.get("attachments") or ()]
    return "\n\n".join(card["fallbackText"] for card in cards if card.get("fallbackText"))


def waiting_time(header: Optional[str]) -> Optional[float]:
    """Return the seconds that a Retry-After header asks to wait, None when it asks for nothing that can be read."""
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdigit() else email.utils.parsedate_to_datetime(header).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(seconds, 0.0)

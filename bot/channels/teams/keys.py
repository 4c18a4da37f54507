"""The keys that the Bot Framework signs with: fetched when the first is needed, kept for a day.

A key that is not known may be new, so it is looked for again; seldom, since anybody can name one. When the keys cannot be
had, those from before stay in use.
"""

import asyncio
import logging
import time
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, List, Optional

import aiohttp
import jwt

from bot.channels.teams.proxies import proxy_for

logger = logging.getLogger(__name__)

SECONDS = 5  # to fetch a document
KEPT = 24 * 3600.0  # seconds
BETWEEN = 300.0  # seconds before an unknown key is looked for again
AFTER_FAILURE = 5.0  # seconds before the keys are asked for again that could not be had
MOST_REDIRECTS = 3
ALGORITHM = "RS256"


class NoKeys(Exception):
    """The keys cannot be had now. `after` says in how many seconds they are asked for again."""

    def __init__(self, after: float) -> None:
        super().__init__("the keys of the Bot Framework cannot be had")
        self.after = after


@dataclass(frozen=True)
class Key:
    """A key, and the platforms whose messages may be signed with it."""

    key: Any
    endorsements: FrozenSet[str]


class SigningKeys:
    """Finds keys by their ids."""

    def __init__(self, openid: str) -> None:
        """`openid` is the address of the OpenID configuration. Nothing is asked of the network yet."""
        self._openid = openid
        self._keys: Dict[str, Key] = {}
        self._fetched: Optional[float] = None  # when the keys came
        self._next = 0.0  # when they may be asked for again
        self._failed = False  # the last time they were
        self._fetching: Optional["asyncio.Task[None]"] = None  # one for all who wait
        self._session: Optional[aiohttp.ClientSession] = None

    async def find(self, key_id: str) -> Optional[Key]:
        """Return a key, None when there is none by that id. Raises NoKeys when that cannot be said now."""
        is_old = self._fetched is None or time.monotonic() - self._fetched > KEPT
        if is_old or key_id not in self._keys:
            await self._fetch()
        found = self._keys.get(key_id)
        if found is None and (self._failed or self._fetched is None):
            raise NoKeys(max(1.0, self._next - time.monotonic()))
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._fetching is not None:
            self._fetching.cancel()
            await asyncio.gather(self._fetching, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _fetch(self) -> None:
        """Fetch the keys, unless they were asked for just now."""
        if self._fetching is None:
            if time.monotonic() < self._next:
                return
            self._fetching = asyncio.ensure_future(self._renew())
            self._fetching.add_done_callback(self._fetched_now)
        await asyncio.shield(self._fetching)

    def _fetched_now(self, fetching: "asyncio.Task[None]") -> None:
        self._fetching = None

    async def _renew(self) -> None:
        try:
            configuration = await self._get(self._openid)
            keys = usable((await self._get(configuration["jwks_uri"]))["keys"])
            if not keys:
                raise ValueError("there is no key that signs messages")
        except Exception as error:  # whatever is wrong there, the keys from before are the better ones
            self._failed, self._next = True, time.monotonic() + AFTER_FAILURE
            logger.warning("the keys of the Bot Framework cannot be had from %s: %r", self._openid, error)
            return
        self._keys, self._fetched, self._failed = keys, time.monotonic(), False
        self._next = time.monotonic() + BETWEEN

    async def _get(self, address: str) -> Dict[str, Any]:
        """Return a document. From a server with https, nothing is taken over a connection without it."""
        if self._session is None:
            limits = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar())
        async with self._session.get(address, max_redirects=MOST_REDIRECTS, proxy=proxy_for(address)) as response:
            hops = [*response.history, response]
            if self._openid.startswith("https:") and any(hop.url.scheme != "https" for hop in hops):
                raise ValueError(f"{address} leads to an address without https")
            response.raise_for_status()
            found = await response.json(content_type=None)
        if not isinstance(found, dict):
            raise ValueError(f"{address} holds no object")
        return found


def usable(documents: List[Dict[str, Any]]) -> Dict[str, Key]:
    """Return the keys that messages can be signed with, by id. What else stands there is left out."""
    found = {}
    for document in documents:
        try:
            if document["kty"] == "RSA" and document.get("use", "sig") == "sig":
                key = jwt.PyJWK.from_dict(document, ALGORITHM).key
                found[str(document["kid"])] = Key(key, frozenset(document.get("endorsements") or ()))
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            logger.warning("a key of the Bot Framework is not usable: %r", error)
    return found

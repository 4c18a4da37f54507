"""What an OpenID provider publishes: its configuration and its keys.

Fetched when first needed, kept, and fetched again for a key that is not known. While the provider cannot be reached, what
was fetched before stays in use.
"""

import asyncio
import logging
import ssl
import time
from functools import lru_cache
from typing import Any, Awaitable, Callable, Dict, List, Optional

from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key

from bot.channels.teams.proxies import proxy_for

logger = logging.getLogger(__name__)

SECONDS = 5.0  # for a request
KEPT = 3600.0  # seconds
BETWEEN = 30.0  # seconds before an unknown key is looked for again
AFTER_FAILURE = 2.0  # seconds before what could not be had is asked for again
SIGNING = ("RSA", "EC", "OKP")  # kinds of keys whose private half only the provider has
CONFIGURATION = "/.well-known/openid-configuration"
NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Unreachable(Exception):
    """The provider cannot be reached, or answers what cannot be used. The message says what, for the log."""


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Return the authorities that the machine trusts; reading them takes a moment."""
    return ssl.create_default_context()


def connection(address: str) -> Dict[str, Any]:
    """Return how Authlib's client reaches an address: by the machine's proxy, and never with a password of ~/.netrc."""
    return {"timeout": SECONDS, "trust_env": False, "proxy": proxy_for(address), "verify": trusted()}


class Provider:
    """The published documents of one issuer."""

    def __init__(self, issuer: str) -> None:
        """Nothing is asked of the network yet."""
        self.issuer = issuer
        self._configuration = _Document(self._fetch_configuration)
        self._keys = _Document(self._fetch_keys)

    async def configuration(self) -> Dict[str, Any]:
        """Return the configuration. Raises Unreachable."""
        return await self._configuration.get()

    async def key(self, key_id: Optional[str]) -> Optional[Key]:
        """Return the key of an id, or the only key when a token names none; None when there is none. Raises Unreachable."""
        found = _chosen(await self._keys.get(), key_id)
        return found or _chosen(await self._keys.get(again=True), key_id)

    async def _fetch_configuration(self) -> Dict[str, Any]:
        found = await self._get(self.issuer.rstrip("/") + CONFIGURATION)
        if found.get("issuer") != self.issuer:
            named = str(found.get("issuer"))[:200]
            raise Unreachable(f"it calls itself {named!r}; openid.issuer in helpdesk.yml must be the same, sign by sign")
        for name in NEEDED:
            self._check(found.get(name), name)
        return found

    async def _fetch_keys(self) -> List[Key]:
        address = (await self.configuration())["jwks_uri"]
        documents = (await self._get(address)).get("keys")
        found = [key for key in map(_usable, documents if isinstance(documents, list) else []) if key]
        if not found:
            raise Unreachable(f"{address} holds no key that signs")
        return found

    async def _get(self, address: str) -> Dict[str, Any]:
        self._check(address, "address")
        async with AsyncOAuth2Client(**connection(address)) as client:
            response = await client.request("GET", address, withhold_token=True, headers={"Accept": "application/json"})
        if response.status_code != 200:
            raise Unreachable(f"{address} answers with status {response.status_code}")
        found = response.json()
        if not isinstance(found, dict):
            raise Unreachable(f"{address} holds no object")
        return found

    def _check(self, address: object, name: str) -> None:
        """From a provider with https, nothing is taken from elsewhere without it. Raises Unreachable."""
        schemes = ("https://",) if self.issuer.startswith("https:") else ("https://", "http://")
        if not isinstance(address, str) or not address.startswith(schemes):
            raise Unreachable(f"its {name} is no address with https")


class _Document:
    """Something fetched: one request for all who wait."""

    def __init__(self, fetch: Callable[[], Awaitable[Any]]) -> None:
        self._fetch = fetch
        self._found: Any = None
        self._fetched: Optional[float] = None
        self._next = 0.0  # when it may be asked for again
        self._error: Optional[Unreachable] = None  # of the last time
        self._fetching: Optional["asyncio.Task[None]"] = None

    async def get(self, again: bool = False) -> Any:
        """Return it; `again` asks for a newer one. Raises Unreachable when there is none, or no newer one to be had."""
        now = time.monotonic()
        if self._fetched is None or now - self._fetched > KEPT or (again and now - self._fetched > BETWEEN):
            if self._fetching is None and now >= self._next:
                self._fetching = asyncio.ensure_future(self._renew())
                self._fetching.add_done_callback(self._renewed)
            if self._fetching is not None:
                await asyncio.shield(self._fetching)
        if self._error is not None and (self._fetched is None or again):
            raise self._error
        return self._found

    def _renewed(self, fetching: "asyncio.Task[None]") -> None:
        self._fetching = None

    async def _renew(self) -> None:
        try:
            self._found, self._error = await self._fetch(), None
            self._fetched = time.monotonic()
        except Exception as error:  # whatever is wrong there, what was fetched before is the better one
            self._error = error if isinstance(error, Unreachable) else Unreachable(type(error).__name__)
            self._next = time.monotonic() + AFTER_FAILURE
            logger.warning("the OpenID provider cannot be used: %s", self._error)


def _usable(document: Any) -> Optional[Key]:
    """Return a key that tokens can be signed with, None for anything else that stands there."""
    try:
        if document["kty"] in SIGNING and document.get("use", "sig") == "sig":
            return JWKRegistry.import_key({name: value for name, value in document.items() if name != "d"})
    except (JoseError, KeyError, TypeError, ValueError, AttributeError) as error:
        logger.warning("a key of the OpenID provider is not usable: %s", type(error).__name__)
    return None


def _chosen(keys: List[Key], key_id: Optional[str]) -> Optional[Key]:
    if key_id is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.kid == key_id), None)

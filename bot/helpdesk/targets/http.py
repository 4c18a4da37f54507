"""Requests to targets: nobody is followed to another host, and nothing is sent along that nobody asked for."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any, AsyncIterator, Dict, Optional

import aiohttp

from bot.channels.teams.connector import waiting_time
from bot.channels.teams.proxies import proxy_for
from bot.helpdesk.targets import TryAgain

SECONDS = 10.0  # for a request
LATER = (408, 425, 429)  # and everything from 500

__all__ = ["Http", "is_later", "waiting_time"]


def is_later(status: int) -> bool:
    """Say whether a status means that the same request may be taken later."""
    return status in LATER or status >= 500


class Http:
    """One session, opened when it is first needed."""

    def __init__(self, name: str, seconds: float = SECONDS) -> None:
        """`name` is what the receiver is called in errors."""
        self._name = name
        self._seconds = seconds
        self._session: Optional[aiohttp.ClientSession] = None

    @asynccontextmanager
    async def ask(self, method: str, url: str, **more: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """Give the response, whose body may be read. Raises TryAgain when there is none in time.

        The errors name no address: a webhook's may hold a secret.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                connector=aiohttp.TCPConnector(force_close=True),  # notices are few; a connection kept would have gone stale
                trust_env=False,  # ~/.netrc would send its passwords along
            )
        try:
            made = self._session.request(method, url, allow_redirects=False, proxy=proxy_for(url), **more)
            async with made as response:
                yield response
        except asyncio.TimeoutError:
            raise TryAgain(f"{self._name} does not answer within {self._seconds:g} seconds") from None
        except aiohttp.ClientConnectorCertificateError:
            raise TryAgain(f"{self._name} shows a certificate that cannot be verified") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise TryAgain(f"{self._name} cannot be reached: {type(error).__name__}") from None

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def headers(**more: str) -> Dict[str, str]:
    """Return the headers of a request of ours; an underscore stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return {"User-Agent": "support-triage", "Accept": "application/json", **named}

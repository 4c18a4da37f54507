"""The machine's proxy. aiohttp reads it from the environment itself only together with ~/.netrc, whose passwords would take the
place of the bot's token."""

from typing import Optional
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def proxy_for(address: str) -> Optional[str]:
    """Return the proxy by which an address is reached, None when it is reached directly."""
    parts = urlsplit(address)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)

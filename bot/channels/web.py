"""What every web channel shares: headers, the person's language, the address a request comes from, JSON bodies."""

import ipaddress
import json
from typing import Any, Dict, Optional

from sanic import Request
from sanic.exceptions import InvalidUsage, PayloadTooLarge
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.guard import LARGEST_BODY, LARGEST_PLATFORM_BODY, Refused
from bot.channels.message import DEFAULT_LANGUAGE, LANGUAGES

BEARER = "Bearer "
PLATFORMS = (b"/slack/", b"/teams/")
MOST_DIGITS = 10  # of a length
IPV6_NETWORK = 64  # bits that one customer of a provider has to himself
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class StrictRequest(Request):
    """A request whose length is said once and is a number, and no larger than its address takes.

    Sanic 21.12 reads for ever at a length below zero, and takes two lengths, which a proxy may read the other way.
    """

    def __init__(self, url_bytes: bytes, headers: Any, *arguments: Any, **more: Any) -> None:
        super().__init__(url_bytes, headers, *arguments, **more)
        lengths = headers.getall("content-length", [])
        codings = headers.getall("transfer-encoding", [])
        is_number = all(length.isascii() and length.isdigit() and len(length) < MOST_DIGITS for length in lengths)
        if len(lengths) + len(codings) > 1 or not is_number or any(coding.lower() != "chunked" for coding in codings):
            raise InvalidUsage("the length of the body is not said once, as a number")
        self._length = int(lengths[0]) if lengths else 0

    async def receive_body(self) -> None:
        """Receive the body, unless it is too large for this address."""
        if self._length > largest(self.raw_url):
            raise PayloadTooLarge("the body is too large")
        await super().receive_body()


def largest(url: bytes) -> int:
    """Return how many bytes a request to an address may carry."""
    return LARGEST_PLATFORM_BODY if url.startswith(PLATFORMS) else LARGEST_BODY


def add_headers(request: Request, response: Optional[HTTPResponse]) -> None:
    """Give a response the headers that it does not set itself."""
    if response is not None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)


def language_wanted(request: Request) -> str:
    """Return the language that a request asks for: `?lang=`, else the first of ours that the browser accepts."""
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return accepted_language(request.headers.get("accept-language", ""))


def accepted_language(header: str) -> str:
    """Return the language of ours that comes first in an Accept-Language header."""
    ranked = []
    for place, part in enumerate(header.split(",")[:20]):
        code, _, quality = part.partition(";")
        language = code.strip().lower().split("-")[0]
        if language in LANGUAGES:
            ranked.append((-_quality(quality), place, language))
    return min(ranked)[2] if ranked else DEFAULT_LANGUAGE


def _quality(text: str) -> float:
    try:
        return float(text.strip().lower().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def address(request: Request) -> str:
    """Return the address that a request comes from; behind a proxy (setting `proxies`) the one that it names.

    Without a port, and of IPv6 only the network: nobody has a new limit by changing what he can choose.
    """
    named = request.remote_addr or request.ip
    host = named[1:].partition("]")[0] if named.startswith("[") else named
    host = host.partition(":")[0] if host.count(":") == 1 else host
    try:
        found = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return named
    return str(ipaddress.ip_network((found, IPV6_NETWORK), strict=False)) if found.version == 6 else str(found)


def token(request: Request) -> str:
    """Return the token that a request carries, empty when it carries none."""
    header = request.headers.get("authorization", "")
    return header[len(BEARER) :].strip() if header.startswith(BEARER) else ""


def is_own(request: Request) -> bool:
    """Say whether a page of this server sent a request. A program that names no origin is no page that could be misused."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin")
    if origin is None:
        return True
    scheme, _, host = origin.lower().partition("://")
    return scheme in ("http", "https") and host == _host(request).lower()


def _host(request: Request) -> str:
    forwarded = request.headers.get("x-forwarded-host") if request.app.config.PROXIES_COUNT else None
    return (forwarded or request.headers.get("host") or "").split(",")[-1].strip()


def body(request: Request) -> Dict[str, Any]:
    """Return the JSON object in a request. Raises Refused when there is none."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if len(request.body) > largest(request.raw_url):  # it came in pieces, without its length
        raise Refused("too_large")
    if kind != "application/json":  # a form of another site cannot send this kind without being asked first
        raise Refused("not_usable")
    try:
        found = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Refused("not_usable") from None
    if not isinstance(found, dict):
        raise Refused("not_usable")
    return found


def text_of(found: Dict[str, Any], name: str) -> Optional[str]:
    """Return a text in a body, None when it is missing. Raises Refused when it is something else."""
    value = found.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused("not_usable")
    return value


def denied(status: int, code: str, headers: Optional[Dict[str, str]] = None) -> HTTPResponse:
    """Return a refusal to a program, which nobody reads."""
    return json_response({"error": code}, status=status, headers=headers or {})


def refusal(refused: Refused, message: str) -> HTTPResponse:
    """Return a refusal as a response."""
    document: Dict[str, Any] = {"error": refused.code, "message": message}
    headers = {}
    if refused.retry_after is not None:
        document["retry_after"] = round(refused.retry_after, 1)
        headers["Retry-After"] = str(max(1, round(refused.retry_after + 0.5)))
    return json_response(document, status=refused.status, headers=headers)

"""The HTTP API of the helpdesk: `POST /api/assist` and its description."""

import hashlib
import json
import os
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, Awaitable, Callable, Dict, Mapping, Optional, Tuple

from pydantic import ValidationError
from sanic import Blueprint, Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.guard import LARGEST_BODY, RateLimits
from bot.channels.web import address, token
from bot.clock import today
from bot.engine import UnusableFacts
from bot.given import printable, read_object, whole
from bot.helpdesk.api_models import AssistRequest, description
from bot.helpdesk.assist import assist, prepare

TOKENS_VARIABLE = "TRIAGE_API_TOKENS"
SHORTEST_TOKEN = 32  # characters
LONGEST_MESSAGE = 400  # characters
REQUESTS = (60, 20)  # of a token: so many a minute, so many at once
TRIES = (300, 100)  # of an address, with a token or without
HOW_TO = (
    f"give a token as `Authorization: Bearer TOKEN`; an administrator makes one with `openssl rand -hex 32` and adds it to "
    f"{TOKENS_VARIABLE} (separated by commas) where the server runs"
)
Parse = Callable[[str], Awaitable[Dict[str, Any]]]
Authenticate = Callable[[Request], Awaitable[Optional[str]]]


class Refusal(Exception):
    """A request that is not taken: its status, a word for programs, a sentence for people, and headers."""

    def __init__(self, status: int, code: str, message: str, wait: Optional[float] = None, **headers: str) -> None:
        super().__init__(code)
        self.status = status
        self.document: Dict[str, Any] = {"error": code, "message": message}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if wait is not None:
            self.document["retry_after"] = round(wait, 1)
            self.headers["Retry-After"] = str(max(1, round(wait + 0.5)))


@dataclass(frozen=True)
class Tokens:
    """The tokens that let a program in, as their SHA-256 digests."""

    digests: Tuple[bytes, ...]

    @classmethod
    def given(cls, environment: Mapping[str, str] = os.environ) -> "Tokens":
        """Return those in the environment. Raises UnusableFacts when one is too short to be safe."""
        named = [token.strip() for token in environment.get(TOKENS_VARIABLE, "").split(",")]
        for place, one in enumerate(named, start=1):
            if one and (len(one) < SHORTEST_TOKEN or not (one.isascii() and one.isprintable()) or " " in one):
                raise UnusableFacts(
                    f"token {place} of {TOKENS_VARIABLE} must be at least {SHORTEST_TOKEN} letters and digits; make one "
                    "with `openssl rand -hex 32`"
                )
        return cls(tuple(dict.fromkeys(_digest(one) for one in named if one)))

    async def authenticate(self, request: Request) -> Optional[str]:
        """Return who sends a request: a name that does not give the token away; None when its token is not known."""
        found = _digest(token(request))
        known = [compare_digest(found, digest) for digest in self.digests]  # all of them, in the same time
        return f"token:{found.hex()[:12]}" if any(known) else None


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()


def blueprint(assistant_parse: Parse, authenticate: Authenticate, limits: Optional[RateLimits] = None) -> Blueprint:
    """Return the routes.

    `assistant_parse` returns how the model reads a text. `authenticate` returns who sends a request (a name to count by),
    None for a stranger: `Tokens.given().authenticate`, or one that takes a signed-in member of staff too; that one must
    refuse what another site sends. `limits` counts requests of an address and of a name; in memory if not given.
    """
    counted = limits or RateLimits("memory", REQUESTS, TRIES, TRIES)
    described = description()
    api = Blueprint("helpdesk_api", url_prefix="/api")

    @api.exception(Refusal)
    async def refuse(request: Request, refused: Refusal) -> HTTPResponse:
        return _document(refused.document, refused.status, refused.headers)

    @api.post("/assist")
    async def assist_route(request: Request) -> HTTPResponse:
        _stop(await counted.address(address(request)))
        name = await authenticate(request)
        if name is None:
            raise Refusal(401, "not_authenticated", f"this needs a token: {HOW_TO}", WWW_Authenticate="Bearer")
        _stop(await counted.conversation(f"api:{name}"))
        asked = _asked(request)
        more = asked.facts.dict(exclude_unset=True)  # type: ignore[attr-defined]
        on = asked.day or today()
        try:
            read = await assistant_parse(prepare(asked.text).text)
            assisted = assist(asked.text, read, on, asked.language, more)
        except UnusableFacts as error:
            raise Refusal(422, "not_usable", _said(str(error))) from None
        return _document(assisted.document())

    @api.get("/openapi.json")
    async def description_route(request: Request) -> HTTPResponse:
        _stop(await counted.address(address(request)))
        return _document(described)

    return api


def _stop(wait: float) -> None:
    if wait:
        raise Refusal(429, "too_fast", "too many requests; wait as long as Retry-After says, then send it again", wait)


def _document(document: Any, status: int = 200, headers: Mapping[str, str] = {}) -> HTTPResponse:
    return json_response(document, status=status, headers={"Cache-Control": "no-store", **headers}, dumps=json.dumps)


def _asked(request: Request) -> AssistRequest:
    """Return what a request asks. Raises Refusal."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json":
        raise Refusal(415, "not_json", "send the body as application/json")
    if len(request.body) > LARGEST_BODY:
        raise Refusal(413, "too_large", f"the body is larger than {LARGEST_BODY // 1024} kB; leave out older mails and logs")
    try:
        body = read_object(request.body.decode("utf-8"), "the body")
    except UnicodeDecodeError:
        raise Refusal(400, "not_usable", "the body is not UTF-8") from None
    except UnusableFacts as error:
        raise Refusal(400, "not_usable", _said(str(error))) from None
    try:
        return AssistRequest.parse_obj(body)
    except ValidationError as error:
        raise Refusal(422, "not_usable", _said("; ".join(_explained(error)))) from None


def _explained(error: ValidationError) -> Tuple[str, ...]:
    """Return what is wrong with a body, without the values that stand in it."""
    return tuple(
        f"{'.'.join(str(part) for part in found['loc'])}: {found['msg'].split('; permitted')[0]}" for found in error.errors()
    )


def _said(message: str) -> str:
    return printable(whole(message))[:LONGEST_MESSAGE]

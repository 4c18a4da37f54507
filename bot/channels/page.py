"""The chat page: one conversation for each browser session, read and written only with its secret token.

`POST /api/session` makes a session and returns its token. `POST /api/messages` with that token says something and
returns the replies. The conversation's id is derived from the token, so nobody can name somebody else's.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, raw

FILES = Path(__file__).parent / "static"
LONGEST_TEXT = 2_000  # characters
LONGEST_PAYLOAD = 2_000
MOST_SESSIONS = 10_000  # the oldest is forgotten first
TYPES = {"index.html": "text/html", "chat.js": "text/javascript", "chat.css": "text/css"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

Say = Callable[[str, str], Awaitable[List[Dict[str, Any]]]]


class Sessions:
    """The sessions that exist, each with a lock so that its messages are answered one after the other."""

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._locks: "OrderedDict[str, asyncio.Lock]" = OrderedDict()
        self._most = most

    def create(self) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe(32)
        self._locks[self.sender(token)] = asyncio.Lock()
        while len(self._locks) > self._most:
            self._locks.popitem(last=False)
        return token

    @staticmethod
    def sender(token: str) -> str:
        """Return the conversation id of a token. It does not reveal the token."""
        return hashlib.sha256(token.encode()).hexdigest()

    def lock(self, token: str) -> asyncio.Lock:
        """Return the lock of a session. Raises KeyError for a token that was never given out."""
        return self._locks[self.sender(token)]


def blueprint(say: Say) -> Blueprint:
    """Return the routes of the page. `say(text, sender)` returns the replies as {"text", "buttons"}."""
    page = Blueprint("page")
    sessions = Sessions()

    @page.post("/api/session")
    async def create(request: Request) -> HTTPResponse:
        return json({"token": sessions.create()}, headers=HEADERS)

    @page.post("/api/messages")
    async def message(request: Request) -> HTTPResponse:
        body = request.json if isinstance(request.json, dict) else {}
        token, text, pressed = body.get("token"), body.get("text"), body.get("payload")
        if not isinstance(token, str):
            return _refusal(401, "no_session", "There is no session; reload the page.")
        try:
            lock = sessions.lock(token)
        except KeyError:
            return _refusal(401, "no_session", "This session has ended; reload the page.")
        if isinstance(pressed, str) and pressed.startswith("/") and len(pressed) <= LONGEST_PAYLOAD:
            said = pressed
        elif isinstance(text, str):
            if len(text) > LONGEST_TEXT:
                return _refusal(413, "too_long", f"The message is longer than {LONGEST_TEXT} characters; shorten it.")
            said = text.lstrip("/")  # only a button sends a payload
        else:
            return _refusal(400, "no_text", 'Send {"token", "text"} or {"token", "payload"}.')
        async with lock:
            return json({"replies": await say(said, sessions.sender(token))}, headers=HEADERS)

    @page.get("/")
    async def index(request: Request) -> HTTPResponse:
        return _file("index.html")

    @page.get("/<name:(chat.js|chat.css)>")
    async def asset(request: Request, name: str) -> HTTPResponse:
        return _file(name)

    return page


def _file(name: str) -> HTTPResponse:
    return raw((FILES / name).read_bytes(), content_type=f"{TYPES[name]}; charset=utf-8", headers=HEADERS)


def _refusal(status: int, code: str, message: str) -> HTTPResponse:
    return json({"error": code, "message": message}, status=status, headers=HEADERS)

"""The chat page: one conversation for each browser session, read and written only with its secret token.

`POST /api/session` makes a session and returns its token. `POST /api/messages` with that token says something and
returns the replies. The conversation's id is derived from the token, so nobody can name somebody else's.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from pathlib import Path
from typing import Any, Awaitable, Callable, Dict, List, Set

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, json, raw

FILES = Path(__file__).parent / "static"
LONGEST_TEXT = 2_000  # characters
OPENING = "/greet"  # what the page sends first
MOST_SESSIONS = 10_000  # the oldest is forgotten first
TYPES = {"index.html": "text/html", "chat.js": "text/javascript", "chat.css": "text/css"}
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

# what was said, by which conversation, and whether a button was pressed -> the replies
Send = Callable[[str, str, bool], Awaitable[List[Dict[str, Any]]]]


class Session:
    """A conversation: its id, a lock so that its messages are answered one after the other, and the button
    payloads it was offered; no other payload is taken."""

    def __init__(self, sender: str) -> None:
        self.sender = sender
        self.lock = asyncio.Lock()
        self.offered: Set[str] = {OPENING}


class Sessions:
    """The sessions that exist, by the hash of their token."""

    def __init__(self, most: int = MOST_SESSIONS) -> None:
        self._sessions: "OrderedDict[str, Session]" = OrderedDict()
        self._most = most

    def create(self) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe(32)
        sender = self._hash(token)
        self._sessions[sender] = Session(sender)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        return token

    def of(self, token: str) -> Session:
        """Return the session of a token. Raises KeyError for a token that was never given out."""
        return self._sessions[self._hash(token)]

    @staticmethod
    def _hash(token: str) -> str:
        """Return the conversation id of a token. It does not reveal the token."""
        return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def blueprint(send: Send) -> Blueprint:
    """Return the routes of the page. `send` returns the replies as {"text", "buttons"}."""
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
            session = sessions.of(token)
        except KeyError:
            return _refusal(401, "no_session", "This session has ended; reload the page.")
        if isinstance(pressed, str):
            if pressed not in session.offered:
                return _refusal(400, "not_offered", "That button was not offered in this conversation.")
            said = pressed
        elif isinstance(text, str):
            if len(text) > LONGEST_TEXT:
                return _refusal(413, "too_long", f"The message is longer than {LONGEST_TEXT} characters; shorten it.")
            said = text
        else:
            return _refusal(400, "no_text", 'Send {"token", "text"} or {"token", "payload"}.')
        async with session.lock:
            replies = await send(said, session.sender, isinstance(pressed, str))
        session.offered.update(button["payload"] for reply in replies for button in reply["buttons"])
        return json({"replies": replies}, headers=HEADERS)

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

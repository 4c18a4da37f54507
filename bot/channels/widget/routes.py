"""The widget's requests: sessions, messages, feedback, and the stream of events (docs/widget-protocol.md)."""

import asyncio
import json
from typing import Any, Dict, Optional

from sanic import Blueprint, Request
from sanic.response import HTTPResponse
from sanic.response import json as json_response

from bot.channels.gateway import PERSON, Gateway, Listener
from bot.channels.guard import Refused
from bot.channels.message import LANGUAGES, Incoming
from bot.channels.web import address, body, is_own, language_wanted, refusal, text_of, token
from bot.channels.widget.sessions import Session, Sessions

CHANNEL = "widget"
SECONDS_BETWEEN_SIGNS = 15  # a proxy closes a connection that says nothing
MOST_STREAMS = 4  # of one session; a browser opens six connections to one host
HIGHEST_NUMBER = 2**31


def blueprint(gateway: Gateway, sessions: Sessions) -> Blueprint:
    """Return the routes of the channel."""
    gateway.can_push(CHANNEL)
    channel = Blueprint("widget_channel", url_prefix="/widget")

    @channel.exception(Refused)
    async def refuse(request: Request, refused: Refused) -> HTTPResponse:
        return refusal(refused, gateway.refusal(refused, await spoken(request)))

    async def spoken(request: Request) -> str:
        """Return the language of the conversation that a request belongs to, else the one it asks for."""
        try:
            return (await sessions.session(token(request))).conversation.language
        except Refused:
            return language_wanted(request)

    async def admit(request: Request) -> None:
        await gateway.guard.request(address(request))
        if not is_own(request):
            raise Refused("foreign_page")

    async def session_of(request: Request) -> Session:
        await admit(request)
        return await sessions.session(token(request))

    @channel.post("/sessions")
    async def create(request: Request) -> HTTPResponse:
        await admit(request)
        await gateway.guard.session(address(request))
        language = text_of(body(request), "language")
        conversation = sessions.new_conversation()
        spoken_first = language if language in LANGUAGES else language_wanted(request)
        await gateway.begin(conversation, CHANNEL, spoken_first)
        await gateway.greet(conversation, spoken_first)
        return json_response(sessions.token(conversation, 1).document(), status=201)

    @channel.post("/sessions/renew")
    async def renew(request: Request) -> HTTPResponse:
        await session_of(request)
        return json_response((await sessions.renew(token(request))).document())

    @channel.post("/messages")
    async def message(request: Request) -> HTTPResponse:
        session = await session_of(request)
        found = body(request)
        payload = text_of(found, "payload")
        text = text_of(found, "text" if payload is None else "title")
        if payload is None and text is not None and not text.strip():
            raise Refused("empty")
        taken = _incoming(request, session, found, text, payload)
        await gateway.receive(taken)
        return json_response({"id": taken.id}, status=202)

    @channel.post("/typing")
    async def typing(request: Request) -> HTTPResponse:
        session = await session_of(request)
        if session.conversation.held_by is not None:  # the assistant has no use for it
            gateway.type(session.conversation.id, PERSON)
        return json_response({}, status=202)

    @channel.post("/feedback")
    async def feedback(request: Request) -> HTTPResponse:
        session = await session_of(request)
        found = body(request)
        helped = found.get("helped")
        if not isinstance(helped, bool):
            raise Refused("not_usable")
        taken = _incoming(request, session, found, text_of(found, "word") or "", None)
        await gateway.rate(taken, helped)
        return json_response({"id": taken.id}, status=202)

    @channel.get("/events")
    async def events(request: Request) -> Optional[HTTPResponse]:
        session = await session_of(request)
        last = request.headers.get("last-event-id", "").strip()
        seen = min(int(last), HIGHEST_NUMBER) if last.isascii() and last.isdigit() and len(last) < 20 else 0
        response = await request.respond(content_type="text/event-stream; charset=utf-8")
        with gateway.listen(session.conversation.id, MOST_STREAMS) as listener:
            await _Stream(gateway, session, listener, response, seen).run(sessions)
        return None

    return channel


def _incoming(
    request: Request, session: Session, found: Dict[str, Any], text: Optional[str], payload: Optional[str]
) -> Incoming:
    message_id = text_of(found, "id")
    if text is None or message_id is None:
        raise Refused("not_usable")
    return Incoming(CHANNEL, session.conversation.id, message_id, text, payload, address(request))


class _Stream:
    """One open event stream: everything after `seen`, then what comes, until the session or the connection ends."""

    def __init__(self, gateway: Gateway, session: Session, listener: Listener, response: Any, seen: int) -> None:
        self._gateway = gateway
        self._conversation = session.conversation.id
        self._session = session
        self._listener = listener
        self._response = response
        self._seen = seen
        self._typing = False

    async def run(self, sessions: Sessions) -> None:
        await self._response.send("retry: 2000\n\n")
        await self._send_news()
        await self._send("ready", {"seq": self._seen})
        while True:
            try:
                await asyncio.wait_for(self._listener.news.wait(), SECONDS_BETWEEN_SIGNS)
            except asyncio.TimeoutError:
                await self._response.send(": still here\n\n")
            self._listener.news.clear()
            if self._listener.is_closed:
                return
            if self._listener.is_displaced:
                await self._send("displaced", {})
                return
            if sessions.is_over(self._session):
                await self._send("ended", {})
                return
            if await sessions.is_replaced(self._session):
                return  # the window connects again with its new token; nobody else can
            await self._send_news()

    async def _send_news(self) -> None:
        """Send the messages that are not sent, and whether an answer is being made."""
        self._listener.news.clear()
        for document in await self._gateway.transcript.after(self._conversation, self._seen):
            self._seen = document["seq"]
            await self._send("message", document, number=self._seen)
        typing = self._gateway.is_working(self._conversation)
        if typing != self._typing:
            self._typing = typing
            await self._send("typing", {"on": typing})

    async def _send(self, event: str, document: Dict[str, Any], number: Optional[int] = None) -> None:
        lines = [f"event: {event}", f"data: {json.dumps(document, ensure_ascii=False)}"]
        if number is not None:
            lines.insert(0, f"id: {number}")
        await self._response.send("\n".join(lines) + "\n\n")

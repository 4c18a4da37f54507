"""What tells open pages that something changed: an event stream for the list, and one for each case."""

import asyncio
import logging
from abc import ABC, abstractmethod
from contextlib import contextmanager
from typing import Any, Dict, Iterator, List, Optional

from sanic import Blueprint, Request
from sanic.response import HTTPResponse
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.gateway import PERSON, STAFF, Listener
from bot.channels.transcript import conversation_of
from bot.database import Database
from bot.helpdesk import cases
from bot.helpdesk.cases import Cases, NoCase
from bot.helpdesk.console.case import looked_at, mark, undelivered
from bot.helpdesk.console.parts import CASE, POLICY, Console, missing, signed_in
from bot.helpdesk.console.queue import mark_text
from bot.helpdesk.sessions import SignedIn

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0  # at whether a case changed, here or on another server
SECONDS_BETWEEN_SIGNS = 5.0  # after which a stream sees whether its session goes on
MOST_STREAMS = 4  # of one session; a browser opens six connections to one host
MOST_LISTENERS = 1_000  # of staff to one conversation
NO_CONVERSATION = ""  # what a list listens to: only that the server stops
HIGHEST_NUMBER = 2**31 - 1


class Watch:
    """Looks for changes of cases while somebody wants to know of them."""

    def __init__(self, store: Cases) -> None:
        self._store = store
        self._told: List[asyncio.Event] = []
        self._task: Optional["asyncio.Task[None]"] = None
        self._now: Optional[asyncio.Event] = None

    @contextmanager
    def tell(self, event: asyncio.Event) -> Iterator[None]:
        """Set an event whenever a case was opened or changed."""
        self._told.append(event)
        if self._task is None or self._task.done():
            self._now = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._look())
        try:
            yield
        finally:
            self._told.remove(event)

    def look_now(self) -> None:
        """Look at once: something was changed here."""
        if self._now is not None:
            self._now.set()

    async def _look(self) -> None:
        assert self._now is not None
        known = None
        while self._told:
            self._now.clear()
            try:
                found = await self._store.mark()
            except SQLAlchemyError:  # it is looked at again in a moment
                logger.warning("whether a case changed could not be read", exc_info=True)
                found = known
            if found != known:
                known = found
                for event in self._told:
                    event.set()
            try:
                await asyncio.wait_for(self._now.wait(), SECONDS_BETWEEN_LOOKS)
            except asyncio.TimeoutError:
                pass


class Open:
    """The streams that are open, by session. When there are too many, the oldest ends and says so."""

    def __init__(self) -> None:
        self._streams: Dict[str, List["Stream"]] = {}

    @contextmanager
    def count(self, stream: "Stream") -> Iterator[None]:
        """Count a stream while it is open."""
        streams = self._streams.setdefault(stream.session.digest, [])
        streams.append(stream)
        for oldest in streams[:-MOST_STREAMS]:
            oldest.is_displaced = True
            oldest.news.set()
        try:
            yield
        finally:
            streams.remove(stream)
            if not streams:
                self._streams.pop(stream.session.digest, None)


class Stream(ABC):
    """One open stream, until the session, the connection or the server ends."""

    def __init__(self, console: Console, session: SignedIn, listener: Listener) -> None:
        """`listener` is told when there may be something new, and when the server stops."""
        self.session = session
        self.news = listener.news
        self._listener = listener
        self.is_displaced = False
        self._console = console
        self._response: Any = None

    async def run(self, request: Request) -> None:
        """Send what is new, until there is nothing to wait for any more."""
        headers = {"Content-Security-Policy": POLICY, "X-Accel-Buffering": "no"}
        self._response = await request.respond(content_type="text/event-stream; charset=utf-8", headers=headers)
        await self._response.send("retry: 2000\n\n")
        while True:
            self.news.clear()
            # Displaced in the conversation by a window of the partner: the browser opens the stream anew.
            if self._listener.is_closed or self._listener.is_displaced:
                return
            if not await self._console.entrance.sessions.is_open(self.session):
                return await self._over("ended")
            if self.is_displaced:
                return await self._over("displaced")
            await self._console.entrance.sessions.seen(self.session)
            if not await self.tell():
                return await self._over("gone")
            try:
                await asyncio.wait_for(self.news.wait(), SECONDS_BETWEEN_SIGNS)
            except asyncio.TimeoutError:
                await self._response.send(": still here\n\n")

    @abstractmethod
    async def tell(self) -> bool:
        """Send what is new; say whether there may be more."""

    async def send(self, event: str, content: str = "", number: Optional[int] = None) -> None:
        """Send an event with HTML."""
        lines = [f"event: {event}", *(f"data: {line}" for line in content.replace("\r", "").split("\n"))]
        if number is not None:
            lines.insert(0, f"id: {number}")
        await self._response.send("\n".join(lines) + "\n\n")

    async def _over(self, why: str) -> None:
        await self.send("over", self._console.pages.render("_over.html", why=why))


class QueueStream(Stream):
    """Tells the list that cases changed."""

    def __init__(self, console: Console, session: SignedIn, listener: Listener, known: str) -> None:
        """`known` is the mark of the cases as the page shows them."""
        super().__init__(console, session, listener)
        self._known = known

    async def tell(self) -> bool:
        found = mark_text(await self._console.cases.mark())
        if found != self._known:
            self._known = found
            await self.send("changed")
        return True


class CaseStream(Stream):
    """Tells the page of a case of new messages, of who is typing, and that a part of it changed."""

    def __init__(
        self, console: Console, session: SignedIn, case: cases.Case, listener: Listener, seen: int, known: str
    ) -> None:
        """`seen` is the number of the last message, and `known` the mark of the case (case.mark), as the page shows them."""
        super().__init__(console, session, listener)
        self._case = case
        self._seen = seen
        self._known = known
        self._is_typing = False

    async def tell(self) -> bool:
        conversation = self._case.conversation
        try:
            found = await _mark(self._console, self._case)
        except NoCase:
            return False
        for document in await self._console.gateway.transcript.after(conversation, self._seen):
            self._seen = document["seq"]
            shown = self._console.pages.render(
                "_message.html", document=document, undelivered={}, channel=self._case.channel
            )
            await self.send("message", shown, self._seen)
        if found != self._known:
            self._known = found
            await self.send("changed")
        is_typing = self._console.gateway.is_typing(conversation, PERSON)
        if is_typing != self._is_typing:
            self._is_typing = is_typing
            await self.send("typing", "The partner is typing ..." if is_typing else "")
        return True


async def _mark(console: Console, case: cases.Case) -> str:
    database: Database = console.database
    found, talk = await database.read(lambda on: (cases.read(on, case.id), conversation_of(on, case.conversation)))
    return mark(found.revision, talk.held_by if talk else None, await undelivered(console.deliveries, case))


def add(routes: Blueprint, console: Console, watch: Watch) -> None:
    """Add the streams to the routes."""
    streams = Open()

    @routes.get("/events")
    async def queue(request: Request) -> Optional[HTTPResponse]:
        with console.gateway.listen(NO_CONVERSATION, MOST_LISTENERS) as listener:
            stream = QueueStream(console, signed_in(request), listener, request.args.get("was") or "")
            with watch.tell(listener.news), streams.count(stream):
                await stream.run(request)
        return None

    @routes.get(f"{CASE}/events")
    async def case(request: Request, case_id: str) -> Optional[HTTPResponse]:
        try:
            found = await looked_at(console, signed_in(request).staff, int(case_id))
        except NoCase as problem:
            return missing(console, request, problem)
        seen = _number(request.headers.get("last-event-id")) or _number(request.args.get("after")) or 0
        with console.gateway.listen(found.conversation, MOST_LISTENERS, STAFF) as listener:
            stream = CaseStream(console, signed_in(request), found, listener, seen, request.args.get("was") or "")
            with watch.tell(listener.news), streams.count(stream):
                await stream.run(request)
        return None


def _number(given: Optional[str]) -> Optional[int]:
    text = (given or "").strip()
    return min(int(text), HIGHEST_NUMBER) if text.isascii() and text.isdigit() and len(text) < 20 else None

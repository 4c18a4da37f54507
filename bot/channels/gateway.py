"""The one way in: every channel hands its messages to the gateway, and takes what is said from it.

The guard first; then the message is stored, and only then acknowledged; then the assistant answers, one message of a
conversation after the other, or keeps silent and only listens while a member of staff holds the conversation. Whoever listens to a conversation is told that there is something new and reads it from the
transcript, so that a break of the connection loses nothing.
"""

import asyncio
import json
import logging
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, Sequence, Set, Tuple

from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.desk import Desk, Document
from bot.channels.guard import Guard, Refused
from bot.channels.message import ALWAYS_OFFERED, Incoming, Reply, Situation, entry, reply_entry
from bot.channels.transcript import RESUME, Conversation, More, Transcript, Waiting
from bot.channels.workers import Workers

logger = logging.getLogger(__name__)

PERSON, STAFF = "person", "staff"
SECONDS_TO_ANSWER = 60.0  # after which a message that another server took is answered here
SECONDS_OF_TYPING = 6.0  # that a sign of typing counts
LONGEST_FROM_STAFF = 4_000  # characters
SECONDS_BETWEEN_LOOKS = 1.0  # at what other servers stored
SECONDS_LOOKED_BACK = 30.0  # clocks of servers differ, and a transaction may end later than it began
GREETING = "/greet"
LONGEST_WORD = 500  # characters of feedback
MOST_LOOKED_THROUGH = 100  # messages whose buttons may be pressed, so that a long conversation costs no more
Words = Callable[..., str]  # (response, language, **values) -> text


class Assistant(Protocol):
    """What the gateway needs of the assistant."""

    async def say(
        self, text: str, sender: str, message_id: Optional[str] = None, language: Optional[str] = None
    ) -> List[Reply]:
        """Answer what a person typed. `language` is expected until the person shows another."""

    async def press(
        self, payload: str, sender: str, message_id: Optional[str] = None, language: Optional[str] = None
    ) -> List[Reply]:
        """Answer a button."""

    async def answered(self, message_id: str, sender: str) -> Optional[List[Reply]]:
        """Return what was said to a message before, None when it was not answered."""

    async def overhear(self, text: str, sender: str) -> None:
        """Keep the facts of a message that somebody else answers."""

    async def situation(self, sender: str) -> Situation:
        """Return where a conversation stands."""

    async def resume(self, sender: str) -> List[Reply]:
        """Go on where the conversation stood: the question that is open, again."""


class Listener:
    """Told when a conversation has something new, or when work on an answer begins or ends.

    `is_displaced` when another has taken its place, `is_closed` when the server stops.
    """

    def __init__(self, who: str) -> None:
        """`who` listens: the person, or staff."""
        self.who = who
        self.news = asyncio.Event()
        self.is_displaced = False
        self.is_closed = False


class Gateway:
    """The guard, the transcript and the assistant, put together."""

    def __init__(
        self, assistant: Assistant, transcript: Transcript, guard: Guard, words: Words, desk: Optional[Desk] = None
    ) -> None:
        """`words` returns the text of a response in a language; `desk` keeps the cases, if any are kept."""
        self.transcript = transcript
        self.guard = guard
        self._assistant = assistant
        self._words = words
        self._desk = desk
        self._started = time.time()
        self._workers = Workers("could not be answered", self._answer_next, self._tell)
        self._taken: Set[Tuple[str, str]] = set()  # messages that this server took and has not answered yet
        self._tried: Set[str] = set()  # ids of messages whose answers are not stored yet
        self._listeners: Dict[str, List[Listener]] = defaultdict(list)
        self._watchers: List[Callable[[str], None]] = []
        self._pushed: Set[str] = set()  # channels through which something can be said that answers no message
        self._typers: List[Callable[[str], None]] = []
        self._typing: Dict[Tuple[str, str], float] = {}  # (conversation, who) -> until when, by the monotonic clock
        self._overhearing: Set[str] = set()
        self._newest: Dict[str, int] = {}  # conversations in which something was stored lately, with the last number
        self._looking: Optional["asyncio.Task[None]"] = None

    # In

    async def begin(self, conversation: str, channel: str, language: str) -> bool:
        """Begin a conversation in `language`; say whether it is new."""
        return await self.transcript.create(conversation, channel, language)

    async def greet(self, conversation: str, language: str) -> None:
        """Let the assistant speak first."""
        greeting = f"{GREETING}{json.dumps({'language': language})}"
        replies = await self._assistant.press(greeting, conversation)
        await self.transcript.add(conversation, *(reply_entry(reply) for reply in replies))
        self._tell(conversation)

    async def receive(self, message: Incoming) -> None:
        """Take a message: when this returns, it is stored and will be answered. Raises Refused when it is not taken."""
        admitted = await self.guard.admit(message)
        found = await self.transcript.conversation(message.conversation)
        if found is None:
            raise Refused("no_session")
        taken, text = admitted.message, admitted.message.text
        if taken.payload is not None:
            titles = await self._offered(taken.conversation)
            if taken.payload not in titles:
                raise Refused("not_offered")
            text = titles[taken.payload] or text
        said = entry("person", text, "said" if taken.payload is None else "chosen", found.language, taken.id)
        remark = [self._privacy(found.language)] if admitted.redacted else []
        key = (taken.conversation, taken.id)
        is_again = key in self._taken  # and is not answered yet
        self._taken.add(key)
        if not await self.transcript.accept(taken.conversation, taken.id, said, taken.payload, *remark) and not is_again:
            self._taken.discard(key)  # it was answered before, or another server took it
        self._tell(taken.conversation)
        self._workers.start(taken.conversation)

    async def rate(self, message: Incoming, helped: bool) -> None:
        """Store whether the conversation helped; the text is a word why. Raises Refused."""
        if len(message.text) > LONGEST_WORD:
            raise Refused("too_long", longest=LONGEST_WORD)
        admitted = await self.guard.admit(message)
        found = await self.transcript.conversation(message.conversation)
        if found is None:
            raise Refused("no_session")
        given = entry("person", admitted.message.text, "feedback", found.language, message.id, helped=helped)
        remark = [self._privacy(found.language)] if admitted.redacted else []
        await self.transcript.add(message.conversation, given, *remark, more=lambda on, talk: self._rated(on, talk, helped))
        self._tell(message.conversation)

    def _rated(self, on: Connection, conversation: Conversation, helped: bool) -> Sequence[Document]:
        if self._desk is not None:
            self._desk.rated(on, conversation, helped)
        return ()

    def refusal(self, refused: Refused, language: str) -> str:
        """Return why a message is not taken, in the person's language."""
        return self._words(refused.response, language, **refused.values)

    def _privacy(self, language: str) -> Dict[str, Any]:
        return entry("system", self._words("utter_privacy_redacted", language), "privacy", language)

    async def _offered(self, conversation: str) -> Dict[str, str]:
        """Return the payloads of the buttons in the last messages, with their titles. Earlier turns' buttons stay usable."""
        said = await self.transcript.last(conversation, MOST_LOOKED_THROUGH)
        offered = {button["payload"]: button["title"] for message in said for button in message.get("buttons") or ()}
        return {**offered, **dict.fromkeys(ALWAYS_OFFERED, "")}  # the window names these itself

    # The assistant's turn

    async def resume(self) -> None:
        """Answer what was stored and not answered before the server stopped."""
        for conversation in await self.transcript.unfinished():
            self._workers.start(conversation)

    def look_out(self) -> None:
        """Tell listeners of what other servers on this database store too, from now on."""
        self._looking = asyncio.get_running_loop().create_task(self._look())

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            if not self._listeners and not self._watchers:
                continue
            try:
                found = await self.transcript.newest(time.time() - SECONDS_LOOKED_BACK)
            except SQLAlchemyError:  # it is looked at again in a moment
                logger.warning("what is new could not be read", exc_info=True)
                continue
            was, self._newest = self._newest, found
            for conversation, seq in found.items():
                if was.get(conversation) != seq:
                    self._tell(conversation)

    def close(self) -> None:
        """Let every listener go and try nothing again: the server stops."""
        if self._looking is not None:
            self._looking.cancel()
        self._workers.close()
        for listener in [listener for listeners in self._listeners.values() for listener in listeners]:
            listener.is_closed = True
            listener.news.set()

    async def settle(self) -> None:
        """Wait until nothing is being answered."""
        await self._workers.settle()

    async def _answer_next(self, conversation: str) -> bool:
        """Answer the oldest message that waits; say whether there was one."""
        message = await self.transcript.waiting(conversation)
        if message is None or self._is_anothers(conversation, message):
            return False
        if message.held_by is not None:
            await self._overhear(conversation, message)
            return True
        replies = await self._replies(conversation, message)
        documents = [reply_entry(reply) for reply in replies]
        more = None
        if self._desk is not None:
            desk, is_heard = self._desk, message.payload != RESUME
            situation = await self._assistant.situation(conversation)
            more = lambda on, talk: desk.answered(on, talk, replies, situation, is_heard)  # noqa: E731
        language = replies[-1].language if replies else message.language
        await self.transcript.answer(conversation, message.seq, documents, language, more)
        self._tried.discard(message.id)
        self._taken.discard((conversation, message.id))
        self._tell(conversation)
        return True

    def _is_anothers(self, conversation: str, message: Waiting) -> bool:
        """Say whether another server took a message and is answering it."""
        if message.payload == RESUME or message.stored_at < self._started or (conversation, message.id) in self._taken:
            return False
        return message.stored_at > time.time() - SECONDS_TO_ANSWER

    async def _replies(self, conversation: str, message: Waiting) -> List[Reply]:
        """Return what the assistant says to a message."""
        if message.payload == RESUME:
            return await self._assistant.resume(conversation)
        # It may have been answered before without the answer being stored: before the server stopped, or when storing failed.
        if message.stored_at < self._started or message.id in self._tried:
            replies = await self._assistant.answered(message.id, conversation)
            if replies is not None:
                return replies
        self._tried.add(message.id)
        if message.payload is not None:
            return await self._assistant.press(message.payload, conversation, message.id, message.language)
        return await self._assistant.say(message.text, conversation, message.id, message.language)

    async def _overhear(self, conversation: str, message: Waiting) -> None:
        """Keep the facts of a message to a member of staff."""
        self._overhearing.add(conversation)
        try:
            if message.payload == RESUME:  # somebody took the conversation over again
                await self.transcript.answer(conversation, message.seq, [], message.language)
                return
            await self._assistant.overhear(message.payload or message.text, conversation)
            situation = await self._assistant.situation(conversation)

            def keep(on: Connection, talk: Conversation) -> Sequence[Document]:
                if self._desk is not None:
                    self._desk.overheard(on, talk, situation)
                return ()

            await self.transcript.answer(conversation, message.seq, [], message.language, keep)
            self._taken.discard((conversation, message.id))
        finally:
            self._overhearing.discard(conversation)
        self._tell(conversation)

    # Out

    def can_push(self, channel: str) -> None:
        """Take note that what answers no message can be said through a channel."""
        self._pushed.add(channel)

    async def reachable(self, conversation: str) -> Conversation:
        """Return a conversation in which something can be said at any time. Raises Refused."""
        found = await self.transcript.conversation(conversation)
        if found is None:
            raise Refused("no_session")
        if found.channel not in self._pushed:
            raise Refused("no_push", channel=found.channel)
        return found

    async def push(
        self,
        conversation: str,
        sender: str,
        text: str,
        message_id: Optional[str] = None,
        name: Optional[str] = None,
        more: Optional[More] = None,
    ) -> bool:
        """Say something that answers no message: a member of staff ("staff") called `name`, or a notice ("system").

        What was pushed with the same `message_id` before is not said again; says whether it is new. `more` runs in the
        transaction that stores it. Raises Refused.
        """
        found = await self.reachable(conversation)
        clean, stored_id = self.clean(text[: LONGEST_FROM_STAFF + 1]), f"{sender}:{message_id}" if message_id else None
        if not clean.strip():
            raise Refused("empty")
        if len(text) > LONGEST_FROM_STAFF:
            raise Refused("too_long", longest=LONGEST_FROM_STAFF)
        said = entry(sender, clean, "answer", found.language, stored_id)
        is_new = await self.transcript.add(conversation, {**said, "name": name} if name else said, more=more)
        if not is_new and stored_id and await self.transcript.text(conversation, stored_id) != clean:
            raise Refused("already_said")
        self._typing.pop((conversation, sender), None)
        self._tell(conversation)
        return is_new

    def clean(self, text: str) -> str:
        """Return what a member of staff wrote as it may be kept: without control characters and secrets."""
        return self.guard.clean(Incoming("", "", "", text)).message.text

    def changed(self, conversation: str) -> None:
        """Take note that somebody else stored something in a conversation, such as that it was handed back."""
        self._workers.start(conversation)
        self._tell(conversation)

    def type(self, conversation: str, who: str) -> None:
        """Show for a moment that `who` ("person" or "staff") is writing."""
        loop = asyncio.get_running_loop()
        was_typing = self.is_typing(conversation, who)
        self._typing[conversation, who] = time.monotonic() + SECONDS_OF_TYPING
        loop.call_later(SECONDS_OF_TYPING + 0.1, self._stopped_typing, conversation, who)
        if not was_typing:
            self.tell(conversation)
        if who == STAFF:
            for show in self._typers:
                show(conversation)

    def is_typing(self, conversation: str, who: str) -> bool:
        """Say whether `who` is writing."""
        return self._typing.get((conversation, who), 0.0) > time.monotonic()

    def _stopped_typing(self, conversation: str, who: str) -> None:
        if not self.is_typing(conversation, who) and self._typing.pop((conversation, who), None) is not None:
            self.tell(conversation)

    async def refuse(self, message: Incoming, refused: Refused) -> None:
        """Say in the conversation why a message is not taken: a channel that cannot answer the request itself. Once a message."""
        found = await self.transcript.conversation(message.conversation)
        if found is not None:
            text = self.refusal(refused, found.language)
            said = entry("system", text, "refused", found.language, f"refused:{message.id}")
            await self.transcript.add(message.conversation, said)
            self._tell(message.conversation)

    def watch(self, told: Callable[[str], None]) -> None:
        """Call `told` with each conversation that has something new."""
        self._watchers.append(told)

    def on_typing(self, show: Callable[[str], None]) -> None:
        """Call `show` with each conversation in which a member of staff is writing, every few seconds while they are."""
        self._typers.append(show)

    @contextmanager
    def listen(self, conversation: str, most: int, who: str = PERSON) -> Iterator[Listener]:
        """Give `who` a listener to a conversation; when they have more than `most`, their oldest is displaced."""
        listener = Listener(who)
        listeners = self._listeners[conversation]
        listeners.append(listener)
        for oldest in [found for found in listeners if found.who == who][:-most]:
            oldest.is_displaced = True
            oldest.news.set()
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners:
                self._listeners.pop(conversation, None)

    def is_working(self, conversation: str) -> bool:
        """Say whether an answer is being written, by the assistant or by a member of staff."""
        answers = self._workers.is_working(conversation) and conversation not in self._overhearing
        return answers or self.is_typing(conversation, STAFF)

    def tell(self, conversation: str) -> None:
        """Tell listeners that there is something new in a conversation."""
        for listener in self._listeners.get(conversation, ()):
            listener.news.set()

    def _tell(self, conversation: str) -> None:
        self.tell(conversation)
        for told in self._watchers:
            told(conversation)

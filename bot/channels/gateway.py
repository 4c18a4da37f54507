"""The one way in: every channel hands its messages to the gateway, and takes what is said from it.

The guard first; then the message is stored, and only then acknowledged; then the assistant answers, one message of a
conversation after the other. Whoever listens to a conversation is told that there is something new and reads it from the
transcript, so that a break of the connection loses nothing.
"""

import asyncio
import json
import time
from collections import defaultdict
from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator, List, Optional, Protocol, Set

from bot.channels.guard import Guard, Refused
from bot.channels.message import ALWAYS_OFFERED, Incoming, Reply, entry, reply_entry
from bot.channels.transcript import Transcript
from bot.channels.workers import Workers

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


class Listener:
    """Told when a conversation has something new, or when work on an answer begins or ends.

    `is_displaced` when another has taken its place, `is_closed` when the server stops.
    """

    def __init__(self) -> None:
        self.news = asyncio.Event()
        self.is_displaced = False
        self.is_closed = False


class Gateway:
    """The guard, the transcript and the assistant, put together."""

    def __init__(self, assistant: Assistant, transcript: Transcript, guard: Guard, words: Words) -> None:
        """`words` returns the text of a response in a language."""
        self.transcript = transcript
        self.guard = guard
        self._assistant = assistant
        self._words = words
        self._started = time.time()
        self._workers = Workers("could not be answered", self._answer_next, self._tell)
        self._tried: Set[str] = set()  # ids of messages whose answers are not stored yet
        self._listeners: Dict[str, List[Listener]] = defaultdict(list)
        self._watchers: List[Callable[[str], None]] = []

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
        await self.transcript.accept(taken.conversation, taken.id, said, taken.payload, *remark)
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
        await self.transcript.add(message.conversation, given, *remark)
        self._tell(message.conversation)

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

    def close(self) -> None:
        """Let every listener go and try nothing again: the server stops."""
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
        if message is None:
            return False
        replies = None
        # It may have been answered before without the answer being stored: before the server stopped, or when storing failed.
        if message.stored_at < self._started or message.id in self._tried:
            replies = await self._assistant.answered(message.id, conversation)
        self._tried.add(message.id)
        if replies is None:
            if message.payload is not None:
                replies = await self._assistant.press(message.payload, conversation, message.id, message.language)
            else:
                replies = await self._assistant.say(message.text, conversation, message.id, message.language)
        documents = [reply_entry(reply) for reply in replies]
        await self.transcript.answer(conversation, message.seq, documents, replies[-1].language)
        self._tried.discard(message.id)
        self._tell(conversation)
        return True

    # Out

    async def push(self, conversation: str, sender: str, text: str) -> None:
        """Say something that answers no message: a member of staff ("staff") or a notice ("system")."""
        found = await self.transcript.conversation(conversation)
        if found is None:
            raise Refused("no_session")
        await self.transcript.add(conversation, entry(sender, text, "answer", found.language))
        self._tell(conversation)

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

    @contextmanager
    def listen(self, conversation: str, most: int) -> Iterator[Listener]:
        """Give a listener to a conversation; when there are more than `most`, the oldest is displaced."""
        listener = Listener()
        listeners = self._listeners[conversation]
        listeners.append(listener)
        for oldest in listeners[:-most]:
            oldest.is_displaced = True
            oldest.news.set()
        try:
            yield listener
        finally:
            listeners.remove(listener)
            if not listeners:
                self._listeners.pop(conversation, None)

    def is_working(self, conversation: str) -> bool:
        """Say whether an answer is being made."""
        return self._workers.is_working(conversation)

    def _tell(self, conversation: str) -> None:
        for listener in self._listeners.get(conversation, ()):
            listener.news.set()
        for told in self._watchers:
            told(conversation)

"""What Slack and Teams share. They send a person's messages in, and want every answer sent to them.

In: a message is stored before the platform is told that it arrived. Out: what the transcript holds and the platform has not
got is sent in order, and again until the platform takes it; how far it came is stored, so that a restart goes on from there.
"""

import hashlib
import logging
import time
from datetime import datetime
from typing import Any, Dict, List, Mapping, Protocol

from sanic import Blueprint

from bot.channels.deliveries import Deliveries, Delivery, Reference
from bot.channels.gateway import Gateway
from bot.channels.guard import ID, Refused
from bot.channels.message import Incoming
from bot.channels.workers import TryAgain, Workers

logger = logging.getLogger(__name__)

PERSON = "person"
LONGEST_LATE = 6 * 3600  # seconds; an answer that could not be delivered for so long is no answer any more
MOST_REMEMBERED = 10_000  # conversations whose last word about their speed is remembered
Post = Dict[str, Any]


class Undeliverable(Exception):
    """A post that the platform will never take: the conversation is gone, or the person blocked the assistant."""


class Suspended(Exception):
    """The platform takes nothing from us until an administrator mends it: the app was removed, or its credentials are void."""


class Platform(Protocol):
    """What the outbox needs of a platform."""

    name: str

    def posts(self, document: Dict[str, Any]) -> List[Post]:
        """Return a message of the transcript in the platform's form: one post or several, each within its limits."""

    async def send(self, reference: Reference, post: Post) -> None:
        """Send a post. Raises TryAgain, Undeliverable or Suspended."""


class Channel(Protocol):
    """A platform with its way in."""

    platform: Platform
    blueprint: Blueprint

    async def close(self) -> None:
        """Close the connections to the platform."""


def identity(*parts: str) -> str:
    """Return a message's id as the guard takes it, from what a platform calls the message."""
    joined = "-".join(parts)
    return joined if ID.fullmatch(joined) else hashlib.sha256("\n".join(parts).encode()).hexdigest()[:40]


class Outbox:
    """Sends each platform what is said in its conversations."""

    def __init__(self, gateway: Gateway, deliveries: Deliveries, platforms: Mapping[str, Platform]) -> None:
        """`platforms` by name; a conversation's id begins with its platform's name and a hyphen."""
        self._gateway = gateway
        self._deliveries = deliveries
        self._platforms = platforms
        self._workers = Workers("could not be delivered", self._deliver_next)
        self._suspended: Dict[str, str] = {}  # conversation -> why its platform takes nothing
        gateway.watch(self._told)

    def _told(self, conversation: str) -> None:
        if conversation.partition("-")[0] in self._platforms:
            self._workers.start(conversation)

    async def resume(self, channel: str) -> None:
        """Deliver what is not delivered: when the server starts, and when a platform takes messages again."""
        for conversation in await self._deliveries.all(channel):
            self._workers.start(conversation)

    def close(self) -> None:
        """Try nothing again: the server stops."""
        self._workers.close()

    async def settle(self) -> None:
        """Wait until nothing is being sent."""
        await self._workers.settle()

    async def _deliver_next(self, conversation: str) -> bool:
        """Deliver the next message that is not; say whether there was one."""
        delivery = await self._deliveries.of(conversation)
        if delivery is None:
            return False
        platform = self._platforms[delivery.channel]
        documents = await self._gateway.transcript.after(conversation, delivery.seq)
        for document in documents:
            try:
                await self._deliver(platform, delivery, document)
            except Suspended as error:
                if str(error) not in self._suspended.values():  # one line in the log, not one for each message
                    logger.error("%s takes no messages: %s. What waits is sent when that is mended.", platform.name, error)
                self._suspended[conversation] = str(error)
                return False
            except Undeliverable as error:
                await self._give_up(delivery, document, str(error))
            except TryAgain as error:
                if _age(document) < LONGEST_LATE:
                    raise
                await self._give_up(delivery, document, f"not delivered in time: {error}")
            delivery = Delivery(delivery.conversation, delivery.channel, delivery.reference, document["seq"], 0)
        return bool(documents)

    async def _deliver(self, platform: Platform, delivery: Delivery, document: Dict[str, Any]) -> None:
        posts = [] if document["from"] == PERSON else platform.posts(document)
        for number, post in enumerate(posts):
            if number < delivery.posts:
                continue
            await platform.send(delivery.reference, post)
            if number + 1 < len(posts):
                await self._deliveries.advance(delivery.conversation, delivery.seq, number + 1)
        await self._deliveries.advance(delivery.conversation, document["seq"])
        if posts:
            self._mended(delivery.conversation)

    def _mended(self, conversation: str) -> None:
        """What stopped a conversation is mended; so it is for the others that it stopped."""
        reason = self._suspended.get(conversation)
        for other in [other for other, why in self._suspended.items() if why == reason]:
            del self._suspended[other]
            self._workers.start(other)

    async def _give_up(self, delivery: Delivery, document: Dict[str, Any], reason: str) -> None:
        logger.error("message %s of %s cannot be delivered: %s", document["seq"], delivery.conversation, reason)
        await self._deliveries.give_up(delivery.conversation, document["seq"], reason)


def _age(document: Dict[str, Any]) -> float:
    """Return how long ago a message was said, in seconds."""
    return time.time() - datetime.fromisoformat(document["at"]).timestamp()


class Inbox:
    """Takes what people send on a platform."""

    def __init__(self, gateway: Gateway, deliveries: Deliveries, channel: str) -> None:
        self._gateway = gateway
        self._deliveries = deliveries
        self._channel = channel
        self._quiet: Dict[str, float] = {}  # conversation -> until when it is not told again that it goes too fast

    async def greet(self, conversation: str, reference: Reference, language: str) -> None:
        """Begin a conversation in which the assistant speaks first. One that has begun is left as it is."""
        if await self._gateway.begin(conversation, self._channel, language):
            await self._deliveries.bind(conversation, self._channel, reference)
            await self._gateway.greet(conversation, language)

    async def take(self, message: Incoming, reference: Reference, language: str) -> None:
        """Take a message; when this returns it is stored and will be answered, or the person is told why not.

        A conversation that is new begins in `language`.
        """
        try:
            await self._begun(message, reference, language)
            if message.payload is None and not message.text.strip():
                raise Refused("no_text")
            await self._gateway.receive(message)
        except Refused as refused:
            await self._refuse(message, refused)

    async def rate(self, message: Incoming, reference: Reference, language: str, helped: bool) -> None:
        """Take whether a conversation helped, and the text why; as `take` does."""
        try:
            await self._begun(message, reference, language)
            await self._gateway.rate(message, helped)
        except Refused as refused:
            await self._refuse(message, refused)

    async def _begun(self, message: Incoming, reference: Reference, language: str) -> None:
        guard = self._gateway.guard
        await guard.request(message.address)
        if await self._gateway.transcript.conversation(message.conversation) is None:
            await guard.session(message.address)
            await self._gateway.begin(message.conversation, self._channel, language)
        await self._deliveries.bind(message.conversation, self._channel, reference)

    async def _refuse(self, message: Incoming, refused: Refused) -> None:
        """Say why a message is not taken; who sends a flood is told once, not as often as he sends."""
        now = time.monotonic()
        if refused.retry_after is not None:
            if self._quiet.get(message.conversation, 0.0) > now:
                return
            if len(self._quiet) >= MOST_REMEMBERED:
                self._quiet = {conversation: until for conversation, until in self._quiet.items() if until > now}
            self._quiet[message.conversation] = now + refused.retry_after
        await self._gateway.refuse(message, refused)

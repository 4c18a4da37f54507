"""What is said goes to Slack and Teams: what the transcript holds and the platform has not got is sent in order, and again
until the platform takes it. How far it came is stored, so that a restart goes on from there."""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Dict, Optional, Set, Tuple

from bot.channels.deliveries import Deliveries, Delivery, Reference
from bot.channels.gateway import Gateway
from bot.channels.message import entry
from bot.channels.platform import Platform, Post, Suspended, Undeliverable
from bot.channels.tasks import Tasks
from bot.channels.workers import TryAgain, Workers

logger = logging.getLogger(__name__)

PERSON = "person"
LONGEST_LATE = 6 * 3600  # seconds; an answer that could not be delivered for so long is no answer any more
BETWEEN_PROBES = 300.0  # seconds before it is seen whether a platform that took nothing does again
MOST_TRIES = 5  # to send what is in no conversation
LONGEST_WAIT = 60.0  # seconds between them


@dataclass
class _Suspension:
    """Why a platform, or a part of it, takes nothing; what waits for it; and when one of those is tried."""

    why: str
    conversations: Set[str] = field(default_factory=set)
    probe: Optional[asyncio.TimerHandle] = None


class Outbox:
    """Sends each platform what is said in its conversations."""

    def __init__(self, gateway: Gateway, deliveries: Deliveries) -> None:
        """Nothing is sent before a platform is added."""
        self._gateway = gateway
        self._deliveries = deliveries
        self._platforms: Dict[str, Platform] = {}
        self._workers = Workers("could not be delivered", self._deliver_next)
        self._suspensions: Dict[Tuple[str, str], _Suspension] = {}
        self._tasks = Tasks("a person could not be told something")
        self._is_closed = False
        gateway.watch(self._told)
        gateway.on_typing(self._show_typing)

    def add(self, channel: str, platform: Platform) -> None:
        """Send the conversations whose ids begin with `channel` and a hyphen to a platform."""
        self._platforms[channel] = platform
        self._gateway.can_push(channel)

    async def resume(self) -> None:
        """Deliver what was not delivered before the server stopped."""
        for channel in self._platforms:
            for conversation in await self._deliveries.all(channel):
                self._workers.start(conversation)

    def mended(self, channel: str, scope: str) -> None:
        """Deliver what waits because a platform, or a part of it, took nothing: it does again."""
        found = self._suspensions.pop((channel, scope), None)
        if found is not None:
            if found.probe is not None:
                found.probe.cancel()
            for conversation in found.conversations:
                self._workers.start(conversation)

    def tell(self, channel: str, reference: Reference, text: str, language: str) -> None:
        """Say something that is part of no conversation. It is tried a few times, and lost when the server stops."""
        self._tasks.start(self._tell(self._platforms[channel], reference, entry("system", text, "answer", language)))

    def close(self) -> None:
        """Try nothing again: the server stops."""
        self._is_closed = True
        self._workers.close()
        for found in self._suspensions.values():
            if found.probe is not None:
                found.probe.cancel()

    async def settle(self) -> None:
        """Wait until nothing is being sent."""
        await self._workers.settle()
        await self._tasks.finish()

    def _told(self, conversation: str) -> None:
        if conversation.partition("-")[0] in self._platforms:
            self._workers.start(conversation)

    def _show_typing(self, conversation: str) -> None:
        if conversation.partition("-")[0] in self._platforms and not self._is_closed:
            self._tasks.start(self._typing(conversation))

    async def _typing(self, conversation: str) -> None:
        delivery = await self._deliveries.of(conversation)
        if delivery is not None:
            try:
                await self._platforms[delivery.channel].show_typing(delivery.reference)
            except (TryAgain, Suspended, Undeliverable):  # nothing depends on it
                pass

    async def _deliver_next(self, conversation: str) -> bool:
        """Deliver the next message that is not; say whether there was one."""
        delivery = await self._deliveries.of(conversation)
        if delivery is None:
            return False
        platform = self._platforms[delivery.channel]
        scope = platform.scope(delivery.reference)
        documents = await self._gateway.transcript.after(conversation, delivery.seq)
        for document in documents:
            try:
                await self._deliver(platform, delivery, document)
            except Suspended as error:
                self._suspend(delivery.channel, scope, conversation, str(error))
                return False
            except Undeliverable as error:
                await self._give_up(delivery, document, str(error))
                self.mended(delivery.channel, scope)
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
            self.mended(delivery.channel, platform.scope(delivery.reference))

    async def _give_up(self, delivery: Delivery, document: Dict[str, Any], reason: str) -> None:
        logger.error("message %s of %s cannot be delivered: %s", document["seq"], delivery.conversation, reason)
        await self._deliveries.give_up(delivery.conversation, document["seq"], reason)

    def _suspend(self, channel: str, scope: str, conversation: str, why: str) -> None:
        """Keep a conversation until the platform takes messages again, and see from time to time whether it does."""
        found = self._suspensions.setdefault((channel, scope), _Suspension(""))
        if found.why != why:  # one line in the log, not one for each message
            logger.error("%s takes no messages: %s. What waits is sent when that is mended.", self._platforms[channel].name, why)
        found.why = why
        found.conversations.add(conversation)
        if found.probe is None and not self._is_closed:
            found.probe = asyncio.get_running_loop().call_later(BETWEEN_PROBES, self._probe, found)

    def _probe(self, found: _Suspension) -> None:
        found.probe = None
        self._workers.start(next(iter(found.conversations)))

    async def _tell(self, platform: Platform, reference: Reference, document: Dict[str, Any]) -> None:
        for post in platform.posts({"seq": 0, **document}):
            reason = await self._sent(platform, reference, post)
            if reason is not None:
                logger.warning("%s did not take what is in no conversation: %s", platform.name, reason)
                return

    async def _sent(self, platform: Platform, reference: Reference, post: Post) -> Optional[str]:
        """Send a post, and again some times; return why it was given up, None when it was not."""
        reason = None
        for number in range(1, MOST_TRIES + 1):
            try:
                await platform.send(reference, post)
                return None
            except (Suspended, Undeliverable) as error:
                return str(error)
            except TryAgain as error:
                reason, wait = str(error), max(2.0**number, error.after or 0.0)
            if number < MOST_TRIES:
                await asyncio.sleep(min(wait, LONGEST_WAIT))
        return reason


def _age(document: Dict[str, Any]) -> float:
    """Return how long ago a message was said, in seconds."""
    return time.time() - datetime.fromisoformat(document["at"]).timestamp()

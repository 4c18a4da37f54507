"""What people send on Slack and Teams comes in: it is stored before the platform is told that it arrived."""

import time
from typing import Dict

from bot.channels.deliveries import Deliveries, Reference
from bot.channels.gateway import Gateway
from bot.channels.guard import Refused
from bot.channels.message import Incoming
from bot.channels.outbox import Outbox

MOST_REMEMBERED = 10_000  # of those who were told just now that they go too fast


class Inbox:
    """Takes what people send on a platform."""

    def __init__(self, gateway: Gateway, deliveries: Deliveries, outbox: Outbox, channel: str) -> None:
        """`channel` is the platform's name in the outbox."""
        self._gateway = gateway
        self._deliveries = deliveries
        self._outbox = outbox
        self._channel = channel
        self._quiet: Dict[str, float] = {}  # who is not told again that it goes too fast -> until when

    async def greet(self, conversation: str, reference: Reference, language: str) -> bool:
        """Begin a conversation in which the assistant speaks first; say whether it did. One that has begun is left as it is."""
        is_new = await self._gateway.begin(conversation, self._channel, language)
        if is_new:
            await self._deliveries.bind(conversation, self._channel, reference)
            await self._gateway.greet(conversation, language)
        return is_new

    async def introduce(self, conversation: str, reference: Reference, text: str, language: str) -> None:
        """Begin a conversation with something that is no part of it: nobody has said anything yet."""
        if await self._gateway.begin(conversation, self._channel, language):
            self._outbox.tell(self._channel, reference, text, language)

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
            await self._refuse(message, reference, refused, language)

    async def rate(self, message: Incoming, reference: Reference, language: str, helped: bool) -> None:
        """Take whether a conversation helped, and the text why; as `take` does."""
        try:
            await self._begun(message, reference, language)
            await self._gateway.rate(message, helped)
        except Refused as refused:
            await self._refuse(message, reference, refused, language)

    def mended(self, scope: str) -> None:
        """The platform, or the part of it by that name, takes messages again."""
        self._outbox.mended(self._channel, scope)

    async def _begun(self, message: Incoming, reference: Reference, language: str) -> None:
        guard = self._gateway.guard
        await guard.request(message.address)
        if await self._gateway.transcript.conversation(message.conversation) is None:
            await guard.session(message.address)
            await self._gateway.begin(message.conversation, self._channel, language)
        await self._deliveries.bind(message.conversation, self._channel, reference)

    async def _refuse(self, message: Incoming, reference: Reference, refused: Refused, language: str) -> None:
        """Say why a message is not taken; who sends a flood is told once, not as often as he sends."""
        transcript = self._gateway.transcript
        if refused.retry_after is not None:
            if await transcript.holds(message.conversation, message.id):
                return  # it was taken before: the platform sent it again
            if self._is_told(message.conversation, refused.retry_after):
                return
        if await transcript.conversation(message.conversation) is not None:
            await self._gateway.refuse(message, refused)
        elif not self._is_told(message.address or "", refused.retry_after or 0.0):  # nothing is stored of who goes too fast
            self._outbox.tell(self._channel, reference, self._gateway.refusal(refused, language), language)

    def _is_told(self, whom: str, seconds: float) -> bool:
        """Say whether somebody was told just now; from now on he was, for so many seconds."""
        now = time.monotonic()
        if self._quiet.get(whom, 0.0) > now:
            return True
        if len(self._quiet) >= MOST_REMEMBERED:
            self._quiet = {other: until for other, until in self._quiet.items() if until > now}
        self._quiet[whom] = now + seconds
        return False

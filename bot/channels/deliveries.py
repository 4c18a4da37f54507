"""How far each conversation of Slack or Teams was delivered, where to, and what could not be delivered."""

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.database import Database, tables
from bot.channels.transcript import LONGEST_ID

Reference = Dict[str, Any]

_deliveries = sa.Table(
    "chat_delivery",
    tables,
    sa.Column("conversation", sa.String(LONGEST_ID), sa.ForeignKey("chat_conversation.id"), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False, index=True),
    # Where the platform wants messages of this conversation sent; a member of staff is answered there too.
    sa.Column("reference", sa.Text, nullable=False),
    # Everything up to this number is delivered, and so many posts of the message after it.
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("posts", sa.Integer, nullable=False),
)
_undelivered = sa.Table(
    "chat_undelivered",
    tables,
    sa.Column("conversation", sa.String(LONGEST_ID), sa.ForeignKey("chat_conversation.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)


@dataclass(frozen=True)
class Delivery:
    """Where a conversation goes, and how far it is: every message up to `seq`, and `posts` posts of the next."""

    conversation: str
    channel: str
    reference: Reference
    seq: int
    posts: int


class Deliveries:
    """The store of deliveries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def bind(self, conversation: str, channel: str, reference: Reference) -> None:
        """Store where a conversation is to be answered; it changes when a platform moves it."""
        text = json.dumps(reference, ensure_ascii=False, sort_keys=True)

        def change(on: Connection) -> None:
            is_it = _deliveries.c.conversation == conversation
            known = on.execute(sa.select(_deliveries.c.reference).where(is_it)).scalar()
            if known is None:
                values = {"conversation": conversation, "channel": channel, "reference": text, "seq": 0, "posts": 0}
                on.execute(_deliveries.insert().values(**values))
            elif known != text:
                on.execute(_deliveries.update().where(is_it).values(reference=text))

        await self._database.write(change)

    async def of(self, conversation: str) -> Optional[Delivery]:
        """Return where a conversation goes, None for one that a browser reads itself."""

        def find(on: Connection) -> Optional[Delivery]:
            row = on.execute(sa.select(_deliveries).where(_deliveries.c.conversation == conversation)).first()
            return Delivery(row.conversation, row.channel, json.loads(row.reference), row.seq, row.posts) if row else None

        return await self._database.read(find)

    async def all(self, channel: str) -> List[str]:
        """Return the conversations of a channel."""
        found = sa.select(_deliveries.c.conversation).where(_deliveries.c.channel == channel)
        return await self._database.read(lambda on: list(on.execute(found).scalars()))

    async def advance(self, conversation: str, seq: int, posts: int = 0) -> None:
        """Store that everything up to `seq` is delivered, and `posts` posts of the message after it."""
        change = _deliveries.update().where(_deliveries.c.conversation == conversation).values(seq=seq, posts=posts)
        await self._database.write(lambda on: on.execute(change))

    async def give_up(self, conversation: str, seq: int, reason: str) -> None:
        """Store that message `seq` cannot be delivered, and why; the next one is tried."""

        def change(on: Connection) -> None:
            on.execute(_undelivered.insert().values(conversation=conversation, seq=seq, reason=reason, at=time.time()))
            on.execute(_deliveries.update().where(_deliveries.c.conversation == conversation).values(seq=seq, posts=0))

        await self._database.write(change)

    async def undelivered(self, conversation: str) -> Dict[int, str]:
        """Return the numbers of the messages that could not be delivered, with the reasons."""
        found = sa.select(_undelivered.c.seq, _undelivered.c.reason).where(_undelivered.c.conversation == conversation)
        return await self._database.read(lambda on: {row.seq: row.reason for row in on.execute(found.order_by("seq"))})

"""Conversations of the channels as people saw them, in a database: what was said, in which order, and what still waits.

A message is stored before it is acknowledged, and its answers are stored in one transaction with the mark that it was
answered. So a kill at any moment loses nothing that was acknowledged, and nothing is answered twice.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.database import Database, tables

WAITING, ANSWERED = "waiting", "answered"
LONGEST_ID = 160  # characters of a conversation's id; Slack's names an enterprise, a team, a channel and a thread

_conversations = sa.Table(
    "chat_conversation",
    tables,
    sa.Column("id", sa.String(LONGEST_ID), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    # The token that is valid: tokens of an earlier generation are refused (bot/channels/widget/sessions.py).
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("renewed_at", sa.Float, nullable=False),
    # The name of the member of staff who talks in the assistant's place; NULL while the assistant does.
    sa.Column("held_by", sa.String(80), nullable=True),
)
_messages = sa.Table(
    "chat_message",
    tables,
    sa.Column("conversation", sa.String(LONGEST_ID), sa.ForeignKey("chat_conversation.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True),
    # The sender's own id, so that a message that is delivered twice is stored once. Replies have none.
    sa.Column("message_id", sa.String(200), nullable=True),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("payload", sa.String(1000), nullable=True),
    sa.Column("stored_at", sa.Float, nullable=False, index=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "message_id"),
)


@dataclass(frozen=True)
class Conversation:
    """A conversation of a channel. `generation` and `renewed_at` (seconds since 1970) belong to its token."""

    id: str
    channel: str
    language: str
    generation: int
    renewed_at: float


@dataclass(frozen=True)
class Waiting:
    """A message that is stored and not answered. `stored_at` is in seconds since 1970; `language` is the conversation's."""

    seq: int
    id: str
    text: str
    payload: Optional[str]
    stored_at: float
    language: str


class Transcript:
    """The store of conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # Conversations

    async def create(self, conversation: str, channel: str, language: str) -> bool:
        """Store a new conversation; say whether it is new."""
        now = time.time()
        values = {"id": conversation, "channel": channel, "language": language, "created_at": now, "renewed_at": now}
        try:
            await self._database.write(lambda on: on.execute(_conversations.insert().values(generation=1, **values)))
        except IntegrityError:
            return False
        return True

    async def conversation(self, conversation: str) -> Optional[Conversation]:
        """Return a conversation, None when there is none."""
        return await self._database.read(lambda on: _conversation(on, conversation))

    async def renew(self, conversation: str, generation: int) -> Conversation:
        """Count up the token's generation if it still is `generation`; return the conversation as it is then."""

        def change(on: Connection) -> Conversation:
            is_current = (_conversations.c.id == conversation) & (_conversations.c.generation == generation)
            on.execute(
                _conversations.update().where(is_current).values(generation=generation + 1, renewed_at=time.time())
            )
            found = _conversation(on, conversation)
            assert found is not None
            return found

        return await self._database.write(change)

    # Messages

    async def accept(
        self, conversation: str, message_id: str, document: Dict[str, Any], payload: Optional[str], *more: Dict[str, Any]
    ) -> bool:
        """Store a message that waits for its answer, and the documents that follow it; say whether it is new."""

        def change(on: Connection) -> bool:
            if _is_stored(on, conversation, message_id):
                return False
            _append(on, conversation, [document], WAITING, payload)
            _append(on, conversation, more)
            return True

        try:
            return await self._database.write(change)
        except IntegrityError:  # the same message came twice at once, over two servers
            return False

    async def waiting(self, conversation: str) -> Optional[Waiting]:
        """Return the oldest message that is not answered, None when there is none."""

        def find(on: Connection) -> Optional[Waiting]:
            is_waiting = (_messages.c.conversation == conversation) & (_messages.c.state == WAITING)
            found = sa.select(_messages, _conversations.c.language).join(_conversations).where(is_waiting)
            row = on.execute(found.order_by(_messages.c.seq).limit(1)).first()
            if row is None:
                return None
            text = json.loads(row.document)["text"]
            return Waiting(row.seq, row.message_id, text, row.payload, row.stored_at, row.language)

        return await self._database.read(find)

    async def answer(self, conversation: str, seq: int, replies: Sequence[Dict[str, Any]], language: str) -> None:
        """Store the answers to message `seq`, the language that was spoken, and that it is answered."""

        def change(on: Connection) -> None:
            is_it = (_messages.c.conversation == conversation) & (_messages.c.seq == seq)
            on.execute(_messages.update().where(is_it).values(state=ANSWERED))
            on.execute(_conversations.update().where(_conversations.c.id == conversation).values(language=language))
            _append(on, conversation, replies)

        await self._database.write(change)

    async def add(self, conversation: str, *documents: Dict[str, Any]) -> bool:
        """Store messages that ask for no answer; say whether they are new."""
        try:
            await self._database.write(lambda on: _append(on, conversation, documents))
        except IntegrityError:
            return False
        return True

    async def after(self, conversation: str, seq: int) -> List[Dict[str, Any]]:
        """Return the messages with a number greater than `seq`, in order."""

        later = (_messages.c.conversation == conversation) & (_messages.c.seq > seq)
        rows = sa.select(_messages.c.seq, _messages.c.document).where(later).order_by(_messages.c.seq)
        return await self._database.read(lambda on: _documents(on, rows))

    async def one(self, conversation: str, seq: int) -> Optional[Dict[str, Any]]:
        """Return message `seq`, None when there is none."""
        is_it = (_messages.c.conversation == conversation) & (_messages.c.seq == seq)
        rows = sa.select(_messages.c.seq, _messages.c.document).where(is_it)
        return next(iter(await self._database.read(lambda on: _documents(on, rows))), None)

    async def holds(self, conversation: str, message_id: str) -> bool:
        """Say whether a message of a person is stored."""
        return await self._database.read(lambda on: _is_stored(on, conversation, message_id))

    async def last(self, conversation: str, number: int) -> List[Dict[str, Any]]:
        """Return the last messages, at most `number`, in order."""
        rows = sa.select(_messages.c.seq, _messages.c.document).where(_messages.c.conversation == conversation)
        newest = rows.order_by(_messages.c.seq.desc()).limit(number)
        return (await self._database.read(lambda on: _documents(on, newest)))[::-1]

    async def unfinished(self) -> List[str]:
        """Return the conversations that have a message without an answer."""
        ids = sa.select(_messages.c.conversation).where(_messages.c.state == WAITING).distinct()
        return await self._database.read(lambda on: list(on.execute(ids).scalars()))


def _is_stored(on: Connection, conversation: str, message_id: str) -> bool:
    is_it = (_messages.c.conversation == conversation) & (_messages.c.message_id == message_id)
    return on.execute(sa.select(_messages.c.seq).where(is_it)).first() is not None


def _conversation(on: Connection, conversation: str) -> Optional[Conversation]:
    row = on.execute(sa.select(_conversations).where(_conversations.c.id == conversation)).first()
    return Conversation(row.id, row.channel, row.language, row.generation, row.renewed_at) if row else None


def _documents(on: Connection, rows: Any) -> List[Dict[str, Any]]:
    return [{"seq": row.seq, **json.loads(row.document)} for row in on.execute(rows)]


def _stored_id(document: Dict[str, Any]) -> Optional[str]:
    """Return an id that is one for messages and another for feedback: the two are no repetitions of each other."""
    given = document.get("id")
    return f"{document['kind']}:{given}" if given and document["kind"] == "feedback" else given


def _append(
    on: Connection,
    conversation: str,
    documents: Sequence[Dict[str, Any]],
    state: str = ANSWERED,
    payload: Optional[str] = None,
) -> None:
    """Store documents at the end. Two writers never take one number: the primary key would refuse the second."""
    last = on.execute(sa.select(sa.func.max(_messages.c.seq)).where(_messages.c.conversation == conversation)).scalar() or 0
    for seq, document in enumerate(documents, start=last + 1):
        on.execute(
            _messages.insert().values(
                conversation=conversation,
                seq=seq,
                message_id=_stored_id(document),
                state=state,
                payload=payload,
                stored_at=time.time(),
                document=json.dumps(document, ensure_ascii=False),
            )
        )

"""Conversations of the channels as people saw them, in a database: what was said, in which order, and what still waits.

A message is stored before it is acknowledged, and its answers are stored in one transaction with the mark that it was
answered. So a kill at any moment loses nothing that was acknowledged, and nothing is answered twice.
"""

import json
import time
from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.database import Database, tables

WAITING, ANSWERED = "waiting", "answered"
RESUME = "resume"  # the payload of the message after which the assistant goes on; a person's begins with a slash
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
    """A conversation of a channel. `generation` and `renewed_at` (seconds since 1970) belong to its token; `held_by` is the
    name of the member of staff who talks in the assistant's place."""

    id: str
    channel: str
    language: str
    generation: int
    renewed_at: float
    held_by: Optional[str]
    created_at: float


More = Callable[[Connection, Conversation], Sequence[Dict[str, Any]]]  # is called in a transaction; returns what is said besides


@dataclass(frozen=True)
class Waiting:
    """A message that is stored and not answered. `stored_at` is in seconds since 1970; `language` and `held_by` are the
    conversation's."""

    seq: int
    id: str
    text: str
    payload: Optional[str]
    stored_at: float
    language: str
    held_by: Optional[str]


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
        return await self._database.read(lambda on: conversation_of(on, conversation))

    async def renew(self, conversation: str, generation: int) -> Conversation:
        """Count up the token's generation if it still is `generation`; return the conversation as it is then."""

        def change(on: Connection) -> Conversation:
            is_current = (_conversations.c.id == conversation) & (_conversations.c.generation == generation)
            on.execute(
                _conversations.update().where(is_current).values(generation=generation + 1, renewed_at=time.time())
            )
            found = conversation_of(on, conversation)
            assert found is not None
            return found

        return await self._database.write(change)

    # Messages

    async def accept(
        self, conversation: str, message_id: str, document: Dict[str, Any], payload: Optional[str], *more: Dict[str, Any]
    ) -> bool:
        """Store a message that waits for its answer, and the documents that follow it; say whether it is new."""

        def change(on: Connection) -> bool:
            _locked(on, conversation)
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
            found = sa.select(_messages, _conversations.c.language, _conversations.c.held_by).join(_conversations).where(is_waiting)
            row = on.execute(found.order_by(_messages.c.seq).limit(1)).first()
            if row is None:
                return None
            text = json.loads(row.document)["text"]
            return Waiting(row.seq, row.message_id or "", text, row.payload, row.stored_at, row.language, row.held_by)

        return await self._database.read(find)

    async def answer(
        self,
        conversation: str,
        seq: int,
        replies: Sequence[Dict[str, Any]],
        language: str,
        more: Optional[More] = None,
    ) -> None:
        """Store the answers to message `seq`, the language that was spoken, that it is answered, and what follows from it.

        The assistant is silent in a conversation that was taken from it while it made up its answer.
        """

        def change(on: Connection) -> None:
            found = _locked(on, conversation)
            is_it = (_messages.c.conversation == conversation) & (_messages.c.seq == seq)
            if on.execute(sa.select(_messages.c.state).where(is_it)).scalar() == ANSWERED:
                return  # another server was faster
            on.execute(_messages.update().where(is_it).values(state=ANSWERED))
            on.execute(_conversations.update().where(_conversations.c.id == conversation).values(language=language))
            if found.held_by is None:
                _append(on, conversation, replies)
            if more is not None:
                _append(on, conversation, more(on, found))

        await self._database.write(change)

    async def add(self, conversation: str, *documents: Dict[str, Any], more: Optional[More] = None) -> bool:
        """Store messages that ask for no answer; say whether they are new."""

        def change(on: Connection) -> None:
            found = _locked(on, conversation)
            _append(on, conversation, documents)
            if more is not None:
                _append(on, conversation, more(on, found))

        try:
            await self._database.write(change)
        except IntegrityError:
            return False
        return True

    async def newest(self, since: float) -> Dict[str, int]:
        """Return the conversations in which something was stored since a time (seconds since 1970), with the last number."""
        recent = sa.select(_messages.c.conversation, sa.func.max(_messages.c.seq)).where(_messages.c.stored_at > since)
        grouped = recent.group_by(_messages.c.conversation)
        return await self._database.read(lambda on: {row[0]: row[1] for row in on.execute(grouped)})

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

    async def text(self, conversation: str, message_id: str) -> Optional[str]:
        """Return what was said with an id, None when nothing was."""
        is_it = (_messages.c.conversation == conversation) & (_messages.c.message_id == message_id)
        document = await self._database.read(lambda on: on.execute(sa.select(_messages.c.document).where(is_it)).scalar())
        return json.loads(document)["text"] if document else None

    async def holds(self, conversation: str, message_id: str) -> bool:
        """Say whether a message of a person is stored."""
        return await self._database.read(lambda on: _is_stored(on, conversation, message_id))

    async def last(self, conversation: str, number: int) -> List[Dict[str, Any]]:
        """Return the last messages, at most `number`, in order."""
        return await self._database.read(lambda on: said(on, conversation, number))

    async def unfinished(self) -> List[str]:
        """Return the conversations that have a message without an answer."""
        ids = sa.select(_messages.c.conversation).where(_messages.c.state == WAITING).distinct()
        return await self._database.read(lambda on: list(on.execute(ids).scalars()))


def hold(on: Connection, conversation: str, by: str, document: Dict[str, Any]) -> None:
    """Let a member of staff called `by` talk in a conversation in the assistant's place, and say so; in a transaction."""
    _locked(on, conversation)
    on.execute(_conversations.update().where(_conversations.c.id == conversation).values(held_by=by))
    _append(on, conversation, [document])


def hand_back(on: Connection, conversation: str, document: Dict[str, Any]) -> None:
    """Let the assistant talk again, and say so; it goes on when it answers that. In a transaction."""
    _locked(on, conversation)
    on.execute(_conversations.update().where(_conversations.c.id == conversation).values(held_by=None))
    _append(on, conversation, [document], WAITING, RESUME)


def say(on: Connection, conversation: str, *documents: Dict[str, Any]) -> None:
    """Store messages that ask for no answer, within a transaction."""
    _locked(on, conversation)
    _append(on, conversation, documents)


def said(on: Connection, conversation: str, last: int, before: Optional[int] = None) -> List[Dict[str, Any]]:
    """Return the last messages of a conversation, of those before number `before` if that is given; within a transaction."""
    rows = sa.select(_messages.c.seq, _messages.c.document).where(_messages.c.conversation == conversation)
    if before is not None:
        rows = rows.where(_messages.c.seq < before)
    return _documents(on, rows.order_by(_messages.c.seq.desc()).limit(last))[::-1]


def _is_stored(on: Connection, conversation: str, message_id: str) -> bool:
    is_it = (_messages.c.conversation == conversation) & (_messages.c.message_id == message_id)
    return on.execute(sa.select(_messages.c.seq).where(is_it)).first() is not None


def conversation_of(on: Connection, conversation: str, for_update: bool = False) -> Optional[Conversation]:
    """Return a conversation, None when there is none; `for_update`: nobody else changes it until the transaction ends."""
    found = sa.select(_conversations).where(_conversations.c.id == conversation)
    row = on.execute(found.with_for_update() if for_update else found).first()
    if row is None:
        return None
    return Conversation(
        row.id, row.channel, row.language, row.generation, row.renewed_at, row.held_by, row.created_at
    )


def _locked(on: Connection, conversation: str) -> Conversation:
    """Return a conversation that nobody else changes until this transaction ends: numbers are given one after the other."""
    found = conversation_of(on, conversation, for_update=True)
    if found is None:
        raise LookupError(f"there is no conversation {conversation}")
    return found


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
    """Store documents at the end of a conversation that is locked."""
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

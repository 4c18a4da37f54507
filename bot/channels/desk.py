"""What the gateway tells whoever keeps the cases: the helpdesk (bot/helpdesk/desk.py).

Each call comes within the transaction that stores what it follows from. So a case is opened together with the answer that
it is opened for, or neither is.
"""

from typing import Any, Dict, List, Protocol, Sequence

from sqlalchemy.engine import Connection

from bot.channels.message import Reply, Situation
from bot.channels.transcript import Conversation

Document = Dict[str, Any]


class Desk(Protocol):
    """Keeps the cases."""

    def answered(
        self, on: Connection, conversation: Conversation, replies: Sequence[Reply], situation: Situation, is_heard: bool
    ) -> List[Document]:
        """Take note of a turn of the assistant; return what else is said in the conversation.

        `is_heard`: it answers a person, and does not only go on after a member of staff.
        """

    def overheard(self, on: Connection, conversation: Conversation, situation: Situation) -> None:
        """Take note of a message to the member of staff who holds the conversation."""

    def rated(self, on: Connection, conversation: Conversation, helped: bool) -> None:
        """Take note of a rating."""

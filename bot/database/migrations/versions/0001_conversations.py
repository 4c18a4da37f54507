"""Conversations of the channels, as versions without migrations made them: what exists is left alone."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None
CONVERSATION = sa.String(160)


def upgrade() -> None:
    """Make the tables that are missing."""
    existing = set(sa.inspect(op.get_bind()).get_table_names())
    if "chat_conversation" not in existing:
        op.create_table(
            "chat_conversation",
            sa.Column("id", CONVERSATION, primary_key=True),
            sa.Column("channel", sa.String(32), nullable=False),
            sa.Column("language", sa.String(8), nullable=False),
            sa.Column("created_at", sa.Float, nullable=False),
            sa.Column("generation", sa.Integer, nullable=False),
            sa.Column("renewed_at", sa.Float, nullable=False),
        )
    if "chat_message" not in existing:
        op.create_table(
            "chat_message",
            sa.Column("conversation", CONVERSATION, sa.ForeignKey("chat_conversation.id"), primary_key=True),
            sa.Column("seq", sa.Integer, primary_key=True),
            sa.Column("message_id", sa.String(200), nullable=True),
            sa.Column("state", sa.String(16), nullable=False),
            sa.Column("payload", sa.String(1000), nullable=True),
            sa.Column("stored_at", sa.Float, nullable=False),
            sa.Column("document", sa.Text, nullable=False),
            sa.UniqueConstraint("conversation", "message_id"),
        )
        op.create_index("ix_chat_message_state", "chat_message", ["state"])
    if "chat_delivery" not in existing:
        op.create_table(
            "chat_delivery",
            sa.Column("conversation", CONVERSATION, sa.ForeignKey("chat_conversation.id"), primary_key=True),
            sa.Column("channel", sa.String(32), nullable=False),
            sa.Column("reference", sa.Text, nullable=False),
            sa.Column("seq", sa.Integer, nullable=False),
            sa.Column("posts", sa.Integer, nullable=False),
        )
        op.create_index("ix_chat_delivery_channel", "chat_delivery", ["channel"])
    if "chat_undelivered" not in existing:
        op.create_table(
            "chat_undelivered",
            sa.Column("conversation", CONVERSATION, sa.ForeignKey("chat_conversation.id"), primary_key=True),
            sa.Column("seq", sa.Integer, primary_key=True),
            sa.Column("reason", sa.Text, nullable=False),
            sa.Column("at", sa.Float, nullable=False),
        )

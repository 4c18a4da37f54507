"""The helpdesk: cases, staff, what others are told. A conversation may be held by a member of staff."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0002", "0001"
CONVERSATION = sa.String(160)


def upgrade() -> None:
    """Make the tables, and the index of the full-text search that the database has."""
    op.add_column("chat_conversation", sa.Column("held_by", sa.String(80), nullable=True))
    op.create_index("ix_chat_message_stored_at", "chat_message", ["stored_at"])
    op.create_table(
        "helpdesk_staff",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("login", sa.String(400), nullable=False, unique=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("password", sa.String(200), nullable=True),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.Float, nullable=True),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_table(
        "helpdesk_case",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("conversation", CONVERSATION, sa.ForeignKey("chat_conversation.id"), nullable=False, unique=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("decision", sa.Text, nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("problem", sa.Text, nullable=True),
        sa.Column("helped", sa.Boolean, nullable=True),
        sa.Column("holder", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=True),
        sa.Column("opened_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("waiting_since", sa.Float, nullable=True),
        sa.Column("claimed_at", sa.Float, nullable=True),
        sa.Column("solved_at", sa.Float, nullable=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sqlite_autoincrement=True,  # the number of a case that was erased is not given again
    )
    op.create_index("ix_helpdesk_case_state", "helpdesk_case", ["state"])
    op.create_index("ix_helpdesk_case_route", "helpdesk_case", ["route"])
    op.create_index("ix_helpdesk_case_opened_at", "helpdesk_case", ["opened_at"])
    op.create_table(
        "helpdesk_standing",
        sa.Column("conversation", CONVERSATION, sa.ForeignKey("chat_conversation.id"), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("started_at", sa.Float, nullable=False),
        sa.Column("changed_at", sa.Float, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.Column("missed", sa.Integer, nullable=False),
        sa.Column("asked", sa.String(32), nullable=True),
        sa.Column("route", sa.String(40), nullable=True),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("decided_at", sa.Float, nullable=True),
        sa.Column("person_at", sa.Float, nullable=True),
        sa.Column("joined_at", sa.Float, nullable=True),
        sa.Column("helped", sa.Boolean, nullable=True),
    )
    op.create_index("ix_helpdesk_standing_started_at", "helpdesk_standing", ["started_at"])
    op.create_table(
        "helpdesk_tag",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("helpdesk_case.id"), primary_key=True),
        sa.Column("tag", sa.String(40), primary_key=True),
    )
    op.create_table(
        "helpdesk_note",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("case_id", sa.Integer, sa.ForeignKey("helpdesk_case.id"), nullable=False),
        sa.Column("staff", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("ix_helpdesk_note_case_id", "helpdesk_note", ["case_id"])
    op.create_table(
        "helpdesk_session",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("staff", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_index("ix_helpdesk_session_staff", "helpdesk_session", ["staff"])
    op.create_table(
        "helpdesk_audit",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("staff", sa.Integer, nullable=True),
        sa.Column("login", sa.String(400), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Integer, nullable=True),
        sa.Column("detail", sa.Text, nullable=False),
    )
    op.create_index("ix_helpdesk_audit_at", "helpdesk_audit", ["at"])
    op.create_index("ix_helpdesk_audit_case_id", "helpdesk_audit", ["case_id"])
    op.create_table(
        "helpdesk_notice",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("case_id", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("error", sa.Text, nullable=True),
    )
    op.create_index("ix_helpdesk_notice_target", "helpdesk_notice", ["target"])
    op.create_index("ix_helpdesk_notice_case_id", "helpdesk_notice", ["case_id"])
    op.create_index("ix_helpdesk_notice_state", "helpdesk_notice", ["state"])
    op.create_table(
        "helpdesk_counterpart",
        sa.Column("case_id", sa.Integer, sa.ForeignKey("helpdesk_case.id"), primary_key=True),
        sa.Column("target", sa.String(80), primary_key=True),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("number", sa.String(80), nullable=False),
        sa.Column("url", sa.String(400), nullable=True),
        sa.Column("state", sa.String(40), nullable=True),
        sa.Column("asked_at", sa.Float, nullable=True),
    )
    # What is searched of a case: its problem, facts, notes, tags and transcript, as plain words.
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TABLE helpdesk_search (case_id INTEGER PRIMARY KEY REFERENCES helpdesk_case(id), words TSVECTOR NOT NULL)"
        )
        op.execute("CREATE INDEX ix_helpdesk_search_words ON helpdesk_search USING GIN (words)")
    else:
        op.execute("CREATE VIRTUAL TABLE helpdesk_search USING fts5(words, tokenize='unicode61 remove_diacritics 2')")

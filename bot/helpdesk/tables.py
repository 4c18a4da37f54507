"""The tables of the helpdesk. The steps that make them are in bot/database/migrations/versions/."""

import sqlalchemy as sa

from bot.channels.transcript import LONGEST_ID
from bot.database import tables

CASE = "helpdesk_case.id"

# Where each conversation stands, whether or not it became a case: what the figures count.
standings = sa.Table(
    "helpdesk_standing",
    tables,
    sa.Column("conversation", sa.String(LONGEST_ID), sa.ForeignKey("chat_conversation.id"), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("started_at", sa.Float, nullable=False, index=True),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Column("missed", sa.Integer, nullable=False),  # messages that were not understood
    sa.Column("asked", sa.String(32), nullable=True),  # the fact of the question that is open
    sa.Column("route", sa.String(40), nullable=True),
    sa.Column("reason", sa.String(40), nullable=True),
    sa.Column("decided_at", sa.Float, nullable=True),
    sa.Column("person_at", sa.Float, nullable=True),  # when a person was asked for, first
    sa.Column("joined_at", sa.Float, nullable=True),  # when staff took the conversation, first
    sa.Column("helped", sa.Boolean, nullable=True),
)
cases = sa.Table(
    "helpdesk_case",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column(
        "conversation", sa.String(LONGEST_ID), sa.ForeignKey("chat_conversation.id"), nullable=False, unique=True
    ),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("reasons", sa.Text, nullable=False),  # why it is a case: a JSON list
    sa.Column("facts", sa.Text, nullable=False),  # JSON, as in the engine
    sa.Column("decision", sa.Text, nullable=True),  # JSON, as `triage decide` prints it; NULL while there is none
    sa.Column("route", sa.String(40), nullable=True, index=True),
    sa.Column("problem", sa.Text, nullable=True),  # in the person's words, redacted
    sa.Column("helped", sa.Boolean, nullable=True),
    sa.Column("holder", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=True),
    sa.Column("opened_at", sa.Float, nullable=False, index=True),
    sa.Column("changed_at", sa.Float, nullable=False),
    # Since when the partner waits for a person; NULL when nobody is awaited.
    sa.Column("waiting_since", sa.Float, nullable=True),
    sa.Column("claimed_at", sa.Float, nullable=True),
    sa.Column("solved_at", sa.Float, nullable=True),
    # Counts up with every change, so that two people who change one case at once find out.
    sa.Column("revision", sa.Integer, nullable=False),
)
tags = sa.Table(
    "helpdesk_tag",
    tables,
    sa.Column("case_id", sa.Integer, sa.ForeignKey(CASE), primary_key=True),
    sa.Column("tag", sa.String(40), primary_key=True),
)
notes = sa.Table(
    "helpdesk_note",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("case_id", sa.Integer, sa.ForeignKey(CASE), nullable=False, index=True),
    sa.Column("staff", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
staff = sa.Table(
    "helpdesk_staff",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    # What a person signs in with: a local name, or "issuer subject" of OpenID Connect.
    sa.Column("login", sa.String(400), nullable=False, unique=True),
    sa.Column("name", sa.String(80), nullable=False),  # as colleagues and partners see it
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password", sa.String(200), nullable=True),  # argon2's hash; NULL with OpenID Connect
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),  # wrong passwords in a row
    sa.Column("locked_until", sa.Float, nullable=True),
    sa.Column("created_at", sa.Float, nullable=False),
)
staff_sessions = sa.Table(
    "helpdesk_session",
    tables,
    sa.Column("digest", sa.String(64), primary_key=True),  # SHA-256 of the cookie's value
    sa.Column("staff", sa.Integer, sa.ForeignKey("helpdesk_staff.id"), nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("seen_at", sa.Float, nullable=False),  # the last sign of an open console
)
# Who looked at or did what, on a case or an account. Kept when the case is gone.
audit = sa.Table(
    "helpdesk_audit",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.Float, nullable=False, index=True),
    sa.Column("staff", sa.Integer, nullable=True),
    sa.Column("login", sa.String(400), nullable=False),  # as it was then; for a failed sign-in, what was typed
    sa.Column("act", sa.String(40), nullable=False),
    sa.Column("case_id", sa.Integer, nullable=True, index=True),
    sa.Column("detail", sa.Text, nullable=False),  # JSON; never what a partner said
)
# What others are to be told of cases, until they took it.
notices = sa.Table(
    "helpdesk_notice",
    tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("target", sa.String(80), nullable=False, index=True),
    sa.Column("event", sa.String(40), nullable=False),
    sa.Column("case_id", sa.Integer, nullable=False, index=True),
    sa.Column("document", sa.Text, nullable=False),  # JSON, as the webhook sends it
    sa.Column("state", sa.String(16), nullable=False, index=True),  # waiting, told, given_up
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("error", sa.Text, nullable=True),
)
# A case's counterpart elsewhere, such as an incident of ServiceNow.
counterparts = sa.Table(
    "helpdesk_counterpart",
    tables,
    sa.Column("case_id", sa.Integer, sa.ForeignKey(CASE), primary_key=True),
    sa.Column("target", sa.String(80), primary_key=True),
    sa.Column("key", sa.String(80), nullable=False),  # its id there
    sa.Column("number", sa.String(80), nullable=False),  # what people there call it
    sa.Column("url", sa.String(400), nullable=True),
    sa.Column("state", sa.String(40), nullable=True),  # what it said of itself last
    sa.Column("asked_at", sa.Float, nullable=True),
)

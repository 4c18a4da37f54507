"""The database brings itself to what this version needs."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

import bot.channels.deliveries  # noqa: F401  (its tables)
import bot.helpdesk.tables  # noqa: F401
from bot.channels.transcript import Transcript
from bot.database import Database, NewerDatabase, tables


def columns(file: Path) -> dict:
    with sqlite3.connect(file) as on:
        names = [name for (name,) in on.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: sorted(row[1] for row in on.execute(f"PRAGMA table_info({name})")) for name in names}


def test_the_steps_make_the_tables_that_the_code_uses(tmp_path: Path) -> None:
    Database.in_file(tmp_path / "new.db").close()
    made = columns(tmp_path / "new.db")
    for table in tables.sorted_tables:
        assert sorted(column.name for column in table.columns) == made[table.name], table.name


def test_a_database_from_before_the_steps_keeps_its_conversations(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as on:
        on.executescript((Path(__file__).parent / "database_before_migrations.sql").read_text(encoding="utf-8"))
    transcript = Transcript(Database.in_file(file))
    (message,) = asyncio.run(transcript.after("widget:old", 0))
    assert message["text"] == "hello"


def test_a_database_that_a_newer_version_changed_is_refused_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "newer.db"
    Database.in_file(file).close()
    with sqlite3.connect(file) as on:
        on.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(NewerDatabase, match="9999.*install the version that made it"):
        Database.in_file(file)


def test_a_step_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "half.db"
    with sqlite3.connect(file) as on:  # in the way of the last table
        on.execute("CREATE TABLE ix_chat_message_state (x)")
    with pytest.raises(sa.exc.OperationalError):
        Database.in_file(file)
    assert set(columns(file)) == {"ix_chat_message_state"}

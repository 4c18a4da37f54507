"""Brings a database to what this version needs, step by step (`migrations/versions/`), in one transaction."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection, Engine

from bot.database import NewerDatabase

MIGRATIONS = Path(__file__).parent / "migrations"
ONE_AT_A_TIME = 20260601  # PostgreSQL's advisory lock of two servers that start at once


def config() -> Config:
    """Return Alembic's configuration."""
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return found


def version(on: Connection) -> str:
    """Return the step that a database stands at, empty for a new one."""
    return MigrationContext.configure(on).get_current_revision() or ""


def upgrade(engine: Engine) -> None:
    """Take the steps that are missing: all of them, or none when one fails."""
    settings = config()
    steps = ScriptDirectory.from_config(settings)
    with engine.begin() as on:
        if on.dialect.name == "postgresql":
            on.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        found = version(on)
        if found == steps.get_current_head():
            return
        if found and found not in {step.revision for step in steps.walk_revisions()}:
            raise NewerDatabase(
                f'the database stands at step "{found}", which this version does not know; '
                "install the version that made it, or restore the copy from before it"
            )
        settings.attributes["connection"] = on
        command.upgrade(settings, "head")

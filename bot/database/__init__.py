"""The database that conversations and cases are kept in: SQLite in a file, or PostgreSQL.

SQLAlchemy's 1.4 has no asynchronous SQLite that fits here, so the database is spoken to in threads.
"""

import asyncio
import os
from pathlib import Path
from typing import Any, Callable, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

tables = sa.MetaData()
Work = Callable[[Connection], Any]
WRITES = "writes"  # an option of an engine: its transactions write
SECONDS_FOR_A_LOCK = 10
POSTGRESQL = "postgresql"
VARIABLE = "TRIAGE_DATABASE"
DEFAULT_FILE = Path(__file__).resolve().parent.parent.parent / "conversations.db"


class NewerDatabase(RuntimeError):
    """The database was changed by a newer version. The message says what to do."""


def address_of(given: Optional[str]) -> str:
    """Return the SQLAlchemy address of what is given: a file, or an address of PostgreSQL.

    Without anything, what the environment variable TRIAGE_DATABASE gives, else the project's own file. Raises ValueError.
    """
    named = given or os.environ.get(VARIABLE, "").strip()
    if not named:
        return f"sqlite:///{DEFAULT_FILE}"
    if named.startswith(("postgresql://", "postgres://")):
        return "postgresql://" + named.partition("://")[2]
    if "://" in named:
        raise ValueError("the database must be a file, or an address like postgresql://user:password@host/name")
    return f"sqlite:///{Path(named).resolve()}"


def opened(given: Optional[str] = None) -> "Database":
    """Return the database that is given as in `address_of`, with the tables that this version needs.

    Raises ValueError, NewerDatabase, or SQLAlchemyError when it cannot be reached.
    """
    database = Database(address_of(given))
    database.migrate()
    return database


class Database:
    """Runs work in transactions; its methods may be awaited from the event loop."""

    def __init__(self, url: str) -> None:
        """Open the database at a SQLAlchemy `url`."""
        self.url = url
        # What people say is in the parameters, which an error would write to the log.
        self._engine: Engine = sa.create_engine(url, future=True, hide_parameters=True, pool_pre_ping=True)
        if self._engine.dialect.name == "sqlite":
            sa.event.listen(self._engine, "connect", _as_we_use_sqlite)
            sa.event.listen(self._engine, "begin", _begin_in_sqlite)
        self._writing: Engine = self._engine.execution_options(**{WRITES: True})

    @classmethod
    def in_file(cls, path: Path) -> "Database":
        """Open the database in a SQLite file, with its tables."""
        database = cls(f"sqlite:///{path}")
        database.migrate()
        return database

    @property
    def file(self) -> Optional[Path]:
        """The file of SQLite, None with PostgreSQL."""
        found = self._engine.url.database
        return Path(found) if found and not self.is_postgresql else None

    @property
    def is_postgresql(self) -> bool:
        """Say whether it is PostgreSQL; else it is SQLite."""
        return self._engine.dialect.name == POSTGRESQL

    def migrate(self) -> None:
        """Bring the tables to what this version needs. Raises NewerDatabase when another version went further."""
        from bot.database.migrate import upgrade  # Alembic takes a moment to load, and only a start needs it

        upgrade(self._writing)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    async def read(self, work: Work) -> Any:
        """Return what `work` finds."""
        return await asyncio.to_thread(self.read_now, work)

    async def write(self, work: Work) -> Any:
        """Return what `work` returns; everything it changes is kept, or nothing when it fails."""
        return await asyncio.to_thread(self.write_now, work)

    def read_now(self, work: Work) -> Any:
        """Return what `work` finds, outside an event loop."""
        return _in_transaction(self._engine, work)

    def write_now(self, work: Work) -> Any:
        """Return what `work` returns, outside an event loop; everything it changes is kept, or nothing when it fails."""
        return _in_transaction(self._writing, work)


def _in_transaction(engine: Engine, work: Work) -> Any:
    with engine.begin() as on:
        return work(on)


def _begin_in_sqlite(connection: Connection) -> None:
    """Take the lock of a writer at the beginning, so that two never read first and then both want to write."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get(WRITES) else "BEGIN")


def _as_we_use_sqlite(connection: Any, record: Any) -> None:
    """Readers do not wait for a writer, a writer waits for another, and a transaction begins where SQLAlchemy says."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute(f"PRAGMA busy_timeout={SECONDS_FOR_A_LOCK * 1000}")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is removed is overwritten

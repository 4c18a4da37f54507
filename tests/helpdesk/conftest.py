"""The two databases, and what the helpdesk's tests share."""

from typing import Iterator

import pytest

from bot.database import Database
from tests.helpdesk.postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server."""
    server = PostgreSQL()
    yield server
    server.remove()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> str:
    """The address of an empty database: once SQLite's, once PostgreSQL's."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'cases.db'}"
    return request.getfixturevalue("postgresql").new()


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    """A database with its tables."""
    found = Database(database_url)
    found.migrate()
    yield found
    found.close()

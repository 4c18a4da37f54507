"""The database that a command works on: its option, and how it is opened."""

from contextlib import contextmanager
from typing import Iterator, Optional

import click
from sqlalchemy.exc import SQLAlchemyError

from bot.database import VARIABLE, Database, NewerDatabase, address_of
from bot.engine import UnusableFacts

database_option = click.option(
    "--database", "given", metavar="PLACE", default=None,
    help=f"The SQLite file, or an address postgresql://...; {VARIABLE} or conversations.db by default.",
)  # fmt: skip


@contextmanager
def opened_database(given: Optional[str], must_exist: bool = True) -> Iterator[Database]:
    """Give the database at a path or an address, with the tables of this version. Raises UnusableFacts."""
    try:
        address = address_of(given)
    except ValueError as error:
        raise UnusableFacts(str(error)) from None
    database = None
    try:
        database = Database(address)
        if must_exist and database.file is not None and not database.file.is_file():
            raise UnusableFacts(f"{database.file} is missing; name the database with --database or {VARIABLE}")
        database.migrate()
        yield database
    except NewerDatabase as error:
        raise UnusableFacts(str(error)) from None
    except SQLAlchemyError as error:  # its message may hold the address, and that a password
        cause = type(getattr(error, "orig", None) or error).__name__
        raise UnusableFacts(f"the database cannot be used ({cause}); is it there, and may it be written to?") from None
    finally:
        if database is not None:
            database.close()

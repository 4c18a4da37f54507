"""What was removed leaves the file too. SQLite keeps it in free pages, in the index of the search and in its log."""

import logging
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from bot.database import Database

LARGEST = 256 * 2**20  # bytes of a file that is written anew without being asked: about a second, in which others wait
MERGED_AT_ONCE = 500  # pages of the index
SECONDS_FOR_THE_LOG = 1.0  # that others wait while the log is emptied
TRIES = 10

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Scrubbed:
    """How far a SQLite file is clean. With PostgreSQL both are true: its server reuses what is free (autovacuum)."""

    is_compact: bool  # the file was written anew
    is_emptied: bool  # its log holds nothing any more

    @property
    def remark(self) -> str:
        """What there is left to do, for who removed something; empty when nothing is."""
        if not self.is_compact:
            return (
                "the database's file is large and was not written anew, so unused parts of it may still hold pieces of what "
                "was removed; do it with --compact when few people are there"
            )
        if not self.is_emptied:
            return "the database was busy, so its log (the file with -wal) may still hold removed texts; do it again later"
        return ""


CLEAN = Scrubbed(True, True)


def scrub(database: Database, always: bool = False) -> Scrubbed:
    """See that nothing that was removed is left in the database's file; `always`: however large it is.

    Writers wait while the file is written anew, readers never.
    """
    if database.file is None:
        return CLEAN
    _merge(database)
    # A connection of its own, as these are no transactions.
    with closing(sqlite3.connect(str(database.file), isolation_level=None, timeout=10)) as own:
        is_compact = always or database.file.stat().st_size <= LARGEST
        if is_compact:
            is_compact = _vacuum(own)
        return Scrubbed(is_compact, _empty_log(own))


def _merge(database: Database) -> None:
    """Let the index of the search forget: it marks words as removed, and drops them when its parts are merged."""

    def begin(on: Connection) -> int:
        return _merged(on, -MERGED_AT_ONCE)

    def go_on(on: Connection) -> int:
        return _merged(on, MERGED_AT_ONCE)

    work = begin
    while database.write_now(work) > 1:  # a merge that has nothing to do changes one row at most
        work = go_on
        time.sleep(0.002)


def _merged(on: Connection, pages: int) -> int:
    on.exec_driver_sql("PRAGMA secure_delete=ON")
    before = on.exec_driver_sql("SELECT total_changes()").scalar_one()
    on.exec_driver_sql("INSERT INTO helpdesk_search(helpdesk_search, rank) VALUES('merge', ?)", (pages,))
    return int(on.exec_driver_sql("SELECT total_changes()").scalar_one()) - int(before)


def _vacuum(own: sqlite3.Connection) -> bool:
    try:
        own.execute("VACUUM")
    except sqlite3.OperationalError as error:  # somebody writes all the time, or the disk is full
        logger.warning("the database's file could not be written anew: %s", error)
        return False
    return True


def _empty_log(own: sqlite3.Connection) -> bool:
    """Write what is in the log into the file, and cut the log off; say whether that was possible."""
    own.execute(f"PRAGMA busy_timeout={int(SECONDS_FOR_THE_LOG * 1000)}")
    for _ in range(TRIES):
        busy, _, _ = own.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return True
        time.sleep(0.2)
    return False

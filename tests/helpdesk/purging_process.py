"""Purges a database, as a process that a test can kill: `python -m tests.helpdesk.purging_process URL DAYS`."""

import sys

from bot.database import Database
from bot.helpdesk.retention import purge

if __name__ == "__main__":
    database = Database(sys.argv[1])
    database.read_now(lambda on: on.exec_driver_sql("SELECT 1"))
    print("ready", flush=True)
    purge(database, int(sys.argv[2]))
    print("done", flush=True)

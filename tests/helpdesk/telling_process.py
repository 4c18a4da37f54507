"""Opens, claims and solves cases and tells of them, in a process that a test can kill: `DATABASE RECEIVER NUMBER`."""

import asyncio
import random
import sys
import time
from dataclasses import replace

from bot.database import Database
from bot.helpdesk import cases
from bot.helpdesk.notices import announce
from tests.helpdesk.receivers import QUICK, SUMMARY, Telling, hook, new_case

TARGET = "webhook:example"


class Place:
    """Where the receiver is."""

    def __init__(self, address):
        self.address = address


def work(database, number):
    """Take cases through their states, each change with its notice."""
    holder = database.read_now(lambda on: on.exec_driver_sql("SELECT min(id) FROM helpdesk_staff").scalar())

    def step(on, event, case):
        announce(on, event, vars(case), [TARGET], SUMMARY)
        return case.id

    def opened(on):
        return step(on, "case_opened", cases.read(on, new_case(on)["id"]))

    for _ in range(number):
        case_id = database.write_now(opened)
        database.write_now(lambda on: step(on, "case_claimed", cases.claim(on, case_id, holder)))
        database.write_now(lambda on: step(on, "case_solved", cases.set_state(on, case_id, holder, "solved")))
        time.sleep(random.random() * 0.05)


async def main():
    database = Database(sys.argv[1])
    async with Telling(database, {TARGET: hook(Place(sys.argv[2]))}, replace(QUICK, lease=3.0)):
        print("ready", flush=True)
        await asyncio.to_thread(work, database, int(sys.argv[3]))
        await asyncio.sleep(3600)


if __name__ == "__main__":
    asyncio.run(main())

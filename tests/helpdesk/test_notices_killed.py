"""The sender is killed at any moment: whatever was announced is told, in the order of its case."""

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path

from bot.helpdesk.tables import cases
from tests.helpdesk.receivers import Receiver, member, rows, until

PROJECT = Path(__file__).resolve().parents[2]
KILLS = 4
EVENTS = {"open": ["case_opened"], "claimed": ["case_opened", "case_claimed"]}
ALL = ["case_opened", "case_claimed", "case_solved"]


class Sender:
    """A process that tells, and changes cases as long as it lives."""

    def __init__(self, url, receiver, number):
        command = [sys.executable, "-m", "tests.helpdesk.telling_process", url, receiver.address, str(number)]
        self._process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def test_nothing_announced_is_lost_however_often_the_sender_is_killed(database_url, database):
    moments = random.Random(6)
    member(database, "Ann")
    receiver = Receiver()
    receiver.planned = [moments.choice([0.01, 0.05, (204, {}), (503, {})]) for _ in range(40)]
    try:
        for _ in range(KILLS):
            sender = Sender(database_url, receiver, 15)
            heard = len(receiver.asked)
            asyncio.run(until(lambda: len(receiver.asked) > heard + 3))
            time.sleep(moments.random() * 0.1)  # somewhere between changing, claiming, telling and storing
            sender.kill()
        sender = Sender(database_url, receiver, 0)
        asyncio.run(until(lambda: {row.state for row in rows(database)} == {"told"}))
        sender.kill()
    finally:
        receiver.close()
    announced = {row.document: row for row in rows(database)}
    told = [body.decode() for _, _, _, body in receiver.asked]
    assert set(told) == set(announced)  # all of it, as it was written down, and nothing else
    order = {}
    for document in dict.fromkeys(told):
        order.setdefault(announced[document].case_id, []).append(announced[document].event)
    for row in database.read_now(lambda on: on.execute(cases.select()).all()):
        assert order[row.id] == EVENTS.get(row.state, ALL)

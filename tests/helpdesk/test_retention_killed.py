"""A purge that is killed, and one beside which others go on writing."""

import asyncio
import random
import subprocess
import sys
import threading
import time

import sqlalchemy as sa

from bot.channels.transcript import Transcript
from bot.database import Database
from bot.helpdesk.retention import purge
from bot.settings import PROJECT
from tests.helpdesk.histories import DAY, OF_A_CASE, OF_A_CONVERSATION, counted, set_back, talk, with_dialogue, work_on

MANY = 24
ROUNDS = 6
REMAINING = "SELECT count(*) FROM chat_conversation WHERE id LIKE 'slack-%'"


def fill(database):
    """Return conversations that are old, each with its case."""
    with_dialogue(database)
    found = {}
    for number in range(MANY):
        conversation = f"slack-{number:03d}"
        talk(database, conversation, f"text {number}", "and more")
        found[conversation] = work_on(database, conversation, f"text {number}")
        set_back(database, conversation, 90 * DAY)
    return found


def remaining(database):
    return database.read_now(lambda on: on.execute(sa.text(REMAINING)).scalar())


def where(database, held):
    """Return the tables that hold something of each conversation or its case."""
    found = {conversation: set() for conversation in held}
    of_case = {case_id: conversation for conversation, case_id in held.items()}

    def look(on):
        for table, column in OF_A_CONVERSATION.items():
            for conversation in on.execute(sa.text(f"SELECT DISTINCT {column} FROM {table}")).scalars():
                found[conversation].add(table)
        for table in OF_A_CASE:
            column = "rowid" if table == "helpdesk_search" and not database.is_postgresql else "case_id"
            for case_id in on.execute(sa.text(f"SELECT DISTINCT {column} FROM {table}")).scalars():
                found[of_case[case_id]].add(table)

    database.read_now(look)
    return found


def test_a_purge_that_is_killed_at_any_moment_leaves_each_conversation_whole_or_gone(database, database_url):
    held = fill(database)
    chance = random.Random(6)
    left = [MANY]
    for _ in range(ROUNDS):
        command = [sys.executable, "-m", "tests.helpdesk.purging_process", database_url, "30"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT)
        assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0, 0.12))
        process.kill()
        finished = process.stdout.read() == b"done\n"
        process.stdout.close()
        process.wait(60)
        for conversation, found in where(database, held).items():
            assert len(found) in (0, len(OF_A_CONVERSATION) + len(OF_A_CASE)), (conversation, found)
        left.append(remaining(database))
        if finished or not left[-1]:
            break
    assert left == sorted(left, reverse=True)
    assert any(0 < number < MANY for number in left), left  # it was ended in the middle, or nothing is shown here
    purge(database, 30)
    assert not any(where(database, held).values())


def test_others_write_while_a_purge_goes_on(database, database_url):
    fill(database)
    seen, failures, is_over = [], [], threading.Event()

    def write():
        beside = Database(database_url)
        transcript = Transcript(beside)
        number = 0
        try:
            while not is_over.is_set():
                asyncio.run(transcript.create(f"widget-{number}", "widget", "en"))
                said = {
                    "id": "m1",
                    "from": "person",
                    "kind": "said",
                    "language": "en",
                    "text": "hello",
                    "at": "2026-11-30T10:00:00",
                }
                asyncio.run(transcript.accept(f"widget-{number}", "m1", said, None))
                seen.append(remaining(beside))
                number += 1
        except Exception as error:  # what goes wrong in a thread is said by the test
            failures.append(error)
        finally:
            beside.close()

    writer = threading.Thread(target=write)
    writer.start()
    done = purge(database, 30)
    is_over.set()
    writer.join(60)
    assert failures == [] and done.conversations == MANY
    assert any(0 < number < MANY for number in seen)  # it wrote between the first removal and the last
    stored = sa.text("SELECT count(*) FROM chat_message WHERE conversation LIKE 'widget-%'")
    assert database.read_now(lambda on: on.execute(stored).scalar()) == len(seen)


def test_somebody_who_writes_just_before_a_conversation_would_go_keeps_it(database):
    """What is old when the purge looks may be alive when its turn comes."""
    with_dialogue(database)
    for conversation in ("slack-1", "slack-2"):
        talk(database, conversation, "hello")
        set_back(database, conversation, 90 * DAY)

    write = "UPDATE chat_message SET stored_at = :now WHERE conversation = 'slack-2'"

    class Beside(Database):
        """A database in which somebody writes in the second conversation right after the first is gone."""

        def write_now(self, work):
            found = super().write_now(work)
            if remaining(database) == 1:
                database.write_now(lambda on: on.execute(sa.text(write), {"now": time.time()}))
            return found

    purging = Beside(database.url)
    done = purge(purging, 30)
    purging.close()
    assert done.conversations == 1 and not any(counted(database, "slack-1").values())
    assert all(counted(database, "slack-2").values())

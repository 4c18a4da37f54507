"""The server is killed at any moment: every case is there, once and whole, and each partner was told its number once."""

import random
import time

import requests
import sqlalchemy as sa

from bot.database import Database
from bot.helpdesk.tables import cases, notices, standings
from tests.channels.conftest import Client
from tests.channels.test_kill import Killed

PARTNERS, KILLS = 12, 4


def test_a_case_survives_a_kill_at_any_moment(database_url):
    moments = random.Random(7)
    server = Killed(database_url.removeprefix("sqlite:///"), "helpdesk")
    partners = []
    kills = set(moments.sample(range(PARTNERS), KILLS))
    try:
        for number in range(PARTNERS):
            partner = Client(server.address)
            partners.append(partner)
            assert partner.say(f"product=product_{number}", f"fact-{number:06d}").status_code == 202
            acknowledged = False
            while not acknowledged:
                try:
                    acknowledged = partner.say("person", f"person-{number:06d}").status_code == 202
                except requests.RequestException:
                    server.start()
                if number in kills:
                    kills.discard(number)
                    time.sleep(moments.random() * 0.06)  # between storing, answering, and storing the answer with its case
                    server.kill()
                    server.start()
        transcripts = [partner.messages(6) for partner in partners]
    finally:
        server.kill()
    for found in transcripts:
        told = [message["text"] for message in found if message["kind"] == "case"]
        assert len(told) == 1 and "**T-" in told[0]
    database = Database(database_url)
    rows = database.read_now(lambda on: on.execute(sa.select(cases)).all())
    assert len(rows) == PARTNERS and len({row.conversation for row in rows}) == PARTNERS
    assert all(row.reasons == '["asked_for_person"]' and row.waiting_since for row in rows)
    numbers = {f"T-{row.id:05d}" for row in rows}
    assert {text.split("**")[1] for found in transcripts for text in (m["text"] for m in found) if "**T-" in text} == numbers
    assert database.read_now(lambda on: on.execute(sa.select(sa.func.count()).select_from(standings)).scalar()) == PARTNERS
    searched = "SELECT count(*) FROM helpdesk_search"
    assert database.read_now(lambda on: on.execute(sa.text(searched)).scalar()) == PARTNERS
    assert database.read_now(lambda on: on.execute(sa.select(sa.func.count()).select_from(notices)).scalar()) == 0
    database.close()

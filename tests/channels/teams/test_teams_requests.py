"""The Bot Framework's requests: acknowledged in time, processed once, refused when they are no activities."""

import asyncio
import json
import logging
import threading
import time

import pytest
import requests

from bot.channels.guard import LARGEST_PLATFORM_BODY
from bot.channels.teams import routes
from bot.channels.transcript import Transcript
from tests.channels.conftest import until
from tests.channels.teams.microsoft import BOT, TENANT, Connector, installed, message, running


def texts(echo):
    return [text for _, text in echo.heard]


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", "5", "null", '"text"', "[" * 30_000, '{"a":' * 10_000, b"\xff\xfe\x00", '{"type": "message"}', "{}"],
    ids=lambda body: str(body)[:12],
)
def test_a_malformed_body_is_refused(teams, echo, body):
    assert teams.raw(body).status_code in (400, 403)
    assert teams.send(message("still there")).status_code == 200
    until(lambda: texts(echo) == ["typed:still there"])


@pytest.mark.parametrize(
    "more",
    [
        {"conversation": None},
        {"conversation": {}},
        {"conversation": {"id": 5}},
        {"conversation": {"id": ""}},
        {"conversation": {"id": "x" * 1_001}},
        {"conversation": "a:personal"},
        {"from": None},
        {"from": {"id": None}},
        {"from": []},
        {"recipient": None},
        {"recipient": {"id": 5}},
        {"id": None},
        {"id": 5},
        {"id": "x" * 1_001},
        {"channelData": "text"},
        {"channelData": {"tenant": "x"}},
        {"channelData": {"tenant": {"id": "not a tenant"}}},
        {"channelData": None, "conversation": {"id": "a:personal"}},
        {"locale": 5},
        {"text": 5},
        {"text": ["a"]},
        {"textFormat": {}},
        {"id": "\ud800"},
        {"conversation": {"id": "\ud800", "tenantId": TENANT}},
        {"from": {"id": "\ud800"}},
    ],
    ids=lambda more: repr(more)[:40],
)
def test_an_activity_that_does_not_say_who_where_or_what_is_refused(teams, echo, more):
    assert teams.send({**message(), **more}).status_code == 400
    assert teams.send(message("still there")).status_code == 200
    until(lambda: texts(echo) == ["typed:still there"])


@pytest.mark.parametrize("service_url", [[], {}, 5, None, ["https://smba.trafficmanager.net/"]], ids=str)
def test_an_address_that_is_no_text_is_refused(teams, service_url):
    assert teams.send({**message(), "serviceUrl": service_url}).status_code == 403


def test_half_a_character_is_replaced(teams, echo):
    assert teams.send(message("a \ud800 b", locale="en-\ud800")).status_code == 200
    until(lambda: texts(echo) == ["typed:a ? b"])


def test_a_huge_body_is_refused(teams, echo):
    assert teams.raw("x" * (LARGEST_PLATFORM_BODY + 1)).status_code == 413
    assert teams.send(message("still there")).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_of_another_kind_is_refused(teams, kind):
    assert teams.raw(json.dumps(message()), kind=kind).status_code == 400


def test_a_request_by_another_method_is_refused(teams):
    assert requests.get(f"{teams.server.address}/teams/messages", timeout=10).status_code == 405


def test_an_activity_that_comes_twice_is_processed_once(teams, connector, echo):
    activity = message("hello")
    threads = [threading.Thread(target=teams.send, args=(activity,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    teams.send(activity)
    teams.send(message("the end"))
    until(lambda: connector.texts[-1:] == ["typed:the end"])
    assert connector.texts == ["typed:hello", "typed:the end"]


def test_an_activity_that_comes_again_after_a_restart_is_processed_once(start, connector, echo):
    teams, activity = start(), message("hello")
    teams.send(activity)
    until(lambda: connector.taken)
    teams.server.stop()
    again = start()
    assert again.send(activity).status_code == 200
    again.send(message("the end"))
    until(lambda: connector.texts[-1:] == ["typed:the end"])
    assert connector.texts == ["typed:hello", "typed:the end"]


def test_the_same_id_in_two_chats_is_two_messages(teams, connector):
    for where in ("a:one", "a:two"):
        teams.send(message("hello", where, id="1700000000000"))
    until(lambda: len(connector.taken) == 2)


def test_an_activity_is_acknowledged_however_long_the_answer_takes(teams, echo, connector):
    echo.pause = connector.pause = 3
    begun = time.monotonic()
    assert teams.send(message()).status_code == 200
    assert time.monotonic() - begun < 2.5 and connector.taken == []


def test_a_flood_is_told_once_that_it_is_one(start, connector, echo):
    teams = start(limits={"messages_per_minute": 1, "messages_burst": 3})
    for number in range(8):
        assert teams.send(message(f"number {number}")).status_code == 200
    until(lambda: len(connector.taken) == 4)
    time.sleep(0.2)
    assert texts(echo) == [f"typed:number {number}" for number in range(3)] and len(connector.taken) == 4
    assert [text for text in connector.texts if not text.startswith("typed:")] == [connector.texts[3]] and "60 s" in connector.texts[3]


def test_a_flood_of_one_person_does_not_stop_another(start, connector, echo):
    teams = start(limits={"requests_per_minute": 2, "requests_burst": 3})
    for number in range(6):
        teams.send(message(f"number {number}", conversation=f"a:{number}"))
    other = {"id": "29:bob", "name": "Bob", "aadObjectId": "bbbbbbbb-1111-2222-3333-444444444444"}
    teams.send(message("bob", "a:bob", **{"from": other}))
    until(lambda: "typed:bob" in texts(echo))


@pytest.fixture
def slow(monkeypatch):
    """Storing takes so many seconds, given as slow[0]; and fails while slow[1]."""
    settings = [0.0, False]
    accept = Transcript.accept

    async def accept_slowly(self, *arguments):
        await asyncio.sleep(settings[0])
        if settings[1]:
            raise OSError("the disk is full")
        return await accept(self, *arguments)

    monkeypatch.setattr(Transcript, "accept", accept_slowly)
    monkeypatch.setattr(routes, "SECONDS_TO_STORE", 0.3)
    return settings


def test_an_activity_that_is_stored_late_is_sent_again_and_processed_once(teams, connector, slow):
    slow[0], activity = 0.8, message("hello")
    response = teams.send(activity)
    assert response.status_code == 503 and response.headers["Retry-After"]
    until(lambda: connector.taken)
    slow[0] = 0.0
    assert teams.send(activity).status_code == 200
    teams.send(message("the end"))
    until(lambda: connector.texts == ["typed:hello", "typed:the end"])


def test_an_activity_that_cannot_be_stored_is_not_acknowledged(teams, echo, slow, caplog):
    slow[1], activity = True, message("hello")
    with caplog.at_level(logging.ERROR):
        assert teams.send(activity).status_code == 503
    assert "the disk is full" in caplog.text
    slow[1] = False
    assert teams.send(activity).status_code == 200
    until(lambda: texts(echo) == ["typed:hello"])


def test_an_introduction_that_takes_long_is_acknowledged_in_time(teams, connector, slow):
    connector.pause = 1.0
    begun = time.monotonic()
    assert teams.send(installed("19:group@thread.v2", "groupChat")).status_code == 200
    assert time.monotonic() - begun < 0.9
    until(lambda: connector.taken)


def test_what_others_send_makes_one_line_in_the_log(teams, caplog):
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            assert teams.send(message(), "Bearer x").status_code == 401
    assert caplog.text.count("a request was not from Teams") == 1


def test_a_database_that_fails_does_not_write_what_people_say_to_the_log(teams, echo, caplog):
    teams.send(message("hello"))
    until(lambda: echo.heard)
    with teams.server._database._engine.begin() as on:
        on.exec_driver_sql("CREATE TRIGGER no BEFORE INSERT ON chat_message BEGIN SELECT * FROM full; END")
    with caplog.at_level(logging.DEBUG):
        assert teams.send(message("my colleague Jane Doe is ill")).status_code == 503
    assert "no such table" in caplog.text and "Jane Doe" not in caplog.text


def test_the_log_holds_neither_tokens_nor_what_people_say(teams, connector, echo, caplog):
    connector.then = [(503, {}), (403, {})]
    with caplog.at_level(logging.DEBUG):
        teams.send(message("the quick brown fox"))
        until(lambda: "cannot be delivered" in caplog.text)
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot"))
    assert "brown fox" not in ours and "bot-token" not in ours and "eyJ" not in ours


def test_nobody_is_answered_at_an_address_that_came_with_an_activity_which_was_refused(start, connector, echo):
    teams = start()
    teams.send(message("one"))
    until(lambda: connector.taken)
    with running(Connector()) as elsewhere:
        teams.service_url = f"{elsewhere.address}/amer/"
        assert teams.send(message("two")).status_code == 403
        teams.server.push(echo.heard[0][0], "still here")
        until(lambda: len(connector.taken) == 2)
        assert elsewhere.asked == []


def test_the_bot_does_not_talk_to_itself(teams, echo):
    teams.send(message("hello", **{"from": {**BOT, "role": "bot"}}))
    time.sleep(0.1)
    assert echo.heard == []

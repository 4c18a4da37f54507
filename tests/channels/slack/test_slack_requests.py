"""Who may send, what a request must be, and when it is acknowledged."""

import json
import time
from urllib.parse import urlencode

import pytest
import requests

from bot.channels.guard import LARGEST_PLATFORM_BODY
from bot.channels.slack import routes
from bot.channels.transcript import Transcript
from tests.channels.slack.conftest import button, direct, envelope, interaction, new_id, until

ROUTES = ["events", "interactions", "commands"]
FORM = "application/x-www-form-urlencoded"


def body_for(route):
    if route == "events":
        return json.dumps(envelope(direct("hello")), ensure_ascii=False), "application/json"
    fields = {"payload": json.dumps(interaction(button("choose:0", "/affirm")))} if route == "interactions" else {
        "command": "/support", "team_id": "T0TEAM", "channel_id": "D0ANN", "user_id": "U0ANN", "trigger_id": "1.2.a"
    }  # fmt: skip
    return urlencode(fields), FORM


@pytest.mark.parametrize("route", ROUTES)
def test_a_signed_request_is_taken(slack, route):
    assert slack.post(route, *body_for(route)).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": None},
        {"X-Slack-Request-Timestamp": None},
        {"X-Slack-Signature": ""},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=é".encode()},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "nan"},
        {"X-Slack-Request-Timestamp": "1e9"},
        {"X-Slack-Request-Timestamp": "9" * 30},
        {"X-Slack-Request-Timestamp": "١٧".encode()},
    ],
)
def test_a_request_that_is_not_signed_is_refused(slack, running, route, headers):
    assert slack.post(route, *body_for(route), headers=headers).status_code == 401
    assert running.assistant.heard == []


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("seconds", [-3600, -310, 310, 3600])
def test_a_request_of_another_time_is_refused(slack, route, seconds):
    assert slack.post(route, *body_for(route), at=time.time() + seconds).status_code == 401


@pytest.mark.parametrize("seconds", [-280, 280])
def test_clocks_may_differ_by_minutes(slack, seconds):
    assert slack.post("events", *body_for("events"), at=time.time() + seconds).status_code == 200


def test_an_old_request_cannot_be_replayed(slack, running):
    at = time.time() - 290
    assert slack.post("events", *body_for("events"), at=at).status_code == 200
    body, kind = body_for("events")
    assert slack.post("events", body, kind, at=at - 20).status_code == 401  # the same, when it is older than five minutes


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_that_was_changed_is_refused(slack, route):
    body, kind = body_for(route)
    signed = slack.verifier.generate_signature(timestamp=str(int(time.time())), body=body)
    assert slack.post(route, body + " ", kind, headers={"X-Slack-Signature": signed}).status_code == 401


def test_the_secret_of_another_app_is_refused(slack):
    slack.verifier.signing_secret = "f" * 32
    assert slack.post("events", *body_for("events")).status_code == 401


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_that_is_no_text_is_refused(slack, route):
    assert slack.post(route, b"\xff\xfe\x00", FORM).status_code == 401


def test_text_in_any_script_is_signed_and_taken(slack, api):
    assert slack.say("Пароль? 密码 🙂 é").status_code == 200
    until(lambda: api.texts() == ["typed:Пароль? 密码 🙂 é\n\n• Yes"])


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_is_taken_however_its_kind_is_written(slack, running, kind):
    assert slack.post("events", body_for("events")[0], kind).status_code == 200
    until(lambda: running.assistant.heard)


def test_the_address_is_verified_with_the_challenge(slack):
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aB", "token": "old"})
    answer = slack.post("events", body)
    assert answer.status_code == 200 and answer.json() == {"challenge": "3eZbrw1aB"}
    assert slack.post("events", body, headers={"X-Slack-Signature": "v0=x"}).status_code == 401
    assert slack.post("events", json.dumps({"type": "url_verification", "challenge": {}})).status_code == 400


@pytest.mark.parametrize(
    "route, body, kind",
    [
        ("events", "{", "application/json"),
        ("events", "", "application/json"),
        ("events", "[]", "application/json"),
        ("events", "[" * 30_000, "application/json"),
        ("events", '{"type": "event_callback"}', "application/json"),
        ("events", '{"type": "event_callback", "event": 5}', "application/json"),
        ("events", json.dumps(envelope(direct("a"), authorizations=[5])), "application/json"),
        ("events", json.dumps(envelope(direct("a"))), FORM),
        ("interactions", "", FORM),
        ("interactions", "payload=", FORM),
        ("interactions", "payload=%7B", FORM),
        ("interactions", "payload=%ff", FORM),
        ("interactions", "payload=[]", FORM),
        ("interactions", "payload=" + "[" * 30_000, FORM),
        ("interactions", urlencode({"payload": '{"type": "block_actions"}'}), FORM),
        ("interactions", urlencode({"payload": json.dumps(interaction(button("choose:0", "/a"), state=5))}), FORM),
        ("interactions", urlencode({"payload": json.dumps(interaction(button("choose:0", {})))}), FORM),
        ("interactions", "a=1&" * 200, FORM),
        ("interactions", "{}", "application/json"),
        ("commands", "", FORM),
        ("commands", "team_id=T1&channel_id=C1", FORM),
        ("commands", "{}", "application/json"),
    ],
    ids=lambda value: value[:30],  # the rest may differ from run to run
)
def test_a_malformed_body_is_refused(slack, running, route, body, kind):
    assert slack.post(route, body, kind).status_code == 400
    assert slack.say("still there").status_code == 200
    until(lambda: [text for _, text in running.assistant.heard] == ["typed:still there"])


@pytest.mark.parametrize(
    "outer",
    [{"event_id": "\ud800"}, {"event_time": 10**400}, {"event_time": -1}, {"event_time": True}, {"event_time": "now"}],
    ids=lambda outer: str(outer)[:30],
)
def test_an_event_with_odd_fields_is_taken(slack, running, outer):
    assert slack.event(direct("hello"), **outer).status_code == 200
    until(lambda: [text for _, text in running.assistant.heard] == ["typed:hello"])


@pytest.mark.parametrize("blocks", [5, {}, "text", [5, {"elements": 5}, {"type": "actions", "elements": [5]}]], ids=str)
def test_a_message_with_odd_blocks_can_be_used(slack, running, api, blocks):
    question = offered(slack, api)
    assert slack.use(button("choose:0", "/affirm"), {**question, "blocks": blocks}).status_code == 200
    until(lambda: any(text == "pressed:/affirm" for _, text in running.assistant.heard))


def test_a_message_that_is_large_can_be_used(slack, running, api):
    """Slack sends it back whole, each sign outside ASCII as six in a form of three each."""
    question = offered(slack, api)
    question["blocks"].append({"type": "section", "text": {"type": "mrkdwn", "text": "\u00e9" * 12_000}})
    assert slack.use(button("choose:0", "/affirm"), question).status_code == 200
    until(lambda: any(text == "pressed:/affirm" for _, text in running.assistant.heard))


@pytest.mark.parametrize("route", ROUTES)
def test_a_huge_body_is_refused(slack, running, route):
    assert slack.post(route, "x" * (LARGEST_PLATFORM_BODY + 1), FORM).status_code == 413
    assert slack.say("still there").status_code == 200


def test_a_request_by_another_method_is_refused(slack):
    assert requests.get(f"{slack.address}/slack/events", timeout=10).status_code == 405


def test_kinds_of_requests_that_are_not_known_are_acknowledged(slack, running, api):
    assert slack.post("events", json.dumps({"type": "app_rate_limited", "team_id": "T0TEAM"})).status_code == 200
    assert slack.use(button("choose:0", "/affirm"), type="view_submission").status_code == 200
    assert slack.use(button("something_else", "x")).status_code == 200
    assert slack.use(button("choose:0", "/affirm"), actions=[]).status_code == 200
    assert slack.command(ssl_check="1").content == b""
    assert running.assistant.heard == [] and api.calls == []


# Acknowledged


def test_an_event_is_acknowledged_within_a_second_however_long_the_answer_takes(slack, running, api):
    running.assistant.pause = 3
    api.failures["chat.postMessage"] = [3]
    assert slack.say("hello").status_code == 200
    assert slack.seconds < 1
    assert api.texts() == []


@pytest.fixture
def slow(monkeypatch):
    """Storing takes so many seconds, given as slow[0]; and fails while slow[1]."""
    settings = [0.0, False]
    accept = Transcript.accept

    async def accept_slowly(self, *arguments):
        import asyncio

        await asyncio.sleep(settings[0])
        if settings[1]:
            raise OSError("the disk is full")
        return await accept(self, *arguments)

    monkeypatch.setattr(Transcript, "accept", accept_slowly)
    return settings


def test_an_event_that_is_stored_late_is_sent_again_and_processed_once(slack, running, api, slow, monkeypatch):
    monkeypatch.setattr(routes, "SECONDS_TO_STORE", 0.2)
    slow[0] = 0.6
    name = new_id()
    assert slack.say("hello", name).status_code == 503
    assert slack.seconds < 1
    slow[0] = 0.0
    until(lambda: api.texts())
    again = slack.say("hello", name, headers={"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_error"})
    assert again.status_code == 200
    running.push("slack-none-T0TEAM-D0ANN", "the end")
    until(lambda: "the end" in "".join(api.texts()))
    assert len(api.texts()) == 2


def test_an_event_that_cannot_be_stored_is_not_acknowledged(slack, running, slow):
    slow[1] = True
    assert slack.say("hello", "Ev0000000001").status_code == 503
    slow[1] = False
    assert slack.say("hello", "Ev0000000001").status_code == 200
    until(lambda: [text for _, text in running.assistant.heard] == ["typed:hello"])


def offered(slack, api):
    """Ask something; return the message that came."""
    from tests.channels.slack.conftest import message_of

    slack.say("hello")
    return message_of(until(lambda: api.of("chat.postMessage"))[-1])


def test_a_press_is_acknowledged_in_time_and_stored_afterwards(slack, running, api, slow):
    question = offered(slack, api)
    slow[0] = 1.5
    assert slack.use(button("choose:0", "/affirm"), question).status_code == 200
    assert slack.seconds < 1
    until(lambda: any(text == "pressed:/affirm" for _, text in running.assistant.heard))


def test_a_press_that_cannot_be_stored_is_told_to_who_pressed(slack, running, api, slow):
    question = offered(slack, api)
    slow[1] = True
    url = f"{api.address}/respond/1"
    assert slack.use(button("choose:0", "/affirm"), question, response_url=url).status_code == 200
    (told,) = until(lambda: api.told)
    assert told["response_type"] == "ephemeral" and told["replace_original"] is False and "did not arrive" in told["text"]
    assert api.of("chat.update") == []
    slow[1] = False
    slack.use(button("choose:0", "/affirm"), question)
    until(lambda: api.of("chat.update"))


def test_a_command_is_acknowledged_at_once_however_slow_slack_is(slack, api):
    api.failures["conversations.open"] = [2]
    answer = slack.command("hello")
    assert answer.status_code == 200 and slack.seconds < 1
    assert answer.json()["response_type"] == "ephemeral"
    until(lambda: any("typed:hello" in text for text in api.texts()))

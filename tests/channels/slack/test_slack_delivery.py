"""Everything reaches Slack, in order, through delays, failures, a removal of the app and a restart."""

import asyncio
import logging
import time

import pytest

from bot.channels.deliveries import Deliveries
from bot.channels.platform import Suspended, Undeliverable
from bot.channels.slack.api import Api, SlackPlatform, UnusableBlocks
from bot.channels.workers import TryAgain
from bot.wording import shared_wording
from tests.channels.slack.conftest import BOT, DIRECT, TEAM, Slack, error, until

CONVERSATION = f"slack-none-{TEAM}-{DIRECT}"
REFERENCE = {"team": TEAM, "channel": DIRECT}
POST = {"text": "hello", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]}
UNINSTALLED = {"type": "app_uninstalled"}
REVOKED = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U0BOT"]}}


def said(api):
    return [text.split("\n")[0] for text in api.texts()]


def undelivered(running):
    found = Deliveries(running._database).undelivered(CONVERSATION)
    return asyncio.run_coroutine_threadsafe(found, running._loop).result(10)


FAILING = [
    error("ratelimited", 429, Retry_After="0"),
    (429, {"Retry-After": "0"}, "slow down"),
    error("ratelimited"),
    error("internal_error"),
    error("fatal_error"),
    error("service_unavailable", 503),
    (500, {}, "<html>oops</html>"),
    (502, {}, ""),
    (503, {"Content-Type": "text/plain"}, "no"),
    (200, {}, "<html>a proxy</html>"),
    (200, {"Content-Type": "text/plain"}, "a proxy"),
    (200, {"Content-Type": "application/json"}, "{"),
    (200, {}, []),
    (302, {"Location": "/elsewhere"}, ""),
]


@pytest.mark.parametrize("failure", FAILING, ids=lambda failure: f"{failure[0]} {failure[2]}")
def test_what_fails_for_now_is_sent_again_in_order(slack, api, running, failure):
    api.failures["chat.postMessage"] = [failure, None, failure]
    for number in range(4):
        slack.say(f"number {number}")
    until(lambda: len(api.texts()) == 6)
    assert said(api) == [f"typed:number {number}" for number in (0, 0, 1, 1, 2, 3)]
    assert undelivered(running) == {}


def test_slack_is_given_the_time_it_asks_for(slack, api):
    api.failures["chat.postMessage"] = [error("ratelimited", 429, Retry_After="1")]
    begun = time.monotonic()
    slack.say("hello")
    until(lambda: len(api.texts()) == 2)
    assert time.monotonic() - begun >= 0.95


def test_one_conversation_that_waits_does_not_stop_another(slack, api):
    api.failures["chat.postMessage"] = [error("ratelimited", 429, Retry_After="30")]
    slack.say("waits")
    until(lambda: api.texts())
    slack.mention("does not wait")
    until(lambda: "typed:does not wait" in said(api))


def test_a_slow_slack_keeps_the_order(slack, api):
    api.failures["chat.postMessage"] = [0.4, None, 0.3]
    for number in range(5):
        slack.say(f"number {number}")
    until(lambda: len(api.texts()) == 5)
    assert said(api) == [f"typed:number {number}" for number in range(5)]


def test_staff_reach_a_person_who_is_silent(slack, api, running):
    slack.say("hello")
    until(lambda: api.texts())
    running.push(CONVERSATION, "We are looking into it.")
    until(lambda: "We are looking into it." in api.texts()[-1])
    assert api.of("chat.postMessage")[-1]["channel"] == DIRECT


@pytest.mark.parametrize(
    "code", ["channel_not_found", "is_archived", "not_in_channel", "user_not_found", "restricted_action", "msg_too_long", "no_idea", "access_denied"]
)
def test_what_slack_never_takes_is_recorded_and_the_rest_goes_on(slack, api, running, code):
    api.failures["chat.postMessage"] = [error(code)]
    slack.say("one")
    until(lambda: undelivered(running))
    slack.say("two")
    until(lambda: said(api)[-1] == "typed:two")
    assert undelivered(running) == {2: f"chat.postMessage: {code}"}


def test_a_form_that_slack_does_not_take_is_sent_as_text(slack, api, running):
    api.failures["chat.postMessage"] = [error("invalid_blocks")]
    slack.say("one")
    until(lambda: len(api.texts()) == 2)
    assert "blocks" in api.of("chat.postMessage")[0] and "blocks" not in api.of("chat.postMessage")[1]
    assert said(api) == ["typed:one", "typed:one"] and undelivered(running) == {}


# Removed, and installed again


@pytest.mark.parametrize("removal", [UNINSTALLED, REVOKED])
def test_nothing_is_sent_to_a_workspace_without_the_app_until_it_is_there_again(slack, api, running, removal, caplog):
    slack.say("before")
    until(lambda: api.texts())
    now = int(time.time())
    assert slack.event(removal, event_time=now).status_code == 200
    assert slack.event(UNINSTALLED, event_time=now).status_code == 200  # Slack sends both, in any order
    with caplog.at_level(logging.ERROR):
        running.push(CONVERSATION, "one")
        running.push(CONVERSATION, "two")
        slack.event({"type": "message", "channel_type": "im", "channel": DIRECT, "user": "U0ANN", "text": "late", "ts": "1.1"},
                    event_time=now - 5)  # fmt: skip
        until(lambda: "typed:late" in str(running.assistant.heard))
        time.sleep(0.3)
    assert said(api) == ["typed:before"]
    assert caplog.text.count("takes no messages") == 1 and "install the app again" in caplog.text
    slack.event({"type": "app_home_opened", "user": "U0BOB", "channel": "D0BOB", "tab": "home"}, event_time=now + 5)
    until(lambda: len(api.texts()) == 4)
    assert "one" in api.texts()[1] and "two" in api.texts()[2] and said(api)[3] == "typed:late"


def test_another_workspace_goes_on(slack, api):
    slack.event(UNINSTALLED, team_id="T0OTHER")
    slack.say("hello")
    until(lambda: api.texts())


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked", "invalid_auth", "not_authed", "token_expired", "missing_scope"])
def test_void_credentials_are_told_once_and_what_waits_is_sent_later(slack, api, running, code, caplog):
    api.failures["chat.postMessage"] = [error(code)]
    with caplog.at_level(logging.ERROR):
        slack.say("one")
        until(lambda: "takes no messages" in caplog.text)
    assert code in caplog.text and undelivered(running) == {}
    slack.say("two")
    until(lambda: len(api.texts()) == 3)
    assert said(api) == ["typed:one", "typed:one", "typed:two"]


@pytest.mark.parametrize("before", [600, 1])
def test_a_removal_that_slack_tells_late_says_nothing(slack, api, before):
    """Slack tries for an hour to tell it; the app may be there again."""
    slack.say("the app is here")
    until(lambda: api.texts())
    slack.event(UNINSTALLED, event_time=int(time.time()) - before)
    slack.say("and stays")
    until(lambda: said(api)[-1] == "typed:and stays")


@pytest.mark.parametrize("code", ["access_denied", "missing_scope", "ekm_access_denied"])
def test_what_one_channel_refuses_stops_no_other(slack, api, code):
    refusing = error(code)
    slack.say("here")
    until(lambda: api.texts())
    api.failures["chat.postMessage"] = [refusing]
    slack.mention("there")
    until(lambda: not api.failures["chat.postMessage"])
    for number in range(3):
        slack.say(f"number {number}")
        until(lambda: f"typed:number {number}" in said(api))


def test_a_call_beside_the_conversation_stops_nothing(slack, api, running):
    api.failures["conversations.open"] = [error("missing_scope")]
    slack.command("hi", user_id="U0BOB")
    until(lambda: api.of("conversations.open"))
    slack.say("a question")
    until(lambda: said(api) == ["typed:a question"])


# A restart


def test_a_restart_delivers_what_was_not_delivered_and_nothing_twice(begin, api):
    first = begin()
    slack = Slack(first.address)
    slack.say("one")
    until(lambda: said(api) == ["typed:one"])
    api.failures["chat.postMessage"] = [error("ratelimited", 429, Retry_After="600")]
    slack.say("two")
    slack.say("three")
    until(lambda: len(first.assistant.heard) == 3 and len(api.texts()) == 2)
    first.stop()
    begin()
    until(lambda: len(api.texts()) == 4)
    assert said(api) == ["typed:one", "typed:two", "typed:two", "typed:three"]


def test_a_server_whose_slack_is_gone_stops_in_time(begin, api):
    running = begin(api_address="http://127.0.0.1:9/api/")
    assert Slack(running.address).say("hello").status_code == 200
    until(lambda: running.assistant.heard)
    running.stop()
    begin()
    until(lambda: said(api) == ["typed:hello"])


# One call


@pytest.fixture
async def client(api):
    made = Api("xoxb-secret", f"{api.address}/api/")
    yield made
    await made.close()


async def test_a_platform_that_does_not_answer_is_given_up_in_time(api, client, monkeypatch):
    monkeypatch.setattr("bot.channels.slack.api.SECONDS", 0.2)
    api.failures["auth.test"] = [2.0]
    with pytest.raises(TryAgain):
        await asyncio.wait_for(client.call("auth.test"), 1.5)


async def test_a_platform_that_cannot_be_reached_is_tried_again():
    gone = Api("xoxb-secret", "http://127.0.0.1:9/api/")
    with pytest.raises(TryAgain):
        await gone.call("auth.test")
    await gone.close()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_the_token_follows_no_redirect(api, client, status):
    from tests.channels.slack.conftest import WebApi

    other = WebApi()
    api.failures["auth.test"] = [(status, {"Location": f"{other.address}/api/auth.test"}, "")]
    with pytest.raises(TryAgain):
        await client.call("auth.test")
    assert other.calls == []
    other.close()


@pytest.mark.parametrize("given, after", [("7", 7.0), ("soon", None), ("-1", None), ("", None), ("9" * 30, None)])
async def test_only_a_number_is_a_time_to_wait(api, client, given, after):
    api.failures["auth.test"] = [error("ratelimited", 429, Retry_After=given)]
    with pytest.raises(TryAgain) as raised:
        await client.call("auth.test")
    assert raised.value.after == after


async def test_what_a_failure_says_holds_no_token(api, client):
    platform = SlackPlatform(client, shared_wording().text)
    for failure, kind in [(error("invalid_auth"), Suspended), (error("channel_not_found"), Undeliverable), ((500, {}, ""), TryAgain)]:
        api.failures["chat.postMessage"] = [failure]
        with pytest.raises(kind) as raised:
            await platform.send(REFERENCE, POST)
        assert "xoxb" not in str(raised.value) and BOT not in str(raised.value)
        platform.lift(TEAM, time.time())


async def test_text_that_is_refused_too_is_given_up(api, client):
    api.failures["chat.postMessage"] = [error("invalid_blocks"), error("msg_too_long")]
    with pytest.raises(Undeliverable) as raised:
        await SlackPlatform(client, shared_wording().text).send(REFERENCE, POST)
    assert not isinstance(raised.value, UnusableBlocks)

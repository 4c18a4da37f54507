"""Direct messages, mentions, the app's home, and what comes more than once."""

import json

import pytest

from bot.channels.guard import LONGEST_TEXT
from tests.channels.slack.conftest import CHANNEL, DIRECT, USER, Slack, direct, new_id, ts, until

GENEROUS = {"messages_per_minute": 1000, "messages_burst": 1000}
REASONS = ["http_timeout", "too_many_redirects", "connection_failed", "ssl_error", "http_error", "unknown_error", "anything"]


def heard(running):
    return [text for _, text in running.assistant.heard]


def test_a_direct_message_is_answered_there(slack, api):
    slack.say("hello")
    (sent,) = until(lambda: api.of("chat.postMessage"))
    assert sent["channel"] == DIRECT and "thread_ts" not in sent and sent["text"].startswith("typed:hello")
    assert sent["unfurl_links"] is False and sent["unfurl_media"] is False
    assert sent["blocks"][-1]["elements"][0]["action_id"] == "choose:0"
    assert api.calls[0][2] == "Bearer xoxb-support-triage"


def test_a_mention_is_answered_in_its_thread(slack, api, running):
    when = ts()
    slack.mention("my server is down", ts=when)
    (sent,) = until(lambda: api.of("chat.postMessage"))
    assert (sent["channel"], sent["thread_ts"]) == (CHANNEL, when)
    assert heard(running) == ["typed:my server is down"]
    slack.mention("and now?", thread_ts=when)
    until(lambda: len(api.of("chat.postMessage")) == 2)
    assert api.of("chat.postMessage")[1]["thread_ts"] == when
    assert len({sender for sender, _ in running.assistant.heard}) == 1


def test_a_reply_in_a_thread_of_the_direct_message_is_answered_in_the_thread(slack, api):
    slack.say("hello", thread_ts="1700000000.000001")
    (sent,) = until(lambda: api.of("chat.postMessage"))
    assert sent["thread_ts"] == "1700000000.000001"


def test_entities_and_addresses_are_decoded(slack, running):
    slack.say("if a &lt; b mail <https://contoso.com|contoso.com> &amp; &amp;amp;")
    until(lambda: heard(running) == ["typed:if a < b mail contoso.com & &amp;"])


def test_an_address_behind_a_link_does_not_slip_past_the_guard(slack, running, api):
    slack.say("mail me at <mailto:ann.jansen@contoso.example|ann.jansen@contoso.example>")
    until(lambda: heard(running))
    assert "jansen" not in str(running.assistant.heard)
    until(lambda: len(api.of("chat.postMessage")) == 2)  # that it was taken out is said too


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"}, {"hidden": True}, {"subtype": "message_changed"}, {"subtype": "message_deleted"},
        {"subtype": "channel_join"}, {"user": "U0BOT"}, {"channel": CHANNEL, "channel_type": "channel"},
    ],
)  # fmt: skip
def test_bots_edits_and_what_is_not_for_the_assistant_are_acknowledged_and_ignored(slack, running, api, more):
    assert slack.say("ignored", **more).status_code == 200
    slack.say("heard")
    until(lambda: api.texts())
    assert heard(running) == ["typed:heard"]


def test_a_file_without_text_is_told_that_only_text_is_read(slack, api):
    slack.say("", subtype="file_share", files=[{"id": "F1"}])
    until(lambda: any("only read text" in text for text in api.texts()))


def test_the_text_beside_a_file_is_taken(slack, running):
    slack.say("see the log", subtype="file_share", files=[{"id": "F1"}])
    until(lambda: heard(running) == ["typed:see the log"])


def test_a_text_that_is_too_long_is_told_so(slack, api, running):
    slack.say("x" * (LONGEST_TEXT + 1))
    until(lambda: any("too long" in text for text in api.texts()))
    assert heard(running) == []


@pytest.mark.parametrize("reason", REASONS)
def test_an_event_that_is_sent_again_is_processed_once(slack, running, api, reason):
    name = new_id()
    assert slack.say("hello", name).status_code == 200
    for number in (1, 2, 3):
        again = slack.say("hello", name, headers={"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason})
        assert again.status_code == 200
    slack.say("the end")
    until(lambda: len(api.texts()) >= 2)
    assert heard(running) == ["typed:hello", "typed:the end"]


def test_a_retry_of_what_never_arrived_is_processed(slack, running):
    slack.say("hello", headers={"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"})
    until(lambda: heard(running) == ["typed:hello"])


def test_an_event_that_comes_twice_at_once_is_processed_once(slack, running, api):
    from concurrent.futures import ThreadPoolExecutor

    name = new_id()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: Slack(running.address).say("hello", name).status_code, range(8)))
    assert answers == [200] * 8
    slack.say("the end")
    until(lambda: "typed:the end" in heard(running))
    assert heard(running) == ["typed:hello", "typed:the end"]


def test_two_workspaces_with_one_channel_id_are_two_conversations(slack, running):
    slack.event(direct("one"), team_id="T0ONE")
    slack.event(direct("two"), team_id="T0TWO")
    until(lambda: len(heard(running)) == 2)
    assert {sender for sender, _ in running.assistant.heard} == {f"slack-none-T0{name}-{DIRECT}" for name in ("ONE", "TWO")}


def test_a_flood_is_told_once_and_what_was_taken_is_answered(begin, api):
    running = begin(limits={"messages_per_minute": 1, "messages_burst": 3})
    slack = Slack(running.address)
    for number in range(20):
        assert slack.say(f"number {number}").status_code == 200
    until(lambda: len(api.texts()) >= 4)
    slack.mention("another conversation goes on")
    until(lambda: any("another conversation" in text for text in api.texts()))
    told = [text for text in api.texts() if "faster than I can follow" in text]
    assert len(told) == 1 and len(api.texts()) == 5
    assert heard(running)[:3] == [f"typed:number {number}" for number in range(3)]


def test_a_flood_over_threads_is_limited_by_person(begin, api):
    running = begin(limits={"sessions_per_minute": 1, "sessions_burst": 2})
    slack = Slack(running.address)
    for number in range(6):
        assert slack.mention(f"thread {number}").status_code == 200
    until(lambda: len(heard(running)) == 2)
    slack.mention("somebody else", user="U0BOB")
    until(lambda: "typed:somebody else" in heard(running))
    assert len(heard(running)) == 3


def test_the_language_of_the_settings_is_the_first(begin, api):
    running = begin(language="nl")
    Slack(running.address).event({"type": "app_home_opened", "user": USER, "channel": DIRECT, "tab": "messages"})
    until(lambda: heard(running) == ['pressed:/greet{"language": "nl"}'])
    Slack(running.address).say("", subtype="file_share")
    until(lambda: any("alleen tekst lezen" in text for text in api.texts()))


# The app's home


def opened(tab):
    return {"type": "app_home_opened", "user": USER, "channel": DIRECT, "tab": tab}


def test_the_home_introduces_the_assistant_in_both_languages(slack, api, running):
    assert slack.event(opened("home")).status_code == 200
    (asked,) = until(lambda: api.of("views.publish"))
    view = asked["view"]
    assert asked["user_id"] == USER and view["type"] == "home"
    shown = json.dumps(view, ensure_ascii=False)
    assert "I help members" in shown and "Ik help leden" in shown
    assert [element["text"]["text"] for block in view["blocks"] for element in block.get("elements", ())] == ["English", "Nederlands"]
    assert heard(running) == []


def test_the_home_is_made_of_blocks_that_slack_knows(wording):
    from slack_sdk.models.blocks import Block
    from slack_sdk.models.views import View

    from bot.channels.slack.home import view

    made = view(wording.text)
    for block in made["blocks"]:
        Block.parse(block).validate_json()
    View(**made).validate_json()


def test_who_opens_the_messages_for_the_first_time_is_greeted_once(slack, api, running):
    for _ in range(3):
        slack.event(opened("messages"))
    until(lambda: api.texts())
    slack.say("hello")
    until(lambda: "typed:hello" in heard(running))
    slack.event(opened("messages"))
    slack.say("the end")
    until(lambda: "typed:the end" in heard(running))
    assert heard(running) == ['pressed:/greet{"language": "en"}', "typed:hello", "typed:the end"]


def test_a_home_that_cannot_be_shown_harms_nothing(slack, api, running):
    from tests.channels.slack.conftest import error

    api.failures["views.publish"] = [error("not_enabled")]
    assert slack.event(opened("home")).status_code == 200
    assert slack.event(opened("about")).status_code == 200
    slack.say("hello")
    until(lambda: api.texts())

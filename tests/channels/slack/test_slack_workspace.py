"""The server in a workspace of the Slack emulator: it signs the events and keeps the messages, from which replies are read."""

import pytest

from tests.channels.slack.conftest import BOT, until


@pytest.fixture
def installed(begin, workspace):
    """The server, in the workspace."""
    running = begin(api_address=f"{workspace.url}/api/")
    workspace.subscribe(running.address)
    return running


@pytest.fixture
def person(workspace):
    """A person nobody has spoken with."""
    return workspace.free.pop()


def direct_of(workspace, person):
    return workspace.call("conversations.open", users=workspace.ids[person])["channel"]["id"]


def replies(workspace, channel, thread=None):
    """Return what the assistant said, the oldest first."""
    if thread:
        found = workspace.call("conversations.replies", channel=channel, ts=thread)["messages"]
    else:
        found = workspace.call("conversations.history", channel=channel)["messages"]
    own = [message for message in found if message["user"] == workspace.ids[BOT]]
    return sorted(own, key=lambda message: message["ts"])


def test_a_direct_message_is_answered_and_the_answer_is_no_new_message(installed, workspace, person):
    channel = direct_of(workspace, person)
    workspace.call("chat.postMessage", f"xoxp-{person}", channel=channel, text="Exchange &amp; <https://aka.ms/x|SQL> are down")
    (reply,) = until(lambda: replies(workspace, channel))
    assert reply["text"].startswith("typed:Exchange & SQL") or "typed:Exchange &amp; SQL" in reply["text"]
    assert reply["blocks"][-1]["type"] == "actions"
    workspace.call("chat.postMessage", f"xoxp-{person}", channel=channel, text="thanks")
    until(lambda: len(replies(workspace, channel)) == 2)
    assert [text for _, text in installed.assistant.heard] == ["typed:Exchange & SQL (https://aka.ms/x) are down", "typed:thanks"]


def test_a_mention_is_answered_in_its_thread_and_other_messages_are_not(installed, workspace, person):
    token, channel = f"xoxp-{person}", workspace.channel
    workspace.call("chat.postMessage", token, channel=channel, text="good morning")
    sent = workspace.call("chat.postMessage", token, channel=channel, text=f"<@{workspace.ids[BOT]}> help me")
    (reply,) = until(lambda: replies(workspace, channel, sent["ts"]))
    assert reply["thread_ts"] == sent["ts"] and "typed:help me" in reply["text"]
    assert [text for _, text in installed.assistant.heard] == ["typed:help me"]


def test_edits_and_deletions_are_no_new_messages(installed, workspace, person):
    token, channel = f"xoxp-{person}", direct_of(workspace, person)
    sent = workspace.call("chat.postMessage", token, channel=channel, text="one")
    until(lambda: replies(workspace, channel))
    workspace.call("chat.update", token, channel=channel, ts=sent["ts"], text="one, edited")
    workspace.call("chat.delete", token, channel=channel, ts=sent["ts"])
    workspace.call("chat.postMessage", token, channel=channel, text="two")
    until(lambda: len(replies(workspace, channel)) == 2)
    assert [text for _, text in installed.assistant.heard] == ["typed:one", "typed:two"]


def test_a_button_changes_the_message_that_the_emulator_keeps(installed, workspace, person):
    import json

    from tests.channels.slack.conftest import Slack, interaction

    channel = direct_of(workspace, person)
    workspace.call("chat.postMessage", f"xoxp-{person}", channel=channel, text="hello")
    (question,) = until(lambda: replies(workspace, channel))
    action = question["blocks"][-1]["elements"][0]
    team = {"id": "T000000001"}
    payload = interaction(action, question, channel=channel, user=workspace.ids[person], team=team)
    assert Slack(installed.address).form("interactions", {"payload": json.dumps(payload)}).status_code == 200
    until(lambda: "You chose: Yes" in json.dumps(replies(workspace, channel)[0]["blocks"]))
    until(lambda: "pressed:/affirm" in replies(workspace, channel)[-1]["text"])


def test_the_command_answers_in_the_direct_message(installed, workspace, person):
    from tests.channels.slack.conftest import Slack

    fields = {"user_id": workspace.ids[person], "team_id": "T000000001", "channel_id": workspace.channel}
    assert Slack(installed.address).command("our server is down", **fields).status_code == 200
    channel = direct_of(workspace, person)
    until(lambda: any("typed:our server is down" in reply["text"] for reply in replies(workspace, channel)))


def test_the_home_is_taken(installed, workspace, person):
    from tests.channels.slack.conftest import Slack

    inner = {"type": "app_home_opened", "user": workspace.ids[person], "channel": "D0ANY", "tab": "home"}
    Slack(installed.address).event(inner, team_id="T000000001")
    import requests

    until(lambda: "Home" in requests.get(workspace.url, params={"tab": "views"}, timeout=10).text)


def test_an_archived_channel_is_recorded(installed, workspace, person):
    """The emulator's own refusal, not one that the tests made up."""
    import asyncio

    from bot.channels.deliveries import Deliveries

    channel = direct_of(workspace, person)
    workspace.call("chat.postMessage", f"xoxp-{person}", channel=channel, text="hello")
    until(lambda: replies(workspace, channel))
    conversation = installed.assistant.heard[0][0]
    deliveries = Deliveries(installed._database)

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, installed._loop).result(10)

    run(deliveries.bind(conversation, "slack", {"team": "T000000001", "channel": "D0GONE"}))
    installed.push(conversation, "nobody is there")
    until(lambda: "channel_not_found" in str(run(deliveries.undelivered(conversation))))

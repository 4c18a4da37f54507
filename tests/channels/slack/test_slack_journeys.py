"""From a problem to the right door in Slack: the real server, the real assistant, a workspace of the emulator."""

import json

import pytest

from tests.browser.running import Server
from tests.channels.conftest import until
from tests.channels.journeys import JOURNEYS, PAUSE, play
from tests.channels.slack.conftest import BOT, SIGNING_SECRET, Slack, interaction
from tests.rendering.forms import assert_slack, read_in_slack

TEAM = "T000000001"


@pytest.fixture(scope="module")
def server(emulated, tmp_path_factory):
    credentials = {"TRIAGE_SLACK_SIGNING_SECRET": SIGNING_SECRET, "TRIAGE_SLACK_BOT_TOKEN": f"xoxb-{BOT}"}
    folder = tmp_path_factory.mktemp("slack")
    running = Server(folder, settings=f"slack:\n  api: {emulated.url}/api/\n", environment=credentials).start()
    emulated.subscribe(running.address)
    yield running
    emulated.subscribe(None)
    running.stop()


class Person:
    """Somebody in a direct message with the assistant."""

    def __init__(self, workspace, slack, name):
        self._workspace, self._slack, self._name = workspace, slack, name
        self._channel = workspace.call("conversations.open", users=workspace.ids[name])["channel"]["id"]

    def messages(self):
        found = self._workspace.call("conversations.history", channel=self._channel)["messages"]
        own = [message for message in found if message["user"] == self._workspace.ids[BOT]]
        return sorted(own, key=lambda message: message["ts"])

    def read(self, messages=None):
        return read_in_slack(self.messages() if messages is None else messages)

    def say(self, text):
        self._workspace.call("chat.postMessage", f"xoxp-{self._name}", channel=self._channel, text=text)

    def press(self, title):
        self._use(title, "choose")

    def rate(self, title):
        self._use(title, "feedback", {"values": {"feedback": {"word": {"type": "plain_text_input", "value": "clear"}}}})

    def offers(self, title):
        return next(self._buttons(title), None)

    def _buttons(self, title, action=""):
        for message in self.messages()[::-1]:
            for element in [element for block in message["blocks"] for element in block.get("elements", [])]:
                if element.get("type") == "button" and element["action_id"].startswith(action) and element["text"]["text"] == title:
                    yield element, message

    def _use(self, title, action, state=None):
        element, message = next(self._buttons(title, action))
        more = {"channel": self._channel, "user": self._workspace.ids[self._name], "team": {"id": TEAM}}
        payload = interaction(element, message, **more, **({"state": state} if state else {}))
        assert self._slack.form("interactions", {"payload": json.dumps(payload)}).status_code == 200


@pytest.mark.parametrize("language", JOURNEYS)
def test_a_person_gets_from_a_problem_to_the_right_door(server, emulated, language):
    person = Person(emulated, Slack(server.address), emulated.free.pop())
    read = play(person, language)
    for message in person.messages():
        assert_slack(message)
    assert {"en": "You chose: No, not yet", "nl": "U koos: Stap voor stap"}[language] in read
    (rating,) = [document for document in server.stored() if document["kind"] == "feedback"]
    assert (rating["helped"], rating["text"]) == (language == "en", "clear")


def test_what_was_said_is_still_known_after_a_restart(server, emulated):
    person = Person(emulated, Slack(server.address), emulated.free.pop())
    person.say("we need help with windows server 2025, failover cluster down, gold")
    until(lambda: "Noted: Windows Server 2025, Gold" in person.read(), 60, PAUSE)
    server.kill()
    server.start()
    person.press("No, not yet")
    until(lambda: "technical benefits been activated" in person.read(), 60, PAUSE)
    assert person.read().count("Noted: Windows Server 2025") == 1

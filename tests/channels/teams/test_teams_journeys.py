"""From a problem to the right door in Teams: the real server, the real assistant, Microsoft on this machine."""

import uuid

import pytest

from tests.browser.running import Server
from tests.channels.conftest import until
from tests.channels.journeys import JOURNEYS, play
from tests.channels.teams.microsoft import APP_ID, Connector, Framework, Login, Teams, installed, message, running
from tests.rendering.forms import assert_teams, card_of, read_in_teams

SETTINGS = """
teams:
  app_id: {app_id}
  hosts: ["127.0.0.1:{port}"]
  login: {login}
  openid: {framework}/openid
"""


@pytest.fixture(scope="module")
def platform(trusted, tmp_path_factory):
    """The connector, and a sender of activities to the server."""
    context, authority = trusted
    with running(Framework()) as framework, running(Connector()) as connector, running(Login(context)) as login:
        settings = SETTINGS.format(app_id=APP_ID, port=connector.port, login=login.address, framework=framework.address)
        given = {"TRIAGE_TEAMS_APP_SECRET": "a secret of the bot", "REQUESTS_CA_BUNDLE": str(authority)}
        server = Server(tmp_path_factory.mktemp("teams"), settings=settings, environment=given).start()
        yield connector, Teams(server, f"{connector.address}/amer/")
        server.stop()


class Person:
    """Somebody in a chat with the assistant."""

    def __init__(self, platform, language):
        self._connector, self._teams = platform
        self._locale = {"en": "en-US", "nl": "nl-NL"}[language]
        self._chat = f"a:{uuid.uuid4().hex}"
        self.send(installed(self._chat, locale=self._locale))
        until(lambda: self.messages(), 60)

    def send(self, activity):
        assert self._teams.send(activity).status_code == 200

    def messages(self):
        taken = enumerate(self._connector.taken)  # two may say the same
        return [{**activity, "number": number} for number, (where, activity) in taken if where == self._chat]

    def read(self, messages=None):
        return read_in_teams(self.messages() if messages is None else messages)

    def say(self, text):
        self.send(message(text, self._chat, locale=self._locale))

    def press(self, title):
        back = next(self._actions(title, "payload"))["data"]["msteams"]
        self.send(message(back["text"], self._chat, value=back["value"], locale=self._locale))

    def rate(self, title):
        data = {**next(self._actions(title, "feedback"))["data"], "word": "clear"}
        self.send(message(None, self._chat, value=data, locale=self._locale))

    def offers(self, title):
        return next(self._actions(title), None)

    def _actions(self, title, kind=""):
        for activity in self.messages()[::-1]:
            for element in (card_of(activity) or {"body": []})["body"]:
                for action in element.get("actions", ()):
                    if action["title"] == title and (not kind or kind in action["data"]):
                        yield action


@pytest.mark.parametrize("language", JOURNEYS)
def test_a_person_gets_from_a_problem_to_the_right_door(platform, language):
    person = Person(platform, language)
    greeting = {"en": "I'm an automated assistant", "nl": "geautomatiseerde assistent"}[language]
    assert greeting in person.read()
    play(person, language)
    for activity in person.messages():
        assert_teams(activity)
    (rating,) = [document for document in platform[1].server.stored() if document["kind"] == "feedback"]
    assert (rating["helped"], rating["text"]) == (language == "en", "clear")


def test_what_was_said_is_still_known_after_a_restart(platform):
    person = Person(platform, "en")
    person.say("we need help with windows server 2025, failover cluster down, gold")
    until(lambda: "Noted: Windows Server 2025, Gold" in person.read(), 60)
    server = platform[1].server
    server.kill()
    server.start()
    person.press("No, not yet")
    until(lambda: "technical benefits been activated" in person.read(), 60)

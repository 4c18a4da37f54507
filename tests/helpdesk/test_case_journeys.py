"""The real assistant with the helpdesk, on both databases: what a partner lives through, and what staff see of it."""

import asyncio

import pytest

from bot.channels.gateway import Gateway
from bot.channels.guard import Guard
from bot.channels.message import Incoming
from bot.channels.transcript import Transcript
from bot.database import Database
from bot.helpdesk import cases
from bot.helpdesk.acts import Acts
from bot.helpdesk.assembly import Helpdesk
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.settings import Settings
from bot.wording import shared_wording
from tests.helpdesk.desks import member


class House:
    """A partner and a member of staff around the real assistant."""

    def __init__(self, url):
        from bot.assistant import Assistant
        from bot.talk import trained_model

        self._database = Database(url)
        self._database.migrate()
        self.helpdesk = Helpdesk(self._database, HelpdeskSettings(), HelpdeskSecrets(), Settings(), b"of the tests")
        self.assistant = Assistant(trained_model(), self._database)
        words = shared_wording().text
        self.gateway = Gateway(self.assistant, Transcript(self._database), Guard(), words, self.helpdesk.desk)
        self.gateway.can_push("widget")
        self.acts = Acts(self._database, self.gateway, self.assistant, words, lambda on, event, case: None)
        self.talk = None
        self._number = 0

    async def begin(self, language):
        self._number += 1
        self.talk = f"widget-{language}-{self._number}"
        await self.gateway.begin(self.talk, "widget", language)
        await self.gateway.greet(self.talk, language)

    async def say(self, *texts):
        """Say something; return what is said after it."""
        said = []
        for text in texts:
            self._number += 1
            seen = len(await self.gateway.transcript.after(self.talk, 0))
            await self.gateway.receive(Incoming("widget", self.talk, f"message-{self._number}", text))
            await self.gateway.settle()
            said = (await self.gateway.transcript.after(self.talk, seen + 1))
        return " ".join(document["text"] for document in said)

    async def case(self):
        found, _ = await self.helpdesk.cases.look_for(cases.Wanted())
        return next((case for case in found if case.conversation == self.talk), None)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('house') / 'conversations.db'}"
    else:
        url = request.getfixturevalue("postgresql").new()
    found = House(url)
    found.ann = member(found, "ann")
    yield found
    found._database.close()


@pytest.mark.parametrize(
    "language, texts, number, back",
    [
        ("en", ["our exchange server is down", "2019", "a person please"], "as case **T-", "talking to the assistant again"),
        ("nl", ["onze exchange server ligt plat", "2019", "ik wil een medewerker spreken"], "melding **T-", "weer met de assistent"),
    ],
)
async def test_from_a_problem_to_a_person_and_back(house, language, texts, number, back):
    await house.begin(language)
    assert number in await house.say(*texts)
    case = await house.case()
    assert case.language == language and {"asked_for_person"} <= set(case.reasons)
    assert case.facts["product"] == "exchange_server" and case.facts["version"] == "2019" and case.problem == texts[0]
    await house.acts.take_over(house.ann, case.id)
    assert await house.say("subscription edition, gold") == ""  # the assistant is silent
    case = await house.case()
    assert (case.facts["version"], case.facts["offer"]) == ("subscription_edition", "gold")
    await house.acts.write(house.ann, case.id, "I have seen it", "m1")
    await house.acts.hand_back(house.ann, case.id)
    await house.gateway.settle()
    said = [document["text"] for document in await house.gateway.transcript.after(house.talk, 0)]
    place = next(index for index, text in enumerate(said) if back in text)
    assert "Contract" in " ".join(said[place + 1 :])  # the next question, or the answer, with what was told to staff


async def test_a_fact_that_staff_correct_changes_the_decision_and_what_the_assistant_says(house):
    await house.begin("en")
    await house.say("sql server 2012 crashes")
    case = await house.case()
    assert (case.route, case.decision["reason"]) == ("paid_support", "older_than_n_minus_1")
    changed = await house.acts.set_facts(house.ann, case.id, {"version": "2022", "offer": "gold", "contract_linked": "yes"})
    assert changed.route == "support_for_business"
    assert "covered" in await house.say("so what now?", "repeat that please")


async def test_a_take_over_is_not_ended_by_starting_over(house):
    await house.begin("en")
    await house.say("a person please")
    case = await house.case()
    await house.acts.take_over(house.ann, case.id)
    assert await house.say("start over", "/restart", "/session_start") == ""
    assert await house.acts.holder(case) == "Ann"


async def test_nonsense_twice_becomes_a_case(house):
    await house.begin("en")
    await house.say("blorf wibble zant", "krrk plif zum zum")
    case = await house.case()
    assert case is not None and "failed_twice" in case.reasons


async def test_a_conversation_of_nobody_is_no_case(house):
    await house.begin("nl")
    await house.say("hallo")
    assert await house.case() is None
    await asyncio.sleep(0)

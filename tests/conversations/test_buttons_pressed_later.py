"""Buttons that stay on the screen: pressed later they do what they said, or say that they belong to something earlier."""

import uuid

import pytest

EARLIER = {"en": "belongs to an earlier part", "nl": "hoort bij een eerder deel"}
WALK = {"en": "Walk me through it", "nl": "Stap voor stap"}
DONE = {"en": "Done", "nl": "Klaar"}
STUCK = {"en": "I'm stuck", "nl": "Ik loop vast"}
BACK = {"en": "Back", "nl": "Terug"}
STOP = {"en": "Stop", "nl": "Stoppen"}
STEP = {"en": "Step {} of", "nl": "Stap {} van"}
COVERED = {"en": "sql server 2022 down, gold, already linked", "nl": "sql server 2022 ligt plat, gold, al gekoppeld"}
OPEN_QUESTION = {"en": "azure is down for a customer", "nl": "azure ligt plat bij een klant"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "nl"])


class Talk:
    """A conversation whose buttons can be pressed at any time by their title, the first or another one that bore it."""

    def __init__(self, assistant, loop):
        self.assistant, self.loop, self.sender, self.offered = assistant, loop, uuid.uuid4().hex, {}

    def say(self, text):
        return self._heard(self.assistant.say(text, self.sender))

    def press(self, title, which=-1):
        return self._heard(self.assistant.press(self.offered[title][which], self.sender))

    def send(self, payload):
        return self._heard(self.assistant.press(payload, self.sender))

    def slot(self, name):
        return self.loop.run_until_complete(self.assistant.slots(self.sender)).get(name)

    def _heard(self, turn):
        replies = self.loop.run_until_complete(turn)
        for reply in replies:
            for button in reply.buttons:
                self.offered.setdefault(button["title"], []).append(button["payload"])
        return "\n".join(reply.text for reply in replies)


@pytest.fixture
def talk(assistant, loop):
    return Talk(assistant, loop)


@LANGUAGES
def test_buttons_of_a_walk_through_never_answer_a_later_question(talk, language):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    talk.press(DONE[language])
    talk.press(STOP[language])
    question = talk.say(OPEN_QUESTION[language])
    assert talk.slot("requested_slot") == "csp_subscription"
    for title in (WALK, DONE, BACK, STUCK, STOP):
        said = talk.press(title[language], 0)
        assert EARLIER[language] in said
        assert question.split("\n")[-1] in said  # asked again
        assert talk.slot("requested_slot") == "csp_subscription"
        assert talk.slot("csp_subscription") is None


@pytest.mark.parametrize("payload", ["/affirm", "/deny", "/go_back", "/goodbye"])
def test_a_button_of_a_walk_through_that_names_no_step_answers_no_question_either(talk, payload):
    talk.say(OPEN_QUESTION["en"])
    assert EARLIER["en"] in talk.send(payload)
    assert (talk.slot("requested_slot"), talk.slot("csp_subscription")) == ("csp_subscription", None)


@LANGUAGES
def test_done_of_an_earlier_step_skips_none(talk, language):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    assert STEP[language].format(2) in talk.press(DONE[language])
    said = talk.press(DONE[language], 0)
    assert EARLIER[language] in said and STEP[language].format(2) in said
    assert EARLIER[language] in talk.press(STUCK[language], 0)
    assert STEP[language].format(3) in talk.press(DONE[language])
    assert STEP[language].format(2) in talk.press(BACK[language])
    assert STEP[language].format(3) in talk.press(DONE[language])


@LANGUAGES
def test_the_start_pressed_again_stays_at_the_step(talk, language):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    talk.press(DONE[language])
    said = talk.press(WALK[language])
    assert STEP[language].format(2) in said and EARLIER[language] not in said


@LANGUAGES
def test_stop_of_an_earlier_step_stops_and_offers_to_start_again(talk, language):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    talk.press(DONE[language])
    before = len(talk.offered[WALK[language]])
    talk.press(STOP[language], 0)
    assert talk.slot("requested_slot") is None
    assert len(talk.offered[WALK[language]]) == before + 1
    assert STEP[language].format(1) in talk.press(WALK[language])


@LANGUAGES
@pytest.mark.parametrize("title", [DONE, BACK, STUCK, STOP], ids=["done", "back", "stuck", "stop"])
def test_a_step_of_a_walk_through_that_ended_opens_nothing(talk, language, title):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    talk.press(DONE[language])
    talk.press(STOP[language])
    said = talk.press(title[language], 0)
    assert EARLIER[language] in said and STEP[language].format(1) not in said
    assert talk.slot("requested_slot") is None and talk.slot("decided") and talk.slot("contract_linked") == "yes"


@LANGUAGES
def test_buttons_from_before_a_new_start_open_nothing(talk, language):
    talk.say(COVERED[language])
    talk.press(WALK[language])
    talk.send("/start_over")
    for title in (WALK, DONE, STUCK):
        assert EARLIER[language] in talk.press(title[language], 0)
        assert not talk.slot("decided")


def test_a_walk_through_of_the_answer_before_is_that_of_the_answer_at_hand(talk):
    talk.say("exchange 2019 is down")
    talk.say("no wait, sql server 2022, gold, already linked")
    assert "Support for Business" in talk.press(WALK["en"], 0)


@pytest.mark.parametrize(
    "opening, correction, remark",
    [
        ("exchange server is broken", "no wait, it's sql server", "about Exchange Server"),
        ("exchange server doet het niet", "nee wacht, het is sql server", "over Exchange Server"),
    ],
)
def test_a_version_of_another_product_changes_nothing(talk, opening, correction, remark):
    talk.say(opening)
    talk.say(correction)
    assert remark in talk.press("2019", 0)
    assert (talk.slot("requested_slot"), talk.slot("version")) == ("version", None)
    talk.press("2022")
    assert talk.slot("version") == "2022"
    assert remark in talk.press("2019", 0)
    assert talk.slot("version") == "2022"


def test_a_version_of_another_product_does_not_repeat_the_answer(talk):
    talk.say("exchange server is broken")
    talk.say("no wait, it's sql server 2022, gold, already linked")
    assert talk.slot("decided")
    said = talk.press("2019", 0)
    assert "about Exchange Server" in said and "Microsoft Product Support" not in said
    assert talk.slot("version") == "2022"


def test_a_version_that_was_chosen_already_does_not_repeat_the_answer(talk):
    talk.say("sql server is broken, gold, already linked")
    talk.press("2022")
    assert "doesn't change the answer" in talk.press("2022")
    assert "too old" in talk.press("2019")  # another one counts

"""A typed yes or no to "Do you mean ...?" is an answer to that, wherever it is asked."""

import uuid

import pytest

COVERED = {"en": "sql server 2022 down, gold, already linked", "nl": "sql server 2022 ligt plat, gold, al gekoppeld"}
VAGUE = {
    "en": ["contract stuff in the portal", "activation and roles", "incidents and the plan"],
    "nl": ["contract portaal dingetje", "activatie en rollen", "iets met het contract in het portaal"],
}
YES, NO = {"en": "yes", "nl": "ja"}, {"en": "no", "nl": "nee"}
WALK = {"en": "walk me through it", "nl": "stap voor stap"}
STEP = {"en": "Step {} of", "nl": "Stap {} van"}
LANGUAGES = pytest.mark.parametrize("language", ["en", "nl"])


@pytest.fixture
def say(assistant, loop):
    sender = uuid.uuid4().hex

    def say(text):
        return loop.run_until_complete(assistant.say(text, sender))

    say.slots = lambda: loop.run_until_complete(assistant.slots(sender))
    return say


def text_of(replies):
    return "\n".join(reply.text for reply in replies)


def asked_back(say, language):
    """Say something vague and return the intent that it is taken to mean."""
    for vague in VAGUE[language]:
        replies = say(vague)
        if replies[0].kind == "confirm":
            return vague, replies[0].buttons[0]["payload"][1:]
    pytest.fail("no vague message is asked back; write vaguer ones")


def answer_to(wording, knowledge, intent, language):
    """Return how the answer to an intent begins when it is a topic."""
    return wording.text(f"utter_topic_{knowledge.intents[intent].topic}", language)[:40]


@LANGUAGES
def test_yes_after_the_answer_answers_what_was_meant_and_starts_no_walk_through(say, language, knowledge):
    say(COVERED[language])
    vague, meaning = asked_back(say, language)
    said = text_of(say(YES[language]))
    slots = say.slots()
    assert slots["requested_slot"] is None and STEP[language].format(1) not in said
    assert list(slots["meant"].values()) == [meaning]
    assert slots["goal"] == (knowledge.intents[meaning].goal or "open_request")
    assert slots["problem"] in (vague, COVERED[language])
    assert STEP[language].format(1) in text_of(say(WALK[language]))  # the walk-through is there still


@LANGUAGES
def test_yes_in_a_walk_through_answers_what_was_meant_and_stays_at_the_step(say, language, knowledge, wording):
    say(COVERED[language])
    say(WALK[language])
    _, meaning = asked_back(say, language)
    said = text_of(say(YES[language]))
    assert answer_to(wording, knowledge, meaning, language) in said
    assert STEP[language].format(1) in said and say.slots()["walk_step"] == 0
    assert STEP[language].format(2) in text_of(say(YES[language]))  # nothing is asked any more


@LANGUAGES
def test_no_takes_the_meaning_back(say, language, wording):
    plain = wording.text("utter_rephrase_plain", language)
    say(COVERED[language])
    asked_back(say, language)
    assert plain in text_of(say(NO[language]))
    assert say.slots()["meant"] is None
    say(WALK[language])
    asked_back(say, language)
    said = text_of(say(NO[language]))
    assert plain in said and STEP[language].format(1) in said


@LANGUAGES
def test_yes_before_anything_was_decided_answers_what_was_meant(say, language):
    say({"en": "good morning to all of you", "nl": "goedemorgen allemaal"}[language])
    _, meaning = asked_back(say, language)
    say(YES[language])
    assert list(say.slots()["meant"].values()) == [meaning]


def test_a_yes_later_on_is_no_answer_to_it(say):
    say(COVERED["en"])
    asked_back(say, "en")
    say("thanks a lot")
    assert STEP["en"].format(1) in text_of(say("yes"))

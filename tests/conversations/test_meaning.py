"""A message whose meaning is unsure is asked back, the answer is remembered, and a second ask is not lost."""

import uuid

import pytest

from actions.handling import ActionRephrase

VAGUE = {
    "en": [
        "that id thing, the contract",
        "support benefit for the team please",
        "the id for the plan",
        "contract stuff in the portal",
        "activation and roles",
        "incidents and the plan",
        "portal contract thing",
        "benefits page question",
    ],
    "nl": [
        "dat id gedoe met het contract",
        "iets met het contract in het portaal",
        "de id voor het plan",
        "activatie en rollen",
        "incidenten en het plan",
        "vraagje over de voordelenpagina",
        "contract portaal dingetje",
    ],
}
ASKED_BACK = {"en": "Do you mean “", "nl": "Bedoelt u “"}


def said(replies):
    return "\n".join(reply.text for reply in replies)


def unclear(assistant, loop, language):
    """Return the vague messages that this model does not act on without asking."""
    found = []
    for text in VAGUE[language]:
        parsed = loop.run_until_complete(assistant.parse(text))
        if (parsed["intent"]["name"], parsed["decision"]) == ("nlu_fallback", "confirm"):
            found.append(text)
    return found


def start(assistant, loop, language):
    sender = uuid.uuid4().hex
    greeting = {"en": "good morning to all of you", "nl": "goedemorgen allemaal"}[language]
    loop.run_until_complete(assistant.say(greeting, sender))
    return sender


@pytest.mark.parametrize("language", ["en", "nl"])
def test_an_unsure_meaning_is_asked_back_with_buttons_and_remembered(assistant, loop, language):
    vague = unclear(assistant, loop, language)
    assert vague, "no vague message is asked back; write vaguer ones"
    sender = start(assistant, loop, language)
    replies = loop.run_until_complete(assistant.say(vague[0], sender))
    assert ASKED_BACK[language] in said(replies)
    buttons = replies[0].buttons
    assert 2 <= len(buttons) <= 4
    assert buttons[-1]["payload"] == "/request_human"
    loop.run_until_complete(assistant.press(buttons[0]["payload"], sender))
    slots = loop.run_until_complete(assistant.slots(sender))
    assert list(slots["meant"].values()) == [buttons[0]["payload"][1:]]
    again = loop.run_until_complete(assistant.say(vague[0].upper(), sender))
    assert ASKED_BACK[language] not in said(again)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_an_unsure_meaning_that_is_left_open_is_asked_again(assistant, loop, language):
    vague = unclear(assistant, loop, language)[0]
    sender = start(assistant, loop, language)
    loop.run_until_complete(assistant.say(vague, sender))
    loop.run_until_complete(assistant.say({"en": "thanks a lot", "nl": "bedankt hoor"}[language], sender))
    assert ASKED_BACK[language] in said(loop.run_until_complete(assistant.say(vague, sender)))


def test_a_step_of_the_conversation_is_not_remembered_as_the_meaning_of_words():
    assert not any(ActionRephrase._can_be_told(intent) for intent in ("start_over", "request_human", "ask_capabilities", "greet"))
    assert all(ActionRephrase._can_be_told(intent) for intent in ("ask_ids", "request_support", "ask_portal"))


@pytest.mark.parametrize(
    "opening, answers, heading, topic",
    [
        (
            "SQL Server 2022 is down, it crashes since the update. And where can I see how many incidents we have left?",
            ["we are silver", "yes, it is linked already"],
            "You also asked something else",
            "remain",
        ),
        (
            "Onze SQL Server 2022 crasht sinds de update. En waar zie ik hoeveel incidenten we nog over hebben?",
            ["wij zijn silver", "ja, is al gekoppeld"],
            "U vroeg ook nog iets anders",
            "remain",
        ),
    ],
)
def test_a_second_ask_is_answered_after_the_first(assistant, loop, opening, answers, heading, topic):
    sender = uuid.uuid4().hex
    texts = [said(loop.run_until_complete(assistant.say(text, sender))) for text in (opening, *answers)]
    slots = loop.run_until_complete(assistant.slots(sender))
    assert slots["outcome"]["route"] == "support_for_business"
    assert heading not in "".join(texts[:-1])
    assert heading in texts[-1] and topic in texts[-1].lower()
    assert slots["also_asked"] is None


@pytest.mark.parametrize(
    "opening, lead, buttons",
    [
        ("our hybrid Exchange 2019 does not show free/busy any more", "the side that is broken", 2),
        ("onze hybride SharePoint geeft geen zoekresultaten meer", "de kant waar het misgaat", 2),
    ],
)
def test_a_hybrid_set_up_asks_which_side_is_broken(assistant, loop, opening, lead, buttons):
    replies = loop.run_until_complete(assistant.say(opening, uuid.uuid4().hex))
    assert lead in said(replies)
    assert len(replies[-1].buttons) >= buttons

"""A message for Teams: when it is a card, what stands in it, and what comes back."""

import pytest

from bot.channels.rendering import teams
from tests.rendering.forms import assert_teams, card_of, document, read_in_teams, teams_choices

DATE = "{{DATE(2020-01-01T00:00:00Z,SHORT)}}"
TYPED = ["<at>all</at>", "@everyone", DATE, "[x](javascript:y)", "![x](https://a.example/i.png)"]
SOURCE = {"title": "The article", "url": "https://a.example", "says": "It is covered."}


def buttons(number, payload="/inform"):
    return [{"title": f"Answer {index}", "payload": f"{payload}{index}"} for index in range(number)]


def actions(activity):
    return [action for element in card_of(activity)["body"] for action in element.get("actions", ())]


def test_a_message_without_more_is_text(words):
    (plain,) = teams.posts(document("2 * 3 = 6"), words)
    assert (plain["textFormat"], plain["text"], plain["locale"]) == ("plain", "2 * 3 = 6", "en")
    (marked,) = teams.posts(document("**Yes**, 2 * 3\n\n- a"), words)
    assert (marked["textFormat"], marked["text"]) == ("markdown", "**Yes**, 2 \\* 3\n\n- a")


def test_a_choice_is_shown_as_the_person_s_message_and_comes_back_with_its_payload(words, draw):
    (activity,) = teams.posts(document("Which?", buttons=buttons(5)), words)
    drawn = assert_teams(activity, draw)
    assert drawn["buttons"] == [f"Answer {index}" for index in range(5)]
    said = {"payload": "/inform0", "title": "Answer 0"}
    data = actions(activity)[0]["data"]
    assert data == {
        **said,
        "msteams": {"type": "messageBack", "displayText": "Answer 0", "text": "Answer 0", "value": said},
    }


def test_more_choices_are_a_list_and_a_button(words, draw):
    (activity,) = teams.posts(document("Welke?", buttons=buttons(6), language="nl"), words)
    drawn = assert_teams(activity, draw)
    assert drawn["inputs"] == ["choice"] and drawn["buttons"] == ["Verzenden"]
    assert [f"Answer {index}" for index in range(6)] == [option for option in drawn["options"] if option]
    assert teams_choices([activity]) == [(f"Answer {index}", index) for index in range(6)]
    assert actions(activity)[0]["data"] == {"seq": 7}


def test_large_payloads_are_a_list(words, draw):
    offered = [{"title": "T" * 60, "payload": "€" * 1_000} for _ in range(5)]
    posts = teams.posts(document("Which?", buttons=offered), words)
    for activity in posts:
        assert_teams(activity, draw)
    assert [place for _, place in teams_choices(posts)] == [0, 1, 2, 3, 4]


def test_sources_are_folded_and_shown_on_demand(words, draw):
    (activity,) = teams.posts(document("Yes.", sources=[SOURCE]), words)
    drawn = assert_teams(activity, draw)
    assert drawn["buttons"] == ["Why?"] and ["The article", "https://a.example"] in drawn["links"]
    (toggle,), body = actions(activity), card_of(activity)["body"]
    assert toggle["type"] == "Action.ToggleVisibility" and toggle["targetElements"] == [body[-1]["id"]]
    assert body[-1]["isVisible"] is False
    assert "It is covered." in card_of(activity)["fallbackText"] and "It is covered." not in card_of(activity)["speak"]


def test_feedback_comes_back_with_an_answer_and_a_word(words, draw):
    (activity,) = teams.posts(document("Bye.", ask_feedback=True), words)
    drawn = assert_teams(activity, draw)
    assert drawn["inputs"] == ["word"] and drawn["buttons"] == ["Yes", "No"]
    assert "Did this help?" in drawn["text"] and "Would you like to say why?" in drawn["text"]
    assert [action["data"] for action in actions(activity)] == [
        {"feedback": "yes", "seq": 7},
        {"feedback": "no", "seq": 7},
    ]


def test_what_would_be_too_many_actions_is_a_second_card(words, draw):
    posts = teams.posts(document("Next?", buttons=buttons(4), sources=[SOURCE], ask_feedback=True), words)
    assert [assert_teams(activity, draw)["buttons"][-1] for activity in posts] == ["Why?", "No"]


def test_a_long_text_is_several_cards_with_the_choices_in_the_last(words, draw):
    posts = teams.posts(document("wöord " * 6_000, buttons=buttons(3)), words)
    assert len(posts) > 1
    for activity in posts:
        assert_teams(activity, draw)
    assert [len(actions(activity)) for activity in posts] == [0] * (len(posts) - 1) + [3]
    assert read_in_teams(posts).split().count("wöord") == 6_000


def test_a_step_says_which_it_is_and_staff_are_named(words):
    (step,) = teams.posts(document("Step 1 of 3: Go.", progress={"step": 1, "of": 3}), words)
    assert [element["text"] for element in card_of(step)["body"]] == ["Step 1 of 3", "Go."]
    (staff,) = teams.posts(document("Hallo", language="nl", **{"from": "staff"}), words)
    assert [element["text"] for element in card_of(staff)["body"]] == ["Supportmedewerker", "Hallo"]


def test_a_message_that_says_nothing_is_no_post(words):
    assert teams.posts(document(" "), words) == []


@pytest.mark.parametrize("text", TYPED)
def test_nothing_typed_becomes_more_than_text(words, draw, text):
    (activity,) = teams.posts(document(text, buttons=buttons(1), **{"from": "person"}), words)
    drawn = assert_teams(activity, draw)
    assert text in drawn["text"].replace("\u200b", "") and drawn["links"] == []
    assert "entities" not in activity and "entities" not in card_of(activity)["msteams"]

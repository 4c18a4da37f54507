"""A message in Block Kit: what stands where, and what comes back."""

import pytest

from bot.channels.rendering import slack
from tests.rendering.forms import assert_slack, document, read_in_slack, slack_choices

MENTIONS = ["<!channel>", "<@U123>", "<#C1|x>", "<!subteam^S1>", "@everyone", "<https://a.example|x>"]
SOURCE = {"title": "The article", "url": "https://a.example", "says": "It is covered."}


def buttons(number, payload="/inform"):
    return [{"title": f"Answer {index}", "payload": f"{payload}{index}"} for index in range(number)]


def kinds(posts):
    return [[block["type"] for block in post["blocks"]] for post in posts]


def test_up_to_five_choices_are_buttons_that_give_their_payload(words):
    (post,) = slack.posts(document("Which?", buttons=buttons(5)), words)
    section, actions = post["blocks"]
    assert section["text"]["text"] == "Which?"
    assert [element["action_id"] for element in actions["elements"]] == [f"choose:{index}" for index in range(5)]
    assert [element["value"] for element in actions["elements"]] == [f"/inform{index}" for index in range(5)]
    assert_slack(post)


def test_more_choices_are_a_list_to_choose_from(words):
    (post,) = slack.posts(document("Which?", buttons=buttons(6), language="nl"), words)
    (select,) = post["blocks"][1]["elements"]
    assert select["type"] == "static_select" and select["action_id"] == "choose"
    assert select["placeholder"]["text"] == "Kies een antwoord"
    assert slack_choices([post]) == [(f"Answer {index}", f"/inform{index}") for index in range(6)]


def test_more_than_a_list_can_hold_are_two_lists(words):
    posts = slack.posts(document("Which?", buttons=buttons(120)), words)
    assert len(slack_choices(posts)) == 120
    assert [type for post in kinds(posts) for type in post] == ["section", "actions", "actions"]


@pytest.mark.parametrize("payload", ["x" * 151, "1:2", ""])
def test_a_payload_that_an_option_cannot_hold_is_named_by_its_place(words, payload):
    offered = [*buttons(5), {"title": "Last", "payload": payload}]
    posts = slack.posts(document("Which?", buttons=offered, seq=42), words)
    assert slack_choices(posts)[5] == ("Last", "42:5")


def test_a_long_title_is_shortened_on_its_button_and_whole_in_the_text(words):
    title = "A title that is long " * 8
    posts = slack.posts(document("Which?", buttons=[{"title": title, "payload": "/affirm"}]), words)
    ((label, _),) = slack_choices(posts)
    assert label.startswith("1. A title") and label.endswith("…") and len(label) <= 75
    assert f"1. {title.strip()}" in read_in_slack(posts)


def test_a_step_says_once_which_it_is(words):
    message = document("Step 2 of 5: Open **Partner Center**.", kind="step", progress={"step": 2, "of": 5})
    (post,) = slack.posts(message, words)
    context, section = post["blocks"]
    assert context["type"] == "context" and context["elements"][0]["text"] == "Step 2 of 5"
    assert section["text"]["text"] == "Open *Partner Center*."


def test_sources_are_behind_a_button_and_in_a_message_of_their_own(words):
    more = [{**SOURCE, "says": "Until 2027."}, {"title": "Data", "url": None, "says": "N."}]
    message = document("Yes.", sources=[SOURCE, *more])
    (post,) = slack.posts(message, words)
    (why,) = post["blocks"][1]["elements"]
    assert (why["action_id"], why["value"], why["text"]["text"]) == ("sources", "7", "Why?")
    (shown,) = slack.sources(message, words)
    assert_slack(shown)
    assert shown["blocks"][1]["text"]["text"] == (
        "*<https://a.example|The article>*\n• It is covered.\n• Until 2027.\n\n*Data*\n• N."
    )


def test_many_sources_are_several_messages(words):
    many = [{"title": f"Page {number}", "url": f"https://a.example/{number}", "says": "x" * 900} for number in range(40)]
    shown = slack.sources(document("Yes.", sources=many), words)
    assert len(shown) > 1
    for post in shown:
        assert_slack(post)
    assert all(f"Page {number}" in read_in_slack(shown) for number in range(40))


def test_feedback_is_a_question_an_optional_word_and_two_buttons(words):
    (post,) = slack.posts(document("Bye.", ask_feedback=True), words)
    _, question, word, answers = post["blocks"]
    assert question["text"]["text"] == "Did this help?"
    assert (word["block_id"], word["element"]["action_id"], word["optional"]) == ("feedback", "word", True)
    assert [(answer["action_id"], answer["value"]) for answer in answers["elements"]] == [
        ("feedback:yes", "7"),
        ("feedback:no", "7"),
    ]


def test_staff_are_named_and_notices_stand_back(words):
    (staff,) = slack.posts(document("Hello", **{"from": "staff"}), words)
    assert staff["blocks"][0]["elements"][0]["text"] == "*Support staff*"
    (notice,) = slack.posts(document("Removed.", kind="privacy", **{"from": "system"}), words)
    assert kinds([notice]) == [["context"]]


def test_a_long_text_goes_on_in_the_next_section_and_a_very_long_one_in_the_next_message(words):
    (post,) = slack.posts(document("word " * 1_000), words)
    assert kinds([post]) == [["section", "section"]]
    posts = slack.posts(document("& < > " * 2_000, buttons=buttons(2)), words)
    assert len(posts) > 1
    for post in posts:
        assert_slack(post)
    assert kinds(posts)[-1][-1] == "actions"


def test_a_message_that_says_nothing_is_no_post(words):
    assert slack.posts(document(""), words) == slack.posts(document(" \n "), words) == []


@pytest.mark.parametrize("sender", ["person", "assistant", "staff", "system"])
@pytest.mark.parametrize("typed", MENTIONS)
def test_nothing_typed_becomes_a_mention(words, sender, typed):
    for text in (typed, f"**{typed}**", f"a{typed}b", f"[{typed}](https://a.example)"):
        for post in slack.posts(document(text, buttons=[{"title": typed, "payload": typed}], **{"from": sender}), words):
            assert_slack(post)
            assert "<!" not in post["text"] and "<@" not in post["text"]

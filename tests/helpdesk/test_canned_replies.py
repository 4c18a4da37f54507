"""Canned replies: which ones there are, in which order, and what they say."""

from datetime import date

import pytest

from bot.engine import UnusableFacts, decide
from bot.helpdesk.canned import replies
from bot.knowledge import shared

TODAY = date(2026, 11, 22)
PROGRAMME = shared().programme
ALWAYS = ["looking", "waiting", "solved", "unanswered", "hand_back"]
REFUSED = {"goal": "open_request", "product": "exchange_server", "version": "2016"}
COVERED = {"goal": "open_request", "product": "sql_server", "version": "2025", "offer": "gold", "contract_linked": "yes"}


def found(facts, language="en"):
    document = decide(PROGRAMME, facts, TODAY).document()
    return {reply.id: reply for reply in replies(document, facts, language, TODAY)}


def test_a_covered_case_says_what_to_do_now_first():
    made = found(COVERED)
    assert list(made) == ["now_support_for_business", *ALWAYS]
    first = made["now_support_for_business"]
    assert first.title == "What to do now: Open a request in Support for Business"
    assert first.text.startswith("Yes, SQL Server 2025 is covered") and "1. Open [Support for Business]" in first.text


def test_a_refused_case_says_why_and_then_what_there_is_instead():
    made = found(REFUSED)
    assert list(made) == ["refused_older_than_n_minus_1", "now_paid_support", *ALWAYS]
    why = made["refused_older_than_n_minus_1"]
    assert why.title == "Not covered: the version is too old" and "upgrade" in why.text and "Exchange Server" in why.text
    assert "Partner Support Plans" in made["now_paid_support"].text


def test_an_undecided_case_has_a_reply_for_each_question_and_one_for_all():
    made = found({"goal": "open_request", "product": "sql_server", "version": "2025"})
    asked = ["ask_offer", "ask_contract_linked", "ask_activated", "ask_activation_role"]
    assert list(made) == [*asked, "ask_all", *ALWAYS]
    assert (
        made["ask_offer"].title == "Ask: Membership offer"
        and "Possible answers: Action Pack; Silver" in made["ask_offer"].text
    )
    assert all(f"{number}. " in made["ask_all"].text for number in range(1, 5))


def test_one_open_question_needs_no_reply_for_all():
    assert "ask_all" not in found({"goal": "fix_error", "error": "access_id_already_associated"})


def test_a_case_of_which_nothing_is_known_asks_the_opening_question():
    first = replies(None, {}, "en", TODAY)[0]
    assert first.id == "ask_goal" and first.text.startswith("What is the problem")


def test_the_ids_are_the_same_in_both_languages_and_the_words_are_not():
    for facts in (COVERED, REFUSED, {"goal": "open_request", "product": "azure"}):
        english, dutch = found(facts), found(facts, "nl")
        assert list(english) == list(dutch)
        for key in english:
            assert english[key].title != dutch[key].title and english[key].text != dutch[key].text, key


def test_another_language_gets_the_usual_one():
    assert replies(None, {}, "fr", TODAY) == replies(None, {}, "en", TODAY)


def test_facts_that_cannot_be_are_refused():
    with pytest.raises(UnusableFacts, match='fact "offer" cannot be "golden"'):
        replies(None, {"offer": "golden"}, "en", TODAY)

"""Answers: the facts they change, and the steps they take instead."""

import pytest

from bot.shared_reader import reader
from bot.evaluation.answers import is_right, score_answers
from bot.evaluation.parsing import Reading
from bot.evaluation.sentences import Answer

OPEN = {"goal": "open_request"}


@pytest.fixture()
def right(parse):
    """Say whether an answer read so is right."""

    def check(asked, facts, intent="inform", entities=(), known=OPEN, step=None, text="an answer", **more):
        answer = Answer(text=text, lang="en", asked=asked, known=dict(known), facts=facts, step=step)
        return is_right(answer, parse(text, intent, entities=entities, **more), reader())

    return check


def test_an_answer_is_right_when_the_same_facts_change(right):
    gold = [("offer", "gold")]
    assert right("offer", {"offer": "gold"}, entities=gold)
    assert not right("offer", {"offer": "silver"}, entities=gold)
    assert not right("offer", {"offer": "gold"})
    assert not right("offer", {}, entities=gold)
    assert not right("offer", {"offer": "gold", "beneficiary": "customer"}, entities=gold)


def test_yes_answers_the_question_that_is_open(right):
    assert right("activated", {"activated": "yes"}, intent="affirm", text="yes")
    assert not right("activated", {"activated": "no"}, intent="affirm", text="yes")


def test_the_goal_counts_only_when_it_is_labelled(right):
    exchange = [("product", "exchange_server")]
    assert right(None, {"product": "exchange_server"}, intent="request_support", entities=exchange, known={})
    assert right(None, {"product": "exchange_server", "goal": "open_request"}, "request_support", exchange, known={})
    assert not right(None, {"product": "exchange_server", "goal": "view_ids"}, "request_support", exchange, known={})


def test_a_family_resolved_by_where_it_runs_is_the_product(right):
    known = {**OPEN, "product": "exchange"}
    here = [("deployment", "on_premises")]
    assert right("deployment", {"deployment": "on_premises"}, entities=here, known=known)
    assert right("deployment", {"product": "exchange_server"}, entities=here, known=known)
    assert right("deployment", {"product": "exchange_server", "deployment": "on_premises"}, entities=here, known=known)
    assert not right("deployment", {"product": "microsoft365"}, entities=here, known=known)
    named = [("product", "exchange_server")]
    assert right("deployment", {"deployment": "on_premises"}, entities=named, known=known)


def test_saying_what_was_known_already_changes_nothing(right):
    known = {**OPEN, "beneficiary": "customer"}
    assert right("offer", {"offer": "gold"}, entities=[("offer", "gold"), ("beneficiary", "customer")], known=known)


def test_another_step_is_the_intent_without_new_facts(right):
    assert right("offer", {}, intent="ask_why", step="ask_why")
    assert not right("offer", {}, intent="repeat", step="ask_why")
    assert not right("offer", {}, intent="ask_why", decision="refuse", step="ask_why")
    assert not right(None, {}, intent="thank", entities=[("offer", "gold")], known={}, step="thank")


def test_not_knowing_is_an_intent_or_what_it_is_about_or_the_value_unsure(right):
    assert right("product", {}, intent="unsure", step="unsure")
    assert right("version", {}, intent="unsure", known={**OPEN, "product": "windows_server"}, step="unsure")
    assert right(None, {}, intent="unsure", known={}, step="unsure")
    assert not right("product", {}, intent="inform", step="unsure")
    assert not right("product", {}, intent="unsure", entities=[("offer", "gold")], step="unsure")


def test_out_of_scope_is_right_when_it_is_refused(right):
    assert right("offer", {}, intent="out_of_scope", step="out_of_scope")
    assert right("offer", {}, intent="greet", decision="refuse", step="out_of_scope")
    assert not right("offer", {}, intent="greet", step="out_of_scope")


def test_answers_are_scored_by_the_question_and_apart_when_nothing_is_asked(parse):
    def given(asked, facts, **more):
        found = parse("an answer", "inform", **more)
        return Answer(text="an answer", lang="en", asked=asked, known={}, facts=facts), Reading(found, found)

    gold = [("offer", "gold")]
    pairs = [
        given("offer", {"offer": "gold"}, entities=gold),
        given("offer", {"offer": "silver"}, entities=gold),
        given("beneficiary", {"beneficiary": "customer"}, entities=[("beneficiary", "customer")]),
        given(None, {"offer": "gold"}, entities=gold),
    ]
    found = score_answers(pairs, reader())
    assert (found["messages"], found["accuracy"]) == (4, 0.75)
    assert found["by_fact"] == {
        "beneficiary": {"messages": 1, "accuracy": 1.0},
        "offer": {"messages": 2, "accuracy": 0.5},
    }
    assert found["nothing_asked"] == {"messages": 1, "accuracy": 1.0}
    assert found["wrong"] == [
        {
            "text": "an answer",
            "asked": "offer",
            "facts": {"offer": "silver"},
            "step": None,
            "found": {"offer": "gold"},
            "read_as": "inform",
        }
    ]
    assert score_answers([], reader()) is None

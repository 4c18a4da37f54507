"""Scores of hand-made readings of one language."""

import pytest

from bot.evaluation.parsing import REFUSED, intent_of, strangeness
from bot.evaluation.sentences import Sentence
from bot.evaluation.understanding import confusion, score


def said(intent, text="this is a message", **more):
    return Sentence(text=text, lang="en", intent=intent, entities=more.pop("entities", ()), **more)


def test_refusing_is_right_only_for_what_is_out_of_scope(parse):
    refused = parse("x", "greet", decision="refuse")
    assert (intent_of(refused, "out_of_scope"), intent_of(refused, "greet")) == ("out_of_scope", REFUSED)
    assert intent_of(parse("x", "greet", decision="confirm"), "thank") == "greet"


def test_accuracy_decisions_and_what_is_wrong_with_confidence(read):
    pairs = [
        (said("greet"), read("a", "greet")),
        (said("greet"), read("b", "thank")),
        (said("thank"), read("c", "greet", decision="confirm")),
        (said("thank"), read("d", "thank", decision="confirm")),
        (said("out_of_scope"), read("e", "thank", decision="refuse")),
    ]
    found = score(pairs)
    assert (found["messages"], found["accuracy"]) == (5, 0.6)
    assert found["shares"] == {"accepted": 0.4, "confirmed": 0.4, "refused": 0.2}
    assert (found["accepted_accuracy"], found["confidently_wrong"]) == (0.5, 0.2)
    assert found["confusions"] == [
        {"intent": "greet", "read_as": "thank", "messages": 1, "example": "this is a message"},
        {"intent": "thank", "read_as": "greet", "messages": 1, "example": "this is a message"},
    ]


def test_confusions_come_most_frequent_first_with_their_first_example(read):
    pairs = [(said("a", "one"), read("one", "b"))] + [(said("z", f"{n}"), read("z", "b")) for n in (1, 2)]
    found = score(pairs)["confusions"]
    assert [(row["intent"], row["messages"], row["example"]) for row in found] == [("z", 2, "1"), ("a", 1, "one")]


def test_what_is_denied_or_never_labelled_is_no_entity(read):
    reading = read("no admin agent", "inform", entities=[("role", "admin_agent"), ("csp_subscription", "yes")])
    reading.parsed["entities"][0]["role"] = "denied"
    assert score([(said("inform"), reading)])["entities"] == {}
    del reading.parsed["entities"][0]["role"]
    assert score([(said("inform"), reading)])["entities"] == {
        "role": {"labelled": 0, "found": 1, "precision": 0.0, "recall": None}
    }


def test_a_sentence_without_labelled_entities_does_not_count_for_them(read):
    reading = read("gold", "inform", entities=[("offer", "gold")])
    pairs = [(said("inform", entities=(("offer", "gold"),)), reading), (said("inform", entities=None), reading)]
    assert score(pairs)["entities"]["offer"] == {"labelled": 1, "found": 1, "precision": 1.0, "recall": 1.0}


def test_calibration_is_of_the_best_ranked_intent_even_when_it_is_refused(read):
    pairs = [(said("greet"), read("a", "greet", confidence=0.65, decision="refuse"))]
    found = score(pairs)["calibration"]
    assert found["bins"][6]["accuracy"] == 1 and found["error"] == pytest.approx(0.35)


def test_out_of_scope_is_measured_by_in_scope_and_at_the_working_point(read):
    pairs = [
        (said("out_of_scope"), read("a", "greet", decision="refuse", in_scope=0.1)),
        (said("out_of_scope"), read("b", "out_of_scope", in_scope=0.6)),
        (said("out_of_scope"), read("c", "greet", in_scope=0.9)),
        (said("greet"), read("d", "greet", in_scope=0.8)),
        (said("greet"), read("e", "greet", decision="refuse", in_scope=0.5)),
    ]
    found = score(pairs)["out_of_scope"]
    assert (found["foreign"], found["genuine"]) == (3, 2)
    assert found["auroc"] == pytest.approx((2 + 1 + 0) / 6, abs=1e-4)
    assert found["foreign_refused_at_5"] == pytest.approx(1 / 3, abs=1e-4)
    assert (found["foreign_refused"], found["genuine_refused"]) == (pytest.approx(2 / 3, abs=1e-4), 0.5)


def test_without_in_scope_the_confidence_of_out_of_scope_counts(parse):
    assert strangeness(parse("x", "greet", others={"out_of_scope": 0.3})) == 0.3
    assert strangeness(parse("x", "greet", others={"out_of_scope": 0.3}, in_scope=0.9)) == pytest.approx(0.1)
    assert strangeness(parse("x", "greet")) == 0


def test_scores_of_one_class_leave_out_what_needs_two(read):
    found = score([(said("greet"), read("a", "greet"))])["out_of_scope"]
    assert (found["auroc"], found["foreign_refused"], found["genuine_refused"]) == (None, None, 0)


def test_a_typo_costs_what_is_read_wrongly_because_of_it(read, parse):
    pairs = [
        (said("greet"), read("a", "greet", mistyped=parse("aa", "thank"))),
        (said("greet"), read("b", "greet", mistyped=parse("bb", "greet"))),
        (said("thank"), read("c", "greet", mistyped=parse("cc", "thank"))),
        (said("thank"), read("d", "thank")),
        (said("thank"), read("e", "thank", mistyped=parse("ee", "x", decision="refuse"))),
    ]
    assert score(pairs)["typos"] == {"messages": 4, "accuracy": 0.6, "lost": 0.2}


def test_second_asks_are_found_and_are_ones(read):
    pairs = [
        (said("greet", second="ask_ids"), read("a", "greet", second="ask_ids")),
        (said("greet", second="ask_ids"), read("b", "greet", second="ask_portal")),
        (said("greet", second="ask_ids"), read("c", "greet")),
        (said("greet"), read("d", "greet", second="ask_ids")),
    ]
    assert score(pairs)["second_asks"] == {"labelled": 3, "found": 3, "precision": 0.3333, "recall": 0.3333}


def test_the_language_of_short_messages_counts_apart(read):
    pairs = [
        (said("greet", "three words now"), read("a", "greet")),
        (said("greet", "three other words"), read("b", "greet", language="nl")),
        (said("greet", "hello there"), read("c", "greet", language="nl")),
    ]
    assert score(pairs)["language"] == {"messages": 2, "accuracy": 0.5, "short_messages": 1, "short_accuracy": 0.0}


def test_times_are_of_the_message_as_it_was_typed(read):
    pairs = [(said("greet"), read("a", "greet", milliseconds=float(number))) for number in range(1, 101)]
    assert score(pairs)["milliseconds"] == {"p50": 50.0, "p95": 95.0}


def test_the_confusion_table_has_refusals_last(read):
    pairs = [
        (said("thank"), read("a", "thank")),
        (said("greet"), read("b", "thank", decision="refuse")),
        (said("greet"), read("c", "ask_ids")),
    ]
    assert confusion(pairs) == (["greet", "thank"], ["greet", "thank", "ask_ids", REFUSED], [[0, 0, 1, 1], [0, 1, 0, 0]])

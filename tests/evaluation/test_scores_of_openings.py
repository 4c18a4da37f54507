"""Openings: the facts read, and the routes that they lead to in the end."""

from datetime import date

import pytest

from bot.shared_reader import reader
from bot.check.project import NEVER_ASKED
from bot.evaluation.openings import read_opening, score_openings, wrong_facts
from bot.evaluation.parsing import Reading
from bot.evaluation.routes import DEFAULTS, Routes, normalized_facts
from bot.evaluation.sentences import Sentence

SERVER = {"product": "windows_server", "version": "2025"}  # in mainstream support on the day
SERVER_FOUND = (("product", "windows_server"), ("version", "2025"))


@pytest.fixture(scope="module")
def routes(knowledge):
    return Routes(knowledge.programme, date(2026, 11, 22))


def opening(intent, facts, **more):
    return Sentence(text="a message", lang="en", intent=intent, facts=facts, **more)


@pytest.fixture()
def read_as(knowledge, routes, parse):
    def make(sentence, intent, entities=(), **more):
        return read_opening(sentence, parse(sentence.text, intent, entities=entities, **more), reader(), knowledge, routes)

    return make


# Playing the questions


def test_questions_are_answered_truthfully_else_by_their_default(routes):
    facts = {"goal": "open_request", **SERVER}
    assert routes.final(facts, {}) == "support_for_business"
    assert routes.final(facts, {"offer": "none"}) == "paid_support"
    assert routes.final({"goal": "open_request"}, SERVER) == "support_for_business"


def test_a_version_that_is_not_labelled_is_the_newest_of_the_line(routes, knowledge):
    newest = next(iter(knowledge.catalogue.lines["windows_server"].versions))
    assert routes.answer("version", {"product": "windows_server"}, {}) == newest
    assert routes.answer("version", {"product": "windows_server"}, {"version": "2016"}) == "2016"
    assert routes.answer("version", {"product": "windows_server"}, {"version": "ax_2012_r3"}) == newest
    assert routes.answer("version", {"product": "azure"}, {}) == "unsure"


def test_where_a_product_runs_follows_from_the_product_that_is_labelled(routes):
    assert routes.answer("deployment", {"product": "exchange"}, {"product": "microsoft365"}) == "cloud"
    assert routes.answer("deployment", {"product": "exchange"}, {"product": "exchange"}) == "on_premises"
    assert routes.answer("deployment", {"product": "exchange"}, {"deployment": "cloud"}) == "cloud"


def test_naming_a_product_makes_void_where_it_was_said_to_run(routes):
    assert routes.final({"goal": "open_request", "deployment": "cloud"}, SERVER) == "support_for_business"


def test_every_question_that_can_be_asked_has_a_default(knowledge):
    asked = set(knowledge.programme.facts) - set(NEVER_ASKED) - {"version"}
    assert asked <= set(DEFAULTS)
    for fact, value in DEFAULTS.items():
        assert value in knowledge.programme.values(fact, {"product": "exchange"})


@pytest.mark.parametrize(
    "facts, known, same",
    [
        ({"product": "exchange", "deployment": "on_premises"}, {}, {"product": "exchange_server"}),
        ({"product": "exchange_server", "deployment": "on_premises"}, {}, {"product": "exchange_server"}),
        ({"deployment": "cloud"}, {"product": "exchange"}, {"product": "microsoft365"}),
        ({"version": "2016"}, {"product": "exchange"}, {"product": "exchange_server", "version": "2016"}),
        ({"deployment": "cloud"}, {"product": "azure"}, {}),
        ({"deployment": "cloud"}, {}, {"deployment": "cloud"}),
        # The family "office" bears the id of its own line: there the deployment must stay.
        ({"deployment": "on_premises"}, {"product": "office"}, {"deployment": "on_premises"}),
        ({"product": "sql_server"}, {"product": "exchange", "deployment": "cloud"}, {"product": "sql_server"}),
    ],
)
def test_a_family_that_is_settled_is_the_product_it_means(knowledge, facts, known, same):
    assert normalized_facts(knowledge.programme, facts, known) == same


# Reading one opening


def test_an_opening_read_as_labelled_is_right(read_as):
    found = read_as(opening("request_support", SERVER), "request_support", SERVER_FOUND)
    assert (found.wanted, found.found, found.is_wrong) == (SERVER, SERVER, False)
    assert found.route == "support_for_business"


def test_another_route_is_wrong_and_given_with_confidence_only_when_accepted(read_as):
    sentence = opening("request_support", {"product": "exchange_server", "version": "2019"})
    online = [("product", "microsoft365")]
    found = read_as(sentence, "request_support", online)
    assert (found.wanted_route, found.route) == ("paid_support", "workload_portal")
    assert found.is_confidently_wrong
    assert read_as(sentence, "request_support", online, decision="confirm").is_wrong
    assert not read_as(sentence, "request_support", online, decision="confirm").is_confidently_wrong


def test_a_fact_read_that_is_not_there_can_lead_astray(read_as):
    sentence = opening("request_support", {"product": "microsoft365"})
    found = read_as(sentence, "request_support", [("product", "microsoft365"), ("beneficiary", "customer")])
    assert (found.wanted_route, found.route) == ("workload_portal", "customers_service_management")


def test_a_wrong_fact_that_changes_no_route_is_no_wrong_route(read_as):
    found = read_as(opening("request_support", SERVER), "request_support", [("product", "sql_server"), ("version", "2022")])
    assert found.wanted != found.found and not found.is_wrong


def test_a_fact_that_is_missed_is_asked_and_answered_truthfully(read_as):
    sentence = opening("request_support", {**SERVER, "offer": "none"})
    assert read_as(sentence, "request_support", SERVER_FOUND).route == "paid_support"


def test_what_the_labelled_intent_implies_is_wanted(read_as):
    found = read_as(opening("request_advice", {"product": "azure"}), "request_support", [("product", "azure")])
    assert found.wanted == {"request_kind": "advisory", "product": "azure"}
    assert (found.wanted_route, found.route) == ("presales_and_deployment", "azure_portal")


def test_a_plain_question_is_compared_by_its_intent(read_as):
    sentence = opening("ask_portal", {"product": "azure"})
    assert not read_as(sentence, "ask_portal", [("product", "azure")]).is_wrong
    found = read_as(sentence, "request_support", [("product", "azure")])
    assert (found.wanted_route, found.route, found.is_confidently_wrong) == ("ask_portal", "azure_portal", True)
    back = read_as(opening("request_support", {"product": "azure"}), "ask_portal", [("product", "azure")])
    assert (back.wanted_route, back.route) == ("azure_portal", "ask_portal")


def test_facts_alone_are_asked_what_is_wanted(read_as):
    assert not read_as(opening("inform", {"activated": "yes"}), "inform").is_wrong
    missed = read_as(opening("request_advice", {}), "inform")
    assert (missed.wanted_route, missed.route) == ("presales_and_deployment", "presales_and_deployment")


def test_a_refused_message_is_asked_again_so_it_leads_nowhere_wrong(read_as):
    assert not read_as(opening("request_support", SERVER), "greet", decision="refuse").is_wrong
    foreign = opening("out_of_scope", {})
    assert not read_as(foreign, "greet", decision="refuse").is_wrong
    assert not read_as(foreign, "out_of_scope").is_wrong
    assert read_as(foreign, "request_support").is_confidently_wrong


def test_options_are_right_when_they_are_offered_or_the_product_is_asked(read_as):
    sentence = opening("request_support", {}, options=("exchange_server", "microsoft365"))
    both = [("product", "exchange_server"), ("product", "microsoft365")]
    assert not read_as(sentence, "request_support", both).is_wrong
    assert read_as(sentence, "request_support", both).options == ("exchange_server", "microsoft365")
    assert not read_as(sentence, "request_support").is_wrong
    assert read_as(sentence, "request_support", both[:1]).is_confidently_wrong
    others = [("product", "windows_server"), ("product", "microsoft365")]
    assert read_as(sentence, "request_support", others).is_wrong


# Scoring them together


def test_openings_together(knowledge, routes, parse):
    cloud = opening("request_support", {"product": "microsoft365"}, kind="mail", outcome={"next_question": "beneficiary"})
    server = opening("request_support", SERVER, kind="log", outcome={"route": "paid_support"})
    unclear = opening("request_support", {}, options=("azure", "windows_server"))
    no_opening = Sentence(text="hello", lang="en", intent="greet")
    read = [
        (cloud, parse("a", "request_support", entities=[("product", "microsoft365")])),
        (cloud, parse("b", "request_support", entities=[("product", "microsoft365"), ("beneficiary", "customer")])),
        (server, parse("c", "request_support", entities=SERVER_FOUND[:1], decision="confirm")),
        (unclear, parse("d", "request_support", entities=[("product", "azure"), ("product", "windows_server")])),
        (no_opening, parse("e", "request_support", entities=[("product", "azure")])),
    ]
    found = score_openings([(s, Reading(p, p)) for s, p in read], reader(), knowledge, routes)
    assert found["messages"] == 4
    assert found["facts"] == {
        "product": {"labelled": 3, "found": 3, "precision": 1.0, "recall": 1.0},
        "version": {"labelled": 1, "found": 0, "precision": None, "recall": 0.0},
        "beneficiary": {"labelled": 0, "found": 1, "precision": 0.0, "recall": None},
    }
    assert (found["all_facts_right"], found["wrong_routes"], found["wrong_routes_with_confidence"]) == (0.5, 0.25, 0.25)
    assert found["options"] == {"labelled": 1, "recall": 1.0}
    assert found["outcomes"] == {"labelled": 3, "right": 0.3333}
    assert found["by_kind"] == {
        "log": {"messages": 1, "all_facts_right": 0.0, "wrong_routes_with_confidence": 0.0},
        "mail": {"messages": 2, "all_facts_right": 0.5, "wrong_routes_with_confidence": 0.5},
    }
    (wrong,) = found["wrong"]
    assert (wrong["route"], wrong["led_to"]) == ("workload_portal", "customers_service_management")
    assert wrong_facts(wrong) == ["beneficiary: - -> customer"]


def test_without_openings_there_is_no_score(knowledge, routes, read):
    pairs = [(Sentence(text="hello", lang="en", intent="greet"), read("hello", "greet"))]
    assert score_openings(pairs, reader(), knowledge, routes) is None

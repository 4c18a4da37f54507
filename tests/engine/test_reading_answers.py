"""Answers as people really give them: doubts about something else, both sides, places, words that say it already."""

import pytest

from bot.engine.message import Message

SQL = {"goal": "open_request", "product": "sql_server", "version": "2022"}
AZURE = {"goal": "open_request", "product": "azure", "beneficiary": "customer", "csp_subscription": "yes"}
BOTH_SIDES = [("deployment", "on_premises"), ("deployment", "cloud")]
OPTIONS = {"sql_server": "2022", "sharepoint_server": None}


@pytest.fixture
def answer(reader):
    """Return a function from a text, its intent and entities to the changes it makes."""

    def run(text, intent, asked, facts, *entities, options={}):
        found = [{"entity": name, "value": value, "start": 0, "end": 1} for name, value in entities]
        return reader.read(Message(text, intent, "accept", found), facts, asked, options=options)

    return run


@pytest.mark.parametrize("text", ["no idea which version", "weet ik niet welke versie", "not sure about the version"])
def test_a_doubt_about_another_fact_leaves_the_question_open(answer, text):
    assert not answer(text, "unsure", "offer", SQL)


@pytest.mark.parametrize("text", ["no idea", "not sure which offer", "weet niet welk lidmaatschap"])
def test_a_doubt_about_the_fact_itself_is_an_answer(answer, text):
    assert answer(text, "unsure", "offer", SQL).facts == {"offer": "unsure"}


def test_a_denial_that_names_something_else_is_no_lack_of_an_offer(answer):
    assert not answer("niet actief", "deny", "offer", SQL)
    assert answer("we don't", "deny", "offer", SQL).facts == {"offer": "none"}


@pytest.mark.parametrize("text, value", [("yes csp", "yes"), ("no csp", "no")])
def test_yes_about_another_fact_answers_that_one(answer, text, value):
    found = answer(text, "affirm", "admin_agent", {**AZURE, "csp_subscription": "unsure"}, ("csp_subscription", value))
    assert found.facts == {"csp_subscription": value}


def test_yes_and_another_fact_answers_both(answer):
    found = answer("yes, and it is linked", "affirm", "admin_agent", AZURE, ("contract_linked", "yes"))
    assert found.facts == {"admin_agent": "yes", "contract_linked": "yes"}


def test_a_guess_is_no_certainty(answer):
    known = {"goal": "open_request", "product": "azure", "beneficiary": "customer"}
    assert answer("csp maybe", "inform", "csp_subscription", known, ("csp_subscription", "yes")).facts == {"csp_subscription": "unsure"}


@pytest.mark.parametrize("text", ["I don't know what an admin agent is", "ik weet niet wat dat is, admin agent"])
def test_not_knowing_a_role_does_not_give_it(answer, text):
    found = answer(text, "unsure", "admin_agent", AZURE, ("role", "admin_agent"))
    assert found.facts.get("admin_agent") != "yes"


def test_both_sides_as_an_answer_leave_the_question_open(answer):
    found = answer("hybrid", "inform", "deployment", {"goal": "open_request", "product": "exchange"}, *BOTH_SIDES)
    assert (found.facts, found.hybrid) == ({}, True)


@pytest.mark.parametrize("text, product", [("the second one", "sharepoint_server"), ("de eerste", "sql_server")])
def test_an_option_is_chosen_by_its_place(answer, text, product):
    assert answer(text, "inform", "product", {"goal": "open_request"}, options=OPTIONS).facts["product"] == product


@pytest.mark.parametrize("text", ["both", "allebei"])
def test_of_all_options_the_first_is_taken_and_told(answer, text):
    found = answer(text, "inform", "product", {"goal": "open_request"}, options=OPTIONS)
    assert (found.facts, found.one_by_one) == ({"product": "sql_server", "version": "2022"}, True)


def test_a_place_that_does_not_exist_chooses_nothing(answer):
    assert not answer("the fourth", "inform", "product", {"goal": "open_request"}, options=OPTIONS)


def test_csp_said_before_the_product_is_kept_and_lost_with_another_product(answer):
    early = {"goal": "open_request", "beneficiary": "customer", "csp_subscription": "yes"}
    assert answer("azure", "inform", "product", early, ("product", "azure")).facts == {"product": "azure"}
    changed = answer("no, power bi", "correct", "admin_agent", AZURE, ("product", "power_bi"))
    assert changed.facts == {"product": "power_bi", "csp_subscription": None}


def test_who_has_no_admin_agent_role_says_so_before_it_is_asked(reader):
    found = [{"entity": "role", "value": "admin_agent", "start": 0, "end": 1, "role": "denied"}]
    facts = {"goal": "open_request", "product": "azure"}
    assert reader.read(Message("no admin agent here", "inform", "accept", found), facts, "beneficiary").facts == {"admin_agent": "no"}


def test_another_broken_product_after_the_answer_about_an_error_is_a_new_problem(reader):
    facts = {"goal": "fix_error", "error": "not_authorized", "offer": "gold"}
    message = Message("sql 2022 broken also", "correct", "accept", [{"entity": "product", "value": "sql_server", "start": 0, "end": 1}])
    found = reader.read(message, facts, decided=True)
    assert found.facts["error"] is None and found.facts["product"] == "sql_server"

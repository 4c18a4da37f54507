"""Every path of every goal: where it ends, what it asks and in which order, and the lists of paths that were approved.

The lists in tests/paths/ are read by people. When a change of the programme changes them, look at the difference and
approve it with: APPROVE_PATHS=1 python -m pytest tests/engine/test_paths.py
"""

import difflib
import os
from datetime import date
from functools import lru_cache
from pathlib import Path as File
from typing import List, Tuple

import pytest

from bot.engine import Decision, decide
from bot.engine.outcomes import BENEFITS, PREPARATIONS, REASONS, ROUTES
from bot.engine.paths import NOT_GIVEN, Path, Question, Tree, collapse, goal_tree, tree, walk
from bot.knowledge import shared

APPROVED = File(__file__).resolve().parent.parent / "paths"
TODAY = date(2026, 11, 22)
ARTICLE = date(2021, 6, 30)
PROGRAMME = shared().programme
GOALS = PROGRAMME.facts["goal"].values
# The lists at the article's time are kept where the day matters.
LISTS = [(goal, TODAY, f"{goal}.txt") for goal in GOALS] + [
    (goal, ARTICLE, f"{goal}.{ARTICLE}.txt") for goal in ("open_request", "check_eligibility")
]
ORDER = [
    "error",
    "product",
    "deployment",
    "version",
    "beneficiary",
    "csp_subscription",
    "offer",
    "admin_agent",
    "contract_linked",
    "activated",
    "activation_role",
    "plan_shown",
]
REQUEST_ROUTES = ("support_for_business", "azure_portal", "workload_portal", "customers_service_management")
NEVER_ASKED = {"goal", "request_kind", "competency", "association"}


@lru_cache(maxsize=None)
def grown(goal: str, on: date) -> Tree:
    return goal_tree(PROGRAMME, goal, on)


@lru_cache(maxsize=None)
def all_paths(on: date = TODAY) -> Tuple[Path, ...]:
    return tuple(path for goal in GOALS for path in walk(grown(goal, on), (("goal", goal),)))


def questions(found: Tree) -> List[Question]:
    if isinstance(found, Decision):
        return []
    return [found, *(question for _, below in found.branches for question in questions(below))]


@pytest.mark.parametrize("goal, on, name", LISTS, ids=[name for _, _, name in LISTS])
def test_the_paths_are_the_approved_ones(goal: str, on: date, name: str) -> None:
    file = APPROVED / name
    found = f"# Every path of the goal {goal} on {on}.\n" + collapse(grown(goal, on))
    if os.environ.get("APPROVE_PATHS"):
        file.write_text(found, encoding="utf-8")
    approved = file.read_text(encoding="utf-8") if file.exists() else ""
    difference = "\n".join(
        difflib.unified_diff(approved.splitlines(), found.splitlines(), "approved", "found", lineterm="", n=1)
    )
    if difference:
        pytest.fail(
            f"tests/paths/{name} no longer says what the tables do.\n{difference}\n\n"
            "If every changed line is right: APPROVE_PATHS=1 python -m pytest tests/engine/test_paths.py",
            pytrace=False,
        )


def test_no_approved_list_is_left_over() -> None:
    assert sorted(file.name for file in APPROVED.glob("*")) == sorted(name for _, _, name in LISTS)


@pytest.mark.parametrize("on", [TODAY, ARTICLE], ids=str)
def test_every_path_ends_in_an_outcome_with_a_known_route(on: date) -> None:
    for path in all_paths(on):
        assert path.decision.next_question is None, path
        assert path.decision.route in ROUTES, path
        assert path.decision.covered_by in (*BENEFITS, None), path
        assert path.decision.reason in (*REASONS, None), path
        assert set(path.decision.preparation) <= set(PREPARATIONS), path
        assert path.decision.rules and path.decision.cites, path


def test_every_path_is_what_decide_says_for_its_facts() -> None:
    for path in all_paths()[::7]:
        assert decide(PROGRAMME, path.facts, TODAY) == path.decision, path


def test_covered_or_a_reason_but_never_both() -> None:
    for path in all_paths():
        covered = path.decision.covered_by is not None
        assert not (covered and path.decision.reason), path
        if path.decision.route == "paid_support" and dict(path.given)["goal"] == "open_request":
            assert path.decision.reason, path
        if path.decision.route in REQUEST_ROUTES:
            assert covered and path.decision.portal, path


# Rules about a version that nobody can meet on this day would be unreachable on it; the article's time counts too.
def test_every_rule_of_every_table_is_reached_by_some_path() -> None:
    reached = {rule for on in (TODAY, ARTICLE) for path in all_paths(on) for rule in path.decision.rules}
    # No question asks on whose behalf an on-premises request is made, but a person may say so.
    told = {"goal": "open_request", "product": "sql_server", "version": "2025", "offer": "gold"}
    told.update(beneficiary="customer", contract_linked="yes")
    reached.update(decide(PROGRAMME, told, TODAY).rules)
    every = {f"{table.id}/{rule.id}" for table in PROGRAMME.tables.values() for rule in table.rules}
    assert every - reached == set()


def test_no_fact_is_asked_twice_or_after_it_was_given() -> None:
    for path in all_paths():
        facts = [fact for fact, _ in (*path.given, *path.answers)]
        assert len(facts) == len(set(facts)), path


def test_questions_come_in_the_order_of_the_design() -> None:
    for path in all_paths():
        places = [ORDER.index(fact) for fact, _ in path.answers]
        assert places == sorted(places), path


def test_facts_that_are_never_needed_are_never_asked() -> None:
    assert {fact for path in all_paths() for fact, _ in path.answers} & NEVER_ASKED == set()


def told_apart(left: Tree, right: Tree) -> bool:
    """Say whether two continuations differ for some way of answering whatever either still asks."""
    if isinstance(left, Decision) and isinstance(right, Decision):
        return left.outcome() != right.outcome()
    asked = left.fact if isinstance(left, Question) else right.fact
    answers = known_answers(left, asked) or known_answers(right, asked)
    if known_answers(right, asked) not in (set(), answers):
        return True  # other products have other versions
    return any(told_apart(answered(left, asked, value), answered(right, asked, value)) for value in sorted(answers))


def known_answers(found: Tree, fact: str) -> set:
    if isinstance(found, Decision):
        return set()
    if found.fact == fact:
        return {value for value, _ in found.branches}
    return next((values for _, below in found.branches if (values := known_answers(below, fact))), set())


def answered(found: Tree, fact: str, value: str) -> Tree:
    """Return what is left of a tree once `fact` is known."""
    if isinstance(found, Decision):
        return found
    if found.fact == fact:
        return dict(found.branches)[value]
    return Question(found.fact, tuple((other, answered(below, fact, value)) for other, below in found.branches))


@pytest.mark.parametrize("goal", GOALS)
def test_no_question_is_asked_whose_answer_cannot_change_the_outcome(goal: str) -> None:
    for question in questions(grown(goal, TODAY)):
        if question.asked:
            (_, first), *others = question.branches
            assert any(told_apart(first, other) for _, other in others), f"{goal}: {question.fact} does not matter"


# The product at hand cannot change, and the last two count only when a person gives them (so does the role when a
# button is greyed out).
UNCHANGED = {"request_kind", "product", "deployment", "version", "competency", "association"}


@pytest.mark.parametrize("product", ["azure", "microsoft365", "power_bi", "sql_server", "skype_for_business"])
def test_no_question_is_asked_that_a_fact_given_up_front_has_settled(product: str) -> None:
    for fact in ("offer", "beneficiary", "csp_subscription", "admin_agent", "contract_linked", "activated"):
        for value in PROGRAMME.values(fact, {}):
            facts = {"goal": "open_request", "product": product, fact: value}
            for question in questions(tree(PROGRAMME, facts, TODAY)):
                (_, first), *others = question.branches
                assert question.fact != fact
                assert any(told_apart(first, other) for _, other in others), f"{facts}: {question.fact} does not matter"


def test_what_was_not_asked_could_not_have_changed_the_outcome() -> None:
    for path in all_paths()[::5]:
        for fact in PROGRAMME.facts:
            if fact in path.facts or fact in UNCHANGED or (path.facts["goal"], fact) == ("fix_error", "activation_role"):
                continue
            for value in PROGRAMME.values(fact, path.facts):
                found = decide(PROGRAMME, {**path.facts, fact: value}, TODAY)
                assert found.outcome() == path.decision.outcome(), (str(path), fact, value)


def test_every_value_of_every_asked_fact_is_on_some_path() -> None:
    seen = {(fact, value) for path in all_paths() for fact, value in (*path.given, *path.answers)}
    for fact in ("goal", "error", "product", "deployment", "beneficiary", "csp_subscription", "offer", "admin_agent"):
        assert {value for name, value in seen if name == fact} == set(PROGRAMME.values(fact, {})), fact
    for line in PROGRAMME.catalogue.lines.values():
        if len(line.versions) > 1 and line.id not in PROGRAMME.catalogue.workloads:
            named = [path.facts for path in all_paths() if path.decision.product == line.id]
            told = {facts["version"] for facts in named if "version" in facts}
            assert told == {*line.versions, "unsure"}, line.id


def test_a_path_reads_as_answers_and_their_end() -> None:
    facts = {"goal": "open_request", "product": "exchange_server", "version": "2013"}
    (path,) = [path for path in all_paths() if path.facts == facts]
    assert str(path) == ("goal=open_request product=exchange_server version=2013 -> paid_support (older_than_n_minus_1)")


def leaf(route: str, *preparation: str) -> Decision:
    return Decision(route=route, preparation=preparation)


def test_the_text_writes_answers_with_the_same_end_together() -> None:
    portal, paid = leaf("azure_portal"), leaf("paid_support")
    found = Question("offer", (("silver", portal), ("none", paid), ("gold", portal)))
    assert collapse(found) == "offer=silver|gold -> azure_portal\noffer=none -> paid_support\n"


def test_the_text_writes_a_part_that_is_met_twice_once() -> None:
    offer = Question("offer", (("silver", leaf("azure_portal", "get_ids")), ("none", leaf("paid_support"))))
    deployment = Question("deployment", (("cloud", offer), ("on_premises", leaf("answer"))))
    found = Question("version", (("1", offer), ("2", leaf("check_version")), ("3", deployment)))
    assert collapse(found) == (
        "version=1 -> ask offer (1)\n"
        "version=2 -> check_version\n"
        "version=3 deployment=cloud -> ask offer (1)\n"
        "version=3 deployment=on_premises -> answer\n"
        "\n"
        "offer (1):\n"
        "offer=silver -> azure_portal first: get_ids\n"
        "offer=none -> paid_support\n"
    )


def test_the_text_says_which_facts_were_only_volunteered() -> None:
    assert f"association={NOT_GIVEN}|mpn|unsure activation_role=yes -> technical_benefits_page\n" in collapse(
        grown("activate_benefits", TODAY)
    )

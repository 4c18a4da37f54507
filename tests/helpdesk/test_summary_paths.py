"""Every path of the engine: its summary, its canned replies and its questions can be made in both languages."""

import re
from collections import defaultdict
from datetime import date
from functools import lru_cache

import pytest

from bot.answer import answerer
from bot.engine import Decision
from bot.engine.outcomes import REASONS, ROUTES
from bot.engine.paths import goal_tree, walk
from bot.helpdesk.assist import missing, questions_text
from bot.helpdesk.canned import REFUSED, replies
from bot.helpdesk.decided import decision_of, open_questions
from bot.helpdesk.summary import BENEFITS, summary
from bot.knowledge import shared

TODAY, ARTICLE = date(2026, 11, 22), date(2021, 6, 30)
PROGRAMME = shared().programme
GOALS = PROGRAMME.facts["goal"].values
ALWAYS = ["looking", "waiting", "solved", "unanswered", "hand_back"]
LANGUAGES = pytest.mark.parametrize("language", ["en", "nl"])


@lru_cache(maxsize=None)
def paths(on=TODAY):
    return [path for goal in GOALS for path in walk(goal_tree(PROGRAMME, goal, on), (("goal", goal),))]


def alike(path):
    """What the words of a path depend on: the outcome, and which facts stand beside it."""
    decision = path.decision
    line = (
        decision.product if decision.reason or decision.route in ("answer", "check_version") else bool(decision.eligibility)
    )
    return (decision.outcome(), decision.rules, decision.caveats, line, tuple(path.facts))


@lru_cache(maxsize=None)
def kinds(on=TODAY):
    """One path of each kind: thousands differ only in a name."""
    found = {}
    for path in paths(on):
        found.setdefault(alike(path), path)
    return list(found.values())


def whole(text):
    return bool(text.strip()) and not re.search(r"[{}]|\bNone\b(?! of these)|utter_|(?:on|op) \.", text)


@LANGUAGES
@pytest.mark.parametrize("on", [TODAY, ARTICLE], ids=str)
def test_every_path_has_a_summary_and_canned_replies(on, language):
    seen = set()
    for path in kinds(on):
        facts, document = path.facts, path.decision.document()
        made = summary(facts, document, "It does not work any more.", language, "HD-1", on=on)
        assert whole(made.markdown) and whole(made.plain) and "**" not in made.plain and "](" not in made.plain, path
        found = replies(document, facts, language, on)
        ids = [reply.id for reply in found]
        assert len(set(ids)) == len(ids) and ids[-len(ALWAYS) :] == ALWAYS, path
        reason, route = path.decision.reason, path.decision.route
        first = f"refused_{reason}" if reason else f"now_{route}"
        assert ids[0] == first, path
        assert all(whole(reply.title) and whole(reply.text) for reply in found), path
        seen |= {route, reason}
    assert seen >= {"support_for_business", "azure_portal", "paid_support", "switch_account", "no_active_offer", None}


@LANGUAGES
def test_every_path_reads_the_same_from_its_document_as_from_the_engine(language):
    for path in kinds():
        assert decision_of(path.decision.document(), path.facts, TODAY) == path.decision, path


def test_every_route_and_reason_has_its_words():
    assert set(REFUSED) == set(REASONS)
    for language in ("en", "nl"):
        for route in ROUTES:
            facts = {"goal": "open_request", "product": "azure"}
            document = {**Decision(route=route).document(), "portal": None}
            if route == "answer":
                facts = {"goal": "check_remaining"}
            found = replies(document, facts, language, TODAY)
            assert found[0].id == f"now_{route}" and whole(found[0].text), route
            assert whole(summary(facts, document, None, language, "HD-1", on=TODAY).markdown)


def placed(facts):
    """Where the product of some facts runs and is supported: products that share it are asked the same things."""
    if "product" not in facts:
        return None
    kind = PROGRAMME.catalogue.resolve(facts["product"], facts.get("deployment"))
    return type(kind).__name__, getattr(kind, "portal", None), len(getattr(kind, "versions", ())) > 1


@lru_cache(maxsize=None)
def stages():
    """States on the way of the paths, of each kind one: what is known, the question that is open, and what may follow."""
    followed = defaultdict(list)
    for path in paths():
        for place in range(len(path.answers)):
            state = tuple(sorted((*path.given, *path.answers[:place])))
            followed[state].append([fact for fact, _ in path.answers[place:]])
    found = {}
    for state, orders in followed.items():
        facts = dict(state)
        rest = tuple((fact, value) for fact, value in state if fact not in ("product", "version"))
        found.setdefault((rest, "version" in facts, placed(facts), orders[0][0]), (facts, orders))
    return list(found.values())


@LANGUAGES
def test_at_every_question_of_every_path_the_open_questions_can_be_asked(language):
    voice = answerer(language)
    for facts, orders in stages():
        found = missing(facts, TODAY, language)
        assert [one.is_next for one in found] == [True, *[False] * (len(found) - 1)] and found[0].fact == orders[0][0], facts
        assert not {one.fact for one in found} & set(facts), facts
        assert all(whole(one.question) for one in found) and whole(questions_text(voice, found)), facts
        canned = replies(None, facts, language, TODAY)
        assert [reply.id for reply in canned][: len(found)] == [f"ask_{one.fact}" for one in found]
        assert all(whole(reply.text) for reply in canned)
        assert whole(summary(facts, None, "It broke.", language, "HD-1", on=TODAY).plain), facts


def test_the_open_questions_are_all_those_that_any_answer_leads_to_in_the_order_of_the_engine():
    checked = 0
    for facts, orders in stages():
        if orders[0][0] in ("product", "error"):
            continue  # what may follow those would be nearly everything
        listed = open_questions(facts, TODAY)
        assert set(listed) == {fact for order in orders for fact in order}, facts
        assert all([fact for fact in listed if fact in order] == order for order in orders), facts
        checked += 1
    assert checked > 100


def test_every_benefit_has_its_words():
    assert set(BENEFITS) == {path.decision.covered_by for path in paths()} - {None}

"""Decision tables: hit policies, the few operators, and that nothing is read before it is needed."""

from typing import Any, Dict, List, Tuple

import pytest

from bot.engine.table import COLLECT, FIRST, Condition, Rule, Table


class Unknown(Exception):
    """A fact that is not known was read."""


class Facts:
    """A reader that notes what is read of it."""

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        self.was_read: List[str] = []

    def read(self, name: str) -> Any:
        self.was_read.append(name)
        if name not in self.facts:
            raise Unknown(name)
        return self.facts[name]

    def holds(self, predicate: str) -> bool:
        self.was_read.append(predicate)
        return bool(self.facts[predicate])


def is_in(name: str, *values: Any) -> Condition:
    return Condition(name, "in", values)


def rule(name: str, *when: Condition, **then: Any) -> Rule:
    return Rule(name, when, then)


def fired(table: Table, facts: Facts) -> List[str]:
    return [found.id for found in table.evaluate(facts)]


COLOURS = (
    rule("warm", is_in("colour", "red", "orange")),
    rule("bright", is_in("light", "on")),
    rule("anything"),
)


def test_first_takes_the_first_rule_that_holds() -> None:
    table = Table("colours", FIRST, COLOURS)
    assert fired(table, Facts(colour="red", light="on")) == ["warm"]
    assert fired(table, Facts(colour="blue", light="on")) == ["bright"]


def test_first_falls_through_to_the_rule_without_conditions() -> None:
    assert fired(Table("colours", FIRST, COLOURS), Facts(colour="blue", light="off")) == ["anything"]


def test_collect_takes_every_rule_that_holds_in_the_order_of_the_table() -> None:
    table = Table("colours", COLLECT, COLOURS)
    assert fired(table, Facts(colour="red", light="on")) == ["warm", "bright", "anything"]
    assert fired(table, Facts(colour="blue", light="on")) == ["bright", "anything"]


def test_collect_may_find_nothing() -> None:
    assert fired(Table("colours", COLLECT, COLOURS[:2]), Facts(colour="blue", light="off")) == []


def test_first_reads_nothing_of_the_rules_after_the_one_that_holds() -> None:
    facts = Facts(colour="red")  # `light` is not known, and need not be
    assert fired(Table("colours", FIRST, COLOURS), facts) == ["warm"]
    assert facts.was_read == ["colour"]


def test_a_rule_reads_no_further_than_its_first_condition_that_fails() -> None:
    facts = Facts(colour="blue")
    assert not rule("both", is_in("colour", "red"), is_in("light", "on")).fires(facts)
    assert facts.was_read == ["colour"]


def test_an_unknown_fact_stops_the_evaluation_where_it_is_needed() -> None:
    for policy in (FIRST, COLLECT):
        with pytest.raises(Unknown, match="light"):
            Table("colours", policy, COLOURS).evaluate(Facts(colour="blue"))


@pytest.mark.parametrize(
    "condition, facts, holds",
    [
        (is_in("colour", "red"), {"colour": "red"}, True),
        (is_in("colour", "red"), {"colour": "blue"}, False),
        (is_in("colour", "red", "blue"), {"colour": "blue"}, True),
        (is_in("colour", None), {"colour": None}, True),
        (is_in("colour", "red"), {"colour": None}, False),
        (is_in("answer", "no"), {"answer": False}, False),
        (Condition("count", "at_least", (3,)), {"count": 2}, False),
        (Condition("count", "at_least", (3,)), {"count": 3}, True),
        (Condition("count", "at_least", (3,)), {"count": 4}, True),
        (Condition("count", "at_least", (3,)), {"count": None}, False),
        (Condition("is_loud", "predicate"), {"is_loud": True}, True),
        (Condition("is_loud", "predicate"), {"is_loud": False}, False),
    ],
)
def test_conditions(condition: Condition, facts: Dict[str, Any], holds: bool) -> None:
    assert condition.holds(Facts(**facts)) is holds


def test_a_rule_without_conditions_always_holds() -> None:
    facts = Facts()
    assert rule("always").fires(facts)
    assert facts.was_read == []


TABLES: Tuple[str, ...] = ("coverage", "route", "contract_needed", "preparation", "caveat")


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_of_the_programme_are_of_their_policy(name: str) -> None:
    from bot.knowledge import shared

    table = shared().programme.tables[name]
    names = [found.id for found in table.rules]
    assert len(names) == len(set(names))
    if table.hit_policy == FIRST:
        assert not table.rules[-1].when, "the last rule must hold always"
        assert all(found.when for found in table.rules[:-1]), "a rule after one without conditions is never reached"
    else:
        assert all(found.when for found in table.rules)
    assert all(found.cites for found in table.rules)

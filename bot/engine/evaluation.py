"""One evaluation of the tables: reads facts on demand and remembers what it used."""

from datetime import date
from typing import Any, Dict, List, Mapping, Optional, Tuple

from bot.engine.lifecycle import Eligibility, eligibility
from bot.engine.predicates import DERIVED, PREDICATES
from bot.engine.programme import Programme
from bot.engine.table import Rule


class Missing(Exception):
    """A rule needs a fact that is not known."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class Evaluation:
    """Reads facts, derived values and tables on demand.

    `used` holds the facts read, in order; `fired` the rules that fired, as (table id, rule).
    """

    def __init__(self, programme: Programme, facts: Mapping[str, str], on: date) -> None:
        self.programme = programme
        self.facts = facts
        self.on = on
        self.used: Dict[str, str] = {}
        self.fired: List[Tuple[str, Rule]] = []
        self.found_eligibility: Optional[Eligibility] = None
        self._derived: Dict[str, Any] = {}
        self._outputs: Dict[str, Dict[str, Any]] = {}

    def read(self, name: str) -> Any:
        """Return a fact, a derived value or the output of a table; raise Missing for an unknown fact."""
        if name in self.programme.facts:
            value = self.peek(name)
            if value is None:
                raise Missing(name)
            self.used[name] = value
            return value
        if name in self.programme.tables:
            return self.first(name)[name]
        if name not in self._derived:
            self._derived[name] = DERIVED[name](self)
        return self._derived[name]

    def peek(self, fact: str) -> Optional[str]:
        """Return a fact if it is known (or has a default), without needing it."""
        return self.facts.get(fact, self.programme.facts[fact].default)

    def holds(self, predicate: str) -> bool:
        """Apply a named predicate."""
        return PREDICATES[predicate](self)

    def eligibility(self) -> Eligibility:
        """Return the N-1 answer for the product and version at hand."""
        if self.found_eligibility is None:
            self.found_eligibility = eligibility(self.read("kind"), self.read("version_at_hand"), self.on)
        return self.found_eligibility

    def first(self, table: str) -> Dict[str, Any]:
        """Return the outputs of a `first` table, evaluating it once."""
        if table not in self._outputs:
            (rule,) = self.programme.tables[table].evaluate(self)
            self.fired.append((table, rule))
            self._outputs[table] = rule.then
        return self._outputs[table]

    def collect(self, table: str) -> Tuple[Any, ...]:
        """Return the outputs of a `collect` table, in order."""
        rules = self.programme.tables[table].evaluate(self)
        self.fired.extend((table, rule) for rule in rules)
        return tuple(rule.then[table] for rule in rules)

    def comments(self, table: str) -> Tuple[Any, ...]:
        """Return the outputs of a `collect` table that only comments on what is known.

        A rule that needs an unknown fact does not fire, and what it reads does not count as used.
        """
        used = dict(self.used)
        rules = [rule for rule in self.programme.tables[table].rules if self._fires(rule)]
        self.used = used
        self.fired.extend((table, rule) for rule in rules)
        return tuple(rule.then[table] for rule in rules)

    def _fires(self, rule: Rule) -> bool:
        try:
            return rule.fires(self)
        except Missing:
            return False

    def output(self, table: str) -> Dict[str, Any]:
        """Return the outputs of a table that was evaluated, an empty dict when it was not."""
        return self._outputs.get(table, {})

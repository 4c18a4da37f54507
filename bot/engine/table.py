"""Decision tables: ordered rules over facts, read lazily (DMN: hit policies `first` and `collect`)."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Protocol, Tuple

FIRST = "first"
COLLECT = "collect"


class Reader(Protocol):
    """What a condition reads from."""

    def read(self, name: str) -> Any:
        """Return the value of a fact, a derived value or a table's output; raise when a fact is unknown."""

    def holds(self, predicate: str) -> bool:
        """Apply a named predicate."""


@dataclass(frozen=True)
class Condition:
    """One test. `operator` is "in", "at_least" or "predicate"; for a predicate `name` is its name."""

    name: str
    operator: str
    operand: Tuple[Any, ...] = ()

    def holds(self, reader: Reader) -> bool:
        """Say whether the condition is true of what `reader` reads."""
        if self.operator == "predicate":
            return reader.holds(self.name)
        value = reader.read(self.name)
        if self.operator == "at_least":
            return value is not None and value >= self.operand[0]
        return value in self.operand


@dataclass(frozen=True)
class Rule:
    """A row: all `when` hold -> `then`. `id` is unique within its table."""

    id: str
    when: Tuple[Condition, ...]
    then: Dict[str, Any] = field(default_factory=dict)
    cites: Tuple[str, ...] = ()

    def fires(self, reader: Reader) -> bool:
        """Say whether every condition holds, reading no further than the first that does not."""
        return all(condition.holds(reader) for condition in self.when)


@dataclass(frozen=True)
class Table:
    """An ordered list of rules. Under `first` the last rule has no conditions, so there is always an answer."""

    id: str
    hit_policy: str
    rules: Tuple[Rule, ...]

    def evaluate(self, reader: Reader) -> List[Rule]:
        """Return the rules that fire: one under `first`, all of them in order under `collect`."""
        if self.hit_policy == FIRST:
            return [next(rule for rule in self.rules if rule.fires(reader))]
        return [rule for rule in self.rules if rule.fires(reader)]

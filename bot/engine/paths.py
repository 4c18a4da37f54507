"""Every path through the questions of a goal, and a short text of all of them that a person can review."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Callable, Dict, Iterator, List, Mapping, Sequence, Tuple, Union

from bot.engine.programme import Programme
from bot.engine.triage import WORKLOAD_PORTAL, Decision, decide

BREAK_FIX = "break_fix"
REQUEST_KINDS = {"open_request": (BREAK_FIX, "advisory", "account")}
# Facts that no question asks, but that change the outcome when a person gives them, by goal and kind of request.
VOLUNTEERED = {
    ("open_request", "advisory"): ("product",),
    ("activate_benefits", BREAK_FIX): ("association",),
    ("view_ids", BREAK_FIX): ("association",),
    ("link_contract", BREAK_FIX): ("product",),
    ("fix_error", BREAK_FIX): ("activation_role", "product"),
}
NOT_GIVEN = "not_given"
ANSWER = "answer"

OTHER = "other"
LONGEST_CHOICE = 250  # characters; the largest group of a longer choice is written as "other"
SECTIONS = ("product", "beneficiary", "offer")  # what follows these questions is written once


@dataclass(frozen=True)
class Path:
    """One conversation: the facts it starts from, the answers in the order of the questions, and where it ends."""

    given: Tuple[Tuple[str, str], ...]
    answers: Tuple[Tuple[str, str], ...]
    decision: Decision

    @property
    def facts(self) -> Dict[str, str]:
        """Return all that is known at the end."""
        return dict((*self.given, *self.answers))

    def __str__(self) -> str:
        answers = " ".join(f"{fact}={value}" for fact, value in (*self.given, *self.answers))
        return f"{answers} -> {ending(self.decision)}"


@dataclass(frozen=True)
class Question:
    """A fact and what follows each answer. `asked` is False when it is given at the start or not at all."""

    fact: str
    branches: Tuple[Tuple[str, "Tree"], ...]
    asked: bool = True


Tree = Union[Question, Decision]


def tree(programme: Programme, facts: Mapping[str, str], on: date) -> Tree:
    """Return all that can follow `facts` on the day `on`. Raises UnusableFacts."""
    decision = decide(programme, facts, on)
    asked = decision.next_question
    if asked is None:
        return decision
    values = programme.values(asked, facts)
    return Question(asked, tuple((value, tree(programme, {**facts, asked: value}, on)) for value in values))


def goal_tree(programme: Programme, goal: str, on: date) -> Tree:
    """Return all that can follow a goal: every kind of request, and every fact that is never asked but may be given."""
    kinds = REQUEST_KINDS.get(goal)
    if kinds is None:
        return _volunteering(programme, {"goal": goal}, VOLUNTEERED.get((goal, BREAK_FIX), ()), on)
    branches = []
    for kind in kinds:
        facts = {"goal": goal} if kind == BREAK_FIX else {"goal": goal, "request_kind": kind}
        branches.append((kind, _volunteering(programme, facts, VOLUNTEERED.get((goal, kind), ()), on)))
    return Question("request_kind", tuple(branches), asked=False)


def _volunteering(programme: Programme, facts: Mapping[str, str], names: Sequence[str], on: date) -> Tree:
    """Return what follows when none of the facts is given, and when one of them is."""
    if not names:
        return tree(programme, facts, on)
    fact, *others = names
    given = [(value, tree(programme, {**facts, fact: value}, on)) for value in programme.values(fact, facts)]
    return Question(fact, ((NOT_GIVEN, _volunteering(programme, facts, others, on)), *given), asked=False)


def walk(found: Tree, given: Tuple[Tuple[str, str], ...] = (), answers: Tuple[Tuple[str, str], ...] = ()) -> Iterator[Path]:
    """Yield the paths of a tree, depth first, in the order of the values."""
    if isinstance(found, Decision):
        yield Path(given, answers, found)
        return
    for value, below in found.branches:
        if found.asked:
            yield from walk(below, given, (*answers, (found.fact, value)))
        elif value in (NOT_GIVEN, BREAK_FIX):
            yield from walk(below, given, answers)
        else:
            yield from walk(below, (*given, (found.fact, value)), answers)


def paths(programme: Programme, goal: str, on: date) -> Iterator[Path]:
    """Yield every path of `goal` on the day `on`, from nothing but the goal to an outcome."""
    return walk(goal_tree(programme, goal, on), (("goal", goal),))


def ending(decision: Decision) -> str:
    """Return where a path ends, in one line: route, reason or benefit with incidents, and what to do first."""
    parts = [str(decision.route)]
    if decision.reason:
        parts.append(f"({decision.reason})")
    elif decision.route == ANSWER and decision.eligibility:
        parts.append(f"(eligible as {decision.eligibility.position})")
    if decision.covered_by:
        given = incidents(decision)
        parts.append(f"[{decision.covered_by}, {given} incidents]" if given else f"[{decision.covered_by}]")
    if decision.preparation:
        parts.append("first: " + ", ".join(decision.preparation))
    return " ".join(parts)


def incidents(decision: Decision) -> str:
    """Return the incidents as text: "20", "unlimited or 5" when it depends on the competency, or nothing."""
    found = decision.incidents
    if isinstance(found, dict):
        return " or ".join(str(number) for number in found.values())
    return "" if found is None else str(found)


def grouped(branches: Mapping[str, str]) -> List[Tuple[Tuple[str, ...], str]]:
    """Return the values that lead to the same text together, groups and values in their first order."""
    groups: Dict[str, List[str]] = {}
    for value, text in branches.items():
        groups.setdefault(text, []).append(value)
    return [(tuple(values), text) for text, values in groups.items()]


def collapse(found: Tree) -> str:
    """Return all paths of a tree as text, a line each, answers that lead to the same written together.

    What follows many different answers is written once, as a section of its own, and named where it is met.
    Portals of workloads and what must be said with the answer (caveats) stand in sections at the end: a line
    there names only the answers that matter for it.
    """
    sections = [_Writer(found, ending).text()]
    portals = _Writer(found, _own_portal, everything=False).text()
    if portals:
        sections.append(f"workload_portal:\n{portals}")
    caveats = dict.fromkeys(caveat for path in walk(found) for caveat in path.decision.caveats)
    for caveat in sorted(caveats):
        told = _Writer(found, lambda decision: "said" if caveat in decision.caveats else "", everything=False).text()
        sections.append(f"caveat {caveat}:\n{told}")
    return "\n".join(sections)


def _own_portal(decision: Decision) -> str:
    return str(decision.portal) if decision.route == WORKLOAD_PORTAL else ""


class _Writer:
    """Writes what `say` tells of every path. Trees are compared by their full text, kept for each in `_texts`.

    Without `everything`, questions that do not matter and paths of which nothing is told are left out.
    """

    def __init__(self, root: Tree, say: Callable[[Decision], str], everything: bool = True) -> None:
        self._say = say
        self._everything = everything
        self._texts: Dict[int, str] = {}
        self._first: Dict[str, Question] = {}
        self._places: Counter = Counter()
        self._written: Dict[str, str] = {}
        self._sections: Dict[str, str] = {}
        self._root = root
        self._full(root)
        self._count(root)

    def text(self) -> str:
        lines = list(self._lines("", self._root))
        written = 0
        while written < len(self._sections):  # a section may name another
            key = list(self._sections)[written]
            lines += ["", f"{self._sections[key]}:", *self._lines("", self._first[key], inside=True)]
            written += 1
        return "".join(f"{line}\n" for line in lines)

    def _full(self, found: Tree) -> str:
        """Return the complete text below, which two trees share exactly when they behave alike."""
        if id(found) not in self._texts:
            if isinstance(found, Decision):
                text = self._say(found)
            else:
                groups = grouped({value: self._full(below) for value, below in found.branches})
                if len(groups) == 1 and not self._everything:
                    text = groups[0][1]
                else:
                    text = "\n".join(
                        f"{found.fact}={'|'.join(values)} {line}"
                        for values, below in groups
                        for line in below.split("\n")
                        if line or self._everything
                    )
                    self._first.setdefault(text, found)
            self._texts[id(found)] = text
        return self._texts[id(found)]

    def _count(self, found: Tree) -> None:
        """Count in how many places each part is met, once for answers that are written together."""
        if isinstance(found, Question):
            for _, text in grouped({value: self._full(below) for value, below in found.branches}):
                self._places[text] += 1
                if text in self._first and self._places[text] == 1:
                    self._count(self._first[text])

    def _lines(self, prefix: str, found: Tree, inside: bool = False) -> Iterator[str]:
        key = self._full(found)
        if not self._everything and not key:
            return
        if isinstance(found, Decision):
            yield f"{prefix}-> {key}"
            return
        groups = grouped({value: self._full(below) for value, below in found.branches})
        below_of = dict(found.branches)
        if len(groups) == 1 and not self._everything:
            yield from self._lines(prefix, below_of[groups[0][0][0]])
            return
        if not inside and self._is_section(key, found):
            yield f"{prefix}-> ask {self._section(key, found)}"
            return
        if not inside and key in self._written and "\n" in key:
            yield f"{prefix}-> as {self._written[key]}"
            return
        if prefix:
            self._written.setdefault(key, prefix.strip())
        largest = max((values for values, _ in groups), key=len)
        shortened = len("|".join(largest)) > LONGEST_CHOICE and self._everything
        if shortened:
            groups.sort(key=lambda group: group[0] is largest)
        for values, _ in groups:
            choice = "|".join(values)
            if shortened and values is largest:
                choice = f"{NOT_GIVEN}|{OTHER}" if NOT_GIVEN in values else OTHER
            yield from self._lines(f"{prefix}{found.fact}={choice} ", below_of[values[0]])

    def _is_section(self, key: str, found: Question) -> bool:
        if not self._everything or found is self._root or found.fact not in SECTIONS:
            return False
        return found.fact == "product" or self._places[key] > 1

    def _section(self, key: str, found: Question) -> str:
        if key not in self._sections:
            number = sum(name.startswith(f"{found.fact} ") for name in self._sections.values()) + 1
            self._sections[key] = f"{found.fact} ({number})"
        return self._sections[key]

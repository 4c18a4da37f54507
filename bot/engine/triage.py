"""From facts to a decision: run the tables, and ask for the first fact that is missing and still matters."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Dict, Mapping, Optional, Tuple

from bot.engine.evaluation import Evaluation, Missing
from bot.engine.lifecycle import Eligibility
from bot.engine.predicates import UNSURE
from bot.engine.programme import Programme

WORKLOAD_PORTAL = "workload_portal"


@dataclass(frozen=True)
class Decision:
    """What the facts lead to, with the reasons.

    `next_question` names the fact to ask next; then `route` is None. `product` is the resolved product id,
    `facts` what the decision rests on, in the order it was read, and `unsure` those of them that the person
    did not know. `on` is the day it holds for. `incidents` is a count, "unlimited", both numbers by kind
    of competency, or None.
    `rules` are "table/rule", `cites` the sources of the rules and of the lifecycle data.
    """

    next_question: Optional[str] = None
    route: Optional[str] = None
    covered_by: Optional[str] = None
    reason: Optional[str] = None
    preparation: Tuple[str, ...] = ()
    portal: Optional[str] = None
    incidents: Any = None
    caveats: Tuple[str, ...] = ()
    product: Optional[str] = None
    eligibility: Optional[Eligibility] = None
    on: Optional[date] = None
    facts: Mapping[str, str] = field(default_factory=dict)
    unsure: Tuple[str, ...] = ()
    rules: Tuple[str, ...] = ()
    cites: Tuple[str, ...] = ()

    def outcome(self) -> Tuple[Any, ...]:
        """Return what a person would notice, for comparing decisions (not how they came about)."""
        return (self.route, self.covered_by, self.reason, self.preparation, self.portal, repr(self.incidents))

    def document(self) -> Dict[str, Any]:
        """Return the decision as the JSON document of `triage decide`."""
        return {
            "route": self.route,
            "covered_by": self.covered_by,
            "reason": self.reason,
            "preparation": list(self.preparation),
            "portal": self.portal,
            "incidents": self.incidents,
            "next_question": self.next_question,
            "rules": list(self.rules),
            "cites": list(self.cites),
        }


def decide(programme: Programme, facts: Mapping[str, str], on: date) -> Decision:
    """Return the decision for `facts` on the day `on`.

    When a fact is missing that can still change the outcome, the decision holds only `next_question`, with
    the rules that fired so far. A missing fact that cannot change it is not asked. Raises UnusableFacts.
    """
    programme.check(facts)
    if "product" not in facts:
        facts = {fact: value for fact, value in facts.items() if fact != "version"}  # a version of nothing yet
    assumed: Dict[str, str] = {}
    while True:
        run = Evaluation(programme, {**facts, **assumed}, on)
        try:
            return _conclude(run, hidden=assumed)
        except Missing as missing:
            if _matters(programme, run.facts, missing.fact, on):
                return Decision(next_question=missing.fact, facts=run.used, rules=_rules(run), cites=_cites(run))
            # Any answer leads to the same end, so go on with one and do not show it as given.
            assumed[missing.fact] = programme.values(missing.fact, run.facts)[0]


def _conclude(run: Evaluation, hidden: Mapping[str, str] = {}) -> Decision:
    """Evaluate all tables into a decision; raise Missing when a needed fact is unknown."""
    route = run.first("route")
    coverage = run.output("coverage")
    preparation = run.collect("preparation")
    incidents = run.read("incidents")
    kind = run.read("kind") if "product" in run.used else None
    caveats = run.comments("caveat")
    used = {fact: value for fact, value in run.used.items() if fact not in hidden}
    return Decision(
        route=route["route"],
        covered_by=coverage.get("covered_by"),
        reason=route.get("reason") or coverage.get("reason"),
        preparation=preparation,
        portal=kind.portal if route["route"] == WORKLOAD_PORTAL else run.programme.route_portals[route["route"]],
        incidents=incidents,
        caveats=caveats,
        product=kind.id if kind else None,
        eligibility=run.found_eligibility,
        on=run.on,
        facts=used,
        unsure=tuple(fact for fact, value in used.items() if value == UNSURE),
        rules=_rules(run),
        cites=_cites(run),
    )


def _rules(run: Evaluation) -> Tuple[str, ...]:
    return tuple(f"{table}/{rule.id}" for table, rule in run.fired)


def _cites(run: Evaluation) -> Tuple[str, ...]:
    cites = [cite for _, rule in run.fired for cite in rule.cites]
    if run.found_eligibility:
        cites += run.found_eligibility.cites
    return tuple(dict.fromkeys(cites))


def _matters(programme: Programme, facts: Mapping[str, str], fact: str, on: date) -> bool:
    """Say whether two answers to `fact` can end differently, the rest being the same."""
    first, *others = programme.values(fact, facts)
    return any(not _same_ends(programme, {**facts, fact: first}, {**facts, fact: other}, on) for other in others)


def _same_ends(programme: Programme, left: Mapping[str, str], right: Mapping[str, str], on: date) -> bool:
    """Say whether two sets of facts end alike for every answer to whatever is still missing."""
    missing: Optional[str] = None
    asking = left
    ends = []
    for facts in (left, right):
        try:
            ends.append(_conclude(Evaluation(programme, facts, on)).outcome())
        except Missing as found:
            if missing is None:
                missing, asking = found.fact, facts
    if missing is None:
        return ends[0] == ends[1]
    answers = programme.values(missing, asking)
    if any(programme.values(missing, side) != answers for side in (left, right) if missing not in side):
        return False  # other products have other versions: they are not asked the same thing
    return all(_same_ends(programme, {missing: answer, **left}, {missing: answer, **right}, on) for answer in answers)

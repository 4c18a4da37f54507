"""Where facts lead when every question is answered: the questions of the assistant played to their end."""

from datetime import date
from functools import lru_cache
from typing import Dict, FrozenSet, Mapping, Optional, Tuple

from bot.engine import Decision, Family, Line, Programme, decide
from bot.engine.predicates import UNSURE
from bot.engine.reading import OF_THE_PRODUCT

# How a question is answered that the labels say nothing about: the same for what is labelled and for what is read.
DEFAULTS = {
    "goal": "open_request",
    "product": "windows_server",
    "deployment": "on_premises",
    "beneficiary": "own_organization",
    "csp_subscription": "no",
    "offer": "silver",
    "admin_agent": "yes",
    "contract_linked": "no",
    "activated": "yes",
    "activation_role": "yes",
    "plan_shown": "yes",
    "association": "mpn",
    "error": "not_authorized",
}


class Routes:
    """Plays the questions of `programme` on the day `on`, remembering decisions: the same facts come again and again."""

    def __init__(self, programme: Programme, on: date) -> None:
        self.programme = programme
        self.on = on
        self._decide = lru_cache(maxsize=None)(self._fresh)

    def decision(self, facts: Mapping[str, str]) -> Decision:
        """Return what `facts` lead to at once. Raises UnusableFacts."""
        return self._decide(frozenset(facts.items()))

    def final(self, facts: Mapping[str, str], truth: Mapping[str, str]) -> str:
        """Return the route that `facts` lead to when each question is answered by `truth`, else by its default.

        Raises UnusableFacts.
        """
        known = dict(facts)
        while True:
            found = self.decision(known)
            if found.next_question is None:
                assert found.route is not None
                return found.route
            if found.next_question == "product":  # naming one makes void what belongs to a product, as the reader does
                known = {fact: value for fact, value in known.items() if fact not in OF_THE_PRODUCT}
            if found.next_question == "goal" and "request_kind" in truth:  # who says what they want says which kind it is
                known["request_kind"] = truth["request_kind"]
            known[found.next_question] = self.answer(found.next_question, known, truth)

    def answer(self, asked: str, known: Mapping[str, str], truth: Mapping[str, str]) -> str:
        """Return the answer of somebody for whom `truth` holds to the question `asked`, given what is known."""
        given = truth.get(asked)
        if asked == "deployment" and given is None:
            given = self._hosting(truth.get("product"))
        allowed = self.programme.values(asked, known)
        if given in allowed:
            return given
        if asked == "version":
            return self._newest_version(known)
        return DEFAULTS[asked]

    def _fresh(self, facts: FrozenSet[Tuple[str, str]]) -> Decision:
        return decide(self.programme, dict(facts), self.on)

    def _hosting(self, product: Optional[str]) -> Optional[str]:
        """Return where a product runs, None when that is open or no product is given."""
        if product is None:
            return None
        kind = self.programme.catalogue.resolve(product)
        return None if isinstance(kind, Family) else kind.hosting

    def _newest_version(self, known: Mapping[str, str]) -> str:
        kind = self.programme.catalogue.resolve(known["product"], known.get("deployment"))
        if isinstance(kind, Family):
            kind = self.programme.catalogue.lines[kind.on_premises]
        return next(iter(kind.versions), UNSURE) if isinstance(kind, Line) else UNSURE


def normalized_facts(programme: Programme, facts: Mapping[str, str], known: Mapping[str, str] = {}) -> Dict[str, str]:
    """Return `facts` with a family that is settled by where it runs, or by its version, as the product it means.

    Without a product of their own, they are about the product in `known`. A deployment that follows from the product is
    left out, so that {exchange, on_premises}, {exchange_server} and {exchange_server, on_premises} are the same.
    """
    context = facts if "product" in facts else {**known, **facts}
    found = dict(facts)
    product = context.get("product")
    if product is None:
        return found
    kind = programme.catalogue.resolve(product, context.get("deployment"), context.get("version"))
    if product in programme.catalogue.families and kind.id not in programme.catalogue.families:
        found["product"] = kind.id
    if not isinstance(kind, Family) and kind.id not in programme.catalogue.families:
        if found.get("deployment") == kind.hosting:
            del found["deployment"]
    return found

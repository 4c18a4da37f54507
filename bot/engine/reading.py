"""What a message says about the facts: intent, entities and the open question in, changes of facts out."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from bot.engine.catalogue import Family, Line
from bot.engine.predicates import UNSURE
from bot.engine.programme import Programme

ACCEPT = "accept"
PLATFORM = "platform"
SHORT_ANSWER_WORDS = 5
# Facts that belong to one product: another product makes them void.
OF_THE_PRODUCT = ("deployment", "version", "csp_subscription")
# Entities whose value is the value of the fact of the same name.
PLAIN_ENTITIES = ("offer", "competency", "beneficiary", "error")
YES_INTENTS, NO_INTENTS = ("affirm",), ("deny",)


@dataclass(frozen=True)
class IntentMeaning:
    """What an intent brings: the goal it opens and the facts it implies. `question` marks one that only asks."""

    goal: Optional[str] = None
    implies: Mapping[str, str] = field(default_factory=dict)
    question: bool = False


@dataclass(frozen=True)
class Message:
    """A parsed message. `entities` are dicts with entity, value, start, end and perhaps role."""

    text: str
    intent: Optional[str]
    decision: str = ACCEPT
    entities: Sequence[Mapping[str, Any]] = ()

    def short(self) -> bool:
        """Whether it is as short as an answer."""
        return len(self.text.split()) <= SHORT_ANSWER_WORDS


@dataclass
class Changes:
    """What a message changes.

    `facts` maps a fact to its new value, None to forget it. `product_options` are products of which one is
    meant; `unknown_version` is a version that the product does not have; `platform` is what the product runs
    on; `unsure_about` is a fact the person does not know though an answer is needed.
    """

    facts: Dict[str, Optional[str]] = field(default_factory=dict)
    product_options: Tuple[str, ...] = ()
    unknown_version: Optional[str] = None
    platform: Optional[str] = None
    unsure_about: Optional[str] = None

    def __bool__(self) -> bool:
        return bool(self.facts or self.product_options or self.unknown_version or self.unsure_about)


class Reader:
    """Turns messages into changes of facts. `intents` says what each intent means; `roles` what holding a role proves."""

    def __init__(
        self, programme: Programme, intents: Mapping[str, IntentMeaning], roles: Mapping[str, Mapping[str, str]]
    ) -> None:
        self.programme = programme
        self.intents = intents
        self.roles = roles

    def read(
        self, message: Message, facts: Mapping[str, str], asked: Optional[str] = None, decided: bool = False
    ) -> Changes:
        """Return what `message` changes, given the known facts and the question that is open (`asked`).

        `decided` says that an answer was given already, so a new problem starts afresh, but for what stays
        true of the company.
        """
        changes = Changes()
        meaning = self.intents.get(message.intent or "", IntentMeaning())
        known = dict(facts)
        if asked is None and decided and message.intent not in ("inform", "correct") and meaning.goal:
            self._forget_problem(known, changes)
        if asked is not None and meaning.question and not self._answers(message, asked):
            return changes
        self._products(message, known, asked, meaning, changes)
        self._versions(message, {**known, **_given(changes)}, asked, changes)
        self._entities(message, known, asked, meaning, changes)
        self._deployment(message, {**known, **_given(changes)}, asked, changes)
        if asked is not None and asked not in changes.facts and not changes.product_options:
            self._plain_answer(message, known, asked, changes)
        if asked is None:
            self._opening(message, known, meaning, changes)
        return changes

    def _forget_problem(self, known: Dict[str, str], changes: Changes) -> None:
        for fact in list(known):
            if not self.programme.facts[fact].company:
                del known[fact]
                changes.facts[fact] = None

    def _answers(self, message: Message, asked: str) -> bool:
        """Say whether a message that reads like a question is the answer to the open one ("2016?", "gold, right")."""
        names_it = any(entity["entity"] == asked and not entity.get("role") for entity in message.entities)
        if message.intent == "ask_eligibility" and asked in ("product", "version"):
            return names_it
        return names_it and (message.short() or message.decision != ACCEPT) and "?" not in message.text

    # Products and versions

    def _products(
        self, message: Message, known: Dict[str, str], asked: Optional[str], meaning: IntentMeaning, changes: Changes
    ) -> None:
        named = [entity for entity in message.entities if entity["entity"] == "product"]
        focus = list(dict.fromkeys(entity["value"] for entity in named if entity.get("role") != PLATFORM))
        platforms = [entity["value"] for entity in named if entity.get("role") == PLATFORM]
        if len(focus) > 1:
            if "request_kind" in meaning.implies or (known.get("product") in focus and message.intent != "correct"):
                return  # advice about two products, or a second one beside the one at hand
            changes.product_options = tuple(focus)
            return
        if not focus:
            return
        (product,) = focus
        changes.platform = platforms[0] if platforms else None
        if product != known.get("product"):
            changes.facts["product"] = product
            for fact in OF_THE_PRODUCT:
                if fact in known:
                    changes.facts[fact] = None
        elif asked == "product":
            changes.facts["product"] = product

    def _versions(self, message: Message, known: Mapping[str, str], asked: Optional[str], changes: Changes) -> None:
        named = [e["value"] for e in message.entities if e["entity"] == "version" and e.get("role") != PLATFORM]
        if not named or changes.product_options or "product" not in known:
            return
        line = self._line(known)
        if line is None:
            return
        version = named[-1] if message.intent == "correct" else named[0]
        found = version if version in line.versions else UNSURE if version == UNSURE else line.version_named(version)
        if found is not None:
            changes.facts["version"] = found
        elif asked == "version" or "product" in changes.facts:
            changes.unknown_version = version

    def _line(self, known: Mapping[str, str]) -> Optional[Line]:
        """Return the on-premises line that a version would be of, None for a cloud product."""
        kind = self.programme.catalogue.resolve(known["product"], known.get("deployment"))
        if isinstance(kind, Family):
            return self.programme.catalogue.lines[kind.on_premises]
        return kind if isinstance(kind, Line) else None

    def _deployment(self, message: Message, known: Mapping[str, str], asked: Optional[str], changes: Changes) -> None:
        """Take where it runs: for a family, or to swap a product for its counterpart ("no, it's Exchange Online")."""
        named = [entity["value"] for entity in message.entities if entity["entity"] == "deployment"]
        product = known.get("product")
        if not named or product is None:
            return
        families = self.programme.catalogue.families
        if product in families:
            if not (known.get("version") and named[-1] == "cloud" and asked != "deployment" and message.intent != "correct"):
                changes.facts["deployment"] = named[-1]
                if named[-1] == "cloud" and known.get("version"):
                    changes.facts["version"] = None
        elif message.intent == "correct" or asked == "deployment":
            swapped = next((f for f in families.values() if product in (f.on_premises, f.cloud)), None)
            if swapped is not None:
                changes.facts.update({"product": swapped.id, "deployment": named[-1], "version": None})

    # Other facts

    def _entities(
        self, message: Message, known: Mapping[str, str], asked: Optional[str], meaning: IntentMeaning, changes: Changes
    ) -> None:
        for entity in message.entities:
            name, value = entity["entity"], entity["value"]
            if name in PLAIN_ENTITIES:
                if name != "error" or asked == "error" or known.get("goal") in (None, "fix_error"):
                    changes.facts[name] = value
            elif name == "role":
                changes.facts.update(self.roles.get(value, {}))
                if asked in ("activation_role", "admin_agent") and asked not in self.roles.get(value, {}):
                    changes.facts.setdefault(asked, "no")
            elif name in self.programme.facts and name not in ("product", "version", "deployment"):
                if value in self.programme.values(name, known):
                    changes.facts[name] = value
        if known.get("goal") != "fix_error" and meaning.goal != "fix_error" and asked != "error":
            if meaning.goal is not None:
                changes.facts.pop("error", None)

    def _plain_answer(self, message: Message, known: Mapping[str, str], asked: str, changes: Changes) -> None:
        """Read yes, no and "I don't know" as answers to the open question."""
        values = self.programme.values(asked, known)
        if message.intent in YES_INTENTS and "yes" in values:
            changes.facts[asked] = "yes"
        elif message.intent in NO_INTENTS and "no" in values:
            changes.facts[asked] = "no"
        elif message.intent in NO_INTENTS and "none" in values:
            changes.facts[asked] = "none"
        elif message.intent == UNSURE and UNSURE in values:
            changes.facts[asked] = UNSURE
        elif message.intent == UNSURE:
            changes.unsure_about = asked

    def _opening(self, message: Message, known: Mapping[str, str], meaning: IntentMeaning, changes: Changes) -> None:
        """Set the goal when no question is open."""
        given = _given(changes)
        if meaning.goal is not None:
            changes.facts["goal"] = meaning.goal
            changes.facts.update(meaning.implies)
        elif "goal" not in known or changes.facts.get("goal", known.get("goal")) is None:
            if "error" in given:
                changes.facts["goal"] = "fix_error"
            elif "product" in given or changes.product_options:
                changes.facts["goal"] = "open_request"


def _given(changes: Changes) -> Dict[str, str]:
    return {fact: value for fact, value in changes.facts.items() if value is not None}


def apply(facts: Mapping[str, str], changes: Mapping[str, Optional[str]]) -> Dict[str, str]:
    """Return `facts` with `changes` made; None forgets a fact."""
    merged: Dict[str, Optional[str]] = {**facts, **changes}
    return {fact: value for fact, value in merged.items() if value is not None}


def questions(trail: List[str]) -> List[str]:
    """Return the facts asked, each once, in the order they were first asked."""
    return list(dict.fromkeys(trail))

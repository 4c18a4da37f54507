"""What a message says about the facts: intent, entities and the open question in, changes of facts out."""

import re
from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional

from bot.engine.catalogue import Family, Line
from bot.engine.message import ACCEPT, CONFIRM, DENIED, PLATFORM, UNCLEAR, Changes, IntentMeaning, Message
from bot.engine.predicates import UNSURE
from bot.engine.programme import Programme
from bot.engine.steering import Steering

MOST_OPTIONS = 5  # products to choose between; a text that names more is a list, not a problem
# Facts that belong to one product: another product makes them void.
OF_THE_PRODUCT = ("deployment", "version", "csp_subscription")
# Facts that describe what is broken.
OF_A_PROBLEM = ("product", *OF_THE_PRODUCT, "beneficiary")
# What a version's button says of the product that it is a version of.
VERSION_OF = "version_of"
# Entities whose value is the value of the fact of the same name.
PLAIN_ENTITIES = ("offer", "competency", "beneficiary", "error")
# What a reading needs to be taken while a question is open, and how much likelier an answer is then.
CONTEXT_CONFIDENCE, ANSWER_FACTOR = 0.3, 3.0
ONE_STATEMENT_WORDS = 3
WORDS_BETWEEN = 3  # two names that stand further apart are no choice
ANSWERING = frozenset({"inform", "affirm", "deny", "unsure", "correct"})


class Reader:
    """Turns messages into changes of facts.

    `intents` says what each intent means, `roles` what holding a role proves, `steering` how answers begin.
    """

    def __init__(
        self,
        programme: Programme,
        intents: Mapping[str, IntentMeaning],
        roles: Mapping[str, Mapping[str, str]],
        steering: Steering,
    ) -> None:
        self.programme = programme
        self.intents = intents
        self.roles = roles
        self.steering = steering

    def read(
        self,
        message: Message,
        facts: Mapping[str, str],
        asked: Optional[str] = None,
        decided: bool = False,
        options: Mapping[str, Optional[str]] = {},
    ) -> Changes:
        """Return what `message` changes, given the known facts and the question that is open (`asked`).

        `options` are the products that the open question chooses between, with the versions named for them.
        `decided` says that an answer was given already, so a new problem starts afresh, but for what stays
        true of the company.
        """
        changes = Changes()
        message = self._in_context(message, asked)
        message = replace(message, entities=[entity for entity in message.entities if self._usable(entity)])
        asked = None if asked == "goal" else asked  # the opening question: anything may be said
        meaning = self.intents.get(message.intent or "", IntentMeaning())
        known = dict(facts)
        if asked is None and decided and self._is_new_problem(message, meaning, known):
            self._forget_problem(message, meaning, known, changes)
        if asked is not None and meaning.question and asked not in meaning.implies and not self._answers(message, asked):
            return changes
        if asked is not None and asked in meaning.implies:
            changes.facts[asked] = meaning.implies[asked]
            return changes
        self._products(message, known, asked, meaning, changes)
        if asked == "product" and options:
            self._choose(message, options, changes)
        if self.other_product(message, {**known, **_given(changes)}) is None:
            self._versions(message, {**known, **_given(changes)}, asked, changes)
        self._entities(message, known, asked, meaning, changes)
        self._deployment(message, {**known, **_given(changes)}, asked, changes)
        if (
            message.intent in ("correct", "deny")
            and not changes.facts
            and known.get("request_kind") not in (None, "break_fix")
        ):
            changes.facts["request_kind"] = None  # "no, it is not advice I need"
        corrects = message.intent == "correct" and changes.facts and not self.steering.settles(message)
        if asked is not None and asked not in changes.facts and not changes.product_options and not corrects:
            self._plain_answer(message, known, asked, changes)
        if asked is None:
            self._opening(message, known, meaning, changes)
        return changes

    def other_product(self, message: Message, facts: Mapping[str, str]) -> Optional[str]:
        """Return the product whose versions a pressed button was among, None when it is the one at hand, or no such button."""
        named = [entity["value"] for entity in message.entities if entity["entity"] == VERSION_OF]
        line = self._line(facts) if "product" in facts else None
        return named[0] if named and (line is None or line.id != named[0]) else None

    def _in_context(self, message: Message, asked: Optional[str]) -> Message:
        """Return the message as it reads while a question is open: an answer is likelier than anything else."""
        if asked is None or message.intent != UNCLEAR:
            return message
        if self.steering.begins_unsure(message.text):
            return replace(message, intent=UNSURE)
        weighed = [(e["confidence"] * (ANSWER_FACTOR if e["name"] in ANSWERING else 1), e) for e in message.ranking]
        best = max(weighed, key=lambda pair: pair[0], default=(0, {"name": UNCLEAR, "confidence": 0}))[1]
        taken = best["name"] in ANSWERING and best["confidence"] >= CONTEXT_CONFIDENCE
        return replace(message, intent=best["name"]) if taken else message

    def _usable(self, entity: Mapping[str, Any]) -> bool:
        """Say whether an entity has a value that it can have: a button of an older version may send another."""
        name, value = entity.get("entity"), entity.get("value")
        if not isinstance(value, str):
            return False
        if name == "version" or name not in self.programme.facts:
            return True
        return value in self.programme.values(name, {})

    @staticmethod
    def _is_new_problem(message: Message, meaning: IntentMeaning, known: Mapping[str, str]) -> bool:
        """Say whether a message after the answer brings another problem: by its intent, or by another product."""
        if message.intent not in ("inform", "correct"):
            return meaning.goal is not None
        named = {entity["value"] for entity in message.entities if entity["entity"] == "product"}
        other = bool(named) and known.get("product") not in named
        # A product where none was at hand is no correction ("SQL is down too" after the answer about an error).
        return other and (known.get("product") is None if message.intent == "correct" else known.get("goal") == "open_request")

    def _forget_problem(self, message: Message, meaning: IntentMeaning, known: Dict[str, str], changes: Changes) -> None:
        """Forget the problem that was answered. After or with a question, or an answer that took a fault for advice, the
        product stays unless another is named."""
        named = any(entity["entity"] == "product" for entity in message.entities)
        follows = meaning.question or known.get("goal") != "open_request" or known.get("request_kind") not in (None, "break_fix")
        stays = OF_A_PROBLEM if follows and not named else ()
        for fact in list(known):
            if not self.programme.facts[fact].company and fact not in stays:
                del known[fact]
                changes.facts[fact] = None

    def _answers(self, message: Message, asked: str) -> bool:
        """Say whether a message that reads like a question is the answer to the open one ("2016?", "gold, right")."""
        if self.steering.polarity(message) and "yes" in self.programme.values(asked, {}) and "?" not in message.text:
            return True
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
            changes.product_options = {p: self._version_beside(message, p) for p in focus[:MOST_OPTIONS]}
            return
        if not focus:
            return
        (product,) = focus
        changes.platform = platforms[0] if platforms else None
        if product != known.get("product"):
            changes.facts["product"] = product
            for fact in OF_THE_PRODUCT if "product" in known else ():
                if fact in known and not (fact == "csp_subscription" and self._are_related(product, known["product"])):
                    changes.facts[fact] = None
        elif asked == "product":
            changes.facts["product"] = product

    def _are_related(self, product: str, other: str) -> bool:
        """Say whether two products are of one family: who bought the one bought the other."""
        return any({product, other} <= {family.id, *family.members()} for family in self.programme.catalogue.families.values())

    def _is_only_proof(self, role: str, fact: str) -> bool:
        """Say whether no other role proves a fact: not having the role then answers it."""
        return all(fact not in proves for other, proves in self.roles.items() if other != role)

    @staticmethod
    def _version_beside(message: Message, product: str) -> Optional[str]:
        """Return the version named right after a product, None when there is none."""
        owner = None
        for entity in message.entities:
            if entity["entity"] == "product":
                owner = entity["value"]
            elif entity["entity"] == "version" and owner == product:
                return entity["value"]
        return None

    def _choose(self, message: Message, options: Mapping[str, Optional[str]], changes: Changes) -> None:
        """Take a product, its family, or where it runs, as the choice between options."""
        named = changes.facts.get("product")
        runs = [entity["value"] for entity in message.entities if entity["entity"] == "deployment"]
        family = self.programme.catalogue.families.get(named) if named not in options else None
        if named is None and not runs and self._choose_by_place(message, options, changes):
            return
        for product in options:
            kind = self.programme.catalogue.resolve(product)
            of_family = family is not None and product in family.members()
            if product == named or of_family or (named is None and runs and kind.hosting == runs[-1]):
                changes.facts["product"] = product
                if options[product] and "version" not in changes.facts:
                    changes.facts["version"] = options[product]
                return

    def _choose_by_place(self, message: Message, options: Mapping[str, Optional[str]], changes: Changes) -> bool:
        """Take the option named by its place ("the second"), or the first of all of them ("both"); say whether one was."""
        place = self.steering.place(message)
        changes.one_by_one = self.steering.means_all(message)
        place = 0 if changes.one_by_one else place
        if place is None or place >= len(options):
            return False
        product = list(options)[place]
        changes.facts["product"] = product
        if options[product]:
            changes.facts["version"] = options[product]
        return True

    def _versions(self, message: Message, known: Mapping[str, str], asked: Optional[str], changes: Changes) -> None:
        named = [e["value"] for e in message.entities if e["entity"] == "version" and e.get("role") != PLATFORM]
        if not named and asked == "version" and "product" in known:
            named = self._versions_in(message.text, known)
        if not named or changes.product_options or "product" not in known:
            return
        line = self._line(known)
        if line is None:
            return
        version = named[-1] if message.intent == "correct" else named[0]
        found = version if version in line.versions else UNSURE if version == UNSURE else line.version_named(version)
        if found is None:
            endings = [known_version for known_version in line.versions if known_version.endswith(f"_{version}")]
            found = endings[0] if len(endings) == 1 else None  # "2012 R3" of AX
        if found is not None:
            changes.facts["version"] = found
        elif asked == "version" or "product" in changes.facts:
            changes.unknown_version = version

    def _versions_in(self, text: str, known: Mapping[str, str]) -> List[str]:
        """Return the version that an answer names in a way that would be none elsewhere ("die van 2017")."""
        line = self._line(known)
        words = re.findall(r"\w+", text)
        return [word for word in words if line is not None and len(word) > 2 and line.version_named(word)][:1]

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
        if len(set(named)) > 1:
            self._both_sides(changes)
            # Naming both in an answer leaves the question open; a product that is said to be on a side is one.
            changes.hybrid = asked == "deployment" or bool(changes.product_options) or "product" in changes.facts
            return
        if product in families:
            changes.facts["deployment"] = named[-1]
            if named[-1] == "cloud" and known.get("version") and "version" not in changes.facts:
                changes.facts["version"] = None
        elif message.intent == "correct" or asked == "deployment":
            swapped = [f.id for f in families.values() if product in (f.on_premises, f.cloud)]
            if len(swapped) == 1:
                changes.facts.update({"product": swapped[0], "deployment": named[-1], "version": None})
            elif swapped and self.programme.catalogue.resolve(product).hosting != named[-1]:
                changes.product_options = dict.fromkeys(swapped)  # Microsoft 365 holds more than one of them

    def _both_sides(self, changes: Changes) -> None:
        """A hybrid set-up: a family stays open; a product that is named and has a counterpart becomes a choice between them."""
        product = changes.facts.get("product")
        for family in self.programme.catalogue.families.values():
            if product == family.on_premises != family.id:
                del changes.facts["product"]
                changes.product_options = {product: changes.facts.pop("version", None), family.cloud: None}
                return

    # Other facts

    def _entities(
        self, message: Message, known: Mapping[str, str], asked: Optional[str], meaning: IntentMeaning, changes: Changes
    ) -> None:
        unsettled = self._leaves_offer_open(message, asked)
        if unsettled and asked == "offer":
            if self.steering.doubts(message):
                changes.facts["offer"] = UNSURE
            else:
                changes.unsure_about = "offer"
        for entity in message.entities:
            name, value = entity["entity"], entity["value"]
            if name == "offer" and unsettled:
                continue
            if name == "offer" and value == "none" and asked not in (None, "offer"):
                continue  # "none of these" answers the question that is open
            if name in PLAIN_ENTITIES:
                if name == "offer" and name in changes.facts and message.intent != "correct":
                    continue  # the first one counts; a signature may name another
                if name != "error" or asked == "error" or known.get("goal") in (None, "fix_error"):
                    changes.facts[name] = value
            elif name == "role" and (
                self.steering.doubtful(message)
                or (meaning.question and meaning.goal != "fix_error")
                or self.steering.asks(message)
            ):
                continue  # "no idea what an admin agent is", "who is our global admin?"
            elif name == "role" and entity.get("role") == DENIED:
                # Who is no Global admin may still be an MPN Partner Admin, so it only answers what is in question.
                for fact in self.roles.get(value, {}):
                    if fact == asked or fact in known or self._is_only_proof(value, fact):
                        changes.facts[fact] = "no"
            elif name == "role":
                changes.facts.update(self.roles.get(value, {}))
                if asked in ("activation_role", "admin_agent") and asked not in self.roles.get(value, {}):
                    # A Global admin may be an Admin agent as well; who names no role that activates has none.
                    changes.facts.setdefault(asked, UNSURE if self.roles.get(value) else "no")
            elif name in self.programme.facts and name not in ("product", "version", "deployment"):
                values = self.programme.values(name, known)
                if value in values:
                    is_guess = name == asked and UNSURE in values and self.steering.guesses(message)
                    changes.facts[name] = UNSURE if is_guess else value
        if known.get("goal") != "fix_error" and meaning.goal != "fix_error" and asked != "error":
            if meaning.goal is not None:
                changes.facts.pop("error", None)

    def _leaves_offer_open(self, message: Message, asked: Optional[str]) -> bool:
        """Say whether a message names offers without saying which it is ("silver or gold"), or only guesses one."""
        named = [entity for entity in message.entities if entity["entity"] == "offer"]
        doubted = asked == "offer" and self.steering.doubts(message) and not self.steering.names_another(message, "offer")
        if len({entity["value"] for entity in named}) > 1:
            between = message.text[named[0].get("end", 0) : named[-1].get("start", 0)]
            return doubted or (len(between.split()) <= WORDS_BETWEEN and self.steering.parts(between))
        return bool(named) and doubted

    def _plain_answer(self, message: Message, known: Mapping[str, str], asked: str, changes: Changes) -> None:
        """Read yes, no and "I don't know" as answers to the open question."""
        values = self.programme.values(asked, known)
        # "linked after all" says yes, but not to another question
        told = any(fact != asked and "yes" in self.programme.values(fact, known) for fact in _given(changes))
        says = self.steering.says(message) if told else self.steering.polarity(message)
        if told and len(message.text.split()) <= ONE_STATEMENT_WORDS:
            says = None  # "yes csp" is one statement, about that other fact
        elsewhere = self.steering.is_about_another(message, asked)
        if says == "yes" and "yes" in values:
            changes.facts[asked] = "yes"
        elif says == "no" and "no" in values:
            changes.facts[asked] = "no"
        elif says == "no" and "none" in values and message.intent == "deny" and self._is_plain_no(message) and not elsewhere:
            changes.facts[asked] = "none"
        elif not self.steering.doubtful(message) or elsewhere or self.steering.is_lost(message):
            return
        elif UNSURE in values and not self.steering.asks(message):
            changes.facts[asked] = UNSURE
        else:
            changes.unsure_about = asked

    def _is_plain_no(self, message: Message) -> bool:
        return message.short() and not self.steering.denies_what_was_said(message)

    def _opening(self, message: Message, known: Mapping[str, str], meaning: IntentMeaning, changes: Changes) -> None:
        """Set the goal when no question is open."""
        given = _given(changes)
        if message.intent == UNCLEAR and message.decision == CONFIRM:
            return  # what it means is asked first; the facts stay
        if meaning.goal is not None:
            changes.facts["goal"] = meaning.goal
            changes.facts.update(meaning.implies)
        elif "goal" not in known or changes.facts.get("goal", known.get("goal")) is None:
            if "error" in given:
                changes.facts["goal"] = "fix_error"
            elif "product" in given or changes.product_options or (given and not meaning.question):
                changes.facts["goal"] = "open_request"


def _given(changes: Changes) -> Dict[str, str]:
    return {fact: value for fact, value in changes.facts.items() if value is not None}


def apply(facts: Mapping[str, str], changes: Mapping[str, Optional[str]]) -> Dict[str, str]:
    """Return `facts` with `changes` made; None forgets a fact."""
    merged: Dict[str, Optional[str]] = {**facts, **changes}
    return {fact: value for fact, value in merged.items() if value is not None}


def usable(programme: Programme, stored: Mapping[str, Any]) -> Dict[str, str]:
    """Return the stored facts that the programme still knows: a conversation may be older than the knowledge."""
    facts = {fact: value for fact, value in stored.items() if fact != "version" and value in programme.values(fact, {})}
    version = stored.get("version")
    if version in programme.values("version", facts):
        facts["version"] = version
    return facts

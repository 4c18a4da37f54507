"""One language's voice: names, questions, and what is said about them. Holds no words itself."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, Container, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple

from bot.engine import Family, Line
from bot.knowledge import Knowledge
from bot.wording import Wording

MOST_VERSION_BUTTONS = 6
NOTED = ("product", "version", "offer", "beneficiary")
Button = Tuple[str, str]  # title, payload
# Citations that are no numbered facts: L: and C: name product data, CH: an entry of changes.yml.
PRODUCT_DATA = {"L": "utter_source_lifecycle", "C": "utter_source_cloud"}
CHANGES = "successor"


@dataclass
class Message:
    """One message to a person, in simple Markdown. `kind` says what it is, for channels that show it their own way.

    `progress` is (step, of how many) in a walk-through; `asks_feedback` that the conversation may be over.
    """

    text: str
    kind: str
    buttons: List[Button] = field(default_factory=list)
    cites: Tuple[str, ...] = ()
    progress: Optional[Tuple[int, int]] = None
    asks_feedback: bool = False


@dataclass(frozen=True)
class Source:
    """What an answer rests on: a document, its address where it has one, and what it says in the reader's language."""

    title: str
    url: Optional[str]
    says: str


def inform(**facts: str) -> str:
    """Return the payload of a button that gives facts."""
    return "/inform" + json.dumps(facts)


class Speaker:
    """Composes messages in one language."""

    def __init__(self, knowledge: Knowledge, wording: Wording, language: str) -> None:
        self.knowledge = knowledge
        self.wording = wording
        self.language = language

    def say(self, key: str, **values: Any) -> str:
        """Return the text of a response. A value that is empty leaves no double space."""
        return re.sub(r"(?<=\S)  +(?=\S)", " ", self.wording.text(key, self.language, **values))

    def cites(self, *keys: str) -> Tuple[str, ...]:
        """Return what the responses cite."""
        return tuple(dict.fromkeys(cite for key in keys for cite in self.wording.responses[key].cites))

    def message(self, kind: str, key: str, buttons: Sequence[Button] = (), **values: Any) -> Message:
        """Return a message that is one response."""
        return Message(self.say(key, **values), kind, list(buttons), self.cites(key))

    def source(self, cite: str) -> Source:
        """Return what a citation stands for: a numbered fact, a change, or product data."""
        kind, _, key = cite.rpartition(":")
        if kind in PRODUCT_DATA:
            product = self.product(key.replace("-", "_"))
            return Source(product, None, self.say(PRODUCT_DATA[kind], product=product))
        sources = self.knowledge.sources
        fact = sources.facts.get(cite)
        document = sources.documents[fact.document if fact else CHANGES]
        title = document.title_nl if self.language == "nl" and document.title_nl else document.title
        if fact is None:
            return Source(title, document.url, self.say("utter_source_changes"))
        return Source(title, document.url, fact.says_nl if self.language == "nl" else fact.says)

    # Names

    def product(self, product: Optional[str]) -> str:
        """Return a product's name without its explanations in brackets."""
        return re.sub(r"\s*\([^)]*\)", "", self.knowledge.catalogue.name(product)) if product else ""

    def version(self, line: Line, version: Optional[str]) -> str:
        """Return a version's label without what the product's name says already."""
        if version is None or version not in line.versions:
            return version or ""
        label = line.versions[version].label
        return re.sub(r"\s*\([^)]*\)", "", label) if not label.startswith("(") else label

    def value(self, fact: str, value: str, facts: Mapping[str, str] = {}) -> str:
        """Return how a value is shown to a person."""
        if fact == "product":
            return self.product(value)
        if fact == "version" and value != "unsure":
            line = self._line(facts)
            return self.version(line, value) if line else value
        if fact == "competency" and value in self.knowledge.competencies:
            return self.knowledge.competencies[value].name
        key = f"utter_value_{fact}_{value}"
        return self.say(key) if key in self.wording else value

    def _line(self, facts: Mapping[str, str]) -> Optional[Line]:
        if "product" not in facts:
            return None
        kind = self.knowledge.catalogue.resolve(facts["product"], facts.get("deployment"))
        if isinstance(kind, Family):
            kind = self.knowledge.catalogue.lines[kind.on_premises]
        return kind if isinstance(kind, Line) else None

    # Questions

    def buttons(self, fact: str, facts: Mapping[str, str], options: Iterable[str] = ()) -> List[Button]:
        """Return the buttons of a question: its values, or the products it chooses between."""
        programme = self.knowledge.programme
        if fact == "deployment":
            return [
                (self.product(product), self._choice(product, facts["product"]))
                for product in programme.catalogue.families[facts["product"]].members()
            ]
        values: List[str] = list(options) or list(programme.facts[fact].buttons) or list(programme.values(fact, facts))
        if fact == "version":
            unsure = values.pop()
            values = [*values[:MOST_VERSION_BUTTONS], unsure]
        return [(self.value(fact, value, facts), inform(**{fact: value})) for value in values]

    def _choice(self, product: str, family: str) -> str:
        """Return the payload that settles a family: its own line needs the deployment said, as both bear one id."""
        if product == family:
            return inform(product=product, deployment="on_premises")
        return inform(product=product)

    def question(
        self, fact: str, facts: Mapping[str, str], lead: Sequence[str] = (), options: Iterable[str] = ()
    ) -> Message:
        """Return the question about `fact`, after the lines of `lead`."""
        options = list(options)
        if fact == "product" and options:
            names = self._listed([self.product(option) for option in options])
            checks = facts.get("goal") == "check_eligibility"
            key, values = "utter_ask_product_first" if checks else "utter_ask_product_which", {"options": names}
        elif fact == "goal" or (fact == "product" and facts.get("goal") == "open_request" and not lead and len(facts) == 1):
            fact, key, values = "product", "utter_ask_first", {}
        else:
            key, values = f"utter_ask_{fact}", self.context(facts)
        text = "\n\n".join([*lead, self.say(key, **values)])
        return Message(text, "question", self.buttons(fact, facts, options), self.cites(key))

    def _listed(self, names: List[str]) -> str:
        if len(names) < 2:
            return "".join(names)
        return self.say("utter_list_and", first=", ".join(names[:-1]), last=names[-1])

    def context(self, facts: Mapping[str, str]) -> Dict[str, str]:
        """Return the values that a question's words may name."""
        return {"product": self.product(facts.get("product"))}

    def why(self, fact: str, facts: Mapping[str, str]) -> Message:
        """Return why `fact` is asked."""
        return self.message("reason", f"utter_why_{fact}", **self.context(facts))

    def help(self, fact: str, facts: Mapping[str, str]) -> str:
        """Return where the answer to `fact` is to be found."""
        return self.say(f"utter_help_{fact}", **self.context(facts))

    def noted(self, facts: Mapping[str, str], told: Optional[Container[str]] = None) -> Optional[str]:
        """Return an acknowledgement of the facts a person gave, of those in `told` only when that is given; None when there
        is nothing to show."""
        shown = [fact for fact in NOTED if facts.get(fact) not in (None, "unsure") and (told is None or fact in told)]
        known = {fact: self._noted_value(fact, facts) for fact in shown}
        product = " ".join(known.pop(fact) for fact in ("product", "version") if fact in known)
        values = [name for name in (product, *known.values()) if name]
        return self.say("utter_noted", changes=", ".join(values)) if values else None

    def _noted_value(self, fact: str, facts: Mapping[str, str]) -> str:
        phrase = f"utter_noted_{fact}_{facts[fact]}"
        return self.say(phrase) if phrase in self.wording else self.value(fact, facts[fact], facts)

    def platform(self, product: str, other: str) -> str:
        """Return the remark that `product` is taken to be broken and `other` only what it runs on."""
        return self.say("utter_two_products", product=self.product(product), other=self.product(other))

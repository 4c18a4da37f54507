"""A parsed message as the engine takes it, and what a message changes."""

from dataclasses import dataclass, field
from typing import Any, Dict, Mapping, Optional, Sequence

ACCEPT, CONFIRM = "accept", "confirm"
UNCLEAR = "nlu_fallback"  # the intent of a message that was refused, or has to be confirmed
PLATFORM, DENIED = "platform", "denied"
SHORT_ANSWER_WORDS = 5
ENOUGH_MISSES = 2  # messages in a row that were not understood; then a person is offered


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
    ranking: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, parsed: Mapping[str, Any]) -> "Message":
        """Return the message in a parse result: a dict with text, intent, decision and entities."""
        return cls(
            text=parsed.get("text") or "",
            intent=(parsed.get("intent") or {}).get("name"),
            decision=parsed.get("decision") or ACCEPT,
            entities=parsed.get("entities") or (),
            ranking=parsed.get("intent_ranking") or (),
        )

    def short(self) -> bool:
        """Whether it is as short as an answer."""
        return len(self.text.split()) <= SHORT_ANSWER_WORDS


@dataclass
class Changes:
    """What a message changes.

    `facts` maps a fact to its new value, None to forget it. `product_options` are products of which one is
    meant, each with the version that was named for it; `unknown_version` is a version that the product does
    not have; `platform` is what the product runs on; `hybrid` says that it runs on both sides; `one_by_one` that
    all of the options are meant, so the first is taken; `unsure_about` is a fact the person does not know though
    an answer is needed.
    """

    facts: Dict[str, Optional[str]] = field(default_factory=dict)
    product_options: Dict[str, Optional[str]] = field(default_factory=dict)
    unknown_version: Optional[str] = None
    platform: Optional[str] = None
    hybrid: bool = False
    one_by_one: bool = False
    unsure_about: Optional[str] = None

    def __bool__(self) -> bool:
        return bool(self.facts or self.product_options or self.unknown_version or self.unsure_about or self.hybrid)

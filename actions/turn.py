"""What every action needs of a turn: the facts, the state of the dialogue, the language, and a voice."""

from typing import Any, Dict, List, Optional, Text

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.answer import Answerer, answerer
from bot.clock import today
from bot.engine import Decision, decide
from bot.engine.message import UNCLEAR
from bot.engine.reading import usable
from bot.knowledge import shared
from bot.nlu.text import words
from bot.speaker import Message
from bot.wording import DEFAULT_LANGUAGE

TRIAGE_FORM = "triage_form"
WALK_FORM = "walkthrough_form"
REQUESTED_SLOT = "requested_slot"
ENOUGH_MISSES = 2  # then a person is offered


class Turn:
    """A view of the tracker: the facts known, what is open, and how to speak."""

    def __init__(self, tracker: Tracker) -> None:
        self.tracker = tracker
        stored = {fact: tracker.get_slot(fact) for fact in shared().programme.facts}
        self.facts: Dict[str, str] = usable(shared().programme, stored)
        self.language: str = tracker.get_slot("language") or DEFAULT_LANGUAGE
        self.pending: Dict[str, Any] = tracker.get_slot("pending") or {}
        self.options: Dict[str, Optional[str]] = tracker.get_slot("options") or {}
        self.trail: List[str] = tracker.get_slot("trail") or []
        self.intent: Optional[str] = (tracker.latest_message.get("intent") or {}).get("name")
        self.loop: Optional[str] = (tracker.active_loop or {}).get("name")
        latest = tracker.latest_message
        self.decision_on_meaning: str = latest.get("decision") or "accept"
        self.words: str = " ".join(words(latest.get("text") or ""))
        self.meant: Dict[str, str] = tracker.get_slot("meant") or {}
        # The person said before what these words mean.
        self.told: bool = self.intent == UNCLEAR and self.words in self.meant
        if self.told:
            self.intent = self.meant[self.words]
        # The message changed or confirmed a fact, or moved within the walk-through.
        self.heard: bool = tracker.get_slot("heard") is not None and tracker.get_slot("heard") == message_key(tracker)
        self.decided: bool = bool(tracker.get_slot("decided"))

    @property
    def asked(self) -> Optional[str]:
        """The fact that is asked, None when no question is open."""
        return self.tracker.get_slot(REQUESTED_SLOT) if self.loop == TRIAGE_FORM else None

    @property
    def speaker(self) -> Answerer:
        """The voice of this conversation."""
        return answerer(self.language)

    @property
    def unfit(self) -> str:
        """The response to what is no answer to what is open."""
        keys = {TRIAGE_FORM: "utter_rephrase_in_question", WALK_FORM: "utter_rephrase_in_walk"}
        return keys.get(self.loop or "", "utter_nothing_open")

    def decision(self) -> Decision:
        """Return what the facts lead to on the day."""
        return decide(shared().programme, self.facts, today())


def utter(dispatcher: CollectingDispatcher, turn: Turn, *messages: Message) -> None:
    """Send messages; what else a channel may show of them travels along."""
    for message in messages:
        dispatcher.utter_message(
            text=message.text,
            buttons=[{"title": title, "payload": payload} for title, payload in message.buttons] or None,
            kind=message.kind,
            cites=list(message.cites),
            progress=list(message.progress) if message.progress else None,
            asks_feedback=message.asks_feedback,
            language=turn.language,
        )


def set_slots(**values: Any) -> List[EventType]:
    """Return events that set slots."""
    return [SlotSet(name, value) for name, value in values.items()]


def message_key(tracker: Tracker) -> Text:
    """Return what tells the latest message of the person from every other one."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return str(event.get("message_id") or event.get("timestamp"))
    return ""

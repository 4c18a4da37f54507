"""What every action needs of a turn: the facts, the state of the dialogue, the language, and a voice."""

from typing import Any, Dict, List, Optional, Text

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.answer import Answerer, answerer
from bot.clock import today
from bot.engine import Decision, decide
from bot.engine.message import UNCLEAR, Message as ParsedMessage
from bot.engine.predicates import UNSURE
from bot.engine.reading import usable
from bot.knowledge import shared
from bot.nlu.text import words
from bot.speaker import Message
from bot.wording import DEFAULT_LANGUAGE

TRIAGE_FORM = "triage_form"
WALK_FORM = "walkthrough_form"
REQUESTED_SLOT = "requested_slot"


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
        # A yes to "Do you mean ...?" stands for what was asked; `pending` is this message's only once it was read.
        is_read = tracker.get_slot("read_message") == message_key(tracker)
        self.confirmed: Optional[str] = self.pending.get("confirmed") if is_read else None
        if self.confirmed:
            self.intent = self.confirmed
        self.is_button: bool = (latest.get("text") or "").startswith("/")  # typed text never begins so
        # The message changed or confirmed a fact, or moved within the walk-through.
        self.heard: bool = tracker.get_slot("heard") is not None and tracker.get_slot("heard") == message_key(tracker)
        self.decided: bool = bool(tracker.get_slot("decided"))

    @property
    def asked(self) -> Optional[str]:
        """The fact that is asked, None when no question is open."""
        return self.tracker.get_slot(REQUESTED_SLOT) if self.loop == TRIAGE_FORM else None

    @property
    def step(self) -> Optional[str]:
        """The step that the pressed button belongs to, None when it belongs to none."""
        entities = self.tracker.latest_message.get("entities") or []
        return next((entity["value"] for entity in entities if entity["entity"] == "step"), None)

    @property
    def is_lost(self) -> bool:
        """Whether the person says that the open question is not understood."""
        return self.asked is not None and shared().steering.is_lost(ParsedMessage.of(self.tracker.latest_message))

    @property
    def remark(self) -> Optional[str]:
        """What is said about a message that changes nothing here: a button of before, a no to a meaning."""
        other = self.pending.get("other_product")
        if other:
            return self.speaker.say("utter_earlier_choice", product=self.speaker.product(other))
        keys = {"earlier": "utter_earlier_step", "not_meant": "utter_rephrase_plain"}
        return next((self.speaker.say(key) for name, key in keys.items() if self.pending.get(name)), None)

    @property
    def speaker(self) -> Answerer:
        """The voice of this conversation."""
        return answerer(self.language)

    @property
    def unfit(self) -> str:
        """The response to what is no answer to what is open."""
        may_not_know = self.asked is not None and UNSURE in shared().programme.values(self.asked, self.facts)
        in_question = "utter_rephrase_in_question" if may_not_know else "utter_rephrase_in_choice"
        keys = {TRIAGE_FORM: in_question, WALK_FORM: "utter_rephrase_in_walk"}
        return keys.get(self.loop or "", "utter_nothing_open")

    def decision(self) -> Decision:
        """Return what the facts lead to on the day."""
        return decide(shared().programme, self.facts, today())


def going_on(turn: Turn, remark: str) -> Message:
    """Return a remark with what may come next after the answer."""
    following = turn.speaker.next_steps(turn.decision(), turn.facts)
    following.text = f"{remark}\n\n{following.text}"
    return following


def side_answer(turn: Turn) -> List[Message]:
    """Return the answer to what was asked besides: the topic of its intent, or its response; nothing where it has neither."""
    entry = shared().intents.get(turn.intent or "")
    key = f"utter_topic_{entry.topic}" if entry and entry.topic else entry.response if entry else None
    return [turn.speaker.message("answer", key)] if key else []


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

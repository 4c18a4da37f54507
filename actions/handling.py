"""Handling the conversation itself: going back, starting over, not understanding, handing over."""

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.reading import LONGEST_PROBLEM
from actions.turn import TRIAGE_FORM, Turn, going_on, set_slots, side_answer, utter
from bot.engine.message import CONFIRM, ENOUGH_MISSES
from bot.knowledge import shared
from bot.speaker import Button

MOST_READINGS = 3


class ActionGoBack(Action):
    """Takes back the last answer, so that its question is asked again."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_go_back"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Forget the last answered question's fact."""
        turn = Turn(tracker)
        if turn.remark:
            return []  # what comes next says it
        answered = [fact for fact in turn.trail if fact != turn.asked and fact in turn.facts]
        if not answered:
            utter(dispatcher, turn, turn.speaker.message("note", "utter_nothing_to_go_back"))
            return []
        last = answered[-1]
        events = set_slots(**{last: None}, trail=[fact for fact in turn.trail if fact not in (last, turn.asked)])
        if last == "product":
            events += set_slots(deployment=None, version=None)
        return [*events, SlotSet("decided", False)]


class ActionStartOver(Action):
    """Forgets everything but the language and what was said once."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_start_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Start over."""
        turn = Turn(tracker)
        started = turn.speaker.say("utter_started_over")
        question = turn.speaker.question("product", {"goal": "open_request"})
        question.text = f"{started}\n\n{question.text}"
        utter(dispatcher, turn, question)
        kept = {name: tracker.get_slot(name) for name in ("language", "language_chosen", "note_given", "read_message")}
        return [AllSlotsReset(), *set_slots(**kept)]


class ActionRephrase(Action):
    """Not understood: the first time offers the likeliest readings, the second time a person."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_rephrase"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Ask to say it in other words, or offer a way out."""
        turn = Turn(tracker)
        speaker = turn.speaker
        if turn.pending.get("reopened"):
            return [FollowupAction(TRIAGE_FORM)]
        if turn.told:
            return self._as_told(dispatcher, turn)
        if turn.is_lost:
            why = speaker.why(turn.asked, turn.facts)
            why.text = f"{why.text}\n\n{speaker.help(turn.asked, turn.facts)}"
            utter(dispatcher, turn, why)
            return [*set_slots(misses=0, doubts=0), FollowupAction(TRIAGE_FORM)]
        if turn.decision_on_meaning == CONFIRM and readings(turn):
            return confirm(dispatcher, turn)
        empty = not (tracker.latest_message.get("text") or "").strip()
        misses = int(tracker.get_slot("misses") or 0) + (0 if empty else 1)
        person = (speaker.say("utter_button_person"), "/request_human")
        over = (speaker.say("utter_button_start_over"), "/start_over")
        if empty:
            utter(dispatcher, turn, speaker.message("note", "utter_text_empty"))
        elif misses - int(tracker.get_slot("doubts") or 0) >= ENOUGH_MISSES:
            utter(dispatcher, turn, speaker.message("note", "utter_not_understood_twice", [person, over]))
        elif turn.loop:
            utter(dispatcher, turn, speaker.message("note", turn.unfit))
        else:
            likely = [reading for reading in readings(turn) if reading[1] != person[1]]
            key = "utter_rephrase" if likely else "utter_rephrase_plain"
            utter(dispatcher, turn, speaker.message("note", key, [*likely, person] if likely else ()))
        events: List[EventType] = set_slots(misses=misses)
        # The fallback policy knows no rule that returns to the form, so say it here.
        return [*events, FollowupAction(turn.loop)] if turn.loop else events

    @staticmethod
    def _can_be_told(intent: str) -> bool:
        """Say whether words can stand for this intent later on: a task, not a step of the conversation."""
        entry = shared().intents.get(intent)
        return entry is not None and bool(entry.goal or entry.topic)

    @staticmethod
    def _as_told(dispatcher: CollectingDispatcher, turn: Turn) -> List[EventType]:
        """Go on with a meaning that the person gave these words before."""
        entry = shared().intents[turn.intent]
        if entry.goal:
            return [FollowupAction(TRIAGE_FORM)]
        utter(dispatcher, turn, turn.speaker.message("answer", f"utter_topic_{entry.topic}"))
        return [FollowupAction(turn.loop)] if turn.loop else []


def readings(turn: Turn) -> List[Button]:
    """Return the likeliest readings of a message as buttons, when it has words that are known at all."""
    latest = turn.tracker.latest_message
    ranking = [entry["name"] for entry in latest.get("intent_ranking") or [] if entry["confidence"] > 1 / 20]
    titled = [name for name in ranking if f"utter_reading_{name}" in turn.speaker.wording]
    return [(turn.speaker.say(f"utter_reading_{name}"), f"/{name}") for name in titled[:MOST_READINGS]]


def confirm(dispatcher: CollectingDispatcher, turn: Turn) -> List[EventType]:
    """Ask whether the likeliest reading is meant, with the others beside it."""
    speaker = turn.speaker
    likely = readings(turn)
    buttons = [*likely, (speaker.say("utter_button_person"), "/request_human")]
    utter(dispatcher, turn, speaker.message("confirm", "utter_confirm", buttons, reading=likely[0][0]))
    names = [payload[1:] for _, payload in likely]
    unclear = {
        "text": (turn.tracker.latest_message.get("text") or "")[:LONGEST_PROBLEM],
        "words": turn.words,
        "asked": names[0],
        "readings": [name for name in names if ActionRephrase._can_be_told(name)],
    }
    events: List[EventType] = set_slots(unclear=unclear)
    return [*events, FollowupAction(turn.loop)] if turn.loop else events


class ActionHandOver(Action):
    """Says how to reach a person, with the case to paste."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_hand_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Hand over."""
        turn = Turn(tracker)
        decision = turn.decision() if turn.facts.get("goal") else None
        summary = turn.speaker.summary(decision, turn.facts, tracker.get_slot("problem"))
        message = turn.speaker.message("handover", "utter_hand_over")
        message.text = f"{message.text}\n\n{summary}".strip()
        utter(dispatcher, turn, message)
        return []


async def as_confirmed(dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
    """Go on with the meaning that a yes confirmed."""
    turn = Turn(tracker)
    own = {"request_human": ActionHandOver, "start_over": ActionStartOver}.get(turn.intent or "")
    if own is not None:
        return await own().run(dispatcher, tracker, domain)
    entry = shared().intents.get(turn.intent or "")
    if entry is not None and entry.goal:
        return [FollowupAction(TRIAGE_FORM)]
    utter(dispatcher, turn, *side_answer(turn))
    return []


class ActionWalkDone(Action):
    """Closes the walk-through: finished, or left early."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_walk_done"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Say so, and what may come next."""
        turn = Turn(tracker)
        finished = bool(tracker.get_slot("walk_done"))
        closed = set_slots(walk_step=None, walk_stuck=False, walk_done=None)
        if turn.remark:
            utter(dispatcher, turn, going_on(turn, turn.remark))
            return closed
        if turn.confirmed:
            return [*closed, *await as_confirmed(dispatcher, tracker, domain)]
        if turn.pending.get("leaves_walk"):  # a correction, or a new problem
            return [*closed, FollowupAction(TRIAGE_FORM)]
        closing = turn.speaker.next_steps(None if finished else turn.decision(), turn.facts)
        if turn.speaker.walk(turn.decision(), turn.facts):
            closing.text = turn.speaker.say("utter_walk_done" if finished else "utter_walk_stopped") + "\n\n" + closing.text
        utter(dispatcher, turn, closing)
        return closed

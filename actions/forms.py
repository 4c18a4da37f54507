"""The forms: the engine says which slot is asked next, the wording how."""

from typing import Any, Dict, List, Text, Type

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import REQUESTED_SLOT, TRIAGE_FORM, WALK_FORM, Turn, set_slots, side_answer, utter
from bot.engine.message import ENOUGH_MISSES
from bot.engine.predicates import UNSURE
from bot.knowledge import shared

WALK_DONE = "walk_done"


class ValidateTriageForm(Action):
    """Decides which slot the triage form asks next: the fact that the engine misses, or none."""

    def name(self) -> Text:
        """Return the name that Rasa looks for."""
        return f"validate_{TRIAGE_FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Set the requested slot."""
        turn = Turn(tracker)
        if turn.options:
            return set_slots(**{REQUESTED_SLOT: "product"})
        if turn.pending.get("unknown_version"):
            return set_slots(**{REQUESTED_SLOT: "version"})
        return set_slots(**{REQUESTED_SLOT: turn.decision().next_question})


class AskFact:
    """Asks for one fact, with buttons. Each fact gets an action of this kind, as Rasa finds it by the slot's name."""

    fact: str

    def name(self) -> Text:
        """Return the name that Rasa looks for."""
        return f"action_ask_{TRIAGE_FORM}_{self.fact}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Ask, after what has to be said about the answer before."""
        turn = Turn(tracker)
        question = turn.speaker.question(self.fact, turn.facts, self._lead(turn), turn.options)
        if self._is_stuck(turn):
            question.buttons.append((turn.speaker.say("utter_button_person"), "/request_human"))
        utter(dispatcher, turn, question)
        trail = [*[fact for fact in turn.trail if fact != self.fact], self.fact]
        return set_slots(trail=trail, decided=False)

    def _is_stuck(self, turn: Turn) -> bool:
        """Say whether the person said more than once not to know the answer."""
        return turn.pending.get("unsure_about") == self.fact and int(turn.tracker.get_slot("doubts") or 0) >= ENOUGH_MISSES

    def _lead(self, turn: Turn) -> List[str]:
        """Return the lines before the question: what was understood, changed, or could not be used."""
        speaker, pending = turn.speaker, turn.pending
        lead: List[str] = [turn.remark] if turn.remark else []
        if pending.get("corrected"):
            lead.append(speaker.say("utter_corrected"))
        if pending.get("corrected") or not turn.trail:
            lead += [line for line in [speaker.noted(turn.facts)] if line]
        elif pending.get("added") or pending.get("known"):
            told = set(pending.get("added") or turn.facts)
            lead += [line for line in [speaker.noted(turn.facts, told)] if line]
        if pending.get("one_by_one"):
            lead.append(speaker.say("utter_one_by_one", **speaker.context(turn.facts)))
        if pending.get("platform") and turn.facts.get("product"):
            lead.append(speaker.platform(turn.facts["product"], pending["platform"]))
        if pending.get("hybrid") and self.fact in ("product", "deployment"):
            lead.append(speaker.say("utter_hybrid"))
        if pending.get("unknown_version"):
            versions = ", ".join(title for title, _ in speaker.buttons("version", turn.facts)[:-1])
            lead.append(speaker.say("utter_version_unknown", versions=versions, **speaker.context(turn.facts)))
        if pending.get("unsure_about") == self.fact:
            known = speaker.say("utter_still_unsure" if self._is_stuck(turn) else self._doubt(turn))
            lead += [known, speaker.help(self.fact, turn.facts)]
        return lead

    def _doubt(self, turn: Turn) -> str:
        """Return the response to an answer that leaves the question open."""
        if UNSURE in shared().programme.values(self.fact, turn.facts):
            return "utter_one_or_the_other"  # it may be unknown, so more than one was named
        return "utter_product_unknown" if self.fact == "product" else "utter_unsure_not_possible"


def _ask(fact: str) -> Type[Action]:
    return type(f"Ask{fact.title().replace('_', '')}", (AskFact, Action), {"fact": fact, "__doc__": f"Asks for {fact}."})


ASKS = [_ask(fact) for fact in shared().programme.facts if fact not in ("request_kind", "association", "competency")]


class ValidateWalkthroughForm(Action):
    """Ends the walk-through after its last step."""

    def name(self) -> Text:
        """Return the name that Rasa looks for."""
        return f"validate_{WALK_FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Ask for the end, or reach it."""
        turn = Turn(tracker)
        if turn.pending.get("leaves_walk"):
            return set_slots(**{REQUESTED_SLOT: None})
        steps = turn.speaker.walk(turn.decision(), turn.facts)
        if (tracker.get_slot("walk_step") or 0) >= len(steps):
            return set_slots(**{WALK_DONE: True, REQUESTED_SLOT: None})
        return set_slots(**{REQUESTED_SLOT: WALK_DONE})


class AskWalkDone(Action):
    """Shows the step at hand, or the problems known at it."""

    def name(self) -> Text:
        """Return the name that Rasa looks for."""
        return f"action_ask_{WALK_FORM}_{WALK_DONE}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Show it."""
        turn = Turn(tracker)
        index = tracker.get_slot("walk_step") or 0
        show = turn.speaker.stuck_message if tracker.get_slot("walk_stuck") else turn.speaker.walk_message
        message = show(turn.decision(), turn.facts, index)
        if turn.confirmed:
            utter(dispatcher, turn, *side_answer(turn))
        elif turn.remark:
            message.text = f"{turn.remark}\n\n{message.text}"
        utter(dispatcher, turn, message)
        return set_slots(walk_stuck=False)

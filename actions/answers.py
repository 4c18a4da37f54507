"""Final answers, side answers, and why."""

from typing import Any, Dict, List, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.handling import as_confirmed, confirm, readings
from actions.turn import TRIAGE_FORM, WALK_FORM, Turn, going_on, set_slots, today, utter
from bot.engine import Decision, decide
from bot.engine.message import CONFIRM
from bot.engine.message import Message as ParsedMessage
from bot.engine.reading import apply
from bot.knowledge import shared
from bot.shared_reader import reader

# Intents that only tell facts: when nothing changes, there is no reason to answer again.
TELLING = ("inform", "correct")
# Facts that an answer names: a change in them is worth the whole answer again.
WHAT_IT_IS_ABOUT = {"goal", "request_kind", "error", "product", "deployment", "version"}


class ActionGiveDecision(Action):
    """Says what the facts lead to."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_give_decision"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Say it, and remember that it was said."""
        turn = Turn(tracker)
        decision = turn.decision()
        if decision.route is None:
            utter(dispatcher, turn, turn.speaker.message("question", "utter_ask_first"))
            return []
        if turn.remark and turn.decided:
            utter(dispatcher, turn, going_on(turn, turn.remark))
            return []
        if turn.pending.get("corrected"):
            utter(dispatcher, turn, turn.speaker.message("note", "utter_corrected"))
        elif turn.intent == "correct" and turn.decided and not turn.heard:
            utter(dispatcher, turn, turn.speaker.message("question", "utter_ask_correction"))
            return []
        elif self._is_the_same(turn, decision):
            if not turn.heard and turn.decision_on_meaning == CONFIRM and readings(turn):
                return confirm(dispatcher, turn)  # it told nothing that counts; perhaps it asked
            utter(dispatcher, turn, going_on(turn, turn.speaker.say("utter_no_difference")))
            return []
        messages = turn.speaker.decision(decision, turn.facts, bool(tracker.get_slot("note_given")))
        if turn.pending.get("platform") and decision.product:
            messages[0].text += "\n\n" + turn.speaker.platform(decision.product, turn.pending["platform"])
        also = turn.speaker.also_asked(tracker.get_slot("also_asked"))
        if also:
            messages.insert(-1, also)
        utter(dispatcher, turn, *messages)
        return set_slots(decided=True, note_given=True, outcome=decision.document(), also_asked=None)

    @staticmethod
    def _is_the_same(turn: Turn, decision: Decision) -> bool:
        """Say whether what was told after the answer, be it a fact more or nothing new, leaves it as it was."""
        changed = set(turn.pending.get("changed") or ())
        told = bool(changed) or turn.intent in TELLING
        was = turn.tracker.get_slot("outcome")
        return turn.decided and told and not changed & WHAT_IT_IS_ABOUT and was == decision.document()


class ActionAnswer(Action):
    """Answers what a message asks or says by its intent: a topic of the programme, or a conversational reply."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Answer."""
        turn = Turn(tracker)
        entry = shared().intents.get(turn.intent or "")
        if turn.pending.get("reopened"):
            return [FollowupAction(TRIAGE_FORM)]  # the triage answers it for the product that was named
        if turn.remark:
            message = turn.speaker.message("note", turn.unfit)
            message.text = f"{turn.remark}\n\n{message.text}"
            utter(dispatcher, turn, going_on(turn, turn.remark) if turn.decided else message)
            return []
        if turn.confirmed:
            return await as_confirmed(dispatcher, tracker, domain)
        if turn.intent == "ask_eligibility" and self._eligibility(dispatcher, turn):
            return []
        if turn.loop is None and turn.decided and turn.intent in ("deny", "unsure"):
            following = turn.speaker.next_steps(turn.decision(), turn.facts)
            if turn.intent == "deny" and not shared().steering.thanks_for(tracker.latest_message.get("text") or ""):
                following.text = turn.speaker.say("utter_after_no")
            utter(dispatcher, turn, following)
        elif entry is not None and entry.topic:
            also = turn.speaker.also_asked(tracker.latest_message.get("second"))
            utter(dispatcher, turn, turn.speaker.message("answer", f"utter_topic_{entry.topic}"), *([also] if also else []))
        elif entry is not None and entry.response:
            buttons = []
            if turn.intent == "give_feedback":
                buttons = [
                    (turn.speaker.say("utter_button_start_over"), "/start_over"),
                    (turn.speaker.say("utter_button_person"), "/request_human"),
                ]
            utter(dispatcher, turn, turn.speaker.message("answer", entry.response, buttons))
        else:
            utter(dispatcher, turn, turn.speaker.message("answer", turn.unfit))
        return []

    @staticmethod
    def _eligibility(dispatcher: CollectingDispatcher, turn: Turn) -> bool:
        """Answer for the product and version that the question itself names, without touching the facts."""
        latest = turn.tracker.latest_message
        message = ParsedMessage(latest.get("text") or "", "inform", "accept", latest.get("entities") or ())
        at_hand = {fact: turn.facts[fact] for fact in ("product", "deployment") if fact in turn.facts}
        asked_for = reader().read(message, at_hand)
        if not {"product", "version"} & set(asked_for.facts):
            return False
        facts = {**apply(at_hand, asked_for.facts), "goal": "check_eligibility"}
        if "product" not in facts or asked_for.product_options:
            return False
        decision = decide(shared().programme, facts, today())
        if decision.route is None:
            return False
        utter(dispatcher, turn, turn.speaker.decision(decision, facts, note_given=True)[0])
        return True


class ActionExplainWhy(Action):
    """Says why the open question is asked, or why the answer is what it is."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_explain_why"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Explain."""
        turn = Turn(tracker)
        if turn.loop == TRIAGE_FORM and turn.asked:
            utter(dispatcher, turn, turn.speaker.why(turn.asked, turn.facts))
        elif turn.decided or turn.loop == WALK_FORM:
            utter(dispatcher, turn, turn.speaker.reasons(turn.decision(), turn.facts))
        else:
            utter(dispatcher, turn, turn.speaker.message("answer", "utter_nothing_open"))
        return []

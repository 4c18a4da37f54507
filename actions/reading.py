"""Reading a message into slots. Rasa runs this for every message, before anything else (a custom slot mapping)."""

from dataclasses import replace
from typing import Any, Dict, List, Mapping, Optional, Text

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import TRIAGE_FORM, WALK_FORM, Turn, message_key, set_slots
from bot.answer import START
from bot.engine.message import UNCLEAR, Changes, Message
from bot.knowledge import shared
from bot.shared_reader import reader
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES

LONGEST_PROBLEM = 300
MOST_REMEMBERED = 20  # meanings of unclear messages
ON_WITH_IT = ("affirm",)
REOPENED = {"corrected": True, "reopened": True}
ANSWERED_BY_RULE = ("ask_portal", "ask_csp_plan", "ask_required_role")
# Intents that a rule takes for no statement of facts after the answer; when they give one, it counts.
STATED_ANYHOW = ("deny", "unsure", UNCLEAR)
LANGUAGE_WORDS = 3  # a shorter message does not change the language
# Buttons of walk-throughs as they were before they named their step; no question has them.
NAMELESS = ("/affirm", "/deny", "/go_back", "/goodbye")
CORRECTING = ("inform", "correct")
NEW_PROBLEM = ("request_support", "request_advice", "inform")
NOT_WORKING = ("deny", "unsure", "request_support")
# Intents that are no answer by themselves: unless they change something, the message was not understood.
NO_ANSWER = (UNCLEAR, "out_of_scope", "inform", "affirm", "deny", "unsure", None)


class ActionReadMessage(Action):
    """Sets the language, the facts a message gives, and where a walk-through stands."""

    def name(self) -> Text:
        """Return the name in the domain."""
        return "action_read_message"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Dict[Text, Any]) -> List[EventType]:
        """Read the latest message. A message is read once, however often Rasa asks (it asks again when a form starts)."""
        key = message_key(tracker)
        if tracker.get_slot("read_message") == key:
            return []
        turn = Turn(tracker)
        confirmed = _confirmed(turn)
        events = set_slots(read_message=key, pending=None, **_language(turn)) + _meaning_told(turn, confirmed)
        if confirmed:
            changes = _as_confirmed(turn, key, confirmed)
        elif _denies_meaning(turn):
            changes = _stays(turn, key, not_meant=True)
        elif _is_past(turn):
            changes = _stays(turn, key, earlier=True)
        elif _other_product(turn):
            changes = _stays(turn, key, other_product=_other_product(turn))
        elif turn.loop == WALK_FORM:
            changes = _walk(turn, key)
        elif turn.loop is None and turn.decided and _takes_back(turn):
            changes = set_slots(**{turn.trail[-1]: "yes"}, decided=False, pending=REOPENED, heard=key)
        elif turn.loop is None and turn.decided and turn.intent == "affirm":
            changes = set_slots(walk_step=0, walk_stuck=False, walk_done=None)
        else:
            changes = _facts(turn, key)
        if _is_open_doubt(changes):
            events += set_slots(**{name: int(tracker.get_slot(name) or 0) + 1 for name in ("misses", "doubts")})
        elif changes or turn.intent not in NO_ANSWER:
            events += set_slots(misses=0, doubts=0)
        return events + changes


def _is_open_doubt(changes: List[EventType]) -> bool:
    """Say whether a message only says that the person does not know what has to be known."""
    return any(event["name"] == "pending" and (event["value"] or {}).get("unsure_about") for event in changes)


def _confirmed(turn: Turn) -> Optional[str]:
    """Return the meaning that a typed yes confirms, None when none was asked. While a question is open, yes answers that."""
    unclear = turn.tracker.get_slot("unclear") or {}
    is_answer = turn.intent == "affirm" and not turn.is_button and turn.loop != TRIAGE_FORM
    return unclear.get("asked") if is_answer else None


def _denies_meaning(turn: Turn) -> bool:
    """Say whether a typed no denies the meaning that was asked."""
    asked = (turn.tracker.get_slot("unclear") or {}).get("asked")
    return bool(asked) and turn.intent == "deny" and not turn.is_button and turn.loop != TRIAGE_FORM


def _as_confirmed(turn: Turn, key: str, meaning: str) -> List[EventType]:
    """Read the message as its confirmed meaning. What neither moves the walk-through nor is a side question ends it."""
    turn.intent, turn.confirmed = meaning, meaning
    if turn.loop == WALK_FORM:
        entry = shared().intents.get(meaning)
        events = _walk(turn, key)
        leaves = not events and (entry is None or not (entry.topic or entry.response))
    else:
        events, leaves = _facts(turn, key), True  # a rule takes every yes after the answer for a walk-through
    pending = {"leaves_walk": leaves, **(_slots(events).get("pending") or {}), "confirmed": meaning}
    return [*events, *set_slots(pending=pending, heard=key)]


def _stays(turn: Turn, key: str, **why: Any) -> List[EventType]:
    """Change nothing but what is said: `why` is the remark. The step or question at hand is shown again."""
    return set_slots(heard=key, pending={**why, "leaves_walk": turn.loop != WALK_FORM})


def _is_past(turn: Turn) -> bool:
    """Say whether a pressed button is of a step that is not at hand. Start and stop are of the whole walk-through."""
    step = turn.step
    if step is None:
        return turn.loop == TRIAGE_FORM and turn.tracker.latest_message.get("text") in NAMELESS
    if turn.loop == WALK_FORM:
        steps = turn.speaker.walk(turn.decision(), turn.facts)
        index = turn.tracker.get_slot("walk_step") or 0
        return step != START and turn.intent != "goodbye" and [at.name for at in steps[index : index + 1]] != [step]
    return step != START or turn.loop is not None or not turn.decided


def _other_product(turn: Turn) -> Optional[str]:
    """Return the product that a pressed choice belonged to, when it is not the one at hand."""
    return reader().other_product(Message.of(turn.tracker.latest_message), turn.facts)


def _meaning_told(turn: Turn, confirmed: Optional[str]) -> List[EventType]:
    """Remember what an unclear message meant, when its meaning is chosen with a button or confirmed."""
    unclear = turn.tracker.get_slot("unclear")
    if not unclear:
        return []
    is_chosen = (turn.tracker.latest_message.get("text") or "").lstrip("/") == turn.intent
    chosen = confirmed or (turn.intent if is_chosen else None)
    told = {**turn.meant, unclear["words"]: chosen} if chosen in unclear["readings"] else turn.meant
    problem = {"problem": unclear["text"]} if told is not turn.meant else {}
    return set_slots(unclear=None, meant=dict(list(told.items())[-MOST_REMEMBERED:]) or None, **problem)


def _language(turn: Turn) -> Dict[str, Any]:
    """Return the slots of the language to go on in: sticky, unless asked for, or clearly another and none was asked for."""
    latest = turn.tracker.latest_message
    found = latest.get("language") or {}
    current, is_chosen = turn.tracker.get_slot("language"), turn.tracker.get_slot("language_chosen")
    given = next((entity["value"] for entity in latest.get("entities") or [] if entity["entity"] == "language"), None)
    if given in LANGUAGES:  # a button's; a channel greets in the language of its page, which settles nothing
        return {"language": given, "language_chosen": turn.intent == "switch_language"}
    if found.get("asked") and (turn.intent == "switch_language" or current is None):
        return {"language": found["asked"], "language_chosen": True}
    if current is None:
        expected = (latest.get("metadata") or {}).get("language") or DEFAULT_LANGUAGE  # by the channel
        return {"language": found["code"] if found.get("known") else None if not found else expected}
    is_other = found.get("clear") and not is_chosen and len(turn.words.split()) >= LANGUAGE_WORDS
    return {"language": found["code"] if is_other else current}


def _names_product(changes: Changes) -> bool:
    return "product" in changes.facts or bool(changes.product_options) or "request_kind" in changes.facts


def _takes_back(turn: Turn) -> bool:
    """Say whether a yes after the answer changes the last answer from no ("wait, yes I do see it")."""
    text = turn.tracker.latest_message.get("text") or ""
    return (
        turn.intent == "affirm"
        and bool(turn.trail)
        and turn.facts.get(turn.trail[-1]) in ("no", "unsure")
        and shared().steering.is_second_thought(text)
    )


def _walk(turn: Turn, key: str) -> List[EventType]:
    """Move within the walk-through; a message that does not is left to the rules."""
    step = turn.tracker.get_slot("walk_step") or 0
    if turn.step == START:
        return set_slots(walk_stuck=False, heard=key)  # it has started
    if turn.intent in ON_WITH_IT:
        return set_slots(walk_step=step + 1, walk_stuck=False, heard=key)
    if turn.intent == "go_back":
        return set_slots(walk_step=max(0, step - 1), walk_stuck=False, heard=key)
    named = {
        entity["value"] for entity in turn.tracker.latest_message.get("entities") or [] if entity["entity"] == "product"
    }
    if turn.intent == "correct" and "product" in turn.facts or turn.intent in CORRECTING and turn.is_button:
        corrected = _facts(turn, key)
        if _is_new(_slots(corrected)):
            pending = {**_slots(corrected)["pending"], "leaves_walk": True}
            return [*corrected, *set_slots(pending=pending)]
    new = turn.intent in NEW_PROBLEM or (turn.intent == "correct" and "product" not in turn.facts)
    if new and named and turn.facts.get("product") not in named:
        turn.intent, turn.decided = ("request_support" if turn.intent in ("inform", "correct") else turn.intent), True
        events = _facts(turn, key)
        return [*events, *set_slots(walk_done=True, pending={"leaves_walk": True})]
    if turn.intent in NOT_WORKING:
        return set_slots(walk_stuck=True, heard=key)
    return []


def _slots(events: List[EventType]) -> Dict[str, Any]:
    return {event["name"]: event["value"] for event in events}


def _is_new(slots: Mapping[str, Any]) -> bool:
    """Say whether what was read in a walk-through changes the case."""
    pending = slots.get("pending") or {}
    return bool(pending.get("changed") or pending.get("unknown_version") or pending.get("hybrid") or slots.get("options"))


def _facts(turn: Turn, key: str) -> List[EventType]:
    message = replace(Message.of(turn.tracker.latest_message), intent=turn.intent)
    changes = reader().read(message, turn.facts, turn.asked, turn.decided, turn.options)
    if not changes:
        return set_slots(heard=key, pending={"known": True}) if turn.asked and _restates(message, turn) else []
    question = shared().intents.get(turn.intent or "")
    asks = question is not None and question.topic is not None
    changed = [fact for fact, value in changes.facts.items() if value and turn.facts.get(fact) != value]
    replaced = [fact for fact, value in changes.facts.items() if value and turn.facts.get(fact) not in (None, value)]
    pending = {
        "unknown_version": changes.unknown_version,
        "unsure_about": changes.unsure_about,
        "platform": changes.platform,
        "hybrid": changes.hybrid,
        "one_by_one": changes.one_by_one,
        "corrected": bool(replaced) and changes.facts.get("goal") is None and not asks,
        "added": [fact for fact in changed if fact not in ("goal", "request_kind", turn.asked)] if turn.asked else [],
        "changed": changed,
        # what a rule answers without the form, though it gives facts for it
        "reopened": turn.loop is None
        and (
            (turn.intent in ANSWERED_BY_RULE and _names_product(changes))
            or (turn.intent in STATED_ANYHOW and turn.decided and bool(changed))
        ),
    }
    events = set_slots(**changes.facts, pending=pending, heard=key)
    if changes.product_options or "product" in changes.facts:
        events += set_slots(options=changes.product_options or None)
    if changes.facts.get("goal"):
        second = turn.tracker.latest_message.get("second")
        events += set_slots(decided=False, trail=[], also_asked=second if second != turn.intent else None)
        if message.text and not turn.is_button and not turn.confirmed:
            events += set_slots(problem=message.text[:LONGEST_PROBLEM])
    return events


def _restates(message: Message, turn: Turn) -> bool:
    """Say whether a message says what is known already: that it answers nothing is not the person's fault."""
    product = turn.facts.get("product")
    runs = shared().catalogue.resolve(product, turn.facts.get("deployment")) if product else None
    known = {**({"deployment": getattr(runs, "hosting", None)} if runs else {}), **turn.facts}
    return any(known.get(entity["entity"]) == entity["value"] for entity in message.entities if not entity.get("role"))

"""Replies that staff choose from: what to do now, why it is refused, what is still asked, how it goes on or ends."""

from dataclasses import dataclass
from datetime import date
from typing import Any, List, Mapping, Optional

from bot.answer import Answerer, answerer
from bot.clock import today
from bot.engine import Decision
from bot.helpdesk.assist import missing, question_text, questions_text
from bot.helpdesk.decided import PARAGRAPH, PERSON_ROUTE, answer_text, decision_of, spoken
from bot.knowledge import shared

REFUSED = {
    "older_than_n_minus_1": ("utter_canned_refused_older_than_n_minus_1_title", "utter_canned_refused_older_than_n_minus_1"),
    "mainstream_support_ended": (
        "utter_canned_refused_mainstream_support_ended_title",
        "utter_canned_refused_mainstream_support_ended",
    ),
    "cannot_confirm_lifecycle": (
        "utter_canned_refused_cannot_confirm_lifecycle_title",
        "utter_canned_refused_cannot_confirm_lifecycle",
    ),
    "action_pack_has_no_cloud_support": (
        "utter_canned_refused_action_pack_has_no_cloud_support_title",
        "utter_canned_refused_action_pack_has_no_cloud_support",
    ),
    "no_active_offer": ("utter_canned_refused_no_active_offer_title", "utter_canned_refused_no_active_offer"),
    "not_break_fix": ("utter_canned_refused_not_break_fix_title", "utter_canned_refused_not_break_fix"),
}
# How a conversation goes on or ends, whatever it is about: the id, its title and its text.
ALWAYS = (
    ("looking", "utter_canned_looking_title", "utter_canned_looking"),
    ("waiting", "utter_canned_waiting_title", "utter_canned_waiting"),
    ("solved", "utter_canned_solved_title", "utter_canned_solved"),
    ("unanswered", "utter_canned_unanswered_title", "utter_canned_unanswered"),
    ("hand_back", "utter_canned_hand_back_title", "utter_canned_hand_back"),
)


@dataclass(frozen=True)
class Canned:
    """A reply to choose: an id that stays the same, a title for staff, and the text in Markdown."""

    id: str
    title: str
    text: str


def replies(
    document: Optional[Mapping[str, Any]], facts: Mapping[str, str], language: str, on: Optional[date] = None
) -> List[Canned]:
    """Return the replies that fit where a case stands, the likeliest first.

    `document` is its decision, None while there is none; `on` is the day, today if not given. Raises UnusableFacts.
    """
    day = on or today()
    shared().programme.check(facts)
    voice = answerer(spoken(language))
    decided = decision_of(document, facts, day)
    found = _questions(voice, facts, day) if decided is None else _answers(voice, decided, facts)
    return [*found, *(Canned(key, voice.say(title), voice.say(text)) for key, title, text in ALWAYS)]


def _questions(voice: Answerer, facts: Mapping[str, str], on: date) -> List[Canned]:
    asked = missing(facts, on, voice.language)
    each = [
        Canned(f"ask_{one.fact}", voice.say("utter_canned_ask_title", title=one.label), question_text(voice, one))
        for one in asked
    ]
    if len(asked) < 2:
        return each
    return [*each, Canned("ask_all", voice.say("utter_canned_ask_all_title"), questions_text(voice, asked))]


def _answers(voice: Answerer, decided: Decision, facts: Mapping[str, str]) -> List[Canned]:
    title = voice.say("utter_canned_now_title", title=voice.say(f"utter_route_name_{decided.route}"))
    if decided.route == PERSON_ROUTE:
        return [Canned(f"now_{decided.route}", title, voice.say("utter_canned_now_human_agent"))]
    verdict, steps = answer_text(voice, decided, facts, ("verdict",)), answer_text(voice, decided, facts, ("steps",))
    if decided.reason is None:
        return [Canned(f"now_{decided.route}", title, PARAGRAPH.join(filter(None, [verdict, steps])))]
    name, instead = REFUSED[decided.reason]
    more = voice.say(instead, product=voice.product(decided.product or facts.get("product")))
    refused = Canned(f"refused_{decided.reason}", voice.say(name), f"{verdict}{PARAGRAPH}{more}")
    return [refused, Canned(f"now_{decided.route}", title, steps)] if steps else [refused]

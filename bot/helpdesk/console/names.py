"""How staff read ids: on their pages everything is in English, whatever language the partner speaks."""

from typing import Dict, Mapping

from bot.answer import answerer
from bot.helpdesk import acts, cases

LANGUAGE = "en"
TOLD_AGAIN = "told_again"  # an act of staff: what others would not take is told once more
STATES: Dict[str, str] = {
    cases.OPEN: "Open",
    cases.CLAIMED: "Claimed",
    cases.WAITING: "Waiting for partner",
    cases.SOLVED: "Solved",
}
REASONS: Dict[str, str] = {
    cases.DECIDED: "Decision reached",
    cases.ASKED_FOR_PERSON: "Asked for a person",
    cases.FAILED_TWICE: "Not understood twice",
    cases.RATED_BADLY: "Rated badly",
}
CHANNELS = {"widget": "Widget", "slack": "Slack", "teams": "Teams"}
LANGUAGES = {"en": "English", "nl": "Dutch"}
ACTS: Dict[str, str] = {
    acts.VIEWED: "looked at the case",
    acts.CLAIM: "claimed the case",
    acts.RELEASE: "let the case go",
    acts.WAIT: "set it to waiting for the partner",
    acts.SOLVE: "solved the case",
    acts.REOPEN: "took it up again",
    acts.TOOK_OVER: "took the conversation over",
    acts.HANDED_BACK: "handed the conversation back",
    acts.WROTE: "wrote to the partner",
    acts.NOTED: "wrote a note",
    acts.TAGGED: "changed the tags",
    acts.FACTS_CHANGED: "changed facts",
    TOLD_AGAIN: "told others again",
}
EVENTS = {"case_opened": "case opened", "case_claimed": "case claimed", "case_solved": "case solved"}
NOTICE_STATES = {"waiting": "waiting", "sending": "being sent", "told": "told", "given_up": "given up"}
REASONS_AGAINST = {
    "older_than_n_minus_1": "Older than N-1",
    "mainstream_support_ended": "Mainstream support has ended",
    "cannot_confirm_lifecycle": "Lifecycle dates cannot be confirmed",
    "action_pack_has_no_cloud_support": "Action Pack has no cloud support",
    "no_active_offer": "No active offer",
    "not_break_fix": "Not break-fix",
}
TABLES: Dict[str, Dict[str, str]] = {
    "state": STATES,
    "reason": REASONS,
    "channel": CHANNELS,
    "language": LANGUAGES,
    "act": ACTS,
    "event": EVENTS,
    "notice": NOTICE_STATES,
    "against": REASONS_AGAINST,
    "reasons": REASONS_AGAINST,
}


def name(kind: str, key: object) -> str:
    """Return the name of an id of some kind, one of TABLES or of bot/helpdesk/figures_shown.py; an id without is words."""
    if kind == "routes":
        return route(str(key))
    if kind == "left":
        return fact(str(key))
    return TABLES.get(kind, {}).get(str(key)) or words(str(key))


def words(key: str) -> str:
    """Return an id as words: "support_for_business" is "Support for business"."""
    return key.replace("_", " ").capitalize()


def route(key: str) -> str:
    """Return the name of a route."""
    voice = answerer(LANGUAGE)
    named = f"utter_route_name_{key}"
    return voice.say(named) if named in voice.wording else words(key)


def fact(key: str) -> str:
    """Return the name of a fact."""
    voice = answerer(LANGUAGE)
    named = f"utter_fact_{key}"
    return voice.say(named) if named in voice.wording else words(key)


def value(key: str, given: str, facts: Mapping[str, str]) -> str:
    """Return the name of a fact's value."""
    try:
        shown = answerer(LANGUAGE).value(key, given, facts)
    except (KeyError, ValueError):  # a product that the catalogue has no more
        return words(given)
    if shown != given:
        return shown
    return "Don't know" if given == "unsure" else words(given) if "_" in given else given


def product(facts: Mapping[str, str]) -> str:
    """Return the product of a case with its version; empty when it is not known."""
    if "product" not in facts:
        return ""
    version = facts.get("version")
    shown = value("version", version, facts) if version and version != "unsure" else ""
    return f"{value('product', facts['product'], facts)} {shown}".strip()

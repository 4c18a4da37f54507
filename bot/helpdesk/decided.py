"""A decision that was stored, as one that can be spoken of: with its product and its day."""

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from bot.answer import Answerer
from bot.engine import Decision, decide
from bot.engine.paths import tree, walk
from bot.knowledge import shared
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES

REMEMBERED = 2_000  # sets of facts whose questions are known: finding them walks every path from there
PARAGRAPH = "\n\n"
PERSON_ROUTE = "human_agent"
STEERING_KIND = "next"  # the message with buttons at the end of an answer
FIELDS = ("route", "covered_by", "reason", "portal", "incidents")
LISTS = ("preparation", "rules", "cites")


def decision_of(document: Optional[Mapping[str, Any]], facts: Mapping[str, str], on: date) -> Optional[Decision]:
    """Return a decision from its document, None when it has not come to an outcome.

    What was decided stands, even when the tables would decide otherwise by now; what the document leaves out (the product,
    the N-1 answer) is that of the day `on`. Raises UnusableFacts.
    """
    if document is None or not document.get("route"):
        return None
    today = decide(shared().programme, facts, on)
    if today.document() == dict(document):
        return today
    stored = {name: document.get(name) for name in FIELDS}
    lists = {name: tuple(document.get(name) or ()) for name in LISTS}
    return replace(today, next_question=None, on=on, product=today.product or _product(facts), **stored, **lists)


def _product(facts: Mapping[str, str]) -> Optional[str]:
    return shared().catalogue.resolve(facts["product"], facts.get("deployment")).id if "product" in facts else None


def open_questions(facts: Mapping[str, str], on: date) -> List[str]:
    """Return the facts that can still change the outcome, in the order the engine asks them; the first is asked for sure.

    What may follow a product or a goal that is not known would be nearly everything, so then it is only the one, and the
    offer with a product. Raises UnusableFacts.
    """
    shared().programme.check(facts)
    return list(_open_questions(tuple(sorted(facts.items())), on))


@lru_cache(maxsize=REMEMBERED)
def _open_questions(known: Tuple[Tuple[str, str], ...], on: date) -> Tuple[str, ...]:
    programme, facts = shared().programme, dict(known)
    asked = decide(programme, facts, on).next_question
    if asked is None:
        return ()
    if asked not in ("goal", "error", "product"):
        return tuple(_in_order([path.answers for path in walk(tree(programme, facts, on))]))
    wants_offer = asked == "product" and facts.get("goal") == "open_request" and "offer" not in facts
    return (asked, *(["offer"] if wants_offer else []))


def _in_order(paths: Sequence[Sequence[Any]]) -> List[str]:
    """Return the facts on any of the paths, each after all that stand before it on some path."""
    found: List[str] = []
    for path in sorted(paths, key=len, reverse=True):
        place = 0
        for fact, _ in path:
            if fact in found:
                place = found.index(fact) + 1
            else:
                found.insert(place, fact)
                place += 1
    return found


def spoken(language: Optional[str]) -> str:
    """Return a language of ours, the usual one for any other."""
    return language if language in LANGUAGES else DEFAULT_LANGUAGE


def answer_text(voice: Answerer, decision: Decision, facts: Mapping[str, str], kinds: Optional[Sequence[str]] = None) -> str:
    """Return what the assistant would say of a decision, but for what only buttons answer; of some kinds only if given."""
    if decision.route == PERSON_ROUTE:
        return ""  # no table leads there, so there is nothing to say of a reason or of steps
    messages = voice.decision(decision, facts, note_given=kinds is not None)
    chosen = [message for message in messages if (message.kind in kinds if kinds else message.kind != STEERING_KIND)]
    return PARAGRAPH.join(message.text for message in chosen)


def mail(voice: Answerer, *paragraphs: Optional[str]) -> str:
    """Return paragraphs as a mail, with its greeting and closing."""
    told = [paragraph for paragraph in paragraphs if paragraph]
    return PARAGRAPH.join([voice.say("utter_mail_greeting"), *told, voice.say("utter_mail_closing")])

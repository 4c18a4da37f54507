"""What follows from a case's facts and decision: how they are shown, what is said next, and what is pasted."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Dict, List, Mapping, Optional, Tuple

from bot.answer import Answerer, answerer
from bot.channels.message import LANGUAGES
from bot.engine import UnusableFacts
from bot.helpdesk import canned
from bot.helpdesk.canned import Canned
from bot.helpdesk.cases import Case
from bot.helpdesk.console import names
from bot.helpdesk.summary import summary
from bot.knowledge import shared
from bot.speaker import Source

MOST_KEPT = 256  # cases; to enumerate what may still be asked takes a second
ASKED = "ask_"  # begins the id of a reply that is a question about a fact
FORMS = (("markdown", "Markdown"), ("plain", "Plain text"))


@dataclass(frozen=True)
class FactField:
    """A fact as it is edited: its value, empty when it is not known, and what it may be, as (value, name)."""

    fact: str
    label: str
    value: str
    choices: Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class Verdict:
    """A decision as staff read it: (label, value) pairs, what is to be done first, the rules that fired, the sources."""

    route: str
    rows: Tuple[Tuple[str, str], ...]
    preparation: Tuple[str, ...]
    rules: Tuple[str, ...]
    sources: Tuple[Tuple[str, Source], ...]


@dataclass(frozen=True)
class Paste:
    """A summary to copy."""

    id: str
    title: str
    text: str


@dataclass(frozen=True)
class WorkedOut:
    """All that follows. `facts` are those that count, `other_facts` the rest; `next` is what the assistant would say."""

    facts: Tuple[FactField, ...]
    other_facts: Tuple[FactField, ...]
    verdict: Optional[Verdict]
    open_questions: Tuple[str, ...]
    next: Optional[Canned]
    replies: Tuple[Canned, ...]
    summaries: Tuple[Paste, ...]


def work_out(case: Case, language: str, on: date) -> WorkedOut:
    """Return what follows from a case, with replies in the partner's `language`. It may take a second."""
    facts = json.dumps(dict(case.facts), sort_keys=True)
    decision = json.dumps(case.decision, sort_keys=True)
    return _work_out(facts, decision, case.problem, case.number, language, on)


@lru_cache(maxsize=MOST_KEPT)
def _work_out(
    facts_text: str, decision_text: str, problem: Optional[str], number: str, language: str, on: date
) -> WorkedOut:
    facts: Dict[str, str] = json.loads(facts_text)
    decision: Optional[Dict[str, Any]] = json.loads(decision_text)
    try:
        replies = canned.replies(decision, facts, language, on)
        summaries = _summaries(facts, decision, problem, number, on)
    except UnusableFacts:  # the programme has changed since: the case is shown, and its facts can be put right
        replies, summaries = [], []
    asked = tuple(reply.id[len(ASKED) :] for reply in replies if reply.id.startswith(ASKED) and reply.id != "ask_all")
    counts = [*facts, *asked]
    fields = fact_fields(facts)
    return WorkedOut(
        facts=tuple(field for field in fields if field.fact in counts),
        other_facts=tuple(field for field in fields if field.fact not in counts),
        verdict=verdict(decision) if decision and decision.get("route") else None,
        open_questions=tuple(names.fact(fact) for fact in asked if fact in shared().programme.facts),
        next=replies[0] if replies else None,
        replies=tuple(replies),
        summaries=tuple(summaries),
    )


def _summaries(
    facts: Mapping[str, str], decision: Optional[Mapping[str, Any]], problem: Optional[str], number: str, on: date
) -> List[Paste]:
    found = []
    for language in LANGUAGES:
        made = summary(facts, decision, problem, language, number, on=on)
        for form, title in FORMS:
            shown = f"{names.name('language', language)}, {title}"
            found.append(Paste(f"summary-{language}-{form}", shown, getattr(made, form)))
    return found


def fact_fields(facts: Mapping[str, str]) -> List[FactField]:
    """Return every fact with what it may be; versions only of a product that is known."""
    programme = shared().programme
    fields = []
    for fact in programme.facts:
        try:
            usable = programme.values(fact, facts) if fact != "version" or "product" in facts else ()
        except (KeyError, ValueError):  # a product that is gone
            usable = ()
        known = facts.get(fact, "")
        values = usable if not known or known in usable else (*usable, known)
        if values:
            pairs = [(value, names.value(fact, value, facts)) for value in values]
            if fact == "product":
                pairs.sort(key=lambda pair: pair[1].lower())
            fields.append(FactField(fact, names.fact(fact), known, tuple(pairs)))
    return fields


def verdict(decision: Mapping[str, Any]) -> Verdict:
    """Return a decision's document as staff read it."""
    voice = answerer(names.LANGUAGE)
    portal = shared().portals.get(decision.get("portal") or "")
    against = decision.get("reason")
    covered = decision.get("covered_by")
    rows = [
        ("Covered by", names.words(covered) if covered else "Not covered"),
        ("Why not", names.name("against", against) if against else ""),
        ("Portal", portal.name if portal else ""),
        ("Incidents", _incidents(decision.get("incidents"))),
    ]
    sources = []
    for cite in decision.get("cites") or ():
        try:
            sources.append((cite, voice.source(cite)))
        except KeyError:  # a source that is gone
            continue
    return Verdict(
        route=names.route(decision["route"]),
        rows=tuple(row for row in rows if row[1]),
        preparation=tuple(_step(voice, step) for step in decision.get("preparation") or ()),
        rules=tuple(decision.get("rules") or ()),
        sources=tuple(sources),
    )


def _step(voice: Answerer, step: str) -> str:
    """Return what is to be done first, as partners read it."""
    key = f"utter_first_{step}"
    return voice.say(key) if key in voice.wording else names.words(step)


def _incidents(given: Any) -> str:
    if isinstance(given, Mapping):
        return ", ".join(f"{number} ({names.words(kind).lower()})" for kind, number in given.items())
    return "" if given is None else str(given)

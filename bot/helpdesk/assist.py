"""Assist mode: a partner's mail or ticket in; its facts, the questions that are open, the decision and a reply out.

The text is `prepared` first, then the model reads it (outside of this room), then `assist` puts both together.
"""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Dict, List, Mapping, Optional, Tuple

from bot.answer import Answerer, answerer
from bot.channels.guard import without_controls
from bot.engine import UnusableFacts, decide
from bot.engine.message import ACCEPT, CONFIRM, UNCLEAR, Changes, Message
from bot.engine.reading import OF_THE_PRODUCT
from bot.helpdesk.decided import PARAGRAPH, answer_text, mail, open_questions, spoken
from bot.helpdesk.marks import Stretch, parts_of, places, said_in, shifted
from bot.knowledge import shared
from bot.redaction import redact
from bot.shared_reader import reader

LONGEST_TEXT = 20_000  # characters
LONGEST_PROBLEM = 2_000  # characters
MOST_AT_ONCE = 5  # questions in one mail
MOST_ROUNDS = 4  # a text without its secrets may have to be cleaned again
LEADING = re.compile(r"^[\s/\x00-\x1f\x7f-\xa0]+")  # what the assistant does not read either: typed text is never a command
OPEN_REQUEST = "open_request"


@dataclass(frozen=True)
class Prepared:
    """A text that may be read and shown: clean, without secrets. `redacted` are the kinds of those that were in it."""

    text: str
    redacted: Tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A fact, with its name and value as a person reads them.

    `start` and `end` are characters of the text; None for what follows from the rest, and for what staff set (`by_staff`).
    """

    fact: str
    value: str
    label: str
    shown: str
    start: Optional[int] = None
    end: Optional[int] = None
    by_staff: bool = False


@dataclass(frozen=True)
class Option:
    """One of the products of which it is not clear which one is meant."""

    product: str
    shown: str
    version: Optional[str]
    start: Optional[int] = None
    end: Optional[int] = None


@dataclass(frozen=True)
class Missing:
    """A fact that can still change the outcome, and how it is asked. `choices` are the answers as a person reads them."""

    fact: str
    label: str
    question: str
    choices: Tuple[str, ...]
    is_next: bool


@dataclass(frozen=True)
class Assisted:
    """What staff are shown. Every offset is of `text`, which holds no secrets.

    `intent` is the likeliest meaning and `is_sure` whether the model is sure of it; `parts` say what was said, and what is
    only quoted, a log or a signature; `problem` is the beginning of what was said, `error_text` what was pasted from a log.
    `questions` and `reply` are mails in Markdown, None when there is nothing to ask, or nothing to answer yet.
    """

    text: str
    redacted: Tuple[str, ...]
    language: str
    intent: Optional[str]
    is_sure: bool
    parts: Tuple[Stretch, ...]
    problem: str
    error_text: str
    facts: Tuple[Found, ...]
    options: Tuple[Option, ...]
    missing: Tuple[Missing, ...]
    questions: Optional[str]
    decision: Optional[Dict[str, Any]]
    reply: Optional[str]

    @property
    def known(self) -> Dict[str, str]:
        """Return the facts, as the engine takes them."""
        return {found.fact: found.value for found in self.facts}

    def document(self) -> Dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def prepare(text: str) -> Prepared:
    """Return a text as it may be read. Preparing twice changes nothing more. Raises UnusableFacts when it is too long."""
    if len(text) > LONGEST_TEXT:
        raise UnusableFacts(
            f"the text has {len(text):,} characters, of which {LONGEST_TEXT:,} can be read; leave out older mails and logs"
        )
    found: List[str] = []
    for _ in range(MOST_ROUNDS):
        clean = redact(LEADING.sub("", without_controls(text)))
        found += clean.found
        if clean.text == text:
            break
        text = clean.text
    return Prepared(text, tuple(dict.fromkeys(found)))


def assist(
    text: str, parse: Mapping[str, Any], on: date, language: Optional[str] = None, more: Mapping[str, Optional[str]] = {}
) -> Assisted:
    """Return what a partner's text gives on the day `on`.

    `parse` is how the model reads the prepared text: what `Assistant.parse` returns, or the document of `triage parse`. A
    `language` that is given counts instead of the one found. `more` are facts that staff set: they win, and None makes one
    unknown. Raises UnusableFacts.
    """
    prepared = prepare(text)
    programme = shared().programme
    given = {fact: value for fact, value in more.items() if value is not None}
    programme.check(given)
    programme.check({fact: "" for fact in more if fact not in programme.facts})  # which says what it may have been
    message, is_sure = _message(prepared.text, parse)
    usable = [entity for entity in message.entities if entity.get("entity") not in more]
    changes = reader().read(replace(message, entities=usable), given)
    options = {} if "product" in more else changes.product_options
    facts = _merged(changes, message, more, bool(options))
    programme.check(facts)
    chosen = spoken(language or _language(parse))
    voice = answerer(chosen)
    decision = decide(programme, facts, on)
    asked = _askable(voice, open_questions(facts, on), facts)
    missing = tuple(_missing(voice, fact, facts, options, is_next=not place) for place, fact in enumerate(asked))
    found = _found(voice, facts, usable, given)
    intro = _intro(voice, changes, facts)
    also = voice.also_asked(parse.get("second"))
    side = also.text if also else None
    reply = None
    if decision.route is not None:
        reply = mail(voice, intro, answer_text(voice, decision, facts), side)
    elif "goal" not in facts and (topic := _topic(message.intent)):
        reply = mail(voice, intro, voice.say(topic), side)
        missing = ()
    return Assisted(
        text=prepared.text,
        redacted=prepared.redacted,
        language=chosen,
        intent=message.intent,
        is_sure=is_sure,
        parts=parts_of(prepared.text),
        problem=said_in(prepared.text, "said").strip()[:LONGEST_PROBLEM],
        error_text=said_in(prepared.text, "log").strip("\n"),
        facts=found,
        options=_options(voice, options, usable),
        missing=missing,
        questions=mail(voice, intro, questions_text(voice, missing), side) if missing else None,
        decision=decision.document() if decision.route is not None else None,
        reply=reply,
    )


def _language(parse: Mapping[str, Any]) -> Optional[str]:
    found = parse.get("language")
    return found.get("code") if isinstance(found, Mapping) else found


def _message(text: str, parse: Mapping[str, Any]) -> Tuple[Message, bool]:
    """Return the message with its offsets in `text`, and whether its meaning is sure.

    Nobody can be asked what a mail means, so the likeliest reading stands where the dialogue would ask first.
    """
    intent = parse.get("intent")
    ranking = parse.get("intent_ranking") or parse.get("ranking") or []
    decision = parse.get("decision") or ACCEPT
    name = intent.get("name") if isinstance(intent, Mapping) else intent
    is_sure = decision == ACCEPT and name != UNCLEAR
    if decision == CONFIRM and ranking:
        name = ranking[0]["name"]
    entities = shifted(text, str(parse.get("text") or ""), parse.get("entities") or ())
    return Message(text, name, ACCEPT if name != UNCLEAR else decision, entities, ranking), is_sure


def _merged(changes: Changes, message: Message, more: Mapping[str, Optional[str]], is_open: bool) -> Dict[str, str]:
    """Return the facts of the text with those that staff set. What contradicts theirs is left out."""
    found = {fact: value for fact, value in changes.facts.items() if value is not None and fact not in more}
    given = {fact: value for fact, value in more.items() if value is not None}
    if "product" in given:
        found = {fact: value for fact, value in found.items() if fact not in OF_THE_PRODUCT or _fits(given, fact, value)}
    elif "deployment" in given and "product" in found:
        found = _moved(found, given["deployment"])
    facts = {**found, **given}
    if facts.get("goal") != "fix_error" and "goal" in given and "error" not in given:
        facts.pop("error", None)
    if "goal" not in facts and "goal" not in more and (is_open or "product" in facts):
        facts["goal"] = OPEN_REQUEST  # a mail that names a product is about it
    return facts


def _fits(given: Mapping[str, str], fact: str, value: str) -> bool:
    try:
        shared().programme.check({**given, fact: value})
    except UnusableFacts:
        return False
    return True


def _moved(found: Dict[str, str], deployment: str) -> Dict[str, str]:
    """Return the facts with the product on the side that staff say: its family, or none when it has no other side."""
    if _fits({"deployment": deployment}, "product", found["product"]):
        return found
    families = shared().catalogue.families.values()
    sides = [family.id for family in families if found["product"] in (family.on_premises, family.cloud)]
    kept = {fact: value for fact, value in found.items() if fact not in ("product", *OF_THE_PRODUCT)}
    return {**kept, "product": sides[0]} if len(sides) == 1 else kept


def _intro(voice: Answerer, changes: Changes, facts: Mapping[str, str]) -> str:
    """Return the thanks, what was understood, and what has to be said about how it was understood."""
    told = [" ".join(filter(None, [voice.say("utter_mail_thanks"), voice.noted(facts)]))]
    product = facts.get("product")
    if product and changes.platform and product == changes.facts.get("product"):
        told.append(voice.platform(product, changes.platform))
    if changes.hybrid and "deployment" not in facts:
        told.append(voice.say("utter_hybrid"))
    if changes.unknown_version and product and "version" not in facts:
        versions = ", ".join(title for title, _ in voice.buttons("version", facts)[:-1])
        told.append(voice.say("utter_version_unknown", versions=versions, product=voice.product(product)))
    return PARAGRAPH.join(told)


def _topic(intent: Optional[str]) -> Optional[str]:
    """Return the response that answers a question about the programme, None when it asks none."""
    entry = shared().intents.get(intent or "")
    return f"utter_topic_{entry.topic}" if entry is not None and entry.topic and entry.goal is None else None


def _found(
    voice: Answerer, facts: Mapping[str, str], entities: List[Mapping[str, Any]], given: Mapping[str, str]
) -> Tuple[Found, ...]:
    """Return the facts in the order of the programme, each with its place."""
    found = []
    for fact in shared().programme.facts:
        if fact in facts:
            label, shown = voice.say(f"utter_fact_{fact}"), voice.value(fact, facts[fact], facts)
            start, end = (None, None) if fact in given else places(fact, facts, entities)
            found.append(Found(fact, facts[fact], label, shown, start, end, fact in given))
    return tuple(found)


def _options(voice: Answerer, options: Mapping[str, Optional[str]], entities: List[Mapping[str, Any]]) -> Tuple[Option, ...]:
    return tuple(
        Option(product, voice.product(product), version, *places("product", {"product": product}, entities))
        for product, version in options.items()
    )


# Questions


def _askable(voice: Answerer, asked: List[str], facts: Mapping[str, str]) -> List[str]:
    """Return the facts whose question can be put now: one that names the product waits until it is known."""
    if "product" in facts:
        return asked
    words = voice.wording.responses
    named = {fact: words[f"utter_ask_{fact}"].placeholders(voice.language) for fact in asked[1:]}
    return [*asked[:1], *(fact for fact in asked[1:] if "product" not in named[fact])]


def _missing(
    voice: Answerer, fact: str, facts: Mapping[str, str], options: Mapping[str, Optional[str]] = {}, is_next: bool = False
) -> Missing:
    chosen = options if fact == "product" else {}
    question = voice.question(fact, facts, options=chosen)
    is_free = fact in ("goal", "product") and not chosen  # buttons are but examples there
    choices = () if is_free else tuple(title for title, _ in question.buttons)
    return Missing(fact, voice.say(f"utter_fact_{fact}"), question.text, choices, is_next)


def missing(facts: Mapping[str, str], on: date, language: str) -> Tuple[Missing, ...]:
    """Return the questions that can still change the outcome, in the order they are asked. Raises UnusableFacts."""
    voice = answerer(spoken(language))
    asked = _askable(voice, open_questions(facts, on), facts)
    return tuple(_missing(voice, fact, facts, is_next=not place) for place, fact in enumerate(asked))


def question_text(voice: Answerer, asked: Missing) -> str:
    """Return one question with its possible answers."""
    if not asked.choices:
        return asked.question
    return f"{asked.question} {voice.say('utter_mail_choices', choices='; '.join(asked.choices))}"


def questions_text(voice: Answerer, asked: Tuple[Missing, ...]) -> str:
    """Return the questions as one friendly message: a numbered list when there are several."""
    first = asked[:MOST_AT_ONCE]
    if len(first) == 1:
        lead, told, after = "utter_mail_question", question_text(voice, first[0]), []
    else:
        numbered = [f"{number}. {question_text(voice, one)}" for number, one in enumerate(first, start=1)]
        lead, told, after = "utter_mail_questions", "\n".join(numbered), [voice.say("utter_mail_skip")]
    return PARAGRAPH.join([voice.say(lead), told, " ".join([*after, voice.say("utter_mail_no_secrets")])])

"""Places in any text: what is marked lies within the text and reads what is claimed; texts are prepared once and for all."""

import json
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import UnusableFacts
from bot.helpdesk.assist import LONGEST_TEXT, assist, missing, prepare
from bot.helpdesk.marks import shifted
from bot.knowledge import shared
from bot.nlu.language import identify
from bot.nlu.linker import Linker
from bot.nlu.opening import cut
from bot.nlu.understanding import find_entities

TODAY = date(2026, 11, 22)
LINKER = Linker(shared())
WORDS = [
    "SQL Server",
    "Exchange Online",
    "Exchange",
    "2019",
    "SE",
    "Windows Server 2012 R2",
    "gold",
    "Action Pack",
    "for a customer",
    "bij een klant",
    "onze eigen",
    "Global admin",
    "is not working",
    "werkt niet",
    "via CSP",
    "on-premises",
    "already added",
    "Access ID 112233445566",
    "Contract ID: 998877",
    "password: hunter22",
    "\n",
    "\n\n",
    ". ",
    "> ",
    "From: x\nTo: y\n",
    "--\n",
    "Kind regards,\nJan",
    "caf\u00e9",
    "\U0001f600",
    "\u00a0",
    "\u200b",
    "isn\u00e2\u20ac\u2122t",
    "/",
    "2026-11-20 10:11:12 x\n",
    "[]",
    "*",
]
TEXTS = st.lists(st.one_of(st.sampled_from(WORDS), st.text(max_size=12)), max_size=25).map(" ".join)
INTENTS = [
    "request_support",
    "inform",
    "greet",
    "ask_eligibility",
    "correct",
    "nlu_fallback",
    "request_advice",
    "ask_severity",
]


def reading(text, intent="request_support", decision="accept"):
    """Return how the pipeline reads a text, without the model: its entities and language are those of the real linker."""
    entities = [vars(entity) for entity in find_entities(cut(text), LINKER)]
    ranking = [{"name": "request_support", "confidence": 0.6}]
    language = {"code": identify(text).code}
    return {
        "text": text,
        "intent": {"name": intent},
        "decision": decision,
        "intent_ranking": ranking,
        "entities": entities,
        "language": language,
    }


def marked(found):
    return [*found.facts, *found.options]


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(INTENTS), st.sampled_from(["accept", "confirm", "refuse"]))
def test_every_place_lies_within_the_text_and_reads_what_is_claimed(text, intent, decision):
    prepared = prepare(text).text
    parsed = reading(prepared, intent, decision)
    found = assist(text, parsed, TODAY)
    assert found.text == prepared
    named = {(entity["start"], entity["end"]) for entity in parsed["entities"]}
    for place in marked(found):
        assert (place.start is None) == (place.end is None)
        if place.start is not None:
            assert 0 <= place.start < place.end <= len(found.text)
            assert (place.start, place.end) in named
            again = LINKER.entities(found.text[place.start : place.end])
            fact, value = getattr(place, "fact", "product"), getattr(place, "value", None) or place.product
            words = {entity.entity for entity in again}
            assert fact in words or "role" in words or fact in ("version", "error", *YES_NO), (fact, value, words)
    assert "".join(found.text[part.start : part.end] for part in found.parts) == found.text
    assert bool(found.missing) == bool(found.questions) and bool(found.decision) <= bool(found.reply)
    assert found.decision is None or not found.missing
    assert found.decision or found.missing or found.reply
    json.dumps(found.document(), ensure_ascii=False).encode()


YES_NO = tuple(fact for fact, spec in shared().programme.facts.items() if "yes" in spec.values)


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_preparing_twice_changes_nothing_more(text):
    once = prepare(text)
    assert prepare(once.text).text == once.text
    assert assist(text, reading(once.text), TODAY) == replace(
        assist(once.text, reading(once.text), TODAY), redacted=once.redacted
    )


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS)
def test_the_reading_of_another_text_never_marks_what_does_not_stand_there(text, other):
    found = assist(text, reading(other), TODAY)
    for place in marked(found):
        if place.start is not None:
            assert found.text[place.start : place.end] in other


@pytest.mark.parametrize("before", ["", "\n\n  ", "/", "\ufeff", " // "])
def test_a_reading_that_left_out_the_beginning_is_moved_to_where_it_stands(before):
    text = f"{before}Hello, SQL Server 2022 crashes. We are Gold."
    found = assist(text, reading("SQL Server 2022 crashes. We are Gold."), TODAY)
    assert {fact.fact: found.text[fact.start : fact.end] for fact in found.facts if fact.start is not None} == {
        "product": "SQL Server",
        "version": "2022",
        "offer": "Gold",
    }


def test_an_entity_with_an_unusable_place_is_kept_without_one():
    entities = [
        {"entity": "offer", "value": "gold", "start": start, "end": end}
        for start, end in ((5, 3), (0, 99), (None, 2), (-3, 2))
    ]
    assert [(entity["start"], entity["end"]) for entity in shifted("gold", "gold", entities)] == [(None, None)] * 4


def test_the_document_of_triage_parse_is_read_as_well_as_the_models_own():
    text = "SQL Server 2022 crashes. We are Gold."
    raw = reading(text)
    document = {**raw, "intent": "request_support", "language": "en", "ranking": raw["intent_ranking"]}
    assert assist(text, document, TODAY) == assist(text, raw, TODAY)


def test_a_text_that_is_too_long_is_refused_with_how_much_is_read():
    prepare("x" * LONGEST_TEXT)
    with pytest.raises(UnusableFacts, match="20,001 characters, of which 20,000 can be read"):
        prepare("x" * (LONGEST_TEXT + 1))


@pytest.mark.parametrize(
    "more, said",
    [
        ({"colour": "red"}, 'unknown fact "colour"'),
        ({"colour": None}, 'unknown fact "colour"'),
        ({"offer": "golden"}, 'fact "offer" cannot be "golden"; did you mean "gold"'),
        ({"offer": 3}, 'fact "offer" must be a string'),
        ({"version": "1999"}, 'fact "version" cannot be "1999"'),
        ({"product": "sql_server", "deployment": "cloud"}, 'fact "deployment" cannot be "cloud"'),
    ],
)
def test_what_staff_cannot_set_is_refused_with_what_is_wrong(more, said):
    with pytest.raises(UnusableFacts, match=said.replace("(", r"\(")):
        assist("SQL Server 2022 crashes", reading("SQL Server 2022 crashes"), TODAY, more=more)


@pytest.mark.parametrize("language", ["en", "nl"])
def test_any_facts_that_staff_may_set_together_can_be_asked_about(language):
    programme = shared().programme

    @settings(max_examples=150, deadline=None)
    @given(st.data())
    def holds(data):
        names = data.draw(st.lists(st.sampled_from(sorted(programme.facts)), unique=True))
        more = {name: data.draw(st.sampled_from(programme.values(name, {}))) for name in names}
        try:
            programme.check(more)
        except UnusableFacts:
            return
        for asked in missing(more, TODAY, language):
            assert asked.fact not in more and asked.question and asked.label and "{" not in asked.question

    holds()

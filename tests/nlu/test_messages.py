"""What a whole message means: facts from what was said and pasted, the first ask and the second, with a stand-in model."""

import pytest

from bot.knowledge import shared
from bot.nlu.entity import Entity
from bot.nlu.intents import ACCEPT, CONFIRM, REFUSE, Reading
from bot.nlu.linker import Linker
from bot.nlu.opening import cut
from bot.nlu.understanding import Understanding, acted_on, find_entities, understand

INTENTS = ("request_support", "ask_remaining_incidents", "ask_ids", "inform", "greet", "out_of_scope")
SIGNS = {
    "down": "request_support",
    "tired": "request_support",
    "slow": "request_support",
    "incidents": "ask_remaining_incidents",
    "access id": "ask_ids",
    "hello": "greet",
    "weather": "out_of_scope",
}
SURENESS = {"tired": 0.7, "slow": 0.8}  # of the signs that are less sure than the rest


class WordModel:
    """Reads a text by the sign word in it that comes first, as sure as it is told."""

    def __init__(self, confidence=0.95):
        self.confidence = confidence

    def decide(self, confidence, in_scope):
        return ACCEPT if confidence >= 0.8 else CONFIRM

    def read_all(self, texts, encode):
        return [self._read(text) for text, _ in texts]

    def _read(self, text):
        sign = min((sign for sign in SIGNS if sign in text.lower()), key=text.lower().index, default=None)
        first, sure = SIGNS.get(sign, "inform"), SURENESS.get(sign, self.confidence)
        rest = (1 - sure) / (len(INTENTS) - 1)
        ranking = sorted(((intent, sure if intent == first else rest) for intent in INTENTS), key=lambda e: -e[1])
        return Reading(tuple(ranking), self.decide(sure, 1.0))


@pytest.fixture(scope="module")
def linker():
    return Linker(shared())


def read(text, entities=(), confidence=0.95):
    return understand(text, entities, WordModel(confidence), None)


def named(linker, text):
    return [(entity.entity, entity.value) for entity in find_entities(cut(text), linker)]


def test_a_fault_comes_before_a_question_and_the_question_is_not_lost():
    found = read("Where do I see how many incidents are left? And by the way, our mail server is down.")
    assert found.ranking[0][0] == "request_support"
    assert found.second == "ask_remaining_incidents"


@pytest.mark.parametrize("fault, first", [("Everybody here is tired of it.", "ask_ids"), ("Everything here is slow.", "request_support")])
def test_a_fault_that_is_far_less_sure_than_a_question_does_not_come_before_it(fault, first):
    assert read(f"{fault} Where do I find the access id?").ranking[0][0] == first


def test_of_two_questions_the_first_comes_first():
    found = read("Where do I find the access id? And how many incidents are left?")
    assert (found.ranking[0][0], found.second) == ("ask_ids", "ask_remaining_incidents")


def test_a_greeting_is_no_ask():
    found = read("Hello dear people there. Where do I find the access id?")
    assert (found.ranking[0][0], found.second) == ("ask_ids", None)


def test_one_sentence_asks_one_thing():
    assert read("where do I find the access id").second is None


def test_the_product_of_a_log_counts_when_nothing_else_is_named(linker):
    log = "2023-02-14 06:12:03.41 Server      Microsoft SQL Server 2017 (RTM-CU31)\n2023-02-14 06:12:05.90 spid9s      Starting"
    assert named(linker, f"the database does not come up, log below.\n\n{log}") == [("product", "sql_server"), ("version", "2017")]
    assert named(linker, f"Exchange 2019 is down, log below.\n\n{log}") == [("product", "exchange_server"), ("version", "2019")]


def test_a_signature_says_nothing(linker):
    assert named(linker, "Exchange 2019 is down\n\nKind regards\nAn\nMicrosoft Gold Partner") == [
        ("product", "exchange_server"),
        ("version", "2019"),
    ]


@pytest.mark.parametrize(
    "text, kept",
    [
        ("it was 2016, now on 2019", ["2019"]),
        ("sorry, 2016 moest 2019 zijn", ["2019"]),
        ("Exchange 2019 instead of 2016", ["2019"]),
        ("geen gold maar silver", ["silver"]),
        ("silver in plaats van gold", ["silver"]),
        ("2016 and 2019", ["2016", "2019"]),
        ("It was 2016. Now what?", ["2016"]),
    ],
)
def test_what_is_replaced_or_denied_is_not_a_fact(linker, text, kept):
    assert [value for kind, value in named(linker, text) if kind in ("version", "offer")] == kept


def test_a_hybrid_set_up_runs_on_both_sides(linker):
    sides = [value for kind, value in named(linker, "our Exchange hybrid is down") if kind == "deployment"]
    assert sorted(sides) == ["cloud", "on_premises"]


@pytest.mark.parametrize(
    "text", ["support during office hours", "is it 24/7?", "10/10", "PAL vs DPOR", "the partner wants his incidents back"]
)
def test_ordinary_words_and_numbers_name_no_product(linker, text):
    assert not [kind for kind, _ in named(linker, text) if kind in ("product", "version")]


EXCHANGE = Entity("product", "exchange_server", 0, 8)


def understood(intent, confidence, decision, *entities):
    return Understanding(tuple(entities), ((intent, confidence), ("deny", 0.0)), decision, 1.0)


@pytest.mark.parametrize(
    "found, acted",
    [
        (understood("ask_ids", 0.9, ACCEPT), True),
        (understood("ask_ids", 0.5, CONFIRM), False),
        (understood("ask_ids", 0.9, REFUSE), False),
        (understood("thank", 0.5, CONFIRM), True),
        (understood("thank", 0.3, CONFIRM), False),
        (understood("start_over", 0.5, CONFIRM), False),
        (understood("request_support", 0.4, CONFIRM, EXCHANGE), True),
        (understood("ask_eligibility", 0.4, CONFIRM, EXCHANGE), False),
        (understood("ask_eligibility", 0.8, CONFIRM, EXCHANGE), True),
    ],
)
def test_an_unsure_reading_is_acted_on_only_where_little_can_be_lost(found, acted):
    assert acted_on(found) is acted

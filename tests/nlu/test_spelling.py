"""Spelling help for classification."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.spelling import Speller

SPELLER = Speller(["exchange", "sharepoint", "competency", "activeren", "benefits", "klant", "w", "2016"])


@pytest.mark.parametrize(
    "typed, meant",
    [
        ("exchnage", "exchange"),  # two neighbours swapped
        ("exchnge", "exchange"),  # one missing
        ("exchangee", "exchange"),  # one too many
        ("exchamge", "exchange"),  # one wrong
        ("sharepiont", "sharepoint"),
        ("competancy", "competency"),
        ("activren", "activeren"),
        ("benifits", "benefits"),
    ],
)
def test_a_word_that_misses_a_trained_word_by_one_letter_becomes_that_word(typed, meant):
    assert SPELLER.correct(typed) == meant


@pytest.mark.parametrize("word", ["exchange", "klant", "plant", "house", "vandaag", "hello"])
def test_a_known_word_stays_as_it_is(word):
    assert SPELLER.knows(word)
    assert SPELLER.correct(word) == word


def test_a_common_word_that_resembles_a_trained_one_is_not_replaced():
    # "plant" is one letter from "klant" but a word of its own.
    assert SPELLER.correct("plant") == "plant"


@pytest.mark.parametrize("typed, meant", [("probelm", "problem"), ("vandaagg", "vandaag")])
def test_a_misspelt_common_word_becomes_the_common_word(typed, meant):
    assert SPELLER.correct(typed) == meant


@pytest.mark.parametrize("word", ["exxchanngge", "qwrtpsdfg", "xq", "2016", "w2k19", "", "sfbz1"])
def test_what_is_near_nothing_too_short_or_no_word_stays_as_it_is(word):
    assert SPELLER.correct(word) == word


def test_the_same_word_always_becomes_the_same_word():
    again = Speller(["benefits", "exchange", "klant", "sharepoint", "activeren", "competency"])
    for word in ("exchnage", "probelm", "benifits", "waht"):
        assert SPELLER.correct(word) == SPELLER.correct(word) == again.correct(word)


@given(st.text(max_size=30))
def test_any_word_is_answered_and_a_correction_needs_no_other(word):
    corrected = SPELLER.correct(word)
    assert SPELLER.correct(corrected) == corrected
    assert abs(len(corrected) - len(word)) <= 1

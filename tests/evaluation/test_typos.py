"""A typo is always the same one, and one edit only."""

import re
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bot.evaluation.typos import BESIDE, typo

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGéëïß0123456789 .,'-_"


@given(st.text(LETTERS, max_size=60))
def test_a_typo_is_the_same_every_time_and_exactly_one_edit(text):
    changed = typo(text, [])
    assert changed == typo(text, [])
    has_word = any(word.isalpha() and len(word) >= 4 for word in re.findall(r"\w+", text))
    assert OSA.distance(text, changed) == (1 if has_word else 0)


def test_a_typo_is_the_same_in_another_process():
    text = "the mail queue on our server is stuck"
    code = f"from bot.evaluation.typos import typo; print(typo({text!r}, []))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == typo(text, [])


@given(st.text("abcd", min_size=4, max_size=9), st.text("efgh", min_size=4, max_size=9))
def test_an_entity_is_left_as_it_is(name, word):
    changed = typo(f"{name} {word}", [(0, len(name))])
    assert changed.startswith(f"{name} ") and changed != f"{name} {word}"


def test_a_word_that_only_begins_in_an_entity_is_left_too():
    assert typo("exchangeserver", [(0, 8)]) == "exchangeserver"


def test_a_text_without_a_word_to_miss_stays():
    for text in ("is it up", "w2k19 2012R2 KB5016884", "", "ja", "SQL 2019 ok?", "snake_case_word"):
        assert typo(text, []) == text


def test_every_kind_of_edit_comes_up():
    kinds = set()
    for number in range(300):
        text = f"problem{'x' * (number % 7)} {'abcdefghij'[number % 10] * 3}ver {number}"
        changed = typo(text, [])
        if len(changed) < len(text):
            kinds.add("dropped")
        elif len(changed) > len(text):
            kinds.add("doubled")
        elif sorted(changed) == sorted(text):
            kinds.add("swapped")
        else:
            kinds.add("mistyped")
    assert kinds == {"dropped", "doubled", "swapped", "mistyped"}


@given(st.text("abcdefghijklmnopqrstuvwxyzQWERTY", min_size=4, max_size=12))
def test_a_mistyped_letter_is_beside_the_right_one_and_a_doubled_one_is_its_neighbour(word):
    changed = typo(word, [])
    if len(changed) == len(word) and sorted(changed) != sorted(word):
        ((right, wrong),) = [(a, b) for a, b in zip(word, changed) if a != b]
        assert wrong.lower() in BESIDE[right.lower()] and wrong.isupper() == right.isupper()
    if len(changed) > len(word):
        assert any(changed[place] == changed[place + 1] for place in range(len(changed) - 1))


def test_the_keyboard_is_symmetric():
    assert all(letter in BESIDE[key] for letter, keys in BESIDE.items() for key in keys)
    assert (BESIDE["q"], BESIDE["s"], BESIDE["m"]) == ("w", "ad", "n")

"""How a message is cut into tokens."""

import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.text import fold, tokenize, words


@given(st.text(max_size=300))
def test_any_text_gives_tokens_that_point_into_it_in_order(text):
    tokens = tokenize(text)
    assert all(0 <= token.start < token.end <= len(text) for token in tokens)
    assert all(before.end <= after.start for before, after in zip(tokens, tokens[1:]))


@given(st.text(max_size=300))
def test_a_token_is_the_folded_piece_of_text_it_points_to(text):
    for token in tokenize(text):
        piece = "".join(sign for sign in text[token.start : token.end] if unicodedata.category(sign) != "Cf")
        # An "o" between digits is a zero.
        assert not token.norm.isalnum() or token.norm == fold(piece) or (
            token.norm.isdigit() and token.norm == fold(piece).replace("o", "0")
        )


@given(st.text(alphabet=string.ascii_letters, min_size=1), st.text(alphabet=string.digits, min_size=1))
def test_letters_and_digits_part(letters, digits):
    assert words(letters + digits) == words(f"{letters} {digits}") == (letters.lower(), digits)
    assert words(digits + letters) == (digits, letters.lower())


@given(
    st.lists(st.text(alphabet=string.ascii_lowercase, min_size=1), min_size=1),
    st.sampled_from([" ", "-", "_", "/", "  ", "\n", ", "]),
)
def test_separators_carry_no_meaning(pieces, separator):
    assert words(separator.join(pieces)) == tuple(pieces)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("w2k19", ("w", "2", "k", "19")),
        ("Exchange 2016", ("exchange", "2016")),
        ("exchange-2016", ("exchange", "2016")),
        ("EXCHANGE2016", ("exchange", "2016")),
        ("Windows 8.1.", ("windows", "8", ".", "1")),
        ("It broke. 2 users", ("it", "broke", "2", "users")),
        ("F&O", ("f", "&", "o")),
        ("Finance + Operations", ("finance", "+", "operations")),
        ("customer’s", ("customer", "s")),
        ("één klant", ("een", "klant")),
        ("Überprüfung", ("uberprufung",)),
        ("", ()),
        ("   \t\n", ()),
        ("?!", ()),
    ],
)
def test_a_text_is_cut_as_expected(text, expected):
    assert words(text) == expected


def test_a_token_keeps_its_place_when_letters_lose_their_accents():
    text = "Zoë vraagt: één Exchange 2016"
    assert [text[t.start : t.end] for t in tokenize(text)] == ["Zoë", "vraagt", "één", "Exchange", "2016"]


@pytest.mark.parametrize(
    "text", ["e\u0301e\u0301n klant", "مرحبا Exchange 2016", "\u202eegnahcxE 2016", "😀😀", "\x00\x01SQL\x7f"]
)
def test_odd_characters_are_no_reason_to_fail(text):
    assert all(text[token.start : token.end] for token in tokenize(text))

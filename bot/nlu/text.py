"""How a message is cut into tokens, the same for messages and for the aliases they are matched with."""

import re
import unicodedata
from typing import List, NamedTuple, Tuple

_TOKEN = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_", re.UNICODE)
_APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "})
_LETTER_O = re.compile(r"(?<=\d)[oO](?=\d)")  # "2O19" is 2019
_DROPPED = set("-_/'\"()[]{}*,:;!?#®™|<>\\")


class Token(NamedTuple):
    """A piece of text: its normal form (lower case, no diacritics) and where it stands in the message."""

    norm: str
    start: int
    end: int


def fold(word: str) -> str:
    """Return `word` in lower case without diacritics."""
    return "".join(c for c in unicodedata.normalize("NFKD", word.lower()) if not unicodedata.combining(c))


def tokenize(text: str) -> List[Token]:
    """Return the tokens of `text`: runs of letters, runs of digits, and the signs that carry meaning.

    Letters and digits part ("w2k19" is w, 2, k, 19), so "exchange2016", "Exchange 2016" and "exchange-2016"
    give the same tokens. A full stop counts only between digits ("8.1"), "&" and "+" always.
    """
    places = [place for place, sign in enumerate(text) if unicodedata.category(sign) != "Cf"]  # zero-width signs
    plain = "".join(text[place] for place in places).translate(_APOSTROPHES)
    plain = _LETTER_O.sub("0", plain)
    found = [(m.group(), places[m.start()], places[m.end() - 1] + 1) for m in _TOKEN.finditer(plain)]
    tokens = []
    for index, (piece, start, end) in enumerate(found):
        if piece in _DROPPED:
            continue
        if piece == ".":
            before = index > 0 and found[index - 1][2] == start and found[index - 1][0].isdigit()
            after = index + 1 < len(found) and found[index + 1][1] == end and found[index + 1][0].isdigit()
            if not (before and after):
                continue
        norm = fold(piece)
        if norm:
            tokens.append(Token(norm, start, end))
    return tokens


def words(text: str) -> Tuple[str, ...]:
    """Return the normal forms of `text`."""
    return tuple(token.norm for token in tokenize(text))

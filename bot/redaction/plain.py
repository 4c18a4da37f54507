"""The plain form of a text, in which secrets are looked for: every digit as 0-9, every dash as "-", no
curly quotes and no invisible signs."""

import re
import unicodedata
from functools import lru_cache
from typing import List, NamedTuple, Tuple

ACCESS_ID, CONTRACT_ID, GUID = "access id", "contract id", "guid"
PASSWORD, KEY, TOKEN = "password", "key", "token"
CARD, IBAN, MAIL, PHONE, PERSONAL = "card number", "iban", "e-mail", "phone number", "personal number"
KINDS = (KEY, TOKEN, PASSWORD, ACCESS_ID, CONTRACT_ID, GUID, CARD, IBAN, MAIL, PERSONAL, PHONE)

DONE = "\ue000"  # stands for a placeholder: nothing is looked for in it or beyond it
_PLACEHOLDER = re.compile("|".join(re.escape(f"[{kind}]") for kind in KINDS))
_INVISIBLE = ("Cf", "Mn", "Me")
_MINUS = "\u2212"
_QUOTES = {**dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb", '"'), **dict.fromkeys("\u2018\u2019\u201a\u201b", "'")}


class Span(NamedTuple):
    """Where a secret stands in the plain form. When two overlap, the lower rank gives the name."""

    start: int
    end: int
    kind: str
    rank: int = 0


def plain_form(text: str) -> Tuple[str, List[Tuple[int, int]]]:
    """Return the plain form of `text`, and for each of its signs where it begins and ends in `text`."""
    signs: List[str] = []
    places: List[Tuple[int, int]] = []
    done = 0
    for placeholder in [*_PLACEHOLDER.finditer(text), None]:
        for index in range(done, placeholder.start() if placeholder else len(text)):
            folded = _fold(text[index])
            signs.append(folded)
            places += [(index, index + 1)] * len(folded)
        if placeholder:
            done = placeholder.end()
            signs.append(DONE)
            places.append(placeholder.span())
    return "".join(signs), places


@lru_cache(maxsize=4096)
def _fold(sign: str) -> str:
    if sign.isascii():
        return sign
    if sign in _QUOTES:
        return _QUOTES[sign]
    category = unicodedata.category(sign)
    if category in _INVISIBLE:
        return ""
    if category == "Pd" or sign == _MINUS:
        return "-"
    number = unicodedata.decimal(sign, None)
    if number is not None:
        return str(number)
    return "?" if category == "Co" else unicodedata.normalize("NFKC", sign)


def any_of(*words: str) -> str:
    """Return a regular expression for one of `words`, which are expressions themselves."""
    return "(?:" + "|".join(words) + ")"

"""The plain form of a text, in which secrets are looked for: every digit as 0-9, every dash as "-", no invisible signs."""

import re
import unicodedata
from functools import lru_cache
from typing import List, NamedTuple, Tuple

ACCESS_ID, CONTRACT_ID, GUID = "access id", "contract id", "guid"
PASSWORD, KEY, TOKEN = "password", "key", "token"
CARD, IBAN, MAIL, PHONE = "card number", "iban", "e-mail", "phone number"
KINDS = (KEY, TOKEN, PASSWORD, ACCESS_ID, CONTRACT_ID, GUID, CARD, IBAN, MAIL, PHONE)

DONE = "\ue000"  # stands for a placeholder: nothing is looked for in it or beyond it
_PLACEHOLDER = re.compile("|".join(re.escape(f"[{kind}]") for kind in KINDS))
_INVISIBLE = ("Cf", "Mn", "Me")
_MINUS = "\u2212"


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


# What may stand between the word for a secret and the secret: "id: X", "id is X", "id = X", `"id": "X"`.
SEPARATOR = r"[\"'\s)]{0,4}(?::|={1,2}>?|->|\b(?:is|was|are|zijn|luidt)\b){1,2}[\s\"'(`]{0,4}"

# What looks like an id and is none: error codes, KB numbers, versions and builds, dates, products with their version.
_PRODUCTS = any_of(
    *"windows win ws w server srv sql mssql exchange exch ex office o m microsoft dynamics sharepoint nav ax gp crm bc d "
    "visio project skype lync sccm scom scvmm vs sbs rds azure teams outlook word excel access hyperv visualstudio".split()
)
_HARMLESS = re.compile(
    r"0x[0-9a-f]+|kb-?\d+|(?:cu|sp|rc|r|v|e|n|p|s|ru|ver|build)-?\d{1,4}|\d\dh\d|\d{1,5}(?:\.\d{1,6}){1,4}"
    r"|\d{4}-\d\d?-\d\d?|\d\d?-\d\d?-(?:\d\d){1,2}|(?:19|20)\d\d(?:-(?:19|20)?\d\d)?|n-[12]|2?k\d{1,2}"
    rf"|{_PRODUCTS}-?(?:server)?-?(?:2k)?\d{{1,4}}(?:r\d|h\d)?(?:sp\d|cu\d{{1,2}})?",
    re.I,
)


def is_harmless(piece: str) -> bool:
    """Say whether a word with digits is of a kind that is no secret: an error code, a version, a date, a product."""
    return _HARMLESS.fullmatch(piece.strip(".,;:!?-_#*")) is not None

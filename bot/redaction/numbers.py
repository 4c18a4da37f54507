"""Card numbers, IBANs, personal numbers and phone numbers."""

import re
from functools import lru_cache
from typing import Iterator, List, Optional

from stdnum import iban, luhn, numdb

from bot.redaction.plain import CARD, IBAN, PERSONAL, PHONE, Span
from bot.redaction.words import is_called_otherwise

CARD_DIGITS = range(19, 12, -1)
CARD_GROUPS = ([4, 4, 4, 4], [4, 6, 5], [4, 6, 4])
FEWEST_PHONE_DIGITS, FEWEST_PLAIN_PHONE_DIGITS = 7, 9
WORD_REACH = 40  # signs

_DIGITS = re.compile(r"\d(?:[\s._\-/,|;:*+]{0,8}\d)+")
_PLAIN_JOINT = re.compile(r"[\s._\-/]{0,3}")  # another joint must part a number in the groups of a card
_ISSUED = r"4\d{12}(?:\d{3}){0,2}|5[0-8]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6\d{12,18}"
_ISSUED_CARD, _CARD = re.compile(_ISSUED), re.compile(rf"{_ISSUED}|\d{{16}}")  # by issuer, or any of 16 digits
_IBAN = re.compile(
    r"(?<![^\W_])(?=([A-Z][ \-.]{0,3}[A-Z][ \-.]{0,3}\d[ \-.]{0,3}\d(?:[ \-.]{0,3}[A-Z0-9]){11,32}))", re.I | re.A
)
_TICKET = re.compile(
    r"(?<![^\W_])(?:tickets?|cases?|zaak|incident|sr|request|verzoek|aanvraag)[\s:#]{0,3}"
    r"(?:(?:id|nr|number|nummer|is)[\s:.#]{1,3}){0,2}\Z",
    re.I,
)
_TICKET_NUMBER = re.compile(r"2\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{10}")  # begins with its date

_BETWEEN = r"(?:(?:is|at|op|no|nr|number|nummer)[\s.:]{1,3}){0,2}"
_AFTER_NAME = re.compile(
    r"(?<![^\W_])(?:(?:tel(?:ephone|efoon(?:nummer)?|nr)?|phone(?: ?number)?|mob(?:ile|iel)?|gsm|fax|whatsapp"
    r"|cell(?=\s?[.:|]))"
    rf"[\s.:|#]{{0,5}}{_BETWEEN}(?=[(+\d])"
    rf"|(?:cell|[tmf](?=\s?[.:][\s+(0]))[\s.:|#]{{0,5}}{_BETWEEN}(?=\(?[+0]|\d[\d ()\-./]{{5,20}}(?:[\n,;|]|\Z)))"
    r"(\(?\+?\d(?:[ ()\-./]{0,3}\d){6,14})",
    re.I,
)
_INTERNATIONAL = re.compile(r"(?<![\w+])(\+(?:[ ()\-./]{0,3}\d){8,15})(?!\d)")
_NATIONAL = re.compile(
    r"(?<![\w.-])(00[1-9](?:[ ./-]?\d){8,12}|0[1-9]\d{7,8}|\(?0[1-9]\d{0,2}\)?[ ./-]{1,3}\d{2,4}(?:[ ./-]\d{2,4}){1,3}"
    r"|\(?0[1-9]\d{0,2}\)?[ ./-]{1,3}\d{6,8})(?![\w.-]?\d)"
)
# Numbers of nine or ten digits that the Netherlands, Belgium and (written in pairs) France have given out.
_GIVEN_OUT = re.compile(
    r"06[1-58]\d{7}|0(?:1[03568]|2[0346]|3[03568]|4[03-6]|5[03-58]|7\d|8[4578]|91)[1-9]\d{6}"
    r"|0(?:1(?:1[1-8]|6[1-8]|7[24]|8[0-7])|2(?:2[2-9]|5[125]|9[479])|3(?:1[3-8]|2[01]|4[1-8])|4(?:1[1-8]|7[58]|8[15-8]"
    r"|9[2-9])"
    r"|5(?:1[1-9]|2[1-9]|4[1-8]|6[126]|7[0-8]|9[1-9]))[1-9]\d{5}|0[89]00\d{4,6}"
    r"|04[5-9]\d{7}|0[2349][1-9]\d{6}|0(?:1[0-69]|5\d|6[0-35-9]|71|8[0-79])[1-9]\d{5}"
)
_IN_PAIRS = re.compile(r"0[1-9](?:[ ./-]\d\d){4}")
LONGEST_GIVEN_OUT = 10
_CALL = re.compile(
    r"(?<![^\W_])(?:call|ring|dial|reach|text|bel|bereik\w{0,6}|contact|nummer|number|telefonisch)\b[^\n\d]{0,24}\Z", re.I
)
_WORD_BEFORE = re.compile(r"([^\W\d_]{1,30})[\s:#(]{1,3}\Z")
_DATE = re.compile(r"\d\d?[-/ .]\d\d?[-/ .](?:19|20)\d\d")

_PERSONAL = re.compile(
    r"(?<![^\W_])(?:bsn|burger ?service(?: ?nummer)?|sofi|rijksregister|insz|niss|ssn|social security|national insurance"
    r"|persoonsnummer|national id)[ -]?(?:nummers?|numbers?|nr"
    r"|no)?(?![^\W\d_])[\s.:=#(]{0,4}(?:[^\W\d_]{1,12}[\s:=(]{1,3}){0,4}"
    r"(\d(?:[ .\-/]{0,2}\d){7,10})(?!\d)",
    re.I,
)


def cards(plain: str) -> Iterator[Span]:
    """Yield card numbers: digits with a right check digit, that begin and end where a group of digits does."""
    for match in _DIGITS.finditer(plain):
        at = [place for place in range(*match.span()) if plain[place].isdigit()]
        digits = "".join(plain[place] for place in at)
        starts = [i for i in range(len(at)) if i == 0 or at[i] - at[i - 1] > 1]
        ends = {i + 1 for i in range(len(at)) if i + 1 == len(at) or at[i + 1] - at[i] > 1}
        for start in starts:
            for end in (start + length for length in CARD_DIGITS if start + length in ends):
                number = digits[start:end]
                if not _CARD.fullmatch(number) or len(set(number)) == 1 or not luhn.is_valid(number):
                    continue
                if _is_one_number(plain, at[start:end], number) and not _is_ticket(plain, at[start], number):
                    yield Span(at[start], at[end - 1] + 1, CARD)
                    break


def _is_one_number(plain: str, at: List[int], number: str) -> bool:
    """Say whether digits at these places are parted as in one number, or, by other signs, as a card is."""
    gaps = [plain[a + 1 : b] for a, b in zip(at, at[1:])]
    if all(_PLAIN_JOINT.fullmatch(gap) for gap in gaps):
        return True
    if not _ISSUED_CARD.fullmatch(number):
        return False
    if all(gaps) and len(set(gaps)) == 1:
        return True
    sizes = [1]
    for gap in gaps:
        sizes = [*sizes, 1] if gap else [*sizes[:-1], sizes[-1] + 1]
    return sizes in CARD_GROUPS


def _is_ticket(plain: str, start: int, number: str) -> bool:
    """Say whether digits are called a ticket and begin with its date, as those of support requests do."""
    named = _TICKET.search(plain, max(0, start - WORD_REACH), start) is not None
    return named and _TICKET_NUMBER.fullmatch(number) is not None


def ibans(plain: str) -> Iterator[Span]:
    """Yield IBANs: of a country that has them, as long as they are there, with a right check digit."""
    for match in _IBAN.finditer(plain):
        at = [place for place in range(*match.span(1)) if plain[place].isalnum()]
        number = "".join(plain[place] for place in at).upper()
        length = _iban_length(number[:2])
        if length and length <= len(at) and iban.is_valid(number[:length], check_country=False):
            yield Span(at[0], at[length - 1] + 1, IBAN)


@lru_cache(maxsize=1024)
def _iban_length(country: str) -> Optional[int]:
    properties = numdb.get("iban").info(country)[0][1]
    return 4 + sum(int(part) for part in re.findall(r"(\d+)!", properties["bban"])) if "bban" in properties else None


def phones(plain: str) -> Iterator[Span]:
    """Yield phone numbers: after a word for them, with a country code, or as they are written in the Low Countries."""
    for pattern in (_AFTER_NAME, _INTERNATIONAL):
        for match in pattern.finditer(plain):
            if sum(sign.isdigit() for sign in match.group(1)) >= FEWEST_PHONE_DIGITS and not _DATE.match(match.group(1)):
                yield Span(*match.span(1), PHONE)
    for match in _NATIONAL.finditer(plain):
        start = max(0, match.start() - WORD_REACH)
        called = _CALL.search(plain, start, match.start()) is not None
        if _is_national(match.group(1), called) and not _DATE.match(match.group(1)):
            adjoining = _WORD_BEFORE.search(plain, start, match.start())
            before = re.findall(r"[^\W\d_]+", plain[start : match.start()].lower())[-2:] if adjoining else []
            if not is_called_otherwise(before):
                yield Span(*match.span(1), PHONE)


def _is_national(written: str, called: bool) -> bool:
    """Say whether digits are a number that one can dial here; any will do when the text asks to call it."""
    digits = "".join(sign for sign in written if sign.isdigit())
    if len(digits) < FEWEST_PLAIN_PHONE_DIGITS:
        return False
    given_out = _GIVEN_OUT.fullmatch(digits) or _IN_PAIRS.fullmatch(written)
    return called or len(digits) > LONGEST_GIVEN_OUT or given_out is not None


def personal(plain: str) -> Iterator[Span]:
    """Yield the numbers by which a state knows a person, after a word for them."""
    for match in _PERSONAL.finditer(plain):
        yield Span(*match.span(1), PERSONAL)


SEARCHES = (cards, ibans, phones, personal)

"""Card numbers, IBANs, e-mail addresses and phone numbers."""

import re
from functools import lru_cache
from typing import Iterator, Optional

from stdnum import iban, luhn, numdb

from bot.redaction.plain import CARD, IBAN, MAIL, PHONE, Span

CARD_DIGITS = range(19, 12, -1)
LONGEST_LOCAL_PART = 64
FEWEST_PHONE_DIGITS, FEWEST_PLAIN_PHONE_DIGITS = 7, 9

_DIGITS = re.compile(r"\d(?:[\s._\-/]{0,3}\d)+")
_CARD = re.compile(  # by issuer, or any of 16 digits
    r"4\d{12}(?:\d{3}){0,2}|5[0-8]\d{14}|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|6\d{12,18}|\d{16}"
)
_IBAN = re.compile(
    r"(?<![^\W_])(?=([A-Z][ \-.]{0,3}[A-Z][ \-.]{0,3}\d[ \-.]{0,3}\d(?:[ \-.]{0,3}[A-Z0-9]){11,32}))", re.I | re.A
)
_AT = re.compile(r"@|[(\[<]at[)\]>]", re.I)
_HOST = re.compile(r" {0,2}(?:[\w-]{1,63}(?:\.| \. )){1,8}[^\W\d_]{2,24}")
_PHONE_WORDS = (
    r"(?:tel(?:ephone|efoon(?:nummer)?|nr)?|phone(?: ?number)?|mob(?:ile|iel)?|gsm|cell|fax|whatsapp|[tmf](?=\s?[.:]))"
)
_AFTER_NAME = re.compile(
    rf"(?<![^\W_]){_PHONE_WORDS}[\s.:|#]{{0,5}}(?:(?:is|at|op|no|nr|number|nummer)[\s.:]{{1,3}}){{0,2}}"
    r"(\(?\+?\d(?:[ ()\-./]{0,3}\d){6,14})",
    re.I,
)
_INTERNATIONAL = re.compile(r"(?<![\w+])(\+(?:[ ()\-./]{0,3}\d){8,15})(?!\d)")
_NATIONAL = re.compile(
    r"(?<![\w.-])(00[1-9]\d{8,12}|0[1-9]\d{7,8}|\(?0[1-9]\d{0,2}\)?[ -]{1,3}\d{2,4}(?:[ -]\d{2,4}){1,3}"
    r"|\(?0[1-9]\d{0,2}\)?[ -]{1,3}\d{6,8})(?![\w.-]?\d)"
)
_DATE = re.compile(r"\d\d?[-/ .]\d\d?[-/ .](?:19|20)\d\d")


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
                if _CARD.fullmatch(number) and len(set(number)) > 1 and luhn.is_valid(number):
                    yield Span(at[start], at[end - 1] + 1, CARD)
                    break


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


def mails(plain: str) -> Iterator[Span]:
    """Yield e-mail addresses, with spaces around the sign or "(at)" for it too."""
    for match in _AT.finditer(plain):
        start = match.start()
        while start > 0 and match.start() - start < 2 and plain[start - 1] == " ":
            start -= 1
        name, floor = start, max(0, start - LONGEST_LOCAL_PART)
        while start > floor and (plain[start - 1].isalnum() or plain[start - 1] in "._+%&'*^~#$-"):
            start -= 1
        host = _HOST.match(plain, match.end())
        if host and start < name:
            yield Span(start, host.end(), MAIL)


def phones(plain: str) -> Iterator[Span]:
    """Yield phone numbers: after a word for them, with a country code, or as they are written in the Low Countries."""
    for pattern, fewest in (
        (_AFTER_NAME, FEWEST_PHONE_DIGITS),
        (_INTERNATIONAL, FEWEST_PHONE_DIGITS),
        (_NATIONAL, FEWEST_PLAIN_PHONE_DIGITS),
    ):
        for match in pattern.finditer(plain):
            digits = sum(sign.isdigit() for sign in match.group(1))
            if digits >= fewest and not _DATE.match(match.group(1)):
                yield Span(*match.span(1), PHONE)


SEARCHES = (cards, ibans, mails, phones)

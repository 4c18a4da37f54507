"""Passwords, keys and tokens."""

import re
from typing import Iterator

from bot.redaction.plain import DONE, KEY, PASSWORD, SEPARATOR, TOKEN, Span, any_of, is_harmless

SHORTEST_KEY = 6  # signs, unless it is assigned with "="
SHORTEST_RANDOM, LONG_RANDOM, TURNS = 16, 24, 4

_BEGIN_KEY = re.compile(r"-----BEGIN [A-Z ]{0,40}KEY-----")
_END_KEY = re.compile(r"-----END [A-Z ]{0,40}KEY-----")
_TOKENS = re.compile(
    r"\beyJ[\w-]{8,}(?:\.[\w-]+){0,4}"
    r"|\b[spr]k[-_](?:[A-Za-z]{2,8}[-_]){0,2}[A-Za-z0-9]{12,}[\w-]*|\bgh[pousr]_\w{10,}|\bgithub_pat_\w{10,}"
    r"|\bglpat-[\w-]{10,}|\bxox[a-z]-[\w-]{8,}|\bAKIA[A-Z0-9]{12,}|\bAIza[\w-]{20,}|\b\w{3,6}8Q~[\w.~-]{20,}"
)
# A word without a digit ("bearer authentication") is no token, unless it is long.
_BEARER = re.compile(r"\bbearer\s{1,5}(?=[\w.~+/-]{0,200}\d|[\w.~+/-]{20})([\w.~+/=-]{6,})", re.I)
_KEY_WORDS = any_of(
    r"(?:\b|_|(?<=[a-z]))(?:keys?|secrets?|tokens?)", r"(?:\b|_)(?:sleutels?|geheim|sig|signature|connection ?string|pat)"
)
_KEY = re.compile(rf"{_KEY_WORDS}({SEPARATOR})([^\s\"'&;,<>{DONE}]{{4,}})", re.I)
_PRODUCT_KEY = re.compile(r"\b[A-Z0-9]{5}(?: ?- ?[A-Z0-9]{5}){4}\b", re.I)
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)

_PASSWORD_WORDS = any_of(
    r"(?:\b|_|(?<=[a-z]))(?:pass ?words?|passwd|pwd|wacht ?woord(?:en)?)",
    r"(?:\b|_)(?:pass ?codes?|pass ?phrase|pw|pass|pin(?:[ -]?code)?|wachtzin|ww)",
)
_FILLER = r"(?:(?:still|now|just|nu|nog|steeds|gewoon|as follows|als volgt|het volgende)\b[\s:]{1,4}){0,2}"
_PASSWORD = re.compile(rf"{_PASSWORD_WORDS}\b({SEPARATOR}){_FILLER}{DONE}*(\S+)", re.I)
_BARE_PASSWORD = re.compile(rf"{_PASSWORD_WORDS}\s{{1,3}}([^\s{DONE}]{{6,}})", re.I)
_IN_URL = re.compile(rf"://[^\s/@:{DONE}]{{1,80}}:([^\s/@{DONE}]{{1,120}})@")
_SINGLE_SIGNS = re.compile(r"(?:[ \-.]{1,3}[^\W_](?![^\W_])){1,80}")
# "the password is expired" gives none.
_STATES = frozenset(
    "a an the not never no being been too very wrong incorrect correct right fine ok expired lost forgotten reset changed "
    "required needed unknown set empty asked invalid rejected refused stored saved about to in on for with that where what "
    "een de het niet nooit geen te heel fout onjuist juist goed verlopen kwijt vergeten gereset gewijzigd veranderd nodig "
    "onbekend leeg gevraagd ongeldig geweigerd dat waar wat voor op in met".split()
)
_VERBS = ("is", "was", "are", "zijn")


def keys(plain: str) -> Iterator[Span]:
    """Yield keys, tokens and signatures, by their word or by how they look."""
    begin = _BEGIN_KEY.search(plain)
    while begin:
        end = _END_KEY.search(plain, begin.end())
        yield Span(begin.start(), end.end() if end else len(plain), KEY)
        begin = _BEGIN_KEY.search(plain, end.end()) if end else None
    for match in _TOKENS.finditer(plain):
        yield Span(*match.span(), TOKEN)
    for match in _BEARER.finditer(plain):
        yield Span(*match.span(1), TOKEN)
    for match in _KEY.finditer(plain):
        # "the key is greyed out" and "token: expired" give none; an assignment always does
        if "=" in match.group(1) or (len(match.group(2)) >= SHORTEST_KEY and _has_digit(match.group(2))):
            yield Span(*match.span(2), KEY)
    for match in _PRODUCT_KEY.finditer(plain):
        if _has_digit(match.group()) and any(sign.isalpha() for sign in match.group()):
            yield Span(*match.span(), KEY)
    for match in _LONG.finditer(plain):
        if _is_random(match.group()):
            yield Span(*match.span(), KEY)


def passwords(plain: str) -> Iterator[Span]:
    """Yield what stands after a word for password, and the password in an address."""
    for match in _PASSWORD.finditer(plain):
        said, value = match.group(1).strip("\"' `()\n").lower(), match.group(2)
        word = value.strip(".,;:!?\"')]").lower()
        if not value.strip(f"?.,;:)\"'{DONE}") or (said in _VERBS and word in _STATES):
            continue
        spaced = _SINGLE_SIGNS.match(plain, match.end(2)) if len(word) == 1 else None
        yield Span(match.start(2), spaced.end() if spaced else match.end(2), PASSWORD)
    for match in _BARE_PASSWORD.finditer(plain):
        if _has_digit(match.group(1)) and not is_harmless(match.group(1)):
            yield Span(*match.span(1), PASSWORD)
    for match in _IN_URL.finditer(plain):
        yield Span(*match.span(1), PASSWORD)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _is_random(run: str) -> bool:
    """Say whether a long run is a key and no path, name or GUID: letters and digits that keep taking turns."""
    longest = max(re.split(r"[+/_=-]", _GUID.sub("", run)), key=len)
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in longest]
    turns = sum((a == "0") != (b == "0") for a, b in zip(kinds, kinds[1:]))
    return len(longest) >= SHORTEST_RANDOM and turns >= TURNS and (len(set(kinds)) == 3 or len(longest) >= LONG_RANDOM)


SEARCHES = (keys, passwords)

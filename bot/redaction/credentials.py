"""Keys and tokens: by the word for them, or by how they look."""

import re
from typing import Iterator, Optional

from bot.redaction.passwords import loose
from bot.redaction.plain import DONE, KEY, TOKEN, Span, any_of
from bot.redaction.words import SEPARATOR, is_called_hash, is_harmless, is_wordlike

SHORTEST_KEY = 6  # signs, unless it is assigned with "="
SHORTEST_FAR, FEWEST_FAR = 8, 3  # signs and digits, when another word stands between
SHORTEST_LETTERS, CASE_TURNS = 12, 3  # of a key without digits
WORDS_LOOSE = 4
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
_HEADER = re.compile(
    rf"authorization[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?(?:(?:basic|bearer|digest|ntlm|negotiate|token|api-?key"
    rf"|sharedkey)\s{{1,3}}"
    rf"([^\s\"'{DONE}]{{6,}})|(?=[\w.~+/:-]{{0,200}}\d)([^\s\"'{DONE}]{{8,}}))",
    re.I,
)
_BASIC = re.compile(r"\bbasic\s{1,3}(?=[A-Za-z0-9+/]{0,200}[A-Z0-9])([A-Za-z0-9+/]{8,}={1,2}(?!=))", re.I)
_WORD = any_of(
    # "apikey" and "clientSecret", but neither "turkey" nor "monkey"
    r"(?:\b|_|(?<=[a-z])(?<!don|hoc|joc|lac|lar|mon|smo|tur|dic|mic)(?<!whis|flun))(?:keys?|secrets?|tokens?)",
    r"(?:\b|_|(?<=[a-z]))sleutels?",
    r"(?:\b|_)(?:geheim|sig|signature|connection ?string|pat)",
)
_GAP = rf"(?:[\s(]{{1,3}}[^\s:=()\"|{DONE}]{{1,60}}(?<![.!?;])\)?){{0,6}}?"
_KEY = re.compile(rf"{_WORD}(?P<gap>{_GAP})(?P<says>{SEPARATOR})(?P<value>[^\s\"'&;,<>{DONE}]{{4,}})", re.I)
_BARE_KEY = re.compile(rf"{_WORD}(?=[\s,-])", re.I)
_PATH = re.compile(r"hk(?:lm|cu|cr|ey|u\b)|.{0,200}(?:\\|://)|/", re.I)
_PRODUCT_KEY = re.compile(r"(?<![^\W_])[A-Z0-9]{5}(?: ?- ?[A-Z0-9]{5}){4}(?![^\W_])", re.I)
_SIGNS_OF_KEYS = "[BCDFGHJKMNPQRTVWXY2346789]"
_CLOSE_PRODUCT_KEY = re.compile(
    rf"(?<![^\W_]){_SIGNS_OF_KEYS}{{5}}(?:[\s._-]{{0,3}}{_SIGNS_OF_KEYS}{{5}}){{4}}(?![^\W_])", re.I
)
_RECOVERY_KEY = re.compile(r"(?<!\d)\d{6}(?:[\s._,-]{0,3}\d{6}){7}(?!\d)|(?<![\d-])\d{6}(?:[ -]\d{6}){3,6}(?![\d-])")
_LONG = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I)
_HASH = re.compile(r"[0-9a-f]{32,128}", re.I)


def keys(plain: str) -> Iterator[Span]:
    """Yield keys, tokens and signatures by how they look."""
    begin = _BEGIN_KEY.search(plain)
    while begin:
        end = _END_KEY.search(plain, begin.end())
        yield Span(begin.start(), end.end() if end else len(plain), KEY)
        begin = _BEGIN_KEY.search(plain, end.end()) if end else None
    for match in _TOKENS.finditer(plain):
        yield Span(*match.span(), TOKEN)
    for pattern in (_BEARER, _HEADER, _BASIC):
        for match in pattern.finditer(plain):
            yield Span(*match.span(match.lastindex), TOKEN)
    for pattern in (_PRODUCT_KEY, _CLOSE_PRODUCT_KEY):
        for match in pattern.finditer(plain):
            if _has_digit(match.group()) and any(sign.isalpha() for sign in match.group()):
                yield Span(*match.span(), KEY)
    for match in _RECOVERY_KEY.finditer(plain):
        yield Span(*match.span(), KEY)
    for match in _LONG.finditer(plain):
        called_hash = _HASH.fullmatch(match.group()) and is_called_hash(plain, match.start())
        if _is_random(match.group()) and not called_hash:
            yield Span(*match.span(), KEY, rank=1)


def named_keys(plain: str) -> Iterator[Span]:
    """Yield what a text calls a key, a token or a secret. "The key is greyed out" and "token: expired" give none."""
    for match in _KEY.finditer(plain):
        value, says = match.group("value"), match.group("says")
        if match.group("gap"):
            is_key = _is_mixed(value) and _may_be_key(value, False)
        else:
            is_key = "=" in says or _may_be_key(value, ":" in says)
        if is_key:
            yield Span(*match.span("value"), KEY)
    for match in _BARE_KEY.finditer(plain):
        span = _bare_key(plain, match.end())
        if span:
            yield span


def _bare_key(plain: str, start: int) -> Optional[Span]:
    for count, match, core in loose(plain, start, WORDS_LOOSE):
        digits = sum(sign.isdigit() for sign in core)
        if _is_mixed(core) and not _PATH.match(core) and (not count or (len(core) >= SHORTEST_FAR and digits >= FEWEST_FAR)):
            at = match.start() + match.group().index(core)
            return Span(at, at + len(core), KEY)
    return None


def _may_be_key(value: str, told: bool) -> bool:
    """Say whether a value has digits, or (when it is `told` with a colon) is of letters that look like no word."""
    if len(value) < SHORTEST_KEY or is_harmless(value) or _PATH.match(value):
        return False
    letters = value.strip(".,;:!?)")
    if _has_digit(value) or not told or not letters.isalpha():
        return _has_digit(value)
    turns = sum(a.islower() and b.isupper() for a, b in zip(letters, letters[1:]))
    return turns >= CASE_TURNS or (len(letters) >= SHORTEST_LETTERS and not is_wordlike(letters))


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _is_mixed(text: str) -> bool:
    return _has_digit(text) and any(sign.isalpha() for sign in text)


def _is_random(run: str) -> bool:
    """Say whether a long run is a key and no path, name or GUID: letters and digits that keep taking turns."""
    longest = max(re.split(r"[+/_=-]", _GUID.sub("", run)), key=len)
    kinds = ["0" if sign.isdigit() else "A" if sign.isupper() else "a" for sign in longest]
    turns = sum((a == "0") != (b == "0") for a, b in zip(kinds, kinds[1:]))
    return len(longest) >= SHORTEST_RANDOM and turns >= TURNS and (len(set(kinds)) == 3 or len(longest) >= LONG_RANDOM)


SEARCHES = (keys, named_keys)

"""Access IDs, Contract IDs and GUIDs: values that are secret because of the words near them."""

import re
from typing import Iterator, List, Match, Sequence, Tuple

from bot.redaction.plain import ACCESS_ID, CONTRACT_ID, DONE, GUID, SEPARATOR, Span, is_harmless

SHORTEST_ID = 6
WORDS_AFTER, WORDS_AFTER_WEAK, WORDS_BEFORE = 12, 6, 10
NEAR = 90  # signs

_NUMBER_WORD = r"[\s_.-]{0,3}(?:id(?:entifier)?|i\.d\.|nrs?|no|num(?:ber)?|nummers?|codes?)(?:['’]?s)?(?![^\W_])"
_ID_WORDS = re.compile(
    rf"(?P<access>(?:acces{{1,2}}|toegangs?){_NUMBER_WORD}|(?<![^\W_])(?:aid(?![^\W_])|acces{{1,2}}(?=\s{{0,2}}[:=])))"
    rf"|(?P<contract>contracts?{_NUMBER_WORD}|(?<![^\W_])cid(?![^\W_]))|(?P<bare>(?<![^\W_])contracts?(?![^\W_]))",
    re.I,
)
# Ordinary words, or short: only what follows soon is theirs.
_WEAK = ("aid", "cid", "acces", "access", "contract", "contracts")
_DIRECT = re.compile(rf"(?:{SEPARATOR}|[\s#]{{0,3}}#\s{{0,3}})", re.I)
_BETWEEN_WORDS = re.compile(r"[\s,/&+]{0,4}(?:[^\W\d_]{1,4}\s{1,3}){0,3}")  # "access id and my contract id are ..."
_PIECE = re.compile(rf"[^\s=:;,/()\[\]{{}}<>\"'|?!{DONE}]{{1,120}}|{DONE}")
_REST_OF_WORD = re.compile(rf"[^\W_]{{0,{NEAR}}}")
_EDGES = ".-_#*"
_VALUE = re.compile(r"[^\W_]+(?:[-_.#]+[^\W_]+)*")
_JOINT = re.compile(r"[\s.\-_]{1,4}")
_OTHER_NUMBERS = frozenset(
    "error errors fout foutcode foutmelding foutmeldingen event eventid gebeurtenis gebeurtenisid kb build version versie "
    "update hresult status port poort article artikel".split()
)
_THEIR_WORDS = frozenset("id ids code codes number nummer nr no is was the de het een a".split())

_IS_GUID = re.compile(r"(?<![0-9a-f])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-f])", re.I)
_GUID_WORDS = re.compile(
    r"subscription|abonnement|tenant|directory|(?:client|customer|klant|application|app|object)[ _-]?(?:id|secret)"
    r"|\bkeys?\b|sleutel|secret|geheim|token",
    re.I,
)

Place = Tuple[int, int]


def ids(plain: str) -> Iterator[Span]:
    """Yield the values near the words for Access ID and Contract ID, sooner those that follow a word than one before it."""
    found = list(_ID_WORDS.finditer(plain))
    for index, match in enumerate(found):
        kind = ACCESS_ID if match.group("access") else CONTRACT_ID
        weak = match.group().lower() in _WEAK
        direct = _DIRECT.match(plain, match.end())
        start = direct.end() if direct else match.end()
        end = _end_of_reach(plain, match, found[index + 1 : index + 2])
        for place in _values(plain, start, end, WORDS_AFTER_WEAK if weak else WORDS_AFTER, direct is not None):
            yield Span(*place, kind)
        if not match.group("bare"):
            floor = max(found[index - 1].end() if index else 0, match.start() - NEAR)
            for place in list(_values(plain, _word_start(plain, floor), match.start(), NEAR))[-1:]:
                if len(_PIECE.findall(plain, place[1], match.start())) < WORDS_BEFORE:
                    yield Span(*place, kind, rank=1)


def guids(plain: str) -> Iterator[Span]:
    """Yield the GUIDs that name a subscription, tenant, key or the like. One alone is a correlation id, and stays."""
    for match in _IS_GUID.finditer(plain):
        if _GUID_WORDS.search(plain, max(0, match.start() - NEAR), match.end() + NEAR):
            yield Span(*match.span(), GUID)


def _word_start(plain: str, place: int) -> int:
    """Return `place`, or the end of the word that it would cut in two."""
    return _REST_OF_WORD.match(plain, place).end() if place and plain[place - 1].isalnum() else place


def _end_of_reach(plain: str, match: Match, following: Sequence[Match]) -> int:
    """Return where the values of a word end: at the next such word, unless both are named before their values."""
    if not following:
        return len(plain)
    between = plain[match.end() : min(following[0].start(), match.end() + NEAR)]
    return len(plain) if _BETWEEN_WORDS.fullmatch(between) else following[0].start()


def _values(plain: str, start: int, end: int, most: int, direct: bool = False) -> Iterator[Place]:
    """Yield where the id-like values among the first `most` words stand. A value may be spaced out over several words.

    `direct` says that the first word is called the value ("id: X"), whatever it looks like.
    """
    run: List[Place] = []
    before: List[str] = []
    for match in _PIECE.finditer(plain, start, end):
        if match.group() == DONE or (len(before) >= most and not run):
            break
        piece = match.group().strip(_EDGES)
        if not piece:
            continue
        at = match.start() + match.group().index(piece)
        told = direct and not before and not re.match(r"0x|kb-?\d", piece, re.I)
        if _is_part(piece) and not _is_other_number(before) and (told or run or not is_harmless(piece)):
            if run and not _JOINT.fullmatch(plain, run[-1][1], at):
                yield from _whole(plain, run)
                run = []
            run.append((at, at + len(piece)))
        else:
            yield from _whole(plain, run)
            run = []
        before.append(piece.lower())
    yield from _whole(plain, run)


def _is_part(piece: str) -> bool:
    """Say whether a word may be an id or a piece of one that is spaced out."""
    return _VALUE.fullmatch(piece) is not None and (len(piece) == 1 or any(sign.isdigit() for sign in piece))


def _is_other_number(before: Sequence[str]) -> bool:
    """Say whether the words before a number call it something else ("event id 4625")."""
    if before and before[-1] in _THEIR_WORDS:
        before = before[:-1]
    return bool(before) and before[-1] in _OTHER_NUMBERS


def _whole(plain: str, run: Sequence[Place]) -> Iterator[Place]:
    """Yield the place of pieces that are an id together: long enough, with a digit."""
    if run:
        signs = [sign for sign in plain[run[0][0] : run[-1][1]] if sign.isalnum()]
        if len(signs) >= SHORTEST_ID and any(sign.isdigit() for sign in signs):
            yield run[0][0], run[-1][1]


SEARCHES = (ids, guids)

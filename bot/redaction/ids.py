"""Access IDs, Contract IDs and GUIDs: values that are secret because of the words near them."""

import re
from typing import Iterator, List, Match, Sequence, Tuple

from bot.redaction.plain import ACCESS_ID, CONTRACT_ID, DONE, GUID, Span
from bot.redaction.words import SEPARATOR, is_called_hash, is_called_otherwise, is_harmless, is_label, is_version

SHORTEST_ID = 6
WORDS_AFTER, WORDS_AFTER_WEAK, WORDS_BEFORE = 12, 6, 10
NEAR = 90  # signs

_NUMBER_NAME = r"(?:id(?:entifier|entificat(?:ie|ion))?|i\.d\.|nrs?|no|num(?:ber)?|nummers?|codes?)"
_NUMBER_WORD = rf"[\s_.-]{{0,3}}{_NUMBER_NAME}(?:['’]?s)?(?![^\W\d_])"
_OF = rf"(?<![^\W_]){_NUMBER_NAME}\s{{1,2}}(?:of|for|voor|van)\s{{1,2}}(?:[^\W\d_]{{1,5}}\s{{1,2}}){{0,2}}"
_ACCESS, _CONTRACT = r"(?:acces{1,2}|toegangs?)", r"(?:contr(?:acts?|\.)?|overeenkomst(?:s|en)?|agreements?)"
_ID_WORDS = re.compile(
    rf"(?P<access>{_ACCESS}{_NUMBER_WORD}|{_OF}{_ACCESS}(?![^\W\d_])|(?<![^\W_])aid(?![^\W_])"
    # bare, when a value follows at once
    r"|(?<![^\W_])(?:acces{1,2}|toegang)(?=\s{0,2}[:=]|[\s#|(]{1,3}\d{6}"
    r"|[\s,/&+|]{1,3}(?:(?:and|en)\s)?contract))"
    rf"|(?P<contract>{_CONTRACT}{_NUMBER_WORD}|{_OF}{_CONTRACT}(?![^\W\d_])|(?<![^\W_])cid(?![^\W_]))"
    r"|(?P<bare>(?<![^\W_])(?:contracts?|overeenkomst|agreement)(?![^\W_]))",
    re.I,
)
# Ordinary words, or short: only what follows soon is theirs.
_WEAK = ("aid", "cid", "acces", "access", "toegang", "contract", "contracts", "overeenkomst", "agreement")
_HELP = re.compile(r"\b(?:first|legal|visual|hearing|state|financial|foreign)[\s-]{1,3}\Z", re.I)  # aid
_DIRECT = re.compile(rf"(?:{SEPARATOR}|[\s#]{{0,3}}#\s{{0,3}})", re.I)
# "access id and my contract id are ...", or the head of a table
_BETWEEN_WORDS = re.compile(r"[\s,/&+|;()-]{0,5}(?:[^\W\d_]{1,4}\s{1,3}){0,3}")
_PIECE = re.compile(rf"[^\s=:;,/()\[\]{{}}<>\"'|?!{DONE}]{{1,120}}|{DONE}")
_REST_OF_WORD = re.compile(rf"[^\W_]{{0,{NEAR}}}")
_WORD_BEFORE = re.compile(r"([^\W\d_]{2,30})[\s:#]{1,3}\Z")
WORD_REACH = 34  # signs
_EDGES = ".-_#*"
_VALUE = re.compile(r"[^\W_]+(?:[-_.#]+[^\W_]+)*")
_JOINT = re.compile(r"[\s.\-_]{1,4}")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_DATE_WORDS = frozenset("on op since sinds from vanaf until till tot per dated date datum before voor after na".split())
_NAMING = frozenset("is was id ids nr number nummer no code mine mijne".split())  # between the word for an id and the id
# A number that counts these is no id: "a contract for 1500000 users".
_COUNTING = frozenset("for voor of van since sinds with met has have heeft hebben on op to tot than dan over in".split())
_UNITS = frozenset(
    "users gebruikers user seats seat licenses licences licenties license devices apparaten mailboxes mailboxen "
    "postvakken messages berichten mails emails files bestanden rows rijen items records entries lines regels servers "
    "machines vms days dagen hours uur uren minutes minuten seconds seconden weeks weken months maanden years jaar "
    "jaren times keer euro euros eur usd dollar dollars gb mb kb tb bytes percent procent people mensen medewerkers "
    "employees customers klanten violation violations points punten".split()
)
_ARTICLE = r"(?:(?:the|my|our|de|het|mijn|onze|voor|for)\s{1,2})"
_NAMED_AFTER = re.compile(
    rf"(?<![^\W_])(?P<value>\d[\w-]{{5,40}})(?:\s{{0,2}}(?:[(\[=-]|\bis\b)\s{{0,2}}{_ARTICLE}?"
    rf"|\s{{1,2}}{_ARTICLE})(?:(?P<access>{_ACCESS})|{_CONTRACT})(?![^\W_])",
    re.I,
)

_HEX = "[0-9a-f]"
_IS_GUID = re.compile(rf"(?<!{_HEX}){_HEX}{{8}}(?:-{_HEX}{{4}}){{3}}-{_HEX}{{12}}(?!{_HEX})", re.I)
_CLOSE_GUID = re.compile(rf"(?<![^\W_]){_HEX}{{32}}(?![^\W_])", re.I)
_GUID_WORDS = re.compile(
    r"subscription|abonnement|tenant|directory|(?:client|customer|klant|application|app|object)[ _-]?(?:id|secret)"
    r"|\bkeys?\b|sleutel|secret|geheim|token",
    re.I,
)

Place = Tuple[int, int]


def ids(plain: str) -> Iterator[Span]:
    """Yield the values near the words for Access ID and Contract ID, sooner those that follow a word than one before it."""
    groups = _groups(plain)
    for index, group in enumerate(groups):
        first = group[0]
        kinds = [ACCESS_ID if word.group("access") else CONTRACT_ID for word in group]
        end = groups[index + 1][0].start() if index + 1 < len(groups) else len(plain)
        for number, place in enumerate(_values_after(plain, group, end)):
            yield Span(*place, kinds[number % len(kinds)])
        if not first.group("bare"):
            floor = max(groups[index - 1][-1].end() if index else 0, first.start() - NEAR)
            start = _word_start(plain, floor)
            places = [
                place
                for place in _values(plain, start, first.start(), NEAR, apart=len(group) > 1)
                if len(_PIECE.findall(plain, place[1], first.start())) < WORDS_BEFORE
            ][-len(group) :]
            for kind, place in zip(kinds, places):
                yield Span(*place, kind, rank=1)
    for match in _NAMED_AFTER.finditer(plain):
        if not is_harmless(match.group("value")):
            yield Span(*match.span("value"), ACCESS_ID if match.group("access") else CONTRACT_ID)


def guids(plain: str) -> Iterator[Span]:
    """Yield the GUIDs that name a subscription, tenant, key or the like. One alone is a correlation id, and stays."""
    for match in _IS_GUID.finditer(plain):
        if _GUID_WORDS.search(plain, max(0, match.start() - NEAR), match.end() + NEAR):
            yield Span(*match.span(), GUID)
    for match in _CLOSE_GUID.finditer(plain):
        named = _GUID_WORDS.search(plain, max(0, match.start() - NEAR), match.start())
        if named and not is_called_hash(plain, match.start()):
            yield Span(*match.span(), GUID)


def _groups(plain: str) -> List[List[Match]]:
    """Return the words for ids; those that are named together, before their values, in one group."""
    groups: List[List[Match]] = []
    for word in _ID_WORDS.finditer(plain):
        if word.group().lower() == "aid" and _HELP.search(plain, max(0, word.start() - WORD_REACH), word.start()):
            continue
        last = groups[-1][-1] if groups else None
        near = last is not None and word.start() - last.end() <= NEAR
        if last is not None and near and _BETWEEN_WORDS.fullmatch(plain, last.end(), word.start()):
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def _values_after(plain: str, group: Sequence[Match], end: int) -> Iterator[Place]:
    """Yield the values that follow the words of a group."""
    last = group[-1]
    name = last.group().lower()
    weak = all(word.group().lower() in _WEAK for word in group)
    most = WORDS_AFTER_WEAK if weak else WORDS_AFTER
    if [word.group() for word in group] == ["aid"]:
        most = 1
    direct = _DIRECT.match(plain, last.end())
    before = _WORD_BEFORE.search(plain, max(0, last.start() - WORD_REACH), last.start()) if weak else None
    if before and not direct and is_called_otherwise([before.group(1).lower()]):
        return
    start = direct.end() if direct else last.end()
    counts = "code" in name or name in ("access", "acces", "toegang")
    yield from _values(plain, start, end, most, direct=direct is not None, apart=len(group) > 1, counts=counts)


def _word_start(plain: str, place: int) -> int:
    """Return `place`, or the end of the word that it would cut in two."""
    return _REST_OF_WORD.match(plain, place).end() if place and plain[place - 1].isalnum() else place


def _values(
    plain: str, start: int, end: int, most: int, direct: bool = False, apart: bool = False, counts: bool = False
) -> Iterator[Place]:
    """Yield where the id-like values among the first `most` words stand. A value may be spaced out over several words.

    `direct`: the first word is called the value ("id: X"), whatever it looks like. `apart`: several values are expected, so
    pieces that are long enough stand for themselves. `counts`: a number that comes first may count ("access 1234567 files").
    """
    run: List[Place] = []
    before: List[str] = []
    counted = False  # when what follows is a unit
    for match in _PIECE.finditer(plain, start, end):
        if match.group() == DONE or (len(before) >= most and not run):
            break
        piece = match.group().strip(_EDGES)
        if not piece:
            continue
        at = match.start() + match.group().index(piece)
        named = direct and not before and not re.match(r"0x|kb-?\d", piece, re.I)
        if _is_part(piece) and (named or run or not _is_other(piece, before)) and not is_called_otherwise(before):
            if run and not _JOINT.fullmatch(plain, run[-1][1], at):
                yield from _whole(plain, run, apart)
                run = []
            if not run:
                counted = not named and (before[-1] in _COUNTING if before else counts)
            run.append((at, at + len(piece)))
        else:
            if not counted or piece.lower() not in _UNITS:
                yield from _whole(plain, run, apart)
            run = []
        before.append(piece.lower())
    yield from _whole(plain, run, apart)


def _is_part(piece: str) -> bool:
    """Say whether a word may be an id or a piece of one that is spaced out."""
    return _VALUE.fullmatch(piece) is not None and (len(piece) == 1 or any(sign.isdigit() for sign in piece))


def _is_other(piece: str, before: Sequence[str]) -> bool:
    """Say whether a word looks like something else than an id: a version, a date."""
    dated = bool(before) and before[-1] in _DATE_WORDS and _DATE.fullmatch(piece) is not None
    labelled = bool(before) and before[-1] not in _NAMING and is_label(piece)
    return dated or labelled or is_harmless(piece) or is_version(piece, before)


def _whole(plain: str, run: Sequence[Place], apart: bool) -> Iterator[Place]:
    """Yield the place of pieces that are an id together: long enough, with a digit."""
    if apart and all(end - start >= SHORTEST_ID for start, end in run):
        yield from (place for place in run if any(sign.isdigit() for sign in plain[place[0] : place[1]]))
    elif run:
        signs = [sign for sign in plain[run[0][0] : run[-1][1]] if sign.isalnum()]
        if len(signs) >= SHORTEST_ID and any(sign.isdigit() for sign in signs):
            yield run[0][0], run[-1][1]


SEARCHES = (ids, guids)

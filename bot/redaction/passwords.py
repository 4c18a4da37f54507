"""Passwords, PINs and one-time codes: by the word for them, and what stands after it, however it is put."""

import re
from typing import Iterator, List, Match, Optional, Tuple

from bot.redaction.plain import DONE, PASSWORD, Span, any_of
from bot.redaction.words import PROSE, SEPARATOR, is_called_otherwise, is_harmless, is_label, is_state

SHORTEST_ODD, SHORTEST_PIN, LONGEST_SHORT_NUMBER = 6, 3, 3  # signs
WORDS_LOOSE, WORDS_CODE, WORDS_PHRASE = 8, 4, 8
REACH, BACK = 200, 100  # signs
FEWEST_WORDS = 4  # of a phrase that begins with a word like "correct"
EXPANSION = 10  # letters of a word that "ww" or "pw" may be said to stand for

_WORD = re.compile(
    any_of(
        r"(?:\b|_|(?<=[a-z]))(?P<strong>"
        r"p[a@4]?[s$5]{1,3}[ _-]?(?:w[o0]{1,2}r[dt]|owrd|wrod|wrd|wodr)(?:en|s)?"
        r"|passwd|pswd|psw|pwd|securestring|mots? ?de ?passe"
        r"|wa?(?:tch|cht?|gt?|ct)[ _-]?(?:wo{0,2}r[dt]|woor|wrod)(?:en|jes?)?"
        r"|(?:sleutel|toegangs|code)woord|ken{1,2}wo{1,2}r[dt]"
        r"|p[ .-]a[ .-]s[ .-]s[ .-]w[ .-]o[ .-]r[ .-]d"
        r"|w[ .-]a[ .-]c[ .-]h[ .-]t[ .-]w[ .-]o[ .-]o[ .-]r[ .-]d|contrase[nñ]a)",
        r"(?:\b|_)(?P<medium>p/?w|pass ?codes?|pass ?phrases?|wachtzin(?:nen)?|ww)",
        r"(?:\b|_)(?P<weak>pass)",
        r"(?:\b|_)(?P<pin>(?:pin|puk)(?:[ _-]?(?:codes?|numbers?|nummers?))?)",
        r"(?:\b|_)(?P<code>(?:mfa|[2t]fa|otp|totp|verification|verificatie|security|beveiligings"
        r"|one[ -]?time|eenmalige|sms|backup"
        r"|authenticat(?:or|ion|ie)|bevestigings|confirmation|log-?in|inlog|sign-?in|aanmeld|unlock|ontgrendelings?|herstel"
        r"|recovery|reset|(?:two|2)[ -]?factor|temporary|tijdelijke|tan|wi-?fi)[ _-]?(?:pass)?codes?|t?otp|cv[cv]2?"
        r"|(?<!error )(?<!status )(?<!exit )(?<!stop )codes?(?=[^\n.:]{1,60}\b(?:authenticator|sms|app|phone"
        r"|telefoon|kreeg|krijg|ontving|received?|got|get)\b)(?=[^\n]{1,90}\d{3}[ -]?\d{3}))",
    )
    + r"(?:\d{0,4}(?![^\W_])|_\w{0,30})",
    re.I,
)
# "for the admin of contoso.com (the second one)" may stand between.
_LEAD = re.compile(rf"(?P<gap>(?:[\s(]{{1,3}}[^\s:=()\"|]{{1,60}}(?<![.!?;])\)?){{0,7}}?)(?P<says>{SEPARATOR})", re.I)
_WHOSE = re.compile(r"[\s(]{1,3}(?:for|of|from|on|at|to|voor|van|bij|op|that|which|i|we|die|dat|ik)\b|\s?\(", re.I)
_FILLER = re.compile(
    r"(?:(?:still|now|just|simply|always|currently|actually|probably|also|again|something like"
    r"|nu|nog|steeds|gewoon|altijd|ook|momenteel|eigenlijk|weer|zoiets als|iets als"
    r"|as follows|als volgt|the following|het volgende|gelijk aan|equal to)\b"
    r"[\s:\"']{1,4}){1,3}",
    re.I,
)
_CHANGED = re.compile(
    r"(?:\s\w{1,12}){0,3}?\s(?:changed|set|updated|reset|gewijzigd|veranderd|aangepast|ingesteld|gezet)"
    r"\s(?:in)?(?:to|naar|als)\s(?P<value>[^\s.,;:!?]{4,60})(?=[.!?]?(?:\s{0,3}\Z|\n))",
    re.I,
)
_QUOTED = re.compile(rf"([\"'`])(?!{DONE})(?P<value>[^\n]{{1,200}}?)\1(?![^\W_])")
_BARE_QUOTED = re.compile(r"[\s-]{1,3}(?=[\"'`]\S)")
_PIECE = re.compile(r"\S+")
_EDGES = ".,;:?\"'`()[]{}<>|"
_SINGLE_SIGNS = re.compile(r"(?:[ \-.]{1,3}[^\W_](?![^\W_])){1,80}")
_STOP = re.compile(r"[-|/(]|[^\s:=]{1,40}\s?[:=](?=\s|\w)")  # what follows is something else
_CODE = re.compile(r"\d(?:[ -]?\d){3,9}(?![^\W_])")

_SIGN = r"!@#$%^&*~+=?"
_INNER_SIGN = re.compile(rf"[^\W_][{_SIGN}]+[^\W_]|[#$%^*~@]\Z|\A[#$%^*~]")
_NO_SECRET = re.compile(
    r".*(?:://|\\|\.\.\.).*|[^@\s]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-z]{2,24}[.,:;)]?"
    r"|(?:[\w-]{1,63}\.){1,8}(?:com|net|org|nl|be|eu|de|fr|uk|io|local|microsoft)(?:[/:].*)?"
    r"|[{(]?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[)}]?",
    re.I | re.S,
)
_NAMES = frozenset("user username gebruiker gebruikersnaam account tenant domain domein site website".split())
_JOINTS = frozenset("and or then now new but not en of dan nu nieuw nieuwe maar niet".split())  # between two passwords

_LOGIN = re.compile(
    r"(?:\b|_)(?P<word>log[ -]?(?:in|on)\w{0,10}|inlog\w{0,10}|credentials?|creds|sign(?:ing|ed)?[ -]?in|aanmeld\w{0,10}"
    r"|user ?(?:name)?|gebruiker(?:snaam)?)"
    r"(?:[\s:=]{1,3}(?:with|using|met|as|als|is|are|zijn|on|op|for|voor|details|gegevens)\b){0,2}[\s:=(\"']{1,4}"
    r"(?P<name>[\w.@+\\-]{1,64})[\"']?"
    r"(?P<between>\s{0,2}[/:|,]\s{0,2}|\s{1,2}(?:(?:and|en|with|met)\s{1,2})?)[\"']?(?P<value>[^\s\"']{4,200})",
    re.I,
)
_OPTION = re.compile(rf"(?<!\S)(?:-u|--(?:proxy-)?user)[\s=]{{0,2}}[\"']?[^\s:/\"']{{1,64}}:(?!{DONE})([^\s\"']{{1,200}})")
_COMMAND = re.compile(
    rf"\b(?:mysql\w{{0,6}}|sshpass|plink|psexec)\b[^\n]{{0,80}}?\s-p\s?[\"']?(?!{DONE})([^\s\"']{{4,200}})"
    rf"|credential\(\s?[\"'][^\"'\n]{{1,64}}[\"'],\s?[\"'](?!{DONE})([^\"'\n]{{1,200}})",
    re.I,
)
_IN_URL = re.compile(rf"://[^\s/@:{DONE}]{{1,80}}:([^\s/@{DONE}]{{1,120}})@")
_BEFORE = re.compile(
    rf"(?<!\S)(?P<value>[^\s{DONE}]{{{SHORTEST_ODD},64}})\s{{1,2}}(?:is|was|as|als|=)"
    rf"\s{{1,2}}(?:[^\W\d]{{1,12}}\s{{1,2}}){{0,3}}\Z",
    re.I,
)

Place = Tuple[int, int]


def passwords(plain: str) -> Iterator[Span]:
    """Yield the passwords and codes of a text."""
    done = 0
    for word in _WORD.finditer(plain):
        if word.start() < done:
            continue
        places = list(_codes(plain, word) if word.group("pin") or word.group("code") else _places(plain, word))
        for place in places:
            yield Span(*place, PASSWORD)
            done = max(done, place[1])
        before = None if places else _BEFORE.search(plain, max(0, word.start() - BACK), word.start())
        if before and is_odd(before.group("value").strip(_EDGES)):
            yield Span(*before.span("value"), PASSWORD)
    for match in _LOGIN.finditer(plain):
        if _is_login(match):
            yield Span(*match.span("value"), PASSWORD)
    for pattern in (_OPTION, _COMMAND, _IN_URL):
        for match in pattern.finditer(plain):
            yield Span(*match.span(match.lastindex), PASSWORD)


def is_odd(piece: str) -> bool:
    """Say whether a piece is no ordinary word: letters with digits or signs, and no name, address or version."""
    if not SHORTEST_ODD <= len(piece) or is_harmless(piece) or is_label(piece) or _NO_SECRET.fullmatch(piece):
        return False
    parts = piece.split("/")
    if len(parts) > 1 and all(part.isalpha() or is_harmless(part) or is_label(part) for part in parts):
        return False
    letter, digit = any(sign.isalpha() for sign in piece), any(sign.isdigit() for sign in piece)
    return (letter and digit) or ((letter or digit) and _INNER_SIGN.search(piece) is not None)


def loose(plain: str, start: int, most: int) -> Iterator[Tuple[int, Match, str]]:
    """Yield the odd pieces among the first words: how many words came before, the match, the piece without its edges."""
    before: List[str] = []
    for match in _PIECE.finditer(plain, start, start + REACH):
        if DONE in match.group() or len(before) >= most:
            return
        core = match.group().strip(_EDGES)
        if is_odd(core) and match.end() < start + REACH and not is_called_otherwise(before):
            yield len(before), match, core
        if core.strip("-"):
            before.append(core.lower())


def _places(plain: str, word: Match) -> Iterator[Place]:
    """Yield where the values of a word for password stand."""
    lead = _LEAD.match(plain, word.end())
    if lead:
        filler = _FILLER.match(plain, lead.end())
        start = filler.end() if filler else lead.end()
        if plain[start : start + 1] == DONE:
            return
        end = _end_of_value(plain, start, word, lead)
        if end:
            yield start, end
            yield from _also(plain, word, lead, start)
            yield from _others(plain, end)
            return
    quoted = _BARE_QUOTED.match(plain, word.end())
    inside = _QUOTED.match(plain, quoted.end()) if quoted else None
    if inside and not all(is_state(one) for one in inside.group("value").split()):
        yield inside.span("value")
        return
    changed = _CHANGED.match(plain, word.end())
    if changed and not is_state(changed.group("value")):
        yield changed.span("value")
        return
    bare = _PIECE.match(plain, word.end() + 1) if plain[word.end() : word.end() + 1].isspace() else None
    if bare and len(bare.group()) >= SHORTEST_ODD and bare.group().strip(_EDGES).isdigit():
        yield bare.span()
        return
    for start in (word.end(), lead.end()) if lead else (word.end(),):
        for _, match, core in loose(plain, start, WORDS_LOOSE):
            names = plain[max(0, match.start() - BACK) : match.start()].split()[-1:]
            if not (names and names[0].strip(_EDGES).lower() in _NAMES):
                yield _core_place(match, core)
                yield from _others(plain, match.end())
                return


def _others(plain: str, start: int) -> Iterator[Place]:
    """Yield more values behind one: "and Winter2024!", ", the new one is Winter2024!"."""
    if plain[start - 1 : start] == ",":
        start -= 1
    for _, match, core in loose(plain, start, WORDS_LOOSE):
        words = [word.strip(_EDGES).lower() for word in plain[start : match.start()].split()]
        if (plain[start : start + 1] == "," or not _JOINTS.isdisjoint(words)) and (words[-1:] or [""])[0] not in _NAMES:
            yield _core_place(match, core)


def _also(plain: str, word: Match, lead: Match, start: int) -> Iterator[Place]:
    """Yield a value before what is told ("password Welkom01 user: jan") or in it (": I think it is Welkom01")."""
    for _, match, core in loose(plain, word.end(), 1):
        if match.end() <= lead.end():
            yield _core_place(match, core)
    first = _PIECE.match(plain, start)
    if first and is_state(first.group(), told=True):
        for _, match, core in loose(plain, start, WORDS_LOOSE):
            yield _core_place(match, core)
            return


def _core_place(match: Match, core: str) -> Place:
    start = match.start() + match.group().index(core)
    return start, start + len(core)


def _end_of_value(plain: str, start: int, word: Match, lead: Match) -> Optional[int]:
    """Return where the value that is told at `start` ends, or None when that is an ordinary sentence."""
    says, gap = lead.group("says"), lead.group("gap")
    quoted = _QUOTED.match(plain, start - 1)
    if quoted and not all(is_state(one) for one in quoted.group("value").split()):
        return quoted.end("value")
    phrase = _phrase(plain, start)
    if not phrase:
        return None
    first = phrase[0].group()
    core, assigned, odd = first.strip(_EDGES), re.search("[:=>]|luidt", says) is not None, is_odd(first.strip(_EDGES))
    if not core.strip("-!") or (gap and not odd and not _WHOSE.match(gap)):
        return None
    if len(core) == 1 and not gap:
        spaced = _SINGLE_SIGNS.match(plain, phrase[0].end())
        if spaced:
            return spaced.end()
    if not odd and not re.fullmatch("={1,2}", says) and _is_sentence(phrase, assigned, word):
        return None
    if not assigned and core.isdigit() and len(core) <= LONGEST_SHORT_NUMBER:
        return None
    if word.group("medium") and re.fullmatch(r" = ", says) and core.islower() and core.isalpha():
        if len(core) >= EXPANSION and core[0] == word.group("medium")[0].lower():
            return None
    return _kept_together(phrase, odd)


def _is_sentence(phrase: List[Match], assigned: bool, word: Match) -> bool:
    """Say whether the words that follow speak about the password: "is expired", ": I forgot it"."""
    states = [is_state(piece.group(), told=assigned) for piece in phrase]
    prose = [piece.group().strip(_EDGES).lower() in PROSE for piece in phrase]
    if not assigned:
        of_words = len(phrase) >= FEWEST_WORDS and not any(states[1:])  # "correct horse battery staple"
        return states[0] and not of_words
    return all(states[:3]) or prose[:2] == [True, True] or (prose[0] and bool(word.group("weak")))


def _phrase(plain: str, start: int) -> List[Match]:
    """Return the pieces of the line from `start`, as far as they may be one value."""
    pieces: List[Match] = []
    first = _PIECE.match(plain, start)
    for match in [first, *_PIECE.finditer(plain, first.end(), first.end() + REACH)] if first else []:
        done = match.group().find(DONE)
        if pieces and ("\n" in plain[pieces[-1].end() : match.start()] or done >= 0 or _STOP.match(plain, match.start())):
            break
        pieces.append(match)
        if match.group()[-1] in ".,;?" or len(pieces) >= WORDS_PHRASE or done >= 0:
            break
    return pieces


def _kept_together(phrase: List[Match], odd: bool) -> int:
    """Return where a value of one or more words ends: before the sentence goes on with two ordinary words or ends in one."""
    prose = [piece.group().strip(_EDGES + "!").lower() in PROSE for piece in phrase]
    if odd and any(prose[1:]):
        return phrase[0].end()
    last = len(phrase)
    for index in range(1, len(phrase)):
        if prose[index] and (index + 1 == len(phrase) or prose[index + 1]):
            last = index
            break
    return phrase[last - 1].end()


def _codes(plain: str, word: Match) -> Iterator[Place]:
    """Yield the digits of a PIN or a one-time code, told or within a few words."""
    lead = _LEAD.match(plain, word.end())
    before: List[str] = []
    for match in _PIECE.finditer(plain, lead.end() if lead else word.end(), word.end() + REACH):
        if DONE in match.group() or len(before) >= WORDS_CODE:
            break
        core = match.group().strip(_EDGES + "!-")
        start = match.start() + match.group().find(core)
        code = _CODE.match(plain, start)
        digits = sum(sign.isdigit() for sign in core)
        told = not before
        if core and not is_called_otherwise(before) and (told or not is_harmless(core)):
            if code:
                yield code.span()
                return
            if digits >= SHORTEST_PIN and told or digits and is_odd(core):
                yield start, start + len(core)
                return
        before.append(core.lower())
    if lead and word.group("pin") and not lead.group("gap") and plain[lead.end() : lead.end() + 1] != DONE:
        end = _end_of_value(plain, lead.end(), word, lead)
        if end:
            yield lead.end(), end


def _is_login(match: Match) -> bool:
    """Say whether what follows a name is a password: "admin / Summer2024!"."""
    value, name = match.group("value").strip(_EDGES), match.group("name").lower()
    if is_called_otherwise([name]) or DONE in value:
        return False
    named = match.group("between") == ":" and match.group("word").lower().startswith("cred")
    return is_odd(value) or (named and not is_state(value))


SEARCHES = (passwords,)

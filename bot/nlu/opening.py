"""What of a message was said by the person, and what is only pasted: logs, quoted mail, signatures.

A message is cut into parts that keep their place, so that what is found in a part points into the message itself.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Iterable, List, Optional, Sequence, Tuple

if TYPE_CHECKING:
    from spacy.language import Language

SAID, LOG, QUOTED, SIGNATURE = "said", "log", "quoted", "signature"
REMEMBERED = 256  # messages: each component of the pipeline asks for the same one
LONGEST_GAP = 2  # lines of a log that look like prose ("The Cluster service may have stopped.")
LONGEST_SIGNATURE_LINE = 60
READ_OF_A_LINE = 400  # characters: what a line is shows at its beginning

# The head of a mail that is quoted or forwarded, and what mail programs put before it.
_MAIL_HEAD = re.compile(
    r"\s*(?:--.*(?:original message|forwarded message|oorspronkelijk bericht|doorgestuurd bericht).*|"
    r"(?:from|van|sent|verzonden|datum|date|to|aan|cc|subject|onderwerp)\s*:.*|"
    r"(?:on|op)\s.{6,80}\s(?:wrote|schreef)\b.*:)\s*",
    re.IGNORECASE,
)
_STARTS_QUOTE = re.compile(r"\s*(?:--.*(?:message|bericht)|(?:from|van)\s*:|(?:on|op)\s.{6,80}\s(?:wrote|schreef)\b)", re.I)
_QUOTED_LINE = re.compile(r"\s*>")
_CLOSING = re.compile(
    r"\s*(?:--+\s*|(?:(?:with|met)\s+)?(?:kind|kindest|best|warm|vriendelijke|vriendelijk|hartelijke|beste|warme)\s+"
    r"(?:regards?|wishes|groet(?:en|jes)?)\b.*|"
    r"(?:regards|rgds|groet(?:en|jes)?|grtz?|gr|mvg|vg|cheers|br|kr|thanks|thx|tnx|bedankt|thank you|yours sincerely|"
    r"sincerely|yours faithfully|hoogachtend|alvast (?:bedankt|dank)|thanks in advance|many thanks|dank(?: u| je)? bij voorbaat|"
    r"bij voorbaat dank|thank you in advance.{0,20})\s*[,.!]*(?:\s+(?:[A-Z][\w.'-]*\s*){1,3})?[,.!]*\s*|"
    r"(?:sent from my|verzonden vanaf|get outlook for).*)",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\s*(?:description|beschrijving|details|message|bericht|stack ?trace|exception|output|uitvoer)\s*:\s*", re.IGNORECASE
)
_POSTSCRIPT = re.compile(r"\s*p\.?\s?s\.?[\s:.]", re.IGNORECASE)

# Forms of pasted output, one of which is enough.
_LOG_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        r"\s*\[?\d{4}[-/]\d\d[-/]\d\d[ T]\d\d:\d\d",  # a time stamp at the beginning
        r"\s*\[?\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4},?\s+\d{1,2}:\d\d(:\d\d)?\s*(am|pm)?[\s\]|,;-]",
        r"\s*\[?\d\d:\d\d:\d\d([.,]\d+)?[\]\s]",
        r"\s*(PS\s+)?[A-Z]:\\[^>\n]*>|\s*PS\s+[/~][^>]*>|\s*\[PS\]|\s*[\w.-]+@[\w.-]+:[~/]\S*[#$]",  # a prompt
        r"\s*\+?\s*(CategoryInfo|FullyQualifiedErrorId)\s*:",
        r"\s*At\s+(line:|\S+:)\s*\d+|\s*\+\s*[~^]+|\s*\+ [A-Z]\w+-\w+",
        r"\s*at\s+[\w.$<>`]+\(.*\)|\s*at\s+[\w$]+(::|\.)[\w$:.]+\s*$",  # a stack trace
        r"\s*(log name|source|event ?id|task category|level|user|computer|keywords|opcode|logged|logboeknaam|bron|"
        r"gebeurtenis-?id|niveau|gebruiker|taakcategorie|trefwoorden|date|datum|description|beschrijving|errorcode|error code|"
        r"errormessage|error message|correlation ?id|request ?id|activity ?id|session ?id|operationid|starttime|endtime|timestamp|"
        r"trace ?id|app name|ip address|device identifier|device platform|faulting \w+ \w+|exception \w+|stop code|"
        r"foutcode|foutmelding|statuscode|status code|http status|hresult|severity|state|thread|module)\s*[:=]\s",
        r"\s*[-=_*~]{4,}[\s\-=_*~]*$",  # a rule, or the line below the head of a table
        r"\s*[\[{(<]/?\s*[\"'\w]+[\"'\]>:=]",  # JSON, XML, [tag]
        r"\s*(msg|error|fout|warning|info|debug|fatal|exception)\s*[:#]?\s*\d+\s*,",
        r"\s*\S+(Exception|Error)\b\s*:",
        r"\s*[\w./\\-]+\s*[:=]\s*0x[0-9a-f]{4,}",
        r"\s*[A-Z]{2,}[A-Z0-9]*-?\d+\\\S+",  # SERVER01\queue
        r".*\S\s{4,}\S|.*\S\s{3,}\S+\s{3,}\S",  # columns
        r"\s*[\w ]{2,40}\s+[:=]\s+\S+\s*$",  # name : value
        r".*\.(exe|dll|sys|log)\b.*\(?0x[0-9a-f]+",
        r"\s*\|.*\|.*\|",
        r"\s*(get|set|new|test|start|restart|invoke|connect|import)-[a-z]+\s",
    )
]
# Columns by tabs: people type a tab too, so one line of them is not enough.
_TABBED = re.compile(r".*\S\t\S")
FEWEST_TABBED = 2  # lines


@dataclass(frozen=True)
class Part:
    """A stretch of the message, from character `start` to `end`, and what it is."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Opening:
    """A message in parts. `text` is the whole; each property blanks the rest out, so that places stay the same."""

    text: str
    parts: Tuple[Part, ...]

    def only(self, kinds: Iterable[str]) -> str:
        """Return the text with everything but parts of these kinds replaced by spaces."""
        chosen = set(kinds)
        if all(part.kind in chosen for part in self.parts):
            return self.text
        pieces = [
            piece if part.kind in chosen else re.sub(r"[^\n]", " ", piece)
            for part in self.parts
            for piece in [self.text[part.start : part.end]]
        ]
        return "".join(pieces)

    @property
    def said(self) -> str:
        """What the person wrote."""
        return self.only({SAID})

    def has(self, kind: str) -> bool:
        """Say whether a part of this kind holds any letter."""
        return any(part.kind == kind and re.search(r"[^\W\d_]", self.text[part.start : part.end]) for part in self.parts)

    def sentences(self) -> List[Tuple[int, int]]:
        """Return where the sentences of what was said begin and end."""
        return [
            (part.start + first, part.start + last)
            for part in self.parts
            if part.kind == SAID
            for first, last in split(self.text[part.start : part.end])
        ]


@lru_cache(maxsize=REMEMBERED)
def cut(text: str) -> Opening:
    """Return the message in parts: what was said, and what was pasted below, above or in the middle of it."""
    lines = text.splitlines(keepends=True)
    kinds = _kinds([line.rstrip("\r\n") for line in lines])
    if lines and not any(kind == SAID and line.strip() for kind, line in zip(kinds, lines)):
        kinds = [SAID] * len(lines)  # nothing but a forwarded mail or a log: then that is the message
        kinds = _logs([line.rstrip("\r\n") for line in lines], kinds) if len(lines) > 1 else kinds
        if not any(kind == SAID and line.strip() for kind, line in zip(kinds, lines)):
            kinds = [SAID] * len(lines)
    parts: List[Part] = []
    place = 0
    for line, kind in zip(lines, kinds):
        end = place + len(line)
        if parts and parts[-1].kind == kind:
            parts[-1] = Part(parts[-1].start, end, kind)
        else:
            parts.append(Part(place, end, kind))
        place = end
    return Opening(text, tuple(parts))


def _kinds(lines: Sequence[str]) -> List[str]:
    kinds = [SAID] * len(lines)
    inside: Optional[str] = None
    for number, line in enumerate(lines):
        if _QUOTED_LINE.match(line):
            kinds[number] = QUOTED
            continue
        if _STARTS_QUOTE.match(line) and _is_mail_head(lines, number):
            inside = QUOTED
        elif inside == QUOTED and not line.strip() and _quotes_with_signs(lines, number):
            inside = None  # where each quoted line bears a sign, the first without one is the person's again
        elif inside == SIGNATURE and _POSTSCRIPT.match(line):
            inside = None
        elif inside is None and number and line.strip() and _closes(lines, number):
            inside = SIGNATURE
        kinds[number] = inside or SAID
    kinds = _logs(lines, kinds)
    return _last_lines(lines, kinds)


def _is_mail_head(lines: Sequence[str], number: int) -> bool:
    """Say whether a line that looks like one heads a mail: another head, or a quoted line, follows soon."""
    if re.match(r"\s*(?:--|(?:on|op)\s)", lines[number], re.IGNORECASE):
        return True
    following = [line for line in lines[number + 1 : number + 4] if line.strip()]
    return any(_MAIL_HEAD.fullmatch(line) or _QUOTED_LINE.match(line) for line in following)


def _quotes_with_signs(lines: Sequence[str], number: int) -> bool:
    """Say whether the lines just before are quoted with ">"."""
    before = [line for line in lines[:number] if line.strip()]
    return bool(before) and _QUOTED_LINE.match(before[-1]) is not None


def _closes(lines: Sequence[str], number: int) -> bool:
    """Say whether a line is a closing formula with nothing but a short signature after it."""
    if not _CLOSING.fullmatch(lines[number]):
        return False
    rest = [line.strip() for line in lines[number + 1 :] if line.strip()]
    return all(len(line) <= LONGEST_SIGNATURE_LINE or re.search(r"[|@]|\d{5}", line) for line in rest[:4])


def _last_lines(lines: Sequence[str], kinds: List[str]) -> List[str]:
    """Mark the last paragraph as a signature when it is several short lines that are no sentences."""
    paragraphs = _paragraphs(lines)
    if len(paragraphs) < 2:
        return kinds
    last = paragraphs[-1]
    short = all(len(lines[n]) <= LONGEST_SIGNATURE_LINE and not re.search(r"[?!,;:]\s*$", lines[n]) for n in last)
    if len(last) < 2 or not short or any(kinds[n] != SAID or re.search(r"[a-z]\.\s*$", lines[n]) for n in last[1:]):
        return kinds
    if not re.match(r"\s*[A-Z]", lines[last[0]]) or len(lines[last[0]].split()) > 4:
        return kinds
    return [SIGNATURE if number in last else kind for number, kind in enumerate(kinds)]


def _paragraphs(lines: Sequence[str]) -> List[List[int]]:
    """Return the numbers of the lines of each paragraph: lines without an empty one in between."""
    found: List[List[int]] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if found and found[-1][-1] == number - 1:
            found[-1].append(number)
        else:
            found.append([number])
    return found


def _logs(lines: Sequence[str], kinds: List[str]) -> List[str]:
    """Mark the lines of pasted output among what was said, with the few in between that look like prose."""
    tabbed = [kind == SAID and _TABBED.match(line) is not None for line, kind in zip(lines, kinds)]
    table = sum(tabbed) >= FEWEST_TABBED
    looks = [
        kind == SAID and len(lines) > 1 and (looks_pasted(line) or (table and columns))
        for line, kind, columns in zip(lines, kinds, tabbed)
    ]
    marked = [LOG if found else kind for found, kind in zip(looks, kinds)]
    places = [number for number, found in enumerate(looks) if found]
    for before, after in zip(places, places[1:]):
        between = [line for line in lines[before + 1 : after] if line.strip()]
        if len(between) <= LONGEST_GAP and all(kinds[n] == SAID for n in range(before, after)):
            marked[before + 1 : after] = [LOG] * (after - before - 1)
    for paragraph in _paragraphs(lines):
        pasted = [number for number in paragraph if marked[number] == LOG]
        # Output runs on to the end of its paragraph; what introduces it stands before.
        if len(pasted) >= 2 and 2 * len(pasted) >= len(paragraph) - pasted[0] + paragraph[0]:
            for number in paragraph[paragraph.index(pasted[0]) :]:
                marked[number] = LOG if marked[number] == SAID else marked[number]
        for number in paragraph[:-1]:
            if _HEADING.fullmatch(lines[number]) and marked[number] in (SAID, LOG) and LOG in marked:
                marked[number] = marked[number + 1] = LOG  # "Description:", and what it heads
    return marked


def looks_pasted(line: str) -> bool:
    """Say whether a line is output of a program rather than something a person typed."""
    if not line.strip():
        return False
    if any(form.match(line[:READ_OF_A_LINE]) for form in _LOG_FORMS):
        return True
    letters = sum(sign.isalpha() or sign.isspace() for sign in line)
    return len(line) >= 25 and letters / len(line) < 0.6


_RUN = re.compile(r"\S{60,}")


@lru_cache(maxsize=1)
def _splitter() -> "Language":
    import spacy  # takes seconds to load; only who cuts a text needs it

    pipeline = spacy.blank("xx")
    pipeline.add_pipe("sentencizer")
    return pipeline


def _letters(run: "re.Match[str]") -> str:
    return "x" * len(run.group())


def split(text: str) -> List[Tuple[int, int]]:
    """Return where the sentences of `text` begin and end, without the space around them.

    spaCy's sentencizer splits at full stops; what stands without a space for very long is no sentence, and as signs it would
    take spaCy quadratic time; empty lines and the items of a list end a sentence too.
    """
    found = []
    place = 0
    for block in re.split(r"(\n[ \t]*\n\s*|\n(?=[ \t]*(?:[-*•]|\d+[.)])[ \t]))", text):
        if block.strip():
            for sentence in _splitter()(_RUN.sub(_letters, block)).sents:
                first, last = place + sentence.start_char, place + sentence.end_char
                piece = text[first:last]
                first += len(piece) - len(piece.lstrip())
                last -= len(piece) - len(piece.rstrip())
                if first < last:
                    found.append((first, last))
        place += len(block)
    return found

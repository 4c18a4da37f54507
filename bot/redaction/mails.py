"""E-mail addresses, also as they are spelled out."""

import re
from typing import Iterator

from bot.redaction.plain import MAIL, Span
from bot.redaction.words import PROSE

LONGEST_LOCAL_PART, MOST_PARTS, DOT_REACH = 64, 4, 8

_AT = re.compile(r"@|[(\[<{] ?(?:at|apenstaart(?:je)?) ?[)\]>}]|(?<= )(?:at|apenstaart(?:je)?)(?= )", re.I)
_SPELLED_DOT = r" {0,2}[(\[<{] ?(?:dot|punt|\.) ?[)\]>}] {0,2}| {1,2}(?:dot|punt) {1,2}"
_HOST = re.compile(rf" {{0,2}}(?:[\w-]{{1,63}}(?:\.| \. |{_SPELLED_DOT})){{1,8}}[^\W\d_]{{2,24}}", re.I)
_SPELLED_HOST = re.compile(
    rf" {{0,2}}(?:[\w-]{{1,63}}(?:\.|{_SPELLED_DOT})){{0,7}}[\w-]{{1,63}}(?:{_SPELLED_DOT})[^\W\d_]{{2,24}}", re.I
)
_DOT_BEFORE = re.compile(rf"(?:{_SPELLED_DOT})\Z", re.I)
NO_NAMES = PROSE | set("look looking meet meeting work working works found hosted see kijk zie".split())


def mails(plain: str) -> Iterator[Span]:
    """Yield e-mail addresses, with spaces around the sign or "(at)" and "dot" for the signs too."""
    for match in _AT.finditer(plain):
        end = match.start()
        while end > 0 and match.start() - end < 2 and plain[end - 1] == " ":
            end -= 1
        start = _start_of_name(plain, end)
        host = (_SPELLED_HOST if match.group()[0].isalpha() else _HOST).match(plain, match.end())
        spaced = end < match.start()
        if host and start < end and not (spaced and plain[start:end].lower() in NO_NAMES):
            yield Span(start, host.end(), MAIL)


def _start_of_name(plain: str, end: int) -> int:
    """Return where the name that ends at `end` begins, with the parts that a spelled dot joins to it."""
    start = end
    for _ in range(MOST_PARTS):
        floor, part = max(0, start - LONGEST_LOCAL_PART), start
        while start > floor and (plain[start - 1].isalnum() or plain[start - 1] in "._+%&'*^~#$-"):
            start -= 1
        dot = _DOT_BEFORE.search(plain, max(0, start - DOT_REACH), start)
        if start == part or not dot or dot.start() == 0 or not plain[dot.start() - 1].isalnum():
            break
        start = dot.start()
    return start


SEARCHES = (mails,)

"""Markdown that holds the words of strangers, and our own Markdown as plain text."""

import re

_SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~!&:@])")
_LINE_STARTS = re.compile(r"^(\s*)([-+=]|\d{1,9}(?=[.)]))", re.MULTILINE)
_ADDRESS = re.compile(r"\bwww\.", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\((https://[^)\s]+)\)")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_FENCE = re.compile(r"`{3,}")


def escaped(text: str) -> str:
    """Return a stranger's words for within a line of Markdown: nothing in them is a mark, a link or a line of its own."""
    words = " ".join(text.split())
    marked = _ADDRESS.sub(lambda found: found.group()[:-1] + r"\.", _SIGNS.sub(r"\\\1", words))
    return _LINE_STARTS.sub(_escape_start, marked)


def _escape_start(found: "re.Match[str]") -> str:
    space, sign = found.groups()
    return f"{space}\\{sign}" if not sign.isdigit() else f"{space}{sign}\\"


def quoted(text: str) -> str:
    """Return a stranger's text as a quotation, line by line."""
    lines = [escaped(line) for line in text.strip().splitlines()]
    return "\n".join(
        f"> {line}\\" if line and after else f"> {line}".rstrip() for line, after in zip(lines, [*lines[1:], ""])
    )


def fenced(text: str) -> str:
    """Return a stranger's text as code, within a fence that it cannot close."""
    longest = max((len(found) for found in _FENCE.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return "\n".join([fence, *text.strip("\n").splitlines(), fence])


def plain(text: str) -> str:
    """Return our own words without their marks: a link as its name and address."""
    return _BOLD.sub(r"\1", _LINK.sub(r"\1 (\2)", text))

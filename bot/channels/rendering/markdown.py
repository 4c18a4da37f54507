"""The assistant's Markdown as blocks of runs: paragraphs, lists, bold, italics and https links. All else is text as typed.

A mark that no platform shows (a heading, a quote, HTML) is left as it is, so that no letter of a text is lost.
"""

import re
from dataclasses import dataclass, replace
from typing import Callable, Iterator, List, Optional, Sequence, Tuple
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

BULLET = "•"
LONGEST_ADDRESS = 2_000  # characters, with each & written out; a longer one is text, which can be split
MOST_NESTED = 100  # levels; the parser drops what lies deeper
_TEXT_ONLY = (
    ["code", "fence", "blockquote", "hr", "reference", "html_block", "heading", "lheading"]
    + ["backticks", "image", "html_inline", "entity"]
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style. `url` is an https address; a newline in the text is a new line."""

    text: str
    bold: bool = False
    italic: bool = False
    url: Optional[str] = None


@dataclass(frozen=True)
class Block:
    """A paragraph, or a paragraph of a list item: `depth` lists around it, and a `marker` when the item begins with it."""

    runs: Tuple[Run, ...]
    marker: str = ""
    depth: int = 0

    @property
    def text(self) -> str:
        """The text without its marks."""
        return "".join(run.text for run in self.runs)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": MOST_NESTED}).disable(_TEXT_ONLY)
    parser.normalizeLink = lambda url: url  # an address that is not followed is shown as it was typed
    parser.normalizeLinkText = lambda url: url
    return parser


_PARSER = _parser()


def parse(text: str) -> List[Block]:
    """Return the blocks of a Markdown text."""
    tokens = _PARSER.parse(text)
    if any(token.level >= MOST_NESTED - 4 for token in tokens):
        return plain(text)
    return list(_blocks(tokens))


def plain(text: str) -> List[Block]:
    """Return the blocks of a text in which nothing is a mark: what a person typed."""
    lines = "\n".join(text.splitlines())
    return [Block((Run(part),)) for part in re.split(r"\n\s*\n", lines) if part.strip()]


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    depth, marker = 0, ""
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            if marker:  # an item that begins with a list
                yield Block((), marker, depth)
                marker = ""
            depth += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup}" if token.info else BULLET
        elif token.type == "list_item_close" and marker:
            yield Block((), marker, depth)
            marker = ""
        elif token.type == "inline":
            yield Block(tuple(_runs(token.children or [])), marker, depth)
            marker = ""


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    bold = italic = 0
    link: Optional[Token] = None
    label = ""
    for token in tokens:
        if token.type in ("strong_open", "strong_close"):
            bold += token.nesting
        elif token.type in ("em_open", "em_close"):
            italic += token.nesting
        elif token.type == "link_open":
            link, label = token, ""
        elif token.type == "link_close" and link is not None:
            yield from _rest_of_link(link, label, bool(bold), bool(italic))
            link = None
        else:
            text = "\n" if token.type in ("softbreak", "hardbreak") else token.content
            label += text
            if text:
                yield Run(text, bool(bold), bool(italic), followed(str(link.attrs["href"])) if link else None)


def _rest_of_link(link: Token, label: str, bold: bool, italic: bool) -> Iterator[Run]:
    """Yield what the label of a link does not show: an address that is not followed, and a title."""
    address, title = str(link.attrs["href"]), str(link.attrs.get("title") or "")
    url = followed(address)
    if not label:
        yield Run(address, bold, italic, url)
    elif url is None and address and link.info != "auto" and address != label:
        yield Run(f" ({address})", bold, italic)
    if title:
        yield Run(f" ({title})", bold, italic)


def followed(address: Optional[str]) -> Optional[str]:
    """Return the address of a link that may be followed: https, and no name that poses as a host. None for any other."""
    try:
        parts = urlsplit(address or "")
        url = normalizeLink(address or "").replace("(", "%28").replace(")", "%29")
        host = urlsplit(url).hostname
    except ValueError:
        return None
    is_secure = parts.scheme == "https" and parts.netloc.isascii() and "@" not in parts.netloc
    if not is_secure or not host or not re.fullmatch(r"[a-z0-9.:-]+", host):
        return None
    if re.search(r"[\s<>|\"\\\x00-\x1f]", url) or len(url.replace("&", "&amp;")) > LONGEST_ADDRESS:
        return None
    return url


def linked(label: str, address: Optional[str], bold: bool = False) -> Tuple[Run, ...]:
    """Return a label that leads to an address; an address that is not followed is shown after it."""
    url = followed(address)
    more = f" ({address})" if address and url is None else ""
    return (Run(label, bold, url=url), *([Run(more)] if more else []))


def plain_text(blocks: Sequence[Block]) -> str:
    """Return the text without its marks; a link is its label."""
    return joined(blocks, lambda block: indented(block, block.text))


def indented(block: Block, text: str) -> str:
    """Return a block's text behind its marker, as deep as it stands."""
    if not block.depth:
        return text
    indent = "    " * (block.depth - 1)
    return f"{indent}{block.marker} {text}" if block.marker else f"{indent}   {text}"


def joined(blocks: Sequence[Block], render: Callable[[Block], str], before_list: str = "\n") -> str:
    """Return blocks rendered one by one: items line by line, paragraphs with a line between them."""
    text = ""
    for number, block in enumerate(blocks):
        if number:
            within = "\n" if blocks[number - 1].depth else before_list
            text += within if block.depth else "\n\n"
        text += render(block)
    return text


def split(blocks: Sequence[Block], size: Callable[[Block], int], limit: int) -> List[List[Block]]:
    """Return blocks in pieces none of which is larger than `limit`; a block that is larger alone is cut between words.

    `size` is the size of a rendered block with whatever stands between it and the next.
    """
    pieces: List[List[Block]] = []
    left = 0
    for whole in blocks:
        rest: Optional[Block] = whole
        while rest is not None:
            head, rest = _head(rest, size, limit)
            taken = size(head)
            if not pieces or taken > left:
                pieces.append([])
                left = limit
            pieces[-1].append(head)
            left -= taken
    return pieces


def _head(block: Block, size: Callable[[Block], int], limit: int) -> Tuple[Block, Optional[Block]]:
    """Return the longest beginning of a block that is no larger than `limit`, and the rest if there is one."""
    if size(block) <= limit:
        return block, None
    text = block.text
    fits, too_long = 1, min(len(text), limit + 1)  # each character takes one at least
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if size(replace(block, runs=_cut(block.runs, 0, middle))) <= limit:
            fits = middle
        else:
            too_long = middle
    space = max(text.rfind(" ", 0, fits), text.rfind("\n", 0, fits)) + 1
    end = space if space > fits // 2 else fits
    rest = Block(_cut(block.runs, end, len(text)), "", block.depth)
    return replace(block, runs=_cut(block.runs, 0, end)), rest


def _cut(runs: Sequence[Run], begin: int, end: int) -> Tuple[Run, ...]:
    found = []
    for run in runs:
        part = run.text[max(begin, 0) : max(end, 0)]
        if part:
            found.append(replace(run, text=part))
        begin, end = begin - len(run.text), end - len(run.text)
    return tuple(found)

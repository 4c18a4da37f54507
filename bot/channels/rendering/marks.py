"""Blocks of text in the marks of each platform: Slack's mrkdwn, and the Markdown of an Adaptive Card."""

import re
from typing import List, Optional, Sequence

from bot.channels.rendering.markdown import BULLET, Block, Run, indented, joined

UNSEEN = "\u200b"  # a space without width
_SLACK_MARKS = "*_~`"
_EMOJI = re.compile(r":(?=[\w+'-]*[a-z][\w+'-]*:)")
_CARD_DATE = re.compile(r"\{(?=\{(?:DATE|TIME)\()")
_CARD_MARKS = re.compile(
    r"[*`]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # none within a word
    r"|\\(?=[!-/:-@\[-`{-~]|$)"  # a backslash that would hide the mark after it
    r"|(?<=\])[(:\[]|~(?=~)|(?<=~)~|<(?=[/!?A-Za-z])|&(?=#?\w+;)"
)
_CARD_LINE = re.compile(r"^(\d{1,9})([.)])(?=\s|$)|^([#>+=-])", re.MULTILINE)
_NUMBER = re.compile(r"(0|[1-9]\d{0,8})\.")


def escaped(text: str) -> str:
    """Return a text in which Slack sees no link and no mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(blocks: Sequence[Block]) -> str:
    """Return blocks in Slack's mrkdwn."""
    return joined(blocks, lambda block: indented(block, _mrkdwn_line(block.runs)))


def _mrkdwn_line(runs: Sequence[Run]) -> str:
    text = "".join(run.text for run in runs)
    parts: List[str] = []
    position = 0
    for run in runs:
        # Slack's bold and italics end with the line, and begin and end beside a space, which need not be seen.
        for part in re.split(r"(\n)", run.text):
            core = part.strip()
            begin = position + (len(part) - len(part.lstrip()) if core else 0)
            end = begin + len(core)
            if core:
                before, after = text[:begin][-1:], text[end:][:1]
                parts += [text[position:begin], _mrkdwn_run(run, core, before, after), text[end : position + len(part)]]
            else:
                parts.append(part)
            position += len(part)
    return "".join(parts)


def _mrkdwn_run(run: Run, core: str, before: str, after: str) -> str:
    text = _literal(core, before, after)
    if run.url:
        text = f"<{escaped(run.url)}|{text}>"
    for mark, is_set in (("_", run.italic), ("*", run.bold)):
        text = f"{mark}{text}{mark}" if is_set else text
    if not (run.bold or run.italic):
        return text
    return f"{UNSEEN if _touches(before) else ''}{text}{UNSEEN if _touches(after) else ''}"


def _touches(neighbour: str) -> bool:
    return bool(neighbour) and not neighbour.isspace() and neighbour not in ".,;:!?)("


def _literal(text: str, before: str, after: str) -> str:
    """Return a text in which Slack sees no mark: those that could begin or end something are held apart."""
    found = []
    for number, char in enumerate(text):
        left = text[number - 1] if number else before
        right = text[number + 1] if number + 1 < len(text) else after
        opens = not left.isalnum() and bool(right) and not right.isspace()
        closes = not right.isalnum() and bool(left) and not left.isspace()
        if char in _SLACK_MARKS and (opens or closes):
            found.append(f"{UNSEEN}{char}{UNSEEN}")
        elif char == ">" and left in ("", "\n"):
            found.append(f"{UNSEEN}{char}")  # would be a quotation
        else:
            found.append(char)
    return escaped(_EMOJI.sub(f":{UNSEEN}", "".join(found)))


def card_markdown(blocks: Sequence[Block]) -> str:
    """Return blocks in the Markdown of a TextBlock, which has paragraphs, lists, bold, italics and links."""
    shown: List[Block] = []
    counts: List[Optional[int]] = []  # the number of the last item in each list that is open; None for a bullet
    for block in blocks:
        text = _card_line(block.runs)
        counts = counts[: block.depth] if block.marker else []
        level = min(block.depth, len(counts) + 1)
        last = counts[level - 1] if len(counts) >= level > 0 else None
        number = _NUMBER.fullmatch(block.marker)
        counted = number is not None and last in (None, int(number[1]) - 1)
        if text and "\n" not in text and (block.marker == BULLET or counted):
            counts = [*counts[: level - 1], int(number[1]) if number else None]
            mark = block.marker if number else "-"
            shown.append(Block((Run(f"{'    ' * (level - 1)}{mark} {text}"),), depth=level))
        else:  # a list counts by itself: what it would count differently is a paragraph
            counts = []
            shown.append(Block((Run(f"{_CARD_LINE.sub(_escaped_line, block.marker)} {text}".strip()),)))
    return joined(shown, lambda block: block.text, "\n\n")


def _card_line(runs: Sequence[Run]) -> str:
    """Return runs as one paragraph, or several where a line ends: a TextBlock has no line breaks of its own."""
    parts: List[str] = []
    for run in runs:
        for part in re.split(r"(\n)", run.text):
            core = part.strip()
            if not core:
                parts.append("\n" if part == "\n" else part)
                continue
            lead, _, trail = part.partition(core)
            shown = _card_literal(core)
            if run.url:
                label = re.sub(r"\\?([\[\]])", r"\\\1", shown)
                shown = f"[{label}]({run.url})"
            shown = f"_{shown}_" if run.italic else shown
            parts += [lead, f"**{shown}**" if run.bold else shown, trail]
    lines = [line.strip() for line in "".join(parts).split("\n")]
    return "\n\n".join(_CARD_LINE.sub(_escaped_line, line) for line in lines if line)


def _escaped_line(found: "re.Match[str]") -> str:
    return f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}"


def _card_literal(text: str) -> str:
    return _CARD_DATE.sub(f"{{{UNSEEN}", _CARD_MARKS.sub(r"\\\g<0>", text))

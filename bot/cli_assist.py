"""`triage assist`: what a partner's mail or ticket comes to, on the command line."""

import asyncio
import codecs
import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, Iterable, List, Optional, Tuple

import click

from bot.clock import day, today
from bot.engine import UnusableFacts
from bot.given import printable, read_object
from bot.wording import LANGUAGES

if TYPE_CHECKING:
    from bot.helpdesk.assist import Assisted

STANDARD_INPUT = "-"
LARGEST_FILE = 1024 * 1024  # bytes; a text that may be read is far smaller
LINE_ENDS = "\n\t"


def _day(context: click.Context, option: click.Parameter, given: Optional[str]) -> Optional[date]:
    return None if given is None else day(given)


@click.command("assist")
@click.argument("file")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default=None, help="The partner's language; the text's own by default."
)
@click.option(
    "--facts", "given", default=None, metavar="JSON", help="Facts known besides, as a JSON object; they count first."
)
@click.option(
    "--on", metavar="DATE", callback=_day, default=None, help="The day to decide for (YYYY-MM-DD); today by default."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def assist_command(file: str, language: Optional[str], given: Optional[str], on: Optional[date], as_json: bool) -> None:
    """Read a partner's mail or ticket in FILE ("-": standard input): facts, open questions, decision, drafted reply.

    Secrets are taken out before anything reads the text.
    """
    text = read_text(file)
    more = read_object(given, "--facts") if given is not None else {}
    import bot.assistant  # noqa: F401  (first: it keeps the notices of the libraries off the terminal)
    from bot.helpdesk.assist import assist, prepare

    assisted = assist(text, _read(prepare(text).text), on or today(), language, more)
    if as_json:
        click.echo(json.dumps(assisted.document(), ensure_ascii=False))
    else:
        show(assisted)


def read_text(file: str) -> str:
    """Return the text in a file or on standard input, what is no UTF-8 replaced. Raises UnusableFacts, OSError."""
    if file == STANDARD_INPUT:
        if sys.stdin is None:
            raise UnusableFacts("there is no standard input to read")
        found, name = click.get_binary_stream("stdin").read(LARGEST_FILE + 1), "standard input"
    else:
        with Path(file).open("rb") as opened:
            found, name = opened.read(LARGEST_FILE + 1), file
    if len(found) > LARGEST_FILE:
        raise UnusableFacts(f"{name} is larger than {LARGEST_FILE // 1024} kB; give it the mail only")
    if found.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as Windows calls "Unicode"
        return found.decode("utf-16", "replace")
    if b"\0" in found:
        raise UnusableFacts(f"{name} is not a text; save the mail as plain text and give that")
    text = found.decode("utf-8-sig", "replace")
    if not text.strip():
        raise UnusableFacts(f"{name} is empty; give it the text of a mail or ticket")
    return text


def _read(text: str) -> Dict[str, Any]:
    """Return how the trained model reads a text. Raises UnusableFacts when there is no model."""
    from bot.assistant import Assistant, NoModel

    try:
        assistant = Assistant(None)
    except NoModel as error:
        raise UnusableFacts(str(error)) from None
    return asyncio.run(assistant.parse(text))


def show(assisted: "Assisted") -> None:
    """Print what was found, for a person: the text with its facts marked, in brackets where there are no colours."""
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    places = sorted({(one.start, one.end) for one in (*assisted.facts, *assisted.options) if one.start is not None})
    if console.color_system is None:
        console.print(Text(_bracketed(_visible(assisted.text), places)))
    else:
        shown = Text(_visible(assisted.text))
        for part in assisted.parts:
            if part.kind != "said":
                shown.stylize("dim", part.start, part.end)
        for start, end in places:
            shown.stylize("bold reverse", start, end)
        console.print(shown)
    _list(console, "Facts", [_fact_line(assisted, found) for found in assisted.facts])
    _list(
        console, "One of these products", [f"{option.shown} {option.version or ''}".strip() for option in assisted.options]
    )
    _list(console, "Still to ask", [f"{asked.label}: {asked.question}" for asked in assisted.missing])
    decision = assisted.decision or {}
    _list(console, "Decision", [f"{name}: {_words(value)}" for name, value in decision.items() if value not in (None, [])])
    _list(console, "Taken out of the text", list(assisted.redacted))
    draft = assisted.reply or assisted.questions
    if draft:
        console.print(Text(f"\nDraft ({assisted.language})", style="bold"))
        console.print(Text(draft))


def _bracketed(text: str, places: Iterable[Tuple[int, int]]) -> str:
    """Return a text with what stands at some places in brackets, from the last place to the first."""
    for start, end in sorted(places, reverse=True):
        text = f"{text[:start]}[[{text[start:end]}]]{text[end:]}"
    return text


def _fact_line(assisted: "Assisted", found: Any) -> str:
    """Return a fact and what gives it."""
    if found.by_staff:
        source = "given"
    elif found.start is None:
        source = "follows"
    else:
        source = f'"{_visible(assisted.text[found.start : found.end])}"'
    return f"{found.label}: {found.shown} ({source})"


def _visible(text: str) -> str:
    """Return a text as a terminal may be sent it, as long as it was."""
    return "".join(sign if sign in LINE_ENDS else printable(sign) for sign in text)


def _words(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)


def _list(console: Any, title: str, lines: List[str]) -> None:
    from rich.text import Text

    if lines:
        console.print(Text(f"\n{title}", style="bold"))
        for line in lines:
            console.print(Text(f"  {line}"))

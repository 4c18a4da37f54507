"""Assist mode: a partner's mail or ticket is pasted; its facts are marked in it, with what to ask and the reply."""

import asyncio
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from bot.answer import answerer
from bot.channels.message import LANGUAGES
from bot.engine import UnusableFacts
from bot.helpdesk.assist import LONGEST_TEXT, Assisted, assist, prepare, question_text
from bot.helpdesk.console import names
from bot.helpdesk.console.changes import NOT_KNOWN, changed_facts
from bot.helpdesk.console.parts import Console, field, page, trouble
from bot.helpdesk.console.worked_out import fact_fields, verdict
from bot.helpdesk.markdown import plain
from bot.knowledge import shared

SET = "set_"  # begins the name of a field with a fact that staff put right before
SAID = "said"


@dataclass(frozen=True)
class Stretch:
    """A stretch of the text: of which part it is, and the fact that it gives, None for none."""

    text: str
    part: str
    fact: Optional[str]


def add(routes: Blueprint, console: Console) -> None:
    """Add the page to the routes."""

    @routes.get("/assist")
    async def show(request: Request) -> HTTPResponse:
        return _page(console, request, "", "")

    @routes.post("/assist")
    async def work_out(request: Request) -> HTTPResponse:
        text, language = field(request, "text"), field(request, "language")
        language = language if language in LANGUAGES else ""
        if not text.strip():
            return _page(console, request, "", language, "Paste a text first.", 422)
        more = _set(request)
        try:
            prepared = prepare(text)
            parse = await console.parse(prepared.text)
            found = await asyncio.to_thread(assist, prepared.text, parse, console.today(), language or None, more)
        except UnusableFacts as error:
            return _page(console, request, text[: 2 * LONGEST_TEXT], language, trouble(error), 422)
        redacted = tuple(names.words(kind) for kind in prepared.redacted)
        return _page(console, request, prepared.text, language, found=found, more=more, redacted=redacted)


def _set(request: Request) -> Dict[str, Optional[str]]:
    """Return the facts that staff put right: before, and now."""
    before = {fact: field(request, f"{SET}{fact}") for fact in shared().programme.facts}
    kept = {fact: None if value == NOT_KNOWN else value for fact, value in before.items() if value}
    return {**kept, **changed_facts(request)}


def _page(
    console: Console,
    request: Request,
    text: str,
    language: str,
    error: str = "",
    status: int = 200,
    found: Optional[Assisted] = None,
    more: Mapping[str, Optional[str]] = {},
    redacted: Sequence[str] = (),
) -> HTTPResponse:
    return page(
        console,
        request,
        "assist.html",
        status,
        text=text,
        language=language,
        languages=[("", "as in the text"), *names.LANGUAGES.items()],
        error=error,
        longest=LONGEST_TEXT,
        redacted=redacted,
        more={fact: NOT_KNOWN if value is None else value for fact, value in more.items()},
        **(_shown(found) if found is not None else {"found": None}),
    )


def _shown(found: Assisted) -> Dict[str, Any]:
    voice = answerer(found.language)
    fields = fact_fields(found.known)
    counts = {*found.known, *(asked.fact for asked in found.missing)}
    return {
        "found": found,
        "stretches": stretches(found),
        # As it is sent by mail, which shows no Markdown.
        "reply": plain(found.reply) if found.reply else "",
        "mail": plain(found.questions) if found.questions else "",
        "questions": [(asked, question_text(voice, asked)) for asked in found.missing],
        "facts": [shown for shown in fields if shown.fact in counts],
        "other_facts": [shown for shown in fields if shown.fact not in counts],
        "verdict": verdict(found.decision) if found.decision else None,
    }


def stretches(found: Assisted) -> List[Stretch]:
    """Return the text cut where a part or a fact begins or ends."""
    marks: List[Tuple[int, int, str]] = [
        (fact.start, fact.end, f"{names.fact(fact.fact)}: {names.value(fact.fact, fact.value, found.known)}")
        for fact in found.facts
        if fact.start is not None and fact.end is not None
    ]
    marks += [
        (option.start, option.end, f"{names.fact('product')}? {option.shown}")
        for option in found.options
        if option.start is not None and option.end is not None
    ]
    edges = {0, len(found.text), *(place for start, end, _ in marks for place in (start, end))}
    edges |= {place for part in found.parts for place in (part.start, part.end)}
    ends = sorted(edge for edge in edges if 0 <= edge <= len(found.text))
    cut = []
    for start, end in zip(ends, ends[1:]):
        part = next((part.kind for part in found.parts if part.start <= start < part.end), SAID)
        names_here = [label for first, last, label in marks if first <= start < last]
        cut.append(Stretch(found.text[start:end], part, ", ".join(names_here) or None))
    return cut

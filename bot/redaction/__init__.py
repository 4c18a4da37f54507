"""Secrets in what people type: found however they are spaced or written, and replaced by what kind they are.

A regular expression here repeats only with a bound or one kind of sign at a time, so a long text costs no more than its
length. Nothing else of the project is imported: the guard of the channels and the review both use it.
"""

from typing import List, NamedTuple, Tuple

from bot.redaction import credentials, ids, mails, numbers, passwords
from bot.redaction.plain import KINDS, Span, plain_form

MOST_ROUNDS = 4  # what stands between a word and a value may be a secret itself
SEARCHES = tuple(search for module in (credentials, passwords, ids, numbers, mails) for search in module.SEARCHES)


class Redaction(NamedTuple):
    """A text without its secrets, and the kinds that were found."""

    text: str
    found: Tuple[str, ...]


def redact(text: str) -> Redaction:
    """Return `text` with every secret replaced by its kind in brackets. Redacting twice changes nothing more."""
    found: List[str] = []
    for _ in range(MOST_ROUNDS):
        text, kinds = _round(text)
        found += kinds
        if not kinds:
            break
    return Redaction(text, tuple(dict.fromkeys(found)))


def _round(text: str) -> Tuple[str, List[str]]:
    plain, places = plain_form(text)
    merged: List[Span] = []
    for span in sorted(span for search in SEARCHES for span in search(plain)):
        if merged and span.start < merged[-1].end:
            last = merged.pop()
            named = min((last, span), key=lambda one: (one.rank, KINDS.index(one.kind)))
            span = Span(last.start, max(last.end, span.end), named.kind, named.rank)
        merged.append(span)
    pieces, done = [], 0
    for span in merged:
        pieces += [text[done : places[span.start][0]], f"[{span.kind}]"]
        done = places[span.end - 1][1]
    return "".join([*pieces, text[done:]]), [span.kind for span in merged]

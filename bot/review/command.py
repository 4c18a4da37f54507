"""What `triage review` does: ask in the terminal, write a file to label, or learn from one.

What takes long to load (spaCy looks for TensorFlow) is loaded when the paths are known to be usable.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Optional

import click

from bot import assistant  # keeps TensorFlow's notices off the terminal
from bot.given import printable
from bot.review import document
from bot.review.store import check, check_name

if TYPE_CHECKING:
    from bot.review.session import Review

DONE, UNUSABLE = 0, 2  # exit statuses


def review(source: Optional[str], written: Optional[str], limit: Optional[int], again: bool) -> int:
    """Ask for labels in the terminal, or write the messages into the file `written`; return the exit status."""
    store = _store(source)
    check(store)
    session = _session(store)
    groups = session.groups(again, limit)
    if not groups:
        click.echo(f"There is nothing to review in {session.store}.")
        return DONE
    if written is not None:
        from bot.review import file

        file.write(session, groups, Path(written))
        count = sum(map(len, groups))
        click.echo(f"Wrote {count} messages in {len(groups)} groups to {written}. Label them, then --accept {written}")
    else:
        from bot.review import terminal

        _say_what_is_not_checked(session)
        terminal.ask(session, groups)
    return DONE


def accept_labels(path: str, source: Optional[str]) -> int:
    """Learn the labels in the file at `path`, or say what is wrong with it; return the exit status."""
    labelled = document.load(Path(path))
    store = _store(document.store_of(labelled) if source is None else source)
    check_name(store)
    session = _session(store)
    from bot.review import file

    accepted, problems = file.accept(session, labelled, path)
    for problem in problems:
        click.echo(printable(f"ERROR {problem}"), err=True)
    if problems:
        click.echo("Nothing was added: correct the file and run this again.", err=True)
        return UNUSABLE
    _say_what_is_not_checked(session)
    click.echo(f"{len(accepted.labels)} labelled, {len(accepted.skipped)} skipped. {session.summary()}")
    return DONE


def _store(source: Optional[str]) -> Path:
    return assistant.DATABASE if source is None else Path(source)


def _session(store: Path) -> "Review":
    from bot.review.session import Review

    return Review(assistant.PROJECT, store)


def _say_what_is_not_checked(session: "Review") -> None:
    from bot.review.training import SENTENCES, sentences

    if not sentences(session.project):
        click.echo(f"Note: there are no evaluation sentences in {SENTENCES}, so nothing is held against them.")

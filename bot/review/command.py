"""What `triage review` does: ask in the terminal, write a file to label, or learn from one."""

from pathlib import Path
from typing import Optional

import click

from bot.review import file, terminal
from bot.review.session import Review
from bot.review.training import SENTENCES, sentences

DONE, UNUSABLE = 0, 2  # exit statuses


def review(source: Optional[str], written: Optional[str], limit: Optional[int], again: bool) -> int:
    """Ask for labels in the terminal, or write the messages into the file `written`; return the exit status."""
    session = _session(source)
    groups = session.groups(again, limit)
    if not groups:
        click.echo(f"There is nothing to review in {session.store}.")
        return DONE
    if written:
        file.write(session, groups, Path(written))
        count = sum(map(len, groups))
        click.echo(f"Wrote {count} messages in {len(groups)} groups to {written}. Label them, then --accept {written}")
    else:
        _say_what_is_not_checked(session)
        terminal.ask(session, groups)
    return DONE


def accept_labels(path: str, source: Optional[str]) -> int:
    """Learn the labels in the file at `path`, or say what is wrong with it; return the exit status."""
    session = _session(source or file.store_of(Path(path)))
    accepted, problems = file.accept(session, Path(path))
    for problem in problems:
        click.echo(f"ERROR {problem}", err=True)
    if problems:
        click.echo("Nothing was added: correct the file and run this again.", err=True)
        return UNUSABLE
    _say_what_is_not_checked(session)
    click.echo(f"{len(accepted.labels)} labelled, {len(accepted.skipped)} skipped. {session.summary()}")
    return DONE


def _session(source: Optional[str]) -> Review:
    from bot.assistant import PROJECT
    from bot.server import DATABASE

    return Review(PROJECT, Path(source) if source else DATABASE)


def _say_what_is_not_checked(session: Review) -> None:
    if not sentences(session.project):
        click.echo(f"Note: there are no evaluation sentences in {SENTENCES}, so nothing is held against them.")

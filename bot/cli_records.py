"""The commands about what is kept: `triage purge`, `triage export` and `triage erase`."""

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Dict, Iterator, Optional

import click

from bot.cli_database import database_option, opened_database
from bot.engine import UnusableFacts
from bot.given import printable, whole

ONLY_OWNER = 0o600  # who may read an export

compact_option = click.option(
    "--compact", is_flag=True, help="Write a SQLite file anew also when it is large; others wait meanwhile."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")


@click.command("purge")
@click.option(
    "--days", type=click.IntRange(1, 36_500), default=None, help="Keep so many days; keep_days of helpdesk.yml by default."
)
@click.option("--dry-run", is_flag=True, help="Remove nothing; say what would be removed.")
@compact_option
@json_option
@database_option
def purge_command(days: Optional[int], dry_run: bool, compact: bool, as_json: bool, given: Optional[str]) -> None:
    """Remove conversations, with their cases, that had no sign of life for longer than they are kept.

    Where a partner still waits for a person, the conversation stays.
    """
    from bot.helpdesk.retention import purge
    from bot.helpdesk.settings import load_helpdesk

    kept = load_helpdesk().keep_days if days is None else days
    with opened_database(given) as database:
        done = purge(database, kept, dry_run, compact=compact)
    if as_json:
        counts = {name: getattr(done, name) for name in ("conversations", "awaited", "dialogues", "acts")}
        click.echo(json.dumps({"days": kept, "dry_run": dry_run, **counts, "remark": done.scrubbed.remark}))
        return
    removed = "would be removed" if dry_run else "removed"
    click.echo(f"conversations without a sign of life for more than {kept} days, {removed}: {done.conversations}")
    click.echo(f"kept although as old, because somebody waits for a person: {done.awaited}")
    click.echo(f"dialogues of which nothing else is stored, {removed}: {done.dialogues}")
    click.echo(f"older entries of the audit log, {removed}: {done.acts}")
    _remark(done.scrubbed.remark)


@click.command("export")
@click.argument("name", metavar="CONVERSATION|CASE-NUMBER")
@click.option(
    "--to", "file", type=click.Path(dir_okay=False), default=None, help="The file to make; standard output by default."
)
@database_option
def export_command(name: str, file: Optional[str], given: Optional[str]) -> None:
    """Write everything that is stored of one conversation as JSON. docs/helpdesk.md says what is in it."""
    from bot.helpdesk.records import export, find

    with opened_database(given) as database:
        conversation = database.read_now(lambda on: find(on, name))
        if file is None:
            click.echo(_text(database.write_now(lambda on: export(on, conversation))))
            return
        with _new(Path(file)) as target:
            target.write(_text(database.write_now(lambda on: export(on, conversation))) + "\n")
    click.echo(printable(f"{file} holds everything that is stored of it"))


@click.command("erase")
@click.argument("name", metavar="CONVERSATION|CASE-NUMBER")
@click.option("--yes", is_flag=True, help="Do not ask.")
@compact_option
@json_option
@database_option
def erase_command(name: str, yes: bool, compact: bool, as_json: bool, given: Optional[str]) -> None:
    """Remove everything that is stored of one conversation. It cannot be had back."""
    from bot.helpdesk.records import find
    from bot.helpdesk.retention import erase

    with opened_database(given) as database:
        conversation = database.read_now(lambda on: find(on, name))
        if not yes:
            _ask(name)
        done = erase(database, conversation, compact=compact)
    if as_json:
        click.echo(json.dumps({"messages": done.messages, "events": done.events, "remark": done.scrubbed.remark}))
        return
    click.echo(f"erased, with {done.messages} messages and {done.events} events of the dialogue; backups still hold it")
    _remark(done.scrubbed.remark)


def _ask(name: str) -> None:
    if sys.stdin is None or not sys.stdin.isatty():
        raise UnusableFacts("there is no terminal to ask on; --yes erases without asking")
    if not click.confirm(printable(f"Erase everything that is stored of {name}? It cannot be had back"), err=True):
        raise UnusableFacts("nothing was erased")


def _text(document: Dict[str, Any]) -> str:
    return whole(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def _new(file: Path) -> Iterator[Any]:
    """Give a new file to write to, which nobody else may read; it is gone again when writing fails. Raises UnusableFacts."""
    try:
        target = open(file, "x", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, ONLY_OWNER))
    except FileExistsError:
        raise UnusableFacts(f"{file} is there already; name another file with --to") from None
    try:
        with target:
            yield target
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _remark(text: str) -> None:
    if text:
        click.echo(f"note: {text}", err=True)

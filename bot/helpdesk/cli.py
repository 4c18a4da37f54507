"""`triage staff`: the accounts of the helpdesk's staff."""

import json
import sys
import time
from dataclasses import asdict
from datetime import datetime
from typing import Any, Callable, Dict, Optional

import click
from sqlalchemy.engine import Connection

from bot.cli_database import database_option, opened_database
from bot.engine import UnusableFacts
from bot.given import printable
from bot.helpdesk import accounts
from bot.helpdesk.accounts import AGENT, ROLES, Staff
from bot.helpdesk.passwords import LONGEST, Passwords, check

MOST_BYTES = 4 * LONGEST + 2  # of a password and the end of its line


def _changed(given: Optional[str], work: Callable[[Connection], Any]) -> Any:
    with opened_database(given) as database:
        return database.write_now(work)


def _password(from_input: bool, *names: str) -> str:
    """Return a new password: asked for twice on the terminal, or one line of standard input. Raises UnusableFacts."""
    if from_input:
        password = _line()
    elif sys.stdin is None or not sys.stdin.isatty():
        raise UnusableFacts("there is no terminal to ask for the password; --password-stdin reads it from standard input")
    else:
        password = click.prompt("Password", hide_input=True, confirmation_prompt="The same again")
    try:
        password.encode("utf-8")
    except UnicodeEncodeError:
        raise UnusableFacts("the password holds bytes that are no text (UTF-8)") from None
    check(password, *names)
    return password


def _line() -> str:
    source = getattr(sys.stdin, "buffer", None)
    if source is None:
        raise UnusableFacts("there is no standard input to read the password from")
    line = source.readline(MOST_BYTES + 1)
    try:
        return line.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise UnusableFacts("the password holds bytes that are no text (UTF-8)") from None


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().isoformat(timespec="seconds")


def _document(who: Staff) -> Dict[str, Any]:
    is_locked = who.locked_until is not None and who.locked_until > time.time()
    return {**asdict(who), "locked_until": _time(who.locked_until) if is_locked else None}  # type: ignore[arg-type]


password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from one line of standard input, instead of asking for it."
)
role_choice = click.Choice(ROLES)


@click.group("staff")
def staff_group() -> None:
    """Who may enter the helpdesk console. NAME is a name, or a number that `triage staff list` shows."""


@staff_group.command("add")
@click.argument("name")
@click.option("--role", type=role_choice, default=AGENT, show_default=True, help="A lead sees the figures too.")
@click.option("--display", default=None, metavar="NAME", help="The name that colleagues and partners see; NAME by default.")
@password_option
@database_option
def add_command(name: str, role: str, display: Optional[str], password_stdin: bool, given: Optional[str]) -> None:
    """Add an account with a password, which is asked for twice."""
    shown = name.strip() if display is None else display.strip()
    accounts.check_names(name, shown)
    password = _password(password_stdin, name.strip(), shown)
    with opened_database(given, must_exist=False) as found:
        hashed = Passwords().hash(password)
        who = found.write_now(lambda on: accounts.add(on, name, shown, role, hashed))
    click.echo(f"{who.login} may sign in, as {who.role}")


@staff_group.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print each account as JSON.")
@database_option
def list_command(as_json: bool, given: Optional[str]) -> None:
    """List the accounts."""
    with opened_database(given) as found:
        staff = found.read_now(accounts.all_staff)
    for who in staff:
        document = _document(who)
        if as_json:
            click.echo(json.dumps(document, ensure_ascii=False))
            continue
        until = document["locked_until"]
        state = "disabled" if not who.is_active else f"locked until {until}" if until else "active"
        kind = "password" if who.is_local else "OpenID Connect"
        click.echo(printable(f"{who.id}  {who.login}  {who.name}  {who.role}  {state}  {kind}"))
    if not staff and not as_json:
        click.echo("there is nobody yet; `triage staff add NAME` adds an account")


@staff_group.command("password")
@click.argument("name")
@password_option
@database_option
def password_command(name: str, password_stdin: bool, given: Optional[str]) -> None:
    """Give an account another password. Its sessions end, and a lock is lifted."""
    with opened_database(given) as found:
        who = found.read_now(lambda on: accounts.found(on, name))
        accounts.check_local(who)
        hashed = Passwords().hash(_password(password_stdin, who.login, who.name))
        found.write_now(lambda on: accounts.set_password(on, who, hashed))
    click.echo(f"{who.login} has another password")


@staff_group.command("role")
@click.argument("name")
@click.argument("role", type=role_choice)
@database_option
def role_command(name: str, role: str, given: Optional[str]) -> None:
    """Give an account another role; it counts at once."""
    _changed(given, lambda on: accounts.set_role(on, accounts.found(on, name), role))
    click.echo(f"{name} has the role {role}")


@staff_group.command("disable")
@click.argument("name")
@database_option
def disable_command(name: str, given: Optional[str]) -> None:
    """Let an account in no more. Its sessions end at once."""
    _changed(given, lambda on: accounts.set_active(on, accounts.found(on, name), False))
    click.echo(f"{name} may not sign in any more")


@staff_group.command("enable")
@click.argument("name")
@database_option
def enable_command(name: str, given: Optional[str]) -> None:
    """Let an account in again; a lock after wrong passwords is lifted too."""
    _changed(given, lambda on: accounts.set_active(on, accounts.found(on, name), True))
    click.echo(f"{name} may sign in")

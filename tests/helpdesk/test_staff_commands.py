"""`triage staff`: accounts are made and changed on the command line, and never with a password that is easily guessed."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from bot.cli import Commands
from bot.database import Database
from bot.helpdesk import accounts, audit
from bot.helpdesk.cli import staff_group
from bot.helpdesk.passwords import Passwords
from bot.helpdesk.tables import staff
from bot.settings import PROJECT
from tests.helpdesk.entering import PASSWORD, SECONDS

triage = Commands("triage", commands={"staff": staff_group})
SCRIPT = """
from bot.cli import Commands
from bot.helpdesk.cli import staff_group
Commands("triage", commands={"staff": staff_group})()
"""


@pytest.fixture
def run(database_url):
    """Return a function that runs `triage staff` over the database."""
    place = database_url.removeprefix("sqlite:///")

    def run(*arguments, given="", code=0):
        done = CliRunner().invoke(triage, ["staff", *arguments, "--database", place], input=given)
        assert done.exit_code == code, (done.output, done.exception)
        return done

    run.place = place
    return run


@pytest.fixture
def anna(run):
    run("add", "Anna", "--password-stdin", given=PASSWORD + "\n")


def stored(run, name="anna"):
    database = Database(run.place if "://" in run.place else f"sqlite:///{run.place}")
    try:
        return database.read_now(lambda on: on.execute(sa.select(staff).where(staff.c.login == name)).one())
    finally:
        database.close()


def test_an_account_is_added_with_its_role_and_the_name_that_others_see(run):
    named = (" Lea.M ", "--role", "lead", "--display", "Lea Moreau")
    done = run("add", *named, "--password-stdin", given=PASSWORD + "\r\nmore\n")
    assert done.stdout == "lea.m may sign in, as lead\n"
    row = stored(run, "lea.m")
    assert (row.name, row.role, row.is_active) == ("Lea Moreau", "lead", True)
    assert row.password.startswith("$argon2id$") and Passwords().is_right(row.password, PASSWORD)
    assert PASSWORD not in done.output


def test_accounts_are_listed_without_their_passwords(run, anna):
    run("add", "bert", "--password-stdin", given=PASSWORD)
    run("disable", "bert")
    found = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [(who["id"], who["login"], who["name"], who["role"], who["is_active"], who["locked_until"]) for who in found] == [
        (1, "anna", "Anna", "agent", True, None),
        (2, "bert", "bert", "agent", False, None),
    ]
    shown = run("list").stdout
    assert "anna" in shown and "disabled" in shown and "argon2" not in shown


def test_an_empty_list_says_how_to_begin(run, database):
    assert "triage staff add" in run("list").stdout and run("list", "--json").stdout == ""


@pytest.mark.parametrize(
    "password, why",
    [
        ("", "0 characters"),
        ("eleven sign", "11 characters"),
        ("x" * 201, "at most 200"),
        ("annas own little password", "name of the account"),
        ("Anna Berg was here", "name of the account"),
        ("123456789012", "easily guessed"),
        ("passwordpassword", "easily guessed"),
        ("Password1234!", "easily guessed"),
        ("qwertyuiop[]", "easily guessed"),
        ("welkomwelkom1", "easily guessed"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "easily guessed"),
        ("microsoftmicrosoft", "easily guessed"),
        ("helpdeskhelpdesk", "easily guessed"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_and_not_repeated(run, password, why):
    done = run("add", "anna", "--display", "Anna Berg", "--password-stdin", given=password + "\n", code=2)
    assert why in done.stderr and len(done.stderr.splitlines()) == 1
    assert not password or password not in done.output
    assert not os.path.exists(run.place)


def test_without_a_terminal_a_password_is_not_asked_for(run):
    assert "--password-stdin" in run("add", "anna", given=PASSWORD, code=2).stderr


def test_a_password_that_is_no_text_is_refused(run):
    assert "UTF-8" in run("add", "anna", "--password-stdin", given=b"\xff" * 20, code=2).stderr


NO_NAMES = ["", " ", "1", "12", "-x", "a b", "a/b", "a\nb", "a\0b", "\u00e4nna", "x" * 81, "https://issuer someone"]


@pytest.mark.parametrize("name", NO_NAMES)
def test_what_cannot_be_a_name_is_refused(run, name):
    arguments = ["staff", "add", "--database", run.place, "--password-stdin", "--", name]
    done = CliRunner().invoke(triage, arguments, input=PASSWORD)
    assert done.exit_code == 2 and "cannot be a name" in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_name_is_given_once_in_whatever_letters(run, anna):
    done = run("add", "ANNA", "--password-stdin", given=PASSWORD, code=2)
    assert "triage staff password anna" in done.stderr


def test_another_password_another_role_disabling_and_enabling_are_recorded(run, anna):
    before = stored(run).password
    run("password", "anna", "--password-stdin", given="nine hollow rivers sing\n")
    row = stored(run)
    assert row.password != before and Passwords().is_right(row.password, "nine hollow rivers sing")
    run("role", "1", "lead")
    run("disable", "Anna")
    assert not stored(run).is_active
    run("enable", "anna")
    row = stored(run)
    assert row.is_active and row.role == "lead"
    database = Database(run.place if "://" in run.place else f"sqlite:///{run.place}")
    acts = [(entry.act, entry.login, entry.detail["account"]) for entry in database.read_now(audit.entries)[::-1]]
    database.close()
    expected = ["account_added", "password_changed", "role_changed", "account_disabled", "account_enabled"]
    assert acts == [(act, audit.COMMAND_LINE, "anna") for act in expected]


@pytest.mark.parametrize("command", [["password", "--password-stdin"], ["role"], ["disable"], ["enable"]])
def test_nobody_of_a_name_is_said(run, anna, command):
    more = ["lead"] if command == ["role"] else []
    done = run(*command, "nobody", *more, given=PASSWORD, code=2)
    assert '"nobody"' in done.stderr and "triage staff list" in done.stderr


def test_an_account_of_a_provider_is_disabled_here_and_changed_there(run, database):
    login = "https://issuer.example someone"
    database.write_now(lambda on: accounts.vouched(on, login, "Some One", "agent", time.time()))
    assert "OpenID Connect" in run("role", "1", "lead", code=2).stderr
    assert "OpenID Connect" in run("password", login, "--password-stdin", given=PASSWORD, code=2).stderr
    run("disable", "1")
    (who,) = [json.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert (who["login"], who["is_active"], who["is_local"]) == (login, False, False)


def test_a_database_that_is_not_there_is_not_made_by_looking_at_it(tmp_path):
    for command in (["list"], ["disable", "anna"], ["role", "anna", "lead"]):
        done = CliRunner().invoke(triage, ["staff", *command, "--database", str(tmp_path / "none.db")])
        assert done.exit_code == 2 and "none.db is missing" in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_environment_names_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIAGE_DATABASE", str(tmp_path / "named.db"))
    done = CliRunner().invoke(triage, ["staff", "add", "anna", "--password-stdin"], input=PASSWORD)
    assert done.exit_code == 0 and (tmp_path / "named.db").is_file()


PLACES = ["mysql://x:hidden@y/z", "postgresql://anna:hidden@127.0.0.1:1/none", "/nowhere/at/all.db", "."]


@pytest.mark.parametrize("place", PLACES)
def test_a_database_that_cannot_be_used_is_said_in_a_line_without_its_password(place):
    done = CliRunner().invoke(triage, ["staff", "add", "anna", "--password-stdin", "--database", place], input=PASSWORD)
    assert done.exit_code == 2 and len(done.stderr.splitlines()) == 1 and done.stderr.startswith("triage: ")
    assert "hidden" not in done.output and PASSWORD not in done.output


PROMPT = re.compile(r"(?:Password|The same again): ")


def on_a_terminal(place, *lines):
    """Run `triage staff add anna` on a terminal and type lines; return the exit status and what the terminal showed."""
    ours, its = pty.openpty()
    command = [sys.executable, "-c", SCRIPT, "staff", "add", "anna", "--database", place]
    process = subprocess.Popen(command, cwd=PROJECT, stdin=its, stdout=its, stderr=its, start_new_session=True)
    os.close(its)
    shown, waiting, end = "", list(lines), time.monotonic() + SECONDS
    asked = 0
    while time.monotonic() < end:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            read = os.read(ours, 1000).decode()
        except OSError:  # the program has ended
            break
        if not read:
            break
        shown += read
        if len(PROMPT.findall(shown)) > asked and waiting:
            asked += 1
            os.write(ours, f"{waiting.pop(0)}\n".encode())
    os.close(ours)
    return process.wait(SECONDS), shown


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(tmp_path):
    status, shown = on_a_terminal(str(tmp_path / "staff.db"), PASSWORD, PASSWORD)
    assert status == 0 and "may sign in" in shown and PASSWORD not in shown


def test_on_a_terminal_two_passwords_that_differ_make_no_account(tmp_path):
    status, shown = on_a_terminal(str(tmp_path / "staff.db"), PASSWORD, PASSWORD + "x", "short", "short")
    assert status == 2 and "5 characters" in shown
    assert not (tmp_path / "staff.db").exists()

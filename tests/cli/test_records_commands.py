"""`triage purge`, `triage export` and `triage erase`: what they do, what they say, and wrong input."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.database import Database
from bot.helpdesk import audit
from tests.helpdesk.histories import DAY, counted, set_back, talk, with_dialogue, work_on

TRIAGE = str(Path(sys.executable).with_name("triage"))
SECRET = "the zebra in rack seventeen is smoking"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder to work in, where the helpdesk keeps 30 days."""
    (tmp_path / "helpdesk.yml").write_text("keep_days: 30", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIAGE_HELPDESK", str(tmp_path / "helpdesk.yml"))
    monkeypatch.delenv("TRIAGE_DATABASE", raising=False)
    return tmp_path


@pytest.fixture
def database(folder):
    """A database with an old conversation, a younger one, and an old one in which somebody waits."""
    found = with_dialogue(Database.in_file(folder / "talks.db"))
    talk(found, "slack-old", SECRET)
    talk(found, "slack-young", SECRET)
    talk(found, "slack-waiting", "a person please", wants_person=True)
    set_back(found, "slack-old", 31 * DAY)
    set_back(found, "slack-young", 29 * DAY)
    set_back(found, "slack-waiting", 31 * DAY)
    yield found
    found.close()


def run(*arguments, **more):
    return CliRunner().invoke(main, arguments, prog_name="triage", **more)


def there(database):
    return {name for name in ("slack-old", "slack-young", "slack-waiting") if all(counted(database, name).values())}


def assert_refused(result, said):
    """It ends with one line that says what is wrong; before it, at most how the command is used."""
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 2 and result.stdout == ""
    *before, last = result.stderr.splitlines()
    assert said in last and last.startswith("Error: " if before else "triage: ")
    assert "Traceback" not in result.stderr


# purge


def test_purge_removes_what_is_older_than_helpdesk_yml_keeps_and_says_what_it_did(database):
    result = run("purge", "--database", "talks.db")
    assert result.exit_code == 0 and result.stdout.splitlines() == [
        "conversations without a sign of life for more than 30 days, removed: 1",
        "kept although as old, because somebody waits for a person: 1",
        "dialogues of which nothing else is stored, removed: 0",
        "older entries of the audit log, removed: 0",
    ]
    assert there(database) == {"slack-young", "slack-waiting"}


def test_purge_takes_other_days_and_the_database_from_the_environment_and_prints_json(database, monkeypatch):
    monkeypatch.setenv("TRIAGE_DATABASE", "talks.db")
    planned = json.loads(run("purge", "--days", "28", "--dry-run", "--json").stdout)
    assert planned == {
        "days": 28, "dry_run": True, "conversations": 2, "awaited": 1, "dialogues": 0, "acts": 0, "remark": "",
    }  # fmt: skip
    assert len(there(database)) == 3
    assert json.loads(run("purge", "--days", "28", "--json").stdout) == {**planned, "dry_run": False}
    assert there(database) == {"slack-waiting"}


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["purge", "--days", "0"], "0 is not in the range"),
        (["purge", "--days", "-5"], "is not in the range"),
        (["purge", "--days", "many"], "'many' is not a valid integer"),
        (
            ["purge", "--database", "missing.db"],
            "missing.db is missing; name the database with --database or TRIAGE_DATABASE",
        ),
        (["purge", "--database", "mysql://user:pass-word@host/name"], "must be a file, or an address like postgresql://"),
        (["purge", "--database", "postgresql://user:pass-word@127.0.0.1:1/name"], "the database cannot be used"),
        (["purge", "--database", "helpdesk.yml"], "the database cannot be used"),
        (["export", "slack-nobody", "--database", "talks.db"], "there is no such conversation; give its id, or the number"),
        (["export", "T-00099", "--database", "talks.db"], "there is no case T-00099"),
        (["export", "slack-old", "--database", "talks.db", "--to", "helpdesk.yml"], "helpdesk.yml is there already"),
        (["export", "slack-old", "--database", "talks.db", "--to", "no/folder/x.json"], "No such file or directory"),
        (["export", "slack-old", "--database", "talks.db", "--to", "."], "is a directory"),
        (["export"], "Missing argument"),
        (["erase", "slack-nobody", "--yes", "--database", "talks.db"], "there is no such conversation"),
        (["erase", "slack-old", "--database", "talks.db"], "there is no terminal to ask on; --yes erases without asking"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy_and_changes_nothing(database, folder, arguments, said):
    before = sorted(path.name for path in folder.iterdir() if "talks" not in path.name)
    result = run(*arguments)
    assert_refused(result, said)
    assert "pass-word" not in result.output + result.stderr
    assert len(there(database)) == 3 and sorted(path.name for path in folder.iterdir() if "talks" not in path.name) == before


def test_settings_that_cannot_be_used_are_told_before_anything_is_removed(database, folder):
    (folder / "helpdesk.yml").write_text("keep_days: 0", encoding="utf-8")
    result = run("purge", "--database", "talks.db")
    assert result.exit_code == 2 and "keep_days" in result.stderr and len(there(database)) == 3


# export


def test_export_prints_one_document_with_everything_or_writes_it_to_a_file_for_its_owner_only(database, folder):
    work_on(database, "slack-young", SECRET)
    printed = json.loads(run("export", "slack-young", "--database", "talks.db").stdout)
    assert printed["version"] == 1 and printed["case"]["notes"][0]["text"] == f"note about {SECRET}"
    assert len(printed["dialogue"]) == 1
    result = run("export", printed["case"]["number"], "--database", "talks.db", "--to", "export.json")
    assert (result.exit_code, result.stdout) == (0, "export.json holds everything that is stored of it\n")
    written = json.loads((folder / "export.json").read_text(encoding="utf-8"))
    assert stat.S_IMODE((folder / "export.json").stat().st_mode) == 0o600
    written["case"]["acts"].pop()  # the second export is in the log by then
    assert {**written, "exported_at": None} == {**printed, "exported_at": None}
    acts = [(entry.act, entry.login, entry.case) for entry in database.read_now(audit.entries)]
    assert acts[:2] == [("data_exported", "command line", printed["case"]["id"])] * 2


# erase


def test_erase_removes_a_conversation_by_the_number_of_its_case(database):
    number = json.loads(run("export", "slack-old", "--database", "talks.db").stdout)["case"]["number"]
    result = run("erase", number.lower(), "--yes", "--database", "talks.db")
    assert result.stdout == "erased, with 2 messages and 1 events of the dialogue; backups still hold it\n"
    assert result.exit_code == 0 and there(database) == {"slack-young", "slack-waiting"}
    assert_refused(run("erase", number, "--yes", "--database", "talks.db"), f"there is no case {number}")
    assert json.loads(run("erase", "slack-young", "--yes", "--json", "--database", "talks.db").stdout) == {
        "messages": 2, "events": 1, "remark": "",
    }  # fmt: skip
    assert "data_erased" in [entry.act for entry in database.read_now(audit.entries)]


@pytest.mark.parametrize(
    "answer, status, is_gone", [(b"y\n", 0, True), (b"n\n", 2, False), (b"\n", 2, False), (b"\x04", 1, False)]
)
def test_on_a_terminal_erase_asks_first(database, answer, status, is_gone):
    ours, theirs = pty.openpty()
    command = [TRIAGE, "erase", "slack-old", "--database", "talks.db"]
    process = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    os.write(ours, answer)
    _, told = process.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert b"Erase everything that is stored of slack-old? It cannot be had back [y/N]" in told
    assert process.returncode == status and ("slack-old" not in there(database)) is is_gone
    assert (b"nothing was erased" in told) is (status == 2)

"""`triage assist`: from a file and from standard input, for people and for programs, and input that cannot be used."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.cli_assist import assist_command

if "assist" not in main.commands:
    main.add_command(assist_command)
SECRET = "112233445566"
MAIL = f"""Hello,

Our SQL Server 2025 does not start since the update. We are a Gold partner. Access ID {SECRET}.

Kind regards,
Ann
"""


@pytest.fixture(autouse=True)
def read(assistant, monkeypatch):
    """The command loads the assistant that the tests share: loading it takes seconds."""
    monkeypatch.setattr("bot.assistant.Assistant", lambda model: assistant)


@pytest.fixture
def mail(tmp_path):
    def write(text=MAIL):
        file = tmp_path / "mail.txt"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(file)

    return write


def run(*arguments, given=None):
    return CliRunner().invoke(main, ["assist", *arguments], input=given, prog_name="triage")


def assert_refused(result, said):
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("triage: ") and said in line


def test_a_person_sees_the_text_with_its_facts_marked_and_what_follows(mail):
    result = run(mail())
    assert result.exit_code == 0, result.stderr
    shown = result.stdout
    assert "Our [[SQL Server]] [[2025]] does not start since the update. We are a [[Gold partner]]." in shown
    places = [
        shown.index(title) for title in ("Hello,", "\nFacts", "\nStill to ask", "\nTaken out of the text", "\nDraft (en)")
    ]
    assert places == sorted(places)
    assert '  Product: SQL Server ("SQL Server")' in shown and "  Goal: Open a support request (follows)" in shown
    assert "  Contract linked: Have the **Access ID**" in shown
    assert "  access id" in shown and SECRET not in shown


def test_a_person_sees_the_decision_and_the_reply_when_all_is_known(mail):
    result = run(mail(), "--facts", '{"contract_linked": "yes"}', "--language", "nl")
    assert "\nDecision\n  route: support_for_business\n" in result.stdout and "Still to ask" not in result.stdout
    assert "\nDraft (nl)\nGoedendag,\n" in result.stdout and "(given)" in result.stdout


def test_a_program_gets_one_document(mail):
    result = run(mail(), "--json")
    assert result.stdout.count("\n") == 1
    found = json.loads(result.stdout)
    assert [asked["fact"] for asked in found["missing"]] == ["contract_linked", "activated", "activation_role"]
    assert SECRET not in result.stdout


def test_standard_input_is_read_as_a_file_is(mail):
    assert run("-", "--json", given=MAIL).stdout == run(mail(), "--json").stdout


def test_the_day_is_the_one_given(mail):
    facts = '{"version": "2019", "contract_linked": "yes"}'
    routes = [
        json.loads(run(mail(), "--json", "--facts", facts, "--on", day).stdout)["decision"]["route"]
        for day in ("2021-06-30", "2026-11-22")
    ]
    assert routes == ["support_for_business", "paid_support"]


@pytest.mark.parametrize(
    "written",
    [
        MAIL.encode("utf-8-sig"),
        MAIL.encode("utf-16"),
        MAIL.replace("Hello", "H\u00e9llo").encode("latin-1"),
        MAIL.replace("\n", "\r\n").encode(),
    ],
    ids=["with a mark of UTF-8", "UTF-16", "no UTF-8", "lines of Windows"],
)
def test_a_mail_is_read_however_it_was_saved(mail, written):
    known = {fact["fact"]: fact["value"] for fact in json.loads(run(mail(written), "--json").stdout)["facts"]}
    assert (known["product"], known["version"], known["offer"]) == ("sql_server", "2025", "gold")


def test_signs_that_would_steer_a_terminal_are_shown_as_question_marks_and_the_marks_stay_in_place(mail):
    shown = run(mail("Our \x1b[31m SQL Server \x1b[0m 2025 [bold]crashes[/bold] \u202e now. \U0001f600 We are Gold.")).stdout
    assert "\x1b" not in shown and "\u202e" not in shown
    assert "[[SQL Server]]" in shown and "[bold]crashes[/bold]" in shown and "[[Gold]]" in shown


@pytest.mark.parametrize(
    "written, said",
    [
        (b"PK\x03\x04\0\0\0", "is not a text"),
        (b"", "is empty"),
        (b" \n\t", "is empty"),
        (b"x" * 20_001, "20,001 characters"),
    ],
)
def test_a_file_that_is_no_mail_is_refused_in_one_line(mail, written, said):
    assert_refused(run(mail(written)), said)


def test_a_file_that_is_far_too_large_is_refused(mail):
    assert_refused(run(mail(b"x" * (1024 * 1024 + 1))), "larger than 1024 kB")


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path):
    assert_refused(run(str(tmp_path / "nothing.txt")), "No such file or directory")
    assert_refused(run(str(tmp_path)), "Is a directory")


@pytest.mark.parametrize("given", ["", "\0"])
def test_standard_input_without_a_text_is_refused(given):
    assert_refused(run("-", given=given), "standard input is ")


@pytest.mark.parametrize(
    "options, said",
    [
        (["--facts", "{"], "--facts is not JSON"),
        (["--facts", '{"colour": "red"}'], 'unknown fact "colour"'),
        (["--facts", '{"offer": "golden"}'], 'did you mean "gold"'),
        (["--facts", '{"version": "97"}'], 'fact "version" cannot be "97"'),
        (["--on", "yesterday"], "write YYYY-MM-DD"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused_in_one_line(mail, options, said):
    assert_refused(run(mail(), *options), said)

"""`triage eligible`: the N-1 rule, one at a time and as a stream."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main
from bot.knowledge import shared

TODAY = "2026-11-22"
ARTICLE_DAY = "2021-06-30"
KEYS = ["eligible", "position", "reason", "mainstream_end", "n", "n_minus_1", "cites"]
LINES = shared().catalogue.lines
CLOUD_AND_LINE = set(shared().catalogue.workloads) & set(LINES)


def run(*arguments, text=None):
    """Run the command; the result has `stdout`, `stderr` and `exit_code`."""
    return CliRunner().invoke(main, ["eligible", *arguments], input=text)


def eligible(product, version, on=TODAY):
    result = run(product, version, "--on", on, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def stream(lines):
    result = run("-", "--on", TODAY, "--json", text="\n".join(lines) + "\n")
    return result, [json.loads(line) for line in result.stdout.splitlines()]


def test_the_document_has_exactly_the_keys_of_the_contract():
    assert list(eligible("windows_server", "2016")) == KEYS


@pytest.mark.parametrize(
    "day, product, version, verdict, position, reason",
    [
        (ARTICLE_DAY, "windows_server", "2019", True, "N", None),
        (ARTICLE_DAY, "windows_server", "2016", True, "N-1", None),
        ("2022-01-11", "windows_server", "2019", True, "N-1", None),
        (ARTICLE_DAY, "windows_server", "2012_r2", False, "older", "older_than_n_minus_1"),
        (ARTICLE_DAY, "windows_server", "2025", False, "unreleased", "cannot_confirm_lifecycle"),
        (TODAY, "exchange_server", "2013", False, "older", "older_than_n_minus_1"),
        (TODAY, "exchange_server", "subscription_edition", True, "N", None),
        ("2021-07-13", "sql_server", "2017", True, "N-1", None),
    ],
)
def test_the_rule_is_applied_on_the_day(day, product, version, verdict, position, reason):
    found = eligible(product, version, day)
    assert (found["eligible"], found["position"], found["reason"]) == (verdict, position, reason)


def test_the_answer_names_the_dates_and_versions_it_rests_on():
    found = eligible("windows_server", "2016", ARTICLE_DAY)
    assert (found["mainstream_end"], found["n"], found["n_minus_1"]) == ("2022-01-11", "2019", "2016")
    assert {"S58", "R1"} <= set(found["cites"])


@pytest.mark.parametrize(
    "line", [line for key, line in LINES.items() if key not in CLOUD_AND_LINE], ids=lambda line: line.id
)
def test_every_version_of_every_line_has_an_answer(line):
    asked = [json.dumps({"product": line.id, "version": version, "on": TODAY}) for version in line.versions]
    result, answers = stream(asked)
    assert result.exit_code == 0
    assert len(answers) == len(line.versions)
    for answer in answers:
        assert list(answer) == KEYS
        assert answer["eligible"] in (True, False, None)
        assert answer["position"] in ("N", "N-1", "older", "unreleased", "unknown")
        assert (answer["reason"] is None) == (answer["eligible"] is True)


@pytest.mark.parametrize(
    "product, version, same_as",
    [
        ("windows_server", "2012 R2", "2012_r2"),
        ("windows_server", "2012r2", "2012_r2"),
        ("windows-server", "2016", "2016"),
        ("Windows Server", "2k16", "2016"),
        ("exchange_server", "Subscription Edition", "subscription_edition"),
        ("exchange_server", "SE", "subscription_edition"),
        ("exchange", "2016", "2016"),
        ("dynamics_nav_bc", "2018", "nav_2018"),
    ],
)
def test_product_and_version_may_be_written_as_people_do(product, version, same_as):
    family = {"exchange": "exchange_server"}
    key = product.lower().replace("-", "_").replace(" ", "_")
    assert eligible(product, version) == eligible(family.get(key, key), same_as)


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("exchange_servr", "2016"), ['unknown product "exchange_servr"', 'did you mean "exchange_server"?']),
        (("windows_server", "2018"), ['"windows_server" has no version "2018"', "did you mean"]),
        (("windows_server", "next"), ['has no version "next"', "known: 2025, 2022"]),
        (("azure", "1"), ['"azure" is a cloud product', "R9"]),
        (("microsoft365", "2019"), ["is a cloud product"]),
        (("windows_server",), ["name the version too"]),
        (("", ""), ["unknown product"]),
        (("windows_server", ""), ["has no version"]),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line_with_the_remedy(arguments, words):
    result = run(*arguments, "--on", TODAY, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("triage: ") and result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words)


def test_a_day_that_is_none_is_refused():
    result = run("windows_server", "2016", "--on", "30-06-2021")
    assert result.exit_code == 2
    assert "is not a date; write YYYY-MM-DD" in result.stderr


@pytest.mark.parametrize(
    "product, version, day, verdict",
    [
        ("windows_server", "2016", ARTICLE_DAY, "yes (N-1)"),
        ("windows_server", "2016", TODAY, "no (older, older_than_n_minus_1)"),
    ],
)
def test_without_json_a_person_can_read_it(product, version, day, verdict):
    assert run(product, version, "--on", day).stdout.splitlines()[0] == verdict


# Streams


def test_a_stream_answers_line_for_line_each_on_its_own_day():
    asked = [
        {"product": "windows_server", "version": "2016", "on": ARTICLE_DAY},
        {"product": "windows_server", "version": "2016", "on": TODAY},
        {"product": "windows_server", "version": "2016"},
    ]
    result, answers = stream([json.dumps(one) for one in asked])
    assert result.exit_code == 0
    assert answers == [eligible("windows_server", "2016", ARTICLE_DAY), *[eligible("windows_server", "2016", TODAY)] * 2]


@pytest.mark.parametrize(
    "line, words",
    [
        ("nonsense", ["line 2 is not JSON"]),
        ('"windows_server"', ["line 2 is not a JSON object"]),
        ("{}", ['"product" and "version" must both be given']),
        ('{"product": "windows_server"}', ['"product" and "version" must both be given']),
        ('{"product": "windows_server", "version": 2016}', ["as strings"]),
        ('{"product": "windwos_server", "version": "2016"}', ['did you mean "windows_server"?']),
        ('{"product": "windows_server", "version": "2016", "on": "yesterday"}', ["is not a date"]),
        ('{"product": "windows_server", "version": "2016", "on": 2021}', ["is not a date"]),
        ('{"product": "windows_server", "version": "2016", "on": false}', ["is not a date"]),
    ],
)
def test_an_unusable_line_is_answered_in_its_place_and_the_status_is_2(line, words):
    good = json.dumps({"product": "windows_server", "version": "2016"})
    result, answers = stream([good, line, good])
    assert result.exit_code == 2
    assert [list(answer) for answer in answers] == [KEYS, ["error"], KEYS]
    assert all(word in answers[1]["error"] for word in words)


def test_ten_thousand_lines_are_answered_by_one_process():
    versions = list(LINES["windows_server"].versions)
    asked = [
        json.dumps({"product": "windows_server", "version": versions[n % len(versions)], "on": TODAY}) for n in range(10_000)
    ]
    result, answers = stream(asked)
    assert result.exit_code == 0
    assert len(answers) == 10_000
    assert answers[len(versions) :] == answers[: -len(versions)]


def test_the_installed_command_does_the_same_as_a_process():
    command = Path(sys.executable).with_name("triage")
    lines = [json.dumps({"product": "windows_server", "version": "2016", "on": ARTICLE_DAY}), "nonsense"]
    done = subprocess.run([str(command), "eligible", "-", "--json"], input="\n".join(lines), capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (2, "")
    assert answers[0] == eligible("windows_server", "2016", ARTICLE_DAY) and list(answers[1]) == ["error"]


def test_half_of_a_character_is_answered_in_its_place_and_the_stream_goes_on():
    half = r'{"product":"\ud800","version":"\ud800"}'
    result, answers = stream([half, json.dumps({"product": "windows_server", "version": "2016"}), r'{"\udfff": 1}'])
    assert result.exit_code == 2
    assert [list(answer) == ["error"] for answer in answers] == [True, False, True]
    assert "line 1 holds half of a character" in answers[0]["error"] and "line 3" in answers[2]["error"]

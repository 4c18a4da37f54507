"""`triage decide`: one decision, and streams of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import main

TODAY = "2026-11-22"
KEYS = ["route", "covered_by", "reason", "preparation", "portal", "incidents", "next_question", "rules", "cites"]
COVERED = {
    "goal": "open_request",
    "product": "exchange_server",
    "version": "subscription_edition",
    "offer": "silver",
    "beneficiary": "customer",
    "contract_linked": "yes",
}
NOT_COVERED = {"goal": "open_request", "product": "exchange_server", "version": "2013"}


def run(*arguments, text=None):
    """Run the command; the result has `stdout`, `stderr` and `exit_code`."""
    return CliRunner().invoke(main, ["decide", *arguments], input=text)


def decide(facts, *more):
    result = run("--facts", json.dumps(facts), "--on", TODAY, "--json", *more)
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def stream(lines, *more):
    result = run("--facts", "-", "--on", TODAY, "--json", *more, text="\n".join(lines) + "\n")
    return result, [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    "facts", [{}, {"goal": "open_request"}, COVERED, NOT_COVERED, {"goal": "fix_error", "error": "not_authorized"}]
)
def test_the_document_has_exactly_the_keys_of_the_contract(facts):
    assert list(decide(facts)) == KEYS


def test_a_covered_request_names_route_benefit_portal_incidents_and_sources():
    found = decide(COVERED)
    assert (found["route"], found["covered_by"], found["reason"]) == (
        "support_for_business",
        "microsoft_product_support",
        None,
    )
    assert (found["portal"], found["incidents"], found["next_question"]) == ("support_for_business", 15, None)
    assert found["preparation"] == []
    assert "coverage/microsoft_product_support" in found["rules"] and "route/support_for_business" in found["rules"]
    assert {"S66", "S47"} <= set(found["cites"])


def test_a_refused_request_gives_the_reason():
    found = decide(NOT_COVERED)
    assert (found["route"], found["covered_by"], found["reason"]) == ("paid_support", None, "older_than_n_minus_1")


def test_preparation_stands_in_order():
    found = decide({**COVERED, "contract_linked": "no", "activated": "no", "activation_role": "no"})
    assert found["preparation"] == ["ask_administrator_to_activate", "get_ids", "add_contract"]


@pytest.mark.parametrize(
    "facts, question",
    [
        ({}, "goal"),
        ({"goal": "open_request"}, "product"),
        ({"goal": "open_request", "product": "exchange"}, "deployment"),
        ({"goal": "open_request", "product": "exchange_server"}, "version"),
    ],
)
def test_a_missing_fact_is_the_next_question_and_then_there_is_no_route(facts, question):
    found = decide(facts)
    assert (found["next_question"], found["route"]) == (question, None)


def test_both_numbers_of_incidents_are_given_when_the_competency_is_not_known():
    facts = {
        "goal": "open_request",
        "product": "azure",
        "beneficiary": "own_organization",
        "offer": "gold",
        "contract_linked": "yes",
    }
    assert decide(facts)["incidents"] == {"cloud_competency": "unlimited", "other_competency": 10}
    assert decide({**facts, "competency": "security"})["incidents"] == "unlimited"


@pytest.mark.parametrize(
    "day, reason",
    [("2022-10-11", None), ("2022-10-12", "mainstream_support_ended"), ("2022-11-16", "older_than_n_minus_1")],
)
def test_the_day_decides(day, reason):
    facts = {"goal": "open_request", "product": "sql_server", "version": "2017", "offer": "gold", "contract_linked": "yes"}
    result = run("--facts", json.dumps(facts), "--on", day, "--json")
    assert json.loads(result.stdout)["reason"] == reason


def test_without_json_a_person_can_read_it():
    result = run("--facts", json.dumps(NOT_COVERED), "--on", TODAY)
    assert "route: paid_support" in result.stdout.splitlines()
    assert "next question: product" in run("--facts", '{"goal": "open_request"}', "--on", TODAY).stdout


@pytest.mark.parametrize(
    "facts, words",
    [
        ("nonsense", ["--facts is not JSON"]),
        ("{", ["--facts is not JSON"]),
        ("[]", ["--facts is not a JSON object"]),
        ("3", ["--facts is not a JSON object"]),
        ("null", ["--facts is not a JSON object"]),
        ('{"prodct": "azure"}', ['unknown fact "prodct"', 'did you mean "product"?']),
        ('{"product": "exchange_servr"}', ['"product"', '"exchange_servr"', 'did you mean "exchange_server"?']),
        ('{"offer": "sliver"}', ['"offer"', '"sliver"', 'did you mean "silver"?']),
        ('{"offer": 3}', ['"offer" must be a string, not int']),
        ('{"offer": null}', ['"offer" must be a string']),
        ('{"activated": true}', ['"activated" must be a string, not bool']),
        ('{"product": "exchange_server", "version": "2017"}', ['"version"', '"2017"']),
        (
            '{"product": "azure", "deployment": "on_premises"}',
            ['"deployment"', '"azure" is cloud', 'leave "deployment" out'],
        ),
    ],
)
def test_unusable_facts_are_refused_in_one_line_that_says_what_and_the_remedy(facts, words):
    result = run("--facts", facts, "--on", TODAY, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("triage: ") and result.stderr.count("\n") == 1
    assert all(word in result.stderr for word in words)


@pytest.mark.parametrize("arguments", [("--facts", "{}", "--on", "tomorrow"), ("--facts", "{}", "--on", "2021-02-30")])
def test_a_day_that_is_none_is_refused(arguments):
    result = run(*arguments, "--json")
    assert result.exit_code == 2
    assert "is not a date; write YYYY-MM-DD" in result.stderr


@pytest.mark.parametrize("arguments", [(), ("--nonsense",), ("--facts", "{}", "extra")])
def test_wrong_usage_is_refused(arguments):
    assert run(*arguments).exit_code == 2


def test_the_command_explains_itself():
    result = run("--help")
    assert result.exit_code == 0 and "--facts" in result.stdout and "--on" in result.stdout


# Streams


def test_a_stream_answers_line_for_line():
    result, answers = stream([json.dumps(facts) for facts in ({}, COVERED, NOT_COVERED)])
    assert result.exit_code == 0
    assert answers == [decide({}), decide(COVERED), decide(NOT_COVERED)]


def test_an_unusable_line_is_answered_in_its_place_and_the_status_is_2():
    lines = [json.dumps(COVERED), "nonsense", "[1]", '{"prodct": "azure"}', '{"offer": null}', json.dumps(NOT_COVERED)]
    result, answers = stream(lines)
    assert result.exit_code == 2
    assert [list(answer) == ["error"] for answer in answers] == [False, True, True, True, True, False]
    assert "line 2" in answers[1]["error"] and "line 3" in answers[2]["error"]
    assert 'did you mean "product"?' in answers[3]["error"]
    assert answers[5] == decide(NOT_COVERED)


def test_half_of_a_character_is_answered_in_its_place_and_a_whole_one_is_kept():
    result, answers = stream([r'{"product": "\ud800"}', r'{"product": "\ud83d\ude00"}', json.dumps(NOT_COVERED)])
    assert result.exit_code == 2
    assert "line 1 holds half of a character" in answers[0]["error"] and "\U0001f600" in answers[1]["error"]
    assert answers[2] == decide(NOT_COVERED)
    refused = run("--facts", r'{"product": "\ud800"}')
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1


def test_a_key_that_stands_twice_is_said_once():
    assert run("--facts", '{"offer": "gold", "offer": "silver"}').stderr == "triage: --facts holds a key twice; leave one\n"


def test_an_empty_stream_has_no_answers():
    result, answers = stream([])
    assert (result.exit_code, answers) == (0, [])


def test_ten_thousand_lines_are_answered_by_one_process():
    lines = [json.dumps({**COVERED, "offer": offer}) for offer in ("silver", "gold", "action_pack", "none", "unsure")] * 2000
    result, answers = stream(lines)
    assert result.exit_code == 0
    assert len(answers) == 10_000
    assert [answer["incidents"] for answer in answers[:3]] == [15, 20, 10]
    assert answers[5:] == answers[:5] * 1999


def test_the_installed_command_does_the_same_as_a_process():
    command = Path(sys.executable).with_name("triage")
    lines = [json.dumps(COVERED), "nonsense", "{}"]
    done = subprocess.run(
        [str(command), "decide", "--facts", "-", "--on", TODAY, "--json"],
        input="\n".join(lines),
        capture_output=True,
        text=True,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (2, "")
    assert answers[0] == decide(COVERED) and list(answers[1]) == ["error"] and answers[2] == decide({})

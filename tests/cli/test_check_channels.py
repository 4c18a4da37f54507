"""`triage check --channels`: what Slack and Teams need, and where an administrator gets it."""

import json

import pytest
from click.testing import CliRunner

from bot.cli import main

APP = "12345678-1234-1234-1234-123456789abc"
TENANT = "87654321-4321-4321-4321-cba987654321"
SLACK = {"TRIAGE_SLACK_SIGNING_SECRET": "0123456789abcdef" * 2, "TRIAGE_SLACK_BOT_TOKEN": "xoxb-1-2-abc"}
TEAMS = {"TRIAGE_TEAMS_APP_SECRET": "abc8Q~a.secret_value"}
NONE = dict.fromkeys([*SLACK, *TEAMS], None)


@pytest.fixture
def check(tmp_path):
    """Return a function that runs the command with settings and an environment."""

    def run(settings="", *options, **environment):
        file = tmp_path / "channels.yml"
        file.write_text(settings or 'proxies: 0', encoding="utf-8")
        given = {**NONE, **environment, "TRIAGE_CHANNELS": str(file)}
        return CliRunner().invoke(main, ["check", "--channels", *options], env=given)

    return run


def test_without_credentials_everything_is_off_and_it_says_what_is_missing_and_where_it_is(check):
    result = check()
    assert result.exit_code == 0
    for said in ("Slack: off", "TRIAGE_SLACK_SIGNING_SECRET", "Basic Information", "TRIAGE_SLACK_BOT_TOKEN", "OAuth & Permissions",
                 "Teams: off", "teams.app_id in channels.yml", "Microsoft App ID", "TRIAGE_TEAMS_APP_SECRET", "New client secret"):  # fmt: skip
        assert said in result.output


def test_with_everything_given_both_are_on(check):
    result = check(f"teams: {{app_id: {APP}, tenant: {TENANT}}}", **SLACK, **TEAMS)
    assert (result.exit_code, result.output) == (0, "Slack: on\nTeams: on\n")


@pytest.mark.parametrize(
    "settings, environment, said",
    [
        ("", {"TRIAGE_SLACK_BOT_TOKEN": "xoxb-1"}, "Slack: half set up, so off\n  missing: TRIAGE_SLACK_SIGNING_SECRET"),
        ("", {"TRIAGE_SLACK_BOT_TOKEN": "   ", **TEAMS}, "Teams: half set up, so off\n  missing: teams.app_id"),
        (f"teams: {{app_id: {APP}}}", {}, "Teams: half set up, so off\n  missing: TRIAGE_TEAMS_APP_SECRET"),
        ("", {**SLACK, "TRIAGE_SLACK_BOT_TOKEN": "xapp-1"}, "looks wrong: TRIAGE_SLACK_BOT_TOKEN does not begin with xoxb-"),
        ("", {**SLACK, "TRIAGE_SLACK_SIGNING_SECRET": "123.456"}, "looks wrong: TRIAGE_SLACK_SIGNING_SECRET is not 32"),
        (f"teams: {{app_id: {APP}, tenant: {TENANT}}}", {"TRIAGE_TEAMS_APP_SECRET": TENANT}, "looks like a Secret ID"),
        (f"teams: {{app_id: {APP}}}", TEAMS, "teams.tenant in channels.yml is empty"),
    ],
)
def test_what_is_half_set_up_or_looks_wrong_is_said_and_ends_with_2(check, settings, environment, said):
    result = check(settings, **environment)
    assert result.exit_code == 2 and said in result.output


def test_secrets_are_never_printed(check):
    result = check("", **{**SLACK, "TRIAGE_SLACK_BOT_TOKEN": "xapp-secret", "TRIAGE_SLACK_SIGNING_SECRET": "secret too"}, **TEAMS)
    assert "secret too" not in result.output and "xapp-secret" not in result.output and TEAMS["TRIAGE_TEAMS_APP_SECRET"] not in result.output


def test_json_is_one_document_for_each_channel(check):
    documents = [json.loads(line) for line in check("", "--json", **SLACK).output.splitlines()]
    assert [(found["channel"], found["is_on"], found["is_wanted"]) for found in documents] == [
        ("Slack", True, True),
        ("Teams", False, False),
    ]


def test_settings_that_cannot_be_used_end_with_2_and_name_the_entry(check):
    result = check("teams: {app_id: my-bot}")
    assert result.exit_code == 2 and 'teams.app_id: "my-bot" must be an id like' in result.output

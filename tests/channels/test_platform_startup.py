"""Slack and Teams with credentials, on a machine without internet: the server starts, serves, and asks nothing of the network."""

import socket

import pytest

from bot.check.platforms import readiness
from bot.server import told_at_start
from bot.settings import NO_CREDENTIALS, Credentials, Settings
from tests.channels.conftest import Client

GIVEN = Credentials("0123456789abcdef" * 2, "xoxb-1-2-abc", "a secret of the bot")
SETTINGS = Settings(teams={"app_id": "12345678-1234-1234-1234-123456789abc", "tenant": "87654321-4321-4321-4321-cba987654321"})
LOOPBACK = ("127.0.0.1", "localhost", "::1", None, "")


@pytest.fixture
def asked(monkeypatch):
    """Collect the hosts that are looked up or connected to, but for this machine, all of which cannot be reached."""
    hosts = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def refuse(host):
        hosts.append(host)
        raise OSError("there is no network")

    def getaddrinfo(host, *more, **named):
        return look_up(host, *more, **named) if host in LOOPBACK else refuse(host)

    def connecting(self, address):
        return connect(self, address) if not isinstance(address, tuple) or address[0] in LOOPBACK else refuse(address[0])

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    return hosts


def test_with_credentials_and_without_internet_the_server_starts_and_asks_nothing(serve, asked):
    server = serve(settings=SETTINGS, credentials=GIVEN)
    assert Client(server.address).say("hello").status_code == 202
    assert asked == []


@pytest.mark.parametrize("path", ["/slack/events", "/slack/interactions", "/slack/commands", "/teams/messages"])
def test_a_channel_without_credentials_is_not_there(server, path):
    import requests

    assert requests.post(f"{server.address}{path}", json={}, timeout=10).status_code == 404


@pytest.mark.parametrize(
    "settings, credentials, lines",
    [
        (Settings(), NO_CREDENTIALS, ["Slack: off", "Teams: off", "`triage check --channels` says what a channel needs"]),
        (SETTINGS, GIVEN, ["Slack: on", "Teams: on"]),
        (Settings(), Credentials(slack_bot_token="xoxb-1"), ["Slack: half set up, so off", "  missing: TRIAGE_SLACK_SIGNING_SECRET"]),
    ],
)  # fmt: skip
def test_the_start_says_once_which_channels_are_on(settings, credentials, lines):
    told = told_at_start(readiness(settings, credentials))
    for line, expected in zip(told, lines):
        assert line.startswith(expected)
    assert len(told) >= len(lines) and len(set(told)) == len(told)

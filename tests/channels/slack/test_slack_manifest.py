"""The manifest makes an app whose addresses, events and permissions are those of the channel."""

import pytest
from ruamel.yaml import YAML

from bot.channels.slack.manifest import manifest
from bot.channels.slack.reading import Opened, Removed, Said, event
from tests.channels.slack.conftest import CHANNEL, DIRECT, USER, direct, envelope

ADDRESS = "https://support.partner.example/base"
SAMPLES = {
    "app_home_opened": {"type": "app_home_opened", "user": USER, "channel": DIRECT, "tab": "home"},
    "app_mention": {**direct("help", channel=CHANNEL), "type": "app_mention", "channel_type": "channel"},
    "app_uninstalled": {"type": "app_uninstalled"},
    "message.im": direct("hello"),
    "tokens_revoked": {"type": "tokens_revoked", "tokens": {"bot": ["U1"]}},
}


@pytest.fixture
def made():
    return YAML(typ="safe").load(manifest(f"{ADDRESS}/"))


def test_its_addresses_are_the_routes(made):
    (command,) = made["features"]["slash_commands"]
    settings = made["settings"]
    addresses = [command["url"], settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]]
    assert addresses == [f"{ADDRESS}/slack/{name}" for name in ("commands", "events", "interactions")]
    assert command["command"] == "/support" and settings["interactivity"]["is_enabled"]


def test_every_event_it_asks_for_is_used(made):
    asked = made["settings"]["event_subscriptions"]["bot_events"]
    assert sorted(asked) == sorted(SAMPLES)
    for name in asked:
        assert isinstance(event(envelope(SAMPLES[name])), (Said, Opened, Removed))


def test_it_asks_for_no_more_than_it_needs(made):
    assert made["oauth_config"] == {"scopes": {"bot": ["app_mentions:read", "chat:write", "commands", "im:history", "im:write"]}}


def test_it_keeps_slacks_limits(made):
    shown, command = made["display_information"], made["features"]["slash_commands"][0]
    assert len(shown["name"]) <= 35 and len(shown["description"]) <= 140
    assert len(made["features"]["bot_user"]["display_name"]) <= 80
    assert len(command["description"]) <= 2000 and len(command["usage_hint"]) <= 1000
    tabs = made["features"]["app_home"]
    assert tabs["home_tab_enabled"] and tabs["messages_tab_enabled"] and not tabs["messages_tab_read_only_enabled"]
    assert made["settings"]["token_rotation_enabled"] is False and made["settings"]["socket_mode_enabled"] is False


@pytest.mark.parametrize("address", ["http://support.partner.example", 'https://x"\nsettings: {}', "support.partner.example", ""])
def test_an_address_that_would_break_it_is_refused(address):
    with pytest.raises(ValueError):
        manifest(address)

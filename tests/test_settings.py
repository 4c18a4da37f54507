"""channels.yml: what it may hold, and what is said of what it may not."""

import stat

import pytest

from bot.engine import UnusableFacts
from bot.settings import FILE, SHORTEST_SECRET, Settings, load_settings, server_secret


def load(tmp_path, text):
    file = tmp_path / "channels.yml"
    file.write_text(text, encoding="utf-8")
    return load_settings(file)


def test_the_file_of_the_project_holds_the_defaults(monkeypatch):
    monkeypatch.delenv("TRIAGE_CHANNELS", raising=False)
    assert load_settings(FILE) == Settings()


def test_without_a_file_the_defaults_hold(tmp_path):
    assert load_settings(tmp_path / "channels.yml") == Settings()


def test_a_file_that_is_named_must_be_there(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIAGE_CHANNELS", str(tmp_path / "mine.yml"))
    with pytest.raises(UnusableFacts, match="mine.yml .* is missing"):
        load_settings()


@pytest.mark.parametrize("origin", ["https://www.partner.example", "https://partner.example:8443", "http://localhost:8000"])
def test_an_origin_is_a_scheme_and_a_host(tmp_path, origin):
    assert load(tmp_path, f"widget: {{origins: ['{origin}']}}").widget.origins == [origin]


@pytest.mark.parametrize(
    "origin",
    [
        "*", "https://*", "https://*.partner.example", "http://partner.example", "partner.example", "https://partner.example/",
        "https://partner.example/page", "https://", "https://a b.example", "https://a.example; script-src *", "null",
        "https://user@partner.example", "https://a.example,https://b.example", "javascript:alert(1)", "",
        "https://a.example:443", "https://a.example:99999", "https://a.example:abc", "https://a.example:", "https://m\u00fcnchen.example",
        "https://a..b", "https://%2a.example", "https://a.example<script>alert(1).x", "https://-a.example",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused_by_name(tmp_path, origin):
    with pytest.raises(UnusableFacts, match="channels.yml: widget.origins.0: "):
        load(tmp_path, f'widget: {{origins: ["{origin}"]}}')


@pytest.mark.parametrize(
    "text, said",
    [
        ("widgets: {}", "widgets: extra fields not permitted"),
        ("widget: {origin: []}", "widget.origin: extra"),
        ("limits: {store: memcached}", 'limits.store: "memcached" must be "memory" or an address like'),
        ("limits: {messages_burst: 0}", "limits.messages_burst"),
        ("slack: {language: fr}", "slack.language: unexpected value; permitted: 'en', 'nl'"),
        ("slack: {token: xoxb-1}", "slack.token: extra fields not permitted"),
        ("slack: {api: 'http://slack.example/api/'}", "slack.api: \"http://slack.example/api/\" must be an address"),
        ("teams: {app_id: 12345678}", 'teams.app_id: "12345678" must be an id like'),
        ("teams: {tenant: contoso.onmicrosoft.com}", 'teams.tenant: "contoso.onmicrosoft.com" must be an id like'),
        ("teams: {tenants: [contoso]}", 'teams.tenants.0: "contoso" must be an id like'),
        ("teams: {hosts: ['https://smba.trafficmanager.net']}", "teams.hosts.0: "),
        ("teams: {hosts: ['*.trafficmanager.net']}", "teams.hosts.0: "),
        ("teams: {openid: 'http://login.example/keys'}", "teams.openid: \"http://login.example/keys\" must be an address"),
        ("limits: {messages_burst: many}", "limits.messages_burst"),
        ("widget: {session_hours: -1}", "widget.session_hours"),
        ("proxies: 99", "proxies"),
        ("limits: {store: memory, store: memory}", "stands twice"),
        ("- a list", "must hold entries"),
        ("a: [", "line 1"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, text, said):
    with pytest.raises(UnusableFacts) as refused:
        load(tmp_path, text)
    assert said in str(refused.value)


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGE_SECRET", raising=False)
    database = tmp_path / "conversations.db"
    first = server_secret(database)
    assert len(first) >= SHORTEST_SECRET and server_secret(database) == first
    assert stat.S_IMODE((tmp_path / "conversations.key").stat().st_mode) == 0o600
    assert server_secret(tmp_path / "other.db") != first


def test_a_secret_can_be_given_and_must_be_long_enough(tmp_path, monkeypatch):
    monkeypatch.setenv("TRIAGE_SECRET", "x" * SHORTEST_SECRET)
    assert server_secret(tmp_path / "conversations.db") == b"x" * SHORTEST_SECRET
    monkeypatch.setenv("TRIAGE_SECRET", "short")
    with pytest.raises(UnusableFacts, match="at least 32 characters"):
        server_secret(tmp_path / "conversations.db")


def test_a_key_file_that_was_cut_off_is_named(tmp_path, monkeypatch):
    monkeypatch.delenv("TRIAGE_SECRET", raising=False)
    (tmp_path / "conversations.key").write_text("cut")
    with pytest.raises(UnusableFacts, match="conversations.key holds no whole key; remove it"):
        server_secret(tmp_path / "conversations.db")

"""`triage slack-manifest` and `triage teams-package`: what an administrator pastes or uploads, and wrong input."""

import json
import os
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from bot.cli import main

TRIAGE = str(Path(sys.executable).with_name("triage"))
APP = "12345678-1234-1234-1234-123456789abc"
OTHER = "87654321-4321-4321-4321-cba987654321"
ADDRESS = "https://support.partner.example"
PACKAGE = ["teams-package", "--address", ADDRESS, "--app-id", APP]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder to work in, where nothing but channels.yml is set up."""
    (tmp_path / "channels.yml").write_text("proxies: 0", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIAGE_CHANNELS", str(tmp_path / "channels.yml"))
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(main, arguments, prog_name="triage")


def process(*arguments):
    return subprocess.run([TRIAGE, *arguments], capture_output=True, timeout=120)


def assert_refused(result, said):
    """It ends with one line that says what is wrong; before it, at most how the command is used."""
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code not in (0, None) and result.stdout == ""
    *before, last = result.stderr.splitlines()
    assert said in last and last.startswith("Error: " if before else "triage: ")
    assert not before or before[0].startswith("Usage: triage ")
    assert "Traceback" not in result.stderr


def manifest_of(file):
    with zipfile.ZipFile(file) as package:
        assert sorted(package.namelist()) == ["color.png", "manifest.json", "nl.json", "outline.png"]
        return json.loads(package.read("manifest.json"))


def urls_of(printed):
    made = YAML(typ="safe").load(printed)
    (command,), settings = made["features"]["slash_commands"], made["settings"]
    return [command["url"], settings["event_subscriptions"]["request_url"], settings["interactivity"]["request_url"]]


@pytest.mark.parametrize("address", [ADDRESS, *(f"{ADDRESS}{rest}" for rest in ("/", ":8443/base", "/base/", "/$address"))])
def test_the_slack_manifest_is_yaml_with_the_address_in_all_three_urls(address):
    result = run("slack-manifest", "--address", address)
    assert (result.exit_code, result.stderr) == (0, "")
    paths = ("slack/commands", "slack/events", "slack/interactions")
    assert urls_of(result.stdout) == [f"{address.rstrip('/')}/{path}" for path in paths]


def test_the_package_is_written_where_told(folder):
    result = run(*PACKAGE, "--to", "out.zip")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "out.zip is ready to be uploaded\n", "")
    manifest = manifest_of(folder / "out.zip")
    assert (manifest["id"], manifest["developer"]["name"], manifest["developer"]["websiteUrl"]) == (APP, "Support", ADDRESS)


def test_the_package_is_written_here_when_nothing_is_told_and_an_older_one_replaced(folder):
    (folder / "teams-app.zip").write_bytes(b"older" * 10_000)
    assert run(*PACKAGE).exit_code == 0
    assert manifest_of(folder / "teams-app.zip")["id"] == APP


def test_a_slash_at_the_end_of_the_address_is_left_out():
    assert run("teams-package", "--address", f"{ADDRESS}/", "--app-id", APP).exit_code == 0
    manifest = manifest_of("teams-app.zip")
    assert (manifest["developer"]["websiteUrl"], manifest["validDomains"]) == (ADDRESS, ["support.partner.example"])


def test_the_app_id_is_that_of_the_settings_unless_given(folder):
    (folder / "channels.yml").write_text(f"teams: {{app_id: {OTHER.upper()}}}", encoding="utf-8")
    assert run("teams-package", "--address", ADDRESS).exit_code == 0
    assert manifest_of("teams-app.zip")["bots"][0]["botId"] == OTHER
    assert run(*PACKAGE).exit_code == 0
    assert manifest_of("teams-app.zip")["bots"][0]["botId"] == APP


def test_the_company_and_its_pages_are_those_given():
    pages = {name: f"https://www.partner.example/{name}" for name in ("website", "privacy", "terms")}
    options = [part for name, page in pages.items() for part in (f"--{name}", page)]
    assert run(*PACKAGE, "--company", "Partner & Zoon", *options).exit_code == 0
    assert manifest_of("teams-app.zip")["developer"] == {
        "name": "Partner & Zoon",
        "websiteUrl": pages["website"],
        "privacyUrl": pages["privacy"],
        "termsOfUseUrl": pages["terms"],
    }


@pytest.mark.parametrize("command", [["slack-manifest"], ["teams-package", "--app-id", APP]])
@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "/",
        "support.partner.example",
        "http://support.partner.example",
        "http://localhost:5005",
        "HTTP://support.partner.example",
        "https://",
        "https:///base",
        "https://user:pw@support.partner.example",
        "https://support.partner.example?a=b",
        "https://support.partner.example#a",
        "https://support.partner.example/a b",
        "https://support.partner.example/\nsettings: {}",
        "https://süpport.partner.example",
        "https://support.partner.example:port",
        'https://support.partner.example/"',
        'https://support.partner.example"',
        "https://support.partner.example/\\",
        "https://support.partner.example/\x1b[31m",
        "https://support.partner.example/\udcff",
    ],
)
def test_an_address_that_others_cannot_use_is_refused(folder, command, address):
    result = run(*command, *([] if address is None else ["--address", address]))
    assert_refused(result, "address")
    assert not (folder / "teams-app.zip").exists()


@pytest.mark.parametrize(
    "options, said",
    [
        (["--app-id", "my-bot"], "--app-id"),
        (["--app-id", f"{APP}0"], "--app-id"),
        (["--app-id", f"{{{APP}}}"], "--app-id"),
        (["--app-id", APP, "--address", "https://localhost"], "https://localhost"),
        (["--app-id", APP, "--address", "https://127.0.0.1"], "https://127.0.0.1"),
        (["--app-id", APP, "--company", "a" * 33], "company"),
        (["--app-id", APP, "--company", ""], "company"),
        (["--app-id", APP, "--company", "Partner\udcff"], "company"),
        (["--app-id", APP, "--website", "http://www.partner.example"], "http://www.partner.example"),
        (["--app-id", APP, "--privacy", "www.partner.example/privacy"], "www.partner.example/privacy"),
        (["--app-id", APP, "--terms", "https://user:pw@www.partner.example"], "https://user:pw@www.partner.example"),
    ],
)
def test_what_teams_would_refuse_is_refused_and_no_file_written(folder, options, said):
    assert_refused(run("teams-package", "--address", ADDRESS, *options), said)
    assert not (folder / "teams-app.zip").exists()


@pytest.mark.parametrize("option", [[], ["--app-id", ""]])
def test_without_an_app_id_here_or_in_the_settings_it_says_where_it_belongs(folder, option):
    assert_refused(run("teams-package", "--address", ADDRESS, *option), "teams.app_id in channels.yml, or --app-id")
    assert not (folder / "teams-app.zip").exists()


@pytest.mark.parametrize("settings, said", [("teams: {app_id: my-bot}", "teams.app_id"), ("teams: [", "channels.yml")])
def test_settings_that_cannot_be_used_are_named(folder, settings, said):
    (folder / "channels.yml").write_text(settings, encoding="utf-8")
    assert_refused(run("teams-package", "--address", ADDRESS), said)


def test_settings_that_are_missing_are_named(folder):
    (folder / "channels.yml").unlink()
    assert_refused(run("teams-package", "--address", ADDRESS), "TRIAGE_CHANNELS")


@pytest.mark.parametrize(
    "target, said",
    [
        ("missing/out.zip", "missing/out.zip: No such file or directory"),
        ("folder", "'folder' is a directory"),
        ("folder/", "'folder/' is a directory"),
        ("channels.yml/out.zip", "channels.yml/out.zip: Not a directory"),
        ("a" * 300, "File name too long"),
        ("listening", "listening: No such device or address"),
        ("full", "No space left on device"),
    ],
)
def test_when_the_file_cannot_be_written_it_says_why(folder, target, said):
    (folder / "folder").mkdir()
    (folder / "full").symlink_to("/dev/full")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("listening")
        assert_refused(run(*PACKAGE, "--to", target), said)
    assert not (folder / "missing").exists() and not list((folder / "folder").iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
@pytest.mark.parametrize("target", ["folder/out.zip", "out.zip"])
def test_when_the_file_may_not_be_written_it_says_so(folder, target):
    (folder / "folder").mkdir(mode=0o500)
    (folder / "out.zip").touch(mode=0o400)
    assert_refused(run(*PACKAGE, "--to", target), "denied")


def test_the_installed_commands_do_the_same_as_processes(folder):
    manifest = process("slack-manifest", "--address", f"{ADDRESS}/")
    assert (manifest.returncode, manifest.stderr) == (0, b"")
    assert all(url.startswith(f"{ADDRESS}/slack/") for url in urls_of(manifest.stdout.decode()))
    assert process(*PACKAGE, "--to", "out.zip").returncode == 0
    assert manifest_of(folder / "out.zip")["id"] == APP


@pytest.mark.parametrize(
    "arguments",
    [
        [*PACKAGE, "--to", "/dev/full"],
        [*PACKAGE, "--company", b"Partner\xff"],
        ["slack-manifest", "--address", b"https://support.partner.example/\xff"],
    ],
)
def test_processes_end_with_one_line_too(folder, arguments):
    done = process(*arguments)
    assert done.returncode == 2 and done.stdout == b""
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith(b"triage: ")
    assert not (folder / "teams-app.zip").exists()

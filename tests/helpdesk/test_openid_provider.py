"""Sign-in by way of a real OpenID provider (panva's oidc-provider), through its own login and consent pages."""

import json
import socket
import subprocess
from urllib.parse import parse_qs, urljoin, urlsplit

import pytest

from bot.database import Database
from bot.helpdesk import accounts, audit
from bot.helpdesk.settings import HelpdeskSettings
from bot.settings import PROJECT
from tests.helpdesk.entering import SECONDS, Console, Form, Visitor, error_of
from tests.npm import install

NODE = PROJECT / "tests/helpdesk/node"
CLIENT, SECRET = "helpdesk", "a secret+with/signs&that=need encoding~%41"


class Provider:
    """The provider, in a process of its own."""

    def __init__(self, redirect):
        given = json.dumps({"client": CLIENT, "secret": SECRET, "redirect": redirect})
        self._process = subprocess.Popen(
            ["node", "provider.mjs", given], cwd=install(NODE), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.issuer = json.loads(self._process.stdout.readline())["issuer"]

    def roles(self, **roles):
        self._process.stdin.write(json.dumps(roles) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline()

    def close(self):
        self._process.kill()
        self._process.wait(SECONDS)
        self._process.stdin.close()
        self._process.stdout.close()


@pytest.fixture(scope="module")
def listener():
    """The console's port, which the provider must know before it starts. Each test has the console at it."""
    found = socket.create_server(("127.0.0.1", 0))
    port = found.getsockname()[1]
    found.close()
    return port


@pytest.fixture(scope="module")
def provider(listener):
    found = Provider(f"http://127.0.0.1:{listener}/helpdesk/openid/callback")
    yield found
    found.close()


@pytest.fixture
def console(provider, listener, tmp_path):
    provider.roles()
    database = Database.in_file(tmp_path / "staff.db")
    openid = {"issuer": provider.issuer, "client_id": CLIENT}
    given = HelpdeskSettings(address=f"http://127.0.0.1:{listener}", openid=openid)
    found = Console(database, given, SECRET, socket.create_server(("127.0.0.1", listener)))
    yield found
    found.stop()
    database.close()


def through(visitor, name, start="/helpdesk/openid"):
    """Go through the provider's pages as `name`; return the console's answer at the end."""
    return visitor.get(callback_of(visitor, name, start))


def callback_of(visitor, name, start="/helpdesk/openid"):
    """Go through the provider's pages as `name`; return the address that they lead to, with the code."""
    answer = visitor.get(start)
    for _ in range(12):
        assert answer.status_code in (200, 302, 303), answer.text
        if answer.status_code == 200:
            form = Form(answer.text)
            given = {"login": name, "password": "any"} if "login" in form.fields else {}
            fields, headers = {**form.fields, **given}, {"Accept": "text/html"}
            answer = visitor.http.post(form.action, fields, headers=headers, allow_redirects=False, timeout=SECONDS)
            continue
        to = answer.headers["Location"]
        to = urljoin(answer.url, to)
        if urlsplit(to).path == "/helpdesk/openid/callback":
            return to
        answer = visitor.get(to)
    raise AssertionError("there was no end")


def test_whoever_has_the_role_enters_and_is_known_by_the_provider_s_name(console, provider):
    provider.roles(anna=["agent"], lea=["something else", "lead"])
    anna, lea = Visitor(console), Visitor(console)
    assert "work account" in anna.get("/helpdesk/sign-in").text
    answer = through(anna, "anna")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk")
    assert anna.get("/helpdesk/").json()["name"] == "anna of the provider"
    assert anna.get("/helpdesk/figures").status_code == 403
    through(lea, "lea")
    assert lea.get("/helpdesk/figures").text == "figures"
    added, entered = console.acts()[:2]
    assert (added.act, entered.act) == (audit.ACCOUNT_ADDED, audit.SIGNED_IN)
    assert entered.login == f"{provider.issuer} anna" and entered.detail["by"] == "openid"


def test_sign_in_leads_to_the_page_that_was_asked_for(console, provider):
    provider.roles(anna="agent")
    visitor = Visitor(console)
    page = visitor.get(visitor.get("/helpdesk/cases/7?tab=why").headers["Location"]).text
    link = page.split('class="button" href="')[1].split('"')[0]
    assert through(visitor, "anna", link).headers["Location"] == "/helpdesk/cases/7?tab=why"


def test_the_request_carries_state_nonce_and_the_challenge_of_pkce(console):
    asked = parse_qs(urlsplit(Visitor(console).get("/helpdesk/openid").headers["Location"]).query)
    assert asked["response_type"] == ["code"] and asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"{console.address}/helpdesk/openid/callback"]
    assert min(len(asked[name][0]) for name in ("state", "nonce", "code_challenge")) >= 32
    again = parse_qs(urlsplit(Visitor(console).get("/helpdesk/openid").headers["Location"]).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


@pytest.mark.parametrize("roles", [None, [], ["guest"], "", "leader", {"lead": True}, [["lead"]], 7, True])
def test_nobody_without_one_of_the_roles_enters(console, provider, roles):
    provider.roles(anna=roles)
    visitor = Visitor(console)
    answer = through(visitor, "anna")
    assert answer.status_code == 403 and "no access" in error_of(answer)
    assert not visitor.is_in() and not console.database.read_now(accounts.all_staff)
    (entry,) = console.acts()
    assert (entry.act, entry.login, entry.detail["why"]) == (audit.SIGN_IN_REFUSED, f"{provider.issuer} anna", "no_role")


def test_a_role_that_is_taken_away_is_gone_at_the_next_sign_in_and_so_are_the_sessions(console, provider):
    provider.roles(anna=["lead"])
    visitor, elsewhere = Visitor(console), Visitor(console)
    through(visitor, "anna")
    through(elsewhere, "anna")
    provider.roles(anna=["agent"])
    through(elsewhere, "anna")
    assert visitor.get("/helpdesk/figures").status_code == elsewhere.get("/helpdesk/figures").status_code == 403
    changed = [entry.detail for entry in console.acts() if entry.act == audit.ROLE_CHANGED]
    assert [(detail["from"], detail["to"]) for detail in changed] == [("lead", "agent")]
    provider.roles(anna=[])
    assert through(elsewhere, "anna").status_code == 403
    assert not visitor.is_in() and not elsewhere.is_in()


def test_an_account_that_is_disabled_here_does_not_enter(console, provider):
    provider.roles(anna=["lead"])
    visitor = Visitor(console)
    through(visitor, "anna")
    console.database.write_now(lambda on: accounts.set_active(on, accounts.found(on, "1"), False))
    assert not visitor.is_in() and through(visitor, "anna").status_code == 403 and not visitor.is_in()
    assert console.acts()[-1].detail["why"] == "disabled"


def test_an_answer_of_the_provider_is_good_once_and_for_the_browser_that_asked(console, provider):
    provider.roles(anna=["agent"])
    visitor, other = Visitor(console), Visitor(console)
    asked = visitor.get("/helpdesk/openid")
    assert "HttpOnly" in asked.headers["Set-Cookie"] and "Path=/helpdesk/openid" in asked.headers["Set-Cookie"]
    callback = callback_of(visitor, "anna")
    other.get("/helpdesk/openid")  # has a sign-in of its own under way
    refused = other.get(callback)
    assert refused.status_code == 400 and not other.is_in()
    assert visitor.get(callback).status_code == 303 and visitor.is_in()
    assert visitor.get(callback).status_code == 400


@pytest.mark.parametrize("change", ["state", "code", "iss"])
def test_an_answer_that_was_changed_signs_nobody_in(console, provider, change):
    provider.roles(anna=["agent"])
    visitor = Visitor(console)
    callback = callback_of(visitor, "anna")
    assert parse_qs(urlsplit(callback).query)[change]
    refused = visitor.get(callback.replace(f"{change}=", f"{change}=x"))
    assert refused.status_code in (400, 403) and error_of(refused) and not visitor.is_in()


def test_a_sign_in_that_takes_too_long_is_begun_again(console, provider):
    provider.roles(anna=["agent"])
    visitor = Visitor(console)
    callback = callback_of(visitor, "anna")
    console.clock.ahead = 601
    assert visitor.get(callback).status_code == 400 and not visitor.is_in()


def test_a_refusal_of_the_provider_is_told(console):
    visitor = Visitor(console)
    state = parse_qs(urlsplit(visitor.get("/helpdesk/openid").headers["Location"]).query)["state"][0]
    answer = visitor.get(f"/helpdesk/openid/callback?state={state}&error=access_denied&error_description=<script>")
    assert answer.status_code == 403 and "access_denied" in error_of(answer) and "<script" not in answer.text
    assert console.acts()[-1].act == audit.SIGN_IN_FAILED


def test_the_form_for_a_password_is_there_for_those_who_have_one(console):
    visitor = Visitor(console)
    assert 'type="password"' not in visitor.get("/helpdesk/sign-in").text
    console.add()
    assert 'type="password"' in visitor.get("/helpdesk/sign-in").text
    assert visitor.sign_in().status_code == 303 and visitor.is_in()

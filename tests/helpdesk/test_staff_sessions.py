"""Sessions of staff: when they begin and end, and what passes the door with one and without."""

import hashlib
import json
import subprocess

import pytest
import requests
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.helpdesk import accounts, audit
from bot.helpdesk.access import HOME, POLICY, return_path
from bot.helpdesk.desk import is_anybody_there
from bot.helpdesk.settings import HelpdeskSettings
from bot.helpdesk.tables import staff_sessions
from bot.settings import PROJECT
from tests.helpdesk.entering import PAGE, QUICK, SECONDS, Console, Visitor

FETCH = {"Accept": "*/*", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def console(database):
    found = Console(database, HelpdeskSettings(session_hours=2))
    found.add()
    found.add("lea", "lead", "Lea")
    yield found
    found.stop()


@pytest.fixture
def agent(console):
    visitor = Visitor(console)
    assert visitor.sign_in().status_code == 303
    return visitor


@pytest.fixture
def lead(console):
    visitor = Visitor(console)
    assert visitor.sign_in("lea").status_code == 303
    return visitor


def change(console, act, *more):
    """Change Anna's account."""
    console.database.write_now(lambda on: act(on, accounts.found(on, "anna"), *more))


def stored(console):
    return console.database.read_now(lambda on: on.execute(sa.select(staff_sessions)).all())


# Sessions


def test_the_database_cannot_be_used_to_take_a_session_over(console, agent):
    (cookie,) = agent.http.cookies
    (row,) = stored(console)
    assert row.digest == hashlib.sha256(cookie.value.encode()).hexdigest()
    assert cookie.value not in repr(row) and len(cookie.value) >= 43
    thief = Visitor(console)
    thief.http.cookies.set("helpdesk", row.digest, path="/helpdesk")
    assert not thief.is_in()


def test_a_session_ends_by_its_age(console, agent):
    console.clock.ahead = 2 * 3600 - 60
    assert agent.is_in()
    console.clock.ahead = 2 * 3600
    assert not agent.is_in()
    agent.sign_in()
    assert len(stored(console)) == 1  # what is over is removed


def test_signing_in_again_replaces_the_session(console, agent):
    before = agent.http.cookies["helpdesk"]
    agent.sign_in()
    assert agent.http.cookies["helpdesk"] != before
    other = Visitor(console)
    other.http.cookies.set("helpdesk", before, path="/helpdesk")
    assert agent.is_in() and not other.is_in()


def test_a_value_that_was_planted_before_sign_in_is_worth_nothing_after(console):
    victim, planted = Visitor(console), "x" * 43
    victim.http.cookies.set("helpdesk", planted, domain="127.0.0.1", path="/helpdesk")
    victim.sign_in()
    assert victim.http.cookies.get("helpdesk", domain="127.0.0.1") != planted
    thief = Visitor(console)
    thief.http.cookies.set("helpdesk", planted, path="/helpdesk")
    assert not thief.is_in()


def test_signing_out_ends_the_session_everywhere_and_is_recorded(console, agent):
    value = agent.http.cookies["helpdesk"]
    answer = agent.send("/helpdesk/sign-out", {"csrf": agent.csrf})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk/sign-in?out=1")
    assert "signed out" in agent.get(answer.headers["Location"]).text
    copy = Visitor(console)
    copy.http.cookies.set("helpdesk", value, path="/helpdesk")
    assert not copy.is_in() and not agent.is_in()
    last = console.acts()[-1]
    assert (last.act, last.login) == (audit.SIGNED_OUT, "anna") and last.staff is not None


def test_another_page_cannot_sign_somebody_out(agent):
    assert agent.send("/helpdesk/sign-out").status_code == 403
    assert agent.get("/helpdesk/sign-out").status_code == 405
    assert agent.is_in()


@pytest.mark.parametrize(
    "end",
    [
        lambda console: change(console, accounts.set_active, False),
        lambda console: change(console, accounts.set_password, QUICK.hash("another long password")),
    ],
)
def test_a_session_ends_when_the_account_is_disabled_or_its_password_changes(console, agent, lead, end):
    end(console)
    assert not agent.is_in() and lead.is_in()
    change(console, accounts.set_active, True)
    assert not agent.is_in()  # nor does it come back


def test_another_role_counts_at_once(console, agent):
    assert agent.get("/helpdesk/figures").status_code == 403
    change(console, accounts.set_role, "lead")
    assert agent.get("/helpdesk/figures").text == "figures"
    change(console, accounts.set_role, "agent")
    assert agent.get("/helpdesk/figures").status_code == 403
    assert [entry.detail for entry in console.acts() if entry.act == audit.ROLE_CHANGED] == [
        {"account": "anna", "from": "agent", "to": "lead"},
        {"account": "anna", "from": "lead", "to": "agent"},
    ]


def test_an_event_stream_ends_with_its_session(console, agent):
    headers = {"Accept": "text/event-stream"}
    with agent.http.get(f"{console.address}/helpdesk/events", headers=headers, stream=True, timeout=SECONDS) as stream:
        lines = stream.iter_lines(chunk_size=1)
        assert next(lines) == b": here"
        change(console, accounts.set_active, False)
        assert b"event: ended" in list(lines)


def test_somebody_is_there_while_a_console_was_open_within_a_minute(console, agent):
    def is_there():
        return console.database.read_now(lambda on: is_anybody_there(on, console.clock()))

    assert is_there()
    console.clock.ahead = 61
    assert not is_there()
    agent.get("/helpdesk/cases/1")
    assert is_there()
    change(console, accounts.set_active, False)
    assert not is_there()


# The door


PATHS = ["/helpdesk/", "/helpdesk/cases/1", "/helpdesk/cases/999999", "/helpdesk/figures", "/helpdesk/events"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_nothing_is_seen_and_nothing_can_be_guessed(console, path):
    visitor = Visitor(console)
    page = visitor.get(path)
    assert page.status_code == 303 and page.headers["Location"].startswith("/helpdesk/sign-in") and not page.content
    for headers in (FETCH, {"Accept": "text/event-stream"}, {"Accept": "application/json"}, {}):
        answer = visitor.get(path, headers=headers)
        assert (answer.status_code, answer.json()) == (401, {"error": "no_session"})
    assert visitor.http.head(f"{console.address}{path}", allow_redirects=False, timeout=SECONDS).status_code in (401, 405)


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "x" * 5000, "\u00e9", "null", "a; b", '"quoted"', "0" * 64])
def test_a_made_up_cookie_is_no_session(console, value):
    cookie = {"Cookie": f"helpdesk={value}".encode()}
    answer = requests.get(f"{console.address}/helpdesk/", headers=cookie, allow_redirects=False, timeout=SECONDS)
    assert answer.status_code == 401


def test_htmx_is_led_to_sign_in_and_back_to_the_page_it_was_on(console):
    visitor = Visitor(console)
    for shown, to in (
        (f"{console.address}/helpdesk/cases/7?tab=why", "?to=%2Fhelpdesk%2Fcases%2F7%3Ftab%3Dwhy"),
        ("https://evil.example/elsewhere", ""),
        ("http://[", ""),
        ("", ""),
    ):
        answer = visitor.get("/helpdesk/events", headers={"HX-Request": "true", "HX-Current-URL": shown, **PAGE})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, f"/helpdesk/sign-in{to}")


def test_a_form_that_is_sent_after_the_session_ended_leads_to_sign_in(console):
    answer = Visitor(console).send("/helpdesk/notes", {"text": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk/sign-in")


def test_the_role_of_leads_is_asked_for(agent, lead):
    page = agent.get("/helpdesk/figures")
    assert page.status_code == 403 and "role lead" in page.text and page.headers["Content-Security-Policy"] == POLICY
    answer = agent.get("/helpdesk/figures", headers=FETCH)
    assert (answer.status_code, answer.json()) == (403, {"error": "wrong_role"})
    assert lead.get("/helpdesk/figures").text == "figures" and lead.get("/helpdesk/cases/1").text == "case 1"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_whatever_changes_something_carries_the_value_of_its_session(console, agent, lead, method):
    own, others = agent.csrf, lead.csrf
    send = lambda form=None, **headers: agent.send("/helpdesk/notes", form, method, **headers).status_code  # noqa: E731
    for wrong in ("", "x", others, own[:-1], own + "x", own.swapcase(), "\u00e9"):
        assert send({"csrf": wrong}) == 403
        assert send(**{"X-CSRF-Token": wrong.encode()}) == 403
    assert send() == 403
    assert send({"csrf": own}, **{"X-CSRF-Token": "x"}) == 403
    assert send(**{"X-CSRF-Token": own}) == 200
    if method != "DELETE":
        assert send({"csrf": own}) == 200
    assert send(**{"X-CSRF-Token": own, "Origin": "https://evil.example"}) == 403
    assert send(**{"X-CSRF-Token": own, "Sec-Fetch-Site": "cross-site"}) == 403
    assert send(**{"X-CSRF-Token": own, "Sec-Fetch-Site": "same-site"}) == 403


def test_a_refused_form_says_what_to_do_and_a_program_is_told_why(agent):
    assert "reload the page" in agent.send("/helpdesk/notes").text
    answer = agent.send("/helpdesk/notes", **{"Sec-Fetch-Mode": "cors"})
    assert answer.json() == {"error": "foreign_page"}


def test_pages_behind_the_door_have_the_console_s_policy(agent):
    assert agent.get("/helpdesk/cases/1").headers["Content-Security-Policy"] == POLICY


# Where sign-in leads


@pytest.mark.parametrize("path", ["/helpdesk", "/helpdesk/", "/helpdesk/cases/12", "/helpdesk/figures.csv?q=a%20b&x=/"])
def test_pages_of_the_console_are_returned_to(path):
    assert return_path(path) == path


@pytest.mark.parametrize("path", ["/helpdesk/sign-in", "/helpdesk/sign-out?x", "/helpdesk/openid/callback?code=1"])
def test_what_leads_in_and_out_is_no_page_to_return_to(path):
    assert return_path(path) == HOME


@pytest.fixture(scope="module")
def browser():
    """Where a browser would go from the sign-in page, as the URL standard says (Node.js)."""
    node = PROJECT / "tests/helpdesk/node"
    process = subprocess.Popen(["node", "paths.mjs"], cwd=node, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def led_to(location):
        process.stdin.write(json.dumps(location) + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    yield led_to
    process.stdin.close()
    process.wait(SECONDS)


# What a path is attacked with.
PIECES = [
    "/", "\\", ".", "..", "%2e", "%2F", "%5c", "//", "?", "#", "@", ":", ";", "\t", "\n", "\r", "\0", " ",
    "\u2024", "\uff0f",
    "/helpdesk", "helpdesk", "https:", "javascript:", "evil.example", "sign-in", "cases", "1",
]  # fmt: skip
ATTACKS = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda parts: "/helpdesk" + "".join(parts)),
    st.lists(st.sampled_from(PIECES), max_size=12).map(lambda parts: "/helpdesk/" + "".join(parts)),
    st.text(max_size=30).map(lambda text: "/helpdesk/" + text),
    st.text(max_size=30),
)


@settings(max_examples=500, deadline=None)
@given(path=ATTACKS)
def test_no_path_leads_out_of_the_console(browser, path):
    there = browser(return_path(path))
    assert there["origin"] == "https://console.example"
    assert (there["path"] + "/").startswith("/helpdesk/")
    assert there["path"].split("/")[2:3] not in (["sign-in"], ["sign-out"], ["openid"])


def test_the_browser_of_these_tests_knows_the_ways_out(browser):
    assert browser("//evil.example")["origin"] != "https://console.example"
    assert browser("/helpdesk/%2e%2e/widget")["path"] == "/widget"
    assert browser("/\\evil.example")["origin"] != "https://console.example"

"""Sign-in with a password: who gets in, who does not, and what that tells them."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from bot.helpdesk import accounts, audit
from bot.helpdesk.accounts import FREE_TRIES, NO_NAME, count_attempt
from bot.helpdesk.passwords import Passwords
from bot.helpdesk.settings import HelpdeskSettings
from tests.helpdesk.entering import PASSWORD, QUICK, Console, Visitor, error_of

WRONG = "a password of nobody here"


@pytest.fixture
def console(database):
    found = Console(database)
    yield found
    found.stop()


@pytest.fixture
def visitor(console):
    console.add()
    return Visitor(console)


def locked_for(console, name="anna"):
    who = console.database.read_now(lambda on: accounts.found(on, name))
    return round(who.locked_until - console.clock()) if who.locked_until else 0


def test_the_right_password_opens_the_console(console, visitor):
    assert not visitor.is_in()
    answer = visitor.sign_in(" Anna ")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk")
    assert visitor.get("/helpdesk/").json()["name"] == "Anna"
    (added, entry) = console.acts()
    assert (added.act, entry.act, entry.login, entry.case) == (audit.ACCOUNT_ADDED, audit.SIGNED_IN, "anna", None)
    assert entry.detail == {"address": "127.0.0.1", "by": "password"}


def test_after_sign_in_the_page_that_was_asked_for_opens(visitor):
    asked = visitor.get("/helpdesk/cases/7?tab=why")
    assert asked.status_code == 303
    page = visitor.get(asked.headers["Location"])
    to = re.search(r'name="to" value="([^"]*)"', page.text)[1]
    answer = visitor.sign_in(to=to)
    assert answer.headers["Location"] == "/helpdesk/cases/7?tab=why"
    assert visitor.get(answer.headers["Location"]).text == "case 7"
    assert visitor.get("/helpdesk/sign-in?to=%2Fhelpdesk%2Fcases%2F7").headers["Location"] == "/helpdesk/cases/7"


ELSEWHERE = ["//evil.example", "https://evil.example/helpdesk", "/helpdesk/../widget", "/helpdesk/sign-out", "\\evil"]


@pytest.mark.parametrize("to", ELSEWHERE)
def test_a_page_elsewhere_is_not_opened_after_sign_in(visitor, to):
    assert visitor.sign_in(to=to).headers["Location"] == "/helpdesk"


def test_a_wrong_password_an_unknown_name_a_disabled_and_a_locked_account_are_answered_alike(console, visitor):
    console.add("disabled", shown="D")
    console.database.write_now(lambda on: accounts.set_active(on, accounts.found(on, "disabled"), False))
    console.add("locked", shown="L")
    for _ in range(FREE_TRIES):
        visitor.sign_in("locked", WRONG)
    assert locked_for(console, "locked")
    tries = [("anna", WRONG), ("nobody", WRONG), ("nobody", PASSWORD), ("disabled", PASSWORD), ("locked", PASSWORD)]
    answers = [visitor.sign_in(name, password) for name, password in tries]
    assert {answer.status_code for answer in answers} == {403}
    texts = {re.sub(r'name="name" value="\w+"', "", answer.text) for answer in answers}
    assert len(texts) == 1
    assert {frozenset(answer.headers) for answer in answers} == {frozenset(answers[0].headers)}
    assert "not right" in error_of(answers[0])
    assert not visitor.is_in()


def test_a_page_never_shows_a_password_again_and_the_log_never_holds_one(console, visitor):
    page = visitor.sign_in("anna", '"><script>alert(1)</script>')
    assert "alert(1)" not in page.text
    page = visitor.sign_in('"><script>alert(1)</script>', WRONG)
    assert "<script" not in page.text and "&lt;script" in page.text
    visitor.sign_in(PASSWORD, "")  # typed in the wrong field
    logins = [entry.login for entry in console.acts() if entry.act == audit.SIGN_IN_FAILED]
    assert logins == ["anna", NO_NAME, NO_NAME]
    assert PASSWORD not in repr(console.acts())


@pytest.mark.parametrize("typed", ["", " ", "a\0b", b"\xed\xa0\x80", "x" * 5000, "1", "https://issuer.example someone"])
def test_what_can_be_no_name_is_refused_like_any_other(visitor, typed):
    assert visitor.sign_in(typed, "x" * 5000).status_code == 403
    assert visitor.sign_in(typed, "").status_code == 403
    assert visitor.send("/helpdesk/sign-in").status_code == 403


def test_an_account_of_a_provider_has_no_password(console, visitor):
    login = "https://issuer.example someone"
    console.database.write_now(lambda on: accounts.vouched(on, login, "Some One", "lead", console.clock()))
    for password in ("", "None", WRONG):
        assert visitor.sign_in(login, password).status_code == 403
    assert not visitor.is_in()


def test_failures_in_a_row_lock_an_account_for_longer_and_longer(console, visitor):
    for _ in range(FREE_TRIES - 1):
        visitor.sign_in(password=WRONG)
    assert not locked_for(console)
    visitor.sign_in(password=WRONG)
    assert locked_for(console) == pytest.approx(60, abs=10)
    assert visitor.sign_in().status_code == 403  # not with the right password either
    assert [entry.act for entry in console.acts()].count(audit.LOCKED_OUT) == 1
    console.clock.ahead += 61
    visitor.sign_in(password=WRONG)
    assert locked_for(console) == pytest.approx(120, abs=10)
    console.clock.ahead += 61
    assert visitor.sign_in().status_code == 403
    console.clock.ahead += 61
    assert visitor.sign_in().status_code == 303
    last = [entry for entry in console.acts() if entry.act == audit.LOCKED_OUT][-1]
    assert last.detail["seconds"] == pytest.approx(120, abs=10) and last.login == "anna"


def test_a_lock_ends_within_an_hour_however_many_failures_there_were():
    waits = [accounts.wait(failures) for failures in range(1, 2000)]
    assert waits[: FREE_TRIES - 1] == [0.0] * (FREE_TRIES - 1)
    assert waits == sorted(waits) and waits[-1] == 3600


def test_a_right_password_makes_failures_forgotten(console, visitor):
    for _ in range(2):
        for _ in range(FREE_TRIES - 1):
            visitor.sign_in(password=WRONG)
        assert visitor.sign_in().status_code == 303
    assert not locked_for(console)


def test_many_sign_ins_at_once_are_no_way_around_the_lock(database):
    database.write_now(lambda on: accounts.add(on, "anna", "Anna", "agent", QUICK.hash(PASSWORD)))
    database.write_now(lambda on: accounts.add(on, "bert", "Bert", "agent", QUICK.hash(PASSWORD)))
    now = 1_000_000.0
    names = ["bert", "nobody"] * 20
    with ThreadPoolExecutor(8) as several:
        tried = list(several.map(lambda name: (name, database.write_now(lambda on: count_attempt(on, name, now))), names))
    compared = [name for name, attempt in tried if attempt.password is not None]
    assert compared == ["bert"] * FREE_TRIES


def test_a_lock_is_lifted_by_enabling_the_account(console, visitor):
    for _ in range(FREE_TRIES):
        visitor.sign_in(password=WRONG)
    console.database.write_now(lambda on: accounts.set_active(on, accounts.found(on, "anna"), True))
    assert visitor.sign_in().status_code == 303


class CountedHasher(PasswordHasher):
    """argon2, and how often it compared."""

    compared = 0

    def verify(self, *given):
        self.compared += 1
        return super().verify(*given)


def test_a_name_that_nobody_has_costs_as_many_comparisons_as_any_other(console, visitor):
    counted = CountedHasher(time_cost=1, memory_cost=64, parallelism=1)
    console.entrance._passwords = Passwords(counted)
    visitor.sign_in("anna", WRONG)
    assert counted.compared == 1
    visitor.sign_in("nobody", WRONG)
    assert counted.compared == 2
    for _ in range(FREE_TRIES - 1):
        visitor.sign_in("anna", WRONG)
    visitor.sign_in("anna", PASSWORD)  # locked by now
    assert counted.compared == 2 + FREE_TRIES


def test_a_password_is_hashed_anew_when_the_parameters_are_others_than_before(console):
    console.add(passwords=QUICK)
    console.entrance._passwords = Passwords()
    stored = lambda: console.database.write_now(lambda on: count_attempt(on, "anna", console.clock())).password  # noqa: E731
    before = stored()
    assert Visitor(console).sign_in().status_code == 303
    after = stored()
    assert "m=64," in before and "m=65536," in after
    assert Visitor(console).sign_in().status_code == 303


def test_one_password_is_right_however_the_keyboard_composed_it(console):
    console.add(password="caf\u00e9 met zeven lantaarns")
    assert Visitor(console).sign_in(password="cafe\u0301 met zeven lantaarns").status_code == 303


def test_a_page_of_another_site_signs_nobody_in(console, visitor):
    form = {"name": "anna", "password": PASSWORD}
    assert visitor.send("/helpdesk/sign-in", form, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.send("/helpdesk/sign-in", form, Origin="https://evil.example").status_code == 403
    assert not visitor.is_in()


def test_too_many_sign_ins_of_one_name_are_slowed_down_whether_or_not_it_exists(console, visitor):
    for name in ("anna", "nobody"):
        answers = [visitor.sign_in(name, WRONG) for _ in range(12)]
        assert [answer.status_code for answer in answers] == [403] * 10 + [429] * 2
        assert int(answers[-1].headers["Retry-After"]) > 0 and "Wait" in error_of(answers[-1])


def test_too_many_sign_ins_of_one_address_are_slowed_down(visitor):
    answers = [visitor.sign_in(f"name{number}", WRONG).status_code for number in range(34)]
    assert answers[:30] == [403] * 30 and 429 in answers[30:]


def test_the_page_can_be_used_without_scripts_and_allows_none_but_ours(console, visitor):
    page = visitor.get("/helpdesk/sign-in")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy
    assert page.headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=", page.text)
    for name, kind in (("name", "username"), ("password", "current-password")):
        assert f'<label for="{name}">' in page.text and f'autocomplete="{kind}"' in page.text
    assert 'role="alert"' not in page.text and 'role="alert"' in visitor.sign_in(password=WRONG).text


def test_without_a_provider_its_addresses_do_not_exist(visitor):
    assert visitor.get("/helpdesk/openid").status_code == visitor.get("/helpdesk/openid/callback").status_code == 404
    assert "work account" not in visitor.get("/helpdesk/sign-in").text


@pytest.mark.parametrize("address", ["https://console.example", "http://localhost:5005", ""])
def test_the_cookie_is_for_the_console_only_and_for_https_when_the_console_has_it(database, address):
    console = Console(database, HelpdeskSettings(address=address))
    try:
        console.add()
        cookie = Visitor(console).sign_in().headers["Set-Cookie"]
    finally:
        console.stop()
    parts = cookie.split("; ")
    assert {"Path=/helpdesk", "HttpOnly", "SameSite=Lax"} <= set(parts)
    assert cookie.startswith("__Secure-helpdesk=") is ("Secure" in parts) is address.startswith("https")
    assert not any(part.lower().startswith(("domain", "max-age", "expires")) for part in parts)

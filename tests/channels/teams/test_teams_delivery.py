"""Everything reaches Teams, in order, through delays, failures and a restart; and the bot's token reaches nobody else."""

import asyncio
import logging
import time

import pytest

from bot.channels.deliveries import Deliveries
from bot.channels.teams import access, connector as sending, keys
from bot.channels.teams.connector import waiting_time
from tests.channels.conftest import until
from tests.channels.teams.microsoft import TENANT, Connector, installed, message, running

FAILING = [408, 412, 425, 429, 500, 502, 503, 504]


def conversation_of(echo):
    return echo.heard[0][0]


def undelivered(teams, conversation):
    found = Deliveries(teams.server._database).undelivered(conversation)
    return asyncio.run_coroutine_threadsafe(found, teams.server._loop).result(10)


@pytest.mark.parametrize("status", FAILING)
def test_what_fails_for_now_is_sent_again_in_order(teams, connector, echo, status):
    connector.then = [(status, {}), (status, {"Retry-After": "0"})]
    for number in range(3):
        teams.send(message(f"number {number}"))
    until(lambda: len(connector.taken) == 3)
    assert connector.texts == [f"typed:number {number}" for number in range(3)]
    assert len(connector.tries) == 5 and undelivered(teams, conversation_of(echo)) == {}


def test_the_connector_is_given_the_time_it_asks_for(teams, connector):
    connector.then = [(429, {"Retry-After": "1"})]
    begun = time.monotonic()
    teams.send(message())
    until(lambda: connector.taken)
    assert time.monotonic() - begun >= 0.95


def test_one_conversation_that_waits_does_not_stop_another(teams, connector):
    connector.then = [(429, {"Retry-After": "30"})]
    teams.send(message("waits", conversation="a:one"))
    until(lambda: connector.tries)
    teams.send(message("does not wait", conversation="a:two"))
    until(lambda: connector.texts == ["typed:does not wait"])


def test_a_slow_connector_keeps_the_order_and_stops_nobody(teams, connector):
    connector.pause = 0.3
    begun = time.monotonic()
    for number in range(3):
        assert teams.send(message(f"number {number}")).status_code == 200
    assert time.monotonic() - begun < 3
    until(lambda: len(connector.taken) == 3)
    assert connector.texts == [f"typed:number {number}" for number in range(3)]


def test_a_connector_that_never_answers_is_given_up_in_time_and_tried_again(teams, connector, monkeypatch, caplog):
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    connector.pause = 1.0
    with caplog.at_level(logging.WARNING):
        teams.send(message())
        until(lambda: "the connector cannot be reached: TimeoutError" in caplog.text)
    connector.pause = 0.0
    until(lambda: connector.taken)


@pytest.mark.parametrize("status", [403, 404, 410, 422])
def test_what_the_connector_never_takes_is_recorded_and_the_rest_goes_on(teams, connector, echo, status):
    connector.then = [(status, {})]
    teams.send(message("one"))
    until(lambda: connector.tries)
    teams.send(message("two"))
    until(lambda: connector.texts == ["typed:two"])
    (reason,) = undelivered(teams, conversation_of(echo)).values()
    assert f"the connector answers {status}" in reason and "as the test says" in reason


def test_a_card_that_is_not_liked_is_sent_as_text(teams, connector, echo):
    connector.refuses_cards = True
    echo.buttons = [{"title": "Yes", "payload": "/affirm"}]
    teams.send(message())
    until(lambda: connector.taken)
    assert "attachments" not in connector.taken[0][1] and "• Yes" in connector.texts[0]
    assert undelivered(teams, conversation_of(echo)) == {}


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_the_token_follows_no_redirect(teams, connector, echo, status):
    with running(Connector()) as elsewhere:
        connector.then = [(status, {"Location": f"{elsewhere.address}/amer/v3/conversations/x/activities"})]
        teams.send(message("one"))
        until(lambda: connector.tries)
        teams.send(message("two"))
        until(lambda: connector.taken)
        assert elsewhere.asked == []
    assert list(undelivered(teams, conversation_of(echo)).values())[0].startswith(f"the connector answers {status}")


def test_a_host_that_the_setting_no_longer_names_gets_nothing(start, connector, echo):
    teams = start()
    connector.then = [(503, {"Retry-After": "600"})]
    teams.send(message("one"))
    until(lambda: connector.tries)
    teams.server.stop()
    asked = len(connector.asked)
    again = start(hosts=["smba.trafficmanager.net"])
    until(lambda: undelivered(again, conversation_of(echo)))
    assert len(connector.asked) == asked


def test_staff_reach_a_person_who_is_silent(teams, connector, echo):
    teams.send(message("hello"))
    until(lambda: connector.taken)
    teams.server.push(conversation_of(echo), "We look into it.")
    until(lambda: len(connector.taken) == 2)
    where, activity = connector.taken[1]
    assert where == "a:personal" and "We look into it." in connector.texts[1] and "upport" in connector.texts[1]


def test_a_person_who_was_only_greeted_can_be_reached_after_a_restart(start, connector, echo):
    teams = start()
    teams.send(installed())
    until(lambda: connector.taken)
    conversation = conversation_of(echo)
    teams.server.stop()
    start().server.push(conversation, "Are you still there?")
    until(lambda: len(connector.taken) == 2)
    assert connector.taken[1][0] == "a:personal"


def test_a_restart_delivers_what_was_not_delivered_and_nothing_twice(start, connector, echo):
    teams = start()
    teams.send(message("one"))
    until(lambda: connector.texts == ["typed:one"])
    connector.then = [(429, {"Retry-After": "600"})]
    teams.send(message("two"))
    teams.send(message("three"))
    until(lambda: len(echo.heard) == 3 and len(connector.tries) == 2)
    teams.server.stop()
    start()
    until(lambda: len(connector.taken) == 3)
    assert connector.texts == ["typed:one", "typed:two", "typed:three"]


def test_an_answer_goes_where_the_person_was_last(start, connector, echo):
    """Microsoft moves conversations between regions: the address of the last activity counts."""
    teams = start()
    teams.send(message("one"))
    until(lambda: connector.taken)
    with running(Connector()) as moved:
        teams.server.stop()
        again = start(hosts=[f"127.0.0.1:{connector.port}", f"127.0.0.1:{moved.port}"])
        again.service_url = f"{moved.address}/amer/"
        again.send(message("two"))
        until(lambda: moved.texts == ["typed:two"])
    assert connector.texts == ["typed:one"]


# The bot's own token


def test_the_bots_token_is_asked_for_when_it_is_first_needed_and_kept(teams, connector, login):
    assert login.asked == []
    for number in range(3):
        teams.send(message(f"number {number}", conversation=f"a:{number}"))
    until(lambda: len(connector.taken) == 3)
    assert {token for token, _ in connector.tries} == {"Bearer bot-token-1"} and login.given == 1


@pytest.mark.parametrize("tenant, at", [(TENANT, TENANT), ("", "botframework.com")])
def test_the_token_comes_from_the_tenant_of_the_setting_or_from_everybodys(start, connector, login, tenant, at):
    teams = start(tenant=tenant)
    teams.send(message())
    until(lambda: connector.taken)
    (path, form), *_ = login.forms
    assert path == f"/{at}/oauth2/v2.0/token"
    assert form["grant_type"] == "client_credentials" and form["scope"] == "https://api.botframework.com/.default"


def test_a_token_that_is_refused_is_renewed_once(teams, connector, login):
    connector.then = [(401, {})]
    teams.send(message())
    until(lambda: connector.taken)
    assert [token for token, _ in connector.tries] == ["Bearer bot-token-1", "Bearer bot-token-2"]


def test_a_bot_that_is_refused_says_so_once_and_sends_what_waited_when_it_is_mended(teams, connector, caplog):
    with caplog.at_level(logging.ERROR):
        connector.always = (401, {})
        for number in range(2):
            teams.send(message(f"number {number}", conversation=f"a:{number}"))
            until(lambda: len(connector.tries) >= 2 * number + 2)
        time.sleep(0.1)
        assert caplog.text.count("takes no messages") == 1 and "must be of one app" in caplog.text
    connector.always = None
    teams.send(message("mended", conversation="a:0"))
    until(lambda: len(connector.taken) == 3)
    assert [text for text in connector.texts if text != "typed:number 1"] == ["typed:number 0", "typed:mended"]


@pytest.mark.parametrize(
    "error, mended_by",
    [
        ("invalid_client", "TRIAGE_TEAMS_APP_SECRET is not valid"),
        ("unauthorized_client", "teams.app_id or teams.tenant in channels.yml is not right"),
        ("invalid_scope", "teams.scope in channels.yml is not right"),
    ],
)
def test_a_login_that_refuses_says_what_to_mend(teams, connector, login, caplog, error, mended_by):
    login.error = error
    with caplog.at_level(logging.ERROR):
        teams.send(message("one"))
        until(lambda: mended_by in caplog.text)
    assert "a secret of the bot" not in caplog.text and connector.asked == []
    login.error = None
    teams.send(message("two"))
    until(lambda: connector.texts == ["typed:one", "typed:two"])


def test_a_tenant_that_does_not_exist_is_said(start, connector, login, caplog):
    login.unknown_tenant = True
    with caplog.at_level(logging.ERROR):
        start().send(message())
        until(lambda: "the login knows no such tenant" in caplog.text)


@pytest.mark.parametrize("fault", [{"fails": 500}, {"fails": 302}, {"fails": 429}, {"error": "temporarily_unavailable"}, {"pause": 1.0}])
def test_a_login_that_fails_for_now_is_tried_again(teams, connector, login, monkeypatch, fault):
    monkeypatch.setattr(access, "SECONDS", 0.3)
    usual = {name: getattr(login, name) for name in fault}
    vars(login).update(fault)
    teams.send(message())
    until(lambda: len(login.asked) >= 2)
    assert connector.asked == []
    vars(login).update(usual)
    until(lambda: connector.taken)


def test_a_server_whose_microsoft_is_gone_stops_in_time_and_sends_later(start, connector, echo):
    port = connector.port
    teams = start()
    connector.close()
    teams.send(message())
    until(lambda: echo.heard)
    teams.server.stop()
    with running(Connector(port)) as again:
        start()
        until(lambda: again.texts == ["typed:hello"])


def test_passwords_of_the_machine_do_not_take_the_place_of_the_bots_token(start, connector, login, tmp_path, monkeypatch):
    file = tmp_path / "netrc"
    file.write_text("default login somebody password something", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    start().send(message())
    until(lambda: connector.taken)
    assert connector.tries[0][0] == "Bearer bot-token-1"
    assert all("Authorization" not in headers for _, _, headers, _ in login.asked)


def test_requests_go_by_the_proxy_of_the_machine(start, connector, monkeypatch):
    """One that takes nothing, so that nothing arrives until it is taken away."""
    teams = start()
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert teams.send(message("one")).status_code == 503
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    assert teams.send(message("one")).status_code == 200
    until(lambda: connector.texts == ["typed:one"])


def test_a_login_that_hangs_is_asked_once_for_all_who_wait(start, connector, login, monkeypatch):
    monkeypatch.setattr(access, "SECONDS", 1.0)
    login.pause = 3.0
    teams = start()
    for number in range(8):
        teams.send(message(conversation=f"a:{number}"))
    until(lambda: login.asked)
    begun = time.monotonic()
    teams.server.stop()
    assert time.monotonic() - begun < 4


# What a wait is


@pytest.mark.parametrize(
    "header, seconds",
    [("7", 7.0), ("0", 0.0), ("999999", 999999.0), (" 7 ", 7.0), ("-1", None), ("soon", None), ("", None), (None, None),
     ("1.5", None), ("²", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)],
)  # fmt: skip
def test_a_wait_is_read_from_a_number_or_a_date(header, seconds):
    assert waiting_time(header) == seconds


def test_the_keys_are_asked_for_at_the_address_of_the_setting_only(teams, framework):
    teams.send(message())
    assert {path for _, path, _, _ in framework.asked} == {"/openid", "/keys"} and keys.SECONDS < 15

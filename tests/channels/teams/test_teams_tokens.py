"""Only activities that the Bot Framework signed for this bot, and for Teams, are taken."""

import base64
import json
import threading
import time

import jwt
import pytest

from bot.channels.teams import keys
from tests.channels.conftest import until
from tests.channels.teams.microsoft import (
    APP_ID,
    ISSUER,
    KEY,
    OTHER_KEY,
    OTHER_TENANT,
    TENANT,
    Connector,
    Framework,
    jwk,
    message,
    public_pem,
    running,
    token,
)


def part(document):
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def claims(service_url):
    return jwt.decode(token(service_url), options={"verify_signature": False})


def test_a_signed_activity_is_taken_and_answered(teams, connector):
    assert teams.send(message("hello")).status_code == 200
    until(lambda: connector.texts == ["typed:hello"])
    assert connector.taken[0][0] == "a:personal"


@pytest.mark.parametrize(
    "given",
    [
        {"key": OTHER_KEY},
        {"key_id": None},
        {"key_id": "unknown"},
        {"iss": "https://elsewhere.example"},
        {"aud": "99999999-1234-1234-1234-123456789abc"},
        {"aud": [APP_ID]},
        {"seconds": {"exp": -400}},
        {"seconds": {"nbf": 400}},
        {"drop": ["exp"]},
        {"drop": ["aud"]},
        {"drop": ["iss"]},
        {"exp": "soon"},
    ],
    ids=lambda given: "-".join([*given, *(str(value)[:12] for value in given.values())]),
)
def test_a_token_that_is_not_the_bot_frameworks_for_this_bot_is_refused(teams, echo, given):
    response = teams.send(message(), **given)
    assert response.status_code == 401
    assert echo.heard == []


@pytest.mark.parametrize("given", [{"exp": -60}, {"nbf": 60}], ids=["exp", "nbf"])
def test_clocks_may_differ_by_minutes(teams, given):
    assert teams.send(message(), seconds=given).status_code == 200


def test_a_token_without_a_signature_or_signed_with_the_public_key_is_refused(teams, echo):
    made = claims(teams.service_url)
    unsigned = [f"{part({'alg': name, 'typ': 'JWT', 'kid': 'one'})}.{part(made)}." for name in ("none", "None", "NONE")]
    import hashlib
    import hmac

    signed = []
    for name in ("HS256", "RS256"):
        text = f"{part({'alg': name, 'typ': 'JWT', 'kid': 'one'})}.{part(made)}"
        digest = hmac.new(public_pem(), text.encode(), hashlib.sha256).digest()
        signed.append(f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}")
    for name in ("RS384", "RS512", "PS256"):
        signed.append(token(teams.service_url, algorithm=name))
    for text in unsigned + signed:
        assert teams.send(message(), f"Bearer {text}").status_code == 401
    assert echo.heard == []


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer x",
        "Bearer ..",
        "Bearer a.b.c.d",
        "Bearer " + "a" * 5_000,
        "Bearer " + "a." * 3_500,
        "Bearer " + base64.urlsafe_b64encode(b"[" * 4_000).decode() + ".e30.c2ln",
        "Bearer " + part({"alg": "RS256", "kid": 5}) + ".e30.c2ln",
        "Bearer " + part({"alg": "RS256", "kid": ["one"]}) + ".e30.c2ln",
        "Bearer " + part({"alg": ["RS256"], "kid": "one"}) + ".e30.c2ln",
        "Bearer " + part({"alg": "RS256", "kid": "one", "crit": ["x"]}) + ".e30.c2ln",
        "Bearer " + part([]) + ".e30.c2ln",
        "Bearer " + part({"alg": "RS256", "kid": "one"}) + ".W10.c2ln",
    ],
    ids=lambda text: text[:24] + str(len(text)),
)
def test_garbage_for_a_token_is_refused(teams, echo, authorization):
    assert teams.raw(json.dumps(message()), authorization or "x").status_code == 401
    assert echo.heard == []


def test_a_request_without_a_token_is_refused_and_one_of_a_whole_page_too(teams):
    import requests

    address = f"{teams.server.address}/teams/messages"
    assert requests.post(address, json=message(), timeout=10).status_code == 401
    huge = requests.post(address, json=message(), headers={"Authorization": "Bearer " + "a" * 20_000}, timeout=10)
    assert huge.status_code in (401, 413)
    assert requests.get(address, timeout=10).status_code == 405


@pytest.mark.parametrize(
    "activity, claims",
    [
        ({"channelId": "webchat"}, {}),
        ({"channelId": None}, {}),
        ({"channelId": ["msteams"]}, {}),
        ({"serviceUrl": "https://evil.example/"}, {}),
        ({"serviceUrl": None}, {}),
        ({"serviceUrl": 5}, {}),
        ({}, {"serviceurl": "https://smba.trafficmanager.net/amer/"}),
        ({}, {"drop": ["serviceurl"]}),
        ({}, {"serviceUrl": "https://evil.example/"}),
    ],
    ids=str,
)
def test_a_token_that_does_not_allow_the_activity_is_refused(teams, echo, activity, claims):
    assert teams.send({**message(), **activity}, **claims).status_code == 403
    assert echo.heard == []


def test_the_claim_may_be_written_in_another_case(teams):
    assert teams.send(message(), drop=["serviceurl"], serviceUrl=teams.service_url).status_code == 200


def test_a_key_that_does_not_sign_for_teams_is_refused(start, framework, echo):
    framework.keys = [jwk(KEY, "one", endorsements=["webchat"]), jwk(OTHER_KEY, "two", endorsements=[])]
    teams = start()
    assert teams.send(message()).status_code == 403
    assert teams.send(message(), key=OTHER_KEY, key_id="two").status_code == 403
    assert echo.heard == []


def test_the_bots_token_never_reaches_a_host_that_the_caller_names(start, echo):
    """Even with a token of the Bot Framework for it: the setting does not name it."""
    teams = start()
    with running(Connector()) as elsewhere:
        for address in (f"{elsewhere.address}/amer/", f"http://localhost:{elsewhere.port}/amer/"):
            teams.service_url = address
            assert teams.send(message()).status_code == 403
            assert teams.send({**message(), "type": "conversationUpdate"}).status_code == 403
        time.sleep(0.3)
        assert elsewhere.asked == [] and echo.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "http://smba.trafficmanager.net/amer/",
        "https://smba.trafficmanager.net.evil.example/amer/",
        "https://evil.example/smba.trafficmanager.net/",
        "https://smba.trafficmanager.net@evil.example/",
        "https://evil.example#smba.trafficmanager.net",
        "https://evil.example\\@smba.trafficmanager.net/",
        "https://smba.trafficmanager.net\\.evil.example/",
        "https://smba.trafficmanager.net\t.evil.example/",
        "https://smba.trafficmanager.net:8443/",
        "https://x.smba.trafficmanager.net/",
        "https://smba.trafficmanager.net/amer/?to=https://evil.example",
        "ftp://smba.trafficmanager.net/",
        "//smba.trafficmanager.net/",
        "smba.trafficmanager.net",
        "",
    ],
)
def test_only_the_hosts_of_the_setting_may_get_the_bots_token(start, address, login):
    teams = start(hosts=["smba.trafficmanager.net"])
    teams.service_url = address
    assert teams.send(message()).status_code in (400, 403)
    assert login.asked == []


def test_only_the_organizations_of_the_setting_may_use_the_bot(start, echo, connector):
    teams = start(tenants=[OTHER_TENANT])
    assert teams.send(message()).status_code == 403
    assert teams.send(message(channelData=None)).status_code == 403
    allowed = {"id": "a:personal", "conversationType": "personal", "tenantId": OTHER_TENANT}
    assert teams.send(message(channelData={"tenant": {"id": OTHER_TENANT.upper()}})).status_code == 200
    assert teams.send(message("two", channelData=None) | {"conversation": allowed}).status_code == 200
    until(lambda: len(connector.taken) == 2)
    assert {sender.split("-")[1] for sender, _ in echo.heard} == {OTHER_TENANT.split("-")[0]} != {TENANT.split("-")[0]}


# The keys


def test_the_server_starts_without_the_keys_and_recovers_when_they_can_be_had(start, framework, echo, connector):
    port = framework.port
    framework.close()
    teams = start()
    response = teams.send(message("one"))
    assert response.status_code == 503 and int(response.headers["Retry-After"]) >= 1
    assert echo.heard == []
    with running(Framework(port)) as again:
        again.fails = 500
        assert teams.send(message("one")).status_code == 503
        again.fails = None
        again.keys = []
        assert teams.send(message("one")).status_code == 503
        again.keys = [jwk(KEY, "one")]
        assert teams.send(message("one")).status_code == 200
        until(lambda: connector.texts == ["typed:one"])


def test_after_a_failure_the_keys_are_not_asked_for_at_every_request(start, framework, monkeypatch):
    monkeypatch.setattr(keys, "AFTER_FAILURE", 60.0)
    framework.fails = 500
    teams = start()
    assert [teams.send(message()).status_code for _ in range(5)] == [503] * 5
    assert len(framework.asked) == 1


def test_the_keys_are_fetched_once_for_all_who_wait_and_then_kept(start, framework, echo):
    framework.pause = 0.2
    teams = start()
    assert framework.asked == []
    threads = [threading.Thread(target=teams.send, args=(message(conversation=f"a:{number}"),)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert teams.send(message()).status_code == 200
    assert framework.fetched == 1


def test_a_new_key_is_looked_for_but_not_whenever_somebody_names_one(start, framework, monkeypatch):
    teams = start()
    assert teams.send(message()).status_code == 200
    framework.keys.append(jwk(OTHER_KEY, "two"))
    assert [teams.send(message(), key=OTHER_KEY, key_id="two").status_code for _ in range(3)] == [401] * 3
    assert framework.fetched == 1
    clock = time.monotonic
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock() + keys.BETWEEN)
    assert teams.send(message(), key=OTHER_KEY, key_id="two").status_code == 200
    assert [teams.send(message(), key=OTHER_KEY, key_id=f"three{number}").status_code for number in range(3)] == [401] * 3
    assert framework.fetched == 2


def test_the_keys_are_fetched_again_after_a_day_and_stay_in_use_when_they_cannot_be(start, framework, monkeypatch):
    teams = start()
    assert teams.send(message()).status_code == 200
    clock = time.monotonic
    monkeypatch.setattr(keys.time, "monotonic", lambda: clock() + keys.KEPT + 60)
    framework.fails = 500
    assert teams.send(message()).status_code == 200
    framework.fails = None
    framework.keys = [jwk(OTHER_KEY, "two")]
    assert teams.send(message(), key=OTHER_KEY, key_id="two").status_code == 200
    assert teams.send(message()).status_code == 401


def test_keys_that_are_not_usable_are_left_out(start, framework):
    secret = {"kty": "oct", "kid": "one", "k": "c2VjcmV0", "endorsements": ["msteams"]}
    bad = [{}, {"kty": "RSA"}, {"kty": "RSA", "kid": "x", "n": "!", "e": "AQAB"}, secret, "text", None]
    framework.keys = [*bad, jwk(KEY, "one"), jwk(OTHER_KEY, "enc", use="enc")]
    teams = start()
    assert teams.send(message()).status_code == 200
    assert teams.send(message(), key=OTHER_KEY, key_id="enc").status_code == 401


def test_a_framework_that_never_answers_costs_seconds_and_not_the_server(start, framework, monkeypatch):
    monkeypatch.setattr(keys, "SECONDS", 0.3)
    framework.pause = 2.0
    teams = start()
    assert teams.send(message()).status_code == 503
    assert ISSUER

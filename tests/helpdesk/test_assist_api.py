"""`POST /api/assist` over HTTP: who is let in, what is taken, what is refused and how."""

import json
import logging

import pytest
import requests
from helpdesk_api_server import OTHER_TOKEN, SECONDS, TOKEN, ApiServer

from bot.engine import UnusableFacts
from bot.helpdesk.api import Tokens

SECRET = "112233445566"
MAIL = f"Hello,\n\nSQL Server 2025 of ours crashes. We are Gold. Our Access ID is {SECRET}.\n\nRegards,\nAnn"


@pytest.fixture(scope="module")
def server(assistant):
    running = ApiServer(assistant.parse)
    yield running
    running.stop()
    assert running.failures == []


@pytest.fixture
def serve():
    """Return a function that starts a server which reads nothing into a text."""
    running = []

    async def parse(text):
        return {"text": text, "intent": {"name": "inform"}, "entities": [], "language": {"code": "en"}}

    def start(**settings):
        running.append(ApiServer(parse, **settings))
        return running[-1]

    yield start
    for server in running:
        server.stop()
        assert server.failures == []


def post(server, body, token=TOKEN, **headers):
    data = body if isinstance(body, (bytes, str)) else json.dumps(body)
    sent = {"Content-Type": "application/json", **({"Authorization": f"Bearer {token}"} if token else {}), **headers}
    return requests.post(f"{server.address}/api/assist", data=data, headers=sent, timeout=SECONDS)


def assert_refused(response, status, code, *said):
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == "application/json" and response.headers["Cache-Control"] == "no-store"
    document = response.json()
    assert document["error"] == code and set(document) <= {"error", "message", "retry_after"}
    for words in said:
        assert words in document["message"], document["message"]


def test_a_mail_is_answered_with_facts_questions_decision_and_reply(server):
    response = post(server, {"text": MAIL})
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    found = response.json()
    marked = {
        fact["fact"]: found["text"][fact["start"] : fact["end"]] for fact in found["facts"] if fact["start"] is not None
    }
    assert marked == {"product": "SQL Server", "version": "2025", "offer": "Gold"}
    assert [asked["fact"] for asked in found["missing"]] == ["contract_linked", "activated", "activation_role"]
    assert found["decision"] is None and found["reply"] is None and found["questions"].startswith("Hello,")
    assert found["redacted"] == ["access id"] and SECRET not in response.text
    told = {"contract_linked": "no", "activated": "yes"}
    decided = post(server, {"text": MAIL, "facts": told, "language": "nl", "on": "2026-11-22"}).json()
    assert decided["decision"]["route"] == "support_for_business" and decided["reply"].startswith("Goedendag,")
    assert {fact["fact"] for fact in decided["facts"] if fact["by_staff"]} == set(told)


def test_the_day_decides(server):
    text = "Our SQL Server 2019 crashes. We are Gold and the contract is linked."
    on = {day: post(server, {"text": text, "on": day}).json()["decision"]["reason"] for day in ("2021-06-30", "2026-11-22")}
    assert on == {"2021-06-30": None, "2026-11-22": "older_than_n_minus_1"} or on["2021-06-30"] is None != on["2026-11-22"]


def test_a_fact_may_be_taken_back_with_null(server):
    found = post(server, {"text": MAIL, "facts": {"offer": None}}).json()
    assert "offer" not in {fact["fact"] for fact in found["facts"]} and found["missing"][0]["fact"] == "offer"


@pytest.mark.parametrize(
    "body, status, code, said",
    [
        (b"", 400, "not_usable", "the body is not JSON"),
        (b"{", 400, "not_usable", "the body is not JSON"),
        (b"[]", 400, "not_usable", "not a JSON object"),
        (b'{"text": "\xff"}', 400, "not_usable", "not UTF-8"),
        (b'{"text": "a", "text": "b"}', 400, "not_usable", "a key twice"),
        (b'{"text": "\\ud800"}', 400, "not_usable", "half of a character"),
        (b"[" * 30_000, 400, "not_usable", "nested too deeply"),
        ({}, 422, "not_usable", "text: field required"),
        ({"text": ""}, 422, "not_usable", "text: "),
        ({"text": "x" * 20_001}, 422, "not_usable", "at most 20000 characters"),
        ({"text": 3}, 422, "not_usable", "text: str type expected"),
        ({"text": None}, 422, "not_usable", "text: "),
        ({"text": "x", "txt": "y"}, 422, "not_usable", "txt: extra fields not permitted"),
        ({"text": "x", "language": "de"}, 422, "not_usable", "language: unexpected value"),
        ({"text": "x", "on": "2026-02-30"}, 422, "not_usable", '"2026-02-30" is not a date; write YYYY-MM-DD'),
        ({"text": "x", "on": "tomorrow"}, 422, "not_usable", "on: "),
        ({"text": "x", "on": 20261122}, 422, "not_usable", "on: str type expected"),
        ({"text": "x", "facts": []}, 422, "not_usable", "facts: "),
        ({"text": "x", "facts": {"colour": "red"}}, 422, "not_usable", "facts.colour: extra fields not permitted"),
        ({"text": "x", "facts": {"offer": "golden"}}, 422, "not_usable", "facts.offer: unexpected value"),
        ({"text": "x", "facts": {"product": "sql_server", "version": "97"}}, 422, "not_usable", "fact"),
        (
            {"text": "x", "facts": {"product": "azure", "deployment": "on_premises"}},
            422,
            "not_usable",
            'fact "deployment" cannot be',
        ),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_body_that_cannot_be_used_is_refused_with_what_is_wrong(server, body, status, code, said):
    assert_refused(post(server, body), status, code, said)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
def test_a_body_of_another_kind_is_refused_as_a_form_of_another_site_would_be(server, kind):
    assert_refused(post(server, {"text": "x"}, **{"Content-Type": kind}), 415, "not_json", "application/json")


def test_a_body_is_json_whatever_its_charset_is_called(server):
    assert post(server, {"text": "SQL Server"}, **{"Content-Type": "application/JSON; charset=utf-8"}).status_code == 200


def test_a_body_that_is_too_large_is_refused_however_it_is_sent(server):
    body = json.dumps({"text": "x" * 70_000}).encode()
    whole = post(server, body)
    assert whole.status_code == 413 and "message" in whole.json()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"}
    pieces = (body[place : place + 4096] for place in range(0, len(body), 4096))
    try:
        sent = requests.post(f"{server.address}/api/assist", data=pieces, headers=headers, timeout=SECONDS)
    except requests.ConnectionError:  # refused before all of it was sent
        return
    assert sent.status_code == 413


@pytest.mark.parametrize(
    "token", [None, "x", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), f"{TOKEN},{OTHER_TOKEN}", "", "Bearer", "\u00e9" * 40]
)
def test_nobody_is_let_in_without_a_token_that_is_known(server, token):
    response = post(server, {"text": MAIL}, token=token.encode() if token and not token.isascii() else token)
    assert_refused(response, 401, "not_authenticated", "Authorization: Bearer", "TRIAGE_API_TOKENS", "openssl rand -hex 32")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_a_stranger_is_told_nothing_of_what_is_wrong_with_the_body(server):
    assert_refused(post(server, b"{", token=None), 401, "not_authenticated")
    assert_refused(post(server, "x", token=None, **{"Content-Type": "text/plain"}), 401, "not_authenticated")


def test_without_any_tokens_nobody_is_let_in(serve):
    bare = serve(tokens="")
    for token in (None, "", TOKEN, "0" * 64):
        assert_refused(post(bare, {"text": "x"}, token=token), 401, "not_authenticated", "openssl rand -hex 32")


@pytest.mark.parametrize("given", ["short", f"{TOKEN},short", f"{TOKEN}, {'x' * 31}", "\u00e9" * 40, "with a space " * 4])
def test_a_token_that_is_no_good_stops_the_start_and_is_not_repeated(given):
    with pytest.raises(UnusableFacts, match="token [12] of TRIAGE_API_TOKENS must be at least 32") as stopped:
        Tokens.given({"TRIAGE_API_TOKENS": given})
    assert "short" not in str(stopped.value) and "xxx" not in str(stopped.value)


def test_tokens_are_kept_as_digests_and_empty_ones_are_none():
    tokens = Tokens.given({"TRIAGE_API_TOKENS": f" {TOKEN} ,, {OTHER_TOKEN},{TOKEN}"})
    assert len(tokens.digests) == 2 and TOKEN not in repr(tokens)
    assert Tokens.given({}).digests == Tokens.given({"TRIAGE_API_TOKENS": " , "}).digests == ()


def test_a_token_that_asks_too_often_waits_and_another_does_not(serve):
    limited = serve(requests=(60, 3))
    answers = [post(limited, {"text": "x"}) for _ in range(5)]
    assert [answer.status_code for answer in answers][:3] == [200, 200, 200]
    refused = answers[-1]
    assert_refused(refused, 429, "too_fast", "Retry-After")
    assert int(refused.headers["Retry-After"]) >= 1 and refused.json()["retry_after"] > 0
    assert post(limited, {"text": "x"}, token=OTHER_TOKEN).status_code == 200


def test_an_address_that_guesses_tokens_waits(serve):
    limited = serve(tries=(60, 3))
    answers = [post(limited, {"text": "x"}, token=f"{number:040}").status_code for number in range(6)]
    assert answers[:3] == [401, 401, 401] and answers[-1] == 429
    assert post(limited, {"text": "x"}).status_code == 429  # nor does a right guess tell itself apart


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"])
def test_another_method_is_told_which_one_is_meant(server, method):
    response = requests.request(method, f"{server.address}/api/assist", timeout=SECONDS)
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")
    other = requests.request(method if method != "GET" else "POST", f"{server.address}/api/openapi.json", timeout=SECONDS)
    assert (other.status_code, other.headers["Allow"]) == (405, "GET")


def test_nothing_of_a_text_or_a_token_is_logged(server, caplog):
    with caplog.at_level(logging.DEBUG):
        for body in (
            {"text": MAIL},
            {"text": MAIL, "facts": {"product": "azure", "deployment": "on_premises"}},
            {"text": MAIL, "x": 1},
        ):
            post(server, body)
            post(server, body, token="g" * 40)
    assert not any(secret in caplog.text for secret in (SECRET, "SQL Server 2025", TOKEN, "g" * 40))


def test_requests_at_once_are_each_answered_with_their_own(server):
    from concurrent.futures import ThreadPoolExecutor

    products = ["SQL Server", "Exchange Server", "SharePoint Server", "Windows Server"] * 3
    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda name: post(server, {"text": f"{name} crashes since the update."}).json(), products))
    assert [one["text"].split(" crashes")[0] for one in found] == products
    assert [next(fact["shown"] for fact in one["facts"] if fact["fact"] == "product") for one in found] == products


def test_the_description_is_there_for_everybody_and_holds_what_a_program_needs(server):
    response = requests.get(f"{server.address}/api/openapi.json", timeout=SECONDS)
    assert response.status_code == 200 and response.headers["Cache-Control"] == "no-store"
    found = response.json()
    assert found["openapi"].startswith("3.0.") and set(found["paths"]) == {"/api/assist", "/api/openapi.json"}
    asked = found["components"]["schemas"]["AssistRequest"]
    assert asked["properties"]["text"]["maxLength"] == 20_000 and asked["additionalProperties"] is False
    assert set(found["paths"]["/api/assist"]["post"]["responses"]) == {"200", "400", "401", "413", "415", "422", "429"}
    assert "sql_server" in found["components"]["schemas"]["Facts"]["properties"]["product"]["enum"]

"""Tokens: one opens one conversation, for a time, and is replaced; nothing else opens it."""

import base64
import json
import time

import jwt
import pytest
import requests

from bot.database import Database
from bot.channels.transcript import Transcript
from bot.channels.widget.sessions import ALGORITHM, AUDIENCE, SECONDS_OF_GRACE, Refused, Sessions
from bot.settings import Settings, WidgetSettings
from tests.channels.conftest import SECRET, Client


def claims(client):
    return jwt.decode(client.token, options={"verify_signature": False})


def forged(client, key=SECRET, algorithm=ALGORITHM, **changes):
    changed = {**claims(client), **changes}
    return jwt.encode({name: value for name, value in changed.items() if value is not None}, key, algorithm=algorithm)


def unsigned(client):
    part = lambda found: base64.urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("=")  # noqa: E731
    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(client))}."


def forgeries(client):
    return {
        "none": "",
        "no token": "guessed",
        "no letters": "\xff\xfe.a.b",
        "another key": forged(client, key=b"another secret that is as long as the real one"),
        "another algorithm": forged(client, algorithm="HS512"),
        "no signature": unsigned(client),
        "a cut signature": client.token[:-4],
        "another audience": forged(client, aud="staff"),
        "no audience": forged(client, aud=None),
        "no end": forged(client, exp=None),
        "over": forged(client, exp=time.time() - 1),
        "a conversation that is not there": forged(client, sub="0" * 32),
        "a later generation": forged(client, gen=2),
        "an earlier generation": forged(client, gen=0),
        "the conversation's id": claims(client)["sub"],
    }


@pytest.mark.parametrize("kind", list(forgeries(type("Any", (), {"token": jwt.encode({"sub": "x", "gen": 1}, SECRET)}))))
def test_no_other_token_reads_or_writes_a_conversation(client, kind):
    stranger = Client(client.address, token=forgeries(client)[kind] or "x")
    if kind == "none":
        stranger.token = ""
    answers = [
        stranger.say("hello"),
        stranger.post("sessions/renew", {}),
        stranger.post("feedback", {"id": "feedback-id", "helped": True}),
        requests.get(f"{client.address}/widget/events", headers=stranger.headers(), timeout=10),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4
    assert {answer.json()["error"] for answer in answers} == {"no_session"}
    assert len(client.transcript()) == 1


def test_a_token_in_the_address_opens_nothing(client):
    for name in ("token", "access_token", "authorization"):
        answer = requests.get(f"{client.address}/widget/events", params={name: client.token}, timeout=10)
        assert answer.status_code == 401


def test_a_renewed_token_replaces_the_one_before(client):
    renewed = client.post("sessions/renew", {}).json()
    assert renewed["token"] != client.token
    after = Client(client.address, token=renewed["token"])
    assert after.say("hello").status_code == 202
    assert client.say("still in the moment of grace").status_code == 202
    assert client.post("sessions/renew", {}).json()["token"] != client.token, "a second tab gets a valid token too"
    assert after.say("and the first renewal stays good").status_code == 202


async def test_a_token_that_was_replaced_is_worth_nothing_after_the_moment_of_grace(tmp_path):
    now = [time.time()]
    transcript = Transcript(Database.in_file(tmp_path / "conversations.db"))
    sessions = Sessions(transcript, SECRET, 3600, 900, now=lambda: now[0])
    await transcript.create("conversation", "widget", "en")
    first = sessions.token("conversation", 1).text
    second = (await sessions.renew(first)).text
    assert (await sessions.session(first)).conversation.id == "conversation"
    now[0] += SECONDS_OF_GRACE + 1
    with pytest.raises(Refused):
        await sessions.session(first)
    assert (await sessions.session(second)).conversation.id == "conversation"


async def test_two_renewals_at_once_give_tokens_of_one_generation(tmp_path):
    transcript = Transcript(Database.in_file(tmp_path / "conversations.db"))
    sessions = Sessions(transcript, SECRET, 3600, 900)
    await transcript.create("conversation", "widget", "en")
    first = sessions.token("conversation", 1).text
    one, other = (await sessions.renew(first)).text, (await sessions.renew(first)).text
    generations = {(await sessions.session(token)).generation for token in (one, other)}
    assert generations == {2}


async def test_a_token_ends_at_its_time(tmp_path):
    now = [time.time()]
    transcript = Transcript(Database.in_file(tmp_path / "conversations.db"))
    sessions = Sessions(transcript, SECRET, 3600, 900, now=lambda: now[0])
    await transcript.create("conversation", "widget", "en")
    token = sessions.token("conversation", 1).text
    now[0] += 3599
    assert not sessions.is_over(await sessions.session(token))
    now[0] += 1
    with pytest.raises(Refused):
        await sessions.session(token)


def test_a_session_that_ends_while_the_stream_is_open_ends_the_stream(serve, monkeypatch):
    monkeypatch.setattr("bot.channels.widget.routes.SECONDS_BETWEEN_SIGNS", 0.2)
    server = serve(settings=Settings(widget=WidgetSettings(session_hours=2 / 3600)))
    client = Client(server.address)
    with client.stream() as stream:
        events = [event for event, _, _ in stream]
    assert events == ["message", "ready", "ended"]
    assert client.say("hello").json()["error"] == "no_session"


def test_a_stream_that_a_replaced_token_opened_ends_without_telling_more(client):
    with client.stream() as stream:
        next(stream), next(stream)
        for _ in range(2):  # the second renewal makes the first token worthless
            client.token = client.post("sessions/renew", {}).json()["token"]
        client.say("said after the token was replaced twice")
        assert next(stream, None) is None


def test_a_conversation_outlives_a_restart_of_the_server(serve):
    first = serve()
    client = Client(first.address)
    client.say("hello")
    assert len(client.messages(3)) == 3
    first.stop()
    again = Client(serve().address, token=client.token)
    assert [message["text"] for message in again.messages(3)][1:] == ["hello", "typed:hello"]


FOREIGN = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "http://127.0.0.1.evil.example"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_page_of_another_site_can_do_nothing_even_with_the_token(client, headers):
    assert client.post("messages", {"id": "message-id", "text": "hello"}, **headers).status_code == 403
    assert client.post("sessions", {"language": "en"}, **headers).status_code == 403
    answer = requests.get(f"{client.address}/widget/events", headers={**client.headers(), **headers}, timeout=10)
    assert answer.status_code == 403
    preflight = requests.options(f"{client.address}/widget/messages", headers=headers, timeout=10)
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_a_page_of_our_own_may(client):
    answer = client.post("messages", {"id": "message-id", "text": "hello"}, Origin=client.address)
    assert answer.status_code == 202


def test_the_token_is_in_no_address_and_no_cookie_is_set(client):
    answer = client.say("hello")
    assert "Set-Cookie" not in answer.headers
    assert client.token not in answer.url

"""The widget's channel over a real server: what is said once is stored once, answered once, and seen by its session only."""

import json
import socket
import sqlite3
import uuid
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest
import requests

from bot.channels.guard import LARGEST_BODY, LONGEST_TEXT
from bot.channels.message import Reply
from bot.channels.widget.routes import MOST_STREAMS
from bot.settings import LimitSettings, Settings
from tests.channels.conftest import Client, Echo, until


def texts(messages):
    return [message["text"] for message in messages]


def test_a_new_session_is_greeted_in_its_language(server):
    for language in ("en", "nl"):
        client = Client(server.address, language)
        (greeting,) = client.messages(1)
        assert greeting["text"] == f'pressed:/greet{{"language": "{language}"}}'
        assert (greeting["from"], greeting["seq"]) == ("assistant", 1)


def test_a_message_is_stored_then_answered(client):
    assert client.say("hello", "a-message-id").status_code == 202
    found = client.messages(3)
    assert [message["seq"] for message in found] == [1, 2, 3]
    assert (found[1]["from"], found[1]["text"], found[1]["id"]) == ("person", "hello", "a-message-id")
    assert (found[2]["from"], found[2]["text"]) == ("assistant", "typed:hello")
    assert found[2]["buttons"] == [{"title": "Yes", "payload": "/affirm"}]


def test_a_message_sent_again_counts_once(client, server):
    for _ in range(5):
        assert client.say("hello", "the-same-id").status_code == 202
    until(lambda: len(server.assistant.heard) >= 2)
    client.say("and then")
    assert texts(client.messages(5))[1:] == ["hello", "typed:hello", "and then", "typed:and then"]


def test_messages_are_answered_in_the_order_they_came(client, server):
    server.assistant.pause = 0.05
    for number in range(8):
        client.say(str(number))
    heard = [text for _, text in until(lambda: server.assistant.heard[8:] and server.assistant.heard)]
    assert heard[1:] == [f"typed:{number}" for number in range(8)]


def test_a_token_opens_its_own_conversation_only(server):
    one, other = Client(server.address), Client(server.address)
    one.say("mine")
    one.messages(3)
    assert texts(other.transcript()) == ['pressed:/greet{"language": "en"}']
    assert len({sender for sender, _ in server.assistant.heard}) == 2


def test_two_tabs_of_one_session_see_the_same(server, client):
    tab = Client(server.address, token=client.token)
    with tab.stream() as stream:
        take(stream, 2)
        client.say("hello")
        said = (document["text"] for event, document, _ in stream if event == "message")
        assert take(said, 2) == ["hello", "typed:hello"]


def take(stream, number):
    return [next(stream) for _ in range(number)]


def test_a_stream_that_breaks_goes_on_where_it_was(client):
    client.say("one")
    assert texts(client.messages(3))[-1] == "typed:one"
    client.say("two")
    assert texts(client.messages(2, after=3)) == ["two", "typed:two"]


@pytest.mark.parametrize("last", ["", "-1", "abc", "1e9", "99999999999999999999999", "²"])
def test_a_number_that_is_none_starts_from_the_beginning_or_the_end(client, last):
    with client.stream(last.encode().decode("latin-1")) as stream:
        assert next(stream)[0] in ("message", "ready")


def test_typing_is_told_while_an_answer_is_made(client, server):
    server.assistant.pause = 0.2
    with client.stream() as stream:
        take(stream, 2)
        client.say("hello")
        kinds = [(event, document.get("on")) for event, document, _ in take(stream, 4)]
    assert kinds == [("message", None), ("typing", True), ("message", None), ("typing", False)]


def test_a_button_counts_only_when_this_conversation_offered_it(client):
    assert client.press("/affirm").status_code == 202
    refused = client.press('/inform{"offer": "gold"}')
    assert (refused.status_code, refused.json()["error"]) == (400, "not_offered")
    assert client.press("/start_over", "Start over").status_code == 202
    assert client.press("/restart").status_code == 400
    assert texts(client.messages(5)) == [
        'pressed:/greet{"language": "en"}', "Yes", "pressed:/affirm", "Start over", "pressed:/start_over",
    ]


def test_typed_text_is_never_a_payload(client, server):
    client.say('/inform{"offer": "gold"}')
    client.messages(3)
    assert server.assistant.heard[-1][1] == 'typed:/inform{"offer": "gold"}'


@pytest.mark.parametrize("language, said", [("en", "too long"), ("nl", "te lang")])
def test_a_text_at_the_limit_passes_and_one_longer_is_refused_in_the_language_of_the_person(server, language, said):
    client = Client(server.address, language)
    assert client.say("x" * LONGEST_TEXT).status_code == 202
    refused = client.say("x" * (LONGEST_TEXT + 1))
    assert (refused.status_code, refused.json()["error"]) == (413, "too_long")
    assert said in refused.json()["message"] and str(LONGEST_TEXT) in refused.json()["message"]
    client.messages(3)
    assert len(server.assistant.heard) == 2


def test_a_body_over_the_limit_is_refused_before_it_is_read(server, client):
    connection = HTTPConnection(server.address.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/widget/messages")
    for name, value in {**client.headers(), "Accept-Language": "nl"}.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert "meer dan er in één keer" in json.load(answer)["message"]


BODIES = [
    b"", b"{", b"[]", b'"text"', b"null", b'{"id": 1, "text": "x"}', b'{"id": "12345678"}', b'{"text": "x"}',
    b'{"id": "12345678", "text": 5}', b'{"id": "short", "text": "x"}', b'{"id": "has a blank", "text": "x"}',
    b'{"id": "12345678", "payload": {}}', b"[" * 30_000, b"\xff\xfe", b'{"id": "12345678", "text": null}',
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:40].decode("latin-1"))
def test_a_body_that_is_no_message_is_refused_without_a_stack_trace(client, server, body):
    headers = {**client.headers(), "Content-Type": "application/json"}
    answer = requests.post(f"{server.address}/widget/messages", data=body, headers=headers, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (400, "not_usable")
    assert "Traceback" not in answer.text


LENGTHS = ["Content-Length: -1", "Content-Length: abc", "Content-Length: 2\r\nContent-Length: 3", "Transfer-Encoding: xchunked",
           "Content-Length: 2\r\nTransfer-Encoding: chunked", "Content-Length: \u00b2", "Content-Length: 99999999999"]  # fmt: skip


@pytest.mark.parametrize("length", LENGTHS)
def test_a_length_that_is_none_or_two_is_refused_and_the_server_goes_on(server, client, length):
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(f"POST /widget/messages HTTP/1.1\r\nHost: {host}\r\n{length}\r\n\r\n{{}}".encode("latin-1"))
        assert b" 400 " in connection.recv(1000)
    assert client.say("hello").status_code == 202


def test_methods_that_a_path_does_not_know_are_refused_and_head_is_known(server):
    assert requests.put(f"{server.address}/widget/messages", timeout=10).status_code == 405
    assert requests.options(f"{server.address}/widget/sessions", timeout=10).status_code == 405
    assert requests.head(f"{server.address}/widget.js", timeout=10).status_code == 200


def test_a_text_without_words_is_refused(client):
    refused = client.say("  \n ")
    assert (refused.status_code, refused.json()["error"]) == (400, "empty")


def test_feedback_and_a_message_may_have_the_same_id(client):
    client.post("feedback", {"id": "the-same-id", "helped": True, "word": ""})
    client.say("hello", "the-same-id")
    assert texts(client.messages(4))[2:] == ["hello", "typed:hello"]


def test_a_body_that_a_form_could_send_is_refused(client, server):
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = {**client.headers(), "Content-Type": kind}
        body = json.dumps({"id": uuid.uuid4().hex, "text": "hello"})
        assert requests.post(f"{server.address}/widget/messages", data=body, headers=headers, timeout=10).status_code == 400


def test_too_many_messages_are_refused_with_the_time_to_wait(serve):
    server = serve(settings=Settings(limits=LimitSettings(messages_per_minute=60, messages_burst=3)))
    client = Client(server.address, "nl")
    answers = [client.say(str(number)) for number in range(5)]
    assert [answer.status_code for answer in answers[:3]] == [202, 202, 202]
    refused = answers[-1]
    assert refused.status_code == 429
    assert refused.json()["retry_after"] > 0 and int(refused.headers["Retry-After"]) >= 1
    assert "Wacht" in refused.json()["message"]
    assert Client(server.address).say("another conversation").status_code == 202


def test_too_many_requests_of_one_address_are_refused(serve):
    server = serve(settings=Settings(limits=LimitSettings(requests_per_minute=1, requests_burst=5)))
    client = Client(server.address)
    codes = [client.say("x").status_code for _ in range(6)]
    assert codes[-1] == 429


def test_controls_and_hidden_signs_are_taken_out_before_anything_reads_the_text(client, server):
    client.say("on\x00e\u202e t\u200bwo\x1b[31m\r\nthree\ttabs 👩\u200d💻")
    assert texts(client.messages(3))[1:] == ["one two[31m\nthree\ttabs 👩\u200d💻", "typed:one two[31m\nthree\ttabs 👩\u200d💻"]


def test_secrets_are_taken_out_before_anything_reads_the_text_and_the_person_is_told(server):
    client = Client(server.address, "nl")
    client.say("mijn wachtwoord is Hunter2!xyz en het werkt niet")
    found = client.messages(4)
    assert "Hunter2" not in json.dumps(found)
    assert (found[2]["from"], found[2]["kind"]) == ("system", "privacy")
    assert "vertrouwelijks" in found[2]["text"]
    assert found[3]["text"] == "typed:mijn wachtwoord is [password] en het werkt niet"


def test_feedback_is_stored_with_the_conversation_once(client):
    body = {"id": "feedback-id", "helped": False, "word": "still blocked, mail me at jan@contoso.com"}
    assert [client.post("feedback", body).status_code for _ in range(2)] == [202, 202]
    given = client.transcript()[1:]
    assert [(one["kind"], one["helped"], one["text"]) for one in given if one["kind"] == "feedback"] == [
        ("feedback", False, "still blocked, mail me at [e-mail]")
    ]


@pytest.mark.parametrize("body", [{}, {"id": "feedback-id"}, {"id": "feedback-id", "helped": "yes"}, {"helped": True}])
def test_feedback_that_says_nothing_is_refused(client, body):
    assert client.post("feedback", body).status_code == 400


def test_a_word_of_feedback_has_a_limit(client):
    assert client.post("feedback", {"id": "feedback-id", "helped": True, "word": "x" * 501}).status_code == 413


def test_a_server_that_stops_in_the_middle_answers_when_it_is_back(serve):
    class Stuck(Echo):
        async def say(self, text, sender, message_id=None, language=None):
            raise SystemError("killed here")

    first = serve(Stuck())
    client = Client(first.address)
    assert client.say("hello").status_code == 202
    first.stop()
    second = serve()
    again = Client(second.address, token=client.token)
    assert texts(again.messages(3)) == ['pressed:/greet{"language": "en"}', "hello", "typed:hello"]


def test_an_answer_that_was_made_before_the_stop_is_not_made_twice(serve):
    class Stuck(Echo):
        async def say(self, text, sender, message_id=None, language=None):
            raise SystemError("killed after the dialogue had stored its turn")

    first = serve(Stuck())
    client = Client(first.address)
    client.say("hello", "message-id")
    first.stop()
    assistant = Echo()
    assistant.before["message-id"] = [Reply("as said before the stop")]
    second = serve(assistant)
    again = Client(second.address, token=client.token)
    assert texts(again.messages(3))[-1] == "as said before the stop"
    assert assistant.heard == []


def test_the_answers_of_a_turn_that_fails_do_not_stop_the_next_message(client, server):
    original = server.assistant.say

    async def fail(*given):
        server.assistant.say = original
        raise RuntimeError("once")

    server.assistant.say = fail
    client.say("one")
    until(lambda: server.assistant.say == original)
    client.say("two")
    assert texts(client.messages(5))[1:] == ["one", "two", "typed:one", "typed:two"]


def test_what_staff_say_reaches_the_person_once_and_is_kept(client, server):
    conversation = server.assistant.heard[0][0]
    with client.stream() as stream:
        take(stream, 2)
        server.push(conversation, "Hello, this is Anna of the helpdesk.")
        event, document, number = next(stream)
    assert (event, document["from"], document["text"]) == ("message", "staff", "Hello, this is Anna of the helpdesk.")
    assert len(client.transcript()) == 2
    client.say("hello Anna")
    assert texts(client.messages(2, after=int(number))) == ["hello Anna", "typed:hello Anna"]


def test_a_server_that_stops_lets_go_of_its_streams_at_once(client, server):
    with client.stream() as stream:
        take(stream, 2)
        server.stop()
        assert next(stream, None) is None


def test_buttons_of_the_turns_before_stay_usable_but_not_for_ever(client, server, monkeypatch):
    monkeypatch.setattr("bot.channels.gateway.MOST_LOOKED_THROUGH", 4)
    server.assistant.buttons = [{"title": "First", "payload": "/deny"}]
    client.say("one")
    client.messages(3)
    server.assistant.buttons = []
    client.say("two")
    client.messages(5)
    assert client.press("/deny").status_code == 202
    client.messages(7)
    client.say("three")
    client.messages(9)
    assert client.press("/deny").status_code == 400


def test_a_pressed_button_is_shown_with_the_title_that_was_offered(client):
    client.press("/affirm", "Something else that I made up")
    assert texts(client.messages(3))[1] == "Yes"


def test_an_answer_that_cannot_be_stored_is_stored_later_and_made_once(client, server, tmp_path):
    """Another program holds the database for longer than a transaction waits."""
    failing = {"times": 2}
    store = server.gateway.transcript.answer

    async def busy(*given):
        if failing["times"]:
            failing["times"] -= 1
            raise sqlite3.OperationalError("database is locked")
        await store(*given)

    server.gateway.transcript.answer = busy
    client.say("hello")
    assert texts(client.messages(3))[1:] == ["hello", "typed:hello"]
    assert [text for _, text in server.assistant.heard].count("typed:hello") == 1


def test_a_session_has_so_many_streams_and_the_oldest_is_told(client):
    with ExitStack() as tabs:
        oldest = tabs.enter_context(client.stream())
        take(oldest, 2)
        others = [tabs.enter_context(client.stream()) for _ in range(MOST_STREAMS)]
        assert [next(stream)[0] for stream in others] == ["message"] * MOST_STREAMS
        assert next(oldest)[0] == "displaced"
        assert next(oldest, None) is None

"""The chat page over a real server on loopback, with the conversation itself replaced by an echo."""

import json
import socket
import threading
import urllib.error
import urllib.request
from http.client import HTTPConnection

import pytest
from sanic import Sanic

from bot.channels.page import LONGEST_TEXT
from bot.server import LARGEST_BODY, application


class Echo:
    """Stands for the assistant: says back who said what."""

    async def say(self, text, sender):
        from bot.assistant import Reply

        return [Reply(f"{sender[:8]}:typed:{text}", [{"title": "Yes", "payload": "/affirm"}])]

    async def press(self, payload, sender):
        from bot.assistant import Reply

        return [Reply(f"{sender[:8]}:pressed:{payload}", [{"title": "Yes", "payload": "/affirm"}])]


@pytest.fixture(scope="module")
def server():
    import asyncio

    app = application(Echo())
    started, loop = threading.Event(), asyncio.new_event_loop()
    listener = socket.create_server(("127.0.0.1", 0))  # any free port: two runs of the tests may overlap

    def run():
        asyncio.set_event_loop(loop)
        serving = loop.run_until_complete(app.create_server(sock=listener, return_asyncio_server=True, access_log=False))
        loop.run_until_complete(serving.startup())
        started.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    assert started.wait(60)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    loop.call_soon_threadsafe(loop.stop)
    listener.close()
    Sanic._app_registry.clear()


def post(server, path, body):
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(server + path, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def session(server):
    return post(server, "/api/session", {})[1]["token"]


def test_a_session_answers_its_own_messages(server):
    status, answer = post(server, "/api/messages", {"token": session(server), "text": "hello"})
    assert status == 200
    assert answer["replies"][0]["text"].endswith(":typed:hello")
    assert answer["replies"][0]["buttons"] == [{"title": "Yes", "payload": "/affirm"}]


def test_two_sessions_are_two_conversations(server):
    replies = [post(server, "/api/messages", {"token": session(server), "text": "x"})[1] for _ in range(2)]
    senders = {reply["replies"][0]["text"].split(":")[0] for reply in replies}
    assert len(senders) == 2


def test_a_message_without_a_session_is_refused_and_says_what_to_do(server):
    for body in ({"text": "hello"}, {"token": "guessed", "text": "hello"}, {"token": 1, "text": "hello"}):
        status, answer = post(server, "/api/messages", body)
        assert status == 401
        assert "reload the page" in answer["message"]


def test_typed_text_never_becomes_a_payload(server):
    token = session(server)
    _, typed = post(server, "/api/messages", {"token": token, "text": '/inform{"offer": "gold"}'})
    assert typed["replies"][0]["text"].endswith(':typed:/inform{"offer": "gold"}')
    _, pressed = post(server, "/api/messages", {"token": token, "payload": "/affirm"})
    assert pressed["replies"][0]["text"].endswith(":pressed:/affirm")


def test_only_a_button_that_was_offered_in_this_conversation_is_taken(server):
    token = session(server)
    assert post(server, "/api/messages", {"token": token, "payload": "/affirm"})[0] == 400
    assert post(server, "/api/messages", {"token": token, "payload": "/greet"})[0] == 200
    assert post(server, "/api/messages", {"token": token, "payload": "/affirm"})[0] == 200
    assert post(server, "/api/messages", {"token": token, "payload": '/inform{"offer": "gold"}'})[0] == 400


def test_a_text_at_the_limit_passes_and_one_longer_is_refused(server):
    token = session(server)
    assert post(server, "/api/messages", {"token": token, "text": "x" * LONGEST_TEXT})[0] == 200
    status, answer = post(server, "/api/messages", {"token": token, "text": "x" * (LONGEST_TEXT + 1)})
    assert status == 413
    assert str(LONGEST_TEXT) in answer["message"]


def test_a_body_over_the_limit_is_refused(server):
    connection = HTTPConnection(server.removeprefix("http://"), timeout=10)
    connection.putrequest("POST", "/api/messages")
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders()
    assert connection.getresponse().status == 413


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"null", b'{"token": "x", "text": 5}'])
def test_a_body_that_is_no_message_is_refused_without_a_stack_trace(server, body):
    status, answer = post(server, "/api/messages", body)
    assert status in (400, 401)
    assert "Traceback" not in json.dumps(answer)


def test_the_page_allows_only_its_own_files_and_no_inline_code(server):
    with urllib.request.urlopen(server + "/", timeout=10) as answer:
        page, policy = answer.read().decode(), answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe-inline" not in policy
    assert "<style" not in page and "onclick" not in page and "http" not in page
    for name in ("chat.js", "chat.css"):
        with urllib.request.urlopen(f"{server}/{name}", timeout=10) as answer:
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/nope", "/../bot/server.py", "/static/page.py", "/webhooks/rest/webhook", "/model"])
def test_nothing_else_is_served(server, path):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server + path, timeout=10)
    assert refused.value.code == 404

"""A real server on loopback, with the dialogue itself replaced by an echo, and a client that speaks the widget's protocol."""

import asyncio
import json
import socket
import threading
import time
import uuid
from contextlib import contextmanager

import pytest
import requests
from sanic import Sanic
from sanic.touchup.service import TouchUp

from bot.channels.message import Reply
from bot.database import opened
from bot.helpdesk.assembly import Helpdesk
from bot.helpdesk.settings import HelpdeskSecrets
from bot.server import application
from bot.settings import NO_CREDENTIALS, Settings

SECRET = b"a secret that only the tests know, and nobody else"
SECONDS = 30  # how long what must happen is waited for


class Echo:
    """Stands for the assistant: says back who said what, and remembers what it was told."""

    def __init__(self):
        self.heard = []
        self.before = {}  # message id -> what was answered
        self.pause = 0.0
        self.language = "en"
        self.buttons = [{"title": "Yes", "payload": "/affirm"}]

    async def say(self, text, sender, message_id=None, language=None):
        return await self._reply(f"typed:{text}", sender, message_id)

    async def press(self, payload, sender, message_id=None, language=None):
        if payload.startswith("/greet"):
            self.language = json.loads(payload[len("/greet") :])["language"]
        return await self._reply(f"pressed:{payload}", sender, message_id)

    async def answered(self, message_id, sender):
        return self.before.get(message_id)

    async def _reply(self, text, sender, message_id):
        if self.pause:
            await asyncio.sleep(self.pause)
        self.heard.append((sender, text))
        replies = [Reply(text, self.buttons, language=self.language)]
        if message_id:
            self.before[message_id] = replies
        return replies


class Client:
    """One browser tab."""

    def __init__(self, address, language="en", token=None):
        self.address = address
        self.token = token or self.post("sessions", {"language": language}).json()["token"]

    def headers(self):
        return {"Authorization": f"Bearer {self.token}"} if getattr(self, "token", None) else {}

    def post(self, path, body, **headers):
        return requests.post(
            f"{self.address}/widget/{path}", json=body, headers={**self.headers(), **headers}, timeout=SECONDS
        )

    def say(self, text, message_id=None):
        return self.post("messages", {"id": message_id or uuid.uuid4().hex, "text": text})

    def press(self, payload, title="Yes"):
        return self.post("messages", {"id": uuid.uuid4().hex, "payload": payload, "title": title})

    @contextmanager
    def stream(self, after=None):
        """Give an iterator over (event, document, id); it ends when the server closes the stream."""
        headers = {**self.headers(), **({"Last-Event-ID": str(after)} if after is not None else {})}
        with requests.get(f"{self.address}/widget/events", headers=headers, stream=True, timeout=SECONDS) as response:
            assert response.status_code == 200, response.text
            yield events(response)

    def messages(self, number, after=None):
        """Return the messages with the next `number` numbers."""
        found = []
        with self.stream(after) as stream:
            for event, document, _ in stream:
                if event == "message":
                    found.append(document)
                if len(found) == number:
                    return found
        return found

    def transcript(self):
        """Return what is stored now."""
        found = []
        with self.stream() as stream:
            for event, document, _ in stream:
                if event == "ready":
                    return found
                if event == "message":
                    found.append(document)
        raise AssertionError("the stream ended before it was ready")


def events(response):
    fields = {}
    for line in response.iter_lines(chunk_size=1, decode_unicode=True):
        if not line:
            if "data" in fields:
                yield fields.get("event", "message"), json.loads(fields["data"]), fields.get("id")
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(": ")
            fields[name] = value


class Server:
    """The application in a thread of its own."""

    def __init__(
        self, assistant, database, settings=None, secret=SECRET, port=0, credentials=NO_CREDENTIALS, helpdesk=None
    ):
        """`database` is a file or an address; `helpdesk` the helpdesk's settings, None for a server without one."""
        self.assistant = assistant
        Sanic._app_registry.clear()
        self._database = opened(str(database))
        settings = settings or Settings()
        self.helpdesk = helpdesk and Helpdesk(self._database, helpdesk, HelpdeskSecrets(), settings, secret)
        self._app = application(assistant, self._database, secret, settings, credentials, self.helpdesk)
        self.gateway = self._app.ctx.gateway
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", port))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(60)

    def _run(self):
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            self._loop.close()  # its descriptors would add up over the tests

    async def _serve(self):
        self._stopped = asyncio.Event()
        made = self._app.create_server(sock=self._listener, return_asyncio_server=True, access_log=False)
        serving = await made
        await serving.startup()
        TouchUp._registry.clear()  # Sanic rewrites its classes when it starts, and fails when it does so twice
        await serving.before_start()
        await serving.after_start()
        self._started.set()
        await self._stopped.wait()
        await serving.before_stop()
        serving.close()
        for _ in range(20):  # as Sanic's own runner ends
            if not [connection for connection in serving.connections if not connection.close_if_idle()]:
                break
            await asyncio.sleep(0.05)
        for connection in list(serving.connections):
            connection.abort()
        await serving.after_stop()

    def push(self, conversation, text):
        """Say something in a conversation as a member of staff."""
        self.run(self.gateway.push(conversation, "staff", text))

    def run(self, work):
        """Return what a coroutine returns that runs in the server."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS)

    def stop(self):
        self._loop.call_soon_threadsafe(self._stopped.set)
        self._thread.join(SECONDS)
        assert not self._thread.is_alive()


@pytest.fixture
def serve(tmp_path):
    """Return a function that starts a server; several may follow each other over one database."""
    running = []

    def start(assistant=None, settings=None, database=None, **more):
        running.append(Server(assistant or Echo(), database or tmp_path / "conversations.db", settings, **more))
        return running[-1]

    yield start
    for server in running:
        if server._thread.is_alive():
            server.stop()
    Sanic._app_registry.clear()


@pytest.fixture
def server(serve):
    return serve()


@pytest.fixture
def client(server):
    return Client(server.address)


def until(condition, seconds=SECONDS, pause=0.02):
    """Wait until `condition` holds, looking every `pause` seconds; return its value."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(pause)
    raise AssertionError("it did not happen in time")

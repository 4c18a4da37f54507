"""The real server as a process of its own, partners' sites beside it, and a real browser: for the tests and the images."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGES = Path(__file__).parent / "pages"
DAY = "2026-11-22"
SECONDS_TO_START = 600  # the model may have to be trained first
SECONDS_TO_STOP = 30
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",  # nothing leaves this machine
]
# In people's browsers a page in a frame has a storage of its own for each site around it. Playwright turns that off, and
# Chromium then gives it none at all in a private window. This list takes the place of Playwright's.
FEATURES_OFF = (
    "AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,LensOverlay,MediaRouter,"
    "NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch"
)
SETTINGS = """\
widget:
  origins: {origins}
limits:
  messages_per_minute: 6000
  messages_burst: 1000
  requests_per_minute: 60000
  requests_burst: 10000
"""


class Server:
    """`triage serve` in its own process. It may be stopped or killed, and started again on its port and database."""

    def __init__(self, folder, origins=(), settings="", environment=None):
        """`folder` takes settings, database, key and log. `origins` are the sites that may show the widget.

        `settings` are more of them, as in channels.yml; `environment` is added to that of the tests.
        """
        self.database = folder / "conversations.db"
        self.key = folder / "conversations.key"
        self._log = folder / "server.log"
        self._settings = folder / "channels.yml"
        self._settings.write_text(SETTINGS.format(origins=json.dumps(list(origins))) + settings, encoding="utf-8")
        self._environment = {"TRIAGE_CHANNELS": str(self._settings), "TRIAGE_ON": DAY, **(environment or {})}
        self._port = 0
        self._process = None

    @property
    def address(self):
        return f"http://127.0.0.1:{self._port}"

    @property
    def is_running(self):
        return self._process is not None and self._process.poll() is None

    def start(self):
        """Start, and return when it listens."""
        self._port = self._port or _free_port()
        command = [Path(sys.executable).with_name("triage"), "serve", "--port", str(self._port), "--database", self.database]
        environment = {**os.environ, **self._environment, "PYTHONUNBUFFERED": "1"}
        with open(self._log, "ab") as log:
            before = log.tell()
            self._process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + SECONDS_TO_START
        while b"The assistant is at" not in (said := self._log.read_bytes()[before:]) or not self._answers():
            assert self.is_running, f"the server stopped: {said.decode()}"
            assert time.monotonic() < end, f"the server did not start: {said.decode()}"
            time.sleep(0.1)
        return self

    def _answers(self):
        """Say whether it takes connections: it listens before the assistant is loaded, and answers after it said so."""
        try:
            with socket.create_connection(("127.0.0.1", self._port), timeout=5) as connection:
                connection.sendall(b"GET /widget.js HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return connection.recv(12).endswith(b"200")
        except OSError:
            return False

    def kill(self):
        """End it without a warning, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self):
        """End it as an administrator would."""
        self._end(signal.SIGTERM)

    def _end(self, kind):
        if self.is_running:
            self._process.send_signal(kind)
            try:
                self._process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(SECONDS_TO_STOP)

    def stored(self, conversation=None):
        """Return the documents of the messages in the database: of one conversation, or of the one that began last."""
        with self._reading() as database:
            if conversation is None:
                conversation = self._last(database)
            rows = database.execute("SELECT document FROM chat_message WHERE conversation = ? ORDER BY seq", (conversation,))
            return [json.loads(document) for (document,) in rows]

    def last_conversation(self):
        """Return the id of the conversation that began last."""
        with self._reading() as database:
            return self._last(database)

    def add(self, **document):
        """Put a message of the assistant into the conversation that began last, as if it had said it."""
        whole = {
            "id": None, "from": "assistant", "kind": "answer", "language": "en", "at": "2026-11-22T12:00:00+00:00",
            "buttons": [], "sources": [], "progress": None, "ask_feedback": False, **document,
        }  # fmt: skip
        with _database(self.database, "rw") as database:
            conversation = self._last(database)
            (seq,) = database.execute(
                "SELECT max(seq) + 1 FROM chat_message WHERE conversation = ?", (conversation,)
            ).fetchone()
            database.execute(
                "INSERT INTO chat_message (conversation, seq, message_id, state, payload, stored_at, document) "
                "VALUES (?, ?, ?, 'answered', NULL, ?, ?)",
                (conversation, seq, whole["id"], time.time(), json.dumps(whole)),
            )

    def replace_session(self):
        """Make the token of the conversation that began last worth nothing, as if it had been renewed twice since."""
        with _database(self.database, "rw") as database:
            conversation = self._last(database)
            database.execute("UPDATE chat_conversation SET generation = generation + 2 WHERE id = ?", (conversation,))

    @staticmethod
    def _last(database):
        latest = "SELECT id FROM chat_conversation ORDER BY created_at DESC, rowid DESC LIMIT 1"
        return database.execute(latest).fetchone()[0]

    def _reading(self):
        return _database(self.database, "ro")


@contextmanager
def _database(path, mode):
    database = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, timeout=10)
    try:
        with database:
            yield database
    finally:
        database.close()


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Site:
    """A partner's site on http://localhost:PORT: another origin, and another site, than the server's 127.0.0.1."""

    def __init__(self):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
        self._server.widget = ""
        self._server.received = []
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"http://localhost:{self._server.server_address[1]}"

    def embed(self, address):
        """Say where the widget comes from."""
        self._server.widget = address

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Page(BaseHTTPRequestHandler):
    """/<name> is pages/<name>.html, with the widget's address filled in."""

    def do_GET(self):
        file = PAGES / f"{self.path.strip('/').partition('?')[0]}.html"
        if self.path == "/favicon.ico" or file.parent != PAGES or not file.is_file():
            self.send_response(204)
            self.end_headers()
            return
        page = file.read_text(encoding="utf-8").replace("WIDGET", self.server.widget).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *arguments):
        pass


def launch(chromium_type, stores=True):
    """Return a running Chromium of the system; with `stores` off, pages in frames may store nothing."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise AssertionError("the tests in a browser need Chromium: apt install chromium")
    switches = [*SWITCHES, f"--disable-features={FEATURES_OFF}"] if stores else SWITCHES
    return chromium_type.launch(executable_path=chromium, args=switches)

"""The server is killed at any moment: what was acknowledged is there, once, and is answered, once."""

import random
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.channels.conftest import Client

PROJECT = Path(__file__).resolve().parents[2]
KILLS = 4
MESSAGES = 40


class Killed:
    """A server process over one database and one port."""

    def __init__(self, database, *more):
        """`database` is a file or an address; `more` goes to the process."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self._given = [str(database), *more]
        self.start()

    def start(self):
        command = [sys.executable, "-m", "tests.channels.killed_server", str(self.port), *self._given]
        self._process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout.readline() == "ready\n"
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)

    def kill(self):
        self._process.kill()
        self._process.wait()


def test_nothing_acknowledged_is_lost_or_doubled_however_often_the_server_is_killed(tmp_path):
    moments = random.Random(4)
    server = Killed(tmp_path / "conversations.db")
    try:
        client = Client(server.address)
        acknowledged = []
        kills = sorted(moments.sample(range(MESSAGES), KILLS))
        for number in range(MESSAGES):
            if kills and number == kills[0]:
                kills.pop(0)
                time.sleep(moments.random() * 0.03)  # somewhere between storing, answering and storing the answer
                server.kill()
                server.start()
            text = f"message {number}"
            for _ in range(2):  # a retry after an answer that was lost carries the same id
                try:
                    assert client.say(text, f"message-{number:04d}").status_code == 202
                except requests.RequestException:
                    continue
            acknowledged.append(text)
        server.kill()
        server.start()
        expected = 1 + 2 * len(acknowledged)
        found = client.messages(expected)
        assert [message["seq"] for message in found] == list(range(1, expected + 1))
        said = [message["text"] for message in found if message["from"] == "person"]
        answered = [message["text"] for message in found[1:] if message["from"] == "assistant"]
        assert said == acknowledged
        assert sorted(answered) == sorted(f"typed:{text}" for text in acknowledged)
    finally:
        server.kill()

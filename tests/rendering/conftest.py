"""The forms of a message, and Microsoft's renderer of cards."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.npm import install

NODE = Path(__file__).resolve().parent / "node"


class Drawing:
    """Microsoft's renderer in a process of its own. Fails when Node is missing: cards are not taken on trust."""

    def __init__(self):
        install(NODE)
        self._process = subprocess.Popen(
            ["node", "draw.mjs"], cwd=NODE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def __call__(self, card):
        """Return what is seen of a card: its text, buttons, inputs, options, links, and what the renderer found wrong."""
        self._process.stdin.write(json.dumps(card) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the renderer stopped"
        return json.loads(line)

    def close(self):
        self._process.stdin.close()
        self._process.wait(30)


@pytest.fixture(scope="session")
def draw():
    drawing = Drawing()
    yield drawing
    drawing.close()


@pytest.fixture(scope="session")
def words(wording):
    """Return the text of a response in a language."""
    return wording.text

"""A store of real conversations, a store of made-up ones, and a copy of the project to learn in."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Dict, List

import pytest

from bot.assistant import PROJECT
from bot.database import Database

from made_store import EVALUATED, bot, make_store, slot, user

VAGUE = ["what about the levels", "benefits page question", "activation and roles"]
EXAMPLES = 60  # of each intent; `triage check` wants 40
GIBBERISH = ["qzx vbnm wrtp", "wxcq plok zzrt mnbv", "flimp gorx tazzle", "hrmpf xxq zzk", "klaatu barada nikto verata"]


@pytest.fixture(scope="session")
def real_store(tmp_path_factory) -> Path:
    """What the real assistant stored of conversations with refused, confirmed and corrected messages.

    Any trained model will do, so that these tests can run while the training data is being written.
    """
    from bot.assistant import Assistant, newest_model
    from bot.talk import trained_model

    path = tmp_path_factory.mktemp("store") / "conversations.db"
    assistant = Assistant(newest_model() or trained_model(), Database.in_file(path))
    loop = asyncio.new_event_loop()

    def say(sender: str, *texts: str) -> List[Dict[str, str]]:
        buttons: List[Dict[str, str]] = []
        for text in texts:
            replies = loop.run_until_complete((assistant.press if text.startswith("/") else assistant.say)(text, sender))
            buttons = [button for reply in replies for button in reply.buttons]
        return buttons

    for number, text in enumerate([*GIBBERISH, *VAGUE]):
        offered = [one["payload"] for one in say(f"refused{number}", text)]
        readings = [
            payload for payload in offered if payload not in ("/request_human", "/start_over") and "{" not in payload
        ]
        if readings:
            say(f"refused{number}", readings[-1])
    say("corrected", "our exchange 2016 server of a client is down", "no sorry, I meant exchange 2019", "/start_over")
    say("secret", "wat met die nummers en de pagina, mijn access id is A1B2C3D4E5", "nee sorry, ik bedoelde silver")
    say("secret2", "tell me about the stuff you get, password: Tr0ub4dor, card 4111 1111 1111 1111", "jan@contoso.com", "no sorry, I meant gold")
    say("unhappy", "hoe koppel ik het contract?", "nee, dat was nutteloos, slecht antwoord")
    say("fine", "hello", "thanks, bye")
    loop.close()
    return path


def shortened(text: str) -> str:
    """Return training data with the first examples of each intent: all of them take seconds to read, many times over."""
    kept, count = [], 0
    for line in text.splitlines(keepends=True):
        count = count + 1 if line.startswith("    - ") else 0
        if count <= EXAMPLES:
            kept.append(line)
    return "".join(kept)


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A copy of what the review reads and writes, with one evaluation sentence; `triage review` uses it too.

    The encoder is switched off, but where a test says otherwise: it takes many seconds to load.
    """
    root = tmp_path / "project"
    for part in ("data", "domain"):
        shutil.copytree(PROJECT / part, root / part)
    for path in (root / "data").glob("nlu*.yml"):
        path.write_text(shortened(path.read_text(encoding="utf-8")), encoding="utf-8")
    (root / "config.yml").write_text("pipeline:\n  - {name: x, sentence_encoder: false}\n", encoding="utf-8")
    sentences = root / "tests" / "sentences" / "en" / "openings.jsonl"
    sentences.parent.mkdir(parents=True)
    line = {"text": EVALUATED, "lang": "en", "intent": "ask_ids", "entities": []}
    sentences.write_text(json.dumps(line) + "\n", encoding="utf-8")
    monkeypatch.setattr("bot.assistant.PROJECT", root)
    monkeypatch.setattr("bot.assistant.DATABASE", root / "conversations.db")
    return root


@pytest.fixture
def store(project) -> Path:
    """A store of made-up conversations, at its usual place."""
    refused = {"intent": "nlu_fallback", "decision": "refuse"}
    return make_store(
        project / "conversations.db",
        [user("grumble about the snozzcumber", **refused), bot("In other words?", "note", "/ask_ids", "/request_human"),
         user("/ask_ids"), bot("There.", "answer")],
        [user("grumble about the snozzcumbers", **refused), bot("In other words?", "note", "/ask_ids", "/start_over"),
         user("/start_over")],
        [user("the frobnicator of our client wobbles", "inform", "confirm"), bot("Which version?", "question"),
         user("no, it is 2019", "correct")],
        [slot("requested_slot", "product"), user("kwibus met slagroom graag", decision="confirm", language="nl")],
        [user("plain and understood"), bot("Fine.", "answer"), user("thank you", "thank")],
    )  # fmt: skip

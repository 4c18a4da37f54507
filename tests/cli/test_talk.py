"""triage parse, converse and evaluate: real processes with the trained model, and bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIAGE = str(Path(sys.executable).parent / "triage")


def run(*arguments, text=""):
    given = text if isinstance(text, bytes) else text.encode()
    environment = {**os.environ, "TRIAGE_ON": "2026-11-22"}
    return subprocess.run([TRIAGE, *arguments], input=given, capture_output=True, env=environment, timeout=240)


def test_parse_answers_every_line_and_survives_bytes_that_are_no_text(assistant):
    lines = b'Exchange 2019 is broken\n/inform{"product": "nope"}\n\xff\xfe broken\nwij zijn gold\n'
    done = run("parse", "--json", text=lines)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, len(answers)) == (0, 4)
    first, payload, _, last = answers
    assert list(first) == ["text", "language", "intent", "confidence", "decision", "ranking", "entities"]
    assert [(e["entity"], e["value"]) for e in first["entities"]] == [("product", "exchange_server"), ("version", "2019")]
    assert first["decision"] in ("accept", "confirm", "refuse")
    assert [e["value"] for e in payload["entities"]] != ["nope"]
    assert last["language"] == "nl"


def test_parse_takes_the_open_question_into_account(assistant):
    (answer,) = [
        json.loads(line) for line in run("parse", "--json", "--asked", "version", text="2016\n").stdout.splitlines()
    ]
    assert (answer["intent"], answer["decision"]) == ("inform", "accept")
    refused = run("parse", "--asked", "versoin", text="2016\n")
    assert refused.returncode == 2
    assert b'did you mean "version"?' in refused.stderr


def test_converse_plays_a_script_to_its_outcome(assistant, tmp_path):
    script = tmp_path / "script.yml"
    script.write_text("- SQL Server 2022 at our customer is down, we are gold\n- yes it is linked already\n")
    done = run("converse", str(script), "--json")
    played = json.loads(done.stdout)
    assert done.returncode == 0
    assert played["outcome"]["route"] == "support_for_business"
    assert played["facts"]["offer"] == "gold"
    assert [turn["user"][:3] for turn in played["turns"]] == ["SQL", "yes"]


@pytest.mark.parametrize(
    "content, said",
    [
        (None, "cannot be read"),
        ("a: 1\n", "must be a YAML list"),
        ("- [1\n", "is not YAML"),
        ("[" * 3000, "is not YAML"),
        ("", "must be a YAML list"),
    ],
)
def test_a_script_that_cannot_be_used_is_refused_in_one_line(tmp_path, content, said):
    script = tmp_path / "script.yml"
    if content is not None:
        script.write_text(content)
    done = run("converse", str(script))
    assert done.returncode == 2
    assert said in done.stderr.decode() and done.stderr.count(b"\n") == 1


def test_evaluate_scores_labelled_sentences_and_draws_the_confusion(assistant, tmp_path):
    sentences = tmp_path / "sentences.jsonl"
    rows = [
        {
            "text": "Exchange 2019 is broken",
            "lang": "en",
            "intent": "request_support",
            "entities": [{"entity": "product", "value": "exchange_server"}, {"entity": "version", "value": "2019"}],
        },
        {"text": "thank you very much", "lang": "en", "intent": "thank", "entities": []},
        {"text": "dank je wel", "lang": "nl", "intent": "thank", "entities": []},
    ]
    sentences.write_text("\n".join(json.dumps(row) for row in rows))
    done = run("evaluate", str(sentences), "--to", str(tmp_path / "out"), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"scores.json", "confusion_en.csv", "confusion_nl.csv"}


def test_a_wrong_day_in_the_environment_is_said_once():
    done = subprocess.run([TRIAGE, "check"], capture_output=True, env={**os.environ, "TRIAGE_ON": "tomorrow"}, timeout=60)
    assert (done.returncode, done.stderr) == (2, b'triage: "tomorrow" is not a date; write YYYY-MM-DD\n')


def test_serve_says_when_the_port_is_taken(assistant):
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 2
    assert b"choose another --port" in done.stderr and done.stderr.count(b"\n") == 1

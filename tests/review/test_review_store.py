"""Which messages of a store are taken, why, and with what around them; what cannot be read is said in one line."""

import json
import os
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bot import cli
from bot.assistant import PROJECT
from bot.engine import UnusableFacts
from bot.review.candidates import CHOSE_ANOTHER, CONFIRMED, CORRECTED, REFUSED, UNHAPPY, candidates
from bot.review.store import conversations

from made_store import bot, make_store, slot, user


def taken(path):
    return {one.text: one for one in candidates(conversations(path))}


def typed(path):
    """Return (sender, text, parse data) of what was typed, read without the code under test."""
    rows = sqlite3.connect(path).execute("SELECT sender_id, data FROM events WHERE type_name = 'user' ORDER BY id")
    events = [(sender, json.loads(data)) for sender, data in rows]
    return [(sender, event["text"], event["parse_data"]) for sender, event in events if not event["text"].startswith("/")]


def test_messages_that_the_real_assistant_refused_confirmed_or_had_corrected_are_taken(real_store) -> None:
    found = taken(real_store)
    messages = [(sender, text, parsed) for sender, text, parsed in typed(real_store) if not sender.startswith("secret")]
    refused = {text for _, text, parsed in messages if parsed["decision"] == "refuse"}
    confirmed = {text for _, text, parsed in messages if parsed["decision"] == "confirm"}
    assert refused, "the model refused nothing: the test shows nothing"
    assert {text for text, one in found.items() if REFUSED in one.why and "[" not in text} == refused
    assert confirmed <= {text for text, one in found.items() if CONFIRMED in one.why}
    assert CORRECTED in found["our exchange 2016 server of a client is down"].why
    assert not any(text.startswith("/") for text in found)
    assert "hello" not in found


def test_a_reading_chosen_in_the_real_conversation_is_the_suggestion(real_store) -> None:
    chosen = [one for one in taken(real_store).values() if CHOSE_ANOTHER in one.why]
    assert chosen, "no button was offered: the test shows nothing"
    for one in chosen:
        assert f"person: /{one.suggestion}" in one.after
        assert one.suggested[0] == one.suggestion


def test_context_is_the_open_question_the_message_before_the_readings_and_what_came_next(tmp_path) -> None:
    store = make_store(
        tmp_path / "s.db",
        [bot("Hello."), bot("Which product?", "question"), slot("requested_slot", "product"),
         user("the blue one", decision="refuse"), bot("Sorry?"), user("exchange")],
    )  # fmt: skip
    one = taken(store)["the blue one"]
    assert (one.asked, one.before) == ("product", "Which product?")
    assert one.read == (("inform", 0.6), ("ask_ids", 0.3), ("deny", 0.1))
    assert one.after == ("bot: Sorry?", "person: exchange")


@pytest.mark.parametrize(
    ("events", "why"),
    [
        ([user("it broke"), user("no, 2019", "correct")], (CORRECTED,)),
        ([user("it broke"), user("gold"), user("no, 2019", "correct")], (CORRECTED,)),
        ([user("it broke"), user("gold"), user("ok"), user("no, 2019", "correct")], ()),
        ([user("it broke"), {"event": "session_started"}, user("no, 2019", "correct")], ()),
        ([user("it broke"), bot("So.", "answer"), user("bad", "give_feedback")], (UNHAPPY,)),
        ([user("it broke"), bot("No.", "verdict"), user("nee", "deny")], (UNHAPPY,)),
        ([user("it broke"), bot("Gold?", "question"), slot("requested_slot", "offer"), user("nee", "deny")], ()),
        ([user("it broke"), bot("So.", "answer"), slot("requested_slot", "offer"), user("nee", "deny")], ()),
        ([user("it broke", decision="confirm"), bot("So.", "verdict", "/deny"), user("/deny")], (CONFIRMED, UNHAPPY)),
        ([user("it broke", decision="refuse"), bot("Eh?", "note", "/ask_ids"), user("/ask_ids")], (REFUSED, CHOSE_ANOTHER)),
        ([user("it broke", decision="refuse"), bot("What?", "note", "/ask_ids"), user("/greet")], (REFUSED,)),
        ([user("it broke", decision="refuse"), bot("What?", "note", "/request_human"), user("/request_human")], (REFUSED,)),
        ([user("it broke", decision="confirm"), bot("So.", "next", "/ask_ids"), user("/ask_ids")], (CONFIRMED,)),
        ([user("it broke", intent="nlu_fallback", decision="")], (REFUSED,)),
        ([user("it broke")], ()),
    ],
)  # fmt: skip
def test_a_message_is_taken_for_a_reason(tmp_path, events, why) -> None:
    found = taken(make_store(tmp_path / "s.db", events))
    assert (found["it broke"].why if "it broke" in found else ()) == why


def test_the_same_text_is_one_message_however_often_it_was_typed(tmp_path) -> None:
    once = [user("it  broke", decision="refuse")]
    chosen = [user("it broke", decision="refuse"), bot("What?", "note", "/ask_ids"), user("/ask_ids")]
    (one,) = taken(make_store(tmp_path / "s.db", once, chosen, once)).values()
    assert (one.times, one.suggestion) == (3, "ask_ids")


def test_signatures_and_texts_of_nothing_but_secrets_are_left_out(tmp_path) -> None:
    signed = [user("the thing broke\nKind regards,\nJan Jansen", decision="refuse")]
    secret = [user("jan@contoso.com 4111111111111111", decision="refuse")]
    assert list(taken(make_store(tmp_path / "s.db", signed, secret))) == ["the thing broke"]


def broken_stores(folder, real_store):
    """Yield (path, part of the message) of files that are no usable store."""
    yield folder / "missing.db", "is missing"
    yield folder, "is a folder"
    text = folder / "text.db"
    text.write_text("this is no database at all, but long enough to have a header " * 20)
    yield text, "is no conversation store"
    (folder / "empty.db").touch()
    yield folder / "empty.db", "is no conversation store"
    foreign = folder / "foreign.db"
    sqlite3.connect(foreign).execute("CREATE TABLE songs (title TEXT)").connection.commit()
    yield foreign, "is no conversation store"
    whole = real_store.read_bytes()
    for part in (len(whole) // 2, len(whole) - 5000, 5000, 200):
        cut = folder / f"cut{part}.db"
        cut.write_bytes(whole[:part])
        yield cut, "is damaged or cut off"
    rows = make_store(folder / "rows.db", [user("x")])
    sqlite3.connect(rows).execute('UPDATE events SET data = \'{"event": "us\'').connection.commit()
    yield rows, "row 1 of events holds no JSON object"


def test_a_store_that_cannot_be_read_gives_one_line_and_status_2(tmp_path, real_store, project) -> None:
    for path, part in broken_stores(tmp_path, real_store):
        result = CliRunner().invoke(cli.main, ["review", "--from", str(path)])
        assert result.exit_code == 2, path
        assert part in result.output and str(path) in result.output
        assert result.output.count("\n") == 1


def test_a_locked_store_gives_one_line(tmp_path) -> None:
    path = make_store(tmp_path / "s.db", [user("x")])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(UnusableFacts, match="is locked by another program"):
        list(conversations(path))
    holder.execute("ROLLBACK")
    assert list(conversations(path))


def test_reading_a_store_changes_nothing_in_it(store) -> None:
    before = store.read_bytes()
    assert taken(store)
    assert store.read_bytes() == before
    assert [path.name for path in store.parent.glob("conversations*")] == ["conversations.db"]


def test_odd_events_are_read_as_far_as_they_go(tmp_path) -> None:
    odd = [
        {"event": "user", "text": None, "parse_data": []},
        {"event": "user", "text": "it broke",
         "parse_data": {"intent": "x", "decision": "refuse", "intent_ranking": [1, {"name": 2}]}},
        {"event": "bot", "text": 7, "data": {"buttons": [3]}, "metadata": None},
        {"event": "slot"},
    ]  # fmt: skip
    assert list(taken(make_store(tmp_path / "s.db", odd))) == ["it broke"]


@pytest.mark.parametrize("source", [".", "/", "..", ""])
def test_a_folder_is_refused_as_a_store(project, source) -> None:
    for arguments in ([], ["--again"], ["--write", str(project / "out.yml")]):
        result = CliRunner().invoke(cli.main, ["review", "--from", source, *arguments])
        assert result.exit_code == 2, result.output
        assert "is a folder; name the file that `triage serve` writes" in result.output and result.output.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--from", "missing.db"], ["--accept", "missing.yml"], ["--accept", os.devnull]])
def test_a_path_that_cannot_be_used_is_said_before_anything_slow_is_loaded(arguments) -> None:
    code = f"""
import sys
from bot.cli import main
try:
    main(["review", *{arguments!r}])
finally:
    print([name for name in ("rasa", "spacy", "tensorflow", "sanic", "numpy") if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "[]\n")
    assert done.stderr.startswith("triage: ") and done.stderr.count("\n") == 1


def test_no_notices_of_tensorflow_are_printed(project, store) -> None:
    code = "from bot.cli import main; from bot.review import command; from pathlib import Path; "
    code += f"command.assistant.PROJECT = Path({str(project)!r}); "  # without the encoder, which takes long to load
    code += f"main(['review', '--from', {str(store)!r}, '--write', {str(store) + '.yml'!r}])"
    environment = {name: value for name, value in os.environ.items() if name != "TF_CPP_MIN_LOG_LEVEL"}
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, env=environment)
    assert (done.returncode, done.stderr) == (0, "")

"""What the terminal shows and takes, without a model: texts as typed, any line, a training that fails."""

import pytest
from rich.console import Console

from bot import talk
from bot.assistant import Reply
from bot.engine import UnusableFacts
from bot.given import number, printable, whole

BRACKETS = "exchange [/bold] 2019 [red]is[/red] down :warning: \\[x]"
OPTIONS = [{"title": BRACKETS, "payload": "/first"}, {"title": "Second", "payload": "/second"}]


def played(text, route="paid_support"):
    turn = {"user": text, "bot": [{"text": "Which one?", "buttons": OPTIONS}]}
    return {"turns": [turn], "facts": {}, "outcome": {"route": route}}


def test_what_was_typed_is_shown_as_it_was_typed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    talk.show_conversation(played(BRACKETS, "[/nowhere]"))
    shown = capsys.readouterr().out.splitlines()
    assert f"You: {BRACKETS}" in shown
    assert f"  1 {BRACKETS}" in shown and "  2 Second" in shown
    assert "Outcome: [/nowhere]" in shown


@pytest.mark.parametrize("typed, payload", [("1", "/first"), (" 02 ", "/second"), ("٢", "/second")])
def test_a_number_chooses_an_option(typed, payload):
    assert talk._chosen(typed, OPTIONS) == payload


@pytest.mark.parametrize("typed", ["9" * 5000, "0" * 5000 + "1", "3", "0", "-1", "²", "", "one"], ids=lambda typed: typed[:9])
def test_what_names_no_option_chooses_none(typed):
    assert talk._chosen(typed, OPTIONS) is None


@pytest.mark.parametrize(
    "written, messages",
    [
        (r'- "\ud800 hi"', ["\ufffd hi"]),
        (r'- "\ud83d\ude00 hi"', ["\U0001f600 hi"]),
        ("- " + "9" * 5000, ["9" * 5000]),
        ("- 3.10\n- yes\n- 2019-99-99", ["3.10", "yes", "2019-99-99"]),
    ],
    ids=["half of a character", "a character in halves", "a long number", "words of YAML"],
)
def test_a_script_is_played_as_it_is_written(tmp_path, written, messages):
    script = tmp_path / "script.yml"
    script.write_text(written)
    assert talk.read_script(str(script)) == messages
    talk.show_conversation(played(messages[0]))


@pytest.mark.parametrize("written", ["- {a: b}", "- [a]", "hi"])
def test_a_script_of_anything_but_messages_is_refused(tmp_path, written):
    script = tmp_path / "script.yml"
    script.write_text(written)
    with pytest.raises(UnusableFacts, match="must be a YAML list of messages"):
        talk.read_script(str(script))


class GraphComponentException(Exception):
    """As Rasa raises around what a component raised."""


@pytest.mark.parametrize(
    "cause, said",
    [
        (ValueError("no [/examples]\nat all"), "ValueError no [/examples] at all"),
        (KeyError(), "KeyError"),
        (None, "GraphComponentException Error running graph component"),
    ],
)
@pytest.mark.parametrize("start", [talk.train_with_progress, talk.trained_model])
def test_a_training_that_fails_is_said_in_a_line(monkeypatch, capsys, start, cause, said):
    def fail(progress):
        progress("step [/1]")
        raise GraphComponentException("Error running graph component") from cause

    monkeypatch.setattr(talk, "train", fail)
    monkeypatch.setattr(talk, "is_stale", lambda model: True)
    with pytest.raises(SystemExit) as stopped:
        start()
    lines = capsys.readouterr().err.splitlines()
    assert stopped.value.code == 1
    assert [line for line in lines if line.startswith(f"triage: the training failed: {said}; run `triage check`")]
    assert any(line.startswith("Training: step [/1]") for line in lines)
    assert "Traceback" not in "".join(lines)


def test_a_training_without_a_model_says_where_the_reason_stands(monkeypatch, capsys):
    def fail(progress):
        raise RuntimeError("training ended without a model; the lines above say why")

    monkeypatch.setattr(talk, "train", fail)
    with pytest.raises(SystemExit):
        talk.train_with_progress()
    assert "the training failed: training ended without a model; the lines above say why" in capsys.readouterr().err


def test_a_reply_with_brackets_is_shown(capsys):
    talk._show(Reply("You typed [/bold] and [red].", []), Console())
    assert "You typed [/bold] and [red]." in capsys.readouterr().out


def test_texts_are_made_safe():
    assert printable("a\nb\x1b\ud800 é") == "a?b?? é"
    assert whole("a\ud800b\ud83d\ude00") == "a\ufffdb\U0001f600"
    assert (number(" 7 "), number("seven"), number("9" * 5000)) == (7, None, None)

"""The way by the terminal: each label is kept at once, whatever comes after it."""

import os
import pty
import select
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bot import cli
from bot.review.candidates import Candidate
from bot.review.session import Review
from bot.review.terminal import Choice, choice
from bot.review.training import Label
from made_store import EVALUATED, make_store, user

REFUSED = "grumble about the snozzcumber"
CONFIRMED = "the frobnicator of our client wobbles"
DUTCH = "kwibus met slagroom graag"
ONE = Candidate("x", "en", (), None, "", (("inform", 0.5), ("ask_ids", 0.2)), (), "deny")
INTENTS = ["inform", "ask_ids", "deny", "greet"]


def triage(keys, *arguments):
    return CliRunner().invoke(cli.main, ["review", *map(str, arguments)], input=keys)


def under(project, text, file="nlu.yml"):
    """Return the intent that a text stands under, None when it stands nowhere."""
    intent = None
    for line in (project / "data" / file).read_text(encoding="utf-8").splitlines():
        intent = line.split("intent:")[1].strip() if "- intent:" in line else intent
        if line == f"    - {text}":
            return intent
    return None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("1", Choice("deny")),
        ("3", Choice("ask_ids")),
        ("greet", Choice("greet")),
        ("2 nl", Choice("inform", "nl")),
        ("4", "4 is no number"),
        ("0", "0 is no number"),
        ("gret", '"gret" is no intent; did you mean "greet"?'),
        ("", "type a number"),
        ("nl", '"nl" is no intent'),
        ("²", '"²" is no intent'),
        pytest.param("9" * 5000, "9999", id="a long number"),
        pytest.param("\x1b[31m" + "x" * 5000, '"?[31mxxx', id="a long word"),
    ],
)
def test_what_is_typed_is_a_number_or_an_intent_or_gets_a_remedy(typed, found) -> None:
    got = choice(typed, ONE, INTENTS)
    assert got == found if isinstance(found, Choice) else got.startswith(found) and len(got) < 500


def test_groups_are_shown_with_counts_context_and_suggestions(store) -> None:
    output = triage("q\n").output
    assert "Group 1 of 3: 2 different messages, typed 2 times" in output
    assert "1 ask_ids (chosen by the person)" in output
    assert "after, person: /ask_ids" in output


def test_a_number_labels_one_message_and_skip_is_remembered(project, store) -> None:
    result = triage("1\ns\nrequest_support\nq\n")
    assert result.exit_code == 0
    assert under(project, REFUSED) == "ask_ids"
    assert under(project, REFUSED + "s") is None
    assert under(project, CONFIRMED) == "request_support"
    again = triage("q\n").output
    assert DUTCH in again and REFUSED not in again and CONFIRMED not in again


def test_all_of_a_group_get_one_label(project, store) -> None:
    output = triage("a 1\nq\n").output
    assert "ask_ids: 2 added" in output and "Added 2 to data/nlu.yml" in output
    assert under(project, REFUSED) == under(project, REFUSED + "s") == "ask_ids"


def test_all_of_a_group_may_be_asked_for_apart(project, store) -> None:
    triage("a\nask_ids\nq\n")
    assert under(project, REFUSED + "s") == "ask_ids"


def test_a_mistyped_intent_is_asked_again(project, store) -> None:
    output = triage("ask_idz\n9\n?\nask_ids\nq\n").output
    assert 'did you mean "ask_ids"?' in output and "9 is no number" in output and "switch_language" in output
    assert under(project, REFUSED) == "ask_ids"


def test_the_language_may_be_corrected(project, store) -> None:
    triage("1 nl\nq\n")
    assert under(project, REFUSED, "nlu.nl.yml") == "ask_ids" and under(project, REFUSED) is None


def test_the_end_of_the_input_stops_and_keeps_what_was_labelled(project, store) -> None:
    assert triage("1\n").exit_code == 0
    assert under(project, REFUSED) == "ask_ids"
    assert REFUSED + "s" in triage("q\n").output


def test_bytes_that_are_no_text_are_asked_again(project, store) -> None:
    triage(b"\xff\xfe\n1\nq\n")
    assert under(project, REFUSED) == "ask_ids"


def test_a_memory_that_cannot_be_written_stops_before_anything_is_learned(project, store) -> None:
    before = {path: path.read_bytes() for path in (project / "data").iterdir()}
    review = Review(project, store)
    review.memory.symlink_to(project / "missing" / "memory")
    with pytest.raises(FileNotFoundError):
        review.learn([Label(REFUSED, "en", "ask_ids")])
    assert {path: path.read_bytes() for path in (project / "data").iterdir()} == before
    review.memory.unlink()
    review.memory.mkdir()
    result = triage("1\nq\n", "--again")
    assert result.exit_code == 2 and str(review.memory) in result.output
    assert {path: path.read_bytes() for path in (project / "data").iterdir()} == before


def test_nothing_is_learned_without_a_label(project, store) -> None:
    before = {path: path.read_bytes() for path in (project / "data").iterdir()}
    triage("q\n")
    triage("\n\nq\n")
    triage("s\ns\ns\ns\n")
    assert {path: path.read_bytes() for path in (project / "data").iterdir()} == before


def test_an_evaluation_sentence_is_refused_and_asked_again_while_the_rest_of_its_group_is_learned(project, store) -> None:
    near = EVALUATED.replace("since Tuesday", "since last Friday or so I guess")
    make_store(
        store, [user(EVALUATED, decision="refuse"), user(EVALUATED, decision="refuse"), user(near, decision="refuse")]
    )
    output = triage("a ask_ids\ns\n").output
    assert "ask_ids: 1 added" in output and "is in the evaluation set" in output
    assert under(project, near) == "ask_ids" and under(project, EVALUATED) is None
    assert "nothing to review" in triage("").output


def test_a_sentence_of_another_intent_is_refused_by_its_name(project, store) -> None:
    triage("1\nq\n")
    output = triage("deny\nq\n", "--again").output
    assert "it stands under ask_ids in data/nlu.yml" in output


def test_the_end_of_input_in_a_real_terminal_keeps_what_was_labelled(project, store) -> None:
    start = f"import bot.assistant as a; from pathlib import Path as P; a.PROJECT = P({str(project)!r}); "
    start += "a.DATABASE = a.PROJECT / 'conversations.db'; from bot.cli import main; main(['review'])"
    ours, theirs = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", start], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    shown = select.poll()
    shown.register(ours, select.POLLIN)

    def until(text: bytes) -> None:
        nonlocal seen
        while text not in seen:
            assert shown.poll(120_000), seen
            seen += os.read(ours, 4096)
        seen = seen[seen.index(text) + len(text) :]

    until(b"label> ")
    os.write(ours, b"1\n")
    until(b"ask_ids: 1 added")
    until(b"label> ")
    os.write(ours, b"\x04")  # Ctrl+D
    until(b"Added 1 to data/nlu.yml")
    assert process.wait(30) == 0
    os.close(ours)
    assert under(project, REFUSED) == "ask_ids"

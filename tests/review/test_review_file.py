"""The way by a file: written, labelled in an editor, read back whole or not at all."""

import json

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import cli
from bot.review.candidates import key_of
from made_store import EVALUATED, bot, make_store, user

REFUSED = "grumble about the snozzcumber"
CONFIRMED = "the frobnicator of our client wobbles"
DUTCH = "kwibus met slagroom graag"


def triage(*arguments, keys=None):
    return CliRunner().invoke(cli.main, ["review", *map(str, arguments)], input=keys)


@pytest.fixture
def written(project, store):
    """A file to label."""
    path = project / "review.yml"
    result = triage("--write", path)
    assert result.exit_code == 0, result.output
    return path


def label(path, **labels):
    """Write labels as a person does in an editor: after the word, below the text that begins so."""
    lines, current = path.read_text(encoding="utf-8").split("\n"), ""
    for number, line in enumerate(lines):
        if line.strip().startswith("text:"):
            current = next((intent for start, intent in labels.items() if line.split("text: ")[1].startswith(start)), "")
        if line.strip() == "label:" and current:
            lines[number] += f" {current}"
    path.write_text("\n".join(lines), encoding="utf-8")


def data(project):
    return {name: (project / "data" / name).read_text(encoding="utf-8") for name in ("nlu.yml", "nlu.nl.yml")}


def test_the_file_holds_text_language_context_suggestion_and_an_empty_label(written) -> None:
    entries = {entry["text"]: entry for entry in yaml.safe_load(written.read_text(encoding="utf-8"))["messages"]}
    assert set(entries) == {REFUSED, REFUSED + "s", CONFIRMED, DUTCH}
    assert all(entry["label"] is None for entry in entries.values())
    assert entries[REFUSED]["group"] == entries[REFUSED + "s"]["group"] == 1
    assert entries[REFUSED]["suggestion"] == "ask_ids"
    assert entries[DUTCH]["language"] == "nl" and "asked for: product" in entries[DUTCH]["context"]
    assert "after, person: no, it is 2019" in entries[CONFIRMED]["context"]
    assert "confirmed, corrected" in entries[CONFIRMED]["context"]


def test_labels_are_learned_by_language_and_reviewed_messages_do_not_come_again(project, written) -> None:
    before = data(project)
    label(written, grumble="ask_ids", kwibus="out_of_scope", the="skip")
    result = triage("--accept", written)
    assert result.exit_code == 0, result.output
    after = data(project)
    assert (
        f"    - {REFUSED}\n    - {REFUSED}s\n" in after["nlu.yml"]
        or f"    - {REFUSED}s\n    - {REFUSED}\n" in after["nlu.yml"]
    )
    assert f"    - {DUTCH}\n" in after["nlu.nl.yml"] and DUTCH not in after["nlu.yml"]
    assert CONFIRMED not in after["nlu.yml"]
    for name, text in after.items():
        assert "".join(x for x in text.splitlines(True) if REFUSED not in x and DUTCH not in x) == before[name]
    assert "nothing to review" in triage().output
    assert REFUSED in triage("--again", keys="q\n").output
    assert triage("--accept", written).exit_code == 0 and data(project) == after


def test_what_has_no_label_comes_again(project, written) -> None:
    label(written, kwibus="out_of_scope")
    assert triage("--accept", written).exit_code == 0
    output = triage(keys="q\n").output
    assert REFUSED in output and DUTCH not in output


@pytest.mark.parametrize(
    ("old", "new", "part"),
    [
        ("label:", "label: ask_idz", 'unknown intent "ask_idz"; did you mean "ask_ids"?'),
        ("text: kwibus", "text: kwubus", "key and text do not belong together"),
        ("language: nl", "language: fr", 'unknown language "fr"; write en or nl'),
        ("    suggestion:", "    sugestion:", 'unknown field "sugestion"; did you mean "suggestion"?'),
        ("    language: nl\n", "", "language is missing"),
        ("label:", "label: [a, b]", "label must be one intent"),
        ("label:", "label:\n    label:", "stands twice"),
        ("messages:", "massages:", "messages: must be a list"),
        ("messages:", "messages: [", "correct the YAML"),
        ("text: kwibus", "text: \x00kwibus", "is not YAML"),
        ("text: kwibus", 'text: "\\ud800" #', "key and text do not belong together"),
        ("label:", 'label: "\\ud800"', 'unknown intent "?"'),
    ],
)
def test_a_file_that_is_not_usable_is_said_with_the_entry_and_teaches_nothing(project, written, old, new, part) -> None:
    label(written, grumble="ask_ids")
    before = data(project)
    text = written.read_text(encoding="utf-8")
    at = text.rindex(old)
    written.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")
    result = triage("--accept", written)
    assert result.exit_code == 2
    assert part in result.output and str(written) in result.output
    assert data(project) == before
    assert not list(project.glob("*.reviewed"))


def test_an_entry_that_stands_twice_is_refused(project, written) -> None:
    text = written.read_text(encoding="utf-8")
    written.write_text(text + text[text.index("\n  - key:") :], encoding="utf-8")
    result = triage("--accept", written)
    assert result.exit_code == 2
    assert "entry 5: stands in entry 1 too; remove one" in result.output


def test_a_text_of_several_lines_is_said_on_one(project, written) -> None:
    text = 'grumble\nERROR \ud800 x'
    entry = json.dumps({"key": key_of(text), "text": text, "language": "en", "label": "ask_ids"})
    written.write_text(f"messages:\n- {entry}\n", encoding="utf-8")
    result = triage("--accept", written)
    assert result.exit_code == 2
    assert [line[:6] for line in result.output.splitlines()] == ["ERROR ", "Nothin"]
    assert "grumble?ERROR ? x" in result.output and "it is not as the review writes it" in result.output


def test_labels_are_not_learned_when_they_cannot_be_remembered(project, store, written) -> None:
    label(written, grumble="ask_ids", kwibus="skip")
    before = data(project)
    memory = store.with_name(f"{store.name}.reviewed")
    memory.symlink_to(project / "missing" / "memory")
    result = triage("--accept", written)
    assert result.exit_code == 2 and f"{memory}: No such file" in result.output
    assert data(project) == before


@pytest.mark.parametrize("content, part", [("", "must hold entries"), ("hello", "must hold entries"), (None, "is missing")])
def test_what_is_no_file_of_labels_is_said_with_the_remedy(project, content, part) -> None:
    path = project / "labels.yml"
    if content is not None:
        path.write_text(content)
    result = triage("--accept", path)
    assert result.exit_code == 2 and result.output.count("\n") == 1
    assert part in result.output and "name a file made with `triage review --write`" in result.output
    assert "knowledge" not in result.output


@pytest.mark.parametrize("store", ["/", "\\ud800", "\\0"])
def test_a_file_of_labels_with_a_store_that_is_none_is_refused(project, store) -> None:
    path = project / "labels.yml"
    path.write_text(f'store: "{store}"\nmessages: []\n')
    result = triage("--accept", path)
    assert result.exit_code == 2 and result.output.startswith("triage: ") and result.output.count("\n") == 1


def test_every_problem_is_said_at_once(written) -> None:
    label(written, grumble="ask_idz", kwibus="foo")
    assert triage("--accept", written).output.count("ERROR") == 3


def test_a_file_that_exists_is_not_overwritten(written) -> None:
    before = written.read_bytes()
    result = triage("--write", written)
    assert result.exit_code == 2 and "exists; --accept it first" in result.output
    assert written.read_bytes() == before


def test_an_evaluation_sentence_is_refused_and_nothing_of_the_file_is_learned(project, store) -> None:
    make_store(store, [user(EVALUATED, decision="refuse")], [user(REFUSED, decision="refuse")])
    path = project / "review.yml"
    triage("--write", path)
    label(path, My="ask_ids", grumble="ask_ids")
    before = data(project)
    result = triage("--accept", path)
    assert result.exit_code == 2 and "is in the evaluation set" in result.output
    assert data(project) == before


def test_a_store_elsewhere_keeps_its_memory_beside_it(project, store, tmp_path) -> None:
    other = make_store(tmp_path / "other.db", [user(REFUSED, decision="refuse")])
    path = project / "review.yml"
    assert triage("--from", other, "--write", path).exit_code == 0
    label(path, grumble="skip")
    assert triage("--accept", path).exit_code == 0
    assert "nothing to review" in triage("--from", other).output
    assert REFUSED in triage(keys="q\n").output


def test_a_limit_and_two_ways_at_once(project, store) -> None:
    triage("--limit", 1, "--write", project / "one.yml")
    assert len(yaml.safe_load((project / "one.yml").read_text())["messages"]) == 1
    assert triage("--write", "a", "--accept", "b").exit_code == 2
    assert triage("--limit", 0).exit_code == 2
    assert triage("--accept", project / "missing.yml").exit_code == 2


# Secrets

DIGITS = st.text("0123456789", min_size=7, max_size=11)
SPREAD = st.sampled_from(["", " ", "-", "\u200b", "\u2013", "\u00a0", "wide"])
SHAPES = [
    "my access id is {} and it fails",
    "Contract ID: {}",
    "het contractnummer is {} volgens mij",
    "toegangs-id = {}",
    "{} is my AID",
]


def spread(digits, how):
    if how == "wide":
        return "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in digits)
    return how.join(digits)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    digits=DIGITS, how=SPREAD, shape=st.sampled_from(SHAPES), where=st.sampled_from(["message", "before", "reply", "next"])
)
def test_a_planted_id_is_in_nothing_shown_written_or_learned(project, digits, how, shape, where) -> None:
    planted = shape.format(spread(digits, how))
    said = {"message": "the blue thing", "before": "Hello.", "reply": "Sorry?", "next": "ok", where: planted}
    store = make_store(
        project / "conversations.db",
        [
            bot(said["before"]),
            user("grumble, " + said["message"], decision="refuse"),
            bot(said["reply"]),
            user(said["next"]),
        ],
    )
    path = project / "review.yml"
    outputs = [triage(keys="q\n").output, triage("--write", path).output, path.read_text(encoding="utf-8")]
    before = data(project)
    outputs.append(triage(keys="a inform\nq\n").output)
    learned = "".join(set("".join(data(project).values()).split("\n")) - set("".join(before.values()).split("\n")))
    reviewed = store.with_name(store.name + ".reviewed")
    outputs += [learned, reviewed.read_text() if reviewed.exists() else ""]
    for name, text in before.items():
        (project / "data" / name).write_text(text, encoding="utf-8")
    path.unlink()
    reviewed.unlink(missing_ok=True)
    # Ten digits with a leading nought may as well be taken for a telephone number: gone is gone.
    assert any(f"[{kind}]" in outputs[2] for kind in ("access id", "contract id", "phone number"))
    for output in outputs[:2] + [outputs[2].split("messages:")[1]] + outputs[3:5]:
        assert digits not in "".join(sign for sign in output if sign.isdigit() or sign.isalpha()).translate(WIDE)


@pytest.mark.parametrize("where", ["message", "before", "reply", "next"])
@pytest.mark.parametrize(
    ("said", "secret"),
    [
        ("mijn wachtwoord is Tr0ub4dor", "Tr0ub4dor"),
        ("pay with 4111 1111 1111 1111", "1111 1111"),
        ("mail jan.de.boer@contoso.com", "contoso"),
        ("Bearer abcdef123456.xyz", "abcdef123456"),
        ("AccountKey=abcDEF123==;", "abcDEF123"),
        ("iban NL91 ABNA 0417 1643 00", "0417"),
        ("x" * 140 + " access id A1B2C3D4E5F6G7H8", "A1B2"),
    ],
)
def test_no_kind_of_secret_is_shown_or_written(project, said, secret, where) -> None:
    parts = {"message": "the blue thing", "before": "Hello.", "reply": "Sorry?", "next": "ok", where: said}
    events = [bot(parts["before"]), user("grumble, " + parts["message"], decision="refuse"), bot(parts["reply"])]
    make_store(project / "conversations.db", [*events, user(parts["next"])])
    path = project / "review.yml"
    outputs = [triage(keys="q\n").output, triage("--write", path).output, path.read_text(encoding="utf-8")]
    outputs += [triage(keys="1\n").output, data(project)["nlu.yml"]]
    assert "grumble" in outputs[0] and "1 added" in outputs[3]
    assert not any(secret in output for output in outputs)


WIDE = {0xFF10 + number: str(number) for number in range(10)}


def test_no_secret_of_the_real_conversations_is_shown_or_written(project, real_store) -> None:
    path = project / "review.yml"
    outputs = [triage("--from", real_store, keys="q\n").output, triage("--from", real_store, "--write", path).output]
    outputs.append(path.read_text(encoding="utf-8"))
    assert "[access id]" in outputs[2] and "[password]" in outputs[2] and "[card number]" in outputs[2]
    for output in outputs:
        for secret in ("A1B2C3D4E5", "Tr0ub4dor", "4111", "jan@contoso.com"):
            assert secret not in output

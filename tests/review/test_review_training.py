"""What a person labelled stands in the training data afterwards; nothing else there changes, and nothing unfit gets in."""

import shutil
import subprocess
import sys

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import PROJECT
from bot.check.training import normalized
from bot.engine import UnusableFacts
from bot.review.candidates import shown
from bot.review.groups import encoder
from bot.review.training import FILES, Label, add, inserted, intents, refusals, sentences

from made_store import EVALUATED

NEW = "the frobnicator of our client wobbles"
FILE = """version: "3.1"
# a comment
nlu:
- intent: greet
  examples: |
    - hi
    - hello   

# between
- intent: "deny"   # quoted
  examples: |
      - no

      - nope
- intent: thank
  examples: |
    - thanks"""


def why(project, *labels, encode=None):
    return refusals(project, [Label(*label) for label in labels], encode)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("ending", ["", "\n", "\n\n"])
@pytest.mark.parametrize(
    ("intent", "line"), [("greet", "    - new one"), ("deny", "      - new one"), ("thank", "    - new one")]
)
def test_an_example_is_put_at_the_end_of_its_block_and_every_other_byte_stays(newline, ending, intent, line) -> None:
    before = (FILE + ending).replace("\n", newline)
    after = inserted(before, [(intent, "new one")], "data/nlu.yml")
    at = after.index(line)
    assert after.replace(line + newline, "", 1) == before or after.replace(newline + line, "", 1) == before
    assert after[:at].rstrip().endswith({"greet": "- hello", "deny": "- nope", "thank": "- thanks"}[intent])
    old, new = (yaml.safe_load(text)["nlu"] for text in (before, after))
    for one, two in zip(old, new):
        lines = one["examples"].split("\n") if one["intent"] != intent else None
        assert lines is None or lines == two["examples"].split("\n")
        if lines is None:
            assert [x for x in two["examples"].splitlines() if x] == [x for x in one["examples"].splitlines() if x] + [
                "- new one"
            ]


def test_taking_the_new_lines_out_again_gives_the_real_files_back(project) -> None:
    before = {file: (project / file).read_bytes() for file in FILES.values()}
    labels = [Label(f"{NEW} {intent} {language}", language, intent) for intent in intents(project) for language in FILES]
    assert sum(add(project, labels).values()) == len(labels)
    for file, old in before.items():
        new = (project / file).read_bytes()
        assert new != old
        assert b"".join(line for line in new.splitlines(True) if b"frobnicator" not in line) == old


def test_rasa_reads_what_was_added_as_it_was_typed(project) -> None:
    from rasa.shared.importers.utils import training_data_from_paths

    texts = [
        "see [the portal](https://x.test) {now}",
        '- dash [a][b] [c]{"entity": "d"}',
        "# : ' \" %",
        "ünï 你好 \U0001f600",
    ]
    assert why(project, *((text, "en", "inform") for text in texts)) == [None] * len(texts)
    add(project, [Label(text, "en", "inform") for text in texts])
    data = training_data_from_paths([str(project / "data" / "nlu.yml")], "en")
    read = {message.get("text"): message for message in data.intent_examples if message.get("intent") == "inform"}
    for text in texts:
        found = read.get(text) or read[text.replace("](", "] (").replace("][", "] [").replace("]{", "] {")]
        assert not found.get("entities")


def test_triage_check_passes_what_was_added(project) -> None:
    for part in ("bot", "actions"):
        shutil.copytree(PROJECT / part, project / part)
    run = [sys.executable, "-c", "from bot.cli import main; main()", "check"]
    before = subprocess.run(run, cwd=project, capture_output=True, text=True)
    add(project, [Label(NEW, "en", "request_support"), Label("de frobnicator wiebelt", "nl", "request_support")])
    after = subprocess.run(run, cwd=project, capture_output=True, text=True)
    assert (after.returncode, after.stdout) == (before.returncode, before.stdout), after.stderr
    broken = (project / "data/nlu.yml").read_text().replace(f"    - {NEW}", f"    {NEW}")
    (project / "data/nlu.yml").write_text(broken)
    assert NEW in subprocess.run(run, cwd=project, capture_output=True, text=True).stdout, "the copy is not what is checked"


def test_an_example_is_never_added_twice(project) -> None:
    assert add(project, [Label(NEW, "en", "inform"), Label(NEW.upper() + "!", "en", "inform")]) == {"data/nlu.yml": 1}
    assert why(project, (NEW, "en", "inform")) == [None]
    before = (project / "data/nlu.yml").read_bytes()
    assert add(project, [Label(NEW + "?", "en", "inform")]) == {}
    assert (project / "data/nlu.yml").read_bytes() == before


def test_a_sentence_of_another_intent_is_refused_by_name(project) -> None:
    add(project, [Label(NEW, "nl", "inform")])
    (found,) = why(project, (NEW + "?", "en", "deny"))
    assert found == "it stands under inform in data/nlu.nl.yml; keep that label, or move it there first"
    assert (
        why(project, ("a b c d", "en", "deny"), ("A b c, d", "en", "affirm"))[1]
        == "the same sentence is labelled deny too; keep one"
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("two\nlines", "on one line"),
        ("two\u2028lines", "on one line"),
        ("zero\u200bwidth", "on one line"),
        ("  ", "on one line"),
        ("my password: hunter2", "redacted"),
        ("x" * 1001, "an example at most 1000"),
    ],
)
def test_a_text_that_is_no_example_is_refused(project, text, part) -> None:
    assert part in why(project, (text, "en", "inform"))[0]


def test_unknown_intents_and_languages_are_refused(project) -> None:
    assert "is no intent" in why(project, (NEW, "en", "bye_bye"))[0]
    assert 'no training data in "fr"' in why(project, (NEW, "fr", "inform"))[0]


def test_an_evaluation_sentence_is_refused_in_other_words_and_behind_others_too(project) -> None:
    close = EVALUATED.replace("My", "Our")
    labels = [(text, "en", "ask_ids") for text in (EVALUATED.upper() + "!!", EVALUATED, NEW)]
    assert [found is not None for found in why(project, *labels)] == [True, True, False]
    assert EVALUATED in why(project, labels[0])[0]
    config = project / "config.yml"
    config.write_text(config.read_text().replace("false", "true"))
    found = why(project, (close, "en", "ask_ids"), labels[1], labels[2], encode=encoder(project))
    assert [refusal is not None for refusal in found] == [True, True, False]


def test_evaluation_sentences_are_read_from_every_folder_and_a_broken_line_is_named(project) -> None:
    deep = project / "tests/sentences/nl/a/b.jsonl"
    deep.parent.mkdir(parents=True)
    deep.write_text('{"text": "diep", "lang": "nl"}\n\n')
    assert sentences(project) == [EVALUATED, "diep"]
    deep.write_text('{"text": "diep"}\n{"txt": 1}\n')
    with pytest.raises(UnusableFacts, match=r"tests/sentences/nl/a/b.jsonl line 2"):
        sentences(project)


def test_an_intent_without_a_block_is_said_with_the_remedy() -> None:
    with pytest.raises(UnusableFacts, match="data/nlu.yml: bye: has no examples yet; add"):
        inserted(FILE, [("bye", "x")], "data/nlu.yml")
    with pytest.raises(UnusableFacts, match="examples: |"):
        inserted('nlu:\n- intent: bye\n  examples: "- x"\n', [("bye", "x")], "data/nlu.yml")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=60))
def test_whatever_was_typed_becomes_one_line_that_reads_back_the_same(typed) -> None:
    text = shown(typed)
    if not text:
        return
    assert text.isprintable()
    after = inserted(FILE, [("deny", text)], "data/nlu.yml")
    entries = {entry["intent"]: entry["examples"].splitlines() for entry in yaml.safe_load(after)["nlu"]}
    assert entries["deny"][-1] == f"- {text}" and normalized(text)
    assert entries["greet"] == ["- hi", "- hello   "] and entries["thank"] == ["- thanks"]

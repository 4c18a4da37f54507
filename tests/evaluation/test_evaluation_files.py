"""What an evaluation leaves behind: scores, tables, pictures, the report. The model's part is played by hand."""

import csv
import json
import re
from io import StringIO

import pytest
from rich.console import Console

import bot.evaluation as evaluation
from bot.engine import UnusableFacts
from bot.evaluation.numbers import ROWS, Target, main_numbers, percent
from bot.evaluation.report import report
from bot.evaluation.typos import typo

LINES = [
    {"text": "Exchange 2019 is broken", "lang": "en", "intent": "request_support"}
    | {"entities": [{"entity": "product", "value": "exchange_server"}, {"entity": "version", "value": "2019"}]}
    | {
        "facts": {"product": "exchange_server", "version": "2019"},
        "second": "ask_ids",
        "outcome": {"next_question": "offer"},
    },
    {"text": "a | b <script> or\nTeams", "lang": "en", "intent": "request_support", "entities": [], "kind": "mail"}
    | {"facts": {"product": "microsoft365"}},
    {"text": "Exchange or Azure, unclear", "lang": "en", "intent": "request_support", "entities": [], "facts": {}}
    | {"options": ["exchange", "azure"], "kind": "hybrid"},
    {"text": "what is the weather like", "lang": "en", "intent": "out_of_scope", "entities": []},
    {"text": "dank je wel", "lang": "nl", "intent": "thank", "entities": []},
    {"asked": "offer", "known": {}, "text": "gold", "lang": "nl", "facts": {"offer": "gold"}},
    {"asked": None, "known": {}, "text": "silver", "lang": "nl", "facts": {"offer": "gold"}},
]


def readings(parse, labelled):
    """Read every line as a support request about Exchange 2019, whatever it says."""
    entities = [("product", "exchange_server"), ("version", "2019")]
    return [
        evaluation.Reading(parse(line.text, "request_support", 0.8, entities=entities, in_scope=0.7), {}, number + 1.25)
        if number
        else evaluation.Reading(*[parse(line.text, "request_support", 0.95, entities=entities, second="ask_ids")] * 2, 0.75)
        for number, line in enumerate(labelled)
    ]


@pytest.fixture()
def played(parse, monkeypatch, tmp_path):
    """Evaluate the lines above into a folder; return the scores and the folder."""

    def play_all(labelled):
        return [
            evaluation.Reading(reading.parsed, reading.mistyped or reading.parsed, reading.milliseconds)
            for reading in readings(parse, labelled)
        ]

    monkeypatch.setattr(evaluation, "parse_all", play_all)
    (tmp_path / "given.jsonl").write_text("\n".join(json.dumps(line) for line in LINES))
    scores = evaluation.evaluate(str(tmp_path / "given.jsonl"), str(tmp_path / "out"), str(tmp_path / "docs" / "report.md"))
    return scores, tmp_path


def test_the_keys_that_others_rely_on_stay(played):
    scores, folder = played
    assert json.loads((folder / "out" / "scores.json").read_text()) == scores
    assert scores["messages"] == len(LINES)
    kept = "messages accuracy macro_f1 shares accepted_accuracy entities confusions files".split()
    assert all(set(kept) <= set(found) for found in scores["languages"].values())
    assert scores["languages"]["en"]["files"] == {"table": "confusion_en.csv", "picture": "confusion_en.svg"}
    assert list(scores["answers"]) == ["nl"] and scores["languages"]["nl"]["openings"] is None


def test_the_confusion_table_holds_the_counts(played):
    _, folder = played
    rows = list(csv.reader((folder / "out" / "confusion_en.csv").open()))
    assert rows == [
        ["labelled \\ read as", "out_of_scope", "request_support"],
        ["out_of_scope", "0", "1"],
        ["request_support", "0", "3"],
    ]


def test_the_same_scores_give_the_same_pictures(played):
    _, folder = played
    target = folder / "out"
    names = ("confusion_en.svg", "confusion_nl.svg", "reliability.svg", "out_of_scope.svg")
    first = {name: (target / name).read_bytes() for name in names}
    evaluation.evaluate(str(folder / "given.jsonl"), str(target))
    assert {name: (target / name).read_bytes() for name in names} == first
    assert all(b"<svg" in content and b"dc:date" not in content for content in first.values())


def test_the_report_holds_every_number(played):
    scores, folder = played
    text = (folder / "docs" / "report.md").read_text()
    rows = {line for line in text.splitlines() if line.startswith("|")}

    def holds(*cells):
        row = "| " + " | ".join(cells) + " |"
        return any(line.replace("**", "") == row or line.replace("**", "").startswith(row) for line in rows)

    assert f"triage evaluate {folder / 'given.jsonl'}" in text and f"{len(LINES)} messages" in text
    assert "of one machine" in text
    shown = [name for name, _, _ in main_numbers(scores)]
    assert {"intent accuracy", "calibration error", "wrong routes with confidence", "lost to a typo"} <= set(shown)
    for name, values, target in main_numbers(scores):
        assert holds(name, percent(values["en"]), percent(values["nl"]), target.text() if target else ""), name
    for found in scores["languages"].values():
        facts = found["openings"]["facts"] if found["openings"] else {}
        for kind, row in (*found["entities"].items(), *facts.items()):
            shares = (percent(row["precision"]), percent(row["recall"]))
            assert holds(kind, str(row["labelled"]), str(row["found"]), *shares), kind
        for pair in found["confusions"]:
            assert holds(pair["intent"], pair["read_as"], str(pair["messages"]))
    answers = scores["answers"]["nl"]
    assert holds("all", "2", percent(answers["accuracy"])) and holds("(nothing)", "1", "0.0 %")
    assert holds("offer", "1", percent(answers["by_fact"]["offer"]["accuracy"]))
    for kind, row in scores["languages"]["en"]["openings"]["by_kind"].items():
        shares = (percent(row["all_facts_right"]), percent(row["wrong_routes_with_confidence"]))
        assert holds(kind, str(row["messages"]), *shares)
    assert holds("time a message, p50", "2.2 ms", "5.2 ms")
    assert "- en: 1 foreign and 3 genuine messages, 1 with a second ask, 0 that could be given a typo, 4 of three" in text


def test_the_report_links_its_pictures_relatively(played):
    _, folder = played
    links = re.findall(r"!\[.*?\]\((.*?)\)", (folder / "docs" / "report.md").read_text())
    assert len(links) == 4
    assert all(link.startswith("../out/") and (folder / "docs" / link).is_file() for link in links)


def test_what_a_person_typed_does_not_break_the_report(played):
    _, folder = played
    (row,) = [line for line in (folder / "docs" / "report.md").read_text().splitlines() if line.startswith("| a ")]
    assert "| a \\| b &lt;script> or Teams | request_support -> request_support |" in row
    assert "workload_portal -> paid_support" in row


def test_a_number_that_misses_its_target_is_bold(played):
    scores, _ = played
    text = report(scores, "triage evaluate", "out")
    assert re.search(r"^\| wrong routes with confidence \| \*\*\d", text, re.MULTILINE)
    assert "| product recall | 100.0 % |" in text


def test_a_target_is_met_at_its_limit_or_below_it():
    at_least, below = Target(">=", {"en": 0.95, "nl": 0.93}), Target("<", {"en": 0.04, "nl": 0.04})
    assert [at_least.is_met("en", 0.95), at_least.is_met("en", 0.9499), at_least.is_met("nl", 0.93)] == [True, False, True]
    assert [below.is_met("en", 0.0399), below.is_met("en", 0.04), below.is_met("en", None)] == [True, False, None]
    assert (at_least.text(), below.text()) == ("≥ 95 % en, 93 % nl", "< 4 %")


def test_the_targets_are_those_agreed():
    limits = {name: (target.sense, dict(target.limits)) for name, _, target in ROWS if target}
    assert limits["intent accuracy"] == (">=", {"en": 0.95, "nl": 0.93})
    assert all(
        limits[f"{kind} {what}"][1]["nl"] == 0.98 for kind in ("product", "version") for what in ("recall", "precision")
    )
    assert limits["wrong routes with confidence"] == ("<", {"en": 0.01, "nl": 0.01})
    assert (limits["foreign refused"][1]["en"], limits["genuine refused"][1]["en"]) == (0.85, 0.04)


def test_the_terminal_shows_the_main_numbers(played):
    scores, _ = played
    out = StringIO()
    evaluation.show_scores(scores, Console(file=out, width=160, no_color=True))
    shown = out.getvalue()
    assert re.search(r"intent accuracy +│ +75\.0 % +│ +0\.0 % +│ ≥ 95 % en, 93 % nl", shown)
    assert re.search(r"product +│ +1 +│ +2 +│ +50\.0 %", shown) and re.search(r"\(nothing asked\) +│ +0\.0 %", shown)


def test_a_place_that_cannot_be_written_is_said_before_the_model_is_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(evaluation, "parse_all", lambda labelled: pytest.fail("the model was loaded"))
    (tmp_path / "given.jsonl").write_text(json.dumps(LINES[0]))
    (tmp_path / "taken").write_text("")
    given = str(tmp_path / "given.jsonl")
    with pytest.raises(UnusableFacts, match="choose another with --to"):
        evaluation.evaluate(given, str(tmp_path / "taken"))
    with pytest.raises(UnusableFacts, match="choose another with --report"):
        evaluation.evaluate(given, str(tmp_path / "out"), str(tmp_path / "taken" / "report.md"))


def test_only_answers_can_be_scored(parse, monkeypatch, tmp_path):
    monkeypatch.setattr(evaluation, "parse_all", lambda labelled: readings(parse, labelled))
    (tmp_path / "given.jsonl").write_text(json.dumps(LINES[-1]))
    scores = evaluation.evaluate(str(tmp_path / "given.jsonl"), str(tmp_path / "out"), str(tmp_path / "report.md"))
    assert (scores["languages"], scores["files"], scores["answers"]["nl"]["messages"]) == ({}, {}, 1)
    evaluation.show_scores(scores, Console(file=StringIO()))


def test_the_model_is_asked_once_a_message_after_a_warm_up_and_once_with_a_typo(parse):
    import asyncio

    from bot.evaluation.parsing import WARM_UP, _parse_all
    from bot.evaluation.sentences import Answer, Sentence

    asked = []

    class Played:
        async def parse(self, text):
            asked.append(text)
            found = parse(text, "request_support")
            entities = [{"entity": "product", "value": "azure", "start": 0, "end": 8}] if text.startswith("Exchange") else []
            return {**found, "entities": entities}

    lines = [
        Sentence(text="Exchange stopped", lang="en", intent="request_support"),
        Sentence(text="ok", lang="en", intent="affirm"),
        Answer(text="customer", lang="en", asked="beneficiary"),
    ]
    first, second, third = asyncio.run(_parse_all(Played(), lines))
    mistyped = typo("Exchange stopped", [(0, 8)])
    assert asked[WARM_UP:] == ["Exchange stopped", mistyped, "ok", "customer"] and mistyped.startswith("Exchange ")
    assert first.mistyped["text"] == mistyped and first.milliseconds > 0
    assert second.mistyped is second.parsed and third.mistyped is third.parsed

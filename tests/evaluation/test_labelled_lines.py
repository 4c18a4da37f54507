"""Labelled lines are read, and an unusable one is named with its place and the remedy."""

import json

import pytest

from bot.engine import UnusableFacts
from bot.evaluation.sentences import Answer, Sentence, known_intents, read_labelled

SENTENCE = {"text": "Exchange 2016 is down", "lang": "en", "intent": "request_support", "entities": []}
ANSWER = {"asked": "offer", "known": {"goal": "open_request"}, "text": "gold", "lang": "en", "facts": {"offer": "gold"}}


def lines(tmp_path, *rows):
    path = tmp_path / "given.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return read_labelled(str(path), known_intents())


def test_a_sentence_holds_what_is_labelled(tmp_path):
    row = {
        **SENTENCE,
        "entities": [{"entity": "version", "value": "2016"}],
        "facts": {"product": "exchange_server", "version": "2016"},
        "outcome": {"next_question": "offer"},
        "second": "ask_ids",
        "options": ["exchange_server", "microsoft365"],
        "kind": "mail",
    }
    assert lines(tmp_path, row) == [
        Sentence(
            text="Exchange 2016 is down",
            lang="en",
            intent="request_support",
            entities=(("version", "2016"),),
            facts={"product": "exchange_server", "version": "2016"},
            outcome={"next_question": "offer"},
            second="ask_ids",
            options=("exchange_server", "microsoft365"),
            kind="mail",
        )
    ]


def test_an_answer_holds_what_is_labelled(tmp_path):
    assert lines(tmp_path, {**ANSWER, "step": None}) == [
        Answer(text="gold", lang="en", asked="offer", known={"goal": "open_request"}, facts={"offer": "gold"}, step=None)
    ]


@pytest.mark.parametrize(
    "given, counts",
    [
        ({}, True),
        ({"facts": {}}, True),
        ({"facts": {}, "kind": "log"}, False),
        ({"facts": {}, "kind": "log", "entities": [{"entity": "offer", "value": "gold"}]}, True),
        ({"kind": "log"}, True),
    ],
)
def test_entities_of_an_opening_count_only_when_some_are_labelled(tmp_path, given, counts):
    (sentence,) = lines(tmp_path, {**SENTENCE, **given})
    assert (sentence.entities is not None) == counts


def test_entities_that_are_left_out_do_not_count(tmp_path):
    (sentence,) = lines(tmp_path, {key: value for key, value in SENTENCE.items() if key != "entities"})
    assert sentence.entities is None


def test_a_folder_is_read_in_order_of_its_files(tmp_path):
    (tmp_path / "b").mkdir()
    for name, text in (("b/one.jsonl", "second"), ("a.jsonl", "first"), ("c.jsonl", "third"), ("d.txt", "no")):
        (tmp_path / name).write_text(json.dumps({**SENTENCE, "text": text}))
    assert [line.text for line in read_labelled(str(tmp_path), known_intents())] == ["first", "second", "third"]


def test_a_text_may_hold_a_line_separator(tmp_path):
    (sentence,) = lines(tmp_path, json.dumps({**SENTENCE, "text": "one\u2028two"}, ensure_ascii=False))
    assert sentence.text == "one\u2028two"


def test_the_version_of_an_answer_is_one_of_the_product_that_is_known(tmp_path):
    row = {**ANSWER, "asked": "version", "known": {"product": "windows_server"}, "facts": {"version": "2012_r2"}}
    assert lines(tmp_path, row)[0].facts == {"version": "2012_r2"}
    with pytest.raises(UnusableFacts, match='fact "version" cannot be "1_x"'):
        lines(tmp_path, {**row, "facts": {"version": "1_x"}})


@pytest.mark.parametrize(
    "row, said",
    [
        ("{", "line 1 is not JSON"),
        ("[" * 100_000, "line 1 is nested too deeply"),
        ("[1]", "line 1 is not a JSON object"),
        ({**SENTENCE, "text": 3}, '"text" must be given, as a string'),
        ({**SENTENCE, "text": "  "}, '"text" is empty'),
        ({"text": "a", "lang": "en"}, '"intent" must be given'),
        ({**SENTENCE, "lang": "fr"}, '"lang" cannot be "fr"; write en or nl'),
        ({**SENTENCE, "intent": "ask_id"}, 'unknown intent "ask_id"; did you mean "ask_ids"?'),
        ({**SENTENCE, "entities": {}}, '"entities" must be a list'),
        ({**SENTENCE, "entities": [{"entity": "product"}]}, '"entities" must be a list'),
        ({**SENTENCE, "entities": [{"entity": "prodct", "value": "a"}]}, 'unknown entity "prodct"; did you mean "product"?'),
        ({**SENTENCE, "facts": []}, '"facts" must be an object of facts'),
        ({**SENTENCE, "facts": {"ofer": "gold"}}, '"facts": unknown fact "ofer"; did you mean "offer"?'),
        ({**SENTENCE, "facts": {"offer": "golden"}}, 'fact "offer" cannot be "golden"; did you mean "gold"?'),
        ({**SENTENCE, "facts": {"offer": None}}, 'fact "offer" cannot be "None"'),
        ({**SENTENCE, "facts": {"version": "2016", "product": ["x"]}}, "unknown product"),
        ({**SENTENCE, "facts": {"version": "2016", "product": "exchnge"}}, 'unknown product "exchnge"'),
        ({**SENTENCE, "facts": {"product": "exchange_server", "version": "1999"}}, 'fact "version" cannot be "1999"'),
        ({**SENTENCE, "facts": {"product": "azure", "deployment": "on_premises"}}, 'leave "deployment" out'),
        ({**SENTENCE, "outcome": {}}, '"outcome" must be {"route": ...}'),
        ({**SENTENCE, "outcome": {"route": "paid_suport"}}, 'unknown route "paid_suport"; did you mean "paid_support"?'),
        ({**SENTENCE, "outcome": {"next_question": "versoin"}}, 'unknown next question "versoin"; did you mean "version"?'),
        ({**SENTENCE, "second": "thanks"}, '"second": unknown intent "thanks"; did you mean "thank"?'),
        ({**SENTENCE, "options": "azure"}, '"options" must be a list'),
        ({**SENTENCE, "options": ["azur"]}, '"options": unknown product "azur"; did you mean "azure"?'),
        ({**SENTENCE, "kind": 4}, '"kind" must be a word'),
        ({**ANSWER, "asked": "ofer"}, '"asked": unknown fact "ofer"; did you mean "offer"?'),
        ({**ANSWER, "step": "thanks"}, '"step": unknown intent "thanks"'),
        ({**ANSWER, "known": {"goal": "open"}}, '"known": fact "goal" cannot be "open"'),
        ({**ANSWER, "facts": None}, '"facts" must be an object of facts'),
    ],
)
def test_an_unusable_line_is_named_with_the_remedy(tmp_path, row, said):
    with pytest.raises(UnusableFacts) as refused:
        lines(tmp_path, row)
    assert said in str(refused.value) and f"{tmp_path / 'given.jsonl'} line 1" in str(refused.value)


def test_the_number_of_the_line_counts_empty_ones(tmp_path):
    with pytest.raises(UnusableFacts, match="line 4"):
        lines(tmp_path, SENTENCE, "", ANSWER, {**SENTENCE, "lang": "de"})


def test_what_cannot_be_read_is_said(tmp_path):
    for content, said in ((b"", "holds no messages"), (b"\xff\xfe\x00", "is not UTF-8")):
        (tmp_path / "given.jsonl").write_bytes(content)
        with pytest.raises(UnusableFacts, match=said):
            read_labelled(str(tmp_path / "given.jsonl"), known_intents())
    (tmp_path / "empty").mkdir()
    for place, said in (("missing.jsonl", "cannot be read"), ("empty", r"holds no \*\.jsonl file")):
        with pytest.raises(UnusableFacts, match=said):
            read_labelled(str(tmp_path / place), known_intents())

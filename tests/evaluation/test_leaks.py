"""Sentences that are both trained on and evaluated with."""

import zlib
from pathlib import Path

import numpy as np
import pytest

from bot.engine import UnusableFacts
from bot.evaluation.leaks import SAME_FROM, Leak, evaluated_sentences, leaks, trained_sentences

PROJECT = Path(__file__).resolve().parent.parent.parent
SENTENCES = PROJECT / "tests" / "sentences"


def by_words(texts):
    """Encode texts by their words: the same words give the same vector, whatever their order."""
    vectors = np.zeros((len(texts), 4096), dtype=np.float32)
    for row, text in zip(vectors, texts):
        for word in text.split():
            row[zlib.crc32(word.encode()) % 4096] += 1
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_same_sentence_is_found_whatever_its_case_and_punctuation():
    found = leaks(["Where is my Access ID?"], ["where is my access id", "WHERE IS MY ACCESS-ID!!", "hello"], by_words)
    assert found == [
        Leak("where is my access id", "Where is my Access ID?", 1.0),
        Leak("WHERE IS MY ACCESS-ID!!", "Where is my Access ID?", 1.0),
    ]


def test_a_sentence_that_is_alike_enough_is_found_with_the_closest_example():
    trained = ["how do i activate the benefits here", "how do i link the contract of our company to my own account now"]
    evaluated = "how do i link the contract of our firm to my own account now"
    (leak,) = leaks(trained, [evaluated, "why is the sky blue in the morning"], by_words)
    assert (leak.evaluated, leak.trained) == (evaluated, trained[1])
    assert SAME_FROM <= leak.likeness < 1


def test_another_name_makes_no_other_sentence():
    (leak,) = leaks(["mail is stuck on our Exchange 2016"], ["mail is stuck on our SharePoint 2019"], by_words)
    assert leak.likeness == pytest.approx(1)


def test_the_same_name_makes_no_same_sentence():
    trained = ["Exchange Server 2016 and Windows Server 2022 need advice about a migration"]
    assert leaks(trained, ["Exchange Server 2016 and Windows Server 2022 stopped working this morning"], by_words) == []


def test_names_do_not_count_as_words_of_a_sentence():
    assert leaks(["Exchange 2016 covered?"], ["windows server 2012 r2 covered"], by_words) == []
    assert leaks(["is Exchange 2016 covered?"], ["is Exchange 2016 covered"], by_words) != []


def test_a_short_text_leaks_by_its_own_words_only():
    def same_vector(texts):
        return np.ones((len(texts), 1), dtype=np.float32)

    assert leaks(["main menu please"], ["start again now"], same_vector) == []
    assert [leak.evaluated for leak in leaks(["main menu"], ["Main menu!"], same_vector)] == ["Main menu!"]
    assert len(leaks(["show the main menu"], ["please start again now"], same_vector)) == 1


def test_a_sentence_is_named_once_and_in_order():
    evaluated = ["how are you", "is it me", "how are you"]
    assert [leak.evaluated for leak in leaks(["is it me", "how are you"], evaluated, by_words)] == [
        "how are you",
        "is it me",
    ]


def test_many_sentences_are_compared_in_parts(monkeypatch):
    import bot.evaluation.leaks as module

    trained = [f"sentence number {chr(97 + n)}x of the training data" for n in range(12)]
    evaluated = [text + " too" for text in trained]
    whole = leaks(trained, evaluated, by_words)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 5)
    assert leaks(trained, evaluated, by_words) == whole
    assert [leak.trained for leak in whole] == trained


def test_nothing_to_compare_with_leaks_nothing():
    assert leaks([], ["how do i do this here"], by_words) == leaks(["how do i do this here"], [], by_words) == []


def test_the_examples_of_every_training_file_are_read(tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "nlu.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hello\n    - good day\n")
    (tmp_path / "more" / "nlu.nl.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - hallo\n")
    (tmp_path / "rules.yml").write_text("rules:\n- rule: none\n")
    assert trained_sentences(tmp_path) == ["hallo", "hello", "good day"]
    (tmp_path / "nlu.yml").write_text("nlu: [")
    with pytest.raises(UnusableFacts, match="nlu.yml"):
        trained_sentences(tmp_path)


def test_a_short_answer_is_no_sentence(tmp_path):
    lines = [
        '{"asked": "offer", "known": {}, "text": "gold it is", "lang": "en", "facts": {"offer": "gold"}}',
        '{"asked": "offer", "known": {}, "text": "we are a gold partner", "lang": "en", "facts": {"offer": "gold"}}',
        '{"text": "hello", "lang": "en", "intent": "greet"}',
    ]
    (tmp_path / "given.jsonl").write_text("\n".join(lines))
    assert evaluated_sentences(str(tmp_path)) == ["we are a gold partner", "hello"]


@pytest.fixture(scope="module")
def encode():
    """The real encoder."""
    from bot.nlu.encoder import encode

    return encode


@pytest.mark.parametrize(
    "trained, evaluated, same",
    [
        ("what is the link for support for business", "what's the link to support for business", True),
        ("waar vul ik de AID en CID in", "waar vul je de AID en CID in", True),
        ("we don't have a membership at the moment", "we don't have any membership offer at the moment", True),
        ("SCCM task sequence faalt met 0x80070002", "Intune task sequence faalt met 0x80070002", True),
        ("does the benefit cover dynamics gp", "does the benefit cover Power BI", True),
        ("is skype for business 2015 nog supported", "which sql versions are supported", False),
        ("hoe vind ik uit wie bij ons global admin is", "Wie is er bij ons global admin?", False),
        ("how do I activate the benefits of our company", "who may activate benefits once we have them", False),
        (
            "Exchange 2016 mail queue is stuck since the update",
            "Exchange 2016 calendar sharing stopped with partners",
            False,
        ),
    ],
)
def test_the_threshold_parts_the_same_sentence_from_the_same_subject(encode, trained, evaluated, same):
    assert bool(leaks([trained], [evaluated], encode)) == same


def test_no_evaluation_sentence_is_trained_on(encode):
    trained = trained_sentences(PROJECT / "data")
    assert len(trained) > 1000
    found = leaks(trained, evaluated_sentences(str(SENTENCES)), encode)
    assert not found, "\n".join(f"{leak.likeness:.2f}  {leak.evaluated}  =  {leak.trained}" for leak in found)

"""The pipeline without its sentence encoder (`sentence_encoder: false`), trained here on a part of the real examples."""

import json
from pathlib import Path

import pytest
import yaml

from bot.knowledge import shared
from bot.nlu.intents import ACCEPT, REFUSE, Settings, mask, train
from bot.nlu.linker import Linker
from bot.nlu.opening import cut
from bot.nlu.understanding import MASKED, find_entities, understand

PROJECT = Path(__file__).resolve().parents[2]
EVERY = 3  # of the examples of each intent, one in three
LEAST_ACCURACY = 0.75


def no_encoder(texts):
    raise AssertionError("the encoder is switched off")


def examples():
    for name in ("nlu.yml", "nlu.nl.yml"):
        for entry in yaml.safe_load((PROJECT / "data" / name).read_text(encoding="utf-8"))["nlu"]:
            texts = [line[2:] for line in entry["examples"].splitlines()]
            yield from ((text, entry["intent"]) for text in texts[::EVERY])


@pytest.fixture(scope="module")
def linker():
    return Linker(shared())


@pytest.fixture(scope="module")
def model(linker):
    texts, labels = zip(*examples())
    masked = [mask(text, [(e.start, e.end, e.entity) for e in linker.entities(text) if e.entity in MASKED]) for text in texts]
    return train(texts, masked, labels, Settings(sentence_weight=0, folds=2), no_encoder)


def test_it_understands_most_sentences_and_is_seldom_wrong_with_confidence(model, linker):
    right = wrong = count = 0
    for path in sorted((PROJECT / "tests" / "sentences").glob("*/tasks.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines()[::4]:
            example = json.loads(line)
            found = understand(example["text"], find_entities(cut(example["text"]), linker), model, no_encoder)
            count += 1
            right += found.ranking[0][0] == example["intent"]
            wrong += found.decision == ACCEPT and found.ranking[0][0] != example["intent"]
    assert count > 300
    assert right / count >= LEAST_ACCURACY
    assert wrong / count <= 0.03


@pytest.mark.parametrize("text", ["my washing machine leaks water", "welke film draait er vanavond in de bioscoop"])
def test_it_refuses_what_is_foreign(model, linker, text):
    found = understand(text, find_entities(cut(text), linker), model, no_encoder)
    assert found.decision == REFUSE or found.ranking[0][0] == "out_of_scope"

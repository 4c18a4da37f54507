"""Labelled lines to test with: sentences and answers, read from JSON lines and held against the programme."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple, Union

import yaml

from bot.engine import UnusableFacts
from bot.engine.errors import did_you_mean
from bot.given import read_object
from bot.knowledge import shared
from bot.wording import LANGUAGES

ENTITIES = ("product", "version", "offer", "competency", "role", "beneficiary", "portal", "deployment", "error")
EXAMPLE = '{"text": ..., "lang": "en", "intent": ..., "entities": []}'


@dataclass(frozen=True)
class Sentence:
    """A labelled message outside a conversation.

    `entities` are (entity, value) pairs, None when they are not labelled. `facts` are what the assistant should know
    after the message, None when the sentence is no opening; `outcome` is the route or the next question they lead to;
    `second` is what else is asked; `options` are the products of which one is meant; `kind` is any word.
    """

    text: str
    lang: str
    intent: str
    entities: Optional[Tuple[Tuple[str, str], ...]] = None
    facts: Optional[Dict[str, str]] = None
    outcome: Optional[Dict[str, str]] = None
    second: Optional[str] = None
    options: Tuple[str, ...] = ()
    kind: Optional[str] = None


@dataclass(frozen=True)
class Answer:
    """A labelled message after the question `asked` (None when none is open), with the facts known until then.

    `facts` are what it adds or changes; `step` is the intent it is when it does something else than answer.
    """

    text: str
    lang: str
    asked: Optional[str]
    known: Dict[str, str] = field(default_factory=dict)
    facts: Dict[str, str] = field(default_factory=dict)
    step: Optional[str] = None


Labelled = Union[Sentence, Answer]


@lru_cache(maxsize=1)
def known_intents() -> Tuple[str, ...]:
    """Return the intents of the domain."""
    from bot.assistant import PROJECT

    return tuple(yaml.safe_load((PROJECT / "domain" / "domain.yml").read_text(encoding="utf-8"))["intents"])


def read_labelled(path: str, intents: Sequence[str]) -> List[Labelled]:
    """Return the labelled lines in a file of JSON lines, or in every *.jsonl below a folder, in order of their names.

    Raises UnusableFacts that names the file, the line, what is wrong and the remedy.
    """
    files = sorted(Path(path).rglob("*.jsonl")) if Path(path).is_dir() else [Path(path)]
    if not files:
        raise UnusableFacts(f"{path} holds no *.jsonl file; name a file of labelled messages or a folder with some")
    found = [labelled for file in files for labelled in _read_file(file, intents)]
    if not found:
        raise UnusableFacts(f"{path} holds no messages; write one a line: {EXAMPLE}")
    return found


def _read_file(path: Path, intents: Sequence[str]) -> List[Labelled]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise UnusableFacts(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableFacts(f"{path} is not UTF-8 text; save it as UTF-8") from None
    return [_labelled(f"{path} line {number}", line, intents) for number, line in enumerate(lines, start=1) if line.strip()]


def _labelled(place: str, line: str, intents: Sequence[str]) -> Labelled:
    example = read_object(line, place)
    for key in ("text", "lang") if "asked" in example else ("text", "lang", "intent"):
        if not isinstance(example.get(key), str):
            raise UnusableFacts(f'{place}: "{key}" must be given, as a string')
    if not example["text"].strip():
        raise UnusableFacts(f'{place}: "text" is empty; write what a person types')
    if example["lang"] not in LANGUAGES:
        raise UnusableFacts(f'{place}: "lang" cannot be "{example["lang"]}"; write {" or ".join(LANGUAGES)}')
    return _answer(place, example, intents) if "asked" in example else _sentence(place, example, intents)


def _sentence(place: str, example: Mapping[str, Any], intents: Sequence[str]) -> Sentence:
    facts = _facts(place, example, "facts", {}) if example.get("facts") is not None else None
    kind = example.get("kind")
    if kind is not None and not isinstance(kind, str):
        raise UnusableFacts(f'{place}: "kind" must be a word')
    entities = _entities(place, example) if "entities" in example else None
    if facts is not None and kind is not None and not entities:
        entities = None  # an opening says what should be known, not where it stands
    return Sentence(
        text=example["text"],
        lang=example["lang"],
        intent=_known(place, "intent", example["intent"], intents),
        entities=entities,
        facts=facts,
        outcome=_outcome(place, example.get("outcome")),
        second=_optional(place, "intent", example.get("second"), intents, "second"),
        options=_options(place, example.get("options")),
        kind=kind,
    )


def _answer(place: str, example: Mapping[str, Any], intents: Sequence[str]) -> Answer:
    known = _facts(place, example, "known", {})
    return Answer(
        text=example["text"],
        lang=example["lang"],
        asked=_optional(place, "fact", example["asked"], shared().programme.facts, "asked"),
        known=known,
        facts=_facts(place, example, "facts", known),
        step=_optional(place, "intent", example.get("step"), intents, "step"),
    )


# Parts of a line


def _known(place: str, what: str, name: Any, known: Any) -> str:
    """Return `name` when it is one of the known. Raises UnusableFacts, calling it `what`."""
    if not isinstance(name, str) or name not in known:
        raise UnusableFacts(f'{place}: unknown {what} "{name}"; {did_you_mean(str(name), known)}')
    return name


def _optional(place: str, what: str, name: Any, known: Any, key: str) -> Optional[str]:
    return None if name is None else _known(f'{place}: "{key}"', what, name, known)


def _entities(place: str, example: Mapping[str, Any]) -> Tuple[Tuple[str, str], ...]:
    entities = example["entities"]
    if not isinstance(entities, list) or not all(_is_entity(entity) for entity in entities):
        raise UnusableFacts(f'{place}: "entities" must be a list of {{"entity": ..., "value": ...}}')
    return tuple((_known(place, "entity", entity["entity"], ENTITIES), entity["value"]) for entity in entities)


def _is_entity(entity: Any) -> bool:
    return isinstance(entity, dict) and isinstance(entity.get("entity"), str) and isinstance(entity.get("value"), str)


def _facts(place: str, example: Mapping[str, Any], key: str, known: Mapping[str, str]) -> Dict[str, str]:
    """Return the facts under `key`, checked against the programme. A version may be one of the product in `known`."""
    facts = example.get(key)
    if not isinstance(facts, dict):
        raise UnusableFacts(f'{place}: "{key}" must be an object of facts; write {{}} when there are none')
    programme = shared().programme
    context = {**{fact: known[fact] for fact in ("product",) if fact in known}, **facts}
    for fact, value in facts.items():
        _known(f'{place}: "{key}"', "fact", fact, programme.facts)
        if fact == "version":
            _known_product(place, key, context)
        allowed = programme.values(fact, context)
        if value not in allowed:
            shown = did_you_mean(value if isinstance(value, str) else str(value), allowed)
            raise UnusableFacts(f'{place}: "{key}": fact "{fact}" cannot be "{value}"; {shown}')
    if not known:
        _whole(lambda: programme.check(facts), f'{place}: "{key}"')
    return dict(facts)


def _known_product(place: str, key: str, facts: Mapping[str, Any]) -> None:
    """Refuse an unknown product before its versions are looked up."""
    if "product" in facts:
        _known(f'{place}: "{key}"', "product", facts["product"], shared().catalogue.product_ids)


def _whole(check: Callable[[], None], place: str) -> None:
    try:
        check()
    except UnusableFacts as error:
        raise UnusableFacts(f"{place}: {error}") from None


def _outcome(place: str, outcome: Any) -> Optional[Dict[str, str]]:
    if outcome is None:
        return None
    if not isinstance(outcome, dict) or len(set(outcome) & {"route", "next_question"}) != 1:
        raise UnusableFacts(f'{place}: "outcome" must be {{"route": ...}} or {{"next_question": ...}}')
    known: Mapping[str, Any] = shared().routes if "route" in outcome else shared().programme.facts
    (key,) = set(outcome) & {"route", "next_question"}
    return {key: _known(f'{place}: "outcome"', key.replace("_", " "), outcome[key], known)}


def _options(place: str, options: Any) -> Tuple[str, ...]:
    if options is None:
        return ()
    if not isinstance(options, list):
        raise UnusableFacts(f'{place}: "options" must be a list of products')
    return tuple(_known(f'{place}: "options"', "product", product, shared().catalogue.product_ids) for product in options)

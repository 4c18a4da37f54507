"""Whether the examples of each language can be read, are enough, and mean one intent each."""

from typing import Any, Dict, Iterator, List, Set, Tuple

from bot.check.project import DOMAIN, Found, Project, add_or
from bot.knowledge import BrokenKnowledge
from bot.nlu.text import words

LEAST_TASK_EXAMPLES = 40
LEAST_CONVERSATION_EXAMPLES = 15


def examples_by_intent(document: Dict[str, Any], name: str, found: List[BrokenKnowledge]) -> Iterator[Tuple[str, List[str]]]:
    """Yield (intent, examples) of the training file `name`; what is no example is added to `found`."""
    entries = document.get("nlu")
    if document and not isinstance(entries, list):
        found.append(BrokenKnowledge(name, "nlu", "must be a list of intents with examples; see the other language's file"))
        return
    seen: Set[str] = set()
    for entry in entries or []:
        if not isinstance(entry, dict) or "intent" not in entry:
            continue
        intent, text = entry["intent"], entry.get("examples")
        lines = text.splitlines() if isinstance(text, str) else []
        if intent in seen:
            found.append(BrokenKnowledge(name, intent, "stands twice; put its examples together"))
            continue
        seen.add(intent)
        for line in lines:
            if line.strip() and not line.lstrip().startswith("- "):
                found.append(BrokenKnowledge(name, intent, f'"{line.strip()}" is no example; begin the line with "- "'))
        yield intent, [line.lstrip()[2:].strip() for line in lines if line.lstrip().startswith("- ")]


def normalized(example: str) -> str:
    """Return an example as it counts: without case, diacritics and punctuation; signs alone stay as they are."""
    return " ".join(words(example)) or example


def wrong_training(project: Project) -> Found:
    """Yield the examples that mean two intents, and the intents with too few of them."""
    if not project.domain:
        return
    meant: Dict[str, Tuple[str, str]] = {}
    for name, by_intent in project.examples.items():
        if not by_intent:
            continue
        plain = {intent: [(normalized(example), example) for example in examples] for intent, examples in by_intent.items()}
        yield from _counts(project, name, {intent: len(dict(examples)) for intent, examples in plain.items()})
        for intent, examples in plain.items():
            for key, example in examples:
                other, where = meant.setdefault(key, (intent, name))
                if other != intent:
                    there = "" if where == name else f" in {where}"
                    yield BrokenKnowledge(name, intent, f'the example "{example}" stands under {other}{there} too; keep one')


def _counts(project: Project, name: str, counts: Dict[str, int]) -> Found:
    """Yield what is wrong with the number of different examples by intent in the file `name`."""
    domain = project.intents()
    for intent in counts:
        if intent not in domain:
            yield BrokenKnowledge(name, intent, f"has examples and is no intent of {DOMAIN}; {add_or(intent, domain)}")
    for intent in domain:
        entry = project.knowledge.intents.get(intent)
        task = entry is not None and not entry.response
        least = LEAST_TASK_EXAMPLES if task else LEAST_CONVERSATION_EXAMPLES
        count = counts.get(intent, 0)
        if count == 0:
            yield BrokenKnowledge(name, intent, f"has no examples; write at least {least}")
        elif count < least:
            yield BrokenKnowledge(name, intent, f"has {count} different examples; write at least {least}")

"""The parts of a project that are held against each other, and what every check uses to read and report them."""

from difflib import get_close_matches
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple

from bot.knowledge import BrokenKnowledge, Knowledge
from bot.knowledge.strict_yaml import read
from bot.wording import Wording

DOMAIN = "domain/domain.yml"
RESPONSES = "domain/responses"
RULES = "data/rules.yml"
STORIES = "data/stories.yml"
EXAMPLES = ("data/nlu.yml", "data/nlu.nl.yml")

# Facts that a message may give but no question asks for.
NEVER_ASKED = ("goal", "request_kind", "association", "competency")
# The route of a decision that the assistant answers itself.
ANSWER = "answer"

Found = Iterator[BrokenKnowledge]


class Project(NamedTuple):
    """The parts that are held against each other. A file that cannot be read stands as an empty mapping."""

    root: Path
    knowledge: Knowledge
    wording: Wording
    domain: Dict[str, Any]
    rules: Dict[str, Any]
    stories: Dict[str, Any]
    examples: Dict[str, Dict[str, List[str]]]

    def intents(self) -> List[str]:
        """Return the intents of the domain."""
        return names_in(self.domain.get("intents"))


def document(project: Path, name: str, found: List[BrokenKnowledge]) -> Dict[str, Any]:
    """Return the file `name` of a project; if it cannot be read, add why to `found` and return an empty mapping."""
    try:
        return read(project / name, name)
    except BrokenKnowledge as problem:
        found.append(problem)
        return {}


def names_in(entries: Any) -> List[str]:
    """Return the names in one of the domain's lists or mappings; an entry is a name, or a mapping under its name."""
    if not isinstance(entries, (list, dict)):
        return []
    return [name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)]


def steps_of(node: Any, kind: str) -> Iterator[str]:
    """Yield every intent or action (`kind`) of the steps in a rules or stories file."""
    if isinstance(node, list):
        for item in node:
            yield from steps_of(item, kind)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == kind and isinstance(value, str):
                yield value
            else:
                yield from steps_of(value, kind)


def closest(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the closest known word as a remedy, for lists too long to be of help in a message."""
    close = get_close_matches(word, list(known), n=1)
    return f'did you mean "{close[0]}"?' if close else otherwise


def add_or(word: str, known: Iterable[str]) -> str:
    """Return "add it" as a remedy, with the closest known word if there is one."""
    close = closest(word, known, "")
    return f"add it, or {close}" if close else "add it"

"""The words a person reads: `domain/responses/`, in every language, with the programme's names filled in.

Rasa utters the plain ones itself; what is composed from a decision is rendered here, from the same files.
"""

import string
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, List, Set, Tuple

from babel.dates import format_date

from bot.knowledge import BrokenKnowledge, Knowledge, shared
from bot.knowledge.strict_yaml import read

RESPONSES = Path(__file__).resolve().parent.parent / "domain" / "responses"
LANGUAGES = ("en", "nl")
DEFAULT_LANGUAGE = "en"


@dataclass(frozen=True)
class Response:
    """One response: its text by language, what it cites, and the file it stands in."""

    texts: Dict[str, str]
    cites: Tuple[str, ...]
    file: str

    def placeholders(self, language: str) -> Set[str]:
        """Return the names between braces in one language's text."""
        return {name for _, name, _, _ in string.Formatter().parse(self.texts[language]) if name is not None}


def constants(knowledge: Knowledge) -> Dict[str, Any]:
    """Return what every text may name: addresses, labels, messages, names, numbers and dates of the programme."""
    found: Dict[str, Any] = {"article_date": date.fromisoformat(knowledge.sources.documents["article"].date)}
    for key, portal in knowledge.portals.items():
        found[f"name_{key}"] = portal.name
        found[f"url_{key}"] = portal.url
        found[f"short_url_{key}"] = portal.short_url
        found.update({f"label_{key}_{label}": text for label, text in portal.labels.items()})
    found.update({f"message_{key}": error.message for key, error in knowledge.errors.items()})
    found.update({f"name_{key}": role.name for key, role in knowledge.roles.items()})
    for key, offer in knowledge.offers.items():
        found[f"name_{key}"] = offer.name
        found[f"incidents_{key}"] = offer.microsoft_product_support
        found[f"hours_{key}"] = offer.advisory_hours
        if offer.signature_cloud_support:
            found[f"cloud_other_{key}"] = offer.signature_cloud_support["other_competency"]
    for key, plan in knowledge.plans.items():
        found.update({f"name_{key}": plan.name, f"short_{key}": plan.short, f"url_{key}": plan.url})
    for key, change in knowledge.changes.items():
        found.update({f"change_{key}_{name}": text for name, text in change.names.items()})
        found.update({f"change_{key}_{name}": day for name, day in change.dates.items()})
    found.update({f"severity_{key}": severity.hours for key, severity in knowledge.severities.items()})
    found["longest_engagement_hours"] = knowledge.presales["longest_engagement_hours"].hours
    return {key: value for key, value in found.items() if value is not None}


class Wording:
    """All responses, ready to be rendered.

    `problems` lists what is wrong with them: a missing language, a key that stands in two files.
    """

    def __init__(self, knowledge: Knowledge, folder: Path = RESPONSES) -> None:
        self.constants = constants(knowledge)
        self.responses: Dict[str, Response] = {}
        self.problems: List[BrokenKnowledge] = []
        for path in sorted(folder.glob("*.yml")):
            self._read(path, f"domain/responses/{path.name}")

    def _read(self, path: Path, name: str) -> None:
        try:
            responses = read(path, name).get("responses") or {}
        except BrokenKnowledge as problem:
            self.problems.append(problem)
            return
        for key, variations in responses.items():
            if key in self.responses:
                other = self.responses[key].file
                self.problems.append(BrokenKnowledge(name, key, f"stands in {other} too; Rasa would lose one, remove it"))
                continue
            texts: Dict[str, str] = {}
            cites: List[str] = []
            for variation in variations:
                language = DEFAULT_LANGUAGE
                for condition in variation.get("condition", []):
                    language = condition["value"]
                texts[language] = variation.get("text") or ""
                cites += variation.get("metadata", {}).get("cites", [])
            for language in LANGUAGES:
                if not texts.get(language):
                    self.problems.append(BrokenKnowledge(name, key, f'has no text in "{language}"; translate it'))
                    texts[language] = ""
            self.responses[key] = Response(texts, tuple(cites), name)

    def __contains__(self, key: str) -> bool:
        return key in self.responses

    def text(self, key: str, language: str, **values: Any) -> str:
        """Return the text of a response. Raises KeyError for an unknown response or placeholder."""
        template = self.responses[key].texts.get(language) or self.responses[key].texts[DEFAULT_LANGUAGE]
        named = {name for _, name, _, _ in string.Formatter().parse(template) if name}
        known = {**self.constants, **values}
        return template.format_map({name: _shown(known[name], language) for name in named}).strip()


def _shown(value: Any, language: str) -> str:
    """Return a value as it is read: a date in words, anything else as it is."""
    return format_date(value, "d MMMM y", locale=language) if isinstance(value, date) else str(value)


@lru_cache(maxsize=1)
def shared_wording() -> Wording:
    """Return the project's wording, read once per process."""
    return Wording(shared())

"""The review by way of a file: written to be labelled in an editor, read back whole or not at all."""

from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

import yaml

from bot.engine import UnusableFacts
from bot.engine.errors import did_you_mean
from bot.review.candidates import Candidate, key_of
from bot.review.document import REMEDY
from bot.review.session import Review
from bot.review.terminal import context
from bot.review.training import FILES, Label

SKIP = "skip"
FIELDS = ("key", "group", "text", "language", "context", "suggestion", "label")
HEAD = """\
# Messages that were not understood, confirmed, corrected or complained about. Everything secret was taken out.
# Write an intent after `label:` (rules: docs/how-to/label-a-sentence.md), or `skip`; what stays empty comes again.
# Correct `language` if it is wrong; leave `key` and `text` as they are. Then: triage review --accept THIS FILE
# Intents: {intents}
"""


class Accepted(NamedTuple):
    """What a file holds: labels, and texts to skip."""

    labels: List[Label]
    skipped: List[str]


class _Dumper(yaml.SafeDumper):
    """Writes nothing as nothing, and lists further in than their key."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)


_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))


def write(review: Review, groups: Sequence[Sequence[Candidate]], path: Path) -> None:
    """Write the messages to label. Raises UnusableFacts when the file exists: it may hold labels."""
    entries = [
        {
            "key": one.key,
            "group": number,
            "text": one.text,
            "language": one.language,
            "context": context(one),
            "suggestion": one.suggested[0] if one.suggested else None,
            "label": None,
        }
        for number, group in enumerate(groups, start=1)
        for one in group
    ]
    document = {"store": str(review.store), "messages": entries}
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(HEAD.format(intents=", ".join(review.intents)) + text.replace("\n  - key:", "\n\n  - key:"))
    except FileExistsError:
        raise UnusableFacts(f"{path} exists; --accept it first, or name another file") from None


def accept(review: Review, document: Dict[str, Any], path: str) -> Tuple[Accepted, List[str]]:
    """Learn the labels in a file if the whole file is usable; else learn nothing. Returns what it holds and its problems."""
    accepted, problems = labels_in(review, document, path)
    if not problems:
        review.learn(accepted.labels)
        review.remember(accepted.skipped)
    return accepted, problems


def labels_in(review: Review, document: Dict[str, Any], path: str) -> Tuple[Accepted, List[str]]:
    """Return the labels in a file, and a line for each problem: file, entry, what, and the remedy."""
    entries = document.get("messages")
    if not isinstance(entries, list):
        raise UnusableFacts(f"{path}: messages: must be a list; {REMEDY}")
    accepted, problems = Accepted([], []), []
    names: List[str] = []
    seen: Dict[str, int] = {}
    for number, entry in enumerate(entries, start=1):
        problem = _problem(entry, seen, review.intents)
        name = f"entry {number}" + (f' ("{entry["text"]}")' if problem is None else "")
        if problem is not None:
            problems.append(f"{path}: {name}: {problem}")
            continue
        seen[entry["key"]] = number
        label = (entry.get("label") or "").strip()
        if label == SKIP:
            accepted.skipped.append(entry["text"])
        elif label:
            accepted.labels.append(Label(entry["text"], entry["language"], label))
            names.append(name)
    for name, why in zip(names, review.refusals(accepted.labels)):
        if why is not None:
            problems.append(f"{path}: {name}: {why}")
    return accepted, problems


def _problem(entry: Any, seen: Dict[str, int], intents: Sequence[str]) -> Optional[str]:
    """Return what is wrong with an entry by itself."""
    if not isinstance(entry, dict):
        return "is no message with a key and a text; write the file again with `triage review --write`"
    unknown = [field for field in entry if field not in FIELDS]
    if unknown:
        return f'unknown field "{unknown[0]}"; {did_you_mean(unknown[0], FIELDS)}'
    for field in ("key", "text", "language"):
        if not isinstance(entry.get(field), str) or not entry[field]:
            return f"{field} is missing; restore it, or write the file again with `triage review --write`"
    if key_of(entry["text"]) != entry["key"]:
        return "key and text do not belong together; restore them, or write the file again with `triage review --write`"
    if entry["key"] in seen:
        return f"stands in entry {seen[entry['key']]} too; remove one"
    if entry["language"] not in FILES:
        return f'unknown language "{entry["language"]}"; write {" or ".join(FILES)}'
    label = entry.get("label") or ""
    if not isinstance(label, str):
        return "label must be one intent, skip, or empty"
    if label.strip() and label.strip() not in (*intents, SKIP):
        return f'unknown intent "{label.strip()}"; {did_you_mean(label.strip(), [*intents, SKIP])}'
    return None

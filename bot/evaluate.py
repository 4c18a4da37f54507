"""How well the trained model understands labelled messages: `triage evaluate`."""

import asyncio
import csv
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

import yaml
from rich.console import Console
from rich.table import Table

from bot.engine import UnusableFacts
from bot.engine.errors import did_you_mean
from bot.wording import LANGUAGES

ACCEPT, CONFIRM, REFUSE = "accept", "confirm", "refuse"
OUT_OF_SCOPE = "out_of_scope"
# What a refused message counts as, unless it is labelled out of scope.
REFUSED = "(refused)"
ENTITIES = ("product", "version", "offer", "competency", "role", "beneficiary", "portal", "deployment", "error")
MOST_CONFUSIONS = 10
CELL_INCHES = 0.26

Labelled = Dict[str, Any]


def evaluate(sentences: str, folder: str) -> Dict[str, Any]:
    """Score the labelled messages in the file `sentences` and write the scores, tables and pictures into `folder`.

    Returns what `scores.json` holds: per language `messages`, `accuracy`, `macro_f1`, `shares` of the decisions,
    `accepted_accuracy`, `entities` (precision and recall by type), `confusions` and `files`. A share is between 0 and
    1, and None where there is nothing to share. Raises UnusableFacts that names the line and the remedy.
    """
    labelled = read_sentences(sentences, known_intents())
    target = _folder(folder)
    parsed = _parse([example["text"] for example in labelled])
    scores: Dict[str, Any] = {"messages": len(labelled), "languages": {}}
    for language in LANGUAGES:
        pairs = [(example, found) for example, found in zip(labelled, parsed) if example["lang"] == language]
        if pairs:
            scores["languages"][language] = _score(pairs)
            scores["languages"][language]["files"] = _write_confusion(pairs, language, target)
    _write(target / "scores.json", json.dumps(scores, ensure_ascii=False, indent=2) + "\n")
    return scores


# Reading the file


def read_sentences(path: str, intents: Sequence[str]) -> List[Labelled]:
    """Return the labelled messages in a file of JSON lines. Raises UnusableFacts."""
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UnusableFacts(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UnusableFacts(f"{path} is not UTF-8 text; save it as UTF-8") from None
    found = [_labelled(f"{path} line {number}", line, intents) for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise UnusableFacts(
            f'{path} holds no messages; write one a line: {{"text": ..., "lang": "en", "intent": ..., "entities": []}}'
        )
    return found


def _labelled(place: str, line: str, intents: Sequence[str]) -> Labelled:
    """Return the message on a line, with `entities` as (entity, value) pairs."""
    try:
        example = json.loads(line)
    except ValueError as error:
        raise UnusableFacts(f"{place} is not JSON: {error}") from None
    if not isinstance(example, dict):
        raise UnusableFacts(f"{place} is not a JSON object; write {{...}}")
    for key in ("text", "lang", "intent"):
        if not isinstance(example.get(key), str):
            raise UnusableFacts(f'{place}: "{key}" must be given, as a string')
    if example["lang"] not in LANGUAGES:
        raise UnusableFacts(f'{place}: "lang" cannot be "{example["lang"]}"; write {" or ".join(LANGUAGES)}')
    if example["intent"] not in intents:
        raise UnusableFacts(f'{place}: unknown intent "{example["intent"]}"; {did_you_mean(example["intent"], intents)}')
    entities = example.get("entities", [])
    if not isinstance(entities, list) or not all(_is_entity(entity) for entity in entities):
        raise UnusableFacts(f'{place}: "entities" must be a list of {{"entity": ..., "value": ...}}')
    for entity in entities:
        if entity["entity"] not in ENTITIES:
            raise UnusableFacts(f'{place}: unknown entity "{entity["entity"]}"; {did_you_mean(entity["entity"], ENTITIES)}')
    return {**example, "entities": [(entity["entity"], entity["value"]) for entity in entities]}


def _is_entity(entity: Any) -> bool:
    return isinstance(entity, dict) and isinstance(entity.get("entity"), str) and isinstance(entity.get("value"), str)


def known_intents() -> Tuple[str, ...]:
    """Return the intents of the domain."""
    from bot.assistant import PROJECT

    return tuple(yaml.safe_load((PROJECT / "domain" / "domain.yml").read_text(encoding="utf-8"))["intents"])


def _folder(folder: str) -> Path:
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFacts(f"{folder} cannot be made a folder: {error.strerror}; choose another with --to") from None
    return target


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableFacts(f"{path} cannot be written: {error.strerror}; choose another folder with --to") from None


# Understanding and scoring


def _parse(texts: Sequence[str]) -> List[Mapping[str, Any]]:
    """Return how the trained model reads each text, as the documents of `triage parse`."""
    from bot.assistant import Assistant, NoModel
    from bot.talk import reading

    try:
        assistant = Assistant()
    except NoModel as error:
        raise UnusableFacts(str(error)) from None

    async def parse_all() -> List[Mapping[str, Any]]:
        return [reading(await assistant.parse(text)) for text in texts]

    return asyncio.run(parse_all())


def _intent(example: Labelled, found: Mapping[str, Any]) -> str:
    """Return the intent that a reading counts as: refusing is right only for what is out of scope."""
    if found["decision"] != REFUSE:
        return found["intent"]
    return OUT_OF_SCOPE if example["intent"] == OUT_OF_SCOPE else REFUSED


def _score(pairs: Sequence[Tuple[Labelled, Mapping[str, Any]]]) -> Dict[str, Any]:
    labels = [(example["intent"], _intent(example, found)) for example, found in pairs]
    decisions = Counter(found["decision"] for _, found in pairs)
    accepted = [label for label, (_, found) in zip(labels, pairs) if found["decision"] == ACCEPT]
    confused = Counter(label for label in labels if label[0] != label[1])
    return {
        "messages": len(pairs),
        "accuracy": _share(sum(wanted == got for wanted, got in labels), len(labels)),
        "macro_f1": _macro_f1(labels),
        "shares": {name: _share(decisions[decision], len(pairs)) for name, decision in _DECISIONS},
        "accepted_accuracy": _share(sum(wanted == got for wanted, got in accepted), len(accepted)),
        "entities": _entity_scores(pairs),
        "confusions": [
            {"intent": wanted, "read_as": got, "messages": count}
            for (wanted, got), count in sorted(confused.items(), key=lambda item: (-item[1], item[0]))[:MOST_CONFUSIONS]
        ],
    }


_DECISIONS = (("accepted", ACCEPT), ("confirmed", CONFIRM), ("refused", REFUSE))


def _share(part: int, whole: int) -> Optional[float]:
    return round(part / whole, 4) if whole else None


def _macro_f1(labels: Sequence[Tuple[str, str]]) -> float:
    """Return the mean F1 over the labelled intents. What is only read, never labelled, lowers no intent of its own."""
    wanted, got = Counter(label for label, _ in labels), Counter(label for _, label in labels)
    right = Counter(label for label, read in labels if label == read)
    scores = [2 * right[intent] / (wanted[intent] + got[intent]) for intent in wanted]
    return round(sum(scores) / len(scores), 4)


def _entity_scores(pairs: Sequence[Tuple[Labelled, Mapping[str, Any]]]) -> Dict[str, Dict[str, Any]]:
    """Return precision and recall by type. A message's entities are a multiset of (entity, value)."""
    wanted: Counter = Counter()
    found: Counter = Counter()
    right: Counter = Counter()
    for example, read in pairs:
        expected = Counter(example["entities"])
        got = Counter((entity["entity"], entity["value"]) for entity in read["entities"])
        for counted, into in ((expected, wanted), (got, found), (expected & got, right)):
            for (entity, _), count in counted.items():
                into[entity] += count
    return {
        entity: {
            "labelled": wanted[entity],
            "found": found[entity],
            "precision": _share(right[entity], found[entity]),
            "recall": _share(right[entity], wanted[entity]),
        }
        for entity in ENTITIES
        if wanted[entity] or found[entity]
    }


# Confusion


def _write_confusion(pairs: Sequence[Tuple[Labelled, Mapping[str, Any]]], language: str, folder: Path) -> Dict[str, str]:
    """Write the confusion table and its picture; return the names of the files."""
    counts: Dict[str, Counter] = defaultdict(Counter)
    for example, found in pairs:
        counts[example["intent"]][_intent(example, found)] += 1
    rows = sorted(counts)
    read_as = {intent for row in counts.values() for intent in row}
    columns = [*rows, *sorted(read_as - set(rows) - {REFUSED}), *([REFUSED] if REFUSED in read_as else [])]
    table, picture = folder / f"confusion_{language}.csv", folder / f"confusion_{language}.svg"
    try:
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["labelled \\ read as", *columns])
            writer.writerows([row, *(counts[row][column] for column in columns)] for row in rows)
        _draw([[counts[row][column] for column in columns] for row in rows], rows, columns, language, picture)
    except OSError as error:
        raise UnusableFacts(f"{folder} cannot be written to: {error.strerror}; choose another folder with --to") from None
    return {"table": table.name, "picture": picture.name}


def _draw(counts: List[List[int]], rows: List[str], columns: List[str], language: str, path: Path) -> None:
    """Draw the table: a row for each labelled intent, shaded by its share, with the count in the cell."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(3.6 + CELL_INCHES * len(columns), 3.4 + CELL_INCHES * len(rows)))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    shares = [[count / sum(row) for count in row] for row in counts]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    for y, row in enumerate(counts):
        for x, count in enumerate(row):
            if count:
                wrong = rows[y] != columns[x]
                light = shares[y][x] > 0.5
                color = "white" if light else "firebrick" if wrong else "black"
                axes.text(x, y, str(count), ha="center", va="center", fontsize=8, color=color)
    axes.set_xticks(range(len(columns)), columns, rotation=90, fontsize=8)
    axes.set_yticks(range(len(rows)), rows, fontsize=8)
    # Faint lines, so that a row can be followed from its name to a cell far to the right.
    axes.set_xticks([x - 0.5 for x in range(1, len(columns))], minor=True)
    axes.set_yticks([y - 0.5 for y in range(1, len(rows))], minor=True)
    axes.grid(which="minor", color="0.88", linewidth=0.6)
    axes.tick_params(which="minor", length=0)
    axes.set_xlabel("read as")
    axes.set_ylabel("labelled")
    axes.set_title({"en": "English", "nl": "Dutch"}[language], fontsize=11)
    # Without a date and with fixed ids, the same scores give the same file.
    with matplotlib.rc_context({"svg.hashsalt": "confusion"}):
        figure.savefig(path, bbox_inches="tight", metadata={"Date": None})


# Showing


def show_scores(scores: Mapping[str, Any], console: Optional[Console] = None) -> None:
    """Print the scores as tables."""
    console = console or Console()
    console.print(_overview(scores))
    for language, found in scores["languages"].items():
        if found["entities"]:
            console.print(_entity_table(found, language))
        if found["confusions"]:
            table = Table("labelled", "read as", "messages", title=f"Most confused ({language})", title_justify="left")
            for pair in found["confusions"]:
                table.add_row(pair["intent"], pair["read_as"], str(pair["messages"]))
            console.print(table)


def _overview(scores: Mapping[str, Any]) -> Table:
    table = Table(title="Understanding", title_justify="left")
    table.add_column("")
    for language in scores["languages"]:
        table.add_column(language, justify="right")
    languages = scores["languages"].values()
    table.add_row("messages", *(str(found["messages"]) for found in languages))
    table.add_row("intent accuracy", *(_percent(found["accuracy"]) for found in languages))
    table.add_row("macro F1", *(_percent(found["macro_f1"]) for found in languages))
    for name, _ in _DECISIONS:
        table.add_row(name, *(_percent(found["shares"][name]) for found in languages))
    table.add_row("accuracy of accepted", *(_percent(found["accepted_accuracy"]) for found in languages))
    return table


def _entity_table(found: Mapping[str, Any], language: str) -> Table:
    table = Table(title=f"Entities ({language})", title_justify="left")
    table.add_column("")
    for name in ("labelled", "found", "precision", "recall"):
        table.add_column(name, justify="right")
    for entity, row in found["entities"].items():
        table.add_row(entity, str(row["labelled"]), str(row["found"]), _percent(row["precision"]), _percent(row["recall"]))
    return table


def _percent(share: Optional[float]) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"

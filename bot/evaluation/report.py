"""The scores as a report in Markdown."""

import re
from typing import Any, Iterable, List, Mapping, Sequence

from bot.evaluation.numbers import main_numbers, milliseconds, percent
from bot.evaluation.openings import wrong_facts

MOST_LISTED = 25  # wrong openings or answers of a language
LONGEST_QUOTE = 160  # characters


def report(scores: Mapping[str, Any], command: str, pictures: str) -> str:
    """Return the report. `command` made the scores; `pictures` is the folder of their files, seen from the report."""
    languages = scores["languages"]
    parts: List[str] = ["# Evaluation", _about(scores, command)]
    if languages:
        parts += ["## Main numbers", _main(scores)]
    for language, found in languages.items():
        if found["entities"]:
            parts += [f"## Entities ({language})", _by_type("entity", found["entities"])]
    for language, found in languages.items():
        if found["openings"]:
            parts += [f"## Openings ({language})", *_openings(found["openings"])]
    if scores["answers"]:
        parts += ["## Answers", *_answers(scores["answers"])]
    for language, found in languages.items():
        if found["confusions"]:
            parts += [f"## Most confused ({language})", _confused(found["confusions"])]
    if languages:
        parts += ["## Pictures", *_pictures(scores, pictures)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _about(scores: Mapping[str, Any], command: str) -> str:
    sentences = sum(found["messages"] for found in scores["languages"].values())
    answers = sum(found["messages"] for found in scores["answers"].values())
    return (
        f"Made by `{command}`: {scores['messages']} messages, of which {sentences} sentences and {answers} answers. "
        f"Routes are those of {scores['on']}. Milliseconds are of one machine; compare them only with others of the same."
    )


def _main(scores: Mapping[str, Any]) -> str:
    found = scores["languages"]
    rows = [["messages", *(str(language["messages"]) for language in found.values()), ""]]
    for name, values, target in main_numbers(scores):
        shown = [
            f"**{percent(share)}**" if target and target.is_met(language, share) is False else percent(share)
            for language, share in values.items()
        ]
        rows.append([name, *shown, target.text() if target else ""])
    for name in ("p50", "p95"):
        rows.append([f"time a message, {name}", *(milliseconds(f["milliseconds"][name]) for f in found.values()), ""])
    counted = [
        f"- {language}: {f['out_of_scope']['foreign']} foreign and {f['out_of_scope']['genuine']} genuine messages, "
        f"{f['second_asks']['labelled']} with a second ask, {f['typos']['messages']} that could be given a typo, "
        f"{f['language']['messages']} of three words or more"
        for language, f in found.items()
    ]
    return _table(["", *found, "should be"], rows) + "\n\nBold: not as it should be. Shares are of:\n\n" + "\n".join(counted)


def _by_type(what: str, rows: Mapping[str, Mapping[str, Any]]) -> str:
    return _table(
        [what, "labelled", "found", "precision", "recall"],
        [
            [kind, str(row["labelled"]), str(row["found"]), percent(row["precision"]), percent(row["recall"])]
            for kind, row in rows.items()
        ],
    )


def _openings(found: Mapping[str, Any]) -> Iterable[str]:
    yield (
        f"{found['messages']} openings. All facts right: {percent(found['all_facts_right'])}. Leading to a wrong route: "
        f"{percent(found['wrong_routes'])}, with confidence: {percent(found['wrong_routes_with_confidence'])}."
    )
    if found["options"]["labelled"]:
        yield (
            f"{found['options']['labelled']} leave open which of some products is meant: exactly those are seen in "
            f"{percent(found['options']['recall'])}."
        )
    if found["outcomes"]["labelled"]:
        yield (
            f"{found['outcomes']['labelled']} are labelled with what comes next: right in "
            f"{percent(found['outcomes']['right'])}."
        )
    yield _by_type("fact", found["facts"])
    if found["by_kind"]:
        rows = [
            [kind, str(row["messages"]), percent(row["all_facts_right"]), percent(row["wrong_routes_with_confidence"])]
            for kind, row in found["by_kind"].items()
        ]
        yield _table(["kind", "openings", "all facts right", "wrong routes with confidence"], rows)
    sure = [wrong for wrong in found["wrong"] if wrong["with_confidence"]]
    if sure:
        yield "Wrong routes given with confidence:"
        rows = [
            [
                _quote(w["text"]),
                f"{w['intent']} -> {w['read_as']}",
                "; ".join(wrong_facts(w)),
                f"{w['route']} -> {w['led_to']}",
            ]
            for w in sure[:MOST_LISTED]
        ]
        yield _table(["opening", "intent", "facts", "route"], rows) + _left_out(sure)


def _answers(scores: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    header = ["asked", *(f"{language} {what}" for language in scores for what in ("answers", "right"))]
    facts = dict.fromkeys(fact for found in scores.values() for fact in found["by_fact"])
    rows = [["all", *_cells(found for found in scores.values())]]
    rows += [[fact, *_cells(found["by_fact"].get(fact) for found in scores.values())] for fact in facts]
    rows.append(["(nothing)", *_cells(found["nothing_asked"] for found in scores.values())])
    yield _table(header, rows)
    for language, found in scores.items():
        if found["wrong"]:
            yield f"Read wrongly ({language}):"
            listed = [
                [
                    _quote(wrong["text"]),
                    wrong["asked"] or "(nothing)",
                    _wanted(wrong["facts"], wrong["step"]),
                    _wanted(wrong["found"], wrong["read_as"]),
                ]
                for wrong in found["wrong"][:MOST_LISTED]
            ]
            yield _table(["answer", "asked", "labelled", "read"], listed) + _left_out(found["wrong"])


def _cells(tallies: Iterable[Any]) -> Iterable[str]:
    for tally in tallies:
        yield from (str(tally["messages"]), percent(tally["accuracy"])) if tally else ("0", "-")


def _wanted(facts: Mapping[str, str], step: Any) -> str:
    return ", ".join([*(f"{fact}: {value}" for fact, value in facts.items()), *([step] if step else [])]) or "-"


def _confused(pairs: Sequence[Mapping[str, Any]]) -> str:
    rows = [[pair["intent"], pair["read_as"], str(pair["messages"]), _quote(pair["example"])] for pair in pairs]
    return _table(["labelled", "read as", "messages", "for example"], rows)


def _pictures(scores: Mapping[str, Any], folder: str) -> Iterable[str]:
    base = folder.replace("\\", "/")
    for name, title in (("reliability", "Accuracy by confidence"), ("out_of_scope", "Out of scope")):
        if name in scores["files"]:
            yield f"![{title}]({base}/{scores['files'][name]})"
    for language, found in scores["languages"].items():
        yield f"![Confusion ({language})]({base}/{found['files']['picture']})"


def _left_out(rows: Sequence[Any]) -> str:
    return f"\n\nand {len(rows) - MOST_LISTED} more" if len(rows) > MOST_LISTED else ""


def _quote(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1] + "…"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table; what a person typed may hold signs that mean something in Markdown."""
    lines = [header, ["---"] * len(header), *([_escaped(cell) for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _escaped(cell: str) -> str:
    return re.sub(r"<(?=[A-Za-z/!?])", "&lt;", cell.replace("\\", "\\\\").replace("|", "\\|"))

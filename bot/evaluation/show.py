"""The scores as tables in the terminal."""

from typing import Any, Mapping, Optional

from rich.console import Console
from rich.table import Table

from bot.evaluation.numbers import main_numbers, milliseconds, percent


def show_scores(scores: Mapping[str, Any], console: Optional[Console] = None) -> None:
    """Print the scores as tables."""
    console = console or Console()
    if scores["languages"]:
        console.print(_overview(scores))
    for language, found in scores["languages"].items():
        if found["entities"]:
            console.print(_by_type(found["entities"], f"Entities ({language})"))
        if found["openings"]:
            console.print(_by_type(found["openings"]["facts"], f"Facts of openings ({language})"))
        if found["confusions"]:
            table = _table(f"Most confused ({language})", "labelled", "read as", "messages")
            for pair in found["confusions"]:
                table.add_row(pair["intent"], pair["read_as"], str(pair["messages"]))
            console.print(table)
    if scores["answers"]:
        console.print(_answers(scores["answers"]))


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, title=title, title_justify="left")


def _overview(scores: Mapping[str, Any]) -> Table:
    table = _table("Understanding", "")
    for language in scores["languages"]:
        table.add_column(language, justify="right")
    table.add_column("should be")
    languages = scores["languages"].values()
    table.add_row("messages", *(str(found["messages"]) for found in languages), "")
    for name, values, target in main_numbers(scores):
        shown = [
            f"[red]{percent(share)}[/red]" if target and target.is_met(language, share) is False else percent(share)
            for language, share in values.items()
        ]
        table.add_row(name, *shown, target.text() if target else "")
    for name in ("p50", "p95"):
        table.add_row(f"time a message, {name}", *(milliseconds(found["milliseconds"][name]) for found in languages), "")
    return table


def _by_type(rows: Mapping[str, Mapping[str, Any]], title: str) -> Table:
    table = _table(title, "")
    for name in ("labelled", "found", "precision", "recall"):
        table.add_column(name, justify="right")
    for kind, row in rows.items():
        table.add_row(kind, str(row["labelled"]), str(row["found"]), percent(row["precision"]), percent(row["recall"]))
    return table


def _answers(scores: Mapping[str, Mapping[str, Any]]) -> Table:
    table = _table("Answers read rightly, by the question asked", "")
    for language in scores:
        table.add_column(language, justify="right")
    table.add_row("all", *(percent(found["accuracy"]) for found in scores.values()))
    for fact in dict.fromkeys(fact for found in scores.values() for fact in found["by_fact"]):
        table.add_row(fact, *(percent(found["by_fact"].get(fact, {}).get("accuracy")) for found in scores.values()))
    table.add_row("(nothing asked)", *(percent(found["nothing_asked"]["accuracy"]) for found in scores.values()))
    return table

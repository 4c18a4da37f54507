"""How well the trained model understands labelled messages: `triage evaluate`."""

import csv
import json
import os
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence

from bot.clock import DATE_VARIABLE, day, today
from bot.engine import UnusableFacts
from bot.evaluation.answers import score_answers
from bot.evaluation.openings import score_openings
from bot.evaluation.parsing import Pair, Reading, parse_all
from bot.evaluation.pictures import draw_confusion, draw_out_of_scope, draw_reliability
from bot.evaluation.report import report
from bot.evaluation.routes import Routes
from bot.evaluation.sentences import Answer, Labelled, Sentence, known_intents, read_labelled
from bot.evaluation.show import show_scores
from bot.evaluation.understanding import confusion, foreign_curve, score
from bot.knowledge import shared
from bot.wording import LANGUAGES

__all__ = ["evaluate", "known_intents", "read_labelled", "score_all", "show_scores"]

# The day that routes are compared on when no day is set: scores then change only when the assistant does.
COMPARED_ON = "2026-11-22"


def evaluate(sentences: str, folder: str, report_file: Optional[str] = None) -> Dict[str, Any]:
    """Score the labelled lines in the file or folder `sentences` and write scores, tables and pictures into `folder`.

    Returns what `scores.json` holds: per language the scores of its sentences and openings, and those of the answers. A
    share is between 0 and 1, and None where there is nothing to share; times are in milliseconds. `report_file` is where
    a report in Markdown goes. Raises UnusableFacts that names the line and the remedy.
    """
    labelled = read_labelled(sentences, known_intents())
    target = _folder(Path(folder), "--to")
    if report_file is not None:
        _folder(Path(report_file).parent, "--report")
    readings = parse_all(labelled)
    scores = score_all(labelled, readings)
    _draw(scores, labelled, readings, target)
    _write(target / "scores.json", json.dumps(scores, ensure_ascii=False, indent=2) + "\n", "--to")
    if report_file is not None:
        command = f"triage evaluate {sentences} --to {folder} --report {report_file}"
        _write(Path(report_file), report(scores, command, os.path.relpath(target, Path(report_file).parent)), "--report")
    return scores


def score_all(labelled: Sequence[Labelled], readings: Sequence[Reading]) -> Dict[str, Any]:
    """Return the scores of lines and their readings, without the files."""
    from bot.shared_reader import reader

    knowledge = shared()
    routes = Routes(knowledge.programme, today() if os.environ.get(DATE_VARIABLE) else day(COMPARED_ON))
    scores: Dict[str, Any] = {"messages": len(labelled), "languages": {}, "answers": {}, "on": routes.on.isoformat()}
    for language in LANGUAGES:
        pairs = _sentences(labelled, readings, language)
        if pairs:
            openings = score_openings(pairs, reader(), knowledge, routes)
            scores["languages"][language] = {**score(pairs), "openings": openings}
        given = [(a, reading) for a, reading in zip(labelled, readings) if isinstance(a, Answer) and a.lang == language]
        answers = score_answers(given, reader())
        if answers is not None:
            scores["answers"][language] = answers
    return scores


def _sentences(labelled: Sequence[Labelled], readings: Sequence[Reading], language: str) -> List[Pair]:
    return [(s, reading) for s, reading in zip(labelled, readings) if isinstance(s, Sentence) and s.lang == language]


# Files


def _folder(folder: Path, option: str) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnusableFacts(f"{folder} cannot be made a folder: {error.strerror}; choose another with {option}") from None
    return folder


def _write(path: Path, text: str, option: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableFacts(f"{path} cannot be written: {error.strerror}; choose another place with {option}") from None


def _draw(scores: Dict[str, Any], labelled: Sequence[Labelled], readings: Sequence[Reading], folder: Path) -> None:
    """Write the tables and the pictures; add the names of the files to the scores."""
    try:
        scores["files"] = _draw_all(scores["languages"], labelled, readings, folder)
    except OSError as error:
        raise UnusableFacts(f"{folder} cannot be written to: {error.strerror}; choose another folder with --to") from None


def _draw_all(
    found: Mapping[str, Dict[str, Any]], labelled: Sequence[Labelled], readings: Sequence[Reading], folder: Path
) -> Dict[str, str]:
    files = {}
    pairs = {language: _sentences(labelled, readings, language) for language in found}
    for language in found:
        rows, columns, counts = confusion(pairs[language])
        table, picture = folder / f"confusion_{language}.csv", folder / f"confusion_{language}.svg"
        with table.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["labelled \\ read as", *columns])
            writer.writerows([row, *line] for row, line in zip(rows, counts))
        draw_confusion(counts, rows, columns, language, picture)
        found[language]["files"] = {"table": table.name, "picture": picture.name}
    if found:
        files["reliability"] = "reliability.svg"
        draw_reliability({language: found[language]["calibration"] for language in found}, folder / files["reliability"])
    curves = {language: curve for language in found if (curve := foreign_curve(pairs[language]))}
    if curves:
        files["out_of_scope"] = "out_of_scope.svg"
        draw_out_of_scope(curves, {key: found[key]["out_of_scope"] for key in curves}, folder / files["out_of_scope"])
    return files

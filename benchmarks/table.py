"""The results as a Markdown table: the median over the seeds, with the range."""

from statistics import median
from typing import Any, Dict, List, Mapping, Optional, Sequence

Run = Mapping[str, Any]
NONE = "–"
# Key, name, decimals.
METRICS = (
    ("accuracy_en", "intent accuracy, English", 3),
    ("accuracy_nl", "intent accuracy, Dutch", 3),
    ("typo_en", "with one typo a message, English", 3),
    ("typo_nl", "with one typo a message, Dutch", 3),
    ("likeliest_en", "likeliest intent right, refused or not, English", 3),
    ("likeliest_nl", "likeliest intent right, refused or not, Dutch", 3),
    ("auroc", "out-of-scope AUROC", 3),
    ("foreign_refused", "foreign messages refused", 3),
    ("foreign_confirmed", "of them asked to confirm (share of all foreign)", 3),
    ("genuine_refused", "genuine messages refused", 3),
    ("genuine_confirmed", "of them asked to confirm (share of all genuine)", 3),
    ("calibration_error", "expected calibration error", 3),
    ("training_seconds", "training, s", 0),
    ("ms_p50", "a message, ms, median", 1),
    ("ms_p95", "a message, ms, 95th percentile", 1),
    ("resident_mb", "resident memory after training and parsing, MB", 0),
    ("serving_mb", "resident memory of a process that only parses, MB", 0),
    ("model_mb", "model file, MB", 1),
    ("download_mb", "extra packages to fetch, MB", 1),
)


def comparable(runs: Sequence[Run], pipelines: Sequence[str], per_intent: int, epochs: int) -> Dict[str, List[Run]]:
    """Return the runs of each pipeline that may be compared, one a seed.

    They have the settings asked for, the data of the newest such run, and each pipeline's newest configuration and code.
    """
    asked = [run for run in runs if run["per_intent"] == per_intent and run["epochs"] in (epochs, None)]
    asked = [run for run in asked if run["pipeline"] in pipelines]
    asked = [run for run in asked if run["data"] == asked[-1]["data"]]
    found: Dict[str, List[Run]] = {}
    for pipeline in pipelines:
        own = [run for run in asked if run["pipeline"] == pipeline]
        by_seed = {run["seed"]: run for run in own if run["code"] == own[-1]["code"]}
        found[pipeline] = [by_seed[seed] for seed in sorted(by_seed)]
    return found


def table(runs: Mapping[str, Sequence[Run]]) -> str:
    """Return a Markdown table with a column for each pipeline, one that was never run included."""
    lines = [["", *runs], ["---", *("---:" for _ in runs)]]
    lines.append(["seeds", *(str(len(own)) for own in runs.values())])
    for key, name, decimals in METRICS:
        lines.append([name, *(cell([run.get(key) for run in own], decimals) for own in runs.values())])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cell(values: Sequence[Optional[float]], decimals: int) -> str:
    """Return the median of the values and, when it differs from it, their range."""
    known = [value for value in values if value is not None]
    if not known:
        return NONE
    middle, least, most = (f"{value:.{decimals}f}" for value in (median(known), min(known), max(known)))
    return middle if least == most else f"{middle} ({least}–{most})"

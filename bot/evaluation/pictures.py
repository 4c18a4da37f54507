"""Pictures of the scores (SVG): confusion, reliability, and how well foreign messages are told apart."""

from pathlib import Path
from typing import Any, Dict, List, Mapping, Sequence, Tuple

CELL_INCHES = 0.26
LANGUAGE_NAMES = {"en": "English", "nl": "Dutch"}
COLORS = {"en": "tab:blue", "nl": "tab:orange"}


def draw_confusion(counts: List[List[int]], rows: List[str], columns: List[str], language: str, path: Path) -> None:
    """Draw the table: a row for each labelled intent, shaded by its share, with the count in the cell.

    Raises OSError.
    """
    figure = _figure(3.6 + CELL_INCHES * len(columns), 3.4 + CELL_INCHES * len(rows))
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
    axes.set_title(LANGUAGE_NAMES[language], fontsize=11)
    _save(figure, path)


def draw_reliability(calibrations: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Draw accuracy by confidence for each language, and below it how many messages each point stands for.

    Raises OSError.
    """
    figure = _figure(6.4, 6.0)
    above, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": [3, 1]})
    above.plot([0, 1], [0, 1], color="0.7", linewidth=1, linestyle="--")
    width = 0.1 / (len(calibrations) + 0.5)
    for index, (language, found) in enumerate(calibrations.items()):
        color, bins = COLORS[language], [row for row in found["bins"] if row["messages"]]
        label = f"{LANGUAGE_NAMES[language]} (calibration error {100 * found['error']:.1f} %)"
        above.plot(
            [row["confidence"] for row in bins], [row["accuracy"] for row in bins], color=color, marker="o", label=label
        )
        for row in bins:
            x = row["from"] + width * (index + 0.75)
            below.bar(x, row["messages"], width=width, color=color)
            below.text(x, row["messages"], str(row["messages"]), ha="center", va="bottom", fontsize=7)
    above.set_ylabel("share read rightly")
    above.set_ylim(0, 1.02)
    above.legend(loc="upper left", fontsize=8, frameon=False)
    below.set_xlim(0, 1)
    below.set_xlabel("confidence")
    below.set_ylabel("messages")
    below.margins(y=0.25)
    _save(figure, path)


def draw_out_of_scope(
    curves: Mapping[str, Sequence[Tuple[float, float]]], scores: Mapping[str, Mapping[str, Any]], path: Path
) -> None:
    """Draw the ROC curve of each language, with a cross where the assistant works. `scores` are those of out of scope.

    Raises OSError.
    """
    figure = _figure(5.6, 5.2)
    axes = figure.add_subplot()
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, linestyle="--")
    for language, curve in curves.items():
        found, color = scores[language], COLORS[language]
        counts = f"{found['foreign']} foreign, {found['genuine']} genuine"
        label = f"{LANGUAGE_NAMES[language]} (area {100 * found['auroc']:.1f} %; {counts})"
        axes.plot([x for x, _ in curve], [y for _, y in curve], color=color, label=label)
        axes.plot(found["genuine_refused"], found["foreign_refused"], color=color, marker="x", markersize=9)
    axes.set_xlabel("share of genuine messages refused")
    axes.set_ylabel("share of foreign messages refused")
    axes.set_xlim(-0.01, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    axes.set_title("Out of scope (x: where the assistant works)", fontsize=11)
    _save(figure, path)


def _figure(width: float, height: float) -> Any:
    """Return an empty figure of so many inches, without a display."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def _save(figure: Any, path: Path) -> None:
    """Write the figure. Without a date and with fixed ids, the same scores give the same file."""
    import matplotlib

    metadata: Dict[str, Any] = {"Date": None}
    with matplotlib.rc_context({"svg.hashsalt": path.stem}):
        figure.savefig(path, bbox_inches="tight", metadata=metadata)

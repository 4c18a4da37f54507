"""The pictures of the figures as SVG, drawn by the server. The same picture is the same bytes, in light and in dark."""

import math
import re
from io import BytesIO
from typing import Any, Dict, List, Sequence, Tuple
from xml.sax.saxutils import escape

from bot.helpdesk.figures_shown import COUNT, LINES, PERCENT, RANKED, Number, Picture, shown

WIDTH = 9.0  # inches
MOST_LABELS = 14  # of weeks below an axis
# Matplotlib writes these two, and the reader's browser puts in what can be read on a light or a dark page.
INK, LINE = "#010203", "#040506"
STYLE = (
    "<style>svg{--ink:#24292f;--line:#d0d7de}"
    "@media (prefers-color-scheme:dark){svg{--ink:#e6edf3;--line:#3d444d}}"
    "text{font-family:system-ui,sans-serif!important}</style>"
)
COLORS = ("#2f81f7", "#d97706", "#8a919c")  # at least 3 to 1 against white and against near black
MARKS = (("o", "-"), ("s", "--"))  # lines are told apart without their colours too
UNITS = {COUNT: "conversations", PERCENT: "%"}
METADATA: Dict[str, Any] = {"Date": None, "Creator": None, "Format": None, "Type": None}


def draw(picture: Picture) -> bytes:
    """Return a picture as an SVG document with a title and a description. Not to be called by two threads at once."""
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings = {
        "svg.hashsalt": picture.name, "svg.fonttype": "none", "font.family": "DejaVu Sans", "font.size": 9,
        "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": LINE, "xtick.color": INK, "ytick.color": INK,
        "grid.color": LINE,
    }  # fmt: skip
    with matplotlib.rc_context(settings):
        height = 0.9 + 0.3 * max(1, len(picture.labels)) if picture.form == RANKED else 3.2
        figure = Figure(figsize=(WIDTH, height))
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        _shape(axes)
        if picture.is_empty:
            _say_nothing(axes)
        elif picture.form == RANKED:
            _rank(axes, picture)
        else:
            _over_weeks(axes, picture)
        written = BytesIO()
        figure.savefig(written, format="svg", transparent=True, bbox_inches="tight", metadata=METADATA)
    return _finished(written.getvalue().decode("utf-8"), picture)


def _shape(axes: Any) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.set_axisbelow(True)


def _say_nothing(axes: Any) -> None:
    axes.text(0.5, 0.5, "Nothing in this period", ha="center", va="center", transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])


def _rank(axes: Any, picture: Picture) -> None:
    """Draw a bar for each label, the first above."""
    values = _numbers(picture.series[0][1])
    places = range(len(values))
    axes.barh(places, values, color=COLORS[0], height=0.7)
    for place, value in zip(places, values):
        axes.annotate(shown(value, picture.unit), (value, place), xytext=(4, 0), textcoords="offset points", va="center")
    axes.set_yticks(places, [_plain(label) for label in picture.labels])
    axes.invert_yaxis()
    axes.set_xlim(0, max(values) * 1.1)
    axes.set_xlabel(UNITS[picture.unit])
    axes.xaxis.get_major_locator().set_params(integer=True)


def _over_weeks(axes: Any, picture: Picture) -> None:
    """Draw bars on each other, or lines that break where there is nothing to tell."""
    places = range(len(picture.labels))
    below = [0.0] * len(places)
    for number, (name, values) in enumerate(picture.series):
        color = COLORS[number % len(COLORS)]
        if picture.form == LINES:
            mark, stroke = MARKS[number % len(MARKS)]
            known = [math.nan if value is None else value for value in values]
            axes.plot(places, known, color=color, marker=mark, linestyle=stroke, label=_plain(name))
        else:
            heights = _numbers(values)
            axes.bar(places, heights, bottom=below, color=color, label=_plain(name), width=0.75)
            below = [under + height for under, height in zip(below, heights)]
    step = math.ceil(len(places) / MOST_LABELS)
    axes.set_xticks(list(places)[::step], [_plain(label) for label in picture.labels[::step]], rotation=30, ha="right")
    axes.set_xlim(-0.6, len(places) - 0.4)
    axes.set_ylim(bottom=0)
    axes.set_ylabel(UNITS.get(picture.unit, picture.unit))
    axes.grid(axis="y", linewidth=0.6)
    if picture.unit == COUNT:
        axes.yaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncol=len(picture.series), frameon=False)


def _numbers(values: Sequence[Number]) -> List[float]:
    return [value or 0.0 for value in values]


def _plain(text: str) -> str:
    """Return a text that Matplotlib does not read as a formula."""
    return text.replace("$", r"\$")


def _finished(svg: str, picture: Picture) -> bytes:
    """Return the document without what stands before it, with its words for who cannot see it, and its colours."""
    svg = svg[svg.index("<svg") :].rstrip()
    words = f"<title>{escape(picture.title)}</title><desc>{escape(picture.alternative)}</desc>"
    svg = re.sub(r"<svg([^>]*)>", lambda found: f'<svg role="img"{found[1]}>{words}{STYLE}', svg, count=1)
    for color, put in _colors():
        svg = svg.replace(color, put)
    return svg.encode("utf-8")


def _colors() -> Tuple[Tuple[str, str], ...]:
    return (INK, "var(--ink)"), (LINE, "var(--line)")

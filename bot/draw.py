"""Flow charts (SVG) of the decisions, drawn from the enumerated paths. The words on them are the ids, as in the path lists."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Optional, Tuple, Union

from bot.engine import Decision, Family, Line, Programme
from bot.engine.paths import BREAK_FIX, NOT_GIVEN, Question, Tree, goal_tree, incidents
from bot.knowledge import shared

FLOWS = Path(__file__).resolve().parent.parent / "docs" / "flows"
DRAWN_FOR = date(2026, 11, 22)  # a fixed day, so that the files change only when the programme does
PROGRAM = "graphviz-pure"

COVERED, OPEN, REFUSED, ELSEWHERE = "#d8efdc", "#fdf0c4", "#f6d5d0", "#e4e4ea"
NOT_COVERED_ROUTES = ("paid_support", "get_membership")
OPEN_ROUTES = ("check_offer", "check_version", "find_administrator", "switch_account")
LONGEST_LINE = 34  # characters on a line of a label


@dataclass(frozen=True)
class Chart:
    """A node of a drawing: a question with its labelled ways on, or an end (`color`) without any."""

    text: str
    ways: Tuple[Tuple[str, "Chart"], ...] = ()
    color: str = "white"


class NoDrawingProgram(RuntimeError):
    """The program that lays out the charts is missing. The message says how to get it."""


def write_charts(folder: Union[str, Path, None] = None) -> List[Path]:
    """Write a chart for every goal into `folder` (docs/flows by default) and return the files.

    Charts of earlier runs that are no longer drawn stay. Raises NoDrawingProgram.
    """
    target = Path(folder) if folder is not None else FLOWS
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, chart in charts(shared().programme, DRAWN_FOR).items():
        path = target / f"{name}.svg"
        path.write_text(lay_out(dot(chart)), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def charts(programme: Programme, on: date) -> Dict[str, Chart]:
    """Return the charts by file name: one for a goal, several for a support request, which has too many questions."""
    found: Dict[str, Chart] = {}
    for goal in programme.facts["goal"].values:
        grown = goal_tree(programme, goal, on)
        if goal == "open_request":
            found.update(_request_charts(programme, grown))
        elif goal == "check_eligibility":
            found[goal] = _eligibility_chart(programme, grown)
        else:
            found[goal] = _titled(goal, _chart(programme, grown))
    return found


def _request_charts(programme: Programme, grown: Tree) -> Dict[str, Chart]:
    kinds = dict(grown.branches)  # type: ignore[union-attr]
    products = dict(kinds[BREAK_FIX].branches)
    parts = _by_hosting(programme, products)
    version = _merged_versions(programme, parts["on_premises"])
    single = _choices(programme, "product", {p: t for p, t in parts["on_premises"].items() if not _asks_version(t)})
    clouds = _clouds(programme, parts["cloud"])
    found = {
        "open_request_on_premises": Chart(
            "product?", (("on-premises product", version), *((f"one version only:\n{label}", end) for label, end in single))
        )
    }
    ways: List[Tuple[str, Chart]] = [("on-premises product", _elsewhere("open_request_on_premises"))]
    families: Dict[Chart, List[str]] = {}
    for product, branch in parts["family"].items():
        cloud = _chart(programme, dict(branch.branches)["cloud"])  # type: ignore[union-attr]
        families.setdefault(cloud, []).append(product)
    for name, (members, chart) in clouds.items():
        found[f"open_request_{name}"] = Chart("product?", ((_listed(members), chart),))
        ways.append((_listed(members), _elsewhere(f"open_request_{name}")))
    for name, (_, chart) in clouds.items():
        named = families.get(chart, [])
        on_premises = _elsewhere("open_request_on_premises")
        deployment = (("on premises", on_premises), ("cloud", _elsewhere(f"open_request_{name}")))
        ways.append((_listed(named), Chart("deployment?", deployment)))
    advisory = _chart(programme, kinds["advisory"])
    overview = (
        ("break fix (default)", Chart("product?", tuple(ways))),
        ("advisory", advisory),
        ("account", _chart(programme, kinds["account"])),
    )
    return {"open_request": _titled("open_request", Chart("request kind", overview)), **found}


def _eligibility_chart(programme: Programme, grown: Tree) -> Chart:
    parts = _by_hosting(programme, dict(grown.branches))  # type: ignore[union-attr]
    version = _merged_versions(programme, parts["on_premises"])
    cloud = next(_chart(programme, branch) for branch in parts["cloud"].values())
    deployment = Chart("deployment?", (("on premises", version), ("cloud", cloud)))
    single = _choices(programme, "product", {p: t for p, t in parts["on_premises"].items() if not _asks_version(t)})
    ways = (
        ("on-premises product", version),
        *((f"one version only:\n{label}", end) for label, end in single),
        (_listed(list(parts["family"])), deployment),
        ("cloud product", cloud),
    )
    return _titled("check_eligibility", Chart("product?", ways))


def _titled(goal: str, chart: Chart) -> Chart:
    return Chart("goal", ((_words(goal), chart),))


def _elsewhere(name: str) -> Chart:
    return Chart(f"see {name}.svg", color=ELSEWHERE)


def _asks_version(found: Tree) -> bool:
    return isinstance(found, Question) and found.fact == "version"


def _by_hosting(programme: Programme, products: Mapping[str, Tree]) -> Dict[str, Dict[str, Tree]]:
    parts: Dict[str, Dict[str, Tree]] = {"on_premises": {}, "cloud": {}, "family": {}}
    for product, branch in products.items():
        kind = programme.catalogue.resolve(product)
        parts["family" if isinstance(kind, Family) else "on_premises" if isinstance(kind, Line) else "cloud"][product] = branch
    return parts


def _merged_versions(programme: Programme, products: Mapping[str, Tree]) -> Chart:
    """Return one version question for all on-premises products, its answers told by what the N-1 rule says of them."""
    merged: Dict[str, Chart] = {}
    for branch in products.values():
        if _asks_version(branch):
            for label, chart in _chart(programme, branch).ways:
                if merged.setdefault(label, chart) != chart:
                    raise ValueError(f'versions that are "{label}" do not all lead to the same; draw them apart')
    return Chart("version?", tuple(sorted(merged.items(), key=lambda way: VERSION_ORDER.index(way[0]))))


def _clouds(programme: Programme, products: Mapping[str, Tree]) -> Dict[str, Tuple[List[str], Chart]]:
    """Return the cloud workloads that behave alike, by a name for their chart."""
    alike: Dict[Chart, List[str]] = {}
    for product, branch in products.items():
        alike.setdefault(_chart(programme, branch), []).append(product)
    named = {}
    for chart, members in alike.items():
        name = next((member for member in ("azure", "microsoft365") if member in members), "other_cloud")
        if name in named:
            raise ValueError(f"cloud workloads behave in a new way: {', '.join(members)}; give them a chart of their own")
        named[name] = (members, chart)
    return named


IN_SUPPORT = "N or N-1,\nin mainstream support"
NOT_SURE = "unsure"
VERSION_ORDER = [
    IN_SUPPORT,
    "older than n minus 1",
    "mainstream support ended",
    "cannot confirm lifecycle",
    NOT_SURE,
]


def _version_class(found: Tree) -> str:
    while isinstance(found, Question):
        found = found.branches[0][1]
    if found.eligibility is None:
        return NOT_SURE
    return IN_SUPPORT if found.eligibility.eligible else _words(str(found.eligibility.reason))


def _chart(programme: Programme, found: Tree) -> Chart:
    """Return the drawing of a tree: answers that lead to the same are one way on."""
    if isinstance(found, Decision):
        return _end(found)
    mark = "?" if found.asked else ""
    return Chart(f"{_words(found.fact)}{mark}", tuple(_choices(programme, found.fact, dict(found.branches))))


def _choices(programme: Programme, fact: str, branches: Mapping[str, Tree]) -> Iterator[Tuple[str, Chart]]:
    groups: Dict[Chart, List[str]] = {}
    for value, below in branches.items():
        groups.setdefault(_chart(programme, below), []).append(value)
    biggest = max(groups.values(), key=len)
    for chart, values in groups.items():
        if fact == "version":
            yield _version_class(branches[values[0]]), chart
        elif fact == "product" and values is biggest and len(values) > 20:
            yield ("not given or " if NOT_GIVEN in values else "") + "any other product", chart
        else:
            yield _listed([_with_incidents(fact, value, branches[value]) for value in values]), chart


def _with_incidents(fact: str, value: str, below: Tree) -> str:
    """Return an offer with the number of incidents it gives on all paths below that are covered."""
    if fact != "offer":
        return value
    given = {incidents(decision) for decision in _ends(below)} - {""}
    return f"{value} ({given.pop()} incidents)" if len(given) == 1 else value


def _ends(found: Tree) -> Iterator[Decision]:
    if isinstance(found, Decision):
        yield found
    else:
        for _, below in found.branches:
            yield from _ends(below)


def _end(decision: Decision) -> Chart:
    lines = [_words(str(decision.route)).upper()]
    if decision.reason:
        lines.append(_words(decision.reason))
    if decision.covered_by:
        lines.append(_words(decision.covered_by))
    if decision.route == "answer" and decision.eligibility and decision.eligibility.eligible:
        lines.append("eligible")
    lines += [f"{number}. {_words(step)}" for number, step in enumerate(decision.preparation, start=1)]
    refused = decision.route in NOT_COVERED_ROUTES or (decision.route == "answer" and decision.reason)
    color = REFUSED if refused else OPEN if decision.route in OPEN_ROUTES else COVERED
    return Chart("\n".join(lines), color=color)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _listed(values: List[str]) -> str:
    """Return values as a label, broken into short lines."""
    lines = [""]
    for number, value in enumerate(values):
        word = _words(value) + ("," if number + 1 < len(values) else "")
        if lines[-1] and len(lines[-1]) + len(word) >= LONGEST_LINE:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "\n".join(lines)


def dot(chart: Chart) -> str:
    """Return the chart in the dot language. Parts that are equal are drawn once."""
    lines = [
        "digraph {",
        '  graph [rankdir=LR, bgcolor=white, nodesep=0.22, ranksep=0.55, pad=0.2]',
        '  node [shape=box, style="rounded,filled", fillcolor=white, color="#55606e", fontname="Arial", fontsize=13, margin="0.16,0.08"]',
        '  edge [color="#55606e", fontcolor="#1f3b63", fontname="Arial", fontsize=12, arrowsize=0.7]',
    ]
    names: Dict[Chart, str] = {}

    def node(part: Chart) -> str:
        if part not in names:
            names[part] = f"n{len(names)}"
            style = "" if part.ways else f', style=filled, fillcolor="{part.color}"'
            lines.append(f"  {names[part]} [label={_quoted(part.text)}{style}]")
            for label, below in part.ways:
                end = node(below)
                lines.append(f"  {names[part]} -> {end} [label={_quoted(label)}]")
        return names[part]

    node(chart)
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def lay_out(source: str) -> str:
    """Return the SVG of a drawing in the dot language. Raises NoDrawingProgram."""
    program = _program()
    done = subprocess.run([program, "-Tsvg"], input=source.encode(), capture_output=True, check=True)
    return done.stdout.decode()


def _program() -> str:
    # The program stands beside the interpreter it was installed for; PATH need not name that folder.
    beside = shutil.which(PROGRAM, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(PROGRAM)
    if found is None:
        raise NoDrawingProgram(f'"{PROGRAM}" is not installed; run: pip install {PROGRAM}')
    return found

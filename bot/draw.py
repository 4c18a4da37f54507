"""Flow charts (SVG) of the decisions, drawn from the enumerated paths. Their words are the ids, as in the path lists.

A question with a question mark is asked; one without is a fact that is given at the start, or not at all.
"""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from typing import Dict, Iterator, List, Mapping, Tuple, Union

from bot.engine import Decision, Family, Line, Programme
from bot.engine.paths import BREAK_FIX, NOT_GIVEN, VOLUNTEERED, Question, Tree, goal_tree, incidents, tree
from bot.knowledge import shared

FLOWS = Path(__file__).resolve().parent.parent / "docs" / "flows"
DRAWN_FOR = date(2026, 11, 22)  # a fixed day, so that the files change only when the programme does
PROGRAM = "graphviz-pure"

COVERED, OPEN, REFUSED, ELSEWHERE = "#d8efdc", "#fdf0c4", "#f6d5d0", "#e4e4ea"
NOT_COVERED_ROUTES = ("paid_support", "get_membership")
OPEN_ROUTES = ("check_offer", "check_version", "find_administrator", "switch_account")
CONTRACT_CHART = "open_request_contract"
LONGEST_LINE = 26  # characters on a line of a label

IN_SUPPORT = "N or N-1,\nin mainstream support"
NOT_SURE = "unsure"
VERSION_ORDER = (IN_SUPPORT, "older than n minus 1", "mainstream support ended", "cannot confirm lifecycle", NOT_SURE)


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
    _program()
    target = Path(folder) if folder is not None else FLOWS
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, chart in charts(shared().programme, DRAWN_FOR).items():
        path = target / f"{name}.svg"
        path.write_text(lay_out(dot(chart, name)), encoding="utf-8", newline="\n")
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
        elif len(VOLUNTEERED.get((goal, BREAK_FIX), ())) > 1:
            found[goal] = _titled(goal, _chart(programme, tree(programme, {"goal": goal}, on)))  # too wide with all of them
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
        found[f"open_request_{name}"] = chart
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
    found[CONTRACT_CHART] = _contract_chart(grown)
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
    return Chart(f"see {name}", color=ELSEWHERE)


def _asks_version(found: Tree) -> bool:
    return isinstance(found, Question) and found.fact == "version"


def _by_hosting(programme: Programme, products: Mapping[str, Tree]) -> Dict[str, Dict[str, Tree]]:
    parts: Dict[str, Dict[str, Tree]] = {"on_premises": {}, "cloud": {}, "family": {}}
    for product, branch in products.items():
        kind = programme.catalogue.resolve(product)
        part = "family" if isinstance(kind, Family) else "on_premises" if isinstance(kind, Line) else "cloud"
        parts[part][product] = branch
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
    if found.fact == "contract_linked":
        return _before_contract(found)
    mark = "?" if found.asked else ""
    return Chart(f"{_words(found.fact)}{mark}", tuple(_choices(programme, found.fact, dict(found.branches))))


def _before_contract(found: Question) -> Chart:
    """Return the end that a contract question leads to whatever is answered; what it adds has a chart of its own."""
    settled = _settled(found)
    text = _end(settled).text + f"\nthen see {CONTRACT_CHART}"
    return Chart(text, color=COVERED)


def _settled(found: Question) -> Decision:
    """Return the decision for a contract that is linked already. All others must only add steps to its preparation."""
    settled = dict(found.branches)["yes"]
    assert isinstance(settled, Decision)
    for decision in _ends(found):
        same = (decision.route, decision.covered_by) == (settled.route, settled.covered_by)
        if not same or decision.preparation[: len(settled.preparation)] != settled.preparation:
            raise ValueError("the contract questions change more than the preparation; draw them in every chart")
    return settled


def _contract_chart(grown: Tree) -> Chart:
    """Return the contract questions, one way on for each manner of adding the contract, told by its last step."""
    ways: Dict[str, Chart] = {}
    for question in _questions(grown, "contract_linked"):
        done = len(_settled(question).preparation)
        last = next(decision.preparation[-1] for decision in _ends(dict(question.branches)["no"]))
        chart = _steps_chart(question, done)
        if ways.setdefault(last, chart) != chart:
            raise ValueError(f'"{last}" is prepared in different ways; draw them apart')
    labels = {"add_contract": "on-premises product", "link_support_benefits": "azure workload"}
    return Chart("product", tuple((labels.get(last, "other cloud workload"), chart) for last, chart in ways.items()))


def _steps_chart(found: Tree, done: int) -> Chart:
    if isinstance(found, Decision):
        steps = [f"{number}. {_words(step)}" for number, step in enumerate(found.preparation[done:], start=1)]
        return Chart("\n".join(steps) or "nothing more to prepare", color=COVERED)
    groups: Dict[Chart, List[str]] = {}
    for value, below in found.branches:
        groups.setdefault(_steps_chart(below, done), []).append(value)
    return Chart(f"{_words(found.fact)}?", tuple((_listed(values), chart) for chart, values in groups.items()))


def _questions(found: Tree, fact: str) -> Iterator[Question]:
    if isinstance(found, Question):
        if found.fact == fact:
            yield found
        for _, below in found.branches:
            yield from _questions(below, fact)


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
            yield _listed(_with_incidents(fact, values, branches)), chart


def _with_incidents(fact: str, values: List[str], branches: Mapping[str, Tree]) -> List[str]:
    """Return offers with the incidents they give, the same on all covered paths below; other answers as they are."""
    given = [{incidents(decision) for decision in _ends(branches[value])} - {""} for value in values]
    if fact != "offer" or any(len(numbers) != 1 for numbers in given):
        return values
    told = [f"{value}: {numbers.pop()}" for value, numbers in zip(values, given)]
    return [*told[:-1], f"{told[-1]} incidents"]


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


def dot(chart: Chart, title: str) -> str:
    """Return the chart in the dot language. Equal questions are drawn once; ends are not, as lines would cross."""
    lines = [
        "digraph {",
        "  graph [rankdir=LR, bgcolor=white, nodesep=0.22, ranksep=0.35, pad=0.2]",
        f'  graph [label={_quoted(title)}, labelloc=t, labeljust=l, fontname="Arial", fontsize=15]',
        '  node [shape=box, style="rounded,filled", fillcolor=white, color="#55606e", margin="0.24,0.08"]',
        '  node [fontname="Arial", fontsize=13]',
        '  edge [color="#55606e", fontcolor="#1f3b63", fontname="Arial", fontsize=12, arrowsize=0.7]',
    ]
    names: Dict[Chart, str] = {}
    drawn = count()

    def node(part: Chart) -> str:
        if part in names:
            return names[part]
        name = f"n{next(drawn)}"
        if part.ways:
            names[part] = name
        style = "" if part.ways else f', style=filled, fillcolor="{part.color}"'
        lines.append(f"  {name} [label={_quoted(part.text)}{style}]")
        for label, below in part.ways:
            lines.append(f"  {name} -> {node(below)} [label={_quoted(label)}]")
        return name

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

"""The flow charts: drawn from the paths of today's tables, every way on labelled, and the files in docs/flows up to date."""

import re
import xml.etree.ElementTree as xml
from datetime import date
from pathlib import Path
from typing import Dict, Iterator

import pytest

from bot.draw import DRAWN_FOR, FLOWS, Chart, NoDrawingProgram, charts, dot, write_charts
from bot.knowledge import shared

SVG = "{http://www.w3.org/2000/svg}"
PROGRAMME = shared().programme


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("flows")
    write_charts(folder)
    return folder


@pytest.fixture(scope="module")
def drawn() -> Dict[str, Chart]:
    return charts(PROGRAMME, DRAWN_FOR)


def parts(chart: Chart) -> Iterator[Chart]:
    yield chart
    for _, below in chart.ways:
        yield from parts(below)


def test_the_charts_in_docs_are_not_stale(fresh: Path) -> None:
    expected = {file.name: file.read_text(encoding="utf-8") for file in fresh.iterdir()}
    kept = {file.name: file.read_text(encoding="utf-8") for file in FLOWS.glob("*.svg")}
    assert sorted(kept) == sorted(expected), "docs/flows holds other charts; run: triage draw, and remove the rest"
    stale = [name for name in sorted(expected) if kept[name] != expected[name]]
    assert not stale, f"docs/flows: {', '.join(stale)} no longer show what the tables do; run: triage draw"


def test_every_goal_has_a_chart(drawn: Dict[str, Chart]) -> None:
    assert set(PROGRAMME.facts["goal"].values) <= set(drawn)


def test_every_way_on_bears_a_label(drawn: Dict[str, Chart]) -> None:
    for name, chart in drawn.items():
        for part in parts(chart):
            assert all(label.strip() for label, _ in part.ways), f"{name}: {part.text}"


def test_every_edge_of_a_file_has_its_label_beside_it(fresh: Path) -> None:
    for file in fresh.iterdir():
        edges = [group for group in xml.parse(file).iter(f"{SVG}g") if group.get("class") == "edge"]
        assert edges, file.name
        for edge in edges:
            assert edge.findall(f"{SVG}text"), file.name


def test_every_question_and_every_route_of_the_paths_is_drawn(drawn: Dict[str, Chart]) -> None:
    texts = {line.rstrip("?").lower() for chart in drawn.values() for part in parts(chart) for line in part.text.split("\n")}
    asked = {"product", "deployment", "version", "beneficiary", "csp subscription", "offer", "admin agent"}
    asked |= {"contract linked", "activated", "activation role", "error", "plan shown"}
    assert asked <= texts
    routes = {rule.then["route"].replace("_", " ") for rule in PROGRAMME.tables["route"].rules}
    assert routes <= texts


def test_charts_that_name_another_chart_name_one_that_exists(drawn: Dict[str, Chart]) -> None:
    for chart in drawn.values():
        for part in parts(chart):
            for name in re.findall(r"see (\w+)", part.text):
                assert name in drawn


def test_a_chart_fits_a_screen(fresh: Path) -> None:
    for file in fresh.iterdir():
        width = float(xml.parse(file).getroot().get("width", "").removesuffix("pt"))
        assert width < 1700, f"{file.name} is {width} points wide: too wide to read; split it"


def test_any_other_day_can_be_drawn(drawn: Dict[str, Chart]) -> None:
    assert set(charts(PROGRAMME, date(2021, 6, 30))) == set(drawn)


def test_quotes_and_line_breaks_are_escaped_in_a_drawing() -> None:
    assert r'[label="a \"b\"\nc"' in dot(Chart('a "b"\nc'), "title")


def test_a_missing_drawing_program_is_said_with_the_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bot.draw.PROGRAM", "no-such-program")
    with pytest.raises(NoDrawingProgram, match="pip install no-such-program"):
        write_charts(tmp_path)

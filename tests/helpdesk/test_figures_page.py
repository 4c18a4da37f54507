"""What leads look at, by HTTP: the figures, their pictures, the CSV, the audit log. Nobody else sees any of it."""

import re
from datetime import date, timedelta
from html import unescape
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint
from sanic.response import html

from bot.helpdesk import audit
from bot.helpdesk.figures_page import blueprint
from bot.settings import PROJECT
from tests.helpdesk.entering import Console, Visitor
from tests.helpdesk.test_figures import read_csv, row, store

ZONE = ZoneInfo("Europe/Amsterdam")
BASE = "<!doctype html><title>{% block title %}{% endblock %}</title><main>{% block main %}{% endblock %}</main>"
PAGES = ("/helpdesk/figures", "/helpdesk/figures.csv", "/helpdesk/figures/routes.svg", "/helpdesk/audit")
_templates = Environment(
    # The page around is not looked at here.
    loader=ChoiceLoader([DictLoader({"base.html": BASE}), FileSystemLoader(PROJECT / "bot/helpdesk/templates")]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters.update(
    iso=lambda at: f"iso {at}", moment=lambda at: f"moment {at}", words=lambda key: key.replace("_", " ")
)


def show(request, template, status=200, **values):
    return html(_templates.get_template(template).render(**values), status=status)


class Figures(Console):
    """The entrance with the figures behind it."""

    def _behind(self) -> Blueprint:
        return blueprint(self.database, ZONE, self.entrance.access, show, now=self.clock)


class Page(HTMLParser):
    """What a page says: its tables (caption -> rows), pictures (address -> alternative) and the values of its form."""

    def __init__(self, page):
        super().__init__()
        self.tables, self.pictures, self.fields, self.links = {}, {}, {}, {}
        self._rows = self._into = self._select = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "table":
            self._rows = []
        elif tag == "caption":
            self._into = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        elif tag == "img":
            self.pictures[found["src"]] = found["alt"]
        elif tag == "input":
            self.fields[found["name"]] = found.get("value", "")
        elif tag == "select":
            self._select = found["name"]
            self.fields[self._select] = ""
        elif tag == "option" and "selected" in found:
            self.fields[self._select] = found["value"]
        elif tag == "a":
            self._link = found["href"]

    def handle_data(self, data):
        if self._into is not None:
            self._into.append(data)
        elif self._rows and self._rows[-1]:
            self._rows[-1][-1] += data.strip()
        if self.lasttag == "a" and data.strip():
            self.links.setdefault(data.strip(), self._link)

    def handle_endtag(self, tag):
        if tag == "caption":
            self.caption, self._into = "".join(self._into), None
        elif tag == "table":
            self.tables[self.caption], self._rows = self._rows, None


@pytest.fixture
def console(database):
    found = Figures(database)
    found.add(name="lea", role="lead", shown="Lea")
    yield found
    found.stop()


@pytest.fixture
def lead(console):
    visitor = Visitor(console)
    assert visitor.sign_in("lea").status_code == 303
    return visitor


def some_conversations(database, now):
    week = 7 * 86_400
    store(
        database,
        [
            row(started_at=now, decided_at=now, route="support_for_business", changed_at=now),
            row(
                started_at=now, decided_at=now, route="paid_support", reason="no_active_offer", helped=False, changed_at=now
            ),
            row(
                started_at=now - 2 * week,
                channel="slack",
                language="nl",
                asked="product",
                changed_at=now - 2 * week,
                missed=1,
            ),
            row(
                started_at=now - 2 * week,
                channel="slack",
                language="nl",
                person_at=now - 2 * week,
                joined_at=now - 2 * week + 600,
            ),
        ],
    )


@pytest.mark.parametrize("path", PAGES)
def test_nobody_but_a_lead_sees_figures_pictures_or_the_log(console, lead, path):
    console.add(name="anna", role="agent")
    agent, stranger = Visitor(console), Visitor(console)
    agent.sign_in("anna")
    assert lead.get(path).status_code == 200
    assert agent.get(path).status_code == 403
    assert stranger.get(path).status_code == 303 and stranger.get(path, headers={}).status_code == 401


def test_the_page_shows_each_figure_as_a_picture_and_as_a_table(console, lead):
    some_conversations(console.database, console.clock())
    answer = lead.get("/helpdesk/figures")
    page = Page(answer.text)
    assert answer.status_code == 200 and "Solved without a person: the assistant gave a decision" in answer.text
    names = [re.search(r"figures/(\w+)\.svg", address)[1] for address in page.pictures]
    assert names == ["conversations", "routes", "reasons", "left", "missed", "ratings", "waiting"]
    header, everything, *rest = page.tables["By channel and language"]
    assert dict(zip(header, everything)) == {
        "Of": "All", "Conversations": "4", "Solved without a person": "1", "Share": "25.0 %", "Not understood": "8.3 %",
        "Helped": "0", "Did not help": "1", "Asked for a person": "1", "Never joined": "0", "Median wait": "10 min",
        "90th percentile": "10 min",
    }  # fmt: skip
    assert [cells[0] for cells in rest] == ["Slack", "Widget", "En", "Nl", "Slack, Nl", "Widget, En"]
    assert [cells[:2] for cells in page.tables["Routes"][1:]] == [["Paid support", "1"], ["Support for business", "1"]]
    assert [cells[:2] for cells in page.tables["Where people leave"][1:]] == [["Product", "1"]]
    assert len(page.tables["Conversations"]) == 13 and page.tables["Conversations"][-1][1:5] == ["1", "1", "0", "2"]
    for address in page.pictures:
        picture = lead.get(address)
        assert picture.status_code == 200 and picture.headers["content-type"] == "image/svg+xml"
        assert picture.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_pictures_and_the_csv_are_of_the_period_and_the_filters_of_the_page(console, lead):
    now = console.clock()
    some_conversations(console.database, now)
    begins = date.fromtimestamp(now) - timedelta(days=20)
    page = Page(lead.get(f"/helpdesk/figures?from={begins}&channel=slack&language=nl").text)
    assert (page.fields["from"], page.fields["channel"], page.fields["language"]) == (str(begins), "slack", "nl")
    assert page.tables["By channel and language"][1][:2] == ["All", "2"]
    (left,) = [address for address in page.pictures if "left" in address]
    assert f"from={begins}" in left and "channel=slack" in left and "<desc>Where people leave" in lead.get(left).text
    answer = lead.get(page.links["Download as CSV"])
    assert answer.headers["content-type"].startswith("text/csv; charset=utf-8")
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="helpdesk-figures-{begins}-to-{page.fields["to"]}.csv"'
    )
    lines = read_csv(answer.content)
    assert {line["channel"] for line in lines} == {"slack"}
    assert sum(int(line["value"]) for line in lines if line["figure"] == "conversations") == 2
    assert [line["value"] for line in lines if line["figure"] == "wait_median_seconds"] == ["600.0"]


def test_a_page_without_any_conversation_says_that_there_is_nothing(console, lead):
    page = Page(lead.get("/helpdesk/figures").text)
    assert all(alternative.endswith("nothing in this period.") for alternative in page.pictures.values())
    assert page.tables["Routes"][1] == ["Nothing in this period"] and page.tables["By channel and language"][1][1] == "0"


@pytest.mark.parametrize(
    "query, told",
    [
        ("from=yesterday", '"From" must be a day like 2026-11-30'),
        ("from=2026-11-30&to=2026-11-01", "The period ends (2026-11-01) before it begins (2026-11-30)"),
        ("from=2010-01-01&to=2026-11-30", "The period is longer than 160 weeks"),
        ("channel=%3Cscript%3E", '"Channel" must be one of those that there are'),
        ("from=%00", '"From" must be a day like'),
    ],
)
def test_a_period_that_cannot_be_is_refused_with_the_remedy_and_the_form_keeps_what_was_typed(console, lead, query, told):
    for path in ("figures", "figures.csv", "figures/routes.svg"):
        answer = lead.get(f"/helpdesk/{path}?{query}")
        assert answer.status_code == 400 and told.lower() in unescape(answer.text).lower()
        assert "<script>" not in answer.text
    page = Page(lead.get(f"/helpdesk/figures?{query}").text)
    if "from=2026-11-30" in query:
        assert (page.fields["from"], page.fields["to"]) == ("2026-11-30", "2026-11-01")


@pytest.mark.parametrize("name", ["nothing.svg", "routes.png", "..%2Froutes.svg", "ROUTES.svg"])
def test_there_is_no_other_picture(console, lead, name):
    assert lead.get(f"/helpdesk/figures/{name}").status_code == 404


def test_the_log_shows_the_newest_entries_first_and_leads_to_older_ones(console, lead):
    def write(on):
        for number in range(230):
            audit.record(
                on,
                "case_viewed",
                "lea",
                1,
                number % 3 + 1,
                {"tags": ["<b>", "x"]} if number == 229 else {},
                at=1000.0 + number,
            )

    console.database.write_now(write)
    seen, address = [], "/helpdesk/audit"
    pages = 0
    while address:
        answer = lead.get(address)
        assert answer.status_code == 200 and "<b>" not in answer.text
        page = Page(answer.text)
        ((_, *rows),) = page.tables.values()
        seen += [cells[0] for cells in rows]
        address, pages = page.links.get("Older"), pages + 1
    assert (
        pages == 3
        and seen.count("moment 1229.0") == 1
        and len(seen) == len(console.database.read_now(lambda on: audit.entries(on, limit=1000)))
    )
    assert [moment for moment in seen if moment.startswith("moment 1") and len(moment) == 13] == [
        f"moment {1229.0 - number}" for number in range(230)
    ]
    rows = Page(lead.get("/helpdesk/audit?case=T-00002").text).tables["Case T-00002"]
    assert len(rows) == 1 + 77 and {cells[3] for cells in rows[1:]} == {"T-00002"}
    assert Page(lead.get("/helpdesk/audit?case=2").text).tables["Case 2"] == rows


@pytest.mark.parametrize(
    "query", ["case=T-x", "case=%3Cb%3E", "before=-1", "before=999999999999999999999", "case=" + "9" * 30]
)
def test_a_case_or_a_page_of_the_log_that_cannot_be_is_refused_with_the_remedy(console, lead, query):
    answer = lead.get(f"/helpdesk/audit?{query}")
    assert answer.status_code == 400 and 'role="alert"' in answer.text and "<b>" not in answer.text

"""The figures, against the same figures counted one by one."""

import csv
import io
import os
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.database import tables
from bot.engine import UnusableFacts
from bot.helpdesk.figures import KINDS, NUMBERS, Counts, Figures, channels_and_languages, figures, percentile
from bot.helpdesk.figures_shown import Picture, as_csv, overview, sections, shown
from bot.helpdesk.period import Period, asked, last_weeks
from bot.helpdesk.plots import draw
from bot.helpdesk.tables import standings

ZONE = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=ZONE).timestamp()
HOUR = 3600.0
SVG = "{http://www.w3.org/2000/svg}"


def at(year, month, day, hour=0, minute=0, second=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=ZONE).timestamp()


def row(**given):
    values = {
        "channel": "widget", "language": "en", "started_at": NOW - 7200, "changed_at": NOW - 7200, "turns": 3, "missed": 0,
        "asked": None, "route": None, "reason": None, "decided_at": None, "person_at": None,
        "joined_at": None, "helped": None,
    }  # fmt: skip
    return {**values, **given}


def store(database, rows):
    """Let the database hold these conversations and no other."""

    def write(on):
        on.execute(standings.delete())
        on.execute(tables.tables["chat_conversation"].delete())
        for number, values in enumerate(rows):
            begun = {"created_at": values["started_at"], "renewed_at": values["started_at"], "generation": 1}
            talk = {"id": f"c{number}", "channel": values["channel"], "language": values["language"], **begun}
            on.execute(tables.tables["chat_conversation"].insert().values(**talk))
            on.execute(standings.insert().values(conversation=f"c{number}", **values))

    database.write_now(write)


def look(database, rows, period=None):
    store(database, rows)
    return database.read_now(lambda on: figures(on, period or last_weeks(NOW, ZONE), NOW))


# The slow and obvious way


def week_of(moment):
    year, week, _ = datetime.fromtimestamp(moment, ZONE).isocalendar()
    return f"{year}-W{week:02d}"


def counted_by_hand(rows, period):
    kept = [
        each
        for each in rows
        if period.first <= datetime.fromtimestamp(each["started_at"], ZONE).date() <= period.last
        and period.channel in (None, each["channel"])
        and period.language in (None, each["language"])
    ]
    places = {(week_of(each["started_at"]), each["channel"], each["language"]) for each in kept}
    return {
        place: by_hand([each for each in kept if (week_of(each["started_at"]), each["channel"], each["language"]) == place])
        for place in places
    }


def by_hand(rows):
    found = Counter({name: 0 for name in NUMBERS})
    waits, kinds = [], {kind: Counter() for kind in KINDS}
    for each in rows:
        decided, wanted, joined = (each[name] is not None for name in ("decided_at", "person_at", "joined_at"))
        found["conversations"] += 1
        found["turns"] += each["turns"]
        found["missed"] += each["missed"]
        if decided:
            found["decided"] += 1
            if not wanted and not joined and each["helped"] is not False:
                found["solved"] += 1
            if each["route"] is not None:
                kinds["routes"][each["route"]] += 1
            if each["reason"] is not None:
                kinds["reasons"][each["reason"]] += 1
        elif each["asked"] is not None and NOW - each["changed_at"] > HOUR:
            kinds["left"][each["asked"]] += 1
        if each["helped"] is True:
            found["helped"] += 1
        if each["helped"] is False:
            found["not_helped"] += 1
        if wanted:
            found["asked_for_person"] += 1
            if joined:
                waits.append(max(0.0, each["joined_at"] - each["person_at"]))
            else:
                found["never_joined"] += 1
    return Counts(
        **found, waits=tuple(sorted(waits)), **{kind: dict(sorted(counts.items())) for kind, counts in kinds.items()}
    )


# Whole seconds, as what is compared is sums of them; and the edges of weeks, of the change of the clock, and of the year.
EDGES = [
    at(2026, 9, 7),
    at(2026, 10, 25),
    at(2026, 10, 26),
    at(2026, 11, 9),
    at(2026, 11, 30),
    at(2026, 1, 1),
    at(2025, 12, 29),
]
moments = some.one_of(
    some.integers(int(at(2025, 12, 1)), int(NOW)).map(float),
    some.builds(lambda edge, seconds: edge + seconds, some.sampled_from(EDGES), some.integers(-2, 2).map(float)),
)
later = some.integers(0, 400_000).map(float)


@some.composite
def conversations(draw):
    began = draw(moments)
    turns = draw(some.integers(1, 30))
    decided, wanted, joined = draw(some.booleans()), draw(some.booleans()), draw(some.booleans())
    return row(
        channel=draw(some.sampled_from(["widget", "slack", "teams"])),
        language=draw(some.sampled_from(["en", "nl"])),
        started_at=began,
        changed_at=draw(some.one_of(some.just(began), some.integers(-2, 2).map(lambda seconds: NOW - HOUR + seconds))),
        turns=turns,
        missed=draw(some.integers(0, turns)),
        asked=draw(some.sampled_from([None, "product", "version", "offer"])),
        route=draw(some.sampled_from(["support_for_business", "paid_support"])) if decided else None,
        reason=draw(some.sampled_from([None, "no_active_offer", "older_than_n_minus_1"])) if decided else None,
        decided_at=began + 60 if decided else None,
        person_at=began + draw(later) if wanted else None,
        joined_at=began + draw(later) if joined else None,
        helped=draw(some.sampled_from([None, True, False])),
    )


periods = some.builds(
    lambda first, length, channel, language: Period(first, first + timedelta(days=length), ZONE, channel, language),
    some.dates(date(2025, 12, 1), date(2026, 11, 30)),
    some.integers(0, 200),
    some.sampled_from([None, "widget", "slack"]),
    some.sampled_from([None, "en", "nl"]),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=some.lists(conversations(), max_size=15), period=periods)
def test_figures_are_what_counting_one_by_one_gives(database, rows, period):
    found = look(database, rows, period)
    expected = counted_by_hand(rows, period)
    assert dict(found.cells) == expected
    everything = [each for each in rows if (week_of(each["started_at"]), each["channel"], each["language"]) in expected]
    inside = [
        each for each in everything if period.first <= datetime.fromtimestamp(each["started_at"], ZONE).date() <= period.last
    ]
    assert found.of() == by_hand(inside)
    for channel in found.channels:
        assert found.of(channel=channel) == by_hand([each for each in inside if each["channel"] == channel])
    for week in found.weeks:
        assert found.of(week) == by_hand([each for each in inside if week_of(each["started_at"]) == week])


@given(some.lists(some.floats(0, 1e6), min_size=1, max_size=40), some.sampled_from([0.5, 0.9]))
def test_percentiles_are_those_of_numpy(values, part):
    assert percentile(tuple(sorted(values)), part) == pytest.approx(numpy.percentile(values, 100 * part))


def test_there_is_no_percentile_of_nothing():
    assert percentile((), 0.5) is None and Counts().median_wait is None


def test_a_conversation_that_was_idle_for_exactly_an_hour_is_not_left_yet(database):
    def left(idle):
        return look(database, [row(asked="product", changed_at=NOW - idle)]).of().left

    assert left(HOUR) == {}
    assert left(HOUR + 1) == {"product": 1}
    assert left(HOUR - 1) == {}


def test_the_clock_of_the_helpdesk_says_in_which_week_a_conversation_began(database):
    # Monday 23 November begins at 23:00 UTC of the day before.
    found = look(database, [row(started_at=at(2026, 11, 22, 23, 59, 59)), row(started_at=at(2026, 11, 23))])
    assert [week for week in found.weeks if found.of(week).conversations] == ["2026-W47", "2026-W48"]


def test_the_first_and_the_last_day_of_a_period_belong_to_it(database):
    period = Period(date(2026, 11, 4), date(2026, 11, 10), ZONE)
    moments = [at(2026, 11, 3, 23, 59, 59), at(2026, 11, 4), at(2026, 11, 10, 23, 59, 59), at(2026, 11, 11)]
    found = look(database, [row(started_at=moment) for moment in moments], period)
    assert found.weeks == ("2026-W45", "2026-W46") and [found.of(week).conversations for week in found.weeks] == [1, 1]


def test_a_week_without_anything_is_shown_as_zero(database):
    found = look(database, [row(started_at=at(2026, 11, 2, 12)), row(started_at=at(2026, 11, 18, 12))])
    assert len(found.weeks) == 12
    conversations = sections(found)[0].picture.table
    assert [cells[0] for cells in conversations.rows] == list(found.weeks)
    assert [cells[-2] for cells in conversations.rows] == [
        "1" if week in ("2026-W45", "2026-W47") else "0" for week in found.weeks
    ]


def test_the_year_of_a_week_is_that_of_its_thursday():
    assert [week.name for week in Period(date(2026, 12, 28), date(2027, 1, 4), ZONE).weeks] == ["2026-W53", "2027-W01"]


@pytest.mark.parametrize(
    "changed, is_solved",
    [
        ({}, True),
        ({"helped": True}, True),
        ({"helped": False}, False),
        ({"person_at": NOW - 60}, False),
        ({"joined_at": NOW - 60}, False),
        ({"decided_at": None}, False),
    ],
)
def test_solved_without_a_person_means_decided_with_nobody_asked_for_or_joined_and_no_bad_rating(
    database, changed, is_solved
):
    found = look(database, [row(**{"decided_at": NOW - 60, "route": "support_for_business", **changed})])
    assert found.of().solved == int(is_solved)


# What is asked for


CHANNELS, LANGUAGES = ("slack", "widget"), ("en", "nl")


def ask(**given):
    return asked({name.rstrip("_"): value for name, value in given.items()}, NOW, ZONE, CHANNELS, LANGUAGES)


def test_the_last_twelve_weeks_are_shown_unless_others_are_asked_for():
    found = ask()
    assert (found.first, found.last, len(found.weeks)) == (date(2026, 9, 14), date(2026, 11, 30), 12)
    assert ask(from_="", to=" ") == found == last_weeks(NOW, ZONE)


def test_an_end_alone_gives_twelve_weeks_before_it_and_a_beginning_alone_ends_today():
    assert (ask(to="2026-03-01").first, ask(to="2026-03-01").last) == (date(2025, 12, 8), date(2026, 3, 1))
    assert ask(from_="2026-11-01").last == date(2026, 11, 30)


def test_a_period_may_be_a_day_and_as_long_as_160_weeks_but_no_longer():
    assert len(ask(from_="2026-11-30", to="2026-11-30").weeks) == 1
    first = date(2026, 11, 23) - timedelta(weeks=159)  # a Monday; the last day is a Sunday
    assert len(ask(from_=str(first), to="2026-11-29").weeks) == 160
    with pytest.raises(UnusableFacts, match="longer than 160 weeks; choose days that are closer together"):
        ask(from_=str(first), to="2026-11-30")


@pytest.mark.parametrize(
    "given, told",
    [
        ({"from_": "30-11-2026"}, '"from" must be a day like 2026-11-30'),
        ({"to": "2026-02-30"}, '"to" must be a day like 2026-11-30'),
        ({"to": "2026-11-30T00:00"}, '"to" must be a day like'),
        ({"from_": "0001-01-01"}, '"from" must be a day from 2000-01-01'),
        ({"to": "9999-12-31"}, '"to" must be a day from 2000-01-01 to 2199-12-31'),
        ({"from_": "2026-11-02", "to": "2026-11-01"}, "ends .2026-11-01. before it begins .2026-11-02.; exchange"),
        ({"channel": "slac"}, '"channel" must be one of those that there are; did you mean "slack"'),
        ({"language": "<b>"}, '"language" must be one of those that there are; known: en, nl'),
    ],
)
def test_what_cannot_be_asked_for_is_refused_with_the_remedy(given, told):
    with pytest.raises(UnusableFacts, match=told):
        ask(**given)


def test_the_channels_and_languages_to_choose_from_are_those_of_the_conversations(database):
    store(database, [row(channel="widget"), row(channel="teams", language="nl"), row(channel="teams")])
    assert database.read_now(channels_and_languages) == (("teams", "widget"), ("en", "nl"))


# How they are shown


@pytest.fixture(scope="module")
def busy():
    """The figures of some weeks in which much happened, and one in which nothing did."""
    period = last_weeks(NOW, ZONE)
    cells = {}
    for place, week in enumerate(period.weeks[:-1]):
        for channel, language in (("widget", "en"), ("slack", "nl")):
            number = place + len(channel)
            cells[(week.name, channel, language)] = Counts(
                conversations=20 + number, decided=12 + place, solved=7 + place, turns=90, missed=number, helped=3,
                not_helped=1, asked_for_person=3, never_joined=1, waits=(60.0 * number, 90.0 * 60 * number),
                left={"product": 2 + place},
                routes={"support_for_business": 10 + place, "paid_support": 2}, reasons={"no_active_offer": number},
            )  # fmt: skip
    return Figures(period, cells)


def drawn_bars(svg):
    """Return the heights or widths of the bars in an SVG, in its own units: what a reader measures."""
    found = []
    for group in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        for path in group.findall(f"{SVG}path") if (group.get("id") or "").startswith("patch_") else []:
            numbers = [float(word) for word in path.get("d").split() if word[0] in "-0123456789."]
            xs, ys = numbers[::2], numbers[1::2]
            if "#2f81f7" in path.get("style", ""):
                found.append((max(xs) - min(xs), max(ys) - min(ys)))
    return found


def test_each_picture_is_sound_svg_with_a_title_and_a_description_of_its_numbers(busy):
    for section in sections(busy):
        root = ElementTree.fromstring(draw(section.picture))
        assert root.tag == f"{SVG}svg" and root.get("role") == "img"
        assert root.find(f"{SVG}title").text == section.picture.title
        assert root.find(f"{SVG}desc").text == section.picture.alternative
        assert "The table holds the same numbers" in section.picture.alternative


def test_the_bars_of_a_picture_are_as_long_as_the_numbers_of_its_table_say(busy):
    conversations, routes = sections(busy)[0].picture, sections(busy)[1].picture
    heights = [height for _, height in drawn_bars(draw(conversations))]
    told = [int(cells[1]) for cells in conversations.table.rows]
    assert told == [busy.of(week).solved for week in busy.weeks]
    bars = heights[: len(told)]
    assert len(bars) == len(told) and bars == pytest.approx([number * max(bars) / max(told) for number in told], abs=0.01)
    widths = [width for width, _ in drawn_bars(draw(routes))]
    told = [int(cells[1].replace(",", "")) for cells in routes.table.rows]
    assert told == sorted(busy.of().routes.values(), reverse=True)
    assert widths == pytest.approx([number * widths[0] / told[0] for number in told], abs=0.01)


DRAWS = """
import sys
from bot.helpdesk.figures_shown import Picture
from bot.helpdesk.plots import draw
bars = Picture("routes", "Routes", "ranked", "Route", ("Paid", "Free"), (("Conversations", (3, 1)),), "count")
lines = Picture("w", "Wait", "lines", "Week", ("1", "2", "3"), (("A", (3, None, 1)), ("B", (1, 2, 3))), "hours")
sys.stdout.buffer.write(draw(bars) + draw(lines))
"""


def test_the_same_figures_are_the_same_bytes_also_tomorrow_and_on_another_server(busy):
    for section in sections(busy):
        once, again = draw(section.picture), draw(section.picture)
        assert once == again and b"<metadata" not in once and b"<!DOCTYPE" not in once
    drawn = {
        subprocess.run(
            [sys.executable, "-c", DRAWS], env={**os.environ, **more}, capture_output=True, check=True, timeout=120
        ).stdout
        for more in ({"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "2", "SOURCE_DATE_EPOCH": "86400", "TZ": "Asia/Tokyo"})
    }
    assert len(drawn) == 1 and drawn.pop().startswith(b"<svg")


def test_a_picture_can_be_read_on_a_light_and_on_a_dark_page(busy):
    for section in sections(busy):
        svg = draw(section.picture).decode()
        assert "prefers-color-scheme:dark" in svg and "var(--ink)" in svg and "#010203" not in svg
        assert "fill: #ffffff" not in svg  # the page shows through


@pytest.mark.parametrize("color", ["#2f81f7", "#d97706", "#8a919c"])
@pytest.mark.parametrize("page", ["#ffffff", "#13171f"])
def test_the_colors_of_bars_and_lines_stand_out_from_a_light_and_a_dark_page(color, page):
    def light(hexadecimal):
        parts = [int(hexadecimal[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, lighter = sorted([light(color), light(page)])
    assert (lighter + 0.05) / (darker + 0.05) >= 3


def test_pictures_of_nothing_say_so():
    nothing = Figures(last_weeks(NOW, ZONE), {})
    for section in sections(nothing):
        assert b"Nothing in this period" in draw(section.picture)
        assert section.picture.alternative == f"{section.picture.title}: nothing in this period."


def test_names_that_look_like_markup_or_formulas_stay_words():
    picture = Picture("routes", "<b>Routes</b>", "ranked", "Route", ("$x^2$ & <i>",), (("Conversations", (3,)),), "count")
    root = ElementTree.fromstring(draw(picture))
    assert root.find(f"{SVG}title").text == "<b>Routes</b>"
    assert "$x^2$ & <i>" in [text.text for text in root.iter(f"{SVG}text")]
    assert root.find(f".//{SVG}i") is None and root.find(f".//{SVG}b") is None


def test_every_number_is_shown_with_its_unit_and_nothing_as_a_dash():
    assert [shown(value, "count") for value in (0, 1234, None)] == ["0", "1,234", "–"]
    assert [shown(value, "percent") for value in (0.0, 12.34)] == ["0.0 %", "12.3 %"]
    assert [shown(minutes / 60, "hours") for minutes in (0, 59, 59.6, 60, 125, 3000)] == [
        "0 min", "59 min", "1 h 00 min", "1 h 00 min", "2 h 05 min", "50 h 00 min",
    ]  # fmt: skip


def test_the_overview_has_a_row_for_all_each_channel_each_language_and_each_pair(busy):
    rows = overview(busy).rows
    assert [cells[0] for cells in rows] == ["All", "Slack", "Widget", "En", "Nl", "Slack, Nl", "Widget, En"]
    assert rows[0][1] == str(sum(counts.conversations for counts in busy.cells.values()))


# CSV


def read_csv(document):
    assert document.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(document.decode("utf-8-sig"), newline="")))


def test_the_csv_holds_every_number_once_and_they_add_up(busy):
    lines = read_csv(as_csv(busy))
    assert list(lines[0]) == ["week", "channel", "language", "figure", "value"]
    places = Counter((line["week"], line["channel"], line["language"], line["figure"]) for line in lines)
    assert set(places.values()) == {1}
    for name in NUMBERS:
        assert sum(int(line["value"]) for line in lines if line["figure"] == name) == getattr(busy.of(), name)
    for kind, prefix in (("routes", "route"), ("reasons", "reason"), ("left", "left_at")):
        for key, number in getattr(busy.of(), kind).items():
            assert sum(int(line["value"]) for line in lines if line["figure"] == f"{prefix}:{key}") == number
    median = [line["value"] for line in lines if line["figure"] == "wait_median_seconds" and line["channel"] == "slack"]
    assert float(median[0]) == busy.of(busy.weeks[0], "slack").median_wait


def test_the_csv_has_a_zero_for_weeks_in_which_nothing_was(busy):
    last = [line for line in read_csv(as_csv(busy)) if line["week"] == busy.weeks[-1] and line["figure"] == "conversations"]
    assert [line["value"] for line in last] == ["0", "0"]
    nothing = read_csv(as_csv(Figures(last_weeks(NOW, ZONE), {})))
    assert {line["week"] for line in nothing} == set(busy.weeks) and {line["value"] for line in nothing} == {"0"}


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_no_cell_of_the_csv_is_a_formula(name):
    period = last_weeks(NOW, ZONE)
    cells = {(period.weeks[0].name, name, name): Counts(conversations=1)}
    lines = read_csv(as_csv(Figures(period, cells)))
    assert {line["channel"] for line in lines} == {line["language"] for line in lines} == {f"'{name}"}

"""The figures as they are shown: each with a picture, the same numbers as a table, and what they mean. And as CSV."""

import csv
import io
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Optional, Sequence, Tuple, Union

from bot.helpdesk.figures import KINDS, NUMBERS, Counts, Figures

STACKED, LINES, RANKED = "stacked", "lines", "ranked"  # bars on each other by week, lines by week, bars by size
COUNT, PERCENT, HOURS = "count", "percent", "hours"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
CSV_HEADER = ("week", "channel", "language", "figure", "value")
Number = Optional[float]  # None where there is nothing to tell, such as a share of nothing
Series = Tuple[str, Tuple[Number, ...]]
CHANNEL, LANGUAGE, ROUTES, REASONS, LEFT_AT = "channel", "language", "routes", "reasons", "left"
Name = Callable[[str, str], str]  # (what it is an id of, the id) -> how it is read

SOLVED = (
    "Solved without a person: the assistant gave a decision, nobody asked for a person, no member of staff joined, and the "
    "conversation was not rated badly. It does not say that the partner's problem is solved."
)
BY_START = "A conversation counts in the week in which it began."
LEFT = (
    "Of the conversations without a decision in which nothing happened for more than an hour: the question that was open. "
    "Somebody may yet come back; then the conversation is no longer counted here."
)
WAITING = (
    "From the moment a partner first asked for a person until a member of staff first joined, in the hours of the clock, "
    "nights and weekends included. The median: half waited at most so long; the 90th percentile: nine of ten did. Who was "
    "never joined (so far) is counted beside, and not among them; an answer by mail or telephone counts as not joined."
)


@dataclass(frozen=True)
class Table:
    """A table: the first cell of each row names it."""

    caption: str
    header: Tuple[str, ...]
    rows: Tuple[Tuple[str, ...], ...]


@dataclass(frozen=True)
class Picture:
    """What is drawn. Each series has a value for each label; `beside` are columns of the table alone, with their units."""

    name: str
    title: str
    form: str
    over: str  # what the labels are: "Week", "Route"
    labels: Tuple[str, ...]
    series: Tuple[Series, ...]
    unit: str
    beside: Tuple[Tuple[str, Tuple[Number, ...], str], ...] = ()

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(value for _, values in self.series for value in values)

    @property
    def alternative(self) -> str:
        """What the picture shows, in words."""
        if self.is_empty:
            return f"{self.title}: nothing in this period."
        told = [f"{self.title}, by {self.over.lower()}, from {self.labels[0]} to {self.labels[-1]}"]
        if self.form == RANKED:
            told = [f"{self.title}, the most frequent first"]
        for name, values in self.series:
            known = [value for value in values if value is not None]
            if self.form == RANKED:
                told.append("; ".join(f"{label} {shown(value, self.unit)}" for label, value in zip(self.labels, values)))
            elif self.unit == COUNT:
                told.append(f"{name}: {shown(sum(known), COUNT)} in all")
            elif known:
                told.append(f"{name}: {shown(min(known), self.unit)} to {shown(max(known), self.unit)}")
        return ". ".join(told) + ". The table holds the same numbers."

    @property
    def table(self) -> Table:
        """The same numbers."""
        columns = [(name, values, self.unit) for name, values in self.series] + list(self.beside)
        rows = (
            (label, *(shown(values[place], unit) for _, values, unit in columns)) for place, label in enumerate(self.labels)
        )
        return Table(self.title, (self.over, *(name for name, _, _ in columns)), tuple(rows))


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    picture: Picture
    says: str
    more: Tuple[Table, ...] = ()


def shown(value: Number, unit: str) -> str:
    """Return a number as it is read; a dash for none."""
    if value is None:
        return "–"
    if unit == PERCENT:
        return f"{value:.1f} %"
    if unit == HOURS:
        minutes = round(value * 60)
        return f"{minutes} min" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60:02d} min"
    return f"{value:,.0f}"


def plain_name(kind: str, key: str) -> str:
    """Return an id as words, whatever it is an id of."""
    return key.replace("_", " ").capitalize()


def share(part: float, whole: float) -> Number:
    """Return the percentage, None of nothing."""
    return 100 * part / whole if whole else None


def sections(found: Figures, name: Name = plain_name) -> Tuple[Section, ...]:
    """Return the parts of the page, in order. `name` says how ids are read."""
    weekly = [found.of(week) for week in found.weeks]
    return (
        Section(_conversations(found.weeks, weekly), f"{SOLVED} {BY_START}"),
        _ranked(found, name, ROUTES, "Routes", "Route", "Where the decisions led; of a conversation, its last decision."),
        _ranked(found, name, REASONS, "Reasons of refusal", "Reason", "Why a benefit does not cover what was asked for."),
        _ranked(found, name, LEFT_AT, "Where people leave", "Open question", LEFT),
        Section(
            _missed(found.weeks, weekly), "Messages that the assistant did not understand, of all messages that it took."
        ),
        Section(
            _ratings(found.weeks, weekly),
            "What partners answered when asked whether the conversation helped; most say nothing.",
        ),
        Section(_waiting(found.weeks, weekly), WAITING),
    )


def overview(found: Figures, name: Name = plain_name) -> Table:
    """Return the figures of all conversations, each channel, each language, and each language of a channel."""
    rows = [_overview_row("All", found.of())]
    rows += [_overview_row(name(CHANNEL, channel), found.of(channel=channel)) for channel in found.channels]
    rows += [_overview_row(name(LANGUAGE, language), found.of(language=language)) for language in found.languages]
    for channel in found.channels:
        for language in found.languages:
            counts = found.of(channel=channel, language=language)
            if counts.conversations:
                rows.append(_overview_row(f"{name(CHANNEL, channel)}, {name(LANGUAGE, language)}", counts))
    header = (
        "Of", "Conversations", "Solved without a person", "Share", "Not understood", "Helped", "Did not help",
        "Asked for a person", "Never joined", "Median wait", "90th percentile",
    )  # fmt: skip
    return Table("By channel and language", header, tuple(rows))


def _overview_row(name: str, counts: Counts) -> Tuple[str, ...]:
    return (
        name,
        shown(counts.conversations, COUNT),
        shown(counts.solved, COUNT),
        shown(share(counts.solved, counts.conversations), PERCENT),
        shown(share(counts.missed, counts.turns), PERCENT),
        *(shown(value, COUNT) for value in (counts.helped, counts.not_helped, counts.asked_for_person, counts.never_joined)),
        shown(_hours(counts.median_wait), HOURS),
        shown(_hours(counts.long_wait), HOURS),
    )


def _each(weekly: Sequence[Counts], value: Callable[[Counts], Number]) -> Tuple[Number, ...]:
    return tuple(value(counts) for counts in weekly)


def _conversations(weeks: Tuple[str, ...], weekly: List[Counts]) -> Picture:
    series: Tuple[Series, ...] = (
        ("Solved without a person", _each(weekly, lambda counts: counts.solved)),
        ("Decided, with a person or rated badly", _each(weekly, lambda counts: counts.decided - counts.solved)),
        ("Without a decision", _each(weekly, lambda counts: counts.conversations - counts.decided)),
    )
    beside = (
        ("All", _each(weekly, lambda counts: counts.conversations), COUNT),
        ("Share solved", _each(weekly, lambda counts: share(counts.solved, counts.conversations)), PERCENT),
    )
    return Picture("conversations", "Conversations", STACKED, "Week", weeks, series, COUNT, beside)


def _missed(weeks: Tuple[str, ...], weekly: List[Counts]) -> Picture:
    series: Tuple[Series, ...] = (
        ("Share not understood", _each(weekly, lambda counts: share(counts.missed, counts.turns))),
    )
    beside = (
        ("Not understood", _each(weekly, lambda counts: counts.missed), COUNT),
        ("Messages", _each(weekly, lambda counts: counts.turns), COUNT),
    )
    return Picture("missed", "Not understood", LINES, "Week", weeks, series, PERCENT, beside)


def _ratings(weeks: Tuple[str, ...], weekly: List[Counts]) -> Picture:
    series: Tuple[Series, ...] = (
        ("Helped", _each(weekly, lambda counts: counts.helped)),
        ("Did not help", _each(weekly, lambda counts: counts.not_helped)),
    )
    beside = (
        (
            "Share that helped",
            _each(weekly, lambda counts: share(counts.helped, counts.helped + counts.not_helped)),
            PERCENT,
        ),
    )
    return Picture("ratings", "Ratings", STACKED, "Week", weeks, series, COUNT, beside)


def _waiting(weeks: Tuple[str, ...], weekly: List[Counts]) -> Picture:
    series: Tuple[Series, ...] = (
        ("Median", _each(weekly, lambda counts: _hours(counts.median_wait))),
        ("90th percentile", _each(weekly, lambda counts: _hours(counts.long_wait))),
    )
    beside = (
        ("Asked for a person", _each(weekly, lambda counts: counts.asked_for_person), COUNT),
        ("Never joined", _each(weekly, lambda counts: counts.never_joined), COUNT),
    )
    return Picture("waiting", "Waiting for a person", LINES, "Week", weeks, series, HOURS, beside)


def _ranked(found: Figures, name: Name, kind: str, title: str, over: str, says: str) -> Section:
    """Return a section that counts by kinds, the most frequent first; by channel and language beside, by week below."""
    counted: Dict[str, int] = getattr(found.of(), kind)
    keys = sorted(counted, key=lambda key: (-counted[key], key))

    def column(counts: Counts) -> Tuple[Number, ...]:
        return tuple(getattr(counts, kind).get(key, 0) for key in keys)

    beside = [(name(CHANNEL, channel), column(found.of(channel=channel)), COUNT) for channel in found.channels]
    beside += [(name(LANGUAGE, language), column(found.of(language=language)), COUNT) for language in found.languages]
    labels = tuple(name(kind, key) for key in keys)
    picture = Picture(kind, title, RANKED, over, labels, (("Conversations", column(found.of())),), COUNT, tuple(beside))
    rows = ((week, *(shown(value, COUNT) for value in column(found.of(week)))) for week in found.weeks)
    more = (Table(f"{title}, by week", ("Week", *labels), tuple(rows)),) if keys else ()
    return Section(picture, says, more)


def _hours(seconds: Number) -> Number:
    return None if seconds is None else seconds / 3600


# CSV


def as_csv(found: Figures) -> bytes:
    """Return the figures as one table, a number a line, in UTF-8 with the mark by which spreadsheets know it."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(CSV_HEADER)
    lines.writerows([_harmless(cell) for cell in line] for line in _lines(found))
    return text.getvalue().encode("utf-8-sig")


def _lines(found: Figures) -> Iterator[Tuple[Union[str, int, float], ...]]:
    kinds = {kind: sorted(getattr(found.of(), kind)) for kind in KINDS}
    pairs = sorted({(channel, language) for _, channel, language in found.cells})
    for week in found.weeks:
        for channel, language in pairs or [(found.period.channel or "", found.period.language or "")]:
            counts = found.cells.get((week, channel, language), Counts())
            for figure, value in _values(counts, kinds):
                yield week, channel, language, figure, value


def _values(counts: Counts, kinds: Dict[str, List[str]]) -> Iterator[Tuple[str, Union[int, float]]]:
    for name in NUMBERS:
        yield name, getattr(counts, name)
    for name, wait in (("wait_median_seconds", counts.median_wait), ("wait_90th_percentile_seconds", counts.long_wait)):
        if wait is not None:
            yield name, round(wait, 1)
    for kind, prefix in ((ROUTES, "route"), (REASONS, "reason"), (LEFT_AT, "left_at")):
        for key in kinds[kind]:
            yield f"{prefix}:{key}", getattr(counts, kind).get(key, 0)


def _harmless(cell: Union[str, int, float]) -> Union[str, int, float]:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell

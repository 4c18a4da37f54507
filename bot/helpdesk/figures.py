"""The figures that leads look at, counted from where each conversation stands. It counts in the week in which it began."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from bot.helpdesk.period import Period
from bot.helpdesk.tables import standings

SECONDS_IDLE = 3600.0  # a conversation that is silent for longer was left
Place = Tuple[str, str, str]  # week, channel, language


@dataclass(frozen=True)
class Counts:
    """What was counted of some conversations. `waits` are the seconds from asking for a person until one joined, sorted."""

    conversations: int = 0
    decided: int = 0
    solved: int = 0  # decided, no person asked for or joined, not rated badly
    turns: int = 0
    missed: int = 0  # turns that were not understood
    helped: int = 0
    not_helped: int = 0
    asked_for_person: int = 0
    never_joined: int = 0  # a person was asked for, and none joined so far
    waits: Tuple[float, ...] = ()
    routes: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    left: Mapping[str, int] = field(default_factory=dict)  # by the question that was open

    @property
    def median_wait(self) -> Optional[float]:
        """Seconds that half of those who waited waited at most; None when nobody did."""
        return percentile(self.waits, 0.5)

    @property
    def long_wait(self) -> Optional[float]:
        """Seconds that nine of ten waited at most; None when nobody waited."""
        return percentile(self.waits, 0.9)


NUMBERS = (
    "conversations", "decided", "solved", "turns", "missed", "helped", "not_helped", "asked_for_person", "never_joined",
)  # fmt: skip
KINDS = ("routes", "reasons", "left")


@dataclass(frozen=True)
class Figures:
    """The figures of a period. `cells` holds what was counted where anything was; everything else is a sum of cells."""

    period: Period
    cells: Mapping[Place, Counts]

    @property
    def weeks(self) -> Tuple[str, ...]:
        """The names of all weeks of the period, also of those without anything."""
        return tuple(week.name for week in self.period.weeks)

    @property
    def channels(self) -> Tuple[str, ...]:
        """The channels that anything was counted of."""
        return tuple(sorted({channel for _, channel, _ in self.cells}))

    @property
    def languages(self) -> Tuple[str, ...]:
        """The languages that anything was counted of."""
        return tuple(sorted({language for _, _, language in self.cells}))

    def of(self, week: Optional[str] = None, channel: Optional[str] = None, language: Optional[str] = None) -> Counts:
        """Return what was counted of a week, a channel, a language; None means all of them."""
        wanted = (week, channel, language)
        return total(
            counts
            for place, counts in self.cells.items()
            if all(name is None or name == there for name, there in zip(wanted, place))
        )


def total(many: Iterable[Counts]) -> Counts:
    """Return the sum of counts."""
    found = list(many)
    sums: Dict[str, Any] = {name: sum(getattr(counts, name) for counts in found) for name in NUMBERS}
    for kind in KINDS:
        added: Counter = Counter()
        for counts in found:
            added.update(getattr(counts, kind))
        sums[kind] = dict(sorted(added.items()))
    return Counts(waits=tuple(sorted(wait for counts in found for wait in counts.waits)), **sums)


def percentile(ordered: Tuple[float, ...], share: float) -> Optional[float]:
    """Return the value below which a share (0 to 1) of sorted values lies, between two if it must; None of none."""
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def figures(on: Connection, period: Period, now: float) -> Figures:
    """Return the figures of a period, as they stand at `now` (seconds since 1970); in a transaction."""
    weeks = period.weeks
    week = sa.case(*[(standings.c.started_at < each.end, number) for number, each in enumerate(weeks)], else_=len(weeks))
    chosen = [standings.c.started_at >= weeks[0].start, standings.c.started_at < weeks[-1].end]
    chosen += [
        standings.c[name] == value for name in ("channel", "language") if (value := getattr(period, name)) is not None
    ]
    place = (week.label("week"), standings.c.channel, standings.c.language)
    found: Dict[Place, Dict[str, Any]] = {}

    def gather(
        columns: List[Any], conditions: List[Any], take: Callable[[Dict[str, Any], Row], None], grouped: bool = True
    ) -> None:
        # Grouped by the names of what is selected: PostgreSQL takes the same expression with other parameters for another.
        inner = sa.select(*place, *columns).where(*chosen, *conditions).subquery()
        keys = [inner.c.week, inner.c.channel, inner.c.language, *([inner.c.key] if "key" in inner.c else [])]
        numbers = [sa.func.sum(inner.c[name]).label(name) for name in NUMBERS if name in inner.c]
        rows = sa.select(*keys, *numbers, sa.func.count().label("count")).group_by(*keys) if grouped else sa.select(inner)
        for row in on.execute(rows):
            take(found.setdefault((weeks[row.week].name, row.channel, row.language), {}), row)

    def keep(cell: Dict[str, Any], row: Row) -> None:
        cell.update({name: int(getattr(row, name)) for name in NUMBERS})

    gather([expression.label(name) for name, expression in _numbers().items()], [], keep)
    for kind, (column, conditions) in _kinds(now).items():

        def keep_kind(cell: Dict[str, Any], row: Row, kind: str = kind) -> None:
            cell.setdefault(kind, {})[row.key] = row.count

        gather([column.label("key")], [column.is_not(None), *conditions], keep_kind)

    def keep_wait(cell: Dict[str, Any], row: Row) -> None:
        cell.setdefault("waits", []).append(max(0.0, row.joined - row.asked))

    times = [standings.c.person_at.label("asked"), standings.c.joined_at.label("joined")]
    gather(times, [standings.c.person_at.is_not(None), standings.c.joined_at.is_not(None)], keep_wait, grouped=False)
    cells = {
        place: total([Counts(**{**values, "waits": tuple(values.get("waits", ()))})]) for place, values in found.items()
    }
    return Figures(period, dict(sorted(cells.items())))


def _numbers() -> Dict[str, Any]:
    """Return what each conversation adds to the numbers."""
    columns = standings.c
    is_decided, wants_person = columns.decided_at.is_not(None), columns.person_at.is_not(None)
    is_joined, is_bad = columns.joined_at.is_not(None), columns.helped.is_(False)
    # `helped` may be NULL, which is no bad rating; so each condition is turned into 0 or 1 before it is denied.
    return {
        "conversations": sa.literal(1),
        "decided": _one_if(is_decided),
        "solved": _one_if(is_decided) * (1 - _one_if(wants_person)) * (1 - _one_if(is_joined)) * (1 - _one_if(is_bad)),
        "turns": columns.turns,
        "missed": columns.missed,
        "helped": _one_if(columns.helped.is_(True)),
        "not_helped": _one_if(is_bad),
        "asked_for_person": _one_if(wants_person),
        "never_joined": _one_if(wants_person) * (1 - _one_if(is_joined)),
    }


def _kinds(now: float) -> Dict[str, Tuple[Any, List[Any]]]:
    """Return what is counted by its kind: the column, and of which conversations."""
    is_decided = standings.c.decided_at.is_not(None)
    is_left = [standings.c.decided_at.is_(None), standings.c.changed_at < now - SECONDS_IDLE]
    return {
        "routes": (standings.c.route, [is_decided]),
        "reasons": (standings.c.reason, [is_decided]),
        "left": (standings.c.asked, is_left),
    }


def _one_if(condition: Any) -> Any:
    return sa.case((condition, 1), else_=0)


def channels_and_languages(on: Connection) -> Tuple[Tuple[str, ...], Tuple[str, ...]]:
    """Return every channel and every language of which a conversation is known; in a transaction."""
    found = on.execute(sa.select(standings.c.channel, standings.c.language).distinct()).all()
    return tuple(sorted({row.channel for row in found})), tuple(sorted({row.language for row in found}))

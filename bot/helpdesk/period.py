"""What figures are asked for: from which day to which, of which channel and language. Weeks are those of ISO 8601."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Mapping, Optional, Tuple
from zoneinfo import ZoneInfo

from bot.engine import UnusableFacts
from bot.engine.errors import did_you_mean

DEFAULT_WEEKS = 12
MOST_WEEKS = 160  # about three years
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2199, 12, 31)
WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Week:
    """A week, or the part of it that was asked for: from `start` until before `end`, in seconds since 1970."""

    name: str  # "2026-W48"
    monday: date
    start: float
    end: float


@dataclass(frozen=True)
class Period:
    """The days from `first` to `last`, both included, in the helpdesk's time zone; `channel`, `language`: None for all."""

    first: date
    last: date
    zone: ZoneInfo
    channel: Optional[str] = None
    language: Optional[str] = None

    @property
    def weeks(self) -> Tuple[Week, ...]:
        """The weeks of the period, in order. The first and the last may be parts."""
        found = []
        monday = _monday(self.first)
        while monday <= self.last:
            begins, ends = max(monday, self.first), min(monday + WEEK, self.last + timedelta(days=1))
            found.append(Week(_name(monday), monday, _midnight(begins, self.zone), _midnight(ends, self.zone)))
            monday += WEEK
        return tuple(found)

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters that ask for this period."""
        found = {"from": self.first.isoformat(), "to": self.last.isoformat()}
        return {**found, **{name: value for name in ("channel", "language") if (value := getattr(self, name))}}


def last_weeks(now: float, zone: ZoneInfo) -> Period:
    """Return the last weeks at a time (seconds since 1970): this one as far as it is gone, and those before it."""
    today = datetime.fromtimestamp(now, zone).date()
    return Period(_monday(today) - (DEFAULT_WEEKS - 1) * WEEK, today, zone)


def asked(
    given: Mapping[str, str], now: float, zone: ZoneInfo, channels: Tuple[str, ...], languages: Tuple[str, ...]
) -> Period:
    """Return the period that the parameters from, to, channel and language ask for.

    Without `to` it ends today, without `from` it has the usual length. Raises UnusableFacts with the remedy.
    """
    usual = last_weeks(now, zone)
    last = _day("to", given) or usual.last
    first = _day("from", given) or min(_monday(last) - (DEFAULT_WEEKS - 1) * WEEK, last)
    if first > last:
        raise UnusableFacts(f"the period ends ({last}) before it begins ({first}); exchange the two days, or change one")
    if (last - _monday(first)).days >= MOST_WEEKS * 7:
        raise UnusableFacts(f"the period is longer than {MOST_WEEKS} weeks; choose days that are closer together")
    channel, language = _one("channel", given, channels), _one("language", given, languages)
    return Period(first, last, zone, channel, language)


def _day(name: str, given: Mapping[str, str]) -> Optional[date]:
    text = (given.get(name) or "").strip()
    if not text:
        return None
    try:
        found = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise UnusableFacts(f'"{name}" must be a day like 2026-11-30 (year-month-day)') from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise UnusableFacts(f'"{name}" must be a day from {FIRST_DAY} to {LAST_DAY}')
    return found


def _one(name: str, given: Mapping[str, str], known: Tuple[str, ...]) -> Optional[str]:
    text = (given.get(name) or "").strip()
    if text and text not in known:
        raise UnusableFacts(f'"{name}" must be one of those that there are; {did_you_mean(text[:40], known)}')
    return text or None


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _name(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02d}"


def _midnight(day: date, zone: ZoneInfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()

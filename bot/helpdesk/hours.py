"""When staff are there, and by when an answer comes."""

from datetime import datetime, time, timedelta
from typing import Tuple
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_day_names

from bot.helpdesk.settings import DAYS, HoursSettings



class Hours:
    """The hours of the helpdesk. Times without a zone are seconds since 1970."""

    def __init__(self, settings: HoursSettings) -> None:
        self._settings = settings
        self._zone = ZoneInfo(settings.zone)
        self._opens = time.fromisoformat(settings.opens)
        self._closes = time.fromisoformat(settings.closes)

    def is_open(self, at: float) -> bool:
        """Say whether staff are there by the hours."""
        opens, closes = self._day(datetime.fromtimestamp(at, self._zone))
        return opens.timestamp() <= at < closes.timestamp() and self._works(opens)

    def answer_by(self, at: float) -> float:
        """Return by when an answer comes to what is asked at a time: so many hours of being there later."""
        left = self._settings.answer_within * 3600
        day = datetime.fromtimestamp(at, self._zone)
        while True:
            opens, closes = self._day(day)
            if self._works(opens):
                begins = max(at, opens.timestamp())
                there = closes.timestamp() - begins
                if there >= left:
                    return begins + left
                left -= max(0.0, there)
            day = opens + timedelta(days=1)

    def told(self, language: str) -> str:
        """Return the hours in words: "Monday-Friday, 09:00-17:00 (Europe/Amsterdam)"."""
        names = get_day_names("wide", "stand-alone", locale=language)
        numbers = sorted(DAYS.index(day) for day in set(self._settings.days))
        runs = []
        for number in numbers:
            if runs and runs[-1][1] == number - 1:
                runs[-1][1] = number
            else:
                runs.append([number, number])
        days = ", ".join(names[first] if first == last else f"{names[first]}-{names[last]}" for first, last in runs)
        return f"{days}, {self._settings.opens}-{self._settings.closes} ({self._settings.zone})"

    def moment(self, at: float, language: str) -> str:
        """Return a moment in words: "Tuesday 1 December, 11:00"."""
        forms = {"en": "EEEE d MMMM, HH:mm", "nl": "EEEE d MMMM, HH:mm"}
        return format_datetime(datetime.fromtimestamp(at, self._zone), forms[language], locale=language)

    def _day(self, day: datetime) -> Tuple[datetime, datetime]:
        return (
            datetime.combine(day.date(), self._opens, self._zone),
            datetime.combine(day.date(), self._closes, self._zone),
        )

    def _works(self, day: datetime) -> bool:
        return DAYS[day.weekday()] in self._settings.days

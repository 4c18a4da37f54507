"""The day that answers are given for. The engine never asks for it: time is always handed in."""

import os
from datetime import date
from typing import Any

from bot.engine import UnusableFacts

# Set, it is the day to answer for (YYYY-MM-DD) instead of today: for tests and demonstrations.
DATE_VARIABLE = "TRIAGE_ON"


def day(text: Any) -> date:
    """Return the date that `text` names. Raises UnusableFacts."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        raise UnusableFacts(f'"{text}" is not a date; write YYYY-MM-DD') from None


def today() -> date:
    """Return the day to answer for. Raises UnusableFacts when the variable holds no date."""
    chosen = os.environ.get(DATE_VARIABLE)
    return day(chosen) if chosen else date.today()

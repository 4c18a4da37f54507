"""What the engine raises, and how it suggests a remedy."""

from difflib import get_close_matches
from typing import Iterable


class UnusableFacts(ValueError):
    """Facts that cannot be used: an unknown name, an unknown value, or two that contradict each other."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown `word`: the closest known one, or the list of them."""
    choices = list(known)
    close = get_close_matches(word, choices, n=1)
    if close:
        return f'did you mean "{close[0]}"?'
    return "known: " + ", ".join(choices)

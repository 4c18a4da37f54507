"""Readings made by hand, in the form that the trained model gives."""

from typing import Any, Mapping, Optional, Sequence, Tuple

import pytest

from bot.evaluation.parsing import Reading


def parsed(
    text: str,
    intent: str,
    confidence: float = 0.9,
    decision: str = "accept",
    entities: Sequence[Tuple[str, str]] = (),
    others: Mapping[str, float] = {},
    language: str = "en",
    **more: Any,
) -> Mapping[str, Any]:
    """Return a parse result. A refused message gets the fallback intent, as from the model."""
    ranking = [{"name": intent, "confidence": confidence}, *({"name": n, "confidence": c} for n, c in others.items())]
    return {
        "text": text,
        "intent": {"name": "nlu_fallback", "confidence": 1.0} if decision == "refuse" else ranking[0],
        "intent_ranking": ranking,
        "decision": decision,
        "entities": [{"entity": entity, "value": value, "start": 0, "end": 0} for entity, value in entities],
        "language": {"code": language},
        **more,
    }


@pytest.fixture()
def parse():
    """Make a parse result."""
    return parsed


@pytest.fixture()
def read():
    """Make the reading of a message."""

    def make(
        text: str, intent: str, mistyped: Optional[Mapping[str, Any]] = None, milliseconds: float = 10.0, **more: Any
    ) -> Reading:
        found = parsed(text, intent, **more)
        return Reading(found, mistyped or found, milliseconds)

    return make

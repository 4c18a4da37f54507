"""Labelled lines through the trained model: what it read, what it read with a typo, and how long it took."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, List, Mapping, Sequence, Tuple

from bot.engine import UnusableFacts
from bot.engine.message import ACCEPT
from bot.evaluation.sentences import Answer, Labelled, Sentence
from bot.evaluation.typos import typo

CONFIRM, REFUSE = "confirm", "refuse"
OUT_OF_SCOPE = "out_of_scope"
# What a refused message counts as, unless it is labelled out of scope.
REFUSED = "(refused)"
WARM_UP = 20  # messages before the first that is timed


@dataclass(frozen=True)
class Reading:
    """How the model reads a message: the parse result, and that of the message with a typo (the same for an answer)."""

    parsed: Mapping[str, Any]
    mistyped: Mapping[str, Any]
    milliseconds: float = 0.0


Pair = Tuple[Sentence, Reading]
AnswerPair = Tuple[Answer, Reading]


def parse_all(labelled: Sequence[Labelled]) -> List[Reading]:
    """Return the reading of each line, in order. Raises UnusableFacts when there is no model."""
    from bot.assistant import Assistant, NoModel

    try:
        assistant = Assistant()
    except NoModel as error:
        raise UnusableFacts(str(error)) from None
    return asyncio.run(_parse_all(assistant, labelled))


async def _parse_all(assistant: Any, labelled: Sequence[Labelled]) -> List[Reading]:
    for number in range(WARM_UP):
        await assistant.parse(f"the server does not start, attempt {number}")
    readings = []
    for line in labelled:
        started = time.perf_counter()
        parsed = await assistant.parse(line.text)
        milliseconds = 1000 * (time.perf_counter() - started)
        mistyped = parsed
        if isinstance(line, Sentence):
            text = parsed.get("text") or ""
            changed = typo(text, [(entity["start"], entity["end"]) for entity in parsed.get("entities") or []])
            mistyped = await assistant.parse(changed) if changed != text else parsed
        readings.append(Reading(parsed, mistyped, milliseconds))
    return readings


# What a parse result says


def best(parsed: Mapping[str, Any]) -> Tuple[str, float]:
    """Return the best-ranked intent, refused or not, and its confidence."""
    ranking = parsed.get("intent_ranking") or [parsed["intent"]]
    return ranking[0]["name"], ranking[0]["confidence"]


def decision(parsed: Mapping[str, Any]) -> str:
    """Return "accept", "confirm" or "refuse"."""
    return parsed.get("decision") or ACCEPT


def intent_of(parsed: Mapping[str, Any], wanted: str) -> str:
    """Return the intent that a reading counts as: refusing is right only for what is out of scope."""
    if decision(parsed) != REFUSE:
        return best(parsed)[0]
    return OUT_OF_SCOPE if wanted == OUT_OF_SCOPE else REFUSED


def is_refused(parsed: Mapping[str, Any]) -> bool:
    """Say whether a message is turned away: refused, or read as out of scope."""
    return decision(parsed) == REFUSE or best(parsed)[0] == OUT_OF_SCOPE


def strangeness(parsed: Mapping[str, Any]) -> float:
    """Return how surely a message is foreign, 0 to 1: from `in_scope`, else from the confidence of out_of_scope."""
    if parsed.get("in_scope") is not None:
        return 1 - float(parsed["in_scope"])
    ranking = parsed.get("intent_ranking") or []
    return next((entry["confidence"] for entry in ranking if entry["name"] == OUT_OF_SCOPE), 0.0)

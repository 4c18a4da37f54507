"""The reader of messages over the project's knowledge."""

from functools import lru_cache

from bot.engine.message import IntentMeaning
from bot.engine.reading import Reader
from bot.knowledge import shared


@lru_cache(maxsize=1)
def reader() -> Reader:
    """Return the reader."""
    knowledge = shared()
    intents = {
        key: IntentMeaning(goal=entry.goal, implies=entry.implies, question=entry.topic is not None)
        for key, entry in knowledge.intents.items()
    }
    return Reader(knowledge.programme, intents, {key: role.proves for key, role in knowledge.roles.items()}, knowledge.steering)

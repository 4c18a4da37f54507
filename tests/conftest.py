"""Shared fixtures: the knowledge, and one trained assistant for the whole run."""

import asyncio
import os
from datetime import date

import pytest

os.environ.setdefault("TRIAGE_ON", "2026-11-22")

from bot.knowledge import Knowledge, shared  # noqa: E402  (the day is set before anything reads it)
from bot.wording import Wording, shared_wording  # noqa: E402

TODAY = date(2026, 11, 22)
ARTICLE_DAY = date(2021, 6, 30)


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    """The project's knowledge."""
    return shared()


@pytest.fixture(scope="session")
def wording() -> Wording:
    """The project's words."""
    return shared_wording()


@pytest.fixture(scope="session")
def assistant():
    """The real assistant; its model is trained first when it is missing or stale."""
    from bot.assistant import Assistant
    from bot.talk import trained_model

    return Assistant(trained_model())


@pytest.fixture(scope="session")
def loop():
    """One event loop for all conversations: Rasa keeps objects that belong to a loop."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()

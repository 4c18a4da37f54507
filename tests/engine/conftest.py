"""What the tests of the engine share."""

import pytest

from bot.shared_reader import reader as shared_reader


@pytest.fixture(scope="session")
def reader():
    """The reader of messages over the project's knowledge, as the assistant uses it."""
    return shared_reader()

"""The terminal and scripted conversations pass the guard too."""

import asyncio

from bot.channels.direct import Direct
from bot.wording import shared_wording
from tests.channels.conftest import Echo


def talk(*texts, language="en"):
    async def all_of_them():
        echo = Echo()
        echo.language = language
        direct = Direct(echo, shared_wording().text)
        await direct.press("/affirm", "conversation")
        return [await direct.say(text, "conversation") for text in texts], echo

    return asyncio.run(all_of_them())


def test_a_text_that_is_too_long_is_answered_with_the_reason_in_the_language_spoken():
    (replies,), echo = talk("x" * 2001, language="nl")
    assert "te lang" in replies[0].text and "2000" in replies[0].text
    assert len(echo.heard) == 1, "the assistant never saw it"


def test_a_secret_never_reaches_the_assistant_and_the_person_is_told_first():
    (replies,), echo = talk("my password is Hunter2!xyz")
    assert [reply.kind for reply in replies] == ["privacy", "answer"]
    assert "Hunter2" not in str(echo.heard)


def test_an_ordinary_message_passes_as_it_is():
    (replies,), _ = talk("exchange 2019 is down")
    assert [reply.text for reply in replies] == ["typed:exchange 2019 is down"]

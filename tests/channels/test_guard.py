"""The guard by itself: what it refuses, what it takes out, and how it counts."""

import asyncio
import shutil
import socket
import subprocess
import time
import unicodedata

import ftfy
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.channels import message as message_module
from bot.channels.guard import LONGEST_TEXT, REFUSALS, Guard, RateLimits, Refused, without_controls
from bot.channels.message import Incoming
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES, shared_wording


def test_the_channels_speak_the_languages_of_the_wording():
    assert (message_module.LANGUAGES, message_module.DEFAULT_LANGUAGE) == (LANGUAGES, DEFAULT_LANGUAGE)


def message(text="hello", **more):
    return Incoming("widget", more.pop("conversation", "conversation"), more.pop("id", "message-id"), text, **more)


def refusal(guard, incoming):
    with pytest.raises(Refused) as refused:
        asyncio.run(guard.admit(incoming))
    return refused.value


@given(st.text(max_size=LONGEST_TEXT))
def test_whatever_is_typed_passes_cleaned_or_not_at_all(text):
    admitted = asyncio.run(Guard().admit(message(text)))
    cleaned = admitted.message.text
    assert not [sign for sign in cleaned if unicodedata.category(sign) == "Cc" and sign not in "\n\t"]
    cleaned.encode("utf-8")
    assert without_controls(cleaned) == cleaned


@given(st.text(alphabet=st.characters(blacklist_categories=("Cc", "Cf", "Cs", "Co", "Nd")), max_size=60))
def test_ordinary_words_are_left_as_they_are(text):
    assume(ftfy.fix_encoding(text) == text)
    assert without_controls(text) == text


@pytest.mark.parametrize("length, passes", [(LONGEST_TEXT, True), (LONGEST_TEXT + 1, False)])
def test_the_limit_is_a_limit(length, passes):
    if passes:
        assert asyncio.run(Guard().admit(message("x" * length))).message.text
    else:
        assert refusal(Guard(), message("x" * length)).code == "too_long"


@pytest.mark.parametrize("message_id", ["", "short", "x" * 65, "has blank", "has/slash", "'; --", "a" * 7, "id\n12345678"])
def test_an_id_has_a_form(message_id):
    assert refusal(Guard(), message(id=message_id)).code == "not_usable"


def test_a_payload_has_a_limit():
    assert refusal(Guard(), message(payload="/" + "x" * 2000)).code == "not_usable"


@pytest.mark.parametrize("code", REFUSALS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_refusal_can_be_said(code, language):
    refused = Refused(code, longest=2000, seconds=3, channel="slack")
    said = shared_wording().text(refused.response, language, **refused.values)
    assert said and "{" not in said


def limits(store="memory"):
    return RateLimits(store, (60, 3), (60, 5), (60, 2))


async def counted(rates, conversations):
    return [await rates.conversation(name) > 0 for name in conversations]


async def test_conversations_are_counted_apart():
    assert await counted(limits(), ["a", "a", "a", "a", "b"]) == [False, False, False, True, False]


async def test_waiting_as_long_as_it_says_is_enough():
    rates = limits()
    await counted(rates, ["a"] * 3)
    wait = await rates.conversation("a")
    assert 0 < wait <= 1.01
    await asyncio.sleep(wait + 0.05)
    assert await rates.conversation("a") == 0


async def test_a_message_without_an_address_is_not_counted_by_address():
    rates = limits()
    assert [await rates.address(None) for _ in range(20)] == [0] * 20
    assert [await rates.address("192.0.2.1") > 0 for _ in range(6)] == [False] * 5 + [True]


async def test_sessions_of_an_address_are_counted_apart_from_its_requests():
    rates = limits()
    assert [await rates.session("192.0.2.1") > 0 for _ in range(3)] == [False, False, True]
    assert await rates.address("192.0.2.1") == 0


def test_a_secret_in_text_that_was_read_in_the_wrong_encoding_is_found():
    text = "Access ID: １２３４５６７８９"
    for _ in range(3):  # once, twice and three times
        text = text.encode("utf-8").decode("latin-1")
        found = asyncio.run(Guard().admit(message(text)))
        assert (found.message.text, found.redacted) == ("Access ID: [access id]", ("access id",)), text


def test_without_limits_nothing_is_counted():
    async def many():
        guard = Guard()
        for _ in range(200):
            await guard.admit(message())

    asyncio.run(many())


@pytest.fixture
def redis_server(tmp_path):
    program = shutil.which("redis-server")
    assert program, "the tests need redis-server (Debian: apt install redis-server)"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.kill()
    process.wait()


async def test_servers_with_one_redis_count_together(redis_server):
    address, _ = redis_server
    one, other = limits(address), limits(address)
    found = [await rates.conversation("a") > 0 for rates in (one, other, one, other, one)]
    assert found == [False, False, False, True, True]


async def test_a_redis_that_is_gone_stops_nobody(redis_server, caplog):
    address, process = redis_server
    rates = limits(address)
    await rates.conversation("a")
    process.kill()
    process.wait()
    assert [await rates.conversation("a") for _ in range(5)] == [0] * 5
    assert "could not be counted" in caplog.text

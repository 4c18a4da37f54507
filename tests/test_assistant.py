"""The real assistant from outside: what is typed, what is pressed, and what happens when something goes wrong."""

import asyncio
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.assistant import LONGEST_READ, Assistant, NoModel, clean


@given(st.text(max_size=500))
def test_typed_text_is_never_a_payload_and_always_valid_unicode(text):
    found = clean(text)
    assert not found.startswith("/")
    found.encode("utf-8")


@pytest.mark.parametrize("text", [" /restart", "/ /restart", "\u00a0/inform{}", "\x1c/start_over", "//x", "\ud800 x"])
def test_no_disguise_makes_a_command_of_typed_text(text):
    assert not clean(text).lstrip().startswith("/")


def test_a_long_text_keeps_its_beginning_and_its_end():
    found = clean("start " + "x" * LONGEST_READ + " end")
    assert found.startswith("start") and found.endswith("end")
    assert len(found) <= LONGEST_READ + 1


@pytest.fixture
def talk(assistant, loop):
    """Send messages in a new conversation: payloads are pressed, all else is typed. Returns replies and slots."""
    sender = uuid.uuid4().hex

    def run(*messages):
        for message in messages:
            send = assistant.press if message.startswith("/") else assistant.say
            replies = loop.run_until_complete(send(message, sender))
            assert replies and all(reply.text for reply in replies), message
        return replies, loop.run_until_complete(assistant.slots(sender))

    return run


@pytest.mark.parametrize(
    "payload",
    [
        '/inform{"product": "nope"}',
        '/inform{"product": ["a"]}',
        '/inform{"product": {"a": 1}}',
        '/inform{"offer": "diamond"}',
        '/inform{"version": 1e400}',
        '/inform{"unknown": "x"}',
        "/action_listen",
        "/inform{broken",
        "/inform" + '{"a":' * 500,
    ],
)
def test_a_payload_that_no_button_sends_does_no_harm(talk, payload):
    _, slots = talk("our sql server is broken", payload, '/inform{"version": "2022"}')
    assert (slots["product"], slots["version"]) == ("sql_server", "2022")


@pytest.mark.parametrize("command", ["/restart", "/session_start", "/back"])
def test_rasas_own_commands_are_only_words(talk, command):
    replies, _ = talk("our sql server is broken", command)
    assert replies[0].buttons or replies[0].text
    _, slots = talk("exchange 2019 is broken")
    assert slots["product"] == "exchange_server"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?",
        "🤷🤷🤷",
        "\x00\x01\x02",
        "\u202eabc",
        "x" * 10_000,
        '{"a": [1, 2]}',
        "'; DROP TABLE users; --",
        "\u200b",
        "ا" * 50,
    ],
)
def test_odd_input_gets_a_reply_and_loses_nothing(talk, text):
    _, slots = talk("our sql server is broken, we are gold", text)
    assert (slots["product"], slots["offer"]) == ("sql_server", "gold")


def test_a_stack_trace_with_one_product_name_is_about_that_product(talk):
    lines = [f"   at Vendor.App.Worker{n}.Run(String s) in c:\\src\\Worker{n}.cs:line {n}" for n in range(200)]
    lines.insert(120, "Exchange 2019 is broken")
    _, slots = talk("\n".join(lines))
    assert (slots["product"], slots["version"]) == ("exchange_server", "2019")


def test_a_failed_turn_gets_an_apology_with_a_way_on_and_out(assistant, loop, monkeypatch):
    async def fail(message):
        raise RuntimeError("nothing works")

    monkeypatch.setattr(assistant._agent, "handle_message", fail)
    (reply,) = loop.run_until_complete(assistant.say("hello", uuid.uuid4().hex))
    assert "went wrong" in reply.text
    assert [button["payload"] for button in reply.buttons] == ["/start_over", "/request_human"]


def test_two_people_at_once_are_two_conversations(assistant, loop):
    async def both():
        senders = [uuid.uuid4().hex for _ in range(2)]
        texts = ["our exchange 2019 is down", "onze sql server 2022 is kapot"]
        await asyncio.gather(*(assistant.say(text, sender) for text, sender in zip(texts, senders)))
        return [await assistant.slots(sender) for sender in senders]

    first, second = loop.run_until_complete(both())
    assert (first["product"], first["language"]) == ("exchange_server", "en")
    assert (second["product"], second["language"]) == ("sql_server", "nl")


def test_a_broken_model_file_is_named_with_the_remedy(tmp_path):
    broken = tmp_path / "broken.tar.gz"
    broken.write_bytes(b"\x1f\x8b not a model")
    with pytest.raises(NoModel, match="broken.tar.gz cannot be loaded.*triage train"):
        Assistant(broken)


def test_what_was_answered_is_found_again_by_the_id_of_the_message(assistant, loop):
    async def talk():
        sender = uuid.uuid4().hex
        await assistant.press('/greet{"language": "nl"}', sender)
        said = await assistant.say("SQL Server 2022 werkt niet meer", sender, "the-message-id")
        await assistant.say("silver", sender, "another-message")
        return said, [await assistant.answered(name, sender) for name in ("the-message-id", "no-such-message")]

    said, (found, none) = loop.run_until_complete(talk())
    assert found == said and none is None
    assert said[0].buttons and said[0].language == "nl"


def test_a_channel_can_say_in_which_language_it_greets_and_a_person_in_which_to_go_on(assistant, loop):
    async def talk():
        sender = uuid.uuid4().hex
        return [
            (await assistant.press(payload, sender))[-1].language
            for payload in (
                '/greet{"language": "nl"}',
                '/switch_language{"language": "en"}',
                '/switch_language{"language": "xx"}',
                '/switch_language{"language": "nl"}',
            )
        ]

    assert loop.run_until_complete(talk()) == ["nl", "en", "en", "nl"]


def test_a_person_who_writes_in_another_language_than_the_page_is_answered_in_it(assistant, loop):
    async def talk():
        sender = uuid.uuid4().hex
        await assistant.press('/greet{"language": "nl"}', sender)
        return await assistant.say("our exchange server 2019 does not start anymore", sender)

    assert loop.run_until_complete(talk())[-1].language == "en"

"""What platforms share: everything that is said reaches them, in order, once, and is told when it cannot."""

import asyncio
import logging
from datetime import datetime, timedelta, timezone

import pytest

from bot.channels import outbox, workers
from bot.database import Database
from bot.channels.deliveries import Deliveries
from bot.channels.gateway import Gateway
from bot.channels.guard import LONGEST_TEXT, Guard, RateLimits
from bot.channels.inbox import Inbox
from bot.channels.message import Incoming, entry
from bot.channels.outbox import Outbox
from bot.channels.platform import Suspended, Undeliverable, identity
from bot.channels.transcript import Transcript
from bot.channels.workers import TryAgain
from bot.wording import shared_wording
from tests.channels.conftest import Echo

CONVERSATION = "post-1"
REFERENCE = {"to": "somebody"}
GENEROUS = (10_000, 10_000)


class Post:
    """A platform that takes posts, or fails as it is told: `failures` are raised one after the other before a post is taken."""

    name = "Post"

    def __init__(self):
        self.sent = []
        self.failures = []
        self.parts = 1
        self.suspended = False

    def scope(self, reference):
        return ""

    def posts(self, document):
        return [{"text": f"{document['text']}/{part}"} for part in range(self.parts)]

    async def send(self, reference, post):
        await asyncio.sleep(0)
        if self.suspended:
            raise Suspended("the app was removed")
        if self.failures:
            failure = self.failures.pop(0)
            if failure is not None:
                raise failure
        self.sent.append(post["text"])


class House:
    """A gateway with one platform over one database."""

    def __init__(self, file, platform, limits=None, assistant=None):
        self.assistant = assistant or Echo()
        self.assistant.buttons = []
        self.database = Database.in_file(file)
        self.deliveries = Deliveries(self.database)
        self.gateway = Gateway(self.assistant, Transcript(self.database), Guard(limits), shared_wording().text)
        self.outbox = Outbox(self.gateway, self.deliveries)
        self.outbox.add("post", platform)
        self.inbox = Inbox(self.gateway, self.deliveries, self.outbox, "post")

    async def say(self, text, message_id, payload=None, address="post:someone", conversation=CONVERSATION):
        taken = Incoming("post", conversation, message_id, text, payload, address)
        await self.inbox.take(taken, REFERENCE, "en")

    async def settle(self):
        await self.gateway.settle()
        await self.outbox.settle()

    async def stop(self):
        self.gateway.close()
        self.outbox.close()
        await self.settle()
        self.database.close()


async def until(condition):
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def house(tmp_path, post):
    return House(tmp_path / "conversations.db", post)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Failed work is tried again at once."""
    monkeypatch.setattr(workers, "LONGEST_WAIT", 0.01)


async def test_a_message_is_answered_on_the_platform_and_not_echoed(house, post):
    await house.say("hello", "message-1")
    await house.settle()
    assert post.sent == ["typed:hello/0"]


async def test_a_message_that_the_platform_sends_again_is_not_too_fast(tmp_path, post):
    house = House(tmp_path / "conversations.db", post, RateLimits("memory", (1, 1), GENEROUS, GENEROUS))
    for _ in range(3):
        await house.say("hello", "message-1")
    await house.settle()
    assert post.sent == ["typed:hello/0"]


async def test_a_message_that_comes_twice_is_answered_once(house, post):
    for _ in range(3):
        await house.say("hello", "message-1")
    await asyncio.gather(*(house.say("again", "message-2") for _ in range(5)))
    await house.settle()
    assert post.sent == ["typed:hello/0", "typed:again/0"]


async def test_what_the_platform_refuses_for_now_is_sent_again_in_order(house, post):
    post.failures = [TryAgain("busy", after=0.01), TryAgain("busy"), None, RuntimeError("a bug"), None]
    for number in range(4):
        await house.say(f"number {number}", f"message-{number}")
    await house.settle()
    assert post.sent == [f"typed:number {number}/0" for number in range(4)]


async def test_a_message_in_parts_goes_on_with_the_part_that_failed(house, post):
    post.parts = 3
    post.failures = [None, None, TryAgain("busy")]
    await house.say("long", "message-1")
    await house.settle()
    assert post.sent == ["typed:long/0", "typed:long/1", "typed:long/2"]


async def test_what_can_never_be_delivered_is_recorded_and_the_rest_goes_on(house, post, caplog):
    post.failures = [Undeliverable("the person blocked the app")]
    with caplog.at_level(logging.ERROR):
        await house.say("one", "message-1")
        await house.settle()
    await house.say("two", "message-2")
    await house.settle()
    assert post.sent == ["typed:two/0"]
    assert await house.deliveries.undelivered(CONVERSATION) == {2: "the person blocked the app"}
    assert "cannot be delivered: the person blocked the app" in caplog.text


async def test_an_answer_that_is_late_by_hours_is_given_up_and_recorded(house, post):
    await house.say("one", "message-1")
    await house.settle()
    old = {**entry("assistant", "old news", "answer", "en"), "at": (datetime.now(timezone.utc) - timedelta(hours=7)).isoformat()}
    post.failures = [TryAgain("busy")]
    await house.gateway.transcript.add(CONVERSATION, old)
    await house.gateway.push(CONVERSATION, "staff", "new")
    await house.settle()
    assert post.sent == ["typed:one/0", "new/0"]
    assert await house.deliveries.undelivered(CONVERSATION) == {3: "not delivered in time: busy"}


async def stopped(house, post, conversations=1):
    """Let the platform take nothing while somebody says something in each conversation."""
    post.suspended = True
    for number in range(conversations):
        await house.say(f"number {number}", f"message-{number}", conversation=f"post-{number}")
    await house.settle()
    assert post.sent == []
    post.suspended = False


async def test_why_a_platform_takes_nothing_is_logged_once(house, post, caplog):
    await stopped(house, post, 3)
    assert caplog.text.count("Post takes no messages: the app was removed.") == 1


async def test_what_waits_is_sent_when_the_platform_says_that_it_is_mended(house, post):
    await stopped(house, post)
    house.inbox.mended("")
    await house.settle()
    assert post.sent == ["typed:number 0/0"]


@pytest.mark.parametrize("conversation", ["post-0", "post-9"])
async def test_when_one_conversation_gets_through_so_do_the_others(house, post, conversation):
    await stopped(house, post, 3)
    await house.say("mended", "message-9", conversation=conversation)
    await house.settle()
    assert sorted(post.sent) == ["typed:mended/0", *(f"typed:number {number}/0" for number in range(3))]


async def test_a_post_that_is_never_taken_shows_too_that_the_platform_is_mended(house, post):
    await stopped(house, post, 2)
    post.failures = [Undeliverable("gone")]
    await house.say("mended", "message-9", conversation="post-9")
    await house.settle()
    assert sorted(post.sent) == ["typed:number 0/0", "typed:number 1/0"]


async def test_from_time_to_time_it_is_seen_whether_the_platform_is_mended(house, post, monkeypatch, caplog):
    monkeypatch.setattr(outbox, "BETWEEN_PROBES", 0.05)
    await stopped(house, post, 3)
    post.suspended = True
    tried, send = [], post.send

    async def watched(reference, sent):
        tried.append(sent)
        await send(reference, sent)

    post.send = watched
    await until(lambda: len(tried) >= 2)
    assert caplog.text.count("takes no messages") == 1 and len(tried) < 6
    post.suspended = False
    await until(lambda: len(post.sent) == 3)


async def test_a_server_that_stops_no_longer_looks(house, post, monkeypatch):
    monkeypatch.setattr(outbox, "BETWEEN_PROBES", 0.05)
    await stopped(house, post)
    await house.stop()
    await asyncio.sleep(0.15)
    assert post.sent == []


async def test_a_wait_of_no_seconds_is_no_reason_to_ask_without_end(house, post, monkeypatch):
    monkeypatch.setattr(workers, "LONGEST_WAIT", 0.2)
    post.failures = [TryAgain("busy", after=0.0)] * 1_000
    await house.say("hello", "message-1")
    await asyncio.sleep(1.0)
    assert 1_000 - len(post.failures) < 10
    post.failures.clear()
    await house.settle()


async def test_a_wait_has_an_end(house, post, monkeypatch):
    monkeypatch.setattr(workers, "LONGEST_ASKED", 0.05)
    post.failures = [TryAgain("busy", after=1e9)]
    await house.say("hello", "message-1")
    await house.settle()
    assert post.sent == ["typed:hello/0"]


async def test_a_restart_delivers_what_was_not_delivered_and_nothing_twice(tmp_path, post):
    first = House(tmp_path / "conversations.db", post)
    await first.say("one", "message-1")
    await first.settle()
    post.parts = 2
    post.failures = [None, TryAgain("in the middle", after=3600)]
    await first.say("two", "message-2")
    await first.gateway.settle()
    await until(lambda: len(post.sent) == 2)
    await first.stop()
    second = House(tmp_path / "conversations.db", post)
    await second.outbox.resume()
    await second.settle()
    assert post.sent == ["typed:one/0", "typed:two/0", "typed:two/1"]


async def test_a_server_that_stops_does_not_wait_for_a_platform_that_is_gone(house, post):
    post.failures = [TryAgain("gone", after=3600)] * 3
    await house.say("one", "message-1")
    await asyncio.wait_for(house.stop(), 10)
    assert post.sent == []


async def test_staff_reach_a_person_who_is_silent(house, post):
    await house.say("one", "message-1")
    await house.settle()
    await house.gateway.push(CONVERSATION, "staff", "We are looking into it.")
    await house.settle()
    assert post.sent[-1] == "We are looking into it./0"


async def test_why_a_message_is_not_taken_is_said_in_the_conversation_once(house, post):
    for _ in range(2):
        await house.say("x" * (LONGEST_TEXT + 1), "message-1")
    await house.say("  ", "message-2")
    await house.say("Yes", "message-3", payload="/affirm")
    await house.settle()
    assert [text.split(":")[0].split(",")[0] for text in post.sent] == [
        "Your message is too long",
        "There was no text in that. I can only read text",
        "That choice does not belong to this conversation. Choose one of the buttons shown",
    ]
    assert house.assistant.heard == []


async def test_a_flood_is_told_once_and_what_was_taken_is_answered(tmp_path, post):
    limits = RateLimits("memory", (1, 3), GENEROUS, GENEROUS)
    house = House(tmp_path / "conversations.db", post, limits)
    for number in range(50):
        await house.say(f"number {number}", f"message-{number}")
    await house.settle()
    typed = [text for text in post.sent if text.startswith("typed")]
    assert typed == [f"typed:number {number}/0" for number in range(3)]
    assert len(post.sent) == 4 and any("faster than I can follow" in text for text in post.sent)


async def test_one_person_cannot_open_conversations_without_end(tmp_path, post):
    house = House(tmp_path / "conversations.db", post, RateLimits("memory", GENEROUS, GENEROUS, (1, 2)))
    for number in range(5):
        taken = Incoming("post", f"post-{number}", f"message-{number}", "hello", address="post:someone")
        await house.inbox.take(taken, REFERENCE, "en")
    await house.settle()
    assert post.sent.count("typed:hello/0") == 2
    assert len(post.sent) == 3 and "Please wait" in "".join(post.sent)  # told once, though nothing is stored of it


async def test_a_person_is_greeted_once(house, post):
    for _ in range(2):
        await house.inbox.greet(CONVERSATION, REFERENCE, "nl")
    await house.settle()
    assert post.sent == ['pressed:/greet{"language": "nl"}/0']


async def test_feedback_is_stored_with_its_word_and_redacted(house):
    await house.say("one", "message-1")
    given = Incoming("post", CONVERSATION, "feedback-1", "no, my password is Welkom123!", address="post:someone")
    await house.inbox.rate(given, REFERENCE, "en", False)
    await house.settle()
    stored = [message for message in await house.gateway.transcript.after(CONVERSATION, 0) if message["kind"] == "feedback"]
    assert len(stored) == 1 and stored[0]["helped"] is False and "Welkom" not in stored[0]["text"]


async def test_where_a_conversation_goes_follows_the_platform(house):
    await house.say("one", "message-1")
    await house.inbox.take(Incoming("post", CONVERSATION, "message-2", "two"), {"to": "elsewhere"}, "en")
    found = await house.deliveries.of(CONVERSATION)
    assert found.reference == {"to": "elsewhere"}
    await house.settle()


async def test_a_conversation_of_the_widget_is_sent_nowhere(house, post):
    await house.gateway.begin("post-looks-like-it", "widget", "en")
    await house.gateway.greet("post-looks-like-it", "en")
    await house.settle()
    assert post.sent == []


def test_an_id_is_one_the_guard_takes_whatever_the_platform_calls_the_message():
    assert identity("Ev0PV52K21") == "Ev0PV52K21"
    odd = identity("19:meeting@thread.v2", "f:1;\n")
    assert len(odd) == 40 and odd != identity("19:meeting@thread.v2", "f:1;")
    assert identity("a", "b" * 80) != identity("a", "b" * 81)

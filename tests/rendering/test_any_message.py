"""Whatever a message holds, its forms are within the limits, and no letter of it is lost."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.rendering import slack, teams
from bot.channels.rendering.markdown import parse, plain_text
from bot.wording import shared_wording
from tests.rendering.forms import (
    assert_slack,
    assert_teams,
    document,
    letters,
    read_in_slack,
    read_in_teams,
    slack_choices,
    teams_choices,
)

WORDS = shared_wording().text
MARKS = [
    *("**", "*", "_", "__", "`", "```", "~", "[", "](", "](https://a.example/b_c?d=e&f=(g)", ")", "![", "<", ">", "# "),
    *("\n", "\n\n", "- ", "1. ", "7) ", "    ", "\\", "\\\n", "&amp; ", "<b>", "<https://a.example/x>", "http://b.example"),
    *("](javascript:x)", "](http://c.example 'Title')", "---", "===", "| a | b |", "]: x", "<!channel>", "<@U123>", "@here"),
    *("{{DATE(x)}}", "😀", "é"),
]
MARKDOWN = st.one_of(
    st.lists(st.one_of(st.sampled_from(MARKS), st.text(max_size=8)), max_size=200).map("".join),
    st.text(max_size=400),
    st.tuples(st.text(min_size=1, max_size=20), st.integers(1, 4_000)).map(lambda pair: (pair[0] * pair[1])),
    st.tuples(st.sampled_from(MARKS), st.integers(1, 4_000)).map(lambda pair: (pair[0] * pair[1])),
).map(lambda text: text.replace("\x00", "")[:4_000])
REPEATED = st.tuples(st.characters(codec="utf-8"), st.integers(1, 200)).map(lambda pair: pair[0] * pair[1])
TITLE = st.one_of(st.text(max_size=200), REPEATED)
LONG = st.integers(1, 1_000).map(lambda size: "/inform" + "€" * (size - 7))
PAYLOAD = st.one_of(st.text(max_size=60), LONG, st.just("7:0"))
BUTTONS = st.one_of(
    st.lists(st.fixed_dictionaries({"title": TITLE, "payload": PAYLOAD}), max_size=8),
    st.tuples(TITLE, PAYLOAD, st.integers(0, 120)).map(lambda t: [{"title": t[0], "payload": t[1]}] * t[2]),
)
SOURCE = st.fixed_dictionaries(
    {
        "title": st.text(min_size=1, max_size=100),
        "url": st.sampled_from([None, "https://a.example/b?c=d&e", "http://no.example", "https://u@b.example"]),
        "says": st.text(max_size=300),
    }
)
MESSAGE = st.fixed_dictionaries(
    {
        "text": MARKDOWN,
        "buttons": BUTTONS,
        "sources": st.lists(SOURCE, max_size=6),
        "progress": st.sampled_from([None, {"step": 2, "of": 5}]),
        "ask_feedback": st.booleans(),
        "language": st.sampled_from(["en", "nl"]),
        "from": st.sampled_from(["assistant", "staff", "system", "person"]),
        "kind": st.sampled_from(["answer", "question", "privacy", "refused"]),
    }
)
anything = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def lost(expected, found):
    """Return the letters that are not there."""
    return letters(expected) - letters(found)


def whole(message, offered):
    """Assert that every choice comes back as it was offered."""
    payloads = [button["payload"] for button in message["buttons"]]
    chosen = [payloads[value] if isinstance(value, int) else value for value in offered]
    assert chosen == payloads


@given(MESSAGE)
@anything
def test_any_message_is_valid_in_slack_and_whole(more):
    message = document(**more)
    found = slack.posts(message, WORDS)
    for post in found:
        assert_slack(post)
    titles = " ".join(button["title"] for button in message["buttons"])
    assert not lost(f"{message['text']} {titles}", read_in_slack(found))
    places = [value for _, value in slack_choices(found)]
    whole(message, [int(value[2:]) if re.fullmatch(r"7:\d+", value) else value for value in places])
    if message["sources"]:
        why = slack.sources(message, WORDS)
        for post in why:
            assert_slack(post)
        for source in message["sources"]:
            assert not lost(f"{source['title']} {source['says']} {source['url'] or ''}", read_in_slack(why))


@given(MESSAGE)
@anything
def test_any_message_is_valid_in_teams_and_whole(more):
    message = document(**more)
    found = teams.posts(message, WORDS)
    for activity in found:
        assert_teams(activity)
    titles = " ".join(button["title"] for button in message["buttons"])
    sources = " ".join(f"{source['title']} {source['says']} {source['url'] or ''}" for source in message["sources"])
    assert not lost(f"{message['text']} {titles}", read_in_teams(found))
    assert all(not lost(part, read_in_teams(found)) for part in sources.split())
    whole(message, [value for _, value in teams_choices(found)])


@given(MESSAGE)
@settings(anything, max_examples=60)
def test_microsoft_s_renderer_finds_nothing_wrong_with_any_card(draw, more):
    message = document(**more)
    found = teams.posts(message, WORDS)
    drawn = [assert_teams(activity, draw) for activity in found]
    if found and all(drawn):
        shown = [[card["text"], *card["buttons"], *card["options"], *(url for _, url in card["links"])] for card in drawn]
        assert not lost(message["text"], " ".join(part for card in shown for part in card).replace("\u200b", ""))


@given(MARKDOWN)
@anything
def test_plain_text_has_every_letter(text):
    blocks = parse(text)
    addresses = " ".join(run.url or "" for block in blocks for run in block.runs)
    assert not lost(text, f"{plain_text(blocks)} {addresses}")

"""One Markdown text in the marks of Slack, of a card, and without any."""

import pytest

from bot.channels.rendering.markdown import followed, parse, plain, plain_text, split
from bot.channels.rendering.marks import card_markdown, mrkdwn


@pytest.mark.parametrize(
    "text,slack,card,shown",
    [
        ("**Yes**, it *is*", "*Yes*, it _is_", "**Yes**, it _is_", "Yes, it is"),
        ("[A & B](https://a.example?y&z)", "<https://a.example?y&amp;z|A &amp; B>", "[A & B](https://a.example?y&z)", None),
        (
            "a\n\n- b\n- c\n  1. d\n  2. e\n\nf",
            "a\n• b\n• c\n    1. d\n    2. e\n\nf",
            "a\n\n- b\n- c\n    1. d\n    2. e\n\nf",
            None,
        ),
        ("3. three\n4. four", "3. three\n4. four", "3. three\n4. four", "3. three\n4. four"),
        ("3. three\n9. nine", "3. three\n9. nine", "3. three\n\n9\\. nine", "3. three\n9. nine"),
        ("a**b**c", "a\u200b*b*\u200bc", "a**b**c", "abc"),
        ("snake_case_name 2*3", "snake_case_name 2*3", "snake_case_name 2\\*3", "snake_case_name 2*3"),
        ("\\*no\\*", "\u200b*\u200bno\u200b*\u200b", "\\*no\\*", "*no*"),
        ("# no heading", "# no heading", "\\# no heading", "# no heading"),
        ("> no quotation", "\u200b&gt; no quotation", "\\> no quotation", "> no quotation"),
        ("<b>no HTML</b>", "&lt;b&gt;no HTML&lt;/b&gt;", "\\<b>no HTML\\</b>", "<b>no HTML</b>"),
        ("no :smile:", "no :\u200bsmile:", "no :smile:", "no :smile:"),
        ("at 10:30:45", "at 10:30:45", "at 10:30:45", "at 10:30:45"),
        ("{{DATE(2020)}}", "{{DATE(2020)}}", "{\u200b{DATE(2020)}}", "{{DATE(2020)}}"),
        ("[x](http://a.example)", "x (http://a.example)", "x (http://a.example)", "x (http://a.example)"),
        ("one\ntwo", "one\ntwo", "one\n\ntwo", "one\ntwo"),
    ],
)
def test_marks_of_each_platform(text, slack, card, shown):
    blocks = parse(text)
    assert mrkdwn(blocks) == slack
    assert card_markdown(blocks) == card
    assert shown is None or plain_text(blocks) == shown


@pytest.mark.parametrize(
    "address",
    [
        "http://a.example",
        "javascript:alert(1)",
        "https://user@a.example",
        "https://аpple.example",
        "https://",
        "https://[",
        "mailto:a@b.example",
        "https://a.example/" + "x" * 2_000,
        "",
        None,
    ],
)
def test_other_addresses_are_not_followed(address):
    assert followed(address) is None


def test_what_a_person_typed_has_no_marks():
    assert plain_text(plain("**a** [b](https://c.example)\n- d")) == "**a** [b](https://c.example)\n- d"
    assert mrkdwn(plain("<!channel> <@U123>")) == "&lt;!channel&gt; &lt;@U123&gt;"


@pytest.mark.parametrize("text", ["- " * 2_000, "> " * 2_000, "1. " * 1_300, "[" * 4_000, "*" * 4_000, "**a " * 1_000])
def test_what_is_nested_too_deep_is_text(text):
    assert plain_text(parse(text)).replace("•", "-").count(text[0]) >= text.count(text[0]) // 2
    assert mrkdwn(parse(text))


def test_a_text_is_cut_between_words_and_its_bold_goes_on():
    pieces = split(parse("**" + "word " * 1_000 + "end**"), lambda block: len(mrkdwn([block])), 3_000)
    texts = [mrkdwn(piece) for piece in pieces]
    assert len(texts) == 2 and all(len(text) <= 3_000 for text in texts)
    assert all(text.strip().startswith("*word") and text.strip().endswith("*") for text in texts)
    assert "".join(plain_text(piece) for piece in pieces).split() == ["word"] * 1_000 + ["end"]

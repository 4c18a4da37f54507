"""The case to paste: what it holds, that no ID is in it, and that a stranger's words stay words."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.engine import UnusableFacts, decide
from bot.helpdesk.markdown import escaped, fenced, plain, quoted
from bot.helpdesk.summary import EXTRAS, summary
from bot.knowledge import shared

TODAY = date(2026, 11, 22)
PROGRAMME = shared().programme
ON_PREMISES = {
    "goal": "open_request",
    "product": "sql_server",
    "version": "2025",
    "offer": "gold",
    "contract_linked": "no",
    "activated": "yes",
}
CUSTOMER = {
    "goal": "open_request",
    "product": "azure",
    "beneficiary": "customer",
    "csp_subscription": "yes",
    "admin_agent": "yes",
}
HOSTILE = [
    "**bold** _it_ `code` ~~gone~~",
    "[here](https://evil.example)",
    "![x](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "https://evil.example www.evil.example me@evil.example",
    "# heading",
    "- item",
    "+ item",
    "* item",
    "1. one",
    "2) two",
    "===",
    "---",
    "> quoted",
    "    code",
    "| a | b |",
    "&lt;b&gt; &amp;",
    "a\\",
    "```\nfence\n```",
    "[x]: https://evil.example",
    "***",
    "~~~",
    "line  \nbreak",
    "\tcode",
    "C:\\temp\\*.log",
    "`",
    "[[x]]",
    "!",
    "a\\\nb",
    "00000000012. x",
    "-\n=",
]
STRANGERS = st.one_of(
    st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=20)), min_size=1, max_size=5).map("\n".join)
)


def made(facts, problem="It fails.", language="en", **extras):
    return summary(facts, decide(PROGRAMME, facts, TODAY).document(), problem, language, "HD-42", extras, TODAY)


def entries(text):
    """Return the entries that stand on one line, by label."""
    return dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)


def test_a_request_on_premises_holds_what_support_for_business_asks_for():
    found = entries(made(ON_PREMISES, "Hello,\n\nThe SQL Agent does not start since the update. Error 17058.").plain)
    assert found["Title"] == "SQL Server 2025: The SQL Agent does not start since the update."
    assert found["Our reference"] == "HD-42"
    assert (found["Product"], found["Version"], found["Membership offer"]) == ("SQL Server", "2025", "Gold")
    assert found["Severity"].startswith("choose A (critical business impact, first response in 2 hours)")
    assert found["Benefit"] == "Microsoft Product Support (on-premises)"
    assert found["Support plan to choose"].startswith("the Partner Support contract")
    assert found["Where to open it"].startswith("Support for Business (https://")
    for label in ("Business impact", "What was tried", "Company", "Contact (name, e-mail, phone with country code)"):
        assert found[label] == "(to fill in)"
    for label in ("Access ID", "Contract ID"):
        assert found[label].startswith("to fill in at the portal")


def test_the_steps_stand_in_order_with_what_comes_first():
    text = made(ON_PREMISES).plain
    first, then = text.index("- Note Access ID"), text.index("1. Open Support for Business")
    assert text.index("What to do, in order") < first < then


def test_a_customers_request_in_azure_names_the_plan_the_customer_and_the_partners_contact():
    found = entries(made(CUSTOMER, customer="Fabrikam").plain)
    assert found["Support plan to choose"] == "Cloud Solution Provider" and found["Customer"] == "Fabrikam"
    assert found["Access ID"] == found["Contract ID"] == "not needed for this request"
    assert "Contact at the partner, not at the customer (name, e-mail, phone with country code)" in found
    assert "production down" in found["Severity"]
    assert "Customer" not in entries(made(ON_PREMISES).plain)


def test_a_refusal_says_why_and_asks_for_no_severity():
    text = made({"goal": "open_request", "product": "exchange_server", "version": "2016"}).plain
    assert (
        "No, Exchange Server 2016 is too old for the benefit." in text and "Severity" not in text and "Access ID" not in text
    )


def test_a_case_without_a_decision_says_what_is_still_to_find_out():
    found = entries(
        summary(
            {"goal": "open_request", "product": "sql_server", "version": "2025"}, None, None, "en", "HD-1", on=TODAY
        ).plain
    )
    assert found["Still to find out"] == "Membership offer, Contract linked, Benefits activated, Role to activate"
    assert found["Title"] == "SQL Server 2025" and found["Problem"] == "(to fill in)"


def test_it_is_dutch_for_a_dutch_reader():
    found = entries(made(ON_PREMISES, "De server start niet meer op.", "nl").plain)
    assert found["Titel"] == "SQL Server 2025: De server start niet meer op."
    assert found["Zakelijke gevolgen"] == "(in te vullen)" and found["Lidmaatschap"] == "Gold"


def test_what_staff_add_stands_in_its_place():
    given = {name: f"the {name}" for name in EXTRAS}
    for facts in (ON_PREMISES, CUSTOMER):
        text = made(facts, **given)
        assert all(f"the {name}" in text.plain for name in EXTRAS)
        assert "(to fill in)" not in text.plain and "choose A" not in text.plain


def test_something_that_a_summary_does_not_hold_is_refused():
    with pytest.raises(UnusableFacts, match='"contct" is nothing that a summary holds; did you mean "contact"'):
        made(ON_PREMISES, contct="x")
    with pytest.raises(UnusableFacts, match='unknown fact "colour"'):
        summary({"colour": "red"}, None, None, "en", "HD-1", on=TODAY)


@pytest.mark.parametrize("place", ["problem", "tried", "contact", "error_text", "company"])
def test_an_id_that_got_into_a_case_does_not_get_into_its_summary(place):
    text = "Our Access ID is 112233445566, contract id 998877665544 and the password is Zomer2026!"
    given = {place: text} if place != "problem" else {}
    found = made(ON_PREMISES, text if place == "problem" else "It fails.", **given)
    for form in (found.markdown, found.plain):
        assert not any(secret in form for secret in ("112233445566", "998877665544", "Zomer2026"))
        assert "access id" in form


def test_the_decision_that_was_given_stands_when_the_day_has_passed():
    facts = {"goal": "open_request", "product": "sql_server", "version": "2019", "offer": "gold", "contract_linked": "yes"}
    then = decide(PROGRAMME, facts, date(2021, 6, 30)).document()
    assert then["covered_by"] and decide(PROGRAMME, facts, TODAY).covered_by is None
    found = entries(summary(facts, then, "It fails.", "en", "HD-1", on=TODAY).plain)
    assert found["Benefit"].startswith("Microsoft Product Support") and found["Where to open it"].startswith(
        "Support for Business"
    )


# A stranger's words

COMMONMARK = MarkdownIt("commonmark")
GITHUB = MarkdownIt("gfm-like", {"linkify": False})


def shown(markdown, parser):
    """Return the words that a reader sees, and the kinds of marks around them."""
    tokens = parser.parse(markdown)
    flat = [inner for token in tokens for inner in (token.children if token.type == "inline" else [token])]
    return " ".join("".join(one.content or "\n" for one in flat).split()), {one.type for one in flat}


@settings(max_examples=400, deadline=None)
@given(STRANGERS)
def test_a_strangers_problem_is_shown_as_it_was_typed_and_marks_nothing(text):
    for parser in (COMMONMARK, GITHUB):
        words, kinds = shown(quoted(text), parser)
        assert kinds <= {
            "blockquote_open",
            "blockquote_close",
            "paragraph_open",
            "paragraph_close",
            "text",
            "text_special",
            "softbreak",
            "hardbreak",
        }
        assert words.replace("\ufffd", "\0").split() == " ".join(text.split()).replace("\ufffd", "\0").split()


@settings(max_examples=400, deadline=None)
@given(STRANGERS)
def test_a_strangers_words_within_a_line_mark_nothing(text):
    for parser in (COMMONMARK, GITHUB):
        words, kinds = shown(f"**Title:** {escaped(text)}", parser)
        assert kinds <= {"paragraph_open", "paragraph_close", "text", "text_special", "strong_open", "strong_close"}
        assert words.replace("\ufffd", "\0").split() == f"Title: {' '.join(text.split())}".replace("\ufffd", "\0").split()


@settings(max_examples=300, deadline=None)
@given(STRANGERS)
def test_a_strangers_log_cannot_leave_its_fence(text):
    (token,) = COMMONMARK.parse(fenced(text))
    assert token.type == "fence"


@settings(max_examples=200, deadline=None)
@given(STRANGERS)
def test_the_whole_sheet_holds_only_our_links_and_the_problem_untouched_in_plain(text):
    from bot.redaction import redact

    found = made(ON_PREMISES, text, tried=text, error_text=text)
    links = [
        one.attrs["href"]
        for token in GITHUB.parse(found.markdown)
        for one in token.children or ()
        if one.type == "link_open"
    ]
    assert not any("evil" in link for link in links) and links
    assert "<img" not in GITHUB.render(found.markdown)
    assert redact(text).text.strip() in found.plain


def test_our_own_words_lose_their_marks_in_plain():
    assert plain("Go to **[Name](https://a.example/x)** and **press**.") == "Go to Name (https://a.example/x) and press."

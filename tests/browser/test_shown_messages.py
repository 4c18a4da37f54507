"""What a person can do with a message, and what becomes of messages that are too long or hold a secret."""

import pytest
from playwright.sync_api import expect

from tests.browser.widget import until

DENIED = """
if (location.pathname === '/widget/frame') {
  navigator.clipboard.writeText = () => Promise.reject(new DOMException('denied', 'NotAllowedError'));
}
"""
DENIED_ALTOGETHER = f"{DENIED} document.execCommand = () => false;"
UNAVAILABLE = "Would you like to see unavailable support plans?"
WORDS_OF_TOO_LONG = {"en": "too many", "nl": "te veel"}
SECRETS = {"en": "my password is Tr0ub4dor&3x!", "nl": "mijn wachtwoord is Tr0ub4dor&3x!"}


def pasted(widget):
    """Return what the clipboard holds, pasted where a person would."""
    widget.input.fill("")
    widget.input.press("Control+V")
    return widget.input.input_value()


def test_links_open_in_a_new_tab_that_knows_nothing_of_the_window_and_say_so(visit, journey, watch):
    watch.expect("ERR_NAME_NOT_RESOLVED")  # the tests reach no other host
    widget = visit(language=journey.language).open().play(journey)
    for link in widget.frame.get_by_role("feed").get_by_role("link").all():
        assert link.get_attribute("target") == "_blank"
        assert {"noopener", "noreferrer"} <= set(link.get_attribute("rel").split())
        assert link.get_attribute("href").startswith("https://")
        assert widget.words["new_window"] in link.text_content()
    link = widget.frame.get_by_role("link", name=f"{journey.place} ({widget.words['new_window']})").first
    with widget.page.context.expect_page() as opened:
        link.click()
    address = link.get_attribute("href")
    (asked,) = until(widget.page, lambda: [request for request in watch.requests if request.url == address])
    assert asked.is_navigation_request() and asked.frame.parent_frame is None and "referer" not in asked.headers
    expect(widget.input).to_be_visible()


@pytest.mark.parametrize("script", ["", DENIED], ids=["allowed", "denied by the browser"])
def test_labels_and_addresses_are_copied_exactly(visit, journey, script):
    widget = visit(language=journey.language, script=script).open().play(journey)
    words = widget.words
    for kind, shown, copied in [
        ("copy", "Add Contract", "Add Contract"),
        ("copy", UNAVAILABLE, UNAVAILABLE),
        ("copy_address", "Support for Business", "https://support.serviceshub.microsoft.com/supportforbusiness/create"),
    ]:
        name = words[kind].format(text=shown)
        button = widget.frame.get_by_role("button", name=name, exact=True).first
        button.focus()
        button.press("Enter")
        until(widget.page, lambda: words["copied"] in widget.frame.evaluate("announced"))
        expect(button).to_be_focused()
        assert pasted(widget) == copied
        widget.frame.evaluate("void (announced = [])")


def test_when_nothing_can_be_copied_the_person_is_told(visit, english):
    widget = visit(script=DENIED_ALTOGETHER).open().play(english)
    widget.frame.get_by_role("button", name=widget.words["copy"].format(text="Add Contract"), exact=True).first.click()
    until(widget.page, lambda: widget.words["not_copied"] in widget.frame.evaluate("announced"))
    assert widget.words["copied"] not in widget.frame.evaluate("announced")


def test_what_to_tell_a_person_of_flesh_and_blood_is_copied_as_a_whole(visit, journey):
    widget = visit(language=journey.language).open().play(journey)
    widget.button("person").click()
    copy = widget.frame.get_by_role("button", name=widget.words["copy_summary"])
    copy.click()
    until(widget.page, lambda: widget.words["copied"] in widget.frame.evaluate("announced"))
    text = pasted(widget)
    assert "SQL Server" in text and "https://partner.microsoft.com/dashboard" in text
    assert "**" not in text and "](" not in text


def test_a_message_that_is_too_long_is_refused_and_kept(visit, journey, server, watch):
    widget = visit(language=journey.language).open()
    text = "a" * 2001
    widget.input.fill(text)
    said = widget.words["too_long"].format(over=1, longest=2000)
    assert WORDS_OF_TOO_LONG[journey.language] in said
    expect(widget.frame.get_by_text(said).filter(visible=True).first).to_be_visible()
    widget.input.press("Enter")
    widget.send.click()
    expect(widget.input).to_have_value(text)
    expect(widget.input).to_have_attribute("aria-invalid", "true")
    expect(widget.input).to_have_accessible_description(said)
    assert watch.sent("/widget/messages") == []
    widget.input.press("Control+End")
    widget.input.press("Backspace")
    widget.input.press("Enter")
    expect(widget.input).to_have_value("")
    until(widget.page, lambda: [m["text"] for m in server.stored() if m["from"] == "person"] == ["a" * 2000])


def test_signs_that_count_as_two_for_the_browser_count_as_one(visit, server):
    widget = visit().open()
    widget.say("🙂" * 2000)
    expect(widget.input).to_have_value("")
    until(widget.page, lambda: [m["text"] for m in server.stored() if m["from"] == "person"] == ["🙂" * 2000])


def test_a_refusal_of_the_server_stands_by_its_message(visit, english, watch):
    watch.expect("status of 413", "status of 429")
    widget = visit().open()
    refusals = [(413, "too_long", "That is too long."), (429, "too_fast", "Wait 3 seconds.")]
    for status, code, words in refusals:
        body = {"error": code, "message": words, "retry_after": 3}
        widget.page.context.route("**/widget/messages", lambda route, *_: route.fulfill(status=status, json=body), times=1)
        widget.say(f"refused with {status}")
        expect(widget.message(f"refused with {status}").get_by_text(words)).to_be_visible()
    retry = widget.frame.get_by_role("button", name=widget.words["retry"])
    expect(retry).to_have_count(1)
    expect(widget.message("refused with 429").get_by_role("button", name=widget.words["retry"])).to_be_visible()
    retry.click()
    expect(widget.message("Wait 3 seconds.")).to_have_count(0)
    expect(widget.articles.last).to_contain_text(widget.words["assistant_said"])


@pytest.mark.parametrize("language", ["en", "nl"])
def test_a_secret_is_shown_as_it_was_stored_with_a_kind_word(visit, server, language):
    widget = visit(language=language).open()
    widget.say(SECRETS[language])
    expect(widget.message("[password]")).to_have_count(1)
    notice = until(widget.page, lambda: [m["text"] for m in server.stored() if m["kind"] == "privacy"])
    expect(widget.visible(notice[0])).to_be_visible()
    until(widget.page, lambda: "Tr0ub4dor" not in widget.frame.evaluate("document.documentElement.outerHTML"))
    assert "Tr0ub4dor" not in str(server.stored())


def spoken_once(widget, text):
    """Return how often a screen reader was told a text."""
    return sum(" ".join(text.split()) in said for said in widget.frame.evaluate("announced"))


def test_each_new_message_is_announced_once_and_a_history_is_not_read_out(visit, journey, server):
    widget = visit(language=journey.language).open().play(journey)
    starts = ["automated assistant" if journey.language == "en" else "geautomatiseerde assistent"]
    starts += [plain(message["text"])[:60] for message in server.stored()[1:] if message["from"] == "assistant"]
    until(widget.page, lambda: spoken_once(widget, starts[-1]))
    told = widget.frame.evaluate("announced")
    assert {start: spoken_once(widget, start) for start in starts} == dict.fromkeys(starts, 1), told

    widget.reload()
    expect(widget.choice(journey.walk)).to_be_visible()
    widget.choose(journey.walk)
    expect(widget.choice(journey.done)).to_be_visible()
    step = plain(server.stored()[-1]["text"])[:60]
    until(widget.page, lambda: spoken_once(widget, step))
    told = widget.frame.evaluate("announced")
    assert {start: spoken_once(widget, start) for start in starts} == dict.fromkeys(starts, 0), told
    assert spoken_once(widget, step) == 1


def plain(markdown):
    """Return the first line of a text as it is read out."""
    return markdown.replace("**", "").splitlines()[0].partition(" [")[0]


def test_what_goes_wrong_is_announced_too(visit, english, watch):
    watch.expect("ERR_")
    widget = visit().open()
    widget.page.context.route("**/widget/messages", lambda route: route.abort())
    widget.say(english.problem)
    until(widget.page, lambda: widget.words["not_sent"] in widget.frame.evaluate("announced"))
    widget.page.context.set_offline(True)
    until(widget.page, lambda: widget.words["offline"] in widget.frame.evaluate("announced"))

"""Texts that try to be more than text: said by the person, and come from the store as if the assistant had said them."""

import pytest
from playwright.sync_api import expect

from tests.browser.widget import until

HOSTILE = [
    "<script>window.__pwned = 1</script>",
    "<img src=x onerror='window.__pwned = 2'>",
    "<svg onload=window.__pwned=3><animate onbegin=window.__pwned=3 attributeName=x>",
    "[one](javascript:window.__pwned=4)",
    "[two](java\nscript:window.__pwned=4) [three](JaVaScRiPt&colon;window.__pwned=4)",
    "[four](&#106;avascript:window.__pwned=4) [four](\x01javascript:window.__pwned=4) [four]( javascript:window.__pwned=4)",
    "[five](data:text/html,<script>window.__pwned=5</script>) [six](vbscript:x) [seven](file:///etc/passwd)",
    "<a href='javascript:window.__pwned=6' onclick='window.__pwned=6'>eight</a> <https://evil.example/auto>",
    "![picture](https://evil.example/pixel.png) ![picture][ref]\n\n[ref]: https://evil.example/ref.png",
    "<!-- a comment --> visible <!-- --!> <script>window.__pwned=7</script> -->",
    "**[![x](https://evil.example/a.png)](javascript:window.__pwned=8)** __[**bold**](http://evil.example/plain)__",
    "[ten](https://user:secret@evil.example/) [eleven](//evil.example/none) [twelve](/widget/frame)",
    "\u202etxet desrever\u202c [gnp.exe\u202e](https://evil.example/bidi)",
    "`<script>window.__pwned=9</script>`\n\n```html\n<iframe src=https://evil.example></iframe>\n```",
    "<iframe srcdoc='<script>parent.__pwned=10</script>'></iframe>",
    "<object data=x></object><embed src=x><link rel=stylesheet href=//evil.example><base href=//evil.example>",
    "<style>body{display:none}</style>",
    "<form action=https://evil.example><input name=q autofocus onfocus=window.__pwned=11></form>",
    "[x](https://evil.example/?q=\"onmouseover=window.__pwned=12 'a)",
    "[y](<https://evil.example/\" onclick=\"window.__pwned=12>)",
    "{{constructor.constructor('window.__pwned=13')()}} ${window.__pwned=13} <%= 1 %>",
]
# Elements that no message may bring.
ALIEN = "img, iframe, object, embed, form form, link, base, meta, style, audio, [autofocus], a:not([href^='https://'])"
HANDLERS = "[onclick], [onload], [onerror], [onfocus], [onbegin], [onmouseover], [srcdoc]"


def assert_harmless(widget, watch, site, server):
    """Nothing ran, nothing was loaded from elsewhere, and nothing but text and https links stands there."""
    page, frame = widget.page, widget.frame
    assert page.evaluate("window.__pwned") is None and frame.evaluate("window.__pwned") is None
    ours = (site.address, server.address)
    assert [request.url for request in watch.requests if not request.url.startswith(ours)] == []
    body, feed = frame.locator("body"), frame.get_by_role("feed")
    assert body.locator(ALIEN).count() == 0 and body.locator(HANDLERS).count() == 0
    assert frame.locator("script").count() == 2, "the page's own: its settings and the window"
    for link in feed.get_by_role("link").all():
        assert link.get_attribute("target") == "_blank" and "noopener" in link.get_attribute("rel")
        assert "@" not in link.get_attribute("href")
    expect(widget.input).to_be_visible()
    expect(widget.button("start_over")).to_be_visible()
    assert page.context.pages == [page], "no window was opened"


def stored_of_person(server, number):
    """Return what is stored of the person once it is that many messages, else nothing."""
    found = [message["text"] for message in server.stored() if message["from"] == "person"]
    return found if len(found) == number else None


def test_what_a_person_says_is_shown_as_plain_text(visit, watch, site, server):
    widget = visit().open()
    for number, text in enumerate(HOSTILE, start=1):
        said = text.replace("\n", " ")
        widget.input.fill(f"{number}: {said}")
        widget.input.press("Enter")
    for number in range(1, len(HOSTILE) + 1):
        expect(widget.message(f"You said: {number}:")).to_have_count(1)
    expect(widget.message("<script>window.__pwned = 1</script>").first).to_be_visible()
    mine = widget.message("You said:")
    assert mine.get_by_role("link").count() == 0 and mine.locator("strong, em, code").count() == 0
    widget.say("done")
    expect(widget.message("You said: done")).to_have_count(1)
    assert_harmless(widget, watch, site, server)
    stored = until(widget.page, lambda: stored_of_person(server, len(HOSTILE) + 1))
    assert not any("\u202e" in text for text in stored), "signs that reverse a text are taken out"


@pytest.mark.parametrize("sender", ["assistant", "staff", "system"])
def test_what_stands_in_the_store_can_do_nothing_either(visit, watch, site, server, sender):
    widget = visit().open()
    for kind in ("answer", "step", "handover"):
        for text in HOSTILE:
            bait = {"title": text[:80], "payload": "/inform{\"offer\": \"gold\"}"}
            source = {"title": text, "url": "javascript:window.__pwned=20", "says": text}
            server.add(text=text, kind=kind, buttons=[bait], sources=[source], **{"from": sender})
    server.add(text="The end.")
    widget.reload()
    expect(widget.message("The end.")).to_be_visible()
    expect(widget.articles).to_have_count(3 * len(HOSTILE) + 2)
    for why in widget.frame.locator("summary").all():
        why.click()
    assert_harmless(widget, watch, site, server)
    links = widget.frame.get_by_role("feed").get_by_role("link")
    addresses = links.evaluate_all("links => links.map(link => link.href)")
    assert addresses and all(address.startswith("https://evil.example/") for address in addresses)
    links.first.hover()
    assert_harmless(widget, watch, site, server)


def test_hostile_titles_of_buttons_and_payloads_that_were_not_offered_do_nothing(visit, watch, server):
    watch.expect("status of 400")
    widget = visit().open()
    title = "<img src=x onerror=window.__pwned=1>"
    server.add(text="Choose.", kind="question", buttons=[{"title": title, "payload": '/inform{"offer": "gold"}'}])
    widget.reload()
    widget.choose(title)
    expect(widget.message(f"You said: {title}")).to_have_count(1)
    status = widget.frame.evaluate(
        """async key => (await fetch('/widget/messages', {
          method: 'POST', headers: { 'Content-Type': 'application/json',
            Authorization: `Bearer ${JSON.parse(localStorage.getItem(key)).token}` },
          body: JSON.stringify({ id: 'made-up-message', payload: '/request_human{"x": 1}', title: 'x' }) })).status""",
        "support-triage.session",
    )
    assert status == 400
    assert widget.frame.evaluate("window.__pwned") is None

"""The pages around the widget: friendly, careless, hostile, and those that may not show it."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.widget import until


def of_the_server(watch, server):
    return [request.url.removeprefix(server.address) for request in watch.requests if request.url.startswith(server.address)]


def test_nothing_but_the_launcher_is_loaded_before_it_is_pressed(visit, server, watch):
    widget = visit()
    widget.page.wait_for_load_state("networkidle")
    until(widget.page, widget.launcher.node)
    assert of_the_server(watch, server) == ["/widget.js"]
    assert widget.frame is None
    widget.open()
    assert of_the_server(watch, server)[1] == "/widget/frame?lang=en"


def test_every_address_that_is_asked_for_is_the_partners_or_ours(visit, server, site, english, watch):
    visit().open().play(english)
    ours = (server.address, site.address)
    assert [request.url for request in watch.requests if not request.url.startswith(ours)] == []


def test_a_script_that_stands_in_the_page_twice_gives_one_launcher_in_the_language_of_the_page(visit, strings):
    widget = visit("twice", language="nl")
    until(widget.page, widget.launcher.node)
    assert widget.launcher.all() == [strings["nl"]["launcher_open"]]
    widget.open()
    expect(widget.last).to_contain_text("geautomatiseerde assistent")


def test_the_window_is_kept_when_it_is_closed_and_opened_again(visit, english, watch):
    widget = visit().open()
    widget.input.fill("half a sentence")
    widget.button("close").click()
    expect(widget.input).to_be_hidden()
    until(widget.page, lambda: widget.launcher.is_focused)
    widget.open()
    expect(widget.input).to_have_value("half a sentence")
    assert len(watch.sent("/widget/sessions")) == 1


def test_a_window_that_cannot_be_loaded_says_so_and_can_be_tried_again(visit, journey, watch):
    watch.expect("ERR_FAILED", "ERR_BLOCKED_BY_CLIENT", "chromewebdata", "chrome-error://")
    widget = visit(language=journey.language)
    context, words = widget.page.context, widget.words
    context.route("**/widget/frame**", lambda route: route.abort())
    until(widget.page, widget.launcher.node)
    widget.page.clock.install()
    widget.launcher.click()
    until(widget.page, lambda: widget.launcher.is_expanded)
    widget.page.clock.fast_forward(30_000)
    until(widget.page, lambda: widget.launcher.box(role="StaticText", names=[words["launcher_failed"]]))
    context.unroute("**/widget/frame**")
    widget.launcher.click(names=[words["launcher_retry"]])
    widget.opened()


def test_a_hostile_page_can_neither_hide_nor_cover_the_widget(visit, english, server):
    widget = visit("hostile")
    until(widget.page, widget.launcher.node)
    left, top, right, bottom = widget.launcher.box()
    assert right - left >= 44 and bottom - top >= 44
    assert 0 <= left and right <= 1280 and 0 <= top and bottom <= 860
    assert widget.launcher.is_on_top()
    widget.open().play(english)
    left, top, right, bottom = widget.launcher.box(role="Iframe", names=[widget.words["launcher_frame_title"]])
    assert right - left > 300 and bottom - top > 400
    widget.button("close").click()
    until(widget.page, lambda: widget.launcher.is_focused)


def test_a_hostile_page_learns_nothing_and_can_say_nothing_in_the_persons_name(visit, english, server):
    widget = visit("hostile").open().play(english, 1)
    token = widget.token()["token"]
    widget.page.evaluate("forge()")
    widget.choose(english.answers[1])
    expect(widget.choice(english.answers[2])).to_be_visible()
    widget.page.evaluate("forge()")

    learned = widget.page.evaluate("everything()")
    for secret in (token, token.split(".")[1], "SQL Server", "automated assistant", "Access ID", "Bearer"):
        assert secret not in learned, secret
    found = json.loads(learned)[0]
    assert found["fetched"] == [] and found["stored"] == [] and found["opened"] == []
    heard = [json.loads(message) for message in found["heard"]]
    ours = [message for message in heard if message.get("supportTriage") == "frame" and "token" not in message]
    assert ours, "the page hears what the window tells the launcher"
    assert {key for message in ours for key in message} <= {"supportTriage", "type", "language"}
    assert "FORGED" not in json.dumps(server.stored())
    assert "FORGED" not in widget.frame.evaluate("document.documentElement.outerHTML")
    expect(widget.button("start_over")).to_be_visible()
    assert widget.launcher.is_expanded


def test_a_page_cannot_reach_into_the_window(visit, english):
    widget = visit().open()
    reached = widget.page.evaluate(
        """() => {
          const target = frames[0], tries = {
            document: () => target.document, storage: () => target.localStorage, html: () => target.document.body.innerHTML,
            name: () => target.location.href,
            root: () => document.querySelector('support-triage-widget').shadowRoot.innerHTML,
          };
          return Object.keys(tries).filter(name => { try { return tries[name]() } catch { return false } });
        }"""
    )
    assert reached == []
    assert widget.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_a_page_that_is_not_listed_shows_no_launcher_and_one_line_in_the_console(visit, stranger, server, watch):
    widget = visit("en", at=stranger)
    widget.page.wait_for_load_state("networkidle")
    warnings = until(widget.page, lambda: [text for kind, text in watch.console if kind == "warning"])
    assert len(warnings) == 1 and stranger.address in warnings[0] and "origins" in warnings[0]
    assert widget.launcher.all() == []
    assert of_the_server(watch, server) == ["/widget.js"]


def test_a_page_that_is_not_listed_cannot_frame_the_window(visit, stranger, server, watch):
    watch.expect("frame-ancestors")
    widget = visit("framing", at=stranger)
    widget.page.wait_for_load_state("networkidle")
    until(widget.page, lambda: [text for kind, text in watch.console if "frame-ancestors" in text])
    assert of_the_server(watch, server) == ["/widget/frame?lang=en"], "nothing of it runs"


def test_a_listed_page_may_frame_the_window_but_is_told_nothing_it_did_not_ask_for(visit, site):
    page = visit("framing").page
    page.evaluate("window.heard = []; addEventListener('message', event => heard.push(event.data))")
    frame = until(page, lambda: next((frame for frame in page.frames if "/widget/frame" in frame.url), None))
    expect(frame.get_by_role("article").first).to_be_visible()
    assert page.evaluate("heard") == []


@pytest.mark.parametrize("path", ["?lang=en", "?lang=nl"])
def test_the_demo_page_shows_the_widget_in_its_language(visit, server, path, watch):
    watch.expect("favicon.ico")
    language = path[-2:]
    widget = visit(path, language=language, at=server).open()
    assert widget.frame.evaluate("document.documentElement.lang") == language
    expect(widget.frame.get_by_role("heading", level=1)).to_have_text(widget.words["title"])

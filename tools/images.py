"""Makes the pictures of the widget in docs/images, of a real conversation in Chromium. Run by `make images`."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import expect, sync_playwright

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from bot.server import widget_strings  # noqa: E402  (the project is on the path only now)
from bot.wording import shared_wording  # noqa: E402
from tests.browser.conftest import DESKTOP, JOURNEYS, LOCALES  # noqa: E402
from tests.browser.running import Server, launch  # noqa: E402
from tests.browser.widget import Widget  # noqa: E402

IMAGES = PROJECT / "docs" / "images"
PHONE = {"width": 320, "height": 640}


def conversation(browser, server, language="en", viewport=DESKTOP, scheme="light"):
    """Return the widget on the demo page, with a conversation that has come to its verdict."""
    looks = {"viewport": viewport, "color_scheme": scheme, "locale": LOCALES[language], "reduced_motion": "reduce"}
    context = browser.new_context(**looks, timezone_id="Europe/Amsterdam")
    page = context.new_page()
    page.goto(f"{server.address}/?lang={language}")
    return Widget(page, widget_strings(shared_wording())[language]).open().play(JOURNEYS[language])


def verdict(widget):
    """Return the message with the verdict, at the top of the window."""
    found = widget.message("N-1").first
    found.evaluate("message => message.scrollIntoView({ block: 'start' })")
    return found


def save(widget, name):
    """Write what is on the screen, once it has come to rest and without a blinking cursor."""
    expect(widget.frame.get_by_text(widget.words["typing"])).to_have_count(0)
    widget.page.mouse.move(0, 0)
    file = IMAGES / f"widget-{name}.png"
    widget.page.screenshot(path=file, caret="hide", animations="disabled")
    print(file.relative_to(PROJECT))


def main():
    """Make the three pictures."""
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder)).start()
        browser = launch(playwright.chromium)
        try:
            widget = conversation(browser, server)
            verdict(widget)
            save(widget, "desktop")

            widget = conversation(browser, server, viewport=PHONE)
            widget.choose(JOURNEYS["en"].walk)
            widget.choose(JOURNEYS["en"].done)
            step = widget.last.get_by_role("progressbar", name=JOURNEYS["en"].step.format(2))
            step.scroll_into_view_if_needed()
            widget.choice(JOURNEYS["en"].done).scroll_into_view_if_needed()
            save(widget, "phone")

            widget = conversation(browser, server, language="nl", scheme="dark")
            widget.why(verdict(widget)).click()
            verdict(widget)
            save(widget, "dark")
        finally:
            browser.close()
            server.stop()


if __name__ == "__main__":
    main()

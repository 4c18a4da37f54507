"""What the chat widget costs a partner's page, and how long it takes to open: `make bench-widget`.

In one run on one machine, the same page with and without the widget, turn about, each in a new browser context with an empty
cache. Medians with the range; times only as ratios to the bare page. Writes docs/widget-numbers.md and its JSON.
"""

import json
import statistics
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from bot.server import widget_strings
from bot.wording import shared_wording
from tests.browser.running import Server, Site, launch
from tests.browser.widget import Widget

PROJECT = Path(__file__).resolve().parent.parent
ROUNDS = 15
REPORT = PROJECT / "docs" / "widget-numbers.md"


# Runs in the page and in the frame: when the launcher was clicked, and when the greeting was there and a text could be typed.
CLOCK = """
  const now = () => performance.timeOrigin + performance.now();
  if (window === top) addEventListener('click', () => { window.clicked = now(); }, true);
  else new MutationObserver((changes, observer) => {
    if (!document.querySelector('article') || !document.querySelector('textarea')) return;
    window.ready = now();
    observer.disconnect();
  }).observe(document, { childList: true, subtree: true });
"""


class Bytes:
    """Counts what a page and its frames receive, compressed as it was sent."""

    def __init__(self, page):
        self.by_path = {}
        page.on("requestfinished", self._count)

    def _count(self, request):
        sizes = request.sizes()
        path = request.url.split("://", 1)[1].partition("/")[2].partition("?")[0]
        self.by_path[path] = self.by_path.get(path, 0) + sizes["responseBodySize"] + sizes["responseHeadersSize"]


def loaded(page):
    """Return the milliseconds from the beginning of a page's loading to its end."""
    return page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")


def measure(browser, site, words):
    """Return one round: loading with and without the widget (ms), bytes, and from the click to the greeting (ms)."""
    found = {}
    for name in ("bare", "en"):
        context = browser.new_context(locale="en")
        context.add_init_script(CLOCK)
        page = context.new_page()
        received = Bytes(page)
        page.goto(f"{site.address}/{name}", wait_until="load")
        page.wait_for_timeout(300)
        found[f"{name}_load"] = loaded(page)
        if name == "en":
            before = sum(size for path, size in received.by_path.items() if path == "widget.js")
            widget = Widget(page, words).open()
            found["ready"] = widget.frame.evaluate("window.ready") - page.evaluate("window.clicked")
            page.wait_for_timeout(300)
            found["bytes_before"] = before
            found["bytes_to_open"] = sum(
                size for path, size in received.by_path.items() if path.startswith("widget/") and "events" not in path
            )
        context.close()
    return found


def main():
    """Measure, and write the report."""
    site = Site()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), [site.address]).start()
        site.embed(server.address)
        words = widget_strings(shared_wording())["en"]
        browser = launch(playwright.chromium)
        try:
            measure(browser, site, words)  # warm
            rounds = [measure(browser, site, words) for _ in range(ROUNDS)]
        finally:
            browser.close()
            server.stop()
            site.close()
    write(rounds)


def summary(values):
    """Return median, least and most."""
    return {"median": statistics.median(values), "least": min(values), "most": max(values)}


def write(rounds):
    """Write the numbers as a table and as JSON."""
    with_ratio = [
        {
            **one,
            "load_ratio": one["en_load"] / one["bare_load"],
            "ready_ratio": one["ready"] / one["bare_load"],
        }
        for one in rounds
    ]
    found = {name: summary([one[name] for one in with_ratio]) for name in with_ratio[0]}
    REPORT.with_suffix(".json").write_text(json.dumps({"rounds": len(rounds), **found}, indent=1) + "\n", encoding="utf-8")

    def row(title, name, form):
        values = found[name]
        return f"| {title} | {values['median']:{form}} | {values['least']:{form}} to {values['most']:{form}} |"

    REPORT.write_text(
        "\n".join(
            [
                "# What the chat widget costs",
                "",
                f"Medians of {len(rounds)} rounds in one run, with the range, by `make bench-widget`: a new browser context with an",
                "empty cache each time, server and browser on one machine with two processors, headless Chromium. The bare page is",
                "the same page without the script.",
                "",
                "| | median | range |",
                "|---|---|---|",
                row("added to the host page before the widget is opened (bytes received, headers included)", "bytes_before", ",.0f"),
                row("to open it (bytes received, headers included)", "bytes_to_open", ",.0f"),
                row("bare page, to the end of loading (ms)", "bare_load", ".0f"),
                row("page with the launcher, to the end of loading (ms)", "en_load", ".0f"),
                row("page with the launcher against the bare page", "load_ratio", ".2f"),
                row("from the click to the greeting, ready to type (ms)", "ready", ".0f"),
                row("the same against loading the bare page", "ready_ratio", ".1f"),
                "",
            ]
        ),
        encoding="utf-8",
    )
    print(REPORT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()

"""A real server, partners' sites and Chromium. Each test has a browser context of its own, and fails on any error in it."""

import re
from dataclasses import dataclass
from typing import Dict, Tuple

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.running import Server, Site, launch
from tests.browser.widget import Widget

DESKTOP = {"width": 1280, "height": 860}
LOCALES = {"en": "en-GB", "nl": "nl-NL"}
# In every document: say what a policy forbids, and put into words what screen readers are told.
SCRIPT = """
addEventListener('securitypolicyviolation', event =>
  console.error(`POLICY ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));

window.announced = [];
const SILENT = '[aria-hidden="true"], [aria-live="off"]';
const LIVE = '[aria-live="polite"], [aria-live="assertive"], [role="log"], [role="status"], [role="alert"]';
new MutationObserver(changes => {
  const parts = new Set();
  for (const { target, addedNodes, type } of changes) {
    const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
    const region = element?.closest(LIVE);
    if (!region?.checkVisibility() || element.closest(SILENT)) continue;
    for (const node of type === 'characterData' ? [target] : addedNodes) parts.add(node);
  }
  for (const node of parts) {
    if ([...parts].some(other => other !== node && other.contains(node))) continue;
    const text = node.textContent.trim().replace(/\\s+/g, ' ');
    if (text && node.isConnected) window.announced.push(text);
  }
}).observe(document, { childList: true, characterData: true, subtree: true });
"""


@dataclass(frozen=True)
class Journey:
    """A problem, the answers that lead to the verdict, and what the assistant then says."""

    language: str
    problem: str
    answers: Tuple[str, ...]
    place: str
    walk: str
    step: str
    done: str
    stuck: str


JOURNEYS = {
    "en": Journey(
        "en",
        "SQL Server 2022 is down",
        ("Gold", "No, not yet", "Yes, activated"),
        "Support for Business",
        "Walk me through it",
        "Step {} of 9",
        "Done",
        "I'm stuck",
    ),
    "nl": Journey(
        "nl",
        "SQL Server 2022 werkt niet meer",
        ("Gold", "Nee, nog niet", "Ja, geactiveerd"),
        "Support for Business",
        "Stap voor stap",
        "Stap {} van 9",
        "Klaar",
        "Ik loop vast",
    ),
}


class Watch:
    """What happens in the browser during a test: errors, and which addresses are asked for."""

    def __init__(self) -> None:
        self.requests = []
        self.console = []
        self._problems = []
        self._expected = []

    def on(self, context) -> None:
        """Watch a context, with all its pages and frames."""
        context.on("request", lambda request: self.requests.append(request))
        context.on("console", self._hear)
        context.on("weberror", lambda error: self._problems.append(f"page error: {error.error}"))

    def _hear(self, message) -> None:
        self.console.append((message.type, message.text))
        if message.type == "error":
            address = message.location.get("url", "") if message.location else ""
            self._problems.append(f"{message.text} {address}".strip())

    def expect(self, *patterns: str) -> None:
        """Say what may go wrong in this test."""
        self._expected += patterns

    def unexpected(self):
        """Return what went wrong and was not expected."""
        return [problem for problem in self._problems if not any(re.search(known, problem) for known in self._expected)]

    def sent(self, path: str):
        """Return the bodies of the requests that were sent to a path."""
        posts = [request for request in self.requests if request.method == "POST"]
        return [request.post_data_json for request in posts if request.url.endswith(path)]


@pytest.fixture(scope="session")
def strings() -> Dict[str, Dict[str, str]]:
    """The widget's words, by language and name."""
    from bot.server import widget_strings
    from bot.wording import shared_wording

    return widget_strings(shared_wording())


@pytest.fixture(scope="session")
def site():
    """The site of a partner, which may show the widget."""
    site = Site()
    yield site
    site.close()


@pytest.fixture(scope="session")
def stranger(server):
    """A site that may not show the widget."""
    site = Site()
    site.embed(server.address)
    yield site
    site.close()


@pytest.fixture(scope="session")
def server(site, tmp_path_factory):
    """The real server, with its model trained first when it is missing or stale."""
    from bot.talk import trained_model

    trained_model()
    server = Server(tmp_path_factory.mktemp("server"), [site.address]).start()
    site.embed(server.address)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def browser():
    """One browser for a file of tests. It ends with the file: while it runs, no test of the rest can have an event loop."""
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium)
        yield browser
        browser.close()


@pytest.fixture
def watch():
    """What happens in the browser; errors that the test did not expect make it fail."""
    watch = Watch()
    yield watch
    assert watch.unexpected() == []


@pytest.fixture
def visit(browser, server, site, strings, watch):
    """Return a function that opens a page in a fresh context and gives its widget."""
    contexts = []
    if not server.is_running:  # a test that killed it has failed
        server.start()

    def open_page(path=None, language="en", at=site, within=browser, script="", **options):
        """`script` runs before those of each document; `options` are Playwright's for a context."""
        context = within.new_context(**{"viewport": DESKTOP, "locale": LOCALES[language], **options})
        contexts.append(context)
        context.add_init_script(SCRIPT + script)
        watch.on(context)
        page = context.new_page()
        page.goto(f"{at.address}/{path or language}")
        return Widget(page, strings[language])

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture(params=["en", "nl"])
def journey(request):
    """The same conversation in each language."""
    return JOURNEYS[request.param]


@pytest.fixture
def english():
    """The conversation in English."""
    return JOURNEYS["en"]

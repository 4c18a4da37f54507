"""The widget as a person meets it: found by roles and names, never by how it is made."""

from pathlib import Path

from playwright.sync_api import Error, expect

SECONDS = 20
FRAME = "/widget/frame"
SESSION = "support-triage.session"
AXE = Path(__file__).resolve().parents[2] / "widget" / "node_modules" / "axe-core" / "axe.min.js"
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}

expect.set_options(timeout=SECONDS * 1000)


def until(page, condition):
    """Wait until `condition` holds, while the browser goes on; return its value."""
    for _ in range(SECONDS * 20):
        found = condition()
        if found:
            return found
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen in time")


class Launcher:
    """The button on the partner's page. Its shadow root is closed, so it is found as assistive technology finds it."""

    def __init__(self, page, words):
        self._page = page
        self._names = (words["launcher_open"], words["launcher_close"])
        self._devtools = page.context.new_cdp_session(page)

    def node(self, role="button", names=None):
        """Return the accessible node, None when there is none."""
        for node in self._devtools.send("Accessibility.getFullAXTree")["nodes"]:
            name = node.get("name", {}).get("value")
            if node.get("role", {}).get("value") == role and name in (names or self._names):
                return node
        return None

    def all(self):
        """Return the names of all buttons of the page, the launcher's among them."""
        nodes = self._devtools.send("Accessibility.getFullAXTree")["nodes"]
        return [node["name"]["value"] for node in nodes if node.get("role", {}).get("value") == "button"]

    def _has(self, name):
        node = self.node()
        return {entry["name"]: entry["value"].get("value") for entry in node["properties"]}.get(name) if node else None

    @property
    def is_expanded(self):
        return self._has("expanded")

    @property
    def is_focused(self):
        return bool(self._has("focused"))

    def box(self, **of):
        """Return (left, top, right, bottom) on the screen, None when it is nowhere."""
        node = self.node(**of)
        if node is None:
            return None
        try:
            found = self._devtools.send("DOM.getContentQuads", {"backendNodeId": node["backendDOMNodeId"]})["quads"]
        except Error:  # it has no box
            return None
        return (*found[0][0:2], *found[0][4:6]) if found else None

    def is_on_top(self):
        """Say whether what a click at its middle hits is the launcher, whatever else the page has there."""
        left, top, right, bottom = self.box()
        at = {"x": int((left + right) / 2), "y": int((top + bottom) / 2), "includeUserAgentShadowDOM": False}
        hit = self._devtools.send("DOM.getNodeForLocation", at)["backendNodeId"]
        return hit in self._family(self.node()["backendDOMNodeId"])

    def _family(self, backend_id):
        described = self._devtools.send("DOM.describeNode", {"backendNodeId": backend_id, "depth": -1})["node"]
        found, left = set(), [described]
        while left:
            node = left.pop()
            found.add(node["backendNodeId"])
            left += node.get("children", [])
        return found

    def click(self, **of):
        """Click where it is on the screen, with the mouse."""
        left, top, right, bottom = until(self._page, lambda: self.box(**of))
        self._page.mouse.click((left + right) / 2, (top + bottom) / 2)


class Widget:
    """The launcher and the chat window of one tab."""

    def __init__(self, page, words):
        """`words` are the widget's strings in the language that it starts in."""
        self.page = page
        self.words = words
        self.launcher = Launcher(page, words)

    # The window

    @property
    def frame(self):
        """The window's document, None before it was opened."""
        return next((frame for frame in self.page.frames if FRAME in frame.url), None)

    def open(self):
        """Open the window with the mouse, and wait for the greeting."""
        self.launcher.click()
        return self.opened()

    def opened(self):
        """Wait until the window is there and someone has said something."""
        until(self.page, lambda: self.frame)
        expect(self.input).to_be_visible()
        expect(self.articles).not_to_have_count(0)
        return self

    def reload(self):
        """Load the partner's page again and open the window."""
        self.page.reload()
        return self.open()

    def tab(self):
        """Open the same page in another tab of the same browser."""
        page = self.page.context.new_page()
        page.goto(self.page.url)
        return Widget(page, self.words)

    def button(self, name):
        """One of the buttons that are always there: `start_over`, `person`, `close`, `language_nl` and so on."""
        return self.frame.get_by_role("banner").get_by_role("button", name=self.words[name], exact=True)

    @property
    def input(self):
        return self.frame.get_by_role("textbox", name=self.words["input_label"])

    @property
    def send(self):
        return self.frame.locator("form", has=self.input).get_by_role("button", name=self.words["send"])

    @property
    def status(self):
        """The line that says how the connection is."""
        return self.frame.get_by_role("status")

    # The conversation

    @property
    def articles(self):
        """The messages. Web Chat puts an article with the accessible name into each."""
        return self.frame.get_by_role("feed").get_by_role("article").filter(has=self.frame.get_by_role("article"))

    def message(self, text):
        """The messages that hold a text."""
        return self.articles.filter(has_text=text)

    @property
    def last(self):
        return self.articles.last

    def visible(self, text):
        """A text of a message as it is seen, not as it is read out."""
        return self.articles.get_by_text(text, exact=True).filter(visible=True)

    def spoken(self):
        """Return the transcript, a line for each message, as a screen reader names it."""
        lines = self.frame.get_by_role("feed").get_by_role("article").filter(has_not=self.frame.get_by_role("article"))
        return [" ".join(line.split()) for line in lines.all_text_contents()]

    def say(self, text):
        """Type a message and send it with Enter."""
        self.input.fill(text)
        self.input.press("Enter")

    @property
    def choices(self):
        """The answers that can be chosen now."""
        return self.frame.get_by_role("group", name=self.words["choices"])

    def choice(self, title):
        return self.choices.get_by_role("button", name=title, exact=True)

    def titles(self):
        """Return what can be chosen now."""
        return self.choices.get_by_role("button").all_inner_texts()

    def choose(self, title):
        """Click an answer."""
        self.choice(title).click()

    @property
    def feedback(self):
        """'Did this help?'"""
        return self.frame.get_by_role("group", name=self.words["feedback_question"])

    @property
    def word(self):
        """The field for a word why."""
        return self.frame.get_by_role("textbox", name=self.words["feedback_word"])

    def why(self, message):
        """What opens the sources of a message."""
        return message.get_by_text(self.words["sources"], exact=True).filter(visible=True)

    def play(self, journey, number=None):
        """Say the problem of a journey and choose its answers (or the first `number`); wait for what comes after each."""
        self.say(journey.problem)
        for title in journey.answers[:number]:
            self.choose(title)
        after = journey.walk if number is None else journey.answers[number]
        expect(self.choice(after)).to_be_visible()
        return self

    # What a person does not see

    def focused(self):
        """Return the name of what has the keyboard focus in the window; empty when nothing there has."""
        return self.frame.evaluate(
            """() => {
              const element = document.activeElement;
              if (!element || !document.hasFocus() || element === document.body) return '';
              const named = element.getAttribute('aria-label') || (element.labels && element.labels[0]?.textContent);
              return (named || element.textContent).trim();
            }"""
        )

    def token(self):
        """Return the session as it is kept, None when there is none."""
        return self.frame.evaluate("key => JSON.parse(localStorage.getItem(key))", SESSION)


def axe(frame):
    """Return what axe finds wrong in a document; it comes in beside the page's policy."""
    assert AXE.is_file(), "axe-core is missing: run `npm ci --prefix widget`"
    if not frame.evaluate("() => 'axe' in window"):
        frame.evaluate(f"() => {{ {AXE.read_text(encoding='utf-8')} }}")
    found = frame.evaluate(
        """options => axe.run(document, options).then(({ passes, violations }) => ({
          passes: passes.length,
          violations: violations.flatMap(({ id, nodes }) => nodes.map(node => [id, node.html, node.failureSummary])),
        }))""",
        AXE_OPTIONS,
    )
    assert found["passes"] > 5, "axe has looked at something"
    return [f"{rule}: {html[:200]} ({' '.join(why.split())[:400]})" for rule, html, why in found["violations"]]

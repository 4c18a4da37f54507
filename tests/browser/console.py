"""The console as staff meet it in a browser, beside a partner in the widget: found by roles and names."""

import pytest
from playwright.sync_api import expect

from bot.database import Database
from bot.helpdesk.summary import summary
from tests.browser.conftest import DESKTOP, SCRIPT
from tests.browser.widget import Widget
from tests.helpdesk.console_server import House
from tests.helpdesk.entering import PASSWORD

HOME = "/helpdesk"


class Desk:
    """One tab of a member of staff."""

    def __init__(self, page, house):
        self.page = page
        self.house = house

    def open(self, path=""):
        """Open a page of the console."""
        self.page.goto(f"{self.house.address}{HOME}{path}")
        return self

    def case(self, number):
        """Open a case, and wait until it is told of what is new."""
        with self.page.expect_response(lambda found: f"/cases/{number}/events" in found.url):
            self.open(f"/cases/{number}")
        return self

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name):
        return self.page.get_by_role("link", name=name)

    @property
    def message(self):
        """The field for a message to the partner."""
        return self.page.get_by_role("textbox", name="Message to the partner")

    @property
    def log(self):
        """What was said."""
        return self.page.get_by_role("log")

    @property
    def standing(self):
        """How the case stands."""
        return self.page.get_by_role("region", name="How it stands")

    def said(self):
        """Return what the conversation shows: who, and what."""
        return self.log.get_by_role("article").evaluate_all(
            """messages => messages.map(message => [
              message.querySelector('.by').firstChild.textContent.trim(),
              message.querySelector('.typed, .said').innerText.trim()])"""
        )

    def announced(self):
        """Return what a screen reader was told."""
        return self.page.evaluate("window.announced")

    def focused(self):
        """Return the id of what has the keyboard."""
        return self.page.evaluate("document.activeElement.id")

    def take_over(self, number):
        """Open a case and talk in the assistant's place."""
        self.case(number)
        self.button("Take over the conversation").click()
        expect(self.message).to_be_enabled()
        return self


@pytest.fixture
def house(tmp_path):
    """The application with its console and its widget."""
    summary({}, None, "It is down since this morning.", "en", "T-00001")  # loads what reads texts, which takes a while
    found = House(Database.in_file(tmp_path / "cases.db"))
    yield found
    found.stop()


@pytest.fixture
def context(browser, watch):
    """Return a function that gives a browser of somebody else."""
    contexts = []

    def begin(**options):
        found = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **options})
        contexts.append(found)
        found.add_init_script(SCRIPT)
        watch.on(found)
        return found

    yield begin
    for found in contexts:
        found.close()


@pytest.fixture
def staff(house, context):
    """Return a function with which somebody signs in and has the list open."""
    known = set()

    def enter(name="anna", role="agent", **options):
        if name not in known:
            house.member(name, role)
            known.add(name)
        page = context(**options).new_page()
        desk = Desk(page, house).open()
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        if options.get("java_script_enabled", True):
            with page.expect_response(lambda response: "/helpdesk/events" in response.url):
                desk.button("Sign in").click()
        else:
            desk.button("Sign in").click()
        expect(page.get_by_role("heading", name="Queue")).to_be_visible()
        return desk

    return enter


@pytest.fixture
def partner(house, context, strings):
    """Return a function that opens the widget as a partner, who says something first."""

    def talk(*texts):
        page = context().new_page()
        page.goto(house.address)
        widget = Widget(page, strings["en"]).open()
        for number, text in enumerate(texts, start=2):
            widget.say(text)
            expect(widget.message(text)).to_have_count(1)
        house.run(house.gateway.settle())
        return widget

    return talk

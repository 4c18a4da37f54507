"""For everyone: the keyboard alone, small screens, dark, without scripts; axe on every page in every state."""

import pytest
from playwright.sync_api import expect

from tests.browser.console import context, house, partner, staff  # noqa: F401  (fixtures)
from tests.browser.test_access import OVERFLOWING, PHONE, ZOOMED_FAR
from tests.browser.widget import axe, until

DARK = {"color_scheme": "dark"}
LOOKS = {"light": {"color_scheme": "light"}, "dark": DARK, "phone": PHONE, "dark phone": {**PHONE, **DARK}}
MAIL = "Hello,\n\nOur Exchange Server 2016 is down for a customer.\n\nERROR 2026-11-22 10:00:00 failed\n\nRegards,\nJan"
LONG = "W" * 300
# Texts that cannot be seen because they look like what is behind them; axe leaves these to a person.
UNSEEN = """() => [...document.querySelectorAll('button, a, summary, label, kbd, .badge')].filter(element => {
  if (!element.checkVisibility() || element.matches(':disabled, .unseen, .skip')) return false;
  const style = getComputedStyle(element);
  let behind = element;
  while (behind && getComputedStyle(behind).backgroundColor === 'rgba(0, 0, 0, 0)') behind = behind.parentElement;
  return style.color === getComputedStyle(behind ?? document.documentElement).backgroundColor;
}).map(element => element.outerHTML.slice(0, 120))"""


def everything(desk):
    """Open whatever can be opened on a page."""
    for _ in range(3):
        for summary in desk.page.locator("main details:not([open]) > summary").all():
            if summary.is_visible():
                summary.click()


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_is_cut_off_on_any_page(house, staff, watch, look):  # noqa: F811
    watch.expect("404", "409", "422")
    found = {}

    def check(name):
        wide = desk.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        problems = [*axe(desk.page.main_frame), *(["scrolls sideways"] if wide else []), *desk.page.evaluate(UNSEEN)]
        if problems:
            found[name] = problems

    house.partner(f"decide {LONG}")
    talk = house.partner("a person please", LONG)
    house.partner("decide too")
    bert = house.member("bert")
    bert.send("/cases/3/claim")
    desk = staff(role="lead", **LOOKS[look])
    check("queue")
    desk.page.get_by_text("Filters", exact=True).click()
    check("queue with filters")
    desk.open("?q=nothing")
    check("nothing found")
    desk.open("?state=solved")
    check("no case in a state")
    desk.case(1)
    everything(desk)
    check("a case of nobody, all open")
    desk.case(3)
    check("a case of somebody else")
    desk.take_over(2)
    desk.message.fill(f"**Bold** [link](https://partner.microsoft.com/{LONG})")
    desk.button("Send").click()
    expect(desk.log.get_by_text("Bold")).to_be_visible()
    talk.say(LONG)
    desk.page.get_by_label("Tags, with").fill(",".join(f"t{number}" for number in range(13)))
    desk.button("Save the tags").click()
    expect(desk.page.get_by_role("alert").filter(has_text="at most 12 tags")).to_be_visible()
    check("a case taken over, with a refusal")
    desk.page.get_by_role("heading", name="T-00002").click()
    desk.page.keyboard.press("?")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    check("shortcuts")
    desk.open("/cases/99")
    check("no such case")
    desk.open("/assist")
    check("assist")
    desk.page.get_by_label("Text of the partner").fill(MAIL)
    desk.button("Look into it").click()
    expect(desk.page.get_by_role("heading", name="What to ask")).to_be_visible()
    everything(desk)
    check("assist with facts")
    desk.page.get_by_label("Version").select_option("2013")
    desk.page.get_by_label("Membership offer").select_option("Gold")
    desk.button("Look again with these facts").click()
    expect(desk.page.get_by_role("heading", name="Reply")).to_be_visible()
    check("assist with a decision")
    assert found == {}


@pytest.mark.parametrize("screen", ["phone", "zoomed far"])
def test_on_a_small_screen_everything_is_within_reach(house, staff, screen):  # noqa: F811
    house.partner(f"decide {LONG}")
    desk = staff(**{"phone": PHONE, "zoomed far": ZOOMED_FAR}[screen])
    for path in ("", "/cases/1", "/assist"):
        desk.open(path)
        assert desk.page.evaluate(OVERFLOWING) == []
    desk.take_over(1)
    for name in ("Hand back to the assistant", "Send", "Save the facts", "Add the note"):
        desk.button(name).scroll_into_view_if_needed()
        expect(desk.button(name)).to_be_in_viewport(ratio=0.9)


def test_a_case_is_worked_on_with_the_keyboard_alone(house, staff, partner):  # noqa: F811
    partner("a person please")
    house.partner("decide")
    anna = staff()
    press, page = anna.page.keyboard.press, anna.page
    for key, expected in (("j", "case-1"), ("j", "case-2"), ("j", "case-2"), ("k", "case-1")):
        press(key)
        assert anna.focused() == expected
    press("Enter")
    expect(page.get_by_role("heading", name="T-00001")).to_be_visible()
    expect(anna.button("Claim")).to_be_visible()
    press("c")
    expect(anna.standing.get_by_text("You have this case")).to_be_visible()
    press("r")
    assert anna.focused() == "act-take-over"
    press("Enter")
    expect(anna.message).to_be_enabled()
    press("r")
    assert anna.focused() == "message"
    page.keyboard.type("csjknrgq? /typed, and no shortcut")
    press("Enter")
    expect(anna.log.get_by_text("csjknrgq? /typed, and no shortcut")).to_be_visible()
    expect(anna.message).to_be_focused()
    page.get_by_role("link", name="Queue").focus()
    press("n")
    assert anna.focused() == "note"
    page.keyboard.type("by keyboard")
    press("Tab")
    press("Enter")
    expect(page.get_by_role("region", name="Notes").get_by_text("by keyboard")).to_be_visible()
    page.get_by_role("link", name="Queue").focus()
    press("s")
    expect(anna.button("Take up again")).to_be_visible()
    press("g")
    press("a")
    expect(page.get_by_role("heading", name="Assist")).to_be_visible()
    press("g")
    press("q")
    expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    press("/")
    assert anna.focused() == "search"
    page.keyboard.type("person")
    press("Enter")
    expect(page.get_by_text("No case fits")).to_be_visible()


def test_after_a_button_was_pressed_the_focus_is_not_lost(house, staff):  # noqa: F811
    house.partner("decide")
    anna = staff().case(1)
    anna.button("Claim").focus()
    anna.page.keyboard.press("Enter")
    expect(anna.standing.get_by_text("You have this case")).to_be_visible()
    until(anna.page, lambda: anna.focused() == "part-standing")
    anna.page.keyboard.press("Tab")
    assert anna.focused().startswith("act-")


def test_the_shortcuts_are_listed_can_be_turned_off_and_stay_so(house, staff):  # noqa: F811
    house.partner("decide")
    anna = staff()
    anna.button("Keys ?").click()
    dialog = anna.page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_text("Next and previous case")).to_be_visible()
    dialog.get_by_role("switch", name="Use the shortcuts below").uncheck()
    anna.page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    anna.page.keyboard.press("j")
    assert anna.focused() != "case-1"
    anna.page.reload()
    anna.page.keyboard.press("j")
    assert anna.focused() != "case-1"
    anna.page.keyboard.press("?")
    dialog.get_by_role("switch").check()
    dialog.get_by_role("button", name="Close").click()
    anna.page.keyboard.press("j")
    assert anna.focused() == "case-1"


def test_the_first_key_leads_past_the_bar(house, staff):  # noqa: F811
    anna = staff()
    anna.page.keyboard.press("Tab")
    expect(anna.link("Skip to the content")).to_be_focused()
    anna.page.keyboard.press("Enter")
    assert anna.focused() == "content"


def test_everything_but_the_renewal_works_without_scripts(house, staff):  # noqa: F811
    house.partner("decide about the printer")
    anna = staff(java_script_enabled=False)
    anna.page.get_by_label("Search in everything").fill("printer")
    anna.button("Show").click()
    anna.link("T-00001").click()
    anna.button("Claim").click()
    anna.button("Take over the conversation").click()
    anna.page.get_by_role("button", name="Put into the message", exact=True).click()
    anna.button("Send").click()
    expect(anna.log.get_by_text("is covered by")).to_be_visible()
    anna.page.get_by_label("Version").select_option("2016")
    anna.button("Save the facts").click()
    expect(anna.page.get_by_text("Older than N-1")).to_be_visible()
    anna.page.get_by_label("Note for colleagues").fill("a note")
    anna.button("Add the note").click()
    expect(anna.page.get_by_role("region", name="Notes").get_by_text("a note")).to_be_visible()
    anna.button("Hand back to the assistant").click()
    anna.button("Solved").click()
    expect(anna.button("Take up again")).to_be_visible()
    anna.button("Sign out").click()
    expect(anna.page.get_by_text("You are signed out.")).to_be_visible()

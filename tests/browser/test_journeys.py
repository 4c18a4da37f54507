"""Whole conversations: from the launcher to the last step, by mouse and by keyboard alone."""

from playwright.sync_api import expect

from tests.browser.widget import until


def sources(server):
    """Return what the verdict rests on."""
    return next(message["sources"] for message in server.stored() if message["kind"] == "verdict")


def test_a_person_gets_from_a_problem_to_the_steps_by_mouse(visit, server, journey, watch):
    widget = visit(language=journey.language).open()
    words = widget.words
    widget.say(journey.problem)
    for title in journey.answers:
        widget.choose(title)
    verdict = widget.message("SQL Server 2022").filter(has_text="N-1").first
    expect(verdict.get_by_role("link", name=journey.place)).to_be_visible()

    source = sources(server)[0]
    said = verdict.get_by_text(source["says"])
    expect(said).to_be_hidden()
    widget.why(verdict).click()
    expect(said).to_be_visible()
    page = verdict.get_by_role("listitem").filter(has_text=source["says"]).get_by_role("link")
    expect(page).to_have_attribute("href", source["url"])
    widget.why(verdict).click()
    expect(said).to_be_hidden()

    widget.feedback.get_by_role("button", name=words["feedback_no"]).click()
    widget.word.fill("the table is hard to read")
    form = widget.frame.locator("form", has=widget.word)
    form.get_by_role("button", name=words["feedback_send"]).click()
    expect(widget.visible(words["feedback_thanks"])).to_have_count(1)
    given = [message for message in server.stored() if message["kind"] == "feedback"]
    assert [(message["helped"], message["text"]) for message in given] == [(False, "the table is hard to read")]

    widget.choose(journey.walk)
    for step in (1, 2, 3):
        text = journey.step.format(step)
        bar = widget.last.get_by_role("progressbar", name=text)
        expect(bar).to_have_attribute("aria-valuenow", str(step))
        expect(bar).to_have_attribute("aria-valuemax", "9")
        expect(widget.last.get_by_text(text, exact=True).filter(visible=True)).to_have_count(1)
        widget.choose(journey.done)
    expect(widget.last.get_by_role("progressbar", name=journey.step.format(4))).to_be_visible()

    before = widget.spoken()
    widget.reload()
    expect(widget.last.get_by_role("progressbar", name=journey.step.format(4))).to_be_visible()
    until(widget.page, lambda: widget.spoken() == before)
    expect(widget.message(words["feedback_not_helped"]).filter(has_text="the table is hard to read")).to_have_count(1)
    expect(widget.feedback).to_have_count(0)
    assert watch.unexpected() == [], "no error, and nothing that the strict policy forbids, in the whole journey"


def tab_to(widget, name, backwards=False):
    """Press Tab until something with that name has the focus."""
    passed = []
    for _ in range(60):
        widget.page.keyboard.press("Shift+Tab" if backwards else "Tab")
        passed.append(widget.focused())
        if passed[-1] == name:
            return
    raise AssertionError(f"Tab does not come to {name!r}, only to {passed}")


def test_a_person_gets_from_a_problem_to_the_steps_by_keyboard(visit, server, journey):
    widget = visit(language=journey.language)
    words, press = widget.words, widget.page.keyboard.press
    until(widget.page, widget.launcher.node)
    for _ in range(5):
        press("Tab")
        if widget.launcher.is_focused:
            break
    assert widget.launcher.is_focused and widget.launcher.is_expanded is False
    press("Enter")
    widget.opened()
    expect(widget.input).to_be_focused()

    widget.page.keyboard.type(journey.problem)
    press("Shift+Enter")
    press("Backspace")
    press("Enter")
    expect(widget.input).to_have_value("")
    expect(widget.input).to_be_focused()
    for title, key in zip(journey.answers, ("Enter", "Space", "Enter")):
        expect(widget.choice(title)).to_be_visible()
        tab_to(widget, title, backwards=True)
        press(key)
        expect(widget.input).to_be_focused()
    expect(widget.choice(journey.walk)).to_be_visible()

    verdict = widget.message("SQL Server 2022").filter(has_text="N-1").first
    said = verdict.get_by_text(sources(server)[0]["says"])
    until(widget.page, lambda: widget.focused() == words["input_label"])
    for _ in range(80):
        press("Shift+Tab")
        if verdict.evaluate("article => article.querySelector('summary') === document.activeElement"):
            break
    press("Enter")
    expect(said).to_be_visible()
    press("Space")
    expect(said).to_be_hidden()

    tab_to(widget, words["feedback_no"])
    press("Space")
    expect(widget.word).to_be_focused()
    widget.page.keyboard.type("short")
    press("Enter")
    expect(widget.visible(words["feedback_thanks"])).to_have_count(1)
    expect(widget.input).to_be_focused()
    assert [message["text"] for message in server.stored() if message["kind"] == "feedback"] == ["short"]

    tab_to(widget, journey.walk, backwards=True)
    press("Enter")
    expect(widget.last.get_by_role("progressbar", name=journey.step.format(1))).to_be_visible()
    expect(widget.input).to_be_focused()

    press("Escape")
    expect(widget.input).to_be_hidden()
    until(widget.page, lambda: widget.launcher.is_focused)
    assert widget.launcher.is_expanded is False
    press("Space")
    expect(widget.input).to_be_focused()
    expect(widget.choice(journey.done)).to_be_visible()

    tab_to(widget, words["close"], backwards=True)
    press("Enter")
    until(widget.page, lambda: widget.launcher.is_focused)


def test_the_arrow_keys_go_from_message_to_message(visit, english):
    widget = visit().open().play(english, 1)
    transcript = widget.frame.get_by_role("group", name=widget.words["transcript"])
    transcript.focus()
    named = "group => document.getElementById(group.getAttribute('aria-activedescendant'))?.textContent ?? ''"
    assert "Access ID" in transcript.evaluate(named)
    widget.page.keyboard.press("ArrowUp")
    until(widget.page, lambda: "Gold" in transcript.evaluate(named))
    widget.page.keyboard.press("Home")
    until(widget.page, lambda: "automated assistant" in transcript.evaluate(named))


def test_the_first_stop_of_tab_in_the_window_leads_past_everything_to_the_text_field(visit, english):
    widget = visit().open().play(english, 1)
    tab_to(widget, widget.words["skip"], backwards=True)
    expect(widget.frame.get_by_role("button", name=widget.words["skip"])).to_be_in_viewport(ratio=0.9)
    widget.page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()


def test_the_focus_is_never_lost_when_something_is_chosen_or_pressed(visit, english):
    widget = visit().open().play(english, 1)
    for press in (
        lambda: widget.choose(english.answers[1]),
        lambda: widget.button("start_over").click(),
        lambda: widget.button("person").click(),
        lambda: widget.button("language_nl").click(),
    ):
        press()
        until(widget.page, widget.focused)
    expect(widget.frame.get_by_role("textbox")).to_be_focused()

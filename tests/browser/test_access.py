"""For everyone: small screens, zoom, dark, reduced motion, screen readers; axe in every state."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import DESKTOP
from tests.browser.widget import axe, until

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
ZOOMED = {"viewport": {"width": 640, "height": 512}, "device_scale_factor": 2}  # 1280x1024 at 200 %
ZOOMED_FAR = {"viewport": {"width": 320, "height": 256}, "device_scale_factor": 4}  # and at 400 %
SCREENS = {"phone": PHONE, "zoomed": ZOOMED, "zoomed far": ZOOMED_FAR}
ALWAYS = ("start_over", "person", "close")
# So that axe can look into the launcher, whose shadow root is closed.
OPEN_SHADOW = """
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) { return attach.call(this, { ...options, mode: 'open' }); };
"""
LONG = (
    "A text that is long. " * 60
    + "https://partner.microsoft.com/" + "x" * 300
    + " **A label that is very long and goes on for a while** [a link](https://partner.microsoft.com/" + "y" * 200 + ")"
)  # fmt: skip
OVERFLOWING = """() => [...document.querySelectorAll('*')].filter(element => {
  const style = getComputedStyle(element);
  const { right, left, width } = element.getBoundingClientRect();
  const isUnseen = style.clipPath !== 'none' || width === 0 || element.closest('.unseen, [aria-hidden=true]');
  const scrolls = element.scrollWidth > element.clientWidth + 1 && style.overflowX !== 'visible';
  return !isUnseen && (right > innerWidth + 1 || left < -1 || scrolls);
}).map(element => element.outerHTML.slice(0, 120))"""


def assert_everything_is_within_reach(widget, other):
    """The tools, the field and its button are on the screen, and nothing scrolls sideways."""
    for name in (*ALWAYS, f"language_{other}"):
        expect(widget.button(name)).to_be_in_viewport(ratio=0.99)
    expect(widget.input).to_be_in_viewport(ratio=0.9)
    expect(widget.send).to_be_in_viewport(ratio=0.9)
    assert widget.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert widget.frame.evaluate(OVERFLOWING) == []


@pytest.mark.parametrize("screen", SCREENS)
def test_everything_is_within_reach_on_a_small_screen_in_every_state(visit, journey, server, screen):
    widget = visit(language=journey.language, **SCREENS[screen]).open()
    other = "nl" if journey.language == "en" else "en"
    assert_everything_is_within_reach(widget, other)
    widget.say(journey.problem)
    for title in journey.answers:
        expect(widget.choice(title)).to_be_visible()
        assert_everything_is_within_reach(widget, other)
        widget.choose(title)
    expect(widget.choice(journey.walk)).to_be_visible()
    assert_everything_is_within_reach(widget, other)
    widget.feedback.get_by_role("button", name=widget.words["feedback_no"]).click()
    expect(widget.word).to_be_visible()
    assert_everything_is_within_reach(widget, other)
    widget.choose(journey.walk)
    expect(widget.last.get_by_role("progressbar")).to_be_visible()
    assert_everything_is_within_reach(widget, other)
    widget.input.fill("W" * 2100)
    assert_everything_is_within_reach(widget, other)
    widget.input.fill("")
    server.add(text=LONG, kind="steps", language=journey.language, buttons=[{"title": "B" * 90, "payload": "/affirm"}])
    widget.reload()
    expect(widget.message("A text that is long.")).to_have_count(1)
    assert_everything_is_within_reach(widget, other)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
@pytest.mark.parametrize("screen", ["desktop", "phone"])
def test_what_comes_is_brought_into_view(visit, english, screen, motion):
    widget = visit(reduced_motion=motion, **SCREENS.get(screen, {})).open()
    widget.say(english.problem)
    for title in english.answers:
        expect(widget.choice(title)).to_be_in_viewport(ratio=0.9)
        widget.choose(title)
    expect(widget.choice(english.walk)).to_be_attached()
    verdict = widget.message("N-1").first
    expect(verdict.get_by_role("paragraph").first).to_be_in_viewport(ratio=0.9)
    expect(widget.choice(english.walk)).not_to_be_in_viewport()  # a long answer is shown from its beginning
    widget.choose(english.walk)
    for step in (1, 2):
        expect(widget.last.get_by_role("progressbar", name=english.step.format(step))).to_be_in_viewport(ratio=0.9)
        expect(widget.choice(english.done)).to_be_in_viewport(ratio=0.9)
        widget.choose(english.done)


@pytest.mark.parametrize("screen", ["desktop", *SCREENS])
def test_the_tools_do_what_they_say_in_the_middle_of_a_walk_through(visit, strings, english, server, screen):
    widget = visit(**SCREENS.get(screen, {})).open().play(english)
    widget.choose(english.walk)
    expect(widget.choice(english.done)).to_be_visible()

    widget.button("language_nl").click()
    widget.words = strings["nl"]
    expect(widget.button("language_en")).to_be_visible()
    expect(widget.choice("Klaar")).to_be_visible()
    assert widget.frame.evaluate("document.documentElement.lang") == "nl"
    expect(widget.input).to_have_attribute("placeholder", strings["nl"]["input_placeholder"])

    widget.button("person").click()
    expect(widget.frame.get_by_role("button", name=strings["nl"]["copy_summary"])).to_be_visible()
    widget.button("start_over").click()
    expect(widget.message("Wat is het probleem, en om welk product en welke versie")).to_be_visible()
    widget.button("language_en").click()
    widget.words = strings["en"]
    expect(widget.button("language_nl")).to_be_visible()
    assert widget.frame.evaluate("document.documentElement.lang") == "en"
    until(widget.page, lambda: server.stored()[-1]["language"] == "en")
    widget.button("close").click()
    until(widget.page, lambda: widget.launcher.is_focused)


def test_the_language_of_the_window_follows_the_conversation(visit, strings):
    widget = visit(language="en").open()
    widget.say("Mijn SQL Server 2022 werkt niet meer, kunt u mij helpen?")
    widget.words = strings["nl"]
    expect(widget.input).to_be_visible()
    expect(widget.choice("Geen van deze")).to_be_visible()
    assert widget.frame.evaluate("[document.documentElement.lang, document.title]") == ["nl", strings["nl"]["title"]]
    widget.reload()
    expect(widget.choice("Geen van deze")).to_be_visible()
    expect(widget.button("close")).to_be_visible()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_asked_for_less_motion(visit, english, motion):
    widget = visit(reduced_motion=motion)
    moving = []

    def hear(event):
        if event["animation"].get("source", {}).get("duration", 0) > 0:
            moving.append(event["animation"].get("name") or event["animation"]["type"])

    def listen(to):
        devtools = widget.page.context.new_cdp_session(to)
        devtools.on("Animation.animationStarted", hear)
        devtools.send("Animation.enable")

    listen(widget.page)
    widget.open()
    listen(widget.frame)
    widget.play(english)
    widget.choose(english.walk)
    expect(widget.choice(english.done)).to_be_visible()
    widget.button("close").click()
    until(widget.page, lambda: widget.launcher.is_focused)
    widget.open()
    running = "document.getAnimations().filter(animation => animation.effect.getTiming().duration > 0).length"
    if motion == "reduce":
        assert moving == []
        assert widget.frame.evaluate(running) == 0 and widget.page.evaluate(running) == 0
    else:
        assert moving, "without that wish something moves, or this test sees nothing"


STYLES = [(scheme, size) for scheme in ("light", "dark") for size in ("desktop", "phone")]


@pytest.mark.parametrize("scheme, size", STYLES, ids=["-".join(style) for style in STYLES])
def test_axe_finds_nothing_in_any_state(visit, english, server, watch, scheme, size):
    watch.expect("ERR_")
    screen = PHONE if size == "phone" else {"viewport": DESKTOP}
    widget = visit(color_scheme=scheme, script=OPEN_SHADOW, reduced_motion="reduce", **screen)
    found = {}

    def look(state, at=None):
        found[state] = axe(at or widget.frame)

    until(widget.page, widget.launcher.node)
    look("closed launcher", widget.page.main_frame)
    widget.open()
    look("open launcher", widget.page.main_frame)
    look("greeting")
    widget.play(english, 0)
    look("question")
    for title in english.answers:
        widget.choose(title)
    expect(widget.choice(english.walk)).to_be_visible()
    look("verdict")
    for message in widget.articles.filter(has=widget.frame.locator("summary")).all():
        widget.why(message).click()
    look("why opened")
    widget.feedback.get_by_role("button", name=widget.words["feedback_no"]).click()
    expect(widget.word).to_be_visible()
    look("a word why")
    widget.word.press("Enter")
    expect(widget.visible(widget.words["feedback_thanks"])).to_have_count(1)
    look("thanks")
    widget.choose(english.walk)
    expect(widget.last.get_by_role("progressbar")).to_be_visible()
    look("step")
    widget.say("my password is Tr0ub4dor&3x!")
    expect(widget.message("[password]")).to_have_count(1)
    look("privacy notice")
    widget.button("person").click()
    expect(widget.frame.get_by_role("button", name=widget.words["copy_summary"])).to_be_visible()
    look("handover")
    widget.input.fill("a" * 1950)
    look("nearly too long")
    widget.input.fill("a" * 2001)
    look("too long")
    widget.input.fill("")
    widget.page.context.set_offline(True)
    widget.say("not sent")
    expect(widget.message("not sent")).to_contain_text(widget.words["not_sent"])
    expect(widget.status).to_have_text(widget.words["offline"])
    look("offline, and a message that was not sent")
    widget.page.context.set_offline(False)
    server.add(text=LONG, kind="steps")
    server.add(text="I am a person. **Hello**.", **{"from": "staff"})
    widget.reload()
    expect(widget.message("I am a person.")).to_have_count(1)
    look("long text, and staff")
    assert {state: problems for state, problems in found.items() if problems} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_when_the_window_cannot_be_loaded(visit, watch, scheme):
    watch.expect("ERR_", "chrome-error")
    widget = visit(color_scheme=scheme, script=OPEN_SHADOW)
    widget.page.context.route("**/widget/frame**", lambda route: route.abort())
    until(widget.page, widget.launcher.node)
    widget.page.clock.install()
    widget.launcher.click()
    until(widget.page, lambda: widget.launcher.is_expanded)
    widget.page.clock.fast_forward(30_000)
    until(widget.page, lambda: widget.launcher.box(role="StaticText", names=[widget.words["launcher_failed"]]))
    widget.page.clock.resume()
    assert axe(widget.page.main_frame) == []


def test_in_forced_colours_what_is_done_and_what_can_be_pressed_still_look_different(visit, english):
    widget = visit(forced_colors="active").open().play(english)
    widget.choose(english.walk)
    bar = widget.last.get_by_role("progressbar")
    expect(bar).to_be_visible()
    colours = bar.evaluate("bar => [...bar.children].map(part => getComputedStyle(part).backgroundColor)")
    assert len(colours) == 9 and colours[0] != colours[1]
    edge = widget.choice(english.done).evaluate("button => getComputedStyle(button).borderTopWidth")
    assert edge != "0px"

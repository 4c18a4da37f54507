"""Reloads, tabs, restarts of the server, lost networks, sessions that end: nothing is lost and nothing is said twice."""

import time
from collections import Counter

import jwt
import pytest
from playwright.sync_api import expect

from bot.channels.widget.sessions import ALGORITHM, AUDIENCE
from tests.browser.running import launch
from tests.browser.widget import SESSION, until

MILLISECONDS_TO_RECONNECT = 60_000  # the waits between attempts grow up to 30 seconds
LOST = "ERR_CONNECTION_REFUSED", "ERR_INCOMPLETE_CHUNKED_ENCODING", "ERR_CONNECTION_RESET", "ERR_EMPTY_RESPONSE"
OFFLINE = ("ERR_INTERNET_DISCONNECTED", *LOST)


def said_by_the_person(server):
    return [message["text"] for message in server.stored() if message["from"] == "person"]


def assert_nothing_is_there_twice(widget):
    twice = [line for line, count in Counter(widget.spoken()).items() if count > 1]
    assert twice == []


def test_a_reload_in_the_middle_brings_everything_back_once_and_the_question_can_be_answered(visit, journey, server):
    widget = visit(language=journey.language).open().play(journey, 1)
    before = widget.spoken()
    widget.reload()
    expect(widget.choice(journey.answers[1])).to_be_visible()
    until(widget.page, lambda: widget.spoken() == before)
    assert_nothing_is_there_twice(widget)
    for title in journey.answers[1:]:
        widget.choose(title)
    expect(widget.choice(journey.walk)).to_be_visible()
    assert said_by_the_person(server) == [journey.problem, *journey.answers]


def test_only_the_last_question_can_be_answered(visit, english):
    widget = visit().open().play(english, 2)
    assert widget.titles() == ["Yes, activated", "No, not yet", "I don't know"]
    expect(widget.choices).to_have_count(1)


def test_two_tabs_show_one_conversation_and_both_can_go_on(visit, english, server):
    first = visit().open().play(english, 0)
    second = first.tab().open()
    expect(second.message(english.problem)).to_have_count(1)

    second.choose("Gold")
    expect(first.choice("No, not yet")).to_be_visible()
    first.choose("No, not yet")
    expect(second.choice("Yes, activated")).to_be_visible()
    second.choose("Yes, activated")
    for widget in (first, second):
        expect(widget.choice(english.walk)).to_be_visible()
        assert_nothing_is_there_twice(widget)
    assert first.spoken() == second.spoken()
    assert said_by_the_person(server) == [english.problem, *english.answers]


def test_the_fifth_tab_takes_the_place_of_the_first_which_goes_on_when_the_person_returns_to_it(visit, english):
    first = visit().open().play(english, 0)
    tabs = [first.tab().open() for _ in range(4)]
    expect(first.status).to_contain_text(first.words["displaced"])
    for widget in tabs:
        expect(widget.status).to_have_text("")
    expect(first.status.get_by_role("button", name=first.words["continue_here"])).to_be_visible()
    first.page.bring_to_front()
    first.input.click()
    expect(first.status).to_have_text("")
    first.choose("Gold")
    expect(first.choice("No, not yet")).to_be_visible()
    expect(tabs[-1].choice("No, not yet")).to_be_visible()


def test_a_killed_server_loses_nothing_and_repeats_nothing(visit, english, server, watch):
    watch.expect(*LOST)
    failed_text = "hello, are you there"
    widget = visit().open().play(english, 0)
    widget.choose("Gold")
    until(widget.page, lambda: "Gold" in said_by_the_person(server))
    server.kill()
    expect(widget.status).to_have_text(widget.words["reconnecting"])
    widget.say(failed_text)
    failed = widget.message(failed_text)
    expect(failed).to_contain_text(widget.words["not_sent"])

    server.start()
    expect(widget.status).to_have_text("", timeout=MILLISECONDS_TO_RECONNECT)
    expect(widget.message("Access ID").first).to_be_visible()
    failed.get_by_role("button", name=widget.words["retry"]).click()
    expect(failed).not_to_contain_text(widget.words["not_sent"])
    until(widget.page, lambda: said_by_the_person(server)[2:] and server.stored()[-1]["from"] == "assistant")

    assert said_by_the_person(server) == [english.problem, "Gold", failed_text]
    stored = server.stored()
    gold, hello = (next(n for n, message in enumerate(stored) if message["text"] == text) for text in ("Gold", failed_text))
    assert [message["from"] for message in stored[gold + 1 : hello]] == ["assistant"], "answered, and answered once"
    expect(widget.articles).to_have_count(len(stored))
    before = widget.spoken()
    widget.reload()
    until(widget.page, lambda: widget.spoken() == before)


def test_without_a_network_the_person_is_told_and_what_failed_is_sent_once(visit, english, server, watch):
    watch.expect(*OFFLINE)
    widget = visit().open()
    context = widget.page.context
    context.set_offline(True)
    expect(widget.status).to_have_text(widget.words["offline"])
    widget.say(english.problem)
    failed = widget.message(english.problem)
    expect(failed).to_contain_text(widget.words["not_sent"])
    failed.get_by_role("button", name=widget.words["retry"]).click()
    expect(failed).to_contain_text(widget.words["not_sent"])

    context.set_offline(False)
    expect(widget.status).to_have_text("")
    failed.get_by_role("button", name=widget.words["retry"]).click()
    expect(widget.choice("Gold")).to_be_visible()
    expect(failed).to_have_count(1)
    expect(failed).not_to_contain_text(widget.words["not_sent"])
    assert said_by_the_person(server) == [english.problem]
    sent = watch.sent("/widget/messages")
    assert len(sent) >= 3 and len({body["id"] for body in sent}) == 1, "each time as the same message"


def test_a_message_whose_receipt_got_lost_is_stored_once(visit, english, server, watch):
    watch.expect("ERR_FAILED")
    widget = visit().open()

    def lose(route):
        route.fetch()
        route.abort()

    widget.page.context.route("**/widget/messages", lose, times=1)
    widget.say(english.problem)
    expect(widget.choice("Gold")).to_be_visible()
    expect(widget.message(english.problem)).to_have_count(1)
    expect(widget.message(english.problem)).not_to_contain_text(widget.words["not_sent"])
    assert said_by_the_person(server) == [english.problem]


def test_a_double_click_on_an_answer_sends_it_once(visit, english, server, watch):
    widget = visit().open().play(english, 0)
    widget.choice("Gold").dblclick()
    expect(widget.choice("No, not yet")).to_be_visible()
    widget.choice("No, not yet").evaluate("button => { button.click(); button.click(); }")
    expect(widget.choice("Yes, activated")).to_be_visible()
    assert said_by_the_person(server) == [english.problem, "Gold", "No, not yet"]
    assert len(watch.sent("/widget/messages")) == 3


def expired(widget, server):
    """Put a token that is over in the place of the one that the window keeps."""
    session = widget.token()
    claims = jwt.decode(session["token"], options={"verify_signature": False})
    over = {"aud": AUDIENCE, "sub": claims["sub"], "gen": claims["gen"], "exp": time.time() - 1}
    token = jwt.encode(over, server.key.read_bytes().strip(), algorithm=ALGORITHM)
    kept = {**session, "token": token}
    widget.frame.evaluate("([key, kept]) => localStorage.setItem(key, JSON.stringify(kept))", [SESSION, kept])


def replaced(widget, server):
    """Make the token that the window keeps one that was replaced."""
    server.replace_session()


@pytest.mark.parametrize("end", [expired, replaced])
def test_when_the_session_is_over_the_person_is_told_and_goes_on_with_what_was_typed(visit, journey, server, watch, end):
    watch.expect(r"status of 401")
    widget = visit(language=journey.language).open().play(journey, 0)
    before = server.last_conversation()
    end(widget, server)
    widget.say("hij start niet meer / it does not start")
    expect(widget.message(widget.words["session_over"])).to_have_count(1)
    expect(widget.input).to_have_value("hij start niet meer / it does not start")
    expect(widget.choices).to_have_count(0)
    expect(widget.message(journey.problem)).to_have_count(1)
    assert server.last_conversation() != before
    widget.say(journey.problem)
    widget.choose("Gold")
    expect(widget.choice(journey.answers[1])).to_be_visible()
    assert said_by_the_person(server) == [journey.problem, "Gold"]


def test_a_window_that_may_store_nothing_works_until_it_is_loaded_again(browser, visit, english, watch):
    private = launch(browser.browser_type, stores=False)
    try:
        widget = visit(within=private).open()
        blocked = "() => { try { return !localStorage } catch (error) { return error.name } }"
        assert widget.frame.evaluate(blocked) == "SecurityError"
        widget.play(english)
        widget.reload()
        expect(widget.articles).to_have_count(1)
    finally:
        private.close()

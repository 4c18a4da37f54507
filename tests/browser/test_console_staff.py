"""Two members of staff and a partner at once, in real browsers."""

import re

from playwright.sync_api import expect

from tests.browser.console import context, house, partner, staff  # noqa: F401  (fixtures)
from tests.browser.widget import until


def test_a_case_that_is_opened_comes_into_an_open_list_by_itself(house, staff, partner):  # noqa: F811
    anna = staff()
    expect(anna.page.get_by_role("heading", name="Nothing to do")).to_be_visible()
    partner("a person please")
    expect(anna.link("T-00001")).to_be_visible()
    expect(anna.page.get_by_text("Waits for a person")).to_be_visible()
    house.partner("decide")
    expect(anna.link("T-00002")).to_be_visible()
    expect(anna.link("To do 2")).to_be_visible()


def test_the_focus_in_the_list_stays_where_it_is_when_the_list_changes(house, staff):  # noqa: F811
    house.partner("decide")
    anna = staff()
    anna.page.keyboard.press("j")
    assert anna.focused() == "case-1"
    house.partner("a person please")
    expect(anna.link("T-00002")).to_be_visible()
    assert anna.focused() == "case-1"


def test_who_claims_a_case_is_seen_by_the_other_at_once_and_the_others_forms_are_off(house, staff):  # noqa: F811
    house.partner("decide")
    anna, bert = staff("anna").case(1), staff("bert").case(1)
    anna.button("Claim").click()
    expect(anna.standing.get_by_text("You have this case")).to_be_visible()
    expect(bert.standing.get_by_text("Anna has this case.")).to_be_visible()
    expect(bert.button("Claim")).to_have_count(0)
    expect(bert.button("Save the facts")).to_be_disabled()
    expect(bert.message).to_be_disabled()
    until(bert.page, lambda: any("Anna has this case." in told for told in bert.announced()))
    anna.button("Let go").click()
    expect(bert.button("Claim")).to_be_visible()
    expect(bert.button("Save the facts")).to_be_enabled()


def test_of_two_who_claim_at_once_one_is_told_who_was_faster(house, staff, watch):  # noqa: F811
    watch.expect("409")
    house.partner("decide")
    anna, bert = staff("anna").case(1), staff("bert").case(1)
    bert.page.context.set_offline(True)  # and so does not see it in time
    anna.button("Claim").click()
    expect(anna.standing.get_by_text("You have this case")).to_be_visible()
    watch.expect("ERR_", "sse", "EventSource")
    bert.page.context.route("**/now", lambda route: route.abort())
    bert.page.context.route("**/events*", lambda route: route.abort())
    bert.page.context.set_offline(False)
    bert.button("Claim").click()
    expect(bert.page.get_by_role("alert").filter(has_text="Anna has this case, so nothing was changed")).to_be_visible()
    expect(bert.standing.get_by_text("Anna has this case.")).to_be_visible()


def test_messages_flow_both_ways_in_order_and_hand_back_gives_the_assistant_the_word(house, staff, partner):  # noqa: F811
    widget = partner("a person please")
    anna, bert = staff("anna").take_over(1), staff("bert").case(1)
    expect(widget.message("Anna of the helpdesk has joined")).to_have_count(1)
    for number in range(3):
        anna.message.fill(f"from Anna {number}")
        anna.message.press("Enter")
        expect(widget.message(f"from Anna {number}")).to_have_count(1)
        expect(anna.message).to_have_value("")
        widget.say(f"from the partner {number}")
        expect(anna.log.get_by_text(f"from the partner {number}")).to_be_visible()
    pairs = [[["Anna", f"from Anna {number}"], ["Partner", f"from the partner {number}"]] for number in range(3)]
    assert anna.said()[-6:] == sum(pairs, [])
    expect(bert.log.get_by_text("from the partner 2")).to_be_visible()
    assert bert.said() == anna.said()
    assert house.assistant.heard == [f"from the partner {number}" for number in range(3)]
    anna.button("Hand back to the assistant").click()
    expect(widget.message("Where were we?")).to_have_count(1)
    expect(anna.log.get_by_text("Where were we?")).to_be_visible()
    expect(anna.message).to_be_disabled()
    widget.say("hello again")
    expect(anna.log.get_by_text("You said 11 letters.")).to_be_visible()
    assert any("from the partner 1" in told for told in anna.announced())


def test_shift_and_enter_begins_a_line_and_what_is_being_written_is_not_sent_again(house, staff, partner):  # noqa: F811
    widget = partner("a person please")
    anna = staff().take_over(1)
    anna.message.press_sequentially("one")
    anna.message.press("Shift+Enter")
    anna.message.press_sequentially("two")
    anna.message.press("Enter")
    anna.message.press("Enter")
    expect(anna.log.get_by_text("two")).to_have_count(1)
    expect(widget.message("two")).to_have_count(1)
    anna.page.wait_for_timeout(500)
    assert [text for who, text in anna.said() if who == "Anna"] == ["one\ntwo"]


def test_each_sees_that_the_other_is_typing(house, staff, partner):  # noqa: F811
    widget = partner("a person please")
    anna = staff().take_over(1)
    anna.message.press_sequentially("let me see")
    until(widget.page, lambda: house.gateway.is_typing(house.last_conversation(), "staff"))
    widget.input.press_sequentially("well")
    expect(anna.page.get_by_text("The partner is typing ...")).to_be_visible()
    expect(anna.page.get_by_text("The partner is typing ...")).to_have_count(0)


def test_nothing_that_is_typed_is_lost_when_the_case_changes_or_a_message_is_refused(house, staff, watch):  # noqa: F811
    watch.expect("409", "422", "413")
    house.partner("decide")
    anna, lea = staff("anna").take_over(1), staff("lea", "lead").case(1)
    anna.message.fill("half a sentence")
    anna.page.get_by_label("Note for colleagues").fill("half a note")
    anna.page.get_by_label("Membership offer").select_option("Silver")
    lea.page.get_by_label("Note for colleagues").fill("of Lea")
    lea.button("Add the note").click()
    expect(anna.page.get_by_role("region", name="Notes").get_by_text("of Lea")).to_be_visible()
    lea.button("Take it from Anna").click()
    expect(anna.standing.get_by_text("Lea has this case.")).to_be_visible()
    expect(anna.message).to_be_disabled()
    expect(anna.message).to_have_value("half a sentence")
    expect(anna.page.get_by_label("Note for colleagues")).to_have_value("half a note")
    assert anna.page.get_by_label("Membership offer").evaluate("field => field.selectedOptions[0].text") == "Silver"
    anna.button("Save the facts").click()
    expect(anna.page.get_by_role("alert").filter(has_text="Lea has this case")).to_be_visible()
    assert anna.page.get_by_label("Membership offer").evaluate("field => field.selectedOptions[0].text") == "Silver"


def test_who_leaves_with_a_draft_is_asked_first(house, staff):  # noqa: F811
    house.partner("decide")
    anna = staff().case(1)
    anna.page.get_by_label("Note for colleagues").press_sequentially("half a note")
    asked = []

    def stay(dialog):
        asked.append(dialog.type)
        dialog.dismiss()

    anna.page.on("dialog", stay)
    anna.link("Queue").click(no_wait_after=True)
    until(anna.page, lambda: asked)
    assert asked == ["beforeunload"] and anna.page.url.endswith("/cases/1")
    anna.button("Add the note").click()
    expect(anna.page.get_by_role("region", name="Notes").get_by_text("half a note")).to_be_visible()
    anna.link("Queue").click()
    expect(anna.page.get_by_role("heading", name="Queue")).to_be_visible()
    assert len(asked) == 1


def test_an_edited_fact_changes_the_decision_on_every_open_page(house, staff):  # noqa: F811
    house.partner("decide")
    anna, bert = staff("anna").case(1), staff("bert").case(1)
    anna.page.get_by_label("Version").select_option("2016")
    anna.button("Save the facts").click()
    for desk in (anna, bert):
        expect(desk.page.get_by_role("region", name="Decision").get_by_text("Older than N-1")).to_be_visible()
    assert bert.page.get_by_label("Version").evaluate("field => field.selectedOptions[0].text") == "2016"


def test_the_suggested_reply_and_canned_ones_go_into_the_message_with_one_click(house, staff, partner):  # noqa: F811
    widget = partner("decide")
    anna = staff().case(1)
    suggested = anna.page.get_by_role("region", name="Replies")
    put = suggested.get_by_role("button", name="Put into the message", exact=True).first
    put.click()
    expect(anna.page.get_by_role("alert").filter(has_text="Take the conversation over first")).to_be_visible()
    anna.button("Take over the conversation").click()
    expect(anna.message).to_be_enabled()
    put.click()
    expect(anna.message).to_have_value(re.compile("is covered by"))
    anna.page.get_by_text("Replies to choose from").click()
    anna.page.get_by_text("We are looking into it", exact=True).click()
    anna.message.fill("Hello,")
    suggested.get_by_role("button", name=re.compile("We are looking into it")).click()
    expect(anna.message).to_have_value(re.compile("^Hello,\n\nThank you, I'm looking into this"))
    anna.message.press("Enter")
    expect(widget.message("I'm looking into this for you")).to_have_count(1)


def test_a_summary_is_copied_with_one_click(house, staff):  # noqa: F811
    house.partner("decide")
    anna = staff(permissions=["clipboard-read", "clipboard-write"]).case(1)
    for title, begins in (("English, Markdown", "**Title:**"), ("Dutch, Plain text", "Titel:")):
        anna.button(f"Copy {title}").click()
        until(anna.page, lambda: anna.page.evaluate("navigator.clipboard.readText()").startswith(begins))
    assert "T-00001" in anna.page.evaluate("navigator.clipboard.readText()")
    until(anna.page, lambda: "Copied" in anna.announced())


def test_after_a_break_of_the_connection_nothing_is_missing_and_nothing_twice(house, staff, partner, watch):  # noqa: F811
    watch.expect("ERR_", "sse", "EventSource", "htmx")
    widget = partner("a person please")
    anna = staff().take_over(1)
    anna.page.context.set_offline(True)
    widget.say("while you were away")
    house.run(house.gateway.settle())
    anna.page.context.set_offline(False)
    expect(anna.log.get_by_text("while you were away")).to_have_count(1)
    widget.say("and after")
    expect(anna.log.get_by_text("and after")).to_have_count(1)
    texts = [tuple(pair) for pair in anna.said()]
    assert len(texts) == len(set(texts))


def test_a_page_whose_session_ended_elsewhere_says_so_and_shows_nothing_more(house, staff, partner):  # noqa: F811
    widget = partner("a person please")
    anna = staff().take_over(1)
    other = anna.page.context.new_page()
    other.goto(f"{house.address}/helpdesk")
    other.get_by_role("button", name="Sign out").click()
    widget.say("said after that")
    expect(anna.page.get_by_role("alert").filter(has_text="Your session has ended")).to_be_visible()
    expect(anna.log.get_by_text("said after that")).to_have_count(0)


def test_hostile_texts_do_nothing_in_a_browser(house, staff, partner):  # noqa: F811
    hostile = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script> decide"
    widget = partner(hostile)
    anna = staff().take_over(1)
    expect(anna.log.get_by_text("<script>")).to_be_visible()
    widget.say(f"again {hostile}")
    expect(anna.log.get_by_text("again <img")).to_be_visible()
    anna.message.fill(hostile)
    anna.message.press("Enter")
    expect(widget.message("taken")).to_have_count(3)
    assert anna.page.title() == "T-00001 - Helpdesk"
    assert anna.page.evaluate("document.querySelectorAll('main img, main script').length") == 0

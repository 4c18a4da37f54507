"""The console over HTTP, by a browser without scripts: what is shown, what the forms do, and what hostile texts cannot."""

import re
import uuid
from html.parser import HTMLParser

import pytest
import requests

from bot.helpdesk import cases
from bot.helpdesk.cases import Wanted
from tests.helpdesk.console_server import PAGE, House, fields, problem, words

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'><svg onload=1> {{ 7 * 7 }} {% raw %} &lt;b&gt; \u202e"


@pytest.fixture
def house(database):
    found = House(database)
    yield found
    found.stop()


@pytest.fixture
def anna(house):
    return house.member("anna")


def stored(house, case):
    return house.database.read_now(lambda on: cases.read(on, case))


def shows(member, **query):
    """Return the numbers of the cases that the list shows, in its order."""
    return [int(number) for number in re.findall(r'id="case-(\d+)"', member.get("/", **query).text)]


class _Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def assert_harmless(page, own_scripts=3):
    """The page has no element and no attribute that a text made, and its own scripts only."""
    elements = _Elements()
    elements.feed(page)
    assert not [tag for tag, _ in elements.found if tag in ("img", "svg", "iframe", "style", "object", "embed", "base", "b")]
    scripts = [given.get("src", "") for tag, given in elements.found if tag == "script"]
    assert len(scripts) == own_scripts and all(source.startswith("/helpdesk/assets/") for source in scripts), scripts
    assert not [given for _, given in elements.found for name in given if name.startswith("on")]
    assert "49" not in words(page)


# Who may read


PATHS = ["/", "/queue", "/events", "/cases/1", "/cases/1/now", "/cases/1/events", "/cases/99", "/assist"]


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_nothing_is_shown_and_nothing_can_be_guessed(house, path):
    house.partner("decide")
    page = requests.get(f"{house.address}/helpdesk{path}", headers=PAGE, allow_redirects=False)
    assert page.status_code == 303 and page.headers["Location"].startswith("/helpdesk/sign-in") and "T-0" not in page.text
    part = requests.get(f"{house.address}/helpdesk{path}", headers={"HX-Request": "true"}, allow_redirects=False)
    assert part.status_code == 401 and part.json() == {"error": "no_session"}


ACTS = [
    "claim", "release", "wait", "solve", "reopen", "take-over", "hand-back", "notes", "tags", "facts", "messages", "typing",
    "tell-again",
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_a_form_of_another_page_changes_nothing(house, anna, act):
    house.partner("decide")
    before = stored(house, 1)
    for more in ({"csrf": "guessed"}, {"headers": {"Sec-Fetch-Site": "cross-site"}}):
        assert anna.send(f"/cases/1/{act}", **more).status_code == 403
    assert stored(house, 1) == before


def test_each_page_says_what_browsers_may_load_and_is_not_kept(house, anna):
    house.partner("decide")
    for path in ("/", "/cases/1", "/assist", "/cases/99"):
        page = anna.get(path)
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "script-src 'self';" in policy and "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store" and page.headers["X-Content-Type-Options"] == "nosniff"
        assert "<style" not in page.text and " style=" not in page.text and "javascript:" not in page.text


def test_the_files_of_the_pages_are_there_and_may_be_kept_for_ever(house, anna):
    names = set(re.findall(r'(?:src|href)="(/helpdesk/assets/[^"]+)"', anna.get("/").text))
    assert len(names) == 6
    for name in names:
        file = requests.get(f"{house.address}{name}")
        assert file.status_code == 200 and "immutable" in file.headers["Cache-Control"] and file.content
    assert requests.get(f"{house.address}/helpdesk/assets/no.js").status_code == 404


# The list


def test_an_empty_list_says_what_to_do(anna):
    assert "A conversation comes here when" in words(anna.get("/").text)
    assert "Search for fewer words" in words(anna.get("/", q="nothing").text)


def test_who_waits_for_a_person_is_on_top_and_marked(house, anna):
    for text in ("decide one", "a person please", "decide two"):
        house.partner(text)
    assert shows(anna) == [2, 3, 1]
    assert words(anna.get("/").text).count("Waits for a person") == 1


def test_the_list_is_filtered_and_searched_by_its_address(house, anna):
    house.partner("decide about the printer")
    house.partner("a person please")
    house.partner("decide about the mailbox")
    anna.send("/cases/1/claim"), anna.send("/cases/1/tags", tags="VIP , slow")
    anna.send("/cases/3/solve")
    for query, expected in [
        ({}, [2, 1]), ({"state": "solved"}, [3]), ({"state": "claimed"}, [1]), ({"mine": "1"}, [1]),
        ({"state": "all"}, [2, 3, 1]), ({"q": "\x00'\";--"}, []),
        ({"tag": "VIP"}, [1]), ({"tag": "other"}, []), ({"q": "printer"}, [1]), ({"q": "mailb", "state": "all"}, [3]),
        ({"reason": "asked_for_person"}, [2]), ({"route": "support_for_business"}, [1]), ({"channel": "slack"}, []),
        ({"language": "nl"}, []), ({"language": "en", "channel": "widget"}, [2, 1]),
        ({"state": "bogus", "page": "-1", "route": "' OR 1=1"}, [2, 1]), ({"page": "99999999"}, [2, 1]),
    ]:  # fmt: skip
        found = anna.get("/", **query)
        assert found.status_code == 200
        assert [int(number) for number in re.findall(r'id="case-(\d+)"', found.text)] == expected, query


def test_the_tabs_count_what_the_filters_leave(house, anna):
    for text in ("decide alpha", "decide beta", "decide alpha again"):
        house.partner(text)
    anna.send("/cases/3/solve")
    assert "To do 1 Open 1 Claimed 0 Waiting for partner 0 Solved 1 All 2" in words(anna.get("/", q="alpha").text)
    assert "q=alpha" in re.search(r'id="tab-solved" href="([^"]+)"', anna.get("/", q="alpha").text)[1]


def test_a_long_list_has_pages(house, anna, database):
    def fill(on):
        for number in range(53):
            on.exec_driver_sql(
                "INSERT INTO chat_conversation (id, channel, language, created_at, generation, renewed_at) "
                f"VALUES ('widget-{number}', 'widget', 'en', 0, 1, 0)"
            )
            cases.open_case(on, f"widget-{number}", "widget", "en", reasons=["decided"], problem=f"problem {number}")

    database.write_now(fill)
    first, second = anna.get("/"), anna.get("/", page="2")
    assert len(re.findall(r'id="case-', first.text)) == 50 and len(re.findall(r'id="case-', second.text)) == 3
    assert "Cases 1 to 50 of 53" in words(first.text) and "Cases 51 to 53 of 53" in words(second.text)
    assert 'rel="next"' in first.text and 'rel="prev"' in second.text and 'rel="next"' not in second.text


# A case


def test_a_look_at_a_case_is_in_the_audit_log_and_a_page_that_renews_itself_is_one_look(house, anna):
    house.partner("decide")
    bert = house.member("bert")
    assert anna.get("/cases/1").status_code == 200
    for _ in range(3):
        assert anna.get("/cases/1/now", headers={"HX-Request": "true"}).status_code == 200
    assert house.acts().count("case_viewed") == 1
    bert.get("/cases/1/now", headers={"HX-Request": "true"})
    assert house.acts().count("case_viewed") == 2


def test_a_case_shows_what_was_said_what_is_known_what_was_decided_and_why(house, anna):
    house.partner("decide, says the partner")
    page = words(anna.get("/cases/1").text)
    for expected in (
        "T-00001", "decide, says the partner", "Yes , it is covered.", "Open a request in Support for Business",
        "Microsoft product support", "route/support_for_business", "Subscription Edition", "Gold", "anna looked at the case",
    ):  # fmt: skip
        assert expected in page, expected


def test_the_summary_is_there_in_both_languages_and_both_forms(house, anna):
    house.partner("decide")
    page = anna.get("/cases/1").text
    for language in ("en", "nl"):
        for form in ("markdown", "plain"):
            text = re.search(rf'<textarea id="summary-{language}-{form}"[^>]*>(.*?)</textarea>', page, re.DOTALL)[1]
            assert "T-00001" in text and ("**" in text) == (form == "markdown")


@pytest.mark.parametrize("path", ["/cases/99", "/cases/99/now", "/cases/99/events", "/cases/0", "/cases/999999999"])
def test_a_case_that_is_not_there_is_told(anna, path):
    page = anna.get(path)
    assert page.status_code == 404 and "There is no case" in words(page.text)


def test_hostile_texts_are_shown_as_texts_everywhere(house, anna):
    house.partner(f"decide {HOSTILE}").say(f"a person {HOSTILE}")
    house.run(house.gateway.settle())
    assert anna.send("/cases/1/claim").status_code == 303 and anna.send("/cases/1/take-over").status_code == 303
    assert anna.write(1, f"staff {HOSTILE} [x](javascript:alert(1)) ![y](https://evil.example/z.png)").status_code == 303
    assert anna.send("/cases/1/notes", note=f"note {HOSTILE}").status_code == 303
    assert anna.send("/cases/1/tags", tags="<script>1</script>, \"'><img src=x>").status_code == 303
    page = anna.get("/cases/1").text
    assert_harmless(page)
    assert words(page).count("<script>alert(1)</script>") >= 4 and "javascript:alert" in words(page)
    assert 'href="javascript' not in page and "evil.example" not in re.findall(r'(?:src|href)="([^"]*)"', page)
    assert_harmless(anna.get("/").text)
    assert_harmless(anna.get("/", q=HOSTILE, tag=HOSTILE[:40], state=HOSTILE).text)
    assert_harmless(anna.get("/cases/1/now", headers={"HX-Request": "true"}).text, own_scripts=0)
    assert_harmless(anna.get("/cases/1", insert=HOSTILE).text)
    assert_harmless(anna.send("/assist", text=HOSTILE).text)
    with anna.http.get(f"{house.address}/helpdesk/cases/1/events", stream=True, timeout=30) as stream:
        told = ""
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            told += line + "\n"
            if "staff" in line:
                break
    assert_harmless(told, own_scripts=0)


def test_links_of_messages_lead_away_safely(house, anna):
    house.partner("decide")
    anna.send("/cases/1/take-over")
    anna.write(1, "See [this](https://partner.microsoft.com/x) and [that](http://plain.example/)")
    page = anna.get("/cases/1").text
    assert '<a href="https://partner.microsoft.com/x" rel="noopener noreferrer" target="_blank">this</a>' in page
    assert 'href="http://plain.example' not in page


# What the forms do


def test_claim_wait_solve_and_reopen_without_scripts(house, anna):
    house.partner("decide")
    steps = {"claim": "claimed", "wait": "waiting", "solve": "solved", "reopen": "claimed", "release": "open"}
    for act, state in steps.items():
        answer = anna.send(f"/cases/1/{act}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk/cases/1#part-standing")
        assert stored(house, 1).state == state
        assert anna.get("/cases/1").status_code == 200


def test_a_case_of_somebody_else_is_told_where_it_happens_and_its_forms_are_off(house, anna):
    house.partner("decide")
    bert = house.member("bert")
    anna.send("/cases/1/claim")
    page = bert.get("/cases/1").text
    assert "Anna has this case." in words(page) and "/cases/1/claim" not in page and "/cases/1/take-over" not in page
    assert '<button type="submit" id="save-facts" class="secondary" disabled>' in page
    assert '<fieldset data-needs="talking" disabled>' in page
    for act in ("claim", "solve", "release", "take-over", "hand-back"):
        answer = bert.send(f"/cases/1/{act}")
        assert answer.status_code == 409 and problem(answer.text, "standing").startswith("Anna has this case")
    assert bert.send("/cases/1/facts", was_offer="gold", offer="silver").status_code == 409
    assert stored(house, 1).facts["offer"] == "gold" and stored(house, 1).holder_name == "Anna"


def test_a_lead_may_take_a_case_from_somebody(house, anna):
    house.partner("decide")
    anna.send("/cases/1/claim")
    lead = house.member("lea", "lead")
    assert "Take it from Anna" in words(lead.get("/cases/1").text)
    assert lead.send("/cases/1/claim").status_code == 303 and stored(house, 1).holder_name == "Lea"


def test_only_leads_are_led_to_the_figures(house, anna):
    assert "/helpdesk/figures" not in anna.get("/").text
    assert "/helpdesk/figures" in house.member("lea", "lead").get("/").text


def test_what_cannot_be_taken_is_told_beside_its_form_and_what_was_typed_stays(house, anna):
    house.partner("decide")
    long = "x" * 4001
    answer = anna.send("/cases/1/notes", note=long)
    assert answer.status_code == 422 and "1 to 4000" in problem(answer.text, "note") and long in answer.text
    answer = anna.write(1, "kept <b>text</b>")
    assert answer.status_code == 409 and "take the conversation over" in problem(answer.text, "talk").lower()
    assert "kept &lt;b&gt;text&lt;/b&gt;</textarea>" in answer.text
    anna.send("/cases/1/take-over")
    answer = anna.write(1, long)
    assert answer.status_code == 413 and "4,000" in problem(answer.text, "talk") and long in answer.text
    answer = anna.send("/cases/1/tags", tags=",".join(f"t{number}" for number in range(13)))
    assert answer.status_code == 422 and "at most 12 tags" in problem(answer.text, "tags")


def test_a_channel_that_takes_only_answers_is_told(house, anna, database):
    house.partner("decide")
    database.write_now(lambda on: on.exec_driver_sql("UPDATE chat_conversation SET channel = 'mail'"))
    assert "takes only answers" in words(anna.get("/cases/1").text)
    answer = anna.send("/cases/1/take-over")
    assert answer.status_code == 409 and "Reach the partner another way" in problem(answer.text, "standing")


def test_a_fact_put_right_changes_the_decision_and_leaves_the_others(house, anna):
    house.partner("decide")
    assert "Older than N-1" not in words(anna.get("/cases/1").text)
    answer = anna.send("/cases/1/facts", was_version="subscription_edition", version="2016", was_offer="gold", offer="gold")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/helpdesk/cases/1#part-facts")
    assert "Older than N-1" in words(anna.get("/cases/1").text)
    found = stored(house, 1)
    assert found.route == "paid_support" and found.facts["version"] == "2016" and found.facts["offer"] == "gold"
    anna.send("/cases/1/facts", was_offer="gold", offer="-")
    assert "offer" not in stored(house, 1).facts


def test_with_another_product_what_belonged_to_the_old_one_is_forgotten(house, anna):
    house.partner("decide")
    answer = anna.send("/cases/1/facts", was_product="exchange_server", product="azure")
    assert answer.status_code == 303
    assert stored(house, 1).facts["product"] == "azure" and "version" not in stored(house, 1).facts


@pytest.mark.parametrize("given", [{"version": "bogus"}, {"offer": "<script>"}, {"product": "windows 3.11"}])
def test_a_fact_that_cannot_be_is_told_and_nothing_changes(house, anna, given):
    house.partner("decide")
    before = stored(house, 1)
    answer = anna.send("/cases/1/facts", **given)
    assert answer.status_code == 422 and "cannot be" in problem(answer.text, "facts")
    assert stored(house, 1) == before


def test_a_form_that_is_sent_twice_writes_once(house, anna):
    partner = house.partner("decide")
    anna.send("/cases/1/take-over")
    message_id = fields(anna.get("/cases/1").text)["id"]
    for _ in range(2):
        assert anna.write(1, "once", message_id).status_code == 303
    assert [message["text"] for message in partner.transcript()].count("once") == 1
    assert fields(anna.get("/cases/1").text)["id"] != message_id
    assert anna.write(1, "no id", "x").status_code == 422


def test_a_reply_can_be_put_into_the_message_without_scripts(house, anna):
    house.partner("decide")
    page = anna.get("/cases/1").text
    link = re.search(r'href="(/helpdesk/cases/1\?insert=looking#talk)"', page)
    assert link
    filled = anna.get("/cases/1", insert="looking").text
    assert re.search(r'<textarea id="message"[^>]*>\s*Thank you, I&#39;m looking into this', filled)


def test_the_assistant_is_silent_while_staff_talk_and_goes_on_when_they_hand_back(house, anna):
    partner = house.partner("decide")
    anna.send("/cases/1/take-over")
    partner.say("are you there?")
    house.run(house.gateway.settle())
    anna.write(1, "Yes, Anna here")
    anna.send("/cases/1/hand-back")
    house.run(house.gateway.settle())
    told = [(message["from"], message["text"]) for message in partner.transcript()]
    assert ("staff", "Yes, Anna here") in told and told[-1] == ("assistant", "Where were we?")
    assert [who for who, _ in told[-5:]] == ["system", "person", "staff", "system", "assistant"]


def test_what_others_were_told_and_the_counterpart_elsewhere_are_shown(house, anna, database):
    house.partner("decide")

    def add(on):
        on.exec_driver_sql(
            "INSERT INTO helpdesk_counterpart (case_id, target, key, number, url, state) "
            "VALUES (1, 'servicenow', 'k', 'INC0010001', 'https://x.service-now.com/i', 'In Progress')"
        )
        on.exec_driver_sql(
            "INSERT INTO helpdesk_notice (target, event, case_id, document, state, tries, next_at, error) "
            "VALUES ('mail', 'case_opened', 1, '{}', 'given_up', 34, 0, 'refused <b>')"
        )

    database.write_now(add)
    page = anna.get("/cases/1").text
    assert '<a href="https://x.service-now.com/i" rel="noopener noreferrer" target="_blank">INC0010001</a>' in page
    assert "mail: case opened, given up, 34 tries" in words(page) and "refused &lt;b&gt;" in page
    assert anna.send("/cases/1/tell-again").headers["Location"] == "/helpdesk/cases/1#part-history"
    assert "given up" not in words(anna.get("/cases/1").text) and house.acts()[-2:] == ["told_again", "case_viewed"]


def test_what_a_platform_did_not_take_is_marked_with_the_reason(house, anna, database):
    house.partner("decide")

    def slack(on):
        on.exec_driver_sql("UPDATE chat_conversation SET channel = 'slack'")
        on.exec_driver_sql("UPDATE helpdesk_case SET channel = 'slack'")
        on.exec_driver_sql(
            "INSERT INTO chat_undelivered (conversation, seq, reason, at) "
            "SELECT conversation, 3, 'channel_not_found', 0 FROM helpdesk_case"
        )

    database.write_now(slack)
    page = anna.get("/cases/1").text
    assert re.search(r'<p id="undelivered-3" class="error">Not delivered: channel_not_found</p>', page)
    assert len(re.findall("Not delivered", page)) == 1


# The event stream


def events(member, path):
    """Yield (event, data) of a stream."""
    with member.http.get(f"{member.address}/helpdesk{path}", stream=True, timeout=60) as stream:
        assert stream.status_code == 200, stream.text
        event, data = "", []
        for line in stream.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("event: "):
                event = line[7:]
            elif line.startswith("data: "):
                data.append(line[6:])
            elif not line and event:
                yield event, "\n".join(data)
                event, data = "", []


def test_an_open_list_is_told_of_a_new_case_and_means_that_somebody_is_there(house, anna):
    mark = re.search(r"/helpdesk/events\?was=([^\"]+)", anna.get("/").text)[1]
    stream = events(anna, f"/events?was={mark}")
    house.partner("a person please")
    assert next(stream) == ("changed", "")
    stream.close()
    assert "Somebody is there now" in house.partner("a person please").transcript()[-1]["text"]


def test_an_open_case_is_told_of_messages_and_changes_and_ends_with_the_session(house, anna):
    partner = house.partner("decide")
    page = anna.get("/cases/1").text
    path = re.search(r'sse-connect="/helpdesk([^"]+)"', page)[1].replace("&amp;", "&")
    stream = events(anna, path)
    bert = house.member("bert")
    bert.send("/cases/1/claim")
    assert next(stream) == ("changed", "")
    partner.say("two\nlines")
    event, shown = next(stream)
    assert event == "message" and "two\nlines" in shown
    anna.send("/sign-out")
    rest = list(stream)
    assert rest[-1][0] == "over" and "Your session has ended" in rest[-1][1]
    assert all("secret" not in data for _, data in rest)


def test_after_sign_out_nothing_more_is_told(house, anna):
    partner = house.partner("decide")
    stream = events(anna, "/cases/1/events?after=3")
    assert next(stream)[0] == "changed"
    anna.send("/sign-out")
    partner.say("said after sign-out")
    assert [event for event, _ in stream] == ["over"]


def test_of_too_many_open_pages_the_oldest_says_that_it_stops(house, anna):
    house.partner("decide")
    first = events(anna, "/events?was=x")
    assert next(first)[0] == "changed"
    others = [events(anna, "/events?was=x") for _ in range(4)]
    assert [next(stream)[0] for stream in others] == ["changed"] * 4
    event, shown = next(first)
    assert event == "over" and "many pages of the console open" in shown
    assert list(first) == []
    [stream.close() for stream in others]


# Assist


def test_a_pasted_mail_shows_its_facts_its_questions_and_a_mail_that_asks(anna):
    page = anna.send("/assist", text="Our Exchange Server is broken <b>badly</b>.\r\n\r\nRegards,\r\nJan").text
    assert "<mark>Exchange Server" in page and "broken &lt;b&gt;badly&lt;/b&gt;" in page
    assert "Which version of Exchange Server is it?" in words(page) and "There is no decision yet" in words(page)
    assert re.search(r'<textarea id="questions" readonly', page)


def test_facts_put_right_in_assist_lead_to_the_decision_and_are_kept(anna):
    text = "Our Exchange Server is broken."
    given = {"version": "subscription_edition", "offer": "gold", "contract_linked": "yes"}
    page = anna.send("/assist", text=text, **given).text
    assert "Open a request in Support for Business" in words(page) and re.search(r'<textarea id="reply" readonly', page)
    kept = {name: value for name, value in fields(page).items() if name.startswith("set_")}
    assert kept == {f"set_{fact}": value for fact, value in given.items()}
    again = anna.send("/assist", text=text, **kept, was_version="subscription_edition", version="2013").text
    assert "Older than N-1" in words(again)


def test_the_reply_comes_in_the_language_that_is_chosen(anna):
    page = anna.send("/assist", text="Our Exchange Server is broken.", language="nl").text
    assert "Mail that asks, in Dutch" in words(page) and "Mogelijke antwoorden" in words(page)


def test_what_assist_cannot_read_is_told_and_stays(anna):
    assert "Paste a text first" in words(anna.send("/assist", text="  ").text)
    long = anna.send("/assist", text="w " * 10_001)
    assert long.status_code == 422 and "20,000" in words(long.text) and "w w w" in long.text
    assert anna.send("/assist", text="Exchange Server", version="bogus").status_code == 422


def test_secrets_in_a_pasted_text_are_not_shown_again(anna):
    page = anna.send("/assist", text="Exchange Server is down, my password is Xk29-secret-77!")
    assert "Xk29" not in page.text


def test_what_partners_say_reaches_no_log(house, anna, caplog):
    marked = uuid.uuid4().hex
    house.partner(f"decide {marked}")
    anna.get("/cases/1"), anna.get("/", q=marked)
    anna.send("/cases/1/notes", note=marked), anna.send("/assist", text=marked)
    assert marked not in caplog.text


def test_cases_are_found_as_they_were_before_the_console_looked(house, anna):
    house.partner("decide about the printer")
    before = stored(house, 1).revision
    anna.get("/cases/1"), anna.get("/")
    assert stored(house, 1).revision == before
    assert house.run(house.helpdesk.cases.look_for(Wanted(text="printer")))[1] == 1

"""How a message is cut into what was said and what was pasted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.opening import LOG, QUOTED, SAID, SIGNATURE, cut, looks_pasted, split

MAIL = """Hi,

Please see below, it is our customer's.

From: Carol <c.whitby@example.org>
Sent: Tuesday 9 November 2021 10:14
Subject: Teams calls

> Every Teams call drops.

Thanks
Joe
Microsoft Gold Partner
T +44 20 7946 0102"""

EVENTS = """file server (windows server 2019) hangs, event log:
Log Name:      System
Source:        Disk
Event ID:      153
Description:
The IO operation was retried.

rebooted twice, no change"""


def said(text):
    return " ".join(cut(text).said.split())


def kinds(text):
    return [part.kind for part in cut(text).parts]


@given(st.text(max_size=400))
def test_the_parts_make_up_the_message_and_every_place_stays(text):
    opening = cut(text)
    assert "".join(text[part.start : part.end] for part in opening.parts) == text
    for blanked in (opening.said, opening.only({LOG, QUOTED})):
        assert len(blanked) == len(text)
        assert all(sign == original or sign == " " for sign, original in zip(blanked, text))


@given(st.text(max_size=400))
def test_sentences_lie_in_the_message_in_order_and_hold_something(text):
    places = cut(text).sentences()
    assert all(text[first:last].strip() for first, last in places)
    assert all(before[1] <= after[0] for before, after in zip(places, places[1:]))


@given(st.text(alphabet=st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=200))
def test_something_is_always_said(text):
    if text.strip():
        assert cut(text).said.strip()


def test_a_forwarded_mail_and_a_signature_are_set_aside():
    assert said(MAIL) == "Hi, Please see below, it is our customer's."
    assert set(kinds(MAIL)) == {SAID, QUOTED, SIGNATURE}
    assert "Every Teams call drops." in cut(MAIL).only({QUOTED})
    assert "Gold" not in cut(MAIL).only({QUOTED})


def test_an_event_log_is_set_aside_with_its_description():
    assert said(EVENTS) == "file server (windows server 2019) hangs, event log: rebooted twice, no change"
    assert LOG in kinds(EVENTS)


def test_a_message_that_is_only_a_forwarded_mail_is_what_was_said():
    assert said("> our exchange 2016 is down\n> please help") != ""
    assert "exchange 2016" in said("> our exchange 2016 is down\n> please help")


@pytest.mark.parametrize(
    "closing",
    ["Kind regards,", "Met vriendelijke groet", "mvg", "Mvg, Kristof", "thx, Paolo", "Cheers", "Alvast bedankt", "--"],
)
def test_what_follows_a_closing_formula_is_a_signature(closing):
    text = f"Exchange 2019 is down.\n\n{closing}\nAn\nGold Partner"
    assert said(text) == "Exchange 2019 is down."


@pytest.mark.parametrize("text", ["thanks", "Regards", "bedankt", "From: me"])
def test_a_formula_that_is_the_whole_message_is_what_was_said(text):
    assert said(text) == text


def test_a_postscript_counts_again():
    assert "silver" in said("Exchange is down\n\nRegards\nJan\n\nPS: we are silver")


@pytest.mark.parametrize(
    "line",
    [
        "2023-02-14 06:12:03.41 Server      Microsoft SQL Server 2017",
        "PS C:\\> Get-Service",
        "    + CategoryInfo          : CloseError",
        "   at Microsoft.Exchange.Store.Parse(Byte[] buffer)",
        "Event ID: 7031",
        "Exception code: 0xc0000374",
        "--------  ------ --------",
        '{"error": {"code": "AllocationFailed"}}',
    ],
)
def test_output_of_a_program_is_told_by_its_form(line):
    assert looks_pasted(line)


@pytest.mark.parametrize(
    "line",
    [
        "Exchange 2016 is down since this morning",
        "we have 2 nodes, both on server 2019",
        "error 0x80070005 when installing the agent",
        "Wij zijn Silver, het gaat om SQL Server 2019.",
        "- the Activate button is grey",
        "",
    ],
)
def test_what_a_person_types_is_not_taken_for_output(line):
    assert not looks_pasted(line)


def test_sentences_end_at_stops_empty_lines_and_list_items():
    text = "Exchange is down. What now?\n\nAlso:\n- where is the id\n- who may activate"
    assert [text[a:b] for a, b in split(text)] == [
        "Exchange is down.",
        "What now?",
        "Also:",
        "- where is the id",
        "- who may activate",
    ]


def test_columns_by_tabs_are_pasted_from_two_lines_on():
    assert said("the disks are full\nname\tfree\nC:\t0 GB") == "the disks are full"
    typed = "it's \"quoted\" \\ back\ttab\nnewline"
    assert cut(typed).said == typed
    assert cut("exchange\tis down\n\nwhat now?\n").said == "exchange\tis down\n\nwhat now?\n"

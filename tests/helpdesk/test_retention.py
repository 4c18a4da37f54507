"""What is removed and what stays: purge by age, erasure of one conversation, export of everything that is stored of it."""

import asyncio
import json
import threading
import time

import pytest
import sqlalchemy as sa

from bot.channels.transcript import Transcript
from bot.database import Database
from bot.engine import UnusableFacts
from bot.helpdesk import audit, cases, retention, scrub
from bot.helpdesk.records import By, case_id_of, export, find
from bot.helpdesk.retention import BeingAnswered, erase, purge
from bot.helpdesk.tables import standings
from tests.helpdesk.histories import DAY, counted, dialogue_events, member, set_back, talk, with_dialogue, work_on

SECRET = "the zebra in rack seventeen is smoking"
KEPT = "the printer upstairs hums"


@pytest.fixture
def house(database):
    return with_dialogue(database)


def acts(database):
    return [(entry.act, entry.login, entry.case) for entry in database.read_now(audit.entries)]


def is_whole(database, conversation, case_id=None):
    found = counted(database, conversation, case_id)
    assert all(found.values()) or not any(found.values()), found
    return all(found.values())


# By age


def test_purge_removes_everything_of_what_is_old_and_nothing_of_what_is_not(house):
    talk(house, "slack-old", SECRET, "still smoking")
    talk(house, "slack-new", KEPT)
    old, new = work_on(house, "slack-old", SECRET), work_on(house, "slack-new", KEPT)
    set_back(house, "slack-old", 31 * DAY)
    before = counted(house, "slack-new", new)
    assert all(before.values()) and is_whole(house, "slack-old", old)
    done = purge(house, 30)
    assert (done.conversations, done.awaited, done.dialogues) == (1, 0, 0)
    assert not is_whole(house, "slack-old", old) and counted(house, "slack-new", new) == before
    assert purge(house, 30).conversations == 0


@pytest.mark.parametrize("seconds, goes", [(-1, False), (0, False), (1, True)])
def test_a_conversation_goes_once_it_is_older_than_so_many_days_and_not_at_the_second(house, seconds, goes):
    talk(house, "slack-1", "hello")
    now = 30 * DAY + seconds + house.read_now(lambda on: max(on.execute(sa.text(LAST)).one()))
    purge(house, 30, now=now)
    assert is_whole(house, "slack-1") is not goes


LAST = """SELECT (SELECT max(stored_at) FROM chat_message), (SELECT max(changed_at) FROM helpdesk_standing),
(SELECT max(changed_at) FROM helpdesk_case), (SELECT max(renewed_at) FROM chat_conversation)"""


@pytest.mark.parametrize(
    "sign",
    [
        "UPDATE chat_message SET stored_at = :now WHERE seq = 1",
        "UPDATE helpdesk_standing SET changed_at = :now",
        "UPDATE helpdesk_case SET changed_at = :now",
        "UPDATE chat_conversation SET renewed_at = :now",
    ],
)
def test_one_late_sign_of_life_anywhere_keeps_a_conversation(house, sign):
    talk(house, "slack-1", "hello")
    set_back(house, "slack-1", 90 * DAY)
    house.write_now(lambda on: on.execute(sa.text(sign), {"now": time.time()}))
    assert purge(house, 30).conversations == 0 and is_whole(house, "slack-1")
    set_back(house, "slack-1", 90 * DAY)
    assert purge(house, 30).conversations == 1


def test_a_case_in_which_somebody_waits_stays_and_is_counted_until_nobody_waits(house):
    talk(house, "slack-1", "a person please", wants_person=True)
    set_back(house, "slack-1", 90 * DAY)
    done = purge(house, 30)
    assert (done.conversations, done.awaited) == (0, 1) and is_whole(house, "slack-1")
    house.write_now(lambda on: on.execute(sa.text("UPDATE helpdesk_case SET waiting_since = NULL, state = 'solved'")))
    assert (purge(house, 30).conversations, is_whole(house, "slack-1")) == (1, False)


def test_a_dry_run_says_the_same_and_removes_nothing(house):
    talk(house, "slack-1", SECRET)
    talk(house, "slack-2", "a person please", wants_person=True)
    dialogue_events(house, "slack-alone", SECRET, at=1.0)
    house.write_now(lambda on: audit.record(on, "case_viewed", "anna", at=1.0))
    for conversation in ("slack-1", "slack-2"):
        set_back(house, conversation, 90 * DAY)
    planned = purge(house, 30, dry_run=True)
    assert is_whole(house, "slack-1") and len(acts(house)) == 1
    done = purge(house, 30)
    assert (planned.conversations, planned.awaited, planned.dialogues, planned.acts) == (1, 1, 1, 1)
    assert (done.conversations, done.awaited, done.dialogues, done.acts) == (1, 1, 1, 1)


def test_more_conversations_than_are_looked_up_at_once_all_go_also_when_some_stay_between_them(house, monkeypatch):
    monkeypatch.setattr(retention, "AT_ONCE", 3)
    for number in range(10):
        talk(house, f"slack-{number}", "hello", wants_person=number in (2, 3, 7))
        set_back(house, f"slack-{number}", 90 * DAY)
    done = purge(house, 30)
    assert (done.conversations, done.awaited) == (7, 3)
    assert [number for number in range(10) if is_whole(house, f"slack-{number}")] == [2, 3, 7]


def test_rasas_events_that_nothing_else_is_stored_of_go_when_they_are_old(house):
    dialogue_events(house, "older-version", "hello", at=time.time() - 31 * DAY)
    dialogue_events(house, "younger", "hello", at=time.time() - 31 * DAY)
    dialogue_events(house, "younger", "hello again", at=time.time() - 29 * DAY)
    assert purge(house, 30).dialogues == 1
    assert (counted(house, "older-version")["events"], counted(house, "younger")["events"]) == (0, 2)


def test_entries_of_the_log_stay_as_long_as_conversations_and_say_nothing_of_a_case_that_is_gone(house):
    talk(house, "slack-1", SECRET)
    case_id = work_on(house, "slack-1", SECRET)
    set_back(house, "slack-1", 90 * DAY)
    now = time.time()
    for age in (29 * DAY, 30 * DAY, 30 * DAY + 1):
        house.write_now(lambda on: audit.record(on, "signed_in", "anna", at=now - age))
    assert purge(house, 30, now=now).acts == 1
    entries = house.read_now(audit.entries)
    assert [(entry.act, entry.case) for entry in entries] == [("signed_in", None)] * 2 + [("tagged", case_id)]
    assert entries[-1].detail == {}


def test_a_database_without_rasas_table_is_purged_too(database):
    database.write_now(lambda on: audit.record(on, "signed_in", "anna", at=1.0))
    assert (purge(database, 30).dialogues, purge(database, 30).acts) == (0, 0) and acts(database) == []


# One conversation


def test_erase_removes_everything_of_one_conversation_and_nothing_of_another(house):
    talk(house, "slack-1", SECRET, "it burns")
    talk(house, "slack-11", KEPT)
    mine, other = work_on(house, "slack-1", SECRET), work_on(house, "slack-11", KEPT)
    before = counted(house, "slack-11", other)
    done = erase(house, "slack-1", By("lea", member(house, "lea", "lead")))
    assert (done.messages, done.events, done.scrubbed.remark) == (4, 2, "")
    assert not is_whole(house, "slack-1", mine) and counted(house, "slack-11", other) == before
    (first, *_) = house.read_now(audit.entries)
    assert (first.act, first.login, first.case, first.detail) == ("data_erased", "lea", mine, {"messages": 4, "events": 2})


def everything_in(database):
    """Return every cell of every table as text, of PostgreSQL also what the search knows."""

    def read(on):
        names = sa.inspect(on).get_table_names()
        assert {"chat_message", "helpdesk_case", "helpdesk_search", "events"} <= set(names)
        return [str(cell) for name in names for row in on.execute(sa.text(f"SELECT * FROM {name}")) for cell in row]

    return database.read_now(read)


def traces(database):
    """Return what is found of the conversation in the database: in its tables, and in the bytes of SQLite's files."""
    wanted = ["slack-1", "T-00001", "00001", *SECRET.split()[1:2], "seventeen", "smoking", "refused: the zebra", "INC1"]
    found = {word for word in wanted if any(word in cell for cell in everything_in(database))}
    if database.file is not None:
        for name in ("", "-wal"):
            file = database.file.with_name(database.file.name + name)
            held = file.read_bytes() if file.exists() else b""
            found |= {word for word in wanted if word.encode() in held or word.lower().encode() in held.lower()}
    return found


def test_after_erase_the_id_the_number_and_the_words_are_found_nowhere_in_the_database(house):
    member_id = member(house)
    talk(house, "slack-1", SECRET, f"again {SECRET}", f"{SECRET} " * 300)
    assert work_on(house, "slack-1", SECRET) == 1
    for text in (SECRET, "something else", SECRET):  # the index of the search is written again and again
        house.write_now(lambda on: cases.add_note(on, 1, member_id, text))
    for number in range(2, 60):  # so that pages are split and shared
        talk(house, f"teams-{number}", f"{KEPT} {number} " * 20)
    assert {"slack-1", "zebra", "seventeen", "smoking"} <= traces(house)
    erase(house, "slack-1")
    assert traces(house) == set()
    assert is_whole(house, "teams-30")


def test_after_erase_nothing_is_left_in_the_file_while_a_server_has_it_open_either(tmp_path):
    database = with_dialogue(Database.in_file(tmp_path / "open.db"))
    serving = Database(database.url)
    serving.read_now(lambda on: on.execute(sa.text("SELECT count(*) FROM chat_message")).scalar())
    talk(serving, "slack-1", SECRET, f"{SECRET} " * 500)
    work_on(serving, "slack-1", SECRET)
    talk(serving, "teams-2", KEPT)
    erase(database, "slack-1")
    assert traces(database) == set()
    talk(serving, "teams-3", KEPT)
    assert is_whole(database, "teams-2") and is_whole(database, "teams-3")
    serving.close()
    database.close()


def test_a_large_file_is_written_anew_only_when_that_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(scrub, "LARGEST", 1)
    database = with_dialogue(Database.in_file(tmp_path / "large.db"))
    talk(database, "slack-1", SECRET)
    done = erase(database, "slack-1")
    assert not done.scrubbed.is_compact and "--compact" in done.scrubbed.remark
    talk(database, "slack-1", f"{SECRET} " * 3000)
    size = database.file.stat().st_size
    assert erase(database, "slack-1", compact=True).scrubbed.remark == ""
    assert traces(database) == set() and database.file.stat().st_size < size
    database.close()


def test_a_reader_that_will_not_end_does_not_stop_an_erasure_but_is_told(tmp_path):
    database = with_dialogue(Database.in_file(tmp_path / "read.db"))
    talk(database, "slack-1", SECRET)
    reader = Database(database.url)
    began, end = threading.Event(), threading.Event()

    def look(on):
        on.execute(sa.text("SELECT count(*) FROM chat_message")).scalar()
        began.set()
        end.wait(60)

    reading = threading.Thread(target=lambda: reader.read_now(look))
    reading.start()
    assert began.wait(60)
    done = erase(database, "slack-1")
    end.set()
    reading.join(60)
    assert not done.scrubbed.is_emptied and "the database was busy" in done.scrubbed.remark
    assert not is_whole(database, "slack-1")
    purge(database, 30)  # which cleans up also when it has nothing to remove
    assert traces(database) == set()
    reader.close()
    database.close()


async def test_a_conversation_whose_message_is_being_answered_is_not_erased_until_that_is_over(house):
    transcript = Transcript(house)
    await transcript.create("widget-1", "widget", "en")
    said = {"id": "m1", "from": "person", "kind": "said", "language": "en", "text": SECRET, "at": "2026-11-30T10:00:00"}
    await transcript.accept("widget-1", "m1", said, None)
    with pytest.raises(BeingAnswered, match="is being answered just now; try again in a few minutes"):
        erase(house, "widget-1")
    assert counted(house, "widget-1")["chat_message"] == 1
    # Nobody answers it: no server is there. After a while that is plain.
    with pytest.raises(BeingAnswered):
        erase(house, "widget-1", now=time.time() + 119)
    assert erase(house, "widget-1", now=time.time() + 121).messages == 1


def test_what_is_erased_already_is_told_and_not_recorded_again(house):
    talk(house, "slack-1", SECRET)
    erase(house, "slack-1")
    before = acts(house)
    with pytest.raises(UnusableFacts, match="there is no such conversation"):
        erase(house, "slack-1")
    assert acts(house) == before


def test_the_number_of_an_erased_case_is_not_given_again(house):
    talk(house, "slack-1", SECRET)
    assert work_on(house, "slack-1", SECRET) == 1
    erase(house, "slack-1")
    talk(house, "slack-1", KEPT)
    assert work_on(house, "slack-1", KEPT) == 2
    with pytest.raises(UnusableFacts, match="there is no case T-00001"):
        house.read_now(lambda on: find(on, "T-00001"))


# Export


def test_an_export_holds_everything_that_the_tables_hold_of_a_conversation(house):
    talk(house, "slack-1", SECRET, "it burns", wants_person=True)
    talk(house, "slack-2", KEPT)
    case_id = work_on(house, "slack-1", SECRET)
    document = house.write_now(lambda on: export(on, "slack-1"))
    document = json.loads(json.dumps(document))
    assert document["version"] == 1 and document["conversation"]["id"] == "slack-1"
    assert [message["document"]["text"] for message in document["messages"] if message["document"]["from"] == "person"] == [
        SECRET, "it burns",
    ]  # fmt: skip
    assert [message["seq"] for message in document["messages"]] == list(range(1, len(document["messages"]) + 1))
    assert document["standing"]["turns"] == 2 and document["standing"]["person_at"].endswith("+00:00")
    assert document["delivery"]["reference"] == {"user": f"where {SECRET} came from"}
    assert [entry["reason"] for entry in document["undelivered"]] == [f"refused: {SECRET}"]
    case = document["case"]
    assert (case["number"], case["holder"], case["facts"]) == (f"T-{case_id:05d}", "Anna", {"goal": "open_request"})
    assert case["tags"] == [SECRET[:20], "urgent"]
    assert [(note["author"], note["text"]) for note in case["notes"]] == [("Anna", f"note about {SECRET}")]
    assert case["notices"][0]["document"]["problem"] == SECRET and case["counterparts"][0]["number"] == "INC1"
    assert [act["act"] for act in case["acts"]] == ["tagged", "data_exported"]
    assert [event["data"]["text"] for event in document["dialogue"]] == [SECRET, "it burns"]
    assert KEPT not in json.dumps(document)
    assert acts(house)[0] == ("data_exported", "command line", case_id)


def test_every_column_of_every_table_of_a_conversation_is_in_its_export(house):
    """Also of columns that are added later."""
    talk(house, "slack-1", SECRET)
    work_on(house, "slack-1", SECRET)
    document = house.write_now(lambda on: export(on, "slack-1"))
    case = document["case"]
    parts = {
        "chat_conversation": document["conversation"], "chat_message": document["messages"][0], "helpdesk_case": case,
        "helpdesk_standing": document["standing"], "chat_delivery": document["delivery"], "events": document["dialogue"][0],
        "chat_undelivered": document["undelivered"][0], "helpdesk_notice": case["notices"][0],
        "helpdesk_counterpart": case["counterparts"][0],
    }  # fmt: skip
    for name, part in parts.items():
        columns = {column["name"] for column in house.read_now(lambda on: sa.inspect(on).get_columns(name))}
        assert columns <= set(part), name


def test_every_table_that_belongs_to_a_conversation_or_a_case_is_known_to_the_erasure(house):
    """A table that is added later and refers to either has to be removed too."""
    known = {
        "chat_message", "chat_delivery", "chat_undelivered", "helpdesk_standing", "helpdesk_case", "helpdesk_tag",
        "helpdesk_note", "helpdesk_counterpart", "helpdesk_search",
    }  # fmt: skip

    def refer(on):
        inspector = sa.inspect(on)
        return {
            name
            for name in inspector.get_table_names()
            for key in inspector.get_foreign_keys(name)
            if key["referred_table"] in ("chat_conversation", "helpdesk_case")
        }

    assert house.read_now(refer) - known == set()


def test_a_conversation_without_a_case_and_one_of_rasas_alone_are_exported_and_erased_too(house):
    talk(house, "widget-1", SECRET, decision=None)
    dialogue_events(house, "older-version", "hello")
    for conversation in ("widget-1", "older-version"):
        assert house.read_now(lambda on: find(on, conversation)) == conversation
        document = house.write_now(lambda on: export(on, conversation))
        assert document["case"] is None and len(document["dialogue"]) == 1
        assert erase(house, conversation).events == 1
        with pytest.raises(UnusableFacts):
            house.read_now(lambda on: find(on, conversation))


@pytest.mark.parametrize("typed", ["T-00001", "t-1", "T1", " T-00001 "])
def test_a_case_is_found_by_its_number_however_it_is_typed(house, typed):
    talk(house, "slack-1", SECRET)
    assert house.read_now(lambda on: find(on, typed)) == "slack-1" and case_id_of(typed) == 1


@pytest.mark.parametrize(
    "typed", ["", "slack", "slack-1 ", "nobody", "x" * 500, "a\x00b", "\ud800", "T-99999", "T-9999999999", "%", "' OR 1=1"]
)
def test_what_names_no_conversation_is_refused(house, typed):
    talk(house, "slack-1", SECRET)
    with pytest.raises(UnusableFacts, match="there is no"):
        house.read_now(lambda on: find(on, typed))


def test_the_events_that_rasa_itself_stores_are_exported_and_erased(tmp_path):
    from rasa.core.tracker_store import SQLTrackerStore
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.events import SlotSet, UserUttered
    from rasa.shared.core.trackers import DialogueStateTracker

    database = Database.in_file(tmp_path / "rasa.db")
    store = SQLTrackerStore(domain=Domain.empty(), dialect="sqlite", db=str(database.file))
    tracker = DialogueStateTracker.from_events("widget-1", [UserUttered(SECRET), SlotSet("product", "zebra")])
    asyncio.run(store.save(tracker))
    document = database.write_now(lambda on: export(on, "widget-1"))
    assert [event["type_name"] for event in document["dialogue"]] == ["user", "slot"]
    assert document["dialogue"][0]["data"]["text"] == SECRET
    assert erase(database, "widget-1").events == 2
    store.engine.dispose()
    erased = (tmp_path / "rasa.db").read_bytes()
    assert b"zebra" not in erased and b"widget-1" not in erased
    database.close()


def test_standings_of_what_is_gone_are_no_figures_any_more(house):
    talk(house, "slack-1", SECRET)
    erase(house, "slack-1")
    assert house.read_now(lambda on: on.execute(sa.select(sa.func.count()).select_from(standings)).scalar()) == 0

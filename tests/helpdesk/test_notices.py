"""What is announced of a case is told: all of it, in order, again until it is taken, and never what did not happen."""

import asyncio
import time
from dataclasses import replace

import pytest

from bot.helpdesk import cases
from bot.helpdesk.notices import announce, announcing, forget
from bot.helpdesk.settings import HelpdeskSettings
from bot.helpdesk.tables import counterparts, notices
from bot.helpdesk.targets import Suspended, TryAgain, wanting
from tests.helpdesk.receivers import QUICK, SUMMARY, Receiver, Telling, hook, member, new_case, rows, states, tell, until

NAME = "webhook:example"


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.close()


class Refusing:
    """A target that takes nothing while it has a reason."""

    def __init__(self, reason):
        self.reason = reason
        self.tries = 0
        self.taken = []

    async def tell(self, notice):
        self.tries += 1
        if self.reason:
            raise self.reason
        self.taken.append(notice.id)

    async def close(self):
        pass


async def test_what_is_announced_is_told_once_with_its_id(database, receiver):
    case = tell(database)
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["told"])
    document = receiver.documents[0]
    assert len(receiver.asked) == 1
    assert document["case"]["number"] == cases.number_of(case["id"])
    assert receiver.asked[0][2]["Triage-Delivery"] == document["id"]


async def test_what_is_undone_is_never_told(database, receiver):
    def change(on):
        announce(on, "case_opened", new_case(on), [NAME])
        raise RuntimeError("the transaction fails")

    with pytest.raises(RuntimeError):
        database.write_now(change)
    tell(database)
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["told"])
    assert len(receiver.asked) == 1


async def test_a_notice_is_written_down_for_each_target_that_wants_the_event_and_no_other(database):
    targets = {
        "webhooks": [
            {"name": "all", "url": "https://a.example/"},
            {"name": "some", "url": "https://b.example/", "events": ["case_solved"]},
        ],
        "slack": {"channel": "C0123456789", "events": ["case_claimed"]},
        "mail": {"host": "mail.example", "sender": "a@b.example", "to": ["c@d.example"], "events": ["case_opened"]},
        "servicenow": {"instance": "https://one.service-now.com"},
    }
    settings = HelpdeskSettings(address="https://desk.example", targets=targets)
    holder = member(database, "Zoë")

    def change(on):
        say = announcing(settings, lambda case: SUMMARY)
        case_id = new_case(on)["id"]
        say(on, "case_opened", case_id)
        cases.claim(on, case_id, holder)
        say(on, "case_claimed", case_id)
        cases.set_state(on, case_id, holder, "solved")
        say(on, "case_solved", case_id)

    database.write_now(change)
    found = {}
    for row in rows(database):
        found.setdefault(row.event, []).append(row.target)
    assert found == {
        "case_opened": ["webhook:all", "mail", "servicenow"],
        "case_claimed": ["webhook:all", "slack", "servicenow"],
        "case_solved": ["webhook:all", "webhook:some", "servicenow"],
    }
    assert wanting(HelpdeskSettings().targets, "case_opened") == []


async def test_a_receiver_that_is_down_is_told_when_it_is_back(database):
    receiver = Receiver()
    port = receiver.port
    receiver.close()
    for _ in range(3):
        tell(database)
    async with Telling(database, {NAME: hook(receiver)}, replace(QUICK, tries=1000)) as telling:
        await until(lambda: all(row.error for row in rows(database)))
        assert {state.error for state in await telling.outbox.of(1)} == {
            "webhook example cannot be reached: ClientConnectorError"
        }
        back = Receiver(port)
        await until(lambda: states(database) == ["told"] * 3)
        assert {row.error for row in rows(database)} == {None}
    assert len({document["id"] for document in back.documents}) == 3
    back.close()


async def test_the_events_of_a_case_come_in_order_however_often_one_fails(database, receiver):
    receiver.planned = [(503, {}), (500, {}), (204, {}), (429, {}), (204, {}), (502, {})]
    found = [tell(database) for _ in range(2)]
    for event in ("case_claimed", "case_solved"):
        for case in found:
            tell(database, event, case=case)
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["told"] * 6)
    for case in found:
        mine = [event for number, event in receiver.told if number == cases.number_of(case["id"])]
        first = sorted(set(mine), key=mine.index)
        assert first == ["case_opened", "case_claimed", "case_solved"]
        assert mine == sorted(mine, key=first.index)  # what failed is repeated before the next is tried


async def test_a_case_that_fails_does_not_keep_another_from_being_told(database):
    class Picky:
        async def tell(self, notice):
            if notice.case_id == 1:
                raise TryAgain("not this one")

        async def close(self):
            pass

    for _ in range(3):
        tell(database)
    async with Telling(database, {NAME: Picky()}, replace(QUICK, tries=1000)):
        await until(lambda: states(database)[1:] == ["told", "told"])
        await until(lambda: rows(database)[0].error == "not this one")


async def test_a_notice_is_given_up_after_enough_tries_and_the_next_one_is_told(database, receiver):
    receiver.planned = [(500, {})] * QUICK.tries
    case = tell(database)
    tell(database, "case_solved", case=case)
    async with Telling(database, {NAME: hook(receiver)}) as telling:
        await until(lambda: states(database) == ["given_up", "told"])
        given_up = (await telling.outbox.of(case["id"]))[0]
        assert given_up.error == "tried 6 times; at last: the receiver answers 500"
        assert given_up.tries == QUICK.tries
        assert await telling.outbox.again(case["id"]) == 1
        telling.wake()
        await until(lambda: states(database) == ["told", "told"])
    assert [event for _, event in receiver.told][-1] == "case_opened"


async def test_a_receiver_that_asks_to_wait_is_left_alone_so_long(database, receiver):
    receiver.planned = [(429, {"Retry-After": "1"})]
    asked = []
    receiver.answer = lambda *request, usual=receiver.answer: asked.append(time.time()) or usual(*request)
    for _ in range(3):
        tell(database)
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["told"] * 3)
    assert len(asked) == 4
    assert asked[1] - asked[0] >= 1  # not even another case is told meanwhile


async def test_a_target_that_takes_nothing_loses_nothing_and_is_not_pestered(database, caplog):
    refusing = Refusing(Suspended("the password is wrong; mend it"))
    for _ in range(20):
        tell(database, targets=["mail"])
    async with Telling(database, {"mail": refusing}) as telling:
        await until(lambda: refusing.tries >= 4)
        assert telling.suspended == {"mail": "the password is wrong; mend it"}
        assert set(states(database)) <= {"waiting", "sending"}
        assert "the password is wrong; mend it" in {row.error for row in rows(database)}
        refusing.reason = None
        await until(lambda: states(database) == ["told"] * 20)
        assert telling.suspended == {}
    assert len([record for record in caplog.records if "the password is wrong" in record.getMessage()]) == 1


async def test_a_start_tries_at_once_what_waits_for_a_target_that_took_nothing(database):
    slow = replace(QUICK, probe=3600.0)
    refusing = Refusing(Suspended("no"))
    tell(database, targets=["mail"])
    async with Telling(database, {"mail": refusing}, slow):
        await until(lambda: rows(database)[0].error == "no")
    refusing.reason = None
    async with Telling(database, {"mail": refusing}, slow):
        await until(lambda: states(database) == ["told"])


async def test_what_waited_for_days_for_a_target_that_takes_nothing_is_given_up(database):
    tell(database, targets=["mail"])
    async with Telling(database, {"mail": Refusing(Suspended("no"))}, replace(QUICK, given_up=-10.0)):
        await until(lambda: states(database) == ["given_up"])
    assert rows(database)[0].error == "no"


async def test_a_target_that_fails_in_a_way_nobody_thought_of_is_tried_again(database):
    broken = Refusing(KeyError("holder"))
    tell(database)
    async with Telling(database, {NAME: broken}):
        await until(lambda: rows(database)[0].error == "failed: KeyError")
        broken.reason = None
        await until(lambda: states(database) == ["told"])


async def test_a_target_that_never_ends_is_interrupted(database):
    class Endless:
        async def tell(self, notice):
            await asyncio.sleep(3600)

        async def close(self):
            pass

    tell(database)
    async with Telling(database, {NAME: Endless()}, replace(QUICK, lease=0.4)):
        await until(lambda: rows(database)[0].error == "not taken within 0.2 seconds")


async def test_two_servers_on_one_database_tell_nothing_twice(database, receiver):
    for _ in range(15):
        case = tell(database)
        tell(database, "case_solved", case=case)
    async with Telling(database, {NAME: hook(receiver)}), Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["told"] * 30)
    assert len(receiver.asked) == 30
    for number in {number for number, _ in receiver.told}:
        assert [event for found, event in receiver.told if found == number] == ["case_opened", "case_solved"]


async def test_a_server_that_lost_its_claim_does_not_change_what_another_made_of_the_notice(database):
    tell(database)
    async with Telling(database, {}) as one, Telling(database, {}) as other:
        claimed = await one.outbox.claim(NAME, 0.0)
        again = await other.outbox.claim(NAME, 60.0)
        assert claimed.id == again.id
        await other.outbox.settle(again, "told")
        await one.outbox.settle(claimed, "waiting", "late", next_at=0.0)
    assert states(database) == ["told"]


async def test_what_is_being_told_when_the_server_stops_is_finished(database, receiver):
    receiver.planned = [0.5]
    tell(database)
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: receiver.asked)
    assert states(database) == ["told"]
    assert len(receiver.asked) == 1


async def test_what_another_process_announces_is_seen(database, receiver):
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == [])
        tell(database)
        await until(lambda: states(database) == ["told"])


async def test_what_was_told_of_a_case_goes_with_the_case(database):
    kept, gone = tell(database), tell(database)
    values = {"target": "servicenow", "key": "a" * 32, "number": "INC1"}
    for case in (kept, gone):
        row = counterparts.insert().values(case_id=case["id"], **values)
        database.write_now(lambda on: on.execute(row))
    database.write_now(lambda on: forget(on, [gone["id"]]))
    for table in (notices, counterparts):
        found = database.read_now(lambda on: on.execute(table.select()).all())
        assert [row.case_id for row in found] == [kept["id"]]


async def test_nothing_a_partner_said_is_in_the_log(database, receiver, caplog):
    caplog.set_level("DEBUG")
    receiver.planned = [(500, {}), (410, {})]
    case = tell(database, case=None)
    tell(database, "case_solved", case={**case, "problem": "It stops"})
    async with Telling(database, {NAME: hook(receiver)}):
        await until(lambda: states(database) == ["given_up", "told"])
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("bot."))
    assert "notice 1" in logged
    assert "It stops" not in logged and "Exchange" not in logged

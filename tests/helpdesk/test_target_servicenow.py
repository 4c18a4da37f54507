"""Incidents in a server on loopback that keeps them as ServiceNow's Table API does, checks who asks, and fails as told."""

import asyncio
import base64
import json
import re
import uuid
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.engine import UnusableFacts
from bot.helpdesk import cases
from bot.helpdesk.settings import ServiceNowSettings
from bot.helpdesk.tables import counterparts
from bot.helpdesk.targets import Suspended, TryAgain, Undeliverable
from bot.helpdesk.targets.servicenow import ServiceNow, Watch
from bot.helpdesk.targets.table_api import TableApi
from tests.channels.teams.microsoft import Loopback
from tests.helpdesk.receivers import QUICK, Telling, member, notice, rows, states, tell, until

USER, PASSWORD = "triage", "wachtwoord é"
LABELS = {"1": "New", "2": "In Progress", "3": "On Hold", "6": "Resolved", "7": "Closed", "42": "Waiting for Vendor"}
NAME = "servicenow"


class Instance(Loopback):
    """One table. `planned` are answers given instead: (status, document, headers); "after": done, but the answer is lost."""

    def __init__(self):
        self.records = []
        self.notes = {}
        self.planned = []
        self.password = PASSWORD
        super().__init__()
        handler = self._server.RequestHandlerClass
        handler.do_PATCH = handler.do_GET

    def answer(self, method, path, headers, body):
        planned = self.planned.pop(0) if self.planned else None
        if planned not in (None, "after"):
            return planned
        expected = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if headers.get("Authorization") != f"Basic {expected}":
            return error(401, "User Not Authenticated", "Required to provide Auth information")
        answered = self.done(method, urlsplit(path), json.loads(body) if body else {})
        return (500, b"<html>", {}) if planned == "after" else answered

    def done(self, method, parts, given):
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        found = re.fullmatch(r"/api/now/table/(\w+)(?:/(\w+))?", parts.path)
        if not found or found[1] != "incident":
            return error(400, "Invalid table nonsense")
        if method == "GET":
            name, values = re.fullmatch(r"(\w+?)(?:=|IN)(.*)", asked["sysparm_query"]).groups()
            listed = [one for one in self.records if one.get(name) in values.split(",")]
            return 200, {"result": [shown(one, asked) for one in listed[: int(asked["sysparm_limit"])]]}, {}
        if method == "POST":
            if not given.get("short_description"):
                return error(403, "Operation Failed", "Data Policy Exception: Short description is mandatory")
            made = {"sys_id": uuid.uuid4().hex, "number": f"INC{len(self.records) + 1:07d}", "state": "1", **given}
            self.records.append(made)
            return 201, {"result": shown(made, asked)}, {}
        record = next((one for one in self.records if one["sys_id"] == found[2]), None)
        if record is None:
            return error(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
        if "work_notes" in given:
            self.notes.setdefault(record["number"], []).append(given.pop("work_notes"))
        if given.get("state") == "6" and not given.get("close_code"):
            return error(403, "Operation Failed", "Data Policy Exception: Resolution code is mandatory")
        record.update(given)
        return 200, {"result": shown(record, asked)}, {}


def shown(record, asked):
    fields = asked["sysparm_fields"].split(",")
    labels = {**record, "state": LABELS[record["state"]]}
    if asked["sysparm_display_value"] == "all":
        return {name: {"value": record[name], "display_value": labels[name]} for name in fields}
    return {name: record[name] for name in fields}


def error(status, message, detail=None, **headers):
    return status, {"error": {"message": message, "detail": detail}, "status": "failure"}, headers


@pytest.fixture
def instance():
    found = Instance()
    yield found
    found.close()


def settings(instance, **given):
    return ServiceNowSettings(instance=instance.address, **given)


def target(database, instance, password=PASSWORD, **given):
    chosen = settings(instance, **given)
    return ServiceNow(database, TableApi(chosen, USER, password), chosen)


def stored(database):
    return database.read_now(lambda on: on.execute(counterparts.select()).all())


async def test_a_case_becomes_an_incident_with_its_facts_and_its_summary(database, instance):
    case = tell(database, targets=[NAME])
    fields = {"assignment_group": "d625dccec0a8016700a222a0f7900d06", "urgency": "2", "close_code": "Solved (Permanently)"}
    async with Telling(database, {NAME: target(database, instance, fields=fields)}):
        await until(lambda: states(database) == ["told"])
    (record,) = instance.records
    assert record["short_description"] == "T-00001: It stops"
    assert record["description"] == "https://desk.example/helpdesk/cases/1\n\nExchange stopt — één keer per dag"
    assert record["urgency"] == "2" and record["assignment_group"] == fields["assignment_group"]
    assert "close_code" not in record and "impact" not in record
    (kept,) = stored(database)
    assert (kept.case_id, kept.key, kept.number, kept.state) == (case["id"], record["sys_id"], "INC0000001", "new")
    assert kept.url == f"{instance.address}/incident.do?sys_id={record['sys_id']}"


async def test_a_claim_is_a_work_note_and_a_solved_case_resolves_the_incident(database, instance):
    case = tell(database, targets=[NAME])
    tell(database, "case_claimed", [NAME], case={**case, "state": "claimed", "holder_name": "Zoë [code]<b>[/code]"})
    tell(database, "case_solved", [NAME], case={**case, "state": "solved"})
    async with Telling(database, {NAME: target(database, instance, fields={"close_notes": "By the helpdesk"})}):
        await until(lambda: states(database) == ["told"] * 3)
    (record,) = instance.records
    assert instance.notes == {
        "INC0000001": ["Case T-00001 was claimed by Zoë (code)<b>(/code). https://desk.example/helpdesk/cases/1"]
    }
    assert (record["state"], record["close_code"], record["close_notes"]) == ("6", "Solution provided", "By the helpdesk")
    assert stored(database)[0].state == "resolved"


async def test_an_incident_whose_answer_was_lost_is_found_again_and_not_opened_twice(database, instance):
    tell(database, targets=[NAME])
    instance.planned = [None, "after"]
    async with Telling(database, {NAME: target(database, instance)}):
        await until(lambda: states(database) == ["told"])
    assert len(instance.records) == 1
    assert stored(database)[0].key == instance.records[0]["sys_id"]


async def test_a_server_killed_before_it_stored_the_incident_finds_it(database, instance):
    given = notice()
    first = target(database, instance)
    await first.tell(given)  # this case is in no database, so nothing is stored, as after a kill
    await first.tell(given)
    await first.close()
    assert len(instance.records) == 1 and stored(database) == []


async def test_another_installation_with_a_case_of_the_same_number_has_its_own_incident(database, instance):
    found = target(database, instance)
    await found.tell(notice())
    await found.tell(notice(opened_at=1764500777.0))
    await found.close()
    assert len(instance.records) == 2


async def test_a_case_that_was_never_opened_there_is_opened_when_something_else_happens(database, instance):
    case = tell(database, "case_claimed", [NAME])
    async with Telling(database, {NAME: target(database, instance)}):
        await until(lambda: states(database) == ["told"])
    assert [one["short_description"] for one in instance.records] == ["T-00001: It stops"]
    assert list(instance.notes) == ["INC0000001"] and case["id"] == 1


async def test_an_incident_that_was_solved_there_is_not_solved_again(database, instance):
    case = tell(database, targets=[NAME])
    async with Telling(database, {NAME: target(database, instance)}):
        await until(lambda: states(database) == ["told"])
        instance.records[0].update(state="7", close_code="User error")
        tell(database, "case_solved", [NAME], case={**case, "state": "solved"})
        await until(lambda: states(database) == ["told", "told"])
    assert (instance.records[0]["state"], instance.records[0]["close_code"]) == ("7", "User error")


async def test_an_incident_that_was_removed_there_is_given_up_with_its_number(database, instance):
    case = tell(database, targets=[NAME])
    async with Telling(database, {NAME: target(database, instance)}):
        await until(lambda: states(database) == ["told"])
        instance.records.clear()
        tell(database, "case_claimed", [NAME], case=case)
        await until(lambda: states(database) == ["told", "given_up"])
    assert rows(database)[1].error == "incident INC0000001 is not there any more"


@pytest.mark.parametrize(
    "planned, means, says",
    [
        (error(429, "Rate limit exceeded", None, **{"Retry-After": "7"}), TryAgain, "429 (Rate limit exceeded)"),
        (error(503, "Service Unavailable"), TryAgain, "503"),
        ((200, b"<html>Your instance is hibernating</html>", {"Content-Type": "text/html"}), TryAgain, "200"),
        ((302, b"", {"Location": "http://127.0.0.1:1/"}), TryAgain, "302"),
        ((200, {"result": [{"sys_id": {"value": "../x"}, "number": {"value": "INC1"}}]}, {}), TryAgain, "no record"),
        ((200, {"result": [7]}, {}), TryAgain, "no record"),
        ((200, b"\xff\xfe", {}), TryAgain, "200"),
        (error(403, "Operation Failed", "ACL Exception"), TryAgain, "403 (Operation Failed: ACL Exception)"),
        (error(400, "Invalid table incidents"), Undeliverable, "400 (Invalid table incidents)"),
        ((400, {"error": "nonsense"}, {}), Undeliverable, "400"),
    ],
)
async def test_every_failure_means_what_it_should(database, instance, planned, means, says):
    instance.planned = [planned]
    found = target(database, instance)
    with pytest.raises(means, match=re.escape(says)) as raised:
        await found.tell(notice())
    await found.close()
    if says.startswith("429"):
        assert raised.value.after == 7
    assert instance.records == []


async def test_a_refused_password_keeps_everything_until_a_start_with_the_right_one(database, instance):
    for _ in range(3):
        tell(database, targets=[NAME])
    async with Telling(database, {NAME: target(database, instance, "wrong")}) as telling:
        await until(lambda: telling.suspended and rows(database)[0].error)
        assert "TRIAGE_SERVICENOW_PASSWORD" in telling.suspended[NAME]
        assert "wrong" not in telling.suspended[NAME]
        assert "told" not in states(database) and "given_up" not in states(database)
    async with Telling(database, {NAME: target(database, instance)}):
        await until(lambda: states(database) == ["told"] * 3)
    assert len(instance.records) == 3


async def test_nobody_is_asked_elsewhere_where_the_password_would_go(database, instance):
    other = Instance()
    instance.planned = [(307, b"", {"Location": f"{other.address}/api/now/table/incident"})]
    found = target(database, instance)
    with pytest.raises(TryAgain):
        await found.tell(notice())
    await found.close()
    assert other.asked == []
    other.close()


@pytest.mark.parametrize("user, password", [("", ""), ("triage", ""), ("", "x")])
def test_without_user_and_password_it_says_which_are_missing(instance, user, password):
    with pytest.raises(UnusableFacts, match="TRIAGE_SERVICENOW_USER and TRIAGE_SERVICENOW_PASSWORD"):
        TableApi(settings(instance), user, password)


def test_a_table_that_is_no_name_is_refused(instance):
    with pytest.raises(UnusableFacts, match="targets.servicenow.table"):
        TableApi(settings(instance, table="incident/../sys_user"), USER, PASSWORD)


# How an incident stands comes back.


class Back:
    """Hears what comes back; fails as often as it is told."""

    def __init__(self):
        self.heard = []
        self.fails = 0

    async def __call__(self, case_id, state, number, url):
        if self.fails:
            self.fails -= 1
            raise RuntimeError("the case is busy")
        self.heard.append((case_id, state, number))


async def opened(database, instance, number=1):
    found = [tell(database, targets=[NAME]) for _ in range(number)]
    async with Telling(database, {NAME: target(database, instance)}, QUICK):
        await until(lambda: set(states(database)) == {"told"})
    return found


def watch(database, instance, back, minutes=0.001, password=PASSWORD):
    api = TableApi(settings(instance), USER, password)
    return Watch(database, api, minutes, back, first=0.02), api


async def test_a_state_that_changed_there_comes_back_once(database, instance):
    await opened(database, instance, 3)
    back = Back()
    watching, api = watch(database, instance, back)
    watching.start()
    for state, named in (("2", "in_progress"), ("3", "on_hold"), ("42", "waiting for vendor"), ("6", "resolved")):
        instance.records[1]["state"] = state
        await until(lambda: back.heard and back.heard[-1] == (2, named, "INC0000002"))
    asked = len(instance.asked)
    await until(lambda: len(instance.asked) > asked + 2)
    watching.close()
    await watching.settle()
    await api.close()
    assert [state for _, state, _ in back.heard] == ["in_progress", "on_hold", "waiting for vendor", "resolved"]
    assert {row.case_id: row.state for row in stored(database)} == {1: "new", 2: "resolved", 3: "new"}


async def test_only_the_incidents_of_open_cases_are_asked_for_and_not_before_their_time(database, instance):
    found = await opened(database, instance, 3)
    ann = member(database, "Ann")
    database.write_now(lambda on: cases.set_state(on, found[0]["id"], ann, "solved"))
    watching, api = watch(database, instance, Back(), minutes=60)
    assert await watching.look() == 2
    assert instance.records[0]["sys_id"] not in instance.asked[-1][1]
    assert await watching.look() == 0
    await api.close()


async def test_two_servers_do_not_ask_for_the_same_incidents(database, instance):
    await opened(database, instance, 6)
    back = Back()
    for record in instance.records:
        record["state"] = "6"
    both = [watch(database, instance, back, minutes=60) for _ in range(2)]
    assert sum(await asyncio.gather(*(one.look() for one, _ in both))) == 6
    assert sorted(back.heard) == [(number, "resolved", f"INC{number:07d}") for number in range(1, 7)]
    for _, api in both:
        await api.close()


async def test_what_could_not_be_passed_on_comes_back_again(database, instance):
    await opened(database, instance, 2)
    for record in instance.records:
        record["state"] = "6"
    back = Back()
    back.fails = 1
    watching, api = watch(database, instance, back)
    await watching.look()
    assert back.heard == [(2, "resolved", "INC0000002")]  # the case that cannot be told keeps no other from it
    watching.start()
    await until(lambda: back.heard[1:] == [(1, "resolved", "INC0000001")])
    await until(lambda: {row.state for row in stored(database)} == {"resolved"})
    watching.close()
    await watching.settle()
    await api.close()


async def test_an_incident_that_was_removed_there_comes_back_as_gone(database, instance):
    await opened(database, instance, 2)
    del instance.records[0]
    back = Back()
    watching, api = watch(database, instance, back)
    await watching.look()
    assert back.heard == [(1, "gone", "INC0000001")]
    await api.close()


async def test_an_instance_that_fails_is_asked_again_and_said_once_in_the_log(database, instance, caplog):
    await opened(database, instance)
    instance.records[0]["state"] = "2"
    instance.planned = [error(503, "down"), error(503, "down"), (200, b"<html>", {})]
    back = Back()
    watching, api = watch(database, instance, back)
    watching.start()
    await until(lambda: back.heard == [(1, "in_progress", "INC0000001")])
    watching.close()
    await watching.settle()
    await api.close()
    assert len([record for record in caplog.records if "is not known" in record.getMessage()]) == 1


async def test_a_refused_password_of_the_watch_is_said_in_the_log_without_the_password(database, instance, caplog):
    await opened(database, instance)
    watching, api = watch(database, instance, Back(), password="wrong one")
    with pytest.raises(Suspended):
        await watching.look()
    watching.start()
    await until(lambda: "TRIAGE_SERVICENOW_PASSWORD" in caplog.text)
    watching.close()
    await watching.settle()
    await api.close()
    assert "wrong one" not in caplog.text

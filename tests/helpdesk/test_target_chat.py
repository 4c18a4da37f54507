"""A channel of Slack or Teams is told of cases by the platforms as they are, against servers that stand for theirs."""

import re

import pytest

from bot.channels.slack.api import Api, SlackPlatform
from bot.channels.teams.access import Access
from bot.channels.teams.connector import TeamsPlatform
from bot.database import Database
from bot.engine import UnusableFacts
from bot.helpdesk.settings import HelpdeskSecrets, SlackTarget, TargetSettings, TeamsTarget
from bot.helpdesk.targets import Suspended, TryAgain
from bot.helpdesk.targets.build import Targets
from bot.helpdesk.targets.chat import Chat, slack_reference, teams_reference, through
from bot.wording import shared_wording
from tests.channels.slack.conftest import WebApi
from tests.channels.slack.conftest import error as slack_error
from tests.channels.teams.microsoft import APP_ID, TENANT, Connector, Login, certificates
from tests.helpdesk.receivers import QUICK, SECRET, Receiver, Telling, hook, notice, rows, states, tell, until

CHANNEL = "C0123456789"
CONVERSATION = "19:cases@thread.tacv2"
SCOPE = "https://api.botframework.com/.default"
EVIL = "[Sign in](https://evil.example) <!channel> <https://evil.example|Microsoft> **bold** `x` <@U1>\n# big\n- item @here"


@pytest.fixture
def web_api():
    found = WebApi()
    yield found
    found.close()


@pytest.fixture
async def slack(web_api):
    api = Api("xoxb-token", f"{web_api.address}/api/")
    platform = SlackPlatform(api, shared_wording().text)
    yield platform
    await api.close()


@pytest.fixture
def connector():
    found = Connector()
    yield found
    found.close()


@pytest.fixture
async def teams(connector, tmp_path, monkeypatch):
    context, authority = certificates(tmp_path)
    login = Login(context)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    access = Access(APP_ID, "secret", TENANT, login.address, SCOPE)
    platform = TeamsPlatform(access, [f"127.0.0.1:{connector.port}"], shared_wording().text)
    yield platform
    await platform.close()
    login.close()


def in_slack(platform):
    return Chat(through(platform), slack_reference(SlackTarget(channel=CHANNEL)))


def in_teams(platform, connector):
    place = TeamsTarget(conversation=CONVERSATION, service=f"{connector.address}/amer/")
    return Chat(through(platform), teams_reference(place, APP_ID))


async def test_a_channel_of_slack_is_told_number_matter_route_and_the_way_to_the_case(slack, web_api):
    await in_slack(slack).tell(notice())
    (asked,) = web_api.of("chat.postMessage")
    assert asked["channel"] == CHANNEL and "thread_ts" not in asked
    (block,) = asked["blocks"]
    text = block["text"]["text"]
    assert "*Case T-00012 is open*" in text
    assert "exchange server 2016" in text and "It stops" in text
    assert "a customer of the partner" in text and "support for business" in text
    assert "<https://desk.example/helpdesk/cases/12|Open the case>" in text
    assert web_api.calls[0][2] == "Bearer xoxb-token"


async def test_a_channel_of_teams_is_told_the_same_in_a_post_of_its_own(teams, connector):
    await in_teams(teams, connector).tell(notice("case_claimed", holder_name="Zoë"))
    ((conversation, activity),) = connector.taken
    assert conversation == CONVERSATION
    assert activity["from"]["id"] == f"28:{APP_ID}" and activity["channelId"] == "msteams"
    assert "recipient" not in activity
    assert "**Case T-00012 was claimed by Zoë**" in activity["text"].replace("\\", "")
    assert "](https://desk.example/helpdesk/cases/12)" in activity["text"]
    assert connector.tries[0][0].startswith("Bearer bot-token")


async def test_nothing_that_a_partner_typed_is_a_link_a_mark_or_a_call_in_slack(slack, web_api):
    await in_slack(slack).tell(notice(problem=EVIL, facts={"product": EVIL}, route=EVIL, holder_name=EVIL))
    text = web_api.of("chat.postMessage")[0]["blocks"][0]["text"]["text"]
    assert re.findall(r"<([^<>]*)>", text) == ["https://desk.example/helpdesk/cases/12|Open the case"]
    assert "[Sign in](https://evil.example) &lt;!channel&gt;" in text.replace("\u200b", "")
    assert len(text.splitlines()) == 8


async def test_nothing_that_a_partner_typed_is_a_link_or_a_mark_in_teams(teams, connector):
    await in_teams(teams, connector).tell(notice(problem=EVIL))
    text = connector.taken[0][1]["text"]
    links = re.findall(r"(?<!\\)\[([^\]\\]*)\]\(([^)]*)\)", text)
    assert links == [("Open the case", "https://desk.example/helpdesk/cases/12")]
    assert not re.search(r"(?<!\\)<[!/a-zA-Z]", text)


async def test_a_long_problem_stays_one_message(slack, web_api):
    await in_slack(slack).tell(notice(problem="word " * 400))
    assert len(web_api.of("chat.postMessage")) == 1


async def test_without_a_console_there_is_no_link(slack, web_api):
    given = notice(decision=None, route=None, problem=None, facts={}, reasons=("failed_twice",))
    given.document["case"]["url"] = None
    await in_slack(slack).tell(given)
    text = web_api.texts()[0]
    assert "Open the case" not in text
    assert "About: not known yet" in text and "was not understood twice" in text


@pytest.mark.parametrize(
    "answer, means",
    [
        (slack_error("not_in_channel"), TryAgain),
        (slack_error("channel_not_found"), TryAgain),
        (slack_error("internal_error", 500), TryAgain),
        (slack_error("invalid_auth"), Suspended),
    ],
)
async def test_what_slack_refuses_is_kept(slack, web_api, answer, means):
    web_api.failures["chat.postMessage"] = [answer]
    with pytest.raises(means):
        await in_slack(slack).tell(notice())
    await in_slack(slack).tell(notice())
    assert len(web_api.calls) == 2


async def test_what_slack_asks_to_wait_is_passed_on(slack, web_api):
    web_api.failures["chat.postMessage"] = [slack_error("ratelimited", 429, Retry_After="30")]
    with pytest.raises(TryAgain) as error:
        await in_slack(slack).tell(notice())
    assert error.value.after == 30


async def test_what_teams_refuses_is_kept(teams, connector):
    connector.then = [(403, {}), (404, {}), (500, {})]
    for _ in range(3):
        with pytest.raises(TryAgain):
            await in_teams(teams, connector).tell(notice())
    await in_teams(teams, connector).tell(notice())
    assert len(connector.taken) == 1


async def test_what_is_announced_arrives_in_slack_although_the_app_was_not_in_the_channel_at_first(slack, web_api, database):
    web_api.failures["chat.postMessage"] = [slack_error("not_in_channel"), slack_error("not_in_channel")]
    tell(database, targets=["slack"])
    async with Telling(database, {"slack": in_slack(slack)}, QUICK):
        await until(lambda: states(database) == ["told"])
    assert rows(database)[0].tries == 3


# All targets, put together.


def all_targets(**given):
    chosen = {
        "webhooks": [{"name": "one", "url": "https://a.example/"}],
        "slack": {"channel": CHANNEL},
        "teams": {"conversation": CONVERSATION},
        "mail": {"host": "mail.example", "sender": "a@b.example", "to": ["c@d.example"]},
        "servicenow": {"instance": "https://one.service-now.com"},
    }
    return TargetSettings(**{**chosen, **given})


async def nothing(case_id, state, number, url):
    pass


def built(settings, secrets, tmp_path, platforms):
    return Targets(settings, secrets, Database.in_file(tmp_path / "x.db"), platforms, APP_ID, nothing)


def test_every_target_of_the_file_is_built_and_none_that_is_not_there(tmp_path, monkeypatch, slack, teams):
    monkeypatch.setenv("TRIAGE_WEBHOOK_ONE_SECRET", SECRET)
    secrets = HelpdeskSecrets(servicenow_user="triage", servicenow_password="p")
    found = built(all_targets(), secrets, tmp_path, {"slack": slack, "teams": teams})
    assert sorted(found.named) == ["mail", "servicenow", "slack", "teams", "webhook:one"]
    assert found.watch is not None
    empty = built(TargetSettings(), HelpdeskSecrets(), tmp_path, {})
    assert (empty.named, empty.watch) == ({}, None)


@pytest.mark.parametrize(
    "given, says",
    [
        ({"webhooks": [], "slack": {}, "teams": {}}, "TRIAGE_SERVICENOW_USER"),
        ({"webhooks": [], "teams": {}, "servicenow": {}}, "targets.slack: slack is not set up"),
        ({"webhooks": [], "slack": {}, "servicenow": {}}, "targets.teams: teams is not set up"),
        ({}, "TRIAGE_WEBHOOK_ONE_SECRET"),
    ],
)
def test_a_target_that_lacks_something_says_what(tmp_path, given, says):
    with pytest.raises(UnusableFacts, match=says):
        built(all_targets(**given), HelpdeskSecrets(), tmp_path, {})


async def test_one_target_that_is_down_keeps_no_other_from_being_told(database, slack, web_api):
    receiver = Receiver()
    receiver.close()
    tell(database, targets=["webhook:example", "slack"])
    async with Telling(database, {"webhook:example": hook(receiver), "slack": in_slack(slack)}):
        await until(lambda: states(database)[1] == "told" and rows(database)[0].error)
    assert len(web_api.calls) == 1

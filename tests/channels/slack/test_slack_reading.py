"""What Slack writes is read as the person meant it, and only what concerns the assistant is taken."""

import pytest

from bot.channels.guard import Refused
from bot.channels.slack.mrkdwn import readable
from bot.channels.slack.pressing import pressed
from bot.channels.slack.reading import Removed, Said, command, event
from tests.channels.slack.conftest import BOT_ID, CHANNEL, DIRECT, TEAM, USER, button, direct, envelope, interaction


@pytest.mark.parametrize(
    "written, read",
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt; stays", "&lt; stays"),
        ("<https://learn.microsoft.com/x?a=1&amp;b=2>", "https://learn.microsoft.com/x?a=1&b=2"),
        ("see <https://aka.ms/x|this page>!", "see this page (https://aka.ms/x)!"),
        ("<http://contoso.com|contoso.com>", "contoso.com"),
        ("<https://contoso.com/|https://contoso.com>", "https://contoso.com"),
        ("write <mailto:ann@contoso.com|ann@contoso.com>", "write ann@contoso.com"),
        ("<mailto:ann@contoso.com|Ann>", "Ann (ann@contoso.com)"),
        ("<tel:+31201234567|020 123 4567>", "020 123 4567 (+31201234567)"),
        ("ask <@U123>", "ask @U123"),
        ("ask <@U123|ann>", "ask @ann"),
        ("in <#C1|general>, not <#C2>", "in #general, not #C2"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@helpdesk> <!subteam^S1>", "@helpdesk @S1"),
        ("<!date^1700000000^{date}|14 November>", "14 November"),
        ("<@U0BOT> help", "help"),
        ("<@U0BOT>: help", "help"),
        ("hello <@U0BOT|triage> there", "hello there"),
        ("if a &lt; b\n    indented", "if a < b\n    indented"),
        ("<not a link>", "<not a link>"),
        ("unclosed <https://x", "unclosed <https://x"),
        ("", ""),
    ],
)
def test_a_text_is_read_as_it_is_seen(written, read):
    assert readable(written, BOT_ID) == read


def test_an_address_is_written_out_so_that_secrets_in_it_are_seen():
    assert readable("<https://x.example/?password=Welkom123|click>") == "click (https://x.example/?password=Welkom123)"


def test_a_direct_message_is_one_conversation_and_its_threads_are_answered_in_the_thread():
    top, inside = event(envelope(direct("a"))), event(envelope(direct("b", thread_ts="1700000000.000001")))
    assert top.place.conversation == inside.place.conversation == f"slack-none-{TEAM}-{DIRECT}"
    assert top.place.reference == {"team": TEAM, "channel": DIRECT}
    assert inside.place.reference == {"team": TEAM, "channel": DIRECT, "thread_ts": "1700000000.000001"}


def test_the_enterprise_and_the_team_are_in_the_conversation():
    ids = {
        event(envelope(direct("a"), **outer)).place.conversation
        for outer in (
            {},
            {"team_id": "T0OTHER"},
            {"enterprise_id": "E0ONE"},
            {"authorizations": [{"enterprise_id": "E0TWO", "team_id": TEAM, "user_id": BOT_ID, "is_bot": True}]},
        )
    }
    assert ids == {f"slack-{name}-{DIRECT}" for name in (f"none-{TEAM}", "none-T0OTHER", f"E0ONE-{TEAM}", f"E0TWO-{TEAM}")}


def test_an_interaction_and_a_command_of_an_enterprise_have_the_same_conversation_as_its_events():
    said = event(envelope(direct("a"), enterprise_id="E0ONE"))
    used = pressed(interaction(button("choose:0", "/a"), enterprise={"id": "E0ONE", "name": "One"}))
    assert used[0].place.conversation == said.place.conversation
    organization = pressed(interaction(button("choose:0", "/a"), team=None))
    assert organization[0].place.team == TEAM
    form = {"team_id": TEAM, "enterprise_id": "E0ONE", "channel_id": DIRECT, "user_id": USER, "trigger_id": "1.2.a"}
    assert command(form).place.conversation == said.place.conversation


def test_a_mention_is_a_conversation_for_each_thread():
    inner = {**direct(f"<@{BOT_ID}> help", channel=CHANNEL, ts="1700000001.000100"), "type": "app_mention"}
    del inner["channel_type"]
    assert event(envelope(inner)).place.conversation == f"slack-none-{TEAM}-{CHANNEL}-1700000001.000100"
    later = event(envelope({**inner, "ts": "1700000009.000100", "thread_ts": "1700000001.000100"}))
    assert later.place.conversation == f"slack-none-{TEAM}-{CHANNEL}-1700000001.000100"
    assert later.message.text == "help" and later.message.address == f"slack:{TEAM}:{USER}"


def test_a_mention_is_left_out_when_slack_does_not_say_who_the_assistant_is():
    inner = {**direct("<@UANY> help <@U2>", channel=CHANNEL), "type": "app_mention"}
    assert event(envelope(inner, authorizations=[])).message.text == "help @U2"


@pytest.mark.parametrize(
    "more",
    [
        {"bot_id": "B1"},
        {"bot_profile": {"id": "B1"}},
        {"app_id": "A0APP"},
        {"user": BOT_ID},
        {"user": "USLACKBOT"},
        {"user": None},
        {"hidden": True},
        *({"subtype": name} for name in (
            "bot_message", "message_changed", "message_deleted", "message_replied", "channel_join", "channel_leave",
            "channel_topic", "me_message", "reminder_add", "assistant_app_thread",
        )),
        {"channel": CHANNEL, "channel_type": "channel"},
        {"channel": "G0PRIV", "channel_type": "group"},
        {"channel": "G0MANY", "channel_type": "mpim"},
        {"type": "reaction_added"},
        {"type": None},
    ],
)  # fmt: skip
def test_what_no_person_said_to_the_assistant_is_ignored(more):
    assert event(envelope({**direct("hello"), **more})) is None


@pytest.mark.parametrize("subtype", [None, "file_share", "thread_broadcast"])
def test_what_a_person_said_is_taken(subtype):
    assert isinstance(event(envelope(direct("hello", subtype=subtype))), Said)


def test_only_the_tokens_of_the_bot_count():
    revoked = {"type": "tokens_revoked", "tokens": {"oauth": [USER], "bot": []}}
    assert event(envelope(revoked)) is None
    assert event(envelope({"type": "tokens_revoked", "tokens": {"bot": [BOT_ID]}})) == Removed()
    assert event(envelope({"type": "app_uninstalled"})) == Removed()


@pytest.mark.parametrize(
    "inner",
    [
        None, [], "text", 5,
        direct("a", user={"id": "U1"}), direct("a", ts=None), direct("a", ts="now"), direct("a", channel="D/../x"),
        direct(["a"]), direct("a", user="U" * 400), {"type": "app_home_opened", "user": 1, "channel": DIRECT},
    ],
)  # fmt: skip
def test_what_slack_would_never_send_is_refused(inner):
    with pytest.raises(Refused):
        event(envelope(inner) if inner is not None else {"type": "event_callback", "event": []})


def test_what_was_pressed_twice_has_two_ids_and_what_came_twice_one():
    payload = interaction(button("choose:0", "/a"))
    assert pressed(payload)[0].id == pressed(payload)[0].id
    assert pressed(payload)[0].id != pressed(interaction(button("choose:0", "/a"), payload["message"]))[0].id


def test_an_option_of_a_list_is_read_like_a_button():
    option = {"value": "4:1", "text": {"type": "plain_text", "text": "SQL &amp; more"}}
    (used,) = pressed(interaction({"type": "static_select", "action_id": "choose", "selected_option": option}))
    assert (used.value, used.title) == ("4:1", "SQL & more")

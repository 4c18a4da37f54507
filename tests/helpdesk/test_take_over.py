"""Staff take a running conversation over and hand it back: a real server, a partner's widget, members of staff."""

from contextlib import ExitStack

import pytest

from bot.channels.guard import Refused
from bot.helpdesk import audit, cases
from bot.helpdesk.cases import NotYours, Taken
from bot.helpdesk.settings import HelpdeskSettings
from bot.helpdesk.tables import standings
from tests.channels.conftest import Client, serve, until  # noqa: F401  (a fixture)
from tests.helpdesk.desks import Listening, member


@pytest.fixture
def desk(serve):  # noqa: F811
    server = serve(Listening(), helpdesk=HelpdeskSettings())
    return server, member(server, "ann"), member(server, "bob"), member(server, "lea", "lead")


def texts(client):
    return [(document["from"], document["text"]) for document in client.transcript()]


def asked_for_person(server):
    """Return a partner who asked for a person, and the number of the case."""
    partner = Client(server.address)
    partner.say("person")
    found = until(lambda: server.run(server.helpdesk.cases.look_for(cases.Wanted()))[0])
    return partner, found[0].id


def case_of(server, case_id):
    return server.run(server.helpdesk.cases.one(case_id))


def test_while_staff_talk_the_assistant_is_silent_but_keeps_the_facts(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    assert "Ann of the helpdesk has joined" in texts(partner)[-1][1]
    partner.say("product=exchange_server")
    until(lambda: case_of(server, case_id).facts == {"product": "exchange_server"})
    assert server.run(server.helpdesk.acts.write(ann, case_id, "hello, **Ann** here", "m1"))
    assert texts(partner)[-2:] == [("person", "product=exchange_server"), ("staff", "hello, **Ann** here")]
    assert partner.transcript()[-1]["name"] == "Ann" and server.assistant.overheard == ["product=exchange_server"]


def test_handed_back_the_assistant_says_so_and_goes_on_where_it_stood(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    server.run(server.helpdesk.acts.hand_back(ann, case_id))
    until(lambda: texts(partner)[-1] == ("assistant", "Where were we?"))
    assert "Ann has left" in texts(partner)[-2][1]
    partner.say("and now?")
    until(lambda: texts(partner)[-1] == ("assistant", "typed:and now?"))


def test_what_a_partner_writes_makes_the_case_wait_and_an_answer_ends_that(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    assert case_of(server, case_id).waiting_since is not None
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    server.run(server.helpdesk.acts.write(ann, case_id, "hello", "m1"))
    assert case_of(server, case_id).waiting_since is None
    server.run(server.helpdesk.acts.wait(ann, case_id))
    partner.say("here I am")
    until(lambda: case_of(server, case_id).waiting_since)
    assert case_of(server, case_id).state == "claimed"


@pytest.mark.parametrize("command", ["/restart", "/session_start", "/back", '/inform{"offer":"gold"}', "restart"])
def test_no_command_of_the_dialogue_ends_a_take_over(desk, command):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    before = len(server.assistant.heard)
    partner.say(command)
    until(lambda: command in server.assistant.overheard)
    assert len(server.assistant.heard) == before and texts(partner)[-1] == ("person", command)
    assert server.run(server.helpdesk.acts.holder(case_of(server, case_id))) == "Ann"


def test_a_take_over_outlives_a_restart_of_the_server(serve):  # noqa: F811
    first = serve(Listening(), helpdesk=HelpdeskSettings())
    ann = member(first, "ann")
    partner, case_id = asked_for_person(first)
    first.run(first.helpdesk.acts.take_over(ann, case_id))
    first.stop()
    second = serve(Listening(), helpdesk=HelpdeskSettings())
    partner.address = second.address
    partner.say("still there?")
    until(lambda: second.assistant.overheard == ["still there?"])
    assert second.assistant.heard == []
    assert second.run(second.helpdesk.acts.write(ann, case_id, "yes", "m2"))


def test_an_answer_that_is_being_made_when_staff_take_over_is_not_shown(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.assistant.pause = 1.0
    partner.say("slow one")
    until(lambda: server.gateway.is_working(case_of(server, case_id).conversation))
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    until(lambda: ("x", "typed:slow one") in [("x", text) for _, text in server.assistant.heard])
    until(lambda: not server.gateway.is_working(case_of(server, case_id).conversation))
    assert ("assistant", "typed:slow one") not in texts(partner)


def test_only_who_holds_the_conversation_writes_in_it(desk):
    server, ann, bob, lea = desk
    _, case_id = asked_for_person(server)
    acts = server.helpdesk.acts
    with pytest.raises(NotYours, match="take the conversation over first"):
        server.run(acts.write(ann, case_id, "hello", "m1"))
    server.run(acts.take_over(ann, case_id))
    for act in (acts.take_over, acts.claim, acts.solve, acts.hand_back, acts.release):
        with pytest.raises(Taken, match="Ann"):
            server.run(act(bob, case_id))
    with pytest.raises(NotYours):
        server.run(acts.write(bob, case_id, "hello", "m1"))
    server.run(acts.take_over(lea, case_id))  # a lead may
    assert server.run(acts.write(lea, case_id, "hello", "m1"))
    with pytest.raises(NotYours):
        server.run(acts.write(ann, case_id, "hello", "m2"))


def test_a_double_click_writes_once_and_takes_over_once(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    for _ in range(2):
        server.run(server.helpdesk.acts.take_over(ann, case_id))
    written = [server.run(server.helpdesk.acts.write(ann, case_id, "hello", "m1")) for _ in range(2)]
    assert written == [True, False]
    said = texts(partner)
    assert said.count(("staff", "hello")) == 1 and sum("has joined" in text for _, text in said) == 1


def test_solving_ends_the_take_over(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    assert server.run(server.helpdesk.acts.solve(ann, case_id)).state == "solved"
    until(lambda: any("Ann has left" in text for _, text in texts(partner)))
    partner.say("thanks")
    until(lambda: texts(partner)[-1] == ("assistant", "typed:thanks"))


def test_a_conversation_of_a_channel_that_is_off_is_refused_with_the_reason(desk):
    server, ann, _, _ = desk
    server.run(server.gateway.begin("slack-E-T-D1", "slack", "en"))
    talk = server.run(server.gateway.transcript.conversation("slack-E-T-D1"))
    server._database.write_now(lambda on: server.helpdesk.desk.rated(on, talk, False))
    (case,) = server.run(server.helpdesk.cases.look_for(cases.Wanted()))[0]
    with pytest.raises(Refused) as refused:
        server.run(server.helpdesk.acts.take_over(ann, case.id))
    assert '"slack"' in server.gateway.refusal(refused.value, "en")
    assert case_of(server, case.id).holder is None


def test_a_message_is_not_sent_when_the_conversation_was_handed_back_in_that_moment(desk, monkeypatch):
    server, ann, _, lea = desk
    partner, case_id = asked_for_person(server)
    acts, gateway = server.helpdesk.acts, server.gateway
    server.run(acts.take_over(ann, case_id))
    push = gateway.push

    async def late(*arguments):
        await acts.hand_back(lea, case_id)
        return await push(*arguments)

    monkeypatch.setattr(gateway, "push", late)
    with pytest.raises(NotYours):
        server.run(acts.write(ann, case_id, "too late", "m1"))
    assert ("staff", "too late") not in texts(partner)


def test_another_text_with_the_id_of_one_that_was_sent_is_refused_and_not_lost_silently(desk):
    server, ann, _, _ = desk
    _, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    server.run(server.helpdesk.acts.write(ann, case_id, "first form", "m1"))
    with pytest.raises(Refused) as refused:
        server.run(server.helpdesk.acts.write(ann, case_id, "second form", "m1"))
    assert refused.value.code == "already_said"


def test_what_a_partner_tells_staff_is_not_counted_as_not_understood(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.assistant.misses = 2
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    for number in range(3):
        partner.say(f"number={number}")
    until(lambda: len(server.assistant.overheard) == 3)
    server.run(server.helpdesk.acts.hand_back(ann, case_id))
    until(lambda: texts(partner)[-1] == ("assistant", "Where were we?"))
    row = server._database.read_now(lambda on: on.execute(standings.select()).one())
    assert (row.missed, row.turns) == (0, 4)
    assert case_of(server, case_id).reasons == ("asked_for_person",) and case_of(server, case_id).waiting_since is None


def test_pages_of_staff_do_not_displace_the_partners_window(desk):
    server, _, _, _ = desk
    partner, case_id = asked_for_person(server)
    conversation = case_of(server, case_id).conversation
    with partner.stream() as stream:
        assert next(stream)
        with ExitStack() as pages:
            for _ in range(6):
                pages.enter_context(server.gateway.listen(conversation, 1000, "staff"))
            with partner.stream() as second:
                assert next(second)
            assert not any(found.is_displaced for found in server.gateway._listeners[conversation])


def test_an_act_on_one_server_does_not_answer_what_another_is_answering(serve):  # noqa: F811
    first, second = serve(Listening(), helpdesk=HelpdeskSettings()), serve(Listening(), helpdesk=HelpdeskSettings())
    ann = member(first, "ann")
    partner, case_id = asked_for_person(first)
    second.run(second.helpdesk.acts.claim(ann, case_id))
    first.assistant.pause = 1.5
    partner.say("once")
    until(lambda: first.gateway.is_working(case_of(first, case_id).conversation))
    second.run(second.helpdesk.acts.wait(ann, case_id))
    until(lambda: texts(partner)[-1] == ("assistant", "typed:once"))
    assert second.assistant.heard == [] and second.assistant.overheard == []


@pytest.mark.parametrize("text, code", [("\u200b", "empty"), ("", "empty"), (" \n", "empty"), ("x" * 4001, "too_long")])
def test_what_cannot_be_said_is_refused_and_nothing_is_stored(desk, text, code):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    before = texts(partner)
    with pytest.raises(Refused) as refused:
        server.run(server.helpdesk.acts.write(ann, case_id, text, "m1"))
    assert refused.value.code == code and texts(partner) == before


def test_secrets_that_staff_write_are_not_kept(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    server.run(server.helpdesk.acts.write(ann, case_id, "your password: Hunter2Hunter2!", "m1"))
    server.run(server.helpdesk.acts.note(ann, case_id, "password: Hunter2Hunter2!"))
    assert "Hunter2" not in str(partner.transcript())
    assert "Hunter2" not in str(server._database.read_now(lambda on: cases.notes_of(on, case_id)))


def test_typing_is_shown_both_ways_while_staff_talk(desk):
    server, ann, _, _ = desk
    partner, case_id = asked_for_person(server)
    conversation = case_of(server, case_id).conversation
    assert partner.post("typing", {}).status_code == 202 and not server.gateway.is_typing(conversation, "person")
    server.run(server.helpdesk.acts.take_over(ann, case_id))
    partner.post("typing", {})
    assert server.gateway.is_typing(conversation, "person")
    server.run(server.helpdesk.acts.is_writing(ann, case_id))
    until(lambda: server.gateway.is_working(conversation))
    server.run(server.helpdesk.acts.write(ann, case_id, "hello", "m1"))
    assert not server.gateway.is_working(conversation)


def test_everything_is_in_the_audit_log_and_nothing_that_was_said(desk):
    server, ann, _, lea = desk
    partner, case_id = asked_for_person(server)
    acts = server.helpdesk.acts
    server.run(acts.view(ann, case_id))
    server.run(acts.take_over(ann, case_id))
    server.run(acts.write(ann, case_id, "a word to the partner", "m1"))
    server.run(acts.note(ann, case_id, "a word to colleagues"))
    server.run(acts.tag(ann, case_id, ["vip"]))
    server.run(acts.set_facts(ann, case_id, {"product": "sql_server"}))
    server.run(acts.solve(ann, case_id))
    found = server._database.read_now(lambda on: audit.entries(on, case=case_id))
    assert [entry.act for entry in reversed(found)] == [
        "case_viewed", "case_claimed", "took_over", "wrote", "noted", "tagged", "facts_changed", "case_solved", "handed_back",
    ]  # fmt: skip
    assert {entry.login for entry in found} == {"ann"} and "a word" not in str(found) and "my problem" not in str(found)


def test_two_servers_on_one_database_work_together(serve, database_url):  # noqa: F811
    address = database_url.removeprefix("sqlite:///")
    first = serve(Listening(), database=address, helpdesk=HelpdeskSettings())
    second = serve(Listening(), database=address, helpdesk=HelpdeskSettings())
    ann = member(first, "ann")
    partner, case_id = asked_for_person(first)
    with partner.stream() as stream:
        second.run(second.helpdesk.acts.take_over(ann, case_id))
        second.run(second.helpdesk.acts.write(ann, case_id, "from the other server", "m1"))
        got = []
        for event, document, _ in stream:
            if event == "message":
                got.append(document["text"])
                if document["from"] == "staff":
                    break
    assert got[-1] == "from the other server"
    partner.say("to the other server")
    until(lambda: first.assistant.overheard == ["to the other server"])
    assert first.assistant.heard[-1][1] == "typed:person"

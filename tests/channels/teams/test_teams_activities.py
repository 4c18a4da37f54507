"""What happens in Teams arrives as what a person meant: typed, chosen, rated; the bot's mention and markup are not part of it."""

import itertools
import time

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bot.channels.guard import LONGEST_TEXT, Refused
from bot.channels.rendering.teams import CARD
from bot.channels.teams.activities import happened
from tests.channels.conftest import until
from tests.channels.teams.microsoft import BOT, OTHER_TENANT, PERSON, TENANT, installed, message, text_of

_numbers = itertools.count(1)
AT = {"type": "mention", "mentioned": BOT, "text": "<at>Partner support</at>"}


def heard(echo, number=1):
    until(lambda: len(echo.heard) >= number)
    return [text for _, text in echo.heard]


def mentioned(text, **more):
    return message(text, "19:team@thread.tacv2", "channel", entities=[AT], **more)


# Typed


@pytest.mark.parametrize(
    "text, form, read",
    [
        ("Where is my Contract ID?", "plain", "Where is my Contract ID?"),
        ("Q&amp;A: a &lt; b", "plain", "Q&A: a < b"),
        ("if (a < b && c > d)", "plain", "if (a < b && c > d)"),
        ("<p>Where is my&nbsp;<b>Contract ID</b>?</p>", "xml", "Where is my Contract ID?"),
        ("<div>one</div><div>two<br>three</div>", "html", "one\n\ntwo\nthree"),
        ("<p>a</p><script>alert(1)</script><style>p {}</style>b", "xhtml", "a\nb"),
        ("see <a href='https://x.example'>the page</a>", "xml", "see the page"),
        ("a&#x20AC;b &zzz; &", "xml", "a€b &zzz; &"),
        ("  spaces \u00a0 and\ttabs  \n\n\n\n end ", "plain", "spaces and tabs\n\nend"),
        ("Пароль? 密码 🙂 é", "plain", "Пароль? 密码 🙂 é"),
    ],
)
def test_text_is_read_as_the_person_sees_it(teams, echo, text, form, read):
    assert teams.send(message(text, textFormat=form)).status_code == 200
    assert heard(echo) == [f"typed:{read}"]


@pytest.mark.parametrize(
    "text, form, entities, read",
    [
        ("<at>Partner support</at> my ticket", "plain", [AT], "my ticket"),
        ("<p><at>Partner support</at>&nbsp;my ticket</p>", "xml", [AT], "my ticket"),
        ("my ticket <at>Partner support</at>", "plain", [AT], "my ticket"),
        ("<at>Partner support</at> and again <at>Partner support</at>", "plain", [AT], "and again"),
        (
            "<at>Partner support</at> <at>Bob</at> cannot link it",
            "plain",
            [AT, {"type": "mention", "mentioned": {"id": "29:bob"}, "text": "<at>Bob</at>"}],
            "Bob cannot link it",
        ),
        ("<at>Partner support</at> hello", "plain", ["text", None, {"type": "mention"}, {"type": "clientInfo"}, AT], "hello"),
        ("<at>Partner support</at> hello", "plain", None, "Partner support hello"),
    ],
)
def test_how_the_bot_is_called_is_no_part_of_the_message(teams, echo, text, form, entities, read):
    activity = message(text, "19:team@thread.tacv2", "channel", textFormat=form, entities=entities)
    assert teams.send(activity).status_code == 200
    assert heard(echo) == [f"typed:{read}"]


@pytest.mark.parametrize("text", ["", "<at>Partner support</at>", "   "])
def test_a_message_without_text_is_asked_for_text(teams, connector, echo, text):
    teams.send(message(text, entities=[AT], attachments=[{"contentType": "image/png", "contentUrl": "https://x.example"}]))
    until(lambda: connector.texts)
    assert "text" in connector.texts[0] and echo.heard == []


def test_a_text_that_is_too_long_is_refused_with_the_reason(teams, connector, echo):
    teams.send(message("x" * (LONGEST_TEXT + 1)))
    teams.send(message("<p>" * 20_000, textFormat="xml"))
    until(lambda: len(connector.texts) == 2)
    assert all("2000" in text.replace(",", "").replace(".", "") for text in connector.texts) and echo.heard == []


def test_a_secret_is_taken_out_before_anything_sees_it(teams, connector, echo):
    teams.send(message("my password: Hunter2&amp;Hunter3 does not work"))
    assert "Hunter" not in heard(echo)[0]
    until(lambda: len(connector.texts) == 2)


# Who and where


def test_each_chat_is_a_conversation_of_its_own(teams, echo):
    teams.send(message(conversation="a:one"))
    teams.send(message(conversation="a:two"))
    other = {"id": "a:one", "conversationType": "personal", "tenantId": OTHER_TENANT}
    teams.send(message(channelData={"tenant": {"id": OTHER_TENANT}}) | {"conversation": other})
    heard(echo, 3)
    assert len({sender for sender, _ in echo.heard}) == 3


def test_in_a_channel_each_thread_is_a_conversation_and_is_answered_there(teams, echo, connector):
    teams.send(mentioned("first", id="1700000000001"))
    teams.send(mentioned("second", id="1700000000002"))
    until(lambda: len(connector.taken) == 2)
    reply = message("more", "19:team@thread.tacv2;messageid=1700000000001", "channel", entities=[AT])
    teams.send(reply)
    until(lambda: len(connector.taken) == 3)
    senders = {text: sender for sender, text in echo.heard}
    assert senders["typed:first"] == senders["typed:more"] != senders["typed:second"]
    assert sorted((where, text_of(activity)) for where, activity in connector.taken) == [
        ("19:team@thread.tacv2;messageid=1700000000001", "typed:first"),
        ("19:team@thread.tacv2;messageid=1700000000001", "typed:more"),
        ("19:team@thread.tacv2;messageid=1700000000002", "typed:second"),
    ]


def test_in_a_group_everybody_talks_in_one_conversation(teams, echo, connector):
    for person in ("29:ann", "29:bob"):
        teams.send(message(f"from {person}", "19:group@thread.v2", "groupChat", **{"from": {"id": person, "name": person}}))
    until(lambda: len(connector.taken) == 2)
    assert len({sender for sender, _ in echo.heard}) == 1
    assert all("recipient" not in activity for _, activity in connector.taken)  # for everybody


@pytest.mark.parametrize(
    "locale, language",
    [("nl-NL", "nl"), ("nl_BE", "nl"), ("NL", "nl"), ("en-GB", "en"), ("fr-FR", "nl"), ("", "nl"), (None, "nl"), ("x" * 999, "nl")],
)
def test_a_conversation_begins_in_the_language_of_the_persons_teams_else_in_the_setting(start, connector, locale, language):
    teams = start(language="nl")
    assert teams.send(installed(locale=locale)).status_code == 200
    until(lambda: connector.taken)
    assert connector.taken[0][1]["locale"] == language


def test_the_answer_names_bot_person_conversation_and_platform(teams, connector):
    teams.send(message("hello"))
    until(lambda: connector.taken)
    where, activity = connector.taken[0]
    assert where == "a:personal"
    assert activity["from"] == BOT and activity["recipient"] == {"id": PERSON["id"]} and activity["channelId"] == "msteams"
    assert activity["conversation"] == {"id": "a:personal", "tenantId": TENANT, "conversationType": "personal"}


# Not for the bot


@pytest.mark.parametrize(
    "activity",
    [
        message("mine", **{"from": BOT}),
        message("mine", **{"from": {"id": "28:other", "name": "a bot", "role": "bot"}}),
        message("edited", type="messageUpdate"),
        message("gone", type="messageDelete"),
        message(None, type="typing"),
        message(None, type="messageReaction", reactionsAdded=[{"type": "like"}]),
        message(None, type="event", name="application/vnd.microsoft.meetingStart"),
        message(None, type="endOfConversation"),
        message(None, type="conversationUpdate", membersAdded=[{"id": "29:somebody"}]),
        message(None, type="conversationUpdate", membersRemoved=[{"id": BOT["id"]}]),
        message(None, type="conversationUpdate", membersAdded="everybody"),
        message(None, type="installationUpdate", action="remove"),
        message(None, type="something new"),
        message(None, type=None),
        message(None, type=5),
    ],
    ids=lambda activity: f"{activity.get('type')}-{activity.get('text')}",
)
def test_what_is_not_said_to_the_bot_is_acknowledged_and_nothing_more(teams, echo, connector, activity):
    assert teams.send(activity).status_code == 200
    time.sleep(0.1)
    assert echo.heard == [] and connector.asked == []


# Installed


@pytest.mark.parametrize("locale, said", [("en-US", "pressed:/greet"), ("nl-NL", "pressed:/greet")])
def test_a_person_who_installs_the_bot_is_greeted_once(teams, echo, connector, locale, said):
    for activity in (installed(locale=locale), installed(locale=locale), installed(type="installationUpdate", action="add")):
        assert teams.send(activity).status_code == 200
    until(lambda: connector.taken)
    time.sleep(0.2)
    assert [text.startswith(said) for text in connector.texts] == [True]
    assert f'"{locale[:2]}"' in connector.texts[0]


def test_a_person_who_has_begun_is_not_greeted(teams, echo, connector):
    teams.send(message("hello"))
    until(lambda: connector.taken)
    teams.send(installed())
    time.sleep(0.2)
    assert heard(echo) == ["typed:hello"]


@pytest.mark.parametrize("locale, said", [("en-US", "mention me"), ("nl-NL", "vermeld word")])
@pytest.mark.parametrize("conversation, kind", [("19:group@thread.v2", "groupChat"), ("19:team@thread.tacv2", "channel")])
def test_a_group_is_told_once_how_to_call_the_bot(teams, echo, connector, conversation, kind, locale, said):
    for _ in range(2):
        assert teams.send(installed(conversation, kind, locale=locale)).status_code == 200
    until(lambda: connector.taken)
    time.sleep(0.2)
    assert len(connector.taken) == 1 and said in connector.texts[0] and connector.taken[0][0] == conversation
    assert echo.heard == []
    teams.send(message("hello", conversation, kind))
    assert heard(echo) == ["typed:hello"]


# Chosen


def asked(teams, echo, connector, buttons):
    """Ask something; return the card that came."""
    echo.buttons = buttons
    teams.send(message("hello", id=f"ask{next(_numbers)}"))
    until(lambda: connector.taken)
    (attachment,) = connector.taken[-1][1]["attachments"]
    assert attachment["contentType"] == CARD
    return attachment["content"]


def actions(card):
    return [action for element in card["body"] if element["type"] == "ActionSet" for action in element["actions"]]


YES = [{"title": "Yes, it is", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]
MANY = [{"title": f"Choice {number}", "payload": f'/choose{{"n": {number}}}'} for number in range(9)]


def submitted(data, **more):
    return message(None, value=data, replyToId="1", **more)


def invoked(data, **more):
    value = {"action": {"type": "Action.Execute", "id": "x", "verb": "choose", "data": data}, "trigger": "manual"}
    return message(None, type="invoke", name="adaptiveCard/action", value=value, **more)


@pytest.mark.parametrize("way", ["messageBack", "submit", "invoke"])
def test_a_button_says_what_it_stands_for(teams, echo, connector, way):
    """Rasa's channel sent buttons that are no card actions, and read what a card submits as an empty text."""
    action = actions(asked(teams, echo, connector, YES))[0]
    assert action["type"] == "Action.Submit" and action["title"] == "Yes, it is"
    if way == "messageBack":
        back = action["data"]["msteams"]
        activity = message(back["text"], value=back["value"])
    else:
        activity = (submitted if way == "submit" else invoked)({key: action["data"][key] for key in ("payload", "title")})
    response = teams.send(activity)
    assert response.status_code == 200
    if way == "invoke":
        assert response.json() == {
            "statusCode": 200,
            "type": "application/vnd.microsoft.activity.message",
            "value": "Your answer has arrived.",
        }
    assert heard(echo, 2)[1] == "pressed:/affirm"


def test_a_choice_from_a_list_comes_back_as_the_button_that_it_is(teams, echo, connector):
    card = asked(teams, echo, connector, MANY)
    (several,) = [element for element in card["body"] if element["type"] == "Input.ChoiceSet"]
    (send,) = actions(card)
    assert len(several["choices"]) == 9
    picked = several["choices"][7]
    assert teams.send(submitted({**send["data"], several["id"]: picked["value"]})).status_code == 200
    assert heard(echo, 2)[1] == f'pressed:{MANY[7]["payload"]}'


@pytest.mark.parametrize("choice", [None, "", "9", "99", "-1", "1.5", "seven", 9, True, [], {}, "9" * 30])
def test_a_choice_that_is_not_there_is_refused_in_words(teams, echo, connector, choice):
    (send,) = actions(asked(teams, echo, connector, MANY))
    assert teams.send(submitted({**send["data"], "choice": choice})).status_code == 200
    until(lambda: len(connector.taken) == 2)
    assert heard(echo) == ["typed:hello"]
    assert "choice" in connector.texts[1].lower() or "option" in connector.texts[1].lower(), connector.texts


@pytest.mark.parametrize("seq", ["x", -1, 1.5, None, [], "9" * 40, 2**40, True])
def test_a_list_of_a_message_without_a_number_is_not_usable(teams, echo, connector, seq):
    assert teams.send(submitted({"seq": seq, "choice": "1"})).status_code == 400


def test_a_payload_that_was_not_offered_is_refused(teams, echo, connector):
    asked(teams, echo, connector, YES)
    for payload in ("/handoff_to_nobody", '/greet{"language": "en"}', "/affirm "):
        assert teams.send(submitted({"payload": payload, "title": "Yes"})).status_code == 200
    until(lambda: len(connector.taken) == 4)
    assert heard(echo) == ["typed:hello"]


def test_the_button_of_another_chat_is_refused(teams, echo, connector):
    (send,) = actions(asked(teams, echo, connector, MANY))
    teams.send(submitted({**send["data"], "choice": "1"}, conversation="a:other"))
    until(lambda: len(connector.taken) == 2)
    assert [text for sender, text in echo.heard] == ["typed:hello"]
    assert connector.taken[1][0] == "a:other"


def test_the_title_that_a_caller_makes_up_is_not_shown_to_staff(teams, echo, connector):
    asked(teams, echo, connector, YES)
    teams.send(submitted({"payload": "/affirm", "title": "I agree to everything"}))
    heard(echo, 2)
    sender = echo.heard[0][0]
    said = until(lambda: [document["text"] for document in transcript(teams, sender) if document["kind"] == "chosen"])
    assert said == ["Yes, it is"]


def transcript(teams, conversation):
    import asyncio

    found = teams.server.gateway.transcript.after(conversation, 0)
    return asyncio.run_coroutine_threadsafe(found, teams.server._loop).result(10)


@pytest.mark.parametrize(
    "value",
    [{}, [], "text", "{", "[" * 5_000, 5, None, {"payload": 5}, {"feedback": "maybe"}, {"feedback": {"a": 1}}, {"else": "x"}],
    ids=lambda value: str(value)[:20],
)
def test_a_value_that_is_not_ours_leaves_the_text_as_it_is(teams, echo, value):
    assert teams.send(message("hello", value=value)).status_code == 200
    assert heard(echo) == ["typed:hello"]


def test_a_value_that_comes_as_text_is_read(teams, echo, connector):
    asked(teams, echo, connector, YES)
    teams.send(message("Yes, it is", value='{"payload": "/affirm", "title": "Yes, it is"}'))
    assert heard(echo, 2)[1] == "pressed:/affirm"


@pytest.mark.parametrize(
    "activity, status, document",
    [
        (message(None, type="invoke", name="composeExtension/query", value={}), 501, None),
        (message(None, type="invoke", name=None, value=None), 501, None),
        (invoked({"else": 1}), 200, 400),
        (invoked(None), 200, 400),
        (message(None, type="invoke", name="adaptiveCard/action", value=None), 200, 400),
        (message(None, type="invoke", name="adaptiveCard/action", value="{}"), 400, None),
    ],
)
def test_an_invoke_activity_that_is_not_ours_is_answered(teams, echo, activity, status, document):
    response = teams.send(activity)
    assert response.status_code == status
    if document:
        assert response.json()["statusCode"] == document and response.json()["type"] == "application/vnd.microsoft.error"
    assert echo.heard == []


# Rated


@pytest.mark.parametrize("way", [submitted, invoked])
def test_a_rating_is_stored_with_its_word_and_thanked_for_once(teams, echo, connector, way):
    teams.send(message("hello"))
    until(lambda: connector.taken)
    sender = echo.heard[0][0]
    data = {"feedback": "yes", "seq": 2, "word": " quick  "}
    for _ in range(2):
        assert teams.send(way(data, id="rating-0001")).status_code == 200
    until(lambda: len(connector.taken) == 2)
    time.sleep(0.1)
    (given,) = [document for document in transcript(teams, sender) if document["kind"] == "feedback"]
    assert given["helped"] is True and given["text"] == "quick"
    assert len(connector.taken) == 2 and "hank" in connector.texts[1]


def test_a_word_that_is_too_long_is_refused_in_words_and_nothing_is_stored(teams, echo, connector):
    teams.send(message("hello"))
    until(lambda: connector.taken)
    teams.send(submitted({"feedback": "no", "seq": 2, "word": "x" * 501}))
    until(lambda: len(connector.taken) == 2)
    assert "500" in connector.texts[1]
    assert [document for document in transcript(teams, echo.heard[0][0]) if document["kind"] == "feedback"] == []


# Whatever comes

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ["type", "id", "from", "recipient", "conversation", "channelData", "locale", "text", "textFormat", "value", "name", "entities"]


@hypothesis_settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["message", "invoke", "conversationUpdate", "installationUpdate"]),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING, min_size=1, max_size=3),
)
def test_an_activity_of_any_shape_is_read_or_refused(kind, given):
    activity = {"serviceUrl": "https://x.example/", **message(), "type": kind, **given}
    try:
        happened(activity)
    except Refused as refused:
        assert refused.code == "not_usable"

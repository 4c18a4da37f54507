"""Buttons, lists, sources, feedback and the slash command."""

import json
import urllib.parse

import pytest

from bot.channels.message import Reply
from bot.channels.slack.blocks import answered
from tests.channels.conftest import Echo
from tests.channels.slack.conftest import (
    BOT_ID, CHANNEL, DIRECT, USER, Slack, button, error, interaction, message_of, ts, until,
)  # fmt: skip

CONVERSATION = f"slack-none-T0TEAM-{DIRECT}"


class Source:
    def __init__(self, title, url, says):
        self.title, self.url, self.says = title, url, says


class Asking(Echo):
    """Answers with everything a message may have."""

    def __init__(self, buttons=2, sources=True, feedback=True):
        super().__init__()
        self.buttons = [{"title": f"Choice {number}", "payload": f"/choose{json.dumps({'n': number})}"} for number in range(buttons)]
        self.more = {"asks_feedback": feedback}
        if sources:
            self.more["sources"] = (Source("Benefits guide", "https://learn.microsoft.com/x", "Five incidents a year."),)

    async def _reply(self, text, sender, message_id):
        replies = await super()._reply(text, sender, message_id)
        return [Reply(reply.text, reply.buttons, language=reply.language, **self.more) for reply in replies]


def heard(running):
    return [text for _, text in running.assistant.heard]


def ask(slack, api, how=None):
    """Say something; return the message that answers it, as Slack gives it back."""
    before = len(api.of("chat.postMessage"))
    (how or slack.say)("hello")
    return message_of(until(lambda: api.of("chat.postMessage")[before:])[0])


def elements(message):
    return [element for block in message["blocks"] for element in block.get("elements", ()) if "action_id" in element]


def element(message, action_id):
    return next(found for found in elements(message) if found["action_id"] == action_id)


@pytest.fixture
def asking(begin):
    return begin(Asking())


@pytest.fixture
def slack(asking):
    return Slack(asking.address)


def test_a_button_is_an_answer_and_is_replaced_by_what_was_chosen(slack, api, asking):
    question = ask(slack, api)
    assert slack.use(element(question, "choose:1"), question).status_code == 200
    (changed,) = until(lambda: api.of("chat.update"))
    until(lambda: heard(asking)[-1] == 'pressed:/choose{"n": 1}')
    assert (changed["channel"], changed["ts"], changed["text"]) == (DIRECT, question["ts"], question["text"])
    left = elements(changed)
    assert [found["action_id"] for found in left if found["action_id"].startswith("choose")] == []
    assert "sources" in [found["action_id"] for found in left] and "feedback:yes" in [found["action_id"] for found in left]
    assert "You chose: Choice 1" in json.dumps(changed)


def test_in_a_channel_it_says_who_chose_and_the_thread_goes_on(slack, api, asking):
    question = ask(slack, api, slack.mention)
    assert slack.use(element(question, "choose:0"), question, channel=CHANNEL).status_code == 200
    (changed,) = until(lambda: api.of("chat.update"))
    assert f"<@{USER}> chose: Choice 0" in json.dumps(changed)
    until(lambda: len(api.of("chat.postMessage")) == 2)
    first, second = api.of("chat.postMessage")
    assert first["thread_ts"] == second["thread_ts"] and second["channel"] == CHANNEL
    assert len({sender for sender, _ in asking.assistant.heard}) == 1


def test_more_than_five_choices_are_a_list_whose_options_are_answers(begin, api):
    running = begin(Asking(buttons=8))
    slack = Slack(running.address)
    question = ask(slack, api)
    select = element(question, "choose")
    option = select["options"][6]
    slack.use({"type": "static_select", "action_id": "choose", "selected_option": option}, question)
    (changed,) = until(lambda: api.of("chat.update"))
    assert "You chose: Choice 6" in json.dumps(changed)
    until(lambda: heard(running)[-1] == 'pressed:/choose{"n": 6}')


def test_a_payload_too_long_for_slack_is_found_by_its_place(begin, api):
    assistant = Asking(buttons=8)
    assistant.buttons = [{"title": f"Choice {n}", "payload": f"/choose{'x' * 300}{n}"} for n in range(8)]
    running = begin(assistant)
    slack = Slack(running.address)
    question = ask(slack, api)
    option = element(question, "choose")["options"][5]
    assert option["value"].endswith(":5")
    slack.use({"type": "static_select", "action_id": "choose", "selected_option": option}, question)
    until(lambda: heard(running)[-1] == f"pressed:/choose{'x' * 300}5")


@pytest.mark.parametrize("value", ["/affirm", "99:0", "2:99", "0:0", "", '/handover{"secret": 1}'])
def test_a_choice_that_was_not_offered_is_told_and_changes_nothing(slack, api, asking, value):
    question = ask(slack, api)
    slack.use(button("choose:0", value), question)
    until(lambda: any("does not belong to this conversation" in text for text in api.texts()))
    assert api.of("chat.update") == [] and heard(asking) == ["typed:hello"]


def test_a_choice_of_another_conversation_is_not_found(slack, api, asking):
    question = ask(slack, api)
    slack.use(button("choose:0", "2:0"), question, channel="D0OTHER", user="U0OTHER")
    until(lambda: any(asked["channel"] == "D0OTHER" for asked in api.of("chat.postMessage")))
    assert heard(asking) == ["typed:hello"]


def test_a_request_that_comes_twice_counts_once(slack, api, asking):
    question = ask(slack, api)
    action = {**element(question, "choose:0"), "action_ts": ts()}
    for _ in range(3):
        slack.use(action, question)
    slack.say("the end")
    until(lambda: "typed:the end" in heard(asking))
    assert heard(asking) == ["typed:hello", 'pressed:/choose{"n": 0}', "typed:the end"]


def test_a_double_click_is_one_answer(slack, api, asking):
    api.failures["chat.update"] = [1.0]
    question = ask(slack, api)
    for _ in range(3):
        slack.use(element(question, "choose:0"), question)
    slack.say("the end")
    until(lambda: "typed:the end" in heard(asking))
    assert heard(asking).count('pressed:/choose{"n": 0}') == 1


def test_a_message_that_cannot_be_changed_keeps_the_answer(slack, api, asking):
    api.failures["chat.update"] = [error("message_not_found")]
    question = ask(slack, api)
    slack.use(element(question, "choose:0"), question)
    until(lambda: heard(asking)[-1] == 'pressed:/choose{"n": 0}')
    until(lambda: api.of("chat.update"))
    slack.use(element(question, "choose:1"), question)  # and it may be used again
    until(lambda: heard(asking)[-1] == 'pressed:/choose{"n": 1}')


def test_a_change_that_slack_wants_later_is_made_later(slack, api, asking):
    api.failures["chat.update"] = [error("ratelimited", 429, Retry_After="0")]
    question = ask(slack, api)
    slack.use(element(question, "choose:0"), question)
    until(lambda: len(api.of("chat.update")) == 2)


def test_why_is_shown_to_the_asker_only(slack, api):
    question = ask(slack, api, slack.mention)
    assert slack.use(element(question, "sources"), question, channel=CHANNEL).status_code == 200
    (shown,) = until(lambda: api.of("chat.postEphemeral"))
    assert (shown["channel"], shown["user"], shown["thread_ts"]) == (CHANNEL, USER, question["thread_ts"])
    assert "Five incidents a year." in json.dumps(shown["blocks"]) and "https://learn.microsoft.com/x" in json.dumps(shown["blocks"])


@pytest.mark.parametrize("value", ["1", "99", "", "x", "-1", "9" * 12])
def test_why_of_what_has_no_sources_shows_nothing(slack, api, asking, value):
    question = ask(slack, api)
    assert slack.use(button("sources", value), question).status_code == 200
    slack.say("the end")
    until(lambda: "typed:the end" in heard(asking))
    assert api.of("chat.postEphemeral") == []


def rate(slack, question, answer, word):
    values = {"feedback": {"word": {"type": "plain_text_input", "value": word}}}
    return slack.use(element(question, f"feedback:{answer}"), question, state={"values": values})


def stored_feedback(running):
    import asyncio

    found = running.gateway.transcript.after(CONVERSATION, 0)
    documents = asyncio.run_coroutine_threadsafe(found, running._loop).result(10)
    return [document for document in documents if document["kind"] == "feedback"]


@pytest.mark.parametrize("answer, word, text", [("yes", None, ""), ("no", " too slow ", "too slow")])
def test_feedback_is_stored_with_its_word_and_thanked_for(slack, api, asking, answer, word, text):
    question = ask(slack, api)
    assert rate(slack, question, answer, word).status_code == 200
    (changed,) = until(lambda: api.of("chat.update"))
    assert [(found["helped"], found["text"]) for found in stored_feedback(asking)] == [(answer == "yes", text)]
    shown = json.dumps(changed["blocks"])
    assert "Thank you for your answer." in shown
    assert "Did this help?" not in shown and "feedback" not in shown and '"choose:0"' in shown and '"sources"' in shown
    assert "typed:hello" in shown


def test_secrets_in_feedback_are_taken_out(slack, api, asking):
    question = ask(slack, api)
    rate(slack, question, "no", "my password is Welkom123!")
    until(lambda: stored_feedback(asking))
    assert "Welkom" not in str(stored_feedback(asking))


def test_a_word_that_is_too_long_is_told_and_the_question_stays(slack, api, asking):
    question = ask(slack, api)
    rate(slack, question, "no", "x" * 501)
    until(lambda: any("too long" in text for text in api.texts()))
    assert stored_feedback(asking) == [] and api.of("chat.update") == []


def test_lists_beside_a_text_are_taken_away_too():
    blocks = [
        {"type": "section", "text": {}, "accessory": {"type": "static_select", "action_id": "choose"}},
        {"type": "actions", "elements": [button("choose:0", "a"), button("sources", "1")]},
        {"type": "actions", "elements": [button("choose:1", "b")]},
    ]
    left = answered(blocks, "choose", "line")
    assert [block["type"] for block in left] == ["context", "section", "actions"] and "accessory" not in left[1]
    assert [found["action_id"] for found in left[2]["elements"]] == ["sources"]


def test_a_message_without_what_was_used_stays_as_it_is():
    blocks = [{"type": "section", "text": {}}, {"type": "actions", "elements": [button("sources", "1")]}]
    assert answered(blocks, "feedback", "line") == blocks


def test_what_was_chosen_is_shown_as_text_whatever_it_holds(begin, api):
    assistant = Asking()
    assistant.buttons = [{"title": "<@U1> & <!here> *b*", "payload": "/odd"}]
    slack = Slack(begin(assistant).address)
    question = ask(slack, api)
    slack.use(element(question, "choose:0"), question)
    (changed,) = until(lambda: api.of("chat.update"))
    line = next(block for block in changed["blocks"] if "You chose" in json.dumps(block))["elements"][0]["text"]
    assert "<" not in line and "&lt;!here&gt;" in line and " *b*" not in line


def test_the_largest_question_fits_into_the_request_that_answers_it(begin, api):
    """A list of so many choices as the products are comes back whole with the answer; the server takes 64 kB."""
    slack = Slack(begin(Asking(buttons=60)).address)
    question = ask(slack, api)
    select = element(question, "choose")
    action = {"type": "static_select", "action_id": "choose", "selected_option": select["options"][59]}
    assert slack.use(action, question).status_code == 200
    assert len(urllib.parse.quote(json.dumps(question))) < 60_000


# The home's buttons


def use_home(slack, language):
    payload = interaction(button(f"home:{language}", language))
    for name in ("channel", "message"):
        del payload[name]
    payload["container"] = {"type": "view", "view_id": "V1"}
    return slack.form("interactions", {"payload": json.dumps(payload)})


def test_the_home_begins_a_conversation_in_the_language_chosen(slack, api, asking):
    assert use_home(slack, "nl").status_code == 200
    until(lambda: heard(asking) == ['pressed:/greet{"language": "nl"}'])
    assert api.of("conversations.open") == [{"users": USER}]
    (sent,) = until(lambda: api.of("chat.postMessage"))
    assert sent["channel"] == DIRECT
    use_home(slack, "en")
    until(lambda: heard(asking)[-1] == 'pressed:/switch_language{"language":"en"}')
    assert use_home(slack, "fr").status_code == 200
    slack.say("the end")
    until(lambda: heard(asking)[-1] == "typed:the end")
    assert len(heard(asking)) == 3


# The command


def test_the_command_opens_a_conversation_in_the_direct_message(slack, api, asking):
    answer = slack.command("our server is &lt;down&gt;", user_id=USER)
    assert answer.status_code == 200 and "direct messages" in answer.json()["text"]
    (sent,) = until(lambda: api.of("chat.postMessage"))
    assert sent["channel"] == DIRECT and heard(asking) == ["typed:our server is <down>"]
    slack.say("and now?")
    until(lambda: len(heard(asking)) == 2)
    assert {sender for sender, _ in asking.assistant.heard} == {CONVERSATION}


def test_the_command_alone_greets(slack, api, asking):
    assert slack.command("  ").status_code == 200
    until(lambda: heard(asking) == ['pressed:/greet{"language": "en"}'])


def test_the_command_alone_is_answered_in_a_conversation_that_has_begun_too(slack, api, asking):
    slack.command("our server is down")
    until(lambda: api.of("chat.postMessage"))
    slack.command("")
    until(lambda: heard(asking) == ["typed:our server is down", "typed:Hello"])


def test_the_command_speaks_the_language_of_the_persons_conversation(slack, api, asking):
    slack.command("hallo")
    until(lambda: api.of("chat.postMessage"))
    database = asking.gateway.transcript._database
    database.write_now(lambda on: on.exec_driver_sql("UPDATE chat_conversation SET language = 'nl'"))
    assert "privéberichten" in slack.command("onze server ligt plat").json()["text"]
    assert "Typ `/support`" in slack.command("help").json()["text"]


def test_the_command_explains_itself(slack, api, asking):
    answer = slack.command("Help").json()
    assert answer["response_type"] == "ephemeral" and "/support" in answer["text"]
    assert api.calls == [] and heard(asking) == []


def test_the_command_speaks_the_language_of_the_settings(begin, api):
    slack = Slack(begin(language="nl").address)
    assert "privéberichten" in slack.command("hallo").json()["text"]
    assert "Typ `/support`" in slack.command("help").json()["text"]


def test_a_command_that_comes_twice_counts_once(slack, api, asking):
    for _ in range(3):
        slack.command("hello", trigger_id="77.88.abc")
    until(lambda: heard(asking) == ["typed:hello"])
    slack.say("the end")
    until(lambda: "typed:the end" in heard(asking))
    assert heard(asking) == ["typed:hello", "typed:the end"]


def test_a_persons_direct_message_is_looked_up_once(slack, api, asking):
    for number in range(3):
        slack.command(f"number {number}")
        until(lambda: len(heard(asking)) == number + 1)
    slack.command("bob", user_id="U0BOB")
    until(lambda: "typed:bob" in heard(asking))
    assert [asked["users"] for asked in api.of("conversations.open")] == ["U0ANN", "U0BOB"]


def test_a_command_that_cannot_be_done_is_told(slack, api, asking):
    api.failures["conversations.open"] = [error("user_not_found")]
    slack.command("hello", response_url=f"{api.address}/respond/9")
    (told,) = until(lambda: api.told)
    assert "did not arrive" in told["text"] and heard(asking) == []


def test_nobody_is_told_at_an_address_of_another_host(slack, api, asking):
    api.failures["conversations.open"] = [error("user_not_found")]
    slack.command("hello", response_url=f"http://localhost:{api.address.rsplit(':', 1)[1]}/respond/9")
    slack.say("the end")
    until(lambda: "typed:the end" in heard(asking))
    assert api.told == []


def test_the_assistants_own_id_is_no_person(slack, api, asking):
    assert slack.say("echo", user=BOT_ID).status_code == 200
    slack.say("the end")
    until(lambda: heard(asking) == ["typed:the end"])

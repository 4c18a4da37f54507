"""Staff take a conversation over in Slack: what they write arrives there, and what is written there reaches them."""

from bot.helpdesk import cases
from bot.helpdesk.settings import HelpdeskSettings
from tests.channels.slack.conftest import Slack, until
from tests.helpdesk.desks import Listening, member


def test_staff_and_a_person_in_slack_talk_until_the_assistant_is_back(begin, api):
    server = begin(Listening(), helpdesk=HelpdeskSettings())
    slack, ann, acts = Slack(server.address), member(server, "ann"), server.helpdesk.acts
    slack.say("person")
    (case,) = until(lambda: server.run(server.helpdesk.cases.look_for(cases.Wanted()))[0])
    until(lambda: any(case.number in text for text in api.texts()))
    server.run(acts.take_over(ann, case.id))
    server.run(acts.write(ann, case.id, "hello from *Ann*", "m1"))
    until(lambda: any("hello from" in text for text in api.texts()))
    assert "Ann" in str(api.of("chat.postMessage")[-1]["blocks"][0])
    slack.say("hello Ann")
    until(lambda: server.assistant.overheard == ["hello Ann"])
    server.run(acts.is_writing(ann, case.id))  # which Slack cannot show, and nothing fails
    server.run(acts.hand_back(ann, case.id))
    until(lambda: "Where were we?" in api.texts()[-1])
    order = [next(i for i, text in enumerate(api.texts()) if part in text) for part in ("has joined", "hello from", "has left")]
    assert order == sorted(order)

"""Staff take a conversation over in Teams: what they write arrives there, with a sign of typing before it."""

from bot.helpdesk import cases
from bot.helpdesk.settings import HelpdeskSettings
from tests.channels.conftest import until
from tests.channels.teams.conftest import CREDENTIALS
from tests.channels.teams.microsoft import Teams, message
from tests.helpdesk.desks import Listening, member


def test_staff_and_a_person_in_teams_talk_until_the_assistant_is_back(serve, settings, connector):
    server = serve(Listening(), settings(), credentials=CREDENTIALS, helpdesk=HelpdeskSettings())
    teams, ann, acts = Teams(server, f"{connector.address}/amer/"), member(server, "ann"), server.helpdesk.acts
    teams.send(message("person"))
    (case,) = until(lambda: server.run(server.helpdesk.cases.look_for(cases.Wanted()))[0])
    server.run(acts.take_over(ann, case.id))
    server.run(acts.is_writing(ann, case.id))
    until(lambda: "'type': 'typing'" in str(connector.taken))
    server.run(acts.write(ann, case.id, "hello from Ann", "m1"))
    until(lambda: "hello from Ann" in str(connector.taken))
    teams.send(message("hello Ann"))
    until(lambda: server.assistant.overheard == ["hello Ann"])
    server.run(acts.hand_back(ann, case.id))
    until(lambda: "Where were we?" in str(connector.taken))
    said = str(connector.taken)
    assert said.index("has joined") < said.index("hello from Ann") < said.index("has left") < said.index("Where were we?")

"""The server with Teams on, and Microsoft on this machine."""

import pytest

from bot.channels import workers
from bot.channels.teams import keys
from bot.settings import Credentials, Settings
from tests.channels.conftest import Echo
from tests.channels.teams.microsoft import APP_ID, TENANT, Connector, Framework, Login, Teams, certificates, running

CREDENTIALS = Credentials(teams_app_secret="a secret of the bot")


@pytest.fixture(scope="session")
def trusted(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def framework():
    with running(Framework()) as server:
        yield server


@pytest.fixture
def connector():
    with running(Connector()) as server:
        yield server


@pytest.fixture
def login(trusted, monkeypatch):
    context, authority = trusted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority))
    with running(Login(context)) as server:
        yield server


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """Failed work is tried again soon, and keys that could not be had are asked for again at once."""
    monkeypatch.setattr(workers, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(keys, "AFTER_FAILURE", 0.0)


@pytest.fixture
def settings(framework, connector, login):
    """Return a function that makes the settings, but for what is given."""

    def make(limits=None, **more):
        teams = {
            "app_id": APP_ID,
            "tenant": TENANT,
            "hosts": [f"127.0.0.1:{connector.port}"],
            "login": login.address,
            "openid": f"{framework.address}/openid",
            **more,
        }
        return Settings(teams=teams, limits=limits or {})

    return make


@pytest.fixture
def echo():
    assistant = Echo()
    assistant.buttons = []
    return assistant


@pytest.fixture
def start(serve, settings, connector, echo):
    """Return a function that starts the server with Teams on."""

    def start(assistant=None, limits=None, **more):
        server = serve(assistant or echo, settings(limits, **more), credentials=CREDENTIALS)
        return Teams(server, f"{connector.address}/amer/")

    return start


@pytest.fixture
def teams(start):
    return start()

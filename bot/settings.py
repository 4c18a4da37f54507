"""The settings of the channels: `channels.yml`, and the server's secret."""

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import List, Literal, Type, TypeVar

from pydantic import BaseModel, Extra, Field, ValidationError, validator

from bot.engine import UnusableFacts
from bot.knowledge.strict_yaml import BrokenKnowledge, read

PROJECT = Path(__file__).resolve().parent.parent
FILE = PROJECT / "channels.yml"
FILE_VARIABLE = "TRIAGE_CHANNELS"
SECRET_VARIABLE = "TRIAGE_SECRET"
SHORTEST_SECRET = 32  # characters
MEMORY = "memory"
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_PORT = r"(?::(?!0|443$|80$)\d{1,4}|:[1-5]\d{4}|:6[0-4]\d{3}|:65[0-4]\d\d|:655[0-2]\d|:6553[0-5])?"
ORIGIN = re.compile(
    rf"(?:https://{_LABEL}(?:\.{_LABEL})*|http://(?:localhost|127\.0\.0\.1)){_PORT}", re.IGNORECASE
)

ADDRESS = re.compile(r"(?:https://[^\s/?#@]+|http://(?:localhost|127\.0\.0\.1)(?::\d+)?)(?:/[^\s?#]*)?")
HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+|(?:localhost|127\.0\.0\.1):\d+", re.IGNORECASE)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Section(BaseModel):
    """A part of a file of settings."""

    class Config:
        """An entry that is not known is an error."""

        extra = Extra.forbid
        allow_mutation = False


def is_address(cls: type, given: str) -> str:
    """Take an address of a server."""
    if not ADDRESS.fullmatch(given):
        raise ValueError(f'"{given}" must be an address that begins with https://')
    return given


class WidgetSettings(Section):
    """Who may show the widget, and how long a conversation stays open."""

    origins: List[str] = []
    session_hours: float = Field(12, gt=0, le=24 * 30)
    renew_minutes: float = Field(15, gt=0, le=24 * 60)

    @validator("origins", each_item=True)
    def is_origin(cls, origin: str) -> str:
        """Refuse what a browser would never send as an origin: it would be a hole, or let nobody in."""
        if not ORIGIN.fullmatch(origin):
            raise ValueError(
                f'"{origin}" must be a scheme and a host as browsers send it, like https://www.partner.example '
                "(http:// for localhost only, a port when it is not the usual one, other letters as xn--)"
            )
        return origin.lower()


class SlackSettings(Section):
    """Slack: in which language a conversation begins, and where Slack's Web API is."""

    language: Literal["en", "nl"] = "en"
    api: str = "https://slack.com/api/"

    _is_api = validator("api", allow_reuse=True)(is_address)


class TeamsSettings(Section):
    """Microsoft Teams: the bot's identity, who may use it, and the addresses of the cloud it runs in."""

    app_id: str = ""  # of the Azure Bot; also called the client id
    tenant: str = ""  # of a single-tenant bot; empty for a multi-tenant one
    tenants: List[str] = []  # organizations whose people may use it; empty for all that the bot is installed in
    language: Literal["en", "nl"] = "en"  # for people whose Teams is in neither language
    hosts: List[str] = ["smba.trafficmanager.net"]  # to which the bot's token may be sent
    login: str = "https://login.microsoftonline.com"
    scope: str = "https://api.botframework.com/.default"
    issuer: str = "https://api.botframework.com"
    openid: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"

    _is_openid = validator("openid", "login", allow_reuse=True)(is_address)

    @validator("app_id", "tenant")
    def is_id(cls, given: str) -> str:
        """Take an id as the Azure portal shows it, or none."""
        if given and not UUID.fullmatch(given):
            raise ValueError(f'"{given}" must be an id like 12345678-1234-1234-1234-123456789abc')
        return given.lower()

    @validator("tenants", each_item=True)
    def is_tenant(cls, given: str) -> str:
        """Take the ids of organizations."""
        if not UUID.fullmatch(given):
            raise ValueError(f'"{given}" must be an id like 12345678-1234-1234-1234-123456789abc')
        return given.lower()

    @validator("hosts", each_item=True)
    def is_host(cls, given: str) -> str:
        """Take names of hosts, without scheme, path or wildcard; of this machine with a port."""
        if not HOST.fullmatch(given):
            raise ValueError(f'"{given}" must be a host like smba.trafficmanager.net, without https:// and without a path')
        return given.lower()


class LimitSettings(Section):
    """How much may be sent, and where it is counted."""

    store: str = MEMORY
    messages_per_minute: int = Field(20, gt=0)
    messages_burst: int = Field(10, gt=0)
    requests_per_minute: int = Field(240, gt=0)
    requests_burst: int = Field(120, gt=0)
    sessions_per_minute: int = Field(30, gt=0)
    sessions_burst: int = Field(30, gt=0)

    @validator("store")
    def is_store(cls, store: str) -> str:
        """Take memory or the address of a Redis server."""
        if store != MEMORY and not store.startswith(("redis://", "rediss://")):
            raise ValueError(f'"{store}" must be "{MEMORY}" or an address like redis://host:6379/0')
        return store


class Settings(Section):
    """channels.yml"""

    proxies: int = Field(0, ge=0, le=10)
    widget: WidgetSettings = WidgetSettings()
    slack: SlackSettings = SlackSettings()
    teams: TeamsSettings = TeamsSettings()
    limits: LimitSettings = LimitSettings()


def load_settings(path: Path = FILE) -> Settings:
    """Return the settings in a file; all defaults when there is none. Raises UnusableFacts with every problem."""
    return read_settings(Settings, path, FILE_VARIABLE)


Found = TypeVar("Found", bound=Section)


def read_settings(kind: Type[Found], path: Path, variable: str) -> Found:
    """Return the settings in `path`, or in the file that the environment names; all defaults when there is none.

    Raises UnusableFacts with every problem.
    """
    path = Path(os.environ.get(variable) or path)
    if not path.exists():
        if os.environ.get(variable):
            raise UnusableFacts(f"{path} ({variable}) is missing")
        return kind()
    try:
        return kind(**(read(path, path.name) or {}))
    except BrokenKnowledge as problem:
        raise UnusableFacts(str(problem)) from None
    except ValidationError as error:
        found = [f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}" for problem in error.errors()]
        raise UnusableFacts(f"{path.name}: {'; '.join(found)}") from None


def server_secret(database: Path) -> bytes:
    """Return the key that signs sessions: TRIAGE_SECRET, else one kept beside the database, made the first time.

    Sessions outlive a restart because the key does. Raises UnusableFacts when the key given is too short to be one.
    """
    given = os.environ.get(SECRET_VARIABLE)
    if given is not None:
        if len(given) < SHORTEST_SECRET:
            raise UnusableFacts(f"{SECRET_VARIABLE} must have at least {SHORTEST_SECRET} characters")
        return given.encode()
    file = database.with_suffix(".key")
    try:
        with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as key:
            key.write(secrets.token_urlsafe(SHORTEST_SECRET))
    except FileExistsError:
        pass
    found = file.read_bytes().strip()
    if len(found) < SHORTEST_SECRET:
        raise UnusableFacts(f"{file} holds no whole key; remove it (open conversations then end)")
    return found


@dataclass(frozen=True)
class Credentials:
    """What Slack and Teams know the assistant by. They are secret, so they are given in the environment; empty when not given."""

    slack_signing_secret: str = ""
    slack_bot_token: str = ""
    teams_app_secret: str = ""

    @classmethod
    def given(cls) -> "Credentials":
        """Return those in the environment."""
        return cls(**{name: os.environ.get(f"TRIAGE_{name.upper()}", "").strip() for name in cls.__dataclass_fields__})


NO_CREDENTIALS = Credentials()

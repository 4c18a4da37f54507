"""The settings of the helpdesk: `helpdesk.yml`. What is secret is given in the environment."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, List, Literal, Optional
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, root_validator, validator

from bot.settings import PROJECT, Section, is_address, read_settings

FILE = PROJECT / "helpdesk.yml"
FILE_VARIABLE = "TRIAGE_HELPDESK"
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d")
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
Event = Literal["case_opened", "case_claimed", "case_solved"]
EVENTS: List[Event] = ["case_opened", "case_claimed", "case_solved"]


class HoursSettings(Section):
    """When staff are there, and within how many hours of being there an answer comes."""

    days: List[Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]] = [
        "monday", "tuesday", "wednesday", "thursday", "friday",
    ]  # fmt: skip
    opens: str = "09:00"
    closes: str = "17:00"
    zone: str = "Europe/Amsterdam"
    answer_within: float = Field(8, gt=0, le=200)  # hours of being there

    @validator("opens", "closes")
    def is_time(cls, given: str) -> str:
        """Take a time of the day."""
        if not TIME.fullmatch(given):
            raise ValueError(f'"{given}" must be a time like "09:00", in quotation marks')
        return given

    @validator("closes")
    def is_later(cls, given: str, values: Dict[str, str]) -> str:
        """Refuse a day that ends before it begins."""
        if given <= values.get("opens", ""):
            raise ValueError(f'"{given}" must be later than "opens"')
        return given

    @validator("days")
    def is_some_day(cls, given: List[str]) -> List[str]:
        """Refuse a week without a day."""
        if not given:
            raise ValueError("must name at least one day")
        return given

    @validator("zone")
    def is_zone(cls, given: str) -> str:
        """Take the name of a time zone."""
        try:
            ZoneInfo(given)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f'"{given}" is no time zone; one is like Europe/Amsterdam') from None
        return given


class OpenIdSettings(Section):
    """Sign-in by OpenID Connect. Entra ID: issuer https://login.microsoftonline.com/TENANT/v2.0, roles from app roles."""

    issuer: str = ""  # empty: local accounts only
    client_id: str = ""
    scope: str = "openid profile email"
    role_claim: str = "roles"  # of the ID token; a list or a word
    agent: List[str] = ["agent"]  # values of the claim that make an agent
    lead: List[str] = ["lead"]

    @validator("issuer")
    def is_issuer(cls, given: str) -> str:
        """Take an address, or none."""
        return is_address(cls, given) if given else given


class WebhookSettings(Section):
    """A program that is told of cases (docs/webhooks.md). Its secret: TRIAGE_WEBHOOK_<NAME>_SECRET."""

    name: str
    url: str
    events: List[Event] = EVENTS

    _is_address = validator("url", allow_reuse=True)(is_address)

    @validator("name")
    def is_name(cls, given: str) -> str:
        """Take a short word."""
        if not NAME.fullmatch(given):
            raise ValueError(f'"{given}" must be a word of lower-case letters, digits, _ and -')
        return given


class SlackTarget(Section):
    """A channel of Slack (its id, like C0123456789) in which the app is a member."""

    channel: str = ""
    events: List[Event] = EVENTS


class TeamsTarget(Section):
    """A channel of Teams: `conversation` is its id (19:...@thread.tacv2), `service` the serviceUrl of its region."""

    conversation: str = ""
    service: str = "https://smba.trafficmanager.net/emea/"
    events: List[Event] = EVENTS


class MailSettings(Section):
    """Mail through SMTP. The password: TRIAGE_MAIL_PASSWORD."""

    host: str = ""
    port: int = Field(587, gt=0, lt=65536)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    sender: str = ""
    to: List[str] = []
    events: List[Event] = EVENTS

    @root_validator(skip_on_failure=True)
    def is_whole(cls, values: Dict[str, object]) -> Dict[str, object]:
        """Refuse a mail server without the addresses."""
        if values["host"] and not (values["sender"] and values["to"]):
            raise ValueError("mail needs `sender` and `to` beside `host`")
        return values


class ServiceNowSettings(Section):
    """An incident for each case. User and password: TRIAGE_SERVICENOW_USER, TRIAGE_SERVICENOW_PASSWORD."""

    instance: str = ""  # https://NAME.service-now.com
    table: str = "incident"
    fields: Dict[str, str] = {}  # of every incident, such as assignment_group
    minutes: float = Field(5, gt=0)  # between looks at how its incidents stand

    @validator("instance")
    def is_instance(cls, given: str) -> str:
        """Take an address, or none."""
        return is_address(cls, given).rstrip("/") if given else given


class TargetSettings(Section):
    """Who else is told of cases."""

    webhooks: List[WebhookSettings] = []
    slack: SlackTarget = SlackTarget()
    teams: TeamsTarget = TeamsTarget()
    mail: MailSettings = MailSettings()
    servicenow: ServiceNowSettings = ServiceNowSettings()

    @validator("webhooks")
    def are_told_apart(cls, given: List[WebhookSettings]) -> List[WebhookSettings]:
        """Refuse two webhooks of one name."""
        names = [webhook.name.replace("-", "_") for webhook in given]  # as in the variables of their secrets
        if len(set(names)) < len(names):
            raise ValueError("two webhooks have one name (- and _ count as the same)")
        return given


class HelpdeskSettings(Section):
    """helpdesk.yml"""

    address: str = ""  # where staff open the console, https://...; for links in mail and messages, and for sign-in
    session_hours: float = Field(10, gt=0, le=24 * 7)
    contact: str = Field("", max_length=200)  # how else the helpdesk is reached; told when nobody is there
    hours: HoursSettings = HoursSettings()
    openid: OpenIdSettings = OpenIdSettings()
    targets: TargetSettings = TargetSettings()
    keep_days: int = Field(365, gt=0)  # transcripts and cases; `triage purge` removes what is older

    @validator("address")
    def is_console(cls, given: str) -> str:
        """Take an address without a path, or none."""
        found = is_address(cls, given).rstrip("/") if given else given
        if "/" in found.partition("://")[2]:
            raise ValueError(f'"{given}" must be a scheme and a host; the console is at /helpdesk of it')
        return found

    @root_validator(skip_on_failure=True)
    def sign_in_is_whole(cls, values: Dict[str, object]) -> Dict[str, object]:
        """Refuse OpenID Connect without what it needs."""
        openid = values["openid"]
        if isinstance(openid, OpenIdSettings) and openid.issuer and not (openid.client_id and values["address"]):
            raise ValueError("openid needs `client_id` beside `issuer`, and `address` of the console")
        return values


def load_helpdesk(path: Path = FILE) -> HelpdeskSettings:
    """Return the settings in a file; all defaults when there is none. Raises UnusableFacts with every problem."""
    return read_settings(HelpdeskSettings, path, FILE_VARIABLE)


@dataclass(frozen=True)
class HelpdeskSecrets:
    """What the helpdesk's sign-in and targets are let in with; empty when not given."""

    openid_secret: str = ""
    mail_password: str = ""
    servicenow_user: str = ""
    servicenow_password: str = ""

    @classmethod
    def given(cls) -> "HelpdeskSecrets":
        """Return those in the environment: TRIAGE_OPENID_SECRET and so on."""
        return cls(**{name: os.environ.get(f"TRIAGE_{name.upper()}", "").strip() for name in cls.__dataclass_fields__})


def webhook_secret(name: str) -> Optional[str]:
    """Return the secret that signs what a webhook is sent, None when none is given."""
    return os.environ.get(f"TRIAGE_WEBHOOK_{name.upper().replace('-', '_')}_SECRET", "").strip() or None

"""Slack's JSON, as what happened: a message, an opened home, a removal, a command (pressing.py has the buttons)."""

from dataclasses import dataclass
from typing import Optional, Union

from bot.channels.fields import Json, object_of, text_of
from bot.channels.guard import Refused
from bot.channels.message import Incoming
from bot.channels.platform import identity
from bot.channels.slack.fields import SLACK, Place, address, authorization, enterprise_of, id_of, ts_of
from bot.channels.slack.mrkdwn import readable, without_first_mention

SLACKBOT = "USLACKBOT"
TAKEN_SUBTYPES = (None, "file_share", "thread_broadcast")  # all others are edits, joins and the like


@dataclass(frozen=True)
class Said:
    """A person said something to the assistant."""

    place: Place
    message: Incoming


@dataclass(frozen=True)
class Opened:
    """A person opened the assistant: its home, or its messages."""

    place: Place
    user: str
    tab: str


@dataclass(frozen=True)
class Removed:
    """The app was removed from a workspace, or its token revoked."""


@dataclass(frozen=True)
class Command:
    """A person used the slash command somewhere; it is answered in the direct message."""

    place: Place
    user: str
    text: str
    id: str
    response_url: str

    @property
    def address(self) -> str:
        """Whom limits count."""
        return address(self.place.team, self.user)


Event = Union[Said, Opened, Removed]


def team_of(outer: Json) -> str:
    """Return the workspace that an event belongs to. Raises Refused."""
    return id_of(outer.get("team_id") or authorization(outer).get("team_id") or outer.get("enterprise_id"))


def event(outer: Json) -> Optional[Event]:
    """Return what an event says happened, None when it concerns nobody. Raises Refused when it is none of Slack's."""
    inner = object_of(outer.get("event"))
    kind = inner.get("type")
    if kind == "app_uninstalled":
        return Removed()
    if kind == "tokens_revoked":
        return Removed() if object_of(inner.get("tokens")).get("bot") else None
    if kind == "app_home_opened":
        place = Place(enterprise_of(outer), team_of(outer), id_of(inner.get("channel")))
        return Opened(place, id_of(inner.get("user")), text_of(inner.get("tab")))
    is_mention = kind == "app_mention"
    if not is_mention and not (kind == "message" and _is_direct(inner)):
        return None
    return _said(outer, inner, is_mention) if _is_from_a_person(outer, inner) else None


def _said(outer: Json, inner: Json, is_mention: bool) -> Said:
    ts, user, channel = ts_of(inner.get("ts")), id_of(inner.get("user")), id_of(inner.get("channel"))
    thread = inner.get("thread_ts") and ts_of(inner["thread_ts"])
    place = Place(enterprise_of(outer), team_of(outer), channel, thread if _is_direct(inner) else thread or ts)
    text, own = text_of(inner.get("text")), _own(outer)
    text = readable(without_first_mention(text) if is_mention and not own else text, own)
    name = text_of(outer.get("event_id"))
    message_id = identity(name) if name else identity(channel, ts)
    return Said(place, Incoming(SLACK, place.conversation, message_id, text, address=address(place.team, user)))


def _is_direct(inner: Json) -> bool:
    return inner.get("channel_type") == "im" or str(inner.get("channel", "")).startswith("D")


def _is_from_a_person(outer: Json, inner: Json) -> bool:
    if inner.get("bot_id") or inner.get("bot_profile") or inner.get("hidden"):
        return False
    if inner.get("app_id") and inner["app_id"] == outer.get("api_app_id"):
        return False
    return inner.get("subtype") in TAKEN_SUBTYPES and inner.get("user") not in (None, SLACKBOT, _own(outer) or SLACKBOT)


def command(form: Json) -> Command:
    """Return a slash command. Raises Refused when it is none of Slack's."""
    place = Place(enterprise_of(form), id_of(form.get("team_id")), id_of(form.get("channel_id")))
    message_id = identity(text_of(form.get("trigger_id")) or text_of(form.get("response_url")), "command")
    text = readable(text_of(form.get("text")))
    return Command(place, id_of(form.get("user_id")), text, message_id, text_of(form.get("response_url")))


def _own(outer: Json) -> Optional[str]:
    """Return the assistant's user id, None when Slack does not say it."""
    found = authorization(outer)
    return text_of(found.get("user_id")) or None if found.get("is_bot", True) else None

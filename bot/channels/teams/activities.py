"""Activities of the Bot Framework, as what happened: a message, a choice, a rating, an installation, a card's question."""

import json
from dataclasses import dataclass
from typing import Any, Optional, Union

from bot.channels.fields import Json, list_of, object_of, text_of
from bot.channels.guard import Refused
from bot.channels.message import Incoming
from bot.channels.platform import identity
from bot.channels.teams.fields import TEAMS, Place, id_of, place
from bot.channels.teams.typed import typed

CARD_ACTION = "adaptiveCard/action"
HIGHEST = 2**31  # number of a message, or of a choice in it
NOT_OFFERED = ""  # no button has it for a payload
ADDED = ("add", "add-upgrade")


@dataclass(frozen=True)
class Said:
    """A person typed something, or pressed a button that says what it stands for."""

    place: Place
    message: Incoming


@dataclass(frozen=True)
class Chose:
    """A person chose from a list: number `choice` of the choices in message `seq`. None when nothing was chosen."""

    place: Place
    message: Incoming
    seq: int
    choice: Optional[int]


@dataclass(frozen=True)
class Rated:
    """A person said whether the conversation helped; the message's text is the word why."""

    place: Place
    message: Incoming
    helped: bool


@dataclass(frozen=True)
class Installed:
    """The bot was added to a chat or a team."""

    place: Place


@dataclass(frozen=True)
class Unknown:
    """An invoke activity that is none of ours. `is_card` when it came from a card, which shows the answer."""

    is_card: bool


Happened = Union[Said, Chose, Rated, Installed, Unknown]


def happened(activity: Json) -> Optional[Happened]:
    """Return what an activity says happened, None when it concerns nobody. Raises Refused when it is not usable."""
    kind = activity.get("type")
    if kind not in ("message", "invoke", "conversationUpdate", "installationUpdate") or _is_own(activity):
        return None
    if kind == "conversationUpdate":
        return Installed(place(activity)) if _is_added(activity) else None
    if kind == "installationUpdate":
        return Installed(place(activity)) if activity.get("action") in ADDED else None
    if kind == "invoke":
        return _invoked(activity)
    return _answered(activity, _object_in(activity.get("value"))) or _typed(activity)


def _is_own(activity: Json) -> bool:
    """Say whether the bot said it itself. What happens in a chat may carry its name too."""
    sender, bot = object_of(activity.get("from")), object_of(activity.get("recipient"))
    is_bot = sender.get("role") == "bot" or sender.get("id") == bot.get("id")
    return is_bot and activity.get("type") in ("message", "invoke")


def _is_added(activity: Json) -> bool:
    bot = object_of(activity.get("recipient")).get("id")
    return any(isinstance(member, dict) and member.get("id") == bot for member in list_of(activity.get("membersAdded")))


def _typed(activity: Json) -> Said:
    at = place(activity)
    return Said(at, _incoming(activity, at, typed(activity)))


def _invoked(activity: Json) -> Happened:
    is_card = activity.get("name") == CARD_ACTION
    if is_card:
        action = object_of(object_of(activity.get("value")).get("action"))
        answered = _answered(activity, _object_in(action.get("data")))
        if answered is not None:
            return answered
    return Unknown(is_card)


def _answered(activity: Json, value: Json) -> Optional[Happened]:
    """Return what a card's button sent, None when it is none of ours."""
    if not value:
        return None
    if isinstance(value.get("payload"), str):
        at = place(activity)
        title = text_of(value.get("title")) or text_of(activity.get("text"))
        return Said(at, _incoming(activity, at, title, value["payload"]))
    if value.get("feedback") in ("yes", "no"):
        at = place(activity)
        return Rated(at, _incoming(activity, at, text_of(value.get("word")).strip()), value["feedback"] == "yes")
    if "seq" in value:
        at, seq = place(activity), _number(value["seq"])
        if seq is None:
            raise Refused("not_usable")
        return Chose(at, _incoming(activity, at, "", NOT_OFFERED), seq, _number(value.get("choice")))
    return None


def _incoming(activity: Json, at: Place, text: str, payload: Optional[str] = None) -> Incoming:
    return Incoming(TEAMS, at.conversation, identity(id_of(activity.get("id"))), text, payload, at.address)


def _number(given: Any) -> Optional[int]:
    """Return a number that a card sent, as one or as a text."""
    if isinstance(given, str) and given.isascii() and given.isdigit() and len(given) < 11:
        given = int(given)
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 <= given < HIGHEST else None


def _object_in(given: Any) -> Json:
    """Return the object that a card sent, as one or as a text; an empty one when it sent something else."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except (ValueError, RecursionError):
            return {}
    return given if isinstance(given, dict) else {}

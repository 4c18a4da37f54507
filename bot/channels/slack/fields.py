"""The fields of Slack's JSON that say where and who, read strictly: whatever is not as Slack documents it is refused."""

import re
from dataclasses import dataclass
from typing import Any, Optional

from bot.channels.deliveries import Reference
from bot.channels.fields import Json, object_of
from bot.channels.guard import Refused

SLACK = "slack"
NO_ENTERPRISE = "none"
_ID = re.compile(r"[A-Za-z0-9_]{1,32}")
_TS = re.compile(r"\d{1,16}\.\d{1,12}")


@dataclass(frozen=True)
class Place:
    """Where something happened. `thread` is where it is answered: none at the top of a direct message."""

    enterprise: str
    team: str
    channel: str
    thread: Optional[str] = None

    @property
    def is_direct(self) -> bool:
        """Say whether it is the person's own conversation with the assistant."""
        return self.channel.startswith("D")

    @property
    def conversation(self) -> str:
        """The conversation's id: one for a direct message, one for each thread of a channel."""
        parts = [SLACK, self.enterprise, self.team, self.channel]
        return "-".join(parts if self.is_direct or not self.thread else [*parts, self.thread])

    @property
    def reference(self) -> Reference:
        """Where answers go."""
        where = {"team": self.team, "channel": self.channel}
        return {**where, "thread_ts": self.thread} if self.thread else where


def address(team: str, user: str) -> str:
    """Return what limits count a person by."""
    return f"{SLACK}:{team}:{user}"


def enterprise_of(found: Json) -> str:
    """Return the enterprise of an event or a command, or an interaction's "enterprise". Raises Refused."""
    name = found.get("enterprise_id") or authorization(found).get("enterprise_id") or found.get("id")
    return id_of(name) if name else NO_ENTERPRISE


def authorization(outer: Json) -> Json:
    """Return for whom Slack sends an event: with it comes the assistant's own user id. Raises Refused."""
    found = outer.get("authorizations")
    return object_of(found[0]) if isinstance(found, list) and found else {}


def id_of(given: Any) -> str:
    """Return what Slack calls a person, a place or the like. Raises Refused."""
    return _matching(_ID, given)


def ts_of(given: Any) -> str:
    """Return the time by which Slack tells messages of a channel apart. Raises Refused."""
    return _matching(_TS, given)


def _matching(pattern: "re.Pattern[str]", given: Any) -> str:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise Refused("not_usable")
    return given

"""The fields of an activity that say where and who, read strictly: whatever is not as the Bot Framework documents it is refused."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any, Optional

from bot.channels.deliveries import Reference
from bot.channels.fields import Json, object_of, text_of
from bot.channels.guard import Refused
from bot.channels.message import LANGUAGES

TEAMS = "teams"
PERSONAL, GROUP, CHANNEL = "personal", "groupChat", "channel"
LONGEST_ID = 1_000  # characters
DIGITS_KEPT = 40  # of the hash that stands for a conversation
_TENANT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_THREAD = ";messageid="


@dataclass(frozen=True)
class Place:
    """Where something happened, and in whose Teams. `language` is None when the person's is none of ours."""

    tenant: str
    kind: str
    where: str  # the Bot Framework's id of the conversation, with the thread of a channel
    who: str
    language: Optional[str]
    reference: Reference

    @property
    def conversation(self) -> str:
        """The conversation's id. Teams' own is too long for one, and may hold any sign."""
        return f"{TEAMS}-{self.tenant}-{hashlib.sha256(self.where.encode('utf-8', 'replace')).hexdigest()[:DIGITS_KEPT]}"

    @property
    def address(self) -> str:
        """What limits count a person by."""
        return f"{TEAMS}:{self.tenant}:{self.who}"


def place(activity: Json) -> Place:
    """Return where an activity happened. Raises Refused."""
    conversation, person, bot = (object_of(activity.get(name)) for name in ("conversation", "from", "recipient"))
    where, kind, tenant = id_of(conversation.get("id")), text_of(conversation.get("conversationType")), tenant_of(activity)
    if kind == CHANNEL and _THREAD not in where and activity.get("type") == "message":
        where = f"{where}{_THREAD}{id_of(activity.get('id'))}"  # what is said at the top begins a thread, and is answered there
    who = id_of(person.get("aadObjectId") or person.get("id"))
    locale = text_of(activity.get("locale"))
    language = locale.replace("_", "-").partition("-")[0].lower()
    reference = {
        "serviceUrl": id_of(activity.get("serviceUrl")),
        "channelId": text_of(activity.get("channelId")),
        "conversation": {"id": where, "tenantId": tenant, "conversationType": kind or PERSONAL},
        "bot": {"id": id_of(bot.get("id")), "name": text_of(bot.get("name"))},
        "user": {"id": id_of(person.get("id")), "aadObjectId": text_of(person.get("aadObjectId"))},
        "locale": locale,
        "activityId": text_of(activity.get("id")),
    }
    return Place(tenant, kind or PERSONAL, where, who, language if language in LANGUAGES else None, reference)


def tenant_of(activity: Json) -> str:
    """Return the organization that an activity comes from. Raises Refused."""
    data = object_of(activity.get("channelData"))
    named = object_of(data.get("tenant")).get("id") or object_of(activity.get("conversation")).get("tenantId")
    tenant = text_of(named).lower()
    if not _TENANT.fullmatch(tenant):
        raise Refused("not_usable")
    return tenant


def id_of(given: Any) -> str:
    """Return what the Bot Framework calls something. Raises Refused."""
    found = text_of(given)
    if not 0 < len(found) <= LONGEST_ID or found != given:
        raise Refused("not_usable")
    return found

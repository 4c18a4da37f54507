"""Whether an activity comes from the Bot Framework, and from Teams: its token, and what the token says of it."""

import re
from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Mapping, Optional, Sequence, Set

import jwt

from bot.channels.teams.keys import ALGORITHM, SigningKeys

TEAMS_ID = "msteams"  # what the Bot Framework calls Teams
LEEWAY = 300  # seconds that two clocks may differ
LONGEST_TOKEN = 6_000  # characters; the Bot Framework's have less than 2,000
SERVICE_URL = re.compile(r"(https?)://([a-z0-9.-]+(?::\d{1,5})?)(/[A-Za-z0-9._~/%-]*)?")
LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1):\d+")


class NotSigned(Exception):
    """There is no valid token of the Bot Framework."""


class NotAllowed(Exception):
    """The token is valid, and does not allow this activity. The message says why, for the log."""


@dataclass(frozen=True)
class Token:
    """A token that was checked: what it says, and the platforms that its key signs for."""

    claims: Dict[str, Any]
    endorsements: FrozenSet[str]


async def verified(authorization: str, keys: SigningKeys, app_id: str, issuer: str) -> Token:
    """Return the token in an Authorization header. Raises NotSigned, or NoKeys when it cannot be checked now."""
    scheme, _, text = authorization.partition(" ")
    text = text.strip()
    if scheme.lower() != "bearer" or not text or len(text) > LONGEST_TOKEN or not text.isascii():
        raise NotSigned("it carries no token")
    key_id = _key_id(text)
    key = await keys.find(key_id) if key_id else None
    if key is None:
        raise NotSigned("its token names no key of the Bot Framework")
    try:
        claims = jwt.decode(
            text,
            key.key,
            algorithms=[ALGORITHM],
            audience=app_id,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iss", "aud"], "strict_aud": True},
        )
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise NotSigned(str(error)) from None
    return Token(claims, key.endorsements)


def _key_id(text: str) -> Optional[str]:
    """Return the id of the key that a token names, None when it is none that the Bot Framework would make."""
    try:
        header = jwt.get_unverified_header(text)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        return None
    key_id = header.get("kid")
    return key_id if header.get("alg") == ALGORITHM and isinstance(key_id, str) else None


def check(token: Token, activity: Mapping[str, Any], hosts: Sequence[str]) -> None:
    """Check that a token allows an activity, and that the bot may answer where it comes from. Raises NotAllowed."""
    channel, service_url = activity.get("channelId"), activity.get("serviceUrl")
    if channel != TEAMS_ID:
        raise NotAllowed(f"channelId {channel!r} is not Teams")
    if channel not in token.endorsements:
        raise NotAllowed("the key of the token does not sign for Teams")
    named: Set[str] = {str(value) for name, value in token.claims.items() if name.lower() == "serviceurl"}
    if not isinstance(service_url, str) or named != {service_url}:
        raise NotAllowed(f"serviceUrl {service_url!r} is not the token's")
    if not is_allowed(service_url, hosts):
        raise NotAllowed(f"serviceUrl {service_url!r} is on no host of the setting teams.hosts")


def is_allowed(service_url: object, hosts: Sequence[str]) -> bool:
    """Say whether the bot's token may be sent to an address: https on a host named in the settings, http on this machine."""
    found = SERVICE_URL.fullmatch(service_url) if isinstance(service_url, str) else None
    if found is None or found[2] not in hosts:
        return False
    return found[1] == "https" or LOOPBACK.fullmatch(found[2]) is not None

"""What Slack and Teams have in common: how they are spoken to, and what it means when they take nothing."""

import hashlib
from typing import Any, Dict, List, Protocol

from sanic import Blueprint

from bot.channels.deliveries import Reference
from bot.channels.guard import ID

Post = Dict[str, Any]


class Undeliverable(Exception):
    """A post that the platform will never take: the conversation is gone, or the person blocked the assistant."""


class Suspended(Exception):
    """The platform takes nothing from us until an administrator mends it: the app was removed, or its credentials are void."""


class Platform(Protocol):
    """What the outbox needs of a platform."""

    name: str

    def scope(self, reference: Reference) -> str:
        """Return what is suspended as a whole: a workspace, or all of the platform."""

    def posts(self, document: Dict[str, Any]) -> List[Post]:
        """Return a message of the transcript in the platform's form: one post or several, each within its limits."""

    async def send(self, reference: Reference, post: Post) -> None:
        """Send a post. Raises TryAgain, Undeliverable or Suspended."""

    async def show_typing(self, reference: Reference) -> None:
        """Show that an answer is being written, where the platform can show that. Raises as `send` does."""


class Channel(Protocol):
    """A platform with its way in."""

    platform: Platform
    blueprint: Blueprint

    async def close(self) -> None:
        """Close the connections to the platform."""


def identity(*parts: str) -> str:
    """Return a message's id as the guard takes it, from what a platform calls the message."""
    joined = "-".join(parts)
    return joined if ID.fullmatch(joined) else hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:40]

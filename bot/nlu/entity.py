"""What the linker finds in a message."""

from dataclasses import dataclass
from typing import Optional

from bot.engine.message import DENIED, PLATFORM

__all__ = ["DENIED", "PLATFORM", "Entity"]


@dataclass(frozen=True)
class Entity:
    """A fact named in the message, from character `start` to `end`. `role` is "platform" for a product that
    is only where the broken one runs, "denied" for a role in the company that the person does not have."""

    entity: str
    value: str
    start: int
    end: int
    role: Optional[str] = None

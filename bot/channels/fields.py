"""The fields of what a platform sends, read strictly: one of another kind than the platform documents is refused."""

from typing import Any, List, Mapping

from bot.channels.guard import Refused

Json = Mapping[str, Any]


def object_of(given: Any) -> Json:
    """Return an object, an empty one for none. Raises Refused."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        raise Refused("not_usable")
    return given


def list_of(given: Any) -> List[Any]:
    """Return a list, an empty one for anything else: what platforms add to it may be of any kind."""
    return given if isinstance(given, list) else []


def text_of(given: Any) -> str:
    """Return a text, an empty one for none. Half a character is replaced. Raises Refused."""
    if given is not None and not isinstance(given, str):
        raise Refused("not_usable")
    return (given or "").encode("utf-8", "replace").decode()

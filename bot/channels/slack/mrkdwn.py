"""What Slack writes into a text that a person typed, as the person sees it: links, addresses, mentions and entities."""

import re
from typing import Optional
from urllib.parse import unquote

_MARKED = re.compile(r"<([^<>\n]+)>")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


def readable(text: str, own: Optional[str] = None) -> str:
    """Return a text as it is read. Mentions of `own`, the assistant's user id, are left out."""
    if own:
        mention = rf"<@{re.escape(own)}(?:\|[^<>\n]*)?>"
        text = re.sub(rf"^\s*{mention}[:,]?|[ \t]?{mention}", "", text)
    parts = _MARKED.split(text)  # texts at even places, what stands between < and > at odd ones
    shown = "".join(_marked(part) if place % 2 else _entities(part) for place, part in enumerate(parts))
    return shown.strip()


def without_first_mention(text: str) -> str:
    """Return a text without the mention it begins with: the assistant's, when Slack does not say who that is."""
    return re.sub(r"^\s*<@[^<>\n]+>[\s:,]*", "", text)


def _entities(text: str) -> str:
    """Decode once, so that what a person typed as an entity stays one. Slack writes no others than these."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _marked(inside: str) -> str:
    target, _, label = (_entities(part) for part in inside.partition("|"))
    if target.startswith("@"):
        return f"@{label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return _special(target[1:], label)
    if not _SCHEME.match(target):
        return f"<{_entities(inside)}>"  # no mark of Slack's: the person typed it
    address = target.split(":", 1)[1] if target.lower().startswith(("mailto:", "tel:")) else target
    shortened = address.split("://", 1)[-1].rstrip("/")
    if not label or unquote(address) == unquote(label):
        return address
    if label.split("://", 1)[-1].rstrip("/") == shortened:
        return label
    return f"{label} ({address})"


def _special(name: str, label: str) -> str:
    """Return a call to everybody here, a group, or a date."""
    if label:
        return label if label.startswith("@") or name.startswith("date^") else f"@{label}"
    return f"@{name.split('^')[-1]}"

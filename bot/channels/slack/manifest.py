"""The manifest that makes the Slack app in one paste."""

from pathlib import Path
from string import Template

from bot.channels.addresses import is_public_address

TEMPLATE = Path(__file__).with_name("manifest.yml")


def manifest(address: str) -> str:
    """Return the manifest (YAML) for a server that Slack reaches at `address`. Raises ValueError for another address."""
    if not is_public_address(address):
        raise ValueError(f"{address!r} is no address that Slack sends to")
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(address=address.rstrip("/"))

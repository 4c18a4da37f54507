"""Addresses that Slack and Teams are given."""

import re
from urllib.parse import urlsplit

LONGEST_ADDRESS = 2048
_WRITTEN_WELL = re.compile(r"https://[\x21\x23-\x3b\x3d\x3f\x41-\x5b\x5d-\x7e]+")  # printable ASCII without " < > @ \
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]", re.IGNORECASE)


def is_public_address(text: str) -> bool:
    """Say whether others can reach an address: with https, on a host that has a name."""
    if len(text) > LONGEST_ADDRESS or not _WRITTEN_WELL.fullmatch(text):
        return False
    try:
        found = urlsplit(text)
        return _HOST.fullmatch(found.hostname or "") is not None and found.port != 0
    except ValueError:  # no port, no host
        return False

"""What is handed in by people, files and other programs, made safe to use: JSON, numbers, text of any signs."""

import json
from typing import Any, Dict, List, Optional, Tuple

from bot.engine import UnusableFacts

LONGEST_NUMBER = 9  # digits; Python refuses thousands of them


def printable(text: str) -> str:
    """Return a text as it may stand in a line of output: each sign that cannot be shown, or ends a line, as "?"."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def whole(text: str) -> str:
    """Return a text as valid Unicode: the halves of a character put together, a half without its other one replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def number(text: str) -> Optional[int]:
    """Return the number that a text of digits is, None when it is anything else or too long for a number to choose by."""
    digits = text.strip()
    return int(digits) if digits.isdecimal() and len(digits) <= LONGEST_NUMBER else None


def read_object(text: str, what: str) -> Dict[str, Any]:
    """Return the JSON object in `text`. Raises UnusableFacts, calling it `what`."""

    def once(pairs: List[Tuple[str, Any]]) -> Dict[str, Any]:
        if len({key for key, _ in pairs}) < len(pairs):
            raise UnusableFacts(f"{what} holds a key twice; leave one")
        return dict(pairs)

    try:
        found = json.loads(text, object_pairs_hook=once)
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except RecursionError:
        raise UnusableFacts(f"{what} is nested too deeply; write {{...}} with words") from None
    except UnicodeEncodeError:
        raise UnusableFacts(f"{what} holds half of a character (a lone surrogate); write whole ones") from None
    except UnusableFacts:
        raise
    except ValueError as error:
        raise UnusableFacts(f"{what} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise UnusableFacts(f"{what} is not a JSON object; write {{...}}")
    return found

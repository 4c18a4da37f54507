"""The guard: what a message must be before anything else sees it. Every channel passes through it, by way of the gateway.

It holds no words: a refusal names its response in `domain/responses/guard.yml`.
"""

import logging
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Dict, Optional, Tuple

import ftfy
from throttled.asyncio import MemoryStore, RedisStore, Throttled, rate_limiter

from bot.channels.message import LONGEST_PAYLOAD, Incoming
from bot.redaction import redact

logger = logging.getLogger(__name__)

LONGEST_TEXT = 2_000  # characters
LARGEST_BODY = 64 * 1024  # bytes
LARGEST_PLATFORM_BODY = 256 * 1024  # bytes; Slack and Teams send the message back that a person uses, with escaped signs
MOST_COUNTED = 200_000  # conversations and addresses that are counted in memory; the one seen longest ago is forgotten
ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST_REPAIRS = 12  # a text may have been read wrongly more than once; each time it grew, so 2,000 characters hold no more
KEPT_CONTROLS = "\n\t"
# Invisible signs that change how a text reads: directions and joiners that hide or reverse what stands there.
# The joiners U+200C and U+200D stay: emoji and some scripts need them, and redaction looks through them.
HIDDEN = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]")


# Why a message is not taken: the code for programs, its HTTP status, and the response that says it.
REFUSALS = {
    "not_usable": (400, "utter_refused_not_usable"),
    "not_offered": (400, "utter_refused_not_offered"),
    "no_session": (401, "utter_refused_no_session"),
    "foreign_page": (403, "utter_refused_not_usable"),
    "empty": (400, "utter_text_empty"),
    "no_text": (400, "utter_refused_no_text"),
    "not_found": (404, "utter_refused_not_found"),
    "not_allowed": (405, "utter_refused_not_usable"),
    "timed_out": (408, "utter_refused_failed"),
    "no_push": (409, "utter_refused_no_push"),
    "already_said": (409, "utter_refused_already_said"),
    "too_long": (413, "utter_refused_too_long"),
    "too_large": (413, "utter_refused_too_large"),
    "too_fast": (429, "utter_refused_too_fast"),
    "failed": (500, "utter_refused_failed"),
}


class Refused(Exception):
    """A message that is not taken. `code` is for programs; `response` and `values` say why in the person's language.

    `retry_after` is in seconds, None when trying again changes nothing.
    """

    def __init__(self, code: str, retry_after: Optional[float] = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.status, self.response = REFUSALS[code]
        self.retry_after = retry_after
        self.values: Dict[str, object] = values


@dataclass(frozen=True)
class Admitted:
    """A message that may go on, and the kinds of secrets that were taken out of it."""

    message: Incoming
    redacted: Tuple[str, ...]


def without_controls(text: str) -> str:
    """Return valid Unicode, in the encoding it was written in, without control characters and signs that hide or reorder text."""
    for _ in range(MOST_REPAIRS):  # text read in the wrong encoding would hide a secret until something repairs it
        cleaned = _without_controls(ftfy.fix_encoding(text))
        if cleaned == text:
            break
        text = cleaned
    return text


def _without_controls(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    text = HIDDEN.sub("", text)
    return "".join(sign for sign in text if sign in KEPT_CONTROLS or unicodedata.category(sign) not in ("Cc", "Cs", "Co"))


Rate = Tuple[int, int]  # so many a minute, so many at once


class RateLimits:
    """Counts messages of a conversation and requests of an address; in memory, or in Redis for several servers."""

    def __init__(self, store: str, messages: Rate, requests: Rate, sessions: Rate) -> None:
        """Count `messages` of a conversation, and `requests` and new `sessions` of an address, in `store`: "memory", or the
        address of a Redis server."""
        counted = MemoryStore(options={"MAX_SIZE": MOST_COUNTED}) if store == "memory" else RedisStore(server=store)
        self._messages, self._requests, self._sessions = (
            Throttled(using="gcra", quota=rate_limiter.per_min(minute, burst=burst), store=counted)
            for minute, burst in (messages, requests, sessions)
        )

    async def conversation(self, conversation: str) -> float:
        """Count a message; return 0, or the seconds to wait before another is taken."""
        return await self._wait(self._messages, f"conversation:{conversation}")

    async def address(self, address: Optional[str]) -> float:
        """Count a request; return 0, or the seconds to wait before another is taken."""
        return await self._wait(self._requests, f"address:{address}") if address else 0.0

    async def session(self, address: Optional[str]) -> float:
        """Count a new session of an address; return 0, or the seconds to wait before another is made."""
        return await self._wait(self._sessions, f"session:{address}") if address else 0.0

    @staticmethod
    async def _wait(throttled: Throttled, key: str) -> float:
        try:
            result = await throttled.limit(key)
        except Exception:  # a store that is gone stops nobody from getting help
            logger.warning("the rate limit could not be counted; the message is taken", exc_info=True)
            return 0.0
        return max(result.state.retry_after, 0.1) if result.limited else 0.0


class Guard:
    """Checks, cleans and redacts what comes in. Without `limits` nothing is counted (the terminal)."""

    def __init__(self, limits: Optional[RateLimits] = None) -> None:
        self._limits = limits

    async def request(self, address: Optional[str]) -> None:
        """Count a request of an address. Raises Refused when it sends too many."""
        if self._limits is not None:
            self._stop(await self._limits.address(address))

    async def session(self, address: Optional[str]) -> None:
        """Count a new session of an address. Raises Refused when it makes too many."""
        if self._limits is not None:
            self._stop(await self._limits.session(address))

    async def admit(self, message: Incoming) -> Admitted:
        """Return a message as it may go on. Raises Refused; nothing has read the text by then."""
        if not ID.fullmatch(message.id):
            raise Refused("not_usable")
        if len(message.text) > LONGEST_TEXT:
            raise Refused("too_long", longest=LONGEST_TEXT)
        if len(message.payload or "") > LONGEST_PAYLOAD:
            raise Refused("not_usable")
        if self._limits is not None:
            self._stop(await self._limits.conversation(f"{message.channel}:{message.conversation}"))
        return self.clean(message)

    @staticmethod
    def clean(message: Incoming) -> Admitted:
        """Return a message without control characters and secrets."""
        found = redact(without_controls(message.text))
        return Admitted(replace(message, text=found.text), found.found)

    @staticmethod
    def _stop(wait: float) -> None:
        if wait:
            raise Refused("too_fast", retry_after=wait, seconds=max(1, round(wait + 0.5)))

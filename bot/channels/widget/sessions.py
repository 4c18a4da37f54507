"""Sessions: a signed token reads and writes one conversation and no other. It expires, and is replaced as it is used.

A token carries the conversation's id and its own generation. Renewing counts the generation up; the token before stays
good for a moment, for requests under way and for a second tab. A stolen old token is worth nothing after that.
"""

import secrets
import time
from dataclasses import dataclass
from typing import Callable

import jwt

from bot.channels.guard import Refused
from bot.channels.transcript import Conversation, Transcript

ALGORITHM = "HS256"
AUDIENCE = "widget"
SECONDS_OF_GRACE = 60


@dataclass(frozen=True)
class Token:
    """A token for the window, with how many seconds it is good for and after how many it should be renewed."""

    text: str
    expires_in: int
    renew_after: int

    def document(self) -> dict:
        """Return what the window is sent."""
        return {"token": self.text, "expires_in": self.expires_in, "renew_after": self.renew_after}


@dataclass(frozen=True)
class Session:
    """A conversation that a token opened, the token's generation, and when (seconds since 1970) it ends."""

    conversation: Conversation
    generation: int
    expires_at: float


class Sessions:
    """Makes and checks tokens."""

    def __init__(
        self,
        transcript: Transcript,
        secret: bytes,
        lifetime: float,
        renew_after: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`lifetime` and `renew_after` are in seconds."""
        self._transcript = transcript
        self._secret = secret
        self._lifetime = lifetime
        self._renew_after = renew_after
        self._now = now

    @staticmethod
    def new_conversation() -> str:
        """Return an id that nobody can guess."""
        return secrets.token_hex(16)

    def token(self, conversation: str, generation: int) -> Token:
        """Return a token of a conversation."""
        claims = {
            "aud": AUDIENCE,
            "sub": conversation,
            "gen": generation,
            "iat": self._now(),
            "exp": self._now() + self._lifetime,
        }
        text = jwt.encode(claims, self._secret, algorithm=ALGORITHM)
        return Token(text, int(self._lifetime), int(self._renew_after))

    async def session(self, token: str) -> Session:
        """Return the session of a token. Raises Refused when it is forged, over, replaced, or its conversation is gone."""
        try:
            required = ["aud", "sub", "gen", "exp"]
            options = {"require": required, "verify_exp": False, "verify_iat": False}  # by our clock, below
            claims = jwt.decode(token, self._secret, algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
        except (jwt.InvalidTokenError, UnicodeError):
            raise Refused("no_session") from None
        if claims["exp"] <= self._now():
            raise Refused("no_session")
        found = await self._transcript.conversation(claims["sub"])
        if found is None or not self._is_valid(claims["gen"], found):
            raise Refused("no_session")
        return Session(found, claims["gen"], claims["exp"])

    def is_over(self, session: Session) -> bool:
        """Say whether the time of a session's token is over."""
        return session.expires_at <= self._now()

    async def is_replaced(self, session: Session) -> bool:
        """Say whether a session's token was replaced and its moment of grace is over."""
        found = await self._transcript.conversation(session.conversation.id)
        return found is None or not self._is_valid(session.generation, found)

    def _is_valid(self, generation: int, conversation: Conversation) -> bool:
        if generation == conversation.generation:
            return True
        in_grace = self._now() - conversation.renewed_at < SECONDS_OF_GRACE
        return 0 < generation == conversation.generation - 1 and in_grace

    async def renew(self, token: str) -> Token:
        """Return the token that follows. Two tabs that renew at once get the same generation. Raises Refused."""
        session = await self.session(token)
        conversation = session.conversation
        if session.generation == conversation.generation:
            conversation = await self._transcript.renew(conversation.id, conversation.generation)
        return self.token(conversation.id, conversation.generation)

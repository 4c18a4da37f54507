"""Sessions of staff: a random value in a cookie, of which the server keeps the SHA-256 only.

A session ends by its age, by signing out, and when its account is disabled or gets another password. The role is read anew
with every request.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Callable, Optional, Tuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.database import Database
from bot.helpdesk.accounts import Staff, staff_of
from bot.helpdesk.tables import staff, staff_sessions

LONGEST_VALUE = 100  # characters
SECONDS_BETWEEN_SIGNS = 10.0  # signs of life that follow closer are not written


@dataclass(frozen=True)
class SignedIn:
    """A session: whose it is, the value that its forms carry, and when it ends (seconds since 1970)."""

    staff: Staff
    csrf: str
    expires_at: float
    digest: str

    def carries(self, given: Optional[str]) -> bool:
        """Say whether a form carries this session's value."""
        return given is not None and hmac.compare_digest(given.encode("utf-8", "replace"), self.csrf.encode())


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database, lifetime: float, now: Callable[[], float] = time.time) -> None:
        """`lifetime` is in seconds."""
        self._database = database
        self._lifetime = lifetime
        self._now = now

    def begin(self, on: Connection, staff_id: int) -> str:
        """Begin a session in a transaction; return the cookie's value. Sessions whose time is over are removed."""
        value, now = secrets.token_urlsafe(32), self._now()
        on.execute(staff_sessions.delete().where(staff_sessions.c.created_at <= now - self._lifetime))
        on.execute(
            staff_sessions.insert().values(
                digest=_digest(value), staff=staff_id, csrf=secrets.token_urlsafe(32), created_at=now, seen_at=now
            )
        )
        return value

    async def find(self, value: Optional[str]) -> Optional[SignedIn]:
        """Return the session of a cookie's value, None when there is none (any more)."""
        if not value or len(value) > LONGEST_VALUE:
            return None
        return await self._database.read(lambda on: self._find(on, _digest(value)))

    async def is_open(self, session: SignedIn) -> bool:
        """Say whether a session goes on, with the role that it had: what an event stream asks from time to time."""
        found = await self._database.read(lambda on: self._find(on, session.digest))
        return found is not None and found.staff.role == session.staff.role

    def end(self, on: Connection, value: Optional[str]) -> Optional[Tuple[int, str]]:
        """End the session of a cookie's value in a transaction; return whose it was (account, login), None for nobody's."""
        found = self._find(on, _digest(value)) if value and len(value) <= LONGEST_VALUE else None
        if found is None:
            return None
        on.execute(staff_sessions.delete().where(staff_sessions.c.digest == found.digest))
        return found.staff.id, found.staff.login

    async def seen(self, session: SignedIn) -> None:
        """Store that a console is open now."""
        now = self._now()
        is_it = (staff_sessions.c.digest == session.digest) & (staff_sessions.c.seen_at <= now - SECONDS_BETWEEN_SIGNS)
        if await self._database.read(lambda on: on.execute(sa.select(staff_sessions.c.staff).where(is_it)).first()):
            await self._database.write(lambda on: on.execute(staff_sessions.update().where(is_it).values(seen_at=now)))

    def _find(self, on: Connection, digest: str) -> Optional[SignedIn]:
        rows = sa.select(staff, staff_sessions.c.csrf, staff_sessions.c.created_at.label("begun_at")).join_from(
            staff, staff_sessions
        )
        is_it = (staff_sessions.c.digest == digest) & staff.c.is_active & self._is_valid()
        row = on.execute(rows.where(is_it)).first()
        return SignedIn(staff_of(row), row.csrf, row.begun_at + self._lifetime, digest) if row else None

    def _is_valid(self) -> sa.sql.ColumnElement:
        return staff_sessions.c.created_at > self._now() - self._lifetime


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "replace")).hexdigest()

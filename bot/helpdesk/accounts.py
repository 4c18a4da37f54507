"""The staff: local accounts with a password, and those that an OpenID provider vouches for.

Everything is a change in a transaction that the caller opens (`on`), together with its entry in the audit log.
"""

import re
import time
from dataclasses import dataclass
from typing import List, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row
from sqlalchemy.exc import IntegrityError

from bot.engine import UnusableFacts
from bot.helpdesk import audit
from bot.helpdesk.tables import staff, staff_sessions

AGENT, LEAD = "agent", "lead"
ROLES = (AGENT, LEAD)
NAME = re.compile(r"[a-z][a-z0-9._@+-]{0,79}")  # of a local account; an account of a provider has a space in its login
LONGEST_NAME = 80  # characters, as colleagues and partners see it
NO_NAME = "(no name)"  # in the audit log: what was typed can be no account's; it may be a password
FREE_TRIES = 5  # wrong passwords in a row before the account is locked
FIRST_WAIT, LONGEST_WAIT = 60.0, 3600.0  # seconds that it is locked; the wait doubles with every further failure


@dataclass(frozen=True)
class Staff:
    """A member of staff. `locked_until` is in seconds since 1970, None when too many failures never locked the account."""

    id: int
    login: str
    name: str
    role: str
    is_active: bool
    is_local: bool
    locked_until: Optional[float]

    @property
    def is_lead(self) -> bool:
        """Say whether it is a lead."""
        return self.role == LEAD


@dataclass(frozen=True)
class Attempt:
    """A sign-in that was counted before its password is compared. `password` is None when none can be right."""

    staff: Optional[int]
    password: Optional[str]


def all_staff(on: Connection) -> List[Staff]:
    """Return everybody, in the order in which they came."""
    return [staff_of(row) for row in on.execute(sa.select(staff).order_by(staff.c.id))]


def found(on: Connection, name: str) -> Staff:
    """Return who has a name, or a number as `triage staff list` shows it. Raises UnusableFacts."""
    is_it = staff.c.id == int(name) if _is_number(name) else staff.c.login.in_({name, plain(name)})
    row = on.execute(sa.select(staff).where(is_it)).first()
    if row is None:
        raise UnusableFacts(f'there is no member of staff "{name}"; `triage staff list` shows who there are')
    return staff_of(row)


def has_local(on: Connection) -> bool:
    """Say whether anybody can sign in with a password."""
    is_it = staff.c.is_active & staff.c.password.is_not(None)
    return on.execute(sa.select(staff.c.id).where(is_it).limit(1)).first() is not None


def plain(name: str) -> str:
    """Return a local account's name as it is stored."""
    return name.strip().lower()


def _typed(name: str) -> Optional[str]:
    """Return the login that was typed, None when it can be none: a database refuses some signs."""
    return plain(name) if NAME.fullmatch(plain(name)) else None


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and len(name) < 10


# Changes from the command line


def add(on: Connection, name: str, shown: str, role: str, password: str) -> Staff:
    """Add a local account; `password` is the hash. Raises UnusableFacts when the name is taken or cannot be one."""
    login = plain(name)
    check_names(login, shown)
    taken = sa.select(staff.c.id).where(staff.c.login == login)
    if on.execute(taken).first() is not None:
        raise UnusableFacts(f'"{login}" has an account; `triage staff password {login}` gives it another password')
    row = _insert(on, login, shown, role, password)
    audit.record(on, audit.ACCOUNT_ADDED, audit.COMMAND_LINE, detail={"account": login, "role": role})
    return row


def check_names(login: str, shown: str) -> None:
    """Check the name of a local account, and the one that is shown. Raises UnusableFacts."""
    if not NAME.fullmatch(plain(login)):
        raise UnusableFacts(f'"{login}" cannot be a name; begin with a letter, then letters, digits and . _ @ + -')
    if not shown.strip() or len(shown) > LONGEST_NAME or not shown.isprintable():
        raise UnusableFacts(f"the name that others see must have 1 to {LONGEST_NAME} characters, on one line")


def check_local(who: Staff) -> None:
    """Check that an account is one of ours. Raises UnusableFacts."""
    if not who.is_local:
        raise UnusableFacts(f'"{who.login}" signs in with OpenID Connect; its password and its role are changed there')


def set_password(on: Connection, who: Staff, password: str) -> None:
    """Give a local account a new password (its hash), lift a lock, and end its sessions. Raises UnusableFacts."""
    check_local(who)
    _update(on, who.id, password=password, failures=0, locked_until=None)
    end_sessions(on, who.id)
    audit.record(on, audit.PASSWORD_CHANGED, audit.COMMAND_LINE, detail={"account": who.login})


def set_role(on: Connection, who: Staff, role: str) -> None:
    """Give a local account a role; it counts at once. Raises UnusableFacts."""
    check_local(who)
    _update(on, who.id, role=role)
    audit.record(on, audit.ROLE_CHANGED, audit.COMMAND_LINE, detail={"account": who.login, "from": who.role, "to": role})


def set_active(on: Connection, who: Staff, is_active: bool) -> None:
    """Let an account in, with a lock lifted; or let it in no more, and end its sessions."""
    _update(on, who.id, is_active=is_active, failures=0, locked_until=None)
    if not is_active:
        end_sessions(on, who.id)
    act = audit.ACCOUNT_ENABLED if is_active else audit.ACCOUNT_DISABLED
    audit.record(on, act, audit.COMMAND_LINE, detail={"account": who.login})


def end_sessions(on: Connection, staff_id: int) -> None:
    """End every session of an account."""
    on.execute(staff_sessions.delete().where(staff_sessions.c.staff == staff_id))


# Sign-in with a password


def count_attempt(on: Connection, typed: str, now: float) -> Attempt:
    """Count a sign-in as failed until it succeeds, so that many at once are no way around the lock.

    `now` is in seconds since 1970.
    """
    row = on.execute(sa.select(staff).where(staff.c.login == _typed(typed)).with_for_update()).first()
    is_known = row is not None and row.is_active and row.password is not None
    if not is_known or (row.locked_until or 0) > now:
        # The same write as below: how long a name takes must not tell whether it has an account.
        first = sa.select(sa.func.min(staff.c.id)).scalar_subquery()
        on.execute(staff.update().where(staff.c.id == first).values(failures=staff.c.failures))
        return Attempt(row.id if is_known else None, None)
    failures = row.failures + 1
    _update(on, row.id, failures=failures, locked_until=now + wait(failures) if failures >= FREE_TRIES else None)
    return Attempt(row.id, row.password)


def wait(failures: int) -> float:
    """Return for how many seconds so many failures in a row lock an account."""
    return min(FIRST_WAIT * 2.0 ** min(failures - FREE_TRIES, 20), LONGEST_WAIT) if failures >= FREE_TRIES else 0.0


def succeed(on: Connection, attempt: Attempt, renewed: Optional[str]) -> Optional[Staff]:
    """Forget the failures of an account whose password was right; None when it changed meanwhile. `renewed`: a new hash."""
    is_it = (staff.c.id == attempt.staff) & (staff.c.password == attempt.password) & staff.c.is_active
    values = {"failures": 0, "locked_until": None, "password": renewed or attempt.password}
    if on.execute(staff.update().where(is_it).values(**values)).rowcount != 1:
        return None
    return staff_of(on.execute(sa.select(staff).where(staff.c.id == attempt.staff)).one())


def fail(on: Connection, attempt: Attempt, typed: str, address: str, now: float) -> None:
    """Record a failure, and the lock that it began."""
    login = _typed(typed) or NO_NAME
    audit.record(on, audit.SIGN_IN_FAILED, login, attempt.staff, detail={"address": address}, at=now)
    if attempt.password is None:
        return
    row = on.execute(sa.select(staff).where(staff.c.id == attempt.staff)).first()
    if row is not None and (row.locked_until or 0) > now:
        seconds = round(row.locked_until - now)
        audit.record(on, audit.LOCKED_OUT, login, attempt.staff, detail={"address": address, "seconds": seconds}, at=now)


# Sign-in with OpenID Connect


def vouched(on: Connection, login: str, name: str, role: Optional[str], now: float) -> Optional[Staff]:
    """Return the account of somebody whom the provider vouches for, as the provider has it now; made the first time.

    None when there is no role for them, or the account is disabled here; their sessions are then over. `now` is in seconds
    since 1970.
    """
    row = on.execute(sa.select(staff).where(staff.c.login == login).with_for_update()).first()
    if role is None or (row is not None and not row.is_active):
        if row is not None:
            end_sessions(on, row.id)
        return None
    if row is None:
        try:
            with on.begin_nested():
                made = _insert(on, login, name, role, None, now)
            audit.record(on, audit.ACCOUNT_ADDED, login, made.id, detail={"account": login, "role": role}, at=now)
            return made
        except IntegrityError:  # the same person signed in twice at once
            row = on.execute(sa.select(staff).where(staff.c.login == login)).one()
    if row.role != role:
        audit.record(on, audit.ROLE_CHANGED, login, row.id, detail={"account": login, "from": row.role, "to": role}, at=now)
    _update(on, row.id, name=name, role=role)
    return staff_of(on.execute(sa.select(staff).where(staff.c.id == row.id)).one())


def staff_of(row: Row) -> Staff:
    """Return who stands in a row of the table."""
    return Staff(row.id, row.login, row.name, row.role, row.is_active, row.password is not None, row.locked_until)


def _insert(on: Connection, login: str, name: str, role: str, password: Optional[str], now: Optional[float] = None) -> Staff:
    values = {"login": login, "name": name, "role": role, "password": password, "is_active": True, "failures": 0}
    made = on.execute(staff.insert().values(created_at=time.time() if now is None else now, **values))
    return staff_of(on.execute(sa.select(staff).where(staff.c.id == made.inserted_primary_key[0])).one())


def _update(on: Connection, staff_id: int, **values: object) -> None:
    on.execute(staff.update().where(staff.c.id == staff_id).values(**values))

"""Who signed in, looked at or did what: written in the transaction of what it tells of. When a case is erased, the
details of its entries go; who did what and when stays."""

import json
import time
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.helpdesk.tables import audit

LONGEST_LOGIN = 400  # characters
COMMAND_LINE = "command line"  # who acts by the `triage` command: whoever may use the machine

SIGNED_IN = "signed_in"
SIGN_IN_FAILED = "sign_in_failed"
SIGN_IN_REFUSED = "sign_in_refused"  # the provider vouches for somebody who may not enter
LOCKED_OUT = "locked_out"
SIGNED_OUT = "signed_out"
ACCOUNT_ADDED = "account_added"
ACCOUNT_DISABLED = "account_disabled"
ACCOUNT_ENABLED = "account_enabled"
ROLE_CHANGED = "role_changed"
PASSWORD_CHANGED = "password_changed"


@dataclass(frozen=True)
class Entry:
    """An entry of the log. `at` is in seconds since 1970; `detail` says more of the act."""

    id: int
    at: float
    staff: Optional[int]
    login: str
    act: str
    case: Optional[int]
    detail: Dict[str, Any]


def record(
    on: Connection,
    act: str,
    login: str,
    staff: Optional[int] = None,
    case: Optional[int] = None,
    detail: Optional[Mapping[str, Any]] = None,
    at: Optional[float] = None,
) -> None:
    """Store in a transaction that `login` (account `staff`) did `act`, on `case` if it was one.

    `detail` is kept for longer than the case: it never holds what a partner said. `at` is now by default.
    """
    on.execute(
        audit.insert().values(
            at=time.time() if at is None else at,
            staff=staff,
            login=login[:LONGEST_LOGIN],
            act=act,
            case_id=case,
            detail=json.dumps(dict(detail or {}), ensure_ascii=False),
        )
    )


def entries(
    on: Connection,
    case: Optional[int] = None,
    staff: Optional[int] = None,
    before: Optional[int] = None,
    limit: int = 100,
) -> List[Entry]:
    """Return at most `limit` entries, the newest first: of a case, of an account, or all; older than entry `before`."""
    found = sa.select(audit)
    for column, value in ((audit.c.case_id, case), (audit.c.staff, staff)):
        if value is not None:
            found = found.where(column == value)
    if before is not None:
        found = found.where(audit.c.id < before)
    rows = on.execute(found.order_by(audit.c.id.desc()).limit(limit))
    return [Entry(row.id, row.at, row.staff, row.login, row.act, row.case_id, json.loads(row.detail)) for row in rows]

"""What others are told of a case, as a document. docs/webhooks.md and docs/webhook.schema.json describe it."""

import json
import uuid
from datetime import datetime, timezone
from typing import Any, Dict, Mapping, Optional

from bot.channels.message import LANGUAGES
from bot.helpdesk.cases import number_of

VERSION = 1
CONSOLE = "/helpdesk/cases/"  # and the case's id: the page of a case
Summary = Mapping[str, Mapping[str, str]]  # language -> form (markdown, plain) -> text
FORMS = ("markdown", "plain")


def document(
    event: str, case: Mapping[str, Any], summary: Summary, address: str, at: Optional[float] = None, event_id: str = ""
) -> Dict[str, Any]:
    """Return what is told of a case: `case` has the fields of cases.Case, `address` is the console's, empty without one.

    `at` is in seconds since 1970, now without it; `event_id` is made when it is not given.
    """
    now = datetime.now(timezone.utc).timestamp()
    told = {
        "number": number_of(case["id"]),
        "state": case["state"],
        "url": f"{address}{CONSOLE}{case['id']}" if address else None,
        "channel": case["channel"],
        "language": case["language"],
        "reasons": list(case["reasons"]),
        "facts": dict(case["facts"]),
        "decision": dict(case["decision"]) if case["decision"] is not None else None,
        "route": case["route"],
        "problem": case["problem"],
        "holder": case["holder_name"],
        "tags": list(case["tags"]),
        "opened_at": iso(case["opened_at"]),
        "waiting_since": iso(case["waiting_since"]),
        "solved_at": iso(case["solved_at"]),
        "summary": {
            language: {form: summary.get(language, {}).get(form, "") for form in FORMS} for language in LANGUAGES
        },
    }
    happened = now if at is None else at
    return {"version": VERSION, "id": event_id or uuid.uuid4().hex, "event": event, "at": iso(happened), "case": told}


def canonical(found: Mapping[str, Any]) -> str:
    """Return a document as it is stored and sent: keys in order, no spaces, ASCII. The same document is the same text."""
    return json.dumps(found, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)


def iso(at: Optional[float]) -> Optional[str]:
    """Return a time as it is told, in UTC; None stays None."""
    return None if at is None else datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="seconds")

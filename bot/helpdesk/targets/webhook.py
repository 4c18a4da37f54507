"""A program that is told of cases by a signed POST. docs/webhooks.md says how it checks the signature."""

import hashlib
import hmac
import time
from typing import List, Optional

from bot.engine import UnusableFacts
from bot.helpdesk.events import canonical
from bot.helpdesk.settings import WebhookSettings
from bot.helpdesk.targets import Notice, TryAgain, Undeliverable
from bot.helpdesk.targets.http import SECONDS, Http, headers, waiting_time
from bot.settings import SHORTEST_SECRET

GONE = 410


class Webhook:
    """Tells one program."""

    def __init__(self, settings: WebhookSettings, secret: Optional[str], seconds: float = SECONDS) -> None:
        """`secret` signs; two, with a comma between them, both sign while a new one is brought in.

        An answer may take `seconds`. Raises UnusableFacts without one, or when one is too short.
        """
        self._url = settings.url
        self._secrets = secrets_in(settings.name, secret)
        self._http = Http(f"webhook {settings.name}", seconds)

    async def tell(self, notice: Notice) -> None:
        """POST a notice. Raises TryAgain, or Undeliverable when the receiver says that it is gone."""
        body = canonical(notice.document).encode("ascii")
        given = headers(
            Content_Type="application/json",
            Triage_Event=notice.event,
            Triage_Delivery=notice.id,
            Triage_Signature=signature(self._secrets, body, int(time.time())),
        )
        async with self._http.ask("POST", self._url, data=body, headers=given) as response:
            status, after = response.status, waiting_time(response.headers.get("Retry-After"))
        if status == GONE:
            raise Undeliverable("the receiver answers 410: it is gone")
        if not 200 <= status < 300:  # its administrator may mend everything else, a redirection too
            raise TryAgain(f"the receiver answers {status}", after)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def signature(secrets: List[str], body: bytes, at: int) -> str:
    """Return the header Triage-Signature: the time in seconds since 1970, and what each secret makes of it and the body."""
    signed = f"{at}.".encode() + body
    made = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={at}", *(f"v1={one}" for one in made)])


def secrets_in(name: str, given: Optional[str]) -> List[str]:
    """Return the secrets that are given for a webhook. Raises UnusableFacts."""
    found = [secret.strip() for secret in (given or "").split(",") if secret.strip()]
    variable = f"TRIAGE_WEBHOOK_{name.upper().replace('-', '_')}_SECRET"
    if not found or min(len(secret) for secret in found) < SHORTEST_SECRET:
        raise UnusableFacts(
            f"helpdesk.yml: webhook {name}: {variable} must hold a secret of {SHORTEST_SECRET} characters or more, "
            "without a comma, which the receiver knows too"
        )
    return found

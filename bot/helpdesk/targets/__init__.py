"""Where else cases are told of: webhooks, Slack, Teams, mail, ServiceNow. docs/webhooks.md describes what is told."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Protocol

from bot.channels.platform import Suspended, Undeliverable
from bot.channels.workers import TryAgain
from bot.helpdesk.settings import TargetSettings

__all__ = ["MAIL", "SERVICENOW", "SLACK", "TEAMS", "Notice", "Suspended", "Target", "TryAgain", "Undeliverable", "wanting"]
SLACK, TEAMS, MAIL, SERVICENOW = "slack", "teams", "mail", "servicenow"
WEBHOOK = "webhook:"  # and its name
Json = Dict[str, Any]


@dataclass(frozen=True)
class Notice:
    """What a target is told: `id` stays the same when it is told again, `document` is as in docs/webhook.schema.json."""

    id: str
    event: str
    case_id: int
    document: Json


class Target(Protocol):
    """What takes notices."""

    async def tell(self, notice: Notice) -> Optional[str]:
        """Pass a notice on; return what staff should know of it although it was taken, None for nothing.

        Raises TryAgain, Undeliverable for a notice that will never be taken, and Suspended when nothing will be taken until
        an administrator mends something. Their texts are shown to staff; Suspended's is logged too, so it holds nothing
        that a receiver said.
        """

    async def close(self) -> None:
        """Close the connections."""


def wanting(targets: TargetSettings, event: str) -> List[str]:
    """Return the names of the targets that are to be told of an event."""
    found = [f"{WEBHOOK}{webhook.name}" for webhook in targets.webhooks if event in webhook.events]
    if targets.slack.channel and event in targets.slack.events:
        found.append(SLACK)
    if targets.teams.conversation and event in targets.teams.events:
        found.append(TEAMS)
    if targets.mail.host and event in targets.mail.events:
        found.append(MAIL)
    if targets.servicenow.instance:
        found.append(SERVICENOW)
    return found

"""Whether Slack and Teams can be on: what is missing, what cannot be right, and where an administrator finds it.

Nothing is asked of the network. What is said here is for administrators, on the command line, in English.
"""

import re
from dataclasses import dataclass
from typing import Callable, List, Tuple

from bot.settings import Credentials, Settings

SIGNING_SECRET = re.compile(r"[0-9a-f]{32}")
SLACK_APP = "https://api.slack.com/apps, your app"
AZURE_BOT = "https://portal.azure.com, your Azure Bot, Configuration"


@dataclass(frozen=True)
class Readiness:
    """What a channel needs. `missing` keeps it off; `doubtful` is told, and the channel is on."""

    channel: str
    is_wanted: bool  # something of it is given
    missing: Tuple[str, ...]
    doubtful: Tuple[str, ...] = ()

    @property
    def is_on(self) -> bool:
        """Whether everything it needs is given."""
        return not self.missing

    def lines(self) -> List[str]:
        """Return what an administrator is told."""
        state = "on" if self.is_on else "half set up, so off" if self.is_wanted else "off"
        told = [f"{self.channel}: {state}"]
        told += [f"  missing: {what}" for what in self.missing]
        told += [f"  looks wrong: {what}" for what in self.doubtful]
        return told


def slack(settings: Settings, credentials: Credentials) -> Readiness:
    """Return what Slack needs."""
    secret, token = credentials.slack_signing_secret, credentials.slack_bot_token
    missing, doubtful = [], []
    if not secret:
        missing.append(f"TRIAGE_SLACK_SIGNING_SECRET ({SLACK_APP}, Basic Information, App Credentials, Signing Secret)")
    elif not SIGNING_SECRET.fullmatch(secret):
        doubtful.append(
            "TRIAGE_SLACK_SIGNING_SECRET is not 32 digits and letters a-f; take the Signing Secret, not the Client Secret "
            "or the Verification Token"
        )
    if not token:
        missing.append(
            f"TRIAGE_SLACK_BOT_TOKEN ({SLACK_APP}, OAuth & Permissions, Bot User OAuth Token; install the app to the "
            "workspace first)"
        )
    elif not token.startswith("xoxb-"):
        doubtful.append("TRIAGE_SLACK_BOT_TOKEN does not begin with xoxb-; take the Bot User OAuth Token, no user or app-level token")
    return Readiness("Slack", bool(secret or token), tuple(missing), tuple(doubtful))


def teams(settings: Settings, credentials: Credentials) -> Readiness:
    """Return what Teams needs."""
    identity, secret = settings.teams, credentials.teams_app_secret
    missing, doubtful = [], []
    if not identity.app_id:
        missing.append(f"teams.app_id in channels.yml ({AZURE_BOT}, Microsoft App ID)")
    if not secret:
        missing.append(
            f"TRIAGE_TEAMS_APP_SECRET ({AZURE_BOT}, Manage Password, New client secret; copy its Value, not its Secret ID)"
        )
    elif re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", secret, re.IGNORECASE):
        doubtful.append("TRIAGE_TEAMS_APP_SECRET looks like a Secret ID; copy the Value, which is shown once")
    if identity.app_id and not identity.tenant:
        doubtful.append(
            "teams.tenant in channels.yml is empty, as for a multi-tenant bot; bots made since August 2025 are single-tenant "
            f"({AZURE_BOT}, App Tenant ID)"
        )
    return Readiness("Teams", bool(identity.app_id or secret), tuple(missing), tuple(doubtful))


CHANNELS: Tuple[Callable[[Settings, Credentials], Readiness], ...] = (slack, teams)


def readiness(settings: Settings, credentials: Credentials) -> List[Readiness]:
    """Return what each channel needs."""
    return [channel(settings, credentials) for channel in CHANNELS]

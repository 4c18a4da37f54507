"""The helpdesk put together: what the server starts with its channels, and what it ends."""

import asyncio
from typing import List

from sanic import Blueprint

from bot.channels.gateway import Gateway
from bot.database import Database
from bot.helpdesk.accounts import has_local
from bot.helpdesk.acts import Acts, Triage
from bot.helpdesk.cases import Cases
from bot.helpdesk.desk import HelpDesk
from bot.helpdesk.hours import Hours
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.platforms import Platforms
from bot.settings import Settings
from bot.wording import shared_wording


class Helpdesk:
    """Cases, the console, and what others are told of cases."""

    def __init__(
        self, database: Database, settings: HelpdeskSettings, secrets: HelpdeskSecrets, channels: Settings
    ) -> None:
        """Nothing is asked of the network."""
        self._database = database
        self.settings = settings
        self._secrets = secrets
        self._words = shared_wording().text
        self.hours = Hours(settings.hours)
        self._announce = lambda on, event, case_id: None
        self.desk = HelpDesk(self.hours, settings.contact, self._words, self._announce)
        self.cases = Cases(database)

    def blueprints(self, gateway: Gateway, triage: Triage, platforms: Platforms) -> List[Blueprint]:
        """Return the ways in, over a gateway whose cases this keeps."""
        self.acts = Acts(self._database, gateway, triage, self._words, self._announce)
        return []

    def told_at_start(self, address: str) -> List[str]:
        """Return what the start says of the console at the server's `address`."""
        found = f"The helpdesk console is at {address}/helpdesk"
        if self.settings.openid.issuer or self._database.read_now(has_local):
            return [found]
        return [found, "  nobody can sign in yet: `triage staff add NAME` makes an account"]

    async def start(self) -> None:
        """Begin what goes on beside requests."""

    def close(self) -> None:
        """Begin nothing more: the server stops."""

    async def settle(self) -> None:
        """Wait until nothing goes on."""
        await asyncio.sleep(0)

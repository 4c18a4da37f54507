"""The helpdesk put together: what the server starts with its channels, and what it ends."""

from typing import Any, Dict, List, Optional, Protocol, Union
from zoneinfo import ZoneInfo

from sanic import Blueprint, Request
from sanic.blueprint_group import BlueprintGroup
from sanic.response import HTTPResponse

from bot.channels.gateway import Gateway
from bot.database import Database
from bot.helpdesk import api, figures_page, summary
from bot.helpdesk.accounts import has_local
from bot.helpdesk.acts import Acts, Triage
from bot.helpdesk.cases import Case, Cases
from bot.helpdesk.console import Console, names
from bot.helpdesk.console import blueprint as console_blueprint
from bot.helpdesk.console.pages import Pages
from bot.helpdesk.console.parts import page
from bot.helpdesk.desk import HelpDesk
from bot.helpdesk.entrance import Entrance
from bot.helpdesk.hours import Hours
from bot.helpdesk.notices import announcing
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.helpdesk.targets.build import Targets
from bot.helpdesk.targets.servicenow import Watch
from bot.helpdesk.telling import Notices
from bot.platforms import Platforms
from bot.settings import Settings
from bot.wording import LANGUAGES, shared_wording


class Model(Triage, Protocol):
    """What the helpdesk needs of the assistant."""

    async def parse(self, text: str) -> Dict[str, Any]:
        """Return how the model reads a text."""


class Helpdesk:
    """Cases, the console, and what others are told of cases."""

    def __init__(
        self,
        database: Database,
        settings: HelpdeskSettings,
        secrets: HelpdeskSecrets,
        channels: Settings,
        key: bytes,
    ) -> None:
        """`key` is the server's secret. Nothing is asked of the network."""
        self._database = database
        self._secrets = secrets
        self._channels = channels
        self._words = shared_wording().text
        self._announce = announcing(settings, _summaries)
        self.settings = settings
        self.hours = Hours(settings.hours)
        self.pages = Pages(settings.hours.zone)
        self.entrance = Entrance(database, settings, secrets, key, self.pages.render, channels.limits.store)
        self.desk = HelpDesk(self.hours, settings.contact, self._words, self._announce)
        self.cases = Cases(database)
        self.notices: Optional[Notices] = None
        self._watch: Optional[Watch] = None

    def blueprints(
        self, gateway: Gateway, model: Model, platforms: Platforms
    ) -> List[Union[Blueprint, BlueprintGroup]]:
        """Return the ways in, over a gateway whose cases this keeps.

        Raises static.NotBuilt when the console is not built, UnusableFacts when somebody who is to be told of cases cannot be.
        """
        self.acts = Acts(self._database, gateway, model, self._words, self._announce)
        targets = Targets(
            self.settings.targets,
            self._secrets,
            self._database,
            platforms.platforms,
            self._channels.teams.app_id,
            self.acts.changed_elsewhere,
        )
        self.notices = Notices(self._database, targets.named)
        self._watch = targets.watch
        console = Console(
            self._database,
            self.acts,
            self.cases,
            gateway,
            self.entrance,
            model.parse,
            self.hours,
            self.settings,
            self.pages,
            notices=self.notices,
        )

        def show(request: Request, template: str, status: int = 200, **values: Any) -> HTTPResponse:
            return page(console, request, template, status, **values)

        zone = ZoneInfo(self.settings.hours.zone)
        return [
            self.entrance.blueprint,
            console_blueprint(console),
            figures_page.blueprint(self._database, zone, self.entrance.access, show, names.name),
            api.blueprint(model.parse, api.Tokens.given().authenticate),
        ]

    def told_at_start(self, address: str) -> List[str]:
        """Return what the start says of the console at the server's `address`."""
        found = f"The helpdesk console is at {address}/helpdesk"
        if self.settings.openid.issuer or self._database.read_now(has_local):
            return [found]
        return [found, "  nobody can sign in yet: `triage staff add NAME` makes an account"]

    async def start(self) -> None:
        """Begin to tell others of cases."""
        if self.notices is not None:
            self.notices.start()
        if self._watch is not None:
            self._watch.start()

    def close(self) -> None:
        """Begin nothing more: the server stops."""
        if self.notices is not None:
            self.notices.close()
        if self._watch is not None:
            self._watch.close()

    async def settle(self) -> None:
        """Wait until nobody is being told anything."""
        if self._watch is not None:
            await self._watch.settle()
        if self.notices is not None:
            await self.notices.settle()


def _summaries(case: Case) -> Dict[str, Dict[str, str]]:
    """Return the case to paste, in each language."""
    found = {}
    for language in LANGUAGES:
        made = summary.summary(case.facts, case.decision, case.problem, language, case.number)
        found[language] = {"markdown": made.markdown, "plain": made.plain}
    return found

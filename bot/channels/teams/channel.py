"""The Teams channel, put together."""

from bot.channels.gateway import Gateway, Words
from bot.channels.inbox import Inbox
from bot.channels.tasks import Tasks
from bot.channels.teams.access import Access
from bot.channels.teams.connector import TeamsPlatform
from bot.channels.teams.fields import TEAMS
from bot.channels.teams.keys import SigningKeys
from bot.channels.teams.routes import blueprint
from bot.channels.teams.work import Work
from bot.settings import TeamsSettings

__all__ = ["TEAMS", "TeamsChannel"]


class TeamsChannel:
    """Teams' way in (`blueprint`) and out (`platform`)."""

    def __init__(self, settings: TeamsSettings, secret: str, gateway: Gateway, inbox: Inbox, words: Words) -> None:
        """`secret` is the app's client secret. Nothing is asked of the network."""
        access = Access(settings.app_id, secret, settings.tenant, settings.login, settings.scope)
        self._keys = SigningKeys(settings.openid)
        self._tasks = Tasks("an activity of Teams could not be taken")
        self.platform = TeamsPlatform(access, settings.hosts, words)
        work = Work(gateway, inbox, words, settings.language)
        self.blueprint = blueprint(settings, self._keys, work, self._tasks)

    async def close(self) -> None:
        """End what goes on, and close the connections to Microsoft."""
        await self._tasks.finish()
        await self._keys.close()
        await self.platform.close()

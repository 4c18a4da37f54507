"""The Slack channel, put together."""

from bot.channels.gateway import Gateway, Words
from bot.channels.inbox import Inbox
from bot.channels.slack.api import Api, SlackPlatform
from bot.channels.slack.fields import SLACK
from bot.channels.slack.routes import blueprint
from bot.channels.slack.work import Work
from bot.channels.tasks import Tasks
from bot.settings import Credentials, SlackSettings

__all__ = ["SLACK", "SlackChannel"]


class SlackChannel:
    """Slack's way in (`blueprint`) and out (`platform`)."""

    def __init__(self, settings: SlackSettings, credentials: Credentials, gateway: Gateway, inbox: Inbox, words: Words) -> None:
        """Nothing is asked of the network."""
        self._api = Api(credentials.slack_bot_token, settings.api)
        self._tasks = Tasks("what came from Slack could not be taken")
        self.platform = SlackPlatform(self._api, words)
        work = Work(self._api, self.platform, gateway, inbox, words, settings.language)
        secret = credentials.slack_signing_secret
        self.blueprint = blueprint(secret, self._api, self.platform, work, self._tasks)

    async def close(self) -> None:
        """End what goes on, and close the connections to Slack."""
        await self._tasks.finish()
        await self._api.close()

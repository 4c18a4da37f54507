"""The platforms whose credentials are given, put together: what the server starts, and what it ends."""

from typing import Dict, List

from sanic import Blueprint

from bot.channels.deliveries import Deliveries
from bot.channels.gateway import Gateway, Words
from bot.channels.inbox import Inbox
from bot.channels.outbox import Outbox
from bot.channels.platform import Channel, Platform
from bot.channels.slack.channel import SLACK, SlackChannel
from bot.channels.teams.channel import TEAMS, TeamsChannel
from bot.settings import Credentials, Settings


class Platforms:
    """Slack and Teams, as far as they are on."""

    def __init__(
        self, gateway: Gateway, deliveries: Deliveries, settings: Settings, credentials: Credentials, words: Words
    ) -> None:
        """Nothing is asked of the network."""
        self._channels: Dict[str, Channel] = {}
        self._outbox = Outbox(gateway, deliveries)
        if credentials.slack_signing_secret and credentials.slack_bot_token:
            inbox = Inbox(gateway, deliveries, self._outbox, SLACK)
            self._channels[SLACK] = SlackChannel(settings.slack, credentials, gateway, inbox, words)
        if settings.teams.app_id and credentials.teams_app_secret:
            inbox = Inbox(gateway, deliveries, self._outbox, TEAMS)
            self._channels[TEAMS] = TeamsChannel(settings.teams, credentials.teams_app_secret, gateway, inbox, words)
        for name, channel in self._channels.items():
            self._outbox.add(name, channel.platform)

    @property
    def blueprints(self) -> List[Blueprint]:
        """The ways in."""
        return [channel.blueprint for channel in self._channels.values()]

    @property
    def platforms(self) -> Dict[str, Platform]:
        """Those that are on, by name."""
        return {name: channel.platform for name, channel in self._channels.items()}

    async def resume(self) -> None:
        """Send what was not sent before the server stopped."""
        await self._outbox.resume()

    def close(self) -> None:
        """Try nothing again: the server stops."""
        self._outbox.close()

    async def settle(self) -> None:
        """Wait until nothing is being sent, then close the connections to the platforms."""
        await self._outbox.settle()
        for channel in self._channels.values():
            await channel.close()

"""The targets of helpdesk.yml, put together."""

from typing import Dict, Mapping, Optional

from bot.channels.deliveries import Reference
from bot.channels.platform import Platform
from bot.database import Database
from bot.engine import UnusableFacts
from bot.helpdesk.settings import HelpdeskSecrets, TargetSettings, webhook_secret
from bot.helpdesk.targets import MAIL, SERVICENOW, SLACK, TEAMS, WEBHOOK, Target
from bot.helpdesk.targets.chat import Chat, slack_reference, teams_reference, through
from bot.helpdesk.targets.mail import Mail
from bot.helpdesk.targets.servicenow import FlowBack, ServiceNow, Watch
from bot.helpdesk.targets.table_api import TableApi
from bot.helpdesk.targets.webhook import Webhook


class Targets:
    """Who is told of cases, by name; and who asks back."""

    def __init__(
        self,
        settings: TargetSettings,
        secrets: HelpdeskSecrets,
        database: Database,
        platforms: Mapping[str, Platform],
        teams_app_id: str,
        flow_back: FlowBack,
    ) -> None:
        """`platforms` are those that are on, by "slack" and "teams". Nothing is asked of the network.

        Raises UnusableFacts for a target that lacks a secret, or a platform.
        """
        self.named: Dict[str, Target] = {}
        self.watch: Optional[Watch] = None
        for webhook in settings.webhooks:
            self.named[f"{WEBHOOK}{webhook.name}"] = Webhook(webhook, webhook_secret(webhook.name))
        if settings.slack.channel:
            self.named[SLACK] = _chat(SLACK, platforms, slack_reference(settings.slack))
        if settings.teams.conversation:
            self.named[TEAMS] = _chat(TEAMS, platforms, teams_reference(settings.teams, teams_app_id))
        if settings.mail.host:
            self.named[MAIL] = Mail(settings.mail, secrets.mail_password)
        if settings.servicenow.instance:
            api = TableApi(settings.servicenow, secrets.servicenow_user, secrets.servicenow_password)
            self.named[SERVICENOW] = ServiceNow(database, api, settings.servicenow)
            self.watch = Watch(database, api, settings.servicenow.minutes, flow_back)


def _chat(name: str, platforms: Mapping[str, Platform], reference: Reference) -> Chat:
    if name not in platforms:
        raise UnusableFacts(f"helpdesk.yml: targets.{name}: {name} is not set up (docs/channels.md): nothing is sent there")
    return Chat(through(platforms[name]), reference)

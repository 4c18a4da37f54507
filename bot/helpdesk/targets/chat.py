"""A channel of Slack or Teams that is told of cases, through the platforms that conversations go through."""

import re
from typing import Any, Awaitable, Callable, Dict

from bot.channels.deliveries import Reference
from bot.channels.message import entry
from bot.channels.platform import Platform
from bot.channels.teams.fields import CHANNEL
from bot.channels.teams.tokens import TEAMS_ID
from bot.helpdesk.settings import SlackTarget, TeamsTarget
from bot.helpdesk.targets import Notice, TryAgain, Undeliverable
from bot.helpdesk.targets.words import particulars, title

Send = Callable[[Reference, Dict[str, Any]], Awaitable[None]]
LANGUAGE = "en"  # of staff
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")


class Chat:
    """Tells one channel."""

    def __init__(self, send: Send, reference: Reference) -> None:
        """`send` says a message of a transcript where `reference` points to."""
        self._send = send
        self._reference = reference

    async def tell(self, notice: Notice) -> None:
        """Say what happened. Raises TryAgain or Suspended."""
        said = entry("system", markdown(notice), "answer", LANGUAGE)
        try:
            await self._send(self._reference, {"seq": 0, **said})
        except Undeliverable as error:  # the app is not in the channel yet, or the channel is archived: staff may mend it
            raise TryAgain(str(error)) from None

    async def close(self) -> None:
        """Close nothing: the connections are the platform's."""


def through(platform: Platform) -> Send:
    """Return what sends a message by way of a platform."""

    async def send(reference: Reference, document: Dict[str, Any]) -> None:
        for post in platform.posts(document):  # one: what is told is far below every limit
            await platform.send(reference, post)

    return send


def slack_reference(target: SlackTarget) -> Reference:
    """Return where messages to a channel of Slack go."""
    # The bot's token is for one workspace, whose id nobody asked for; this stands in its place in what is said of failures.
    return {"team": f"of {target.channel}", "channel": target.channel}


def teams_reference(target: TeamsTarget, app_id: str) -> Reference:
    """Return where messages to a channel of Teams go, as a new post; `app_id` is the bot's."""
    return {
        "serviceUrl": target.service,
        "channelId": TEAMS_ID,
        "conversation": {"id": target.conversation, "conversationType": CHANNEL},
        "bot": {"id": f"28:{app_id}", "name": ""},
    }


def markdown(notice: Notice) -> str:
    """Return what happened, in Markdown. Nothing that a partner typed is a mark or a link in it."""
    case = notice.document["case"]
    lines = [f"**{literal(title(notice.event, case))}**", ""]
    lines += [f"- {literal(name)}: {literal(value)}" for name, value in particulars(case).items()]
    if case["url"]:
        lines += ["", f"[Open the case]({case['url']})"]
    return "\n".join(lines)


def literal(text: str) -> str:
    """Return a text in which Markdown sees no marks."""
    return _MARKS.sub(r"\\\1", text)

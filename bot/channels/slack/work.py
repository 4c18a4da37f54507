"""What is done about each thing that happens in Slack. Taking it is one step, all that Slack need not wait for another."""

import json
import logging
import re
from dataclasses import replace
from typing import Any, Awaitable, Callable, Dict, Optional, Set, Tuple

from bot.channels.gateway import Gateway, Words
from bot.channels.inbox import Inbox
from bot.channels.message import LANGUAGES, Incoming
from bot.channels.platform import Suspended, Undeliverable
from bot.channels.rendering import slack as rendering
from bot.channels.rendering.markdown import plain
from bot.channels.rendering.marks import mrkdwn
from bot.channels.slack import home
from bot.channels.slack.api import Api, SlackPlatform
from bot.channels.slack.blocks import CHOICE, FEEDBACK, LONGEST_CHOICE, answered
from bot.channels.slack.fields import SLACK, Place
from bot.channels.slack.pressing import Pressed
from bot.channels.slack.reading import Command, Opened
from bot.channels.workers import TryAgain

logger = logging.getLogger(__name__)

SOURCES = "sources"
MOST_REMEMBERED = 10_000  # direct messages
MOST_LOOKED_THROUGH = 50  # messages, for one that was taken just now
_BUTTON = re.compile(r"(\d{1,9}):(\d{1,4})")  # the n-th button of a message


class Work:
    """What the routes have done."""

    def __init__(self, api: Api, platform: SlackPlatform, gateway: Gateway, inbox: Inbox, words: Words, language: str) -> None:
        """`language` is that of a new conversation."""
        self.inbox = inbox
        self.language = language
        self.words = words
        self._api = api
        self._platform = platform
        self._transcript = gateway.transcript
        self._opened: Dict[Tuple[str, str], str] = {}  # (team, person) -> their direct message
        self._answering: Set[Tuple[str, str]] = set()  # questions to which an answer is being taken: nobody answers twice at once

    async def quietly(self, what: str, work: Awaitable[Any]) -> None:
        """Do what a person can do without; that it failed is logged."""
        try:
            await work
        except (TryAgain, Undeliverable, Suspended) as error:
            logger.warning("Slack: %s failed: %s", what, error)
        except Exception:
            logger.exception("Slack: %s failed", what)

    async def open(self, opened: Opened) -> None:
        """Show the home, or greet a person who opens the messages for the first time."""
        if opened.tab == "home":
            await self._call(opened.place.team, "views.publish", user_id=opened.user, view=home.view(self.words))
        elif opened.tab == "messages":
            await self.inbox.greet(opened.place.conversation, opened.place.reference, self.language)

    async def command(self, command: Command) -> None:
        """Take what stands after the command in the person's direct message, or greet there; who was greeted says hello."""
        place = await self._direct(command.place, command.user)
        text = command.text
        if not text and not await self.inbox.greet(place.conversation, place.reference, self.language):
            found = await self._transcript.conversation(place.conversation)
            text = self.words("utter_slack_hello", found.language if found else self.language)  # the assistant answers that
        if text:
            message = Incoming(SLACK, place.conversation, command.id, text, address=command.address)
            await self.inbox.take(message, place.reference, self.language)

    async def spoken(self, team: str, user: str, place: Place) -> str:
        """Return the language of a person's direct message, as far as it is known without asking Slack."""
        known = self._opened.get((team, user))
        found = await self._transcript.conversation(replace(place, channel=known, thread=None).conversation) if known else None
        return found.language if found else self.language

    async def press(self, pressed: Pressed) -> Optional[Callable[[], Awaitable[None]]]:
        """Take what was pressed; return what is left to do when it is stored. None for what is not the assistant's."""
        kind, _, which = pressed.action.partition(":")
        if kind == home.HOME and which in LANGUAGES:
            await self._begin(pressed, which)
        elif not pressed.place.channel:
            return None
        elif kind == CHOICE:
            return await self._choose(pressed)
        elif kind == FEEDBACK and which in ("yes", "no"):
            return await self._rate(pressed, which == "yes")
        elif pressed.action == SOURCES:
            return lambda: self._show_sources(pressed)
        return None

    async def _begin(self, pressed: Pressed, language: str) -> None:
        """Begin in a language, or go on in it."""
        place = await self._direct(pressed.place, pressed.user)
        if await self._transcript.conversation(place.conversation) is None:
            await self.inbox.greet(place.conversation, place.reference, language)
            return
        payload = f'/switch_language{json.dumps({"language": language}, separators=(",", ":"))}'
        message = Incoming(SLACK, place.conversation, pressed.id, pressed.title, payload, pressed.address)
        await self.inbox.take(message, place.reference, language)

    async def _choose(self, pressed: Pressed) -> Optional[Callable[[], Awaitable[None]]]:
        question = (pressed.place.channel, pressed.ts)
        if question in self._answering:
            return None
        self._answering.add(question)
        try:
            place, payload = pressed.place, await self._payload(pressed)
            message = Incoming(SLACK, place.conversation, pressed.id, pressed.title, payload, pressed.address)
            await self.inbox.take(message, place.reference, self.language)
            taken = await self._taken(place.conversation, pressed.id)
        except BaseException:
            self._answering.discard(question)
            raise
        if taken is None:
            self._answering.discard(question)
            return None

        async def show() -> None:
            title = mrkdwn(plain(taken["text"][:LONGEST_CHOICE]))
            response = "utter_slack_chosen" if place.is_direct else "utter_slack_chosen_by"
            try:
                line = self.words(response, taken["language"], title=title, person=f"<@{pressed.user}>")
                await self._update(pressed, CHOICE, line)
            finally:
                self._answering.discard(question)

        return show

    async def _payload(self, pressed: Pressed) -> str:
        """Return what was chosen; a value may name the button instead, since Slack's values are short."""
        named = _BUTTON.fullmatch(pressed.value)
        document = await self._document(pressed.place, int(named[1])) if named else None
        buttons = (document or {}).get("buttons") or []
        return str(buttons[int(named[2])]["payload"]) if named and int(named[2]) < len(buttons) else pressed.value

    async def _rate(self, pressed: Pressed, helped: bool) -> Optional[Callable[[], Awaitable[None]]]:
        place = pressed.place
        message = Incoming(SLACK, place.conversation, pressed.id, pressed.word, address=pressed.address)
        await self.inbox.rate(message, place.reference, self.language, helped)
        taken = await self._taken(place.conversation, pressed.id)
        if taken is None:
            return None
        return lambda: self._update(pressed, FEEDBACK, self.words("utter_widget_feedback_thanks", taken["language"]))

    async def _show_sources(self, pressed: Pressed) -> None:
        document = await self._document(pressed.place, int(pressed.value)) if re.fullmatch(r"\d{1,9}", pressed.value) else None
        if document is not None and document.get("sources"):
            place = pressed.place
            where = {"channel": place.channel, "user": pressed.user, "thread_ts": place.thread}
            for shown in rendering.sources(document, self.words):
                await self._call(place.team, "chat.postEphemeral", **where, text=shown["text"], blocks=shown["blocks"])

    async def _update(self, pressed: Pressed, what: str, line: str) -> None:
        """Show in the message that it was answered, so that nobody answers it again."""
        blocks = answered(pressed.blocks, what, line)
        place = pressed.place
        await self._call(place.team, "chat.update", channel=place.channel, ts=pressed.ts, text=pressed.text or line, blocks=blocks)

    async def _taken(self, conversation: str, message_id: str) -> Optional[Dict[str, Any]]:
        """Return the message as it is stored, None when it was refused, which the person is told."""
        last = await self._transcript.last(conversation, MOST_LOOKED_THROUGH)
        return next((document for document in last if document.get("id") == message_id), None)

    async def _document(self, place: Place, seq: int) -> Optional[Dict[str, Any]]:
        return await self._transcript.one(place.conversation, seq)

    async def _direct(self, place: Place, user: str) -> Place:
        """Return the person's direct message with the assistant; it stays the same."""
        known = self._opened.get((place.team, user))
        if known is None:
            opened = await self._call(place.team, "conversations.open", users=user)
            known = str(opened["channel"]["id"])
            if len(self._opened) >= MOST_REMEMBERED:
                self._opened.clear()
            self._opened[place.team, user] = known
        return Place(place.enterprise, place.team, known)

    async def _call(self, team: str, method: str, **arguments: Any) -> Dict[str, Any]:
        self._platform.check(team)
        return await self._api.patiently(method, **arguments)

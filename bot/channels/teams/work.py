"""What is done about what happened in Teams. Everything here goes through the inbox, and so through the guard."""

from dataclasses import replace

from bot.channels.gateway import Gateway, Words
from bot.channels.inbox import Inbox
from bot.channels.message import Incoming
from bot.channels.teams.activities import Chose, Happened, Installed, Rated, Said
from bot.channels.teams.fields import PERSONAL, Place


class Work:
    """Takes what happened."""

    def __init__(self, gateway: Gateway, inbox: Inbox, words: Words, language: str) -> None:
        """`language` is for people whose Teams is in none of ours."""
        self.words = words
        self._gateway = gateway
        self._inbox = inbox
        self._language = language

    async def take(self, what: Happened) -> None:
        """Take what happened; when this returns it is stored, or the person will be told why not."""
        if isinstance(what, Said):
            await self._inbox.take(what.message, what.place.reference, self.language(what.place))
        elif isinstance(what, Chose):
            chosen = await self._chosen(what)
            await self._inbox.take(chosen, what.place.reference, self.language(what.place))
        elif isinstance(what, Rated):
            await self._rate(what)
        elif isinstance(what, Installed):
            await self._introduce(what.place)

    def language(self, place: Place) -> str:
        """Return the language in which a conversation begins."""
        return place.language or self._language

    async def _chosen(self, what: Chose) -> Incoming:
        """Return the choice as the button that it stands for; one that is not there is refused like a button that is not."""
        document = await self._gateway.transcript.one(what.message.conversation, what.seq)
        buttons = (document or {}).get("buttons") or []
        if what.choice is None or what.choice >= len(buttons):
            return what.message
        button = buttons[what.choice]
        return replace(what.message, payload=button["payload"], text=button["title"])

    async def _rate(self, what: Rated) -> None:
        """Take a rating, and thank for it: Teams shows nothing of a button that was pressed."""
        was_rated = await self._is_rated(what.message)
        language = self.language(what.place)
        await self._inbox.rate(what.message, what.place.reference, language, what.helped)
        if not was_rated and await self._is_rated(what.message):
            found = await self._gateway.transcript.conversation(what.message.conversation)
            thanks = self.words("utter_widget_feedback_thanks", found.language if found else language)
            await self._gateway.push(what.message.conversation, "system", thanks)

    async def _is_rated(self, message: Incoming) -> bool:
        last = await self._gateway.transcript.last(message.conversation, 100)
        return any(document["kind"] == "feedback" and document["id"] == message.id for document in last)

    async def _introduce(self, place: Place) -> None:
        """Greet the person in the own chat; say in a group or a team how to call the bot. Once each."""
        language = self.language(place)
        if place.kind == PERSONAL:
            await self._inbox.greet(place.conversation, place.reference, language)
        else:
            text = self.words("utter_teams_introduction", language)
            await self._inbox.introduce(place.conversation, place.reference, text, language)

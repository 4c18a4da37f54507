"""A conversation that is kept nowhere: the terminal and scripted conversations. It passes the guard like any other."""

import uuid
from typing import Dict, List

from bot.channels.gateway import Assistant, Words
from bot.channels.guard import Guard, Refused
from bot.channels.message import DEFAULT_LANGUAGE, Incoming, Reply


class Direct:
    """Says things to an assistant and returns its replies at once; nothing is counted, since there is one person."""

    def __init__(self, assistant: Assistant, words: Words) -> None:
        """`words` returns the text of a response in a language."""
        self._assistant = assistant
        self._words = words
        self._guard = Guard()
        self._languages: Dict[str, str] = {}  # conversation -> the language spoken last

    async def say(self, text: str, conversation: str) -> List[Reply]:
        """Return the replies to what was typed; a message that the guard refuses is answered with the reason."""
        language = self._languages.get(conversation, DEFAULT_LANGUAGE)
        try:
            admitted = await self._guard.admit(Incoming("direct", conversation, uuid.uuid4().hex, text))
        except Refused as refused:
            return [Reply(self._words(refused.response, language, **refused.values), kind="note", language=language)]
        replies = self._spoken(await self._assistant.say(admitted.message.text, conversation), conversation)
        if admitted.redacted:
            language = self._languages[conversation]
            replies.insert(0, Reply(self._words("utter_privacy_redacted", language), kind="privacy", language=language))
        return replies

    async def press(self, payload: str, conversation: str) -> List[Reply]:
        """Return the replies to a button."""
        return self._spoken(await self._assistant.press(payload, conversation), conversation)

    def _spoken(self, replies: List[Reply], conversation: str) -> List[Reply]:
        self._languages[conversation] = replies[-1].language
        return list(replies)

"""What a person typed in Teams, as the person sees it: without the bot's mention, without markup, signs decoded."""

import html
import re
from html.parser import HTMLParser
from typing import Any, List

from bot.channels.fields import Json, list_of, object_of, text_of
from bot.channels.guard import LONGEST_TEXT

LONGEST_MARKED = 5 * LONGEST_TEXT  # characters; a longer text is not read, since it is too long for the guard in any case
MOST_ENTITIES = 50
_AT = re.compile(r"</?at(?:\s[^<>]*)?>", re.IGNORECASE)
_MARKUP = ("xml", "html", "xhtml")
_BREAKS = ("br", "p", "div", "li", "tr", "h1", "h2", "h3", "blockquote", "pre")
_UNSEEN = ("script", "style", "head", "template")


def typed(activity: Json) -> str:
    """Return what a message says. Raises Refused."""
    text = text_of(activity.get("text"))
    if len(text) > LONGEST_MARKED:
        return text
    text = _without_mention(text, activity)
    if text_of(activity.get("textFormat")).lower() in _MARKUP:
        reader = _Reader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.found)
    else:
        text = html.unescape(_AT.sub("", text))
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.replace("\xa0", " ").splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _without_mention(text: str, activity: Json) -> str:
    """Leave out how the bot was called. Other people's names stay: the sentence may be about them."""
    bot = object_of(activity.get("recipient")).get("id")
    for entity in list_of(activity.get("entities"))[:MOST_ENTITIES]:
        if not isinstance(entity, dict) or entity.get("type") != "mention":
            continue
        if object_of(entity.get("mentioned")).get("id") == bot and text_of(entity.get("text")):
            text = text.replace(entity["text"], " ")
    return text


class _Reader(HTMLParser):
    """Collects the text between tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: List[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        if tag in _BREAKS and tag != "br":
            self.found.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.found.append(data)

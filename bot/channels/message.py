"""What goes in and out, whatever the channel: a message from a person, and a message to one."""

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Dict, List, Mapping, Optional, Protocol, Tuple

LANGUAGES = ("en", "nl")  # as in bot/wording.py, which channels do not import
DEFAULT_LANGUAGE = "en"
LONGEST_PAYLOAD = 1_000  # characters
ALWAYS_OFFERED = (
    "/start_over",
    "/request_human",
    '/switch_language{"language":"en"}',
    '/switch_language{"language":"nl"}',
)


@dataclass(frozen=True)
class Incoming:
    """What a person sent: a text typed, or a button pressed (`payload`, and `text` is its title).

    `id` tells the message from every other of the conversation, so that a delivery that comes twice counts once.
    `address` is the network address it came from, or what a platform calls the person; None when the channel knows neither.
    """

    channel: str
    conversation: str
    id: str
    text: str
    payload: Optional[str] = None
    address: Optional[str] = None


class Source(Protocol):
    """What an answer rests on: a document, its address where it has one, and what it says in the reader's language."""

    title: str
    url: Optional[str]
    says: str


@dataclass(frozen=True)
class Reply:
    """One message of the assistant in simple Markdown, with everything a channel may show of it.

    `progress` is (step, of how many) in a walk-through; `asks_feedback` that the conversation may be over.
    """

    text: str
    buttons: List[Dict[str, str]] = field(default_factory=list)
    kind: str = "answer"
    sources: Tuple[Source, ...] = ()
    progress: Optional[Tuple[int, int]] = None
    asks_feedback: bool = False
    language: str = DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Situation:
    """Where a conversation stands: what is known, what is asked, what it led to.

    `facts` and `decision` are as the engine knows them; `decision` is None while a question is open. `misses` counts the messages
    in a row that were not understood; `problem` is in the person's words.
    """

    language: str
    facts: Mapping[str, str]
    asked: Optional[str] = None
    decision: Optional[Mapping[str, Any]] = None
    problem: Optional[str] = None
    misses: int = 0


def entry(sender: str, text: str, kind: str, language: str, message_id: Optional[str] = None, **more: Any) -> Dict[str, Any]:
    """Return a message as it is stored and sent (docs/widget-protocol.md); its number is given by the transcript."""
    return {
        "id": message_id,
        "from": sender,
        "kind": kind,
        "language": language,
        "text": text,
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **more,
    }


def reply_entry(reply: Reply) -> Dict[str, Any]:
    """Return a message of the assistant as it is stored and sent."""
    return entry(
        "assistant",
        reply.text,
        reply.kind,
        reply.language,
        buttons=reply.buttons,
        sources=[{"title": source.title, "url": source.url, "says": source.says} for source in reply.sources],
        progress={"step": reply.progress[0], "of": reply.progress[1]} if reply.progress else None,
        ask_feedback=reply.asks_feedback,
    )

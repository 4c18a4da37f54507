"""What the platforms' renderers share: the parts a message consists of, and how they are put into posts."""

from dataclasses import dataclass
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, TypeVar

from bot.channels.rendering.markdown import Block, Run, linked, parse, plain

Document = Dict[str, Any]  # a message of the transcript
Words = Callable[..., str]  # (response, language, **values) -> text
MOST_BUTTONS = 5  # choices that are buttons; more are a list to choose from
LONGEST_LABEL = 75  # characters of a button; a title that is longer is shown whole in the text
LONGEST_WORD = 500  # characters of why a conversation helped or not, as the gateway takes them
NOTICES = ("privacy", "refused")
Item = TypeVar("Item")


@dataclass(frozen=True)
class Choice:
    """A button of the message: its place among them, what is written on it, and the whole title."""

    index: int
    label: str
    title: str
    payload: str


def units(text: str) -> int:
    """Return the length of a text as the platforms count it: a character outside the basic plane counts twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def text_of(document: Document, words: Words) -> Tuple[Optional[str], List[Block]]:
    """Return the line that says which step of a walk-through it is, if it is one, and the text."""
    text = document["text"]
    progress = document.get("progress")
    if document["from"] == "person":
        return None, plain(text)
    if not progress:
        return None, parse(text)
    step = words("utter_widget_step", document["language"], step=progress["step"], of=progress["of"])
    return step, parse(text.replace(f"{step}: ", "", 1))  # the line says it already


def staff(document: Document, words: Words) -> Optional[str]:
    """Return who of the staff says a message, None when it is not from staff."""
    if document["from"] != "staff":
        return None
    label = words("utter_widget_staff", document["language"])
    return f"{document['name']} · {label}" if document.get("name") else label


def choices(document: Document) -> List[Choice]:
    """Return the buttons of a message. One that has no title is called by its number."""
    found = []
    for index, button in enumerate(document.get("buttons") or ()):
        title = " ".join(button["title"].split()) or str(index + 1)
        found.append(Choice(index, _label(title, index), title, button["payload"]))
    return found


def _label(title: str, index: int) -> str:
    if units(title) <= LONGEST_LABEL:
        return title
    label = f"{index + 1}. {title}"
    while units(label) >= LONGEST_LABEL:
        label = label[:-1]
    return f"{label.rstrip()}…"


def whole_titles(found: Sequence[Choice], document: Document, words: Words) -> List[Block]:
    """Return the titles that are too long for their buttons."""
    long = [choice for choice in found if choice.label != choice.title]
    if not long:
        return []
    heading = Block((Run(words("utter_platform_whole_titles", document["language"])),))
    return [heading, *(Block((Run(choice.title),), f"{choice.index + 1}.", 1) for choice in long)]


def source_blocks(document: Document) -> List[Block]:
    """Return what a message rests on: each document once, with all that it says."""
    pages: Dict[Tuple[str, Optional[str]], List[str]] = {}
    for source in document.get("sources") or ():
        said = pages.setdefault((source["title"], source["url"]), [])
        if source["says"]:
            said.append(source["says"])
    blocks: List[Block] = []
    for (title, url), said in pages.items():
        blocks.append(Block(linked(title, url, bold=True)))
        blocks += [Block((Run(text),), "•", 1) for text in said]
    return blocks


def pack(items: Sequence[Item], fits: Callable[[List[Item]], bool]) -> List[List[Item]]:
    """Return items in order, in as few groups as fit. An item that does not fit alone is a group of its own."""
    groups: List[List[Item]] = []
    for item in items:
        if groups and fits([*groups[-1], item]):
            groups[-1].append(item)
        else:
            groups.append([item])
    return groups

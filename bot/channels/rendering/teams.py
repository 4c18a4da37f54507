"""A message for Teams: an Adaptive Card where there is something to press or unfold, else plain Markdown.

A card has an upper size and an upper number of actions; what does not fit goes into the next one.
"""

import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Sequence

from bot.channels.rendering.markdown import Block, plain, plain_text, split
from bot.channels.rendering.marks import card_markdown
from bot.channels.rendering.parts import (
    LONGEST_WORD,
    MOST_BUTTONS,
    Choice,
    Document,
    Words,
    choices,
    pack,
    source_blocks,
    staff,
    text_of,
    whole_titles,
)

CARD = "application/vnd.microsoft.card.adaptive"
SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"
VERSION = "1.5"
LARGEST = 25_000  # bytes of an activity, each character outside ASCII escaped as JSON may
LARGEST_TEXT = 20_000  # of a message without a card
LARGEST_PART = 6_000  # of a card; a card says its text again for those who hear it
LARGEST_BUTTONS = 12_000  # of all buttons; what is larger becomes a list to choose from
FRAME = 3_500  # bytes of an activity without what it says
MOST_ACTIONS = 6
LONGEST_SUMMARY = 200  # characters, in a notification
Json = Dict[str, Any]


@dataclass(frozen=True)
class Part:
    """Elements of a card that stay together, how many actions they show, and what they say in plain text.

    `input_id` when there is an input, of which a card may have only one by that name. `is_folded` when it is shown only
    on demand.
    """

    elements: List[Json]
    text: str = ""
    actions: int = 0
    input_id: Optional[str] = None
    is_folded: bool = False
    size: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", _size(self.elements) + 2 * _size(self.text) + 20)


def posts(document: Document, words: Words) -> List[Json]:
    """Return a message as activities, in order. None when there is nothing to show."""
    step, blocks = text_of(document, words)
    language = document["language"]
    sender = staff(document, words)
    if sender:
        head = [Part([{**_text(card_markdown(plain(sender))), "weight": "Bolder", "size": "Small"}], sender)]
    else:
        head = [Part([{**_text(step), "isSubtle": True, "size": "Small"}], step)] if step else []
    tail = _tail(document, words)
    if not head and not tail:
        return [_message(piece, language) for piece in split(blocks, _block_size, LARGEST_TEXT) if _says(piece)]
    parts = [*head, *_text_parts(blocks), *tail]
    return [_card(group, language) for group in pack(parts, _fits)]


def _tail(document: Document, words: Words) -> List[Part]:
    """Return what comes after the text: choices, sources, and whether it helped."""
    language = document["language"]
    offered = choices(document)
    found = _text_parts(whole_titles(offered, document, words))
    if offered:
        buttons = [_submit(choice.label, _chosen(choice)) for choice in offered[: MOST_BUTTONS + 1]]
        if len(offered) <= MOST_BUTTONS and _size(buttons) <= LARGEST_BUTTONS:
            found.append(Part([_actions(buttons)], _listed(offered), len(buttons)))
        else:
            found += _choice_sets(offered, document, words)
    pieces = split(source_blocks(document), _block_size, LARGEST_PART)
    for number, piece in enumerate(pieces, start=1):
        name = f"sources{number}"
        toggle = {
            "type": "Action.ToggleVisibility",
            "title": words("utter_widget_sources", language),
            "targetElements": [name],
        }
        hidden = {"type": "Container", "id": name, "isVisible": False, "items": [_text(card_markdown(piece))]}
        found.append(Part([_actions([toggle]), hidden], plain_text(piece), 1, is_folded=True))
    if document.get("ask_feedback"):
        found.append(_feedback(document, words))
    return found


def _size(found: Any) -> int:
    return len(json.dumps(found))


def _block_size(block: Block) -> int:
    return _size(card_markdown([block])) + 4 * block.depth + 4


def _fits(parts: Sequence[Part]) -> bool:
    inputs = [part.input_id for part in parts if part.input_id]
    return (
        FRAME + sum(part.size for part in parts) <= LARGEST
        and sum(part.actions for part in parts) <= MOST_ACTIONS
        and len(inputs) == len(set(inputs))
    )


def _text(text: str) -> Json:
    return {"type": "TextBlock", "text": text, "wrap": True}


def _says(blocks: Sequence[Block]) -> bool:
    return bool(plain_text(blocks).strip())


def _text_parts(blocks: Sequence[Block]) -> List[Part]:
    pieces = split(blocks, _block_size, LARGEST_PART)
    return [Part([_text(card_markdown(piece))], plain_text(piece)) for piece in pieces if _says(piece)]


def _actions(actions: List[Json]) -> Json:
    return {"type": "ActionSet", "actions": actions}


def _submit(label: str, data: Json, inputs: bool = False) -> Json:
    action = {"type": "Action.Submit", "title": label, "data": data}
    return action if inputs else {**action, "associatedInputs": "none"}


def _chosen(choice: Choice) -> Json:
    """Return what comes back when a button is pressed; Teams shows its title as the person's own message."""
    said = {"payload": choice.payload, "title": choice.title}
    shown = {"type": "messageBack", "displayText": choice.title, "text": choice.title, "value": said}
    return {**said, "msteams": shown}


def _listed(offered: Sequence[Choice]) -> str:
    return "\n".join(f"• {choice.label}" for choice in offered)


def _choice_sets(offered: Sequence[Choice], document: Document, words: Words) -> List[Part]:
    language = document["language"]
    found = []
    for group in pack(offered, lambda some: sum(3 * _size(choice.label) + 40 for choice in some) <= LARGEST_BUTTONS):
        several = {
            "type": "Input.ChoiceSet",
            "id": "choice",
            "style": "compact",
            "wrap": True,
            "label": words("utter_widget_choices", language),
            "choices": [{"title": choice.label, "value": str(choice.index)} for choice in group],
        }
        send = _submit(words("utter_widget_send", language), {"seq": document["seq"]}, inputs=True)
        found.append(Part([several, _actions([send])], _listed(group), 1, "choice"))
    return found


def _feedback(document: Document, words: Words) -> Part:
    language = document["language"]
    question = words("utter_widget_feedback_question", language)
    word = {
        "type": "Input.Text",
        "id": "word",
        "isMultiline": True,
        "maxLength": LONGEST_WORD,
        "label": words("utter_widget_feedback_word", language),
    }
    answers = [
        _submit(
            words(f"utter_widget_feedback_{answer}", language), {"feedback": answer, "seq": document["seq"]}, inputs=True
        )
        for answer in ("yes", "no")
    ]
    return Part([{**_text(question), "weight": "Bolder"}, word, _actions(answers)], question, 2, "word")


def _summary(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUMMARY else f"{line[: LONGEST_SUMMARY - 1].rstrip()}…"


def _message(blocks: Sequence[Block], language: str) -> Json:
    text = plain_text(blocks)
    is_plain = not any(run.bold or run.italic or run.url for block in blocks for run in block.runs)
    is_plain = is_plain and not any(block.depth for block in blocks)
    return {
        "type": "message",
        "locale": language,
        "textFormat": "plain" if is_plain else "markdown",
        "text": text if is_plain else card_markdown(blocks),
        "summary": _summary(text),
    }


def _card(parts: Sequence[Part], language: str) -> Json:
    text = "\n\n".join(part.text for part in parts if part.text)
    spoken = "\n\n".join(part.text for part in parts if part.text and not part.is_folded)
    card = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": VERSION,
        "lang": language,
        "fallbackText": text,
        "speak": spoken,
        "body": [element for part in parts for element in part.elements],
        "msteams": {"width": "Full"},
    }
    return {
        "type": "message",
        "locale": language,
        "summary": _summary(spoken or text),
        "attachments": [{"contentType": CARD, "content": card}],
    }

"""A message in Block Kit. What a limit of Slack's does not let into one block, or one message, goes into the next."""

import re
from dataclasses import dataclass
from typing import Any, Dict, List, Sequence

from bot.channels.rendering.markdown import Block, plain_text, split
from bot.channels.rendering.marks import escaped, mrkdwn
from bot.channels.rendering.parts import (
    LONGEST_LABEL,
    LONGEST_WORD,
    MOST_BUTTONS,
    NOTICES,
    Choice,
    Document,
    Words,
    choices,
    pack,
    source_blocks,
    staff,
    text_of,
    units,
    whole_titles,
)

LONGEST_TEXT = 3_000  # characters of a text object, as written with its marks
LONGEST_MESSAGE = 12_000  # of all texts together; Slack refuses messages from about 13,000 on
LONGEST_VALUE = 2_000  # of a button
LONGEST_OPTION_VALUE = 150
LONGEST_PLACEHOLDER = 150
MOST_BLOCKS = 50
MOST_OPTIONS = 100
Json = Dict[str, Any]


@dataclass(frozen=True)
class Part:
    """Blocks that stay together, and what they say in plain text, for notifications and screen readers."""

    blocks: List[Json]
    text: str
    size: int


def posts(document: Document, words: Words) -> List[Json]:
    """Return a message as Slack messages, in order: {"text", "blocks"}. None when there is nothing to show."""
    groups = pack(_parts(document, words), _fits)
    return [_post(group) for group in groups]


def sources(document: Document, words: Words) -> List[Json]:
    """Return what a message rests on as Slack messages, in order: what "Why?" shows."""
    heading = words("utter_platform_sources", document["language"])
    return [_post(group) for group in pack([_context(heading), *_sections(source_blocks(document))], _fits)]


def _post(parts: Sequence[Part]) -> Json:
    text = "\n\n".join(part.text for part in parts if part.text)
    return {"text": text, "blocks": [block for part in parts for block in part.blocks]}


def _fits(parts: Sequence[Part]) -> bool:
    return sum(len(part.blocks) for part in parts) <= MOST_BLOCKS and sum(part.size for part in parts) <= LONGEST_MESSAGE


def _parts(document: Document, words: Words) -> List[Part]:
    step, blocks = text_of(document, words)
    language = document["language"]
    found: List[Part] = []
    sender = staff(document, words)
    if sender:
        found.append(_context(sender, bold=True))
    if step:
        found.append(_context(step))
    found += _sections(blocks, is_notice=document["kind"] in NOTICES)
    offered = choices(document)
    found += _sections(whole_titles(offered, document, words))
    if 0 < len(offered) <= MOST_BUTTONS:
        found.append(_buttons(offered, document))
    elif offered:
        found += _selects(offered, document, words("utter_widget_choices", language))
    if document.get("sources"):
        label = words("utter_widget_sources", language)
        why = _button("sources", label, str(document["seq"]))
        found.append(Part([{"type": "actions", "elements": [why]}], escaped(label), LONGEST_LABEL))
    if document.get("ask_feedback"):
        found.append(_feedback(document, words))
    return found


def _text(text: str) -> Json:
    # verbatim: Slack makes no links of its own of names and addresses
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _label(text: str) -> Json:
    return {"type": "plain_text", "text": text, "emoji": False}


def _context(text: str, bold: bool = False) -> Part:
    shown = escaped(text)
    return Part([{"type": "context", "elements": [_text(f"*{shown}*" if bold else shown)]}], shown, 2 * units(shown))


def _sections(blocks: Sequence[Block], is_notice: bool = False) -> List[Part]:
    found = []
    for piece in split(blocks, lambda block: units(mrkdwn([block])) + 2, LONGEST_TEXT):
        marked = mrkdwn(piece)
        if marked.strip():
            shown = _text(marked)
            block = {"type": "context", "elements": [shown]} if is_notice else {"type": "section", "text": shown}
            found.append(Part([block], escaped(plain_text(piece)), units(marked)))
    return found


def _button(action: str, label: str, value: str) -> Json:
    return {"type": "button", "action_id": action, "text": _label(label), "value": value}


def _value(choice: Choice, document: Document, longest: int) -> str:
    """Return the payload, or where it is to be found: when it is too long, and when it could be taken for such a place."""
    payload = choice.payload
    if not payload or units(payload) > longest or re.fullmatch(r"\d+:\d+", payload):
        return f"{document['seq']}:{choice.index}"
    return payload


def _listed(offered: Sequence[Choice]) -> str:
    return "\n".join(f"• {escaped(choice.label)}" for choice in offered)


def _buttons(offered: Sequence[Choice], document: Document) -> Part:
    elements = [
        _button(f"choose:{choice.index}", choice.label, _value(choice, document, LONGEST_VALUE)) for choice in offered
    ]
    text = _listed(offered)
    return Part([{"type": "actions", "elements": elements}], text, units(text))


def _selects(offered: Sequence[Choice], document: Document, placeholder: str) -> List[Part]:
    found = []
    for group in pack(offered, lambda some: len(some) <= MOST_OPTIONS and units(_listed(some)) < LONGEST_MESSAGE):
        options = [
            {"text": _label(choice.label), "value": _value(choice, document, LONGEST_OPTION_VALUE)} for choice in group
        ]
        select = {
            "type": "static_select",
            "action_id": "choose",
            "placeholder": _label(placeholder[:LONGEST_PLACEHOLDER]),
            "options": options,
        }
        text = _listed(group)
        found.append(Part([{"type": "actions", "elements": [select]}], text, units(text)))
    return found


def _feedback(document: Document, words: Words) -> Part:
    language, seq = document["language"], str(document["seq"])
    question = escaped(words("utter_widget_feedback_question", language))
    word = {
        "type": "input",
        "block_id": "feedback",
        "optional": True,
        "label": _label(words("utter_widget_feedback_word", language)),
        "element": {"type": "plain_text_input", "action_id": "word", "multiline": True, "max_length": LONGEST_WORD},
    }
    answers = [
        _button(f"feedback:{answer}", words(f"utter_widget_feedback_{answer}", language), seq) for answer in ("yes", "no")
    ]
    section = {"type": "section", "text": _text(question)}
    return Part([section, word, {"type": "actions", "elements": answers}], question, LONGEST_TEXT // 10)

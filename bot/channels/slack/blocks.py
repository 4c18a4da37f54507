"""What becomes of a message's blocks when a person has used them: buttons give way to what was chosen."""

from typing import Any, Dict, List, Sequence

Block = Dict[str, Any]
LONGEST_CHOICE = 300  # characters of a title that are repeated
CHOICE, FEEDBACK = "choose", "feedback"


def note(text: str) -> Block:
    """Return a line in small print."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def answered(blocks: Sequence[Block], what: str, line: str) -> List[Block]:
    """Return blocks without the buttons and lists of `what` (CHOICE or FEEDBACK), with a line in their place."""
    found: List[Block] = []
    is_said = False
    for block in blocks:
        kept = _without(block, what)
        if kept is not block and not is_said:
            if what == FEEDBACK and found and found[-1].get("type") == "section" and "accessory" not in found[-1]:
                found.pop()  # the question
            found.append(note(line))
            is_said = True
        found += [kept] if kept else []
    return found


def _without(block: Block, what: str) -> Block:
    """Return a block without what belongs to `what`: the same one when nothing does, an empty one when all does."""
    if block.get("type") == "actions":
        elements = block.get("elements") or []
        kept = [element for element in elements if not _is(element, what)]
        return block if len(kept) == len(elements) else {**block, "elements": kept} if kept else {}
    if block.get("type") == "section" and _is(block.get("accessory"), what):
        return {name: value for name, value in block.items() if name != "accessory"}
    if what == FEEDBACK and block.get("type") == "input" and block.get("block_id") == FEEDBACK:
        return {}
    return block


def _is(element: Any, what: str) -> bool:
    action = element.get("action_id") if isinstance(element, dict) else None
    return isinstance(action, str) and action.partition(":")[0] == what

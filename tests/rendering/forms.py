"""Whether a message's forms are valid, and what a person reads in them."""

import html
import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote

import adaptive_cards
import jsonschema
from markdown_it import MarkdownIt
from slack_sdk.models.blocks import Block

SCHEMA = Path(adaptive_cards.__file__).parent / "schemas" / "schema-1.5.json"
MARKDOWN = MarkdownIt("commonmark", {"html": False})
# A list shows its numbers, which are not in its text.
MARKDOWN.add_render_rule("list_item_open", lambda self, tokens, index, options, env: f"<li>{tokens[index].info} ")
SLACK_LINK = re.compile(r"<(https://[^|>]+)\|([^>]*)>")


def document(text="", **more):
    """Return a message of the transcript."""
    return {
        "seq": 7,
        "id": None,
        "from": "assistant",
        "kind": "answer",
        "language": "en",
        "text": text,
        "at": "2026-11-22T09:00:00+00:00",
        "buttons": [],
        "sources": [],
        "progress": None,
        "ask_feedback": False,
        **more,
    }


def letters(*texts):
    """Count the letters and digits of texts. An address may be written with per cent signs."""
    return Counter(char for text in texts for char in unquote(text).lower() if char.isalnum())


def words_of(text):
    """Return the words of a Markdown text as a person reads them."""
    return re.findall(r"[^\W_]+", re.sub(r"\]\(https?:[^)\s]*\)", " ", text).replace("\\", ""))


def units(text):
    return len(text.encode("utf-16-le")) // 2


# Slack


def texts_of(found):
    """Yield every text object within blocks."""
    if isinstance(found, dict):
        if found.get("type") in ("mrkdwn", "plain_text"):
            yield found
        for value in found.values():
            yield from texts_of(value)
    elif isinstance(found, list):
        for value in found:
            yield from texts_of(value)


def assert_slack(post):
    """Assert that Slack takes a message."""
    assert post["text"].strip() and units(post["text"]) <= 40_000
    blocks = post["blocks"]
    assert 1 <= len(blocks) <= 50
    for block in blocks:
        parsed = Block.parse(block)
        assert parsed is not None
        parsed.validate_json()
        assert parsed.to_dict() == block, "the model knows every field"
        assert len(block.get("elements", [])) <= (10 if block["type"] == "context" else 25)
        actions = [element["action_id"] for element in block.get("elements", []) if "action_id" in element]
        assert len(actions) == len(set(actions))
        for element in block.get("elements", []):
            if element["type"] == "button":
                assert 1 <= units(element["text"]["text"]) <= 75 and 1 <= units(element["value"]) <= 2_000
            if element["type"] == "static_select":
                assert 1 <= len(element["options"]) <= 100 and 1 <= units(element["placeholder"]["text"]) <= 150
                for option in element["options"]:
                    assert 1 <= units(option["text"]["text"]) <= 75 and 1 <= units(option["value"]) <= 150
    names = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(names) == len(set(names))
    shown = list(texts_of(blocks))
    assert sum(units(text["text"]) for text in shown) <= 25_000
    for text in [*shown, {"type": "mrkdwn", "text": post["text"], "verbatim": True}]:
        if text["type"] == "mrkdwn":
            assert text["text"].strip() and text["verbatim"] is True
            left = SLACK_LINK.sub("", text["text"])
            assert "<" not in left and ">" not in left, "no mention, no link but those to documents"
            assert not re.search(r"&(?!amp;|lt;|gt;)", left)
    assert all(units(text["text"]) <= 3_000 for text in shown)


def read_in_slack(posts):
    """Return what a person reads in messages, the labels of buttons included."""
    shown = []
    for post in posts:
        for text in texts_of(post["blocks"]):
            read = text["text"]
            if text["type"] == "mrkdwn":
                read = html.unescape(SLACK_LINK.sub(r"\2 \1", read))
            shown.append(read.replace("\u200b", ""))
    return "\n".join(shown)


def slack_choices(posts):
    """Return (label, value) of every choice."""
    found = []
    for element in (element for post in posts for block in post["blocks"] for element in block.get("elements", [])):
        if element.get("action_id", "").startswith("choose"):
            found += [(option["text"]["text"], option["value"]) for option in element.get("options", [element])]
    return found


# Teams


@lru_cache(maxsize=1)
def schema():
    return jsonschema.Draft6Validator(json.loads(SCHEMA.read_text(encoding="utf-8-sig")))


def card_of(activity):
    """Return an activity's card, None when it has none."""
    return activity["attachments"][0]["content"] if "attachments" in activity else None


def assert_teams(activity, draw=None):
    """Assert that Teams takes an activity, and that Microsoft's renderer finds nothing wrong; return what that shows."""
    assert len(json.dumps(activity)) <= 25_000
    assert activity["type"] == "message" and activity["locale"] in ("en", "nl") and activity["summary"].strip()
    card = card_of(activity)
    if card is None:
        assert activity["text"].strip() and activity["textFormat"] in ("plain", "markdown")
        return None
    assert card["msteams"] == {"width": "Full"}
    assert card["fallbackText"].strip() and activity["attachments"][0]["contentType"].endswith("card.adaptive")
    published = {key: value for key, value in card.items() if key != "msteams"}  # which is Teams' own
    errors = list(schema().iter_errors(published))
    assert errors == [], errors[0]
    actions = [action for element in card["body"] if element["type"] == "ActionSet" for action in element["actions"]]
    assert len(actions) <= 6
    names = [element["id"] for element in card["body"] if "id" in element]
    assert len(names) == len(set(names))
    if draw is None:
        return None
    drawn = draw(card)
    assert drawn["events"] == []
    assert drawn["buttons"] == [action["title"] for action in actions]
    return drawn


def _read(element):
    if element["type"] == "TextBlock":
        rendered = MARKDOWN.render(element["text"])
        addresses = " ".join(re.findall(r'href="([^"]*)"', rendered))
        return html.unescape(f"{re.sub('<[^>]*>', ' ', rendered)} {addresses}")
    if element["type"] == "Container":
        return "\n".join(_read(item) for item in element["items"])
    titles = [item["title"] for item in [*element.get("actions", ()), *element.get("choices", ())]]
    return "\n".join([element.get("label", ""), *titles])


def read_in_teams(activities):
    """Return what a person reads in activities, the labels of buttons included."""
    shown = []
    for activity in activities:
        card = card_of(activity)
        if card is not None:
            shown += [_read(element) for element in card["body"]]
        elif activity["textFormat"] == "plain":
            shown.append(activity["text"])
        else:
            shown.append(_read({"type": "TextBlock", "text": activity["text"]}))
    return "\n".join(shown).replace("\u200b", "")


def teams_choices(activities):
    """Return (label, payload or index) of every choice."""
    found = []
    for element in (element for activity in activities for element in (card_of(activity) or {"body": []})["body"]):
        for action in element.get("actions", ()):
            if "payload" in action.get("data", {}):
                found.append((action["title"], action["data"]["payload"]))
        found += [(choice["title"], int(choice["value"])) for choice in element.get("choices", ())]
    return found

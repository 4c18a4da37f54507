"""The app's home: what the assistant is for, and a button for each language to begin with."""

from typing import Any, Dict

from bot.channels.gateway import Words
from bot.channels.message import LANGUAGES

HOME = "home"  # before a colon and the language, in the buttons' action


def view(words: Words) -> Dict[str, Any]:
    """Return the home, which is the same for everybody: it is opened before a person has shown a language."""
    blocks = []
    for language in LANGUAGES:
        blocks += [
            {"type": "header", "text": _plain(words("utter_slack_home_title", language))},
            {"type": "section", "text": {"type": "mrkdwn", "text": words("utter_slack_home", language)}},
            {"type": "actions", "elements": [_button(language, words)]},
            {"type": "divider"},
        ]
    return {"type": "home", "blocks": blocks[:-1]}


def _button(language: str, words: Words) -> Dict[str, Any]:
    return {
        "type": "button",
        "action_id": f"{HOME}:{language}",
        "text": _plain(words(f"utter_widget_language_{language}", language)),
        "value": language,
    }


def _plain(text: str) -> Dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}

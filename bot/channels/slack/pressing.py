"""What a person used in a message of the assistant, or in the app's home: buttons, lists, and the word beside them."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Tuple

from bot.channels.fields import Json, list_of, object_of, text_of
from bot.channels.platform import identity
from bot.channels.slack.fields import Place, address, enterprise_of, id_of, ts_of
from bot.channels.slack.mrkdwn import readable


@dataclass(frozen=True)
class Pressed:
    """A person used something in a message, or in the app's home, whose place then has no channel.

    `value` is the button's or the chosen option's; `title` what stands on it; `word` what the person wrote beside it.
    `ts` and `text` are the message's, with its `blocks`.
    """

    place: Place
    user: str
    action: str
    value: str
    title: str
    at: str
    ts: str = ""
    text: str = ""
    blocks: Tuple[Dict[str, Any], ...] = ()
    word: str = ""
    response_url: str = ""

    @property
    def id(self) -> str:
        """The id of what was pressed, each time it is."""
        return identity(self.ts or self.place.team, self.action, self.value, self.at)

    @property
    def address(self) -> str:
        """Whom limits count."""
        return address(self.place.team, self.user)


def pressed(payload: Json) -> List[Pressed]:
    """Return what a person used in a message or in the home. Raises Refused when it is none of Slack's."""
    if payload.get("type") != "block_actions":
        return []
    user, container = object_of(payload.get("user")), object_of(payload.get("container"))
    team = id_of(object_of(payload.get("team")).get("id") or user.get("team_id"))
    enterprise = enterprise_of(object_of(payload.get("enterprise")))
    message = object_of(payload.get("message"))
    if container.get("type") == "view":
        place, ts = Place(enterprise, team, ""), ""
    else:
        ts = ts_of(container.get("message_ts") or message.get("ts"))
        channel = id_of(object_of(payload.get("channel")).get("id") or container.get("channel_id"))
        place = Place(enterprise, team, channel, _thread(container.get("thread_ts") or message.get("thread_ts"), ts, channel))
    blocks = tuple(block for block in list_of(message.get("blocks")) if isinstance(block, dict))
    return [
        Pressed(
            place,
            id_of(user.get("id")),
            text_of(action.get("action_id")),
            text_of(_chosen(action).get("value")),
            readable(text_of(object_of(_chosen(action).get("text")).get("text"))),
            text_of(action.get("action_ts")),
            ts,
            text_of(message.get("text")),
            blocks,
            _word(object_of(payload.get("state"))),
            text_of(payload.get("response_url")),
        )
        for action in list_of(payload.get("actions"))
        if isinstance(action, dict)
    ]


def _thread(given: Any, ts: str, channel: str) -> Optional[str]:
    """Return the thread that a message is in. In a direct message one that begins a thread is not in it."""
    if channel.startswith("D"):
        return ts_of(given) if given and given != ts else None
    return ts_of(given) if given else ts


def _chosen(action: Json) -> Json:
    return object_of(action.get("selected_option")) if "selected_option" in action else action


def _word(state: Json) -> str:
    for inputs in object_of(state.get("values")).values():
        word = object_of(object_of(inputs).get("word")).get("value")
        if word is not None:
            return text_of(word).strip()
    return ""

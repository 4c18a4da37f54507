"""Talking to the assistant without a server: the terminal chat, scripted conversations, parsing, training."""

import asyncio
import logging
import os
import re
import time
import uuid
from datetime import date
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, Optional

import click
import yaml
from filelock import FileLock
from rich.console import Console
from rich.markdown import Markdown
from rich.text import Text

from bot.assistant import MODELS, Assistant, NoModel, is_stale, newest_model, train
from bot.channels.direct import Direct
from bot.channels.message import Reply
from bot.clock import DATE_VARIABLE
from bot.engine import UnusableFacts
from bot.engine.errors import did_you_mean
from bot.engine.message import DENIED, Message
from bot.given import number, printable, whole
from bot.knowledge import shared
from bot.wording import shared_wording

LONGEST_REASON, LONGEST_SHOWN = 300, 500  # characters
LINK = re.compile(r"\[([^\]]+)\]\((https://[^)\s]+)\)")


def train_with_progress() -> Path:
    """Train a model, saying what is being done. Exits with status 1 and the reason when it fails."""
    console = Console(stderr=True, markup=False, emoji=False)
    started = time.monotonic()
    handler = _StatusHandler()
    steps = logging.getLogger("bot.nlu")
    steps.addHandler(handler)
    steps.propagate = False  # Rasa's own handler would print each step again
    try:
        with console.status("Training the assistant ...") as status:

            def show(step: str) -> None:
                status.update(Text(f"Training the assistant: {step} ({time.monotonic() - started:.0f} s)"))
                if not console.is_terminal:
                    console.print(f"Training: {step} ({time.monotonic() - started:.0f} s)")

            handler.show = show
            model = train(show)
    except Exception as error:  # Rasa raises its own, around whatever a component raised
        click.echo(f"triage: the training failed: {_reason(error)}; run `triage check`, then `triage train`", err=True)
        raise SystemExit(1) from None
    finally:
        steps.removeHandler(handler)
        steps.propagate = True
    console.print(f"Trained in {time.monotonic() - started:.0f} s: {model.name}")
    return model


def _reason(error: BaseException) -> str:
    """Return in a line what was at the bottom of an error."""
    while error.__cause__ is not None:
        error = error.__cause__
    said = printable(" ".join(str(error).split()))[:LONGEST_REASON]
    return said if said and isinstance(error, RuntimeError) else f"{type(error).__name__} {said}".strip()


class _StatusHandler(logging.Handler):
    """Hands log lines about training steps to `show`."""

    show = staticmethod(lambda step: None)

    def emit(self, record: logging.LogRecord) -> None:
        self.show(record.getMessage().rstrip("."))


def trained_model() -> Path:
    """Return an up-to-date model, training it first when it is missing or stale. One process trains; others wait for it."""
    model = _fresh_model()
    if model is not None:
        return model
    MODELS.mkdir(exist_ok=True)
    with FileLock(MODELS / ".training"):
        return _fresh_model() or train_with_progress()


def _fresh_model() -> Optional[Path]:
    model = newest_model()
    return None if is_stale(model) else model


def set_day(on: Optional[date]) -> None:
    """Make the actions answer for a day other than today."""
    if on is not None:
        os.environ[DATE_VARIABLE] = on.isoformat()


# The terminal


def chat(on: Optional[date]) -> None:
    """Talk in the terminal until the person leaves."""
    set_day(on)
    model = trained_model()
    console = Console()
    with console.status("Starting the assistant ..."):
        assistant = _loaded(model)
    console.print("Type your problem. A number chooses an option; /quit leaves.\n", style="dim")
    asyncio.run(_chat(assistant, console))


async def _chat(assistant: Assistant, console: Console) -> None:
    sender = uuid.uuid4().hex
    talk = Direct(assistant, shared_wording().text)
    options: List[Dict[str, str]] = []
    for reply in await talk.press("/greet", sender):
        options = _show(reply, console) or options
    while True:
        try:
            typed = await asyncio.to_thread(console.input, "[bold]You:[/bold] ")
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if typed.strip() in ("/quit", "/stop", "/exit"):
            return
        chosen = _chosen(typed, options)
        replies = await (talk.press(chosen, sender) if chosen else talk.say(typed, sender))
        options = []
        for reply in replies:
            options = _show(reply, console) or options


def _chosen(typed: str, options: List[Dict[str, str]]) -> Optional[str]:
    """Return the payload of the option that a number names, None when it names none."""
    chosen = number(typed) or 0
    return options[chosen - 1]["payload"] if 1 <= chosen <= len(options) else None


def _show(reply: Reply, console: Console) -> List[Dict[str, str]]:
    """Print a reply with its options numbered; return the options."""
    console.print(Markdown(LINK.sub(r"\1 (\2)", reply.text), hyperlinks=False))
    for place, option in enumerate(reply.buttons, start=1):
        console.print(Text.assemble("  ", (str(place), "cyan"), f" {option['title']}"))
    console.print()
    return reply.buttons


# Scripted conversations


def read_script(path: str) -> List[str]:
    """Return the user messages in a YAML list, as they stand there. Raises UnusableFacts."""
    try:
        found = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # every scalar is a text
    except OSError as error:
        raise UnusableFacts(f"{path} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableFacts(f"{path} is not YAML: {(str(error) or 'nothing in it').splitlines()[0]}") from None
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise UnusableFacts(f"{path} must be a YAML list of messages, one `- text` a line")
    return [whole(item) for item in found]


def converse(path: str, on: Optional[date]) -> Dict[str, Any]:
    """Play a script; return both sides, the facts, and the outcome (a decision document, or None)."""
    messages = read_script(path)
    set_day(on)
    assistant = _ready_assistant()
    return asyncio.run(play(assistant, messages))


def _ready_assistant() -> Assistant:
    return _loaded(None)


def _loaded(model: Optional[Path]) -> Assistant:
    try:
        return Assistant(model)
    except NoModel as error:
        raise UnusableFacts(str(error)) from None


async def play(assistant: Assistant, messages: Iterable[str]) -> Dict[str, Any]:
    """Send messages one after the other in a new conversation; return what was said and what came of it."""
    sender = uuid.uuid4().hex
    talk = Direct(assistant, shared_wording().text)
    turns = []
    for text in messages:
        replies = await (talk.press if text.startswith("/") else talk.say)(text, sender)
        slots = await assistant.slots(sender)
        turns.append(
            {
                "user": text,
                "bot": [{"text": reply.text, "buttons": reply.buttons} for reply in replies],
                "asked": slots.get("requested_slot"),
                "decided": bool(slots.get("decided")),
                "language": slots.get("language"),
                "facts": {fact: slots[fact] for fact in shared().programme.facts if slots.get(fact) is not None},
            }
        )
    outcome = slots.get("outcome") if turns and slots.get("decided") else None
    return {"turns": turns, "facts": turns[-1]["facts"] if turns else {}, "outcome": outcome}


def show_conversation(played: Dict[str, Any]) -> None:
    """Print both sides of a conversation."""
    console = Console()
    for turn in played["turns"]:
        console.print(Text.assemble(("You:", "bold"), f" {turn['user'][:LONGEST_SHOWN]}"))
        for reply in turn["bot"]:
            _show(Reply(reply["text"], reply["buttons"]), console)
    if played["outcome"]:
        console.print(Text(f"Outcome: {played['outcome']['route']}", style="bold"))


# Parsing


def parse_lines(lines: Iterable[str], asked: Optional[str]) -> Iterator[Dict[str, Any]]:
    """Yield how the trained model reads each line; `asked` names the question that is open."""
    facts = shared().programme.facts
    if asked is not None and asked not in facts:
        raise UnusableFacts(f'--asked "{asked}" is no fact; {did_you_mean(asked, facts)}')
    assistant = _ready_assistant()
    loop = asyncio.new_event_loop()
    try:
        for line in lines:
            yield reading(loop.run_until_complete(assistant.parse(line.rstrip("\n"))), asked)
    finally:
        loop.close()


def reading(parsed: Dict[str, Any], asked: Optional[str] = None) -> Dict[str, Any]:
    """Return the parse document: a message that answers the open question is accepted as `inform`."""
    from bot.shared_reader import reader

    ranking = parsed.get("intent_ranking") or [parsed["intent"]]
    intent, decision = ranking[0]["name"], parsed.get("decision") or "accept"
    entities = parsed.get("entities") or []
    if asked is not None:
        message = Message(parsed.get("text") or "", parsed["intent"]["name"], decision, entities)
        changes = reader().read(message, {"goal": "open_request"}, asked)
        named = any(entity["entity"] == asked and not entity.get("role") for entity in entities)
        if (asked in changes.facts or named) and intent not in ("affirm", "deny", "unsure", "correct"):
            intent, decision = "inform", "accept"
    return {
        "text": parsed.get("text"),
        "language": (parsed.get("language") or {}).get("code"),
        "intent": intent,
        "confidence": next((entry["confidence"] for entry in ranking if entry["name"] == intent), ranking[0]["confidence"]),
        "decision": decision,
        "ranking": ranking,
        "entities": [
            {key: entity[key] for key in ("entity", "value", "start", "end")}
            for entity in entities
            if entity.get("role") != DENIED
        ],
    }

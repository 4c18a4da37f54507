"""The intent model: tf-idf and a sentence vector into one logistic regression, with calibrated confidence and refusal."""

import warnings
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

import numpy as np
from scipy import sparse
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp, softmax
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import FeatureUnion

from bot.nlu.spelling import Speller
from bot.nlu.text import tokenize

ACCEPT, CONFIRM, REFUSE = "accept", "confirm", "refuse"
# More iterations train longer and, measured out of fold, classify no better.
ITERATIONS = 30
# What a message means is said early; what follows in a long one is a log or a quoted mail.
READ_CHARACTERS = 600


@dataclass(frozen=True)
class Settings:
    """What the model is made with (`config.yml`).

    `sentence_weight` 0 leaves the encoder out. `false_refusals` is the share of genuine messages that may be
    refused, `accepted_accuracy` how often an accepted reading must be right, both measured out of fold.
    """

    sentence_weight: float = 1.5
    regularization: float = 10.0
    folds: int = 3
    false_refusals: float = 0.03
    accepted_accuracy: float = 0.95
    neighbours: int = 3
    neighbour_weight: float = 5.0
    random_state: int = 7


@dataclass(frozen=True)
class Reading:
    """What a message means: every intent with its probability, the likeliest first, and what to do with it."""

    ranking: Tuple[Tuple[str, float], ...]
    decision: str

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.ranking[0][1]


@dataclass
class _Linear:
    """One fitted classifier with its features."""

    vectorizer: Any
    classifier: LogisticRegression

    def logits(self, texts: Sequence[str], vectors: Optional[np.ndarray], weight: float) -> np.ndarray:
        return self.classifier.decision_function(_features(self.vectorizer, texts, vectors, weight))


def _vectorizer() -> FeatureUnion:
    return FeatureUnion(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\S+")),
            ("characters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2)),
        ]
    )


def _features(vectorizer: Any, texts: Sequence[str], vectors: Optional[np.ndarray], weight: float) -> sparse.csr_matrix:
    features = vectorizer.transform(texts)
    return features if vectors is None else sparse.hstack([features, sparse.csr_matrix(vectors * weight)]).tocsr()


@dataclass
class IntentModel:
    """A trained model. Make one with `train`."""

    settings: Settings
    speller: Speller
    linear: _Linear
    vectors: Optional[np.ndarray]
    temperature: float
    accept_from: float
    refuse_below: float
    report: Dict[str, float] = field(default_factory=dict)

    @property
    def intents(self) -> List[str]:
        """The intents it knows, sorted."""
        return list(self.linear.classifier.classes_)

    def read(self, text: str, masked: str, encode: Callable[[Sequence[str]], np.ndarray]) -> Reading:
        """Return the reading of a message. A message without any known word is refused at once.

        `masked` is the text with names replaced by their kind (`mask`).
        """
        spelled = normalize(text[:READ_CHARACTERS], self.speller)
        counted = normalize(masked[:READ_CHARACTERS], self.speller)
        if not any(self.speller.knows(word) for word in counted.split()):
            even = 1.0 / len(self.intents)
            return Reading(tuple((intent, even) for intent in self.intents), REFUSE)
        weight = self.settings.sentence_weight
        vector = encode([spelled]) if weight else None
        logits = self.linear.logits([counted], vector, weight)
        probabilities = softmax(logits[0] / self.temperature)
        order = np.argsort(-probabilities)
        ranking = tuple((self.intents[i], float(probabilities[i])) for i in order)
        known = _familiarity(logits, vector, self.vectors, self.settings)[0]
        if known < self.refuse_below:
            decision = REFUSE
        else:
            decision = ACCEPT if ranking[0][1] >= self.accept_from else CONFIRM
        return Reading(ranking, decision)


def mask(text: str, names: Iterable[Tuple[int, int, str]]) -> str:
    """Return the text with each name, given as (start, end, kind), replaced by its kind, so that no product or
    version decides what a sentence means."""
    for start, end, kind in sorted(names, reverse=True):
        text = f"{text[:start]} {kind}name {text[end:]}"
    return text


def normalize(text: str, speller: Optional[Speller] = None) -> str:
    """Return the text as the model sees it: normal forms joined by spaces, numbers as one sign, spelling helped."""
    norms = [token.norm for token in tokenize(text)]
    return " ".join("#" if norm.isdigit() else speller.correct(norm) if speller else norm for norm in norms)


def _familiarity(
    logits: np.ndarray, vectors: Optional[np.ndarray], trained: Optional[np.ndarray], settings: Settings
) -> np.ndarray:
    """Return how much each message looks like what was trained on: logits and nearest neighbours."""
    evidence = logsumexp(logits, axis=1)
    if vectors is None or trained is None:
        return evidence
    similarity = np.sort(vectors @ trained.T, axis=1)[:, -settings.neighbours :]
    return evidence + settings.neighbour_weight * similarity.mean(axis=1)


def _fit(texts: Sequence[str], labels: Sequence[str], vectors: Optional[np.ndarray], settings: Settings) -> _Linear:
    vectorizer = _vectorizer().fit(texts)
    features = _features(vectorizer, texts, vectors, settings.sentence_weight)
    classifier = LogisticRegression(C=settings.regularization, max_iter=ITERATIONS, random_state=settings.random_state)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return _Linear(vectorizer, classifier.fit(features, labels))


def train(
    texts: Sequence[str],
    masked: Sequence[str],
    labels: Sequence[str],
    settings: Settings,
    encode: Callable[[Sequence[str]], np.ndarray],
    progress: Callable[[str], None] = lambda message: None,
) -> IntentModel:
    """Return a model of `labels` given `texts` and their masked forms (`mask`).

    Confidence and thresholds come from out-of-fold predictions: each message judged by a model that never saw it.
    """
    labels = np.asarray(labels)
    speller = Speller(word for text in (*texts, *masked) for word in normalize(text).split())
    spelled = [normalize(text, speller) for text in texts]
    counted = [normalize(text, speller) for text in masked]
    progress(f"sentence vectors for {len(texts)} messages")
    vectors = encode(spelled) if settings.sentence_weight else None
    intents = np.unique(labels)
    logits = np.zeros((len(texts), len(intents)))
    familiarity = np.zeros(len(texts))
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=settings.random_state)
    for number, (seen, held_out) in enumerate(folds.split(counted, labels), start=1):
        progress(f"fold {number} of {settings.folds}")
        part = _fit([counted[i] for i in seen], labels[seen], None if vectors is None else vectors[seen], settings)
        of_fold = None if vectors is None else vectors[held_out]
        logits[held_out] = part.logits([counted[i] for i in held_out], of_fold, settings.sentence_weight)
        familiarity[held_out] = _familiarity(logits[held_out], of_fold, None if vectors is None else vectors[seen], settings)
    truth = np.searchsorted(intents, labels)
    temperature = _temperature(logits, truth)
    probabilities = softmax(logits / temperature, axis=1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    progress("final model")
    return IntentModel(
        settings=settings,
        speller=speller,
        linear=_fit(counted, labels, vectors, settings),
        vectors=vectors,
        temperature=temperature,
        accept_from=_accept_from(confidence, right, settings.accepted_accuracy),
        refuse_below=float(np.quantile(familiarity, settings.false_refusals)),
        report={"out_of_fold_accuracy": float(right.mean()), "messages": float(len(texts))},
    )


def _temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """Return the temperature under which the out-of-fold probabilities are likeliest (Guo et al., 2017)."""

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        return float((logsumexp(scaled, axis=1) - scaled[np.arange(len(truth)), truth]).mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def _accept_from(confidence: np.ndarray, right: np.ndarray, wanted: float) -> float:
    """Return the lowest confidence from which readings are right as often as wanted."""
    order = np.argsort(-confidence)
    accuracy = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(accuracy >= wanted)[0]
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0

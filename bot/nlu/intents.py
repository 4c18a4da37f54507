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

from bot.engine.message import ACCEPT, CONFIRM
from bot.nlu.spelling import Speller
from bot.nlu.text import tokenize

REFUSE = "refuse"
OUT_OF_SCOPE = "out_of_scope"
# With 30 the regression is not done: 60 read 1.1 points more of unseen sentences right, 120 none more.
ITERATIONS = 60
# What a message means is said early; what follows in a long one repeats it.
READ_CHARACTERS = 600
# So much of the sentence vectors goes into the regression: 256 read 0.4 points more right than 128.
COMPONENTS = 256
LEAST_KNOWN = 0.34  # share of the words of a message, as typed, that are words at all

Encode = Callable[[Sequence[str]], np.ndarray]


@dataclass(frozen=True)
class Settings:
    """What the model is made with (`config.yml`).

    `sentence_weight` 0 leaves the encoder out. `false_refusals` is the share of genuine messages that may be
    refused, `accepted_accuracy` how often an accepted reading must be right, both measured
    out of fold.
    """

    sentence_weight: float = 1.5
    regularization: float = 5.0
    folds: int = 3
    false_refusals: float = 0.03
    accepted_accuracy: float = 0.98
    neighbours: int = 3
    random_state: int = 7


@dataclass(frozen=True)
class Reading:
    """What a message means: every intent with its probability, the likeliest first, what to do with it, and the
    probability that it is about what the assistant is for."""

    ranking: Tuple[Tuple[str, float], ...]
    decision: str
    in_scope: float = 1.0

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return self.ranking[0][0]

    @property
    def confidence(self) -> float:
        """Its probability."""
        return self.ranking[0][1]


@dataclass
class _Space:
    """The sentence vectors in fewer dimensions: the main components, weighted."""

    mean: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, vectors: np.ndarray, weight: float) -> "_Space":
        mean = vectors.mean(axis=0)
        _, axes = np.linalg.eigh(np.cov((vectors - mean).T))
        return cls(mean, (axes[:, ::-1][:, :COMPONENTS] * weight).astype(np.float32))

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        return (vectors - self.mean) @ self.axes


@dataclass
class _Linear:
    """One fitted classifier over tf-idf of words and characters, and points of the sentence space.

    Its weights are kept apart and whole in memory: scikit-learn's own prediction takes several times as long a message.
    """

    vectorizers: Tuple[TfidfVectorizer, TfidfVectorizer]
    intents: List[str]
    of_counts: np.ndarray
    of_points: Optional[np.ndarray]
    intercept: np.ndarray

    @classmethod
    def fit(cls, texts: Sequence[str], labels: np.ndarray, points: Optional[np.ndarray], settings: Settings) -> "_Linear":
        vectorizers = _vectorizers()
        counts = sparse.hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers])
        features = counts if points is None else sparse.hstack([counts, sparse.csr_matrix(points)])
        classifier = LogisticRegression(C=settings.regularization, max_iter=ITERATIONS, random_state=settings.random_state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            classifier.fit(features.tocsr(), labels)
        weights = np.ascontiguousarray(classifier.coef_.T, dtype=np.float32)
        if len(classifier.classes_) == 2:  # scikit-learn gives one column of logits for two classes
            weights = np.hstack([-weights, weights]) / 2
        intercept = classifier.intercept_ if len(classifier.classes_) > 2 else np.array([-0.5, 0.5]) * classifier.intercept_
        width = counts.shape[1]
        return cls(
            vectorizers,
            list(classifier.classes_),
            weights[:width],
            None if points is None else weights[width:],
            intercept.astype(np.float32),
        )

    def logits(self, texts: Sequence[str], points: Optional[np.ndarray]) -> np.ndarray:
        """Return a row of logits for each text."""
        counts = sparse.hstack([vectorizer.transform(texts) for vectorizer in self.vectorizers], format="csr")
        found = counts.astype(np.float32) @ self.of_counts + self.intercept
        return found if self.of_points is None else found + points @ self.of_points


def _vectorizers() -> Tuple[TfidfVectorizer, TfidfVectorizer]:
    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\S+", min_df=2)
    characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, min_df=3)
    return words, characters


@dataclass
class _Scope:
    """Tells what the assistant is for from everything else: a logistic regression on a few signs of each message."""

    classifier: LogisticRegression
    threshold: float

    def probability(self, signs: np.ndarray) -> np.ndarray:
        return self.classifier.predict_proba(signs)[:, 1]


def _signs(logits: np.ndarray, foreign: int, points: Optional[np.ndarray], known: "_Known") -> np.ndarray:
    """Return the signs of being about something else, a row a message: how strong any reading is, how strong "out of
    scope" is against the rest, and how near the nearest messages of either kind are in sentence space."""
    others = np.delete(logits, foreign, axis=1)
    strength = logsumexp(others, axis=1)
    columns = [strength, others.max(axis=1), logits[:, foreign] - strength]
    if points is not None:
        near, far = known.nearness(points)
        columns += [near, far, near - far]
    return np.column_stack(columns)


@dataclass
class _Known:
    """Where the training messages lie in sentence space, genuine and foreign apart."""

    genuine: Optional[np.ndarray]
    foreign: Optional[np.ndarray]
    neighbours: int

    @classmethod
    def of(cls, points: Optional[np.ndarray], labels: np.ndarray, neighbours: int) -> "_Known":
        if points is None:
            return cls(None, None, neighbours)
        foreign = labels == OUT_OF_SCOPE
        directions = _directions(points)
        return cls(directions[~foreign], directions[foreign], neighbours)

    def nearness(self, points: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
        """Return the mean cosine to the nearest genuine, and to the nearest foreign messages."""
        directions = _directions(points)
        return (
            _nearest(directions @ self.genuine.T, self.neighbours),
            _nearest(directions @ self.foreign.T, self.neighbours),
        )


def _directions(points: np.ndarray) -> np.ndarray:
    return (points / (np.linalg.norm(points, axis=1, keepdims=True) + 1e-9)).astype(np.float32)


def _nearest(similar: np.ndarray, count: int) -> np.ndarray:
    count = min(count, similar.shape[1])
    if not count:
        return np.zeros(len(similar))
    return np.partition(similar, -count, axis=1)[:, -count:].mean(axis=1)


@dataclass
class IntentModel:
    """A trained model. Make one with `train`."""

    settings: Settings
    speller: Speller
    linear: _Linear
    space: Optional[_Space]
    known: _Known
    scope: Optional[_Scope]
    temperature: float
    accept_from: float
    report: Dict[str, Any] = field(default_factory=dict)

    @property
    def intents(self) -> List[str]:
        """The intents it knows, sorted."""
        return self.linear.intents

    def read(self, text: str, masked: str, encode: Encode) -> Reading:
        """Return the reading of a message. `masked` is the text with names replaced by their kind (`mask`)."""
        return self.read_all([(text, masked)], encode)[0]

    def read_all(self, texts: Sequence[Tuple[str, str]], encode: Encode) -> List[Reading]:
        """Return the reading of each (text, masked text). One with too few known words is refused at once."""
        spelled = [normalize(text[:READ_CHARACTERS], self.speller) for text, _ in texts]
        counted = [normalize(masked[:READ_CHARACTERS], self.speller) for _, masked in texts]
        points = None if self.space is None else self.space(encode(spelled))
        logits = self.linear.logits(counted, points)
        probabilities = softmax(logits / self.temperature, axis=1)
        in_scope = np.ones(len(texts))
        if self.scope is not None:
            foreign = self.intents.index(OUT_OF_SCOPE)
            in_scope = self.scope.probability(_signs(logits, foreign, points, self.known))
        return [
            self._reading(row, scope) if self._is_readable(masked[:READ_CHARACTERS]) else self._nothing()
            for row, scope, (_, masked) in zip(probabilities, in_scope, texts)
        ]

    def _is_readable(self, text: str) -> bool:
        """Say whether enough of the words are known: the encoder finds a meaning in any noise, and spelling help finds a word
        near any letters, so that it only counts for a message of one word."""
        letters = [word for word in normalize(text).split() if word.isalpha()]
        if len(letters) == 1:
            letters = [self.speller.correct(letters[0])]
        known = sum(self.speller.knows(word) for word in letters)
        return known > 0 and known >= LEAST_KNOWN * len(letters)

    def _nothing(self) -> Reading:
        even = 1.0 / len(self.intents)
        return Reading(tuple((intent, even) for intent in self.intents), REFUSE, 0.0)

    def _reading(self, probabilities: np.ndarray, in_scope: float) -> Reading:
        ranking = tuple((self.intents[i], float(probabilities[i])) for i in np.argsort(-probabilities))
        return Reading(ranking, self.decide(ranking[0][1], in_scope), float(in_scope))

    def decide(self, confidence: float, in_scope: float) -> str:
        """Return what to do with a reading of this probability."""
        if self.scope is not None and in_scope < self.scope.threshold:
            return REFUSE
        return ACCEPT if confidence >= self.accept_from else CONFIRM


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


def train(
    texts: Sequence[str],
    masked: Sequence[str],
    labels: Sequence[str],
    settings: Settings,
    encode: Encode,
    progress: Callable[[str], None] = lambda message: None,
) -> IntentModel:
    """Return a model of `labels` given `texts` and their masked forms (`mask`).

    Confidence and thresholds come from out-of-fold predictions: each message judged by a model that never saw it.
    Without examples of `out_of_scope` nothing is refused but what holds no known word.
    """
    labels = np.asarray(labels)
    # Examples of what is foreign hold noise, which is not to become words that are known.
    genuine = labels != OUT_OF_SCOPE
    known_texts = [text for pair, told in zip(zip(texts, masked), genuine) if told for text in pair]
    speller = Speller(word for text in known_texts for word in normalize(text).split())
    spelled = [normalize(text, speller) for text in texts]
    counted = [normalize(text, speller) for text in masked]
    progress(f"sentence vectors for {len(texts)} messages")
    space = points = None
    if settings.sentence_weight:
        vectors = encode(spelled)
        space = _Space.of(vectors, settings.sentence_weight)
        points = space(vectors)
    intents = np.unique(labels)
    foreign = np.flatnonzero(intents == OUT_OF_SCOPE)
    logits = np.zeros((len(texts), len(intents)))
    signs: Dict[int, np.ndarray] = {}
    folds = StratifiedKFold(settings.folds, shuffle=True, random_state=settings.random_state)
    for number, (seen, held_out) in enumerate(folds.split(counted, labels), start=1):
        progress(f"fold {number} of {settings.folds}")
        of_seen, of_fold = (None if points is None else points[part] for part in (seen, held_out))
        part = _Linear.fit([counted[i] for i in seen], labels[seen], of_seen, settings)
        logits[held_out] = part.logits([counted[i] for i in held_out], of_fold)
        if len(foreign):
            known = _Known.of(of_seen, labels[seen], settings.neighbours)
            signs.update(zip(held_out, _signs(logits[held_out], int(foreign[0]), of_fold, known)))
    truth = np.searchsorted(intents, labels)
    temperature = _temperature(logits, truth)
    probabilities = softmax(logits / temperature, axis=1)
    confidence, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    scope, in_scope = None, np.ones(len(texts))
    if len(foreign):
        scope, in_scope = _scope(np.vstack([signs[i] for i in range(len(texts))]), genuine, settings)
    kept = genuine & (in_scope >= (scope.threshold if scope else 0.0))
    progress("final model")
    return IntentModel(
        settings=settings,
        speller=speller,
        linear=_Linear.fit(counted, labels, points, settings),
        space=space,
        known=_Known.of(points, labels, settings.neighbours),
        scope=scope,
        temperature=temperature,
        accept_from=_accept_from(confidence[kept], right[kept], settings.accepted_accuracy),
        report={
            "messages": len(texts),
            "out_of_fold_accuracy": float(right.mean()),
            "confidence": confidence.round(4).tolist(),
            "right": right.tolist(),
            "in_scope": in_scope.round(4).tolist(),
            "genuine": genuine.tolist(),
        },
    )


def _scope(signs: np.ndarray, genuine: np.ndarray, settings: Settings) -> Tuple[_Scope, np.ndarray]:
    """Return the scope fitted on out-of-fold signs, and the probability of each message (Platt, 1999)."""
    centre, spread = signs.mean(axis=0), signs.std(axis=0) + 1e-9
    classifier = LogisticRegression(max_iter=1000, class_weight="balanced", random_state=settings.random_state)
    classifier.fit((signs - centre) / spread, genuine)
    classifier.coef_ = classifier.coef_ / spread
    classifier.intercept_ = classifier.intercept_ - classifier.coef_ @ centre
    in_scope = classifier.predict_proba(signs)[:, 1]
    return _Scope(classifier, float(np.quantile(in_scope[genuine], settings.false_refusals))), in_scope


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

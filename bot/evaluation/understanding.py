"""Scores of one language's sentences: intents, entities, calibration, what is out of scope, typos, language, time."""

from collections import Counter, defaultdict
from typing import Any, Dict, List, Sequence, Tuple

from bot.engine.message import ACCEPT, DENIED
from bot.evaluation.metrics import auroc, calibration, macro_f1, percentile, precision_and_recall, roc, share, true_rate_at
from bot.evaluation.parsing import (
    CONFIRM,
    OUT_OF_SCOPE,
    REFUSE,
    REFUSED,
    Pair,
    Reading,
    best,
    decision,
    intent_of,
    is_refused,
    strangeness,
)
from bot.evaluation.sentences import ENTITIES

DECISIONS = (("accepted", ACCEPT), ("confirmed", CONFIRM), ("refused", REFUSE))
MOST_CONFUSIONS = 10
GENUINE_GIVEN_UP = 0.05  # the share of genuine messages that the compared threshold may refuse
LEAST_WORDS = 3  # of a message whose language can be expected to show


def score(pairs: Sequence[Pair]) -> Dict[str, Any]:
    """Return the scores of sentences of one language, as `scores.json` holds them."""
    labels = [(sentence.intent, intent_of(reading.parsed, sentence.intent)) for sentence, reading in pairs]
    decisions = Counter(decision(reading.parsed) for _, reading in pairs)
    accepted = [label for label, (_, reading) in zip(labels, pairs) if decision(reading.parsed) == ACCEPT]
    right = sum(wanted == got for wanted, got in labels)
    sure = sum(wanted == got for wanted, got in accepted)
    return {
        "messages": len(pairs),
        "accuracy": share(right, len(labels)),
        "macro_f1": macro_f1(labels),
        "shares": {name: share(decisions[kind], len(pairs)) for name, kind in DECISIONS},
        "accepted_accuracy": share(sure, len(accepted)),
        "confidently_wrong": share(len(accepted) - sure, len(pairs)),
        "entities": _entities(pairs),
        "confusions": _confusions(pairs, labels),
        "calibration": calibration([(best(r.parsed)[1], best(r.parsed)[0] == s.intent) for s, r in pairs]),
        "out_of_scope": _out_of_scope(pairs),
        "typos": _typos(pairs, right),
        "second_asks": _second_asks(pairs),
        "language": _language(pairs),
        "milliseconds": _milliseconds([reading for _, reading in pairs]),
    }


def found_entities(reading: Reading) -> List[Tuple[str, str]]:
    """Return the (entity, value) pairs found in a message, of the types that are labelled, without what it denies."""
    return [
        (entity["entity"], entity["value"])
        for entity in reading.parsed.get("entities") or []
        if entity["entity"] in ENTITIES and entity.get("role") != DENIED
    ]


def confusion(pairs: Sequence[Pair]) -> Tuple[List[str], List[str], List[List[int]]]:
    """Return the rows (labelled), the columns (read as) and the counts of the confusion table."""
    counts: Dict[str, Counter] = defaultdict(Counter)
    for sentence, reading in pairs:
        counts[sentence.intent][intent_of(reading.parsed, sentence.intent)] += 1
    rows = sorted(counts)
    read_as = {intent for row in counts.values() for intent in row}
    columns = [*rows, *sorted(read_as - set(rows) - {REFUSED}), *([REFUSED] if REFUSED in read_as else [])]
    return rows, columns, [[counts[row][column] for column in columns] for row in rows]


def foreign_curve(pairs: Sequence[Pair]) -> List[Tuple[float, float]]:
    """Return the ROC curve of finding foreign messages: (share of genuine, share of foreign) refused."""
    return roc(*_by_scope(pairs))


def _by_scope(pairs: Sequence[Pair]) -> Tuple[List[float], List[float]]:
    """Return how strange the foreign messages and the genuine ones seem."""
    scored = [(sentence.intent == OUT_OF_SCOPE, strangeness(reading.parsed)) for sentence, reading in pairs]
    return [score for is_foreign, score in scored if is_foreign], [score for is_foreign, score in scored if not is_foreign]


def _entities(pairs: Sequence[Pair]) -> Dict[str, Dict[str, Any]]:
    labelled = ((s.entities, found_entities(r)) for s, r in pairs if s.entities is not None)
    return precision_and_recall(labelled, ENTITIES)


def _confusions(pairs: Sequence[Pair], labels: Sequence[Tuple[str, str]]) -> List[Dict[str, Any]]:
    """Return the most confused pairs of intents, each with the first sentence that shows it."""
    examples: Dict[Tuple[str, str], List[str]] = defaultdict(list)
    for label, (sentence, _) in zip(labels, pairs):
        if label[0] != label[1]:
            examples[label].append(sentence.text)
    ranked = sorted(examples.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        {"intent": wanted, "read_as": got, "messages": len(texts), "example": texts[0]}
        for (wanted, got), texts in ranked[:MOST_CONFUSIONS]
    ]


def _out_of_scope(pairs: Sequence[Pair]) -> Dict[str, Any]:
    foreign, genuine = _by_scope(pairs)
    refused = Counter(s.intent == OUT_OF_SCOPE for s, r in pairs if is_refused(r.parsed))
    return {
        "foreign": len(foreign),
        "genuine": len(genuine),
        "auroc": auroc(foreign, genuine),
        "foreign_refused_at_5": true_rate_at(roc(foreign, genuine), GENUINE_GIVEN_UP),
        "foreign_refused": share(refused[True], len(foreign)),
        "genuine_refused": share(refused[False], len(genuine)),
    }


def _typos(pairs: Sequence[Pair], right: int) -> Dict[str, Any]:
    """Return the accuracy with a typo in every message that can have one, and what that costs."""
    still = sum(intent_of(r.mistyped, s.intent) == s.intent for s, r in pairs)
    changed = sum(r.mistyped is not r.parsed for _, r in pairs)
    return {"messages": changed, "accuracy": share(still, len(pairs)), "lost": share(right - still, len(pairs))}


def _second_asks(pairs: Sequence[Pair]) -> Dict[str, Any]:
    """Return how many second asks are labelled, found and rightly found."""
    asks = [(sentence.second, reading.parsed.get("second")) for sentence, reading in pairs]
    labelled, found = sum(w is not None for w, _ in asks), sum(got is not None for _, got in asks)
    right = sum(wanted is not None and wanted == got for wanted, got in asks)
    return {"labelled": labelled, "found": found, "precision": share(right, found), "recall": share(right, labelled)}


def _language(pairs: Sequence[Pair]) -> Dict[str, Any]:
    right: Dict[bool, List[bool]] = {False: [], True: []}
    for sentence, reading in pairs:
        is_short = len(sentence.text.split()) < LEAST_WORDS
        right[is_short].append((reading.parsed.get("language") or {}).get("code") == sentence.lang)
    return {
        "messages": len(right[False]),
        "accuracy": share(sum(right[False]), len(right[False])),
        "short_messages": len(right[True]),
        "short_accuracy": share(sum(right[True]), len(right[True])),
    }


def _milliseconds(readings: Sequence[Reading]) -> Dict[str, Any]:
    times = [round(reading.milliseconds, 2) for reading in readings]
    return {"p50": percentile(times, 50), "p95": percentile(times, 95)}

"""Measures of labels and scores. A share is between 0 and 1, rounded, and None where there is nothing to share."""

from bisect import bisect_left, bisect_right
from collections import Counter
from typing import Any, Dict, Iterable, List, Optional, Sequence, Tuple

DIGITS = 4
BINS = 10


def share(part: float, whole: int) -> Optional[float]:
    """Return `part` of `whole`, None when the whole is empty."""
    return round(part / whole, DIGITS) if whole else None


def macro_f1(labels: Sequence[Tuple[str, str]]) -> Optional[float]:
    """Return the mean F1 over the labelled intents in (labelled, read) pairs.

    What is only read, never labelled, lowers no intent of its own.
    """
    wanted, got = Counter(label for label, _ in labels), Counter(label for _, label in labels)
    right = Counter(label for label, read in labels if label == read)
    return share(sum(2 * right[intent] / (wanted[intent] + got[intent]) for intent in wanted), len(wanted))


def precision_and_recall(
    pairs: Iterable[Tuple[Iterable[Tuple[str, str]], Iterable[Tuple[str, str]]]], order: Sequence[str] = ()
) -> Dict[str, Dict[str, Any]]:
    """Return labelled, found, precision and recall by type.

    Each pair holds what one message is labelled with and what was found in it, as (type, value); what is
    named twice counts once.
    The types come in `order`, others after it by name.
    """
    wanted: Counter = Counter()
    found: Counter = Counter()
    right: Counter = Counter()
    for labelled, got in pairs:
        expected, read = Counter(set(labelled)), Counter(set(got))
        for counted, into in ((expected, wanted), (read, found), (expected & read, right)):
            for (kind, _), count in counted.items():
                into[kind] += count
    seen = {*wanted, *found}
    return {
        kind: {
            "labelled": wanted[kind],
            "found": found[kind],
            "precision": share(right[kind], found[kind]),
            "recall": share(right[kind], wanted[kind]),
        }
        for kind in (*(kind for kind in order if kind in seen), *sorted(seen - set(order)))
    }


def calibration(readings: Sequence[Tuple[float, bool]], bins: int = BINS) -> Dict[str, Any]:
    """Return the expected calibration error of (confidence, right) pairs, and the equal-width bins behind it.

    The error is the mean distance between confidence and accuracy, each bin weighted by its messages. A bin holds
    confidences from `from` up to and without `to`; the last one holds 1 too.
    """
    filled: List[List[Tuple[float, bool]]] = [[] for _ in range(bins)]
    for confidence, right in readings:
        filled[min(int(confidence * bins), bins - 1)].append((confidence, right))
    rows = [
        {
            "from": round(index / bins, DIGITS),
            "to": round((index + 1) / bins, DIGITS),
            "messages": len(held),
            "confidence": share(sum(confidence for confidence, _ in held), len(held)),
            "accuracy": share(sum(right for _, right in held), len(held)),
        }
        for index, held in enumerate(filled)
    ]
    apart = sum(abs(sum(confidence - right for confidence, right in held)) for held in filled)
    return {"error": share(apart, len(readings)), "bins": rows}


def auroc(positive: Sequence[float], negative: Sequence[float]) -> Optional[float]:
    """Return how often a positive scores higher than a negative, a tie counting half; None when one class is empty."""
    if not positive or not negative:
        return None
    ordered = sorted(negative)
    wins = sum(bisect_left(ordered, score) + bisect_right(ordered, score) for score in positive) / 2
    return share(wins, len(positive) * len(negative))


def roc(positive: Sequence[float], negative: Sequence[float]) -> List[Tuple[float, float]]:
    """Return the ROC curve as (share of negatives, share of positives) at or above every threshold, from (0, 0).

    Empty when one class is empty.
    """
    if not positive or not negative:
        return []
    high, low = Counter(positive), Counter(negative)
    points, true, false = [(0.0, 0.0)], 0, 0
    for score in sorted({*high, *low}, reverse=True):
        true, false = true + high[score], false + low[score]
        points.append((false / len(negative), true / len(positive)))
    return points


def true_rate_at(curve: Sequence[Tuple[float, float]], most_false: float) -> Optional[float]:
    """Return the largest share of positives that a threshold finds with at most `most_false` of the negatives."""
    found = [true for false, true in curve if false <= most_false]
    return round(max(found), DIGITS) if found else None


def percentile(values: Sequence[float], percent: float) -> Optional[float]:
    """Return the smallest value that at least `percent` of the values do not exceed (nearest rank)."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, -int(-percent * len(ordered) // 100) - 1)]

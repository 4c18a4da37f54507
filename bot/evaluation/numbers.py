"""The main numbers by language beside what they should be: the rows that the terminal and the report share."""

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Tuple

AT_LEAST, BELOW = ">=", "<"


@dataclass(frozen=True)
class Target:
    """What a share should be: at least, or below, a limit that may differ by language."""

    sense: str
    limits: Mapping[str, float]

    def text(self) -> str:
        """Return it in words ("≥ 95 % en, 93 % nl")."""
        sense = {AT_LEAST: "≥", BELOW: "<"}[self.sense]
        if len(set(self.limits.values())) == 1:
            return f"{sense} {100 * next(iter(self.limits.values())):g} %"
        return f"{sense} " + ", ".join(f"{100 * limit:g} % {language}" for language, limit in self.limits.items())

    def is_met(self, language: str, found: Optional[float]) -> Optional[bool]:
        """Say whether a share meets it, None when there is nothing to say."""
        if found is None or language not in self.limits:
            return None
        return found >= self.limits[language] if self.sense == AT_LEAST else found < self.limits[language]


def _both(sense: str, limit: float) -> Target:
    return Target(sense, {"en": limit, "nl": limit})


# Where a number stands in the scores of a language, and what it should be.
ROWS: Tuple[Tuple[str, Tuple[str, ...], Optional[Target]], ...] = (
    ("intent accuracy", ("accuracy",), Target(AT_LEAST, {"en": 0.95, "nl": 0.93})),
    ("macro F1", ("macro_f1",), None),
    ("accepted", ("shares", "accepted"), None),
    ("confirmed", ("shares", "confirmed"), None),
    ("refused", ("shares", "refused"), None),
    ("accuracy of accepted", ("accepted_accuracy",), None),
    ("wrong with confidence", ("confidently_wrong",), None),
    ("calibration error", ("calibration", "error"), None),
    ("product recall", ("entities", "product", "recall"), _both(AT_LEAST, 0.98)),
    ("product precision", ("entities", "product", "precision"), _both(AT_LEAST, 0.98)),
    ("version recall", ("entities", "version", "recall"), _both(AT_LEAST, 0.98)),
    ("version precision", ("entities", "version", "precision"), _both(AT_LEAST, 0.98)),
    ("wrong routes with confidence", ("openings", "wrong_routes_with_confidence"), _both(BELOW, 0.01)),
    ("wrong routes", ("openings", "wrong_routes"), None),
    ("openings with all facts right", ("openings", "all_facts_right"), None),
    ("foreign refused", ("out_of_scope", "foreign_refused"), _both(AT_LEAST, 0.85)),
    ("genuine refused", ("out_of_scope", "genuine_refused"), _both(BELOW, 0.04)),
    ("foreign refused at 5 % of genuine", ("out_of_scope", "foreign_refused_at_5"), None),
    ("area under the out-of-scope curve", ("out_of_scope", "auroc"), None),
    ("accuracy with a typo", ("typos", "accuracy"), None),
    ("lost to a typo", ("typos", "lost"), _both(BELOW, 0.04)),
    ("language, three words or more", ("language", "accuracy"), _both(AT_LEAST, 0.98)),
    ("language, shorter", ("language", "short_accuracy"), None),
    ("second asks found", ("second_asks", "recall"), None),
    ("second asks that are one", ("second_asks", "precision"), None),
)


def value_at(scores: Optional[Mapping[str, Any]], place: Tuple[str, ...]) -> Optional[float]:
    """Return the number at a place in the scores of a language, None where there is none."""
    found: Any = scores
    for key in place:
        found = (found or {}).get(key)
    return found


def main_numbers(scores: Mapping[str, Any]) -> List[Tuple[str, Dict[str, Optional[float]], Optional[Target]]]:
    """Return the rows that hold a number for any language: name, share by language, target."""
    rows = [
        (name, {language: value_at(found, place) for language, found in scores["languages"].items()}, target)
        for name, place, target in ROWS
    ]
    return [row for row in rows if any(found is not None for found in row[1].values())]


def percent(share: Optional[float]) -> str:
    """Return a share as it is shown ("93.8 %"), "-" when there is none."""
    return "-" if share is None else f"{100 * share:.1f} %"


def milliseconds(time: Optional[float]) -> str:
    """Return a time as it is shown ("11.6 ms")."""
    return "-" if time is None else f"{time:.1f} ms"

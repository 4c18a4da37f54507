"""The N / N-1 rule (R1-R12): may a benefit incident be used for this version on this day?"""

from dataclasses import dataclass
from datetime import date
from typing import Dict, List, Optional, Tuple

from bot.engine.catalogue import MODERN, Line, Version

OLDER = "older_than_n_minus_1"
ENDED = "mainstream_support_ended"
UNCONFIRMED = "cannot_confirm_lifecycle"


@dataclass(frozen=True)
class Eligibility:
    """The answer of the rule.

    `eligible` is None when it cannot be confirmed. `position` is "N", "N-1", "older", "unreleased" or
    "unknown". `n` and `n_minus_1` are version ids, None where there is none or it is unconfirmed.
    `modern` says that the answer rests on reading the modern policy as mainstream support (R8).
    """

    eligible: Optional[bool]
    position: str
    reason: Optional[str]
    mainstream_end: Optional[date]
    n: Optional[str]
    n_minus_1: Optional[str]
    modern: bool
    cites: Tuple[str, ...]


def sequence(line: Line, on: date) -> List[str]:
    """Return the base releases of `line` that are out on the day `on`, newest first (R3-R6, R11).

    A later release of the same base (an R2) does not move the base.
    """
    released: Dict[str, date] = {}
    for version in line.versions.values():
        if version.in_sequence and version.release is not None and version.release <= on:
            base = version.counts_as
            released[base] = min(released.get(base, version.release), version.release)
    return sorted(released, key=lambda base: released[base], reverse=True)


def _ended(version: Version, on: date) -> Optional[bool]:
    """Say whether mainstream support (or, under the modern policy, support) is over: True, False, or None."""
    if version.policy == MODERN:
        return version.support_end is not None and version.support_end < on
    if version.mainstream_end is not None:
        return version.mainstream_end < on  # R7: the end date is the last supported day
    if version.extended_end is not None and version.extended_end < on:
        return True  # extended support follows mainstream support, so that is over too
    return None


def eligibility(line: Line, version_id: str, on: date) -> Eligibility:
    """Apply the rule to a version of `line` on the day `on`.

    Raises KeyError when the line has no such version.
    """
    version = line.versions[version_id]
    order = sequence(line, on)
    confirmed = not line.later_versions_unconfirmed
    n = order[0] if confirmed and order else None
    n_minus_1 = order[1] if confirmed and len(order) > 1 else None
    modern = version.policy == MODERN

    def answer(eligible: Optional[bool], position: str, reason: Optional[str], *cites: str) -> Eligibility:
        return Eligibility(
            eligible=eligible,
            position=position,
            reason=reason,
            mainstream_end=version.mainstream_end,
            n=n,
            n_minus_1=n_minus_1,
            modern=modern,
            cites=(*cites, *line.cites),
        )

    if version.release is not None and version.release > on:
        return answer(False, "unreleased", UNCONFIRMED, "R6", "R11")
    ended = _ended(version, on)
    if not version.in_sequence or version.release is None:
        if ended:
            return answer(False, "unknown", ENDED, "S60", "R2", "R5")
        return answer(None, "unknown", UNCONFIRMED, "R5", "R12")
    place = order.index(version.counts_as)
    if place > 1:
        # Later versions, confirmed or not, can only push this one further back.
        return answer(False, "older", OLDER, "S59", "R1", *(["R4"] if version.counts_as != version_id else []))
    position = ("N", "N-1")[place] if confirmed else "unknown"
    if ended:
        return answer(False, position, ENDED, "S60", "R2", "R7", *(["R8"] if modern else []))
    if ended is None or not confirmed:
        return answer(None, position, UNCONFIRMED, "R12")
    return answer(True, position, None, "S58", "S59", "S60", "R1", "R2", *(["R8"] if modern else []))


@dataclass(frozen=True)
class Current:
    """The versions of a line that count on a day: ids, None where there is none or it is unconfirmed.

    `qualifying` are those of the two that are in mainstream support, too; an R2 stands beside its base.
    """

    n: Optional[str]
    n_minus_1: Optional[str]
    qualifying: Tuple[str, ...]


def current(line: Line, on: date) -> Current:
    """Return what counts for `line` on the day `on`."""
    order = [] if line.later_versions_unconfirmed else sequence(line, on)
    qualifying = [version for version in line.versions if eligibility(line, version, on).eligible]
    return Current(
        n=order[0] if order else None,
        n_minus_1=order[1] if len(order) > 1 else None,
        qualifying=tuple(qualifying),
    )

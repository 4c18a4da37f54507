"""What staff are told of a case in a line: English, like the console."""

from typing import Any, Dict, List

Json = Dict[str, Any]
HAPPENED = {"case_opened": "is open", "case_claimed": "was claimed", "case_solved": "is solved"}
REASONS = {
    "decided": "reached a decision",
    "asked_for_person": "asked for a person",
    "failed_twice": "was not understood twice",
    "rated_badly": "was rated badly",
}
FOR_WHOM = {"own_organization": "the partner's own organization", "customer": "a customer of the partner"}
LONGEST_LINE = 300  # characters of the problem


def line(text: str, longest: int = LONGEST_LINE) -> str:
    """Return a text in one line, cut where it is long, without control characters."""
    joined = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return joined if len(joined) <= longest else f"{joined[: longest - 1].rstrip()}…"


def spoken(value: str) -> str:
    """Return an id as it is read."""
    return value.replace("_", " ")


def what(case: Json) -> str:
    """Return what a case is about: the product and its version, else what the partner wants."""
    facts = case["facts"]
    named = [facts[name] for name in ("product", "version") if facts.get(name)] or [facts.get("goal") or ""]
    return line(spoken(" ".join(named))) or "not known yet"


def title(event: str, case: Json) -> str:
    """Return what happened to which case."""
    by = f" by {line(case['holder'], 80)}" if event == "case_claimed" and case["holder"] else ""
    return f"Case {case['number']} {HAPPENED.get(event, spoken(event))}{by}"


def particulars(case: Json) -> Dict[str, str]:
    """Return what is told beside the title; what is not known is left out."""
    found = {
        "About": what(case),
        "Problem": line(case["problem"] or ""),
        "For": FOR_WHOM.get(case["facts"].get("beneficiary", ""), ""),
        "Route": line(spoken(case["route"] or "")),
        "Why a case": ", ".join(why(case)),
        "Channel": f"{case['channel']}, {case['language']}",
    }
    return {name: value for name, value in found.items() if value}


def why(case: Json) -> List[str]:
    """Return why a conversation is a case."""
    return [REASONS.get(reason, spoken(reason)) for reason in case["reasons"]]

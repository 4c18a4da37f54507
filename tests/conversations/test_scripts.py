"""Scripted conversations, from the first message to the final answer, through the trained model."""

import os
from pathlib import Path
from typing import Any, Dict, List

import pytest
import yaml

from bot.talk import play

SCRIPTS = sorted((Path(__file__).parent / "scripts").glob("*/*.yml"))
CASES = [(path, case) for path in SCRIPTS for case in yaml.safe_load(path.read_text(encoding="utf-8"))]
APOLOGIES = ("Something went wrong on my side", "Er ging hier iets mis")
EXPECTATIONS = {"asks", "language", "facts", "contains", "lacks", "decided"}


def name(case: Any) -> str:
    path, script = case
    return f"{path.parent.name}/{path.stem}: {script['name']}"


def deviations(turn: Dict[str, Any], expect: Dict[str, Any]) -> List[str]:
    """Return how a turn differs from what is expected of it."""
    said = "\n".join(reply["text"] for reply in turn["bot"])
    shown = said + "\n" + "\n".join(button["title"] for reply in turn["bot"] for button in reply["buttons"])
    found = []
    unknown = set(expect) - EXPECTATIONS
    if unknown:
        found.append(f"the script expects {sorted(unknown)}, which nothing checks")
    if not said.strip():
        found.append("nothing was said")
    if any(apology in said for apology in APOLOGIES):
        found.append("a turn failed inside")
    for key in ("asks", "language", "decided"):
        got = turn["asked"] if key == "asks" else turn[key]
        if key in expect and got != expect[key]:
            found.append(f"{key}: {got!r}, not {expect[key]!r}")
    for fact, value in (expect.get("facts") or {}).items():
        if turn["facts"].get(fact) != value:
            found.append(f"fact {fact}: {turn['facts'].get(fact)!r}, not {value!r}")
    found += [f"lacks {text!r}" for text in expect.get("contains") or [] if text not in shown]
    found += [f"says {text!r}" for text in expect.get("lacks") or [] if text in shown]
    return found


@pytest.mark.parametrize("case", CASES, ids=[name(case) for case in CASES])
def test_the_script_plays_as_written(case, assistant, loop):
    _, script = case
    os.environ["TRIAGE_ON"] = str(script.get("on", "2026-11-22"))
    played = loop.run_until_complete(play(assistant, [turn["say"] for turn in script["turns"]]))
    problems = []
    for number, (turn, written) in enumerate(zip(played["turns"], script["turns"]), start=1):
        for problem in deviations(turn, written.get("expect") or {}):
            problems.append(
                f"turn {number} ({written['say'][:60]!r}): {problem}; said: {turn['bot'][0]['text'][:100]!r}"
            )
    outcome = script.get("outcome")
    if outcome == "none":
        if played["outcome"] is not None:
            problems.append(f"outcome {played['outcome']['route']}, but none was expected")
    elif outcome is not None:
        got = played["outcome"] or {}
        problems += [
            f"outcome {key}: {got.get(key)!r}, not {value!r}" for key, value in outcome.items() if got.get(key) != value
        ]
    assert not problems, "\n".join(problems)


def test_there_are_enough_scripts_in_each_language():
    languages = [path.parent.name for path, _ in CASES]
    assert languages.count("en") >= 30
    assert languages.count("nl") >= 30

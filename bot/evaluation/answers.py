"""Scores of answers: what a message changes when a question is open, and which other step it takes."""

from collections import defaultdict
from typing import Any, Dict, List, Mapping, Optional, Sequence

from bot.engine import Programme
from bot.engine.predicates import UNSURE
from bot.engine.message import Changes, Message
from bot.engine.reading import Reader
from bot.evaluation.metrics import share
from bot.evaluation.parsing import OUT_OF_SCOPE, AnswerPair, is_refused
from bot.evaluation.routes import normalized_facts
from bot.evaluation.sentences import Answer

# Facts that follow from what kind of message it is: compared only when they are labelled.
IMPLIED = ("goal", "request_kind")


def is_right(answer: Answer, parsed: Mapping[str, Any], reader: Reader) -> bool:
    """Say whether a message was read as it is labelled: the facts it changes, and the step it takes, if any."""
    changes = reader.read(Message.of(parsed), answer.known, answer.asked)
    found = changed_facts(answer, changes, reader.programme)
    if answer.step == "unsure" and answer.asked is not None and found == {answer.asked: UNSURE}:
        found = {}  # not knowing is an answer there
    if found != _new(answer, answer.facts, reader.programme):
        return False
    return answer.step is None or _takes_step(answer, parsed, changes)


def changed_facts(answer: Answer, changes: Changes, programme: Programme) -> Dict[str, str]:
    """Return the facts that a message changes, as they are compared with the labelled ones."""
    given = {fact: value for fact, value in changes.facts.items() if value is not None}
    return _new(answer, {f: v for f, v in given.items() if f not in IMPLIED or f in answer.facts}, programme)


def score_answers(pairs: Sequence[AnswerPair], reader: Reader) -> Optional[Dict[str, Any]]:
    """Return the scores of the answers in one language, None when there are none."""
    if not pairs:
        return None
    verdicts = [(answer, reading.parsed, is_right(answer, reading.parsed, reader)) for answer, reading in pairs]
    by_fact: Dict[Optional[str], List[bool]] = defaultdict(list)
    for answer, _, right in verdicts:
        by_fact[answer.asked].append(right)
    order = [fact for fact in reader.programme.facts if fact in by_fact]
    return {
        "messages": len(verdicts),
        "accuracy": share(sum(right for _, _, right in verdicts), len(verdicts)),
        "by_fact": {fact: _tally(by_fact[fact]) for fact in order},
        "nothing_asked": _tally(by_fact.get(None, [])),
        "wrong": [_shown(answer, parsed, reader) for answer, parsed, right in verdicts if not right],
    }


def _takes_step(answer: Answer, parsed: Mapping[str, Any], changes: Changes) -> bool:
    read = (parsed.get("intent") or {}).get("name")
    if answer.step == UNSURE:
        does_not_know = answer.asked is not None and (
            changes.unsure_about == answer.asked or changes.facts.get(answer.asked) == UNSURE
        )
        return read == UNSURE or does_not_know
    return read == answer.step or (answer.step == OUT_OF_SCOPE and is_refused(parsed))


def _new(answer: Answer, facts: Mapping[str, str], programme: Programme) -> Dict[str, str]:
    """Return the facts in one form, without those that were known already."""
    before = normalized_facts(programme, answer.known)
    now = normalized_facts(programme, facts, answer.known)
    return {fact: value for fact, value in now.items() if before.get(fact) != value}


def _tally(rights: Sequence[bool]) -> Dict[str, Any]:
    return {"messages": len(rights), "accuracy": share(sum(rights), len(rights))}


def _shown(answer: Answer, parsed: Mapping[str, Any], reader: Reader) -> Dict[str, Any]:
    changes = reader.read(Message.of(parsed), answer.known, answer.asked)
    return {
        "text": answer.text,
        "asked": answer.asked,
        "facts": answer.facts,
        "step": answer.step,
        "found": changed_facts(answer, changes, reader.programme),
        "read_as": (parsed.get("intent") or {}).get("name"),
    }

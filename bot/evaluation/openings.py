"""Scores of openings: the facts read from a first message, and where they lead in the end."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from bot.engine.message import ACCEPT, Changes, Message
from bot.engine.reading import Reader, apply, usable
from bot.evaluation.metrics import precision_and_recall, share
from bot.evaluation.parsing import OUT_OF_SCOPE, Pair, best, decision, is_refused
from bot.evaluation.routes import Routes, normalized_facts
from bot.evaluation.sentences import Sentence
from bot.knowledge import Knowledge

NOT_COMPARED = ("goal", "competency")
OPEN = ("inform", "nlu_fallback")  # intents that say nothing about what is wanted
BREAK_FIX = ("request_kind", "break_fix")
OPTIONS_OFFERED = "(options offered)"
OTHER_PRODUCT = "(product not asked)"


@dataclass(frozen=True)
class Opening:
    """How an opening was read: the facts wanted and found, and the routes they lead to in the end."""

    sentence: Sentence
    intent: str
    decision: str
    wanted: Dict[str, str]
    found: Dict[str, str]
    options: Tuple[str, ...]
    wanted_route: str
    route: str
    outcome: Dict[str, Optional[str]]

    @property
    def is_wrong(self) -> bool:
        """Whether it leads elsewhere than it should."""
        return self.route != self.wanted_route

    @property
    def is_confidently_wrong(self) -> bool:
        """Whether it leads elsewhere without a question whether the reading is right."""
        return self.is_wrong and self.decision == ACCEPT


def read_opening(
    sentence: Sentence, parsed: Mapping[str, Any], reader: Reader, knowledge: Knowledge, routes: Routes
) -> Opening:
    """Return how the opening `sentence` was read."""
    programme = knowledge.programme
    changes = reader.read(Message.of(parsed), {}, None)
    facts = usable(programme, apply({}, changes.facts))
    labelled = sentence.facts or {}
    truth = {**_opened(sentence.intent, labelled, knowledge), **labelled}
    intent = (parsed.get("intent") or {}).get("name") or best(parsed)[0]
    first = routes.decision(facts) if _leads_on(intent, facts, knowledge) else None
    if sentence.options:
        is_asked = first is not None and first.next_question == "product" and not changes.product_options
        is_offered = set(sentence.options) <= set(changes.product_options)
        wanted_route, route = OPTIONS_OFFERED, OPTIONS_OFFERED if is_offered or is_asked else OTHER_PRODUCT
    elif sentence.intent == OUT_OF_SCOPE and is_refused(parsed):
        wanted_route = route = OUT_OF_SCOPE
    else:
        wanted_route = routes.final(truth, truth) if _leads_on(sentence.intent, truth, knowledge) else sentence.intent
        route = routes.final(facts, truth) if first is not None else intent
    return Opening(
        sentence=sentence,
        intent=intent,
        decision=decision(parsed),
        wanted=_compared(normalized_facts(programme, truth)),
        found=_compared(normalized_facts(programme, _given(changes))),
        options=tuple(changes.product_options),
        wanted_route=wanted_route,
        route=route,
        outcome={"route": first.route, "next_question": first.next_question} if first else {"route": route},
    )


def score_openings(pairs: Sequence[Pair], reader: Reader, knowledge: Knowledge, routes: Routes) -> Optional[Dict[str, Any]]:
    """Return the scores of the sentences with facts, None when there are none."""
    openings = [
        read_opening(sentence, reading.parsed, reader, knowledge, routes)
        for sentence, reading in pairs
        if sentence.facts is not None
    ]
    if not openings:
        return None
    optional = [opening for opening in openings if opening.sentence.options]
    expected = [opening for opening in openings if opening.sentence.outcome]
    wrong = [opening for opening in openings if opening.is_wrong]
    sure = sum(opening.is_confidently_wrong for opening in openings)
    return {
        "messages": len(openings),
        "facts": precision_and_recall(
            ((o.wanted.items(), o.found.items()) for o in openings), tuple(knowledge.programme.facts)
        ),
        "all_facts_right": share(sum(o.wanted == o.found for o in openings), len(openings)),
        "options": {
            "labelled": len(optional),
            "recall": share(sum(set(o.sentence.options) == set(o.options) for o in optional), len(optional)),
        },
        "outcomes": {"labelled": len(expected), "right": share(sum(_as_expected(o) for o in expected), len(expected))},
        "wrong_routes": share(len(wrong), len(openings)),
        "wrong_routes_with_confidence": share(sure, len(openings)),
        "by_kind": _by_kind(openings),
        "wrong": [_shown(opening) for opening in sorted(wrong, key=lambda o: not o.is_confidently_wrong)],
    }


def _leads_on(intent: str, facts: Mapping[str, str], knowledge: Knowledge) -> bool:
    """Say whether a message leads to questions and a route, and is not just answered.

    A plain question (a topic without a goal) is answered. So is what belongs to the conversation, unless it gives facts
    that open a goal. What is only facts, or was not understood, is followed by the question what is wanted.
    """
    entry = knowledge.intents.get(intent)
    if entry is not None and entry.topic is not None:
        return entry.goal is not None
    return "goal" in facts or intent in OPEN


def _opened(intent: str, facts: Mapping[str, str], knowledge: Knowledge) -> Dict[str, str]:
    """Return the goal and the facts that an intent implies; facts without a question open a request of themselves."""
    entry = knowledge.intents.get(intent)
    if entry is not None and entry.goal is not None:
        return {"goal": entry.goal, **entry.implies}
    if not facts or (entry is not None and entry.topic is not None):
        return {}
    return {"goal": "fix_error" if "error" in facts else "open_request"}


def _given(changes: Changes) -> Dict[str, str]:
    return {fact: value for fact, value in changes.facts.items() if value is not None}


def _compared(facts: Mapping[str, str]) -> Dict[str, str]:
    """Return the facts that are compared."""
    return {fact: value for fact, value in facts.items() if fact not in NOT_COMPARED and (fact, value) != BREAK_FIX}


def _as_expected(opening: Opening) -> bool:
    """Say whether the facts read lead at once to the outcome that is labelled."""
    expected = opening.sentence.outcome or {}
    return all(opening.outcome.get(key) == value for key, value in expected.items())


def _by_kind(openings: Sequence[Opening]) -> Dict[str, Dict[str, Any]]:
    """Return the scores of each labelled kind of opening."""
    counts = Counter(opening.sentence.kind for opening in openings if opening.sentence.kind)
    return {
        kind: {
            "messages": count,
            "all_facts_right": share(sum(o.wanted == o.found for o in openings if o.sentence.kind == kind), count),
            "wrong_routes_with_confidence": share(
                sum(o.is_confidently_wrong for o in openings if o.sentence.kind == kind), count
            ),
        }
        for kind, count in sorted(counts.items())
    }


def _shown(opening: Opening) -> Dict[str, Any]:
    return {
        "text": opening.sentence.text,
        "intent": opening.sentence.intent,
        "read_as": opening.intent,
        "facts": opening.wanted,
        "found": opening.found,
        "route": opening.wanted_route,
        "led_to": opening.route,
        "with_confidence": opening.is_confidently_wrong,
    }


def wrong_facts(shown: Mapping[str, Any]) -> List[str]:
    """Return what differs between the facts labelled and found, as "fact: wanted -> found"."""
    wanted, found = shown["facts"], shown["found"]
    return [
        f"{fact}: {wanted.get(fact, '-')} -> {found.get(fact, '-')}"
        for fact in dict.fromkeys((*wanted, *found))
        if wanted.get(fact) != found.get(fact)
    ]

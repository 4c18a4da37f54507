"""From a message to what it means: its entities, its intent with a probability, and what else it asks.

A message is cut into what was said and what was pasted (`bot/nlu/opening.py`). Facts are collected over everything that was
said, and from what was pasted only where that adds something. What a long message means is read sentence by sentence.
"""

import re
from dataclasses import dataclass
from typing import Iterable, List, Optional, Sequence, Tuple

from bot.nlu.entity import Entity
from bot.nlu.intents import ACCEPT, CONFIRM, OUT_OF_SCOPE, REFUSE, Encode, IntentModel, Reading, mask
from bot.nlu.linker import Linker
from bot.nlu.opening import LOG, QUOTED, Opening, cut

# Names whose kind counts for the intent, not the name itself.
MASKED = frozenset({"product", "version", "competency"})
# What pasted text may add: the product when the person named none, and what a screen says.
FROM_PASTED = frozenset({"product", "version"})
# Entities that make a message about the case, and the intents that such a message hardly ever means.
TELLING = frozenset({"product", "version", "offer", "error"})
# What steers the conversation; in a message of several sentences it is seldom what the message is about.
CONVERSATIONAL = frozenset(
    "greet goodbye thank affirm deny unsure go_back start_over repeat ask_why ask_capabilities ask_if_bot request_human "
    "switch_language give_feedback out_of_scope".split()
)
WITHOUT_FACTS = CONVERSATIONAL - {"ask_why", "request_human"}
# A fault, a refusal or the wish for a ticket is handled before a question.
FIRST = ("request_support", "report_")
# What a conversation loses when it is misread; the rest of what steers is acted on without asking first.
DESTRUCTIVE = frozenset({"start_over", "goodbye"})
# A message of one piece with the signs of code, a path or a format ("%s", "../etc/passwd", "session_start").
_CODE = re.compile(r"\S*[/\\%_{}\[\]<>=|$^~]\S*")
# Confidences, below acceptance, from which a reading is acted on without asking: of what steers, and of what is about the case.
ACT_FROM, ABOUT_FROM = 0.4, 0.45
SURELY_FOREIGN = 0.05  # probability of being in scope below which a name without a version does not count
SURE_FOREIGN = 0.8  # from here on a refused message is answered as out of scope instead of not understood
SENTENCE_WORDS = 3  # a shorter one says nothing by itself
FIRST_SENTENCES, LAST_SENTENCES = 40, 20  # of a long message that are read
SURE_SENTENCE = 0.6
FAR_SURER = 0.2  # "I am tired of it" (0.7) is no fault beside "where is the Access ID" (1.0)
SHARE_OF_WHOLE = 0.4
BESIDE = 12  # characters between a product and its version in a log, which is full of other numbers
LEAST_CONFIDENCE = 0.75
# Readings that come to the same when a product is named: the triage begins, or goes on, with it.
ABOUT_THE_CASE = ("request_support", "inform", "correct")
SHARE_OF_THE_CASE = 0.15
# Entities that a statement gives, and a question only asks about.
STATED = TELLING | {"role", "beneficiary", "contract_linked", "activated", "csp_subscription"}


@dataclass(frozen=True)
class Understanding:
    """What a message means. `second` is an intent that it asks besides the first, None when it asks one thing."""

    entities: Tuple[Entity, ...]
    ranking: Tuple[Tuple[str, float], ...]
    decision: str
    in_scope: float
    second: Optional[str] = None


def acted_on(found: Understanding) -> bool:
    """Say whether a reading is acted on at once, or has to be confirmed by the person, or is refused."""
    intent, confidence = found.ranking[0]
    if found.decision == REFUSE:
        return intent == OUT_OF_SCOPE and confidence >= SURE_FOREIGN  # then it is said plainly
    if found.decision == ACCEPT:
        return True
    if intent in ABOUT_THE_CASE and confidence >= ABOUT_FROM:
        return True  # what follows is a question, or nothing
    if any(entity.entity in TELLING for entity in found.entities):
        return intent in ABOUT_THE_CASE or confidence >= LEAST_CONFIDENCE  # what it tells counts, whatever it means
    return intent in CONVERSATIONAL - DESTRUCTIVE and confidence >= ACT_FROM


def find_entities(opening: Opening, linker: Linker) -> List[Entity]:
    """Return the facts named in what was said, and those that only what was pasted names."""
    said = linker.entities(opening.said)
    if not opening.has(LOG) and not opening.has(QUOTED):
        return said
    quoted = linker.entities(opening.only({QUOTED})) if opening.has(QUOTED) else []
    logged = linker.entities(opening.only({LOG})) if opening.has(LOG) else []
    added = [entity for entity in (*quoted, *logged) if entity.entity == "error"]
    if not any(entity.entity == "product" for entity in said):
        for source in (quoted, logged):
            named = [entity for entity in source if entity.entity in FROM_PASTED]
            products = [entity for entity in named if entity.entity == "product"]
            if products:
                first = products[0]  # a log names much; the first is what was asked about
                added += [first, *[e for e in named if e.entity == "version" and 0 <= e.start - first.end <= BESIDE][:1]]
                break
    return sorted([*said, *added], key=lambda entity: (entity.start, entity.end, entity.entity))


def understand(text: str, entities: Sequence[Entity], model: IntentModel, encode: Encode) -> Understanding:
    """Return what `text` means, given the entities found in it."""
    opening = cut(text)
    whole, *parts = _pieces(opening, entities)
    readings = model.read_all([whole, *parts], encode)
    reading, second = readings[0], None
    if parts:
        reading, second = _together(readings[0], readings[1:], model)
    if not entities and _CODE.fullmatch(text.strip()):
        return Understanding((), reading.ranking, REFUSE, 0.0)
    ranking, decision = _with_facts(list(reading.ranking), reading.decision, reading.in_scope, entities, text)
    return Understanding(tuple(entities), tuple(ranking), decision, reading.in_scope, second)


def _pieces(opening: Opening, entities: Sequence[Entity]) -> List[Tuple[str, str]]:
    """Return what was said as (text, masked text): the whole, then each sentence when there are several."""
    names = [(entity.start, entity.end, entity.entity) for entity in entities if entity.entity in MASKED]
    places = opening.sentences()
    told = [place for place in places if len(opening.text[place[0] : place[1]].split()) >= SENTENCE_WORDS]
    if len(told) > FIRST_SENTENCES + LAST_SENTENCES:
        told = [*told[:FIRST_SENTENCES], *told[-LAST_SENTENCES:]]
    pieces = [_piece(opening.text, place, names) for place in told]
    if len(places) == 1:
        return [_piece(opening.text, places[0], names)]
    every = [_piece(opening.text, place, names) for place in places]
    whole = (" ".join(text for text, _ in every), " ".join(masked for _, masked in every))
    return [whole, *pieces] if len(pieces) > 1 or len(whole[0]) > len(pieces[0][0] if pieces else "") else [whole]


def _piece(text: str, place: Tuple[int, int], names: Iterable[Tuple[int, int, str]]) -> Tuple[str, str]:
    first, last = place
    inside = [(start - first, end - first, kind) for start, end, kind in names if first <= start and end <= last]
    return text[first:last], mask(text[first:last], inside)


def _together(whole: Reading, parts: Sequence[Reading], model: IntentModel) -> Tuple[Reading, Optional[str]]:
    """Return what the sentences mean together, and what is asked besides.

    The sentence that counts is the first one that reports a fault, unless another asks something far more surely, else the
    first that surely asks something; its reading and that of the whole share the say.
    """
    sure = [part for part in parts if part.confidence >= SURE_SENTENCE and part.intent not in CONVERSATIONAL]
    asks = [part for part in sure if part.intent not in ("inform", "correct")]
    surest = max((part.confidence for part in asks), default=0.0)
    asks = [part for part in asks if not part.intent.startswith(FIRST) or part.confidence >= surest - FAR_SURER]
    faults = [part for part in asks if part.intent.startswith(FIRST)]
    chosen = (faults or asks or sure or [None])[0]
    if chosen is None:
        return whole, None
    of_whole, of_part = dict(whole.ranking), dict(chosen.ranking)
    shared = {name: SHARE_OF_WHOLE * of_whole[name] + (1 - SHARE_OF_WHOLE) * of_part[name] for name in of_whole}
    ranking = tuple(sorted(shared.items(), key=lambda item: -item[1]))
    in_scope = max(whole.in_scope, chosen.in_scope)
    second = next((part.intent for part in asks if part.intent not in (ranking[0][0], "request_support")), None)
    return Reading(ranking, model.decide(ranking[0][1], in_scope), in_scope), second


def _with_facts(
    ranking: List[Tuple[str, float]], decision: str, in_scope: float, entities: Sequence[Entity], text: str
) -> Tuple[List[Tuple[str, float]], str]:
    """Return the ranking and decision, knowing the facts: a message that names a product gives a fact at least."""
    telling = any(entity.entity in TELLING for entity in entities)
    stating = "?" not in text and any(entity.entity in STATED for entity in entities)
    foreign = ranking[0][0] == OUT_OF_SCOPE and "?" not in text
    if not (telling or stating) or (decision == ACCEPT and not (telling and foreign)):
        return ranking, decision
    is_name = any(entity.entity in ("version", "error") for entity in entities) or in_scope >= SURELY_FOREIGN
    if decision == REFUSE and not (telling and is_name):
        return ranking, decision  # a lone name in a message about something else is an ordinary word ("excel at sports")
    ranking = sorted(ranking, key=lambda entry: entry[0] in WITHOUT_FACTS)
    about = sum(confidence for intent, confidence in ranking if intent in ABOUT_THE_CASE)
    if ranking[0][1] < LEAST_CONFIDENCE and about >= SHARE_OF_THE_CASE and "?" not in text:
        ranking = sorted(ranking, key=lambda entry: entry[0] not in ABOUT_THE_CASE)
    return ranking, CONFIRM

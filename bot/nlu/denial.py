"""What a message denies ("not gold but silver"), and roles that are somebody else's."""

import re
from dataclasses import replace
from typing import Container, Dict, List, Mapping, Optional, Sequence, Set

from bot.nlu.entity import DENIED, Entity
from bot.nlu.text import Token

NEGATIONS = frozenset(
    "not geen niet neit nt neither nor noch dont doesnt didnt isnt arent havent hasnt aint never nooit forget vergeet ignore "
    "negeer ipv".split()
)
# Two words that deny what follows ("in plaats van 2016", "instead of silver").
INSTEAD = frozenset({("instead", "of"), ("plaats", "van"), ("rather", "than"), ("p", "v")})
# Between two facts of one kind, these say that the second holds ("was 2016, now on 2019", "2016 moest 2019 zijn").
NOW = frozenset("now nu inmiddels tegenwoordig moest moet should must blijkt bleek turns turned actually meanwhile".split())
# ... and these take back the first ("gold.. eh no, silver"); "no" alone may deny the second ("gold, no silver").
SECOND_THOUGHT = frozenset("eh euh uh oops oeps sorry wait wacht mean bedoel bedoelde correctie correction pardon".split())
LONGEST_SECOND_THOUGHT = 4
AFTER_A_ROLE = frozenset("niet not".split())  # "ik heb de rol admin agent niet"
# Words that give a role to somebody else ("my boss is global admin").
SOMEBODY_ELSE = frozenset(
    "boss colleague coworker he she they someone somebody manager baas collega hij zij "
    "iemand leidinggevende beheerder".split()
)
# Words that deny having a role or an offer ("no admin agent here", "zonder gold"). Before a product or a version "no" only
# takes back what was said ("no exchange 2019").
WITHOUT = frozenset("no zonder without".split())
OR = frozenset("or of nor noch".split())
NEGATED_VERBS = frozenset("don doesn didn isn aren wasn haven hasn ain".split())  # their "'t" is a token of its own
# What may stand between a denial and what it denies ("not a gold partner", "don't have gold").
BETWEEN_DENIAL = frozenset(
    "a an the in on een de het our onze ons my mijn have hebben heb really echt meer role rol that die dat mentioned "
    "noemde".split()
)
_CLAUSE_END = re.compile(r"[,;:.!?(\n]")


def without_denied(found: List[Entity], tokens: Sequence[Token], text: str) -> List[Entity]:
    """Drop what is denied ("not gold but silver"); not having a role is worth knowing, so that is marked.

    A product is dropped only when another is named: "not" may belong to the verb before it ("werkt niet Exchange").
    """
    first = {token.start: index for index, token in enumerate(tokens)}
    last = {token.end: index for index, token in enumerate(tokens)}
    denied: Set[Entity] = set()
    denied_before: Dict[str, Entity] = {}
    for entity in found:
        listed = _is_listed(entity, denied_before.get(entity.entity), first, last, tokens)
        outdated = _is_outdated(entity, found, first, last, tokens, text)
        elsewhere = entity.entity == "role" and _is_of_somebody_else(first[entity.start], tokens)
        negations = NEGATIONS | WITHOUT if entity.entity in ("offer", "competency") else NEGATIONS
        if listed or elsewhere or outdated or _is_denied(first[entity.start], tokens, text, negations) or _is_denied_after(entity, last, tokens):
            denied.add(entity)
            denied_before[entity.entity] = entity
    products = {e for e in found if e.entity == "product"}
    versions = {
        version: product
        for product in products & denied
        for version in found
        if version.entity == "version" and first[version.start] == last[product.end] + 1
    }
    if products <= denied:
        denied -= products
        if all(entity in versions or entity in denied for entity in found if entity.entity == "version"):
            versions = {}
    return [
        replace(entity, role=DENIED) if entity in denied else entity
        for entity in found
        if entity not in versions and (entity not in denied or entity.entity == "role")
    ]


def _is_listed(
    entity: Entity, denied: Optional[Entity], first: Mapping[int, int], last: Mapping[int, int], tokens: Sequence[Token]
) -> bool:
    """Say whether only "or" stands between this and what was denied right before ("not silver or gold")."""
    if denied is None:
        return False
    between = {token.norm for token in tokens[last[denied.end] + 1 : first[entity.start]]}
    return bool(between) and between <= OR


def _is_outdated(
    entity: Entity, found: Sequence[Entity], first: Mapping[int, int], last: Mapping[int, int], tokens: Sequence[Token], text: str
) -> bool:
    """Say whether another version or offer replaces this one in the same sentence."""
    if entity.entity not in ("version", "offer"):
        return False
    following = [other for other in found if other.entity == entity.entity and other.start >= entity.end]
    if not following or following[0].value == entity.value:
        return False
    between = tokens[last[entity.end] + 1 : first[following[0].start]]
    gap = text[entity.end : following[0].start]
    norms = {token.norm for token in between}
    if SECOND_THOUGHT & norms and len(between) <= LONGEST_SECOND_THOUGHT:
        return True
    return bool(NOW & norms) and not re.search(r"[.!?\n]\s", gap)


def _is_of_somebody_else(index: int, tokens: Sequence[Token]) -> bool:
    """Say whether a role in the company is somebody else's, or said not to be there."""
    before = [token.norm for token in tokens[max(0, index - 4) : index]]
    return bool(SOMEBODY_ELSE & set(before)) or bool(before and before[-1] in WITHOUT)


def _is_denied_after(entity: Entity, last: Mapping[int, int], tokens: Sequence[Token]) -> bool:
    """Say whether a role is denied by the word after it."""
    following = last[entity.end] + 1
    return entity.entity == "role" and following < len(tokens) and tokens[following].norm in AFTER_A_ROLE


def _is_denied(index: int, tokens: Sequence[Token], text: str, negations: Container[str]) -> bool:
    """Say whether a denial stands right before the token, within its clause."""
    while index > 0 and not _CLAUSE_END.search(text[tokens[index - 1].end : tokens[index].start]):
        index -= 1
        norm = tokens[index].norm
        if index and (tokens[index - 1].norm, norm) in INSTEAD:
            return True
        if norm in WITHOUT and index and tokens[index - 1].norm in SECOND_THOUGHT:
            return False  # "gold.. eh no silver" is silver
        if norm in negations or (norm == "t" and index and tokens[index - 1].norm in NEGATED_VERBS):
            return True
        if norm not in BETWEEN_DENIAL:
            return False
    return False

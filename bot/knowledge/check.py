"""Checks across knowledge files: what one names, another must hold."""

from typing import TYPE_CHECKING, Dict, Iterable, Iterator, List, Optional, Tuple

from bot.engine import Line, Table
from bot.engine.catalogue import slug, version_key
from bot.engine.errors import did_you_mean
from bot.engine.outcomes import OUTPUTS, REASONS, ROUTES
from bot.engine.predicates import DERIVED, ELIGIBLE, PREDICATES, UNSURE
from bot.engine.table import FIRST
from bot.knowledge.strict_yaml import BrokenKnowledge

if TYPE_CHECKING:
    from bot.knowledge.loader import Knowledge

OPERATORS = ("in", "at_least", "predicate")
REQUIRED_FACTS = ("goal", "request_kind", "product", "version", "offer", "error", "competency")
NO_PORTAL = ("none", "workload")  # a step that happens nowhere in particular, or in the workload's own portal


def cross_check(knowledge: "Knowledge", places: Dict[str, str]) -> List[BrokenKnowledge]:
    """Return every dangling or contradictory reference. `places` maps a product line to its file."""
    problems: List[BrokenKnowledge] = []
    for check in (_cites, _products, _versions, _portals, _tables, _procedures, _intents, _values):
        problems += [BrokenKnowledge(*found) for found in check(knowledge, places)]
    return problems


Found = Iterator[Tuple[str, str, str]]


def _dangling(word: str, known: Iterable[str]) -> Optional[str]:
    known = list(known)
    return None if word in known else did_you_mean(word, known)


def known_cites(knowledge: "Knowledge") -> List[str]:
    """Return every id that an entry or a response may cite."""
    catalogue = knowledge.catalogue
    return [
        *knowledge.sources.facts,
        *(f"CH:{change}" for change in knowledge.changes),
        *(f"C:{key.replace('_', '-')}" for key in (*catalogue.workloads, *catalogue.families)),
        *(f"L:{key.replace('_', '-')}" for key in catalogue.lines),
    ]


def cited_entries(knowledge: "Knowledge", places: Dict[str, str]) -> Iterator[Tuple[str, str, Iterable[str]]]:
    """Yield (file, entry, cites) for everything that cites."""
    programme, catalogue = knowledge.programme, knowledge.catalogue
    yield from (("facts.yml", key, fact.cites) for key, fact in programme.facts.items())
    yield from ((places.get(key, "products"), key, line.cites) for key, line in catalogue.lines.items())
    yield from (("products/cloud.yml", key, entry.cites) for key, entry in catalogue.workloads.items())
    yield from (("products/families.yml", key, entry.cites) for key, entry in catalogue.families.items())
    for name in ("portals", "errors", "roles", "competencies", "plans", "severities", "presales"):
        yield from ((f"{name}.yml", key, entry.cites) for key, entry in getattr(knowledge, name).items())
    yield from (("entitlements.yml", key, entry.cites) for key, entry in knowledge.offers.items())
    for table in programme.tables.values():
        yield from ((f"decisions/{table.id}.yml", f'rule "{rule.id}"', rule.cites) for rule in table.rules)
    for key, procedure in knowledge.procedures.items():
        yield "procedures.yml", key, procedure.cites
        yield from (("procedures.yml", f"{key}.{step.id}", step.cites) for step in procedure.steps)


def _cites(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    known = known_cites(knowledge)
    for where, entry, cites in cited_entries(knowledge, places):
        for cite in cites:
            remedy = _dangling(cite, known)
            if remedy:
                yield where, entry, f'cites "{cite}"; {remedy}'
    for key, fact in knowledge.sources.facts.items():
        remedy = _dangling(fact.document, knowledge.sources.documents)
        if remedy:
            yield "sources.yml", key, f'document "{fact.document}" does not exist; {remedy}'


def _products(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    catalogue = knowledge.catalogue
    for key, family in catalogue.families.items():
        remedy = _dangling(family.on_premises, catalogue.lines)
        if remedy:
            yield "products/families.yml", key, f'on_premises "{family.on_premises}" is no product line; {remedy}'
        remedy = _dangling(family.cloud, catalogue.workloads)
        if remedy:
            yield "products/families.yml", key, f'cloud "{family.cloud}" is no workload; {remedy}'
        for product in family.offers:
            remedy = _dangling(product, [*catalogue.lines, *catalogue.workloads])
            if remedy:
                yield "products/families.yml", key, f'offers "{product}", which is no product; {remedy}'
    for key, entry in knowledge.presales.items():
        for product in entry.products:
            remedy = _dangling(product, catalogue.lines)
            if remedy:
                yield "presales.yml", key, f'product "{product}" does not exist; {remedy}'


def _versions(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    for key, line in knowledge.catalogue.lines.items():
        where = places.get(key, "products")
        if not line.versions:
            yield where, key, "has no versions; add them, newest first"
        named: Dict[str, str] = {}
        for version in line.versions.values():
            entry = f"{key}.{version.id}"
            for alias in version.aliases:
                other = named.setdefault(version_key(alias), version.id)
                if other != version.id:
                    yield where, entry, f'alias "{alias}" names {other} too; leave it with one'
            if slug(version.label) != version.id:
                yield where, entry, f'label "{version.label}" does not make this id; rename it "{slug(version.label)}"'
            remedy = _dangling(version.counts_as, line.versions)
            if remedy:
                yield where, entry, f'counts_as "{version.counts_as}" is no version of this line; {remedy}'
        yield from _release_order(where, line)


def _release_order(where: str, line: Line) -> Found:
    """Yield versions of the N sequence that share a release day, or stand out of order (newest first)."""
    listed = [v for v in line.versions.values() if v.in_sequence and v.release]
    for newer, older in zip(listed, listed[1:]):
        if newer.release == older.release and newer.counts_as != older.counts_as:
            yield (
                where,
                f"{line.id}.{older.id}",
                f"released on the same day as {newer.id}; N would be undecided, correct one",
            )
        elif newer.release < older.release:
            yield where, f"{line.id}.{older.id}", f"is newer than {newer.id} above it; list the newest first"


def _portals(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    for key, workload in knowledge.catalogue.workloads.items():
        remedy = _dangling(workload.portal, knowledge.portals)
        if remedy:
            yield "products/cloud.yml", key, f'portal "{workload.portal}" does not exist; {remedy}'
    for key, route in knowledge.routes.items():
        remedy = _dangling(key, ROUTES)
        if remedy:
            yield "routes.yml", key, f"is no route; {remedy}"
        if route.portal is not None and _dangling(route.portal, knowledge.portals):
            yield "routes.yml", key, f'portal "{route.portal}" does not exist; {_dangling(route.portal, knowledge.portals)}'
        if route.procedure is not None and _dangling(route.procedure, knowledge.procedures):
            remedy = _dangling(route.procedure, knowledge.procedures)
            yield "routes.yml", key, f'procedure "{route.procedure}" does not exist; {remedy}'
    for route_id in ROUTES:
        if route_id not in knowledge.routes:
            yield "routes.yml", route_id, "is missing; add it with its portal and procedure"


def _condition_values(knowledge: "Knowledge", name: str) -> Optional[Iterable[str]]:
    """Return what a condition on `name` may ask for; None when anything goes."""
    programme = knowledge.programme
    if name in programme.facts:
        return programme.values(name, {})
    if name in OUTPUTS:
        return OUTPUTS[name]
    return {
        "hosting": ("on_premises", "cloud"),
        "eligibility": (ELIGIBLE, UNSURE, *REASONS[:3]),
        "lifecycle_basis": ("modern", "fixed"),
        "cloud_portal": knowledge.portals,
        "product_id": programme.catalogue.product_ids,
        "competency_kind": ("cloud", "other"),
    }.get(name)


def _tables(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    readable = [*knowledge.programme.facts, *DERIVED, *knowledge.programme.tables]
    for table in knowledge.programme.tables.values():
        where = f"decisions/{table.id}.yml"
        yield from _table_shape(where, table)
        for rule in table.rules:
            entry = f'rule "{rule.id}"'
            for condition in rule.when:
                if condition.operator not in OPERATORS:
                    yield (
                        where,
                        entry,
                        f'operator "{condition.operator}" does not exist; {did_you_mean(condition.operator, OPERATORS)}',
                    )
                elif condition.operator == "predicate":
                    remedy = _dangling(condition.name, PREDICATES)
                    if remedy:
                        yield where, entry, f'predicate "{condition.name}" does not exist; {remedy}'
                elif condition.name not in readable:
                    yield where, entry, f'reads "{condition.name}"; {did_you_mean(condition.name, readable)}'
                else:
                    allowed = _condition_values(knowledge, condition.name)
                    for value in condition.operand if allowed is not None else ():
                        if value not in allowed:
                            yield where, entry, f'"{condition.name}" is never "{value}"; {did_you_mean(value, allowed)}'
            for output, value in rule.then.items():
                if output not in OUTPUTS:
                    yield where, entry, f'sets "{output}"; {did_you_mean(output, OUTPUTS)}'
                elif OUTPUTS[output] is not None and value not in OUTPUTS[output]:
                    yield where, entry, f'"{output}" cannot be "{value}"; {did_you_mean(value, OUTPUTS[output])}'
            if table.id not in rule.then:
                yield where, entry, f'does not set "{table.id}"; add it to `then`'


def _table_shape(where: str, table: Table) -> Found:
    seen = set()
    for rule in table.rules:
        if rule.id in seen:
            yield where, f'rule "{rule.id}"', "stands twice; rename one"
        seen.add(rule.id)
    if table.hit_policy != FIRST:
        return
    if table.rules[-1].when:
        yield where, f'rule "{table.rules[-1].id}"', "is the last and has a `when`; add a last rule without one"
    for rule in table.rules[:-1]:
        if not rule.when:
            yield where, f'rule "{rule.id}"', "has no `when`, so no rule below it is reached; move it to the end"


def _procedures(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    for key, procedure in knowledge.procedures.items():
        for step in procedure.steps:
            entry = f"{key}.{step.id}"
            if step.portal not in NO_PORTAL and step.portal not in knowledge.portals:
                yield (
                    "procedures.yml",
                    entry,
                    f'portal "{step.portal}" does not exist; {did_you_mean(step.portal, knowledge.portals)}',
                )
            for problem in step.problems:
                remedy = _dangling(problem, knowledge.errors)
                if remedy:
                    yield "procedures.yml", entry, f'problem "{problem}" does not exist; {remedy}'
    for preparation in OUTPUTS["preparation"]:
        if preparation not in knowledge.procedures:
            yield "procedures.yml", preparation, "is missing; a decision can ask for it, so add its steps"


def _given(knowledge: "Knowledge", facts: Dict[str, str]) -> Iterator[str]:
    for fact, value in facts.items():
        if fact not in knowledge.programme.facts:
            yield f'fact "{fact}" does not exist; {did_you_mean(fact, knowledge.programme.facts)}'
        elif value not in knowledge.programme.values(fact, {}):
            yield f'"{fact}" is never "{value}"; {did_you_mean(value, knowledge.programme.values(fact, {}))}'


def _intents(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    for key, intent in knowledge.intents.items():
        given = {**intent.implies, **({"goal": intent.goal} if intent.goal else {})}
        yield from (("intents.yml", key, problem) for problem in _given(knowledge, given))
    for key, role in knowledge.roles.items():
        yield from (("roles.yml", key, problem) for problem in _given(knowledge, role.proves))


def _values(knowledge: "Knowledge", places: Dict[str, str]) -> Found:
    """The facts that have entries of their own must name exactly those."""
    facts = knowledge.programme.facts
    for fact in REQUIRED_FACTS:
        if fact not in facts:
            yield "facts.yml", fact, f"is missing; decisions rest on it ({did_you_mean(fact, facts)})"
    if any(fact not in facts for fact in REQUIRED_FACTS):
        return
    for offer in knowledge.offers:
        if offer not in facts["offer"].values:
            yield "facts.yml", "offer", f'"{offer}" of entitlements.yml is missing from its values; add it'
    for error in facts["error"].values:
        if error not in knowledge.errors:
            yield "errors.yml", error, "is missing; facts.yml names it"
    for fact in knowledge.steering.subjects:
        if fact not in facts:
            yield "steering.yml", "subjects", f'"{fact}" is no fact; {did_you_mean(fact, facts)}'
    for fact, words in knowledge.words.items():
        if fact not in facts:
            yield "words.yml", fact, f"is no fact; {did_you_mean(fact, facts)}"
            continue
        for value in words:
            if value not in facts[fact].values:
                yield "words.yml", fact, f'"{value}" is no value of it; {did_you_mean(value, facts[fact].values)}'

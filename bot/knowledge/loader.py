"""Reads the knowledge files into one object, or says everything that is wrong with them."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple, Type, TypeVar

from pydantic import ValidationError

from bot.engine import Catalogue, Condition, FactSpec, Family, Line, Programme, Rule, Table, Version, Workload
from bot.engine.errors import did_you_mean
from bot.engine.steering import Steering
from bot.knowledge import schema
from bot.knowledge.check import cross_check
from bot.knowledge.strict_yaml import BrokenKnowledge, read

HERE = Path(__file__).parent
LINE_FILES = (
    "products/client.yml",
    "products/data_servers.yml",
    "products/developer.yml",
    "products/dynamics.yml",
    "products/office_servers.yml",
    "products/system_center.yml",
    "products/windows_servers.yml",
)
TABLE_FILES = ("coverage", "route", "contract_needed", "preparation", "caveat")

# Files that are read into the knowledge as they are.
NAMED_FILES = {
    "portals": schema.PortalEntry,
    "procedures": schema.ProcedureEntry,
    "errors": schema.ErrorEntry,
    "roles": schema.RoleEntry,
    "plans": schema.PlanEntry,
    "changes": schema.ChangeEntry,
    "severities": schema.SeverityEntry,
    "intents": schema.IntentEntry,
    "goals": schema.GoalEntry,
    "names": schema.NameEntry,
}

Model = TypeVar("Model", bound=schema.Entry)


class BrokenKnowledgeBase(ValueError):
    """All problems found in the knowledge, each a BrokenKnowledge."""

    def __init__(self, problems: List[BrokenKnowledge]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Knowledge:
    """The programme: what decisions rest on, and what the assistant names and walks through."""

    programme: Programme
    portals: Dict[str, schema.PortalEntry]
    routes: Dict[str, schema.RouteEntry]
    procedures: Dict[str, schema.ProcedureEntry]
    errors: Dict[str, schema.ErrorEntry]
    roles: Dict[str, schema.RoleEntry]
    offers: Dict[str, schema.OfferEntry]
    competencies: Dict[str, schema.CompetencyEntry]
    plans: Dict[str, schema.PlanEntry]
    changes: Dict[str, schema.ChangeEntry]
    severities: Dict[str, schema.SeverityEntry]
    presales: Dict[str, schema.PresalesEntry]
    intents: Dict[str, schema.IntentEntry]
    goals: Dict[str, schema.GoalEntry]
    words: Dict[str, Dict[str, schema.WordsEntry]]
    steering: Steering
    names: Dict[str, schema.NameEntry]
    sources: schema.SourcesFile

    @property
    def catalogue(self) -> Catalogue:
        """The product catalogue."""
        return self.programme.catalogue


class _Reader:
    """Reads files under a folder, collecting problems instead of stopping at the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: List[BrokenKnowledge] = []
        self.places: Dict[str, str] = {}
        self.unreadable: Set[str] = set()

    def document(self, name: str) -> Dict[str, Any]:
        try:
            return read(self.folder / name, name)
        except BrokenKnowledge as problem:
            self.problems.append(problem)
            self.unreadable.add(name)
            return {}

    def one(self, name: str, entry: str, model: Type[Model], data: Any) -> Optional[Model]:
        if name in self.unreadable:
            return None
        if not isinstance(data, dict):
            self.problems.append(BrokenKnowledge(name, entry, "must hold keys; see its neighbours"))
            return None
        try:
            return model.parse_obj(data)
        except ValidationError as error:
            self.problems += [BrokenKnowledge(name, entry, _explain(found, model)) for found in error.errors()]
            return None

    def entries(self, name: str, model: Type[Model]) -> Dict[str, Model]:
        parsed = {key: self.one(name, key, model, value) for key, value in self.document(name).items()}
        return {key: value for key, value in parsed.items() if value is not None}

    def nested(self, name: str, model: Type[Model]) -> Dict[str, Dict[str, Model]]:
        found: Dict[str, Dict[str, Model]] = {}
        for key, values in self.document(name).items():
            if not isinstance(values, dict):
                self.problems.append(BrokenKnowledge(name, key, "must hold values; see its neighbours"))
                continue
            parsed = {value: self.one(name, f"{key}.{value}", model, entry) for value, entry in values.items()}
            found[key] = {value: entry for value, entry in parsed.items() if entry is not None}
        return found


def _explain(found: Dict[str, Any], model: Type[schema.Entry]) -> str:
    """Turn one of pydantic's errors into what is wrong and the remedy."""
    place = ".".join(str(part) for part in found["loc"] if part != "__root__")
    kind = found["type"]
    if kind == "value_error.extra":
        key = str(found["loc"][-1])
        owner = _owner(model, found["loc"][:-1])
        return f'unknown key "{place}"; {did_you_mean(key, owner.__fields__)}'
    if kind == "value_error.missing":
        return f'"{place}" is missing; add it'
    if kind == "value_error.list.min_items":
        return f'"{place}" is empty; name at least one'
    if kind == "type_error.none.not_allowed":
        return f'"{place}" is empty; fill it in'
    if kind.startswith("type_error"):
        wanted = {"type_error.integer": "a whole number", "type_error.list": "a list", "type_error.dict": "keys and values"}
        return f'"{place}" is of the wrong kind; write {wanted.get(kind, "a word or a sentence")}'
    message = found["msg"]
    return f"{place}: {message}" if place else message


def _owner(model: Type[schema.Entry], path: Tuple[Any, ...]) -> Type[schema.Entry]:
    """Return the model that holds the key at `path`, for naming the keys it knows."""
    for part in path:
        field = model.__fields__.get(part) if isinstance(part, str) else None
        if field is not None and isinstance(field.type_, type) and issubclass(field.type_, schema.Entry):
            model = field.type_
    return model


def _line(key: str, entry: schema.LineEntry) -> Line:
    versions = {
        version_id: Version(
            id=version_id,
            label=version.label,
            policy=version.policy,
            release=version.release,
            counts_as=version.counts_as or version_id,
            mainstream_end=version.mainstream_end,
            extended_end=version.extended_end,
            support_end=version.support_end,
            in_sequence=version.in_sequence,
            aliases=tuple(version.aliases),
        )
        for version_id, version in entry.versions.items()
    }
    return Line(
        id=key,
        name=entry.name,
        versions=versions,
        aliases=tuple(entry.aliases),
        weak_aliases=tuple(entry.weak_aliases),
        parts=tuple(entry.parts),
        later_versions_unconfirmed=entry.later_versions_unconfirmed,
        cites=tuple(entry.cites),
    )


def _workload(key: str, entry: schema.WorkloadEntry) -> Workload:
    return Workload(
        id=key,
        name=entry.name,
        portal=entry.portal,
        ids_needed={"yes": True, "no": False}.get(entry.ids_needed),
        inferred=entry.inferred,
        aliases=tuple(entry.aliases),
        weak_aliases=tuple(entry.weak_aliases),
        cites=tuple(entry.cites),
    )


def _family(key: str, entry: schema.FamilyEntry) -> Family:
    return Family(
        id=key,
        name=entry.name,
        on_premises=entry.on_premises,
        cloud=entry.cloud,
        offers=tuple(entry.offers),
        aliases=tuple(entry.aliases),
        weak_aliases=tuple(entry.weak_aliases),
        cites=tuple(entry.cites),
    )


def _conditions(name: str, operand: Any) -> Iterator[Condition]:
    if name == "predicate":
        yield from (Condition(predicate, "predicate") for predicate in _listed(operand))
    elif isinstance(operand, dict):
        yield from (Condition(name, operator, (value,)) for operator, value in operand.items())
    else:
        yield Condition(name, "in", tuple(_listed(operand)))


def _listed(operand: Any) -> List[Any]:
    return operand if isinstance(operand, list) else [operand]


def _steering(entry: schema.SteeringFile) -> Steering:
    return Steering(
        yes_words=frozenset(entry.yes_words),
        no_words=frozenset(entry.no_words),
        questions=frozenset(entry.questions),
        unsure=tuple(entry.unsure),
        fillers=tuple(entry.fillers),
        joins=tuple(entry.joins),
        pointing=frozenset(entry.pointing),
        hedges=frozenset(entry.hedges),
        subjects={fact: frozenset(words) for fact, words in entry.subjects.items()},
        places=tuple(frozenset(words) for words in entry.places),
        all_of_them=frozenset(entry.all_of_them),
        second_thoughts=tuple(entry.second_thoughts),
        thanks=tuple(entry.thanks),
        alternatives=tuple(entry.alternatives),
        not_understood=tuple(entry.not_understood),
    )


def _table(entry: schema.TableEntry) -> Table:
    rules = tuple(
        Rule(
            id=rule.id,
            when=tuple(c for name, operand in rule.when.items() for c in _conditions(name, operand)),
            then=dict(rule.then),
            cites=tuple(rule.cites),
        )
        for rule in entry.rules
    )
    return Table(id=entry.table, hit_policy=entry.hit_policy, rules=rules)


def load(folder: Path = HERE) -> Knowledge:
    """Return the knowledge in `folder`.

    Raises BrokenKnowledgeBase, which lists every problem with its file, entry and remedy.
    """
    reader = _Reader(folder)
    facts = reader.entries("facts.yml", schema.FactEntry)
    lines: Dict[str, schema.LineEntry] = {}
    for name in LINE_FILES:
        for key, entry in reader.entries(name, schema.LineEntry).items():
            if key in lines:
                reader.problems.append(BrokenKnowledge(name, key, "stands in two product files; keep one"))
            lines[key] = entry
            reader.places[key] = name
    workloads = reader.entries("products/cloud.yml", schema.WorkloadEntry)
    families = reader.entries("products/families.yml", schema.FamilyEntry)
    tables: Dict[str, schema.TableEntry] = {}
    for name in TABLE_FILES:
        where = f"decisions/{name}.yml"
        entry = reader.one(where, "table", schema.TableEntry, reader.document(where))
        if entry is not None and entry.table != name:
            reader.problems.append(
                BrokenKnowledge(where, "table", f'is called "{entry.table}"; the file says "{name}", use that')
            )
        elif entry is not None:
            tables[name] = entry
    offers = reader.entries("entitlements.yml", schema.OfferEntry)
    competencies = reader.entries("competencies.yml", schema.CompetencyEntry)
    presales = reader.entries("presales.yml", schema.PresalesEntry)
    routes = reader.entries("routes.yml", schema.RouteEntry)
    sources = reader.one("sources.yml", "file", schema.SourcesFile, reader.document("sources.yml"))
    named: Dict[str, Any] = {name: reader.entries(f"{name}.yml", model) for name, model in NAMED_FILES.items()}
    words = reader.nested("words.yml", schema.WordsEntry)
    steering = reader.one("steering.yml", "file", schema.SteeringFile, reader.document("steering.yml"))
    if reader.problems:
        raise BrokenKnowledgeBase(reader.problems)

    programme = Programme(
        facts={
            key: FactSpec(
                id=key,
                values=tuple(entry.values),
                source=entry.from_catalogue,
                default=entry.default,
                company=entry.company,
                buttons=tuple(entry.buttons),
                cites=tuple(entry.cites),
            )
            for key, entry in facts.items()
        },
        catalogue=Catalogue(
            lines={key: _line(key, entry) for key, entry in lines.items()},
            workloads={key: _workload(key, entry) for key, entry in workloads.items()},
            families={key: _family(key, entry) for key, entry in families.items()},
        ),
        tables={key: _table(entry) for key, entry in tables.items()},
        entitlements={key: entry.dict() for key, entry in offers.items()},
        competencies={key: entry.kind for key, entry in competencies.items()},
        refused_by_presales=frozenset(p for entry in presales.values() for p in entry.products),
        route_portals={key: entry.portal for key, entry in routes.items()},
    )
    knowledge = Knowledge(
        programme=programme,
        routes=routes,
        offers=offers,
        competencies=competencies,
        presales=presales,
        words=words,
        steering=_steering(steering),
        **named,
        sources=sources,
    )
    problems = cross_check(knowledge, reader.places)
    if problems:
        raise BrokenKnowledgeBase(problems)
    return knowledge


@lru_cache(maxsize=1)
def shared() -> Knowledge:
    """Return the project's knowledge, read once per process."""
    return load()

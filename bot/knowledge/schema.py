"""What each knowledge file may hold. Unknown keys are errors; every scalar arrives as a string or None."""

from datetime import date
from typing import Dict, List, Optional, Union

from pydantic import BaseModel, Extra, Field, root_validator, validator

from bot.engine.catalogue import FIXED, FIXED_MAINSTREAM_ONLY, MODERN
from bot.engine.table import COLLECT, FIRST

YES_NO = {"yes": True, "no": False}


class Entry(BaseModel):
    """Base of all entries: strict about keys."""

    class Config:
        extra = Extra.forbid

    @validator("*", pre=True)
    def _read_dates_and_truth(cls, value, field):  # noqa: N805 (pydantic's signature)
        if field.outer_type_ is bool and isinstance(value, str):
            if value not in YES_NO:
                raise ValueError(f'is "{value}"; write yes or no')
            return YES_NO[value]
        if field.outer_type_ is date and isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                raise ValueError(f'"{value}" is not a date; write YYYY-MM-DD') from None
        return value


class Cited(Entry):
    """An entry that names what it rests on."""

    cites: List[str] = Field(..., min_items=1)


class FactEntry(Cited):
    """facts.yml"""

    values: List[str] = []
    from_catalogue: Optional[str]
    default: Optional[str]
    company: bool = False
    buttons: List[str] = []


class VersionEntry(Entry):
    """One version of a line in products/*.yml"""

    label: str
    policy: Optional[str]
    release: Optional[date]
    mainstream_end: Optional[date]
    extended_end: Optional[date]
    support_end: Optional[date]
    counts_as: Optional[str]
    in_sequence: bool = True
    aliases: List[str] = []
    source: str
    note: Optional[str]

    @validator("policy")
    def _known_policy(cls, value):  # noqa: N805
        if value not in (None, FIXED, FIXED_MAINSTREAM_ONLY, MODERN):
            raise ValueError(f'"{value}" is not a policy; write fixed, fixed_mainstream_only, modern or null')
        return value

    @root_validator(skip_on_failure=True)
    def _dates_in_order(cls, values):  # noqa: N805
        order = [(name, values.get(name)) for name in ("release", "mainstream_end", "extended_end")]
        known = [(name, day) for name, day in order if day]
        for (earlier, first), (later, second) in zip(known, known[1:]):
            if first > second:
                raise ValueError(f"{earlier} {first} lies after {later} {second}; correct one of the two")
        if values.get("support_end") and values.get("release") and values["release"] > values["support_end"]:
            raise ValueError(f"release {values['release']} lies after support_end {values['support_end']}; correct one")
        if values.get("policy") == MODERN and (values.get("mainstream_end") or values.get("extended_end")):
            raise ValueError("the modern policy has no mainstream or extended phase; use support_end")
        return values


class FeatureUpdate(Entry):
    """A servicing release that is no version of its own (R3)."""

    version: str
    release: date
    servicing_end: date

    @root_validator(skip_on_failure=True)
    def _dates_in_order(cls, values):  # noqa: N805
        if values["release"] > values["servicing_end"]:
            raise ValueError(f"release {values['release']} lies after servicing_end {values['servicing_end']}; correct one")
        return values


class LineEntry(Cited):
    """An on-premises product line."""

    name: str
    aliases: List[str]
    weak_aliases: List[str] = []
    parts: List[str] = []
    note: Optional[str]
    later_versions_unconfirmed: bool = False
    versions: Dict[str, VersionEntry]
    feature_updates: List[FeatureUpdate] = []
    feature_updates_source: Optional[str]


class WorkloadEntry(Cited):
    """products/cloud.yml"""

    name: str
    portal: str
    ids_needed: Optional[str]
    inferred: bool = False
    aliases: List[str]
    weak_aliases: List[str] = []
    note: Optional[str]
    also: Optional[str]

    @validator("ids_needed")
    def _truth(cls, value):  # noqa: N805
        if value not in (None, "yes", "no"):
            raise ValueError(f'is "{value}"; write yes, no or null')
        return value


class FamilyEntry(Cited):
    """products/families.yml"""

    name: str
    on_premises: str
    cloud: str
    offers: List[str] = []
    aliases: List[str]
    weak_aliases: List[str] = []


class PortalEntry(Cited):
    """portals.yml"""

    name: str
    url: Optional[str]
    short_url: Optional[str]
    labels: Dict[str, str]
    aliases: List[str]

    @validator("url", "short_url")
    def _https(cls, value):  # noqa: N805
        if value is not None and not value.startswith("https://"):
            raise ValueError(f'"{value}" is not an https address; write it in full')
        return value


class OfferEntry(Cited):
    """entitlements.yml"""

    name: str
    aliases: List[str]
    microsoft_product_support: int
    signature_cloud_support: Optional[Dict[str, Union[int, str]]]
    advisory_hours: int
    presales: str


class CompetencyEntry(Cited):
    """competencies.yml"""

    name: str
    kind: str
    aliases: List[str]

    @validator("kind")
    def _known_kind(cls, value):  # noqa: N805
        if value not in ("cloud", "other"):
            raise ValueError(f'"{value}" is not a kind; write cloud or other')
        return value


class RoleEntry(Cited):
    """roles.yml"""

    name: str
    aliases: List[str]
    proves: Dict[str, str]
    may: List[str]


class ErrorEntry(Cited):
    """errors.yml"""

    message: str
    aliases: List[str]


class StepEntry(Cited):
    """A step of a procedure."""

    id: str
    portal: str
    problems: List[str] = []


class ProcedureEntry(Cited):
    """procedures.yml"""

    steps: List[StepEntry] = Field(..., min_items=1)


class ChangeEntry(Entry):
    """changes.yml"""

    names: Dict[str, str]
    dates: Dict[str, date]
    confirmed: bool


class PlanEntry(Cited):
    """plans.yml"""

    name: str
    short: str
    url: Optional[str]
    scope: str


class PresalesEntry(Cited):
    """presales.yml: products it refuses, or a number of hours"""

    products: List[str] = []
    hours: Optional[int]


class RouteEntry(Entry):
    """routes.yml"""

    portal: Optional[str]
    procedure: Optional[str]


class SeverityEntry(Cited):
    """severities.yml"""

    hours: int
    business_hours: bool


class IntentEntry(Entry):
    """intents.yml"""

    goal: Optional[str]
    implies: Dict[str, str] = {}
    topic: Optional[str]
    response: Optional[str]


class GoalEntry(Entry):
    """goals.yml"""

    response: Optional[str]
    by: Optional[str]
    procedure: Optional[str]


class RuleEntry(Cited):
    """A rule of a decision table."""

    id: str
    when: Dict[str, Union[str, List[str], Dict[str, str]]] = {}
    then: Dict[str, str]


class TableEntry(Entry):
    """decisions/*.yml"""

    table: str
    hit_policy: str
    rules: List[RuleEntry] = Field(..., min_items=1)

    @validator("hit_policy")
    def _known_policy(cls, value):  # noqa: N805
        if value not in (FIRST, COLLECT):
            raise ValueError(f'"{value}" is not a hit policy; write first or collect')
        return value


class WordsEntry(Entry):
    """words.yml, one value of a fact"""

    aliases: List[str]
    weak_aliases: List[str] = []
    whole_message: List[str] = []


class NameEntry(Entry):
    """names.yml"""

    aliases: List[str]
    other_vendor: bool = False


class SteeringFile(Entry):
    """steering.yml"""

    yes_words: List[str]
    no_words: List[str]
    questions: List[str]
    unsure: List[str]
    fillers: List[str]
    joins: List[str]
    pointing: List[str]
    hedges: List[str]
    subjects: Dict[str, List[str]]
    places: List[List[str]]
    all_of_them: List[str]
    second_thoughts: List[str]
    thanks: List[str]
    alternatives: List[str]
    not_understood: List[str]


class DocumentEntry(Entry):
    """A document that facts come from."""

    title: str
    title_nl: Optional[str] = None  # a title of our own; Microsoft's pages are named as they are
    url: Optional[str]
    date: Optional[str]


class SourceEntry(Entry):
    """One numbered fact: what it says, in each language."""

    document: str
    says: str
    says_nl: str


class SourcesFile(Entry):
    """sources.yml"""

    documents: Dict[str, DocumentEntry]
    facts: Dict[str, SourceEntry]

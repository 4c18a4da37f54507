"""The product catalogue: on-premises lines with versions, cloud workloads, ambiguous families."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Dict, Iterator, Optional, Tuple, Union

FIXED = "fixed"
FIXED_MAINSTREAM_ONLY = "fixed_mainstream_only"
MODERN = "modern"

ON_PREMISES = "on_premises"
CLOUD = "cloud"


def slug(text: str) -> str:
    """Return `text` as an id: lower case, spaces and punctuation as one underscore ("2012 R2" -> "2012_r2")."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def version_key(text: str) -> str:
    """Return `text` reduced to letters and digits, for comparing how versions are written ("2012 R2", "2012r2")."""
    return re.sub(r"[^a-z0-9]+", "", text.lower())


@dataclass(frozen=True)
class Version:
    """A marketed release of an on-premises line.

    Dates are calendar days; None means not confirmed, or absent under the modern policy (`policy`).
    `counts_as` is the id of the release it belongs to in the N sequence (R4), its own id otherwise.
    """

    id: str
    label: str
    policy: Optional[str]
    release: Optional[date]
    counts_as: str
    mainstream_end: Optional[date] = None
    extended_end: Optional[date] = None
    support_end: Optional[date] = None
    in_sequence: bool = True
    aliases: Tuple[str, ...] = ()

    def names(self) -> Iterator[str]:
        """Yield how the version is written: id, label, the parts of the label, aliases."""
        yield self.id
        yield self.label
        plain = re.sub(r"\(.*?\)", "", self.label)
        yield from (part for part in re.split(r"[/()]", self.label) if re.search(r"\d", part))
        yield plain.replace(".x", "")
        yield plain.replace(" and later", "")
        yield from self.aliases


@dataclass(frozen=True)
class Line:
    """An on-premises product line, its versions newest first."""

    id: str
    name: str
    versions: Dict[str, Version]
    aliases: Tuple[str, ...] = ()
    weak_aliases: Tuple[str, ...] = ()
    parts: Tuple[str, ...] = ()
    later_versions_unconfirmed: bool = False
    cites: Tuple[str, ...] = ()
    _named: Dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    hosting = ON_PREMISES

    def __post_init__(self) -> None:
        # The newest version wins a name that two share, as it stands first.
        for version in self.versions.values():
            for name in version.names():
                self._named.setdefault(version_key(name), version.id)
        for version in self.versions.values():
            year = re.fullmatch(r"(?:.*\D)?20(\d\d)(?:\D.*)?", version.id)
            if year and not version.id.endswith(("_r2", "_r3")):
                for short in (year.group(1), f"2k{year.group(1)}", f"20{year.group(1)}"):
                    self._named.setdefault(short, version.id)

    def version_named(self, text: str) -> Optional[str]:
        """Return the id of the version that `text` names ("2012r2", "16", "Subscription Edition"), else None."""
        return self._named.get(version_key(text))


@dataclass(frozen=True)
class Workload:
    """A cloud workload: the portal (an id) that takes its requests.

    `ids_needed` says whether Access ID and Contract ID are asked the first time; None means no source says.
    `inferred` marks a portal that is our reading.
    """

    id: str
    name: str
    portal: str
    ids_needed: Optional[bool]
    inferred: bool = False
    aliases: Tuple[str, ...] = ()
    weak_aliases: Tuple[str, ...] = ()
    cites: Tuple[str, ...] = ()

    hosting = CLOUD


@dataclass(frozen=True)
class Family:
    """A name that may mean an on-premises line or a cloud workload (both are ids).

    `offers` lists the products that the question about it shows.
    """

    id: str
    name: str
    on_premises: str
    cloud: str
    offers: Tuple[str, ...] = ()
    aliases: Tuple[str, ...] = ()
    weak_aliases: Tuple[str, ...] = ()
    cites: Tuple[str, ...] = ()

    def members(self) -> Tuple[str, ...]:
        """Return the product ids a person chooses from."""
        return self.offers or (self.on_premises, self.cloud)


@dataclass(frozen=True)
class Catalogue:
    """Everything a product can be.

    A family may bear the id of its own on-premises line ("office"): the bare id is then the family, until
    `deployment` or a version settles it. A line that is also a workload ("azure_stack") is cloud.
    """

    lines: Dict[str, Line]
    workloads: Dict[str, Workload]
    families: Dict[str, Family]
    _ids: Tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        ids = list(dict.fromkeys([*self.lines, *self.workloads, *self.families]))
        object.__setattr__(self, "_ids", tuple(ids))

    @property
    def product_ids(self) -> Tuple[str, ...]:
        """All ids that the fact `product` may take."""
        return self._ids

    def resolve(
        self, product: str, deployment: Optional[str] = None, version: Optional[str] = None
    ) -> Union[Line, Workload, Family]:
        """Return what `product` means, given where it runs and which version it is, as far as those are known."""
        family = self.families.get(product)
        if family is not None:
            if deployment == CLOUD:
                return self.workloads[family.cloud]
            line = self.lines[family.on_premises]
            if deployment == ON_PREMISES or version in line.versions:
                return line
            return family
        if product in self.workloads:
            return self.workloads[product]
        return self.lines[product]

    def name(self, product: str) -> str:
        """Return the display name of a product id."""
        for kind in (self.families, self.workloads, self.lines):
            if product in kind:
                return kind[product].name
        raise KeyError(product)

"""What decisions rest on: facts, catalogue, tables and numbers in one object."""

from dataclasses import dataclass
from typing import Any, Dict, FrozenSet, Mapping, Optional, Tuple

from bot.engine.catalogue import Catalogue, Family, Line, slug
from bot.engine.errors import UnusableFacts, did_you_mean
from bot.engine.predicates import UNSURE
from bot.engine.table import Table


@dataclass(frozen=True)
class FactSpec:
    """What a fact may be.

    `values` are its fixed values; `source` ("product", "version" or "competency") names where the others
    come from. `default` stands in when nothing is known, so the fact is never asked. `company` marks what
    stays true when the same person brings another problem. `buttons` are the values a question offers, all
    of them by default.
    """

    id: str
    values: Tuple[str, ...] = ()
    source: Optional[str] = None
    default: Optional[str] = None
    company: bool = False
    buttons: Tuple[str, ...] = ()
    cites: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Programme:
    """All knowledge that decisions rest on.

    `entitlements` maps an offer to its numbers, `competencies` an id to "cloud" or "other",
    `refused_by_presales` names products, `route_portals` maps a route to the portal where it happens.
    """

    facts: Dict[str, FactSpec]
    catalogue: Catalogue
    tables: Dict[str, Table]
    entitlements: Dict[str, Dict[str, Any]]
    competencies: Dict[str, str]
    refused_by_presales: FrozenSet[str]
    route_portals: Dict[str, Optional[str]]

    def values(self, fact: str, known: Mapping[str, str]) -> Tuple[str, ...]:
        """Return every answer to `fact`, given what is known (the versions are those of the product)."""
        spec = self.facts[fact]
        if spec.source == "product":
            return self.catalogue.product_ids
        if spec.source == "competency":
            return (*self.competencies, UNSURE)
        if spec.source == "version":
            return (*self._versions(known), UNSURE)
        return spec.values

    def _versions(self, known: Mapping[str, str]) -> Tuple[str, ...]:
        if "product" not in known:
            return tuple(dict.fromkeys(v for line in self.catalogue.lines.values() for v in line.versions))
        kind = self.catalogue.resolve(known["product"], known.get("deployment"))
        if isinstance(kind, Family):
            kind = self.catalogue.lines[kind.on_premises]
        return tuple(kind.versions) if isinstance(kind, Line) else ()

    def check(self, facts: Mapping[str, Any]) -> None:
        """Raise UnusableFacts, naming the fact, the value and the remedy, when `facts` cannot be used.

        A version of a cloud product is ignored, as a person may give one; a version that its line does not
        have is refused.
        """
        for name, value in facts.items():
            if name not in self.facts:
                raise UnusableFacts(f'unknown fact "{name}"; {did_you_mean(name, self.facts)}')
            if not isinstance(value, str):
                raise UnusableFacts(f'fact "{name}" must be a string, not {type(value).__name__}')
            if name != "version":
                self._check_value(name, value, self.values(name, facts))
        if "version" in facts:
            allowed = self.values("version", facts)
            if allowed != (UNSURE,):
                self._check_value("version", facts["version"], allowed)
        self._check_deployment(facts)

    @staticmethod
    def _check_value(name: str, value: str, allowed: Tuple[str, ...]) -> None:
        if value not in allowed:
            close = slug(value) if slug(value) in allowed else value
            raise UnusableFacts(f'fact "{name}" cannot be "{value}"; {did_you_mean(close, allowed)}')

    def _check_deployment(self, facts: Mapping[str, str]) -> None:
        product, deployment = facts.get("product"), facts.get("deployment")
        if not product or not deployment:
            return
        hosting = self.catalogue.resolve(product, deployment).hosting
        if hosting != deployment:
            raise UnusableFacts(
                f'fact "deployment" cannot be "{deployment}": product "{product}" is {hosting}; leave "deployment" out'
            )

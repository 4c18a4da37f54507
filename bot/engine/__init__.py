"""The decision engine: pure functions over knowledge and facts. No Rasa, no clock, no files."""

from bot.engine.catalogue import Catalogue, Family, Line, Version, Workload
from bot.engine.errors import UnusableFacts
from bot.engine.lifecycle import Eligibility, eligibility
from bot.engine.programme import FactSpec, Programme
from bot.engine.table import Condition, Rule, Table
from bot.engine.triage import Decision, decide

__all__ = [
    "Catalogue",
    "Condition",
    "Decision",
    "Eligibility",
    "FactSpec",
    "Family",
    "Line",
    "Programme",
    "Rule",
    "Table",
    "UnusableFacts",
    "Version",
    "Workload",
    "decide",
    "eligibility",
]

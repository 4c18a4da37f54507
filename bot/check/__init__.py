"""Everything that `triage check` reports: knowledge, responses, domain and training data, each held against the others."""

from pathlib import Path
from typing import List

from bot.check.dialogue import wrong_facts, wrong_goals, wrong_intents
from bot.check.entries import unusable_entries
from bot.check.project import DOMAIN, EXAMPLES, RESPONSES, RULES, STORIES, Project, document
from bot.check.responses import passed, response_shapes, spelled_addresses, unknown_cites, wrong_placeholders
from bot.check.said import missing_or_never_said
from bot.check.training import examples_by_intent, wrong_training
from bot.knowledge import BrokenKnowledge, load
from bot.knowledge.loader import BrokenKnowledgeBase
from bot.wording import Wording

__all__ = ["ROOT", "passed", "problems"]

ROOT = Path(__file__).resolve().parent.parent.parent
# In the order in which they report.
CHECKS = (
    wrong_placeholders,
    unknown_cites,
    spelled_addresses,
    missing_or_never_said,
    wrong_goals,
    wrong_intents,
    wrong_facts,
    wrong_training,
)


def problems(project: Path = ROOT) -> List[str]:
    """Return everything that is wrong with a project, each "file: entry: what, and the remedy".

    Broken knowledge is all that is reported until it is mended, as everything else is held against it.
    """
    try:
        knowledge = load(project / "bot" / "knowledge")
    except BrokenKnowledgeBase as error:
        return [f"bot/knowledge/{problem}" for problem in error.problems]
    found: List[BrokenKnowledge] = []
    documents = {name: document(project, name, found) for name in (DOMAIN, RULES, STORIES, *EXAMPLES)}
    examples = {name: dict(examples_by_intent(documents[name], name, found)) for name in EXAMPLES}
    # The words cannot be put together while one of these is wrong.
    unusable = [*unusable_entries(knowledge), *response_shapes(project)]
    if unusable:
        return [str(problem) for problem in (*found, *unusable)]
    everything = Project(
        project,
        knowledge,
        Wording(knowledge, project / RESPONSES),
        documents[DOMAIN],
        documents[RULES],
        documents[STORIES],
        examples,
    )
    found += everything.wording.problems
    for check in CHECKS:
        found += check(everything)
    return [str(problem) for problem in found]

"""Knowledge that loads and that code cannot use."""

from datetime import date

from bot.check.project import Found, closest
from bot.engine.errors import did_you_mean
from bot.knowledge import BrokenKnowledge, Knowledge

# What bot/wording.py takes from the knowledge by name.
LONGEST_ENGAGEMENT = "longest_engagement_hours"
ARTICLE = "article"
SOURCES_OF_VALUES = ("product", "version", "competency")


def unusable_entries(knowledge: Knowledge) -> Found:
    """Yield the entries without which the words cannot be put together."""
    programme = knowledge.programme
    where = "bot/knowledge/facts.yml"
    for fact, spec in programme.facts.items():
        if spec.source not in (None, *SOURCES_OF_VALUES):
            remedy = did_you_mean(str(spec.source), SOURCES_OF_VALUES)
            yield BrokenKnowledge(where, fact, f'from_catalogue "{spec.source}" does not exist; {remedy}')
            continue
        values = programme.values(fact, {})
        if not values:
            yield BrokenKnowledge(where, fact, "has no values; add them, or from_catalogue")
        for kind, named in (("button", spec.buttons), ("default", (spec.default,) if spec.default else ())):
            for value in named:
                if value not in values:
                    remedy = closest(value, values, "correct it")
                    yield BrokenKnowledge(where, fact, f'{kind} "{value}" is no value of it; {remedy}')
    for key, procedure in knowledge.procedures.items():
        steps = [step.id for step in procedure.steps]
        for step in sorted({step for step in steps if steps.count(step) > 1}):
            yield BrokenKnowledge("bot/knowledge/procedures.yml", f"{key}.{step}", "stands twice; rename one")
    for key, offer in knowledge.offers.items():
        for kind in ("cloud_competency", "other_competency"):
            if offer.signature_cloud_support is not None and kind not in offer.signature_cloud_support:
                problem = f'"signature_cloud_support.{kind}" is missing; add it'
                yield BrokenKnowledge("bot/knowledge/entitlements.yml", key, problem)
    for key, plan in knowledge.plans.items():
        if plan.url is not None and not plan.url.startswith("https://"):
            problem = f'url: "{plan.url}" is not an https address; write it in full'
            yield BrokenKnowledge("bot/knowledge/plans.yml", key, problem)
    if getattr(knowledge.presales.get(LONGEST_ENGAGEMENT), "hours", None) is None:
        yield BrokenKnowledge("bot/knowledge/presales.yml", LONGEST_ENGAGEMENT, "is missing, or its hours are; add them")
    article = knowledge.sources.documents.get(ARTICLE)
    try:
        date.fromisoformat((article and article.date) or "")
    except ValueError:
        problem = "is missing from documents, or its date is no date; write it as YYYY-MM-DD"
        yield BrokenKnowledge("bot/knowledge/sources.yml", ARTICLE, problem)

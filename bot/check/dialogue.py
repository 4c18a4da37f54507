"""Whether goals, intents and facts stand everywhere they are needed: knowledge, domain, rules and stories."""

from typing import Dict, Set

from bot.check.project import ANSWER, DOMAIN, NEVER_ASKED, RULES, STORIES, Found, Project, add_or, names_in, steps_of
from bot.engine.errors import did_you_mean
from bot.engine.message import UNCLEAR  # needs no examples
from bot.knowledge import BrokenKnowledge

TRIAGE_FORM = "triage_form"
# Slots the form waits for besides the facts.
HEARD = "heard"


def wrong_goals(project: Project) -> Found:
    """Yield the goals that nothing answers, and the errors that no intent reports."""
    where = "bot/knowledge/goals.yml"
    knowledge = project.knowledge
    goals = knowledge.programme.facts["goal"].values
    for key, entry in knowledge.goals.items():
        if key not in goals:
            yield BrokenKnowledge(where, key, f"is no goal; {did_you_mean(key, goals)}")
        if entry.by is not None and entry.by not in ("error", "eligibility"):
            remedy = did_you_mean(entry.by, ("error", "eligibility"))
            yield BrokenKnowledge(where, key, f'by "{entry.by}" does not exist; {remedy}')
        if not entry.response and not entry.by:
            yield BrokenKnowledge(where, key, "names no response; add `response` or `by`")
        if entry.procedure is not None and entry.procedure not in knowledge.procedures:
            remedy = did_you_mean(entry.procedure, knowledge.procedures)
            yield BrokenKnowledge(where, key, f'procedure "{entry.procedure}" does not exist; {remedy}')
    elsewhere: Set[str] = set()
    answered: Set[str] = set()
    for rule in knowledge.programme.tables["route"].rules:
        named = [goal for condition in rule.when if condition.name == "goal" for goal in condition.operand]
        (answered if rule.then["route"] == ANSWER else elsewhere).update(named)
    for goal in goals:
        if goal not in knowledge.goals and (goal in answered or goal not in elsewhere):
            yield BrokenKnowledge(where, goal, 'is missing; a decision can end in "answer", so name the response')
    reported = {entry.implies.get("error") for entry in knowledge.intents.values()}
    for error in knowledge.errors:
        if error not in reported:
            problem = f'no intent implies the error "{error}", so its button leads nowhere; add one that does'
            yield BrokenKnowledge("bot/knowledge/intents.yml", error, problem)


def wrong_intents(project: Project) -> Found:
    """Yield the intents that the knowledge, the domain, the rules and the stories do not share."""
    if not project.domain or not project.rules:
        return  # what cannot be read is reported already
    known, domain = project.knowledge.intents, project.intents()
    for intent in known:
        if intent not in domain:
            problem = f"is missing from intents, and bot/knowledge/intents.yml has it; {add_or(intent, domain)}"
            yield BrokenKnowledge(DOMAIN, intent, problem)
    actions: Dict[str, Set[str]] = {}
    for rule in project.rules.get("rules") or []:
        for intent in steps_of(rule, "intent"):
            actions.setdefault(intent, set()).update(steps_of(rule, "action"))
    for intent in domain:
        if intent not in actions:
            yield BrokenKnowledge(RULES, intent, "is in no rule, so nothing answers it; add it to one")
        elif intent not in known and "action_answer" in actions[intent]:
            problem = "is missing, and a rule lets action_answer answer it; say with what (topic or response)"
            yield BrokenKnowledge("bot/knowledge/intents.yml", intent, problem)
    for name, document in ((RULES, project.rules), (STORIES, project.stories)):
        for intent in dict.fromkeys(steps_of(document, "intent")):
            if intent not in (*domain, UNCLEAR):
                yield BrokenKnowledge(name, intent, f"is no intent of {DOMAIN}; {add_or(intent, domain)}")


def wrong_facts(project: Project) -> Found:
    """Yield the facts that lack a slot, an entity, an action or a place in the form."""
    domain = project.domain
    if not domain:
        return
    slots, entities, actions = (names_in(domain.get(part)) for part in ("slots", "entities", "actions"))
    forms = domain.get("forms")
    form = forms.get(TRIAGE_FORM) if isinstance(forms, dict) else None
    if not isinstance(form, dict):
        yield BrokenKnowledge(DOMAIN, TRIAGE_FORM, "is missing from forms; add it with the facts as required_slots")
    required = names_in(form.get("required_slots")) if isinstance(form, dict) else None
    facts = project.knowledge.programme.facts
    for fact in facts:
        if fact not in slots:
            yield BrokenKnowledge(DOMAIN, fact, "is a fact without a slot; add it to slots")
        if required is not None and fact not in required:
            yield BrokenKnowledge(DOMAIN, fact, f"is a fact {TRIAGE_FORM} does not require; add it to its required_slots")
        if fact in NEVER_ASKED:
            continue
        if fact not in entities:
            yield BrokenKnowledge(DOMAIN, fact, "is a fact that buttons give and no entity; add it to entities")
        action = f"action_ask_{TRIAGE_FORM}_{fact}"
        if action not in actions:
            yield BrokenKnowledge(DOMAIN, fact, f"is asked, but {action} is missing; add it to actions")
    for slot in required or []:
        if slot not in facts and slot != HEARD:
            yield BrokenKnowledge(DOMAIN, slot, f"is required by {TRIAGE_FORM} and is no fact; {did_you_mean(slot, facts)}")

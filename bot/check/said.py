"""Whether every response that is said exists, and every response that exists is said."""

import ast
import re
from datetime import date
from typing import Dict, Iterator, Set, Tuple

from bot.check.project import ANSWER, NEVER_ASKED, RESPONSES, RULES, STORIES, Found, Project, closest, steps_of
from bot.engine import decide
from bot.engine.outcomes import BENEFITS, PREPARATIONS, REASONS, ROUTES
from bot.engine.predicates import UNSURE
from bot.knowledge import BrokenKnowledge, Knowledge
from bot.wording import LANGUAGES

# The modules here name responses and say none.
THIS_PACKAGE = "bot/check/"
WIDGET = "widget/src"
WIDGET_RESPONSES = "utter_widget_"
WIDGET_NAME = re.compile(r"'([a-z][a-z_]*[a-z])'")
RESPONSE_NAME = re.compile(r"utter_\w*[a-z0-9]")


def missing_or_never_said(project: Project) -> Found:
    """Yield the responses that are said and do not exist, and those that exist and are never said."""
    wording = project.wording
    needed = dict(_needed(project))
    for key, why in needed.items():
        if key not in wording:
            yield BrokenKnowledge(RESPONSES, key, f"is missing: {why}; add it in {' and '.join(LANGUAGES)}")
    literal: Set[str] = set()
    for name, key in _literals(project):
        literal.add(key)
        if key not in wording:
            unsaid = [known for known in wording.responses if known not in needed]
            remedy = closest(key, unsaid, f"add it in {' and '.join(LANGUAGES)}")
            yield BrokenKnowledge(name, key, f"is said here and stands in no file of {RESPONSES}; {remedy}")
    for where, entry, key in _named_by_entries(project):
        literal.add(key)
        if key not in wording:
            remedy = closest(key, wording.responses, "add it")
            yield BrokenKnowledge(where, entry, f'response "{key}" does not exist; {remedy}')
    shown = set(_shown_by_the_widget(project))
    sayable = {*needed, *literal, *shown, *_optional(project)}
    for key, response in wording.responses.items():
        if key not in sayable:
            yield BrokenKnowledge(response.file, key, "is never said; remove it, or say it from bot/answer.py, actions/ or widget/")


def _needed(project: Project) -> Iterator[Tuple[str, str]]:
    """Yield (response, why) for everything that is composed from knowledge (see bot/answer.py)."""
    knowledge = project.knowledge
    programme = knowledge.programme
    for fact, spec in programme.facts.items():
        yield f"utter_fact_{fact}", f'the summary names the fact "{fact}"'
        if fact not in NEVER_ASKED:
            for part in ("ask", "why", "help"):
                yield f"utter_{part}_{fact}", f'the fact "{fact}" is asked'
        values = spec.values
        if spec.source and fact not in NEVER_ASKED and UNSURE in programme.values(fact, {}):
            values = (UNSURE,)
        for value in values:
            yield f"utter_value_{fact}_{value}", f'"{value}" is a value of the fact "{fact}"'
    for benefit in BENEFITS:
        yield f"utter_covered_{benefit}", f'"{benefit}" is a benefit'
    for reason in REASONS:
        yield f"utter_not_covered_{reason}", f'"{reason}" is a reason'
    for preparation in PREPARATIONS:
        yield f"utter_first_{preparation}", f'"{preparation}" is a preparation'
    for route in ROUTES:
        yield f"utter_route_name_{route}", f'"{route}" is a route'
    for route in dict.fromkeys(rule.then["route"] for rule in programme.tables["route"].rules):
        if route != ANSWER:
            yield f"utter_lead_{route}", f'"{route}" is a route'
    for rule in programme.tables["caveat"].rules:
        yield f"utter_caveat_{rule.then['caveat']}", f'rule "{rule.id}" of decisions/caveat.yml gives it'
    for key, procedure in knowledge.procedures.items():
        yield f"utter_procedure_{key}", f'"{key}" is a procedure'
        for step in procedure.steps:
            yield f"utter_step_{key}_{step.id}", f'"{step.id}" is a step of "{key}"'
    for error in knowledge.errors:
        yield f"utter_problem_{error}", f'"{error}" is an error'
        if ANSWER in _routes_of_error(knowledge, error):
            yield f"utter_answer_error_{error}", f'"{error}" is an error that an answer settles'
    for intent, entry in knowledge.intents.items():
        if entry.topic:
            yield f"utter_topic_{entry.topic}", f'"{entry.topic}" is the topic of intent "{intent}"'
        if entry.topic or entry.goal:
            yield f"utter_reading_{intent}", f'"{intent}" is offered when a message is not understood'


def _routes_of_error(knowledge: Knowledge, error: str) -> Set[str]:
    facts = {"goal": "fix_error", "error": error}
    return _routes(knowledge, facts) | _routes(knowledge, {**facts, "activation_role": "yes"})


def _routes(knowledge: Knowledge, facts: Dict[str, str]) -> Set[str]:
    """Return every route that `facts` can lead to. For goals where no day counts."""
    decision = decide(knowledge.programme, facts, date.min)
    if decision.route is not None:
        return {decision.route}
    asked = decision.next_question
    answers = knowledge.programme.values(asked, facts)
    return {route for answer in answers for route in _routes(knowledge, {**facts, asked: answer})}


def _optional(project: Project) -> Iterator[str]:
    """Yield the responses that are said when they exist."""
    yield from (f"utter_covered_elsewhere_{portal}" for portal in project.knowledge.portals)
    yield from (f"utter_reading_{intent}" for intent in project.intents())
    for fact, spec in project.knowledge.programme.facts.items():
        yield from (f"utter_noted_{fact}_{value}" for value in spec.values)
    cases = (*BENEFITS, *project.knowledge.catalogue.product_ids)
    for procedure, entry in project.knowledge.procedures.items():
        yield from (f"utter_step_{procedure}_{step.id}_{case}" for step in entry.steps for case in cases)
    for error in project.knowledge.errors:
        yield from (f"utter_because_{error}_{route}" for route in _routes_of_error(project.knowledge, error))


def _literals(project: Project) -> Iterator[Tuple[str, str]]:
    """Yield (file, response) for every response that code or a rule names outright."""
    for folder in ("bot", "actions"):
        for path in sorted((project.root / folder).rglob("*.py")):
            name = path.relative_to(project.root).as_posix()
            source = path.read_text(encoding="utf-8")
            if "utter_" in source and not name.startswith(THIS_PACKAGE):
                yield from ((name, key) for key in _named_in(ast.parse(source)))
    for name, document in ((RULES, project.rules), (STORIES, project.stories)):
        for action in steps_of(document, "action"):
            if action.startswith("utter_"):
                yield name, action


def _shown_by_the_widget(project: Project) -> Iterator[str]:
    """Yield the responses that the widget's code names: it leaves the beginning of a name away."""
    for path in sorted((project.root / WIDGET).rglob("*.ts*")):
        start = WIDGET_RESPONSES + ("launcher_" if path.parent.name == "launcher" else "")
        yield from (f"{start}{name}" for name in WIDGET_NAME.findall(path.read_text(encoding="utf-8")))


def _named_in(tree: ast.AST) -> Iterator[str]:
    """Yield the string constants of Python code that name a response whole; a part of an f-string does not."""
    parts: Set[int] = set()
    for node in ast.walk(tree):  # which comes to an f-string before its parts
        if isinstance(node, ast.JoinedStr):
            parts.update(id(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            if RESPONSE_NAME.fullmatch(node.value):
                yield node.value


def _named_by_entries(project: Project) -> Iterator[Tuple[str, str, str]]:
    """Yield (file, entry, response) for the responses that knowledge names."""
    for file, entries in (("goals", project.knowledge.goals), ("intents", project.knowledge.intents)):
        for key, entry in entries.items():
            if entry.response:
                yield f"bot/knowledge/{file}.yml", key, entry.response

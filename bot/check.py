"""Everything that `triage check` reports: knowledge, responses, domain and training data, each held against the others."""

import ast
import re
import string
from datetime import date
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Dict, Iterable, Iterator, List, NamedTuple, Set, Tuple

from bot.engine import decide
from bot.engine.errors import did_you_mean
from bot.engine.outcomes import BENEFITS, PREPARATIONS, REASONS, ROUTES
from bot.engine.predicates import UNSURE
from bot.knowledge import BrokenKnowledge, Knowledge, load
from bot.knowledge.check import known_cites
from bot.knowledge.loader import BrokenKnowledgeBase
from bot.knowledge.strict_yaml import read
from bot.nlu.text import words
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES, Wording

ROOT = Path(__file__).resolve().parent.parent
DOMAIN = "domain/domain.yml"
RESPONSES = "domain/responses"
RULES = "data/rules.yml"
STORIES = "data/stories.yml"
EXAMPLES = ("data/nlu.yml", "data/nlu.nl.yml")

TRIAGE_FORM = "triage_form"
ANSWER = "answer"
# Facts that a message may give but no question asks for.
NEVER_ASKED = ("goal", "request_kind", "association", "competency")
# Slots the form waits for besides the facts.
HEARD = "heard"
# Rasa gives this intent to a message it does not understand; it needs no examples.
FALLBACK = "nlu_fallback"
# The patterns below name responses and say none.
THIS_FILE = "bot/check.py"
RESPONSE_NAME = re.compile(r"utter_\w*[a-z0-9]")
# What bot/wording.py takes from the knowledge by name.
LONGEST_ENGAGEMENT = "longest_engagement_hours"
ARTICLE = "article"
SOURCES_OF_VALUES = ("product", "version", "competency")
LEAST_TASK_EXAMPLES = 40
LEAST_CONVERSATION_EXAMPLES = 15

# What code fills in, by response; the first pattern that matches counts, and no match means nothing.
DECIDED = ("product", "version", "offer", "position", "n", "n_minus_1", "qualifying", "end", "portal_name", "portal_link")
PASSED: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("utter_ask_first", ()),
    ("utter_ask_correction", ()),
    ("utter_ask_product_which", ("options",)),
    ("utter_why_n", DECIDED),
    ("utter_why_n_minus_1", DECIDED),
    ("utter_why_modern", DECIDED),
    ("utter_why_cloud", DECIDED),
    ("utter_ask_*", ("product",)),
    ("utter_why_*", ("product",)),
    ("utter_help_*", ("product",)),
    ("utter_first_heading", ()),
    ("utter_caveat_if_not_done", ()),
    ("utter_covered_*", DECIDED),
    ("utter_not_covered_*", DECIDED),
    ("utter_lead_*", DECIDED),
    ("utter_eligibility_*", DECIDED),
    ("utter_answer_error_*", DECIDED),
    ("utter_because_*", DECIDED),
    ("utter_caveat_*", DECIDED),
    ("utter_first_*", DECIDED),
    ("utter_step_*", DECIDED),
    ("utter_incidents_on_premises", (*DECIDED, "count")),
    ("utter_incidents_cloud_unlimited", DECIDED),
    ("utter_incidents_cloud_*", (*DECIDED, "other_count")),
    ("utter_walk_start", ("title", "total")),
    ("utter_walk_step", ("number", "total", "text")),
    ("utter_list_and", ("first", "last")),
    ("utter_source", ("links",)),
    ("utter_noted", ("changes",)),
    ("utter_version_unknown", ("product", "versions")),
    ("utter_two_products", ("product", "other")),
    ("utter_summary_problem", ("problem",)),
    ("utter_summary_outcome", ("outcome",)),
    ("utter_text_too_long", ("limit",)),
)

Found = Iterator[BrokenKnowledge]


class Project(NamedTuple):
    """The parts that are held against each other. A file that cannot be read stands as an empty mapping."""

    root: Path
    knowledge: Knowledge
    wording: Wording
    domain: Dict[str, Any]
    rules: Dict[str, Any]
    stories: Dict[str, Any]
    examples: Dict[str, Dict[str, List[str]]]

    def intents(self) -> List[str]:
        """Return the intents of the domain."""
        return _names(self.domain.get("intents"))


def problems(project: Path = ROOT) -> List[str]:
    """Return everything that is wrong with a project, each "file: entry: what, and the remedy".

    Broken knowledge is all that is reported until it is mended, as everything else is held against it.
    """
    try:
        knowledge = load(project / "bot" / "knowledge")
    except BrokenKnowledgeBase as error:
        return [f"bot/knowledge/{problem}" for problem in error.problems]
    found: List[BrokenKnowledge] = []
    documents = {name: _document(project, name, found) for name in (DOMAIN, RULES, STORIES, *EXAMPLES)}
    examples = {name: dict(_examples(documents[name], name, found)) for name in EXAMPLES}
    # The words cannot be put together while one of these is wrong.
    unusable = [*_entries(knowledge), *_response_shapes(project)]
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
    for check in (_placeholders, _cites, _addresses, _said, _goals, _intents, _facts, _training):
        found += check(everything)
    return [str(problem) for problem in found]


# Reading


def _document(project: Path, name: str, found: List[BrokenKnowledge]) -> Dict[str, Any]:
    try:
        return read(project / name, name)
    except BrokenKnowledge as problem:
        found.append(problem)
        return {}


def _names(entries: Any) -> List[str]:
    """Return the names in one of the domain's lists or mappings; an entry is a name, or a mapping under its name."""
    if not isinstance(entries, (list, dict)):
        return []
    return [name for entry in entries for name in ([entry] if isinstance(entry, str) else entry)]


def _examples(document: Dict[str, Any], name: str, found: List[BrokenKnowledge]) -> Iterator[Tuple[str, List[str]]]:
    entries = document.get("nlu")
    if document and not isinstance(entries, list):
        found.append(BrokenKnowledge(name, "nlu", "must be a list of intents with examples; see the other language's file"))
        return
    seen: Set[str] = set()
    for entry in entries or []:
        if not isinstance(entry, dict) or "intent" not in entry:
            continue
        intent, text = entry["intent"], entry.get("examples")
        lines = text.splitlines() if isinstance(text, str) else []
        if intent in seen:
            found.append(BrokenKnowledge(name, intent, "stands twice; put its examples together"))
            continue
        seen.add(intent)
        for line in lines:
            if line.strip() and not line.lstrip().startswith("- "):
                found.append(BrokenKnowledge(name, intent, f'"{line.strip()}" is no example; begin the line with "- "'))
        yield intent, [line.lstrip()[2:].strip() for line in lines if line.lstrip().startswith("- ")]


def _response_shapes(project: Path) -> Found:
    """Yield what keeps a response file from being read as responses with a text by language."""
    for path in sorted((project / RESPONSES).glob("*.yml")):
        name = f"{RESPONSES}/{path.name}"
        try:
            document = read(path, name)
        except BrokenKnowledge as problem:
            yield problem
            continue
        responses = document.get("responses")
        if not isinstance(responses, dict):
            yield BrokenKnowledge(name, "responses", "must hold responses by name; see the other files")
            continue
        for key, variations in responses.items():
            for problem in _variation_problems(variations):
                yield BrokenKnowledge(name, key, problem)


def _variation_problems(variations: Any) -> Iterator[str]:
    if not isinstance(variations, list) or not all(isinstance(variation, dict) for variation in variations):
        yield "must be a list of texts; see its neighbours"
        return
    seen: Set[str] = set()
    for variation in variations:
        for key in variation:
            if key not in ("text", "condition", "metadata"):
                yield f'unknown key "{key}"; {did_you_mean(key, ("text", "condition", "metadata"))}'
        conditions = variation.get("condition", [])
        if not isinstance(conditions, list) or not all(
            isinstance(condition, dict) and condition.get("name") == "language" for condition in conditions
        ):
            yield "has a condition on something other than the slot language; only languages may differ"
            continue
        language = conditions[-1].get("value") if conditions else DEFAULT_LANGUAGE
        if language not in LANGUAGES:
            yield f'has a text in "{language}"; {did_you_mean(str(language), LANGUAGES)}'
        if language in seen:
            yield f'has two texts in "{language}"; keep one'
        seen.add(language)
        text = variation.get("text")
        if text is not None and not isinstance(text, str):
            yield f'its text in "{language}" is not a text; quote it'
        elif text:
            try:
                list(string.Formatter().parse(text))
            except ValueError as error:
                yield f'its text in "{language}" cannot be filled in: {error}; write a brace that is no placeholder twice'
        metadata = variation.get("metadata", {})
        if not isinstance(metadata, dict) or not isinstance(metadata.get("cites", []), list):
            yield "its metadata must be {cites: [...]}; see its neighbours"


# Knowledge that loads and that code cannot use


def _entries(knowledge: Knowledge) -> Found:
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
                    remedy = _closest(value, values, "correct it")
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


def _closest(word: str, known: Iterable[str], otherwise: str) -> str:
    """Return the closest known word as a remedy, for lists too long to be of help in a message."""
    close = get_close_matches(word, list(known), n=1)
    return f'did you mean "{close[0]}"?' if close else otherwise


# Responses


def passed(key: str) -> Tuple[str, ...]:
    """Return the names that code fills in when it says the response `key`."""
    return next((names for pattern, names in PASSED if fnmatchcase(key, pattern)), ())


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _placeholders(project: Project) -> Found:
    for key, response in project.wording.responses.items():
        named = {language: response.placeholders(language) for language in LANGUAGES if response.texts[language]}
        everywhere = set.intersection(*named.values()) if named else set()
        for language, names in named.items():
            if names - everywhere:
                others = " and ".join(f'"{other}"' for other in named if not names <= named[other])
                missing = _braced(names - everywhere)
                problem = f'names {missing} in "{language}" but not in {others}; name it in both or in neither'
                yield BrokenKnowledge(response.file, key, problem)
        allowed = [*passed(key), *project.wording.constants]
        for name in sorted(set.union(set(), *named.values()) - set(allowed)):
            filled = f"what code fills in here: {_braced(passed(key)) or 'the names of bot/wording.py'}"
            remedy = _closest(name, allowed, filled)
            yield BrokenKnowledge(response.file, key, f"names {{{name}}}, which nothing fills in; {remedy}")


def _cites(project: Project) -> Found:
    known = known_cites(project.knowledge)
    for key, response in project.wording.responses.items():
        for cite in response.cites:
            if cite not in known:
                yield BrokenKnowledge(response.file, key, f'cites "{cite}"; {did_you_mean(str(cite), known)}')


def _addresses(project: Project) -> Found:
    for key, response in project.wording.responses.items():
        for language, text in response.texts.items():
            spelled = [word for word in text.split() if "://" in word or "www." in word or "aka.ms/" in word]
            for word in spelled:
                problem = f'spells out the address "{word}" in "{language}"; write {{url_<id>}}, with an id of portals.yml'
                yield BrokenKnowledge(response.file, key, problem)


def _said(project: Project) -> Found:
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
            remedy = _closest(key, unsaid, f"add it in {' and '.join(LANGUAGES)}")
            yield BrokenKnowledge(name, key, f"is said here and stands in no file of {RESPONSES}; {remedy}")
    for where, entry, key in _named_by_entries(project):
        literal.add(key)
        if key not in wording:
            remedy = _closest(key, wording.responses, "add it")
            yield BrokenKnowledge(where, entry, f'response "{key}" does not exist; {remedy}')
    sayable = {*needed, *literal, *_optional(project)}
    for key, response in wording.responses.items():
        if key not in sayable:
            yield BrokenKnowledge(response.file, key, "is never said; remove it, or say it from bot/answer.py or actions/")


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
    return _routes(knowledge, {"goal": "fix_error", "error": error})


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
    for error in project.knowledge.errors:
        yield from (f"utter_because_{error}_{route}" for route in _routes_of_error(project.knowledge, error))


def _literals(project: Project) -> Iterator[Tuple[str, str]]:
    """Yield (file, response) for every response that code or a rule names outright."""
    for folder in ("bot", "actions"):
        for path in sorted((project.root / folder).rglob("*.py")):
            name = path.relative_to(project.root).as_posix()
            source = path.read_text(encoding="utf-8")
            if "utter_" in source and name != THIS_FILE:
                yield from ((name, key) for key in _named_in(ast.parse(source)))
    for name, document in ((RULES, project.rules), (STORIES, project.stories)):
        for action in _steps(document, "action"):
            if action.startswith("utter_"):
                yield name, action


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


def _steps(node: Any, kind: str) -> Iterator[str]:
    """Yield every intent or action (`kind`) of the steps in a rules or stories file."""
    if isinstance(node, list):
        for item in node:
            yield from _steps(item, kind)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == kind and isinstance(value, str):
                yield value
            else:
                yield from _steps(value, kind)


# Goals, intents and facts


def _goals(project: Project) -> Found:
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


def _intents(project: Project) -> Found:
    if not project.domain or not project.rules:
        return  # what cannot be read is reported already
    known, domain = project.knowledge.intents, project.intents()
    for intent in known:
        if intent not in domain:
            problem = f"is missing from intents, and bot/knowledge/intents.yml has it; {_add_or(intent, domain)}"
            yield BrokenKnowledge(DOMAIN, intent, problem)
    actions: Dict[str, Set[str]] = {}
    for rule in project.rules.get("rules") or []:
        for intent in _steps(rule, "intent"):
            actions.setdefault(intent, set()).update(_steps(rule, "action"))
    for intent in domain:
        if intent not in actions:
            yield BrokenKnowledge(RULES, intent, "is in no rule, so nothing answers it; add it to one")
        elif intent not in known and "action_answer" in actions[intent]:
            problem = "is missing, and a rule lets action_answer answer it; say with what (topic or response)"
            yield BrokenKnowledge("bot/knowledge/intents.yml", intent, problem)
    for name, document in ((RULES, project.rules), (STORIES, project.stories)):
        for intent in dict.fromkeys(_steps(document, "intent")):
            if intent not in (*domain, FALLBACK):
                yield BrokenKnowledge(name, intent, f"is no intent of {DOMAIN}; {_add_or(intent, domain)}")


def _add_or(word: str, known: Iterable[str]) -> str:
    close = get_close_matches(word, list(known), n=1)
    return f'add it, or did you mean "{close[0]}"?' if close else "add it"


def _facts(project: Project) -> Found:
    domain = project.domain
    if not domain:
        return
    slots, entities, actions = (_names(domain.get(part)) for part in ("slots", "entities", "actions"))
    forms = domain.get("forms")
    form = forms.get(TRIAGE_FORM) if isinstance(forms, dict) else None
    if not isinstance(form, dict):
        yield BrokenKnowledge(DOMAIN, TRIAGE_FORM, "is missing from forms; add it with the facts as required_slots")
    required = _names(form.get("required_slots")) if isinstance(form, dict) else None
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


# Training data


def normalized(example: str) -> str:
    """Return an example as it counts: without case, diacritics and punctuation; signs alone stay as they are."""
    return " ".join(words(example)) or example


def _training(project: Project) -> Found:
    if not project.domain:
        return
    meant: Dict[str, Tuple[str, str]] = {}
    for name, by_intent in project.examples.items():
        if not by_intent:
            continue
        plain = {intent: [(normalized(example), example) for example in examples] for intent, examples in by_intent.items()}
        yield from _counts(project, name, {intent: len(dict(examples)) for intent, examples in plain.items()})
        for intent, examples in plain.items():
            for key, example in examples:
                other, where = meant.setdefault(key, (intent, name))
                if other != intent:
                    there = "" if where == name else f" in {where}"
                    yield BrokenKnowledge(name, intent, f'the example "{example}" stands under {other}{there} too; keep one')


def _counts(project: Project, name: str, counts: Dict[str, int]) -> Found:
    """Yield what is wrong with the number of different examples by intent in the file `name`."""
    domain = project.intents()
    for intent in counts:
        if intent not in domain:
            yield BrokenKnowledge(name, intent, f"has examples and is no intent of {DOMAIN}; {_add_or(intent, domain)}")
    for intent in domain:
        entry = project.knowledge.intents.get(intent)
        task = entry is not None and not entry.response
        least = LEAST_TASK_EXAMPLES if task else LEAST_CONVERSATION_EXAMPLES
        count = counts.get(intent, 0)
        if count == 0:
            yield BrokenKnowledge(name, intent, f"has no examples; write at least {least}")
        elif count < least:
            yield BrokenKnowledge(name, intent, f"has {count} different examples; write at least {least}")

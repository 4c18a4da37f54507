"""Whether each response can be read, and whether its placeholders, cites and addresses are right."""

import string
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Iterable, Iterator, Set, Tuple

from bot.check.project import RESPONSES, Found, Project, closest
from bot.engine.errors import did_you_mean
from bot.knowledge import BrokenKnowledge
from bot.knowledge.check import known_cites
from bot.knowledge.strict_yaml import read
from bot.wording import DEFAULT_LANGUAGE, LANGUAGES

# What code fills in, by response; the first pattern that matches counts, and no match means nothing.
DECIDED = ("product", "version", "offer", "position", "n", "n_minus_1", "qualifying", "end", "portal_name", "portal_link")
PASSED: Tuple[Tuple[str, Tuple[str, ...]], ...] = (
    ("utter_ask_first", ()),
    ("utter_ask_correction", ()),
    ("utter_ask_product_which", ("options",)),
    ("utter_ask_product_first", ("options",)),
    ("utter_one_by_one", ("product",)),
    ("utter_why_n", DECIDED),
    ("utter_why_n_minus_1", DECIDED),
    ("utter_why_modern", DECIDED),
    ("utter_why_cloud", DECIDED),
    ("utter_confirm", ("reading",)),
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
    ("utter_slack_chosen", ("title",)),
    ("utter_slack_chosen_by", ("person", "title")),
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
    ("utter_source_*", ("product",)),
    ("utter_mail_choices", ("choices",)),
    ("utter_paste_subject", ("product", "problem")),
    ("utter_canned_refused_*", ("product",)),
    ("utter_canned_*_title", ("title",)),
    ("utter_earlier_choice", ("product",)),
    ("utter_case_someone_there", ("number", "when")),
    ("utter_case_nobody_there", ("number", "when", "hours")),
    ("utter_case_contact", ("contact",)),
    ("utter_staff_*", ("name",)),
    ("utter_refused_no_push", ("channel",)),
    ("utter_refused_too_long", ("longest",)),
    ("utter_refused_too_fast", ("seconds",)),
    ("utter_widget_options", ("titles",)),
    ("utter_widget_too_long", ("longest", "over")),
    ("utter_widget_left", ("left",)),
    ("utter_widget_step", ("step", "of")),
    ("utter_widget_copy", ("text",)),
    ("utter_widget_copy_address", ("text",)),
)


def response_shapes(project: Path) -> Found:
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


def passed(key: str) -> Tuple[str, ...]:
    """Return the names that code fills in when it says the response `key`."""
    return next((names for pattern, names in PASSED if fnmatchcase(key, pattern)), ())


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def wrong_placeholders(project: Project) -> Found:
    """Yield the placeholders that stand in one language only or that nothing fills in."""
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
            remedy = closest(name, allowed, filled)
            yield BrokenKnowledge(response.file, key, f"names {{{name}}}, which nothing fills in; {remedy}")


def unknown_cites(project: Project) -> Found:
    """Yield the sources that responses cite and that do not exist."""
    known = known_cites(project.knowledge)
    for key, response in project.wording.responses.items():
        for cite in response.cites:
            if cite not in known:
                yield BrokenKnowledge(response.file, key, f'cites "{cite}"; {did_you_mean(str(cite), known)}')


def spelled_addresses(project: Project) -> Found:
    """Yield the addresses that stand in a text instead of a placeholder."""
    for key, response in project.wording.responses.items():
        for language, text in response.texts.items():
            spelled = [word for word in text.split() if "://" in word or "www." in word or "aka.ms/" in word]
            for word in spelled:
                problem = f'spells out the address "{word}" in "{language}"; write {{url_<id>}}, with an id of portals.yml'
                yield BrokenKnowledge(response.file, key, problem)

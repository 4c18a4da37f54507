"""`triage check` passes the project and refuses a broken copy of it, naming the file, the entry and the remedy."""

import shutil
import subprocess
import sys
from functools import lru_cache

import pytest
from click.testing import CliRunner

from bot import check, cli, wording
from bot.knowledge import loader
from bot.knowledge.strict_yaml import read
from bot.nlu.text import words

PROJECT = check.ROOT
PARTS = ("widget/src", "bot", "actions", "domain", "data")
DOMAIN = "domain/domain.yml"
VERDICTS = "domain/responses/verdicts.yml"
SMALL_TALK = "domain/responses/small_talk.yml"
HANDLING = "domain/responses/handling.yml"
ENGLISH = "data/nlu.yml"
DUTCH = "data/nlu.nl.yml"
CONDITION = "- condition: [{type: slot, name: language, value: nl}]"
GOODBYE = "Goodbye. You can come back any time with another request."

# The file, what stands in it, what is put there, and the line that must be printed for it.
BROKEN = [
    pytest.param(
        "bot/knowledge/roles.yml",
        "  may: [view_tickets]",
        "  mai: [view_tickets]\n  may: [view_tickets]",
        'bot/knowledge/roles.yml: sales_agent: unknown key "mai"; did you mean "may"?',
        id="an entry of the knowledge has an unknown key",
    ),
    pytest.param(
        "bot/knowledge/decisions/route.yml",
        "    cites: [S6, S18, S87]",
        "    cites: [S6, S18, S871]",
        'bot/knowledge/decisions/route.yml: rule "customers_service_management": cites "S871"; did you mean "S87"?',
        id="a rule cites a source that does not exist",
    ),
    pytest.param(
        "bot/knowledge/facts.yml",
        "buttons: [windows_server,",
        "buttons: [windows_servers,",
        'bot/knowledge/facts.yml: product: button "windows_servers" is no value of it; did you mean "windows_server"?',
        id="a button is no value of its fact",
    ),
    pytest.param(
        "bot/knowledge/facts.yml",
        "default: break_fix",
        "default: brake_fix",
        'bot/knowledge/facts.yml: request_kind: default "brake_fix" is no value of it; did you mean "break_fix"?',
        id="a default is no value of its fact",
    ),
    pytest.param(
        "bot/knowledge/facts.yml",
        "from_catalogue: competency",
        "from_catalogue: competencies",
        'bot/knowledge/facts.yml: competency: from_catalogue "competencies" does not exist; did you mean "competency"?',
        id="a fact takes its values from nowhere",
    ),
    pytest.param(
        "bot/knowledge/procedures.yml",
        "{id: region, portal: presales,",
        "{id: open, portal: presales,",
        "bot/knowledge/procedures.yml: presales_and_deployment.open: stands twice; rename one",
        id="a step stands twice in its procedure",
    ),
    pytest.param(
        "bot/knowledge/entitlements.yml",
        "other_competency: 5",
        "others_competency: 5",
        'bot/knowledge/entitlements.yml: silver: "signature_cloud_support.other_competency" is missing; add it',
        id="an offer lacks a number of incidents",
    ),
    pytest.param(
        "bot/knowledge/plans.yml",
        "url: https://partner.microsoft.com/support/advanced-cloud-support",
        "url: http://partner.microsoft.com/support/advanced-cloud-support",
        "bot/knowledge/plans.yml: advanced_support_for_partners: "
        'url: "http://partner.microsoft.com/support/advanced-cloud-support" is not an https address; write it in full',
        id="the address of a plan is not https",
    ),
    pytest.param(
        "bot/knowledge/presales.yml",
        "longest_engagement_hours:",
        "longest_hours:",
        "bot/knowledge/presales.yml: longest_engagement_hours: is missing, or its hours are; add them",
        id="a number that the texts name is missing",
    ),
    pytest.param(
        "bot/knowledge/sources.yml",
        "date: 2021-06-17}",
        "date: June 2021}",
        "bot/knowledge/sources.yml: article: is missing from documents, or its date is no date; write it as YYYY-MM-DD",
        id="the date of the article is no date",
    ),
    pytest.param(
        "bot/knowledge/goals.yml",
        "by: eligibility",
        "by: eligibilty",
        'bot/knowledge/goals.yml: check_eligibility: by "eligibilty" does not exist; did you mean "eligibility"?',
        id="a goal is answered by something that does not exist",
    ),
    pytest.param(
        "bot/knowledge/goals.yml",
        "check_entitlement: {",
        "check_entitlements: {",
        'bot/knowledge/goals.yml: check_entitlements: is no goal; did you mean "check_entitlement"?',
        id="a goal does not exist",
    ),
    pytest.param(
        "bot/knowledge/goals.yml",
        "procedure: add_contract",
        "procedure: add_contracts",
        'bot/knowledge/goals.yml: link_contract: procedure "add_contracts" does not exist; did you mean "add_contract"?',
        id="a goal walks through a procedure that does not exist",
    ),
    pytest.param(
        "bot/knowledge/goals.yml",
        "response: utter_topic_entitlement",
        "response: utter_topic_entitlements",
        'bot/knowledge/goals.yml: check_entitlement: response "utter_topic_entitlements" does not exist; '
        'did you mean "utter_topic_entitlement"?',
        id="a goal is answered with a response that does not exist",
    ),
    pytest.param(
        "bot/knowledge/intents.yml",
        "response: utter_bot}",
        "response: utter_bott}",
        'bot/knowledge/intents.yml: ask_if_bot: response "utter_bott" does not exist; did you mean "utter_bot"?',
        id="an intent is answered with a response that does not exist",
    ),
    pytest.param(
        "bot/knowledge/intents.yml",
        "topic: severity}",
        "topic: urgency}",
        'domain/responses: utter_topic_urgency: is missing: "urgency" is the topic of intent "ask_severity"; '
        "add it in en and nl",
        id="an intent has a topic without words",
    ),
    pytest.param(
        "bot/knowledge/intents.yml",
        "implies: {error: contract_not_shown}",
        "implies: {error: not_authorized}",
        'bot/knowledge/intents.yml: contract_not_shown: no intent implies the error "contract_not_shown", '
        "so its button leads nowhere; add one that does",
        id="an error has no intent that reports it",
    ),
    pytest.param(
        "bot/knowledge/intents.yml",
        "ask_severity: {",
        "ask_severities: {",
        "domain/domain.yml: ask_severities: is missing from intents, and bot/knowledge/intents.yml has it; "
        'add it, or did you mean "ask_severity"?',
        id="an intent of the knowledge is not in the domain",
    ),
    pytest.param(
        "bot/knowledge/intents.yml",
        "ask_severity: {",
        "ask_severities: {",
        "bot/knowledge/intents.yml: ask_severity: is missing, and a rule lets action_answer answer it; "
        "say with what (topic or response)",
        id="an intent of the domain is not in the knowledge",
    ),
    pytest.param(
        VERDICTS,
        "Waarom: {product} {version} telt als de huidige versie (N) en zit tot en met {end} in mainstream support.",
        "Waarom: {product} {version} telt als de huidige versie (N).",
        f'{VERDICTS}: utter_why_n: names {{end}} in "en" but not in "nl"; name it in both or in neither',
        id="a placeholder stands in one language only",
    ),
    pytest.param(
        SMALL_TALK,
        GOODBYE,
        "Goodbye, come back with another {reqest}.",
        f"{SMALL_TALK}: utter_goodbye: names {{reqest}}, which nothing fills in; "
        "what code fills in here: the names of bot/wording.py",
        id="a placeholder is filled in by nothing",
    ),
    pytest.param(
        HANDLING,
        "Noted: {changes}.",
        "Noted: {change}.",
        f'{HANDLING}: utter_noted: names {{change}}, which nothing fills in; did you mean "changes"?',
        id="a placeholder is misspelled",
    ),
    pytest.param(
        SMALL_TALK,
        GOODBYE,
        "Goodbye {",
        f"{SMALL_TALK}: utter_goodbye: its text in \"en\" cannot be filled in: Single '{{' encountered in format string; "
        "write a brace that is no placeholder twice",
        id="a brace is left open",
    ),
    pytest.param(
        VERDICTS,
        "metadata: {cites: [S47, S58]}",
        "metadata: {cites: [S47x, S58]}",
        f'{VERDICTS}: utter_covered_microsoft_product_support: cites "S47x"; did you mean "S47"?',
        id="a response cites a source that does not exist",
    ),
    pytest.param(
        SMALL_TALK,
        GOODBYE,
        "Goodbye, see https://partner.microsoft.com for more.",
        f'{SMALL_TALK}: utter_goodbye: spells out the address "https://partner.microsoft.com" in "en"; '
        "write {url_<id>}, with an id of portals.yml",
        id="a response spells out an address",
    ),
    pytest.param(
        "domain/responses/labels.yml",
        "  utter_value_offer_silver:\n",
        "  utter_value_offer_zilver:\n",
        "domain/responses: utter_value_offer_silver: is missing: "
        '"silver" is a value of the fact "offer"; add it in en and nl',
        id="a value has no label",
    ),
    pytest.param(
        "domain/responses/labels.yml",
        "  utter_value_offer_silver:\n",
        "  utter_value_offer_zilver:\n",
        "domain/responses/labels.yml: utter_value_offer_zilver: "
        "is never said; remove it, or say it from bot/answer.py, actions/ or widget/",
        id="a response is never said",
    ),
    pytest.param(
        "domain/responses/steps.yml",
        "  utter_step_get_ids_note_ids:\n",
        "  utter_step_get_ids_note:\n",
        'domain/responses: utter_step_get_ids_note_ids: is missing: "note_ids" is a step of "get_ids"; add it in en and nl',
        id="a step has no words",
    ),
    pytest.param(
        "domain/responses/questions.yml",
        "  utter_why_offer:\n",
        "  utter_why_offers:\n",
        'domain/responses: utter_why_offer: is missing: the fact "offer" is asked; add it in en and nl',
        id="a question does not say why it is asked",
    ),
    pytest.param(
        SMALL_TALK,
        "  utter_started_over:\n",
        "  utter_start_over:\n",
        "actions/handling.py: utter_started_over: is said here and stands in no file of domain/responses; "
        'did you mean "utter_start_over"?',
        id="code says a response that does not exist",
    ),
    pytest.param(
        SMALL_TALK,
        f"        {GOODBYE}\n      metadata: {{cites: []}}\n    {CONDITION}\n",
        f"        {GOODBYE}\n      metadata: {{cites: []}}\n    {CONDITION.replace('nl}', 'de}')}\n",
        f'{SMALL_TALK}: utter_goodbye: has a text in "de"; known: en, nl',
        id="a text is in a language the assistant does not speak",
    ),
    pytest.param(
        SMALL_TALK,
        f"        {GOODBYE}\n      metadata: {{cites: []}}\n    {CONDITION}\n      text: |-\n",
        f"        {GOODBYE}\n      metadata: {{cites: []}}\n    - text: |-\n",
        f'{SMALL_TALK}: utter_goodbye: has two texts in "en"; keep one',
        id="a response has two texts in one language",
    ),
    pytest.param(
        SMALL_TALK,
        "      text: |-\n        Tot ziens. U kunt hier altijd terecht met een nieuwe aanvraag.\n",
        '      text: ""\n',
        f'{SMALL_TALK}: utter_goodbye: has no text in "nl"; translate it',
        id="a translation is missing",
    ),
    pytest.param(
        SMALL_TALK,
        "  utter_started_over:\n",
        "  utter_hand_over:\n    - text: Over.\n  utter_started_over:\n",
        f"{SMALL_TALK}: utter_hand_over: stands in {HANDLING} too; Rasa would lose one, remove it",
        id="a response stands in two files",
    ),
    pytest.param(
        SMALL_TALK,
        "  utter_started_over:\n    - text: |-\n",
        "  utter_started_over:\n    - txt: |-\n",
        f'{SMALL_TALK}: utter_started_over: unknown key "txt"; did you mean "text"?',
        id="a response has an unknown key",
    ),
    pytest.param(
        DOMAIN,
        "  - ask_severity\n",
        "  - ask_urgency\n",
        "domain/domain.yml: ask_severity: is missing from intents, and bot/knowledge/intents.yml has it; add it",
        id="the domain lacks an intent",
    ),
    pytest.param(
        DOMAIN,
        "  - ask_severity\n",
        "  - ask_severity\n  - ask_weather\n",
        "data/rules.yml: ask_weather: is in no rule, so nothing answers it; add it to one",
        id="nothing answers an intent",
    ),
    pytest.param(
        DOMAIN,
        "  - ask_severity\n",
        "  - ask_severity\n  - ask_weather\n",
        f"{DUTCH}: ask_weather: has no examples; write at least 15",
        id="an intent has no examples in a language",
    ),
    pytest.param(
        DOMAIN,
        "  plan_shown:\n    type: any\n",
        "  plans_shown:\n    type: any\n",
        "domain/domain.yml: plan_shown: is a fact without a slot; add it to slots",
        id="a fact has no slot",
    ),
    pytest.param(
        DOMAIN,
        "      - plan_shown\n",
        "",
        "domain/domain.yml: plan_shown: is a fact triage_form does not require; add it to its required_slots",
        id="a fact is not in the form",
    ),
    pytest.param(
        DOMAIN,
        "      - plan_shown\n",
        "      - plan_shown\n      - plan_hidden\n",
        'domain/domain.yml: plan_hidden: is required by triage_form and is no fact; did you mean "plan_shown"?',
        id="the form waits for something that is no fact",
    ),
    pytest.param(
        DOMAIN,
        "  # what only buttons give, never the linker: facts, and the language\n  - csp_subscription\n",
        "",
        "domain/domain.yml: csp_subscription: is a fact that buttons give and no entity; add it to entities",
        id="a fact of a button is no entity",
    ),
    pytest.param(
        DOMAIN,
        "  - action_ask_triage_form_offer\n",
        "",
        "domain/domain.yml: offer: is asked, but action_ask_triage_form_offer is missing; add it to actions",
        id="a question has no action",
    ),
    pytest.param(
        DOMAIN,
        "  triage_form:\n",
        "  triage:\n",
        "domain/domain.yml: triage_form: is missing from forms; add it with the facts as required_slots",
        id="the form is missing",
    ),
    pytest.param(
        "data/rules.yml",
        "  - rule: start over\n    steps:\n      - intent: start_over\n",
        "  - rule: start over\n    steps:\n      - intent: start_ovr\n",
        'data/rules.yml: start_ovr: is no intent of domain/domain.yml; add it, or did you mean "start_over"?',
        id="a rule waits for an intent that does not exist",
    ),
    pytest.param(
        ENGLISH,
        "- intent: ask_severity\n",
        "- intent: ask_severities\n",
        f"{ENGLISH}: ask_severities: has examples and is no intent of domain/domain.yml; "
        'add it, or did you mean "ask_severity"?',
        id="examples stand under an intent that does not exist",
    ),
    pytest.param(
        ENGLISH,
        "- intent: goodbye\n  examples: |\n",
        "- intent: goodbye\n  examples: |\n    - We need TECHNICAL support!\n",
        f'{ENGLISH}: goodbye: the example "We need TECHNICAL support!" stands under request_support too; keep one',
        id="an example stands under two intents",
    ),
    pytest.param(
        DUTCH,
        "- intent: goodbye\n  examples: |\n",
        "- intent: goodbye\n  examples: |\n    - we need technical support\n",
        f'{DUTCH}: goodbye: the example "we need technical support" stands under request_support in {ENGLISH} too; keep one',
        id="an example stands under two intents in two files",
    ),
    pytest.param(
        ENGLISH,
        "- intent: goodbye\n  examples: |\n",
        "- intent: goodbye\n  examples: |\n    see you\n",
        f'{ENGLISH}: goodbye: "see you" is no example; begin the line with "- "',
        id="a line among the examples is none",
    ),
    pytest.param(
        ENGLISH,
        "- intent: goodbye\n",
        "- intent: greet\n",
        f"{ENGLISH}: greet: stands twice; put its examples together",
        id="an intent stands twice in the examples",
    ),
]

PROBLEMS = check.problems  # the tests put another in its place
_parsed = {}


def read_once(path, name):
    """Read as the project does, but parse a file only once for each content: most tests change one of many."""
    key = (name, path.read_bytes() if path.exists() else None)
    if key not in _parsed:
        _parsed[key] = read(path, name)
    return _parsed[key]


words_once = lru_cache(maxsize=None)(words)


@pytest.fixture(autouse=True)
def read_unchanged_files_once(monkeypatch):
    monkeypatch.setattr(check.training, "words", words_once)
    for module in (check.project, check.responses, loader, wording):
        monkeypatch.setattr(module, "read", read_once)


@pytest.fixture
def folder(tmp_path):
    """A copy of what is checked that may be broken."""
    for part in PARTS:
        shutil.copytree(PROJECT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture
def run(monkeypatch):
    """Run `triage check` on a folder; return the exit status and the lines."""

    def invoke(folder):
        monkeypatch.setattr(check, "problems", lambda: PROBLEMS(folder))
        result = CliRunner().invoke(cli.main, ["check"])
        return result.exit_code, result.output.splitlines()

    return invoke


@lru_cache(maxsize=1)
def sound():
    """Return what is said of the project as it is."""
    return PROBLEMS()


def change(folder, file, before, after):
    """Put `after` where `before` stands in a file, which must be one place."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} stands {text.count(before)} times in {file}"
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_the_project_is_sound():
    result = CliRunner().invoke(cli.main, ["check"])
    assert result.output == "knowledge, responses and training data are sound\n"
    assert result.exit_code == 0


@pytest.mark.parametrize("file, before, after, message", BROKEN)
def test_check_refuses_a_project_in_which(folder, run, file, before, after, message):
    change(folder, file, before, after)
    status, lines = run(folder)
    assert f"ERROR {message}" in lines
    assert message not in sound()
    assert status == 2


def test_every_line_is_an_error_with_a_place_and_a_remedy(folder, run):
    for file, before, after, _ in [case.values for case in BROKEN if case.values[0] == DOMAIN][:3]:
        if (folder / file).read_text(encoding="utf-8").count(before) == 1:
            change(folder, file, before, after)
    status, lines = run(folder)
    assert status == 2
    for line in lines:
        place, entry, problem = line.split(": ", 2)
        assert place.startswith("ERROR ") and entry and "; " in problem


def least(folder, file, intent, kept):
    """Leave an intent `kept` examples in a file."""
    path = folder / file
    before, _, rest = path.read_text(encoding="utf-8").partition(f"- intent: {intent}\n  examples: |\n")
    lines = rest.split("\n")
    count = next(number for number, line in enumerate(lines) if not line.startswith("    - "))
    rest = "\n".join(lines[:kept] + lines[count:])
    path.write_text(f"{before}- intent: {intent}\n  examples: |\n{rest}", encoding="utf-8")


@pytest.mark.parametrize("file", [ENGLISH, DUTCH])
@pytest.mark.parametrize("intent, enough", [("ask_severity", 40), ("inform", 40), ("goodbye", 15), ("go_back", 15)])
def test_an_intent_with_too_few_examples_is_refused_and_with_enough_is_not(folder, run, file, intent, enough):
    least(folder, file, intent, enough)
    assert not [line for line in run(folder)[1] if f"{file}: {intent}: has " in line]
    least(folder, file, intent, enough - 1)
    status, lines = run(folder)
    assert f"ERROR {file}: {intent}: has {enough - 1} different examples; write at least {enough}" in lines
    assert status == 2


def test_the_same_example_twice_counts_once(folder, run):
    least(folder, ENGLISH, "goodbye", 15)
    path = folder / ENGLISH
    text = path.read_text(encoding="utf-8")
    start = text.index("- intent: goodbye\n")
    first, second = text[start:].split("\n")[2:4]
    path.write_text(text[:start] + text[start:].replace(second, f"{first.upper()}!", 1), encoding="utf-8")
    assert f"ERROR {ENGLISH}: goodbye: has 14 different examples; write at least 15" in run(folder)[1]


@pytest.mark.parametrize("file", [DOMAIN, "data/rules.yml", "data/stories.yml", ENGLISH, DUTCH])
def test_a_missing_file_is_named(folder, run, file):
    (folder / file).unlink()
    status, lines = run(folder)
    assert f"ERROR {file}: file: is missing; restore it" in lines
    assert status == 2


@pytest.mark.parametrize("file", [DOMAIN, ENGLISH, SMALL_TALK])
def test_a_file_that_is_not_yaml_is_named(folder, run, file):
    (folder / file).write_text("a: [1, 2\n", encoding="utf-8")
    status, lines = run(folder)
    assert [line for line in lines if line.startswith(f"ERROR {file}: line ") and line.endswith("; correct the YAML")]
    assert status == 2


def test_a_response_file_without_responses_is_named(folder, run):
    (folder / SMALL_TALK).write_text('version: "3.1"\n', encoding="utf-8")
    assert f"ERROR {SMALL_TALK}: responses: must hold responses by name; see the other files" in run(folder)[1]


def test_rasa_is_not_imported():
    code = "import sys; from bot.check import problems; problems(); print([name for name in sys.modules if name == 'rasa'])"
    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

"""The case in a form to paste into a support request: all that the portals ask for, and what is still to be filled in.

The values of Access ID and Contract ID are never in it: they are filled in at the portal itself.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, List, Mapping, Optional

from bot.answer import ANSWER, Answerer, answerer
from bot.clock import today
from bot.engine import Decision, UnusableFacts
from bot.engine.errors import did_you_mean
from bot.helpdesk.decided import answer_text, decision_of, open_questions, spoken
from bot.helpdesk.markdown import escaped, fenced, plain, quoted
from bot.knowledge import shared
from bot.nlu.opening import cut
from bot.redaction import redact

LONGEST_TITLE = 80  # characters of the problem in the title
WORDS_OF_A_SENTENCE = 4  # a shorter one is a greeting
CUSTOMER_ROUTE = "customers_service_management"
USUAL = ("open_request", "break_fix")  # what a request is for, and what kind it is, is said only when it is anything else
CSP_PLAN = "csp_support_plan"
WITH_CONTRACT = "contract_needed/covered"
# Where a request is opened for something that is broken: only there a severity and a plan are chosen.
REQUEST_ROUTES = ("support_for_business", "azure_portal", CUSTOMER_ROUTE, "workload_portal", "new_support_request")
BENEFITS = {
    "microsoft_product_support": ("utter_paste_benefit_microsoft_product_support", "utter_paste_plan_contract"),
    "signature_cloud_support": ("utter_paste_benefit_signature_cloud_support", "utter_paste_plan_contract"),
    CSP_PLAN: ("utter_paste_benefit_csp_support_plan", "utter_paste_plan_csp"),
}
SEVERITIES = {True: "utter_paste_severity_customer", False: "utter_paste_severity_own"}  # is it a customer's request?
# What staff may add, and the label of each.
EXTRAS = {
    "company": "utter_paste_company",
    "customer": "utter_paste_customer",
    "error_text": "utter_paste_error_text",
    "expected": "utter_paste_expected",
    "since": "utter_paste_since",
    "tried": "utter_paste_tried",
    "impact": "utter_paste_impact",
    "severity": "utter_paste_severity",
    "contact": "utter_paste_contact",
}


@dataclass(frozen=True)
class Summary:
    """The case to paste, in Markdown and in plain text."""

    markdown: str
    plain: str


class _Sheet:
    """Both forms, written entry by entry."""

    def __init__(self, voice: Answerer) -> None:
        self.voice = voice
        self._markdown: List[str] = []
        self._plain: List[str] = []

    def ours(self, label: str, value: str) -> None:
        """Add an entry in our own words, which are Markdown."""
        self._add(label, value, plain(value))

    def theirs(self, label: str, value: str) -> None:
        """Add an entry in a stranger's words, in one line."""
        self._add(label, escaped(value), " ".join(value.split()))

    def block(self, label: str, markdown: str, text: str) -> None:
        """Add an entry of several lines."""
        self._markdown.append(f"**{self.voice.say(label)}:**\n\n{markdown}\n")
        self._plain.append(f"{self.voice.say(label)}:\n{text}\n")

    def _add(self, label: str, markdown: str, text: str) -> None:
        self._markdown.append(f"**{self.voice.say(label)}:** {markdown}\n")
        self._plain.append(f"{self.voice.say(label)}: {text}")

    def summary(self) -> Summary:
        """Return both."""
        return Summary("\n".join(self._markdown).strip() + "\n", "\n".join(self._plain).strip() + "\n")


def summary(
    facts: Mapping[str, str],
    decision: Optional[Mapping[str, Any]],
    problem: Optional[str],
    language: str,
    reference: str,
    extras: Mapping[str, str] = {},
    on: Optional[date] = None,
) -> Summary:
    """Return the case to paste.

    `decision` is its document (None while there is none), `problem` and the `extras` are as a person typed them: EXTRAS
    names them, and what is left out is to be filled in. `reference` is the number by which staff find the case; `on` is the
    day, today if not given. Raises UnusableFacts.
    """
    for name in extras:
        if name not in EXTRAS:
            raise UnusableFacts(f'"{name}" is nothing that a summary holds; {did_you_mean(name, EXTRAS)}')
    shared().programme.check(facts)
    day = on or today()
    told = {name: redact(value).text for name, value in extras.items() if value.strip()}
    words = redact(problem or "").text.strip()
    decided = decision_of(decision, facts, day)
    voice = answerer(spoken(language))
    sheet = _Sheet(voice)
    is_request = decided is not None and decided.route in REQUEST_ROUTES
    sheet.theirs("utter_paste_title", _title(voice, facts, words))
    sheet.theirs("utter_paste_reference", reference)
    _who_and_what(sheet, facts, told, is_request)
    _problem(sheet, words, told)
    if decided is None:
        asked = [voice.say(f"utter_fact_{fact}") for fact in open_questions(facts, day)]
        if asked:
            sheet.ours("utter_paste_still_to_ask", ", ".join(asked))
        return sheet.summary()
    if is_request:
        _request(sheet, decided, told)
    elif "contact" in told:
        sheet.theirs("utter_paste_contact", told["contact"])
    _outcome(sheet, decided, facts)
    return sheet.summary()


def _title(voice: Answerer, facts: Mapping[str, str], problem: str) -> str:
    """Return the product with its version, and the first sentence of the problem."""
    version = facts.get("version")
    named = "product" in facts and version not in (None, "unsure")
    of_version = voice.value("version", version, facts) if named else ""
    product = f"{voice.product(facts.get('product'))} {of_version}".strip()
    sentences = [problem[first:last] for first, last in cut(problem).sentences()] if problem else []
    first = next((sentence for sentence in sentences if len(sentence.split()) >= WORDS_OF_A_SENTENCE), problem)
    short = " ".join(first.split())
    if len(short) > LONGEST_TITLE:
        short = short[:LONGEST_TITLE].rsplit(" ", 1)[0] + " ..."
    if product and short:
        return voice.say("utter_paste_subject", product=product, problem=short)
    return product or short or voice.say("utter_paste_untitled")


def _who_and_what(sheet: _Sheet, facts: Mapping[str, str], told: Mapping[str, str], is_request: bool) -> None:
    voice = sheet.voice
    for fact in shared().programme.facts:
        if fact in facts and facts[fact] not in USUAL:
            sheet.ours(f"utter_fact_{fact}", voice.value(fact, facts[fact], facts))
    for name in ("company", "customer"):
        is_wanted = name == "company" or facts.get("beneficiary") == "customer"
        _told_or_open(sheet, name, told, is_request and is_wanted)


def _told_or_open(sheet: _Sheet, name: str, told: Mapping[str, str], is_wanted: bool, label: Optional[str] = None) -> None:
    if name in told:
        sheet.theirs(label or EXTRAS[name], told[name])
    elif is_wanted:
        sheet.ours(label or EXTRAS[name], sheet.voice.say("utter_paste_fill_in"))


def _problem(sheet: _Sheet, words: str, told: Mapping[str, str]) -> None:
    if words:
        sheet.block("utter_paste_problem", quoted(words), words)
    else:
        sheet.ours("utter_paste_problem", sheet.voice.say("utter_paste_fill_in"))
    if "error_text" in told:
        sheet.block("utter_paste_error_text", fenced(told["error_text"]), told["error_text"].strip("\n"))
    else:
        sheet.ours("utter_paste_error_text", sheet.voice.say("utter_paste_fill_in"))
    for name in ("expected", "since", "tried"):
        _told_or_open(sheet, name, told, is_wanted=True)


def _request(sheet: _Sheet, decided: Decision, told: Mapping[str, str]) -> None:
    """Add what only a request for something broken asks for."""
    voice = sheet.voice
    is_customers = decided.route == CUSTOMER_ROUTE
    _told_or_open(sheet, "impact", told, is_wanted=True)
    if "severity" in told:
        sheet.theirs("utter_paste_severity", told["severity"])
    else:
        sheet.ours("utter_paste_severity", voice.say(SEVERITIES[is_customers]))
    # Without a benefit it is an error on the way to a request, and the contract may not be linked.
    has_contract = decided.covered_by is None or WITH_CONTRACT in decided.rules
    for label in ("utter_paste_access_id", "utter_paste_contract_id"):
        sheet.ours(label, voice.say("utter_paste_id_here" if has_contract else "utter_paste_id_not_needed"))
    if decided.covered_by is not None:
        benefit, plan = BENEFITS[decided.covered_by]
        sheet.ours("utter_paste_benefit", voice.say(benefit))
        if has_contract or decided.covered_by == CSP_PLAN:
            sheet.ours("utter_paste_plan", voice.say(plan))
    _told_or_open(sheet, "contact", told, True, "utter_paste_contact_partner" if is_customers else None)
    sheet.ours("utter_paste_note", voice.say("utter_paste_one_problem"))


def _outcome(sheet: _Sheet, decided: Decision, facts: Mapping[str, str]) -> None:
    """Add what it comes to, where it is opened, and what is done in which order."""
    voice = sheet.voice
    sheet.ours("utter_paste_outcome", voice.say(f"utter_route_name_{decided.route}"))
    if decided.reason or decided.route == ANSWER:
        verdict = answer_text(voice, decided, facts, ("verdict",))
        sheet.block("utter_paste_why", verdict, plain(verdict))
    portal = shared().portals.get(decided.portal or "")
    if portal is not None:
        sheet.ours("utter_paste_where", f"[{portal.name}]({portal.url})" if portal.url else portal.name)
    steps = answer_text(voice, decided, facts, ("steps",))
    if steps:
        sheet.block("utter_paste_steps", steps, plain(steps))

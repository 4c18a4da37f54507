"""What the programme says about a request, statement by statement; what may be given, and what is refused."""

from datetime import date
from typing import Any, Dict, List, Optional

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.engine import Decision, UnusableFacts, decide
from bot.engine.outcomes import ROUTES
from bot.knowledge import shared

PROGRAMME = shared().programme
TODAY = date(2026, 11, 22)
ARTICLE = date(2021, 6, 30)
AZURE = ["azure", "azure_virtual_desktop", "azure_ad", "azure_stack"]
OTHER_CLOUD = sorted(set(PROGRAMME.catalogue.workloads) - {*AZURE, "microsoft365"})
ACTIVE_OFFERS = ["action_pack", "silver", "gold"]
NOT_YES = ["no", "unsure"]

LINKED = {"contract_linked": "yes"}
ON_PREMISES = {"product": "sql_server", "version": "2025"}
FOR_CUSTOMER = {"beneficiary": "customer", "admin_agent": "yes", "csp_subscription": "no"}
FOR_US = {"beneficiary": "own_organization"}


def ask(on: date = TODAY, goal: str = "open_request", **facts: str) -> Decision:
    return decide(PROGRAMME, {"goal": goal, **facts}, on)


def settled(decision: Decision) -> Decision:
    assert decision.next_question is None, f"asks {decision.next_question}"
    return decision


# 1. Coverage


@pytest.mark.parametrize("product", AZURE)
def test_a_customers_azure_bought_through_csp_is_covered_by_the_csp_plan_with_nothing_to_link(product: str) -> None:
    found = settled(ask(product=product, beneficiary="customer", csp_subscription="yes", admin_agent="yes"))
    assert (found.route, found.covered_by) == ("customers_service_management", "csp_support_plan")
    assert (found.preparation, found.incidents, found.reason) == ((), None, None)
    assert "S86" in found.cites


@pytest.mark.parametrize("offer", [*ACTIVE_OFFERS, "none", "unsure"])
def test_the_csp_plan_covers_whatever_the_offer(offer: str) -> None:
    found = settled(ask(product="azure", beneficiary="customer", csp_subscription="yes", admin_agent="yes", offer=offer))
    assert found.covered_by == "csp_support_plan"


@pytest.mark.parametrize("offer", ["silver", "gold"])
@pytest.mark.parametrize("product", sorted(PROGRAMME.catalogue.workloads))
def test_silver_and_gold_cover_the_cloud(product: str, offer: str) -> None:
    found = settled(ask(product=product, offer=offer, **FOR_US, **LINKED))
    assert found.covered_by == "signature_cloud_support"
    assert "S80" in found.cites


@pytest.mark.parametrize("customer", [FOR_US, FOR_CUSTOMER])
@pytest.mark.parametrize("product", sorted(PROGRAMME.catalogue.workloads))
def test_action_pack_does_not_cover_the_cloud(product: str, customer: Dict[str, str]) -> None:
    found = settled(ask(product=product, offer="action_pack", **customer))
    assert (found.route, found.covered_by, found.reason) == ("paid_support", None, "action_pack_has_no_cloud_support")
    assert {"S76", "S92"} <= set(found.cites)


@pytest.mark.parametrize("facts", [ON_PREMISES, {"product": "azure", **FOR_US}, {"product": "microsoft365", **FOR_CUSTOMER}])
def test_without_an_offer_nothing_is_covered(facts: Dict[str, str]) -> None:
    found = settled(ask(offer="none", **facts))
    assert (found.route, found.covered_by, found.reason) == ("paid_support", None, "no_active_offer")


@pytest.mark.parametrize("facts", [ON_PREMISES, {"product": "azure", **FOR_US}, {"product": "microsoft365", **FOR_CUSTOMER}])
def test_an_offer_that_is_not_known_is_looked_up_first(facts: Dict[str, str]) -> None:
    found = settled(ask(offer="unsure", **facts))
    assert (found.route, found.covered_by, found.reason) == ("check_offer", None, None)


def test_a_version_that_is_not_known_is_looked_up_first_with_n_and_n_minus_1_at_hand() -> None:
    found = settled(ask(product="windows_server", version="unsure"))
    assert found.route == "check_version"
    assert found.unsure == ("version",)
    assert found.product == "windows_server"  # the wording names today's N and N-1 of this line


@pytest.mark.parametrize("offer", [*ACTIVE_OFFERS, "none", "unsure", None])
@pytest.mark.parametrize(
    "product, version, reason",
    [
        ("exchange_server", "2013", "older_than_n_minus_1"),
        ("windows_server", "2022", "mainstream_support_ended"),
        ("visio", "ltsc_2024", "cannot_confirm_lifecycle"),
    ],
)
def test_a_version_that_is_not_eligible_is_refused_whatever_the_offer(
    product: str, version: str, reason: str, offer: Optional[str]
) -> None:
    given_offer = {"offer": offer} if offer else {}
    found = settled(ask(product=product, version=version, **given_offer))
    assert (found.route, found.covered_by, found.reason) == ("paid_support", None, reason)


@pytest.mark.parametrize("offer, number", [("action_pack", 10), ("silver", 15), ("gold", 20)])
def test_every_offer_covers_an_eligible_version(offer: str, number: int) -> None:
    found = settled(ask(**ON_PREMISES, offer=offer, **LINKED))
    assert (found.covered_by, found.incidents) == ("microsoft_product_support", number)


def test_the_day_decides() -> None:
    facts = {"product": "windows_server", "version": "2016", "offer": "gold", **LINKED}
    assert ask(on=ARTICLE, **facts).covered_by == "microsoft_product_support"
    assert ask(on=TODAY, **facts).reason == "older_than_n_minus_1"


# 2. Route


def test_on_premises_goes_to_support_for_business() -> None:
    found = settled(ask(**ON_PREMISES, offer="gold", **LINKED))
    assert (found.route, found.portal) == ("support_for_business", "support_for_business")
    assert "S66" in found.cites


def test_on_premises_goes_to_support_for_business_for_a_customer_too() -> None:
    found = settled(ask(**ON_PREMISES, offer="gold", beneficiary="customer", **LINKED))
    assert found.route == "support_for_business"
    assert found.preparation == ()


@pytest.mark.parametrize("product", sorted(PROGRAMME.catalogue.workloads))
def test_the_cloud_for_a_customer_goes_to_service_management(product: str) -> None:
    found = settled(ask(product=product, offer="gold", **FOR_CUSTOMER, **LINKED))
    assert found.route == "customers_service_management"
    assert {"S6", "S87"} <= set(found.cites)


@pytest.mark.parametrize("product", AZURE)
def test_our_own_azure_goes_to_the_azure_portal(product: str) -> None:
    found = settled(ask(product=product, offer="gold", **FOR_US, **LINKED))
    assert (found.route, found.portal) == ("azure_portal", "azure_portal")


@pytest.mark.parametrize("product", [*OTHER_CLOUD, "microsoft365"])
def test_any_other_cloud_of_our_own_goes_to_the_portal_of_its_workload(product: str) -> None:
    found = settled(ask(product=product, offer="gold", **FOR_US, **LINKED))
    assert (found.route, found.portal) == ("workload_portal", PROGRAMME.catalogue.workloads[product].portal)


# 3. Preparation


@pytest.mark.parametrize("answer", NOT_YES)
@pytest.mark.parametrize("product", ["azure", "microsoft365", "power_bi"])
def test_without_an_admin_agent_the_customers_request_starts_with_asking_one(product: str, answer: str) -> None:
    found = settled(ask(product=product, offer="gold", **{**FOR_CUSTOMER, "admin_agent": answer}, **LINKED))
    assert found.preparation == ("ask_admin_agent",)
    assert "S87" in found.cites


@pytest.mark.parametrize("answer", NOT_YES)
def test_asking_an_admin_agent_comes_before_everything_else(answer: str) -> None:
    found = settled(
        ask(
            product="azure",
            offer="gold",
            **{**FOR_CUSTOMER, "admin_agent": answer},
            contract_linked="no",
            activated="no",
            activation_role="yes",
        )
    )
    assert found.preparation == ("ask_admin_agent", "activate_benefits", "get_ids", "link_support_benefits")


def test_microsoft_365_needs_no_contract() -> None:
    found = settled(ask(product="microsoft365", offer="gold", **FOR_US))
    assert found.preparation == ()
    assert "S82" in found.cites


@pytest.mark.parametrize("linked", NOT_YES)
@pytest.mark.parametrize("activated", NOT_YES)
@pytest.mark.parametrize(
    "facts, last",
    [
        (ON_PREMISES, "add_contract"),
        *(({"product": product, **FOR_US}, "link_support_benefits") for product in AZURE),
        *(({"product": product, **FOR_US}, "add_contract_in_workload_portal") for product in OTHER_CLOUD),
        ({"product": "azure", **FOR_CUSTOMER}, "link_support_benefits"),
        ({"product": "power_bi", **FOR_CUSTOMER}, "add_contract_in_workload_portal"),
    ],
)
def test_what_is_not_linked_is_activated_then_the_ids_are_read_then_the_contract_is_added(
    facts: Dict[str, str], last: str, linked: str, activated: str
) -> None:
    unlinked = {**facts, "offer": "gold", "contract_linked": linked}
    with_role = settled(ask(**unlinked, activated=activated, activation_role="yes"))
    assert with_role.preparation == ("activate_benefits", "get_ids", last)
    for role in NOT_YES:
        without = settled(ask(**unlinked, activated=activated, activation_role=role))
        assert without.preparation == ("ask_administrator_to_activate", "get_ids", last)
    assert settled(ask(**unlinked, activated="yes")).preparation == ("get_ids", last)


def test_what_is_linked_needs_no_preparation_even_if_not_activated() -> None:
    assert settled(ask(**ON_PREMISES, offer="gold", contract_linked="yes", activated="no")).preparation == ()


@pytest.mark.parametrize("fact", ["contract_linked", "activated", "activation_role", "admin_agent"])
def test_unsure_counts_as_no_and_is_told(fact: str) -> None:
    facts = {"product": "azure", "offer": "gold", **FOR_CUSTOMER, "contract_linked": "no", "activated": "no"}
    facts["activation_role"] = "no"
    no, unsure = ask(**{**facts, fact: "no"}), ask(**{**facts, fact: "unsure"})
    assert settled(unsure).outcome() == settled(no).outcome()
    assert (no.unsure, unsure.unsure) == ((), (fact,))


def test_an_unsure_csp_subscription_counts_as_no() -> None:
    facts = {"product": "azure", "beneficiary": "customer", "offer": "gold", "admin_agent": "yes", **LINKED}
    assert ask(**facts, csp_subscription="unsure").outcome() == ask(**facts, csp_subscription="no").outcome()


# Order of questions


@pytest.mark.parametrize(
    "facts, question",
    [
        ({}, "product"),
        ({"product": "exchange"}, "deployment"),
        ({"product": "exchange", "deployment": "on_premises"}, "version"),
        ({"product": "exchange", "deployment": "cloud"}, "beneficiary"),
        ({"product": "windows_server"}, "version"),
        (ON_PREMISES, "offer"),
        ({"product": "azure"}, "beneficiary"),
        ({"product": "azure", "beneficiary": "customer"}, "csp_subscription"),
        ({"product": "azure", "beneficiary": "own_organization"}, "offer"),
        ({"product": "microsoft365", "beneficiary": "customer"}, "offer"),
        ({"product": "azure", "beneficiary": "customer", "csp_subscription": "yes"}, "admin_agent"),
        ({"product": "azure", "beneficiary": "customer", "csp_subscription": "no"}, "offer"),
        ({"product": "azure", "beneficiary": "customer", "csp_subscription": "no", "offer": "gold"}, "admin_agent"),
        ({"product": "azure", **FOR_CUSTOMER, "offer": "gold"}, "contract_linked"),
        ({**ON_PREMISES, "offer": "gold"}, "contract_linked"),
        ({**ON_PREMISES, "offer": "gold", "contract_linked": "no"}, "activated"),
        ({**ON_PREMISES, "offer": "gold", "contract_linked": "no", "activated": "no"}, "activation_role"),
    ],
)
def test_the_next_question(facts: Dict[str, str], question: str) -> None:
    found = ask(**facts)
    assert found.next_question == question
    assert found.route is None and found.covered_by is None and found.preparation == () and found.portal is None


def test_without_a_goal_the_goal_is_asked() -> None:
    assert decide(PROGRAMME, {}, TODAY).next_question == "goal"


def test_facts_given_up_front_are_not_asked_in_any_order() -> None:
    facts = {"offer": "silver", "beneficiary": "customer", "version": "2019", "product": "exchange"}
    assert ask(on=ARTICLE, **facts).next_question == "contract_linked"


@pytest.mark.parametrize("version", ["2016", "2019", "11", "unsure", "subscription_edition"])
def test_a_version_told_before_the_product_waits_for_it(version: str) -> None:
    assert ask(version=version).next_question == "product"
    assert ask(version=version, offer="gold", goal="check_eligibility").next_question == "product"


@pytest.mark.parametrize("offer", ["none", "unsure"])
def test_a_fact_given_early_spares_the_questions_it_settles(offer: str) -> None:
    assert ask(offer=offer, product="power_bi").route in ("paid_support", "check_offer")


def test_a_version_settles_where_a_product_of_two_kinds_runs() -> None:
    found = ask(product="exchange", version="2013")
    assert (found.route, found.product) == ("paid_support", "exchange_server")


def test_a_version_that_only_the_cloud_lacks_does_not_settle_it_when_unsure() -> None:
    assert ask(product="exchange", version="unsure").next_question == "deployment"


def test_the_version_of_a_cloud_product_is_ignored() -> None:
    told = {"product": "microsoft365", "offer": "gold", **FOR_US}
    assert ask(**told, version="2019").outcome() == ask(**told).outcome()


@pytest.mark.parametrize("line", [line.id for line in PROGRAMME.catalogue.lines.values() if len(line.versions) == 1])
def test_the_version_of_a_line_that_has_one_is_not_asked(line: str) -> None:
    assert ask(product=line).next_question != "version"


@pytest.mark.parametrize("kind, offer, incidents", [
    ("cloud", "silver", "unlimited"),
    ("other", "silver", 5),
    ("cloud", "gold", "unlimited"),
    ("other", "gold", 10),
    ("unsure", "gold", {"cloud_competency": "unlimited", "other_competency": 10}),
    (None, "silver", {"cloud_competency": "unlimited", "other_competency": 5}),
])  # fmt: skip
def test_the_competency_is_never_asked_and_only_chooses_the_number(kind: Optional[str], offer: str, incidents: Any) -> None:
    told = {"competency": kind} if kind else {}
    found = settled(ask(product="azure", offer=offer, **FOR_US, **LINKED, **told))
    assert (found.route, found.incidents) == ("azure_portal", incidents)


@pytest.mark.parametrize("competency, kind", sorted(PROGRAMME.competencies.items()))
def test_every_competency_chooses_one_of_the_two_numbers(competency: str, kind: str) -> None:
    found = settled(ask(product="azure", offer="gold", **FOR_US, **LINKED, competency=competency))
    assert found.incidents == {"cloud": "unlimited", "other": 10}[kind]


# Other kinds of request


def test_advice_goes_to_presales_and_deployment() -> None:
    found = settled(ask(request_kind="advisory"))
    assert (found.route, found.reason, found.covered_by) == ("presales_and_deployment", "not_break_fix", None)


@pytest.mark.parametrize("product", sorted(PROGRAMME.refused_by_presales))
def test_advice_about_what_presales_does_not_cover_is_refused(product: str) -> None:
    found = settled(ask(request_kind="advisory", product=product))
    assert (found.route, found.reason) == ("paid_support", "not_break_fix")
    assert "P66" in found.cites


@pytest.mark.parametrize("product", ["microsoft365", "azure", "windows_server", "exchange"])
def test_advice_about_any_other_product_is_given(product: str) -> None:
    assert settled(ask(request_kind="advisory", product=product)).route == "presales_and_deployment"


def test_advice_about_a_family_is_refused_once_it_is_known_to_run_on_premises() -> None:
    told = {"request_kind": "advisory", "product": "exchange"}
    assert ask(**told, deployment="on_premises").route == "paid_support"
    assert ask(**told, deployment="cloud").route == "presales_and_deployment"


def test_account_questions_go_to_partner_center_support() -> None:
    found = settled(ask(request_kind="account", product="azure"))
    assert (found.route, found.reason) == ("partner_center_support", "not_break_fix")


# Other goals

GOALS: List[tuple] = [
    ("activate_benefits", {}, "activation_role", None),
    ("activate_benefits", {"activation_role": "yes"}, None, "technical_benefits_page"),
    ("activate_benefits", {"activation_role": "no"}, None, "find_administrator"),
    ("activate_benefits", {"activation_role": "unsure"}, None, "find_administrator"),
    ("view_ids", {}, "activated", None),
    ("view_ids", {"activated": "yes"}, None, "technical_benefits_page"),
    ("view_ids", {"activated": "no"}, "activation_role", None),
    ("view_ids", {"activated": "no", "activation_role": "no"}, None, "technical_benefits_page"),
    ("link_contract", {}, None, "answer"),
    ("check_entitlement", {}, None, "answer"),
    ("check_remaining", {}, None, "answer"),
    ("check_eligibility", {}, "product", None),
    ("check_eligibility", {"product": "windows_server"}, "version", None),
    ("check_eligibility", {"product": "azure"}, None, "answer"),
    ("check_eligibility", {"product": "windows_server", "version": "2025"}, None, "answer"),
    ("check_eligibility", {"product": "windows_server", "version": "unsure"}, None, "answer"),
    ("fix_error", {}, "error", None),
    ("fix_error", {"error": "not_authorized"}, None, "switch_account"),
    ("fix_error", {"error": "no_benefits_yet"}, "offer", None),
    ("fix_error", {"error": "no_benefits_yet", "offer": "action_pack"}, None, "switch_account"),
    ("fix_error", {"error": "no_benefits_yet", "offer": "none"}, None, "get_membership"),
    ("fix_error", {"error": "no_benefits_yet", "offer": "unsure"}, None, "check_offer"),
    ("fix_error", {"error": "activate_greyed_out"}, None, "find_administrator"),
    ("fix_error", {"error": "access_id_already_associated"}, "plan_shown", None),
    ("fix_error", {"error": "access_id_already_associated", "plan_shown": "yes"}, None, "new_support_request"),
    ("fix_error", {"error": "access_id_already_associated", "plan_shown": "no"}, None, "paid_support"),
    ("fix_error", {"error": "contract_not_shown"}, None, "answer"),
    ("fix_error", {"error": "version_not_covered"}, None, "answer"),
]


@pytest.mark.parametrize("goal, facts, question, route", GOALS)
def test_the_other_goals(goal: str, facts: Dict[str, str], question: Optional[str], route: Optional[str]) -> None:
    found = ask(goal=goal, **facts)
    assert (found.next_question, found.route) == (question, route)


@pytest.mark.parametrize("role, step", [("yes", "activate_benefits"), ("no", "ask_administrator_to_activate")])
def test_the_ids_are_seen_by_way_of_activation(role: str, step: str) -> None:
    assert ask(goal="view_ids", activated="no", activation_role=role).preparation == (step,)


@pytest.mark.parametrize("goal", ["activate_benefits", "view_ids"])
def test_an_account_of_csp_only_signs_in_otherwise_first(goal: str) -> None:
    told = {"activated": "yes", "activation_role": "yes"}
    assert ask(goal=goal, association="csp_only", **told).preparation == ("sign_in_with_mpn_account",)
    assert ask(goal=goal, association="mpn", **told).preparation == ()


def test_eligibility_is_answered_with_its_reason() -> None:
    found = settled(ask(goal="check_eligibility", product="exchange_server", version="2013"))
    assert (found.reason, found.covered_by) == ("older_than_n_minus_1", None)
    assert found.eligibility is not None and found.eligibility.position == "older"


# What may be given


@pytest.mark.parametrize(
    "facts, message",
    [
        ({"colour": "red"}, r'unknown fact "colour"'),
        ({"ofer": "gold"}, r'unknown fact "ofer"; did you mean "offer"\?'),
        ({"offer": "platinum"}, r'fact "offer" cannot be "platinum"; known: action_pack, silver, gold, none, unsure'),
        ({"offer": "Gold"}, r'fact "offer" cannot be "Gold"; did you mean "gold"\?'),
        ({"offer": ""}, r'fact "offer" cannot be ""'),
        ({"offer": None}, r'fact "offer" must be a string, not NoneType'),
        ({"activated": True}, r'fact "activated" must be a string, not bool'),
        ({"version": 2019}, r'fact "version" must be a string, not int'),
        ({"product": ["azure"]}, r'fact "product" must be a string, not list'),
        ({"product": "windows_sever"}, r'fact "product" cannot be "windows_sever"; did you mean "windows_server"\?'),
        ({"product": "windows_server", "version": "2017"}, r'fact "version" cannot be "2017"; did you mean "201'),
        ({"product": "windows_server", "version": "2012 R2"}, r'fact "version" cannot be "2012 R2"; did you mean'),
        ({"product": "exchange", "version": "2018"}, r'fact "version" cannot be "2018"'),
        ({"product": "azure", "deployment": "on_premises"}, r'product "azure" is cloud; leave "deployment" out'),
        ({"product": "sql_server", "deployment": "cloud"}, r'product "sql_server" is on_premises; leave "deployment" out'),
        ({"beneficiary": "partner"}, r'fact "beneficiary" cannot be "partner"'),
        ({"competency": "baking"}, r'fact "competency" cannot be "baking"'),
        ({"error": "404"}, r'fact "error" cannot be "404"'),
        ({"goal": "make_coffee"}, r'fact "goal" cannot be "make_coffee"'),
    ],
)
def test_facts_that_cannot_be_used_are_refused_with_the_remedy(facts: Dict[str, Any], message: str) -> None:
    with pytest.raises(UnusableFacts, match=message):
        decide(PROGRAMME, {"goal": "open_request", **facts}, TODAY)


def test_facts_are_checked_even_when_nothing_needs_them() -> None:
    with pytest.raises(UnusableFacts):
        ask(goal="check_remaining", offer="platinum")


def test_a_deployment_that_agrees_with_the_product_is_no_contradiction() -> None:
    assert ask(**ON_PREMISES, deployment="on_premises").next_question == "offer"


def test_facts_are_not_changed_by_deciding() -> None:
    facts = {"goal": "open_request", **ON_PREMISES}
    decide(PROGRAMME, facts, TODAY)
    assert facts == {"goal": "open_request", **ON_PREMISES}


# What a decision carries


def test_a_decision_carries_its_reasons() -> None:
    found = ask(**ON_PREMISES, offer="gold", contract_linked="no", activated="yes")
    assert found.rules[:2] == ("coverage/microsoft_product_support", "route/support_for_business")
    assert {"preparation/get_ids", "preparation/add_contract"} <= set(found.rules)
    assert list(found.facts) == [
        "goal", "request_kind", "product", "version", "offer", "contract_linked", "activated",
    ]  # fmt: skip
    assert len(found.cites) == len(set(found.cites))


def test_a_fact_that_did_not_matter_is_not_among_the_reasons() -> None:
    found = ask(product="exchange_server", version="2013", offer="gold", beneficiary="customer")
    assert not {"offer", "beneficiary"} & set(found.facts)


def test_a_question_carries_the_rules_that_led_to_it_and_no_outcome() -> None:
    document = ask(**ON_PREMISES, offer="gold").document()
    assert document["next_question"] == "contract_linked"
    assert (document["route"], document["covered_by"], document["preparation"]) == (None, None, [])
    assert "coverage/microsoft_product_support" in document["rules"]


def test_the_document_has_the_keys_of_the_command_line() -> None:
    assert set(ask().document()) == {
        "route", "covered_by", "reason", "preparation", "portal", "incidents", "next_question", "rules", "cites",
    }  # fmt: skip


# Any facts at all

FACTS = st.fixed_dictionaries({}, optional={name: st.sampled_from(PROGRAMME.values(name, {})) for name in PROGRAMME.facts})
ANY = settings(deadline=None, max_examples=60)


@ANY
@given(FACTS, st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_any_facts_lead_to_an_outcome_a_missing_fact_or_a_refusal(facts: Dict[str, str], on: date) -> None:
    try:
        found = decide(PROGRAMME, facts, on)
    except UnusableFacts as error:
        assert "fact" in str(error)
        return
    if found.next_question:
        assert found.next_question not in facts and found.route is None
    else:
        assert found.route in ROUTES
        assert set(found.facts) <= {*facts, "request_kind"}


@ANY
@given(FACTS, st.data())
def test_answering_the_questions_ends_without_asking_twice(facts: Dict[str, str], data: st.DataObject) -> None:
    known = dict(facts)
    while True:
        try:
            found = decide(PROGRAMME, known, TODAY)
        except UnusableFacts:
            return  # two facts contradict each other: a version that the product lacks, for example
        if not found.next_question:
            break
        assert found.next_question not in known
        known[found.next_question] = data.draw(st.sampled_from(PROGRAMME.values(found.next_question, known)))
    assert found.route in ROUTES


@ANY
@given(FACTS)
def test_the_order_in_which_facts_are_given_does_not_matter(facts: Dict[str, str]) -> None:
    try:
        found = decide(PROGRAMME, facts, TODAY)
    except UnusableFacts:
        return
    assert decide(PROGRAMME, dict(reversed(list(facts.items()))), TODAY) == found

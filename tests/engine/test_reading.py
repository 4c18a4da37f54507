"""What a message changes about the facts, over the real knowledge. Entities are written out, as the linker gives them."""

from datetime import date

import pytest

from bot.engine import decide
from bot.engine.message import Message
from bot.engine.reading import apply
from bot.knowledge import shared

KNOWLEDGE = shared()
OPEN = {"goal": "open_request"}
EXCHANGE = {**OPEN, "product": "exchange_server", "version": "2016"}
PLATFORM = {"role": "platform"}
TODAY = date(2026, 11, 22)


@pytest.fixture
def read(reader):
    """Return a function from intent, entities and what is known to the changes."""

    def run(intent, *entities, facts=OPEN, asked=None, decided=False, text="some words", decision="accept"):
        dicts = [
            {"entity": name, "value": value, "start": 0, "end": 1, **(more[0] if more else {})}
            for name, value, *more in entities
        ]
        return reader.read(Message(text, intent, decision, dicts), facts, asked, decided)

    return run


# Openings


def test_an_opening_fills_every_fact_it_holds(read):
    found = read(
        "request_support",
        ("beneficiary", "customer"),
        ("product", "exchange_server"),
        ("version", "2016"),
        ("offer", "silver"),
        facts={},
    )
    assert found.facts == {**EXCHANGE, "beneficiary": "customer", "offer": "silver"}


@pytest.mark.parametrize("intent, entry", [(key, entry) for key, entry in KNOWLEDGE.intents.items() if entry.goal])
def test_an_intent_with_a_goal_opens_that_goal_with_what_it_implies(read, intent, entry):
    assert read(intent, facts={}).facts == {"goal": entry.goal, **entry.implies}


@pytest.mark.parametrize(
    "entities, goal",
    [
        ([("product", "exchange")], "open_request"),
        ([("error", "not_authorized")], "fix_error"),
        ([("product", "exchange"), ("error", "not_authorized")], "fix_error"),
        ([("product", "sql"), ("product", "sharepoint")], "open_request"),
        ([("offer", "gold")], "open_request"),
        ([], None),
    ],
)
def test_facts_alone_open_the_goal_they_point_to(read, entities, goal):
    assert read("inform", *entities, facts={}).facts.get("goal") == goal


def test_an_opening_that_holds_nothing_changes_nothing(read):
    assert not read("greet", facts={})


def test_an_unknown_intent_with_a_product_still_opens_a_request(read):
    assert read(None, ("product", "azure"), facts={}).facts == {"goal": "open_request", "product": "azure"}


# Answers to the open question


@pytest.mark.parametrize(
    "asked, intent, value",
    [
        ("activated", "affirm", "yes"),
        ("activated", "deny", "no"),
        ("activated", "unsure", "unsure"),
        ("admin_agent", "affirm", "yes"),
        ("contract_linked", "deny", "no"),
        ("csp_subscription", "unsure", "unsure"),
        ("plan_shown", "deny", "no"),
        ("offer", "deny", "none"),
        ("offer", "unsure", "unsure"),
        ("version", "unsure", "unsure"),
    ],
)
def test_yes_no_and_unsure_answer_the_open_question(read, asked, intent, value):
    facts = {**OPEN, "product": "exchange_server"}
    assert read(intent, facts=facts, asked=asked).facts == {asked: value}


@pytest.mark.parametrize(
    "text, value",
    [("yes, since last year", "yes"), ("Ja, vorig jaar al", "yes"), ("no we never did that", "no"), ("Nee, nog niet", "no")],
)
def test_a_first_word_settles_a_yes_or_no_question_whatever_the_rest_reads_like(read, text, value):
    assert read("inform", facts=EXCHANGE, asked="activated", text=text).facts == {"activated": value}


def test_yes_at_the_start_of_a_correction_answers_nothing(read):
    assert not read("correct", facts=EXCHANGE, asked="activated", text="no, that is wrong")


@pytest.mark.parametrize(
    "asked, intent", [("product", "affirm"), ("product", "deny"), ("offer", "affirm"), ("deployment", "affirm")]
)
def test_yes_and_no_are_no_answer_to_a_question_of_another_kind(read, asked, intent):
    assert not read(intent, facts=OPEN, asked=asked)


@pytest.mark.parametrize("asked", ["product", "deployment", "beneficiary", "plan_shown"])
def test_not_knowing_what_must_be_known_is_told_apart(read, asked):
    found = read("unsure", facts=OPEN, asked=asked)
    assert (found.facts, found.unsure_about) == ({}, asked)
    assert found


@pytest.mark.parametrize(
    "asked, value",
    [
        ("offer", "gold"),
        ("product", "exchange"),
        ("beneficiary", "customer"),
        ("version", "2016"),
        ("activated", "no"),
        ("version", "unsure"),
    ],
)
def test_a_button_sets_the_fact_it_names(read, asked, value):
    facts = {**OPEN, "product": "exchange_server"} if asked == "version" else OPEN
    assert read("inform", (asked, value), facts=facts, asked=asked, text="/inform").facts == {asked: value}


def test_a_value_that_the_fact_cannot_have_is_ignored(read):
    assert not read("inform", ("activated", "perhaps"), facts=EXCHANGE, asked="activated")


def test_an_entity_that_is_no_fact_is_ignored(read):
    assert not read("inform", ("portal", "azure_portal"), facts=EXCHANGE, asked="offer")


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_what_is_named_after_yes_or_no_counts(read, intent):
    assert read(intent, ("offer", "silver"), facts=EXCHANGE, asked="offer").facts == {"offer": "silver"}


def test_an_answer_to_another_question_than_the_open_one_is_kept(read):
    assert read("inform", ("offer", "gold"), facts=EXCHANGE, asked="activated").facts == {"offer": "gold"}


# Corrections


@pytest.mark.parametrize(
    "entity, facts",
    [
        (("offer", "silver"), {**EXCHANGE, "offer": "gold"}),
        (("beneficiary", "own_organization"), {**EXCHANGE, "beneficiary": "customer"}),
        (("version", "2019"), EXCHANGE),
        (("competency", "cloud"), {**EXCHANGE, "competency": "other"}),
    ],
)
def test_a_correction_replaces_an_earlier_answer_while_another_question_is_open(read, entity, facts):
    found = read("correct", entity, facts=facts, asked="contract_linked")
    assert found.facts == dict([entity])


def test_of_two_versions_in_a_correction_the_last_counts(read):
    found = read("correct", ("version", "2016"), ("version", "2019"), facts=EXCHANGE, asked="offer")
    assert found.facts == {"version": "2019"}


def test_of_two_versions_in_a_request_the_first_counts(read):
    found = read("request_advice", ("product", "exchange_server"), ("version", "2013"), ("version", "2019"), facts={})
    assert found.facts["version"] == "2013"


# Versions


@pytest.mark.parametrize(
    "product, named, version",
    [
        ("exchange_server", "2016", "2016"),
        ("exchange_server", "16", "2016"),
        ("exchange_server", "se", "subscription_edition"),
        ("windows_server", "2012_r2", "2012_r2"),
        ("sharepoint_server", "2k19", "2019"),
        ("dynamics_nav_bc", "2018", "nav_2018"),
        ("exchange", "2016", "2016"),
        ("office", "2021", "ltsc_2021_2021"),
        ("exchange_server", "unsure", "unsure"),
    ],
)
def test_a_version_alone_is_one_of_the_product_at_hand(read, product, named, version):
    found = read("inform", ("version", named), facts={**OPEN, "product": product}, asked="version")
    assert found.facts == {"version": version}


def test_a_version_that_the_product_does_not_have_is_reported_and_not_set(read):
    found = read("inform", ("version", "2017"), facts={**OPEN, "product": "exchange_server"}, asked="version")
    assert (found.facts, found.unknown_version) == ({}, "2017")


def test_an_unknown_version_in_an_opening_keeps_the_product(read):
    found = read("request_support", ("product", "exchange"), ("version", "2022"), facts={})
    assert found.facts == {**OPEN, "product": "exchange"}
    assert found.unknown_version == "2022"


def test_an_unknown_version_in_the_middle_of_something_else_is_ignored(read):
    assert not read("inform", ("version", "2017"), facts=EXCHANGE, asked="offer")


@pytest.mark.parametrize("facts", [OPEN, {**OPEN, "product": "azure"}, {**OPEN, "product": "microsoft365"}])
def test_a_version_without_an_on_premises_product_changes_nothing(read, facts):
    assert not read("inform", ("version", "2019"), facts=facts, asked="offer")


def test_the_version_of_the_platform_is_not_the_version_of_the_product(read):
    found = read(
        "request_support",
        ("product", "exchange_server"),
        ("version", "2016"),
        ("product", "windows_server", PLATFORM),
        ("version", "2012_r2", PLATFORM),
        facts={},
    )
    assert found.facts == EXCHANGE
    assert found.platform == "windows_server"


# Products


def test_another_product_makes_what_belonged_to_the_first_void(read):
    facts = {**OPEN, "product": "azure", "csp_subscription": "yes", "offer": "gold", "beneficiary": "customer"}
    found = read("correct", ("product", "exchange"), facts=facts, asked="admin_agent")
    assert found.facts == {"product": "exchange", "csp_subscription": None}
    assert apply(facts, found.facts) == {**OPEN, "product": "exchange", "offer": "gold", "beneficiary": "customer"}


def test_another_product_makes_the_version_void(read):
    assert read("correct", ("product", "sharepoint"), facts=EXCHANGE).facts == {"product": "sharepoint", "version": None}


def test_another_product_with_its_version_takes_the_place_of_both(read):
    found = read("correct", ("product", "sharepoint_server"), ("version", "2019"), facts=EXCHANGE, asked="offer")
    assert found.facts == {"product": "sharepoint_server", "version": "2019"}


def test_the_same_product_again_keeps_its_version(read):
    assert read("inform", ("product", "exchange_server"), facts=EXCHANGE, asked="offer").facts == {}


def test_two_products_are_put_as_a_choice_and_neither_is_taken(read):
    found = read("request_support", ("product", "sql_server"), ("version", "2016"), ("product", "sharepoint"), facts={})
    assert found.product_options == {"sql_server": "2016", "sharepoint": None}
    assert found.facts == OPEN


OPTIONS = {"sql_server": "2016", "microsoft365": None}


@pytest.mark.parametrize(
    "entity, expected",
    [
        (("product", "sql_server"), {"product": "sql_server", "version": "2016"}),
        (("product", "sql"), {"product": "sql_server", "version": "2016"}),
        (("deployment", "on_premises"), {"product": "sql_server", "version": "2016"}),
        (("product", "microsoft365"), {"product": "microsoft365"}),
        (("deployment", "cloud"), {"product": "microsoft365"}),
    ],
)
def test_a_choice_between_products_is_made_by_name_family_or_place_and_keeps_the_version_named_before(
    reader, entity, expected
):
    message = Message("that one", "inform", entities=[dict(zip(("entity", "value"), entity), start=0, end=1)])
    assert reader.read(message, OPEN, "product", options=OPTIONS).facts == expected


def test_a_version_in_the_choice_itself_counts_before_the_one_named_earlier(reader):
    named = [("product", "sql_server"), ("version", "2019")]
    message = Message("SQL 2019", "inform", entities=[{"entity": e, "value": v, "start": 0, "end": 1} for e, v in named])
    assert reader.read(message, OPEN, "product", options=OPTIONS).facts == {"product": "sql_server", "version": "2019"}


def test_a_second_product_beside_the_one_at_hand_is_no_new_choice(read):
    found = read("inform", ("product", "exchange_server"), ("product", "windows_server"), facts=EXCHANGE, asked="offer")
    assert (found.facts, found.product_options) == ({}, {})


# Where it runs


@pytest.mark.parametrize("deployment", ["cloud", "on_premises"])
def test_where_it_runs_is_taken_for_a_family(read, deployment):
    found = read("inform", ("deployment", deployment), facts={**OPEN, "product": "exchange"}, asked="deployment")
    assert found.facts == {"deployment": deployment}


def test_a_version_answers_where_a_family_runs(read):
    facts = {**OPEN, "product": "exchange"}
    found = read("inform", ("version", "2019"), facts=facts, asked="deployment")
    assert found.facts == {"version": "2019"}
    assert decide(KNOWLEDGE.programme, apply(facts, found.facts), TODAY).next_question != "deployment"


def test_a_product_is_swapped_for_its_counterpart_in_the_cloud(read):
    found = read("correct", ("deployment", "cloud"), facts=EXCHANGE, asked="offer")
    after = apply(EXCHANGE, found.facts)
    assert after == {**OPEN, "product": "exchange", "deployment": "cloud"}
    assert KNOWLEDGE.catalogue.resolve(after["product"], after["deployment"]).id == "microsoft365"


def test_a_cloud_product_is_swapped_for_its_counterpart_on_premises(read):
    facts = {**OPEN, "product": "business_central_online"}
    after = apply(facts, read("correct", ("deployment", "on_premises"), facts=facts, asked="offer").facts)
    assert KNOWLEDGE.catalogue.resolve(after["product"], after["deployment"]).id == "dynamics_nav_bc"


def test_a_cloud_product_with_several_counterparts_is_not_swapped_by_guess(read):
    found = read("correct", ("deployment", "on_premises"), facts={**OPEN, "product": "microsoft365"}, asked="offer")
    assert found.facts == {}
    assert list(found.product_options) == ["exchange", "sharepoint", "office", "project"]


def test_where_it_runs_is_no_correction_when_it_is_so_already(read):
    assert not read("correct", ("deployment", "cloud"), facts={**OPEN, "product": "microsoft365"}, asked="offer")


def test_a_word_for_the_cloud_in_passing_changes_no_on_premises_product(read):
    assert not read("inform", ("deployment", "cloud"), facts=EXCHANGE, asked="offer")


# Roles


@pytest.mark.parametrize(
    "role, asked, expected",
    [
        ("global_admin", "activation_role", {"activation_role": "yes"}),
        ("mpn_partner_admin", "activation_role", {"activation_role": "yes"}),
        ("admin_agent", "admin_agent", {"admin_agent": "yes"}),
        ("helpdesk_agent", "admin_agent", {"admin_agent": "no"}),
        ("mpn_user", "activation_role", {"activation_role": "no"}),
        ("global_admin", "admin_agent", {"activation_role": "yes", "admin_agent": "unsure"}),
        ("admin_agent", "offer", {"admin_agent": "yes"}),
        ("sales_agent", "offer", {}),
    ],
)
def test_a_role_that_the_person_has_answers_what_it_proves(read, role, asked, expected):
    assert read("inform", ("role", role), facts=EXCHANGE, asked=asked).facts == expected


def test_a_role_that_the_person_does_not_have_answers_the_open_question_with_no(read):
    assert read("inform", ("role", "global_admin", {"role": "denied"}), facts=EXCHANGE, asked="activation_role").facts == {
        "activation_role": "no"
    }


def test_a_role_that_the_person_does_not_have_corrects_an_earlier_answer(read):
    facts = {**OPEN, "product": "power_bi", "admin_agent": "yes"}
    assert read("correct", ("role", "admin_agent", {"role": "denied"}), facts=facts, decided=True).facts == {
        "admin_agent": "no"
    }


def test_a_role_that_is_denied_in_passing_answers_nothing(read):
    assert not read("inform", ("role", "global_admin", {"role": "denied"}), facts=EXCHANGE, asked="offer")


# Side questions


@pytest.mark.parametrize("intent", [key for key, entry in KNOWLEDGE.intents.items() if entry.topic])
def test_a_side_question_changes_nothing(read, intent):
    assert not read(intent, facts=EXCHANGE, asked="offer", text="what is that, and where can I find it?")


@pytest.mark.parametrize(
    "text", ["do I need gold for this?", "how many incidents would we have had if we had been gold partner"]
)
def test_a_side_question_that_names_the_fact_asked_changes_nothing(read, text):
    assert not read("ask_entitlement", ("offer", "gold"), facts=EXCHANGE, asked="offer", text=text)


def test_a_side_question_about_another_product_changes_nothing(read):
    found = read(
        "ask_eligibility",
        ("product", "exchange_server"),
        ("version", "2013"),
        facts={**OPEN, "product": "windows_server"},
        asked="offer",
        text="is Exchange 2013 covered?",
    )
    assert not found


@pytest.mark.parametrize(
    "intent, entity, asked, text",
    [
        ("ask_entitlement", ("offer", "gold"), "offer", "gold, right"),
        ("ask_eligibility", ("version", "2016"), "version", "2016?"),
    ],
)
def test_a_short_answer_that_reads_like_a_question_is_an_answer(read, intent, entity, asked, text):
    facts = {**OPEN, "product": "exchange_server"}
    assert read(intent, entity, facts=facts, asked=asked, text=text).facts == dict([entity])


def test_an_error_pasted_during_a_request_does_not_become_a_fact_of_it(read):
    assert not read("report_not_authorized", ("error", "not_authorized"), facts=EXCHANGE, asked="offer")


# After an answer


def test_a_new_problem_keeps_what_is_true_of_the_company_and_forgets_the_rest(read):
    facts = {
        **EXCHANGE,
        "beneficiary": "customer",
        "offer": "silver",
        "competency": "cloud",
        "activated": "yes",
        "contract_linked": "no",
        "admin_agent": "yes",
        "activation_role": "no",
        "association": "mpn",
    }
    found = read("request_support", ("product", "sharepoint"), facts=facts, decided=True)
    assert apply(facts, found.facts) == {
        "goal": "open_request",
        "product": "sharepoint",
        "offer": "silver",
        "competency": "cloud",
        "activated": "yes",
        "contract_linked": "no",
        "admin_agent": "yes",
        "activation_role": "no",
        "association": "mpn",
    }


def test_the_same_product_in_a_new_problem_starts_without_its_version(read):
    found = read("request_support", ("product", "exchange_server"), facts=EXCHANGE, decided=True)
    assert apply(EXCHANGE, found.facts) == {**OPEN, "product": "exchange_server"}


def test_another_goal_after_an_answer_takes_the_place_of_the_first(read):
    facts = {**EXCHANGE, "offer": "gold"}
    found = read("ask_activation", facts=facts, decided=True)
    assert apply(facts, found.facts) == {**facts, "goal": "activate_benefits"}  # the problem at hand is still there


@pytest.mark.parametrize("intent", ["inform", "correct"])
def test_a_fact_after_an_answer_only_changes_that_fact(read, intent):
    assert read(intent, ("version", "2019"), facts={**EXCHANGE, "offer": "gold"}, decided=True).facts == {"version": "2019"}


@pytest.mark.parametrize("intent", ["thank", "goodbye", "affirm", "ask_severity", "greet"])
def test_what_is_no_new_problem_changes_nothing_after_an_answer(read, intent):
    assert not read(intent, facts=EXCHANGE, decided=True)


# Helpers


def test_applying_changes_leaves_the_original_alone():
    facts = {"goal": "open_request", "version": "2016"}
    assert apply(facts, {"version": None, "offer": "gold"}) == {"goal": "open_request", "offer": "gold"}
    assert facts == {"goal": "open_request", "version": "2016"}


def test_reading_does_not_change_the_facts_it_is_given(read):
    facts = dict(EXCHANGE)
    read("request_support", ("product", "azure"), facts=facts, decided=True)
    assert facts == EXCHANGE


# In context


def ranked(*pairs):
    return [{"name": name, "confidence": confidence} for name, confidence in pairs]


@pytest.mark.parametrize(
    "text, ranking, asked, facts",
    [
        ("we sure do", ranked(("thank", 0.4), ("affirm", 0.35)), "contract_linked", {"contract_linked": "yes"}),
        ("not at this point", ranked(("ask_ids", 0.5), ("deny", 0.1)), "contract_linked", {}),
        ("not sure, sales did that deal", ranked(("ask_presales", 0.5)), "offer", {"offer": "unsure"}),
        ("dat moet ik even navragen", ranked(("request_human", 0.5)), "activated", {"activated": "unsure"}),
    ],
)
def test_an_answer_is_likelier_while_a_question_is_open(reader, text, ranking, asked, facts):
    message = Message(text, "nlu_fallback", "confirm", (), ranking)
    assert reader.read(message, OPEN, asked).facts == facts


def test_yes_counts_though_more_follows(read):
    found = read("correct", ("offer", "silver"), asked="contract_linked", text="yes. hang on though, we're silver")
    assert found.facts == {"contract_linked": "yes", "offer": "silver"}


def test_no_and_more_is_a_no_but_no_before_a_correction_is_none(read):
    found = read("correct", ("offer", "silver"), asked="contract_linked", text="nee. en we zijn silver")
    assert found.facts == {"contract_linked": "no", "offer": "silver"}
    assert "contract_linked" not in read("correct", ("offer", "silver"), asked="contract_linked", text="no, it's silver").facts


def test_a_version_is_found_where_it_is_asked_for(read):
    assert read("repeat", facts={**OPEN, "product": "exchange_server"}, asked="version", text="die van 2019 nog").facts == {
        "version": "2019"
    }


def test_an_unclear_message_gives_facts_but_opens_no_goal(reader):
    entities = [{"entity": "offer", "value": "gold", "start": 0, "end": 4}]
    message = Message("gold something", "nlu_fallback", "confirm", entities, ranked(("ask_entitlement", 0.5)))
    assert reader.read(message, {}, None).facts == {"offer": "gold"}


def test_a_hybrid_set_up_asks_which_side_is_broken(read):
    sides = [("deployment", "on_premises"), ("deployment", "cloud")]
    found = read("request_support", ("product", "exchange_server"), ("version", "2019"), *sides, facts={})
    assert found.product_options == {"exchange_server": "2019", "microsoft365": None}
    family = read("request_support", ("product", "exchange"), *sides, facts={})
    assert family.facts == {"goal": "open_request", "product": "exchange"}


# One offer or another, questions not understood, versions of another product

SERVER = {**OPEN, "product": "windows_server", "version": "2025"}


@pytest.fixture
def offers(reader):
    """Return a function from a text that names offers to the changes it makes."""

    def run(text, *named, intent="inform", asked="offer", facts=SERVER):
        found = [(text.lower().index(word), word, value) for word, value in named]
        dicts = [{"entity": "offer", "value": value, "start": at, "end": at + len(word)} for at, word, value in found]
        return reader.read(Message(text, intent, "accept", dicts), facts, asked)

    return run


SILVER, GOLD = ("silver", "silver"), ("gold", "gold")


@pytest.mark.parametrize(
    "text, intent",
    [
        ("Silver or gold, not sure", "correct"),
        ("silver of gold, weet niet zeker", "unsure"),
        ("maybe silver, maybe gold", "inform"),
        ("geen idee, silver of gold", "unsure"),
    ],
)
def test_a_doubt_between_offers_is_neither(offers, text, intent):
    assert offers(text, SILVER, GOLD, intent=intent).facts == {"offer": "unsure"}


@pytest.mark.parametrize("text", ["silver or gold", "silver of gold", "silver / gold"])
@pytest.mark.parametrize("intent", ["inform", "correct"])
def test_one_offer_or_another_leaves_the_question_open(offers, text, intent):
    found = offers(text, SILVER, GOLD, intent=intent)
    assert (found.facts, found.unsure_about) == ({}, "offer")


@pytest.mark.parametrize(
    "text, named, intent, value",
    [
        ("silver and gold", (SILVER, GOLD), "inform", "silver"),
        ("no wait, not silver, we are gold", (SILVER, GOLD), "correct", "gold"),
        ("silver. Kind regards, J. Smith, Gold partner of the year", (SILVER, GOLD), "inform", "silver"),
        ("gold, no idea which version", (GOLD,), "inform", "gold"),
    ],
)
def test_an_offer_that_is_said_counts(offers, text, named, intent, value):
    assert offers(text, *named, intent=intent).facts["offer"] == value


def test_a_guess_of_one_offer_is_no_certainty(offers):
    assert offers("gold maybe", GOLD).facts == {"offer": "unsure"}


def test_one_offer_or_another_in_the_opening_is_not_taken(offers):
    assert "offer" not in offers("it is down, silver or gold", SILVER, GOLD, intent="request_support", asked=None).facts
    assert offers("perhaps the disk. We are gold", GOLD, intent="request_support", asked=None).facts["offer"] == "gold"


@pytest.mark.parametrize(
    "text",
    ["I don't understand the question", "i dont understand it", "what do you mean", "ik snap de vraag niet", "wat bedoelt u?"],
)
@pytest.mark.parametrize("asked", ["offer", "contract_linked", "beneficiary"])
def test_a_question_that_is_not_understood_is_not_answered(read, text, asked):
    assert not read("unsure", facts=SERVER, asked=asked, text=text)


SQL_2022 = {**OPEN, "product": "sql_server", "version": "2022"}


@pytest.mark.parametrize("facts, asked", [(SQL_2022, None), ({**OPEN, "product": "sql_server"}, "version"), (OPEN, "product")])
@pytest.mark.parametrize("version", ["2019", "unsure"])
def test_a_version_chosen_for_another_product_changes_nothing(reader, facts, asked, version):
    entities = [{"entity": name, "value": value} for name, value in (("version", version), ("version_of", "exchange_server"))]
    message = Message("/inform", "inform", "accept", entities)
    assert not reader.read(message, facts, asked)
    assert reader.other_product(message, facts) == "exchange_server"


def test_a_version_chosen_for_the_product_at_hand_counts(reader):
    entities = [{"entity": "version", "value": "2019"}, {"entity": "version_of", "value": "exchange_server"}]
    message = Message("/inform", "inform", "accept", entities)
    for product in ("exchange_server", "exchange"):  # the family names its own line
        facts = {**OPEN, "product": product, "deployment": "on_premises"}
        assert reader.read(message, facts, "version").facts == {"version": "2019"}
        assert reader.other_product(message, facts) is None

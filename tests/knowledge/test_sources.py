"""Everything the article says is carried by an entry or a response, and everything cited exists."""

import pytest

from bot.knowledge import shared
from bot.knowledge.check import cited_entries, known_cites
from bot.wording import LANGUAGES, shared_wording

# Facts of the article that say nothing to a partner, and why.
CARRIED_BY_NOTHING = {
    "S2": "who wrote the article, for which service, and when",
    "S19": "that the rest of the article explains the steps",
    "S25": "a screenshot of the Benefits menu",
    "S33": "a screenshot of the Activate button",
    "S38": "a screenshot of the activated benefits",
    "S46": "the column headings of the table",
}
ARTICLE = [f"S{number}" for number in range(1, 114)]


@pytest.fixture(scope="module")
def by_entry():
    """Which entries cite a fact, as (file, entry)."""
    found = {}
    for file, entry, cites in cited_entries(shared(), {}):
        for cite in cites:
            found.setdefault(cite, []).append((file, entry))
    return found


@pytest.fixture(scope="module")
def by_response():
    """Which responses cite a fact and have a text in every language."""
    found = {}
    for key, response in shared_wording().responses.items():
        if all(response.texts[language].strip() for language in LANGUAGES):
            for cite in response.cites:
                found.setdefault(cite, []).append(key)
    return found


@pytest.mark.parametrize("fact", [fact for fact in ARTICLE if fact not in CARRIED_BY_NOTHING])
def test_a_fact_of_the_article_is_carried_by_an_entry_or_by_a_response_in_both_languages(fact, by_entry, by_response):
    assert by_entry.get(fact) or by_response.get(fact)


@pytest.mark.parametrize("fact", CARRIED_BY_NOTHING)
def test_a_fact_that_says_nothing_to_a_partner_is_listed_only_while_nothing_carries_it(fact, by_entry, by_response):
    assert fact in ARTICLE
    assert not by_entry.get(fact) and not by_response.get(fact)


@pytest.mark.parametrize(
    "fact, entry",
    [
        ("S9", ("portals.yml", "technical_benefits_page")),
        ("S21", ("errors.yml", "not_authorized")),
        ("S48", ("entitlements.yml", "action_pack")),
        ("S53", ("entitlements.yml", "silver")),
        ("S56", ("entitlements.yml", "gold")),
        ("S57", ("competencies.yml", "security")),
        ("S60", ("decisions/coverage.yml", 'rule "mainstream_support_ended"')),
        ("S75", ("procedures.yml", "add_contract.enter_ids")),
        ("S82", ("decisions/contract_needed.yml", 'rule "microsoft365"')),
        ("S86", ("decisions/coverage.yml", 'rule "csp_support_plan"')),
        ("S90", ("procedures.yml", "link_support_benefits.open_plans")),
        ("S109", ("plans.yml", "premier_support_for_partners")),
    ],
)
def test_a_fact_is_carried_by_the_entry_it_is_about(fact, entry, by_entry):
    assert entry in by_entry[fact]


def test_every_cite_of_an_entry_exists(by_entry):
    assert sorted(set(by_entry) - set(known_cites(shared()))) == []


def test_every_cite_of_a_response_exists():
    known = set(known_cites(shared()))
    dangling = {key: set(response.cites) - known for key, response in shared_wording().responses.items()}
    assert {key: cites for key, cites in dangling.items() if cites} == {}


@pytest.mark.parametrize("kind", ["P", "R"])
def test_every_numbered_fact_beside_the_article_that_is_cited_exists(kind, by_entry, by_response):
    cited = {cite for cite in (*by_entry, *by_response) if cite[0] == kind and cite[1:].isdigit()}
    assert cited
    assert sorted(cited - set(shared().sources.facts)) == []


def test_every_response_with_cites_has_a_text_in_both_languages():
    silent = [
        (key, language)
        for key, response in shared_wording().responses.items()
        for language in LANGUAGES
        if response.cites and not response.texts[language].strip()
    ]
    assert silent == []


def test_every_source_says_something_and_comes_from_a_document():
    sources = shared().sources
    assert [key for key, fact in sources.facts.items() if len(fact.says) < 20] == []
    assert [key for key, fact in sources.facts.items() if fact.document not in sources.documents] == []


def test_the_article_and_the_policy_can_be_linked():
    documents = shared().sources.documents
    assert documents["article"].date == "2021-06-17"
    assert documents["article"].url.startswith("https://")
    assert documents["n1_page"].url == "https://aka.ms/n-1"


def test_every_verdict_and_every_topic_names_its_sources():
    said = ("utter_covered_", "utter_not_covered_", "utter_topic_", "utter_lead_", "utter_step_", "utter_caveat_")
    plain = ("utter_caveat_if_not_done",)  # a heading
    uncited = [
        key
        for key, response in shared_wording().responses.items()
        if key.startswith(said) and not response.cites and key not in plain
    ]
    assert uncited == []

"""Every response can be said in both languages, and each language keeps to itself."""

import re

import pytest

from bot.check import passed
from bot.knowledge import shared
from bot.nlu.language import identify
from bot.wording import LANGUAGES, Wording, constants, shared_wording

# Responses that read the same in both languages, and why.
SAME_IN_BOTH = {
    "utter_fact_product": "the word is both English and Dutch",
    "utter_value_error_not_authorized": "the message on the screen, which stays English",
    "utter_value_deployment_on_premises": "the term in both languages",
    "utter_value_deployment_cloud": "the term in both languages",
    "utter_value_offer_action_pack": "a product name",
    "utter_value_offer_silver": "a product name",
    "utter_value_offer_gold": "a product name",
    "utter_value_association_mpn": "an abbreviation",
    "utter_paste_access_id": "a label on the screen",
    "utter_paste_contract_id": "a label on the screen",
    "utter_paste_plan_csp": "a label on the screen",
    "utter_paste_benefit_microsoft_product_support": "a product name",
    "utter_paste_benefit_signature_cloud_support": "a product name",
    "utter_paste_subject": "nothing but what is filled in",
    "utter_widget_language_en": "a language is named in itself",
    "utter_widget_language_nl": "a language is named in itself",
    "utter_widget_launcher_open": "the word is both English and Dutch",
    "utter_step_ask_administrator_to_activate_open_user_management": "a link after a word that is both English and Dutch",
    "utter_step_find_administrator_open_user_management": "a link after a word that is both English and Dutch",
}
# From this many words of its own on, a text shows which language it is in.
LONG = 8
# What is quoted stays in English: placeholders are names and labels, bold is on the screen, and names of competencies.
QUOTED = re.compile(r"\{[^}]*\}|\*\*[^*]*\*\*|“[^”]*”|\b[A-Z]\w+(?: and [A-Z]\w+)+")
ENGLISH_ONLY = re.compile(r"\b(the|and|you|your|with|isn't|doesn't|please|which|this|that|cannot)\b", re.IGNORECASE)
DUTCH_ONLY = re.compile(r"\b(het|een|niet|voor|uw|wordt|klant|geen|deze|bij|naar|zijn)\b", re.IGNORECASE)
INFORMAL = re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE)

RESPONSES = sorted(shared_wording().responses)


def own_words(key, language):
    """Return what is left of a text without what is quoted in it."""
    return QUOTED.sub(" ", shared_wording().responses[key].texts[language])


def test_nothing_is_wrong_with_the_project_s_wording():
    assert [str(problem) for problem in shared_wording().problems] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", RESPONSES)
def test_a_response_can_be_said(key, language):
    text = shared_wording().text(key, language, **{name: f"value of {name}" for name in passed(key)})
    assert text
    assert not re.search(r"[{}]", text)
    assert text.count("**") % 2 == 0
    for link in re.findall(r"\]\(([^)]*)\)", text):
        assert link.startswith(("https://", "value of "))


def test_a_response_names_the_same_things_in_both_languages():
    responses = shared_wording().responses
    assert [key for key in RESPONSES if responses[key].placeholders("en") != responses[key].placeholders("nl")] == []


def test_a_dutch_text_is_not_the_english_one_except_where_that_is_right():
    texts = {key: shared_wording().responses[key].texts for key in RESPONSES}
    same = {key for key in RESPONSES if texts[key]["nl"].strip() == texts[key]["en"].strip()}
    assert same == set(SAME_IN_BOTH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_texts_are_identified_as_their_own_language(language):
    long = [key for key in RESPONSES if len(own_words(key, language).split()) >= LONG]
    assert len(long) > 100
    assert [key for key in long if identify(own_words(key, language)).code != language] == []


def test_no_english_words_stand_in_dutch_texts():
    assert {key: found.group() for key in RESPONSES if (found := ENGLISH_ONLY.search(own_words(key, "nl")))} == {}


def test_no_dutch_words_stand_in_english_texts():
    assert {key: found.group() for key in RESPONSES if (found := DUTCH_ONLY.search(own_words(key, "en")))} == {}


def test_dutch_texts_say_u():
    assert {key: found.group() for key in RESPONSES if (found := INFORMAL.search(own_words(key, "nl")))} == {}


def test_both_languages_have_the_same_shape():
    """As many items in the lists: a line lost in translation shows."""
    texts = {key: shared_wording().responses[key].texts for key in RESPONSES}
    items = {key: [len(re.findall(r"^- ", texts[key][language], re.M)) for language in LANGUAGES] for key in RESPONSES}
    assert {key: counts for key, counts in items.items() if len(set(counts)) > 1} == {}


def test_a_text_is_rendered_with_names_and_values():
    wording = shared_wording()
    values = {"product": "SQL Server", "version": "2022", "offer": "Silver"}
    verdict = wording.text("utter_covered_microsoft_product_support", "nl", **values)
    assert verdict.startswith("Ja, SQL Server 2022 valt onder **Microsoft Product Support**")
    lead = wording.text("utter_lead_support_for_business", "en")
    assert "[Support for Business](https://support.serviceshub.microsoft.com/" in lead


def test_an_unknown_language_falls_back_to_english():
    assert shared_wording().text("utter_greet", "fr") == shared_wording().text("utter_greet", "en")


def test_an_unknown_response_and_a_missing_value_are_errors():
    with pytest.raises(KeyError):
        shared_wording().text("utter_nothing_of_the_kind", "en")
    with pytest.raises(KeyError):
        shared_wording().text("utter_noted", "en")


def test_constants_hold_what_the_knowledge_says():
    found = {name: str(value) for name, value in constants(shared()).items()}
    assert found["url_n1_policy"] == "https://aka.ms/n-1"
    assert found["label_azure_portal_new_request"] == "+ New Support request"
    assert found["name_admin_agent"] == "Admin agent"
    assert (found["incidents_action_pack"], found["incidents_silver"], found["incidents_gold"]) == ("10", "15", "20")
    assert (found["cloud_other_silver"], found["cloud_other_gold"]) == ("5", "10")
    assert found["article_date"] == "2021-06-17"
    assert "url_publisher" not in found


def test_a_missing_translation_and_a_key_in_two_files_are_problems(tmp_path):
    (tmp_path / "a.yml").write_text("responses:\n  utter_x:\n    - text: Hello\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("responses:\n  utter_x:\n    - text: Hello again\n", encoding="utf-8")
    (tmp_path / "c.yml").write_text("responses: [\n", encoding="utf-8")
    found = [str(problem) for problem in Wording(shared(), tmp_path).problems]
    assert found[:2] == [
        'domain/responses/a.yml: utter_x: has no text in "nl"; translate it',
        "domain/responses/b.yml: utter_x: stands in domain/responses/a.yml too; Rasa would lose one, remove it",
    ]
    assert len(found) == 3 and found[2].startswith("domain/responses/c.yml: line ")

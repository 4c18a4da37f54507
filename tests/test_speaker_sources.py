"""Whatever an answer cites can be shown to a person, in both languages."""

import pytest

from bot.knowledge.check import known_cites
from bot.speaker import Speaker
from bot.wording import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_citation_is_a_document_with_a_sentence(knowledge, wording, language):
    speaker = Speaker(knowledge, wording, language)
    for cite in known_cites(knowledge):
        source = speaker.source(cite)
        assert source.title and len(source.says) > 15, cite
        assert source.url is None or source.url.startswith("https://"), cite


def test_a_sentence_is_in_the_language_of_the_reader(knowledge, wording):
    english, dutch = (Speaker(knowledge, wording, language) for language in LANGUAGES)
    same = [cite for cite in known_cites(knowledge) if english.source(cite).says == dutch.source(cite).says]
    assert same == []


def test_product_data_is_named_by_its_product(knowledge, wording):
    assert Speaker(knowledge, wording, "en").source("L:exchange-server").title == "Exchange Server"
    assert "Exchange Server" in Speaker(knowledge, wording, "nl").source("L:exchange-server").says

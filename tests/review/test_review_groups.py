"""Messages that are alike come together, the biggest group first, its most central message first."""

from bot.review.candidates import Candidate
from bot.review.groups import encoder, first, grouped

ALIKE = [
    "where do I find the access id",
    "where can I find the access id",
    "where do I find my access id please",
    "where's the access id",
]
OTHER = ["the printer is on fire", "the printer is on fire again"]
ALONE = ["zork"]


def made(text: str, times: int = 1) -> Candidate:
    return Candidate(text, "en", ("refused",), None, "", (), (), None, times)


def texts(groups):
    return [{one.text for one in group} for group in groups]


def test_messages_that_are_alike_are_one_group_and_the_biggest_comes_first() -> None:
    mixed = [made(text) for pair in zip(OTHER + ALONE, ALIKE) for text in pair] + [made(ALIKE[-1])]
    assert texts(grouped(mixed, None)) == [set(ALIKE), set(OTHER), set(ALONE)]


def test_the_sentence_encoder_groups_by_meaning(project) -> None:
    config = project / "config.yml"
    assert encoder(project) is None
    config.write_text(config.read_text().replace("false", "true"))
    groups = texts(
        grouped([made(text) for text in ("my printer is burning", "the printer is on fire", "thank you")], encoder(project))
    )
    assert groups == [{"my printer is burning", "the printer is on fire"}, {"thank you"}]


def test_how_often_a_message_came_counts_for_the_size_of_its_group_and_for_what_is_central() -> None:
    groups = grouped([*(made(text) for text in ALIKE), made(OTHER[0]), made(OTHER[1], times=9)], None)
    assert [one.text for one in groups[0]] == [OTHER[1], OTHER[0]]


def test_the_most_central_message_comes_first() -> None:
    groups = grouped([made(text) for text in ("access id lost", "access id", "access id gone")], None)
    assert [one.text for one in groups[0]][0] == "access id"


def test_a_limit_is_on_messages_and_keeps_their_order() -> None:
    groups = grouped([made(text) for text in ALIKE + OTHER], None)
    kept = first(groups, 5)
    assert [len(group) for group in kept] == [4, 1]
    assert kept[0] == groups[0] and kept[1] == groups[1][:1]
    assert first(groups, None) == groups


def test_texts_without_words_in_common_and_none_at_all_do_no_harm() -> None:
    assert grouped([], None) == []
    assert len(grouped([made("a"), made("?")], None)) == 2

"""The same message, written worse: what it means and what it names stays."""

import random
import re
import unicodedata

import pytest

MESSAGES = [
    ("our exchange 2016 server stopped delivering mail this morning", "request_support", {"exchange_server", "2016"}),
    ("where can I find our access id and contract id?", "ask_ids", set()),
    ("which portal do I use for a ticket about sql server 2019?", "ask_portal", {"sql_server", "2019"}),
    ("who is allowed to activate the technical benefits?", "ask_required_role", set()),
    ("how do I migrate sharepoint 2019 to sharepoint online?", "request_advice", {"sharepoint_server", "2019", "microsoft365"}),
    ("sinds de update start onze Windows Server 2019 niet meer op", "request_support", {"windows_server", "2019"}),
    ("waar vind ik één van die twee ids, het Access ID?", "ask_ids", set()),
    ("hoeveel incidenten hebben we dit jaar nog over?", "ask_remaining_incidents", set()),
    ("de knop om te activeren is grijs en ik kan er niet op klikken", "report_activate_greyed_out", set()),
    ("ik wil graag met een medewerker praten", "request_human", set()),
]


def emoji_between(text):
    return " 😡 ".join(text.split(" ", 3))


def typographic(text):
    return "“" + text.replace("'", "’").replace(" - ", " – ") + "”"


def without_diacritics(text):
    return "".join(sign for sign in unicodedata.normalize("NFD", text) if not unicodedata.combining(sign))


def mojibake(text):
    return f"itâ€™s urgent: {text}" if text.isascii() else text.encode("utf-8").decode("cp1252", "replace")


WORSE = {
    "capitals": str.upper,
    "lower case": str.lower,
    "no punctuation": lambda text: re.sub(r"[^\w\s]", "", text),
    "much punctuation": lambda text: text.rstrip("?.") + "???!!!",
    "typographic quotes": typographic,
    "non-breaking spaces": lambda text: text.replace(" ", "\u00a0"),
    "decomposed letters": lambda text: unicodedata.normalize("NFD", text),
    "no diacritics": without_diacritics,
    "emoji between words": emoji_between,
    "no space before the version": lambda text: re.sub(r"(?<=[a-zA-Z]) (?=\d{4})", "", text),
    "zero-width signs": lambda text: text.replace("e", "e\u200b", 3),
    "spaces and line breaks": lambda text: "  \n " + text.replace(" ", "   ") + " \t\n",
    "the wrong encoding": mojibake,
}


def values(parsed):
    return {entity["value"] for entity in parsed["entities"] if entity["entity"] in ("product", "version")}


@pytest.mark.parametrize("text, intent, named", MESSAGES, ids=[text[:30] for text, *_ in MESSAGES])
@pytest.mark.parametrize("how", WORSE)
def test_a_message_means_the_same_however_it_is_written(assistant, loop, how, text, intent, named):
    parsed = loop.run_until_complete(assistant.parse(WORSE[how](text)))
    assert (parsed["intent_ranking"][0]["name"], values(parsed)) == (intent, named)
    assert parsed["decision"] != "refuse"


PADDING = {
    "en": "We have been a partner for many years and our people work hard. Last month the office was painted and the coffee "
    "machine was replaced. Everybody here is rather tired of the whole story by now. ",
    "nl": "Wij zijn al jaren partner en onze mensen werken hard. Vorige maand is het kantoor geschilderd en kwam er een nieuwe "
    "koffiemachine. Iedereen hier is het hele verhaal intussen behoorlijk beu. ",
}


@pytest.mark.parametrize(
    "language, text, intent, named",
    [
        ("en", "Since the last update our Exchange 2019 server does not deliver mail any more.", "request_support", {"2019"}),
        ("nl", "Sinds de laatste update start onze SQL Server 2022 niet meer op.", "request_support", {"2022"}),
        ("en", "Where can I find the Access ID and the Contract ID in Partner Center?", "ask_ids", set()),
    ],
)
@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_an_opening_of_five_hundred_words_is_read_for_what_it_asks(assistant, loop, language, text, intent, named, place):
    padding = (PADDING[language] * 20).split(". ")
    at = {"first": 0, "middle": len(padding) // 2, "last": len(padding)}[place]
    whole = ". ".join([*padding[:at], text.rstrip(".?"), *padding[at:]])
    assert len(whole.split()) >= 500
    parsed = loop.run_until_complete(assistant.parse(whole))
    assert parsed["intent_ranking"][0]["name"] == intent
    assert named <= values(parsed)


def test_the_same_words_answer_a_question_and_open_nothing_without_one(assistant, loop):
    from bot.shared_reader import reader
    from bot.engine.message import Message

    parsed = Message.of(loop.run_until_complete(assistant.parse("2016")))
    known = {"goal": "open_request", "product": "exchange_server"}
    assert reader().read(parsed, known, "version").facts == {"version": "2016"}
    assert reader().read(parsed, {}, None).facts == {}


def test_noise_is_refused(assistant, loop):
    for seed in range(20):
        letters = random.Random(seed).choices("qxzjkvwy", k=12)
        parsed = loop.run_until_complete(assistant.parse("".join(letters)))
        assert parsed["decision"] == "refuse"

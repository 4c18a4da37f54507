"""The intent model, trained here on a handful of examples, without the sentence encoder."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.nlu.intents import ACCEPT, CONFIRM, REFUSE, Settings, mask, normalize, train
from bot.nlu.spelling import Speller

EXAMPLES = {
    "request_support": """our exchange server is down
the mail server stopped working
I want to open a support ticket
please log a case for our customer
sql server crashes every night
windows server reboots all the time
de server van de klant ligt plat
wij willen een ticket openen
exchange doet het niet meer""",
    "ask_ids": """where do I find the access id
where is the contract id shown
how can I see my access id and contract id
show me the contract id
which page shows the access id
waar vind ik het access id
waar staat het contract id
hoe zie ik mijn contract id en access id
laat mij het access id zien""",
    "request_human": """I want to talk to a person
can I speak to someone
give me a human please
connect me with an employee
let me talk to a real person
ik wil een medewerker spreken
kan ik met iemand praten
verbind mij met een mens
mag ik een echt persoon spreken""",
}
TEXTS = [text for block in EXAMPLES.values() for text in block.splitlines()]
LABELS = [intent for intent, block in EXAMPLES.items() for _ in block.splitlines()]


def no_encoder(texts):
    raise AssertionError("the encoder is switched off")


def trained(**chosen):
    return train(TEXTS, TEXTS, LABELS, Settings(sentence_weight=0, folds=3, **chosen), no_encoder)


def read(model, text, encode=no_encoder):
    """Read a message that names nothing, so that its masked form is the text itself."""
    return model.read(text, text, encode)


@pytest.fixture(scope="module")
def model():
    return trained()


@pytest.mark.parametrize(
    "text, intent",
    [
        ("our sql server is down", "request_support"),
        ("where can I find my contract id", "ask_ids"),
        ("could I talk to a real person please", "request_human"),
        ("waar vind ik mijn contract id", "ask_ids"),
        ("de exchange server ligt plat", "request_support"),
        ("ik wil graag een mens spreken", "request_human"),
    ],
)
def test_a_message_like_the_examples_is_read_as_their_intent(model, text, intent):
    reading = read(model, text)
    assert reading.intent == intent
    assert reading.decision != REFUSE


@pytest.mark.parametrize("text", ["I wnat to taalk to a persson", "where do I fnid the acces id", "the serverr is doown"])
def test_small_typos_change_nothing(model, text):
    right = {"I wnat": "request_human", "where ": "ask_ids", "the se": "request_support"}[text[:6]]
    assert read(model, text).intent == right


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "?!", "qwrtzpsd xxcvbnq", "\u0000", "12345 6789", "((({}}))"])
def test_a_message_without_a_known_word_is_refused_and_no_reading_is_preferred(model, text):
    reading = read(model, text)
    assert reading.decision == REFUSE
    assert len({confidence for _, confidence in reading.ranking}) == 1


FOREIGN = """what is the weather like tomorrow
my washing machine is broken
recommend me a good film
bananas grow in warm countries
how do I bake bread
wat eten we vanavond
mijn fiets is gestolen
hoe laat gaat de trein
wie wint de voetbalwedstrijd"""


def test_a_message_about_something_else_is_less_likely_in_scope_and_refused():
    texts = [*TEXTS, *FOREIGN.splitlines()]
    labels = [*LABELS, *["out_of_scope"] * len(FOREIGN.splitlines())]
    chosen = Settings(sentence_weight=0, folds=3, false_refusals=0.1)
    model = train(texts, texts, labels, chosen, no_encoder)
    genuine, foreign = read(model, "where do I find the access id"), read(model, "what is the film about washing bananas")
    assert 0 <= foreign.in_scope < genuine.in_scope <= 1
    assert foreign.decision == REFUSE
    assert genuine.decision != REFUSE


def test_without_examples_of_something_else_only_what_holds_no_known_word_is_refused(model):
    assert model.scope is None
    assert read(model, "bananas dance under yellow rainbows").decision != REFUSE


def test_the_ranking_holds_every_intent_once_with_falling_probabilities_that_sum_to_one(model):
    ranking = read(model, "where is the access id").ranking
    confidences = [confidence for _, confidence in ranking]
    assert sorted(name for name, _ in ranking) == sorted(EXAMPLES) == model.intents
    assert confidences == sorted(confidences, reverse=True)
    assert sum(confidences) == pytest.approx(1)


def test_the_reading_names_the_first_of_the_ranking(model):
    reading = read(model, "where is the access id")
    assert (reading.intent, reading.confidence) == reading.ranking[0]


def test_an_unsure_reading_is_confirmed_and_a_sure_one_accepted(model):
    familiar = "where do I find the access id"
    confidence = read(model, familiar).confidence
    model_from = model.accept_from
    try:
        model.accept_from = confidence
        assert read(model, familiar).decision == ACCEPT
        model.accept_from = np.nextafter(confidence, 2)
        assert read(model, familiar).decision == CONFIRM
    finally:
        model.accept_from = model_from


def test_the_temperature_is_positive_and_thresholds_are_probabilities(model):
    assert model.temperature > 0
    assert 0 < model.accept_from <= 1
    assert 0 <= model.report["out_of_fold_accuracy"] <= 1
    assert model.report["messages"] == len(TEXTS)


def test_training_twice_gives_the_same_model(model):
    again = trained()
    assert (again.temperature, again.accept_from) == (model.temperature, model.accept_from)
    for text in (*TEXTS, "our customer cannot see the contract"):
        assert read(again, text) == read(model, text)


def test_the_order_of_the_examples_only_matters_to_the_folds(model):
    backwards = train(TEXTS[::-1], TEXTS[::-1], LABELS[::-1], model.settings, no_encoder)
    assert backwards.intents == model.intents
    assert all(read(backwards, text).intent == read(model, text).intent for text in TEXTS)


def test_training_says_what_it_does():
    steps = []
    train(TEXTS, TEXTS, LABELS, Settings(sentence_weight=0, folds=3), no_encoder, progress=steps.append)
    assert [step for step in steps if step.startswith("fold")] == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert steps[-1] == "final model"


def test_the_encoder_is_used_when_it_is_switched_on():
    def encode(texts):
        # One direction per intent, as an encoder that knows them would give.
        places = [[("id" in text), ("server" in text or "ticket" in text), 1] for text in texts]
        vectors = np.array(places, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    model = train(TEXTS, TEXTS, LABELS, Settings(sentence_weight=1.5, folds=3), encode)
    assert model.space is not None
    assert read(model, "where do I find the access id", encode).intent == "ask_ids"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Exchange 2016!", "exchange #"),
        ("exchange2016", "exchange #"),
        ("Één  klant", "een klant"),
        ("", ""),
        ("w2k19", "w # k #"),
    ],
)
def test_the_model_sees_normal_forms_and_one_sign_for_every_number(text, expected):
    assert normalize(text) == expected


def test_a_name_is_masked_by_its_kind_wherever_it_stands():
    assert mask("SQL 2019 for gold", [(0, 3, "product"), (4, 8, "version")]).split() == [
        "productname",
        "versionname",
        "for",
        "gold",
    ]
    assert mask("nothing here", []) == "nothing here"


def test_a_name_decides_nothing_when_it_is_masked():
    model = train(
        TEXTS,
        [text.replace("exchange", "productname") for text in TEXTS],
        LABELS,
        Settings(sentence_weight=0, folds=3),
        no_encoder,
    )
    first, second = (model.read(f"{name} is down", "productname is down", no_encoder) for name in ("exchange", "sharepoint"))
    assert first == second


def test_the_model_sees_corrected_words():
    assert normalize("my exchnage 2016", Speller(["exchange"])) == "my exchange #"


@given(st.text(max_size=200))
@settings(deadline=None, max_examples=50)
def test_any_text_is_read(model, text):
    reading = read(model, text)
    assert reading.decision in (ACCEPT, CONFIRM, REFUSE)
    assert all(0 <= confidence <= 1 for _, confidence in reading.ranking)

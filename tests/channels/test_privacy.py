"""No secret that a person sends is found afterwards: not in the database, not in a log, not in a reply.

The gateway, the real assistant and a database file; secrets planted at random places of ordinary messages.
"""

import asyncio
import json
import logging
import string
import sys
import uuid

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stdnum import luhn

from bot.channels.gateway import Gateway
from bot.channels.guard import Guard
from bot.channels.message import Incoming
from bot.database import Database
from bot.channels.transcript import Transcript
from bot.wording import shared_wording

LOGGERS = ("rasa", "rasa_sdk", "bot", "actions", "asyncio")
SIGNS = string.ascii_letters + string.digits
RESTS = [
    "exchange 2019 is down at our customer", "waar open ik een ticket voor sql server 2022?", "thanks", "nee",
    "I cannot activate my benefits", "het contract is gekoppeld", "we have gold", "talk to a person please",
]  # fmt: skip


def word(alphabet, least, most):
    return st.text(alphabet=alphabet, min_size=least, max_size=most)


numbers = word(string.digits, 8, 10)
codes = st.builds("{}{}{}".format, word(string.ascii_uppercase, 2, 4), word(string.digits, 4, 6), word("XYZ", 1, 2))
cards = word(string.digits, 14, 14).map(lambda digits: "4" + digits).map(lambda digits: digits + luhn.calc_check_digit(digits))
passwords = st.builds("{}{}!{}".format, word(string.ascii_uppercase, 2, 3), word(string.ascii_lowercase, 4, 8), word(string.digits, 3, 5))
mails = st.builds("q{}.{}@zz{}.example.nl".format, *[word(string.ascii_lowercase, 4, 9)] * 3)
tokens = word(SIGNS, 30, 40).map(lambda text: "ghp_" + text)

SECRETS = st.one_of(
    st.tuples(st.sampled_from(["my access id is {}", "Access ID: {}", "toegangs-id {}"]), st.one_of(numbers, codes)),
    st.tuples(st.sampled_from(["contract id {}", "Contract ID = {}", "het contractnummer is {}"]), st.one_of(numbers, codes)),
    st.tuples(st.sampled_from(["password: {}", "mijn wachtwoord is {}", "pwd={}"]), passwords),
    st.tuples(st.sampled_from(["client secret is {}", "api key {}", "Authorization: Bearer {}"]), tokens),
    st.tuples(st.sampled_from(["card {}", "mijn kaartnummer is {}"]), cards),
    st.tuples(st.sampled_from(["mail me at {}", "{} is mijn adres"]), mails),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory, loop):
    """Give the gateway over a database file, the file, and everything that was logged."""
    from rasa.utils.log_utils import configure_structlog

    from bot.assistant import Assistant
    from bot.talk import trained_model

    database = tmp_path_factory.mktemp("privacy") / "conversations.db"
    records = []

    class Keep(logging.Handler):
        def emit(self, record):
            records.append(self.format(record) + repr(record.args))

    handler = Keep(logging.DEBUG)
    root = logging.getLogger()
    root.addHandler(handler)
    assistant = Assistant(trained_model(), Database.in_file(database))
    configure_structlog(logging.DEBUG)  # Rasa logs what people say through it, below the level of `triage serve`
    for module in list(sys.modules.values()):  # a logger that was used before keeps the level of then
        logger = getattr(module, "__dict__", {}).get("structlogger")
        getattr(logger, "__dict__", {}).pop("bind", None)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield Gateway(assistant, Transcript(Database.in_file(database)), Guard(), shared_wording().text), database, records
    root.removeHandler(handler)
    configure_structlog(logging.ERROR)
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.NOTSET)


async def converse(gateway, texts, word_of_feedback):
    conversation = uuid.uuid4().hex
    await gateway.begin(conversation, "widget", "en")
    await gateway.greet(conversation, "en")
    for text in texts:
        await gateway.receive(Incoming("widget", conversation, uuid.uuid4().hex, text))
    await gateway.settle()
    await gateway.rate(Incoming("widget", conversation, uuid.uuid4().hex, word_of_feedback), False)
    return await gateway.transcript.after(conversation, 0)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(planted=st.lists(st.tuples(SECRETS, st.sampled_from(RESTS), st.booleans()), min_size=1, max_size=3))
def test_no_planted_secret_is_found_afterwards(kept, loop, planted):
    gateway, database, records = kept
    records.clear()
    said = [(template.format(secret), rest, first) for (template, secret), rest, first in planted]
    texts = [f"{sentence}. {rest}" if first else f"{rest}. {sentence}" for sentence, rest, first in said]
    transcript = loop.run_until_complete(converse(gateway, texts, said[0][0]))
    files = b"".join(path.read_bytes() for path in database.parent.iterdir()).decode("utf-8", "replace")
    places = {"database": files, "replies": json.dumps(transcript, ensure_ascii=False), "logs": "\n".join(records)}
    for (_, secret), _, _ in planted:
        for place, text in places.items():
            assert secret.lower() not in text.lower(), f"{secret} is in the {place}"
    assert [message["kind"] for message in transcript].count("privacy") == len(texts) + 1
    assert records, "the log is looked at"


def test_the_problem_that_a_person_hands_over_holds_no_secret(kept, loop):
    gateway, _, _ = kept
    texts = ["Our Exchange 2019 is down, my password is Welkom123! and my access id is 12345678", "I want to talk to a person"]
    transcript = loop.run_until_complete(converse(gateway, texts, ""))
    (handed,) = [message for message in transcript if message["kind"] == "handover"]
    assert "Exchange" in handed["text"] and "Welkom" not in handed["text"] and "12345678" not in handed["text"]


def test_the_test_would_find_a_secret_that_stays(kept, loop):
    """The log does hold what is said: were a secret left in it, the search above would see it."""
    gateway, database, records = kept
    records.clear()
    marker = "exchange 2016 marker" + uuid.uuid4().hex[:6].translate(str.maketrans(string.digits, "ghijklmnop"))
    transcript = loop.run_until_complete(converse(gateway, [marker], ""))
    files = b"".join(path.read_bytes() for path in database.parent.iterdir()).decode("utf-8", "replace")
    assert marker in json.dumps(transcript) and marker in files and marker in "\n".join(records)

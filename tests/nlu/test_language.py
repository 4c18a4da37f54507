"""Which language a message is in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.language import identify

ENGLISH = """
hello
hi there
good morning
thanks a lot
yes
yes please
no thanks
I don't know
not sure
what do you mean?
I need help
we have a problem
our customer's mail server is down
Which version is still supported?
on our own servers
for a customer
the button is greyed out
where do I find the contract id?
can I talk to someone?
Exchange 2016 stopped working this morning
Windows Server keeps rebooting after the update
how many incidents are left
why do you ask that
go back
wait, it is 2019
who may activate the benefits?
Dear support, we kindly ask you to open an incident for our customer.
this is wrong
ok great
You are not authorized for this action
This Access ID is already associated to an account. Please contact your Technical Account Manager to obtain a new Access ID
"""
DUTCH = """
hallo
goedemorgen
hoi
dank u wel
bedankt
ja
ja graag
nee
nee hoor
weet ik niet
geen idee
wat bedoelt u?
opnieuw beginnen
ik heb hulp nodig
we hebben een probleem
de mailserver van onze klant ligt eruit
Welke versie wordt nog ondersteund?
wij zijn gold partner
op onze eigen servers
voor een klant
de knop is grijs
waar vind ik het contract id?
kan ik iemand spreken?
Exchange 2016 doet het niet meer
Windows Server start steeds opnieuw op na de update
hoeveel incidenten hebben we nog
waarom vraagt u dat
terug
wacht, het is 2019
wie mag de voordelen activeren?
Geachte heer, mevrouw, wij willen graag een ticket openen voor onze klant.
SQL cluster start niet
dit klopt niet
onze Exchange ligt plat
Teams werkt niet
hoe activeer ik de benefits
"""


def lines(text):
    return [line for line in text.splitlines() if line]


@pytest.mark.parametrize("text", lines(ENGLISH))
def test_english_is_recognized(text):
    assert identify(text).code == "en"


@pytest.mark.parametrize("text", lines(DUTCH))
def test_dutch_is_recognized_and_known(text):
    found = identify(text)
    assert (found.code, found.known) == ("nl", True)


@pytest.mark.parametrize("text", [line for line in lines(ENGLISH + DUTCH) if len(line.split()) >= 5])
def test_a_sentence_is_clear(text):
    assert identify(text).clear


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2019",
        "Exchange 2016",
        "Windows Server 2019",
        "Exchange Online",
        "gold",
        "silver",
        "Action Pack",
        "ok",
        "SQL",
        "cloud",
        "Access ID",
        "contract id",
        "Partner Portal",
        "ticket",
        "server",
        "in",
        "is",
        "Office 365",
        "Global Admin",
        "support",
        "😀",
        "{}",
        "SharePoint Server 2016",
        "service request status",
    ],
)
def test_words_that_both_languages_share_do_not_decide(text):
    found = identify(text)
    assert (found.code, found.known, found.clear) == ("en", False, False)


@pytest.mark.parametrize("answer", ["yes", "gold", "2019", "ok", "Exchange Online", "Azure AD Connect", "customer"])
def test_a_short_answer_in_english_words_does_not_turn_a_dutch_conversation(answer):
    assert not identify(answer).clear


def test_an_english_error_message_inside_a_dutch_sentence_stays_dutch():
    assert identify('ik krijg de melding "You are not authorized" als ik op de knop klik en weet niet waarom').code == "nl"


def test_silent_words_do_not_count():
    assert identify("terug").known
    assert not identify("terug", silent=["terug"]).known


@given(st.text(max_size=500))
def test_any_text_has_a_language(text):
    found = identify(text)
    assert found.code in ("en", "nl")
    assert found.margin >= 0
    assert found.known or not found.clear

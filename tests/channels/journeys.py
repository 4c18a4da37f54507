"""The same conversations on every platform, with the real assistant: `triage serve` as a process, people on the platform."""

from tests.channels.conftest import until

SECONDS, PAUSE = 60, 0.3  # the emulator takes 5,000 calls an hour
# What a person does, and what is read then.
ENGLISH = [
    ("say", "we need help with windows server 2025, failover cluster down, gold", "Noted: Windows Server 2025, Gold"),
    ("press", "No, not yet", "technical benefits been activated"),
    ("say", "what is a contract id?", "Access ID"),
    ("press", "Yes, activated", "Open the request in Support for Business"),
    ("press", "Walk me through it", "Step 1 of 9"),
    ("press", "Done", "Step 2 of 9"),
    ("say", "sorry, my password is Welkom123!, what now?", "I took something private out"),
    ("press", "Stop", "What would you like to do next?"),
    ("rate", "Yes", "Thank you"),
    ("say", "Nederlands graag", "Nederlands"),
]
DUTCH = [
    ("say", "onze exchange 2016 server is down, we hebben gold", "Exchange Server 2016"),
    ("press", "Stap voor stap", "Stap 1 van 2"),
    ("press", "Klaar", "Stap 2 van 2"),
    ("press", "Terug", "Stap 1 van 2"),
    ("say", "ik wil een mens spreken", "Samenvatting"),
    ("say", "sukkel", "Stap 1 van 2"),
    ("press", "Stoppen", "Wat wilt u nu doen?"),
    ("rate", "Nee", "Dank u"),
]
JOURNEYS = {"en": ENGLISH, "nl": DUTCH}


def play(person, language):
    """Let a person go a journey; return everything that was read.

    `person` can `say`, `press` and `rate`, the latter two when `offers` says so; has `messages()`, and reads them by `read`.
    """
    def since():
        return " ".join(person.read([message for message in person.messages() if message not in before]).split())

    for does, what, read in JOURNEYS[language]:
        before = person.messages()
        if does != "say":
            until(lambda: person.offers(what), SECONDS, PAUSE)
        getattr(person, does)(what)
        try:
            until(lambda: read in since(), SECONDS, PAUSE)
        except AssertionError:
            raise AssertionError(f"{does} {what!r}: no {read!r} in {since()!r}") from None
    found = person.read(person.messages())
    assert "Welkom123" not in found
    return found

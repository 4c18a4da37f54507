"""Ordinary words in both languages: what is said about a password, key or number, and what is none of them."""

import re
from typing import Sequence

from bot.redaction.plain import any_of

# What may stand between the word for a secret and the secret: "id: X", "id is X", "id = X", `"id": "X"`.
SAYS = r"\b(?:is|was|are|be|zijn|luidt|wordt|werd|becomes)\b"
SEPARATOR = rf"[\"'\s)\]]{{0,4}}(?::(?!//)|={{1,2}}>?|->|{SAYS}){{1,2}}[\s\"'(`]{{0,4}}"

# Words of sentences: who, where, when, whether.
PROSE = frozenset(
    "a an the i you he she it we they me us him them my your his her its our their this that these those there here "
    "one not no never nothing none yes maybe and or but if so then than because as also too very just only still "
    "already again always now today yesterday tomorrow soon later before after since until while once in on at of for "
    "from to into with without by via through over under about per out up off down is are was were be been being am "
    "has have had do does did don't doesn't didn't isn't wasn't can't won't i'm it's can could will would shall "
    "should must may might what which who where when why how ok okay thanks thank please hello hi error every time "
    "all any some both more same other another different something anything else like correctly twice page screen "
    "policy field email mail een de het ik jij je u hij zij ze wij jullie mij mijn jouw uw zijn haar ons onze hun hen "
    "dit dat deze die er hier daar niet geen nooit niets ja nee en maar als dan dus want omdat ook nog steeds al weer "
    "opnieuw altijd nu vandaag gisteren morgen straks voor na sinds tot terwijl op aan van naar met zonder door bij "
    "onder uit af weg ben bent heb hebt heeft hebben doe doet deed kan kunnen kon wil zal zou moet moeten mag wat "
    "welke wie waar wanneer waarom hoe te heel erg bedankt dank graag hallo alvast fout elke keer alle andere zelfde "
    "hetzelfde iets anders pagina scherm veld goed niks meer beide".split()
)
# What may be said of a password or key: "the password is expired".
_STATES = frozenset(
    "wrong incorrect correct right fine lost forgot forgotten reset known unknown set empty invalid valid hidden "
    "visible broken gone stolen sent shown weak strong safe secure old new short long simple complex unique mandatory "
    "optional needed asked good bad ready due missing available unavailable active inactive public private default "
    "local confidential read kept seen held given taken written changing know knows work works fail fails failing "
    "expire expires onjuist juist kwijt vergeten fout weg onbekend bekend leeg ongeldig geldig oud nieuw kort lang "
    "zwak sterk veilig onveilig zichtbaar verborgen nodig verplicht klaar stuk kapot gelijk actief inactief "
    "vertrouwelijk weet werkt standaard uniek verkeerd eerder".split()
)
# What a secret may be itself, when it is told with a colon.
_LIKELY_SECRETS = frozenset(
    "private public default local strong safe secure unique simple sterk veilig standaard uniek hidden confidential "
    "vertrouwelijk verborgen nieuw new old".split()
)
_ENGLISH_STATE = r"[a-z]{2,}(?:ed|ing|able|ible|less)"
_DUTCH_STATE = r"(?:[a-z]{2,6}?ge|ge|be|ver|ont|her|mis)[a-z]{2,}(?:d|t|en)|[a-z]{3,}(?:baar|loos|lijk)"
_STATE = re.compile(any_of(_ENGLISH_STATE, _DUTCH_STATE))
_WORDLIKE = re.compile(
    r".{3,}(?:tions?|ings?|ed|ments?|it(?:y|ies)|[ai]ble|[ae]nce|ness|ly|ism|ure|ous|ive|al|e?rs?|ors?|ics?|heid|atie|aties"
    r"|lijke?|bare?|teit|schap|isch|en|de|te|ie|ies|word|woord|key|tokens?|secrets?|ids?|age|ate)"
)

# A number behind one of these is called something else: "event id 4625", "ticket 2405160030001234", "server SRV2019".
_OTHER_NUMBERS = frozenset(
    "error errors fout foutcode foutmelding foutmeldingen event events eventid gebeurtenis gebeurtenisid kb build "
    "version versie update hresult status port poort article artikel ticket tickets case cases zaak incident request "
    "sr verzoek aanvraag order bestelling invoice factuur address adres offset module exception stopcode bugcheck "
    "server servers host machine computer laptop pc vm node line regel row rij room kamer page pagina hash checksum "
    "kit correlation release".split()
)
_THEIR_WORDS = frozenset("id ids code codes number nummer nr no is was the de het een a".split())
_HASH = re.compile(
    r"(?:hash|md5|sha-?\d{0,3}|checksum|controlegetal|digest|commit|thumbprint|fingerprint|vingerafdruk|etag)"
    r"(?:[\s:=(]{1,4}[a-z]{1,10}){0,4}[\s:=(\"']{0,4}\Z",
    re.I,
)
HASH_REACH = 50  # signs

# What looks like an id and is none: error codes, KB numbers, versions and builds, dates, products with their version.
_PRODUCT = any_of(
    *"windows win ws w server srv sql mssql exchange exch ex office o m microsoft dynamics sharepoint nav ax gp crm bc d "
    "visio project skype lync sccm scom scvmm vs sbs rds azure teams outlook word excel access hyperv visualstudio".split()
)
_HARMLESS = re.compile(
    r"0x[0-9a-f]{1,16}|kb-?\d+|(?:cu|sp|rc|r|v|e|n|p|s|ru|ver|build)-?\d{1,4}|\d\dh\d|\d{1,5}(?:\.\d{1,6}){1,4}"
    r"|(?:aadsts|aadb2c|adsts|caa|cve-\d{4}-)-?\d{4,12}"
    r"|\d{4}-\d\d?-\d\d?|\d\d?-\d\d?-(?:\d\d){1,2}|(?:19|20)\d\d(?:-(?:19|20)?\d\d)?|n-[12]|2?k\d{1,2}"
    rf"|{_PRODUCT}-?(?:server)?-?(?:2k)?\d{{1,4}}(?:r\d|h\d)?(?:sp\d|cu\d{{1,2}})?",
    re.I,
)
# The same, unless it stands right behind the word for an id: tickets, sizes, computers, files.
_LABEL = re.compile(
    r"(?:idx|inc|req|chg|ritm|tkt)-?\d{4,12}|s(?:rv|vr)-?[a-z0-9]{1,14}|(?:desktop|laptop|vm|pc|dc)-\w{1,12}"
    r"|\d{1,3}-(?:packs?|days?|daagse?|hours?|uurs?|years?|jarig|core|bits?|user|fold|way|digit|cijferig)"
    r"|\d{1,6}(?:[kmgt]b|ms|min|px|bits?|x|st|nd|rd|th|e|de|ste)"
    r"|[\w.-]{1,80}\.(?:exe|dll|sys|log|txt|msi|cab|pdf|docx?|xlsx?|pptx?|png|jpe?g|zip|ps1|config|xml|json|iso)",
    re.I,
)
_IS_PRODUCT = re.compile(_PRODUCT, re.I)
VERSION_DIGITS = 4


def is_harmless(piece: str) -> bool:
    """Say whether a word with digits is of a kind that is no secret: an error code, a version, a date, a product."""
    return _HARMLESS.fullmatch(piece.strip(".,;:!?-_#*")) is not None


def is_label(piece: str) -> bool:
    """Say whether a word with digits is a ticket, a size, or the name of a computer or a file."""
    return _LABEL.fullmatch(piece.strip(".,;:!?-_#*")) is not None


def is_state(word: str, told: bool = False) -> bool:
    """Say whether a word tells how a secret is doing ("expired", "geblokkeerd") or belongs to a sentence ("where").

    A word that is `told` with a colon may be the secret itself ("password: secret").
    """
    small = word.strip(".,;:!?\"'`()[]").lower()
    if told and small in _LIKELY_SECRETS:
        return False
    return small in PROSE or small in _STATES or (word[:1].islower() and _STATE.fullmatch(small) is not None)


def is_wordlike(letters: str) -> bool:
    """Say whether a long run of letters ends like a word."""
    return _WORDLIKE.fullmatch(letters.lower()) is not None


def is_called_otherwise(before: Sequence[str]) -> bool:
    """Say whether the words (in small letters) before a number call it something else ("event id 4625")."""
    if before and before[-1] in _THEIR_WORDS:
        before = before[:-1]
    return bool(before) and before[-1] in _OTHER_NUMBERS


def is_version(piece: str, before: Sequence[str]) -> bool:
    """Say whether a short number stands behind a product: "windows 11"."""
    return len(piece) <= VERSION_DIGITS and piece.isdigit() and bool(before) and bool(_IS_PRODUCT.fullmatch(before[-1]))


def is_called_hash(plain: str, place: int) -> bool:
    """Say whether what stands at `place` is called a hash or a checksum."""
    return _HASH.search(plain, max(0, place - HASH_REACH), place) is not None

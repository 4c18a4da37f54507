"""Which numbers and words of a message name a version, and which are dates, counts or updates."""

import re
from typing import Container, List, Optional, Sequence, Tuple

from bot.engine.catalogue import slug, version_key
from bot.nlu.aliases import Aliases

# A number that follows one of these is no version ("CU14", "since 2019", "error 2013").
MONTHS = frozenset(
    "januari februari maart april mei juni juli augustus september oktober november december january february march "
    "may june july august october jan feb mar apr jun jul aug sep oct nov dec okt".split()
)
NOT_A_VERSION_AFTER = MONTHS | frozenset(
    "cu sp kb ru error fout code event id since sinds port poort build update in van from until till tot vanaf per".split()
)
# ... nor one that is followed by what it counts (without a plural s).
NOT_A_VERSION_BEFORE = frozenset(
    "user gebruiker gb mb tb mailboxe mailbox mail uur hour minute minuten dagen day seat incident keer time week weken "
    "core cpu vcpu node instance database site license licence licentie laptop pc machine month maand maanden jaar "
    "year".split()
)
# ... nor a small one before a month or servers ("24 mei", "16 servers").
COUNTED_OR_DATED = MONTHS | {"server", "servers"}
LONGEST_VERSION = 5  # tokens, as in "2 k 12 r 2"
SHORT_MESSAGE = 4  # tokens: a bare small number or a weak alias is then meant
YEAR = re.compile(r"(19|20)\d\d(r2|r3)?")
_NUMBER = re.compile(r"(2k)?\d\d(r2)?|(19|20)\d\d(r2|r3)?")


def full_year(version: str) -> str:
    """Return "2k12 R2" as "2012 R2", any other version as it is."""
    return re.sub(r"^2 ?k ?(?=\d\d(?!\d))", "20", version)


def version_id(norms: Sequence[str]) -> str:
    """Return a version that belongs to no product as an id: "2012 R2" and "2k12r2" as "2012_r2"."""
    return re.sub(r"_r_(?=[23]$)", "_r", slug(full_year(" ".join(norms))))


def version_at(
    aliases: Aliases, norms: List[str], first: int, taken: Container[int], is_bare: bool
) -> Optional[Tuple[str, int]]:
    """Return the key of the version that starts at token `first`, and where it ends (exclusive); None without one.

    `taken` are tokens that belong to a name already; `is_bare` says that the message names no product.
    """
    for last in range(min(len(norms), first + LONGEST_VERSION), first, -1):
        if any(index in taken for index in range(first, last)):
            continue
        key = version_key("".join(norms[first:last]))
        if key not in aliases.worded_versions and key not in aliases.plain_versions and not _NUMBER.fullmatch(key):
            continue
        if norms[first] == "se" and is_bare and len(norms) > SHORT_MESSAGE:
            continue
        if _is_other_number(norms, first, last):
            return None
        return key, last
    return None


def _is_other_number(norms: List[str], first: int, last: int) -> bool:
    """Say whether the number is a count, a date or an update rather than a version."""
    if first and norms[first - 1] in NOT_A_VERSION_AFTER and norms[first].isdigit():
        return True
    if last == len(norms):
        return False
    small = len(norms[first]) <= 2
    return norms[last].rstrip("s") in NOT_A_VERSION_BEFORE or (small and norms[last] in COUNTED_OR_DATED)

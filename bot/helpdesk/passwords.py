"""Passwords of local accounts: which ones are taken, and how they are kept (argon2id)."""

import secrets
import unicodedata
from typing import Optional

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.engine import UnusableFacts

SHORTEST, LONGEST = 12, 200  # characters
EASIEST = 3  # zxcvbn's score, 0 to 4: at least 100 million guesses
MOST_SCORED = 72  # characters; zxcvbn takes no more
OWN_WORDS = ("helpdesk", "triage", "support", "partner", "microsoft")


class Passwords:
    """Hashes passwords and compares them. Each takes some 50 ms of a core and 64 MiB."""

    def __init__(self, hasher: Optional[PasswordHasher] = None) -> None:
        """`hasher` holds the parameters; those of the argon2 package by default."""
        self._hasher = hasher or PasswordHasher()
        self._nobodys = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """Return what is stored of a password."""
        return self._hasher.hash(_bytes(password))

    def is_right(self, stored: Optional[str], password: str) -> bool:
        """Say whether a password is the stored one. Without a stored one it takes as long, so that time tells nothing."""
        try:
            return self._hasher.verify(stored or self._nobodys, _bytes(password[:LONGEST])) and (
                stored is not None and len(password) <= LONGEST
            )
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Say whether a password was hashed with other parameters than those of now."""
        return self._hasher.check_needs_rehash(stored)


def check(password: str, *names: str) -> None:
    """Check a new password; `names` are the account's. Raises UnusableFacts, which does not hold the password."""
    from zxcvbn import zxcvbn  # its lists take a moment to load, and only a new password needs them

    length = len(_normal(password))
    if length < SHORTEST:
        raise UnusableFacts(f"the password has {length} characters and needs at least {SHORTEST}")
    if length > LONGEST:
        raise UnusableFacts(f"the password has {length} characters and may have at most {LONGEST}")
    lowered = _normal(password).casefold()
    if any(len(name) > 2 and name.casefold() in lowered for name in names):
        raise UnusableFacts("the password holds the name of the account; choose another")
    found = zxcvbn(lowered[:MOST_SCORED], user_inputs=[*OWN_WORDS, *(name.casefold() for name in names)])
    if found["score"] < EASIEST:
        warning = found["feedback"]["warning"].rstrip(".")
        why = f" ({warning})" if warning else ""
        raise UnusableFacts(f"the password is easily guessed{why}; take several words that do not belong together")


def _normal(password: str) -> str:
    """Return one spelling of what several keyboards write in different ways."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "replace")

"""Which language a message is in: English or Dutch, by how common its words are in each."""

from dataclasses import dataclass
from typing import Iterable, List, Optional

from wordfreq import zipf_frequency

from bot.nlu.text import tokenize

# A word this common in both languages says nothing; names and labels do not either.
SHARED_DIFFERENCE = 0.6
UNCLEAR_MARGIN = 1.0
CLEAR_MARGIN = 3.0
# Words that are frequent in Dutch lists only because English products and screens use them, or the reverse.
SILENT_WORDS = frozenset(
    "ok service support contract access id portal cloud partner online server ticket case incident plan account "
    "office exchange windows "
    "azure teams sharepoint silver gold action pack admin agent global benefits benefit error request help status update "
    "premises on in is of was we me had die men".split()
)


@dataclass(frozen=True)
class Language:
    """The likelier language, and by how much (sum of Zipf differences; 0 is a tie).

    `clear` is true when the message alone is reason to answer in that language.
    """

    code: str
    margin: float

    @property
    def known(self) -> bool:
        """Whether the words lean to one side at all."""
        return self.margin >= UNCLEAR_MARGIN

    @property
    def clear(self) -> bool:
        """Whether it is so clear that a running conversation changes language."""
        return self.margin >= CLEAR_MARGIN


NAMES = {
    "english": "en",
    "engels": "en",
    "engelse": "en",
    "dutch": "nl",
    "nederlands": "nl",
    "nederlandse": "nl",
    "flemish": "nl",
}


def asked_for(text: str) -> Optional[str]:
    """Return the language that `text` names last ("in English please"), None when it names none."""
    named = [NAMES[token.norm] for token in tokenize(text) if token.norm in NAMES]
    return named[-1] if named else None


def identify(text: str, silent: Iterable[str] = ()) -> Language:
    """Return the language of `text`. `silent` are more words that do not count (names in the message)."""
    ignored = SILENT_WORDS | set(silent)
    counted: List[str] = [t.norm for t in tokenize(text) if t.norm.isalpha() and t.norm not in ignored]
    difference = 0.0
    for word in counted:
        step = zipf_frequency(word, "nl") - zipf_frequency(word, "en")
        if abs(step) >= SHARED_DIFFERENCE:
            difference += step
    return Language("nl" if difference > 0 else "en", abs(difference))

"""Spelling help for classification: an unknown word becomes a known one at edit distance one. The text stays as typed."""

from collections import OrderedDict
from typing import Iterable, List, Set

from rapidfuzz import process
from rapidfuzz.distance import OSA
from wordfreq import top_n_list

SHORTEST = 3
COMMON_WORDS = 40_000
LONGEST = 30  # letters; a longer word is none, and trying its variants takes time
MOST_REMEMBERED = 10_000  # corrections


class Speller:
    """Corrects words of three letters or more that neither the training data nor the common words know."""

    def __init__(self, trained_words: Iterable[str]) -> None:
        self._trained: List[str] = sorted(word for word in set(trained_words) if word.isalpha() and len(word) >= SHORTEST)
        self._common: Set[str] = {
            word for language in ("en", "nl") for word in top_n_list(language, COMMON_WORDS) if word.isalpha()
        }
        self._known = self._common | set(self._trained)
        self._memory: "OrderedDict[str, str]" = OrderedDict()

    def knows(self, word: str) -> bool:
        """Say whether the word is known as it stands."""
        return word in self._known

    def correct(self, word: str) -> str:
        """Return `word`, or the known word it misses by one letter: of the training data first."""
        if not SHORTEST <= len(word) <= LONGEST or not word.isalpha() or word in self._known:
            return word
        if word not in self._memory:
            self._memory[word] = self._closest(word)
            if len(self._memory) > MOST_REMEMBERED:
                self._memory.popitem(last=False)
        return self._memory[word]

    def _closest(self, word: str) -> str:
        found = process.extractOne(word, self._trained, scorer=OSA.distance, score_cutoff=1)
        if found is None:
            near = [known for known in self._variants(word) if known in self._common]
            return min(near, key=lambda known: (len(known) != len(word), known)) if near else word
        return found[0]

    @staticmethod
    def _variants(word: str) -> Set[str]:
        """Return every string at edit distance one (a swap of neighbours counts as one)."""
        letters = "abcdefghijklmnopqrstuvwxyz"
        cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
        deleted = {a + b[1:] for a, b in cuts if b}
        swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
        replaced = {a + c + b[1:] for a, b in cuts if b for c in letters}
        inserted = {a + c + b for a, b in cuts for c in letters}
        return deleted | swapped | replaced | inserted

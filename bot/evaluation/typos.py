"""One slip of the pen in a message, always the same one for the same text."""

import random
import re
from typing import Callable, Dict, Iterable, List, Optional, Tuple

SHORTEST_WORD = 4  # letters
_WORD = re.compile(r"\w+")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def _beside() -> Dict[str, str]:
    """Return the letters left and right of each letter on a keyboard (QWERTY)."""
    return {
        letter: row[max(0, place - 1) : place] + row[place + 1 : place + 2]
        for row in _ROWS
        for place, letter in enumerate(row)
    }


BESIDE = _beside()


def typo(text: str, spans: Iterable[Tuple[int, int]]) -> str:
    """Return the text with one edit: neighbours swapped, a letter dropped, doubled, or the key beside it hit.

    The edit is in a word of at least four letters without a digit, outside `spans` (start, end of the entities). A text
    without such a word comes back as it is.
    """
    taken = list(spans)
    words = [
        found.span()
        for found in _WORD.finditer(text)
        if len(found.group()) >= SHORTEST_WORD
        and found.group().isalpha()
        and not any(start < found.end() and found.start() < end for start, end in taken)
    ]
    if not words:
        return text
    chance = random.Random(text)
    first, last = chance.choice(words)
    word = text[first:last]
    for edit in chance.sample(_EDITS, len(_EDITS)):
        changed = edit(word, chance)
        if changed is not None:
            return text[:first] + changed + text[last:]
    return text


def _swap(word: str, chance: random.Random) -> Optional[str]:
    places = [place for place in range(len(word) - 1) if word[place] != word[place + 1]]
    if not places:
        return None
    place = chance.choice(places)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _drop(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    return word[:place] + word[place + 1 :]


def _double(word: str, chance: random.Random) -> str:
    place = chance.randrange(len(word))
    return word[:place] + word[place] + word[place:]


def _miss(word: str, chance: random.Random) -> Optional[str]:
    places = [place for place, letter in enumerate(word) if letter.lower() in BESIDE]
    if not places:
        return None
    place = chance.choice(places)
    key = chance.choice(BESIDE[word[place].lower()])
    return word[:place] + (key.upper() if word[place].isupper() else key) + word[place + 1 :]


_EDITS: List[Callable[[str, random.Random], Optional[str]]] = [_swap, _drop, _double, _miss]

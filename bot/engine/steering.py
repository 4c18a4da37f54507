"""How an answer begins: yes, no, or not knowing. The words are those of `bot/knowledge/steering.yml`."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import FrozenSet, Mapping, Optional, Pattern, Sequence, Set

from bot.engine.message import Message
from bot.engine.predicates import UNSURE


@dataclass(frozen=True)
class Steering:
    """The words that steer a conversation whatever follows them, in every language.

    `unsure` are beginnings of an answer that settle nothing, `fillers` what may stand before them, `joins` what goes on
    after a "no" that is a sentence of its own, `pointing` what a denial points at when it denies what was said before,
    `hedges` what makes a statement a guess, `subjects` the words by which each fact is spoken of, `places` those for the
    first, second ... of some options, `alternatives` what stands between two of which only one is meant, `not_understood` what says that a
    question is not understood.
    """

    yes_words: FrozenSet[str]
    no_words: FrozenSet[str]
    questions: FrozenSet[str]
    unsure: Sequence[str] = ()
    fillers: Sequence[str] = ()
    joins: Sequence[str] = ()
    pointing: FrozenSet[str] = frozenset()
    hedges: FrozenSet[str] = frozenset()
    subjects: Mapping[str, FrozenSet[str]] = field(default_factory=dict)
    places: Sequence[FrozenSet[str]] = ()
    all_of_them: FrozenSet[str] = frozenset()
    second_thoughts: Sequence[str] = ()
    thanks: Sequence[str] = ()
    alternatives: Sequence[str] = ()
    not_understood: Sequence[str] = ()

    @cached_property
    def _unsure_beginning(self) -> Pattern[str]:
        return re.compile(rf"(?:(?:{_any(self.fillers)})[\s,.]+)*(?:{_any(self.unsure)})\b")

    @cached_property
    def _no_and_more(self) -> Pattern[str]:
        return re.compile(rf"\w+\s*(?:[.!]|[,;]?\s*(?:{_any(self.joins)})\b)")

    def doubtful(self, message: Message) -> bool:
        """Say whether a message is that one does not know."""
        return message.intent == UNSURE or self.begins_unsure(message.text)

    def begins_unsure(self, text: str) -> bool:
        """Say whether a text begins with not knowing."""
        return self._unsure_beginning.match(_plain(text)) is not None

    def doubts(self, message: Message) -> bool:
        """Say whether a message says anywhere that one does not know ("silver or gold, not sure")."""
        return self.doubtful(message) or self.guesses(message) or self._has(message.text, self.unsure)

    def is_lost(self, message: Message) -> bool:
        """Say whether a message says that the question is not understood, which is not the same as not knowing the answer."""
        return self._has(message.text, self.not_understood)

    def parts(self, text: str) -> bool:
        """Say whether a text between two names leaves open which of them is meant."""
        return self._has(text, self.alternatives) or "/" in text

    def settles(self, message: Message) -> bool:
        """Say whether a message answers yes or no before it says more ("yes. hang on though, we're silver")."""
        first = _first_word(message.text)
        return first in self.yes_words or (first in self.no_words and self._no_and_more.match(_plain(message.text)) is not None)

    def says(self, message: Message) -> Optional[str]:
        """Return "yes" or "no" when the first word of a message says so, else None."""
        first = _first_word(message.text)
        if self.doubtful(message):
            return None
        if first in self.yes_words:
            return "yes"
        # "no, that is wrong" denies what was said before
        return "no" if first in self.no_words and (message.intent != "correct" or self.settles(message)) else None

    def polarity(self, message: Message) -> Optional[str]:
        """Return "yes" or "no" when a message says so, by its first word or as a whole."""
        if self.doubtful(message):
            return None
        if _first_word(message.text) in self.yes_words | self.no_words:
            return self.says(message)
        return {"affirm": "yes", "deny": "no"}.get(message.intent or "")

    def asks(self, message: Message) -> bool:
        """Say whether a message is a question by its form."""
        words = message.text.lower().split()
        return bool(words) and (words[0] in self.questions or words[-1].endswith("?"))

    def denies_what_was_said(self, message: Message) -> bool:
        """Say whether a denial is of what was said before ("that's wrong"), not an answer."""
        return bool(self.pointing & _words(message))

    def guesses(self, message: Message) -> bool:
        """Say whether a message only guesses ("csp maybe")."""
        return bool(self.hedges & _words(message))

    def is_about_another(self, message: Message, fact: str) -> bool:
        """Say whether a message speaks of other facts by name, and not of `fact` ("no idea which version")."""
        spoken = {name for name, words in self.subjects.items() if words & _words(message)}
        return bool(spoken) and fact not in spoken

    def names_another(self, message: Message, fact: str) -> bool:
        """Say whether a message speaks of a fact other than `fact` by name, beside it or alone ("gold, no idea which version")."""
        return any(name != fact and words & _words(message) for name, words in self.subjects.items())

    def is_second_thought(self, text: str) -> bool:
        """Say whether a text takes back what was said ("wait, yes I do see it")."""
        return self._has(text, self.second_thoughts)

    def thanks_for(self, text: str) -> bool:
        """Say whether a text holds thanks, so that its "no" denies nothing ("no, thanks")."""
        return self._has(text, self.thanks)

    @staticmethod
    def _has(text: str, phrases: Sequence[str]) -> bool:
        return re.search(rf"\b(?:{_any(phrases)})\b", _plain(text)) is not None

    def place(self, message: Message) -> Optional[int]:
        """Return which of some options a message names by its place, from 0; None when it names none, or several."""
        named = [index for index, words in enumerate(self.places) if words & _words(message)]
        return named[0] if len(named) == 1 else None

    def means_all(self, message: Message) -> bool:
        """Say whether a message means all of some options."""
        return bool(self.all_of_them & _words(message))


def _words(message: Message) -> Set[str]:
    return set(re.findall(r"\w+", message.text.lower()))


def _any(phrases: Sequence[str]) -> str:
    """Return a pattern for any of `phrases`, the longest first; what never comes when there are none."""
    escaped = [re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(phrases, key=len, reverse=True)]
    return "|".join(escaped) or r"(?!)"


def _plain(text: str) -> str:
    return text.lower().replace("’", "'").strip()


def _first_word(text: str) -> str:
    return re.split(r"[^a-z]+", _plain(text), maxsplit=1)[0]

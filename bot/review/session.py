"""One review: the messages of a store, the project they are learned in, and what was reviewed before."""

from pathlib import Path
from typing import Dict, Iterable, List, Optional, Sequence, Set

from bot.review.candidates import Candidate, candidates, key_of
from bot.review.groups import Encode, encoder, first, grouped
from bot.review.store import conversations
from bot.review.training import Label, add, intents, refusals


class Review:
    """Which messages are left, and what becomes of a label. Nothing is learned but through `learn`."""

    def __init__(self, project: Path, store: Path) -> None:
        self.project = project
        self.store = store
        self.intents = intents(project)
        self.encode: Optional[Encode] = encoder(project)
        self.added: Dict[str, int] = {}
        self.compared = False  # with the evaluation sentences, which takes a while the first time

    @property
    def memory(self) -> Path:
        """The file that remembers what was reviewed, by the keys of the redacted texts."""
        return self.store.with_name(f"{self.store.name}.reviewed")

    def reviewed(self) -> List[str]:
        """Return the keys of what was reviewed."""
        return self.memory.read_text(encoding="ascii", errors="replace").split() if self.memory.exists() else []

    def groups(self, again: bool = False, limit: Optional[int] = None) -> List[List[Candidate]]:
        """Return the messages to look at, alike ones together; `again` brings back those that were reviewed."""
        done = set() if again else set(self.reviewed())
        left = [one for one in candidates(conversations(self.store)) if one.key not in done]
        return first(grouped(left, self.encode), limit)

    def refusals(self, labels: Sequence[Label]) -> List[Optional[str]]:
        """Say of each label why it cannot be learned, None when it can."""
        found = refusals(self.project, labels, self.encode)
        self.compared = True
        return found

    def learn(self, labels: Sequence[Label]) -> int:
        """Add labels without refusals to the training data and remember them; return how many were new there.

        When they cannot be remembered, they are not added either.
        """
        if not labels:
            return 0
        done = set(self.reviewed())
        with self.memory.open("a", encoding="ascii") as memory:
            gained = add(self.project, labels)
            memory.write(_lines((label.text for label in labels), done))
        for file, count in gained.items():
            self.added[file] = self.added.get(file, 0) + count
        return sum(gained.values())

    def remember(self, texts: Iterable[str]) -> None:
        """Remember that texts were reviewed."""
        new = _lines(texts, set(self.reviewed()))
        if new:
            with self.memory.open("a", encoding="ascii") as memory:
                memory.write(new)

    def summary(self) -> str:
        """Return in one line what was learned, and what to do next."""
        if not self.added:
            return "Nothing was added to the training data."
        files = ", ".join(f"{count} to {file}" for file, count in sorted(self.added.items()))
        return f"Added {files}. Next: `triage check`, `triage train`, `triage evaluate`."


def _lines(texts: Iterable[str], done: Set[str]) -> str:
    """Return the lines of the memory for texts whose keys are not in it."""
    return "".join(f"{key}\n" for key in dict.fromkeys(map(key_of, texts)) if key not in done)

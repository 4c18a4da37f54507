"""The alias index: every name of the knowledge as a phrase of tokens, with what it stands for."""

import re
from collections import defaultdict
from typing import Dict, List, NamedTuple, Optional, Set, Tuple

from bot.engine import Line
from bot.engine.catalogue import version_key
from bot.knowledge import Knowledge
from bot.nlu.text import words

# Version aliases that name no product, as several products have such a version.
GENERIC_VERSION_NAMES = frozenset({"se", "ltsc 2024", "ltsc 2021", "ltsc 2019", "ltsb 2016", "ltsb 2015"})
# What a name stands for that only contains one of ours ("Signature Cloud Support"): nothing that is looked for.
OTHER_NAME = "other_name"
OTHER_VENDOR = "other_vendor"
_VERSION_LETTERS = re.compile(r"\d[\drkx]*")
_REMARK = re.compile(r"\(.*?\)")


class Meaning(NamedTuple):
    """What a phrase stands for. `weak` names are ordinary words too; a `part` stands for the product it comes with;
    what is said `alone` means this only as a whole message."""

    entity: str
    value: str
    version: Optional[str] = None
    weak: bool = False
    part: bool = False
    alone: bool = False


def is_plain_version(text: str) -> bool:
    """Say whether `text` names a version without naming a product: a number with the usual letters."""
    return bool(_VERSION_LETTERS.fullmatch(version_key(text)))


class Aliases:
    """Phrases and their meanings; the versions that are plain numbers, and those with words in them."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.meanings: Dict[Tuple[str, ...], List[Meaning]] = defaultdict(list)
        self.plain_versions: Set[str] = set()
        self.worded_versions: Set[str] = set()
        self._collect_products(knowledge)
        self._collect_others(knowledge)

    def names_version(self, text: str) -> bool:
        """Say whether `text` is the name of a version by itself."""
        return is_plain_version(text) or version_key(text) in self.worded_versions

    def _add(self, alias: str, meaning: Meaning) -> None:
        phrase = words(alias)
        plural = tuple("servers" if word == "server" else word for word in phrase)
        for variant in dict.fromkeys((phrase, plural)):
            if variant and meaning not in self.meanings[variant]:
                self.meanings[variant].append(meaning)

    def _collect_products(self, knowledge: Knowledge) -> None:
        catalogue = knowledge.catalogue
        family_names = {words(name) for f in catalogue.families.values() for name in (f.name, *f.aliases, *f.weak_aliases)}
        for group in (catalogue.lines, catalogue.workloads, catalogue.families):
            for key, kind in group.items():
                names = [_REMARK.sub("", part) for part in kind.name.split(" / ")]
                for alias in (key.replace("_", " "), *names, *kind.aliases):
                    if alias.strip().lower() in kind.weak_aliases:
                        continue
                    if group is catalogue.families or words(alias) not in family_names:
                        self._add(alias, Meaning("product", key))
                for alias in kind.weak_aliases:
                    self._add(alias, Meaning("product", key, weak=True))
        for line in catalogue.lines.values():
            for part in line.parts:
                self._add(part, Meaning("product", line.id, part=True))
            for version in line.versions.values():
                for name in version.names():
                    self._collect_version(line, version.id, name)
            self._collect_together(line)

    def _collect_others(self, knowledge: Knowledge) -> None:
        entries = [
            *(("offer", key, entry.aliases) for key, entry in knowledge.offers.items()),
            *(("competency", key, entry.aliases) for key, entry in knowledge.competencies.items()),
            *(("role", key, entry.aliases) for key, entry in knowledge.roles.items()),
            *(("portal", key, entry.aliases) for key, entry in knowledge.portals.items()),
            *(("error", key, (*entry.aliases, entry.message)) for key, entry in knowledge.errors.items()),
            *(
                (OTHER_VENDOR if entry.other_vendor else OTHER_NAME, key, entry.aliases)
                for key, entry in knowledge.names.items()
            ),
        ]
        for entity, key, aliases in entries:
            for alias in aliases:
                self._add(alias, Meaning(entity, key))
        for fact, values in knowledge.words.items():
            for value, entry in values.items():
                for alias in entry.aliases:
                    self._add(alias, Meaning(fact, value))
                for alias in entry.weak_aliases:
                    self._add(alias, Meaning(fact, value, weak=True))
                for alias in entry.whole_message:
                    self._add(alias, Meaning(fact, value, alone=True))

    def _collect_version(self, line: Line, version: str, name: str) -> None:
        plain = _REMARK.sub("", name).strip()
        if is_plain_version(plain):
            self.plain_versions.add(version_key(plain))
            return
        own = {word for alias in (*line.aliases, *line.weak_aliases, line.name) for word in words(alias)}
        letters = [word for word in words(plain) if word.isalpha() and len(word) > 1]
        if name in line.versions[version].aliases and name not in GENERIC_VERSION_NAMES:
            self._add(name, Meaning("product", line.id, version=version))
        elif any(word in own for word in letters):
            self._add(plain, Meaning("product", line.id, version=version))
            self.worded_versions.add(version_key(plain))
        else:
            self.worded_versions.add(version_key(plain))

    def _collect_together(self, line: Line) -> None:
        """Add every name of the line with every plain version, so that "windows server 2012 r2" is one phrase
        and not "windows" beside "server 2012 r2"."""
        for alias in (*line.aliases, _REMARK.sub("", line.name)):
            for version in line.versions.values():
                for name in version.names():
                    plain = _REMARK.sub("", name).strip()
                    if is_plain_version(plain):
                        self._add(f"{alias} {plain}", Meaning("product", line.id, version=version.id))

"""The entity linker: products, versions and the other facts named in a message, found by their aliases.

A spaCy PhraseMatcher holds every alias of the knowledge, so a new product or alias needs no training example.
"""

import re
from dataclasses import dataclass
from typing import Iterator, List, Optional, Sequence, Set, Tuple

import spacy
from rapidfuzz.distance import OSA
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from wordfreq import zipf_frequency

from bot.engine import Family, Line
from bot.knowledge import Knowledge
from bot.nlu.aliases import OTHER_NAME, OTHER_VENDOR, Aliases, Meaning, is_plain_version
from bot.nlu.denial import without_denied
from bot.nlu.entity import PLATFORM, Entity
from bot.nlu.text import Token, tokenize
from bot.nlu.versions import LONGEST_VERSION, SHORT_MESSAGE, YEAR, full_year, version_at, version_id

TO = frozenset("to naar into".split())
ON = frozenset("on op onder atop".split())
CHANNELS = (["ltsc"], ["ltsb"])  # a version's, not only of Windows
PREMISES = frozenset("prem premise premises site".split())
SERVICE_PACK = "sp"  # also an alias of SharePoint
# Names that are ordinary words beside these ("office hours", "the office").
ORDINARY_BEFORE = {"office": frozenset("the head back home main our an a in op het ons near during".split())}
PLACED = frozenset("in at from to near".split())  # "in the Belgian office"
ORDINARY_AFTER = {"office": frozenset("hours hour manager building uren tijden supplies".split())}
# Short names that mean nothing without a version ("vs" is also "against").
NEVER_ALONE = frozenset({"vs"})
CONTEXT_BEFORE_WEAK = frozenset("microsoft ms".split())
NOT_TOLD = frozenset({"product", OTHER_NAME, OTHER_VENDOR})  # products are told with their versions
# Names that say nothing about the vendor: after another vendor's name they are that vendor's ("Dell server 2019").
ANYONES = frozenset("server servers sql exchange teams project crm office flow access planner".split())
ZIPF_OF_A_KNOWN_WORD = 3.0
MOST_NAMES = 150  # in one message; more are a list, and comparing them all takes time
SHORTEST_MISSPELT = 5
# "24/7", "11/2023", "a 6 out of 10"
_NO_VERSION = re.compile(r"(?<![\d/.])\d{1,2}/(?:\d{1,2}|(?:19|20)\d\d)(?![\d/])|\b\d{1,2} (?:out of|op|van de|op de) (?:de )?10\b")


@dataclass
class _Mention:
    """A product named in the message, by tokens `first` to `last` (exclusive)."""

    product: str
    first: int
    last: int
    version: Optional[str] = None
    version_span: Optional[Tuple[int, int]] = None
    role: Optional[str] = None
    part: bool = False


# Tokens first to last (exclusive), and what they stand for.
_Span = Tuple[int, int, List[Meaning]]


def _stands_on(norms: List[str], first: int) -> bool:
    """Say whether "on" stands right before the token `first`, and does not belong to "on-prem"."""
    before = range(max(0, first - 3), first)
    return any(norms[index] in ON and norms[index + 1] not in PREMISES for index in before)


def _blank(found: "re.Match[str]") -> str:
    return " " * len(found.group())


class Linker:
    """Finds entities by alias. Build it once per process from the knowledge."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.catalogue = knowledge.catalogue
        self._aliases = Aliases(knowledge)
        self._vocab = spacy.blank("xx").vocab
        self._matcher = PhraseMatcher(self._vocab)
        self._matcher.add("alias", [Doc(self._vocab, words=list(phrase)) for phrase in self._aliases.meanings])
        self._known_words = {word for phrase in self._aliases.meanings for word in phrase}
        self._long_words = [word for word in self._known_words if len(word) >= SHORTEST_MISSPELT and word.isalpha()]

    # Reading a message

    def entities(self, text: str) -> List[Entity]:
        """Return the entities of `text`, in order. Products come with the versions that belong to them."""
        tokens = self._spelled([token for token in tokenize(_NO_VERSION.sub(_blank, text)) if token.norm])
        if not tokens:
            return []
        norms = [token.norm for token in tokens]
        spans = self._spans(text, tokens, norms)
        mentions = [mention for first, last, meanings in spans for mention in self._mentions(first, last, meanings, norms)]
        taken = {index for first, last, _ in spans for index in range(first, last)}
        loose = self._attach_versions(norms, mentions, taken)
        vendors = [last for _, last, meanings in spans if meanings[0].entity == OTHER_VENDOR]
        self._drop_of_others(norms, mentions, vendors)
        self._drop_vague(norms, mentions)
        self._mark_platforms(norms, mentions, vendors)
        found = list(self._product_entities(tokens, mentions))
        found += [Entity("version", key, tokens[a].start, tokens[b - 1].end) for key, a, b in loose]
        for first, last, meanings in spans:
            for meaning in meanings:
                if meaning.entity not in NOT_TOLD:
                    found.append(Entity(meaning.entity, meaning.value, tokens[first].start, tokens[last - 1].end))
        found.sort(key=lambda entity: (entity.start, entity.end, entity.entity))
        return without_denied(found, tokens, text)

    def _spelled(self, tokens: Sequence[Token]) -> List[Token]:
        """Replace a word that is not known by the alias word it misses by one letter, or its plural by the singular."""
        return [token._replace(norm=self._spell(token.norm)) for token in tokens]

    def _spell(self, word: str) -> str:
        if word in self._known_words or not word.isalpha() or len(word) < SHORTEST_MISSPELT:
            return word
        if word.endswith("s") and word[:-1] in self._known_words:
            return word[:-1]
        if max(zipf_frequency(word, language) for language in ("en", "nl")) >= ZIPF_OF_A_KNOWN_WORD:
            return word
        for known in self._long_words:
            if abs(len(known) - len(word)) <= 1 and OSA.distance(word, known, score_cutoff=1) <= 1:
                return known
        return word

    def _spans(self, text: str, tokens: Sequence[Token], norms: List[str]) -> List[_Span]:
        doc = Doc(self._vocab, words=norms)
        matches = [doc[first:last] for _, first, last in self._matcher(doc)]
        accepted = []
        for span in matches:
            meanings = [
                meaning
                for meaning in self._aliases.meanings[tuple(norms[span.start : span.end])]
                if (not meaning.weak or self._weak_is_meant(text, tokens, norms, span.start, span.end))
                and (not meaning.alone or len(span) == len(norms))
                and not self._is_ordinary(text, tokens, norms, span.start, span.end)
            ]
            if meanings and not self._is_service_pack(norms, span.start, span.end):
                accepted.append((span.start, span.end, meanings))
        accepted = sorted(accepted, key=lambda span: span[0])[:MOST_NAMES]
        return self._longest([span for span in accepted if not self._is_rest_of_name(span, accepted, norms)])

    @staticmethod
    def _is_ordinary(text: str, tokens: Sequence[Token], norms: List[str], first: int, last: int) -> bool:
        """Say whether a name is an ordinary word by its neighbours; a capital or a year makes it a name."""
        if last - first > 1 or norms[first] not in ORDINARY_BEFORE:
            return False
        year = last < len(norms) and YEAR.fullmatch(norms[last])
        if year or text[tokens[first].start].isupper():
            return False
        before = bool(first) and norms[first - 1] in ORDINARY_BEFORE[norms[first]]
        before = before or (first > 2 and norms[first - 3] in PLACED and norms[first - 2] in ORDINARY_BEFORE[norms[first]])
        return before or (last < len(norms) and norms[last] in ORDINARY_AFTER[norms[first]])

    @staticmethod
    def _is_service_pack(norms: List[str], first: int, last: int) -> bool:
        """Say whether it is the "SP" of "SP2"."""
        return norms[first:last] == [SERVICE_PACK] and last < len(norms) and norms[last].isdigit() and len(norms[last]) == 1

    def _is_rest_of_name(self, span: _Span, spans: Sequence[_Span], norms: List[str]) -> bool:
        """Say whether the phrase only continues the name of an on-premises product: "server 2012 r2" in "SQL Server 2012
        R2", or "LTSC 2024" after "Visio", which is a version of it."""
        first, last, meant = span
        products = {meaning.value for meaning in meant}
        for before, end, meanings in spans:
            name = meanings[0].value
            if not before < first <= end < last or name in products or name in self.catalogue.families:
                continue
            line = self.catalogue.lines.get(name) if meanings[0].entity == "product" else None
            if line is not None and (first < end or self._version_from(line, norms, first, last)):
                return True
        return False

    @staticmethod
    def _version_from(line: Line, norms: List[str], first: int, last: int) -> Optional[str]:
        """Return the version of `line` that the words from `first` to `last`, or some more of them, name."""
        stops = range(last, min(len(norms), first + LONGEST_VERSION) + 1)
        return next((found for stop in stops if (found := line.version_named("".join(norms[first:stop])))), None)

    def _longest(self, spans: Sequence[_Span]) -> List[_Span]:
        """Return the spans without overlaps, in order: the longest wins, then what is no family, then the first."""

        def rank(span: _Span) -> Tuple[int, bool, int]:
            first, last, meanings = span
            return first - last, meanings[0].value in self.catalogue.families, first

        kept: List[_Span] = []
        for span in sorted(spans, key=rank):
            if all(span[1] <= first or last <= span[0] for first, last, _ in kept):
                kept.append(span)
        return sorted(kept, key=lambda span: span[0])

    def _weak_is_meant(self, text: str, tokens: Sequence[Token], norms: List[str], first: int, last: int) -> bool:
        """Say whether a word that is also an ordinary one ("project", "flow") is used as a name here."""
        year = last < len(norms) and bool(YEAR.fullmatch(norms[last]))
        if norms[first:last] == [*NEVER_ALONE & {norms[first]}]:
            return year
        if first == 0 and re.match(r"\s*[.,;:!]", text[tokens[last - 1].end :]):
            return True  # an answer of one word, and then more ("ours, and we are silver")
        if len(tokens) <= SHORT_MESSAGE or (first and norms[first - 1] in CONTEXT_BEFORE_WEAK):
            return True
        if first and text[tokens[first].start].isupper():
            return True
        return year

    def _mentions(self, first: int, last: int, meanings: List[Meaning], norms: List[str]) -> Iterator[_Mention]:
        with_version = {meaning.value for meaning in meanings if meaning.version}
        for meaning in meanings:
            if meaning.entity != "product" or (meaning.value in with_version and not meaning.version):
                continue
            version = meaning.version or self._version_in_alias(meaning.value, first, last, norms)
            mention = _Mention(meaning.value, first, last, version, part=meaning.part)
            if mention.version:
                start = next((i for i in range(first + 1, last) if self._aliases.names_version("".join(norms[i:last]))), first)
                mention.version_span = (start, last)
                mention.last = start if start > first else last
            yield mention

    def _version_in_alias(self, product: str, first: int, last: int, norms: List[str]) -> Optional[str]:
        """Return the version that ends an alias of the product itself ("windows server 1809")."""
        line = self.catalogue.lines.get(product)
        if line is None or last - first < 2 or not is_plain_version(norms[last - 1]):
            return None
        return line.version_named(norms[last - 1])

    # Versions

    def _attach_versions(self, norms: List[str], mentions: List[_Mention], taken: Set[int]) -> List[Tuple[str, int, int]]:
        """Give every version to the product it belongs to; return those that belong to none, as (key, first, last)."""
        loose = []
        index = 0
        while index < len(norms):
            found = version_at(self._aliases, norms, index, taken, not mentions)
            if found is None:
                index += 1
                continue
            key, last = found
            owner = self._owner(key, index, last, mentions, norms)
            if owner is not None:
                mention, version, product = owner
                mention.version, mention.version_span, mention.product = version, (index, last), product
            elif not self._follows_cloud_product(index, mentions) and (
                len(norms) <= SHORT_MESSAGE or YEAR.fullmatch(full_year(key)) or key in self._aliases.worded_versions
            ):
                loose.append((version_id(norms[index:last]), index, last))
            index = last
        return loose

    def _follows_cloud_product(self, index: int, mentions: List[_Mention]) -> bool:
        return any(m.last == index and m.product in self.catalogue.workloads for m in mentions)

    def _owner(
        self, key: str, first: int, last: int, mentions: List[_Mention], norms: List[str]
    ) -> Optional[Tuple[_Mention, str, str]]:
        """Return the mention, version id and product id that a version belongs to: before it, else after it."""
        before = [m for m in reversed(mentions) if m.last <= first]
        after = [m for m in mentions if m.first >= last]
        for mention in [*before[:1], *after[:1]]:
            if mention.version is not None:
                continue
            near = first - mention.last if mention in before else mention.first - last
            if not YEAR.fullmatch(key) and key not in self._aliases.worded_versions and near > 2:
                continue
            if len(mentions) > 1 and near > 3:
                continue
            kind = self.catalogue.resolve(mention.product)
            line = self.catalogue.lines[kind.on_premises] if isinstance(kind, Family) else kind
            version = line.version_named(key) if isinstance(line, Line) else None
            if version is not None:
                return mention, version, line.id
            for other in self._aliases.meanings.get((*norms[mention.first : mention.last], *norms[first:last]), ()):
                if other.entity == "product" and other.version is None:  # "windows server, version 1909" is another line
                    return mention, self.catalogue.lines[other.value].version_named(key) or key, other.value
        return None

    # Products

    @staticmethod
    def _drop_vague(norms: List[str], mentions: List[_Mention]) -> None:
        """Drop what a clearer name says already: a part of a product beside another product ("Exchange on a domain
        controller"), a name of several products beside one of them ("System Center, VMM 2016"), and the channel after a
        version ("Visio 2021 LTSC")."""
        shared = {m.first for m in mentions if sum(o.first == m.first for o in mentions) > 1}
        clear = {m.product for m in mentions if m.first not in shared}
        together = {first for first in shared if clear & {m.product for m in mentions if m.first == first}}
        named = {m.product for m in mentions if not m.part}
        for mention in list(mentions):
            is_channel = norms[mention.first : mention.last] in CHANNELS and any(
                m.version_span is not None and m.version_span[1] == mention.first for m in mentions if m is not mention
            )
            if is_channel or mention.first in together or (mention.part and named - {mention.product}):
                mentions.remove(mention)

    @staticmethod
    def _drop_of_others(norms: List[str], mentions: List[_Mention], vendors: Sequence[int]) -> None:
        """Drop what is another vendor's; `vendors` are the tokens after each name of one."""
        for mention in list(mentions):
            if mention.first in vendors and set(norms[mention.first : mention.last]) <= ANYONES:
                mentions.remove(mention)

    def _mark_platforms(self, norms: List[str], mentions: List[_Mention], vendors: Sequence[int]) -> None:
        """A product that another runs "on" is only the platform; a family gives way to a member that is named."""
        for mention in mentions:
            others = any(m.first < mention.first and m.product != mention.product for m in mentions)
            others = others or any(last <= mention.first for last in vendors)
            if others and _stands_on(norms, mention.first):
                mention.role = PLATFORM
        for mention in list(mentions):
            family = self.catalogue.families.get(mention.product)
            if family is None or mention.version is not None:
                continue
            members = [m for m in mentions if m.product in family.members() and m.product != family.id]
            # "from Exchange to M365" names both; "Exchange, the Exchange Server 2016" names one
            if any(not TO & set(norms[min(m.last, mention.last) : max(m.first, mention.first)]) for m in members):
                mentions.remove(mention)

    def _product_entities(self, tokens: Sequence[Token], mentions: List[_Mention]) -> Iterator[Entity]:
        for mention in mentions:
            yield Entity("product", mention.product, tokens[mention.first].start, tokens[mention.last - 1].end, mention.role)
            if mention.version and mention.version_span:
                first, last = mention.version_span
                yield Entity("version", mention.version, tokens[first].start, tokens[last - 1].end, mention.role)

"""What staff do with cases and conversations: each act in one transaction with its entry in the audit log and what others are told.

A member of staff who takes a conversation over talks in the assistant's place until it is handed back. That is stored with the
conversation, so no message, restart or session of the dialogue ends it.
"""

import time
from typing import Any, Callable, Dict, List, Mapping, Optional, Protocol, Sequence, TypeVar

from sqlalchemy.engine import Connection

from bot.channels.gateway import STAFF, Gateway
from bot.channels.message import Situation, entry
from bot.channels.transcript import conversation_of, hand_back, hold
from bot.database import Database
from bot.helpdesk import audit, cases
from bot.helpdesk.accounts import Staff
from bot.helpdesk.cases import OPEN, SOLVED, WAITING, Announce, Case, NotYours
from bot.helpdesk.tables import standings
from bot.helpdesk.targets.servicenow import SOLVED_STATES

NOT_YOURS = "take the conversation over first; the partner is talking to somebody else"
Words = Callable[..., str]
Found = TypeVar("Found")
VIEWED, CLAIM, RELEASE, WAIT, SOLVE, REOPEN = (
    "case_viewed", "case_claimed", "case_released", "case_waits", "case_solved", "case_reopened",
)  # fmt: skip
TOOK_OVER, HANDED_BACK, WROTE, NOTED, TAGGED, FACTS_CHANGED = (
    "took_over", "handed_back", "wrote", "noted", "tagged", "facts_changed",
)  # fmt: skip


class Triage(Protocol):
    """What is needed of the assistant: its facts, to be put right by hand."""

    async def set_facts(self, sender: str, facts: Dict[str, Optional[str]]) -> None:
        """Change facts; None forgets one. Raises UnusableFacts."""

    async def situation(self, sender: str) -> Situation:
        """Return where a conversation stands."""


class Acts:
    """What staff do. Methods raise NoCase, Taken, NotYours, Refused, UnusableFacts and ValueError, with what to tell them."""

    def __init__(self, database: Database, gateway: Gateway, triage: Triage, words: Words, announce: Announce) -> None:
        self._database = database
        self._gateway = gateway
        self._triage = triage
        self._words = words
        self._announce = announce

    async def _do(self, work: Callable[[Connection], Found]) -> Found:
        return await self._database.write(work)

    # Reading

    async def view(self, who: Staff, case_id: int) -> Case:
        """Return a case, and take note of who looked at it."""

        def look(on: Connection) -> Case:
            case = cases.read(on, case_id)
            self._record(on, VIEWED, who, case)
            return case

        return await self._do(look)

    async def holder(self, case: Case) -> Optional[str]:
        """Return the name of who talks in the assistant's place, None when the assistant does."""
        found = await self._gateway.transcript.conversation(case.conversation)
        return found.held_by if found else None

    # Cases

    async def claim(self, who: Staff, case_id: int) -> Case:
        """Make a case one's own. A lead may take another's."""

        def change(on: Connection) -> Case:
            return self._claimed(on, who, case_id)

        return await self._do(change)

    async def release(self, who: Staff, case_id: int) -> Case:
        """Let a case go: it is open to everybody again, and the assistant talks again."""
        return await self._put(who, case_id, OPEN, RELEASE)

    async def wait(self, who: Staff, case_id: int) -> Case:
        """Say that it is the partner's turn."""
        return await self._put(who, case_id, WAITING, WAIT)

    async def solve(self, who: Staff, case_id: int) -> Case:
        """Say that a case is solved: the assistant talks again."""
        return await self._put(who, case_id, SOLVED, SOLVE)

    async def reopen(self, who: Staff, case_id: int) -> Case:
        """Take up a case that was solved."""

        def change(on: Connection) -> Case:
            self._record(on, REOPEN, who, cases.read(on, case_id))
            return self._claimed(on, who, case_id)

        return await self._do(change)

    async def note(self, who: Staff, case_id: int, text: str) -> Case:
        """Write a note for colleagues."""

        def change(on: Connection) -> Case:
            case = cases.add_note(on, case_id, who.id, self._gateway.clean(text))
            self._record(on, NOTED, who, case)
            return case

        return await self._do(change)

    async def tag(self, who: Staff, case_id: int, names: Sequence[str]) -> Case:
        """Give a case tags, in place of those it has."""

        def change(on: Connection) -> Case:
            case = cases.tag(on, case_id, who.id, [self._gateway.clean(name) for name in names])
            self._record(on, TAGGED, who, case, tags=len(case.tags))  # their words may name the partner
            return case

        return await self._do(change)

    async def set_facts(self, who: Staff, case_id: int, facts: Mapping[str, Optional[str]]) -> Case:
        """Put facts right; the decision follows from them, here and in the dialogue."""
        case = await self._database.read(lambda on: cases.read(on, case_id))
        if case.holder not in (None, who.id):
            raise cases.Taken(case.holder_name or "")
        await self._triage.set_facts(case.conversation, dict(facts))
        situation = await self._triage.situation(case.conversation)

        def change(on: Connection) -> Case:
            found = cases.change(
                on,
                cases.read(on, case_id, for_update=True),
                is_searched=True,
                facts=dict(situation.facts),
                decision=situation.decision,
                route=situation.decision["route"] if situation.decision else None,
            )
            self._record(on, FACTS_CHANGED, who, found, facts=sorted(facts))
            return found

        return await self._do(change)

    async def changed_elsewhere(self, case_id: int, state: str, number: str, url: Optional[str]) -> None:
        """Take over that a case's counterpart in another system is solved; called again, it changes nothing."""
        if state not in SOLVED_STATES:
            return

        def change(on: Connection) -> Optional[Case]:
            case = _locked(on, case_id)
            if case.state == SOLVED:
                return None
            found = cases.change(on, case, state=SOLVED, waiting_since=None, solved_at=time.time())
            audit.record(on, SOLVE, number, case=case_id, detail={"counterpart": state})
            holder = cases.holder_of(on, found.conversation)
            if holder is not None:
                hand_back(on, found.conversation, self._notice("utter_staff_left", "left", found.language, name=holder))
            self._announce(on, "case_solved", case_id)
            return found

        found = await self._do(change)
        if found is not None:
            self._gateway.changed(found.conversation)

    # The conversation

    async def take_over(self, who: Staff, case_id: int) -> Case:
        """Talk in the assistant's place from now on. The partner is told who has joined."""
        case = await self._database.read(lambda on: cases.read(on, case_id))
        talk = await self._gateway.reachable(case.conversation)
        joined = self._notice("utter_staff_joined", "joined", talk.language, name=who.name)

        def change(on: Connection) -> Case:
            _locked(on, case_id)
            found = self._claimed(on, who, case_id)
            if cases.holder_of(on, found.conversation) == who.name:
                return found  # a second click
            hold(on, found.conversation, who.name, joined)
            is_it = standings.c.conversation == found.conversation
            on.execute(standings.update().where(is_it, standings.c.joined_at.is_(None)).values(joined_at=time.time()))
            self._record(on, TOOK_OVER, who, found)
            return found

        found = await self._do(change)
        self._gateway.changed(found.conversation)
        return found

    async def write(self, who: Staff, case_id: int, text: str, message_id: str) -> bool:
        """Write to the partner, who then is not waiting. What came with the same `message_id` before is written once."""
        case = await self._database.read(lambda on: cases.read(on, case_id))
        if case.holder != who.id or await self.holder(case) != who.name:
            raise NotYours(NOT_YOURS)

        def keep(on: Connection, talk: Any) -> Sequence[Dict[str, Any]]:
            found = cases.read(on, case_id, for_update=True)
            if found.holder != who.id or talk.held_by != who.name:  # it was handed back or taken in this moment
                raise NotYours(NOT_YOURS)
            cases.change(on, found, is_searched=True, waiting_since=None)
            self._record(on, WROTE, who, found)
            return ()

        return await self._gateway.push(case.conversation, STAFF, text, message_id, who.name, keep)

    async def is_writing(self, who: Staff, case_id: int) -> None:
        """Show the partner that an answer is being written."""
        case = await self._database.read(lambda on: cases.read(on, case_id))
        if case.holder == who.id and await self.holder(case) is not None:
            self._gateway.type(case.conversation, STAFF)

    async def hand_back(self, who: Staff, case_id: int) -> Case:
        """Let the assistant talk again; it goes on where the conversation stands. The partner is told."""

        def change(on: Connection) -> Case:
            case = _locked(on, case_id)
            if case.holder not in (None, who.id) and not who.is_lead:
                raise cases.Taken(case.holder_name or "")
            self._hand_back(on, who, case)
            return cases.read(on, case_id)

        found = await self._do(change)
        self._gateway.changed(found.conversation)
        return found

    def _claimed(self, on: Connection, who: Staff, case_id: int) -> Case:
        before = cases.read(on, case_id, for_update=True)
        case = cases.claim(on, case_id, who.id, by_force=who.is_lead)
        if case.revision != before.revision:
            self._record(on, CLAIM, who, case)
            self._announce(on, "case_claimed", case.id)
        return case

    async def _put(self, who: Staff, case_id: int, state: str, act: str) -> Case:
        def change(on: Connection) -> Case:
            before = _locked(on, case_id)
            if before.holder != who.id and who.is_lead and before.holder is not None:
                cases.claim(on, case_id, who.id, by_force=True)
            case = cases.set_state(on, case_id, who.id, state)
            self._record(on, act, who, case)
            if state in (OPEN, SOLVED):
                self._hand_back(on, who, case)
            if state == SOLVED and before.state != SOLVED:
                self._announce(on, "case_solved", case.id)
            return cases.read(on, case_id)

        found = await self._do(change)
        self._gateway.changed(found.conversation)
        return found

    def _hand_back(self, on: Connection, who: Staff, case: Case) -> None:
        """Hand a conversation back, if it is held."""
        holder = cases.holder_of(on, case.conversation)
        if holder is not None:
            hand_back(on, case.conversation, self._notice("utter_staff_left", "left", case.language, name=holder))
            cases.change(on, cases.read(on, case.id, for_update=True), waiting_since=None)  # the assistant answers
            self._record(on, HANDED_BACK, who, case)

    def _notice(self, key: str, kind: str, language: str, **values: str) -> Dict[str, Any]:
        return entry("system", self._words(key, language, **values), kind, language)

    @staticmethod
    def _record(on: Connection, act: str, who: Staff, case: Case, **detail: Any) -> None:
        audit.record(on, act, who.login, who.id, case.id, detail)


def _locked(on: Connection, case_id: int) -> Case:
    """Return a case that nobody else changes until the transaction ends, nor its conversation.

    The conversation first, as the gateway does: two that lock in different orders would wait for each other. Raises NoCase.
    """
    conversation_of(on, cases.read(on, case_id).conversation, for_update=True)
    return cases.read(on, case_id, for_update=True)

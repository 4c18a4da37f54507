"""What becomes of each turn: where the conversation stands, and the case it is or becomes (bot/channels/desk.py).

All of it runs in the transaction that stores the turn.
"""

import time
from typing import Any, Callable, Dict, List, Optional, Sequence, Set

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.channels.desk import Document
from bot.channels.message import Reply, Situation, entry
from bot.channels.transcript import Conversation
from bot.engine.message import ENOUGH_MISSES
from bot.helpdesk import cases
from bot.helpdesk.cases import Announce, Case
from bot.helpdesk.hours import Hours
from bot.helpdesk.tables import staff, staff_sessions, standings

SECONDS_OF_PRESENCE = 60.0  # since the last sign of an open console
Words = Callable[..., str]


class HelpDesk:
    """Keeps the cases, and tells a partner who asks for a person what to expect."""

    def __init__(self, hours: Hours, contact: str, words: Words, announce: Announce) -> None:
        """`contact` says how else the helpdesk is reached, empty when it is not; `announce` tells others of a case."""
        self._hours = hours
        self._contact = contact
        self._words = words
        self._announce = announce

    def answered(
        self, on: Connection, conversation: Conversation, replies: Sequence[Reply], situation: Situation, is_heard: bool
    ) -> List[Document]:
        """Take note of a turn of the assistant; return what a partner who asked for a person is told."""
        kinds = {reply.kind for reply in replies}
        is_decided = "verdict" in kinds and situation.decision is not None
        wants_person = "handover" in kinds
        has_missed = is_heard and situation.misses > 0
        self._stand(on, conversation, situation, is_heard, has_missed, is_decided, wants_person)
        reasons: Set[str] = set()
        if is_decided:
            reasons.add(cases.DECIDED)
        if wants_person:
            reasons.add(cases.ASKED_FOR_PERSON)
        if has_missed and situation.misses >= ENOUGH_MISSES:
            reasons.add(cases.FAILED_TWICE)
        case = self._keep(on, conversation, situation, reasons, is_heard, waits=wants_person)
        if case is None or not wants_person or conversation.held_by is not None:
            return []
        return [self._expectation(on, case, situation.language)]

    def overheard(self, on: Connection, conversation: Conversation, situation: Situation) -> None:
        """Take note of a message to the member of staff who holds the conversation: the partner waits for an answer."""
        self._stand(on, conversation, situation, is_heard=True, has_missed=False, is_decided=False, wants_person=False)
        self._keep(on, conversation, situation, set(), is_heard=True, waits=True)

    def rated(self, on: Connection, conversation: Conversation, helped: bool) -> None:
        """Take note of a rating; a bad one makes a case."""
        is_it = standings.c.conversation == conversation.id
        on.execute(standings.update().where(is_it).values(helped=helped))
        case = cases.of_conversation(on, conversation.id)
        if case is not None:
            reasons = set(case.reasons) | ({cases.RATED_BADLY} if not helped else set())
            cases.change(on, case, helped=helped, reasons=sorted(reasons))
        elif not helped:
            case = cases.open_case(
                on, conversation.id, conversation.channel, conversation.language, helped=helped, reasons=[cases.RATED_BADLY]
            )
            self._announce(on, "case_opened", case.id)

    def _keep(
        self,
        on: Connection,
        conversation: Conversation,
        situation: Situation,
        reasons: Set[str],
        is_heard: bool,
        waits: bool,
    ) -> Optional[Case]:
        """Open or update the case of a conversation; None when it is none."""
        case = cases.of_conversation(on, conversation.id)
        if case is None and not reasons:
            return None
        values: Dict[str, Any] = {
            "facts": dict(situation.facts),
            "decision": situation.decision,
            "route": situation.decision["route"] if situation.decision else None,
            "problem": situation.problem,
        }
        if case is None:
            values.update(reasons=sorted(reasons), waiting_since=time.time() if waits else None)
            case = cases.open_case(on, conversation.id, conversation.channel, situation.language, **values)
            self._announce(on, "case_opened", case.id)
            return case
        values.update(language=situation.language, reasons=sorted(reasons | set(case.reasons)))
        if is_heard and case.state == cases.WAITING:  # it was the partner's turn
            values["state"], waits = cases.CLAIMED, True
        elif waits and case.state == cases.SOLVED:
            values.update(state=cases.OPEN, holder=None, solved_at=None)
        if waits:
            values["waiting_since"] = case.waiting_since or time.time()
        return cases.change(on, case, is_searched=True, **values)

    def _stand(
        self,
        on: Connection,
        conversation: Conversation,
        situation: Situation,
        is_heard: bool,
        has_missed: bool,
        is_decided: bool,
        wants_person: bool,
    ) -> None:
        """Store where a conversation stands."""
        now = time.time()
        is_it = standings.c.conversation == conversation.id
        known = on.execute(sa.select(standings).where(is_it)).first()
        values: Dict[str, Any] = {"language": situation.language, "changed_at": now, "asked": situation.asked}
        values["turns"] = (known.turns if known else 0) + int(is_heard)
        values["missed"] = (known.missed if known else 0) + int(has_missed)
        if is_decided and situation.decision is not None:
            values.update(route=situation.decision["route"], reason=situation.decision["reason"], decided_at=now)
        if wants_person and (known is None or known.person_at is None):
            values["person_at"] = now
        if known is None:
            begun = {"conversation": conversation.id, "channel": conversation.channel, "started_at": conversation.created_at}
            on.execute(standings.insert().values(**begun, **values))
        else:
            on.execute(standings.update().where(is_it).values(**values))

    def _expectation(self, on: Connection, case: Case, language: str) -> Document:
        """Return what a partner who asked for a person is told: the number of the case, and when an answer comes."""
        now = time.time()
        told = {
            "number": case.number,
            "when": self._hours.moment(self._hours.answer_by(now), language),
            "hours": self._hours.told(language),
        }
        key = "utter_case_someone_there" if is_anybody_there(on, now) else "utter_case_nobody_there"
        where = "utter_case_where_widget" if case.channel == "widget" else "utter_case_where_chat"
        lines = [self._words(key, language, **told), self._words(where, language)]
        if self._contact:
            lines.append(self._words("utter_case_contact", language, contact=self._contact))
        return entry("system", " ".join(lines), "case", language)


def is_anybody_there(on: Connection, now: float) -> bool:
    """Say whether a member of staff has the console open."""
    seen = (
        sa.select(staff_sessions.c.digest)
        .join(staff, staff.c.id == staff_sessions.c.staff)
        .where(staff_sessions.c.seen_at > now - SECONDS_OF_PRESENCE, staff.c.is_active)
    )
    return on.execute(seen.limit(1)).first() is not None

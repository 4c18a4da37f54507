"""Whole conversations for tests: what the channels, the helpdesk and Rasa store of one, made by the code that stores it."""

import asyncio
import json
import time

import sqlalchemy as sa

from bot.channels.deliveries import Deliveries
from bot.channels.message import Reply, Situation
from bot.channels.transcript import Transcript
from bot.database import tables
from bot.helpdesk import audit, cases
from bot.helpdesk.desk import HelpDesk
from bot.helpdesk.hours import Hours
from bot.helpdesk.settings import HoursSettings
from bot.helpdesk.tables import counterparts, notices, staff
from bot.wording import shared_wording

DAY = 86_400.0
DECISION = {"route": "support_for_business", "reason": None, "covered_by": "microsoft_product_support"}
EVENTS = sa.Table(
    "events",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("sender_id", sa.String(255), nullable=False, index=True),
    sa.Column("type_name", sa.String(255), nullable=False),
    sa.Column("timestamp", sa.Float),
    sa.Column("intent_name", sa.String(255)),
    sa.Column("action_name", sa.String(255)),
    sa.Column("data", sa.Text),
)
# Every table that holds something of a conversation, and the column that says of which.
OF_A_CONVERSATION = {
    "chat_conversation": "id", "chat_message": "conversation", "chat_delivery": "conversation",
    "chat_undelivered": "conversation", "helpdesk_standing": "conversation", "helpdesk_case": "conversation",
    "events": "sender_id",
}  # fmt: skip
OF_A_CASE = ("helpdesk_tag", "helpdesk_note", "helpdesk_notice", "helpdesk_counterpart", "helpdesk_search")


def with_dialogue(database):
    """Make Rasa's table, as a first start of the server does."""
    database.write_now(lambda on: EVENTS.create(on, checkfirst=True))
    return database


def member(database, name="anna", role="agent"):
    values = {"login": name, "name": name.title(), "role": role, "is_active": True, "failures": 0, "created_at": 0.0}

    def find_or_add(on):
        known = on.execute(sa.select(staff.c.id).where(staff.c.login == name)).scalar()
        return known or on.execute(staff.insert().values(**values)).inserted_primary_key[0]

    return database.write_now(find_or_add)


def dialogue_events(database, conversation, *texts, at=None):
    def add(on):
        for text in texts:
            data = json.dumps({"event": "user", "text": text, "metadata": {"language": "en"}})
            values = {"sender_id": conversation, "type_name": "user", "timestamp": at or time.time(), "data": data}
            on.execute(EVENTS.insert().values(intent_name="inform", **values))

    database.write_now(add)


def talk(database, conversation, *texts, wants_person=False, decision=DECISION):
    """Hold a conversation; what a turn leaves is left. Without a decision or a wish for a person there is no case."""
    replies = [Reply("Here you are.", kind="handover" if wants_person else "verdict" if decision else "question")]
    desk = HelpDesk(Hours(HoursSettings()), "", shared_wording().text, lambda on, event, case: None)

    async def hold():
        transcript = Transcript(database)
        await transcript.create(conversation, conversation.partition("-")[0], "en")
        for number, text in enumerate(texts):
            said = {
                "id": f"m{number}",
                "from": "person",
                "kind": "said",
                "language": "en",
                "text": text,
                "at": "2026-11-30T10:00:00",
            }
            await transcript.accept(conversation, f"m{number}", said, None)
            waiting = await transcript.waiting(conversation)
            situation = Situation("en", {"goal": "open_request"}, "product", decision, text, 0)
            shown = [{"from": "assistant", "kind": reply.kind, "text": f"{reply.text} {text}"} for reply in replies]

            def more(on, talk, situation=situation):
                return desk.answered(on, talk, replies, situation, True)

            await transcript.answer(conversation, waiting.seq, shown, "en", more)
        deliveries = Deliveries(database)
        await deliveries.bind(conversation, conversation.partition("-")[0], {"user": f"where {texts[0]} came from"})
        await deliveries.give_up(conversation, 2, f"refused: {texts[0]}")

    asyncio.run(hold())
    dialogue_events(database, conversation, *texts)


def work_on(database, conversation, text):
    """Let staff write what they write on the conversation's case; return its id."""
    who = member(database)

    def write(on):
        case = cases.of_conversation(on, conversation)
        cases.claim(on, case.id, who)
        cases.add_note(on, case.id, who, f"note about {text}")
        cases.tag(on, case.id, who, [text[:20], "urgent"])
        notice = {"target": "mail", "event": "case_opened", "case_id": case.id, "state": "told", "tries": 1, "next_at": 0.0}
        on.execute(
            notices.insert().values(document=json.dumps({"number": case.number, "problem": text}), error=text, **notice)
        )
        elsewhere = {"case_id": case.id, "target": "servicenow", "key": "k1", "number": "INC1", "state": text[:30]}
        on.execute(counterparts.insert().values(**elsewhere))
        audit.record(on, "tagged", "anna", who, case.id, {"tags": [text[:20]]})
        return case.id

    return database.write_now(write)


def set_back(database, conversation, seconds, **only):
    """Let everything of a conversation be older: each time in each table goes back by so many seconds."""

    def change(on):
        for name, column in OF_A_CONVERSATION.items():
            table = EVENTS if name == "events" else tables.tables[name]
            times = [each for each in table.c if isinstance(each.type, sa.Float)]
            if times:
                values = {each.name: each - seconds for each in times}
                on.execute(table.update().where(table.c[column] == conversation).values(**values))

    database.write_now(change)


def counted(database, conversation, case_id=None):
    """Return how many rows each table holds of a conversation and its case."""

    def count(on):
        found = {}
        for name, column in OF_A_CONVERSATION.items():
            rows = on.execute(sa.text(f"SELECT count(*) FROM {name} WHERE {column} = :id"), {"id": conversation})
            found[name] = rows.scalar()
        for name in OF_A_CASE if case_id is not None else ():
            column = "rowid" if name == "helpdesk_search" and not database.is_postgresql else "case_id"
            found[name] = on.execute(sa.text(f"SELECT count(*) FROM {name} WHERE {column} = :id"), {"id": case_id}).scalar()
        return found

    return database.read_now(count)

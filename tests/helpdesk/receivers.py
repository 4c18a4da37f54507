"""What the tests of notices share: receivers on loopback, cases, and a sender that hurries."""

import asyncio
import json
import time
import uuid

from bot.database import tables
from bot.helpdesk import cases
from bot.helpdesk.events import document
from bot.helpdesk.notices import announce
from bot.helpdesk.settings import WebhookSettings
from bot.helpdesk.tables import notices, staff
from bot.helpdesk.targets import Notice
from bot.helpdesk.targets.webhook import Webhook
from bot.helpdesk.telling import Notices, Pace
from tests.channels.teams.microsoft import Loopback

SECRET = "a secret that the sender and the receiver know"
QUICK = Pace(look=0.05, lease=6.0, first=0.05, longest=0.2, tries=6, probe=0.2)
SECONDS = 30.0  # how long what must happen is waited for
FACTS = {"goal": "open_request", "product": "exchange_server", "version": "2016", "beneficiary": "customer"}
DECISION = {"route": "support_for_business", "covered_by": "microsoft_product_support", "preparation": ["get_ids"]}
SUMMARY = {
    "en": {"markdown": "**Exchange** stops", "plain": "Exchange stops"},
    "nl": {"markdown": "**Exchange** stopt", "plain": "Exchange stopt — één keer per dag"},
}


class Receiver(Loopback):
    """Takes POSTs. `planned` are answers given before the usual 204, in order: (status, headers), or seconds to wait."""

    def __init__(self, port=0):
        self.planned = []
        super().__init__(port)

    def answer(self, method, path, given, body):
        planned = self.planned.pop(0) if self.planned else (204, {})
        if isinstance(planned, float):
            time.sleep(planned)
            planned = (204, {})
        return planned[0], b"", planned[1]

    @property
    def documents(self):
        return [json.loads(body) for _, _, _, body in list(self.asked)]

    @property
    def told(self):
        return [(document["case"]["number"], document["event"]) for document in self.documents]


def hook(receiver, name="example"):
    return Webhook(WebhookSettings(name=name, url=f"{receiver.address}/cases"), SECRET)


def new_case(on, **values):
    """Open a case in a conversation of its own; return its fields."""
    now, conversation = time.time(), f"widget-{uuid.uuid4().hex}"
    row = {"id": conversation, "channel": "widget", "language": "nl", "created_at": now, "renewed_at": now, "generation": 1}
    on.execute(tables.tables["chat_conversation"].insert().values(**row))
    given = {"reasons": ["decided"], "facts": FACTS, "decision": DECISION, "route": DECISION["route"], "problem": "It stops"}
    return vars(cases.open_case(on, conversation, "widget", "nl", **{**given, **values}))


def tell(database, event="case_opened", targets=("webhook:example",), case=None):
    """Announce an event of a case, a new one when none is given; return the case."""

    def work(on):
        found = case or new_case(on)
        announce(on, event, found, targets, SUMMARY, "https://desk.example")
        return found

    return database.write_now(work)


def rows(database):
    return database.read_now(lambda on: on.execute(notices.select().order_by(notices.c.id)).all())


def states(database):
    return [row.state for row in rows(database)]


def member(database, name):
    values = {"login": uuid.uuid4().hex, "name": name, "role": "agent", "is_active": True, "failures": 0, "created_at": 0.0}
    return database.write_now(lambda on: on.execute(staff.insert().values(**values)).inserted_primary_key[0])


async def until(is_so):
    """Wait until something is so."""
    ends = time.monotonic() + SECONDS
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < ends, "it did not happen"
        await asyncio.sleep(0.02)


class Telling:
    """A sender for the time of a block."""

    def __init__(self, database, targets, pace=QUICK):
        self.notices = Notices(database, targets, pace)

    async def __aenter__(self):
        self.notices.start()
        return self.notices

    async def __aexit__(self, *error):
        self.notices.close()
        await self.notices.settle()


def notice(event="case_opened", case_id=12, notice_id="0" * 31 + "1", **changed):
    """Return a notice of a case that no database has."""
    case = {
        "id": case_id, "state": "open", "channel": "widget", "language": "nl", "reasons": ("decided",), "facts": FACTS,
        "decision": DECISION, "route": "support_for_business", "problem": "It stops", "holder_name": None, "tags": (),
        "opened_at": 1764500000.0, "waiting_since": None, "solved_at": None, **changed,
    }  # fmt: skip
    return Notice(notice_id, event, case_id, document(event, case, SUMMARY, "https://desk.example", 1764500001.0, notice_id))

"""A server with a helpdesk, an assistant that keeps simple facts, and the people who use it."""

from bot.channels.message import Reply, Situation
from bot.helpdesk.accounts import Staff, staff_of
from bot.helpdesk.tables import staff
from tests.channels.conftest import Echo

DECISION = {
    "route": "support_for_business", "covered_by": "microsoft_product_support", "reason": None, "preparation": [],
    "portal": "support_for_business", "incidents": None, "next_question": None, "rules": [], "cites": ["S66"],
}  # fmt: skip


class Listening(Echo):
    """An echo that keeps "fact=value" as facts, decides on "decide", hands over on "person", and asks again when it resumes."""

    def __init__(self):
        super().__init__()
        self.facts = {}
        self.overheard = []
        self.decided = set()
        self.misses = 0

    async def say(self, text, sender, message_id=None, language=None):
        replies = await super().say(text, sender, message_id, language)
        self._keep(text, sender)
        kind = {"decide": "verdict", "person": "handover"}.get(text, "answer")
        if kind == "verdict":
            self.decided.add(sender)
        self.before[message_id] = [Reply(replies[0].text, replies[0].buttons, kind=kind, language=self.language)]
        return self.before[message_id]

    def _keep(self, text, sender):
        name, is_fact, value = text.partition("=")
        if is_fact:
            self.facts.setdefault(sender, {})[name] = value

    async def overhear(self, text, sender):
        self.overheard.append(text)
        self._keep(text, sender)

    async def set_facts(self, sender, facts):
        known = self.facts.setdefault(sender, {})
        for fact, value in facts.items():
            known.pop(fact, None) if value is None else known.update({fact: value})

    async def situation(self, sender):
        decision = DECISION if sender in self.decided else None
        return Situation("en", dict(self.facts.get(sender, {})), None, decision, "my problem", self.misses)

    async def resume(self, sender):
        return [Reply("Where were we?", kind="question", language=self.language)]

    async def parse(self, text):
        return {"text": text, "intent": {"name": "inform"}, "entities": [], "decision": "accept"}


def member(server, login: str, role: str = "agent") -> Staff:
    """Make an account that signs in with no password; return it."""
    values = {"login": login, "name": login.title(), "role": role, "is_active": True, "failures": 0, "created_at": 0.0}

    def add(on):
        key = on.execute(staff.insert().values(**values)).inserted_primary_key[0]
        return staff_of(on.execute(staff.select().where(staff.c.id == key)).first())

    return server._database.write_now(add)

"""The application with its console on loopback, with the dialogue itself replaced by one of a few fixed turns."""

import asyncio
import re
import socket
import threading
import uuid
from datetime import date
from html import unescape
from html.parser import HTMLParser

import requests
from sanic import Sanic

from bot.channels.message import Reply, Situation
from bot.engine import decide
from bot.helpdesk import accounts, audit
from bot.helpdesk.assembly import Helpdesk
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.knowledge import shared
from bot.server import application
from bot.settings import NO_CREDENTIALS, Settings
from tests.channels.conftest import SECRET, Client, Server
from tests.helpdesk.entering import PASSWORD, QUICK

DAY = date(2026, 11, 22)
COVERED = {
    "goal": "open_request", "product": "exchange_server", "version": "subscription_edition", "offer": "gold",
    "contract_linked": "yes",
}  # fmt: skip
SECONDS = 60
PAGE = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
PART = {"HX-Request": "true", "Accept": "*/*"}


class FixedDialogue:
    """Stands for the assistant. What a person says decides the turn; facts lead where the engine says."""

    def __init__(self):
        self.facts, self.problems, self.heard = {}, {}, []

    async def say(self, text, sender, message_id=None, language=None):
        self.problems.setdefault(sender, text)
        if "person" in text:
            return [Reply("A person takes over.", kind="handover")]
        if "decide" in text:
            self.facts.setdefault(sender, dict(COVERED))
            return [Reply("**Yes**, it is covered.", kind="verdict")]
        return [Reply(f"You said {len(text)} letters.", kind="question")]

    async def press(self, payload, sender, message_id=None, language=None):
        return [Reply("Good day.")]

    async def answered(self, message_id, sender):
        return None

    async def overhear(self, text, sender):
        self.heard.append(text)

    async def situation(self, sender):
        facts = self.facts.get(sender, {})
        found = decide(shared().programme, facts, DAY)
        return Situation("en", dict(facts), None, found.document() if found.route else None, self.problems.get(sender))

    async def resume(self, sender):
        return [Reply("Where were we?", kind="question")]

    async def set_facts(self, sender, facts):
        known = {**self.facts.get(sender, {}), **facts}
        self.facts[sender] = {fact: value for fact, value in known.items() if value is not None}

    async def parse(self, text):
        found = re.search("exchange server", text, re.IGNORECASE)
        product = {"entity": "product", "value": "exchange_server"}
        entities = [{**product, "start": found.start(), "end": found.end()}] if found else []
        intent = {"name": "request_support", "confidence": 0.9}
        return {"text": text, "intent": intent, "entities": entities, "decision": "accept"}


class House(Server):
    """The application in a thread of its own."""

    def __init__(self, database, settings=None):
        Sanic._app_registry.clear()
        self.database = database
        self.assistant = FixedDialogue()
        self.helpdesk = Helpdesk(database, settings or HelpdeskSettings(), HelpdeskSecrets(), Settings(), SECRET)
        self._app = application(self.assistant, database, SECRET, Settings(), NO_CREDENTIALS, self.helpdesk)
        self.gateway = self._app.ctx.gateway
        self._loop = asyncio.new_event_loop()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(60)

    def acts(self):
        """Return what the audit log holds, the oldest first."""
        return [entry.act for entry in self.database.read_now(audit.entries)[::-1]]

    def last_conversation(self):
        """Return the conversation that began last."""
        latest = "SELECT id FROM chat_conversation ORDER BY created_at DESC LIMIT 1"
        return self.database.read_now(lambda on: on.exec_driver_sql(latest).scalar())

    def member(self, name="anna", role="agent"):
        """Return a browser in which a new member of staff has signed in."""
        self.database.write_now(lambda on: accounts.add(on, name, name.title(), role, QUICK.hash(PASSWORD)))
        return Member(self.address, name)

    def partner(self, *texts):
        """Return a partner's chat, in which something was said and answered."""
        client = Client(self.address)
        for text in texts:
            assert client.say(text).status_code == 202, text
            self.run(self.gateway.settle())
        return client


class Member:
    """A member of staff in a browser without scripts, or with htmx (`part`)."""

    def __init__(self, address, name):
        self.address, self.name, self.http = address, name, requests.Session()
        self.http.trust_env = False
        self.send("/sign-in", name=name, password=PASSWORD)
        self.csrf = fields(self.get("/").text)["csrf"]

    def get(self, path="/", headers=PAGE, **query):
        where = f"{self.address}/helpdesk{path}"
        return self.http.get(where, headers=headers, params=query, timeout=SECONDS, allow_redirects=False)

    def send(self, path, part=False, headers=None, **form):
        given = {"csrf": getattr(self, "csrf", ""), **form}
        sent = {**(PART if part else PAGE), "Origin": self.address, **(headers or {})}
        where = f"{self.address}/helpdesk{path}"
        return self.http.post(where, data=given, headers=sent, timeout=SECONDS, allow_redirects=False)

    def write(self, case, text, message_id=None, **more):
        return self.send(f"/cases/{case}/messages", message=text, id=message_id or uuid.uuid4().hex, **more)


class _Fields(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = {}

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "input" and given.get("name"):
            self.found.setdefault(given["name"], given.get("value") or "")


def fields(page):
    """Return the inputs of a page, the first of each name."""
    parser = _Fields()
    parser.feed(page)
    return parser.found


def words(page):
    """Return a page's text as it is read, without its tags."""
    text = re.sub(r"<(script|style|template)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def problem(page, form):
    """Return what a page says is wrong with a form."""
    found = re.search(rf'id="error-{form}"[^>]*>(.*?)</div>', page, re.DOTALL)
    return unescape(found[1]).strip() if found else ""

"""A console of two pages on loopback behind the real entrance, and people who sign in to it by HTTP."""

import asyncio
import re
import socket
import threading
import time
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests
from argon2 import PasswordHasher
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, Sanic
from sanic.response import json as json_response
from sanic.response import text

from bot.channels.web import StrictRequest, add_headers
from bot.helpdesk import accounts, audit
from bot.helpdesk.accounts import LEAD
from bot.helpdesk.entrance import Entrance
from bot.helpdesk.passwords import Passwords
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.settings import PROJECT
from tests.channels.conftest import Server

KEY = b"a key that only the tests know, and nobody else"
PASSWORD = "seven quiet lanterns drift"
SECONDS = 30
QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
PAGE = {"Accept": "text/html,application/xhtml+xml", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
_pages = Environment(
    loader=FileSystemLoader(PROJECT / "bot/helpdesk/templates"), autoescape=True, undefined=StrictUndefined
)


class Clock:
    """The time, which tests move on."""

    def __init__(self):
        self.ahead = 0.0

    def __call__(self):
        return time.time() + self.ahead


class Console(Server):
    """The entrance with routes behind it, in a thread of its own."""

    def __init__(self, database, settings=None, secret="", listener=None, passwords=QUICK):
        Sanic._app_registry.clear()
        self.database, self.clock = database, Clock()
        self._loop = asyncio.new_event_loop()
        self._listener = listener or socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._app = Sanic("console", request_class=StrictRequest, configure_logging=False)
        self._app.config.FALLBACK_ERROR_FORMAT = "json"
        self._app.register_middleware(add_headers, "response")
        given = settings or HelpdeskSettings()
        secrets = HelpdeskSecrets(openid_secret=secret)
        self.entrance = Entrance(database, given, secrets, KEY, self._render, now=self.clock, passwords=passwords)
        self._app.blueprint(self.entrance.blueprint)
        self._app.blueprint(self._behind())
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        assert self._started.wait(60)

    @staticmethod
    def _render(template, **values):
        return _pages.get_template(template).render(**values)

    def _behind(self):
        routes = Blueprint("behind", url_prefix="/helpdesk")
        access = self.entrance.access
        access.protect(routes)

        @routes.get("/")
        async def queue(request):
            return json_response({"csrf": request.ctx.signed_in.csrf, "name": request.ctx.signed_in.staff.name})

        @routes.get("/cases/<number:int>")
        async def case(request, number):
            await self.entrance.sessions.seen(request.ctx.signed_in)
            return text(f"case {number}")

        @routes.get("/events")
        async def events(request):
            response = await request.respond(content_type="text/event-stream")
            while await self.entrance.sessions.is_open(request.ctx.signed_in):
                await response.send(": here\n\n")
                await asyncio.sleep(0.05)
            await response.send("event: ended\ndata: {}\n\n")

        @routes.route("/notes", methods=("POST", "PUT", "PATCH", "DELETE"))
        async def note(request):
            return text("written")

        @routes.get("/figures")
        @access.requires(LEAD)
        async def figures(request):
            return text("figures")

        return routes

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)

    def acts(self):
        """Return what the audit log holds, the oldest first."""
        return self.database.read_now(audit.entries)[::-1]

    def add(self, name="anna", role="agent", shown="Anna", password=PASSWORD, passwords=QUICK):
        return self.database.write_now(lambda on: accounts.add(on, name, shown, role, passwords.hash(password)))


class Visitor:
    """A browser: it keeps cookies, and names where its requests come from."""

    def __init__(self, console):
        self.console, self.http = console, requests.Session()
        self.http.trust_env = False

    def get(self, path, headers=PAGE, **more):
        where = urljoin(self.console.address, path)
        return self.http.get(where, headers=headers, allow_redirects=False, timeout=SECONDS, **more)

    def send(self, path, form=None, method="POST", **headers):
        sent = {**PAGE, "Origin": self.console.address, **headers}
        where = urljoin(self.console.address, path)
        return self.http.request(method, where, data=form or {}, headers=sent, allow_redirects=False, timeout=SECONDS)

    def sign_in(self, name="anna", password=PASSWORD, **more):
        return self.send("/helpdesk/sign-in", {"name": name, "password": password, **more})

    @property
    def csrf(self):
        return self.get("/helpdesk/").json()["csrf"]

    def is_in(self):
        return self.get("/helpdesk/", headers={}).status_code == 200


class Form(HTMLParser):
    """The first form of a page: where it goes, and what it holds."""

    def __init__(self, page):
        super().__init__()
        self.action, self.fields = None, {}
        self.feed(page)
        assert self.action is not None, page

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        if tag == "form" and self.action is None:
            self.action = found["action"]
        elif tag == "input" and found.get("name"):
            self.fields[found["name"]] = found.get("value") or ""


def error_of(page):
    """Return what a page says is wrong."""
    found = re.search(r'role="alert"[^>]*>(.*?)</div>', page.text, re.DOTALL)
    return unescape(re.sub(r"<[^>]+>", " ", found[1])).strip() if found else ""

"""Sign-in and sign-out: with a password, or by way of an OpenID provider."""

import asyncio
import hashlib
import logging
import re
import time
from typing import Any, Callable, Optional

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html, redirect
from sqlalchemy.engine import Connection

from bot.channels.guard import RateLimits
from bot.channels.web import address, is_own
from bot.database import Database
from bot.helpdesk import accounts, audit
from bot.helpdesk.access import FORGED, HOME, SIGN_IN, Access, Render, add_policy, return_path
from bot.helpdesk.accounts import Staff
from bot.helpdesk.openid import SECONDS_TO_SIGN_IN, Begun, NotSignedIn, OpenId, Person, Unreachable
from bot.helpdesk.passwords import Passwords
from bot.helpdesk.sessions import Sessions
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings

logger = logging.getLogger(__name__)

READ = ("GET", "HEAD")
OPENID_PATH = "/helpdesk/openid"
OPENID_COOKIE = "helpdesk-openid"
OF_LOGIN, OF_ADDRESS = (10, 10), (30, 30)  # sign-ins a minute, and at once
MOST_HASHED = 2  # passwords at once; each takes 64 MiB
CODE = re.compile(r"[a-z_]{1,60}")  # of an error of the provider

WRONG = (
    "The name or the password is not right. After several failures in a row an account is locked for a while: then wait, "
    "or ask the administrator."
)
FAST = "There were too many sign-ins. Wait {seconds} seconds and try again."
NO_PROVIDER = "The sign-in service cannot be reached just now. Try again in a minute."
NOT_BEGUN = (
    "This sign-in was begun too long ago, in another browser, or under another address of the console. Sign in again."
)
NOT_VOUCHED = (
    "The sign-in service did not sign you in{code}. Try again; if it goes on, the administrator finds the reason in the log."
)
NO_ROLE = (
    "You are known to the sign-in service, but have no access to the helpdesk. Ask the administrator for the role agent or "
    "lead."
)


class Entrance:
    """The routes of sign-in (`blueprint`), the check of all others (`access`), and the sessions."""

    def __init__(
        self,
        database: Database,
        settings: HelpdeskSettings,
        secrets: HelpdeskSecrets,
        key: bytes,
        render: Render,
        store: str = "memory",
        now: Callable[[], float] = time.time,
        passwords: Optional[Passwords] = None,
    ) -> None:
        """Nothing is asked of the network yet.

        `key` seals sign-ins under way; `render` makes a page of a template; `store` is where attempts are counted: "memory",
        or the address of a Redis server; `now` is in seconds since 1970; `passwords` hashes as argon2 does by default.
        """
        self._database = database
        self._key = key
        self._render = render
        self._now = now
        self.sessions = Sessions(database, settings.session_hours * 3600, now)
        self.access = Access(self.sessions, settings.address.startswith("https:"), render)
        self._passwords = passwords or Passwords()
        self._hashing = asyncio.Semaphore(MOST_HASHED)
        self._rates = RateLimits(store, OF_LOGIN, OF_ADDRESS, OF_ADDRESS)
        openid = settings.openid
        redirect_to = f"{settings.address}{OPENID_PATH}/callback"
        self._openid = OpenId(openid, secrets.openid_secret, redirect_to, now) if openid.issuer else None
        self.blueprint = self._routes()

    def _routes(self) -> Blueprint:
        routes = Blueprint("helpdesk_entrance", url_prefix=HOME)

        @routes.route("/sign-in", methods=READ)
        async def show_sign_in(request: Request) -> HTTPResponse:
            return await self._show(request)

        @routes.post("/sign-in")
        async def sign_in(request: Request) -> HTTPResponse:
            return await self._sign_in(request)

        @routes.post("/sign-out")
        @self.access.requires()
        async def sign_out(request: Request) -> HTTPResponse:
            return await self._sign_out(request)

        if self._openid is None:
            return routes

        @routes.get("/openid")
        async def to_provider(request: Request) -> HTTPResponse:
            return await self._to_provider(request)

        @routes.get("/openid/callback")
        async def from_provider(request: Request) -> HTTPResponse:
            return await self._from_provider(request)

        return routes

    # With a password

    async def _show(self, request: Request) -> HTTPResponse:
        to = return_path(request.args.get("to"))
        if await self.access.session(request) is not None:
            return redirect(to, status=303)
        return await self._page(to, has_left="out" in request.args)

    async def _sign_in(self, request: Request) -> HTTPResponse:
        to, typed, password = (request.form.get(name, "") for name in ("to", "name", "password"))
        to = return_path(to)
        if not is_own(request):
            return self.access.refused(request, "foreign_page", FORGED)
        wait = await self._rates.session(f"sign-in:{address(request)}")
        wait = wait or await self._rates.conversation(f"sign-in:{_counted(typed)}")
        if wait:
            return await self._slow(to, wait, typed)
        value = await self._enter(typed, password, request)
        if value is None:
            return await self._page(to, 403, WRONG, typed)
        return self._entered(value, to)

    async def _enter(self, typed: str, password: str, request: Request) -> Optional[str]:
        """Return the value of a new session, None when nobody has this name and password now."""
        attempt = await self._database.write(lambda on: accounts.count_attempt(on, typed, self._now()))
        async with self._hashing:
            is_right = await asyncio.to_thread(self._passwords.is_right, attempt.password, password)
            renewed = None
            if is_right and self._passwords.is_outdated(attempt.password):
                renewed = await asyncio.to_thread(self._passwords.hash, password)

        def end(on: Connection) -> Optional[str]:
            staff = accounts.succeed(on, attempt, renewed) if is_right else None
            if staff is None:
                accounts.fail(on, attempt, typed, address(request), self._now())
                return None
            return self._begin(on, staff, "password", request)

        return await self._database.write(end)

    async def _sign_out(self, request: Request) -> HTTPResponse:
        value = request.cookies.get(self.access.cookie)

        def end(on: Connection) -> None:
            who = self.sessions.end(on, value)
            if who is not None:
                audit.record(on, audit.SIGNED_OUT, who[1], who[0], at=self._now())

        await self._database.write(end)
        response = redirect(f"{SIGN_IN}?out=1", status=303)
        self._set(response, self.access.cookie, "", HOME, 0)
        return response

    # By way of the provider

    async def _to_provider(self, request: Request) -> HTTPResponse:
        to = return_path(request.args.get("to"))
        wait = await self._rates.session(f"openid:{address(request)}")
        if wait:
            return await self._slow(to, wait)
        begun = Begun.now(to)
        try:
            response = redirect(await self._provider.address(begun), status=303)
        except Unreachable:
            return await self._page(to, 503, NO_PROVIDER, retry=60)
        name = self.access.cookie_name(OPENID_COOKIE)
        self._set(response, name, begun.sealed(self._key, self._now()), OPENID_PATH, SECONDS_TO_SIGN_IN)
        return response

    async def _from_provider(self, request: Request) -> HTTPResponse:
        name = self.access.cookie_name(OPENID_COOKIE)
        begun = Begun.opened(request.cookies.get(name) or "", self._key, self._now())
        response = await self._answered(request, begun)
        self._set(response, name, "", OPENID_PATH, 0)  # it is good for one answer
        return response

    async def _answered(self, request: Request, begun: Optional[Begun]) -> HTTPResponse:
        wait = await self._rates.session(f"callback:{address(request)}")
        if wait:
            return await self._slow(HOME, wait)
        if begun is None or not begun.is_answered_by(request.args.get("state")):
            return await self._page(HOME, 400, NOT_BEGUN)
        error, code = request.args.get("error"), request.args.get("code")
        try:
            self._provider.check_issuer(request.args.get("iss"))
            if error is not None or not code:
                raise NotSignedIn(f"the provider answers {error if error and CODE.fullmatch(error) else 'without a code'}")
            person = await self._provider.person(code, begun)
        except Unreachable as problem:
            logger.warning("a sign-in with OpenID Connect failed: %s", problem)
            return await self._page(begun.to, 503, NO_PROVIDER, retry=60)
        except NotSignedIn as problem:
            logger.warning("a sign-in with OpenID Connect failed: %s", problem)
            failed = (audit.SIGN_IN_FAILED, accounts.NO_NAME, request, "openid")
            await self._database.write(lambda on: self._failed(on, *failed))
            shown = f" ({error})" if error and CODE.fullmatch(error) else ""
            return await self._page(begun.to, 403, NOT_VOUCHED.format(code=shown))
        value = await self._database.write(lambda on: self._vouched(on, person, request))
        return self._entered(value, begun.to) if value else await self._page(begun.to, 403, NO_ROLE)

    @property
    def _provider(self) -> OpenId:
        assert self._openid is not None  # else there is no such route
        return self._openid

    def _vouched(self, on: Connection, person: Person, request: Request) -> Optional[str]:
        staff = accounts.vouched(on, person.login, person.name, person.role, self._now())
        if staff is None:
            why = "no_role" if person.role is None else "disabled"
            self._failed(on, audit.SIGN_IN_REFUSED, person.login, request, why)
            return None
        return self._begin(on, staff, "openid", request)

    def _failed(self, on: Connection, act: str, login: str, request: Request, why: str) -> None:
        audit.record(on, act, login, detail={"address": address(request), "why": why}, at=self._now())

    # Both

    def _begin(self, on: Connection, staff: Staff, how: str, request: Request) -> str:
        """Begin a session in the place of the one that the browser had; return its value."""
        self.sessions.end(on, request.cookies.get(self.access.cookie))
        detail = {"address": address(request), "by": how}
        audit.record(on, audit.SIGNED_IN, staff.login, staff.id, detail=detail, at=self._now())
        return self.sessions.begin(on, staff.id)

    def _entered(self, value: str, to: str) -> HTTPResponse:
        response = redirect(to, status=303)
        self._set(response, self.access.cookie, value, HOME)
        return response

    def _set(self, response: HTTPResponse, name: str, value: str, path: str, seconds: Optional[int] = None) -> None:
        """Set a cookie until the browser is closed, or for some seconds; 0 removes it."""
        response.cookies[name] = value
        cookie: Any = response.cookies[name]
        cookie["path"], cookie["httponly"], cookie["samesite"], cookie["secure"] = path, True, "Lax", self.access.is_secure
        if seconds is not None:
            cookie["max-age"] = seconds

    async def _slow(self, to: str, wait: float, typed: str = "") -> HTTPResponse:
        seconds = max(1, round(wait + 0.5))
        return await self._page(to, 429, FAST.format(seconds=seconds), typed, retry=seconds)

    async def _page(
        self,
        to: str,
        status: int = 200,
        error: str = "",
        typed: str = "",
        retry: Optional[int] = None,
        has_left: bool = False,
    ) -> HTTPResponse:
        has_openid = self._openid is not None
        # With a provider, the form for a password is there only for those who have one.
        has_local = not has_openid or await self._database.read(accounts.has_local)
        page = self._render(
            "sign_in.html",
            to=to,
            error=error,
            name=typed[:80],
            has_openid=has_openid,
            has_local=has_local,
            has_left=has_left,
        )
        return add_policy(html(page, status=status, headers={"Retry-After": str(retry)} if retry else {}))


def _counted(typed: str) -> str:
    """Return what is counted of a name that was typed: not the name, which may be a password in the wrong field."""
    return hashlib.sha256(accounts.plain(typed).encode("utf-8", "replace")).hexdigest()

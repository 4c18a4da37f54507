"""Who may pass: every page of the console but sign-in asks for a session, and what changes something for its own value.

    access.protect(blueprint)        every route of a blueprint, for agents and leads
    @access.requires(LEAD)           one route
    request.ctx.signed_in            the session (SignedIn) in a handler behind either
"""

import re
from functools import wraps
from typing import Any, Awaitable, Callable, Optional
from urllib.parse import quote, urlsplit

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html, redirect

from bot.channels.web import HEADERS, denied, is_own
from bot.helpdesk.accounts import AGENT, LEAD
from bot.helpdesk.sessions import Sessions, SignedIn

HOME, SIGN_IN = "/helpdesk", "/helpdesk/sign-in"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
SAFE = ("GET", "HEAD", "OPTIONS")
COOKIE = "helpdesk"
LONGEST_PATH = 1000  # characters
# Segments that cannot climb: none begins with a dot, and nothing is encoded. What leads in and out is no page to return to.
PATH = re.compile(
    r"/helpdesk(?!/(?:sign-in|sign-out|openid)(?:[/?]|\Z))"
    r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?(?:\?[A-Za-z0-9._~!$'()*+,;:@/?%&=-]*)?"
)
POLICY_HEADER = "Content-Security-Policy"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
Handler = Callable[..., Awaitable[Optional[HTTPResponse]]]
Render = Callable[..., str]  # (template, **values) -> HTML

FORGED = (
    "This form is not (any more) of your session, so nothing was changed. Go back, reload the page and send it again. "
    "If that does not help, the server's proxy does not pass on the Host header."
)
ROLE = "Your account may not do this: it needs the role lead."


class Access:
    """Lets requests pass, or answers them."""

    def __init__(self, sessions: Sessions, is_secure: bool, render: Render) -> None:
        """`is_secure`: staff open the console with https."""
        self._sessions = sessions
        self._render = render
        self.is_secure = is_secure
        self.cookie = self.cookie_name(COOKIE)

    def cookie_name(self, name: str) -> str:
        """Return the name of a cookie; with https browsers take it over https only."""
        return f"__Secure-{name}" if self.is_secure else name

    async def session(self, request: Request) -> Optional[SignedIn]:
        """Return the session of a request, None when it has none."""
        return await self._sessions.find(request.cookies.get(self.cookie))

    def protect(self, blueprint: Blueprint, role: str = AGENT) -> None:
        """Let nobody without a role (a lead has both) to any route of a blueprint, and give its pages their policy."""

        @blueprint.middleware("request")
        async def enter(request: Request) -> Optional[HTTPResponse]:
            return await self.admit(request, role)

        @blueprint.middleware("response")
        async def limit(request: Request, response: HTTPResponse) -> None:
            add_policy(response)

    def requires(self, role: str = AGENT) -> Callable[[Handler], Handler]:
        """Return a decorator that lets nobody without a role to a handler."""

        def decorated(handler: Handler) -> Handler:
            @wraps(handler)
            async def entered(request: Request, *arguments: Any, **named: Any) -> Optional[HTTPResponse]:
                refused = await self.admit(request, role)
                return refused if refused is not None else await handler(request, *arguments, **named)

            return entered

        return decorated

    async def admit(self, request: Request, role: str = AGENT) -> Optional[HTTPResponse]:
        """Return the answer to a request that may not pass; None when it may: its session is in `request.ctx.signed_in`."""
        session = getattr(request.ctx, "signed_in", None) or await self.session(request)
        if session is None:
            return self._unknown(request)
        if request.method not in SAFE and not (is_own(request) and session.carries(_carried(request))):
            return self.refused(request, "foreign_page", FORGED)
        if role == LEAD and not session.staff.is_lead:
            return self.refused(request, "wrong_role", ROLE, session)
        request.ctx.signed_in = session
        return None

    def refused(self, request: Request, code: str, message: str, session: Optional[SignedIn] = None) -> HTTPResponse:
        """Return a refusal (403), as a page when a person will read it."""
        if not is_page(request):
            return denied(403, code)
        return add_policy(html(self._render("refused.html", message=message, signed_in=session), status=403))

    def _unknown(self, request: Request) -> HTTPResponse:
        if is_page(request):
            to = _asked(request) if request.method in ("GET", "HEAD") else HOME
            return redirect(sign_in_path(to), status=303, headers={"Vary": "Accept, HX-Request"})
        headers = {}
        if "hx-request" in request.headers:
            headers["HX-Redirect"] = sign_in_path(_shown(request))
        return denied(401, "no_session", headers)


def add_policy(response: HTTPResponse) -> HTTPResponse:
    """Give a response the content security policy of the console, unless it has one of its own."""
    if response.headers.get(POLICY_HEADER) in (None, HEADERS[POLICY_HEADER]):  # the server's own comes first
        response.headers[POLICY_HEADER] = POLICY
    return response


def is_page(request: Request) -> bool:
    """Say whether a browser will show the answer as a page of its own."""
    if "hx-request" in request.headers:
        return False
    mode = request.headers.get("sec-fetch-mode")
    return mode == "navigate" if mode is not None else "text/html" in request.headers.get("accept", "")


def return_path(given: Optional[str]) -> str:
    """Return a path that leads to a page of the console: the one given, or the first when that leads anywhere else."""
    return given if given is not None and len(given) <= LONGEST_PATH and PATH.fullmatch(given) else HOME


def sign_in_path(to: str = HOME) -> str:
    """Return the path of sign-in, which then leads to another page."""
    return SIGN_IN if to == HOME else f"{SIGN_IN}?to={quote(to, safe='')}"


def _asked(request: Request) -> str:
    query = f"?{request.query_string}" if request.query_string else ""
    return return_path(f"{request.path}{query}")


def _shown(request: Request) -> str:
    """Return the page from which htmx sent a request."""
    try:
        found = urlsplit(request.headers.get("hx-current-url", ""))
    except ValueError:
        return HOME
    return return_path(f"{found.path}{f'?{found.query}' if found.query else ''}")


def _carried(request: Request) -> Optional[str]:
    """Return the session's value that a request carries, in a header or in a form."""
    header = request.headers.get(CSRF_HEADER)
    return header if header is not None else request.form.get(CSRF_FIELD)

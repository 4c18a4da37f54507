"""The bot's own token, with which it sends: from Microsoft's login, by way of msal, which keeps it until it expires."""

import asyncio
import json
from typing import Any, Dict, Optional

import msal
import requests

from bot.channels.platform import Suspended
from bot.channels.workers import TryAgain

SECONDS = 10  # for a request
LATER = (408, 429)  # and everything from 500, which msal sees itself
EVERYBODYS_TENANT = "botframework.com"  # of multi-tenant bots
MENDED_BY = {
    "invalid_client": "TRIAGE_TEAMS_APP_SECRET is not valid (any more); make a new client secret for the app and set its Value",
    "unauthorized_client": "teams.app_id or teams.tenant in channels.yml is not right; take both from the Azure Bot's configuration",
    "invalid_scope": "teams.scope in channels.yml is not right for this cloud",
    "invalid_resource": "teams.scope in channels.yml is not right for this cloud",
}
NO_TENANT = "the login knows no such tenant; teams.tenant or teams.login in channels.yml is not right"


def _unchanged(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


class _Http(requests.Session):
    """Gives up in time, and follows nobody elsewhere: the requests carry the secret. msal sets neither, and takes a login that
    is busy for one that knows no such tenant."""

    def __init__(self) -> None:
        super().__init__()
        self.max_redirects = 0
        self.auth = _unchanged  # else ~/.netrc would be

    def request(self, *arguments: Any, **named: Any) -> requests.Response:  # type: ignore[override]
        named.setdefault("timeout", SECONDS)
        response = super().request(*arguments, **named)
        if response.status_code in LATER:
            raise requests.HTTPError(f"status {response.status_code}")
        return response


class Access:
    """Gives the bot's token."""

    def __init__(self, app_id: str, secret: str, tenant: str, login: str, scope: str) -> None:
        """Nothing is asked of the network yet."""
        self._app_id = app_id
        self._secret = secret
        self._authority = f"{login.rstrip('/')}/{tenant or EVERYBODYS_TENANT}"
        self._scope = scope
        self._application: Optional[msal.ConfidentialClientApplication] = None
        self._token: Optional[str] = None
        self._asking: Optional["asyncio.Task[str]"] = None  # one for all who wait

    async def token(self) -> str:
        """Return a token that is valid now. Raises TryAgain, or Suspended when an administrator must mend something."""
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._ask())
            self._asking.add_done_callback(self._asked)
        return await asyncio.shield(self._asking)

    def forget(self, token: str) -> None:
        """Ask for a new token the next time: this one was refused."""
        if token == self._token:
            self._application = self._token = None

    def _asked(self, asking: "asyncio.Task[str]") -> None:
        self._asking = None

    async def _ask(self) -> str:
        try:
            given = await asyncio.to_thread(self._acquire)
        except (requests.RequestException, json.JSONDecodeError, RuntimeError, KeyError, OSError) as error:
            raise TryAgain(f"the login gives no token: {type(error).__name__}") from None
        except ValueError as error:  # msal's, of an authority; without the cause it would look like a wrong tenant
            if isinstance(error.__context__, json.JSONDecodeError):
                raise TryAgain("the login gives no token: its answer cannot be read") from None
            raise Suspended(NO_TENANT) from None
        token = given.get("access_token")
        if isinstance(token, str):
            self._token = token
            return token
        error = str(given.get("error"))
        if error in MENDED_BY:
            raise Suspended(MENDED_BY[error])
        raise TryAgain(f"the login gives no token: {error}")

    def _acquire(self) -> Dict[str, Any]:
        if self._application is None:
            self._application = msal.ConfidentialClientApplication(
                self._app_id,
                client_credential=self._secret,
                authority=self._authority,
                instance_discovery=False,  # the login is the administrator's choice, and no other host need say that it is one
                http_client=_Http(),
            )
        found = self._application.acquire_token_for_client(scopes=[self._scope])
        return found if isinstance(found, dict) else {}

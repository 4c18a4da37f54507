"""Sign-in by OpenID Connect: the authorization code flow with PKCE, state and nonce.

What a sign-in under way needs is in a cookie of the browser that began it, sealed by the server: any server can end it.
"""

import hmac
import logging
import secrets
import time
from dataclasses import asdict, dataclass
from typing import Any, Callable, Dict, Optional

import jwt
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc import jwt as id_tokens
from joserfc.errors import JoseError

from bot.helpdesk.accounts import AGENT, LEAD, LONGEST_NAME
from bot.helpdesk.audit import LONGEST_LOGIN
from bot.helpdesk.provider import Provider, Unreachable, connection
from bot.helpdesk.settings import OpenIdSettings

logger = logging.getLogger(__name__)

# Whoever verifies these cannot sign with what he has.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
LEEWAY = 60  # seconds that two clocks may differ
LONGEST_TOKEN = 50_000  # characters
LONGEST_SUBJECT = 255  # characters, by the standard
SECONDS_TO_SIGN_IN = 600
SEAL, AUDIENCE = "HS256", "helpdesk-openid"


class NotSignedIn(Exception):
    """The provider vouches for nobody, or not in a way that can be trusted. The message says why, for the log."""


@dataclass(frozen=True)
class Begun:
    """A sign-in under way. `to` is the page that it leads to."""

    state: str
    nonce: str
    verifier: str
    to: str

    @classmethod
    def now(cls, to: str) -> "Begun":
        """Return a new one."""
        return cls(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), to)

    def sealed(self, key: bytes, now: float) -> str:
        """Return it as the cookie holds it; `now` is in seconds since 1970."""
        return jwt.encode({**asdict(self), "aud": AUDIENCE, "exp": now + SECONDS_TO_SIGN_IN}, key, algorithm=SEAL)

    @classmethod
    def opened(cls, sealed: str, key: bytes, now: float) -> Optional["Begun"]:
        """Return what a cookie holds, None when the server did not seal it or it is too old."""
        try:
            options = {"require": ["aud", "exp"], "verify_exp": False}  # by our clock, below
            found = jwt.decode(sealed, key, algorithms=[SEAL], audience=AUDIENCE, options=options)
            if found["exp"] <= now:
                return None
            return cls(*(str(found[name]) for name in ("state", "nonce", "verifier", "to")))
        except (jwt.InvalidTokenError, UnicodeError, KeyError, TypeError):
            return None

    def is_answered_by(self, state: Optional[str]) -> bool:
        """Say whether an answer of the provider belongs to it."""
        return state is not None and hmac.compare_digest(state.encode("utf-8", "replace"), self.state.encode())


@dataclass(frozen=True)
class Person:
    """Whom the provider vouches for. `role` is None when nothing lets them in."""

    login: str
    name: str
    role: Optional[str]


class OpenId:
    """Speaks with the provider."""

    def __init__(
        self, settings: OpenIdSettings, secret: str, redirect: str, now: Callable[[], float] = time.time
    ) -> None:
        """`redirect` is the address of the callback. Nothing is asked of the network yet."""
        self._settings = settings
        self._secret = secret
        self._redirect = redirect
        self._now = now
        self._provider = Provider(settings.issuer)

    async def address(self, begun: Begun) -> str:
        """Return where a person signs in. Raises Unreachable."""
        endpoint = (await self._provider.configuration())["authorization_endpoint"]
        async with self._client(endpoint, "none") as client:
            found, _ = client.create_authorization_url(
                endpoint, state=begun.state, code_verifier=begun.verifier, nonce=begun.nonce
            )
        return str(found)

    def check_issuer(self, named: Optional[str]) -> None:
        """Check the issuer that an answer names (RFC 9207). Raises NotSignedIn."""
        if named is not None and named != self._settings.issuer:
            raise NotSignedIn("the answer comes from another issuer")

    async def person(self, code: str, begun: Begun) -> Person:
        """Return whom a code stands for. Raises NotSignedIn or Unreachable."""
        token = await self._token(code, begun)
        id_token = token.get("id_token")
        if not isinstance(id_token, str) or len(id_token) > LONGEST_TOKEN or not id_token.isascii():
            raise NotSignedIn("the provider gave no ID token")
        return self._read(await self._claims(id_token, token.get("access_token"), begun.nonce))

    async def _token(self, code: str, begun: Begun) -> Dict[str, Any]:
        configuration = await self._provider.configuration()
        endpoint = configuration["token_endpoint"]
        # Authlib does not encode a secret for the header as the standard wants it; in the body every sign is safe.
        known = configuration.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        method = "client_secret_post" if "client_secret_post" in known else "client_secret_basic"
        try:
            async with self._client(endpoint, method if self._secret else "none") as client:
                found = await client.fetch_token(
                    endpoint, grant_type="authorization_code", code=code, code_verifier=begun.verifier
                )
        except AuthlibBaseError as error:
            raise NotSignedIn(f"the provider refuses the code: {str(error.error)[:100]!r}") from None
        except Exception as error:  # it is not there, or answers what is no token; which library says so is Authlib's choice
            raise Unreachable(f"no token: {type(error).__name__}") from None
        return dict(found)

    def _client(self, address: str, method: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            self._settings.client_id,
            self._secret or None,
            token_endpoint_auth_method=method,
            scope=self._settings.scope,
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            **connection(address),
        )

    async def _claims(self, id_token: str, access_token: Any, nonce: str) -> Dict[str, Any]:
        """Return what an ID token says, when everything about it is right. Raises NotSignedIn or Unreachable."""
        try:
            header = jws.extract_compact(id_token.encode()).headers()
            key_id = header.get("kid")
            if header.get("alg") not in ALGORITHMS or not (key_id is None or isinstance(key_id, str)):
                raise NotSignedIn("the ID token is not signed as it must be")
            key = await self._provider.key(key_id)
            if key is None:
                raise NotSignedIn("the ID token names no key of the provider")
            token = id_tokens.decode(id_token, key, algorithms=ALGORITHMS)
            issuer, client = self._settings.issuer, self._settings.client_id
            claims = CodeIDToken(
                token.claims,
                token.header,
                {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client}},
                {"nonce": nonce, "client_id": client, "access_token": access_token},
            )
            claims.validate(now=int(self._now()), leeway=LEEWAY)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise NotSignedIn(f"the ID token is not valid: {type(error).__name__}: {str(error)[:100]}") from None
        return claims

    def _read(self, claims: Dict[str, Any]) -> Person:
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
            raise NotSignedIn("the ID token names nobody")
        login = f"{self._settings.issuer} {subject}"
        if len(login) > LONGEST_LOGIN:
            raise NotSignedIn("the issuer's address is too long")
        names = (claims.get(name) for name in ("name", "preferred_username", "email"))
        name = next((found for found in map(_shown, names) if found), subject[:LONGEST_NAME])
        return Person(login, name, self._role(claims.get(self._settings.role_claim)))

    def _role(self, claim: Any) -> Optional[str]:
        named = claim if isinstance(claim, list) else [claim]
        given = {part for part in named if isinstance(part, str)}
        if given & set(self._settings.lead):
            return LEAD
        return AGENT if given & set(self._settings.agent) else None


def _shown(name: Any) -> str:
    """Return a name as colleagues and partners see it, empty when it is none."""
    if not isinstance(name, str):
        return ""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())[:LONGEST_NAME]


__all__ = ["Begun", "NotSignedIn", "OpenId", "Person", "Unreachable"]

"""An OpenID provider that signs whatever a test tells it to. A real server on loopback."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from tests.channels.teams.microsoft import Loopback

CLIENT, SECRET = "helpdesk", "a secret of the helpdesk, long enough to sign with"
KEY, OTHER_KEY = RSAKey.generate_key(2048, {"kid": "one"}), RSAKey.generate_key(2048, {"kid": "one"})
NEXT_KEY = ECKey.generate_key("P-256", {"kid": "two"})


class Issuer(Loopback):
    """`claims` changes what the ID token says (None leaves a claim out), `sign` makes the token, `fails` is a status."""

    def __init__(self, port=0):
        self.keys, self.claims, self.sign, self.nonce = [KEY], {}, signed(KEY), ""
        self.fails, self.token, self.configuration = None, {}, {}
        super().__init__(port)

    def answer(self, method, path, headers, body):
        if self.fails:
            return self.fails, {}, {}
        if path == "/.well-known/openid-configuration":
            return 200, self.published, {}
        if path == "/keys":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys]}, {}
        assert (method, path) == ("POST", "/token"), path
        now = int(time.time())
        claims = {
            "iss": self.address, "aud": CLIENT, "sub": "subject", "exp": now + 300, "iat": now, "nonce": self.nonce,
            "roles": ["agent"], "name": "Anna", **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        given = {"access_token": "of no use", "token_type": "Bearer", "id_token": self.sign(claims), **self.token}
        return 200, {name: value for name, value in given.items() if value is not None}, {}

    @property
    def published(self):
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            **self.configuration,
        }

    def sign_in(self, visitor):
        """Begin at the console and come back with a code; return the console's answer."""
        answer = visitor.get("/helpdesk/openid")
        if answer.status_code != 303:
            return answer
        asked = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.nonce = asked["nonce"][0]
        return visitor.get(f"/helpdesk/openid/callback?code=any&state={asked['state'][0]}")


def signed(key, algorithm="RS256", key_id="one", **header):
    """Return a function that signs claims."""
    named = {"kid": key_id} if key_id else {}
    return lambda claims: jwt.encode({"alg": algorithm, **named, **header}, claims, key, algorithms=[algorithm])


def unsigned(claims, header=None, signature=b""):
    """Return a token that nobody signed."""
    parts = [json.dumps(header or {"alg": "none"}).encode(), json.dumps(claims).encode(), signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def with_a_public_key(claims):
    """Return a token whose HMAC was made with what everybody knows: the public key."""
    token = unsigned(claims, {"alg": "HS256", "kid": "one"}).rpartition(".")[0]
    digest = hmac.digest(KEY.as_pem(private=False), token.encode(), "sha256")
    return f"{token}.{urlsafe_b64encode(digest).rstrip(b'=').decode()}"

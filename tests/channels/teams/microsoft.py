"""Stands for Microsoft on this machine: the keys of the Bot Framework, the connector service, and the login. Real servers."""

import copy
import json
import ssl
import threading
import time
import uuid
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote

import jwt
import requests
import trustme
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

APP_ID = "12345678-1234-1234-1234-123456789abc"
TENANT = "87654321-4321-4321-4321-cba987654321"
OTHER_TENANT = "99999999-4321-4321-4321-cba987654321"
ISSUER = "https://api.botframework.com"
BOT = {"id": f"28:{APP_ID}", "name": "Partner support"}
PERSON = {"id": "29:person", "name": "Ann", "aadObjectId": "aaaaaaaa-1111-2222-3333-444444444444"}
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Loopback:
    """A server on this machine that answers as `answer` says, and remembers what it was asked."""

    scheme, host = "http", "127.0.0.1"

    def __init__(self, port=0, context=None):
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.asked.append((self.command, self.path, dict(self.headers), body))
                status, document, headers = outer.answer(self.command, self.path, dict(self.headers), body)
                data = document if isinstance(document, bytes) else json.dumps(document).encode()
                try:
                    self.send_response(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)
                except OSError:
                    pass  # whoever asked has gone

            do_POST = do_GET

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer((self.host, port), Handler)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        self.address = f"{self.scheme}://{self.host}:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class Framework(Loopback):
    """The OpenID configuration and the keys; `fails` is a status to answer instead."""

    def __init__(self, port=0):
        self.keys = [jwk(KEY, "one")]
        self.fails = None
        self.pause = 0.0
        super().__init__(port)

    def answer(self, method, path, headers, body):
        time.sleep(self.pause)
        if self.fails:
            return self.fails, {}, {}
        if path == "/openid":
            return 200, {"issuer": ISSUER, "jwks_uri": f"{self.address}/keys"}, {}
        return 200, {"keys": self.keys}, {}

    @property
    def fetched(self):
        """How often the keys were fetched."""
        return len([path for _, path, _, _ in self.asked if path == "/keys"])


class Connector(Loopback):
    """The connector service. `then` holds what the next posts are answered with: (status, headers); then they are
    taken, unless `always` is set."""

    def __init__(self, port=0):
        self.then = []
        self.always = None
        self.tries = []
        self.taken = []  # (conversation, activity)
        self.pause = 0.0
        self.refuses_cards = False
        super().__init__(port)

    def answer(self, method, path, headers, body):
        time.sleep(self.pause)
        activity = json.loads(body)
        self.tries.append((headers.get("Authorization"), activity))
        if self.then or self.always:
            status, more = self.then.pop(0) if self.then else self.always
            return status, {"error": {"code": "Told", "message": "as the test says"}}, more
        if self.refuses_cards and activity.get("attachments"):
            return 400, {"error": {"code": "BadSyntax", "message": "the card"}}, {}
        assert path.startswith("/amer/v3/conversations/") and path.endswith("/activities"), path
        self.taken.append((unquote(path.split("/")[4]), activity))
        return 201, {"id": uuid.uuid4().hex}, {}

    @property
    def texts(self):
        return [text_of(activity) for _, activity in self.taken]


class Login(Loopback):
    """Microsoft's login. `error` is what it answers instead of a token; `fails` a status without a meaning."""

    scheme, host = "https", "localhost"

    def __init__(self, context, port=0):
        self.error = None
        self.fails = None
        self.unknown_tenant = False
        self.pause = 0.0
        self.given = 0
        self.forms = []
        super().__init__(port, context)

    def answer(self, method, path, headers, body):
        time.sleep(self.pause)
        if self.fails:
            return self.fails, {}, {"Location": f"{self.address}/elsewhere"} if self.fails < 400 else {}
        tenant = path.split("/")[1]
        if "openid-configuration" in path:
            if self.unknown_tenant:
                return 400, {"error": "invalid_tenant"}, {}
            at = f"{self.address}/{tenant}"
            ends = {"authorization_endpoint": f"{at}/oauth2/v2.0/authorize", "token_endpoint": f"{at}/oauth2/v2.0/token"}
            return 200, {"issuer": f"{at}/v2.0", **ends}, {}
        self.forms.append((path, {name: values[0] for name, values in parse_qs(body.decode()).items()}))
        if self.error:
            return 401, {"error": self.error, "error_description": "as the test says"}, {}
        self.given += 1
        return 200, {"access_token": f"bot-token-{self.given}", "token_type": "Bearer", "expires_in": 3600}, {}


def certificates(folder):
    """Return a TLS context for localhost, and the file with the authority that whoever connects must trust."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    file = folder / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    return context, file


def jwk(key, key_id, endorsements=("msteams",), **more):
    document = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**document, "kid": key_id, "use": "sig", "endorsements": list(endorsements), **more}


def token(service_url, key=KEY, key_id="one", algorithm="RS256", drop=(), seconds=None, **claims):
    """Return a token as the Bot Framework makes it, but for what is given; `seconds` are claims counted from now."""
    now = int(time.time())
    made = {"iss": ISSUER, "aud": APP_ID, "serviceurl": service_url, "nbf": now - 10, "exp": now + 3600, **claims}
    made.update({name: now + after for name, after in (seconds or {}).items()})
    made = {name: value for name, value in made.items() if name not in drop}
    return jwt.encode(made, key, algorithm, headers={"kid": key_id} if key_id else {})


def public_pem(key=KEY):
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def message(text="hello", conversation="a:personal", kind="personal", **more):
    """Return an activity as Teams sends it, but for its serviceUrl; something given as None is left out."""
    made = {
        "type": "message",
        "id": str(uuid.uuid4().int)[:13],
        "timestamp": "2026-11-24T12:00:00Z",
        "channelId": "msteams",
        "from": PERSON,
        "recipient": BOT,
        "conversation": {"id": conversation, "conversationType": kind, "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "en-US",
        "textFormat": "plain",
        "text": text,
        **more,
    }
    return {name: value for name, value in copy.deepcopy(made).items() if value is not None}


def installed(conversation="a:personal", kind="personal", **more):
    more = {"type": "conversationUpdate", "membersAdded": [{"id": BOT["id"]}], "textFormat": None, **more}
    return message(None, conversation, kind, **more)


def text_of(activity):
    cards = activity.get("attachments") or []
    return activity.get("text") or "\n".join(card["content"]["fallbackText"] for card in cards)


class Teams:
    """Sends activities to the server, with tokens as the Bot Framework signs them."""

    def __init__(self, server, service_url):
        self.server = server
        self.service_url = service_url

    def send(self, activity, authorization=None, **claims):
        activity = {"serviceUrl": self.service_url, **activity}
        given = f"Bearer {token(self.service_url, **claims)}" if authorization is None else authorization
        return self.raw(json.dumps(activity), given)

    def raw(self, data, authorization=None, kind="application/json; charset=utf-8"):
        headers = {"Content-Type": kind}
        headers["Authorization"] = authorization or f"Bearer {token(self.service_url)}"
        with requests.Session() as session:
            session.trust_env = False  # proxies and passwords of the machine are the server's matter
            return session.post(f"{self.server.address}/teams/messages", data=data, headers=headers, timeout=30)


@contextmanager
def running(server):
    try:
        yield server
    finally:
        server.close()

"""Which ID tokens let somebody in, and what happens while the provider cannot be reached."""

import time

import pytest
from joserfc.jwk import OctKey, RSAKey

from bot.database import Database
from bot.helpdesk import accounts, provider
from bot.helpdesk.settings import HelpdeskSettings
from tests.helpdesk.entering import Console, Visitor, error_of
from tests.helpdesk.issuer import CLIENT, KEY, NEXT_KEY, OTHER_KEY, SECRET, Issuer, signed, unsigned, with_a_public_key


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    """What could not be had is asked for again at once."""
    monkeypatch.setattr(provider, "AFTER_FAILURE", 0.0)
    monkeypatch.setattr(provider, "BETWEEN", 0.0)


@pytest.fixture
def issuer():
    found = Issuer()
    yield found
    found.close()


@pytest.fixture
def begin(issuer, tmp_path):
    """Return a function that starts the console."""
    running = []

    def start(**more):
        database = Database.in_file(tmp_path / "staff.db")
        openid = {"issuer": issuer.address, "client_id": CLIENT, **more}
        running.append(Console(database, HelpdeskSettings(address="http://localhost:5005", openid=openid), SECRET))
        return running[-1]

    yield start
    for console in running:
        console.stop()
        console.database.close()


@pytest.fixture
def console(begin):
    return begin()


@pytest.fixture
def visitor(console):
    return Visitor(console)


def test_a_token_in_which_everything_is_right_lets_its_person_in(issuer, visitor):
    assert issuer.sign_in(visitor).status_code == 303 and visitor.is_in()


NOW = int(time.time())
FORGED = {
    "unsigned": unsigned,
    "unsigned_with_the_key_s_id": lambda claims: unsigned(claims, {"alg": "none", "kid": "one"}),
    "signature_of_another_kind": lambda claims: unsigned(claims, {"alg": "NONE", "kid": "one"}),
    "a_signature_that_is_empty": lambda claims: unsigned(claims, {"alg": "RS256", "kid": "one"}),
    "a_signature_that_is_noise": lambda claims: unsigned(claims, {"alg": "RS256", "kid": "one"}, b"x" * 256),
    "hmac_with_the_client_s_secret": signed(OctKey.import_key(SECRET), "HS256"),
    "hmac_with_the_public_key": with_a_public_key,
    "a_foreign_key_by_the_same_id": signed(OTHER_KEY),
    "a_foreign_key_that_the_token_brings_along": lambda claims: signed(
        OTHER_KEY, key_id=None, jwk=OTHER_KEY.as_dict(private=False)
    )(claims),
    "a_key_that_the_provider_has_not": signed(RSAKey.generate_key(2048), key_id="elsewhere"),
    "claims_changed_after_signing": lambda claims: _changed(signed(KEY)(claims)),
    "no_token": lambda claims: "",
    "something_else": lambda claims: "a.b.c",
    "four_parts": lambda claims: signed(KEY)(claims) + ".x",
    "other_signs": lambda claims: "\u00e9",
    "endless": lambda claims: "a" * 60_000,
    "a_number": lambda claims: 7,
}


def _changed(token):
    head, _, tail = token.split(".")
    return ".".join([head, unsigned({"sub": "somebody else"}).split(".")[1], tail])


@pytest.mark.parametrize("name", FORGED)
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(issuer, console, visitor, name):
    issuer.sign = FORGED[name]
    answer = issuer.sign_in(visitor)
    assert answer.status_code == 403 and "did not sign you in" in error_of(answer)
    assert not visitor.is_in() and not console.database.read_now(accounts.all_staff)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"iss": ["x"]},
        {"aud": "another"},
        {"aud": None},
        {"aud": []},
        {"aud": [CLIENT, "another"]},  # without saying to which of them it was given
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"aud": CLIENT, "azp": "another"},
        {"exp": NOW - 3600},
        {"exp": None},
        {"exp": "never"},
        {"iat": None},
        {"nbf": NOW + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ""},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 300},
        {"sub": "a\0b"},
        {"at_hash": "of another token"},
        {"roles": None},
        {"roles": ["guest"]},
    ],
    ids=" ".join,  # the names of the claims: times differ from process to process
)
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(issuer, console, visitor, claims):
    issuer.claims = claims
    assert issuer.sign_in(visitor).status_code == 403
    assert not visitor.is_in() and not console.database.read_now(accounts.all_staff)


MORE = [{"aud": [CLIENT]}, {"aud": [CLIENT, "another"], "azp": CLIENT}, {"name": "<b>\n\u202e" + "x" * 200}]


@pytest.mark.parametrize("claims", MORE)
def test_a_token_with_more_than_is_needed_lets_its_person_in(issuer, console, visitor, claims):
    issuer.claims = claims
    assert issuer.sign_in(visitor).status_code == 303
    (who,) = console.database.read_now(accounts.all_staff)
    assert who.name.isprintable() and len(who.name) <= 80


def test_people_are_told_apart_by_the_subject_and_not_by_a_name_they_choose(issuer, console, visitor):
    console.add("subject", "lead", "Lea")
    issuer.claims = {"name": "Lea", "preferred_username": "subject", "email": "lea@partner.example"}
    issuer.sign_in(visitor)
    assert visitor.get("/helpdesk/figures").status_code == 403
    assert len(console.database.read_now(accounts.all_staff)) == 2


def test_roles_are_named_by_the_settings(issuer, begin):
    console = begin(role_claim="groups", agent=["desk", "5f3c"], lead=["chiefs"])
    for groups, status in ((["5f3c"], 403), ("chiefs", 200), (["desk", "chiefs"], 200)):
        issuer.claims = {"groups": groups, "roles": ["lead"]}
        visitor = Visitor(console)
        issuer.sign_in(visitor)
        assert visitor.get("/helpdesk/figures").status_code == status
    issuer.claims = {"roles": ["lead"]}
    assert issuer.sign_in(Visitor(console)).status_code == 403


def test_a_new_key_of_the_provider_is_fetched_when_a_token_names_it(issuer, visitor):
    issuer.sign_in(visitor)
    issuer.keys, issuer.sign = [KEY, NEXT_KEY], signed(NEXT_KEY, "ES256", "two")
    assert issuer.sign_in(visitor).status_code == 303


def test_documents_are_kept_and_not_fetched_for_every_sign_in(issuer, visitor):
    for _ in range(3):
        assert issuer.sign_in(visitor).status_code == 303
    paths = [path for _, path, _, _ in issuer.asked]
    assert paths.count("/keys") == 1 and paths.count("/.well-known/openid-configuration") == 1 and paths.count("/token") == 3


def test_a_token_without_a_key_s_id_is_taken_while_there_is_one_key(issuer, visitor):
    issuer.sign = signed(KEY, key_id=None)
    assert issuer.sign_in(visitor).status_code == 303


def test_a_token_without_a_key_s_id_is_refused_when_there_are_several(issuer, visitor):
    issuer.keys, issuer.sign = [KEY, NEXT_KEY], signed(KEY, key_id=None)
    assert issuer.sign_in(visitor).status_code == 403


@pytest.mark.parametrize("status", [500, 404, 302])
def test_while_the_provider_fails_people_are_told_and_afterwards_they_sign_in(issuer, visitor, status):
    issuer.fails = status
    answer = issuer.sign_in(visitor)
    assert answer.status_code == 503 and "cannot be reached" in error_of(answer) and answer.headers["Retry-After"]
    issuer.fails = None
    assert issuer.sign_in(visitor).status_code == 303


def test_while_there_is_no_provider_people_are_told_and_afterwards_they_sign_in(begin, issuer):
    console = begin()
    visitor = Visitor(console)
    issuer.close()
    assert issuer.sign_in(visitor).status_code == 503
    again = Issuer(issuer.port)
    try:
        assert again.sign_in(visitor).status_code == 303 and visitor.is_in()
    finally:
        again.close()


def test_a_provider_that_goes_away_during_a_sign_in_is_told_and_comes_back(issuer, console, visitor):
    issuer.sign_in(visitor)
    issuer.token = {"error": "temporarily_unavailable"}
    assert issuer.sign_in(visitor).status_code == 403
    issuer.token = {}
    issuer.fails = 503
    assert issuer.sign_in(Visitor(console)).status_code == 503
    issuer.fails = None
    assert issuer.sign_in(Visitor(console)).status_code == 303


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"token_endpoint": 7},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_configuration_that_cannot_be_right_is_not_used(issuer, visitor, configuration):
    issuer.configuration = configuration
    answer = issuer.sign_in(visitor)
    assert answer.status_code == 503 and not visitor.is_in()


SHARED = OctKey.import_key("a secret that is no public key at all", {"kid": "one"})


@pytest.mark.parametrize("keys", [[], [SHARED]], ids=["none", "secret"])
def test_keys_that_sign_nothing_let_nobody_in(issuer, visitor, keys):
    issuer.keys = keys
    issuer.sign = signed(SHARED, "HS256")
    assert issuer.sign_in(visitor).status_code in (403, 503) and not visitor.is_in()


@pytest.mark.parametrize("token", [{"id_token": None}, {"error": "invalid_client"}, {"error": "invalid_grant"}])
def test_an_answer_without_a_token_lets_nobody_in(issuer, visitor, token):
    issuer.token = token
    assert issuer.sign_in(visitor).status_code == 403 and not visitor.is_in()


UNSEALED = unsigned({"state": "s", "nonce": "n", "verifier": "v", "to": "/helpdesk", "aud": "helpdesk-openid", "exp": 4e9})


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", UNSEALED])
def test_a_made_up_sign_in_under_way_is_none(visitor, cookie):
    visitor.http.cookies.set("helpdesk-openid", cookie, path="/helpdesk/openid")
    answer = visitor.get("/helpdesk/openid/callback?code=any&state=s")
    assert answer.status_code == 400 and "Sign in again" in error_of(answer)


def test_the_secret_is_sent_to_the_provider_and_nowhere_else(issuer, console, visitor, caplog):
    issuer.token = {"error": "invalid_client", "error_description": SECRET}
    page = issuer.sign_in(visitor)
    sent = [(path, body) for _, path, _, body in issuer.asked if b"client_secret" in body]
    headers = [(path, head) for _, path, head, _ in issuer.asked if "Authorization" in head]
    assert {path for path, _ in [*sent, *headers]} == {"/token"}
    assert SECRET not in page.text and SECRET not in caplog.text and SECRET not in repr(console.acts())

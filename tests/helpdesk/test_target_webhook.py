"""A webhook: what is sent, that it can be trusted, and what the receiver's answers mean. docs/webhooks.md is held to it."""

import json
import re
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest
import trustme
from jsonschema import Draft202012Validator

from bot.engine import UnusableFacts
from bot.helpdesk.events import canonical, document
from bot.helpdesk.settings import WebhookSettings
from bot.helpdesk.targets import TryAgain, Undeliverable
from bot.helpdesk.targets.webhook import Webhook, secrets_in, signature
from tests.channels.teams.microsoft import Loopback
from tests.helpdesk.receivers import SECRET, SUMMARY, Receiver, notice

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "webhooks.md").read_text(encoding="utf-8")
SCHEMA = json.loads((DOCS / "webhook.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA)


@pytest.fixture
def receiver():
    found = Receiver()
    yield found
    found.close()


@pytest.fixture
def is_genuine():
    """The receiver's example of the documentation."""
    found = {}
    exec(re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], found)
    return found["is_genuine"]


async def told(receiver, given=None, secret=SECRET):
    target = Webhook(WebhookSettings(name="example", url=f"{receiver.address}/cases"), secret)
    try:
        await target.tell(given or notice())
    finally:
        await target.close()


async def test_the_request_is_as_the_documentation_says(receiver, is_genuine):
    await told(receiver)
    method, path, headers, body = receiver.asked[0]
    assert (method, path, headers["Content-Type"]) == ("POST", "/cases", "application/json")
    assert headers["Triage-Event"] == "case_opened"
    assert headers["Triage-Delivery"] == json.loads(body)["id"] == notice().id
    assert is_genuine(SECRET, headers["Triage-Signature"], body)
    VALID.validate(json.loads(body))


async def test_a_repeat_has_the_same_body_and_the_same_id(receiver):
    for _ in range(2):
        await told(receiver)
    (_, _, first, one), (_, _, second, other) = receiver.asked
    assert one == other
    assert first["Triage-Delivery"] == second["Triage-Delivery"]


async def test_the_documented_check_refuses_what_was_changed_recorded_or_signed_by_another(receiver, is_genuine):
    await told(receiver)
    _, _, headers, body = receiver.asked[0]
    header = headers["Triage-Signature"]
    assert is_genuine(SECRET, header, body)
    assert not is_genuine(SECRET, header, body + b" ")
    assert not is_genuine("another secret of thirty-two characters", header, body)
    assert not is_genuine(SECRET, header.replace("t=", "t=1"), body)
    assert not is_genuine(SECRET, signature([SECRET], body, int(time.time()) - 301), body)
    assert not is_genuine(SECRET, f"t=1,{header}", body)
    for broken in ("", "v1=", "t=1", "t=é,v1=é", "t=,v1=", header.partition(",")[2]):
        assert not is_genuine(SECRET, broken, body)


async def test_two_secrets_both_sign_while_a_new_one_is_brought_in(receiver, is_genuine):
    new = "a new secret that nobody else has been told of"
    await told(receiver, secret=f"{new}, {SECRET}")
    _, _, headers, body = receiver.asked[0]
    header = headers["Triage-Signature"]
    assert header.count("v1=") == 2
    assert is_genuine(new, header, body) and is_genuine(SECRET, header, body)


@pytest.mark.parametrize("secret", [None, "", " , ", "too short", f"{SECRET},short"])
def test_a_webhook_without_a_good_secret_is_refused_with_the_name_of_the_variable(secret):
    with pytest.raises(UnusableFacts, match="TRIAGE_WEBHOOK_MY_HOOK_SECRET must hold a secret of 32 characters"):
        secrets_in("my-hook", secret)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_every_answer_that_says_so_is_success(receiver, status):
    receiver.planned = [(status, {})]
    await told(receiver)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 408, 429, 500, 503])
async def test_every_other_answer_is_tried_again(receiver, status):
    receiver.planned = [(status, {})]
    with pytest.raises(TryAgain, match=f"the receiver answers {status}"):
        await told(receiver)


async def test_a_receiver_that_is_gone_is_told_no_more(receiver):
    receiver.planned = [(410, {})]
    with pytest.raises(Undeliverable, match="410"):
        await told(receiver)


async def test_what_a_receiver_asks_to_wait_is_told_in_seconds(receiver):
    receiver.planned = [(503, {"Retry-After": "120"}), (503, {"Retry-After": "soon"})]
    for expected in (120, None):
        with pytest.raises(TryAgain) as error:
            await told(receiver)
        assert error.value.after == expected


async def test_no_redirection_is_followed(receiver):
    other = Receiver()
    for status in (301, 302, 303, 307, 308):
        receiver.planned = [(status, {"Location": f"{other.address}/cases"})]
        with pytest.raises(TryAgain):
            await told(receiver)
    assert other.asked == []
    other.close()


async def test_the_passwords_of_netrc_are_not_sent_along(receiver, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".netrc").write_text(netrc.read_text())
    await told(receiver)
    assert "Authorization" not in receiver.asked[0][2]


async def test_a_receiver_that_is_too_slow_is_tried_again(receiver):
    receiver.planned = [3.0]
    target = Webhook(WebhookSettings(name="example", url=receiver.address), SECRET, 0.3)
    with pytest.raises(TryAgain, match="does not answer within 0.3 seconds"):
        await target.tell(notice())
    await target.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused():
    class Secure(Loopback):
        scheme, host = "https", "localhost"

        def answer(self, *request):
            return 204, b"", {}

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    secure = Secure(context=context)
    with pytest.raises(TryAgain, match="certificate that cannot be verified"):
        await told(secure)
    assert secure.asked == []
    secure.close()


async def test_an_error_names_no_address_as_it_may_hold_a_secret():
    receiver = Receiver()
    receiver.close()
    target = Webhook(WebhookSettings(name="example", url=f"{receiver.address}/token-of-the-receiver"), SECRET)
    with pytest.raises(TryAgain) as error:
        await target.tell(notice())
    await target.close()
    assert "token" not in str(error.value) and str(receiver.port) not in str(error.value)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"decision": None, "route": None, "problem": None, "facts": {}, "reasons": ("failed_twice",)},
        {"state": "solved", "holder_name": "Zoë", "tags": ("exchange",), "solved_at": 1764500900.5, "language": "en"},
        {"problem": "lone \ud800 surrogate, nul \x00 and \u2028", "waiting_since": 0.0},
    ],
)
async def test_every_case_makes_a_document_of_the_schema(receiver, changed):
    given = notice(**changed)
    await told(receiver, given)
    VALID.validate(receiver.documents[0])
    assert receiver.documents[0] == given.document


def test_the_document_holds_exactly_what_the_schema_describes():
    made = notice().document
    assert set(made) == set(SCHEMA["properties"])
    assert set(made["case"]) == set(SCHEMA["properties"]["case"]["properties"])


def test_the_example_of_the_documentation_is_of_the_schema():
    example = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    VALID.validate(example)
    assert set(example["case"]) == set(SCHEMA["properties"]["case"]["properties"])


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"event": "case_eaten"}, {"id": "short"}, {"at": "yesterday"}, {"at": "2026-11-30T10:00:00Z"}]
)
def test_the_schema_refuses_what_is_no_document(change):
    assert VALID.is_valid(notice().document)
    assert not VALID.is_valid({**notice().document, **change})


def test_a_case_without_a_console_has_no_address_and_a_missing_summary_is_empty():
    case = {**notice_case(), "id": 123456}
    made = document("case_opened", case, {}, "")
    assert made["case"]["url"] is None
    assert made["case"]["number"] == "T-123456"
    assert made["case"]["summary"]["nl"] == {"markdown": "", "plain": ""}
    VALID.validate(made)
    assert document("case_opened", case, SUMMARY, "https://desk.example")["id"] != made["id"]


def notice_case():
    return {
        "state": "open", "channel": "slack", "language": "en", "reasons": (), "facts": {}, "decision": None, "route": None,
        "problem": None, "holder_name": None, "tags": (), "opened_at": 0.0, "waiting_since": None, "solved_at": None,
    }  # fmt: skip


def test_the_same_document_is_the_same_text():
    made = notice().document
    shuffled = dict(reversed(list(made.items())))
    assert canonical(made) == canonical(shuffled)
    assert replace(notice(), document=shuffled).document == made

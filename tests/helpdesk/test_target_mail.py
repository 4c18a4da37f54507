"""Mail through a real SMTP server on loopback: with STARTTLS, TLS and neither, one that refuses, and one that is slow."""

import asyncio
import email
import email.policy
import socket
import ssl

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from bot.engine import UnusableFacts
from bot.helpdesk.settings import MailSettings
from bot.helpdesk.targets import Suspended, TryAgain, Undeliverable
from bot.helpdesk.targets.mail import Mail
from tests.helpdesk.receivers import QUICK, Telling, notice, rows, states, tell, until

AUTHORITY = trustme.CA()


def server_context(name="localhost"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def client_context():
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


class Server:
    """Takes mail. `planned[command]` are answers given one after the other instead of the usual one; a number is a pause."""

    def __init__(self, context=None, implicit=False, password=None, smtputf8=True, asks=True):
        self.mails = []  # (envelope, message)
        self.was_secure = []
        self.users = []
        self.planned = {}
        self.refused = {}  # recipient -> answer
        self._password = password
        named = {"enable_SMTPUTF8": smtputf8}
        if not asks:
            named["auth_exclude_mechanism"] = ["LOGIN", "PLAIN"]
        if password:
            named.update(authenticator=self.authenticate, auth_required=True, auth_require_tls=context is not None)
        if context and implicit:
            named.update(ssl_context=context, auth_require_tls=False)
        elif context:
            named.update(tls_context=context, require_starttls=True)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **named)
        self._controller.start()

    def authenticate(self, server, session, envelope, mechanism, data):
        self.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self._password, handled=False)

    async def handle_MAIL(self, server, session, envelope, address, options):
        answer = self.planned["MAIL"].pop(0) if self.planned.get("MAIL") else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        planned = self.planned.get("DATA")
        answer = planned.pop(0) if planned else "250 OK"
        if isinstance(answer, float):
            await asyncio.sleep(answer)
            answer = "250 OK"
        if answer.startswith("250"):
            self.was_secure.append(server.transport.get_extra_info("ssl_object") is not None)
            content = envelope.content
            data = content if isinstance(content, bytes) else content.encode()
            self.mails.append((envelope, email.message_from_bytes(data, policy=email.policy.SMTPUTF8)))
        return answer

    def close(self):
        self._controller.stop()


@pytest.fixture
def serve():
    found = []

    def start(**given):
        found.append(Server(**given))
        return found[-1]

    yield start
    for server in found:
        server.close()


def mail(server, seconds=10.0, password="", context=None, **given):
    chosen = {
        "host": "localhost", "port": server.port, "security": "none", "sender": "Partner support <triage@desk.example>",
        "to": ["help@desk.example"], **given,
    }  # fmt: skip
    return Mail(MailSettings(**chosen), password, context or client_context(), seconds)


async def test_a_mail_says_what_happened_and_carries_the_summary_in_the_partners_language(serve):
    server = serve()
    assert await mail(server).tell(notice()) is None
    envelope, message = server.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("triage@desk.example", ["help@desk.example"])
    assert message["From"] == "Partner support <triage@desk.example>"
    assert message["Subject"] == "Case T-00012 is open: exchange server 2016"
    text = message.get_content()
    assert "https://desk.example/helpdesk/cases/12" in text
    assert "For: a customer of the partner" in text and "Route: support for business" in text
    assert "Exchange stopt — één keer per dag" in text and "Exchange stops" not in text
    assert message["Auto-Submitted"] == "auto-generated"


async def test_a_mail_is_the_same_when_it_is_sent_again_and_the_mails_of_a_case_are_one_thread(serve):
    server = serve()
    target = mail(server)
    for given in (notice(), notice(), notice("case_claimed", notice_id="f" * 32), notice(case_id=13, notice_id="e" * 32)):
        await target.tell(given)
    (_, one), (_, again), (_, claimed), (_, other) = server.mails
    assert one.as_bytes() == again.as_bytes()
    assert one["Message-ID"] == f"<{notice().id}@desk.example>"
    assert claimed["Message-ID"] == f"<{'f' * 32}@desk.example>"
    assert one["References"] == claimed["References"] == claimed["In-Reply-To"] != other["References"]


async def test_starttls_is_used_with_a_certificate_that_is_checked(serve):
    server = serve(context=server_context(), password="geheim wachtwoord")
    await mail(server, security="starttls", user="triage", password="geheim wachtwoord").tell(notice())
    assert server.was_secure == [True]
    assert server.users == ["triage"]


async def test_tls_from_the_beginning_is_used_with_a_certificate_that_is_checked(serve):
    server = serve(context=server_context(), implicit=True, password="secret word")
    await mail(server, security="tls", user="triage", password="secret word").tell(notice())
    assert server.was_secure == [True]


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["another name", "another authority"])
async def test_a_certificate_that_is_not_right_stops_everything_before_a_password_is_sent(serve, security, fault):
    name = "other.example" if fault == "another name" else "localhost"
    server = serve(context=server_context(name), implicit=security == "tls", password="p")
    trusted = client_context() if fault == "another name" else ssl.create_default_context()
    with pytest.raises(Suspended, match="certificate cannot be verified"):
        await mail(server, security=security, user="triage", password="p", context=trusted).tell(notice())
    assert server.users == [] and server.mails == []


async def test_a_server_without_starttls_is_sent_nothing_when_it_is_asked_for(serve):
    server = serve()
    with pytest.raises(Suspended, match="does not offer"):
        await mail(server, security="starttls").tell(notice())
    assert server.mails == []


async def test_a_wrong_password_keeps_everything_for_the_administrator_to_mend(serve):
    server = serve(context=server_context(), password="right")
    with pytest.raises(Suspended, match="TRIAGE_MAIL_PASSWORD") as error:
        await mail(server, security="starttls", user="triage", password="wrong one").tell(notice())
    assert "wrong one" not in str(error.value)


@pytest.mark.parametrize(
    "answer, means", [("451 4.3.0 later", TryAgain), ("421 4.3.2 closing", TryAgain), ("552 5.3.4 too big", Undeliverable)]
)
async def test_an_answer_of_4xx_is_tried_again_and_one_of_5xx_given_up(serve, answer, means):
    server = serve()
    server.planned["DATA"] = [answer]
    target = mail(server)
    with pytest.raises(means, match=answer[:3]):
        await target.tell(notice())
    await target.tell(notice())
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    "answer, means", [("550 5.7.1 sender not allowed", Suspended), ("552 too large", Undeliverable), ("451 later", TryAgain)]
)
async def test_a_server_that_refuses_the_sender_keeps_everything_for_the_administrator_to_mend(serve, answer, means):
    server = serve()
    server.planned["MAIL"] = [answer]
    with pytest.raises(means, match=answer[:3]):
        await mail(server).tell(notice())


async def test_a_server_that_asks_for_no_password_is_not_sent_one(serve):
    server = serve(context=server_context(), asks=False)
    with pytest.raises(Suspended, match="does not offer what is configured"):
        await mail(server, security="starttls", user="triage", password="p").tell(notice())


async def test_a_refused_recipient_is_named_and_the_others_get_the_mail(serve):
    server = serve()
    server.refused = {"gone@desk.example": "550 5.1.1 no such user"}
    target = mail(server, to=["help@desk.example", "gone@desk.example"])
    remark = await target.tell(notice())
    assert remark == "the mail server refuses gone@desk.example: 550 5.1.1 no such user"
    assert server.mails[0][0].rcpt_tos == ["help@desk.example"]
    with pytest.raises(Undeliverable, match="no such user"):
        await mail(server, to=["gone@desk.example"]).tell(notice())


async def test_who_has_the_mail_does_not_get_it_again_with_those_who_are_asked_to_wait(serve):
    server = serve()
    server.refused = {"slow@desk.example": "450 4.2.0 greylisted", "gone@desk.example": "550 no such user"}
    target = mail(server, to=["help@desk.example", "slow@desk.example", "gone@desk.example"])
    for _ in range(2):
        with pytest.raises(TryAgain, match="greylisted"):
            await target.tell(notice())
    del server.refused["slow@desk.example"]
    assert "no such user" in await target.tell(notice())
    assert [envelope.rcpt_tos for envelope, _ in server.mails] == [["help@desk.example"], ["slow@desk.example"]]


async def test_a_slow_server_is_tried_again(serve):
    server = serve()
    server.planned["DATA"] = [3.0]
    with pytest.raises(TryAgain, match="does not answer in time"):
        await mail(server, seconds=0.5).tell(notice())


async def test_a_server_that_is_not_there_is_tried_again(serve):
    server = serve()
    server.close()
    with pytest.raises(TryAgain, match="cannot be reached"):
        await mail(server).tell(notice())
    server.close = lambda: None


async def test_a_server_that_hangs_up_when_it_has_the_mail_is_not_told_again(serve, monkeypatch):
    server = serve()

    async def hang_up(self, argument):
        self.transport.abort()

    monkeypatch.setattr(SMTP, "smtp_QUIT", hang_up)
    await mail(server).tell(notice())
    assert len(server.mails) == 1


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\u2028", "\x0b", "\x00", "\ud800"])
async def test_nothing_of_a_case_makes_a_header_or_a_command(serve, break_):
    server = serve()
    evil = f"Ann{break_}Bcc: victim@else.example{break_}{break_}.{break_}MAIL FROM:<x@y.example>"
    given = notice("case_claimed", state="claimed", holder_name=evil, problem=evil, facts={"product": evil}, reasons=(evil,))
    given.document["case"]["summary"]["nl"]["plain"] = f"one\r\n.\r\n{evil}\r\n.\r\nQUIT"
    await mail(server).tell(given)
    (envelope, message), = server.mails
    assert envelope.rcpt_tos == ["help@desk.example"]
    assert message["Bcc"] is None
    assert "Bcc: victim" in message["Subject"]  # in the one line that it belongs to
    assert message.get_content().rstrip().endswith("QUIT")


async def test_names_and_domains_outside_ascii_arrive_whole(serve):
    server = serve()
    target = mail(server, sender="Hulplijn Zoë & Co <triage@bücher.example>", to=["Jürgen <help@bücher.example>"])
    given = notice("case_claimed", holder_name="Zoë Ünal 日本", facts={"product": "exchange_server"})
    await target.tell(given)
    envelope, message = server.mails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("triage@xn--bcher-kva.example", ["help@xn--bcher-kva.example"])
    assert message["Subject"] == "Case T-00012 was claimed by Zoë Ünal 日本: exchange server"
    assert message["From"].addresses[0].display_name == "Hulplijn Zoë & Co"
    assert message["To"].addresses[0].display_name == "Jürgen"


async def test_an_address_outside_ascii_needs_a_server_that_takes_it(serve):
    server = serve()
    await mail(server, to=["jürgen@desk.example"]).tell(notice())
    assert server.mails[0][0].rcpt_tos == ["jürgen@desk.example"]
    plain = serve(smtputf8=False)
    with pytest.raises(Suspended, match="SMTPUTF8"):
        await mail(plain, to=["jürgen@desk.example"]).tell(notice())
    assert plain.mails == []


@pytest.mark.parametrize(
    "given, named",
    [
        ({"sender": "nobody"}, "sender"),
        ({"to": ["a@b.example, c@d.example"]}, "to"),
        ({"to": ["a@b.example\nBcc: x@y.example"]}, "to"),
        ({"sender": "a b@c.example"}, "sender"),
        ({"sender": f"a@{'x' * 64}.example"}, "sender"),
    ],
)
def test_what_is_no_address_is_refused_with_the_name_of_its_entry(given, named):
    chosen = {"host": "localhost", "sender": "a@b.example", "to": ["a@b.example"], **given}
    with pytest.raises(UnusableFacts, match=rf"targets\.mail\.{named}"):
        Mail(MailSettings(**chosen), "")


def test_a_password_is_never_sent_readable_to_another_machine():
    chosen = {"host": "mail.example", "sender": "a@b.example", "to": ["a@b.example"], "user": "me", "security": "none"}
    with pytest.raises(UnusableFacts, match="use starttls or tls"):
        Mail(MailSettings(**chosen), "p")
    with pytest.raises(UnusableFacts, match="TRIAGE_MAIL_PASSWORD"):
        Mail(MailSettings(**{**chosen, "security": "tls"}), "")


async def test_what_is_announced_arrives_although_the_server_fails_at_first(serve, database):
    server = serve()
    server.planned["DATA"] = ["451 later", "250 OK", "554 never"]
    case = tell(database, targets=["mail"])
    tell(database, "case_solved", ["mail"], case={**case, "state": "solved"})
    async with Telling(database, {"mail": mail(server)}, QUICK):
        await until(lambda: states(database) == ["told", "given_up"])
    assert rows(database)[1].error == "the mail server answers 554 never"
    assert [message["Subject"] for _, message in server.mails] == ["Case T-00001 is open: exchange server 2016"]

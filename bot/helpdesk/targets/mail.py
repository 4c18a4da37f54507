"""Mail to staff through SMTP: one for each notice, and those of one case in one thread."""

import asyncio
import re
import ssl
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, getaddresses
from typing import Dict, List, Mapping, Optional, Sequence, Set, Tuple

import aiosmtplib

from bot.channels.message import DEFAULT_LANGUAGE
from bot.engine import UnusableFacts
from bot.helpdesk.settings import MailSettings
from bot.helpdesk.targets import Notice, Suspended, TryAgain, Undeliverable
from bot.helpdesk.targets.words import line, particulars, title, what

SECONDS = 20.0  # for each step of the conversation with the server
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST_SUBJECT = 150  # characters
LONGEST_ANSWER = 200
FOR_GOOD = 500  # from this answer on it stays so
TOO_LARGE = 552
# What no mail gets past until an administrator mends it.
REFUSED = {
    aiosmtplib.SMTPAuthenticationError: "user and password; mend targets.mail.user or TRIAGE_MAIL_PASSWORD",
    aiosmtplib.SMTPSenderRefused: "the sender; mend targets.mail.sender, or give a user and password",
    aiosmtplib.SMTPConnectError: "this machine",
    aiosmtplib.SMTPHeloError: "this machine",
}
Answers = Mapping[str, Tuple[int, str]]  # recipient -> why the server does not take it
MOST_REMEMBERED = 1_000  # notices that some recipients have and some not
_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\]+")


class Mail:
    """Sends mail."""

    def __init__(
        self, settings: MailSettings, password: str, context: Optional[ssl.SSLContext] = None, seconds: float = SECONDS
    ) -> None:
        """`context` says whose certificates are taken; without it those that the machine trusts. Raises UnusableFacts."""
        self._settings = settings
        self._password = password
        self._context = context or ssl.create_default_context()
        self._seconds = seconds
        self._sender = address_of(settings.sender, "sender")
        self._to = [address_of(one, "to") for one in settings.to]
        self._taken: Dict[str, Set[str]] = {}  # notice -> who has it, while others do not
        if settings.user and not password:
            raise UnusableFacts("helpdesk.yml: targets.mail.user needs the password in TRIAGE_MAIL_PASSWORD")
        if settings.user and settings.security == "none" and settings.host not in LOOPBACK:
            raise UnusableFacts(
                "helpdesk.yml: targets.mail.security: none would send the password readable; use starttls or tls"
            )

    async def tell(self, notice: Notice) -> Optional[str]:
        """Send a mail; return which recipients the server refuses for good. Raises TryAgain, Undeliverable or Suspended."""
        message = mail(notice, self._sender, self._to)
        to = [one for one in map(envelope, self._to) if one not in self._taken.get(notice.id, ())]
        refused: Optional[Answers] = None
        try:
            async with self._client() as client:
                refused = await self._sent(client, message, to)
        except aiosmtplib.SMTPRecipientsRefused as error:
            refused = {one.recipient: (one.code, one.message) for one in error.recipients}
        except (aiosmtplib.SMTPException, asyncio.TimeoutError, OSError, ValueError) as error:
            if refused is None:  # else the mail was taken, and only the goodbye failed
                raise failure(error) from None
        return self._judged(notice.id, to, refused)

    async def close(self) -> None:
        """Close nothing: each mail has its own connection."""

    def _client(self) -> aiosmtplib.SMTP:
        chosen = self._settings
        return aiosmtplib.SMTP(
            hostname=chosen.host,
            port=chosen.port,
            username=chosen.user or None,
            password=self._password if chosen.user else None,
            use_tls=chosen.security == "tls",
            start_tls=chosen.security == "starttls",  # False is never, True is never without
            tls_context=self._context,
            timeout=self._seconds,
        )

    async def _sent(self, client: aiosmtplib.SMTP, message: EmailMessage, to: Sequence[str]) -> Answers:
        """Send a mail; return whom the server refuses of some that it takes."""
        sender = envelope(self._sender)
        is_ascii = all(one.isascii() for one in (sender, *map(envelope, self._to)))
        options = [] if is_ascii else ["SMTPUTF8"]
        data = message.as_bytes(policy=SMTP if is_ascii else SMTPUTF8)
        refused, _ = await client.sendmail(sender, list(to), data, mail_options=options)
        return {one: (answer.code, answer.message) for one, answer in refused.items()}

    def _judged(self, notice: str, to: Sequence[str], refused: Answers) -> Optional[str]:
        """Return who is refused for good while others have the mail; None for nobody. Raises TryAgain or Undeliverable."""
        taken = self._taken.pop(notice, set()) | set(to) - set(refused)
        said = "; ".join(f"{one}: {line(f'{code} {text}', LONGEST_ANSWER)}" for one, (code, text) in refused.items())
        if any(code < FOR_GOOD for code, _ in refused.values()):
            if taken and len(self._taken) < MOST_REMEMBERED:  # who has it does not get it again with the others
                self._taken[notice] = taken
            raise TryAgain(f"the mail server does not take the mail for {said}")
        if not taken:
            raise Undeliverable(f"the mail server refuses {said}")
        return f"the mail server refuses {said}" if refused else None


def failure(error: Exception) -> Exception:
    """Return what a failure means: TryAgain, Undeliverable or Suspended."""
    if _is_about_a_certificate(error):
        return Suspended("the mail server's certificate cannot be verified; targets.mail.host must be the name in it")
    if type(error) in (aiosmtplib.SMTPNotSupported, aiosmtplib.SMTPException):  # the library's own words, not the server's
        return Suspended(f"the mail server does not offer what is configured: {line(str(error), LONGEST_ANSWER)}")
    if isinstance(error, aiosmtplib.SMTPResponseException):
        is_final = error.code >= FOR_GOOD
        refused = next((what for kind, what in REFUSED.items() if isinstance(error, kind)), None)
        if is_final and refused and error.code != TOO_LARGE:
            return Suspended(f"the mail server answers {error.code}: it refuses {refused}")
        answer = line(f"{error.code} {error.message}", LONGEST_ANSWER)
        return (Undeliverable if is_final else TryAgain)(f"the mail server answers {answer}")
    if isinstance(error, (asyncio.TimeoutError, aiosmtplib.SMTPTimeoutError)):
        return TryAgain("the mail server does not answer in time")
    return TryAgain(f"the mail server cannot be reached: {type(error).__name__}")


def _is_about_a_certificate(error: Exception) -> bool:
    cause: Optional[BaseException] = error
    while cause is not None and not isinstance(cause, ssl.SSLCertVerificationError):
        cause = cause.__cause__ or cause.__context__
    return cause is not None


def mail(notice: Notice, sender: Address, to: Sequence[Address]) -> EmailMessage:
    """Return the mail: the same for the same notice, so that a mail server can tell that it came twice."""
    document = notice.document
    case = document["case"]
    domain = sender.domain
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = tuple(to)
    message["Subject"] = line(f"{title(notice.event, case)}: {what(case)}", LONGEST_SUBJECT)
    message["Date"] = format_datetime(datetime.fromisoformat(document["at"]))
    message["Message-ID"] = f"<{notice.id}@{domain}>"
    # A mail that was never sent is the root of the thread, so that it holds together whichever mails are wanted.
    root = f"<case-{notice.case_id}-{datetime.fromisoformat(case['opened_at']):%Y%m%d%H%M%S}@{domain}>"
    message["In-Reply-To"] = root
    message["References"] = root
    message["Auto-Submitted"] = "auto-generated"  # nobody's absence is answered
    content = "\n".join(text(notice)) + "\n"
    message.set_content(content.encode("utf-8", "replace").decode())  # half a character cannot be sent
    return message


def text(notice: Notice) -> List[str]:
    """Return the lines of the mail: what happened, the way to the console, and the summary in the partner's language."""
    case = notice.document["case"]
    lines = [f"{title(notice.event, case)}.", ""]
    lines += [f"{name}: {value}" for name, value in particulars(case).items()]
    if case["url"]:
        lines += ["", case["url"]]
    summary = case["summary"].get(case["language"]) or case["summary"][DEFAULT_LANGUAGE]
    return [*lines, "", "-" * 40, "", *summary["plain"].splitlines()] if summary["plain"] else lines


def address_of(given: str, entry: str) -> Address:
    """Return an address, its domain as DNS has it. Raises UnusableFacts that names the entry of helpdesk.yml."""
    found = getaddresses([given])
    name, address = found[0] if len(found) == 1 else ("", "")
    local, _, domain = address.rpartition("@")
    try:
        if not _ADDRESS.fullmatch(address) or address not in given or line(given) != given:
            raise ValueError
        return Address(name, local, domain.encode("idna").decode("ascii").lower())
    except (ValueError, UnicodeError, HeaderParseError):
        what_is_wrong = f'helpdesk.yml: targets.mail.{entry}: "{given}" must be an address like help@partner.example'
        raise UnusableFacts(what_is_wrong) from None


def envelope(address: Address) -> str:
    """Return an address as the server is given it, without the name."""
    return address.addr_spec

"""`triage serve`: the assistant and its channels on one port, in one process, with its conversations in SQLite."""

import logging
import socket
from pathlib import Path
from typing import Dict, List, Optional, Sequence

import click
from sanic import Request, Sanic
from sanic.exceptions import (
    MethodNotSupported,
    NotFound,
    PayloadTooLarge,
    RequestTimeout,
    SanicException,
    ServiceUnavailable,
)
from sanic.response import HTTPResponse

from sqlalchemy.exc import SQLAlchemyError

from bot.assistant import Assistant, NoModel
from bot.database import DEFAULT_FILE, Database, NewerDatabase, opened
from bot.channels.deliveries import Deliveries
from bot.channels.gateway import Gateway
from bot.channels.guard import LARGEST_PLATFORM_BODY, Guard, RateLimits, Refused
from bot.channels.transcript import Transcript
from bot.channels.web import StrictRequest, add_headers, language_wanted, refusal
from bot.channels.widget import pages, routes
from bot.channels.widget.sessions import Sessions
from bot.check.platforms import Readiness, readiness
from bot.engine import UnusableFacts
from bot.helpdesk.assembly import Helpdesk
from bot.helpdesk.console import static
from bot.helpdesk.settings import HelpdeskSecrets, load_helpdesk
from bot.platforms import Platforms
from bot.settings import NO_CREDENTIALS, Credentials, Settings, load_settings, server_secret
from bot.talk import trained_model
from bot.wording import LANGUAGES, Wording, shared_wording

logger = logging.getLogger(__name__)

WIDGET_STRINGS = "utter_widget_"
SECONDS_TO_FINISH = 10  # answers under way when the server is stopped


def widget_strings(wording: Wording) -> Dict[str, Dict[str, str]]:
    """Return what the widget shows, by language and by name."""
    keys = [key for key in wording.responses if key.startswith(WIDGET_STRINGS)]
    return {
        language: {key[len(WIDGET_STRINGS) :]: wording.responses[key].texts[language] for key in keys}
        for language in LANGUAGES
    }


def application(
    assistant: Assistant,
    database: Database,
    secret: bytes,
    settings: Settings,
    credentials: Credentials = NO_CREDENTIALS,
    helpdesk: Optional[Helpdesk] = None,
) -> Sanic:
    """Return the web application around a loaded assistant; without a `helpdesk` no cases are kept, and there is no console.

    Raises NotBuilt when files for the browser are missing.
    """
    app = Sanic("mpn_support_triage", request_class=StrictRequest, configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_PLATFORM_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.PROXIES_COUNT = settings.proxies
    app.config.GRACEFUL_SHUTDOWN_TIMEOUT = SECONDS_TO_FINISH
    limits = settings.limits
    rates = RateLimits(
        limits.store,
        (limits.messages_per_minute, limits.messages_burst),
        (limits.requests_per_minute, limits.requests_burst),
        (limits.sessions_per_minute, limits.sessions_burst),
    )
    wording = shared_wording()
    transcript = Transcript(database)
    desk = helpdesk.desk if helpdesk is not None else None
    gateway = Gateway(assistant, transcript, Guard(rates), wording.text, desk)
    widget = settings.widget
    sessions = Sessions(transcript, secret, widget.session_hours * 3600, widget.renew_minutes * 60)

    @app.exception(Exception)
    async def refuse(request: Request, error: Exception) -> HTTPResponse:
        refused = _refused(error)
        if refused.status >= 500 and not isinstance(error, ServiceUnavailable):  # which is a client that hung up
            logger.error("a request to %r failed", request.path, exc_info=error)
        response = refusal(refused, gateway.refusal(refused, language_wanted(request)))
        if isinstance(error, MethodNotSupported):
            response.headers.update(error.headers)  # which methods there are
        return response

    channels = Platforms(gateway, Deliveries(database), settings, credentials, wording.text)

    @app.before_server_start
    async def resume(app: Sanic, loop: object) -> None:
        await gateway.resume()
        gateway.look_out()
        await channels.resume()
        if helpdesk is not None:
            await helpdesk.start()

    @app.before_server_stop
    async def let_go(app: Sanic, loop: object) -> None:
        gateway.close()
        channels.close()
        if helpdesk is not None:
            helpdesk.close()

    @app.after_server_stop
    async def settle(app: Sanic, loop: object) -> None:
        await gateway.settle()
        if helpdesk is not None:
            await helpdesk.settle()
        await channels.settle()
        database.close()

    app.ctx.gateway = gateway  # through which others say something in a conversation
    app.register_middleware(add_headers, "response")
    app.blueprint(pages.blueprint(widget_strings(wording), widget.origins))
    app.blueprint(routes.blueprint(gateway, sessions))
    for blueprint in channels.blueprints:
        app.blueprint(blueprint)
    if helpdesk is not None:
        for blueprint in helpdesk.blueprints(gateway, assistant, channels):
            app.blueprint(blueprint)
    return app


# What is said about an error of the web server; any other below 500 is a request that cannot be used.
ERRORS = {PayloadTooLarge: "too_large", NotFound: "not_found", MethodNotSupported: "not_allowed", RequestTimeout: "timed_out"}


def _refused(error: Exception) -> Refused:
    code = next((code for kind, code in ERRORS.items() if isinstance(error, kind)), None)
    if code is None:
        code = "not_usable" if isinstance(error, SanicException) and error.status_code < 500 else "failed"
    return Refused(code)


def told_at_start(channels: Sequence[Readiness]) -> List[str]:
    """Return what the start says of Slack and Teams: at length only of one that somebody began to set up."""
    lines = [line for channel in channels for line in (channel.lines() if channel.is_wanted else channel.lines()[:1])]
    if not all(channel.is_on for channel in channels):
        lines.append("`triage check --channels` says what a channel needs, docs/channels.md how to get it")
    return lines


def serve(host: str, port: int, given: Optional[str] = None) -> None:
    """Train if needed, load, and serve until stopped, with the database `given` (bot.database.address_of).

    Raises UnusableFacts when something must be put right first.
    """
    settings, credentials = load_settings(), Credentials.given()
    helpdesk_settings = load_helpdesk()
    try:
        pages.manifest()
        static.manifest()
    except (pages.NotBuilt, static.NotBuilt) as error:
        raise UnusableFacts(str(error)) from None
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise UnusableFacts(
            f"{host}:{port} cannot be listened on ({error.strerror or error}); choose another --port"
        ) from None
    try:
        database = opened(given)
    except (ValueError, NewerDatabase) as error:
        raise UnusableFacts(str(error)) from None
    except SQLAlchemyError as error:
        raise UnusableFacts(f"the database cannot be used: {getattr(error, 'orig', None) or type(error).__name__}") from None
    model = trained_model()
    click.echo("Starting the assistant ...")
    secret = server_secret(database.file or DEFAULT_FILE)
    try:
        assistant = Assistant(model, database)
    except NoModel as error:
        raise UnusableFacts(str(error)) from None
    helpdesk = Helpdesk(database, helpdesk_settings, HelpdeskSecrets.given(), settings, secret)
    app = application(assistant, database, secret, settings, credentials, helpdesk)
    where = f"http://{host}:{listener.getsockname()[1]}"
    click.echo(f"The assistant is at {where} (Ctrl+C stops it)")
    click.echo("\n".join(told_at_start(readiness(settings, credentials))))
    click.echo("\n".join(helpdesk.told_at_start(where)))
    app.run(sock=listener, access_log=False, motd=False)

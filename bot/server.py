"""`triage serve`: the assistant and its page on one port, in one process, with its conversations in SQLite."""

import socket
from pathlib import Path

import click
from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json

from bot.assistant import DATABASE, Assistant, NoModel
from bot.channels.page import HEADERS, blueprint
from bot.engine import UnusableFacts
from bot.talk import trained_model

LARGEST_BODY = 64 * 1024  # bytes


def application(assistant: Assistant) -> Sanic:
    """Return the web application around a loaded assistant."""
    app = Sanic("mpn_support_triage", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"

    async def send(said: str, sender: str, pressed: bool) -> list:
        replies = await (assistant.press if pressed else assistant.say)(said, sender)
        return [{"text": reply.text, "buttons": reply.buttons} for reply in replies]

    @app.exception(Exception)
    async def refuse(request: Request, error: Exception) -> HTTPResponse:
        status = error.status_code if isinstance(error, SanicException) else 400 if isinstance(error, ValueError) else 500
        message = str(error) if status < 500 else "Something went wrong here; please try again."
        return json({"error": status, "message": message}, status=status, headers=HEADERS)

    app.blueprint(blueprint(send))
    return app


def serve(host: str, port: int, database: Path = DATABASE) -> None:
    """Train if needed, load, and serve until stopped. Raises UnusableFacts when the address cannot be had."""
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise UnusableFacts(
            f"{host}:{port} cannot be listened on ({error.strerror or error}); choose another --port"
        ) from None
    model = trained_model()
    click.echo("Starting the assistant ...")
    try:
        app = application(Assistant(model, database=database))
    except NoModel as error:
        raise UnusableFacts(str(error)) from None
    click.echo(f"The assistant is at http://{host}:{listener.getsockname()[1]} (Ctrl+C stops it)")
    app.run(sock=listener, access_log=False, motd=False)

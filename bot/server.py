"""`triage serve`: the assistant and its page on one port, in one process, with its conversations in SQLite."""

from pathlib import Path

import click
from sanic import Sanic, Request
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json

from bot.assistant import PROJECT, Assistant
from bot.channels.page import HEADERS, blueprint
from bot.talk import trained_model

LARGEST_BODY = 64 * 1024  # bytes
DATABASE = PROJECT / "conversations.db"


def application(assistant: Assistant) -> Sanic:
    """Return the web application around a loaded assistant."""
    app = Sanic("mpn_support_triage", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = LARGEST_BODY
    app.config.FALLBACK_ERROR_FORMAT = "json"

    async def say(text: str, sender: str) -> list:
        return [{"text": reply.text, "buttons": reply.buttons} for reply in await assistant.say(text, sender)]

    @app.exception(Exception)
    async def refuse(request: Request, error: Exception) -> HTTPResponse:
        status = error.status_code if isinstance(error, SanicException) else 500
        message = str(error) if status < 500 else "Something went wrong here; please try again."
        return json({"error": status, "message": message}, status=status, headers=HEADERS)

    app.blueprint(blueprint(say))
    return app


def serve(host: str, port: int, database: Path = DATABASE) -> None:
    """Train if needed, load, and serve until stopped."""
    model = trained_model()
    click.echo("Starting the assistant ...")
    app = application(Assistant(model, database=database))
    click.echo(f"The assistant is at http://{host}:{port} (Ctrl+C stops it)")
    app.run(host=host, port=port, access_log=False, motd=False)

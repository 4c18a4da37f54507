"""The files of the console that browsers get. They hold nothing of a case, so nobody is asked who he is."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Dict

from sanic import Blueprint, Request
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse

from bot.channels.widget.pages import FOREVER, READ, SHORTLY, File

BUILT = Path(__file__).parent.parent / "built"
PATH = "/helpdesk/assets"


class NotBuilt(RuntimeError):
    """The console's files are missing. The message says how to build them."""


@lru_cache(maxsize=1)
def manifest() -> Dict[str, str]:
    """Return the built files by the names that templates call them: {"console.js": "console.0123.js"}. Raises NotBuilt."""
    try:
        found: Dict[str, str] = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
        return found
    except (OSError, ValueError):
        raise NotBuilt(
            "the helpdesk's console is not built; install Node.js 20 or newer and run `make console`"
        ) from None


def asset(name: str) -> str:
    """Return the path of a built file."""
    return f"{PATH}/{manifest()[name]}"


def blueprint() -> Blueprint:
    """Return the routes of the files. Raises NotBuilt."""
    files = {name: File(name, (BUILT / "assets" / name).read_bytes()) for name in manifest().values()}
    licences = File("licences.md", (BUILT / "licences.md").read_bytes())
    routes = Blueprint("helpdesk_files", url_prefix=PATH)

    @routes.route("/<name:[A-Za-z0-9_.-]+>", methods=READ)
    async def file(request: Request, name: str) -> HTTPResponse:
        if name not in files:
            raise NotFound("there is no such file")
        return files[name].response(request, {"Cache-Control": FOREVER})

    @routes.route("/licences.md", methods=READ)
    async def bundled(request: Request) -> HTTPResponse:
        return licences.response(request, {"Cache-Control": SHORTLY})

    return routes

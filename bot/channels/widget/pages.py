"""The pages and files of the widget: launcher, chat window, demo page. Built by `npm run build` in `widget/`."""

import gzip
import json
import mimetypes
import secrets
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Dict, List, Mapping, Sequence

from sanic import Blueprint, Request
from sanic.exceptions import NotFound
from sanic.response import HTTPResponse, html, raw

from bot.channels.guard import LONGEST_TEXT
from bot.channels.web import language_wanted

BUILT = Path(__file__).parent / "built"
DEMO = Path(__file__).parent / "demo"
PLACE = '"__LAUNCHER__"'
LAUNCHER_STRINGS = "launcher_"
FOREVER = "public, max-age=31536000, immutable"  # an asset's name changes with its content
SHORTLY = "public, max-age=300"
READ = ("GET", "HEAD")
Strings = Mapping[str, Mapping[str, str]]  # language -> name -> text


class NotBuilt(RuntimeError):
    """The widget's files are missing. The message says how to build them."""


@lru_cache(maxsize=1)
def manifest() -> Dict[str, List[str]]:
    """Return the built files of the window: {"frame.js": [...], "frame.css": [...]}. Raises NotBuilt."""
    try:
        found = json.loads((BUILT / "manifest.json").read_text(encoding="utf-8"))
        (BUILT / "widget.js").stat()
        return {key: [value] if isinstance(value, str) else list(value) for key, value in found.items()}
    except (OSError, ValueError):
        raise NotBuilt(
            "the chat widget is not built; install Node.js 20 or newer and run `make widget`, or talk with `triage chat`"
        ) from None


class File:
    """A file as it is sent, compressed once when the server starts."""

    def __init__(self, name: str, content: bytes) -> None:
        self._kind = f"{mimetypes.guess_type(name)[0] or 'text/plain'}; charset=utf-8"
        self._content = content
        self._compressed = gzip.compress(content, mtime=0)

    def response(self, request: Request, headers: Dict[str, str]) -> HTTPResponse:
        """Return the file, compressed when the browser takes that."""
        headers = {**headers, "Vary": "Accept-Encoding"}
        if "gzip" not in request.headers.get("accept-encoding", ""):
            return raw(self._content, content_type=self._kind, headers=headers)
        return raw(self._compressed, content_type=self._kind, headers={**headers, "Content-Encoding": "gzip"})


def blueprint(strings: Strings, origins: Sequence[str]) -> Blueprint:
    """Return the routes of the files. `origins` are the sites that may show the widget."""
    pages = Blueprint("widget_pages")
    launcher = File("widget.js", _launcher(strings, origins))
    assets = {path.name: File(path.name, path.read_bytes()) for path in (BUILT / "assets").iterdir()}
    licences = File("licences.md", (BUILT / "licences.md").read_bytes())
    demo_files = {path.name: File(path.name, path.read_bytes()) for path in DEMO.iterdir()}

    @pages.route("/widget.js", methods=READ)
    async def launch(request: Request) -> HTTPResponse:
        return launcher.response(request, {"Cache-Control": SHORTLY, "Cross-Origin-Resource-Policy": "cross-origin"})

    @pages.route("/widget/frame", methods=READ)
    async def frame(request: Request) -> HTTPResponse:
        nonce = secrets.token_urlsafe(16)
        page = _frame(language_wanted(request), strings, origins, nonce)
        return html(page, headers={"Content-Security-Policy": frame_policy(nonce, origins)})

    @pages.route("/widget/assets/<name:[A-Za-z0-9_.-]+>", methods=READ)
    async def asset(request: Request, name: str) -> HTTPResponse:
        if name not in assets:
            raise NotFound("there is no such file")
        return assets[name].response(request, {"Cache-Control": FOREVER})

    @pages.route("/widget/licences.md", methods=READ)
    async def bundled(request: Request) -> HTTPResponse:
        return licences.response(request, {"Cache-Control": SHORTLY})

    @pages.route("/", methods=READ)
    async def demo(request: Request) -> HTTPResponse:
        return demo_files[f"{language_wanted(request)}.html"].response(request, {"Content-Security-Policy": DEMO_POLICY})

    @pages.route("/<name:(demo.css|icon.svg)>", methods=READ)
    async def demo_file(request: Request, name: str) -> HTTPResponse:
        return demo_files[name].response(request, {"Cache-Control": SHORTLY})

    return pages


# The launcher styles its own shadow root with a constructed style sheet, which no policy forbids.
DEMO_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def frame_policy(nonce: str, origins: Sequence[str]) -> str:
    """Return the content security policy of the window."""
    ancestors = " ".join(["'self'", *origins])
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
        f"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
    )


def _launcher(strings: Strings, origins: Sequence[str]) -> bytes:
    shown = {
        language: {name: text for name, text in texts.items() if name.startswith(LAUNCHER_STRINGS)}
        for language, texts in strings.items()
    }
    configuration = json.dumps({"strings": shown, "origins": list(origins)}, ensure_ascii=False)
    manifest()
    return (BUILT / "widget.js").read_text(encoding="utf-8").replace(PLACE, json.dumps(configuration), 1).encode()


def _frame(language: str, strings: Strings, origins: Sequence[str], nonce: str) -> str:
    configuration = {
        "language": language,
        "strings": strings,
        "longest_text": LONGEST_TEXT,
        "origins": list(origins),
    }
    files = manifest()
    styles = "".join(f'<link rel="stylesheet" href="/widget/{escape(name)}">' for name in files.get("frame.css", []))
    return f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escape(strings[language]["title"])}</title>
{styles}
</head>
<body>
<div id="root"></div>
<script type="application/json" id="configuration">{_in_html(configuration)}</script>
<script type="module" nonce="{nonce}" src="/widget/{escape(files["frame.js"][0])}"></script>
</body>
</html>
"""


def _in_html(document: object) -> str:
    """Return JSON that cannot end the script element it stands in."""
    return json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")

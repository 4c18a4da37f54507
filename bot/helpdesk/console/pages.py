"""Pages made of the templates in bot/helpdesk/templates/. Whatever is put into one is escaped."""

from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup

from bot.channels.rendering.markdown import followed
from bot.helpdesk.console import names
from bot.helpdesk.console.static import asset

TEMPLATES = Path(__file__).parent.parent / "templates"
# What would look like more than a message: headings, pictures, code. It is shown as it was typed.
_AS_TYPED = ["code", "fence", "blockquote", "hr", "reference", "html_block", "heading", "lheading", "image", "html_inline"]
_MOST_NESTED = 20


class _Renderer(RendererHTML):
    """Links that lead away say so, and give nothing of this page to where they lead."""

    def link_open(self, tokens: Any, number: int, options: Any, env: Any) -> str:
        token: Token = tokens[number]
        token.attrSet("rel", "noopener noreferrer")
        token.attrSet("target", "_blank")
        return self.renderToken(tokens, number, options, env)


def _parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "maxNesting": _MOST_NESTED}
    parser = MarkdownIt("commonmark", options, renderer_cls=_Renderer).disable(_AS_TYPED)
    parser.validateLink = lambda url: followed(url) is not None  # type: ignore[method-assign]
    return parser


_PARSER = _parser()


def markdown(text: str) -> Markup:
    """Return Markdown as HTML: paragraphs, lists, bold, italics and https links."""
    return Markup(_PARSER.render(text))


def iso(at: Any) -> str:
    """Return a time (seconds since 1970, or a transcript's ISO text) as ISO text in UTC."""
    if isinstance(at, str):
        return at
    return datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="seconds")


class Pages:
    """Renders templates."""

    def __init__(self, zone: str) -> None:
        """Times are shown as they are in the time zone `zone`."""
        self._zone = ZoneInfo(zone)
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._templates.filters.update(markdown=markdown, iso=iso, moment=self.moment, words=names.words)
        self._templates.globals.update(asset=asset, name=names.name, route_name=names.route, fact_name=names.fact)
        self._templates.globals.update(fact_value=names.value, product_name=names.product)

    def render(self, template: str, **values: Any) -> str:
        """Return the page that a template makes of values."""
        return self._templates.get_template(template).render(**values)

    def moment(self, at: Any) -> str:
        """Return a time as staff read it: "30 Nov, 10:22", with the year when it is another."""
        try:
            found = datetime.fromisoformat(iso(at))
        except ValueError:
            return ""
        found = (found if found.tzinfo else found.replace(tzinfo=timezone.utc)).astimezone(self._zone)
        year = "" if found.year == datetime.now(self._zone).year else f" {found.year}"
        return f"{found.day} {found:%b}{year}, {found:%H:%M}"

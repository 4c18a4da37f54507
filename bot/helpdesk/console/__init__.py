"""The console at /helpdesk: the pages on which staff see the cases, take conversations over, and work out texts.

    pages.py       templates of bot/helpdesk/templates/ rendered; what they may call
    queue.py       the list of cases
    case.py        a case: its page, and the parts of it that are renewed while it is open
    changes.py     what the forms of a case do
    talk.py        the conversation taken over, written to, handed back
    assist_page.py a mail or ticket pasted
    stream.py      what tells open pages that something changed
    static.py      the files that browsers get (tools/console builds them)

Every page works as plain forms and links; with scripts it keeps itself up to date.
"""

from sanic import Blueprint
from sanic.blueprint_group import BlueprintGroup

from bot.helpdesk.console import assist_page, case, changes, queue, static, stream, talk
from bot.helpdesk.console.parts import Console
from bot.helpdesk.console.stream import Watch

__all__ = ["Console", "blueprint"]


def blueprint(console: Console) -> BlueprintGroup:
    """Return the routes of the console, all behind sign-in but the files. Raises static.NotBuilt."""
    routes = Blueprint("helpdesk_console", url_prefix="/helpdesk")
    console.entrance.access.protect(routes)
    watch = Watch(console.cases)
    queue.add(routes, console)
    case.add(routes, console)
    changes.add(routes, console, watch)
    talk.add(routes, console, watch)
    assist_page.add(routes, console)
    stream.add(routes, console, watch)
    return Blueprint.group(static.blueprint(), routes)

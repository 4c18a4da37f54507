"""The server as a process that a test can kill, with an echo for an assistant, or with cases and one that keeps facts:
`python -m tests.channels.killed_server PORT DATABASE [helpdesk]`."""

import socket
import sys

from bot.database import opened
from bot.helpdesk.assembly import Helpdesk
from bot.helpdesk.settings import HelpdeskSecrets, HelpdeskSettings
from bot.server import application
from bot.settings import NO_CREDENTIALS, LimitSettings, Settings
from tests.channels.conftest import SECRET, Echo
from tests.helpdesk.desks import Listening

if __name__ == "__main__":
    port, database, has_helpdesk = int(sys.argv[1]), opened(sys.argv[2]), sys.argv[3:] == ["helpdesk"]
    assistant = Listening() if has_helpdesk else Echo()
    assistant.pause = 0.01
    many = {"messages_per_minute": 6000, "messages_burst": 600, "requests_per_minute": 6000, "sessions_per_minute": 6000}
    settings = Settings(limits=LimitSettings(**many))
    helpdesk = Helpdesk(database, HelpdeskSettings(), HelpdeskSecrets(), settings, SECRET) if has_helpdesk else None
    app = application(assistant, database, SECRET, settings, NO_CREDENTIALS, helpdesk)
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    app.run(sock=listener, access_log=False, motd=False)

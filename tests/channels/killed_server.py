"""The server with an echo for an assistant, as a process that a test can kill: `python -m tests.channels.killed_server PORT DB`."""

import socket
import sys
from pathlib import Path

from bot.database import Database
from bot.server import application
from bot.settings import LimitSettings, Settings
from tests.channels.conftest import SECRET, Echo

if __name__ == "__main__":
    port, database = int(sys.argv[1]), Path(sys.argv[2])
    assistant = Echo()
    assistant.pause = 0.01
    settings = Settings(limits=LimitSettings(messages_per_minute=6000, messages_burst=600, requests_per_minute=6000))
    app = application(assistant, Database.in_file(database), SECRET, settings)
    listener = socket.create_server(("127.0.0.1", port))
    print("ready", flush=True)
    app.run(sock=listener, access_log=False, motd=False)

"""A PostgreSQL server of the tests' own on loopback, from Debian's package."""

import os
import shutil
import socket
import subprocess
import tempfile
import uuid
from pathlib import Path
from typing import List, Optional

import sqlalchemy as sa


def programs() -> Optional[Path]:
    """Return the folder of PostgreSQL's programs, the newest; None when it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return found[-1] if found else Path(on_path).parent if on_path else None


class PostgreSQL:
    """A running server. It refuses to run as root, so root starts it as the user nobody."""

    def __init__(self) -> None:
        place = programs()
        assert place is not None, "these tests need PostgreSQL: apt-get install postgresql"
        self._programs = place
        self._as: List[str] = []
        self.folder = Path(tempfile.mkdtemp(prefix="triage-postgresql-"))
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody")
            self._as = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._run("initdb", "--auth", "trust", "--username", "triage", "--no-sync", "--encoding", "UTF8", "--locale", "C.UTF-8")
        self.start()

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as, str(self._programs / program), "--pgdata", str(self.folder / "data"), *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder)
        assert done.returncode == 0, done.stdout

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder} -c fsync=off"
        self._run("pg_ctl", "start", "--wait", "--silent", "--log", str(self.folder / "log"), "--options", options)

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "stop", "--mode", "immediate", "--silent")

    def new(self) -> str:
        """Make an empty database; return its address."""
        name = f"triage_{uuid.uuid4().hex[:12]}"
        engine = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as on:
            on.execute(sa.text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://triage@127.0.0.1:{self.port}/{name}"

    def remove(self) -> None:
        """Stop it and remove everything of it."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

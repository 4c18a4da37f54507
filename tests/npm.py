"""Node programs that tests run: installed from their lock file when they are first needed."""

import subprocess
from pathlib import Path

from filelock import FileLock

SECONDS = 300
INSTALLED = "node_modules/.package-lock.json"  # npm writes it when all is installed


def install(folder: Path) -> Path:
    """Install what a folder's package-lock.json names; return the folder. Tests of other processes wait."""
    with FileLock(folder / ".installing"):
        if not (folder / INSTALLED).is_file():
            command = ["npm", "ci", "--no-audit", "--no-fund"]
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=SECONDS)
    return folder

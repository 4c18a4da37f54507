"""The HTTP API held against its own description by schemathesis, in an environment of its own: .tools/schemathesis."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock
from helpdesk_api_server import TOKEN, ApiServer

from bot.helpdesk.api_models import description

PROJECT = Path(__file__).resolve().parent.parent.parent
REQUIREMENTS = Path(__file__).with_name("schemathesis.txt")
TOOLS = PROJECT / ".tools"
SECONDS = 600
EXAMPLES = 100
SEED = 20261122
# A request that the description allows may still contradict itself (a version that its product does not have), and the
# programme is too large for a schema to say which. `test_assist_api.py` holds what is accepted.
NOT_CHECKED = "positive_data_acceptance"


@pytest.fixture(scope="session")
def environment():
    """Install schemathesis, once for all processes and again when its versions change; return the folder of its programs."""
    folder, mark = TOOLS / "schemathesis", TOOLS / "schemathesis" / ".installed"
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    TOOLS.mkdir(exist_ok=True)
    with FileLock(TOOLS / ".schemathesis-installing"):
        if not mark.is_file() or mark.read_text(encoding="utf-8") != wanted:
            uv = shutil.which("uv") or str(TOOLS / "bin" / "uv")
            shutil.rmtree(folder, ignore_errors=True)
            run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
            pip = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python")]
            run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(REQUIREMENTS)])
            mark.write_text(wanted, encoding="utf-8")
    return folder / "bin"


@pytest.fixture(scope="module")
def server(assistant):
    running = ApiServer(assistant.parse)
    yield running
    running.stop()
    assert running.failures == []


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, **more)
    assert done.returncode == 0, (
        f"{' '.join(command[:3])} ended with {done.returncode}:\n{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    )
    return done.stdout


def test_the_description_is_valid_openapi(environment, tmp_path):
    file = tmp_path / "openapi.json"
    file.write_text(json.dumps(description()), encoding="utf-8")
    assert "OK" in run([str(environment / "openapi-spec-validator"), str(file)])


def test_the_api_does_what_its_description_says(environment, server, tmp_path):
    command = [str(environment / "schemathesis"), "run", f"{server.address}/api/openapi.json"]
    command += ["--header", f"Authorization: Bearer {TOKEN}", "--checks", "all", "--exclude-checks", NOT_CHECKED]
    command += [
        "--max-examples",
        str(EXAMPLES),
        "--seed",
        str(SEED),
        "--generation-database",
        "none",
        "--continue-on-failure",
    ]
    command += [
        "--request-timeout",
        "300",
        "--max-response-time",
        "300",
        "--no-color",
        "--report",
        "json",
        "--report-json-path",
        str(tmp_path / "report.json"),
    ]
    surroundings = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    said = run(command, cwd=tmp_path, env=surroundings)
    assert "1 selected / 1 total" in said, said  # what it is served from is no operation to test

"""`tools/widget` on a machine without Node.js, or with one that is too old: it says what to do."""

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
PROGRAMS = ("bash", "dirname", "env")


@pytest.fixture
def build(tmp_path):
    """Return a function that runs tools/widget in a folder of its own, with only these programs on the path."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in PROGRAMS:
        (programs / name).symlink_to(shutil.which(name))
    (tmp_path / "tools").mkdir()
    shutil.copy(PROJECT / "tools" / "widget", tmp_path / "tools" / "widget")

    def run(node=None, is_built=False):
        if node:
            for name in ("node", "npm"):
                script = programs / name
                script.write_text(f'#!/usr/bin/env bash\n[ "$1" = -v ] && echo v{node} || echo {node.split(".")[0]}\n')
                script.chmod(0o755)
        if is_built:
            built = tmp_path / "bot/channels/widget/built"
            built.mkdir(parents=True)
            (built / "manifest.json").write_text("{}")
        return subprocess.run(
            [str(tmp_path / "tools" / "widget")], env={"PATH": str(programs)}, capture_output=True, text=True, timeout=30
        )

    return run


@pytest.mark.parametrize("node, said", [(None, "Node.js is not installed"), ("18.0.0", "Node.js v18.0.0 is too old")])
def test_without_a_fit_node_it_says_what_to_install_and_how_to_go_on_without(build, node, said):
    result = build(node)
    assert result.returncode == 1
    assert said in result.stderr and "Install Node.js 20 or newer" in result.stderr and "make chat" in result.stderr


def test_without_node_a_widget_that_is_built_is_served_as_it_is(build):
    result = build(is_built=True)
    assert result.returncode == 0
    assert "is served as it was built last" in result.stderr


def test_serving_without_a_built_widget_says_how_to_build_it(monkeypatch, tmp_path):
    from bot import server
    from bot.channels.widget import pages
    from bot.engine import UnusableFacts

    monkeypatch.setattr(pages, "BUILT", tmp_path)
    pages.manifest.cache_clear()
    with pytest.raises(UnusableFacts, match="not built; install Node.js 20 or newer and run `make widget`"):
        server.serve("127.0.0.1", 0)
    pages.manifest.cache_clear()

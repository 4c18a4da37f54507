"""Imports run one way, as docs/architecture.md says. Read from the source, so that nothing need be imported."""

import ast
from functools import lru_cache
from pathlib import Path
from typing import Iterator, List, Set, Tuple

import pytest

PROJECT = Path(__file__).resolve().parent.parent
RASA = {"rasa", "rasa_sdk"}
# Where Rasa may be imported: actions, its graph components, the channels, and what starts the assistant.
WITH_RASA = ("actions/", "bot/nlu/components.py", "bot/channels/", "bot/assistant.py", "bot/server.py")


def module_of(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@lru_cache(maxsize=None)
def imports(file: Path, root: Path = PROJECT) -> Tuple[Tuple[str, int], ...]:
    """Return every module that a file imports anywhere in it, absolute, with the line."""
    return tuple(_imports(file, root))


def _imports(file: Path, root: Path) -> Iterator[Tuple[str, int]]:
    package = module_of(file, root).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module, node.lineno
            # `from bot import engine` imports a module too; a name that is none does no harm here.
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def is_in(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def sources(*places: str) -> List[Path]:
    found = []
    for place in places:
        path = PROJECT / place
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return found


def wrong(files: List[Path], allowed: Tuple[str, ...]) -> Set[str]:
    """Return the imports of our own modules outside `allowed`, as "file:line imports module"."""
    return {
        f"{file.relative_to(PROJECT)}:{line} imports {module}"
        for file in files
        for module, line in imports(file)
        if is_in(module, "bot", "actions") and module != "bot" and not is_in(module, *allowed)
    }


def test_the_engine_imports_nothing_of_ours() -> None:
    assert sources("bot/engine")
    assert wrong(sources("bot/engine"), ("bot.engine",)) == set()


def test_the_engine_reads_no_files_and_no_clock() -> None:
    for file in sources("bot/engine"):
        found = {module for module, _ in imports(file)}
        assert not found & {"os", "pathlib", "time", "io", "yaml", "random"}, file
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        called = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        assert not called & {"today", "now", "utcnow", "read_text", "write_text"}, file


def test_knowledge_imports_the_engine_only() -> None:
    assert sources("bot/knowledge")
    assert wrong(sources("bot/knowledge"), ("bot.knowledge", "bot.engine")) == set()


def test_channels_import_neither_the_engine_nor_knowledge_nor_the_helpdesk() -> None:
    for file in sources("bot/channels"):
        for module, line in imports(file):
            assert not is_in(module, "bot.engine", "bot.knowledge", "bot.helpdesk"), f"{file}:{line} imports {module}"


def test_the_database_imports_nothing_of_ours() -> None:
    assert wrong(sources("bot/database"), ("bot.database",)) == set()


def test_nothing_but_the_rasa_side_imports_rasa() -> None:
    found = set()
    for file in sources("bot", "actions"):
        name = file.relative_to(PROJECT).as_posix()
        if not name.startswith(WITH_RASA):
            found |= {f"{name}:{line} imports {module}" for module, line in imports(file) if is_in(module, *RASA)}
    assert found == set()


NEVER_RASA = ["bot/answer.py", "bot/wording.py", "bot/draw.py", *(str(file.relative_to(PROJECT)) for file in sources("bot/helpdesk"))]


@pytest.mark.parametrize("name", NEVER_RASA)
def test_answers_wording_and_the_helpdesk_do_not_lead_to_rasa(name: str) -> None:
    """Not even by way of another module of ours."""
    seen: Set[Path] = set()
    waiting = [PROJECT / name]
    while waiting:
        file = waiting.pop()
        if file in seen:
            continue
        seen.add(file)
        for module, line in imports(file):
            assert not is_in(module, *RASA), f"{name} leads to {file.relative_to(PROJECT)}:{line}, which imports {module}"
            path = PROJECT.joinpath(*module.split("."))
            if is_in(module, "bot", "actions"):
                waiting += [found for found in (path.with_suffix(".py"), path / "__init__.py") if found.exists()]


def test_nothing_of_ours_imports_the_tests() -> None:
    for file in sources("bot", "actions"):
        assert not any(is_in(module, "tests") for module, _ in imports(file)), file


def test_actions_hold_no_wording() -> None:
    """A sentence in an action would have one language only."""
    for file in sources("actions"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        raised = {id(text) for node in ast.walk(tree) if isinstance(node, ast.Raise) for text in ast.walk(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs | raised:
                assert node.value.count(" ") < 4, f"{file}:{node.lineno}: {node.value!r}"


def test_imports_are_found_wherever_they_stand(tmp_path: Path) -> None:
    file = tmp_path / "bot" / "engine" / "example.py"
    file.parent.mkdir(parents=True)
    lines = ["import rasa.core", "from . import table", "from ..wording import Wording", "if True:", "  from bot import nlu"]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert {module for module, _ in imports(file, tmp_path)} >= {"rasa.core", "bot.engine.table", "bot.wording", "bot.nlu"}

"""YAML read strictly: every scalar is a string, a key stands once, and a place has a name for messages."""

import re
from pathlib import Path
from typing import Any, Dict, Hashable

import yaml


class BrokenKnowledge(ValueError):
    """Knowledge that cannot be used. `str()` is "file: entry: what, and the remedy"."""

    def __init__(self, where: str, entry: str, problem: str) -> None:
        super().__init__(f"{where}: {entry}: {problem}")
        self.where = where
        self.entry = entry
        self.problem = problem


class _StrictLoader(yaml.SafeLoader):
    """No implicit types: `no` stays "no" and `3.10` stays "3.10". Only `null` has a meaning of its own."""

    yaml_implicit_resolvers: Dict[Hashable, Any] = {}


_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^null$"), ["n"])


def _mapping(loader: _StrictLoader, node: yaml.MappingNode) -> Dict[str, Any]:
    found: Dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(
                None, None, f"the key on line {key_node.start_mark.line + 1} is not a word; quote it", key_node.start_mark
            )
        if key in found:
            raise yaml.constructor.ConstructorError(None, None, f'key "{key}" stands twice; remove one', key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(path: Path, name: str) -> Dict[str, Any]:
    """Return the mapping in the file at `path`. `name` is what messages call the file.

    Raises BrokenKnowledge when the file is missing, is not YAML, holds a key twice, or is not a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise BrokenKnowledge(name, "file", "is missing; restore it") from None
    except UnicodeDecodeError:
        raise BrokenKnowledge(name, "file", "is not UTF-8; save it as UTF-8") from None
    try:
        document = yaml.load(text, Loader=_StrictLoader)  # a subclass of SafeLoader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        problem = error.problem or "cannot be read as YAML"
        raise BrokenKnowledge(name, f"line {line}", f"{problem}{'' if ';' in problem else '; correct the YAML'}") from None
    if not isinstance(document, dict):
        raise BrokenKnowledge(name, "file", "must hold entries (a mapping); see the other knowledge files")
    return document

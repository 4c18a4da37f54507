"""The file of labels as it is read: YAML, with a remedy that fits when it is none."""

from pathlib import Path
from typing import Any, Dict, Optional

import yaml

from bot.engine import UnusableFacts
from bot.knowledge import BrokenKnowledge
from bot.knowledge.strict_yaml import read

REMEDY = "name a file made with `triage review --write`"


def load(path: Path) -> Dict[str, Any]:
    """Return what is in a file of labels. Raises UnusableFacts when it cannot be read."""
    try:
        return read(path, str(path))
    except BrokenKnowledge as problem:
        if problem.entry != "file":
            raise UnusableFacts(str(problem)) from None
        what = problem.problem.partition(";")[0]  # the remedy is one for knowledge
        raise UnusableFacts(f"{path}: {what}; {REMEDY}") from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = (str(error) or "it is nested too deeply").splitlines()[0]
        raise UnusableFacts(f"{path}: is not YAML ({reason}); {REMEDY}") from None


def store_of(document: Dict[str, Any]) -> Optional[str]:
    """Return the store that a written file was made from, None when it does not say."""
    store = document.get("store")
    return store if isinstance(store, str) and store else None

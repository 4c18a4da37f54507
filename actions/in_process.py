"""Runs the custom actions inside the Rasa process, so that one process is enough.

Rasa Open Source 3.6 calls every custom action over HTTP and offers no seam for another way. `install` adds one: an
action endpoint whose address starts with "in-process:" is answered by rasa_sdk's own executor, in place of an HTTP
request. Every other endpoint works as before; a separate action server (`rasa run actions`) stays possible by its
address in `endpoints.yml`.

Rasa loads one class of ours by name in every process that talks, whoever starts it (`rasa shell`, `rasa run`,
`triage serve`): the tracker store named in `endpoints.yml`. So that is where `install` is called.
"""

import json
from functools import lru_cache
from typing import Any, Dict

import rasa
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.utils.endpoints import ClientResponseError, EndpointConfig
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection

RASA_VERSION = "3.6.21"
SCHEME = "in-process:"


@lru_cache(maxsize=None)
def executor(package: str) -> ActionExecutor:
    """Return the executor over the actions of a package, loaded once."""
    found = ActionExecutor()
    found.register_package(package)
    return found


async def run_action(package: str, call: Dict[str, Any]) -> Dict[str, Any]:
    """Run one action call and return its events and responses, as the action server would."""
    try:
        result = await executor(package).run(call)
    except ActionExecutionRejection as rejection:
        body = json.dumps({"error": str(rejection), "action_name": rejection.action_name})
        raise ClientResponseError(400, "rejected", body) from rejection
    return result or {"events": [], "responses": []}


def install() -> None:
    """Make Rasa answer "in-process:" endpoints here. Raises RuntimeError on a Rasa that this was not tested with."""
    if rasa.__version__ != RASA_VERSION:
        raise RuntimeError(
            f"actions/in_process.py is for Rasa {RASA_VERSION}, not {rasa.__version__}; check it and change RASA_VERSION"
        )
    if getattr(EndpointConfig.request, "answers_in_process", False):
        return
    over_http = EndpointConfig.request

    async def request(self: EndpointConfig, *args: Any, **kwargs: Any) -> Any:
        if self.url and self.url.startswith(SCHEME):
            return await run_action(self.url[len(SCHEME) :], kwargs["json"])
        return await over_http(self, *args, **kwargs)

    request.answers_in_process = True
    EndpointConfig.request = request


class InProcessTrackerStore(InMemoryTrackerStore):
    """Rasa's in-memory store; loading it installs the in-process actions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        install()
        super().__init__(*args, **kwargs)

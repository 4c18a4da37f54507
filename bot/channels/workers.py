"""One worker for each conversation that has something to do; it goes on until nothing is left, and tries again what failed."""

import asyncio
import logging
from typing import Awaitable, Callable, Dict, Optional, Set

logger = logging.getLogger(__name__)

MOST_DOUBLED = 5  # times that the wait is doubled
LONGEST_WAIT = 30.0  # seconds before something is tried again, unless whoever failed asks for more
LONGEST_ASKED = 3600.0  # seconds that it may ask for


class TryAgain(Exception):
    """Work that could not be done now. `after` is in seconds, None when nobody said how long to wait."""

    def __init__(self, why: str, after: Optional[float] = None) -> None:
        super().__init__(why)
        self.after = after


class Workers:
    """Does the work of each conversation, one piece after the other, and never twice at once."""

    def __init__(
        self, what: str, work: Callable[[str], Awaitable[bool]], changed: Callable[[str], None] = lambda conversation: None
    ) -> None:
        """`work` does one piece of a conversation's work and says whether there may be more; `changed` is called when a
        worker starts or ends; `what` says in the log what could not be done."""
        self._what = what
        self._work = work
        self._changed = changed
        self._running: Dict[str, "asyncio.Task[None]"] = {}
        self._to_do: Set[str] = set()  # conversations in which something came up since their worker last looked
        self._stopping = asyncio.Event()

    def start(self, conversation: str) -> None:
        """See to it that the work of a conversation is done."""
        self._to_do.add(conversation)
        if conversation not in self._running:
            self._running[conversation] = asyncio.get_running_loop().create_task(self._run(conversation))

    def is_working(self, conversation: str) -> bool:
        """Say whether a conversation has a worker."""
        return conversation in self._running

    def close(self) -> None:
        """Try nothing again: the server stops."""
        self._stopping.set()

    async def settle(self) -> None:
        """Wait until nobody works."""
        while self._running:
            await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _run(self, conversation: str) -> None:
        failures = 0
        self._changed(conversation)
        try:
            while conversation in self._to_do and not (failures and self._stopping.is_set()):
                self._to_do.discard(conversation)
                asked = 0.0
                try:
                    is_more = await self._work(conversation)
                    failures = 0
                except TryAgain as error:
                    logger.warning("conversation %s %s: %s; it is tried again", conversation, self._what, error)
                    is_more, failures, asked = True, failures + 1, error.after or 0.0
                except Exception:  # what there is to do stays stored; a database that is busy or gone comes back
                    logger.exception("conversation %s %s; it is tried again", conversation, self._what)
                    is_more, failures = True, failures + 1
                if failures:
                    wait = min(2.0 ** min(failures - 1, MOST_DOUBLED), LONGEST_WAIT)
                    await self._wait(max(wait, min(asked, LONGEST_ASKED)))
                if is_more:
                    self._to_do.add(conversation)
        finally:
            self._running.pop(conversation, None)
            self._changed(conversation)

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until the server stops."""
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except asyncio.TimeoutError:
            pass

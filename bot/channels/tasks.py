"""What goes on after a request was answered."""

import asyncio
import logging
from typing import Any, Awaitable, Set

logger = logging.getLogger(__name__)

SECONDS_TO_FINISH = 5.0  # when the server stops


class Tasks:
    """Keeps work until it is done; the event loop alone would not."""

    def __init__(self, what: str) -> None:
        """`what` says in the log what could not be done."""
        self._what = what
        self._running: Set["asyncio.Task[Any]"] = set()

    def start(self, work: Awaitable[Any]) -> "asyncio.Task[Any]":
        """Begin work. A failure is logged, and raised where the task is awaited."""
        task = asyncio.ensure_future(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    async def is_done(self, work: Awaitable[Any], seconds: float, late: bool = False) -> bool:
        """Say whether work was done without a failure in so many seconds; `late` when it goes on for longer."""
        task = self.start(work)
        done, _ = await asyncio.wait({task}, timeout=seconds)
        if not done:
            return late
        return not task.cancelled() and task.exception() is None

    async def finish(self) -> None:
        """Wait for what goes on, but not for ever."""
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=SECONDS_TO_FINISH)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: "asyncio.Task[Any]") -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception() is not None:
            logger.error("%s", self._what, exc_info=task.exception())

"""Tells each target what it is to be told: one notice after the other, those of a case in order, again until it is taken."""

import asyncio
import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Dict, Mapping, Optional, Set

from sqlalchemy.engine import Row

from bot.channels.tasks import SECONDS_TO_FINISH
from bot.database import Database
from bot.helpdesk.notices import GIVEN_UP, TOLD, WAITING, Outbox, told_document
from bot.helpdesk.targets import Notice, Suspended, Target, TryAgain, Undeliverable

logger = logging.getLogger(__name__)

DAY = 24 * 3600.0
MOST_DOUBLED = 30
MOST_STORES = 3  # tries to store what became of a notice; then it is told again


@dataclass(frozen=True)
class Pace:
    """How often, in seconds. The waits between `tries` come to about a day."""

    look: float = 2.0  # between looks for what another server, or a transaction, wrote down
    lease: float = 120.0  # that a notice is this server's; a target has half of it
    first: float = 2.0  # before the second try; then twice as long each time
    longest: float = 3600.0  # between two tries
    tries: int = 34
    probe: float = 60.0  # before a target that takes nothing is tried again; then twice as long each time
    given_up: float = 7 * DAY  # after which nothing waits for a target that takes nothing


class Notices:
    """Tells targets what was announced, in the background. Several servers may do so over one database."""

    def __init__(self, database: Database, targets: Mapping[str, Target], pace: Pace = Pace()) -> None:
        """Nothing is told before `start`."""
        self.outbox = Outbox(database)
        self._targets = dict(targets)
        self._pace = pace
        self._tasks: Set["asyncio.Task[None]"] = set()
        self._stopping: Optional[asyncio.Event] = None
        self._look: Dict[str, asyncio.Event] = {}
        self._suspended: Dict[str, str] = {}
        self._probes: Dict[str, int] = {}

    @property
    def suspended(self) -> Dict[str, str]:
        """The targets that take nothing until an administrator mends something, and why; as this server saw it last."""
        return dict(self._suspended)

    def start(self) -> None:
        """Begin, within the event loop: with what was not told before the server stopped."""
        self._stopping = asyncio.Event()
        for name, target in self._targets.items():
            self._look[name] = asyncio.Event()
            self._tasks.add(asyncio.get_running_loop().create_task(self._run(name, target)))

    def wake(self) -> None:
        """Look now for what was announced, not only in a moment; within the event loop, after the transaction."""
        for event in self._look.values():
            event.set()

    def close(self) -> None:
        """Tell nothing more: the server stops. What is being told is finished."""
        if self._stopping is not None:
            self._stopping.set()
        self.wake()

    async def settle(self) -> None:
        """Wait until nothing is being told, though not for long, and close the connections."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=SECONDS_TO_FINISH)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        for target in self._targets.values():
            await target.close()

    async def _run(self, name: str, target: Target) -> None:
        assert self._stopping is not None
        while not self._stopping.is_set():
            self._look[name].clear()
            try:
                pause = await self._tell_next(name, target)
            except Exception:  # the database is busy or gone; what is written there stays
                logger.exception("what %s is to be told could not be looked up", name)
                pause = self._pace.look
            if pause is None:
                await _until(self._look[name], self._pace.look)
            elif pause:
                await _until(self._stopping, pause)

    async def _tell_next(self, name: str, target: Target) -> Optional[float]:
        """Tell the next notice; return the seconds in which the target wants nothing, None when there is nothing to tell."""
        row = await self.outbox.claim(name, self._pace.lease)
        if row is None:
            return None
        try:
            remark = await asyncio.wait_for(target.tell(_notice(row)), self._pace.lease / 2)
        except Suspended as error:
            return await self._suspend(name, row, str(error))
        except Undeliverable as error:
            self._lift(name)
            await self._give_up(row, str(error))
            return 0.0
        except TryAgain as error:
            self._lift(name)
            return await self._later(row, str(error), error.after)
        except asyncio.TimeoutError:
            return await self._later(row, f"not taken within {self._pace.lease / 2:g} seconds", None)
        except Exception as error:  # a fault of ours must not keep the others from being told
            logger.exception("notice %s: %s failed", row.id, name)
            return await self._later(row, f"failed: {type(error).__name__}", None)
        self._lift(name)
        await self._store(row, TOLD, remark)
        return 0.0

    async def _later(self, row: Row, reason: str, after: Optional[float]) -> float:
        """Try a notice again later, or give it up; return how long the target asked to be left alone."""
        if row.tries >= self._pace.tries:
            await self._give_up(row, f"tried {row.tries} times; at last: {reason}")
            return 0.0
        asked = min(after or 0.0, DAY)
        doubled = min(self._pace.first * 2.0 ** min(row.tries - 1, MOST_DOUBLED), self._pace.longest)
        wait = max(doubled * random.uniform(0.75, 1.25), asked)  # not all at once when a receiver comes back
        logger.warning("notice %s to %s was not taken; it is tried again in %d seconds", row.id, row.target, wait)
        await self._store(row, WAITING, reason, next_at=time.time() + wait)
        return asked

    async def _suspend(self, name: str, row: Row, reason: str) -> float:
        """Keep all that waits for a target that takes nothing; return how long before it is seen whether it does again.

        The pause is this server's alone: one that is started with other credentials tries at once.
        """
        if self._suspended.get(name) != reason:  # one line in the log, not one for each try
            logger.error("%s takes no notices: %s. What waits is told when that is mended.", name, reason)
        self._suspended[name] = reason
        if time.time() - _announced_at(row) > self._pace.given_up:
            await self._give_up(row, reason)
        else:
            await self._store(row, WAITING, reason, tries=row.tries - 1, next_at=time.time())
        probes = self._probes[name] = self._probes.get(name, -1) + 1
        return min(self._pace.probe * 2.0 ** min(probes, MOST_DOUBLED), self._pace.longest)

    def _lift(self, name: str) -> None:
        self._probes.pop(name, None)
        if self._suspended.pop(name, None) is not None:
            logger.info("%s takes notices again", name)

    async def _give_up(self, row: Row, reason: str) -> None:
        logger.error("notice %s to %s is given up; the case says why", row.id, row.target)
        await self._store(row, GIVEN_UP, reason)

    async def _store(self, row: Row, state: str, error: Optional[str] = None, **values: float) -> None:
        """Store what became of a notice. A database that is gone for longer leaves it to be told again."""
        for number in range(1, MOST_STORES + 1):
            try:
                return await self.outbox.settle(row, state, error, **values)
            except Exception:
                if number == MOST_STORES:
                    raise
                await asyncio.sleep(self._pace.look)


def _notice(row: Row) -> Notice:
    document = told_document(row)
    return Notice(document["id"], row.event, row.case_id, document)


def _announced_at(row: Row) -> float:
    return datetime.fromisoformat(told_document(row)["at"]).timestamp()


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer."""
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except asyncio.TimeoutError:
        pass

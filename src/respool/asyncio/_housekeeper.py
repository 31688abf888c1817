"""The housekeeper of a pool for asyncio: a timer, and a task whenever there is something to do.

What is to be done is up to the pool; here is when it is called, and that it never keeps a pool or a loop alive.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

from respool._housekeeper import PAUSE_AFTER_ERROR
from respool._logs import log

if TYPE_CHECKING:
    from respool.asyncio._tended import Tended


# Seconds until it comes when it is called. A loop that ends has ended by then, and is left no task for what its tasks
# let go of.
SOON = 0.05


class Housekeeper:
    """Calls `pool._tend()` in a task of this loop whenever it is time, as long as there is the pool."""

    def __init__(self, pool: Tended, loop: asyncio.AbstractEventLoop) -> None:
        self._pool = weakref.ref(pool)
        self._loop = loop
        self._over = False
        self._called = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._watchers: list[asyncio.Future[None]] = []

    def start(self) -> None:
        """Begin."""
        self._loop.call_soon(self._come)

    def call(self) -> None:
        """Have the pool tended to soon. May be called in any thread, also in a finalizer."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._come_within, SOON)

    def _come_within(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._over:
            self._timer = self._loop.call_later(seconds, self._come)

    @property
    def is_over(self) -> bool:
        """Whether it was stopped."""
        return self._over

    def stop(self) -> asyncio.Task[None] | None:
        """Come no more; returns what is to be waited for."""
        self._over = True
        self._wake_watchers()
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            return self._task
        return None

    def next_round(self) -> asyncio.Future[None]:
        """Done when the pool has been tended to the next time, or at the end."""
        watcher = self._loop.create_future()
        self._watchers.append(watcher)
        return watcher

    def _wake_watchers(self) -> None:
        watchers, self._watchers = self._watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)

    def _come(self) -> None:
        self._called = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._over and (self._task is None or self._task.done()) and self._pool() is not None:
            self._task = self._loop.create_task(self._rounds())

    async def _rounds(self) -> None:
        pause = None
        while self._called and not self._over:
            self._called = False
            pool = self._pool()
            if pool is None:
                return
            try:
                pause = await pool._tend()
            except asyncio.CancelledError:
                # By who ends the loop, and must not find it there again. If the pool is used after that, another comes.
                if pool._housekeeper is self:
                    pool._end_keeping()
                self._over = True
                self._wake_watchers()
                raise
            except Exception:
                log(logging.ERROR, pool.name, "its housekeeper has failed", failed=True)
                pause = PAUSE_AFTER_ERROR
            del pool
            self._wake_watchers()
        if pause is not None and self._timer is None:  # else it has been called meanwhile
            self._come_within(pause)

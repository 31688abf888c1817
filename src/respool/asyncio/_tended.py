"""What a pool for asyncio does while nobody uses it, and who dials for its tasks.

When that is, is up to `_housekeeper`; what is due and what is missing is known to `_upkeep`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis.exceptions import ConnectionError, RedisError, TimeoutError

from respool._common import valid_timeout
from respool._line import FutureWaiter
from respool._redispy import async_timeout
from respool._running import running_loop
from respool._slots import Slot
from respool._stats import STALE
from respool.asyncio._housekeeper import Housekeeper

if TYPE_CHECKING:
    from respool._async_checkout import AsyncCheckout
    from respool._surviving import Surviving

    class Base(Surviving, AsyncCheckout):
        async def ensure_connection(self, connection: Any) -> None: ...
        async def aclose(self) -> None: ...
        def _move_to(self, loop: asyncio.AbstractEventLoop) -> None: ...
else:
    Base = object

__all__ = ["Tended"]

# Seconds that a connection without time-outs has for its answer to a PING.
LONGEST_PING = 5.0

# Seconds after which who waits for an empty pool looks for himself.
LONGEST_WATCH = 0.5


async def answers(connection: Any) -> bool:
    """Whether the server answers a PING."""
    timeout = getattr(connection, "socket_timeout", None) or LONGEST_PING
    try:
        async with async_timeout(timeout):
            await connection.send_command("PING", check_health=False)
            return await connection.read_response() in (b"PONG", "PONG")
    except (RedisError, OSError, asyncio.TimeoutError):
        return False


class Tended(Base):
    """Base of the pools for asyncio."""

    def _begin_housekeeping(self) -> None:
        loop = running_loop()
        if loop is not None:  # else with the next use
            self._keep_by(Housekeeper(self, loop))

    def _forget_housekeeping(self) -> Any:
        """Look after the pool no more; returns who did, if anybody."""
        self._dials: set[asyncio.Task[None]] = set()  # connections that are made for those in line
        return self._end_keeping()

    def _end_housekeeping(self) -> list[asyncio.Task[None]]:
        """Look after the pool no more, and dial no more; returns what is to be waited for."""
        dials = list(self._dials)
        housekeeper = self._forget_housekeeping()
        for dial in dials:
            dial.cancel()
        last = None if housekeeper is None else housekeeper.stop()
        return dials if last is None else [*dials, last]

    async def _tend(self) -> float | None:
        """What the housekeeper does. Returns the seconds until it is to come again; None: when it is called."""
        epoch = self._housekeeper_is_here()
        for slot in self._due_for_a_look():
            await self._look_at(slot)
        return self._next_round(await self._refill(epoch))

    async def _look_at(self, slot: Slot) -> None:
        """See whether an idle connection is alive, which keeps it so; one that is not is closed."""
        try:
            alive = self._is_usable(slot) and await answers(slot.connection)
        except BaseException:
            self._drop(slot)
            raise
        if alive:
            self._land(slot)
        else:
            self._drop(slot, STALE)

    async def _refill(self, epoch: int) -> float | None:
        """Make what is missing of `min_idle`, one by one; seconds until the next try, None: nothing is missing."""
        while True:
            pause = self._refills.pause()
            slot = self._reserve_missing(epoch) if pause == 0.0 else None
            if slot is None:
                return pause or None
            try:
                await self._dial_for(slot)
            except Exception as error:
                self._refill_failed(error)
            else:
                self._refills.succeeded()

    def _begin_dial(self, slot: Slot) -> None:
        assert self._loop is not None
        if running_loop() is self._loop:
            dial = self._loop.create_task(self._dial_aside(slot))
            self._dials.add(dial)
            dial.add_done_callback(self._dials.discard)
            dial.add_done_callback(partial(self._dial_ended, slot))
        else:  # garbage collection, which happens in any thread
            self._loop.call_soon_threadsafe(self._begin_dial, slot)

    async def _dial_aside(self, slot: Slot) -> None:
        if self._claim_dial(slot) and self._is_wanted(slot):
            with suppress(Exception):  # those who wait are told
                await self._dial_for(slot)

    def _dial_ended(self, slot: Slot, _dial: asyncio.Task[None]) -> None:
        if self._claim_dial(slot):  # it was cancelled before its first step
            self._dial_failed(slot, ConnectionError("Connecting was cancelled."))

    async def _dial_for(self, slot: Slot) -> None:
        """Make and connect the connection of a reserved slot, for whoever is first in line. Raises what fails."""
        try:
            self._make(slot)
            async with async_timeout(self.timeout or None):
                await self.ensure_connection(slot.connection)
        except (asyncio.CancelledError, GeneratorExit):
            self._dial_failed(slot, ConnectionError("Connecting was cancelled."))
            raise
        except asyncio.TimeoutError as error:
            timed_out = TimeoutError(f"No connection within the pool's timeout of {self.timeout} s.")
            self._dial_failed(slot, timed_out)
            raise timed_out from error
        except BaseException as error:
            self._dial_failed(slot, error)
            raise
        self._land(slot)
        self._grow()

    async def wait_ready(self, timeout: float | None = 30.0) -> None:
        """Wait until the pool has `min_idle` connections; for a program that begins.

        Raises `redis.exceptions.ConnectionPoolTimeoutError` if it has not within `timeout` seconds (None: wait for
        ever), with the last failure to connect as its cause, and `respool.ConnectionPoolClosedError` if it is closed
        meanwhile.
        """
        seconds = valid_timeout(timeout)
        started = monotonic()
        self._look_at_loop()
        if self._short_of() == 0:
            return
        self._begin_housekeeping()
        housekeeper = self._housekeeper
        housekeeper.call()
        try:
            async with async_timeout(seconds):
                while self._short_of() > 0 and not housekeeper.is_over:
                    await housekeeper.next_round()
        except asyncio.TimeoutError:
            raise self._not_ready(seconds) from self._refills.error
        if self._short_of() > 0:
            raise self._refuse("closed", monotonic() - started)

    async def drain(self, timeout: float | None = None) -> bool:
        """Close the pool when those who use it are done: for a program that ends.

        Who asks for a connection from now on gets `respool.ConnectionPoolClosedError`; who waits already is still
        served. What is idle is closed, what comes back too. After `timeout` seconds (None: however long it takes) the
        rest is closed as by `aclose`, also under those who use it.

        Returns whether all had come back. The pool can be used again afterwards, as after `aclose`.
        """
        seconds = valid_timeout(timeout)
        self._look_at_loop()
        started = monotonic()
        self._begin_drain()
        try:
            whole = await self._end_of_use(seconds)
            self._log_drained(whole, monotonic() - started)
            return whole
        finally:
            try:
                await self.aclose()
            finally:
                self._end_drain()

    async def _end_of_use(self, seconds: float | None) -> bool:
        watcher = FutureWaiter(asyncio.get_running_loop())
        try:
            async with async_timeout(seconds):
                while not self._watch_end(watcher):
                    await asyncio.wait([watcher.future], timeout=LONGEST_WATCH)
                    self._watch_no_more(watcher)
                    self._close_surplus()
                    watcher = FutureWaiter(asyncio.get_running_loop())
        except asyncio.TimeoutError:
            return False
        finally:
            self._watch_no_more(watcher)
        return True

    def _look_at_loop(self) -> None:
        """Belong to the loop that runs."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._move_to(loop)

"""What a pool for threads does while nobody uses it, and who dials for its callers.

When that is, is up to `_housekeeper`; what is due and what is missing is known to `_upkeep`.
"""

from __future__ import annotations

import _thread
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError

from respool._common import valid_timeout
from respool._connection import ConnectionCore
from respool._housekeeper import Housekeeper, wait_until
from respool._slots import Slot
from respool._stats import STALE

if TYPE_CHECKING:
    from respool._checkout import Checkout
    from respool._surviving import Surviving

    class Base(Surviving, Checkout):
        def close(self) -> None: ...
else:
    Base = object

__all__ = ["Tended"]

# Seconds that a connection without time-outs has for its answer to a PING.
LONGEST_PING = 5.0



def answers(connection: Any) -> bool:
    """Whether the server answers a PING."""
    wire = getattr(connection, "_conn", connection)
    timeout = getattr(wire, "socket_timeout", None) or getattr(wire, "socket_connect_timeout", None) or LONGEST_PING
    options = {"timeout": timeout} if isinstance(wire, ConnectionCore) else {}
    try:
        wire.send_command("PING", check_health=False)
        return wire.read_response(**options) in (b"PONG", "PONG")
    except (RedisError, OSError):
        return False


class Tended(Base):
    """Base of the pools for threads."""

    def _begin_housekeeping(self) -> None:
        self._keep_by(Housekeeper(self))

    def _end_housekeeping(self) -> None:
        housekeeper = self._end_keeping()
        if housekeeper is not None:
            housekeeper.stop()

    def _tend(self) -> float | None:
        """What the housekeeper does. Returns the seconds until it is to come again; None: when it is called."""
        epoch = self._housekeeper_is_here()
        if self._housekeeper is None:  # the pool was closed
            return None
        for slot in self._due_for_a_look():
            self._look_at(slot)
        return self._next_round(self._refill(epoch))

    def _look_at(self, slot: Slot) -> None:
        """See whether an idle connection is alive, which keeps it so; one that is not is closed."""
        try:
            alive = self._is_usable(slot) and answers(slot.connection)
        except BaseException:
            self._drop(slot)
            raise
        if alive:
            self._land(slot)
        else:
            self._drop(slot, STALE)

    def _refill(self, epoch: int) -> float | None:
        """Make what is missing of `min_idle`, one by one; seconds until the next try, None: nothing is missing."""
        while True:
            pause = self._refills.pause()
            slot = self._reserve_missing(epoch) if pause == 0.0 else None
            if slot is None:
                return pause or None
            try:
                self._dial(slot)
            except Exception as error:
                self._refill_failed(error)
            else:
                self._refills.succeeded()

    def _begin_dial(self, slot: Slot) -> None:
        # Not by `threading`, whose locks and lists an interrupt leaves taken and filled: a signal handler that waits
        # for this dial would wait in vain, and a thread whose beginning was interrupted would be kept, with its pool.
        _thread.start_new_thread(self._dial_aside, (slot,))

    def _dial_aside(self, slot: Slot) -> None:
        if self._claim_dial(slot) and self._is_wanted(slot):
            with suppress(Exception):  # those who wait are told
                self._dial(slot)

    def wait_ready(self, timeout: float | None = 30.0) -> None:
        """Wait until the pool has `min_idle` connections; for a program that begins.

        Raises `redis.exceptions.ConnectionPoolTimeoutError` if it has not within `timeout` seconds (None: wait for
        ever), with the last failure to connect as its cause, and `respool.ConnectionPoolClosedError` if it is closed
        meanwhile.
        """
        seconds = valid_timeout(timeout)
        started = monotonic()
        if self._short_of() == 0:
            return
        self._begin_housekeeping()
        housekeeper = self._housekeeper
        if housekeeper is not None:
            housekeeper.call()
            if wait_until(housekeeper, lambda: self._short_of() == 0, None if seconds is None else started + seconds):
                return
        if housekeeper is None or housekeeper.is_over:
            raise self._refuse("closed", monotonic() - started)
        raise self._not_ready(seconds) from self._refills.error

    def drain(self, timeout: float | None = None) -> bool:
        """Close the pool when those who use it are done: for a program that ends.

        Who asks for a connection from now on gets `respool.ConnectionPoolClosedError`; who waits already is still
        served. What is idle is closed, what comes back too. After `timeout` seconds (None: however long it takes) the
        rest is closed as by `close`, also under those who use it.

        Returns whether all had come back. The pool can be used again afterwards, as after `close`.
        """
        seconds = valid_timeout(timeout)
        started = monotonic()
        self._begin_drain()
        try:
            whole = bool(self._await_end(-1.0 if seconds is None else started + seconds))
            self._log_drained(whole, monotonic() - started)
            return whole
        finally:
            try:
                self.close()
            finally:
                self._end_drain()

"""What the pools for threads and for asyncio do alike about time, outages and lost connections.

Nothing here waits, connects or closes: that is done by the pools, when their housekeepers come.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterator
from dataclasses import replace
from random import random
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis.exceptions import MovedError, ReadOnlyError

from respool._breaker import Breaker, Pauses
from respool._leases import Lease, Tenant, longest_first, tell_leaks, tell_return
from respool._logs import log
from respool._slots import Slot
from respool._survival import Survival, valid_count, valid_limit, valid_min_idle
from respool.exceptions import ConnectionPoolTimeoutError

if TYPE_CHECKING:
    from respool._observed import Observed
else:
    Observed = object

__all__ = ["Refills", "Surviving"]

# Seconds between two tries to make a connection that nobody has asked for: up to so many, less at first.
LONGEST_PAUSE = 5.0
DOUBLINGS = 5


class Surviving(Observed):
    """Base of the pools: what those for threads and for asyncio do alike about time, outages and lost connections."""

    @property
    def name(self) -> str:
        """Name of the pool in errors."""
        raise NotImplementedError

    def _situation(self) -> str:
        raise NotImplementedError

    def _survive(self, survival: Survival) -> None:
        self._survival = survival
        self._breaker = None
        if survival.probe_interval is not None:
            self._breaker = Breaker(survival.probe_interval, weakref.WeakMethod(self._server_changed))
        self._refills = Refills()
        self._limit_dials(survival.max_connecting)
        self._keep(
            survival.min_idle, survival.max_idle_time, survival.max_lifetime, survival.keepalive_interval,
            survival.retire_on_failover, survival.needs_housekeeper,
        )
        if survival.lease_sampling:
            self._record_tenants()

    def _equip(self, connection: Any) -> Any:
        """Have a new connection of respool's ask the breaker, and tell of a failover; returns it."""
        wire = getattr(connection, "_conn", connection)
        if hasattr(wire, "_breaker"):
            wire._breaker = self._breaker
        if self._survival.retire_on_failover and hasattr(wire, "_parser"):
            wire._parser.parse_error = FailoverWatch(self, connection, type(wire._parser).parse_error)
        return connection

    def _begin_anew(self) -> None:
        """In a forked child: know of no failure."""
        if self._breaker is not None:
            self._breaker._forget()
        self._refills.begin()

    def _call_housekeeper(self) -> None:
        housekeeper = self._housekeeper
        if housekeeper is not None:
            housekeeper.call()

    def _due_for_a_look(self) -> Iterator[Slot]:
        """Take idle connections that are due for a look, one by one; those that are overdue are closed on the way."""
        while (due := self._next_due()) is not None:
            slot, why = due
            if why is None:
                yield slot
            else:
                self._drop(slot, why)

    def _next_round(self, refill: float | None) -> float | None:
        """Log leaks. Seconds until the housekeeper is to come again; `refill`: to refill. None: when it is called."""
        pauses = (refill, self._tell_leaks(), self._until_due())
        return min((pause for pause in pauses if pause is not None), default=None)

    def _unavailable(self) -> Exception | None:
        return None if self._breaker is None else self._breaker.refusal()

    def _server_changed(self, error: BaseException | None, seconds: float) -> None:
        """Log what the breaker has found."""
        if error is None:
            log(logging.WARNING, self.name, "its server is available again, after %(seconds).3f s", seconds=seconds)
        else:
            log(logging.WARNING, self.name, "its server is unavailable: %(error)s", error=str(error))

    def _refill_failed(self, error: Exception) -> None:
        """Note that a connection of `min_idle` could not be made, and log the first of such failures in a row."""
        is_first = self._refills.error is None
        self._refills.failed(error)
        if is_first and not (self._breaker is not None and self._breaker.is_open):  # of which the breaker has told
            log(logging.WARNING, self.name, "a connection of its min_idle could not be made: %(error)s",
                error=str(error))

    def _log_end_of_waiting(self) -> None:
        """Log who is sent away by the end of the pool; just before that."""
        waiting = self.waiting
        if waiting:
            log(logging.WARNING, self.name, "closed while callers wait for a connection: %(waiting)d", waiting=waiting)

    def _log_drained(self, whole: bool, seconds: float) -> None:
        """Log how a drain has ended that took so long; just before the pool is closed."""
        if whole:
            log(logging.INFO, self.name, "drained in %(seconds).3f s", seconds=seconds)
        else:
            log(logging.WARNING, self.name, "not drained in %(seconds).3f s, connections in use are closed: %(in_use)d",
                seconds=seconds, in_use=self.in_use)

    def resize(self, max_connections: int, min_idle: int | None = None) -> None:
        """Change how many connections there may be, and how many are to be ready (None: as before), at run time.

        What is too many goes as it becomes idle; those who wait are served as soon as there is room. Raises ValueError
        for a number that cannot be meant. Safe in every thread.
        """
        limit = valid_limit(max_connections)
        if min_idle is not None:
            min_idle = valid_min_idle(valid_count("min_idle", min_idle, 0), limit)
            self._survival = replace(self._survival, min_idle=min_idle)
        self._set_limit(limit)
        if min_idle is not None:
            self._want_idle(min_idle)
            self._begin_housekeeping()
            self._call_housekeeper()

    def _not_ready(self, seconds: float | None) -> Exception:
        return ConnectionPoolTimeoutError(
            f"Pool not ready: after {seconds:.3f} s {self._short_of()} connections of its min_idle of "
            f"{self._survival.min_idle} are missing. {self._situation()}"
        )

    def leases(self) -> list[Lease]:
        """Who holds connections, for how long and since where: those on record, the longest first.

        All are on record with `leak_threshold` or `lease_sampling=1`, none by default.
        """
        return longest_first(self._tenants())

    def _tenant(self) -> Tenant | None:
        share = self._survival.lease_sampling
        return Tenant() if share and (share == 1.0 or random() < share) else None  # noqa: S311

    def _moved_out(self, tenant: Tenant) -> None:
        tell_return(self.name, tenant)

    def _tell_leaks(self) -> float | None:
        """Log connections that are held for too long; seconds until there may be more of them."""
        threshold = self._survival.leak_threshold
        if threshold is None:
            return None
        tenants = self._tenants()
        tell_leaks(self.name, tenants, threshold)
        left = min((threshold - tenant.seconds for tenant in tenants if not tenant.reported), default=threshold)
        return max(left, 0.0)  # it may be over by now


class FailoverWatch:
    """Makes errors of a connection's error replies, and tells its pool of those that only a wrong server gives."""

    def __init__(self, pool: Surviving, connection: Any, parse_error: Any) -> None:
        self._pool = weakref.ref(pool)
        self._connection = weakref.ref(connection)
        self._parse_error = parse_error

    def __call__(self, text: str) -> Any:
        error = self._parse_error(text)
        if isinstance(error, (ReadOnlyError, MovedError)):
            pool, connection = self._pool(), self._connection()
            if pool is not None and connection is not None and pool._fail_over(connection):
                log(logging.WARNING, pool.name, "its server has failed over (%(error)s); connections are replaced",
                    error=str(error))
                pool._refills.spread()
                pool._call_housekeeper()
        return error


class Refills:
    """When the next connection is made that nobody has asked for: at once, later after a failure or a failover."""

    def __init__(self) -> None:
        self._pauses = Pauses(LONGEST_PAUSE, DOUBLINGS)
        self.begin()

    def begin(self) -> None:
        self._failures = 0
        self._next = 0.0
        self.error: Exception | None = None

    def pause(self) -> float:
        """Seconds until then."""
        return max(self._next - monotonic(), 0.0)

    def failed(self, error: Exception) -> None:
        self.error = error.with_traceback(None)
        self._next = monotonic() + self._pauses.compute(self._failures)
        self._failures += 1

    def succeeded(self) -> None:
        self._failures = 0
        self.error = None

    def spread(self) -> None:
        """Let many processes not come at once."""
        self._next = monotonic() + random()  # noqa: S311

"""The numbers of a pool: a snapshot for whoever sizes or watches it, and hooks for whoever wants to be told.

Where psycopg_pool has a name for something, it is used here. The pool itself counts, in `_slots`.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from respool._logs import log
from respool._slots import COUNT_NAMES, _sample

if TYPE_CHECKING:
    from respool._slots import Slots

__all__ = ["Closed", "Histogram", "Hooks", "PoolStats"]

STALE = COUNT_NAMES.index("closed_stale")
DIRTY = COUNT_NAMES.index("closed_dirty")
FAILOVER = COUNT_NAMES.index("closed_failover")
DIAL_ERRORS = COUNT_NAMES.index("dial_errors")


@functools.cache
def bound(bucket: int) -> float:
    """Upper bound of a bucket, in seconds: four to a doubling, from a microsecond on."""
    doublings, quarter = divmod(bucket, 4)
    return float(2**doublings) * (1.0 + (quarter + 1) / 4) * 1e-6


@dataclass(frozen=True)
class Histogram:
    """Times, counted in buckets of which four make a doubling.

    Attributes
    ----------
    count : int
        How many times were measured.
    sum : float
        All of them together, in seconds.
    """

    count: int
    sum: float
    _counts: tuple[int, ...] = field(repr=False)

    @property
    def mean(self) -> float:
        """In seconds; 0 if nothing was measured."""
        return self.sum / self.count if self.count else 0.0

    @property
    def p50(self) -> float:
        """Half of the times are shorter, in seconds; to within a fifth."""
        return self.quantile(0.5)

    @property
    def p99(self) -> float:
        """All but a hundredth of the times are shorter, in seconds; to within a fifth."""
        return self.quantile(0.99)

    def quantile(self, share: float) -> float:
        """Such a share of the times, 0 to 1, are shorter, in seconds; 0 if nothing was measured."""
        if not 0 <= share <= 1:
            raise ValueError(f'"share" must be from 0 to 1, got {share!r}')
        rank = share * self.count
        below = 0
        for bucket, count in enumerate(self._counts):
            if count and below + count >= rank:
                lower = bound(bucket - 1) if bucket % 4 else bound(bucket) * 0.8 if bucket else 0.0
                return lower + (bound(bucket) - lower) * max(rank - below, 0.0) / count
            below += count
        return 0.0

    def buckets(self) -> Iterator[tuple[float, int]]:
        """(upper bound in seconds, how many times are at most that), a bucket for each doubling."""
        total = 0
        for bucket, count in enumerate(self._counts):
            total += count
            if bucket % 4 == 3:
                yield bound(bucket), total

    def __add__(self, other: Histogram) -> Histogram:
        counts = tuple(ours + theirs for ours, theirs in zip(self._counts, other._counts, strict=True))
        return Histogram(self.count + other.count, self.sum + other.sum, counts)

    def __sub__(self, before: Histogram) -> Histogram:
        counts = tuple(now - then for now, then in zip(self._counts, before._counts, strict=True))
        return Histogram(self.count - before.count, self.sum - before.sum, counts)


@dataclass(frozen=True)
class Closed:
    """Connections that the pool has closed, by reason.

    Attributes
    ----------
    idle, lifetime : int
        For `max_idle_time` and `max_lifetime`.
    stale : int
        Found closed by the server, or with something unread, when they had been idle; opened again in their place.
    error : int
        After an error or an interruption, or lost by their callers.
    dirty : int
        Given back in the middle of something: an unread reply, a transaction, a subscription, another database.
    failover : int
        To the wrong server by now, or asked to reconnect by its maintenance.
    drain : int
        Because the pool was closed, drained, reset or made smaller.
    """

    idle: int
    lifetime: int
    stale: int
    error: int
    dirty: int
    failover: int
    drain: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.idle + self.lifetime + self.stale + self.error + self.dirty + self.failover + self.drain


@dataclass(frozen=True)
class PoolStats:
    """What a pool is doing, and has done.

    Attributes
    ----------
    name : str
        Of the pool.
    pool_min, pool_max : int
        `min_idle` and `max_connections`.
    pool_size, pool_available, in_use, connecting : int
        Connections there are now: all, idle, with callers, being made. The first is the sum of the others.
    peak_in_use : int
        Most connections that were with callers at once.
    requests_waiting : int
        Callers who wait now.
    requests_num : int
        Checkouts.
    requests_queued : int
        Those of them that had to wait for another caller's connection, or for a dial of the pool.
    timeouts, exhausted, shed, turned_away : int
        Callers who got none: after `timeout`, at once because that is 0, because of `max_waiting`, because the pool was
        closed or drained.
    connections_num : int
        Connections that were made. One that is opened again counts once.
    connections_errors : int
        Failures to make or connect one.
    closed : Closed
        Connections that the pool has closed, by reason.
    wait : Histogram
        How long those who were queued waited.
    usage : Histogram
        How long connections were held, of one checkout in `usage_sample`, chosen at random.
    usage_sample : int
        As said.
    seconds : float
        For how long the counts run: since the pool was made, or the snapshot before.
    """

    name: str
    pool_min: int
    pool_max: int
    pool_size: int
    pool_available: int
    in_use: int
    connecting: int
    peak_in_use: int
    requests_waiting: int
    requests_num: int
    requests_queued: int
    timeouts: int
    exhausted: int
    shed: int
    turned_away: int
    connections_num: int
    connections_errors: int
    closed: Closed
    wait: Histogram
    usage: Histogram
    usage_sample: int
    seconds: float

    @property
    def requests_errors(self) -> int:
        """Callers who got no connection for want of one."""
        return self.timeouts + self.exhausted + self.shed + self.turned_away

    @property
    def requests_wait_ms(self) -> float:
        """How long callers have waited, all together, in milliseconds."""
        return self.wait.sum * 1e3

    @property
    def usage_ms(self) -> float:
        """How long connections have been held, all together, in milliseconds; an estimate from the sample."""
        return self.usage.mean * self.requests_num * 1e3

    def since(self, before: PoolStats) -> PoolStats:
        """The same with counts and times since an earlier snapshot; what there is now stays."""
        counts = {name: getattr(self, name) - getattr(before, name) for name in CUMULATIVE}
        closed = (getattr(self.closed, each.name) - getattr(before.closed, each.name) for each in fields(Closed))
        return replace(
            self, **counts, closed=Closed(*closed), wait=self.wait - before.wait, usage=self.usage - before.usage,
            seconds=self.seconds - before.seconds,
        )

    def of_the_past(self) -> PoolStats:
        """The same of a pool that is gone: its counts and times."""
        nothing: dict[str, Any] = dict.fromkeys(CURRENT, 0)
        return replace(self, **nothing)

    def __add__(self, other: PoolStats) -> PoolStats:
        """Of two pools together, by the name of the first; the peak is the most that can have been."""
        counts = {name: getattr(self, name) + getattr(other, name) for name in CURRENT + CUMULATIVE}
        closed = (getattr(self.closed, each.name) + getattr(other.closed, each.name) for each in fields(Closed))
        return replace(
            self, **counts, closed=Closed(*closed), wait=self.wait + other.wait, usage=self.usage + other.usage,
            seconds=max(self.seconds, other.seconds),
        )


CURRENT = (
    "pool_min", "pool_max", "pool_size", "pool_available", "in_use", "connecting", "peak_in_use", "requests_waiting",
)
CUMULATIVE = (
    "requests_num", "requests_queued", "timeouts", "exhausted", "shed", "turned_away", "connections_num",
    "connections_errors",
)


def snapshot(pool: Slots, min_idle: int) -> PoolStats:
    """The numbers of a pool, read at one moment."""
    (created, idle, in_use, connecting, waiting), counts, peak, wait, hold = pool._measures()
    counted = dict(zip(COUNT_NAMES, counts, strict=True))
    return PoolStats(
        name=pool.name,  # type: ignore[attr-defined]
        pool_min=min_idle,
        pool_max=pool.max_connections,
        pool_size=created,
        pool_available=idle,
        in_use=in_use,
        connecting=connecting,
        peak_in_use=peak,
        requests_waiting=waiting,
        requests_num=counted["checkouts"],
        requests_queued=counted["waited"],
        timeouts=counted["timeouts"],
        exhausted=counted["exhausted"],
        shed=counted["shed"],
        turned_away=counted["turned_away"],
        connections_num=counted["created"],
        connections_errors=counted["dial_errors"],
        closed=Closed(*(counted[f"closed_{each.name}"] for each in fields(Closed))),
        wait=Histogram(wait[1], wait[0], tuple(wait[2])),
        usage=Histogram(hold[1], hold[0], tuple(hold[2])),
        usage_sample=_sample(),
        seconds=monotonic() - pool._born,  # type: ignore[attr-defined]
    )


@dataclass(frozen=True)
class Hooks:
    """Whom a pool tells what happens: functions of the pool and of the connection that it is about.

    Attributes
    ----------
    on_checkout, on_release : callable or None
        A caller has got a connection; gives it back. In the caller's thread.
    on_create, on_close : callable or None
        A connection was made, and is not connected yet; is about to be closed by the pool.
    on_timeout : callable or None
        A caller gets none; of the pool and the error.

    An exception that one of them raises is logged (logger `respool`), and changes nothing. None of them is called under
    a lock. With asyncio they are plain functions all the same.
    """

    on_checkout: Callable[[Any, Any], object] | None = None
    on_release: Callable[[Any, Any], object] | None = None
    on_create: Callable[[Any, Any], object] | None = None
    on_close: Callable[[Any, Any], object] | None = None
    on_timeout: Callable[[Any, Any], object] | None = None


def tell(pool: Any, hooks: Hooks | None, event: str, subject: Any) -> None:
    """Call the hook for an event, if there is one."""
    hook = getattr(hooks, event, None)
    if hook is None:
        return
    try:
        hook(pool, subject)
    except Exception:
        log(logging.ERROR, pool.name, "its hook %(hook)s has failed", hook=event, failed=True)

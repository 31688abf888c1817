"""The numbers of pools for OpenTelemetry (`pip install respool[opentelemetry]`).

    import respool.opentelemetry

    respool.opentelemetry.instrument()

It names instruments after the semantic conventions for database clients, and has the pools asked when somebody exports;
the pools count. Where redis-py's own metrics report a number, it leaves that to them.

- `db.client.connection.count` by `db.client.connection.state`: `idle`, `used`. Left out while redis-py's own metrics
  are on and report it.
- `db.client.connection.max`, `.idle.max`: `max_connections`; `.idle.min`: `min_idle`.
- `db.client.connection.pending_requests`: callers who wait.
- `db.client.connection.timeouts`: callers who waited for the pool's `timeout` in vain.
- `db.client.connection.use_time`, a histogram: for pools that have `use_times()` for their hooks.
- `respool.checkouts`, `respool.checkouts.queued`: connections taken from the pool; those that had to be waited for.
- `respool.checkouts.wait_time`, in seconds: how long those waited, all together. Divided by their number: the mean.
- `respool.checkouts.failures` by `reason`: callers who got none (`timeout`, `exhausted`, `shed`, `closed`).
- `respool.connections.created`, `.closed` by `reason`, `.errors`: connections made and closed, failures to make one.

OpenTelemetry has no histogram that can be read off a pool. `db.client.connection.create_time` and `.wait_time` come
from redis-py's own metrics, with the groups CONNECTION_BASIC and CONNECTION_ADVANCED, which respool's pools feed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from time import monotonic
from typing import Any

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation

from respool import _telemetry
from respool._stats import Closed, Hooks, PoolStats
from respool._tally import Tally
from respool._version import __version__

__all__ = ["instrument", "uninstrument", "use_times"]

POOL = "db.client.connection.pool.name"
STATE = "db.client.connection.state"
REASON = "reason"
METER = "respool"
# Of the histogram, in seconds.
BOUNDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Values = Iterable[tuple[dict[str, str], float]]


def connections(stats: PoolStats) -> Values:
    if not _telemetry.counts_connections():
        yield {STATE: "idle"}, stats.pool_available
        yield {STATE: "used"}, stats.in_use


def failures(stats: PoolStats) -> Values:
    yield {REASON: "timeout"}, stats.timeouts
    yield {REASON: "exhausted"}, stats.exhausted
    yield {REASON: "shed"}, stats.shed
    yield {REASON: "closed"}, stats.turned_away


def closed(stats: PoolStats) -> Values:
    for reason in fields(Closed):
        yield {REASON: reason.name}, getattr(stats.closed, reason.name)


def only(value: Callable[[PoolStats], float]) -> Callable[[PoolStats], Values]:
    return lambda stats: [({}, value(stats))]


# (name, unit, description, values of a pool)
LEVELS: tuple[tuple[str, str, str, Callable[[PoolStats], Values]], ...] = (
    ("db.client.connection.count", "{connection}",
     "The number of connections that are currently in state described by the `state` attribute.", connections),
    ("db.client.connection.max", "{connection}", "The maximum number of open connections allowed.",
     only(lambda stats: stats.pool_max)),
    ("db.client.connection.idle.max", "{connection}", "The maximum number of idle open connections allowed.",
     only(lambda stats: stats.pool_max)),
    ("db.client.connection.idle.min", "{connection}", "The minimum number of idle open connections allowed.",
     only(lambda stats: stats.pool_min)),
    ("db.client.connection.pending_requests", "{request}",
     "The number of current pending requests for an open connection.", only(lambda stats: stats.requests_waiting)),
)
COUNTS: tuple[tuple[str, str, str, Callable[[PoolStats], Values]], ...] = (
    ("db.client.connection.timeouts", "{timeout}",
     "The number of connection timeouts that have occurred trying to obtain a connection from the pool.",
     only(lambda stats: stats.timeouts)),
    ("respool.checkouts", "{checkout}", "Connections taken from the pool.", only(lambda stats: stats.requests_num)),
    ("respool.checkouts.queued", "{checkout}", "Callers who had to wait and were served.",
     only(lambda stats: stats.requests_queued)),
    ("respool.checkouts.wait_time", "s", "How long those waited, all together.", only(lambda stats: stats.wait.sum)),
    ("respool.checkouts.failures", "{checkout}", "Callers who got no connection for want of one.", failures),
    ("respool.connections.created", "{connection}", "Connections made; one that is opened again counts once.",
     only(lambda stats: stats.connections_num)),
    ("respool.connections.closed", "{connection}", "Connections that the pool has closed.", closed),
    ("respool.connections.errors", "{error}", "Failures to make or connect a connection.",
     only(lambda stats: stats.connections_errors)),
)


class Export:
    """The instruments at one provider, each of which there can be once, and whose pools they tell of."""

    def __init__(self, provider: MeterProvider) -> None:
        self.tally = Tally(())
        meter = provider.get_meter(METER, __version__)
        for name, unit, text, values in LEVELS:
            meter.create_observable_up_down_counter(name, [self.observer(values)], unit, text)
        for name, unit, text, values in COUNTS:
            meter.create_observable_counter(name, [self.observer(values)], unit, text)

    def observer(self, values: Callable[[PoolStats], Values]) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def observe(_options: CallbackOptions) -> Iterator[Observation]:
            for name, stats in self.tally.read().items():
                for attributes, value in values(stats):
                    yield Observation(value, {POOL: name, **attributes})

        return observe


# By provider; None: the global one, whichever that is in the end.
exports: dict[MeterProvider | None, Export] = {}


def instrument(pool: Any = None, meter_provider: MeterProvider | None = None) -> None:
    """Export the numbers of a pool, or of all pools of the process.

    Parameters
    ----------
    pool : respool.ConnectionPool, respool.asyncio.ConnectionPool or None
        Held weakly. None: all there are whenever somebody exports. Call it again for another one.
    meter_provider : opentelemetry.metrics.MeterProvider or None
        None: the global one, also if that is set later.

    Pools of one name are added up, and what was last seen of one that is gone stays in the counts. Costs nothing while
    nobody exports. Safe in every thread. The numbers of a forked child begin at 0; whether it exports is up to the SDK.
    """
    export = exports.get(meter_provider)
    if export is None:
        export = exports[meter_provider] = Export(meter_provider or metrics.get_meter_provider())
    export.tally.include(pool)


def uninstrument(meter_provider: MeterProvider | None = None) -> None:
    """Undo every `instrument` at this provider (None: the global one). Without effect if there was none."""
    export = exports.get(meter_provider)
    if export is not None:
        export.tally = Tally(())


def use_times(meter_provider: MeterProvider | None = None) -> Hooks:
    """Hooks that record how long each connection is held, as `db.client.connection.use_time`, in seconds.

        pool.hooks = respool.opentelemetry.use_times()

    They measure every checkout in its caller's thread, which takes some microseconds. A pool has one set of hooks: who
    has hooks already calls these from them.
    """
    meter = (meter_provider or metrics.get_meter_provider()).get_meter(METER, __version__)
    histogram = meter.create_histogram(
        "db.client.connection.use_time", "s", "The time between borrowing a connection and returning it to the pool.",
        explicit_bucket_boundaries_advisory=BOUNDS,
    )
    taken: weakref.WeakKeyDictionary[Any, float] = weakref.WeakKeyDictionary()

    def begin(_pool: Any, connection: Any) -> None:
        taken[connection] = monotonic()

    def end(pool: Any, connection: Any) -> None:
        since = taken.pop(connection, None)
        if since is not None:
            histogram.record(monotonic() - since, {POOL: pool.name})

    return Hooks(on_checkout=begin, on_release=end)

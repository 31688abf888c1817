"""The numbers of pools for Prometheus, by way of prometheus-client (`pip install respool[prometheus]`).

    from prometheus_client import REGISTRY
    from respool.prometheus import PoolCollector

    REGISTRY.register(PoolCollector())

It says what the numbers are called; the pools count, and are asked when somebody scrapes. `docs/grafana.json` is a
dashboard for these names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from respool._slots import _sample
from respool._stats import Closed, Histogram, PoolStats
from respool._tally import Tally

__all__ = ["PoolCollector"]

# (name, help, value of a pool)
GAUGES: tuple[tuple[str, str, Callable[[PoolStats], int]], ...] = (
    ("respool_connections_max", "Most connections there may be.", lambda stats: stats.pool_max),
    ("respool_connections_min", "Connections that are to be ready (min_idle).", lambda stats: stats.pool_min),
    ("respool_connections_in_use_peak", "Most connections that were in use at once.",
     lambda stats: stats.peak_in_use),
    ("respool_requests_waiting", "Callers who wait for a connection.", lambda stats: stats.requests_waiting),
)
COUNTERS: tuple[tuple[str, str, Callable[[PoolStats], int]], ...] = (
    ("respool_checkouts", "Connections taken from the pool.", lambda stats: stats.requests_num),
    ("respool_checkouts_queued", "Callers who had to wait and were served.", lambda stats: stats.requests_queued),
    ("respool_connections_created", "Connections made; one that is opened again counts once.",
     lambda stats: stats.connections_num),
    ("respool_connection_errors", "Failures to make or connect a connection.",
     lambda stats: stats.connections_errors),
)
HISTOGRAMS: tuple[tuple[str, str, Callable[[PoolStats], Histogram]], ...] = (
    ("respool_checkout_wait_seconds", "How long those waited who had to wait and were served.",
     lambda stats: stats.wait),
    ("respool_connection_use_seconds",
     f"How long connections were in use; a sample, of one checkout in {_sample()}, chosen at random.",
     lambda stats: stats.usage),
)


class PoolCollector(Collector):
    """The numbers of pools, for a registry of prometheus-client.

    Parameters
    ----------
    *pools : respool.ConnectionPool or respool.asyncio.ConnectionPool
        Whose numbers. None given: all pools that live in the process when it is scraped.

    The label `pool` is the pool's name. Pools of one name are added up (also `respool_connections_in_use_peak`, which
    then is the most that can have been), and what was last seen of one that is gone stays in the counts, so that none
    goes down. Give pools names to tell them apart.

    A registry takes one of them, for however many pools; a second is a ValueError there. Pools are held weakly. A
    scrape takes under a millisecond for each pool, raises nothing and holds up nobody. Safe in every thread.

    Each process has its own numbers, and those of a forked child begin at 0. prometheus-client's multiprocess mode
    (`PROMETHEUS_MULTIPROC_DIR`) knows no collectors like this one: with prefork servers (gunicorn, Celery) have each
    worker scraped or pushed on its own, or use `respool.opentelemetry`.
    """

    def __init__(self, *pools: Any) -> None:
        self._tally = Tally(pools or None)

    def describe(self) -> list[Metric]:
        """What it can tell, without numbers: what a registry asks for, to see that names are not taken twice."""
        return list(families({}))

    def collect(self) -> list[Metric]:
        """The numbers of now, for a registry."""
        return list(families(self._tally.read()))


def families(numbers: Mapping[str, PoolStats]) -> Iterator[Metric]:
    connections = GaugeMetricFamily("respool_connections", "Connections there are.", labels=("pool", "state"))
    failures = CounterMetricFamily(
        "respool_checkout_failures", "Callers who got no connection for want of one.", labels=("pool", "reason")
    )
    closed = CounterMetricFamily(
        "respool_connections_closed", "Connections that the pool has closed.", labels=("pool", "reason")
    )
    for name, stats in numbers.items():
        connections.add_metric((name, "idle"), stats.pool_available)
        connections.add_metric((name, "in_use"), stats.in_use)
        connections.add_metric((name, "connecting"), stats.connecting)
        failures.add_metric((name, "timeout"), stats.timeouts)
        failures.add_metric((name, "exhausted"), stats.exhausted)
        failures.add_metric((name, "shed"), stats.shed)
        failures.add_metric((name, "closed"), stats.turned_away)
        for reason in fields(Closed):
            closed.add_metric((name, reason.name), getattr(stats.closed, reason.name))
    yield from (connections, failures, closed)
    for name, text, value in GAUGES:
        gauge = GaugeMetricFamily(name, text, labels=("pool",))
        for pool, stats in numbers.items():
            gauge.add_metric((pool,), value(stats))
        yield gauge
    for name, text, value in COUNTERS:
        counter = CounterMetricFamily(name, text, labels=("pool",))
        for pool, stats in numbers.items():
            counter.add_metric((pool,), value(stats))
        yield counter
    for name, text, times in HISTOGRAMS:
        family = HistogramMetricFamily(name, text, labels=("pool",))
        for pool, stats in numbers.items():
            family.add_metric((pool,), buckets(times(stats)), times(stats).sum)
        yield family


def buckets(times: Histogram) -> list[tuple[str, float]]:
    *bounded, (_, count) = times.buckets()  # the last has what is longer, too
    return [*((str(bound), float(below)) for bound, below in bounded), ("+Inf", float(count))]

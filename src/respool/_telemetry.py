"""redis-py's own OpenTelemetry recorders, fed with what redis-py's pools would report.

The pools look into `RECORDER` and `PROVIDER` to see whether metrics are on, and come here only then. A redis-py that
has no recorders leaves both None.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

try:
    from redis.observability import providers, recorder
    from redis.observability.attributes import ConnectionState, get_pool_name
    from redis.observability.config import MetricGroup

    # Both module-level names are what `recorder` itself reads on each call. Were they renamed, metrics would have to
    # be assumed off: better to hear of it at once.
    recorder._metrics_collector, providers._observability_instance  # noqa: B018
except ImportError:
    RECORDER = PROVIDER = None
else:
    RECORDER = vars(recorder)
    PROVIDER = vars(providers)

from respool._redispy import record_connection_count

if TYPE_CHECKING:
    from respool.pool import ConnectionPool


def counts_connections() -> bool:
    """Whether redis-py's metrics are on and tell how many connections there are."""
    if RECORDER is None or PROVIDER is None:
        return False
    instance = PROVIDER.get("_observability_instance")
    source = RECORDER.get("_metrics_collector") or getattr(instance, "_provider_manager", None)
    return source is not None and MetricGroup.CONNECTION_BASIC in source.config.metric_groups


def count(pool: Any, idle: int, used: int) -> None:
    """Report that so many connections became (negative: ceased to be) idle and used."""
    name = get_pool_name(pool)
    if idle:
        record_connection_count(pool_name=name, connection_state=ConnectionState.IDLE, counter=idle)
    if used:
        record_connection_count(pool_name=name, connection_state=ConnectionState.USED, counter=used)


def measured_checkout(pool: ConnectionPool) -> Any:
    """Check a connection out and report how long it took, and whether it had to be made."""
    started = monotonic()
    pool._made_for.made = False
    connection = pool._checkout()
    checked_out(pool, monotonic() - started, pool._made_for.made)
    return connection


def checked_out(pool: Any, seconds: float, made: bool) -> None:
    """Report that a checkout took so long, and whether a connection had to be made for it."""
    if made:
        recorder.record_connection_create_time(connection_pool=pool, duration_seconds=seconds)
    if pool.timeout != 0:
        recorder.record_connection_wait_time(pool_name=get_pool_name(pool), duration_seconds=seconds)

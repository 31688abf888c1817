"""What is exported of the pools' numbers: to Prometheus, with a dashboard for it, and to OpenTelemetry."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from prometheus_client import CollectorRegistry, generate_latest, openmetrics
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from prometheus_client.parser import text_string_to_metric_families as parse_text

import respool.asyncio
import respool.opentelemetry
from conftest import Threads
from respool import ConnectionPool
from respool.exceptions import ConnectionPoolTimeoutError
from respool.prometheus import PoolCollector
from servers import RedisServer
from stubs import AsyncDummy, Dummy
from test_metrics import COUNTED, PREFACE

DASHBOARD = Path(__file__).parent.parent / "docs" / "grafana.json"


def stub_pool(name: str | None = "stubs", **options: Any) -> ConnectionPool:
    return ConnectionPool(connection_class=Dummy, name=name, **options)


def registered(*pools: Any) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(PoolCollector(*pools))
    return registry


def use(pool: Any, times: int = 1) -> None:
    for _ in range(times):
        pool.release(pool.get_connection())


def test_what_prometheus_gets_is_what_the_pool_says() -> None:
    pool = stub_pool("busy", max_connections=3, min_idle=0, timeout=0.01)
    registry = registered(pool)
    held = [pool.get_connection() for _ in range(3)]
    with pytest.raises(ConnectionPoolTimeoutError):
        pool.get_connection()
    pool.release(held.pop())
    pool.max_connections = 2
    stats = pool.stats()

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"pool": "busy", **labels})

    states = {state: value("respool_connections", state=state) for state in ("idle", "in_use", "connecting")}
    assert states == {"idle": stats.pool_available, "in_use": stats.in_use, "connecting": stats.connecting}
    assert states == {"idle": 0, "in_use": 2, "connecting": 0}
    assert value("respool_connections_max") == 2
    assert value("respool_connections_min") == 0
    assert value("respool_connections_in_use_peak") == 3
    assert value("respool_requests_waiting") == 0
    assert value("respool_checkouts_total") == 3
    assert value("respool_checkouts_queued_total") == 0
    assert value("respool_connections_created_total") == 3
    assert value("respool_connection_errors_total") == 0
    failures = {reason: value("respool_checkout_failures_total", reason=reason)
                for reason in ("timeout", "exhausted", "shed", "closed")}
    assert failures == {"timeout": 1, "exhausted": 0, "shed": 0, "closed": 0}
    closed = {reason: value("respool_connections_closed_total", reason=reason) for reason in vars(stats.closed)}
    assert closed == vars(stats.closed) and closed["drain"] == 1
    for connection in held:
        pool.release(connection)


def test_histograms_are_cumulative_and_end_with_all() -> None:
    pool = stub_pool(max_connections=1)
    use(pool, 1000)
    registry = registered(pool)
    [usage] = [family for family in registry.collect() if family.name == "respool_connection_use_seconds"]
    buckets = [(sample.labels["le"], sample.value) for sample in usage.samples if sample.name.endswith("_bucket")]
    counts = [count for _, count in buckets]
    assert buckets[-1][0] == "+Inf" and counts == sorted(counts)
    bounds = [float(bound) for bound, _ in buckets]
    assert bounds == sorted(set(bounds)) and bounds[0] == 2e-6
    stats = pool.stats()
    assert counts[-1] == registry.get_sample_value("respool_connection_use_seconds_count", {"pool": "stubs"})
    assert counts[-1] == stats.usage.count > 0
    total = registry.get_sample_value("respool_connection_use_seconds_sum", {"pool": "stubs"})
    assert total == stats.usage.sum > 0
    assert f"one checkout in {stats.usage_sample}" in usage.documentation


def test_the_text_can_be_parsed_in_both_formats() -> None:
    pool = stub_pool('quoted "name"\n\\', max_connections=2)
    use(pool, 20)
    registry = registered(pool)
    plain = list(parse_text(generate_latest(registry).decode()))
    strict = list(text_string_to_metric_families(openmetrics.exposition.generate_latest(registry).decode()))
    for families in (plain, strict):
        pools = {sample.labels["pool"] for family in families for sample in family.samples}
        assert pools == {'quoted "name"\n\\'}
        assert len({family.name for family in families}) == len(families) == 13


def test_without_pools_given_all_that_live_are_told_of_and_none_is_kept_alive() -> None:
    registry = registered()
    first = stub_pool("one of all")
    assert registry.get_sample_value("respool_checkouts_total", {"pool": "one of all"}) == 0
    second = respool.asyncio.ConnectionPool(connection_class=AsyncDummy, name="another of all", max_connections=7)
    assert registry.get_sample_value("respool_connections_max", {"pool": "another of all"}) == 7
    forgotten = registered(first)
    alive = [ref() is not None for ref in map(__import__("weakref").ref, (first, second))]
    assert alive == [True, True]
    reference = __import__("weakref").ref(first)
    del first
    gc.collect()
    assert reference() is None
    assert registry.get_sample_value("respool_connections_max", {"pool": "one of all"}) == 0
    assert forgotten.get_sample_value("respool_connections_max", {"pool": "one of all"}) is None  # never asked before


def test_pools_of_one_name_are_added_up_and_counts_never_go_down() -> None:
    first, second = (stub_pool("twins", max_connections=size) for size in (2, 3))
    registry = registered(first, second)

    def value(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(name, {"pool": "twins", **labels})

    use(first, 4)
    use(second, 5)
    held = first.get_connection()
    assert value("respool_checkouts_total") == 10
    assert value("respool_connections_max") == 5
    assert value("respool_connections", state="in_use") == 1
    first.release(held)
    uses = value("respool_connection_use_seconds_count")
    del first
    gc.collect()
    assert value("respool_checkouts_total") == 10
    assert value("respool_connections_created_total") == 2
    assert value("respool_connection_use_seconds_count") == uses
    assert value("respool_connections_max") == 3
    assert value("respool_connections", state="idle") == 1
    use(second)
    assert value("respool_checkouts_total") == 11
    del second
    gc.collect()
    for _ in range(2):
        assert value("respool_checkouts_total") == 11
        assert value("respool_connections_max") == 0


def test_a_second_collector_in_a_registry_is_refused() -> None:
    registry = registered()
    with pytest.raises(ValueError, match="Duplicated timeseries"):
        registry.register(PoolCollector())


def test_a_scrape_while_pools_come_and_go_raises_nothing(threads: Threads) -> None:
    registry = registered()
    over = threading.Event()

    def scrape(_: int) -> None:
        before = 0.0
        while not over.is_set():
            after = registry.get_sample_value("respool_checkouts_total", {"pool": "passing"}) or 0.0
            assert after >= before
            before = after

    def make() -> None:
        for _ in range(300):
            use(stub_pool("passing", max_connections=1))
        over.set()

    threads.start(scrape, 0)
    threads.start(make)
    threads.join()


def test_a_pool_that_is_still_being_made_is_passed_over() -> None:
    half = ConnectionPool.__new__(ConnectionPool)
    respool._pool.all_pools[id(half)] = half
    broken = stub_pool("broken")
    broken.stats = None  # type: ignore[method-assign, assignment]
    whole = stub_pool("whole")
    assert registered(half, broken, whole).get_sample_value("respool_connections_max", {"pool": "whole"})
    assert registered().get_sample_value("respool_connections_max", {"pool": "whole"})


def test_a_forked_child_exports_numbers_of_its_own() -> None:
    pool, gone = stub_pool("before", max_connections=2), stub_pool("gone")
    registry = registered()
    use(pool, 3)
    use(gone)
    assert registry.get_sample_value("respool_checkouts_total", {"pool": "gone"}) == 1
    del gone
    gc.collect()
    assert registry.get_sample_value("respool_checkouts_total", {"pool": "gone"}) == 1
    found = in_child(lambda: [
        registry.get_sample_value("respool_checkouts_total", {"pool": name}) for name in ("before", "gone")
    ])
    assert found == [0, None]
    assert registry.get_sample_value("respool_checkouts_total", {"pool": "before"}) == 3


# --- The dashboard ---------------------------------------------------------------------------------------------------

def expressions() -> Iterator[str]:
    board = json.loads(DASHBOARD.read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield target["expr"].replace("$__rate_interval", "5m")


def selectors(expression: Any) -> Iterator[Any]:
    """All selectors within an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    elif isinstance(expression, promql_parser.MatrixSelector):
        yield expression.vector_selector
    else:
        for name in ("expr", "lhs", "rhs"):
            if hasattr(expression, name):
                yield from selectors(getattr(expression, name))
        for argument in getattr(expression, "args", ()):
            yield from selectors(argument)


def exported() -> dict[str, set[str]]:
    """The labels of each name that the collector exports."""
    pool = stub_pool()
    labels: dict[str, set[str]] = {}
    for family in registered(pool).collect():
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


def test_the_dashboard_asks_only_for_what_is_exported() -> None:
    known = exported()
    asked = set()
    for text in expressions():
        found = list(selectors(promql_parser.parse(text)))
        assert found
        for selector in found:
            assert selector.name in known, text
            assert {matcher.name for matcher in selector.matchers.matchers} <= known[selector.name], text
            asked.add(selector.name)
    assert {name for name in known if not name.endswith(("_bucket", "_count", "_sum"))} - asked == {
        "respool_connections_min"
    }


def test_the_dashboard_groups_by_labels_that_there_are() -> None:
    known = set().union(*exported().values())
    for text in expressions():
        [grouping] = re.findall(r"sum by \(([^)]*)\)", text)
        assert set(grouping.split(", ")) <= known
    [variable] = [each for each in json.loads(DASHBOARD.read_text())["templating"]["list"] if each["name"] == "pool"]
    assert variable["definition"] == "label_values(respool_connections_max, pool)"


# --- OpenTelemetry ---------------------------------------------------------------------------------------------------

@pytest.fixture
def meters() -> Iterator[tuple[MeterProvider, InMemoryMetricReader]]:
    reader = InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    yield provider, reader
    respool.opentelemetry.uninstrument(provider)
    provider.shutdown()


def read(reader: InMemoryMetricReader, pool: str) -> dict[str, Any]:
    """What is exported of a pool, by "name attribute"."""
    found: dict[str, Any] = {}
    data = reader.get_metrics_data()
    for resource in data.resource_metrics if data else ():
        for scope in resource.scope_metrics:
            assert scope.scope.name == "respool"
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    attributes = dict(point.attributes or {})
                    if attributes.pop("db.client.connection.pool.name") == pool:
                        key = " ".join([metric.name, *map(str, attributes.values())])
                        assert key not in found
                        found[key] = point.value if hasattr(point, "value") else point
    return found


def test_what_opentelemetry_gets_is_what_the_pool_says(meters: tuple[MeterProvider, InMemoryMetricReader]) -> None:
    provider, reader = meters
    pool = stub_pool("observed", max_connections=3, timeout=0.01)
    respool.opentelemetry.instrument(pool, provider)
    held = [pool.get_connection() for _ in range(3)]
    with pytest.raises(ConnectionPoolTimeoutError):
        pool.get_connection()
    pool.release(held.pop())
    found = read(reader, "observed")
    assert {name: found[name] for name in found if name.startswith("db.")} == {
        "db.client.connection.count idle": 1, "db.client.connection.count used": 2, "db.client.connection.max": 3,
        "db.client.connection.idle.max": 3, "db.client.connection.idle.min": 0,
        "db.client.connection.pending_requests": 0, "db.client.connection.timeouts": 1,
    }
    assert found["respool.checkouts"] == found["respool.connections.created"] == 3
    assert found["respool.checkouts.queued"] == found["respool.checkouts.wait_time"] == 0
    assert found["respool.checkouts.failures timeout"] == 1 and found["respool.checkouts.failures shed"] == 0
    assert found["respool.connections.closed drain"] == found["respool.connections.errors"] == 0
    for connection in held:
        pool.release(connection)


def test_names_are_those_of_the_semantic_conventions(meters: tuple[MeterProvider, InMemoryMetricReader]) -> None:
    conventions = pytest.importorskip("opentelemetry.semconv._incubating.metrics.db_metrics")
    attributes = pytest.importorskip("opentelemetry.semconv._incubating.attributes.db_attributes")
    known = {value for name, value in vars(conventions).items() if name.startswith("DB_CLIENT_CONNECTION")}
    ours = {name for name, *_ in respool.opentelemetry.LEVELS + respool.opentelemetry.COUNTS if name.startswith("db.")}
    assert ours <= known
    assert respool.opentelemetry.POOL == attributes.DB_CLIENT_CONNECTION_POOL_NAME
    assert respool.opentelemetry.STATE == attributes.DB_CLIENT_CONNECTION_STATE


@pytest.mark.filterwarnings("error")
def test_instrumenting_again_adds_a_pool_and_no_instrument(
    meters: tuple[MeterProvider, InMemoryMetricReader], caplog: pytest.LogCaptureFixture
) -> None:
    provider, reader = meters
    first, second = stub_pool("first"), stub_pool("second")
    respool.opentelemetry.instrument(first, provider)
    respool.opentelemetry.instrument(first, provider)
    use(first)
    assert read(reader, "first")["respool.checkouts"] == 1
    assert read(reader, "second") == {}
    respool.opentelemetry.instrument(second, provider)
    assert read(reader, "second")["respool.checkouts"] == 0
    respool.opentelemetry.instrument(meter_provider=provider)
    third = stub_pool("third")
    assert read(reader, "third") and read(reader, "first")
    respool.opentelemetry.uninstrument(provider)
    assert read(reader, "first") == read(reader, "third") == {}
    respool.opentelemetry.instrument(third, provider)
    assert read(reader, "third")["respool.checkouts"] == 0 and not read(reader, "first")
    assert not caplog.records  # the SDK would complain of an instrument that there is already


def test_times_of_use_are_recorded_by_hooks(meters: tuple[MeterProvider, InMemoryMetricReader]) -> None:
    provider, reader = meters
    pool = stub_pool("timed", max_connections=1)
    pool.hooks = respool.opentelemetry.use_times(provider)
    use(pool, 10)
    lost = pool.get_connection()
    del lost
    use(pool)
    point = read(reader, "timed")["db.client.connection.use_time"]
    assert point.count == 11
    assert 0 < point.sum < 1


BESIDE = PREFACE + """
import respool.opentelemetry
respool.opentelemetry.instrument()
port = int(sys.argv[1])
pool = respool.ConnectionPool(host="127.0.0.1", port=port, max_connections=3, name="ours")
held = pool.get_connection()

def names():
    found = []
    for resource in reader.get_metrics_data().resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                found += [[scope.scope.name, metric.name] for point in metric.data.data_points]
    return found

on = names()
get_observability_instance().shutdown()
from redis.observability import recorder
recorder.reset_collector()
print(json.dumps([on, names()]))
"""


@pytest.mark.skipif(not COUNTED, reason="this redis-py has no such metrics")
def test_beside_redis_pys_own_metrics_nothing_is_counted_twice(server: RedisServer) -> None:
    command = [sys.executable, "-W", "ignore", "-c", BESIDE, str(server.port)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    on, off = json.loads(output)
    scopes: dict[str, set[str]] = {}
    for scope, name in on:
        scopes.setdefault(name, set()).add(scope)
    assert scopes["db.client.connection.count"] == {"redis-py"}
    assert scopes["db.client.connection.create_time"] == {"redis-py"}
    assert scopes["db.client.connection.max"] == {"respool"}
    assert all(len(sources) == 1 for sources in scopes.values())
    assert ["respool", "db.client.connection.count"] in off


def in_child(work: Any) -> Any:
    """What this function returns in a forked child, by way of JSON."""
    import os

    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        told = stream.read()
    assert os.waitpid(child, 0)[1] == 0
    return json.loads(told)

"""redis-py's own OpenTelemetry metrics: the same numbers as from its pools when on, no call when off."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pytest

from servers import RedisServer

MEASURED = find_spec("redis.observability") is not None
COUNTED = MEASURED and hasattr(import_module("redis.observability.recorder"), "record_connection_count")

PREFACE = """
import json, sys
import redis, respool
from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from redis.observability.config import MetricGroup, OTelConfig
from redis.observability.providers import get_observability_instance

reader = InMemoryMetricReader()
metrics.set_meter_provider(MeterProvider(metric_readers=[reader]))
groups = [MetricGroup.CONNECTION_BASIC, MetricGroup.CONNECTION_ADVANCED]
get_observability_instance().init(OTelConfig(metric_groups=groups))

def numbers():
    found = {}
    for resource in reader.get_metrics_data().resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    state = point.attributes.get("db.client.connection.state", "")
                    value = getattr(point, "count", None)
                    found[f"{metric.name} {state}"] = point.value if value is None else value
    return found
"""

SCRIPT = PREFACE + """
module, name, port = sys.argv[1:]
pool = getattr({"redis": redis, "respool": respool}[module], name)(host="127.0.0.1", port=int(port), max_connections=3)

history = []
first, second = pool.get_connection(), pool.get_connection()
history.append(numbers())
pool.release(first)
history.append(numbers())
first = pool.get_connection()
pool.release(first)
pool.release(second)
history.append(numbers())
if module == "respool":
    first = second = None
    lost = pool.get_connection()
    lost = None
    import gc; gc.collect()
    history.append(numbers())
    pool.close()
    history.append(numbers())
pool = None
print(json.dumps(history))
"""


ASYNC_SCRIPT = PREFACE + """
import asyncio
import redis.asyncio, respool.asyncio

async def main():
    module, name, port = sys.argv[1:]
    pools = {"redis": redis.asyncio, "respool": respool.asyncio}[module]
    pool = getattr(pools, name)(host="127.0.0.1", port=int(port), max_connections=3)
    history = []
    first, second = await pool.get_connection(), await pool.get_connection()
    history.append(numbers())
    await pool.release(first)
    history.append(numbers())
    first = await pool.get_connection()
    await pool.release(first)
    await pool.release(second)
    history.append(numbers())
    if module == "respool":
        first = second = None
        lost = await pool.get_connection()
        lost = None
        history.append(numbers())
        await pool.aclose()
        history.append(numbers())
    print(json.dumps(history))

asyncio.run(main())
"""


CLIENT_SCRIPT = PREFACE.replace(
    "MetricGroup.CONNECTION_ADVANCED]", "MetricGroup.CONNECTION_ADVANCED, MetricGroup.COMMAND, MetricGroup.RESILIENCY]"
) + """
def commands():
    found = {}
    for resource in reader.get_metrics_data().resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    said = sorted((name, str(value)) for name, value in point.attributes.items() if "pool" not in name)
                    found[f"{metric.name} {said}"] = getattr(point, "count", None)
    return found

module, _, port = sys.argv[1:]
history = []
with {"redis": redis, "respool": respool}[module].Redis(host="127.0.0.1", port=int(port)) as client:
    for use in (
        lambda: client.set("metered", 1), lambda: client.get("metered"), lambda: client.lpush("metered", 1),
        lambda: client.pipeline().get("metered").execute(),
        lambda: client.pipeline(transaction=False).lpush("metered", 1).execute(),
    ):
        try:
            use()
        except redis.ResponseError:
            pass
        history.append(commands())
print(json.dumps(history))
"""


def measure(module: str, name: str, port: int, script: str = SCRIPT) -> list[dict[str, Any]]:
    command = [sys.executable, "-W", "ignore", "-c", script, module, name, str(port)]
    output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    history: list[dict[str, Any]] = json.loads(output)
    return history


@pytest.mark.skipif(not MEASURED, reason="this redis-py has no metrics")
@pytest.mark.parametrize("name", ["ConnectionPool", "BlockingConnectionPool"])
def test_when_on_the_numbers_are_those_of_redis_pys_pool(server: RedisServer, name: str) -> None:
    theirs, ours = measure("redis", name, server.port), measure("respool", name, server.port)
    assert any("create_time" in key for key in theirs[-1])
    assert not COUNTED or (any("idle" in key for key in theirs[-1]) and any("used" in key for key in theirs[-1]))
    assert ours[:3] == theirs


@pytest.mark.skipif(not COUNTED, reason="this redis-py is not told of connections, it asks the pools for their counts")
def test_when_on_lost_and_closed_connections_are_taken_out_of_the_numbers(server: RedisServer) -> None:
    history = measure("respool", "ConnectionPool", server.port)
    [used] = [key for key in history[-1] if "used" in key]
    [idle] = [key for key in history[-1] if "idle" in key]
    assert (history[3][used], history[3][idle]) == (0, 1)
    assert (history[4][used], history[4][idle]) == (0, 0)


@pytest.mark.skipif(not COUNTED, reason="this redis-py has no such metrics")
@pytest.mark.parametrize("name", ["ConnectionPool", "BlockingConnectionPool"])
def test_when_on_the_numbers_are_right_for_asyncio_too(server: RedisServer, name: str) -> None:
    theirs = measure("redis", name, server.port, ASYNC_SCRIPT)
    ours = measure("respool", name, server.port, ASYNC_SCRIPT)
    [used] = [key for key in ours[-1] if "used" in key]
    [idle] = [key for key in ours[-1] if "idle" in key]
    assert [(numbers[used], numbers.get(idle, 0)) for numbers in ours] == [(2, 0), (1, 1), (0, 2), (0, 1), (0, 0)]
    for time in ("create_time", "wait_time"):
        history = [[{key: value for key, value in numbers.items() if time in key} for numbers in pool[:3]]
                   for pool in (theirs, ours)]
        assert history[0] == history[1]


@pytest.mark.skipif(not MEASURED, reason="this redis-py has no metrics")
def test_when_on_the_numbers_of_respools_client_are_those_of_redis_pys(server: RedisServer) -> None:
    theirs, ours = (measure(module, "", server.port, CLIENT_SCRIPT) for module in ("redis", "respool"))
    assert any("operation.duration" in key and "GET" in key for key in theirs[-1])
    assert ours == theirs


def test_when_off_the_recorders_are_not_called(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    import respool
    from respool import _telemetry

    pool = respool.ConnectionPool(**server.address)
    pool.release(pool.get_connection())
    calls: list[Any] = []
    monkeypatch.setattr(_telemetry, "count", lambda *args, **kwargs: calls.append(kwargs))
    for _ in range(3):
        pool.release(pool.get_connection())
    assert calls == []
    pool.close()

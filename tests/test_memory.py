"""Memory that connections and large values take, by Python's own account of its allocations."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

import respool
from servers import RedisServer

KIB, MIB = 2**10, 2**20
LARGE = 16 * MIB


@pytest.fixture(autouse=True)
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


def taken(work: Callable[[], Any]) -> tuple[Any, int, int]:
    """What `work()` returns, the most memory that it took beyond what there was, and what is left of it."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    result = work()
    after, peak = tracemalloc.get_traced_memory()
    return result, peak - before, after - before


@pytest.fixture
def client(server: RedisServer) -> Iterator[redis.Redis]:
    with respool.ConnectionPool(**server.address) as pool:
        client = redis.Redis(connection_pool=pool)
        client.set("warm", "up")
        yield client


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, "text"])
def test_a_large_value_is_sent_without_a_copy(client: redis.Redis, kind: Any) -> None:
    value = "x" * LARGE if kind == "text" else kind(bytes(LARGE))
    _, most, _ = taken(lambda: client.set("large", value))
    assert most < MIB
    assert client.strlen("large") == LARGE


def test_a_large_value_is_received_into_its_own_object_and_nothing_is_kept(client: redis.Redis) -> None:
    client.set("large", bytes(LARGE))
    value, most, left = taken(lambda: client.get("large"))
    assert len(value) == LARGE
    assert most <= 17 * MIB
    assert left < LARGE + 64 * KIB


def test_a_large_pipeline_leaves_little_behind(client: redis.Redis) -> None:
    def work() -> None:
        pipeline = client.pipeline(transaction=False)
        for number in range(10_000):
            pipeline.set(f"key:{number}", "x" * 100)
        pipeline.execute()

    work()
    _, _, left = taken(work)
    assert left < 64 * KIB


def test_an_open_connection_is_small(server: RedisServer) -> None:
    with respool.ConnectionPool(**server.address) as pool:
        pool.release(pool.get_connection())  # what all have in common

        def open_connections() -> list[Any]:
            connections = [pool.get_connection() for _ in range(100)]
            gc.collect()
            return connections

        connections, _, left = taken(open_connections)
        assert left / 99 < 24 * KIB
        for connection in connections:
            pool.release(connection)

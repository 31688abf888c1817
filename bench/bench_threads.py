"""GETs of many threads on a real server: respool's pool under `redis.Redis`, beside redis-py's.

    pytest bench/bench_threads.py

Client and server are not pinned: threads are to use the processors that there are.
"""

from __future__ import annotations

from functools import partial
from time import perf_counter
from typing import Any

import pytest
import redis

import respool
from contention import Outcome, contend, race_of_threads
from servers import RedisServer


def load(pool_class: Any, server: RedisServer, threads: int, connections: int) -> Outcome:
    """Let so many threads GET."""
    with pool_class(max_connections=connections, timeout=60, **server.address) as pool:
        get = redis.Redis(connection_pool=pool).get

        def operation() -> float:
            started = perf_counter()
            get("key")
            return perf_counter() - started

        return contend(threads, operation)


@pytest.mark.parametrize(("threads", "connections"), [(8, 8), (64, 64), (64, 8)])
def test_threads(benchmark: Any, server: RedisServer, threads: int, connections: int) -> None:
    pools = {"redis-py, hiredis": redis.BlockingConnectionPool, "respool": respool.BlockingConnectionPool}
    race_of_threads(
        benchmark,
        f"{threads} threads on {connections} connections",
        {name: partial(load, pool_class, server, threads, connections) for name, pool_class in pools.items()},
    )

"""The pool alone, on a stub connection: checkout and return without a network, beside redis-py's pools.

    pytest bench/bench_pool.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any

import pytest
import redis

import respool
from contention import Outcome, contend, race_of_threads
from respool._pool import Pool
from results import Race


class Stub:
    """A connection with the methods that pools call, which do nothing."""

    def __init__(self, **kwargs: Any) -> None:
        self.pid = os.getpid()

    def connect(self) -> None:
        pass

    def disconnect(self, *args: Any, **kwargs: Any) -> None:
        pass

    def can_read(self, timeout: float = 0) -> bool:
        return False

    def should_reconnect(self) -> bool:
        return False

    def re_auth(self) -> None:
        pass


def checkout_and_release(pool: Any) -> Callable[[int], None]:
    def run(loops: int) -> None:
        get_connection, release = pool.get_connection, pool.release
        for _ in range(loops):
            release(get_connection())

    return run


@pytest.mark.parametrize("name", ["ConnectionPool", "BlockingConnectionPool"])
def test_checkout_and_release(race: Race, one_processor: None, name: str) -> None:
    race(
        {
            "redis-py": checkout_and_release(getattr(redis, name)(connection_class=Stub)),
            "respool": checkout_and_release(getattr(respool, name)(connection_class=Stub)),
        },
        loops=20_000,
    )


def pool_with(idle: int, in_use: int) -> Any:
    # In lifo order the same connection comes each time: else the cache misses of 10,000 of them would be measured.
    pool = respool.ConnectionPool(connection_class=Stub, max_connections=20_000, order="lifo")
    connections = [pool.get_connection() for _ in range(idle + in_use)]
    for connection in connections[:idle]:
        pool.release(connection)
    pool.held = connections[idle:]
    return pool


@pytest.mark.parametrize("state", ["idle", "in_use"])
def test_cost_does_not_grow_with_the_number_of_connections(race: Race, one_processor: None, state: str) -> None:
    few, many = {"idle": 10, "in_use": 1}, {"idle": 10_000, "in_use": 1}
    if state == "in_use":
        few, many = {"idle": 1, "in_use": 10}, {"idle": 1, "in_use": 10_000}
    pools = {f"10 {state}": pool_with(**few), f"10,000 {state}": pool_with(**many)}
    race({name: checkout_and_release(pool) for name, pool in pools.items()}, loops=20_000)


def test_core_alone(race: Race, one_processor: None) -> None:
    race(
        {
            "respool.ConnectionPool": checkout_and_release(respool.ConnectionPool(connection_class=Stub)),
            "core": checkout_and_release(Pool(10, factory=Stub)),
        },
        loops=20_000,
    )


THREADS, CONNECTIONS = 64, 8


def share(pool_class: Any) -> Outcome:
    """Let 64 threads share 8 connections; what counts is the wait for one."""
    pool = pool_class(connection_class=Stub, max_connections=CONNECTIONS, timeout=60)

    def operation() -> float:
        asked = perf_counter()
        connection = pool.get_connection()
        waited = perf_counter() - asked
        pool.release(connection)
        return waited

    return contend(THREADS, operation)


def test_64_threads_on_8_connections(benchmark: Any) -> None:
    pools = {"redis-py": redis.BlockingConnectionPool, "respool": respool.BlockingConnectionPool}
    contestants = {name: partial(share, pool_class) for name, pool_class in pools.items()}
    race_of_threads(benchmark, "64 threads on 8 connections", contestants)

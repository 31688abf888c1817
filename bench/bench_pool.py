"""The pool alone, on connections that do nothing: checkout and return without a network, beside redis-py's pools."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
import redis

import respool
from measure import Operation, threads, together
from names import POOLS
from peers import TIMEOUT
from respool._pool import Pool
from results import Compare

REFERENCE, OURS = "redis-py's pool", "respool's pool"


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
def test_checkout_and_release(compare: Compare, one_processor: None, name: str) -> None:
    modules = {REFERENCE: redis, OURS: respool}
    compare(POOLS, f"checkout and release, {name}", {
        subject: together(checkout_and_release(getattr(module, name)(connection_class=Stub)), 20_000)
        for subject, module in modules.items()
    })


def pool_with(idle: int, in_use: int) -> Any:
    # In lifo order the same connection comes each time: else the cache misses of 10,000 of them would be measured.
    pool = respool.ConnectionPool(connection_class=Stub, max_connections=20_000, order="lifo")
    connections = [pool.get_connection() for _ in range(idle + in_use)]
    for connection in connections[:idle]:
        pool.release(connection)
    pool.held = connections[idle:]
    return pool


@pytest.mark.parametrize("state", ["idle", "in use"])
def test_cost_does_not_grow_with_the_number_of_connections(compare: Compare, one_processor: None, state: str) -> None:
    few, many = {"idle": 10, "in_use": 1}, {"idle": 10_000, "in_use": 1}
    if state == "in use":
        few, many = {"idle": 1, "in_use": 10}, {"idle": 1, "in_use": 10_000}
    pools = {f"10 {state}": pool_with(**few), f"10,000 {state}": pool_with(**many)}
    compare(POOLS, f"respool: number of connections {state}", {
        subject: together(checkout_and_release(pool), 20_000) for subject, pool in pools.items()
    })


def test_core_alone(compare: Compare, one_processor: None) -> None:
    compare(POOLS, "respool: its core without redis-py's interface", {
        "ConnectionPool": together(checkout_and_release(respool.ConnectionPool(connection_class=Stub)), 20_000),
        "core": together(checkout_and_release(Pool(10, factory=Stub)), 20_000),
    })


def one_checkout(pool: Any) -> Operation:
    def operation() -> None:
        pool.release(pool.get_connection())

    return operation


def test_64_threads_on_8_connections(compare: Compare) -> None:
    pools = {REFERENCE: redis.BlockingConnectionPool, OURS: respool.BlockingConnectionPool}
    with ExitStack() as stack:
        measured = {}
        for subject, pool_class in pools.items():
            pool = stack.enter_context(pool_class(connection_class=Stub, max_connections=8, timeout=TIMEOUT))
            measured[subject] = threads(one_checkout(pool), 64, seconds=0.2)
        compare(POOLS, "64 threads on 8 connections, pool alone", measured, rate=True)

"""GETs of many threads on a real server.

Client and server are not pinned: threads are to use the processors that there are.
"""

from __future__ import annotations

import pytest
import redis

from measure import threads
from names import GLIDE, THREADS
from peers import EVERYONE, opened, redis_benchmark, subjects, with_limit
from results import Compare
from servers import RedisServer


@pytest.fixture
def filled(server: RedisServer) -> RedisServer:
    with redis.Redis(**server.address) as client:
        client.set("key", b"0123456789")
    return server


@pytest.mark.parametrize("count", [1, 4, 8, 16, 64])
def test_a_connection_for_each(compare: Compare, filled: RedisServer, count: int) -> None:
    with opened(filled, connections=count, blocking=True) as clients:
        measured = subjects(clients, lambda client: threads(client.get("key"), count, seconds=0.1))
        limit = redis_benchmark(filled, 10_000, "GET", "key", clients=count)
        compare(THREADS, f"{count} threads" if count > 1 else "1 thread", with_limit(measured, limit), rate=True)


def test_shared_connections(compare: Compare, filled: RedisServer) -> None:
    """Longer, for a thread that starves to be seen. valkey-glide has one connection for all, for which none waits."""
    names = [name for name in EVERYONE if name != GLIDE]
    with opened(filled, names, connections=8, blocking=True) as clients:
        measured = subjects(clients, lambda client: threads(client.get("key"), 64, seconds=0.2))
        compare(THREADS, "64 threads on 8 connections", measured, rate=True)

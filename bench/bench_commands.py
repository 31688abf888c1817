"""Commands of one thread on a real server.

Client and server share one processor, so that what is measured is work and not the scheduler. Processor time is that of
the client alone.
"""

from __future__ import annotations

import pytest
import redis

from measure import each, together
from names import COMMANDS, RAW, VALUES
from peers import POOLED, opened, redis_benchmark, subjects, with_limit
from results import Compare
from servers import RedisServer

# Bytes, and operations in a round: of the clients, and of redis-benchmark, whose clock is coarse. For as many large
# values as there is time for, its start would count for more than they.
SIZES = {
    "10 bytes": (10, 1_000, 10_000),
    "1 KiB": (2**10, 500, 10_000),
    "64 KiB": (2**16, 100, 2_000),
    "1 MiB": (2**20, 20, 0),
    "16 MiB": (2**24, 1, 0),
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("command", ["GET", "SET"])
def test_sizes(compare: Compare, beside: RedisServer, command: str, size: str) -> None:
    length, loops, requests = SIZES[size]
    value = b"x" * length
    with redis.Redis(**beside.address) as client:
        client.set("key", value)
    with opened(beside) as clients:
        if command == "GET":
            last = None
            measured = subjects(clients, lambda client: each(client.get("key"), loops))
        else:
            last = value
            measured = subjects(clients, lambda client: each(client.set("key", value), loops))
        if requests:
            measured = with_limit(measured, redis_benchmark(beside, requests, command, "key", last=last))
        compare(COMMANDS if size == "10 bytes" else VALUES, f"{command} of {size}", measured)


@pytest.mark.parametrize(("commands", "loops"), [(100, 20), (10_000, 1)])
def test_pipeline(compare: Compare, beside: RedisServer, commands: int, loops: int) -> None:
    with redis.Redis(**beside.address) as client:
        client.set("key", b"0123456789")
    with opened(beside) as clients:
        measured = subjects(clients, lambda client: each(client.pipeline("key", commands), loops, per=commands))
        limit = redis_benchmark(beside, 100_000, "GET", "key", pipeline=commands)
        compare(COMMANDS, f"a GET in a pipeline of {commands:,}", with_limit(measured, limit))


@pytest.mark.parametrize("pool", ["ConnectionPool", "BlockingConnectionPool"])
def test_checkout(compare: Compare, beside: RedisServer, pool: str) -> None:
    with opened(beside, POOLED, blocking=pool == "BlockingConnectionPool") as clients:
        measured = subjects(clients, lambda client: together(client.checkouts(), 3_000))
        compare(COMMANDS, f"checkout and release, {pool}", measured)


def test_new_connection(compare: Compare, beside: RedisServer) -> None:
    *others, ours = POOLED
    with opened(beside, (*others, RAW, ours)) as clients:
        compare(COMMANDS, "new connection", subjects(clients, lambda client: each(client.new_connection(), 20)))

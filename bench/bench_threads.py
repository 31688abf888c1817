"""GETs of many threads on a real server: respool's pool under `redis.Redis`, beside redis-py's.

    pytest bench/bench_threads.py

Client and server are not pinned: threads are to use the processors that there are.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from time import perf_counter
from typing import Any

import pytest
import redis

import respool
from results import RESULTS, Result
from servers import RedisServer, redis_server

WARM_UP, MEASURED, ROUNDS = 0.3, 0.7, 7


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def load(client: redis.Redis, threads: int) -> tuple[float, float, float]:
    """Let so many threads GET; (operations a second, longest operation in seconds, Jain's fairness index)."""
    phase = 0
    counts, longest = [0] * threads, [0.0] * threads
    barrier = threading.Barrier(threads + 1)

    def work(number: int) -> None:
        get = client.get
        get("key")
        barrier.wait()
        while phase < 2:
            measuring = phase == 1
            started = perf_counter()
            get("key")
            seconds = perf_counter() - started
            if measuring:
                counts[number] += 1
                longest[number] = max(longest[number], seconds)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    time.sleep(WARM_UP)
    phase, started = 1, perf_counter()
    time.sleep(MEASURED)
    phase, seconds = 2, perf_counter() - started
    for worker in workers:
        worker.join()
    total = sum(counts)
    return total / seconds, max(longest), total**2 / (threads * sum(count**2 for count in counts))


@pytest.mark.parametrize(("threads", "connections"), [(8, 8), (64, 64), (64, 8)])
def test_threads(benchmark: Any, server: RedisServer, threads: int, connections: int) -> None:
    pools = {"redis-py, hiredis": redis.BlockingConnectionPool, "respool": respool.BlockingConnectionPool}
    outcomes: dict[str, list[tuple[float, float, float]]] = {name: [] for name in pools}

    def one_round() -> None:
        for name, pool_class in pools.items():
            with pool_class(max_connections=connections, timeout=60, **server.address) as pool:
                outcomes[name].append(load(redis.Redis(connection_pool=pool), threads))

    benchmark.pedantic(one_round, rounds=ROUNDS)
    for name, values in outcomes.items():
        reference = outcomes["redis-py, hiredis"]
        ratios = [base[0] / value[0] for value, base in zip(values, reference, strict=True)]
        rate, longest, fairness = (statistics.median(column) for column in zip(*values, strict=True))
        note = f"{rate:,.0f} op/s, longest {longest * 1e3:.0f} ms, Jain {fairness:.3f}"
        RESULTS.append(Result(f"{threads} threads on {connections} connections", name, 1e6 / rate, ratios, note))
        benchmark.extra_info[name] = note

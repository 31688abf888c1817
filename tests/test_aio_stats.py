"""The numbers of a pool for asyncio are true: compared with what server, connections and tasks have counted."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from typing import Any

import pytest
import redis
import redis.asyncio

import respool.asyncio
from loops import on_each_loop
from respool import Hooks
from respool.asyncio import ConnectionPool
from servers import RedisServer, redis_server
from stubs import AsyncDummy
from test_stats import EVENTS, closed_for, interrupted, recording, watched

pytestmark = on_each_loop


class Counted(AsyncDummy):
    """Counts what is done to all of its kind, and fails on request."""

    made = opened = closed = 0
    refuses = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        type(self).made += 1
        self.is_connected = False

    async def connect(self) -> None:
        await asyncio.sleep(0)
        if self.is_connected:
            return
        if type(self).refuses:
            raise redis.ConnectionError("refused")
        type(self).opened += 1
        self.is_connected = True

    async def disconnect(self, nowait: bool = False) -> None:
        if self.is_connected:
            type(self).closed += 1
        self.is_connected = False


def counted_pool(**options: Any) -> tuple[ConnectionPool, type[Counted]]:
    """A pool and the class of its connections, which nobody else has."""
    kind = type("Kind", (Counted,), {})
    return ConnectionPool(connection_class=kind, **options), kind


async def use(pool: ConnectionPool, times: int = 1) -> None:
    for _ in range(times):
        await pool.release(await pool.get_connection())


async def until_ended(connection: Any) -> None:
    """Wait until the end of a connection has arrived that the server has closed."""
    while connection.is_connected and connection._wire.is_clean() is not False:
        await asyncio.sleep(0.001)


async def test_in_a_storm_the_counts_are_those_of_the_tasks_and_of_the_server() -> None:
    tasks, connections, rounds = 20, 4, 10
    with redis_server() as server:
        pool = ConnectionPool(**server.address, max_connections=connections, timeout=20, max_waiting=10, name="storm")
        admin = redis.asyncio.Redis(
            connection_pool=redis.asyncio.BlockingConnectionPool(**server.address, max_connections=1)
        )
        before = (await admin.info("stats"))["total_connections_received"]
        truth: Counter[str] = Counter()

        async def one(chance: random.Random) -> None:
            try:
                connection = await pool.get_connection()
            except respool.ConnectionPoolTimeoutError:
                truth["timeouts"] += 1
                return
            except respool.ConnectionPoolOverloadError:
                truth["shed"] += 1
                await asyncio.sleep(0.001)
                return
            truth["served"] += 1
            choice = chance.randrange(10)
            if choice == 0:
                await connection.send_command("PING")
                truth["dirty"] += 1
            elif choice == 1:
                await connection.send_command("CLIENT", "ID")
                await admin.execute_command("CLIENT", "KILL", "ID", await connection.read_response())
                await until_ended(connection)
                truth["killed"] += 1
            elif choice == 2:
                truth["lost"] += 1
                return
            else:
                await asyncio.sleep(chance.uniform(0, 0.005))
            await pool.release(connection)

        async def caller(number: int) -> None:
            chance = random.Random(number)  # noqa: S311
            for _ in range(rounds):
                await one(chance)

        with watched(pool):
            await asyncio.gather(*map(caller, range(tasks)))
            held = [await pool.get_connection() for _ in range(connections)]
            truth["served"] += len(held)
            pool.timeout = 0.01
            await asyncio.gather(*(one(random.Random(number)) for number in range(tasks)))  # noqa: S311
            for connection in held:
                await pool.release(connection)
        stats = pool.stats()
        assert min(truth[what] for what in ("timeouts", "shed", "dirty", "killed", "lost")) > 0, truth
        assert stats.requests_num == truth["served"]
        assert (stats.timeouts, stats.shed) == (truth["timeouts"], truth["shed"])
        # What has ended under its task is found when it comes back, or when it is to go out again.
        assert stats.closed.error == truth["lost"]
        assert stats.closed.dirty + stats.closed.stale == truth["dirty"] + truth["killed"]
        assert stats.peak_in_use == connections
        assert 0 < stats.requests_queued <= truth["served"]
        assert stats.connections_num == connections + truth["lost"]
        opened = (await admin.info("stats"))["total_connections_received"] - before
        assert opened == stats.connections_num + stats.closed.stale + stats.closed.dirty
        await pool.aclose()
        assert pool.stats().closed.drain == connections
        await admin.connection_pool.disconnect()


async def test_in_a_storm_of_failures_and_cancellations_every_connection_is_accounted_for() -> None:
    pool, kind = counted_pool(max_connections=3, timeout=0.02, max_lifetime=0.01)
    truth: Counter[str] = Counter()

    async def one(chance: random.Random) -> None:
        kind.refuses = chance.random() < 0.1
        try:
            connection = await pool.get_connection()
        except respool.ConnectionPoolTimeoutError:
            truth["timeouts"] += 1
        except (redis.ConnectionError, redis.TimeoutError):
            truth["errors"] += 1
        else:
            truth["served"] += 1
            try:
                await asyncio.sleep(chance.choice((0, 0.001, 0.004)))
            finally:
                await pool.release(connection)

    async def caller(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for _ in range(60):
            task = asyncio.create_task(one(chance))
            if chance.random() < 0.1:
                await asyncio.sleep(chance.uniform(0, 0.003))
                task.cancel()
            await asyncio.wait([task])
            if not task.cancelled():
                task.result()

    with watched(pool):
        await asyncio.gather(*map(caller, range(10)))
    await pool.aclose()
    stats = pool.stats()
    assert truth["errors"] > 0 < truth["served"] and stats.closed.lifetime > 0
    assert (stats.requests_num, stats.timeouts, stats.connections_errors) == (
        truth["served"], truth["timeouts"], truth["errors"]
    )
    assert stats.connections_num == kind.made
    assert kind.opened == kind.closed <= stats.closed.total
    assert (stats.pool_size, stats.in_use, stats.connecting) == (0, 0, 0)


async def test_each_reason_to_get_none_is_counted() -> None:
    pool, _ = counted_pool(max_connections=1, max_waiting=1)
    held = await pool.get_connection()
    with pytest.raises(redis.exceptions.MaxConnectionsError):
        await pool.get_connection()
    pool.timeout = 0.01
    waiter = asyncio.ensure_future(pool.get_connection())
    await asyncio.sleep(0)
    assert pool.stats().requests_waiting == 1
    with pytest.raises(respool.ConnectionPoolOverloadError):
        await pool.get_connection()
    with pytest.raises(respool.ConnectionPoolTimeoutError):
        await waiter
    pool.timeout = None
    waiter = asyncio.ensure_future(pool.get_connection())
    await asyncio.sleep(0)
    await pool.aclose()
    with pytest.raises(respool.ConnectionPoolClosedError):
        await waiter
    cancelled = asyncio.ensure_future(pool.get_connection())
    await asyncio.sleep(0)
    cancelled.cancel()
    await asyncio.wait([cancelled])
    stats = pool.stats()
    assert (stats.exhausted, stats.shed, stats.timeouts, stats.turned_away) == (1, 1, 1, 1)
    assert (stats.requests_errors, stats.requests_num, stats.requests_queued) == (4, 1, 0)
    await pool.release(held)


async def test_each_reason_to_close_is_counted(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, max_connections=1, max_lifetime=0.2)
    connection = await pool.get_connection()
    connection._should_reconnect = True  # before redis-py 7 there is no method for it
    await pool.release(connection)
    assert closed_for(pool.stats()) == {"failover": 1}
    connection = await pool.get_connection()
    await connection.send_command("PING")
    await pool.release(connection)
    assert closed_for(pool.stats()) == {"failover": 1, "dirty": 1}
    lost = await pool.get_connection()
    del connection, lost
    assert closed_for(pool.stats()) == {"failover": 1, "dirty": 1, "error": 1}
    connection = await pool.get_connection()
    await asyncio.sleep(0.25)
    await pool.release(connection)
    assert closed_for(pool.stats()) == {"failover": 1, "dirty": 1, "error": 1, "lifetime": 1}
    await use(pool)
    await pool.aclose()
    assert closed_for(pool.stats()) == {"failover": 1, "dirty": 1, "error": 1, "lifetime": 1, "drain": 1}
    assert pool.stats().connections_num == 3


async def test_what_is_idle_for_too_long_is_counted() -> None:
    pool, kind = counted_pool(max_connections=2, max_idle_time=0.01)
    held = [await pool.get_connection() for _ in range(2)]
    for connection in held:
        await pool.release(connection)
    while pool.stats().pool_size:
        await asyncio.sleep(0.001)
    assert closed_for(pool.stats()) == {"idle": 2}
    await asyncio.sleep(0)
    assert kind.closed == 2
    await pool.aclose()


async def test_a_dial_that_fails_is_counted_once() -> None:
    pool, kind = counted_pool(max_connections=2, max_connecting=1, timeout=5)
    kind.refuses = True
    with pytest.raises(redis.ConnectionError):
        await pool.get_connection()
    assert (pool.stats().connections_errors, pool.stats().requests_num) == (1, 0)
    await pool.aclose()


async def test_times_are_those_that_tasks_measure() -> None:
    pool, _ = counted_pool(max_connections=1, timeout=None)
    held = await pool.get_connection()
    measured: list[float] = []

    async def wait() -> None:
        started = time.perf_counter()
        connection = await pool.get_connection()
        measured.append(time.perf_counter() - started)
        await asyncio.sleep(0.05)
        await pool.release(connection)

    waiting = [asyncio.ensure_future(wait()) for _ in range(4)]
    await asyncio.sleep(0.2)
    await pool.release(held)
    await asyncio.gather(*waiting)
    stats = pool.stats()
    assert stats.wait.count == stats.requests_queued == 4
    assert 0.8 * sum(measured) < stats.wait.sum <= sum(measured)
    for rank, seconds in enumerate(sorted(measured)):
        assert 0.75 * seconds <= stats.wait.quantile((rank + 0.5) / 4) <= 1.25 * seconds
    await use(pool, 4000)
    usage = pool.stats().usage
    assert 170 < usage.count < 330  # 250, give or take five times 15
    assert 0 < usage.p50 < 0.05


async def test_hooks_are_told_of_the_pool_and_of_the_connection(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, max_connections=1)
    said: list[Any] = []
    pool.hooks = recording(said)
    connection = await pool.get_connection()
    with pytest.raises(redis.exceptions.MaxConnectionsError) as caught:
        await pool.get_connection()
    await pool.release(connection)
    connection = await pool.get_connection()
    await connection.send_command("PING")
    await pool.release(connection)
    await pool.aclose()
    assert said == [
        ("on_create", pool, connection), ("on_checkout", pool, connection), ("on_timeout", pool, caught.value),
        ("on_release", pool, connection), ("on_checkout", pool, connection), ("on_release", pool, connection),
        ("on_close", pool, connection), ("on_close", pool, connection),
    ]
    assert pool.stats().closed.total == 2


async def test_hooks_are_told_of_others_connections_too() -> None:
    pool, _ = counted_pool(max_connections=1)
    said: list[Any] = []
    pool.hooks = recording(said)
    connection = await pool.get_connection()
    connection.should_reconnect = lambda: True
    await pool.release(connection)
    await pool.aclose()
    assert [event for event, _, _ in said] == ["on_create", "on_checkout", "on_release", "on_close", "on_close"]
    assert closed_for(pool.stats()) == {"failover": 1, "drain": 1}


@pytest.mark.parametrize("event", EVENTS)
async def test_an_interrupt_in_a_hook_loses_no_place(event: str) -> None:
    pool, _ = counted_pool(max_connections=1)
    pool.hooks = Hooks(**{event: interrupted})
    hit = 0
    for _ in range(3):
        connection = None
        try:
            connection = await pool.get_connection()
            if event == "on_timeout":
                await pool.get_connection()
            await pool.release(connection)
            pool.reset()
        except KeyboardInterrupt:
            hit += 1
        connection = None
        assert pool.stats().in_use == pool.stats().connecting == 0
    assert hit == 3
    pool.hooks = None
    await use(pool)
    assert pool.stats().pool_size == 1
    await pool.aclose()

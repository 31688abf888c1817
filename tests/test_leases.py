"""Who holds what: leases, what an exhausted pool says of them, and what the log says of those that last too long."""

from __future__ import annotations

import asyncio
import functools
import gc
import inspect
import logging
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.exceptions import MaxConnectionsError

import respool
import respool.asyncio as aio
from conftest import Threads, assert_sound, until
from deployments import cluster
from loops import on_each_loop
from respool import BlockingConnectionPool, ConnectionPool, Lease
from servers import RedisServer
from stubs import AsyncDummy, Dummy
from survivors import in_line, new_name
from tasks import until as until_awaited
from tasks import waiting
from test_fork import in_child

CLIENTS = [redis.Redis, respool.Redis]
each_client = pytest.mark.parametrize("client_class", CLIENTS, ids=["redis", "respool"])


def line() -> int:
    """The line that calls this."""
    frame = inspect.currentframe()
    assert frame is not None and frame.f_back is not None
    return frame.f_back.f_lineno


@contextmanager
def recorded(limit: int = 4, **options: Any) -> Iterator[Any]:
    """A pool of connections that do nothing, with all leases on record."""
    with ConnectionPool(**{"connection_class": Dummy, "max_connections": limit, "lease_sampling": 1, "name": "mine",
                           **options}) as pool:
        yield pool


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "respool" and record.levelno == level]


# --- what is on record -------------------------------------------------------------------------------------------

def test_a_lease_says_who_holds_a_connection_and_for_how_long_and_since_where() -> None:
    with recorded() as pool:
        held, taken_at = pool.get_connection(), line()
        [lease] = pool.leases()
        assert isinstance(lease, Lease)
        assert lease.holder == f"thread {threading.current_thread().name!r}"
        name = "test_a_lease_says_who_holds_a_connection_and_for_how_long_and_since_where"
        assert lease.stack[0] == f"{__file__}:{taken_at} in {name}"
        assert len(lease.stack) > 3 and not any("/respool/" in line for line in lease.stack)
        assert 0 <= lease.seconds < 30
        time.sleep(0.02)
        assert pool.leases()[0].seconds >= lease.seconds + 0.02
        assert str(lease) == f"{lease.holder} for {lease.seconds:.3f} s, since {lease.stack[0]}"
        pool.release(held)
        assert pool.leases() == []
        pool.release(pool.get_connection())
        assert pool.leases() == []


def test_who_holds_longest_comes_first() -> None:
    with recorded() as pool:
        first, second, third = (pool.get_connection() for _ in range(3))
        pool.release(first)
        again, taken_at = pool.get_connection(), line()
        assert len(pool.leases()) == 3
        assert f":{taken_at} in" in pool.leases()[-1].stack[0]
        pool.release(second)
        second, taken_at = pool.get_connection(), line()
        for _ in range(100):
            assert [f":{taken_at} in" in lease.stack[0] for lease in pool.leases()] == [False, False, True]
        for connection in (second, third, again):
            pool.release(connection)


def test_a_lease_names_the_thread_that_waited_and_not_the_one_that_served_it(threads: Threads) -> None:
    with recorded(1, timeout=30) as pool:
        held = pool.get_connection()
        waiter = in_line(threads, pool)
        pool.release(held)
        waiter.served()
        [lease] = pool.leases()
        assert lease.holder == f"thread {waiter._thread.name!r}"
        assert "in _run" in lease.stack[0]
        waiter.give_back()
        assert pool.leases() == []


def blocked(client: Any) -> Any:
    """Wait for what the test sends."""
    return client.blpop(["leases"], timeout=30)


@each_client
def test_a_command_a_pipeline_a_transaction_and_a_subscriber_are_named_where_the_program_uses_them(
    server: RedisServer, threads: Threads, client_class: Any
) -> None:
    with ConnectionPool(**server.address, lease_sampling=1) as pool:
        client = client_class(connection_pool=pool)
        thread = threads.start(blocked, client)
        until(lambda: len(pool.leases()) == 1)
        [lease] = pool.leases()
        assert lease.holder == f"thread {thread.name!r}" and lease.stack[0].endswith(" in blocked")
        client.rpush("leases", "end")
        threads.join()
        assert pool.leases() == []

        name = "test_a_command_a_pipeline_a_transaction_and_a_subscriber_are_named_where_the_program_uses_them"
        with client.pipeline() as transaction:
            transaction.watch("key")
            assert pool.leases()[0].stack[0].endswith(f" in {name}")
            transaction.multi()
            transaction.set("key", 1).execute()
        with client.pubsub() as subscriber:
            subscriber.subscribe("channel")
            assert pool.leases()[0].stack[0].endswith(f" in {name}")
        client.pipeline(transaction=False).set("key", 1).get("key").execute()
        assert pool.leases() == []
        assert_sound(pool, in_use=0)


def test_connections_of_a_cluster_are_on_record_too() -> None:
    with cluster() as setup:
        client = redis.cluster.RedisCluster.from_url(
            setup.servers[0].url, client_name=new_name(),
            connection_pool_class=functools.partial(ConnectionPool, lease_sampling=1),
        )
        pools = [node.redis_connection.connection_pool for node in client.get_primaries()]
        held = [pool.get_connection() for pool in pools]
        assert [len(pool.leases()) for pool in pools] == [1, 1, 1]
        for pool, connection in zip(pools, held, strict=True):
            pool.release(connection)
        for number in range(20):
            client.set(f"key-{number}", number)
        assert [pool.leases() for pool in pools] == [[], [], []]
        client.disconnect_connection_pools()
        client.close()


def test_a_connection_that_is_lost_has_no_holder() -> None:
    with recorded() as pool:
        held = pool.get_connection()
        assert len(pool.leases()) == 1
        del held
        assert pool.leases() == []
        assert_sound(pool, created=0)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_pool_that_begins_anew_knows_of_no_lease() -> None:
    with recorded() as pool:
        held = pool.get_connection()

        def child() -> None:
            assert pool.leases() == []
            mine = pool.get_connection()
            assert len(pool.leases()) == 1
            pool.release(mine)

        in_child(child)
        assert len(pool.leases()) == 1
        pool.reset()
        assert pool.leases() == []
        pool.release(held)


# --- how much ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [
    {"lease_sampling": None}, {"lease_sampling": 0}, {"lease_sampling": 0, "leak_threshold": 0.01},
])
def test_with_a_share_of_none_nothing_is_recorded(options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(respool._surviving, "Tenant", lambda: 1 / 0)
    with recorded(2, **options) as pool:
        held = [pool.get_connection(), pool.get_connection()]
        assert pool.leases() == []
        with pytest.raises(MaxConnectionsError) as caught:
            pool.get_connection()
        assert "Held" not in str(caught.value)
        for connection in held:
            pool.release(connection)


def test_about_as_many_are_recorded_as_asked_for() -> None:
    with recorded(1000, lease_sampling=0.5) as pool:
        held = [pool.get_connection() for _ in range(1000)]
        assert 350 < len(pool.leases()) < 650
        for connection in held:
            pool.release(connection)
        assert pool.leases() == []


@pytest.mark.parametrize("options", [{"lease_sampling": 1}, {"lease_sampling": None, "leak_threshold": 60},
                                     {"lease_sampling": 1.0, "leak_threshold": 60}])
def test_all_are_recorded_if_that_is_asked_for(options: dict[str, Any]) -> None:
    with recorded(50, **options) as pool:
        held = [pool.get_connection() for _ in range(50)]
        assert len(pool.leases()) == 50
        for connection in held:
            pool.release(connection)


# --- what is told ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("timeout", [0, 0.05])
def test_an_exhausted_pool_names_the_three_who_hold_connections_longest(timeout: float) -> None:
    with recorded(4, timeout=timeout) as pool:
        held, first = [pool.get_connection() for _ in range(3)], line()
        held.append(pool.get_connection())
        last = line() - 1
        with pytest.raises(MaxConnectionsError) as caught:
            pool.get_connection()
        found = str(caught.value)
        assert found.count(" s, since ") == 3 and found.count(f"{__file__}:{first} in") == 3
        assert f":{last} in" not in found
        assert "Held longest by thread 'MainThread' for 0." in found and "; thread 'MainThread' for" in found
        for connection in held:
            pool.release(connection)


def test_a_connection_that_is_held_too_long_is_told_once_and_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "respool")
    with recorded(leak_threshold=0.05, lease_sampling=None) as pool:
        held, taken_at = pool.get_connection(), line()
        until(lambda: bool(caplog.records))
        time.sleep(0.15)  # for three more
        pool._housekeeper.call()
        [told] = messages(caplog, logging.WARNING)
        assert told.startswith("Pool 'mine': a connection has been held for 0.")
        assert f"by thread {threading.current_thread().name!r}. It was taken at:\n  {__file__}:{taken_at} in " in told
        assert messages(caplog, logging.INFO) == []
        pool.release(held)
        [back] = messages(caplog, logging.INFO)
        assert back.startswith("Pool 'mine': a connection is back after 0.")
        assert f"with thread {threading.current_thread().name!r}" in back

        held = pool.get_connection()  # another lease of the same connection
        until(lambda: len(messages(caplog, logging.WARNING)) == 2)
        pool.release(held)
        assert len(messages(caplog, logging.INFO)) == 2


def test_one_that_comes_back_in_time_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "respool")
    with recorded(leak_threshold=5) as pool:
        for _ in range(3):
            held = pool.get_connection()
            pool._housekeeper.call()
            pool.release(held)
    assert caplog.records == []


def test_each_of_several_is_told_when_its_own_time_is_over(caplog: pytest.LogCaptureFixture, threads: Threads) -> None:
    with recorded(3, leak_threshold=0.1, connection_class=Dummy, timeout=30) as pool:
        first = pool.get_connection()
        time.sleep(0.05)
        second = pool.get_connection()
        until(lambda: len(caplog.records) == 2)
        third = pool.get_connection()
        until(lambda: len(caplog.records) == 3)
        for connection in (first, second, third):
            pool.release(connection)


# --- what is kept ------------------------------------------------------------------------------------------------

class Local:
    """Something that a function holds."""


def test_no_frame_no_local_and_no_thread_is_kept() -> None:
    gone: list[Any] = []

    def take(pool: Any, connections: list[Any]) -> None:
        local = Local()
        gone.extend((weakref.ref(local), weakref.ref(threading.current_thread())))
        connections.append(pool.get_connection())

    held: list[Any] = []
    with recorded(2) as pool:
        gc.disable()
        try:
            take(pool, held)
            thread = threading.Thread(target=take, args=(pool, held), name="short-lived")
            thread.start()
            thread.join()
            del thread
            assert gone[0]() is gone[2]() is gone[3]() is None
        finally:
            gc.enable()
        assert {lease.holder for lease in pool.leases()} == {"thread 'MainThread'", "thread 'short-lived'"}
        for connection in held:
            pool.release(connection)


def test_a_deep_stack_is_cut() -> None:
    with recorded() as pool:

        def deeper(depth: int) -> Any:
            return pool.get_connection() if depth == 0 else deeper(depth - 1)

        held = deeper(300)
        [lease] = pool.leases()
        assert len(lease.stack) == 64 and all(line.endswith("in deeper") for line in lease.stack)
        pool.release(held)


def test_a_blocking_pool_and_a_client_of_its_own_keep_records_too(server: RedisServer) -> None:
    with BlockingConnectionPool(connection_class=Dummy, max_connections=1, timeout=0.01, lease_sampling=1) as pool:
        held = pool.get_connection()
        with pytest.raises(redis.exceptions.ConnectionPoolTimeoutError, match="Held longest by"):
            pool.get_connection()
        pool.release(held)
    with respool.Redis(**server.address, lease_sampling=1) as client:
        assert client.ping() and client.connection_pool.leases() == []


# --- tasks -------------------------------------------------------------------------------------------------------

def recorded_for_tasks(limit: int = 4, **options: Any) -> Any:
    return aio.ConnectionPool(**{"connection_class": AsyncDummy, "max_connections": limit, "lease_sampling": 1,
                                 "name": "mine", **options})


@on_each_loop
async def test_a_lease_names_the_task_and_the_line_that_awaited() -> None:
    async with recorded_for_tasks() as pool:
        done = asyncio.Event()

        async def use() -> int:
            held, taken_at = await pool.get_connection(), line()
            await done.wait()
            await pool.release(held)
            return taken_at

        task = asyncio.get_running_loop().create_task(use(), name="user")
        await until_awaited(lambda: len(pool.leases()) == 1)
        [lease] = pool.leases()
        done.set()
        assert lease.stack[0] == f"{__file__}:{await task} in use"
        assert lease.holder == f"task 'user' in thread {threading.current_thread().name!r}"
        assert pool.leases() == []


@on_each_loop
async def test_a_task_that_had_to_wait_is_named_by_what_it_awaited() -> None:
    async with recorded_for_tasks(1, timeout=30) as pool:
        held = await pool.get_connection()

        async def use() -> Any:
            return await pool.get_connection()

        task = await waiting(pool, use)
        task.set_name("waiter")
        await pool.release(held)
        again = await task
        [lease] = pool.leases()
        assert "task 'waiter'" in lease.holder and lease.stack[0].endswith(" in use")
        await pool.release(again)


@on_each_loop
@pytest.mark.parametrize("client_class", [redis.asyncio.Redis, aio.Redis], ids=["redis", "respool"])
async def test_commands_pipelines_and_subscribers_of_tasks_are_on_record(
    server: RedisServer, client_class: Any
) -> None:
    async with aio.ConnectionPool(**server.address, lease_sampling=1) as pool:
        client = client_class(connection_pool=pool)

        async def pop() -> Any:
            return await client.blpop(["leases"], timeout=30)

        task = asyncio.get_running_loop().create_task(pop(), name="popper")
        await until_awaited(lambda: len(pool.leases()) == 1)
        [lease] = pool.leases()
        assert "task 'popper'" in lease.holder and lease.stack[0].endswith(" in pop")
        await client.rpush("leases", "end")
        await task
        name = "test_commands_pipelines_and_subscribers_of_tasks_are_on_record"
        async with client.pubsub() as subscriber:
            await subscriber.subscribe("channel")
            assert pool.leases()[0].stack[0].endswith(f" in {name}")
        async with client.pipeline() as transaction:
            await transaction.watch("key")
            assert pool.leases()[0].stack[0].endswith(f" in {name}")
        assert await client.pipeline().set("key", 1).execute() == [True]
        assert pool.leases() == []


@on_each_loop
async def test_an_exhausted_pool_for_tasks_names_its_holders() -> None:
    async with recorded_for_tasks(2) as pool:
        held = [await pool.get_connection() for _ in range(2)]
        with pytest.raises(MaxConnectionsError, match="Held longest by task '.*' in thread .*; task .*test_leases.py"):
            await pool.get_connection()
        for connection in held:
            await pool.release(connection)


@on_each_loop
async def test_a_connection_that_a_task_holds_too_long_is_told_once_and_again_when_it_is_back(
    caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "respool")
    async with recorded_for_tasks(leak_threshold=0.05, lease_sampling=None) as pool:
        held, taken_at = await pool.get_connection(), line()
        await until_awaited(lambda: bool(caplog.records))
        await asyncio.sleep(0.15)
        [told] = messages(caplog, logging.WARNING)
        assert f"It was taken at:\n  {__file__}:{taken_at} in " in told and "by task '" in told
        await pool.release(held)
        [back] = messages(caplog, logging.INFO)
        assert back.startswith("Pool 'mine': a connection is back after 0.")


@on_each_loop
async def test_about_as_many_leases_of_tasks_are_recorded_as_asked_for() -> None:
    for share, least, most in [(0, 0, 0), (0.5, 15, 85), (1, 100, 100)]:
        async with recorded_for_tasks(100, lease_sampling=share) as pool:
            held = [await pool.get_connection() for _ in range(100)]
            assert least <= len(pool.leases()) <= most
            for connection in held:
                await pool.release(connection)
            assert pool.leases() == []

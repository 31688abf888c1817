"""Connections that fail, are lost or given back twice, and the ends of pools and of their loops: nothing is lost."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import Any

import pytest
import redis
import redis.asyncio

import respool.asyncio as aio
from conftest import assert_sound, lasting
from loops import Run, on_each_loop
from servers import RedisServer
from stubs import AsyncDummy
from tasks import NO_RETRY, Gate, answer, ask, assert_usable, at_once, dummies, slots, until, waiting

pytestmark = on_each_loop


# --- nothing is lost -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("error", [redis.ConnectionError, ValueError, MemoryError])
async def test_a_constructor_that_raises_costs_no_slot(error: type[BaseException]) -> None:
    class Failing(AsyncDummy):
        healthy = False

        def __init__(self, **kwargs: Any) -> None:
            if not self.healthy:
                raise error("no")
            super().__init__(**kwargs)

    pool = dummies(connection_class=Failing)
    for _ in range(3):
        with pytest.raises(error):
            await pool.get_connection()
        assert_sound(pool, created=0)
    Failing.healthy = True
    await pool.release(await pool.get_connection())


@pytest.mark.parametrize("error", [redis.ConnectionError, redis.TimeoutError, OSError, ValueError])
async def test_a_connect_that_fails_costs_no_slot_and_lets_the_next_in_line_try(error: type[Exception]) -> None:
    gate = Gate()

    class Failing(AsyncDummy):
        healthy = False

        async def connect(self) -> None:
            if not Failing.healthy:
                await gate.stop()
                Failing.healthy = True
                raise error("no")

    pool = dummies(connection_class=Failing, timeout=None)
    first = asyncio.create_task(pool.get_connection())
    await gate.reached.wait()
    second = await waiting(pool)
    gate.go_on.set()
    with pytest.raises(error):
        await first
    await pool.release(await second)
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


async def test_a_connection_that_cannot_be_made_ready_is_closed_and_tried_again_by_the_next() -> None:
    class Dirty(AsyncDummy):
        dirty = True

        async def can_read(self) -> bool:
            return self.dirty

        can_read_destructive = can_read

    pool = dummies(connection_class=Dirty, timeout=20)
    for _ in range(3):
        with pytest.raises(redis.ConnectionError, match="not ready"):
            await pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)
    [connection] = pool._available_connections
    assert connection.calls[-1] == "disconnect"
    Dirty.dirty = False
    assert await pool.get_connection() is connection


async def test_a_connection_that_its_task_loses_gives_its_slot_back() -> None:
    pool = dummies()
    connection = await pool.get_connection()
    lost = weakref.ref(connection)
    del connection
    gc.collect()
    assert lost() is None
    assert_sound(pool, created=0)
    assert await pool.get_connection()


async def test_a_lost_connection_needs_no_collector_to_be_found(server: RedisServer, either_protocol: int) -> None:
    gc.disable()
    try:
        async with slots(server, protocol=either_protocol, client_name="lost") as pool:
            for command in [(), ("PING",), ("LPUSH", "wrong"), ("BLPOP", "nothing", "0.001")]:
                connection = await pool.get_connection()
                if command:
                    await connection.send_command(*command)
                    await answer(connection)
                    await connection.send_command("PING")
                del connection
                assert_sound(pool, created=0)
            await until(lambda: not server.connections_named("lost"))
    finally:
        gc.enable()


async def test_a_lost_connection_lets_the_next_in_line_have_its_slot() -> None:
    pool = dummies(timeout=None)
    connection = await pool.get_connection()
    tasks = [await waiting(pool), await waiting(pool)]
    del connection
    gc.collect()
    await pool.release(await tasks[0])
    await pool.release(await tasks[1])
    assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("timeout", [None, 30])
async def test_a_connection_lost_in_a_reference_cycle_is_found_while_others_wait(
    collector_at_rest: None, timeout: float | None
) -> None:
    pool = dummies(timeout=timeout)
    connection = await pool.get_connection()
    connection.calls.append(connection)
    del connection
    with lasting(0, 10):
        await pool.get_connection()


async def test_a_connection_lost_in_another_thread_lets_the_next_in_line_have_its_slot() -> None:
    pool = dummies(timeout=None)
    held = [await pool.get_connection()]
    task = await waiting(pool)
    with lasting(0, 10):
        await asyncio.to_thread(held.clear)
        await task


async def test_a_connection_lost_in_another_thread_is_closed(server: RedisServer) -> None:
    async with slots(server, client_name="lost") as pool:
        for _ in range(3):
            held = [await pool.get_connection()]
            await held[0].send_command("ECHO", "never read")
            await asyncio.to_thread(held.clear)
            await until(lambda: not server.connections_named("lost"))
            assert_sound(pool, created=0)


async def test_a_task_that_ends_with_its_connection_leaves_no_trace(server: RedisServer) -> None:
    async with slots(server, client_name="lost", timeout=20) as pool:

        async def lose() -> None:
            connection = await pool.get_connection()
            await connection.send_command("ECHO", "never read")
            raise ValueError

        for _ in range(3):
            await asyncio.gather(asyncio.create_task(lose()), return_exceptions=True)
            await asyncio.sleep(0)
            gc.collect()
            assert_sound(pool, created=0)
            assert await redis.asyncio.Redis(connection_pool=pool).echo("mine") == b"mine"
        await until(lambda: len(server.connections_named("lost")) == 1)
        assert_sound(pool, created=1, idle=1)


async def test_a_second_release_is_ignored() -> None:
    pool = dummies(2)
    first, second = await pool.get_connection(), await pool.get_connection()
    for _ in range(3):
        await pool.release(first)
    assert_sound(pool, created=2, idle=1, in_use=1)
    assert await pool.get_connection() is first
    await pool.release(second)


async def test_a_second_release_does_not_serve_two_who_wait() -> None:
    pool = dummies(timeout=None)
    connection = await pool.get_connection()
    first, second = await waiting(pool), await waiting(pool)
    at_once(pool.release(connection))
    at_once(pool.release(connection))
    assert await first is connection
    assert_sound(pool, in_use=1, waiting=1)
    await pool.release(connection)
    assert await second is connection


async def test_another_pools_connection_is_not_taken_in() -> None:
    pool, other = dummies(), dummies()
    theirs = await other.get_connection()
    await pool.release(theirs)
    await pool.release(AsyncDummy())
    assert_sound(pool, created=0)
    assert_sound(other, in_use=1)
    assert await pool.get_connection() is not theirs


async def test_a_connect_that_gives_back_its_own_connection_does_not_give_it_to_two() -> None:
    class Meddled(AsyncDummy):
        stale = False

        async def connect(self) -> None:
            if self.stale:
                await pool.release(self)  # its last caller once more
                await asyncio.sleep(0)

    pool = dummies(2, connection_class=Meddled)
    connection = await pool.get_connection()
    await pool.release(connection)
    connection.stale = True
    assert await pool.get_connection() is connection
    assert_sound(pool, created=1, in_use=1)
    assert await pool.get_connection() is not connection


# --- the end of pools and of loops -----------------------------------------------------------------------------

async def test_a_dropped_pool_closes_its_connections_without_a_word(server: RedisServer) -> None:
    pool: Any = aio.ConnectionPool(**server.address, max_connections=3, client_name="dropped")
    held = [await pool.get_connection() for _ in range(3)]
    await pool.release(held.pop())
    await held[0].send_command("ECHO", "unread")
    del pool
    held.clear()
    gc.collect()
    await until(lambda: not server.connections_named("dropped"))


async def test_a_dropped_connection_closes_without_a_word(server: RedisServer) -> None:
    connection: Any = aio.Connection(**server.address, client_name="dropped")
    assert await ask(connection, "ECHO", "mine") == b"mine"
    del connection
    gc.collect()
    await until(lambda: not server.connections_named("dropped"))


def test_connections_that_outlive_their_loop_close_without_a_word(run: Run, server: RedisServer) -> None:
    async def use() -> tuple[Any, Any]:
        pool = aio.ConnectionPool(**server.address, max_connections=3, client_name="dropped")
        held = [await pool.get_connection() for _ in range(2)]
        await held[0].send_command("ECHO", "unread")
        await assert_sound_after_release(pool, held.pop())
        return pool, held

    async def assert_sound_after_release(pool: Any, connection: Any) -> None:
        await pool.release(connection)
        assert_sound(pool, idle=1, in_use=1)

    kept = run(use, abandons=True)
    del kept
    gc.collect()
    run(until, lambda: not server.connections_named("dropped"))


def test_a_pool_that_outlives_its_loop_connects_anew_on_the_next(run: Run, server: RedisServer) -> None:
    pool = aio.ConnectionPool(**server.address, max_connections=2, client_name="reused", **NO_RETRY)
    for _ in range(3):
        run(assert_usable, pool, abandons=True)
    run(pool.aclose)
    run(until, lambda: not server.connections_named("reused"))


async def test_a_pool_refuses_a_second_loop_while_the_first_runs(server: RedisServer) -> None:
    async with slots(server) as pool:
        await assert_usable(pool)
        with pytest.raises(RuntimeError, match="two event loops"):
            await asyncio.to_thread(asyncio.run, pool.get_connection())
        await assert_usable(pool)


async def test_aclose_while_tasks_wait_connect_and_read_ends_them_all(server: RedisServer) -> None:
    async with slots(server, 3, timeout=None, client_name="closed") as pool:
        client: Any = redis.asyncio.Redis(connection_pool=pool)
        tasks = [asyncio.create_task(client.blpop(["nothing"], timeout=0)) for _ in range(6)]
        await until(lambda: pool.in_use == 3 and pool.waiting == 3)
        await pool.aclose()
        with lasting(0, 10):
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(outcome, redis.ConnectionError) for outcome in outcomes), outcomes
        assert_sound(pool, created=0)
        await until(lambda: not server.connections_named("closed"))

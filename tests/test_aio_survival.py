"""What a pool for asyncio does about time: it has connections ready, replaces old ones, grows, and drains."""

from __future__ import annotations

import asyncio
import gc
import time
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import MaxConnectionsError, ReadOnlyError

import respool.asyncio as aio
from conftest import Threads, assert_sound, lasting
from deployments import MASTER, load
from loops import Run, on_each_loop
from respool import ConnectionPoolClosedError
from servers import RedisServer, free_port, frozen, redis_server
from stubs import AsyncDummy
from survivors import ASYNC_KINDS, WRONG, AsyncForeign, Dials, assert_quiet, ids, new_name, run_script
from survivors import dials as dials
from tasks import ask, cancelled, cancelled_at, together, until, waiting
from test_fork import in_child
from test_survival import QUERY, demoted
from test_survival import master as master

pytestmark = on_each_loop

POOLS = [aio.ConnectionPool, aio.BlockingConnectionPool]
each_kind = pytest.mark.parametrize("kind", ASYNC_KINDS, ids=["respool", "redis", "foreign"])
each_real_kind = pytest.mark.parametrize("kind", ASYNC_KINDS[:2], ids=["respool", "redis"])
each_pool = pytest.mark.parametrize("pool_class", POOLS)
ONCE: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}


@asynccontextmanager
async def pool_of(server: RedisServer, pool_class: Any = aio.ConnectionPool, **options: Any) -> AsyncIterator[Any]:
    """A pool of connections with a name of their own, of which nothing is left on the server in the end."""
    name = new_name()
    async with pool_class(**{**server.address, "max_connections": 4, "client_name": name, **ONCE, **options}) as pool:
        yield pool
    assert_sound(pool, created=0)
    if server.process.poll() is None:
        await until(lambda: not server.connections_named(name))


def known(server: RedisServer, pool: Any) -> set[str]:
    """The connections of a pool, as the server knows them."""
    return ids(server, pool.connection_kwargs["client_name"])


async def id_of(connection: Any) -> str:
    return str(await ask(connection, "CLIENT", "ID"))


def created(pool: Any) -> int:
    return int(pool.counts()[0])


async def tended(pool: Any) -> None:
    """Let the housekeeper have been there once more."""
    round_ = pool._housekeeper.next_round()
    pool._housekeeper.call()
    await asyncio.wait_for(round_, 30)


async def borrowed(pool: Any, seconds: float = 0.0) -> None:
    """Take a connection and give it back."""
    connection = await pool.get_connection()
    try:
        await asyncio.sleep(seconds)
    finally:
        await pool.release(connection)


def others() -> set[Any]:
    return asyncio.all_tasks() - {asyncio.current_task()}


# --- min_idle ----------------------------------------------------------------------------------------------------

@each_pool
@each_kind
async def test_connections_are_ready_before_any_task_asks(
    server: RedisServer, dials: Dials, pool_class: Any, kind: Any
) -> None:
    async with pool_of(server, pool_class, connection_class=dials.of(kind), min_idle=3) as pool:
        await until(lambda: pool.idle == 3)
        if kind is not AsyncForeign:
            assert len(known(server, pool)) == 3
        assert dials.count == 3
        taken = [await pool.get_connection() for _ in range(2)]
        await until(lambda: pool.idle == 2)
        assert_sound(pool, created=4, in_use=2)
        for connection in taken:
            await pool.release(connection)
        assert_sound(pool, created=4, idle=4)


async def test_who_waits_until_the_pool_is_ready_goes_on_when_it_is(server: RedisServer, dials: Dials) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(aio.Connection), min_idle=2) as pool:
        ready = asyncio.ensure_future(pool.wait_ready(30))
        await until(lambda: dials.under_way == 1)
        assert not ready.done()
        dials.go_on()
        await ready
        assert_sound(pool, idle=2)
        await pool.wait_ready(0)


async def test_a_pool_without_a_minimum_is_ready_at_once(dials: Dials) -> None:
    pool = aio.ConnectionPool(host="127.0.0.1", port=free_port(), connection_class=dials.of(aio.Connection))
    await pool.wait_ready(0)
    assert dials.count == 0 and others() == set()


async def test_a_task_that_waits_for_a_server_that_is_down_is_told_why() -> None:
    async with aio.ConnectionPool(host="127.0.0.1", port=free_port(), min_idle=2, name="mine", **ONCE) as pool:
        with lasting(0.3, 20), pytest.raises(redis.exceptions.ConnectionPoolTimeoutError) as caught:
            await pool.wait_ready(0.3)
        assert isinstance(caught.value.__cause__, redis.ConnectionError)
        assert "2 connections of its min_idle of 2" in str(caught.value) and "'mine'" in str(caught.value)
        assert_sound(pool, in_use=0)
    assert_sound(pool, created=0)


async def test_a_task_that_waits_for_a_pool_that_is_closed_is_told_so(server: RedisServer, dials: Dials) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(aio.Connection), min_idle=1) as pool:
        ready = asyncio.ensure_future(pool.wait_ready(None))
        await until(lambda: dials.under_way == 1)
        await pool.aclose()
        with pytest.raises(ConnectionPoolClosedError, match="closed"):
            await asyncio.wait_for(ready, 20)
        dials.go_on()


async def test_a_task_that_is_cancelled_while_it_waits_for_the_pool_harms_nobody(
    server: RedisServer, dials: Dials
) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(aio.Connection), min_idle=2) as pool:
        first, second = (asyncio.ensure_future(pool.wait_ready(30)) for _ in range(2))
        await until(lambda: dials.under_way == 1)
        await cancelled(first)
        dials.go_on()
        await second
        assert_sound(pool, created=2, idle=2)


async def test_after_a_burst_a_pool_shrinks_to_its_minimum_and_not_below(server: RedisServer) -> None:
    async with pool_of(server, min_idle=2, max_idle_time=0.15, max_connections=6, timeout=20) as pool:
        for connection in [await pool.get_connection() for _ in range(6)]:
            await pool.release(connection)
        await until(lambda: created(pool) == 2)
        await until(lambda: len(known(server, pool)) == 2)
        left = known(server, pool)
        await asyncio.sleep(0.3)  # twice the time after which others go
        await tended(pool)
        assert_sound(pool, created=2, idle=2)
        assert known(server, pool) == left


async def test_connections_that_go_are_replaced(server: RedisServer) -> None:
    async with pool_of(server, min_idle=2, max_lifetime=0.3) as pool:
        await pool.wait_ready()
        before = known(server, pool)
        lost = await pool.get_connection()
        del lost
        await until(lambda: len(known(server, pool) - before) >= 2 and pool.idle == 2)


def test_a_pool_is_looked_after_from_the_first_use_on_a_loop(run: Run, server: RedisServer) -> None:
    """And on the next one again: it was made where none runs."""
    pool = aio.ConnectionPool(**server.address, min_idle=2, max_connections=4, client_name=new_name())

    async def use() -> None:
        await borrowed(pool)
        await until(lambda: pool.idle >= 2)
        assert len(known(server, pool)) >= 2
        await pool.aclose()
        assert_sound(pool, created=0)

    async def leave() -> None:
        await pool.wait_ready(20)

    run(use)
    run(use)
    run(leave, abandons=True)
    run(use)


async def test_a_pool_that_is_lost_goes_and_its_connections_too(server: RedisServer) -> None:
    name = new_name()
    pool = aio.ConnectionPool(**server.address, client_name=name, min_idle=2, max_lifetime=60, max_connections=2)
    await pool.wait_ready()
    await until(lambda: others() == set())
    gone = weakref.ref(pool)
    del pool
    gc.collect()
    assert gone() is None
    await until(lambda: not ids(server, name))
    assert others() == set()


@each_pool
async def test_a_closed_pool_is_left_alone_and_looked_after_again_from_its_next_use(
    server: RedisServer, dials: Dials, pool_class: Any
) -> None:
    async with pool_of(
        server, pool_class, connection_class=dials.of(aio.Connection), min_idle=2, max_lifetime=60
    ) as pool:
        await pool.wait_ready()
        used, lost = await pool.get_connection(), await pool.get_connection()
        await until(lambda: pool.idle == 2)
        await pool.aclose()
        await pool.release(used)
        del lost, used
        assert others() == set()
        await asyncio.sleep(0.05)
        assert others() == set()
        assert_sound(pool, created=0)
        assert known(server, pool) == set() and dials.count == 4
        await borrowed(pool)
        await until(lambda: pool.idle >= 2)


@each_kind
async def test_what_is_made_ready_while_the_pool_is_closed_is_closed_too(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(kind), min_idle=2) as pool:
        await until(lambda: dials.under_way == 1)
        await pool.aclose()
        assert_sound(pool, created=0)
        assert dials.under_way == 0 and others() == set()
        dials.go_on()


# --- ages --------------------------------------------------------------------------------------------------------

@each_kind
async def test_a_connection_that_nobody_uses_is_closed_when_its_time_is_over(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    async with pool_of(server, connection_class=dials.of(kind), max_idle_time=0.1) as pool:
        used = [await pool.get_connection(), await pool.get_connection()]
        await pool.release(used[0])
        await until(lambda: created(pool) == 1)
        assert_sound(pool, in_use=1)
        await pool.release(used[1])
        await until(lambda: created(pool) == 0)
        await until(lambda: known(server, pool) == set())
        assert dials.count == 2


async def nothing() -> None:
    """What a housekeeper does who does not come."""


@each_kind
@pytest.mark.parametrize("option", ["max_idle_time", "max_lifetime"])
async def test_what_is_too_old_is_not_handed_out_also_if_nobody_has_come_to_close_it(
    server: RedisServer, dials: Dials, kind: Any, option: str
) -> None:
    async with pool_of(server, connection_class=dials.of(kind), **{option: 0.4}) as pool:
        pool._tend = nothing
        await borrowed(pool)
        await borrowed(pool)
        assert dials.count == 1
        await asyncio.sleep(0.41)
        assert_sound(pool, created=1, idle=1)
        await borrowed(pool)
        assert dials.count == 2
        await borrowed(pool)
        assert dials.count == 2


@each_kind
async def test_a_connection_that_has_lived_its_time_is_replaced_when_it_comes_back(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    """Whoever waits for it gets another."""
    async with pool_of(
        server, aio.BlockingConnectionPool, connection_class=dials.of(kind), max_connections=1, max_lifetime=0.1
    ) as pool:
        old = await pool.get_connection()
        waiter = await waiting(pool)
        await asyncio.sleep(0.1)
        await pool.release(old)
        assert await waiter is not old
        assert_sound(pool, created=1, in_use=1)
        assert dials.count == 2
        await asyncio.sleep(0.1)
        await pool.release(waiter.result())
        assert_sound(pool, created=0)


async def test_a_connection_that_is_kept_alive_survives_a_server_that_closes_idle_ones() -> None:
    with redis_server("--timeout", "1") as server:
        async with pool_of(server, keepalive_interval=0.1) as kept, pool_of(server, max_lifetime=600) as left:
            survivor = await redis.asyncio.Redis(connection_pool=kept).client_id()
            client = redis.asyncio.Redis(connection_pool=left)
            closed = await client.client_id()
            await until(lambda: not known(server, left))
            assert await redis.asyncio.Redis(connection_pool=kept).client_id() == survivor
            assert await client.client_id() != closed
            assert_sound(kept, created=1, idle=1)


@each_real_kind
async def test_one_that_does_not_answer_is_closed(server: RedisServer, kind: Any, either_protocol: int) -> None:
    options = {"connection_class": kind, "socket_timeout": 0.1, "protocol": either_protocol}
    async with pool_of(server, keepalive_interval=0.1, **options) as pool:
        used = await pool.get_connection()
        await borrowed(pool)
        with frozen(server):
            await until(lambda: created(pool) == 1)
            assert_sound(pool, in_use=1)
        await pool.release(used)


async def test_who_comes_while_a_connection_is_looked_at_gets_it_after_that(server: RedisServer) -> None:
    async with pool_of(server, aio.BlockingConnectionPool, max_connections=1, keepalive_interval=0.1) as pool:
        connection = await pool.get_connection()
        before = await id_of(connection)
        await pool.release(connection)
        with frozen(server):
            await until(lambda: pool.in_use == 1)
            waiter = await waiting(pool)
        assert await id_of(await waiter) == before
        await pool.release(waiter.result())


# --- resize ------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("options", [{}, {"max_connecting": 1}], ids=["alone", "by the pool"])
async def test_when_a_pool_grows_those_in_line_are_served(server: RedisServer, options: dict[str, Any]) -> None:
    async with pool_of(server, max_connections=1, timeout=30, **options) as pool:
        used = await pool.get_connection()
        waiters = [await waiting(pool) for _ in range(3)]
        pool.resize(3)
        assert used not in [await waiters[0], await waiters[1]]
        assert_sound(pool, created=3, in_use=3, waiting=1)
        await pool.release(used)
        assert await waiters[2] is used
        pool.resize(1)
        for waiter in waiters:
            await pool.release(waiter.result())
        assert_sound(pool, created=1, idle=1)


async def test_a_pool_may_be_told_later_how_many_are_to_be_ready(server: RedisServer) -> None:
    async with pool_of(server, max_connections=2) as pool:
        pool.resize(6, min_idle=1)  # before its first use
        await borrowed(pool)
        pool.resize(6, min_idle=4)
        await until(lambda: pool.idle == 4)
        pool.resize(6, 5)
        await pool.wait_ready()
        assert_sound(pool, created=5, idle=5)
        pool.resize(6, 0)
        taken = [await pool.get_connection() for _ in range(4)]
        await tended(pool)
        assert_sound(pool, created=5, idle=1)
        for connection in taken:
            await pool.release(connection)


def test_a_pool_may_be_resized_where_no_loop_runs(run: Run, server: RedisServer, threads: Threads) -> None:
    pool = aio.ConnectionPool(**server.address, max_connections=1, client_name=new_name())
    pool.resize(4, min_idle=2)

    async def use() -> None:
        await borrowed(pool)
        await until(lambda: pool.idle >= 2)
        threads.start(pool.resize, 4, 3)
        await until(lambda: pool.idle >= 3)
        threads.join()
        await pool.aclose()

    run(use)


# --- drain -------------------------------------------------------------------------------------------------------

@each_pool
@each_kind
async def test_a_drained_pool_serves_those_in_line_and_nobody_else(
    server: RedisServer, pool_class: Any, kind: Any
) -> None:
    async with pool_of(server, pool_class, connection_class=kind, max_connections=2, timeout=30) as pool:
        used = [await pool.get_connection(), await pool.get_connection()]
        waiters = [await waiting(pool), await waiting(pool)]
        drain = asyncio.ensure_future(pool.drain())
        await asyncio.sleep(0)
        with pytest.raises(ConnectionPoolClosedError, match="closed"):
            await pool.get_connection()
        for connection, waiter in zip(used, waiters, strict=True):
            await pool.release(connection)
            assert await waiter is connection
        await pool.release(waiters[0].result())
        assert_sound(pool, created=1, in_use=1)
        await asyncio.sleep(0)
        assert not drain.done()
        await pool.release(waiters[1].result())
        assert await drain is True
        assert_sound(pool, created=0, waiting=0)
        await until(lambda: known(server, pool) == set())
        await borrowed(pool)
        assert_sound(pool, created=1, idle=1)


async def test_a_drain_ends_in_time_and_closes_what_is_still_in_use(server: RedisServer) -> None:
    async with pool_of(server, max_connections=1, timeout=30) as pool:
        used = await pool.get_connection()
        waiter = await waiting(pool)
        with lasting(0.1, 20):
            assert await pool.drain(0.1) is False
        with pytest.raises(ConnectionPoolClosedError):
            await waiter
        assert not used.is_connected
        await until(lambda: known(server, pool) == set())
        await pool.release(used)
        assert_sound(pool, created=0)
        await borrowed(pool)
        assert await pool.drain(0) is True
        assert await pool.drain() is True


async def test_a_drain_that_is_cancelled_is_over(server: RedisServer) -> None:
    async with pool_of(server, max_connections=2) as pool:
        used = await pool.get_connection()
        drain = asyncio.ensure_future(pool.drain())
        await asyncio.sleep(0.01)
        await cancelled(drain)
        assert not used.is_connected
        await pool.release(used)
        await borrowed(pool)
        assert_sound(pool, created=1, idle=1)


async def test_two_tasks_may_drain_a_pool_at_once_one_of_them_for_short(server: RedisServer) -> None:
    async with pool_of(server) as pool:
        used = await pool.get_connection()
        drains = [asyncio.ensure_future(pool.drain()) for _ in range(2)]
        await asyncio.sleep(0)
        assert await pool.drain(0) is False
        with pytest.raises(ConnectionPoolClosedError):
            await pool.get_connection()
        await pool.release(used)
        assert await asyncio.gather(*drains) == [True, True]
        await borrowed(pool)


async def test_nothing_is_made_ready_in_a_pool_that_is_drained(server: RedisServer, dials: Dials) -> None:
    async with pool_of(server, connection_class=dials.of(aio.Connection), min_idle=2) as pool:
        await pool.wait_ready()
        used = await pool.get_connection()
        await until(lambda: pool.idle == 2)
        drain = asyncio.ensure_future(pool.drain())
        await asyncio.sleep(0)
        await tended(pool)
        assert_sound(pool, created=1, in_use=1)
        await pool.release(used)
        assert await drain is True
        assert others() == set() and dials.count == 3


async def test_a_drain_does_not_wait_for_a_connection_that_is_lost(server: RedisServer) -> None:
    async with pool_of(server) as pool:
        used = await pool.get_connection()
        drain = asyncio.ensure_future(pool.drain())
        await asyncio.sleep(0)
        del used
        gc.collect()
        assert await drain is True


# --- max_connecting ----------------------------------------------------------------------------------------------

@each_kind
@pytest.mark.parametrize("order", ["fifo", "lifo"])
async def test_a_spike_is_served_by_few_connections_in_order_of_arrival(
    server: RedisServer, dials: Dials, kind: Any, order: str
) -> None:
    options = {"connection_class": dials.of(kind), "max_connections": 50, "max_connecting": 1, "order": order}
    dials.seconds = 0.15
    served: list[int] = []
    async with pool_of(server, aio.BlockingConnectionPool, timeout=30, **options) as pool:

        async def use(number: int) -> None:
            connection = await pool.get_connection()
            served.append(number)
            await asyncio.sleep(0.002)
            await pool.release(connection)

        await together(50, use)
        await until(lambda: pool.connecting == 0)
        assert dials.count <= 7 and dials.most == 1
        assert served == list(range(50))
        assert_sound(pool, created=dials.count, idle=dials.count)


@each_kind
async def test_who_waits_takes_what_comes_back_and_the_dialled_one_goes_to_the_next(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    async with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        used = await pool.get_connection()
        dials.stop()
        first, second = await waiting(pool), await waiting(pool)
        await until(lambda: dials.under_way == 1)
        await pool.release(used)
        assert await first is used and dials.under_way == 1
        assert_sound(pool, created=2, in_use=1, connecting=1, waiting=1)
        dials.go_on()
        assert await second is not used
        assert dials.count == 2
        dials.stop()
        third = await waiting(pool)
        await until(lambda: dials.under_way == 1)
        await pool.release(used)
        assert await third is used
        dials.go_on()
        await until(lambda: pool.idle == 1)  # nobody needs it any more
        await pool.release(third.result())
        await pool.release(second.result())
        assert_sound(pool, created=3, idle=3)


@each_kind
async def test_a_dial_that_fails_is_told_to_the_first_in_line_or_to_all_if_nobody_holds_a_connection(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    async with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        used = await pool.get_connection()
        dials.stop()
        waiters = [await waiting(pool) for _ in range(3)]
        dials.error, dials.failures = redis.ConnectionError("no"), 1
        await until(lambda: dials.under_way == 1)
        dials.go_on()
        with pytest.raises(redis.ConnectionError, match="no"):
            await waiters[0]
        for waiter in waiters[1:]:
            await pool.release(await waiter)
        await pool.release(used)
        await until(lambda: pool.connecting == 0)
        assert_sound(pool, in_use=0, waiting=0)
        await pool.aclose()

        dials.count, dials.failures = 0, 1000
        dials.stop()
        waiters = [await waiting(pool) for _ in range(5)]
        dials.go_on()
        errors = await asyncio.gather(*waiters, return_exceptions=True)
        assert len({id(error) for error in errors}) == 5
        assert {(type(error), str(error)) for error in errors} == {(redis.ConnectionError, "no")}
        assert dials.count == 1
        assert_sound(pool, created=0, waiting=0)
        dials.error = None
        await borrowed(pool)


async def test_who_waits_for_a_dial_that_hangs_waits_no_longer_than_he_wants(
    server: RedisServer, dials: Dials
) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(aio.Connection), max_connecting=1, timeout=0.1) as pool:
        with lasting(0.09, 20), pytest.raises(redis.TimeoutError):
            await pool.get_connection()
        await until(lambda: created(pool) == 0)  # the dial has no longer either
        assert_sound(pool, waiting=0)
        dials.go_on()
        await borrowed(pool)


async def test_dead_idle_connections_are_replaced_by_single_dials(dials: Dials) -> None:
    options = {"connection_class": dials.of(aio.Connection), "max_connections": 50, "max_connecting": 1, "timeout": 30}
    with redis_server() as server:
        port = server.port
        pool = aio.BlockingConnectionPool(**server.address, **options, **ONCE)
        for connection in [await pool.get_connection() for _ in range(50)]:
            await pool.release(connection)
        assert_sound(pool, created=50, idle=50)
    with redis_server(port=port):
        dials.count, dials.seconds = 0, 0.02
        client = redis.asyncio.Redis(connection_pool=pool)

        async def use(number: int) -> None:
            assert await client.echo(str(number)) == b"%d" % number

        await together(50, use)
        await until(lambda: pool.connecting == 0)
        assert dials.most == 1 and dials.count < 25
        await pool.aclose()


@each_kind
async def test_who_may_not_wait_dials_himself(server: RedisServer, dials: Dials, kind: Any) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(kind), max_connecting=1, max_connections=2) as pool:
        tasks = [asyncio.ensure_future(pool.get_connection()) for _ in range(2)]
        await until(lambda: dials.under_way == 2)
        with pytest.raises(MaxConnectionsError):
            await pool.get_connection()
        dials.go_on()
        for task in tasks:
            await pool.release(await task)
        assert_sound(pool, created=2, idle=2)


@each_kind
async def test_a_pool_that_is_closed_during_a_dial_keeps_nothing_of_it(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    dials.stop()
    async with pool_of(server, connection_class=dials.of(kind), max_connecting=1, timeout=30) as pool:
        waiter = await waiting(pool)
        await until(lambda: dials.under_way == 1)
        await pool.aclose()
        with pytest.raises(redis.ConnectionError):
            await waiter
        assert_sound(pool, created=0, waiting=0)
        assert others() == set()
        dials.go_on()
        await borrowed(pool)


async def test_a_task_may_be_cancelled_anywhere_on_its_way_to_a_dialled_connection(server: RedisServer) -> None:
    async with pool_of(server, max_connecting=1, max_connections=2, timeout=20, min_idle=1) as pool:
        nth = 1
        while await cancelled_at(nth, lambda: borrowed(pool)) or await cancelled_at(
            nth, lambda: borrowed(pool), late=True
        ):
            nth += 1
            await until(lambda: pool.connecting == 0)
            assert_sound(pool, in_use=0, waiting=0)
            await pool.disconnect()
            await pool.aclose()
        assert nth > 1
        await together(10, lambda _: borrowed(pool, 0.001))
        assert_sound(pool, in_use=0, waiting=0)


async def test_a_constructor_that_raises_is_told_to_those_in_line() -> None:
    class Unborn(AsyncDummy):
        def __init__(self, **kwargs: Any) -> None:
            raise RuntimeError("no")

    pool = aio.ConnectionPool(connection_class=Unborn, max_connecting=1, max_connections=1, timeout=30)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="no"):
            await pool.get_connection()
        assert_sound(pool, created=0, waiting=0)


async def test_all_options_together_under_load_keep_the_limit(server: RedisServer) -> None:
    options = {"min_idle": 2, "max_connecting": 1, "max_connections": 5, "max_lifetime": 0.1, "max_idle_time": 0.05,
               "keepalive_interval": 0.02, "probe_interval": 1, "retire_on_failover": True, "lease_sampling": 0.5}
    async with pool_of(server, aio.BlockingConnectionPool, timeout=30, **options) as pool:
        client = aio.Redis(connection_pool=pool)

        async def use(number: int) -> None:
            for turn in range(50):
                assert await client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()
                assert_sound(pool)

        await together(10, use)
        await until(lambda: pool.connecting == 0)
        assert_sound(pool, waiting=0)


# --- failover ----------------------------------------------------------------------------------------------------

@each_real_kind
@pytest.mark.parametrize("client_class", [redis.asyncio.Redis, aio.Redis])
async def test_a_demoted_masters_connections_are_replaced_as_they_come_back(
    master: RedisServer, client_class: Any, kind: Any, either_protocol: int, caplog: pytest.LogCaptureFixture
) -> None:
    options = {"retire_on_failover": True, "connection_class": kind, "protocol": either_protocol, "name": "mine"}
    async with pool_of(master, **options) as pool:
        client = client_class(connection_pool=pool)
        used = [await pool.get_connection() for _ in range(4)]
        for connection in used[:3]:
            await pool.release(connection)
        before = known(master, pool)
        with demoted(master), pytest.raises(ReadOnlyError):
            await client.set("key", "value")
        [record] = caplog.records
        assert record.getMessage().startswith("Pool 'mine': its server has failed over (")
        await pool.release(used[3])
        again = [await pool.get_connection() for _ in range(4)]
        assert not {await id_of(connection) for connection in again} & before
        for connection in again:
            await pool.release(connection)
        assert await client.set("key", "value") is True


async def test_one_failover_a_second_is_believed_and_none_without_the_option(
    master: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    async with pool_of(master, retire_on_failover=True) as pool, pool_of(master, max_lifetime=60) as other:
        clients = [redis.asyncio.Redis(connection_pool=each) for each in (pool, other)]
        stays = await clients[1].client_id()
        started = time.monotonic()
        used = set()
        with demoted(master):
            for _ in range(50):
                for client in clients:
                    with pytest.raises(ReadOnlyError):
                        await client.set("key", "value")
                used.add(await clients[0].client_id())
        assert len(caplog.records) == len(used) <= 1 + (time.monotonic() - started)
        assert await clients[1].client_id() == stays


async def test_a_failover_under_load_leaves_no_old_connection(master: RedisServer) -> None:
    async with pool_of(master, aio.BlockingConnectionPool, retire_on_failover=True, min_idle=1) as pool:
        client = aio.Redis(connection_pool=pool)

        async def turn(number: int, turn: int) -> None:
            await client.set(f"key-{number}", f"{number}-{turn}")
            assert await client.get(f"key-{number}") == f"{number}-{turn}".encode()

        async with load(turn, ReadOnlyError) as traffic:
            await until(lambda: len(known(master, pool)) == 4)
            before = known(master, pool)
            with demoted(master):
                await until(lambda: len(traffic.errors) > 20)
            await until(lambda: not known(master, pool) & before)
        assert_sound(pool, in_use=0, waiting=0)


async def test_connections_that_have_no_parser_are_of_no_help_and_no_harm() -> None:
    async with aio.ConnectionPool(connection_class=AsyncDummy, retire_on_failover=True, probe_interval=1) as pool:
        await borrowed(pool)
        assert_sound(pool, created=1, idle=1)


# --- the end of loops and processes ------------------------------------------------------------------------------

END = """
import asyncio, logging, socket, sys
import redis, respool.asyncio as aio

logging.getLogger("respool").setLevel(logging.CRITICAL)  # or it says that callers wait
way, port = sys.argv[1], int(sys.argv[2])
void = socket.create_server(("127.0.0.1", 0))
kept = hanging = None

async def main():
    global kept, hanging
    asyncio.get_running_loop().slow_callback_duration = 60  # a busy machine is none of our business
    kept = aio.ConnectionPool(host="127.0.0.1", port=port, min_idle=2, max_idle_time=5, keepalive_interval=0.01,
                              max_lifetime=5, leak_threshold=60, retire_on_failover=True, probe_interval=1)
    await kept.wait_ready()
    held = await kept.get_connection()
    hanging = aio.ConnectionPool(host="127.0.0.1", port=void.getsockname()[1], min_idle=1, max_connecting=1,
                                 timeout=60, socket_timeout=60)
    task = asyncio.ensure_future(hanging.get_connection())
    while hanging.waiting == 0 or hanging.connecting == 0:
        await asyncio.sleep(0.001)
    if way == "close":
        await kept.release(held)
        for pool in (kept, hanging):
            await pool.aclose()
        try:
            await task
        except redis.ConnectionError:
            pass
    print("well")
    if way == "lost":
        kept = hanging = None

asyncio.run(main(), debug=True)
"""
on_one_loop = pytest.mark.parametrize("kind_of_loop", ["asyncio"], indirect=True)


@on_one_loop
@pytest.mark.parametrize("way", ["end", "close", "lost"])
def test_a_program_ends_at_once_and_without_a_word_whatever_its_pools_do(server: RedisServer, way: str) -> None:
    """Also with a dial into the void under way, a task in line for it, and no `aclose`."""
    with lasting(0, 30):
        assert_quiet(run_script(END, way, server.port), "well\n")


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_looks_after_its_own_connections_on_a_loop_of_its_own(run: Run, server: RedisServer) -> None:
    pool = aio.ConnectionPool(**server.address, min_idle=2, keepalive_interval=0.05, max_connections=4,
                              client_name=new_name(), max_connecting=1, timeout=20)

    async def use(mine: set[str]) -> None:
        await borrowed(pool)
        await until(lambda: pool.idle >= 2)
        assert len(known(server, pool) - mine) >= 2
        await pool.aclose()

    async def main() -> None:
        await pool.wait_ready()
        mine = known(server, pool)

        def child() -> None:
            assert_sound(pool, created=0)
            asyncio._set_running_loop(None)
            asyncio.new_event_loop().run_until_complete(use(mine))

        in_child(child)
        await until(lambda: known(server, pool) == mine)
        taken = [await pool.get_connection(), await pool.get_connection()]
        await until(lambda: pool.idle == 2)
        for connection in taken:
            await pool.release(connection)
        await pool.aclose()

    run(main)


# --- settings ----------------------------------------------------------------------------------------------------

@on_one_loop
def test_a_setting_that_cannot_be_meant_is_an_error_that_names_it() -> None:
    for pool_class in POOLS:
        for name, value, error in WRONG:
            with pytest.raises(error) as caught:
                pool_class(**{name: value})
            assert f'"{name}"' in str(caught.value) and str(value) in str(caught.value)
        with pytest.raises(ValueError, match='"min_idle" must be at most max_connections, 4, got 5'):
            pool_class(min_idle=5, max_connections=4)


@each_pool
async def test_a_url_may_carry_all_of_them(pool_class: Any) -> None:
    url = f"redis://localhost:{free_port()}/0?{QUERY}&retire_on_failover=true&lease_sampling=0.25"
    async with pool_class.from_url(url) as pool:
        settings = pool._survival
        assert (settings.min_idle, settings.max_connecting, settings.retire_on_failover, settings.lease_sampling) == (
            2, 3, True, 0.25)
        assert pool.max_connections == 5


async def test_a_client_hands_them_to_the_pool_of_its_own(server: RedisServer) -> None:
    async with aio.Redis(**server.address, min_idle=2, max_lifetime=60, max_connecting=1, timeout=5) as client:
        pool: Any = client.connection_pool
        await until(lambda: pool.idle == 2)
        assert await client.ping()
    assert_sound(pool, created=0)
    with pytest.raises(TypeError, match="min_idle: for a pool of the client's own"):
        aio.Redis(connection_pool=pool, min_idle=2)


async def test_installed_pools_take_them(server: RedisServer, installed: None) -> None:
    for pool_class in (redis.asyncio.ConnectionPool, redis.asyncio.BlockingConnectionPool):
        pool: Any = pool_class(**server.address, min_idle=2, max_connections=3, max_idle_time=60)
        await until(lambda: pool.idle == 2)  # noqa: B023
        assert await redis.asyncio.Redis(connection_pool=pool).ping()
        await pool.aclose()


class Manager:
    """Names one server."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def discover_master(self, service_name: str) -> tuple[str, int]:
        return "127.0.0.1", self.port


async def test_a_pool_that_asks_sentinel_has_connections_ready(server: RedisServer) -> None:
    pool: Any = aio.SentinelConnectionPool(
        MASTER, Manager(server.port), max_connections=3, min_idle=2, max_idle_time=60, max_connecting=1, timeout=20,
        client_name=new_name(),
    )
    await pool.wait_ready(20)
    assert pool._refills.error is None and pool._refills._next == 0.0
    assert len(known(server, pool)) == 2
    assert await redis.asyncio.Redis(connection_pool=pool).ping()
    assert await pool.drain(20) is True

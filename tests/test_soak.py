"""Survival: a short soak in which everything fails, and a proxy's faults one at a time for threads and for asyncio."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

import respool
import respool.asyncio as aio
from conftest import Threads, assert_sound, lasting, until
from deployments import load, traffic
from faulty import FaultyProxy
from loops import Run
from servers import RedisServer
from soak import Company, Group
from tasks import NO_RETRY as AIO_NO_RETRY
from tasks import assert_usable
from toil import PASSWORD, Chronicle, Counting, Worker, at_once

SECONDS = 20
NO_RETRY: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
CLIENTS = pytest.mark.parametrize("kind", [redis.Redis, respool.Redis])
AIO_CLIENTS = pytest.mark.parametrize("kind", [redis.asyncio.Redis, aio.Redis])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.timeout(300)
def test_threads_tasks_and_forked_children_survive_whatever_fails() -> None:
    # A process of its own: much of what it looks at is the process's.
    soak = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("soak.py")), str(SECONDS), "7", "--json"],
        env={**os.environ, "PYTHONPATH": str(Path(respool.__file__).parents[1])},
        capture_output=True, text=True, timeout=280, check=False,
    )
    assert soak.stdout, soak.stderr[-5000:]
    report = json.loads(soak.stdout)
    assert report["broken"] == [], (report["wrong"], report["unexpected"], report["secrets"], soak.stderr[-5000:])
    assert soak.returncode == 0
    assert report["wrong"] == report["unexpected"] == report["secrets"] == []
    assert report["lost slots"] == 0
    assert all(group["commands"] > 0 for group in report["groups"].values())
    assert report["children"]["commands"] > 0 or report["children"]["forked"] == 0
    assert sum(report["faults"].values()) > 3
    assert report["confirmed"] > 0


# --- the soak notices --------------------------------------------------------------------------------------------

class Fake:
    """A client that gives each echo, and counts as it is told."""

    def __init__(self, *replies: Any) -> None:
        self.replies = iter(replies)

    def echo(self, value: bytes) -> Any:
        return next(self.replies, value)

    def set(self, key: bytes, value: bytes, ex: int) -> bool:
        return True

    get = incr = echo


def test_a_reply_to_somebody_else_is_noticed() -> None:
    worker = Worker("me", Fake(b"me:1", b"you:2"), Chronicle())
    at_once(worker.echo())
    assert worker.tally.wrong == []
    at_once(worker.echo())
    assert len(worker.tally.wrong) == 1


def test_what_was_written_may_be_gone_after_the_death_of_the_server_and_not_before() -> None:
    for died in (False, True):
        chronicle = Chronicle()
        worker = Worker("me", Fake(None), chronicle)
        worker.works = [worker.write_and_read]
        if died:
            chronicle.turn_over()
        at_once(worker.turn())
        assert bool(worker.tally.wrong) is not died


@pytest.mark.parametrize(("counts", "wrong"), [((1, 2, 3), 0), ((1, 1), 1), ((1, 3), 1), ((2,), 1)])
def test_a_command_that_is_done_twice_is_noticed(counts: tuple[int, ...], wrong: int) -> None:
    worker = Counting("me", Fake(*counts), Chronicle())
    worker.increment = lambda key: asyncio.sleep(0, worker.client.incr(key))  # type: ignore[method-assign]
    for _ in counts:
        asyncio.run(worker.turn())
    assert len(worker.tally.wrong) == wrong


def test_a_command_that_failed_may_have_been_done() -> None:
    worker = Counting("me", Fake(3), Chronicle())
    worker.counted.failed = 2
    worker.key = "me:counter:0"
    worker.chance.seed(1)
    worker.increment = lambda key: asyncio.sleep(0, 3)  # type: ignore[method-assign]
    asyncio.run(worker.turn())
    assert worker.tally.wrong == []
    assert (worker.result().applied, worker.tally.confirmed, worker.tally.failed) == (3, 1, 2)


def test_a_password_in_an_error_and_an_error_that_is_not_redis_pys_are_noticed() -> None:
    tally = Worker("me", Fake(), Chronicle()).tally
    tally.note(redis.ConnectionError("no"))
    assert (tally.secrets, tally.unexpected, sum(tally.errors.values())) == ([], [], 1)
    try:
        raise redis.ConnectionError("no") from ValueError(PASSWORD)
    except redis.ConnectionError as error:
        tally.note(error)
    assert tally.secrets
    tally.note(OSError("no"))
    assert len(tally.unexpected) == 1


def test_a_connection_that_does_not_come_back_is_noticed(server: RedisServer) -> None:
    company = Company("lost", Group(redis.Redis, "threads", False, 0), {False: server.port}, Chronicle(), "me")
    with respool.ConnectionPool(**server.address, max_connections=2) as company.pool:
        connection = company.pool.get_connection()
        assert "(1, 0, 1, 0, 0)" in company.amiss()
        company.pool.release(connection)
        assert company.amiss() == ""


# --- one fault at a time -----------------------------------------------------------------------------------------

@pytest.fixture
def proxy(server: RedisServer) -> Iterator[FaultyProxy]:
    with FaultyProxy(server.port) as running:
        yield running


@pytest.fixture
def pool(proxy: FaultyProxy) -> Iterator[Callable[..., respool.ConnectionPool]]:
    """Makes pools of connections through the proxy, whose commands are not tried again."""
    pools: list[respool.ConnectionPool] = []

    def make(**options: Any) -> respool.ConnectionPool:
        pools.append(respool.ConnectionPool(**{**proxy.address, **NO_RETRY, "socket_timeout": 20, **options}))
        return pools[-1]

    yield make
    for each in pools:
        each.close()


def aio_pool(proxy: FaultyProxy, **options: Any) -> Any:
    return aio.ConnectionPool(**{**proxy.address, **AIO_NO_RETRY, "socket_timeout": 20, **options})


def test_a_reset_in_the_middle_of_a_reply_is_the_error_of_its_caller_only(proxy: FaultyProxy, pool: Any) -> None:
    pool = pool(max_connections=2)
    first = pool.get_connection()
    proxy.inflict(reset_after=4, new=False)
    second = pool.get_connection()
    for connection in (first, second):
        connection.send_command("ECHO", "mine")
    with pytest.raises(redis.ConnectionError):
        first.read_response()
    assert second.read_response() == b"mine"
    pool.release(first)
    pool.release(second)
    for number in range(4):
        assert redis.Redis(connection_pool=pool).echo(number) == b"%d" % number
    assert_sound(pool, created=2, idle=2)


@pytest.mark.parametrize("size", [1, 100_000])
@CLIENTS
def test_a_command_whose_reply_is_cut_off_is_done_once_and_the_next_gets_its_own(
    proxy: FaultyProxy, pool: Any, kind: Any, size: int
) -> None:
    client = kind(connection_pool=pool(max_connections=1))
    client.delete("list")
    for number in range(1, 6):
        client.ping()
        proxy.inflict(reset_after=size // 2 + 1, new=False)
        with client.pipeline() as pipeline, pytest.raises(redis.ConnectionError):
            pipeline.rpush("list", number).echo(b"x" * size).execute()
        assert client.lrange("list", 0, -1) == [b"%d" % each for each in range(1, number + 1)]


@CLIENTS
def test_a_black_hole_is_a_time_out_and_what_it_lets_through_late_is_nobodys(
    proxy: FaultyProxy, pool: Any, kind: Any
) -> None:
    pool = pool(max_connections=1, socket_timeout=0.3)
    client = kind(connection_pool=pool)
    assert client.echo("first") == b"first"
    proxy.inflict(black_hole=True)
    for _ in range(2):  # by the connection that there was, and by one that is made
        with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
            client.echo("old")
        assert_sound(pool, in_use=0, connecting=0)
    pool.connection_kwargs["socket_timeout"] = 20
    pool.reset()
    proxy.heal()
    for number in range(5):
        assert client.echo(number) == b"%d" % number


def test_a_black_hole_ends_a_checkout_at_the_pools_deadline(proxy: FaultyProxy, pool: Any) -> None:
    proxy.inflict(black_hole=True)
    pool = pool(max_connections=1, timeout=0.3)
    with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
        pool.get_connection()
    assert_sound(pool, in_use=0, connecting=0)


@CLIENTS
def test_twenty_threads_all_recover_from_cuts(proxy: FaultyProxy, pool: Any, threads: Threads, kind: Any) -> None:
    pool = pool(max_connections=10, timeout=20)
    client = kind(connection_pool=pool)

    def turn(number: int, turn: int) -> None:
        assert client.echo(f"{number} {turn}") == b"%d %d" % (number, turn)

    with traffic(threads, turn, redis.ConnectionError, count=20) as running:
        for _ in range(5):
            proxy.cut()
            running.goes_on()
    assert_sound(pool, in_use=0, connecting=0, waiting=0)
    assert proxy.most_open <= 20  # those that were cut, and those that took their place


@pytest.mark.parametrize("towards_client", [True, False])
@CLIENTS
def test_a_half_close_ends_a_blocking_command(
    server: RedisServer, proxy: FaultyProxy, pool: Any, threads: Threads, kind: Any, towards_client: bool
) -> None:
    client = kind(connection_pool=pool(max_connections=1, client_name="half", socket_timeout=None))
    ended = threading.Event()

    def wait() -> None:
        with pytest.raises(redis.ConnectionError):
            client.blpop(["nothing"], timeout=0)
        ended.set()

    threads.start(wait)
    until(lambda: any(entry["cmd"] == "blpop" for entry in server.connections_named("half")))
    proxy.half_close(client=towards_client)
    assert ended.wait(20)
    assert client.echo("next") == b"next"


@CLIENTS
def test_a_large_value_takes_the_time_that_it_takes(proxy: FaultyProxy, pool: Any, kind: Any) -> None:
    """It is longer than `socket_timeout`, which is for 64 KiB."""
    client = kind(connection_pool=pool(max_connections=1, socket_timeout=2))
    value = os.urandom(400_000)
    client.set("large", value)
    proxy.inflict(bandwidth=150_000)
    with lasting(2.5, 60):
        assert client.get("large") == value
    proxy.heal()
    assert client.echo("next") == b"next"


# --- the same for asyncio ----------------------------------------------------------------------------------------

async def test_a_reset_in_the_middle_of_a_reply_is_the_error_of_its_task_only(run: Run, proxy: FaultyProxy) -> None:
    async with aio_pool(proxy, max_connections=2) as pool:
        first = await pool.get_connection()
        proxy.inflict(reset_after=4, new=False)
        second = await pool.get_connection()
        for connection in (first, second):
            await connection.send_command("ECHO", "mine")
        with pytest.raises(redis.ConnectionError):
            await first.read_response()
        assert await second.read_response() == b"mine"
        await pool.release(first)
        await pool.release(second)
        await assert_usable(pool)


@pytest.mark.parametrize("size", [1, 100_000])
@AIO_CLIENTS
async def test_a_tasks_command_whose_reply_is_cut_off_is_done_once_and_the_next_gets_its_own(
    run: Run, proxy: FaultyProxy, kind: Any, size: int
) -> None:
    async with aio_pool(proxy, max_connections=1) as pool:
        client = kind(connection_pool=pool)
        await client.delete("list")
        for number in range(1, 6):
            await client.ping()
            proxy.inflict(reset_after=size // 2 + 1, new=False)
            async with client.pipeline() as pipeline:
                with pytest.raises(redis.ConnectionError):
                    await pipeline.rpush("list", number).echo(b"x" * size).execute()
            assert await client.lrange("list", 0, -1) == [b"%d" % each for each in range(1, number + 1)]


@AIO_CLIENTS
async def test_a_black_hole_is_a_time_out_for_tasks_and_what_it_lets_through_late_is_nobodys(
    run: Run, proxy: FaultyProxy, kind: Any
) -> None:
    async with aio_pool(proxy, max_connections=1, socket_timeout=0.3, timeout=5) as pool:
        client = kind(connection_pool=pool)
        assert await client.echo("first") == b"first"
        proxy.inflict(black_hole=True)
        for _ in range(2):
            with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
                await client.echo("old")
            assert_sound(pool, in_use=0, connecting=0)
        pool.timeout = 0.2
        with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
            await pool.get_connection()
        pool.timeout, pool.connection_kwargs["socket_timeout"] = 20, 20
        pool.reset()
        proxy.heal()
        await assert_usable(pool)


@AIO_CLIENTS
async def test_twenty_tasks_all_recover_from_cuts(run: Run, proxy: FaultyProxy, kind: Any) -> None:
    async with aio_pool(proxy, max_connections=10, timeout=20) as pool:
        client = kind(connection_pool=pool)

        async def turn(number: int, turn: int) -> None:
            assert await client.echo(f"{number} {turn}") == b"%d %d" % (number, turn)

        async with load(turn, redis.ConnectionError, tasks=20) as running:
            for _ in range(5):
                proxy.cut()
                await running.goes_on()
        await assert_usable(pool)
    assert proxy.most_open <= 20


@pytest.mark.parametrize("towards_client", [True, False])
@AIO_CLIENTS
async def test_a_half_close_ends_a_tasks_blocking_command(
    run: Run, server: RedisServer, proxy: FaultyProxy, kind: Any, towards_client: bool
) -> None:
    async with aio_pool(proxy, max_connections=1, client_name="half", socket_timeout=None) as pool:
        client = kind(connection_pool=pool)
        task = asyncio.ensure_future(client.blpop(["nothing"], timeout=0))
        while not any(entry["cmd"] == "blpop" for entry in server.connections_named("half")):
            await asyncio.sleep(0)
        proxy.half_close(client=towards_client)
        with lasting(0, 20), pytest.raises(redis.ConnectionError):
            await task
        assert await client.echo("next") == b"next"


@AIO_CLIENTS
async def test_a_large_value_that_a_task_does_not_get_in_time_is_nobodys(
    run: Run, proxy: FaultyProxy, kind: Any
) -> None:
    """With asyncio, `socket_timeout` is for the whole of a reply."""
    async with aio_pool(proxy, max_connections=1, socket_timeout=1) as pool:
        client = kind(connection_pool=pool)
        value = os.urandom(400_000)
        await client.set("large", value)
        proxy.inflict(bandwidth=10_000)
        with lasting(0.9, 20), pytest.raises(redis.TimeoutError):
            await client.get("large")
        proxy.heal()
        await assert_usable(pool)
        assert await client.get("large") == value


async def test_the_causes_of_an_error_after_a_reset_go_round_in_no_circle(
    run: Run, server: RedisServer, proxy: FaultyProxy
) -> None:
    """The stream that is closed raises the very error again that is being handled."""
    retry = AsyncRetry(NoBackoff(), 2)
    async with aio.ConnectionPool(**proxy.address, max_connections=1, retry=retry) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        async with client.pubsub() as pubsub:
            await pubsub.subscribe("news")
            await pubsub.get_message(timeout=20)
            proxy.inflict(reset_after=2)
            with redis.Redis(port=server.port) as publisher:
                publisher.publish("news", "new")
            with pytest.raises(redis.ConnectionError) as raised:
                while True:
                    await pubsub.get_message(timeout=20)
            proxy.heal()
    error: BaseException | None = raised.value
    for _ in range(100):
        error = error and (error.__cause__ or error.__context__)
    assert error is None

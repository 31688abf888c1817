"""The pools for asyncio: what a program with redis.asyncio does still works, and what these pools add."""

from __future__ import annotations

import asyncio
import gc
import random
import re
from collections import Counter
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.event import AsyncAfterConnectionReleasedEvent, AsyncEventListenerInterface, EventDispatcher

import respool
import respool.asyncio as aio
from conftest import assert_sound, lasting
from loops import on_each_loop
from servers import Certificates, RedisServer
from stubs import AsyncDummy
from tasks import NO_RETRY, Gate, ask, assert_usable, at_once, dummies, slots, until, waiting
from versions import needs_asyncio_marks, needs_listeners

pytestmark = on_each_loop

POOLS = [aio.ConnectionPool, aio.BlockingConnectionPool]


@pytest.fixture(params=POOLS, ids=lambda pool_class: pool_class.__name__)
def pool_class(request: pytest.FixtureRequest) -> Any:
    return request.param


async def take_in_order(pool: Any, number: int, served: list[int]) -> asyncio.Task[None]:
    """A task that is the next in line, and notes its turn."""

    async def take_turn() -> None:
        connection = await pool.get_connection()
        served.append(number)
        await pool.release(connection)

    return await waiting(pool, take_turn)


# --- it takes the place of redis.asyncio's ---------------------------------------------------------------------

def test_it_is_a_pool_of_redis_asyncio() -> None:
    assert issubclass(aio.ConnectionPool, redis.asyncio.ConnectionPool)
    assert issubclass(aio.BlockingConnectionPool, redis.asyncio.BlockingConnectionPool)
    assert issubclass(aio.BlockingConnectionPool, aio.ConnectionPool)
    for name in ("Connection", "SSLConnection", "UnixDomainSocketConnection"):
        assert issubclass(getattr(aio, name), getattr(redis.asyncio, name))


async def test_a_task_that_nobody_holds_keeps_its_turn(server: RedisServer) -> None:
    """The event loop itself holds tasks only weakly."""
    served = asyncio.Event()

    async def use(pool: Any) -> None:
        await pool.release(await pool.get_connection())
        served.set()

    async with slots(server, timeout=None) as pool:
        connection = await pool.get_connection()
        asyncio.create_task(use(pool))  # noqa: RUF006
        await until(lambda: pool.waiting == 1)
        gc.collect()
        await pool.release(connection)
        await asyncio.wait_for(served.wait(), 20)
        await assert_usable(pool)


async def test_commands_pipelines_transactions_locks_and_pubsub_work(
    server: RedisServer, pool_class: Any, protocol: int
) -> None:
    async with pool_class(**server.address, max_connections=4, protocol=protocol, decode_responses=True) as pool:
        client: Any = redis.asyncio.Redis(connection_pool=pool)
        await client.flushdb()
        assert await client.set("key", "value") is True
        assert await client.get("key") == "value"
        async with client.pipeline(transaction=False) as pipeline:
            assert await pipeline.incr("n").incr("n").execute() == [1, 2]
        async with client.pipeline() as transaction:
            await transaction.watch("n")
            transaction.multi()
            assert await transaction.set("n", 7).get("n").execute() == [True, "7"]
        async with client.lock("lock", timeout=5):
            assert await client.exists("lock")
        async with client.pubsub(ignore_subscribe_messages=True) as subscriber:
            await subscriber.subscribe("channel")
            await subscriber.get_message(timeout=1)
            await client.publish("channel", "hello")
            message = await subscriber.get_message(timeout=5)
            assert message is not None and message["data"] == "hello"
        assert [key async for key in client.scan_iter("*")] and await client.blpop(["nothing"], timeout=0.01) is None
        assert await client.register_script("return ARGV[1]")(args=["x"]) == "x"
        with pytest.raises(redis.ResponseError):
            await client.execute_command("NOSUCHCOMMAND")
        assert_sound(pool, in_use=0, waiting=0)
    assert_sound(pool, created=0)


async def test_a_unix_socket_and_tls_work(
    server: RedisServer, secure_server: RedisServer, certificates: Certificates, protocol: int
) -> None:
    over_unix = aio.ConnectionPool.from_url(f"unix://{server.unix_socket}?db=1&protocol={protocol}")
    over_tls = aio.ConnectionPool.from_url(
        f"rediss://localhost:{secure_server.tls_port}?protocol={protocol}", ssl_ca_certs=certificates.root
    )
    for pool, kind in ((over_unix, aio.UnixDomainSocketConnection), (over_tls, aio.SSLConnection)):
        assert pool.connection_class is kind
        async with pool, redis.asyncio.Redis(connection_pool=pool) as client:
            assert await client.echo("mine") == b"mine"
            with pytest.raises(redis.ResponseError):
                await client.execute_command("NOSUCHCOMMAND")
            assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("url", [
    "redis://user:secret@example.org:6380/2?client_name=me&socket_timeout=1.5&health_check_interval=10",
    "rediss://example.org/1?ssl_cert_reqs=none",
    "unix:///tmp/redis.sock?db=3&decode_responses=True",
    "redis://localhost?max_connections=7&retry_on_timeout=yes&protocol=2",
])
def test_a_url_gives_the_pool_that_redis_asyncio_makes_of_it(url: str) -> None:
    ours, theirs = aio.ConnectionPool.from_url(url), redis.asyncio.ConnectionPool.from_url(url)
    assert ours.connection_class.__name__ == theirs.connection_class.__name__
    assert issubclass(ours.connection_class, theirs.connection_class)
    assert ours.connection_class.__module__.startswith("respool")
    assert ours.max_connections == theirs.max_connections

    def plain(pool: redis.asyncio.ConnectionPool) -> dict[str, Any]:
        return {key: value for key, value in pool.connection_kwargs.items()
                if isinstance(value, (str, int, float, type(None)))}

    assert plain(ours) == plain(theirs)


def test_a_url_may_carry_the_pools_own_settings() -> None:
    url = "redis://localhost/0?timeout=2.5&order=lifo&max_waiting=9&name=jobs&max_connections=3"
    pool: Any = aio.ConnectionPool.from_url(url)
    assert (pool.timeout, pool.order, pool.max_waiting, pool.name, pool.max_connections) == (2.5, "lifo", 9, "jobs", 3)
    assert not {"timeout", "order", "max_waiting", "name"} & set(pool.connection_kwargs)
    assert aio.BlockingConnectionPool.from_url("redis://localhost/0?timeout=7").timeout == 7


def test_defaults_are_those_of_redis_asyncio(pool_class: Any) -> None:
    theirs = getattr(redis.asyncio, pool_class.__name__)()
    ours = pool_class()
    assert ours.max_connections == theirs.max_connections
    assert ours.connection_class is aio.Connection
    assert ours.timeout == getattr(theirs, "timeout", 0)
    assert set(ours.connection_kwargs) == set(theirs.connection_kwargs)
    assert ours.get_encoder().encoding == theirs.get_encoder().encoding
    assert (ours.order, ours.max_waiting) == ("fifo", None)


async def test_any_connection_class_will_do(pool_class: Any) -> None:
    pool = pool_class(connection_class=AsyncDummy, max_connections=2, answer=42)
    connection = await pool.get_connection()
    assert connection.kwargs["answer"] == 42
    assert connection.calls == ["connect"]
    await pool.release(connection)
    assert await pool.get_connection() is connection
    assert connection.calls == ["connect", "connect"]


async def test_a_subclass_may_make_connections_its_own_way() -> None:
    class Own(aio.ConnectionPool):
        def make_connection(self) -> Any:
            made.append(AsyncDummy())
            return made[-1]

    made: list[Any] = []
    pool = Own(connection_class=AsyncDummy, max_connections=1)
    connection = await pool.get_connection()
    await pool.release(connection)
    assert made == [connection]
    assert await pool.get_connection() is connection
    assert_sound(pool, created=1, in_use=1)


async def test_the_steps_of_a_checkout_may_be_taken_one_by_one(server: RedisServer) -> None:
    async with slots(server) as pool:
        assert pool.can_get_connection()
        connection = pool.get_available_connection()
        assert_sound(pool, created=1, in_use=1)
        assert not pool.can_get_connection()
        with pytest.raises(redis.MaxConnectionsError):
            pool.get_available_connection()
        assert not connection.is_connected
        await pool.ensure_connection(connection)
        assert await ask(connection, "ECHO", "mine") == b"mine"
        await pool.release(connection)
        assert pool.can_get_connection()
        assert pool.get_available_connection() is connection
        await pool.release(connection)
        await assert_usable(pool)


@needs_listeners
async def test_listeners_to_released_connections_are_told() -> None:
    class Listener(AsyncEventListenerInterface):
        async def listen(self, event: Any) -> None:
            heard.append(event.connection)

    heard: list[Any] = []
    dispatcher = EventDispatcher({AsyncAfterConnectionReleasedEvent: [Listener()]})  # type: ignore[list-item]
    pool = dummies(event_dispatcher=dispatcher)
    connection = await pool.get_connection()
    await pool.release(connection)
    assert heard == [connection]


@needs_asyncio_marks
async def test_a_connection_marked_for_reconnection_is_closed_on_return_and_stays(server: RedisServer) -> None:
    async with slots(server) as pool:
        connection = await pool.get_connection()
        connection.mark_for_reconnect()
        await pool.release(connection)
        assert not connection.is_connected and not connection.should_reconnect()
        assert_sound(pool, created=1, idle=1)
        assert await pool.get_connection() is connection and connection.is_connected
        await pool.release(connection)


async def test_set_retry_reaches_all_connections(server: RedisServer) -> None:
    async with slots(server, 2) as pool:
        idle, used = await pool.get_connection(), await pool.get_connection()
        await pool.release(idle)
        retry = redis.asyncio.retry.Retry(redis.backoff.NoBackoff(), 7)
        pool.set_retry(retry)
        assert idle.retry is retry and used.retry is retry
        await pool.release(used)


async def test_disconnect_closes_connections_and_keeps_them(server: RedisServer) -> None:
    async with slots(server, 2) as pool:
        idle, used = await pool.get_connection(), await pool.get_connection()
        await pool.release(idle)
        await pool.disconnect(inuse_connections=False)
        assert not idle.is_connected and used.is_connected
        await pool.disconnect()
        assert not used.is_connected
        assert_sound(pool, created=2, idle=1, in_use=1)
        await pool.release(used)
        await assert_usable(pool)


async def test_aclose_can_be_followed_by_use(server: RedisServer, pool_class: Any) -> None:
    pool = pool_class(**server.address, max_connections=2, client_name="reopened")
    for _ in range(2):
        await assert_usable(pool)
        await pool.aclose()
        await until(lambda: not server.connections_named("reopened"))
        assert_sound(pool, created=0)


async def test_what_comes_back_after_aclose_is_not_kept(server: RedisServer) -> None:
    async with slots(server) as pool:
        connection = await pool.get_connection()
        await pool.aclose()
        assert not connection.is_connected
        await connection.connect()
        await pool.release(connection)
        assert not connection.is_connected
        assert_sound(pool, created=0)


async def test_aclose_wakes_those_who_wait_with_an_error_of_its_own(pool_class: Any) -> None:
    pool = pool_class(connection_class=AsyncDummy, max_connections=1, timeout=None, name="jobs")
    connection = await pool.get_connection()
    tasks = [await waiting(pool) for _ in range(3)]
    await pool.aclose()
    for task in tasks:
        with pytest.raises(respool.ConnectionPoolClosedError, match="'jobs' was closed"):
            await task
    await pool.release(connection)
    assert_sound(pool, created=0, waiting=0)


async def test_reset_forgets_connections(server: RedisServer) -> None:
    async with slots(server, 2, client_name="forgotten") as pool:
        idle, used = await pool.get_connection(), await pool.get_connection()
        await pool.release(idle)
        pool.reset()
        assert_sound(pool, created=0)
        await pool.release(used)
        assert_sound(pool, created=0)
        await used.disconnect()
        await idle.disconnect()
        await assert_usable(pool)


@pytest.mark.skipif(
    not hasattr(redis.asyncio.ConnectionPool, "get_connection_count"), reason="this redis-py does not ask for counts"
)
async def test_connection_counts_are_those_of_redis_asyncio(pool_class: Any) -> None:
    pool = pool_class(connection_class=AsyncDummy)
    idle, used = await pool.get_connection(), await pool.get_connection()
    await pool.release(idle)
    assert [count for count, _ in pool.get_connection_count()] == [1, 1]
    await pool.release(used)
    assert [count for count, _ in pool.get_connection_count()] == [2, 0]


# --- what need not wait does not suspend -----------------------------------------------------------------------

async def test_a_checkout_that_need_not_wait_does_not_suspend(server: RedisServer, pool_class: Any) -> None:
    async with pool_class(**server.address, max_connections=2) as pool:
        await assert_usable(pool)
        for _ in range(3):
            connections = [at_once(pool.get_connection()) for _ in range(2)]
            assert_sound(pool, in_use=2)
            for connection in connections:
                await pool.release(connection)


async def test_release_does_not_suspend(server: RedisServer) -> None:
    async with slots(server) as pool:
        for command in ("PING", "MULTI"):  # what is kept, and what is not
            connection = await pool.get_connection()
            await ask(connection, command)
            at_once(pool.release(connection))
            assert_sound(pool, created=1, idle=1)
            await assert_usable(pool)


async def test_a_release_hands_over_to_who_waits_before_it_suspends() -> None:
    pool = dummies(timeout=None)
    connection = at_once(pool.get_connection())
    first, second = await waiting(pool), await waiting(pool)
    at_once(pool.release(connection))
    with pytest.raises(redis.asyncio.ConnectionError), lasting(0, 5):
        pool.timeout = 0
        await pool.get_connection()  # a newcomer, before anybody else has moved
    pool.timeout = None
    assert await first is connection
    assert_sound(pool, in_use=1, waiting=1)
    await pool.release(connection)
    assert await second is connection


# --- the line --------------------------------------------------------------------------------------------------

async def test_a_hundred_tasks_are_served_in_order_of_arrival(pool_class: Any) -> None:
    pool = pool_class(connection_class=AsyncDummy, max_connections=1, timeout=None)
    connection = await pool.get_connection()
    served: list[int] = []
    tasks = [await take_in_order(pool, number, served) for number in range(100)]
    await pool.release(connection)
    await asyncio.gather(*tasks)
    assert served == list(range(100))
    assert_sound(pool, created=1, idle=1)


async def test_a_newcomer_does_not_overtake_who_waits() -> None:
    pool = dummies(timeout=None)
    connection = await pool.get_connection()
    served: list[int] = []
    first = await take_in_order(pool, 1, served)
    await pool.release(connection)
    mine = await pool.get_connection()
    assert served == [1]
    await first
    await pool.release(mine)


async def test_who_leaves_the_line_does_not_disturb_its_order() -> None:
    pool = dummies(timeout=None)
    connection = await pool.get_connection()
    served: list[int] = []
    tasks = [await take_in_order(pool, number, served) for number in range(30)]
    leaving = random.Random(1).sample(range(30), 15)  # noqa: S311
    for number in leaving:
        tasks[number].cancel()
    await until(lambda: pool.waiting == 15)
    await pool.release(connection)
    await asyncio.gather(*tasks, return_exceptions=True)
    assert served == [number for number in range(30) if number not in leaving]


@pytest.mark.parametrize("order", ["fifo", "lifo"])
async def test_the_order_says_which_idle_connection_is_taken(order: str) -> None:
    pool = dummies(3, order=order)
    connections = [await pool.get_connection() for _ in range(3)]
    for connection in connections:
        await pool.release(connection)
    expected = connections if order == "fifo" else connections[::-1]
    assert [await pool.get_connection() for _ in range(3)] == expected


async def test_an_idle_connection_is_preferred_to_a_new_one() -> None:
    pool = dummies(2)
    connection = await pool.get_connection()
    await pool.release(connection)
    assert await pool.get_connection() is connection
    assert_sound(pool, created=1)


async def test_five_hundred_tasks_on_ten_connections_get_equal_shares(server: RedisServer) -> None:
    async with slots(server, 10, timeout=None) as pool:
        shares: Counter[int] = Counter()
        finished = asyncio.Event()

        async def work(number: int) -> None:
            while not finished.is_set():
                connection = await pool.get_connection()
                assert await ask(connection, "ECHO", str(number)) == str(number).encode()
                shares[number] += 1
                if sum(shares.values()) >= 1_500:
                    finished.set()
                await pool.release(connection)

        await asyncio.gather(*(work(number) for number in range(500)))
        assert len(shares) == 500
        assert max(shares.values()) <= 2 * min(shares.values()), sorted(shares.values())
        await assert_usable(pool)


async def test_without_a_timeout_exhaustion_is_an_error_at_once() -> None:
    pool = dummies(name="jobs")
    connection = await pool.get_connection()
    with pytest.raises(redis.MaxConnectionsError, match="Too many connections.*'jobs' has 1 of 1") as caught:
        at_once(pool.get_connection())
    assert type(caught.value) is redis.MaxConnectionsError
    await pool.release(connection)


async def test_a_waiter_gives_up_when_its_time_is_over_and_not_before(pool_class: Any) -> None:
    pool = pool_class(connection_class=AsyncDummy, max_connections=2, timeout=0.2, name="jobs")
    connections = [await pool.get_connection(), await pool.get_connection()]
    with lasting(0.19, 5), pytest.raises(respool.ConnectionPoolTimeoutError) as caught:
        await pool.get_connection()
    message = str(caught.value)
    assert "'jobs'" in message and "2 of 2 connections: 2 in use" in message and "0 waiting" in message
    assert re.search(r"waited 0\.\d{3} s, the pool's timeout is 0\.2 s", message)
    assert_sound(pool, in_use=2, waiting=0)
    for connection in connections:
        await pool.release(connection)
    assert_sound(pool, idle=2)


async def test_who_has_given_up_gets_nothing() -> None:
    pool = dummies(timeout=0.05)
    connection = await pool.get_connection()
    served: list[int] = []
    with pytest.raises(respool.ConnectionPoolTimeoutError):
        await pool.get_connection()
    pool.timeout = None
    task = await take_in_order(pool, 1, served)
    await pool.release(connection)
    await task
    assert_sound(pool, created=1, idle=1)


async def test_time_outs_and_hand_overs_at_the_same_moment_lose_nothing() -> None:
    pool = dummies(2, timeout=0.003)
    outcomes: Counter[str] = Counter()
    chance = random.Random(2)  # noqa: S311

    async def work() -> None:
        for _ in range(60):
            try:
                connection = await pool.get_connection()
            except respool.ConnectionPoolTimeoutError:
                outcomes["timed out"] += 1
            else:
                outcomes["served"] += 1
                await asyncio.sleep(chance.uniform(0.0, 0.003))
                await pool.release(connection)

    await asyncio.gather(*(work() for _ in range(8)))
    assert outcomes["timed out"] and outcomes["served"], outcomes
    assert_sound(pool, in_use=0, waiting=0)
    assert {await pool.get_connection() for _ in range(2)}


async def test_an_endless_timeout_waits() -> None:
    for timeout in (None, float("inf"), 1e30):
        pool = dummies(timeout=timeout)
        connection = await pool.get_connection()
        task = await waiting(pool)
        await pool.release(connection)
        assert await task is connection


async def test_too_many_waiters_are_refused_with_an_error_of_its_own() -> None:
    pool = dummies(timeout=None, max_waiting=1)
    connection = await pool.get_connection()
    task = await waiting(pool)
    with pytest.raises(respool.ConnectionPoolOverloadError, match="1 may wait.*1 waiting"):
        at_once(pool.get_connection())
    await pool.release(connection)
    assert await task is connection


async def test_timeout_and_limit_may_be_changed() -> None:
    pool = dummies()
    connections = [await pool.get_connection()]
    pool.timeout = 0.01
    with pytest.raises(respool.ConnectionPoolTimeoutError):
        await pool.get_connection()
    pool.timeout = None
    task = await waiting(pool)
    pool.max_connections = 2
    connections.append(await task)
    pool.max_connections = 1
    for connection in connections:
        await pool.release(connection)
    assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize(("kwargs", "error", "expected"), [
    ({"timeout": -1}, ValueError, r'"timeout" must be 0 or more seconds, or None .*got -1'),
    ({"timeout": "soon"}, TypeError, r'"timeout" must be a number of seconds or None, got \'soon\''),
    ({"order": "random"}, ValueError, r'"order" must be "fifo" or "lifo", got \'random\''),
    ({"max_waiting": 0}, ValueError, r'"max_waiting" must be a positive integer, or None for no limit, got 0'),
    ({"max_connections": -1}, ValueError, r'"max_connections" must be a positive integer'),
    ({"max_connections": "10"}, ValueError, r'"max_connections" must be a positive integer'),
    ({"name": 7}, TypeError, r'"name" must be a string or None, got 7'),
])
def test_arguments_that_cannot_be_meant_are_refused(
    pool_class: Any, kwargs: dict[str, Any], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        pool_class(**kwargs)


async def test_no_secret_shows_in_a_repr_or_an_error(server: RedisServer) -> None:
    secrets: dict[str, Any] = {"username": "us3rname", "password": "s3cret"}
    pool = aio.ConnectionPool(**server.address, **secrets, max_connections=1, **NO_RETRY)
    shown = [repr(pool), str(pool), pool.name]
    with pytest.raises(redis.AuthenticationError) as wrong:
        await pool.get_connection()
    pool.get_available_connection()
    with pytest.raises(redis.MaxConnectionsError) as exhausted:
        await pool.get_connection()
    for error in (wrong, exhausted):
        shown += [str(error.value), repr(error.value)]
    for text in shown:
        assert not any(secret in text for secret in secrets.values()), text
    await pool.aclose()


# --- the cap ---------------------------------------------------------------------------------------------------

async def test_counts_tell_who_connects_who_waits_and_what_is_in_use() -> None:
    gate = Gate()

    class Slow(AsyncDummy):
        async def connect(self) -> None:
            await gate.stop()

    pool = dummies(2, connection_class=Slow, timeout=None)
    assert pool.counts() == (0, 0, 0, 0, 0)
    tasks = [asyncio.create_task(pool.get_connection()) for _ in range(2)]
    await gate.reached.wait()
    await until(lambda: pool.connecting == 2)
    tasks.append(await waiting(pool))
    assert_sound(pool, created=2, idle=0, in_use=0, connecting=2, waiting=1)
    assert (pool.idle, pool.in_use, pool.connecting, pool.waiting) == (0, 0, 2, 1)
    gate.go_on.set()
    connections = [await task for task in tasks[:2]]
    assert_sound(pool, created=2, in_use=2, connecting=0, waiting=1)
    await pool.release(connections[0])
    assert await tasks[2] is connections[0]
    await pool.release(connections[1])
    assert (pool.idle, pool.in_use, pool.connecting, pool.waiting) == (1, 1, 0, 0)


async def test_the_server_never_sees_more_connections_than_the_cap(server: RedisServer) -> None:
    async with slots(server, 5, timeout=None, client_name="stampede") as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        most, done = 0, False

        async def watch() -> None:
            nonlocal most
            async with redis.asyncio.Redis(**server.address) as observer:
                while not done:
                    named = [entry for entry in await observer.client_list() if entry["name"] == "stampede"]
                    most = max(most, len(named))

        async def stampede(number: int) -> None:
            for turn in range(8):
                assert await client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()
                if turn % 4 == number % 4:
                    await pool.disconnect(inuse_connections=False)  # makes the others dial again

        watcher = asyncio.create_task(watch())
        await asyncio.gather(*(stampede(number) for number in range(40)))
        done = True
        await watcher
        assert 0 < most <= 5
        await assert_usable(pool)


async def test_the_books_balance_at_any_moment_of_a_stampede() -> None:
    chance = random.Random(3)  # noqa: S311

    class Moody(AsyncDummy):
        async def connect(self) -> None:
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            if chance.random() < 0.2:
                raise redis.ConnectionError("no")

    pool = dummies(3, connection_class=Moody, timeout=None)
    kept: list[Any] = []

    async def work() -> None:
        for _ in range(40):
            try:
                connection = await pool.get_connection()
            except redis.ConnectionError:
                continue
            assert_sound(pool)
            assert not any(connection is other for other in kept)
            kept.append(connection)
            await asyncio.sleep(0)
            kept.remove(connection)
            if chance.random() < 0.9:
                await pool.release(connection)
            del connection  # or lost

    async def watch() -> None:
        while True:
            assert_sound(pool)
            await asyncio.sleep(0)

    watcher = asyncio.create_task(watch())
    await asyncio.gather(*(work() for _ in range(20)))
    assert not watcher.done()
    watcher.cancel()
    await asyncio.wait([watcher])
    gc.collect()
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


async def test_a_slow_connect_holds_up_nobody_else() -> None:
    gate = Gate()

    class Slow(AsyncDummy):
        slow = True

        async def connect(self) -> None:
            if self.slow:
                await gate.stop()

    pool = dummies(2, connection_class=Slow)
    slow = asyncio.create_task(pool.get_connection())
    await gate.reached.wait()
    Slow.slow = False
    for _ in range(20):
        at_once(pool.release(at_once(pool.get_connection())))
    assert_sound(pool, created=2, connecting=1)
    gate.go_on.set()
    await pool.release(await slow)
    assert_sound(pool, created=2, idle=2)


async def test_one_slow_command_holds_up_nobody_else(server: RedisServer) -> None:
    async with slots(server, 2) as pool:
        client: Any = redis.asyncio.Redis(connection_pool=pool)
        slow = asyncio.create_task(client.blpop(["never"], timeout=0))
        async with redis.asyncio.Redis(**server.address) as other:
            while (await other.info("clients"))["blocked_clients"] == 0:
                pass
            for _ in range(20):
                assert await client.ping()
            assert not slow.done()
            await other.rpush("never", "ever")
        assert await slow == (b"never", b"ever") or slow.result() == [b"never", b"ever"]
        await assert_usable(pool)

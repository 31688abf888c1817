"""The circuit breaker: while a server is down callers fail at once, one looks now and then, and then all go on."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import ConstantBackoff, NoBackoff
from redis.cache import CacheConfig
from redis.exceptions import AuthenticationError, AuthorizationError
from redis.retry import Retry

import respool
import respool.asyncio as aio
from conftest import Threads, assert_sound, until
from deployments import MASTER
from loops import on_each_loop
from respool import BlockingConnectionPool, ConnectionPool, ConnectionPoolUnavailableError, SentinelConnectionPool
from respool._breaker import Breaker
from servers import RedisServer, free_port, redis_server
from survivors import ASYNC_KINDS, KINDS, ONCE, AsyncForeign, Caller, Dials, Foreign, in_line
from survivors import dials as dials
from tasks import together
from tasks import until as until_awaited
from test_fork import in_child

each_kind = pytest.mark.parametrize("kind", KINDS, ids=["respool", "redis", "foreign"])
each_real_kind = pytest.mark.parametrize("kind", KINDS[:2], ids=["respool", "redis"])
each_async_kind = pytest.mark.parametrize("kind", ASYNC_KINDS, ids=["respool", "redis", "foreign"])
DOWN = redis.ConnectionError("it is down")
LONG = 3600.0
WRONG_PASSWORD: dict[str, Any] = {"username": "nobody", "password": "wr0ng"}


class Clock:
    """The breaker's, which a test may put forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead

    def forward(self, seconds: float) -> None:
        self.ahead += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(respool._breaker, "monotonic", clock)
    return clock


def unhurried(pool: Any) -> Any:
    """The same pool, whose breaker does not cut its pauses at random."""
    pool._breaker._pauses = ConstantBackoff(LONG)
    return pool


def pool_with_breaker(server: RedisServer, dials: Dials, kind: Any, interval: float, **options: Any) -> ConnectionPool:
    pool = ConnectionPool(**{**server.address, "connection_class": dials.of(kind), "probe_interval": interval,
                             "max_connections": 30, **ONCE, **options})
    return unhurried(pool) if interval == LONG else pool


def opened(pool: Any, dials: Dials) -> None:
    """Let an attempt to connect fail."""
    dials.error = DOWN
    with pytest.raises(redis.ConnectionError, match="it is down"):
        pool.get_connection()


# --- the breaker by itself ---------------------------------------------------------------------------------------

def fail(breaker: Breaker, error: BaseException = DOWN) -> None:
    with suppress(BaseException), breaker.attempt():
        raise error


def test_it_is_closed_until_an_attempt_fails_and_again_when_one_succeeds(clock: Clock) -> None:
    breaker = Breaker(LONG)
    assert not breaker.is_open and breaker.refusal() is None
    with breaker.attempt():
        pass
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open and isinstance(breaker.refusal(), ConnectionPoolUnavailableError)
    with pytest.raises(ConnectionPoolUnavailableError):
        breaker.attempt()
    clock.forward(2 * LONG)  # the pause is over
    with breaker.attempt():
        assert breaker.is_open
    assert not breaker.is_open and breaker.refusal() is None


@pytest.mark.parametrize("error", [DOWN, redis.TimeoutError("late"), OSError("no route")])
def test_what_fails_to_reach_the_server_opens_it(error: Exception) -> None:
    breaker = Breaker(LONG)
    fail(breaker, error)
    assert str(error) in str(breaker.refusal())


@pytest.mark.parametrize("error", [
    AuthenticationError("no"), AuthorizationError("no"), redis.ResponseError("no"),
])
def test_what_the_server_answers_closes_it(clock: Clock, error: Exception) -> None:
    breaker = Breaker(LONG)
    fail(breaker, error)
    assert not breaker.is_open
    fail(breaker)
    clock.forward(2 * LONG)
    fail(breaker, error)
    assert not breaker.is_open


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError(), ValueError("a bug")])
def test_a_probe_that_is_interrupted_is_over_and_says_nothing(clock: Clock, error: BaseException) -> None:
    breaker = Breaker(LONG)
    fail(breaker, error)
    assert not breaker.is_open
    fail(breaker)
    clock.forward(2 * LONG)
    fail(breaker, error)
    assert breaker.is_open and breaker.refusal() is None  # the next may try at once
    fail(breaker)
    assert "failed attempts to connect: 2" in str(breaker.refusal())


def test_a_probe_that_never_begins_is_over_when_it_is_lost(clock: Clock) -> None:
    breaker = Breaker(LONG)
    fail(breaker)
    clock.forward(2 * LONG)
    probe = breaker.attempt()
    assert "another is under way" in str(breaker.refusal())
    del probe
    assert breaker.refusal() is None


def test_attempts_that_began_before_the_server_was_known_to_be_down_count_as_one() -> None:
    breaker = Breaker(LONG)
    first, second = breaker.attempt(), breaker.attempt()
    for attempt in (first, second):
        with suppress(redis.ConnectionError), attempt:
            raise DOWN
    assert "failed attempts to connect: 1" in str(breaker.refusal())


def test_pauses_grow_to_the_interval_and_are_cut_at_random(clock: Clock) -> None:
    def pause(failures: int) -> float:
        breaker = Breaker(8.0)
        for _ in range(failures):
            clock.forward(2 * LONG)
            fail(breaker)
        [left] = re.findall(r"the next is made in (-?[0-9.]+) s", str(breaker.refusal()))
        return float(left)

    for failures, longest in [(1, 1.0), (2, 2.0), (3, 4.0), (4, 8.0), (20, 8.0)]:
        pauses = [pause(failures) for _ in range(200)]
        assert 0 <= min(pauses) < longest / 4, failures
        assert longest * 3 / 4 < max(pauses) <= longest, failures


# --- threads -----------------------------------------------------------------------------------------------------

@each_kind
def test_while_the_server_is_down_callers_fail_at_once_without_a_dial(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    with pool_with_breaker(server, dials, kind, LONG) as pool:
        opened(pool, dials)

        def use(number: int) -> None:
            with pytest.raises(ConnectionPoolUnavailableError, match="attempts to connect: 1.*, the next is made in"):
                pool.get_connection()

        threads.together(20, use)
        assert dials.count == 1
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


@each_kind
def test_one_looks_and_the_others_fail_at_once(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    with pool_with_breaker(server, dials, kind, 0.01) as pool:
        pool._breaker._wait_for_probes(LONG)
        opened(pool, dials)
        dials.stop()
        time.sleep(0.01)
        probe = Caller(threads, pool)
        until(lambda: dials.under_way == 1)

        def use(number: int) -> None:
            with pytest.raises(ConnectionPoolUnavailableError, match="another is under way"):
                pool.get_connection()

        Threads().together(20, use)
        assert probe.waits
        dials.error = None
        dials.go_on()
        probe.served()
        probe.give_back()
        assert dials.count == 2


@each_kind
def test_those_in_line_are_told_without_another_dial(
    server: RedisServer, threads: Threads, dials: Dials, kind: Any
) -> None:
    """Of those for whom the pool dials one waits, and the others have nothing to wait for."""
    with pool_with_breaker(server, dials, kind, LONG, max_connecting=1, timeout=30) as pool:
        dials.error = DOWN
        dials.stop()
        waiters = [in_line(threads, pool) for _ in range(5)]
        until(lambda: dials.under_way == 1)
        dials.go_on()
        assert ["it is down" in str(waiter.failed()) for waiter in waiters] == [True] * 5
        until(lambda: pool.counts() == (0, 0, 0, 0, 0))
        pool._begin_dial = forbidden  # type: ignore[method-assign]
        for _ in range(5):
            with pytest.raises(ConnectionPoolUnavailableError):
                pool.get_connection()
        assert dials.count == 1
        assert_sound(pool, created=0, waiting=0)


def test_who_waits_for_a_connection_in_use_is_not_told_that_the_server_is_down(
    server: RedisServer, threads: Threads, dials: Dials
) -> None:
    with pool_with_breaker(server, dials, respool.Connection, LONG, max_connecting=1, timeout=30) as pool:
        used = pool.get_connection()
        dials.error = DOWN
        with pytest.raises(redis.ConnectionError, match="it is down"):
            pool.get_connection()
        waiter = in_line(threads, pool)
        assert waiter.waits
        pool.release(used)
        assert waiter.served() is used
        waiter.give_back()
        assert dials.count == 2


@each_kind
def test_connections_that_there_are_go_on_to_be_used(server: RedisServer, dials: Dials, kind: Any) -> None:
    with pool_with_breaker(server, dials, kind, LONG) as pool:
        used = pool.get_connection()
        opened(pool, dials)
        pool.release(used)
        assert pool.get_connection() is used
        pool.release(used)
        assert_sound(pool, in_use=0)


@pytest.mark.parametrize("options", [{}, {"max_connecting": 2, "timeout": 20}, {"min_idle": 2}],
                         ids=["alone", "by the pool", "made ready"])
@each_real_kind
def test_a_server_that_is_back_is_found_within_one_interval(
    threads: Threads, kind: Any, options: dict[str, Any]
) -> None:
    interval = 0.2
    with redis_server() as server:
        port = server.port
        pool = BlockingConnectionPool(**{**server.address, "connection_class": kind, "probe_interval": interval,
                                         "max_connections": 5, "timeout": 20, **ONCE, **options})
        client = redis.Redis(connection_pool=pool)
        assert client.ping()
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            client.ping()
    assert pool._breaker is not None and pool._breaker.is_open
    with redis_server(port=port):
        time.sleep(interval)

        def use(number: int) -> None:
            assert client.echo(str(number)) == b"%d" % number

        def works() -> bool:
            with suppress(redis.ConnectionError):
                return bool(client.ping())
            return False

        if "min_idle" in options:
            until(works)  # it may just be the housekeeper who looks
        client.ping()
        threads.together(5, use)
        assert not pool._breaker.is_open
        assert_sound(pool, in_use=0, waiting=0)
        pool.close()


@each_kind
@pytest.mark.parametrize("timeout", [0, 20])
def test_a_retry_policy_is_not_run_through_when_the_breaker_says_when_to_try_again(
    server: RedisServer, dials: Dials, kind: Any, timeout: float
) -> None:
    retry = Retry(ConstantBackoff(0.001), 5)
    options = {} if kind is Foreign else {"retry": retry}
    with pool_with_breaker(server, dials, kind, 0.001, timeout=timeout, **options) as pool:
        opened(pool, dials)
        assert dials.count == 1
        for number in range(2, 5):
            time.sleep(0.002)
            opened(pool, dials)
            assert dials.count == number
        dials.error = None
        time.sleep(0.002)
        connection = pool.get_connection()
        assert dials.count == 5
        if kind is not Foreign:
            assert connection.retry is not None and connection.retry.get_retries() == 5
        pool.release(connection)


@each_real_kind
def test_without_a_breaker_it_is(server: RedisServer, dials: Dials, kind: Any) -> None:
    with ConnectionPool(**server.address, connection_class=dials.of(kind),
                        retry=Retry(ConstantBackoff(0.001), 5)) as pool:
        opened(pool, dials)
        assert dials.count == 6


def test_a_connection_with_a_cache_asks_the_breaker_too(server: RedisServer, dials: Dials) -> None:
    options = {"protocol": 3, "cache_config": CacheConfig(), "retry": Retry(ConstantBackoff(0.001), 5)}
    with pool_with_breaker(server, dials, respool.Connection, LONG, **options) as pool:
        opened(pool, dials)
        with pytest.raises(ConnectionPoolUnavailableError):
            pool.get_connection()
        assert dials.count == 1


@each_real_kind
def test_a_wrong_password_is_no_reason_to_open_it(server: RedisServer, kind: Any) -> None:
    with ConnectionPool(**server.address, connection_class=kind, probe_interval=LONG, **WRONG_PASSWORD) as pool:
        for _ in range(5):
            with pytest.raises(AuthenticationError) as caught:
                pool.get_connection()
            assert not isinstance(caught.value, ConnectionPoolUnavailableError)
            assert pool._breaker is not None and not pool._breaker.is_open
        assert_sound(pool, in_use=0)


def test_the_error_says_what_was_wrong_and_no_secret() -> None:
    url = f"redis://user:s3cret@127.0.0.1:{free_port()}/0"
    pool = unhurried(ConnectionPool.from_url(url, probe_interval=LONG, **ONCE))
    with pytest.raises(redis.ConnectionError, match="refused") as first:
        pool.get_connection()
    assert not isinstance(first.value, ConnectionPoolUnavailableError)
    with pytest.raises(ConnectionPoolUnavailableError) as caught:
        pool.get_connection()
    assert str(first.value) in str(caught.value) and "s3cret" not in str(caught.value)
    assert isinstance(caught.value, redis.ConnectionError)
    assert not isinstance(caught.value, redis.TimeoutError)
    pool.close()


@each_kind
def test_ctrl_c_in_a_probe_leaves_it_to_the_next_caller(server: RedisServer, dials: Dials, kind: Any) -> None:
    with pool_with_breaker(server, dials, kind, 0.001) as pool:
        opened(pool, dials)
        time.sleep(0.002)
        dials.error = KeyboardInterrupt()  # type: ignore[assignment]
        with pytest.raises(KeyboardInterrupt):
            pool.get_connection()
        dials.error = None
        pool.release(pool.get_connection())
        assert pool._breaker is not None and not pool._breaker.is_open
        assert_sound(pool, in_use=0, connecting=0)


class Manager:
    """Names one server, and counts how often it was asked."""

    def __init__(self, port: int) -> None:
        self.port, self.asked = port, 0

    def discover_master(self, service_name: str) -> tuple[str, int]:
        self.asked += 1
        return "127.0.0.1", self.port


@pytest.mark.parametrize("options", [{}, {"max_connecting": 1, "timeout": 20}], ids=["alone", "by the pool"])
def test_a_pool_that_asks_sentinel_asks_the_breaker_first(
    clock: Clock, server: RedisServer, options: dict[str, Any]
) -> None:
    manager = Manager(free_port())
    pool = unhurried(SentinelConnectionPool(
        MASTER, manager, probe_interval=LONG, retry=Retry(ConstantBackoff(0.001), 5), **options))
    with pytest.raises(redis.ConnectionError, match="refused") as caught:
        pool.get_connection()
    assert not isinstance(caught.value, ConnectionPoolUnavailableError)
    assert manager.asked == 1
    for _ in range(5):
        with pytest.raises(ConnectionPoolUnavailableError):
            pool.get_connection()
    assert manager.asked == 1
    manager.port = server.port
    clock.forward(2 * LONG)
    assert redis.Redis(connection_pool=pool).ping()
    assert manager.asked == 2
    assert not pool._breaker.is_open
    pool.close()


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_knows_of_no_failure_and_of_no_probe(server: RedisServer, threads: Threads, dials: Dials) -> None:
    with pool_with_breaker(server, dials, respool.Connection, 0.001) as pool:
        opened(pool, dials)
        time.sleep(0.002)
        dials.stop()
        probe = Caller(threads, pool)
        until(lambda: dials.under_way == 1)
        assert pool._breaker is not None

        def child() -> None:
            dials._lock = threading.Lock()
            dials._gate = threading.Event()
            dials.error = None
            dials.go_on()
            assert not pool._breaker.is_open
            pool.release(pool.get_connection())

        in_child(child)
        assert pool._breaker.is_open
        dials.go_on()
        assert "it is down" in str(probe.failed())


def test_whoever_looks_after_the_pool_looks_after_the_server_too(server: RedisServer, dials: Dials) -> None:
    """Connections are ready again after an outage, without anybody's asking for one."""
    dials.error = DOWN
    with pool_with_breaker(server, dials, respool.Connection, 0.05, min_idle=2) as pool:
        assert pool._breaker is not None
        until(lambda: pool._breaker.is_open)
        dials.error = None
        until(lambda: pool.idle == 2)
        assert not pool._breaker.is_open and dials.most == 1


def test_an_outage_under_load_leaves_nothing_behind(threads: Threads) -> None:
    with redis_server() as own:
        port = own.port
    pool = ConnectionPool(host="127.0.0.1", port=port, probe_interval=0.001, max_connections=3, max_connecting=1,
                          timeout=0.05, **ONCE)
    stop = threading.Event()

    def use() -> None:
        while not stop.is_set():
            with suppress(redis.ConnectionError, redis.TimeoutError):
                pool.release(pool.get_connection())

    for _ in range(4):
        threads.start(use)
    for _ in range(50):
        with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
            pool.get_connection()
    stop.set()
    threads.join()
    until(lambda: pool.counts() == (0, 0, 0, 0, 0))
    with redis_server(port=port):
        time.sleep(0.002)
        assert redis.Redis(connection_pool=pool).ping()
        pool.close()


# --- tasks -------------------------------------------------------------------------------------------------------

def async_pool(server: RedisServer, dials: Dials, kind: Any, interval: float, **options: Any) -> Any:
    retry = {"retry": AsyncRetry(NoBackoff(), 0)}
    pool = aio.ConnectionPool(**{**server.address, "connection_class": dials.of(kind), "probe_interval": interval,
                                 "max_connections": 30, **retry, **options})
    return unhurried(pool) if interval == LONG else pool


def forbidden(slot: Any) -> None:
    raise AssertionError("this is not the time for a dial")


async def opened_by_task(pool: Any, dials: Dials) -> None:
    dials.error = DOWN
    with pytest.raises(redis.ConnectionError, match="it is down"):
        await pool.get_connection()


@on_each_loop
@each_async_kind
async def test_while_the_server_is_down_tasks_fail_at_once_without_a_dial(
    server: RedisServer, dials: Dials, kind: Any
) -> None:
    async with async_pool(server, dials, kind, LONG) as pool:
        await opened_by_task(pool, dials)

        async def use(number: int) -> None:
            with pytest.raises(ConnectionPoolUnavailableError, match="attempts to connect: 1.*, the next is made in"):
                await pool.get_connection()

        await together(20, use)
        assert dials.count == 1
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


@on_each_loop
@each_async_kind
async def test_one_task_looks_and_the_others_fail_at_once(server: RedisServer, dials: Dials, kind: Any) -> None:
    async with async_pool(server, dials, kind, 0.01) as pool:
        pool._breaker._wait_for_probes(LONG)
        await opened_by_task(pool, dials)
        dials.stop()
        await asyncio.sleep(0.02)
        probe = asyncio.ensure_future(pool.get_connection())
        await until_awaited(lambda: dials.under_way == 1)

        async def use(number: int) -> None:
            with pytest.raises(ConnectionPoolUnavailableError, match="another is under way"):
                await pool.get_connection()

        await together(20, use)
        dials.error = None
        dials.go_on()
        await pool.release(await probe)
        assert dials.count == 2 and not pool._breaker.is_open
        assert_sound(pool, in_use=0, waiting=0)


@on_each_loop
@each_async_kind
async def test_a_cancelled_probe_leaves_it_to_the_next_task(server: RedisServer, dials: Dials, kind: Any) -> None:
    async with async_pool(server, dials, kind, 0.01) as pool:
        await opened_by_task(pool, dials)
        await asyncio.sleep(0.02)
        dials.error = None
        dials.stop()
        probe = asyncio.ensure_future(pool.get_connection())
        await until_awaited(lambda: dials.under_way == 1)
        probe.cancel()
        with pytest.raises(asyncio.CancelledError):
            await probe
        dials.go_on()
        await pool.release(await pool.get_connection())
        assert not pool._breaker.is_open
        assert_sound(pool, in_use=0, connecting=0)


@on_each_loop
@each_async_kind
async def test_the_tasks_in_line_are_told_without_another_dial(server: RedisServer, dials: Dials, kind: Any) -> None:
    async with async_pool(server, dials, kind, LONG, max_connecting=1, timeout=30) as pool:
        dials.error = DOWN
        errors = await asyncio.gather(*(pool.get_connection() for _ in range(5)), return_exceptions=True)
        assert ["it is down" in str(error) for error in errors] == [True] * 5
        pool._begin_dial = forbidden
        for _ in range(5):
            with pytest.raises(ConnectionPoolUnavailableError):
                await pool.get_connection()
        assert dials.count == 1
        assert_sound(pool, created=0, waiting=0)


@on_each_loop
@each_async_kind
async def test_tasks_too_do_not_run_through_a_retry_policy(server: RedisServer, dials: Dials, kind: Any) -> None:
    retry = AsyncRetry(ConstantBackoff(0.001), 5)
    options = {} if kind is AsyncForeign else {"retry": retry}
    async with async_pool(server, dials, kind, 0.001, **options) as pool:
        for number in range(1, 4):
            await opened_by_task(pool, dials)
            assert dials.count == number
            await asyncio.sleep(0.003)
        dials.error = None
        connection = await pool.get_connection()
        if kind is not AsyncForeign:
            assert connection.retry.get_retries() == 5
        await pool.release(connection)


@on_each_loop
@pytest.mark.parametrize("kind", ASYNC_KINDS[:2], ids=["respool", "redis"])
async def test_tasks_find_a_server_that_is_back_within_one_interval(kind: Any) -> None:
    with redis_server() as server:
        port = server.port
        pool = aio.BlockingConnectionPool(
            **server.address, connection_class=kind, probe_interval=0.2, max_connections=5, timeout=20,
            retry=AsyncRetry(NoBackoff(), 0),
        )
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await client.ping()
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            await client.ping()
    assert pool._breaker is not None and pool._breaker.is_open
    with redis_server(port=port):
        await asyncio.sleep(0.21)

        async def use(number: int) -> None:
            assert await client.echo(str(number)) == b"%d" % number

        await client.ping()
        await together(5, use)
        assert not pool._breaker.is_open
        assert_sound(pool, in_use=0, waiting=0)
        await pool.aclose()


@on_each_loop
async def test_a_wrong_password_is_no_reason_to_open_it_for_tasks(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, probe_interval=LONG, **WRONG_PASSWORD) as pool:
        for _ in range(5):
            with pytest.raises(AuthenticationError):
                await pool.get_connection()
        assert pool._breaker is not None and not pool._breaker.is_open


class AsyncManager(Manager):
    async def discover_master(self, service_name: str) -> tuple[str, int]:  # type: ignore[override]
        return super().discover_master(service_name)


@on_each_loop
async def test_a_pool_for_tasks_that_asks_sentinel_asks_the_breaker_first(clock: Clock, server: RedisServer) -> None:
    manager = AsyncManager(free_port())
    retry = AsyncRetry(ConstantBackoff(0.001), 5)
    async with unhurried(aio.SentinelConnectionPool(MASTER, manager, probe_interval=LONG, retry=retry)) as pool:
        with pytest.raises(redis.ConnectionError) as caught:
            await pool.get_connection()
        assert not isinstance(caught.value, ConnectionPoolUnavailableError)
        assert manager.asked == 1
        for _ in range(5):
            with pytest.raises(ConnectionPoolUnavailableError):
                await pool.get_connection()
        assert manager.asked == 1
        manager.port = server.port
        clock.forward(2 * LONG)
        assert await redis.asyncio.Redis(connection_pool=pool).ping()
        assert manager.asked == 2 and not pool._breaker.is_open

"""Connecting: what fails, fails within the caller's time and costs no slot."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from redis.auth.token import TokenInterface
from redis.backoff import ConstantBackoff, NoBackoff
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection
from redis.retry import Retry

import respool
from conftest import Threads, assert_sound, until
from respool import BlockingConnectionPool, ConnectionPool
from servers import RedisServer, free_port


class Steps:
    """A connection whose handshake fails at the step that `countdown` has reached."""

    countdown = -1
    error: type[BaseException] = ConnectionError

    def step(self) -> None:
        Steps.countdown -= 1
        if Steps.countdown == 0:
            raise self.error("at this step")

    def _connect(self) -> Any:
        self.step()
        sock = super()._connect()
        try:
            self.step()
        except BaseException:
            sock.close()
            raise
        return sock

    def send_command(self, *args: Any, **kwargs: Any) -> None:
        self.step()
        super().send_command(*args, **kwargs)
        self.step()

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        self.step()
        response = super().read_response(*args, **kwargs)
        self.step()
        return response


class RedisPys(Steps, redis.Connection):
    pass


class Ours(Steps, respool.Connection):
    pass


@pytest.mark.parametrize("connection_class", [RedisPys, Ours])
@pytest.mark.parametrize("pool_class", [ConnectionPool, BlockingConnectionPool])
@pytest.mark.parametrize("error", [
    redis.ConnectionError, redis.TimeoutError, redis.ResponseError, OSError, KeyboardInterrupt, MemoryError,
])
def test_a_handshake_that_fails_at_any_step_costs_no_slot_and_leaves_no_reply(
    server: RedisServer,
    pool_class: type[ConnectionPool],
    connection_class: type[Any],
    error: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Steps, "error", error)
    pool = pool_class(
        connection_class=connection_class, **server.address, max_connections=1, client_name="failing", db=1, timeout=5,
        retry=Retry(NoBackoff(), 0),
    )
    steps = failures = 0
    while True:
        steps += 1
        Steps.countdown = steps
        try:
            connection = pool.get_connection()
        except (error, redis.RedisError):
            failures += 1
            assert_sound(pool, in_use=0, connecting=0)
            assert not any(idle._sock for idle in pool._available_connections)
        else:
            pool.release(connection)
            if Steps.countdown > 0:  # the handshake has no step left to fail at
                break
        Steps.countdown = -1
        sent = f"after step {steps}"
        assert redis.Redis(connection_pool=pool).echo(sent) == sent.encode()
        pool.disconnect()
    assert failures >= 10, steps
    pool.close()


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_constructor_that_raises_costs_no_slot(error: type[BaseException]) -> None:
    class Unborn(redis.Connection):
        def __init__(self, **kwargs: Any) -> None:
            raise error("no")

        def __del__(self) -> None:
            pass

    pool = ConnectionPool(connection_class=Unborn, max_connections=1)
    for _ in range(5):
        with pytest.raises(error):
            pool.get_connection()
        assert_sound(pool, created=0)


def test_a_wrong_database_is_an_error_and_costs_no_slot(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, db=9999, max_connections=1)
    for _ in range(3):
        with pytest.raises(redis.ResponseError):
            pool.get_connection()
        assert_sound(pool, created=1, idle=1)
    [idle] = pool._available_connections
    assert idle._sock is None


def test_a_server_that_is_down_is_an_error_and_costs_no_slot() -> None:
    pool = ConnectionPool(host="127.0.0.1", port=free_port(), max_connections=1, retry=Retry(NoBackoff(), 0))
    for _ in range(3):
        with pytest.raises(redis.ConnectionError, match="Connection refused"):
            pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)


# --- one deadline over wait and connect ----------------------------------------------------------------------

@contextmanager
def silent_server() -> Iterator[int]:
    """A port that accepts connections (the kernel does) and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("retry", [Retry(NoBackoff(), 0), Retry(NoBackoff(), 50), Retry(ConstantBackoff(0.05), 50)])
def test_connecting_is_cut_short_by_the_pools_timeout(retry: Retry) -> None:
    with silent_server() as port:
        pool = ConnectionPool(host="127.0.0.1", port=port, max_connections=1, timeout=0.3, retry=retry)
        started = time.monotonic()
        with pytest.raises(redis.TimeoutError, match="went into connecting") as caught:
            pool.get_connection()
        assert 0.25 <= time.monotonic() - started < 0.6
        assert not isinstance(caught.value, redis.MaxConnectionsError)  # connections are not what is wanting
        assert_sound(pool, in_use=0, connecting=0)
        pool.close()


def test_one_deadline_covers_the_wait_and_the_connect(threads: Threads) -> None:
    """Half of the time goes into waiting; connecting gets only the other half."""
    with silent_server() as port:
        pool = ConnectionPool(host="127.0.0.1", port=port, max_connections=1, timeout=0.6, retry=Retry(NoBackoff(), 0))
        connection = pool.make_connection()
        elapsed: list[float] = []

        def wait() -> None:
            started = time.monotonic()
            with pytest.raises(redis.TimeoutError, match="went into connecting"):
                pool.get_connection()
            elapsed.append(time.monotonic() - started)

        threads.start(wait)
        until(lambda: pool.waiting == 1)
        time.sleep(0.3)  # the first half of the deadline passes
        pool.release(connection)
        threads.join()
        assert 0.55 <= elapsed[0] < 0.9
        pool.close()


def test_a_refused_connect_is_reported_as_what_it_is() -> None:
    pool = ConnectionPool(host="127.0.0.1", port=free_port(), timeout=5, retry=Retry(NoBackoff(), 0))
    with pytest.raises(redis.ConnectionError, match="refused") as caught:
        pool.get_connection()
    assert not isinstance(caught.value, respool.ConnectionPoolTimeoutError)


def test_a_deadline_leaves_the_connections_own_time_outs_as_they_were(server: RedisServer) -> None:
    retry = Retry(ConstantBackoff(0.01), 3)
    pool = ConnectionPool(**server.address, timeout=0.5, socket_timeout=7, socket_connect_timeout=3, retry=retry)
    connection = pool.get_connection()
    assert connection.socket_timeout == 7 and connection.socket_connect_timeout == 3
    assert connection._sock.gettimeout() == 7
    assert connection.retry == retry and isinstance(connection.retry._backoff, ConstantBackoff)
    assert getattr(connection._parser, "_socket_timeout", 7) == 7
    pool.release(connection)
    redis.Redis(connection_pool=pool).blpop(["nothing"], timeout=1)  # longer than the pool's time-out
    pool.close()


def test_waiting_does_not_shorten_a_command(server: RedisServer, threads: Threads) -> None:
    """`timeout` bounds the wait for a connection; the reply has `socket_timeout`."""
    pool = BlockingConnectionPool(**server.address, max_connections=1, timeout=0.3)
    client = redis.Redis(connection_pool=pool)
    started = time.monotonic()
    assert client.blpop(["nothing"], timeout=1) is None
    assert time.monotonic() - started >= 1
    pool.close()


# --- credentials and caching ---------------------------------------------------------------------------------

class Token(TokenInterface):
    def __init__(self, user: str, password: str) -> None:
        self.user, self.password = user, password

    def is_expired(self) -> bool:
        return False

    def ttl(self) -> float:
        return 60.0

    def try_get(self, key: str) -> str:
        assert key == "oid"
        return self.user

    def get_value(self) -> str:
        return self.password

    def get_expires_at_ms(self) -> float:
        return 0.0

    def get_received_at_ms(self) -> float:
        return 0.0


@pytest.fixture
def alice(server: RedisServer) -> Iterator[Token]:
    with redis.Redis(port=server.port) as admin:
        admin.acl_setuser("alice", enabled=True, passwords=["+w0nderland"], keys=["*"], commands=["+@all"])
        yield Token("alice", "w0nderland")
        admin.acl_deluser("alice")


@pytest.mark.parametrize("pool_class", [ConnectionPool, BlockingConnectionPool])
def test_a_new_token_reaches_idle_connections_now_and_the_others_on_return(
    server: RedisServer, alice: Token, pool_class: type[ConnectionPool]
) -> None:
    def who(connection: Any) -> bytes:
        connection.send_command("ACL", "WHOAMI")
        answer: bytes = connection.read_response()
        return answer

    pool = pool_class(**server.address, max_connections=2)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    pool.re_auth_callback(alice)
    assert who(idle) == b"alice" and who(used) == b"default"
    pool.release(used)
    assert who(used) == b"alice"
    assert_sound(pool, idle=2)
    pool.close()


def test_a_token_that_is_refused_closes_connections_and_loses_none(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, max_connections=3)
    connections = [pool.get_connection() for _ in range(3)]
    for connection in connections[:2]:
        pool.release(connection)
    bad = Token("nobody", "s3cret")
    with pytest.raises(redis.AuthenticationError) as caught:
        pool.re_auth_callback(bad)
    assert "s3cret" not in str(caught.value)
    assert_sound(pool, idle=2, in_use=1)
    with pytest.raises(redis.AuthenticationError):
        pool.release(connections[2])
    assert_sound(pool, created=2, idle=2)
    assert redis.Redis(connection_pool=pool).ping()
    pool.close()


def test_client_side_caching_wraps_connections_as_redis_py_does(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, protocol=3, max_connections=1, cache_config=CacheConfig(), timeout=5)
    with redis.Redis(port=server.port) as client:
        version = tuple(int(part) for part in str(client.info("server")["redis_version"]).split(".")[:2])
    if version >= (7, 4):
        connection = pool.get_connection()
        assert isinstance(connection, CacheProxyConnection)
        pool.release(connection)
    else:
        for _ in range(3):
            with pytest.raises(redis.ConnectionError, match="7.4 or later"):
                pool.get_connection()
    [idle] = pool._available_connections
    assert isinstance(idle, CacheProxyConnection) and idle._pool_lock is pool._lock
    assert_sound(pool, created=1, idle=1)
    pool.close()

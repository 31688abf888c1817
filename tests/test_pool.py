"""The drop-in pools against a real server: what a redis-py program does still works, and what the pool adds."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import queue
import re
import signal
import threading
import time
from typing import Any

import pytest
import redis
import redis.exceptions
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser
from redis.backoff import NoBackoff
from redis.event import AfterConnectionReleasedEvent, EventDispatcher, EventListenerInterface
from redis.retry import Retry

import respool
from conftest import Threads, assert_sound, until
from respool import BlockingConnectionPool, ConnectionPool
from respool.connection import OURS
from servers import RedisServer
from stubs import Dummy
from versions import MAINTENANCE, needs_listeners

POOLS = [ConnectionPool, BlockingConnectionPool]


@pytest.fixture(params=POOLS, ids=lambda pool_class: pool_class.__name__)
def pool_class(request: pytest.FixtureRequest) -> type[ConnectionPool]:
    found: type[ConnectionPool] = request.param
    return found


@pytest.fixture(params=["RESP2", "RESP3", "RESP2 hiredis", "RESP3 hiredis"])
def wire(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of a connection: the protocol, and redis-py's parser in Python or in hiredis."""
    version, _, hiredis = request.param.partition(" ")
    python_parser = _RESP2Parser if version == "RESP2" else _RESP3Parser
    return {"protocol": int(version[-1]), "parser_class": _HiredisParser if hiredis else python_parser}


# redis-py's connections are in reference cycles: collected and not closed, they may be finalized after their socket.
unclosed_sockets = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")


# --- it takes the place of redis-py's ------------------------------------------------------------------------

def test_it_is_a_redis_py_pool() -> None:
    assert issubclass(ConnectionPool, redis.ConnectionPool)
    assert issubclass(BlockingConnectionPool, (ConnectionPool, redis.BlockingConnectionPool))


def test_commands_pipelines_transactions_locks_and_pubsub_work(
    server: RedisServer, pool_class: type[ConnectionPool], wire: dict[str, Any]
) -> None:
    with pool_class(**server.address, max_connections=4, **wire, decode_responses=True) as pool:
        client = redis.Redis(connection_pool=pool)
        client.flushdb()
        assert client.set("key", "value") is True
        assert client.get("key") == "value"
        with client.pipeline(transaction=False) as pipeline:
            assert pipeline.incr("n").incr("n").execute() == [1, 2]
        with client.pipeline() as transaction:
            transaction.watch("n")
            transaction.multi()
            assert transaction.set("n", 7).get("n").execute() == [True, "7"]
        with client.lock("lock", timeout=5):
            assert client.exists("lock")
        with client.pubsub(ignore_subscribe_messages=True) as subscriber:
            subscriber.subscribe("channel")
            subscriber.get_message(timeout=1)
            client.publish("channel", "hello")
            message = subscriber.get_message(timeout=5)
            assert message is not None and message["data"] == "hello"
        assert list(client.scan_iter("*")) and client.blpop(["nothing"], timeout=0.01) is None
        script = client.register_script("return ARGV[1]")
        assert script(args=["x"]) == "x"
        with pytest.raises(redis.ResponseError):
            client.execute_command("NOSUCHCOMMAND")
        assert_sound(pool, in_use=0, waiting=0)
    assert_sound(pool, created=0)


def test_a_unix_socket_works(server: RedisServer, protocol: int) -> None:
    pool = ConnectionPool.from_url(f"unix://{server.unix_socket}?db=1&client_name=unix&protocol={protocol}")
    client = redis.Redis(connection_pool=pool)
    assert client.ping()
    with pytest.raises(redis.ResponseError):
        client.execute_command("UNKNOWN")
    assert pool.name == f"{server.unix_socket}/1"
    pool.close()


@pytest.mark.parametrize("url", [
    "redis://user:secret@example.org:6380/2?client_name=me&socket_timeout=1.5&health_check_interval=10",
    "rediss://example.org/1?ssl_cert_reqs=none",
    "unix:///tmp/redis.sock?db=3&decode_responses=True",
    "redis://localhost?max_connections=7&retry_on_timeout=yes&protocol=2",
])
def test_a_url_gives_the_pool_that_redis_py_makes_of_it(url: str) -> None:
    ours, theirs = ConnectionPool.from_url(url), redis.ConnectionPool.from_url(url)
    assert ours.connection_class is OURS[theirs.connection_class]
    assert ours.max_connections == theirs.max_connections

    def plain(pool: redis.ConnectionPool) -> dict[str, Any]:
        return {key: value for key, value in pool.connection_kwargs.items()
                if isinstance(value, (str, int, float, type(None)))}

    assert plain(ours) == plain(theirs)


@pytest.mark.parametrize("url", ["redis://localhost", "rediss://localhost", "unix:///tmp/redis.sock"])
def test_redis_pys_default_parser_is_no_choice_beside_a_url(pool_class: type[ConnectionPool], url: str) -> None:
    """Django's caches hand it to each pool."""
    def parser_of(**options: Any) -> type[Any]:
        return type(pool_class.from_url(url, **options).make_connection()._parser)

    assert parser_of(parser_class=redis.connection.DefaultParser) is respool.Parser
    assert parser_of(parser_class=_RESP3Parser) is _RESP3Parser


def test_a_url_may_carry_the_pools_own_settings() -> None:
    pool = ConnectionPool.from_url("redis://localhost/0?timeout=2.5&order=lifo&max_waiting=9&name=jobs&max_connections=3")
    assert (pool.timeout, pool.order, pool.max_waiting, pool.name, pool.max_connections) == (2.5, "lifo", 9, "jobs", 3)
    assert not {"timeout", "order", "max_waiting", "name"} & set(pool.connection_kwargs)
    assert BlockingConnectionPool.from_url("redis://localhost/0?timeout=7").timeout == 7


def test_defaults_are_those_of_redis_py(pool_class: type[ConnectionPool]) -> None:
    theirs = redis.BlockingConnectionPool() if pool_class is BlockingConnectionPool else redis.ConnectionPool()
    ours = pool_class()
    assert ours.max_connections == theirs.max_connections
    assert ours.connection_class is OURS[theirs.connection_class]
    assert ours.timeout == getattr(theirs, "timeout", 0)
    assert set(ours.connection_kwargs) == set(theirs.connection_kwargs)
    assert ours.get_protocol() == theirs.get_protocol()
    if MAINTENANCE:
        assert ours.maint_notifications_enabled() == theirs.maint_notifications_enabled()
    assert ours.get_encoder().encoding == theirs.get_encoder().encoding
    assert (ours.order, ours.max_waiting) == ("fifo", None)


def test_the_old_arguments_of_get_connection_are_accepted_with_redis_pys_warning(
    pool_class: type[ConnectionPool]
) -> None:
    pool = pool_class(connection_class=Dummy)
    with pytest.warns(DeprecationWarning, match="get_connection.*5.3.0") as caught:
        connection = pool.get_connection("GET", "key", timeout=1)
    assert caught[0].filename == __file__
    pool.release(connection)


def test_any_connection_class_will_do(pool_class: type[ConnectionPool]) -> None:
    pool = pool_class(connection_class=Dummy, max_connections=2, answer=42)
    connection = pool.get_connection()
    assert connection.kwargs["answer"] == 42
    assert connection.calls == ["connect"]
    pool.release(connection)
    assert pool.get_connection() is connection
    assert connection.calls == ["connect", "connect"]


def test_a_subclass_may_override_what_redis_py_lets_it_override() -> None:
    class Own(ConnectionPool):
        def make_connection(self) -> Any:
            # Counts as redis-py's own does.
            if self._created_connections >= self.max_connections:
                raise redis.exceptions.MaxConnectionsError("Too many connections")
            self._created_connections += 1
            made.append(Dummy())
            return made[-1]

        def get_connection(self, *args: Any, **kwargs: Any) -> Any:
            taken.append(super().get_connection())
            return taken[-1]

        def release(self, connection: Any) -> None:
            released.append(connection)
            super().release(connection)

        def owns_connection(self, connection: Any) -> bool:
            return connection not in disowned

    made: list[Any] = []
    taken: list[Any] = []
    released: list[Any] = []
    disowned: list[Any] = []
    pool = Own(connection_class=Dummy, max_connections=1)
    connection = pool.get_connection()
    pool.release(connection)
    assert made == taken == released == [connection]
    assert pool.get_connection() is connection
    disowned.append(connection)
    pool.release(connection)
    assert connection.calls[-1] == "disconnect"
    assert_sound(pool, created=0)


def test_make_connection_on_its_own_counts_under_the_cap() -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1)
    connection = pool.make_connection()
    assert_sound(pool, created=1, in_use=1)
    with pytest.raises(redis.exceptions.MaxConnectionsError):
        pool.make_connection()
    pool.release(connection)
    assert pool.get_connection() is connection


def test_make_connection_can_be_patched(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1)
    made = Dummy()
    monkeypatch.setattr(pool, "make_connection", lambda: made)
    assert pool.get_connection() is made


def test_connection_class_and_kwargs_may_be_replaced_while_the_pool_lives() -> None:
    pool = ConnectionPool(host="nowhere")
    pool.connection_class = Dummy
    pool.connection_kwargs = {"answer": 42}
    assert pool.get_connection().kwargs == {"answer": 42}


@needs_listeners
def test_listeners_to_released_connections_are_told() -> None:
    class Listener(EventListenerInterface):
        def listen(self, event: Any) -> None:
            heard.append(event.connection)

    heard: list[Any] = []
    dispatcher = EventDispatcher({AfterConnectionReleasedEvent: [Listener()]})
    pool = ConnectionPool(connection_class=Dummy, event_dispatcher=dispatcher)
    connection = pool.get_connection()
    pool.release(connection)
    assert heard == [connection]

    late = ConnectionPool(connection_class=Dummy)
    late._event_dispatcher.register_listeners({AfterConnectionReleasedEvent: [Listener()]})
    connection = late.get_connection()
    late.release(connection)
    assert heard[-1] is connection


def test_a_connection_marked_for_reconnection_is_closed_on_return_and_stays(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address)
    connection = pool.get_connection()
    connection.mark_for_reconnect()
    pool.release(connection)
    assert connection._sock is None and not connection.should_reconnect()
    assert_sound(pool, created=1, idle=1)
    assert pool.get_connection() is connection and connection._sock is not None
    pool.close()


def test_set_retry_reaches_all_connections(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    retry = Retry(NoBackoff(), 7)
    pool.set_retry(retry)
    assert idle.retry is retry and used.retry is retry and pool.connection_kwargs["retry"] is retry
    pool.release(used)
    pool.close()


def test_disconnect_closes_sockets_and_keeps_the_connections(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    pool.disconnect(inuse_connections=False)
    assert idle._sock is None and used._sock is not None
    pool.disconnect()
    assert used._sock is None
    assert_sound(pool, created=2, idle=1, in_use=1)
    pool.release(used)
    assert redis.Redis(connection_pool=pool).ping()
    pool.close()


def test_close_can_be_followed_by_use_as_with_redis_py(server: RedisServer) -> None:
    client = redis.Redis.from_pool(ConnectionPool(**server.address, client_name="reopened"))
    assert client.ping()
    client.close()
    until(lambda: not server.connections_named("reopened"))
    assert client.ping()
    client.close()


def test_what_comes_back_after_close_is_not_kept(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address)
    connection = pool.get_connection()
    pool.close()
    assert connection._sock is None
    connection.connect()
    pool.release(connection)
    assert connection._sock is None
    assert_sound(pool, created=0)


def test_close_wakes_those_who_wait(server: RedisServer, threads: Threads) -> None:
    pool = ConnectionPool(**server.address, max_connections=1, timeout=None, name="jobs")
    connection = pool.get_connection()

    def wait() -> None:
        with pytest.raises(respool.ConnectionPoolClosedError, match="'jobs' was closed"):
            pool.get_connection()

    threads.start(wait)
    until(lambda: pool.waiting == 1)
    pool.close()
    threads.join()
    pool.release(connection)


def test_reset_forgets_connections(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, client_name="forgotten")
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    pool.reset()
    assert idle._sock is None
    assert_sound(pool, created=0)
    pool.release(used)
    assert_sound(pool, created=0)
    used.disconnect()


@pytest.mark.skipif(
    not hasattr(redis.ConnectionPool, "get_connection_count"), reason="this redis-py does not ask pools for counts"
)
def test_connection_counts_are_those_of_redis_py(pool_class: type[ConnectionPool]) -> None:
    pool = pool_class(connection_class=Dummy)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    assert [count for count, _ in pool.get_connection_count()] == [1, 1]
    pool.release(used)


# --- private attributes that others read ---------------------------------------------------------------------

def test_private_attributes_tell_the_truth(pool_class: type[ConnectionPool]) -> None:
    pool = pool_class(connection_class=Dummy, max_connections=5)
    first, second, third = (pool.get_connection() for _ in range(3))
    pool.release(second)
    pool.release(first)
    assert list(pool._available_connections) == [second, first] == pool._available_connections
    assert pool._available_connections[-1] is first and pool._available_connections[:1] == [second]
    assert len(pool._available_connections) == 2 and first in pool._available_connections
    assert set(pool._in_use_connections) == {third} and third in pool._in_use_connections
    assert third not in pool._available_connections
    assert pool._created_connections == 3
    assert pool._get_free_connections() == [second, first]
    assert pool._get_in_use_connections() == {third}
    assert repr(pool._in_use_connections) == repr({third})
    assert pool.pid == os.getpid()
    with pool._lock, pool._get_pool_lock():
        assert bool(pool._available_connections)


def test_a_blocking_pool_shows_its_queue() -> None:
    pool = BlockingConnectionPool(connection_class=Dummy, max_connections=3)
    used, idle = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    assert pool.pool.queue == [None, idle]
    assert (pool.pool.qsize(), pool.pool.empty(), pool.pool.full(), pool.pool.maxsize) == (2, False, False, 3)
    assert pool._connections == [idle, used]


def test_private_attributes_can_be_changed_as_redis_pys_tests_do() -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=3)
    idle, used = Dummy(), Dummy()
    pool._available_connections.extend([idle])
    pool._in_use_connections.update({used})
    assert_sound(pool, idle=1, in_use=1)
    pool._in_use_connections.discard(used)
    pool._available_connections.append(used)
    pool._available_connections.remove(idle)
    assert_sound(pool, created=1, idle=1)
    assert pool.get_connection() is used
    pool._available_connections.append(used)
    assert_sound(pool, created=1, idle=1)
    pool._in_use_connections.add(used)
    assert_sound(pool, created=1, in_use=1)
    with pytest.raises(ValueError, match="not idle"):
        pool._available_connections.remove(idle)


def test_nobody_gets_a_connection_while_another_thread_holds_the_pools_lock(threads: Threads) -> None:
    pool = ConnectionPool(connection_class=Dummy, timeout=0.05)
    pool.release(pool.get_connection())

    def fail() -> None:
        with pytest.raises(redis.exceptions.ConnectionPoolTimeoutError):
            pool.get_connection()

    with pool._lock:
        threads.start(fail)
        threads.join()
    pool.get_connection()


# --- the cap, the wait and their errors ----------------------------------------------------------------------

def test_the_server_never_sees_more_connections_than_the_cap(
    server: RedisServer, pool_class: type[ConnectionPool], threads: Threads
) -> None:
    pool = pool_class(**server.address, max_connections=5, timeout=None, client_name="stampede")
    client = redis.Redis(connection_pool=pool)
    most = 0
    done = threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.is_set():
            most = max(most, len(server.connections_named("stampede")))

    def stampede(number: int) -> None:
        for turn in range(40):
            assert client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()
            if turn % 10 == number % 10:
                pool.disconnect(inuse_connections=False)  # makes the others dial again

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        threads.together(40, stampede)
    finally:
        done.set()
        watcher.join()
    assert 0 < most <= 5
    assert_sound(pool, in_use=0, connecting=0, waiting=0)
    pool.close()


def test_no_timeout_means_max_connections_error_at_once() -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1, name="jobs")
    connection = pool.get_connection()
    with pytest.raises(redis.exceptions.MaxConnectionsError, match="Too many connections.*'jobs' has 1 of 1") as caught:
        pool.get_connection()
    assert type(caught.value) is redis.exceptions.MaxConnectionsError
    pool.release(connection)


def test_the_timeout_error_is_one_that_every_handler_knows() -> None:
    error = respool.ConnectionPoolTimeoutError
    assert redis.exceptions.ConnectionPoolTimeoutError is error
    for known in (redis.MaxConnectionsError, redis.ConnectionError, redis.TimeoutError, redis.RedisError):
        assert issubclass(error, known)


def test_the_timeout_error_says_what_a_reader_needs(pool_class: type[ConnectionPool], threads: Threads) -> None:
    pool = pool_class(connection_class=Dummy, max_connections=2, timeout=0.1, name="jobs")
    connections = [pool.get_connection(), pool.get_connection()]
    with pytest.raises(respool.ConnectionPoolTimeoutError) as caught:
        pool.get_connection()
    message = str(caught.value)
    assert "'jobs'" in message and "2 of 2 connections: 2 in use" in message and "0 waiting" in message
    assert re.search(r"waited 0\.\d{3} s, the pool's timeout is 0\.1 s", message)
    for connection in connections:
        pool.release(connection)


def test_too_many_waiters_are_refused_with_an_error_of_its_own(threads: Threads) -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1, timeout=None, max_waiting=1)
    connection = pool.get_connection()
    threads.start(lambda: pool.release(pool.get_connection()))
    until(lambda: pool.waiting == 1)
    with pytest.raises(respool.ConnectionPoolOverloadError, match="1 may wait.*1 waiting"):
        pool.get_connection()
    pool.release(connection)


def test_one_slow_command_holds_up_nobody_else(server: RedisServer, threads: Threads) -> None:
    pool = ConnectionPool(**server.address, max_connections=2, timeout=5)
    client = redis.Redis(connection_pool=pool)
    threads.start(lambda: client.blpop(["nothing"], timeout=1))
    until(lambda: pool.in_use == 1)
    started = time.monotonic()
    for _ in range(20):
        client.ping()
    assert time.monotonic() - started < 0.9
    threads.join()
    pool.close()


def test_the_timeout_may_be_changed() -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1)
    connection = pool.get_connection()
    pool.timeout = 0.01
    with pytest.raises(respool.ConnectionPoolTimeoutError):
        pool.get_connection()
    pool.timeout = None
    assert pool.timeout is None
    pool.release(connection)


def test_max_connections_may_be_changed() -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1)
    connections = [pool.get_connection()]
    pool.max_connections = 2
    connections.append(pool.get_connection())
    pool.max_connections = 1
    for connection in connections:
        pool.release(connection)
    assert_sound(pool, created=1, idle=1)


def test_ctrl_c_interrupts_a_wait(pool_class: type[ConnectionPool], threads: Threads) -> None:
    pool = pool_class(connection_class=Dummy, max_connections=1, timeout=None)
    connection = pool.get_connection()

    def interrupt() -> None:
        until(lambda: pool.waiting == 1)
        os.kill(os.getpid(), signal.SIGINT)

    threads.start(interrupt)
    with pytest.raises(KeyboardInterrupt):
        pool.get_connection()
    pool.release(connection)
    assert_sound(pool, idle=1, in_use=0, waiting=0)


# --- connections that are not fit for the next caller --------------------------------------------------------

def test_a_connection_that_the_server_closed_is_replaced(
    server: RedisServer, pool_class: type[ConnectionPool], wire: dict[str, Any]
) -> None:
    pool = pool_class(**server.address, client_name="killed", **wire, retry=Retry(NoBackoff(), 0))
    client = redis.Redis(connection_pool=pool, retry=Retry(NoBackoff(), 0))
    for _ in range(3):
        client.ping()
        [entry] = server.connections_named("killed")
        with redis.Redis(port=server.port) as killer:
            killer.client_kill_filter(_id=entry["id"])
        until(lambda: not server.connections_named("killed"))
        assert client.ping()
    pool.close()


def test_an_unread_reply_does_not_reach_the_next_caller(
    server: RedisServer, pool_class: type[ConnectionPool], wire: dict[str, Any]
) -> None:
    pool = pool_class(**server.address, max_connections=1, **wire)
    client = redis.Redis(connection_pool=pool)
    connection = pool.get_connection()
    connection.send_command("ECHO", "somebody else's")
    until(connection.can_read)
    pool.release(connection)
    assert client.echo("mine") == b"mine"
    pool.close()


@unclosed_sockets
def test_a_connection_lost_by_its_caller_leaves_no_trace_on_the_server(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, max_connections=1, client_name="lost", timeout=10)
    connection = pool.get_connection()
    connection.send_command("ECHO", "never read")
    del connection
    assert redis.Redis(connection_pool=pool).echo("mine") == b"mine"
    until(lambda: len(server.connections_named("lost")) == 1)
    assert_sound(pool, created=1, idle=1)
    pool.close()


# --- arguments and secrets -----------------------------------------------------------------------------------

@pytest.mark.parametrize(("kwargs", "error", "expected"), [
    ({"timeout": -1}, ValueError, r'"timeout" must be 0 or more seconds, or None .*got -1'),
    ({"timeout": float("nan")}, ValueError, r'"timeout" .*got nan'),
    ({"timeout": "soon"}, TypeError, r'"timeout" must be a number of seconds or None, got \'soon\''),
    ({"timeout": True}, TypeError, r'"timeout" .*got True'),
    ({"order": "random"}, ValueError, r'"order" must be "fifo" or "lifo", got \'random\''),
    ({"max_waiting": 0}, ValueError, r'"max_waiting" must be a positive integer, or None for no limit, got 0'),
    ({"max_waiting": 1.5}, ValueError, r'"max_waiting" .*got 1.5'),
    ({"max_connections": -1}, ValueError, r'"max_connections" must be a positive integer, got -1'),
    ({"max_connections": "10"}, ValueError, r'"max_connections" .*got \'10\''),
    ({"max_connections": 2**64}, ValueError, r'"max_connections" .*got 18446744073709551616'),
    ({"max_connections": 2.5}, ValueError, r'"max_connections" .*got 2.5'),
    ({"name": 7}, TypeError, r'"name" must be a string or None, got 7'),
])
def test_arguments_that_cannot_be_meant_are_refused(
    pool_class: type[ConnectionPool], kwargs: dict[str, Any], error: type[Exception], expected: str
) -> None:
    with pytest.raises(error, match=expected):
        pool_class(**kwargs)


def test_settings_that_cannot_be_meant_are_refused() -> None:
    pool = ConnectionPool()
    with pytest.raises(ValueError, match='"timeout"'):
        pool.timeout = -1
    for value in (-1, 0):
        with pytest.raises(ValueError, match='"max_connections"'):
            pool.max_connections = value
    with pytest.raises(ValueError, match='"max_waiting" .*abc'):
        ConnectionPool.from_url("redis://localhost?max_waiting=abc")


def test_an_endless_timeout_is_none() -> None:
    assert ConnectionPool(timeout=float("inf")).timeout is None
    assert ConnectionPool(timeout=1e30).timeout == 1e30


def test_a_timeout_longer_than_the_platforms_limit_waits(threads: Threads) -> None:
    pool = ConnectionPool(connection_class=Dummy, max_connections=1, timeout=1e30)
    connection = pool.get_connection()
    threads.start(lambda: pool.release(pool.get_connection()))
    until(lambda: pool.waiting == 1)
    pool.release(connection)


@pytest.mark.parametrize(("queue_class", "order"), [(queue.Queue, "fifo"), (queue.LifoQueue, "lifo")])
def test_the_queue_class_says_the_order(queue_class: type[Any], order: str) -> None:
    pool = BlockingConnectionPool(queue_class=queue_class)
    assert pool.order == order and pool.queue_class is queue_class


def test_other_queue_classes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"must be queue.Queue or queue.LifoQueue, got .*PriorityQueue"):
        BlockingConnectionPool(queue_class=queue.PriorityQueue)
    with pytest.raises(ValueError, match="contradicts"):
        BlockingConnectionPool(queue_class=queue.Queue, order="lifo")


SECRETS: dict[str, Any] = {"username": "us3rname", "password": "s3cret", "ssl_password": "k3yword"}


def test_no_secret_shows_in_a_repr_or_an_error(server: RedisServer) -> None:
    pool = ConnectionPool(host="example.org", max_connections=1, **SECRETS)
    shown = [repr(pool), str(pool), pool.name, repr(pool._available_connections), str(pool._refuse("timeout", 1.0))]
    shown += [str(pool._refuse(reason, 1.0)) for reason in ("exhausted", "overloaded", "closed")]
    wrong = ConnectionPool(**server.address, username="us3rname", password="s3cret")
    with pytest.raises(redis.AuthenticationError) as caught:
        wrong.get_connection()
    shown += [str(caught.value), repr(caught.value), repr(wrong)]
    for text in shown:
        assert not any(secret in text for secret in SECRETS.values()), text
    assert "password=<REDACTED>" in repr(pool) and "host=example.org" in repr(pool)


def test_a_url_whose_password_breaks_it_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="invalid port in the connection URL") as caught:
        ConnectionPool.from_url("redis://user:s3cret/rest@localhost:6379/0")
    assert "s3cret" not in str(caught.value) and caught.value.__context__ is None


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy, pickle.dumps])
def test_a_pool_cannot_be_copied(make_copy: Any) -> None:
    with pytest.raises(TypeError, match="cannot copy or pickle ConnectionPool"):
        make_copy(ConnectionPool(password="s3cret"))


def test_the_settings_of_a_pool_can_be_copied() -> None:
    pool = ConnectionPool(host="example.org", protocol=2, connection_class=Dummy)
    another = ConnectionPool(pool.connection_class, pool.max_connections, **copy.copy(pool.connection_kwargs))
    assert another.connection_kwargs == pool.connection_kwargs


@unclosed_sockets
def test_making_and_dropping_pools_leaves_no_connection(server: RedisServer) -> None:
    for _ in range(20):
        pool = ConnectionPool(**server.address, client_name="dropped")
        redis.Redis(connection_pool=pool).ping()
        del pool
    gc.collect()
    until(lambda: not server.connections_named("dropped"))


def test_a_connection_class_needs_no_more_than_it_always_did() -> None:
    class Old:
        """Knows neither reconnection nor new tokens."""

        def __init__(self, **kwargs: Any) -> None:
            self.pid = os.getpid()

        def connect(self) -> None: ...

        def disconnect(self) -> None: ...

        def can_read(self) -> bool:
            return False

    pool = BlockingConnectionPool(connection_class=Old, max_connections=1)
    connection = pool.get_connection()
    pool.release(connection)
    assert pool.get_connection() is connection
    assert_sound(pool, in_use=1)

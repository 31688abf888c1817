"""docs/comparison.md: each line of its table is true, of redis-py's pools and of respool's."""

from __future__ import annotations

import asyncio
import gc
import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.exceptions import MaxConnectionsError

import respool
import respool.asyncio
from conftest import until
from pages import ROOT
from servers import RedisServer

VERSION = tuple(map(int, redis.__version__.split(".")[:2]))
pytestmark = pytest.mark.skipif(VERSION < (8, 1), reason="the table is about redis-py 8.1")

TABLE = re.findall(r"^\| (.+?) \| .+ \| .+ \|$", (ROOT / "docs/comparison.md").read_text(), re.MULTILINE)
CHECKED: list[str] = []

THEIRS, OURS = redis.ConnectionPool, respool.ConnectionPool
THEIR_BLOCKING, OUR_BLOCKING = redis.BlockingConnectionPool, respool.BlockingConnectionPool


def line(text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The test is of the line of the table that begins with this text."""
    CHECKED.append(text)
    return lambda test: test


def test_each_line_of_the_table_has_its_test() -> None:
    assert TABLE == CHECKED


@contextmanager
def pool_of(kind: Any, server: RedisServer, **settings: Any) -> Iterator[Any]:
    with closing(kind(**server.address, **settings)) as pool:
        yield pool


@contextmanager
def in_a_thread(work: Callable[..., object], *args: Any) -> Iterator[list[BaseException]]:
    """Run something meanwhile; gives the errors that it has raised."""
    errors: list[BaseException] = []

    def guarded() -> None:
        try:
            work(*args)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=guarded)
    thread.start()
    try:
        yield errors
    finally:
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that lets clients connect and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def reply_to_ping(connection: Any) -> Any:
    connection.send_command("PING")
    return connection.read_response()


# --- waiting -----------------------------------------------------------------------------------------------------


@line("All are in use, and no `timeout` is set")
def test_none_to_be_had(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=1) as pool:
            held = pool.get_connection()
            with pytest.raises(MaxConnectionsError):
                pool.get_connection()
            pool.release(held)


@line("`ConnectionPool(timeout=5)`")
def test_timeout_of_the_plain_pool(server: RedisServer) -> None:
    with pool_of(THEIRS, server, timeout=5) as pool, pytest.raises(TypeError):
        pool.get_connection()
    with pool_of(OURS, server, timeout=5, max_connections=1) as pool:
        held = pool.get_connection()
        with in_a_thread(lambda: pool.release(pool.get_connection())) as errors:
            until(lambda: pool.waiting == 1)
            pool.release(held)
        assert not errors


@line("`BlockingConnectionPool`, when its `timeout` is over")
def test_error_of_a_time_out(server: RedisServer) -> None:
    for kind in (THEIR_BLOCKING, OUR_BLOCKING):
        with pool_of(kind, server, max_connections=1, timeout=0.01) as pool:
            held = pool.get_connection()
            with pytest.raises(redis.ConnectionError) as caught:
                pool.get_connection()
            pool.release(held)
        ours = kind is OUR_BLOCKING
        assert isinstance(caught.value, respool.ConnectionPoolTimeoutError) == ours
        assert isinstance(caught.value, redis.TimeoutError) == ours
        assert isinstance(caught.value, MaxConnectionsError) == ours


@line("The `timeout` covers connecting")
def test_what_the_timeout_covers() -> None:
    for kind, least, most in ((THEIR_BLOCKING, 1.0, 60), (OUR_BLOCKING, 0.05, 0.95)):
        with silent_server() as port:
            pool = kind(host="127.0.0.1", port=port, timeout=0.05, socket_timeout=1, retry=None)
            started = time.monotonic()
            with pytest.raises(redis.TimeoutError):
                pool.get_connection()
            assert least <= time.monotonic() - started < most
            pool.disconnect()


@line("Who has waited longest is next")
def test_order_of_arrival(server: RedisServer) -> None:
    def overtakes(kind: Any) -> bool:
        """Whether a thread that gives back and takes again gets ahead of one that waits."""
        order: list[str] = []

        def wait() -> None:
            connection = pool.get_connection()
            order.append("waited")
            pool.release(connection)

        with pool_of(kind, server, max_connections=1, timeout=20) as pool:
            held = pool.get_connection()
            with in_a_thread(wait):
                time.sleep(0.05)
                pool.release(held)
                held = pool.get_connection()
                order.append("came late")
                pool.release(held)
        return order[0] == "came late"

    assert any(overtakes(THEIR_BLOCKING) for _ in range(50))
    assert not any(overtakes(OUR_BLOCKING) for _ in range(5))


@line("Number of callers who wait")
def test_limit_of_the_line(server: RedisServer) -> None:
    with pytest.raises(TypeError):
        THEIRS(max_waiting=1).make_connection()
    with pool_of(OURS, server, max_connections=1, timeout=5, max_waiting=1) as pool:
        held = pool.get_connection()
        with in_a_thread(lambda: pool.release(pool.get_connection())):
            until(lambda: pool.waiting == 1)
            with pytest.raises(respool.ConnectionPoolOverloadError):
                pool.get_connection()
            pool.release(held)


@line("The pool is closed while callers wait")
def test_close_under_those_who_wait(server: RedisServer) -> None:
    for kind, error in ((THEIR_BLOCKING, redis.ConnectionError), (OUR_BLOCKING, respool.ConnectionPoolClosedError)):
        with pool_of(kind, server, max_connections=1, timeout=1) as pool:
            held = pool.get_connection()
            started = time.monotonic()
            with in_a_thread(pool.get_connection) as errors:
                time.sleep(0.1)
                pool.close()
            elapsed = time.monotonic() - started
            assert [type(each) for each in errors] == [error]
            assert (elapsed >= 1) == (kind is THEIR_BLOCKING)
            pool.release(held)


# --- connections -------------------------------------------------------------------------------------------------


@line("Which idle connection goes out")
def test_order_of_connections(server: RedisServer) -> None:
    for kind, which in ((THEIRS, 1), (THEIR_BLOCKING, 1), (OURS, 0), (OUR_BLOCKING, 0)):
        with pool_of(kind, server, max_connections=2) as pool:
            both = [pool.get_connection() for _ in range(2)]
            for connection in both:
                pool.release(connection)
            assert pool.get_connection() is both[which]


class Broken(redis.Connection):
    """Cannot be made the first time."""

    tries = 0

    def __init__(self, **kwargs: Any) -> None:
        type(self).tries += 1
        if self.tries == 1:
            raise OSError("cannot be made")
        super().__init__(**kwargs)


@line("The constructor of a connection raises")
def test_a_constructor_that_raises(server: RedisServer) -> None:
    for kind in (THEIRS, THEIR_BLOCKING, OURS, OUR_BLOCKING):
        timeout = {"timeout": 0.01} if "Blocking" in kind.__name__ else {}
        once = type("Once", (Broken,), {})
        with pool_of(kind, server, max_connections=1, connection_class=once, **timeout) as pool:
            with pytest.raises(OSError, match="cannot be made"):
                pool.get_connection()
            if kind in (THEIRS, THEIR_BLOCKING):
                with pytest.raises(redis.ConnectionError):  # no room for another
                    pool.get_connection()
            else:
                pool.release(pool.get_connection())


@line("A caller drops a connection without a release")
def test_a_lost_connection(server: RedisServer) -> None:
    with pool_of(THEIRS, server, max_connections=1) as pool:
        pool.get_connection()
        with pytest.raises(MaxConnectionsError):
            pool.get_connection()
    with pool_of(OURS, server, max_connections=1) as pool:
        pool.get_connection()
        pool.release(pool.get_connection())


@line("A connection is released twice")
def test_a_second_release(server: RedisServer) -> None:
    for kind in (THEIRS, THEIR_BLOCKING, OURS, OUR_BLOCKING):
        with pool_of(kind, server, max_connections=2) as pool:
            connection = pool.get_connection()
            other = pool.get_connection()  # so that a queue has room
            pool.release(connection)
            pool.release(connection)
            pool.timeout = 0.01
            try:
                shared = pool.get_connection() is pool.get_connection()
            except redis.ConnectionError:  # there is one only
                shared = False
            pool.release(other)
        assert shared == (kind is THEIR_BLOCKING)


@line("A connection of another pool is released")
def test_a_release_to_the_wrong_pool(server: RedisServer) -> None:
    for kind in (THEIRS, THEIR_BLOCKING, OURS, OUR_BLOCKING):
        with pool_of(kind, server, max_connections=2) as pool, pool_of(kind, server, max_connections=2) as other:
            foreign = other.get_connection()
            mine = pool.get_connection()  # so that there is room
            pool.release(foreign)
            taken_in = pool.get_connection() is foreign
            other.release(foreign)
            pool.release(mine)
        assert taken_in == (kind is THEIR_BLOCKING)


@line("The server has closed an idle connection")
def test_an_idle_connection_that_was_closed(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=1, client_name="idle") as pool:
            pool.release(pool.get_connection())
            [entry] = server.connections_named("idle")
            with redis.Redis(port=server.port) as client:
                client.client_kill_filter(_id=entry["id"])
            until(lambda: not server.connections_named("idle"))
            connection = pool.get_connection()
            assert reply_to_ping(connection) == b"PONG"
            pool.release(connection)


@line("Constructing a connection")
def test_who_waits_for_a_constructor(server: RedisServer) -> None:
    def holds_up(kind: Any) -> bool:
        """Whether nothing can be given back while a connection is constructed."""
        begun, go_on, returned = threading.Event(), threading.Event(), threading.Event()

        def construct(**settings: Any) -> Any:
            begun.set()
            assert go_on.wait(30)
            return redis.Connection(**settings)

        def give_back() -> None:
            pool.release(held)
            returned.set()

        with pool_of(kind, server, max_connections=2) as pool:
            held = pool.get_connection()
            pool.connection_class = construct
            with in_a_thread(lambda: pool.release(pool.get_connection())) as errors:
                assert begun.wait(30)
                with in_a_thread(give_back):
                    in_time = returned.wait(0.3 if kind is THEIRS else 30)
                    go_on.set()
            assert not errors
        return not in_time

    assert holds_up(THEIRS)
    assert not holds_up(OURS)


@line("`max_connections` is made smaller")
def test_another_size(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=4, client_name="size") as pool:
            for connection in [pool.get_connection() for _ in range(4)]:
                pool.release(connection)
            pool.max_connections = 1
            left = len(server.connections_named("size"))
        assert left == (4 if kind is THEIRS else 1)


@line("After a fork")
def test_a_fork(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=2) as pool:
            pool.release(pool.get_connection())
            child = os.fork()
            if child == 0:
                status = 1
                with suppress(BaseException):
                    before = pool._available_connections if kind is OURS else []
                    connection = pool.get_connection()
                    status = 0 if not before and reply_to_ping(connection) == b"PONG" else 2
                os._exit(status)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
            assert reply_to_ping(pool.get_connection()) == b"PONG"


# --- replies -----------------------------------------------------------------------------------------------------


@line("A reply is left unread")
def test_an_unread_reply(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=1) as pool:
            connection = pool.get_connection()
            connection.send_command("ECHO", "somebody else's")
            assert connection.can_read(5)
            pool.release(connection)
            reply = reply_to_ping(pool.get_connection())
        assert reply == (b"somebody else's" if kind is THEIRS else b"PONG")


@line("Another database, a transaction, watched keys are left behind")
def test_what_is_left_behind(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=1) as pool:
            connection = pool.get_connection()
            for command in (("SELECT", 1), ("MULTI",)):
                connection.send_command(*command)
                assert connection.read_response() == b"OK"
            pool.release(connection)
            reply = reply_to_ping(pool.get_connection())
        assert reply == (b"QUEUED" if kind is THEIRS else b"PONG")


@line("Two threads use one connection")
def test_two_threads_on_one_connection(server: RedisServer) -> None:
    for kind in (THEIRS, OURS):
        with pool_of(kind, server, max_connections=1, client_name="shared") as pool:
            connection = pool.get_connection()

            def first(connection: Any = connection) -> None:
                connection.send_command("BLPOP", "nothing:comes:here", 1)
                connection.read_response()

            with in_a_thread(first):
                until(lambda: [entry["cmd"] for entry in server.connections_named("shared")] == ["blpop"])
                if kind is THEIRS:
                    connection.send_command("PING")
                else:
                    with pytest.raises(respool.ConnectionSharedError):
                        connection.send_command("PING")


@line("`socket_timeout`")
def test_what_socket_timeout_is_for() -> None:
    """A server that sends a byte now and then."""
    for kind in (THEIRS, OURS):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            pool = kind(host="127.0.0.1", port=listener.getsockname()[1], protocol=2, socket_timeout=0.5, retry=None,
                        driver_info=None)
            connection = pool.connection_class(**pool.connection_kwargs)

            def trickle(listener: socket.socket = listener) -> None:
                peer, _ = listener.accept()
                with peer, suppress(OSError):
                    while b"TRICKLE" not in (asked := peer.recv(4096)):
                        peer.sendall(b"+OK\r\n" * asked.count(b"*"))
                    for byte in b"+PONG\r\n":
                        time.sleep(0.2)
                        peer.sendall(bytes([byte]))

            with in_a_thread(trickle):
                connection.connect()
                connection.send_command("TRICKLE")
                if kind is THEIRS:
                    assert connection.read_response() == b"PONG"
                else:
                    with pytest.raises(redis.TimeoutError):
                        connection.read_response()
                connection.disconnect()


# --- asyncio -----------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@line("asyncio: the pool is used on a second event loop, after the first")
def test_a_second_loop(server: RedisServer) -> None:
    for kind in (redis.asyncio.ConnectionPool, respool.asyncio.ConnectionPool):
        pool = kind(**server.address, max_connections=1)

        async def ping(pool: Any = pool) -> Any:
            client: Any = redis.asyncio.Redis(connection_pool=pool)
            return await client.ping()

        assert asyncio.run(ping())
        if kind is redis.asyncio.ConnectionPool:
            with pytest.raises(RuntimeError):
                asyncio.run(ping())
            del pool, ping
            gc.collect()  # what redis-py leaves open
        else:
            assert asyncio.run(ping())
            asyncio.run(pool.aclose())


# --- what is added -----------------------------------------------------------------------------------------------


@line("Settings against restarts, idle time-outs, outages and failovers")
def test_settings_for_survival() -> None:
    names = ("min_idle", "max_idle_time", "max_lifetime", "keepalive_interval", "max_connecting", "probe_interval")
    for name in (*names, "retire_on_failover"):
        setting: dict[str, Any] = {name: 1}
        with pytest.raises(TypeError):
            THEIRS(**setting).make_connection()
        OURS(**setting).close()


@line("Numbers")
def test_numbers() -> None:
    for name in ("stats", "pop_stats", "hooks", "leases"):
        assert hasattr(OURS, name) and not hasattr(THEIRS, name)


@line("Settings that cannot be meant, as `timeout=-1`")
def test_settings_that_cannot_be_meant() -> None:
    THEIR_BLOCKING(timeout=-1)
    with pytest.raises(ValueError, match="timeout"):
        OUR_BLOCKING(timeout=-1)

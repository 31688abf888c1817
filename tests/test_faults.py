"""Servers that fail: replies that are cut or no replies at all, servers that freeze, die, or end a connection."""

from __future__ import annotations

import os
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import InvalidResponse
from redis.retry import Retry

import respool
from conftest import Threads, assert_sound, lasting, until
from servers import RedisServer, free_port, frozen, redis_server
from sessions import assert_the_killed_are_replaced
from staged import (
    Peer,
    Script,
    Stage,
    ask,
    assert_recovers,
    bulk,
    echo,
    everywhere,
    has_arrived,
    only,
    then_echo,
)


def replies(*parts: bytes) -> Script:
    """Answer one command with these bytes, and close."""

    def script(peer: Peer) -> None:
        peer.command()
        for part in parts:
            peer.send(part)

    return then_echo(script)


# --- replies in pieces -------------------------------------------------------------------------------------------

REPLIES = [
    (b"+OK\r\n", b"OK"),
    (b":-12\r\n", -12),
    (b"$-1\r\n", None),
    (b"$0\r\n\r\n", b""),
    (b"$12\r\nhello\r\nworld\r\n", b"hello\r\nworld"),
    (b"*3\r\n$3\r\nabc\r\n*2\r\n:1\r\n_\r\n+x\r\n", [b"abc", [1, None], b"x"]),
    (b"%1\r\n+k\r\n~2\r\n#t\r\n,1.5\r\n", {b"k": [True, 1.5]}),
    (b"=7\r\ntxt:abc\r\n", b"abc"),
    (b">2\r\n+news\r\n:1\r\n+after\r\n", b"after"),
]


@everywhere
def test_a_reply_may_be_cut_at_every_byte_and_goes_on_after_a_time_out(stage: Stage) -> None:
    cuts = [(data, value, cut) for data, value in REPLIES for cut in range(1, len(data))]
    rest = threading.Semaphore(0)

    def script(peer: Peer) -> None:
        for data, _, cut in cuts:
            peer.command()
            peer.send(data[:cut])
            assert rest.acquire(timeout=20)
            peer.send(data[cut:])

    connection = stage.connect(script)
    for data, value, cut in cuts:
        connection.send_command("GET", "key")
        assert connection.can_read(timeout=20)
        with pytest.raises(redis.TimeoutError):
            connection.read_response(timeout=0, disconnect_on_error=False)
        rest.release()
        assert connection.read_response() == value, data[:cut]
    assert connection.wire.ledger.reason is None


@pytest.mark.parametrize("cut", [3, 9, 40_000, 65_536 + 9, 300_010])
def test_a_long_reply_goes_on_after_a_time_out(stage: Stage, cut: int) -> None:
    value = os.urandom(300_000)
    data = bulk(value)
    rest = threading.Event()

    def script(peer: Peer) -> None:
        peer.command()
        peer.send(data[:cut])
        assert rest.wait(20)
        peer.send(data[cut:])
        echo(peer)

    connection = stage.connect(script)
    connection.send_command("GET", "key")
    with pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.05, disconnect_on_error=False)
    rest.set()
    assert connection.read_response() == value
    assert ask(connection, "ECHO", "next") == b"next"


def test_a_server_that_leaves_in_the_middle_of_a_reply_is_an_error(stage: Stage) -> None:
    data = b"*2\r\n$1\r\na\r\n:1\r\n"
    for cut in range(len(data)):
        connection = stage.connect(replies(data[:cut]))
        connection.send_command("GET", "key")
        with pytest.raises(redis.ConnectionError):
            connection.read_response()
        assert_recovers(connection)


@pytest.mark.parametrize("cut", [9, 5000, 65_545, 200_000, 300_009])
def test_a_server_that_leaves_in_the_middle_of_a_long_string_is_an_error(stage: Stage, cut: int) -> None:
    connection = stage.connect(replies(bulk(b"x" * 300_000)[:cut]))
    connection.send_command("GET", "key")
    with pytest.raises(redis.ConnectionError, match="closed by server"):
        connection.read_response()
    assert_recovers(connection)


GARBAGE = [
    b"hello\r\n", b"\x00\x00", b"$x\r\n", b"$-2\r\n", b"*-2\r\n", b":1a\r\n", b"#x\r\n", b",\r\n", b"$3\r\nabcde",
    b"%x\r\n", b">0\r\n", b"*1\r\n>1\r\n", b"$99999999999999999\r\n", b"*99999999999999\r\n", b"*1\r\n" * 600,
    b"HTTP/1.1 400 Bad Request\r\n\r\n", bulk(b"x" * 100_000)[:-2] + b"yy",
]


@pytest.mark.parametrize("garbage", GARBAGE)
@only("tcp")
def test_what_is_no_reply_is_an_error_and_ends_the_session(stage: Stage, garbage: bytes) -> None:
    connection = stage.connect(replies(garbage, b"+stranger\r\n" * 10))
    connection.send_command("GET", "key")
    with pytest.raises(InvalidResponse):
        connection.read_response()
    assert_recovers(connection)


def test_what_is_no_reply_stays_an_error_for_who_goes_on(stage: Stage) -> None:
    connection = stage.connect(replies(b"?\r\n+stranger\r\n"))
    connection.send_command("GET", "key")
    for _ in range(3):
        with pytest.raises(InvalidResponse):
            connection.read_response(disconnect_on_error=False)


@only("tcp", "methods")
def test_a_reset_by_the_server_is_an_error(stage: Stage) -> None:
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    connection = stage.connect(script)
    connection.send_command("GET", "key")
    with pytest.raises(redis.ConnectionError):
        connection.read_response()
    assert_recovers(connection)


def test_a_server_that_ends_its_half_is_replaced_at_checkout_and_an_error_in_between(stage: Stage) -> None:
    ended = threading.Event()

    def script(peer: Peer) -> None:
        words = peer.command()
        peer.send(bulk(words[-1]))
        if peer.number == 0:
            socket.socket.shutdown(peer.sock, socket.SHUT_WR)
            ended.set()
            peer.rest()
        echo(peer)

    client = redis.Redis(connection_pool=stage.pool(script))
    assert client.echo("first") == b"first"
    assert ended.wait(20)
    assert client.echo("second") == b"second"

    connection = stage.connect(script)
    assert ask(connection, "ECHO", "a") == b"a"
    with pytest.raises(redis.ConnectionError):
        ask(connection, "ECHO", "b")
    assert_recovers(connection)


# --- whether there is something to read --------------------------------------------------------------------------

@only("tcp", "tls", "methods")
def test_can_read_waits_for_what_comes(stage: Stage) -> None:
    connection = stage.connect()
    with lasting(0, 5):
        assert not connection.can_read()
    with lasting(0.15, 5):
        assert not connection.can_read(timeout=0.2)
    for timeout in (20, None):
        connection.send_command("AFTER", "0.1", "a")
        assert connection.can_read(timeout=timeout)
        assert connection.can_read()
        assert connection.read_response() == b"a"
        assert not connection.can_read()


@everywhere
def test_can_read_knows_what_has_been_received_already(stage: Stage) -> None:
    connection = stage.connect(replies(b"+one\r\n:2\r\n$3\r\nth"))
    connection.send_packed_command(connection.pack_commands([("GET", 1), ("GET", 2), ("GET", 3)]))
    assert connection.read_response() == b"one"
    assert connection.can_read()
    assert connection.read_response() == 2
    assert connection.can_read()
    with pytest.raises(redis.ConnectionError):
        connection.read_response()


def test_can_read_tells_that_the_server_has_left(stage: Stage) -> None:
    connection = stage.connect(replies())
    connection.send_command("QUIT")
    with pytest.raises(redis.ConnectionError):
        connection.can_read(timeout=20)
    assert ask(connection, "ECHO", "new") == b"new"


def test_can_read_connects_if_need_be(stage: Stage) -> None:
    connection = stage.connect()
    connection.disconnect()
    assert not connection.can_read()
    assert connection.is_connected


# --- servers that freeze and die ---------------------------------------------------------------------------------

NO_RETRY: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}


@pytest.fixture
def own_server() -> Iterator[RedisServer]:
    """A server that the test may do anything to."""
    with redis_server() as running:
        yield running


@pytest.mark.parametrize("unix", [False, True])
def test_a_server_that_freezes_is_a_time_out_and_its_late_reply_is_nobodys(server: RedisServer, unix: bool) -> None:
    kind = respool.UnixDomainSocketConnection if unix else respool.Connection
    connection = kind(**({"path": server.unix_socket} if unix else server.address), socket_timeout=0.3)  # type: ignore[abstract]
    for number in range(2):
        assert ask(connection, "ECHO", number) == b"%d" % number
        with frozen(server):
            connection.send_command("ECHO", "old")
            with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
                connection.read_response()
            assert connection._sock is None
        connection.socket_timeout = 20
        assert ask(connection, "ECHO", "new") == b"new"
        connection._sock.settimeout(0.3)
        connection.socket_timeout = 0.3
    connection.disconnect()


def test_a_pool_survives_a_server_that_freezes(server: RedisServer) -> None:
    pool = respool.ConnectionPool(**server.address, max_connections=1, socket_timeout=0.4, **NO_RETRY)
    client = redis.Redis(connection_pool=pool)
    assert client.echo("a") == b"a"
    with frozen(server):
        with lasting(0.35, 5), pytest.raises(redis.TimeoutError):
            client.echo("old")
        with lasting(0.35, 5), pytest.raises(redis.TimeoutError):
            client.echo("older")  # the kernel accepts the connection, and nobody answers the handshake
        assert_sound(pool, in_use=0, connecting=0)
    pool.connection_kwargs["socket_timeout"] = 20
    pool.reset()
    assert client.echo("new") == b"new"
    pool.close()


def test_a_server_that_dies_while_nobody_asks_is_replaced_by_the_next(own_server: RedisServer) -> None:
    pool = respool.ConnectionPool(**own_server.address, max_connections=1, **NO_RETRY)
    client = redis.Redis(connection_pool=pool)
    assert client.echo("a") == b"a"
    own_server.process.kill()
    own_server.process.wait(10)
    for _ in range(3):
        with pytest.raises(redis.ConnectionError, match="refused"):
            client.echo("b")
        assert_sound(pool, in_use=0, connecting=0)
    with redis_server(port=own_server.port):
        assert client.echo("c") == b"c"
    pool.close()


def test_a_server_that_dies_in_the_middle_of_a_reply_is_an_error(own_server: RedisServer) -> None:
    connection = respool.Connection(**own_server.address, socket_timeout=20)
    value = b"x" * (32 << 20)
    assert ask(connection, "SET", "large", value) == b"OK"
    connection.send_command("GET", "large")
    assert connection.can_read(timeout=20)  # as much as the kernel's buffers take is under way, and not more
    own_server.process.kill()
    own_server.process.wait(10)
    with pytest.raises(redis.ConnectionError, match="Error while reading|closed by server"):
        connection.read_response()
    assert connection._sock is None
    with redis_server(port=own_server.port):
        assert ask(connection, "ECHO", "new") == b"new"
        connection.disconnect()


def test_a_server_that_dies_during_a_blocking_command_ends_it(own_server: RedisServer, threads: Threads) -> None:
    pool = respool.ConnectionPool(**own_server.address, **NO_RETRY, socket_timeout=None)
    client = redis.Redis(connection_pool=pool)

    def wait() -> None:
        with pytest.raises(redis.ConnectionError):
            client.blpop(["nothing"], timeout=0)

    with redis.Redis(port=own_server.port) as observer:
        threads.start(wait)
        until(lambda: observer.info("clients")["blocked_clients"] == 1)
    own_server.process.kill()
    threads.join()
    pool.close()


# --- servers that end a connection -------------------------------------------------------------------------------

def test_an_idle_connection_that_the_server_has_killed_is_replaced(server: RedisServer) -> None:
    pool = respool.ConnectionPool(**server.address, max_connections=1, client_name="idle", **NO_RETRY)
    client = redis.Redis(connection_pool=pool)
    assert_the_killed_are_replaced(server, client)
    pool.close()


def test_a_blocking_command_that_the_server_kills_ends_at_once(server: RedisServer, threads: Threads) -> None:
    pool = respool.ConnectionPool(**server.address, max_connections=1, client_name="blocked", **NO_RETRY)
    client = redis.Redis(connection_pool=pool)
    for _ in range(2):

        def wait() -> None:
            with pytest.raises(redis.ConnectionError):
                client.blpop(["nothing"], timeout=0)

        with redis.Redis(port=server.port) as observer:
            threads.start(wait)
            until(lambda: any(entry["cmd"] == "blpop" for entry in server.connections_named("blocked")))
            [entry] = server.connections_named("blocked")
            assert observer.client_kill_filter(_id=entry["id"]) == 1
        threads.join()
        assert client.echo("a") == b"a"
    pool.close()


def test_a_connection_that_the_server_closed_as_idle_is_replaced(own_server: RedisServer) -> None:
    pool = respool.ConnectionPool(**own_server.address, max_connections=2, client_name="idle", **NO_RETRY)
    client = redis.Redis(connection_pool=pool)
    assert client.config_set("timeout", 1)
    connections = [pool.get_connection() for _ in range(2)]
    for connection in connections:
        pool.release(connection)
    until(lambda: not own_server.connections_named("idle"))
    assert client.config_set("timeout", 0)
    assert client.echo("a") == b"a"
    assert_sound(pool, created=2, idle=2)
    pool.close()


def test_a_server_that_refuses_more_clients_says_so(own_server: RedisServer) -> None:
    with redis.Redis(port=own_server.port) as admin:
        admin.config_set("maxclients", 2)
        pool = respool.ConnectionPool(**own_server.address, max_connections=5, **NO_RETRY)
        first = pool.get_connection()
        for _ in range(3):
            with pytest.raises(redis.ConnectionError):
                pool.get_connection()
            assert_sound(pool, in_use=1, connecting=0)
        assert ask(first, "ECHO", "a") == b"a"
        pool.close()


def test_an_unread_reply_is_never_handed_to_the_next_caller(server: RedisServer) -> None:
    pool = respool.ConnectionPool(**server.address, max_connections=1, **NO_RETRY)
    for command in (("ECHO", "old"), ("SUBSCRIBE", "news"), ("MULTI",), ("BLPOP", "nothing", 0)):
        connection = pool.get_connection()
        connection.send_command(*command)
        pool.release(connection)
        assert redis.Redis(connection_pool=pool).echo("new") == b"new"
    pool.close()


def test_what_arrives_unasked_at_an_idle_connection_is_never_handed_out(stage: Stage) -> None:
    idle, sent = threading.Event(), threading.Event()

    @then_echo
    def script(peer: Peer) -> None:
        peer.send(bulk(peer.command()[-1]))
        assert idle.wait(20)
        peer.send(b"+stranger\r\n")
        sent.set()
        echo(peer)

    pool = stage.pool(script)
    client = redis.Redis(connection_pool=pool)
    assert client.echo("a") == b"a"
    [connection] = pool._available_connections
    sock = connection._sock
    idle.set()
    assert sent.wait(20)
    until(lambda: has_arrived(sock))
    assert client.echo("b") == b"b"
    assert connection._sock is not sock


def test_a_port_where_nobody_answers_costs_no_slot() -> None:
    pool = respool.ConnectionPool(host="127.0.0.1", port=free_port(), max_connections=1, timeout=5, **NO_RETRY)
    for _ in range(3):
        with pytest.raises(redis.ConnectionError):
            redis.Redis(connection_pool=pool).ping()
        assert_sound(pool, in_use=0, connecting=0)

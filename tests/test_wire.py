"""One connection and its socket: deadlines, changing time-outs, sending, and signals.

Most tests run over TCP and TLS, which are treated differently; some also over a Unix socket and over one that a library
has put in the standard one's place.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis

import respool
from conftest import assert_sound, lasting
from servers import RedisServer
from staged import PatchedConnection, Peer, Stage, ask, assert_recovers, bulk, everywhere, only, then_echo
from versions import ANNOUNCED, needs_maintenance

HELLO = b"%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n"


# --- how long a reply may take -----------------------------------------------------------------------------------

@everywhere
def test_no_reply_is_an_error_when_the_time_out_is_over(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=0.3)
    for _ in range(3):
        assert ask(connection, "ECHO", "a") == b"a"  # from the second on the kernel knows the time-out
    connection.send_command("SILENCE")
    with lasting(0.25, 5), pytest.raises(redis.TimeoutError, match="Timeout reading from"):
        connection.read_response()
    assert_recovers(connection)


def assert_trickle_is_cut_off(stage: Stage, data: bytes, size: int, least: float) -> None:
    """What arrives in pieces of `size` bytes, ten a second, is waited for so many seconds, and not to its end."""
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.trickle(data, size, 0.1)

    connection = stage.connect(script, socket_timeout=0.4)
    connection.send_command("GET", "key")
    with lasting(least, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()
    assert_recovers(connection)


def test_a_reply_that_trickles_in_has_one_deadline(stage: Stage) -> None:
    assert_trickle_is_cut_off(stage, bulk(b"old" * 50), 1, 0.35)


def test_pushes_put_a_reply_off_by_one_more_time_out_and_not_by_one_each(stage: Stage) -> None:
    push = b">2\r\n+message\r\n+news\r\n"
    assert_trickle_is_cut_off(stage, push * 100, len(push), 0.4)


def test_a_long_reply_has_the_time_out_for_each_64_kib(stage: Stage) -> None:
    value = os.urandom(6 * 70_000)

    def script(peer: Peer) -> None:
        peer.command()
        peer.trickle(bulk(value), 70_000, 0.2)

    connection = stage.connect(script, socket_timeout=0.8)
    with lasting(0.9, 10):
        assert ask(connection, "GET", "key") == value


def test_a_long_reply_that_stalls_is_an_error(stage: Stage) -> None:
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.send(bulk(b"old" * 100_000)[:-5])
        peer.rest()

    connection = stage.connect(script, socket_timeout=0.3)
    connection.send_command("GET", "key")
    with lasting(0.25, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()
    assert_recovers(connection)


def test_without_a_time_out_a_reply_may_take_its_time(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=None, socket_connect_timeout=0.2)
    assert ask(connection, "ECHO", "a") == b"a"
    assert ask(connection, "AFTER", "0.4", "a") == b"a"
    assert connection._sock.gettimeout() is None


@only("tcp", "tls", "methods")
def test_a_time_out_for_one_reply_may_be_longer(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=0.2)
    for timeout in (30, None):
        assert ask(connection, "ECHO", "a") == b"a"
        assert ask(connection, "AFTER", "0.3", "b", timeout=timeout) == b"b"
    assert connection._sock.gettimeout() == 0.2
    with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
        ask(connection, "SILENCE")


def test_a_time_out_for_one_reply_may_be_shorter(stage: Stage) -> None:
    connection = stage.connect()
    assert ask(connection, "ECHO", "a") == b"a"
    connection.send_command("SILENCE")
    with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.2)
    assert_recovers(connection)


def test_a_time_out_of_0_for_one_reply_waits_not_at_all(stage: Stage) -> None:
    connection = stage.connect()
    connection.send_command("AFTER", "0.3", "a")
    for _ in range(3):
        with lasting(0, 5), pytest.raises(redis.TimeoutError):
            connection.read_response(timeout=0, disconnect_on_error=False)
    assert connection.can_read(timeout=20)
    assert connection.read_response(timeout=0) == b"a"
    assert connection._sock.gettimeout() == 30


@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_time_out_that_cannot_be_meant_is_refused(stage: Stage, timeout: float) -> None:
    connection = stage.connect()
    with pytest.raises(ValueError, match="timeout must be 0 or more"):
        connection.can_read(timeout)
    with pytest.raises(ValueError, match="timeout must be 0 or more"):
        ask(connection, "ECHO", "old", timeout=timeout)
    assert ask(connection, "ECHO", "new") in (b"old", b"new")


# --- a time-out that somebody sets on the socket -----------------------------------------------------------------

def test_a_shorter_time_out_set_on_the_socket_is_honoured(stage: Stage) -> None:
    connection = stage.connect()
    for _ in range(3):
        ask(connection, "ECHO", "a")
    connection._sock.settimeout(0.2)
    connection.send_command("SILENCE")
    with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()


def test_a_longer_time_out_set_on_the_socket_is_honoured(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=0.2)
    for timeout in (30, None):
        for _ in range(3):
            ask(connection, "ECHO", "a")
        connection._sock.settimeout(timeout)
        assert ask(connection, "AFTER", "0.3", "b") == b"b"
        assert connection._sock.gettimeout() == timeout
        connection._sock.settimeout(0.2)
    connection.send_command("SILENCE")
    with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()


@everywhere
def test_a_socket_that_was_made_not_to_block_does_not(stage: Stage) -> None:
    connection = stage.connect()
    for _ in range(3):
        ask(connection, "ECHO", "a")
    connection._sock.settimeout(0)
    connection.send_command("AFTER", "0.2", "b")
    with lasting(0, 5), pytest.raises(redis.ConnectionError, match="does not block"):
        connection.read_response(disconnect_on_error=False)
    assert connection.can_read(timeout=20)
    assert connection.read_response() == b"b"
    assert connection._sock.gettimeout() == 0


@everywhere
def test_the_sockets_own_time_out_stays_what_it_was(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=7)
    for _ in range(3):
        assert ask(connection, "ECHO", "a") == b"a"
        assert not connection.can_read(0) and not connection.can_read(0.01)
        connection.send_command("AFTER", "0.05", "b")
        with pytest.raises(redis.TimeoutError):
            connection.read_response(timeout=0.001, disconnect_on_error=False)
        assert connection._sock.gettimeout() == 7
        assert connection.read_response() == b"b"
    assert connection._sock.gettimeout() == 7 and connection.socket_timeout == 7


@needs_maintenance
def test_a_relaxed_time_out_holds_until_it_is_taken_back(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=0.2)
    for _ in range(3):
        ask(connection, "ECHO", "a")
    connection.update_current_socket_timeout(30)
    assert ask(connection, "AFTER", "0.3", "b") == b"b"
    connection.update_current_socket_timeout(-1)
    assert connection._sock.gettimeout() == 0.2
    connection.send_command("SILENCE")
    with lasting(0.15, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()


@needs_maintenance
def test_a_push_may_relax_the_time_out_of_the_reply_behind_it(stage: Stage) -> None:
    def script(peer: Peer) -> None:
        while peer.command():
            peer.send(b">1\r\n+news\r\n")
            peer.rest(0.3)
            peer.send(b"+done\r\n")

    connection = stage.connect(script, socket_timeout=0.2)
    connection._parser.set_pubsub_push_handler(lambda push: connection.update_current_socket_timeout(30))
    assert ask(connection, "GET", "key") == b"done"
    assert ask(connection, "GET", "key") == b"done"


# --- sending -----------------------------------------------------------------------------------------------------

def deaf(peer: Peer) -> None:
    peer.command()
    peer.send(b"+deaf\r\n")
    peer.rest()


@everywhere
def test_a_server_that_does_not_read_is_an_error_when_the_time_out_is_over(stage: Stage) -> None:
    connection = stage.connect(then_echo(deaf), socket_timeout=0.3)
    connection._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    assert ask(connection, "HEAR") == b"deaf"
    with lasting(0.25, 5), pytest.raises(redis.TimeoutError, match="Timeout writing to socket"):
        connection.send_command("SET", "key", b"x" * (16 << 20))
    assert_recovers(connection)


@only("tcp")
def test_a_long_command_has_the_time_out_for_each_64_kib(stage: Stage) -> None:
    value = os.urandom(1 << 20) * 3
    arrived: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)  # which then does not grow by itself
        peer.send(bulk(peer.command()[-1]))
        left = len(b"*2\r\n$3\r\nSET\r\n") + len(bulk(value))
        while left:
            arrived.append(peer.sock.recv(min(left, 1 << 18), socket.MSG_WAITALL))
            left -= len(arrived[-1])
            peer.rest(0.1)
        peer.send(b"+OK\r\n")

    connection = stage.connect(script, socket_timeout=0.7)
    connection._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    assert ask(connection, "ECHO", "a") == b"a"
    with lasting(0.8, 20):
        connection.send_command("SET", value)
    assert connection.read_response() == b"OK"
    assert b"".join(arrived).endswith(bulk(value))


@pytest.mark.parametrize("connection_class", [
    respool.Connection, respool.UnixDomainSocketConnection, PatchedConnection,
])
def test_32_mib_go_both_ways(server: RedisServer, connection_class: type[Any]) -> None:
    unix = connection_class is respool.UnixDomainSocketConnection
    address = {"path": server.unix_socket} if unix else server.address
    connection = connection_class(**address, socket_timeout=20)
    value = os.urandom(1 << 20) * 32
    try:
        assert ask(connection, "SET", "large", value) == b"OK"
        assert ask(connection, "GET", "large") == value
        connection.send_packed_command(connection.pack_commands([("APPEND", "large", "!"), ("GET", "large")]))
        assert connection.read_response() == len(value) + 1
        assert connection.read_response() == value + b"!"
        assert ask(connection, "DEL", "large") == 1
    finally:
        connection.disconnect()


# --- signals -----------------------------------------------------------------------------------------------------

@contextmanager
def signals(handler: Callable[[], Any], first: float, interval: float = 0) -> Iterator[list[int]]:
    """Call `handler` in the main thread, again and again with an `interval`; yields a list of these calls."""
    calls: list[int] = []

    def handle(number: int, frame: object) -> None:
        calls.append(number)
        handler()

    previous = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, first, interval)
    try:
        yield calls
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def test_signals_do_not_disturb_a_blocking_command(server: RedisServer) -> None:
    connection: Any = respool.Connection(**server.address, socket_timeout=20)
    for timeout in (20, None, 20):
        with signals(lambda: None, 0.001, 0.001) as calls, lasting(0.35, 10):
            assert ask(connection, "BLPOP", "nothing", 0.4) is None
        assert len(calls) > 20
        assert ask(connection, "ECHO", "next") == b"next"
        connection._sock.settimeout(timeout)
    connection.disconnect()


def test_signals_do_not_move_the_deadline_of_a_reply(stage: Stage) -> None:
    connection = stage.connect(socket_timeout=0.4)
    for _ in range(2):
        ask(connection, "ECHO", "a")
    connection.send_command("SILENCE")
    with signals(lambda: None, 0.05, 0.05) as calls, lasting(0.35, 5), pytest.raises(redis.TimeoutError):
        connection.read_response()
    assert calls
    assert_recovers(connection)
    with signals(lambda: None, 0.02, 0.02), lasting(0.25, 5):
        assert not connection.can_read(timeout=0.3)


def test_signals_do_not_move_the_deadline_of_a_command(stage: Stage) -> None:
    connection = stage.connect(then_echo(deaf), socket_timeout=0.4)
    assert ask(connection, "HEAR") == b"deaf"
    with signals(lambda: None, 0.05, 0.05), lasting(0.35, 5), pytest.raises(redis.TimeoutError):
        connection.send_command("SET", "key", b"x" * (16 << 20))
    assert_recovers(connection)


class Alarm(Exception):  # noqa: N818
    pass


def alarm() -> None:
    raise Alarm


def test_a_signal_handler_that_raises_ends_the_wait_and_the_session(stage: Stage) -> None:
    connection = stage.connect()
    for _ in range(2):
        ask(connection, "ECHO", "a")
        connection.send_command("AFTER", "20", "old")
        with signals(alarm, 0.1), lasting(0.05, 5), pytest.raises(Alarm):
            connection.read_response()
        assert_recovers(connection)
        with signals(alarm, 0.1), lasting(0.05, 5), pytest.raises(Alarm):
            connection.can_read(timeout=20)
        assert ask(connection, "ECHO", "b") == b"b"


def test_a_reply_goes_on_after_a_signal_handler_that_raised(stage: Stage) -> None:
    connection = stage.connect()
    ask(connection, "ECHO", "a")
    connection.send_command("AFTER", "0.3", "b")
    with signals(alarm, 0.1), pytest.raises(Alarm):
        connection.read_response(disconnect_on_error=False)
    assert connection.read_response() == b"b"


def test_a_signal_handler_that_raises_in_the_middle_of_a_command_ends_the_session(stage: Stage) -> None:
    connection = stage.connect(then_echo(deaf))
    assert ask(connection, "HEAR") == b"deaf"
    with signals(alarm, 0.1), lasting(0.05, 5), pytest.raises(Alarm):
        connection.send_command("SET", "key", b"x" * (16 << 20))
    assert_recovers(connection)


def test_a_signal_handler_cannot_use_the_connection_that_it_interrupts(stage: Stage) -> None:
    connection = stage.connect()
    ask(connection, "ECHO", "a")
    refused: list[BaseException] = []

    def intrude() -> None:
        with pytest.raises(respool.ConnectionSharedError) as caught:
            connection.read_response()
        refused.append(caught.value)

    connection.send_command("AFTER", "0.3", "b")
    with signals(intrude, 0.1):
        assert connection.read_response() == b"b"
    assert refused


# --- the pool's time-out over a handshake ------------------------------------------------------------------------

def hand_shake(stage: Stage, answer: Callable[[Peer], Any]) -> None:
    """Have a pool with a time-out of 0.6 s connect to a server that goes through the handshake like this."""

    def script(peer: Peer) -> None:
        peer.command()
        answer(peer)
        peer.rest()

    pool = stage.pool(script, protocol=3, **ANNOUNCED, timeout=0.6)
    with lasting(0.55, 5), pytest.raises(redis.TimeoutError, match="went into connecting"):
        pool.get_connection()
    assert_sound(pool, in_use=0, connecting=0)


def test_a_handshake_that_trickles_in_is_cut_short_by_the_pools_time_out(stage: Stage) -> None:
    hand_shake(stage, lambda peer: peer.trickle(HELLO + b"+OK\r\n" * 50, 1, 0.1))


@only("tcp")
def test_a_handshake_of_which_each_reply_is_in_time_is_cut_short_by_the_pools_time_out(stage: Stage) -> None:
    def answer(peer: Peer) -> None:
        peer.rest(0.4)
        peer.send(HELLO)
        peer.rest(0.4)
        while peer.command():
            peer.send(b"+OK\r\n")

    hand_shake(stage, answer)


@only("tls")
def test_pushes_do_not_prolong_a_handshake_beyond_the_pools_time_out(stage: Stage) -> None:
    hand_shake(stage, lambda peer: peer.trickle(b">1\r\n+news\r\n" * 100, len(b">1\r\n+news\r\n"), 0.1))

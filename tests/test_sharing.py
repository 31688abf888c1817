"""Who else may touch a connection: other threads, other owners of its socket, and forked children."""

from __future__ import annotations

import os
import random
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
from redis.credentials import CredentialProvider

import respool
from conftest import Threads, until
from respool import ConnectionSharedError
from servers import RedisServer
from staged import Peer, Stage, ask, assert_recovers, bulk, echo, everywhere, has_arrived, only, then_echo
from test_fork import in_child
from versions import ANNOUNCED

HELLO = b"%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n"


class Intercom:
    """Tells when a command has arrived at the server, which begins to answer at once and goes on when it may."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.answer = threading.Event()

    def __call__(self, peer: Peer) -> None:
        if peer.number:
            echo(peer)
        while True:
            reply = bulk(peer.command()[-1])
            peer.send(reply[:3])
            self.asked.set()
            assert self.answer.wait(20)
            peer.send(reply[3:])

    def until_reading(self, connection: Any) -> None:
        """Wait until a thread is sure to be in the middle of reading a reply."""
        assert self.asked.wait(20)
        until(connection.wire.reader.has_data)


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns as often as the interpreter can let them."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


# --- two threads -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("interval", [0, 1e-9])
def test_a_second_thread_is_refused_while_the_first_waits_and_disturbs_nothing(
    stage: Stage, threads: Threads, interval: float
) -> None:
    """With a health check that is always due, too."""
    intercom = Intercom()
    connection = stage.connect(intercom)
    got: list[bytes] = []
    threads.start(lambda: got.append(ask(connection, "ECHO", "mine")))
    intercom.until_reading(connection)
    connection.health_check_interval = interval
    for _ in range(3):
        with pytest.raises(ConnectionSharedError):
            connection.send_command("ECHO", "yours")
        with pytest.raises(ConnectionSharedError):
            connection.send_packed_command(connection.pack_command("ECHO", "yours"))
        with pytest.raises(ConnectionSharedError):
            connection.read_response()
    connection.health_check_interval = 0
    intercom.answer.set()
    threads.join()
    assert got == [b"mine"]
    assert ask(connection, "ECHO", "next") == b"next"


@everywhere
def test_a_second_thread_is_refused_while_the_first_sends_and_disturbs_nothing(stage: Stage, threads: Threads) -> None:
    listen = threading.Event()
    value = os.urandom(1 << 20) * 16

    def script(peer: Peer) -> None:
        peer.send(bulk(peer.command()[-1]))
        assert listen.wait(20)
        words = peer.command()
        peer.send(b"+right\r\n" if words == [b"SET", b"key", value] else b"+wrong\r\n")
        echo(peer)

    connection = stage.connect(script)
    got: list[bytes] = []
    begun = threading.Event()
    assert ask(connection, "ECHO", "a") == b"a"

    def send() -> None:
        begun.set()
        got.append(ask(connection, "SET", "key", value))

    threads.start(send)
    assert begun.wait(20)
    until(lambda: connection.wire.ledger.owed == 1)
    for _ in range(3):
        with pytest.raises(ConnectionSharedError):
            connection.send_command("ECHO", "yours")
    listen.set()
    threads.join()
    assert got == [b"right"]
    assert ask(connection, "ECHO", "next") == b"next"


def test_one_thread_may_subscribe_while_another_listens(server: RedisServer, threads: Threads) -> None:
    client = redis.Redis(connection_pool=respool.ConnectionPool(**server.address, socket_timeout=20))
    pubsub = client.pubsub()
    pubsub.subscribe("channel")
    got: list[Any] = []

    def listen() -> None:
        for message in pubsub.listen():
            got.append(message["data"])
            if message["data"] == b"end":
                return

    threads.start(listen)
    for number in range(50):
        pubsub.subscribe(f"channel-{number}")
        assert client.publish("channel", str(number)) == 1
    until(lambda: client.publish("channel-49", "end") == 1)
    threads.join()
    assert [data for data in got if isinstance(data, bytes)] == [b"%d" % number for number in range(50)] + [b"end"]
    pubsub.close()
    client.connection_pool.close()


def storm(connection: Any, rounds: int, threads: Threads, intrude: Callable[[Any, random.Random], Any]) -> int:
    """Two threads ask for different things, and `intrude` meanwhile; returns how many right answers there were."""
    right = [0, 0]

    def use(number: int) -> None:
        chance = random.Random(number)  # noqa: S311
        for count in range(rounds):
            token = f"{number}-{count}"
            try:
                reply = ask(connection, "ECHO", token)
            except (ConnectionSharedError, redis.ConnectionError, redis.TimeoutError):
                pass
            else:
                assert reply == token.encode()
                right[number] += 1
            intrude(connection, chance)

    threads.together(2, use)
    return sum(right)


@everywhere
def test_in_a_storm_each_reply_is_the_right_one_or_an_error(stage: Stage, threads: Threads, often: None) -> None:
    connection = stage.connect()
    assert storm(connection, 400, threads, lambda connection, chance: None) > 0


@only("tcp", "unix", "tls")
def test_in_a_storm_with_disconnects_each_reply_is_the_right_one_or_an_error(
    stage: Stage, threads: Threads, often: None
) -> None:
    def intrude(connection: Any, chance: random.Random) -> None:
        if chance.random() < 0.2:
            connection.disconnect()

    connection = stage.connect()
    assert storm(connection, 200, threads, intrude) > 0


def test_in_a_storm_with_handshakes_each_reply_is_the_right_one_or_an_error(
    server: RedisServer, threads: Threads, often: None
) -> None:
    def intrude(connection: Any, chance: random.Random) -> None:
        if chance.random() < 0.2:
            connection.disconnect()

    connection = respool.Connection(**server.address, socket_timeout=2, client_name="storm")
    assert storm(connection, 200, threads, intrude) > 0
    connection.disconnect()


# --- a handshake under way ---------------------------------------------------------------------------------------

def test_a_second_thread_is_refused_during_a_handshake_and_disturbs_nothing(stage: Stage, threads: Threads) -> None:
    shaking, go_on = threading.Event(), threading.Event()

    def script(peer: Peer) -> None:
        while True:
            words = peer.command()
            if words[0] == b"HELLO":
                shaking.set()
                assert go_on.wait(20)
                peer.send(HELLO)
            else:
                peer.send(bulk(words[-1]) if words[0] == b"ECHO" else b"+OK\r\n")

    connection = stage.pool(script, protocol=3, **ANNOUNCED).make_connection()
    got: list[bytes] = []
    threads.start(lambda: got.extend(ask(connection, "ECHO", f"mine-{number}") for number in range(3)))
    assert shaking.wait(20)
    try:
        for _ in range(3):
            with pytest.raises(ConnectionSharedError):
                connection.send_command("ECHO", "yours")
            with pytest.raises(ConnectionSharedError):
                connection.read_response()
    finally:
        go_on.set()
        threads.join()
    assert got == [b"mine-0", b"mine-1", b"mine-2"]


def assert_second_is_refused(
    connection: Any, under_way: threading.Event, go_on: threading.Event, threads: Threads
) -> None:
    """While another thread connects, which is `under_way` until it may `go_on`."""
    got: list[bytes] = []
    threads.start(lambda: got.append(ask(connection, "ECHO", "mine")))
    assert under_way.wait(20)
    try:
        with pytest.raises(ConnectionSharedError):
            ask(connection, "ECHO", "yours")
    finally:
        go_on.set()
        threads.join()
    assert got == [b"mine"]
    connection.disconnect()


def test_a_second_thread_gets_no_made_up_reply_while_the_first_looks_for_credentials(
    server: RedisServer, threads: Threads
) -> None:
    looking, go_on = threading.Event(), threading.Event()

    class Slow(CredentialProvider):
        def get_credentials(self) -> tuple[str]:
            looking.set()
            assert go_on.wait(20)
            return ("password",)

    connection = respool.Connection(**server.address, protocol=3, credential_provider=Slow(), socket_timeout=20)
    assert_second_is_refused(connection, looking, go_on, threads)


def test_a_second_thread_is_refused_while_the_first_opens_the_socket(server: RedisServer, threads: Threads) -> None:
    opening, go_on = threading.Event(), threading.Event()

    class Slow(respool.Connection):
        def _connect(self) -> Any:
            sock = super()._connect()
            if not opening.is_set():
                opening.set()
                assert go_on.wait(20)
            return sock

    connection = Slow(**server.address, socket_timeout=20)
    assert_second_is_refused(connection, opening, go_on, threads)


# --- a connection that is closed under a thread ------------------------------------------------------------------

@only("tcp", "unix", "tls")
@pytest.mark.parametrize("timeout", [None, 30])
def test_a_reader_is_woken_when_another_thread_disconnects(
    stage: Stage, threads: Threads, timeout: float | None
) -> None:
    intercom = Intercom()
    connection = stage.connect(intercom, socket_timeout=timeout)
    intercom.answer.set()
    for _ in range(3):
        ask(connection, "ECHO", "a")  # the kernel knows the time-out
    intercom.answer.clear()
    intercom.asked.clear()
    ended: list[float] = []

    def read() -> None:
        connection.send_command("ECHO", "mine")
        with pytest.raises(redis.ConnectionError):
            connection.read_response()
        ended.append(time.monotonic())

    threads.start(read)
    intercom.until_reading(connection)
    started = time.monotonic()
    connection.disconnect()
    assert ask(connection, "ECHO", "yours") == b"yours"
    intercom.answer.set()
    threads.join()
    assert ended[0] - started < 10
    assert ask(connection, "ECHO", "new") == b"new"


@everywhere
def test_a_writer_is_woken_when_another_thread_disconnects(stage: Stage, threads: Threads) -> None:
    connection = stage.connect(then_echo(lambda peer: peer.rest()), socket_timeout=None)

    def write() -> None:
        with pytest.raises(redis.ConnectionError):
            connection.send_command("SET", "key", b"x" * (16 << 20))

    wire = connection.wire
    threads.start(write)
    until(lambda: wire.ledger.owed == 1)
    connection.disconnect()
    threads.join()
    assert ask(connection, "ECHO", "new") == b"new"


def test_who_looks_for_a_push_takes_no_reply_of_another_thread(stage: Stage, threads: Threads) -> None:
    connection = stage.connect()
    sent, go_on = threading.Event(), threading.Event()

    def use() -> None:
        connection.send_command("ECHO", "mine")
        sent.set()
        assert go_on.wait(20)
        assert connection.read_response() == b"mine"

    threads.start(use)
    assert sent.wait(20)
    until(lambda: has_arrived(connection._sock))
    try:
        with pytest.raises(ConnectionSharedError):
            connection.read_response(push_request=True)
        with pytest.raises(redis.TimeoutError):
            connection.read_response(push_request=True, timeout=0, disconnect_on_error=False)
    finally:
        go_on.set()
        threads.join()


@pytest.mark.parametrize("end", ["disconnect", "close"])
def test_who_waits_for_a_reply_is_woken_when_the_pool_closes(server: RedisServer, threads: Threads, end: str) -> None:
    pool = respool.ConnectionPool(**server.address, client_name=f"pool-{end}", socket_timeout=None)

    def wait() -> None:
        connection = pool.get_connection()
        with pytest.raises(redis.ConnectionError):
            ask(connection, "BLPOP", "nothing", 0)
        pool.release(connection)

    for _ in range(3):
        threads.start(wait)
    until(lambda: [entry["cmd"] for entry in server.connections_named(f"pool-{end}")] == ["blpop"] * 3)
    getattr(pool, end)()
    threads.join()
    assert redis.Redis(connection_pool=pool).echo("a") == b"a"
    pool.close()


@everywhere
def test_a_push_handler_that_disconnects_ends_the_read(stage: Stage) -> None:
    """Also where the reply has been received already: the session that it belongs to is over."""
    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        peer.send(b">1\r\n+news\r\n+old\r\n")
        peer.rest()

    connection = stage.connect(script)
    connection._parser.set_pubsub_push_handler(lambda push: connection.disconnect())
    with pytest.raises(redis.ConnectionError, match="closed while it was in use"):
        ask(connection, "GET", "key")
    assert_recovers(connection)


def test_a_thread_whose_session_was_taken_does_not_read_anothers_reply(stage: Stage, threads: Threads) -> None:
    connection = stage.connect()
    sent, taken = threading.Event(), threading.Event()

    def mine() -> None:
        connection.send_command("ECHO", "mine")
        sent.set()
        assert taken.wait(20)
        with pytest.raises(redis.RedisError):
            connection.read_response()

    threads.start(mine)
    assert sent.wait(20)
    connection.disconnect()
    connection.send_command("ECHO", "yours")
    taken.set()
    threads.join()
    assert connection.read_response() == b"yours"


def test_a_parser_of_ones_own_does_not_read_anothers_reply_either(stage: Stage, threads: Threads) -> None:
    """A thread is about to read, by a parser's method in Python, when the session is taken from it."""
    reading, taken = threading.Event(), threading.Event()

    class Slow(respool.Parser):
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            if not reading.is_set():
                reading.set()
                assert taken.wait(20)
            return super().read_response(*args, **kwargs)

    connection = stage.connect(parser_class=Slow)
    got: list[bytes] = []

    def mine() -> None:
        connection.send_command("ECHO", "mine")
        with pytest.raises(redis.RedisError):
            got.append(connection.read_response())

    threads.start(mine)
    assert reading.wait(20)
    connection.disconnect()
    connection.send_command("ECHO", "yours")
    taken.set()
    threads.join()
    assert not got
    with suppress(redis.ConnectionError):  # the first thread may have ended the session
        assert connection.read_response() == b"yours"


def test_no_reader_gets_what_arrives_at_a_socket_with_the_same_number(stage: Stage, threads: Threads) -> None:
    """Rounds of: one thread waits for a reply, another disconnects and opens sockets that have something to read."""
    connection = stage.connect(lambda peer: peer.rest(), socket_timeout=20)
    barrier = threading.Barrier(2, timeout=20)
    rounds = 20

    def read() -> None:
        for _ in range(rounds):
            connection.connect()
            barrier.wait()
            with pytest.raises(redis.ConnectionError):
                ask(connection, "ECHO", "mine")
                pytest.fail("a reply")
            barrier.wait()

    threads.start(read)
    for _ in range(rounds):
        barrier.wait()
        until(lambda: connection.wire.ledger.owed == 1)
        connection.disconnect()
        pairs = [socket.socketpair() for _ in range(5)]
        for end in (end for pair in pairs for end in pair):
            end.sendall(b"+stranger\r\n")
        barrier.wait()
        for end in (end for pair in pairs for end in pair):
            end.close()
    threads.join()


# --- the socket and its number -----------------------------------------------------------------------------------

@only("tcp", "unix", "tls")
def test_a_socket_that_somebody_else_has_closed_is_an_error_and_its_number_is_not_given_away(stage: Stage) -> None:
    connection = stage.connect()
    assert ask(connection, "ECHO", "a") == b"a"
    number = connection._sock.fileno()
    connection._sock.close()
    pairs = [socket.socketpair() for _ in range(20)]
    try:
        assert number not in [end.fileno() for pair in pairs for end in pair]
        with pytest.raises(redis.ConnectionError):
            ask(connection, "ECHO", "b")
    finally:
        for end in (end for pair in pairs for end in pair):
            end.close()
    assert ask(connection, "ECHO", "new") == b"new"
    connection.disconnect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


@only("tcp", "unix", "tls")
@pytest.mark.parametrize("use", [lambda c: c.read_response(), lambda c: c.can_read(), lambda c: c.send_command("PING")])
def test_a_closed_socket_is_an_error_for_each_use(stage: Stage, use: Callable[[Any], Any]) -> None:
    connection = stage.connect()
    connection.send_command("ECHO", "old")
    connection._sock.close()
    with pytest.raises(redis.ConnectionError, match="closed"):
        use(connection)


def test_a_pool_replaces_a_connection_whose_socket_was_closed(stage: Stage) -> None:
    pool = stage.pool()
    client = redis.Redis(connection_pool=pool)
    assert client.echo("a") == b"a"
    [idle] = pool._available_connections
    idle._sock.close()
    assert client.echo("b") == b"b"


@only("tcp", "unix", "tls")
def test_a_disconnected_connection_gives_its_descriptor_back(stage: Stage) -> None:
    connection = stage.connect()
    for _ in range(3):
        assert ask(connection, "ECHO", "a") == b"a"
        number = connection._sock.fileno()
        connection.disconnect()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)


def test_a_socket_closed_during_a_read_hands_nothing_of_another_to_the_reader(stage: Stage, threads: Threads) -> None:
    """The reader still waits on the descriptor when somebody closes the socket and opens others."""
    asked = threading.Event()

    @then_echo
    def script(peer: Peer) -> None:
        peer.command()
        asked.set()
        peer.rest()

    connection = stage.connect(script, socket_timeout=0.5)

    def read() -> None:
        with pytest.raises((redis.ConnectionError, redis.TimeoutError)):
            ask(connection, "SILENCE")

    threads.start(read)
    assert asked.wait(20)
    connection._sock.close()
    pairs = [socket.socketpair() for _ in range(20)]
    for pair in pairs:
        for end in pair:
            end.sendall(b"+stranger\r\n")
    threads.join()
    for end in (end for pair in pairs for end in pair):
        end.close()
    assert_recovers(connection)


# --- forks -------------------------------------------------------------------------------------------------------

@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("close", [lambda c: c.disconnect(), lambda c: c.__del__(), lambda c: c._sock.close()])
def test_a_child_that_closes_what_it_inherited_leaves_the_parents_alone(
    stage: Stage, close: Callable[[Any], Any]
) -> None:
    connection = stage.connect()
    assert ask(connection, "ECHO", "a") == b"a"
    in_child(lambda: close(connection))
    assert ask(connection, "ECHO", "b") == b"b"
    connection.send_command("ECHO", "c")
    in_child(lambda: close(connection))
    assert connection.read_response() == b"c"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_uses_connections_of_its_own(server: RedisServer) -> None:
    pool = respool.ConnectionPool(**server.address, max_connections=1, socket_timeout=20)
    client = redis.Redis(connection_pool=pool)
    parent = client.client_id()

    def child() -> None:
        assert client.client_id() != parent
        pool.close()

    in_child(child)
    assert client.client_id() == parent
    pool.close()

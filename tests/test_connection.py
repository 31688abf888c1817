"""respool's connections take the place of redis-py's: what they are, and what others may put in."""

from __future__ import annotations

import gc
import inspect
import logging
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import tracemalloc
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import redis
import redis.sentinel
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser
from redis.backoff import NoBackoff
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection, PythonRespSerializer
from redis.retry import Retry

import respool
import respool.connection
from conftest import assert_sound, until
from respool import BlockingConnectionPool, Connection, ConnectionPool
from respool.cli.server import with_its_parent
from scripted import Command, ScriptedServer, ask, outcome, willing
from servers import RedisServer, free_port, wait_until_ready
from stubs import Dummy
from versions import FREE_THREADED, UNANNOUNCED, needs_maintenance, needs_timed_reads

KINDS = [redis.Connection, Connection]
NEVER = Retry(NoBackoff(), 0)


# --- classes -------------------------------------------------------------------------------------------------

def test_they_are_redis_pys_connections() -> None:
    assert issubclass(Connection, redis.Connection)
    assert issubclass(respool.SSLConnection, (Connection, redis.SSLConnection))
    assert issubclass(respool.UnixDomainSocketConnection, redis.UnixDomainSocketConnection)
    assert issubclass(respool.SentinelManagedConnection, (Connection, redis.sentinel.SentinelManagedConnection))
    assert issubclass(respool.SentinelManagedSSLConnection, respool.SSLConnection)
    assert issubclass(respool.SentinelManagedSSLConnection, redis.sentinel.SentinelManagedConnection)
    assert issubclass(respool.Parser, _RESP3Parser)
    assert issubclass(respool.SentinelConnectionPool, (ConnectionPool, redis.sentinel.SentinelConnectionPool))


@pytest.mark.parametrize("pool_class", [ConnectionPool, BlockingConnectionPool])
def test_pools_and_urls_make_them(pool_class: type[ConnectionPool]) -> None:
    assert type(pool_class().make_connection()) is Connection
    for url, kind in [
        ("redis://localhost", Connection),
        ("rediss://localhost", respool.SSLConnection),
        ("unix:///tmp/redis.sock", respool.UnixDomainSocketConnection),
    ]:
        connection = pool_class.from_url(url).make_connection()
        assert type(connection) is kind
        assert type(connection._parser) is respool.Parser


def test_a_class_that_was_asked_for_is_taken() -> None:
    assert type(ConnectionPool.from_url("redis://localhost", connection_class=Dummy).make_connection()) is Dummy
    assert type(ConnectionPool(redis.Connection).make_connection()) is redis.Connection


# --- protocol, encoding, driver ------------------------------------------------------------------------------

@pytest.mark.skipif(not hasattr(redis, "DriverInfo"), reason="this redis-py has no DriverInfo")
def test_driver_info_is_what_redis_py_makes_of_it_and_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, first, second = redis.Connection(), Connection(), Connection()
    assert first.driver_info == theirs.driver_info
    assert first.driver_info is second.driver_info
    own = redis.DriverInfo(name="mine")
    assert Connection(driver_info=own).driver_info is own
    assert Connection(driver_info=None).driver_info == redis.Connection(driver_info=None).driver_info
    with pytest.warns(DeprecationWarning, match="driver_info"):
        assert Connection(lib_name="old", lib_version="1").driver_info.formatted_name == "old"
    asked: list[bool] = []
    monkeypatch.setattr("redis.utils.get_lib_version", lambda: asked.append(True))
    for _ in range(3):
        ConnectionPool().make_connection()
    assert asked == []


@pytest.mark.parametrize("protocol", [2, "2", 3, "3", None])
def test_the_protocol_is_negotiated(server: RedisServer, protocol: Any) -> None:
    connection = Connection(**server.address, protocol=protocol)
    assert connection.get_protocol() == redis.Connection(protocol=protocol).get_protocol()
    reply = ask(connection, "CONFIG", "GET", "maxmemory")
    assert isinstance(reply, dict if connection.get_protocol() == 3 else list)
    metadata: Any = connection.handshake_metadata or {}
    assert metadata.get(b"proto") == (3 if connection.get_protocol() == 3 else None)
    connection.disconnect()


@pytest.mark.parametrize("protocol", [1, 4, "x"])
def test_a_protocol_that_does_not_exist_is_refused_as_by_redis_py(protocol: Any) -> None:
    refused, found = [outcome(lambda kind=kind: kind(protocol=protocol)) for kind in KINDS]
    assert refused[0] in (redis.ConnectionError, UnboundLocalError)  # over which redis-py before 7.2.2 stumbles
    assert found == refused


@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("options", [
    {},
    {"decode_responses": True},
    {"decode_responses": True, "encoding": "latin-1"},
    {"decode_responses": True, "encoding_errors": "replace"},
    {"decode_responses": True, "encoding": "ascii", "encoding_errors": "ignore"},
    {"encoding": "latin-1", "encoding_errors": "replace"},
], ids=str)
def test_strings_are_encoded_and_decoded_as_by_redis_py(
    server: RedisServer, protocol: int, options: dict[str, Any]
) -> None:
    values = ["text", "\xe9", "\u20ac", b"\xff\xe9", b"", 12, -1, 1.5, 2 ** 70, bytearray(b"x"), memoryview(b"y"),
              "x" * 100_000]
    replies = []
    for kind in KINDS:
        connection = kind(**server.address, protocol=protocol, **UNANNOUNCED, **options)
        if kind is redis.Connection:  # hiredis packs all strings in UTF-8
            connection._command_packer = PythonRespSerializer(6000, connection.encoder.encode)
        connection.connect()
        for value in values:
            if isinstance(value, bytearray) and kind is redis.Connection:  # which takes it from 8.0 on
                value = bytes(value)
            replies.append(outcome(lambda connection=connection, value=value: ask(connection, "ECHO", value)))
            replies.append(outcome(lambda connection=connection: ask(connection, "HGETALL", "nothing")))
            connection.send_command("ECHO", b"\xff")
            replies.append(connection.read_response(disable_decoding=True))
        connection.disconnect()
    half = len(replies) // 2
    assert replies[:half] == replies[half:]


def test_an_encoder_that_changes_holds_from_the_next_session_of_the_parser_on(server: RedisServer) -> None:
    connection = Connection(**server.address, decode_responses=True)
    connection.send_command("ECHO", "text")
    assert connection.read_response() == "text"
    connection.encoder.decode_responses = False
    connection._parser.on_connect(connection)
    connection.send_command("ECHO", "text")
    assert connection.read_response() == b"text"
    connection.disconnect()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "cp037"])
def test_names_of_commands_are_ascii_whatever_the_encoding_of_values(server: RedisServer, encoding: str) -> None:
    for kind in KINDS:
        connection = kind(**server.address, protocol=2, **UNANNOUNCED, encoding=encoding)
        if kind is redis.Connection:
            connection._command_packer = PythonRespSerializer(6000, connection.encoder.encode)
        for name in ("ECHO", "echo", b"ECHO"):
            assert ask(connection, name, "text") == "text".encode(encoding), kind
        connection.disconnect()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [100, 6_000, 16_384, 16_385, 1_000_000])
def test_values_of_any_length_and_type_are_packed_into_bytes(server: RedisServer, kind: type[Any], size: int) -> None:
    connection = kind(**server.address)
    connection.connect()
    values: list[Any] = ["x" * size, "\xe9" * size, b"x" * size, bytearray(b"x" * size), memoryview(b"x" * size)]
    for value in values if kind is Connection else values[:3]:  # redis-py before 8.0 with hiredis takes no more
        expected = value.encode() if isinstance(value, str) else bytes(value)
        assert ask(connection, "ECHO", value) == expected
        for packed in (connection.pack_command("ECHO", value), connection.pack_commands([("ECHO", value)])):
            assert b"".join(packed).endswith(expected + b"\r\n")
            connection.send_packed_command(packed)
            assert connection.read_response() == expected
    connection.disconnect()


@pytest.mark.parametrize("value", [None, True, [], {}, object])
def test_a_value_that_cannot_be_sent_is_refused_and_nothing_is_sent(server: RedisServer, value: Any) -> None:
    connection = Connection(**server.address)
    connection.connect()
    sent = connection.wire.ledger.sent
    for send in (
        lambda: connection.send_command("SET", "key", value),
        lambda: connection.pack_command("SET", "key", value),
        lambda: connection.pack_commands([("PING",), ("SET", "key", value)]),
        lambda: connection.send_command(value),
    ):
        with pytest.raises(redis.DataError):
            send()
    assert connection.wire.ledger.sent == sent
    assert ask(connection, "ECHO", "mine") == b"mine"
    connection.disconnect()


# --- what users put in ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("protocol", [2, 3])
@pytest.mark.parametrize("parser", [_HiredisParser, _RESP2Parser, _RESP3Parser, respool.Parser])
@pytest.mark.parametrize("kind", KINDS)
def test_each_parser_works_with_each_connection(
    server: RedisServer, kind: type[Any], parser: type[Any], protocol: int
) -> None:
    for decode_responses in (False, True):
        pool = ConnectionPool(
            kind, **server.address, protocol=protocol, parser_class=parser, decode_responses=decode_responses,
            max_connections=1,
        )
        client = redis.Redis(connection_pool=pool)
        client.delete("key", "hash")
        before = client.client_id()
        assert client.set("key", "value")
        assert client.get("key") == ("value" if decode_responses else b"value")
        assert client.hset("hash", "field", 1) == 1
        assert client.hgetall("hash") == ({"field": "1"} if decode_responses else {b"field": b"1"})
        with pytest.raises(redis.ResponseError, match="WRONGTYPE|wrong kind"):
            client.lpush("key", 1)
        assert client.pipeline().set("key", "x" * 100_000).get("key").execute()[1] == (
            "x" * 100_000 if decode_responses else b"x" * 100_000)
        with client.pubsub() as subscriber:
            subscriber.subscribe("news")
            assert subscriber.get_message(timeout=30)["type"] == "subscribe"
            client_of_another = redis.Redis(port=server.port)
            client_of_another.publish("news", "text")
            client_of_another.close()
            assert subscriber.get_message(timeout=30)["data"] == ("text" if decode_responses else b"text")
        assert client.client_id() != before
        pool.disconnect()
        assert_sound(pool, in_use=0)


def test_a_parser_derived_from_respools_reads_in_its_own_way() -> None:
    class Shouting(respool.Parser):
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            reply = super().read_response(*args, **kwargs)
            return reply.upper() if isinstance(reply, bytes) else reply

    for kind in KINDS:
        with ScriptedServer() as server:
            connection = kind(**server.address, parser_class=Shouting)
            connection.connect()
            assert [ask(connection, "ECHO", "mine") for _ in range(2)] == [b"MINE"] * 2, kind
            connection.disconnect()


@needs_timed_reads
def test_respools_parser_meets_time_outs_and_ends_on_redis_pys_connection(server: RedisServer) -> None:
    connection = redis.Connection(**server.address, parser_class=respool.Parser, retry=NEVER)
    connection.connect()
    assert not connection.can_read(0)
    connection.send_command("BLPOP", "nothing", "0.1")
    with pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.01, disconnect_on_error=False)
    assert connection.read_response() is None
    ask(connection, "CLIENT", "KILL", "ID", ask(connection, "CLIENT ID"), "SKIPME", "no")
    with pytest.raises(redis.ConnectionError):
        ask(connection, "PING")
    assert connection._sock is None
    assert ask(connection, "ECHO", "mine") == b"mine"
    connection.disconnect()


def test_a_command_packer_of_the_users_own_is_used_for_all(server: RedisServer) -> None:
    class Counting(PythonRespSerializer):
        packed = 0

        def pack(self, *args: Any) -> Any:
            self.packed += 1
            return super().pack(*args)

    for kind in KINDS:
        packer = Counting(6000, redis.Connection().encoder.encode)
        connection = kind(**server.address, command_packer=packer, protocol=2, **UNANNOUNCED)
        connection.connect()
        for value in ("x", b"x" * 100_000):
            assert ask(connection, "ECHO", value) == (value if isinstance(value, bytes) else value.encode())
        connection.send_packed_command(connection.pack_commands([("ECHO", 1), ("ECHO", 2)]))
        assert [connection.read_response(), connection.read_response()] == [b"1", b"2"]
        assert packer.packed == 4
        connection.disconnect()


def test_a_packer_of_strange_chunks_is_counted_right(server: RedisServer) -> None:
    class ByteByByte(PythonRespSerializer):
        def pack(self, *args: Any) -> Any:
            data = b"".join(super().pack(*args))
            return [memoryview(data)[index:index + 1] for index in range(len(data))]

    connection = Connection(**server.address, command_packer=ByteByByte(6000, redis.Connection().encoder.encode))
    connection.connect()
    assert [ask(connection, "ECHO", number) for number in range(3)] == [b"0", b"1", b"2"]
    assert connection.wire.ledger.owed == 0
    connection.disconnect()


def test_overridden_methods_are_called_as_often_as_redis_pys() -> None:
    def counted(base: type[Any]) -> type[Any]:
        class Counted(base):
            calls: list[str]

            def __init__(self, **kwargs: Any) -> None:
                self.calls = []
                super().__init__(**kwargs)

            def connect(self) -> None:
                self.calls.append("connect")
                super().connect()

            def send_command(self, *args: Any, **kwargs: Any) -> None:
                self.calls.append(f"send_command {args}")
                super().send_command(*args, **kwargs)

            def read_response(self, *args: Any, **kwargs: Any) -> Any:
                self.calls.append("read_response")
                return super().read_response(*args, **kwargs)

        return Counted

    assert calls_of(counted) == calls_of(counted, redis)


def calls_of(make: Callable[[type[Any]], type[Any]], module: Any = respool) -> list[str]:
    """What a class made from the module's connection has noted of a client's work, as a pool has it done."""
    with ScriptedServer() as server:
        pool = module.ConnectionPool(make(module.Connection), **server.address, max_connections=1, client_name="name")
        client = redis.Redis(connection_pool=pool)
        assert [client.echo(f"mine {number}") for number in range(3)] == [b"mine 0", b"mine 1", b"mine 2"]
        assert client.pipeline(transaction=False).echo("a").echo("b").execute() == [b"a", b"b"]
        connection = pool.get_connection()
        pool.release(connection)
        assert len(server.batches) == 1
        calls: list[str] = connection.calls
        connection.disconnect()
    return calls


@pytest.mark.parametrize("name", [
    "send_packed_command", "send_command", "read_response", "can_read", "connect", "on_connect_check_health",
    pytest.param("should_reconnect", marks=needs_maintenance), "check_health",
])
def test_one_overridden_method_is_called_as_often_as_redis_pys(name: str) -> None:
    def counted(base: type[Any]) -> type[Any]:
        class Counted(base):
            def __init__(self, **kwargs: Any) -> None:
                self.calls: list[str] = []
                super().__init__(**kwargs)

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.calls.append(name)
            return getattr(super(Counted, self), name)(*args, **kwargs)

        setattr(Counted, name, method)
        return Counted

    calls = calls_of(counted)
    assert calls == calls_of(counted, redis)
    assert calls


def test_a_connection_that_sends_in_its_own_way_is_in_step() -> None:
    def own(base: type[Any]) -> type[Any]:
        class Own(base):
            calls: list[str]

            def send_packed_command(self, command: Any, check_health: bool = True) -> None:
                if self._sock is None:
                    self.connect()
                for chunk in command:
                    self._sock.sendall(chunk)

        return Own

    for kind in KINDS:
        with ScriptedServer() as server:
            connection = own(kind)(**server.address, protocol=3, client_name="name", retry=NEVER)
            connection.connect()
            assert [ask(connection, "ECHO", f"mine {number}") for number in range(3)] == [
                b"mine 0", b"mine 1", b"mine 2"
            ]
            assert len([command for command in server.commands() if command[0] == b"HELLO"]) == 1
            connection.disconnect()


def test_a_connection_that_reads_in_its_own_way_is_asked() -> None:
    class Own(Connection):
        def read_response(self, *args: Any, **kwargs: Any) -> Any:
            reply = super().read_response(*args, **kwargs)
            return [reply] if reply == b"mine" else reply

    with ScriptedServer() as server, ConnectionPool(Own, **server.address, max_connections=1) as pool:
        client: Any = redis.Redis(connection_pool=pool)
        assert client.echo("mine") == [b"mine"]
        assert client.pipeline(transaction=False).echo("mine").execute() == [[b"mine"]]
        assert len(server.batches) == 1


def test_a_connection_that_can_read_when_it_says_so_is_replaced_as_by_redis_py() -> None:
    for module in (redis, respool):
        class Own(module.Connection):  # type: ignore[name-defined]
            pending = False

            def can_read(self, timeout: float = 0) -> bool:
                pending, self.pending = self.pending, False
                return pending or super().can_read(timeout)

        with ScriptedServer() as server:
            pool = module.ConnectionPool(Own, **server.address, max_connections=1, protocol=2)
            connection = pool.get_connection()
            pool.release(connection)
            connection.pending = True
            assert pool.get_connection() is connection
            assert len(server.batches) == 2
            connection.disconnect()


@pytest.mark.parametrize("name", ["send_command", "read_response", "can_read", "connect"])
def test_methods_of_a_single_connection_can_be_patched(name: str) -> None:
    for kind in KINDS:
        with ScriptedServer() as server:
            connection = kind(**server.address)
            connection.connect()
            with mock.patch.object(connection, name) as patched:
                patched.return_value = None
                connection.send_command("PING")
                if name == "send_command":
                    assert patched.called, kind
                    assert [b"PING"] not in server.commands()
                else:
                    assert not patched.called
                assert getattr(connection, name) is patched
            assert getattr(connection, name) is not patched
            connection.disconnect()


def test_parser_and_socket_can_be_patched_and_are_restored(server: RedisServer) -> None:
    connection = Connection(**server.address)
    assert connection._sock is None
    connection.connect()
    sock, parser = connection._sock, connection._parser
    with mock.patch.object(connection, "_parser") as patched:
        patched.read_response.return_value = b"patched"
        patched.can_read.return_value = True
        assert connection.read_response() == b"patched"
        assert connection.can_read() is True
        assert connection._parser is patched
    assert connection._parser is parser
    assert ask(connection, "ECHO", "mine") == b"mine"
    with mock.patch.object(connection, "_sock") as patched:
        connection.send_command("PING")
        assert patched.sendall.call_args == mock.call(b"*1\r\n$4\r\nPING\r\n")
        assert connection._sock is patched
    assert connection._sock is sock
    connection.disconnect()
    assert ask(connection, "ECHO", "mine") == b"mine"
    connection.disconnect()


@pytest.mark.parametrize("method", ["send", "recv", "sendall", "recv_into"])
def test_what_somebody_has_put_into_the_class_of_sockets_is_called(server: RedisServer, method: str) -> None:
    """As tracers do, and tests: then the connection goes by the socket's methods."""
    calls = []

    def traced(self: Any, *args: Any) -> Any:
        calls.append(self)
        return getattr(super(socket.socket, self), method)(*args)

    with mock.patch.object(socket.socket, method, traced):
        connection: Any = Connection(**server.address)
        assert ask(connection, "ECHO", "traced") == b"traced"
        used = method in ("sendall", "recv")
        assert (calls.count(connection._sock) >= 2) == used
    connection.disconnect()
    assert ask(connection, "ECHO", "mine") == b"mine"
    connection.disconnect()


def test_a_parser_reads_as_it_is_told_to_on_the_object_itself(server: RedisServer) -> None:
    connection: Any = Connection(**server.address)
    assert ask(connection, "ECHO", "mine") == b"mine"
    with mock.patch.object(connection._parser, "read_response", side_effect=KeyboardInterrupt):
        connection.send_command("ECHO", "lost")
        with pytest.raises(KeyboardInterrupt):
            connection.read_response()
    assert ask(connection, "ECHO", "mine") == b"mine"
    with mock.patch.object(connection._parser, "read_response", return_value=b"patched"):
        assert connection.read_response() == b"patched"
    assert ask(connection, "ECHO", "mine") == b"mine"
    connection.disconnect()


def test_a_socket_needs_no_more_methods_than_redis_py_calls() -> None:
    class Sparse:
        """Answers every command with OK."""

        def sendall(self, data: Any) -> None: ...

        def recv(self, size: int) -> bytes:
            return b"+OK\r\n"

        def settimeout(self, seconds: float | None) -> None: ...

        def shutdown(self, how: int) -> None: ...

        def close(self) -> None: ...

    class Sparsely(Connection):
        def _connect(self) -> Any:
            return Sparse()

    connection: Any = Sparsely(protocol=2, **UNANNOUNCED)
    assert ask(connection, "SET", "key", "value") == b"OK"
    connection.disconnect()


@pytest.mark.parametrize(("theirs", "ours"), respool.connection.OURS.items())
def test_constructors_declare_the_parameters_of_redis_pys(theirs: Any, ours: Any) -> None:
    assert inspect.signature(ours.__init__) == inspect.signature(theirs.__init__)


@needs_maintenance
@pytest.mark.usefixtures("no_collector")
def test_handlers_know_their_connection_and_do_not_keep_it_alive(server: RedisServer) -> None:
    pool = ConnectionPool(**server.address, protocol=3)
    connection: Any = pool.get_connection()
    for handler in (connection._maint_notifications_pool_handler, connection._maint_notifications_connection_handler):
        assert handler.connection is connection
    lost = weakref.ref(connection)
    del connection
    assert lost() is None
    assert handler.connection is None
    pool.close()


def test_a_socket_that_times_out_is_reported_as_by_redis_py() -> None:
    for kind in KINDS:
        with ScriptedServer() as server:
            for error, expected in [
                (TimeoutError("timed out"), redis.TimeoutError),
                (OSError(104, "reset"), redis.ConnectionError),
                (KeyboardInterrupt(), KeyboardInterrupt),
            ]:
                connection: Any = kind(**server.address, parser_class=_RESP3Parser)
                connection.connect()
                connection._sock.close()
                connection._sock = mock.Mock()
                connection._sock.sendall.side_effect = error
                with pytest.raises(expected):
                    connection.send_command("PING")
                assert connection._sock is None, (kind, error)


# --- lost connections, memory --------------------------------------------------------------------------------

@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("options", [
    {"protocol": 2}, {"protocol": 3}, {"parser_class": _HiredisParser}, {"health_check_interval": 1, "db": 1},
    {"cache_config": CacheConfig(), "protocol": 3},
], ids=lambda options: "".join(options))
def test_a_lost_connection_dies_without_the_collector(
    server: RedisServer, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    pool = ConnectionPool(**server.address, max_connections=1, client_name="lost", **options)
    for use in ("nothing", "command", "error", "unread"):
        connection = pool.get_connection()
        if use == "command":
            ask(connection, "PING")
        elif use == "error":
            with pytest.raises(redis.ResponseError):
                ask(connection, "NOSUCHCOMMAND")
        elif use == "unread":
            connection.send_command("PING")
        inner = getattr(connection, "_conn", connection)
        lost = [weakref.ref(connection), weakref.ref(inner)]
        del connection, inner
        assert [reference() for reference in lost] == [None, None], use
        assert_sound(pool, created=0)
    until(lambda: not server.connections_named("lost"))


@pytest.mark.usefixtures("no_collector")
def test_a_connection_that_was_never_connected_dies_too() -> None:
    pool = ConnectionPool(host="127.0.0.1")
    connection = pool.make_connection()
    lost = weakref.ref(connection)
    del connection
    assert lost() is None
    assert_sound(pool, created=0)


@pytest.mark.usefixtures("no_collector")
def test_an_error_while_a_connection_is_looked_at_keeps_nothing_alive() -> None:
    class Interrupted(Dummy):
        errors = 1

        def can_read(self, timeout: float = 0) -> bool:
            self.errors -= 1
            if self.errors == 0:
                raise RuntimeError("as from a signal handler")
            return False

    pool = ConnectionPool(Interrupted, max_connections=1)
    with pytest.raises(RuntimeError):
        pool.get_connection()
    assert_sound(pool, idle=1)
    connection = pool.get_connection()
    del connection
    assert_sound(pool, created=0)


def test_a_signal_handler_that_exits_within_a_finalizer_does_not_end_the_process_on_the_spot() -> None:
    program = """
import socket, sys
from respool import Connection
with socket.create_server(("127.0.0.1", 0)) as listener:
    connection = Connection(port=listener.getsockname()[1], protocol=2, redis_connect_func=lambda _: None)
    connection.connect()
    finalize = socket.socket._decref_socketios
    def interrupted(self):
        finalize(self)
        sys.exit(3)  # as from a signal handler in this frame
    socket.socket._decref_socketios = interrupted
    try:
        connection.disconnect()
    finally:
        print("cleaned up")
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert run.stdout == "cleaned up\n"


def test_memory_is_flat_over_a_million_commands_and_many_reconnects(
    server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "redis.connection")  # 7.0 warns of each server without maintenance notifications

    def commands(pool: Any, count: int) -> None:
        """So many commands, of all kinds."""
        client = redis.Redis(connection_pool=pool)
        single = 0
        while count > 0:
            single += 1
            client.set("key", b"x" * (single % 300))
            client.get("key")
            with suppress(redis.ResponseError):
                client.lpush("key", 1)
            with client.pipeline(transaction=bool(single % 2)) as pipeline:
                for number in range(95):
                    pipeline.set("key", number) if number % 2 else pipeline.get("key")
                pipeline.lpush("key", 1)
                pipeline.execute(raise_on_error=False)
            count -= 100

    def reconnects(pool: Any, count: int) -> None:
        for number in range(count):
            connection = pool.get_connection()
            if number % 2:
                connection.send_command("PING")  # never read
            else:
                connection.disconnect()
            pool.release(connection)

    def measured(work: Callable[[], None]) -> tuple[int, int]:
        """What it leaves behind: blocks of memory, and KiB of the process at its largest."""
        gc.collect()
        blocks, largest = sys.getallocatedblocks(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        work()
        gc.collect()
        return sys.getallocatedblocks() - blocks, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - largest

    for protocol in (2, 3):
        with ConnectionPool(**server.address, max_connections=1, protocol=protocol) as pool:
            for work, warm_up, count in [(commands, 10_000, 500_000), (reconnects, 100, 1_000)]:
                work(pool, warm_up)
                blocks, kibibytes = measured(lambda work=work, count=count, pool=pool: work(pool, count))
                if not FREE_THREADED:  # its count of blocks jumps up and down by thousands, with redis-py's pool too
                    assert blocks < 300, (protocol, work, blocks)
                assert kibibytes < 8 * 1024, (protocol, work, kibibytes)
                tracemalloc.start()
                try:
                    work(pool, warm_up // 10)
                    gc.collect()
                    before, _ = tracemalloc.get_traced_memory()
                    work(pool, warm_up)
                    gc.collect()
                    after, _ = tracemalloc.get_traced_memory()
                finally:
                    tracemalloc.stop()
                assert after - before < 20_000, (protocol, work, after - before)


# --- Sentinel ------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def sentinel_port(server: RedisServer) -> Iterator[int]:
    """A real Sentinel that watches the server of the tests."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    assert binary
    with tempfile.TemporaryDirectory(prefix="respool-") as directory:
        port = free_port()
        configuration = Path(directory, "sentinel.conf")
        configuration.write_text(
            f"port {port}\nbind 127.0.0.1\ndir {directory}\nsentinel monitor mymaster 127.0.0.1 {server.port} 1\n")
        process = subprocess.Popen(
            [*with_its_parent(), binary, str(configuration), "--sentinel"], stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(port, process)
            yield port
        finally:
            process.kill()
            process.wait(10)


@pytest.mark.parametrize("protocol", [2, 3])
def test_sentinel_names_the_master_and_commands_reach_it(
    server: RedisServer, sentinel_port: int, protocol: int
) -> None:
    sentinel = redis.sentinel.Sentinel([("127.0.0.1", sentinel_port)], socket_timeout=5)
    client = sentinel.master_for(
        "mymaster", connection_pool_class=respool.SentinelConnectionPool, max_connections=2, protocol=protocol,
        client_name="managed", db=1,
    )
    pool = client.connection_pool
    assert isinstance(pool, respool.SentinelConnectionPool)
    assert client.set("key", protocol) and client.get("key") == str(protocol).encode()
    assert client.client_info()["db"] == 1
    assert pool.master_address == ("127.0.0.1", server.port)
    connection = pool.get_connection()
    assert type(connection) is respool.SentinelManagedConnection
    connection.send_command("ECHO", "unread")
    pool.release(connection)
    assert client.echo("mine") == b"mine"
    assert len(server.connections_named("managed")) == 1
    with pytest.raises(redis.ResponseError):
        client.lpush("key", 1)
    before = client.client_id()
    assert client.transaction(lambda pipeline: pipeline.multi() or pipeline.get("key"), "key") == [
        str(protocol).encode()]
    assert client.client_id() == before
    assert_sound(pool, in_use=0)
    replica = sentinel.slave_for(
        "mymaster", connection_pool_class=respool.SentinelConnectionPool, protocol=protocol, db=1)
    assert replica.get("key") == str(protocol).encode()  # there is none, so that the master serves
    for each in (client, replica, *sentinel.sentinels):
        each.close()
        each.connection_pool.disconnect()


def test_a_master_that_is_unknown_is_an_error_and_costs_no_slot(sentinel_port: int) -> None:
    sentinel = redis.sentinel.Sentinel([("127.0.0.1", sentinel_port)], socket_timeout=5)
    pool = respool.SentinelConnectionPool("unknown", sentinel, max_connections=1)
    for _ in range(3):
        with pytest.raises(redis.sentinel.MasterNotFoundError):
            pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)
    for each in sentinel.sentinels:
        each.close()


class Manager:
    """Names the master that the test says."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address

    def discover_master(self, service_name: str) -> tuple[str, int]:
        return self.address

    def discover_slaves(self, service_name: str) -> list[tuple[str, int]]:
        return []


def test_connections_follow_the_master() -> None:
    def demoted(command: Command) -> bytes:
        return b"-READONLY You can't write against a read only replica.\r\n" if command[0] == b"SET" else (
            willing(command))

    with ScriptedServer() as old, ScriptedServer() as new:
        manager = Manager(("127.0.0.1", old.port))
        with respool.SentinelConnectionPool("mymaster", manager, max_connections=2, retry=NEVER) as pool:
            client = redis.Redis(connection_pool=pool, retry=NEVER)
            assert client.set("key", 1)
            used, idle = pool.get_connection(), pool.get_connection()
            pool.release(idle)
            old.answer = demoted
            manager.address = ("127.0.0.1", new.port)
            with pytest.raises(redis.ConnectionError, match="previous master"):
                client.set("key", 2)
            assert client.set("key", 2)
            assert [b"SET", b"key", b"2"] in new.commands()
            pool.release(used)  # it is the old master's
            assert used._sock is None
            assert client.echo("mine") == b"mine"
            assert_sound(pool, in_use=0)
        assert len(old.batches) == 2

"""respool's own client: what redis-py's does on its own pool, by a shorter path."""

from __future__ import annotations

import copy
import gc
import inspect
import json
import logging
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from time import monotonic
from typing import Any
from unittest import mock

import pytest
import redis
import redis.client
from redis.backoff import ConstantBackoff, NoBackoff
from redis.cache import CacheConfig
from redis.client import EMPTY_RESPONSE, NEVER_DECODE
from redis.connection import CacheProxyConnection
from redis.credentials import UsernamePasswordCredentialProvider
from redis.event import AfterPooledConnectionsInstantiationEvent, EventDispatcher, EventListenerInterface
from redis.exceptions import ReadOnlyError
from redis.retry import Retry

import respool
from clients import (
    BOTH,
    assert_short,
    both,
    exact,
    outcome,
    python_calls,
    shape,
    wrapped_by_function,
    wrapped_by_object,
)
from conftest import Threads, assert_sound, lasting, until
from deployments import MASTER, sentinel_setup
from respool.connection import OURS
from scripted import Command, ScriptedServer, willing
from servers import RedisServer, free_port
from sessions import Token
from test_deployments import Rotation
from test_fork import in_child
from versions import ANNOUNCED, UNANNOUNCED, needs_maintenance

PIPELINED = pytest.mark.parametrize("transaction", [None, False, True], ids=["direct", "pipeline", "transaction"])
decoded = pytest.mark.parametrize("decode", [False, True], ids=["bytes", "text"])


@pytest.fixture
def client(server: RedisServer) -> Iterator[Any]:
    """A client with two connections."""
    with respool.Redis(**server.address, max_connections=2) as client:
        client.flushall()
        client.set("key", "value")
        yield client
        assert_sound(client.connection_pool, in_use=0, connecting=0, waiting=0)


def ask(client: Any, transaction: bool | None, command: Callable[[Any], Any]) -> Any:
    """What a command comes to, directly or in a pipeline, exactly."""
    if transaction is None:
        return exact(outcome(lambda: command(client)))
    pipeline = client.pipeline(transaction)
    return exact(outcome(lambda: (command(pipeline), pipeline.execute(raise_on_error=False))[1]))


# --- commands ----------------------------------------------------------------------------------------------------

SCRIPT = "return {KEYS[1], ARGV[1], 7, {'nested', false}}"

COMMANDS: list[Callable[[Any], Any]] = [
    lambda c: c.ping(), lambda c: c.echo("text"), lambda c: c.select(0), lambda c: c.dbsize(),
    # strings
    lambda c: c.set("s", "v"), lambda c: c.get("s"), lambda c: c.get("none"), lambda c: c.set("s", "w", nx=True),
    lambda c: c.set("s", "w", get=True), lambda c: c.set("s", b"\x00\r\n", px=60_000), lambda c: c.strlen("s"),
    lambda c: c.append("a", "bc"), lambda c: c.getrange("a", 0, 0), lambda c: c.setrange("a", 1, "x"),
    lambda c: c.incr("n", 41), lambda c: c.incrbyfloat("f", 1.5), lambda c: c.decr("n"), lambda c: c.getdel("a"),
    lambda c: c.mset({"m1": 1, "m2": 2.5}), lambda c: c.mget("m1", "none", "m2"), lambda c: c.msetnx({"m1": 1}),
    lambda c: c.setbit("bits", 7, 1), lambda c: c.getbit("bits", 7), lambda c: c.bitcount("bits"),
    lambda c: c.execute_command("BITFIELD", "bits", "INCRBY", "u8", "0", 3, "GET", "i4", 4),
    lambda c: c.bitpos("bits", 1), lambda c: c.exists("s", "n", "none"), lambda c: c.type("s"),
    lambda c: c.expire("n", 1000), lambda c: c.persist("n"), lambda c: c.ttl("n"), lambda c: c.ttl("none"),
    lambda c: c.rename("n", "number"), lambda c: c.copy("number", "n"), lambda c: c.unlink("number", "none"),
    lambda c: c.dump("m1"), lambda c: c.restore("restored", 0, c_dump()), lambda c: c.object("encoding", "m1"),
    lambda c: c.object("refcount", "m1"), lambda c: c.touch("m1"), lambda c: c.lcs("m1", "m2", idx=True),
    # lists
    lambda c: c.rpush("l", 3, 1, 2), lambda c: c.lrange("l", 0, -1), lambda c: c.sort("l", desc=True),
    lambda c: c.sort("l", by="nosort", get=["#", "m*"], groups=True), lambda c: c.lpos("l", "1"),
    lambda c: c.lindex("l", 9), lambda c: c.linsert("l", "before", 1, 0), lambda c: c.lset("l", 0, 9),
    lambda c: c.lpop("l", 2), lambda c: c.rpoplpush("l", "l2"), lambda c: c.blpop("l", timeout=1),
    lambda c: c.blpop("none", timeout=0.01), lambda c: c.blmove("l2", "l", 1),
    lambda c: c.lmpop(1, "l", direction="LEFT"),
    # hashes
    lambda c: c.hset("h", mapping={"a": 1, "b": "x"}), lambda c: c.hgetall("h"), lambda c: c.hgetall("none"),
    lambda c: c.hmget("h", "a", "none"), lambda c: c.hincrbyfloat("h", "a", 0.5), lambda c: c.hkeys("h"),
    lambda c: c.hexists("h", "b"), lambda c: c.hdel("h", "b"), lambda c: c.hscan("h"),
    lambda c: c.hrandfield("h", 1, True),
    # sets
    lambda c: c.sadd("set", "a", "b"), lambda c: c.smembers("set"), lambda c: c.sismember("set", "a"),
    lambda c: c.smismember("set", ["a", "z"]), lambda c: c.sdiff("set", "none"), lambda c: c.srem("set", "a"),
    lambda c: c.sscan("set"), lambda c: c.spop("set"), lambda c: c.sintercard(1, ["set"]),
    # sorted sets
    lambda c: c.zadd("z", {"a": 1, "b": 2.5}), lambda c: c.zadd("z", {"a": 1}, incr=True),
    lambda c: c.zrange("z", 0, -1, withscores=True), lambda c: c.zrangebyscore("z", "-inf", "+inf"),
    lambda c: c.zscore("z", "b"), lambda c: c.zscore("z", "none"), lambda c: c.zrank("z", "b", withscore=False),
    lambda c: c.zmscore("z", ["a", "none"]), lambda c: c.zincrby("z", 1, "a"), lambda c: c.zscan("z"),
    lambda c: c.zpopmin("z"), lambda c: c.bzpopmax("z", timeout=1), lambda c: c.zcount("z", 0, 1),
    lambda c: c.zrandmember("none", 2, withscores=True), lambda c: c.zunion({"z": 2}, withscores=True),
    # streams
    lambda c: c.xadd("x", {"f": "1"}, id="1-1"), lambda c: c.xadd("x", {"f": "2"}, id="2-1"), lambda c: c.xlen("x"),
    lambda c: c.xrange("x"), lambda c: c.xread({"x": "0"}), lambda c: c.xgroup_create("x", "g", "0"),
    lambda c: c.xreadgroup("g", "me", {"x": ">"}, count=1), lambda c: c.xpending("x", "g"),
    lambda c: c.xack("x", "g", "1-1"),
    lambda c: c.xinfo_stream("x"), lambda c: c.xinfo_groups("x"), lambda c: c.xautoclaim("x", "g", "you", 0),
    lambda c: c.xtrim("x", 1), lambda c: c.xread({"x": "9"}, block=1),
    # places
    lambda c: c.geoadd("geo", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")),
    lambda c: c.geopos("geo", "Palermo", "none"), lambda c: c.geodist("geo", "Palermo", "Catania", "km"),
    lambda c: c.geohash("geo", "Palermo"),
    lambda c: c.geosearch("geo", longitude=15, latitude=37, radius=200, unit="km", withdist=True, withcoord=True),
    # other kinds of values
    lambda c: c.pfadd("hll", "a", "b"), lambda c: c.pfcount("hll"),
    # scripts
    lambda c: c.eval(SCRIPT, 1, "k", "a"), lambda c: c.script_load(SCRIPT), lambda c: c.script_exists("0" * 40),
    lambda c: c.eval("return redis.status_reply('FINE')", 0), lambda c: c.eval("return 1.9", 0),
    # the server
    lambda c: c.config_get("maxmemory*"), lambda c: c.config_set("maxmemory-samples", 5), lambda c: c.scan(match="m1"),
    lambda c: c.client_setname("tested"), lambda c: c.client_getname(), lambda c: c.client_setname(""),
    lambda c: c.command_getkeys("MSET", "a", 1, "b", 2), lambda c: c.slowlog_reset(), lambda c: c.wait(0, 10),
    lambda c: c.publish("channel", "news"), lambda c: c.pubsub_channels(), lambda c: c.pubsub_numsub("channel"),
    lambda c: c.acl_whoami(), lambda c: c.acl_users(), lambda c: c.module_list(), lambda c: c.keys("m*1"),
    # by hand
    lambda c: c.execute_command("get", "m1"), lambda c: c.execute_command("Config Get", "maxmemory-samples"),
    lambda c: c.execute_command(b"HGETALL", "h"), lambda c: c.execute_command("SET", "raw", 1.5),
    lambda c: c.execute_command("GET", memoryview(b"m1")), lambda c: c.execute_command("MGET", *["m1"] * 2000),
]

SPECIAL: list[Callable[[Any], Any]] = [
    lambda c: c.execute_command("GET", "h", **{EMPTY_RESPONSE: "instead"}),
    lambda c: c.execute_command("GET", "m1", **{NEVER_DECODE: True}),
    lambda c: c.execute_command("GET", "m1", keys=["m1"]),
    lambda c: c.execute_command("HIMPORT PREPARE", "f", "a"),
]

CHANGING: list[Callable[[Any], Any]] = [
    lambda c: c.info("server"), lambda c: c.info("commandstats"), lambda c: c.client_list(), lambda c: c.client_info(),
    lambda c: c.client_id(), lambda c: c.time(), lambda c: c.memory_usage("key"), lambda c: c.slowlog_get(),
    lambda c: c.role(),
    lambda c: c.command_info("GET"), lambda c: c.lastsave(), lambda c: c.acl_list(), lambda c: c.memory_stats(),
    lambda c: c.randomkey(), lambda c: c.object("idletime", "key"), lambda c: c.acl_genpass(),
    lambda c: c.latency_histogram(),
]


def c_dump() -> bytes:
    """A string as DUMP writes it."""
    return bytes.fromhex("0003616263") + bytes.fromhex("0b00") + bytes(8)  # no checksum: 0


@PIPELINED
@decoded
def test_every_kind_of_command_gives_what_it_gives_with_redis_pys_client(
    server: RedisServer, protocol: int, decode: bool, transaction: bool | None
) -> None:
    with both(server, protocol=protocol, decode_responses=decode) as clients:
        answers = []
        for client in clients:
            client.flushall()
            client.config_resetstat()
            answers.append([ask(client, transaction, command) for command in COMMANDS + SPECIAL])
        for theirs, ours, command in zip(*answers, COMMANDS + SPECIAL, strict=True):
            assert ours == theirs, inspect.getsource(command)
        for client in clients:
            client.flushall()
            client.set("key", "value")
        for command in CHANGING:
            theirs, ours = (
                shape(outcome(lambda: command(client) if transaction is None else  # noqa: B023
                              (command(pipeline := client.pipeline(transaction)), pipeline.execute()[0])[1]))  # noqa: B023
                for client in clients
            )
            assert ours == theirs, inspect.getsource(command)


@pytest.mark.parametrize("transaction", [False, True])
def test_all_commands_give_in_one_pipeline_what_they_give_with_redis_pys_client(
    server: RedisServer, protocol: int, transaction: bool
) -> None:
    with both(server, protocol=protocol) as clients:
        answers = []
        for client in clients:
            client.flushall()
            pipeline = client.pipeline(transaction)
            for command in COMMANDS:
                command(pipeline)
            answers.append(pipeline.execute(raise_on_error=False))
        assert len(answers[1]) == len(COMMANDS)
        assert exact(answers[1]) == exact(answers[0])


class Odd(str):
    """Somebody's own kind of text."""


WRONG: list[Callable[[Any], Any]] = [
    lambda c: c.lpush("key", 1), lambda c: c.execute_command("NOSUCH"), lambda c: c.execute_command("GET"),
    lambda c: c.set("key", None), lambda c: c.set("key", True), lambda c: c.set("key", [1]), lambda c: c.get(object()),
    lambda c: c.evalsha("0" * 40, 0),
    lambda c: c.eval("return redis.error_reply('MY own')", 0), lambda c: c.eval("error(", 0), lambda c: c.incr("key"),
    lambda c: c.execute_command("GET", (each for each in "ab")), lambda c: c.restore("r", 0, b"rubbish"),
    lambda c: c.execute_command(Odd("GET"), Odd("key")), lambda c: c.zadd("z", {"a": "b"}), lambda c: c.get("\udc80"),
    lambda c: c.execute_command("GET", "key", unknown=1), lambda c: c.execute_command("PING", "key", unknown=1),
]


@PIPELINED
@decoded
def test_errors_are_those_of_redis_pys_client(
    server: RedisServer, protocol: int, decode: bool, transaction: bool | None
) -> None:
    with both(server, protocol=protocol, decode_responses=decode) as clients:
        clients[0].set("key", "value")
        for client in clients:
            client.set_retry(Retry(NoBackoff(), 0))
        for command in WRONG:
            theirs, ours = (ask(client, transaction, command) for client in clients)
            assert ours == theirs, inspect.getsource(command)
        assert_sound(clients[1].connection_pool, in_use=0, waiting=0)


@pytest.mark.parametrize("explicit", [False, True])
def test_a_command_without_arguments_is_an_error_as_with_redis_pys_client(server: RedisServer, explicit: bool) -> None:
    with both(server) as clients:
        for use in (lambda client: client.execute_command(), lambda client: client.pipeline().execute_command()):
            theirs, ours = (outcome(lambda: use(client)) for client in clients)  # noqa: B023
            assert ours == theirs == (IndexError, "tuple index out of range")


def test_a_reply_that_cannot_be_decoded_is_an_error_and_nobody_elses(server: RedisServer, protocol: int) -> None:
    with both(server, protocol=protocol, decode_responses=True, max_connections=1) as clients:
        clients[0].set("odd", b"\xff")
        for transaction in (None, False, True):
            theirs, ours = (ask(client, transaction, lambda c: c.get("odd")) for client in clients)
            assert ours == theirs
            assert clients[1].echo("after") == "after"


def test_a_connection_stays_after_an_error_of_its_command(client: Any) -> None:
    client.connection_pool.max_connections = 1
    session = client.client_id()
    for command in WRONG:
        for transaction in (None, False, True):
            ask(client, transaction, command)
    assert client.client_id() == session


@pytest.mark.skipif(not hasattr(redis.Redis, "himport_set"), reason="this redis-py knows no HIMPORT")
@pytest.mark.filterwarnings("ignore")
@PIPELINED
def test_fields_are_prepared_before_they_are_imported(transaction: bool | None) -> None:
    sent = []
    for kind in BOTH:
        with ScriptedServer(lambda command: b"*1\r\n:1\r\n" if command[0] == b"EXEC" else b"+OK\r\n") as scripted:
            with kind(**scripted.address, protocol=2, **UNANNOUNCED) as client:
                client.himport_prepare("fields", ["a", "b"])
                ask(client, transaction, lambda c: c.himport_set("key", "fields", ["1", "2"]))
            sent.append(scripted.commands())
    assert [b"HIMPORT", b"PREPARE"] in [command[:2] for command in sent[0]]
    assert sent[1] == sent[0]


@needs_maintenance
@pytest.mark.parametrize("failing", [False, True], ids=["reply", "error"])
def test_a_connection_marked_for_reconnection_comes_back_connected(server: RedisServer, failing: bool) -> None:
    """As from redis-py's client; a server that moves marks all connections, also those under a command."""

    def mark(reply: Any) -> Any:
        connection.mark_for_reconnect()
        if failing:
            raise ValueError
        return reply

    with both(server, max_connections=1) as clients:
        for client in clients:
            pool = client.connection_pool
            connection = pool.get_connection()
            pool.release(connection)
            before = client.client_id()
            client.set_response_callback("PING", mark)
            assert outcome(client.ping) == ((ValueError, "") if failing else b"PONG")
            assert not connection.should_reconnect() and connection._sock is not None
            assert client.client_id() > before
            assert pool.get_connection() is connection
            pool.release(connection)


@needs_maintenance
def test_a_marked_connection_that_cannot_be_made_anew_is_an_error_and_costs_no_place(server: RedisServer) -> None:
    def move(reply: Any) -> Any:
        connection.port = nobody
        connection.mark_for_reconnect()
        return reply

    nobody = free_port()
    with both(server, max_connections=1, retry=Retry(NoBackoff(), 0)) as clients:
        for client in clients:
            connection = client.connection_pool.get_connection()
            client.connection_pool.release(connection)
            client.set_response_callback("PING", move)
            with pytest.raises(redis.ConnectionError, match="refused"):
                client.ping()
            connection.port = server.port
            assert client.echo("next") == b"next"


def test_names_of_commands_find_their_callbacks_in_any_case(client: Any) -> None:
    client.set_response_callback("Echo", lambda reply, **options: (reply, options))
    for name in ("ECHO", "echo", "EcHo", Odd("echo")):
        assert client.execute_command(name, "x") == (b"x", {})
        assert client.execute_command(name, "x", more=1, keys=["x"]) == (b"x", {"more": 1})
        assert client.pipeline().execute_command(name, "x", more=1, keys=["x"]).execute() == [(b"x", {"more": 1})]
    client.response_callbacks = {"GET": lambda reply: "plain"}
    assert client.get("key") == "plain" and client.echo("x") == b"x"


def test_callbacks_may_use_the_client_and_may_raise(client: Any) -> None:
    client.set_retry(Retry(NoBackoff(), 1))
    client.set_response_callback("GET", lambda reply: (reply, client.echo("inner")))
    assert client.get("key") == (b"value", b"inner")
    assert client.pipeline().get("key").get("key").execute() == [(b"value", b"inner")] * 2

    def fail(reply: Any) -> None:
        raise failure

    client.set_response_callback("GET", fail)
    for kind in (KeyError, redis.ResponseError, redis.ConnectionError, redis.TimeoutError, KeyboardInterrupt):
        failure = kind("mine")
        with pytest.raises(kind) as caught:
            client.get("key")
        assert caught.value is failure
        for transaction in (True, False):
            with pytest.raises(kind) as caught:
                client.pipeline(transaction).get("key").echo("x").execute()
            assert caught.value is failure
        assert client.echo("after") == b"after"
        assert_sound(client.connection_pool, in_use=0)


# --- retries -----------------------------------------------------------------------------------------------------

class Unreliable:
    """Answers GET wrongly so many times, and then as it should."""

    def __init__(self, failures: int, answer: bytes | None) -> None:
        self.failures, self.wrong = failures, answer

    def __call__(self, command: Command) -> bytes | None:
        if command[0] == b"EXEC":
            return b"*1\r\n+value\r\n"
        if command[0] != b"GET":
            return willing(command)
        self.failures -= 1
        return self.wrong if self.failures >= 0 else b"+value\r\n"


class Counting(Retry):
    """A policy that does something for each command."""

    called = 0

    def call_with_retry(self, *args: Any, **kwargs: Any) -> Any:
        Counting.called += 1
        return super().call_with_retry(*args, **kwargs)


class Same(Retry):
    """A policy of another class that does nothing differently."""


POLICIES: dict[str, Callable[[], dict[str, Any]]] = {
    "never": lambda: {"retry": Retry(NoBackoff(), 0)},
    "once": lambda: {"retry": Retry(NoBackoff(), 1)},
    "thrice": lambda: {"retry": Retry(NoBackoff(), 3)},
    "for ever": lambda: {"retry": Retry(NoBackoff(), -1)},
    "responses": lambda: {"retry": Retry(NoBackoff(), 2), "retry_on_error": [redis.ResponseError]},
    "nothing": lambda: {"retry": Retry(NoBackoff(), 2, supported_errors=())},
    "counting": lambda: {"retry": Counting(NoBackoff(), 2)},
    "same": lambda: {"retry": Same(NoBackoff(), 2)},
    "none": lambda: {"retry": None},
    "waiting": lambda: {"retry": Retry(ConstantBackoff(0.001), 2)},
}
FAILURES = {"closes": None, "times out": b"", "loading": b"-LOADING wait\r\n", "refuses": b"-TRYAGAIN later\r\n",
            "read-only": b"-READONLY no\r\n"}
SLOW = ("never", "once", "nothing")  # with these alone it is waited for time-outs


@PIPELINED
@pytest.mark.parametrize(("failure", "policy"), [
    (failure, policy) for failure in FAILURES for policy in POLICIES if failure != "times out" or policy in SLOW
])
def test_failures_are_tried_again_as_often_as_by_redis_pys_client(
    failure: str, policy: str, transaction: bool | None
) -> None:
    for failures in (1, 2) if failure == "times out" else (0, 1, 2, 4):
        found = []
        for kind in BOTH:
            Counting.called = 0
            with ScriptedServer(Unreliable(failures, FAILURES[failure])) as scripted:
                settings = POLICIES[policy]()
                options = {**scripted.address, "protocol": 2, **UNANNOUNCED, **settings}
                with kind(**options, socket_timeout=0.15 if failure == "times out" else 5) as client:
                    use = client if transaction is None else client.pipeline(transaction)
                    answer = outcome(lambda: use.get("key"))  # noqa: B023
                    if transaction is not None:
                        answer = outcome(use.execute)
                    sent = [scripted.commands(number) for number in range(len(scripted.batches))]
                    pool = client.connection_pool
                text = repr(answer)
                # Where it read from, some versions of redis-py tell and some do not.
                found.append((re.sub(r" from (socket|127.0.0.1:\d+)", "", text), sent, Counting.called))
        assert found[1] == found[0]
        assert_sound(pool, in_use=0, waiting=0)


@PIPELINED
def test_a_failure_leaves_no_garbage_behind(transaction: bool | None, collector_at_rest: None) -> None:
    with ScriptedServer(Unreliable(1, None)) as scripted:
        for failures, expected in ((1, b"value"), (9, None)):
            scripted.answer = Unreliable(failures, None)
            with respool.Redis(
                **scripted.address, protocol=2, **UNANNOUNCED, retry=Retry(NoBackoff(), 1)
            ) as client:
                client.ping()
                gc.collect()
                answer = ask(client, transaction, lambda c: c.get("key"))
                assert (answer == exact(b"value" if transaction is None else [b"value"])) == (expected is not None)
                assert gc.collect() == 0


def test_a_policy_of_ones_own_sees_each_command(client: Any) -> None:
    client.set_retry(Counting(NoBackoff(), 1))
    Counting.called = 0
    assert client.get("key") == b"value"
    assert client.pipeline().get("key").execute() == [b"value"]
    assert Counting.called == 2
    client.set_retry(Same(NoBackoff(), 1))
    assert_short(client)


def test_a_policy_that_somebody_has_replaced_sees_each_command(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_short(client)
    calls: list[Any] = []
    with monkeypatch.context() as patch:
        patch.setattr(Retry, "call_with_retry", wrapped_by_function(Retry.call_with_retry, calls))
        assert client.get("key") == b"value"
        assert len(calls) == 1
    assert_short(client)


def test_failures_are_logged_as_by_redis_pys_client(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "redis")
    logged = []
    for kind in BOTH:
        caplog.clear()
        with ScriptedServer(Unreliable(2, None)) as scripted:
            with kind(**scripted.address, protocol=2, **UNANNOUNCED, retry=Retry(NoBackoff(), 3)) as client:
                assert client.get("key") == b"value"
        logged.append([(record.name, record.levelname, re.sub(r"port=\d+|<\w+\.", "", record.getMessage()))
                       for record in caplog.records if record.name.startswith("redis")])
    assert len(logged[0]) >= 2 or not hasattr(redis.client, "is_debug_log_enabled")
    assert logged[1] == logged[0]


# --- construction ------------------------------------------------------------------------------------------------

# All up to `decode_responses`, with the pool among them.
NAMES = list(inspect.signature(redis.Redis).parameters)
NAMED = {"port": 6379, "db": 3, "unix_socket_path": "/tmp/socket", "encoding": "latin-1", "decode_responses": True}  # noqa: S108
POSITIONAL = tuple(
    NAMED.get(name, inspect.signature(redis.Redis).parameters[name].default)
    for name in NAMES[:NAMES.index("decode_responses") + 1]
)

ARGUMENTS: list[tuple[tuple[Any, ...], dict[str, Any]]] = [
    ((), {}),
    (("example.org", 7000, 3, "secret"), {}),
    (POSITIONAL, {}),
    (("localhost", 6379, 0, None, 1, 2), {"protocol": 3}),
    ((), {"username": "me", "password": "secret", "client_name": "tested", "db": 2}),
    ((), {"unix_socket_path": "/tmp/socket", "db": 1, "socket_timeout": None}),  # noqa: S108
    ((), {"ssl": True, "ssl_ca_certs": "ca.pem", "ssl_check_hostname": False, "ssl_cert_reqs": "none"}),
    ((), {"socket_keepalive": False, "socket_keepalive_options": None, "socket_connect_timeout": 7}),
    ((), {"encoding": "latin-1", "encoding_errors": "replace", "decode_responses": True}),
    ((), {"retry": Retry(ConstantBackoff(1), 7), "retry_on_error": [ReadOnlyError]}),
    ((), {"retry": None}), ((), {"health_check_interval": 9, "max_connections": 5}),
    ((), {"credential_provider": UsernamePasswordCredentialProvider("me", "secret")}),
    ((), {"protocol": 2}), ((), {"protocol": 3, "cache_config": CacheConfig(max_size=7)}),
    ((), dict(ANNOUNCED)), ((), dict(UNANNOUNCED)), ((), {"redis_connect_func": print}),
    ((), {"retry_on_timeout": True}), ((), {"lib_name": "mine", "lib_version": "1"}),
    ((), {"connection_pool": None, "port": 1}),
]


def comparable(value: Any) -> Any:
    return {**vars(value), "": type(value)} if type(value).__module__.startswith("redis.") else value


@pytest.mark.parametrize(("args", "kwargs"), ARGUMENTS)
def test_the_pool_of_a_client_has_the_settings_that_it_has_with_redis_pys(
    args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    pools, said = [], []
    for kind in BOTH:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            client = kind(*args, **kwargs)
        pools.append(client.connection_pool)
        said.append([(warning.category, str(warning.message), warning.filename) for warning in caught])
        assert client.auto_close_connection_pool is True
    theirs, ours = pools
    assert said[1] == said[0] and (said[0] or "retry_on_timeout" not in kwargs)
    assert type(ours) is respool.ConnectionPool
    assert ours.connection_class is OURS[theirs.connection_class]
    different = {"driver_info", "maint_notifications_pool_handler", "himport_registry", "maint_notifications_config"}
    assert list(ours.connection_kwargs) == list(theirs.connection_kwargs)
    for name, value in theirs.connection_kwargs.items():
        mine = ours.connection_kwargs[name]
        if name == "retry":
            assert mine == value
        elif name in different:
            assert type(mine).__name__ == type(value).__name__
        else:
            assert mine == value, name
    assert ours.max_connections == theirs.max_connections
    assert (ours.cache is None) == (theirs.cache is None)


def test_a_client_takes_the_parameters_of_redis_pys_and_says_so() -> None:
    assert inspect.signature(respool.Redis) == inspect.signature(redis.Redis)
    assert inspect.signature(respool.Redis.__init__) == inspect.signature(redis.Redis.__init__)
    for name in ("from_url", "pipeline", "from_pool"):
        theirs, ours = (inspect.signature(getattr(kind, name)) for kind in BOTH)
        assert list(ours.parameters) == list(theirs.parameters)


@pytest.mark.parametrize("kwargs", [
    {"nonsense": 1}, {"host": "a", "nonsense": 1, "timeout": 3}, {"max_connections": -1},
    {"protocol": 2, "cache_config": CacheConfig()},
])
def test_arguments_that_cannot_be_meant_are_errors_as_with_redis_pys_client(kwargs: dict[str, Any]) -> None:
    own = {name: value for name, value in kwargs.items() if name != "timeout"}
    theirs, ours = outcome(lambda: redis.Redis(**own)), outcome(lambda: respool.Redis(**kwargs))
    assert ours[0] is theirs[0]
    assert ours[1].partition(", got")[0] == theirs[1]


def test_too_many_arguments_are_an_error() -> None:
    for kind in BOTH:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with pytest.raises(TypeError):
                kind(*range(100))


def test_a_client_sets_up_its_pool_with_respools_own_parameters() -> None:
    pool = respool.Redis(timeout=3, order="lifo", max_waiting=7, name="tested").connection_pool
    assert (pool.timeout, pool.order, pool.max_waiting, pool.name) == (3, "lifo", 7, "tested")
    for name, value in {"timeout": 3, "order": "lifo", "max_waiting": 7, "name": "x"}.items():
        with pytest.raises(TypeError, match=f"{name}: for a pool that the client makes itself"):
            respool.Redis(connection_pool=pool, **{name: value})
    with pytest.raises(ValueError, match="order"):
        respool.Redis(order="random")


def test_a_client_may_be_made_from_a_url_and_from_a_pool(server: RedisServer) -> None:
    with respool.Redis.from_url(f"{server.url}?timeout=2", max_connections=3, order="lifo") as client:
        pool = client.connection_pool
        assert (pool.timeout, pool.max_connections, pool.order) == (2, 3, "lifo")
        assert client.ping() is True
    assert_sound(pool, in_use=0)
    with respool.Redis.from_url(f"unix://{server.unix_socket}", single_connection_client=True) as client:
        assert client.connection_pool.connection_class is respool.UnixDomainSocketConnection
        assert client.ping() is True and client.connection is not None
    assert respool.Redis.from_url("rediss://localhost").connection_pool.connection_class is respool.SSLConnection
    pool = respool.ConnectionPool(**server.address)
    with respool.Redis.from_pool(pool) as client:
        assert client.ping() is True and client.connection_pool is pool
    assert not pool._available_connections or pool._available_connections[0]._sock is None


def test_a_client_closes_its_own_pool_and_nobody_elses(server: RedisServer) -> None:
    def ends(end: Callable[[Any], Any], kind: Any, **options: Any) -> bool:
        client = kind(**options)
        client.ping()
        pool = client.connection_pool
        connection = pool.get_connection()
        pool.release(connection)
        end(client)
        del client
        gc.collect()
        return connection._sock is None

    pools = [kind(**server.address) for kind in (redis.ConnectionPool, respool.ConnectionPool)]
    for end in (lambda client: client.close(), lambda client: client.__exit__(None, None, None), lambda client: None):
        assert [ends(end, kind, **server.address) for kind in BOTH] == [True, True]
        assert [ends(end, kind, connection_pool=pool) for kind, pool in zip(BOTH, pools, strict=True)] == [False, False]
    for pool in pools:
        pool.close()


def test_a_client_on_any_other_pool_works_too(server: RedisServer) -> None:
    for kind in (redis.ConnectionPool, redis.BlockingConnectionPool):
        with closing(kind(**server.address)) as pool:
            client = respool.Redis(connection_pool=pool)
            assert client.set("key", "value") is True and client.get("key") == b"value"
            assert client.pipeline().get("key").execute() == [b"value"]
            assert client.pipeline(transaction=False).get("key").execute() == [b"value"]


def test_a_client_works_while_respool_is_installed(server: RedisServer, installed: None) -> None:
    with respool.Redis(**server.address) as client:
        assert client.connection_pool.connection_class is respool.Connection
        assert client.ping() is True


def test_a_client_of_a_single_connection_keeps_it(server: RedisServer) -> None:
    with respool.Redis(**server.address, max_connections=1, single_connection_client=True) as client:
        assert_sound(client.connection_pool, in_use=1)
        assert client.get("key") == client.get("key")
        assert client.client_id() == client.client_id()
        assert outcome(lambda: client.lpush("s", 1) and client.get("s"))[0] is redis.ResponseError
        client.connection.disconnect()
        assert client.ping() is True
    assert_sound(client.connection_pool, in_use=0)


def test_a_client_of_a_client_has_a_connection_of_its_own(client: Any) -> None:
    with client.client() as single:
        assert type(single) is respool.Redis and single.connection_pool is client.connection_pool
        assert single.ping() is True
        assert_sound(client.connection_pool, in_use=1)


class Listener(EventListenerInterface):
    def __init__(self) -> None:
        self.events: list[Any] = []

    def listen(self, event: Any) -> None:
        self.events.append(event)


@pytest.mark.skipif(
    "event_listeners" not in inspect.signature(EventDispatcher).parameters, reason="this redis-py takes no listeners"
)
def test_listeners_are_told_once_of_the_clients_pool(server: RedisServer) -> None:
    heard = []
    for kind in BOTH:
        listener = Listener()
        dispatcher = EventDispatcher({AfterPooledConnectionsInstantiationEvent: [listener]})
        provider = UsernamePasswordCredentialProvider("default", "")
        client = kind(**server.address, event_dispatcher=dispatcher, credential_provider=provider)
        [event] = listener.events
        assert event.connection_pools == [client.connection_pool]
        assert event.credential_provider is provider
        heard.append(event.client_type)
    assert heard[0] == heard[1]


def test_a_new_token_reaches_the_connections_of_the_clients_pool(server: RedisServer, client: Any) -> None:
    client.acl_setuser("turning", enabled=True, passwords=["+first", "+second"], keys="*", commands=["+@all"])
    client.acl_setuser("next", enabled=True, passwords=["+second"], keys="*", commands=["+@all"])
    provider = Rotation()
    provider.token = Token("turning", "first")
    with respool.Redis(**server.address, credential_provider=provider, max_connections=1) as ours:
        session = ours.client_id()
        assert ours.acl_whoami() == "turning"
        provider.rotate(Token("next", "second"))
        assert ours.acl_whoami() == "next" and ours.client_id() == session
    client.acl_deluser("turning", "next")


def test_the_text_of_a_client_shows_no_password() -> None:
    client = respool.Redis(password="secret", username="me", host="example.org")
    assert repr(client).startswith("<respool.client.Redis(<respool.pool.ConnectionPool(<respool.connection.Connection(")
    assert "secret" not in repr(client) and "secret" not in repr(client.pipeline())


def test_a_client_is_copied_and_not_pickled_as_redis_pys(server: RedisServer) -> None:
    with both(server) as clients:
        for client in clients:
            client.set("key", "value")
            twin = copy.copy(client)
            twin.auto_close_connection_pool = False
            twin.response_callbacks = {"GET": lambda reply: "its own"}
            assert twin.get("key") == "its own" and client.get("key") == b"value"
            pipeline = client.pipeline(transaction=False).get("key")
            assert copy.copy(pipeline).execute() == [b"value"]
        for use in (copy.deepcopy, pickle.dumps):
            theirs, ours = (outcome(lambda: use(client)) for client in clients)  # noqa: B023
            assert ours == theirs and ours[0] is TypeError


def test_half_a_client_is_closed_without_an_error() -> None:
    client = respool.Redis.__new__(respool.Redis)
    assert not hasattr(client, "connection_pool") and not hasattr(client, "response_callbacks")
    client.__del__()


# --- what somebody has replaced ----------------------------------------------------------------------------------

REPLACED = [
    (redis.Redis, "execute_command", 1), (redis.Redis, "_execute_command", 1), (redis.Redis, "parse_response", 3),
    (redis.Redis, "_send_command_parse_response", 1), (redis.client.Pipeline, "execute", 2),
    (redis.client.Pipeline, "execute_command", 2), (redis.client.Pipeline, "parse_response", 4),
    (redis.client.Pipeline, "pipeline_execute_command", 2), (redis.client.Pipeline, "_execute_pipeline", 1),
    (redis.client.Pipeline, "_execute_transaction", 1), (respool.Redis, "execute_command", 1),
    (respool.Redis, "_execute_command", 1), (respool.Redis, "parse_response", 1),
    (respool.client.Pipeline, "execute", 2),
    (respool.client.Pipeline, "parse_response", 4), (respool.client.Pipeline, "execute_command", 2),
    (respool.Connection, "send_command", 1), (respool.Connection, "read_response", 5),
    (respool.Connection, "send_packed_command", 2), (respool.Connection, "pack_commands", 2),
    (respool.ConnectionPool, "get_connection", 3), (respool.ConnectionPool, "release", 3),
]


@pytest.mark.parametrize("wrapped", [wrapped_by_object, wrapped_by_function])
@pytest.mark.parametrize(("owner", "name", "least"), REPLACED)
def test_whatever_is_replaced_in_a_class_is_called_until_it_is_put_back(
    client: Any, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, least: int, wrapped: Any
) -> None:
    def use() -> None:
        assert client.get("key") == b"value"
        assert client.pipeline(transaction=False).get("key").execute() == [b"value"]
        assert client.pipeline().get("key").execute() == [b"value"]

    assert_short(client)
    for _ in range(2):
        calls: list[Any] = []
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, wrapped(getattr(owner, name), calls))
            use()
            assert len(calls) >= least
        known = len(calls)
        use()
        assert len(calls) == known
        assert_short(client)


def test_a_class_that_is_changed_while_it_is_looked_at_is_looked_at_again(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    original, judge = redis.Redis.parse_response, respool.Redis._judge

    def change(kind: Any) -> int:
        verdict = judge(kind)
        if redis.Redis.parse_response is original:
            monkeypatch.setattr(redis.Redis, "parse_response", wrapped_by_function(original, calls))
            kind.get  # which gives the class another version  # noqa: B018
        return verdict

    monkeypatch.setattr(respool.Redis, "_judge", staticmethod(change))
    with respool.Redis(connection_pool=client.connection_pool) as other:
        other.get("key")
        other.get("key")
        assert len(calls) >= 1


def test_methods_that_a_subclass_has_of_its_own_are_called(client: Any) -> None:
    calls = []

    class Mine(respool.Redis):
        def execute_command(self, *args: Any, **options: Any) -> Any:
            calls.append("execute_command")
            return super().execute_command(*args, **options)

        def parse_response(self, connection: Any, command_name: Any, **options: Any) -> Any:
            calls.append("parse_response")
            return super().parse_response(connection, command_name, **options)

    class Mixin(redis.Redis):
        def execute_command(self, *args: Any, **options: Any) -> Any:
            calls.append("mixin")
            return super().execute_command(*args, **options)

    class Mixed(Mixin, respool.Redis):
        pass

    pool = client.connection_pool
    assert Mine(connection_pool=pool).get("key") == b"value"
    assert Mixed(connection_pool=pool).get("key") == b"value"
    assert calls == ["execute_command", "parse_response", "mixin"]
    assert type(Mine(connection_pool=pool).client().close()) is types.NoneType


@pytest.mark.parametrize("name", [
    "execute_command", "_execute_command", "parse_response", "_send_command_parse_response",
])
def test_a_mock_in_the_place_of_a_clients_method_is_called(client: Any, name: str) -> None:
    with mock.patch.object(client, name, wraps=getattr(client, name)) as mocked:
        assert client.get("key") == b"value"
        assert mocked.call_count == 1
    assert_short(client)


@pytest.mark.parametrize("name", [
    "execute_command", "parse_response", "pipeline_execute_command", "_execute_transaction",
])
def test_a_mock_in_the_place_of_a_pipelines_method_is_called(client: Any, name: str) -> None:
    pipeline = client.pipeline()
    with mock.patch.object(pipeline, name, wraps=getattr(pipeline, name)) as mocked:
        pipeline.get("key")
        assert pipeline.execute() == [b"value"]
        assert mocked.call_count >= 1
    assert pipeline.get("key").execute() == [b"value"]


@pytest.mark.parametrize("name", ["get_connection", "release"])
def test_a_mock_in_the_place_of_a_pools_method_is_called(client: Any, name: str) -> None:
    pool = client.connection_pool
    with mock.patch.object(pool, name, wraps=getattr(pool, name)) as mocked:
        assert client.get("key") == b"value"
        assert client.pipeline().get("key").execute() == [b"value"]
        assert mocked.call_count == 2
    assert_short(client)


@pytest.mark.parametrize(("name", "count"), [
    ("send_command", 1), ("read_response", 1 + 1 + 3), ("send_packed_command", 2), ("pack_commands", 2),
])
def test_a_mock_in_the_place_of_a_connections_method_is_called(server: RedisServer, name: str, count: int) -> None:
    with respool.Redis(**server.address, max_connections=1) as client:
        client.set("key", "value")
        connection = client.connection_pool.get_connection()
        client.connection_pool.release(connection)
        with mock.patch.object(connection, name, wraps=getattr(connection, name)) as mocked:
            assert client.get("key") == b"value"
            assert client.pipeline(transaction=False).get("key").execute() == [b"value"]
            assert client.pipeline().get("key").execute() == [b"value"]
            assert mocked.call_count == count
        assert_short(client)


def test_attributes_may_be_mocked_and_are_put_back(client: Any) -> None:
    pool, callbacks = client.connection_pool, client.response_callbacks
    with mock.patch.object(client, "connection_pool") as mocked:
        client.get("key")
        assert mocked.get_connection.called
    assert client.connection_pool is pool
    with mock.patch.object(client, "response_callbacks", {"GET": lambda reply: 1}):
        assert client.get("key") == 1
    assert client.response_callbacks is callbacks
    assert_short(client)


# --- interruptions and threads -----------------------------------------------------------------------------------

@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this platform has no interval timers")
@pytest.mark.parametrize("max_connections", [1, 3])
def test_a_storm_of_signals_mixes_up_no_replies_and_loses_no_slot(
    server: RedisServer, protocol: int, max_connections: int
) -> None:
    settings = map(str, (server.port, protocol, max_connections, 100_000, 1, protocol, "client"))
    storm = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("storm.py")), *settings],
        env={**os.environ, "PYTHONPATH": str(Path(respool.__file__).parents[1])},
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert storm.returncode == 0, storm.stderr[-5000:]
    came = json.loads(storm.stdout)
    assert came["strikes"] > 0 and came["served"] > 0
    assert came["wrong"] == [] and came["errors"] == {}
    assert came["calm"] == {"right": max_connections}
    assert came["counts"] == [max_connections, max_connections, 0, 0, 0]


def test_many_threads_share_few_connections_and_each_gets_its_own_replies(
    server: RedisServer, threads: Threads
) -> None:
    with respool.Redis(**server.address, max_connections=8, timeout=30) as client:
        def use(number: int) -> None:
            for turn in range(30):
                token = b"%d %d" % (number, turn)
                assert client.echo(token) == token
                pipeline = client.pipeline(transaction=bool(turn % 2))
                assert pipeline.echo(token).echo(b"x" + token).execute() == [token, b"x" + token]

        threads.together(64, use)
        assert_sound(client.connection_pool, in_use=0, waiting=0)


def test_others_may_disconnect_and_reset_the_pool_under_commands(server: RedisServer, threads: Threads) -> None:
    retry = Retry(NoBackoff(), 3)
    with respool.Redis(**server.address, max_connections=8, timeout=30, retry=retry) as client:
        over = threading.Event()

        def use(number: int) -> None:
            if number == 0:
                while not over.wait(0.002):
                    client.connection_pool.disconnect()
                    client.connection_pool.reset()
                return
            try:
                for turn in range(150):
                    token = b"%d %d" % (number, turn)
                    for command in (
                        lambda: [client.echo(token)] * 2,  # noqa: B023
                        lambda: client.pipeline(transaction=False).echo(token).echo(token).execute(),  # noqa: B023
                    ):
                        with suppress(redis.ConnectionError):
                            assert command() == [token] * 2
            finally:
                if turn == 149:
                    over.set()

        threads.together(5, use)
        assert client.echo("after") == b"after"
        assert_sound(client.connection_pool, in_use=0, waiting=0)


def test_a_child_uses_the_clients_of_its_parent(client: Any) -> None:
    def child() -> None:
        for _ in range(3):
            assert client.echo("child") == b"child"
        assert client.pipeline().echo("child").execute() == [b"child"]

    client.set_response_callback("ECHO", lambda reply: reply)
    client.set_response_callback("GET", lambda reply: in_child(child))  # while the connection is in use
    session = client.client_id()
    client.get("key")
    assert client.echo("parent") == b"parent"
    assert session in {client.client_id(), client.client_id()}


# --- what is redis-py's ------------------------------------------------------------------------------------------

def test_scripts_locks_scans_and_transactions_work(client: Any) -> None:
    script = client.register_script("return {KEYS[1], ARGV[1]}")
    client.script_flush()
    assert script(keys=["k"], args=["a"]) == [b"k", b"a"]
    client.mset({f"scan:{number}": number for number in range(500)})
    assert len(list(client.scan_iter("scan:*", count=50))) == 500
    with client.lock("lock", timeout=10, blocking_timeout=5) as lock:
        assert lock.owned() and not client.lock("lock", blocking=False).acquire()
    assert client.transaction(lambda pipeline: (pipeline.multi(), pipeline.incr("n"))[1], "key") == [1]
    assert_short(client)


def test_subscriptions_and_monitors_work(server: RedisServer, client: Any) -> None:
    with client.pubsub() as pubsub:
        pubsub.subscribe("news")
        assert pubsub.get_message(timeout=5)["type"] == "subscribe"
        assert client.publish("news", "today") == 1
        assert pubsub.get_message(timeout=5)["data"] == b"today"
    with client.monitor() as monitor:
        client.echo("watched")
        assert "watched" in next(each["command"] for each in monitor.listen() if "ECHO" in each["command"])


def test_replies_come_from_the_cache_of_the_client(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    with respool.Redis(**server.address, protocol=3, cache_config=CacheConfig()) as client:
        client.set("cached", 1)
        assert client.get("cached") == client.get("cached") == b"1"
        assert client.get_cache().size == 1
        with respool.Redis(**server.address) as other:
            other.set("cached", 2)
        until(lambda: client.get("cached") == b"2")
        assert client.pipeline().get("cached").execute() == [b"2"]


def test_a_client_follows_the_master_that_sentinel_names() -> None:
    with sentinel_setup() as setup, setup.manager() as manager:
        options = {"redis_class": respool.Redis, "connection_pool_class": respool.SentinelConnectionPool}
        with manager.master_for(MASTER, **options) as master:
            assert type(master) is respool.Redis
            assert master.set("key", "value") is True
            assert master.pipeline().get("key").execute() == [b"value"]


@pytest.mark.parametrize("transaction", [None, False])
def test_a_master_that_has_become_a_replica_is_left_for_its_successor(transaction: bool | None) -> None:
    with ScriptedServer(Unreliable(1, b"-READONLY You can't write against a read only replica.\r\n")) as scripted:
        class Manager:
            def discover_master(self, name: str) -> Any:
                return "127.0.0.1", scripted.port

        pool = respool.SentinelConnectionPool(
            "mymaster", Manager(), protocol=2, **UNANNOUNCED, retry=Retry(NoBackoff(), 1)
        )
        client = respool.Redis(connection_pool=pool)
        answer = b"value" if transaction is None else [b"value"]
        assert ask(client, transaction, lambda c: c.get("key")) == exact(answer)
        assert [scripted.commands(number)[-1] for number in (0, 1)] == [[b"GET", b"key"]] * 2
        pool.close()


def test_health_checks_are_made_before_commands_as_with_redis_pys_client() -> None:
    found = []
    for kind in BOTH:
        with ScriptedServer(Unreliable(0, None)) as scripted:
            with kind(**scripted.address, protocol=2, **UNANNOUNCED, health_check_interval=1000) as client:
                for use in (lambda: client.get("key"), lambda: client.pipeline().get("key").execute()):
                    connection = client.connection_pool.get_connection()
                    connection.next_health_check = 0
                    client.connection_pool.release(connection)
                    use()
                found.append(scripted.commands())
                if kind is respool.Redis:
                    for use in (lambda: client.get("key"), lambda: client.pipeline().get("key").execute()):
                        connection.next_health_check = monotonic() + 100
                        use()
                        assert connection.next_health_check > monotonic() + 900
    assert [b"PING"] in found[0] and found[1] == found[0]


def test_a_push_that_comes_before_a_reply_reaches_its_handler_who_may_use_the_client() -> None:
    def answer(command: Command) -> bytes:
        push = b">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n1\r\n"
        return push + b"$5\r\nvalue\r\n" if command[0] == b"GET" else willing(command) or b""

    heard = []
    with ScriptedServer(answer) as scripted:
        with respool.Redis(**scripted.address, protocol=3, **UNANNOUNCED, order="lifo") as client:
            def handler(push: Any) -> None:
                heard.append((push, client.echo("inner")))

            connection = client.connection_pool.get_connection()
            connection._parser.set_pubsub_push_handler(handler)
            client.connection_pool.release(connection)
            with lasting(0, 20):
                assert client.get("key") == b"value"
                assert client.pipeline(transaction=False).get("key").get("key").execute() == [b"value"] * 2
            assert heard == [([b"message", b"news", b"1"], b"inner")] * 3


def test_nothing_in_python_is_called_below_the_method_of_a_command(client: Any) -> None:
    client.echo("connected")
    assert python_calls(lambda: client.get("key")) == ["get"]
    assert python_calls(lambda: client.execute_command("GET", "key")) == []
    assert len(python_calls(lambda: client.pipeline().get("key").get("key").execute())) < 20

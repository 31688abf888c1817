"""What changes a session ends with its caller; what does not costs no connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from redis._parsers import _RESP3Parser
from redis.backoff import NoBackoff
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection
from redis.credentials import CredentialProvider
from redis.retry import Retry

from conftest import until
from respool import ConnectionPool
from servers import RedisServer, free_port, redis_server
from sessions import (
    EXEC,
    GET,
    MULTI,
    WATCH,
    Token,
    ask,
    at_once,
    id_of,
    is_kept,
    one_by_one,
)

# --- what changes a session for good -------------------------------------------------------------------------

CHANGES: list[tuple[str, ...]] = [
    ("SUBSCRIBE", "news"),
    ("PSUBSCRIBE", "n*"),
    ("SSUBSCRIBE", "news"),
    ("UNSUBSCRIBE",),
    ("PUNSUBSCRIBE",),
    ("SUNSUBSCRIBE",),
    ("MONITOR",),
    ("SELECT", "1"),
    ("SELECT", "15"),
    ("SELECT", "9999"),
    ("SELECT",),
    ("CLIENT", "REPLY", "OFF"),
    ("CLIENT", "REPLY", "SKIP"),
    ("CLIENT", "REPLY", "ON"),
    ("CLIENT", "TRACKING", "ON"),
    ("CLIENT", "TRACKING", "ON", "BCAST"),
    ("CLIENT", "CACHING", "YES"),
    ("CLIENT", "NO-TOUCH", "ON"),
    ("CLIENT", "NO-EVICT", "ON"),
    ("CLIENT", "CAPA", "redirect"),
    ("READONLY",),
    ("READWRITE",),
    ("ASKING",),
    ("AUTH", "password"),
    ("AUTH", "default", "password"),
    ("HELLO",),
    ("HELLO", "2"),
    ("HELLO", "3"),
    ("RESET",),
    ("QUIT",),
    ("SCRIPT", "DEBUG", "YES"),
    ("PSYNC", "?", "-1"),
    ("SYNC",),
    ("REPLCONF", "capa", "eof"),
    ("MULTI",),
    ("WATCH", "text"),
]


def as_it_is(words: tuple[str, ...]) -> tuple[Any, ...]:
    return words


def lower(words: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(word.lower() for word in words)


def mixed(words: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple("".join(letter.upper() if index % 2 else letter.lower() for index, letter in enumerate(word))
                 for word in words)


def joined(words: tuple[str, ...]) -> tuple[Any, ...]:
    return (" ".join(words),)


def joined_in_part(words: tuple[str, ...]) -> tuple[Any, ...]:
    return (" ".join(words[:2]), *words[2:])


def in_bytes(words: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(word.encode() for word in words)


def lower_in_joined_bytes(words: tuple[str, ...]) -> tuple[Any, ...]:
    return (" ".join(words).lower().encode(),)


def in_buffers(words: tuple[str, ...]) -> tuple[Any, ...]:
    return (words[0], *(memoryview(bytearray(word.encode())) for word in words[1:]))


SPELLINGS = [as_it_is, lower, mixed, joined, joined_in_part, in_bytes, lower_in_joined_bytes, in_buffers]


@pytest.mark.parametrize("change", CHANGES, ids=" ".join)
def test_a_change_of_the_session_is_noted_however_it_is_spelled(pool: ConnectionPool, change: tuple[str, ...]) -> None:
    passes = change[0] in ("ASKING", "MULTI", "WATCH")
    for spelling in SPELLINGS:
        words = spelling(change)
        connection = pool.get_connection()
        packed = connection.pack_command(*words)
        for send, what in (
            (connection.send_command, words),
            (connection.send_packed_command, (connection.pack_commands([("PING",), words]),)),
            (connection.send_packed_command, (b"".join(packed),)),
        ):
            send(*what)
            ledger = connection.wire.ledger
            assert passes or ledger.reason == ledger.taint
            assert ledger.reason is not None
            pool.release(connection)
            assert connection.wire is None
            assert pool.get_connection() is connection
        assert ask(connection, "ECHO", "mine") == b"mine"
        pool.release(connection)


@pytest.mark.parametrize("change", [
    change for change in CHANGES
    if change[0] not in ("SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE",
                         "PSYNC", "SYNC", "REPLCONF") and change[1:2] != ("REPLY",)
], ids=" ".join)
def test_a_change_of_the_session_is_not_inherited_though_its_reply_was_read(
    pool: ConnectionPool, change: tuple[str, ...]
) -> None:
    assert not is_kept(pool, one_by_one([change]))


@pytest.mark.parametrize("mode", ["OFF", "SKIP"])
def test_replies_that_do_not_come_are_nobodys(pool: ConnectionPool, mode: str) -> None:
    def use(connection: Any) -> None:
        connection.send_command("CLIENT", "REPLY", mode)
        connection.send_command("ECHO", "unheard")
        if mode == "SKIP":
            assert ask(connection, "ECHO", "heard") == b"heard"

    assert not is_kept(pool, use)


@pytest.mark.parametrize("kind", ["subscribe", "psubscribe", "ssubscribe"])
@pytest.mark.parametrize("ends", ["unsubscribes", "does not", "has messages unread"])
def test_subscriptions_are_not_inherited(pool: ConnectionPool, kind: str, ends: str) -> None:
    def use(connection: Any) -> None:
        connection.send_command(kind, "news")
        assert connection.read_response(push_request=True)[0] == kind.encode()
        if ends == "unsubscribes":
            connection.send_command(kind.replace("sub", "unsub"), "news")
            assert connection.read_response(push_request=True)[2] == 0
        elif ends == "has messages unread":
            with redis.Redis(port=connection.port) as other:
                other.execute_command("SPUBLISH" if kind == "ssubscribe" else "PUBLISH", "news", "text")

    assert not is_kept(pool, use)


def test_a_pubsub_client_leaves_a_slot_as_good_as_new(pool: ConnectionPool) -> None:
    client = redis.Redis(connection_pool=pool)
    for _ in range(3):
        before = id_of(client)
        with client.pubsub() as subscriber:
            subscriber.subscribe("news")
            assert subscriber.get_message(timeout=30)["type"] == "subscribe"
        assert client.echo("mine") == b"mine"
        assert id_of(client) != before


def test_a_monitor_leaves_a_slot_as_good_as_new(pool: ConnectionPool) -> None:
    client = redis.Redis(connection_pool=pool)
    before = id_of(client)
    with client.monitor() as monitor, redis.Redis(port=monitor.connection.port) as other:
        other.echo("seen")
        until(lambda: "seen" in monitor.next_command()["command"])
    assert client.echo("mine") == b"mine"
    assert id_of(client) != before


def test_a_stream_of_commands_is_not_inherited(pool: ConnectionPool) -> None:
    def use(connection: Any) -> None:
        assert ask(connection, "MONITOR") == b"OK"
        with redis.Redis(port=connection.port) as other:
            other.echo("seen")
        connection.read_response()

    assert not is_kept(pool, use)


@pytest.mark.parametrize("db", [0, 2, "2"])
def test_only_another_database_is_another_database(server: RedisServer, protocol: int, db: Any) -> None:
    with ConnectionPool(**server.address, max_connections=1, protocol=protocol, db=db) as pool:
        for spelling in (as_it_is, lower, joined, in_bytes):
            assert is_kept(pool, one_by_one([spelling(("SELECT", str(db)))]))
            assert not is_kept(pool, one_by_one([spelling(("SELECT", "1"))]))
        assert is_kept(pool, one_by_one([("SELECT", int(db))]))
        assert not is_kept(pool, at_once([("SELECT", 1), ("SELECT", int(db))]))
        assert not is_kept(pool, one_by_one([("MULTI",), ("SELECT", 1), ("EXEC",)]))


@pytest.mark.parametrize("how", [one_by_one, at_once])
def test_asking_passes_with_the_next_command(pool: ConnectionPool, how: Callable[..., Any]) -> None:
    assert not is_kept(pool, how([("ASKING",)]))
    assert not is_kept(pool, how([("GET", "text"), ("ASKING",)]))
    assert is_kept(pool, how([("ASKING",), ("GET", "text")]))
    assert not is_kept(pool, how([("ASKING",), ("GET", "text"), ("ASKING",)]))


def test_another_user_is_not_inherited(server: RedisServer, pool: ConnectionPool) -> None:
    with redis.Redis(port=server.port) as admin:
        admin.acl_setuser("guest", enabled=True, nopass=True, categories=["+@all"], keys=["*"])

    assert not is_kept(pool, lambda connection: ask(connection, "AUTH", "guest", "any"))
    assert not is_kept(pool, lambda connection: ask(connection, "HELLO", 3, "AUTH", "guest", "any"))
    assert not is_kept(pool, lambda connection: ask(connection, "HELLO", 2, "AUTH", "guest", "any"))


# --- what costs no connection --------------------------------------------------------------------------------

ORDINARY: list[tuple[Any, ...]] = [
    ("PING",),
    ("SET", "text", "value"),
    ("GET", "text"),
    ("GET", "multi"),
    ("SET", "MULTI", "WATCH"),
    ("DEL", "SUBSCRIBE", "MONITOR"),
    ("ECHO", "QUIT"),
    ("SETEX", "text", 10, "value"),
    ("LPUSH", "text", "wrong type"),
    ("NOSUCHCOMMAND",),
    ("GET",),
    ("CLIENT", "ID"),
    ("CLIENT", "LIST"),
    ("CLIENT GETNAME",),
    ("client info",),
    ("CLIENT", "NOSUCHCOMMAND"),
    ("SCRIPT", "LOAD", "return 1"),
    ("script exists", "0" * 40),
    ("PUBLISH", "news", "text"),
    ("PUBSUB", "CHANNELS"),
    ("CONFIG", "GET", "maxmemory"),
    ("EVAL", "redis.call('SELECT', 3); return redis.call('GET', KEYS[1])", 1, "text"),
    ("EVAL", "return redis.error_reply('no')", 0),
    ("WAIT", 0, 1),
    ("BLPOP", "nothing", "0.01"),
    ("SINTERSTORE", "a", "b"),
    ("OBJECT", "ENCODING", "text"),
    ("MEMORY USAGE", "text"),
    ("SET", "text", b"x" * 100_000),
    ("GET", "text"),
]


@pytest.mark.parametrize("how", [one_by_one, at_once])
def test_ordinary_commands_and_their_errors_cost_no_connection(pool: ConnectionPool, how: Callable[..., Any]) -> None:
    for command in ORDINARY:
        assert is_kept(pool, how([command])), command
    assert is_kept(pool, how(ORDINARY))
    assert is_kept(pool, lambda connection: None)


def test_clients_pipelines_transactions_and_scripts_cost_no_connection(pool: ConnectionPool) -> None:
    client = redis.Redis(connection_pool=pool)
    before = id_of(client)

    def increment(pipeline: Any) -> None:
        value = int(pipeline.get("n") or 0)
        pipeline.multi()
        pipeline.set("n", value + 1)

    for round_number in range(1, 4):
        assert client.transaction(increment, "n") == [True]
        assert client.get("n") == str(round_number).encode()
        for transaction in (True, False):
            with client.pipeline(transaction=transaction) as pipeline:
                assert pipeline.set("key", 1).incr("key").execute() == [True, 2]
            with client.pipeline(transaction=transaction) as pipeline, pytest.raises(redis.ResponseError):
                pipeline.set("key", "text").incr("key").execute()
            with client.pipeline(transaction=transaction) as pipeline:
                [_, error] = pipeline.set("key", "text").incr("key").execute(raise_on_error=False)
                assert isinstance(error, redis.ResponseError)
            with client.pipeline(transaction=transaction) as pipeline, pytest.raises(redis.ResponseError):
                pipeline.execute_command("NOSUCHCOMMAND").execute()
            with client.pipeline(transaction=transaction) as pipeline:
                pipeline.set("never", "sent")
        with client.pipeline() as pipeline:
            pipeline.watch("key")
            pipeline.unwatch()
        with client.pipeline() as pipeline:
            pipeline.watch("key")
            pipeline.get("key")  # and its end takes the watch back
        assert client.register_script("return ARGV[1]")(args=["x"]) == b"x"
        with client.lock("lock", timeout=5):
            pass
        assert list(client.scan_iter(match="key")) == [b"key"]
        with pytest.raises(redis.ResponseError):
            client.lpush("key", "wrong type")
    assert id_of(client) == before


def test_a_transaction_that_somebody_else_spoils_costs_no_connection(pool: ConnectionPool) -> None:
    client = redis.Redis(connection_pool=pool)
    before = id_of(client)
    with redis.Redis(**{key: pool.connection_kwargs[key] for key in ("host", "port")}) as other:
        with client.pipeline() as pipeline, pytest.raises(redis.WatchError):
            pipeline.watch("key")
            other.set("key", "changed")
            pipeline.multi()
            pipeline.get("key").execute()
    assert id_of(client) == before


def test_health_checks_cost_no_connection(server: RedisServer, protocol: int) -> None:
    with ConnectionPool(**server.address, max_connections=1, protocol=protocol, health_check_interval=1) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        for _ in range(3):
            [connection] = pool._available_connections
            connection.next_health_check = 0
            sent = connection.wire.ledger.sent
            assert client.echo("mine") == b"mine"
            assert connection.wire.ledger.sent == sent + 2
        assert id_of(client) == before


class Credentials(CredentialProvider):
    """Of a user of the server."""

    def get_credentials(self) -> tuple[str, str]:
        return "guest", "any"


def test_authentication_on_the_connections_own_behalf_costs_no_connection(server: RedisServer, protocol: int) -> None:
    with redis.Redis(port=server.port) as admin:
        admin.acl_setuser("guest", enabled=True, nopass=True, categories=["+@all"], keys=["*"])
    with ConnectionPool(
        **server.address, max_connections=1, protocol=protocol, credential_provider=Credentials()
    ) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        assert client.acl_whoami() in ("guest", b"guest")
        pool.re_auth_callback(Token("guest", "any"))  # while it is idle
        assert id_of(client) == before
        connection = pool.get_connection()
        pool.re_auth_callback(Token("guest", "any"))  # while it is in use
        assert ask(connection, "PING") == b"PONG"
        pool.release(connection)
        assert connection.wire.ledger.sent == connection.wire.ledger.answered
        assert id_of(client) == before
        connection = pool.get_connection()
        connection.set_re_auth_token(Token("guest", "any"))
        connection.re_auth()
        pool.release(connection)
        assert id_of(client) == before
        # What the pool may do its callers may not, before and after.
        client.execute_command("AUTH", "guest", "any")
        assert id_of(client) != before


def test_client_side_caching_costs_no_connection(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    with ConnectionPool(**server.address, max_connections=1, protocol=3, cache_config=CacheConfig()) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        with redis.Redis(port=server.port) as other:
            for number in range(10):
                other.set("cached", number)  # an invalidation is on its way
                until(lambda number=number: client.get("cached") == str(number).encode())
                assert client.get("cached") == str(number).encode()
        [connection] = pool._available_connections
        assert connection._conn.wire.ledger.reason is None
        assert id_of(client) == before
        # The caller's own request for the same is another matter.
        client.execute_command("CLIENT", "TRACKING", "OFF")
        assert id_of(client) != before


def test_client_side_caching_with_redis_pys_parser_costs_no_connection(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    with ConnectionPool(
        **server.address, max_connections=1, protocol=3, cache_config=CacheConfig(), parser_class=_RESP3Parser
    ) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        with redis.Redis(port=server.port) as other:
            for number in range(10):
                other.set("cached", number)
                until(lambda number=number: client.get("cached") == str(number).encode())
        assert id_of(client) == before


def test_an_unread_reply_behind_the_cache_is_not_inherited(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")
    with ConnectionPool(**server.address, max_connections=1, protocol=3, cache_config=CacheConfig()) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        connection = pool.get_connection()
        connection.send_command("BLPOP", "nothing", "0.02")
        pool.release(connection)
        assert client.echo("mine") == b"mine"
        assert id_of(client) != before


@pytest.fixture(scope="module")
def cluster_node() -> Iterator[RedisServer]:
    # The port of the bus would be 10,000 more than its own, which may be too much.
    with redis_server("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as running:
        with redis.Redis(port=running.port) as admin:
            admin.execute_command("CLUSTER ADDSLOTSRANGE", 0, 16383)
            until(lambda: admin.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        yield running


def test_readonly_of_the_connections_own_is_kept_and_the_callers_is_not(
    cluster_node: RedisServer, protocol: int
) -> None:
    def connect(connection: Any) -> None:
        connection.on_connect()
        connection.send_command("READONLY")
        assert connection.read_response() in (b"OK", "OK")

    with ConnectionPool(
        **cluster_node.address, max_connections=1, protocol=protocol, redis_connect_func=connect,
        retry=Retry(NoBackoff(), 0),
    ) as pool:
        client: Any = redis.Redis(connection_pool=pool)
        before = id_of(client)
        assert "r" in client.client_info()["flags"]
        assert client.set("key", "value")
        assert id_of(client) == before
        client.execute_command("READWRITE")
        assert "r" in client.client_info()["flags"]
        assert id_of(client) != before
    with ConnectionPool(**cluster_node.address, max_connections=1, protocol=protocol) as pool:
        assert not is_kept(pool, one_by_one([("READONLY",)]))
        assert not is_kept(pool, one_by_one([("ASKING",)]))
        assert is_kept(pool, one_by_one([("ASKING",), ("GET", "text")]))


def test_a_cluster_client_leaves_no_asking_behind(cluster_node: RedisServer, protocol: int) -> None:
    with ConnectionPool(**cluster_node.address, max_connections=1, protocol=protocol) as pool:
        assert is_kept(pool, at_once([("ASKING",), MULTI, GET, EXEC]))
        assert not is_kept(pool, at_once([("ASKING",), MULTI]))


# --- the ledger of one session ends with it ------------------------------------------------------------------

def test_a_new_session_has_a_clean_account(pool: ConnectionPool) -> None:
    connection = pool.get_connection()
    account = connection.wire.ledger
    for command in (("MULTI",), ("SELECT", 3), ("SUBSCRIBE", "news")):
        connection.send_command(*command)
    assert account.taint is not None and account.streaming
    connection.disconnect()
    connection.connect()
    ledger = connection.wire.ledger
    assert ledger is not account
    assert (ledger.reason, ledger.taint, ledger.owed, ledger.streaming) == (None, None, 0, False)
    assert ledger.sent == ledger.answered > 0
    assert ask(connection, "ECHO", "mine") == b"mine"
    pool.release(connection)


def test_the_reason_says_what_it_is(pool: ConnectionPool) -> None:
    expected: dict[tuple[Any, ...], str] = {
        ("GET", "text"): "1 replies unread",
        ("SELECT", 1): "another database (SELECT)",
        ("MONITOR",): "a stream of commands (MONITOR)",
        ("CLIENT", "REPLY", "OFF"): "missing replies (CLIENT REPLY)",
        ("AUTH", "secret"): "another user (AUTH)",
    }
    for command, reason in expected.items():
        connection = pool.get_connection()
        connection.send_command(*command)
        assert connection.wire.ledger.reason == reason
        pool.release(connection)
    passing: list[tuple[list[tuple[Any, ...]], str]] = [
        ([MULTI], "in a transaction (MULTI)"), ([WATCH], "keys watched (WATCH)"), ([("ASKING",)], "ASKING"),
    ]
    for commands, reason in passing:
        connection = pool.get_connection()
        one_by_one(commands)(connection)
        assert connection.wire.ledger.reason == reason
        pool.release(connection)

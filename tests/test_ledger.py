"""Whatever a caller leaves unread or undone on a connection, the next caller of the same slot never notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis._parsers import _HiredisParser, _RESP2Parser, _RESP3Parser

from conftest import until
from respool import ConnectionPool
from scripted import ScriptedServer, willing
from servers import RedisServer
from sessions import (
    DISCARD,
    EXEC,
    GET,
    MULTI,
    SET,
    UNKNOWN,
    UNWATCH,
    WATCH,
    WRONG,
    answer,
    ask,
    at_once,
    id_of,
    is_kept,
    one_by_one,
)

# --- replies under way ---------------------------------------------------------------------------------------

def leave_unread(connection: Any) -> None:
    connection.send_command("ECHO", "unread")


def leave_unread_and_wait(connection: Any) -> None:
    connection.send_command("ECHO", "unread")
    assert connection.can_read(30)


def leave_late(connection: Any) -> None:
    connection.send_command("DEBUG", "SLEEP", "0.02")


def leave_blocked(connection: Any) -> None:
    connection.send_command("BLPOP", "nothing", "0.02")


def leave_error(connection: Any) -> None:
    connection.send_command("LPUSH", "text", "value")


def leave_rest_of_pipeline(connection: Any) -> None:
    connection.send_packed_command(connection.pack_commands([("ECHO", "read"), ("ECHO", "unread")]))
    assert connection.read_response() == b"read"


def leave_rest_of_received_pipeline(connection: Any) -> None:
    """The reply is in the reader already, and no longer in the socket."""
    connection.send_packed_command(connection.pack_commands([("ECHO", "read"), ("ECHO", "unread")]))
    with redis.Redis(port=connection.port) as other:
        other.ping()  # so that both replies are there
    assert connection.read_response() == b"read"


def leave_rest_of_reply(connection: Any) -> None:
    """The reply has come in part: the server has more to say than fits the socket's buffers."""
    connection.send_command("EVAL", "return string.rep('x', 64 * 1024 * 1024)", 0)
    with pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.001, disconnect_on_error=False)


def leave_prepacked(connection: Any) -> None:
    connection.send_packed_command(connection.pack_command("ECHO", "unread"))


def leave_raw(connection: Any) -> None:
    connection.send_packed_command(b"*1\r\n$4\r\nPING\r\n")


def leave_raw_read(connection: Any) -> None:
    """As many replies are read as there were calls, and not as there were commands."""
    connection.send_packed_command(b"*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n")
    assert connection.read_response() == b"PONG"


def leave_long_value(connection: Any) -> None:
    connection.send_command("ECHO", b"x" * 100_000)


def leave_timed_out(connection: Any) -> None:
    connection.send_command("BLPOP", "nothing", "0.05")
    with pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.001, disconnect_on_error=False)


def leave_half_a_command(connection: Any) -> None:
    connection.send_packed_command(b"*2\r\n$4\r\nECHO\r\n$9\r\nhalf")


def leave_half_a_header(connection: Any) -> None:
    connection.send_packed_command(b"*")


def leave_inline(connection: Any) -> None:
    connection.send_packed_command(b"PING\r\n")
    assert connection.can_read(30)


def read_inline(connection: Any) -> None:
    connection.send_packed_command(b"PING\r\n")
    assert connection.read_response() == b"PONG"


def leave_inline_multi(connection: Any) -> None:
    connection.send_packed_command([b"MULTI\r\nGET text\r\n"])
    assert [connection.read_response(), connection.read_response()] == [b"OK", b"QUEUED"]


def read_half_inline(connection: Any) -> None:
    connection.send_packed_command([*connection.pack_command("PING"), b"PI"])
    assert connection.read_response() == b"PONG"


def read_twice(connection: Any) -> None:
    """Somebody who waits for more replies than he is owed does not get the next caller's."""
    assert ask(connection, "PING") == b"PONG"
    with pytest.raises(redis.TimeoutError):
        connection.read_response(timeout=0.001)


@pytest.mark.parametrize("use", [
    leave_unread, leave_unread_and_wait, leave_late, leave_blocked, leave_error, leave_rest_of_pipeline,
    leave_rest_of_received_pipeline, leave_rest_of_reply, leave_prepacked, leave_raw, leave_raw_read, leave_long_value,
    leave_timed_out, leave_half_a_command, leave_half_a_header, leave_inline, read_inline, leave_inline_multi,
    read_half_inline, read_twice,
])
def test_a_reply_under_way_never_reaches_the_next_caller(pool: ConnectionPool, use: Callable[[Any], Any]) -> None:
    assert not is_kept(pool, use)


@pytest.mark.parametrize("parser", [_HiredisParser, _RESP2Parser, _RESP3Parser])
@pytest.mark.parametrize("use", [
    leave_unread_and_wait, leave_late, leave_rest_of_received_pipeline, leave_raw_read, leave_inline, read_inline,
])
def test_with_redis_pys_parsers_neither(
    server: RedisServer, protocol: int, parser: type[Any], use: Callable[[Any], Any]
) -> None:
    with ConnectionPool(**server.address, max_connections=1, protocol=protocol, parser_class=parser) as pool:
        assert not is_kept(pool, use)
        assert is_kept(pool, one_by_one([("PING",), ("LPUSH", "text", "x"), ("MULTI",), ("EXEC",)]))


@pytest.mark.parametrize("decode_responses", [False, True])
def test_a_reply_that_cannot_be_decoded_leaves_the_connection_in_step_or_replaced(
    server: RedisServer, protocol: int, decode_responses: bool
) -> None:
    with ConnectionPool(
        **server.address, max_connections=1, protocol=protocol, decode_responses=decode_responses
    ) as pool:
        connection = pool.get_connection()
        ask(connection, "SET", "binary", b"\xff")
        connection.send_packed_command(connection.pack_commands([("GET", "binary"), ("ECHO", "second")]))
        try:
            connection.read_response(disconnect_on_error=False)
        except UnicodeDecodeError:
            assert decode_responses
        assert connection.read_response() == ("second" if decode_responses else b"second")
        pool.release(connection)
        assert redis.Redis(connection_pool=pool).echo("third") in ("third", b"third")


def test_a_reply_that_comes_between_return_and_checkout_is_found(pool: ConnectionPool) -> None:
    connection = pool.get_connection()
    before = connection._sock
    connection.send_command("BLPOP", "list", 30)
    pool.release(connection)
    with redis.Redis(port=connection.port) as other:
        other.rpush("list", "for the last caller")
    assert redis.Redis(connection_pool=pool).echo("for me") == b"for me"
    assert connection._sock is not before


def test_nobody_reads_a_reply_after_giving_the_connection_back(pool: ConnectionPool) -> None:
    connection = pool.get_connection()
    connection.send_command("ECHO", "unread")
    pool.release(connection)
    with pytest.raises(redis.ConnectionError):
        connection.read_response()
    assert redis.Redis(connection_pool=pool).echo("mine") == b"mine"


def test_a_stray_reply_makes_a_connection_unclean_and_a_push_does_not() -> None:
    push = b">2\r\n+message\r\n+news\r\n"
    with ScriptedServer() as server, ConnectionPool(**server.address, max_connections=1, protocol=3) as pool:
        for sent, sessions in [(push, 1), (push + push, 1), (b"+STRAY\r\n", 2), (push, 2), (b"$5\r\nSTRAY\r\n", 3)]:
            connection = pool.get_connection()
            assert ask(connection, "ECHO", "before") == b"before"
            pool.release(connection)
            server.push(sent)
            until(lambda connection=connection: connection._first_pending() is not None)
            assert redis.Redis(connection_pool=pool).echo("mine") == b"mine"
            assert len(server.batches) == sessions


def test_what_is_sent_after_giving_the_connection_back_is_not_the_next_callers(pool: ConnectionPool) -> None:
    connection = pool.get_connection()
    for command in (("BLPOP", "nothing", "0.05"), ("ECHO", "stale"), ("MULTI",)):
        pool.release(connection)
        connection.send_command(*command)
        assert pool.get_connection() is connection
        assert ask(connection, "ECHO", "mine") == b"mine"
    pool.release(connection)


@pytest.mark.parametrize("stray", [b"+STRAY\r\n", b"+STR"])
def test_a_stray_reply_that_comes_with_the_last_one_is_nobodys(stray: bytes) -> None:
    def answer_twice(command: list[bytes]) -> bytes:
        return b"+%b\r\n" % command[1] + stray if command[0] == b"ECHO" else willing(command)

    with ScriptedServer(answer_twice) as server, ConnectionPool(**server.address, max_connections=1) as pool:
        client = redis.Redis(connection_pool=pool)
        for number in range(3):
            assert client.echo(f"mine {number}") == f"mine {number}".encode()


def test_a_push_that_has_come_with_the_last_reply_or_in_part_costs_no_connection() -> None:
    push = b">2\r\n+message\r\n+news\r\n"

    def push_too(command: list[bytes]) -> bytes:
        return b"+mine\r\n" + push[:9] if command[0] == b"ECHO" else willing(command)

    with ScriptedServer(push_too) as server, ConnectionPool(**server.address, max_connections=1, protocol=3) as pool:
        for _ in range(3):
            client = redis.Redis(connection_pool=pool)
            assert client.execute_command("ECHO", "x") == b"mine"
            server.push(push[9:])
            assert client.execute_command("ECHO", "x") == b"mine"
            server.push(push[9:])
        assert len(server.batches) == 1


# --- bytes that were cut anywhere ----------------------------------------------------------------------------

VALUES = st.one_of(
    st.sampled_from([b"", b"\r\n", b"*1\r\n$4\r\nQUIT\r\n", b"$3\r\n", b"MULTI", b"x" * 30, b"x" * 20_000]),
    st.binary(max_size=12),
)
# Commands that leave nothing behind, with how many of their values must arrive together to be known as such.
COMMANDS = st.one_of(
    st.tuples(st.tuples(st.just(b"ECHO"), VALUES), st.just(1)),
    st.tuples(st.tuples(st.sampled_from([b"PING", b"pInG"])), st.just(1)),
    st.tuples(st.tuples(st.just(b"SET"), st.just(b"text"), VALUES), st.just(1)),
    st.tuples(st.tuples(st.just(b"LPUSH"), st.just(b"text"), VALUES), st.just(1)),
    st.tuples(st.tuples(st.just(b"SELECT"), st.just(b"0")), st.just(2)),
    st.tuples(st.tuples(st.just(b"CLIENT"), st.just(b"GETNAME")), st.just(2)),
    st.tuples(st.tuples(st.just(b"SINTERSTORE"), st.just(b"no"), st.just(b"nor")), st.just(1)),
)


def packed(values: tuple[bytes, ...]) -> bytes:
    return b"*%d\r\n" % len(values) + b"".join(b"$%d\r\n%b\r\n" % (len(value), value) for value in values)


def blind_spots(commands: list[tuple[tuple[bytes, ...], int]]) -> set[int]:
    """Where a cut hides from the ledger what a command does: behind its header and before the end of what tells."""
    found: set[int] = set()
    start = 0
    for values, telling in commands:
        header = len(b"*%d\r\n" % len(values))
        told = header + len(b"".join(b"$%d\r\n%b\r\n" % (len(value), value) for value in values[:telling])) - 2
        found |= set(range(start + header, start + told))
        start += len(packed(values))
    return found


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    return [data[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.lists(COMMANDS, min_size=1, max_size=5), st.booleans())
def test_commands_cut_anywhere_are_counted_right(
    pool: ConnectionPool, data: st.DataObject, commands: list[tuple[tuple[bytes, ...], int]], separately: bool
) -> None:
    request = b"".join(packed(values) for values, _ in commands)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(request)), max_size=8)))

    def use(connection: Any) -> None:
        ledger = connection.wire.ledger
        sent = ledger.sent
        for part in [[piece] for piece in pieces(request, cuts)] if separately else [pieces(request, cuts)]:
            connection.send_packed_command(part)
        assert ledger.sent == sent + len(commands)
        assert ledger.owed == len(commands)
        for number, (values, _) in enumerate(commands, 1):
            assert ledger.reason is not None
            reply = answer(connection)
            if values[0] == b"ECHO":
                assert reply == values[1]
            assert ledger.owed == len(commands) - number
        assert (ledger.reason is None) == (not blind_spots(commands) & set(cuts))

    assert is_kept(pool, use) == (not blind_spots(commands) & set(cuts))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.lists(COMMANDS, min_size=1, max_size=4))
def test_commands_sent_in_part_are_never_completed_by_the_next_caller(
    pool: ConnectionPool, data: st.DataObject, commands: list[tuple[tuple[bytes, ...], int]]
) -> None:
    ends = [0]
    for values, _ in commands:
        ends.append(ends[-1] + len(packed(values)))
    request = b"".join(packed(values) for values, _ in commands)
    stop = data.draw(st.integers(0, len(request)))

    def use(connection: Any) -> None:
        connection.send_packed_command([request[:stop]])
        for end in ends[1:]:
            if end <= stop:
                answer(connection)

    assert is_kept(pool, use) == (stop in ends)


TELLTALES = [(b"MULTI",), (b"WATCH", b"text"), (b"SELECT", b"1"), (b"CLIENT", b"NO-EVICT", b"ON"), (b"ASKING",)]


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data(), st.sampled_from(TELLTALES), st.lists(COMMANDS, max_size=2))
def test_a_change_of_the_session_is_noted_wherever_it_is_cut(
    pool: ConnectionPool, data: st.DataObject, change: tuple[bytes, ...],
    before: list[tuple[tuple[bytes, ...], int]]
) -> None:
    request = b"".join(packed(values) for values, _ in before) + packed(change)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(request)), max_size=8)))

    def use(connection: Any) -> None:
        connection.send_packed_command(pieces(request, cuts))
        for _ in range(len(before) + 1):
            answer(connection)

    assert not is_kept(pool, use)


# --- transactions and watched keys ---------------------------------------------------------------------------


ENDED: list[list[tuple[Any, ...]]] = [
    [MULTI, EXEC],
    [MULTI, SET, WRONG, EXEC],
    [MULTI, DISCARD],
    [MULTI, UNKNOWN, EXEC],
    [MULTI, SET, EXEC, MULTI, GET, EXEC],
    [MULTI, WATCH, EXEC],
    [MULTI, MULTI, EXEC],
    [MULTI, UNWATCH, EXEC],
    [WATCH, UNWATCH],
    [WATCH, WATCH, GET, UNWATCH],
    [WATCH, MULTI, SET, EXEC],
    [WATCH, MULTI, SET, DISCARD],
    [WATCH, MULTI, UNKNOWN, EXEC],
    [WATCH, SET, MULTI, GET, EXEC],
    [WATCH, MULTI, UNWATCH, EXEC],
    [WATCH, UNWATCH, WATCH, MULTI, EXEC],
    [EXEC],
    [DISCARD],
    [UNWATCH],
    [UNKNOWN, WRONG, ("GET",)],
]

NOT_ENDED: list[list[tuple[Any, ...]]] = [
    [MULTI],
    [MULTI, GET],
    [MULTI, MULTI],
    [MULTI, WATCH],
    [MULTI, UNKNOWN],
    [MULTI, UNWATCH],
    [MULTI, EXEC, MULTI],
    [MULTI, DISCARD, MULTI, GET],
    [WATCH],
    [WATCH, GET],
    [WATCH, EXEC],
    [WATCH, DISCARD],
    [WATCH, MULTI],
    [WATCH, MULTI, UNWATCH],
    [WATCH, UNWATCH, WATCH],
    [WATCH, MULTI, EXEC, WATCH],
    [MULTI, EXEC, WATCH, DISCARD],
    [MULTI, DISCARD, WATCH, EXEC],
    [WATCH, MULTI, EXEC, MULTI, WATCH],
]


def spelled(commands: list[tuple[Any, ...]]) -> str:
    return " ".join(str(command[0]) for command in commands)


@pytest.mark.parametrize("how", [one_by_one, at_once])
@pytest.mark.parametrize("commands", ENDED, ids=spelled)
def test_a_transaction_that_has_ended_costs_no_connection(
    pool: ConnectionPool, commands: list[tuple[Any, ...]], how: Callable[..., Any]
) -> None:
    assert is_kept(pool, how(commands))


@pytest.mark.parametrize("how", [one_by_one, at_once])
@pytest.mark.parametrize("commands", NOT_ENDED, ids=spelled)
def test_a_transaction_or_watch_is_not_inherited(
    pool: ConnectionPool, commands: list[tuple[Any, ...]], how: Callable[..., Any]
) -> None:
    assert not is_kept(pool, how(commands))


def test_a_watch_that_failed_its_transaction_is_over(pool: ConnectionPool) -> None:
    def use(connection: Any) -> None:
        ask(connection, *WATCH)
        with redis.Redis(port=connection.port) as other:
            other.set("text", "changed")
        assert [ask(connection, *command) for command in (MULTI, GET, EXEC)] == [b"OK", b"QUEUED", None]

    assert is_kept(pool, use)


@pytest.mark.parametrize("decode_responses", [False, True])
@pytest.mark.parametrize("parser", [_HiredisParser, _RESP2Parser, _RESP3Parser, None])
def test_the_end_of_a_transaction_is_seen_in_any_form_of_its_reply(
    server: RedisServer, protocol: int, decode_responses: bool, parser: Any
) -> None:
    options = {"parser_class": parser} if parser else {}
    with ConnectionPool(
        **server.address, max_connections=1, protocol=protocol, decode_responses=decode_responses, **options
    ) as pool:
        client = redis.Redis(connection_pool=pool)
        before = id_of(client)
        for commands in ENDED:
            connection = pool.get_connection()
            one_by_one(commands)(connection)
            pool.release(connection)
            assert id_of(client) == before, commands

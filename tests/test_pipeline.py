"""Pipelines and transactions of respool's own client: packed in one go, of any length, and read as they come."""

from __future__ import annotations

import collections
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import DataError, ResponseError, WatchError
from redis.retry import Retry

import respool
from clients import assert_short, both, exact, outcome, python_calls
from conftest import Threads, assert_sound, traced
from servers import RedisServer
from staged import Peer, Stage, bulk, echo, only, then_echo

HUGE = 200_000
MIB = 2**20
either = pytest.mark.parametrize("transaction", [False, True], ids=["pipeline", "transaction"])


@pytest.fixture
def client(server: RedisServer, protocol: int) -> Iterator[Any]:
    with respool.Redis(**server.address, max_connections=2, protocol=protocol) as client:
        client.flushall()
        client.set("key", "value")
        yield client
        assert_sound(client.connection_pool, in_use=0, connecting=0, waiting=0)


# --- what comes of it --------------------------------------------------------------------------------------------

@either
@pytest.mark.parametrize("raises", [False, True])
def test_errors_of_single_commands_are_told_as_by_redis_pys_client(
    server: RedisServer, protocol: int, transaction: bool, raises: bool
) -> None:
    commands: list[list[tuple[Any, ...]]] = [
        [("GET", "key"), ("LPUSH", "key", 1), ("GET", "key")],  # an error inside EXEC
        [("GET", "key"), ("NOSUCH", "x" * 500), ("GET",)],  # EXECABORT
        [("LPUSH", "key", 1), ("INCR", "key")],
        [("EVALSHA", "0" * 40, 0)],
        [("GET", "key"), ("MULTI",), ("GET", "key")],
        [("GET", "key"), ("EXEC",)],
        [("GET", "key"), ("DISCARD",)],
        [("WATCH", "key"), ("GET", "key")],
        [("GET", "key"), ("SUBSCRIBE",)],
    ]
    with both(server, protocol=protocol, retry=Retry(NoBackoff(), 0), socket_timeout=1) as clients:
        for several in commands:
            answers = []
            for client in clients:
                client.set("key", "value")
                pipeline = client.pipeline(transaction)
                for command in several:
                    pipeline.command_stack.append((command, {}))
                answers.append((exact(outcome(lambda: pipeline.execute(raises))), pipeline.command_stack))  # noqa: B023
                assert pipeline.connection is None and not pipeline.watching
                if client is clients[0]:
                    client.connection_pool.disconnect()  # it may be left in a transaction, and for the next caller
            assert answers[1] == answers[0], several
        assert_sound(clients[1].connection_pool, in_use=0, waiting=0)
        assert clients[1].echo("after") == b"after"


def test_watch_multi_unwatch_and_discard_are_what_they_are_with_redis_pys_client(
    server: RedisServer, protocol: int
) -> None:
    def use(client: Any, other: Any) -> list[Any]:
        found: list[Any] = []
        client.set("key", "value")
        with client.pipeline() as pipeline:
            found += [pipeline.watch("key"), pipeline.watching, pipeline.get("key")]
            pipeline.multi()
            found += [outcome(pipeline.multi), outcome(lambda: pipeline.watch("key"))]
            found += [pipeline.set("key", 2).get("key").execute(), pipeline.watching, pipeline.connection]
            found += [pipeline.watch("key"), pipeline.unwatch(), pipeline.watching, pipeline.unwatch()]
            found += [pipeline.get("key") is pipeline, outcome(pipeline.multi), pipeline.execute()]
            found += [pipeline.watch("key"), other.set("key", 3)]
            pipeline.multi()
            found += [outcome(pipeline.get("key").execute), pipeline.watching]
            found += [pipeline.watch("key"), outcome(pipeline.discard), pipeline.execute()]
            found += [len(pipeline), bool(pipeline)]
        with client.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("WATCH", "key")
            found += [pipeline.watching, pipeline.get("key"), pipeline.reset(), pipeline.watching]
        return found

    with both(server, protocol=protocol) as clients:
        theirs, ours = (use(client, clients[0]) for client in clients)
        assert exact(ours) == exact(theirs)
        assert any(each[0] is WatchError for each in theirs if isinstance(each, tuple))
        assert_sound(clients[1].connection_pool, created=1, idle=1)


def test_keys_are_not_watched_longer_than_with_redis_pys_client(server: RedisServer) -> None:
    def use(client: Any, observer: Any) -> Any:
        observer.config_resetstat()
        sessions = {client.client_id()}
        for _ in range(3):
            pipeline = client.pipeline()
            pipeline.watch("key")
            pipeline.multi()
            pipeline.get("key").execute()
            client.pipeline(transaction=False).pipeline_execute_command("WATCH", "key").get("key").execute()
            client.pipeline(transaction=False).pipeline_execute_command("WATCH", "key").unwatch()
            pipeline = client.pipeline(transaction=False).pipeline_execute_command("WATCH", "key")
            pipeline.pipeline_execute_command("UNWATCH").execute()
            sessions.add(client.client_id())
        statistics = observer.info("commandstats")
        return len(sessions), statistics["cmdstat_watch"]["calls"], statistics["cmdstat_unwatch"]["calls"]

    with both(server, max_connections=1) as clients, redis.Redis(**server.address) as observer:
        theirs, ours = (use(client, observer) for client in clients)
        assert ours == theirs == (1, 9, 6)


def test_a_transaction_on_watched_keys_does_not_survive_its_connection(client: Any) -> None:
    with client.pipeline() as pipeline:
        pipeline.watch("key")
        client.client_kill_filter(_id=pipeline.client_id())
        pipeline.multi()
        pipeline.set("key", "other")
        with pytest.raises(WatchError, match="ConnectionError occurred while watching"):
            pipeline.execute()
    assert client.get("key") == b"value"


def test_scripts_are_loaded_before_a_pipeline_uses_them(client: Any) -> None:
    client.script_flush()
    script = client.register_script("return ARGV[1]")
    client.script_flush()
    for transaction in (True, False):
        pipeline = client.pipeline(transaction)
        script(args=["a"], client=pipeline)
        pipeline.get("key")
        assert pipeline.execute() == [b"a", b"value"]
        client.script_flush()


@either
def test_long_values_go_out_and_come_back_as_they_are(client: Any, transaction: bool) -> None:
    values = [bytes([number]) * (2**20 + number) for number in range(4)]
    pipeline = client.pipeline(transaction)
    for number, value in enumerate([*values, bytearray(values[1]), memoryview(values[2]), "ä" * 700_000]):
        pipeline.set(f"long:{number}", value).get(f"long:{number}").echo(b"short")
    replies = pipeline.execute()
    assert replies[1::3] == [*values, values[1], values[2], ("ä" * 700_000).encode()]
    assert set(replies[::3]) == {True} and set(replies[2::3]) == {b"short"}
    client.delete(*(f"long:{number}" for number in range(7)))


# --- what is in a pipeline ---------------------------------------------------------------------------------------

@either
@pytest.mark.parametrize("position", [0, 100_000])
def test_a_value_that_cannot_be_sent_leaves_all_of_the_pipeline_undone(
    client: Any, transaction: bool, position: int
) -> None:
    session = client.client_id()
    pipeline = client.pipeline(transaction)
    for _ in range(position):
        pipeline.execute_command("INCR", "count")
    pipeline.set("key", object())
    pipeline.incr("count")
    with pytest.raises(DataError):
        pipeline.execute()
    assert client.get("count") is None and client.get("key") == b"value"
    assert session in (client.client_id(), client.client_id())


@either
def test_commands_may_be_put_into_the_stack_by_hand(client: Any, transaction: bool) -> None:
    def fresh() -> Any:
        return client.pipeline(transaction)

    entry: Any
    for entry in ((("GET", "key"), {}), [("GET", "key"), {}], (["GET", "key"], {}),
                  (("GET", "key"), collections.OrderedDict())):
        pipeline = fresh()
        pipeline.command_stack.append(entry)
        assert pipeline.get("key").execute() == [b"value"] * 2
    pipeline = fresh()
    pipeline.command_stack = collections.deque()
    assert pipeline.get("key").execute() == [b"value"]
    for entry in (None, (("GET", "key"),), (("GET", "key"), {}, 1), ((), {}), (1, 2)):
        pipeline = fresh().get("key")
        pipeline.command_stack.append(entry)
        with pytest.raises((TypeError, ValueError, IndexError, DataError)):
            pipeline.execute()
        assert pipeline.command_stack == [] and pipeline.connection is None


@either
def test_a_pipeline_that_shrinks_while_it_is_sent_is_an_error_and_no_crash(client: Any, transaction: bool) -> None:
    def shorten(reply: Any, **options: Any) -> Any:
        del commands[1:]
        return reply

    client.set_response_callback("ECHO", shorten)
    pipeline = client.pipeline(transaction)
    commands = pipeline.command_stack
    for _ in range(5):
        pipeline.echo("x")
    with suppress(IndexError):
        pipeline.execute()
    assert client.get("key") == b"value"


def test_a_pipeline_that_two_threads_share_mixes_up_no_replies(server: RedisServer, threads: Threads) -> None:
    with respool.Redis(**server.address, max_connections=4, timeout=20, retry=Retry(NoBackoff(), 0)) as client:
        for turn in range(60):
            pipeline = client.pipeline(transaction=bool(turn % 2))
            for number in range(300):
                pipeline.echo(f"{turn} {number} " + "x" * 300)

            def execute(thread: int) -> None:
                with suppress(redis.RedisError, AttributeError):
                    got = pipeline.execute()  # noqa: B023
                    assert got in ([], [b"%d %d " % (turn, each) + b"x" * 300 for each in range(300)])  # noqa: B023

            threads.together(2, execute)
            assert client.echo("after") == b"after"
        assert_sound(client.connection_pool, in_use=0, connecting=0, waiting=0)


# --- huge pipelines ----------------------------------------------------------------------------------------------

@only("tcp", "tls", "unix")
def test_a_huge_pipeline_and_a_server_that_waits_for_its_reader_come_to_an_end(stage: Stage) -> None:
    # It reads nothing as long as nobody reads its replies, which fill the buffers of both sides many times over.
    pool = stage.pool(echo)
    pipeline = respool.Redis(connection_pool=pool).pipeline(transaction=False)
    for number in range(HUGE // 10):
        pipeline.echo(b"%06d" % number + b"x" * 1000)
    replies = pipeline.execute()
    assert [reply[:6] for reply in replies] == [b"%06d" % number for number in range(HUGE // 10)]
    assert_sound(pool, created=1, idle=1)


@either
def test_a_huge_pipeline_takes_little_memory_beyond_its_commands_and_replies(client: Any, transaction: bool) -> None:
    pipeline = client.pipeline(transaction)
    for _ in range(HUGE):
        pipeline.execute_command("STRLEN", "key")
    with traced() as most:
        replies = pipeline.execute()
        taken = most()
    assert replies == [5] * HUGE
    # The list of replies, of a transaction also that of what EXEC says; small integers take nothing.
    assert taken - (2 if transaction else 1) * 8 * HUGE * 9 / 8 < 2 * MIB


@either
def test_a_connection_that_is_lost_in_a_huge_pipeline_is_an_error_and_the_next_finds_another(
    stage: Stage, transaction: bool
) -> None:
    def script(peer: Peer) -> None:
        for _ in range(HUGE // 20):
            peer.command()
            peer.send(b"+QUEUED\r\n")

    pool = stage.pool(then_echo(script))
    client = respool.Redis(connection_pool=pool)
    pipeline = client.pipeline(transaction)
    for _ in range(HUGE // 10):
        pipeline.echo(b"x" * 200)
    with pytest.raises(redis.ConnectionError):
        pipeline.execute()
    assert_sound(pool, in_use=0, waiting=0)
    assert client.echo("after") == b"after"


@either
def test_a_pipeline_whose_connection_was_closed_meanwhile_is_sent_on_another(client: Any, transaction: bool) -> None:
    replies: list[Any] = []
    pipeline = client.pipeline(transaction)
    pipeline.watch("key")
    pipeline.unwatch()
    before = pipeline.connection
    before.disconnect()
    pipeline.get("key")
    assert "parse_response" not in python_calls(lambda: replies.append(pipeline.execute()))
    assert replies == [[b"value"]]
    assert_short(client)


@either
def test_a_pipeline_that_fails_is_sent_again_as_a_whole(server: RedisServer, client: Any, transaction: bool) -> None:
    pipeline = client.pipeline(transaction)
    client.connection_pool.get_connection()  # lost, so that there is one
    killed = threading.Event()

    def kill(reply: Any, **options: Any) -> Any:
        if not killed.is_set():
            killed.set()
            raise redis.ConnectionError("as if it were lost")
        return reply

    client.set_response_callback("ECHO", kill)
    assert pipeline.echo("a").incr("count").execute() == [b"a", 2]
    assert client.get("count") == b"2"


def test_pushes_among_the_replies_of_a_pipeline_reach_their_handler(stage: Stage) -> None:
    push = b">3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$1\r\n1\r\n"
    count = 5000

    def script(peer: Peer) -> None:
        for number in range(count):
            word = peer.command()[-1]
            peer.send(push * (number % 2) + bulk(word))
        peer.send(push)

    heard: list[Any] = []
    pool = stage.pool(script)
    connection = pool.get_connection()
    connection._parser.set_pubsub_push_handler(heard.append)
    pool.release(connection)
    pipeline = respool.Redis(connection_pool=pool).pipeline(transaction=False)
    for number in range(count):
        pipeline.echo(b"%d" % number + b"x" * 100)
    assert [int(reply.rstrip(b"x")) for reply in pipeline.execute()] == list(range(count))
    assert len(heard) == count // 2


def test_others_may_disconnect_the_connection_of_a_pipeline_under_way(server: RedisServer, threads: Threads) -> None:
    with respool.Redis(**server.address, max_connections=1, retry=Retry(NoBackoff(), 0), timeout=20) as client:
        over = threading.Event()

        def use(number: int) -> None:
            if number == 1:
                while not over.wait(0.0005):
                    client.connection_pool.disconnect()
                return
            try:
                for turn in range(100):
                    pipeline = client.pipeline(transaction=bool(turn % 2))
                    expected = [b"%d %d" % (turn, each) + b"x" * 200 for each in range(1000)]
                    for each in expected:
                        pipeline.echo(each)
                    with suppress(redis.RedisError):
                        assert pipeline.execute() == expected
            finally:
                over.set()

        threads.together(2, use)
        assert client.echo("after") == b"after"
        assert_sound(client.connection_pool, created=1, idle=1)


def test_a_reply_that_is_an_error_in_the_middle_of_a_pipeline_hits_its_own_command_alone(client: Any) -> None:
    pipeline = client.pipeline(transaction=False)
    for number in range(3000):
        pipeline.echo("x" * 100) if number % 7 else pipeline.lpush("key", number)
    replies = pipeline.execute(raise_on_error=False)
    assert [isinstance(reply, ResponseError) for reply in replies] == [number % 7 == 0 for number in range(3000)]

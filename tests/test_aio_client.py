"""respool.asyncio.Redis and its pipelines do what redis.asyncio's do, by the short way where there is nothing in it."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import random
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from unittest.mock import MagicMock

import pytest
import redis
import redis.asyncio
import redis.asyncio.client
from redis.asyncio.retry import Retry
from redis.backoff import AbstractBackoff, NoBackoff

import respool.asyncio as aio
from conftest import assert_sound
from deployments import ask
from loops import on_each_loop
from respool.asyncio.connection import WiredConnection
from scripted import Command, ScriptedServer, willing
from servers import RedisServer
from staged import Peer, Stage, bulk, only
from tasks import NO_RETRY, AsyncStage, assert_usable, cancelled_at, task_of, together, trickling_server
from versions import UNANNOUNCED

pytestmark = on_each_loop

RECORDER = "redis.asyncio.observability.recorder"
MEASURED = find_spec("redis.observability") is not None and find_spec(RECORDER) is not None
THEIRS, OURS = (redis.asyncio.Redis, redis.asyncio.ConnectionPool), (aio.Redis, aio.ConnectionPool)
BOTH = (THEIRS, OURS)


@asynccontextmanager
async def client_of(kinds: Any, address: dict[str, Any], **options: Any) -> AsyncIterator[Any]:
    """A client of these kinds, with a pool of one connection."""
    client_class, pool_class = kinds
    pool = pool_class(**{"max_connections": 1, **address, **options})
    try:
        yield client_class(connection_pool=pool)
    finally:
        await pool.aclose()


@asynccontextmanager
async def ours(address: dict[str, Any], **options: Any) -> AsyncIterator[Any]:
    async with client_of(OURS, address, **options) as client:
        yield client


async def outcome(work: Awaitable[Any]) -> Any:
    """What came of it, an error by its type and text."""
    try:
        return await work
    except Exception as error:
        return type(error), str(error).partition(" to 127.0.0.1")[0].partition(" from 127.0.0.1")[0]


async def same(use: Callable[[Any], Awaitable[Any]], address: dict[str, Any], **options: Any) -> Any:
    """The outcome of some use, which is the same with both clients."""
    outcomes = []
    for kinds in BOTH:
        async with client_of(kinds, address, **options) as client:
            outcomes.append(await outcome(use(client)))
    assert outcomes[0] == outcomes[1]
    return outcomes[1]


@pytest.fixture
def straight(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What goes the short way: the arguments of commands, and lists of the commands of pipelines."""
    seen: list[Any] = []
    converse, run = WiredConnection._converse, WiredConnection._run

    def seen_to_converse(self: Any, args: Any) -> Any:
        seen.append(args)
        return converse(self, args)

    def seen_to_run(self: Any, commands: Any, transaction: bool) -> Any:
        seen.append([args for args, _ in commands])
        return run(self, commands, transaction)

    monkeypatch.setattr(WiredConnection, "_converse", seen_to_converse)
    monkeypatch.setattr(WiredConnection, "_run", seen_to_run)
    return seen


@pytest.fixture
def aio_stage(stage: Stage) -> AsyncStage:
    return AsyncStage(stage)


# --- commands ----------------------------------------------------------------------------------------------------

TABLE: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("set", ("text", "täxt"), {}), ("get", ("text",), {}), ("get", ("missing",), {}), ("strlen", ("text",), {}),
    ("set", ("text", "x"), {"nx": True}), ("set", ("text", "y"), {"get": True}), ("append", ("text", b"\xc3\xa4"), {}),
    ("mset", ({"a": 1, "b": 2.5, "c": b"\0"},), {}), ("mget", ("a", "b", "c", "none"), {}),
    ("incrbyfloat", ("a", 0.5), {}),
    ("hset", ("hash", "field", "value"), {"mapping": {"n": 1}}), ("hgetall", ("hash",), {}), ("hgetall", ("none",), {}),
    ("hmget", ("hash", "field", "none"), {}), ("rpush", ("list", 1, 2, 3), {}), ("lrange", ("list", 0, -1), {}),
    ("sadd", ("set", "m"), {}), ("smembers", ("set",), {}), ("sismember", ("set", "m"), {}),
    ("zadd", ("zset", {"m": 1.5, "n": 2}), {}), ("zrange", ("zset", 0, -1), {"withscores": True}),
    ("zscore", ("zset", "m"), {}), ("zscore", ("zset", "none"), {}), ("zpopmin", ("zset",), {}),
    ("exists", ("text", "none"), {}), ("expire", ("text", 100), {}), ("persist", ("text",), {}),
    ("type", ("hash",), {}), ("ping", (), {}), ("echo", ("word",), {}), ("dbsize", (), {}),
    ("config_get", ("maxmemory",), {}),
    ("object", ("encoding", "list"), {}), ("geoadd", ("geo", [13.36, 38.11, "Palermo"]), {}),
    ("geopos", ("geo", "Palermo"), {}), ("xadd", ("stream", {"f": "v"}), {"id": "1-1"}),
    ("xrange", ("stream",), {}), ("xread", ({"stream": "0"},), {}), ("setbit", ("bits", 7, 1), {}),
    ("bitcount", ("bits",), {}), ("pfadd", ("pf", "a"), {}), ("keys", ("tex*",), {}),
    ("sort", ("list",), {"desc": True}),
    ("eval", ("return {1, 'a', false}", 0), {}), ("eval", ("return redis.error_reply('MINE it is')", 0), {}),
    ("lpush", ("text", 1), {}), ("execute_command", ("NOSUCH", 1), {}), ("execute_command", ("get", "text"), {}),
    ("execute_command", ("CONFIG GET", "maxmemory"), {}), ("execute_command", (b"GET", "text"), {}),
    ("execute_command", (), {}), ("set", ("key", None), {}), ("set", ("key", [1]), {}), ("dump", ("none",), {}),
    ("restore", ("key", 0, b"nonsense"), {}), ("evalsha", ("0" * 40, 0), {}), ("client_getname", (), {}),
    ("acl_whoami", (), {}), ("blpop", ("list",), {"timeout": 1}), ("blpop", ("none",), {"timeout": 0.01}),
    ("set", ("key", memoryview(b"view")), {}), ("getrange", ("key", 0, 1), {}), ("delete", ("key", "none"), {}),
]


@pytest.mark.parametrize("decode", [False, True], ids=["bytes", "str"])
async def test_commands_reply_and_fail_as_with_redis_py(
    server: RedisServer, protocol: int, decode: bool, straight: list[Any]
) -> None:
    async def use(client: Any) -> list[Any]:
        await client.flushall()
        found = []
        for name, args, options in TABLE:
            coroutine = getattr(client, name)(*args, **options)
            assert inspect.iscoroutine(coroutine)
            found.append(await outcome(coroutine))
        return found

    outcomes = await same(use, server.address, protocol=protocol, decode_responses=decode)
    assert outcomes[1] == ("täxt" if decode else "täxt".encode())
    assert len(straight) == len(TABLE) - 1  # with FLUSHALL, without DUMP, which is never decoded, and what has no name


async def test_nothing_happens_before_it_is_awaited(server: RedisServer) -> None:
    assert inspect.iscoroutinefunction(aio.Redis.execute_command)
    async with ours(server.address) as client:
        coroutine = client.ping()
        assert_sound(client.connection_pool, created=0)
        assert await asyncio.create_task(coroutine)
        assert_sound(client.connection_pool, created=1, idle=1)


async def test_callbacks_may_be_coroutine_functions(server: RedisServer, straight: list[Any]) -> None:
    async def doubled(reply: bytes, **options: Any) -> bytes:
        await asyncio.sleep(0)
        return reply * 2

    async def refused(reply: bytes, **options: Any) -> bytes:
        raise redis.ResponseError("mine")

    async def use(client: Any) -> Any:
        await client.set("key", "x")
        client.set_response_callback("GET", doubled)
        client.set_response_callback("STRLEN", refused)
        found = [await client.get("key"), await outcome(client.strlen("key"))]
        for transaction in (False, True):
            pipeline = client.pipeline(transaction=transaction)
            found.append(await pipeline.get("key").exists("key").get("key").execute())
            found.append(await outcome(pipeline.get("key").strlen("key").execute()))
        return found

    assert (await same(use, server.address))[0] == b"xx"
    assert len(straight) == 7


async def test_what_others_push_is_no_reply(aio_stage: AsyncStage, straight: list[Any]) -> None:
    def script(peer: Peer) -> None:
        while True:
            peer.send(b">2\r\n+news\r\n+of nothing\r\n" + bulk(peer.command()[-1]))

    async with aio_stage.pool(script) as pool:
        client = aio.Redis(connection_pool=pool)
        assert [await client.echo(str(number)) for number in range(3)] == [b"0", b"1", b"2"]
        pipeline = client.pipeline(transaction=False)
        for number in range(100):
            pipeline.echo(str(number))
        assert await pipeline.execute() == [b"%d" % number for number in range(100)]
    assert len(straight) == 4


# --- failures ----------------------------------------------------------------------------------------------------

class NotedBackoff(AbstractBackoff):
    """No backoff; notes when it would be one."""

    def __init__(self) -> None:
        self.notes: list[Any] = []

    def reset(self) -> None:
        self.notes.append("reset")

    def compute(self, failures: int) -> float:
        self.notes.append(failures)
        return 0


def failing(times: int, words: bytes = b"ECHO") -> Callable[[Command], bytes | None]:
    """A server that closes the connection instead of answering so many commands of this name."""
    left = itertools.count(times, -1)
    return lambda command: None if command[0] == words and next(left) > 0 else willing(command)


async def asked(client: Any) -> Any:
    return await client.echo("word")


async def asked_together(client: Any) -> Any:
    return await client.pipeline(transaction=False).echo("a").echo("b").execute()


@pytest.mark.parametrize("use", [asked, asked_together])
@pytest.mark.parametrize("fails", range(5))
async def test_what_fails_is_tried_again_as_often_as_with_redis_py(
    fails: int, use: Callable[[Any], Awaitable[Any]], straight: list[Any]
) -> None:
    outcomes = []
    for kinds in BOTH:
        backoff = NotedBackoff()
        with ScriptedServer(failing(fails)) as server:
            async with client_of(kinds, server.address, retry=Retry(backoff, 3), **UNANNOUNCED) as client:
                await client.ping()
                backoff.notes.clear()
                found = await outcome(use(client))
                notes = [note for note in backoff.notes if note != "reset"]
                again = await client.echo("again")
            outcomes.append((found, notes, again, [batch[-1] for batch in server.batches[1:]], len(server.sockets)))
    assert outcomes[0] == outcomes[1]
    # A pipeline goes that way when it is tried again, too; one failure of it takes two commands down.
    assert len(straight) == (3 if use is asked else 3 + (fails + 1) // 2)


async def test_an_error_that_is_no_reason_to_try_again_is_none(server: RedisServer, straight: list[Any]) -> None:
    async with ours(server.address, retry=Retry(NoBackoff(), 3)) as client:
        await client.set("text", "x")
        before = await client.client_id()
        straight.clear()
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            await client.lpush("text", 1)
        with pytest.raises(redis.DataError):
            await client.set("text", None)
        assert len(straight) == 2
        assert await client.client_id() == before


async def test_an_error_reply_may_be_one_to_try_again(straight: list[Any]) -> None:
    def answer() -> Callable[[Command], bytes]:
        left = itertools.count(2, -1)
        return lambda command: b"-TRYAGAIN soon\r\n" if command[0] == b"ECHO" and next(left) > 0 else willing(command)

    found = []
    for kinds in BOTH:
        with ScriptedServer(answer()) as server:
            retry = Retry(NoBackoff(), 3, supported_errors=(redis.ResponseError,))
            async with client_of(kinds, server.address, retry=retry) as client:
                found.append((await outcome(client.echo("word")), len(server.sockets)))
    assert found[0] == found[1] == (b"word", 3)
    assert straight


async def test_a_reply_that_does_not_come_in_time_is_nobodys(aio_stage: AsyncStage, straight: list[Any]) -> None:
    async with aio_stage.pool(socket_timeout=0.2, socket_connect_timeout=30) as pool:
        client = aio.Redis(connection_pool=pool)
        for use in (client.execute_command, lambda word: client.pipeline(False).execute_command(word).execute()):
            with pytest.raises(redis.TimeoutError, match="Timeout reading from"):
                await use("SILENCE")
            assert await client.echo("word") == b"word"
    assert len(straight) == 4


async def test_a_client_survives_that_the_server_closes_its_connections(server: RedisServer) -> None:
    async with ours(server.address) as client:
        for number in range(3):
            ask(server.port, "CLIENT", "KILL", "ID", await client.client_id())
            assert await client.echo(str(number)) == b"%d" % number
        assert_sound(client.connection_pool, created=1, idle=1)


async def test_a_health_check_is_made_when_it_is_due(server: RedisServer, straight: list[Any]) -> None:
    pings = lambda: int(ask(server.port, "INFO", "commandstats").get("cmdstat_ping", {"calls": 0})["calls"])
    async with ours(server.address, health_check_interval=1000) as client:
        await client.echo("connected")
        connection = await client.connection_pool.get_connection()
        await client.connection_pool.release(connection)
        before = pings()
        straight.clear()
        now = asyncio.get_running_loop().time()
        for use in (client.echo, lambda word: client.pipeline(transaction=False).echo(word).execute()):
            connection.next_health_check = now + 500
            await use("not due")
            assert connection.next_health_check >= now + 1000  # it is healthy
        assert len(straight) == 2
        assert pings() == before
        connection.next_health_check = 0
        await client.echo("due")
        assert pings() == before + 1
        connection.next_health_check = 0
        await client.pipeline(transaction=False).echo("due").execute()
        assert pings() == before + 2
        assert straight[2:] == [[("ECHO", "due")]]
        assert connection.next_health_check > 0


# --- cancellation ------------------------------------------------------------------------------------------------

async def sweep(pool: Any, work: Callable[[], Awaitable[Any]]) -> int:
    """Cancel work at each of its suspensions, in each way; returns how many there are at least."""
    points = 0
    for late, again in itertools.product((False, True), (0, 3)):
        for nth in itertools.count(1):
            happened = await cancelled_at(nth, work, late=late, again=again)
            await assert_usable(pool)
            if not happened:
                break
            points = max(points, nth)
    return points


async def test_a_command_may_be_cancelled_anywhere(aio_stage: AsyncStage, straight: list[Any]) -> None:
    async with aio_stage.pool() as pool:
        client = aio.Redis(connection_pool=pool)
        assert await sweep(pool, lambda: client.echo("word")) >= 1
    assert straight


async def test_a_pipeline_may_be_cancelled_anywhere(aio_stage: AsyncStage, straight: list[Any]) -> None:
    async with aio_stage.pool() as pool:
        client = aio.Redis(connection_pool=pool)

        async def work() -> None:
            pipeline = client.pipeline(transaction=False)
            for number in range(3):
                pipeline.echo(f"{number}" * 50_000)
            assert [reply[:1] for reply in await pipeline.execute()] == [b"0", b"1", b"2"]

        assert await sweep(pool, work) >= 1
    assert straight


async def test_a_storm_of_cancellations_gives_nobody_a_strangers_reply() -> None:
    chance = random.Random(1)  # noqa: S311
    async with trickling_server(seed=1, most=20) as address, ours(address, max_connections=3, timeout=None) as client:
        words = itertools.count()

        async def work(_: int) -> int:
            right = 0
            for _ in range(40):
                word = str(next(words))

                async def once(word: str = word) -> None:
                    if chance.random() < 0.5:
                        assert await client.echo(word) == word.encode()
                    else:
                        pipeline = client.pipeline(transaction=False).echo(word).echo(word + "b")
                        assert await pipeline.execute() == [word.encode(), f"{word}b".encode()]

                async with task_of(once()) as task:
                    for _ in range(chance.randrange(12)):
                        await asyncio.sleep(0)
                    if chance.random() < 0.3:
                        await task
                right += not task.cancelled()
            return right

        assert sum(await together(10, work)) >= 50
        await assert_usable(client.connection_pool)


# --- pipelines ---------------------------------------------------------------------------------------------------

def filled(client: Any, transaction: bool) -> Any:
    return (
        client.pipeline(transaction=transaction).set("a", 1).get("a").lpush("a", 1).hset("h", "f", "v").hgetall("h")
        .execute_command("NOSUCH" if not transaction else "LPUSH", "a", 2).mget("a", "none").zadd("z", {"m": 1})
        .zrange("z", 0, -1, withscores=True)
    )


@pytest.mark.parametrize("transaction", [False, True], ids=["plain", "transaction"])
@pytest.mark.parametrize("raises", [False, True])
async def test_pipelines_reply_and_fail_as_with_redis_py(
    server: RedisServer, protocol: int, transaction: bool, raises: bool, straight: list[Any]
) -> None:
    async def use(client: Any) -> Any:
        await client.flushall()
        found = [await outcome(filled(client, transaction).execute(raise_on_error=raises))]
        found.append(await outcome(client.pipeline(transaction).ping().execute()))
        found.append(await outcome(client.pipeline(transaction).execute()))
        refused = client.pipeline(transaction).set("a", 1).execute_command("NOSUCH").get("a")
        found.append(await outcome(refused.execute(raise_on_error=raises)))
        return [
            [(type(reply), str(reply)) if isinstance(reply, Exception) else reply for reply in each]
            if isinstance(each, list) else each
            for each in found
        ]

    outcomes = await same(use, server.address, protocol=protocol, decode_responses=True)
    assert outcomes[1] == [True]
    assert sum(isinstance(each, list) for each in straight) == 3


async def test_nothing_of_a_pipeline_is_sent_if_one_command_cannot_be(straight: list[Any]) -> None:
    with ScriptedServer() as server:
        async with ours(server.address, **UNANNOUNCED) as client:
            await client.ping()
            before = server.commands()
            for size, transaction in itertools.product((10, 200_000), (False, True)):
                pipeline = client.pipeline(transaction=transaction)
                for number in range(5):
                    pipeline.echo(str(number) * size)
                pipeline.set("key", None)
                with pytest.raises(redis.DataError):
                    await pipeline.execute()
                assert server.commands() == before
            await client.ping()
            assert server.commands() == [*before, before[-1]]
    assert len(straight) == 6


@pytest.mark.parametrize("transaction", [False, True], ids=["plain", "transaction"])
async def test_a_huge_pipeline_is_read_while_it_is_sent(transaction: bool, straight: list[Any]) -> None:
    turns = 0

    async def tick() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def answer(command: Command) -> bytes:
        if command[0] == b"EXEC":
            return b"*%d\r\n" % count + b":1\r\n" * count
        return b"$99\r\n" + b"x" * 99 + b"\r\n" if command[0] == b"GET" else willing(command)

    count = 200_000
    with ScriptedServer(answer) as server:  # which reads nothing while its replies are not read
        async with ours(server.address) as client, task_of(tick()):
            pipeline = client.pipeline(transaction=transaction)
            for _ in range(count):
                pipeline.get("key")
            replies = await pipeline.execute()
            assert replies == [1 if transaction else b"x" * 99] * count
            assert await client.echo("word") == b"word"
    assert turns > 100
    assert len(straight) == 2


@only("tcp")
async def test_a_pipeline_does_not_run_far_ahead_of_its_replies(aio_stage: AsyncStage, straight: list[Any]) -> None:
    command, reply = b"*2\r\n$4\r\nECHO\r\n$4\r\nword\r\n", bulk(b"word")
    most = 0

    def script(peer: Peer) -> None:  # answers only when nothing more comes
        nonlocal most
        pending = 0
        while True:
            peer.sock.settimeout(0.3)
            try:
                data = peer.sock.recv(1_000_000)
            except TimeoutError:
                most = max(most, pending)
                peer.sock.settimeout(None)
                peer.send(reply * (pending // len(command)))
                pending %= len(command)
            else:
                pending += len(data)
                if not data:
                    return

    async with aio_stage.pool(script) as pool:
        pipeline = aio.Redis(connection_pool=pool).pipeline(transaction=False)
        for _ in range(100_000):
            pipeline.echo("word")
        assert await pipeline.execute() == [b"word"] * 100_000
    assert straight
    assert 0 < most < 17 * 65536 + 1000


async def test_huge_values_of_a_pipeline_arrive(server: RedisServer, straight: list[Any]) -> None:
    values = [bytes([number]) * 3_000_000 for number in range(8)]
    async with ours(server.address) as client:
        for transaction in (False, True):
            pipeline = client.pipeline(transaction=transaction)
            for number, value in enumerate(values):
                pipeline.set(f"huge-{number}", bytearray(value)).get(f"huge-{number}")
            replies = await pipeline.execute()
            assert replies[1::2] == values
        await client.flushall()
    assert len(straight) == 3


async def test_what_the_socket_does_not_take_at_once_arrives(server: RedisServer, straight: list[Any]) -> None:
    async with ours(server.address) as client:
        await client.ping()
        connection = await client.connection_pool.get_connection()
        connection._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1024)
        await client.connection_pool.release(connection)
        for _ in range(5):
            pipeline = client.pipeline(transaction=False)
            for number in range(1500):
                pipeline.echo(str(number))
            assert await pipeline.execute() == [b"%d" % number for number in range(1500)]
    assert len(straight) == 6


@only("tcp")  # a transport of TLS does not say that it is full of one huge value
@pytest.mark.parametrize("commands", [1, 200])
async def test_a_pipeline_that_is_not_read_ends_in_time(
    aio_stage: AsyncStage, commands: int, straight: list[Any]
) -> None:
    async with aio_stage.pool(lambda peer: peer.rest(), socket_timeout=0.2, socket_connect_timeout=30) as pool:
        pipeline = aio.Redis(connection_pool=pool).pipeline(transaction=False)
        for _ in range(commands):
            pipeline.echo("x" * (40_000_000 // commands))
        with pytest.raises(redis.TimeoutError, match="Timeout writing to socket"):
            await pipeline.execute()
        assert_sound(pool, created=1, idle=1)
    assert straight


async def test_a_pipeline_whose_connection_ends_in_the_middle_fails(straight: list[Any]) -> None:
    def answer(command: Command) -> bytes | None:
        return None if command[-1] == b"100" else willing(command)

    async def use(client: Any) -> Any:
        pipeline = client.pipeline(transaction=False)
        for number in range(200):
            pipeline.echo(str(number))
        return await pipeline.execute()

    with ScriptedServer(answer) as server:
        async with ours(server.address, **NO_RETRY) as client:
            with pytest.raises(redis.ConnectionError):
                await use(client)
            assert_sound(client.connection_pool, created=1, idle=1)
            assert await client.echo("word") == b"word"
    assert len(straight) == 2


async def test_a_transaction_fails_if_a_watched_key_has_changed(server: RedisServer, straight: list[Any]) -> None:
    async def use(client: Any) -> Any:
        await client.set("key", 1)
        async with client.pipeline() as pipeline:
            await pipeline.watch("key")
            seen = await pipeline.get("key")
            ask(server.port, "SET", "key", 2)
            pipeline.multi()
            pipeline.set("key", int(seen) + 10).get("key")
            failure = await outcome(pipeline.execute())
            assert not pipeline.watching
            await pipeline.watch("key")
            pipeline.multi()
            return failure, await pipeline.incr("key").execute(), pipeline.watching, pipeline.connection

    assert await same(use, server.address) == ((redis.WatchError, "Watched variable changed."), [3], False, None)
    assert sum(isinstance(each, list) for each in straight) == 2


async def test_watch_and_unwatch_in_a_plain_pipeline_are_minded(server: RedisServer, straight: list[Any]) -> None:
    async def use(client: Any) -> Any:
        async with client.pipeline(transaction=False) as pipeline:
            await pipeline.watch("key")
            watching = pipeline.watching
            pipeline.multi()
            pipeline.ping().execute_command("UNWATCH")
            return watching, await pipeline.execute(), pipeline.watching

    assert (await same(use, server.address))[::2] == (True, False)


async def test_transactions_of_many_tasks_lose_nothing(server: RedisServer) -> None:
    async with ours(server.address, max_connections=4, timeout=None) as client:
        await client.set("sum", 0)

        async def add(_: int) -> None:
            async def step(pipeline: Any) -> None:
                current = int(await pipeline.get("sum"))
                pipeline.multi()
                pipeline.set("sum", current + 1)

            await client.transaction(step, "sum")

        await together(20, add)
        assert await client.get("sum") == b"20"
        assert_sound(client.connection_pool, in_use=0)


# --- what is out of the ordinary ---------------------------------------------------------------------------------

async def test_who_finds_no_connection_is_told_so(server: RedisServer) -> None:
    async with ours(server.address) as client:
        connection = await client.connection_pool.get_connection()
        with pytest.raises(redis.exceptions.MaxConnectionsError):
            await client.ping()
        await client.connection_pool.release(connection)
        assert await client.ping()


async def test_a_pool_of_redis_pys_serves_too(server: RedisServer, straight: list[Any]) -> None:
    async with client_of((aio.Redis, redis.asyncio.ConnectionPool), server.address) as client:
        await client.set("key", "x")
        assert await client.get("key") == b"x"
        assert await client.pipeline().get("key").execute() == [b"x"]
    assert not straight


async def test_a_single_connection_is_used_as_with_redis_py(server: RedisServer, straight: list[Any]) -> None:
    async with ours(server.address, max_connections=2) as client:
        single = await client.client()
        assert isinstance(single, aio.Redis)
        ids = await together(10, lambda _: single.client_id())
        assert len(set(ids)) == 1
        assert not straight
        await single.aclose()
        assert_sound(client.connection_pool, created=1, idle=1)


def methods() -> list[tuple[Any, str]]:
    return [
        (redis.asyncio.client.Redis, "execute_command"),
        (redis.asyncio.client.Redis, "_send_command_parse_response"),
        (redis.asyncio.client.Redis, "parse_response"),
        (redis.asyncio.client.Redis, "initialize"),
        (redis.asyncio.connection.AbstractConnection, "send_command"),
        (WiredConnection, "read_response"),
        (WiredConnection, "send_packed_command"),
    ]


@pytest.mark.parametrize(("kind", "name"), methods(), ids=lambda value: value if isinstance(value, str) else "")
async def test_what_somebody_has_wrapped_is_called(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, kind: Any, name: str, straight: list[Any]
) -> None:
    async with ours(server.address) as client:
        assert await client.ping()
        assert len(straight) == 1
        calls, original = [], getattr(kind, name)

        async def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            calls.append(args)
            return await original(self, *args, **kwargs)

        with monkeypatch.context() as patched:
            patched.setattr(kind, name, wrapper)
            assert await client.ping()
            assert calls
            assert len(straight) == 1
        calls.clear()
        assert await client.ping()
        assert not calls
        assert len(straight) == 2


async def test_what_is_replaced_for_one_object_is_called(server: RedisServer, straight: list[Any]) -> None:
    async def mine(*args: Any, **kwargs: Any) -> str:
        return "mine"

    async with ours(server.address) as client:
        client.parse_response = mine
        assert await client.echo("x") == "mine"
        del client.parse_response
        connection = await client.connection_pool.get_connection()
        read, reads = connection.read_response, []

        async def noted(*args: Any, **kwargs: Any) -> Any:
            reads.append(args)
            return await read(*args, **kwargs)

        connection.read_response = noted
        await client.connection_pool.release(connection)
        assert await client.echo("x") == b"x"
        assert await client.pipeline(transaction=False).echo("x").execute() == [b"x"]
        assert len(reads) == 2
        assert not straight
        del connection.read_response
        assert await client.echo("x") == b"x"
        assert len(straight) == 1


async def test_what_a_subclass_does_is_done(server: RedisServer, straight: list[Any]) -> None:
    class Client(aio.Redis):
        async def execute_command(self, *args: Any, **options: Any) -> Any:
            return "around", await super().execute_command(*args, **options)

    class Reader(aio.Redis):
        async def parse_response(self, *args: Any, **options: Any) -> Any:
            return "read", await super().parse_response(*args, **options)

    class Pool(aio.ConnectionPool):
        async def get_connection(self, *args: Any, **options: Any) -> Any:
            taken.append(await super().get_connection(*args, **options))
            return taken[-1]

    class Again(Retry):
        async def call_with_retry(self, *args: Any, **options: Any) -> Any:
            taken.append(self)
            return await super().call_with_retry(*args, **options)

    taken: list[Any] = []
    async with client_of((Client, aio.ConnectionPool), server.address) as client:
        assert await client.ping() == ("around", True)
        assert straight
    straight.clear()
    async with client_of((Reader, aio.ConnectionPool), server.address) as client:
        assert await client.ping() == ("read", True)
    async with client_of((aio.Redis, Pool), server.address) as client:
        assert await client.ping()
        assert len(taken) == 1
    straight.clear()
    async with ours(server.address, retry=Again(NoBackoff(), 1)) as client:
        await client.ping()
        taken.clear()
        await client.ping()
        assert taken
    assert not straight


@pytest.mark.skipif(not MEASURED, reason="this redis-py does not measure commands of asyncio")
async def test_while_metrics_are_on_each_command_is_reported(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch, straight: list[Any]
) -> None:
    collector = MagicMock()
    async with ours(server.address) as client:
        await client.ping()
        monkeypatch.setattr(import_module("redis.observability.recorder"), "_metrics_collector", collector)
        monkeypatch.setattr(import_module(RECORDER), "_async_metrics_collector", collector)
        await client.ping()
        names = [call.kwargs["command_name"] for call in collector.record_operation_duration.call_args_list]
        assert names == ["PING"]
        monkeypatch.undo()


# --- making and closing ------------------------------------------------------------------------------------------

def are_open(pool: Any) -> bool:
    """Whether a pool has a connection to the server; before redis-py 8 a client that is closed only disconnects."""
    return any(connection.is_connected for connection in pool._available_connections)


async def test_a_bare_client_makes_a_pool_of_respools(server: RedisServer, straight: list[Any]) -> None:
    own: dict[str, Any] = {"timeout": 3, "order": "lifo", "max_waiting": 5, "name": "mine"}
    async with aio.Redis(**server.address, **own, max_connections=2) as client:
        pool = client.connection_pool
        assert type(pool) is aio.ConnectionPool
        assert (pool.timeout, pool.name, pool.max_connections) == (3, "mine", 2)
        assert pool.connection_class is aio.Connection
        assert await client.ping()
        assert straight
    assert not are_open(pool)
    async with aio.Redis(unix_socket_path=server.unix_socket) as client:
        assert client.connection_pool.connection_class is aio.UnixDomainSocketConnection
        assert await client.ping()
    assert aio.Redis(ssl=True).connection_pool.connection_class is aio.SSLConnection
    with pytest.raises(TypeError, match="timeout"):
        aio.Redis(connection_pool=pool, timeout=3)
    assert inspect.signature(aio.Redis) == inspect.signature(redis.asyncio.Redis)


async def test_a_bare_client_is_the_same_while_respool_is_installed(server: RedisServer, installed: None) -> None:
    async with aio.Redis(**server.address) as client:
        assert type(client.connection_pool) is aio.ConnectionPool
        assert await client.ping()


async def test_a_client_closes_the_pool_that_is_its_own(server: RedisServer) -> None:
    made = aio.Redis.from_url(server.url, max_connections=2, timeout=1)
    assert type(made.connection_pool) is aio.ConnectionPool
    owned = aio.Redis.from_pool(aio.ConnectionPool(**server.address))
    given = aio.Redis(connection_pool=aio.ConnectionPool(**server.address))
    with pytest.warns(DeprecationWarning, match="auto_close_connection_pool") as warnings:
        kept = aio.Redis(**server.address, auto_close_connection_pool=False)
    assert len(warnings) == 1
    with pytest.warns(DeprecationWarning, match="auto_close_connection_pool") as warnings:
        other = aio.Redis.from_url(server.url, auto_close_connection_pool=False)
    assert len(warnings) == 1
    for client, closes in ((made, True), (owned, True), (given, False), (kept, False), (other, False)):
        assert await client.ping()
        await client.aclose()
        assert are_open(client.connection_pool) is not closes
        await client.aclose(close_connection_pool=True)
        assert not are_open(client.connection_pool)


async def test_a_client_of_one_connection_by_url_has_one(server: RedisServer) -> None:
    async with aio.Redis.from_url(server.url, single_connection_client=True) as client:
        assert client.connection is not None
        assert await client.ping()


# --- what is redis-py's ------------------------------------------------------------------------------------------

async def test_scripts_locks_scans_subscribers_and_monitors_work(server: RedisServer, either_protocol: int) -> None:
    async with ours(server.address, max_connections=4, protocol=either_protocol) as client:
        await client.flushall()
        await client.mset({f"key-{number}": number for number in range(300)})
        assert len({key async for key in client.scan_iter("key-*")}) == 300
        double = client.register_script("return ARGV[1] * 2")
        assert await double(args=[21]) == 42
        pipeline = client.pipeline()
        await double(args=[4], client=pipeline)
        assert await pipeline.execute() == [8]
        async with client.lock("lock", timeout=10) as lock:
            assert await lock.owned()
            assert not await client.lock("lock").acquire(blocking=False)
        async with client.pubsub(ignore_subscribe_messages=True) as subscriber:
            await subscriber.subscribe("news")
            assert await subscriber.get_message(timeout=10) is None
            assert await client.publish("news", "here") == 1
            message = await subscriber.get_message(timeout=10)
            assert message["data"] == b"here"
        async with client.monitor() as monitor:
            await client.echo("seen")
            while "seen" not in (await monitor.next_command())["command"]:
                pass
        assert_sound(client.connection_pool, in_use=0)


async def test_many_tasks_share_few_connections(server: RedisServer, either_protocol: int, straight: list[Any]) -> None:
    async with ours(server.address, max_connections=3, timeout=None, protocol=either_protocol) as client:

        async def work(number: int) -> None:
            for turn in range(20):
                assert await client.echo(f"{number}-{turn}") == f"{number}-{turn}".encode()

        await together(20, work)
        assert_sound(client.connection_pool, created=3, idle=3)
        assert len(straight) == 400

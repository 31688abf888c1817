"""A task may be cancelled anywhere: nobody gets its reply, no slot is lost, and nobody in line is forgotten.

RESPOOL_CANCELLATIONS=100000 lets each of the storms last longer.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
import socket
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis
import redis.asyncio

import respool
import respool.asyncio as aio
from conftest import assert_sound, lasting
from loops import on_each_loop
from respool._redispy import async_timeout
from servers import Certificates, RedisServer
from staged import Peer, Stage, bulk, echo
from stubs import AsyncDummy
from tasks import NO_RETRY, AsyncStage, Gate, ask, assert_usable, cancelled_at, trickling_server, until, waiting
from versions import needs_careful_clients

pytestmark = on_each_loop

CANCELLATIONS = int(os.environ.get("RESPOOL_CANCELLATIONS", "800"))
may_last = pytest.mark.timeout(300 + CANCELLATIONS / 25)

needs_task_groups = pytest.mark.skipif(not hasattr(asyncio, "TaskGroup"), reason="this Python has no task groups")


async def cancel(task: asyncio.Future[Any]) -> None:
    """Cancel a task and wait for its end, which must be that."""
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled(), task


# --- at each point, one after the other ------------------------------------------------------------------------

async def sweep(
    pool: Any, work: Callable[[], Awaitable[Any]], prepare: Callable[[], Awaitable[Any]] | None = None
) -> int:
    """Cancel work at each of its suspensions, in each way; returns how many there are at least.

    As it falls asleep and when it has been woken already; once, and again and again while it cleans up.
    """
    points = 0
    for late, again in itertools.product((False, True), (0, 3)):
        for nth in itertools.count(1):
            if prepare is not None:
                await prepare()
            cancelled = await cancelled_at(nth, work, late=late, again=again)
            await assert_usable(pool)
            if not cancelled:
                break
            points = max(points, nth)
    return points


def on(client: Any, how: str) -> Callable[[], Awaitable[Any]]:
    """What a program does with a client."""

    async def echo() -> None:
        assert await client.echo("mine") == b"mine"

    async def pipeline() -> None:
        async with client.pipeline(transaction=False) as pipeline:
            assert await pipeline.echo("a").echo("b").execute() == [b"a", b"b"]

    async def transaction() -> None:
        async with client.pipeline() as pipeline:
            await pipeline.watch("key")
            pipeline.multi()
            assert await pipeline.set("key", "value").get("key").execute() == [True, b"value"]

    async def pubsub() -> None:
        async with client.pubsub() as subscriber:
            await subscriber.subscribe("news")
            assert (await subscriber.get_message(timeout=20))["type"] == "subscribe"
            await subscriber.get_message(timeout=0.001)

    async def blocked() -> None:
        assert await client.blpop(["nothing"], timeout=0.01) is None

    async def large() -> None:
        assert await client.set("large", b"x" * (1 << 20))
        assert len(await client.get("large")) == 1 << 20

    async def raw() -> None:
        connection = await client.connection_pool.get_connection()
        try:
            assert await ask(connection, "ECHO", "mine") == b"mine"
        finally:
            await client.connection_pool.release(connection)

    found: Callable[[], Awaitable[Any]] = locals()[how]
    return found


TRANSACTION, PUBSUB = (pytest.param(how, marks=needs_careful_clients) for how in ("transaction", "pubsub"))


@pytest.mark.parametrize("how", ["echo", "pipeline", TRANSACTION, PUBSUB, "blocked", "large", "raw"])
async def test_use_of_a_connected_pool(server: RedisServer, how: str) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=2, timeout=20) as pool:
        await assert_usable(pool)
        assert await sweep(pool, on(redis.asyncio.Redis(connection_pool=pool), how)) > 0


@pytest.mark.parametrize("how", ["echo", PUBSUB])
async def test_use_of_a_pool_that_has_to_connect_first(server: RedisServer, either_protocol: int, how: str) -> None:
    options = {**server.address, "protocol": either_protocol, "client_name": "name", "db": 1}
    async with aio.ConnectionPool(**options, max_connections=1) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await sweep(pool, on(client, how), pool.disconnect) > 2
        assert await sweep(pool, on(client, how), pool.aclose) > 2


@pytest.mark.parametrize("how", ["echo", "pipeline", "raw"])
async def test_use_of_a_server_that_answers_byte_by_byte(how: str) -> None:
    async with trickling_server(1) as address, aio.ConnectionPool(**address, max_connections=1) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        assert await sweep(pool, on(client, how)) > 0
        assert await sweep(pool, on(client, how), pool.disconnect) > 1


async def test_use_of_tls(stage: Stage) -> None:
    async with AsyncStage(stage).pool(protocol=2) as pool:
        assert await sweep(pool, on(redis.asyncio.Redis(connection_pool=pool), "raw"), pool.disconnect) > 0


async def test_closing(server: RedisServer) -> None:
    """What was to be closed is closed, though nobody has waited for it."""
    options = {"max_connections": 3, "client_name": "closing", **NO_RETRY}
    async with aio.ConnectionPool(**server.address, **options) as pool:
        for close in (pool.aclose, pool.disconnect):
            for late, nth in itertools.product((False, True), range(1, 8)):
                await assert_usable(pool)
                await cancelled_at(nth, close, late=late)
                await until(lambda: not server.connections_named("closing"))
        await assert_usable(pool)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("again", [0, 3])
async def test_steps_of_connections_of_other_classes(late: bool, again: int) -> None:
    """Each of their methods suspends, so that checkout and return can be cancelled in the middle of each."""

    class Sleepy(AsyncDummy):
        asks_for_more = True

        async def connect(self) -> None:
            await asyncio.sleep(0)
            await super().connect()

        async def disconnect(self, nowait: bool = False) -> None:
            await asyncio.sleep(0)
            await super().disconnect()

        async def can_read(self) -> bool:
            await asyncio.sleep(0)
            return self.calls.count("connect") % 2 == 1  # has to be connected anew

        can_read_destructive = can_read

        def should_reconnect(self) -> bool:
            return len(self.calls) % 2 == 0

        async def re_auth(self) -> None:
            await asyncio.sleep(0)

    pool: Any = aio.ConnectionPool(connection_class=Sleepy, max_connections=1, timeout=None)

    async def use() -> None:
        connection = await pool.get_connection()
        await pool.release(connection)

    await use()
    for nth in range(1, 30):
        await cancelled_at(nth, use, late=late, again=again)
        await until(lambda: gc.collect() >= 0 and pool.in_use == 0)
        assert_sound(pool, connecting=0, waiting=0)
        await use()
    await pool.aclose()


# --- in line ---------------------------------------------------------------------------------------------------

async def test_who_is_cancelled_when_its_turn_has_just_come_passes_it_on() -> None:
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=1, timeout=None)
    connection = await pool.get_connection()
    tasks = [await waiting(pool) for _ in range(3)]
    await pool.release(connection)  # which hands it to the first, who has not noticed yet
    assert_sound(pool, in_use=1, waiting=2)
    await cancel(tasks[0])
    assert await tasks[1] is connection
    assert not tasks[2].done()
    await pool.release(connection)
    assert await tasks[2] is connection
    await pool.release(connection)
    assert_sound(pool, created=1, idle=1, waiting=0)


async def test_who_is_cancelled_when_it_may_just_build_a_connection_passes_that_on() -> None:
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=1, timeout=None)
    connection = await pool.get_connection()
    tasks = [await waiting(pool) for _ in range(3)]
    del connection
    gc.collect()
    assert_sound(pool, created=1, connecting=1, waiting=2)
    await cancel(tasks[0])
    connection = await tasks[1]
    await pool.release(connection)
    assert await tasks[2] is connection
    await pool.release(connection)
    assert_sound(pool, created=1, idle=1, waiting=0)


async def test_all_who_are_cancelled_at_once_leave_nothing_behind() -> None:
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=2, timeout=None)
    connections = [await pool.get_connection(), await pool.get_connection()]
    tasks = [await waiting(pool) for _ in range(100)]
    for connection in connections:
        await pool.release(connection)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    assert all(task.cancelled() for task in tasks)
    assert_sound(pool, created=2, idle=2, waiting=0)


async def test_who_is_cancelled_before_its_first_step_leaves_nothing_behind() -> None:
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=1, timeout=None)
    await cancel(asyncio.create_task(pool.get_connection()))
    assert_sound(pool, created=0, waiting=0)


async def test_a_coroutine_in_line_that_is_closed_leaves_nothing_behind() -> None:
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=1, timeout=None)
    connection = await pool.get_connection()
    checkout = pool.get_connection()
    checkout.send(None)
    assert_sound(pool, waiting=1)
    checkout.close()
    assert_sound(pool, waiting=0)
    await pool.release(connection)
    assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("limit", ["timeout", "wait_for", "own"])
async def test_limits_of_time_in_line_lose_nothing(limit: str) -> None:
    """Some end in the very moment in which it is somebody's turn."""
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=3, timeout=None)
    chance = random.Random(4)  # noqa: S311
    outcomes: Counter[str] = Counter()
    if limit == "own":
        pool.timeout = 0.002

    async def take() -> Any:
        if limit == "timeout":
            async with async_timeout(chance.uniform(0.0, 0.003)):
                return await pool.get_connection()
        if limit == "wait_for":
            return await asyncio.wait_for(pool.get_connection(), chance.uniform(0.0, 0.003))
        return await pool.get_connection()

    async def work() -> None:
        for _ in range(50):
            try:
                connection = await take()
            except (asyncio.TimeoutError, respool.ConnectionPoolTimeoutError):
                outcomes["too late"] += 1
                continue
            outcomes["served"] += 1
            await asyncio.sleep(chance.uniform(0.0, 0.002))
            await pool.release(connection)

    await asyncio.gather(*(work() for _ in range(12)))
    assert outcomes["served"] and outcomes["too late"], outcomes
    gc.collect()  # wait_for may lose what came too late
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


# --- while connecting ------------------------------------------------------------------------------------------

async def test_a_dial_that_is_cancelled_lets_the_next_in_line_try() -> None:
    gate = Gate()

    class Slow(AsyncDummy):
        dials = 0

        async def connect(self) -> None:
            Slow.dials += 1
            if Slow.dials == 1:
                await gate.stop()

    pool: Any = aio.ConnectionPool(connection_class=Slow, max_connections=1, timeout=None)
    task = asyncio.create_task(pool.get_connection())
    await gate.reached.wait()
    second = await waiting(pool)
    await cancel(task)
    await pool.release(await second)
    assert_sound(pool, created=1, idle=1, waiting=0)


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """A port that takes no connection, and refuses none."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for sock in (first, second):  # all the room there is in its queue
            sock.setblocking(False)
            with suppress(BlockingIOError):
                sock.connect(listener.getsockname())
        yield listener.getsockname()[1]


async def test_a_connect_that_gets_no_answer_can_be_cancelled_and_times_out() -> None:
    async with deaf_port() as port:
        pool: Any = aio.ConnectionPool(host="127.0.0.1", port=port, max_connections=1, **NO_RETRY)
        task = asyncio.create_task(pool.get_connection())
        await until(lambda: pool.in_use + pool.connecting == 1)
        await cancel(task)
        assert_sound(pool, in_use=0, connecting=0)
        pool.timeout = 0.2
        with lasting(0.19, 5), pytest.raises(redis.TimeoutError):
            await pool.get_connection()
        assert_sound(pool, in_use=0, connecting=0)
        await pool.aclose()


async def test_a_handshake_that_is_cancelled_leaves_nothing_open(stage: Stage) -> None:
    silent = True

    def script(peer: Peer) -> None:
        while not silent:
            peer.command()
            peer.send(b"+OK\r\n")
        peer.rest()

    address = AsyncStage(stage).address(script, client_name="name")
    async with aio.ConnectionPool(**{**address, "max_connections": 1}, timeout=20) as pool:
        task = asyncio.create_task(pool.get_connection())
        await until(lambda: pool.in_use + pool.connecting == 1)
        second = await waiting(pool)
        await asyncio.sleep(0.05)  # into the handshake
        silent = False
        await cancel(task)
        await pool.release(await second)
        assert_sound(pool, created=1, idle=1, waiting=0)


# --- in the middle of a command --------------------------------------------------------------------------------

async def test_a_command_that_is_cancelled_leaves_its_late_reply_to_nobody(server: RedisServer, protocol: int) -> None:
    async with aio.ConnectionPool(**server.address, protocol=protocol, max_connections=1) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        async with redis.asyncio.Redis(**server.address) as other:
            for number in range(3):
                task = asyncio.ensure_future(client.blpop([f"list {number}"], timeout=0))
                while (await other.info("clients"))["blocked_clients"] == 0:
                    pass
                await cancel(task)
                await other.rpush(f"list {number}", "for the last caller")
                assert await client.echo("mine") == b"mine"
                assert await other.lpop(f"list {number}") == b"for the last caller"


@pytest.mark.parametrize("command", [("BLPOP", "nothing", 1), ("ECHO", b"x" * (16 << 20))], ids=["reading", "sending"])
async def test_a_connection_in_no_pool_begins_anew_after_a_cancelled_command(
    server: RedisServer, command: tuple[Any, ...]
) -> None:
    connection: Any = aio.Connection(**server.address)
    for _ in range(3):
        await connection.connect()
        task = asyncio.create_task(ask(connection, *command))
        await asyncio.sleep(0)
        await cancel(task)
        assert not connection.is_connected
        assert await ask(connection, "ECHO", "mine") == b"mine"
    await connection.disconnect()


async def test_a_connection_in_no_pool_is_never_left_half_introduced(
    server: RedisServer, either_protocol: int
) -> None:
    options = {"protocol": either_protocol, "client_name": "name", "db": 1}
    connection: Any = aio.Connection(**server.address, **options)
    for late, nth in itertools.product((False, True), range(1, 30)):
        if not await cancelled_at(nth, connection.connect, late=late):
            assert nth > 2
        else:
            assert not connection.is_connected
        assert await ask(connection, "CLIENT GETNAME") == b"name"
        await connection.disconnect()


async def test_a_command_that_is_cancelled_while_it_is_sent_is_not_completed_by_the_next(stage: Stage) -> None:
    value = b"x" * (32 << 20)

    def script(peer: Peer) -> None:
        if peer.number == 0:
            peer.rest()  # reads nothing
        echo(peer)

    async with AsyncStage(stage).pool(script, timeout=20) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        task = asyncio.ensure_future(client.set("key", value))
        second = await waiting(pool)
        await asyncio.sleep(0.05)  # as much is on its way as fits into the buffers
        assert not task.done()
        await cancel(task)
        connection = await second
        assert await ask(connection, "ECHO", "mine") == b"mine"
        await pool.release(connection)
        await assert_usable(pool)


async def test_a_command_that_is_cancelled_in_the_middle_of_its_reply_leaves_the_rest_to_nobody(stage: Stage) -> None:
    reply = bulk(b"x" * 300_000)

    def script(peer: Peer) -> None:
        words = peer.command()
        while words[0] != b"GET":
            peer.send(bulk(words[-1]))
            words = peer.command()
        peer.send(reply[:200_000])
        peer.rest(0.05)
        peer.send(reply[200_000:] + b"+stranger\r\n")
        echo(peer)

    async with AsyncStage(stage).pool(script) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        for moment in (0.0, 0.02, 0.04):
            with suppress(asyncio.TimeoutError):
                async with async_timeout(moment):
                    await client.get("key")
            await assert_usable(pool)


async def test_a_read_that_is_cancelled_goes_on_if_its_caller_wants(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=1) as pool:
        connection = await pool.get_connection()
        await connection.send_command("BLPOP", "list", 0)
        for _ in range(3):
            read = asyncio.ensure_future(connection.read_response(disconnect_on_error=False))
            await asyncio.sleep(0)
            await cancel(read)
        async with redis.asyncio.Redis(**server.address) as other:
            await other.rpush("list", "value")
        assert await connection.read_response() == [b"list", b"value"]
        assert await ask(connection, "ECHO", "next") == b"next"
        await pool.release(connection)
        await assert_usable(pool)


async def test_a_subscriber_that_is_cancelled_while_it_listens_can_go_on_or_go(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=2) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        for _ in range(5):
            async with client.pubsub() as subscriber:
                await subscriber.subscribe("news")
                assert await subscriber.get_message(timeout=20)
                task = asyncio.ensure_future(subscriber.get_message(timeout=None))
                await asyncio.sleep(0)
                await cancel(task)
                await client.publish("news", "text")
        await assert_usable(pool)


@needs_task_groups
async def test_a_task_group_that_fails_ends_all_its_commands(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=3, timeout=None) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)

        async def fail() -> None:
            await until(lambda: pool.in_use == 3 and pool.waiting == 2)
            raise ValueError

        for _ in range(3):
            with pytest.raises(Exception, match="in a TaskGroup") as caught:
                async with asyncio.TaskGroup() as group:
                    for _ in range(5):
                        group.create_task(client.blpop(["nothing"], timeout=0))
                    group.create_task(fail())
            assert [type(error) for error in caught.value.exceptions] == [ValueError]
            await assert_usable(pool)


async def test_a_limit_of_time_on_a_command_leaves_the_connection_to_others(server: RedisServer) -> None:
    async with aio.ConnectionPool(**server.address, max_connections=2, timeout=None) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)

        async def give_up() -> None:
            with pytest.raises(asyncio.TimeoutError):
                async with async_timeout(0.02):
                    await client.blpop(["nothing"], timeout=0)
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.blpop(["nothing"], timeout=0), 0.02)

        await asyncio.gather(*(give_up() for _ in range(6)))
        await assert_usable(pool)


# --- storms ----------------------------------------------------------------------------------------------------

class Storm:
    """Tasks that use a client over and over, most of them cancelled at a random moment, some of them twice."""

    def __init__(self, client: Any, seed: int, commands: list[str], longest: float) -> None:
        self.client, self.commands, self.longest = client, commands, longest
        self.chance = random.Random(seed)  # noqa: S311
        self.outcomes: Counter[str] = Counter()
        self.served: Counter[int] = Counter()
        self.wrong: list[str] = []
        self.name, self.tokens = uuid.uuid4().hex.encode(), itertools.count()

    def expect(self, got: Any, expected: Any) -> None:
        if got != expected:
            self.wrong.append(f"{got!r} for {expected!r}")

    def token(self) -> bytes:
        return b"%b %d" % (self.name, next(self.tokens))

    async def use(self) -> None:
        """One use of the client, whose replies must be its own."""
        client, first, second = self.client, self.token(), self.token()
        command = self.chance.choice(self.commands)
        if command == "echo":
            self.expect(await client.echo(first), first)
        elif command == "set":
            await client.set(first, second, px=60_000)
            self.expect(await client.get(first), second)
        elif command == "pipeline":
            async with client.pipeline(transaction=False) as pipeline:
                self.expect(await pipeline.echo(first).echo(second).execute(), [first, second])
        elif command == "transaction":
            async with client.pipeline() as pipeline:
                await pipeline.watch(first)
                self.expect(await pipeline.get(first), None)
                pipeline.multi()
                self.expect(await pipeline.echo(first).echo(second).execute(), [first, second])
        elif command == "blpop":
            self.expect(await client.blpop([first], timeout=0.001), None)
        elif command == "pubsub":
            async with client.pubsub() as subscriber:
                await subscriber.subscribe(first)
                self.expect((await subscriber.get_message(timeout=20))["channel"], first)
        else:
            connection = await client.connection_pool.get_connection()
            try:
                await connection.send_command("ECHO", first)
                self.expect(await connection.read_response(), first)
            finally:
                await client.connection_pool.release(connection)

    async def rage(self, tasks: int, cancellations: int) -> None:
        await asyncio.gather(*(self.worker(number, cancellations) for number in range(tasks)))

    async def worker(self, number: int, cancellations: int) -> None:
        while self.outcomes["cancelled"] < cancellations:
            task = asyncio.ensure_future(self.use())
            strikes = self.strikes(task)
            try:
                await task
            except asyncio.CancelledError:
                self.outcomes["cancelled"] += 1
            else:
                self.outcomes["served"] += 1
                self.served[number] += 1
            for strike in strikes:
                strike.cancel()

    def strikes(self, task: asyncio.Future[None]) -> list[asyncio.Handle]:
        """Cancel a task soon, and perhaps once more soon after that."""
        choice = self.chance.random()
        if choice < 0.25:
            return []
        loop = asyncio.get_running_loop()
        first = self.chance.uniform(0.0, self.longest if choice > 0.4 else self.longest / 20)
        moments = [first, first + self.chance.uniform(0.0, 0.0003)] if choice > 0.8 else [first]
        return [loop.call_later(moment, task.cancel) for moment in moments]

    async def check(self, pool: Any) -> None:
        gc.collect()
        assert self.wrong == []
        assert self.outcomes["served"] > 0, self.outcomes
        await assert_usable(pool)


@may_last
@pytest.mark.parametrize(("transport", "protocol", "limit"), [("tcp", 2, 2), ("unix", 3, 4), ("tls", 3, 3)])
async def test_a_storm_on_a_server(
    secure_server: RedisServer, certificates: Certificates, transport: str, protocol: int, limit: int
) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "tcp": secure_server.address,
        "unix": {"connection_class": aio.UnixDomainSocketConnection, "path": secure_server.unix_socket},
        "tls": {"connection_class": aio.SSLConnection, "host": "localhost", "port": secure_server.tls_port,
                "ssl_ca_certs": certificates.root},
    }
    options = {**kinds[transport], "protocol": protocol, "max_connections": limit, "timeout": None, **NO_RETRY}
    async with aio.ConnectionPool(**options) as pool:
        commands = ["echo", "set", "pipeline", "transaction", "blpop", "pubsub", "raw"]
        storm = Storm(redis.asyncio.Redis(connection_pool=pool), limit, commands, 0.01)
        await storm.rage(12, CANCELLATIONS // 2 if transport == "tls" else CANCELLATIONS)
        await storm.check(pool)


@may_last
@pytest.mark.parametrize("most", [1, 9])
async def test_a_storm_on_a_server_that_answers_in_pieces(most: int) -> None:
    async with trickling_server(most, most) as address:
        async with aio.ConnectionPool(**address, max_connections=5, timeout=None) as pool:
            storm = Storm(redis.asyncio.Redis(connection_pool=pool), most, ["echo", "pipeline", "raw"], 0.01)
            await storm.rage(20, CANCELLATIONS)
            await storm.check(pool)


@may_last
async def test_a_storm_on_connections_that_do_nothing() -> None:
    """The line alone, in which everything happens in one iteration of the loop."""
    pool: Any = aio.ConnectionPool(connection_class=AsyncDummy, max_connections=2, timeout=None)
    chance = random.Random(5)  # noqa: S311
    outcomes: Counter[str] = Counter()
    tasks: list[asyncio.Task[None]] = []
    served: Counter[int] = Counter()
    users: set[int] = set()

    async def use(number: int) -> None:
        connection = await pool.get_connection()
        assert id(connection) not in users
        users.add(id(connection))
        try:
            for _ in range(chance.randrange(3)):
                await asyncio.sleep(0)
            served[number] += 1
        finally:
            users.remove(id(connection))
            await pool.release(connection)

    async def worker(number: int) -> None:
        while outcomes["cancelled"] < 2 * CANCELLATIONS:
            tasks[number] = asyncio.create_task(use(number))
            await asyncio.wait([tasks[number]])
            outcomes["cancelled" if tasks[number].cancelled() else "served"] += 1

    async def strike() -> None:
        while outcomes["cancelled"] < 2 * CANCELLATIONS:
            for _ in range(chance.randrange(12)):
                chance.choice(tasks).cancel()
            assert_sound(pool)
            await asyncio.sleep(0)

    for number in range(20):
        tasks.append(asyncio.create_task(use(number)))
    first = list(tasks)  # nobody else holds them
    await asyncio.gather(strike(), *(worker(number) for number in range(20)))
    await asyncio.wait([*first, *tasks])
    assert outcomes["served"] > 0 and len(served) == 20, outcomes
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


async def test_nobody_starves_in_a_storm(server: RedisServer) -> None:
    """Who is not cancelled gets as much as the others, whatever happens to those around."""
    async with aio.ConnectionPool(**server.address, max_connections=5, timeout=None) as pool:
        client = redis.asyncio.Redis(connection_pool=pool)
        storm = Storm(client, 6, ["echo", "set", "raw"], 0.01)
        shares: Counter[int] = Counter()

        async def work(number: int) -> None:
            while storm.outcomes["cancelled"] < 400:
                assert await client.echo(f"{number}") == b"%d" % number
                shares[number] += 1

        await asyncio.gather(storm.rage(10, 400), *(work(number) for number in range(40)))
        assert len(shares) == 40
        assert max(shares.values()) <= 2 * min(shares.values()), sorted(shares.values())
        await storm.check(pool)

"""What tests of respool.asyncio share: pools, scripted servers, who waits, and cancellation at any point."""

from __future__ import annotations

import asyncio
import random
import time
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

import respool
import respool.asyncio as aio
from conftest import assert_sound
from scripted import take_command, willing
from servers import RedisServer
from staged import Script, Stage, echo
from stubs import AsyncDummy
from versions import UNANNOUNCED

NO_RETRY: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
KINDS: dict[Any, Any] = {
    respool.Connection: aio.Connection,
    respool.SSLConnection: aio.SSLConnection,
    respool.UnixDomainSocketConnection: aio.UnixDomainSocketConnection,
}


async def ask(connection: Any, *words: Any, **options: Any) -> Any:
    """Send a command and read its reply."""
    await connection.send_command(*words)
    return await connection.read_response(**options)


async def together(count: int, work: Callable[[int], Awaitable[Any]]) -> list[Any]:
    """Run `work(0)` to `work(count - 1)` in as many tasks, all to their end; their results, or the first error."""
    results = await asyncio.gather(*map(work, range(count)), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


async def answer(connection: Any) -> Any:
    """The reply to a command, an error as any other."""
    try:
        return await connection.read_response()
    except (redis.ResponseError, redis.AuthenticationError) as error:
        return error


async def until(condition: Callable[[], Any]) -> None:
    """Wait for something that another task, or the server, is about to do. The condition may be awaitable."""
    deadline = time.monotonic() + 30
    while True:
        met = condition()
        if await met if isinstance(met, Awaitable) else met:
            return
        assert time.monotonic() < deadline, "waited 30 s in vain"
        await asyncio.sleep(0.0005)


@asynccontextmanager
async def task_of(work: Awaitable[Any]) -> AsyncIterator[asyncio.Task[Any]]:
    """A task that is cancelled at the end, if it has not ended by then."""
    task = asyncio.ensure_future(work)
    try:
        yield task
    finally:
        await cancelled(task)


async def cancelled(task: asyncio.Task[Any]) -> None:
    """Cancel a task and wait for its end; an error of its own is raised."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class Gate:
    """A place at which tasks stop until another lets them go on."""

    def __init__(self) -> None:
        self.reached, self.go_on = asyncio.Event(), asyncio.Event()

    async def stop(self) -> None:
        self.reached.set()
        await self.go_on.wait()


class AsyncStage:
    """Scripted servers of a `Stage`, and connections and pools of respool.asyncio that go with them."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def address(self, script: Script = echo, **options: Any) -> dict[str, Any]:
        """Start a server; returns what a pool needs to connect to it, without a handshake."""
        address = self._stage.address(script)
        kind = KINDS[address["connection_class"]]
        return {"socket_timeout": 30, **address, "connection_class": kind, **NO_RETRY, **options}

    @asynccontextmanager
    async def connection(self, script: Script = echo, **options: Any) -> AsyncIterator[Any]:
        """Start a server; gives a connection to it."""
        address = self.address(script, **options)
        connection = address.pop("connection_class")(**address)
        await connection.connect()
        yield connection
        await connection.disconnect()

    def pool(self, script: Script = echo, **options: Any) -> aio.ConnectionPool:
        """Start a server; returns a pool of connections to it, for `async with`."""
        return aio.ConnectionPool(**{"max_connections": 1, **self.address(script), **options})


async def assert_usable(pool: Any) -> None:
    """Nobody has a place in the pool, and each of its connections answers what it is asked."""
    assert_sound(pool, in_use=0, connecting=0, waiting=0)
    connections = [await pool.get_connection() for _ in range(pool.max_connections)]
    for number, connection in enumerate(connections):
        assert await ask(connection, "ECHO", f"usable {number}") == f"usable {number}".encode()
    for connection in connections:
        await pool.release(connection)
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


def dummies(limit: int = 1, **options: Any) -> Any:
    """A pool of connections that do nothing."""
    return aio.ConnectionPool(**{"connection_class": AsyncDummy, "max_connections": limit, **options})


@asynccontextmanager
async def slots(server: RedisServer, limit: int = 1, **options: Any) -> AsyncIterator[Any]:
    """A pool of connections to a server."""
    async with aio.ConnectionPool(**{**server.address, "max_connections": limit, **NO_RETRY, **options}) as pool:
        yield pool


async def waiting(pool: Any, work: Callable[[], Awaitable[Any]] | None = None) -> asyncio.Task[Any]:
    """A task that stands in line for a connection."""
    arrived = pool.waiting
    task = asyncio.ensure_future(work() if work else pool.get_connection())
    await until(lambda: pool.waiting == arrived + 1)
    return task


def at_once(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """What a coroutine returns that must not suspend."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    coroutine.close()
    pytest.fail("it suspends")


@types.coroutine
def observed(coroutine: Coroutine[Any, Any, Any], suspends: Callable[[Any], None]) -> Generator[Any, Any, Any]:
    """Await a coroutine; `suspends` is told what for each time that it suspends."""
    go_on: Callable[[Any], Any] = coroutine.send
    value: Any = None
    while True:
        try:
            awaited = go_on(value)
        except StopIteration as end:
            return end.value
        suspends(awaited)
        try:
            go_on, value = coroutine.send, (yield awaited)
        except BaseException as error:
            go_on, value = coroutine.throw, error


async def cancelled_at(
    nth: int, work: Callable[[], Awaitable[Any]], *, late: bool = False, again: int = 0
) -> bool:
    """Do something in a task that is cancelled at its nth suspension, and at so many more after that.

    As it falls asleep, or, `late`, when it has been woken already and has not gone on yet. False: it ended before.
    """
    count = 0

    def suspends(awaited: Any) -> None:
        nonlocal count
        count += 1
        if not nth <= count <= nth + again:
            return
        if late and awaited is not None:
            awaited.add_done_callback(lambda _: task.cancel())  # called before what wakes the task
        else:
            task.cancel()

    async def run_observed() -> Any:
        return await observed(work(), suspends)  # type: ignore[arg-type]

    task = asyncio.ensure_future(run_observed())
    await asyncio.wait([task])
    if count >= nth:
        assert task.cancelled(), f"cancelled at its suspension {nth}, it ended otherwise: {task!r}"
        return True
    task.result()
    return False


class Trickle(asyncio.Protocol):
    """A server that answers each command in pieces, of random sizes or of one byte, at once or a little later."""

    def __init__(self, chance: random.Random, most: int) -> None:
        self.chance, self.most = chance, most
        self.received, self.replies = bytearray(), bytearray()
        self.loop = asyncio.get_running_loop()
        self.step: asyncio.Handle | None = None
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while self.received and (command := take_command(self.received)) is not None:
            self.replies += willing(command)
        if self.step is None:
            self.send()

    def send(self) -> None:
        self.step = None
        if not self.replies or self.transport.is_closing():
            return
        size = self.chance.randint(1, self.most)
        self.transport.write(bytes(self.replies[:size]))
        del self.replies[:size]
        if self.chance.random() < 0.8:
            self.step = self.loop.call_soon(self.send)
        else:
            self.step = self.loop.call_later(self.chance.uniform(0.0, 0.0005), self.send)

    def connection_lost(self, error: Exception | None) -> None:
        self.replies.clear()


@asynccontextmanager
async def trickling_server(seed: int, most: int = 1) -> AsyncIterator[dict[str, Any]]:
    """Run one on this loop; gives what a pool needs to connect to it, with a handshake of one short reply."""
    chance = random.Random(seed)  # noqa: S311
    peers: list[Trickle] = []

    def peer() -> Trickle:
        peers.append(Trickle(chance, most))
        return peers[-1]

    server = await asyncio.get_running_loop().create_server(peer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield {"host": "127.0.0.1", "port": port, "protocol": 2, "client_name": "name", "socket_timeout": 60,
               **UNANNOUNCED, **NO_RETRY}
    finally:
        server.close()
        for each in peers:
            if each.transport is not None:
                each.transport.abort()
        await server.wait_closed()

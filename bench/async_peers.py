"""The clients for asyncio that are compared. They only GET.

coredis gives a connection back before the reply has come, and valkey-glide has one connection for all: however few
connections there are, their tasks do not wait for one.
"""

from __future__ import annotations

import asyncio
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import redis.asyncio
from redis._parsers import _AsyncHiredisParser, _AsyncRESP3Parser

import respool.asyncio
from measure import AsyncOperation
from names import COREDIS, GLIDE, OURS, RAW, REDIS_PY, REFERENCE, SWAPPED, VALKEY
from peers import TIMEOUT, if_installed, packed
from servers import RedisServer

Opener = Callable[[RedisServer, int, bool], AbstractAsyncContextManager[AsyncOperation]]


def pooled(client_class: Any, pools: Any, **options: Any) -> Opener:
    """The GET of a client of redis-py's kind, with a pool of this module."""

    @asynccontextmanager
    async def opened(server: RedisServer, connections: int, blocking: bool) -> AsyncIterator[AsyncOperation]:
        pool_class = pools.ConnectionPool
        arguments = {**options, **server.address, "max_connections": connections}
        if blocking:
            pool_class = pools.BlockingConnectionPool
            arguments["timeout"] = TIMEOUT
        async with aclosing(pool_class(**arguments)) as pool:
            yield partial(client_class(connection_pool=pool).get, "key")

    return opened


@asynccontextmanager
async def with_valkey(server: RedisServer, connections: int, blocking: bool) -> AsyncIterator[AsyncOperation]:
    import valkey.asyncio

    async with pooled(valkey.asyncio.Valkey, valkey.asyncio)(server, connections, blocking) as get:
        yield get


@asynccontextmanager
async def with_coredis(server: RedisServer, connections: int, blocking: bool) -> AsyncIterator[AsyncOperation]:
    import coredis

    async with coredis.Redis(**server.address, max_connections=connections) as client:
        yield partial(client.get, "key")


@asynccontextmanager
async def with_glide(server: RedisServer, connections: int, blocking: bool) -> AsyncIterator[AsyncOperation]:
    import glide

    # Its own time-out, 250 ms, is one that a busy machine exceeds.
    address = glide.NodeAddress(**server.address)
    client = await glide.GlideClient.create(glide.GlideClientConfiguration([address], request_timeout=5_000))
    try:
        yield partial(client.get, "key")
    finally:
        await client.close()


class PingPong(asyncio.BufferedProtocol):
    """Sends a command and takes what comes for its reply: what the event loop alone costs."""

    transport: Any
    reply: asyncio.Future[bytes]

    def __init__(self) -> None:
        self.buffer = bytearray(4096)
        self.loop = asyncio.get_running_loop()

    def connection_made(self, transport: Any) -> None:  # uvloop's are not instances of asyncio's classes
        self.transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:
        return self.buffer

    def buffer_updated(self, nbytes: int) -> None:
        self.reply.set_result(bytes(self.buffer[:nbytes]))

    def ask(self, request: bytes) -> asyncio.Future[bytes]:
        self.reply = self.loop.create_future()
        self.transport.write(request)
        return self.reply


@asynccontextmanager
async def with_protocols(server: RedisServer, connections: int, blocking: bool) -> AsyncIterator[AsyncOperation]:
    connect = partial(asyncio.get_running_loop().create_connection, PingPong, **server.address)
    everyone = [(await connect())[1] for _ in range(connections)]
    idle = list(everyone)
    places = asyncio.Semaphore(connections)
    request = packed(b"GET", b"key")

    async def get() -> bytes:
        async with places:
            connection = idle.pop()
            reply: bytes = await connection.ask(request)
            idle.append(connection)
            return reply

    try:
        yield get
    finally:
        for connection in everyone:
            connection.transport.close()


OPENERS: dict[str, Opener | None] = {
    REFERENCE: pooled(redis.asyncio.Redis, redis.asyncio, parser_class=_AsyncHiredisParser),
    REDIS_PY: pooled(redis.asyncio.Redis, redis.asyncio, parser_class=_AsyncRESP3Parser),
    VALKEY: if_installed(with_valkey, "valkey", "libvalkey"),
    COREDIS: if_installed(with_coredis, "coredis"),
    GLIDE: if_installed(with_glide, "glide"),
    RAW: with_protocols,
    SWAPPED: pooled(redis.asyncio.Redis, respool.asyncio),
}
if hasattr(respool.asyncio, "Redis"):
    OPENERS[OURS] = pooled(respool.asyncio.Redis, respool.asyncio)


async def all_at_once(operation: AsyncOperation, times: int) -> None:
    await asyncio.gather(*(operation() for _ in range(times)))


@contextmanager
def opened(
    loop: AbstractEventLoop, server: RedisServer, connections: int = 1, blocking: bool = False
) -> Iterator[dict[str, AsyncOperation | None]]:
    """The GETs of all clients, whose connections are open. One task opens and closes them: coredis insists on that."""
    ready = loop.create_future()
    done = asyncio.Event()

    async def keep() -> None:
        async with AsyncExitStack() as stack:
            gets: dict[str, AsyncOperation | None] = {}
            for name, opener in OPENERS.items():
                gets[name] = None
                if opener:
                    gets[name] = get = await stack.enter_async_context(opener(server, connections, blocking))
                    await all_at_once(get, connections)
            ready.set_result(gets)
            await done.wait()

    keeper = loop.create_task(keep())
    loop.run_until_complete(asyncio.wait([keeper, ready], return_when=asyncio.FIRST_COMPLETED))
    if not ready.done():
        keeper.result()  # raises
    try:
        yield ready.result()
    finally:
        done.set()
        loop.run_until_complete(keeper)

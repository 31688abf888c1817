"""GETs of asyncio's tasks on a real server: respool's pools under `redis.asyncio.Redis`, beside other clients.

    pytest bench/bench_asyncio.py

One task shares its processor with the server, as in bench_commands.py. Many tasks are not pinned, as in
bench_threads.py. A peer that is not installed is left out. coredis gives a connection back before the reply has come,
and valkey-glide has one connection for all: however few connections there are, their tasks do not wait for one.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import statistics
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from functools import partial
from importlib.util import find_spec
from time import perf_counter, process_time
from typing import Any, NamedTuple

import pytest
import redis.asyncio
import valkey.asyncio
from redis._parsers import _AsyncHiredisParser, _AsyncRESP3Parser

import respool.asyncio
from results import RESULTS, ROUNDS, Race, Result
from servers import RedisServer

REFERENCE = "redis-py, hiredis"
VALUE = b"0123456789"
GET = b"*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n"

# A shared pool is measured for longer: what its tasks get is counted task by task.
SECONDS = {"ConnectionPool": 0.2, "BlockingConnectionPool": 0.4}

Get = Callable[[], Awaitable[Any]]
Client = Callable[[RedisServer, str, int], AbstractAsyncContextManager[Get]]


# --- The contestants -------------------------------------------------------------------------------------------------

def pooled(client_class: Any, pools: Any, **options: Any) -> Client:
    """A client with the pool class of this module that the workload names."""

    @asynccontextmanager
    async def opened(server: RedisServer, pool: str, connections: int) -> AsyncIterator[Get]:
        pool_class = getattr(pools, pool)
        async with aclosing(pool_class(max_connections=connections, **options, **server.address)) as running:
            yield partial(client_class(connection_pool=running).get, "key")

    return opened


@asynccontextmanager
async def with_coredis(server: RedisServer, pool: str, connections: int) -> AsyncIterator[Get]:
    import coredis

    async with coredis.Redis(**server.address, max_connections=connections) as client:
        yield partial(client.get, "key")


@asynccontextmanager
async def with_glide(server: RedisServer, pool: str, connections: int) -> AsyncIterator[Get]:
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

    def ask(self) -> asyncio.Future[bytes]:
        self.reply = self.loop.create_future()
        self.transport.write(GET)
        return self.reply


@asynccontextmanager
async def bare(server: RedisServer, pool: str, connections: int) -> AsyncIterator[Get]:
    connect = partial(asyncio.get_running_loop().create_connection, PingPong, **server.address)
    everyone = [(await connect())[1] for _ in range(connections)]
    idle = list(everyone)
    places = asyncio.Semaphore(connections)

    async def get() -> bytes:
        async with places:
            connection = idle.pop()
            reply: bytes = await connection.ask()
            idle.append(connection)
            return reply

    try:
        yield get
    finally:
        for connection in everyone:
            connection.transport.close()


def contestants() -> dict[str, Client]:
    """The reference first, ours last."""
    clients = {
        REFERENCE: pooled(redis.asyncio.Redis, redis.asyncio, parser_class=_AsyncHiredisParser),
        "redis-py": pooled(redis.asyncio.Redis, redis.asyncio, parser_class=_AsyncRESP3Parser),
        "valkey-py, libvalkey": pooled(valkey.asyncio.Valkey, valkey.asyncio),
    }
    if find_spec("coredis"):
        clients["coredis"] = with_coredis
    if find_spec("glide"):
        clients["valkey-glide"] = with_glide
    clients["bare protocol"] = bare
    clients["respool"] = pooled(redis.asyncio.Redis, respool.asyncio)
    return clients


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Iterator[AbstractEventLoop]:
    running = pytest.importorskip(request.param).new_event_loop()
    yield running
    running.run_until_complete(running.shutdown_asyncgens())
    running.close()


@pytest.fixture
def descriptors() -> Iterator[None]:
    """As many open files as are allowed: all contestants keep their connections from round to round."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@contextmanager
def opened(loop: AbstractEventLoop, server: RedisServer, pool: str, connections: int) -> Iterator[dict[str, Get]]:
    """Each contestant's GET. One task opens the clients and closes them: coredis insists on that."""
    with redis.Redis(**server.address) as client:
        client.set("key", VALUE)
    ready = loop.create_future()
    done = asyncio.Event()

    async def keep() -> None:
        async with AsyncExitStack() as stack:
            gets = {}
            for name, client in contestants().items():
                gets[name] = await stack.enter_async_context(client(server, pool, connections))
                assert VALUE in await gets[name](), name
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


# --- One task --------------------------------------------------------------------------------------------------------

def one_after_another(loop: AbstractEventLoop, get: Get) -> Callable[[int], None]:
    async def repeat(loops: int) -> None:
        for _ in range(loops):
            await get()

    def run(loops: int) -> None:
        loop.run_until_complete(repeat(loops))

    return run


@pytest.mark.parametrize("clock", ["processor", "wall"])
def test_one_task(race: Race, beside: RedisServer, loop: AbstractEventLoop, clock: str) -> None:
    with opened(loop, beside, "ConnectionPool", 1) as gets:
        runs = {name: one_after_another(loop, get) for name, get in gets.items()}
        if clock == "processor":
            race(runs, loops=300, clock=process_time)
        else:
            race(runs, loops=300)


# --- Many tasks ------------------------------------------------------------------------------------------------------

class Outcome(NamedTuple):
    rate: float  # operations a second
    processor: float  # seconds an operation
    longest: float  # seconds that one took, the wait for a connection included
    least: float  # operations of the task that got fewest
    most: float  # ... and most


async def contend(get: Get, tasks: int, seconds: float) -> Outcome:
    """Let so many tasks GET for so long."""
    over = False
    counts, longest = [0] * tasks, 0.0

    async def work(number: int) -> None:
        nonlocal longest
        asked = perf_counter()
        while not over:
            await get()
            counts[number] += 1
            answered = perf_counter()
            longest = max(longest, answered - asked)
            asked = answered

    started, processor = perf_counter(), process_time()
    workers = [asyncio.create_task(work(number)) for number in range(tasks)]
    await asyncio.sleep(seconds)
    seconds, processor = perf_counter() - started, process_time() - processor
    total, least, most = sum(counts), min(counts), max(counts)
    over = True
    await asyncio.gather(*workers)
    return Outcome(total / seconds, processor / total, longest, least, most)


async def all_at_once(get: Get, tasks: int) -> None:
    await asyncio.gather(*(get() for _ in range(tasks)))


def race_of_tasks(
    benchmark: Any, loop: AbstractEventLoop, workload: str, gets: Mapping[str, Get], tasks: int, seconds: float
) -> None:
    """Run contestants in interleaved rounds, and report their rates relative to that of the first.

    The note has the ratio of the processor time too, which others on the machine disturb less.
    """
    outcomes: dict[str, list[Outcome]] = {name: [] for name in gets}
    for get in gets.values():
        loop.run_until_complete(all_at_once(get, tasks))  # opens the connections

    def one_round() -> None:
        for name, get in gets.items():
            outcomes[name].append(loop.run_until_complete(contend(get, tasks, seconds)))

    gc.collect()
    gc.freeze()  # else each one's garbage collections would walk through the connections of all
    benchmark.pedantic(one_round, rounds=min(ROUNDS, 7))
    gc.unfreeze()
    for name, values in outcomes.items():
        rounds = list(zip(values, outcomes[REFERENCE], strict=True))
        ratios = [base.rate / value.rate for value, base in rounds]
        work = statistics.median(value.processor / base.processor for value, base in rounds)
        median = Outcome(*(statistics.median(column) for column in zip(*values, strict=True)))
        note = (
            f"{median.rate:,.0f} op/s, CPU {median.processor * 1e6:.1f} us ({work:.3f}), "
            f"longest {median.longest * 1e3:.0f} ms, {median.least:.0f} to {median.most:.0f} a task"
        )
        RESULTS.append(Result(workload, name, 1e6 / median.rate, ratios, note))
        benchmark.extra_info[name] = note


@pytest.mark.parametrize(
    ("pool", "tasks", "connections"),
    [("ConnectionPool", 10, 10), ("ConnectionPool", 100, 100), ("ConnectionPool", 500, 500),
     ("BlockingConnectionPool", 500, 10)],
)
def test_tasks(
    benchmark: Any, server: RedisServer, descriptors: None, loop: AbstractEventLoop,
    pool: str, tasks: int, connections: int,
) -> None:
    kind = type(loop).__module__.partition(".")[0]
    with opened(loop, server, pool, connections) as gets:
        workload = f"{tasks} tasks on {connections} connections, {kind}"
        race_of_tasks(benchmark, loop, workload, gets, tasks, SECONDS[pool])

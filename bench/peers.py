"""The clients that are compared: where each comes from, and how it is asked. Those for asyncio are in `async_peers`.

A peer that is not installed stands as None among the others, so that the table can name it.
"""

from __future__ import annotations

import csv
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from queue import SimpleQueue
from resource import RUSAGE_CHILDREN, getrusage
from typing import Any, TypeVar

import redis
from redis._parsers import Encoder, _HiredisParser, _RESP3Parser
from redis.connection import PythonRespSerializer

import respool
from measure import Operation
from names import CLIENTS, GLIDE, OURS, RAW, REDIS_BENCHMARK, REDIS_PY, REFERENCE, SWAPPED, VALKEY
from results import Sample, Sampler
from servers import RedisServer

PACKAGES = ("redis", "hiredis", "valkey", "libvalkey", "coredis", "valkey-glide", "valkey-glide-sync", "uvloop")

TIMEOUT = 60  # seconds that a thread waits for a connection at most: those who starve are to starve

Kind = TypeVar("Kind")
Opened = TypeVar("Opened")


def versions() -> dict[str, str]:
    """The version of each package that matters here."""
    found = {"respool": respool.__version__}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found


def if_installed(kind: Kind, *modules: str) -> Kind | None:
    """The way to open a peer, if these modules are there."""
    return kind if all(map(find_spec, modules)) else None


# --- Clients that block ----------------------------------------------------------------------------------------------

class Client:
    """A client in redis-py's manner, with a pool."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def get(self, key: str) -> Operation:
        return partial(self.client.get, key)

    def set(self, key: str, value: bytes) -> Operation:
        return partial(self.client.set, key, value)

    def pipeline(self, key: str, commands: int) -> Operation:
        """So many GETs in one batch."""

        def run() -> None:
            batch = self.client.pipeline(transaction=False)
            for _ in range(commands):
                batch.get(key)
            batch.execute()

        return run

    def checkouts(self) -> Callable[[int], None]:
        """Take a connection and give it back, so many times."""
        pool = self.client.connection_pool
        arguments = () if isinstance(pool, redis.ConnectionPool) else ("PING",)  # valkey-py's asks for a command

        def run(loops: int) -> None:
            get_connection, release = pool.get_connection, pool.release
            for _ in range(loops):
                release(get_connection(*arguments))

        return run

    def new_connection(self) -> Operation:
        """Connect, introduce oneself, disconnect."""
        pool = self.client.connection_pool
        connection_class, arguments = pool.connection_class, pool.connection_kwargs

        def run() -> None:
            connection = connection_class(**arguments)
            connection.connect()
            connection.disconnect()

        return run


class Glide(Client):
    """One connection that all threads share; the work is done by a thread of its own."""

    def pipeline(self, key: str, commands: int) -> Operation:
        from glide_sync import Batch

        def run() -> None:
            batch = Batch(is_atomic=False)
            for _ in range(commands):
                batch.get(key)
            self.client.exec(batch, raise_on_error=True)

        return run


class Raw(Client):
    """Sockets with a time-out, and nothing else: bytes go out, and so many as are known to answer them come in."""

    def __init__(self, server: RedisServer, connections: int) -> None:
        self.address = tuple(server.address.values())
        self.idle: SimpleQueue[socket.socket] = SimpleQueue()
        for _ in range(connections):
            self.idle.put(self.connect())

    def connect(self) -> socket.socket:
        connection = socket.create_connection(self.address, timeout=5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        while not self.idle.empty():
            self.idle.get().close()

    def ask(self, request: bytes, size: int) -> bytearray:
        connection = self.idle.get()
        try:
            return ask(connection, request, size)
        finally:
            self.idle.put(connection)

    def get(self, key: str) -> Operation:
        return self.pipeline(key, 1)

    def set(self, key: str, value: bytes) -> Operation:
        return partial(self.ask, packed(b"SET", key.encode(), value), len(b"+OK\r\n"))

    def pipeline(self, key: str, commands: int) -> Operation:
        with self.connect() as connection:
            connection.sendall(packed(b"STRLEN", key.encode()))
            length = int(connection.recv(64)[1:])
        reply = len(b"$%d\r\n" % length) + length + len(b"\r\n")
        return partial(self.ask, packed(b"GET", key.encode()) * commands, reply * commands)

    def new_connection(self) -> Operation:
        hello = packed(b"HELLO", b"3")

        def run() -> None:
            with self.connect() as connection:
                connection.sendall(hello)
                connection.recv(4096)

        return run


def packed(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


def ask(connection: socket.socket, request: bytes, size: int) -> bytearray:
    """Send, and receive so many bytes."""
    connection.sendall(request)
    reply = bytearray(size)
    missing = memoryview(reply)
    while missing:
        received = connection.recv_into(missing)
        if not received:
            raise ConnectionError("the server has closed the connection")
        missing = missing[received:]
    return reply


Opener = Callable[[RedisServer, int, bool], AbstractContextManager[Client]]


def pooled(client_class: Any, pools: Any, **options: Any) -> Opener:
    """A client of redis-py's kind, with a pool of this module."""

    @contextmanager
    def opened(server: RedisServer, connections: int, blocking: bool) -> Iterator[Client]:
        pool_class = pools.ConnectionPool
        arguments = {**options, **server.address, "max_connections": connections}
        if blocking:
            pool_class = pools.BlockingConnectionPool
            arguments["timeout"] = TIMEOUT
        with closing(pool_class(**arguments)) as pool:
            yield Client(client_class(connection_pool=pool))

    return opened


@contextmanager
def with_valkey(server: RedisServer, connections: int, blocking: bool) -> Iterator[Client]:
    import valkey

    with pooled(valkey.Valkey, valkey)(server, connections, blocking) as client:
        yield client


@contextmanager
def with_glide(server: RedisServer, connections: int, blocking: bool) -> Iterator[Client]:
    from glide_sync import GlideClient, GlideClientConfiguration, NodeAddress

    # Its own time-out, 250 ms, is one that a busy machine exceeds.
    settings = GlideClientConfiguration([NodeAddress(**server.address)], request_timeout=5_000)
    with closing(GlideClient.create(settings)) as client:
        yield Glide(client)


@contextmanager
def with_sockets(server: RedisServer, connections: int, blocking: bool) -> Iterator[Client]:
    with closing(Raw(server, connections)) as client:
        yield client


OPENERS: dict[str, Opener | None] = {
    REFERENCE: pooled(redis.Redis, redis, parser_class=_HiredisParser),
    REDIS_PY: pooled(
        redis.Redis, redis, parser_class=_RESP3Parser,
        command_packer=PythonRespSerializer(6000, Encoder("utf-8", "strict", False).encode),
    ),
    VALKEY: if_installed(with_valkey, "valkey", "libvalkey"),
    GLIDE: if_installed(with_glide, "glide_sync"),
    RAW: with_sockets,
    SWAPPED: pooled(redis.Redis, respool),
}
if hasattr(respool, "Redis"):
    OPENERS[OURS] = pooled(respool.Redis, respool)

EVERYONE = tuple(OPENERS)
POOLED = (REFERENCE, REDIS_PY, VALKEY, SWAPPED)


@contextmanager
def opened(
    server: RedisServer, names: Sequence[str] = EVERYONE, connections: int = 1, blocking: bool = False
) -> Iterator[dict[str, Client | None]]:
    """These clients, each with a pool of so many connections."""
    with ExitStack() as stack:
        openers = {name: OPENERS[name] for name in names}
        yield {
            name: opener and stack.enter_context(opener(server, connections, blocking))
            for name, opener in openers.items()
        }


def subjects(clients: dict[str, Opened | None], sampler: Callable[[Opened], Sampler]) -> dict[str, Sampler | None]:
    """How each of these clients is measured."""
    return {name: None if client is None else sampler(client) for name, client in clients.items()}


def with_limit(measured: dict[str, Sampler | None], limit: Sampler | None) -> dict[str, Sampler | None]:
    """The same with redis-benchmark, in the order of the table."""
    everyone = {**measured, REDIS_BENCHMARK: limit}
    return {name: everyone[name] for name in CLIENTS if name in everyone}


# --- A program -------------------------------------------------------------------------------------------------------

def redis_benchmark(
    server: RedisServer, requests: int, *command: str, clients: int = 1, pipeline: int = 1, last: bytes | None = None
) -> Sampler | None:
    """What redis-benchmark (or Valkey's), in C, reports of a command; `last` is the command's last argument."""
    program = shutil.which("redis-benchmark") or shutil.which("valkey-benchmark")
    if program is None:
        return None
    options = ["-p", str(server.port), "-c", str(clients), "-P", str(pipeline), "--csv", *(["-x"] if last else [])]

    def processor() -> float:
        usage = getrusage(RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    def sampler(share: float) -> Sample:
        count = max(round(requests * share), pipeline)
        before = processor()
        finished = subprocess.run(
            [program, *options, "-n", str(count), *command], input=last, capture_output=True, check=True, timeout=60
        )
        line = next(csv.DictReader(finished.stdout.decode().splitlines()))
        one_by_one = clients == pipeline == 1  # then it is the median that is compared
        seconds = float(line["p50_latency_ms"]) / 1e3 if one_by_one else 1 / float(line["rps"])
        return Sample(seconds, (processor() - before) / count)

    return sampler

"""What the tests of survival share: connections that count their dials, callers in line, and who sees what."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.exceptions import MaxConnectionsError
from redis.retry import Retry

import respool
import respool.asyncio as aio
from conftest import Threads, until
from servers import RedisServer
from stubs import AsyncDummy, Dummy

ONCE: dict[str, Any] = {"retry": Retry(NoBackoff(), 0)}
NUMBERS = itertools.count()


def new_name() -> str:
    """A name for the connections of one pool, by which a server tells them from all others."""
    return f"survivor-{next(NUMBERS)}"


def ids(server: RedisServer, name: str) -> set[str]:
    """The connections of a pool, as the server knows them."""
    return {entry["id"] for entry in server.connections_named(name)}


def id_of(connection: Any) -> str:
    """By which number the server knows a connection."""
    connection.send_command("CLIENT", "ID")
    return str(connection.read_response())


class Foreign(Dummy):
    """A connection that is none of redis-py's, and has what keeps it alive."""

    _sock: Any = None

    def connect(self) -> None:
        if self._sock is None:
            self.dial()
        self._sock = self

    def dial(self) -> None:
        """Nothing is there to be dialled."""

    def disconnect(self) -> None:
        super().disconnect()
        self._sock = None

    def send_command(self, *words: Any, **options: Any) -> None:
        self.calls.append(words[0])

    def read_response(self, **options: Any) -> bytes:
        return b"PONG"


class AsyncForeign(AsyncDummy):
    """The same for asyncio."""

    is_connected = False

    async def connect(self) -> None:
        if not self.is_connected:
            await self.dial()
        self.is_connected = True

    async def dial(self) -> None:
        """Nothing is there to be dialled."""

    async def disconnect(self, nowait: bool = False) -> None:
        await super().disconnect()
        self.is_connected = False

    async def send_command(self, *words: Any, **options: Any) -> None:
        self.calls.append(words[0])

    async def read_response(self, **options: Any) -> bytes:
        return b"PONG"


KINDS = [respool.Connection, redis.Connection, Foreign]
ASYNC_KINDS = [aio.Connection, redis.asyncio.Connection, AsyncForeign]
POOLS = [respool.ConnectionPool, respool.BlockingConnectionPool]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=["respool", "redis", "foreign"])
each_real_kind = pytest.mark.parametrize("kind", KINDS[:2], ids=["respool", "redis"])
each_pool = pytest.mark.parametrize("pool_class", POOLS)
each_order = pytest.mark.parametrize("order", ["fifo", "lifo"])


class Dials:
    """Counts the dials of a kind of connections, makes them last, stops them at a gate, and has them fail."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.count = self.under_way = self.most = 0
        self.error: Exception | None = None
        self.failures = sys.maxsize  # how many fail, with an error
        self.threads: set[int] = set()
        self._lock = threading.Lock()
        self._gate = threading.Event()
        self._gate.set()

    def stop(self) -> None:
        """Let no dial get on until `go_on`."""
        self._gate.clear()

    def go_on(self) -> None:
        self._gate.set()

    @contextmanager
    def counted(self) -> Iterator[None]:
        with self._lock:
            self.count += 1
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            self.threads.add(threading.get_ident())
        try:
            yield
        finally:
            with self._lock:
                self.under_way -= 1

    def fail(self) -> None:
        with self._lock:
            failing = self.error is not None and self.failures > 0
            self.failures -= failing
        if failing:
            raise self.error

    def of(self, base: Any = respool.Connection) -> Any:
        """A class of connections that dial here."""
        dials = self

        def wait() -> None:
            assert dials._gate.wait(30), "the gate has not been opened"
            time.sleep(dials.seconds)
            dials.fail()

        async def pause() -> None:
            while not dials._gate.is_set():
                await asyncio.sleep(0.001)
            await asyncio.sleep(dials.seconds)
            dials.fail()

        if issubclass(base, Foreign):
            class Dialling(base):
                def dial(self) -> None:
                    with dials.counted():
                        wait()
        elif issubclass(base, AsyncForeign):
            class Dialling(base):  # type: ignore[no-redef]
                async def dial(self) -> None:
                    with dials.counted():
                        await pause()
        elif issubclass(base, redis.connection.AbstractConnection):
            class Dialling(base):  # type: ignore[no-redef]
                def _connect(self) -> Any:
                    with dials.counted():
                        wait()
                        return super()._connect()
        else:
            class Dialling(base):  # type: ignore[no-redef]
                async def _connect(self) -> Any:
                    with dials.counted():
                        await pause()
                        return await super()._connect()
        return Dialling


@pytest.fixture
def dials() -> Iterator[Dials]:
    counting = Dials()
    yield counting
    counting.go_on()


@contextmanager
def pool_of(server: RedisServer, pool_class: Any = respool.ConnectionPool, **options: Any) -> Iterator[Any]:
    """A pool of connections with a name of their own, of which nothing is left on the server in the end."""
    name = new_name()
    pool = pool_class(**{**server.address, "max_connections": 4, "client_name": name, **ONCE, **options})
    try:
        yield pool
    finally:
        pool.close()
    until(lambda: created(pool) == 0)
    if server.process.poll() is None:
        until(lambda: not server.connections_named(name))


def known(server: RedisServer, pool: Any) -> set[str]:
    """The connections of a pool, as the server knows them."""
    return ids(server, pool.connection_kwargs["client_name"])


def created(pool: Any) -> int:
    return int(pool.counts()[0])


def tended(pool: Any) -> None:
    """Let the housekeeper have been there once more."""
    come = threading.Event()
    pool._housekeeper.when_tended(come.set)
    pool._housekeeper.call()
    assert come.wait(30)


def housekeepers() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("respool-")]


def neglected(pool: Any) -> None:
    """Have a housekeeper that does nothing, so that it is up to the callers to notice."""
    pool._tend = lambda: None


class Draining:
    """A drain in a thread of its own, which has begun."""

    def __init__(self, threads: Threads, pool: Any, timeout: float | None = None) -> None:
        self.result: bool | None = None
        self._thread = threads.start(self._run, pool, timeout)
        patience, pool.timeout = pool.timeout, 0
        until(lambda: refuses(pool))
        pool.timeout = patience

    def _run(self, pool: Any, timeout: float | None) -> None:
        self.result = pool.drain(timeout)

    def ended(self) -> bool | None:
        self._thread.join(30)
        return self.result


def refuses(pool: Any) -> bool:
    """Whether it refuses newcomers because it is about to be closed."""
    try:
        pool.release(pool.get_connection())
    except respool.ConnectionPoolClosedError:
        return True
    except MaxConnectionsError:
        pass
    return False


class Caller:
    """A thread that asks for a connection, and keeps it until it is told to give it back."""

    def __init__(self, threads: Threads, pool: Any) -> None:
        self.pool = pool
        self.connection: Any = None
        self.error: Exception | None = None
        self._served, self._done = threading.Event(), threading.Event()
        self._thread = threads.start(self._run)

    def _run(self) -> None:
        try:
            self.connection = self.pool.get_connection()
        except Exception as error:
            self.error = error
        self._served.set()
        if self.error is None:
            assert self._done.wait(60)
            connection, self.connection = self.connection, None
            self.pool.release(connection)

    def served(self) -> Any:
        """The connection, as soon as it has one; its error is raised."""
        assert self._served.wait(30), "nothing has come of it"
        if self.error is not None:
            raise self.error
        return self.connection

    def failed(self) -> Exception:
        """Its error, as soon as it has one."""
        assert self._served.wait(30), "nothing has come of it"
        assert self.error is not None, "it was served"
        return self.error

    @property
    def waits(self) -> bool:
        return not self._served.is_set()

    def give_back(self) -> None:
        self._done.set()
        self._thread.join(30)


def in_line(threads: Threads, pool: Any) -> Caller:
    """A caller who stands in line."""
    arrived = pool.waiting
    caller = Caller(threads, pool)
    until(lambda: pool.waiting == arrived + 1 or not caller.waits)
    return caller


def run_script(script: str, *arguments: Any, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own."""
    source = str(Path(respool.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        capture_output=True, text=True, timeout=seconds, check=False, env={**os.environ, "PYTHONPATH": source},
    )


def assert_quiet(ended: subprocess.CompletedProcess[str], says: str = "") -> None:
    """A program has ended as it should, without a word of complaint."""
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, says, ""), ended


# Settings that no pool takes, and what the error says.
SECONDS = ("max_idle_time", "max_lifetime", "keepalive_interval", "probe_interval", "leak_threshold")
WRONG: list[tuple[str, Any, type[Exception]]] = [
    *((name, value, ValueError) for name in SECONDS for value in (0, -1, float("nan"), float("inf"), "soon", "-3")),
    *((name, value, TypeError) for name in SECONDS for value in (True, object(), b"1")),
    *(("min_idle", value, ValueError) for value in (-1, 1.5, True, "many", "-1", None)),
    *(("max_connecting", value, ValueError) for value in (0, -1, 1.5, True, "many", "0")),
    *(("retire_on_failover", value, ValueError) for value in ("perhaps", 2, None, "")),
    *(("lease_sampling", value, ValueError) for value in (-0.1, 1.1, "half", "2", True, float("nan"))),
]

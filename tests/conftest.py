"""Servers, threads and checks that the tests share."""

from __future__ import annotations

import gc
import signal
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from hypothesis import HealthCheck, settings

import respool
from loops import either_protocol as either_protocol
from loops import kind_of_loop as kind_of_loop
from loops import pytest_pyfunc_call as pytest_pyfunc_call
from loops import run as run
from respool import ConnectionPool, _line
from servers import Certificates, RedisServer, certificates_for, redis_server, tls_server
from staged import Stage

settings.register_profile(
    "respool", deadline=None, derandomize=True, max_examples=100, database=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("respool")


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    """A private Redis server on a free port and a Unix socket; its processes end with the tests."""
    with redis_server() as running:
        yield running


@pytest.fixture(scope="session")
def certificates() -> Iterator[Certificates]:
    """A chain of certificates for a server on this machine."""
    with certificates_for("localhost", "127.0.0.1") as made:
        yield made


@pytest.fixture(scope="session")
def secure_server(certificates: Certificates) -> Iterator[RedisServer]:
    """A private Redis server that talks TLS too."""
    with tls_server(certificates) as running:
        yield running


@pytest.fixture(params=["tcp", "tls"])
def stage(request: pytest.FixtureRequest, certificates: Certificates) -> Iterator[Stage]:
    """Scripted servers, and connections to them by a socket whose descriptor is used, or whose methods are."""
    with Stage(request.param, certificates) as running:
        yield running


@pytest.fixture(params=[2, 3], ids=["RESP2", "RESP3"])
def protocol(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture
def pool(server: RedisServer, protocol: int) -> Iterator[ConnectionPool]:
    """A pool of one slot, so that the next caller gets what the last one gave back."""
    with redis.Redis(port=server.port) as client:
        client.flushall()
        client.set("text", "text")
    with ConnectionPool(**server.address, max_connections=1, protocol=protocol) as running:
        yield running


@pytest.fixture
def installed() -> Iterator[None]:
    """respool in the place of redis-py's classes."""
    respool.install()
    yield
    respool.uninstall()


@pytest.fixture(scope="session", autouse=True)
def frozen_heap() -> None:
    """Spare what is imported the collections after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def collector_at_rest() -> Iterator[None]:
    """The collector on, but not about to run by itself; and the pool free to call it, however recently it did."""
    gc.unfreeze()  # with little to look at, it is so fast that it may run again soon
    gc.collect()
    _line._collect_again()
    threshold = gc.get_threshold()
    gc.set_threshold(1_000_000)
    yield
    gc.set_threshold(*threshold)
    gc.enable()
    gc.freeze()


@pytest.fixture(autouse=True)
def ctrl_c() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, also where the tests run in the background of a shell, which ignores it."""
    previous = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, previous)


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test ends the threads that it started, and collects its garbage within its own account."""
    before = set(threading.enumerate())
    yield
    gc.collect()
    for thread in set(threading.enumerate()) - before:
        if isinstance(thread, threading._DummyThread):  # one that `threading` has not begun, and that has logged
            continue
        thread.join(10)
        assert not thread.is_alive(), f"{thread.name} is still running"


class Threads:
    """Threads that start together, end before the test does, and whose errors are the test's."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []

    def start(self, work: Callable[..., Any], *args: Any) -> threading.Thread:
        """Start one thread."""

        def guarded() -> None:
            try:
                work(*args)
            except BaseException as error:
                self.errors.append(error)

        thread = threading.Thread(target=guarded, daemon=True)
        self.threads.append(thread)
        thread.start()
        return thread

    def together(self, count: int, work: Callable[[int], Any]) -> None:
        """Run `work(0)` to `work(count - 1)` in as many threads, which meet at a barrier first."""
        barrier = threading.Barrier(count)

        def meet(number: int) -> None:
            barrier.wait(30)
            work(number)

        for number in range(count):
            self.start(meet, number)
        self.join()

    def join(self) -> None:
        """Wait for all threads; raise the first error that one had."""
        for thread in self.threads:
            thread.join(60)
            assert not thread.is_alive(), "a thread hangs"
        self.threads.clear()
        if self.errors:
            raise self.errors[0]


@pytest.fixture
def threads() -> Iterator[Threads]:
    running = Threads()
    yield running
    running.join()


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another thread is about to do."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.0005)


def assert_sound(pool: Any, **expected: int) -> None:
    """The invariant of every pool, and with keywords what is expected of its counts."""
    created, idle, in_use, connecting, waiting = pool.counts()
    counts = {"created": created, "idle": idle, "in_use": in_use, "connecting": connecting, "waiting": waiting}
    assert created == idle + in_use + connecting, counts
    assert created <= pool.max_connections, counts
    assert min(counts.values()) >= 0, counts
    assert {name: counts[name] for name in expected} == expected, counts


@contextmanager
def traced() -> Iterator[Callable[[], int]]:
    """Gives the most memory in use at once, in bytes, so far."""
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield lambda: tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@contextmanager
def lasting(least: float, most: float) -> Iterator[None]:
    """The body takes at least so many seconds, and not longer than `most`, which leaves room for a busy machine."""
    started = time.monotonic()
    yield
    elapsed = time.monotonic() - started
    assert least <= elapsed < most, elapsed

"""Servers, threads and checks that the tests share."""

from __future__ import annotations

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from servers import RedisServer, redis_server


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    """A private Redis server on a free port and a Unix socket; its processes end with the tests."""
    with redis_server() as running:
        yield running


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

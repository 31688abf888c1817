"""GETs of asyncio's tasks on a real server.

One task shares its processor with the server, as in bench_commands. Many tasks are not pinned, as in bench_threads.
"""

from __future__ import annotations

import resource
from asyncio import AbstractEventLoop
from collections.abc import Iterator

import pytest
import redis

from async_peers import opened
from measure import one_task, tasks
from names import TASKS
from peers import subjects
from results import Compare
from servers import RedisServer


@pytest.fixture(params=["asyncio", "uvloop"])
def loop(request: pytest.FixtureRequest) -> Iterator[AbstractEventLoop]:
    running = pytest.importorskip(request.param).new_event_loop()
    yield running
    running.run_until_complete(running.shutdown_asyncgens())
    running.close()


@pytest.fixture
def group(loop: AbstractEventLoop) -> str:
    return TASKS[type(loop).__module__.partition(".")[0]]


@pytest.fixture
def descriptors() -> Iterator[None]:
    """As many open files as are allowed: all clients keep their connections from round to round."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def fill(server: RedisServer) -> None:
    with redis.Redis(**server.address) as client:
        client.set("key", b"0123456789")


def test_one_task(compare: Compare, beside: RedisServer, loop: AbstractEventLoop, group: str) -> None:
    fill(beside)
    with opened(loop, beside) as clients:
        compare(group, "1 task", subjects(clients, lambda get: one_task(loop, get, 500)))


@pytest.mark.parametrize(("count", "connections"), [(10, 10), (100, 100), (500, 500), (500, 10)])
def test_tasks(
    compare: Compare, server: RedisServer, descriptors: None, loop: AbstractEventLoop, group: str,
    count: int, connections: int,
) -> None:
    fill(server)
    shared = count > connections  # then longer, for a task that starves to be seen
    name = f"{count} tasks" + f" on {connections} connections" * shared
    with opened(loop, server, connections, blocking=shared) as clients:
        measured = subjects(clients, lambda get: tasks(loop, get, count, seconds=0.15 if shared else 0.1))
        compare(group, name, measured, rate=True)

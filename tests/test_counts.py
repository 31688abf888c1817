"""What a command costs, in counts that no noise can touch: instructions, system calls, releases of the GIL, and calls
of functions that are written in Python.

The first three are counted under valgrind, between two calls of getppid() that the program makes for a mark. The bounds
leave some head-room for other versions of Python and redis-py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import redis

import respool
from servers import RedisServer
from versions import FREE_THREADED

pytestmark = pytest.mark.timeout(300)  # of programs that valgrind runs

GETS = 300

REDIS_PY, SWAPPED, OURS = "redis-py", "redis-py with respool's pool", "respool.Redis"
CLIENTS = {
    REDIS_PY: "redis.Redis(connection_pool=redis.ConnectionPool(port=port))",
    SWAPPED: "redis.Redis(connection_pool=respool.ConnectionPool(port=port))",
    OURS: "respool.Redis(port=port)",
}

PROGRAM = """
import os, redis, respool
port = {port}
client = {client}
client.set("key", b"0123456789")
for _ in range(100):
    client.get("key")
os.getppid()
for _ in range({gets}):
    client.get("key")
os.getppid()
"""


@dataclass
class Counts:
    """For one GET."""

    instructions: float
    system_calls: dict[str, float]
    gil_releases: float


def run(client: str, port: int, directory: Path) -> Counts:
    """Run the program under valgrind."""
    program = PROGRAM.format(client=CLIENTS[client], port=port, gets=GETS)
    profile = directory / client
    command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}", "--dump-before=getppid",
               "--trace-syscalls=yes", sys.executable, "-c", program]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True, errors="replace")
    calls = re.findall(r"^SYSCALL\[\d+,\d+\]\(\s*\d+\) (?:sys_)?(\w+)", finished.stderr, re.MULTILINE)
    first, last = (place for place, name in enumerate(calls) if name == "getppid")
    instructions = gil_releases = 0
    called = ""
    names: dict[str, str] = {}
    for line in Path(f"{profile}.2").read_text().splitlines():  # what was between the marks
        if line.startswith(("fn=", "cfn=")):
            number, _, name = line.partition("=")[2].partition(" ")
            called = names.setdefault(number, name)
        elif line.startswith("calls=") and called == "PyEval_SaveThread":
            gil_releases += int(line[6:].split()[0])
        elif line.startswith("totals:"):
            instructions = int(line.split()[1])
    system_calls = Counter(calls[first + 1 : last])
    return Counts(
        instructions / GETS, {name: count / GETS for name, count in system_calls.items()}, gil_releases / GETS
    )


@pytest.fixture(scope="module")
def counts(server: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Counts]:
    """Counts of each client."""
    assert shutil.which("valgrind"), "the tests need valgrind on PATH (Debian: apt-get install valgrind)"
    directory = tmp_path_factory.mktemp("callgrind")
    with ThreadPoolExecutor(2) as workers:
        found = workers.map(lambda client: run(client, server.port, directory), CLIENTS)
        return dict(zip(CLIENTS, found, strict=True))


def test_a_get_takes_less_than_half_the_instructions_that_it_takes_with_redis_pys_pool(
    counts: dict[str, Counts],
) -> None:
    assert counts[SWAPPED].instructions < 0.45 * counts[REDIS_PY].instructions
    # 59,000 on CPython 3.12, 68,000 on 3.10, 74,000 on a free-threaded 3.13
    assert counts[SWAPPED].instructions < (80_000 if FREE_THREADED else 72_000)


def test_a_get_of_respools_client_takes_a_tenth_of_the_instructions_of_redis_pys(counts: dict[str, Counts]) -> None:
    assert counts[OURS].instructions < 0.1 * counts[REDIS_PY].instructions


@pytest.mark.parametrize("client", [SWAPPED, OURS])
def test_a_get_takes_three_system_calls(counts: dict[str, Counts], client: str) -> None:
    # Outside of valgrind, reading the clock is no system call.
    calls = {name: count for name, count in counts[client].system_calls.items() if name != "clock_gettime"}
    often = {name: count for name, count in calls.items() if count > 0.1}
    assert set(often) == {"recvfrom", "sendto"}
    assert often["recvfrom"] == pytest.approx(2, abs=0.05)
    assert often["sendto"] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("client", [SWAPPED, OURS])
def test_a_get_releases_the_gil_once(counts: dict[str, Counts], client: str) -> None:
    assert counts[client].gil_releases == pytest.approx(1, abs=0.05)


# --- Calls of Python functions ---------------------------------------------------------------------------------------

def calls_of(operation: Callable[[], Any]) -> list[str]:
    """The modules of the Python functions that run in one operation, one entry for each call."""
    modules: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call":
            modules.append(frame.f_globals["__name__"])

    operation()  # connects
    previous = sys.getprofile()
    sys.setprofile(note)
    try:
        operation()
    finally:
        sys.setprofile(previous)
    return [module for module in modules if module != __name__]


def test_a_checkout_calls_no_python_function(server: RedisServer) -> None:
    with respool.ConnectionPool(**server.address) as pool:
        assert calls_of(lambda: pool.release(pool.get_connection())) == []


def test_a_get_calls_only_the_python_functions_of_redis_pys_client(server: RedisServer) -> None:
    called = {}
    for library in (redis, respool):
        with library.ConnectionPool(**server.address) as pool:
            called[library.__name__] = calls_of(partial(redis.Redis(connection_pool=pool).get, "key"))
    below = ("respool", "redis.connection", "redis._parsers", "redis.event", "socket", "threading", "queue")
    assert [module for module in called["respool"] if module.startswith(below)] == []
    assert len(called["respool"]) < 0.3 * len(called["redis"])  # 19 and 79 with redis-py 8.1, 9 and 34 with 6.4


def test_a_get_of_respools_client_calls_no_python_function_but_itself(server: RedisServer) -> None:
    with respool.Redis(**server.address) as client:
        assert calls_of(partial(client.get, "key")) == ["redis.commands.core"]

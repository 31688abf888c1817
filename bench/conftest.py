"""Interleaved comparison on top of pytest-benchmark.

Machines are noisy and their clocks wander, so contestants take turns within each round, and what is reported is the
median over the rounds of the ratio to the reference of the same round.
"""

from __future__ import annotations

import os
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from results import RESULTS, ROUNDS, Race, Result
from servers import RedisServer, redis_server


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def pin(processors: set[int]) -> None:
    """Pin every thread: what a client starts for itself outlives it, where it was pinned."""
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), processors)


@pytest.fixture
def one_processor() -> Iterator[None]:
    """Keep the process on one processor: the scheduler's choices are not what is measured."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    pin({min(allowed)})
    yield
    pin(allowed)


@pytest.fixture
def beside(server: RedisServer, one_processor: None) -> Iterator[RedisServer]:
    """The server, on the client's processor."""
    if not hasattr(os, "sched_setaffinity"):
        yield server
        return
    pid = server.process.pid
    allowed = os.sched_getaffinity(pid)
    os.sched_setaffinity(pid, os.sched_getaffinity(0))
    yield server
    os.sched_setaffinity(pid, allowed)


@pytest.fixture
def race(benchmark: Any, request: pytest.FixtureRequest) -> Race:
    """Run contestants in interleaved rounds; returns the median ratio of each to the reference (the first).

    The last contestant is the one that pytest-benchmark times; the others run just before it, in each round. What is
    reported is read off `clock`, and for one of the `per` operations that a loop has.
    """

    def run(
        contestants: dict[str, Callable[[int], Any]],
        loops: int,
        rounds: int = ROUNDS,
        clock: Callable[[], float] = perf_counter,
        per: int = 1,
    ) -> dict[str, float]:
        reference, *_, ours = contestants
        seconds: dict[str, list[float]] = {name: [] for name in contestants}

        def timed(name: str) -> None:
            started = clock()
            contestants[name](loops)
            seconds[name].append((clock() - started) / loops / per)

        def others() -> tuple[tuple[str], dict[str, Any]]:
            for name in contestants:
                if name != ours:
                    timed(name)
            return (ours,), {}

        for name in contestants:
            contestants[name](max(loops // 10, 1))
        benchmark.pedantic(timed, setup=others, rounds=rounds)
        medians = {}
        for name, values in seconds.items():
            ratios = [value / base for value, base in zip(values, seconds[reference], strict=True)]
            medians[name] = statistics.median(ratios)
            RESULTS.append(Result(request.node.name, name, statistics.median(values) * 1e6, ratios, ""))
        benchmark.extra_info["loops"] = loops
        benchmark.extra_info["ratio to " + reference] = medians
        return medians

    return run


def pytest_terminal_summary() -> None:
    if not RESULTS:
        return
    table = Table(title=f"time per operation, median of {ROUNDS} interleaved rounds; Python {sys.version.split()[0]}")
    for heading in ("workload", "contestant", "us", "ratio (quartiles)", "note"):
        table.add_column(heading, justify="left" if heading in ("workload", "contestant", "note") else "right")
    previous = None
    for result in RESULTS:
        workload = "" if result.workload == previous else escape(result.workload)  # brackets are markup to rich
        table.add_row(workload, result.contestant, f"{result.microseconds:.3f}", result.ratio, result.note,
                      end_section=False)
        previous = result.workload
    Console(width=170).print(table)

"""Fixtures of the benchmarks: a server, its place, and the comparison on top of pytest-benchmark."""

from __future__ import annotations

import gc
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from peers import versions
from report import workload_table
from results import CLAIM_ROUNDS, Compare, Sample, Sampler, Workload
from servers import RedisServer, redis_server, server_binary


@dataclass(frozen=True)
class Effort:
    """How much is done for a workload."""

    rounds: int  # at most
    seconds: float  # that they may take; a slow machine makes fewer rounds
    share: float  # of a round's full length

    def rounds_of(self, seconds: float) -> int:
        return max(min(self.rounds, int(self.seconds / seconds)), 3)


EFFORTS = {"full": Effort(CLAIM_ROUNDS, 55, 1.0), "quick": Effort(5, 1.8, 0.4)}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--effort", choices=list(EFFORTS), default="full", help="quick: fewer and shorter rounds")


# --- The server and its place ----------------------------------------------------------------------------------------

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


# --- The comparison --------------------------------------------------------------------------------------------------

@pytest.fixture(scope="session")
def progress(request: pytest.FixtureRequest) -> Iterator[Progress]:
    """How many of the workloads are done."""
    words = TextColumn("{task.description}")
    columns = (BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn(), words)
    with Progress(*columns, console=Console(width=None if os.isatty(1) else 160)) as running:
        running.add_task("", total=request.session.testscollected)
        yield running


@contextmanager
def frozen_heap() -> Iterator[None]:
    """Spare each subject the walks of the garbage collector through the connections of all."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@pytest.fixture
def compare(benchmark: Any, request: pytest.FixtureRequest, progress: Progress) -> Compare:
    """Let the subjects take turns in each round, after one that only warms up.

    The last one is what pytest-benchmark itself times; the others run just before it.
    """
    effort = EFFORTS[request.config.getoption("effort")]
    task = progress.task_ids[0]

    def run(group: str, name: str, subjects: Mapping[str, Sampler | None], rate: bool = False) -> Workload:
        progress.update(task, description=f"{group}: {name}")
        samplers = {subject: sampler for subject, sampler in subjects.items() if sampler}
        samples: dict[str, list[Sample]] = {subject: [] for subject in samplers}
        *others, last = samplers

        def take(subject: str) -> None:
            samples[subject].append(samplers[subject](effort.share))

        def before_the_last() -> tuple[tuple[str], dict[str, Any]]:
            for subject in others:
                take(subject)
            others.append(others.pop(0))  # so that not always the same one comes after the same
            progress.advance(task, 1 / rounds)
            return (last,), {}

        with frozen_heap():
            started = perf_counter()
            for sampler in samplers.values():
                sampler(effort.share)
            rounds = effort.rounds_of(perf_counter() - started)
            benchmark.pedantic(take, setup=before_the_last, rounds=rounds)
        progress.update(task, completed=round(progress.tasks[0].completed))  # the parts of 1 do not quite add up to 1
        absent = [subject for subject, sampler in subjects.items() if not sampler]
        workload = Workload.of(group, name, rate, samples, absent)
        benchmark.extra_info.update(asdict(workload))
        progress.console.print(Markdown(f"**{name}**\n\n{workload_table(workload)}"), "")
        return workload

    return run


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """No dots between the tables: the progress bar says how far it is."""
    return ("passed", "", "") if report.passed and report.when == "call" else None


# --- What pytest-benchmark's JSON says of the machine ----------------------------------------------------------------

def pytest_benchmark_update_machine_info(machine_info: dict[str, Any]) -> None:
    """What matters for the numbers, and not what the machine is called."""
    del machine_info["node"]
    machine_info["release"] = ".".join(machine_info["release"].split(".")[:2])
    processor = machine_info["cpu"]
    machine_info["cpu"] = {"brand_raw": processor.get("brand_raw", "unknown"), "count": os.cpu_count()}
    said = subprocess.run([server_binary(), "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"(\w+) server v=([\d.]+)", said)
    machine_info["server"] = " ".join(found.groups()) if found else said.strip()
    machine_info["packages"] = versions()


def pytest_benchmark_update_commit_info(commit_info: dict[str, Any]) -> None:
    commit_info["project"] = "respool"  # and not what the directory is called

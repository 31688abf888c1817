"""Samplers: ways to let something run for one round, and to see what it took."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Awaitable, Callable
from time import perf_counter, process_time
from typing import Any

from results import Sample, Sampler

Operation = Callable[[], Any]
AsyncOperation = Callable[[], Awaitable[Any]]


def together(run: Callable[[int], Any], loops: int) -> Sampler:
    """Operations that are too short to time singly: `run` repeats one so often."""

    def sampler(share: float) -> Sample:
        count = max(round(loops * share), 1)
        started, processor = perf_counter(), process_time()
        run(count)
        seconds, processor = perf_counter() - started, process_time() - processor
        return Sample(seconds / count, processor / count)

    return sampler


def each(operation: Operation, loops: int, per: int = 1) -> Sampler:
    """One operation after another, `per` of what the workload counts in each; the time is their median."""

    def sampler(share: float) -> Sample:
        count = max(round(loops * share), 1)
        times = []
        processor, before = process_time(), perf_counter()
        for _ in range(count):
            operation()
            now = perf_counter()
            times.append(now - before)
            before = now
        return of_times(times, process_time() - processor, per)

    return sampler


def one_task(loop: AbstractEventLoop, operation: AsyncOperation, loops: int) -> Sampler:
    """The same in a task."""

    async def sample(count: int) -> Sample:
        times = []
        processor, before = process_time(), perf_counter()
        for _ in range(count):
            await operation()
            now = perf_counter()
            times.append(now - before)
            before = now
        return of_times(times, process_time() - processor, 1)

    return lambda share: loop.run_until_complete(sample(max(round(loops * share), 1)))


def of_times(times: list[float], processor: float, per: int) -> Sample:
    processor /= len(times) * per
    return Sample(statistics.median(times) / per, processor, [seconds / per for seconds in times])


def threads(operation: Operation, count: int, seconds: float) -> Sampler:
    """So many threads, for so long. What they are at then, they finish; how much each got is counted before."""

    def sampler(share: float) -> Sample:
        over = False
        times: list[list[float]] = [[] for _ in range(count)]
        barrier = threading.Barrier(count + 1)

        def work(mine: list[float]) -> None:
            barrier.wait()
            before = perf_counter()
            while not over:
                operation()
                now = perf_counter()
                mine.append(now - before)
                before = now

        workers = [threading.Thread(target=work, args=(mine,)) for mine in times]
        for worker in workers:
            worker.start()
        barrier.wait()
        started, processor = perf_counter(), process_time()
        time.sleep(seconds * share)
        shares = [len(mine) for mine in times]
        over = True
        for worker in workers:
            worker.join()
        return of_many(times, shares, perf_counter() - started, process_time() - processor)

    return sampler


def tasks(loop: AbstractEventLoop, operation: AsyncOperation, count: int, seconds: float) -> Sampler:
    """So many tasks, for so long."""

    async def sample(seconds: float) -> Sample:
        over = False
        times: list[list[float]] = [[] for _ in range(count)]

        async def work(mine: list[float]) -> None:
            before = perf_counter()
            while not over:
                await operation()
                now = perf_counter()
                mine.append(now - before)
                before = now

        started, processor = perf_counter(), process_time()
        workers = [asyncio.create_task(work(mine)) for mine in times]
        await asyncio.sleep(seconds)
        shares = [len(mine) for mine in times]
        over = True
        await asyncio.gather(*workers)
        return of_many(times, shares, perf_counter() - started, process_time() - processor)

    return lambda share: loop.run_until_complete(sample(seconds * share))


def of_many(times: list[list[float]], shares: list[int], elapsed: float, processor: float) -> Sample:
    everything = [seconds for mine in times for seconds in mine]
    return Sample(elapsed / len(everything), processor / len(everything), everything, shares)

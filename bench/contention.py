"""Many threads at the same thing: how much they get done, how long one waits at most, and how evenly."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from results import RESULTS, Result

WARM_UP, MEASURED, ROUNDS = 0.3, 0.7, 7

Outcome = tuple[float, float, float]


def contend(threads: int, operation: Callable[[], float]) -> Outcome:
    """Let so many threads repeat an operation, which returns the seconds of it that count.

    Returns (operations a second, longest of those seconds, Jain's fairness index).
    """
    phase = 0
    counts, longest = [0] * threads, [0.0] * threads
    barrier = threading.Barrier(threads + 1)

    def work(number: int) -> None:
        barrier.wait()
        while phase < 2:
            measuring = phase == 1
            seconds = operation()
            if measuring:
                counts[number] += 1
                longest[number] = max(longest[number], seconds)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    barrier.wait()
    time.sleep(WARM_UP)
    phase, started = 1, perf_counter()
    time.sleep(MEASURED)
    phase, seconds = 2, perf_counter() - started
    for worker in workers:
        worker.join()
    total = sum(counts)
    return total / seconds, max(longest), total**2 / (threads * sum(count**2 for count in counts))


def race_of_threads(benchmark: Any, workload: str, contestants: Mapping[str, Callable[[], Outcome]]) -> None:
    """Run contestants in interleaved rounds, and report their rates relative to that of the first."""
    reference = next(iter(contestants))
    outcomes: dict[str, list[Outcome]] = {name: [] for name in contestants}

    def one_round() -> None:
        for name, run in contestants.items():
            outcomes[name].append(run())

    benchmark.pedantic(one_round, rounds=ROUNDS)
    for name, values in outcomes.items():
        ratios = [base[0] / value[0] for value, base in zip(values, outcomes[reference], strict=True)]
        rate, longest, fairness = (statistics.median(column) for column in zip(*values, strict=True))
        note = f"{rate:,.0f} op/s, longest wait {longest * 1e3:.1f} ms, Jain {fairness:.3f}"
        RESULTS.append(Result(workload, name, 1e6 / rate, ratios, note))
        benchmark.extra_info[name] = note

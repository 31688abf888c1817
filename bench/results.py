"""What the benchmarks race by, and what they found, for the table at their end."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Protocol

ROUNDS = int(os.environ.get("RESPOOL_BENCH_ROUNDS", "31"))


class Race(Protocol):
    def __call__(
        self,
        contestants: dict[str, Callable[[int], Any]],
        loops: int,
        rounds: int = ROUNDS,
        clock: Callable[[], float] = perf_counter,
        per: int = 1,
    ) -> dict[str, float]: ...


@dataclass
class Result:
    workload: str
    contestant: str
    microseconds: float
    ratios: list[float]
    note: str

    @property
    def ratio(self) -> str:
        if len(self.ratios) < 2:
            return f"{self.ratios[0]:.3f}"
        low, middle, high = statistics.quantiles(self.ratios, n=4)
        return f"{middle:.3f} ({low:.3f} to {high:.3f})"


RESULTS: list[Result] = []

"""What the benchmarks found, for the table at their end."""

from __future__ import annotations

import statistics
from dataclasses import dataclass


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

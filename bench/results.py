"""What a workload found: samples of each round, and the row of the table that they come to.

Machines are noisy and their clocks wander, so what counts is not how long something took, but its ratio to the
reference in the same round: its median and quartiles over the rounds.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple, Protocol

CLAIM_ROUNDS = 31
CLAIM_RATIO = 1.05


class Sample(NamedTuple):
    """What one subject did in one round."""

    seconds: float  # that an operation takes; of many at once, the time by their number
    processor: float  # seconds of processor time that an operation takes of the client's process
    times: Sequence[float] = ()  # of the single operations, where they were timed
    shares: Sequence[int] = ()  # operations that each thread or task got done

    @property
    def fairness(self) -> float:
        """Jain's index: 1 if all got the same, 1/n if one of n got everything."""
        squares = len(self.shares) * sum(share**2 for share in self.shares)
        return sum(self.shares) ** 2 / squares if squares else 0.0


# How large a part of the full length, to a sample. A shorter one has fewer operations, or less time.
Sampler = Callable[[float], Sample]


class Spread(NamedTuple):
    """A median between its quartiles."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        values = list(values)
        return cls(*statistics.quantiles(values, n=4)) if len(values) > 1 else cls(*values * 3)

    @property
    def clear(self) -> bool:
        """A difference of 5 % at least, which three rounds of four agree on."""
        return (self.middle >= CLAIM_RATIO and self.low > 1) or (self.middle <= 1 / CLAIM_RATIO and self.high < 1)


@dataclass(frozen=True)
class Row:
    """One subject in one workload; times are in seconds. Ratios are to the reference: of rates, or else of times."""

    subject: str
    seconds: float
    processor: float
    ratio: Spread
    processor_ratio: Spread
    p99: float | None  # of all rounds' operations
    longest: float | None  # operation, median over the rounds
    fairness: float | None
    shares: tuple[float, float] | None  # operations of the thread or task that got least and most


@dataclass(frozen=True)
class Workload:
    """What all subjects did in one workload, the reference first."""

    group: str
    name: str
    rate: bool  # many at once: what counts is how many operations there are in a second
    rounds: int
    rows: list[Row]
    absent: list[str]  # subjects that are not installed

    def claimed(self, ratio: Spread) -> bool:
        """Whether there were rounds enough, and difference enough, to say so."""
        return self.rounds >= CLAIM_ROUNDS and ratio.clear

    @classmethod
    def of(
        cls, group: str, name: str, rate: bool, samples: Mapping[str, Sequence[Sample]], absent: Sequence[str]
    ) -> Workload:
        reference = next(iter(samples.values()))
        rows = [row(subject, rate, rounds, reference) for subject, rounds in samples.items()]
        return cls(group, name, rate, len(reference), rows, list(absent))

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Workload:
        rows = [
            Row(**{**each, "ratio": Spread(*each["ratio"]), "processor_ratio": Spread(*each["processor_ratio"])})
            for each in fields["rows"]
        ]
        return cls(**{**fields, "rows": rows})


def row(subject: str, rate: bool, samples: Sequence[Sample], reference: Sequence[Sample]) -> Row:
    pairs = list(zip(samples, reference, strict=True))
    shared = bool(samples[0].shares)
    times = list(chain.from_iterable(sample.times for sample in samples))
    return Row(
        subject,
        seconds=statistics.median(sample.seconds for sample in samples),
        processor=statistics.median(sample.processor for sample in samples),
        ratio=Spread.of(base.seconds / mine.seconds if rate else mine.seconds / base.seconds for mine, base in pairs),
        processor_ratio=Spread.of(mine.processor / base.processor for mine, base in pairs),
        p99=statistics.quantiles(times, n=100)[98] if len(times) >= 100 else None,
        longest=statistics.median(max(sample.times) for sample in samples) if times else None,
        fairness=statistics.median(sample.fairness for sample in samples) if shared else None,
        shares=(
            statistics.median(min(sample.shares) for sample in samples),
            statistics.median(max(sample.shares) for sample in samples),
        ) if shared else None,
    )


class Compare(Protocol):
    """The fixture by which a workload compares its subjects: the reference first, ours last; None is not installed."""

    def __call__(
        self, group: str, name: str, subjects: Mapping[str, Sampler | None], rate: bool = False
    ) -> Workload: ...

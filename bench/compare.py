"""Two runs of the benchmarks beside each other, in Markdown: `python bench/compare.py BEFORE.json AFTER.json`.

What is compared are the ratios to redis-py within each run, as the machine may have been another one, or busier.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

NOISE = 0.1  # what two quick runs of the same code may differ by


def ratios(path: Path, kind: str) -> dict[tuple[str, str], float]:
    """Of each workload and each way to use respool: `ratio` is of time, `processor_ratio` of processor time."""
    found: dict[tuple[str, str], float] = {}
    for benchmark in json.loads(path.read_text())["benchmarks"]:
        for row in benchmark["extra_info"]["rows"]:
            if "respool" in row["subject"] and row[kind]:
                found[benchmark["fullname"], row["subject"]] = row[kind][1]  # the median
    return found


def table(before: Path, after: Path, kind: str) -> str:
    old, new = ratios(before, kind), ratios(after, kind)
    lines = ["| workload | client | before | after | |", "|---|---|---:|---:|---|"]
    for workload, subject in old.keys() & new.keys():
        was, now = old[workload, subject], new[workload, subject]
        change = now / was - 1
        lines.append(f"| {workload} | {subject} | {was:.2f} | {now:.2f} | {f'{change:+.0%}' * (abs(change) > NOISE)} |")
    return "\n".join([*lines[:2], *sorted(lines[2:])])


if __name__ == "__main__":
    first, second = map(Path, sys.argv[1:])
    print("Quick benchmarks: ratios to redis-py in the same run, before and after this change. Differences below "
          f"{NOISE:.0%} are noise, and not shown.")
    for title, measure in (("Time (threads and tasks: operations a second)", "ratio"),
                           ("Processor time", "processor_ratio")):
        print(f"\n<details><summary>{title}</summary>\n\n{table(first, second, measure)}\n\n</details>")

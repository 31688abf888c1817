"""`respool demo`: the same work without pooling, with redis-py's pool and with respool's, on a real server."""

from __future__ import annotations

import os
import platform
import secrets
import statistics
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, process_time

import matplotlib
import numpy

matplotlib.use("Agg")

import redis
from matplotlib.figure import Figure
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import respool
from respool.cli import demo_report
from respool.cli.interruption import InterruptedBySignal, Interruption
from respool.cli.server import NoServerError, Server, server_at

WITHOUT, REDIS_PY, RESPOOL = "without pooling", "redis-py's pool", "respool's pool"
COLOURS = {WITHOUT: "#b0b0b0", REDIS_PY: "#5b8db8", RESPOOL: "#c8422b"}
VALUE = "v" * 32
SWAP = """import redis, respool
pool = respool.ConnectionPool.from_url("redis://localhost:6379/0", max_connections=10, timeout=5)
client = redis.Redis(connection_pool=pool)"""


@dataclass
class Measured:
    """What one way took."""

    seconds: list[float] = field(default_factory=list)  # of each operation
    rounds: list[float] = field(default_factory=list)  # seconds an operation, of each round
    processor: list[float] = field(default_factory=list)  # seconds of processor time an operation, of each round

    @property
    def median(self) -> float:
        return statistics.median(self.seconds) * 1e6

    @property
    def p99(self) -> float:
        return statistics.quantiles(self.seconds, n=100)[98] * 1e6

    @property
    def cpu(self) -> float:
        return statistics.median(self.processor) * 1e6

    def ratio(self, reference: Measured) -> float:
        """Time an operation by that of the reference, median over the rounds."""
        return statistics.median(mine / theirs for mine, theirs in zip(self.rounds, reference.rounds, strict=True))


def run(url: str | None, rounds: int, operations: int, plot: Path, report: Path) -> int:
    """Run the demonstration; returns the exit code of the program."""
    console = Console()
    try:
        with Interruption() as interruption, one_processor(), server_at(url, interruption) as server:
            results = measure(server.url, rounds, operations, console, interruption)
            show(console, server, results, rounds, operations)
    except NoServerError as error:
        console.print(f"[red]{error}[/red]", highlight=False)
        return 1
    except redis.RedisError as error:
        console.print(f"[red]The Redis server failed: {error}[/red]", highlight=False)
        return 1
    except InterruptedBySignal as error:
        console.print(f"Ended by {error}; nothing was left behind.")
        return 128 + error.number
    draw(plot, server, results)
    effort = f"{rounds} interleaved rounds of {operations} operations"
    demo_report.write(report, results, table_of(results), COLOURS, setting(server), effort, SWAP)
    console.print(f"\nPlot: {plot}\nReport with interactive plots: {report}\n", highlight=False)
    console.print("The three lines that swap the pool:\n")
    console.print(textwrap.indent(SWAP, "    "), highlight=False, markup=False, soft_wrap=True)
    return 0


@contextmanager
def one_processor() -> Iterator[None]:
    """Keep this process, and a server that it starts, on one processor, where the platform can.

    A client and its server take turns. On two processors each turn first wakes the other one, at the mercy of the
    scheduler, and that would be measured instead.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def one_operation(client: redis.Redis, key: str) -> None:
    client.set(key, VALUE, ex=60)
    client.get(key)
    client.ping()


def forget(client: redis.Redis, key: str) -> None:
    with suppress(redis.RedisError):  # a server that is gone keeps no key
        client.delete(key)


@contextmanager
def ways(url: str, key: str) -> Iterator[dict[str, Callable[[], None]]]:
    """The three ways to do one operation, by name."""
    with ExitStack() as stack:
        clients = {
            REDIS_PY: redis.Redis(connection_pool=stack.enter_context(closing(redis.ConnectionPool.from_url(url)))),
            RESPOOL: redis.Redis(connection_pool=stack.enter_context(respool.ConnectionPool.from_url(url))),
        }
        stack.callback(forget, clients[RESPOOL], key)

        def without_pooling() -> None:
            with redis.Redis.from_url(url) as client:
                one_operation(client, key)

        yield {
            WITHOUT: without_pooling,
            REDIS_PY: lambda: one_operation(clients[REDIS_PY], key),
            RESPOOL: lambda: one_operation(clients[RESPOOL], key),
        }


def measure(
    url: str, rounds: int, operations: int, console: Console, interruption: Interruption
) -> dict[str, Measured]:
    """Time all ways in turns, after a round that only warms up."""
    results = {name: Measured() for name in COLOURS}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        ways(url, f"respool-demo:{secrets.token_hex(8)}") as operation,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("warming up", total=rounds)
        for name in COLOURS:
            time_round(operation[name], max(operations // 4, 10), Measured(), interruption)
        progress.update(task, description="measuring")
        for _ in range(rounds):
            for name, measured in results.items():
                time_round(operation[name], operations, measured, interruption)
            progress.advance(task)
    return results


def time_round(
    operation: Callable[[], None], operations: int, measured: Measured, interruption: Interruption
) -> None:
    started, used = perf_counter(), process_time()
    before = started
    for _ in range(operations):
        operation()
        now = perf_counter()
        measured.seconds.append(now - before)
        before = now
        interruption.check()
    measured.processor.append((process_time() - used) / operations)
    measured.rounds.append((before - started) / operations)


def setting(server: Server) -> str:
    return f"{server.description}, redis-py {redis.__version__}, Python {platform.python_version()}"


def show(console: Console, server: Server, results: dict[str, Measured], rounds: int, operations: int) -> None:
    """Print the table."""
    table = Table(
        title="One operation: SET, GET and PING",
        caption=f"{setting(server)}. {rounds} interleaved rounds of {operations} operations; ratios are medians over "
        "the rounds.",
    )
    headings, rows = table_of(results)
    for heading in headings:
        table.add_column(heading, justify="left" if heading == headings[0] else "right")
    for row in rows:
        table.add_row(*row, style="bold" if row[0] == RESPOOL else None)
    console.print(table)


def table_of(results: dict[str, Measured]) -> tuple[list[str], list[list[str]]]:
    """The headings, and a row for each way."""
    rows = []
    for name, measured in results.items():
        numbers = (f"{value:,.0f}" for value in (measured.median, measured.p99, measured.cpu))
        rows.append([name, *numbers, f"{measured.ratio(results[REDIS_PY]):.2f} x"])
    return ["way", "median, us", "p99, us", "CPU, us", "time to redis-py's"], rows


def draw(path: Path, server: Server, results: dict[str, Measured]) -> None:
    """Draw time and processor time of an operation."""
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    time_axes, cpu_axes = figure.subplots(1, 2, sharey=True)
    names = list(results)
    panels = (
        (time_axes, "time of an operation, median and 99th percentile", [m.median for m in results.values()]),
        (cpu_axes, "processor time of an operation, client", [m.cpu for m in results.values()]),
    )
    for axes, title, values in panels:
        to_p99 = [m.p99 - m.median for m in results.values()] if axes is time_axes else [0.0] * len(names)
        bars = axes.barh(
            names,
            values,
            xerr=numpy.array([[0.0] * len(names), to_p99]),
            color=[COLOURS[name] for name in names],
            error_kw={"ecolor": "#404040", "capsize": 3, "linewidth": 1},
            height=0.6,
        )
        axes.bar_label(bars, [f"{value:,.0f} us" for value in values], padding=4)
        axes.set_title(title, fontsize=9)
        axes.set_xlabel("microseconds")
        axes.margins(x=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    time_axes.invert_yaxis()
    figure.suptitle(f"SET, GET and PING on {setting(server)}", fontsize=10)
    figure.savefig(path, dpi=150)

"""`respool size`: the same load on a real server with pools of several sizes, and which of them is large enough."""

from __future__ import annotations

import json
import secrets
import statistics
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import redis
from matplotlib.figure import Figure
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from respool.advice import duration
from respool.cli.address import PATIENCE, complain, consoles, pool_at, redacted
from respool.cli.interruption import InterruptedBySignal, Interruption
from respool.cli.load import Load, Outcome, put_on
from respool.cli.server import NoServerError, Server, server_at

ROUNDS = 3
# The knee is the smallest pool with so much of the best throughput, and a p99 of at most so many times the best.
ENOUGH_OF_THE_BEST = 0.95
P99_OF_THE_BEST = 1.25
COLOUR = "#c8422b"


@dataclass(frozen=True)
class Measured:
    """One size: medians over the rounds.

    Attributes
    ----------
    max_connections : int
        As said.
    throughput : float
        Commands a second.
    p50, p99 : float
        Seconds of a command, the wait for a connection included.
    wait : float
        Seconds that a command waited for a connection, on average.
    waited : float
        Share of the commands that had to wait, 0 to 1.
    """

    max_connections: int
    throughput: float
    p50: float
    p99: float
    wait: float
    waited: float

    @classmethod
    def of(cls, max_connections: int, outcomes: Sequence[Outcome]) -> Measured:
        def middle(values: Sequence[float]) -> float:
            return statistics.median(values)

        return cls(
            max_connections,
            middle([len(each.times) / each.seconds for each in outcomes]),
            middle([statistics.median(each.times) for each in outcomes]),
            middle([statistics.quantiles(each.times, n=100)[98] for each in outcomes]),
            middle([each.stats.wait.sum / len(each.times) for each in outcomes]),
            middle([each.stats.requests_queued / len(each.times) for each in outcomes]),
        )


def sizes_up_to(threads: int) -> list[int]:
    """1, 2, 3, 4, 6, 8, 12, 16 …, and as many as there are threads; a thread cannot use more."""
    sizes = {1, threads}
    doubling = 1
    while doubling <= threads:
        sizes |= {doubling, doubling * 3 // 2}
        doubling *= 2
    return sorted(size for size in sizes if size <= threads)


def knee(results: Sequence[Measured]) -> tuple[Measured, str]:
    """The size to recommend, and why."""
    best = max(each.throughput for each in results)
    quickest = min(each.p99 for each in results if each.throughput >= ENOUGH_OF_THE_BEST * best)
    chosen = next(
        each for each in results
        if each.throughput >= ENOUGH_OF_THE_BEST * best and each.p99 <= P99_OF_THE_BEST * quickest
    )
    why = f"{chosen.throughput / best:.0%} of the best throughput, and a p99 of {duration(chosen.p99)}"
    smaller = [each for each in results if each.max_connections < chosen.max_connections]
    larger = [each for each in results if each.max_connections > chosen.max_connections]
    if smaller:
        last = smaller[-1]
        lacks = "throughput" if last.throughput < ENOUGH_OF_THE_BEST * best else "p99"
        amount = f"{last.throughput / best:.0%}" if lacks == "throughput" else duration(last.p99)
        why += f"; with {last.max_connections} the {lacks} would be {amount}"
    if larger:
        why += "; with more, commands wait in the server and for this process's turn instead of for a connection"
    return chosen, f"{why}."


def run(
    url: str | None, load: Load, sizes: Sequence[int] | None, value_size: int, plot: Path, as_json: bool
) -> int:
    """Measure and recommend; returns the exit code of the program."""
    console, aside = consoles(as_json)
    try:
        with Interruption() as interruption, server_at(url, interruption) as server:
            results = sweep(server.url, load, sizes or sizes_up_to(load.threads), value_size, aside, interruption)
    except NoServerError as error:
        aside.print(f"[red]{escape(str(error))}[/red]", highlight=False, soft_wrap=True)
        return 1
    except (redis.RedisError, ValueError) as error:
        return complain(aside, str(url), error)
    except InterruptedBySignal as error:
        aside.print(f"Ended by {error}; nothing was left behind.")
        return 128 + error.number
    chosen, why = knee(results)
    if as_json:
        found = {
            "url": redacted(url) if url else None, "server": server.description, "load": asdict(load),
            "sizes": [asdict(each) for each in results], "max_connections": chosen.max_connections, "reason": why,
        }
        print(json.dumps(found, indent=2))  # noqa: T201
        return 0
    show(console, server, load, results, chosen)
    draw(plot, server, load, results, chosen)
    console.print(f"\nmax_connections=[bold]{chosen.max_connections}[/bold]: {why}", highlight=False)
    console.print(f"Plot: {plot}", highlight=False)
    return 0


def sweep(
    url: str, load: Load, sizes: Sequence[int], value_size: int, console: Console, interruption: Interruption
) -> list[Measured]:
    """Put the load on pools of all sizes, in turns."""
    key = f"respool-size:{secrets.token_hex(8)}"
    outcomes: dict[int, list[Outcome]] = {size: [] for size in sorted(set(sizes))}
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with pool_at(url, max_connections=1, client_name="respool-size") as aside:
        client = redis.Redis(connection_pool=aside)
        client.set(key, "v" * value_size, ex=3600)
        try:
            with Progress(*columns, console=console, transient=True) as progress:
                task = progress.add_task("measuring", total=ROUNDS * len(outcomes) * load.commands)
                for number in range(ROUNDS):
                    for place, (size, found) in enumerate(outcomes.items()):
                        done = (number * len(outcomes) + place) * load.commands
                        progress.update(task, description=f"round {number + 1} of {ROUNDS}, {size} connections")
                        with pool_at(url, client_name="respool-size") as pool:
                            pool.timeout = None
                            pool.resize(size, min_idle=size)
                            pool.wait_ready(PATIENCE)  # dialling is not what is measured
                            found.append(put_on(
                                load, pool, key, interruption.check,
                                lambda count, done=done: progress.update(task, completed=done + count),  # type: ignore[misc]
                            ))
        finally:
            with suppress(redis.RedisError):  # a server that is gone keeps no key
                client.delete(key)
    return [Measured.of(size, found) for size, found in outcomes.items()]


def setting(server: Server, load: Load) -> str:
    pause = f" with {duration(load.pause)} between two" if load.pause else ""
    return f"{load.threads} threads, {load.commands:,} GETs{pause}, {server.description}"


def show(console: Console, server: Server, load: Load, results: Sequence[Measured], chosen: Measured) -> None:
    """Print the table."""
    table = Table(title="Pool sizes under load", caption=f"{setting(server, load)}. Medians of {ROUNDS} rounds.")
    for heading in ("size", "commands/s", "p50", "p99", "wait", "had to wait"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for each in results:
        here = each is chosen
        table.add_row(
            str(each.max_connections), f"{each.throughput:,.0f}", duration(each.p50), duration(each.p99),
            duration(each.wait), f"{each.waited:.0%}", "← enough" if here else "", style="bold" if here else None,
        )
    console.print(table)


def draw(path: Path, server: Server, load: Load, results: Sequence[Measured], chosen: Measured) -> None:
    """Draw throughput, times and wait against the size."""
    figure = Figure(figsize=(9, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    sizes = [each.max_connections for each in results]
    left.plot(sizes, [each.throughput for each in results], "o-", color=COLOUR)
    left.set_title("commands a second", fontsize=9)
    left.set_ylim(bottom=0)
    for label, style, values in (
        ("p99", "o-", [each.p99 for each in results]), ("p50", "s-", [each.p50 for each in results]),
        ("wait for a connection, mean", "^--", [each.wait for each in results]),
    ):
        right.plot(sizes, [value * 1e3 for value in values], style, label=label)
    right.set_title("milliseconds of a command", fontsize=9)
    right.set_ylim(bottom=0)
    right.legend(frameon=False, fontsize=8)
    for axes in (left, right):
        axes.axvline(chosen.max_connections, color="#404040", linewidth=1, linestyle=":")
        axes.set_xlabel("max_connections")
        axes.set_xscale("log", base=2)
        axes.set_xticks(sizes, [str(size) for size in sizes])
        axes.minorticks_off()
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(f"{setting(server, load)}: {chosen.max_connections} connections are enough", fontsize=10)
    figure.savefig(path, dpi=150)

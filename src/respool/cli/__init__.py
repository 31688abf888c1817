"""The command line: what it is called and what it takes. What it does stands in the modules beside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from respool import __version__

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="A connection pool for Redis with a compiled core, which takes the place of redis-py's.",
)

SERVER = typer.Option(
    envvar="REDIS_URL",
    metavar="URL",
    help="The Redis to measure with, such as redis://localhost:6379/0. Without it a private one is started, and "
    "stopped at the end.",
)


@app.callback()
def respool() -> None:
    """A connection pool for Redis with a compiled core, which takes the place of redis-py's."""


@app.command()
def version() -> None:
    """Print the version of respool."""
    typer.echo(__version__)


@app.command()
def demo(
    url: Annotated[str | None, SERVER] = None,
    rounds: Annotated[
        int, typer.Option(min=3, max=200, help="How often all ways take turns; medians are over these rounds.")
    ] = 21,
    operations: Annotated[
        int, typer.Option(min=10, max=10_000, help="Operations in each round and way. One is SET, GET and PING.")
    ] = 200,
    plot: Annotated[
        Path, typer.Option(dir_okay=False, writable=True, help="Where the plot goes; .svg, .png or .pdf.")
    ] = Path("demo.svg"),
    report: Annotated[
        Path, typer.Option(dir_okay=False, writable=True, help="Where the report goes, one file of HTML.")
    ] = Path("demo.html"),
) -> None:
    """Measure a real Redis without pooling, with redis-py's pool and with respool's.

    The same redis-py client does the same work in all three ways, in turns: a table, a plot and a report with plots to
    point at show the time and the processor time of an operation. It takes under a minute, and leaves neither a process
    nor a key behind.
    """
    from respool.cli.demo import run

    raise typer.Exit(run(url, rounds, operations, plot, report))


@app.command(name="size")
def size_pool(
    url: Annotated[str | None, SERVER] = None,
    threads: Annotated[int, typer.Option(min=1, max=1000, help="How many threads share the pool.")] = 16,
    commands: Annotated[
        int, typer.Option(min=200, max=10_000_000, help="Commands of all threads together, for each size and round.")
    ] = 5000,
    pause: Annotated[
        float, typer.Option(min=0, max=10_000, help="Milliseconds that a thread does something else after a command.")
    ] = 0.0,
    value_size: Annotated[
        int, typer.Option("--bytes", min=1, max=64 * 2**20, help="Length of the value that is read.")
    ] = 100,
    sizes: Annotated[
        str | None,
        typer.Option(metavar="N,N,...", help="The sizes to try. By default 1, 2, 3, 4, 6, 8 … up to the threads."),
    ] = None,
    plot: Annotated[
        Path, typer.Option(dir_okay=False, writable=True, help="Where the plot goes; .svg, .png or .pdf.")
    ] = Path("size.svg"),
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead, and draw nothing.")] = False,
) -> None:
    """Find out how many connections a load needs, by trying on a real server.

    Threads read one key as fast as they can (or with --pause) through pools of several sizes, in turns: a table and a
    plot show throughput, times and waits against max_connections, and where more is of no more use.

    This loads the server. The threads share one Python process, as those of a program do. What a pool of a running
    program needs is told by its own measurements: pool.advise().
    """
    from respool.cli.load import Load
    from respool.cli.size import run

    raise typer.Exit(run(url, Load(threads, commands, pause * 1e-3), numbers(sizes), value_size, plot, as_json))


def numbers(listed: str | None) -> list[int] | None:
    """The sizes of `--sizes`. Raises typer.BadParameter."""
    if listed is None:
        return None
    found = [int(word) if word.strip().isdecimal() else 0 for word in listed.split(",")]
    if min(found) < 1 or max(found) > 10_000:
        raise typer.BadParameter(f"expected numbers from 1 to 10000 with commas between, got {listed!r}",
                                 param_hint="--sizes")
    return found


@app.command(name="top")
def watch_pools(
    endpoints: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ENDPOINT]...", help="Where processes serve their pools' numbers, with "
                       "respool.monitor.serve(…): paths of Unix sockets, or ports of this machine."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="A server, to see who is connected: by client name, or else by library."),
    ] = None,
    interval: Annotated[float, typer.Option(min=0.1, max=3600, help="Seconds between two looks.")] = 1.0,
    once: Annotated[bool, typer.Option("--once", help="Print once, after two looks, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each look.")] = False,
) -> None:
    """Watch the pools of running processes, and who is connected to a server.

    [bold]q[/bold] quits. With --once the exit status is 1 if somebody did not answer.
    """
    if not endpoints and url is None:
        raise typer.BadParameter("name an ENDPOINT, or a server with --url, or both")
    from respool.cli.top import run

    raise typer.Exit(run(endpoints or [], url, interval, once, as_json))


@app.command(name="doctor")
def examine_server(
    url: Annotated[
        str,
        typer.Argument(envvar="REDIS_URL", metavar="URL", help="The server, and the settings that the pool is to have, "
                       "such as redis://localhost:6379/0?max_idle_time=60."),
    ],
    pings: Annotated[int, typer.Option(min=10, max=100_000, help="How many PINGs are timed.")] = 200,
    replica: Annotated[bool, typer.Option("--replica", help="A replica is meant: the pool only reads.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for what will trouble a pool: versions, TLS, latency, limits and time-outs of the server, its role.

    Each is ok, warn or fail, with what to change. The exit status is 1 if something fails. Nothing is changed.
    """
    from respool.cli.doctor import run

    raise typer.Exit(run(url, pings, replica, as_json))


@app.command(name="run", add_help_option=False)
def run_program(arguments: Annotated[list[str], typer.Argument(metavar="PROGRAM [ARGUMENT]...")]) -> None:
    """Run a Python program in which every pool and connection of redis-py is respool's."""
    from respool.launcher import run

    run(arguments)

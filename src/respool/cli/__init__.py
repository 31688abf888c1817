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


@app.callback()
def respool() -> None:
    """A connection pool for Redis with a compiled core, which takes the place of redis-py's."""


@app.command()
def version() -> None:
    """Print the version of respool."""
    typer.echo(__version__)


@app.command()
def demo(
    url: Annotated[
        str | None,
        typer.Option(
            envvar="REDIS_URL",
            metavar="URL",
            help="The Redis to measure with, such as redis://localhost:6379/0. Without it a private one is started, "
            "and stopped at the end.",
        ),
    ] = None,
    rounds: Annotated[
        int, typer.Option(min=3, max=200, help="How often all ways take turns; medians are over these rounds.")
    ] = 21,
    operations: Annotated[
        int, typer.Option(min=10, max=10_000, help="Operations in each round and way. One is SET, GET and PING.")
    ] = 200,
    plot: Annotated[
        Path, typer.Option(dir_okay=False, writable=True, help="Where the plot goes; .svg, .png or .pdf.")
    ] = Path("demo.svg"),
) -> None:
    """Measure a real Redis without pooling, with redis-py's pool and with respool's.

    The same redis-py client does the same work in all three ways, in turns: a table and a plot show the time and the
    processor time of an operation. It takes under a minute, and leaves neither a process nor a key behind.
    """
    from respool.cli.demo import run

    raise typer.Exit(run(url, rounds, operations, plot))


@app.command(name="run", add_help_option=False)
def run_program(arguments: Annotated[list[str], typer.Argument(metavar="PROGRAM [ARGUMENT]...")]) -> None:
    """Run a Python program in which every pool and connection of redis-py is respool's."""
    from respool.launcher import run

    run(arguments)

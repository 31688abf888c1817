"""The page of `respool demo`: its table and plots to point at, and on what they were made."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plotly.graph_objects import Bar, Figure, Scatter

import respool
from respool.cli.page import Section, page

if TYPE_CHECKING:
    from respool.cli.demo import Measured

POINTS = 200  # of a curve, however many operations there were


def write(
    path: Path,
    results: Mapping[str, Measured],
    table: tuple[Sequence[str], Sequence[Sequence[str]]],
    colours: Mapping[str, str],
    setting: str,
    effort: str,
    code: str,
) -> None:
    """Write the page; `table` is what the terminal shows."""
    headings, rows = table
    notes = [
        f"{setting}, respool {respool.__version__}",
        f"{machine()}, {os.cpu_count()} processors, {platform.system()} {platform.release()}",
        f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}, {effort}",
    ]
    sections = [
        Section(
            "One operation: SET, GET and PING",
            "The same redis-py client does the same work in each way. Ratios are medians over the rounds.",
            headings, rows, [len(rows) - 1],
            [times(results, colours), processor(results, colours)],
        ),
        Section(
            "How long single operations took",
            "Such a share of the operations took at most so long. A click in the legend hides a curve.",
            figures=[curves(results, colours)],
        ),
        Section("The lines that swap the pool", code=code),
    ]
    path.write_text(page("respool demo", notes, sections), encoding="utf-8")


def machine() -> str:
    """The processor, by the name that its maker gave it, if that is known."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def times(results: Mapping[str, Measured], colours: Mapping[str, str]) -> Figure:
    """Median to 99th percentile, on a scale on which all can be seen."""
    medians = [each.median for each in results.values()]
    figure = Figure(Scatter(
        x=medians, y=list(results), mode="markers+text",
        marker={"color": [colours[name] for name in results], "size": 14},
        text=[f"{value:,.0f} us" for value in medians], textposition="top center", cliponaxis=False,
        error_x={
            "array": [each.p99 - each.median for each in results.values()], "arrayminus": [0] * len(medians),
            "symmetric": False, "color": "#808080", "thickness": 1.5,
        },
        customdata=[each.p99 for each in results.values()],
        hovertemplate="%{y}: %{x:,.0f} us, p99 %{customdata:,.0f} us<extra></extra>",
    ))
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(type="log", dtick="D2", showgrid=True, title="microseconds")
    figure.update_layout(title="Time, median and 99th percentile", height=330)
    return figure


def processor(results: Mapping[str, Measured], colours: Mapping[str, str]) -> Figure:
    values = [each.cpu for each in results.values()]
    figure = Figure(Bar(
        x=values, y=list(results), orientation="h", marker_color=[colours[name] for name in results], width=0.6,
        cliponaxis=False, text=[f"{value:,.0f} us" for value in values], textposition="outside",
        hovertemplate="%{y}: %{x:,.0f} us<extra></extra>",
    ))
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(range=[0, 1.2 * max(values)], title="microseconds")
    figure.update_layout(title="Processor time of the client", height=330)
    return figure


def curves(results: Mapping[str, Measured], colours: Mapping[str, str]) -> Figure:
    figure = Figure()
    for name, measured in results.items():
        cuts = [seconds * 1e6 for seconds in statistics.quantiles(measured.seconds, n=POINTS)]
        shares = [100 * (place + 1) / POINTS for place in range(len(cuts))]
        figure.add_trace(Scatter(
            x=cuts, y=shares, name=name, mode="lines", line={"color": colours[name], "width": 2.5},
            hovertemplate="%{y:.1f} % within %{x:,.0f} us",
        ))
    figure.update_xaxes(type="log", title="microseconds", dtick="D2", showgrid=True)
    figure.update_yaxes(title="share of the operations", ticksuffix=" %", range=[0, 101], showgrid=True)
    figure.update_layout(height=420, legend={"orientation": "h", "y": -0.25})
    return figure

"""The tables and the plots, from what pytest-benchmark wrote.

    python bench/report.py DIRECTORY [README]

reads DIRECTORY/results.json and writes beside it results.md, details.md, a plot for each group of workloads, and
report.html, which has the tables and plots to point at (5 MB, of which git knows nothing). In README, if it is given,
what stands between the lines `<!-- bench -->` and `<!-- /bench -->` becomes results.md.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator
from plotly.graph_objects import Figure as PlotlyFigure
from plotly.graph_objects import Scatter
from plotly.subplots import make_subplots

from names import CLIENTS, GROUPS, PARSERS
from respool.cli.page import Section, page
from results import CLAIM_RATIO, CLAIM_ROUNDS, Row, Spread, Workload

matplotlib.rcParams["svg.hashsalt"] = "respool"  # the same plot is the same file

MARKED = re.compile(r"(?<=<!-- bench -->\n).*?(?=<!-- /bench -->)", re.DOTALL)
COLOURS = dict(zip(
    CLIENTS, ("#404040", "#a0a0a0", "#5b8db8", "#3f9e8f", "#8a6bb5", "#d9a441", "#b58a5f", "#d9634c", "#8f1d14"),
    strict=True,
)) | dict(zip(PARSERS, ("#404040", "#5b8db8", "#c8422b"), strict=True))

LEGEND = f"""
Medians over interleaved rounds. Ratios are to the first column, of the same round: of times, where less is better, and
of operations a second, where more is. **Bold** is what is claimed: {CLAIM_ROUNDS} rounds, a difference of at least
{CLAIM_RATIO} times, and three rounds of four that agree. CPU is user and system time of the client's process. A raw
socket (with asyncio: a `BufferedProtocol`) knows how many bytes will answer it, and redis-benchmark is a program in C:
these are limits, not clients.
"""


# --- Words -----------------------------------------------------------------------------------------------------------

def number(value: float) -> str:
    return f"{value:,.{2 if value < 10 else 1 if value < 100 else 0}f}"


def duration(seconds: float | None) -> str:
    return "" if seconds is None else f"{number(seconds * 1e6)} us" if seconds < 0.01 else f"{number(seconds * 1e3)} ms"


def rate(row: Row) -> str:
    return f"{1 / row.seconds:,.0f}/s"


def ratio(workload: Workload, spread: Spread, quartiles: bool = True) -> str:
    text = f"**{spread.middle:.2f}**" if workload.claimed(spread) else f"{spread.middle:.2f}"
    return f"{text} ({spread.low:.2f} to {spread.high:.2f})" if quartiles else text


def table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "".join(f"| {' | '.join(line)} |\n" for line in (header, rule, *lines))


def workload_table(workload: Workload) -> str:
    """Everything about one workload, a line for each subject."""
    columns: dict[str, Callable[[Row], str]] = {"": lambda row: row.subject}
    if workload.rate:
        columns["rate"] = rate
        columns["rate, ratio"] = lambda row: ratio(workload, row.ratio)
    else:
        columns["time"] = lambda row: duration(row.seconds)
        columns["time, ratio"] = lambda row: ratio(workload, row.ratio)
    columns["CPU"] = lambda row: duration(row.processor)
    columns["CPU, ratio"] = lambda row: ratio(workload, row.processor_ratio)
    if any(row.p99 for row in workload.rows):
        columns["p99"] = lambda row: duration(row.p99)
    if workload.rate:
        columns["longest"] = lambda row: duration(row.longest)
        columns["each got"] = lambda row: f"{row.shares[0]:.0f} to {row.shares[1]:.0f}" if row.shares else ""
        columns["Jain"] = lambda row: "" if row.fairness is None else f"{row.fairness:.3f}"
    lines = [[cell(row) for cell in columns.values()] for row in workload.rows]
    lines += [[subject, "not installed", *[""] * (len(columns) - 2)] for subject in workload.absent]
    return table(list(columns), lines)


def group_lines(workloads: Sequence[Workload]) -> tuple[list[str], list[list[str]]]:
    """The table of workloads of one reference: its header, and two lines for each, with a column for each subject."""
    found = {name for each in workloads for name in (*each.absent, *(row.subject for row in each.rows))}
    first = [row.subject for row in workloads[0].rows]
    subjects = [name for name in dict.fromkeys((*CLIENTS, *PARSERS, *first)) if name in found]

    def cell(workload: Workload, row: Row, value: str, spread: Spread) -> str:
        return value if row is workload.rows[0] else f"{value}, {ratio(workload, spread, quartiles=False)}"

    lines = []
    for each in workloads:
        absent = dict.fromkeys(each.absent, "not installed")
        results = {row.subject: cell(each, row, rate(row) if each.rate else duration(row.seconds), row.ratio)
                   for row in each.rows}
        processor = {row.subject: cell(each, row, duration(row.processor), row.processor_ratio) for row in each.rows}
        for title, cells in ((each.name, results | absent), ("… CPU", processor | absent)):
            lines.append([title, *(cells.get(subject, "") for subject in subjects)])
    return ["", *subjects], lines


def groups(workloads: Iterable[Workload]) -> list[tuple[str, list[list[Workload]]]]:
    """The workloads of each group, apart by what they are compared with."""
    found: dict[str, dict[str, list[Workload]]] = {}
    for workload in workloads:
        found.setdefault(workload.group, {}).setdefault(workload.rows[0].subject, []).append(workload)
    return [(group, list(found[group].values())) for group in GROUPS if group in found]


def setting(results: dict[str, Any], workloads: Sequence[Workload]) -> list[str]:
    """The machine, what ran on it, and when and how often."""
    machine = results["machine_info"]
    processor, packages = machine["cpu"], machine["packages"]
    installed = ", ".join(f"{name} {version}" for name, version in packages.items() if version != "not installed")
    missing = ", ".join(name for name, version in packages.items() if version == "not installed")
    fewest, most = min(each.rounds for each in workloads), max(each.rounds for each in workloads)
    return [
        f"{processor['brand_raw']}, {processor['count']} processors, {machine['system']} {machine['release']}",
        f"{machine['python_implementation']} {machine['python_version']} "
        f"({machine['python_compiler']}), {machine['server']}",
        installed + (f"; not installed: {missing}" if missing else ""),
        f"{results['datetime'][:10]}, {fewest} to {most} rounds",
    ]


# --- Plots -----------------------------------------------------------------------------------------------------------

def points(
    workloads: Sequence[Workload], subject: str, place: float, processor: bool
) -> tuple[list[float], list[float], list[float], list[float]]:
    """A subject's ratios as times: how high in the line of each workload, and medians with what is to the quartiles."""
    heights, middles, below, above = [], [], [], []
    for line, workload in enumerate(workloads):
        for row in workload.rows[1:]:
            if row.subject == subject:
                low, middle, high = row.processor_ratio if processor else row.ratio
                if workload.rate and not processor:
                    low, middle, high = 1 / high, 1 / middle, 1 / low
                heights.append(line + 0.8 * place - 0.4)
                middles.append(middle)
                below.append(middle - low)
                above.append(high - middle)
    return heights, middles, below, above


def spread_plot(axes: Axes, workloads: Sequence[Workload], subjects: Sequence[str], processor: bool) -> None:
    """A line for each workload, on it the ratio of each subject with its quartiles: left of 1 is better."""
    for place, subject in enumerate(subjects):
        heights, middles, below, above = points(workloads, subject, (place + 0.5) / len(subjects), processor)
        axes.errorbar(middles, heights, xerr=[below, above], fmt="o", markersize=4, linewidth=1, capsize=2,
                      color=COLOURS[subject], label=subject)
    axes.axvline(1, color="#404040", linewidth=1)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.tick_params(axis="x", labelsize=8)
    axes.set_yticks(range(len(workloads)), [workload.name for workload in workloads])
    axes.set_ylim(len(workloads) - 0.5, -0.5)
    axes.hlines([line + 0.5 for line in range(len(workloads) - 1)], 0, 1, transform=axes.get_yaxis_transform(),
                color="#e0e0e0", linewidth=0.8)
    axes.set_title("processor time of the client" if processor else "time", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)


def compared(workloads: Sequence[Workload]) -> list[str]:
    present = {row.subject for workload in workloads for row in workload.rows[1:]}
    return [name for name in COLOURS if name in present]


def draw(path: Path, group: str, workloads: Sequence[Workload], lines: Sequence[str]) -> None:
    reference, subjects = workloads[0].rows[0].subject, compared(workloads)
    absent = {name for workload in workloads for name in workload.absent}
    height = 2.2 + len(workloads) * (0.25 + 0.09 * len(subjects))
    figure = Figure(figsize=(11, height), layout="constrained")
    panels = figure.subplots(1, 2, sharex=True, sharey=True)
    for axes, processor in zip(panels, (False, True), strict=True):
        spread_plot(axes, workloads, subjects, processor)
    handles, labels = panels[0].get_legend_handles_labels()
    title = f"{group}: an operation, relative to {reference}; medians and quartiles"
    figure.legend(handles, labels, title=title, loc="outside upper center", ncols=4, fontsize=8, frameon=False)
    notes = [*lines, *([f"not installed: {', '.join(sorted(absent))}"] if absent else [])]
    figure.supxlabel("\n".join(notes), fontsize=7, color="#606060")
    figure.savefig(path, metadata={"Date": None})


def interactive(workloads: Sequence[Workload]) -> PlotlyFigure:
    """What `draw` draws, to point at."""
    subjects, reference = compared(workloads), workloads[0].rows[0].subject
    titles = [f"{kind}, {reference} = 1" for kind in ("time", "processor time of the client")]
    figure = make_subplots(1, 2, shared_xaxes="all", shared_yaxes=True, subplot_titles=titles, horizontal_spacing=0.03)
    for column, processor in ((1, False), (2, True)):
        for place, subject in enumerate(subjects):
            heights, middles, below, above = points(workloads, subject, (place + 0.5) / len(subjects), processor)
            figure.add_trace(
                Scatter(
                    x=middles, y=heights, name=subject, legendgroup=subject, showlegend=not processor, mode="markers",
                    marker={"color": COLOURS[subject], "size": 7},
                    error_x={"array": above, "arrayminus": below, "symmetric": False, "thickness": 1, "width": 2},
                    customdata=[workloads[round(height)].name for height in heights],
                    hovertemplate="%{customdata}<br>%{x:.2f}",
                ),
                1, column,
            )
    figure.add_vline(1, line={"color": "#404040", "width": 1})
    for line in range(1, len(workloads)):
        figure.add_hline(line - 0.5, line={"color": "#e0e0e0", "width": 1})
    figure.update_xaxes(type="log", dtick="D2", showgrid=True)
    names = {"tickvals": list(range(len(workloads))), "ticktext": [each.name for each in workloads]}
    figure.update_yaxes(range=[len(workloads) - 0.5, -0.5], **names)
    figure.update_layout(
        height=180 + len(workloads) * (24 + 9 * len(subjects)),
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"},
    )
    return figure


# --- Files -----------------------------------------------------------------------------------------------------------

def write(directory: Path, readme: Path | None = None) -> None:
    results = json.loads((directory / "results.json").read_text())
    workloads = [Workload.from_json(each["extra_info"]) for each in results["benchmarks"]]
    lines = setting(results, workloads)
    summary = "".join(f"- {line}\n" for line in lines) + LEGEND
    details = "# Benchmarks in detail\n\n" + summary
    sections = []
    for group, parts in groups(workloads):
        summary += f"\n### {group}\n"
        details += f"\n## {group}\n"
        for part in parts:
            if part[0].rows[0].subject in COLOURS:
                name = re.sub(r"\W+", "-", group.lower())
                draw(directory / f"{name}.svg", group, part, lines)
            summary += "\n" + table(*group_lines(part))
            details += "".join(
                f"\n### {each.name} ({each.rounds} rounds)\n\n{workload_table(each)}" for each in part
            )
            header, rows = group_lines(part)
            sections.append(Section(
                group, headings=header, rows=rows, figures=[interactive(part)] if compared(part) else []
            ))
    notes = [*lines, LEGEND.strip()]
    (directory / "report.html").write_text(page("respool benchmarks", notes, sections), encoding="utf-8")
    (directory / "results.md").write_text(summary)
    (directory / "details.md").write_text(details)
    if readme:
        readme.write_text(MARKED.sub(lambda _: summary, readme.read_text()))


if __name__ == "__main__":
    write(*map(Path, sys.argv[1:]))

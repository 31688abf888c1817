"""A page of HTML with tables and plots to point at, in one file that asks no network for anything."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from plotly.graph_objects import Figure
from plotly.io import to_html
from plotly.offline import get_plotlyjs

STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; color: #222; background: #fff; max-width: 70rem; margin: 2rem auto;
       padding: 0 1rem; }
h1 { font-size: 1.6rem; margin-bottom: .3rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
p, ul { color: #444; } ul { padding-left: 1.2rem; }
.wide { overflow-x: auto; }
.several { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
.several > div { min-width: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
th, td { padding: .3rem .5rem; text-align: right; border-bottom: 1px solid #e4e4e4; white-space: nowrap; }
th { border-bottom: 2px solid #888; font-weight: 600; vertical-align: bottom; white-space: normal; }
th:first-child, td:first-child { text-align: left; }
tbody tr:hover { background: #f5f5f5; }
tr.ours { font-weight: 600; background: #fdf3f0; }
pre { background: #f5f5f5; padding: 1rem; overflow-x: auto; }
"""
FONT = {"family": "system-ui, sans-serif", "size": 13, "color": "#222"}


@dataclass(frozen=True)
class Section:
    """A part of the page: what of it is given, in this order."""

    heading: str
    text: str = ""
    headings: Sequence[str] = ()  # of the table
    rows: Sequence[Sequence[str]] = ()
    ours: Sequence[int] = ()  # rows that stand out
    figures: Sequence[Figure] = ()
    code: str = ""


def page(title: str, notes: Iterable[str], sections: Iterable[Section]) -> str:
    """The whole file; `notes` say on what and when it was measured."""
    body = "".join(map(part, sections))
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'  # or a browser asks for one
        f"<style>{STYLE}</style>\n<script>{get_plotlyjs()}</script>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n"
        f"<ul>{''.join(f'<li>{marked(note)}</li>' for note in notes)}</ul>\n{body}</body>\n</html>\n"
    )


def part(section: Section) -> str:
    words = f"<h2>{escape(section.heading)}</h2>\n"
    if section.text:
        words += f"<p>{marked(section.text)}</p>\n"
    if section.headings:
        words += table(section)
    if section.figures:
        several = " class=several" if len(section.figures) > 1 else ""
        words += f"<div{several}>{''.join(map(drawn, section.figures))}</div>\n"
    if section.code:
        words += f"<pre>{escape(section.code)}</pre>\n"
    return f"<section>\n{words}</section>\n"


def table(section: Section) -> str:
    head = "".join(f"<th>{escape(heading)}</th>" for heading in section.headings)
    rows = "".join(
        f"<tr{' class=ours' if place in section.ours else ''}>"
        f"{''.join(f'<td>{marked(cell)}</td>' for cell in row)}</tr>\n"
        for place, row in enumerate(section.rows)
    )
    return f'<div class="wide"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n'


def marked(text: str) -> str:
    """Words in which **these** are bold and `these` are code."""
    return re.sub(r"`(.+?)`", r"<code>\1</code>", re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", escape(text)))


def drawn(figure: Figure) -> str:
    figure.update_layout(template="simple_white", font=FONT, margin={"l": 10, "r": 30, "t": 60, "b": 40})
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    buttons = [["toImage", "zoom2d", "pan2d", "resetScale2d"]]  # none that would send the data somewhere
    config = {"displaylogo": False, "responsive": True, "modeBarButtons": buttons}
    return str(to_html(figure, config=config, include_plotlyjs=False, full_html=False))

"""The reports as a person sees them, in a headless Chromium: `make look`. Elsewhere these tests are skipped."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from test_demo import demo

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif("LOOK" not in os.environ or CHROMIUM is None, reason="needs a browser: make look")


@dataclass
class Seen:
    """A page as the browser has it."""

    dom: str
    console: list[str]
    picture: Image.Image

    @property
    def rows(self) -> list[list[str]]:
        """The cells of the tables' bodies."""
        rows = re.findall(r"<tr[^>]*>(<td>.*?)</tr>", self.dom, re.DOTALL)
        return [re.findall("<td>(.*?)</td>", row) for row in rows]

    @property
    def plots(self) -> list[str]:
        """What has been drawn: an SVG each."""
        return re.findall(r'<svg class="main-svg"[^>]*>.*?</svg>', self.dom, re.DOTALL)

    def colours(self) -> set[tuple[int, int, int]]:
        return {colour for _, colour in self.picture.getcolors(1 << 24)}


def seen(page: Path, width: int) -> Seen:
    """The page in a window of such a width, with no network; its picture is kept beside it."""
    assert CHROMIUM is not None
    picture = page.with_name(f"{page.stem}-{width}.png")
    common = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000",
        f"--window-size={width},2400", f"--user-data-dir={page.parent / 'profile'}", "--enable-logging=stderr",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ]
    told = []
    for options in (["--dump-dom"], [f"--screenshot={picture}"]):
        told.append(subprocess.run(
            [*common, *options, page.as_uri()], capture_output=True, text=True, timeout=100, check=True
        ))
    console = [line for each in told for line in each.stderr.splitlines() if "CONSOLE" in line]
    dom = re.sub("<script.*?</script>", "", told[0].stdout, flags=re.DOTALL)
    return Seen(dom, console, Image.open(picture).convert("RGB"))


@pytest.mark.parametrize("width", [480, 1200])
def test_the_report_of_the_demo_has_its_table_and_its_plots_drawn(tmp_path: Path, width: int) -> None:
    assert demo(tmp_path).returncode == 0
    report = seen(tmp_path / "demo.html", width)
    assert report.console == []
    assert "<title>respool demo</title>" in report.dom
    assert [row[0] for row in report.rows] == ["without pooling", "redis-py's pool", "respool's pool"]
    assert all(len(row) == 5 for row in report.rows)
    for expected in ("Time, median and 99th percentile", "Processor time of the client", "share of the operations"):
        assert expected in report.dom
    assert report.dom.count("js-plotly-plot") == 3
    assert len(report.plots) >= 3
    assert len(re.findall(r'<g class="points">', report.dom)) >= 2
    assert len(re.findall(r'class="js-line"', report.dom)) >= 3
    assert {(0xC8, 0x42, 0x2B), (0x5B, 0x8D, 0xB8), (0xB0, 0xB0, 0xB0)} <= report.colours()
    assert not overflows(report, width)


def overflows(report: Seen, width: int) -> bool:
    """Whether a plot is wider than the window."""
    return any(int(found) > width for found in re.findall(r'<svg class="main-svg"[^>]* width="(\d+)', report.dom))


def test_the_report_of_the_benchmarks_has_a_table_and_a_plot_for_each_group(tmp_path: Path) -> None:
    bench = Path(__file__).parents[1] / "bench"
    (tmp_path / "results.json").write_text(json.dumps(RESULTS))
    subprocess.run([sys.executable, bench / "report.py", tmp_path], check=True, timeout=100)
    report = seen(tmp_path / "report.html", 1200)
    assert report.console == []
    assert "<h2>Commands</h2>" in report.dom
    assert [row[0] for row in report.rows] == ["GET of 10 bytes", "… CPU"]
    assert "<b>0.50</b>" in report.dom
    assert report.dom.count("js-plotly-plot") == 1
    assert len(re.findall(r'class="point[" ]', report.dom)) >= 4
    assert (0x8F, 0x1D, 0x14) in report.colours()


def row(subject: str, ratio: float) -> dict[str, object]:
    return {"subject": subject, "seconds": 40e-6 * ratio, "processor": 30e-6 * ratio, "p99": 1e-4, "longest": 1e-3,
            "ratio": [ratio * 0.9, ratio, ratio * 1.1], "processor_ratio": [ratio * 0.9, ratio, ratio * 1.1],
            "fairness": None, "shares": None}


RESULTS = {
    "datetime": "2026-01-01T00:00:00",
    "machine_info": {
        "cpu": {"brand_raw": "A processor", "count": 2}, "system": "Linux", "release": "6", "server": "Redis 7.0.15",
        "python_implementation": "CPython", "python_version": "3.12.1", "python_compiler": "GCC",
        "packages": {"respool": "0.1.0", "glide": "not installed"},
    },
    "benchmarks": [{"extra_info": {
        "group": "Commands", "name": "GET of 10 bytes", "rate": False, "rounds": 31, "absent": ["valkey-glide"],
        "rows": [row("redis-py, hiredis", 1.0), row("redis-py", 1.2), row("respool.Redis", 0.5)],
    }}],
}

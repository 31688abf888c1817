"""The benchmarks: a short run of one workload measures everyone, and its table and plot name everyone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import respool
from servers import server_binary

BENCH = Path(__file__).parents[1] / "bench"
SUBJECTS = {"redis-py, hiredis", "redis-py", "valkey-py, libvalkey", "valkey-glide", "raw socket",
            "redis-py, respool's pool", *(["respool.Redis"] if hasattr(respool, "Redis") else [])}


def test_a_short_run_writes_tables_and_a_plot(tmp_path: Path) -> None:
    own = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}  # not one of our workers
    environment = {**own, "PYTHONPATH": os.pathsep.join(sys.path), "REDIS_SERVER": server_binary(),
                   "PATH": str(tmp_path)}  # where there is no redis-benchmark
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- bench -->\nold\n<!-- /bench -->\nafter\n")
    results = tmp_path / "results.json"
    for command in (
        ["-m", "pytest", BENCH / "bench_commands.py", "--effort=quick", "-k", "sizes and GET and 10",
         f"--benchmark-json={results}", "-p", "no:cacheprovider"],
        [BENCH / "report.py", tmp_path, readme],
    ):
        finished = subprocess.run(
            [sys.executable, *command], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=100
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr

    [benchmark] = json.loads(results.read_text())["benchmarks"]
    workload = benchmark["extra_info"]
    assert workload["name"] == "GET of 10 bytes"
    assert workload["rounds"] >= 3
    assert {row["subject"] for row in workload["rows"]} == SUBJECTS
    assert all(row["seconds"] > 0 and row["processor"] > 0 and row["p99"] >= row["seconds"] for row in workload["rows"])
    assert workload["absent"] == ["redis-benchmark"]

    summary = (tmp_path / "results.md").read_text()
    assert readme.read_text() == f"before\n<!-- bench -->\n{summary}<!-- /bench -->\nafter\n"
    report = (tmp_path / "report.html").read_text()
    assert "<title>respool benchmarks</title>" in report and "Plotly.newPlot(" in report
    assert "<td>GET of 10 bytes</td>" in report and "<th>raw socket</th>" in report
    details, plot = (tmp_path / "details.md").read_text(), (tmp_path / "commands.svg").read_text()
    for name in (*SUBJECTS, "redis-benchmark"):
        assert name in summary
        assert name in details
        assert name in plot
    assert "not installed" in summary
    assert "**" not in summary.partition("###")[2], "so few rounds are no claim"

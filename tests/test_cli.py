"""`respool size`, `top` and `doctor` as a person, a script and a terminal use them."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyte
import pytest
import redis
from typer.testing import CliRunner

import respool
from conftest import until
from respool import ConnectionPool, monitor
from respool.cli import app, doctor, load
from respool.cli.address import redacted
from respool.cli.size import Measured, knee, sizes_up_to
from servers import Certificates, RedisServer, free_port, redis_server

TINY = ("--threads", "3", "--commands", "200")


class Result:
    """What a command said."""

    def __init__(self, code: int, output: str, errors: str) -> None:
        self.code, self.output, self.errors = code, output, errors

    @property
    def words(self) -> str:
        """All of it, wherever lines were broken."""
        return " ".join((self.output + self.errors).split())

    @property
    def found(self) -> Any:
        return json.loads(self.output)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty directory, in which commands run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("REDIS_URL", raising=False)
    return tmp_path


def command(*arguments: str) -> Result:
    """Run it in this process."""
    result = CliRunner().invoke(app, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Result(result.exit_code, result.stdout, result.stderr)


# --- all commands ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize(("name", "expected"), [
    ("demo", ["--url", "REDIS_URL", "--rounds", "--plot", "--report", "under a minute"]),
    ("size", ["--url", "--threads", "--commands", "--pause", "--bytes", "--sizes", "--plot", "--json",
              "pool.advise()"]),
    ("top", ["ENDPOINT", "--url", "--interval", "--once", "--json", "respool.monitor.serve", "q quits"]),
    ("doctor", ["URL", "REDIS_URL", "--pings", "--replica", "--json", "exit status"]),
])
def test_the_help_explains_every_option(here: Path, name: str, expected: list[str]) -> None:
    result = command(name, "--help")
    assert result.code == 0
    assert [word for word in expected if word not in re.sub(r"[ │]+", " ", result.words)] == []


@pytest.mark.parametrize("name", ["doctor", "size --url", "top --once --interval 0.1 --url"])
@pytest.mark.parametrize("url", [
    "redis://user:s3cret@127.0.0.1:1/0", "redis://:s3cret@127.0.0.1:nonsense/0", "http://user:s3cret@localhost",
    "redis://:s3#cret@127.0.0.1:1/0?retry_on_timeout=no", "unix://:s3cret@/nowhere.sock", "redis://127.0.0.1:1/one",
    "redis://:s3cret", "redis://127.0.0.1:1/0?password=s3cret", "redis://127.0.0.1:1/0?max_idle_time=-1",
])
def test_a_server_that_cannot_be_used_is_one_clear_sentence_without_the_password(
    here: Path, name: str, url: str
) -> None:
    result = command(*name.split(), url)
    assert result.code == 1
    assert "cannot be used: " in result.words
    assert not re.search(r"s3#?cret@|[:=]s3#?cret", result.words), result.words
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("arguments", [
    ["size", "--threads", "0"], ["size", "--commands", "many"], ["size", "--sizes", "4,x"], ["size", "--sizes", "0"],
    ["top"], ["top", "--interval", "0", "x"], ["doctor"], ["doctor", "redis://x", "--pings", "1"], ["nonsense"],
])
def test_arguments_that_cannot_be_meant_are_refused(here: Path, arguments: list[str]) -> None:
    assert command(*arguments).code == 2


@pytest.mark.parametrize(("url", "shown"), [
    ("redis://user:pass@host:1/2?db=3", "redis://***@host:1/2?db=3"), ("redis://host/", "redis://host/"),
    ("redis://:p@ss/w#rd?@host:1", "redis://***@host:1"), ("rediss://h?ssl_password=x&timeout=3",
    "rediss://h?ssl_password=***&timeout=3"), ("unix://u:p@/run/r.sock", "unix://***@/run/r.sock"),
    ("redis://:forgotten-the-at-sign", "redis://***"), ("secret", "(a URL that is not redis://, rediss:// or unix://)"),
])
def test_of_a_url_nothing_secret_is_shown(url: str, shown: str) -> None:
    assert redacted(url) == shown


# --- size ------------------------------------------------------------------------------------------------------------

def test_size_measures_a_server_and_says_which_size_is_enough(here: Path, server: RedisServer) -> None:
    with redis.Redis(port=server.port) as client:
        client.flushall()
        before = client.info("clients")["connected_clients"]
        result = command("size", "--url", server.url, *TINY)
        assert result.code == 0, result.words
        rows = re.findall(r"│ +(\d+) │ +([\d,]+) │ +([\d.]+ \w+) │ +([\d.]+ \w+) │", result.output)
        assert [int(row[0]) for row in rows] == [1, 2, 3]
        assert re.search(r"max_connections=[123]: \d+% of the best throughput, and a p99 of", result.words)
        assert [path.name for path in here.iterdir()] == ["size.svg"]
        plot = (here / "size.svg").read_text()
        assert plot.startswith("<?xml") and "wait for a connection" in plot
        assert client.dbsize() == 0
        until(lambda: client.info("clients")["connected_clients"] == before)


def test_size_prints_json_and_nothing_else(here: Path, server: RedisServer) -> None:
    result = command("size", "--url", server.url, *TINY, "--sizes", "3,1", "--pause", "0.1", "--json")
    found = result.found
    assert [each["max_connections"] for each in found["sizes"]] == [1, 3]
    assert found["max_connections"] in (1, 3)
    assert found["load"] == {"threads": 3, "commands": 200, "pause": 0.0001}
    alone, all_at_once = found["sizes"]
    assert alone["waited"] > 0.3 > all_at_once["waited"] == 0
    assert all(each["throughput"] > 0 and 0 < each["p50"] <= each["p99"] for each in found["sizes"])
    assert list(here.iterdir()) == []


def test_size_is_not_misled_by_settings_in_the_url(here: Path, server: RedisServer) -> None:
    url = f"{server.url}?max_connections=2&timeout=0"
    assert command("size", "--url", url, *TINY, "--sizes", "1,3", "--json").found["sizes"][1]["waited"] == 0


def row_of(size: int, throughput: float, p99: float) -> Measured:
    return Measured(size, throughput, p99 / 4, p99, 0.0, 0.0)


@pytest.mark.parametrize(("rows", "chosen", "why"), [
    ([(1, 50, 9), (2, 97, 5), (4, 100, 4), (8, 99, 4)], 2, "with 1 the throughput would be 50%"),
    ([(1, 97, 9), (2, 99, 3), (4, 100, 3)], 2, "with 1 the p99 would be 9 ms"),
    ([(1, 100, 2), (2, 90, 1)], 1, "100% of the best throughput"),
    ([(1, 10, 9), (2, 20, 9), (4, 40, 9)], 4, "with 2 the throughput would be 50%"),
])
def test_the_knee_is_the_smallest_that_is_nearly_as_good_as_the_best(
    rows: list[tuple[int, float, float]], chosen: int, why: str
) -> None:
    found, reason = knee([row_of(size, throughput, p99 * 1e-3) for size, throughput, p99 in rows])
    assert found.max_connections == chosen
    assert why in reason
    assert ("with more" in reason) is (chosen < rows[-1][0])


@pytest.mark.parametrize(("threads", "sizes"), [(1, [1]), (5, [1, 2, 3, 4, 5]), (16, [1, 2, 3, 4, 6, 8, 12, 16])])
def test_no_size_is_tried_that_the_threads_could_not_use(threads: int, sizes: list[int]) -> None:
    assert sizes_up_to(threads) == sizes


def test_a_load_whose_server_goes_away_ends_with_its_error() -> None:
    with redis_server() as going, ConnectionPool(**going.address, max_connections=2, timeout=None, retry=None) as pool:
        def kill(done: int) -> None:
            if done:
                going.process.kill()

        with pytest.raises(redis.ConnectionError):
            load.put_on(load.Load(3, 1_000_000, 0.0), pool, "key", lambda: None, kill)


def test_interrupted_size_leaves_neither_key_nor_connection_nor_plot(here: Path, server: RedisServer) -> None:
    with redis.Redis(port=server.port) as client:
        client.flushall()
        running = subprocess.Popen(
            [sys.executable, "-m", "respool", "size", "--url", server.url, "--commands", "10000000"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            until(lambda: len(server.connections_named("respool-size")) > 1)
            running.send_signal(signal.SIGINT)
            output, errors = running.communicate(timeout=20)
        finally:
            running.kill()
            running.wait()
        assert running.returncode == 130, output + errors
        assert "Traceback" not in errors
        assert "nothing was left behind" in output
        assert client.dbsize() == 0
        assert list(here.iterdir()) == []
        until(lambda: not server.connections_named("respool-size"))


# --- doctor ----------------------------------------------------------------------------------------------------------

def examined(url: str, *options: str) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit status, and the findings by their names."""
    result = command("doctor", url, "--json", "--pings", "10", *options)
    return result.code, {finding["name"]: finding for finding in result.found["findings"]}


@contextmanager
def client_of(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis(port=server.port) as client:
        yield client


def test_doctor_finds_a_healthy_server_well(here: Path, server: RedisServer) -> None:
    result = command("doctor", server.url)
    assert result.code == 0, result.words
    for expected in ("redis-py", redis.__version__, "hiredis", "PING", "RESP", "maxclients", "tcp-keepalive", "master"):
        assert expected in result.words
    assert re.search(r"\d+ ok", result.words)
    assert "fail" not in result.words


def test_doctor_says_what_to_change_where_it_warns(here: Path) -> None:
    options = ("--timeout", "30", "--tcp-keepalive", "0", "--maxmemory", "100mb", "--maxmemory-clients", "5mb")
    with redis_server(*options) as bad:
        code, found = examined(bad.url)
        assert code == 0
        warned = {name: finding["change"] for name, finding in found.items() if finding["level"] == "warn"}
        assert {"timeout", "tcp-keepalive", "maxmemory-clients"} <= set(warned)
        assert warned["timeout"] == "give the pool keepalive_interval=15 or max_idle_time=27"
        assert "CONFIG SET tcp-keepalive 300" in warned["tcp-keepalive"]
        assert all(warned.values())
        shown = command("doctor", bad.url)
        assert "→ CONFIG SET tcp-keepalive 300" in shown.words
        assert examined(f"{bad.url}?max_idle_time=20")[1]["timeout"]["level"] == "ok"


def test_doctor_fails_where_hardly_a_connection_is_left(here: Path) -> None:
    with redis_server("--maxclients", "20") as small, ConnectionPool(**small.address) as pool:
        held = [pool.get_connection() for _ in range(16)]
        assert examined(small.url)[1]["maxclients"]["level"] == "warn"
        held += [pool.get_connection() for _ in range(2)]
        code, found = examined(small.url)
        assert (code, found["maxclients"]["level"]) == (1, "fail")
        assert "19 of 20" in found["maxclients"]["found"]
        for connection in held:
            pool.release(connection)


def test_doctor_fails_where_writes_fail(here: Path) -> None:
    with redis_server("--maxmemory", "3mb") as full, client_of(full) as client:
        client.set("large", "x" * 1_000_000)
        client.config_set("maxmemory", client.info("memory")["used_memory"])
        code, found = examined(full.url)
        assert (code, found["maxmemory"]["level"]) == (1, "fail")


def test_doctor_fails_at_a_replica_unless_one_is_meant(here: Path, server: RedisServer) -> None:
    with redis_server("--replicaof", "127.0.0.1", str(server.port)) as replica:
        code, found = examined(replica.url)
        assert (code, found["role"]["level"]) == (1, "fail")
        assert "READONLY" in found["role"]["found"]
        assert examined(replica.url, "--replica")[0] == 0


def test_doctor_shows_no_password_and_says_when_it_is_wrong(here: Path) -> None:
    with redis_server() as locked:
        with client_of(locked) as client:
            client.config_set("requirepass", "s3cret")
        right = command("doctor", locked.url.replace("//", "//:s3cret@"))
        wrong = command("doctor", locked.url.replace("//", "//:wr0ng@"))
        wrong_in_json = command("doctor", locked.url.replace("//", "//:wr0ng@"), "--json")
        none = command("doctor", locked.url)
    assert right.code == 0, right.words
    assert "redis://***@" in right.words
    assert wrong.code == wrong_in_json.code == none.code == 1
    assert "does not accept the user name and password" in wrong.words
    assert wrong_in_json.found["level"] == "fail"
    assert not re.search("s3cret|wr0ng", right.words + wrong.words + none.words + wrong_in_json.output)


def test_doctor_looks_at_the_rest_where_config_is_refused(here: Path, server: RedisServer) -> None:
    with client_of(server) as client:
        commands = ["+ping", "+info", "+hello", "+client", "-client|info"]
        client.acl_setuser("meek", enabled=True, nopass=True, keys=["*"], commands=commands)
        try:
            code, found = examined(server.url.replace("//", "//meek:@"))
        finally:
            client.acl_deluser("meek")
    assert code == 0
    assert found["rights"]["level"] == "warn"
    assert "CONFIG GET and CLIENT INFO refused" in found["rights"]["found"]
    assert found["role"]["found"] == "master"


def test_doctor_tells_tls_that_is_verified_from_tls_that_is_not(
    here: Path, secure_server: RedisServer, certificates: Certificates
) -> None:
    url = f"rediss://localhost:{secure_server.tls_port}/0"
    found = examined(f"{url}?ssl_ca_certs={certificates.root}")[1]["TLS"]
    assert (found["level"], found["found"].startswith("TLSv1.3, ")) == ("ok", True)
    assert "certificate and host name verified" in found["found"]
    assert examined(f"{url}?ssl_cert_reqs=none")[1]["TLS"]["level"] == "warn"


@pytest.mark.parametrize(("settings", "level"), [
    ({"host": "redis.example.org", "password": "x"}, "warn"), ({"host": "10.0.0.7"}, "warn"), ({"host": "::1"}, "ok"),
    ({"host": "localhost"}, "ok"), ({}, "ok"), ({"path": "/run/redis.sock"}, "ok"),
])
def test_doctor_warns_of_plain_text_that_leaves_the_machine(settings: dict[str, str], level: str) -> None:
    assert doctor.plain(settings).level == level


def test_doctor_examines_a_unix_socket(here: Path, server: RedisServer) -> None:
    code, found = examined(f"unix://{server.unix_socket}")
    assert code == 0
    assert "tcp-keepalive" not in found


@pytest.mark.parametrize(("version", "level"), [
    ("6.3.0", "fail"), ("6.4.0", "ok"), ("8.1.0", "ok"), ("9.0.0b1", "warn"),
])
def test_doctor_knows_which_redis_py_was_tested(monkeypatch: pytest.MonkeyPatch, version: str, level: str) -> None:
    monkeypatch.setattr(redis, "__version__", version)
    assert {finding.name: finding for finding in doctor.libraries()}["redis-py"].level == level


def test_the_tested_versions_are_those_of_the_package() -> None:
    project = (Path(__file__).parents[1] / "pyproject.toml").read_text()
    (least, most) = (".".join(map(str, version)) for version in doctor.TESTED_REDIS_PY)
    assert f'dependencies = ["redis>={least},<{most}"]' in project
    assert f'"hiredis>={".".join(map(str, doctor.OLDEST_HIREDIS))},<' in project


@pytest.mark.parametrize(("pings", "level"), [
    ([0.0001] * 100, "ok"), ([0.0001] * 98 + [0.02] * 2, "warn"), ([0.007] * 100, "warn"), ([0.06] * 100, "fail"),
])
def test_doctor_judges_latency_by_median_and_p99(pings: list[float], level: str) -> None:
    [finding] = doctor.latency(doctor.Patient(ConnectionPool(), pings))
    assert finding.level == level


@pytest.mark.parametrize(("info", "level"), [
    ({"redis_version": "5.0.14"}, "warn"), ({"redis_version": "6.2.0"}, "warn"), ({"redis_version": "7.0.15"}, "ok"),
    ({"redis_version": "7.2.4", "valkey_version": "8.1.0"}, "ok"),
])
def test_doctor_judges_the_server_by_its_version(info: dict[str, str], level: str) -> None:
    [finding] = doctor.server_version(doctor.Patient(ConnectionPool(), info=info))
    assert finding.level == level
    assert ("Valkey 8.1.0" in finding.found) is ("valkey_version" in info)


# --- top -------------------------------------------------------------------------------------------------------------

@contextmanager
def busy(pool: ConnectionPool, key: str = "key") -> Iterator[None]:
    """Somebody uses the pool all the time."""
    over = threading.Event()
    client = respool.Redis(connection_pool=pool)

    def work() -> None:
        while not over.wait(0.001):
            client.get(key)

    worker = threading.Thread(target=work)
    worker.start()
    try:
        yield
    finally:
        over.set()
        worker.join()


def test_top_shows_pools_and_who_is_connected(here: Path, server: RedisServer) -> None:
    with (
        ConnectionPool(**server.address, name="sessions", client_name="shop", max_connections=7) as pool,
        monitor.serve(here / "shop.sock", [pool]) as serving, busy(pool),
    ):
        shown = command("top", serving.address, "--url", server.url, "--once", "--interval", "0.3")
        assert shown.code == 0, shown.words
        [row] = [line.split() for line in shown.output.splitlines() if " sessions " in line]
        assert str(os.getpid()) in row and "7" in row
        [shop] = [line.split() for line in shown.output.splitlines() if line.startswith("shop ")]
        assert "1" in shop
        assert re.search(r"Redis [\d.]+ at redis://127.0.0.1:\d+/0: \d+ of \d+ connections, [\d,.]+ commands/s",
                         shown.words)
        found = command("top", serving.address, "--url", server.url, "--once", "--json", "--interval", "0.3").found
        [process] = found["processes"]
        assert process["pools"][0]["checkouts_per_second"] > 10
        assert process["pools"][0]["waits_per_second"] == 0
        [application] = [each for each in found["server"]["applications"] if each["name"] == "shop"]
        assert application["connections"] == 1
        assert application["memory"] > 0
        assert found["server"]["commands_per_second"] > 10
        assert 0 <= found["server"]["busy"] <= 1
        assert "respool-top" not in [each["name"] for each in found["server"]["applications"]]


def test_top_counts_connections_and_their_idle_ages_by_client_name(here: Path, server: RedisServer) -> None:
    pools = [ConnectionPool(**server.address, client_name=name) for name in ("web", "web", "jobs")]
    held = [[pool.get_connection() for _ in range(2)] for pool in pools]
    try:
        found = command("top", "--url", server.url, "--once", "--json", "--interval", "0.1").found
        named = {each["name"]: each for each in found["server"]["applications"]}
        assert (named["web"]["connections"], named["jobs"]["connections"]) == (4, 2)
        assert named["web"]["idle_longest"] >= named["web"]["idle_median"] >= 0
        assert named["jobs"]["databases"] == [0]
    finally:
        for pool, connections in zip(pools, held, strict=True):
            for connection in connections:
                pool.release(connection)
            pool.close()


def test_top_says_which_process_does_not_answer_and_shows_the_others(here: Path) -> None:
    pool = ConnectionPool(name="alive")
    with monitor.serve(0, [pool]) as serving:
        shown = command("top", "nowhere.sock", serving.address, str(free_port()), "--once", "--interval", "0.1")
    assert shown.code == 1
    assert "alive" in shown.words
    assert shown.words.count("No respool.monitor answers at") == 2


def test_top_without_a_terminal_says_what_does_without(here: Path, server: RedisServer) -> None:
    result = command("top", "--url", server.url)
    assert result.code == 2
    assert "--once and --json do without" in result.words


class Terminal:
    """A program in a pseudo-terminal, and what a person would see of it."""

    def __init__(self, *arguments: str, lines: int = 30, columns: int = 160) -> None:
        self.screen = pyte.Screen(columns, lines)
        self.seen = b""
        self._stream = pyte.ByteStream(self.screen)
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.settings = termios.tcgetattr(self.slave)
        own = ("COLUMNS", "LINES", "REDIS_URL")
        environment = {name: value for name, value in os.environ.items() if name not in own}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "respool", *arguments], stdin=self.slave, stdout=self.slave, stderr=self.slave,
            env={**environment, "TERM": "xterm-256color"}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # Ctrl-C is for it
        )

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)

    def read(self) -> None:
        while select.select([self.master], [], [], 0.01)[0]:
            data = os.read(self.master, 65536)
            self.seen += data
            self._stream.feed(data)

    @property
    def text(self) -> str:
        self.read()
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    def ends(self) -> int:
        """Its exit status."""

        def over() -> bool:
            self.read()  # lest it waits for somebody to read
            return self.process.poll() is not None

        until(over)
        self.read()
        return int(self.process.returncode)


@pytest.mark.parametrize(("keys", "code"), [(b"q", 0), (b"xyQ", 0), (b"\x03", 130)])
def test_top_lives_in_a_terminal_until_it_is_told_to_end_and_leaves_it_as_it_was(
    server: RedisServer, keys: bytes, code: int
) -> None:
    with (
        ConnectionPool(**server.address, name="sessions", client_name="shop", timeout=None) as pool,
        monitor.serve(0, [pool]) as serving,
        Terminal("top", serving.address, "--url", server.url, "--interval", "0.2") as terminal,
    ):
        until(lambda: "q quits" in terminal.text)
        assert "sessions" in terminal.text
        assert "checkouts" not in terminal.text
        client = respool.Redis(connection_pool=pool)

        def moving() -> bool:
            client.ping()
            [row] = [line for line in terminal.text.splitlines() if " sessions " in line]
            return bool(re.search(r"sessions +\d+ +\d+ +0 +0 +\S+ +1 +[1-9]", row))

        until(moving)
        assert "shop" in terminal.text
        terminal.press(keys)
        assert terminal.ends() == code
        assert termios.tcgetattr(terminal.slave) == terminal.settings
        assert terminal.seen.rstrip().endswith((b"\x1b[?1049l\x1b[?25h", b"\x1b[?25h\x1b[?1049l"))
        assert b"Traceback" not in terminal.seen


def test_top_goes_on_when_a_process_or_the_server_goes_away(tmp_path: Path) -> None:
    pool = ConnectionPool(name="sessions")
    serving = monitor.serve(tmp_path / "pools.sock", [pool])
    try:
        with redis_server() as going, Terminal(
            "top", serving.address, "--url", going.url, "--interval", "0.1"
        ) as terminal:
            until(lambda: "sessions" in terminal.text and "commands/s" in terminal.text)
            serving.close()
            until(lambda: "No respool.monitor answers" in terminal.text)
            going.process.kill()
            until(lambda: "cannot be used" in terminal.text)
            serving = monitor.serve(tmp_path / "pools.sock", [pool])
            until(lambda: "No respool.monitor answers" not in terminal.text and "sessions" in terminal.text)
            terminal.press(b"q")
            assert terminal.ends() == 0
    finally:
        serving.close()

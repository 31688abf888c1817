"""The endpoint by which a process shows what its pools do: who may ask, what it tells, and what it leaves behind."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import respool.asyncio
from conftest import until
from respool import ConnectionPool, monitor
from respool.cli.top import Endpoint, EndpointError
from servers import RedisServer, free_port


def look(address: str) -> dict[str, Any]:
    with closing(Endpoint(address)) as endpoint:
        return endpoint.look()


def pool_named(said: dict[str, Any], name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = [pool for pool in said["pools"] if pool["name"] == name]
    assert len(found) == 1, said["pools"]
    return found[0]


@pytest.fixture(params=["path", "port"])
def serving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[monitor.Monitor]:
    with monitor.serve(tmp_path / "pools.sock" if request.param == "path" else 0) as running:
        yield running


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *arguments], capture_output=True, text=True, timeout=60,
        check=False,
    )


# --- what it tells ---------------------------------------------------------------------------------------------------

def test_an_empty_line_is_answered_with_the_numbers_of_every_pool(
    serving: monitor.Monitor, server: RedisServer
) -> None:
    with ConnectionPool(**server.address, name="early", max_connections=3) as pool:
        held, back = pool.get_connection(), pool.get_connection()
        pool.release(back)
        said = look(serving.address)
        assert said["pid"] == os.getpid()
        numbers = pool_named(said, "early")
        assert (numbers["in_use"], numbers["pool_available"], numbers["pool_max"]) == (1, 1, 3)
        assert (numbers["requests_num"], numbers["peak_in_use"], numbers["kind"]) == (2, 2, "threads")
        assert numbers["closed"]["drain"] == 0
        assert set(numbers["wait"]) == {"count", "sum", "mean", "p50", "p99"}
        pool.release(held)


def test_a_reader_may_ask_again_and_sees_pools_come_and_go(serving: monitor.Monitor) -> None:
    with closing(Endpoint(serving.address)) as endpoint:
        assert "later" not in [pool["name"] for pool in endpoint.look()["pools"]]
        pool = ConnectionPool(name="later")
        assert pool_named(endpoint.look(), "later")["requests_num"] == 0
        del pool
        gc.collect()  # redis-py's handler of maintenance refers back to it
        assert "later" not in [pool["name"] for pool in endpoint.look()["pools"]]


def test_pools_for_asyncio_are_told_apart(serving: monitor.Monitor) -> None:
    async def made() -> dict[str, Any]:
        async with respool.asyncio.ConnectionPool(name="loop"):
            return await asyncio.to_thread(look, serving.address)

    assert pool_named(asyncio.run(made()), "loop")["kind"] == "asyncio"


def test_only_the_pools_that_were_named_are_shown() -> None:
    shown, hidden = ConnectionPool(name="shown"), ConnectionPool(name="hidden")
    with monitor.serve(0, [shown]) as running:
        assert [pool["name"] for pool in look(running.address)["pools"]] == ["shown"]
    del hidden


def test_no_secret_is_told(serving: monitor.Monitor) -> None:
    pool = ConnectionPool(host="example.org", username="us3r", password="s3cret", client_name="me")
    assert pool_named(look(serving.address), "example.org:6379/0")
    assert not any(secret in json.dumps(look(serving.address)) for secret in ("s3cret", "us3r"))
    del pool


# --- who may ask -----------------------------------------------------------------------------------------------------

def test_without_being_asked_for_there_is_none() -> None:
    script = "import sys, threading, respool; respool.ConnectionPool(); print(threading.active_count(), *sys.modules)"
    count, *modules = run(script).stdout.split()
    assert count == "1"
    assert "respool.monitor" not in modules


def test_a_path_is_for_this_user_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with monitor.serve(tmp_path / "pools.sock") as running:
            assert stat.S_IMODE((tmp_path / "pools.sock").stat().st_mode) == 0o600
            assert running.readers == f"user {os.geteuid()} and root"
            assert running.readers in repr(running)
    finally:
        os.umask(before)


def test_a_port_is_for_this_machine_alone() -> None:
    port = free_port()
    with monitor.serve(port) as running:
        assert running.address == f"127.0.0.1:{port}"
        assert running._listener.getsockname() == ("127.0.0.1", port)
        assert "every user" in running.readers
        assert look(str(port))["pid"] == os.getpid()


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\n\r\n", b"stats\n", b"\n\nx"])
def test_who_says_anything_else_is_hung_up_on(serving: monitor.Monitor, said: bytes) -> None:
    with closing(Endpoint(serving.address)) as endpoint:
        endpoint.look()
        assert endpoint._socket is not None
        endpoint._socket.sendall(said)
        assert endpoint._socket.recv(1) == b""
    assert look(serving.address)["pid"] == os.getpid()


def test_who_does_not_read_is_hung_up_on_and_keeps_nobody_waiting(serving: monitor.Monitor) -> None:
    pools = [ConnectionPool(name="x" * 10_000) for _ in range(40)]  # more than a socket takes at once
    with closing(Endpoint(serving.address)) as lazy, closing(Endpoint(serving.address)) as other:
        lazy.look()
        assert lazy._socket is not None

        def hung_up() -> bool:
            assert len(other.look()["pools"]) >= len(pools)
            try:
                lazy._socket.send(b"\n")
            except OSError:
                return True
            return False

        until(hung_up)


def test_more_readers_than_anybody_needs_are_turned_away(serving: monitor.Monitor) -> None:
    readers = [Endpoint(serving.address) for _ in range(monitor.MOST_READERS)]
    try:
        for reader in readers:
            reader.look()
        with pytest.raises(EndpointError):
            look(serving.address)
        readers.pop().close()
        until(lambda: len(serving._clients) < monitor.MOST_READERS)
        assert look(serving.address)["pid"] == os.getpid()
    finally:
        for reader in readers:
            reader.close()


# --- the place -------------------------------------------------------------------------------------------------------

def test_a_socket_that_nobody_answers_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pools.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    with monitor.serve(path):
        assert look(str(path))["pid"] == os.getpid()


def test_one_that_somebody_answers_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pools.sock"
    with monitor.serve(path):
        with pytest.raises(OSError, match="Another process answers there"):
            monitor.serve(path)
        assert look(str(path))["pid"] == os.getpid()


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(FileExistsError):
        monitor.serve(path)
    assert path.read_text() == "data"


def test_when_closed_it_leaves_neither_file_nor_thread_nor_answer(tmp_path: Path) -> None:
    path = tmp_path / "pools.sock"
    running = monitor.serve(path)
    with closing(Endpoint(str(path))) as endpoint:
        endpoint.look()
        running.close()
        running.close()
        assert not running._thread.is_alive()
        assert not path.exists()
        with pytest.raises(EndpointError):
            endpoint.look()


@pytest.mark.parametrize("end", ["pass", "raise SystemExit(3)", "1 / 0"])
def test_a_process_that_ends_leaves_no_file(tmp_path: Path, end: str) -> None:
    path = tmp_path / "pools.sock"
    result = run(f"import sys, respool.monitor; respool.monitor.serve(sys.argv[1]); {end}", str(path))
    assert result.stderr.count("Traceback") == (end == "1 / 0")
    assert not path.exists()


FORK = """
import json, os, sys, respool, respool.monitor
from respool.cli.top import Endpoint
pool = respool.ConnectionPool(name="both")
serving = respool.monitor.serve(sys.argv[1])
reader = Endpoint(sys.argv[1])
reader.look()
ready, go = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    sockets = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            sockets += "socket:" in os.readlink(f"/proc/self/fd/{name}")
        except FileNotFoundError:  # that of the listing
            pass
    with respool.monitor.serve(sys.argv[2]) as own:
        said = Endpoint(sys.argv[2]).look()["pid"] == os.getpid()
    os.write(ready[1], json.dumps([sockets, said, os.path.exists(sys.argv[1])]).encode())
    os.read(go[0], 1)
    os._exit(0)
told = json.loads(os.read(ready[0], 1000))
answers = reader.look()["pid"] == os.getpid() == Endpoint(sys.argv[1]).look()["pid"]
serving.close()
alone = not os.path.exists(sys.argv[1])
os.write(go[1], b"x")
os.waitpid(child, 0)
print(json.dumps([*told, answers, alone]))
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to see descriptors in")
def test_a_forked_child_keeps_nothing_of_it_open_and_may_serve_at_a_place_of_its_own(tmp_path: Path) -> None:
    result = run(FORK, str(tmp_path / "parent.sock"), str(tmp_path / "child.sock"))
    assert result.returncode == 0, result.stderr
    sockets, own, file_stays, parent_answers, alone = json.loads(result.stdout)
    assert sockets == 1  # what the parent's reader holds
    assert own
    assert file_stays
    assert parent_answers
    assert alone
    assert list(tmp_path.iterdir()) == []


def test_killed_it_leaves_a_socket_that_the_next_one_replaces(tmp_path: Path) -> None:
    path = tmp_path / "pools.sock"
    script = "import sys, respool.monitor, signal; respool.monitor.serve(sys.argv[1]); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", script, str(path)]) as first:
        until(path.exists)
        first.send_signal(signal.SIGKILL)
    assert path.exists()
    with monitor.serve(path):
        assert look(str(path))["pid"] == os.getpid()

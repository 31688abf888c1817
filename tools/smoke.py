"""What every wheel is asked before it is shipped: does it import, read and write RESP, pool, and talk to a server?

    python tools/smoke.py [--server]

It needs respool and what respool depends on, nothing else. The server is a private redis-server or valkey-server from
PATH; where there is none, that part is left out, or with --server is a failure.
"""

from __future__ import annotations

import asyncio
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import redis
import redis.asyncio

import respool
import respool.asyncio


class Stub:
    """A connection to nowhere."""

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs

    def connect(self) -> None:
        pass

    disconnect = connect

    def can_read(self, timeout: float = 0) -> bool:
        return False

    def should_reconnect(self) -> bool:
        return False


def package() -> None:
    """What is no module has come along: type checkers and `respool run` need it."""
    root = files("respool")
    for name in ("py.typed", "_pool.pyi", "_pool.pxd", "startup/sitecustomize.py"):
        assert root.joinpath(name).is_file(), name
    assert Path(sys.prefix).resolve() in Path(respool.__file__).resolve().parents, f"not installed: {respool.__file__}"


def bytes_and_values() -> None:
    reader = respool.Reader()
    reader.feed(b"*2\r\n$5\r\nhello\r\n:42\r\n%1\r\n+key\r\n,1.5\r\n")
    assert [reader.gets(), reader.gets()] == [[b"hello", 42], {b"key": 1.5}]
    assert respool.pack_command(("SET", "key", b"value")) == b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$5\r\nvalue\r\n"


def pool_without_a_server() -> None:
    with respool.ConnectionPool(connection_class=Stub, max_connections=1) as pool:
        connection = pool.get_connection()
        try:
            pool.get_connection()
        except redis.exceptions.MaxConnectionsError:
            pool.release(connection)
        else:
            raise AssertionError("a second connection of a pool of one")
        assert pool.get_connection() is connection
        pool.release(connection)
        assert pool.counts()[:3] == (1, 1, 0)


def commands(port: int) -> None:
    with respool.ConnectionPool(port=port, max_connections=2, timeout=5) as pool:
        for client in (redis.Redis(connection_pool=pool), respool.Redis(connection_pool=pool)):
            assert client.set("key", b"value" * 10_000)
            assert client.get("key") == b"value" * 10_000
            pipeline = client.pipeline()
            pipeline.incr("number")
            pipeline.delete("number")
            assert pipeline.execute() == [1, 1]
        assert pool.in_use == 0

    async def asynchronously() -> None:
        async with respool.asyncio.Redis(port=port) as client:
            assert await client.get("key") == b"value" * 10_000

    asyncio.run(asynchronously())


def run_and_its_children() -> None:
    program = "import redis, respool, subprocess, sys; assert redis.ConnectionPool is respool.ConnectionPool"
    child = f"{program}; subprocess.run([sys.executable, '-c', {program!r}], check=True)"
    subprocess.run([sys.executable, "-m", "respool", "run", "-c", child], check=True)


def private_server() -> tuple[subprocess.Popen[bytes], int, tempfile.TemporaryDirectory[str]] | None:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        return None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    directory = tempfile.TemporaryDirectory(prefix="respool-")
    command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", directory.name, "--save", ""]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL), port, directory


def against_a_server() -> bool:
    started = private_server()
    if started is None:
        return False
    process, port, directory = started
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None and time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.02)
        commands(port)
    finally:
        process.kill()
        process.wait()
        directory.cleanup()
    return True


package()
bytes_and_values()
pool_without_a_server()
run_and_its_children()
server = against_a_server()
assert server or "--server" not in sys.argv, "neither redis-server nor valkey-server on PATH"
# Free threading is not declared yet: a free-threaded Python has its GIL back by now, unless PYTHON_GIL=0 forbids it.
gil = "" if getattr(sys, "_is_gil_enabled", lambda: True)() else ", no GIL"
print(f"respool {respool.__version__}, redis-py {redis.__version__}, Python {platform.python_version()}{gil}, "
      f"{platform.platform()}: sound{'' if server else ', without a server'}")

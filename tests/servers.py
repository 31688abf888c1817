"""Real Redis servers for the tests, started on free ports and stopped by pid."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from respool.cli.server import with_its_parent


@dataclass
class RedisServer:
    port: int
    unix_socket: str
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port}

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def connections_named(self, name: str) -> list[dict[str, str]]:
        """The server's own list of the clients with this name."""
        with redis.Redis(port=self.port, client_name="observer") as client:
            return [entry for entry in client.client_list() if entry["name"] == name]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    """Run a Redis (or Valkey) server of PATH with nothing on disk, and stop it by pid."""
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    assert binary, "the tests need redis-server or valkey-server on PATH (Debian: apt-get install redis-server)"
    with tempfile.TemporaryDirectory(prefix="respool-") as directory:
        port = free_port()
        unix_socket = str(Path(directory, "redis.sock"))
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", unix_socket, "--dir", directory,
                   "--save", "", "--appendonly", "no", "--enable-debug-command", "local", *options]
        process = subprocess.Popen([*with_its_parent(), *command], stdout=subprocess.DEVNULL)
        try:
            wait_until_ready(port, process)
            yield RedisServer(port, unix_socket, process)
        finally:
            process.kill()
            process.wait(10)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with redis.Redis(port=port) as client:
                client.ping()
            return
        except redis.ConnectionError:
            assert process.poll() is None, f"the server ended at once with code {process.returncode}"
            assert time.monotonic() < deadline, "the server did not answer within 10 s"
            time.sleep(0.01)

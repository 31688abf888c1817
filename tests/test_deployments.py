"""Programs as they are deployed: credentials that change, workers forked from a parent that has connected, spawned
processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.credentials import StreamingCredentialProvider

import respool
from conftest import Threads, assert_sound, until
from deployments import THREADS, traffic, values_of_its_own
from servers import RedisServer
from sessions import Token
from test_fork import start_child

# --- credentials -------------------------------------------------------------------------------------------------

class Rotation(StreamingCredentialProvider):
    """Credentials that are replaced from time to time, as those of an identity provider are."""

    def __init__(self) -> None:
        self.token = Token("", "")
        self.callbacks: list[Callable[[Any], None]] = []

    def get_credentials(self) -> tuple[str, str]:
        return self.token.user, self.token.password

    def on_next(self, callback: Callable[[Any], None]) -> None:
        self.callbacks.append(callback)

    def on_error(self, callback: Callable[[Exception], None]) -> None:
        pass

    def is_streaming(self) -> bool:
        return True

    def rotate(self, token: Token) -> None:
        self.token = token
        for callback in self.callbacks:
            callback(token)


@pytest.mark.parametrize("pool_class", [respool.ConnectionPool, respool.BlockingConnectionPool])
def test_credentials_change_under_load_and_nobody_notices(
    server: RedisServer, protocol: int, threads: Threads, pool_class: Any
) -> None:
    provider = Rotation()

    def users() -> set[str]:
        return {entry["user"] for entry in admin.client_list() if entry["name"] == "rotating"}

    def replace(number: int) -> None:
        """A new user, then the old one's end, and with him that of each connection which still is his."""
        admin.acl_setuser(f"user-{number}", enabled=True, passwords=[f"+{number}"], keys=["*"], commands=["+@all"])
        provider.rotate(Token(f"user-{number}", str(number)))
        if number:
            until(lambda: users() == {f"user-{number}"})
            admin.acl_deluser(f"user-{number - 1}")

    with redis.Redis(port=server.port) as admin:
        replace(0)
        # A thread may have to wait for the connection that just authenticates.
        pool = pool_class(**server.address, max_connections=THREADS, timeout=20, protocol=protocol,
                          credential_provider=provider, client_name="rotating")
        client = redis.Redis(connection_pool=pool, credential_provider=provider)
        with traffic(threads, values_of_its_own(client)) as load:
            before = server.connections_named("rotating")
            for number in range(1, 8):
                replace(number)
                load.goes_on()
            after = server.connections_named("rotating")
        assert {entry["id"] for entry in before} >= {entry["id"] for entry in after}, "a connection had to be replaced"
        assert_sound(pool, in_use=0, connecting=0, waiting=0)
        pool.close()
        admin.acl_deluser("user-7")


# --- workers forked from a parent that has connected -------------------------------------------------------------

@contextmanager
def forked(work: Callable[[], None]) -> Iterator[int]:
    """A child that works until SIGTERM; gives its pid. It has to end well, unless it is dead already."""
    pid = start_child(work)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGTERM)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    assert status in (0, -signal.SIGKILL)


@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_of_a_preforking_server_share_what_was_imported_and_no_connection(
    server: RedisServer, protocol: int, threads: Threads
) -> None:
    """As gunicorn --preload and Celery do: one parent connects, forks, goes on, and forks again when a worker dies."""
    pool = respool.ConnectionPool(**server.address, max_connections=THREADS, timeout=20, protocol=protocol)
    client = redis.Redis(connection_pool=pool)
    client.delete("turns")

    def serve() -> None:
        """A worker with threads of its own, which all use the pool that was made before the fork."""
        end = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: end.set())
        own = Threads()
        with traffic(own, values_of_its_own(client)) as load:
            while not end.is_set():
                load.goes_on(1)
                client.hincrby("turns", str(os.getpid()), 1)
        assert_sound(pool, in_use=0, waiting=0)

    def works(pid: int) -> bool:
        return int(client.hget("turns", str(pid)) or 0) >= 3

    assert client.ping()
    with traffic(threads, values_of_its_own(client)) as load:
        with forked(serve) as first, forked(serve) as second:
            until(lambda: works(first) and works(second))
            os.kill(first, signal.SIGKILL)  # with commands under way
            with forked(serve) as third:
                load.goes_on()
                until(lambda: works(third))
            load.goes_on()
    assert_sound(pool, in_use=0, waiting=0)
    pool.close()


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_multiprocessing_have_pools_of_their_own(server: RedisServer, tmp_path: Path, method: str) -> None:
    script = Path(tmp_path, "program.py")
    script.write_text(f"""
import multiprocessing
import os
import redis
import respool

pool = respool.ConnectionPool.from_url({server.url!r}, max_connections=2, timeout=20)
client = redis.Redis(connection_pool=pool)

def work(number):
    assert client.set(f"process:{{number}}", number) and client.get(f"process:{{number}}") == str(number).encode()
    assert pool.counts()[0] <= 2
    return os.getpid(), client.client_id()

if __name__ == "__main__":
    mine = client.client_id()
    with multiprocessing.get_context({method!r}).Pool(2) as processes:
        done = processes.map(work, range(50), chunksize=1)
    assert os.getpid() not in {{pid for pid, _ in done}}
    assert mine not in {{connection for _, connection in done}}
    connections = {{}}
    for pid, connection in done:
        assert connections.setdefault(connection, pid) == pid, "two processes used one connection"
    assert client.client_id() == mine
""")
    ended = subprocess.run([sys.executable, "-W", "error", script], capture_output=True, text=True, timeout=60,
                           check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


# --- kinds of servers --------------------------------------------------------------------------------------------

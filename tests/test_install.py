"""`respool.install()`: every pool and connection of the process is respool's, and `uninstall()` undoes it.

`python -m respool run` does it for a program that cannot be edited.
"""

from __future__ import annotations

import copy
import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import redis
import redis.asyncio
import redis.asyncio.client
import redis.asyncio.cluster
import redis.asyncio.connection
import redis.asyncio.sentinel
import redis.client
import redis.connection
import redis.sentinel
from redis import BlockingConnectionPool as TheirBlockingPool
from redis import Connection as TheirConnection
from redis import ConnectionPool as TheirPool
from redis import SSLConnection as TheirSSLConnection
from redis import UnixDomainSocketConnection as TheirUnixConnection
from redis.asyncio import BlockingConnectionPool as TheirAsyncBlockingPool
from redis.asyncio import Connection as TheirAsyncConnection
from redis.asyncio import ConnectionPool as TheirAsyncPool
from redis.asyncio import SSLConnection as TheirAsyncSSLConnection
from redis.asyncio import UnixDomainSocketConnection as TheirAsyncUnixConnection
from redis.sentinel import SentinelConnectionPool as TheirSentinelPool
from redis.sentinel import SentinelManagedConnection as TheirManagedConnection

import respool
import respool.asyncio
from conftest import Threads, assert_sound
from servers import RedisServer
from test_fork import in_child

THEIRS: dict[Any, Any] = {
    TheirPool: respool.ConnectionPool,
    TheirBlockingPool: respool.BlockingConnectionPool,
    TheirConnection: respool.Connection,
    TheirSSLConnection: respool.SSLConnection,
    TheirUnixConnection: respool.UnixDomainSocketConnection,
    TheirAsyncPool: respool.asyncio.ConnectionPool,
    TheirAsyncBlockingPool: respool.asyncio.BlockingConnectionPool,
    TheirAsyncConnection: respool.asyncio.Connection,
    TheirAsyncSSLConnection: respool.asyncio.SSLConnection,
    TheirAsyncUnixConnection: respool.asyncio.UnixDomainSocketConnection,
}


class EarlyPool(TheirPool):
    """Defined before anybody calls install()."""

    taken = 0

    def get_connection(self, *args: Any, **kwargs: Any) -> Any:
        self.taken += 1
        return super().get_connection(*args, **kwargs)


class EarlyConnection(TheirConnection):
    connected = 0

    def connect(self) -> None:
        self.connected += 1
        super().connect()


class OldFashionedPool(TheirPool):
    def __init__(self, **kwargs: Any) -> None:
        TheirPool.__init__(self, **kwargs)


class OldFashionedBlockingPool(TheirBlockingPool):
    def __init__(self, **kwargs: Any) -> None:
        TheirBlockingPool.__init__(self, max_connections=2, **kwargs)


class OldFashionedConnection(TheirConnection):
    def __init__(self, **kwargs: Any) -> None:
        TheirConnection.__init__(self, **kwargs)


class PoolOfItsOwnShape(TheirPool, dict):  # type: ignore[type-arg]
    """Its instances have no room for respool's core."""


def pool_of_a_default_argument(pool_class: Any = TheirPool) -> Any:
    return pool_class()


def names_of_redis_py() -> dict[str, Any]:
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "redis"}
    return {f"{name}.{key}": value for name, module in modules.items() for key, value in vars(module).items()
            if inspect.isclass(value)}


CLIENTS: dict[str, Callable[[], Any]] = {
    "redis.Redis()": lambda: redis.Redis(),
    "redis.Redis(host=...)": lambda: redis.Redis(host="localhost"),
    "redis.Redis(ssl=True)": lambda: redis.Redis(ssl=True),
    "redis.Redis(unix_socket_path=...)": lambda: redis.Redis(unix_socket_path="/nowhere"),
    "redis.StrictRedis()": lambda: redis.StrictRedis(),
    "redis.client.Redis()": lambda: redis.client.Redis(),
    "redis.from_url": lambda: redis.from_url("redis://localhost"),
    "redis.from_url, TLS": lambda: redis.from_url("rediss://localhost"),
    "redis.from_url, Unix": lambda: redis.from_url("unix:///nowhere"),
    "redis.Redis.from_url": lambda: redis.Redis.from_url("redis://localhost"),
    "redis.ConnectionPool": lambda: redis.Redis(connection_pool=redis.ConnectionPool()),
    "redis.connection.ConnectionPool.from_url":
        lambda: redis.Redis(connection_pool=redis.connection.ConnectionPool.from_url("redis://localhost")),
    "BlockingConnectionPool": lambda: redis.Redis(connection_pool=redis.BlockingConnectionPool()),
    "a pool class imported before": lambda: redis.Redis(connection_pool=TheirPool()),
    "… and its from_url": lambda: redis.Redis(connection_pool=TheirPool.from_url("rediss://localhost")),
    "… the blocking one": lambda: redis.Redis(connection_pool=TheirBlockingPool()),
    "… as a default argument": lambda: redis.Redis(connection_pool=pool_of_a_default_argument()),
    "a sentinel": lambda: redis.sentinel.Sentinel([("localhost", 1)]).sentinels[0],
    "a master": lambda: redis.sentinel.Sentinel([("localhost", 1)]).master_for("name"),
    "a replica with TLS": lambda: redis.sentinel.Sentinel([("localhost", 1)]).slave_for("name", ssl=True),
    "a connection class imported before":
        lambda: redis.Redis(connection_pool=redis.ConnectionPool(connection_class=TheirConnection)),
    "a sentinel's": lambda: redis.Redis(connection_pool=TheirSentinelPool("name", redis.sentinel.Sentinel([]))),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("client", CLIENTS)
def test_every_client_has_our_pool_and_our_connections(client: str) -> None:
    pool = CLIENTS[client]().connection_pool
    assert isinstance(pool, respool.ConnectionPool)
    connection = pool.make_connection()
    assert type(connection).__module__ == "respool.connection"
    assert isinstance(connection, tuple(THEIRS))


ASYNC_CLIENTS: dict[str, Callable[[], Any]] = {
    "Redis()": lambda: redis.asyncio.Redis(),
    "Redis(host=...)": lambda: redis.asyncio.Redis(host="localhost"),
    "Redis(ssl=True)": lambda: redis.asyncio.Redis(ssl=True),
    "Redis(unix_socket_path=...)": lambda: redis.asyncio.Redis(unix_socket_path="/nowhere"),
    "client.Redis()": lambda: redis.asyncio.client.Redis(),
    "from_url": lambda: redis.asyncio.from_url("redis://localhost"),
    "from_url, TLS": lambda: redis.asyncio.from_url("rediss://localhost"),
    "from_url, Unix": lambda: redis.asyncio.from_url("unix:///nowhere"),
    "ConnectionPool": lambda: redis.asyncio.Redis(connection_pool=redis.asyncio.ConnectionPool()),
    "BlockingConnectionPool": lambda: redis.asyncio.Redis.from_pool(redis.asyncio.BlockingConnectionPool()),
    "a pool class imported before": lambda: redis.asyncio.Redis(connection_pool=TheirAsyncPool()),
    "… and its from_url": lambda: redis.asyncio.Redis(connection_pool=TheirAsyncPool.from_url("rediss://localhost")),
    "… the blocking one": lambda: redis.asyncio.Redis(connection_pool=TheirAsyncBlockingPool()),
    "a sentinel": lambda: redis.asyncio.sentinel.Sentinel([("localhost", 1)]).sentinels[0],
    "a master": lambda: redis.asyncio.sentinel.Sentinel([("localhost", 1)]).master_for("name"),
    "a replica with TLS": lambda: redis.asyncio.sentinel.Sentinel([("localhost", 1)]).slave_for("name", ssl=True),
    "a connection class imported before":
        lambda: redis.asyncio.Redis(connection_pool=TheirAsyncPool(connection_class=TheirAsyncConnection)),
}


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("client", ASYNC_CLIENTS)
def test_every_client_for_asyncio_has_our_pool_and_our_connections(client: str) -> None:
    pool = ASYNC_CLIENTS[client]().connection_pool
    assert isinstance(pool, respool.asyncio.ConnectionPool)
    connection = pool.make_connection()
    assert type(connection).__module__ == "respool.asyncio.connection"
    assert isinstance(connection, tuple(THEIRS))


@pytest.mark.usefixtures("installed")
def test_the_nodes_of_a_cluster_client_for_asyncio_make_our_connections() -> None:
    node = redis.asyncio.cluster.ClusterNode("127.0.0.1", 1)
    assert type(node.acquire_connection()) is respool.asyncio.Connection


@pytest.mark.usefixtures("installed")
def test_all_names_of_redis_py_mean_our_classes() -> None:
    left = {name for name, value in names_of_redis_py().items() if value in (*THEIRS, TheirManagedConnection)}
    assert left == set()
    assert redis.Connection is redis.connection.Connection is respool.Connection
    assert redis.client.ConnectionPool is redis.cluster.ConnectionPool is respool.ConnectionPool
    assert redis.sentinel.SentinelManagedConnection is respool.SentinelManagedConnection
    assert redis.asyncio.Connection is redis.asyncio.cluster.Connection is respool.asyncio.Connection


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("theirs", THEIRS)
def test_a_class_imported_before_makes_ours(theirs: Any) -> None:
    made = theirs()
    assert type(made) is THEIRS[theirs]
    assert isinstance(made, theirs)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("pool_class", [EarlyPool, OldFashionedPool, OldFashionedBlockingPool])
@pytest.mark.parametrize("connection_class", [EarlyConnection, OldFashionedConnection])
def test_subclasses_defined_before_keep_what_they_do_and_get_the_rest_from_us(
    server: RedisServer, pool_class: Any, connection_class: Any
) -> None:
    with pool_class(connection_class=connection_class, **server.address) as pool:
        assert isinstance(pool, pool_class) and isinstance(pool, respool.ConnectionPool)
        assert type(pool).__qualname__ == pool_class.__qualname__ and type(pool).__module__ == pool_class.__module__
        client = redis.Redis(connection_pool=pool)
        assert client.set("subclass", "of theirs") and client.get("subclass") == b"of theirs"
        connection = pool.get_connection()
        assert isinstance(connection, connection_class) and isinstance(connection, respool.Connection)
        pool.release(connection)
        assert_sound(pool, created=1, idle=1)
        if pool_class is EarlyPool:
            assert pool.taken == 3
        if connection_class is EarlyConnection:
            assert connection.connected >= 1


@pytest.mark.usefixtures("installed")
def test_a_subclass_gets_one_class_however_often_it_is_used() -> None:
    assert type(EarlyPool()) is type(EarlyPool())

    class Further(EarlyPool):
        pass

    assert issubclass(type(Further()), Further) and type(Further()) is not type(EarlyPool())


@pytest.mark.usefixtures("installed")
def test_subclasses_defined_afterwards_are_subclasses_of_ours() -> None:
    class Late(redis.ConnectionPool):
        pass

    assert type(Late()) is Late
    assert issubclass(Late, respool.ConnectionPool)


@pytest.mark.usefixtures("installed")
def test_a_class_that_cannot_be_combined_with_ours_stays_as_it_is() -> None:
    assert type(PoolOfItsOwnShape()) is PoolOfItsOwnShape


def test_uninstalling_leaves_no_trace() -> None:
    before = names_of_redis_py()
    respool.install()
    assert names_of_redis_py() != before
    respool.uninstall()
    assert names_of_redis_py() == before
    for theirs in THEIRS:
        assert type(theirs()) is theirs
    assert type(EarlyPool()) is EarlyPool
    assert type(OldFashionedPool()) is OldFashionedPool
    assert type(redis.Redis().connection_pool) is TheirPool


def test_installing_and_uninstalling_again_changes_nothing() -> None:
    before = names_of_redis_py()
    respool.uninstall()
    respool.uninstall()
    assert names_of_redis_py() == before
    respool.install()
    once = names_of_redis_py()
    respool.install()
    assert names_of_redis_py() == once
    respool.uninstall()
    respool.uninstall()
    assert names_of_redis_py() == before


def test_threads_may_install_at_the_same_time(threads: Threads) -> None:
    threads.together(8, lambda number: respool.install())
    try:
        assert type(TheirPool()) is respool.ConnectionPool
    finally:
        respool.uninstall()
    assert type(TheirPool()) is TheirPool


def test_what_was_made_goes_on_to_work(server: RedisServer) -> None:
    before = redis.Redis(**server.address)
    respool.install()
    during = redis.Redis(**server.address)
    assert before.ping() and during.ping()
    respool.uninstall()
    assert before.ping() and during.ping()
    assert type(before.connection_pool) is TheirPool
    assert type(during.connection_pool) is respool.ConnectionPool
    before.close()
    during.close()


def test_a_child_inherits_what_is_installed_and_may_change_it(server: RedisServer) -> None:
    def child() -> None:
        assert type(redis.Redis().connection_pool) is respool.ConnectionPool
        with redis.Redis(**server.address) as client:
            assert client.ping()
        respool.uninstall()
        assert type(redis.Redis().connection_pool) is TheirPool
        respool.install()
        assert type(redis.Redis().connection_pool) is respool.ConnectionPool

    respool.install()
    try:
        in_child(child)
    finally:
        respool.uninstall()


@pytest.mark.usefixtures("installed")
def test_arguments_of_a_pool_can_be_copied() -> None:
    pool = redis.ConnectionPool.from_url("redis://localhost/3", max_connections=7)
    again = redis.ConnectionPool(**copy.copy(pool.connection_kwargs))
    assert again.connection_kwargs["db"] == 3


# --- respool run -------------------------------------------------------------------------------------------------

SHOW = "import sys, redis, redis.connection; print(redis.connection.ConnectionPool.__module__, sys.argv[1:])"
OURS, NOT_OURS = "respool.pool", "redis.connection"


def run(*arguments: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "respool", "run", *map(str, arguments)],
        capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment},
    )


def test_a_script_runs_with_its_arguments_and_its_exit_code(tmp_path: Path) -> None:
    Path(tmp_path, "beside.py").write_text("VALUE = 7")
    script = Path(tmp_path, "app.py")
    script.write_text(f"{SHOW}\nimport beside\nassert __name__ == '__main__'\nsys.exit(beside.VALUE)")
    ended = run(script, "--port", "8000")
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, f"{OURS} ['--port', '8000']\n", "")


def test_a_module_runs(tmp_path: Path) -> None:
    Path(tmp_path, "program.py").write_text(SHOW)
    ended = run("-m", "program", "-x", PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{OURS} ['-x']\n", "")


def test_a_program_on_the_path_runs(tmp_path: Path) -> None:
    program = Path(tmp_path, "program")
    program.write_text(f"#!{sys.executable}\n{SHOW}")
    program.chmod(0o755)
    ended = run("program", "worker", PATH=os.pathsep.join([str(tmp_path), os.environ["PATH"]]))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{OURS} ['worker']\n", "")


@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_processes_of_the_program_have_it_too(tmp_path: Path, method: str) -> None:
    script = Path(tmp_path, "app.py")
    script.write_text(f"""
import multiprocessing
import redis

def work(_):
    return redis.Redis().connection_pool.__class__.__module__

if __name__ == "__main__":
    with multiprocessing.get_context({method!r}).Pool(1) as processes:
        print(processes.map(work, [1]))
""")
    ended = run(script)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"['{OURS}']\n", "")


def test_the_environments_own_start_up_code_runs_too(tmp_path: Path) -> None:
    Path(tmp_path, "sitecustomize.py").write_text("import builtins; builtins.customized = 'yes'")
    code = f"{SHOW}; print(customized, 'respool' in sys.modules['sitecustomize'].__file__)"
    ended = run("-c", code, PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{OURS} []\nyes False\n", "")


def test_a_python_without_respool_is_left_alone(tmp_path: Path) -> None:
    environment = {"PYTHONPATH": str(Path(respool.__file__).with_name("startup"))}
    code = "import sys; print('respool' in sys.modules, sys.modules['sitecustomize'].__name__)"
    ended = subprocess.run([sys.executable, "-S", "-c", f"import sitecustomize; {code}"], env=environment,
                           capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "False sitecustomize\n", "")


def test_it_needs_no_library_for_command_lines(tmp_path: Path) -> None:
    Path(tmp_path, "typer.py").write_text("raise ModuleNotFoundError('typer', name='typer')")
    ended = run("-c", SHOW, PYTHONPATH=os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, f"{OURS} []\n", "")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["nowhere.py"], "no file and no program on PATH named 'nowhere.py'"),
        (["-I", "app.py"], "option -I would keep respool out"),
        (["-Eu", "app.py"], "option -Eu would keep respool out"),
    ],
)
def test_what_cannot_be_run_is_said(arguments: list[str], complaint: str) -> None:
    ended = run(*arguments)
    assert ended.returncode == 1
    assert complaint in ended.stderr


def test_its_help_says_what_may_be_run() -> None:
    assert run("--help").returncode == 0
    assert run().returncode == 2
    assert "respool run app.py" in run().stdout

"""docs/recipes.md: each block does what it says, in processes of its own and with connections of respool's."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import redis

from conftest import until
from respool.cli.server import with_its_parent
from servers import RedisServer, free_port, redis_server, running, server_binary

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "recipes.md").read_text()
BLOCKS = dict(re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```python\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
HEADER = "import json\nfrom concurrent.futures import ThreadPoolExecutor\nfrom census import census\n"


@dataclass(frozen=True)
class Recipe:
    """The module of one block in a directory of its own, with the environment that it reads."""

    directory: Path
    environment: dict[str, str]

    def run(self, code: str) -> Any:
        """Run a program beside the module, in which a warning is an error; gives what it prints."""
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", HEADER + dedent(code)], cwd=self.directory, env=self.environment,
            capture_output=True, text=True, timeout=90,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def write(self, name: str, code: str) -> None:
        (self.directory / name).write_text(HEADER + dedent(code))

    @contextmanager
    def running(self, *arguments: str) -> Iterator[None]:
        """Run a Python program for the length of the context. It ends when told to, and has nothing to complain of."""
        log = self.directory / "log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [*with_its_parent(), sys.executable, *arguments], cwd=self.directory, env=self.environment,
                stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
            )
        try:
            yield
            process.terminate()
            assert process.wait(30) in (0, -signal.SIGTERM)
            assert "Traceback" not in log.read_text()
        finally:
            sys.stdout.write(log.read_text())
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # its children too
            process.wait()


@pytest.fixture
def recipe(server: RedisServer, tmp_path: Path) -> Callable[..., Recipe]:
    with redis.Redis(port=server.port) as client:
        client.flushall()

    def make(heading: str, **environment: str) -> Recipe:
        block = BLOCKS[heading]
        name = re.match(r"# (\w+\.py)\n", block)
        assert name, "a block begins with the name of its file"
        (tmp_path / name[1]).write_text(block)
        path = os.pathsep.join([str(TESTS), *filter(None, [os.environ.get("PYTHONPATH")])])
        return Recipe(tmp_path, {**os.environ, "PYTHONPATH": path, "REDIS_URL": server.url, **environment})

    return make


def assert_ours(found: dict[str, Any], pools: int | None = None, connections: int | None = None) -> None:
    """A process has pools and connections of respool's, so many at most, and no others."""
    assert found["others"] == []
    assert 1 <= found["pools"] <= (pools or found["pools"])
    assert 1 <= found["connections"] <= (connections or found["connections"])


@dataclass(frozen=True)
class Site:
    """A web server on this machine."""

    port: int

    def get(self, path: str) -> Any:
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request("GET", path)
            return json.load(connection.getresponse())

    def answers(self) -> bool:
        with suppress(OSError):
            return bool(self.get("/census"))
        return False


def test_each_block_is_here() -> None:
    assert list(BLOCKS) == ["Anything", "Django", "django-redis", "Celery", "RQ", "FastAPI and Starlette",
                            "FastAPI and Starlette with coroutines", "Flask and gunicorn", "Sentinel", "Cluster"]
    assert len(BLOCKS) == TEXT.count("```python\n")


def test_anything_has_our_connections_after_install(recipe: Callable[..., Recipe]) -> None:
    assert_ours(recipe("Anything").run("""
        from anything import client
        assert client.echo("a") == b"a"
        print(json.dumps(census()))
    """))


@pytest.mark.parametrize("heading", ["Django", "django-redis"])
def test_all_threads_of_django_share_one_pool(recipe: Callable[..., Recipe], heading: str) -> None:
    assert_ours(recipe(heading).run("""
        from django.test import Client
        from django.test.utils import setup_test_environment
        import shop

        def visit(_):
            return int(Client().get("/hits").content)

        setup_test_environment()
        assert visit(0) == 1
        with ThreadPoolExecutor(16) as threads:
            assert sorted(threads.map(visit, range(200))) == list(range(2, 202))
            print(json.dumps(census()))
    """), pools=1, connections=4)


def test_celerys_workers_run_tasks_and_end(recipe: Callable[..., Recipe]) -> None:
    celery = recipe("Celery")
    celery.write("checks.py", """
        from celery.worker.control import inspect_command
        from tasks import app

        @app.task
        def in_a_child():
            app.backend.client.ping()
            return census()

        @inspect_command()
        def in_the_parent(state):
            return census()
    """)
    with celery.running("-m", "celery", "-A", "tasks", "worker", "--pool", "prefork", "--concurrency", "2",
                        "--include", "checks"):
        here, child, parent = celery.run("""
            from celery import group
            from tasks import add, app
            import checks

            results = [add.delay(n, n) for n in range(10)]
            assert [result.get(timeout=60) for result in results] == [2 * n for n in range(10)]
            assert group(add.s(n, n) for n in range(10))().get(timeout=60) == [2 * n for n in range(10)]
            child, replies = checks.in_a_child.delay().get(timeout=60), []
            while not replies:
                replies = app.control.broadcast("in_the_parent", reply=True, limit=1)
            [parent] = replies[0].values()
            print(json.dumps([census(), child, parent]))
        """)
    for found in (here, child, parent):
        assert_ours(found)


def test_rqs_worker_runs_jobs_and_ends(recipe: Callable[..., Recipe]) -> None:
    rq = recipe("RQ")
    with rq.running("jobs.py"):
        here, fork = rq.run("""
            from time import sleep
            from jobs import add, queue

            jobs = [queue.enqueue(add, n, n) for n in range(5)] + [queue.enqueue("census.census")]
            while not all(job.is_finished for job in jobs):
                sleep(0.01)
            *sums, fork = [job.return_value() for job in jobs]
            assert sums == [0, 2, 4, 6, 8]
            print(json.dumps([census(), fork]))
        """)
    for found in (here, fork):
        assert_ours(found)


@pytest.mark.parametrize(("heading", "loop"), [
    ("FastAPI and Starlette", "auto"),
    ("FastAPI and Starlette with coroutines", "asyncio"),
    ("FastAPI and Starlette with coroutines", "uvloop"),
])
def test_fastapis_requests_share_one_pool_which_ends_with_the_app(
    recipe: Callable[..., Recipe], heading: str, loop: str
) -> None:
    fastapi = recipe(heading)
    fastapi.write("checks.py", """
        from contextlib import asynccontextmanager
        from pathlib import Path
        from api import app, lifespan

        @asynccontextmanager
        async def watched(app):
            async with lifespan(app):
                yield
            Path("afterwards").write_text(json.dumps(census()))

        app.router.lifespan_context = watched
        app.get("/census")(census)
    """)
    site = Site(free_port())
    with fastapi.running("-W", "error", "-m", "uvicorn", "checks:app", "--loop", loop, "--port", str(site.port)):
        until(site.answers)
        with ThreadPoolExecutor(32) as threads:
            assert sorted(threads.map(site.get, ["/hits"] * 300)) == list(range(1, 301))
        assert_ours(site.get("/census"), pools=1, connections=8)
    assert json.loads((fastapi.directory / "afterwards").read_text())["connections"] == 0


def test_gunicorns_workers_have_connections_of_their_own(recipe: Callable[..., Recipe]) -> None:
    flask = recipe("Flask and gunicorn")
    flask.write("checks.py", """
        import web

        def create_app():
            app = web.create_app()
            app.get("/census")(census)
            return app
    """)
    site = Site(free_port())
    seen: list[dict[str, int]] = []
    with flask.running("-W", "error", "-m", "gunicorn", "--preload", "--workers", "2", "--threads", "4", "--bind",
                       f"127.0.0.1:{site.port}", "checks:create_app()"):
        until(site.answers)
        with ThreadPoolExecutor(16) as threads:
            while len({reply["worker"] for reply in seen}) < 2:
                seen += threads.map(site.get, ["/hits"] * 100)
        assert_ours(site.get("/census"), pools=1, connections=4)
    assert sorted(reply["hits"] for reply in seen) == list(range(1, len(seen) + 1))


def test_a_master_is_found_by_a_sentinel(recipe: Callable[..., Recipe], server: RedisServer, tmp_path: Path) -> None:
    port, settings = free_port(), tmp_path / "sentinel.conf"
    settings.write_text(f"port {port}\nbind 127.0.0.1\nsentinel monitor mymaster 127.0.0.1 {server.port} 1\n")
    with running([server_binary(), str(settings), "--sentinel"], port):
        found, run_id = recipe("Sentinel", SENTINEL_PORT=str(port)).run("""
            from failover import client
            run_id = client.info("server")["run_id"]
            print(json.dumps([census(), run_id]))
        """)
    with redis.Redis(port=server.port) as client:
        assert client.info("server")["run_id"] == run_id
    assert found == {"pools": 1, "connections": 1, "others": ["Connection", "ConnectionPool"]}


def test_each_node_of_a_cluster_has_a_pool_of_ours(recipe: Callable[..., Recipe]) -> None:
    with redis_server("--cluster-enabled", "yes", "--cluster-port", str(free_port())) as node:
        with redis.Redis(port=node.port) as client:
            client.cluster("ADDSLOTS", *range(16_384))
            until(lambda: client.cluster("INFO")["cluster_state"] == "ok")
        assert_ours(recipe("Cluster", REDIS_URL=node.url).run("""
            from cluster import client
            assert client.set("a", 1) and client.get("a") == b"1"
            print(json.dumps(census()))
        """))

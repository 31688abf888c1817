"""redis-py's own tests, on redis-py and then with `respool.install()`; what fails only with respool is reported.

    make conformance
    make conformance REDIS_PY="6.4.0 8.1.0" ONLY="standalone hiredis" MATCH="pubsub and not sharded"

The tests come from the source distribution of each version, into build/conformance. What passes on redis-py and not
with respool must stand in differences.py with its reason, and what stands there must be seen. The same for
hiredis-py's tests of its reader and its packer.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import trustme
import typer
from differences import DIFFERENCES
from rich.console import Console

from deployments import cluster
from servers import free_port, redis_server

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "conformance"
REDIS_PY = ("6.4.0", "8.1.0")  # the oldest and the newest that respool declares
HIREDIS = "3.5.0"
CERTIFICATES = Path("dockers", "standalone", "tls")  # where redis-py's tests look for them
ASYNC_POOL_TESTS = Path("tests", "test_asyncio", "test_connection_pool.py")
REPETITIONS = 2  # of what failed with respool only, on both: many of redis-py's tests depend on time
THEIRS, OURS = "theirs", "ours"
STARTING = threading.Lock()  # clusters, of which one counts its ports at a time

console = Console()


# --- what is tested ----------------------------------------------------------------------------------------------

@contextmanager
def no_server(source: Path) -> Iterator[list[str]]:
    yield []


@contextmanager
def standalone(source: Path) -> Iterator[list[str]]:
    """A server that talks TLS too; gives the options that tell redis-py's tests where it is."""
    certificates = source / CERTIFICATES
    port, tls_port = free_port(), free_port()
    with redis_server(
        "--tls-port", str(tls_port), "--tls-auth-clients", "optional",
        "--tls-cert-file", str(certificates / "redis.crt"), "--tls-key-file", str(certificates / "redis.key"),
        "--tls-ca-cert-file", str(certificates / "ca.crt"), port=port,
    ):
        yield [f"--redis-url=redis://localhost:{port}/0", f"--redis-ssl-url=rediss://localhost:{tls_port}"]


@contextmanager
def clustered(source: Path) -> Iterator[list[str]]:
    """A cluster of three masters and three replicas."""
    with ExitStack() as stack:
        with STARTING:
            setup = stack.enter_context(cluster())
        yield [f"--redis-url=redis://localhost:{setup.servers[0].port}/0", "--redis-cluster-nodes=6"]


def name_the_port(tests: Path) -> None:
    """The tests of asyncio's pools take the host from `--redis-url` and forget the port, so that they need 6379."""
    told = tests.read_text().replace('{"host": master_host[0]}', '{"host": master_host[0], "port": master_host[1]}')
    tests.write_text(told)


def write_certificates(directory: Path) -> None:
    """The files that redis-py's tests look for, as its own containers have them."""
    directory.mkdir(parents=True, exist_ok=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(directory / "ca.crt")
    for name, certificate in (
        ("redis", authority.issue_cert("localhost", "127.0.0.1")),
        ("client", authority.issue_cert(common_name="client")),
        ("test_user", authority.issue_cert(common_name="test_user")),
    ):
        certificate.private_key_pem.write_to_path(directory / f"{name}.key")
        (directory / f"{name}.crt").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))


@dataclass(frozen=True)
class Setting:
    """Tests, and what they are run against."""

    tests: tuple[str, ...]
    options: tuple[str, ...] = ()
    servers: Callable[[Path], AbstractContextManager[list[str]]] = no_server
    plugin: str = "installed"  # what puts respool in place


REDIS_TESTS = ("tests", "--ignore=tests/test_asyncio", "--ignore=tests/test_scenario")
ASYNC_TESTS = ("tests/test_asyncio", "--ignore=tests/test_asyncio/test_scenario")
ALONE = ("--timeout=60", "-m", "not redismod and not onlycluster")
TOGETHER = ("--timeout=60", "-m", "not redismod and not onlynoncluster and not ssl")
SETTINGS = {
    "standalone": Setting(REDIS_TESTS, ALONE, standalone),
    "RESP2": Setting(REDIS_TESTS, (*ALONE, "--protocol=2"), standalone),
    "cluster": Setting(REDIS_TESTS, TOGETHER, clustered),
    "client": Setting(REDIS_TESTS, ALONE, standalone, plugin="as_client"),
    "asyncio": Setting(ASYNC_TESTS, ALONE, standalone),
    "asyncio-client": Setting(ASYNC_TESTS, ALONE, standalone, plugin="as_client"),
    "asyncio-RESP2": Setting(ASYNC_TESTS, (*ALONE, "--protocol=2"), standalone),
    "asyncio-cluster": Setting(ASYNC_TESTS, TOGETHER, clustered),
}
HIREDIS_TESTS = Setting(("test_reader.py", "test_pack.py"), ("-c", os.devnull), plugin="as_hiredis")


# --- getting it --------------------------------------------------------------------------------------------------

def call(*command: str | Path) -> None:
    ended = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if ended.returncode:
        console.print(ended.stdout, markup=False)
        raise SystemExit(f"{' '.join(map(str, command))} ended with {ended.returncode}")


def source_of(package: str, version: str) -> Path:
    """The unpacked source distribution."""
    unpacked = BUILD / f"{package}-{version}"
    if not unpacked.exists():
        call(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package,
             "--dest", BUILD, f"{package}=={version}")
        call("tar", "-xzf", BUILD / f"{package}-{version}.tar.gz", "-C", BUILD)
    return unpacked


def environment_for(version: str, wheel: Path) -> Path:
    """The Python of an environment with this redis-py, what its tests need, and respool."""
    environment = BUILD / f"python-{version}"
    python, ready = environment / "bin" / "python", environment / "ready"
    if not ready.exists():
        call(sys.executable, "-m", "venv", environment)
        requirements = source_of("redis", version) / "dev_requirements.txt"
        call(python, "-m", "pip", "install", "--quiet", f"redis=={version}", "-r", requirements)
        ready.touch()
    call(python, "-m", "pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel)
    return python


def wheel_of_this_tree() -> Path:
    wheels = BUILD / "wheels"
    call(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, ROOT)
    return max(wheels.glob("respool-*.whl"), key=lambda path: path.stat().st_mtime)


# --- running it --------------------------------------------------------------------------------------------------

Outcomes = dict[str, str]  # by node id


@dataclass(frozen=True)
class Suite:
    """The tests of one package, and the Python that runs them."""

    python: Path
    source: Path
    setting: Setting
    theirs: Path | None = None  # where the package is, if not in that Python's environment

    def run(self, way: str, tests: list[str], match: str) -> Outcomes:
        """Run these tests, or those of the setting, on the package's own classes or with respool in their place."""
        outcomes, output = BUILD / f"{way}.outcomes", BUILD / f"{way}.txt"
        outcomes.unlink(missing_ok=True)
        path = [str(HERE)] if way == OURS or self.theirs is None else [str(HERE), str(self.theirs)]
        plugins = ["-p", "no:cacheprovider", "-p", "outcomes", *(["-p", self.setting.plugin] if way == OURS else [])]
        with self.setting.servers(self.source) as where, output.open("w") as file:
            subprocess.run(
                [self.python, "-m", "pytest", "-q", *plugins, *where, *self.setting.options,
                 *(tests or ["-k", match, *self.setting.tests])],
                cwd=self.source, stdout=file, stderr=subprocess.STDOUT, check=False,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path), "OUTCOMES": str(outcomes)},
            )
        if not outcomes.exists():
            raise SystemExit(f"no test was run: see {output}")
        lines = (line.split(" ", 1) for line in outcomes.read_text().splitlines())
        return {test: outcome for outcome, test in lines}


@dataclass
class Comparison:
    """What became of the tests in both ways."""

    theirs: Outcomes = field(default_factory=dict)
    ours: Outcomes = field(default_factory=dict)

    def run(self, suite: Suite, match: str) -> None:
        """Run all, both ways at the same time; and then again what fails with respool only, until it passes once.

        What is listed is not run again: some of it waits until pytest's time is over.
        """
        tests: list[str] = []
        for _ in range(1 + REPETITIONS):
            with ThreadPoolExecutor(2) as executor:
                theirs = executor.submit(suite.run, THEIRS, tests, match)
                ours = executor.submit(suite.run, OURS, tests, match)
            self.theirs.update(theirs.result())
            self.ours.update(ours.result())
            tests = self.unknown()
            if not tests:
                return

    def differences(self) -> list[str]:
        return [test for test, outcome in self.theirs.items()
                if outcome == "passed" and self.ours.get(test, "not run") != "passed"]

    def unknown(self) -> list[str]:
        return [test for test in self.differences() if not known(test)]


# --- reporting it ------------------------------------------------------------------------------------------------

LISTED = {test for tests in DIFFERENCES.values() for test in tests}


def known(test: str) -> set[str]:
    """What is listed of a test: its node id, or that without the parameters."""
    return LISTED & {test, test.partition("[")[0]}


class Report:
    """Tells what came out, and in the end whether it is what was to come out."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.unknown = 0

    def add(self, name: str, comparison: Comparison) -> None:
        """Print how one setting has ended."""
        theirs, ours = (list(outcomes.values()).count("passed") for outcomes in (comparison.theirs, comparison.ours))
        differences = comparison.differences()
        unknown = comparison.unknown()
        console.print(
            f"[bold]{name}[/]: {len(comparison.theirs)} tests, of which {theirs} passed on it and {ours} with respool; "
            f"{len(differences) - len(unknown)} known differences, {len(unknown)} others"
        )
        for test in unknown:
            console.print(f"    {comparison.ours.get(test, 'not run')} {test}", markup=False, soft_wrap=True)
        self.unknown += len(unknown)
        for test, outcome in comparison.theirs.items():
            if outcome == "failed" or test in differences:  # what fails on both, for want of some server, tells nothing
                self.seen |= known(test)

    def end(self, complete: bool) -> None:
        """Raises SystemExit if there was a difference that is not known, or, of all tests, none that is."""
        stale = LISTED - self.seen if complete else set()
        for test in sorted(stale):
            console.print(f"differences.py lists {test}, which is no difference any more", markup=False)
        if self.unknown or stale:
            raise SystemExit(1)


def main(
    redis_py: Annotated[str, typer.Option(help="Versions of redis-py, with spaces between them.")] = " ".join(REDIS_PY),
    only: Annotated[str, typer.Option(help="Settings, with spaces between them.")] = " ".join([*SETTINGS, "hiredis"]),
    match: Annotated[str, typer.Option(help="What pytest's option -k takes.")] = "",
) -> None:
    """Run the tests of redis-py and of hiredis-py, on their own classes and on respool's, and report what differs."""
    BUILD.mkdir(parents=True, exist_ok=True)
    wheel = wheel_of_this_tree()
    report = Report()
    environments = {version: environment_for(version, wheel) for version in redis_py.split()}
    for version in environments:
        source = source_of("redis", version)
        write_certificates(source / CERTIFICATES)
        name_the_port(source / ASYNC_POOL_TESTS)
    suites = {
        f"redis-py {version}, {name}": Suite(python, source_of("redis", version), SETTINGS[name])
        for version, python in environments.items() for name in only.split() if name in SETTINGS
    }
    if "hiredis" in only.split():
        *_, python = environments.values()
        theirs = BUILD / f"site-hiredis-{HIREDIS}"
        call(python, "-m", "pip", "install", "--quiet", "--upgrade", "--target", theirs, f"hiredis=={HIREDIS}")
        suites[f"hiredis {HIREDIS}"] = Suite(python, source_of("hiredis", HIREDIS) / "tests", HIREDIS_TESTS, theirs)
    for name, suite in suites.items():
        comparison = Comparison()
        comparison.run(suite, match)
        report.add(name, comparison)
    report.end(complete=len(suites) == len(REDIS_PY) * len(SETTINGS) + 1 and not match)


if __name__ == "__main__":
    typer.run(main)

"""Real Redis servers for the tests, started on free ports and stopped by pid."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis
import trustme

from respool.cli.server import with_its_parent


@dataclass
class RedisServer:
    port: int
    unix_socket: str
    process: subprocess.Popen[bytes]
    tls_port: int = 0

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


def lasting_ports() -> Iterator[int]:
    """Free ports below those of outgoing connections, so that a server which has gone finds its own free again."""
    for port in random.sample(range(20_000, 32_000), 12_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        yield port


PORTS = lasting_ports()


def server_binary() -> str:
    """What the variable REDIS_SERVER names, or else Redis or Valkey from PATH."""
    named = os.environ.get("REDIS_SERVER")
    binary = shutil.which(named) if named else shutil.which("redis-server") or shutil.which("valkey-server")
    assert binary, f"the tests need {named or 'redis-server or valkey-server'} (Debian: apt-get install redis-server)"
    return binary


@contextmanager
def redis_server(*options: str, port: int = 0, tls_port: int = 0) -> Iterator[RedisServer]:
    """Run a Redis (or Valkey) server with nothing on disk, and stop it by pid."""
    with tempfile.TemporaryDirectory(prefix="respool-") as directory:
        port = port or free_port()
        unix_socket = str(Path(directory, "redis.sock"))
        command = [server_binary(), "--port", str(port), "--bind", "127.0.0.1", "--unixsocket", unix_socket,
                   "--dir", directory, "--save", "", "--appendonly", "no", "--enable-debug-command", "local", *options]
        with running(command, port) as process:
            yield RedisServer(port, unix_socket, process, tls_port)


@contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that answers at this port, and stop it by pid."""
    process = subprocess.Popen([*with_its_parent(), *command], stdout=subprocess.DEVNULL)
    try:
        wait_until_ready(port, process)
        yield process
    finally:
        process.kill()
        process.wait(10)


@contextmanager
def frozen(server: RedisServer) -> Iterator[None]:
    """The server answers nothing meanwhile, and does not leave."""
    os.kill(server.process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid, signal.SIGCONT)


def wait_until_ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            with redis.Redis(port=port) as client:
                client.ping()
            return
        except redis.AuthenticationError:  # it is there, and wants a password
            return
        except redis.ConnectionError:
            assert process.poll() is None, f"the server ended at once with code {process.returncode}"
            assert time.monotonic() < deadline, "the server did not answer within 10 s"
            time.sleep(0.01)


# --- TLS ---------------------------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files. The server's and the client's are signed by an intermediate CA, which comes with them."""

    root: str
    other_root: str
    server: str
    server_key: str
    client: str
    client_key: str

    def server_context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.server, self.server_key)
        return context


@contextmanager
def certificates_for(*names: str) -> Iterator[Certificates]:
    """A server's certificate for these names and a client's, in a directory that goes with the context."""
    with tempfile.TemporaryDirectory(prefix="respool-") as directory:
        root = trustme.CA()
        intermediate = root.create_child_ca()

        def write(name: str, *blobs: trustme.Blob) -> str:
            path = Path(directory, f"{name}.pem")
            path.write_bytes(b"".join(blob.bytes() for blob in blobs))
            return str(path)

        server, client = intermediate.issue_cert(*names), intermediate.issue_cert("client@example.org")
        yield Certificates(
            root=write("root", root.cert_pem),
            other_root=write("other-root", trustme.CA().cert_pem),
            server=write("server", *server.cert_chain_pems),
            server_key=write("server-key", server.private_key_pem),
            client=write("client", *client.cert_chain_pems),
            client_key=write("client-key", client.private_key_pem),
        )


@contextmanager
def tls_server(certificates: Certificates, *options: str) -> Iterator[RedisServer]:
    """As `redis_server`, with a second port that talks TLS; by default it asks clients for no certificate."""
    tls_port = free_port()
    with redis_server(*tls_options(certificates, tls_port), *options, tls_port=tls_port) as running:
        yield running


def tls_options(certificates: Certificates, tls_port: int) -> tuple[str, ...]:
    return ("--tls-port", str(tls_port), "--tls-cert-file", certificates.server,
            "--tls-key-file", certificates.server_key, "--tls-ca-cert-file", certificates.root,
            "--tls-auth-clients", "no")

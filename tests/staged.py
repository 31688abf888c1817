"""Servers that do what a test's script says, for what no Redis server does on demand."""

from __future__ import annotations

import os
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from redis.backoff import NoBackoff
from redis.retry import Retry

import respool
from versions import UNANNOUNCED


def only(*transports: str) -> pytest.MarkDecorator:
    """For a test whose `stage` is one of these; "methods" is a socket of which only the methods are used."""
    return pytest.mark.parametrize("stage", transports, indirect=True)


everywhere = only("tcp", "unix", "tls", "methods")


def bulk(value: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(value), value)


class Peer:
    """The server's end of a connection."""

    def __init__(self, sock: socket.socket, number: int, stop: threading.Event) -> None:
        self.sock = sock
        self.number = number  # of the connections to this server, from 0
        self.stop = stop
        self._file = sock.makefile("rb")
        if sock.family == socket.AF_INET:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def command(self) -> list[bytes]:
        """The next command that arrives; raises EOFError at the end."""
        return [self._file.read(int(self._line()) + 2)[:-2] for _ in range(int(self._line()))]

    def _line(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise EOFError
        return line[1:-2]

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def trickle(self, data: bytes, size: int, pause: float) -> None:
        for start in range(0, len(data), size):
            self.send(data[start:start + size])
            self.rest(pause)

    def rest(self, seconds: float | None = None) -> None:
        """Do nothing for so long; by default until the test is over."""
        if self.stop.wait(seconds):
            raise EOFError

    def close(self) -> None:
        with suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self.sock.close()


Script = Callable[[Peer], Any]


def echo(peer: Peer) -> None:
    """Answer each command with its last word, but SILENCE not at all, and AFTER when so many seconds are over."""
    while True:
        words = peer.command()
        if words[0] == b"AFTER":
            peer.rest(float(words[1]))
        if words[0] != b"SILENCE":
            peer.send(bulk(words[-1]))


def then_echo(first: Script) -> Script:
    """A script for the first connection only; the others find a server in good health."""
    return lambda peer: echo(peer) if peer.number else first(peer)


@contextmanager
def scripted_server(script: Script, path: str | None = None, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Run `script` in a thread for each connection to the port that is yielded, or to a Unix socket at `path`.

    That the client leaves in the middle is no error; any other error of a script is the test's.
    """
    listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
    stop = threading.Event()
    peers: list[Peer] = []
    workers: list[threading.Thread] = []
    errors: list[BaseException] = []

    def serve(sock: socket.socket, number: int) -> None:
        peer = None
        try:
            if context is not None:
                sock = context.wrap_socket(sock, server_side=True)
            peer = Peer(sock, number, stop)
            peers.append(peer)
            script(peer)
        except (EOFError, OSError):
            pass
        except BaseException as error:
            errors.append(error)
        finally:
            if peer is not None:
                peer.close()
            sock.close()

    def accept() -> None:
        number = 0
        while True:
            sock, _ = listener.accept()
            if stop.is_set():
                sock.close()
                return
            workers.append(threading.Thread(target=serve, args=(sock, number), daemon=True))
            workers[-1].start()
            number += 1

    listener.bind(path or ("127.0.0.1", 0))
    listener.listen(64)
    acceptor = threading.Thread(target=accept, daemon=True)
    acceptor.start()
    try:
        yield 0 if path else int(listener.getsockname()[1])
    finally:
        stop.set()
        with socket.socket(listener.family) as last:
            last.connect(listener.getsockname())
        acceptor.join(10)
        listener.close()
        for peer in peers:
            with suppress(OSError):
                peer.sock.shutdown(socket.SHUT_RDWR)
        for worker in workers:
            worker.join(10)
            assert not worker.is_alive(), "a script hangs"
    if errors:
        raise errors[0]


class Patched(socket.socket):
    """A socket as a library puts it in the standard one's place: only its methods are known."""


class PatchedConnection(respool.Connection):
    def _connect(self) -> Any:
        patched = Patched(fileno=super()._connect().detach())
        patched.settimeout(self.socket_timeout)
        return patched


class Stage:
    """Starts scripted servers for one transport, and makes the connections and pools that go with them."""

    def __init__(self, transport: str, certificates: Any) -> None:
        self.transport = transport
        self._certificates = certificates
        self._stack = ExitStack()

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stack.close()

    def address(self, script: Script) -> dict[str, Any]:
        """Start a server; returns what a pool needs to connect to it, without a handshake."""
        plain: dict[str, Any] = {"protocol": 2, **UNANNOUNCED, "retry": Retry(NoBackoff(), 0)}
        if self.transport == "unix":
            path = str(Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="respool-")), "socket"))
            self._stack.enter_context(scripted_server(script, path))
            return {**plain, "connection_class": respool.UnixDomainSocketConnection, "path": path}
        tls = self.transport == "tls"
        port = self._stack.enter_context(
            scripted_server(script, context=self._certificates.server_context() if tls else None)
        )
        address = {**plain, "host": "127.0.0.1", "port": port}
        if tls:
            return {**address, "connection_class": respool.SSLConnection, "ssl_ca_certs": self._certificates.root}
        return {**address, "connection_class": PatchedConnection if self.transport == "methods" else respool.Connection}

    def connect(self, script: Script = echo, **options: Any) -> Any:
        """Start a server; returns a connection to it."""
        options = {"socket_timeout": 30, **self.address(script), **options}
        connection = options.pop("connection_class")(**options)
        self._stack.callback(connection.disconnect)
        connection.connect()
        return connection

    def pool(self, script: Script = echo, **options: Any) -> respool.ConnectionPool:
        """Start a server; returns a pool of connections to it."""
        pool = respool.ConnectionPool(**{"socket_timeout": 30, "max_connections": 1, **self.address(script), **options})
        self._stack.callback(pool.close)
        return pool


def ask(connection: Any, *words: Any, **options: Any) -> Any:
    """Send a command and read its reply."""
    connection.send_command(*words)
    return connection.read_response(**options)


def assert_recovers(connection: Any) -> None:
    """The session is over, the connection is not."""
    assert connection._sock is None and not connection.is_connected
    assert ask(connection, "ECHO", "new") == b"new"


def has_arrived(sock: socket.socket) -> bool:
    """Whether bytes have arrived at a socket that nobody has received, not even TLS."""
    with socket.socket(fileno=os.dup(sock.fileno())) as duplicate:
        try:
            return bool(duplicate.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT))
        except BlockingIOError:
            return False

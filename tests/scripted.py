"""A server that answers as a test tells it to, and remembers what arrived together."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

Command = list[bytes]

HELLO = (b"%3\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n8.0.0\r\n$5\r\nproto\r\n:3\r\n")


def willing(command: Command) -> bytes:
    """What a server of today says."""
    name = command[0].upper()
    if name == b"HELLO":
        return HELLO
    if name == b"PING":
        return b"+PONG\r\n"
    if name == b"ECHO":
        return b"$%d\r\n%b\r\n" % (len(command[1]), command[1])
    return b"+OK\r\n"


def take_command(data: bytearray) -> Command | None:
    """Take one whole command off the beginning of what has arrived; None: there is none."""
    position = data.find(b"\r\n") + 2
    if position < 2:
        return None
    command = []
    for _ in range(int(data[1:position - 2])):
        end = data.find(b"\r\n", position) + 2
        if end < 2:
            return None
        size = int(data[position + 1:end - 2])
        if len(data) < end + size + 2:
            return None
        command.append(bytes(data[end:end + size]))
        position = end + size + 2
    del data[:position]
    return command


class ScriptedServer:
    """Answers each command with what `answer` makes of it; None: it closes the connection.

    `batches`: for each connection, the commands that had arrived each time before anything of it was answered.
    """

    def __init__(self, answer: Callable[[Command], bytes | None] = willing) -> None:
        self.answer = answer
        self.batches: list[list[list[Command]]] = []
        self.sockets: list[socket.socket] = []

    def __enter__(self) -> ScriptedServer:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.close()
        self._thread.join(30)

    @property
    def address(self) -> dict[str, Any]:
        return {"host": "127.0.0.1", "port": self.port}

    def commands(self, connection: int = -1) -> list[Command]:
        """All commands of one connection, by default the last."""
        return [command for batch in self.batches[connection] for command in batch]

    def push(self, data: bytes) -> None:
        """Send something that nobody has asked for to the last client."""
        self.sockets[-1].sendall(data)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._stopped:
                        for sock in [*self.sockets, self._listener, self._stopped]:
                            sock.close()
                        return
                    if key.fileobj is self._listener:
                        sock = self._listener.accept()[0]
                        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what is pushed arrives at once
                        self.sockets.append(sock)
                        self.batches.append([])
                        selector.register(sock, selectors.EVENT_READ, (bytearray(), self.batches[-1]))
                    else:
                        self._serve(selector, key)

    def _serve(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        sock: Any = key.fileobj
        received, batches = key.data
        try:
            data = sock.recv(65536)
        except ConnectionError:
            data = b""
        received += data
        batch = []
        while received:
            command = take_command(received)
            if command is None:
                break
            batch.append(command)
        if batch:
            batches.append(batch)
        answers = [self.answer(command) for command in batch]
        try:
            sock.sendall(b"".join(answer for answer in answers if answer is not None))
        except ConnectionError:
            data = b""
        if not data or None in answers:
            selector.unregister(sock)
            sock.close()


def outcome(use: Callable[[], Any]) -> Any:
    """What came of it, an error by its type and text."""
    try:
        return use()
    except Exception as error:
        return type(error), str(error).partition(" to 127.0.0.1")[0].partition(" from 127.0.0.1")[0]


def ask(connection: Any, *command: Any) -> Any:
    """The reply to a command; raises an error reply."""
    connection.send_command(*command)
    return connection.read_response()

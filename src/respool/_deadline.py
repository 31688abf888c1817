"""Bounds the connect of a redis-py connection by the caller's deadline.

It shortens the connection's own time-outs and retries for the length of one connect and puts them back. It never
lengthens them, and knows no pool.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

from redis.backoff import AbstractBackoff
from redis.connection import AbstractConnection
from redis.exceptions import TimeoutError

from respool.connection import WiredConnection

TIMEOUTS = ("socket_timeout", "socket_connect_timeout")


class DeadlineBackoff(AbstractBackoff):
    """A backoff that does not sleep past the deadline, and shortens the time-outs of the attempt that follows."""

    def __init__(self, backoff: AbstractBackoff, connection: Any, deadline: float) -> None:
        self._backoff = backoff
        self._connection = connection
        self._deadline = deadline
        self.shortened: dict[str, float] = {}

    def reset(self) -> None:
        self._backoff.reset()

    def compute(self, failures: int) -> float:
        pause = self._backoff.compute(failures)
        left = self._deadline - monotonic() - pause
        if left <= 0:
            raise TimeoutError("Timeout connecting to server: no time left for another attempt")
        self.shorten(left)
        return pause

    def shorten(self, left: float) -> None:
        """Let no step of the next attempt take longer than `left` seconds."""
        for name in TIMEOUTS:
            timeout = getattr(self._connection, name)
            if timeout is None or timeout > left:
                self.shortened[name] = max(left, 0.001)
                setattr(self._connection, name, self.shortened[name])


@contextmanager
def connect_before(connection: Any, deadline: float) -> Iterator[None]:
    """Run the body, a connect of `connection`, within `deadline` (monotonic seconds) as far as its class can.

    A connection class that is none of redis-py's is left as it is: its connect takes as long as it takes.
    """
    if not isinstance(connection, AbstractConnection):
        yield
        return
    if isinstance(connection, WiredConnection):
        connection._limit(deadline)
    own = {name: getattr(connection, name) for name in TIMEOUTS}
    retry = connection.retry
    bounded = copy.copy(retry)
    bounded._backoff = DeadlineBackoff(retry._backoff, connection, deadline)
    try:
        connection.retry = bounded
        bounded._backoff.shorten(deadline - monotonic())
        yield
    finally:
        # What somebody else has set meanwhile stays.
        if connection.retry is bounded:
            connection.retry = retry
        for name, timeout in own.items():
            if getattr(connection, name) == bounded._backoff.shortened.get(name):
                setattr(connection, name, timeout)
        if isinstance(connection, WiredConnection):
            connection._limit(-1.0)
        adopt_timeout(connection, connection.socket_timeout)


def adopt_timeout(connection: Any, timeout: float | None) -> None:
    """Give the connected socket and its parser the connection's regular time-out."""
    sock = connection._sock
    if sock is None:
        return
    with suppress(OSError):  # another thread may have just closed it, and whoever uses it is told
        sock.settimeout(timeout)
    parser = connection._parser
    if hasattr(parser, "_socket_timeout"):
        parser._socket_timeout = timeout
    buffer = getattr(parser, "_buffer", None)
    if buffer is not None and hasattr(buffer, "socket_timeout"):
        buffer.socket_timeout = timeout

"""The errors that respool adds to redis-py's. Each is also one of redis-py's, so that existing handlers catch it."""

from __future__ import annotations

import redis.exceptions

__all__ = [
    "ConnectionPoolClosedError",
    "ConnectionPoolOverloadError",
    "ConnectionPoolTimeoutError",
    "ConnectionPoolUnavailableError",
    "ConnectionSharedError",
]


class ConnectionPoolTimeoutError(redis.exceptions.MaxConnectionsError, redis.exceptions.TimeoutError):
    """No connection was free within the pool's `timeout`.

    Also reachable as `redis.exceptions.ConnectionPoolTimeoutError` once respool is imported.
    """


class ConnectionPoolOverloadError(redis.exceptions.MaxConnectionsError):
    """All connections are in use and as many callers as `max_waiting` allows wait for one already."""


class ConnectionPoolClosedError(redis.exceptions.ConnectionError):
    """The pool was closed while the caller waited for a connection."""


class ConnectionPoolUnavailableError(redis.exceptions.ConnectionError):
    """The server is known to be down, and with `probe_interval` another caller is to see whether it is up again."""


class ConnectionSharedError(redis.exceptions.RedisError):
    """Two threads, or two tasks of an event loop, use one connection at a time: one would get the other's reply.

    The one that comes second gets this error; the first is not disturbed. A pool gives each a connection of its own.
    """


if not hasattr(redis.exceptions, "ConnectionPoolTimeoutError"):
    redis.exceptions.ConnectionPoolTimeoutError = ConnectionPoolTimeoutError  # type: ignore[attr-defined]

"""The errors that respool adds to redis-py's. Each is also one of redis-py's, so that existing handlers catch it."""

from __future__ import annotations

import redis.exceptions

__all__ = ["ConnectionPoolClosedError", "ConnectionPoolOverloadError", "ConnectionPoolTimeoutError"]


class ConnectionPoolTimeoutError(redis.exceptions.MaxConnectionsError, redis.exceptions.TimeoutError):
    """No connection was free and connected within the pool's `timeout`.

    Also reachable as `redis.exceptions.ConnectionPoolTimeoutError` once respool is imported.
    """


class ConnectionPoolOverloadError(redis.exceptions.MaxConnectionsError):
    """All connections are in use and as many callers as `max_waiting` allows wait for one already."""


class ConnectionPoolClosedError(redis.exceptions.ConnectionError):
    """The pool was closed while the caller waited for a connection."""


if not hasattr(redis.exceptions, "ConnectionPoolTimeoutError"):
    redis.exceptions.ConnectionPoolTimeoutError = ConnectionPoolTimeoutError  # type: ignore[attr-defined]

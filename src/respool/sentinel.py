"""The pool for servers that Sentinel names."""

from __future__ import annotations

from typing import Any

import redis.sentinel

from respool.connection import SentinelManagedConnection, SentinelManagedSSLConnection
from respool.pool import ConnectionPool

__all__ = ["SentinelConnectionPool"]


class SentinelConnectionPool(redis.sentinel.SentinelConnectionPool, ConnectionPool):
    """A pool of connections to a master or its replicas; takes the place of `redis.sentinel.SentinelConnectionPool`.

        sentinel = redis.sentinel.Sentinel([("localhost", 26379)])
        client = sentinel.master_for("mymaster", connection_pool_class=respool.SentinelConnectionPool)

    Parameters: those of redis-py's, and those of `respool.ConnectionPool`.
    """

    def __init__(self, service_name: str, sentinel_manager: Any, **kwargs: Any) -> None:
        managed = SentinelManagedSSLConnection if kwargs.pop("ssl", False) else SentinelManagedConnection
        kwargs.setdefault("connection_class", managed)
        min_idle = kwargs.pop("min_idle", 0)
        super().__init__(service_name, sentinel_manager, **kwargs)  # type: ignore[no-untyped-call]
        if min_idle != 0:
            self.resize(self.max_connections, min_idle)  # only now it knows whom its connections are to ask

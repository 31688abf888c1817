"""The asyncio pool for servers that Sentinel names."""

from __future__ import annotations

from typing import Any

import redis.asyncio.sentinel

from respool.asyncio.connection import SentinelManagedConnection, SentinelManagedSSLConnection
from respool.asyncio.pool import ConnectionPool

__all__ = ["SentinelConnectionPool"]


class SentinelConnectionPool(redis.asyncio.sentinel.SentinelConnectionPool, ConnectionPool):
    """A pool of connections to a master or its replicas; takes the place of redis.asyncio.sentinel's.

        sentinel = redis.asyncio.sentinel.Sentinel([("localhost", 26379)])
        client = sentinel.master_for("mymaster", connection_pool_class=respool.asyncio.SentinelConnectionPool)

    Parameters: those of redis-py's, and those of `respool.asyncio.ConnectionPool`.
    """

    def __init__(self, service_name: str, sentinel_manager: Any, **kwargs: Any) -> None:
        managed = SentinelManagedSSLConnection if kwargs.pop("ssl", False) else SentinelManagedConnection
        kwargs.setdefault("connection_class", managed)
        min_idle = kwargs.pop("min_idle", 0)
        super().__init__(service_name, sentinel_manager, **kwargs)  # type: ignore[no-untyped-call]
        if min_idle != 0:
            self.resize(self.max_connections, min_idle)  # only now it knows whom its connections are to ask

    async def get_master_address(self) -> Any:
        """Ask for the master. Connections to another are closed: idle ones now, those in use when they come back."""
        address = await super().get_master_address()  # type: ignore[no-untyped-call]
        if self.is_master:
            for connection in self._walk()[1]:
                if connection.is_connected and (connection.host, connection.port) != tuple(address):
                    connection._should_reconnect = True
        return address

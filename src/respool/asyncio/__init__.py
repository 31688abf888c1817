"""respool for asyncio: pools, connections and a client that take the place of redis.asyncio's.

    import redis.asyncio, respool.asyncio

    pool = respool.asyncio.BlockingConnectionPool(host="localhost", port=6379, max_connections=10, timeout=5)
    client = redis.asyncio.Redis(connection_pool=pool)
    client = respool.asyncio.Redis(connection_pool=pool)  # the same client with a compiled command path

Or for all pools and connections of the process: `respool.install()`.
"""

from respool.asyncio.client import Redis
from respool.asyncio.connection import (
    Connection,
    Parser,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from respool.asyncio.pool import BlockingConnectionPool, ConnectionPool
from respool.asyncio.sentinel import SentinelConnectionPool

__all__ = [
    "BlockingConnectionPool",
    "Connection",
    "ConnectionPool",
    "Parser",
    "Redis",
    "SSLConnection",
    "SentinelConnectionPool",
    "SentinelManagedConnection",
    "SentinelManagedSSLConnection",
    "UnixDomainSocketConnection",
]

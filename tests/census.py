"""Whose pools and connections live in a process, for tests that look from within."""

from __future__ import annotations

import gc
from typing import Any

import redis.asyncio.connection
import redis.connection

import respool.asyncio.connection
import respool.asyncio.pool
import respool.connection
import respool.pool

OURS = (
    respool.pool.ConnectionPool, respool.connection.WiredConnection,
    respool.asyncio.pool.ConnectionPool, respool.asyncio.connection.WiredConnection,
)
POOLS = (respool.pool.RedisConnectionPool, respool.asyncio.pool.RedisConnectionPool)
CONNECTIONS = (redis.connection.AbstractConnection, redis.asyncio.connection.AbstractConnection)


def census() -> dict[str, Any]:
    """How many pools and connections of respool's there are, and the names of the classes of all others."""
    gc.collect()
    kinds = [type(found) for found in gc.get_objects()]
    pools = [kind for kind in kinds if issubclass(kind, POOLS)]
    connections = [kind for kind in kinds if issubclass(kind, CONNECTIONS)]
    others = {kind for kind in pools + connections if not issubclass(kind, OURS)}
    return {
        "pools": sum(issubclass(kind, OURS) for kind in pools),
        "connections": sum(issubclass(kind, OURS) for kind in connections),
        "others": sorted(kind.__name__ for kind in others),
    }

"""Whose pools and connections live in a process, for tests that look from within."""

from __future__ import annotations

import gc
from typing import Any

from redis.connection import AbstractConnection

from respool.connection import WiredConnection
from respool.pool import ConnectionPool, RedisConnectionPool

OURS = (ConnectionPool, WiredConnection)


def census() -> dict[str, Any]:
    """How many pools and connections of respool's there are, and the names of the classes of all others."""
    gc.collect()
    kinds = [type(found) for found in gc.get_objects()]
    pools = [kind for kind in kinds if issubclass(kind, RedisConnectionPool)]
    connections = [kind for kind in kinds if issubclass(kind, AbstractConnection)]
    others = {kind for kind in pools + connections if not issubclass(kind, OURS)}
    return {
        "pools": sum(issubclass(kind, OURS) for kind in pools),
        "connections": sum(issubclass(kind, OURS) for kind in connections),
        "others": sorted(kind.__name__ for kind in others),
    }

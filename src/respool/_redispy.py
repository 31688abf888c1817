"""What differs between the versions of redis-py; all else is written for the newest.

Each name is redis-py's own where that has it, and otherwise what takes its place with an older one.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import redis.asyncio.connection
import redis.connection

from respool.exceptions import ConnectionSharedError

__all__ = [
    "CAN_READ",
    "SENTINEL",
    "CachingConnection",
    "WithoutMaintenance",
    "async_timeout",
    "default_driver",
    "record_connection_count",
    "tells_of_maintenance",
]

# A context manager that bounds its body, in seconds: asyncio's own, or before Python 3.11.3 what redis-py requires.
async_timeout: Any = vars(redis.asyncio.connection)["async_timeout"]

# What redis-py's asyncio pools ask a connection, and that its parser, for what it has received.
CAN_READ = "can_read" if hasattr(redis.asyncio.connection.AbstractConnection, "can_read") else "can_read_destructive"

try:
    from redis.utils import SENTINEL
except ImportError:  # before 8.0: `read_response` has no time-out there, so that none is ever given
    SENTINEL = object()

try:
    from redis.driver_info import DriverInfo
except ImportError:  # before 7.2: two arguments, whose defaults are made once

    def default_driver() -> dict[str, Any]:
        return {}

else:

    @functools.cache
    def default_driver() -> dict[str, Any]:
        """redis-py's name and version, for servers: read from its metadata once, and not by each connection."""
        return {"driver_info": DriverInfo()}


try:
    from redis.observability.recorder import record_connection_count
except ImportError:  # before 7.2: no metrics; before 7.4: the pool is asked for its counts instead

    def record_connection_count(**_: Any) -> None: ...  # type: ignore[misc]


def tells_of_maintenance(pool: Any) -> bool:
    """Whether servers may push news of their maintenance to a pool's connections: from 7.0 on."""
    enabled = getattr(pool, "maint_notifications_enabled", None)
    return enabled is not None and bool(enabled())


class WithoutMaintenance:
    """For Unix sockets, over which no server tells of its maintenance: 7.0 to 8.0.0 ask for it there, and fail."""

    port = None  # 7.2.0 and 7.2.1 read it after each command

    def activate_maint_notifications_handling_if_enabled(self, check_health: bool = True) -> None:
        """Nothing to do."""


class CachingConnection(redis.connection.CacheProxyConnection):
    """Before 8.0: it looks for invalidations on a connection of another thread, which may begin to use it meanwhile."""

    def send_command(self, *args: Any, **kwargs: Any) -> None:
        """Send a command, unless the cache has the reply. In vain it has sent nothing, so that it may try again."""
        try:
            super().send_command(*args, **kwargs)  # type: ignore[no-untyped-call]
        except ConnectionSharedError:
            super().send_command(*args, **kwargs)  # type: ignore[no-untyped-call]


if "timeout" in inspect.signature(redis.connection.CacheProxyConnection.read_response).parameters:
    CachingConnection = redis.connection.CacheProxyConnection  # type: ignore[assignment,misc]

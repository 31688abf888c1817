"""What the redis-py and the Python under test can do: arguments that mean the same to each, and conditions of tests."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import pytest
import redis
import redis.asyncio
from redis.event import EventDispatcher

try:
    from redis.driver_info import DriverInfo
except ImportError:  # before 7.2
    ANNOUNCED: dict[str, Any] = {"lib_name": "redis-py", "lib_version": "1"}
    OTHERWISE_ANNOUNCED: dict[str, Any] = {"lib_name": "mine"}
    HALF_ANNOUNCED: dict[str, Any] = {"lib_version": None}
    UNANNOUNCED: dict[str, Any] = {"lib_name": None, "lib_version": None}
else:
    ANNOUNCED = {"driver_info": DriverInfo()}
    OTHERWISE_ANNOUNCED = {"driver_info": DriverInfo().add_upstream_driver("mine", "1.0")}
    HALF_ANNOUNCED = {"driver_info": DriverInfo(lib_version="")}
    UNANNOUNCED = {"driver_info": None}
    if redis.Connection(**UNANNOUNCED).driver_info is not None:  # 7.2.0, 7.3.0 and 7.4.0 take it for the default
        UNANNOUNCED = {"driver_info": DriverInfo(name="", lib_version="")}

TIMED_READS = "timeout" in inspect.signature(redis.Connection.read_response).parameters  # from 8.0 on
MAINTENANCE = hasattr(redis.Connection, "update_current_socket_timeout")  # from 7.0 on

FREE_THREADED = not getattr(sys, "_is_gil_enabled", lambda: True)()

needs_timed_reads = pytest.mark.skipif(not TIMED_READS, reason="this redis-py's read_response takes no time-out")
needs_maintenance = pytest.mark.skipif(
    not MAINTENANCE, reason="this redis-py neither relaxes time-outs nor reconnects for maintenance of servers"
)
needs_asyncio_maintenance = pytest.mark.skipif(
    not hasattr(redis.asyncio.ConnectionPool, "maint_notifications_enabled"),
    reason="this redis-py's asyncio pools know nothing of maintenance of servers",
)
needs_careful_clusters = pytest.mark.skipif(
    not TIMED_READS, reason="this redis-py's asyncio client for clusters loses connections by itself"
)
needs_careful_clients = pytest.mark.skipif(
    not TIMED_READS, reason="this redis-py's asyncio pipelines and subscribers drop connections when cancelled"
)
needs_asyncio_marks = pytest.mark.skipif(
    not hasattr(redis.asyncio.Connection, "mark_for_reconnect"),
    reason="this redis-py's asyncio connections are not marked for reconnection",
)
needs_listeners = pytest.mark.skipif(
    not hasattr(EventDispatcher, "register_listeners"), reason="this redis-py's dispatcher takes no listeners"
)
needs_moving_subscribers = pytest.mark.skipif(
    not TIMED_READS, reason="this redis-py's subscribers do not follow a slot that moves"
)

"""What differs between the versions of redis-py; all else is written for the newest.

Each name is redis-py's own where that has it, and otherwise what takes its place with an older one.
"""

from __future__ import annotations

import functools
from typing import Any

__all__ = ["SENTINEL", "default_driver", "record_connection_count"]

try:
    from redis.utils import SENTINEL
except ImportError:  # 7.0 to 7.4.0: `read_response` has no time-out of its own there that could be left out
    SENTINEL = object()

try:
    from redis.driver_info import DriverInfo
except ImportError:  # 7.0, 7.1: two arguments, whose defaults are made once

    def default_driver() -> dict[str, Any]:
        return {}

else:

    @functools.cache
    def default_driver() -> dict[str, Any]:
        """redis-py's name and version as the server is told them: read from its metadata once, and not by each
        connection."""
        return {"driver_info": DriverInfo()}

try:
    from redis.observability.recorder import record_connection_count
except ImportError:  # 7.0, 7.1: no metrics; 7.2, 7.3: the pool is asked for its counts instead

    def record_connection_count(**_: Any) -> None: ...

"""respool: a connection pool for Redis with a compiled core, which takes the place of redis-py's.

    import redis, respool

    pool = respool.ConnectionPool(host="localhost", port=6379, max_connections=10, timeout=5)
    client = redis.Redis(connection_pool=pool)

Or for all pools and connections of the process: `respool.install()`. For asyncio: `respool.asyncio`.
"""

try:
    from respool import _checkout as _checkout
except ImportError as _error:
    if "interpreter" in str(_error).lower():  # what CPython and Cython say differs, and neither says what to do
        raise ImportError(
            "respool can be imported by one interpreter of a process only, and by none that has a GIL of its own "
            f"({_error}). Use processes or threads instead of subinterpreters"
        ) from _error
    raise ImportError(
        f"respool's compiled modules cannot be imported ({_error}). Install a wheel with `pip install respool`, or "
        "build them in a source tree with a C compiler and `pip install -e .`"
    ) from _error

from respool._leases import Lease
from respool._stats import Closed, Histogram, Hooks, PoolStats
from respool._version import __version__
from respool.advice import Advice
from respool.client import Redis
from respool.connection import (
    Connection,
    Parser,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from respool.exceptions import (
    ConnectionPoolClosedError,
    ConnectionPoolOverloadError,
    ConnectionPoolTimeoutError,
    ConnectionPoolUnavailableError,
    ConnectionSharedError,
)
from respool.installation import install, uninstall
from respool.pool import BlockingConnectionPool, ConnectionPool
from respool.resp import PushNotification, Reader, pack_command
from respool.sentinel import SentinelConnectionPool

__all__ = [
    "Advice",
    "BlockingConnectionPool",
    "Closed",
    "Connection",
    "ConnectionPool",
    "ConnectionPoolClosedError",
    "ConnectionPoolOverloadError",
    "ConnectionPoolTimeoutError",
    "ConnectionPoolUnavailableError",
    "ConnectionSharedError",
    "Histogram",
    "Hooks",
    "Lease",
    "Parser",
    "PoolStats",
    "PushNotification",
    "Reader",
    "Redis",
    "SSLConnection",
    "SentinelConnectionPool",
    "SentinelManagedConnection",
    "SentinelManagedSSLConnection",
    "UnixDomainSocketConnection",
    "__version__",
    "install",
    "pack_command",
    "uninstall",
]

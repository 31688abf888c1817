"""Connections of no kind, for tests that need no server."""

from __future__ import annotations

import os
from typing import Any


class Stub:
    """For the core, which asks nothing of a connection."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Dummy:
    """A connection class that is none of redis-py's: its public methods and nothing else."""

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs
        self.pid = os.getpid()
        self.calls: list[str] = []

    def connect(self) -> None:
        self.calls.append("connect")

    def disconnect(self) -> None:
        self.calls.append("disconnect")

    def can_read(self, timeout: float = 0) -> bool:
        return False

    def should_reconnect(self) -> bool:
        return False

    def re_auth(self) -> None:
        pass


class AsyncDummy:
    """The same for redis.asyncio's pools."""

    def __init__(self, **kwargs: Any) -> None:
        self.kwargs = kwargs
        self.calls: list[str] = []

    async def connect(self) -> None:
        self.calls.append("connect")

    async def disconnect(self, nowait: bool = False) -> None:
        self.calls.append("disconnect")

    async def can_read(self) -> bool:
        return False

    can_read_destructive = can_read  # before 8.0

    def should_reconnect(self) -> bool:
        return False

    async def re_auth(self) -> None:
        pass

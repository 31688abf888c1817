"""What asyncio runs in this thread, also where it runs nothing."""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["current_task", "running_loop"]


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def current_task() -> asyncio.Task[Any] | None:
    """The task that runs here, if one does."""
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None

"""What pools log, for whoever operates them: rare events, never the path of a command.

All goes to the standard logger `respool`. Each record has the pool's name as `record.pool`, and what else the message
says as fields of their own, for formatters that write JSON. No password and no URL is among them.
"""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["log", "logger"]

logger = logging.getLogger("respool")


def log(level: int, pool: str, message: str, *, failed: bool = False, **fields: Any) -> None:
    """Log what has happened to a pool; `message` has the fields by name, `failed` adds the exception being handled."""
    told = {"pool": pool, **fields}
    logger.log(level, f"Pool %(pool)r: {message}", told, exc_info=failed, extra=told)

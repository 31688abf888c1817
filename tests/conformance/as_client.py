"""A plugin for redis-py's tests: respool's clients in the place of redis-py's, on its pools."""

from __future__ import annotations

import sys

import redis.asyncio
import redis.client
from installed import administrator, no_password

import respool.asyncio

__all__ = ["administrator", "no_password"]

CLIENTS = {redis.client.Redis: respool.Redis, redis.asyncio.client.Redis: respool.asyncio.Redis}

for _name, _module in list(sys.modules.items()):
    _theirs = getattr(_module, "Redis", None)
    if _name.partition(".")[0] == "redis" and isinstance(_theirs, type) and _theirs in CLIENTS:
        _module.Redis = CLIENTS[_theirs]  # type: ignore[attr-defined]

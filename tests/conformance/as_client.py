"""A plugin for redis-py's tests: respool's client in the place of redis-py's, on its pools."""

from __future__ import annotations

import sys

import redis
import redis.client
from installed import administrator, no_password

import respool

__all__ = ["administrator", "no_password"]

THEIRS = redis.client.Redis

for _name, _module in list(sys.modules.items()):
    if _name.partition(".")[0] == "redis" and getattr(_module, "Redis", None) is THEIRS:
        _module.Redis = respool.Redis  # type: ignore[attr-defined]

"""What a pool is asked to do about time, outages and lost connections: the settings, checked."""

from __future__ import annotations

import math
import sys
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any

__all__ = ["POOL_OPTIONS", "Survival"]

SECONDS = ("max_idle_time", "max_lifetime", "keepalive_interval", "probe_interval", "leak_threshold")

# How a URL says it; what redis-py takes for false, and the opposites.
FLAGS = {
    **dict.fromkeys(("1", "t", "true", "y", "yes"), True),
    **dict.fromkeys(("0", "f", "false", "n", "no"), False),
}


@dataclass(frozen=True)
class Survival:
    """The keywords of `respool.ConnectionPool` that are all off by default. Raises ValueError or TypeError."""

    min_idle: int = 0
    max_idle_time: float | None = None
    max_lifetime: float | None = None
    keepalive_interval: float | None = None
    max_connecting: int | None = None
    probe_interval: float | None = None
    retire_on_failover: bool = False
    leak_threshold: float | None = None
    lease_sampling: float | None = None

    def __post_init__(self) -> None:
        for name in SECONDS:
            object.__setattr__(self, name, valid_seconds(name, getattr(self, name)))
        object.__setattr__(self, "min_idle", valid_count("min_idle", self.min_idle, 0))
        if self.max_connecting is not None:
            object.__setattr__(self, "max_connecting", valid_count("max_connecting", self.max_connecting, 1))
        object.__setattr__(self, "retire_on_failover", valid_flag("retire_on_failover", self.retire_on_failover))
        object.__setattr__(self, "lease_sampling", valid_share(self.lease_sampling, self.leak_threshold is not None))

    @property
    def needs_housekeeper(self) -> bool:
        """Whether something is to be done while nobody uses the pool."""
        return bool(
            self.min_idle or self.max_idle_time or self.max_lifetime or self.keepalive_interval or self.leak_threshold
        )


# What a pool takes that redis-py's do not know.
POOL_OPTIONS = ("timeout", "order", "max_waiting", "name", *(field.name for field in fields(Survival)))


def valid_seconds(name: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):  # from a URL
        try:
            value = float(value)
        except ValueError:
            raise ValueError(f'"{name}" must be a number of seconds or None, got {value!r}') from None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f'"{name}" must be a number of seconds or None, got {value!r}')
    if not 0 < value < math.inf:
        raise ValueError(f'"{name}" must be more than 0 seconds, or None, got {value!r}')
    return float(value)


def valid_count(name: str, value: Any, least: int) -> int:
    if isinstance(value, str) and value.isdecimal():  # from a URL
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f'"{name}" must be an integer of at least {least}, got {value!r}')
    return value


def valid_flag(name: str, value: Any) -> bool:
    found = FLAGS.get(value.lower()) if isinstance(value, str) else value  # from a URL
    if found not in (True, False):
        raise ValueError(f'"{name}" must be True or False, got {value!r}')
    return bool(found)


def valid_share(value: Any, full: bool) -> float:
    if value is None:
        return 1.0 if full else 0.0
    if isinstance(value, str):  # from a URL
        with suppress(ValueError):
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise ValueError(f'"lease_sampling" must be a share from 0 to 1, or None, got {value!r}')
    return float(value)


def valid_max_connections(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= sys.maxsize:
        raise ValueError(f'"max_connections" must be a positive integer, got {value!r}')
    return value


def valid_limit(value: Any) -> int:
    """The same for a pool that there is: for the constructor 0 means "the default", as for redis-py's."""
    if value == 0:
        raise ValueError('"max_connections" must be a positive integer, got 0')
    return valid_max_connections(value)


def valid_min_idle(min_idle: int, max_connections: int) -> int:
    if min_idle > max_connections:
        raise ValueError(f'"min_idle" must be at most max_connections, {max_connections}, got {min_idle}')
    return min_idle

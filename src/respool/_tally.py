"""The numbers of several pools, those of one name added up: what exporters export.

Counts never go down, as exporters must have it: what is known of a pool that is gone stays in the sum. No pool is kept
alive for it, and nothing here locks or raises.
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from respool._pool import all_pools
from respool._stats import PoolStats

__all__ = ["Tally"]

Seen = dict[int, tuple[weakref.ref[Any], PoolStats]]


class Tally:
    """Reads the numbers of pools, by name.

    Parameters
    ----------
    pools : iterable
        Pools of respool's, for threads or asyncio, which are held weakly. None: all that live when they are asked.

    Safe in every thread. In a forked child, whose pools begin to count anew, so does this.
    """

    def __init__(self, pools: Iterable[Any] | None = None) -> None:
        self._pools = None if pools is None else [weakref.ref(pool) for pool in pools]
        # Never changed, only replaced: who reads at the same time makes his own of the one before.
        self._state: tuple[int, dict[str, PoolStats], Seen] = (os.getpid(), {}, {})

    def include(self, pool: Any = None) -> None:
        """Read this pool too; None: all."""
        if pool is None:
            self._pools = None
        elif self._pools is not None and all(known() is not pool for known in self._pools):
            self._pools.append(weakref.ref(pool))

    def read(self) -> dict[str, PoolStats]:
        """The numbers of now, by name of pool; numbers of several pools of one name are sums."""
        living = self._living()
        pid, past, seen = self._state
        if pid != os.getpid():
            past, seen = {}, {}
        now: Seen = {}
        for pool in living:
            with suppress(Exception):  # it is still being made, or is no more than a core
                now[id(pool)] = weakref.ref(pool), pool.stats()
        past = dict(past)
        for identity, (pool, stats) in seen.items():
            if identity not in now or now[identity][0]() is not pool():
                add(past, stats.of_the_past())
        self._state = os.getpid(), past, now
        total = dict(past)
        for _, stats in now.values():
            add(total, stats)
        return total

    def _living(self) -> list[Any]:
        references = all_pools.valuerefs() if self._pools is None else self._pools
        return [pool for reference in references if (pool := reference()) is not None]


def add(total: dict[str, PoolStats], stats: PoolStats) -> None:
    known = total.get(stats.name)
    total[stats.name] = stats if known is None else known + stats

"""The housekeeper of a pool for threads: a daemon thread that looks after its idle connections.

What is to be done is up to the pool; here is when it is called, and that it never keeps a pool or a process alive.
"""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from respool._logs import log

if TYPE_CHECKING:
    from respool._tended import Tended

# After an error that nobody has foreseen, seconds until the next try.
PAUSE_AFTER_ERROR = 1.0


class Housekeeper:
    """Calls `pool._tend()` in a thread of its own whenever it is time, as long as there is the pool."""

    def __init__(self, pool: Tended) -> None:
        self._bell: Any = threading.Lock()  # held, unless it was rung: may be rung anywhere, also in a finalizer
        self._bell.acquire()
        self._over = False
        self._watchers: list[Callable[[], None]] = []
        self._pool = weakref.ref(pool, self._pool_died)
        self._thread = threading.Thread(target=self._run, name=f"respool-housekeeper-{pool.name}", daemon=True)

    def start(self) -> None:
        """Begin. Raises RuntimeError if no thread can be started."""
        self._thread.start()

    def call(self) -> None:
        """Have the pool tended to soon."""
        with suppress(RuntimeError):  # rung already
            self._bell.release()

    @property
    def is_over(self) -> bool:
        """Whether it was stopped."""
        return self._over

    def stop(self) -> None:
        """Let the thread end, after what it is at."""
        self._over = True
        self.call()
        self._wake_watchers()

    def _pool_died(self, _reference: object) -> None:
        self.stop()

    def when_tended(self, wake: Callable[[], None]) -> None:
        """Call `wake` once, when the pool has been tended to the next time, or at the end."""
        self._watchers.append(wake)

    def _wake_watchers(self) -> None:
        with suppress(IndexError):
            while True:  # one by one: none is overlooked who comes meanwhile
                self._watchers.pop()()

    def _run(self) -> None:
        while not self._over:
            pool = self._pool()
            if pool is None:
                return
            try:
                pause = pool._tend()
            except Exception:
                log(logging.ERROR, pool.name, "its housekeeper has failed", failed=True)
                pause = PAUSE_AFTER_ERROR
            del pool
            self._wake_watchers()
            self._bell.acquire(True, -1 if pause is None else min(pause, threading.TIMEOUT_MAX))


def wait_until(housekeeper: Housekeeper, ready: Callable[[], bool], deadline: float | None) -> bool:
    """Wait until `ready()`, asked whenever the housekeeper has been there; at most until its end, or a monotonic time.

    Returns whether it is.
    """
    while not ready():
        bell = threading.Lock()
        bell.acquire()
        housekeeper.when_tended(bell.release)
        if ready() or housekeeper.is_over:
            break
        left = -1 if deadline is None else min(deadline - monotonic(), threading.TIMEOUT_MAX)
        if (deadline is not None and left <= 0) or not bell.acquire(True, left):
            break
    return ready()

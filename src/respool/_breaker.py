"""The circuit breaker: while a server is down callers fail at once, and one of them looks now and then.

It knows no connection and no pool, does no I/O and never waits. Safe to share between threads and tasks, and to use
again from a signal handler or a finalizer that interrupts it.
"""

from __future__ import annotations

import copy
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from redis.backoff import FullJitterBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, ConnectionError, TimeoutError

from respool.exceptions import ConnectionPoolUnavailableError

__all__ = ["Attempt", "Breaker", "single_attempt"]

# Who gets one of these has reached a server that is up.
ANSWERS = (AuthenticationError, AuthorizationError, ConnectionPoolUnavailableError)
FAILURES = (ConnectionError, TimeoutError, OSError)

# The first pause is up to so much of the longest, and so often it doubles.
DOUBLINGS = 3
FIRST_PAUSE = 1 / 2**DOUBLINGS


class Attempt:
    """One attempt to connect: a context manager around it. While the server is down there is one at a time, the probe.

    The breaker holds it weakly, so that a probe that ends in whatever way, also before it has begun, is over.
    """

    def __init__(self, breaker: Breaker) -> None:
        self._breaker = breaker

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        self._breaker._ended(self, error)


@contextmanager
def single_attempt(connection: Any) -> Iterator[None]:
    """Have a connection connect with one attempt, without the retries of its policy if it has one, in the body."""
    retry = getattr(connection, "retry", None)
    if retry is None:
        yield
        return
    once = copy.copy(retry)
    once.update_retries(0)
    try:
        connection.retry = once
        yield
    finally:
        if connection.retry is once:  # what somebody else has set meanwhile stays
            connection.retry = retry


class Breaker:
    """Closed: everybody may connect. Open, after a failure: nobody, until a pause is over and one may try.

    Parameters
    ----------
    probe_interval : float, in seconds
        Longest pause. The pauses grow up to it from an eighth of it, each cut at random (full jitter), so that many
        processes do not come at once.
    """

    def __init__(self, probe_interval: float) -> None:
        self._pauses = FullJitterBackoff(cap=probe_interval, base=probe_interval * FIRST_PAUSE)
        self._reset()

    def _reset(self) -> None:
        """Begin anew, also in a forked child, where nobody will give the lock back."""
        # Reentrant: a signal handler, or a connection that is collected in here, may ask for another one.
        self._lock = threading.RLock()
        self._failures = 0
        self._since = self._until = 0.0
        self._last = ""
        self._probe: Any = lambda: None

    @property
    def is_open(self) -> bool:
        """Whether the last attempt has failed."""
        return self._failures > 0

    def attempt(self) -> Attempt:
        """Begin an attempt to connect. Raises `respool.ConnectionPoolUnavailableError` if this is not the time."""
        attempt = Attempt(self)
        with self._lock:
            refusal = self._refusal()
            if refusal is None and self._failures:
                self._probe = weakref.ref(attempt)
        if refusal is not None:
            raise refusal
        return attempt

    def refusal(self) -> ConnectionPoolUnavailableError | None:
        """The error for whoever would try now; None: he may."""
        if not self._failures:
            return None
        with self._lock:
            return self._refusal()

    def _refusal(self) -> ConnectionPoolUnavailableError | None:
        now = monotonic()
        probing = self._probe() is not None
        if not self._failures or (now >= self._until and not probing):
            return None
        return ConnectionPoolUnavailableError(
            f"Server unavailable for {now - self._since:.3f} s (failed attempts to connect: {self._failures}), "
            + ("another is under way" if probing else f"the next is made in {self._until - now:.3f} s")
            + f". The last error was: {self._last}"
        )

    def _ended(self, attempt: Attempt, error: BaseException | None) -> None:
        with self._lock:
            if self._probe() is attempt:
                self._probe = lambda: None
            elif self._failures and error is not None:
                return  # it began before the server was known to be down
            if error is None or isinstance(error, ANSWERS):
                self._failures = 0
            elif isinstance(error, FAILURES):
                now = monotonic()
                self._since = self._since if self._failures else now
                self._failures += 1
                self._until = now + self._pauses.compute(min(self._failures - 1, DOUBLINGS))
                self._last = str(error)

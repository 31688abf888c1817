"""The circuit breaker: while a server is down callers fail at once, and one of them looks now and then.

It knows no connection and no pool, does no I/O and never waits. Safe to share between threads and tasks, and to use
again from a signal handler or a finalizer that interrupts it.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from redis.backoff import FullJitterBackoff
from redis.exceptions import AuthenticationError, AuthorizationError, ConnectionError, ResponseError, TimeoutError

from respool._outage import Attempt, Outage
from respool._wire import CLOSED_HERE
from respool.exceptions import ConnectionPoolUnavailableError

__all__ = ["Attempt", "Breaker", "Pauses", "single_attempt"]

Changed = Callable[[BaseException | None, float], object]

# Who gets one of these has reached a server that is up.
ANSWERS = (AuthenticationError, AuthorizationError, ResponseError, ConnectionPoolUnavailableError)
FAILURES = (ConnectionError, TimeoutError, OSError)

# How often the first pause doubles until it is the longest.
DOUBLINGS = 3


class Pauses(FullJitterBackoff):
    """Pauses between attempts, each cut at random (full jitter): up to `longest` seconds after so many doublings."""

    def __init__(self, longest: float, doublings: int) -> None:
        super().__init__(cap=longest, base=longest / 2**doublings)
        self._doublings = doublings

    def compute(self, failures: int) -> float:
        return super().compute(min(failures, self._doublings))  # more of them would be beyond any float


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


class Breaker(Outage):
    """Closed: everybody may connect. Open, after a failure: nobody, until a pause is over and one may try.

    Parameters
    ----------
    probe_interval : float, in seconds
        Longest pause. The pauses grow up to it from an eighth of it, each cut at random (full jitter), so that many
        processes do not come at once. Nor is an attempt that does not end waited for longer than that.
    changed : weakref.WeakMethod or None
        Whom to tell when it opens, with the error and 0.0, and when it closes, with None and the seconds since.
    """

    def __init__(self, probe_interval: float, changed: Callable[[], Changed | None] | None = None) -> None:
        self._changed = changed or (lambda: None)
        self._pauses = Pauses(probe_interval, DOUBLINGS)
        self._wait_for_probes(probe_interval)
        self._last = ""

    def attempt(self) -> Attempt:
        """Begin an attempt to connect. Raises `respool.ConnectionPoolUnavailableError` if this is not the time."""
        attempt = Attempt(self)
        if not self._may_try(attempt, monotonic()):
            raise self._refused()
        return attempt

    def refusal(self) -> ConnectionPoolUnavailableError | None:
        """The error for whoever would try now; None: he may."""
        return None if self._may_try(None, monotonic()) else self._refused()

    def _refused(self) -> ConnectionPoolUnavailableError:
        failures, since, until, probing = self._seen()
        now = monotonic()
        return ConnectionPoolUnavailableError(
            f"Server unavailable for {now - since:.3f} s (failed attempts to connect: {failures}), "
            + ("another is under way" if probing else f"the next is made in {max(until - now, 0.0):.3f} s")
            + f". The last error was: {self._last}"
        )

    def _ended(self, attempt: Attempt, error: BaseException | None) -> None:
        if error is None or isinstance(error, ANSWERS):
            since = self._succeeded(attempt, error is None)
            if since:
                self._tell(None, monotonic() - since)
        elif not isinstance(error, FAILURES) or error.args == (CLOSED_HERE,):  # interrupted, or closed on purpose
            self._gave_up(attempt)
        else:
            pause = self._pauses.compute(self._seen()[0])
            told = str(error)
            failures = self._failed(attempt, monotonic(), pause)
            if failures:
                self._last = told
            if failures == 1:
                self._tell(error, 0.0)

    def _tell(self, error: BaseException | None, seconds: float) -> None:
        changed = self._changed()
        if changed is not None:
            changed(error, seconds)

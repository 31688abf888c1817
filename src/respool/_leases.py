"""Who holds what: the record of a caller who takes a connection, and what is told of it.

It holds no connection, no frame and no thread alive.
"""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import dataclass
from operator import attrgetter
from time import monotonic
from types import CodeType
from typing import Any

from respool._logs import log
from respool._running import current_task

__all__ = ["Lease", "Tenant", "tell_leaks"]

DEEPEST = 64  # frames of a stack that are noted
MOST_TOLD = 3  # leases that an error names

# Whose frames say nothing about who holds a connection.
MACHINERY = ("respool", "redis")


@dataclass(frozen=True)
class Lease:
    """A connection that somebody holds.

    Attributes
    ----------
    holder : str
        Name of the thread that took it, and of the asyncio task if it was one.
    seconds : float
        For how long.
    stack : tuple of str
        Where it was taken, `file:line in function`, the innermost first.
    """

    holder: str
    seconds: float
    stack: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.holder} for {self.seconds:.3f} s, since {self.stack[0] if self.stack else '(unknown)'}"


class Tenant:
    """What is noted when a connection is taken: cheap, for it is done on the way out."""

    __slots__ = ("frames", "reported", "since", "task", "thread")

    def __init__(self) -> None:
        self.since = monotonic()
        self.thread = threading.current_thread().name
        self.task = name_of_task()
        self.reported = False
        self.frames: list[tuple[CodeType, int]] = []
        frame: Any = sys._getframe(1)
        while frame is not None and len(self.frames) < DEEPEST:
            if frame.f_globals.get("__name__", "").partition(".")[0] not in MACHINERY:
                self.frames.append((frame.f_code, frame.f_lineno))
            frame = frame.f_back

    @property
    def seconds(self) -> float:
        """For how long it has been held."""
        return monotonic() - self.since

    @property
    def holder(self) -> str:
        """Who holds it."""
        thread = f"thread {self.thread!r}"
        return thread if self.task is None else f"task {self.task!r} in {thread}"

    def lease(self) -> Lease:
        """The same for the user."""
        stack = tuple(f"{code.co_filename}:{line} in {code.co_name}" for code, line in self.frames)
        return Lease(self.holder, self.seconds, stack)


def name_of_task() -> str | None:
    task = current_task()
    return None if task is None else task.get_name()


def longest_first(tenants: list[Tenant], most: int | None = None) -> list[Lease]:
    """The leases of tenants, at most so many, those who have held theirs longest first."""
    return [tenant.lease() for tenant in sorted(tenants, key=attrgetter("since"))[:most]]


def summary(tenants: list[Tenant]) -> str:
    """The end of an error: who holds connections longest; empty if nothing is on record."""
    leases = longest_first(tenants, MOST_TOLD)
    return " Held longest by " + "; ".join(map(str, leases)) + "." if leases else ""


def tell_leaks(pool: str, tenants: list[Tenant], threshold: float) -> None:
    """Log each connection that has been held for longer than `threshold` seconds, once, with where it was taken."""
    for tenant in tenants:
        if not tenant.reported and tenant.seconds >= threshold:
            tenant.reported = True
            lease = tenant.lease()
            log(
                logging.WARNING, pool,
                "a connection has been held for %(seconds).3f s by %(holder)s. It was taken at:\n%(taken_at)s",
                seconds=lease.seconds, holder=lease.holder, taken_at="\n".join(f"  {line}" for line in lease.stack),
            )


def tell_return(pool: str, tenant: Tenant) -> None:
    """Log that a connection is back of which it was said that it has been held for too long."""
    if tenant.reported:
        log(logging.INFO, pool, "a connection is back after %(seconds).3f s with %(holder)s.",
            seconds=tenant.seconds, holder=tenant.holder)

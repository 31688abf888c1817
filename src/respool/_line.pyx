"""WAITS: those who stand in line, how they sleep and how they are woken.

It knows neither connections nor the pool, and decides nothing: who is served is up to `_pool`.
"""

import gc
import threading
from time import monotonic

from cpython.exc cimport PyErr_CheckSignals

cdef extern from "Python.h":
    unsigned long PyThread_get_thread_ident() noexcept

# A caller who has waited this long (seconds) asks the garbage collector whether connections died unseen.
cdef double PATIENCE_BEFORE_COLLECTION = 0.05
# ... which may take at most one part in so many of the time.
cdef double COLLECTION_SHARE = 100.0
cdef double next_collection = 0.0
cdef double last_collection = 0.0   # seconds it took

# A signal does not wake a thread that has only just fallen asleep in a lock, nor on Windows any: look up from time to
# time.
cdef double LONGEST_SLEEP = 0.5


cdef bint collect_garbage(double time_left) except -1:
    """Collect reference cycles, which may hold connections that nobody can release any more.

    Not where the program has switched collection off, nor if it would outlast the caller's time, and so rarely that it
    takes no more than one hundredth of the time.
    """
    global next_collection, last_collection
    cdef double started = monotonic()
    if started < next_collection or last_collection > time_left or not gc.isenabled():
        return False
    gc.collect()
    last_collection = monotonic() - started
    next_collection = started + (1.0 + COLLECTION_SHARE) * last_collection
    return True


def _collect_again():
    """Let the next caller who waits collect garbage, however recently that was done (for tests)."""
    global next_collection, last_collection
    next_collection = last_collection = 0.0


cdef class Link:
    """Something that can be in one chain at a time."""


cdef class Waiter(Link):
    """Somebody in line. What wakes them is up to the subclass: a thread here, a future for asyncio."""

    cdef int wake(self) except -1:
        raise NotImplementedError


cdef class ThreadWaiter(Waiter):
    """A thread in line."""

    def __cinit__(self):
        # Looked up now, not at import: a library such as gevent may have replaced it since.
        self.bell = threading.Lock()
        self.bell.acquire()

    cdef int wake(self) except -1:
        self.bell.release()
        return 0

    cdef int sleep(self, double deadline) except -1:
        """Sleep until woken or until `deadline` (monotonic seconds; negative: none); signals interrupt it."""
        cdef double now = monotonic()
        cdef double left = LONGEST_SLEEP
        cdef double nap
        while deadline < 0.0 or now < deadline:
            if deadline >= 0.0:
                left = deadline - now
            nap = min(left, LONGEST_SLEEP)
            if gc.isenabled():
                nap = min(nap, max(next_collection - now, PATIENCE_BEFORE_COLLECTION))
            if self.bell.acquire(True, nap):
                return 0
            PyErr_CheckSignals()  # one that came just before the sleep has not interrupted it
            now = monotonic()
            if deadline < 0.0 or now < deadline:
                collect_garbage(threading.TIMEOUT_MAX if deadline < 0.0 else deadline - now)
        return 0


cdef class FutureWaiter(Waiter):
    """A task in line."""

    def __cinit__(self, loop):
        self.loop = loop
        self.future = loop.create_future()
        self.thread = PyThread_get_thread_ident()

    cdef int wake(self) except -1:
        try:
            if PyThread_get_thread_ident() == self.thread:
                self.ring()
            else:  # garbage collection, which happens in any thread
                self.loop.call_soon_threadsafe(self.ring)
        except RuntimeError:
            # The loop is closed, and the task will never run on. Its end gives back what was delivered.
            return 0
        return 0

    def ring(self):
        """Let the task go on, in the thread of its loop."""
        if not self.future.done():
            self.future.set_result(None)

"""The lock under which a pool stands still, for those who walk its connections.

It says who walks. What a pool does meanwhile, and how it goes on, is up to `_pool`.
"""

import threading
import weakref
from time import monotonic

from respool._lock cimport lock, unlock
from respool._slots cimport Slots


# Seconds after which who waits for a walker looks whether the process has forked.
cdef double LONGEST_WAIT = 0.5


cdef class WalkLock:
    """Reentrant lock under which a pool stands still: nothing is checked out of it or back in by other threads.

    For those who walk a pool's connections and must miss none. Callers of the pool stand in line meanwhile, so it is to
    be held shortly and never during I/O. Usable as a context manager, like `threading.RLock`.
    """

    def __cinit__(self, Slots pool):
        self.lock = threading.RLock()
        self.pool = weakref.ref(pool)

    def acquire(self, blocking=True, timeout=-1):
        """Stop the pool; wait at most `timeout` seconds (negative: for ever) for another walker to finish."""
        cdef Slots pool = self.pool()
        # A thread that walks while it builds a connection has seen its own changes. Asked first: between the lock and
        # the flag no signal handler may come in.
        cdef bint builds_here = pool is not None and pool._builds_here()
        if not (self.seize(timeout) if blocking else self.lock.acquire(False)):
            return False
        self.depth += 1
        if self.depth == 1 and pool is not None:
            lock(&pool.mutex)
            pool.walking = True
            if not builds_here:
                pool.walks += 1
            unlock(&pool.mutex)
        return True

    cdef bint seize(self, double timeout) except -1:
        """Take the inner lock, within `timeout` seconds unless negative."""
        cdef double deadline = monotonic() + timeout if timeout >= 0.0 else -1.0
        cdef double left = LONGEST_WAIT
        while True:
            if deadline >= 0.0:
                left = min(max(deadline - monotonic(), 0.0), LONGEST_WAIT)
            # Looked up each time: a signal handler may have forked, and the child has another one.
            if self.lock.acquire(True, left):
                return True
            if deadline >= 0.0 and monotonic() >= deadline:
                return False

    def release(self):
        """Let the pool go on. Raises RuntimeError if the calling thread does not hold the lock."""
        cdef Slots pool = None
        if not self.lock._is_owned():
            raise RuntimeError("cannot release a pool's lock that this thread has not acquired")
        self.depth -= 1
        if self.depth == 0:
            pool = self.pool()
            if pool is not None:
                lock(&pool.mutex)
                pool.walking = False
                unlock(&pool.mutex)
        self.lock.release()
        if pool is not None:
            pool._resume()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()

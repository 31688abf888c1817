"""What a circuit breaker remembers: how often connecting has failed, when it is tried again, and who tries.

Every step is done under a lock under which no code of others runs, so that whatever interrupts a thread here, and asks
for a connection itself, finds the lock free. It knows no errors and no pauses: that is up to `_breaker`.
"""

from cpython.ref cimport PyObject

from respool._lock cimport lock, mutex_init, unlock

cimport cython


@cython.no_gc_clear
cdef class Attempt:
    """One attempt to connect: a context manager around it. While the server is down there is one at a time, the probe.

    A probe that ends in whatever way, also before it has begun, is over.
    """

    def __init__(self, Outage outage):
        self.outage = outage

    def __enter__(self):
        pass

    def __exit__(self, _kind, error, _traceback):
        self.outage._ended(self, error)

    def __dealloc__(self):
        if self.outage is not None:
            self.outage.leave(<PyObject *>self)


cdef class Outage:
    """Whether a server is down, and what is known about that."""

    def __cinit__(self, *args, **kwargs):
        self._forget()

    def _wait_for_probes(self, double seconds):
        """Let nobody else try while a probe is under way, but only for so long: it may never end."""
        self.longest_probe = seconds

    def _forget(self):
        """Know of no outage; also in a forked child, where nobody will give the lock back."""
        mutex_init(&self.mutex)
        self.probe = NULL
        self.failures = 0
        self.since = self.until = self.probe_until = 0.0

    @property
    def is_open(self):
        """Whether the last attempt has failed."""
        return self.failures > 0

    def _ended(self, attempt, error):
        """An attempt is over; `error`: how it failed, or None."""
        raise NotImplementedError

    def _may_try(self, Attempt attempt, double now):
        """Whether an attempt may be made at this time; this one is then the probe. None: if any may."""
        cdef bint may
        lock(&self.mutex)
        may = self.failures == 0 or (now >= self.until and (self.probe is NULL or now >= self.probe_until))
        if may and self.failures != 0 and attempt is not None:
            self.probe = <PyObject *>attempt
            self.probe_until = now + self.longest_probe
        unlock(&self.mutex)
        return may

    def _seen(self):
        """(failures, since, until, whether there is a probe), all read at one moment."""
        lock(&self.mutex)
        cdef Py_ssize_t failures = self.failures
        cdef double since = self.since
        cdef double until = self.until
        cdef bint probing = self.probe is not NULL
        unlock(&self.mutex)
        return failures, since, until, probing

    cdef void leave(self, PyObject *attempt) noexcept:
        """This one is no probe any more."""
        lock(&self.mutex)
        if self.probe is attempt:
            self.probe = NULL
        unlock(&self.mutex)

    def _gave_up(self, Attempt attempt):
        """Nothing is known about the server after this attempt."""
        self.leave(<PyObject *>attempt)

    def _succeeded(self, Attempt attempt, bint for_sure):
        """The server was reached; if not `for_sure`, only a probe is believed.

        Returns since when it was down until now, in monotonic seconds; 0: it was not, or is still.
        """
        cdef double since = 0.0
        lock(&self.mutex)
        if self.probe is <PyObject *>attempt:
            self.probe = NULL
            for_sure = True
        if for_sure:
            if self.failures != 0:
                since = self.since
            self.failures = 0
        unlock(&self.mutex)
        return since

    def _failed(self, Attempt attempt, double now, double pause):
        """It was not: there is no other attempt for so many seconds.

        Returns how often it has failed by now; 0 for an attempt that began before the server was known to be down.
        """
        cdef Py_ssize_t failures = 0
        cdef bint counts
        lock(&self.mutex)
        counts = self.failures == 0 or self.probe is <PyObject *>attempt
        if counts:
            if self.failures == 0:
                self.since = now
            self.failures += 1
            self.until = now + pause
            failures = self.failures
        if self.probe is <PyObject *>attempt:
            self.probe = NULL
        unlock(&self.mutex)
        return failures

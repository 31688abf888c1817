"""Layout of what a circuit breaker remembers."""

from cpython.ref cimport PyObject

from respool._lock cimport Mutex


cdef class Outage:
    cdef Mutex mutex
    cdef PyObject *probe        # the one attempt that may be made; borrowed, it takes itself out when it dies
    cdef Py_ssize_t failures    # attempts that have failed since the server was last reached; 0: it is up
    cdef double since           # monotonic seconds of the first of them
    cdef double until           # ... of the next attempt
    cdef double probe_until     # ... from which on the probe is not waited for any more
    cdef double longest_probe   # seconds for which it is

    cdef void leave(self, PyObject *attempt) noexcept


cdef class Attempt:
    cdef Outage outage

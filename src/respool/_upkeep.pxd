"""Layout of what a pool does about connections that nobody uses."""

from respool._growth cimport Growth
from respool._meter cimport Count
from respool._slots cimport Slot


cdef class Upkeep(Growth):
    cdef Py_ssize_t fewest_idle     # so many are to be ready
    cdef double longest_rest        # seconds for which one may be idle; 0: any time
    cdef double longest_life        # seconds after which one is replaced, less up to a tenth; 0: never
    cdef double interval            # seconds after which an idle one is looked at; 0: never
    cdef double next_failover       # before that no other is believed
    cdef bint housekept             # there is something to do while nobody uses the pool ...
    cdef object housekeeper     # ... and somebody who does it; None: nobody
    cdef bint calling               # the housekeeper has been called, and has not come yet

    cdef Count why_overdue(self, Slot slot, double now) noexcept
    cdef bint is_overdue(self, Slot slot, double now) noexcept
    cdef bint rests_too_long(self, Slot slot, double now) noexcept
    cdef int mind(self, Slot slot) except -1
    cdef int mind_age(self, Slot slot) except -1
    cdef int renew(self, Slot slot) except -1
    cdef Py_ssize_t missing(self) noexcept
    cdef int mind_use(self) except -1
    cdef int mind_missing(self) except -1

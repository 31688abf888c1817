"""Layout of a pool that may dial for its callers."""

from respool._pool cimport Pool
from respool._slots cimport Slot


cdef class Growth(Pool):
    cdef bint is_usable(self, object connection) except -1
    cdef int give_up(self, Slot slot, object error) except -1
    cdef bint give_back(self, Slot slot) except -1
    cdef int fail(self, object error, bint all) except -1

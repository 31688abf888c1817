"""Layout of a pipeline under way on an asyncio connection."""

from respool._async_wire cimport AsyncWire
from respool._batch cimport Load
from respool._pack cimport Packer

cdef enum:
    WINDOW = 16                     # portions that may be under way at once


cdef class AsyncBatch(Load):
    cdef AsyncWire wire             # of the connection when it began: another session owes none of the replies
    cdef object parser
    cdef Packer packer
    cdef list portion               # packed and not sent; None: none is
    cdef Py_ssize_t upto            # and where it ends
    cdef Py_ssize_t portions        # that were sent
    cdef Py_ssize_t[WINDOW] ends    # where the last of them end
    cdef bint waited                # there was something to be awaited

    cdef int load(self) except -1
    cdef int send(self) except -1
    cdef bint may_send(self) noexcept
    cdef object wait(self, bint idle, double seconds)

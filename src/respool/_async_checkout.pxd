"""Layout of the compiled half of the pools for asyncio."""

from respool._line cimport FutureWaiter
from respool._meter cimport Count
from respool._observed cimport Observed
from respool._slots cimport Slot


cdef class AsyncCheckout(Observed):
    cdef public object _loop    # event loop that all connections belong to; None: there are none yet
    cdef list late              # slots that came back while somebody walked the pool
    cdef set queued             # waiters; a task that nobody else holds must not go for it
    cdef object running_loop    # asyncio.get_running_loop
    cdef object clock           # handle of the one timer for all who stand in line; None: none is pending

    cdef int land(self, Slot slot) except -1
    cdef int part(self, object connection, Count why) except -1
    cdef int grow_for(self, FutureWaiter waiter) except -1
    cdef int start_clock(self) except -1
    cdef double next_look(self) except? -2.0

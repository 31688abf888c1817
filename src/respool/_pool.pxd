"""Layout of the pool: `_pool.pyx` gives it behaviour, `_checkout.pyx` derives from it."""

from respool._line cimport ThreadWaiter, Waiter, WaiterState
from respool._meter cimport Count
from respool._slots cimport Slot, Slots
from respool._walk cimport WalkLock


cdef class Pool(Slots):
    cdef bint attended          # a subclass keeps an eye on ages, on growth or on the end
    cdef bint timed             # ages matter: connections expire, or rest for a limited time
    cdef bint recorded          # who takes what, and gives it back, is put on record or told
    cdef double patience        # seconds a caller waits for a connection; 0: not at all, negative: for ever
    cdef readonly WalkLock walk_lock
    cdef object hooks           # of whoever wants to be told what happens; None: nobody
    cdef object factory         # callables of a pool that is used as it is, without a subclass; each may be None
    cdef object inspector
    cdef object closer

    # What a subclass says about its connections. None of these is called under the lock.
    cdef object build(self)
    cdef int ready(self, object connection, double deadline) except -1
    cdef int accept(self, object connection) except -1
    cdef int catch_up(self, object connection) except -1
    cdef int retire(self, object connection) except -1
    cdef int abandon(self, object connection) except -1
    cdef Slot fit(self, Slot slot, double *deadline)
    cdef double expiry(self) except? -1.0
    cdef int grow(self) except -1
    cdef int rest(self, ThreadWaiter waiter, double deadline) except -1
    cdef int vacated(self) except -1
    cdef int note(self, Py_ssize_t idle, Py_ssize_t used) except -1

    # The two operations, and the steps they are made of.
    cdef object checkout(self)
    cdef int checkin(self, object connection) except -1
    cdef Slot begin_return(self, object connection)
    cdef Slot acquire(self, double *deadline, bint first)
    cdef WaiterState wait_turn(self, ThreadWaiter waiter, double deadline) except *
    cdef WaiterState leave(self, Waiter waiter) noexcept
    cdef Slot fill(self, Slot slot, object build)
    cdef int make(self, Slot slot, object build) except -1
    cdef bint commit(self, Slot slot, object connection, Py_ssize_t walks) except -1
    cdef bint lend(self, Slot slot) noexcept
    cdef int record(self, Slot slot, object connection) except -1
    cdef int tell(self, object event, object connection) except -1
    cdef int count_wait(self, double started) except -1
    cdef object refusal(self, WaiterState state, double started)
    cdef int move_out(self, Slot slot, object connection) except -1
    cdef Count why_stale(self, Slot slot, double now) noexcept
    cdef bint settle(self, Slot slot, Py_ssize_t walks) except -1
    cdef int back_out(self, Slot slot, object connection) except -1
    cdef int drop(self, Slot slot, object connection, Count why) except -1
    cdef int free(self, Slot slot) except -1
    cdef int offer(self) except -1
    cdef int strand(self) except -1
    cdef Py_ssize_t walks_seen(self) except -2
    cdef bint lock_still(self) except -1
    cdef int unlock_still(self, bint held) except -1

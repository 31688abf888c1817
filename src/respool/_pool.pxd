"""Layout of the pool's core: `_pool.pyx` gives it behaviour, `_checkout.pyx` derives from it."""

from respool._line cimport Chain, Link, ThreadWaiter, Waiter, WaiterState


cdef extern from "_lock.h":
    ctypedef struct respool_mutex:
        pass


cdef enum SlotState:
    GONE        # belongs to no pool (any more); counted nowhere
    IDLE        # in the queue, ready for the next caller
    CONNECTING  # reserved for a connection that is being built or connected
    PREPARING   # on its way to a caller, being inspected outside the lock; counted as in use
    IN_USE      # with a caller
    RETURNING   # on its way back, being inspected outside the lock; counted as in use
    LEAVING     # taken out of the idle ones to be closed outside the lock; counted as in use


cdef enum Outcome:
    STRANGER    # the connection is not out of this pool
    DROPPED     # it was closed, and its place is free
    KEPT        # it is idle again, or with the next in line
    AGAIN       # somebody walked the pool since the connection was inspected: look again


cdef class Slot(Link):
    cdef SlotState state
    cdef object connection      # while the pool keeps it alive; None while only its caller does
    cdef object lease           # weak reference that reports the connection's death; None if the type allows none
    cdef object key             # id(connection), under which Pool.slots has this slot
    cdef Py_ssize_t generation  # Pool.generation when the slot was reserved: an older one touches no counter
    cdef Py_ssize_t epoch       # Pool.epoch when the connection was built: an older one is retired on return


cdef class WalkLock:
    cdef object lock            # threading.RLock
    cdef object pool            # weak reference to the pool that stands still while the lock is held
    cdef Py_ssize_t depth       # how often the owner has acquired it


cdef class Pool:
    cdef object __weakref__
    cdef respool_mutex mutex    # guards every field down to `most_waiting`; see `Pool` for its contract
    cdef Chain idle             # slots, longest idle first
    cdef Chain waiters          # callers who wait for a connection, longest waiting first
    cdef Chain held_up          # threads with a connection to bring in, which wait for a walker to finish
    cdef dict slots             # id(connection) -> Slot, of every connection there is
    cdef Py_ssize_t limit       # most connections at once
    cdef Py_ssize_t created     # slots that exist: idle, in use and connecting
    cdef Py_ssize_t in_use_count
    cdef Py_ssize_t connecting_count
    cdef Py_ssize_t generation  # moves when all connections are forgotten: reset, fork
    cdef Py_ssize_t epoch       # moves when the pool is closed
    cdef Py_ssize_t walks       # moves when somebody begins to walk the pool
    cdef bint walking           # somebody walks the pool: the owner of the walk lock
    cdef bint lifo              # take the connection returned last instead of the one idle longest
    cdef double patience        # seconds a caller waits for a connection; 0: not at all, negative: for ever
    cdef Py_ssize_t most_waiting    # most callers that may wait; negative: no limit
    cdef readonly WalkLock walk_lock
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
    cdef int note(self, Py_ssize_t idle, Py_ssize_t used) except -1

    # The two operations, and the steps they are made of.
    cdef object checkout(self)
    cdef int checkin(self, object connection) except -1  # an Outcome, as is that of settle
    cdef Slot acquire(self, double *deadline)
    cdef int wait_turn(self, ThreadWaiter waiter, double deadline) except -1
    cdef int leave(self, Waiter waiter, Chain *chain) except -1
    cdef Slot fill(self, Slot slot, object build)
    cdef bint commit(self, Slot slot, object connection, Py_ssize_t walks) except -1
    cdef bint lend(self, Slot slot) noexcept
    cdef int settle(self, Slot slot, Py_ssize_t walks) except -1
    cdef int back_out(self, Slot slot, object connection) except -1
    cdef int drop(self, Slot slot, object connection) except -1
    cdef int free(self, Slot slot) except -1
    cdef int offer(self) except -1
    cdef int resume(self) except -1
    cdef Py_ssize_t walks_seen(self) except -2
    cdef int lock_still(self) except -1
    cdef tuple forget_all(self, dict fresh)

    # The caller holds the lock.
    cdef void ask(self, Waiter waiter, bint walker) noexcept
    cdef bint deliver(self, Waiter waiter) noexcept
    cdef void reserve(self, Slot slot) noexcept
    cdef void pull(self, Slot slot, SlotState state) noexcept
    cdef Slot pop_idle(self)
    cdef Waiter serve(self)
    cdef Waiter hand_over(self, Slot slot)
    cdef Waiter remove(self, Slot slot)

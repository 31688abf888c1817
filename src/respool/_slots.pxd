"""Layout of what the lock guards: `_slots.pyx` moves it, `_pool.pyx` says when."""

from respool._line cimport Chain, Link, Waiter
from respool._lock cimport Flag, Mutex
from respool._meter cimport Count, Meter


cdef enum SlotState:
    GONE        # belongs to no pool (any more); counted nowhere
    IDLE        # in the queue, ready for the next caller
    CONNECTING  # reserved for a connection that is being built or connected
    PREPARING   # on its way to a caller, being inspected outside the lock; counted as in use
    IN_USE      # with a caller
    RETURNING   # on its way back, being inspected outside the lock; counted as in use
    LEAVING     # taken out of the idle ones to be closed outside the lock; counted as in use


cdef class Slot(Link):
    cdef SlotState state
    cdef readonly object connection     # while the pool keeps it alive; None while only its caller does
    cdef object lease           # weak reference that reports the connection's death; None if the type allows none
    cdef object key             # id(connection), under which Pool.slots has this slot
    cdef Py_ssize_t generation  # Pool.generation when the slot was reserved: an older one touches no counter
    cdef Py_ssize_t epoch       # Pool.epoch when the slot was reserved: an older one is retired on return
    cdef double expires         # monotonic seconds, as all times here; when its lifetime is over, 0: never
    cdef double idle_since      # when it came back; of all these only kept if the pool is `timed`
    cdef double looked_at       # when it was last known to be alive
    cdef double lent_at         # when a caller got it, if this checkout is one of the sample; 0: it is not
    cdef Flag dial              # had by who dials for a reserved slot, or gives it back before
    cdef object tenant          # what is on record about who holds it; None: nothing


cdef class Slots:
    cdef object __weakref__
    cdef Mutex mutex    # guards every field down to `watchers`; see `Slots` for its contract
    cdef Chain idle             # slots, longest idle first
    cdef Chain waiters          # callers who wait for a connection, longest waiting first
    cdef dict slots             # id(connection) -> Slot, of every connection there is
    cdef Py_ssize_t limit       # most connections at once
    cdef Py_ssize_t created     # slots that exist: idle, in use and connecting
    cdef Py_ssize_t in_use_count
    cdef Py_ssize_t connecting_count
    cdef Py_ssize_t generation  # moves when all connections are forgotten: reset, fork
    cdef Py_ssize_t epoch       # moves when the pool is closed, and when its server has failed over
    cdef Py_ssize_t closed_at   # the epoch that began when the pool was last closed
    cdef Py_ssize_t walks       # moves when somebody begins to walk the pool
    cdef bint walking           # somebody walks the pool: the owner of the walk lock
    cdef bint lifo              # take the connection returned last instead of the one idle longest
    cdef Py_ssize_t most_waiting    # most callers that may wait; negative: no limit
    cdef Py_ssize_t most_connecting     # most connections dialled at once for those in line; negative: they do it
    cdef Py_ssize_t draining    # how many drain it: nobody joins the line, and what nobody in it needs is closed
    cdef Meter meter            # what has been counted and measured
    cdef Chain watchers         # those who wait for the pool to be empty

    cdef tuple forget_all(self, dict fresh)
    cdef void count(self, Count what) noexcept

    # The caller holds the lock.
    cdef void ask(self, Waiter waiter, bint walker, bint first) noexcept
    cdef bint deliver(self, Waiter waiter) noexcept
    cdef bint wants_dial(self) noexcept
    cdef void reserve(self, Slot slot) noexcept
    cdef void pull(self, Slot slot, SlotState state) noexcept
    cdef Slot pop_idle(self)
    cdef Waiter serve(self)
    cdef Waiter hand_over(self, Slot slot)
    cdef Waiter remove(self, Slot slot)

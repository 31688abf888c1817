"""OWNS: the lock-protected deque of connections, their counts, and who gets the next.

Every step here is done under the lock, or takes it for a moment. It never builds, checks or closes a connection, and
wakes nobody.
"""

import weakref

from cpython.ref cimport PyObject

from respool._line cimport (
    CLOSED, EXHAUSTED, OVERLOADED, SERVED, WAITING, Waiter, chain_append, chain_clear, chain_prepend, chain_remove,
)
from respool._lock cimport lock, mutex_init, unlock
from respool._meter cimport BUCKETS, COUNTS, SHARE, Count, Histogram, Meter, add


cdef class Slot(Link):
    """The place of one connection in its pool. A blank one runs no code when it goes, so it may go under the lock."""


cdef tuple told(Histogram *histogram):
    return histogram.sum, histogram.number, [histogram.counts[bucket] for bucket in range(BUCKETS)]


# By `Count`.
COUNT_NAMES = (
    "checkouts", "waited", "timeouts", "exhausted", "shed", "turned_away", "created", "dial_errors", "closed_idle",
    "closed_lifetime", "closed_stale", "closed_error", "closed_dirty", "closed_failover", "closed_drain",
)


def _sample():
    """One checkout in so many is timed."""
    return SHARE


class Lease(weakref.ref):
    """Weak reference to a connection, which tells its pool when the connection died without being released.

    It refers to the pool weakly and to the slot only by its key, so that it is in no reference cycle: a pool that is
    dropped goes at once, and its connections with it.
    """

    __slots__ = ("key", "pool")


def report_death(lease):
    pool = lease.pool()
    if pool is not None:
        pool._lost(lease)


cdef class Slots:
    """The slots of a pool and those in line for them.

    The lock's contract. `mutex` guards the fields that `_slots.pxd` lists under it. Under it fields are moved, and
    nothing else: no I/O, no call into Python, no allocation of a tracked object, no drop of a last reference, for any
    of those may run code that comes back here. What must be dropped is kept in a local variable until the lock is
    released.
    """

    def __cinit__(self, *args, **kwargs):
        mutex_init(&self.mutex)
        chain_clear(&self.idle)
        chain_clear(&self.waiters)
        chain_clear(&self.watchers)
        self.slots = {}
        self.walks = 1
        self.most_waiting = self.most_connecting = -1

    @property
    def idle(self):
        """Connections that are ready for the next caller."""
        return self.idle.length

    @property
    def in_use(self):
        """Connections that callers hold."""
        return self.in_use_count

    @property
    def connecting(self):
        """Connections that are being built or connected for a caller."""
        return self.connecting_count

    @property
    def waiting(self):
        """Callers who wait for a connection."""
        return self.waiters.length

    @property
    def max_connections(self):
        """Most connections at once."""
        return self.limit

    @property
    def order(self):
        """"fifo" or "lifo"."""
        return "lifo" if self.lifo else "fifo"

    @property
    def max_waiting(self):
        """Most callers that may wait at once; None: any number."""
        return None if self.most_waiting < 0 else self.most_waiting

    def _builds_here(self):
        """Whether this thread is just making a connection for this pool."""
        return False

    def counts(self):
        """(created, idle, in use, connecting, waiting), all read at one moment."""
        lock(&self.mutex)
        cdef Py_ssize_t created = self.created
        cdef Py_ssize_t idle = self.idle.length
        cdef Py_ssize_t in_use = self.in_use_count
        cdef Py_ssize_t connecting = self.connecting_count
        cdef Py_ssize_t waiting = self.waiters.length
        unlock(&self.mutex)
        return created, idle, in_use, connecting, waiting

    cdef void count(self, Count what) noexcept:
        lock(&self.mutex)
        add(&self.meter, what)
        unlock(&self.mutex)

    def _count(self, Count what):
        self.count(what)

    def _measures(self):
        """What has been counted and measured, and the state of the pool, read at one moment; for `_stats`.

        Returns (state, counts, peak, wait, hold): as `counts`, by `Count`, most in use, and two histograms as (sum in
        seconds, number, counts).
        """
        cdef Meter meter
        cdef Py_ssize_t created, idle, in_use, connecting, waiting
        cdef int what
        lock(&self.mutex)
        meter = self.meter
        created, idle, waiting = self.created, self.idle.length, self.waiters.length
        in_use, connecting = self.in_use_count, self.connecting_count
        unlock(&self.mutex)
        counts = [meter.counts[what] for what in range(<int>COUNTS)]
        state = created, idle, in_use, connecting, waiting
        return state, counts, meter.peak, told(&meter.wait), told(&meter.hold)

    def _made(self):
        """How many connections there are; one that is still being built does not count."""
        return len(self.slots)

    def _walk(self):
        """(idle, others): the connections there are, idle ones in the order of the queue.

        Exact while the walk lock is held.
        """
        cdef Py_ssize_t room, idle, end
        cdef Slot slot
        cdef list found
        cdef PyObject *link
        while True:
            room = len(self.slots)
            found = [None] * room
            lock(&self.mutex)
            if len(self.slots) == room:
                break
            unlock(&self.mutex)
        end = 0
        link = self.idle.first
        while link is not NULL and end < room:
            slot = <Slot>link
            found[end] = slot.connection
            end += 1
            link = slot.after
        idle = end
        for slot in self.slots.values():
            if slot.state != IDLE and end < room:
                found[end] = slot.connection if slot.connection is not None else slot.lease
                end += 1
        unlock(&self.mutex)
        connections = [kept() if isinstance(kept, Lease) else kept for kept in found]
        return connections[:idle], [connection for connection in connections[idle:] if connection is not None]

    cdef tuple forget_all(self, dict fresh):
        """Start a new generation; returns the idle slots of the old one, and how many others there are and in use."""
        cdef Slot slot
        cdef Py_ssize_t used = 0
        lock(&self.mutex)
        cdef dict old = self.slots
        for slot in old.values():
            used += slot.state == IN_USE or slot.state == RETURNING
        self.slots = fresh
        self.generation += 1
        self.created = self.in_use_count = self.connecting_count = 0
        chain_clear(&self.idle)
        unlock(&self.mutex)
        idle = [slot for slot in old.values() if slot.state == IDLE]
        return idle, len(old) - len(idle), used

    # --- the caller holds the lock in all that follow --------------------------------------------------------

    cdef void ask(self, Waiter waiter, bint walker, bint first) noexcept:
        """Serve a newcomer if it is its turn; else put it in line if it may wait, or refuse it.

        `walker`: it walks the pool itself. Nobody can bring a connection back while it waits, so it does not.
        `first`: it has had its turn, and got what was of no use.
        """
        if self.draining and not first:
            waiter.state = CLOSED
            return
        if self.walking and not walker:
            waiter.state = WAITING
        elif (self.waiters.length == 0 or walker or first) and self.deliver(waiter):
            return
        elif walker or not waiter.patient:
            waiter.state = EXHAUSTED
            return
        elif 0 <= self.most_waiting <= self.waiters.length and not first:
            waiter.state = OVERLOADED
            return
        else:
            waiter.state = WAITING
        waiter.epoch = self.epoch
        if first:
            chain_prepend(&self.waiters, waiter)
        else:
            chain_append(&self.waiters, waiter)

    cdef bint deliver(self, Waiter waiter) noexcept:
        """Give `waiter` an idle connection, else the permission to build one if there is room; False if neither."""
        if self.idle.length != 0:
            waiter.slot = self.pop_idle()
        elif self.created < self.limit and (self.most_connecting < 0 or not waiter.patient):
            self.reserve(waiter.slot)
        else:
            return False
        waiter.state = SERVED
        return True

    cdef bint wants_dial(self) noexcept:
        """Whether the pool is to dial for somebody in line for whom it does not dial yet."""
        return (
            self.connecting_count < self.most_connecting and self.connecting_count < self.waiters.length
            and self.created < self.limit and not self.walking
        )

    cdef Waiter serve(self):
        """Deliver to the first in line what there is.

        Returns whom to wake once the lock is released. Delivery and the waiter's leaving exclude each other here, so
        that what is delivered is accepted.
        """
        cdef Waiter waiter
        if self.waiters.length == 0:
            return None
        waiter = <Waiter>self.waiters.first
        if not self.deliver(waiter):
            return None
        chain_remove(&self.waiters, waiter)
        return waiter

    cdef Waiter hand_over(self, Slot slot):
        """Deliver this very slot to the first in line; returns whom to wake."""
        cdef Waiter waiter
        if self.waiters.length == 0:
            return None
        waiter = <Waiter>self.waiters.first
        chain_remove(&self.waiters, waiter)
        slot.state = PREPARING
        waiter.slot = slot
        waiter.state = SERVED
        return waiter

    cdef void reserve(self, Slot slot) noexcept:
        slot.state = CONNECTING
        slot.generation = self.generation
        slot.epoch = self.epoch
        self.created += 1
        self.connecting_count += 1

    cdef void pull(self, Slot slot, SlotState state) noexcept:
        """Take an idle slot out of the queue; from here on it counts as in use."""
        chain_remove(&self.idle, slot)
        slot.state = state
        self.in_use_count += 1

    cdef Slot pop_idle(self):
        cdef Slot slot = <Slot>(self.idle.last if self.lifo else self.idle.first)
        self.pull(slot, PREPARING)
        return slot

    cdef Waiter remove(self, Slot slot):
        """End a slot. Returns whom to wake: its place goes to the first in line, if nobody walks the pool."""
        if slot.state == GONE:
            return None
        if slot.generation == self.generation:
            if slot.state == IDLE:
                chain_remove(&self.idle, slot)
            elif slot.state == CONNECTING:
                self.connecting_count -= 1
            else:
                self.in_use_count -= 1
            self.created -= 1
            if slot.key is not None:
                self.slots.pop(slot.key, None)
        slot.state = GONE
        return None if self.walking else self.serve()

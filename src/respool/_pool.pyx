"""OWNS and WAITS: the lock-protected deque of connections, and the line of callers who wait for one.

It owns every connection of a pool from its reservation to its end, counts them, and decides who gets which. It
never knows what a connection is: building, checking and closing them is said by a subclass, or by three
callables.
"""

import gc
import os
import sys
import threading
import weakref
from time import monotonic

from cpython.long cimport PyLong_FromVoidPtr
from cpython.pythread cimport PyThread_get_thread_ident
from cpython.ref cimport PyObject


cdef extern from "_lock.h":
    void mutex_init "respool_mutex_init"(respool_mutex *mutex) noexcept
    void lock "respool_mutex_lock"(respool_mutex *mutex) noexcept
    void unlock "respool_mutex_unlock"(respool_mutex *mutex) noexcept


# A caller who has waited this long (seconds) asks the garbage collector whether connections died unseen.
cdef double PATIENCE_BEFORE_COLLECTION = 0.05
# ... which may take at most one part in so many of the time.
cdef double COLLECTION_SHARE = 100.0
cdef double next_collection = 0.0

# Windows delivers no signal to a thread that sleeps in a lock: look up from time to time there.
cdef double LONGEST_SLEEP = 0.5 if sys.platform == "win32" else threading.TIMEOUT_MAX


cdef bint collect_garbage() except -1:
    """Collect reference cycles, which may hold connections that nobody can release any more.

    Returns whether it did: not where the program has switched collection off, and so rarely that it takes no
    more than one hundredth of the time.
    """
    global next_collection
    cdef double started = monotonic()
    if started < next_collection or not gc.isenabled():
        return False
    gc.collect()
    cdef double ended = monotonic()
    next_collection = ended + COLLECTION_SHARE * (ended - started)
    return True


def _collect_again():
    """Let the next caller who goes without a connection collect garbage, however recently that was done (for tests)."""
    global next_collection
    next_collection = 0.0


# --- chains: doubly linked lists that neither allocate nor own ---------------------------------------------

cdef void chain_append(Chain *chain, Link link) noexcept:
    link.before = chain.last
    link.after = NULL
    if chain.last is NULL:
        chain.first = <PyObject *>link
    else:
        (<Link>chain.last).after = <PyObject *>link
    chain.last = <PyObject *>link
    chain.length += 1


cdef void chain_remove(Chain *chain, Link link) noexcept:
    if link.before is NULL:
        chain.first = link.after
    else:
        (<Link>link.before).after = link.after
    if link.after is NULL:
        chain.last = link.before
    else:
        (<Link>link.after).before = link.before
    link.before = link.after = NULL
    chain.length -= 1


cdef void chain_clear(Chain *chain) noexcept:
    chain.first = chain.last = NULL
    chain.length = 0


cdef class Link:
    """Something that can be in one chain at a time."""


cdef class Slot(Link):
    """The place of one connection in its pool."""


cdef class Waiter(Link):
    """Somebody in line. What wakes them is up to the subclass: a thread here, a future for asyncio."""

    cdef int wake(self) except -1:
        raise NotImplementedError


cdef class ThreadWaiter(Waiter):
    """A thread in line."""

    def __cinit__(self):
        self.slot = Slot()
        # Looked up now, not at import: a library such as gevent may have replaced it since.
        self.bell = threading.Lock()
        self.bell.acquire()

    cdef int wake(self) except -1:
        self.bell.release()
        return 0

    cdef int sleep(self, double deadline) except -1:
        """Sleep until woken or until `deadline` (monotonic seconds; negative: none); signals interrupt it."""
        cdef double now = monotonic()
        cdef double nap
        while deadline < 0.0 or now < deadline:
            nap = LONGEST_SLEEP if deadline < 0.0 else min(deadline - now, LONGEST_SLEEP)
            if gc.isenabled():
                nap = min(nap, max(next_collection - now, PATIENCE_BEFORE_COLLECTION))
            if self.bell.acquire(True, nap):
                return 0
            now = monotonic()
            if deadline < 0.0 or now < deadline:
                collect_garbage()
        return 0


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


cdef class WalkLock:
    """Reentrant lock under which a pool stands still: nothing is checked out of it or back in by other threads.

    For those who walk a pool's connections and must miss none. Callers of the pool wait meanwhile, so it is to be held
    shortly and never during I/O. Usable as a context manager, like `threading.RLock`.
    """

    def __cinit__(self, Pool pool):
        self.lock = threading.RLock()
        self.pool = weakref.ref(pool)

    def acquire(self, blocking=True, timeout=-1):
        """Stop the pool; wait at most `timeout` seconds (negative: for ever) for another walker to finish."""
        cdef Pool pool
        if not self.lock.acquire(blocking, timeout):
            return False
        self.depth += 1
        if self.depth == 1:
            pool = self.pool()
            if pool is not None:
                lock(&pool.mutex)
                pool.walker = <unsigned long>PyThread_get_thread_ident()
                pool.walks += 1
                unlock(&pool.mutex)
        return True

    def release(self):
        """Let the pool go on. Raises RuntimeError if the calling thread does not hold the lock."""
        cdef Pool pool
        if not self.lock._is_owned():
            raise RuntimeError("cannot release a pool's lock that this thread has not acquired")
        if self.depth == 1:
            pool = self.pool()
            if pool is not None:
                lock(&pool.mutex)
                pool.walker = 0
                unlock(&pool.mutex)
        self.depth -= 1
        self.lock.release()

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()


cdef class Pool:
    """Connections that callers borrow: at most `max_connections` at once, handed out in order of arrival.

    Parameters
    ----------
    max_connections : int
        Most connections at once, in whatever state.
    timeout : float or None
        Seconds that a caller waits for a connection when all are in use: 0 not at all, None for ever.
    order : str
        "fifo" takes the connection that has been idle longest, "lifo" the one returned last.
    max_waiting : int or None
        Most callers that may wait at once; None: any number.
    factory, inspector, closer : callable or None
        For a pool without a subclass: `factory()` builds a connection, `inspector(connection)` says whether a
        returned one may be kept, `closer(connection)` closes one that leaves.

    Safe to share between threads, to use again from a signal handler or a `__del__` that interrupts it, and across a
    fork: the child starts with no connection.

    The lock's contract. `mutex` guards the fields that `_pool.pxd` lists under it. Under it fields are moved, and
    nothing else: no I/O, no call into Python, no allocation of a tracked object, no drop of a last reference, for any
    of those may run code that comes back here. What must be dropped is kept in a local variable until the lock is
    released.
    """

    def __cinit__(self, *args, **kwargs):
        mutex_init(&self.mutex)
        chain_clear(&self.idle)
        chain_clear(&self.waiters)
        self.slots = {}
        self.most_waiting = -1
        self.walk_lock = WalkLock(self)

    def __init__(self, max_connections, timeout=0, order="fifo", max_waiting=None, *, factory=None, inspector=None,
                 closer=None):
        self.factory = factory
        self.inspector = inspector
        self.closer = closer
        self._configure(max_connections, timeout, order, max_waiting)

    def _configure(self, max_connections, timeout, order, max_waiting):
        """Set what `__init__` takes; apart from it so that a subclass can have a constructor of its own."""
        self.limit = max_connections
        self._set_timeout(timeout)
        self.lifo = order == "lifo"
        self.most_waiting = -1 if max_waiting is None else max_waiting
        all_pools.add(self)

    def __reduce__(self):
        raise TypeError(
            f"cannot copy or pickle {type(self).__name__}: its connections belong to this process; make another one "
            "from the same settings"
        )

    # --- what users see --------------------------------------------------------------------------------------

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
    def timeout(self):
        """Seconds that a caller waits for a connection; 0: not at all, None: for ever."""
        return None if self.patience < 0.0 else self.patience

    @property
    def order(self):
        """"fifo" or "lifo"."""
        return "lifo" if self.lifo else "fifo"

    @property
    def max_waiting(self):
        """Most callers that may wait at once; None: any number."""
        return None if self.most_waiting < 0 else self.most_waiting

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

    def _made(self):
        """How many connections there are; one that is still being built does not count."""
        return len(self.slots)

    def get_connection(self):
        """Take a connection; `release` gives it back. Raises what `_refuse` returns if there is none to be had."""
        return self.checkout()

    def release(self, connection):
        """Give a connection back. One that this pool has not handed out, or not since its last return, is ignored."""
        self.checkin(connection)

    # --- what a subclass says about its connections ----------------------------------------------------------

    cdef object build(self):
        """Make a connection. A slot is reserved for it; any exception gives the slot back."""
        return self.factory()

    cdef int ready(self, object connection, double patience) except -1:
        """Make sure that a connection about to be handed out works.

        `patience`: seconds left of the caller's time; not positive: no limit from the pool.
        """
        return 0

    cdef int accept(self, object connection) except -1:
        """Say whether a returned connection may be used again (1) or must go (0)."""
        return self.inspector is None or bool(self.inspector(connection))

    cdef int retire(self, object connection) except -1:
        """Close a connection."""
        if self.closer is not None:
            self.closer(connection)
        return 0

    cdef int abandon(self, object connection) except -1:
        """Let go of a connection of the parent process, without a word to the other side."""
        return 0

    cdef int departed(self, bint was_in_use) except -1:
        """Take note that a connection has left the pool."""
        return 0

    def _refuse(self, reason, waited):
        """Return the exception for a caller who gets no connection.

        `reason`: "exhausted" (and it may not wait), "timeout", "overloaded" (too many wait already) or "closed".
        `waited`: seconds.
        """
        if reason == "timeout":
            return TimeoutError(f"no connection within {waited:.3f} s")
        return RuntimeError(f"no connection: {reason}")

    # --- checkout --------------------------------------------------------------------------------------------

    cdef object checkout(self):
        cdef Slot slot
        cdef object connection
        cdef double patience = self.patience
        lock(&self.mutex)
        if self.walker == 0 and self.waiters.length == 0 and self.idle.length != 0:
            slot = self.pop_idle()
            unlock(&self.mutex)
        else:
            unlock(&self.mutex)
            slot = self.acquire(&patience)
        connection = slot.connection
        try:
            self.ready(connection, patience)
        except BaseException:
            self.back_out(slot, connection)
            raise
        self.lend(slot)
        return connection

    cdef void lend(self, Slot slot) noexcept:
        """Leave the connection to its caller, who has a reference already and alone keeps it alive from here on."""
        lock(&self.mutex)
        if slot.state == CONNECTING:
            slot.state = IN_USE
            if slot.generation == self.generation:
                self.connecting_count -= 1
                self.in_use_count += 1
        if slot.lease is not None:
            slot.connection = None
        unlock(&self.mutex)

    cdef Slot acquire(self, double *patience):
        """A slot with a connection: idle, new or waited for; takes the wait off `patience`."""
        cdef ThreadWaiter waiter = ThreadWaiter() if patience[0] != 0.0 else None
        cdef Slot slot = Slot() if waiter is None else waiter.slot
        cdef bint collected = False
        cdef double started = monotonic()
        cdef double deadline = started + patience[0] if patience[0] > 0.0 else -1.0
        while True:
            self.lock_still(deadline)
            if self.waiters.length == 0:
                if self.idle.length != 0:
                    slot = self.pop_idle()
                    unlock(&self.mutex)
                    return slot
                if self.created < self.limit:
                    self.reserve(slot)
                    unlock(&self.mutex)
                    return self.fill(slot)
            if patience[0] == 0.0:
                unlock(&self.mutex)
                if collected or not collect_garbage():
                    raise self._refuse("exhausted", 0.0)
                collected = True
                continue
            if self.walker != 0:  # by this thread: nobody can bring a connection back while it waits
                unlock(&self.mutex)
                raise self._refuse("exhausted", 0.0)
            if 0 <= self.most_waiting <= self.waiters.length:
                unlock(&self.mutex)
                raise self._refuse("overloaded", 0.0)
            waiter.epoch = self.epoch
            waiter.state = WAITING
            chain_append(&self.waiters, waiter)
            unlock(&self.mutex)
            slot = self.wait_turn(waiter, started, deadline)
            if deadline >= 0.0:
                patience[0] = max(deadline - monotonic(), 1e-6)
            return slot if slot.connection is not None else self.fill(slot)

    cdef Slot wait_turn(self, ThreadWaiter waiter, double started, double deadline):
        """The slot that was delivered to `waiter`: with a connection, or reserved for a new one."""
        cdef WaiterState state
        try:
            waiter.sleep(deadline)
        except BaseException:
            if self.leave(waiter) == SERVED:
                self.give_back(waiter.slot)
            raise
        state = self.leave(waiter)
        if state == SERVED:
            return waiter.slot
        raise self._refuse("timeout" if state == LEFT else "closed", monotonic() - started)

    cdef WaiterState leave(self, Waiter waiter):
        """Leave the line: nothing is delivered from here on. Returns SERVED if something was before."""
        lock(&self.mutex)
        if waiter.state == WAITING:
            chain_remove(&self.waiters, waiter)
            waiter.state = LEFT
        cdef WaiterState state = waiter.state
        unlock(&self.mutex)
        return state

    cdef int give_back(self, Slot slot) except -1:
        """Pass on what was delivered to a waiter who does not want it any more."""
        if slot.connection is None:
            self.free(slot)
        else:
            self.settle(slot)
        return 0

    cdef Slot fill(self, Slot slot):
        """Build the connection of a reserved slot; if that fails the slot goes to the next in line."""
        cdef Py_ssize_t walks
        cdef object connection
        try:
            while True:
                walks = self.walks
                connection = self.build()
                if self.commit(slot, connection, walks):
                    return slot
        except BaseException:
            self.free(slot)
            raise

    cdef bint commit(self, Slot slot, object connection, Py_ssize_t walks) except -1:
        """Enter a new connection into the pool.

        False if somebody has walked the pool since `walks` was read: the connection was built from settings that the
        walker may have changed, and he has not seen it.
        """
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef object lease
        if connection is None:
            raise TypeError("cannot pool None: a connection was expected")
        try:
            lease = Lease(connection, report_death)
            lease.key = key
            lease.pool = self.walk_lock.pool
        except TypeError:
            lease = None
        self.lock_still(-1.0)
        try:
            if walks != self.walks:
                return False
            if key in self.slots:
                raise RuntimeError("cannot pool one connection twice: expected a new one, but the pool has it already")
            slot.connection = connection
            slot.key = key
            slot.lease = lease
            slot.epoch = self.epoch
            if slot.generation == self.generation:
                self.slots[key] = slot
        finally:
            unlock(&self.mutex)
        return True

    cdef int back_out(self, Slot slot, object connection) except -1:
        """Close a connection that could not be made ready, and keep it for another try by the next caller."""
        try:
            self.retire(connection)
        except BaseException:
            self.free(slot)
            raise
        self.settle(slot)
        return 0

    # --- return ----------------------------------------------------------------------------------------------

    cdef int checkin(self, object connection) except -1:
        """Take a connection back."""
        cdef Slot slot
        cdef bint keep
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        lock(&self.mutex)
        # No two live objects share an address: the slot under the connection's is its own.
        slot = <Slot>self.slots.get(key)
        if slot is None or slot.state != IN_USE:
            unlock(&self.mutex)
            return STRANGER
        slot.state = RETURNING
        slot.connection = connection
        unlock(&self.mutex)
        try:
            keep = self.accept(connection)
        except BaseException:
            self.drop(slot, connection)
            raise
        if keep:
            return self.settle(slot)
        self.drop(slot, connection)
        return DROPPED

    cdef int settle(self, Slot slot) except -1:
        """Hand a connection to the first in line, or put it among the idle ones."""
        cdef Waiter waiter = None
        cdef bint stale
        cdef object interrupt = None
        if self.walker != 0:
            try:
                self.lock_still(-1.0)
            except BaseException as error:  # a signal while we wait for a walker: the connection is not lost for it
                interrupt = error
                lock(&self.mutex)
        else:
            lock(&self.mutex)
        stale = slot.epoch != self.epoch or self.created > self.limit
        if slot.generation == self.generation and slot.state != GONE and not stale:
            if slot.state == CONNECTING:
                self.connecting_count -= 1
                self.in_use_count += 1
            waiter = self.serve(slot)
            if waiter is None:
                slot.state = IDLE
                self.in_use_count -= 1
                chain_append(&self.idle, slot)
        unlock(&self.mutex)
        if waiter is not None:
            waiter.wake()
        elif stale and slot.state != GONE:
            self.drop(slot, slot.connection)
        if interrupt is not None:
            raise interrupt
        return DROPPED if stale else KEPT

    cdef int drop(self, Slot slot, object connection) except -1:
        """Close a connection and give its place to the next in line."""
        try:
            self.retire(connection)
        finally:
            self.free(slot)
        return 0

    cdef int free(self, Slot slot) except -1:
        """Give up a slot, whatever its state."""
        cdef Waiter waiter
        cdef bint had_connection = slot.key is not None
        cdef bint was_in_use
        lock(&self.mutex)
        was_in_use = slot.state == IN_USE or slot.state == RETURNING
        waiter = self.remove(slot)
        unlock(&self.mutex)
        if waiter is not None:
            waiter.wake()
        if had_connection:
            self.departed(was_in_use)
        return 0

    def _lost(self, lease):
        """Take back the slot of a connection that died without being released."""
        cdef object key = lease.key
        lock(&self.mutex)
        cdef Slot slot = self.slots.get(key)
        unlock(&self.mutex)
        if slot is not None and slot.lease is lease:
            self.free(slot)

    cdef int offer(self) except -1:
        """Let waiters build connections while there is room; for room that appeared by other means than `free`."""
        cdef Waiter waiter
        while True:
            lock(&self.mutex)
            waiter = self.serve(None)
            unlock(&self.mutex)
            if waiter is None:
                return 0
            waiter.wake()

    # --- under the lock --------------------------------------------------------------------------------------

    cdef int lock_still(self, double deadline) except -1:
        """Take the lock at a moment when no other thread walks the pool (`deadline`: monotonic; negative: none)."""
        cdef double started = 0.0
        cdef double left = -1.0
        while True:
            lock(&self.mutex)
            if self.walker == 0 or self.walker == <unsigned long>PyThread_get_thread_ident():
                return 0
            unlock(&self.mutex)
            if deadline >= 0.0:
                started = started or monotonic()
                left = min(max(deadline - monotonic(), 0.0), threading.TIMEOUT_MAX)
            if not self.walk_lock.lock.acquire(True, left):
                raise self._refuse("timeout", monotonic() - started)
            self.walk_lock.lock.release()

    # The caller holds the lock in all that follow.

    cdef void reserve(self, Slot slot) noexcept:
        slot.state = CONNECTING
        slot.generation = self.generation
        self.created += 1
        self.connecting_count += 1

    cdef void pull(self, Slot slot, SlotState state) noexcept:
        """Take an idle slot out of the queue; from here on it counts as in use."""
        chain_remove(&self.idle, slot)
        slot.state = state
        self.in_use_count += 1

    cdef Slot pop_idle(self):
        cdef Slot slot = <Slot>(self.idle.last if self.lifo else self.idle.first)
        self.pull(slot, IN_USE)
        return slot

    cdef Waiter serve(self, Slot slot):
        """Deliver `slot` to the first in line; without one, the permission to build if there is room.

        Returns whom to wake once the lock is released. Delivery and the waiter's leaving exclude each other here, so
        that what is delivered is accepted.
        """
        cdef Waiter waiter
        if self.waiters.length == 0 or (slot is None and self.created >= self.limit):
            return None
        waiter = <Waiter>self.waiters.first
        chain_remove(&self.waiters, waiter)
        waiter.state = SERVED
        if slot is None:
            self.reserve(waiter.slot)
        else:
            slot.state = IN_USE
            waiter.slot = slot
        return waiter

    cdef Waiter remove(self, Slot slot):
        """End a slot. Returns whom to wake: its place goes to the first in line."""
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
                self.retired += 1
        slot.state = GONE
        return self.serve(None)

    # --- the pool as a whole ---------------------------------------------------------------------------------

    def _set_timeout(self, timeout):
        self.patience = -1.0 if timeout is None else timeout

    def _set_limit(self, Py_ssize_t limit):
        """Change how many connections there may be; those above go when idle, at once or as they come back."""
        cdef Slot slot
        lock(&self.mutex)
        self.limit = limit
        unlock(&self.mutex)
        self.offer()
        while True:
            lock(&self.mutex)
            slot = None
            if self.created > self.limit and self.idle.length != 0:
                slot = <Slot>self.idle.first
                self.pull(slot, LEAVING)
            unlock(&self.mutex)
            if slot is None:
                return
            self.drop(slot, slot.connection)

    def _close(self):
        """Close what is idle, refuse all who wait, and have the connections in use closed as they come back.

        The pool can be used again afterwards. Raises the first error that closing a connection raised, after all.
        """
        cdef Slot slot
        cdef Waiter waiter
        cdef object failure = None
        lock(&self.mutex)
        self.epoch += 1
        unlock(&self.mutex)
        while True:
            waiter = None
            lock(&self.mutex)
            if self.waiters.length != 0 and (<Waiter>self.waiters.first).epoch != self.epoch:
                waiter = <Waiter>self.waiters.first
                chain_remove(&self.waiters, waiter)
                waiter.state = REFUSED
            unlock(&self.mutex)
            if waiter is None:
                break
            waiter.wake()
        while True:
            slot = None
            lock(&self.mutex)
            if self.idle.length != 0 and (<Slot>self.idle.first).epoch != self.epoch:
                slot = <Slot>self.idle.first
                self.pull(slot, LEAVING)
            unlock(&self.mutex)
            if slot is None:
                break
            try:
                self.drop(slot, slot.connection)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    def _reset(self):
        """Forget every connection, closing the idle ones; those in use are strangers when they come back."""
        cdef Slot slot
        _, idle = self.forget_all({})
        self.offer()
        for slot in idle:
            self.retire(slot.connection)

    def _forked(self):
        """Begin anew in a forked child: the parent's connections, waiters and locks are not ours."""
        mutex_init(&self.mutex)
        if not self.walk_lock.lock._is_owned():  # else it is this very thread that forked while it held it
            self.walker = 0
            self.walk_lock.lock = threading.RLock()
            self.walk_lock.depth = 0
        chain_clear(&self.waiters)
        cdef Slot slot
        _, idle = self.forget_all({})
        for slot in idle:
            self.abandon(slot.connection)

    cdef tuple forget_all(self, dict fresh):
        """Start a new generation; returns the slots of the old one, and among them the idle ones."""
        cdef Slot slot
        lock(&self.mutex)
        cdef dict old = self.slots
        self.slots = fresh
        self.generation += 1
        self.created = self.in_use_count = self.connecting_count = 0
        chain_clear(&self.idle)
        unlock(&self.mutex)
        return old, [slot for slot in old.values() if slot.state == IDLE]

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
        while link is not NULL:
            slot = <Slot>link
            found[end] = slot
            end += 1
            link = slot.after
        idle = end
        for slot in self.slots.values():
            if slot.state != IDLE:
                found[end] = slot
                end += 1
        unlock(&self.mutex)
        connections = [connection_of(slot) for slot in found]
        return connections[:idle], [connection for connection in connections[idle:] if connection is not None]

    def _take(self, connection):
        """Take this very connection out of the idle ones; False if it is not there."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef Slot slot
        cdef bint taken = False
        self.lock_still(-1.0)
        slot = <Slot>self.slots.get(key)
        if slot is not None and slot.state == IDLE:
            self.pull(slot, IN_USE)
            taken = True
        unlock(&self.mutex)
        return taken

    def _admit(self, build, bint idle):
        """Enter what `build()` makes, as idle or in use; raises what `_refuse` returns if there is no room for it."""
        cdef Slot slot = Slot()
        cdef object connection
        lock(&self.mutex)
        if self.created >= self.limit:
            unlock(&self.mutex)
            raise self._refuse("exhausted", 0.0)
        self.reserve(slot)
        unlock(&self.mutex)
        try:
            connection = build()
            self.commit(slot, connection, self.walks)
        except BaseException:
            self.free(slot)
            raise
        if idle:
            self.settle(slot)
        else:
            self.lend(slot)
        return connection

    def _put_back(self, connection):
        """Make a connection idle that is in use, without a look at it; False if it is not in use here."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        lock(&self.mutex)
        cdef Slot slot = <Slot>self.slots.get(key)
        cdef bint ours = slot is not None and slot.state == IN_USE
        if ours:
            slot.state = RETURNING
            slot.connection = connection
        unlock(&self.mutex)
        if ours:
            self.settle(slot)
        return ours

    def _forget(self, connection):
        """Take a connection out of the pool without closing it; False if it is not in it."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        lock(&self.mutex)
        cdef Slot slot = <Slot>self.slots.get(key)
        unlock(&self.mutex)
        if slot is None:
            return False
        self.free(slot)
        return True


cdef object connection_of(Slot slot):
    return slot.connection if slot.connection is not None else slot.lease()


# Every pool of the process, for the fork.
all_pools = weakref.WeakSet()


def renew_after_fork():
    for pool in list(all_pools):
        pool._forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renew_after_fork)

"""The life of a connection, from its reservation over checkout and return to its end; and of the pool as a whole.

What is done under the lock is in `_slots`. Here is what happens in between, so that nothing is lost whatever fails. It
never knows what a connection is: building, checking and closing them is said by a subclass, or by three callables.
"""

import os
import threading
import weakref
from time import monotonic

from cpython.long cimport PyLong_FromVoidPtr
from cpython.ref cimport PyObject

from respool._line cimport (
    CLOSED, EXHAUSTED, FAILED, LEFT, OVERLOADED, SERVED, STRAYED, WAITING, Link, ThreadWaiter, Waiter, WaiterState,
    chain_append, chain_remove,
)
from respool._lock cimport lock, mutex_init, unlock
from respool._meter cimport (
    CHECKOUTS, CLOSED_DRAIN, CLOSED_ERROR, CLOSED_FAILOVER, CLOSED_LIFETIME, CREATED, DIAL_ERRORS,
    EXHAUSTED_ONES, SHED, TIMED_OUT, TURNED_AWAY, WAITED, Count, add, clock, forget, is_sampled, measure,
)
from respool._slots cimport CONNECTING, GONE, IDLE, IN_USE, LEAVING, PREPARING, RETURNING, Slot, Slots
from respool._walk cimport WalkLock

from respool._slots import Lease, report_death


# How often a step is done over because somebody walked the pool meanwhile. Who walks without a pause stops nobody.
cdef enum:
    MOST_ATTEMPTS = 3


cdef class Pool(Slots):
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
    """

    def __cinit__(self, *args, **kwargs):
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
        all_pools[id(self)] = self

    def __reduce__(self):
        raise TypeError(
            f"cannot copy or pickle {type(self).__name__}: its connections belong to this process; make another one "
            "from the same settings"
        )

    # --- what users see --------------------------------------------------------------------------------------

    @property
    def timeout(self):
        """Seconds that a caller waits for a connection; 0: not at all, None: for ever."""
        return None if self.patience < 0.0 else self.patience

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

    cdef int ready(self, object connection, double deadline) except -1:
        """Make sure that a connection about to be handed out works.

        `deadline`: of the caller, in monotonic seconds; 0: all of the pool's timeout is left; negative: none.
        """
        return 0

    cdef int accept(self, object connection) except -1:
        """Say whether a returned connection may be used again (1) or must go (0)."""
        return self.inspector is None or bool(self.inspector(connection))

    cdef int catch_up(self, object connection) except -1:
        """Do to an accepted connection what somebody has asked of it since."""
        return 0

    cdef int retire(self, object connection) except -1:
        """Close a connection."""
        if self.closer is not None:
            self.closer(connection)
        return 0

    cdef int abandon(self, object connection) except -1:
        """Let go of a connection of the parent process, without a word to the other side."""
        return 0

    cdef int note(self, Py_ssize_t idle, Py_ssize_t used) except -1:
        """Take note that so many more (negative: fewer) connections are with callers (`used`), and not (`idle`)."""
        return 0

    # --- what a subclass may keep an eye on: ages, growth, and who holds what -----------------------------------

    cdef Slot fit(self, Slot slot, double *deadline):
        """The slot, if its connection may go to a caller, who will connect it if it is closed; else another one."""
        return slot

    cdef double expiry(self) except? -1.0:
        """When a connection made now must go, in monotonic seconds; 0: never."""
        return 0.0

    cdef int grow(self) except -1:
        """Dial for those in line, if that is not up to themselves."""
        return 0

    cdef int rest(self, ThreadWaiter waiter, double deadline) except -1:
        """Sleep in the line until woken or until a monotonic time (negative: none)."""
        return waiter.sleep(deadline)

    cdef int vacated(self) except -1:
        """A connection is gone."""
        return 0

    def _tenant(self):
        """What to put on record about a caller who takes a connection; None: nothing."""
        return None

    def _tell(self, event, subject):
        """Tell whoever wants to know of it."""

    def _set_hooks(self, hooks):
        """Have `_tell` called from now on; None: no more."""
        self.hooks = hooks

    def _moved_out(self, tenant):
        """The connection is back that was on record."""

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
        cdef double deadline = 0.0
        lock(&self.mutex)
        if not self.walking and self.waiters.length == 0 and self.idle.length != 0 and not self.draining:
            slot = self.pop_idle()
            unlock(&self.mutex)
        else:
            unlock(&self.mutex)
            slot = self.acquire(&deadline, False)
        if self.attended:
            slot = self.fit(slot, &deadline)
        connection = slot.connection
        try:
            self.ready(connection, deadline)
        except Exception:
            self.back_out(slot, connection)
            raise
        except BaseException:  # interrupted, who knows where
            self.drop(slot, connection, CLOSED_ERROR)
            raise
        if self.lend(slot):
            self.note(-1, 1)
        if self.recorded:
            self.record(slot, connection)
        return connection

    cdef int record(self, Slot slot, object connection) except -1:
        """Note who has got a connection, and tell whoever wants to know."""
        try:
            tenant = self._tenant()
            lock(&self.mutex)
            tenant, slot.tenant = slot.tenant, tenant
            unlock(&self.mutex)
            return self.tell("on_checkout", connection)
        except BaseException:  # nobody will give it back
            if self.begin_return(connection) is slot:
                self.drop(slot, connection, CLOSED_ERROR)
            raise

    cdef int tell(self, object event, object connection) except -1:
        if self.hooks is not None:
            self._tell(event, connection)
        return 0

    cdef bint lend(self, Slot slot) noexcept:
        """Leave the connection to its caller, who has a reference already and alone keeps it alive from here on.

        False if the pool has forgotten the connection meanwhile.
        """
        cdef bint ours
        lock(&self.mutex)
        ours = slot.generation == self.generation and slot.state != GONE
        if ours and slot.state == CONNECTING:
            self.connecting_count -= 1
            self.in_use_count += 1
        if slot.state != GONE:
            slot.state = IN_USE
        if ours:
            add(&self.meter, CHECKOUTS)
            if self.in_use_count > self.meter.peak:
                self.meter.peak = self.in_use_count
            if is_sampled(&self.meter):
                slot.lent_at = clock()
        if slot.lease is not None:
            slot.connection = None
        unlock(&self.mutex)
        return ours

    cdef Slot acquire(self, double *deadline, bint first):
        """A slot with a connection: idle, new or waited for. Sets the caller's `deadline` unless it is set already.

        `first`: for a caller who has had his turn and stands before all others.
        """
        cdef ThreadWaiter waiter
        cdef Slot slot
        cdef WaiterState state
        cdef bint walker
        cdef double patience = self.patience
        cdef double started = monotonic()
        if deadline[0] == 0.0:
            deadline[0] = started + patience if patience > 0.0 else -1.0
        while True:
            waiter = ThreadWaiter()
            waiter.slot = Slot()
            walker = self.walking and self.walk_lock.lock._is_owned()
            waiter.patient = patience != 0.0 and not walker
            lock(&self.mutex)
            self.ask(waiter, walker, first)
            state = waiter.state
            unlock(&self.mutex)
            if state == WAITING:
                state = self.wait_turn(waiter, deadline[0])
                if state == SERVED:
                    self.count_wait(started)
            if state == SERVED:
                slot = waiter.slot
                return slot if slot.connection is not None else self.fill(slot, None)
            if state == FAILED:
                raise waiter.error
            if state != STRAYED:
                raise self.refusal(state, started)

    cdef int count_wait(self, double started) except -1:
        cdef double seconds = <double>monotonic() - started
        lock(&self.mutex)
        add(&self.meter, WAITED)
        measure(&self.meter.wait, seconds)
        unlock(&self.mutex)
        return 0

    cdef object refusal(self, WaiterState state, double started):
        """The error for a caller who gets no connection."""
        self.count(
            TIMED_OUT if state == LEFT else SHED if state == OVERLOADED else TURNED_AWAY if state == CLOSED
            else EXHAUSTED_ONES
        )
        error = self._refuse(REASONS[state], monotonic() - started)
        self.tell("on_timeout", error)
        return error

    cdef WaiterState wait_turn(self, ThreadWaiter waiter, double deadline) except *:
        """Stand in line until `waiter` has another state. What was delivered to one interrupted is passed on."""
        cdef Slot slot
        try:
            self.rest(waiter, deadline)
        except BaseException:
            if self.leave(waiter) == SERVED:
                slot = waiter.slot
                if slot.connection is None:
                    self.free(slot)
                else:
                    self.settle(slot, -1)
            raise
        return self.leave(waiter)

    cdef WaiterState leave(self, Waiter waiter) noexcept:
        """Leave the line, unless served before: nothing is delivered from here on. Returns what has come of it."""
        cdef WaiterState state
        lock(&self.mutex)
        if waiter.state == WAITING:
            chain_remove(&self.waiters, waiter)
            waiter.state = LEFT
        state = waiter.state
        unlock(&self.mutex)
        return state

    cdef Slot fill(self, Slot slot, object build):
        """Make the connection of a reserved slot, by `build` if given; if that fails the next in line may try."""
        try:
            self.make(slot, build)
        except BaseException as error:
            if isinstance(error, Exception):
                self.count(DIAL_ERRORS)
            self.free(slot)
            raise
        return slot

    cdef int make(self, Slot slot, object build) except -1:
        cdef Py_ssize_t walks
        cdef int attempts = 0
        cdef object connection
        while True:
            walks = self.walks_seen() if attempts < MOST_ATTEMPTS else -1
            connection = self.build() if build is None else build()
            if self.commit(slot, connection, walks):
                return 0
            if build is None:
                self.retire(connection)
            attempts += 1

    cdef bint commit(self, Slot slot, object connection, Py_ssize_t walks) except -1:
        """Enter a new connection into the pool.

        False if somebody has walked the pool since `walks` were seen (negative: whatever): the connection was built
        from settings that the walker may have changed, and he has not seen it.
        """
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef object lease
        cdef bint known = False
        cdef bint ours = False
        cdef bint held
        if connection is None:
            raise TypeError("cannot pool None: a connection was expected")
        try:
            lease = Lease(connection, report_death)
            lease.key = key
            lease.pool = self.walk_lock.pool
        except TypeError:
            lease = None
        cdef double expires = self.expiry() if self.timed else 0.0
        held = self.lock_still()
        if 0 <= walks != self.walks:
            self.unlock_still(held)
            return False
        slot.expires = expires
        slot.connection = connection
        slot.lease = lease
        if slot.generation == self.generation:
            known = key in self.slots
            if not known:
                slot.key = key
                try:
                    self.slots[key] = slot
                except BaseException:
                    slot.key = None
                    self.unlock_still(held)
                    raise
                ours = True
        self.unlock_still(held)
        if known:
            raise RuntimeError("cannot pool one connection twice: expected a new one, but the pool has it already")
        if ours:
            self.count(CREATED)
            self.note(1, 0)
            self.tell("on_create", connection)
        return True

    cdef int back_out(self, Slot slot, object connection) except -1:
        """Close a connection that could not be made ready, and keep it for another try by the next caller."""
        self.count(DIAL_ERRORS)
        try:
            self.retire(connection)
        except BaseException:
            self.free(slot)
            raise
        self.settle(slot, -1)
        return 0

    # --- return ----------------------------------------------------------------------------------------------

    cdef Slot begin_return(self, object connection):
        """The slot of a connection that comes back, which holds it from here on; None if it is not out of this pool."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef Slot slot
        lock(&self.mutex)
        # No two live objects share an address: the slot under the connection's is its own.
        slot = <Slot>self.slots.get(key)
        if slot is not None and slot.state == IN_USE:
            slot.state = RETURNING
            slot.connection = connection
            if slot.lent_at != 0.0:
                measure(&self.meter.hold, clock() - slot.lent_at)
                slot.lent_at = 0.0
        else:
            slot = None
        unlock(&self.mutex)
        return slot

    cdef int checkin(self, object connection) except -1:
        """Take a connection back, unless it is not out of this pool."""
        cdef bint keep, again
        cdef int attempts = 0
        cdef Py_ssize_t walks = self.walks_seen()
        cdef Slot slot = self.begin_return(connection)
        if slot is None:
            return 0
        try:
            if self.recorded:
                self.move_out(slot, connection)
            keep = self.accept(connection)
            again = keep and self.settle(slot, walks)
            while again:
                attempts += 1
                walks = self.walks_seen() if attempts < MOST_ATTEMPTS else -1
                self.catch_up(connection)
                again = self.settle(slot, walks)
        except BaseException:
            if slot.state == RETURNING:
                self.drop(slot, connection, CLOSED_ERROR)
            raise
        if not keep:
            self.drop(slot, connection, CLOSED_FAILOVER)
        return 0

    cdef int move_out(self, Slot slot, object connection) except -1:
        self.tell("on_release", connection)
        tenant = None
        lock(&self.mutex)
        tenant, slot.tenant = slot.tenant, tenant
        unlock(&self.mutex)
        if tenant is not None:
            self._moved_out(tenant)
        return 0

    cdef bint settle(self, Slot slot, Py_ssize_t walks) except -1:
        """Hand a connection to the first in line, or put it among the idle ones.

        `walks`: Pool.walks before the connection was inspected, negative if it was not. If it has moved since, nothing
        is done and True returned, to look again: the walker may have asked something of the connection.
        """
        cdef Waiter waiter = None
        cdef bint stale = False
        cdef bint held = False
        cdef bint ours, lent
        cdef Count why = CLOSED_DRAIN
        cdef object interrupt = None
        cdef double now = monotonic() if self.timed else 0.0
        try:
            held = self.lock_still()
        except BaseException as error:  # a signal while we wait for a walker: nothing is lost for it
            interrupt = error
            lock(&self.mutex)
        if 0 <= walks != self.walks and interrupt is None:
            self.unlock_still(held)
            return True
        ours = slot.generation == self.generation and slot.state != GONE and slot.state != IDLE
        lent = slot.state == RETURNING
        if ours:
            # One that could not be looked at again is not for others.
            stale = (
                slot.epoch != self.epoch or self.created > self.limit or (interrupt is not None and walks >= 0)
                or 0.0 < slot.expires <= now or (self.draining and self.waiters.length == 0)
            )
            if stale:
                why = self.why_stale(slot, now)
            else:
                if slot.state == CONNECTING:
                    self.connecting_count -= 1
                    self.in_use_count += 1
                # Also if it is handed over at once: it may be for hours, and has not rested meanwhile.
                slot.looked_at = now
                if slot.state != PREPARING:  # else it has not been with a caller
                    slot.idle_since = now
                if interrupt is None:
                    waiter = self.hand_over(slot)
                if waiter is None:
                    slot.state = IDLE
                    self.in_use_count -= 1
                    chain_append(&self.idle, slot)
        self.unlock_still(held)
        if waiter is not None:
            waiter.wake()
        elif stale:
            self.drop(slot, slot.connection, why)
        if ours and lent and not stale:
            self.note(1, -1)
        if interrupt is not None:
            self.offer()
            raise interrupt
        return False

    cdef Count why_stale(self, Slot slot, double now) noexcept:
        """Why a connection must go; the caller holds the lock."""
        if slot.epoch != self.epoch:
            return CLOSED_DRAIN if slot.epoch < self.closed_at else CLOSED_FAILOVER
        return CLOSED_LIFETIME if 0.0 < slot.expires <= now else CLOSED_DRAIN

    cdef int drop(self, Slot slot, object connection, Count why) except -1:
        """Close a connection and give its place to the next in line."""
        self.count(why)
        try:
            try:
                self.tell("on_close", connection)
            finally:
                self.retire(connection)
        finally:
            self.free(slot)
        return 0

    cdef int free(self, Slot slot) except -1:
        """Give up a slot, whatever its state."""
        cdef Waiter waiter
        cdef bint counted, used
        lock(&self.mutex)
        counted = slot.key is not None and slot.state != GONE and slot.generation == self.generation
        used = slot.state == IN_USE or slot.state == RETURNING
        waiter = self.remove(slot)
        unlock(&self.mutex)
        if waiter is not None:
            waiter.wake()
        if counted:
            self.note(0 if used else -1, -1 if used else 0)
        if self.attended:
            self.vacated()
        return 0

    def _lost(self, lease):
        """Take back the slot of a connection that died without being released."""
        cdef object key = lease.key
        lock(&self.mutex)
        cdef Slot slot = <Slot>self.slots.get(key)
        unlock(&self.mutex)
        if slot is not None and slot.lease is lease:
            self.count(CLOSED_ERROR)
            self.free(slot)

    # --- standing still, and going on ------------------------------------------------------------------------

    cdef Py_ssize_t walks_seen(self) except -2:
        """How many walks are over: what another thread changes on one that is under way is still to come."""
        lock(&self.mutex)
        cdef bint walking = self.walking
        cdef Py_ssize_t walks = self.walks
        unlock(&self.mutex)
        if walking and not self.walk_lock.lock._is_owned():
            return walks - 1
        return walks

    cdef bint lock_still(self) except -1:
        """Take the lock at a moment when no other thread walks the pool.

        Returns whether the walk lock was taken for that, which keeps walkers out until `unlock_still`.
        """
        lock(&self.mutex)
        if not self.walking:
            return False
        unlock(&self.mutex)
        self.walk_lock.seize(-1.0)
        lock(&self.mutex)
        return True

    cdef int unlock_still(self, bint held) except -1:
        unlock(&self.mutex)
        if held:
            self.walk_lock.lock.release()
        return 0

    def _resume(self):
        """Let those go on who stood in line for a walker to finish."""
        cdef Waiter waiter
        cdef PyObject *link
        self.offer()
        while True:
            waiter = None
            lock(&self.mutex)
            link = NULL if self.walking else self.waiters.first
            while link is not NULL and (<Waiter>link).patient:
                link = (<Waiter>link).after
            if link is not NULL:
                waiter = <Waiter>link
                waiter.state = EXHAUSTED
            elif not self.walking and 0 <= self.most_waiting < self.waiters.length:
                waiter = <Waiter>self.waiters.last
                waiter.state = OVERLOADED
            if waiter is not None:
                chain_remove(&self.waiters, waiter)
            unlock(&self.mutex)
            if waiter is None:
                return
            waiter.wake()

    cdef int offer(self) except -1:
        """Serve those in line as long as there is something for them."""
        cdef Waiter waiter
        while True:
            waiter = None
            lock(&self.mutex)
            if not self.walking:
                waiter = self.serve()
            unlock(&self.mutex)
            if waiter is None:
                break
            waiter.wake()
        return self.grow() if self.attended else 0

    cdef int strand(self) except -1:
        """Empty the line: nobody in it will be served, and who can is to ask again."""
        cdef Waiter waiter
        while True:
            waiter = None
            lock(&self.mutex)
            if self.waiters.length != 0:
                waiter = <Waiter>self.waiters.first
                chain_remove(&self.waiters, waiter)
                waiter.state = STRAYED
            unlock(&self.mutex)
            if waiter is None:
                return 0
            waiter.wake()

    # --- the pool as a whole ---------------------------------------------------------------------------------

    def _set_timeout(self, timeout):
        self.patience = -1.0 if timeout is None else timeout

    def _set_limit(self, Py_ssize_t limit):
        """Change how many connections there may be; those above go when idle, at once or as they come back."""
        lock(&self.mutex)
        self.limit = limit
        unlock(&self.mutex)
        self.offer()
        self._close_surplus()

    def _close_surplus(self):
        """Close idle connections above the limit; all of them while it is drained, and nobody waits or walks it."""
        cdef Slot slot
        cdef bint drained
        while True:
            slot = None
            lock(&self.mutex)
            drained = self.draining and self.waiters.length == 0 and not self.walking
            if self.idle.length != 0 and (drained or self.created > self.limit):
                slot = <Slot>self.idle.first
                self.pull(slot, LEAVING)
            unlock(&self.mutex)
            if slot is None:
                return
            self.drop(slot, slot.connection, CLOSED_DRAIN)

    def _close(self):
        """Close what is idle, refuse all who wait, and have the connections in use closed as they come back.

        The pool can be used again afterwards. Raises the first error that closing a connection raised, after all.
        """
        cdef Slot slot
        cdef Waiter waiter
        cdef PyObject *link
        cdef object failure = None
        lock(&self.mutex)
        self.epoch += 1
        self.closed_at = self.epoch
        cdef Py_ssize_t epoch = self.epoch
        unlock(&self.mutex)
        while True:
            waiter = None
            lock(&self.mutex)
            # In front of them may be who has had his turn, and stands there only since.
            link = self.waiters.first
            while link is not NULL and (<Waiter>link).epoch >= epoch:
                link = (<Waiter>link).after
            if link is not NULL:
                waiter = <Waiter>link
                chain_remove(&self.waiters, waiter)
                waiter.state = CLOSED
            unlock(&self.mutex)
            if waiter is None:
                break
            waiter.wake()
        while True:
            slot = None
            lock(&self.mutex)
            if self.idle.length != 0 and (<Slot>self.idle.first).epoch < epoch:
                slot = <Slot>self.idle.first
                self.pull(slot, LEAVING)
            unlock(&self.mutex)
            if slot is None:
                break
            try:
                self.drop(slot, slot.connection, CLOSED_DRAIN)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    def _reset(self):
        """Forget every connection, closing the idle ones; those in use are strangers when they come back.

        Raises the first error that closing a connection raised, after all.
        """
        cdef Slot slot
        cdef object failure = None
        idle, others, used = self.forget_all({})
        self.offer()
        try:
            for slot in idle:
                self.count(CLOSED_DRAIN)
                self.tell("on_close", slot.connection)
                try:
                    self.retire(slot.connection)
                except Exception as error:
                    failure = failure or error
        finally:
            self.note(used - len(idle) - others, -used)
        if failure is not None:
            raise failure

    def _forked(self):
        """Begin anew in a forked child: the parent's connections, waiters, locks and numbers are not ours.

        Returns the parent's idle connections, for `_abandon_all`.
        """
        cdef Slot slot
        mutex_init(&self.mutex)
        if not self.walk_lock.lock._is_owned():  # else it is this very thread that forked while it held it
            self.walk_lock.lock = threading.RLock()
            self.walk_lock.depth = 0
            self.walking = False
        self.draining = 0
        forget(&self.meter)
        while self.watchers.length != 0:  # one by one: this thread's own still leaves, below a signal handler
            chain_remove(&self.watchers, <Link>self.watchers.first)
        # Only the thread that forked lives on. If it stands in line itself, below a signal handler, it asks again.
        self.strand()
        idle, _, _ = self.forget_all({})
        return [slot.connection for slot in idle]

    def _abandon_all(self, connections):
        """Let go of the parent's connections, whatever they say to it."""
        for connection in connections:
            try:
                self.abandon(connection)
            except Exception:  # noqa: S112, PERF203
                continue

    def _take(self, connection):
        """Take this very connection out of the idle ones, as a caller would; False if it is not there."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef Slot slot
        cdef bint taken = False
        cdef bint held
        held = self.lock_still()
        slot = <Slot>self.slots.get(key)
        if slot is not None and slot.state == IDLE:
            self.pull(slot, PREPARING)
            taken = True
        self.unlock_still(held)
        if taken and self.lend(slot):
            self.note(-1, 1)
        return taken

    def _put_back(self, connection):
        """Make a connection idle that is in use, without a look at it; False if it is not in use here."""
        cdef Slot slot = self.begin_return(connection)
        if slot is None:
            return False
        self.settle(slot, -1)
        return True

    def _admit(self, build, bint idle):
        """Enter what `build()` makes, as idle or in use; raises what `_refuse` returns if there is no room for it."""
        cdef Slot slot = Slot()
        cdef object connection
        cdef bint held = self.lock_still()
        cdef bint room = self.created < self.limit and self.waiters.length == 0
        if room:
            self.reserve(slot)
        self.unlock_still(held)
        if not room:
            raise self._refuse("exhausted", 0.0)
        self.fill(slot, build)
        connection = slot.connection
        if idle:
            self.settle(slot, -1)
        elif self.lend(slot):
            self.note(-1, 1)
        if self.attended:
            self.grow()  # it was taken for a dial for those in line
        return connection

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


REASONS = {LEFT: "timeout", EXHAUSTED: "exhausted", OVERLOADED: "overloaded", CLOSED: "closed"}


# Every pool of the process by its identity, for the fork: a pool may well be equal to another.
all_pools = weakref.WeakValueDictionary()


def renew_after_fork():
    """Let every pool begin anew, and only then let go of the parent's connections, which runs other people's code."""
    inherited = [(pool, pool._forked()) for pool in list(all_pools.values())]
    for pool, connections in inherited:
        pool._abandon_all(connections)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=renew_after_fork)

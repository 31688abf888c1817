"""What an asyncio connection goes through on its way out of the pool and back in: the hot half of `asyncio/pool.py`.

Every step here is whole: it awaits nothing. What has to be awaited happens between the steps, in coroutines of
`asyncio/pool.py`, to which a connection's slot is an opaque token that they give back whatever happens to them.
"""

import asyncio
from time import monotonic

from respool._async_wire cimport AsyncWire
from respool._line cimport (
    FAILED, LEFT, PATIENCE_BEFORE_COLLECTION, SERVED, STRAYED, WAITING, FutureWaiter, WaiterState, chain_remove,
    collect_garbage,
)
from respool._lock cimport lock, unlock
from respool._meter cimport CLOSED_DIRTY, CLOSED_ERROR, CLOSED_FAILOVER, Count
from respool._observed cimport Observed
from respool._slots cimport GONE, PREPARING, RETURNING, Slot
from respool._wire cimport CLEAN, UNKNOWN, Standing


cdef AsyncWire wire_of(object connection):
    """The wire of a connection, if it is ours and does nothing in a way of its own; else None."""
    cdef object wire = connection._wire if getattr(connection, "_plain", None) is True else None
    return <AsyncWire>wire if isinstance(wire, AsyncWire) else None


cdef class AsyncCheckout(Observed):
    """Compiled base of the drop-in pools for asyncio. Belongs to the thread of its event loop."""

    def __cinit__(self, *args, **kwargs):
        self.late = []
        self.queued = set()
        self.running_loop = asyncio.get_running_loop

    cdef object build(self):
        return self._build()

    cdef int retire(self, object connection) except -1:
        self._hang_up(connection)
        return 0

    cdef int abandon(self, object connection) except -1:
        self._abandon(connection)
        return 0

    # Nobody waits for a walker here: who brings a connection back meanwhile leaves it until he is done.
    cdef bint lock_still(self) except -1:
        lock(&self.mutex)
        return False

    cdef Py_ssize_t walks_seen(self) except -2:
        return -1

    # --- checkout --------------------------------------------------------------------------------------------

    def _take_idle(self):
        """The slot of the connection whose turn it is; None if none is idle, or others were here before."""
        cdef Slot slot = None
        cdef object loop = self.running_loop()
        if loop is not self._loop:
            self._move_to(loop)
        self.observing = self.observed()
        while True:
            slot = None
            lock(&self.mutex)
            if not self.walking and self.waiters.length == 0 and self.idle.length != 0 and not self.draining:
                slot = self.pop_idle()
            unlock(&self.mutex)
            if not self.attended:
                return slot
            if slot is None:
                self.mind_use()
                return None
            self.mind(slot)
            if slot.state != GONE:
                return slot

    cdef int renew(self, Slot slot) except -1:
        if getattr(slot.connection, "_plain", None) is True:
            return Observed.renew(self, slot)
        # It is closed some time, and not before its caller has it.
        return self.drop(slot, slot.connection, self.why_overdue(slot, monotonic()))

    def _lend_if_ready(self, Slot slot):
        """The connection of a slot, for its caller, if it is known to be connected and clean; else None."""
        cdef object connection = slot.connection
        cdef AsyncWire wire = wire_of(connection)
        if wire is None or self.observing or wire.standing() != CLEAN:
            return None
        self.lend(slot)
        if self.recorded:
            self.record(slot, connection)
        return connection

    def _fits(self, Slot slot):
        """Whether a caller may have the connection of a slot, and connects it if need be. See `_growth`."""
        # What he has made himself, because he may not wait, he connects himself.
        return (
            self.most_connecting < 0 or self.patience == 0.0 or slot.state != PREPARING
            or self.is_usable(slot.connection)
        )

    def _is_usable(self, Slot slot):
        return self.is_usable(slot.connection)

    cdef bint is_usable(self, object connection) except -1:
        cdef AsyncWire wire = wire_of(connection)
        cdef Standing standing
        if wire is None:
            return bool(getattr(connection, "is_connected", True))
        standing = wire.standing()
        return standing == CLEAN or standing == UNKNOWN

    def _lend(self, Slot slot):
        """The connection of a slot, for its caller."""
        cdef object connection = slot.connection
        if self.lend(slot):
            self.note(-1, 1)
        if self.recorded:
            self.record(slot, connection)
        return connection

    def _ask(self, double deadline, bint first):
        """Ask for a connection, by a monotonic time in seconds (negative: none); see `_answer`.

        `first`: for a caller who has had his turn and stands before all others.
        """
        cdef FutureWaiter waiter = FutureWaiter(self._loop)
        waiter.slot = Slot()
        waiter.patient = self.patience != 0.0
        waiter.deadline = deadline
        waiter.arrived = monotonic()
        cdef WaiterState state
        lock(&self.mutex)
        self.ask(waiter, False, first)
        state = waiter.state
        unlock(&self.mutex)
        if state == WAITING:
            waiter.waits = True
            self.queued.add(waiter)
            self.start_clock()
            if self.attended:
                self.grow_for(waiter)
        else:
            waiter.ring()
        return waiter

    cdef int grow_for(self, FutureWaiter waiter) except -1:
        try:
            self.grow()
        except BaseException:
            self._withdraw(waiter)
            raise
        return 0

    def _answer(self, FutureWaiter waiter):
        """What has become of one who asked, once his future is done: a slot with a connection, or None: ask again.

        Raises what `_refuse` returns if there is no connection to be had.
        """
        cdef Slot slot
        self.queued.discard(waiter)
        if waiter.state == SERVED:
            if waiter.waits:
                self.count_wait(waiter.arrived)
            slot = waiter.slot
            return slot if slot.connection is not None else self.fill(slot, None)
        if waiter.state == FAILED:
            raise waiter.error
        if waiter.state == STRAYED:
            return None
        raise self.refusal(waiter.state, waiter.arrived)

    def _withdraw(self, FutureWaiter waiter):
        """Leave the line before one's turn. What was delivered meanwhile is passed on."""
        cdef Slot slot
        self.queued.discard(waiter)
        if self.leave(waiter) == SERVED:
            slot = waiter.slot
            if slot.connection is None:
                self.free(slot)
            else:
                self.land(slot)

    # --- return ----------------------------------------------------------------------------------------------

    def _check_in(self, connection):
        """Take a connection back, unless it is not out of this pool.

        Returns None if that is all; else its slot, for `_land` or `_drop` after what has to be awaited.
        """
        cdef AsyncWire wire
        cdef Slot slot = self.begin_return(connection)
        if slot is None:
            return None
        try:
            if self.recorded:
                self.move_out(slot, connection)
            if getattr(connection, "_plain", None) is not True or not self.listens_only_for_re_auth():
                return slot
            wire = wire_of(connection)
            if not (connection._is_reusable() if wire is None else wire.is_reusable()):
                self.part(connection, CLOSED_DIRTY)
            elif connection._should_reconnect:
                self.part(connection, CLOSED_FAILOVER)
            if connection._re_auth_token is not None:
                return slot
            self.land(slot)
        except BaseException:
            if slot.state == RETURNING:
                self.drop(slot, connection, CLOSED_ERROR)
            raise
        return None

    cdef int part(self, object connection, Count why) except -1:
        """Close a connection that stays in the pool."""
        self.count(why)
        self.tell("on_close", connection)
        self._hang_up(connection)
        return 0

    def _land(self, Slot slot):
        """Hand a connection to the first in line, or put it among the idle ones."""
        self.land(slot)

    cdef int land(self, Slot slot) except -1:
        if self.walking:
            self.late.append(slot)  # which counts as in use, and so is among those that the walker walks
        else:
            self.settle(slot, -1)
        return 0

    # --- the line --------------------------------------------------------------------------------------------

    cdef int start_clock(self) except -1:
        if self.clock is None:
            self.clock = self._loop.call_later(self.next_look(), self._tend_line)
        return 0

    cdef double next_look(self) except? -2.0:
        """Seconds until somebody in line may have waited long enough."""
        cdef double earliest = -1.0
        cdef FutureWaiter waiter
        lock(&self.mutex)
        waiter = <FutureWaiter>self.waiters.first if self.waiters.length != 0 else None
        while waiter is not None:
            if waiter.deadline >= 0.0 and (earliest < 0.0 or waiter.deadline < earliest):
                earliest = waiter.deadline
            waiter = <FutureWaiter>waiter.after if waiter.after is not NULL else None
        unlock(&self.mutex)
        if earliest < 0.0:
            return PATIENCE_BEFORE_COLLECTION
        return min(max(earliest - <double>monotonic(), 0.0), PATIENCE_BEFORE_COLLECTION)

    def _tend_line(self):
        """Send away whose time is over. While others wait for long, look for connections that died unseen."""
        cdef FutureWaiter waiter
        cdef double now = monotonic()
        self.clock = None
        while True:
            lock(&self.mutex)
            waiter = <FutureWaiter>self.waiters.first if self.waiters.length != 0 else None
            while waiter is not None and not 0.0 <= waiter.deadline <= now:
                waiter = <FutureWaiter>waiter.after if waiter.after is not NULL else None
            if waiter is not None:
                chain_remove(&self.waiters, waiter)
                waiter.state = LEFT
            unlock(&self.mutex)
            if waiter is None:
                break
            waiter.wake()
        lock(&self.mutex)
        waiter = <FutureWaiter>self.waiters.first if self.waiters.length != 0 else None
        unlock(&self.mutex)
        if waiter is not None and now - waiter.arrived >= PATIENCE_BEFORE_COLLECTION:
            collect_garbage(PATIENCE_BEFORE_COLLECTION)
        if self.waiters.length != 0:
            self.start_clock()
            # What has forbidden a dial, or interrupted it, is over at some time, and nobody says so.
            self.grow()

    # --- walking all connections -----------------------------------------------------------------------------

    def _halt(self):
        """Hand nothing out, and let nothing change from in use to idle, until `_go_on`."""
        lock(&self.mutex)
        self.walking = True
        unlock(&self.mutex)

    def _go_on(self):
        """Let the pool go on, with what has come back meanwhile."""
        cdef Slot slot
        lock(&self.mutex)
        self.walking = False
        unlock(&self.mutex)
        late, self.late = self.late, []
        for slot in late:
            self.settle(slot, -1)
        self._resume()

    # --- another loop, another process -----------------------------------------------------------------------

    def _strand(self):
        """Leave the loop: nobody of those in line there will be served, and they are to ask again if they ever can."""
        self.clock = None
        self.late = []
        self.walking = False
        self.strand()
        self.queued = set()

    def _forked(self):
        """In a forked child: begin with no connection, on whichever loop comes."""
        self._loop = self.clock = None
        self.late = []
        self.queued = set()
        return super()._forked()

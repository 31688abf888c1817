"""Upkeep: how old connections may get, how many are to be ready, and how a pool comes to its end.

It says which idle connection is overdue or due for a look, how many are missing and when to ask again. Who asks, closes
and looks is a housekeeper, in Python; without one a connection's age is still minded when it goes out and comes back.
"""

from random import random
from time import monotonic

from cpython.long cimport PyLong_FromVoidPtr
from cpython.ref cimport PyObject

from respool._line cimport ThreadWaiter, Waiter, chain_append, chain_remove
from respool._lock cimport lock, unlock
from respool._meter cimport CLOSED_ERROR, CLOSED_IDLE, Count
from respool._slots cimport IN_USE, LEAVING, PREPARING, Slot


# Seconds within which only one failover is believed: behind an address that stays a replica's, each new connection
# would otherwise be the last of its kind.
cdef double FAILOVER_PAUSE = 1.0

# By up to so much of it is a lifetime shorter, so that what was made together does not go together.
cdef double JITTER = 0.1

# Seconds after which who waits for an empty pool, or for a walker, looks for himself.
cdef double LONGEST_WATCH = 0.5


cdef class Upkeep(Growth):
    """Compiled base of the pools that look after their connections."""

    def _keep(self, min_idle, max_idle_time, max_lifetime, keepalive_interval, retire_on_failover, housekept):
        """Mind ages, in seconds, and the number of idle connections; None: do not. `housekept`: with a housekeeper."""
        self.fewest_idle = min_idle
        self.longest_rest = max_idle_time or 0.0
        self.longest_life = max_lifetime or 0.0
        self.interval = keepalive_interval or 0.0
        self.timed = bool(max_idle_time or max_lifetime or keepalive_interval or retire_on_failover)
        self.housekept = housekept
        self.attended = self.attended or self.timed or housekept

    def _want_idle(self, min_idle):
        """Have so many connections ready from now on."""
        self.fewest_idle = min_idle
        self.housekept = self.attended = True

    # --- what a subclass says --------------------------------------------------------------------------------

    def _begin_housekeeping(self):
        """Have `_keep_by` called, with somebody who is to look after what is idle."""

    def _call_housekeeper(self):
        """Have somebody come soon who makes the connections that are missing. May be called anywhere."""

    def _land(self, Slot slot):
        """Hand a connection to the first in line, or put it among the idle ones."""
        self.settle(slot, -1)

    # --- ages ------------------------------------------------------------------------------------------------

    cdef double expiry(self) except? -1.0:
        return <double>monotonic() + self.longest_life * (1.0 - JITTER * <double>random()) if self.longest_life else 0.0

    cdef bint rests_too_long(self, Slot slot, double now) noexcept:
        return 0.0 < self.longest_rest <= now - slot.idle_since

    cdef Count why_overdue(self, Slot slot, double now) noexcept:
        return self.why_stale(slot, now) if self.is_overdue(slot, now) else CLOSED_IDLE

    cdef bint is_overdue(self, Slot slot, double now) noexcept:
        return slot.epoch != self.epoch or 0.0 < slot.expires <= now

    cdef Slot fit(self, Slot slot, double *deadline):
        self.mind(slot)
        return Growth.fit(self, slot, deadline)

    cdef int mind(self, Slot slot) except -1:
        """Mind the age of a connection that goes out; if that fails it is closed."""
        try:
            self.mind_age(slot)
            self.mind_use()
        except BaseException:
            self.drop(slot, slot.connection, CLOSED_ERROR)
            raise
        return 0

    cdef int mind_age(self, Slot slot) except -1:
        cdef double now
        if self.timed and slot.state == PREPARING:
            now = monotonic()
            # What something between here and the server may have dropped without a word counts as dropped.
            if self.is_overdue(slot, now) or (
                self.rests_too_long(slot, now) and self.longest_rest <= now - slot.looked_at
            ):
                self.renew(slot)
        return 0

    cdef int renew(self, Slot slot) except -1:
        """Close a connection on its way to a caller, for whom it is opened again."""
        cdef double expires = self.expiry()
        self.count(self.why_overdue(slot, monotonic()))
        self.tell("on_close", slot.connection)
        self.retire(slot.connection)
        lock(&self.mutex)
        slot.expires = expires
        slot.epoch = self.epoch
        unlock(&self.mutex)
        return 0

    def _fail_over(self, connection):
        """Have connections as old as this one, or older, replaced as they come back: their server is the wrong one."""
        cdef object key = PyLong_FromVoidPtr(<void *>connection)
        cdef double now = monotonic()
        cdef Slot slot
        cdef bint believed
        lock(&self.mutex)
        slot = <Slot>self.slots.get(key)
        believed = slot is not None and slot.epoch == self.epoch and now >= self.next_failover
        if believed:
            self.epoch += 1
            self.next_failover = now + FAILOVER_PAUSE
        unlock(&self.mutex)
        return believed

    # --- for the housekeeper ---------------------------------------------------------------------------------

    def _next_due(self):
        """Take an idle connection that is overdue, to be closed, or due for a look, and then to be landed or dropped.

        Returns its slot and, if it is overdue, why it is to be closed, else None; None if there is none.
        """
        cdef double now = monotonic()
        cdef Slot slot = None
        cdef bint overdue = False
        cdef Count why = CLOSED_IDLE
        cdef PyObject *link
        lock(&self.mutex)
        link = NULL if self.walking else self.idle.first
        while link is not NULL:
            slot = <Slot>link
            overdue = self.is_overdue(slot, now) or (
                self.idle.length > self.fewest_idle and self.rests_too_long(slot, now)
            )
            if overdue or 0.0 < self.interval <= now - slot.looked_at:
                if overdue:
                    why = self.why_overdue(slot, now)
                self.pull(slot, LEAVING if overdue else PREPARING)
                break
            link = slot.after
        unlock(&self.mutex)
        return None if link is NULL else (slot, why if overdue else None)

    def _until_due(self):
        """Seconds until an idle connection can be overdue or due for a look; None: never, as things stand."""
        cdef double now = monotonic()
        cdef double earliest = -1.0
        cdef double due
        cdef Slot slot
        cdef PyObject *link
        # What becomes idle from now on has all of its time before it.
        for due in (self.longest_rest, self.longest_life * (1.0 - JITTER), self.interval):
            if due > 0.0 and (earliest < 0.0 or now + due < earliest):
                earliest = now + due
        if earliest < 0.0:
            return None
        lock(&self.mutex)
        link = self.idle.first
        while link is not NULL:
            slot = <Slot>link
            if 0.0 < slot.expires < earliest:
                earliest = slot.expires
            if self.interval > 0.0 and slot.looked_at + self.interval < earliest:
                earliest = slot.looked_at + self.interval
            if (
                self.longest_rest > 0.0 and self.idle.length > self.fewest_idle
                and slot.idle_since + self.longest_rest < earliest
            ):
                earliest = slot.idle_since + self.longest_rest
            link = slot.after
        # Nothing can be taken out of a pool that somebody walks.
        due = LONGEST_WATCH if self.walking else 0.0
        unlock(&self.mutex)
        return max(earliest - now, due)

    cdef Py_ssize_t missing(self) noexcept:
        """How many connections more are to be made ready; the caller holds the lock."""
        cdef Py_ssize_t missing = min(self.fewest_idle - self.idle.length, self.limit - self.created)
        return 0 if missing < 0 or self.draining or self.waiters.length != 0 else missing

    cdef int mind_use(self) except -1:
        """Somebody takes a connection: from here on the pool is looked after."""
        if self.housekept and self.housekeeper is None:
            try:
                self._begin_housekeeping()
            except RuntimeError:  # no thread can be started, which is not the caller's fault: the next one tries again
                pass
        return self.mind_missing()

    cdef int mind_missing(self) except -1:
        cdef bint call = False
        # Nothing begins it but use: a connection is also gone when the pool is closed, and wherever one is collected.
        if self.fewest_idle > 0 and self.housekeeper is not None and not self.calling:
            lock(&self.mutex)
            call = self.missing() > 0
            unlock(&self.mutex)
        if call:
            self.calling = True
            self._call_housekeeper()
        return 0

    @property
    def _housekeeper(self):
        """Who looks after the pool; None: nobody."""
        lock(&self.mutex)
        housekeeper = self.housekeeper
        unlock(&self.mutex)
        return housekeeper

    def _keep_by(self, housekeeper):
        """Have this housekeeper look after the pool from now on, unless there is one."""
        cdef bint first
        lock(&self.mutex)
        first = self.housekeeper is None
        if first:
            self.housekeeper = housekeeper  # before it begins, or else it would take the pool for closed
        unlock(&self.mutex)
        if not first:
            return
        try:
            housekeeper.start()
        except BaseException:  # an interrupt may come when its thread runs
            housekeeper.stop()
            self._end_keeping()
            raise

    def _end_keeping(self):
        """Nobody looks after the pool any more; returns who did, if anybody."""
        cdef object housekeeper
        lock(&self.mutex)
        housekeeper = self.housekeeper
        self.housekeeper = None
        self.calling = False
        unlock(&self.mutex)
        return housekeeper

    def _housekeeper_is_here(self):
        """From here on it has to be called again. Returns what `_reserve_missing` wants to see again."""
        self.calling = False
        return self.epoch

    def _short_of(self):
        """How many connections more are to be there, idle or in use, until the pool is ready for its callers."""
        lock(&self.mutex)
        cdef Py_ssize_t there = self.created - self.connecting_count
        cdef Py_ssize_t wanted = min(self.fewest_idle, self.limit)
        unlock(&self.mutex)
        return max(wanted - there, 0)

    def _reserve_missing(self, Py_ssize_t epoch):
        """A slot for a connection that is to be ready, for `_dial`; None if none is missing, or the pool was closed."""
        cdef Slot slot = Slot()
        cdef bint missing
        lock(&self.mutex)
        missing = self.epoch == epoch and not self.walking and self.missing() > 0
        if missing:
            self.reserve(slot)
        unlock(&self.mutex)
        return slot if missing else None

    # --- who holds what --------------------------------------------------------------------------------------

    def _record_tenants(self, bint recorded=True):
        """Put on record who takes connections from now on, and tell of it, or not; see `_tenant` and `_tell`."""
        self.recorded = recorded

    def _tenants(self):
        """What is on record about the connections that callers hold."""
        cdef Slot slot
        cdef object tenant
        tenants = []
        for slot in list(self.slots.values()):
            lock(&self.mutex)
            tenant = slot.tenant if slot.state == IN_USE else None
            unlock(&self.mutex)
            if tenant is not None:
                tenants.append(tenant)
            tenant = None  # not under the lock, where it may be the last reference
        return tenants

    # --- the end ---------------------------------------------------------------------------------------------

    cdef int vacated(self) except -1:
        cdef Waiter watcher
        while True:
            watcher = None
            lock(&self.mutex)
            if self.created == 0 and self.watchers.length != 0:
                watcher = <Waiter>self.watchers.first
                chain_remove(&self.watchers, watcher)
            unlock(&self.mutex)
            if watcher is None:
                break
            watcher.wake()
        self.mind_missing()
        return self.grow()

    def _begin_drain(self):
        """Let nobody join the line, and close what nobody in it needs, now and as it comes back."""
        self.attended = True
        lock(&self.mutex)
        self.draining += 1
        unlock(&self.mutex)
        self._close_surplus()

    def _resume(self):
        """Let those go on who stood in line for a walker to finish, and do what could not be done meanwhile."""
        super()._resume()
        self._close_surplus()
        self.mind_missing()

    def _end_drain(self):
        lock(&self.mutex)
        if self.draining:  # else the process has forked meanwhile
            self.draining -= 1
        unlock(&self.mutex)

    def _watch_end(self, Waiter watcher):
        """Wake somebody when the last connection is gone; True if none is left."""
        cdef bint empty
        lock(&self.mutex)
        empty = self.created == 0 and self.waiters.length == 0
        if not empty:
            chain_append(&self.watchers, watcher)
        unlock(&self.mutex)
        return empty

    def _watch_no_more(self, Waiter watcher):
        lock(&self.mutex)
        if watcher.before is not NULL or self.watchers.first is <PyObject *>watcher:
            chain_remove(&self.watchers, watcher)
        unlock(&self.mutex)

    def _await_end(self, double deadline):
        """Wait until no connection is left, or until a monotonic time (negative: none); whether none is left."""
        cdef ThreadWaiter watcher
        cdef double now
        while True:
            watcher = ThreadWaiter()
            if self._watch_end(watcher):
                return True
            try:
                now = monotonic()
                if 0.0 <= deadline <= now:
                    return False
                watcher.sleep(min(deadline, now + LONGEST_WATCH) if deadline >= 0.0 else now + LONGEST_WATCH)
            finally:
                self._watch_no_more(watcher)
            self._close_surplus()

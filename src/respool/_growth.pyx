"""Growth: who dials, and what becomes of those in line meanwhile.

As a rule a caller for whom there is room makes his connection himself. With `max_connecting` the pool does, at most so
many at once, and whoever is first in line gets what comes first: that connection, or one that somebody brings back. It
never dials: a subclass says how that is begun, and calls `_dial` for it.
"""

import copy
from time import monotonic

from respool._line cimport FAILED, WAITING, ThreadWaiter, Waiter, chain_remove
from respool._lock cimport claim, lock, unlock
from respool._meter cimport CLOSED_ERROR, CLOSED_STALE, DIAL_ERRORS, Count, add
from respool._slots cimport PREPARING, Slot


# Seconds after which who stands in line looks whether he can be dialled for by now.
cdef double LONGEST_REST = 0.5


def told(error):
    """An error of a dial, for one of several callers who wait for it, each of whom gets one of his own to raise."""
    try:
        twin = copy.copy(error)
    except Exception:
        return error
    twin.__cause__ = error
    return twin


cdef class Growth(Pool):
    """Compiled base of the pools that may dial for their callers."""

    def _limit_dials(self, max_connecting):
        """Dial for those in line, at most so many connections at once; None: each caller for himself."""
        self.most_connecting = -1 if max_connecting is None else max_connecting
        self.attended = self.attended or max_connecting is not None

    # --- what a subclass says --------------------------------------------------------------------------------

    cdef bint is_usable(self, object connection) except -1:
        """Whether it is connected, as far as that can be told at once."""
        return True

    def _begin_dial(self, slot):
        """Have `_dial` called for a reserved slot, in another thread, or do the like, if `_claim_dial` says so there.

        Raises RuntimeError if that is not possible.
        """
        raise NotImplementedError

    def _unavailable(self):
        """The error for callers for whom there is no point in dialling now, or None."""
        return None

    # ---------------------------------------------------------------------------------------------------------

    cdef Slot fit(self, Slot slot, double *deadline):
        cdef bint usable
        # What a caller has made himself, because he may not wait, he also connects himself.
        while self.most_connecting >= 0 and self.patience != 0.0 and slot.state == PREPARING:
            try:
                usable = self.is_usable(slot.connection)
            except BaseException:
                self.drop(slot, slot.connection, CLOSED_ERROR)
                raise
            if usable:
                break
            self.drop(slot, slot.connection, CLOSED_STALE)
            slot = self.acquire(deadline, True)
        return slot

    cdef int rest(self, ThreadWaiter waiter, double deadline) except -1:
        cdef double now
        if self.most_connecting < 0:
            return waiter.sleep(deadline)
        while waiter.state == WAITING:
            self.grow()
            now = monotonic()
            if 0.0 <= deadline <= now:
                break
            # What has forbidden a dial, or interrupted it, is over at some time, and nobody says so.
            waiter.sleep(now + LONGEST_REST if deadline < 0.0 else min(deadline, now + LONGEST_REST))
        return 0

    cdef int grow(self) except -1:
        cdef Slot slot
        cdef bint wanted
        while self.most_connecting >= 0:
            slot = Slot()
            lock(&self.mutex)
            wanted = self.wants_dial()
            if wanted:
                self.reserve(slot)
            unlock(&self.mutex)
            if not wanted:
                return 0
            try:
                error = self._unavailable()
                if error is None:
                    self._begin_dial(slot)
                    continue
            except RuntimeError as failure:  # no thread can be started, or the loop is closed
                if not claim(&slot.dial):
                    raise
                error = failure
            except BaseException:  # an interrupt, and the dial may have begun all the same
                if claim(&slot.dial):
                    self.give_back(slot)
                raise
            return self.give_up(slot, error)
        return 0

    cdef int give_up(self, Slot slot, object error) except -1:
        """Give a reserved slot back, without another dial for those who could be served by nothing else."""
        return self.fail(error, True) if self.give_back(slot) else 0

    cdef bint give_back(self, Slot slot) except -1:
        """Give a reserved slot back, and dial for nobody; whether there is no connection that could serve anybody."""
        cdef Waiter waiter
        cdef bint hopeless
        lock(&self.mutex)
        hopeless = self.created == self.connecting_count
        waiter = self.remove(slot)
        unlock(&self.mutex)
        if waiter is not None:
            waiter.wake()
        return hopeless

    cdef int fail(self, object error, bint all) except -1:
        """Send away the first in line, or `all`, with the error of a dial."""
        cdef Waiter waiter
        while True:
            twin = told(error)
            waiter = None
            lock(&self.mutex)
            if self.waiters.length != 0:
                waiter = <Waiter>self.waiters.first
                chain_remove(&self.waiters, waiter)
                waiter.error = twin
                waiter.state = FAILED
            unlock(&self.mutex)
            if waiter is None:
                return 0
            waiter.wake()
            if not all:
                return 0

    def _dial(self, Slot slot):
        """Make and connect the connection of a reserved slot; it goes to the first in line, or among the idle ones.

        Takes at most the pool's `timeout`. Whatever fails is raised, the slot given back, and whose turn it was told.
        """
        try:
            self.make(slot, None)
            self.ready(slot.connection, <double>monotonic() + self.patience if self.patience > 0.0 else -1.0)
        except BaseException as error:
            self._dial_failed(slot, error)
            raise
        self.settle(slot, -1)
        self.grow()

    def _claim_dial(self, Slot slot):
        """Be who dials for a slot, or gives it back without; False if somebody else is."""
        return claim(&slot.dial)

    def _is_wanted(self, Slot slot):
        """Whether anybody is in line for whom to dial; if not, gives the slot back."""
        if self.waiters.length != 0:
            return True
        self.free(slot)
        return False

    def _grow(self):
        self.grow()

    def _make(self, Slot slot):
        """Make the connection of a reserved slot, for who then connects it and lands it or says that this failed."""
        self.make(slot, None)

    def _dial_failed(self, Slot slot, error):
        """Give back the slot of a dial that failed, and tell those who can be served by nothing else."""
        cdef bint ours, hopeless
        lock(&self.mutex)
        add(&self.meter, DIAL_ERRORS)
        ours = slot.generation == self.generation  # else those in line have come since, and were not dialled for
        hopeless = self.created == self.connecting_count
        unlock(&self.mutex)
        try:
            if ours and self.most_connecting >= 0:
                self.fail(error, hopeless)  # first, or else it would be dialled for them again
        finally:
            if slot.connection is None:
                self.free(slot)
            else:
                self.drop(slot, slot.connection, CLOSED_ERROR)

    def _drop(self, Slot slot, Count why=CLOSED_ERROR):
        """Close a connection and give its place to the next in line."""
        self.drop(slot, slot.connection, why)

"""Layout of the line: chains, and those who stand in one."""

from cpython.ref cimport PyObject


cdef class Link:
    cdef PyObject *before       # neighbours in the chain this object is in; borrowed, as is the chain's own hold:
    cdef PyObject *after        # whoever appends an object keeps it alive until it is removed


cdef struct Chain:
    PyObject *first
    PyObject *last
    Py_ssize_t length


# Chains neither allocate nor own, so that they can be changed under a lock. An object is in one chain at a time.

cdef inline void chain_append(Chain *chain, Link link) noexcept:
    link.before = chain.last
    link.after = NULL
    if chain.last is NULL:
        chain.first = <PyObject *>link
    else:
        (<Link>chain.last).after = <PyObject *>link
    chain.last = <PyObject *>link
    chain.length += 1


cdef inline void chain_prepend(Chain *chain, Link link) noexcept:
    link.before = NULL
    link.after = chain.first
    if chain.first is NULL:
        chain.last = <PyObject *>link
    else:
        (<Link>chain.first).before = <PyObject *>link
    chain.first = <PyObject *>link
    chain.length += 1


cdef inline void chain_remove(Chain *chain, Link link) noexcept:
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


cdef inline void chain_clear(Chain *chain) noexcept:
    chain.first = chain.last = NULL
    chain.length = 0


cdef enum WaiterState:
    WAITING     # in a chain
    SERVED      # has got what it waited for: nothing more is delivered
    LEFT        # timed out, cancelled or interrupted: accepts nothing any more
    EXHAUSTED   # refused: there is nothing, and it may not wait
    OVERLOADED  # refused: too many wait already
    CLOSED      # refused: the pool was closed
    FAILED      # refused: a connection was dialled for it, in vain
    STRAYED     # the process forked: in the child it has to ask again


cdef class Waiter(Link):
    cdef WaiterState state
    cdef object slot            # what was delivered; until then a blank one, for a permission to build
    cdef object error           # of a dial that failed
    cdef bint patient           # waits until it is served; otherwise only for a walker to finish
    cdef Py_ssize_t epoch       # the pool's epoch on arrival

    cdef int wake(self) except -1


cdef class ThreadWaiter(Waiter):
    cdef object bell            # a held lock: releasing it wakes the thread

    cdef int sleep(self, double deadline) except -1


cdef class FutureWaiter(Waiter):
    cdef object loop
    cdef readonly object future     # to await
    cdef unsigned long thread       # of the loop
    cdef double deadline            # monotonic seconds; negative: none
    cdef double arrived             # likewise
    cdef bint waits                 # it was not served at once


cdef double PATIENCE_BEFORE_COLLECTION
cdef bint collect_garbage(double time_left) except -1

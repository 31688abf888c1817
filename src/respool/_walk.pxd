"""Layout of the lock under which a pool stands still."""


cdef class WalkLock:
    cdef object lock            # threading.RLock
    cdef object pool            # weak reference to the pool that stands still while the lock is held
    cdef Py_ssize_t depth       # how often the owner has acquired it

    cdef bint seize(self, double timeout) except -1

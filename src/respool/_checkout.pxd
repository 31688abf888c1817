"""Layout of the compiled half of the pools for threads."""

from respool._connection cimport ConnectionCore
from respool._meter cimport Count
from respool._observed cimport Observed


cdef class Checkout(Observed):
    cdef public bint _asks_owner    # a subclass has an `owns_connection` of its own
    cdef bint replaced              # one of its methods to take a connection by, for this very object
    cdef public bint _caching       # connections are wrapped for client-side caching

    cdef double due(self, double deadline) except? -2.0
    cdef int ready_by_methods(self, object connection, double deadline) except -1
    cdef int accept_wired(self, ConnectionCore wired) except -1
    cdef int part(self, object connection, Count why) except -1

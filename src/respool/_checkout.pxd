"""Layout of the compiled half of the drop-in pools."""

from respool._connection cimport ConnectionCore
from respool._pool cimport Pool


cdef class Checkout(Pool):
    cdef public object _event_dispatcher    # redis-py's attribute, kept here because every release looks at it
    cdef dict recorder          # globals of redis-py's metrics recorder and of its provider: read to see whether
    cdef dict provider          # metrics are on; None where redis-py has none
    cdef object dispatcher      # event dispatcher that was found to have no listeners of the user's ...
    cdef dict listeners         # ... its listeners by event type ...
    cdef list own_listeners     # ... and those for a release, at that time: only redis-py's own re-authentication
    cdef object release_event   # the event type
    cdef bint observing         # metrics were on at the last checkout
    cdef bint asks_owner        # a subclass has an `owns_connection` of its own
    cdef bint caching           # connections are wrapped for client-side caching

    cdef bint observed(self)
    cdef double due(self, double deadline) except? -2.0
    cdef bint listens_only_for_re_auth(self)
    cdef int ready_by_methods(self, object connection, double deadline) except -1
    cdef int accept_wired(self, ConnectionCore wired) except -1

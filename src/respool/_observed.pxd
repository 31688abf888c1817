"""Layout of what a pool looks at to see whether somebody watches it."""

from respool._upkeep cimport Upkeep


cdef class Observed(Upkeep):
    cdef public object _event_dispatcher    # redis-py's attribute, kept here because every release looks at it
    cdef dict recorder          # globals of redis-py's metrics recorder and of its provider: read to see whether
    cdef dict provider          # metrics are on; None where redis-py has none
    cdef object dispatcher      # event dispatcher that was found to have no listeners of the user's ...
    cdef dict listeners         # ... its listeners by event type ...
    cdef list own_listeners     # ... and those for a release, at that time: only redis-py's own re-authentication
    cdef object release_event   # the event type
    cdef bint observing         # metrics were on at the last checkout

    cdef bint observed(self)
    cdef bint listens_only_for_re_auth(self)

"""Layout of the compiled halves of a client and its pipelines."""

from respool._checkout cimport Checkout
from respool._observed cimport Observed
from respool._watch cimport Watch
from respool._wire cimport Wire

# What a class still does as redis-py and respool do it; see `client.py`, which judges.
cdef enum:
    ENTRY = 1               # of a client: `execute_command` is redis-py's own
    PATH = 2                # ... and all that it calls

cdef bint is_plain(tuple args, dict options) except -1


cdef class CommandPath:
    cdef object _pool               # redis-py's attribute `connection_pool`; None: not set
    cdef object callbacks           # ... `response_callbacks`; likewise
    cdef public object connection
    cdef Observed pool              # the pool, if it is one of respool's; else None
    cdef Watch own                  # what of the class is redis-py's and respool's own; see `client.py`
    cdef Watch connections
    cdef bint replaced              # a method of this very object has been replaced

    cdef Wire direct(self, object connection)
    cdef object called_back(self, object name, object reply, dict options)


cdef class ClientCore(CommandPath):
    cdef public object _single_connection_client
    cdef Watch pools
    cdef Watch retries

    cdef object run(self, tuple args, dict options)
    cdef object converse(self, object connection, tuple args, dict options)
    cdef int give_back(self, Checkout pool, object connection) except -1


cdef class PipelinePath(CommandPath):
    cdef public object command_stack
    cdef public object watching
    cdef public object explicit_transaction

    cdef int mind(self, object name) except -1
    cdef int raise_first(self, object commands, list replies) except -1
    cdef bint are_plain(self, object commands) except -1
    cdef int call_back(self, list commands, list replies) except -1
    cdef list outcome(self, list commands, list replies)
    cdef int call_back_results(self, list commands, list results) except -1


cdef class PipelineCore(PipelinePath):
    cdef Wire can_batch(self, object connection, object commands)

"""Layout of a pipeline under way."""

from respool._connection cimport ConnectionCore, ParserCore
from respool._pack cimport Packer
from respool._wire cimport Wire


cdef class Load:
    cdef list commands
    cdef bint transaction
    cdef Py_ssize_t total           # commands, with MULTI and EXEC
    cdef Py_ssize_t sent            # of them, wholly
    cdef list replies               # in order, up to now

    cdef tuple arguments(self, Py_ssize_t index)
    cdef Py_ssize_t begin(self, Packer packer) except -1
    cdef Py_ssize_t pack(self, Packer packer, Py_ssize_t index) except -1
    cdef int check(self, Packer packer, Py_ssize_t index) except -1
    cdef int keep(self, object reply) except -1


cdef class Batch(Load):
    cdef ConnectionCore connection
    cdef Wire wire                  # of the connection when it began: another session owes none of the replies
    cdef ParserCore parser

    cdef list run(self)
    cdef int send(self, Packer packer) except -1

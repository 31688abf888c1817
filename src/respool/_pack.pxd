"""Layout of the command packer."""

from respool._lock cimport Flag


cdef struct Piece:              # a stretch of the packer's buffer, and the long value that follows it
    Py_ssize_t upto             # where in the buffer the stretch ends
    const char *data            # the value, where its owner keeps it
    Py_ssize_t size


cdef class Packer:
    cdef char *buffer
    cdef Py_ssize_t used
    cdef Py_ssize_t room
    cdef Piece *pieces          # what stands in the buffer behind the last piece comes after it
    cdef Py_ssize_t count       # of pieces
    cdef Py_ssize_t pieces_room
    cdef list kept              # owners of the long values
    cdef Py_ssize_t long_bytes  # of all of them
    cdef Py_ssize_t cutoff      # values of more bytes than this are not copied
    cdef object encoding        # of strings; None: as `encode` says
    cdef bytes encoding_name
    cdef bytes errors
    cdef bint utf8              # and strict: what a compact string's own bytes are
    cdef object encode          # of an encoder that is not redis-py's own
    cdef object data_error      # called with a message
    cdef Flag busy              # a command is being packed or sent

    cdef Packer begin(self)
    cdef Py_ssize_t size(self) noexcept
    cdef int empty(self) noexcept
    cdef int clear(self) noexcept
    cdef int add_command(self, tuple args, bint split) except -1
    cdef bytes joined(self)
    cdef list chunks(self)

    cdef int make_room(self, Py_ssize_t size) except -1
    cdef int add_header(self, char type_byte, Py_ssize_t number) except -1
    cdef int add_value(self, object owner, const char *data, Py_ssize_t size) except -1
    cdef int add(self, object value) except -1
    cdef int add_number(self, object text) except -1
    cdef int add_text(self, object value) except -1
    cdef int add_buffer(self, object value) except -1
    cdef int add_integer(self, object value) except -1
    cdef int refuse(self, object value) except -1
    cdef tuple name_of(self, object value)

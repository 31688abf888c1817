"""Layout of the RESP reader."""

from cpython.ref cimport PyObject


cdef enum Kind:
    LIST                    # array or set
    MAP
    PUSH
    ATTRIBUTE               # a map about the reply that follows; it is read and dropped
    STREAM                  # a string that comes in chunks


cdef struct Frame:          # an aggregate of which elements are still missing
    PyObject *container     # owned: list or dict
    PyObject *key           # owned: of a map, whose value has not come yet; else NULL
    Py_ssize_t left         # values that are still missing, of a map two a pair; negative: streamed until its end
    Kind kind


cdef class Reader:
    # Bytes that have arrived and are not parsed yet: buffer[start:stop].
    cdef char *buffer
    cdef Py_ssize_t start
    cdef Py_ssize_t stop
    cdef Py_ssize_t room            # size of the buffer
    cdef Py_ssize_t wanted          # bytes from `start` on that the next value needs at least
    cdef Py_ssize_t scanned         # bytes of a line that have been searched for its end
    cdef Py_ssize_t read_size       # the buffer grows up to this for speed, and beyond it only for one long line
    # A long string, received straight into its bytes object together with its CR LF.
    cdef PyObject *bulk             # owned; NULL if there is none
    cdef Py_ssize_t bulk_size       # as declared, and CR LF
    cdef Py_ssize_t bulk_filled
    cdef Py_ssize_t bulk_room       # allocated so far
    cdef char bulk_type
    # Aggregates under way, the innermost last.
    cdef Frame *frames
    cdef Py_ssize_t depth
    cdef Py_ssize_t frames_room
    # What to make of strings and errors.
    cdef object encoding            # None: strings are bytes
    cdef bytes encoding_name
    cdef bytes errors
    cdef bint utf8
    cdef bint decoding              # of the reply under way
    cdef object protocol_error      # called with a message
    cdef object reply_error         # called with the text of an error reply
    cdef object fatal_error         # class of error replies that are raised wherever in a reply they stand, or None
    cdef object failure             # first error while making the reply under way, raised at its end
    cdef tuple next_coding          # encoding and errors from the next reply on, or None
    cdef str broken                 # why nothing can be read any more, or None
    cdef object reply               # that was completed last, until it is taken
    cdef readonly bint pushed       # it was a push
    cdef bint busy                  # a reply is being made: callbacks may run
    cdef readonly object not_enough_data

    cdef int configure(self, object encoding, object errors) except -1
    cdef int check_idle(self) except -1
    cdef bint go_on(self, bint decode) except -1
    cdef bint advance(self, bint decode) except -1
    cdef object take(self)
    cdef bint unread(self) noexcept
    cdef int first_unread(self) noexcept
    cdef Py_ssize_t space(self, char **where) except -1
    cdef int received(self, Py_ssize_t count) except -1
    cdef int put(self, const char *data, Py_ssize_t size) except -1

    cdef int make_room(self, Py_ssize_t needed) except -1
    cdef int fail(self, str message) except -1
    cdef int fail_value(self, str expected, Py_ssize_t stop) except -1
    cdef Py_ssize_t line_end(self) except -2
    cdef int number(self, Py_ssize_t end, Py_ssize_t *value) except -1
    cdef PyObject *value(self) except NULL
    cdef PyObject *most_common(self, char type_byte) except NULL
    cdef PyObject *string(self, char type_byte, Py_ssize_t end) except NULL
    cdef PyObject *aggregate(self, char type_byte, Py_ssize_t end) except NULL
    cdef PyObject *end_of_stream(self, Py_ssize_t end) except NULL
    cdef int open_frame(self, Kind kind, Py_ssize_t count) except -1
    cdef bint add(self, PyObject **value) except -1
    cdef PyObject *close_frame(self) except NULL
    cdef int drop_frames(self) noexcept
    cdef int begin_bulk(self, char type_byte, Py_ssize_t size) except -1
    cdef int grow_bulk(self) except -1
    cdef PyObject *end_bulk(self) except NULL
    cdef PyObject *text(self, char type_byte, const char *data, Py_ssize_t size) except NULL
    cdef PyObject *decoded(self, const char *data, Py_ssize_t size) except NULL
    cdef PyObject *error(self, const char *data, Py_ssize_t size) except NULL
    cdef PyObject *integer(self, Py_ssize_t end) except NULL
    cdef PyObject *big_number(self, Py_ssize_t end) except NULL
    cdef PyObject *double_number(self, Py_ssize_t end) except NULL
    cdef int remember(self, object error) except -1
    cdef PyObject *failed(self) except NULL

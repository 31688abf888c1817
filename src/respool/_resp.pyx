"""OWNS: bytes that have arrived and the replies they become, RESP2 and RESP3.

It reads from no socket, knows no lock and nothing of redis-py: `_wire` puts bytes in and takes replies out. It can stop
after any byte and go on with the next. What a server declares is not believed before its bytes have arrived, neither
with memory nor with recursion.
"""

import cython

import codecs

from cpython.bytes cimport PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.ref cimport Py_DECREF, Py_INCREF, Py_XDECREF, PyObject
from libc.string cimport memchr, memcpy, memmove

cdef extern from "Python.h":
    PyObject *Py_None
    PyObject *Py_True
    PyObject *Py_False
    PyObject *bytes_of "PyBytes_FromStringAndSize"(const char *data, Py_ssize_t size) except NULL
    char *PyBytes_AS_STRING(PyObject *value) noexcept
    int _PyBytes_Resize(PyObject **value, Py_ssize_t size) except -1
    PyObject *decode_utf8 "PyUnicode_DecodeUTF8"(const char *data, Py_ssize_t size, const char *errors)
    PyObject *decode_any "PyUnicode_Decode"(const char *data, Py_ssize_t size, const char *name, const char *errors)
    PyObject *long_of "PyLong_FromLongLong"(long long value) except NULL
    PyObject *long_of_text "PyLong_FromString"(const char *text, char **end, int base)
    PyObject *float_of "PyFloat_FromDouble"(double value) except NULL
    double PyOS_string_to_double(const char *text, char **end, PyObject *overflow)
    PyObject *list_of "PyList_New"(Py_ssize_t size) except NULL
    PyObject *dict_of "PyDict_New"() except NULL
    int list_append "PyList_Append"(PyObject *container, PyObject *value) except -1
    int dict_set "PyDict_SetItem"(PyObject *container, PyObject *key, PyObject *value)
    int PyErr_ExceptionMatches(PyObject *error) noexcept
    PyObject *PyExc_MemoryError

cdef extern from *:
    """
    /* Put a value into a list that was made with room for it: the list is valid, and shorter, all the while.
       Steals the reference. */
    static inline int respool_list_put(PyObject *list, PyObject *value) {
        PyListObject *self = (PyListObject *)list;
        Py_ssize_t size = Py_SIZE(self);
        if (size < self->allocated) {
            PyList_SET_ITEM(list, size, value);
            Py_SET_SIZE(self, size + 1);
            return 0;
        }
        int result = PyList_Append(list, value);
        Py_DECREF(value);
        return result;
    }
    static inline PyObject *respool_list_with_room(Py_ssize_t room) {
        PyObject *list = PyList_New(room);
        if (list != NULL) {
            Py_SET_SIZE((PyListObject *)list, 0);
        }
        return list;
    }
    /* Raises the exception that is set. */
    static inline int respool_raise_pending(void) {
        return -1;
    }
    """
    int raise_pending "respool_raise_pending"() except -1
    int list_put "respool_list_put"(PyObject *container, PyObject *value) except -1
    PyObject *list_with_room "respool_list_with_room"(Py_ssize_t room) except NULL


cdef enum:
    DEPTH_LIMIT = 512
    LINE_LIMIT = 1 << 20
    HEADER_LIMIT = 32       # bytes of a line that holds a size
    FIRST_ROOM = 4096       # bytes of a buffer when it is first needed
    BULK_TRUST = 16         # memory for a long string: at most so many times what has arrived of it ...
    BULK_START = 65536      # ... and this

cdef Py_ssize_t STRING_LIMIT = <Py_ssize_t>1 << 40
cdef Py_ssize_t ELEMENTS_LIMIT = (<Py_ssize_t>1 << 32) - 1

# A reply beyond one of these is a protocol error that names it.
MAX_DEPTH = DEPTH_LIMIT             # aggregates within aggregates
MAX_LINE = LINE_LIMIT               # bytes of a simple string, an error, a number
MAX_STRING = STRING_LIMIT           # bytes of one string
MAX_ELEMENTS = ELEMENTS_LIMIT       # of one aggregate, pairs of a map

# What `value` returns beside a new reference.
cdef PyObject *INCOMPLETE = <PyObject *>1   # more bytes are needed
cdef PyObject *OPENED = <PyObject *>2       # an aggregate has begun, or something that is no value was read


cdef int look_up(object encoding, object errors) except -1:
    """Raise LookupError if Python knows no such encoding or error handler."""
    if encoding is not None:
        codecs.lookup(encoding)
    if errors is not None:
        codecs.lookup_error(errors)
    return 0


class PushNotification(list):
    """A RESP3 push, which is no reply to any command."""


cdef class Reader:
    """Makes replies of bytes, as they arrive.

    Parameters
    ----------
    protocol_error : callable
        Makes the exception for bytes that are no RESP, from a message.
    reply_error : callable
        Makes the value for an error reply, from its text.
    encoding, errors : str or None
        How strings are decoded; without an encoding they are bytes.
    fatal_error : type or None
        Error replies of this class are raised wherever in a reply they stand, once all of it has been read.
    read_size : int, in bytes
        How much is received at once, at most.
    not_enough_data : object
        What `gets` returns while a reply is not complete.

    Belongs to one thread at a time.
    """

    def __cinit__(self, *args, **kwargs):
        self.protocol_error = self.reply_error = ValueError
        self.errors = b"strict"
        self.not_enough_data = False
        self.read_size = 32768

    def __init__(self, protocol_error, reply_error, encoding=None, errors=None, fatal_error=None, read_size=32768,
                 not_enough_data=False):
        for name, value in (("protocol_error", protocol_error), ("reply_error", reply_error)):
            if not callable(value):
                raise TypeError(f"{name} must be callable, got {value!r}")
        self.protocol_error = protocol_error
        self.reply_error = reply_error
        self.fatal_error = fatal_error
        self.read_size = max(<Py_ssize_t>read_size, FIRST_ROOM)
        self.not_enough_data = not_enough_data
        self.configure(encoding, errors)

    def __dealloc__(self):
        self.drop_frames()
        PyMem_Free(self.frames)
        PyMem_Free(self.buffer)
        Py_XDECREF(self.bulk)

    cdef int configure(self, encoding, errors) except -1:
        """Set how strings are decoded; raises LookupError if Python knows no such encoding or error handler."""
        look_up(encoding, errors)
        self.encoding = encoding
        self.encoding_name = None if encoding is None else encoding.encode()
        self.errors = b"strict" if errors is None else errors.encode()
        self.utf8 = encoding is not None and encoding.lower() in ("utf-8", "utf8")
        return 0

    # --- bytes in --------------------------------------------------------------------------------------------

    cdef Py_ssize_t space(self, char **where) except -1:
        """Where the next bytes are to be written, and how many fit."""
        if self.bulk is not NULL and self.bulk_filled < self.bulk_size:
            if self.bulk_filled == self.bulk_room:
                self.grow_bulk()
            where[0] = PyBytes_AS_STRING(self.bulk) + self.bulk_filled
            return self.bulk_room - self.bulk_filled
        self.make_room(0)
        where[0] = self.buffer + self.stop
        return self.room - self.stop

    cdef int received(self, Py_ssize_t count) except -1:
        """Take note of bytes that were written where `space` said."""
        if self.bulk is not NULL and self.bulk_filled < self.bulk_size:
            self.bulk_filled += count
            return 0
        self.stop += count
        if self.stop == self.room and self.room < self.read_size:
            self.make_room(self.room)  # there is more than was thought: read more at once
        return 0

    cdef int put(self, const char *data, Py_ssize_t size) except -1:
        """Copy bytes in."""
        cdef Py_ssize_t part
        while size != 0 and self.bulk is not NULL and self.bulk_filled < self.bulk_size:
            if self.bulk_filled == self.bulk_room:
                self.grow_bulk()
            part = min(size, self.bulk_room - self.bulk_filled)
            memcpy(PyBytes_AS_STRING(self.bulk) + self.bulk_filled, data, part)
            self.bulk_filled += part
            data += part
            size -= part
        if size != 0:
            self.make_room(size)
            memcpy(self.buffer + self.stop, data, size)
            self.stop += size
        return 0

    cdef int make_room(self, Py_ssize_t needed) except -1:
        """Have room behind `stop`: for `needed` bytes, for the value that has begun, and for one at least."""
        cdef Py_ssize_t unread = self.stop - self.start
        cdef Py_ssize_t least = max(unread + max(needed, 1), self.wanted)
        cdef Py_ssize_t size
        cdef char *buffer
        if unread == 0:
            self.start = self.stop = 0
            if self.room > self.read_size and least <= self.read_size:  # a long line is over
                PyMem_Free(self.buffer)
                self.buffer = NULL
                self.room = 0
        if self.start + least <= self.room:
            return 0
        if self.start != 0:
            memmove(self.buffer, self.buffer + self.start, unread)
            self.start = 0
            self.stop = unread
        if least <= self.room:
            return 0
        size = max(self.room, FIRST_ROOM)
        while size < least:
            size *= 2
        buffer = <char *>PyMem_Realloc(self.buffer, size)
        if buffer is NULL:
            raise MemoryError
        self.buffer = buffer
        self.room = size
        return 0

    # --- replies out -----------------------------------------------------------------------------------------

    cdef bint advance(self, bint decode) except -1:
        """Read on. True if a reply is complete, for `take`; False if bytes are missing.

        Raises what `protocol_error` makes, from then on always; RuntimeError from within a callback of its own.
        """
        cdef bint complete
        cdef PyObject *value
        if self.broken is not None:
            raise self.protocol_error(self.broken)
        self.check_idle()
        if self.bulk is NULL and self.depth == 0:
            if self.start == self.stop:
                if self.room > self.read_size:
                    self.make_room(0)  # gives back what a long line has taken
                return False
            if self.encoding is None and self.next_coding is None:  # so that no callback can run
                self.decoding = False
                value = self.most_common(self.buffer[self.start])
                if value is not INCOMPLETE:
                    self.pushed = False
                    self.reply = <object>value
                    Py_DECREF(<object>value)
                    return True
        self.busy = True
        try:
            complete = self.go_on(decode)
        except BaseException as error:
            self.busy = False
            if self.broken is None:  # a value may be lost, and what follows would take its place
                self.broken = f"a reply was lost: {type(error).__name__}"
            raise
        self.busy = False
        return complete

    cdef int check_idle(self) except -1:
        if self.busy:
            raise RuntimeError("the reader is used while it makes a reply: by a callback of its own, or another thread")
        return 0

    cdef bint go_on(self, bint decode) except -1:
        cdef PyObject *value
        if self.depth == 0 and self.bulk is NULL:
            if self.next_coding is not None:
                encoding, errors = self.next_coding
                self.next_coding = None
                self.configure(encoding, errors)
            self.decoding = decode and self.encoding is not None
        self.pushed = False
        while True:
            if self.bulk is not NULL:
                value = self.end_bulk() if self.bulk_filled == self.bulk_size else INCOMPLETE
            else:
                value = self.value()
            if value is INCOMPLETE:
                return False
            while value is not OPENED:
                if self.depth == 0:
                    self.reply = <object>value
                    Py_DECREF(<object>value)
                    return True
                if not self.add(&value):
                    break

    cdef object take(self):
        """The reply that `advance` completed. Raises what went wrong while its values were made."""
        cdef object reply = self.reply
        cdef object failure
        self.reply = None
        if self.failure is not None:
            failure = self.failure
            self.failure = None
            raise failure
        return reply

    cdef bint unread(self) noexcept:
        """Whether bytes have arrived that belong to no reply that was taken."""
        return self.start != self.stop or self.depth != 0 or self.bulk is not NULL

    cdef int first_unread(self) noexcept:
        """First byte of what `unread` says has arrived; -1 if nothing has."""
        if self.depth != 0:
            return c'>' if self.frames[0].kind == PUSH else c'*'
        if self.bulk is not NULL:
            return self.bulk_type
        return <unsigned char>self.buffer[self.start] if self.start != self.stop else -1

    # --- by itself, in the manner of hiredis -----------------------------------------------------------------

    @cython.critical_section
    def feed(self, data, Py_ssize_t offset=0, Py_ssize_t length=-1):
        """Add bytes that have arrived.

        Parameters
        ----------
        data : bytes, bytearray, memoryview, ...
            Anything contiguous with the buffer interface.
        offset, length : int, in bytes
            The part of it that counts; by default all.

        Raises TypeError for anything else, ValueError if there is no such part.
        """
        cdef Py_buffer view
        if PyBytes_CheckExact(data) and offset == 0 and length == -1:
            self.check_idle()
            self.put(PyBytes_AS_STRING(<PyObject *>data), PyBytes_GET_SIZE(data))
            return
        PyObject_GetBuffer(data, &view, PyBUF_SIMPLE)
        try:
            self.check_idle()
            if not 0 <= offset <= view.len:
                raise ValueError(f"offset {offset} is outside of {view.len} bytes")
            if not -1 <= length <= view.len - offset:
                raise ValueError(f"length {length} is none of the {view.len - offset} bytes from the offset on")
            self.put(<const char *>view.buf + offset, view.len - offset if length < 0 else length)
        finally:
            PyBuffer_Release(&view)

    @cython.critical_section
    def gets(self, decode=True):
        """Return the next reply, or `not_enough_data` if it has not arrived completely.

        Parameters
        ----------
        decode : bool
            False: strings as bytes, whatever the encoding.

        A push is a `PushNotification`, an error reply what `reply_error` makes of it.

        Raises what `protocol_error` makes for bytes that are no RESP, from then on always; UnicodeDecodeError for a
        string that cannot be decoded and TypeError for a map key that cannot be one, after which the next reply can
        be read.
        """
        if not self.advance(decode):
            return self.not_enough_data
        reply = self.take()
        return PushNotification(reply) if self.pushed else reply

    def has_data(self):
        """Whether bytes have arrived that belong to no reply that was returned."""
        return self.unread()

    def len(self):
        """How many bytes of the reply under way have arrived and are not yet part of a value."""
        return self.stop - self.start + (self.bulk_filled if self.bulk is not NULL else 0)

    def getmaxbuf(self):
        """How many bytes of an emptied buffer are kept for what comes next."""
        return self.read_size

    def setmaxbuf(self, maxbuf):
        """Set what `getmaxbuf` returns; None: 32768. Raises ValueError if it is negative."""
        cdef Py_ssize_t size = 32768 if maxbuf is None else maxbuf
        if size < 0:
            raise ValueError(f"maxbuf must be 0 or more bytes, got {maxbuf!r}")
        self.read_size = size

    @cython.critical_section
    def set_encoding(self, encoding=None, errors=None):
        """Decode strings in this way from the next reply on; None: bytes. Raises LookupError for an unknown one."""
        self.check_idle()
        look_up(encoding, errors)
        self.next_coding = (encoding, errors)

    # --- the grammar -----------------------------------------------------------------------------------------

    cdef int fail(self, str message) except -1:
        """Nothing can be read from here on."""
        self.broken = message
        raise self.protocol_error(message)

    cdef int fail_value(self, str expected, Py_ssize_t stop) except -1:
        """As `fail`, for what stands between `start` and `stop`."""
        cdef bytes excerpt = self.buffer[self.start:min(stop, self.start + HEADER_LIMIT)]
        return self.fail(f"Protocol Error: {excerpt!r}: expected {expected}")

    cdef Py_ssize_t line_end(self) except -2:
        """Index of the CR LF that ends the line at `start`; -1 if it has not arrived."""
        cdef Py_ssize_t index = self.start + 1 + self.scanned
        cdef const char *found
        while index < self.stop:
            found = <const char *>memchr(self.buffer + index, c'\r', self.stop - index)
            if found is NULL:
                index = self.stop
                break
            index = found - self.buffer
            if index + 1 == self.stop:
                break
            if found[1] == c'\n':
                break
            index += 1
        if index - self.start > LINE_LIMIT:
            self.fail(f"Protocol Error: a line of more than {LINE_LIMIT} bytes (MAX_LINE)")
        if index + 1 < self.stop:
            self.scanned = 0
            return index
        self.scanned = index - self.start - 1
        return -1

    cdef int number(self, Py_ssize_t end, Py_ssize_t *value) except -1:
        """The size in the line at `start`; 0 if it is none."""
        cdef Py_ssize_t index = self.start + 1
        cdef Py_ssize_t result = 0
        cdef int digit
        if end - index == 2 and self.buffer[index] == c'-' and self.buffer[index + 1] == c'1':
            value[0] = -1
            return 1
        if not 0 < end - index <= 18:
            return 0
        while index < end:
            digit = self.buffer[index] - c'0'
            if not 0 <= digit <= 9:
                return 0
            result = result * 10 + digit
            index += 1
        value[0] = result
        return 1

    cdef PyObject *value(self) except NULL:
        """The value at `start`, and `start` behind it; INCOMPLETE if bytes are missing, OPENED if it has elements."""
        cdef char type_byte
        cdef Py_ssize_t end
        cdef PyObject *result
        if self.stop - self.start < max(self.wanted, 1):
            return INCOMPLETE
        self.wanted = 0
        type_byte = self.buffer[self.start]
        result = self.most_common(type_byte)
        if result is not INCOMPLETE:
            return result
        if self.depth != 0 and (self.frames[self.depth - 1].kind == STREAM) != (type_byte == c';'):
            self.fail_value("a chunk of a streamed string", self.stop)
        if type_byte not in b"$*:+-_#,(!=%~>|;." or (type_byte == c';' and self.depth == 0):
            self.fail_value("the first byte of a value", self.stop)
        end = self.line_end()
        if end < 0:
            return INCOMPLETE
        if type_byte in b"$=!;":
            return self.string(type_byte, end)
        if type_byte in b"*~%>|":
            return self.aggregate(type_byte, end)
        if type_byte == c':':
            result = self.integer(end)
        elif type_byte == c'+':
            result = self.text(type_byte, self.buffer + self.start + 1, end - self.start - 1)
        elif type_byte == c'-':
            result = self.error(self.buffer + self.start + 1, end - self.start - 1)
        elif type_byte == c'_':
            if end != self.start + 1:
                self.fail_value("nothing after the _ of a null", end)
            result = Py_None
            Py_INCREF(<object>result)
        elif type_byte == c'#':
            if end != self.start + 2 or self.buffer[self.start + 1] not in b"tf":
                self.fail_value("t or f after the # of a boolean", end)
            result = Py_True if self.buffer[self.start + 1] == c't' else Py_False
            Py_INCREF(<object>result)
        elif type_byte == c',':
            result = self.double_number(end)
        elif type_byte == c'(':
            result = self.big_number(end)
        else:
            result = self.end_of_stream(end)
        self.start = end + 2
        return result

    cdef PyObject *most_common(self, char type_byte) except NULL:
        """A short status, a whole string or a number without a sign, read in one pass; INCOMPLETE for anything else."""
        cdef const char *first = self.buffer + self.start + 1
        cdef const char *stop = self.buffer + self.stop
        cdef const char *byte = first
        cdef Py_ssize_t number = 0
        cdef PyObject *result
        if type_byte == c'+':
            byte = <const char *>memchr(first, c'\r', min(stop - first, HEADER_LIMIT))
            if byte is NULL:
                return INCOMPLETE
        elif type_byte == c'$' or type_byte == c':':
            if stop - first > 18:
                stop = first + 18
            while byte < stop and c'0' <= byte[0] <= c'9':
                number = number * 10 + (byte[0] - c'0')
                byte += 1
            stop = self.buffer + self.stop
        else:
            return INCOMPLETE
        if byte == first or stop - byte < 2 or byte[0] != c'\r' or byte[1] != c'\n':
            return INCOMPLETE
        byte += 2
        if type_byte == c':':
            result = long_of(number)
        elif type_byte == c'+':
            result = self.text(type_byte, first, byte - 2 - first)
        elif stop - byte < 2 or number > stop - byte - 2 or byte[number] != c'\r' or byte[number + 1] != c'\n':
            return INCOMPLETE
        else:
            result = self.decoded(byte, number) if self.decoding else bytes_of(byte, number)
            byte += number + 2
        if self.depth != 0 and self.frames[self.depth - 1].kind == STREAM:
            Py_DECREF(<object>result)
            return INCOMPLETE
        self.scanned = self.wanted = 0
        self.start = byte - self.buffer
        return result

    # --- strings ---------------------------------------------------------------------------------------------

    cdef PyObject *string(self, char type_byte, Py_ssize_t end) except NULL:
        """A string with a declared size, of which the header ends at `end`."""
        cdef Py_ssize_t size = 0
        cdef Py_ssize_t body = end + 2
        cdef PyObject *result
        if type_byte == c'$' and end == self.start + 2 and self.buffer[self.start + 1] == c'?':
            self.open_frame(STREAM, -1)
            self.start = body
            return OPENED
        if not self.number(end, &size) or (size < 0 and type_byte != c'$'):
            self.fail_value("the size of a string", end)
        if size < 0:
            self.start = body
            Py_INCREF(None)
            return Py_None
        if size == 0 and type_byte == c';':
            self.start = body
            return self.close_frame()
        if size > STRING_LIMIT:
            self.fail(f"Protocol Error: a string of {size} bytes; at most {STRING_LIMIT} are taken (MAX_STRING)")
        if self.stop - body < size + 2:
            if (
                body - self.start + size + 2 <= self.read_size
                and size <= (self.stop - self.start) * BULK_TRUST + BULK_START
            ):
                self.wanted = body - self.start + size + 2
            else:
                self.start = body
                self.begin_bulk(type_byte, size)
            return INCOMPLETE
        if self.buffer[body + size] != c'\r' or self.buffer[body + size + 1] != c'\n':
            self.start = body + size
            self.fail_value("CR LF at the end of a string", self.stop)
        result = self.text(type_byte, self.buffer + body, size)
        self.start = body + size + 2
        return result

    cdef PyObject *text(self, char type_byte, const char *data, Py_ssize_t size) except NULL:
        """The value of a string of this type."""
        if type_byte == c'!':
            return self.error(data, size)
        if type_byte == c'=':
            if size < 4 or data[3] != c':':
                self.fail("Protocol Error: a verbatim string without its format: expected three characters and a colon")
            data += 4
            size -= 4
        if type_byte == c';' or not self.decoding:
            return bytes_of(data, size)
        return self.decoded(data, size)

    cdef PyObject *decoded(self, const char *data, Py_ssize_t size) except NULL:
        cdef PyObject *result
        if self.utf8:
            result = decode_utf8(data, size, <char *>self.errors)
        else:
            result = decode_any(data, size, <char *>self.encoding_name, <char *>self.errors)
        return result if result is not NULL else self.failed()

    cdef PyObject *error(self, const char *data, Py_ssize_t size) except NULL:
        """What `reply_error` makes of an error reply."""
        cdef object value
        try:
            value = self.reply_error(data[:size].decode("utf-8", "replace"))
        except Exception as error:
            self.remember(error)
            value = None
        if self.fatal_error is not None and isinstance(value, self.fatal_error):
            self.remember(value)
        Py_INCREF(value)
        return <PyObject *>value

    cdef int remember(self, object error) except -1:
        """Raise this error once the reply has been read; the first one counts, and none of an attribute."""
        cdef Py_ssize_t index
        for index in range(self.depth):
            if self.frames[index].kind == ATTRIBUTE:
                return 0
        if self.failure is None:
            self.failure = error
        return 0

    cdef PyObject *failed(self) except NULL:
        """Keep the exception that is set for the end of the reply; its place is taken by None."""
        if PyErr_ExceptionMatches(PyExc_MemoryError):
            return NULL
        try:
            raise_pending()
        except Exception as error:
            self.remember(error)
        Py_INCREF(None)
        return Py_None

    # --- a long string, straight into its object -------------------------------------------------------------

    cdef int begin_bulk(self, char type_byte, Py_ssize_t size) except -1:
        """Go on with a string outside the buffer, of which the beginning may stand there at `start`."""
        cdef Py_ssize_t arrived = self.stop - self.start
        self.bulk_type = type_byte
        self.bulk_size = size + 2
        self.bulk_room = min(self.bulk_size, arrived * BULK_TRUST + BULK_START)
        self.bulk_filled = arrived
        self.bulk = bytes_of(NULL, self.bulk_room)
        memcpy(PyBytes_AS_STRING(self.bulk), self.buffer + self.start, arrived)
        self.start = self.stop = 0
        return 0

    cdef int grow_bulk(self) except -1:
        """Allocate more, in proportion to what has arrived."""
        cdef Py_ssize_t room = min(self.bulk_size, self.bulk_filled * BULK_TRUST + BULK_START)
        try:
            _PyBytes_Resize(&self.bulk, room)
        except MemoryError:
            self.broken = f"no memory for a string of {self.bulk_size - 2} bytes"
            raise
        self.bulk_room = room
        return 0

    cdef PyObject *end_bulk(self) except NULL:
        """The value of the long string, which has arrived."""
        cdef PyObject *whole = self.bulk
        cdef char *data = PyBytes_AS_STRING(whole)
        cdef Py_ssize_t size = self.bulk_size - 2
        self.bulk = NULL
        try:
            if data[size] != c'\r' or data[size + 1] != c'\n':
                self.fail("Protocol Error: expected CR LF at the end of a string")
            if self.bulk_type == c'$' and not self.decoding or self.bulk_type == c';':
                _PyBytes_Resize(&whole, size)
                data = <char *>whole
                whole = NULL
                return <PyObject *>data
            return self.text(self.bulk_type, data, size)
        finally:
            Py_XDECREF(whole)

    # --- numbers ---------------------------------------------------------------------------------------------

    cdef PyObject *integer(self, Py_ssize_t end) except NULL:
        cdef Py_ssize_t index = self.start + 1
        cdef long long result = 0
        cdef bint negative = index < end and self.buffer[index] == c'-'
        cdef int digit
        if index < end and self.buffer[index] in b"+-":
            index += 1
        if end - index > 18:
            return self.big_number(end)
        if index == end:
            self.fail_value("an integer", end)
        while index < end:
            digit = self.buffer[index] - c'0'
            if not 0 <= digit <= 9:
                self.fail_value("an integer", end)
            result = result * 10 + digit
            index += 1
        return long_of(-result if negative else result)

    cdef PyObject *big_number(self, Py_ssize_t end) except NULL:
        cdef Py_ssize_t index = self.start + 1
        cdef PyObject *result
        if index < end and self.buffer[index] in b"+-":
            index += 1
        if index == end:
            self.fail_value("an integer", end)
        while index < end:
            if not c'0' <= self.buffer[index] <= c'9':
                self.fail_value("an integer", end)
            index += 1
        self.buffer[end] = 0
        result = long_of_text(self.buffer + self.start + 1, NULL, 10)
        self.buffer[end] = c'\r'
        return result if result is not NULL else self.failed()

    cdef PyObject *double_number(self, Py_ssize_t end) except NULL:
        cdef bytes digits = self.buffer[self.start + 1:end]
        if not digits or digits.strip() != digits or b"_" in digits:
            self.fail_value("a number", end)
        try:
            return float_of(float(digits))
        except ValueError:
            self.fail_value("a number", end)

    # --- aggregates ------------------------------------------------------------------------------------------

    cdef PyObject *aggregate(self, char type_byte, Py_ssize_t end) except NULL:
        """Begin an array, set, map, push or attribute, of which the header ends at `end`."""
        cdef Py_ssize_t count = 0
        cdef Kind kind = LIST
        if type_byte == c'>':
            if self.depth != 0:
                self.fail_value("no push inside a reply", end)
            kind = PUSH
        elif type_byte == c'%':
            kind = MAP
        elif type_byte == c'|':
            kind = ATTRIBUTE
        if end == self.start + 2 and self.buffer[self.start + 1] == c'?' and kind != PUSH and kind != ATTRIBUTE:
            count = -1
        elif not self.number(end, &count) or (count < 0 and type_byte != c'*'):
            self.fail_value("the number of elements", end)
        elif count < 0:
            self.start = end + 2
            Py_INCREF(None)
            return Py_None
        elif count == 0 and kind == PUSH:
            self.fail_value("the kind of a push", end)
        elif count > ELEMENTS_LIMIT:
            self.fail(f"Protocol Error: {count} elements; at most {ELEMENTS_LIMIT} are taken (MAX_ELEMENTS)")
        self.start = end + 2
        self.open_frame(kind, count * 2 if kind in (MAP, ATTRIBUTE) and count > 0 else count)
        return OPENED if count != 0 else self.close_frame()

    cdef PyObject *end_of_stream(self, Py_ssize_t end) except NULL:
        """The dot that ends a streamed aggregate."""
        if end != self.start + 1:
            self.fail_value("nothing after the dot", end)
        if self.depth == 0 or self.frames[self.depth - 1].left >= 0:
            self.fail_value("no end where no stream has begun", end)
        if self.frames[self.depth - 1].key is not NULL:
            self.fail_value("a value for the last key of a map", end)
        return self.close_frame()

    cdef int open_frame(self, Kind kind, Py_ssize_t count) except -1:
        """Begin an aggregate of so many values."""
        cdef Frame *frames
        cdef Frame *frame
        cdef Py_ssize_t room, likely
        if self.depth == DEPTH_LIMIT:
            self.fail(f"Protocol Error: more than {DEPTH_LIMIT} aggregates within one another (MAX_DEPTH)")
        if self.depth == self.frames_room:
            room = max(self.frames_room * 2, 4)
            frames = <Frame *>PyMem_Realloc(self.frames, room * sizeof(Frame))
            if frames is NULL:
                raise MemoryError
            self.frames = frames
            self.frames_room = room
        frame = self.frames + self.depth
        frame.kind = kind
        frame.left = count
        frame.key = NULL
        if kind in (MAP, ATTRIBUTE):
            frame.container = dict_of()
        else:
            # Room for no more elements than the bytes at hand can hold, of which the shortest has three. All open
            # aggregates share them: each gets half of what the one around it got.
            likely = ((self.stop - self.start) // 3 >> min(self.depth, 31)) + 1
            frame.container = list_with_room(min(max(count, 0), likely))
        self.depth += 1
        return 0

    cdef bint add(self, PyObject **value) except -1:
        """Put a value into the innermost aggregate. If that completes it, true, and it is the next value itself."""
        cdef Frame *frame = self.frames + self.depth - 1
        cdef PyObject *key
        cdef int outcome
        if frame.kind != MAP and frame.kind != ATTRIBUTE:
            list_put(frame.container, value[0])
        elif frame.key is NULL:
            frame.key = value[0]
        else:
            key = frame.key
            frame.key = NULL
            outcome = dict_set(frame.container, key, value[0])
            Py_DECREF(<object>key)
            Py_DECREF(<object>value[0])
            if outcome < 0:
                Py_DECREF(<object>self.failed())
        if frame.left < 0:
            return False
        frame.left -= 1
        if frame.left != 0:
            return False
        value[0] = self.close_frame()
        return True

    cdef PyObject *close_frame(self) except NULL:
        """The innermost aggregate, complete; OPENED for an attribute, which is no value."""
        cdef Frame *frame = self.frames + self.depth - 1
        cdef PyObject *container = frame.container
        cdef Kind kind = frame.kind
        cdef object whole
        self.depth -= 1
        if kind == PUSH:
            self.pushed = True
        elif kind == ATTRIBUTE:
            Py_DECREF(<object>container)
            return OPENED
        elif kind == STREAM:
            whole = b"".join(<list>container)
            Py_DECREF(<object>container)
            return self.text(c'$', <char *><bytes>whole, len(<bytes>whole))
        return container

    cdef int drop_frames(self) noexcept:
        cdef Frame *frame
        while self.depth != 0:
            self.depth -= 1
            frame = self.frames + self.depth
            Py_XDECREF(frame.key)
            Py_XDECREF(frame.container)
        return 0

"""OWNS: commands on their way to bytes.

It sends nothing and knows nothing of redis-py. Short values are copied into one buffer; long ones stay where they are
and are sent from there.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.mem cimport PyMem_Free, PyMem_Realloc
from cpython.memoryview cimport PyMemoryView_GET_BUFFER
from cpython.tuple cimport PyTuple_GET_SIZE
from cpython.unicode cimport PyUnicode_AsEncodedString, PyUnicode_AsUTF8String
from libc.string cimport memcpy

from respool._lock cimport claim, give_up

cdef extern from "Python.h":
    bint PyBytes_CheckExact(object)
    bint PyUnicode_CheckExact(object)
    bint PyLong_CheckExact(object)
    bint PyUnicode_IS_COMPACT_ASCII(object)
    void *PyUnicode_1BYTE_DATA(object)
    Py_ssize_t PyUnicode_GET_LENGTH(object)


cdef enum:
    FIRST_ROOM = 512        # bytes of a buffer when it is first needed
    KEPT_ROOM = 16384       # bytes of a buffer that is kept for the next command
    MOST_DIGITS = 24        # of a size or an integer that fits a machine word, with sign


cdef int write_number(char *where, long long number) noexcept:
    """Write a number in decimal; returns how many bytes that took."""
    cdef char digits[MOST_DIGITS]
    cdef int count = 0
    cdef int written = 0
    cdef unsigned long long rest = <unsigned long long>number
    if number < 0:
        where[0] = c'-'
        written = 1
        rest = 0 - rest
    while True:
        digits[count] = c'0' + <char>(rest % 10)
        count += 1
        rest //= 10
        if rest == 0:
            break
    while count != 0:
        count -= 1
        where[written] = digits[count]
        written += 1
    return written


cdef bint is_one_word(object name) noexcept:
    """Whether a string is ASCII without spaces, and not empty."""
    cdef Py_ssize_t index, size
    cdef const char *data
    if not PyUnicode_IS_COMPACT_ASCII(name):
        return False
    data = <const char *>PyUnicode_1BYTE_DATA(name)
    size = PyUnicode_GET_LENGTH(name)
    for index in range(size):
        if not c'!' <= data[index] <= c'~':
            return False
    return size != 0


cdef class Packer:
    """Collects commands as the server reads them.

    Parameters
    ----------
    data_error : callable
        Makes the exception for a value that cannot be sent, from a message.
    encoding, errors : str or None
        How strings are encoded; UTF-8 without an encoding.
    cutoff : int, in bytes
        Values longer than this are not copied.
    encode : callable or None
        Is asked first about every value; what it returns is then packed.

    Belongs to one thread at a time.
    """

    def __cinit__(self, data_error, encoding="utf-8", errors="strict", Py_ssize_t cutoff=16384, encode=None):
        self.data_error = data_error
        self.cutoff = max(cutoff, MOST_DIGITS)  # numbers are not kept, so they must be copied
        self.kept = []
        self.encode = encode
        self.encoding = encoding
        self.encoding_name = None if encoding is None else encoding.encode()
        self.errors = b"strict" if errors is None else errors.encode()
        self.utf8 = encoding is not None and encoding.lower() in ("utf-8", "utf8")

    def __dealloc__(self):
        PyMem_Free(self.buffer)
        PyMem_Free(self.pieces)

    def pack(self, *args):
        """Return a command as a list of bytes-like chunks; raises what `data_error` makes of a value of another type.

        Long values are in the list as they are.
        """
        cdef Packer packer = self.begin()
        try:
            packer.add_command(args, True)
            return packer.chunks()
        finally:
            packer.clear()

    def pack_command(self, tuple args):
        """Return a command, a tuple of str, bytes, bytearray, memoryview, int and float, as bytes in RESP.

        Strings are in UTF-8. Takes the place of `hiredis.pack_command`.

        Raises `redis.exceptions.DataError` for a value of another type, and if there is no value at all.
        """
        cdef Packer packer = self.begin()
        try:
            packer.add_command(args, False)
            return packer.joined()
        finally:
            packer.clear()

    def pack_all(self, commands):
        """Return commands, each a sequence of a name and values, as one list of chunks; raises as `pack` does."""
        cdef Packer packer = self.begin()
        try:
            for command in commands:
                packer.add_command(tuple(command), True)
            return packer.chunks()
        finally:
            packer.clear()

    cdef Packer begin(self):
        """A packer to be filled, and cleared afterwards: this one, or another if it is in use further up the stack."""
        cdef Packer other
        if claim(&self.busy):
            return self
        other = Packer(self.data_error, self.encoding, self.errors.decode(), self.cutoff, self.encode)
        claim(&other.busy)
        return other

    cdef Py_ssize_t size(self) noexcept:
        """Bytes of all commands."""
        return self.used + self.long_bytes

    cdef int empty(self) noexcept:
        """Forget all commands, and go on packing."""
        self.used = 0
        self.count = 0
        self.long_bytes = 0
        if self.kept:
            self.kept.clear()
        return 0

    cdef int clear(self) noexcept:
        """Forget all commands, and be another's to fill."""
        if self.room > KEPT_ROOM:
            PyMem_Free(self.buffer)
            self.buffer = NULL
            self.room = 0
        self.empty()
        give_up(&self.busy)
        return 0

    cdef bytes joined(self):
        """All commands in one piece."""
        cdef Py_ssize_t total = self.used
        cdef Py_ssize_t index, start = 0
        cdef Piece *piece
        cdef bytes whole
        cdef char *end
        for index in range(self.count):
            total += self.pieces[index].size
        whole = PyBytes_FromStringAndSize(NULL, total)
        end = PyBytes_AS_STRING(whole)
        for index in range(self.count):
            piece = self.pieces + index
            memcpy(end, self.buffer + start, piece.upto - start)
            end += piece.upto - start
            memcpy(end, piece.data, piece.size)
            end += piece.size
            start = piece.upto
        memcpy(end, self.buffer + start, self.used - start)
        return whole

    cdef list chunks(self):
        """All commands, cut where long values stand, which are as their owners hold them unless those are strings."""
        cdef Py_ssize_t index, start = 0
        cdef Piece *piece
        cdef list result = []
        for index in range(self.count):
            piece = self.pieces + index
            result.append(PyBytes_FromStringAndSize(self.buffer + start, piece.upto - start))
            owner = self.kept[index]
            result.append(PyBytes_FromStringAndSize(piece.data, piece.size) if isinstance(owner, str) else owner)
            start = piece.upto
        if start != self.used:
            result.append(PyBytes_FromStringAndSize(self.buffer + start, self.used - start))
        return result

    # --- commands --------------------------------------------------------------------------------------------

    cdef int add_command(self, tuple args, bint split) except -1:
        """Add a command. With `split` its first value is a name of one or more words, as in redis-py.

        After an error there is nothing to be sent; the caller clears.
        """
        cdef Py_ssize_t count = PyTuple_GET_SIZE(args)
        cdef Py_ssize_t index = 0
        cdef tuple words = None
        if count == 0:
            raise self.data_error("a command needs a name")
        if split:
            words = self.name_of(args[0])
        if words is not None:
            self.add_header(c'*', count - 1 + len(words))
            for word in words:
                self.add(word)
            index = 1
        else:
            self.add_header(c'*', count)
            if split and self.encode is None and PyUnicode_CheckExact(args[0]):  # ASCII, in whatever encoding
                self.add_value(args[0], <const char *>PyUnicode_1BYTE_DATA(args[0]), PyUnicode_GET_LENGTH(args[0]))
                index = 1
        while index < count:
            self.add(<object>args[index])
            index += 1
        return 0

    cdef tuple name_of(self, object value):
        """The words of a command's name; None if it is a single one."""
        cdef tuple words
        if isinstance(value, str):
            if is_one_word(value):
                return None
            words = tuple(value.encode().split())
        elif isinstance(value, bytes):
            if value and b" " not in value:
                return None
            words = tuple(value.split())
        else:
            raise self.data_error(f"Invalid name of a command: expected str or bytes, got {type(value).__name__!r}")
        if not words:
            raise self.data_error(f"Invalid name of a command: {value!r} holds no word")
        return words

    cdef int add(self, object value) except -1:
        """Add a value of a command, with its size."""
        if self.encode is not None:
            value = self.encode(value)
        if PyBytes_CheckExact(value):
            return self.add_value(value, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))
        if PyUnicode_CheckExact(value):
            return self.add_text(value)
        if PyLong_CheckExact(value):
            return self.add_integer(value)
        if isinstance(value, bytes):
            return self.add_value(value, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value))
        if isinstance(value, (bytearray, memoryview)):
            return self.add_buffer(value)
        if isinstance(value, str):
            return self.add_text(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return self.refuse(value)
        return self.add_number(repr(value))

    cdef int add_number(self, object text) except -1:
        cdef bytes encoded = PyUnicode_AsUTF8String(text)
        return self.add_value(encoded, PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))

    cdef int refuse(self, object value) except -1:
        # The value itself may be a secret.
        raise self.data_error(
            f"Invalid input of type: '{type(value).__name__}'. Convert to a bytes, string, int or float first.")

    cdef int add_text(self, object value) except -1:
        cdef bytes encoded
        if self.utf8:
            if PyUnicode_IS_COMPACT_ASCII(value):
                return self.add_value(value, <const char *>PyUnicode_1BYTE_DATA(value), PyUnicode_GET_LENGTH(value))
            if self.errors == b"strict":
                encoded = PyUnicode_AsUTF8String(value)
            else:
                encoded = PyUnicode_AsEncodedString(value, "utf-8", <char *>self.errors)
        elif self.encoding is None:
            encoded = PyUnicode_AsUTF8String(value)
        else:
            encoded = PyUnicode_AsEncodedString(value, <char *>self.encoding_name, <char *>self.errors)
        return self.add_value(encoded, PyBytes_AS_STRING(encoded), PyBytes_GET_SIZE(encoded))

    cdef int add_buffer(self, object value) except -1:
        cdef object view = memoryview(value)
        cdef bytes copied
        if not view.c_contiguous:
            copied = view.tobytes()
            return self.add_value(copied, PyBytes_AS_STRING(copied), PyBytes_GET_SIZE(copied))
        cdef Py_buffer *buffer = PyMemoryView_GET_BUFFER(view)
        return self.add_value(view, <const char *>buffer.buf, buffer.len)

    cdef int add_integer(self, object value) except -1:
        cdef int overflow = 0
        cdef long long number = PyLong_AsLongLongAndOverflow(value, &overflow)
        cdef char digits[MOST_DIGITS]
        cdef int count
        if overflow != 0:
            return self.add_number(repr(value))
        count = write_number(digits, number)
        return self.add_value(None, digits, count)

    # --- bytes -----------------------------------------------------------------------------------------------

    cdef int make_room(self, Py_ssize_t size) except -1:
        cdef Py_ssize_t room
        cdef char *buffer
        if self.room - self.used >= size:
            return 0
        room = max(self.room, FIRST_ROOM)
        while room - self.used < size:
            room *= 2
        buffer = <char *>PyMem_Realloc(self.buffer, room)
        if buffer is NULL:
            raise MemoryError
        self.buffer = buffer
        self.room = room
        return 0

    cdef int add_header(self, char type_byte, Py_ssize_t number) except -1:
        cdef char *end
        cdef int written
        self.make_room(MOST_DIGITS + 3)
        end = self.buffer + self.used
        end[0] = type_byte
        if number < 10:
            end[1] = c'0' + <char>number
            written = 1
        else:
            written = write_number(end + 1, number)
        end[written + 1] = c'\r'
        end[written + 2] = c'\n'
        self.used += written + 3
        return 0

    cdef int add_value(self, object owner, const char *data, Py_ssize_t size) except -1:
        cdef Piece *pieces
        cdef Py_ssize_t room
        self.add_header(c'$', size)
        if size <= self.cutoff:
            self.make_room(size + 2)
            memcpy(self.buffer + self.used, data, size)
            self.used += size
        else:
            if self.count == self.pieces_room:
                room = max(self.pieces_room * 2, 1)
                pieces = <Piece *>PyMem_Realloc(self.pieces, room * sizeof(Piece))
                if pieces is NULL:
                    raise MemoryError
                self.pieces = pieces
                self.pieces_room = room
            self.pieces[self.count].upto = self.used
            self.pieces[self.count].data = data
            self.pieces[self.count].size = size
            self.kept.append(owner)
            self.long_bytes += size
            self.count += 1
            self.make_room(2)
        self.buffer[self.used] = c'\r'
        self.buffer[self.used + 1] = c'\n'
        self.used += 2
        return 0

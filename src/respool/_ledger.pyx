"""OWNS: what a connection owes and what it would leave behind: the reason why nobody gets somebody else's reply.

It counts the commands that go out and the replies that come in, and notes the commands that change the state of the
connection at the server. It reads and sends nothing itself. When it is in doubt, the connection is not clean.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.string cimport memchr

from redis.exceptions import ExecAbortError

cdef extern from *:
    """
    /* Whether a word is this one, which is in capitals; the word may be in any case. */
    static inline int respool_same(const char *word, Py_ssize_t size, const char *capitals) {
        Py_ssize_t index;
        if (size != (Py_ssize_t)strlen(capitals)) {
            return 0;
        }
        for (index = 0; index < size; index++) {
            char byte = word[index];
            if (byte >= 'a' && byte <= 'z') {
                byte -= 'a' - 'A';
            }
            if (byte != capitals[index]) {
                return 0;
            }
        }
        return 1;
    }
    """
    bint same "respool_same"(const char *word, Py_ssize_t size, const char *capitals) noexcept


cdef enum:
    LONGEST_HEADER = 24     # bytes of a line that holds a size


cdef long long number(const char *data, const char *stop) noexcept:
    """The size in a header line without its type byte; negative if it is none."""
    cdef long long result = 0
    if data == stop or stop - data > 18:
        return -1
    while data != stop:
        if not c'0' <= data[0] <= c'9':
            return -1
        result = result * 10 + (data[0] - c'0')
        data += 1
    return result


cdef const char *value_end(const char *data, const char *stop, Py_ssize_t *size) noexcept:
    """End of the value of a command at `data`, and its size; NULL if it is not wholly there."""
    cdef const char *line
    cdef long long length
    if data >= stop or data[0] != c'$':
        return NULL
    line = <const char *>memchr(data, c'\r', min(stop - data, LONGEST_HEADER))
    if line is NULL:
        return NULL
    length = number(data + 1, line)
    if length < 0 or length > stop - line - 2:
        return NULL
    size[0] = <Py_ssize_t>length
    return line + 2 + length


cdef class Ledger:
    """The account of one connection at one server, from the first byte to the last."""

    @property
    def owed(self):
        """Replies to commands that were sent and not read."""
        return self.sent - self.answered

    @property
    def reason(self):
        """Why the connection must not be given to anybody else; None if it may."""
        if self.taint is not None:
            return self.taint
        if self.sent != self.answered:
            return f"{self.sent - self.answered} replies unread"
        if self.multi != 0:
            return "in a transaction (MULTI)"
        if self.watch != 0:
            return "keys watched (WATCH)"
        if self.asking != 0:
            return "ASKING"
        if self.missing_values != 0 or self.missing_bytes != 0 or self.rest is not None:
            return "a command sent in part"
        return None

    cdef bint clean(self) noexcept:
        """Whether a stranger may use the connection."""
        return (
            self.sent == self.answered and self.taint is None
            and self.multi == 0 and self.watch == 0 and self.asking == 0
            and self.missing_values == 0 and self.missing_bytes == 0 and self.rest is None
        )

    cpdef int stain(self, str taint) except -1:
        """Say once and for all why nobody else may use the connection."""
        if self.taint is None:
            self.taint = taint
        return 0

    # --- replies ---------------------------------------------------------------------------------------------

    cpdef int settle(self, reply) except -1:
        """Take note of a whole reply that is no push."""
        cdef bint ended
        if self.answered >= self.sent and not self.streaming:
            self.stain("a reply to nothing that was sent")
            return 0
        self.answered += 1
        if self.answered != self.ending:
            return 0
        if self.ending_kind == c'E':
            ended = reply is None or isinstance(reply, (list, ExecAbortError))
        else:
            ended = reply == b"OK" or reply == "OK"  # and not QUEUED
        if ended:
            if self.watch < self.ending:
                self.watch = 0
            if self.multi < self.ending and self.ending_kind != c'U':
                self.multi = 0
        self.ending = 0
        return 0

    # --- commands --------------------------------------------------------------------------------------------

    cpdef int count_chunks(self, chunks) except -1:
        """Take note of bytes-like chunks that are about to be sent: any number of commands, cut anywhere."""
        cdef Py_buffer view
        for chunk in chunks:
            PyObject_GetBuffer(chunk, &view, PyBUF_SIMPLE)
            try:
                self.count(<const char *>view.buf, view.len)
            finally:
                PyBuffer_Release(&view)
        return 0

    cdef int count_one(self, const char *data, Py_ssize_t size) except -1:
        """Take note of one whole command that is about to be sent, of which the beginning is here."""
        cdef const char *line = <const char *>memchr(data, c'\r', size)
        self.sent += 1
        return self.command(number(data + 1, line), line + 2, data + size)

    cdef int count(self, const char *data, Py_ssize_t size) except -1:
        """Take note of bytes that are about to be sent: any number of commands, cut anywhere."""
        cdef bytes joined
        if self.rest is not None:
            joined = self.rest + data[:size]
            self.rest = None
            return self.scan(<char *>joined, <char *>joined + len(joined))
        return self.scan(data, data + size)

    cdef int scan(self, const char *data, const char *stop) except -1:
        cdef const char *line
        cdef long long size
        while data != stop:
            if self.missing_bytes != 0:
                size = min(self.missing_bytes, <long long>(stop - data))
                self.missing_bytes -= size
                data += size
                continue
            if data[0] != (c'*' if self.missing_values == 0 else c'$'):
                return self.stain("a command that is no RESP array")
            line = <const char *>memchr(data, c'\n', min(stop - data, LONGEST_HEADER))
            if line is NULL:
                if stop - data >= LONGEST_HEADER:
                    return self.stain("a command that is no RESP array")
                self.rest = data[:stop - data]
                return 0
            size = number(data + 1, line - 1)
            if size < 0:
                return self.stain("a command that is no RESP array")
            data = line + 1
            if self.missing_values != 0:
                self.missing_values -= 1
                self.missing_bytes = size + 2
            elif size != 0:  # an empty command has no reply
                self.sent += 1
                self.missing_values = size
                self.command(size, data, stop)
        return 0

    cdef int command(self, long long values, const char *data, const char *stop) except -1:
        """Note what a command of so many values, of which the first is at `data`, does to the connection."""
        cdef Py_ssize_t size = 0
        cdef Py_ssize_t option_size = 0
        cdef const char *end = value_end(data, stop, &size)
        cdef const char *option = NULL
        if self.asking != 0:  # it has held for one command
            self.asking = 0
        if end is NULL:
            return self.stain("a command that was cut in its name")
        if size > 13 or size < 4:
            return 0
        if values > 1 and end + 2 < stop:
            option = value_end(end + 2, stop, &option_size)
            if option is not NULL:
                option -= option_size
        return self.effect(end - size, size, option, option_size)

    cdef int effect(self, const char *name, Py_ssize_t size, const char *option, Py_ssize_t option_size) except -1:
        """Note what a command does to the connection. `option`: its second value, NULL if that is not at hand."""
        cdef char letter = name[0] & ~0x20  # in capitals
        if letter == c'A':
            if same(name, size, "AUTH") and not self.trusted:
                self.stain("another user (AUTH)")
            elif same(name, size, "ASKING"):
                self.asking = self.sent
        elif letter == c'C':
            if same(name, size, "CLIENT"):
                self.client_effect(option, option_size)
        elif letter == c'D':
            if same(name, size, "DISCARD"):
                self.ending = self.sent
                self.ending_kind = letter
        elif letter == c'E':
            if same(name, size, "EXEC"):
                self.ending = self.sent
                self.ending_kind = letter
        elif letter == c'H':
            if same(name, size, "HELLO") and not self.trusted:
                self.stain("another protocol or user (HELLO)")
        elif letter == c'M':
            if same(name, size, "MULTI"):
                self.multi = self.sent
            elif same(name, size, "MONITOR"):
                self.stain("a stream of commands (MONITOR)")
                self.streaming = True
        elif letter == c'P' or letter == c'U' or letter == c'S':
            if (
                same(name, size, "SUBSCRIBE") or same(name, size, "PSUBSCRIBE") or same(name, size, "SSUBSCRIBE")
                or same(name, size, "UNSUBSCRIBE") or same(name, size, "PUNSUBSCRIBE")
                or same(name, size, "SUNSUBSCRIBE")
            ):
                self.stain("subscriptions (SUBSCRIBE)")
                self.streaming = True
            elif same(name, size, "SELECT"):
                self.select_effect(option, option_size)
            elif same(name, size, "UNWATCH"):
                self.ending = self.sent
                self.ending_kind = letter
            elif same(name, size, "SYNC") or same(name, size, "PSYNC"):
                self.stain("a stream of commands (SYNC)")
                self.streaming = True
            elif same(name, size, "SCRIPT") and (option is NULL or same(option, option_size, "DEBUG")):
                self.stain("a debugger (SCRIPT DEBUG)")
        elif letter == c'R':
            if (same(name, size, "READONLY") or same(name, size, "READWRITE")) and not self.trusted:
                self.stain("reads from a replica (READONLY)")
            elif same(name, size, "RESET"):
                self.stain("a new session (RESET)")
            elif same(name, size, "REPLCONF"):
                self.stain("a replica's connection (REPLCONF)")
        elif letter == c'Q':
            if same(name, size, "QUIT"):
                self.stain("the end (QUIT)")
        elif letter == c'W':
            if same(name, size, "WATCH"):
                self.watch = self.sent
        return 0

    cdef int client_effect(self, const char *option, Py_ssize_t size) except -1:
        if option is NULL or same(option, size, "REPLY"):
            self.stain("missing replies (CLIENT REPLY)")
            self.streaming = True
        elif self.trusted:
            return 0
        elif same(option, size, "TRACKING") or same(option, size, "CACHING"):
            self.stain("invalidations (CLIENT TRACKING)")
        elif (
            same(option, size, "NO-EVICT") or same(option, size, "NO-TOUCH") or same(option, size, "CAPA")
            or same(option, size, "IMPORT-SOURCE") or same(option, size, "MAINT_NOTIFICATIONS")
        ):
            self.stain("another mode of the connection (CLIENT)")
        return 0

    cdef int select_effect(self, const char *option, Py_ssize_t size) except -1:
        if not self.trusted and (option is NULL or number(option, option + size) != self.database):
            self.stain("another database (SELECT)")
        return 0

"""Layout of the reply ledger."""


cdef class Ledger:
    cdef readonly long long sent        # commands that were sent
    cdef readonly long long answered    # whole replies that were read; pushes are none
    cdef readonly object taint          # what a stranger would inherit as long as this connection lives, or None
    cdef readonly bint streaming        # replies and commands do not match any more: SUBSCRIBE, MONITOR, ...
    cdef public bint trusted            # commands are the connection's own: its handshake, AUTH on its behalf
    cdef public long database           # that the connection is meant to use
    cdef unsigned long sender           # thread of the last command
    # Passing states, as the numbers of the commands that caused them; 0: none.
    cdef long long multi                # open transaction
    cdef long long watch                # watched keys
    cdef long long asking
    cdef long long ending               # EXEC, DISCARD or UNWATCH of which the reply has not come ...
    cdef char ending_kind               # ... and its first letter
    # Where a request was cut.
    cdef long long missing_values       # of the command under way
    cdef long long missing_bytes        # of its value under way, with CR LF
    cdef bytes rest                     # beginning of a line, or None

    cdef int count(self, const char *data, Py_ssize_t size) except -1
    cpdef int count_chunks(self, chunks) except -1
    cdef int count_one(self, const char *data, Py_ssize_t size) except -1
    cpdef int settle(self, reply) except -1
    cdef bint clean(self) noexcept
    cdef int scan(self, const char *data, const char *stop) except -1
    cdef int command(self, long long values, const char *data, const char *stop) except -1
    cdef int effect(self, const char *name, Py_ssize_t size, const char *option, Py_ssize_t option_size) except -1
    cdef int client_effect(self, const char *option, Py_ssize_t size) except -1
    cdef int select_effect(self, const char *option, Py_ssize_t size) except -1
    cpdef int stain(self, str taint) except -1

"""Layout of an asyncio wire: one session with one server, on a transport."""

from respool._ledger cimport Ledger
from respool._resp cimport Reader
from respool._wire cimport Standing

cdef extern from "_socket.h":
    ctypedef int respool_fd


cdef class AsyncWire:
    cdef readonly Reader reader
    cdef readonly Ledger ledger
    cdef object stream              # StreamWriter of who connected; its end would close the transport
    cdef bint patched               # somebody wants to see what is sent by it
    cdef readonly object transport
    cdef readonly object loop
    cdef unsigned long thread       # of the loop
    cdef object predecessor         # the protocol that connected: what waits for it is told of what happens
    cdef object current_task        # asyncio's functions
    cdef object running_loop
    cdef object sender              # the task of the last command, weakly, while replies are owed
    cdef respool_fd fd              # to look whether something is pending; negative: there is none
    cdef bint tls
    cdef bint plain                 # what is written to the transport goes to the socket as it is
    cdef bint closed                # by this side
    cdef bint ended                 # by the other side, or lost
    cdef object failure             # why it was lost: OSError, or None
    cdef public bint broken         # failed in the middle: nothing may be sent or read any more
    # Reading. At most one task waits for a reply; everything that may happen to it ends its wait and is then looked up.
    cdef object arrival             # its future, or None
    cdef bint decode                # its reply's strings
    cdef bint complete              # a reply is in the reader, for `take`
    cdef bint expired               # its time was over
    cdef bint own_timeout           # and that was not the connection's
    cdef double deadline            # monotonic seconds; negative: none
    cdef object timer               # handle of the one call that looks at the deadline; None: none is pending
    cdef double timer_due           # when it will, at the latest
    cdef Py_ssize_t held            # bytes that came and that nobody waited for
    cdef bint paused                # no more of them is received
    # Writing.
    cdef bint full                  # the transport holds more than it should: write no more for now
    cdef list draining              # futures of those who wait for that to end
    cdef char *where                # what `get_buffer` gave away: a stretch of the reader's
    cdef Py_ssize_t room

    cdef bint is_usable_here(self) except -1
    cdef int check_usable(self) except -1
    cdef int begin_sending(self) except -1
    cdef int put(self, list all_chunks) except -1
    cdef int put_out(self, bytes data) except -1
    cdef bint has_reply(self, bint decode) except -1
    cdef object hand_over(self)
    cdef int wake(self) except -1
    cdef int drained(self) except -1
    cdef int watch(self, double seconds) except -1
    cdef int set_timer(self, double seconds) except -1
    cdef int resume(self) except -1
    cdef int stop_waiting(self) except -1
    cdef bint is_reusable(self) except -1
    cdef Standing standing(self) except *

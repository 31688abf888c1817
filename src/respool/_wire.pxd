"""Layout of a wire: one session with one server."""

from respool._ledger cimport Ledger
from respool._pack cimport Packer
from respool._resp cimport Reader

cdef extern from "_socket.h":
    ctypedef int respool_fd


cdef enum Standing:
    CLEAN           # ready for the next caller
    ENDED           # the server has closed it
    UNCLEAN         # there is something a stranger must not get
    UNKNOWN         # a socket that cannot be asked without reading from it


cdef enum Arrival:
    NOTHING
    REPLY
    PUSH


cdef class Wire:
    cdef readonly Reader reader
    cdef readonly Ledger ledger
    cdef readonly object sock
    cdef respool_fd fd              # negative: there is none
    cdef bint plain                 # a socket of the standard library: its descriptor is used directly
    cdef bint tls
    cdef bint slotted               # whether it is closed can be read off its memory
    cdef bint holding               # the socket's descriptor, against its being closed
    cdef object gettimeout          # method of the socket
    cdef double kernel_timeout      # seconds that a receive waits in the kernel; 0: for ever; negative: not at all
    cdef bint reading               # a thread is about to read, or reads
    cdef bint sending
    cdef object meanwhile           # reads replies while the server does not take what is sent; true: there were some
    cdef double limit               # monotonic seconds by which all I/O must be over; negative: none
    cdef readonly bint closed       # by this side: what is still under way ends with an error
    cdef public bint broken       # failed in the middle: nothing may be sent or read any more

    cdef int send(self, Packer packer) except -1
    cdef int send_chunks(self, object chunks) except -1
    cdef int send_several(self, Packer packer, object meanwhile) except -1
    cdef object exchange(self, Packer packer, bint decode, bint *sent, Arrival *arrival)
    cdef object fetch_now(self, bint decode, Arrival *arrival)
    cdef object fetch(self, bint decode, bint push_request, bint own_timeout, double seconds, Arrival *arrival)
    cdef object first_pending(self)
    cdef bint is_reusable(self) noexcept
    cdef Standing standing(self) except *
    cdef bint can_read(self, double seconds) except -1
    cdef unsigned long close(self) noexcept

    # The caller is in the wire's section.
    cdef int check_usable(self) except -1
    cdef int begin_sending(self) except -1
    cdef int begin_reading(self) except -1
    cdef object taken(self, Arrival *arrival)
    cdef bint may_look(self) except -1
    cdef bint can_read_alone(self, double seconds) except -1
    cdef object pending(self)
    cdef bint is_clean(self) noexcept
    cdef Standing look(self) except *
    cdef bint is_sock_closed(self) except -1
    cdef double timeout(self) except? -2.0
    cdef double deadline(self, double start, double seconds) except? -2.0
    cdef int put_out(self, const char *data, Py_ssize_t size, bint more) except -1
    cdef int put_out_packer(self, Packer packer) except -1
    cdef int put_out_by_object(self, object chunk) except -1
    cdef int put_out_by_tls(self, object chunk) except -1
    cdef Py_ssize_t send_and_receive(self, Packer packer, bint *sent) except -2
    cdef int take_in(self, bint decode, bint own_timeout, double seconds) except -1
    cdef int take_in_more(
        self, bint decode, bint own_timeout, double seconds, double start, Py_ssize_t count
    ) except -1
    cdef Py_ssize_t received(self, Py_ssize_t count, int error) except -2
    cdef int set_kernel_timeout(self, double seconds) except -1
    cdef Py_ssize_t receive_in_kernel(self) except -2
    cdef int check_receipt(self, int error) except -1
    cdef Py_ssize_t receive(self, double deadline) except -2
    cdef Py_ssize_t receive_by_object(self, bint set_timeout, double deadline) except -2
    cdef bint wait(self, int what, double deadline) except -1
    cdef Standing tls_standing(self) except *
    cdef int time_out(self, bint own_timeout, double seconds) except -1


cdef double now() except? -2.0


cdef inline double seconds_of(object timeout) except? -2.0:
    """A time-out as redis-py takes it in seconds: negative for None, for ever."""
    if timeout is None:
        return -1.0
    cdef inline double seconds = timeout
    if not seconds >= 0.0:
        raise ValueError(f"timeout must be 0 or more seconds, or None to wait for ever, got {timeout!r}")
    return seconds

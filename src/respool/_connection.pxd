"""Layout of the compiled half of a connection and its parser."""

from respool._wire cimport Wire


cdef class ParserCore:
    cdef readonly Wire wire         # None: not connected
    cdef object no_timeout          # redis-py's sign for a time-out that was not given
    cdef bint overridden            # a subclass reads in a way of its own

    cdef Wire session(self)
    cpdef detach(self)
    cdef object read(self, Wire wire, bint decode, bint push_request, object timeout)
    cdef object hand_out(
        self, object reply, Wire wire, bint decode, bint push_request, bint own_timeout, double seconds
    )


cdef class ConnectionCore:
    cdef readonly Wire wire         # None: not connected
    cdef object parser
    cdef bint sockless              # `_sock` was deleted
    cdef set bereft                 # threads that others have taken the session away from, with their replies
    cdef public object _command_packer
    cdef public object health_check_interval
    cdef public object _should_reconnect
    cdef public object _re_auth_token
    cdef public object _provider    # of credentials
    cdef public object _answer      # what it has said in this handshake
    cdef public object _breaker     # who is asked before a dial; None: nobody
    cdef public object _stage       # who takes and answers the commands of a handshake; None: the server
    cdef double limit               # monotonic seconds by which all I/O must be over; negative: none
    cdef public bint _connecting
    cdef unsigned long connector    # the thread that connects
    cdef public bint _plain         # no subclass connects, checks or authenticates in a way of its own
    cdef readonly bint replaced     # one of its methods to speak by, for this very object
    cdef bint sends_itself          # no subclass has a `send_packed_command` or `check_health` of its own

    cdef int attach(self, object sock) except -1
    cdef int attach_alone(self, object sock) except -1
    cdef Wire session(self)
    cdef Wire plain_session(self)
    cdef Wire at_once(self)
    cdef bint reads_by_ours(self) noexcept
    cdef bint sends_at_once(self) noexcept
    cdef bint must_connect(self) except -1
    cdef object command(self, Wire wire, tuple args)
    cdef int write(self, object chunks) except -1
    cdef int transmit(self, object chunks) except -1
    cdef int failed_to_write(self, Wire wire, object error) except -1
    cdef int failed_to_read(self, Wire wire, object error, bint disconnect) except -1
    cdef bint is_check_due(self) except -1
    cdef int rest(self, object interval) except -1
    cdef int end_connecting(self, bint outermost) except -1
    cdef int mind_connector(self) except -1
    cdef int mind_bereavement(self) except -1

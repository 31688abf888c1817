"""OWNS: one socket and the session on it: what is sent, what is received, by when, and whether it may be used again.

It knows no pool, connects nothing and never decides to reconnect. A wire lives as long as its socket; a connection that
reconnects gets another one, so that nothing of the old session can reach the new one.
"""

import cython

import _socket
import os
import socket
import ssl
from time import monotonic

from cpython.buffer cimport PyBUF_SIMPLE, PyBUF_WRITE, PyBuffer_Release, PyObject_GetBuffer
from cpython.exc cimport PyErr_CheckSignals
from cpython.memoryview cimport PyMemoryView_FromMemory
from redis.exceptions import ConnectionError, TimeoutError

from respool._lock cimport Section, enter, leave

from respool.exceptions import ConnectionSharedError

cdef extern from "Python.h":
    unsigned long PyThread_get_thread_ident() noexcept

cdef extern from "errno.h":
    int EAGAIN
    int EINTR

cdef extern from "_socket.h":
    bint RESPOOL_KERNEL_TIMEOUTS
    Py_ssize_t respool_peek(respool_fd fd, char *byte, int *error) noexcept nogil
    Py_ssize_t respool_receive(respool_fd fd, char *data, size_t size, bint wait, int *error) noexcept nogil
    Py_ssize_t respool_send(respool_fd fd, const char *data, size_t size, bint more, int *error) noexcept nogil
    int respool_wait(respool_fd fd, int what, int milliseconds, int *error) noexcept nogil
    int RESPOOL_READ
    int RESPOOL_WRITE
    int respool_kernel_timeout(respool_fd fd, double seconds) noexcept nogil
    double respool_now() noexcept nogil

cdef extern from *:
    """
    #include <structmember.h>  /* PyMemberDef, before Python 3.12 */

    /* Whether a socket object has been closed: its slot `_closed`, read without an attribute look-up. */
    static Py_ssize_t respool_closed_offset = 0;
    static inline void respool_find_closed(PyObject *descriptor) {
        if (Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
            respool_closed_offset = ((PyMemberDescrObject *)descriptor)->d_member->offset;
        }
    }
    /* Undo the hold on a socket. An exception of a signal handler ends here, and not the process with it. */
    static inline void respool_let_go(PyObject *sock) {
        PyObject *none = PyObject_CallMethod(sock, "_decref_socketios", NULL);
        if (none == NULL) {
            PyErr_WriteUnraisable(sock);
        }
        Py_XDECREF(none);
    }
    static inline int respool_is_closed(PyObject *sock) {
        return *(PyObject **)((char *)sock + respool_closed_offset) == Py_True;
    }
    """
    void let_go "respool_let_go"(object sock) noexcept
    Py_ssize_t closed_offset "respool_closed_offset"
    void find_closed "respool_find_closed"(object descriptor) noexcept
    bint is_closed_by_slot "respool_is_closed"(object sock) noexcept

SOCKET = socket.socket
find_closed(SOCKET._closed)


def no_timeout():
    """`gettimeout` of a socket, or a mock of one, that has none."""


# What the standard library's class inherits, unless somebody wants to see what is sent and received.
METHODS = frozenset({"send", "sendall", "recv", "recv_into", "gettimeout", "settimeout"})

cdef enum:
    SHORT = 32768           # bytes that are sent without releasing the GIL
    PROGRESS = 65536        # bytes for which the deadline of a long reply or command is moved on
    LONGEST_WAIT = 1 << 30  # milliseconds in one system call

CLOSED_BY_SERVER = "Connection closed by server."
CLOSED_HERE = "Connection closed while it was in use."
READ_BY_ANOTHER = "Connection is used by two threads at once: another one reads from it."


cdef bint is_plain(sock) except -1:
    """Whether it is the standard library's socket itself, and not what a library has put in its place, or in it."""
    cdef object kind = type(sock)
    return kind.__module__ == "socket" and kind.__bases__ == (_socket.socket,) and METHODS.isdisjoint(vars(kind))


cdef double now() except? -2.0:
    """`time.monotonic()`."""
    cdef double seconds = respool_now()
    return seconds if seconds >= 0.0 else monotonic()


cdef int milliseconds_until(double deadline) except? -2:
    """For a wait until `deadline` (monotonic seconds; negative: for ever); 0 if it is over."""
    cdef double left
    if deadline < 0.0:
        return -1
    left = (deadline - now()) * 1000.0
    if left <= 0.0:
        return 0
    return LONGEST_WAIT if left > LONGEST_WAIT else <int>left + 1


cdef class Wire:
    """A connected socket, its reader and its ledger.

    Parameters
    ----------
    sock : socket
        Any object with the methods of one. Its time-out holds for every send and every reply.
    reader : Reader
        A new one.

    One thread may send while another reads; two at the same are told apart and get an error. What is called from
    outside is done in the wire's section; see `_lock.h`.
    """

    def __cinit__(self, sock, Reader reader):
        self.sock = sock
        self.reader = reader
        self.ledger = Ledger()
        self.fd = <respool_fd>-1
        self.kernel_timeout = -1.0
        self.limit = -1.0
        self.plain = is_plain(sock)
        self.tls = issubclass(type(sock), ssl.SSLSocket)  # and no mock that says so
        self.gettimeout = getattr(sock, "gettimeout", no_timeout)
        if self.plain or self.tls:
            self.fd = <respool_fd>sock.fileno()
            # As a file made from the socket does: its descriptor stays open, and is nobody else's, as long as this
            # wire lives, for a thread may be about to use it.
            sock._io_refs += 1
            self.holding = True
            self.slotted = closed_offset > 0 and issubclass(type(sock), SOCKET)

    def __del__(self):
        if self.holding:
            let_go(self.sock)

    cdef unsigned long close(self) noexcept:
        """Take no further part in the session; the socket is closed by its owner.

        Returns the thread that has sent commands of which the replies are lost with it; 0: none has.
        """
        cdef Section alone
        cdef unsigned long thread = 0
        enter(&alone, self)
        self.closed = True
        if self.ledger.sent != self.ledger.answered and not self.ledger.streaming:
            thread = self.ledger.sender
        leave(&alone)
        return thread

    cdef int check_usable(self) except -1:
        if self.closed:
            raise ConnectionError(CLOSED_HERE)
        if self.holding and self.is_sock_closed():
            self.broken = True
            raise ConnectionError(CLOSED_HERE)
        if self.broken:
            raise ConnectionError("Connection is unusable after a failure in the middle of a command or a reply.")
        return 0

    cdef bint is_sock_closed(self) except -1:
        """Whether somebody has closed the socket behind the wire's back."""
        return is_closed_by_slot(self.sock) if self.slotted else self.sock._closed

    cdef double timeout(self) except? -2.0:
        """The socket's own time-out in seconds; negative: none."""
        cdef object timeout = self.gettimeout()
        return seconds_of(timeout) if isinstance(timeout, (float, int)) else -1.0

    cdef double deadline(self, double start, double seconds) except? -2.0:
        """When `seconds` (negative: never) from `start` are over, or the session's limit is."""
        cdef double deadline = start + seconds if seconds >= 0.0 else -1.0
        return self.limit if self.limit >= 0.0 and (deadline < 0.0 or self.limit < deadline) else deadline

    # --- sending ---------------------------------------------------------------------------------------------

    cdef int begin_sending(self) except -1:
        """Make sure that no other thread is in the middle of a command of its own."""
        cdef Ledger ledger = self.ledger
        cdef unsigned long thread = PyThread_get_thread_ident()
        self.check_usable()
        if self.sending or (ledger.sent != ledger.answered and ledger.sender != thread and not ledger.streaming):
            raise ConnectionSharedError(
                "Connection is used by two threads at once: another one has not read its reply yet. Take one "
                "connection for each from a pool."
            )
        ledger.sender = thread
        return 0

    cdef int send(self, Packer packer) except -1:
        """Send the single command that was packed. Whatever fails, the wire is broken."""
        with cython.critical_section(self):
            self.begin_sending()
            self.ledger.count_one(packer.buffer, packer.pieces[0].upto if packer.count else packer.used)
            self.sending = True
            try:
                self.put_out_packer(packer)
            except BaseException:
                self.broken = True
                raise
            finally:
                self.sending = False
        return 0

    cdef int send_chunks(self, object chunks) except -1:
        """Send packed commands, cut anywhere into bytes-like chunks. Whatever fails, the wire is broken."""
        cdef Py_buffer view
        cdef Py_ssize_t left
        cdef list all_chunks = [chunk for chunk in chunks if len(chunk)]  # the last one must end what MSG_MORE began
        with cython.critical_section(self):
            self.begin_sending()
            self.sending = True
            try:
                left = len(all_chunks)
                for chunk in all_chunks:
                    left -= 1
                    PyObject_GetBuffer(chunk, &view, PyBUF_SIMPLE)
                    try:
                        self.ledger.count(<const char *>view.buf, view.len)
                        if self.plain:
                            self.put_out(<const char *>view.buf, view.len, left != 0)
                        else:
                            self.put_out_by_object(chunk)
                    finally:
                        PyBuffer_Release(&view)
            except BaseException:
                self.broken = True
                raise
            finally:
                self.sending = False
        return 0

    cdef int send_several(self, Packer packer, object meanwhile) except -1:
        """Send the commands that were packed. Whatever fails, the wire is broken.

        `meanwhile` is called while the server does not take them, and reads replies; true: there were some.
        """
        cdef Py_ssize_t index, start = 0
        with cython.critical_section(self):
            self.begin_sending()
            self.sending = True
            self.meanwhile = meanwhile
            try:
                for index in range(packer.count):
                    self.ledger.count(packer.buffer + start, packer.pieces[index].upto - start)
                    self.ledger.count(packer.pieces[index].data, packer.pieces[index].size)
                    start = packer.pieces[index].upto
                self.ledger.count(packer.buffer + start, packer.used - start)
                self.put_out_packer(packer)
            except BaseException:
                self.broken = True
                raise
            finally:
                self.meanwhile = None
                self.sending = False
        return 0

    cdef int put_out_packer(self, Packer packer) except -1:
        cdef Py_ssize_t index, start = 0
        if not self.plain:
            for chunk in packer.chunks():
                if self.tls and self.meanwhile is not None:
                    self.put_out_by_tls(chunk)
                else:
                    self.put_out_by_object(chunk)
            return 0
        for index in range(packer.count):
            self.put_out(packer.buffer + start, packer.pieces[index].upto - start, True)
            self.put_out(packer.pieces[index].data, packer.pieces[index].size, True)
            start = packer.pieces[index].upto
        return self.put_out(packer.buffer + start, packer.used - start, False)

    cdef int put_out(self, const char *data, Py_ssize_t size, bint more) except -1:
        """Send these bytes within the socket's time-out, and the same again for each so many of them."""
        cdef Py_ssize_t count
        cdef Py_ssize_t progress = 0
        cdef int error = 0
        cdef int waits_for
        cdef double deadline = 0.0  # not known yet
        while size != 0:
            if size <= SHORT:
                count = respool_send(self.fd, data, size, more, &error)
            else:
                with nogil:
                    count = respool_send(self.fd, data, size, more, &error)
                if self.closed:
                    raise ConnectionError(CLOSED_HERE)
            if count >= 0:
                data += count
                size -= count
                progress += count
                if progress >= PROGRESS:
                    progress = 0
                    deadline = 0.0
            elif error == EINTR:
                PyErr_CheckSignals()
            elif error == EAGAIN:
                if deadline == 0.0:
                    deadline = self.deadline(now(), self.timeout())
                if self.meanwhile is None:
                    waits_for = RESPOOL_WRITE
                else:
                    waits_for = RESPOOL_WRITE | RESPOOL_READ
                    if self.meanwhile():  # it may be that the server must get rid of replies first
                        deadline = self.deadline(now(), self.timeout())
                if not self.wait(waits_for, deadline):
                    raise TimeoutError("Timeout writing to socket")
            else:
                raise OSError(error, os.strerror(error))
        return 0

    cdef int put_out_by_object(self, object chunk) except -1:
        self.sock.sendall(chunk)
        return 0

    cdef int put_out_by_tls(self, object chunk) except -1:
        """As `put_out`, over TLS, where `meanwhile` is to be called."""
        cdef object view = memoryview(chunk).cast("B")
        cdef object timeout = self.gettimeout()
        cdef double seconds = self.timeout()
        cdef double deadline = self.deadline(now(), seconds)
        self.sock.settimeout(0.0)
        try:
            while len(view):
                try:
                    view = view[self.sock.send(view):]
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    if self.meanwhile():
                        deadline = self.deadline(now(), seconds)
                    if not self.wait(RESPOOL_READ | RESPOOL_WRITE, deadline):
                        raise TimeoutError("Timeout writing to socket") from None
                else:
                    deadline = self.deadline(now(), seconds)
        finally:
            self.sock.settimeout(timeout)
        return 0

    # --- receiving -------------------------------------------------------------------------------------------

    cdef int begin_reading(self) except -1:
        """Make sure that no other thread is in the middle of a reply."""
        if self.reading:
            raise ConnectionSharedError(READ_BY_ANOTHER)
        self.check_usable()
        self.reading = True
        return 0

    cdef object taken(self, Arrival *arrival):
        """What is complete in the reader. Raises what went wrong while it was made."""
        if self.reader.pushed:
            arrival[0] = PUSH
        else:
            arrival[0] = REPLY
            self.ledger.settle(self.reader.reply)
        return self.reader.take()

    cdef object fetch(self, bint decode, bint push_request, bint own_timeout, double seconds, Arrival *arrival):
        """Return the next whole reply or push; with `push_request` no reply that another thread waits for.

        It must come within `seconds` (negative: for ever) if there is an `own_timeout`, else within that of the
        socket, and the same again for each so many bytes of it.

        After TimeoutError, and after the exception of a signal handler, the next call goes on where this one stopped.
        """
        with cython.critical_section(self):
            if push_request and not self.may_look():
                if own_timeout and seconds == 0.0:
                    raise TimeoutError("Timeout reading from socket")
                raise ConnectionSharedError(
                    "Connection is used by two threads at once: another one waits for its reply."
                )
            self.begin_reading()
            try:
                if not self.reader.advance(decode):
                    self.take_in(decode, own_timeout, seconds)
                return self.taken(arrival)
            finally:
                self.reading = False

    cdef object fetch_now(self, bint decode, Arrival *arrival):
        """As `fetch`, without a wait; NOTHING has arrived if no whole reply or push has come yet."""
        cdef Py_ssize_t count
        arrival[0] = NOTHING
        with cython.critical_section(self):
            self.begin_reading()
            try:
                while not self.reader.advance(decode):
                    count = self.receive(0.0) if self.plain else self.receive_by_object(True, 0.0)
                    if count < 0:
                        return None
                    if count == 0:
                        self.broken = True
                        raise ConnectionError(CLOSED_BY_SERVER)
                return self.taken(arrival)
            finally:
                self.reading = False

    cdef object exchange(self, Packer packer, bint decode, bint *sent, Arrival *arrival):
        """`send` and `fetch`, with one release of the GIL for both if nothing is in the way.

        Sets `sent` once the sending is over, whatever comes of the rest.
        """
        cdef double start
        cdef Py_ssize_t count
        cdef bint at_once
        if self.reading:
            raise ConnectionSharedError(READ_BY_ANOTHER)
        at_once = (
            self.kernel_timeout >= 0.0 and self.limit < 0.0 and packer.count == 0 and packer.used <= SHORT
            and self.ledger.sent == self.ledger.answered and not self.reader.unread()
        )
        if not at_once:
            self.send(packer)
            sent[0] = True
            return self.fetch(decode, False, False, -1.0, arrival)
        with cython.critical_section(self):
            if self.reading:
                raise ConnectionSharedError(READ_BY_ANOTHER)
            self.begin_sending()
            self.ledger.count_one(packer.buffer, packer.used)
            self.sending = self.reading = True
            try:
                start = now()
                count = self.send_and_receive(packer, sent)
                if count <= 0 or not self.reader.advance(decode):
                    self.take_in_more(decode, False, -1.0, start, count)
                return self.taken(arrival)
            except BaseException:
                if not sent[0]:
                    self.broken = True
                raise
            finally:
                self.sending = self.reading = False

    cdef Py_ssize_t send_and_receive(self, Packer packer, bint *sent) except -2:
        """Send a short command, and receive once, as `receive_in_kernel`, which see."""
        cdef char *where = NULL
        cdef Py_ssize_t room = self.reader.space(&where)
        cdef Py_ssize_t size = packer.used
        cdef Py_ssize_t gone
        cdef Py_ssize_t count = -1
        cdef int error = 0
        with nogil:
            gone = respool_send(self.fd, packer.buffer, size, False, &error)
            if gone == size:
                count = respool_receive(self.fd, where, room, True, &error)
        if gone != size:
            if self.closed:
                raise ConnectionError(CLOSED_HERE)
            gone = max(gone, 0)  # an error shows again
            self.put_out(packer.buffer + gone, size - gone, False)
            sent[0] = True
            return self.receive_in_kernel()
        sent[0] = True
        return self.received(count, error)

    cdef int take_in(self, bint decode, bint own_timeout, double seconds) except -1:
        cdef double start = now()
        cdef Py_ssize_t count = -1
        if self.kernel_timeout >= 0.0 and not own_timeout and self.limit < 0.0:
            # The kernel knows the time-out. Whoever sets another one makes the socket a non-blocking one, which shows.
            count = self.receive_in_kernel()
            if count > 0 and self.reader.advance(decode):
                return 0
        return self.take_in_more(decode, own_timeout, seconds, start, count)

    cdef int take_in_more(
        self, bint decode, bint own_timeout, double seconds, double start, Py_ssize_t count
    ) except -1:
        """`take_in`, which has begun at `start`; `count`: what has been received last, negative: nothing."""
        cdef double deadline
        cdef Py_ssize_t progress = 0
        if not own_timeout:
            seconds = self.timeout()
            if count < 0:
                self.set_kernel_timeout(seconds)
        deadline = self.deadline(start, seconds)
        while True:
            if count < 0:
                if self.plain:
                    count = self.receive(deadline)
                else:
                    count = self.receive_by_object(own_timeout or progress != 0 or self.limit >= 0.0, deadline)
                if count < 0:
                    self.time_out(own_timeout, seconds)
            if count == 0:
                self.broken = True
                raise ConnectionError(CLOSED_BY_SERVER)
            if self.reader.advance(decode):
                return 0
            progress += count
            count = -1
            if progress >= PROGRESS and seconds >= 0.0:
                progress = 0
                deadline = self.deadline(now(), seconds)

    cdef int time_out(self, bint own_timeout, double seconds) except -1:
        if seconds == 0.0 and not own_timeout:
            raise ConnectionError("Error while reading from socket: it does not block, and nothing has arrived")
        raise TimeoutError("Timeout reading from socket")

    cdef int set_kernel_timeout(self, double seconds) except -1:
        """Let the kernel mind the time-out from the next receive on: that spares a system call each time."""
        cdef double wanted = 0.0 if seconds < 0.0 else seconds
        if RESPOOL_KERNEL_TIMEOUTS and self.plain and seconds != 0.0:
            self.kernel_timeout = wanted if respool_kernel_timeout(self.fd, wanted) == 0 else -1.0
        return 0

    cdef Py_ssize_t receive_in_kernel(self) except -2:
        """As `receive`, once, for as long as the kernel has been told. -1: nothing has come, for whatever reason."""
        cdef char *where = NULL
        cdef Py_ssize_t room = self.reader.space(&where)
        cdef Py_ssize_t count
        cdef int error = 0
        with nogil:
            count = respool_receive(self.fd, where, room, True, &error)
        return self.received(count, error)

    cdef Py_ssize_t received(self, Py_ssize_t count, int error) except -2:
        """Take note of what a receive in the kernel has come to."""
        if count < 0 or self.closed:
            self.check_receipt(error)
            return -1
        self.reader.received(count)
        return count

    cdef int check_receipt(self, int error) except -1:
        """After a system call that failed with this error: raise what is not to be tried again."""
        if self.closed:
            raise ConnectionError(CLOSED_HERE)
        if error == EINTR:
            PyErr_CheckSignals()
        elif error != EAGAIN:
            self.broken = True
            raise OSError(error, os.strerror(error))
        return 0

    cdef Py_ssize_t receive(self, double deadline) except -2:
        """Receive what there is into the reader; returns how much, 0: the server has ended it, -1: time is over."""
        cdef char *where = NULL
        cdef Py_ssize_t room = self.reader.space(&where)
        cdef Py_ssize_t count
        cdef int milliseconds, ready
        cdef int error = 0
        while True:
            milliseconds = milliseconds_until(deadline)
            if milliseconds == 0:  # who looks for pushes lets no other thread send in between: he would get its reply
                count = respool_receive(self.fd, where, room, False, &error)
            else:
                with nogil:
                    count = respool_receive(self.fd, where, room, False, &error)
                    if count < 0 and error == EAGAIN:
                        ready = respool_wait(self.fd, RESPOOL_READ, milliseconds, &error)
                        if ready > 0:
                            count = respool_receive(self.fd, where, room, False, &error)
                        elif ready == 0:
                            error = EAGAIN
            if count >= 0 and not self.closed:
                self.reader.received(count)
                return count
            self.check_receipt(error)
            if error == EAGAIN and milliseconds_until(deadline) == 0:
                return -1

    cdef Py_ssize_t receive_by_object(self, bint set_timeout, double deadline) except -2:
        """As `receive`, by the socket's own methods. `set_timeout`: its time-out is not what is left."""
        cdef Py_ssize_t count
        cdef char *where = NULL
        cdef object left = None
        cdef object previous = None
        cdef object view
        cdef bytes data
        if set_timeout:
            previous = self.gettimeout()
            if deadline >= 0.0:
                left = max(deadline - now(), 0.0)
            self.sock.settimeout(left)
        try:
            if self.tls:
                count = self.reader.space(&where)
                view = PyMemoryView_FromMemory(where, count, PyBUF_WRITE)
                try:
                    count = self.sock.recv_into(view)
                finally:
                    view.release()
                self.reader.received(count)
            else:
                data = bytes(self.sock.recv(self.reader.read_size))
                count = len(data)
                self.reader.put(data, count)
        except (socket.timeout, BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return -1
        except OSError:
            self.broken = True
            raise
        except ValueError:  # what ssl says of a socket that has just been closed
            if self.closed:
                raise ConnectionError(CLOSED_HERE) from None
            raise
        finally:
            if set_timeout:
                self.sock.settimeout(previous)
        if self.closed:
            raise ConnectionError(CLOSED_HERE)
        return count

    # --- waiting ---------------------------------------------------------------------------------------------

    cdef bint wait(self, int what, double deadline) except -1:
        """Wait until the socket can be written, or read, or either; false if it cannot be by `deadline`."""
        cdef int ready, milliseconds
        cdef int error = 0
        while True:
            milliseconds = milliseconds_until(deadline)
            with nogil:
                ready = respool_wait(self.fd, what, milliseconds, &error)
            if self.closed:
                raise ConnectionError(CLOSED_HERE)
            if ready > 0:
                return True
            if ready == 0 and milliseconds_until(deadline) == 0:
                return False
            if ready < 0:
                if error != EINTR:
                    raise OSError(error, os.strerror(error))
                PyErr_CheckSignals()

    cdef bint can_read(self, double seconds) except -1:
        """Whether something can be read within `seconds` (negative: for ever). Raises if the server has ended it."""
        with cython.critical_section(self):
            return self.can_read_alone(seconds)

    cdef bint can_read_alone(self, double seconds) except -1:
        cdef double deadline = now() + seconds if seconds >= 0.0 else -1.0
        cdef Py_ssize_t count
        cdef char byte = 0
        cdef int error = 0
        self.check_usable()
        if seconds == 0.0 and not self.may_look():
            return False
        if self.reader.unread():
            return True
        if self.reading:
            raise ConnectionSharedError(READ_BY_ANOTHER)
        if not self.plain:
            self.reading = True
            try:
                count = self.receive_by_object(True, deadline)
            finally:
                self.reading = False
        else:
            while True:
                count = respool_peek(self.fd, &byte, &error)
                if count >= 0:
                    break
                if error == EAGAIN:
                    if not self.wait(RESPOOL_READ, deadline):
                        return False
                else:
                    raise OSError(error, os.strerror(error))
        if count == 0:
            self.broken = True
            raise ConnectionError(CLOSED_BY_SERVER)
        return count > 0

    cdef bint may_look(self) except -1:
        """Whether what comes next may be for this thread: a push, or no other thread waits for a reply."""
        if self.reading:
            return False
        if self.ledger.sent == self.ledger.answered or self.ledger.streaming:
            return True
        return self.ledger.sender == PyThread_get_thread_ident() or self.pending() == b">"

    cdef object first_pending(self):
        """The first byte that has arrived and was not read; empty if the server has ended it, None if none is known."""
        with cython.critical_section(self):
            return self.pending()

    cdef object pending(self):
        cdef char byte = 0
        cdef int error = 0
        cdef Py_ssize_t count
        if self.reader.unread():
            byte = <char>self.reader.first_unread()
            return (<char *>&byte)[:1]
        if not self.plain:
            return None
        count = respool_peek(self.fd, &byte, &error)
        return None if count < 0 else (<char *>&byte)[:count]

    cdef bint is_reusable(self) noexcept:
        """Whether this side knows of nothing that a stranger must not get."""
        cdef Section alone
        cdef bint reusable
        enter(&alone, self)
        reusable = self.is_clean()
        leave(&alone)
        return reusable

    cdef bint is_clean(self) noexcept:
        if self.closed or self.broken or self.reading or self.sending or not self.ledger.clean():
            return False
        return not self.reader.unread() or self.reader.first_unread() == c'>'

    cdef Standing standing(self) except *:
        """What the next caller would find. It sends nothing, and takes one system call."""
        with cython.critical_section(self):
            return self.look()

    cdef Standing look(self) except *:
        self.ledger.trusted = False  # somebody may have been interrupted before he could say so
        cdef Py_ssize_t count
        cdef char byte = 0
        cdef int error = 0
        if not self.is_clean():
            return UNCLEAN
        if not (self.plain or self.tls):
            return UNKNOWN
        if self.is_sock_closed():
            return ENDED
        if self.tls and self.sock.pending():
            return self.tls_standing()
        count = respool_peek(self.fd, &byte, &error)
        if count < 0:
            return CLEAN if error == EAGAIN else ENDED
        if count == 0:
            return ENDED
        if self.tls:
            return self.tls_standing()
        # A push is no reply to anybody. With its beginning in the reader, this is how it goes on.
        return CLEAN if byte == c'>' or self.reader.unread() else UNCLEAN

    cdef Standing tls_standing(self) except *:
        """As `standing`, where records have arrived: they may hold a push, or nothing but news of TLS itself."""
        cdef bint unread = self.reader.unread()
        cdef Py_ssize_t count
        try:
            count = self.receive_by_object(True, 0.0)
        except OSError:
            return ENDED
        if count <= 0:
            return CLEAN if count < 0 else ENDED
        return CLEAN if unread or self.reader.first_unread() == c'>' else UNCLEAN

"""OWNS: one asyncio transport and the session on it: what is sent, what is received, by when, and whether it may be
used again.

It is the transport's protocol, and the counterpart of `_wire` for asyncio. It never waits itself: what there is to wait
for is a future, given to a coroutine of `asyncio/connection.py`. It knows no pool, connects nothing and never decides
to reconnect. All of it belongs to the thread of its event loop.
"""

import asyncio
import os
import sys
import weakref
from contextlib import suppress

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_CheckExact, PyBytes_GET_SIZE
from cpython.buffer cimport PyBUF_WRITABLE, PyBuffer_FillInfo
from cpython.memoryview cimport PyMemoryView_FromObject
from redis.exceptions import ConnectionError

from respool._ledger cimport Ledger
from respool._resp cimport Reader
from respool._wire cimport CLEAN, ENDED, UNCLEAN, UNKNOWN, Standing, now

from respool._wire import CLOSED_BY_SERVER, CLOSED_HERE
from respool.exceptions import ConnectionSharedError

cdef extern from "errno.h":
    int EAGAIN

cdef extern from "_socket.h":
    Py_ssize_t respool_peek(respool_fd fd, char *byte, int *error) noexcept nogil
    Py_ssize_t respool_send(respool_fd fd, const char *data, size_t size, bint more, int *error) noexcept nogil

cdef extern from "Python.h":
    unsigned long PyThread_get_thread_ident() noexcept

cdef enum:
    MOST_HELD = 262144      # bytes that nobody waits for: from then on the server has to wait too
    MOST_UNSENT = 65536     # bytes that the server does not take: from then on the transport looks at its own limits

# On Windows a receive is always under way, which a look at the socket would disturb.
CAN_PEEK = sys.platform != "win32"

# What the stream of somebody who wants to see what is sent has in its place.
WRITELINES = asyncio.StreamWriter.writelines


# Transports that do nothing with what is written to them but send it.
PLAIN_TRANSPORTS = {
    ("asyncio.selector_events", "_SelectorSocketTransport"), ("uvloop.loop", "TCPTransport"),
    ("uvloop.loop", "UnixTransport"),
}


class Buried:
    """In the place of a transport whose loop has been closed."""

    is_closing = staticmethod(lambda: True)


def bury(transport):
    """Close a transport whose loop has been closed, which calls nothing any more of what the transport has it call."""
    cdef object below = getattr(getattr(transport, "_ssl_protocol", None), "_transport", None)
    for each in (transport, below):
        if each is not None:
            with suppress(Exception):
                each.abort()
            with suppress(Exception):  # asyncio's own transports; uvloop has closed its own with the loop
                each._call_connection_lost(None)


cdef class AsyncWire:
    """A session on a transport, its reader and its ledger; see `Session` for the rest of the protocol's interface.

    Parameters
    ----------
    reader : Reader
        A new one.
    ledger : Ledger
        A new one.
    """

    def __cinit__(self, Reader reader not None, Ledger ledger not None):
        self.reader = reader
        self.ledger = ledger
        self.fd = <respool_fd>-1
        self.deadline = -1.0
        self.draining = []
        self.current_task = asyncio.current_task
        self.running_loop = asyncio.get_running_loop

    # --- what the transport tells ----------------------------------------------------------------------------

    def take_over(self, stream, loop, data):
        """Go on with the transport of a StreamWriter, and with what its protocol has received up to here.

        That protocol is told of what happens from here on: those who have the stream may wait for it.
        """
        cdef object transport = stream.transport
        cdef object sock = transport.get_extra_info("socket")
        self.stream = stream
        self.patched = type(stream).writelines is not WRITELINES
        self.transport = transport
        self.loop = loop
        self.predecessor = transport.get_protocol()
        open_wires.add(self)
        self.thread = PyThread_get_thread_ident()
        self.tls = transport.get_extra_info("sslcontext") is not None
        if CAN_PEEK and sock is not None:
            self.fd = <respool_fd>sock.fileno()
            self.plain = not self.patched and (type(transport).__module__, type(transport).__name__) in PLAIN_TRANSPORTS
        self.ended = transport.is_closing()
        if data:
            self.reader.put(<const char *>data, len(data))
        transport.set_protocol(self)

    def configure(self, encoding, errors, reply_error):
        """Set how replies are decoded (`encoding` None: strings are bytes), and what makes errors of error replies."""
        self.reader.configure(encoding, errors)
        self.reader.reply_error = reply_error

    def connection_made(self, transport):
        """Nothing to do: the transport had been connected before."""

    def get_buffer(self, sizehint):
        """Where the transport is to put what comes next."""
        self.room = self.reader.space(&self.where)
        return PyMemoryView_FromObject(self)

    def __getbuffer__(self, Py_buffer *view, int flags):
        PyBuffer_FillInfo(view, self, self.where, self.room, False, flags | PyBUF_WRITABLE)

    def buffer_updated(self, Py_ssize_t count):
        """So many bytes have come: end the wait for a reply if it is complete now."""
        self.reader.received(count)
        if self.arrival is None or self.arrival.done():
            self.held += count
            if self.held > MOST_HELD and not self.paused and not self.full and not self.complete:
                self.paused = True
                self.transport.pause_reading()
            return
        try:
            self.complete = self.reader.advance(self.decode)
        except Exception:
            self.wake()  # the reader is in no state to go on, and says so again to who waits for the reply
        except BaseException:
            self.wake()
            raise
        else:
            if self.complete:
                self.wake()

    def eof_received(self):
        """The server sends no more; the transport closes itself."""
        self.ended = True
        self.wake()
        self.predecessor.eof_received()

    def connection_lost(self, error):
        """It is over."""
        self.ended = True
        self.fd = <respool_fd>-1
        self.failure = error
        self.stop_waiting()
        self.predecessor.connection_lost(error)
        self.stream = self.predecessor = None
        open_wires.discard(self)

    def pause_writing(self):
        """The server takes what is sent more slowly than it is sent."""
        self.full = True
        self.predecessor.pause_writing()
        self.resume()  # it may be that it must get rid of replies first

    def resume_writing(self):
        """The server has taken most of what was sent."""
        self.full = False
        self.drained()
        self.predecessor.resume_writing()

    cdef int wake(self) except -1:
        """End the wait for a reply, whatever has come of it."""
        cdef object arrival = self.arrival
        self.arrival = None
        if arrival is not None and not arrival.done():
            arrival.set_result(None)
        return 0

    cdef int resume(self) except -1:
        self.held = 0
        if self.paused:
            self.paused = False
            if not self.ended:
                self.transport.resume_reading()
        return 0

    cdef int stop_waiting(self) except -1:
        """Nothing comes any more: let all go on who wait, and drop the timer."""
        self.wake()
        self.drained()
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
        return 0

    # --- the end ---------------------------------------------------------------------------------------------

    def close(self):
        """Take no further part in the session, and close the transport: at once if something is still under way.

        Also from another thread's garbage collection, and after the loop has been closed.
        """
        if self.closed:
            return
        self.closed = True
        self.fd = <respool_fd>-1
        open_wires.discard(self)
        if PyThread_get_thread_ident() == self.thread:
            self.shut()
            return
        try:
            self.loop.call_soon_threadsafe(self.shut)
        except RuntimeError:  # the loop is closed
            self.shut()

    def shut(self):
        """Close the transport, in the thread of its loop."""
        # With TLS of Python 3.10 a farewell waits for its answer, which is not read behind what is held back.
        cdef bint busy = self.paused or self.ledger.sent != self.ledger.answered
        if self.loop.is_closed():
            self.arrival = self.timer = self.sender = None
            bury(self.transport)
            if self.stream is not None and not self.transport.is_closing():  # uvloop's do not say so
                self.stream._transport = Buried  # whom it asks in its end
            return
        self.sender = None
        self.stop_waiting()
        # One of TLS that is closing already cannot be asked for more than that, and closed twice not even for that.
        with suppress(AttributeError):
            if busy or self.transport.is_closing() or self.transport.get_write_buffer_size() != 0:
                self.transport.abort()
            else:
                self.transport.close()

    def abandon(self):
        """Take no further part in the session, without a word to transport and loop, which are another process's."""
        self.closed = True
        self.fd = <respool_fd>-1
        self.arrival = self.timer = self.sender = None
        inherited.append(self)  # the end of stream or transport would stop the parent's loop from polling it

    def usable_here(self):
        """Whether nothing has failed in the middle, and it belongs to the event loop that runs."""
        return self.is_usable_here()

    cdef bint is_usable_here(self) except -1:
        return not self.broken and self.running_loop() is self.loop

    cdef int check_usable(self) except -1:
        if self.closed:
            raise ConnectionError(CLOSED_HERE)
        if self.broken:
            raise ConnectionError("Connection is unusable after a failure in the middle of a command or a reply.")
        return 0

    # --- sending ---------------------------------------------------------------------------------------------

    cdef int begin_sending(self) except -1:
        """Make sure that no other task waits for a reply of its own."""
        cdef Ledger ledger = self.ledger
        cdef object task = self.current_task(self.loop)
        cdef object last = self.sender() if self.sender is not None else None
        self.check_usable()
        if self.ended or self.transport.is_closing():
            raise self.failure or ConnectionResetError("Connection lost")
        if (
            ledger.sent != ledger.answered and last is not None and last is not task
            and not ledger.streaming and not last.done()
        ):
            raise ConnectionSharedError(
                "Connection is used by two tasks at once: another one has not read its reply yet. Take one connection "
                "for each from a pool."
            )
        # A task that has failed holds what it has lost, in its traceback, and the loop holds the wire.
        self.sender = weakref.ref(task) if task is not None else None
        return 0

    def send(self, chunks):
        """Send packed commands, cut anywhere into bytes-like chunks.

        Returns None, or a future to await before anything else is sent: the server has to catch up. Whatever fails in
        the middle, the wire is broken.
        """
        self.put([chunk for chunk in chunks if len(chunk)])
        return self.drain()

    cdef int put(self, list all_chunks) except -1:
        """`send` chunks that are not empty, and leave it to the caller to mind whether the transport is `full`."""
        cdef bint at_rest = self.ledger.clean()  # and so the transport holds nothing back
        if not all_chunks:
            return 0
        self.begin_sending()
        try:
            self.ledger.count_chunks(all_chunks)
            if at_rest and self.plain and len(all_chunks) == 1 and PyBytes_CheckExact(all_chunks[0]):
                self.put_out(all_chunks[0])
            elif self.patched:
                self.stream.writelines(all_chunks)
            elif len(all_chunks) == 1:
                self.transport.write(all_chunks[0])
            else:
                self.transport.writelines(all_chunks)
                # asyncio's own forgets there to look whether that was too much: CPython 3.12 to 3.13.5.
                if not self.full and self.transport.get_write_buffer_size() > MOST_UNSENT:
                    low, high = self.transport.get_write_buffer_limits()
                    self.transport.set_write_buffer_limits(high, low)
        except BaseException:
            self.broken = True
            raise
        return 0

    cdef int put_out(self, bytes data) except -1:
        """Send what the socket takes, past the transport, which gets the rest, and any error."""
        cdef Py_ssize_t size = PyBytes_GET_SIZE(data)
        cdef Py_ssize_t count = 0
        cdef int error = 0
        if self.fd >= 0:
            count = max(respool_send(self.fd, PyBytes_AS_STRING(data), size, False, &error), 0)
        if count != size:
            self.transport.write(data[count:] if count else data)
        return 0

    def drain(self):
        """None, or a future to await until the transport takes more."""
        cdef object drained
        if not self.full or self.ended:
            return None
        drained = self.loop.create_future()  # one for each: whoever is cancelled cancels what he awaits
        self.draining.append(drained)
        return drained

    cdef int drained(self) except -1:
        """Let all go on who wait to send more."""
        draining, self.draining = self.draining, []
        for drained in draining:
            if not drained.done():
                drained.set_result(None)
        return 0

    def check_sent(self):
        """After a wait: raise if the session has ended meanwhile."""
        self.check_usable()
        if self.ended:
            raise self.failure or ConnectionResetError("Connection lost")

    # --- receiving -------------------------------------------------------------------------------------------

    def expect(self, bint decode, double seconds, bint own_timeout):
        """None if a whole reply or push is there, or never will be; else a future to await. Then `take` it.

        It must come within `seconds` (negative: for ever). `own_timeout`: that is not the connection's own, which
        `relax` may change meanwhile. A wait that was cancelled can be taken up by the next call.
        """
        if self.arrival is not None and not self.arrival.done():
            raise ConnectionSharedError("Connection is used by two tasks at once: another one reads from it.")
        self.arrival = None
        self.expired = False
        if self.complete:
            return None
        self.check_usable()
        self.complete = self.reader.advance(decode)
        if self.complete or self.ended:
            return None
        self.decode = decode
        self.own_timeout = own_timeout
        self.arrival = self.loop.create_future()
        self.watch(seconds)
        self.resume()
        return self.arrival

    cdef bint has_reply(self, bint decode) except -1:
        """Whether a reply or push is there to be taken, without a wait; for who does not wait for one yet."""
        if not self.complete:
            self.check_usable()
            self.complete = self.reader.advance(decode)
        return self.complete

    @property
    def pushed(self):
        """Whether what there is to take is a push."""
        return self.complete and self.reader.pushed

    def take(self):
        """The reply or push that has come. Raises asyncio.TimeoutError, and what else has come in its place."""
        if not self.complete:
            if self.expired:
                raise asyncio.TimeoutError
            self.check_usable()
            self.complete = self.reader.advance(self.decode)  # raises again what it is broken by
            if not self.complete:
                self.broken = True
                raise self.failure or ConnectionError(CLOSED_BY_SERVER)
        return self.hand_over()

    cdef object hand_over(self):
        """The reply or push that has come."""
        self.complete = False
        if not self.reader.pushed:
            self.ledger.settle(self.reader.reply)
            if self.ledger.sent == self.ledger.answered:
                self.sender = None
        return self.reader.take()

    cdef int watch(self, double seconds) except -1:
        """Let the wait for a reply end in so many seconds (negative: never).

        A timer that is pending stays so and looks again when it is due: most replies come long before.
        """
        if seconds < 0.0:
            self.deadline = -1.0
            return 0
        self.deadline = now() + seconds
        if self.timer is not None and self.timer_due > self.deadline:
            self.timer.cancel()
            self.timer = None
        if self.timer is None:
            self.set_timer(seconds)
        return 0

    cdef int set_timer(self, double seconds) except -1:
        self.timer_due = now() + seconds
        self.timer = self.loop.call_later(seconds, self.look_at_the_clock)
        return 0

    def look_at_the_clock(self):
        """End the wait for a reply if its time is over."""
        cdef double left
        self.timer = None
        if self.arrival is None or self.deadline < 0.0 or self.arrival.done():
            return
        left = self.deadline - now()
        if left > 0.0:
            self.set_timer(left)
        else:
            self.expired = True
            self.wake()

    def relax(self, timeout):
        """Give a wait that is under way so many seconds from now (None: all it needs), if it is the connection's."""
        if self.arrival is not None and not self.own_timeout:
            self.watch(-1.0 if timeout is None else timeout)

    # --- standing --------------------------------------------------------------------------------------------

    def has_unread(self):
        """Whether something has come that was not read, or the server has ended it."""
        return self.complete or self.reader.unread() or self.ended

    cdef bint is_reusable(self) except -1:
        """Whether this side knows of nothing that a stranger must not get."""
        if self.closed or self.broken or self.complete or not self.ledger.clean():
            return False
        if self.arrival is not None and not self.arrival.done():
            return False
        return not self.reader.unread() or self.reader.first_unread() == c'>'

    @property
    def clean(self):
        """Whether this side knows of nothing that a stranger must not get."""
        return self.is_reusable()

    def is_clean(self):
        """Whether a stranger may use the connection; None if only the loop can tell, in its next iterations."""
        cdef Standing standing = self.standing()
        return None if standing == UNKNOWN else standing == CLEAN

    cdef Standing standing(self) except *:
        """What the next caller would find. It sends nothing, and takes one system call.

        UNKNOWN if something has come that only the loop can tell what it is.
        """
        cdef char byte = 0
        cdef int error = 0
        cdef Py_ssize_t count
        self.ledger.trusted = False  # somebody may have been interrupted before he could say so
        if not self.is_reusable():
            return UNCLEAN
        if self.ended or self.transport.is_closing():
            return ENDED
        if self.paused:
            return UNCLEAN  # by pushes that nobody has read; whether the server has ended it shows only behind them
        if self.fd < 0:
            return CLEAN
        count = respool_peek(self.fd, &byte, &error)
        if count < 0:
            return CLEAN if error == EAGAIN else ENDED
        if count == 0:
            return ENDED
        if self.tls:
            return UNKNOWN
        # A push is no reply to anybody. With its beginning in the reader, this is how it goes on.
        return CLEAN if byte == c'>' or self.reader.unread() else UNCLEAN


# Every wire that is open, with its transport: for the fork, and so that the garbage collector, which knows no order,
# never ends a transport before the connection that would close it. And in a child those of its parents.
open_wires = set()
inherited = []


def abandon_after_fork():
    """Let go of what is the parent's."""
    for wire in open_wires:
        wire.abandon()
    open_wires.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=abandon_after_fork)

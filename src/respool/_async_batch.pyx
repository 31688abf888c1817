"""OWNS: one pipeline on its way through one asyncio connection: the counterpart of `_batch`.

It never waits itself: what there is to wait for is given to a coroutine of `asyncio/connection.py`. Portions go out as
long as the transport takes them and the server keeps up. So a pipeline of any length needs no more memory than its
commands and its replies, neither here nor at the server, neither side waits for the other for ever, and other tasks
get their turn.
"""

import asyncio

from redis.exceptions import ConnectionError

from respool._async_wire cimport AsyncWire
from respool._pack cimport Packer


cdef class AsyncBatch(Load):
    """A load on its way through a connection that speaks at once. Raises what packing raises; nothing is sent then."""

    def __cinit__(self, connection, list commands, bint transaction):
        self.wire = connection._wire
        self.parser = connection._parser
        self.packer = connection._packer
        self.load()

    @property
    def sending(self):
        """Whether there is more to be sent, or the server does not take what was sent."""
        return self.sent != self.total or self.wire.full

    @property
    def results(self):
        """The replies that have come, in order, errors among them."""
        return self.replies

    def go_on(self, double seconds):
        """Send what may be sent, and take what has come; then wait so many seconds for more (negative: for ever).

        Returns what is to be awaited before the next call, or None: all replies are there. Raises what sending and
        reading raise; asyncio.TimeoutError if nothing has come or gone in time.
        """
        cdef AsyncWire wire = self.wire
        cdef bint idle = self.waited
        self.waited = False
        while len(self.replies) != self.total:
            if self.sent != 0 and wire.has_reply(True):
                idle = False
                if wire.reader.pushed:
                    return self.parser.handle_push_response(wire.hand_over())
                if len(self.replies) == self.sent:
                    raise ConnectionError("The server has sent a reply to nothing that was sent.")
                self.keep(wire.hand_over())
            elif self.may_send():
                idle = False
                self.send()
            else:
                return self.wait(idle, seconds)
        return None

    cdef int load(self) except -1:
        """Pack the next portion."""
        cdef Packer packer = self.packer.begin()
        try:
            self.upto = self.begin(packer) if self.sent == 0 else self.pack(packer, self.sent)
            self.portion = packer.chunks()
        finally:
            packer.clear()
        return 0

    cdef bint may_send(self) noexcept:
        if self.sent == 0:
            return True
        return (
            self.sent != self.total and not self.wire.full
            and len(self.replies) >= self.ends[self.portions % WINDOW]
        )

    cdef int send(self) except -1:
        cdef list portion
        if self.portion is None:
            self.load()
        portion, self.portion = self.portion, None
        self.sent = self.upto
        self.ends[self.portions % WINDOW] = self.upto
        self.portions += 1
        self.wire.put(portion)
        return 0

    cdef object wait(self, bint idle, double seconds):
        cdef object arrival
        if idle and self.wire.expired:
            raise asyncio.TimeoutError
        self.waited = True
        arrival = self.wire.expect(True, seconds, False)  # also for room to send: it is the server that makes it
        return self.wire.take() if arrival is None else arrival  # it raises why none will ever come

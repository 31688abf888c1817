# cython: boundscheck=True
# Whoever fills a pipeline may change it at any time.
"""OWNS: one pipeline on its way through one connection: its commands go out together, its replies are read in order.

Commands are packed in portions, and replies are read as they come while more is being sent: so that a pipeline of any
length fills no buffer, neither here nor at the server, and neither side waits for the other for ever. Nothing is sent
before all commands are known to be valid. It never decides what a reply means, nor what is tried again.
"""

from respool._connection cimport ConnectionCore, ParserCore
from respool._pack cimport Packer
from respool._wire cimport NOTHING, PUSH, Arrival, Wire

cdef enum:
    PORTION = 65536         # bytes that are packed before they are sent

MULTI = ("MULTI",)
EXEC = ("EXEC",)


cdef class Load:
    """The commands of a pipeline, each a tuple of its arguments and a dict, and the replies to them.

    With `transaction` they are sent between MULTI and EXEC, and of the replies to all but EXEC only errors are kept, in
    a list with None for the others.
    """

    def __cinit__(self, connection, list commands, bint transaction, wire=None):
        self.commands = commands
        self.transaction = transaction
        self.total = len(commands) + (2 if transaction else 0)
        self.replies = []

    cdef tuple arguments(self, Py_ssize_t index):
        if self.transaction:
            if index == 0:
                return MULTI
            if index == self.total - 1:
                return EXEC
            index -= 1
        return <tuple?>(<tuple?>self.commands[index])[0]

    cdef Py_ssize_t begin(self, Packer packer) except -1:
        """Pack the first portion, once all commands are known to be valid; returns where it ends."""
        cdef Py_ssize_t upto = self.pack(packer, 0)
        if upto != self.total:
            self.check(packer, upto)
            upto = self.pack(packer, 0)
        return upto

    cdef Py_ssize_t pack(self, Packer packer, Py_ssize_t index) except -1:
        """Pack a portion, from this command on; returns where it ends."""
        while index != self.total and packer.size() < PORTION:
            packer.add_command(self.arguments(index), True)
            index += 1
        return index

    cdef int check(self, Packer packer, Py_ssize_t index) except -1:
        """Pack all from here on, for nothing but what this may raise."""
        while True:
            packer.empty()
            if index == self.total:
                return 0
            index = self.pack(packer, index)

    cdef int keep(self, object reply) except -1:
        if self.transaction and len(self.replies) != self.total - 1 and not isinstance(reply, Exception):
            reply = None  # it says QUEUED
        self.replies.append(reply)
        return 0


cdef class Batch(Load):
    """A load on its way through the wire that a connection can be spoken to `at_once` by."""

    def __cinit__(self, ConnectionCore connection, list commands, bint transaction, Wire wire not None):
        self.connection = connection
        self.wire = wire
        self.parser = <ParserCore>connection.parser

    cdef list run(self):
        """Send the commands and return the replies, errors among them. Raises what sending and reading raise."""
        cdef Wire wire = self.wire
        cdef Packer packer = (<Packer>self.connection._command_packer).begin()
        cdef bint sending = True
        try:
            try:
                self.send(packer)
            finally:
                packer.clear()
            sending = False
            while len(self.replies) < self.total:
                self.keep(self.parser.read(wire, True, False, self.parser.no_timeout))
        except BaseException as error:
            if sending:
                self.connection.failed_to_write(wire, error)
            else:
                self.connection.failed_to_read(wire, error, True)
            raise
        if self.connection.health_check_interval:
            self.connection.rest(self.connection.health_check_interval)
        return self.replies

    cdef int send(self, Packer packer) except -1:
        cdef Py_ssize_t upto = self.begin(packer)
        while True:
            self.sent = upto
            self.wire.send_several(packer, self.catch_up)
            if upto == self.total:
                return 0
            try:
                self.catch_up()
                packer.empty()
                upto = self.pack(packer, upto)
            except BaseException:
                self.wire.broken = True  # in the middle of the pipeline
                raise

    def catch_up(self):
        """Take what replies there are, without a wait; returns whether there were some."""
        cdef Wire wire = self.wire
        cdef Py_ssize_t before = len(self.replies)
        cdef Arrival arrival = NOTHING
        cdef object reply
        while len(self.replies) < self.sent:
            reply = wire.fetch_now(True, &arrival)
            if arrival == NOTHING:
                break
            if arrival == PUSH:
                self.parser.handle_push_response(reply)
            else:
                self.keep(reply)
        return len(self.replies) != before

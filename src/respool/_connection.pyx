"""The hot half of a connection and its parser: from the Python call to the wire and back.

What is rare is inherited from redis-py, by way of `connection.py`: connecting, the handshake, health checks. It never
decides who may use a connection.
"""

import cython

import socket
from time import monotonic

from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError, ResponseError, TimeoutError

from cpython.ref cimport PyObject

from respool._lock cimport Section, enter, leave
from respool._pack cimport Packer
from respool._wire cimport NOTHING, PUSH, Arrival, Wire, seconds_of

from respool._redispy import SENTINEL
from respool._wire import CLOSED_BY_SERVER
from respool.exceptions import ConnectionSharedError

TIMED_OUT = socket.timeout

# Methods by which a connection is spoken to.
SPEECH = frozenset(("send_command", "send_packed_command", "pack_commands", "read_response"))

cdef extern from "Python.h":
    unsigned long PyThread_get_thread_ident() noexcept
    bint PyExceptionInstance_Check(object)
    int set_attribute "PyObject_GenericSetAttr"(object, object, PyObject *value) except -1


cdef class ParserCore:
    """Compiled base of the parser: reads replies from a wire, and hands pushes to their handlers."""

    def __cinit__(self, *args, **kwargs):
        self.overridden = type(self).read_response is not ParserCore.read_response
        self.no_timeout = SENTINEL

    def __setattr__(self, name, value):
        set_attribute(self, name, <PyObject *>value)
        if name == "read_response":  # a mock, for example
            self.overridden = True

    def __delattr__(self, name):
        set_attribute(self, name, NULL)
        if name == "read_response":
            self.overridden = type(self).read_response is not ParserCore.read_response

    def attach(self, Wire wire, encoding, errors):
        """Read from this wire from now on; `encoding` None: strings are bytes."""
        wire.reader.configure(encoding, errors)
        wire.reader.reply_error = self.parse_error
        with cython.critical_section(self):
            self.wire = wire

    cpdef detach(self):
        """Read no more."""
        with cython.critical_section(self):
            self.wire = None

    cdef Wire session(self):
        """The wire: a reference, for another thread may end the session meanwhile."""
        cdef Section alone
        cdef Wire wire
        enter(&alone, self)
        wire = self.wire
        leave(&alone)
        return wire

    def can_read(self, timeout=0):
        """Whether something can be read within `timeout` seconds; None: wait for ever.

        Raises `redis.exceptions.ConnectionError` if the server has closed the connection.
        """
        cdef Wire wire = self.session()
        if wire is None:
            return False
        return wire.can_read(seconds_of(timeout))

    def read_response(self, disable_decoding=False, push_request=False, timeout=SENTINEL):
        """Return the next reply; with `push_request` also the next push, as its handler returns it.

        Parameters
        ----------
        disable_decoding : bool
            Strings are bytes, whatever the encoding.
        timeout : float or None, in seconds
            Instead of the socket's own; None: for ever. It is for the whole reply, and again for every 64 KiB of it.

        An error reply is returned, unless it is a `redis.exceptions.ConnectionError`, which is raised.

        Raises `redis.exceptions.TimeoutError` (a later call goes on with the same reply),
        `redis.exceptions.ConnectionError`, `redis.exceptions.InvalidResponse`, UnicodeDecodeError, OSError.
        """
        return self.read(self.session(), not disable_decoding, push_request, timeout)

    cdef object read(self, Wire wire, bint decode, bint push_request, object timeout):
        cdef Arrival arrival = NOTHING
        cdef object reply
        cdef bint own_timeout = timeout is not self.no_timeout
        cdef double seconds = seconds_of(timeout) if own_timeout else -1.0
        if wire is None:
            raise ConnectionError(CLOSED_BY_SERVER)
        reply = wire.fetch(decode, push_request, own_timeout, seconds, &arrival)
        return reply if arrival != PUSH else self.hand_out(reply, wire, decode, push_request, own_timeout, seconds)

    cdef object hand_out(
        self, object reply, Wire wire, bint decode, bint push_request, bint own_timeout, double seconds
    ):
        """Hand a push to its handler, and those behind it; returns the reply behind them. See `read_response`."""
        cdef Arrival arrival = PUSH
        cdef double deadline = -1.0
        while arrival == PUSH:
            reply = self.handle_push_response(reply)
            if push_request:
                return reply
            # Once more the time-out for the reply behind the push, but not for each of many pushes.
            if not own_timeout:
                own_timeout = True
                seconds = wire.timeout()
            if deadline < 0.0 <= seconds:
                deadline = monotonic() + seconds
            elif deadline >= 0.0:
                seconds = max(deadline - <double>monotonic(), 0.0)
            reply = wire.fetch(decode, False, own_timeout, seconds, &arrival)
        return reply


cdef class ConnectionCore:
    """Compiled base of the connections.

    What looks at several fields does so in the connection's section; see `_lock.h`.
    """

    def __cinit__(self, *args, **kwargs):
        self.limit = -1.0
        self._should_reconnect = False
        self.sends_itself = (
            type(self).send_packed_command is ConnectionCore.send_packed_command
            and type(self).check_health is AbstractConnection.check_health
        )

    def __setattr__(self, name, value):
        set_attribute(self, name, <PyObject *>value)
        if name in SPEECH:  # a mock, for example
            self.replaced = True

    def __delattr__(self, name):
        set_attribute(self, name, NULL)
        if name in SPEECH:
            self.replaced = not SPEECH.isdisjoint(self.__dict__)

    # --- the socket and the parser ---------------------------------------------------------------------------

    @property
    def _sock(self):
        if self.sockless:
            raise AttributeError("_sock")
        cdef Wire wire = self.session()
        return None if wire is None else wire.sock

    @_sock.setter
    def _sock(self, sock):
        self.attach(sock)
        self.sockless = False

    @_sock.deleter
    def _sock(self):
        self.attach(None)
        self.sockless = True  # for those who patch it, and look afterwards whether it is gone

    @property
    def _parser(self):
        if self.parser is None:
            raise AttributeError("_parser")
        return self.parser

    @_parser.setter
    def _parser(self, parser):
        self.parser = parser

    @_parser.deleter
    def _parser(self):
        self.parser = None  # likewise

    cdef int attach(self, object sock) except -1:
        """Begin a session on this socket, None: none, and end the one before."""
        with cython.critical_section(self):
            return self.attach_alone(sock)

    cdef int attach_alone(self, object sock) except -1:
        cdef Wire wire
        cdef unsigned long thread
        while self.wire is not None:
            wire = self.wire
            if sock is wire.sock:
                return 0
            thread = wire.close()  # which may have to wait, and give the section away
            if thread != 0 and thread != PyThread_get_thread_ident():
                if self.bereft is None:
                    self.bereft = set()
                self.bereft.add(thread)
            if self.wire is wire:
                self.wire = None
        if isinstance(self.parser, ParserCore):  # it would keep the descriptor open
            (<ParserCore>self.parser).detach()
        if sock is not None:
            wire = Wire(sock, self._new_reader())
            wire.limit = self.limit
            try:
                wire.ledger.database = int(self.db or 0)
            except (TypeError, ValueError, OverflowError):  # the server will say what is wrong with it
                wire.ledger.database = -1
            if self.bereft is not None:  # whatever this thread reads from here on is its own
                self.bereft.discard(PyThread_get_thread_ident())
            wire.ledger.trusted = self._connecting
            self.wire = wire
        else:
            self._should_reconnect = False
        return 0

    cdef Wire session(self):
        """The wire: a reference, for another thread may end the session meanwhile."""
        cdef Section alone
        cdef Wire wire
        enter(&alone, self)
        wire = self.wire
        leave(&alone)
        return wire

    cdef bint reads_by_ours(self) noexcept:
        """Whether the parser is ours and reads from our wire, so that it can be spared its public method."""
        return (
            isinstance(self.parser, ParserCore) and (<ParserCore>self.parser).wire is self.wire
            and not (<ParserCore>self.parser).overridden
        )

    cdef Wire plain_session(self):
        """The wire, if our parser reads from it by no method of others; else None."""
        cdef Section alone
        cdef Wire wire = None
        enter(&alone, self)
        if self.reads_by_ours():
            wire = self.wire
        leave(&alone)
        return wire

    @property
    def is_connected(self):
        """Whether there is a connection to the server."""
        return self.wire is not None

    def _limit(self, double deadline):
        """Have all I/O end by `deadline`, in monotonic seconds; negative: no more."""
        with cython.critical_section(self):
            self.limit = deadline
            if self.wire is not None:
                self.wire.limit = deadline

    # --- sending ---------------------------------------------------------------------------------------------

    def pack_command(self, *args):
        """Return a command as bytes-like chunks. Raises `redis.exceptions.DataError` for a value of another type."""
        return self._command_packer.pack(*args)

    def pack_commands(self, commands):
        """Return commands as bytes-like chunks. Raises `redis.exceptions.DataError` for a value of another type."""
        if isinstance(self._command_packer, Packer):
            return (<Packer>self._command_packer).pack_all(commands)
        return self._pack_by_packer(commands)

    def send_command(self, *args, check_health=True, **options):
        """Pack a command and send it, after connecting and a health check if they are due.

        Parameters
        ----------
        *args : str, bytes, bytearray, memoryview, int or float
            The command; its name may be of several words.
        check_health : bool
            False: without the health check.
        **options
            Ignored, as by redis-py.

        Raises `redis.exceptions.DataError` for a value of another type, and what `send_packed_command` raises.
        """
        cdef Wire wire = None
        cdef Packer packer
        cdef Section alone
        enter(&alone, self)
        if self.sends_at_once():
            wire = self.wire
        leave(&alone)
        if wire is None or (check_health and self.is_check_due()):
            self.send_packed_command(self._command_packer.pack(*args), check_health=check_health)
            return
        if self.bereft is not None:
            self.bereft.discard(PyThread_get_thread_ident())
        packer = (<Packer>self._command_packer).begin()
        try:
            packer.add_command(args, True)
            wire.send(packer)
        except BaseException as error:
            packer.clear()
            self.failed_to_write(wire, error)
            raise
        packer.clear()

    cdef bint sends_at_once(self) noexcept:
        """Whether a command can be sent as it is: connected, and nothing to be done before, except a health check."""
        return (
            self.wire is not None and not self.wire.broken and not self._connecting and self._stage is None
            and self.sends_itself and isinstance(self._command_packer, Packer)
        )

    cdef Wire at_once(self):
        """The wire, if a command can be sent as it is and no method of others is between; else None."""
        cdef Section alone
        cdef Wire wire = None
        enter(&alone, self)
        if self.sends_at_once() and self.bereft is None and not self.replaced and self.reads_by_ours():
            wire = self.wire
        leave(&alone)
        return None if wire is None or self.is_check_due() else wire

    cdef bint must_connect(self) except -1:
        """Whether there is no connection, and a command could be sent as it is if there were one."""
        cdef Wire wire = self.session()
        return (wire is None or wire.broken) and self.sends_itself and not self.replaced

    cdef object command(self, Wire wire, tuple args):
        """Send a command and return the reply to it, also if it is an error. Raises what sending and reading raise.

        `wire` is what `at_once` has returned.
        """
        cdef object reply
        cdef Arrival arrival = NOTHING
        cdef ParserCore parser = <ParserCore>self.parser
        cdef Packer packer = (<Packer>self._command_packer).begin()
        cdef bint sent = False
        try:
            try:
                packer.add_command(args, True)
                reply = wire.exchange(packer, True, &sent, &arrival)
            finally:
                packer.clear()
            if arrival == PUSH:
                reply = parser.hand_out(reply, wire, True, False, False, -1.0)
        except BaseException as error:
            if sent:
                self.failed_to_read(wire, error, True)
            else:
                self.failed_to_write(wire, error)
            raise
        if self.health_check_interval:
            self.rest(self.health_check_interval)
        return reply

    def send_packed_command(self, command, check_health=True):
        """Send one or more packed commands, after connecting and a health check if they are due.

        Parameters
        ----------
        command : bytes-like, or iterable of such
            As `pack_command` and `pack_commands` make it, or any other bytes in RESP.
        check_health : bool
            False: without the health check.

        Raises `redis.exceptions.TimeoutError` and `redis.exceptions.ConnectionError`; the connection is then closed.
        `respool.ConnectionSharedError` if another thread has a command under way on this connection.
        """
        cdef Wire wire
        with cython.critical_section(self):
            self.mind_connector()
            wire = self.wire
        if wire is not None and wire.broken:
            self.disconnect()
        if self.wire is None:
            self.connect_check_health(check_health=False)
        if check_health:
            self.check_health()
        self.write([command] if isinstance(command, (bytes, bytearray, memoryview)) else command)

    cdef int write(self, object chunks) except -1:
        """Send packed commands to whoever plays the server's part."""
        cdef object stage
        with cython.critical_section(self):
            self.mind_connector()
            stage = self._stage
        if stage is not None:
            stage.send(b"".join(chunks))
        else:
            self.transmit(chunks)
        return 0

    def _write(self, commands):
        """Send packed commands to the server, whoever plays its part."""
        cdef Wire wire = self.session()
        self.transmit([b"".join(commands)] if wire is not None and (wire.plain or wire.tls) else commands)

    cdef int transmit(self, object chunks) except -1:
        cdef Wire wire
        with cython.critical_section(self):
            self.mind_connector()
            wire = self.wire
            if self.bereft is not None:
                self.bereft.discard(PyThread_get_thread_ident())
        if wire is None:
            raise ConnectionError(CLOSED_BY_SERVER)
        try:
            wire.send_chunks(chunks)
        except BaseException as error:
            self.failed_to_write(wire, error)
            raise
        return 0

    cdef int failed_to_write(self, Wire wire, object error) except -1:
        """Close after a failure in the middle; raises it in redis-py's terms."""
        if not wire.broken:
            return 0
        if wire is self.wire:
            self.disconnect()
        if isinstance(error, OSError):
            code, text = error.args if len(error.args) == 2 else ("UNKNOWN", error.args[0] if error.args else error)
            if isinstance(error, TIMED_OUT):
                raise TimeoutError("Timeout writing to socket") from error
            raise ConnectionError(f"Error {code} while writing to socket. {text}.") from error
        return 0

    # --- reading ---------------------------------------------------------------------------------------------

    def can_read(self, timeout=0):
        """Whether something can be read within `timeout` seconds (None: wait for ever); connects if need be.

        Raises `redis.exceptions.ConnectionError` if the server has closed the connection.
        """
        if self.wire is None:
            self.connect()
        try:
            return self.parser.can_read(timeout)
        except OSError as error:
            self.disconnect()
            raise ConnectionError(f"Error while reading from {self._host_error()}: {error.args}") from error

    def _first_pending(self):
        """The first byte that has arrived and was not read; empty if the server has ended it, None if none is known."""
        cdef Wire wire = self.session()
        return None if wire is None else wire.first_pending()

    def read_response(self, disable_decoding=False, *, timeout=SENTINEL, disconnect_on_error=True, push_request=False):
        """Return the reply to the command that was sent first of those without one; raises an error reply.

        Parameters
        ----------
        disable_decoding : bool
            Strings are bytes, also with `decode_responses`.
        timeout : float or None, in seconds
            Instead of `socket_timeout`, for this reply; None: for ever.
        disconnect_on_error : bool
            False: leave the connection as it is after a failure; after a time-out the next call goes on.
        push_request : bool
            A RESP3 push is returned too, as its handler returns it.

        Raises `redis.exceptions.ResponseError`, `redis.exceptions.TimeoutError`, `redis.exceptions.ConnectionError`,
        `redis.exceptions.InvalidResponse`, UnicodeDecodeError; `respool.ConnectionSharedError` if another thread reads
        from this connection.
        """
        cdef Wire wire
        cdef ParserCore parser = None
        cdef object stage, reply
        with cython.critical_section(self):
            self.mind_connector()
            if self.bereft is not None:
                self.mind_bereavement()
            stage = self._stage
            wire = self.wire
            if wire is not None and self.reads_by_ours():
                parser = <ParserCore>self.parser
        if stage is not None and stage.answers:
            reply = stage.read()
        else:
            try:
                if parser is not None:
                    reply = parser.read(wire, not disable_decoding, push_request, timeout)
                else:
                    reply = self._read_by_parser(disable_decoding, push_request, timeout)
                    if wire is not None and wire.closed:
                        self.disconnect()  # the reply was for whoever has the session that followed
                        raise ConnectionError("Connection was closed by another thread before the reply was read.")
                    if wire is not None and not isinstance(self.parser, ParserCore):  # ours has counted it itself
                        if not push_request:
                            wire.ledger.settle(reply)
                        elif wire.ledger.sent != wire.ledger.answered:
                            wire.ledger.stain("a reply or a push, who knows")
            except BaseException as error:
                self.failed_to_read(wire, error, disconnect_on_error)
                raise
        if self.health_check_interval:
            self.rest(self.health_check_interval)
        if PyExceptionInstance_Check(reply) and isinstance(reply, ResponseError):
            raise reply
        return reply

    cdef bint is_check_due(self) except -1:
        """Whether the connection's health is to be checked before it is used."""
        return bool(self.health_check_interval) and monotonic() > self.next_health_check

    cdef int rest(self, object interval) except -1:
        """The connection is known to be healthy now."""
        self.next_health_check = monotonic() + interval
        return 0

    cdef int mind_connector(self) except -1:
        """While a thread connects, it alone may send and read."""
        if self._connecting and self.connector != PyThread_get_thread_ident():
            raise ConnectionSharedError("Connection is used by two threads at once: another one connects it.")
        return 0

    cdef int mind_bereavement(self) except -1:
        """Do not read a reply to another thread's command in place of one that went down with its session."""
        cdef unsigned long thread = PyThread_get_thread_ident()
        if thread in self.bereft:
            self.bereft.discard(thread)
            raise ConnectionError("Connection was closed by another thread before the reply was read.")
        return 0

    cdef int failed_to_read(self, Wire wire, object error, bint disconnect) except -1:
        """Close after a failure, if asked to; raises it in redis-py's terms."""
        if isinstance(error, ConnectionSharedError):
            return 0
        if disconnect:
            if wire is not None:
                wire.broken = True
            if wire is self.wire:
                self.disconnect()
        if isinstance(error, OSError):
            if isinstance(error, TIMED_OUT):
                raise TimeoutError(f"Timeout reading from {self._host_error()}") from error
            raise ConnectionError(f"Error while reading from {self._host_error()} : {error.args}") from error
        return 0

    # --- connecting ------------------------------------------------------------------------------------------

    def connect_check_health(self, check_health=True, retry_socket_connect=True):
        """Connect, unless there is a connection, and make it ready; as `redis.Connection.connect_check_health`.

        Whatever fails, the connection is closed. Raises `respool.ConnectionSharedError` if another thread connects.
        """
        cdef bint outermost
        cdef Wire wire
        cdef object attempt
        with cython.critical_section(self):
            self.mind_connector()
            if self.wire is not None:
                return
            outermost = not self._connecting
        attempt = self._attempt() if outermost else None
        with cython.critical_section(self):
            self.mind_connector()
            self._connecting = True
            self.connector = PyThread_get_thread_ident()
        try:
            if attempt is None:
                AbstractConnection.connect_check_health(self, check_health, retry_socket_connect)
            else:
                with attempt:  # which is a single one
                    AbstractConnection.connect_check_health(self, check_health, False)
        except BaseException:
            # No signal handler comes in between: a session that was not introduced to the server is never used.
            wire = self.session()
            if wire is not None:
                wire.broken = True
            self.end_connecting(outermost)
            self.disconnect()
            raise
        self.end_connecting(outermost)

    def _attempt(self):
        """What the breaker says to another attempt: a context manager around it, None: there is no breaker."""
        return None if self._breaker is None else self._breaker.attempt()

    cdef int end_connecting(self, bint outermost) except -1:
        if not outermost:
            return 0
        with cython.critical_section(self):
            self._connecting = False
            self._stage = None
            self._answer = None
            # What was sent up to here belongs to this connection, whoever uses it; from here on it is its user's.
            if self.wire is not None:
                self.wire.ledger.trusted = False
        return 0

    @property
    def credential_provider(self):
        """Who is asked for credentials; during a handshake, who remembers what that one has said."""
        with cython.critical_section(self):
            return self._provider if self._answer is None else self._answer

    @credential_provider.setter
    def credential_provider(self, provider):
        with cython.critical_section(self):
            self._provider = provider

    # --- reconnecting ----------------------------------------------------------------------------------------

    def mark_for_reconnect(self):
        """Have the connection closed when it comes back to its pool, or its command is over."""
        self._should_reconnect = True

    def should_reconnect(self):
        """Whether the connection has been marked to be closed."""
        return self._should_reconnect

    def reset_should_reconnect(self):
        """Take the mark away."""
        self._should_reconnect = False

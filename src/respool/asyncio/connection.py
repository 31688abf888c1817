"""redis-py's asyncio connections on respool's wire: `Connection`, with TLS, on Unix sockets, and the reply parser.

How to connect, the handshake, health checks and maintenance notifications are inherited from redis-py. Once a stream
has been connected, its transport gets another protocol: the compiled wire, which sends, receives and parses, and keeps
account of what is owed. The stream's reader and writer stay, for those who look at them, and get no data.
"""

from __future__ import annotations

import asyncio
import functools
import math
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from time import monotonic
from typing import Any

import redis.asyncio.connection
import redis.asyncio.sentinel
from redis._parsers.resp3 import _AsyncRESP3Parser
from redis.exceptions import ConnectionError, ResponseError, TimeoutError
from redis.typing import EncodableT

from respool._async_batch import AsyncBatch
from respool._async_wire import AsyncWire
from respool._breaker import Attempt, Breaker
from respool._handshake import AsyncPerformance, AsyncRehearsal, OneAnswer
from respool._ledger import Ledger
from respool._pushes import LooseHandlers, PushHandlers
from respool._redispy import CAN_READ, async_timeout, default_driver
from respool._running import current_task
from respool._wire import CLOSED_BY_SERVER
from respool.connection import DRIVER, declare_parameters, new_reader, packer_for
from respool.exceptions import ConnectionSharedError

__all__ = [
    "Connection",
    "Parser",
    "SSLConnection",
    "SentinelManagedConnection",
    "SentinelManagedSSLConnection",
    "UnixDomainSocketConnection",
]


class Session(AsyncWire, asyncio.BufferedProtocol):
    """The wire as the protocol that an event loop knows it for."""

    __slots__ = ()


class Parser(PushHandlers, _AsyncRESP3Parser):
    """Reads RESP2 and RESP3 replies; for redis.asyncio's `parser_class`, and the default of respool's connections.

    Parameters
    ----------
    socket_read_size : int, in bytes
        How much is received at once, at most.

    Belongs to one connection. Push handlers are set and called as redis-py's parsers do.
    """

    def __init__(self, socket_read_size: int) -> None:
        # Not redis-py's, which would tie the parser to itself in a reference cycle.
        self._read_size = socket_read_size
        self._stream: Any = None  # of another's connection
        self._wire: AsyncWire | None = None
        self._reader: Any = None  # of what comes by a stream
        self.encoder = None
        self._begin_handlers()

    def on_connect(self, connection: Any) -> None:
        """Begin to read from a connection: from its wire if it is one of respool's, else from its stream."""
        encoder = self.encoder = connection.encoder
        encoding = encoder.encoding if encoder.decode_responses else None
        self._reader = new_reader(self._read_size, self.parse_error, encoding, encoder.encoding_errors)
        wire = getattr(connection, "_wire", None)
        if isinstance(wire, AsyncWire):
            self._wire = wire
            self._wire.configure(encoding, encoder.encoding_errors, self.parse_error)
            return
        self._stream = connection._reader
        if self._stream is None:
            raise ConnectionError(CLOSED_BY_SERVER)

    def on_disconnect(self) -> None:
        """Read no more. Safe to call again."""
        self._wire = self._stream = None

    async def can_read(self) -> bool:
        """Whether something has come that was not read, or the server has ended the connection."""
        stream: Any = self._stream
        if self._wire is not None:
            return self._wire.has_unread()
        if stream is None:
            raise OSError("Buffer is closed.")
        return self._reader.has_data() or bool(stream._buffer) or stream.at_eof()

    can_read_destructive = can_read

    async def read_response(self, disable_decoding: bool = False, push_request: bool = False) -> Any:
        """Return the next reply; with `push_request` also the next push, as its handler returns it.

        An error reply is returned, unless it is a `redis.exceptions.ConnectionError`, which is raised.

        Raises `redis.exceptions.ConnectionError`, `redis.exceptions.InvalidResponse`, UnicodeDecodeError, OSError.
        """
        read = self._read_wire if self._stream is None else self._read_stream
        while True:
            reply, pushed = await read(not disable_decoding)
            if pushed:
                reply = await self.handle_push_response(reply)  # type: ignore[no-untyped-call]
            if push_request or not pushed:
                return reply

    async def _read_wire(self, decode: bool) -> tuple[Any, bool]:
        """The next reply or push, and whether it is a push."""
        wire = self._wire
        if wire is None:
            raise ConnectionError(CLOSED_BY_SERVER)
        arrival = wire.expect(decode, -1.0, True)
        if arrival is not None:
            await arrival
        pushed = wire.pushed
        return wire.take(), pushed

    async def _read_stream(self, decode: bool) -> tuple[Any, bool]:
        """The same of another's connection."""
        if self._stream is None:
            raise ConnectionError(CLOSED_BY_SERVER)
        while True:
            reply = self._reader.gets(decode)
            if reply is not self._reader.not_enough_data:
                return reply, self._reader.pushed
            data = await self._stream.read(self._read_size)
            if not data:
                raise ConnectionError(CLOSED_BY_SERVER)
            self._reader.feed(data)


class WiredConnection(LooseHandlers, redis.asyncio.connection.AbstractConnection):
    """What all of respool's connections for asyncio do differently from redis-py's."""

    # Also of an instance of a subclass that does not call `__init__`.
    _wire: AsyncWire | None = None  # None: not connected, or another's parser reads from the stream itself
    _ledger: Ledger | None = None  # of the session, also of one without a wire
    _stream_reader: Any = None
    _stream_writer: Any = None
    _breaker: Breaker | None = None  # who is asked before a dial; None: nobody
    _stage: Any = None  # who takes and answers the commands of a handshake; None: the server
    _connecting = False
    _should_reconnect = False
    _plain = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("parser_class", Parser)
        if not any(name in kwargs for name in DRIVER):
            kwargs.update(default_driver())
        super().__init__(*args, **kwargs)
        self._packer = packer_for(self.encoder)
        self._plain = is_plain(type(self))  # type: ignore[arg-type]

    def __del__(self, _warnings: Any = None) -> None:
        """Close the transport without a word: a pool counts on it that what is lost goes quietly."""
        if self._stream_writer is not None:
            with suppress(RuntimeError):  # a stream that is not ours to close from another thread
                self._close()

    # --- the stream that redis-py connects -------------------------------------------------------------------

    @property
    def _reader(self) -> Any:
        return self._stream_reader

    @_reader.setter
    def _reader(self, reader: Any) -> None:
        self._stream_reader = reader

    @_reader.deleter
    def _reader(self) -> None:
        self._stream_reader = None  # for those who patch it

    @property
    def _writer(self) -> Any:
        return self._stream_writer

    @_writer.setter
    def _writer(self, writer: Any) -> None:
        """Begin a session on this stream, None: none, and end the one before."""
        if writer is self._stream_writer:
            return
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()
        self._stream_writer = writer
        self._ledger = None
        if writer is None:
            return
        self._ledger = ledger = self._new_ledger()
        if isinstance(writer, asyncio.StreamWriter) and isinstance(self._parser, Parser):
            self._wire = Session(new_reader(self._socket_read_size), ledger)
            unread = bytes(getattr(self._reader, "_buffer", b""))
            self._wire.take_over(writer, asyncio.get_running_loop(), unread)

    @_writer.deleter
    def _writer(self) -> None:
        self._writer = None  # likewise

    def _new_ledger(self) -> Ledger:
        ledger = Ledger()
        try:
            ledger.database = int(self.db or 0)
        except (TypeError, ValueError, OverflowError):  # the server will say what is wrong with it
            ledger.database = -1
        ledger.trusted = self._connecting
        return ledger

    def _is_reusable(self) -> bool:
        """Whether this side knows of nothing that a stranger must not get."""
        if self._wire is not None:
            return self._wire.clean
        return self._ledger is None or self._ledger.reason is None

    # --- connecting and closing ------------------------------------------------------------------------------

    async def connect_check_health(self, *args: Any, **kwargs: Any) -> None:
        """Connect, unless there is a connection, and make it ready; as redis-py's.

        Whatever fails, the connection is closed: a session that was not introduced to the server is never used.
        """
        if self._wire is not None and not self._wire.usable_here():
            self._let_go()
        if self.is_connected:
            return
        outermost = not self._connecting
        attempt = self._attempt() if outermost else None
        self._connecting = True
        try:
            if attempt is None:
                await super().connect_check_health(*args, **kwargs)
            else:
                with attempt:  # which is a single one
                    await super().connect_check_health(*args, **{**kwargs, "retry_socket_connect": False})
        except BaseException:
            if outermost:
                self._hang_up()
            raise
        finally:
            if outermost:
                self._connecting = False
                # What was sent up to here belongs to this connection, whoever uses it; from here on it is its user's.
                if self._ledger is not None:
                    self._ledger.trusted = False

    def _attempt(self) -> Attempt | None:
        """What the breaker says to another attempt: a context manager around it, None: there is no breaker."""
        return None if self._breaker is None else self._breaker.attempt()

    async def on_connect_check_health(self, check_health: bool = True) -> None:
        """Introduce the connection to the server: redis-py's handshake, with its commands in one write.

        See `respool.Connection.on_connect_check_health`.
        """
        provider, next_health_check = self.credential_provider, self.next_health_check
        answer = None if provider is None else OneAnswer(provider)
        self.credential_provider = answer
        try:
            rehearsal = AsyncRehearsal()
            if self._wire is not None and rehearses(self):
                self._stage = rehearsal
                try:
                    await super().on_connect_check_health(check_health)
                except Exception:
                    if answer is not None and answer.failed:  # it is asked once, also if it fails
                        raise
                self.next_health_check = next_health_check
            performance = self._stage = AsyncPerformance(self, rehearsal.commands)
            await performance.begin()
            try:
                await super().on_connect_check_health(check_health)
            except Exception:
                await performance.end()  # its user may recover from the error
                raise
            await performance.end()
        finally:
            self._stage = None
            if self.credential_provider is answer:
                self.credential_provider = provider

    async def disconnect(self, nowait: bool = False, *args: Any, **kwargs: Any) -> None:
        """Close the connection, and wait until it is closed unless `nowait`. Nobody can use it from the start.

        Raises `redis.exceptions.TimeoutError` if that takes longer than `socket_connect_timeout` seconds.
        """
        writer = self._writer
        if self._wire is not None and self._wire.loop is not asyncio.get_running_loop():
            self._let_go()  # what is not ours to wait for
            return
        if self._wire is not None:
            self._wire.close()  # first: a transport of TLS cannot be aborted once redis-py has closed it
        await super().disconnect(True, *args, **kwargs)
        if writer is not None and not nowait and asyncio.current_task() is not None:
            await self._wait_closed(writer)

    async def _wait_closed(self, writer: Any) -> None:
        try:
            async with async_timeout(self.socket_connect_timeout):
                await writer.wait_closed()
        except asyncio.TimeoutError:
            raise TimeoutError(f"Timed out closing connection after {self.socket_connect_timeout}") from None
        except OSError as error:
            error.__context__ = None  # what is being handled has this very error as its cause: no circle

    def _hang_up(self) -> None:
        """Close the connection at once, and wait for nothing."""
        if current_task() is None:  # a finalizer, or another thread
            self._let_go()
        else:
            at_once(self.disconnect(nowait=True))

    def _let_go(self) -> None:
        """As `_hang_up`, where no loop runs, or not that of the connection."""
        self._parser.on_disconnect()
        self._should_reconnect = False
        self._close()

    def _close(self) -> None:
        """Close the stream, for redis-py."""
        if self._wire is None:
            super()._close()  # type: ignore[no-untyped-call]
        self._reader = self._writer = None

    # --- sending ---------------------------------------------------------------------------------------------

    def pack_command(self, *args: EncodableT) -> list[Any]:
        """Return a command as bytes-like chunks. Raises `redis.exceptions.DataError` for a value of another type."""
        return self._packer.pack(*args)

    def pack_commands(self, commands: Iterable[Iterable[EncodableT]]) -> list[Any]:
        """Return commands as bytes-like chunks. Raises `redis.exceptions.DataError` for a value of another type."""
        return self._packer.pack_all(commands)

    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        """Send one or more packed commands, after connecting and a health check if they are due.

        Parameters
        ----------
        command : bytes-like, str, or iterable of bytes-like
            As `pack_command` and `pack_commands` make it, or any other bytes in RESP.
        check_health : bool
            False: without the health check.

        Raises `redis.exceptions.TimeoutError` and `redis.exceptions.ConnectionError`; the connection is then closed.
        `respool.ConnectionSharedError` if another task has a command under way on this connection.
        """
        if self._wire is not None and not self._wire.usable_here():
            self._let_go()
        if not self.is_connected:
            await self.connect_check_health(check_health=False)
        if check_health and self.health_check_interval:
            await self.check_health()  # type: ignore[no-untyped-call]
        if isinstance(command, str):
            command = command.encode()
        chunks: list[Any] = [command] if isinstance(command, (bytes, bytearray, memoryview)) else list(command)
        if self._wire is None:
            if self._ledger is not None:
                self._ledger.count_chunks(chunks)
            await super().send_packed_command(chunks, check_health=False)
        elif self._stage is not None:
            await self._stage.send(b"".join(chunks))
        else:
            await self._transmit(chunks)

    async def _transmit(self, chunks: Iterable[Any]) -> None:
        """Send packed commands to the server, whoever plays its part."""
        wire = self._wire
        if wire is None:
            raise ConnectionError(CLOSED_BY_SERVER)
        try:
            drained = wire.send(chunks)
            if drained is not None:
                await self._drained(wire, drained)
        except BaseException as error:
            await self._failed(wire, error, writing=True)
            raise

    async def _drained(self, wire: AsyncWire, drained: Any) -> None:
        """Wait until the server has caught up."""
        async with async_timeout(self.socket_timeout):
            await drained
        wire.check_sent()

    async def _converse(self, args: tuple[Any, ...]) -> Any:
        """Send a command and return the reply to it, also if it is an error; for who knows that nothing is in between.

        Raises as `send_command` and `read_response` do.
        """
        wire: Any = self._wire
        chunks = self._packer.pack(*args)
        writing = True
        try:
            drained = wire.send(chunks)
            if drained is not None:
                await self._drained(wire, drained)
            writing = False
            arrival = wire.expect(True, seconds_of(self.socket_timeout), False)
            if arrival is not None:
                await arrival
            reply = await self._next_reply(wire, True, None) if wire.pushed else wire.take()
        except BaseException as error:
            await self._failed(wire, error, writing)
            raise
        self._rest()
        return reply

    async def _run(self, commands: list[Any], transaction: bool) -> list[Any]:
        """Send the commands of a pipeline and return the replies, errors among them; likewise."""
        wire: Any = self._wire
        batch = AsyncBatch(self, commands, transaction)
        try:
            while (awaited := batch.go_on(seconds_of(self.socket_timeout))) is not None:
                await awaited
        except BaseException as error:
            await self._failed(wire, error, writing=batch.sending)
            raise
        self._rest()
        return batch.results

    async def _failed(self, wire: AsyncWire, error: BaseException, writing: bool = False) -> None:
        """Close after a failure in the middle; raises it in redis-py's terms, if those are others."""
        if isinstance(error, ConnectionSharedError):
            return
        await self._fail(wire)
        self._translate(error, writing)

    def _translate(self, error: BaseException, writing: bool = False) -> None:
        """Raise an error in redis-py's terms, if those are others."""
        if isinstance(error, asyncio.TimeoutError):
            raise TimeoutError(
                "Timeout writing to socket" if writing else f"Timeout reading from {self._host_error()}"
            ) from None
        if isinstance(error, OSError):
            if not writing:
                raise ConnectionError(f"Error while reading from {self._host_error()} : {error.args}") from error
            code, text = error.args if len(error.args) == 2 else ("UNKNOWN", error.args[0] if error.args else error)
            raise ConnectionError(f"Error {code} while writing to socket. {text}.") from error

    async def _fail(self, wire: AsyncWire) -> None:
        """Close after a failure in the middle, unless somebody has done so and connected anew."""
        wire.broken = True
        if wire is self._wire:
            await self.disconnect(nowait=True)

    # --- reading ---------------------------------------------------------------------------------------------

    async def read_response(
        self,
        disable_decoding: bool = False,
        timeout: float | None = None,
        *,
        disconnect_on_error: bool = True,
        push_request: bool | None = False,
    ) -> Any:
        """Return the reply to the command that was sent first of those without one; raises an error reply.

        Parameters
        ----------
        disable_decoding : bool
            Strings are bytes, also with `decode_responses`.
        timeout : float or None, in seconds
            For this reply; when they are over, None is returned and a later call goes on. None: `socket_timeout`, and
            `redis.exceptions.TimeoutError` when it is over. `math.inf`: for ever.
        disconnect_on_error : bool
            False: leave the connection as it is after a failure.
        push_request : bool
            A RESP3 push is returned too, as its handler returns it.

        Raises `redis.exceptions.ResponseError`, `redis.exceptions.TimeoutError`, `redis.exceptions.ConnectionError`,
        `redis.exceptions.InvalidResponse`, UnicodeDecodeError; `respool.ConnectionSharedError` if another task reads
        from this connection.
        """
        wire = self._wire
        parser: Any = self._parser
        if self._stage is not None and self._stage.answers:
            return self._stage.read()
        if wire is None or not reads_from(parser, wire):
            return await self._read_by_parser(
                disable_decoding, timeout, disconnect_on_error=disconnect_on_error, push_request=push_request
            )
        try:
            reply = await self._next_reply(wire, not disable_decoding, timeout, push_request)
        except BaseException as error:
            if timeout is not None and isinstance(error, asyncio.TimeoutError):
                return None
            if disconnect_on_error:
                await self._failed(wire, error)
            elif not isinstance(error, ConnectionSharedError):
                self._translate(error)
            raise
        self._rest()
        if isinstance(reply, ResponseError):
            try:
                raise reply from None
            finally:
                del reply  # which holds this frame by its traceback, and so the connection
        return reply

    def _rest(self) -> None:
        """The connection is known to be healthy now."""
        if self.health_check_interval:
            self.next_health_check = asyncio.get_running_loop().time() + self.health_check_interval

    async def _next_reply(
        self, wire: AsyncWire, decode: bool, timeout: float | None, push_request: bool | None = False
    ) -> Any:
        """The next reply, also if it is an error, or push. Raises asyncio.TimeoutError, and what else comes instead."""
        seconds = seconds_of(self.socket_timeout if timeout is None else timeout)
        deadline = None
        while True:
            arrival = wire.expect(decode, seconds, timeout is not None)
            if arrival is not None:
                await arrival
            if not wire.pushed:
                return wire.take()
            parser: Any = self._parser
            reply = await parser.handle_push_response(wire.take())
            if push_request:
                return reply
            if deadline is None:
                deadline = monotonic() + seconds
            if seconds >= 0.0:
                seconds = max(deadline - monotonic(), 0.0)

    async def _read_by_parser(self, disable_decoding: bool, timeout: float | None, **options: Any) -> Any:
        """As `read_response`, by a parser that keeps no account itself."""
        ledger = self._ledger
        try:
            reply = await super().read_response(disable_decoding, timeout, **options)
        except ResponseError as error:
            if ledger is not None:
                ledger.settle(error)
            raise
        if ledger is not None:
            if options["push_request"] or (timeout is not None and reply is None):
                ledger.stain("a reply or a push, or none: who knows")
            else:
                ledger.settle(reply)
        return reply

    async def can_read(self) -> bool:
        """Whether something has come that was not read, or the server has ended the connection.

        Raises `redis.exceptions.ConnectionError` if there is no connection.
        """
        try:
            parser: Any = self._parser
            return bool(await getattr(parser, CAN_READ)())
        except OSError as error:
            await self.disconnect(nowait=True)
            raise ConnectionError(f"Error while reading from {self._host_error()}: {error.args}") from error

    can_read_destructive = can_read

    def _socket_is_empty(self) -> bool:
        return self._wire is None or not self._wire.has_unread()

    def _reschedule_active_read_timeout(self, timeout: float | None) -> None:
        """Let a read that is under way end in so many seconds from now; None: when it is complete."""
        if self._wire is not None:
            self._wire.relax(timeout)
        else:
            super()._reschedule_active_read_timeout(timeout)

    async def re_auth(self) -> None:
        """Authenticate with the token of `set_re_auth_token`, if there is one; raises what the server replies."""
        if self._re_auth_token is not None:
            if not self.is_connected:
                await self.connect()  # type: ignore[no-untyped-call]
            with self.trusted():
                await super().re_auth()  # type: ignore[no-untyped-call]

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Send commands on the connection's own behalf: that they change its state is no reason to close it."""
        ledger = self._ledger
        if ledger is None:
            yield
            return
        before, ledger.trusted = ledger.trusted, True
        try:
            yield
        finally:
            ledger.trusted = before


class Connection(WiredConnection, redis.asyncio.connection.Connection):
    """A TCP connection for asyncio; takes the place of `redis.asyncio.Connection`, with its parameters.

    It never hands out a reply that belongs to another command. Belongs to one task at a time: a second one gets
    `respool.ConnectionSharedError`. Belongs to the event loop on which it was connected.
    """


class SSLConnection(Connection, redis.asyncio.connection.SSLConnection):
    """A TLS connection; takes the place of `redis.asyncio.SSLConnection`, with its parameters. See `Connection`."""


class UnixDomainSocketConnection(WiredConnection, redis.asyncio.connection.UnixDomainSocketConnection):
    """A connection by a Unix domain socket; takes the place of redis.asyncio's. See `Connection`."""


class SentinelManagedConnection(redis.asyncio.sentinel.SentinelManagedConnection, Connection):
    """A connection to whichever server Sentinel names; takes the place of redis.asyncio's. See `Connection`."""

    async def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = True) -> None:
        """As redis-py's; but a command that finds no connection asks Sentinel, and not for the server of before."""
        if retry_socket_connect:
            await self._connect_retry()
        else:
            await super().connect_check_health(check_health, retry_socket_connect)

    def _attempt(self) -> None:
        """One attempt may try several servers."""

    async def _connect_retry(self) -> None:
        with super()._attempt() or nullcontext() if not self.is_connected else nullcontext():
            await super()._connect_retry()  # type: ignore[no-untyped-call]


class SentinelManagedSSLConnection(
    SentinelManagedConnection, redis.asyncio.sentinel.SentinelManagedSSLConnection, SSLConnection
):
    """The same with TLS."""


OURS: dict[type[Any], type[Any]] = {
    redis.asyncio.connection.Connection: Connection,
    redis.asyncio.connection.SSLConnection: SSLConnection,
    redis.asyncio.connection.UnixDomainSocketConnection: UnixDomainSocketConnection,
    redis.asyncio.sentinel.SentinelManagedConnection: SentinelManagedConnection,
    redis.asyncio.sentinel.SentinelManagedSSLConnection: SentinelManagedSSLConnection,
}

for _theirs, _ours in OURS.items():
    declare_parameters(_ours, _theirs)


@functools.lru_cache(maxsize=256)
def is_plain(kind: type[Any]) -> bool:
    """Whether a class does itself nothing of what the pool asks of a connection, so that the pool need not ask."""
    return (
        kind.connect in CONNECTS
        and getattr(kind, CAN_READ) is WiredConnection.can_read
        and kind.disconnect is WiredConnection.disconnect
        and getattr(kind, "should_reconnect", None) is SHOULD_RECONNECT
        and kind.re_auth is WiredConnection.re_auth
    )


SHOULD_RECONNECT = getattr(redis.asyncio.connection.AbstractConnection, "should_reconnect", None)  # from 7.2 on


def rehearses(connection: WiredConnection) -> bool:
    """Whether what a handshake sends passes by here: nobody has put a method of his own in between."""
    return (
        sends_and_reads(type(connection))
        and not {"send_command", "send_packed_command", "read_response"} & vars(connection).keys()
    )


def sends_and_reads(kind: type[Any]) -> bool:
    """Whether connections of a class send and read as those of this module do."""
    return kind.read_response in READS and (kind.send_command, kind.send_packed_command, kind.check_health) == SENDS


# As they were written, should somebody wrap them later.
SENDS = (
    redis.asyncio.connection.AbstractConnection.send_command,
    WiredConnection.send_packed_command,
    redis.asyncio.connection.AbstractConnection.check_health,
)
READS = (WiredConnection.read_response, redis.asyncio.sentinel.SentinelManagedConnection.read_response)
CONNECTS = (
    redis.asyncio.connection.AbstractConnection.connect,
    redis.asyncio.sentinel.SentinelManagedConnection.connect,
)


def reads_from(parser: Any, wire: AsyncWire) -> bool:
    """Whether it is a parser of ours, on this wire, and not what a test has put in its place."""
    return isinstance(parser, Parser) and parser._wire is wire and parser._stream is None


def seconds_of(timeout: float | None) -> float:
    """A time-out as redis.asyncio takes it; negative for None and for infinity: none."""
    return -1.0 if timeout is None or timeout == math.inf else max(timeout, 0.0)


def at_once(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine that has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError(f"expected {coroutine!r} to wait for nothing")

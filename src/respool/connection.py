"""redis-py's connections on respool's wire, and the parser that goes with them.

What is rare is here or inherited: construction, connecting, the handshake. The path of a command is in `_connection`,
what happens on the socket in `_wire`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from operator import attrgetter
from typing import Any

import redis.connection
import redis.sentinel
from redis._parsers import Encoder, _RESP3Parser
from redis.connection import CacheProxyConnection
from redis.exceptions import (
    ConnectionError,
    DataError,
    InvalidResponse,
    ResponseError,
)
from redis.typing import EncodableT

from respool._connection import ConnectionCore, ParserCore
from respool._handshake import OneAnswer, Performance, Rehearsal
from respool._pack import Packer
from respool._pushes import LooseHandlers, PushHandlers, weakly
from respool._redispy import SENTINEL, WithoutMaintenance, default_driver
from respool._resp import Reader
from respool._wire import Wire

__all__ = [
    "Connection",
    "Parser",
    "SSLConnection",
    "SentinelManagedConnection",
    "SentinelManagedSSLConnection",
    "UnixDomainSocketConnection",
]

DRIVER = ("driver_info", "lib_name", "lib_version")


class Parser(ParserCore, PushHandlers, _RESP3Parser):
    """Reads RESP2 and RESP3 replies; for redis-py's `parser_class`, and the default of respool's connections.

    Parameters
    ----------
    socket_read_size : int, in bytes
        How much is received at once, at most.

    Belongs to one connection. Push handlers are set and called as redis-py's parsers do.
    """

    def __init__(self, socket_read_size: int) -> None:
        # Not redis-py's, which would tie the parser to itself in a reference cycle.
        self.socket_read_size = socket_read_size
        self.encoder = None
        self._begin_handlers()

    def set_invalidation_push_handler(self, handler: Any) -> None:
        """Set who gets invalidations. A caching proxy, which holds this parser, is held weakly."""
        owner = getattr(handler, "__self__", None)
        self.invalidation_push_handler_func = weakly(handler) if isinstance(owner, CacheProxyConnection) else handler

    def on_connect(self, connection: Any) -> None:
        """Begin to read from a connection's socket."""
        encoder = self.encoder = connection.encoder
        encoding = encoder.encoding if encoder.decode_responses else None
        if isinstance(connection, WiredConnection):
            wire = connection.wire
            if wire is None:
                raise ConnectionError("Connection closed while it was in use.")
        else:
            wire = Wire(connection._sock, new_reader(self.socket_read_size))
        self.attach(wire, encoding, encoder.encoding_errors)

    def on_disconnect(self) -> None:
        """Read no more. Safe to call again."""
        self.detach()

    @property
    def _sock(self) -> Any:  # type: ignore[override]
        return None if self.wire is None else self.wire.sock

    @property
    def _buffer(self) -> Any:  # type: ignore[override]
        """What redis-py's connections tell of a changed time-out; the wire reads it off the socket itself."""
        return None if self.wire is None else TimeoutNotice()


class TimeoutNotice:
    """Takes what nobody needs to be told."""

    socket_timeout: float | None = None


def new_reader(
    read_size: int, reply_error: Any = ResponseError, encoding: str | None = None, errors: str | None = None
) -> Reader:
    return Reader(InvalidResponse, reply_error, encoding, errors, fatal_error=ConnectionError, read_size=read_size)


def packer_for(encoder: Any) -> Packer:
    if type(encoder) is Encoder:
        return Packer(DataError, encoder.encoding, encoder.encoding_errors)
    return Packer(DataError, encode=encoder.encode)


class WiredConnection(ConnectionCore, LooseHandlers, redis.connection.AbstractConnection):
    """What all of respool's connections do differently from redis-py's when something rare happens."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("parser_class", Parser)
        if not any(name in kwargs for name in DRIVER):
            kwargs.update(default_driver())
        super().__init__(*args, **kwargs)
        self._plain = is_plain(type(self))  # type: ignore[arg-type]

    def _construct_command_packer(self, packer: Any) -> Any:
        return packer_for(self.encoder) if packer is None else packer

    def _new_reader(self) -> Reader:
        return new_reader(self._socket_read_size)

    def _pack_by_packer(self, commands: Iterable[Iterable[EncodableT]]) -> list[Any]:
        chunks: list[Any] = redis.connection.AbstractConnection.pack_commands(self, commands)
        return chunks

    def _read_by_parser(self, disable_decoding: bool, push_request: bool, timeout: Any) -> Any:
        options: dict[str, Any] = {"push_request": push_request} if self.protocol in (3, "3") else {}
        if timeout is not SENTINEL:
            options["timeout"] = timeout
        return self._parser.read_response(disable_decoding=disable_decoding, **options)

    # --- connecting ------------------------------------------------------------------------------------------

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Introduce the connection to the server: redis-py's handshake, with its commands in one write.

        A rehearsal shows which commands there will be if each of them succeeds. They are sent, and then the handshake
        is done in earnest and finds its commands sent. Should it take another way, because of a reply, the replies to
        what has been sent in vain are dropped, and it goes on by itself.
        """
        answer = self._answer = None if self._provider is None else OneAnswer(self._provider)
        next_health_check = self.next_health_check
        try:
            rehearsal = Rehearsal()
            if self._rehearses():
                self._stage = rehearsal
                try:
                    super().on_connect_check_health(check_health)
                except Exception:
                    if answer is not None and answer.failed:  # it is asked once, also if it fails
                        raise
                self.next_health_check = next_health_check
            performance = self._stage = Performance(self, rehearsal.commands)
            performance.begin()
            try:
                super().on_connect_check_health(check_health)
            except Exception:
                performance.end()  # its user may recover from the error
                raise
            performance.end()
        finally:
            self._stage = self._answer = None

    def _rehearses(self) -> bool:
        """Whether what a handshake sends passes by here: nobody has put a method of his own in between."""
        return (
            type(self).send_command is ConnectionCore.send_command
            and type(self).read_response in READS
            and type(self).send_packed_command is ConnectionCore.send_packed_command
            and type(self).check_health is redis.connection.AbstractConnection.check_health
            and not self.replaced
        )

    def re_auth(self) -> None:
        """Authenticate with the token of `set_re_auth_token`, if there is one; raises what the server replies."""
        if self._re_auth_token is not None:
            with self.trusted():
                super().re_auth()  # type: ignore[no-untyped-call]

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Send commands on the connection's own behalf: that they change its state is no reason to close it."""
        if self.wire is None:
            self.connect()  # type: ignore[no-untyped-call]
        assert self.wire is not None
        ledger = self.wire.ledger
        before, ledger.trusted = ledger.trusted, True
        try:
            yield
        finally:
            ledger.trusted = before


def set_host(connection: Any, host: str) -> None:
    connection._host = host


class Connection(WiredConnection, redis.connection.Connection):
    """A TCP connection; takes the place of `redis.Connection`, with its parameters.

    It never hands out a reply that belongs to another command. Belongs to one thread at a time: a second one gets
    `respool.ConnectionSharedError`. After a fork the child must not use the parent's.
    """

    # As redis-py's, without a Python call: its clients look at the host for each command.
    host = property(attrgetter("_host"), set_host)


class SSLConnection(Connection, redis.connection.SSLConnection):
    """A TLS connection; takes the place of `redis.SSLConnection`, with its parameters. See `Connection`."""


class UnixDomainSocketConnection(WithoutMaintenance, WiredConnection, redis.connection.UnixDomainSocketConnection):
    """A connection by a Unix domain socket; takes the place of `redis.UnixDomainSocketConnection`. See `Connection`."""


class SentinelManagedConnection(redis.sentinel.SentinelManagedConnection, Connection):
    """A connection to whichever server Sentinel names; takes the place of redis-py's. See `Connection`."""

    def connect_check_health(self, check_health: bool = True, retry_socket_connect: bool = True) -> None:
        """As redis-py's; but a command that finds no connection asks Sentinel, and not for the server of before."""
        if retry_socket_connect:
            self._connect_retry()
        else:
            super().connect_check_health(check_health, retry_socket_connect)

    def _attempt(self) -> None:
        """One attempt may try several servers."""

    def _connect_retry(self) -> None:
        with super()._attempt() or nullcontext() if self.wire is None else nullcontext():
            super()._connect_retry()  # type: ignore[no-untyped-call]


class SentinelManagedSSLConnection(
    SentinelManagedConnection, redis.sentinel.SentinelManagedSSLConnection, SSLConnection
):
    """The same with TLS."""


OURS: dict[type[Any], type[Any]] = {
    redis.connection.Connection: Connection,
    redis.connection.SSLConnection: SSLConnection,
    redis.connection.UnixDomainSocketConnection: UnixDomainSocketConnection,
    redis.sentinel.SentinelManagedConnection: SentinelManagedConnection,
    redis.sentinel.SentinelManagedSSLConnection: SentinelManagedSSLConnection,
}


def declare_parameters(ours: Any, theirs: Any) -> None:
    """Let the constructor say which parameters it takes, as redis-py's does."""

    @functools.wraps(theirs.__init__)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        super(ours, self).__init__(*args, **kwargs)

    ours.__init__ = init


for _theirs, _ours in OURS.items():
    declare_parameters(_ours, _theirs)

READS = (ConnectionCore.read_response, redis.sentinel.SentinelManagedConnection.read_response)
CONNECTS = (redis.connection.AbstractConnection.connect, redis.sentinel.SentinelManagedConnection.connect)


@functools.lru_cache(maxsize=256)
def is_plain(kind: type[Any]) -> bool:
    """Whether a class does itself nothing of what the pool asks of a connection, so that the pool need not ask."""
    return (
        kind.connect in CONNECTS
        and kind.can_read is ConnectionCore.can_read
        and kind.should_reconnect is ConnectionCore.should_reconnect
        and kind.re_auth is WiredConnection.re_auth
    )

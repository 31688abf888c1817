"""redis-py's connection pools on respool's core: their whole API, over `_pool` by way of `_checkout`.

What is rare is here: construction, errors, reconnecting, walking all connections. Who owns a connection and who waits
is decided in `_pool`; the path of every command through the pool is in `_checkout`.
"""

from __future__ import annotations

import math
import os
import queue
import socket
import sys
import threading
import warnings
from contextlib import AbstractContextManager, nullcontext, suppress
from time import monotonic
from typing import Any, TypeVar

from redis.auth.token import TokenInterface

# Bound here and now: a program may put respool's classes under these names in redis-py.
from redis.connection import BlockingConnectionPool as RedisBlockingConnectionPool
from redis.connection import ConnectionPool as RedisConnectionPool
from redis.connection import DefaultParser, parse_url
from redis.event import AfterConnectionReleasedEvent, EventDispatcher, ReAuthConnectionListener
from redis.exceptions import ConnectionError, MaxConnectionsError, TimeoutError
from redis.retry import Retry

from respool import _telemetry
from respool._checkout import Checkout
from respool._connection import ParserCore
from respool._deadline import connect_before
from respool._redispy import CachingConnection, tells_of_maintenance
from respool._views import AllConnections, IdleConnections, InUseConnections, QueueOfConnections
from respool.connection import OURS, Connection, WiredConnection, loosen_handlers
from respool.exceptions import ConnectionPoolClosedError, ConnectionPoolOverloadError, ConnectionPoolTimeoutError

__all__ = ["BlockingConnectionPool", "ConnectionPool"]

P = TypeVar("P", bound="ConnectionPool")

SECRETS = frozenset({"password", "username", "ssl_password", "credential_provider"})
PLUMBING = frozenset({"himport_registry"})
ORDERS = ("fifo", "lifo")


class ConnectionPool(Checkout, RedisConnectionPool):
    """A pool of connections that any number of threads share; takes the place of `redis.ConnectionPool`.

    Parameters
    ----------
    connection_class, max_connections, cache_factory, maint_notifications_config, **connection_kwargs
        As for `redis.ConnectionPool`. `max_connections` is a hard cap on the connections there are.
    timeout : float or None, in seconds
        How long `get_connection` waits for a connection when all are in use; one deadline covers the wait, connecting
        and checking. 0 (the default): not at all, `redis.exceptions.MaxConnectionsError` at once. None: for ever.
        Otherwise `redis.exceptions.ConnectionPoolTimeoutError` when it is over, or `redis.TimeoutError` if that is in
        the middle of connecting. It is not `socket_timeout`, the wait for a reply.
    order : "fifo" (default) or "lifo"
        Take the connection that has been idle longest, which keeps all of them in use, or the one returned last, which
        lets the others rest.
    max_waiting : int or None
        Most callers that may wait at once; the next is refused with `respool.ConnectionPoolOverloadError`.
    name : str or None
        Name of the pool in errors; by default where it connects to.

    Raises ValueError or TypeError for an argument that cannot be meant, and whatever `redis.ConnectionPool` raises.

    Callers are served strictly in order of arrival: what comes back goes straight to who waits longest. No lock is
    held while a connection is built, connects, is checked or closed. Connections in use are held weakly: one that its
    caller loses gives its place back. A forked child starts with an empty pool. Not for asyncio.
    """

    def __init__(
        self,
        connection_class: Any = Connection,
        max_connections: int | None = None,
        *args: Any,
        timeout: float | None = 0,
        order: str = "fifo",
        max_waiting: int | None = None,
        name: str | None = None,
        **connection_kwargs: Any,
    ) -> None:
        self._name = valid_name(name)
        self._reserved = threading.local()  # .here: this thread builds a connection for which a slot is reserved
        self._made_for = threading.local()  # .made: this thread's last checkout made a connection
        self._configure(1, valid_timeout(timeout), valid_order(order), valid_max_waiting(max_waiting))
        if max_connections is not None:
            max_connections = valid_max_connections(max_connections)
        RedisConnectionPool.__init__(self, connection_class, max_connections, *args, **connection_kwargs)
        self._lock: Any = self.walk_lock
        self._watch(
            _telemetry.RECORDER,
            _telemetry.PROVIDER,
            AfterConnectionReleasedEvent,
            type(self).owns_connection is not ConnectionPool.owns_connection,
            self.cache is not None,
        )
        self._watch_plain_dispatcher()

    @classmethod
    def from_url(cls: type[P], url: str, **kwargs: Any) -> P:
        """Make a pool from a URL, in the forms and with the query arguments of `redis.ConnectionPool.from_url`.

        `timeout` (seconds), `order`, `max_waiting` and `name` may be query arguments too. Raises ValueError for a URL
        that cannot be read; the message never quotes the URL, which may hold a password.
        """
        if kwargs.get("parser_class") is DefaultParser:
            del kwargs["parser_class"]  # nobody's choice: Django and django-redis hand it to each pool
        try:
            chosen = parse_url(url).get("connection_class")
            if chosen in OURS:
                kwargs.setdefault("connection_class", OURS[chosen])
            return super().from_url(url, **kwargs)
        except ValueError as error:
            if not str(error).startswith("Port "):
                raise
        raise ValueError("invalid port in the connection URL: expected a number from 0 to 65535 (special characters in "
                         "a user name or password must be percent-encoded)")

    # --- settings --------------------------------------------------------------------------------------------

    @property
    def max_connections(self) -> int:
        """Most connections at once. May be set; what is too many then goes as it becomes idle."""
        return super().max_connections

    @max_connections.setter
    def max_connections(self, value: int) -> None:
        if value == 0:  # which the constructor takes for "the default", as redis-py does
            raise ValueError('"max_connections" must be a positive integer, got 0')
        self._set_limit(valid_max_connections(value))

    @property
    def timeout(self) -> float | None:
        """Seconds that `get_connection` waits when all connections are in use; None: for ever. May be set."""
        return super().timeout

    @timeout.setter
    def timeout(self, value: float | None) -> None:
        self._set_timeout(valid_timeout(value))

    @property
    def name(self) -> str:
        """Name of the pool in errors."""
        if self._name is not None:
            return self._name
        kwargs = self.connection_kwargs
        if "path" in kwargs:
            return f"{kwargs['path']}/{kwargs.get('db') or 0}"
        return f"{kwargs.get('host', 'localhost')}:{kwargs.get('port', 6379)}/{kwargs.get('db') or 0}"

    def __repr__(self) -> str:
        settings = ",".join(
            f"{key}={'<REDACTED>' if key in SECRETS else value}"
            for key, value in self.connection_kwargs.items()
            if key not in PLUMBING
        )
        connection_class = self.connection_class
        return (
            f"<{type(self).__module__}.{type(self).__name__}"
            f"(<{connection_class.__module__}.{connection_class.__name__}({settings})>)>"
        )

    # --- building --------------------------------------------------------------------------------------------

    def make_connection(self) -> Any:
        """Make a connection, not yet connected, that counts as in use.

        Raises `redis.exceptions.MaxConnectionsError` if there are `max_connections` already. Subclasses may override
        it; what theirs returns is then pooled.
        """
        if self._builds_here():
            return self._construct()
        self._look_for_observers()
        return self._admit(self._construct, False)

    def _construct(self) -> Any:
        connection = self.connection_class(**self.connection_kwargs)
        if self.cache is not None:
            connection = CachingConnection(connection, self.cache, self._lock)  # type: ignore[abstract]
            loosen_handlers(connection)
        return connection

    def _builds_here(self) -> bool:
        return getattr(self._reserved, "here", False)

    def _build(self) -> Any:
        """Make a connection for the core, which has reserved a slot for it."""
        outer = self._builds_here()  # a signal handler may use the pool while it builds
        self._reserved.here = True
        try:
            connection = self.make_connection()
        finally:
            self._reserved.here = outer
        self._made_for.made = True
        return connection

    # --- checking out and back in: what is rare --------------------------------------------------------------

    def _connect_by(self, connection: Any, deadline: float) -> None:
        """Connect by the caller's deadline, in monotonic seconds; negative: none."""
        if deadline < 0:
            connection.connect()
            return
        started = monotonic()
        with connect_before(getattr(connection, "_conn", connection), deadline):
            try:
                connection.connect()
            except (ConnectionError, TimeoutError) as error:
                if monotonic() < deadline:
                    raise
                # The server's fault and not for want of connections: a cluster client, for one, looks for another node
                # after exactly this error, and never after MaxConnectionsError.
                raise TimeoutError(
                    f"No connection available: {monotonic() - started:.3f} s of the pool's timeout of {self.timeout} s "
                    f"went into connecting. {self._situation()}"
                ) from error

    def _reconnect(self, connection: Any, deadline: float) -> None:
        """Replace the socket of a connection that was found closed or with something unread."""
        connection.disconnect()
        self._connect_by(connection, deadline)
        if connection.can_read() and not self._only_pushes_pending(connection):
            raise ConnectionError("Connection not ready")

    def _inspect_pending(self, connection: Any, deadline: float) -> None:
        """Look at what an idle connection has received: only a push message may be there."""
        if not self._only_pushes_pending(connection):
            self._reconnect(connection, deadline)

    def _only_pushes_pending(self, connection: Any) -> bool:
        """Whether what can be read begins with a push message.

        redis-py takes that for granted wherever pushes are possible. It is looked up here where that can be done.
        """
        if self.cache is None and not tells_of_maintenance(self):
            return False
        wire = getattr(connection, "_conn", connection)
        return first_unread(wire) in (b">", None)

    def _watch_plain_dispatcher(self) -> None:
        """Spare redis-py's own dispatcher its event while nobody but its re-authentication listens to it."""
        dispatcher = self._event_dispatcher
        if type(dispatcher) is not EventDispatcher:
            return
        listeners = dispatcher._event_listeners_mapping
        own = listeners.get(AfterConnectionReleasedEvent)
        if isinstance(own, list) and [type(listener) for listener in own] == [ReAuthConnectionListener]:
            self._watch_listeners(dispatcher, listeners, own)

    def _announce_release(self, connection: Any) -> None:
        self._event_dispatcher.dispatch(AfterConnectionReleasedEvent(connection))

    def owns_connection(self, connection: Any) -> bool:
        """Whether `connection` was made in this process. Subclasses may refuse more; what they refuse is closed."""
        return bool(connection.pid == self.pid)

    def _warn_arguments(self) -> None:
        warnings.warn(
            "Call to 'get_connection' function with deprecated usage of input argument/s '['command_name']'. "
            "(Use get_connection() without args instead) -- Deprecated since version 5.3.0.",
            DeprecationWarning,
            stacklevel=2,
        )

    def _situation(self) -> str:
        created, _, in_use, connecting, waiting = self.counts()
        return (
            f"Pool {self.name!r} has {created} of {self.max_connections} connections: {in_use} in use, {connecting} "
            f"connecting; {waiting} waiting."
        )

    def _refuse(self, reason: str, waited: float) -> Exception:
        if reason == "exhausted":
            return MaxConnectionsError(f"Too many connections. {self._situation()}")
        if reason == "overloaded":
            return ConnectionPoolOverloadError(
                f"Too many callers: {self.max_waiting} may wait for a connection. {self._situation()}"
            )
        if reason == "closed":
            return ConnectionPoolClosedError(
                f"Pool {self.name!r} was closed while a caller waited for a connection, after {waited:.3f} s."
            )
        return ConnectionPoolTimeoutError(
            f"No connection available: waited {waited:.3f} s, the pool's timeout is {self.timeout} s. "
            f"{self._situation()}"
        )

    # --- metrics of redis-py, when they are on ---------------------------------------------------------------

    def _get_connection_observed(self) -> Any:
        return _telemetry.measured_checkout(self)

    def _record(self, idle: int, used: int) -> None:
        _telemetry.count(self, idle, used)

    # --- all connections at once -----------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget all connections: idle ones are closed, those in use are ignored when they come back."""
        self.pid = os.getpid()
        self._reset()

    def disconnect(self, inuse_connections: bool = True) -> None:
        """Close the sockets of idle connections, and with `inuse_connections` also of those that callers hold.

        The connections stay in the pool and connect again when they are used. Raises the first error that closing one
        raised, after all.
        """
        with self._lock:
            idle, others = self._walk()
            self._for_each(idle + others if inuse_connections else idle, lambda connection: connection.disconnect())

    def close(self) -> None:
        """Close all connections, also those in use, and wake those who wait with an error.

        As with redis-py, a pool that is used again after that opens new connections. Connections in use at this time
        leave the pool when they come back.
        """
        try:
            self._close()
        finally:
            self.disconnect()

    def __enter__(self: P) -> P:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def set_retry(self, retry: Retry) -> None:
        """Use this retry policy for all connections, existing and new."""
        self.connection_kwargs.update({"retry": retry})
        with self._lock:
            idle, others = self._walk()
            for connection in idle + others:
                connection.retry = retry

    def re_auth_callback(self, token: TokenInterface) -> None:
        """Authenticate all connections anew: idle ones now, one after the other, and those in use when they come back.

        An idle connection is out of the pool only while it authenticates. One that fails is closed: it will connect
        with the new credentials. Raises the first such error, after all.
        """

        def authenticate(connection: Any) -> None:
            with self._lock:  # so that a connection on its way back is told before it is idle
                idle = self._take(connection)
                if not idle:
                    connection.set_re_auth_token(token)
            if not idle:
                return
            try:
                send = lambda: connection.send_command("AUTH", token.try_get("oid"), token.get_value())  # noqa: E731
                with trusted(connection):
                    connection.retry.call_with_retry(send, ignored)
                    connection.retry.call_with_retry(connection.read_response, ignored)
            except BaseException:
                connection.disconnect()
                raise
            finally:
                self._put_back(connection)

        idle, others = self._walk()
        self._for_each(idle + others, authenticate)

    @staticmethod
    def _for_each(connections: list[Any], action: Any) -> None:
        """Do something to each connection; the first error is raised when all have had their turn."""
        failure: Exception | None = None
        for connection in connections:
            try:
                action(connection)
            except Exception as error:
                failure = failure or error
        if failure is not None:
            raise failure

    # --- fork ------------------------------------------------------------------------------------------------

    def _forked(self) -> list[Any]:
        """In a forked child: begin with no connection and with locks that nobody holds."""
        inherited = super()._forked()
        self.pid = os.getpid()
        for name in ("_event_dispatcher", "_maint_notifications_pool_handler"):
            owner: Any = getattr(self, name, None)
            if isinstance(getattr(owner, "_lock", None), RLOCK):
                owner._lock = threading.RLock()
        return inherited

    def _abandon(self, connection: Any) -> None:
        """Close the parent's socket here, without the shutdown that the parent would feel."""
        wire = getattr(connection, "_conn", connection)
        sock = getattr(wire, "_sock", None)
        if isinstance(sock, socket.socket):
            wire._sock = None
            sock.close()

    def _checkpid(self) -> None:
        """Nothing to do: a fork hook keeps the pool right."""

    def __del__(self) -> None:
        """Take what is left out of redis-py's metrics."""
        with suppress(Exception):  # half a pool, or half an interpreter
            _, idle, in_use, _, _ = self.counts()
            if _telemetry.RECORDER is not None:
                _telemetry.count(self, idle=-idle, used=-in_use)

    # --- what redis-py's code and its users read -------------------------------------------------------------

    @property  # type: ignore[override]
    def _available_connections(self) -> IdleConnections:
        return IdleConnections(self)

    @_available_connections.setter
    def _available_connections(self, connections: list[Any]) -> None:
        for connection in self._walk()[0]:
            self._forget(connection)
        self._available_connections.extend(connections)

    @property  # type: ignore[override]
    def _in_use_connections(self) -> InUseConnections:
        return InUseConnections(self)

    @_in_use_connections.setter
    def _in_use_connections(self, connections: set[Any]) -> None:
        for connection in self._walk()[1]:
            self._forget(connection)
        self._in_use_connections.update(connections)

    @property
    def _created_connections(self) -> int:
        """Connections there are. A slot that is reserved for one does not count before there is an object."""
        return self._made()

    @_created_connections.setter
    def _created_connections(self, value: int) -> None:
        """Ignored: the core counts. Here for subclasses whose `make_connection` counts as redis-py's does."""

    def _get_pool_lock(self) -> Any:
        return self._lock

    def _get_free_connections(self) -> list[Any]:
        return self._walk()[0]

    def _get_in_use_connections(self) -> set[Any]:
        return set(self._walk()[1])


class BlockingConnectionPool(ConnectionPool, RedisBlockingConnectionPool):
    """A `ConnectionPool` whose callers wait; takes the place of `redis.BlockingConnectionPool`.

    Parameters
    ----------
    max_connections : int
        As for `ConnectionPool`; 50.
    timeout : float or None, in seconds
        As for `ConnectionPool`; 20.
    queue_class : `queue.Queue` or `queue.LifoQueue`
        redis-py's way to say `order`: "fifo" or "lifo". Any other class raises ValueError.
    connection_class, order, max_waiting, name, **connection_kwargs
        As for `ConnectionPool`.
    """

    def __init__(
        self,
        max_connections: int | None = 50,
        timeout: float | None = 20,
        connection_class: Any = Connection,
        queue_class: type[Any] | None = None,
        *,
        order: str | None = None,
        **connection_kwargs: Any,
    ) -> None:
        self._in_maintenance = self._locked = False
        super().__init__(
            connection_class,
            max_connections,
            timeout=timeout,
            order=order_of_queue(queue_class, order),
            **connection_kwargs,
        )

    @property
    def queue_class(self) -> type[Any]:
        """The class of the standard library that has this pool's order."""
        return queue.Queue if self.order == "fifo" else queue.LifoQueue

    @property
    def pool(self) -> QueueOfConnections:
        """The idle connections and the free places, as redis-py's queue shows them; read-only."""
        return QueueOfConnections(self, self.max_connections)

    @property
    def _connections(self) -> AllConnections:  # type: ignore[override]
        return AllConnections(self)


RLOCK = type(threading.RLock())


def first_unread(connection: Any) -> bytes | None:
    """The first byte that a redis-py connection has received and not parsed.

    Empty if the server has closed the connection, None where it cannot be seen: in TLS and in hiredis's buffer.
    """
    if isinstance(connection, WiredConnection) and isinstance(connection._parser, ParserCore):
        return connection._first_pending()
    parser = getattr(connection, "_parser", None)
    reader = getattr(parser, "_reader", None)
    if reader is not None and reader.has_data():
        return None
    buffer: Any = getattr(parser, "_buffer", None)
    if hasattr(buffer, "unread_bytes") and buffer.unread_bytes():
        position = buffer.get_pos()
        byte: bytes = buffer._buffer.read(1)
        buffer.rewind(position)
        return byte
    sock = getattr(connection, "_sock", None)
    if type(sock) is not socket.socket:
        return None
    timeout = sock.gettimeout()
    sock.settimeout(0)
    try:
        return sock.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return None
    finally:
        sock.settimeout(timeout)


def ignored(error: Exception) -> None:
    """Nothing is to be done before the next attempt."""


def trusted(connection: Any) -> AbstractContextManager[None]:
    """Let commands pass that authenticate a connection on the pool's behalf."""
    inner = getattr(connection, "_conn", connection)
    return inner.trusted() if isinstance(inner, WiredConnection) else nullcontext()


def valid_max_connections(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= sys.maxsize:
        raise ValueError(f'"max_connections" must be a positive integer, got {value!r}')
    return value


def valid_timeout(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f'"timeout" must be a number of seconds or None, got {value!r}')
    if math.isnan(value) or value < 0:
        raise ValueError(f'"timeout" must be 0 or more seconds, or None to wait for ever, got {value!r}')
    return None if math.isinf(value) else value


def valid_order(value: Any) -> str:
    if value not in ORDERS:
        raise ValueError(f'"order" must be "fifo" or "lifo", got {value!r}')
    return str(value)


def valid_max_waiting(value: Any) -> int | None:
    if isinstance(value, str) and value.isdecimal():  # from a URL
        value = int(value)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ValueError(f'"max_waiting" must be a positive integer, or None for no limit, got {value!r}')
    return value


def valid_name(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f'"name" must be a string or None, got {value!r}')
    return value


def order_of_queue(queue_class: Any, order: str | None) -> str:
    if queue_class is None:
        return valid_order("fifo" if order is None else order)
    meant = {queue.Queue: "fifo", queue.LifoQueue: "lifo"}.get(queue_class)
    if meant is None:
        raise ValueError(f'"queue_class" must be queue.Queue or queue.LifoQueue, got {queue_class!r}')
    if order not in (None, meant):
        raise ValueError(f'"queue_class" {queue_class!r} contradicts "order" {order!r}')
    return meant

"""redis-py's connection pools on respool's core: their whole API, over `_pool` by way of `_checkout`.

What is rare is here: construction, errors, reconnecting, walking all connections. Who owns a connection and who waits
is decided in `_pool`; the path of every command through the pool is in `_checkout`.
"""

from __future__ import annotations

import os
import queue
import socket
import threading
from contextlib import AbstractContextManager, nullcontext
from time import monotonic, sleep
from typing import Any, TypeVar

from redis.auth.token import TokenInterface

# Bound here and now: a program may put respool's classes under these names in redis-py.
from redis.connection import BlockingConnectionPool as RedisBlockingConnectionPool
from redis.connection import ConnectionPool as RedisConnectionPool
from redis.connection import DefaultParser, parse_url
from redis.event import AfterConnectionReleasedEvent, ReAuthConnectionListener
from redis.exceptions import ConnectionError, RedisError, ResponseError, TimeoutError
from redis.retry import Retry

from respool import _telemetry
from respool._breaker import single_attempt
from respool._checkout import Checkout
from respool._common import CommonPool, for_each, order_of_queue
from respool._connection import ParserCore
from respool._deadline import connect_before
from respool._pushes import loosen_handlers
from respool._redispy import CachingConnection, tells_of_maintenance
from respool._stats import STALE, PoolStats
from respool._survival import Survival, valid_max_connections, valid_min_idle
from respool._tended import Tended
from respool._views import AllConnections, QueueOfConnections
from respool.advice import INFO, SETTING, WHILE, Advice, ServerFacts
from respool.connection import OURS, Connection, WiredConnection

__all__ = ["BlockingConnectionPool", "ConnectionPool"]

P = TypeVar("P", bound="ConnectionPool")


class ConnectionPool(Tended, CommonPool, Checkout, RedisConnectionPool):
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
    min_idle : int
        How many connections are to be ready: made ahead of their first use, replaced when they are taken or go. A pool
        shrinks to it, and not below.
    max_idle_time : float or None, in seconds
        A connection that nobody has used for so long is closed, and never handed out unless it is known to be alive.
    max_lifetime : float or None, in seconds
        A connection of that age is replaced when it is idle or comes back; up to a tenth earlier, so that those made
        together do not go together.
    keepalive_interval : float or None, in seconds
        A connection that has been idle for so long is asked for a PING, ahead of the server's `timeout`, or of what
        a firewall forgets. One that does not answer is closed.
    max_connecting : int or None
        Callers do not dial themselves: the pool does, at most so many connections at once, and who waits longest gets
        what comes first, a new one or one that comes back. A dial that fails is told to whom nothing else can serve.
        Without effect on callers who may not wait (`timeout=0`). None: each caller for whom there is room dials.
    probe_interval : float or None, in seconds
        A circuit breaker: after a failure to connect callers who need a new connection get
        `respool.ConnectionPoolUnavailableError` at once, and one of them tries again after a pause that grows to at
        most this. There is one attempt at a time then, whatever the retry policy.
    retire_on_failover : bool
        After a reply that only the wrong server gives (READONLY of a demoted master, MOVED) all connections that
        are as old as that one are replaced as they come back.
    leak_threshold : float or None, in seconds
        Who holds a connection for longer is logged (logger `respool`, WARNING), with the stack that took it.
    lease_sampling : float or None
        Share of checkouts, 0 to 1, that are put on record for `leases()` and the errors of an exhausted pool; None: all
        with `leak_threshold`, else none.
    name : str or None
        Name of the pool in errors; by default where it connects to.

    Raises ValueError or TypeError for an argument that cannot be meant, and whatever `redis.ConnectionPool` raises.

    Callers are served strictly in order of arrival: what comes back goes straight to who waits longest. No lock is
    held while a connection is built, connects, is checked or closed. Connections in use are held weakly: one that its
    caller loses gives its place back. A forked child starts with an empty pool. For asyncio there is `respool.asyncio`.

    With `min_idle`, `max_idle_time`, `max_lifetime`, `keepalive_interval` or `leak_threshold` a daemon thread looks
    after the pool, from its first use (`min_idle`: from the start) until it is closed or gone. Otherwise there is none.
    """

    _parse_url = staticmethod(parse_url)
    _default_parser = DefaultParser
    _ours = OURS
    _released = AfterConnectionReleasedEvent
    _re_auth_listener = ReAuthConnectionListener

    def __init__(
        self,
        connection_class: Any = Connection,
        max_connections: int | None = None,
        *args: Any,
        timeout: float | None = 0,
        order: str = "fifo",
        max_waiting: int | None = None,
        name: str | None = None,
        min_idle: int = 0,
        max_idle_time: float | None = None,
        max_lifetime: float | None = None,
        keepalive_interval: float | None = None,
        max_connecting: int | None = None,
        probe_interval: float | None = None,
        retire_on_failover: bool = False,
        leak_threshold: float | None = None,
        lease_sampling: float | None = None,
        **connection_kwargs: Any,
    ) -> None:
        survival = Survival(
            min_idle, max_idle_time, max_lifetime, keepalive_interval, max_connecting, probe_interval,
            retire_on_failover, leak_threshold, lease_sampling,
        )
        self._set_up(timeout, order, max_waiting, name, survival)
        if max_connections is not None:
            max_connections = valid_max_connections(max_connections)
        RedisConnectionPool.__init__(self, connection_class, max_connections, *args, **connection_kwargs)
        self._lock: Any = self.walk_lock
        self._caching = self.cache is not None
        self._asks_owner = type(self).owns_connection is not ConnectionPool.owns_connection
        self._watch_for_observers()
        if valid_min_idle(survival.min_idle, self.max_connections):
            self._begin_housekeeping()

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
        return self._equip(connection)

    # --- checking out and back in: what is rare --------------------------------------------------------------

    def _connect_by(self, connection: Any, deadline: float) -> None:
        """Connect by the caller's deadline, in monotonic seconds; negative: none."""
        wire = getattr(connection, "_conn", connection)
        if self._breaker is not None and not isinstance(wire, WiredConnection):
            with self._breaker.attempt():
                self._connect_once(connection, wire, deadline)
        else:
            self._connect_once(connection, wire, deadline)

    def _connect_once(self, connection: Any, wire: Any, deadline: float) -> None:
        """As often as its retry policy says, or once with a breaker, which is the one to say when to try again."""
        with nullcontext() if self._breaker is None else single_attempt(wire):
            if deadline < 0:
                connection.connect()
            else:
                self._connect_in_time(connection, wire, deadline)

    def _connect_in_time(self, connection: Any, wire: Any, deadline: float) -> None:
        started = monotonic()
        with connect_before(wire, deadline):
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
        self._count_close(connection, STALE)
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

    def _announce_release(self, connection: Any) -> None:
        self._event_dispatcher.dispatch(AfterConnectionReleasedEvent(connection))

    def owns_connection(self, connection: Any) -> bool:
        """Whether `connection` was made in this process. Subclasses may refuse more; what they refuse is closed."""
        return bool(connection.pid == self.pid)

    # --- metrics of redis-py, when they are on ---------------------------------------------------------------

    def _get_connection_observed(self) -> Any:
        return _telemetry.measured_checkout(self)

    # --- numbers ---------------------------------------------------------------------------------------------

    def advise(self, workers: int = 1, ask_server: bool = False, since: PoolStats | None = None) -> Advice:
        """What `max_connections` should be, from what the pool has measured, and why. See `respool.Advice`.

        Parameters
        ----------
        workers : int
            Processes that have such a pool each.
        ask_server : bool
            Whether to ask the server too, over a connection of its own and for a quarter of a second: for its limit,
            its `timeout`, the memory that a connection takes and how busy it is. If it does not answer, a warning says
            so.
        since : PoolStats or None
            Go by what has happened since this earlier snapshot; None: since the pool was made.

        Raises ValueError for fewer than one worker. Changes nothing; safe in every thread.
        """
        server, unasked = None, ""
        if ask_server:
            try:
                server = self._ask_server()
            except (RedisError, OSError) as error:
                unasked = f"The server could not be asked: {error}"
        return self._advice(workers, since, server, unasked)

    def _ask_server(self) -> ServerFacts:
        connection = self.connection_class(**self.connection_kwargs)  # not one of the pool's: those are for callers

        def ask(*command: str) -> Any:
            connection.send_command(*command)
            return connection.read_response()

        try:
            connection.connect()
            before = ask(*INFO)
            sleep(WHILE)
            after = ask(*INFO)
            try:
                return ServerFacts.of(before, after, ask(*SETTING))
            except ResponseError:  # many a provider allows no CONFIG
                return ServerFacts.of(before, after)
        finally:
            connection.disconnect()

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
            for_each(idle + others if inuse_connections else idle, lambda connection: connection.disconnect())

    def close(self) -> None:
        """Close all connections, also those in use, and wake those who wait with an error.

        As with redis-py, a pool that is used again after that opens new connections. Connections in use at this time
        leave the pool when they come back.
        """
        self._end_housekeeping()
        self._log_end_of_waiting()
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
        for_each(idle + others, authenticate)

    # --- fork ------------------------------------------------------------------------------------------------

    def _forked(self) -> list[Any]:
        """In a forked child: begin with no connection and with locks that nobody holds."""
        inherited = super()._forked()
        self.pid = os.getpid()
        self._end_keeping()  # whose thread is the parent's
        self._begin_anew()
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

    # --- what redis-py's code and its users read -------------------------------------------------------------

    def _get_pool_lock(self) -> Any:
        return self._lock

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
            order=order_of_queue(queue_class, order, queue.Queue, queue.LifoQueue),
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

"""redis-py's asyncio pools on respool's core: their whole API, over `_pool` by way of `_async_checkout`.

The same rules as for threads, with a future for who waits. Here is what has to be awaited, and what happens if the task
that awaits it is cancelled: a slot that was taken is given back, and a connection in an unknown state is closed.
"""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Coroutine
from contextlib import nullcontext, suppress
from time import monotonic
from typing import Any, TypeVar

from redis.asyncio.connection import BlockingConnectionPool as RedisBlockingConnectionPool
from redis.asyncio.connection import ConnectionPool as RedisConnectionPool

# Bound here and now: a program may put respool's classes under these names in redis-py.
from redis.asyncio.connection import DefaultParser, parse_url
from redis.asyncio.retry import Retry
from redis.auth.token import TokenInterface
from redis.event import AsyncAfterConnectionReleasedEvent, AsyncReAuthConnectionListener
from redis.exceptions import ConnectionError, RedisError, ResponseError, TimeoutError

from respool._async_checkout import AsyncCheckout
from respool._async_wire import AsyncWire
from respool._breaker import single_attempt
from respool._common import CommonPool, order_of_queue
from respool._redispy import CAN_READ, async_timeout, tells_of_maintenance
from respool._slots import Slot
from respool._stats import DIAL_ERRORS, DIRTY, FAILOVER, STALE, PoolStats
from respool._survival import Survival, valid_max_connections, valid_min_idle
from respool._telemetry import checked_out
from respool._views import AllConnections
from respool.advice import INFO, SETTING, WHILE, Advice, ServerFacts
from respool.asyncio._tended import Tended
from respool.asyncio.connection import OURS, Connection, WiredConnection

__all__ = ["BlockingConnectionPool", "ConnectionPool"]

P = TypeVar("P", bound="ConnectionPool")

INHERITED: list[Any] = []  # connections of the parent's that do not know of forks, and so must not die
LOOKS = 3  # iterations of the loop in which it gets to know what has come


class WalkLock(asyncio.Lock):
    """Lock under which a pool stands still, for redis-py's code that walks its connections and awaits meanwhile.

    Callers stand in line, and what comes back stays in use, until it is released.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        super().__init__()
        self._pool = weakref.ref(pool)

    async def acquire(self) -> Any:
        """Stop the pool, once another walker is done."""
        await super().acquire()
        pool = self._pool()
        if pool is not None:
            pool._halt()
        return True

    def release(self) -> None:
        """Let the pool go on. Raises RuntimeError if the lock is not held."""
        super().release()
        pool = self._pool()
        if pool is not None:
            pool._go_on()


class ConnectionPool(Tended, CommonPool, AsyncCheckout, RedisConnectionPool):
    """A pool of connections that the tasks of an event loop share; takes the place of `redis.asyncio.ConnectionPool`.

    Parameters
    ----------
    connection_class, max_connections, maint_notifications_config, **connection_kwargs
        As for `redis.asyncio.ConnectionPool`. `max_connections` is a hard cap on the connections there are.
    timeout, order, max_waiting, name
        As for `respool.ConnectionPool`.
    min_idle, max_idle_time, max_lifetime, keepalive_interval, max_connecting, probe_interval, retire_on_failover
        Likewise; a timer of the event loop takes the place of a thread.
    leak_threshold, lease_sampling
        Likewise; leases name the task as well.

    Raises ValueError or TypeError for an argument that cannot be meant, and whatever redis-py's raises.

    Tasks are served strictly in order of arrival: what comes back goes straight to who waits longest. A checkout that
    need not wait does not suspend, and a connection is back in the pool before `release` suspends. A task may be
    cancelled anywhere: no connection, no place and no turn of another is lost for it. Connections in use are held
    weakly: one that its task loses gives its place back.

    Belongs to the event loop that uses it. When another one does, it begins anew with an empty pool there; RuntimeError
    if the first is still running. A forked child starts with an empty pool.
    """

    _parse_url = staticmethod(parse_url)
    _default_parser = DefaultParser
    _ours = OURS
    _released = AsyncAfterConnectionReleasedEvent
    _re_auth_listener = AsyncReAuthConnectionListener

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
        self._closing: set[asyncio.Task[None]] = set()  # connections of others' classes that are being closed
        self._forget_housekeeping()
        if max_connections is not None:
            max_connections = valid_max_connections(max_connections)
        RedisConnectionPool.__init__(self, connection_class, max_connections, *args, **connection_kwargs)
        self._lock: Any = WalkLock(self)
        # What a subclass does in its own way is asked of it.
        self._ensures = type(self).ensure_connection is not ConnectionPool.ensure_connection
        self._chooses = type(self).get_available_connection is not ConnectionPool.get_available_connection
        self._watch_for_observers()
        if valid_min_idle(survival.min_idle, self.max_connections):
            with suppress(RuntimeError):  # no loop runs yet: with its first use
                self._move_to(asyncio.get_running_loop())
                self._begin_housekeeping()

    @classmethod
    def from_url(cls: type[P], url: str, **kwargs: Any) -> P:
        """As `respool.ConnectionPool.from_url`; the class of connections that a URL implies goes before another."""
        pool = super().from_url(url, **kwargs)
        if pool.connection_class is not kwargs.get("connection_class"):
            pool.connection_class = OURS.get(pool.connection_class, pool.connection_class)
        return pool

    # --- building --------------------------------------------------------------------------------------------

    def make_connection(self) -> Any:
        """Make a connection, not yet connected. Subclasses may override it; what theirs returns is then pooled."""
        return self._equip(self.connection_class(**self.connection_kwargs))

    def _move_to(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to work on an event loop. Raises RuntimeError if the pool is used on another one that runs."""
        last = self._loop
        if last is not None:
            if last.is_running():
                raise RuntimeError(
                    f"Pool {self.name!r} is used on two event loops at once, {last!r} and {loop!r}: make a pool for "
                    "each of them"
                )
            self._forget_housekeeping()
            self._strand()
            self._reset()
            self._lock = WalkLock(self)
        self._loop = loop

    # --- checkout --------------------------------------------------------------------------------------------

    async def get_connection(self, command_name: Any = None, *keys: Any, **options: Any) -> Any:
        """Take a connection from the pool, connected and ready for a command.

        The arguments are accepted as redis-py does, deprecated and ignored.

        Returns
        -------
        connection
            The one that has been idle longest (`order="lifo"`: that was returned last), else a new one, else the next
            to come back, in order of arrival. Give it back with `release`; one that is dropped instead is lost, but
            its place in the pool is not.

        Raises
        ------
        redis.exceptions.MaxConnectionsError
            All connections are in use and the pool's `timeout` is 0.
        redis.exceptions.ConnectionPoolTimeoutError
            None was free within `timeout` seconds.
        redis.exceptions.TimeoutError
            There was room for one, and it could not be connected within what was left of them.
        respool.ConnectionPoolOverloadError
            `max_waiting` callers wait already.
        respool.ConnectionPoolClosedError
            The pool was closed while this caller waited.
        redis.exceptions.ConnectionError, ...
            Whatever connecting raises.
        RuntimeError
            The pool is used on another event loop, which is running.

        May be cancelled at any time, and loses nothing then.
        """
        if command_name is not None:
            self._warn_arguments()
        if self._chooses and self.can_get_connection():
            return await self._choose()
        slot = self._take_idle()
        if slot is not None and not self._ensures:
            connection = self._lend_if_ready(slot)
            if connection is not None:
                return connection
        return await self._check_out(slot)

    async def _choose(self) -> Any:
        """The connection that a subclass chooses of those that can be had now."""
        connection = self.get_available_connection()
        try:
            await self.ensure_connection(connection)
        except BaseException:
            self._hang_up(connection)
            await self.release(connection)
            raise
        return connection

    async def _check_out(self, slot: Slot | None) -> Any:
        """A connection of this slot; or of the one that is next, for who has to wait or to connect."""
        started = monotonic()
        timeout = self.timeout
        deadline = -1.0 if not timeout else started + timeout
        made = first = False
        while slot is None or not self._fits(slot):
            if slot is not None:
                self._drop(slot)
                first = True
            slot, made = await self._stand_in_line(deadline, first)
            if slot is not None and not self._ensures:
                connection = self._lend_if_ready(slot)
                if connection is not None:
                    return connection
        connection = slot.connection
        try:
            if deadline < 0.0:
                await self.ensure_connection(connection)
            else:
                await self._ensure_by(connection, deadline, started)
        except Exception:
            await self._back_out(slot)
            raise
        except BaseException:  # cancelled, who knows where
            self._drop(slot)
            raise
        self._lend(slot)
        if self._is_observed():
            checked_out(self, monotonic() - started, made)
        return connection

    async def _stand_in_line(self, deadline: float, first: bool) -> tuple[Slot | None, bool]:
        """The next slot there is, and whether its connection is new; None if the line is to be joined anew.

        Raises what `_refuse` returns.
        """
        waiter = self._ask(deadline, first)
        try:
            await waiter.future
        except BaseException:
            self._withdraw(waiter)
            raise
        self._made_for.made = False
        return self._answer(waiter), self._made_for.made

    async def _back_out(self, slot: Slot) -> None:
        """Close a connection that could not be made ready, and keep it for another try by the next caller."""
        connection = slot.connection
        self._count(DIAL_ERRORS)
        if self._breaker is not None:  # or the next callers get it, and are refused, before those that work
            self._drop(slot)
            return
        try:
            if getattr(connection, "_plain", None) is True:
                connection._hang_up()
            else:
                await connection.disconnect()
        except BaseException:
            self._drop(slot)
            raise
        self._land(slot)

    async def _ensure_by(self, connection: Any, deadline: float, started: float) -> None:
        try:
            async with async_timeout(max(deadline - monotonic(), 0.0)):
                await self.ensure_connection(connection)
        except (asyncio.TimeoutError, ConnectionError, TimeoutError) as error:
            if monotonic() < deadline and not isinstance(error, asyncio.TimeoutError):  # timers of uvloop may be early
                raise
            # The server's fault and not for want of connections: a cluster client, for one, looks for another node
            # after exactly this error, and never after MaxConnectionsError.
            raise TimeoutError(
                f"No connection available: {monotonic() - started:.3f} s of the pool's timeout of {self.timeout} s "
                f"went into connecting. {self._situation()}"
            ) from error

    async def ensure_connection(self, connection: Any) -> None:
        """Make sure that a connection works: connected, and with nothing unread. Raises what connecting raises."""
        fresh = not getattr(connection, "is_connected", False)
        await self._connect(connection)
        try:
            clean = await self._is_clean(connection, fresh)
        except (ConnectionError, TimeoutError, OSError):
            clean = False
        if not clean:
            self._count_close(connection, STALE)
            await connection.disconnect()
            await self._connect(connection)
            if not await self._is_clean(connection, True):
                raise ConnectionError("Connection not ready")

    async def _connect(self, connection: Any) -> None:
        """As often as its retry policy says, or once with a breaker, which is the one to say when to try again."""
        if self._breaker is None or getattr(connection, "is_connected", False):
            await connection.connect()
            return
        with nullcontext() if hasattr(connection, "_breaker") else self._breaker.attempt(), single_attempt(connection):
            await connection.connect()

    async def _is_clean(self, connection: Any, fresh: bool) -> bool:
        """Whether a stranger may use a connection: nothing has come but, it may be, a push.

        `fresh`: it has just been connected. What TLS has to say then, like tickets for a session, is nobody's reply.
        """
        if isinstance(connection, WiredConnection):
            if not connection._is_reusable():
                return False
            if connection._wire is not None:
                return await self._finds_clean(connection._wire, fresh)
        if not await getattr(connection, CAN_READ)():
            return True
        return tells_of_maintenance(self) and first_unread(connection) in (b">", None)

    async def _finds_clean(self, wire: AsyncWire, fresh: bool) -> bool:
        for _ in range(LOOKS):
            clean = wire.is_clean()
            if clean is not None:
                return clean
            await asyncio.sleep(0)
        return fresh

    def can_get_connection(self) -> bool:
        """Whether a connection can be had now, idle or new."""
        created, idle, _, _, waiting = self.counts()
        return not waiting and (idle > 0 or created < self.max_connections)

    def get_available_connection(self) -> Any:
        """Take a connection from the pool without making sure that it is connected.

        Raises `redis.exceptions.MaxConnectionsError` if none is to be had at once.
        """
        slot = self._take_idle()
        return self._admit(self._build, False) if slot is None else self._lend(slot)

    # --- return ----------------------------------------------------------------------------------------------

    async def release(self, connection: Any) -> None:  # type: ignore[override]
        """Give a connection back to the pool, which hands it to whoever waits longest.

        A connection of another pool, one of the parent process, and one that has been given back already are ignored.
        One that is marked for reconnection is closed first and stays in the pool.

        It is back before this suspends, unless it has to authenticate anew, or somebody else listens to
        `AsyncAfterConnectionReleasedEvent`, or it is of a class of somebody else's. Raises what those raise; the
        connection is then closed, and its place is free, as it is if the task is cancelled meanwhile.
        """
        slot = self._check_in(connection)
        if slot is not None:
            await self._accept(slot, connection)

    async def _accept(self, slot: Slot, connection: Any) -> None:
        try:
            dirty = isinstance(connection, WiredConnection) and not connection._is_reusable()
            if dirty or is_marked(connection):
                self._count_close(connection, DIRTY if dirty else FAILOVER)
                await connection.disconnect()
            await self._event_dispatcher.dispatch_async(AsyncAfterConnectionReleasedEvent(connection))
        except BaseException:
            self._drop(slot)
            raise
        self._land(slot)

    def _hang_up(self, connection: Any) -> None:
        """Close a connection, and wait for nothing."""
        if getattr(connection, "_plain", None) is True:
            connection._hang_up()
        elif self._loop is not None and self._loop.is_running():
            closing = self._loop.create_task(closed(connection))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        elif hasattr(connection, "_close"):
            connection._close()

    # --- numbers ---------------------------------------------------------------------------------------------

    async def advise(self, workers: int = 1, ask_server: bool = False, since: PoolStats | None = None) -> Advice:
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

        Raises ValueError for fewer than one worker. Changes nothing; may be cancelled at any time.
        """
        server, unasked = None, ""
        if ask_server:
            try:
                server = await self._ask_server()
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                unasked = f"The server could not be asked: {error}"
        return self._advice(workers, since, server, unasked)

    async def _ask_server(self) -> ServerFacts:
        connection = self.connection_class(**self.connection_kwargs)  # not one of the pool's: those are for callers

        async def ask(*command: str) -> Any:
            await connection.send_command(*command)
            return await connection.read_response()

        try:
            await connection.connect()
            before = await ask(*INFO)
            await asyncio.sleep(WHILE)
            after = await ask(*INFO)
            try:
                return ServerFacts.of(before, after, await ask(*SETTING))
            except ResponseError:  # many a provider allows no CONFIG
                return ServerFacts.of(before, after)
        finally:
            await connection.disconnect()

    # --- all connections at once -----------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget all connections: idle ones are closed, those in use are ignored when they come back."""
        self._reset()

    async def disconnect(self, inuse_connections: bool = True) -> None:
        """Close the sockets of idle connections, and with `inuse_connections` also of those that tasks hold.

        The connections stay in the pool and connect again when they are used. Raises the first error that closing one
        raised, after all.
        """
        idle, others = self._walk()
        await all_of(parting(idle + others if inuse_connections else idle))

    async def aclose(self) -> None:
        """Close all connections, also those in use, and wake those who wait with an error.

        As with redis-py, a pool that is used again after that opens new connections. Connections in use at this time
        leave the pool when they come back.
        """
        if hasattr(self, "_on_close"):  # from 8.0 on
            await self._on_close()
        ending = self._end_housekeeping()
        steps = parting(self._walk()[0])
        self._log_end_of_waiting()
        self._close()
        await self.disconnect()
        await all_of([*steps, *map(finished, self._closing), *map(finished, ending)])

    async def __aenter__(self: P) -> P:
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self.aclose()

    async def update_active_connections_for_reconnect(self) -> None:
        """Mark the connections in use: each is closed when it comes back."""
        for connection in self._walk()[1]:
            connection.mark_for_reconnect()

    def set_retry(self, retry: Retry) -> None:
        """Use this retry policy for all connections, existing and new."""
        self.connection_kwargs["retry"] = retry
        idle, others = self._walk()
        for connection in idle + others:
            connection.retry = retry

    async def re_auth_callback(self, token: TokenInterface) -> None:
        """Authenticate all connections anew: idle ones now, one after the other, and those in use when they come back.

        An idle connection is out of the pool only while it authenticates. One that fails is closed: it will connect
        with the new credentials. Raises the first such error, after all.
        """
        failure: Exception | None = None
        idle, others = self._walk()
        for connection in others:
            connection.set_re_auth_token(token)
        for connection in idle:
            if not self._take(connection):  # in use by now
                connection.set_re_auth_token(token)
                continue
            try:
                await self._authenticate(connection, token)
            except Exception as error:
                failure = failure or error
            finally:
                self._put_back(connection)
        if failure is not None:
            raise failure

    async def _authenticate(self, connection: Any, token: TokenInterface) -> None:
        def send() -> Any:
            return connection.send_command("AUTH", token.try_get("oid"), token.get_value())

        try:
            with connection.trusted() if isinstance(connection, WiredConnection) else nullcontext():
                await connection.retry.call_with_retry(send, ignored)
                await connection.retry.call_with_retry(connection.read_response, ignored)
        except BaseException:
            self._hang_up(connection)
            raise

    # --- fork ------------------------------------------------------------------------------------------------

    def _forked(self) -> list[Any]:
        """In a forked child: begin with no connection, on whichever event loop comes."""
        inherited = super()._forked()
        self._closing = set()
        self._lock = WalkLock(self)
        self._forget_housekeeping()
        self._begin_anew()
        return inherited

    def _abandon(self, connection: Any) -> None:
        """Let an idle connection of the parent's go before it dies, whose end would reach into the parent's loop."""
        wire = getattr(connection, "_wire", None)
        if wire is not None:
            wire.abandon()
        else:
            INHERITED.append(connection)

    def _get_pool_lock(self) -> Any:
        return self._lock


class BlockingConnectionPool(ConnectionPool, RedisBlockingConnectionPool):
    """A `ConnectionPool` whose callers wait; takes the place of `redis.asyncio.BlockingConnectionPool`.

    Parameters
    ----------
    max_connections : int
        As for `ConnectionPool`; 50.
    timeout : float or None, in seconds
        As for `ConnectionPool`; 20.
    queue_class : `asyncio.Queue` or `asyncio.LifoQueue`
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
        self._in_maintenance = False
        super().__init__(
            connection_class,
            max_connections,
            timeout=timeout,
            order=order_of_queue(queue_class, order, asyncio.Queue, asyncio.LifoQueue),
            **connection_kwargs,
        )

    @property
    def _connections(self) -> AllConnections:
        return AllConnections(self)


def first_unread(connection: Any) -> bytes | None:
    """The first byte in the stream of a connection that is not ours. None where it cannot be seen."""
    buffer = getattr(getattr(connection, "_reader", None), "_buffer", None)
    return bytes(buffer[:1]) or None if isinstance(buffer, bytearray) else None


def is_marked(connection: Any) -> bool:
    """Whether a connection asks to be closed before it is used again."""
    return hasattr(connection, "should_reconnect") and connection.should_reconnect()


async def closed(connection: Any) -> None:
    """Close a connection, whatever it says to it: nobody is there to be told."""
    with suppress(Exception):
        await connection.disconnect()


def parting(connections: list[Any]) -> list[Coroutine[Any, Any, None]]:
    """Close connections. What is left to be awaited is returned; nobody can use one of ours from here on."""
    steps = []
    for connection in connections:
        writer = getattr(connection, "_writer", None)
        if getattr(connection, "_plain", None) is not True:
            steps.append(connection.disconnect())
        elif writer is not None:
            here = connection._wire is None or connection._wire.loop is asyncio.get_running_loop()
            connection._hang_up()
            if here:
                steps.append(connection._wait_closed(writer))
    return steps


async def finished(task: asyncio.Task[None]) -> None:
    """Wait for a task."""
    await asyncio.wait([task])


async def all_of(steps: list[Coroutine[Any, Any, None]]) -> None:
    """Do all, side by side; the first error is raised when all are done."""
    for outcome in await asyncio.gather(*steps, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


async def ignored(error: Exception) -> None:
    """Nothing is to be done before the next attempt."""


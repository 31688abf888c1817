"""What the pools for threads and for asyncio have in common: settings, errors, and what redis-py's code reads.

Nothing here waits, connects or closes.
"""

from __future__ import annotations

import math
import threading
import warnings
from contextlib import suppress
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from redis.event import EventDispatcher
from redis.exceptions import MaxConnectionsError

from respool import _telemetry
from respool._leases import summary
from respool._stats import Hooks, PoolStats, snapshot, tell
from respool._survival import Survival, valid_limit
from respool._surviving import Surviving
from respool._views import IdleConnections, InUseConnections
from respool.advice import Advice, ServerFacts, advise
from respool.exceptions import ConnectionPoolClosedError, ConnectionPoolOverloadError, ConnectionPoolTimeoutError

if TYPE_CHECKING:
    from respool._observed import Observed
else:
    Observed = object

P = TypeVar("P", bound="CommonPool")

SECRETS = frozenset({"password", "username", "ssl_password", "credential_provider"})
PLUMBING = frozenset({"himport_registry"})
ORDERS = ("fifo", "lifo")


class CommonPool(Surviving, Observed):
    """Base of both, in front of the compiled one and of redis-py's."""

    connection_class: Any
    connection_kwargs: dict[str, Any]
    _parse_url: ClassVar[Any]  # redis-py's, and its parser
    _default_parser: ClassVar[Any]
    _ours: ClassVar[dict[type[Any], type[Any]]]  # connection classes by those of redis-py whose place they take
    _released: ClassVar[type[Any]]  # event of a release ...
    _re_auth_listener: ClassVar[type[Any]]  # ... and who of redis-py's listens to it

    def _set_up(self, timeout: Any, order: Any, max_waiting: Any, name: Any, survival: Survival) -> None:
        """Check and set what redis-py's constructor does not know. Raises ValueError or TypeError."""
        self._name = valid_name(name)
        self._reserved = threading.local()  # .here: this thread builds a connection for which a slot is reserved
        self._made_for = threading.local()  # .made: this thread's last checkout made a connection
        self._configure(1, valid_timeout(timeout), valid_order(order), valid_max_waiting(max_waiting))
        self._hooks: Hooks | None = None
        self._popped: PoolStats | None = None
        self._born = monotonic()
        self._survive(survival)

    @classmethod
    def from_url(cls: type[P], url: str, **kwargs: Any) -> P:
        """Make a pool from a URL, in the forms and with the query arguments of `redis.ConnectionPool.from_url`.

        `timeout` (seconds), `order`, `max_waiting`, `name`, `min_idle`, … may be query arguments too. Raises ValueError
        for a URL that cannot be read; the message never quotes the URL, which may hold a password.
        """
        if kwargs.get("parser_class") is cls._default_parser:
            del kwargs["parser_class"]  # nobody's choice: Django and django-redis hand it to each pool
        try:
            chosen = cls._parse_url(url).get("connection_class")
            if chosen in cls._ours:
                kwargs.setdefault("connection_class", cls._ours[chosen])
            pool: P = super().from_url(url, **kwargs)  # type: ignore[misc]
            return pool
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
        self._set_limit(valid_limit(value))

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
        service = getattr(self, "service_name", None)
        if service is not None:  # Sentinel says where that is
            return f"{service}{'' if getattr(self, 'is_master', True) else ' (replicas)'}/{kwargs.get('db') or 0}"
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
        """Make a connection, not yet connected."""
        raise NotImplementedError

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

    # --- numbers ---------------------------------------------------------------------------------------------

    def stats(self) -> PoolStats:
        """What the pool is doing and has done since it was made, read at one moment. See `respool.PoolStats`.

        Takes the same short time however many connections there are. Safe in every thread.
        """
        return snapshot(self, self._survival.min_idle)

    def pop_stats(self) -> PoolStats:
        """As `stats`, but counts and times are those since the last `pop_stats`, which for each has one user.

        `stats` goes on counting from the beginning.
        """
        now = self.stats()
        before, self._popped = self._popped, now
        return now if before is None else now.since(before)

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self._popped = None
        self._born = monotonic()

    def _advice(self, workers: int, since: PoolStats | None, server: ServerFacts | None, unasked: str) -> Advice:
        """What `advise` returns; `unasked`: why the server has not answered, if it has not."""
        now = self.stats()
        advice = advise(
            now if since is None else now.since(since),
            workers,
            max_idle_time=self._survival.max_idle_time,
            keepalive_interval=self._survival.keepalive_interval,
            server=server,
        )
        return replace(advice, warnings=(*advice.warnings, unasked)) if unasked else advice

    @property
    def hooks(self) -> Hooks | None:
        """Whom the pool tells what happens; None: nobody, which costs nothing. May be set."""
        return self._hooks

    @hooks.setter
    def hooks(self, hooks: Hooks | None) -> None:
        if not isinstance(hooks, (Hooks, type(None))):
            raise TypeError(f'"hooks" must be respool.Hooks or None, got {hooks!r}')
        self._hooks = hooks
        self._set_hooks(hooks)
        self._record_tenants(hooks is not None or bool(self._survival.lease_sampling))

    def _count_close(self, connection: Any, why: int) -> None:
        """Count a connection that is about to be closed and opened again, and tell of it."""
        self._count(why)
        self._tell("on_close", connection)

    def _tell(self, event: str, subject: Any) -> None:
        tell(self, self._hooks, event, subject)

    # --- errors and events -----------------------------------------------------------------------------------

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
            f"connecting; {waiting} waiting.{summary(self._tenants())}"
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

    def _watch_for_observers(self) -> None:
        """Have the compiled half look for metrics and listeners; the end of the constructor."""
        self._watch(_telemetry.RECORDER, _telemetry.PROVIDER, self._released)
        self._watch_plain_dispatcher()

    def _watch_plain_dispatcher(self) -> None:
        """Spare redis-py's own dispatcher its event while nobody but its re-authentication listens to it."""
        dispatcher = self._event_dispatcher
        if type(dispatcher) is not EventDispatcher:
            return
        listeners = dispatcher._event_listeners_mapping
        own = listeners.get(self._released)
        if isinstance(own, list) and [type(listener) for listener in own] == [self._re_auth_listener]:
            self._watch_listeners(dispatcher, listeners, own)

    def _record(self, idle: int, used: int) -> None:
        _telemetry.count(self, idle, used)

    # --- what redis-py's code and its users read -------------------------------------------------------------

    @property
    def _available_connections(self) -> Any:
        return IdleConnections(self)

    @_available_connections.setter
    def _available_connections(self, connections: list[Any]) -> None:
        for connection in self._walk()[0]:
            self._forget(connection)
        self._available_connections.extend(connections)

    @property
    def _in_use_connections(self) -> Any:
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

    def _get_free_connections(self) -> list[Any]:
        return self._walk()[0]

    def _get_in_use_connections(self) -> set[Any]:
        return set(self._walk()[1])

    def __del__(self) -> None:
        """Take what is left out of redis-py's metrics."""
        with suppress(Exception):  # half a pool, or half an interpreter
            _, idle, in_use, _, _ = self.counts()
            if _telemetry.RECORDER is not None:
                _telemetry.count(self, idle=-idle, used=-in_use)


def for_each(connections: list[Any], action: Any) -> None:
    """Do something to each connection; the first error is raised when all have had their turn."""
    failure: Exception | None = None
    for connection in connections:
        try:
            action(connection)
        except Exception as error:
            failure = failure or error
    if failure is not None:
        raise failure


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


def order_of_queue(queue_class: Any, order: str | None, fifo: type[Any], lifo: type[Any]) -> str:
    if queue_class is None:
        return valid_order("fifo" if order is None else order)
    meant = {fifo: "fifo", lifo: "lifo"}.get(queue_class)
    if meant is None:
        module = fifo.__module__.partition(".")[0]
        raise ValueError(f'"queue_class" must be {module}.Queue or {module}.LifoQueue, got {queue_class!r}')
    if order not in (None, meant):
        raise ValueError(f'"queue_class" {queue_class!r} contradicts "order" {order!r}')
    return meant

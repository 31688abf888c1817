"""What a Redis connection goes through on its way out of the pool and back in: the hot half of `pool.py`.

It asks the wire of respool's own connections, and speaks to any other by the public methods of redis-py's
`ConnectionInterface`, so that any connection class will do. It never decides who gets a connection (that is `_pool`),
and it calls into `pool.py` for whatever is rare.
"""

from time import monotonic

from redis.exceptions import ConnectionError, TimeoutError

from cpython.ref cimport PyObject

from respool._connection cimport ConnectionCore
from respool._meter cimport CLOSED_DIRTY, CLOSED_ERROR, CLOSED_FAILOVER, DIAL_ERRORS, Count
from respool._observed cimport Observed
from respool._slots cimport Slot
from respool._wire cimport CLEAN, UNKNOWN, Standing, Wire


cdef extern from "Python.h":
    int set_attribute "PyObject_GenericSetAttr"(object, object, PyObject *value) except -1

# Methods by which connections go out and come back.
LENDING = frozenset(("get_connection", "release"))


cdef ConnectionCore wired_connection(object connection):
    """The connection, if it is ours and does nothing in a way of its own; else None."""
    if isinstance(connection, ConnectionCore) and (<ConnectionCore>connection)._plain:
        return <ConnectionCore>connection
    return None


cdef bint is_clean(object inner) except -1:
    """Whether the ledger of a connection, if it has one, says that a stranger may use it."""
    cdef Wire wire = (<ConnectionCore>inner).session() if isinstance(inner, ConnectionCore) else None
    return wire is None or wire.is_reusable()


cdef bint is_marked(object connection) except -1:
    """Whether a connection asks to be closed before it is used again."""
    return hasattr(connection, "should_reconnect") and connection.should_reconnect()


cdef int re_auth(object connection) except -1:
    """Use a token that has come since, if the connection knows of such things."""
    if hasattr(connection, "re_auth"):
        connection.re_auth()
    return 0


cdef class Checkout(Observed):
    """Compiled base of the pools for threads; `pool.py` has the methods that it calls when something rare happens."""

    def __setattr__(self, name, value):
        set_attribute(self, name, <PyObject *>value)
        if name in LENDING:  # a mock, for example
            self.replaced = True

    def __delattr__(self, name):
        set_attribute(self, name, NULL)
        if name in LENDING:
            self.replaced = not LENDING.isdisjoint(self.__dict__)

    def get_connection(self, command_name=None, *keys, **options):
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

        Safe in every thread and after a fork. A signal handler that raises loses no connection and no slot.
        """
        if command_name is not None:
            self._warn_arguments()
        self.observing = self.observed()
        if self.observing:
            return self._get_connection_observed()
        return self.checkout()

    def release(self, connection):
        """Give a connection back to the pool, which hands it to whoever waits longest.

        A connection of another pool, one of the parent process, and one that has been given back already are ignored.
        One that is marked for reconnection is closed first and stays in the pool.

        Raises what a listener to `AfterConnectionReleasedEvent` or the connection's re-authentication raises; the
        connection is then closed, and its place is free.
        """
        self.checkin(connection)

    def _checkout(self):
        return self.checkout()

    cdef object build(self):
        return self._build()

    cdef double due(self, double deadline) except? -2.0:
        """The caller's deadline in monotonic seconds, negative if there is none; see `Pool.ready`."""
        if deadline != 0.0:
            return deadline
        return monotonic() + self.patience if self.patience > 0.0 else -1.0

    cdef int ready(self, object connection, double deadline) except -1:
        cdef ConnectionCore wired = wired_connection(connection)
        cdef Standing standing
        cdef Wire wire = wired.plain_session() if wired is not None else None
        if wire is not None:
            standing = wire.standing()
            if standing == CLEAN:
                return 0
            if standing != UNKNOWN:
                self._reconnect(connection, self.due(deadline))
                return 0
        return self.ready_by_methods(connection, deadline)

    def _is_usable(self, Slot slot):
        return self.is_usable(slot.connection)

    cdef bint is_usable(self, object connection) except -1:
        cdef ConnectionCore wired = wired_connection(connection)
        cdef Standing standing
        cdef Wire wire = wired.plain_session() if wired is not None else None
        if wire is not None:
            standing = wire.standing()
            return standing == CLEAN or standing == UNKNOWN
        return getattr(connection._conn if self._caching else connection, "_sock", connection) is not None

    cdef int ready_by_methods(self, object connection, double deadline) except -1:
        cdef bint pending
        cdef object wire = connection._conn if self._caching else connection
        if (self.patience > 0.0 or self._breaker is not None) and getattr(wire, "_sock", connection) is None:
            deadline = self.due(deadline)
            self._connect_by(connection, deadline)
        else:
            connection.connect()
        try:
            pending = connection.can_read()
        except (ConnectionError, TimeoutError, OSError):
            self._reconnect(connection, self.due(deadline))
        else:
            if pending:
                self._inspect_pending(connection, self.due(deadline))
        return 0

    cdef int back_out(self, Slot slot, object connection) except -1:
        if self._breaker is None:
            return Observed.back_out(self, slot, connection)
        # Or the next callers get it, and are refused, before the connections that work.
        self.count(DIAL_ERRORS)
        return self.drop(slot, connection, CLOSED_ERROR)

    cdef int accept(self, object connection) except -1:
        cdef ConnectionCore wired = wired_connection(connection)
        if self._asks_owner and not self.owns_connection(connection):
            return 0
        if wired is not None and self.listens_only_for_re_auth():
            return self.accept_wired(wired)
        if not is_clean(connection._conn if self._caching else connection):
            self.part(connection, CLOSED_DIRTY)
        elif is_marked(connection):
            self.part(connection, CLOSED_FAILOVER)
        if self.listens_only_for_re_auth():
            re_auth(connection)
        else:
            self._announce_release(connection)
        return 1

    cdef int part(self, object connection, Count why) except -1:
        """Close a connection that stays in the pool."""
        self.count(why)
        self.tell("on_close", connection)
        connection.disconnect()
        return 0

    cdef int accept_wired(self, ConnectionCore wired) except -1:
        cdef Wire wire = wired.session()
        if wire is not None and not wire.is_reusable():
            self.part(wired, CLOSED_DIRTY)
        elif wired._should_reconnect:
            self.part(wired, CLOSED_FAILOVER)
        if wired._re_auth_token is not None:
            wired.re_auth()
        return 1

    cdef int catch_up(self, object connection) except -1:
        if is_marked(connection):
            connection.disconnect()
        re_auth(connection)
        return 0

    cdef int retire(self, object connection) except -1:
        connection.disconnect()
        return 0

    cdef int abandon(self, object connection) except -1:
        self._abandon(connection)
        return 0

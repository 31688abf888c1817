"""The hot half of an asyncio client and of its pipelines: what is looked up and done on the way of a command without a
wait. The counterpart of `_client`.

Whatever is out of the ordinary is done by redis-py's own methods, which `asyncio/client.py` inherits. What is awaited
is awaited there.
"""

import inspect

from redis.asyncio.retry import Retry
from redis.exceptions import ResponseError

from respool._async_wire cimport AsyncWire
from respool._client cimport is_plain
from respool._observed cimport Observed
from respool._watch cimport Watch

cdef extern from "Python.h":
    object attributes_of "PyObject_GenericGetDict"(object, void *)

cdef extern from *:
    """
    /* Whether `await` may take it, as far as its class shows. */
    static inline int respool_may_be_awaited(PyObject *value) {
        PyAsyncMethods *methods = Py_TYPE(value)->tp_as_async;
        return (methods != NULL && methods->am_await != NULL) || PyGen_CheckExact(value);
    }
    """
    bint may_be_awaited "respool_may_be_awaited"(object value) noexcept


METHODS_OF_CONNECTIONS = ("send_command", "read_response", "send_packed_command")


def is_awaitable(value):
    """As `inspect.isawaitable`, and fast for what is none."""
    return may_be_awaited(value) and inspect.isawaitable(value)


cdef list awaitables(list values):
    """Where in the list something stands that is to be awaited."""
    cdef Py_ssize_t index
    cdef list found = []
    for index in range(len(values)):
        if may_be_awaited(values[index]) and inspect.isawaitable(values[index]):
            found.append(index)
    return found


cdef bint speaks_plainly(Watch connections, object connection) except -1:
    """Whether nobody has put a method of his own between a connection of ours and its wire."""
    cdef dict attributes
    if (
        getattr(connection, "_plain", None) is not True or not connections.look(connection)
        or type(connection.retry) is not Retry
    ):
        return False
    attributes = attributes_of(connection, NULL)
    for name in METHODS_OF_CONNECTIONS:
        if name in attributes:
            return False
    return True


cdef bint speaks_at_once(object connection) except -1:
    """Whether such a connection can be spoken to: it is connected, and there is nothing to be done before."""
    cdef object wire = connection._wire
    return (
        isinstance(wire, AsyncWire) and connection._stage is None and not connection._connecting
        and getattr(connection._parser, "_wire", None) is wire and (<AsyncWire>wire).is_usable_here()
        and (not connection.health_check_interval or connection.next_health_check >= (<AsyncWire>wire).loop.time())
    )


cdef class AsyncClientCore(CommandPath):
    """Compiled base of the client for asyncio."""

    def __cinit__(self, *args, **kwargs):
        self.own = Watch(self._judge)
        self.connections = Watch(self._judge_connection)

    def _goes_straight(self, tuple args, dict options):
        """Whether nothing about a command, this client and its pool is out of the ordinary."""
        cdef Observed pool = self.pool
        return not (
            pool is None or self.connection is not None or self.single_connection_client or self.replaced
            or not is_plain(args, options) or not self.own.look(self) or pool.observed()
        )

    def _speaks_at_once(self, connection):
        """Whether a connection can be spoken to past its methods."""
        return speaks_plainly(self.connections, connection) and speaks_at_once(connection)

    def _result(self, tuple args, dict options, reply):
        """What the command's response callback makes of a reply; raises an error reply."""
        if isinstance(reply, ResponseError):
            raise reply
        return self.called_back(args[0], reply, options)


cdef class AsyncPipelineCore(PipelinePath):
    """Compiled base of the pipelines for asyncio. The lists of commands and replies are those of `_client`."""

    def _are_plain(self, commands):
        return self.are_plain(commands)

    def _speaks_plainly(self, connection):
        """Whether nobody has put a method of his own between a connection of ours and its wire."""
        return speaks_plainly(self.connections, connection)

    def _speaks_at_once(self, connection):
        """Whether such a connection can be spoken to past its methods."""
        return speaks_at_once(connection)

    def _call_back(self, list commands, list replies):
        """Replace replies by what their callbacks make of them; returns where that is to be awaited."""
        self.call_back(commands, replies)
        return awaitables(replies)

    def _outcome(self, list commands, list replies):
        """What EXEC says of each command."""
        return self.outcome(commands, replies)

    def _call_back_results(self, list commands, list results):
        """As `_call_back`, for what EXEC says."""
        self.call_back_results(commands, results)
        return awaitables(results)

    def _raise_first(self, list commands, list replies):
        """Raise the first error among the replies, if there is one."""
        self.raise_first(commands, replies)

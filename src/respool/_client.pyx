# cython: boundscheck=True
# Commands come without arguments, and whoever fills a pipeline may change it at any time.
"""The hot half of a client and of its pipelines: from `execute_command` to the reply, in one compiled path.

It is redis-py's path made short where nothing is out of the ordinary. Whatever is (a failure, metrics, a single
connection, a cache, a method that somebody has replaced) is done by redis-py's own methods, which `client.py` inherits.
"""

from redis.client import EMPTY_RESPONSE, NEVER_DECODE, CaseInsensitiveDict
from redis.exceptions import ExecAbortError, ResponseError, WatchError

from cpython.dict cimport PyDict_Contains, PyDict_GetItemWithError
from cpython.ref cimport PyObject

from respool._batch cimport Batch
from respool._checkout cimport Checkout
from respool._connection cimport ConnectionCore
from respool._lock cimport Section, enter, leave
from respool._observed cimport Observed
from respool._watch cimport Watch
from respool._wire cimport Wire

import cython

cdef extern from "Python.h":
    int set_attribute "PyObject_GenericSetAttr"(object, object, PyObject *value) except -1

cdef extern from *:
    """
    /* Whether a string is in capitals, as far as letters go; false for one with other letters than those of ASCII. */
    static inline int respool_in_capitals(PyObject *name) {
        Py_ssize_t index, size;
        const Py_UCS1 *text;
        if (!PyUnicode_CheckExact(name) || !PyUnicode_IS_COMPACT_ASCII(name)) {
            return 0;
        }
        text = PyUnicode_1BYTE_DATA(name);
        size = PyUnicode_GET_LENGTH(name);
        for (index = 0; index < size; index++) {
            if (text[index] >= 'a' && text[index] <= 'z') {
                return 0;
            }
        }
        return 1;
    }
    /* Whether a command's name begins like HIMPORT, which redis-py sends in a way of its own. */
    static inline int respool_is_import(PyObject *name) {
        const char *text;
        Py_ssize_t size;
        if (PyUnicode_Check(name)) {
            if (!PyUnicode_IS_COMPACT_ASCII(name)) {
                return 0;
            }
            text = (const char *)PyUnicode_1BYTE_DATA(name);
            size = PyUnicode_GET_LENGTH(name);
        } else if (PyBytes_Check(name)) {
            text = PyBytes_AS_STRING(name);
            size = PyBytes_GET_SIZE(name);
        } else {
            return 1;   /* whatever it is */
        }
        return size >= 7 && (text[0] | 0x20) == 'h' && (text[1] | 0x20) == 'i' && (text[2] | 0x20) == 'm';
    }
    /* Whether a command may be one that begins or ends a watch of keys: by its first letter. */
    static inline int respool_may_watch(PyObject *name) {
        if (!PyUnicode_Check(name) || !PyUnicode_IS_COMPACT_ASCII(name) || PyUnicode_GET_LENGTH(name) == 0) {
            return 0;
        }
        switch (PyUnicode_1BYTE_DATA(name)[0]) {
        case 'D': case 'E': case 'U': case 'W':
            return 1;
        }
        return 0;
    }
    static inline int respool_is_instance(PyObject *object, PyObject *exception) {
        return PyExceptionInstance_Check(object) && PyObject_TypeCheck(object, (PyTypeObject *)exception);
    }
    """
    bint may_watch "respool_may_watch"(object name) noexcept
    bint is_exception "respool_is_instance"(object instance, object kind) noexcept
    bint in_capitals "respool_in_capitals"(object name) noexcept
    bint is_import "respool_is_import"(object name) noexcept

KEYS = "keys"
WRONG_NUMBER = "Wrong number of response items from pipeline execution"

# redis-py's attributes that are compiled here, so that the others alone are found in an object's `__dict__`.
COMPILED = (
    "connection_pool", "connection", "response_callbacks", "_single_connection_client", "single_connection_client",
    "command_stack", "watching", "explicit_transaction",
)
UNWATCHING = frozenset(("DISCARD", "EXEC", "UNWATCH"))


cdef bint is_plain_reply(dict options) except -1:
    """Whether the options of a command ask for nothing special in place of its reply."""
    cdef Py_ssize_t count = len(options)
    if count == 0 or (count == 1 and PyDict_Contains(options, KEYS)):
        return True
    return not (PyDict_Contains(options, NEVER_DECODE) or PyDict_Contains(options, EMPTY_RESPONSE))


cdef bint is_plain(tuple args, dict options) except -1:
    """Whether a command is sent, and its reply read, as most are."""
    return bool(args) and not is_import(args[0]) and is_plain_reply(options)


cdef class CommandPath:
    """Compiled base of clients and pipelines, for threads and for asyncio."""

    def __setattr__(self, name, value):
        set_attribute(self, name, <PyObject *>value)
        if not self.replaced and name in self._path:
            self.replaced = True

    def __delattr__(self, name):
        set_attribute(self, name, NULL)
        self.replaced = not self._path.isdisjoint(self.__dict__)

    def __getstate__(self):
        return {**self.__dict__, **{name: getattr(self, name) for name in COMPILED if hasattr(self, name)}}

    def __setstate__(self, state):
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def connection_pool(self):
        """The pool that connections come from."""
        with cython.critical_section(self):
            if self._pool is None:
                raise AttributeError("connection_pool")
            return self._pool

    @connection_pool.setter
    def connection_pool(self, pool):
        with cython.critical_section(self):
            self._pool = pool
            self.pool = pool if isinstance(pool, Observed) else None

    @connection_pool.deleter
    def connection_pool(self):
        with cython.critical_section(self):
            self._pool = self.pool = None  # for those who patch it, and look afterwards whether it is gone

    @property
    def response_callbacks(self):
        """Functions by command that make something of its reply."""
        with cython.critical_section(self):
            if self.callbacks is None:
                raise AttributeError("response_callbacks")
            return self.callbacks

    @response_callbacks.setter
    def response_callbacks(self, callbacks):
        with cython.critical_section(self):
            self.callbacks = callbacks

    @response_callbacks.deleter
    def response_callbacks(self):
        with cython.critical_section(self):
            self.callbacks = None  # likewise

    cdef Wire direct(self, object connection):
        """The wire of a connection, if it can be spoken to past its methods; else None."""
        if isinstance(connection, ConnectionCore) and self.connections.look(connection):
            return (<ConnectionCore>connection).at_once()
        return None

    cdef object called_back(self, object name, object reply, dict options):
        """What the command's response callback makes of a reply."""
        cdef object callbacks
        cdef Section alone
        cdef PyObject *found
        cdef object callback
        enter(&alone, self)
        callbacks = self.callbacks
        leave(&alone)
        if type(callbacks) is CaseInsensitiveDict and in_capitals(name):
            found = PyDict_GetItemWithError(callbacks, name)
            if found is NULL:
                return reply
            callback = <object>found
        elif name in callbacks:
            callback = callbacks[name]
        else:
            return reply
        if options:
            options.pop(KEYS, None)
            return callback(reply, **options)
        return callback(reply)


def constructor():
    """Return an `__init__` for the client: compiled, so that redis-py's warnings name who calls it, and not respool."""
    @cython.binding(True)
    def construct(self, *args, **kwargs):
        inherited, args, kwargs, own_pool = self._prepare(args, kwargs)
        inherited(*args, **kwargs)
        if own_pool:
            self.auto_close_connection_pool = True
    return construct


cdef class ClientCore(CommandPath):
    """Compiled base of the client."""

    def __cinit__(self, *args, **kwargs):
        self.own = Watch(self._judge)
        self.pools = Watch(self._judge_pool)
        self.connections = Watch(self._judge_connection)
        self.retries = Watch(self._judge_retry)

    def execute_command(self, *args, **options):
        """Execute a command and return its reply, as its response callback makes it.

        Parameters
        ----------
        *args : str, bytes, bytearray, memoryview, int or float
            The command; its name may be of several words.
        **options
            For the response callback.

        Raises `redis.exceptions.ResponseError` for an error reply, `redis.exceptions.DataError` for a value of another
        type, and what the pool and the connection raise; what the retry policy covers is tried again first.

        Safe in every thread. A signal handler that raises loses no connection.
        """
        if self.replaced or self.own.look(self) != ENTRY | PATH:
            return self._execute_by_redis_py(args, options)
        return self.run(args, options)

    def _execute_command(self, *args, **options):
        return self.run(args, options)

    cdef object run(self, tuple args, dict options):
        cdef Observed observed
        cdef Checkout pool
        cdef object connection
        cdef Section alone
        enter(&alone, self)
        observed = self.pool
        leave(&alone)
        if (
            observed is None or self.connection is not None or self._single_connection_client or self.replaced
            or not is_plain(args, options)
            or not self.own.look(self) & PATH or not self.pools.look(observed)
            or (<Checkout>observed).replaced or (<Checkout>observed)._caching or observed.observed()
        ):
            return self._execute_at_length(args, options)
        pool = <Checkout>observed
        pool.observing = False
        connection = pool.checkout()
        try:
            return self.converse(connection, args, options)
        finally:
            self.give_back(pool, connection)

    cdef object converse(self, object connection, tuple args, dict options):
        cdef object reply
        cdef object failure = None
        cdef object retry = connection.retry
        cdef Wire wire = self.direct(connection) if self.retries.look(retry) else None
        if wire is not None:
            try:
                reply = (<ConnectionCore>connection).command(wire, args)
                if is_exception(reply, ResponseError):
                    raise reply
                return self.called_back(args[0], reply, options)
            except Exception as error:
                if not isinstance(error, retry._supported_errors):
                    raise
                failure = error
        return self._go_on(connection, failure, args, options)

    cdef int give_back(self, Checkout pool, object connection) except -1:
        """Give a connection back; one whose server is about to go, as redis-py's client does, on its successor."""
        try:
            if isinstance(connection, ConnectionCore) and (<ConnectionCore>connection)._should_reconnect:
                self._close_connection(connection)
                connection.connect()
        finally:
            pool.checkin(connection)
        return 0


cdef class PipelinePath(CommandPath):
    """Compiled base of pipelines, for threads and for asyncio."""

    def __cinit__(self, *args, **kwargs):
        self.own, self.connections = self._watches  # of all pipelines, for they live shortly

    def execute_command(self, *args, **kwargs):
        """Add a command to the pipeline, which is returned; while keys are watched, execute it and return its reply."""
        if self.replaced or not self.own.look(self) & ENTRY:
            return self._execute_by_redis_py(args, kwargs)
        if not self.explicit_transaction and (self.watching or (may_watch(args[0]) and args[0] == "WATCH")):
            return self.immediate_execute_command(*args, **kwargs)
        self.command_stack.append((args, kwargs))
        return self

    cdef int mind(self, object name) except -1:
        """Take note of what a command that has succeeded does to the keys that are watched."""
        if not may_watch(name):
            return 0
        if name in UNWATCHING:
            self.watching = False
        elif name == "WATCH":
            self.watching = True
        return 0

    cdef int raise_first(self, object commands, list replies) except -1:
        for reply in replies:
            if is_exception(reply, ResponseError):
                self.raise_first_error(commands, replies)
        return 0

    cdef bint are_plain(self, object commands) except -1:
        """Whether no command asks for anything special, and nobody has replaced what would be called for them."""
        if type(commands) is not list or self.replaced or not self.own.look(self) & PATH:
            return False
        for command in <list>commands:
            if type(command) is not tuple or len(<tuple>command) != 2:
                return False
            args, options = <tuple>command
            if type(args) is not tuple or type(options) is not dict or not is_plain(args, options):
                return False
        return True

    cdef int call_back(self, list commands, list replies) except -1:
        """Replace replies by what the response callbacks make of them, or by the errors that they raise."""
        cdef Py_ssize_t index
        cdef object reply
        for index in range(len(replies)):
            reply = replies[index]
            if not is_exception(reply, ResponseError):
                args, options = <tuple?>commands[index]
                try:
                    replies[index] = self.called_back(args[0], reply, options)
                except ResponseError as error:
                    replies[index] = error
                    continue
                self.mind(args[0])
        return 0

    cdef list outcome(self, list commands, list replies):
        """What EXEC says of each command of a transaction, from the replies to all that was sent.

        Raises `redis.exceptions.WatchError`, and what the server says in place of EXEC's results.
        """
        cdef Py_ssize_t index
        cdef object reply
        cdef list refused = []
        for index in range(len(replies) - 1):
            reply = replies[index]
            if reply is not None:
                if index != 0:
                    self.annotate_exception(reply, index, commands[index - 1][0])
                refused.append((max(index - 1, 0), reply))
        outcome = replies[len(replies) - 1]
        if isinstance(outcome, ExecAbortError) and refused:
            raise refused[0][1] from outcome
        if isinstance(outcome, ResponseError):
            raise outcome
        self.watching = False
        if outcome is None:
            raise WatchError("Watched variable changed.")
        for index, reply in refused:
            outcome.insert(index, reply)
        return outcome

    cdef int call_back_results(self, list commands, list results) except -1:
        """As `call_back` for the results of a transaction; an error that a callback raises goes to the caller."""
        cdef Py_ssize_t index
        cdef object reply
        for index in range(len(results)):
            reply = results[index]
            if not is_exception(reply, Exception):
                args, options = <tuple?>commands[index]
                results[index] = self.called_back(args[0], reply, options)
        return 0


cdef class PipelineCore(PipelinePath):
    """Compiled base of the pipelines."""

    cdef Wire can_batch(self, object connection, object commands):
        """The wire, if these commands can be sent and their replies read past the connection's methods; else None."""
        if (
            not isinstance(connection, ConnectionCore) or not self.connections.look(connection)
            or not self.are_plain(commands)
        ):
            return None
        if (<ConnectionCore>connection).must_connect():
            connection.send_packed_command(())
        return self.direct(connection)

    def _execute_pipeline(self, connection, commands, raise_on_error):
        cdef list replies
        cdef Wire wire = self.can_batch(connection, commands)
        if wire is None:
            return self._pipeline_by_redis_py(connection, commands, raise_on_error)
        replies = Batch(connection, commands, False, wire).run()
        self.call_back(commands, replies)
        if raise_on_error:
            self.raise_first(commands, replies)
        return replies

    def _execute_transaction(self, connection, commands, raise_on_error):
        cdef list results
        cdef Wire wire = self.can_batch(connection, commands)
        if wire is None:
            return self._transaction_by_redis_py(connection, commands, raise_on_error)
        results = self.outcome(commands, Batch(connection, commands, True, wire).run())
        if len(results) != len(commands):
            connection.disconnect()
            raise ResponseError(WRONG_NUMBER)
        if raise_on_error:
            self.raise_first(commands, results)
        self.call_back_results(commands, results)
        return results

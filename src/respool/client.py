"""redis-py's client and its pipelines on respool's command path: `Redis`, for threads.

The path of a command is in `_client`. Here is what is rare: construction, what is tried again after a failure, and who
may have put a method of his own in the way. All commands, locks, scripts, pub/sub and monitors are redis-py's.
"""

from __future__ import annotations

import functools
import inspect
import types
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import redis.client
from redis.client import Pipeline as RedisPipeline
from redis.client import Redis as RedisClient
from redis.retry import Retry

from respool._checkout import Checkout
from respool._client import ClientCore, PipelineCore, constructor
from respool._connection import ConnectionCore
from respool._survival import POOL_OPTIONS
from respool._watch import Watch
from respool.connection import OURS, Connection, WiredConnection
from respool.pool import ConnectionPool

__all__ = ["Pipeline", "Redis"]

R = TypeVar("R", bound="Redis")

ENTRY = 1  # `execute_command` is redis-py's own ...
PATH = 2  # ... and so is all that it calls

SOURCES = {method.__code__.co_filename for method in (RedisClient.get_encoder, Retry.get_retries)}


def is_redis_pys(method: Any) -> bool:
    """Whether a method is redis-py's as it was written, and nobody has wrapped or replaced it."""
    return isinstance(method, types.FunctionType) and method.__code__.co_filename in SOURCES


def judge_pool(kind: type[Any]) -> int:
    """1: connections are taken from pools of this class, and given back, as respool's do it."""
    return kind.get_connection is Checkout.get_connection and kind.release is Checkout.release


def judge_connection(kind: type[Any]) -> int:
    """1: connections of this class send and read as respool's do it.

    Those that Sentinel manages do not: they make something else of some errors.
    """
    return (
        kind.send_command is ConnectionCore.send_command
        and kind.send_packed_command is ConnectionCore.send_packed_command
        and kind.pack_commands is ConnectionCore.pack_commands
        and kind.read_response is ConnectionCore.read_response
        and kind.disconnect is WiredConnection.disconnect
        and kind.should_reconnect is ConnectionCore.should_reconnect
    )


def judge_retry(kind: type[Any]) -> int:
    """1: policies of this class do nothing for a command that succeeds at once."""
    return is_redis_pys(getattr(kind, "call_with_retry", None))


class Redis(ClientCore, RedisClient):
    """A client with a compiled command path; takes the place of `redis.Redis`, with its parameters and commands.

    Parameters
    ----------
    connection_pool : pool or None
        Any pool of connections; one of respool's makes the path short. None: a `respool.ConnectionPool` of its own,
        which is closed with the client.
    timeout, order, max_waiting, name, min_idle, …
        As for `respool.ConnectionPool`; only for a pool of its own.
    **kwargs
        As for `redis.Redis`.

    Raises TypeError if both a pool and arguments for one are given, and whatever redis-py's client and the pool raise.

    Safe to share between threads, and across a fork; one made with `single_connection_client` is not. For asyncio there
    is `respool.asyncio`.
    """

    _path: ClassVar[frozenset[str]] = frozenset(
        {"_execute_command", "_send_command_parse_response", "_close_connection", "parse_response"}
    )

    if TYPE_CHECKING:

        def __init__(self, *args: Any, **kwargs: Any) -> None: ...

    else:
        __init__ = constructor()

    def _prepare(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any, Any, bool]:
        """What the constructor is to call, with which arguments, and whether the pool among them is its own."""
        own = {name: kwargs.pop(name) for name in POOL_OPTIONS if name in kwargs}
        inherited = super().__init__
        settings = settings_of_pool(RedisClient, args, kwargs)
        if settings is not None:
            theirs = settings.pop("connection_class", Connection)
            pool = ConnectionPool(connection_class=OURS.get(theirs, theirs), **settings, **own)
            given = inspect.signature(inherited).bind_partial(*args, **kwargs)
            given.arguments["connection_pool"] = pool
            return inherited, given.args, given.kwargs, True
        if own:
            raise TypeError(f"{', '.join(own)}: for a pool that the client makes itself, and connection_pool is given")
        return inherited, args, kwargs, False

    @classmethod
    def from_url(cls: type[R], url: str, **kwargs: Any) -> R:
        """Make a client with a pool of its own from a URL; see `respool.ConnectionPool.from_url`."""
        single = kwargs.pop("single_connection_client", False)
        client = cls(connection_pool=ConnectionPool.from_url(url, **kwargs), single_connection_client=single)
        client.auto_close_connection_pool = True
        return client

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
        """Return a pipeline, which sends commands together; with `transaction` between MULTI and EXEC."""
        return Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    # --- what `_client` asks ---------------------------------------------------------------------------------

    _judge_pool = staticmethod(judge_pool)
    _judge_connection = staticmethod(judge_connection)
    _judge_retry = staticmethod(judge_retry)

    @staticmethod
    def _judge(kind: type[Any]) -> int:
        entry = is_redis_pys(RedisClient.execute_command)
        path = kind._execute_command is ClientCore._execute_command and all(
            is_redis_pys(getattr(RedisClient if name == "_execute_command" else kind, name)) for name in Redis._path
        )
        return ENTRY * entry | PATH * path

    def _execute_by_redis_py(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return RedisClient.execute_command(self, *args, **options)

    def _execute_at_length(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return RedisClient._execute_command(self, *args, **options)

    def _go_on(self, connection: Any, failure: Exception | None, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Do what redis-py does on a connection, with a first attempt that has failed already, if one has."""
        second = SecondTry(self, connection, failure)
        del failure  # which is about to hold this frame
        return RedisClient._execute_command(second, *args, **options)  # type: ignore[arg-type]


functools.update_wrapper(Redis.__init__, RedisClient.__init__)  # which parameters it takes


class SecondTry:
    """The client as redis-py's `_execute_command` is to see it once a connection is taken and has failed."""

    connection = None
    _single_connection_client = False

    def __init__(self, client: Any, connection: Any, failure: Exception | None) -> None:
        self._client = client
        self._connection = connection
        self._failure = failure

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    @property
    def connection_pool(self) -> SecondTry:
        return self

    def get_connection(self) -> Any:
        return self._connection

    def release(self, connection: Any) -> None:
        """Nothing to do: that is left to who has taken it."""

    def _send_command_parse_response(self, *args: Any, **options: Any) -> Any:
        failure, self._failure = self._failure, None
        if failure is None:
            return self._client._send_command_parse_response(*args, **options)
        try:
            raise failure
        finally:
            del failure  # which holds this frame


class Pipeline(PipelineCore, RedisPipeline):
    """Commands that are sent together; made by `Redis.pipeline`. Takes the place of `redis.client.Pipeline`.

    Nothing is sent if one of the commands cannot be packed. Replies are read while a long pipeline is still being sent,
    so that it may be of any length. Belongs to one thread.
    """

    _path: ClassVar[frozenset[str]] = frozenset({
        "execute_command", "pipeline_execute_command", "parse_response", "_execute_pipeline", "_execute_transaction",
        "_himport_prepare_pipeline",
    })

    @staticmethod
    def _judge(kind: type[Any]) -> int:
        entry = is_redis_pys(RedisPipeline.execute_command) and is_redis_pys(kind.pipeline_execute_command)
        path = all(
            is_redis_pys(method)
            for method in (
                kind.parse_response, RedisClient.parse_response,
                RedisPipeline._execute_pipeline, RedisPipeline._execute_transaction,
            )
        )
        return ENTRY * entry | PATH * path

    _watches = Watch(_judge), Watch(judge_connection)

    def _execute_by_redis_py(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return RedisPipeline.execute_command(self, *args, **options)

    def _pipeline_by_redis_py(self, connection: Any, commands: Any, raise_on_error: bool) -> list[Any]:
        replies: list[Any] = RedisPipeline._execute_pipeline(self, connection, commands, raise_on_error)
        return replies

    def _transaction_by_redis_py(self, connection: Any, commands: Any, raise_on_error: bool) -> list[Any]:
        return RedisPipeline._execute_transaction(self, connection, commands, raise_on_error)


def settings_of_pool(client: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
    """What redis-py's client would make its pool of; None if a pool is given.

    redis-py's constructor is asked, for it alone knows, and stopped where it has the answer.
    """
    constructor = inspect.unwrap(client.__init__)
    with suppress(TypeError):  # it will say itself what is wrong with the arguments
        if inspect.signature(constructor).bind_partial(None, *args, **kwargs).arguments.get("connection_pool"):
            return None
    asked = types.FunctionType(
        constructor.__code__,
        {**constructor.__globals__, "ConnectionPool": stop},
        constructor.__name__,
        constructor.__defaults__,
        constructor.__closure__,
    )
    asked.__kwdefaults__ = constructor.__kwdefaults__
    asked.__qualname__ = constructor.__qualname__  # for its errors, before Python 3.11
    try:
        asked(types.SimpleNamespace(), *args, **kwargs)
    except Stopped as stopped:
        return stopped.settings
    raise TypeError(f"cannot tell what {client.__qualname__} of redis-py {redis.__version__} makes its pool of")


class Stopped(Exception):  # noqa: N818
    """The constructor has come to where it makes its pool."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings


def stop(**settings: Any) -> None:
    raise Stopped(settings)

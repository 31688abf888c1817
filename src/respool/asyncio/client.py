"""redis.asyncio's client and its pipelines on respool's command path: `Redis`, for the tasks of an event loop.

Here is what has to be awaited and what is rare; what happens in between is in `_async_client`, and the way over the
connection in `connection`. All commands, locks, scripts, pub/sub and monitors are redis-py's.
"""

from __future__ import annotations

import functools
import types
from typing import Any, ClassVar, TypeVar

from redis.asyncio.client import Pipeline as RedisPipeline
from redis.asyncio.client import Redis as RedisClient
from redis.exceptions import ResponseError

from respool._async_client import AsyncClientCore, AsyncPipelineCore, is_awaitable
from respool._client import WRONG_NUMBER
from respool._survival import POOL_OPTIONS
from respool._watch import Watch
from respool.asyncio.connection import OURS, Connection, WiredConnection, sends_and_reads
from respool.asyncio.pool import ConnectionPool
from respool.client import SecondTry, settings_of_pool

__all__ = ["Pipeline", "Redis"]

R = TypeVar("R", bound="Redis")

RELEASE = ConnectionPool.release
READ_RESPONSE = WiredConnection.read_response  # as it was written
SOURCE = RedisClient.execute_command.__code__.co_filename


def is_redis_pys(method: Any) -> bool:
    """Whether a method is redis-py's as it was written, and nobody has wrapped or replaced it."""
    return isinstance(method, types.FunctionType) and method.__code__.co_filename == SOURCE


def judge_connection(kind: type[Any]) -> int:
    """1: connections of this class send and read as respool's do it."""
    return sends_and_reads(kind) and kind.read_response is READ_RESPONSE  # Sentinel's makes of a reply what it likes


class Redis(AsyncClientCore, RedisClient):  # type: ignore[misc]
    """A client with a compiled command path; takes the place of `redis.asyncio.Redis`, with its arguments and commands.

    Parameters
    ----------
    connection_pool : pool or None
        Any pool of connections; one of respool's makes the path short. None: a `respool.asyncio.ConnectionPool` of its
        own, which is closed with the client.
    timeout, order, max_waiting, name, min_idle, …
        As for `respool.asyncio.ConnectionPool`; only for a pool of its own.
    **kwargs
        As for `redis.asyncio.Redis`.

    Raises TypeError if both a pool and arguments for one are given, and whatever redis-py's client and the pool raise.

    Safe to share between the tasks of an event loop, each of which may be cancelled anywhere.
    """

    _path: ClassVar[frozenset[str]] = frozenset(
        {"initialize", "_send_command_parse_response", "_close_connection", "parse_response"}
    )

    def __init__(self, **kwargs: Any) -> None:
        own = {name: kwargs.pop(name) for name in POOL_OPTIONS if name in kwargs}
        settings = settings_of_pool(RedisClient, (), kwargs)
        if settings is None:
            if own:
                raise TypeError(f"{', '.join(own)}: for a pool of the client's own, and connection_pool is given")
            super().__init__(**kwargs)
            return
        kind = settings.get("connection_class", Connection)
        settings["connection_class"] = OURS.get(kind, kind)
        kwargs["connection_pool"] = ConnectionPool(**settings, **own)
        closes = kwargs.pop("auto_close_connection_pool", None)  # of which redis-py has warned by now
        super().__init__(**kwargs)
        self.auto_close_connection_pool = True if closes is None else closes

    @classmethod
    def from_url(
        cls: type[R],
        url: str,
        single_connection_client: bool = False,
        auto_close_connection_pool: bool | None = None,
        **kwargs: Any,
    ) -> R:
        """Make a client with a pool of its own from a URL; see `respool.asyncio.ConnectionPool.from_url`."""
        client = cls(
            connection_pool=ConnectionPool.from_url(url, **kwargs),
            single_connection_client=single_connection_client,
            auto_close_connection_pool=auto_close_connection_pool,  # deprecated, of which redis-py warns
        )
        client.auto_close_connection_pool = True if auto_close_connection_pool is None else auto_close_connection_pool
        return client

    def pipeline(self, transaction: bool = True, shard_hint: Any = None) -> Pipeline:
        """Return a pipeline, which sends commands together; with `transaction` between MULTI and EXEC."""
        return Pipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)

    async def execute_command(self, *args: Any, **options: Any) -> Any:
        """Execute a command and return its reply, as its response callback makes it.

        Parameters
        ----------
        *args : str, bytes, bytearray, memoryview, int or float
            The command; its name may be of several words.
        **options
            For the response callback.

        Raises `redis.exceptions.ResponseError` for an error reply, `redis.exceptions.DataError` for a value of another
        type, and what the pool and the connection raise; what the retry policy covers is tried again first.

        May be cancelled at any time: the connection goes back to the pool, closed if a reply is missing.
        """
        if not self._goes_straight(args, options):
            return await RedisClient.execute_command(self, *args, **options)
        pool = self.connection_pool
        connection = await pool.get_connection()
        try:
            if self._speaks_at_once(connection):
                try:
                    result = self._result(args, options, await connection._converse(args))
                    return await result if is_awaitable(result) else result
                except connection.retry._supported_errors as error:
                    again = AsyncSecondTry(self, connection, error)
            else:
                again = AsyncSecondTry(self, connection, None)
            return await RedisClient.execute_command(again, *args, **options)  # type: ignore[arg-type]
        finally:
            await pool.release(connection)

    # --- what `_async_client` asks ---------------------------------------------------------------------------

    _judge_connection = staticmethod(judge_connection)

    @staticmethod
    def _judge(kind: type[Any]) -> int:
        methods = (RedisClient.execute_command, *(getattr(kind, name) for name in Redis._path))
        return all(map(is_redis_pys, methods))


functools.update_wrapper(Redis.__init__, RedisClient.__init__)  # which parameters it takes


class AsyncSecondTry(SecondTry):
    """The client as redis.asyncio's `execute_command` is to see it once a connection is taken, and may have failed."""

    single_connection_client = False

    async def initialize(self) -> None:
        """Nothing to do."""

    async def get_connection(self) -> Any:
        return self._connection

    async def release(self, connection: Any) -> None:  # type: ignore[override]
        """Nothing to do: that is left to who has taken it."""

    async def _send_command_parse_response(self, *args: Any, **options: Any) -> Any:
        failure, self._failure = self._failure, None
        if failure is None:
            return await self._client._send_command_parse_response(*args, **options)
        try:
            raise failure
        finally:
            del failure  # which holds this frame


class Pipeline(AsyncPipelineCore, RedisPipeline):  # type: ignore[misc]
    """Commands that are sent together; made by `Redis.pipeline`. Takes the place of `redis.asyncio.client.Pipeline`.

    Nothing is sent if one of the commands cannot be packed. Replies are read while a long pipeline is still being sent,
    so that it may be of any length. Belongs to one task.
    """

    _path: ClassVar[frozenset[str]] = frozenset({
        "execute_command", "pipeline_execute_command", "parse_response", "_execute_pipeline", "_execute_transaction",
        "_himport_prepare_pipeline",
    })

    async def _execute_pipeline(self, connection: Any, commands: Any, raise_on_error: bool) -> list[Any]:
        if not await self._can_batch(connection, commands):
            replies: list[Any] = await RedisPipeline._execute_pipeline(self, connection, commands, raise_on_error)
            return replies
        replies = await connection._run(commands, False)
        for index in self._call_back(commands, replies):
            try:
                replies[index] = await replies[index]
            except ResponseError as error:
                replies[index] = error
        if raise_on_error:
            self._raise_first(commands, replies)
        return replies

    async def _execute_transaction(self, connection: Any, commands: Any, raise_on_error: bool) -> list[Any]:
        if not await self._can_batch(connection, commands):
            replies: list[Any] = await RedisPipeline._execute_transaction(self, connection, commands, raise_on_error)
            return replies
        results = self._outcome(commands, await connection._run(commands, True))
        if len(results) != len(commands):
            await connection.disconnect()
            raise ResponseError(WRONG_NUMBER)
        if raise_on_error:
            self._raise_first(commands, results)
        for index in self._call_back_results(commands, results):
            results[index] = await results[index]
        return results

    async def reset(self) -> None:  # type: ignore[override]
        """Forget all commands and watched keys, and give the connection back."""
        if self.watching or type(self.connection_pool).release is not RELEASE:
            await super().reset()  # type: ignore[no-untyped-call]
            return
        self.command_stack = []
        self.scripts = set()
        self.explicit_transaction = False
        connection, self.connection = self.connection, None
        if connection is not None:
            await self.connection_pool.release(connection)  # not in a task of its own: it is not cancelled halfway

    async def _can_batch(self, connection: Any, commands: Any) -> bool:
        """Whether these commands can be sent and their replies read past the connection's methods."""
        if not self._are_plain(commands) or not self._speaks_plainly(connection):
            return False
        if not self._speaks_at_once(connection):
            await connection.send_packed_command(())  # connects, and checks its health, if that is due
        return self._speaks_at_once(connection)

    # --- what `_async_client` asks ---------------------------------------------------------------------------

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
        return entry | path << 1

    _watches = Watch(_judge), Watch(judge_connection)

    def _execute_by_redis_py(self, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        return RedisPipeline.execute_command(self, *args, **options)

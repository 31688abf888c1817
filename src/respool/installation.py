"""`respool.install()`: respool's classes in the place of redis-py's, for the whole process.

Two things are changed in redis-py, and nothing anywhere else. The names of its classes, in all of its modules, name
ours. And the constructors of its own classes, which others may have imported, subclassed or made a default argument
long before, make ours.
"""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Mapping
from typing import Any

# Bound here and now: these names are what will be changed.
from redis.asyncio.connection import AbstractConnection as RedisAsyncConnection
from redis.asyncio.connection import BlockingConnectionPool as RedisAsyncBlockingConnectionPool
from redis.asyncio.connection import ConnectionPool as RedisAsyncConnectionPool
from redis.asyncio.sentinel import SentinelConnectionPool as RedisAsyncSentinelConnectionPool
from redis.connection import AbstractConnection as RedisConnection
from redis.connection import BlockingConnectionPool as RedisBlockingConnectionPool
from redis.connection import ConnectionPool as RedisConnectionPool
from redis.sentinel import SentinelConnectionPool as RedisSentinelConnectionPool

import respool.asyncio.connection
from respool.connection import OURS
from respool.pool import BlockingConnectionPool, ConnectionPool
from respool.sentinel import SentinelConnectionPool

__all__ = ["install", "uninstall"]

POOLS: dict[type[Any], type[Any]] = {
    RedisConnectionPool: ConnectionPool,
    RedisBlockingConnectionPool: BlockingConnectionPool,
    RedisSentinelConnectionPool: SentinelConnectionPool,
    RedisAsyncConnectionPool: respool.asyncio.ConnectionPool,
    RedisAsyncBlockingConnectionPool: respool.asyncio.BlockingConnectionPool,
    RedisAsyncSentinelConnectionPool: respool.asyncio.SentinelConnectionPool,
}
REPLACEMENTS = {**OURS, **respool.asyncio.connection.OURS, **POOLS}
COMBINED = "_respool_combined"

active: dict[type[Any], type[Any]] = {}  # REPLACEMENTS while they are installed


def install() -> None:
    """Let every pool and connection that redis-py's names and classes make from now on be respool's.

    That includes those which clients make for themselves (`redis.Redis(host=...)`, `redis.from_url`, Sentinel,
    Cluster, and the same in `redis.asyncio`), those of frameworks, and instances of subclasses of redis-py's classes,
    whenever those were defined: they keep what the subclass does itself and get the rest from respool. What exists
    already stays as it is, and `isinstance` no longer finds it under redis-py's names: call this as early as possible.

    Safe to call again, from any thread, before and after a fork; children inherit it.
    """
    redirect_constructors()
    active.update(REPLACEMENTS)
    rename(REPLACEMENTS)


def uninstall() -> None:
    """Give redis-py its classes back. What respool's have made until now goes on to work.

    Safe to call again, from any thread, and without `install`.
    """
    active.clear()
    rename({ours: theirs for theirs, ours in REPLACEMENTS.items()})


def rename(classes: Mapping[type[Any], type[Any]]) -> None:
    """Let names of redis-py's modules that mean one class mean another."""
    for module_name, module in list(sys.modules.items()):
        if module_name.partition(".")[0] == "redis" and isinstance(module, types.ModuleType):
            for name, value in list(vars(module).items()):
                if isinstance(value, type) and value in classes:
                    setattr(module, name, classes[value])


@functools.cache
def redirect_constructors() -> None:
    for root in (RedisConnection, RedisConnectionPool, RedisAsyncConnection, RedisAsyncConnectionPool):
        redirect(root)
    for theirs in (
        RedisConnectionPool, RedisBlockingConnectionPool, RedisAsyncConnectionPool, RedisAsyncBlockingConnectionPool,
    ):
        lead_through(POOLS[theirs], theirs)


def redirect(root: Any) -> None:
    """Let a class and its subclasses make instances of what is `active`.

    It stays for good, without effect while nothing is: Python does not find its way back to a class without `__new__`.
    """

    def new(cls: type[Any], *args: Any, **kwargs: Any) -> Any:
        chosen = replacement_of(cls)
        if chosen is not None:
            return chosen.__new__(chosen, *args, **kwargs)
        inherited: Any = super(root, cls).__new__
        return inherited(cls) if inherited is object.__new__ else inherited(cls, *args, **kwargs)

    root.__new__ = new


def lead_through(ours: Any, theirs: Any) -> None:
    """Let a subclass that calls redis-py's `__init__` by name, and so past ours, come through ours."""
    inherited = theirs.__init__

    @functools.wraps(inherited)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        begun = not isinstance(self, ours) or "_name" in vars(self)
        (inherited if begun else ours.__init__)(self, *args, **kwargs)

    theirs.__init__ = init


def replacement_of(cls: type[Any]) -> type[Any] | None:
    """The class to make an instance of in the place of one that is redis-py's, or derived from it."""
    for base in cls.__mro__:
        ours = active.get(base)
        if ours is not None and ours not in cls.__mro__:
            return ours if base is cls else combined(cls, ours)
    return None


def combined(cls: type[Any], ours: type[Any]) -> type[Any] | None:
    """A class that does what `cls` does itself, and the rest as ours. None if Python cannot combine the two."""
    found: type[Any] | None = vars(cls).get(COMBINED)
    if found is None:
        named = {name: getattr(cls, name) for name in ("__doc__", "__module__", "__qualname__")}
        try:
            found = types.new_class(cls.__name__, (cls, ours), exec_body=lambda namespace: namespace.update(named))
        except TypeError:
            return None
        setattr(cls, COMBINED, found)
    return found

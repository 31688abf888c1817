"""Clients of redis-py's and of respool's side by side, and what they did."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import redis
from redis.exceptions import DataError

import respool
from servers import RedisServer

BOTH = (redis.Redis, respool.Redis)


@contextmanager
def both(server: RedisServer, **options: Any) -> Iterator[list[Any]]:
    """redis-py's client on its own pool, and respool's."""
    clients = [kind(**server.address, **options) for kind in BOTH]
    try:
        yield clients
    finally:
        for client in clients:
            client.close()


def outcome(use: Callable[[], Any]) -> Any:
    """What came of it, an error by its type and text; that of a DataError depends on redis-py's packer."""
    try:
        return use()
    except DataError as error:
        return type(error)
    except Exception as error:
        return type(error), str(error)


def exact(value: Any) -> Any:
    """A value so that only one of the same types is equal to it; errors, which are all different, by their text."""
    if isinstance(value, BaseException):
        return type(value), str(value)
    if isinstance(value, dict):
        return dict, [(exact(key), exact(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [exact(each) for each in value]
    if isinstance(value, (set, frozenset)):
        return type(value), {exact(each) for each in value}
    return type(value), value


def shape(value: Any) -> Any:
    """A value's types alone, with the keys of dictionaries, for what is different each time."""
    if isinstance(value, dict):
        return dict, [(exact(key), shape(each)) for key, each in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), shape(value[0]) if value else None
    return type(value)


def python_calls(use: Callable[[], Any]) -> list[str]:
    """The names of the Python functions that are called by a function, each time, without its own."""
    calls: list[str] = []

    def note(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            calls.append(frame.f_code.co_name)

    sys.setprofile(note)
    try:
        use()
    finally:
        sys.setprofile(None)
    return calls[1:]


def assert_short(client: Any) -> None:
    """Nothing in Python is between a command's method and the socket, and little in a pipeline."""
    client.echo("connected")
    assert python_calls(lambda: client.get("key")) == ["get"]
    for transaction in (True, False):
        calls = python_calls(lambda: client.pipeline(transaction).get("key").get("key").execute())  # noqa: B023
        assert {"parse_response", "pipeline_execute_command", "_execute_pipeline", "_execute_transaction",
                "send_packed_command", "read_response"}.isdisjoint(calls), calls


class Wrapper:
    """A wrapper as wrapt makes it, for libraries that trace: an object that is no function, and binds as one."""

    def __init__(self, wrapped: Any, wrapper: Any, instance: Any = None) -> None:
        self.__wrapped__, self._wrapper, self._instance = wrapped, wrapper, instance
        functools.update_wrapper(self, wrapped)

    def __get__(self, instance: Any, owner: Any) -> Any:
        return Wrapper(self.__wrapped__.__get__(instance, owner), self._wrapper, instance)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._wrapper(self.__wrapped__, self._instance, args, kwargs)


def wrapped_by_object(original: Any, calls: list[Any]) -> Any:
    """Wrap a method as OpenTelemetry and ddtrace do."""

    def trace(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        calls.append(args)
        return wrapped(*args, **kwargs)

    return Wrapper(original, trace)


def wrapped_by_function(original: Any, calls: list[Any]) -> Any:
    """Wrap a method as Sentry does."""

    @functools.wraps(original)
    def traced(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return original(self, *args, **kwargs)

    return traced

"""A plugin for redis-py's tests: respool in the place of its classes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import pytest
import redis

import respool

respool.install()


@pytest.fixture(scope="session")
def administrator(request: pytest.FixtureRequest) -> Iterator[redis.Redis]:
    """A client that was connected when there was no password yet."""
    with redis.Redis.from_url(request.config.getoption("--redis-url"), single_connection_client=True) as client:
        yield client


@pytest.fixture(autouse=True)
def no_password(administrator: redis.Redis) -> Iterator[None]:
    """A test that sets a password and fails in the end, as a listed one does, fails alone."""
    yield
    with suppress(redis.RedisError):
        administrator.config_set("requirepass", "")

"""Client-side caching: redis-py's proxies on respool's connections."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis
from redis.cache import CacheConfig
from redis.connection import CacheProxyConnection

import respool
from conftest import Threads, until
from servers import RedisServer
from versions import FREE_THREADED


@pytest.fixture(autouse=True)
def servers_before_74_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """They know how to track; redis-py asks for a newer one for reasons of its own."""
    monkeypatch.setattr(CacheProxyConnection, "MIN_ALLOWED_VERSION", "6.0.0")


@pytest.fixture
def pool(server: RedisServer) -> Iterator[respool.ConnectionPool]:
    with respool.BlockingConnectionPool(
        **server.address, max_connections=4, protocol=3, cache_config=CacheConfig()
    ) as pool:
        yield pool


@pytest.fixture
def writer(server: RedisServer) -> Iterator[redis.Redis]:
    with redis.Redis(**server.address) as client:
        yield client


def test_a_value_comes_from_the_cache_until_somebody_changes_it(
    pool: respool.ConnectionPool, writer: redis.Redis
) -> None:
    client = redis.Redis(connection_pool=pool)
    writer.set("cached", 1)
    assert client.get("cached") == b"1"
    commands = writer.info("commandstats")["cmdstat_get"]["calls"]
    assert client.get("cached") == b"1"
    assert writer.info("commandstats")["cmdstat_get"]["calls"] == commands
    writer.set("cached", 2)
    until(lambda: client.get("cached") == b"2")


def test_tracking_by_the_pool_itself_is_no_reason_to_close_a_connection(pool: respool.ConnectionPool) -> None:
    client = redis.Redis(connection_pool=pool)
    assert len({client.client_id() for _ in range(5)}) == 1


def test_a_transaction_that_was_left_open_is_closed_behind_the_proxy_too(pool: respool.ConnectionPool) -> None:
    connection = pool.get_connection()
    connection.send_command("MULTI")
    assert connection.read_response() == b"OK"
    pool.release(connection)
    assert redis.Redis(connection_pool=pool).ping() is True


@pytest.mark.skipif(FREE_THREADED, reason="redis-py's cache loses entries into which two threads look at once")
def test_threads_share_a_cache_and_none_gets_anothers_reply(
    pool: respool.ConnectionPool, writer: redis.Redis, threads: Threads
) -> None:
    client = redis.Redis(connection_pool=pool)
    writer.mset({f"shared:{number}": f"value {number}" for number in range(8)})
    # All is cached, and nothing is invalidated: redis-py's proxy waits for a reply to what it has not sent if a value
    # is just being fetched by another thread, or goes between its look into the cache and its reading.
    for number in range(8):
        client.get(f"shared:{number}")

    def use(thread: int) -> None:
        for turn in range(300):
            number = (turn + thread) % 8
            assert client.get(f"shared:{number}") == f"value {number}".encode()
            sent = f"{thread}:{turn}".encode()
            assert client.echo(sent) == sent

    threads.together(4, use)

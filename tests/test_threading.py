"""Threads that meet anywhere get their own replies or errors, also where no GIL keeps them apart."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

import respool
from conftest import Threads, assert_sound
from servers import RedisServer

SECONDS = 1.5

# Whose connection is closed in the middle leaves it to the garbage collector, and says nothing of its socket.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def hammer(threads: Threads, works: list[Callable[[bytes], Any]]) -> None:
    """Run these again and again, each in a thread of its own; errors of redis-py's are as good as replies."""
    deadline = time.monotonic() + SECONDS

    def repeat(work: Callable[[bytes], Any], number: int) -> None:
        count = 0
        while time.monotonic() < deadline:
            count += 1
            try:
                work(b"%d-%d" % (number, count))
            except redis.RedisError:
                continue

    for number, work in enumerate(works):
        threads.start(repeat, work, number)
    threads.join()


def test_one_connection_for_many_threads_gives_nobody_anothers_reply(server: RedisServer, threads: Threads) -> None:
    with respool.ConnectionPool(**server.address, max_connections=1, socket_timeout=20) as pool:
        connection = pool.get_connection()

        def use(token: bytes) -> None:
            connection.send_command("ECHO", token)
            assert connection.read_response() == token

        def pack(token: bytes) -> None:
            connection.send_packed_command(connection.pack_commands([("ECHO", token), ("ECHO", b"x" * 20_000 + token)]))
            assert connection.read_response() == token
            assert connection.read_response() == b"x" * 20_000 + token

        def disturb(token: bytes) -> None:
            connection.mark_for_reconnect()
            connection.can_read(0)
            connection.disconnect()
            time.sleep(0.001)

        hammer(threads, [use, use, pack, disturb])
        pool.release(connection)
        with redis.Redis(connection_pool=pool) as client:
            assert client.echo("after") == b"after"
        assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("kind", [redis.Redis, respool.Redis])
def test_a_pool_and_a_client_for_many_threads_while_others_walk_and_close_it(
    server: RedisServer, threads: Threads, kind: Any
) -> None:
    with respool.ConnectionPool(**server.address, max_connections=3, timeout=20, socket_timeout=20) as pool:
        client = kind(connection_pool=pool)
        stale = pool.get_connection()
        pool.release(stale)

        def use(token: bytes) -> None:
            assert client.echo(token) == token

        def batch(token: bytes) -> None:
            with client.pipeline() as pipeline:
                assert pipeline.echo(token).echo(token).execute() == [token, token]

        def use_what_is_not_ours(token: bytes) -> None:
            stale.send_command("ECHO", token)
            assert stale.read_response() == token
            time.sleep(0.001)

        def disturb(token: bytes) -> None:
            for change in (pool.disconnect, pool.reset, pool._walk, pool.counts):
                change()
                time.sleep(0.002)

        hammer(threads, [use, use, use, batch, use_what_is_not_ours, disturb])
        assert_sound(pool, in_use=0, connecting=0, waiting=0)


def test_a_class_that_is_changed_while_threads_use_it_is_looked_at_anew(server: RedisServer, threads: Threads) -> None:
    class Client(respool.Redis):
        pass

    clients = [Client(**server.address), respool.Redis(**server.address)]
    seen = threading.Event()

    def parse_response(self: Any, *args: Any, **options: Any) -> Any:
        seen.set()
        return respool.Redis.parse_response(self, *args, **options)

    def use(token: bytes) -> None:
        for client in clients:
            assert client.echo(token) == token

    def change(token: bytes) -> None:
        Client.parse_response = parse_response  # type: ignore[method-assign]
        seen.clear()
        assert clients[0].echo(token) == token
        assert seen.is_set()
        del Client.parse_response

    hammer(threads, [use, use, change])
    for client in clients:
        client.close()

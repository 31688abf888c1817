"""Forks: the child begins with an empty pool and free locks, and the parent does not notice."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import redis

import respool
from conftest import Threads, assert_sound, until
from respool._pool import Pool
from servers import RedisServer
from stubs import Stub

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def start_child(work: Callable[[], Any]) -> int:
    """Fork and run `work` in the child, which then ends with 0, or with 1 if it raises; returns its pid."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    return pid


def in_child(work: Callable[[], Any], seconds: float = 20) -> None:
    """Fork, run `work` in the child, and fail if it raises there or does not end within `seconds`."""
    read_end, write_end = os.pipe()

    def reported() -> None:
        try:
            work()
        except BaseException as error:
            os.write(write_end, repr(error).encode()[:4000])
            raise

    pid = start_child(reported)
    os.close(write_end)
    try:
        ended = select.select([read_end], [], [], seconds)[0]
        if not ended:
            os.kill(pid, signal.SIGKILL)
        message = os.read(read_end, 4000).decode() if ended else "it hangs"
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(read_end)
    assert status == 0, f"in the child: {message or status}"


def test_the_child_begins_with_an_empty_pool_and_the_parent_keeps_its_own() -> None:
    pool = Pool(2, factory=Stub)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)

    def child() -> None:
        assert_sound(pool, created=0)
        pool.release(used)  # the parent's: ignored
        assert_sound(pool, created=0)
        mine = pool.get_connection()
        assert mine is not idle
        pool.release(mine)
        assert_sound(pool, created=1, idle=1)

    in_child(child)
    assert_sound(pool, created=2, idle=1, in_use=1)
    assert pool.get_connection() is idle


def test_no_child_hangs_whatever_other_threads_do_at_the_time_of_the_fork(threads: Threads) -> None:
    """Hundreds of forks while threads check out, return, wait, walk and close."""
    pool = Pool(3, timeout=None, factory=Stub)
    stop = threading.Event()

    def use() -> None:
        while not stop.is_set():
            pool.release(pool.get_connection())

    def walk() -> None:
        while not stop.is_set():
            with pool.walk_lock:
                pool._walk()

    def child() -> None:
        for _ in range(3):
            pool.release(pool.get_connection())
        with pool.walk_lock:
            pool._walk()
        assert_sound(pool, created=1, idle=1, waiting=0)

    for _ in range(6):
        threads.start(use)
    threads.start(walk)
    try:
        for _ in range(300):
            in_child(child)
    finally:
        stop.set()
        threads.join()
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


def test_a_child_does_not_inherit_a_walk_of_another_thread(threads: Threads) -> None:
    pool = Pool(1, factory=Stub)
    walking, go_on = threading.Event(), threading.Event()

    def walk() -> None:
        with pool.walk_lock:
            walking.set()
            assert go_on.wait(60)

    threads.start(walk)
    assert walking.wait(30)
    in_child(lambda: pool.release(pool.get_connection()))
    go_on.set()


def test_a_thread_that_forks_during_its_own_walk_goes_on_with_it_in_the_child() -> None:
    pool = Pool(1, factory=Stub)

    def child() -> None:
        pool.release(pool.get_connection())

    with pool.walk_lock:
        in_child(child)
    pool.release(pool.get_connection())


@pytest.mark.parametrize("pool_class", [respool.ConnectionPool, respool.BlockingConnectionPool])
def test_parent_and_child_both_go_on_with_connections_of_their_own(
    server: RedisServer, pool_class: type[respool.ConnectionPool]
) -> None:
    pool = pool_class(**server.address, client_name="forking")
    client = redis.Redis(connection_pool=pool)
    parent_id = client.client_id()

    def child() -> None:
        child_id = client.client_id()
        assert child_id != parent_id
        assert client.client_id() == child_id

    for _ in range(5):
        in_child(child)
    assert client.client_id() == parent_id
    pool.close()


def test_the_child_closes_inherited_sockets_without_a_word_to_the_server(server: RedisServer) -> None:
    pool = respool.ConnectionPool(**server.address, client_name="inherited")
    redis.Redis(connection_pool=pool).ping()
    [idle] = pool._available_connections
    descriptor = idle._sock.fileno()

    def child() -> None:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(descriptor)

    in_child(child)
    [entry] = server.connections_named("inherited")
    assert entry["cmd"] == "ping"
    pool.close()
    until(lambda: not server.connections_named("inherited"))


def test_forks_under_load_harm_no_reply_of_the_parent(server: RedisServer, threads: Threads) -> None:
    pool = respool.BlockingConnectionPool(**server.address, max_connections=3)
    client = redis.Redis(connection_pool=pool)
    stop = threading.Event()
    wrong: list[object] = []

    def use(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            sent = f"{number}-{turn}".encode()
            if client.echo(sent) != sent:
                wrong.append(sent)

    def child() -> None:
        assert client.echo("child") == b"child"

    for number in range(4):
        threads.start(use, number)
    try:
        for _ in range(60):
            in_child(child)
            time.sleep(0)
    finally:
        stop.set()
        threads.join()
    assert wrong == []
    assert_sound(pool, in_use=0, waiting=0)
    pool.close()

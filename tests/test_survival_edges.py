"""What goes wrong at the edges of survival: ends, interrupts, walks and losses amid what a pool does aside."""

from __future__ import annotations

import _thread
import asyncio
import os
import socket
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import pytest
import redis
from redis.backoff import ConstantBackoff

import respool
import respool.asyncio as aio
from conftest import Threads, assert_sound, lasting, until
from loops import on_each_loop
from respool._breaker import Breaker
from respool._leases import Tenant
from respool._wire import CLOSED_HERE
from respool.asyncio import _housekeeper
from stubs import AsyncDummy, Dummy
from tasks import until as until_here
from test_fork import in_child


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What finalizers raise."""
    raised: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", raised.append)
    return raised


# --- the housekeeper -------------------------------------------------------------------------------------------------

def test_a_closed_pool_makes_no_connection_and_has_no_housekeeper() -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4, min_idle=2)
    pool.wait_ready(30)
    housekeeper = pool._housekeeper
    pool.close()
    housekeeper._thread.join(30)
    assert pool._housekeeper is None
    assert_sound(pool, created=0)
    pool.release(pool.get_connection())  # used again, it is looked after again
    until(lambda: pool.idle >= 2)
    pool.close()


@on_each_loop
async def test_a_closed_pool_for_asyncio_makes_no_connection_and_has_no_housekeeper() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4, min_idle=2)
    await pool.wait_ready(30)
    await pool.aclose()
    assert pool._housekeeper is None
    assert_sound(pool, created=0)


def test_a_connection_that_dies_after_the_end_brings_no_housekeeper_back() -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4, min_idle=2)
    held = [pool.get_connection()]
    pool.close()
    held.clear()
    assert pool._housekeeper is None
    assert_sound(pool, created=0)


@pytest.mark.parametrize("option", [{"min_idle": 1}, {"max_idle_time": 0.01}], ids=str)
def test_a_housekeeper_does_not_take_the_pool_that_it_begins_to_look_after_for_closed(option: dict[str, Any]) -> None:
    with respool.ConnectionPool(Dummy, max_connections=4, **option) as pool:
        if "min_idle" not in option:
            pool.release(pool.get_connection())
        until(lambda: pool.idle == option.get("min_idle", 0))


def test_an_interrupt_while_the_housekeeper_begins_leaves_none_or_one(monkeypatch: pytest.MonkeyPatch) -> None:
    begin = threading.Thread.start
    begun = []

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        begun.append(thread)
        raise KeyboardInterrupt

    with respool.ConnectionPool(Dummy, max_connections=4, max_idle_time=60) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.get_connection()
        begun[0].join(30)
        assert not begun[0].is_alive()
        assert pool._housekeeper is None
        assert_sound(pool, created=0)
        pool.release(pool.get_connection())
        assert pool._housekeeper._thread.is_alive()


def test_who_takes_a_connection_gets_it_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with respool.ConnectionPool(Dummy, max_connections=4, max_idle_time=60) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", refused)
            pool.release(pool.get_connection())
        assert pool._housekeeper is None
        pool.release(pool.get_connection())
        assert pool._housekeeper is not None
        assert_sound(pool, created=1, idle=1)


def test_min_idle_set_where_no_loop_runs_is_made_with_the_first_use() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4)
    pool.resize(4, min_idle=2)

    async def use() -> None:
        await pool.release(await pool.get_connection())
        await until_here(lambda: pool.idle >= 2)
        await pool.aclose()

    asyncio.run(use())


def test_a_connection_that_dies_where_no_loop_runs_is_no_use_of_its_pool(unraisable: list[Any]) -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4, min_idle=1)
    held = []

    async def use() -> None:
        held.append(await pool.get_connection())
        await pool.aclose()

    asyncio.run(use())
    held.clear()
    assert not unraisable
    assert_sound(pool, created=0)


class Down(Dummy):
    """To a server that is down."""

    def connect(self) -> None:
        self.refused()

    @staticmethod
    def refused() -> None:
        raise redis.ConnectionError("down")


class AsyncDown(AsyncDummy):
    async def connect(self) -> None:
        Down.refused()


def test_who_waits_for_a_pool_to_be_ready_is_told_of_its_end(threads: Threads) -> None:
    pool = respool.ConnectionPool(Down, max_connections=4, min_idle=1)

    def wait() -> None:
        with pytest.raises(respool.ConnectionPoolClosedError):
            pool.wait_ready(None)

    threads.start(wait)
    until(lambda: pool._housekeeper._watchers)
    pool.close()
    threads.join()


@on_each_loop
async def test_a_task_that_waits_for_a_pool_to_be_ready_is_told_of_its_end() -> None:
    pool = aio.ConnectionPool(AsyncDown, max_connections=4, min_idle=1)
    waiting = asyncio.ensure_future(pool.wait_ready(None))
    await until_here(lambda: pool._housekeeper and pool._housekeeper._watchers)
    await pool.aclose()
    with pytest.raises(respool.ConnectionPoolClosedError):
        await asyncio.wait_for(waiting, 30)


def test_a_leak_that_is_due_between_two_looks_does_not_end_the_housekeeper(monkeypatch: pytest.MonkeyPatch) -> None:
    with respool.ConnectionPool(Dummy, max_connections=1, leak_threshold=60) as pool:
        held = pool.get_connection()
        (tenant,) = pool._tenants()
        ages = iter((59.9, 60.1))
        monkeypatch.setattr(Tenant, "seconds", property(lambda tenant: next(ages)))
        assert pool._tell_leaks() == 0.0
        assert not tenant.reported
        monkeypatch.undo()
        pool.release(held)


def test_a_housekeeper_waits_for_who_walks_the_pool() -> None:
    with respool.ConnectionPool(Dummy, max_connections=1, keepalive_interval=0.001) as pool:
        pool.release(pool.get_connection())
        pool._end_housekeeping()  # the test takes its place
        with pool._lock:
            until(lambda: (pool._until_due() or 0.0) > 0.1)
        until(lambda: pool._until_due() == 0.0)


class Silent(AsyncDummy):
    """To a server that never answers."""

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("waiting", [0, 3])
@on_each_loop
async def test_a_loop_that_ends_is_left_no_task_of_a_pool(
    waiting: int, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_housekeeper, "SOON", 3600)  # the loop has ended by then, however slow the machine
    pool = aio.ConnectionPool(Silent, max_connections=4, min_idle=2, timeout=None, max_connecting=2)
    used = [pool.get_available_connection() for _ in range(held)]
    others = asyncio.all_tasks()
    asking = [asyncio.ensure_future(pool.get_connection()) for _ in range(waiting)]
    await until_here(lambda: pool.connecting)
    tasks = asyncio.all_tasks() - others  # as asyncio.run does
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    for _ in range(4):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == others
    assert_sound(pool, created=len(used))
    assert all(task.done() for task in asking)
    await pool.aclose()


# --- ages ------------------------------------------------------------------------------------------------------------

def test_a_connection_that_goes_from_caller_to_caller_is_not_taken_for_one_that_rests(threads: Threads) -> None:
    with respool.ConnectionPool(Dummy, max_connections=1, timeout=30, max_idle_time=0.02) as pool:

        def next_one() -> None:
            pool.release(pool.get_connection())

        connection = pool.get_connection()
        threads.start(next_one)
        until(lambda: pool.waiting == 1)
        time.sleep(0.03)  # longer than it may rest, if it did
        pool.release(connection)
        threads.join()
        assert "disconnect" not in connection.calls


@on_each_loop
async def test_a_connection_that_goes_from_task_to_task_is_not_taken_for_one_that_rests() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=1, timeout=30, max_idle_time=0.02)
    connection = await pool.get_connection()
    other = asyncio.ensure_future(pool.get_connection())
    await until_here(lambda: pool.waiting == 1)
    await asyncio.sleep(0.03)  # longer than it may rest, if it did
    await pool.release(connection)
    assert await other is connection
    await pool.release(connection)
    assert "disconnect" not in connection.calls
    await pool.aclose()


# --- dials -----------------------------------------------------------------------------------------------------------

def test_an_interrupt_while_a_dial_begins_leaves_its_place_to_the_dial(
    monkeypatch: pytest.MonkeyPatch, threads: Threads
) -> None:
    begin = _thread.start_new_thread
    dialling, go_on = threading.Event(), threading.Event()

    class Slow(Dummy):
        def connect(self) -> None:
            dialling.set()
            assert go_on.wait(30)
            super().connect()

    def interrupted(*work: Any) -> None:
        begin(*work)
        assert dialling.wait(30)
        raise KeyboardInterrupt

    with respool.ConnectionPool(Slow, max_connections=1, timeout=30, max_connecting=1) as pool:
        with monkeypatch.context() as patch:
            patch.setattr(_thread, "start_new_thread", interrupted)
            with pytest.raises(KeyboardInterrupt):
                pool.get_connection()
        assert_sound(pool, created=1, connecting=1, waiting=0)
        go_on.set()
        until(lambda: pool.idle == 1)
        assert_sound(pool, created=1, idle=1)


def test_what_a_signal_handler_raises_while_a_dial_begins_is_for_who_was_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class TimeLimitError(Exception):
        pass

    def interrupted(*work: Any) -> None:
        raise TimeLimitError

    with respool.ConnectionPool(Dummy, max_connections=2, timeout=30, max_connecting=2) as pool:
        held = pool.get_connection()
        with monkeypatch.context() as patch:
            patch.setattr(_thread, "start_new_thread", interrupted)
            with pytest.raises(TimeLimitError):
                pool.get_connection()
        assert_sound(pool, created=1, in_use=1)
        pool.release(held)


@on_each_loop
async def test_a_dial_that_is_cancelled_before_its_first_step_gives_its_place_back() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=1, timeout=30, max_connecting=1)
    asking = asyncio.ensure_future(pool.get_connection())
    await asyncio.sleep(0)
    assert_sound(pool, created=1, connecting=1, waiting=1)
    await pool.aclose()
    with pytest.raises(respool.ConnectionPoolClosedError):
        await asking
    assert_sound(pool, created=0)
    await pool.release(await pool.get_connection())
    await pool.aclose()


def test_who_is_in_line_is_dialled_for_after_somebody_has_made_a_connection_of_his_own(threads: Threads) -> None:
    making, go_on = threading.Event(), threading.Event()

    class Slow(Dummy):
        def __init__(self, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            if not making.is_set():
                making.set()
                assert go_on.wait(30)

    with respool.ConnectionPool(Slow, max_connections=4, timeout=30, max_connecting=2) as pool:
        held: list[Any] = []
        threads.start(lambda: held.append(pool.make_connection()))
        assert making.wait(30)
        threads.start(lambda: held.append(pool.get_connection()))
        until(lambda: pool.waiting == 1)
        with lasting(0, 0.4):  # and not only when he looks again himself
            go_on.set()
            threads.join()
        assert_sound(pool, created=2, in_use=2)


def out_of_order(pool: Any) -> None:
    """Let the breaker of a pool be open until further notice."""
    pool._breaker._pauses = ConstantBackoff(3600)
    with suppress(redis.ConnectionError), pool._breaker.attempt():
        Down.refused()


def test_who_waits_for_what_others_hold_is_dialled_for_when_the_server_may_be_tried_again(threads: Threads) -> None:
    with respool.ConnectionPool(Dummy, max_connections=4, timeout=30, max_connecting=1, probe_interval=60) as pool:
        held = [pool.get_connection()]
        out_of_order(pool)
        threads.start(lambda: held.append(pool.get_connection()))
        until(lambda: pool.waiting == 1)
        pool._breaker._forget()
        threads.join()
        assert_sound(pool, created=2, in_use=2)


@on_each_loop
async def test_a_task_that_waits_for_what_others_hold_is_dialled_for_when_the_server_may_be_tried_again() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4, timeout=30, max_connecting=1, probe_interval=60)
    held = [await pool.get_connection()]
    out_of_order(pool)
    asking = asyncio.ensure_future(pool.get_connection())
    await until_here(lambda: pool.waiting == 1)
    pool._breaker._forget()
    held.append(await asking)
    assert_sound(pool, created=2, in_use=2)
    await pool.aclose()


def test_a_dial_that_the_pool_has_forgotten_fails_for_nobody(threads: Threads) -> None:
    begun = [threading.Event(), threading.Event()]
    go_on = [threading.Event(), threading.Event()]

    class Slow(Dummy):
        def connect(self) -> None:
            number = 0 if not begun[0].is_set() else 1
            begun[number].set()
            assert go_on[number].wait(30)
            if number == 0:
                Down.refused()

    with respool.ConnectionPool(Slow, max_connections=4, timeout=30, max_connecting=1) as pool:
        held: list[Any] = []
        threads.start(lambda: held.append(pool.get_connection()))
        assert begun[0].wait(30)
        pool.reset()
        assert begun[1].wait(30)
        before = pool.stats().connections_errors
        go_on[0].set()
        until(lambda: pool.stats().connections_errors > before)
        go_on[1].set()
        threads.join()
        assert_sound(pool, created=1, in_use=1)


# --- the breaker -----------------------------------------------------------------------------------------------------

def test_a_breaker_that_somebody_is_interrupted_in_can_be_asked_by_him_and_by_others(threads: Threads) -> None:
    breaker = Breaker(60)
    refusals = []

    class OneThatAsks(redis.ConnectionError):
        def __str__(self) -> str:  # asked for in the middle of it
            refusals.append(breaker.refusal())
            threads.start(lambda: refusals.append(breaker.refusal()))
            threads.join()
            return "interrupted"

    with suppress(redis.ConnectionError), breaker.attempt():
        raise OneThatAsks
    assert refusals == [None, None]
    assert breaker.is_open


def test_a_probe_that_does_not_end_is_not_waited_for_longer_than_the_longest_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    breaker = Breaker(0.05)
    monkeypatch.setattr(breaker, "_pauses", ConstantBackoff(0))
    with suppress(redis.ConnectionError), breaker.attempt():
        Down.refused()
    hanging = breaker.attempt()
    assert breaker.refusal() is not None
    until(lambda: breaker.refusal() is None)
    with breaker.attempt():
        assert breaker.refusal() is not None
    with suppress(redis.ConnectionError), hanging:  # when it ends after all, it is no news
        pass
    assert not breaker.is_open


def test_a_probe_that_is_lost_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    breaker = Breaker(60)
    monkeypatch.setattr(breaker, "_pauses", ConstantBackoff(0))
    with suppress(redis.ConnectionError), breaker.attempt():
        Down.refused()
    probe = breaker.attempt()
    with pytest.raises(respool.ConnectionPoolUnavailableError, match="another is under way"):
        breaker.attempt()
    del probe
    with breaker.attempt():
        pass
    assert not breaker.is_open


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError(), redis.ConnectionError(CLOSED_HERE)])
def test_an_attempt_that_is_interrupted_or_closed_here_says_nothing_of_the_server(
    error: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaker = Breaker(60)
    with suppress(type(error)), breaker.attempt():
        raise error
    assert not breaker.is_open
    monkeypatch.setattr(breaker, "_pauses", ConstantBackoff(0))
    with suppress(redis.ConnectionError), breaker.attempt():
        Down.refused()
    probe = breaker.attempt()
    with suppress(type(error)), probe:
        raise error
    assert breaker.is_open
    assert breaker.refusal() is None  # the next one may


def test_a_pool_disconnected_in_the_middle_of_a_dial_does_not_take_its_server_for_down(threads: Threads) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with respool.ConnectionPool(port=silent.getsockname()[1], max_connections=1, probe_interval=60) as pool:

            def ask() -> None:
                with pytest.raises(redis.ConnectionError):
                    pool.get_connection()

            threads.start(ask)
            with silent.accept()[0] as peer:
                peer.recv(1000)
                pool.disconnect()
                threads.join()
            assert not pool._breaker.is_open


# --- the end ---------------------------------------------------------------------------------------------------------

def refuses(pool: respool.ConnectionPool) -> bool:
    """Whether it takes nobody any more."""
    try:
        pool.release(pool.get_connection())
    except respool.ConnectionPoolClosedError:
        return True
    return False


def test_a_pool_that_is_walked_as_it_begins_to_drain_is_empty_in_the_end(threads: Threads) -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4)
    pool.release(pool.get_connection())
    drained = []
    with pool._lock:
        threads.start(lambda: drained.append(pool.drain()))
        until(lambda: refuses(pool))
    threads.join()
    assert drained == [True]
    assert_sound(pool, created=0)


@on_each_loop
async def test_a_pool_for_asyncio_that_is_walked_as_it_begins_to_drain_is_empty_in_the_end() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4)
    await pool.release(await pool.get_connection())
    async with pool._lock:
        draining = asyncio.ensure_future(pool.drain())
        await asyncio.sleep(0)
    assert await asyncio.wait_for(draining, 30)
    assert_sound(pool, created=0)


@on_each_loop
async def test_a_pool_that_forgets_its_connections_while_it_drains_is_empty() -> None:
    pool = aio.ConnectionPool(AsyncDummy, max_connections=4)
    held = await pool.get_connection()
    draining = asyncio.ensure_future(pool.drain())
    await asyncio.sleep(0)
    pool.reset()
    assert await asyncio.wait_for(draining, 30)
    await pool.release(held)
    assert_sound(pool, created=0)


def test_min_idle_that_could_not_be_made_during_a_walk_is_made_after_it() -> None:
    with respool.ConnectionPool(Dummy, max_connections=4) as pool:
        tend, rounds = pool._tend, []
        pool._tend = lambda: rounds.append(tend())  # type: ignore[method-assign]
        with pool._lock:
            pool.resize(4, min_idle=2)
            until(lambda: len(rounds) == 1)
            assert_sound(pool, created=0)
        pool.wait_ready(None)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_child_of_who_drains_its_pool_can_use_it() -> None:
    pool = respool.ConnectionPool(Dummy, max_connections=4)

    def end_and_use() -> None:  # below a signal handler that has forked, the child goes on with it
        pool._end_drain()
        pool.release(pool.get_connection())
        assert_sound(pool, created=1, idle=1)

    pool._begin_drain()
    in_child(end_and_use)
    pool._end_drain()

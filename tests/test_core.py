"""The core on stub connections: who owns, who waits, in what order; single steps, ordered by events."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import weakref
from typing import Any

import pytest

from conftest import Threads, assert_sound, until
from respool._pool import Pool
from stubs import Stub


def pool_of(max_connections: int, **kwargs: Any) -> Pool:
    kwargs.setdefault("factory", Stub)
    kwargs.setdefault("closer", Stub.close)
    return Pool(max_connections, **kwargs)


class StubError(Exception):
    pass


# --- who gets which connection -------------------------------------------------------------------------------

def test_the_connection_idle_longest_is_taken_first() -> None:
    pool = pool_of(3)
    first, second, third = (pool.get_connection() for _ in range(3))
    for connection in (second, third, first):
        pool.release(connection)
    assert [pool.get_connection() for _ in range(3)] == [second, third, first]


def test_in_lifo_order_the_connection_returned_last_is_taken_first() -> None:
    pool = pool_of(3, order="lifo")
    first, second, third = (pool.get_connection() for _ in range(3))
    for connection in (second, third, first):
        pool.release(connection)
    assert [pool.get_connection() for _ in range(3)] == [first, third, second]


def test_an_idle_connection_is_preferred_to_a_new_one() -> None:
    pool = pool_of(5)
    connection = pool.get_connection()
    pool.release(connection)
    assert pool.get_connection() is connection
    assert_sound(pool, created=1, in_use=1)


def test_without_a_timeout_exhaustion_is_an_error_at_once() -> None:
    pool = pool_of(1)
    connection = pool.get_connection()
    with pytest.raises(RuntimeError, match="exhausted"):
        pool.get_connection()
    pool.release(connection)
    assert_sound(pool, created=1, idle=1)


def test_a_hundred_waiters_are_served_in_order_of_arrival(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    served: list[int] = []

    def wait(number: int) -> None:
        mine = pool.get_connection()
        served.append(number)
        pool.release(mine)

    for number in range(100):
        threads.start(wait, number)
        until(lambda arrived=number + 1: pool.waiting == arrived)
    pool.release(connection)
    threads.join()
    assert served == list(range(100))
    assert_sound(pool, created=1, idle=1, waiting=0)


def test_a_newcomer_does_not_overtake_who_waits(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    got = threading.Event()
    go_on = threading.Event()

    def wait() -> None:
        mine = pool.get_connection()
        got.set()
        go_on.wait(30)
        pool.release(mine)

    threads.start(wait)
    until(lambda: pool.waiting == 1)
    pool.release(connection)
    # The connection is the waiter's from this moment, whether or not its thread has run since.
    assert_sound(pool, idle=0, in_use=1, waiting=0)
    pool._set_timeout(0)
    with pytest.raises(RuntimeError, match="exhausted"):
        pool.get_connection()
    assert got.wait(30)
    go_on.set()


def test_thirty_two_threads_share_two_connections_evenly(threads: Threads) -> None:
    pool = pool_of(2, timeout=None)
    turns = [0] * 32
    left = iter(range(6400))

    def take_turns(number: int) -> None:
        while next(left, None) is not None:
            connection = pool.get_connection()
            turns[number] += 1
            time.sleep(0)
            pool.release(connection)

    threads.together(32, take_turns)
    assert max(turns) <= 2 * min(turns), turns
    assert_sound(pool, idle=2, in_use=0, waiting=0)


# --- waiting -------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("timeout", [0.02, 0.2, 0.5])
def test_a_waiter_gives_up_when_its_time_is_over_and_not_before(timeout: float) -> None:
    pool = pool_of(1, timeout=timeout)
    connection = pool.get_connection()
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        pool.get_connection()
    waited = time.monotonic() - started
    assert timeout <= waited < timeout + 0.15
    assert_sound(pool, waiting=0)
    pool.release(connection)


def test_no_connection_is_lost_between_a_time_out_and_a_hand_over(threads: Threads) -> None:
    pool = pool_of(1, timeout=0.0004)
    outcomes = {"got": 0, "timed out": 0}
    rounds = 3000
    meet = threading.Barrier(2)

    def wait() -> None:
        for _ in range(rounds):
            meet.wait(30)
            try:
                mine = pool.get_connection()
            except TimeoutError:
                outcomes["timed out"] += 1
            else:
                outcomes["got"] += 1
                pool.release(mine)
            meet.wait(30)

    threads.start(wait)
    for number in range(rounds):
        connection = pool.get_connection()
        meet.wait(30)
        # Sweeps over the moment at which the waiter gives up.
        due = time.perf_counter() + 0.0002 + number % 100 * 0.000005
        while time.perf_counter() < due:
            time.sleep(0)
        pool.release(connection)
        meet.wait(30)
        assert_sound(pool, created=1, idle=1, waiting=0)
    threads.join()
    assert min(outcomes.values()) > 0, f"the race was not run: {outcomes}"


def test_a_late_delivery_is_accepted_rather_than_lost(threads: Threads) -> None:
    """A waiter whose time is over but who has been served takes what it was given."""
    pool = pool_of(1, timeout=0.05)
    connection = pool.get_connection()
    result: list[Any] = []

    def wait() -> None:
        result.append(pool.get_connection())

    threads.start(wait)
    until(lambda: pool.waiting == 1)
    pool.release(connection)
    threads.join()
    assert result == [connection]


def test_only_so_many_may_wait(threads: Threads) -> None:
    pool = pool_of(1, timeout=None, max_waiting=2)
    connection = pool.get_connection()

    def wait() -> None:
        pool.release(pool.get_connection())

    threads.start(wait)
    threads.start(wait)
    until(lambda: pool.waiting == 2)
    with pytest.raises(RuntimeError, match="overloaded"):
        pool.get_connection()
    assert_sound(pool, waiting=2)
    pool.release(connection)
    threads.join()
    assert_sound(pool, idle=1, waiting=0)


@pytest.mark.parametrize("timeout", [None, 60])
def test_ctrl_c_ends_a_wait_and_leaves_the_line(threads: Threads, timeout: float | None) -> None:
    pool = pool_of(1, timeout=timeout)
    connection = pool.get_connection()

    def interrupt() -> None:
        until(lambda: pool.waiting == 1)
        os.kill(os.getpid(), signal.SIGINT)

    threads.start(interrupt)
    with pytest.raises(KeyboardInterrupt):
        pool.get_connection()
    assert_sound(pool, in_use=1, waiting=0)
    pool.release(connection)
    assert pool.get_connection() is connection


def test_ctrl_c_after_delivery_gives_the_connection_to_the_next(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    next_one: list[Any] = []

    def release_then_interrupt(signum: int, frame: object) -> None:
        pool.release(connection)  # served: the waiter that this handler interrupts
        raise KeyboardInterrupt

    def interrupt() -> None:
        until(lambda: pool.waiting == 1)
        threads.start(lambda: next_one.append(pool.get_connection()))
        until(lambda: pool.waiting == 2)
        os.kill(os.getpid(), signal.SIGUSR1)

    previous = signal.signal(signal.SIGUSR1, release_then_interrupt)
    try:
        starter = threading.Thread(target=interrupt)
        starter.start()
        with pytest.raises(KeyboardInterrupt):
            pool.get_connection()
        starter.join()
    finally:
        signal.signal(signal.SIGUSR1, previous)
    threads.join()
    assert next_one == [connection]
    assert_sound(pool, in_use=1, waiting=0)


def test_a_signal_handler_may_use_the_pool_that_it_interrupts() -> None:
    pool = pool_of(2, timeout=None)
    calls = 0

    def use_pool(signum: int, frame: object) -> None:
        nonlocal calls
        pool.release(pool.get_connection())
        calls += 1

    previous = signal.signal(signal.SIGALRM, use_pool)
    try:
        for turn in range(1000):
            signal.setitimer(signal.ITIMER_REAL, 0.00002 + turn % 97 * 0.000001)  # once, somewhere below
            while calls == turn:
                pool.release(pool.get_connection())
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert_sound(pool, in_use=0, waiting=0)


def test_a_signal_handler_that_raises_anywhere_costs_no_slot() -> None:
    pool = pool_of(2)

    def interrupt(signum: int, frame: object) -> None:
        raise StubError

    previous = signal.signal(signal.SIGALRM, interrupt)
    try:
        for turn in range(5000):
            with pytest.raises(StubError):
                signal.setitimer(signal.ITIMER_REAL, 0.00002 + turn % 97 * 0.000001)  # once, somewhere below
                while True:
                    connection = pool.get_connection()
                    pool.release(connection)
                    del connection
            connection = None  # a caller that was interrupted before its release keeps nothing
    finally:
        signal.signal(signal.SIGALRM, previous)
    assert_sound(pool, in_use=0, waiting=0)


# --- building ------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("error", [StubError, KeyboardInterrupt, SystemExit, MemoryError])
def test_a_constructor_that_raises_costs_no_slot(error: type[BaseException]) -> None:
    def fail() -> Any:
        raise error

    pool = pool_of(1, factory=fail)
    for _ in range(3):
        with pytest.raises(error):
            pool.get_connection()
        assert_sound(pool, created=0)


def test_a_failed_construction_lets_the_next_in_line_try(threads: Threads) -> None:
    entered, go_on = threading.Event(), threading.Event()
    attempts: list[int] = []

    def fail_once() -> Stub:
        attempts.append(1)
        if len(attempts) == 1:
            entered.set()
            go_on.wait(30)
            raise StubError
        return Stub()

    pool = pool_of(1, timeout=None, factory=fail_once)

    def expect_failure() -> None:
        with pytest.raises(StubError):
            pool.get_connection()

    threads.start(expect_failure)
    assert entered.wait(30)
    assert_sound(pool, created=1, connecting=1)
    result: list[Any] = []
    threads.start(lambda: result.append(pool.get_connection()))
    until(lambda: pool.waiting == 1)
    go_on.set()
    threads.join()
    assert len(result) == 1 and len(attempts) == 2
    assert_sound(pool, created=1, in_use=1, connecting=0, waiting=0)


def test_a_slow_construction_holds_up_nobody_else(threads: Threads) -> None:
    slow, go_on = threading.Event(), threading.Event()

    def build() -> Stub:
        if threading.current_thread() is not threading.main_thread():
            slow.set()
            assert go_on.wait(30)
        return Stub()

    pool = pool_of(2, factory=build)
    threads.start(lambda: pool.release(pool.get_connection()))
    assert slow.wait(30)
    connection = pool.get_connection()
    pool.release(connection)
    assert pool.get_connection() is connection
    assert_sound(pool, created=2, in_use=1, connecting=1)
    go_on.set()
    threads.join()


@pytest.mark.parametrize("made", [None])
def test_a_factory_that_makes_nothing_is_an_error(made: object) -> None:
    pool = pool_of(1, factory=lambda: made)
    with pytest.raises(TypeError, match="None"):
        pool.get_connection()
    assert_sound(pool, created=0)


def test_a_factory_that_makes_the_same_twice_does_not_give_one_connection_to_two_callers() -> None:
    only = Stub()
    pool = pool_of(2, factory=lambda: only)
    assert pool.get_connection() is only
    with pytest.raises(RuntimeError, match="twice"):
        pool.get_connection()
    assert_sound(pool, created=1, in_use=1)


def test_the_cap_holds_under_a_stampede(threads: Threads) -> None:
    alive: set[int] = set()
    most = 0
    lock = threading.Lock()

    def build() -> Stub:
        nonlocal most
        stub = Stub()
        with lock:
            alive.add(id(stub))
            most = max(most, len(alive))
        return stub

    def close(stub: Stub) -> None:
        with lock:
            alive.discard(id(stub))

    pool = pool_of(8, timeout=None, factory=build, closer=close, inspector=lambda stub: id(stub) % 3 != 0)

    def stampede(number: int) -> None:
        for _ in range(100):
            connection = pool.get_connection()
            time.sleep(0)
            pool.release(connection)

    threads.together(64, stampede)
    assert 0 < most <= 8
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


# --- returning -----------------------------------------------------------------------------------------------

def test_a_second_release_is_ignored() -> None:
    pool = pool_of(2)
    connection = pool.get_connection()
    pool.release(connection)
    pool.release(connection)
    assert_sound(pool, created=1, idle=1)
    assert pool.get_connection() is connection
    assert pool.get_connection() is not connection


def test_a_release_by_many_threads_at_once_counts_once(threads: Threads) -> None:
    for _ in range(50):
        pool = pool_of(2)
        connection = pool.get_connection()
        threads.together(8, lambda _, pool=pool, connection=connection: pool.release(connection))
        assert_sound(pool, created=1, idle=1)


@pytest.mark.parametrize("stranger", [Stub(), None, 7, "connection", object()])
def test_a_stranger_is_not_taken_in(stranger: object) -> None:
    pool = pool_of(1)
    pool.release(stranger)
    assert_sound(pool, created=0)


def test_another_pools_connection_is_not_taken_in() -> None:
    pool, other = pool_of(1), pool_of(1)
    connection = other.get_connection()
    pool.release(connection)
    assert_sound(pool, created=0)
    assert_sound(other, in_use=1)
    assert not connection.closed


def test_what_the_inspector_refuses_is_closed_and_its_place_is_free() -> None:
    pool = pool_of(1, inspector=lambda connection: False)
    connection = pool.get_connection()
    pool.release(connection)
    assert connection.closed
    assert_sound(pool, created=0)


@pytest.mark.parametrize("error", [StubError, KeyboardInterrupt])
def test_an_inspector_that_raises_costs_no_slot(error: type[BaseException]) -> None:
    def fail(connection: Stub) -> bool:
        raise error

    pool = pool_of(1, inspector=fail)
    connection = pool.get_connection()
    with pytest.raises(error):
        pool.release(connection)
    assert connection.closed
    assert_sound(pool, created=0)


@pytest.mark.parametrize("error", [StubError, KeyboardInterrupt])
def test_a_closer_that_raises_costs_no_slot(error: type[BaseException]) -> None:
    def fail(connection: Stub) -> None:
        raise error

    pool = pool_of(1, closer=fail, inspector=lambda connection: False)
    with pytest.raises(error):
        pool.release(pool.get_connection())
    assert_sound(pool, created=0)


# --- connections that are never returned ---------------------------------------------------------------------

def test_a_connection_that_its_caller_loses_gives_its_slot_back() -> None:
    pool = pool_of(1)
    for _ in range(3):
        connection = pool.get_connection()
        assert_sound(pool, in_use=1)
        del connection
        assert_sound(pool, created=0)


def test_a_lost_connection_lets_the_next_in_line_build_one(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    threads.start(lambda: pool.release(pool.get_connection()))
    until(lambda: pool.waiting == 1)
    del connection
    threads.join()
    assert_sound(pool, created=1, idle=1, waiting=0)


@pytest.mark.parametrize("timeout", [None, 30])
def test_a_connection_lost_in_a_reference_cycle_is_found_before_a_caller_goes_without(
    collector_at_rest: None, timeout: float | None
) -> None:
    pool = pool_of(1, timeout=timeout)
    connection = pool.get_connection()
    connection.me = connection
    del connection
    assert_sound(pool, in_use=1)
    pool.get_connection()


def test_callers_who_wait_do_not_collect_garbage_all_the_time(collector_at_rest: None) -> None:
    pool = pool_of(1, timeout=0.5)
    connection = pool.get_connection()
    collections = sum(generation["collections"] for generation in gc.get_stats())
    for _ in range(3):
        with pytest.raises(TimeoutError):
            pool.get_connection()
    assert sum(generation["collections"] for generation in gc.get_stats()) - collections <= 3
    pool.release(connection)


def test_garbage_collection_that_the_program_switched_off_stays_off(collector_at_rest: None) -> None:
    pool = pool_of(1, timeout=0.1)
    connection = pool.get_connection()
    connection.me = connection
    gc.disable()
    del connection
    with pytest.raises(TimeoutError):
        pool.get_connection()


def test_connections_that_cannot_be_weakly_referenced_are_pooled_all_the_same() -> None:
    class Rigid:
        __slots__ = ()

    pool = Pool(1, factory=Rigid)
    connection = pool.get_connection()
    pool.release(connection)
    assert pool.get_connection() is connection
    assert_sound(pool, in_use=1)


def test_a_dropped_pool_and_its_connections_go_at_once() -> None:
    pool = pool_of(3)
    held = pool.get_connection()
    idle = [pool.get_connection() for _ in range(2)]
    references = [weakref.ref(connection) for connection in idle]
    gc.disable()
    try:
        for connection in idle:
            pool.release(connection)
        del idle, connection, pool
        assert [reference() for reference in references] == [None, None]
        del held
    finally:
        gc.enable()


class Reentrant(Stub):
    """A connection whose end comes back to its pool."""

    def __init__(self, pool: weakref.ref[Pool]) -> None:
        self.pool = pool
        self.me = self  # so that the collector ends it, at a moment of its own choosing

    def __del__(self) -> None:
        pool = self.pool()
        if pool is not None:
            pool.counts()
            connection = pool.get_connection()
            pool.release(connection)


def test_a_finalizer_may_use_the_pool_whenever_it_runs(threads: Threads) -> None:
    pool: Pool = pool_of(100, timeout=None, factory=lambda: Reentrant(weakref.ref(pool)))
    threshold = gc.get_threshold()
    gc.set_threshold(3)

    def use(number: int) -> None:
        for turn in range(100):
            connection = pool.get_connection()
            if turn % 3:
                pool.release(connection)
            del connection

    try:
        threads.together(4, use)
    finally:
        gc.set_threshold(*threshold)
    gc.collect()
    assert_sound(pool, in_use=0, connecting=0, waiting=0)


# --- the pool as a whole -------------------------------------------------------------------------------------

def test_close_closes_idle_connections_and_the_others_as_they_come_back() -> None:
    pool = pool_of(2)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    pool._close()
    assert idle.closed and not used.closed
    assert_sound(pool, created=1, in_use=1)
    pool.release(used)
    assert used.closed
    assert_sound(pool, created=0)


def test_close_wakes_those_who_wait_with_an_error(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    refused: list[BaseException] = []

    def wait() -> None:
        try:
            pool.get_connection()
        except RuntimeError as error:
            refused.append(error)

    for _ in range(5):
        threads.start(wait)
    until(lambda: pool.waiting == 5)
    pool._close()
    threads.join()
    assert [str(error) for error in refused] == ["no connection: closed"] * 5
    assert_sound(pool, waiting=0)
    pool.release(connection)


def test_a_closed_pool_can_be_used_again() -> None:
    pool = pool_of(1)
    pool.release(pool.get_connection())
    pool._close()
    connection = pool.get_connection()
    assert not connection.closed
    pool.release(connection)
    assert_sound(pool, idle=1)


def test_close_closes_all_even_if_closing_one_fails() -> None:
    closed: list[Stub] = []

    def close(connection: Stub) -> None:
        closed.append(connection)
        if len(closed) == 1:
            raise StubError

    pool = pool_of(3, closer=close)
    for connection in [pool.get_connection() for _ in range(3)]:
        pool.release(connection)
    with pytest.raises(StubError):
        pool._close()
    assert len(closed) == 3
    assert_sound(pool, created=0)


def test_a_higher_limit_serves_those_who_wait(threads: Threads) -> None:
    pool = pool_of(1, timeout=None)
    connection = pool.get_connection()
    got: list[Any] = []
    for _ in range(3):
        threads.start(lambda: got.append(pool.get_connection()))
    until(lambda: pool.waiting == 3)
    pool._set_limit(3)
    until(lambda: len(got) == 2)
    assert_sound(pool, in_use=3, waiting=1)
    pool.release(connection)
    threads.join()
    assert_sound(pool, in_use=3, waiting=0)


def test_a_lower_limit_closes_what_is_too_many() -> None:
    pool = pool_of(3)
    connections = [pool.get_connection() for _ in range(3)]
    pool.release(connections[0])
    pool._set_limit(1)
    assert connections[0].closed
    pool.release(connections[1])
    pool.release(connections[2])
    assert connections[1].closed and not connections[2].closed
    assert_sound(pool, created=1, idle=1)


def test_reset_forgets_everything_and_serves_those_who_wait(threads: Threads) -> None:
    pool = pool_of(2, timeout=None)
    idle, used = pool.get_connection(), pool.get_connection()
    got: list[Any] = []
    threads.start(lambda: got.append(pool.get_connection()))
    until(lambda: pool.waiting == 1)
    pool._reset()
    threads.join()
    assert len(got) == 1
    pool.release(used)
    pool.release(idle)
    assert_sound(pool, created=1, in_use=1)


# --- walking -------------------------------------------------------------------------------------------------

def test_while_somebody_walks_the_pool_it_stands_still(threads: Threads) -> None:
    pool = pool_of(3, timeout=0.05)
    idle, used = pool.get_connection(), pool.get_connection()
    pool.release(idle)
    done: list[str] = []
    with pool.walk_lock:
        with pool.walk_lock:  # reentrant
            threads.start(lambda: (pool.release(used), done.append("released")))
            threads.start(lambda: (pool.counts(), done.append("counted")))

            def fail_to_take() -> None:
                with pytest.raises(TimeoutError):
                    pool.get_connection()
                done.append("timed out")

            threads.start(fail_to_take)
            until(lambda: sorted(done) == ["counted", "timed out"])
        assert pool._walk() == ([idle], [used])
    threads.join()
    assert "released" in done
    assert_sound(pool, idle=2, in_use=0)


def test_the_walker_itself_may_use_the_pool() -> None:
    pool = pool_of(1, timeout=None)
    with pool.walk_lock:
        connection = pool.get_connection()
        with pytest.raises(RuntimeError, match="exhausted"):  # and does not wait for what it holds up
            pool.get_connection()
        pool.release(connection)
    assert_sound(pool, idle=1)


def test_a_connection_built_while_somebody_walked_is_built_anew(threads: Threads) -> None:
    building, go_on = threading.Event(), threading.Event()
    built: list[Stub] = []

    def build() -> Stub:
        built.append(Stub())
        building.set()
        assert go_on.wait(30)
        return built[-1]

    pool = pool_of(1, factory=build)
    got: list[Any] = []
    threads.start(lambda: got.append(pool.get_connection()))
    assert building.wait(30)
    with pool.walk_lock:
        go_on.set()
        assert pool._walk() == ([], [])
    threads.join()
    assert len(built) == 2 and got == [built[1]]
    assert_sound(pool, created=1, in_use=1)


def test_the_walk_lock_of_another_thread_cannot_be_released(threads: Threads) -> None:
    pool = pool_of(1)

    def release() -> None:
        with pytest.raises(RuntimeError, match="not acquired"):
            pool.walk_lock.release()

    with pool.walk_lock:
        threads.start(release)
        threads.join()


def test_ctrl_c_while_a_release_waits_for_a_walker_loses_no_slot(threads: Threads) -> None:
    pool = pool_of(1)
    connection = pool.get_connection()
    walking, go_on = threading.Event(), threading.Event()

    def walk() -> None:
        with pool.walk_lock:
            walking.set()
            assert go_on.wait(30)

    def interrupt(signum: int, frame: object) -> None:
        raise StubError

    threads.start(walk)
    assert walking.wait(30)
    previous = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(StubError):
            pool.release(connection)
    finally:
        signal.signal(signal.SIGALRM, previous)
    go_on.set()
    threads.join()
    assert connection.closed
    assert_sound(pool, created=0)
